using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Totals beside their parts: what adds up, within rounding, and what does not, by itself and against a model.</summary>
public sealed class TotalsTests
{
    private const string Head = "SEX,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n";

    [Fact]
    public async Task A_total_that_used_to_add_up_and_no_longer_does_holds_the_release()
    {
        await using var served = await Served.StartWholeAsync();
        var first = await UploadAsync(served, "d/a.csv", Head + Year(2019, 100.4m, 120.3m) + Year(2020, 101.4m, 121.4m) + Year(2021, 104.4m, 125.0m));
        ((string)first["state"]!, first["findings"]!.AsArray().Count).ShouldBe(("published", 0), first.ToJsonString());
        // Off by what rounding may do to three figures, and by more.
        ((string)(await UploadAsync(served, "d/b.csv", Head + Year(2022, 106.4m, 127.5m, 0.1m)))["state"]!).ShouldBe("published");
        var held = await UploadAsync(served, "d/c.csv", Head + Year(2023, 108.4m, 128.5m, 1.2m));
        ((string)held["state"]!, string.Join(",", held["heldFor"]!.AsArray())).ShouldBe(("held", "total-differs"), held.ToJsonString());
        var finding = held["findings"]!.AsArray().Single(f => (string)f!["code"]! == "total-differs")!;
        ((string)finding["where"]!, (string)finding["found"]!).ShouldBe(("C4", "238.1"));
        ((string)finding["expected"]!).ShouldStartWith("236.9, the sum of 2 parts of SEX, give or take 0.15");
        // A part that is revised without its total.
        held = await UploadAsync(served, "d/d.csv", Head + "F,2021,94.4,T\n");
        ((string)held["state"]!, string.Join(",", held["heldFor"]!.AsArray())).ShouldBe(("held", "total-differs"), held.ToJsonString());
    }

    [Fact]
    public async Task Averages_of_parts_and_items_of_which_are_left_alone()
    {
        await using var served = await Served.StartWholeAsync();
        string Average(int year) => string.Create(CultureInfo.InvariantCulture, $"F,{year},{5 + (year % 3)},T\nM,{year},{9 - (year % 2)},T\n_T,{year},{7 + (year % 2)},T\n");
        await UploadAsync(served, "d/a.csv", Head + Average(2019) + Average(2020) + Average(2021));
        var report = await UploadAsync(served, "d/b.csv", Head + Average(2022));
        ((string)report["state"]!, (int?)report["findingCounts"]!["total-differs"]).ShouldBe(("published", null), report.ToJsonString());
    }

    [Fact]
    public void Whatever_adds_up_is_never_told_and_a_total_changed_beyond_rounding_always_is()
    {
        // Two dimensions with totals, up to three levels; parts may be missing.
        Gen.Select(Gen.Int[2, 5], Gen.Int[2, 4], Gen.Int[1, 4], Gen.Int[0, 2], Gen.Int).Sample((groups, members, years, decimals, seed) =>
        {
            var random = new Random(seed);
            var areas = new List<Code> { new("_T") };
            for (var g = 0; g < groups; g++)
            {
                areas.Add(new Code("G" + g) { Parent = "_T" });
                areas.AddRange(Enumerable.Range(0, members).Select(m => new Code($"G{g}M{m}") { Parent = "G" + g }));
            }
            var sexes = new List<Code> { new("F"), new("M"), new("_T") };
            var rows = Rows(areas, sexes, years + 1, decimals, random);
            var wrong = random.Next(4);
            Check(areas, sexes, rows, years, decimals, null).ShouldBe((0, false));
            // The last year's total of everything, moved by more than a unit of each of its parts and itself, half of which rounding may have moved it the other way.
            var parts = Math.Max(groups, 2) + 1;
            var unit = (decimal)Math.Pow(10, -decimals);
            var (told, isHeld) = Check(areas, sexes, rows, years, decimals, row => row.Area == "_T" && row.Sex == "_T" && row.Year == years ? row with { Value = row.Value + ((parts + 2 + wrong) * unit) } : row);
            // It is the sum of the areas and that of the sexes; one year has as many sums of each kind as there are codes in the other dimension.
            (told, isHeld).ShouldBe((2, true));
        }, iter: 300, threads: 1);
    }

    private sealed record Cell(string Area, string Sex, int Year, decimal Value);

    private static List<Cell> Rows(List<Code> areas, List<Code> sexes, int years, int decimals, Random random)
    {
        var rows = new List<Cell>();
        for (var year = 0; year < years; year++)
        {
            var leaves = areas.Where(a => areas.All(b => b.Parent != a.Id)).ToList();
            var exact = leaves.SelectMany(a => new[] { "F", "M" }.Select(s => (Area: a.Id, Sex: s, Value: (decimal)random.Next(10_000, 99_999) / 1000))).ToList();
            foreach (var area in areas)
                foreach (var sex in sexes)
                    rows.Add(new Cell(area.Id, sex.Id, year, decimal.Round(
                        exact.Where(e => (area.Id == "_T" || e.Area.StartsWith(area.Id, StringComparison.Ordinal)) && (sex.Id == "_T" || e.Sex == sex.Id)).Sum(e => e.Value), decimals)));
        }
        return rows;
    }

    private static (int Told, bool IsHeld) Check(List<Code> areas, List<Code> sexes, List<Cell> cells, int years, int decimals, Func<Cell, Cell>? change)
    {
        IReadOnlyList<Code> Sorted(IEnumerable<string> ids) => [.. ids.Order(StringComparer.Ordinal).Select(id => new Code(id))];
        var none = Code.None;
        DatasetComponent[] components =
        [
            new("FREQ", ComponentRole.Dimension, none, Sorted(["A"])),
            new("REF_AREA", ComponentRole.Dimension, none, [.. areas.OrderBy(a => a.Id, StringComparer.Ordinal)]),
            new("SEX", ComponentRole.Dimension, none, sexes),
            new("TIME_PERIOD", ComponentRole.Time, none, Sorted(Enumerable.Range(0, years + 1).Select(y => $"{2000 + y}"))),
            new("OBS_STATUS", ComponentRole.Attribute, none, Sorted(["A"])),
            new("UNIT_MEASURE", ComponentRole.Attribute, none, Sorted(["T"])),
            new("UNIT_MULT", ComponentRole.Attribute, none, Sorted(["0"])),
        ];
        var totals = Totals.Of(new DatasetStructure { Id = "d", Title = none, Components = components, ValuePrecision = 18, ValueScale = decimals }).ShouldNotBeNull();
        foreach (var cell in cells)
        {
            var rows = new LakeRows(components.Length, 1) { Count = 1 };
            rows.Codes[1][0] = components[1].Codes.ToList().FindIndex(c => c.Id == cell.Area);
            rows.Codes[2][0] = sexes.FindIndex(c => c.Id == cell.Sex);
            rows.Codes[3][0] = cell.Year;
            (rows.Values[0], rows.Decimals[0], rows.Sources[0]) = (change is null ? cell.Value : change(cell).Value, decimals, "C2".AsMemory());
            if (cell.Year < years)
                totals.TakeOld(rows, 0, stays: true);
            else
                totals.TakeNew(rows, 0);
        }
        var findings = new Findings();
        totals.Tell(findings, "");
        return ((int)findings.Counts.GetValueOrDefault("total-differs"), findings.Holds.Count > 0);
    }

    private static string Year(int year, decimal f, decimal m, decimal off = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"F,{year},{f},T\nM,{year},{m},T\n_T,{year},{f + m + off},T\n");

    private static Task<JsonObject> UploadAsync(Served served, string path, string text) => served.UploadAsync(path, Encoding.UTF8.GetBytes(text));
}
