using System.Diagnostics;
using System.Text;
using Pipeline.Local;
using Xunit;

namespace Pipeline.Tests.Support;

/// <summary>The command line as a process of its own.</summary>
internal static class HostProcess
{
    /// <summary>Starts it, with a setting more if wanted, as NAME=VALUE.</summary>
    public static Process Start(IEnumerable<string> arguments, string? path = null, string? setting = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(CommandLine).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (path is not null)
        {
            // Windows is skipped; elsewhere dotnet itself is found by the PATH of this process.
            start.FileName = FindInPath("dotnet");
            start.Environment["PATH"] = path;
        }
        if (setting?.Split('=', 2) is [var name, var value])
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static string FindInPath(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).First(File.Exists);

    /// <summary>Reads what it says until a text comes.</summary>
    public static async Task<string> ReadUntilAsync(Process process, string text)
    {
        var read = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            read.AppendLine(line);
            if (line.Contains(text, StringComparison.Ordinal))
                return read.ToString();
        }
        Assert.Fail($"\"{text}\" was not said: {read} {await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
        return "";
    }
}
