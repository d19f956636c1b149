using System.Globalization;
using CsCheck;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Files with a period a column, as spreadsheets are saved: one row of names and periods, then a row of values for each label, with rows that look like a header and are none.</summary>
public sealed class PlainWideTests
{
    private static readonly (string Name, string[] Labels)[] Stubs =
    [
        ("Region", ["North", "South", "East", "West", "Upland"]),
        ("Sex", ["Male", "Female"]),
        ("Gemeinde", ["Adorf", "Bheim", "Cstadt", "Dburg"]),
        ("地区", ["甲县", "乙县", "丙县"]),
    ];

    private static readonly (string Shown, string Id)[][] Periods =
    [
        [("2019", "2019"), ("2020", "2020"), ("2021", "2021"), ("2022", "2022")],
        [("2019年", "2019"), ("2020年", "2020"), ("2021年", "2021"), ("2022年", "2022")],
        [("Jan 2019", "2019-01"), ("Feb 2019", "2019-02"), ("Mar 2019", "2019-03"), ("Apr 2019", "2019-04")],
        [("2019-Q1", "2019-Q1"), ("2019-Q2", "2019-Q2"), ("2019-Q3", "2019-Q3"), ("2019-Q4", "2019-Q4")],
    ];

    private sealed record Known(int Outer, int Inner, int Periods, int Width, int Rows, bool Titled, int[] Kinds, int[] Drawn);

    private static readonly Gen<Known> Files = Gen.Select(
        Gen.Int[-1, 1], Gen.Int[2, 3], Gen.Int[0, 3], Gen.Int[2, 4], Gen.Int[1, 8], Gen.Bool, Gen.Int[0, 5].Array[8], Gen.Int[0, 1_000_000].Array[8 * 4],
        (outer, inner, periods, width, rows, titled, kinds, drawn) => new Known(outer, inner, periods, width, rows, titled, kinds, drawn));

    // A row of numbers that count, of noughts or ones, of years, of anything; in two of three kinds of rows one value in five is missing.
    private static string[] Row(int kind, ReadOnlySpan<int> drawn)
    {
        var row = new string[drawn.Length];
        for (var i = 0; i < row.Length; i++)
            row[i] = kind switch
            {
                0 => $"{(drawn[0] % 120) + 2 + i}",
                1 => $"{drawn[0] % 2}",
                2 => $"{1850 + (drawn[i] % 150)}",
                3 => drawn[i] % 5 == 0 ? "" : $"{1850 + (drawn[i] % 150)}",
                4 => drawn[i] % 5 == 0 ? "" : $"{drawn[i] % 9000}",
                _ => drawn[i] % 5 == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{drawn[i] % 100_000 / 10m:F1}"),
            };
        return row;
    }

    [Fact]
    public void WhateverARowLooksLikeItsValuesArePublishedUnderTheirPeriods() => Files.Sample(
        known =>
        {
            var stubs = known.Outer < 0 ? new[] { Stubs[known.Inner] } : [Stubs[known.Outer], Stubs[known.Inner]];
            var periods = Periods[known.Periods][..known.Width];
            var labels = stubs.Length == 1 ? stubs[0].Labels.Select(l => new[] { l }) : stubs[0].Labels.SelectMany(a => stubs[1].Labels.Select(b => new[] { a, b }));
            var rows = new List<string?[]> { stubs.Select(s => s.Name).Concat(periods.Select(p => p.Shown)).ToArray() };
            var expected = new List<string>();
            foreach (var (label, r) in labels.Take(known.Rows).Select((l, i) => (l, i)))
            {
                var values = Row(known.Kinds[r], known.Drawn.AsSpan(r * 4, known.Width));
                // A row without a value is a heading.
                if (values.All(v => v.Length == 0))
                    values[^1] = "7";
                rows.Add([.. label, .. values]);
                for (var c = 0; c < values.Length; c++)
                    if (values[c].Length > 0)
                        expected.Add(string.Join('|', label.Append(periods[c].Id)) + " = " + values[c]);
            }
            if (known.Titled)
            {
                rows.Insert(0, ["Births in the districts"]);
                rows.Add([]);
                rows.Add(["Note: as registered by 31 March."]);
            }
            using var result = Grid.Interpret(Grid.Release([.. rows]));
            var told = string.Join("\n", rows.Select(r => string.Join(',', r))) + "\n" + string.Join("\n", result.Readings) + "\n" + string.Join("\n", result.Findings.Kept);
            result.Findings.HasErrors.ShouldBeFalse(told);
            Seen.All(result).Select(o => string.Join('|', stubs.Select(s => o.Codes.Values.SelectMany(code => code.Labels.Values).FirstOrDefault(text => s.Labels.Contains(text))).Append(o["TIME_PERIOD"]))
                + " = " + o.Value?.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal), told);
        },
        iter: 500);

    [Fact]
    public void CodesBesideLabelsMakeNoHeaderOfARow()
    {
        using var result = Grid.Interpret(Grid.Lines("ISCO|Occupation|2019|2020\n0|Armed forces|1|2\n1|Managers|15.5|16.2\n2|Professionals|33|35"));
        Seen.All(result).Select(o => o.Value).ShouldBe([1, 2, 15.5m, 16.2m, 33, 35], ignoreOrder: true);
    }

    [Fact]
    public void NumbersThatNameTheRowsBesideAnotherLabelAreCodes()
    {
        using var result = Grid.Interpret(Grid.Lines("District|Size|2019|2020\n1|small|45.6|11.5\n1|large|18.7|42.6\n2|small|41.3|28.5\n2|large|19.6|19.6"));
        Seen.All(result).Select(o => (o["REF_AREA"], o["SIZE"], o["TIME_PERIOD"], o.Value)).Order().ShouldBe(
            [("1", "large", "2019", 18.7m), ("1", "large", "2020", 42.6m), ("1", "small", "2019", 45.6m), ("1", "small", "2020", 11.5m),
             ("2", "large", "2019", 19.6m), ("2", "large", "2020", 19.6m), ("2", "small", "2019", 41.3m), ("2", "small", "2020", 28.5m)]);
    }

    [Theory]
    [InlineData("geo|2019|2020|2021\nDE|1234 b|:|5 p\nFR|:|: c|6 e")]
    [InlineData("geo|2019|2020|2021\nDE|5|: c|7\nFR|8|.. c|9\nIT|4|7|5")]
    public void AMissingValueWithAFlagIsOne(string text)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        var rows = text.Split('\n').Length - 1;
        var seen = Seen.All(result).ToList();
        seen.Count.ShouldBe(rows * 3);
        seen.Where(o => o["TIME_PERIOD"] == "2020").Select(o => (o.Value, o["OBS_STATUS"])).ShouldContain((null, "Q"));
    }
}
