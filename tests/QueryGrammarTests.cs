using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>How one asks: the parameters of a GET and the body of a POST, what they mean, and what is refused.</summary>
public sealed class QueryGrammarTests(QueryGrammarTests.Host host) : IClassFixture<QueryGrammarTests.Host>
{
    private readonly Served served = host.Served;

    /// <summary>A dataset with a hierarchy, two frequencies, a missing value and labels in two languages, which all tests share.</summary>
    public sealed class Host : IAsyncLifetime
    {
        public Served Served { get; private set; } = null!;

        public async ValueTask InitializeAsync() => await PublishAsync(Served = await Served.StartAsync());

        public async ValueTask DisposeAsync() => await Served.DisposeAsync();
    }

    private static async Task PublishAsync(Served served)
    {
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension), new("REF_AREA", ComponentRole.Dimension), new("ACTIVITY", ComponentRole.Dimension), new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute), new(Concepts.UnitMeasure, ComponentRole.Attribute), new(Concepts.UnitMult, ComponentRole.Attribute),
        ];
        var cube = new Cube(components, []);
        var codes = new int[7];
        void Add(string freq, string area, Code activity, string period, decimal? value, string unit = "CNY")
        {
            codes[0] = components[0].Codes.Add(freq);
            codes[1] = components[1].Codes.Add(new Code(area) { Labels = new Dictionary<string, string> { ["zh"] = area == "650100" ? "乌鲁木齐市" : "甘肃", ["en"] = area == "650100" ? "Urumqi" : "Gansu" } });
            codes[2] = components[2].Codes.Add(activity);
            codes[3] = components[3].Codes.Add(period);
            codes[4] = components[4].Codes.Add(value is null ? "M" : "A");
            codes[5] = components[5].Codes.Add(unit);
            codes[6] = components[6].Codes.Add("4");
            cube.Observations.Add(codes, value / 1.000000000000m, Source.Cell(1, 1));
        }
        var (total, mining, coal) = (new Code("_T"), new Code("B") { Parent = "_T" }, new Code("B06") { Parent = "B" });
        foreach (var (year, factor) in new[] { (2022, 1m), (2023, 1.1m), (2024, 1.25m) })
        {
            foreach (var area in (string[])["620000", "650100"])
            {
                var scale = (area == "650100" ? 0.5m : 1) * factor;
                Add("A", area, total, $"{year}", 200 * scale);
                Add("A", area, mining, $"{year}", 80 * scale);
                Add("A", area, coal, $"{year}", area == "650100" && year == 2023 ? null : 20 * scale);
                Add("Q", area, total, $"{year}-Q4", 60 * scale);
            }
        }
        await served.PublishAsync("industry", cube);
    }

    [Theory]
    [InlineData("REF_AREA!=620000&FREQ=A&ACTIVITY=_T&TIME_PERIOD=2024", """{"not":{"REF_AREA":"620000"},"FREQ":"A","ACTIVITY":["_T"],"TIME_PERIOD":"2024"}""", "650100/_T/2024=125")]
    [InlineData("OBS_VALUE=gt:200", """{"OBS_VALUE":{"gt":200}}""", "620000/_T/2023=220 620000/_T/2024=250")]
    [InlineData("OBS_VALUE=ge:60,lt:75&FREQ=Q", """{"OBS_VALUE":{"ge":60,"lt":"75"},"FREQ":{"in":["Q"]}}""", "620000/_T/2022-Q4=60 620000/_T/2023-Q4=66")]
    [InlineData("OBS_VALUE=missing", """{"OBS_VALUE":{"missing":true}}""", "650100/B06/2023=")]
    [InlineData("OBS_VALUE=missing,100", """{"or":[{"OBS_VALUE":{"missing":true}},{"OBS_VALUE":100}]}""", "620000/B/2024=100 650100/B06/2023= 650100/_T/2022=100")]
    [InlineData("ACTIVITY=under:_T&REF_AREA=contains:urumqi&TIME_PERIOD=latest", """{"ACTIVITY":{"under":"_T"},"REF_AREA":{"contains":"urumqi"},"TIME_PERIOD":"latest"}""", "650100/B/2024=50 650100/B06/2024=12.5")]
    [InlineData("ACTIVITY=startsWith:B0&TIME_PERIOD=latest-1Y,latest", """{"ACTIVITY":{"startsWith":"B0"},"TIME_PERIOD":["latest","latest-1Y"]}""", "620000/B06/2023=22 620000/B06/2024=25 650100/B06/2023= 650100/B06/2024=12.5")]
    [InlineData("FREQ=Q&REF_AREA=620000&TIME_PERIOD=ge:latest-1Y", """{"FREQ":"Q","REF_AREA":"620000","TIME_PERIOD":{"since":"latest-1Y"}}""", "620000/_T/2023-Q4=66 620000/_T/2024-Q4=75")]
    [InlineData("REF_AREA=620000&ACTIVITY=_T&TIME_PERIOD=ge:latest", """{"REF_AREA":"620000","ACTIVITY":"_T","TIME_PERIOD":{"ge":"latest"}}""", "620000/_T/2024=250 620000/_T/2024-Q4=75")]
    [InlineData("REF_AREA=620000&ACTIVITY=_T&TIME_PERIOD=2023..latest-1Y", """{"REF_AREA":"620000","ACTIVITY":"_T","TIME_PERIOD":"2023..latest-1Y"}""", "620000/_T/2023=220 620000/_T/2023-Q4=66")]
    [InlineData("REF_AREA=620000&ACTIVITY=_T&TIME_PERIOD=gt:latest-1Y,le:latest", """{"REF_AREA":"620000","ACTIVITY":"_T","TIME_PERIOD":{"gt":"latest-1Y","le":"latest"}}""", "620000/_T/2024=250 620000/_T/2024-Q4=75")]
    [InlineData("REF_AREA=620000&ACTIVITY=_T&TIME_PERIOD=lt:latest-1Y", """{"REF_AREA":"620000","ACTIVITY":"_T","TIME_PERIOD":{"lt":"latest-1Y"}}""", "620000/_T/2022=200 620000/_T/2022-Q4=60")]
    public async Task A_get_and_a_post_say_the_same(string get, string where, string expected)
    {
        (await RowsAsync($"/v1/datasets/industry/data?{get}")).ShouldBe(expected);
        (await PostAsync($$"""{"where":{{where}}}""")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("TIME_PERIOD=2023-Q4,2023-12&FREQ=A", "TIME_PERIOD 2023-12 is no period of this dataset, whose periods go from 2022 to 2024-Q4.")]
    [InlineData("TIME_PERIOD=2022-S2", "TIME_PERIOD 2022-S2 is no period of this dataset; 2022-S2..2022-S2 finds those that lie within it: 1.")]
    [InlineData("TIME_PERIOD=2024..2022&layout=wide", "A range of TIME_PERIOD ends (2022-12-31) before it begins (2024-01-01).")]
    [InlineData("TIME_PERIOD=2023&OBS_VALUE=gt:100000", null)]
    [InlineData("ACTIVITY=contains:zzz&TIME_PERIOD=2023", "None of the codes of ACTIVITY is as the condition says.")]
    public async Task An_answer_without_rows_says_which_periods_there_are(string query, string? hint)
    {
        var page = await served.JsonAsync("/v1/datasets/industry/data?" + query);
        ((int)page["page"]!["count"]!).ShouldBe(0);
        ((string?)page["hints"]?[0]).ShouldBe(hint);
    }

    [Theory]
    [InlineData("application/json; charset=gb18030", 415)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("application/json; charset=no-such-set", 415)]
    [InlineData("application/json; charset=\"UTF-8\"", 200)]
    [InlineData("text/plain", 200)]
    [InlineData("no type at all", 200)]
    public async Task A_query_in_another_character_set_is_not_read_as_other_words(string type, int status)
    {
        // These bytes are 煤 in GB 18030, and ú in UTF-8.
        using var body = new ByteArrayContent([.. "{\"where\":{\"REF_AREA\":{\"contains\":\""u8, 0xC3, 0xBA, .. "\"}}}"u8]);
        body.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await served.Client.PostAsync("/v1/datasets/industry/query", body, TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Fact]
    public async Task A_byte_order_mark_before_a_query_says_nothing()
    {
        byte[] body = [.. Encoding.UTF8.Preamble, .. "{\"where\":{\"REF_AREA\":\"620000\",\"ACTIVITY\":\"_T\",\"FREQ\":\"A\"},\"last\":1,\"columns\":[\"OBS_VALUE\"],\"format\":\"csv\"}"u8];
        using var answer = await served.Client.PostAsync("/v1/datasets/industry/query", new ByteArrayContent(body));
        (await answer.Content.ReadAsStringAsync()).ShouldBe("OBS_VALUE\r\n250\r\n");
    }

    [Fact]
    public async Task Conditions_nest()
    {
        (await PostAsync("""
            {"where": {"and": [{"or": [{"REF_AREA": "620000", "ACTIVITY": "B06"}, {"not": {"or": [{"REF_AREA": "620000"}, {"ACTIVITY": ["_T", "B06"]}]}}]}, {"TIME_PERIOD": {"not": ["2022", "2023"]}}]}}
            """)).ShouldBe("620000/B06/2024=25 650100/B/2024=50");
    }

    [Fact]
    public async Task Windows_pages_and_orders_go_together()
    {
        (await RowsAsync("/v1/datasets/industry/data?FREQ=A&ACTIVITY=_T&last=1&sort=OBS_VALUE")).ShouldBe("650100/_T/2024=125 620000/_T/2024=250");
        (await RowsAsync("/v1/datasets/industry/data?FREQ=A&ACTIVITY=_T&first=1&last=1&REF_AREA=620000")).ShouldBe("620000/_T/2022=200 620000/_T/2024=250");
        var (paged, address) = (new List<string>(), (string?)"/v1/datasets/industry/data?FREQ=A&last=2&limit=5&compute=growth(1Y)");
        while (address is not null)
        {
            var page = await served.JsonAsync(address);
            paged.AddRange(page["observations"]!.AsArray().Select(o => Shown(o!) + ":" + o!["GROWTH_1Y"]));
            address = (string?)page["page"]!["next"];
        }
        paged.Count.ShouldBe(12);
        paged.ShouldBeUnique();
        paged.ShouldContain("620000/_T/2023=220:10");
        paged.ShouldContain("650100/B06/2024=12.5:");
    }

    [Fact]
    public async Task Computed_values_have_their_formula_and_stand_in_every_format()
    {
        var page = await served.JsonAsync("/v1/datasets/industry/data?REF_AREA=620000&TIME_PERIOD=2024&ACTIVITY=B&compute=growth(1Y),share(ACTIVITY),share(ACTIVITY:_T),index(2022),difference(1P)&columns=OBS_VALUE");
        page["observations"]!.ToJsonString().ShouldBe("""[{"OBS_VALUE":100,"GROWTH_1Y":13.63636,"SHARE_ACTIVITY":40,"SHARE_ACTIVITY__T":40,"INDEX_2022":125,"DIFFERENCE_1P":12}]""");
        page["measures"]!.AsArray().Select(m => (string)m!["formula"]!).ShouldContain("100 × x / x[ACTIVITY = _T], in per cent; null where x is a rate, an average or an index");
        (await served.Client.GetStringAsync("/v1/datasets/industry/data?REF_AREA=620000&TIME_PERIOD=2024&ACTIVITY=B&compute=growth(1Y)&columns=OBS_VALUE&format=csv")).ShouldBe("OBS_VALUE,GROWTH_1Y\r\n100,13.63636\r\n");
        (await served.Client.GetStringAsync("/v1/datasets/industry/data?REF_AREA=620000&TIME_PERIOD=2022,2023&FREQ=A&compute=growth(1Y)&columns=ACTIVITY&format=csv&layout=wide&sort=-ACTIVITY"))
            .ShouldBe("ACTIVITY,2022,2022_GROWTH_1Y,2023,2023_GROWTH_1Y\r\n_T,200,,220,10\r\nB06,20,,22,10\r\nB,80,,88,10\r\n");
        (await PostAsync("""{"where":{"REF_AREA":"620000","TIME_PERIOD":"2024","FREQ":"A"},"compute":[{"id":"Growth","compute":"growth(1Y)"}],"sort":["-Growth","ACTIVITY"],"limit":1}""")).ShouldBe("620000/B/2024=100");
    }

    [Fact]
    public async Task Groups_stand_in_every_format_and_can_be_sorted_and_paged()
    {
        (await served.Client.GetStringAsync("/v1/datasets/industry/data?FREQ=A&ACTIVITY=_T&group=TIME_PERIOD&aggregate=sum,mean,count&sort=-SUM&format=csv"))
            .ShouldBe("TIME_PERIOD,UNIT_MEASURE,UNIT_MULT,SUM,MEAN,COUNT,MISSING\r\n2024,CNY,4,375,187.5,2,0\r\n2023,CNY,4,330,165,2,0\r\n2022,CNY,4,300,150,2,0\r\n");
        var first = await served.JsonAsync("/v1/datasets/industry/data?FREQ=A&group=REF_AREA,ACTIVITY&aggregate=max&limit=4&labels=both&lang=zh");
        first["observations"]![0]!["REF_AREA_LABEL"]!.ToString().ShouldBe("甘肃");
        var second = await served.JsonAsync((string)first["page"]!["next"]!);
        second["observations"]!.AsArray().Count.ShouldBe(2);
        second["page"]!["next"].ShouldBeNull();
    }

    [Fact]
    public async Task Groups_stand_across_periods_with_the_same_values()
    {
        (await served.Client.GetStringAsync("/v1/datasets/industry/data?FREQ=A&ACTIVITY=_T&group=TIME_PERIOD&format=csv&layout=wide"))
            .ShouldBe("UNIT_MEASURE,UNIT_MULT,2022,2023,2024\r\nCNY,4,300,330,375\r\n");
        (await served.Client.GetStringAsync("/v1/datasets/industry/data?FREQ=A&ACTIVITY=_T&group=TIME_PERIOD,REF_AREA&aggregate=sum,count&TIME_PERIOD=ge:2023&sort=-REF_AREA&format=csv&layout=wide"))
            .ShouldBe("REF_AREA,UNIT_MEASURE,UNIT_MULT,2023_SUM,2023_COUNT,2024_SUM,2024_COUNT\r\n650100,CNY,4,110,1,125,1\r\n620000,CNY,4,220,1,250,1\r\n");
        foreach (var group in (string[])["TIME_PERIOD", "ACTIVITY,TIME_PERIOD", "TIME_PERIOD,OBS_STATUS,REF_AREA", "OBS_STATUS,FREQ,TIME_PERIOD,ACTIVITY"])
        {
            var query = $"/v1/datasets/industry/data?group={group}&aggregate=max,count";
            var expected = (await served.JsonAsync(query))["observations"]!.AsArray()
                .Select(o => string.Join('|', group.Split(',').Order(StringComparer.Ordinal).Select(id => o![id])) + $"={o!["MAX"]},{o["COUNT"]}").Order(StringComparer.Ordinal);
            var (rows, next) = (new List<string>(), (string?)query + "&layout=wide&limit=2");
            while (next is not null)
            {
                var page = await served.JsonAsync(next);
                foreach (var row in page["series"]!.AsArray())
                    foreach (var (name, count) in row!.AsObject().Where(member => member.Key.EndsWith("_COUNT", StringComparison.Ordinal) && member.Value is not null))
                    {
                        var period = name[..^"_COUNT".Length];
                        rows.Add(string.Join('|', group.Split(',').Order(StringComparer.Ordinal).Select(id => id == "TIME_PERIOD" ? period : (string?)row[id])) + $"={row[period + "_MAX"]},{count}");
                    }
                next = (string?)page["page"]!["next"];
            }
            rows.Order(StringComparer.Ordinal).ShouldBe(expected, group);
        }
        (await served.Client.GetStringAsync("/v1/datasets/industry/data?FREQ=A&ACTIVITY=B06&group=TIME_PERIOD&TIME_PERIOD=ge:2023&format=csv&layout=wide"))
            .ShouldBe("UNIT_MEASURE,UNIT_MULT,2023_SUM,2023_MISSING,2024_SUM,2024_MISSING\r\nCNY,4,22,1,37.5,0\r\n");
        var about = await served.Client.GetAsync("/v1/datasets/industry/data?FREQ=A&ACTIVITY=_T&TIME_PERIOD=1900&group=TIME_PERIOD&format=xlsx&layout=wide");
        about.StatusCode.ShouldBe(HttpStatusCode.OK, "a table without rows");
    }

    [Theory]
    [InlineData("group=REF_AREA&FREQ=A", "counts-twice")]
    [InlineData("group=REF_AREA&ACTIVITY=_T&aggregate=mean", "counts-twice")]
    [InlineData("group=NOWHERE", "unknown-dimension")]
    [InlineData("group=REF_AREA&aggregate=median", "unknown-computation")]
    [InlineData("aggregate=sum", "missing-parameter")]
    [InlineData("group=REF_AREA&compute=single", "conflicting-parameters")]
    [InlineData("group=REF_AREA&FREQ=A&ACTIVITY=_T&layout=wide", "conflicting-parameters")]
    [InlineData("compute=single&format=json-stat", "conflicting-parameters")]
    [InlineData("group=REF_AREA&FREQ=A&ACTIVITY=_T&format=px", "conflicting-parameters")]
    [InlineData("compute=growth", "malformed-value")]
    [InlineData("compute=growth(1Y),growth(1Y)", "malformed-value")]
    [InlineData("compute=groth(1Y)", "unknown-computation")]
    [InlineData("compute=share(SEX)", "unknown-dimension")]
    [InlineData("compute=share(REF_AREA)", "malformed-value")]
    [InlineData("compute=index(twenty)", "malformed-value")]
    [InlineData("last=0", "number-out-of-range")]
    [InlineData("OBS_VALUE=gt:many", "malformed-value")]
    [InlineData("OBS_VALUE=xx:5", "unknown-operator")]
    [InlineData("TIME_PERIOD=latest-1", "malformed-period")]
    [InlineData("TIME_PERIOD=latest-", "malformed-period")]
    [InlineData("TIME_PERIOD=ge:latest-Y", "malformed-period")]
    [InlineData("TIME_PERIOD=latest-99999999Y", "malformed-period")]
    [InlineData("ACTIVITY=under:X", "unknown-code")]
    [InlineData("ACTIVITY!=X", "unknown-code")]
    [InlineData("sort=GROWTH_1Y", "unknown-dimension")]
    [InlineData("group=REF_AREA&FREQ=A&ACTIVITY=_T&columns=RELEASE", "unknown-dimension")]
    [InlineData("group=REF_AREA&aggregate=count&columns=REF_AREA,SOURCE&format=xlsx", "unknown-dimension")]
    [InlineData("group=REF_AREA&aggregate=count&columns=DECIMALS&format=arrow", "unknown-dimension")]
    [InlineData("group=REF_AREA&aggregate=count&columns=OBS_VALUE&format=parquet", "unknown-dimension")]
    [InlineData("group=TIME_PERIOD&aggregate=count&columns=OBS_STATUS&layout=wide", "unknown-dimension")]
    [InlineData("group=REF_AREA&aggregate=count&columns=TIME_PERIOD", "unknown-dimension")]
    [InlineData("group=REF_AREA&aggregate=count&sort=OBS_STATUS", "unknown-dimension")]
    [InlineData("group=REF_AREA&aggregate=count&sort=OBS_VALUE", "unknown-dimension")]
    public async Task What_can_not_be_is_refused_by_name(string query, string code)
    {
        var (_, problem) = await served.ProblemAsync("/v1/datasets/industry/data?" + query);
        ((string?)problem["code"]).ShouldBe(code);
    }

    [Fact]
    public async Task Groups_name_the_columns_that_they_have_and_are_sorted_as_they_are_asked_to_be()
    {
        foreach (var body in (string[])["""{"group":["REF_AREA"],"aggregate":"count","columns":["RELEASE"]}""", """{"group":["REF_AREA"],"aggregate":"count","sort":"RELEASE"}"""])
        {
            var (status, problem) = await served.ProblemAsync("/v1/datasets/industry/query", new StringContent(body));
            (status, (string?)problem["code"]).ShouldBe((HttpStatusCode.BadRequest, "unknown-dimension"));
            problem["expected"]!.AsArray().Select(e => (string)e!).ShouldBe(body.Contains("sort", StringComparison.Ordinal) ? ["REF_AREA", "UNIT_MEASURE", "UNIT_MULT", "COUNT", "office"]
                : ["DATASET", "REF_AREA", "UNIT_MEASURE", "UNIT_MULT", "COUNT", "REF_AREA_LABEL", "UNIT_MEASURE_LABEL", "UNIT_MULT_LABEL"]);
        }
        (await served.Client.GetStringAsync("/v1/datasets/industry/data?FREQ=A&group=ACTIVITY,REF_AREA&aggregate=count&sort=REF_AREA&columns=DATASET,REF_AREA,REF_AREA_LABEL,ACTIVITY,COUNT&format=csv&lang=en"))
            .ShouldBe("DATASET,REF_AREA,REF_AREA_LABEL,ACTIVITY,COUNT\r\nindustry,620000,Gansu,B,3\r\nindustry,620000,Gansu,B06,3\r\nindustry,620000,Gansu,_T,3\r\n"
                + "industry,650100,Urumqi,B,3\r\nindustry,650100,Urumqi,B06,2\r\nindustry,650100,Urumqi,_T,3\r\n");
    }

    [Fact]
    public async Task What_is_sorted_by_need_not_be_shown_beside_what_is_computed()
    {
        var rows = (await served.JsonAsync("/v1/datasets/industry/data?compute=growth(1Y)&sort=-OBS_STATUS,REF_AREA&columns=OBS_VALUE&ACTIVITY=B06&TIME_PERIOD=2023,2024"))["observations"]!;
        rows.ToJsonString().ShouldBe("""[{"OBS_VALUE":null,"GROWTH_1Y":null},{"OBS_VALUE":22,"GROWTH_1Y":10},{"OBS_VALUE":25,"GROWTH_1Y":13.63636},{"OBS_VALUE":12.5,"GROWTH_1Y":null}]""");
    }

    [Theory]
    [InlineData("REF_AREA=甘肃", "REF_AREA has no code '甘肃'; that is the label of '620000' (甘肃 / Gansu).", "REF_AREA=620000")]
    [InlineData("REF_AREA!=urumqi", "REF_AREA has no code 'urumqi'; that is the label of '650100' (乌鲁木齐市 / Urumqi).", "REF_AREA!=650100")]
    [InlineData("REF_AREA=乌鲁木齐&FREQ=A", "REF_AREA has no code '乌鲁木齐'; did you mean '650100' (乌鲁木齐市 / Urumqi)?", "REF_AREA=650100&FREQ=A")]
    [InlineData("REF_AREA=Gannsu", "REF_AREA has no code 'Gannsu'; did you mean '620000' (甘肃 / Gansu)?", "REF_AREA=620000")]
    [InlineData("REF_AREA=Gansu,650100,Urumqi", "REF_AREA has no code 'Gansu'; that is the label of '620000' (甘肃 / Gansu). REF_AREA has no code 'Urumqi'; that is the label of '650100' (乌鲁木齐市 / Urumqi).", "REF_AREA=620000,650100,650100")]
    [InlineData("REF_AREA=Gansu&ACTIVITY=b", "REF_AREA has no code 'Gansu'; that is the label of '620000' (甘肃 / Gansu). ACTIVITY has no code 'b'; did you mean 'B'?", "REF_AREA=620000&ACTIVITY=B")]
    [InlineData("region=Gansu&start=2023Q4", "There is no parameter 'region'; did you mean 'REF_AREA'? REF_AREA has no code 'Gansu'; that is the label of '620000' (甘肃 / Gansu). There is no parameter 'start'; did you mean 'TIME_PERIOD'? TIME_PERIOD=ge:2023 is from then on, TIME_PERIOD=2021..2023 from and to. TIME_PERIOD can not be read: 'ge:2023Q4'; did you mean '2023-Q4'?", "REF_AREA=620000&TIME_PERIOD=ge:2023-Q4")]
    [InlineData("ACTIVITY=B0", "ACTIVITY has no code 'B0'; did you mean 'B'?", "ACTIVITY=B")]
    [InlineData("ACTIVITY=zzzz", "ACTIVITY has no code 'zzzz'.", null)]
    [InlineData("OBS_STATUS=value", "OBS_STATUS has no code 'value'.", null)]
    [InlineData("TIME_PERIOD>=2023", "There is no dimension or attribute 'TIME_PERIOD>'; did you mean 'TIME_PERIOD'? TIME_PERIOD=ge:… is from there on, le:… up to there.", "TIME_PERIOD=ge:2023")]
    [InlineData("TIME_PERIOD=2022&layot=wide", "There is no parameter 'layot'; did you mean 'layout'?", "TIME_PERIOD=2022&layout=wide")]
    [InlineData("sortby=OBS_VALUE", "There is no parameter 'sortby'; did you mean 'sort'? Sort=-OBS_VALUE has the greatest first.", null)]
    public async Task What_is_wrong_is_told_at_once_with_the_address_that_is_right(string query, string detail, string? corrected)
    {
        var (_, problem) = await served.ProblemAsync("/v1/datasets/industry/data?" + query);
        ((string)problem["detail"]!, (string?)problem["try"]).ShouldBe((detail, corrected is null ? null : "/v1/datasets/industry/data?" + corrected));
        if (corrected is not null)
            (await served.JsonAsync((string)problem["try"]!))["page"]!["count"]!.GetValue<int>().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Of_many_unknown_codes_the_first_are_told_and_the_others_counted()
    {
        var (_, problem) = await served.ProblemAsync("/v1/datasets/industry/query", new StringContent("{\"where\":{\"ref_area\":[" + string.Join(',', Enumerable.Range(10, 90).Select(n => $"\"x{n}\"")) + "]}}"));
        var detail = (string)problem["detail"]!;
        detail.ShouldStartWith("There is no parameter 'ref_area'; did you mean 'REF_AREA'? REF_AREA has no code 'x10'.");
        detail.ShouldEndWith("REF_AREA has no code 'x13'. 86 more are wrong.");
        ((string)problem["code"]!, (string)problem["parameter"]!).ShouldBe(("unknown-parameter", "where.ref_area"));
        (_, problem) = await served.ProblemAsync("/v1/datasets/industry/query", new StringContent("""{"where":{"TIME_PERIOD":{"since":"2022Q4"}}}"""));
        ((string?)problem["didYouMean"], (string?)problem["try"]).ShouldBe(("2022-Q4", null));
        (_, problem) = await served.ProblemAsync("/v1/datasets/industry/query", new StringContent("""{"ACTIVITY":"B"}"""));
        ((string)problem["detail"]!).ShouldBe("""There is no member of a query 'ACTIVITY'. Conditions stand in where, as in {"where": {"REF_AREA": "…"}}.""");
        (_, problem) = await served.ProblemAsync("/v1/datasets/industry/query", new StringContent("""{"where":{"ACTIVITY":"X"}}"""));
        problem["expected"]!.ToJsonString().ShouldBe("""["B","B06","_T"]""");
    }

    [Theory]
    [InlineData("2023Q4", "2023-Q4")]
    [InlineData("2023-q4", "2023-Q4")]
    [InlineData("2023M01", "2023-01")]
    [InlineData("2023-M01", "2023-01")]
    [InlineData("2023-1", "2023-01")]
    [InlineData("2023年1月", "2023-01")]
    [InlineData("2023/05", "2023-05")]
    [InlineData("202305", "2023-05")]
    [InlineData("2023.05", "2023-05")]
    [InlineData("Jan 2023", "2023-01")]
    [InlineData("2023H1", "2023-S1")]
    [InlineData("2023年", "2023")]
    [InlineData("第一季度", "2024-Q1")]
    [InlineData("Q4", "2024-Q4")]
    [InlineData("3月", "2024-03")]
    [InlineData("ge:2023Q4", "ge:2023-Q4")]
    [InlineData("2022Q4..2023Q4", "2022-Q4..2023-Q4")]
    [InlineData("le:2023H2,ge:2022Q4", "le:2023-S2,ge:2022-Q4")]
    [InlineData("2023-10-01/P3M", "2023-Q4")]
    [InlineData("2022-2023", "2022..2023")]
    [InlineData("2022Q4:2023-Q4", "2022-Q4..2023-Q4")]
    [InlineData(">=2023年", "ge:2023")]
    public async Task A_period_in_another_notation_is_told_as_it_is_written(string period, string meant)
    {
        foreach (var address in (string[])["/v1/datasets/industry/data", "/v1/series/industry.A.620000._T", "/v1/compare?series=industry.A.620000._T"])
        {
            var begin = address + (address.Contains('?') ? '&' : '?') + "TIME_PERIOD=";
            var (_, problem) = await served.ProblemAsync(begin + Uri.EscapeDataString(period));
            ((string)problem["code"]!, (string)problem["try"]!).ShouldBe(("malformed-period", begin + meant));
            (await served.Client.GetAsync((string)problem["try"]!)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("TIME_PERIOD=ge:soon", "malformed-period", null)]
    [InlineData("compute=index(2022Q4)", "malformed-value", "index(2022-Q4)")]
    public async Task What_is_no_period_is_told_the_forms_and_from_when_to_when_there_are_some(string query, string code, string? meant)
    {
        var (_, problem) = await served.ProblemAsync("/v1/datasets/industry/data?" + query);
        ((string?)problem["code"], Uri.UnescapeDataString((string?)problem["try"] ?? "").Contains(meant ?? "")).ShouldBe((code, true));
        ((string)problem["expected"]!).ShouldEndWith("; the periods of industry go from 2022 to 2024-Q4");
    }

    [Theory]
    [InlineData("""{"where":{"and":[]}}""", "malformed-value")]
    [InlineData("""{"where":{"or":{"REF_AREA":"620000"}}}""", "malformed-value")]
    [InlineData("""{"where":{"not":[]}}""", "malformed-value")]
    [InlineData("""{"where":{"REF_AREA":{}}}""", "malformed-value")]
    [InlineData("""{"where":{"REF_AREA":{"like":"65"}}}""", "unknown-operator")]
    [InlineData("""{"where":{"OBS_VALUE":{"missing":"perhaps"}}}""", "malformed-value")]
    [InlineData("""{"where":{"OBS_VALUE":1e400}}""", "malformed-value")]
    [InlineData("""{"compute":[1]}""", "malformed-value")]
    [InlineData("""{"compute":[{"id":"REF_AREA","compute":"single"}]}""", "malformed-value")]
    [InlineData("""{"group":{}}""", "malformed-value")]
    public async Task A_body_that_can_not_be_is_refused_by_name(string body, string code)
    {
        var (_, problem) = await served.ProblemAsync("/v1/datasets/industry/query", new StringContent(body));
        ((string?)problem["code"]).ShouldBe(code);
    }

    [Fact]
    public async Task Deep_and_many_conditions_are_refused_and_long_lists_are_not()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"not\":", 10_000)) + "{}" + new string('}', 10_000);
        (await served.ProblemAsync("/v1/datasets/industry/query", new StringContent("{\"where\":" + deep + "}"))).Problem["code"]!.ToString().ShouldBe("malformed-json");
        var many = string.Join(',', Enumerable.Repeat("""{"OBS_VALUE":{"gt":1}}""", 501));
        (await served.ProblemAsync("/v1/datasets/industry/query", new StringContent("{\"where\":{\"or\":[" + many + "]}}"))).Problem["code"]!.ToString().ShouldBe("too-many-conditions");
        var list = string.Join(',', Enumerable.Repeat("\"650100\"", 20_000));
        (await PostAsync("{\"where\":{\"REF_AREA\":[" + list + "],\"FREQ\":\"Q\",\"TIME_PERIOD\":\"latest\"}}")).ShouldBe("650100/_T/2024-Q4=37.5");
    }

    [Fact]
    public async Task The_reader_chooses_the_language_of_labels()
    {
        async Task<(string Label, string Vary)> AskAsync(string accept, string query = "labels=both")
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/datasets/industry/data?REF_AREA=650100&limit=1&" + query);
            request.Headers.TryAddWithoutValidation("Accept-Language", accept);
            using var response = await served.Client.SendAsync(request);
            var page = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            return ((string)page["observations"]![0]!["REF_AREA_LABEL"]!, response.Headers.Vary.ToString());
        }
        (await AskAsync("en-GB,en;q=0.9")).ShouldBe(("Urumqi", "Accept, Accept-Encoding, Accept-Language"));
        (await AskAsync("zh-Hans-CN, en;q=0.5")).Label.ShouldBe("乌鲁木齐市");
        (await AskAsync("fr, zh;q=0.3")).Label.ShouldBe("乌鲁木齐市");
        (await AskAsync("en", "labels=both&lang=zh")).ShouldBe(("乌鲁木齐市", "Accept, Accept-Encoding"));
        (await AskAsync(";;;q=x")).Label.ShouldNotBeEmpty();
        foreach (var tag in (string[])["zh-CN", "zh-Hans", "ZH", "fr,zh-hant-tw"])
            (await AskAsync("en", "labels=both&lang=" + tag)).Label.ShouldBe("乌鲁木齐市", tag);
        (await AskAsync("zh", "labels=both&lang=en-GB")).Label.ShouldBe("Urumqi");
        (await AskAsync("zh", "labels=both&lang=fi")).Label.ShouldBe((await AskAsync("", "labels=both")).Label);
        foreach (var path in (string[])["data?lang=", "series?lang=", "data?labels=both&lang=en,"])
            ((string?)(await served.ProblemAsync($"/v1/datasets/industry/{path}%25%25")).Problem["code"]).ShouldBe("malformed-value", path);
    }

    [Fact]
    public async Task A_format_may_be_written_in_capitals() =>
        (await served.Client.GetStringAsync("/v1/datasets/industry/data?format=CSV")).ShouldBe(await served.Client.GetStringAsync("/v1/datasets/industry/data?format=csv"));

    [Fact]
    public async Task Filters_may_come_as_clients_send_objects_that_do_not_know_their_style()
    {
        foreach (var face in (string[])["data", "series", "changes"])
        {
            async Task<JsonNode> FoundAsync(string query) => (await served.JsonAsync($"/v1/datasets/industry/{face}?limit=500&{query}")) is var answer && (answer["observations"] ?? answer["series"] ?? answer["changes"]) is { } rows ? rows : throw new InvalidOperationException(answer.ToJsonString());
            var plain = await FoundAsync("REF_AREA=650100&FREQ=A");
            plain.AsArray().Count.ShouldBeGreaterThan(0);
            foreach (var sent in (string[])["filters[REF_AREA]=650100&filters[FREQ]=A", "filters%5BREF_AREA%5D=650100&FREQ=A", "filters=" + Uri.EscapeDataString("""{"REF_AREA":["650100"],"FREQ":"A"}""")])
                JsonNode.DeepEquals(await FoundAsync(sent), plain).ShouldBeTrue($"{face} {sent}");
            // Both ways at once are one parameter that comes twice.
            JsonNode.DeepEquals(await FoundAsync("REF_AREA=650100&filters[REF_AREA]=620000"), await FoundAsync("REF_AREA=650100,620000")).ShouldBeTrue(face);
        }
        foreach (var refused in (string[])["filters=[object Object]", "filters={\"REF_AREA\":", "filters={\"A\":\"1\",\"A\":\"2\"}", "filters={\"REF_AREA\":\"\\ud800\"}"])
            ((string?)(await served.ProblemAsync("/v1/datasets/industry/data?" + refused)).Problem["code"]).ShouldBe("unknown-parameter", refused);
        ((string?)(await served.ProblemAsync("/v1/datasets/industry/data?filters[REF_AREA]=65010")).Problem["try"]).ShouldBe("/v1/datasets/industry/data?filters[REF_AREA]=650100");
    }

    [Fact]
    public async Task A_query_in_json_goes_on_with_its_cursor_in_every_format()
    {
        var (rows, cursor) = (new List<string>(), "");
        for (var pages = 0; cursor is not null; pages++)
        {
            using var answer = await served.Client.PostAsync("/v1/datasets/industry/query", new StringContent(
                """{"where":{"REF_AREA":"620000","FREQ":"A"},"columns":["ACTIVITY","TIME_PERIOD"],"limit":4,"format":"csv" """ + (cursor.Length > 0 ? $",\"cursor\":\"{cursor}\"}}" : "}")));
            rows.AddRange((await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1));
            cursor = answer.Headers.TryGetValues("Next-Cursor", out var next) ? next.Single() : null;
            pages.ShouldBeLessThan(3);
        }
        rows.Count.ShouldBe(9);
        rows.ShouldBeUnique();
    }

    private async Task<string> RowsAsync(string address) => Shown(await served.JsonAsync(address));

    private async Task<string> PostAsync(string body)
    {
        using var response = await served.Client.PostAsync("/v1/datasets/industry/query", new StringContent(body, Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return Shown(JsonNode.Parse(text)!.AsObject());
    }

    private static string Shown(JsonObject page) => string.Join(' ', page["observations"]!.AsArray().Select(o => Shown(o!)));

    private static string Shown(JsonNode o) => $"{o["REF_AREA"]}/{o["ACTIVITY"]}/{o["TIME_PERIOD"]}={(o["OBS_VALUE"] is { } value ? decimal.Parse(value.ToString(), System.Globalization.CultureInfo.InvariantCulture) / 1.000000000000m : "")}";
}
