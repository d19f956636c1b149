using System.Text;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>A label keeps the code that it has in its dataset, whatever the layout of the next release.</summary>
public sealed class DatasetCodesTests
{
    [Theory]
    // Another measure beside the first, and away again.
    [InlineData("Region,Year,Births\nNorth,2020,50\nSouth,2020,66", "Region,Year,Births,Deaths\nNorth,2020,52,40\nSouth,2020,66,55\nNorth,2021,53,41\nSouth,2021,67,56", "North,40|North,52|South,55|South,66")]
    [InlineData("Region,Year,Births,Deaths\nNorth,2020,50,40\nSouth,2020,66,55", "Region,Year,Births\nNorth,2020,52\nSouth,2020,66\nNorth,2021,53\nSouth,2021,67", "North,40|North,52|South,55|South,66")]
    // Periods across, then down.
    [InlineData("Region,2019,2020\nNorth,40.5,50.5\nSouth,61.5,66.5", "Region,Year,Value\nNorth,2020,52.5\nSouth,2020,66.5\nNorth,2021,53.5\nSouth,2021,67.5", "North,52.5|South,66.5")]
    // Numbers that count rows are no codes.
    [InlineData("No,Region,2020,2021\n1,North,50.5,61.2\n2,South,33.1,35.4\n3,East,13.1,15.4", "No,Region,2021,2022\n1,South,35.6,36.4\n2,North,61.5,62.2\n3,East,15.1,16.4", "East,13.1|North,50.5|South,33.1")]
    [InlineData("ID,Region,Year,Sales (USD)\n1,North,2020,61.2\n2,South,2020,35.4", "ID,Region,Year,Sales (USD)\n1,South,2020,35.6\n2,North,2020,61.5", "North,61.5|South,35.6")]
    [InlineData(",Region,Year,Sales (USD)\n0,North,2020,61.2\n1,South,2020,35.4", "Unnamed: 0,Region,Year,Sales (USD)\n3,South,2020,35.6\n7,North,2020,61.5", "North,61.5|South,35.6")]
    public async Task The_next_release_goes_on_with_the_codes(string first, string next, string expected)
    {
        await using var served = await Served.StartWholeAsync();
        foreach (var (file, text) in new[] { ("d/a.csv", first), ("d/b.csv", next) })
        {
            var report = await served.UploadAsync(file, Encoding.UTF8.GetBytes(text));
            ((string)report["state"]!).ShouldBe("published", report.ToJsonString());
        }
        var lines = (await served.Client.GetStringAsync("/v1/datasets/d/data?TIME_PERIOD=2020&columns=REF_AREA,OBS_VALUE&format=csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.TrimEnd('\r'));
        string.Join('|', lines.Order(StringComparer.Ordinal)).ShouldBe(expected);
    }

    [Fact]
    public void The_first_release_gives_a_label_the_same_code_in_any_layout()
    {
        string[] labels = ["North", "North West", "EU-27", "15-24", "GDP", "a1", "Über"];
        string Codes(string header, Func<string, int, string> row)
        {
            using var result = Grid.Interpret(Grid.Lines(header + "\n" + string.Join('\n', labels.Select(row))));
            var id = result.Cubes[0].Components.Take(result.Cubes[0].TimeIndex).Single(c => c.Id is not ("FREQ" or "INDICATOR" or "MEASURE")).Id;
            return string.Join(' ', Seen.All(result).Select(o => o[id]).Distinct());
        }
        var tidy = Codes("Kind|Year|Value", (label, i) => $"{label}|2020|{i + 50.5}");
        tidy.ShouldStartWith("North NORTH_WEST EU-27 15-24 GDP");
        Codes("Kind|2019|2020", (label, i) => $"{label}|{i + 40.5}|{i + 50.5}").ShouldBe(tidy);
        Codes("Kind|Year|Births|Deaths", (label, i) => $"{label}|2020|{i + 40.5}|{i + 50.5}").ShouldBe(tidy);
        using var spelt = Grid.Interpret(Grid.Lines("Kind|2019|2020\nNorth|1.5|2.5\nSouth|3.5|4.5\n\nKind|2021|2022\nNORTH|1.5|2.5\nSOUTH|3.5|4.5"));
        Seen.All(spelt).SelectMany(o => o.Codes.Where(c => c.Key is not ("FREQ" or "INDICATOR" or "TABLE")).Select(c => c.Value.Id)).Where(id => id.Length == 5).Distinct().ShouldBe(["North", "South"]);
        using var across = Grid.Interpret(Grid.Lines("Year|Births|GDP\n2019|5.5|6.5\n2020|7.5|8.5"));
        using var down = Grid.Interpret(Grid.Lines("Year|Indicator|Value\n2019|Births|5.5\n2019|GDP|6.5\n2020|Births|7.5\n2020|GDP|8.5"));
        Seen.All(down).Select(o => o["INDICATOR"]).ShouldBe(Seen.All(across).Select(o => o["INDICATOR"]));
    }

    [Fact]
    public async Task With_replace_a_label_keeps_its_code_and_the_release_its_own_structure()
    {
        await using var served = await Served.StartWholeAsync();
        await served.UploadAsync("r/a.csv", Encoding.UTF8.GetBytes("Area code,Area,Year,Value\nN1,North,2020,50.5\nS1,South,2020,66.5"));
        var report = await served.UploadAsync("r/b.csv?mode=replace", Encoding.UTF8.GetBytes("Area,Sex,2020,2021\nNorth,F,52.5,53.5\nSouth,F,66.5,67.5\nEast,F,1.5,2.5"));
        ((string)report["state"]!).ShouldBe("published", report.ToJsonString());
        var lines = (await served.Client.GetStringAsync("/v1/datasets/r/data?TIME_PERIOD=2020&columns=REF_AREA,SEX,OBS_VALUE&format=csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.TrimEnd('\r'));
        string.Join('|', lines.Order(StringComparer.Ordinal)).ShouldBe("East,F,1.5|N1,F,52.5|S1,F,66.5");
    }
}
