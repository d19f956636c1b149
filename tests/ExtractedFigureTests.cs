using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Prose through the front door: what is sure is published, what is not waits for a yes, and the report shows each with its sentence.</summary>
public sealed class ExtractedFigureTests
{
    private const string Text = """
        柳原市上半年经济运行情况
        2024-07-20 09:00 来源：柳原市统计局

        上半年，柳原市固定资产投资增长5.2%。
        柳原市某某公司上半年营业收入3.5亿元。
        柳原市进出口总值12.50亿元，与上年同期持平。
        """;

    [Fact]
    public async Task What_is_not_sure_waits_for_a_yes_and_overwrites_nothing_then()
    {
        await using var served = await Served.StartWholeAsync();
        var report = await UploadAsync(served, "news/a.txt", Text);
        ((string)report["state"]!, string.Join(",", report["heldFor"]!.AsArray())).ShouldBe(("published", "confidence-low"), report.ToJsonString());
        var figures = report["figures"]!.AsArray();
        figures.Count.ShouldBe(4, report.ToJsonString());
        figures.Select(f => ((decimal)f!["value"]!, (bool)f["isHeld"]!)).ShouldBe([(5.2m, false), (3.5m, true), (12.50m, false), (0m, false)]);
        ((string)figures[1]!["sentence"]!, (string)figures[1]!["timePeriod"]!, (string)figures[1]!["unit"]!).ShouldBe(("柳原市某某公司上半年营业收入3.5亿元。", "2024-01/2024-06", "CNY"));
        (await RowsAsync(served)).Count.ShouldBe(3);

        // A later release corrects a figure: the yes to the first one's held figure must not bring the old one back.
        var corrected = await UploadAsync(served, "news/b.txt", Text.Replace("5.2%", "5.4%", StringComparison.Ordinal).Replace("某某公司", "", StringComparison.Ordinal));
        var contradiction = corrected["findings"]!.AsArray().Where(f => (string)f!["code"]! == "release-contradicts").ShouldHaveSingleItem()!;
        ((string)contradiction["found"]!).ShouldStartWith("5.4");
        ((string)contradiction["expected"]!).ShouldStartWith("5.2");

        using var approved = await served.Client.PostAsync((string)report["links"]!["approve"]!, null);
        approved.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var address = (string)report["links"]!["self"]!;
        await LocalHost.UntilAsync(async () => (string)(await served.JsonAsync(address))["state"]! == "published", "publication of the held figure");
        var whole = await served.JsonAsync(address);
        (whole["heldFor"]!.AsArray().Count, whole["published"]!.AsArray().Count(p => (string)p!["dataset"]! == "news")).ShouldBe((0, 2), whole.ToJsonString());
        var rows = await RowsAsync(served);
        rows.Single(row => row.Contains("固定资产投资", StringComparison.Ordinal) && row.Contains("G1Y", StringComparison.Ordinal)).ShouldContain(",5.4,");
        rows.ShouldContain(row => row.Contains("3.5亿元", StringComparison.Ordinal) && row.Contains("某某公司", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_no_to_the_held_figures_leaves_the_others_published()
    {
        await using var served = await Served.StartWholeAsync();
        var report = await UploadAsync(served, "news/a.txt", Text);
        using var rejected = await served.Client.PostAsync((string)report["links"]!["reject"]!, null);
        rejected.StatusCode.ShouldBe(HttpStatusCode.OK);
        var after = await served.JsonAsync((string)report["links"]!["self"]!);
        ((string)after["state"]!, after["heldFor"]!.AsArray().Count).ShouldBe(("published", 0));
        (await RowsAsync(served)).Count.ShouldBe(3);
        using var late = await served.Client.PostAsync((string)report["links"]!["self"]! + "/approve", null);
        late.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_same_text_uploaded_again_with_a_yes_publishes_the_rest()
    {
        await using var served = await Served.StartWholeAsync();
        var report = await UploadAsync(served, "news/a.txt", Text);
        // Without one it changes nothing, and the yes can still be given.
        (await UploadAsync(served, "news/a.txt", Text))["heldFor"]!.AsArray().Count.ShouldBe(1);
        (await UploadAsync(served, "news/a.txt?accept=confidence-low", Text))["heldFor"]!.AsArray().ShouldBeEmpty();
        (await RowsAsync(served)).Count.ShouldBe(4);
        (await served.JsonAsync((string)report["links"]!["self"]!))["figures"]!.AsArray().Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_yes_beforehand_publishes_all_at_once_and_each_is_marked_as_extracted()
    {
        await using var served = await Served.StartWholeAsync();
        var report = await UploadAsync(served, "news/a.txt?accept=confidence-low", Text);
        report["heldFor"]!.AsArray().ShouldBeEmpty();
        var rows = await RowsAsync(served);
        rows.Count.ShouldBe(4);
        rows.ShouldAllBe(row => row.Contains(",Y,", StringComparison.Ordinal));
        rows.ShouldContain(row => row.Contains(",0.50,", StringComparison.Ordinal));
    }

    private static Task<JsonObject> UploadAsync(Served served, string name, string text) => served.UploadAsync(name, Encoding.UTF8.GetBytes(text));

    private static async Task<List<string>> RowsAsync(Served served)
    {
        var csv = await served.Client.GetStringAsync("/v1/datasets/news/data?format=csv&labels=both");
        return [.. csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1)];
    }
}
