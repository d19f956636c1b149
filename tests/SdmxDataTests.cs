using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Pipeline.Querying;
using Pipeline.Serving;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Data by the SDMX REST API: what is published comes out in every format, and is read back as it was.</summary>
public sealed class SdmxDataTests(SdmxDataTests.KnownHost known) : IClassFixture<SdmxDataTests.KnownHost>
{
    /// <summary>A host with the dataset <c>data</c>, for all tests that only read it.</summary>
    public sealed class KnownHost : IAsyncLifetime
    {
        public Served Served { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Served = await Served.StartAsync();
            await Served.PublishAsync("data", Of(Known));
        }

        public ValueTask DisposeAsync() => Served.DisposeAsync();
    }

    private readonly Served served = known.Served;

    private static readonly string[] Formats =
    [
        "sdmx-json-2.1.0", "sdmx-json-2.0.0", "sdmx-json-1.0.0", "sdmx-json-1.0.0-wd", "sdmx-csv-2.1.0", "sdmx-csv-2.0.0", "sdmx-csv-1.0.0", "sdmx-ml",
        "genericdata", "generictimeseriesdata", "structurespecificdata", "structurespecifictimeseriesdata",
    ];

    private static readonly string[] Areas = ["650000", "中国 A", "a.b,c", "$4E2D$", "X-1"];
    private static readonly string[] Texts = ["plain", "\"quoted\" & <b>, 文字", "two\r\nlines\tand a tab", "=1+1", "🐑", "a|b;c"];

    /// <summary>An observation: area, item, period, value, status and a note.</summary>
    private sealed record Fact(string Area, string Item, string Period, decimal? Value, string Note)
    {
        public string Key => KeyOf(SdmxIds.OfCode(Area), Item, Freq, Period);

        // SDMX has one way to write January to March, we have two: as a range, and as a quarter.
        public static string KeyOf(string area, string item, string freq, string period) =>
            string.Join('|', area, item, freq, PeriodDays.TryParse(period, out var days) ? $"{days.Start:O} {days.End:O}" : "");

        public string Freq => Period.Length == 0 ? "_Z" : Period.Contains('/') ? "_O" : Period.Contains('Q') ? "Q" : Period.Length == 4 ? "A" : Period.Contains('W') ? "W" : Period.Length == 10 ? "D" : "M";
    }

    private static readonly Gen<string> Period = Gen.Select(Gen.Int[0, 5], Gen.Int[2, 12]).Select((kind, n) => kind switch
    {
        0 => $"20{n:D2}",
        1 => $"2023-Q{(n % 4) + 1}",
        2 => $"2023-01/2023-{n:D2}",
        3 => $"2024-{n:D2}-29",
        4 => $"2023-W{n + 20}",
        _ => $"2022-{n:D2}",
    });

    private static readonly Gen<decimal?> Number = Gen.Select(Cubes.Value, Gen.Int[0, 9]).Select((value, kind) => kind switch
    {
        0 => 1234567890123456789012.345678m,
        1 => 7.0m,
        2 => -0.50m,
        _ => value,
    });

    private static readonly Gen<List<Fact>> Facts = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Period, Number, Gen.Int[-1, 5]).Select(
        (area, item, period, value, note) => new Fact(Areas[area], $"I-{item}", period, value, note < 0 ? "" : Texts[note])).List[1, 40].Select(facts => facts.DistinctBy(f => f.Key).ToList());

    private static Cube Of(IEnumerable<Fact> facts)
    {
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension),
            new(Concepts.RefArea, ComponentRole.Dimension),
            new("ITEM", ComponentRole.Dimension),
            new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute),
            new(Concepts.UnitMeasure, ComponentRole.Attribute),
            new(Concepts.UnitMult, ComponentRole.Attribute),
            new("NOTE", ComponentRole.Attribute),
        ];
        var cube = new Cube(components, []);
        var number = 1;
        foreach (var fact in facts)
        {
            string[] values = [fact.Freq, fact.Area, fact.Item, fact.Period, fact.Value is null ? "M" : "A", "PT", "3", fact.Note];
            var codes = values.Select((value, c) => value.Length == 0 && c > 3 ? -1 : components[c].Codes.Add(value)).ToArray();
            cube.Observations.Add(codes, fact.Value, Source.Cell(++number, 3));
        }
        components[1].Codes.Add(new Code(Areas[0]) { Labels = new Dictionary<string, string> { ["en"] = "Xinjiang: \"all\", 1", ["zh"] = "新疆" } });
        return cube;
    }

    [Fact]
    public async Task Whatever_is_published_is_read_back_from_every_format()
    {
        var number = 0;
        await Gen.Select(Facts, Gen.Int[0, 2].Select(n => new[] { "TIME_PERIOD", "AllDimensions", "REF_AREA" }[n])).SampleAsync(
            async (facts, atObservation) =>
            {
                var dataset = $"data{Interlocked.Increment(ref number)}";
                await served.PublishAsync(dataset, Of(facts));
                var hasTime = facts.Exists(f => f.Period.Length > 0);
                foreach (var format in Formats.Where(f => hasTime || !f.Contains("timeseries", StringComparison.Ordinal)))
                {
                    // The messages for time series hold nothing else.
                    var view = format.Contains("timeseries", StringComparison.Ordinal) ? "TIME_PERIOD" : hasTime || atObservation != "TIME_PERIOD" ? atObservation : "AllDimensions";
                    var address = $"/sdmx/v2/data/dataflow/*/{dataset}?format={format}&dimensionAtObservation={view}";
                    using var answer = await served.Client.GetAsync(address);
                    var bytes = await answer.Content.ReadAsByteArrayAsync();
                    answer.StatusCode.ShouldBe(HttpStatusCode.OK, Encoding.UTF8.GetString(bytes));
                    Same(facts, bytes, address);
                }
            },
            iter: 12,
            threads: 1);
    }

    // 2020 to 2023 of two areas and two items; a value is missing.
    private static readonly List<Fact> Known =
    [
        .. from area in (string[])["650000", "X-1"] from item in (string[])["I-0", "I-1"] from year in Enumerable.Range(2020, 4)
           select new Fact(area, item, $"{year}", (area, item, year) == ("X-1", "I-1", 2023) ? null : year + (item == "I-0" ? 0.10m : 0.2m), item == "I-0" ? "n" : ""),
    ];

    [Theory]
    // Keys
    [InlineData("/A.650000.I-0", "A.650000.I-0.2020 A.650000.I-0.2021 A.650000.I-0.2022 A.650000.I-0.2023")]
    [InlineData("/A.*.I-0?firstNObservations=1", "A.650000.I-0.2020 A.X-1.I-0.2020")]
    [InlineData("/A.650000.I-0,A.X-1.I-1?lastNObservations=1", "A.650000.I-0.2023 A.X-1.I-1.2023")]
    // Filters
    [InlineData("/*?c[TIME_PERIOD]=ge:2022&c[REF_AREA]=X-1&c[ITEM]=I-0", "A.X-1.I-0.2022 A.X-1.I-0.2023")]
    [InlineData("/*?c[OBS_VALUE]=gt:2023", "A.650000.I-0.2023 A.650000.I-1.2023 A.X-1.I-0.2023")]
    [InlineData("/A.650000?c[NOTE]=n&c[TIME_PERIOD]=2021", "A.650000.I-0.2021")]
    // Pages and order
    [InlineData("/*?offset=3&limit=2", "A.650000.I-0.2023 A.650000.I-1.2020")]
    [InlineData("/A.650000.I-0?sort=TIME_PERIOD:desc&limit=2", "A.650000.I-0.2023 A.650000.I-0.2022")]
    [InlineData("/*?sort=OBS_VALUE:desc&limit=2", "A.650000.I-1.2023 A.650000.I-0.2023")]
    [InlineData("/*.*.I-1?sort=TIME_PERIOD:desc+REF_AREA&limit=3", "A.650000.I-1.2023 A.X-1.I-1.2023 A.650000.I-1.2022")]
    [InlineData("/*?sort=OBS_VALUE:desc&limit=2&dimensionAtObservation=AllDimensions", "A.650000.I-1.2023 A.650000.I-0.2023")]
    [InlineData("/*?sort=REF_AREA:desc+TIME_PERIOD:desc&firstNObservations=1", "A.X-1.I-0.2020 A.X-1.I-1.2020 A.650000.I-0.2020 A.650000.I-1.2020")]
    [InlineData("/*?dimensionAtObservation=REF_AREA&c[TIME_PERIOD]=2020", "A.650000.I-0.2020 A.X-1.I-0.2020 A.650000.I-1.2020 A.X-1.I-1.2020")]
    // The keys of series alone
    [InlineData("/*?attributes=none&measures=none", "A.650000.I-0 A.650000.I-1 A.X-1.I-0 A.X-1.I-1")]
    [InlineData("/*?attributes=dataset,series&measures=none&limit=1&offset=1", "A.650000.I-1")]
    public async Task A_query_gives_the_observations_that_it_asks_for(string query, string keys)
    {
        var csv = await TextAsync(served, "/sdmx/v2/data/dataflow/PIPELINE/data/*" + query, "application/vnd.sdmx.data+csv;version=2.1.0;keys=obs");
        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldStartWith("STRUCTURE,STRUCTURE_ID,ACTION,OBS_KEY,FREQ,REF_AREA,ITEM");
        string.Join(' ', lines.Skip(1).Select(l => l.Split(',')[3])).ShouldBe(keys, csv);
    }

    [Theory]
    [InlineData("/*?sort=OBS_VALUE:desc&limit=3", "AllDimensions", "2023.2 2023.10 2023.10")]
    [InlineData("/*?sort=REF_AREA+TIME_PERIOD:desc&limit=3", "AllDimensions", "2023.10 2023.2 2022.10")]
    [InlineData("/A.650000.I-1?sort=OBS_VALUE:desc&limit=2", "TIME_PERIOD", "2023.2 2022.2")]
    [InlineData("/*?sort=ITEM:desc+REF_AREA+TIME_PERIOD:desc&limit=5", "TIME_PERIOD", "2023.2 2022.2 2021.2 2020.2 ")]
    public async Task An_order_that_series_cannot_keep_is_kept_without_them(string query, string atObservation, string values)
    {
        var xml = await TextAsync(served, "/sdmx/v2/data/dataflow/PIPELINE/data/*" + query, "application/vnd.sdmx.data+xml");
        xml.ShouldContain($"dimensionAtObservation=\"{atObservation}\"");
        string.Join(' ', System.Text.RegularExpressions.Regex.Matches(xml, "<Obs [^>]*?(OBS_VALUE=\"([^\"]*)\"|/>)").Select(m => m.Groups[2].Value)).ShouldBe(values, xml);
    }

    [Theory]
    [InlineData("v1/data/undated?format=generictimeseriesdata", 406)]
    [InlineData("v1/data/undated?dimensionAtObservation=TIME_PERIOD", 400)]
    [InlineData("v1/data/undated", 200)]
    [InlineData("v1/data/undated/ALL/ALL", 200)]
    [InlineData("v1/dataflow?format=application/vnd.sdmx.structure%2Bjson;version=2.0.0", 200)]
    [InlineData("v2/data/dataflow/PIPELINE/data?format=nosuch", 400)]
    [InlineData("v2/structure/dataflow/PIPELINE/data?format=nosuch", 400)]
    [InlineData("v2/structure/dataflow/PIPELINE/data?format=application/pdf", 406)]
    public async Task Time_series_need_time_and_formats_a_name(string address, int status)
    {
        await served.PublishAsync("undated", Cubes.Of([new("00", "", 1m, "A", "T")]));
        ((int)(await served.Client.GetAsync("/sdmx/" + address, TestContext.Current.CancellationToken)).StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData("data/A.650000+X-1.I-0?startPeriod=2021&endPeriod=2022-12", 4)]
    [InlineData("PIPELINE,data/all/all?lastNObservations=1", 4)]
    [InlineData("PIPELINE,data,latest/A..I-1/PIPELINE", 8)]
    [InlineData("PIPELINE,data,1.0/all?detail=dataonly&includeHistory=false", 16)]
    [InlineData("all,data,latest/all?updatedAfter=2001-01-01T00%3A00%3A00Z&dimensionAtObservation=AllDimensions", 16)]
    [InlineData("data?detail=serieskeysonly", 0)]
    public async Task A_query_of_the_first_generation_gives_its_observations(string query, int count)
    {
        var xml = await TextAsync(served, "/sdmx/v1/data/" + query, "*/*");
        xml.ShouldContain("<message:GenericData ");
        System.Text.RegularExpressions.Regex.Count(xml, "<g:Obs>").ShouldBe(count);
        System.Text.RegularExpressions.Regex.Count(xml, "<g:Series>").ShouldBe(query.Contains("AllDimensions") ? 0 : count == 0 ? 4 : query.Contains("A..I-1") || query.Contains("I-0") ? 2 : 4);
        xml.Contains("<g:Attributes>").ShouldBe(!query.Contains("detail="));
    }

    [Theory]
    [InlineData("*/*", 2, "application/vnd.sdmx.data+json;version=2.1.0")]
    [InlineData("*/*", 1, "application/vnd.sdmx.genericdata+xml;version=2.1")]
    [InlineData("application/xml", 1, "application/xml; charset=utf-8")]
    [InlineData("application/json", 2, "application/json; charset=utf-8")]
    [InlineData("text/csv", 2, "text/csv; charset=utf-8")]
    [InlineData("application/vnd.sdmx.data+json;version=2.0.0", 2, "application/vnd.sdmx.data+json;version=2.0.0")]
    [InlineData("application/vnd.sdmx.data+json;version=2+.0.0", 2, "application/vnd.sdmx.data+json;version=2.1.0")]
    [InlineData("application/vnd.sdmx.data+json;version=1.0.0-wd", 1, "application/vnd.sdmx.data+json;version=1.0.0-wd")]
    [InlineData("application/vnd.sdmx.data+json", 1, "application/vnd.sdmx.data+json;version=1.0.0")]
    [InlineData("application/vnd.sdmx.data+csv; version=2.0.0; labels=name; keys=both", 2, "application/vnd.sdmx.data+csv;version=2.0.0;labels=name;keys=both")]
    [InlineData("application/vnd.sdmx.data+csv;version=1.0.0;labels=both;timeFormat=normalized", 1, "application/vnd.sdmx.data+csv;version=1.0.0;labels=both;timeFormat=normalized")]
    [InlineData("application/vnd.sdmx.structurespecificdata+xml;version=2.1;q=0.9, application/vnd.sdmx.data+xml;version=3.0.0;q=0.5", 2, "application/vnd.sdmx.structurespecificdata+xml;version=2.1")]
    [InlineData("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", 2, "application/xml; charset=utf-8")]
    [InlineData("application/vnd.sdmx.data+json;version=9.0.0", 2, null)]
    [InlineData("application/vnd.sdmx.data+csv;version=2.1.0;labels=all", 2, null)]
    [InlineData("application/json;q=0", 2, null)]
    public async Task Accept_chooses_the_format(string accept, int generation, string? type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, generation == 1 ? "/sdmx/v1/data/data" : "/sdmx/v2/data/dataflow/PIPELINE/data");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(type is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK);
        if (type is null)
            return;
        answer.Content.Headers.NonValidated["Content-Type"].ToString().ShouldBe(type);
        answer.Headers.Vary.ShouldContain("Accept");
        using var named = await served.Client.GetAsync("/sdmx/v1/data/data?format=sdmx-csv", TestContext.Current.CancellationToken);
        named.Headers.Vary.ShouldNotContain("Accept");
    }

    [Fact]
    public async Task Labels_come_in_the_language_of_the_client()
    {
        async Task<string> Ask(string accept, string language)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/sdmx/v2/data/dataflow/PIPELINE/data/*/A.650000.I-0?lastNObservations=1&attributes=OBS_STATUS");
            request.Headers.TryAddWithoutValidation("Accept", accept);
            request.Headers.TryAddWithoutValidation("Accept-Language", language);
            using var answer = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
            answer.Headers.Vary.Contains("Accept-Language").ShouldBe(accept.Contains("labels") || accept.Contains("json"));
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
        const string csv = "application/vnd.sdmx.data+csv;version=2.1.0";
        (await Ask(csv, "zh")).ShouldBe("STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE,OBS_STATUS\r\ndataflow,PIPELINE:data(1.0.0),M,A,650000,I-0,2023,2023.10,A\r\n");
        (await Ask(csv + ";labels=both", "zh-CN, en;q=0.5")).ShouldEndWith("M,A,650000: 新疆,I-0,2023,2023.10,A\r\n");
        (await Ask(csv + ";labels=both", "fr;q=0.9, en")).ShouldEndWith("M,A,\"650000: Xinjiang: \"\"all\"\", 1\",I-0,2023,2023.10,A\r\n");
        (await Ask(csv + ";labels=name", "zh")).ShouldEndWith("M,A,,650000,新疆,I-0,,2023,,2023.10,,A,\r\n");
        (await Ask(csv + ";timeFormat=normalized;keys=both", "zh")).ShouldEndWith("M,A.650000.I-0,A.650000.I-0.2023,A,650000,I-0,2023-01-01,2023.10,A\r\n");
        foreach (var (language, name) in new[] { ("zh", "新疆"), ("en-GB", "Xinjiang: \"all\", 1") })
        {
            var json = JsonNode.Parse(await Ask("application/vnd.sdmx.data+json;version=2.0.0", language))!;
            ((string?)json["data"]!["structures"]![0]!["dimensions"]!["series"]![1]!["values"]![0]!["name"]).ShouldBe(name);
        }
    }

    [Fact]
    public async Task Changes_come_with_what_was_removed_and_history_with_when()
    {
        await using var own = await Served.StartAsync();
        var first = await own.PublishAsync("data", Of([new("650000", "I-0", "2020", 1.0m, ""), new("650000", "I-0", "2021", 2.0m, ""), new("X-1", "I-0", "2020", 3.0m, "")]));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        var second = await own.PublishAsync("data", Of([new("650000", "I-0", "2021", 2.5m, ""), new("a.b,c", "I-0", "2020", 4.0m, "")]), replace: true);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        var third = await own.PublishAsync("data", Of([new("650000", "I-0", "2021", 2.5m, ""), new("650000", "I-0", "2022", 5.0m, "")]));
        static string When(Publishing.DatasetVersion v) => Uri.EscapeDataString(v.PublishedAt.ToString("O", CultureInfo.InvariantCulture));
        const string flow = "/sdmx/v2/data/dataflow/PIPELINE/data";
        async Task<string> Rows(string query) => string.Join(' ', (await TextAsync(own, flow + query, "application/vnd.sdmx.data+csv;version=2.1.0;keys=obs"))
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')).Select(c => $"{c[2]}:{c[3]}={c[8]}"));

        (await Rows("")).ShouldBe("R:A.650000.I-0.2021=2.5 R:A.650000.I-0.2022=5.0 R:A.a$002E$b$002C$c.I-0.2020=4.0");
        (await Rows($"?updatedAfter={When(first)}")).ShouldBe(
            "D:A.650000.I-0.2020=1.0 D:A.X-1.I-0.2020=3.0 R:A.650000.I-0.2021=2.5 R:A.650000.I-0.2022=5.0 R:A.a$002E$b$002C$c.I-0.2020=4.0");
        (await Rows($"?updatedAfter={When(second)}")).ShouldBe("R:A.650000.I-0.2022=5.0");
        (await Rows($"?asOf={When(first)}")).ShouldBe("R:A.650000.I-0.2020=1.0 R:A.650000.I-0.2021=2.0 R:A.X-1.I-0.2020=3.0");
        (await Rows("/1.0.0,3.0.0/A.650000?lastNObservations=1")).ShouldBe("R:A.650000.I-0.2021=2.0 R:A.650000.I-0.2022=5.0");
        (await Rows("/*/A.650000?includeHistory=true")).ShouldBe(
            "R:A.650000.I-0.2020=1.0 R:A.650000.I-0.2021=2.0 D:A.650000.I-0.2020=1.0 R:A.650000.I-0.2021=2.5 R:A.650000.I-0.2022=5.0");
        using (var nothing = await own.Client.GetAsync($"{flow}?updatedAfter={When(third)}", TestContext.Current.CancellationToken))
            nothing.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        // The list of datasets may be a second old.
        await LocalHost.UntilAsync(async () => (await own.Client.GetStringAsync("/sdmx/v2/structure/dataflow")).Contains("3.0.0"), "the third version", 5);
        (await TextAsync(own, $"/sdmx/v2/availability/dataflow/PIPELINE/data?updatedAfter={When(second)}", "application/json")).ShouldContain("\"obsCount\":1}");

        var xml = await TextAsync(own, "/sdmx/v1/data/data/A.650000?includeHistory=true", "*/*");
        System.Text.RegularExpressions.Regex.Matches(xml, "action=\"([A-Za-z]+)\" valid(From|To)Date").Select(m => m.Groups[1].Value + m.Groups[2].Value)
            .ShouldBe(["ReplaceFrom", "DeleteTo", "ReplaceFrom", "ReplaceFrom"]);
        var json = JsonNode.Parse(await TextAsync(own, flow + "/*/A.650000?includeHistory=true&format=sdmx-json", "*/*"))!["data"]!;
        json["dataSets"]!.AsArray().Select(s => (string)s!["action"]!).ShouldBe(["Replace", "Delete", "Replace", "Replace"]);
        json["structures"]![0]!["dataSets"]!.ToJsonString().ShouldBe("[0,1,2,3]");
    }

    [Fact]
    public async Task What_a_release_brings_again_as_it_was_is_no_change()
    {
        var number = 0;
        await Gen.Select(Facts, Facts, Gen.Bool, Gen.Int[0, 3]).SampleAsync(
            async (first, second, replace, alike) =>
            {
                // Some come again as they are, some with another note, or with one more decimal.
                second = [.. first.Take(first.Count / 2).Select((fact, i) => (i % 4 == alike ? 0 : i % 4) switch
                {
                    1 => fact with { Note = fact.Note + "!" },
                    2 when fact.Value is { } value && value.Scale < 6 => fact with { Value = value * 1.0m },
                    _ => fact,
                }).Concat(second).DistinctBy(f => f.Key)];
                var dataset = $"changes{Interlocked.Increment(ref number)}";
                var then = (await served.PublishAsync(dataset, Of(first))).PublishedAt;
                await Task.Delay(5);
                await served.PublishAsync(dataset, Of(second), replace);
                var known = first.ToDictionary(f => f.Key);
                static string Written(Fact fact) => string.Join('.', fact.Freq, SdmxIds.OfCode(fact.Area), fact.Item, SdmxTime.Of(fact.Period));
                var expected = second.Where(f => !known.TryGetValue(f.Key, out var old) || (old.Value, old.Value?.Scale, old.Note) != (f.Value, f.Value?.Scale, f.Note)).Select(f => "R:" + Written(f))
                    .Concat(replace ? first.Where(f => !second.Exists(s => s.Key == f.Key)).Select(f => "D:" + Written(f)) : []).Order(StringComparer.Ordinal).ToList();
                var since = Uri.EscapeDataString(then.ToString("O", CultureInfo.InvariantCulture));
                foreach (var more in (string[])["", "&dimensionAtObservation=REF_AREA", "&includeHistory=true", "&sort=OBS_VALUE:desc&dimensionAtObservation=AllDimensions"])
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, $"/sdmx/v2/data/dataflow/PIPELINE/{dataset}?updatedAfter={since}{more}");
                    request.Headers.TryAddWithoutValidation("Accept", "application/vnd.sdmx.data+csv;version=2.1.0;keys=obs");
                    using var answer = await served.Client.SendAsync(request);
                    var text = await answer.Content.ReadAsStringAsync();
                    answer.StatusCode.ShouldBe(expected.Count == 0 ? HttpStatusCode.NotFound : HttpStatusCode.OK, text);
                    // A note with line breaks goes on in further lines.
                    string.Join(' ', text.Split("\r\n").Where(l => l.StartsWith("dataflow,", StringComparison.Ordinal)).Select(l => l.Split(',')).Select(c => $"{c[2]}:{c[3]}").Order(StringComparer.Ordinal))
                        .ShouldBe(string.Join(' ', expected), more);
                }
            },
            iter: 15,
            threads: 1);
    }

    [Fact]
    public async Task Several_dataflows_come_in_one_message()
    {
        await using var own = await Served.StartAsync();
        await own.PublishAsync("one", Of(Known));
        await own.PublishAsync("two", Cubes.Of([new("650000", "2020", 7.0m, "A", "PT")]));
        foreach (var address in (string[])["/sdmx/v2/data", "/sdmx/v2/data/*/*/one,two", "/sdmx/v2/data/dataflow/PIPELINE/*/~/A.650000"])
        {
            using var release = ReadingFixtures.Read(await own.Client.GetByteArrayAsync(address + "?format=sdmx-ml", TestContext.Current.CancellationToken), "message.dat");
            using var result = Grid.Interpret(release);
            result.Cubes.Count.ShouldBe(2, address);
            Seen.All(result).Count.ShouldBe(address.EndsWith("650000") ? 9 : 17, address);
        }
        // Who has no such dimension has nothing that matches.
        var csv = await TextAsync(own, "/sdmx/v2/data?c[ITEM]=I-0&c[TIME_PERIOD]=2020&attributes=none", "text/csv");
        csv.ShouldBe("STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ITEM,TIME_PERIOD,OBS_VALUE\r\n"
            + "dataflow,PIPELINE:one(1.0.0),M,A,650000,I-0,2020,2020.10\r\ndataflow,PIPELINE:one(1.0.0),M,A,X-1,I-0,2020,2020.10\r\n");
        (await TextAsync(own, "/sdmx/v2/data?c[TIME_PERIOD]=2020&attributes=none", "text/csv")).ShouldEndWith("dataflow,PIPELINE:two(1.0.0),M,A,650000,,2020,7.0\r\n");
    }

    [Theory]
    [InlineData("v2", "/nowhere/PIPELINE/data", 400, 150)]
    [InlineData("v2", "/provisionagreement/PIPELINE/data", 404, 100)]
    [InlineData("v2", "/dataflow/PIPELINE/dat", 404, 100)]
    [InlineData("v2", "/dataflow/OTHER/data", 404, 100)]
    [InlineData("v2", "/dataflow/PIPELINE/data/9.0.0", 404, 100)]
    [InlineData("v2", "/dataflow/PIPELINE/data/x", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data/*/A.650000.I-0.2020.more", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data/*/A.nowhere", 404, 100)]
    [InlineData("v2", "/dataflow/PIPELINE/data/*/*/more", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data?limit=0", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data?limit=99999999999999999999", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data?offset=-1", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data?offset=1000", 404, 100)]
    [InlineData("v2", "/dataflow/PIPELINE/data?firstNObservations=x", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data?dimensionAtObservation=NOWHERE", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?attributes=NOWHERE", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?measures=NOWHERE", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?sort=NOWHERE", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?sort=OBS_VALUE&dimensionAtObservation=TIME_PERIOD", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?updatedAfter=soon", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data?updatedAfter=2026-01-02T00:00:00Z&asOf=2026-01-01T00:00:00Z", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?asOf=2001-01-01", 404, 100)]
    [InlineData("v2", "/dataflow/PIPELINE/data?includeHistory=perhaps", 400, 140)]
    [InlineData("v2", "/dataflow/PIPELINE/data?includeHistory=true&limit=1", 501, 501)]
    [InlineData("v2", "/dataflow/PIPELINE/data?format=pdf", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?startPeriod=2020", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?limit=1&limit=2", 400, 150)]
    [InlineData("v2", "/dataflow/PIPELINE/data?reportingYearStartDay=x", 400, 140)]
    [InlineData("v1", "/", 400, 140)]
    [InlineData("v1", "/data/all/all/more", 400, 140)]
    [InlineData("v1", "/data/all/OTHER", 404, 100)]
    [InlineData("v1", "/dat", 404, 100)]
    [InlineData("v1", "/data?detail=some", 400, 150)]
    [InlineData("v1", "/data?startPeriod=x", 400, 140)]
    [InlineData("v1", "/data/A.650000.I-0.2020.more", 400, 140)]
    public async Task A_bad_request_is_told_in_the_form_of_SDMX(string generation, string query, int status, int code)
    {
        using var answer = await served.Client.GetAsync($"/sdmx/{generation}/data{query}", TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(status, text);
        // From SDMX-JSON 2.1 on the code is HTTP's.
        text.ShouldContain(generation == "v1" ? $"<message:ErrorMessage code=\"{code}\">" : $"\"errors\":[{{\"code\":{status},");
    }

    [Theory]
    [InlineData("v1/data/data?startPeriod=2023Q1&endPeriod=2023-06", "did you mean '2023-Q1'?", "/sdmx/v1/data/data?startPeriod=2023-Q1&endPeriod=2023-06")]
    [InlineData("v1/data/data?startPeriod=soon", "; the periods of data go from ", null)]
    [InlineData("v1/data/data/A.65000.I-0", "no code in REF_AREA of data '65000'; did you mean '650000'", "/sdmx/v1/data/data/A.650000.I-0")]
    [InlineData("v2/data/dataflow/PIPELINE/data?c[TIME_PERIOD]=ge:2023年1月", "did you mean '2023-01'?", "/sdmx/v2/data/dataflow/PIPELINE/data?c[TIME_PERIOD]=ge:2023-01")]
    [InlineData("v2/data/dataflow/PIPELINE/data?c[REF_AREA]=x-1,65000", "There is no code in REF_AREA of data '65000'; did you mean '650000'", "/sdmx/v2/data/dataflow/PIPELINE/data?c[REF_AREA]=X-1,650000")]
    [InlineData("v2/data/dataflow/PIPELINE/data?startPeriod=2020", "did you mean 'c[TIME_PERIOD]'?", "/sdmx/v2/data/dataflow/PIPELINE/data?c%5BTIME_PERIOD%5D=ge:2020")]
    public async Task What_may_be_meant_is_told_with_its_address(string query, string told, string? corrected)
    {
        using var answer = await served.Client.GetAsync("/sdmx/" + query, TestContext.Current.CancellationToken);
        var text = System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        text.ShouldContain(told);
        if (corrected is null)
            return;
        text.ShouldContain("Try: " + corrected.Replace("&", text.Contains("<message:") ? "&" : "\\u0026"));
        (await served.Client.GetAsync(corrected, TestContext.Current.CancellationToken)).StatusCode.ShouldBeOneOf(System.Net.HttpStatusCode.OK, System.Net.HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("v2/data/dataflow/PIPELINE/dat", "application/json", "$schema meta errors", "https://json.sdmx.org/2.1/sdmx-json-data-schema.json", 404)]
    [InlineData("v2/data/dataflow/PIPELINE/dat", "application/vnd.sdmx.data+json;version=2.0.0", "meta errors", "/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json", 100)]
    [InlineData("v2/data/dataflow/PIPELINE/dat?format=sdmx-json-2.0.0", "*/*", "meta errors", "/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json", 100)]
    [InlineData("v2/structure/dataflow/PIPELINE/dat", "*/*", "$schema meta errors", "https://json.sdmx.org/2.1/sdmx-json-structure-schema.json", 404)]
    [InlineData("v2/structure/dataflow/PIPELINE/dat", "application/vnd.sdmx.structure+json;version=2.0.0", "meta errors", "/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json", 100)]
    [InlineData("v1/data/dat", "application/json", "meta errors", "/data-message/tools/schemas/1.0/sdmx-json-data-schema.json", 100)]
    public async Task An_error_in_JSON_is_a_whole_message_of_the_version_that_is_asked_for(string address, string accept, string members, string schema, int code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sdmx/" + address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var message = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsObject();
        message.Select(m => m.Key).ShouldBe(members.Split(' '));
        // id, prepared and sender are what the schema requires of meta.
        var meta = message["meta"]!;
        ((string)meta["id"]!).ShouldMatch("^[A-Za-z0-9_@$-]+$");
        DateTimeOffset.Parse((string)meta["prepared"]!, CultureInfo.InvariantCulture).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        ((string)meta["sender"]!["id"]!).ShouldBe("PIPELINE");
        ((string)(message["$schema"] ?? meta["schema"])!).ShouldEndWith(schema);
        var error = message["errors"]!.AsArray().Single()!.AsObject();
        error.Select(m => m.Key).ShouldBe(["code", "title", "detail", "details"]);
        ((int)error["code"]!).ShouldBe(code);
    }

    [Fact]
    public async Task Conditions_and_methods_hold()
    {
        foreach (var address in (string[])["/sdmx/v2/data/dataflow/PIPELINE/data", "/sdmx/v1/data/data/all", "/sdmx/v2/data/dataflow/PIPELINE/data/1.0.0?format=sdmx-csv"])
        {
            using var plain = await served.Client.GetAsync(address, TestContext.Current.CancellationToken);
            var bytes = await plain.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            plain.Headers.CacheControl!.ToString().Contains("immutable").ShouldBe(address.Contains("1.0.0"));
            foreach (var condition in (Action<HttpRequestMessage>[])[r => r.Headers.TryAddWithoutValidation("If-None-Match", plain.Headers.ETag!.Tag), r => r.Headers.IfModifiedSince = plain.Content.Headers.LastModified!.Value.AddSeconds(1)])
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                condition(request);
                using var unchanged = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
                unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified, address);
            }
            using var zipped = new HttpRequestMessage(HttpMethod.Get, address);
            zipped.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
            using var gzip = await served.Client.SendAsync(zipped, TestContext.Current.CancellationToken);
            gzip.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
            var to = new MemoryStream();
            await new System.IO.Compression.GZipStream(await gzip.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), System.IO.Compression.CompressionMode.Decompress).CopyToAsync(to, TestContext.Current.CancellationToken);
            to.ToArray().ShouldBe(bytes);
            using var head = await served.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, address), TestContext.Current.CancellationToken);
            (head.StatusCode, head.Headers.ETag!.Tag).ShouldBe((HttpStatusCode.OK, plain.Headers.ETag!.Tag));
            using var options = await served.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, address), TestContext.Current.CancellationToken);
            (options.StatusCode, string.Join(", ", options.Content.Headers.Allow)).ShouldBe((HttpStatusCode.NoContent, "GET, HEAD, OPTIONS"));
            using var post = await served.Client.PostAsync(address, new StringContent(""), TestContext.Current.CancellationToken);
            post.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        }
    }

    [Fact]
    public async Task A_message_of_several_row_groups_streams_with_every_series_in_one_piece()
    {
        var rows = Enumerable.Range(0, 1_000).SelectMany(area => Enumerable.Range(0, 101).Select(year => new Row($"{area:D4}", $"{1920 + year}", year + 0.5m, "A", "PT"))).ToList();
        await served.PublishAsync("large", Cubes.Of(rows));
        foreach (var format in Formats)
        {
            var text = await TextAsync(served, "/sdmx/v2/data/dataflow/PIPELINE/large?format=" + format, "*/*");
            var (series, observations) = text[0] switch
            {
                '<' => ("<(?:g:)?Series[ >]", "<(?:g:)?Obs[ >]"),
                '{' => ("\"0:[0-9]+\":\\{", "\"[0-9]+\":\\["),
                _ => ("\r\n", "\r\n"),
            };
            System.Text.RegularExpressions.Regex.Count(text, observations).ShouldBe(text[0] is '<' or '{' ? 101_000 : 101_001, format);
            System.Text.RegularExpressions.Regex.Count(text, series).ShouldBe(text[0] is '<' or '{' ? 1_000 : 101_001, format);
            if (text[0] == '{')
                JsonNode.Parse(text);
        }
        // A list of so many SOURCEs would have to be kept until the end; of a page it is one as of all attributes.
        foreach (var (parameters, isIndexed) in new[] { ("", false), ("&limit=5", true) })
        {
            var message = JsonNode.Parse(await TextAsync(served, "/sdmx/v2/data/dataflow/PIPELINE/large/*/A.0000?format=jsondata" + parameters, "*/*"))!["data"]!;
            var attributes = message["structures"]![0]!["attributes"]!["observation"]!.AsArray();
            var place = attributes.Index().First(a => (string?)a.Item!["id"] == "SOURCE").Index;
            var first = message["dataSets"]![0]!["series"]!.AsObject().First().Value!["observations"]!["0"]![place + 1]!;
            (attributes[place]!["values"] is not null, first.GetValueKind() == System.Text.Json.JsonValueKind.Number).ShouldBe((isIndexed, isIndexed), parameters);
            (isIndexed ? (string?)attributes[place]!["values"]![(int)first]!["value"] : (string?)first).ShouldBe("C2");
        }
    }

    [Fact]
    public async Task The_client_sdmx_rest_gets_its_data_from_both_generations()
    {
        var output = await OthersTools.NodeAsync("sdmx-data.mjs", TestContext.Current.CancellationToken, served.Host.Host.Address.ToString().TrimEnd('/'), "data");
        // For each request: the series and the observations that came.
        output.ReplaceLineEndings("\n").Trim().Split('\n').ShouldBe(
        [
            "2.0 all: 4 16", "2.0 key: 1 4", "2.0 last of each, flat: 0 4", "2.0 filtered: 2 4", "2.0 history: 4 16", "2.0 1.x's query, no data: 4 0", "2.0 nothing: 404",
            "1.5 all: 4 16", "1.5 key and periods: 2 4", "1.5 keys: 4 0", "1.5 generic: 4 16", "1.0 all: 4 16",
        ]);
    }

    [Fact]
    public async Task Readers_that_others_wrote_find_every_value_in_SDMX_JSON()
    {
        var read = JsonNode.Parse(await OthersTools.NodeAsync("sdmx-json.mjs", TestContext.Current.CancellationToken, served.Host.Host.Address.ToString().TrimEnd('/'), "data"))!;
        var expected = Known.Select(f => $"{f.Area} {f.Item} {f.Period} {f.Value:0.##}").Order(StringComparer.Ordinal).ToList();
        foreach (var rows in read["newer"]!.AsArray())
        {
            rows!.AsArray().Select(r => $"{((string)r!["REF_AREA"]!).Replace("Xinjiang: \"all\", 1", "650000")} {r["ITEM"]} {r["TIME_PERIOD"]} {r["value"]}").Order(StringComparer.Ordinal).ShouldBe(expected);
            rows.AsArray().Count(r => (string)r!["OBS_STATUS"]! == "M").ShouldBe(1);
        }
        read["few"]!.AsArray().Select(r => $"{r!["ITEM"]} {r["TIME_PERIOD"]} {r["value"]}").Order(StringComparer.Ordinal).ShouldBe(["I-0 2020 2020.1", "I-0 2020 2020.1", "I-1 2020 2020.2", "I-1 2020 2020.2"]);
        // JSON-stat counts its cells with the last dimension fastest.
        var (cube, found) = (read["older"]!, new List<string>());
        List<(string Id, List<string> Codes)> dimensions = [.. cube["id"]!.AsArray().Select(id => ((string)id!, cube["dimension"]![(string)id!]!["category"]!["index"]!.AsArray().Select(c => (string)c!).ToList()))];
        foreach (var (cell, value) in cube["value"]!.AsObject())
        {
            var (at, codes) = (int.Parse(cell, CultureInfo.InvariantCulture), new Dictionary<string, string>());
            foreach (var (id, all) in Enumerable.Reverse(dimensions))
                (codes[id], at) = (all[at % all.Count], at / all.Count);
            found.Add($"{codes["REF_AREA"]} {codes["ITEM"]} {codes["TIME_PERIOD"]} {value}");
        }
        found.Order(StringComparer.Ordinal).ShouldBe(Known.Where(f => f.Value is not null).Select(f => $"{f.Area} {f.Item} {f.Period} {f.Value:0.##}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("v1", "jsondata", "application/vnd.sdmx.data+json; version=1.0.0")]
    [InlineData("v2", "jsondata", "application/vnd.sdmx.data+json; version=2.1.0")]
    [InlineData("v2", "csvfilewithlabels", "application/vnd.sdmx.data+csv; version=2.1.0; labels=both")]
    [InlineData("v1", "csvdata", "application/vnd.sdmx.data+csv; version=1.0.0")]
    [InlineData("v1", "CompactData", "application/vnd.sdmx.structurespecificdata+xml; version=2.1")]
    [InlineData("v2", "application/vnd.sdmx.data+json;version=2.0.0", "application/vnd.sdmx.data+json; version=2.0.0")]
    [InlineData("v2", "text/csv", "text/csv; charset=utf-8")]
    public async Task Format_takes_what_other_servers_call_it_and_media_types(string version, string format, string type)
    {
        using var response = await served.Client.GetAsync(version == "v1" ? $"/sdmx/v1/data/data?format={format}" : $"/sdmx/v2/data/dataflow/*/data?format={format}", TestContext.Current.CancellationToken);
        (response.StatusCode, response.Content.Headers.ContentType!.ToString()).ShouldBe((HttpStatusCode.OK, type));
    }

    [Fact]
    public async Task R_reads_the_values()
    {
        var (found, why) = await OthersTools.FindAsync("Rscript", "-e", "library(rsdmx)");
        Assert.SkipUnless(found, $"R with rsdmx (Debian: r-cran-rsdmx) is not there: {why}");
        foreach (var (format, value, time) in new[] { ("genericdata", "obsValue", "obsTime"), ("structurespecificdata", "OBS_VALUE", "TIME_PERIOD") })
        {
            var address = new Uri(served.Host.Host.Address, $"/sdmx/v1/data/data/A.X-1?format={format}");
            var script = $"suppressWarnings({{d <- as.data.frame(rsdmx::readSDMX('{address}')); cat(nrow(d), ncol(d)); for (i in seq_len(nrow(d))) cat('\n', d$REF_AREA[i], d$ITEM[i], d${time}[i], as.character(d${value}[i]), d$OBS_STATUS[i])}})";
            var (code, output) = await OthersTools.RunAsync("Rscript", ["-e", script], null, TestContext.Current.CancellationToken);
            code.ShouldBe(0, output);
            output.Split('\n').Select(l => l.Trim()).ShouldBe(
            [
                "8 12",
                .. Known.Where(f => f.Area == "X-1").Select(f => $"{f.Area} {f.Item} {f.Period} {(f.Value is null ? "NA" : format == "genericdata" ? f.Value.Value.ToString("0.##", CultureInfo.InvariantCulture) : f.Value.Value.ToString(CultureInfo.InvariantCulture))} {(f.Value is null ? "M" : "A")}"),
            ]);
        }
    }

    [Fact]
    public async Task DuckDB_reads_the_CSV()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, await TextAsync(served, "/sdmx/v2/data/dataflow/PIPELINE/data?format=sdmx-csv", "*/*"), TestContext.Current.CancellationToken);
            using var connection = new DuckDB.NET.Data.DuckDBConnection("DataSource=:memory:");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT count(*) || ' ' || count(OBS_VALUE) || ' ' || sum(OBS_VALUE)::DECIMAL(18,2) || ' ' || string_agg(DISTINCT STRUCTURE_ID) FROM read_csv('{file}', header = true)";
            ((string)command.ExecuteScalar()!).ShouldBe($"16 15 {Known.Sum(f => f.Value)} PIPELINE:data(1.0.0)");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<string> TextAsync(Served served, string address, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{address}\n{text}");
        return text;
    }

    [Fact]
    public async Task A_dataset_without_periods_has_no_time_dimension()
    {
        List<Fact> facts = [new("650000", "I-0", "", 1.50m, "n"), new("650000", "I-1", "", null, ""), new("中国 A", "I-1", "", 2m, "")];
        await served.PublishAsync("timeless", Of(facts));
        foreach (var format in Formats.Where(f => !f.Contains("timeseries", StringComparison.Ordinal)))
        {
            var address = "/sdmx/v2/data/dataflow/PIPELINE/timeless?format=" + format;
            var text = await TextAsync(served, address, "*/*");
            text.ShouldNotContain("TIME_PERIOD");
            Same(facts, Encoding.UTF8.GetBytes(text), address);
        }
    }

    [Fact]
    public async Task An_observation_without_a_period_beside_others_has_a_time_without_length()
    {
        List<Fact> facts = [new("650000", "I-0", "2023", 1.50m, "n"), new("650000", "I-1", "", 3m, ""), new("X-1", "I-1", "2023-01/2023-06", 2m, "")];
        await served.PublishAsync("mixed", Of(facts));
        const string flow = "/sdmx/v2/data/dataflow/PIPELINE/mixed";
        foreach (var format in Formats)
        {
            var address = $"{flow}?format={format}";
            var text = await TextAsync(served, address, "*/*");
            text.ShouldContain("0001-01-01/P0D", Case.Sensitive, address);
            Same(facts, Encoding.UTF8.GetBytes(text), address);
        }
        // JSON before 2.0 names every value, and nothing has an empty name or id.
        (await TextAsync(served, flow + "?format=sdmx-json-1.0.0", "*/*")).ShouldNotContain("\":\"\"");
        (await TextAsync(served, flow + "/*/*?c[TIME_PERIOD]=0001-01-01/P0D&attributes=none", "application/vnd.sdmx.data+csv;keys=obs"))
            .ShouldEndWith("\r\ndataflow,PIPELINE:mixed(1.0.0),M,_Z.650000.I-1.0001-01-01/P0D,_Z,650000,I-1,0001-01-01/P0D,3\r\n");
    }

    [Theory]
    [InlineData("v1/schema/datastructure/PIPELINE/DSD_data", "TimeSeriesDataSetType TimeSeriesType TimeSeriesObsType")]
    [InlineData("v1/schema/datastructure/PIPELINE/DSD_data?dimensionAtObservation=REF_AREA", "DataSetType SeriesType ObsType")]
    [InlineData("v1/schema/datastructure/PIPELINE/DSD_data?dimensionAtObservation=AllDimensions", "DataSetType ObsType")]
    [InlineData("v2/schema/dataflow/PIPELINE/data", "DataSetType SeriesType ObsType")]
    public async Task A_schema_of_time_series_restricts_what_their_message_takes(string address, string types)
    {
        var schema = await TextAsync(served, "/sdmx/" + address, "*/*");
        string.Join(' ', System.Text.RegularExpressions.Regex.Matches(schema, "restriction base=\"ss:([A-Za-z]+)\"").Select(m => m.Groups[1].Value)).ShouldBe(types, schema);
    }

    [Theory]
    [InlineData("v2/data/dataflow/PIPELINE/dat?format=sdmx-ml", "application/json", "application/xml")]
    [InlineData("v2/data/dataflow/PIPELINE/dat?format=CompactData", "*/*", "application/xml")]
    [InlineData("v2/data/dataflow/PIPELINE/dat?format=application/vnd.sdmx.data%2Bjson;version=2.0.0", "text/html, application/xml", "application/json")]
    [InlineData("v1/data/dat?format=sdmx-json", "*/*", "application/json")]
    [InlineData("v1/data/dat?format=sdmx-csv", "*/*", "application/xml")]
    [InlineData("v1/data/dat?format=nosuch", "application/json", "application/json")]
    [InlineData("v1/dataflow/PIPELINE/dat?format=json", "*/*", "application/json")]
    [InlineData("v2/structure/dataflow/PIPELINE/dat?format=structure", "*/*", "application/xml")]
    [InlineData("v2/availability/dataflow/PIPELINE/dat?format=xml", "*/*", "application/xml")]
    [InlineData("v1/schema/dataflow/PIPELINE/dat?format=json", "*/*", "application/json")]
    public async Task Format_decides_on_the_form_of_errors_too(string address, string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sdmx/" + address);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, answer.Content.Headers.ContentType!.MediaType, text[0]).ShouldBe((true, type, type.EndsWith("xml") ? '<' : '{'), text);
    }

    [Fact]
    public async Task Only_what_is_there_whole_may_be_kept_for_ever()
    {
        await served.PublishAsync("imm", Of(Known));
        // The list of datasets may be a second old.
        await LocalHost.UntilAsync(async () => (await served.Client.GetStringAsync("/sdmx/v2/structure/dataflow")).Contains("\"imm\""), "the dataset", 5);
        foreach (var (address, isWhole) in new[]
        {
            ("data/dataflow/PIPELINE/imm/1.0.0", true), ("data/dataflow/PIPELINE/imm,data/1.0.0?format=sdmx-ml", true), ("data/dataflow/PIPELINE/imm/1.0.0,1.0", true),
            ("data/dataflow/PIPELINE/imm/1.0.0,2.0.0", false), ("data/dataflow/PIPELINE/nosuch,imm/1.0.0", false), ("data/dataflow/PIPELINE/*/1.0.0?format=sdmx-ml", false),
            ("structure/dataflow/PIPELINE/imm,data/1.0.0", true), ("structure/codelist/PIPELINE/CL_FREQ--imm/1.0.0", true),
            ("structure/dataflow/PIPELINE/imm,nosuch/1.0.0", false), ("structure/dataflow/PIPELINE/imm/1.0.0,3.0.0", false), ("structure/dataflow/PIPELINE/*/1.0.0", false),
            ("availability/dataflow/PIPELINE/imm/1.0.0/*/*", true), ("availability/dataflow/PIPELINE/imm/1.0.0,9.0.0/*/*", false),
            ("schema/dataflow/PIPELINE/imm/1.0.0", true), ("schema/dataflow/PIPELINE/imm/1.0.0,2.0.0", false),
        })
        {
            using var answer = await served.Client.GetAsync("/sdmx/v2/" + address, TestContext.Current.CancellationToken);
            (answer.StatusCode, answer.Headers.CacheControl!.ToString().Contains("immutable")).ShouldBe((HttpStatusCode.OK, isWhole), address);
        }
    }

    [Theory]
    [InlineData("REF_AREA")]
    [InlineData("AllDimensions")]
    [InlineData("TIME_PERIOD")]
    public async Task A_dataset_whose_only_value_is_missing_is_read_back(string atObservation)
    {
        List<Fact> facts = [new("X-1", "I-0", "2023-W26", null, "")];
        await served.PublishAsync("missing" + atObservation.ToLowerInvariant().Replace('_', '-'), Of(facts));
        foreach (var format in Formats.Where(f => !f.Contains("timeseries", StringComparison.Ordinal) || atObservation == "TIME_PERIOD"))
        {
            var address = $"/sdmx/v2/data/dataflow/*/missing{atObservation.ToLowerInvariant().Replace('_', '-')}?format={format}&dimensionAtObservation={atObservation}";
            Same(facts, Encoding.UTF8.GetBytes(await TextAsync(served, address, "*/*")), address);
        }
    }

    private static void Same(List<Fact> facts, byte[] bytes, string address)
    {
        using var release = ReadingFixtures.Read(bytes, "message.dat");
        release.Format.ShouldStartWith("sdmx-");
        using var result = Grid.Interpret(release);
        string Told() => $"{address}\n{string.Join('\n', result.Findings.Kept)}\n{Encoding.UTF8.GetString(bytes)}";
        result.Findings.HasErrors.ShouldBeFalse(Told());
        var seen = Seen.All(result).ToDictionary(o => Fact.KeyOf(o[Concepts.RefArea], o["ITEM"], o[Concepts.Freq], o[Concepts.TimePeriod]));
        seen.Count.ShouldBe(facts.Count, Told());
        foreach (var fact in facts)
        {
            seen.ShouldContainKey(fact.Key, Told());
            var o = seen[fact.Key];
            (o.Value, o.Value?.Scale).ShouldBe((fact.Value, fact.Value?.Scale), Told());
            (o[Concepts.Freq], o[Concepts.ObsStatus], o[Concepts.UnitMeasure], o[Concepts.UnitMult]).ShouldBe((fact.Freq, fact.Value is null ? "M" : "A", "PT", "3"), Told());
            o["NOTE"].ShouldBe(fact.Note.Length == 0 ? "(none)" : fact.Note, Told());
        }
    }
}
