using System.Globalization;
using Pipeline.Publishing;
using Spectre.Console;

namespace Pipeline.Local;

/// <summary>A release's report for a person at a terminal.</summary>
internal static class ReleaseText
{
    private const int FindingsShown = 10;

    /// <summary>How it went, in one line.</summary>
    public static string Outcome(ReleaseRecord? release) => release switch
    {
        null => "not taken up yet; it will be as soon as the host gets to it",
        { State: ReleaseState.Published } => "published, " + string.Join("; ", release.Published.Select(p =>
            string.Create(CultureInfo.InvariantCulture, $"{p.Dataset} version {p.Version} with {p.Observations:N0} observations of it"))),
        { State: ReleaseState.Rejected } => "rejected. " + release.Findings.FirstOrDefault(f => f.Severity == Severity.Error)?.Message,
        { State: ReleaseState.Held, HeldFor.Count: > 0 } =>
            $"held for your yes to {string.Join(", ", release.HeldFor)}: POST /v1/releases/{release.Id}/approve publishes it, POST /v1/releases/{release.Id}/reject ends it",
        { State: ReleaseState.Held } => $"held until {release.PublishAt:u}",
        _ => $"still on its way ({release.State.ToString().ToLowerInvariant()})",
    };

    /// <summary>How a release was read, the account, and the weightiest findings.</summary>
    public static void Write(
        IReadOnlyList<string> readings, ReconciliationReport? account, IReadOnlyList<Finding> findings, IReadOnlyDictionary<string, long> counts, IAnsiConsole console)
    {
        foreach (var reading in readings)
            console.WriteLine("  " + reading);
        if (account is not null)
        {
            console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {account.CellsIn:N0} data cells = {account.Observations:N0} observations + {account.SetAside.Sum(s => s.Count):N0} set aside{(account.Balanced ? "" : " (this does NOT add up)")}"));
            foreach (var aside in account.SetAside)
                console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {aside.Count:N0} × {aside.Reason}, first at {string.Join(", ", aside.Where.Take(3))}"));
        }
        foreach (var finding in findings.OrderByDescending(f => f.Severity).Take(FindingsShown))
            Write(finding, console);
        if (counts.Values.Sum() - Math.Min(findings.Count, FindingsShown) is > 0 and var more)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  and {more:N0} more"));
    }

    private static void Write(Finding finding, IAnsiConsole console)
    {
        var style = finding.Severity switch
        {
            Severity.Error => new Style(Color.Red),
            Severity.Warning => new Style(Color.Yellow),
            _ => Style.Plain,
        };
        console.Write(new Text($"  {finding.Severity.ToString().ToLowerInvariant()} {finding.Code}{(finding.Where is null ? "" : " at " + finding.Where)}: {finding.Message}\n", style));
        if (finding.Found is not null || finding.Expected is not null)
            console.WriteLine($"    found: {finding.Found ?? "nothing"}{(finding.Expected is null ? "" : "; expected: " + finding.Expected)}");
        if (finding.Advice is not null)
            console.WriteLine("    " + finding.Advice);
    }
}
