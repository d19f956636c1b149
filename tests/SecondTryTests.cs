using System.Net;
using System.Text.Json.Nodes;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Slips in addresses of every face: what is given as the whole address that is right is answered, however many slips there were.</summary>
public sealed class SecondTryTests(QueryGrammarTests.Host host) : IClassFixture<QueryGrammarTests.Host>
{
    // Each part of an address right or with slips, of which some are known to be meant and some are not.
    private static readonly (string Path, string[][] Parts)[] Faces =
    [
        ("/v1/datasets/industry/data",
        [
            ["", "REF_AREA=620000", "REF_AREA=Gansu", "region=Gansu", "REF_AREA=zzzzzz", "REF_AREA!=urumqi,Gannsu", "REF_AREA=startswith:62", "REF_AREA=like:gan"],
            ["", "TIME_PERIOD=2023年", "TIME_PERIOD=gte:2023", "TIME_PERIOD=>=2022Q4", "start=2023", "TIME_PERIOD=soon", "TIME_PERIOD=between:1"],
            ["", "OBS_VALUE=gte:5", "OBS_VALUE=>5", "OBS_VALUE=5..300", "OBS_VALUE=null", "value=5"],
            ["", "compute=growth(1y)", "compute=yoy,shere(ACTIVITY)", "group=ref_area&aggregate=total", "group=REF_AREA,UNIT_MEASURE&aggregate=avg,coutn", "group=FREQ,REF_AREA,ACTIVITY,TIME_PERIOD&aggregate=sumn", "compute=nonsense"],
            ["", "sort=obs_value desc", "sort=Area", "columns=ref_area,value", "columns=REF_AREA,NOPE,TIME_PERIOD", "sort=-VALUE"],
            ["", "format=excel", "format=jsonl", "layot=wide", "labels=bothh", "lang=en", "limit=0", "limit=10", "top=5", "format=docx"],
        ]),
        ("/v1/datasets/industri/data", [["", "REF_AREA=Gansu", "REF_AREA=zzzzzz"], ["", "limit=x"]]),
        ("/v1/datasets/industry/series", [["", "REF_AREA=Gansu", "region=urumqi"], ["", "limt=5", "activity=b", "q=x"]]),
        ("/v1/series/industry.A.Gansu._T", [["", "TIME_PERIOD=2023年", "lst=1"]]),
        ("/pxweb/v2/tables/industry/data",
        [
            ["", "valuecodes[REF_AREA]=Gansu", "valuecodes[ref_area]=Gannsu", "valuecodes[AREA]=620000", "valuecodes[REF_AREA]=alle", "valuecodes[REF_AREA]=zzzz"],
            ["", "valuecodes[TIME_PERIOD]=TOPP(1)", "valuecodes[time]=2023年", "valuecodes[TIME_PERIOD]=LAST(2)", "valuecodes[TIME]=ge:2023"],
            ["", "valuecodes[FREQ]=*&valuecodes[ACTIVITY]=b06", "valuecodes[FREQ]=a", "valuecode[ACTIVITY]=B"],
            ["", "outputFormat=excel", "outputformat=csv&outputFormatParams=UseText", "lang=xx", "outputFormat=px"],
        ]),
        ("/pxweb/v2/tables/indutsry/data", [["", "valuecodes[FREQ]=a"]]),
        ("/odata/industry/Observations",
        [
            ["", "$filter=REF_AREA eq 'Gansu'", "filter=Area eq 'Gansu' or REF_ARA eq 'Urumqi'", "$filter=REF_AREA in ('Gansu','Urumqi','Gansu') and TIME_PERIOD eq '2023年'", "$filter=NOPE eq 1", "$fliter=OBS_VALUE gt 1"],
            ["", "$select=REF_ARAE,OBS_VALEU", "select=REF_AREA,Value", "columns=REF_AREA", "$select=NOPE"],
            ["", "$orderby=OBS_VALU desc", "orderby=TIME_PERIODS,REF_AREA", "$orderby=-OBS_VALUE"],
            ["", "$top=abc", "limit=5", "$cout=true", "$format=jsno", "page=2"],
        ]),
        ("/odata/industry/Observation", [["", "$selct=REF_AREA"]]),
        ("/sdmx/v2/data/dataflow/*/industri/*/A.Gansu", [["", "c[TIME_PERIOD]=ge:2023年", "fromat=csv"]]),
        ("/sdmx/v1/data/industry/A.Gansu._T", [["", "startPeriod=2023年", "detial=full"]]),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_address_that_is_given_as_right_is_answered()
    {
        var random = new Random(20260101);
        var (given, wrong) = (new HashSet<string>(), new List<string>());
        foreach (var (path, parts) in Faces)
        {
            // Each slip by itself, then many together.
            var singles = parts.SelectMany((some, i) => some.Select(part => (string[])[part])).Append([""]);
            var together = Enumerable.Range(0, 40).Select(_ => parts.Select(some => some[random.Next(some.Length)]).ToArray());
            foreach (var chosen in singles.Concat(together).ToList())
            {
                var query = string.Join('&', chosen.Where(part => part.Length > 0).Select(part => Uri.EscapeDataString(part).Replace("%3D", "=").Replace("%26", "&")));
                var address = path + (query.Length > 0 ? "?" + query : "");
                using var answer = await host.Served.Client.GetAsync(address, Cancel);
                ((int)answer.StatusCode).ShouldBeLessThan(500, address);
                if (answer.IsSuccessStatusCode || Try(await answer.Content.ReadAsStringAsync(Cancel)) is not { } tried)
                    continue;
                given.Add(path.Split('/')[1]);
                using var second = await host.Served.Client.GetAsync(tried, Cancel);
                if (second.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NoContent))
                    wrong.Add($"{Uri.UnescapeDataString(address)} → {Uri.UnescapeDataString(tried)}: {await second.Content.ReadAsStringAsync(Cancel)}");
            }
        }
        wrong.ShouldBeEmpty();
        given.Order(StringComparer.Ordinal).ShouldBe(["odata", "pxweb", "sdmx", "v1"]);
    }

    [Theory]
    [InlineData("/v1/datasets/industri/data?limit=5", "/v1/datasets/industry/data?limit=5")]
    // What is in a dataset is told to who names it.
    [InlineData("/v1/datasets/industri/data?REF_AREA=Gansu", null)]
    [InlineData("/v1/datasets/industry/data?region=Gansu&start=2023Q4&columns=ref_area,value&limt=5", "/v1/datasets/industry/data?REF_AREA=620000&TIME_PERIOD=ge:2023-Q4&columns=REF_AREA,OBS_VALUE&limit=5")]
    [InlineData("/v1/datasets/industry/data?group=FREQ,REF_AREA,ACTIVITY,TIME_PERIOD&aggregate=total,avg&sort=-SUMM", "/v1/datasets/industry/data?group=FREQ,REF_AREA,ACTIVITY,TIME_PERIOD&aggregate=sum,mean&sort=-SUM")]
    [InlineData("/v1/datasets/industry/data?group=REF_AREA&aggregate=total", null)]
    [InlineData("/v1/datasets/industry/data?compute=growth(1y)", "/v1/datasets/industry/data?compute=growth(1Y)")]
    [InlineData("/v1/datasets/industry/data?compute=yoy,difference(1p)", "/v1/datasets/industry/data?compute=growth(1Y),difference(1P)")]
    [InlineData("/v1/datasets/industry/data?TIME_PERIOD=gte:2023", "/v1/datasets/industry/data?TIME_PERIOD=ge:2023")]
    [InlineData("/v1/datasets/industry/data?TIME_PERIOD=after:2023年", "/v1/datasets/industry/data?TIME_PERIOD=gt:2023")]
    [InlineData("/v1/datasets/industry/data?TIME_PERIOD=until:2023", "/v1/datasets/industry/data?TIME_PERIOD=le:2023")]
    [InlineData("/v1/datasets/industry/data?OBS_VALUE=>=5", "/v1/datasets/industry/data?OBS_VALUE=ge:5")]
    [InlineData("/v1/datasets/industry/data?OBS_VALUE=5..10", "/v1/datasets/industry/data?OBS_VALUE=ge:5,le:10")]
    [InlineData("/v1/datasets/industry/data?OBS_VALUE=null", "/v1/datasets/industry/data?OBS_VALUE=missing")]
    [InlineData("/v1/datasets/industry/data?REF_AREA=startswith:62", "/v1/datasets/industry/data?REF_AREA=startsWith:62")]
    [InlineData("/v1/datasets/industry/data?REF_AREA=like:gan,eq:650100", "/v1/datasets/industry/data?REF_AREA=contains:gan,650100")]
    [InlineData("/pxweb/v2/tables/industry/data?valuecodes[AREA]=Gansu&valuecodes[time]=TOPP(1)", "/pxweb/v2/tables/industry/data?valuecodes[REF_AREA]=620000&valuecodes[time]=TOP(1)&valuecodes[FREQ]=*")]
    [InlineData("/pxweb/v2/tables/industry/data?valuecodes[ref_area]=gansu&valuecodes[FREQ]=a&valuecodes[TIME_PERIOD]=all", "/pxweb/v2/tables/industry/data?valuecodes[ref_area]=620000&valuecodes[FREQ]=a&valuecodes[TIME_PERIOD]=*")]
    [InlineData("/odata/industry/Observations?$select=REF_ARAE,OBS_VALEU", "/odata/industry/Observations?$select=REF_AREA,OBS_VALUE")]
    [InlineData("/odata/industry/Observations?orderby=TIME_PERIODS desc,OBS_VALU", "/odata/industry/Observations?orderby=TIME_PERIOD desc,OBS_VALUE")]
    [InlineData("/odata/industry/Observations?$filter=REF_AREA eq 'Gansu' or REF_AREA eq 'Urumqi'", "/odata/industry/Observations?$filter=REF_AREA eq '620000' or REF_AREA eq '650100'")]
    [InlineData("/odata/industry/Observations?limit=5&fields=REF_AREA", "/odata/industry/Observations?$top=5&$select=REF_AREA")]
    [InlineData("/v1/datasets/industry/data?REF_AREA=620000；650100&ACTIVITY=B;B06", "/v1/datasets/industry/data?REF_AREA=620000,650100&ACTIVITY=B,B06")]
    [InlineData("/v1/datasets/industry/data?TIME_PERIOD=2022、2023", "/v1/datasets/industry/data?TIME_PERIOD=2022,2023")]
    [InlineData("/v1/datasets/industry/data?TIME_PERIOD=ge：２０２３", "/v1/datasets/industry/data?TIME_PERIOD=ge:2023")]
    [InlineData("/v1/datasets/industry/data?TIME_PERIOD=06/2023", "/v1/datasets/industry/data?TIME_PERIOD=2023-06")]
    [InlineData("/v1/datasets/industry/data?REF_AREA=contains：gan", "/v1/datasets/industry/data?REF_AREA=contains:gan")]
    [InlineData("/v1/datasets/industry/data?columns=REF_AREA; OBS_VALUE&sort=REF_AREA;-OBS_VALUE", "/v1/datasets/industry/data?columns=REF_AREA,OBS_VALUE&sort=REF_AREA,-OBS_VALUE")]
    [InlineData("/v1/datasets/industry/data?compute=growth（1Y）", "/v1/datasets/industry/data?compute=growth(1Y)")]
    [InlineData("/v1/datasets/industry/data?limit=1000000", "/v1/datasets/industry/data?limit=100000")]
    // What says nothing is left out.
    [InlineData("/v1/datasets/industry/data?limit=0", "/v1/datasets/industry/data")]
    [InlineData("/v1/datasets/industry/data?limit=all&REF_AREA=620000", "/v1/datasets/industry/data?REF_AREA=620000")]
    [InlineData("/v1/datasets/industry/data?rows=all&REF_AREA=Gansu", "/v1/datasets/industry/data?REF_AREA=620000")]
    [InlineData("/v1/datasets/industry/data?offset=&startPeriod=&REF_AREA=&format=&lang=en&columns=", "/v1/datasets/industry/data?lang=en")]
    [InlineData("/v1/datasets/industry/data?page=1", "/v1/datasets/industry/data")]
    // Another page than the first is not the first.
    [InlineData("/v1/datasets/industry/data?page=2", null)]
    [InlineData("/v1/datasets/industry/data?offset=1", null)]
    [InlineData("/v1/datasets/industry/data?version=abc", null)]
    [InlineData("/v1/datasets/industry/data?first=0", null)]
    [InlineData("/v1/datasets?limit=-1&q=industry", "/v1/datasets?q=industry")]
    [InlineData("/v1/datasets?page=0", "/v1/datasets")]
    [InlineData("/v1/search?q=&limit=5", null)]
    [InlineData("/odata/industry/Observations?$top=abc&$skip=-1&$count=true", "/odata/industry/Observations?$count=true")]
    [InlineData("/odata/industry/Observations?top=", "/odata/industry/Observations")]
    [InlineData("/odata/industry/Observations?page=2", null)]
    [InlineData("/pxweb/v2/tables?pageNumber=0&pageSize=abc", "/pxweb/v2/tables")]
    [InlineData("/sdmx/v2/data/dataflow/*/industry?limit=0&offset=x", "/sdmx/v2/data/dataflow/*/industry")]
    [InlineData("/sdmx/v1/data/industry?startPeriod=2023年&endPeriod=", "/sdmx/v1/data/industry?startPeriod=2023&endPeriod=")]
    [InlineData("/catalog.jsonld?page=x&limit=5", "/catalog.jsonld?limit=5")]
    [InlineData("/catalog.ttl?page=2", "/catalog.ttl?page=1")]
    [InlineData("/feed.atom?page=0&language=zh", "/feed.atom?lang=zh")]
    [InlineData("/data.json?limit=0", "/data.json")]
    [InlineData("/sitemap.xml?page=", "/sitemap.xml")]
    [InlineData("/v1/datasets/industry/dcat.ttl?format=", "/v1/datasets/industry/dcat.ttl")]
    [InlineData("/jsonstat/collection?page=1", "/jsonstat/collection")]
    [InlineData("/pxweb/v2/tables/industry/data?valuecodes[FREQ]=A；Q&valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=TOP（1）", "/pxweb/v2/tables/industry/data?valuecodes[FREQ]=A,Q&valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=TOP(1)")]
    public async Task What_is_meant_is_given_as_a_whole_address(string asked, string? meant)
    {
        using var answer = await host.Served.Client.GetAsync(asked, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        (Try(text) is { } tried ? Uri.UnescapeDataString(tried) : null).ShouldBe(meant, text);
        if (meant is not null)
            ((int)(await host.Served.Client.GetAsync(meant, Cancel)).StatusCode).ShouldBe(200);
    }

    [Fact]
    public async Task All_slips_are_told_at_once()
    {
        var (_, problem) = await host.Served.ProblemAsync("/v1/datasets/industry/data?REF_AREA=Gansu&columns=ref_area&format=excel");
        ((string)problem["code"]!, (string)problem["detail"]!).ShouldBe(("unknown-code", "REF_AREA has no code 'Gansu'; that is the label of '620000' (甘肃 / Gansu). There is no format 'excel'; did you mean 'xlsx'? There is no column 'ref_area'; did you mean 'REF_AREA'?"));
    }

    // Where each face's form of errors has it.
    private static string? Try(string text) => JsonNode.Parse(text.StartsWith('{') ? text : "{}")! is var json && json["error"]?["details"]?.AsArray().FirstOrDefault(d => (string?)d!["code"] == "try") is { } detail
        ? (string?)detail["message"]
        : (string?)json["try"] ?? (text.IndexOf(" Try: ", StringComparison.Ordinal) is >= 0 and var at ? text[(at + 6)..].Split('"', '<')[0].Replace("&amp;", "&") : null);
}
