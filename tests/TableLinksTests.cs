using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>A text beside a table of the same dataset, through the front door: the same figure is linked to its cell, another one for the same thing is told.</summary>
public sealed class TableLinksTests
{
    private const string Coal = """
        地区,时期,原煤产量(万吨),原煤产量同比增长(%),焦炭产量(万吨)
        乌鲁木齐市,2023年1-5月,1203.4,3.1,88.10
        乌鲁木齐市,2023年1-6月,1466.25,5.2,105.72
        哈密市,2023年1-5月,5120.9,7.4,…
        哈密市,2023年1-6月,6321.0,8.0,12.40
        """;

    [Fact]
    public async Task A_figure_that_a_table_has_published_is_linked_to_its_cell()
    {
        await using var served = await Served.StartWholeAsync();
        var (table, report) = await PublishAsync(served, Coal, """
            2023年上半年，乌鲁木齐市原煤产量1466.25万吨，同比增长5.2%。
            2023年上半年，哈密市原煤产量0.63亿吨，同比增长8%。
            2023年1-5月，乌鲁木齐市生产焦炭88.1万吨。
            """);
        report["findingCounts"]!.AsObject().ShouldNotContainKey("table-contradicts", report.ToJsonString());
        (await LinksAsync(served)).ShouldBe(
            [("650100", "1466.25", $"{table}!C3"), ("650100", "5.2", $"{table}!D3"), ("650100", "88.1", $"{table}!E2"), ("650500", "0.63", $"{table}!C5"), ("650500", "8", $"{table}!D5")]);
    }

    [Fact]
    public async Task A_figure_that_differs_from_the_tables_is_published_and_told()
    {
        await using var served = await Served.StartWholeAsync();
        var (table, report) = await PublishAsync(served, Coal, """
            2023年上半年，乌鲁木齐市原煤产量1500.25万吨，同比增长5.3%。
            2023年上半年，哈密市原煤产量超过6500万吨。
            2023年1-5月，哈密市原煤产量超过5000万吨。
            """);
        ((string)report["state"]!).ShouldBe("published");
        var found = report["findings"]!.AsArray().Where(f => (string)f!["code"]! == "table-contradicts").ToList();
        found.Select(f => (string)f!["expected"]!).ShouldBe(
            [$"1466.25 10^4 × Tonnes (T), as in {table}!C3", $"5.2 Per cent (PT), as in {table}!D3", $"6321.0 10^4 × Tonnes (T), as in {table}!C5"], report.ToJsonString());
        ((string)found[0]!["found"]!).ShouldStartWith("1500.25 10^4 × ");
        found.ShouldAllBe(f => ((string)f!["where"]!).StartsWith("chars ") && (string)f["severity"]! == "warning" && ((string)f["advice"]!).Length > 0);
        (await LinksAsync(served)).Select(l => (l.Value, l.SameAs)).ShouldBe([("1500.25", ""), ("5.3", ""), ("5000", ""), ("6500", "")], ignoreOrder: true);
    }

    [Fact]
    public async Task Targets_other_areas_periods_and_names_are_not_compared()
    {
        await using var served = await Served.StartWholeAsync();
        var (_, report) = await PublishAsync(served, Coal, """
            2023年上半年，乌鲁木齐市原煤产量目标1500万吨。
            2023年上半年，昌吉州原煤产量1466万吨。
            2023年6月，乌鲁木齐市原煤产量200万吨。
            2023年上半年，乌鲁木齐市原油产量1466万吨，同比增长5.9%。
            """);
        report["findingCounts"]!.AsObject().ShouldNotContainKey("table-contradicts", report.ToJsonString());
        (await LinksAsync(served)).ShouldAllBe(l => l.SameAs == "");
    }

    [Fact]
    public async Task A_held_release_says_what_it_contradicts_and_is_linked_when_it_is_published()
    {
        await using var served = await Served.StartWholeAsync();
        var table = (string)(await served.UploadAsync("coal/table.csv", Encoding.UTF8.GetBytes(Coal)))["id"]!;
        const string Text = """
            乌鲁木齐市上半年工业经济运行情况
            2023-07-20 09:00 来源：乌鲁木齐市统计局

            2023年上半年，乌鲁木齐市原煤产量1466万吨，同比增长5.3%。
            乌鲁木齐市某某公司上半年营业收入3.5亿元。
            """;
        var report = await served.UploadAsync("coal/text.txt?publishAt=2999-01-01T00:00:00Z", Encoding.UTF8.GetBytes(Text));
        ((string)report["state"]!, (int)report["findingCounts"]!["table-contradicts"]!).ShouldBe(("held", 1), report.ToJsonString());
        report = await served.UploadAsync("coal/text2.txt?accept=confidence-low", Encoding.UTF8.GetBytes(Text));
        ((string)report["state"]!, (int)report["findingCounts"]!["table-contradicts"]!).ShouldBe(("published", 1), report.ToJsonString());
        (await LinksAsync(served)).Where(l => l.SameAs != "").ShouldBe([("650100", "1466", $"{table}!C3")]);
    }

    [Fact]
    public async Task Headings_quarters_and_English_words_name_the_same_figures()
    {
        await using var served = await Served.StartWholeAsync();
        var (table, report) = await PublishAsync(served, """
            Region,Period,Coal output (thousand tonnes),Coal output growth (%),Crude oil output (thousand tonnes)
            Victoria,2023-01/2023-03,120.4,3.1,5.0
            Victoria,2023-04/2023-06,146.2,5.2,6.1
            """, """
            In the second quarter of 2023, coal output in Victoria was 146.2 thousand tonnes, an increase of 5.2% compared with the second quarter of 2022.
            In the first quarter of 2023, coal output in Victoria was 121 thousand tonnes.
            """, "Industrial output of Victoria in the first half of 2023\n20 July 2023\n\n");
        report["findings"]!.AsArray().Where(f => (string)f!["code"]! == "table-contradicts").ShouldHaveSingleItem(report.ToJsonString())!["expected"]!.ToString().ShouldEndWith($"{table}!C2");
        (await LinksAsync(served)).Where(l => l.SameAs != "").ShouldBe([("AU-VIC", "146.2", $"{table}!C3"), ("AU-VIC", "5.2", $"{table}!D3")]);
    }

    [Fact]
    public async Task A_table_with_headings_over_its_columns_is_compared_too()
    {
        await using var served = await Served.StartWholeAsync();
        var (table, report) = await PublishAsync(served, """
            2023年1-6月主要工业产品产量,,,,
            ,,,单位：万吨,
            地区,原煤,,焦炭,
            ,产量,同比增长(%),产量,同比增长(%)
            乌鲁木齐市,1466.25,5.2,105.72,5.2
            哈密市,6321.0,8.0,12.40,-3.5
            """, "2023年上半年，乌鲁木齐市原煤产量1466.3万吨，同比增长5.2%；哈密市焦炭产量12.4万吨，同比下降3.1%。");
        report["findings"]!.AsArray().Where(f => (string)f!["code"]! == "table-contradicts").ShouldHaveSingleItem(report.ToJsonString())!["expected"]!.ToString().ShouldEndWith($"{table}!E6");
        (await LinksAsync(served)).Where(l => l.SameAs != "").ShouldBe([("650100", "1466.3", $"{table}!B5"), ("650100", "5.2", $"{table}!C5"), ("650500", "12.4", $"{table}!D6")]);
    }

    [Fact]
    public async Task A_table_without_areas_is_about_the_one_area_of_the_text()
    {
        const string Table = """
            时期,原煤产量(万吨)
            2023年1-5月,1203.4
            2023年1-6月,1466.25
            """;
        await using var served = await Served.StartWholeAsync();
        var (_, one) = await PublishAsync(served, Table, "2023年上半年，乌鲁木齐市原煤产量1500万吨。");
        ((int)one["findingCounts"]!["table-contradicts"]!).ShouldBe(1, one.ToJsonString());
        var two = await served.UploadAsync("coal/two.txt", Encoding.UTF8.GetBytes("新疆上半年工业经济运行情况\n2023-07-20\n\n2023年上半年，乌鲁木齐市原煤产量1466.25万吨，哈密市原煤产量6321万吨。"));
        two["findingCounts"]!.AsObject().ShouldNotContainKey("table-contradicts", two.ToJsonString());
        (await LinksAsync(served)).Count(l => l.SameAs != "").ShouldBe(1);
    }

    [Fact]
    public async Task More_cells_than_can_be_compared_are_told_and_the_text_is_published()
    {
        // few series of many periods: the index has a row a series
        var table = new StringBuilder("地区,时期,产品,产量(万吨)\n");
        var text = new StringBuilder();
        for (var month = 1; month <= 12; month++)
        {
            for (var product = 0; product < 8_400; product++)
                table.Append(System.Globalization.CultureInfo.InvariantCulture, $"乌鲁木齐市,2022年{month}月,产品{product},{product + month}.5\n");
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"2022年{month}月，乌鲁木齐市原煤产量{month}.25万吨。");
        }
        await using var served = await Served.StartWholeAsync();
        var (_, report) = await PublishAsync(served, table.ToString(), text.ToString());
        ((string)report["state"]!).ShouldBe("published");
        var told = report["findings"]!.AsArray().Single(f => (string)f!["code"]! == "table-links-skipped")!;
        ((string)told["severity"]!).ShouldBe("information");
        ((string)told["expected"]!).ShouldContain("100,000");
        ((int)report["reconciliation"]!["observations"]!).ShouldBe(12);
    }

    private static async Task<(string Table, JsonObject Report)> PublishAsync(
        Served served, string table, string sentences, string head = "乌鲁木齐市上半年工业经济运行情况\n2023-07-20 09:00 来源：乌鲁木齐市统计局\n\n")
    {
        var first = await served.UploadAsync("coal/table.csv", Encoding.UTF8.GetBytes(table));
        ((string)first["state"]!).ShouldBe("published", first.ToJsonString());
        return ((string)first["id"]!, await served.UploadAsync("coal/text.txt?accept=confidence-low", Encoding.UTF8.GetBytes(head + sentences)));
    }

    /// <summary>The text's observations as the CSV answer has them.</summary>
    private static async Task<List<(string Area, string Value, string SameAs)>> LinksAsync(Served served)
    {
        var csv = (await served.Client.GetStringAsync("/v1/datasets/coal/data?format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var header = csv[0].Split(',').ToList();
        int At(string column) => header.IndexOf(column);
        // the only column that may hold commas, the sentence, stands before the link
        return [.. csv.Skip(1).Select(row => row.Split(',')).Where(row => row[At("EXTRACTED")] == "Y")
            .Select(row => (row[At("REF_AREA")], row[At("OBS_VALUE")], header[^1] == "SAME_AS" ? row[^1] : "")).OrderBy(l => l.Item1, StringComparer.Ordinal).ThenBy(l => l.Item2, StringComparer.Ordinal)];
    }
}
