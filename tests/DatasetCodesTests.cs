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
    [InlineData("Region,Year,Births,Deaths\nNorth,2020,50,40\nSouth,2020,66,55", "Region,Year,Births\nNorth,2020,52\nSouth,2020,66\nNorth,2021,53\nSouth,2021,67", "NORTH,40|NORTH,52|SOUTH,55|SOUTH,66")]
    // Periods across, then down.
    [InlineData("Region,2019,2020\nNorth,40.5,50.5\nSouth,61.5,66.5", "Region,Year,Value\nNorth,2020,52.5\nSouth,2020,66.5\nNorth,2021,53.5\nSouth,2021,67.5", "NORTH,52.5|SOUTH,66.5")]
    // Numbers that count rows are no codes.
    [InlineData("No,Region,2020,2021\n1,North,50.5,61.2\n2,South,33.1,35.4\n3,East,13.1,15.4", "No,Region,2021,2022\n1,South,35.6,36.4\n2,North,61.5,62.2\n3,East,15.1,16.4", "EAST,13.1|NORTH,50.5|SOUTH,33.1")]
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
}
