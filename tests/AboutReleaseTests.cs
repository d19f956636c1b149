using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Sheets that speak of the release: their numbers are set aside with a reason, and tables on sheets of such names are read.</summary>
public sealed class AboutReleaseTests
{
    private static readonly string?[][] Data = [["Population by region"], ["Region", "2019", "2020"], ["Ashwell", "120.5", "130.5"], ["Northmere", "220", "230"], ["Ironholt", "320", "331"]];

    [Theory]
    [InlineData("Contents", "Contents\nTable|Title|Page\nTable 1|Population by region|3\nTable 2|Births by region|5\nTable 3|Deaths by region|8", 3)]
    [InlineData("Index", "Table of contents\n1|Introduction|3\n2|Methods|7\n3|Population|12\n4|Glossary|44", 4)]
    [InlineData("Contents", "Chapter||Page\n1|Introduction|3\n1.1|Background|4\n2|Methods|9\n2.1|Survey|11", 8)]
    [InlineData("Cover", "Statistical bulletin\nRelease number|27\nDate of release|12 March 2021\nTelephone|1633455678\nContact|A. Person\nBack to contents", 2)]
    [InlineData("Cover_sheet", "Title|Population by region\nPublication date|12 March 2021\nNumber of tables|3\nGeographic coverage|Wessex\nRelease|14", 2)]
    [InlineData("目录", "目录\n表号|表名|页码\n表1|各地区人口|3\n表2|各地区出生人数|5\n表3|各地区死亡人数|8", 3)]
    [InlineData("Metadata", "Item|Value\nSeries|A0001\nNumber of series|24\nDecimals|1\nContact|stat@example.test\nTables|3", 3)]
    [InlineData("Index", "Series|Description|Table|First year|Last year\nA1|Population|1|1990|2021\nA2|Births|2|1991|2021\nA3|Deaths|3|1992|2021", 9)]
    [InlineData("Revisions", "Date|Table|Change\n12 March 2021|2|Births corrected\n15 April 2021|3|Deaths corrected\n1 June 2021|2|Rounding", 3)]
    [InlineData("Notes", "Note number|Note text\n1|Figures are rounded.\n2|Includes late registrations.\n3|See table 4.", 0)]
    public void Numbers_that_speak_of_the_release_are_set_aside(string sheet, string text, int numbers)
    {
        using var result = Grid.Interpret(Grid.Release("population.xlsx", Sheet(0, sheet, text), new Grid(Data) { Sheet = "Data", Place = 1 }));
        var told = string.Join('\n', result.Readings) + "\n" + string.Join('\n', result.Findings.Kept);
        var seen = Seen.All(result);
        seen.Select(o => o.Source).ShouldBe(["Data!B3", "Data!C3", "Data!B4", "Data!C4", "Data!B5", "Data!C5"], told);
        seen.ShouldAllBe(o => !o.Codes.ContainsKey("TABLE"));
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        var aside = result.Reconciliation.SetAside.Values.Sum(a => a.Count);
        aside.ShouldBeLessThanOrEqualTo(numbers, told);
        if (aside > 0)
            result.Findings.Kept.ShouldContain(f => f.Code == "table-aside" && f.Where!.StartsWith(sheet + "!", StringComparison.Ordinal), told);
    }

    [Theory]
    [InlineData("Notes", "Response rates by region\nRegion|Sample|Response rate (%)\nAshwell|1200|67.5\nNorthmere|1500|71.2\nIronholt|900|58.9", 6)]
    [InlineData("Index", "Price index by month\nItem|2020-01|2020-02\nBread|101.5|102.5\nMilk|99.5|98.5", 4)]
    [InlineData("说明", "各地区人口\n地区|2019年|2020年\n甲地|15|16\n乙地|17|18", 4)]
    public void Tables_on_sheets_of_such_names_are_read(string sheet, string text, int numbers)
    {
        using var result = Grid.Interpret(Grid.Release("population.xlsx", Sheet(0, sheet, text), new Grid(Data) { Sheet = "Data", Place = 1 }));
        Seen.All(result).Count(o => o.Source.StartsWith(sheet + "!", StringComparison.Ordinal)).ShouldBe(numbers, string.Join('\n', result.Readings));
    }

    [Fact]
    public void The_next_release_is_read_as_the_first_one()
    {
        Profile? profile = null;
        for (var release = 1; release <= 3; release++)
        {
            using var result = Interpreter.Interpret(Grid.Release("population.xlsx", Sheet(0, "Contents", "Table|Title|Page\nTable 1|Population|3\nTable 2|Births|5"), new Grid(Data) { Sheet = "Data", Place = 1 }),
                new ReleaseContext("test") { Profile = profile }, null, TestContext.Current.CancellationToken);
            var told = $"release {release}\n" + string.Join('\n', result.Findings.Kept);
            Seen.All(result).Select(o => o.Source).ShouldBe(["Data!B3", "Data!C3", "Data!B4", "Data!C4", "Data!B5", "Data!C5"], told);
            result.Cubes[0].Components.ShouldAllBe(c => c.Id != "TABLE", told);
            result.Reconciliation.SetAside.Keys.ShouldBe(["table-aside"], told);
            profile = result.Profile;
        }
    }

    [Fact]
    public void What_is_all_there_is_is_the_release()
    {
        using var result = Grid.Interpret(Grid.Release("books.xlsx", Sheet(0, "Contents", "Book|Pages\nOne|120\nTwo|240\nThree|80")));
        Seen.All(result).Select(o => o.Value).ShouldBe([120m, 240m, 80m]);
    }

    [Fact]
    public void Links_and_page_numbers_below_a_table_are_no_rows_of_it()
    {
        using var result = Grid.Interpret(Grid.Release([.. Data, [], ["Back to contents", "1"], ["Page", "12"]]));
        Seen.All(result).Select(o => o.Source).ShouldBe(["B3", "C3", "B4", "C4", "B5", "C5"]);
        result.Reconciliation.SetAside.Values.Sum(a => a.Count).ShouldBe(2);
    }

    private static Grid Sheet(int place, string name, string text) => new([.. text.Split('\n').Select(line => line.Split('|'))]) { Sheet = name, Place = place };
}
