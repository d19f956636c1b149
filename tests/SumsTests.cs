using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>What is added is of one kind and counts once, whatever a release calls its totals; both in our own groups and in OData's.</summary>
public sealed class SumsTests(SumsTests.Releases releases) : IClassFixture<SumsTests.Releases>
{
    [Theory]
    [InlineData("stocks", "REF_AREA", "INDICATOR=Population", "not-additive", "Population is what there is at a moment")]
    [InlineData("stocks", "REF_AREA", "INDICATOR=Births", null, "3")]
    [InlineData("stocks", "TIME_PERIOD", "INDICATOR=Population", null, "30")]
    [InlineData("stocks", "REF_AREA", "INDICATOR=Population&TIME_PERIOD=2023-02", null, "11")]
    [InlineData("stocks", "TIME_PERIOD", "INDICATOR=AVERAGE_AGE", "not-additive", "a rate, an average or an index")]
    [InlineData("stocks", "REF_AREA", "INDICATOR=SALES_TO_DATE", "not-additive", "to date")]
    [InlineData("prices", "TIME_PERIOD", "", "not-additive", "Values in")]
    [InlineData("trade", "TIME_PERIOD", "", "measures-differ", "INDICATOR")]
    [InlineData("trade", "INDICATOR", "TIME_PERIOD=2023", null, "30")]
    [InlineData("trade", "TIME_PERIOD", "INDICATOR=Exports&TIME_PERIOD=2023", null, "30")]
    [InlineData("staff", "TIME_PERIOD", "SHIFT=Day", "counts-twice", "Both sites")]
    [InlineData("staff", "SITE", "", "counts-twice", "SHIFT Total contains Day")]
    [InlineData("staff", "TIME_PERIOD", "SHIFT=Day&SITE=East,West", null, "9")]
    [InlineData("staff", "SITE", "SHIFT!=Total&SITE=East", null, "7")]
    [InlineData("ages", "TIME_PERIOD", "", "counts-twice", "AGE Y0T14 (0-14) overlaps Y10T19")]
    [InlineData("ages", "TIME_PERIOD", "AGE=Y0T14,Y15T24,Y_GE25", null, "60")]
    [InlineData("ages", "TIME_PERIOD", "AGE=Y15T24,Y_GE15", "counts-twice", "Y_GE15")]
    [InlineData("areas", "TIME_PERIOD", "", "counts-twice", "CN")]
    [InlineData("areas", "TIME_PERIOD", "REF_AREA=CN,650100", "counts-twice", "650100")]
    [InlineData("areas", "TIME_PERIOD", "REF_AREA=650100,650200", null, "5")]
    [InlineData("regions", "TIME_PERIOD", "", null, "12")]
    [InlineData("regions", "TIME_PERIOD", "BRANCH=S,T", null, "3")]
    public async Task A_sum_is_right_or_refused(string dataset, string by, string where, string? code, string said)
    {
        var found = await AnswerAsync($"/v1/datasets/{dataset}/data?group={by}&aggregate=sum&{where}");
        var filters = where.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(f => f.Contains("!=", StringComparison.Ordinal)
            ? $"{f[..f.IndexOf('!')]} ne '{f[(f.IndexOf('=') + 1)..]}'" : $"{f[..f.IndexOf('=')]} in ({string.Join(',', f[(f.IndexOf('=') + 1)..].Split(',').Select(c => $"'{c}'"))})").ToList();
        var apply = (filters.Count == 0 ? "" : $"filter({string.Join(" and ", filters)})/") + $"groupby(({by}),aggregate(OBS_VALUE with sum as SUM))";
        var odata = await AnswerAsync($"/odata/{dataset}/Observations?$apply={Uri.EscapeDataString(apply)}");
        if (code is not null)
        {
            ((string?)found["code"]).ShouldBe(code, found.ToJsonString());
            ((string?)odata["error"]!["code"]).ShouldBe(code, odata.ToJsonString());
            ((string)found["detail"]!).ShouldContain(said);
            ((string)odata["error"]!["message"]!).ShouldContain(said);
            return;
        }
        found["observations"]![0]!["SUM"]!.ToJsonString().ShouldBe(said, found.ToJsonString());
        odata["value"]!.AsArray().Select(o => o!["SUM"]!.ToJsonString()).ShouldContain(said, odata.ToJsonString());
        // What can be added has a mean, too; what can not be added, because it would count twice, has a least value nevertheless.
        (await AnswerAsync($"/v1/datasets/{dataset}/data?group={by}&aggregate=mean&{where}"))["observations"].ShouldNotBeNull();
        (await AnswerAsync($"/v1/datasets/{dataset}/data?group=TIME_PERIOD&aggregate={(dataset is "trade" or "stocks" ? "count" : "min,max,count")}"))["observations"].ShouldNotBeNull();
    }

    [Fact]
    public async Task What_is_unlike_has_no_least_value_and_a_count_no_unit()
    {
        ((string?)(await AnswerAsync("/v1/datasets/trade/data?group=TIME_PERIOD&aggregate=min"))["code"]).ShouldBe("measures-differ");
        var odata = await AnswerAsync("/odata/trade/Observations?$apply=" + Uri.EscapeDataString("groupby((TIME_PERIOD),aggregate(OBS_VALUE with max as MAX))"));
        ((string?)odata["error"]!["code"]).ShouldBe("measures-differ");
        (await AnswerAsync("/v1/datasets/mixed/data?group=TIME_PERIOD&aggregate=count,missing"))["observations"]!.ToJsonString()
            .ShouldBe("""[{"TIME_PERIOD":"2023","UNIT_MEASURE":null,"UNIT_MULT":0,"COUNT":2,"MISSING":1}]""");
        (await AnswerAsync("/v1/datasets/mixed/data?group=INDICATOR"))["observations"]!.AsArray().Select(o => (int)o!["MISSING"]!).ShouldBe([1, 0], ignoreOrder: true);
    }

    [Fact]
    public async Task A_share_is_of_the_code_that_is_called_total_and_PxWeb_takes_it_where_nothing_is_chosen()
    {
        var share = await AnswerAsync("/v1/datasets/staff/data?SITE=East&compute=share(SHIFT)&columns=SHIFT,OBS_VALUE&sort=SHIFT");
        share["observations"]!.ToJsonString().ShouldBe("""[{"SHIFT":"Day","OBS_VALUE":5,"SHARE_SHIFT":71.42857},{"SHIFT":"Night","OBS_VALUE":2,"SHARE_SHIFT":28.57143},{"SHIFT":"Total","OBS_VALUE":7,"SHARE_SHIFT":null}]""");
        ((string)share["measures"]![0]!["formula"]!).ShouldBe("100 × x / x[SHIFT = the code's parent, else Total], in per cent; null where x is a rate, an average or an index");
        var table = await AnswerAsync("/pxweb/v2/tables/staff/data?valueCodes[SITE]=East&valueCodes[INDICATOR]=*&valueCodes[TIME_PERIOD]=*&outputFormat=json-stat2");
        table["value"]!.ToJsonString().ShouldBe("[7]");
    }

    [Fact]
    public async Task What_is_computed_says_what_it_is_of_and_nothing_where_it_would_mislead()
    {
        async Task<string> RowsAsync(string query) => (await AnswerAsync($"/v1/datasets/{query}"))["observations"]!.ToJsonString();
        (await RowsAsync("houses/data?compute=share(REF_AREA)&columns=REF_AREA,OBS_VALUE&REF_AREA!=contains:total")).ShouldContain("{\"REF_AREA\":\"MIDWEST\",\"OBS_VALUE\":4,\"SHARE_REF_AREA\":40}");
        (await RowsAsync("profits/data?compute=growth(1Y),index(2022)&columns=OBS_VALUE&TIME_PERIOD=2022..2024")).ShouldBe(
            """[{"OBS_VALUE":-500,"GROWTH_1Y":null,"INDEX_2022":null},{"OBS_VALUE":500,"GROWTH_1Y":null,"INDEX_2022":null},{"OBS_VALUE":600,"GROWTH_1Y":20,"INDEX_2022":null}]""");
        // January is of another frequency than January to February, and yet what that begins with.
        (await RowsAsync("coal/data?compute=single&columns=TIME_PERIOD")).ShouldBe(
            """[{"TIME_PERIOD":"2023-01","SINGLE":6,"SINGLE_MONTHS":1},{"TIME_PERIOD":"2023-01/2023-02","SINGLE":10,"SINGLE_MONTHS":1},{"TIME_PERIOD":"2023-01/2023-03","SINGLE":7,"SINGLE_MONTHS":1},{"TIME_PERIOD":"2023-01/2023-06","SINGLE":26,"SINGLE_MONTHS":3}]""");
        // To date, as many months are compared; the whole of 2022 is no mean of its beginnings.
        (await RowsAsync("sales/data?compute=index(2022)&columns=TIME_PERIOD&TIME_PERIOD=ge:2023")).ShouldBe(
            """[{"TIME_PERIOD":"2023-01/2023-02","INDEX_2022":110},{"TIME_PERIOD":"2023-01/2023-03","INDEX_2022":null},{"TIME_PERIOD":"2023-01/2023-12","INDEX_2022":107.84314}]""");
        // What is an index to the year before is a growth itself.
        (await RowsAsync("cpi/data?compute=growth(1Y),index(2022),difference(1Y)&columns=OBS_VALUE&TIME_PERIOD=2023")).ShouldBe("""[{"OBS_VALUE":103.1,"GROWTH_1Y":null,"INDEX_2022":null,"DIFFERENCE_1Y":1.1}]""");
        (await RowsAsync("wages/data?compute=share(SITE)&columns=SITE&sort=SITE")).ShouldBe("""[{"SITE":"East","SHARE_SITE":null},{"SITE":"Total","SHARE_SITE":null}]""");
        ((string?)(await AnswerAsync("/v1/datasets/trade/data?compute=share(INDICATOR)"))["code"]).ShouldBe("measures-differ");
        (await RowsAsync("trade/data?compute=share(INDICATOR:Exports)&columns=OBS_VALUE&INDICATOR=Imports")).ShouldBe("""[{"OBS_VALUE":5,"SHARE_INDICATOR_EXPORTS":50}]""");
    }

    private async Task<JsonObject> AnswerAsync(string address)
    {
        using var response = await releases.Served.Client.GetAsync(address);
        response.StatusCode.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity], await response.Content.ReadAsStringAsync());
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
    }

    public sealed class Releases : IAsyncLifetime
    {
        public Served Served { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Served = await Served.StartWholeAsync();
            var all = new Dictionary<string, string>
            {
                ["trade"] = "year,indicator,partner,value,unit\n2023,Exports,Ostland,10,tonnes\n2023,Exports,Westland,20,tonnes\n2023,Imports,Ostland,5,tonnes\n2024,Exports,Ostland,11,tonnes\n",
                ["staff"] = "year,site,shift,persons\n2023,East,Total,7\n2023,East,Day,5\n2023,East,Night,2\n2023,West,Total,6\n2023,West,Day,4\n2023,West,Night,2\n2023,Both sites: total,Total,13\n2023,Both sites: total,Day,9\n",
                ["ages"] = "year,age,persons\n2023,0-14,10\n2023,10-19,9\n2023,15-24,20\n2023,25+,30\n2023,15+,50\n",
                ["areas"] = "年份,地区,企业数（个）\n2023,全国,100\n2023,乌鲁木齐市,3\n2023,克拉玛依市,2\n",
                ["mixed"] = "year,indicator,partner,value,unit\n2023,Exports,Ostland,10,tonnes\n2023,Exports,Westland,..,tonnes\n2023,Income,Ostland,5,USD\n",
                ["houses"] = "year,region,houses\n2023,Midwest,4\n2023,West,6\n2023,United States Total,10\n",
                ["profits"] = "year,profit (USD)\n2022,-500\n2023,500\n2024,600\n",
                ["coal"] = "period,product,tonnes\n2023-01,coal,6\n2023-01/2023-02,coal,16\n2023-01/2023-03,coal,23\n2023-01/2023-06,coal,49\n",
                ["sales"] = "period,product,tonnes\n2022-01/2022-02,coal,60\n2022-01/2022-12,coal,408\n2023-01/2023-02,coal,66\n2023-01/2023-03,coal,90\n2023-01/2023-12,coal,440\n",
                ["cpi"] = "时期,居民消费价格指数(上年同期=100)\n2022,102.0\n2023,103.1\n",
                ["wages"] = "year,site,Average monthly earnings (EUR)\n2023,Total,20\n2023,East,30\n",
                ["regions"] = "year,market,branch,orders\n2023,Northern market total,S,1\n2023,Southern market total,T,2\n2023,Northern market total,R,4\n2023,Southern market total,Q,5\n",
                ["stocks"] = "month,region,indicator,value\n2023-01,North,Population,10\n2023-02,North,Population,11\n2023-01,South,Population,20\n2023-02,South,Population,22\n2023-01,North,Births,1\n2023-02,North,Births,2\n"
                    + "2023-01,North,Average age,40\n2023-01,South,Average age,41\n2023-01,North,Sales to date,5\n2023-02,North,Sales to date,9\n",
                ["prices"] = "month,group,\"Price level (index, 2020=100)\"\n2023-01,Bread,103.1\n2023-01,Milk,98.4\n",
            };
            foreach (var (name, text) in all)
            {
                var report = await Served.UploadAsync($"{name}/{name}.csv", Encoding.UTF8.GetBytes(text));
                ((string?)report["state"]).ShouldBe("published", report.ToJsonString());
            }
        }

        public async ValueTask DisposeAsync() => await Served.DisposeAsync();
    }
}
