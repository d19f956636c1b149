using System.Globalization;
using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

/// <summary>Lines of a CSV with a cell too many or too few, read from their bytes.</summary>
public sealed class RaggedRowsTests
{
    private static Interpretation Interpret(string text)
    {
        using var release = Read(text);
        return Grid.Interpret(release);
    }

    // Lines with a comma that no quotes hold together; periods down or across, titled or not.
    [Fact]
    public void ALineThatIsTooLongIsSetAsideAndNoOtherIsTouched() => Gen.Select(Gen.Int[4, 30], Gen.Int[0, 29], Gen.Bool, Gen.Bool, Gen.Int[0, 2], Gen.Int[1, 999].Array[60]).Sample(
        (count, at, across, titled, slip, drawn) =>
        {
            at %= count;
            var lines = new List<string>();
            if (titled)
                lines.Add("Births and deaths in the regions");
            lines.Add(across ? "region,sex,2019,2020" : "region,year,births,deaths");
            var expected = new List<string>();
            for (var r = 0; r < count; r++)
            {
                var (region, second) = ($"Region {(char)('A' + (r / 2 % 26))}", across ? r % 2 == 0 ? "M" : "F" : $"{2019 + (r % 2)}");
                var (first, last) = ($"{drawn[r]}", $"{drawn[r + 30]}");
                if (r == at)
                {
                    lines.Add(slip switch { 0 => $"{region}, upper,{second},{first},{last}", 1 => $"{region},{second},1,{drawn[r] + 1000},{last}", _ => $"{region},{second},{first},{last},revised" });
                    continue;
                }
                lines.Add($"{region},{second},{first},{last}");
                expected.AddRange([first, last]);
            }
            using var result = Interpret(string.Join('\n', lines) + "\n");
            var told = string.Join('\n', lines) + "\n" + string.Join("\n", result.Findings.Kept);
            Seen.All(result).Select(o => o.Value!.Value.ToString(CultureInfo.InvariantCulture)).Order().ShouldBe(expected.Order(), told);
            var finding = result.Findings.Kept.Where(f => f.Code == "row-too-long").ShouldHaveSingleItem(told);
            finding.Where.ShouldBe($"row {at + (titled ? 3 : 2)}");
            result.Reconciliation.CellsIn.ShouldBe(result.Reconciliation.Observations + result.Reconciliation.SetAside.Values.Sum(s => s.Count), told);
            result.Reconciliation.SetAside["row-too-long"].Count.ShouldBeGreaterThanOrEqualTo(2L, told);
            result.Findings.Counts.Keys.ShouldNotContain("header-missing", told);
        },
        iter: 200);

    [Fact]
    public void AShortLineIsPublishedAsFarAsItGoes()
    {
        using var result = Interpret("region,year,births,deaths\nNorth,2020,10,11\nSouth,2020,5\nEast,2020,30,31\nWest,2020,9,8\n");
        Seen.All(result).Select(o => o.Source).Order().ShouldBe(["C2", "C3", "C4", "C5", "D2", "D4", "D5"]);
        var finding = result.Findings.Kept.ShouldHaveSingleItem();
        (finding.Code, finding.Where, finding.Found, finding.Expected).ShouldBe(("row-too-short", "row 3", "South | 2020 | 5", "4 cells, as the other rows have"));
    }

    [Fact]
    public void AShortLineWhoseCellsStandUnderOtherNamesIsSetAside()
    {
        using var result = Interpret("region,sex,2020,2021\nNorth,M,10,11\nSouth,F,5,6\nEast,30,31\nWest,F,9,8\n");
        Seen.All(result).Select(o => o.Value).ShouldBe([10, 11, 5, 6, 9, 8], ignoreOrder: true);
        result.Findings.Kept.Select(f => (f.Code, f.Where)).ShouldBe([("row-too-short", "row 4")]);
        result.Reconciliation.CellsIn.ShouldBe(7);
    }

    [Theory]
    [InlineData("region,year,births,\nNorth,2020,10,\nCity,2020,5,\nEast,2020,30,\n", "blank cells at the end")]
    [InlineData("region,year,births,deaths\nNorth,2020,10\nCity,2020,5\nEast,2020,30,1\nWest,2020,30,1\n", "blank cells left out")]
    [InlineData("region,2019,2020\nNorth,1,2\nSouth,3,4\nEast,5,6\nNote: provisional, revised, and rounded, as ever\n", "a note")]
    [InlineData("Births, deaths, marriages, and divorces, 2020\nregion,2019,2020\nNorth,1,2\nSouth,3,4\nEast,5,6\n", "a title")]
    [InlineData("region,2019,2020\nNorth,1,2\nSouth,3,4\nEast,5,6\n\nregion,2017,2018,2019,2020\nNorth,1,2,3,9\n", "another table")]
    public void WhatIsNoSlipIsNotTold(string text, string because)
    {
        using var result = Interpret(text);
        result.Findings.Counts.Keys.Where(code => code.StartsWith("row-too", StringComparison.Ordinal)).ShouldBeEmpty(because);
        result.Reconciliation.SetAside.ShouldBeEmpty(because);
    }
}
