using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The second month through the front door: what a release is told, and held for, against the version before.</summary>
public sealed class HistoryTests
{
    private const string Head = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,UNIT_MULT\n";
    private static readonly string[] Areas = ["650100", "650200", "652100", "652200", "652300", "654000"];

    [Fact]
    public async Task Every_version_has_its_series_however_many_came_after_it()
    {
        await using var served = await Served.StartAsync();
        var then = new List<string>();
        async Task<JsonObject> SeriesAsync(string query) => await served.JsonAsync("/v1/datasets/d/series" + query);
        string? next = null;
        for (var version = 1; version <= 4; version++)
        {
            // Decimals, a missing value, what has no period, and one series more in each version.
            await served.PublishAsync("d", Cubes.Of([
                .. Enumerable.Range(0, version).SelectMany(i => (Row[])[new($"0{i}", "2021", 1.50m + version, "A", "T"), new($"0{i}", "2022", i == 1 ? null : 2m, i == 1 ? "M" : "A", "T")]),
                new("09", "", 3.250m, "A", "PT")]), replace: true);
            // Another host has published it.
            JsonObject latest = [];
            await LocalHost.UntilAsync(async () => (int)(latest = await SeriesAsync(""))["version"]! == version, "version " + version);
            then.Add(latest["series"]!.ToJsonString());
            next ??= (string?)(await SeriesAsync("?limit=1"))["page"]!["next"];
        }
        for (var version = 1; version <= 4; version++)
            (await SeriesAsync($"?version={version}&labels=code"))["series"]!.ToJsonString().ShouldBe(then[version - 1]);
        // A reader in the middle of the first goes on in it.
        var rest = await served.JsonAsync(next!);
        ((int)rest["version"]!, rest["series"]!.AsArray().Count, (string)rest["series"]![0]!["key"]!).ShouldBe((1, 1, (string)JsonNode.Parse(then[0])![1]!["key"]!));
    }

    [Fact]
    public async Task A_value_off_its_history_holds_the_release_until_an_official_says_yes()
    {
        var clock = new ManualTime(DateTimeOffset.UtcNow);
        await using var served = await Served.StartWholeAsync((services, _) => services.AddSingleton<TimeProvider>(clock));
        await PublishAsync(served, "d/a.csv", Months(1, 8));
        var held = await UploadAsync(served, "d/b.csv", Months(9, 9).Replace(Line(2, 9), Line(2, 9, factor: 1000), StringComparison.Ordinal));
        ((string)held["state"]!, string.Join(",", held["heldFor"]!.AsArray())).ShouldBe(("held", "value-out-of-scale"), held.ToJsonString());
        var finding = Finding(held, "value-out-of-scale").ShouldHaveSingleItem();
        ((string)finding["where"]!, (string)finding["severity"]!).ShouldBe(("C4", "warning"));
        ((string)finding["message"]!).ShouldContain("1,000 times");
        ((string)finding["message"]!).ShouldContain("REF_AREA=652100");
        ((string)finding["expected"]!).ShouldContain(Value(2, 8).ToString(CultureInfo.InvariantCulture));
        ((string)finding["advice"]!).ShouldContain("accept=value-out-of-scale");

        // Neither the timer nor a second delivery publishes it; the first version is what readers have.
        clock.Advance(TimeSpan.FromDays(30));
        var ingestion = served.Host.Host.Services.GetRequiredService<Ingestion>();
        await ingestion.TendAsync();
        (await ingestion.RunAsync("d/b.csv"))!.State.ShouldBe(ReleaseState.Held);
        ((int)(await served.JsonAsync("/v1/datasets/d"))["latestVersion"]!).ShouldBe(1);

        var (address, approve) = ((string)held["links"]!["self"]!, (string)held["links"]!["approve"]!);
        var approved = await PostAsync(served, approve, HttpStatusCode.Accepted);
        string.Join(",", approved["accept"]!.AsArray()).ShouldBe("value-out-of-scale");
        await LocalHost.UntilAsync(async () => (string)(await served.JsonAsync(address))["state"]! == "published", "publication");
        var report = await served.JsonAsync(address);
        ((int)report["published"]![0]!["version"]!, report["heldFor"]!.AsArray().Count, Finding(report, "value-out-of-scale").Count).ShouldBe((2, 0, 1));
        // A yes said twice is one; there is nothing to reject any more.
        await PostAsync(served, approve, HttpStatusCode.Accepted);
        ((string)(await PostAsync(served, address + "/reject", HttpStatusCode.Conflict))["code"]!).ShouldBe("not-held");
        (await served.JsonAsync("/v1/datasets/d/versions"))["versions"]!.AsArray().Count.ShouldBe(2);
        ((await ingestion.RunAsync("d/b.csv"))!.State).ShouldBe(ReleaseState.Published);
    }

    [Fact]
    public async Task What_is_not_held_can_not_be_approved()
    {
        await using var served = await Served.StartWholeAsync();
        var published = await PublishAsync(served, "d/a.csv", Months(1, 4));
        var address = (string)published["links"]!["self"]!;
        var problem = await PostAsync(served, address + "/approve", HttpStatusCode.Conflict);
        ((string)problem["code"]!, (string)problem["value"]!).ShouldBe(("not-held", (string)published["id"]!));
        ((string)(await PostAsync(served, "/v1/releases/d-0123456789abcdef/approve", HttpStatusCode.NotFound))["code"]!).ShouldBe("unknown-release");
        ((string)(await PostAsync(served, "/v1/releases/d-0123456789abcdef/reject", HttpStatusCode.NotFound))["code"]!).ShouldBe("unknown-release");
        ((string)(await served.ProblemAsync(address + "/approve")).Problem["code"]!).ShouldBe("method-not-allowed");
        using var wrong = await served.Client.PutAsync("/v1/releases/d/c.csv?accept=everything", new StringContent(Months(1, 1)));
        ((string)(await wrong.Content.ReadFromJsonAsync<JsonObject>())!["code"]!).ShouldBe("malformed-value");
        // A file may have the name of the action.
        (await PublishAsync(served, "d/approve", Months(5, 5)))["published"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_rejected_release_stays_so_until_it_is_uploaded_again_with_a_yes()
    {
        await using var served = await Served.StartWholeAsync();
        await PublishAsync(served, "d/a.csv", Months(1, 8));
        var wrong = Months(9, 9).Replace(Line(0, 9), Line(0, 9, factor: 0.01m), StringComparison.Ordinal);
        var held = await UploadAsync(served, "d/b.csv", wrong);
        var rejected = await PostAsync(served, (string)held["links"]!["reject"]!, HttpStatusCode.OK);
        ((string)rejected["state"]!, Finding(rejected, "release-declined").Count).ShouldBe(("rejected", 1));
        ((string)(await PostAsync(served, (string)held["links"]!["reject"]!, HttpStatusCode.OK))["state"]!).ShouldBe("rejected");
        ((string)(await PostAsync(served, (string)held["links"]!["approve"]!, HttpStatusCode.Conflict))["code"]!).ShouldBe("not-held");
        await served.Host.Host.Services.GetRequiredService<Ingestion>().TendAsync();
        ((int)(await served.JsonAsync("/v1/datasets/d"))["latestVersion"]!).ShouldBe(1);

        var again = await UploadAsync(served, "d/b.csv?accept=value-out-of-scale", wrong);
        ((string)again["id"]!, (string)again["state"]!).ShouldBe(((string)held["id"]!, "published"), again.ToJsonString());
    }

    [Fact]
    public async Task A_corrected_upload_takes_the_place_of_a_held_one()
    {
        await using var served = await Served.StartWholeAsync();
        await PublishAsync(served, "d/a.csv", Months(1, 8));
        var held = await UploadAsync(served, "d/b.csv", Months(9, 9).Replace(Line(0, 9), Line(0, 9, factor: 100), StringComparison.Ordinal));
        ((string)held["state"]!).ShouldBe("held");
        await PublishAsync(served, "d/b.csv", Months(9, 9));
        ((string)(await PostAsync(served, (string)held["links"]!["approve"]!, HttpStatusCode.Conflict))["detail"]!).ShouldContain("replaced");
        await served.Host.Host.Services.GetRequiredService<Ingestion>().TendAsync();
        var ended = await served.JsonAsync((string)held["links"]!["self"]!);
        ((string)ended["state"]!, Finding(ended, "upload-replaced").Count).ShouldBe(("rejected", 1));
        ((int)(await served.JsonAsync("/v1/datasets/d"))["latestVersion"]!).ShouldBe(2);
    }

    [Fact]
    public async Task An_embargoed_release_needs_both_its_time_and_the_yes()
    {
        var clock = new ManualTime(DateTimeOffset.UtcNow);
        await using var served = await Served.StartWholeAsync((services, _) => services.AddSingleton<TimeProvider>(clock));
        var ingestion = served.Host.Host.Services.GetRequiredService<Ingestion>();
        await PublishAsync(served, "d/a.csv", Months(1, 8));
        var due = Uri.EscapeDataString(clock.GetUtcNow().AddHours(2).ToString("O"));
        var wrong = Months(9, 9).Replace(Line(0, 9), Line(0, 9, factor: 100), StringComparison.Ordinal);
        // The report says at once what it will be held for.
        var held = await UploadAsync(served, "d/b.csv?publishAt=" + due, wrong);
        ((string)held["state"]!, string.Join(",", held["heldFor"]!.AsArray())).ShouldBe(("held", "value-out-of-scale"));
        await PostAsync(served, (string)held["links"]!["approve"]!, HttpStatusCode.Accepted);
        var address = (string)held["links"]!["self"]!;
        await LocalHost.UntilAsync(async () => await served.JsonAsync(address) is var report && (string)report["state"]! == "held" && report["heldFor"]!.AsArray().Count == 0, "its time");
        await ingestion.TendAsync();
        ((string)(await served.JsonAsync(address))["state"]!).ShouldBe("held");
        clock.Advance(TimeSpan.FromHours(3));
        await ingestion.TendAsync();
        ((string)(await served.JsonAsync(address))["state"]!).ShouldBe("published");

        due = Uri.EscapeDataString(clock.GetUtcNow().AddHours(2).ToString("O"));
        held = await UploadAsync(served, "d/c.csv?publishAt=" + due, Months(10, 10).Replace(Line(1, 10), Line(1, 10, factor: 100), StringComparison.Ordinal));
        clock.Advance(TimeSpan.FromHours(3));
        await ingestion.TendAsync();
        ((string)(await served.JsonAsync((string)held["links"]!["self"]!))["state"]!).ShouldBe("held");
        await PostAsync(served, (string)held["links"]!["approve"]!, HttpStatusCode.Accepted);
        await LocalHost.UntilAsync(async () => (string)(await served.JsonAsync((string)held["links"]!["self"]!))["state"]! == "published", "publication");
    }

    [Theory]
    [InlineData(2, 9, 9, "6 of 6 new values", "a 10,000th of")]
    [InlineData(1, 9, 10, "12 of 12 new values", "a 10,000th of")]
    [InlineData(8, 1, 8, "48 of 48 revised values", "a 10,000th of")]
    public async Task A_whole_table_in_another_unit_is_one_finding(int known, int from, int to, string what, string factor)
    {
        await using var served = await Served.StartWholeAsync();
        await PublishAsync(served, "d/a.csv", Months(9 - known, 8));
        var held = await UploadAsync(served, "d/b.csv", Months(from, to, factor: 0.0001m));
        ((string)held["state"]!).ShouldBe("held", held.ToJsonString());
        var finding = Finding(held, "value-out-of-scale").ShouldHaveSingleItem();
        ((int)held["findingCounts"]!["value-out-of-scale"]!).ShouldBe(1);
        ((string)finding["message"]!).ShouldStartWith(what);
        ((string)finding["message"]!).ShouldContain(factor);
        ((string)finding["where"]!).ShouldBe("C2");
    }

    [Fact]
    public async Task A_table_of_many_indicators_and_one_column_of_a_table_are_one_finding_each()
    {
        await using var served = await Served.StartWholeAsync();
        const string Head = "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,UNIT_MULT\n";
        string Lines(int indicators, int areas, int month, Func<int, decimal> factor) => string.Concat(Enumerable.Range(0, indicators).SelectMany(i => Enumerable.Range(0, areas).Select(a =>
            string.Create(CultureInfo.InvariantCulture, $"Output {i},{Areas[a]},2023-{month:D2},{Value((i + a) % 6, month) * factor(i)},CNY,8\n"))));
        // One month of history says nothing of one series, and enough of seven in one unit.
        await PublishAsync(served, "many/a.csv", Head + Lines(7, 1, 1, _ => 1));
        var held = await UploadAsync(served, "many/b.csv", Head + Lines(7, 1, 2, _ => 10_000));
        ((string)Finding(held, "value-out-of-scale").ShouldHaveSingleItem()["message"]!).ShouldStartWith("7 of 7 new values (10^8 × Chinese yuan (CNY)) are about 10,000 times");
        await PublishAsync(served, "column/a.csv", Head + Lines(3, 6, 1, _ => 1));
        held = await UploadAsync(served, "column/b.csv", Head + Lines(3, 6, 2, i => i == 1 ? 0.0001m : 1));
        held["state"]!.ToString().ShouldBe("held", held.ToJsonString());
        ((string)Finding(held, "value-out-of-scale").ShouldHaveSingleItem()["message"]!).ShouldStartWith("6 of 6 new values (Output 1");
    }

    [Theory]
    [InlineData("update")]
    [InlineData("replace")]
    public async Task A_series_of_more_days_than_are_looked_at_at_once_has_its_history(string mode)
    {
        await using var served = await Served.StartWholeAsync();
        string Days(int from, int to) => string.Concat(Enumerable.Range(from, to - from).Select(d => $"650100,{new DateOnly(2005, 1, 1).AddDays(d):yyyy-MM-dd},{10_000 + ((d * 37) % 800)},T,0\n"));
        await PublishAsync(served, "d/a.csv", Head + Days(0, 6_000));
        var held = await UploadAsync(served, "d/b.csv?mode=" + mode, Head + Days(4_000, 6_002) + $"650100,{new DateOnly(2005, 1, 1).AddDays(6_002):yyyy-MM-dd},1020000,T,0\n");
        ((string)held["state"]!).ShouldBe("held", held.ToJsonString());
        ((string)Finding(held, "value-out-of-scale").ShouldHaveSingleItem()["where"]!).ShouldBe("C2004");
        // A slip in the middle, and the days after it are no slips.
        held = await UploadAsync(served, "d/c.csv?mode=" + mode, Head + Days(4_000, 4_096) + $"650100,{new DateOnly(2005, 1, 1).AddDays(4_096):yyyy-MM-dd},101,T,0\n" + Days(4_097, 6_001));
        ((string)held["state"]!, (int)held["findingCounts"]!["value-out-of-scale"]!).ShouldBe(("held", 1), held.ToJsonString());
    }

    [Theory]
    [InlineData("T,8", 1, "held")]
    [InlineData("T,8", 0.0001, "published")]
    [InlineData("KG,4", 1, "held")]
    [InlineData("KG,4", 1000, "published")]
    [InlineData("CNY,4", 1, "held")]
    public async Task A_changed_unit_holds_the_release_where_the_figures_do_not_go_with_it(string unit, double factor, string state)
    {
        await using var served = await Served.StartWholeAsync();
        await PublishAsync(served, "d/a.csv", Months(1, 8));
        var report = await UploadAsync(served, "d/b.csv", Months(9, 10, (decimal)factor, unit));
        ((string)report["state"]!).ShouldBe(state, report.ToJsonString());
        var finding = Finding(report, "unit-changed").ShouldHaveSingleItem();
        ((string)finding["message"]!).ShouldContain("after 10^4 × Tonnes (T)");
        Finding(report, "value-out-of-scale").ShouldBeEmpty();
        string.Join(",", report["heldFor"]!.AsArray()).ShouldBe(state == "held" ? "unit-changed" : "");
    }

    [Fact]
    public async Task What_the_release_changes_is_told()
    {
        await using var served = await Served.StartWholeAsync();
        await PublishAsync(served, "d/a.csv", Months(1, 8));
        var second = string.Concat(Months(8, 9).Split('\n').Where(line => !line.StartsWith("652300,2023-09", StringComparison.Ordinal)).Select(line => line.Length > 0 ? line + "\n" : ""))
            .Replace(Line(0, 8), $"650100,2023-08,{Value(0, 8) + 1},T,4\n", StringComparison.Ordinal) + "659001,2023-09,77,T,4\n";
        var report = await UploadAsync(served, "d/b.csv", second);
        ((string)report["state"]!).ShouldBe("published", report.ToJsonString());
        ((string)Finding(report, "release-changes").ShouldHaveSingleItem()["found"]!).ShouldBe("6 observations new, 1 revised, 5 unchanged, 0 removed");
        ((string)Finding(report, "codes-added").ShouldHaveSingleItem()["found"]!).ShouldContain("659001");
        var missing = Finding(report, "series-missing").ShouldHaveSingleItem();
        ((string)missing["severity"]!, (string)missing["found"]!, (string)missing["message"]!).ShouldBe(("warning", "nothing at 2023-09", "A series ends: FREQ=M, REF_AREA=652300."));
        // One row of one region is a correction, and a new month of one region a part.
        Finding(await UploadAsync(served, "d/c.csv", Head + Line(0, 9)), "series-missing").ShouldBeEmpty();
        ((string)Finding(await UploadAsync(served, "d/d.csv", Head + Line(0, 10)), "series-missing").ShouldHaveSingleItem()["severity"]!).ShouldBe("information");
    }

    [Fact]
    public async Task A_year_of_monthly_releases_that_are_right_is_published_without_a_question()
    {
        await using var served = await Served.StartWholeAsync();
        for (var month = 1; month <= 12; month++)
        {
            var report = await UploadAsync(served, $"d/{month}.csv", Months(Math.Max(1, month - 2), month));
            ((string)report["state"]!).ShouldBe("published", report.ToJsonString());
            report["findings"]!.AsArray().Select(f => (string)f!["severity"]!).ShouldAllBe(severity => severity == "information");
        }
    }

    private static async Task<JsonObject> PostAsync(Served served, string address, HttpStatusCode expected)
    {
        using var response = await served.Client.PostAsync(address, null);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(expected, text);
        return JsonNode.Parse(text)!.AsObject();
    }

    private static Task<JsonObject> UploadAsync(Served served, string path, string text) => served.UploadAsync(path, Encoding.UTF8.GetBytes(text));

    private static async Task<JsonObject> PublishAsync(Served served, string path, string text)
    {
        var report = await UploadAsync(served, path, text);
        ((string)report["state"]!).ShouldBe("published", report.ToJsonString());
        return report;
    }

    private static List<JsonNode> Finding(JsonObject report, string code) => [.. report["findings"]!.AsArray().Where(f => (string)f!["code"]! == code).Select(f => f!)];

    /// <summary>Every area's months of 2023, in 万吨: steady, with an odd bump.</summary>
    private static string Months(int from, int to, decimal factor = 1, string unit = "T,4") =>
        Head + string.Concat(Enumerable.Range(from, to - from + 1).SelectMany(month => Areas.Select((_, area) => Line(area, month, factor, unit))));

    private static string Line(int area, int month, decimal factor = 1, string unit = "T,4") =>
        string.Create(CultureInfo.InvariantCulture, $"{Areas[area]},2023-{month:D2},{(Value(area, month) * factor).ToString("0.#######", CultureInfo.InvariantCulture)},{unit}\n");

    private static decimal Value(int area, int month) => (4_000 * (area + 1)) + (37 * month) + ((area * 31) + (month * 17)) % 13 * 10;
}
