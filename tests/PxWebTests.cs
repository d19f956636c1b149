using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Reading;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>PxWebApi 2.0 over HTTP, as its clients ask.</summary>
public sealed class PxWebTests : IAsyncLifetime
{
    private Served served = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        served = await Served.StartAsync();
        await served.PublishAsync("births", Cubes.Of(
        [
            new("00", "2020", 7.0m, "A", "PS"), new("00", "2021", 8.5m, "E", "PS"), new("00", "2022", 9m, "A", "PS"),
            new("01", "2020", 1.25m, "A", "PS"), new("01", "2021", null, "M", "PS"),
            new("0101", "2022", 3m, "A", "PS"), new("b, c", "2022", 4m, "A", "PS"), new("=x", "2022", -5m, "A", "PS"),
        ]));
        await served.PublishAsync("notime", Cubes.Of([new("00", "", 1m, "A", "T"), new("01", "", 2m, "A", "T")]));
    }

    public async ValueTask DisposeAsync() => await served.DisposeAsync();

    [Fact]
    public async Task A_table_is_listed_described_and_configured()
    {
        var config = await Json("/config");
        Version.Parse((string)config["apiVersion"]!).ShouldBeGreaterThanOrEqualTo(new Version(2, 0, 0));
        ((int)config["maxDataCells"]!, (int)config["maxCallsPerTimeWindow"]!, (int)config["timeWindow"]!).ShouldBe((1_000_000, 1_000, 1));
        config["dataFormats"]!.AsArray().Select(f => (string)f!).ShouldContain((string)config["defaultDataFormat"]!);

        var tables = await Json("/tables/?pageSize=1&pageNumber=2&lang=en&includeDiscontinued=True");
        tables["tables"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe("notime");
        tables["page"]!["totalPages"]!.GetValue<int>().ShouldBe(2);
        tables["page"]!["links"]!.AsArray().Select(l => (string)l!["rel"]!).ShouldBe(["previous", "last"]);
        (await Json("/tables?query=birth&pastDays=1"))["page"]!["totalElements"]!.GetValue<int>().ShouldBe(1);
        var table = await Json("/tables/births?lang=ZH");
        (table["language"]!.ToString(), table["firstPeriod"]!.ToString(), table["lastPeriod"]!.ToString(), table["timeUnit"]!.ToString()).ShouldBe(("zh", "2020", "2022", "Annual"));
        foreach (var link in table["links"]!.AsArray())
            (await served.Client.GetAsync((string)link!["href"]!, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var metadata = await Json("/tables/births/metadata?outputFormat=json-stat2");
        Texts(metadata["id"]!).ShouldBe(["FREQ", "REF_AREA", "ContentsCode", "TIME_PERIOD"]);
        metadata["value"]!.AsArray().ShouldBeEmpty();
        (metadata["role"]!["time"]![0]!.ToString(), metadata["role"]!["geo"]![0]!.ToString(), metadata["role"]!["metric"]![0]!.ToString()).ShouldBe(("TIME_PERIOD", "REF_AREA", "ContentsCode"));
        metadata["dimension"]!.AsObject().Select(d => (bool)d.Value!["extension"]!["elimination"]!).ShouldBe([true, false, true, false]);
        metadata["dimension"]!["ContentsCode"]!["category"]!["unit"]!["OBS_VALUE"]!["decimals"]!.GetValue<int>().ShouldBe(2);
        Texts((await Json("/tables/notime/metadata"))["id"]!).ShouldBe(["FREQ", "REF_AREA", "ContentsCode"]);
        var list = await Json("/codelists/vs_births.REF_AREA");
        list["values"]!.AsArray().Select(v => (string)v!["code"]!).ShouldBe(["00", "01", "0101", "b, c", "=x"]);
    }

    [Theory]
    [InlineData("*", "00 01 0101 b, c =x")]
    [InlineData("00,01", "00 01")]
    [InlineData("01*", "01 0101")]
    [InlineData("*1", "01 0101")]
    [InlineData("*10*", "0101")]
    [InlineData("0?", "00 01")]
    [InlineData("TOP(2)", "00 01")]
    [InlineData("top(2,1)", "01 0101")]
    [InlineData("[TOP(2,1)]", "01 0101")]
    [InlineData("BOTTOM(1)", "=x")]
    [InlineData("bottom(2,1)", "0101 b, c")]
    [InlineData("RANGE(01,0101),00", "00 01 0101")]
    [InlineData("[range(0101,01)]", "01 0101")]
    [InlineData("FROM(b, c)", "b, c =x")]
    [InlineData("TO(01)", "00 01")]
    [InlineData("b, c", "b, c")]
    [InlineData("[b, c],00", "00 b, c")]
    [InlineData("B, C", "b, c")]
    public async Task Values_are_selected_by_codes_and_expressions(string values, string expected)
    {
        var data = await Json($"/tables/births/data?valuecodes[REF_AREA]={Uri.EscapeDataString(values)}&valuecodes[TIME_PERIOD]=2022");
        string.Join(' ', data["dimension"]!["REF_AREA"]!["category"]!["index"]!.AsObject().OrderBy(c => (int)c.Value!).Select(c => c.Key)).ShouldBe(expected);
        data["value"]!.AsArray().Count.ShouldBe(data["size"]!.AsArray().Aggregate(1, (n, s) => n * (int)s!));
    }

    [Theory]
    [InlineData("TOP(2)", "2021 2022")]
    [InlineData("TOP(1,1)", "2021")]
    [InlineData("BOTTOM(1)", "2020")]
    [InlineData("FROM(2021)", "2021 2022")]
    public async Task The_top_of_time_is_its_latest(string values, string expected) =>
        string.Join(' ', (await Json($"/tables/births/data?valuecodes[ref_area]=00&valuecodes[time]={values}"))["dimension"]!["TIME_PERIOD"]!["category"]!["index"]!.AsObject().Select(c => c.Key)).ShouldBe(expected);

    [Theory]
    [InlineData("&valuecodes[FREQ]=A", "TOP(1)", "2022")]
    [InlineData("&valuecodes[FREQ]=A", "top(1,1)", "2021")]
    [InlineData("&valuecodes[FREQ]=M", "2021,BOTTOM(1)", "2021 2022-10")]
    [InlineData("&valuecodes[FREQ]=M", "FROM(2022)", "2022-10 2022-11")]
    [InlineData("&valuecodes[FREQ]=*", "TOP(3)", "2022 2022-10 2022-11")]
    public async Task Expressions_count_periods_of_the_frequencies_that_are_selected(string freq, string values, string expected)
    {
        await served.PublishAsync("often", Cubes.Of([.. ((string[])["2021", "2022", "2022-10", "2022-11"]).Select(period => new Row("00", period, 1m, "A", "PS"))]));
        var data = await Json($"/tables/often/data?valuecodes[REF_AREA]=00&valuecodes[TIME_PERIOD]={values}{freq}");
        string.Join(' ', data["dimension"]!["TIME_PERIOD"]!["category"]!["index"]!.AsObject().Select(c => c.Key)).ShouldBe(expected);
        data["extension"]!["lastPeriod"]!.ToString().ShouldBe("2022-11");
        var problem = await (await served.Client.GetAsync("/pxweb/v2/tables/often/data?valuecodes[REF_AREA]=00&valuecodes[TIME_PERIOD]=FROM(2022-11)&valuecodes[FREQ]=A", Cancel)).Content.ReadFromJsonAsync<JsonObject>(Cancel);
        ((string)problem!["detail"]!).ShouldBe("The periods that FROM(2022-11) selects are of FREQ M, and of FREQ A is selected. Select M too, or periods of A.");
    }

    [Fact]
    public async Task Time_and_contents_of_one_value_need_not_be_selected_and_stay_in_the_answer()
    {
        await served.PublishAsync("census", Cubes.Of([new("00", "2021", 1m, "A", "PS"), new("01", "2021", 2m, "A", "PS")]));
        var data = await Json("/tables/census/data?valuecodes[REF_AREA]=01");
        (string.Join(' ', Texts(data["id"]!)), (int)data["value"]![0]!, (string?)data["role"]!["time"]?[0]).ShouldBe(("ContentsCode REF_AREA TIME_PERIOD", 2, "TIME_PERIOD"));
        await served.PublishAsync("trade", Trade());
        foreach (var name in (string[])["INDICATOR", "contentscode"])
        {
            data = await Json($"/tables/trade/data?valuecodes[{name}]=EXPORTS");
            (string.Join(' ', Texts(data["id"]!)), string.Join(' ', data["value"]!.AsArray())).ShouldBe(("INDICATOR TIME_PERIOD", "7"));
        }
        ((string)(await served.ProblemAsync("/pxweb/v2/tables/births/data?valuecodes[REF_AREA]=01")).Problem["code"]!).ShouldBe("missing-selection");
    }

    [Fact]
    public async Task Data_have_the_decimals_that_the_table_has()
    {
        // 9 has none, but others do.
        var data = await Json("/tables/births/data?valuecodes[REF_AREA]=00&valuecodes[ContentsCode]=*&valuecodes[TIME_PERIOD]=2022");
        foreach (var answer in (JsonObject[])[data, await Json("/tables/births/metadata")])
            ((int)answer["dimension"]!["ContentsCode"]!["category"]!["unit"]!["OBS_VALUE"]!["decimals"]!).ShouldBe(2);
    }

    [Fact]
    public async Task Values_have_their_decimals_and_missing_ones_their_status()
    {
        var text = await served.Client.GetStringAsync("/pxweb/v2/tables/births/data?valuecodes[REF_AREA]=00,01&valuecodes[TIME_PERIOD]=*", Cancel);
        text.ShouldContain("\"value\":[7.0,8.5,9,1.25,null,null],\"status\":{\"1\":\"E\",\"4\":\"M\"}");
        var body = new { selection = new object[] { new { variableCode = "REF_AREA", valueCodes = new[] { "00", "01" } }, new { variableCode = "Time", valueCodes = new[] { "*" } } }, placement = new { heading = new[] { "REF_AREA" }, stub = new[] { "TIME" } } };
        using var posted = await served.Client.PostAsJsonAsync("/pxweb/v2/tables/births/data?lang=en&outputFormat=json-stat2", body, Cancel);
        (await posted.Content.ReadAsStringAsync(Cancel)).ShouldContain("\"value\":[7.0,1.25,8.5,null,9,null]");
    }

    [Fact]
    public async Task The_unit_is_the_latest_where_all_series_have_it()
    {
        await served.PublishAsync("changed", Cubes.Of([new("00", "2020", 1m, "A", "T"), new("00", "2021", 2.5m, "A", "PS"), new("01", "2021", 3m, "A", "PS")]));
        await served.PublishAsync("mixed", Cubes.Of([new("00", "2021", 2.5m, "A", "T"), new("01", "2021", 3m, "A", "PS")]));
        var unit = (await Json("/tables/changed/metadata"))["dimension"]!["ContentsCode"]!["category"]!["unit"]!["OBS_VALUE"]!;
        ((string)unit["base"]!, (int)unit["decimals"]!).ShouldBe(("PS", 1));
        (await Json("/tables/mixed/metadata"))["dimension"]!["ContentsCode"]!["category"]!["unit"].ShouldBeNull();
    }

    [Theory]
    [InlineData("csv", "\"00\",1,12345678901234567890.25\r\n\"01\",.,-0.50\r\n")]
    [InlineData("px", "1 12345678901234567890.25\n\".\" -0.50\n")]
    [InlineData("json-stat2", "\"value\":[1,12345678901234567890.25,null,-0.50]")]
    public async Task Numbers_of_many_digits_are_exact(string format, string expected)
    {
        await served.PublishAsync("long", Cubes.Of([new("00", "2020", 1m, "A", "PS"), new("00", "2021", 12345678901234567890.25m, "A", "PS"), new("01", "2021", -0.50m, "A", "PS")]));
        (await served.Client.GetStringAsync("/pxweb/v2/tables/long/data?valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=*&outputFormat=" + format, Cancel)).ShouldContain(expected);
    }

    [Fact]
    public async Task Every_format_has_the_same_cells()
    {
        const string query = "/pxweb/v2/tables/births/data?valuecodes[REF_AREA]=00,01,%3Dx&valuecodes[TIME_PERIOD]=2020,2021&outputFormat=";
        Task<string> Get(string format) => served.Client.GetStringAsync(query + format, Cancel);
        (await Get("csv")).ShouldBe("\"REF_AREA\",\"2020\",\"2021\"\r\n\"00\",7.0,8.5\r\n\"01\",1.25,...\r\n\"'=x\",.,.\r\n");
        (await Get("csv&outputFormatParams=UseCodesAndTexts,SeparatorSemicolon&heading=REF_AREA")).ShouldStartWith("\"TIME_PERIOD - TIME_PERIOD\";\"00 - 00\";\"01 - 01\";\"=x - =x\"".Replace("\"=x", "\"'=x", StringComparison.Ordinal));
        (await Get("csv&outputFormatParams=IncludeTitle&outputFormatParams=SeparatorTab")).Split("\r\n")[0].ShouldStartWith("\"");
        (await Get("html")).ShouldContain("<tr><th scope=\"row\">00</th><td>7.0</td><td>8.5</td></tr>");
        var rows = JsonNode.Parse(await Get("json-px"))!["data"]!.AsArray();
        rows.Select(r => $"{string.Join('/', Texts(r!["key"]!))}={r["values"]![0]}").ShouldBe(["00/2020=7.0", "00/2021=8.5", "01/2020=1.25", "01/2021=...", "=x/2020=.", "=x/2021=."]);
        using (var release = ReleaseReader.Read(new MemoryStream(await served.Client.GetByteArrayAsync(query + "px", Cancel)), "t.px"))
        using (var result = Interpreter.Interpret(release, new ReleaseContext("t")))
            result.Cubes[0].Observations.Read().Single().Count.ShouldBe(6);
        using (var workbook = new ZipArchive(new MemoryStream(await served.Client.GetByteArrayAsync(query + "xlsx", Cancel))))
        using (var sheet = new StreamReader(workbook.GetEntry("xl/worksheets/sheet1.xml")!.Open()))
            (await sheet.ReadToEndAsync(Cancel)).ShouldContain("<t xml:space=\"preserve\">00</t></is></c><c><v>7.0</v></c><c><v>8.5</v></c>");
        Encoding.ASCII.GetString(await served.Client.GetByteArrayAsync(query + "parquet", Cancel))[..4].ShouldBe("PAR1");
    }

    [Fact]
    public async Task The_default_selection_shows_something_and_can_be_sent_back()
    {
        foreach (var id in new[] { "births", "notime" })
        {
            var selection = await Json($"/tables/{id}/defaultselection");
            var data = await Json($"/tables/{id}/data");
            data["value"]!.AsArray().Count(v => v is not null).ShouldBeGreaterThan(1);
            using var again = await served.Client.PostAsJsonAsync($"/pxweb/v2/tables/{id}/data", selection, Cancel);
            JsonNode.DeepEquals(JsonNode.Parse(await again.Content.ReadAsStringAsync(Cancel)), data).ShouldBeTrue();
            using var empty = await served.Client.PostAsync($"/pxweb/v2/tables/{id}/data", null, Cancel);
            empty.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData(404, "Non-existent table", "/tables/birth")]
    [InlineData(404, "Non-existent table", "/tables/birth/data?valuecodes[X]=*")]
    [InlineData(404, "Non-existent page", "/tables?pageNumber=9")]
    [InlineData(400, "Bad Request", "/tables?pageSize=0")]
    [InlineData(400, "Bad Request", "/tables?pastDays=99999999999999999999")]
    [InlineData(400, "Bad Request", "/tables?includeDiscontinued=maybe")]
    [InlineData(400, "Unsupported language", "/tables?lang=xx")]
    [InlineData(400, "Non-existent variable", "/tables/births/data?valuecodes[AREA]=*")]
    [InlineData(400, "Non-existent value", "/tables/births/data?valuecodes[REF_AREA]=99&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Non-existent value", "/tables/births/data?valuecodes[REF_AREA]=zz*&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Non-existent value", "/tables/births/data?valuecodes[REF_AREA]=RANGE(01,99)&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Missing selection for mandatory variable", "/tables/births/data?valuecodes[REF_AREA]=*")]
    [InlineData(400, "Missing selection for mandatory variable", "/tables/births/data?valuecodes[REF_AREA]=&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Illegal selection expression", "/tables/births/data?valuecodes[REF_AREA]=TOP(x)&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Illegal selection expression", "/tables/births/data?valuecodes[REF_AREA]=TOP(1&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Illegal selection expression", "/tables/births/data?valuecodes[REF_AREA]=a*b*c&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Illegal selection expression", "/tables/births/data?valuecodes[REF_AREA]=RANGE(01)&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Illegal placement", "/tables/births/data?valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=*&stub=FREQ")]
    [InlineData(400, "Illegal placement", "/tables/births/data?valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=*&stub=TIME&heading=TIME")]
    [InlineData(400, "Non-existent codelist", "/tables/births/data?valuecodes[REF_AREA]=*&codelist[REF_AREA]=agg_x&valuecodes[TIME_PERIOD]=*")]
    [InlineData(400, "Unsupported output format", "/tables/births/data?outputFormat=zip")]
    [InlineData(400, "Unsupported output format", "/tables/births/data?outputFormat=px&outputFormatParams=UseCodes")]
    [InlineData(400, "Unsupported output format", "/tables/births/data?outputFormat=csv&outputFormatParams=UseCodes,UseTexts")]
    [InlineData(400, "Bad Request", "/tables/births/data?valuecodes=1")]
    [InlineData(400, "Bad Request", "/tables/births/data?valuecode[REF_AREA]=1")]
    [InlineData(400, "Bad Request", "/tables/births/data?stubs=REF_AREA")]
    [InlineData(400, "Bad Request", "/tables/births/data?stub[REF_AREA]=1")]
    [InlineData(400, "Bad Request", "/tables/births/data?valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=*&outputvalues[REF_AREA]=sum")]
    [InlineData(400, "Non-existent variable", "/tables/births/data?valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=*&outputvalues[AREA]=single")]
    [InlineData(400, "Bad Request", "/tables?search=birth")]
    [InlineData(400, "Bad Request", "/tables/births/defaultselection?outputFormat=px")]
    [InlineData(400, "Unsupported language", "/config?lang=xx")]
    [InlineData(400, "Unsupported language", "/codelists/vs_births.REF_AREA?lang=xx")]
    [InlineData(404, "Non-existent codelist", "/codelists/vs_births.AREA")]
    [InlineData(404, "Non-existent codelist", "/codelists/x")]
    [InlineData(404, "Saved query not found", "/tables/births/metadata?savedQuery=1")]
    [InlineData(404, "Saved query not found", "/savedqueries/0123456789ab")]
    [InlineData(404, "Saved query not found", "/savedqueries/..%2f/data")]
    [InlineData(404, "Saved query not found", "/savedqueries/1/selection")]
    [InlineData(405, "Method Not Allowed", "/savedqueries")]
    [InlineData(404, "Not Found", "/navigation")]
    public async Task What_is_wrong_is_said_as_pxweb_says_it(int status, string title, string address)
    {
        using var answer = await served.Client.GetAsync("/pxweb/v2" + address, Cancel);
        ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType).ShouldBe((status, "application/problem+json"), await answer.Content.ReadAsStringAsync(Cancel));
        var problem = (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!;
        ((int)problem["status"]!, (string)problem["title"]!).ShouldBe((status, title));
        new Uri((string)problem["type"]!).IsAbsoluteUri.ShouldBeTrue();
        problem["detail"]!.ToString().ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("TIME_PERIOD", "2021年", "There is no value of TIME_PERIOD '2021年'; did you mean '2021'? The periods of births go from 2020 to 2022.", "2021")]
    [InlineData("TIME_PERIOD", "FROM(2021FY)", "There is no value of TIME_PERIOD '2021FY'; did you mean '2021'? The periods of births go from 2020 to 2022.", "FROM(2021)")]
    [InlineData("TIME_PERIOD", "2031", "There is no value of TIME_PERIOD '2031'. The periods of births go from 2020 to 2022.", null)]
    [InlineData("REF_AREA", "010", "There is no value of REF_AREA '010'; did you mean '0101'?", "0101")]
    public async Task A_value_that_is_not_there_is_told_with_what_may_be_meant(string variable, string value, string detail, string? corrected)
    {
        var rest = variable == "REF_AREA" ? "&valuecodes[TIME_PERIOD]=*" : "&valuecodes[REF_AREA]=*";
        var (_, problem) = await served.ProblemAsync($"/pxweb/v2/tables/births/data?valuecodes[{variable}]={Uri.EscapeDataString(value)}{rest}");
        ((string?)problem["detail"], problem["try"] is { } address ? Uri.UnescapeDataString((string)address!) : null).ShouldBe(
            (detail, corrected is null ? null : $"/pxweb/v2/tables/births/data?valuecodes[{variable}]={corrected}{rest}"));
    }

    [Theory]
    [InlineData("5", "malformed-json", "body")]
    [InlineData("{\"selection\":5}", "malformed-json", "selection")]
    [InlineData("{\"selection\":[5]}", "malformed-json", "selection[0]")]
    [InlineData("{\"selection\":[{}]}", "malformed-json", "selection[0].variableCode")]
    [InlineData("{\"selection\":[{\"variableCode\":\"REF_AREA\",\"valueCodes\":[5]}]}", "malformed-json", "selection[0].valueCodes")]
    [InlineData("{\"selection\":[{\"variableCode\":\"REF_AREA\",\"valueCodes\":\"01\"}]}", "malformed-json", "selection[0].valueCodes")]
    [InlineData("{\"selection\":[{\"variableCode\":\"FREQ\"},{\"variableCode\":\"REF_AREA\",\"codelist\":[]}]}", "malformed-json", "selection[1].codelist")]
    [InlineData("{\"selection\":[],\"placement\":[]}", "malformed-json", "placement")]
    [InlineData("{\"selection\":[],\"Selection\":[]}", "malformed-json", "Selection")]
    [InlineData("{\"selection\":[],\"selection\":[]}", "malformed-json", "body")]
    [InlineData("{\"selection\":[{\"variableCode\":\"REF_AREA\",\"valueCodes\":[\"\\ud800\"]}]}", "malformed-json", "body")]
    [InlineData("{\"selection\":", "malformed-json", "body")]
    [InlineData("{\"selections\":[]}", "unknown-parameter", "selections", "selection")]
    [InlineData("{\"selection\":[{\"variableCode\":\"REF_AREA\",\"valuecode\":[\"01\"]}]}", "unknown-parameter", "selection[0].valuecode", "valueCodes")]
    [InlineData("{\"selection\":[],\"placement\":{\"headings\":[]}}", "unknown-parameter", "placement.headings", "heading")]
    [InlineData("{\"query\":[],\"response\":{\"format\":\"json-stat2\"}}", "unknown-parameter", "query")]
    [InlineData("{\"selection\":[{\"variableCode\":\"REF_AREA\",\"valueCodes\":[\"01\"],\"codelist\":\"agg\"}]}", "unknown-codelist", "codelist[REF_AREA]")]
    [InlineData("{\"selection\":[{\"variableCode\":\"REF_AREA\",\"valueCodes\":[\"01\"]},{\"variableCode\":\"ref_area\",\"valueCodes\":[\"00\"]}]}", "malformed-value", "valuecodes[ref_area]")]
    public async Task A_body_that_is_no_selection_is_refused(string body, string code, string parameter, string? meant = null)
    {
        var (status, problem) = await served.ProblemAsync("/pxweb/v2/tables/births/data", new StringContent(body, Encoding.UTF8, "application/json"));
        (status, (string)problem["code"]!, (string)problem["parameter"]!, (string?)problem["didYouMean"]).ShouldBe((HttpStatusCode.BadRequest, code, parameter, meant));
    }

    [Fact]
    public async Task Members_may_be_written_in_any_case_and_the_default_selection_be_laid_out()
    {
        var body = new StringContent("""{"Selection":[{"variablecode":"REF_AREA","VALUECODES":["01"],"codeList":null,"outputValues":"single"},{"variableCode":"TIME_PERIOD","valueCodes":["2020"]}]}""");
        using var posted = await served.Client.PostAsync("/pxweb/v2/tables/births/data", body, Cancel);
        (await posted.Content.ReadAsStringAsync(Cancel)).ShouldContain("\"value\":[1.25]");
        Texts((await Json("/tables/births/data?stub[]=TIME"))["extension"]!["px"]!["stub"]!).ShouldBe(["TIME_PERIOD"]);
    }

    [Fact]
    public async Task A_query_is_saved_shown_and_answered()
    {
        const string selection = """{"selection":[{"variableCode":"REF_AREA","valueCodes":["0?"]},{"variableCode":"time","valueCodes":["TOP(1)"]}],"placement":{"heading":["REF_AREA"],"stub":["TIME"]}}""";
        async Task<(HttpResponseMessage Answer, JsonObject Body)> Save(string body)
        {
            var answer = await served.Client.PostAsync("/pxweb/v2/savedqueries", new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
            return (answer, (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!);
        }
        var (created, saved) = await Save($$"""{"id":"","tableId":"births","language":"EN","selection":{{selection}},"outputFormat":"csv","outputFormatParams":["SeparatorSemicolon"]}""");
        var id = (string)saved["id"]!;
        (created.StatusCode, created.Headers.Location!.ToString(), (string)saved["language"]!).ShouldBe((HttpStatusCode.Created, "/pxweb/v2/savedqueries/" + id, "en"));
        var shown = await Json("/savedqueries/" + id);
        JsonNode.DeepEquals(shown, saved).ShouldBeTrue();
        // What is shown can be saved, and is the same.
        (await Save(shown["savedQuery"]!.ToJsonString())).Body["id"]!.ToString().ShouldBe(id);

        foreach (var link in shown["links"]!.AsArray())
            (await served.Client.GetAsync((string)link!["href"]!, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await served.Client.GetStringAsync($"/pxweb/v2/savedqueries/{id}/data", Cancel)).ShouldBe("\"TIME_PERIOD\";\"00\";\"01\"\r\n\"2022\";9;.\r\n");
        (await Json($"/savedqueries/{id}/data?outputFormat=json-stat2"))["value"]!.ToJsonString().ShouldBe("[9,null]");
        var made = await Json($"/savedqueries/{id}/selection");
        made["selection"]!.AsArray().ToDictionary(s => (string)s!["variableCode"]!, s => s!["valueCodes"]!.ToJsonString())
            .ShouldBe(new Dictionary<string, string> { ["FREQ"] = "[]", ["REF_AREA"] = "[\"00\",\"01\"]", ["ContentsCode"] = "[]", ["TIME_PERIOD"] = "[\"2022\"]" });

        // Expressions are worked out anew when more has been published.
        await served.PublishAsync("births", Cubes.Of([new("00", "2023", 10m, "A", "PS"), new("01", "2023", 11m, "A", "PS")]));
        await LocalHost.UntilAsync(async () => (await served.Client.GetStringAsync($"/pxweb/v2/savedqueries/{id}/data", Cancel)).Contains("\"2023\";10;11"), "the new period");

        // A query of one face is none of another's.
        (await served.Client.GetAsync("/v1/q/" + id, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var (chosen, query) = await Save("""{"tableId":"births","language":"en","selection":{"selection":[{"variableCode":"REF_AREA","valueCodes":["*"],"codelist":"vs_births.REF_AREA"},{"variableCode":"TIME_PERIOD","valueCodes":["*"]}]}}""");
        chosen.StatusCode.ShouldBe(HttpStatusCode.Created);
        ((int)(await Json("/tables/births/metadata?savedQuery=" + query["id"]))["size"]![1]!).ShouldBe(5);
        (await served.ProblemAsync("/pxweb/v2/tables/notime/metadata?savedQuery=" + id)).Problem["parameter"]!.ToString().ShouldBe("savedQuery");
        foreach (var (body, title, parameter) in new[]
        {
            ("", "No query specified", "body"),
            ($$"""{"language":"en","selection":{{selection}}}""", "Bad Request", "tableId"),
            ($$"""{"tableId":"births","selection":{{selection}}}""", "Bad Request", "language"),
            ("""{"tableId":"births","language":"en"}""", "Bad Request", "selection"),
            ("""{"tableId":"births","language":"en","selection":{"selection":[{"variableCode":"REF_AREA","valueCode":[]}]}}""", "Bad Request", "selection.selection[0].valueCode"),
            ($$"""{"tableId":"births","language":"xx","selection":{{selection}}}""", "Unsupported language", "lang"),
            ($$"""{"tableId":"births","language":"en","selection":{{selection}},"outputFormat":"px","outputFormatParams":["UseCodes"]}""", "Unsupported output format", "outputFormatParams"),
            ("""{"tableId":"births","language":"en","selection":{"selection":[{"variableCode":"REF_AREA","valueCodes":["x"]}]}}""", "Non-existent value", "valuecodes[REF_AREA]"),
        })
        {
            var (answer, problem) = await Save(body);
            (answer.StatusCode, (string)problem["title"]!, (string)problem["parameter"]!).ShouldBe((HttpStatusCode.BadRequest, title, parameter), body);
        }
    }

    [Fact]
    public async Task More_cells_than_allowed_more_expressions_and_other_methods_are_refused()
    {
        await served.PublishAsync("large", Cubes.Of(Enumerable.Range(0, 1_100).Select(i => new Row($"A{i}", new DateOnly(2000, 1, 1).AddDays(i).ToString("yyyy-MM-dd"), i, "A", "T"))));
        var (status, problem) = await served.ProblemAsync("/pxweb/v2/tables/large/data?valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=*&valuecodes[FREQ]=*");
        (status, (string)problem["title"]!).ShouldBe((HttpStatusCode.Forbidden, "Too many cells selected"));
        // Its metadata and parts of it are there all the same.
        (await Json("/tables/large/metadata"))["size"]!.AsArray().Select(s => (int)s!).ShouldBe([1, 1_100, 1, 1_100]);
        (await Json("/tables/large/data?valuecodes[REF_AREA]=A7&valuecodes[TIME_PERIOD]=*"))["value"]!.AsArray()[7]!.ToString().ShouldBe("7");
        (status, problem) = await served.ProblemAsync("/pxweb/v2/tables/births/data?valuecodes[TIME_PERIOD]=*&valuecodes[REF_AREA]=" + string.Join(',', Enumerable.Repeat("*", 200)));
        (status, (string)problem["title"]!).ShouldBe((HttpStatusCode.BadRequest, "Illegal selection expression"));
        using var delete = await served.Client.DeleteAsync("/pxweb/v2/tables/births", Cancel);
        (delete.StatusCode, delete.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.MethodNotAllowed, "application/problem+json"));
    }

    [Fact]
    public async Task Answers_are_cached_and_have_heads_and_options()
    {
        foreach (var address in new[] { "/config", "/tables", "/tables/births", "/tables/births/metadata", "/tables/births/defaultselection", "/tables/births/data", "/codelists/vs_births.REF_AREA" })
        {
            using var get = await served.Client.GetAsync("/pxweb/v2" + address, Cancel);
            using var again = new HttpRequestMessage(HttpMethod.Get, "/pxweb/v2" + address);
            again.Headers.TryAddWithoutValidation("If-None-Match", get.Headers.ETag!.Tag);
            using var unchanged = await served.Client.SendAsync(again, Cancel);
            unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified, address);
            using var head = await served.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/pxweb/v2" + address), Cancel);
            (head.StatusCode, head.Headers.ETag!.Tag).ShouldBe((HttpStatusCode.OK, get.Headers.ETag.Tag), address);
            using var options = await served.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/pxweb/v2" + address), Cancel);
            (options.StatusCode, options.Headers.GetValues("Access-Control-Allow-Origin").Single()).ShouldBe((HttpStatusCode.NoContent, "*"));
        }
        var collection = await served.JsonAsync("/jsonstat/collection");
        var host = served.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        collection["link"]!["item"]!.AsArray().Select(i => (string)i!["href"]!).ShouldBe([host + "/v1/datasets/births/data?format=json-stat", host + "/v1/datasets/notime/data?format=json-stat"]);
    }

    [Theory]
    [InlineData("/v1/datasets/births/data?format=json-stat", "\"source\":\"Pipeline\"")]
    [InlineData("/v1/datasets/births/data?format=px", "SOURCE=\"Pipeline\"")]
    [InlineData("/pxweb/v2/tables/births", "\"source\":\"Pipeline\"")]
    [InlineData("/pxweb/v2/tables/births/data", "\"source\":\"Pipeline\"")]
    [InlineData("/pxweb/v2/tables/births/data?outputFormat=json-px", "\"source\":\"Pipeline\"")]
    public async Task The_source_is_who_publishes(string address, string source) => (await served.Client.GetStringAsync(address, Cancel)).ShouldContain(source);

    [Theory]
    [InlineData("json-stat")]
    [InlineData("px")]
    public async Task A_cube_of_nothing_is_refused(string format)
    {
        var (status, problem) = await served.ProblemAsync($"/v1/datasets/births/data?REF_AREA=0101&TIME_PERIOD=2020&format={format}");
        (status, (string)problem["code"]!).ShouldBe((HttpStatusCode.UnprocessableEntity, "too-few-for-format"));
    }

    [Theory]
    [InlineData("/jsonstat/collection", 2)]
    [InlineData("/v1/datasets/births/data?format=json-stat", 3)]
    [InlineData("/pxweb/v2/tables/births/data?valuecodes[REF_AREA]=*&valuecodes[TIME_PERIOD]=*", 1)]
    [InlineData("/pxweb/v2/tables/births/metadata", 1)]
    [InlineData("/pxweb/v2/tables/births/defaultselection", 1)]
    [InlineData("/pxweb/v2/tables", 4)]
    public async Task Links_begin_with_the_host_that_was_asked(string address, int least)
    {
        var tags = new HashSet<string>();
        foreach (var host in (string[])["data.example.org", "other.example.org:8080", "data.example.org"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = host } };
            using var answer = await served.Client.SendAsync(request, Cancel);
            var links = System.Text.RegularExpressions.Regex.Matches(await answer.Content.ReadAsStringAsync(Cancel), "\"href\":\"([^\"]*)\"").Select(m => m.Groups[1].Value).ToList();
            links.Count.ShouldBeGreaterThanOrEqualTo(least);
            links.ShouldAllBe(link => link.StartsWith($"http://{host}/"));
            tags.Add(answer.Headers.ETag!.Tag);
        }
        tags.Count.ShouldBe(2);
    }

    private static Cube Trade()
    {
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension), new(Concepts.Indicator, ComponentRole.Dimension), new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute), new(Concepts.UnitMeasure, ComponentRole.Attribute), new(Concepts.UnitMult, ComponentRole.Attribute),
        ];
        var cube = new Cube(components, []);
        foreach (var (indicator, value) in new[] { ("EXPORTS", 7m), ("IMPORTS", 8m) })
            cube.Observations.Add([.. ((string[])["A", indicator, "2021", "A", "USD", "0"]).Select((code, i) => components[i].Codes.Add(code))], value, Source.Cell(2, 3));
        return cube;
    }

    private Task<JsonObject> Json(string address) => served.JsonAsync("/pxweb/v2" + address);

    private static IEnumerable<string> Texts(JsonNode list) => list.AsArray().Select(v => (string)v!);
}
