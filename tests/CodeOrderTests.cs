using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The order in which an office lists categories, from the upload to every face that lists them.</summary>
public sealed class CodeOrderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("csv")]
    [InlineData("json-stat")]
    [InlineData("px")]
    [InlineData("sdmx-json")]
    public async Task Every_face_lists_codes_as_the_release_does(string format)
    {
        await using var served = await Served.StartWholeAsync();
        ((string)(await served.UploadAsync("sizes/first." + Extension(format), Release(format, 2020, "T", "G4", "G9", "G14")))["state"]!).ShouldBe("published");
        await ShouldBeShownAsync(served, ["T", "G4", "G9", "G14"]);
        (await served.Client.GetStringAsync("/datasets/sizes", Cancel)).ShouldMatch(@">[^<]*T[^<]*, [^<]*G4[^<]*, [^<]*G9[^<]*, [^<]*G14[^<]*<");
        (await PxWebAsync(served, "RANGE(G4,G14)", "TO(G4)", "TOP(1)", "BOTTOM(1)")).ShouldBe(["G4 G9 G14", "T G4", "T", "G14"]);

        // What is new stands where the next release has it; what that does not have stays where it was.
        await served.UploadAsync("sizes/second." + Extension(format), Release(format, 2021, "G2", "G4", "G6", "G9", "T"));
        await ShouldBeShownAsync(served, ["T", "G2", "G4", "G6", "G9", "G14"]);
        (await PxWebAsync(served, "RANGE(G4,G9)")).ShouldBe(["G4 G6 G9"]);
        var rows = (await served.JsonAsync("/v1/datasets/sizes/data?TIME_PERIOD=2021"))["observations"]!.AsArray().Select(row => (string)row!["SIZE"]!);
        rows.ShouldBe(["G2", "G4", "G6", "G9", "T"], "rows are stored by code");
        foreach (var (parameters, order) in new[]
        {
            ("sort=office", "T G2 G4 G6 G9"), ("sort=-office", "G9 G6 G4 G2 T"), ("sort=office&layout=wide", "T G2 G4 G6 G9"), ("sort=office&first=1", "T G2 G4 G6 G9"), ("sort=TIME_PERIOD,office", "T G2 G4 G6 G9"),
            ("sort=office&compute=before(1Y)", "T G2 G4 G6 G9"), ("sort=office&group=SIZE,TIME_PERIOD", "T G2 G4 G6 G9"), ("sort=SIZE", "G2 G4 G6 G9 T"),
        })
        {
            // In pages of two, whose cursors keep to that order.
            var shown = new List<string>();
            for (var next = (string?)$"/v1/datasets/sizes/data?TIME_PERIOD=2021&{parameters}&limit=2"; next is not null;)
            {
                var page = await served.JsonAsync(next);
                shown.AddRange((page["observations"] ?? page["series"])!.AsArray().Select(row => (string)row!["SIZE"]!));
                next = (string?)page["page"]!["next"];
            }
            string.Join(' ', shown).ShouldBe(order, parameters);
        }

        var before = (await served.JsonAsync("/v1/datasets/sizes")).ToJsonString();
        await new Reindexing(served.Storage, new DatasetIndex(served.Storage), new Ledger(served.Storage), TimeProvider.System).RunAsync(null, Cancel);
        (await served.JsonAsync("/v1/datasets/sizes")).ToJsonString().ShouldBe(before);

        await served.UploadAsync($"sizes/third.{Extension(format)}?mode=replace", Release(format, 2021, "G9", "G4", "T"));
        await ShouldBeShownAsync(served, ["G9", "G4", "T"]);
    }

    private static async Task ShouldBeShownAsync(Served served, string[] codes)
    {
        Dimension(await served.JsonAsync("/v1/datasets/sizes"))["codes"]!.AsArray().Select(c => (string)c!["id"]!).ShouldBe(codes);
        Index(await served.JsonAsync("/v1/datasets/sizes/data?format=json-stat")).ShouldBe(codes);
        Index(await served.JsonAsync("/pxweb/v2/tables/sizes/metadata")).ShouldBe(codes);
        Regex.Matches(Regex.Match(await served.Client.GetStringAsync("/v1/datasets/sizes/data?format=px", Cancel), @"(?<=\nCODES\(""[^""]*size""\)=)[^;]*", RegexOptions.IgnoreCase).Value, "[A-Z0-9]+")
            .Select(m => m.Value).ShouldBe(codes);
        XDocument.Parse(await served.Client.GetStringAsync("/sdmx/v1/codelist/PIPELINE/CL_SIZE--sizes/latest", Cancel)).Descendants()
            .Where(e => e.Name.LocalName == "Code").Select(e => e.Attribute("id")!.Value).ShouldBe(codes);
        (await served.JsonAsync("/sdmx/v2/structure/codelist/*/CL_SIZE--sizes"))["data"]!["codelists"]![0]!["codes"]!.AsArray().Select(c => (string)c!["id"]!).ShouldBe(codes);
        (await served.JsonAsync("/odata/sizes/SIZE_Codes"))["value"]!.AsArray().Select(c => (string)c!["Id"]!).ShouldBe(codes);
        var fields = (await served.JsonAsync("/v1/datasets/sizes/datapackage.json"))["resources"]![0]!["schema"]!["fields"]!.AsArray();
        fields.Single(f => (string)f!["name"]! == "SIZE")!["constraints"]!["enum"]!.AsArray().Select(c => (string)c!).ShouldBe(codes);
    }

    private static async Task<List<string>> PxWebAsync(Served served, params string[] expressions)
    {
        var selected = new List<string>();
        foreach (var expression in expressions)
            selected.Add(string.Join(' ', Index(await served.JsonAsync($"/pxweb/v2/tables/sizes/data?valuecodes[SIZE]={expression}&valuecodes[TIME_PERIOD]=*&outputFormat=json-stat2"))));
        return selected;
    }

    private static JsonNode Dimension(JsonObject metadata) => metadata["dimensions"]!.AsArray().Single(d => (string)d!["id"]! == "SIZE")!;

    private static IEnumerable<string> Index(JsonObject stat) => stat["dimension"]!["SIZE"]!["category"]!["index"]!.AsObject().OrderBy(c => (int)c.Value!).Select(c => c.Key);

    private static string Extension(string format) => format switch { "csv" => "csv", "px" => "px", _ => "json" };

    private static byte[] Release(string format, int year, params string[] codes)
    {
        string Each(Func<string, int, string> say, string between = ",") => string.Join(between, codes.Select(say));
        // Braces and quotes of JSON as < > and '.
        string Json(string text) => text.Replace('<', '{').Replace('>', '}').Replace('\'', '"');
        return Encoding.UTF8.GetBytes(format switch
        {
            "csv" => "Size,Year,Value\n" + Each((code, i) => $"{code},{year},{i + 5}\n", ""),
            "json-stat" => Json("<'version': '2.0', 'class': 'dataset', 'role': <'time': ['year']>, 'id': ['SIZE', 'year'], "
                + $"'size': [{codes.Length}, 1], 'dimension': <'SIZE': <'label': 'Size', 'category': <'index': [{Each((code, _) => $"'{code}'")}]>>, "
                + $"'year': <'category': <'index': ['{year}']>>>, 'value': [{Each((_, i) => $"{i + 5}")}]>"),
            "px" => "CHARSET=\"ANSI\";\nAXIS-VERSION=\"2013\";\nCODEPAGE=\"utf-8\";\nLANGUAGE=\"en\";\nMATRIX=\"m\";\nDECIMALS=0;\nSTUB=\"Size\";\nHEADING=\"year\";\n"
                + $"VALUES(\"Size\")={Each((code, _) => $"\"Size {code}\"")};\nVALUES(\"year\")=\"{year}\";\nCODES(\"Size\")={Each((code, _) => $"\"{code}\"")};\n"
                + $"TIMEVAL(\"year\")=TLIST(A1),\"{year}\";\nDATA={Each((_, i) => $"{i + 5}", " ")};\n",
            // The last of the list comes first in the data.
            _ => Json($"<'data': <'structure': <'dimensions': <'observation': [<'id': 'SIZE', 'name': 'Size', 'values': [{Each((code, _) => $"<'id': '{code}', 'name': 'Size {code}'>")}]>, "
                + $"<'id': 'TIME_PERIOD', 'values': [<'id': '{year}', 'name': '{year}'>]>]>, 'attributes': <'observation': []>>, "
                + $"'dataSets': [<'observations': <{Each((_, i) => $"'{codes.Length - 1 - i}:0': [{i + 5}]")}>>]>>"),
        });
    }
}
