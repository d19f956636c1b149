using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Models;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

/// <summary>Bad files through the front door: each ends with a report that a person can act on, is kept, and leaves the catalogue as it was.</summary>
public sealed class BadReleaseTests
{
    private static readonly byte[] Good = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,1.5,PT\n650200,2022,2.5,PT\n"u8.ToArray();
    private static readonly byte[] Workbook = Xlsx(("S", "<row><c><v>1</v></c><c t=\"inlineStr\"><is><t>x</t></is></c></row>"));

    private static readonly (string File, byte[] Bytes, string Code)[] Bad =
    [
        ("empty.csv", [], "file-empty"),
        ("blank.txt", " \r\n\t"u8.ToArray(), "file-empty"),
        ("truncated.xlsx", Workbook[..(Workbook.Length / 2)], "workbook-truncated"),
        ("lies.csv", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "format-not-supported"),
        ("lies.xlsx", "%PDF-1.7\n"u8.ToArray(), "format-not-supported"),
        ("encrypted.xlsx", Compound("EncryptedPackage", [1, 2, 3]), "workbook-encrypted"),
        ("encrypted.xls", Xls(true, ("S", false, NumberCell(0, 0, 0, 1))), "workbook-encrypted"),
        ("zip-bomb.xlsx", Xlsx(("S", "<row>" + new string(' ', 60_000_000) + "</row>")), "workbook-too-large"),
        ("entity-bomb.xlsx", Zip(("xl/workbook.xml", EntityBomb("workbook"))), "workbook-damaged"),
        ("entity-bomb.xml", Encoding.UTF8.GetBytes(EntityBomb("data")), "format-not-supported"),
        ("wide.csv", Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(1, 20_000)) + "\n" + string.Join(',', Enumerable.Range(1, 20_000)) + "\n"), "columns-too-many"),
        ("wide.xlsx", Xlsx(("S", "<row><c r=\"XFE1\"><v>1</v></c></row>")), "columns-too-many"),
        ("noise.bin", [.. Enumerable.Range(0, 2000).Select(static i => (byte)(i * 7 % 31))], "format-unknown"),
        ("contradicting.csv", "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,9,PT\n650100,2022,8,PT\n"u8.ToArray(), "observations-contradict"),
        ("nothing.txt", "A letter without any figure at all."u8.ToArray(), "figures-missing"),
    ];

    [Fact]
    public async Task Each_is_rejected_with_a_report_kept_and_leaves_the_catalogue_as_it_was()
    {
        await using var served = await Served.StartWholeAsync();
        ((string?)(await served.UploadAsync("good/good.csv", Good))["state"]).ShouldBe("published");
        var before = await served.Client.GetStringAsync("/v1/datasets");
        foreach (var (file, bytes, code) in Bad)
        {
            await ShouldBeRejectedAsync(served, await served.UploadAsync("good/" + file, bytes), "good/" + file, bytes, code);
            await served.Storage.Releases.GetBlobClient("blob/" + file).UploadAsync(new BinaryData(bytes));
        }
        foreach (var (file, bytes, code) in Bad)
        {
            var address = "/v1/releases/" + ReleaseId.Of("blob/" + file, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
            await ShouldBeRejectedAsync(served, await served.ReportAsync(address), "blob/" + file, bytes, code);
        }
        (await served.Client.GetStringAsync("/v1/datasets")).ShouldBe(before);
        served.Host.Log.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("no-folder.csv", "path-invalid")]
    [InlineData("_pending/x.csv", "path-invalid")]
    [InlineData("统计/x.csv", "path-invalid")]
    [InlineData("a.b/../x.csv", "path-invalid")]
    public async Task A_blob_whose_name_gives_no_dataset_is_rejected(string name, string code)
    {
        await using var served = await Served.StartWholeAsync();
        await served.Storage.Releases.GetBlobClient(name).UploadAsync(new BinaryData(Good));
        var kept = await served.Storage.Releases.GetBlobsAsync().SingleAsync();
        var id = ReleaseId.Of(kept.Name, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Good)));
        await ShouldBeRejectedAsync(served, await served.ReportAsync("/v1/releases/" + id), kept.Name, Good, code);
    }

    [Fact]
    public async Task A_name_as_long_as_storage_allows_is_taken_in()
    {
        await using var served = await Served.StartWholeAsync();
        var name = "long/" + new string('x', 1000) + ".csv";
        await served.Storage.Releases.GetBlobClient(name).UploadAsync(new BinaryData(Good));
        var report = await served.ReportAsync("/v1/releases/" + ReleaseId.Of(name, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Good))));
        ((string?)report["state"]).ShouldBe("published");
    }

    [Theory]
    [InlineData("mode", "zap", "mode-unknown")]
    [InlineData("publishAt", "soon", "publish-at-unreadable")]
    [InlineData("publishAt", "", "publish-at-unreadable")]
    public async Task Metadata_that_can_not_be_read_is_named_and_the_file_is_taken_once_it_is_mended(string name, string value, string code)
    {
        await using var served = await Served.StartWholeAsync();
        var blob = served.Storage.Releases.GetBlobClient("meta/x.csv");
        await blob.UploadAsync(new BinaryData(Good), new BlobUploadOptions { Metadata = new Dictionary<string, string> { [name] = value } });
        var address = "/v1/releases/" + ReleaseId.Of("meta/x.csv", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Good)));
        await ShouldBeRejectedAsync(served, await served.ReportAsync(address), "meta/x.csv", Good, code);
        await blob.UploadAsync(new BinaryData(Good), overwrite: true);
        await LocalHost.UntilAsync(async () => (string?)(await served.ReportAsync(address))["state"] == "published", "the mended upload");
    }

    [Fact]
    public async Task Formulas_without_a_value_and_bytes_outside_the_encoding_are_findings_of_what_is_published_beside_them()
    {
        await using var served = await Served.StartWholeAsync();
        static string Row(int n, params string[] cells) => $"<row r=\"{n}\">" + string.Concat(cells) + "</row>";
        static string Text(string text) => $"<c t=\"inlineStr\"><is><t>{text}</t></is></c>";
        var workbook = Xlsx(("S", Row(1, Text("REF_AREA"), Text("TIME_PERIOD"), Text("OBS_VALUE")) + Row(2, Text("650100"), Text("2022"), "<c><f>1+1</f></c>")
            + Row(3, Text("650200"), Text("2022"), "<c><v>2.5</v></c>")));
        var report = await served.UploadAsync("formulas/f.xlsx", workbook);
        ((string?)report["state"]).ShouldBe("published", report.ToJsonString());
        var finding = report["findings"]!.AsArray().Single(f => (string)f!["code"]! == "formula-without-value")!;
        ((string)finding["where"]!).ShouldBe("S!C2");
        ((string)finding["advice"]!).ShouldNotBeNullOrWhiteSpace();
        ((bool)report["reconciliation"]!["balanced"]!).ShouldBeTrue();
        ((long)report["reconciliation"]!["observations"]!).ShouldBe(1);

        var csv = Encoding.UTF8.GetBytes("\ufeffREF_AREA,TIME_PERIOD,OBS_VALUE,NOTE\n650100,2022,1.5,?\n650200,2022,2.5,x\n");
        csv[Array.IndexOf(csv, (byte)'?')] = 0xff;
        report = await served.UploadAsync("encoding/e.csv", csv);
        finding = report["findings"]!.AsArray().FirstOrDefault(f => (string)f!["code"]! == "bytes-invalid").ShouldNotBeNull(report.ToJsonString());
        ((string)finding["where"]!).ShouldBe($"byte {Array.IndexOf(csv, (byte)0xff)}");
        ((string)finding["advice"]!).ShouldNotBeNullOrWhiteSpace();
        (await served.Storage.Releases.GetBlobClient("encoding/e.csv").DownloadContentAsync()).Value.Content.ToArray().ShouldBe(csv);
    }

    private static async Task ShouldBeRejectedAsync(Served served, JsonObject report, string name, byte[] bytes, string code)
    {
        ((string?)report["state"]).ShouldBe("rejected", report.ToJsonString());
        var finding = report["findings"]!.AsArray().FirstOrDefault(f => (string)f!["code"]! == code).ShouldNotBeNull(report.ToJsonString());
        ((string?)finding["severity"]).ShouldBe("Error", StringCompareShould.IgnoreCase);
        foreach (var member in (string[])["message", "expected", "advice"])
            ((string?)finding[member]).ShouldNotBeNullOrWhiteSpace($"{name}: {member} of {finding.ToJsonString()}");
        (finding["where"] ?? finding["found"] ?? finding["message"]).ShouldNotBeNull();
        ((long)report["findingCounts"]![code]!).ShouldBeGreaterThan(0);
        report["published"]!.AsArray().ShouldBeEmpty();
        (await served.Storage.Releases.GetBlobClient(name).DownloadContentAsync()).Value.Content.ToArray().ShouldBe(bytes, name);
        var stored = JsonNode.Parse((await served.Storage.Reports.GetBlobClient((string)report["id"]! + ".json").DownloadContentAsync()).Value.Content.ToString())!;
        ((string?)stored["state"], (string?)stored["sha256"]).ShouldBe(("rejected", (string?)report["sha256"]));
    }

    private static string EntityBomb(string root)
    {
        var xml = new StringBuilder("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY e0 \"0123456789\">");
        for (var i = 1; i < 12; i++)
            xml.Append($"<!ENTITY e{i} \"").Insert(xml.Length, $"&e{i - 1};", 10).Append("\">");
        return xml.Append($"]><{root}>&e11;</{root}>").ToString();
    }
}
