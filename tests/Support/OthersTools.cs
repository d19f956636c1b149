using System.ComponentModel;
using System.Diagnostics;
using Pipeline.Local;
using Xunit;

namespace Pipeline.Tests.Support;

/// <summary>Programs that others wrote: those of npm, pinned in tests/tools, and what the machine has.</summary>
public static class OthersTools
{
    private static readonly SemaphoreSlim Gate = new(1, 1);

    /// <summary>The folder with node_modules and the scripts of tests/tools: installed once, into .pipeline/tools; again when the pinned versions change.</summary>
    public static async Task<string> InstalledAsync(CancellationToken cancel)
    {
        await Gate.WaitAsync(cancel);
        try
        {
            var (source, tools) = (Path.Combine(Settings.Root, "tests", "tools"), Path.Combine(Settings.Root, ".pipeline", "tools"));
            Directory.CreateDirectory(tools);
            foreach (var file in Directory.GetFiles(source))
                File.Copy(file, Path.Combine(tools, Path.GetFileName(file)), overwrite: true);
            var (installed, pinned) = (Path.Combine(tools, "installed"), await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"), cancel));
            if (File.Exists(installed) && await File.ReadAllTextAsync(installed, cancel) == pinned)
                return tools;
            var (isThere, why) = await FindAsync("npm", "--version");
            Assert.SkipUnless(isThere, $"The clients that others wrote come with npm: {why}");
            var (code, output) = await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], tools, cancel);
            Assert.SkipUnless(code == 0, $"npm can not install the clients that others wrote: {output}");
            await File.WriteAllTextAsync(installed, pinned, cancel);
            return tools;
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Runs a script of tests/tools (an ES module) with Node.js and gives what it printed; the test fails when the script does.</summary>
    public static async Task<string> NodeAsync(string script, CancellationToken cancel, params string[] arguments)
    {
        var tools = await InstalledAsync(cancel);
        var (code, output) = await RunAsync("node", [Path.Combine(tools, script), .. arguments], tools, cancel);
        Assert.True(code == 0, $"node {script} {string.Join(' ', arguments)} ends with {code}:\n{output}");
        return output;
    }

    /// <summary>Whether a program is there and ends well.</summary>
    public static async Task<(bool Found, string Why)> FindAsync(string program, params string[] arguments)
    {
        try
        {
            var (code, output) = await RunAsync(program, arguments, null, CancellationToken.None);
            return (code == 0, $"{program} {string.Join(' ', arguments)} ends with {code} {output}");
        }
        catch (Win32Exception e)
        {
            return (false, e.Message);
        }
    }

    /// <summary>Runs a program; its errors are part of the output when it fails.</summary>
    public static async Task<(int Code, string Output)> RunAsync(string program, IEnumerable<string> arguments, string? folder, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["REDOCLY_TELEMETRY"] = "off";
        start.Environment["REDOCLY_SUPPRESS_UPDATE_NOTICE"] = "true";
        start.Environment["no_proxy"] = "127.0.0.1";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        return (process.ExitCode, await output + (process.ExitCode == 0 && program != "node" ? "" : await errors));
    }
}
