using System.Globalization;
using System.Text;
using Pipeline.Checking;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>
/// Known figures laid out in the styles of offices are read back exactly: value, status, period, unit, labels and cell, and nothing else is published.
/// A family is one kind of table; a style of it is drawn choice by choice. PIPELINE_STYLES=n tries n styles of each family instead of a few.
/// </summary>
public sealed class TableStylesTests(ITestOutputHelper output)
{
    private static readonly int Iterations = int.TryParse(Environment.GetEnvironmentVariable("PIPELINE_STYLES"), out var n) ? n : 60;

    public static TheoryData<string> Families => [.. TableStyles.Families.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void Is_read_back(string family)
    {
        var draw = TableStyles.Families[family];
        var causes = new SortedDictionary<string, int>();
        var choices = new SortedDictionary<string, (int Failed, int Of)>(StringComparer.Ordinal);
        uint[]? failing = null;
        var failed = 0;
        for (var i = 0; i < Iterations; i++)
        {
            var tape = Choices.Tape((uint)i);
            var (office, differences, _) = Read(tape, draw);
            foreach (var choice in office.Pick.Said.Distinct())
                choices[choice] = (choices.GetValueOrDefault(choice).Failed + (differences.Count > 0 ? 1 : 0), choices.GetValueOrDefault(choice).Of + 1);
            if (differences.Count == 0)
                continue;
            failed++;
            failing ??= tape;
            foreach (var cause in differences.Select(d => d.Cause).Distinct())
                causes[cause] = causes.GetValueOrDefault(cause) + 1;
        }
        var summary = new StringBuilder($"{family}: {Iterations - failed} of {Iterations} styles are read back.");
        if (failing is null)
        {
            output.WriteLine(summary.ToString());
            return;
        }
        summary.Append("\n  wrong: ").AppendJoin(", ", causes.OrderByDescending(c => c.Value).Select(c => $"{c.Key} {c.Value}"));
        summary.Append("\n  failing most: ").AppendJoin(", ", choices.Where(c => c.Value.Failed * Iterations > c.Value.Of * failed)
            .OrderByDescending(c => (c.Value.Failed - ((double)c.Value.Of * failed / Iterations)) / Math.Sqrt(c.Value.Of)).Take(6).Select(c => $"{c.Key} {c.Value.Failed}/{c.Value.Of}"));
        var plainest = Choices.Shrink(failing, tape => Read(tape, draw).Differences.Count > 0);
        var (shown, found, told) = Read(plainest, draw);
        summary.Append("\nThe plainest style found that fails: ").AppendJoin("; ", shown.Pick.Said).Append('\n').Append(shown.Book).Append('\n')
            .AppendJoin('\n', found.Take(8).Select(d => "  " + d.Text)).Append(found.Count > 8 ? $"\n  and {found.Count - 8} more" : "").Append('\n').Append(told);
        if (Environment.GetEnvironmentVariable("PIPELINE_STYLES_REPORT") is { } path)
            File.AppendAllText(path, summary + "\n\n");
        Assert.Fail(summary.ToString());
    }

    private static (Office Office, List<Difference> Differences, string Told) Read(uint[] tape, Action<Office> draw)
    {
        var office = new Office(new Choices(tape));
        draw(office);
        try
        {
            using var release = ReleaseCheck.Run(new MemoryStream(office.Book.Bytes()), office.Book.Name, new ReleaseContext("test"));
            return (office, ReadBack.Differences(office.Book, release), string.Join('\n', release.Readings) + "\n" + string.Join('\n', release.Findings.Kept));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return (office, [new Difference("exception " + e.GetType().Name, e.ToString())], "");
        }
    }
}
