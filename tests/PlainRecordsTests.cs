using System.Globalization;
using CsCheck;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Files as databases write them: one row of names, then a record a row, in any order of columns, with values that look like years and with some that are missing.</summary>
public sealed class PlainRecordsTests
{
    private static readonly (string[] Names, string[] Labels)[] Dimensions =
    [
        (["region", "area", "地区"], ["Ashwell", "Northmere", "Ironholt", "Wexcombe"]),
        (["sex", "性别"], ["F", "M"]),
        (["product", "type of dwelling", "category"], ["Flats", "Houses", "Barges"]),
    ];

    private static readonly string[] Periods = ["2015", "2016", "2017"];
    private static readonly string[] Months = ["2015-01", "2015-02", "2015-03"];

    private sealed record Known(int[] Order, int Dimensions, int Time, int Name, int Values, bool Titled, int[] Drawn);

    private static readonly Gen<Known> Files = Gen.Select(
        Gen.Shuffle(Enumerable.Range(0, 4).ToArray()), Gen.Int[1, 3], Gen.Int[0, 2], Gen.Select(Gen.Int[0, 5], Gen.Bool), Gen.Int[1, 2], Gen.Int[0, 1_000_000].Array[4 * 2 * 3 * 3 * 2],
        (order, dimensions, time, shown, values, drawn) => new Known(order, dimensions, time, shown.Item1, values, shown.Item2, drawn));

    // A third of them look like years, one in eight is missing.
    private static string Value(int drawn) => (drawn % 24) switch
    {
        < 3 => "",
        < 11 => $"{1850 + (drawn % 250)}",
        < 17 => $"{drawn % 9000}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{drawn % 100_000 / 10m:F1}"),
    };

    [Fact]
    public void WhateverTheOrderOfColumnsEachRecordIsAnObservation() => Files.Sample(
        known =>
        {
            // The period is one of the columns that name the values.
            var columns = known.Order.Where(c => c == 3 ? known.Time > 0 : c < known.Dimensions).ToList();
            var head = columns.Select(c => c == 3 ? known.Time == 1 ? "month" : "year" : Dimensions[c].Names[known.Name % Dimensions[c].Names.Length]);
            var rows = new List<string?[]> { head.Concat(known.Values == 1 ? ["value"] : ["births", "deaths"]).ToArray() };
            var expected = new List<string>();
            var at = 0;
            foreach (var row in Rows(columns, known.Time == 1))
            {
                var values = Enumerable.Range(0, known.Values).Select(_ => Value(known.Drawn[at++])).ToArray();
                // A row that has neither period nor value might be a heading.
                if (known.Time == 0 && values.All(v => v.Length == 0))
                    values[0] = "1850";
                rows.Add([.. row, .. values]);
                // A blank cell among several measures is none; the only value of a record is missing.
                for (var v = 0; v < values.Length; v++)
                    if (known.Values == 1 || values[v].Length > 0)
                        expected.Add(string.Join('|', row.Append(known.Values == 1 ? "" : v == 0 ? "births" : "deaths").Order(StringComparer.Ordinal)) + " = " + values[v]);
            }
            // What has a value in few rows might be a remark; and where nothing is named a period, four numbers that follow each other as years do are.
            var filled = Enumerable.Range(columns.Count, known.Values).Select(v => rows.Skip(1).Select(r => r[v]!).Where(text => text.Length > 0).ToList()).ToList();
            if (filled.Exists(v => v.Count * 2 < rows.Count || (known.Time == 0 && v.TrueForAll(text => text.Length == 4 && string.CompareOrdinal(text, "1800") > 0 && string.CompareOrdinal(text, "2200") < 0))))
                return;
            if (known.Titled)
            {
                rows.Insert(0, ["Births and deaths, 2011"]);
                rows.Add([]);
                rows.Add(["Note: as registered by 31 March."]);
            }
            using var result = Grid.Interpret(Grid.Release([.. rows]));
            var told = string.Join("\n", rows.Select(r => string.Join(',', r))) + "\n" + string.Join("\n", result.Readings) + "\n" + string.Join("\n", result.Findings.Kept);
            result.Findings.HasErrors.ShouldBeFalse(told);
            string Label(Seen seen, string id) => seen.Codes[id].Labels.Values.FirstOrDefault() ?? seen[id];
            var seen = Seen.All(result).Select(o => string.Join('|', o.Codes.Keys.Where(id => id is not ("FREQ" or "OBS_STATUS" or "TITLE_COMPL" or "UNIT_MEASURE" or "UNIT_MULT"))
                .Where(id => id != "TIME_PERIOD" || known.Time > 0).Select(id => id == "SEX" ? o[id] : id == "INDICATOR" ? known.Values == 1 ? "" : Label(o, id) : Label(o, id)).Append(known.Values == 1 && !o.Codes.ContainsKey("INDICATOR") ? "" : null).OfType<string>().Order(StringComparer.Ordinal))
                + " = " + o.Value?.ToString(CultureInfo.InvariantCulture));
            seen.Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal), told);
        },
        iter: 400);

    private static readonly (string Name, string[] Labels)[] Stubs = [("region", ["Ashwell", "Northmere", "Ironholt"]), ("sex", ["male", "female"]), ("year", ["2019", "2020"]), ("product", ["Flats", "Houses"])];

    // Outermost first, each level written once over its rows; the innermost on every row.
    [Fact]
    public void LabelsThatAreWrittenOnceStandForTheRowsBelow() => Gen.Select(Gen.Shuffle(Enumerable.Range(0, 4).ToArray()), Gen.Int[2, 4], Gen.Int[1, 2], Gen.Int[1, 4], Gen.Int[0, 99_999].Array[48]).Sample(
        (order, levels, values, blanks, drawn) =>
        {
            var stubs = order.Take(levels).Select(i => Stubs[i]).ToList();
            IEnumerable<string[]> keys = [[]];
            foreach (var stub in stubs)
                keys = keys.SelectMany(key => stub.Labels, (key, label) => (string[])[.. key, label]);
            var rows = new List<string?[]> { stubs.Select(s => s.Name).Concat(values == 1 ? ["births"] : ["births", "deaths"]).ToArray() };
            var expected = new List<string>();
            string[] above = [];
            foreach (var (key, r) in keys.Select((key, r) => (key, r)))
            {
                // As many of the outer levels as are left out, where they are those of the row above.
                var same = Enumerable.Range(0, Math.Min(levels - 1, blanks)).TakeWhile(i => above.Length > 0 && above[i] == key[i]).Count();
                var numbers = Enumerable.Range(0, values).Select(v => string.Create(CultureInfo.InvariantCulture, $"{drawn[(r * 2 + v) % 48] / 10m:F1}")).ToList();
                rows.Add([.. key.Select((label, i) => i < same ? "" : label), .. numbers]);
                expected.AddRange(numbers.Select(number => string.Join('|', key) + " = " + number));
                above = key;
            }
            using var result = Grid.Interpret(Grid.Release([.. rows]));
            var told = string.Join("\n", rows.Select(r => string.Join(',', r))) + "\n" + string.Join("\n", result.Readings) + "\n" + string.Join("\n", result.Findings.Kept);
            result.Findings.HasErrors.ShouldBeFalse(told);
            Seen.All(result).Select(o => string.Join('|', stubs.Select(s => s.Name == "year" ? o["TIME_PERIOD"] : o.Codes.Values.SelectMany(code => code.Labels.Values.Append(code.Id)).FirstOrDefault(text => s.Labels.Contains(text, StringComparer.OrdinalIgnoreCase))?.ToLowerInvariant()))
                + " = " + o.Value?.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal).ShouldBe(expected.ConvertAll(e => e.ToLowerInvariant()).Order(StringComparer.Ordinal), told);
        },
        iter: 200);

    [Theory]
    [InlineData("region|district|births\nNorth||100\nNorth|A|40\nNorth|B|60\nSouth||10\nSouth|A|4\nSouth|B|6")]
    [InlineData("region|sex|year|births\nNorth|male|2020|1\nNorth|female|2020|2\n|male|2020|3\n|female|2020|4")]
    public void WhereEachRowIsNamedByItselfBlankIsATotal(string text)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        result.Findings.HasErrors.ShouldBeFalse();
        Seen.All(result).Count(o => o.Codes.Any(code => code.Key != "FREQ" && code.Value.Id == "_Z")).ShouldBe(2);
    }

    [Fact]
    public void ValuesThatLieAmongYearsAreNoPeriods()
    {
        using var result = Grid.Interpret(Grid.Lines("region|births|deaths\nAshwell|2040|1812\nNorthmere|2148|4331\nIronholt|1886|5269\nWexcombe|1981|3682.3"));
        Seen.All(result).Select(o => o.Value).ShouldBe([2040, 1812, 2148, 4331, 1886, 5269, 1981, 3682.3m]);
    }

    [Fact]
    public void YearsUnderAnUnknownNameArePeriods()
    {
        using var result = Grid.Interpret(Grid.Lines("Jahrgang|Geburten\n1850|2040\n1900|2148\n1950|1886\n2000|3682.3"));
        Seen.All(result).Select(o => (o["TIME_PERIOD"], o.Value)).ShouldBe([("1850", 2040m), ("1900", 2148m), ("1950", 1886m), ("2000", 3682.3m)]);
    }

    private static IEnumerable<string[]> Rows(List<int> columns, bool monthly)
    {
        IEnumerable<string[]> rows = [[]];
        foreach (var c in columns)
            rows = rows.SelectMany(row => (c == 3 ? monthly ? Months : Periods : Dimensions[c].Labels).Select(label => (string[])[.. row, label]));
        return rows;
    }
}
