using System.Globalization;
using Pipeline.Publishing;
using Spectre.Console;

namespace Pipeline.Local;

/// <summary>A release's report for a person at a terminal.</summary>
internal static class ReleaseText
{
    private const int MessagesShown = 5;
    private const int AddressesShown = 5;
    private const int FoundShown = 32;

    /// <summary>How it went, in one line.</summary>
    public static string Outcome(ReleaseRecord? release) => release switch
    {
        null => "not taken up yet; it will be as soon as the host gets to it",
        { State: ReleaseState.Published } => "published, " + string.Join("; ", release.Published.Select(p =>
            $"{p.Dataset} version {p.Version} with {Counted.Of(p.Observations, "observation")} of it"))
            + (release.HeldFor.Count == 0 ? "" : $"; {release.FindingCounts.Where(f => release.HeldFor.Contains(f.Key)).Sum(f => f.Value)} more held for your yes: POST /v1/releases/{release.Id}/approve publishes them, …/reject drops them"),
        { State: ReleaseState.Rejected } => "rejected. " + release.Findings.FirstOrDefault(f => f.Severity == Severity.Error)?.Message,
        { State: ReleaseState.Held, HeldFor.Count: > 0 } =>
            $"held for your yes to {string.Join(", ", release.HeldFor)}: POST /v1/releases/{release.Id}/approve publishes it, POST /v1/releases/{release.Id}/reject ends it",
        { State: ReleaseState.Held } => $"held until {release.PublishAt:u}",
        _ => $"still on its way ({release.State.ToString().ToLowerInvariant()})",
    };

    /// <summary>How one table was understood, in one line.</summary>
    public static string Heading(TableReport table) => string.Join(" · ", new[]
    {
        (table.Sheet, table.Range) switch
        {
            (null, null) => "table",
            (null, var range) => range,
            (var sheet, null) => sheet,
            var (sheet, range) => $"{sheet}!{range}",
        },
        table.Kind,
        table.Periods is null ? "no period" : table.Periods.From == table.Periods.To ? table.Periods.From : $"{table.Periods.From} to {table.Periods.To}",
        Counted.Of(table.Observations, "observation")
            + (table.Dimensions.Count == 0 ? "" : " by " + string.Join(", ", table.Dimensions)),
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(table.Confidence * 100)} % sure"),
    });

    /// <summary>How a release was read, the account, and the findings.</summary>
    public static void Write(
        IReadOnlyList<string> readings, ReconciliationReport? account, IReadOnlyList<Finding> findings, IReadOnlyDictionary<string, long> counts, IAnsiConsole console)
    {
        foreach (var reading in readings)
            WriteLine("  " + reading, 4, console);
        if (account is not null)
            Write(account, console);
        Write(findings, counts, console);
    }

    /// <summary>The account: what became of the data cells.</summary>
    public static void Write(ReconciliationReport account, IAnsiConsole console)
    {
        WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {Counted.Of(account.CellsIn, "data cell")} = {Counted.Of(account.Observations, "observation")} + {account.SetAside.Sum(s => s.Count):N0} set aside{(account.Balanced ? "" : " (this does NOT add up)")}"), 4, console);
        foreach (var aside in account.SetAside)
            WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {aside.Count:N0} × {aside.Reason}, first at {string.Join(", ", aside.Where.Take(3))}"), 6, console);
    }

    /// <summary>The findings, the gravest first. What was found again is told by its addresses.</summary>
    /// <param name="findings">Those kept in full.</param>
    /// <param name="counts">How often each code was found.</param>
    /// <param name="console">Takes them.</param>
    public static void Write(IReadOnlyList<Finding> findings, IReadOnlyDictionary<string, long> counts, IAnsiConsole console)
    {
        foreach (var ofCode in findings.OrderByDescending(f => f.Severity).GroupBy(f => f.Code))
        {
            var (told, advice) = (0L, (string?)null);
            foreach (var alike in ofCode.GroupBy(f => f.Message).Take(MessagesShown).Select(group => group.ToList()))
            {
                var first = alike[0];
                Write(first, first.Advice == advice, console);
                advice = first.Advice;
                var others = alike.Skip(1).Take(AddressesShown).Where(f => f.Where is not null).ToList();
                if (others.Count > 0)
                    WriteLine("    also at " + string.Join(", ", others.Select(f =>
                        f.Where + (string.IsNullOrEmpty(f.Found) || f.Found == first.Found ? "" : $" (found: {TerminalText.Cut(f.Found, FoundShown)})"))), 6, console);
                told += 1 + others.Count;
            }
            if (counts.GetValueOrDefault(ofCode.Key) - told is > 0 and var more)
                WriteLine(string.Create(CultureInfo.InvariantCulture, $"    and {more:N0} more"), 4, console);
        }
    }

    /// <summary>Writes a line, broken where the terminal ends.</summary>
    /// <param name="text">The line; what stands in it may come from a file.</param>
    /// <param name="indent">By how much the lines after the first are indented.</param>
    /// <param name="console">Takes it.</param>
    /// <param name="first">The style of the beginning.</param>
    /// <param name="styled">How many characters the beginning has.</param>
    public static void WriteLine(string text, int indent, IAnsiConsole console, Style? first = null, int styled = 0)
    {
        var spaces = text.Length - text.TrimStart(' ').Length;
        foreach (var line in TerminalText.Wrap(text[..spaces] + TerminalText.Clean(text), console.Profile.Width, indent))
        {
            var cut = Math.Min(styled, line.Length);
            console.Write(new Paragraph().Append(line[..cut], first).Append(line[cut..] + "\n"));
            styled = 0;
        }
    }

    private static void Write(Finding finding, bool advised, IAnsiConsole console)
    {
        var style = finding.Severity switch
        {
            Severity.Error => new Style(Color.Red, decoration: Decoration.Bold),
            Severity.Warning => new Style(Color.Olive, decoration: Decoration.Bold),
            _ => new Style(decoration: Decoration.Bold),
        };
        var name = $"  {finding.Severity.ToString().ToLowerInvariant()} {finding.Code}";
        WriteLine($"{name}{(finding.Where is null ? "" : " at " + finding.Where)}: {finding.Message}", 4, console, style, name.Length);
        if (finding.Found is not null || finding.Expected is not null)
            WriteLine($"    found: {(string.IsNullOrEmpty(finding.Found) ? "nothing" : finding.Found)}{(finding.Expected is null ? "" : "; expected: " + finding.Expected)}", 6, console);
        if (finding.Advice is not null && !advised)
            WriteLine("    " + finding.Advice, 4, console);
    }
}
