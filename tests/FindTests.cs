using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Local;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>A host with the samples and releases that try the faces for finding: their tests share it and change nothing.</summary>
public sealed class FindHost : IAsyncLifetime
{
    internal const string LongName = "按可比价格计算并剔除季节因素影响之后的规模以上工业企业增加值比上年同期实际增长速度";

    internal Served Served { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Served = await Served.StartWholeAsync();
        var samples = Path.Combine(Settings.Root, "samples");
        foreach (var file in Directory.GetFiles(samples, "*", SearchOption.AllDirectories))
            await UploadAsync(Path.GetRelativePath(samples, file).Replace('\\', '/'), await File.ReadAllBytesAsync(file));
        await UploadAsync("regions/regions.csv", Encoding.UTF8.GetBytes("地区,年份,工业增加值（亿元）\n乌鲁木齐市,2022,1021.50\n乌鲁木齐市,2023,…\n新疆维吾尔自治区,2022,6000.7\n新疆维吾尔自治区,2023,6100.0\n"));
        await UploadAsync("trade/trade.csv", Encoding.UTF8.GetBytes("District,Year,Industrial value added (million USD)\nUrumqi,2022,10.5\nUrumqi,2023,11.25\nXinjiang,2023,40\n"));
        await UploadAsync("odd/odd.csv", Encoding.UTF8.GetBytes($"Product,Grade,Year,Output (t)\n\"a.b,c/d %2F~ e\",{LongName},2023,1\n\"a.b\",1.5,2023,2\n"));
    }

    private async Task UploadAsync(string path, byte[] bytes) => ((string?)(await Served.UploadAsync(path, bytes))["state"]).ShouldBe("published", path);

    public async ValueTask DisposeAsync() => await Served.DisposeAsync();
}

/// <summary>Search, series, observations with their sources, comparisons, saved queries and limits.</summary>
public sealed class FindTests(FindHost host) : IClassFixture<FindHost>
{
    private const string Series = "northmere-employment.Q.EMPLOYED_PERSONS.Ashwell.C.F";

    private Served Served => host.Served;

    [Theory]
    [InlineData("乌鲁木齐", "area", "650100", "prefix", "regions,trade")]
    [InlineData("乌市", null, null, null, null)]
    [InlineData("烏魯木齊市", "area", "650100", "exact", "regions,trade")]
    [InlineData("Urumqi", "area", "650100", "exact", "regions,trade")]
    [InlineData("ürümqi", "area", "650100", "exact", "regions,trade")]
    [InlineData("urumqy", "area", "650100", "fuzzy", "regions,trade")]
    [InlineData("employmnt", "dataset", "northmere-employment", "fuzzy", "northmere-employment")]
    [InlineData("ＥＭＰＬＯＹＥＤ", "indicator", "EMPLOYED_PERSONS", "prefix", "northmere-employment")]
    [InlineData("650100", "area", "650100", "exact", "regions,trade")]
    [InlineData("manufacturing", "code", "C", "exact", "northmere-employment")]
    [InlineData("三县工业", "dataset", "lanyue-industry", "word", "lanyue-industry")]
    [InlineData("overnight stays", "dataset", "northmere-visitors", "exact", "northmere-visitors")]
    [InlineData("stays overn", "dataset", "northmere-visitors", "word", "northmere-visitors")]
    [InlineData("水磨沟区", "area", "650100", "wider", "regions,trade")]
    [InlineData("jobs", "dataset", "northmere-employment", "synonym", "northmere-employment")]
    [InlineData("就业", "dataset", "northmere-employment", "synonym", "northmere-employment")]
    [InlineData("industrial production", "indicator", "C_646B7B2637", "synonym", "regions")]
    [InlineData("unemployment", null, null, null, null)]
    public async Task The_best_hit_is_what_was_meant(string q, string? type, string? id, string? match, string? datasets)
    {
        var hit = (await SearchAsync(q)).FirstOrDefault();
        ((string?)hit?["type"], (string?)hit?["id"], (string?)hit?["match"]?["kind"]).ShouldBe((type, id, match), hit?.ToJsonString());
        if (hit is not null)
            string.Join(',', hit["places"]!.AsArray().Select(p => (string)p!["dataset"]!).Order(StringComparer.Ordinal).Distinct()).ShouldBe(datasets);
    }

    [Theory]
    [InlineData("工业增加值")]
    [InlineData("industrial value ad")]
    [InlineData("value aded industrial")]
    public async Task The_indicator_of_two_languages_is_found_before_longer_ones(string q)
    {
        var hits = await SearchAsync(q);
        hits.Count.ShouldBeGreaterThan(0);
        ((string)hits[0]["type"]!).ShouldBe("indicator");
        hits[0]["labels"]!.AsObject().Select(l => (string)l.Value!).ShouldContain(l => l.Contains("增加值", StringComparison.Ordinal) || l.Contains("alue added", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hits_lead_to_the_data_and_are_paged_and_narrowed()
    {
        foreach (var hit in await SearchAsync("乌鲁木齐"))
        {
            foreach (var link in hit["places"]!.AsArray().SelectMany(p => p!["links"]!.AsObject()))
                (await Served.Client.GetAsync((string)link.Value!)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        var place = (await SearchAsync("乌鲁木齐", "&dataset=regions"))[0]["places"]!.AsArray().ShouldHaveSingleItem();
        (await Served.JsonAsync((string)place!["links"]!["data"]!))["observations"]!.AsArray().Count.ShouldBe(2);
        (await SearchAsync("e", "&type=area&limit=100")).ShouldAllBe(h => (string)h["type"]! == "area");
        var (ids, next) = (new List<string>(), (string?)"/v1/search?q=a&limit=3");
        while (next is not null)
        {
            var page = await Served.JsonAsync(next);
            ids.AddRange(page["hits"]!.AsArray().Select(h => $"{h!["type"]} {h["id"]} {h["labels"]?.ToJsonString()}"));
            next = (string?)page["page"]!["next"];
        }
        ids.ShouldBeUnique();
        ids.Count.ShouldBe((int)(await Served.JsonAsync("/v1/search?q=a&limit=100"))["page"]!["total"]!);
    }

    [Fact]
    public async Task A_series_is_found_by_its_key_whatever_stands_in_its_codes()
    {
        var series = await Served.JsonAsync($"/v1/series/{Series}?last=2");
        (series["observations"]!.AsArray().Select(o => (string)o!["period"]!)).ShouldBe(["2023-Q1", "2023-Q2"]);
        ((string)series["key"]!, (string)series["label"]!, (int)series["unitMult"]!).ShouldBe((Series, "Employed persons · Ashwell · Manufacturing · Female", 3));
        (await Served.JsonAsync($"/v1/series/{Series}?TIME_PERIOD=2022-Q3..2022-12"))["observations"]!.ToJsonString().ShouldContain("\"value\":null,\"status\":\"O\"");
        // Every series that there is answers by the key that it is listed with, and so does each of its observations.
        foreach (var dataset in (await Served.JsonAsync("/v1/datasets"))["datasets"]!.AsArray().Select(d => (string)d!["id"]!))
        {
            foreach (var listed in (await Served.JsonAsync($"/v1/datasets/{dataset}/series"))["series"]!.AsArray().Take(5))
            {
                var key = (string)listed!["key"]!;
                var one = await Served.JsonAsync("/v1/series/" + Uri.EscapeDataString(key));
                ((string)one["key"]!, (int)one["count"]!).ShouldBe((key, (int)listed["count"]!));
                var last = one["observations"]!.AsArray()[^1]!;
                var observation = await Served.JsonAsync("/v1/observations/" + Uri.EscapeDataString((string)last["id"]!));
                ((string)observation["id"]!, observation["value"]?.ToJsonString(), (string)observation["series"]!).ShouldBe(((string)last["id"]!, last["value"]?.ToJsonString(), key));
                observation["source"]!["excerpt"].ShouldNotBeNull(observation.ToJsonString());
            }
        }
    }

    [Fact]
    public async Task The_id_of_an_observation_is_put_together_from_its_row()
    {
        var template = (string)(await Served.JsonAsync("/v1/datasets/odd"))["templates"]!["observation"]!;
        foreach (var row in (await Served.JsonAsync("/v1/datasets/odd/data"))["observations"]!.AsArray())
        {
            var address = row!.AsObject().Aggregate(template, (made, member) => made.Replace($"{{{member.Key}}}", Written(member.Value?.ToString() ?? ""), StringComparison.Ordinal));
            var observation = await Served.JsonAsync(address);
            observation["value"]!.ToJsonString().ShouldBe(row["OBS_VALUE"]!.ToJsonString());
            ("/v1/observations/" + Uri.EscapeDataString((string)observation["id"]!)).ShouldBe(address);
        }

        static string Written(string code)
        {
            var bytes = Encoding.UTF8.GetBytes(code);
            return bytes.Length == 0 ? "~" : bytes.Length > 48 ? "~~" + Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]
                : Uri.EscapeDataString(string.Concat(code.Select(c => char.IsLetterOrDigit(c) || c is '_' or '-' ? c.ToString() : string.Concat(Encoding.UTF8.GetBytes([c]).Select(b => $"~{b:X2}")))));
        }
    }

    [Fact]
    public async Task An_observation_shows_the_cells_or_the_sentence_it_was_read_from()
    {
        var cells = (await Served.JsonAsync($"/v1/observations/{Series}.2023-Q2"))["source"]!;
        ((string)cells["place"]!, (string)cells["release"]!["file"]!).ShouldBe(("E68", "employment-by-industry.csv"));
        var excerpt = cells["excerpt"]!;
        excerpt["headers"]!.AsArray().Select(h => (string)h!).ShouldBe(["Employed persons (thousand)"]);
        excerpt["stub"]!.AsArray().Select(h => (string)h!).ShouldBe(["2023-Q2", "Ashwell", "Manufacturing", "Female"]);
        ((string)excerpt["rows"]![(int)excerpt["at"]!["row"]!]!["cells"]![(int)excerpt["at"]!["column"]!]!).ShouldBe("3.5");

        var book = (await Served.JsonAsync("/v1/observations/northmere-visitors.M.Ashwell.Hotels.2023-05"))["source"]!["excerpt"]!;
        ((string)book["sheet"]!, (string)book["cell"]!, (string)book["headers"]![0]!).ShouldBe(("Overnight stays", "H4", "2023-05"));

        var area = (string)(await Served.JsonAsync("/v1/datasets/lanyue-industry/data"))["observations"]!.AsArray().First(o => o!["OBS_VALUE"]!.ToJsonString() == "8.1")!["REF_AREA"]!;
        var prose = await Served.JsonAsync($"/v1/observations/lanyue-industry._O.{area}.VALUE_ADDED.ABOVE_SIZE.B_D._Z.G1Y._Z._Z.OUTTURN._Z.2023-01~2F2023-06");
        var sentence = prose["source"]!["excerpt"]!;
        ((string)sentence["text"]!).ShouldBe("上半年,云栈县规模以上工业增加值同比增长8.1%,工业生产总体平稳。");
        var (from, to, text) = ((int)sentence["from"]!, (int)sentence["to"]!, (string)sentence["text"]!);
        text[from..to].ShouldBe((string)sentence["figure"]!);
        text[from..to].ShouldEndWith("8.1%");
    }

    [Fact]
    public async Task Series_of_several_datasets_are_aligned_on_time()
    {
        string[] keys = [Series, "northmere-visitors.M.Ashwell.Hotels", "northmere-employment.Q.EMPLOYED_PERSONS.Ashwell.C.M"];
        var address = "/v1/compare?" + string.Join('&', keys.Select(k => "series=" + k)) + "&TIME_PERIOD=ge:2023-02";
        var json = await Served.JsonAsync(address);
        // By their first day, then their last: the second quarter stands with April.
        json["periods"]!.AsArray().Select(p => (string)p!).ShouldBe(["2023-02", "2023-03", "2023-04", "2023-Q2", "2023-05", "2023-06"]);
        ((bool)json["mixedFrequencies"]!, json["series"]!.AsArray().Count).ShouldBe((true, 3));
        json["series"]![0]!["values"]!.ToJsonString().ShouldBe("[null,null,null,3.5,null,null]");
        json["series"]![1]!["values"]!.ToJsonString().ShouldBe("[3487,4118,4968,null,5786,6592]");
        var csv = await Served.Client.GetStringAsync(address + "&format=csv");
        csv.Split("\r\n")[0].ShouldBe("TIME_PERIOD," + string.Join(',', keys));
        csv.ShouldContain("\r\n2023-Q2,3.5,,");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd("text/csv");
        using var negotiated = await Served.Client.SendAsync(request);
        (await negotiated.Content.ReadAsStringAsync()).ShouldBe(csv);
    }

    [Fact]
    public async Task A_query_is_saved_under_one_address_and_answered_there()
    {
        async Task<(HttpStatusCode Status, JsonObject Body, string Location)> SaveAsync(string body)
        {
            using var answer = await Served.Client.PostAsync("/v1/queries", new StringContent(body));
            return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject(), answer.Headers.Location!.ToString());
        }
        var (status, saved, location) = await SaveAsync("""{"dataset":"northmere-employment","query":{"where":{"SEX":["F"],"ACTIVITY":"C"},"limit":2}}""");
        ((string)saved["id"]!).Length.ShouldBe(12);
        (status, location).ShouldBe((HttpStatusCode.Created, "/v1/q/" + saved["id"]));
        var again = await SaveAsync("""{"version":"latest", "query":{"limit":2,"where":{"ACTIVITY":"C","SEX":["F"]}},"dataset":"northmere-employment"}""");
        (again.Status, again.Location).ShouldBe((HttpStatusCode.OK, location));
        var pinned = await SaveAsync("""{"dataset":"northmere-employment","query":{"where":{"SEX":["F"],"ACTIVITY":"C"},"limit":2},"version":1}""");
        pinned.Location.ShouldNotBe(location);
        (await Served.Client.GetAsync(pinned.Location)).Headers.CacheControl!.ToString().ShouldContain("immutable");

        var ids = new List<string>();
        for (string? next = location; next is not null;)
        {
            next.ShouldStartWith(location);
            var page = await Served.JsonAsync(next);
            ids.AddRange(page["observations"]!.AsArray().Select(o => $"{o!["REF_AREA"]} {o["TIME_PERIOD"]}"));
            next = (string?)page["page"]!["next"];
        }
        ids.Count.ShouldBe(12);
        ids.ShouldBeUnique();
        (await Served.Client.GetStringAsync(location + "?format=csv&limit=1&labels=both")).ShouldContain("INDICATOR_LABEL");
        ((int)(await Served.JsonAsync(location + "/about"))["query"]!["limit"]!).ShouldBe(2);

        // What the address says against the query holds on the next page, too, also where it is what goes without saying.
        var wide = await SaveAsync("""{"dataset":"northmere-employment","query":{"where":{"SEX":"F"},"format":"csv","labels":"both","layout":"wide","limit":1}}""");
        var first = await Served.JsonAsync(wide.Location + "?format=json&labels=code&layout=long&lang=ZH-cn&limit=3");
        var second = await Served.JsonAsync((string)first["page"]!["next"]!);
        second["observations"]!.AsArray().Count.ShouldBe(3);
        second["observations"]![0]!["SEX_LABEL"].ShouldBeNull();
        ((string)second["page"]!["next"]!).ShouldContain("lang=zh-CN");
    }

    [Theory]
    [InlineData("""{"dataset":"northmere-employmen","query":{}}""", 404, "unknown-dataset")]
    [InlineData("""{"dataset":"northmere-employment","query":{"where":{"SEX":"X"}}}""", 400, "unknown-code")]
    [InlineData("""{"dataset":"northmere-employment","query":{"version":1}}""", 400, "malformed-value")]
    [InlineData("""{"dataset":"northmere-employment","query":{},"version":9}""", 404, "unknown-version")]
    [InlineData("""{"dataset":"northmere-employment","query":{},"version":0}""", 400, "malformed-value")]
    [InlineData("""{"dataset":"northmere-employment"}""", 400, "missing-parameter")]
    [InlineData("""{"dataset":5,"query":{}}""", 400, "missing-parameter")]
    [InlineData("""{"querry":{}}""", 400, "unknown-parameter")]
    [InlineData("[", 400, "malformed-json")]
    public async Task A_query_that_can_not_be_answered_is_not_saved(string body, int status, string code)
    {
        var (actual, problem) = await Served.ProblemAsync("/v1/queries", new StringContent(body));
        ((int)actual, (string?)problem["code"]).ShouldBe((status, code));
    }

    [Theory]
    [InlineData("/v1/search", 400, "missing-parameter")]
    [InlineData("/v1/search?q=%20", 400, "missing-parameter")]
    [InlineData("/v1/search?q=a&type=areas", 400, "unknown-type")]
    [InlineData("/v1/search?q=a&dataset=nowhere", 404, "unknown-dataset")]
    [InlineData("/v1/search?q=a&limit=0", 400, "limit-out-of-range")]
    [InlineData("/v1/search?q=a&cursor=1-1-00", 400, "invalid-cursor")]
    [InlineData("/v1/search?q=a&q=b", 400, "malformed-value")]
    [InlineData("/v1/search?query=a", 400, "unknown-parameter")]
    [InlineData("/v1/series/northmere-employment", 400, "malformed-key")]
    [InlineData("/v1/series/northmere-employment.Q", 400, "malformed-key")]
    [InlineData("/v1/series/northmere-employment.Q..Ashwell.C.F", 400, "malformed-key")]
    [InlineData("/v1/series/northmere-employment.Q.~zz.Ashwell.C.F", 400, "malformed-key")]
    [InlineData("/v1/series/northmere-employment.Q.~FF.Ashwell.C.F", 400, "malformed-key")]
    [InlineData("/v1/series/northmere-employment.Q.~~00.Ashwell.C.F", 400, "malformed-key")]
    [InlineData("/v1/series/nowhere.Q.X", 404, "unknown-dataset")]
    [InlineData("/v1/series/northmere-employment.Q.EMPLOYED_PERSONS.Ashwel.C.F", 404, "unknown-series")]
    [InlineData("/v1/series/northmere-employment.Q.EMPLOYED_PERSONS.~~0123456789abcdef.C.F", 404, "unknown-series")]
    [InlineData("/v1/series/northmere-employment.Q.~.Ashwell.C.F", 404, "unknown-series")]
    [InlineData("/v1/series/" + Series + "?version=2", 404, "unknown-version")]
    [InlineData("/v1/series/" + Series + "?last=0", 400, "number-out-of-range")]
    [InlineData("/v1/series/" + Series + "?TIME_PERIOD=soon", 400, "malformed-period")]
    [InlineData("/v1/observations/" + Series + ".2019-Q1", 404, "unknown-observation")]
    [InlineData("/v1/observations/" + Series + ".~", 404, "unknown-observation")]
    [InlineData("/v1/observations/" + Series, 400, "malformed-key")]
    [InlineData("/v1/compare", 400, "missing-parameter")]
    [InlineData("/v1/compare?series=" + Series + "&series=nowhere.A", 404, "unknown-dataset")]
    [InlineData("/v1/compare?series=" + Series + "&series=northmere-employment.Q.EMPLOYED_PERSONS.Ashwell.C.X", 404, "unknown-series")]
    [InlineData("/v1/compare?series=" + Series + "&format=xml", 400, "unknown-format")]
    [InlineData("/v1/q/000000000000", 404, "unknown-query")]
    [InlineData("/v1/q/x/about", 404, "unknown-query")]
    [InlineData("/v1/limits?x=1", 400, "unknown-parameter")]
    public async Task A_problem_has_its_code(string address, int status, string code)
    {
        var (actual, problem) = await Served.ProblemAsync(address);
        ((int)actual, (string?)problem["code"]).ShouldBe((status, code), problem.ToJsonString());
    }

    [Fact]
    public async Task Too_much_is_refused_with_its_limit()
    {
        var limits = (await Served.JsonAsync("/v1/limits"))["limits"]!.AsArray().ToDictionary(l => (string)l!["name"]!, l => (long)l!["value"]!);
        var many = "/v1/compare?" + string.Join('&', Enumerable.Range(0, (int)limits["compare.series"] + 1).Select(i => $"series=d.{i}"));
        ((string)(await Served.ProblemAsync(many)).Problem["code"]!).ShouldBe("too-many-series");
        ((string)(await Served.ProblemAsync("/v1/search?q=" + new string('a', (int)limits["search.q.length"] + 1))).Problem["code"]!).ShouldBe("malformed-value");
        ((string)(await Served.ProblemAsync("/v1/search?q=" + string.Join('+', Enumerable.Range(0, (int)limits["search.q.words"] + 1)))).Problem["code"]!).ShouldBe("malformed-value");
        ((string)(await Served.ProblemAsync("/v1/series/d." + new string('a', (int)limits["series.key.length"]))).Problem["code"]!).ShouldBe("malformed-key");
        ((string)(await Served.ProblemAsync("/v1/series/d." + new string('a', (int)limits["series.key.length"]))).Problem["detail"]!).ShouldContain("~~");
        ((string)(await Served.ProblemAsync("/v1/series/d" + string.Concat(Enumerable.Repeat(".a", 300)))).Problem["code"]!).ShouldBe("malformed-key");
        var body = new StringContent("""{"dataset":"d","query":{"where":{"A":""" + "\"" + new string('a', (int)limits["savedQuery.body"]) + "\"}}}");
        ((string)(await Served.ProblemAsync("/v1/queries", body)).Problem["code"]!).ShouldBe("body-too-large");
        ((string)(await Served.ProblemAsync("/v1/queries", new StringContent(new string('[', 5_000)))).Problem["code"]!).ShouldBe("malformed-json");
        foreach (var (name, value) in ((string, long)[])[("format.xlsx.rows", 1_048_575), ("format.json-stat.observations", 1_000_000), ("format.json-stat.cells", 10_000_000), ("format.px.cells", 2_000_000),
            ("pxweb.cells", 1_000_000), ("odata.groups", 100_000), ("request.line", 32 << 10)])
            limits[name].ShouldBe(value, name);
        using var line = await Served.Client.GetAsync("/v1/search?q=" + new string('a', (int)limits["request.line"]));
        line.StatusCode.ShouldBe(HttpStatusCode.RequestUriTooLong);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        for (var i = 0; i <= limits["request.headers.count"]; i++)
            request.Headers.Add("X-" + i, "1");
        using var headers = await Served.Client.SendAsync(request);
        headers.StatusCode.ShouldBe(HttpStatusCode.RequestHeaderFieldsTooLarge);
    }

    [Fact]
    public async Task Conditions_head_and_options_hold()
    {
        foreach (var address in (string[])["/v1/search?q=a", $"/v1/series/{Series}", $"/v1/observations/{Series}.2023-Q2", $"/v1/compare?series={Series}"])
        {
            using var plain = await Served.Client.GetAsync(address);
            using var conditional = new HttpRequestMessage(HttpMethod.Get, address);
            conditional.Headers.IfNoneMatch.Add(plain.Headers.ETag!);
            using var unchanged = await Served.Client.SendAsync(conditional);
            unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified, address);
            using var head = await Served.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, address));
            head.Headers.ETag.ShouldBe(plain.Headers.ETag);
            using var options = await Served.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, address));
            options.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }
    }

    [Fact]
    public async Task What_an_observation_was_is_told_also_when_its_source_is_gone()
    {
        await using var own = await Served.StartWholeAsync();
        async Task UploadAsync(string file, string csv) => ((string?)(await own.UploadAsync("retail/" + file, Encoding.UTF8.GetBytes(csv)))["state"]).ShouldBe("published");
        await UploadAsync("a.csv", "Region,Year,Sales (million USD)\nNorth,2022,10.5\nSouth,2022,7.0\n");
        await UploadAsync("b.csv", "Region,Year,Sales (million USD)\nNorth,2023,11.25\n");
        await UploadAsync("c.csv", "Region,Year,Sales (million USD)\nSouth,2022,7.5\n");
        // The same name again: what stood there is put aside, and still shown.
        await UploadAsync("b.csv", "Region,Year,Sales (million USD)\nNorth,2024,12\n");
        var south = await own.JsonAsync("/v1/observations/retail.A.SALES.South.2022");
        south["history"]!.AsArray().Select(s => $"{s!["version"]} {s["value"]!.ToJsonString()} {s["place"]}").ShouldBe(["3 7.5 C2", "1 7.0 C3"]);
        ((int)south["changes"]!, (bool)south["isWholeHistory"]!).ShouldBe((1, true));
        ((string)(await own.JsonAsync("/v1/observations/retail.A.SALES.South.2022?version=2"))["value"]!.ToJsonString()).ShouldBe("7.0");
        ((string)(await own.JsonAsync("/v1/observations/retail.A.SALES.North.2023"))["source"]!["excerpt"]!["cell"]!).ShouldBe("C2");
        (await own.JsonAsync("/v1/search?q=sales"))["hits"]!.AsArray().Count.ShouldBe(1);

        // A dimension comes: what was known by a shorter key still is, and search knows the new codes.
        await UploadAsync("d.csv", "Region,Sex,Year,Sales (million USD)\nNorth,Female,2022,3\n");
        var longer = await own.JsonAsync("/v1/observations/retail.A.SALES.South.2022");
        ((string)longer["id"]!, longer["history"]!.AsArray().Count).ShouldBe(("retail.A.SALES.South._Z.2022", 2));
        ((string)(await own.JsonAsync("/v1/observations/retail.A.SALES.South._Z.2022?version=1"))["id"]!).ShouldBe("retail.A.SALES.South.2022");
        await Task.Delay(1_100);
        ((string)(await own.JsonAsync("/v1/search?q=Female"))["hits"]![0]!["places"]![0]!["component"]!).ShouldBe("SEX");

        await foreach (var blob in own.Storage.Releases.GetBlobsAsync())
            if (blob.Name.EndsWith("/d.csv", StringComparison.Ordinal))
                await own.Storage.Releases.DeleteBlobAsync(blob.Name);
        var gone = (await own.JsonAsync("/v1/observations/retail.A.SALES.North.F.2022"))["source"]!;
        gone["excerpt"].ShouldBeNull();
        ((string)gone["reason"]!).ShouldContain("not stored any more");

        // In another power of ten it is another value; and what a replacement leaves out was there once, whether its codes are still there or not.
        await UploadAsync("e.csv", "Region,Sex,Year,Sales (thousand USD)\nSouth,Female,2022,3\nNorth,Female,2022,3000.0\n");
        (await own.JsonAsync("/v1/observations/retail.A.SALES.North.F.2022"))["history"]!.AsArray().Select(s => $"{s!["value"]} {s["unit"]} {s["unitMult"]}").ShouldBe(["3000.0 USD 3", "3 USD 6"]);
        await UploadAsync("f.csv?mode=replace", "Region,Sex,Year,Sales (million USD)\nNorth,Female,2022,3\nNorth,Male,2023,4\n");
        foreach (var (address, last) in new[] { ("observations/retail.A.SALES.South.F.2022", "?version=6"), ("observations/retail.A.SALES.North.F.2023", ""), ("observations/retail.A.SALES.North._Z.2024", "?version=6"), ("series/retail.A.SALES.South.F", "?version=6") })
        {
            var (status, problem) = await own.ProblemAsync("/v1/" + address);
            ((int)status, (string?)problem["code"]).ShouldBe(last.Length > 0 ? (410, "no-longer-published") : (404, "unknown-observation"), problem.ToJsonString());
            if (last.Length > 0)
                (await own.Client.GetAsync((string)problem["didYouMean"]!)).StatusCode.ShouldBe(HttpStatusCode.OK, (string)problem["didYouMean"]!);
            ((string?)problem["didYouMean"] ?? "").ShouldEndWith(last);
        }
    }

    [Fact]
    public async Task A_release_in_SDMX_CSV_shows_its_row()
    {
        await using var own = await Served.StartWholeAsync();
        var csv = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,GEO,TIME_PERIOD,OBS_VALUE,NOTE\ndataflow,X:Y(1.0),I,A,DE,2022,1.5,a\ndataflow,X:Y(1.0),I,A,DE,2023,2.5,b\n";
        ((string?)(await own.UploadAsync("flow/y.csv", Encoding.UTF8.GetBytes(csv)))["state"]).ShouldBe("published");
        var key = (string)(await own.JsonAsync("/v1/datasets/flow/series"))["series"]![0]!["key"]!;
        var excerpt = (await own.JsonAsync($"/v1/observations/{Uri.EscapeDataString(key)}.2023"))["source"]!["excerpt"]!;
        excerpt["headers"]!.AsArray().Select(h => (string)h!).ShouldBe(["OBS_VALUE"]);
        ((string)excerpt["cell"]!, (string)excerpt["rows"]![(int)excerpt["at"]!["row"]!]!["cells"]![(int)excerpt["at"]!["column"]!]!).ShouldBe(("G3", "2.5"));
        excerpt["rows"]!.AsArray().Select(r => (bool)r!["isHeader"]!).ShouldBe([true, false, false]);
    }

    [Theory]
    [InlineData("/v1/series/northmere-employment.Q.EMPLOYED_PERSONS.Ashwell.Manufacturing.F", "ACTIVITY has no code 'Manufacturing'; that is the label of 'C' (制造业 / Manufacturing).", "C")]
    [InlineData("/v1/datasets/northmere-employment/data?ACTIVITY=%E5%88%B6%E9%80%A0%E4%B8%9A", "ACTIVITY has no code '制造业'; that is the label of 'C' (制造业 / Manufacturing).", "C")]
    [InlineData("/v1/datasets/northmere-employment/data?SEX=female", "SEX has no code 'female'; that is the label of 'F' (女 / Female).", "F")]
    [InlineData("/v1/datasets/northmere-employment/data?compute=share(ACTIVITY:Retail+trade)", "ACTIVITY has no code 'Retail trade'; that is the label of 'F52' (零售业 / Retail trade).", "F52")]
    [InlineData("/v1/datasets/northmere-employment/data?ACTIVITY=c5", "ACTIVITY has no code 'c5'; did you mean 'C' (制造业 / Manufacturing)?", "C")]
    public async Task Who_gives_a_label_is_told_the_code(string address, string detail, string code)
    {
        var problem = JsonNode.Parse(await (await Served.Client.GetAsync(address)).Content.ReadAsStringAsync())!;
        ((string)problem["detail"]!, (string)problem["didYouMean"]!).ShouldBe((detail, code));
    }

    private async Task<List<JsonObject>> SearchAsync(string q, string more = "") =>
        [.. (await Served.JsonAsync($"/v1/search?q={Uri.EscapeDataString(q)}{more}"))["hits"]!.AsArray().Select(h => h!.AsObject())];
}
