using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Local;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The answers of every face against the schemas and shapes of those who keep the standards: tests/tools/published.mjs brings them, where it can.</summary>
public sealed class OfficialSchemasTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_face_is_valid_by_what_its_standard_publishes()
    {
        var published = Environment.GetEnvironmentVariable("PIPELINE_SCHEMAS");
        Assert.SkipUnless(published is not null, "PIPELINE_SCHEMAS is the folder that node tests/tools/published.mjs FOLDER fills, and is not set.");
        await using var served = await Served.StartWholeAsync(null, ("Pipeline:Contact", "data@example.org"));
        foreach (var sample in (string[])["lanyue-industry/2023-h1-industry.txt", "northmere-employment/employment-by-industry.csv"])
            await served.UploadAsync(sample, await File.ReadAllBytesAsync(Path.Combine(Settings.Root, "samples", sample), Cancel));
        await served.PublishAsync("timeless", Cubes.Of([new("650000", "", 1.5m, "A", "PT")]));
        // Another version, with a withdrawn and a revised value.
        await served.PublishAsync("mixed", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT"), new("650100", "2023-06", null, "M", "PT"), new("650200", "2023-Q1", 7m, "A", "XDC")]));
        await served.PublishAsync("mixed", Cubes.Of([new("650000", "2022", 5.25m, "P", "PT"), new("650200", "2023-Q1", 7m, "A", "XDC")]));

        var told = await OthersTools.NodeAsync("schemas.mjs", Cancel, served.Host.Host.Address.ToString(), Path.GetFullPath(published!, Settings.Root));
        var checks = Regex.Matches(told, @"^ok ([\w.-]+).*: (\d+) of ", RegexOptions.Multiline);
        string[] expected =
        [
            "croissant", "csvw", "datapackage", "dcat-ap-jsonld", "dcat-ap-ttl", "dcat-us", "json-stat-dataset", "odata-csdl-json", "odata-csdl-xml", "openapi-schemas", "pxweb-Dataset",
            "sdmx-csv-2.0.0", "sdmx-json-data-2.1.0", "sdmx-json-structure-1.0", "sdmx-ml-genericdata-2.1", "sdmx-ml-specific-3.0", "sdmx-ml-structure-2.1",
        ];
        expected.Where(name => !checks.Any(check => check.Groups[1].Value.StartsWith(name, StringComparison.Ordinal))).ShouldBeEmpty(told);
        checks.Sum(check => int.Parse(check.Groups[2].Value, CultureInfo.InvariantCulture)).ShouldBeGreaterThan(3_000, told);
    }
}
