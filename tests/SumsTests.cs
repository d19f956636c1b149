using System.Globalization;
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
    [Fact]
    public async Task What_is_not_divided_by_a_dimension_is_not_added_to_what_is()
    {
        await using var served = await Served.StartWholeAsync();
        await served.UploadAsync("d/a.csv", "region,year,births\nNorth,2020,6.5\nSouth,2020,4.5\nEast,2020,1\n"u8.ToArray());
        await served.UploadAsync("d/b.csv", "region,sex,year,births\nNorth,M,2020,3\nNorth,F,2020,4\nSouth,M,2020,2.5\nSouth,F,2020,2\n"u8.ToArray());
        var (status, problem) = await served.ProblemAsync("/v1/datasets/d/data?group=REF_AREA&TIME_PERIOD=2020");
        (status, (string)problem["code"]!).ShouldBe((HttpStatusCode.UnprocessableEntity, "counts-twice"), problem.ToJsonString());
        ((string)problem["detail"]!).ShouldContain("SEX _Z");
        async Task<string> SumsAsync(string query) => string.Join(' ', (await served.JsonAsync("/v1/datasets/d/data?" + query))["observations"]!.AsArray().Select(o => $"{o!["REF_AREA"]} {o["SUM"]}"));
        (await SumsAsync("group=REF_AREA&SEX!=_Z")).ShouldBe("North 7 South 4.5");
        (await SumsAsync("group=REF_AREA&SEX=_Z")).ShouldBe("East 1 North 6.5 South 4.5");
        // Side by side they are not added.
        (await SumsAsync("group=REF_AREA,SEX&REF_AREA=East,North")).Split(' ').Length.ShouldBe(8);
    }

    [Theory]
    [InlineData("stocks", "REF_AREA", "INDICATOR=POPULATION", "not-additive", "POPULATION (Population) is what there is at a moment")]
    [InlineData("stocks", "REF_AREA", "INDICATOR=BIRTHS", null, "3")]
    [InlineData("stocks", "TIME_PERIOD", "INDICATOR=POPULATION", null, "30")]
    [InlineData("stocks", "REF_AREA", "INDICATOR=POPULATION&TIME_PERIOD=2023-02", null, "11")]
    [InlineData("stocks", "TIME_PERIOD", "INDICATOR=AVERAGE_AGE", "not-additive", "a rate, a price, an average or an index")]
    [InlineData("stocks", "REF_AREA", "INDICATOR=SALES_TO_DATE", "not-additive", "to date")]
    [InlineData("prices", "TIME_PERIOD", "", "not-additive", "Values in")]
    [InlineData("trade", "TIME_PERIOD", "", "measures-differ", "INDICATOR")]
    [InlineData("trade", "INDICATOR", "TIME_PERIOD=2023", null, "30")]
    [InlineData("trade", "TIME_PERIOD", "INDICATOR=EXPORTS&TIME_PERIOD=2023", null, "30")]
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
    [InlineData("jails", "TIME_PERIOD", "", null, "4")]
    [InlineData("regions", "TIME_PERIOD", "BRANCH=S,T", null, "3")]
    [InlineData("holdings", "HOLDER", "COMPONENT=SHARES_AT_END_PERIOD", "not-additive", "COMPONENT SHARES_AT_END_PERIOD (Shares at end period) is what there is at a moment")]
    [InlineData("holdings", "TIME_PERIOD", "COMPONENT=SHARES_AT_END_PERIOD", null, "30")]
    [InlineData("holdings", "HOLDER", "COMPONENT=Profits", null, "3")]
    [InlineData("holdings", "TIME_PERIOD", "COMPONENT=AVERAGE_RETURN", "not-additive", "COMPONENT AVERAGE_RETURN")]
    [InlineData("exchange", "EXR_SUFFIX", "", "not-additive", "exchange rates")]
    [InlineData("pumps", "PUMP", "COLLECTION=E", "not-additive", "at a moment")]
    [InlineData("pumps", "PUMP", "COLLECTION=S", null, "9")]
    // The first observation of the group alone is chained.
    [InlineData("volumes", "TIME_PERIOD", "", "not-additive", "is a chain-linked volume")]
    [InlineData("volumes", "TIME_PERIOD", "GOOD=Cloth,Dyes", null, "50")]
    [InlineData("volumes", "GOOD", "GOOD=Bread", null, "10")]
    [InlineData("wares", "TIME_PERIOD", "WARE=Fruit,FRUIT_APPLES", "counts-twice", "WARE Fruit contains FRUIT_APPLES (Fruit - Apples)")]
    [InlineData("wares", "TIME_PERIOD", "WARE=FRUIT_APPLES,Bread", null, "33")]
    [InlineData("wares", "TIME_PERIOD", "WARE!=Fruit", "counts-twice", "Bread contains")]
    [InlineData("sides", "TIME_PERIOD", "SIDE=North,NORTH_AND_SOUTH", "counts-twice", "NORTH_AND_SOUTH (North and South) contains North")]
    [InlineData("sides", "TIME_PERIOD", "SIDE=North,South,SALT_AND_PEPPER", null, "7")]
    [InlineData("labour", "TIME_PERIOD", "SEX=F&SITUATION=Activos,Ocupados", "counts-twice", "SITUATION Activos is the sum of Ocupados and Parados in all 6 cells that have them")]
    // One cell is judged by its neighbours, and a chance of one cell by them, too.
    [InlineData("labour", "TIME_PERIOD", "SEX=F&SITUATION=Activos,Parados&TIME_PERIOD=2023-Q1", "counts-twice", "is the sum of")]
    [InlineData("labour", "TIME_PERIOD", "SEX=F&SITUATION=Otros,Parados&TIME_PERIOD=2023-Q1", null, "4804")]
    [InlineData("labour", "TIME_PERIOD", "SEX=F&SITUATION=Ocupados,Parados,Inactivos&TIME_PERIOD=2023-Q1", null, "9103")]
    [InlineData("woods", "TIME_PERIOD", "WOODLAND=Uplands,Birch", "counts-twice", "WOODLAND Uplands is the sum of Hills and Moors in all 3 cells that have them, and Birch is in these")]
    [InlineData("woods", "TIME_PERIOD", "WOODLAND=Uplands,Lowlands&TIME_PERIOD=2021", null, "18307")]
    [InlineData("woods", "TIME_PERIOD", "WOODLAND=Ash,Birch,Moors&TIME_PERIOD=2021", null, "11107")]
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

    [Theory]
    // Of nothing: rates, prices, bounds.
    [InlineData(false, false, "House price", "Prices per tonne of wheat", "Gini coefficient", "Life expectancy at birth", "Total fertility", "Labour productivity", "Yields of barley", "Balance of opinion", "Upper bound",
        "Maximum temperature", "Peak load", "% Advanced", "Answered > Yes > %", "Urban population as % of total population", "Proportions", "出口交货值累计增长", "Profit margin", "Average price (total value)", "Record high", "Lowest temperature", "Exchange rate", "最高气温", "商品价格", "基尼系数", "水稻单产", "负荷峰值", "销售单价", "期望寿命", "下限", "劳动生产率", "Average earnings by sex")]
    // Not over time: what there is at a moment.
    [InlineData(true, false, "Deposits of households", "Loans", "Government debt", "International investment positions", "Amounts at end of period", "Students by school", "Doctors", "Broadband subscribers", "Registered vehicles",
        "Land area", "Area", "Loans outstanding", "Outstanding loans", "Tax outstanding at end of year", "年末应付工资", "储能装机", "Employment in production", "各项存款余额", "在校学生", "汽车保有量", "期末存量", "年末人口", "专任教师")]
    // Not over parts: chain-linked volumes.
    [InlineData(false, true, "GDP in chain linked volumes", "Output in chained dollars", "Output, chained", "Output in chained (2015) euro", "本地生产总值以2022年环比物量计算")]
    [InlineData(true, true, "GDP at current prices", "Output in constant 2015 prices", "Value added at 2015 prices", "工业总产值按当年价格计算", "地区生产总值按不变价", "最低生活保障支出", "Registered births", "Vehicles registered",
        "Newly registered companies", "New loans", "Loans granted", "Deposits made", "Students admitted", "Visits to doctors", "Expenditure on students", "Hours worked by employees", "Interest paid on deposits", "Repayments of debt",
        "Floor area completed", "Area sown", "竣工面积", "商品房销售面积", "播种面积", "新增贷款", "就业人员工资总额", "债务付息", "存款利息", "Houses sold by price band", "Pupils excluded", "Sales by average size", "Changes in employment",
        "Outstanding universities", "Year end sales", "Visits of population", "Unemployment benefits", "Price of land sold (total value)", "土地成交价格总额", "Business rates collected", "Chained stores opened", "Branches that registered growth",
        "Owned to 100%", "Hours worked above the average", "Tax on income below the median", "Crimes in districts above median age", "低于平均工资支出", "高于人均水平支出")]
    public async Task The_words_for_what_is_measured_say_whether_it_adds_up(bool overParts, bool overTime, params string[] names)
    {
        var codes = await CodesAsync("words", "INDICATOR");
        foreach (var name in names)
        {
            foreach (var (by, adds) in new[] { ("TIME_PERIOD", overParts), ("SITE", overTime) })
            {
                var found = await AnswerAsync($"/v1/datasets/words/data?group={by}&aggregate=sum&INDICATOR={Uri.EscapeDataString(codes[name])}");
                ((string?)found["code"]).ShouldBe(adds ? null : "not-additive", $"{name}, {by}: {found.ToJsonString()}");
            }
        }
    }

    [Theory]
    // A whole and a part of it.
    [InlineData(false, "第二产业", "建筑业", "工业", "采矿业", "第三产业", "金融业", "第一产业", "农、林、牧、渔业", "地区生产总值", "净出口", "猪牛羊禽肉", "猪肉", "Secondary industry", "Manufacturing", "GDP", "Imports of goods",
        "Hotels and restaurants", "Hotels", "Primary and secondary schools", "Primary schools", "Bread, cakes and biscuits", "Biscuits", "港澳台企业", "香港企业", "城乡就业人员", "城镇就业人员", "全市", "市区", "全国", "东部",
        "城乡", "乡村", "全体居民", "农村居民", "All items", "Fruit", "Total industry", "Gas", "Nationwide", "Northern part", "各项合计", "第一项", "服务业", "住宿和餐饮业",
        "Service sector", "Real estate", "第三产业", "服务业")]
    // Names of parts, though they begin or end like those of wholes, or join two.
    [InlineData(true, "All-day schools", "Half-day schools", "Total Energies", "Sunoil", "合计生育津贴", "医疗津贴", "所有制不明", "集体", "工业", "建筑业", "Wheat, durum", "Rice", "Primary", "Secondary", "全体会议", "小组会议",
        // Smaller than what it would contain.
        "Car", "Car and bus", "Ships", "Total Marine")]
    public async Task A_whole_is_not_added_to_what_it_contains_by_its_name(bool adds, params string[] names)
    {
        var codes = await CodesAsync("called", "CALLED");
        foreach (var pair in names.Chunk(2))
        {
            var found = await AnswerAsync($"/v1/datasets/called/data?group=TIME_PERIOD&aggregate=sum&CALLED={string.Join(',', pair.Select(name => Uri.EscapeDataString(codes[name])))}");
            ((string?)found["code"]).ShouldBe(adds ? null : "counts-twice", $"{string.Join(" + ", pair)}: {found.ToJsonString()}");
        }
    }

    [Theory]
    [InlineData("Outstanding universities")]
    [InlineData("Year end sales")]
    [InlineData("Chained stores")]
    [InlineData("平均水平以上")]
    [InlineData("Above average")]
    [InlineData("Average size", false)]
    [InlineData("Outstanding at year end", false)]
    public async Task A_part_is_called_as_it_likes(string name, bool adds = true)
    {
        var codes = await CodesAsync("kinds", "KIND");
        var found = await AnswerAsync($"/v1/datasets/kinds/data?group=KIND&aggregate=sum&KIND={Uri.EscapeDataString(codes[name])}");
        ((string?)found["code"]).ShouldBe(adds ? null : "not-additive", found.ToJsonString());
        found = await AnswerAsync($"/v1/datasets/kinds/data?group=TIME_PERIOD&aggregate=sum&KIND={Uri.EscapeDataString(codes[name])},Others");
        ((string?)found["code"]).ShouldBe(name == "Average size" ? "not-additive" : null, found.ToJsonString());
    }

    [Theory]
    // 20, 30 and 50 per cent of whatever there is; then of each year's own tenths.
    [InlineData("Roads,Health", true)]
    [InlineData("Parks,Water,Rivers", true)]
    // A sum in ever other shares.
    [InlineData("Staff,Nurses", false)]
    public async Task What_is_a_sum_of_others_only_because_all_are_in_proportion_adds_up(string lines, bool adds)
    {
        var found = await AnswerAsync($"/v1/datasets/budgets/data?group=TIME_PERIOD&aggregate=sum&LINE_OF_BUDGET={lines}");
        ((string?)found["code"]).ShouldBe(adds ? null : "counts-twice", found.ToJsonString());
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
        (await RowsAsync("trade/data?compute=share(INDICATOR:EXPORTS)&columns=OBS_VALUE&INDICATOR=IMPORTS")).ShouldBe("""[{"OBS_VALUE":5,"SHARE_INDICATOR_EXPORTS":50}]""");
    }

    // By their names.
    private async Task<Dictionary<string, string>> CodesAsync(string dataset, string component)
    {
        var listed = await AnswerAsync($"/v1/datasets/{dataset}/data?columns={component}&labels=both&limit=1000");
        return listed["observations"]!.AsArray().Select(o => ((string)o![component]!, (string?)o[component + "_LABEL"] ?? "")).Distinct().ToDictionary(c => c.Item2.Length > 0 ? c.Item2 : c.Item1, c => c.Item1);
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
                ["jails"] = "year,type,deaths\n2022,Maximum security prisons,3\n2022,Minimum security prisons,1\n2023,Maximum security prisons,4\n2023,Minimum security prisons,2\n",
                ["regions"] = "year,market,branch,orders\n2023,Northern market total,S,1\n2023,Southern market total,T,2\n2023,Northern market total,R,4\n2023,Southern market total,Q,5\n",
                ["stocks"] = "month,region,indicator,value\n2023-01,North,Population,10\n2023-02,North,Population,11\n2023-01,South,Population,20\n2023-02,South,Population,22\n2023-01,North,Births,1\n2023-02,North,Births,2\n"
                    + "2023-01,North,Average age,40\n2023-01,South,Average age,41\n2023-01,North,Sales to date,5\n2023-02,North,Sales to date,9\n",
                ["holdings"] = "year,component,holder,amount\n2022,Shares at end period,East,10\n2023,Shares at end period,East,11\n2022,Shares at end period,West,20\n2023,Shares at end period,West,21\n2022,Profits,East,1\n2023,Profits,East,2\n"
                    + "2022,Average return,East,5\n2022,Average return,West,6\n",
                ["exchange"] = "month,exr_type,exr_suffix,value\n2023-01,SP00,A,1.10\n2023-02,SP00,A,1.12\n",
                ["pumps"] = "month,pump,collection,reading\n2023-01,One,E,7\n2023-02,One,E,8\n2023-01,One,S,4\n2023-02,One,S,5\n",
                ["volumes"] = "year,good,method,amount\n2023,Bread,\"Volumes, chained\",10\n2023,Cloth,As sold,20\n2023,Dyes,As sold,30\n",
                ["wares"] = "year,ware,orders\n2023,Fruit,30\n2023,Fruit - Apples,13\n2023,Bread,20\n2023,其中：Rye,5\n",
                ["sides"] = "year,side,orders\n2023,North,1\n2023,South,2\n2023,North and South,3\n2023,Salt and Pepper,4\n",
                ["labour"] = Labour(),
                ["woods"] = Woods(),
                ["words"] = Words(),
                ["called"] = Called(),
                ["kinds"] = Kinds(),
                ["budgets"] = Budgets(),
                ["prices"] = "month,group,\"Price level (index, 2020=100)\"\n2023-01,Bread,103.1\n2023-01,Milk,98.4\n",
            };
            foreach (var (name, text) in all)
            {
                var report = await Served.UploadAsync($"{name}/{name}.csv", Encoding.UTF8.GetBytes(text));
                ((string?)report["state"]).ShouldBe("published", report.ToJsonString());
            }
        }

        // Activos = Ocupados + Parados; in one cell Otros is Parados + Inactivos.
        private static string Labour()
        {
            var text = new StringBuilder("quarter,sex,situation,persons\n");
            foreach (var (sex, more) in new[] { ("F", 0), ("M", 1111) })
            {
                for (var i = 0; i < 6; i++)
                {
                    var (employed, unemployed, inactive) = (5001 + more + (i * 37), 702 + (i * i * 11), 3400 + more - (i * 53));
                    var period = $"{2023 + (i / 4)}-Q{(i % 4) + 1}";
                    foreach (var (name, value) in new[] { ("Inactivos", inactive), ("Ocupados", employed), ("Otros", i == 0 ? unemployed + inactive : 4000 + (i * i * 7)), ("Activos", employed + unemployed), ("Parados", unemployed) })
                        text.Append(CultureInfo.InvariantCulture, $"{period},{sex},{name},{value}\n");
                }
            }
            return text.ToString();
        }

        // Uplands = Hills + Moors = (Ash + Birch) + (Cedar + Dale), each above its parts.
        private static string Woods()
        {
            var text = new StringBuilder("year,woodland,logs\n");
            for (var i = 0; i < 3; i++)
            {
                int[] trees = [2001 + (i * 310), 3105 - (i * 77), 1700 + (i * 41), 4301 + (i * i * 29), 7200 - (i * 501)];
                foreach (var (name, value) in new[] { ("Uplands", trees[..4].Sum()), ("Hills", trees[0] + trees[1]), ("Ash", trees[0]), ("Birch", trees[1]), ("Moors", trees[2] + trees[3]), ("Cedar", trees[2]), ("Dale", trees[3]), ("Lowlands", trees[4]) })
                    text.Append(CultureInfo.InvariantCulture, $"{2021 + i},{name},{value}\n");
            }
            return text.ToString();
        }

        // Every name of a theory above, in its order.
        private static IEnumerable<string> Names(string theory) =>
            typeof(SumsTests).GetMethod(theory)!.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().SelectMany(data => data.Data).SelectMany(data => data as string[] ?? (data is string name ? [name] : [])).Distinct();

        private static string Words()
        {
            var text = new StringBuilder("month,site,indicator,value\n");
            foreach (var (name, i) in Names(nameof(The_words_for_what_is_measured_say_whether_it_adds_up)).Select((name, i) => (name, i)))
                foreach (var site in new[] { "East", "West" })
                    text.Append(CultureInfo.InvariantCulture, $"2023-01,{site},{Quoted(name)},{100 + i}\n2023-02,{site},{Quoted(name)},{150 + (i * 2)}\n");
            return text.ToString();
        }

        // What stands first is larger.
        private static string Called()
        {
            var text = new StringBuilder("year,called,orders\n");
            foreach (var (name, i) in Names(nameof(A_whole_is_not_added_to_what_it_contains_by_its_name)).Select((name, i) => (name, i)))
                text.Append(CultureInfo.InvariantCulture, $"2023,{Quoted(name)},{1000 - (i * 7)}\n");
            return text.ToString();
        }

        private static string Kinds()
        {
            var text = new StringBuilder("year,kind,orders\n2022,Others,3\n2023,Others,4\n");
            foreach (var name in typeof(SumsTests).GetMethod(nameof(A_part_is_called_as_it_likes))!.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(data => (string)data.Data[0]!))
                text.Append(CultureInfo.InvariantCulture, $"2022,{name},2\n2023,{name},1\n");
            return text.ToString();
        }

        // Roads = Schools + Health by their shares, Rivers + Water = Parks in some years by theirs; Staff is the sum of Nurses and Doctors.
        private static string Budgets()
        {
            var text = new StringBuilder("year,line of budget,spending (USD)\n");
            for (var i = 0; i < 8; i++)
            {
                var all = 123457 + (i * i * 1237);
                int[] some = [5001 + (i * 371), 2702 + (i * i * 113)];
                foreach (var (name, value) in new (string, decimal)[]
                {
                    ("Roads", 0.5m * all), ("Health", 0.3m * all), ("Schools", 0.2m * all), ("Parks", 0.4m * all * 3), ("Water", (i % 2 == 0 ? 0.1m : 0.3m) * all * 3), ("Rivers", (i % 2 == 0 ? 0.3m : 0.1m) * all * 3),
                    ("Staff", some.Sum()), ("Nurses", some[0]), ("Doctors", some[1]),
                })
                    text.Append(CultureInfo.InvariantCulture, $"{2015 + i},{name},{value:0.0}\n");
            }
            return text.ToString();
        }

        private static string Quoted(string name) => $"\"{name}\"";

        public async ValueTask DisposeAsync() => await Served.DisposeAsync();
    }
}
