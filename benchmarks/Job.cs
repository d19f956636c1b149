using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Benchmarks;

/// <summary>One measured piece of work in a process of its own.</summary>
internal static class Job
{
    /// <summary>Runs this program again with a job's name and arguments, and reads its report.</summary>
    public static (double Seconds, double PeakMB) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var report = output.Split('\n').FirstOrDefault(line => line.StartsWith("report ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{arguments[0]} gave no report: {output}");
        var parts = report.Split(' ');
        return (double.Parse(parts[1], CultureInfo.InvariantCulture), double.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    /// <summary>Prints seconds and the process's peak working set (VmHWM) for <see cref="Run"/>.</summary>
    public static void Report(double seconds)
    {
        var peak = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]
            : (Process.GetCurrentProcess().PeakWorkingSet64 / 1024).ToString(CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"report {seconds} {double.Parse(peak, CultureInfo.InvariantCulture) / 1000}"));
    }
}
