using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using DuckDB.NET.Data;
using Pipeline.Local;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>What became of a dataset between two of its versions, asked through the front door.</summary>
public sealed class ChangesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_added_changed_and_removed_is_told_with_both_states()
    {
        await using var served = await Served.StartAsync();
        var first = await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7.0m, "A", "T"), new("01", "2022", null, "M", "T"), new("乌鲁木齐", "2021", 1m, "A", "T")]));
        var second = await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7.0m, "A", "T"), new("01", "2022", 8.25m, "A", "PT"), new("02", "2022", 3m, "P", "T")]), replace: true);

        var all = await served.JsonAsync("/v1/datasets/d/changes");
        ((int)all["from"]!["version"]!, (int)all["to"]!["version"]!).ShouldBe((1, 2));
        all["counts"]!.ToJsonString().ShouldBe("""{"added":1,"changed":1,"decimals":0,"removed":1}""");
        all["changes"]!.AsArray().Select(c => c!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).Replace(first.Release, "1").Replace(second.Release, "2")).ShouldBe(
        [
            """{"CHANGE":"changed","FREQ":"A","REF_AREA":"01","TIME_PERIOD":"2022","OBS_VALUE":8.25,"OBS_VALUE_BEFORE":null,"OBS_STATUS":"A","OBS_STATUS_BEFORE":"M","UNIT_MEASURE":"PT","UNIT_MEASURE_BEFORE":"T","UNIT_MULT":0,"UNIT_MULT_BEFORE":0,"SOURCE":"C3","DECIMALS":2,"DECIMALS_BEFORE":0,"RELEASE":"2"}""",
            """{"CHANGE":"added","FREQ":"A","REF_AREA":"02","TIME_PERIOD":"2022","OBS_VALUE":3,"OBS_VALUE_BEFORE":null,"OBS_STATUS":"P","OBS_STATUS_BEFORE":null,"UNIT_MEASURE":"T","UNIT_MEASURE_BEFORE":null,"UNIT_MULT":0,"UNIT_MULT_BEFORE":null,"SOURCE":"C4","DECIMALS":0,"DECIMALS_BEFORE":null,"RELEASE":"2"}""",
            """{"CHANGE":"removed","FREQ":"A","REF_AREA":"乌鲁木齐","TIME_PERIOD":"2021","OBS_VALUE":null,"OBS_VALUE_BEFORE":1,"OBS_STATUS":null,"OBS_STATUS_BEFORE":"A","UNIT_MEASURE":null,"UNIT_MEASURE_BEFORE":"T","UNIT_MULT":null,"UNIT_MULT_BEFORE":0,"SOURCE":"C4","DECIMALS":null,"DECIMALS_BEFORE":0,"RELEASE":"1"}""",
        ]);
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?format=csv&CHANGE=removed,changed&labels=both&lang=zh&columns=CHANGE,REF_AREA,OBS_VALUE_BEFORE", Cancel))
            .ShouldBe("CHANGE,CHANGE_LABEL,REF_AREA,REF_AREA_LABEL,OBS_VALUE_BEFORE\r\nchanged,修订,01,,\r\nremoved,删除,乌鲁木齐,,1\r\n");
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?format=csv&REF_AREA!=01&TIME_PERIOD=ge:2022&columns=CHANGE,REF_AREA", Cancel)).ShouldBe("CHANGE,REF_AREA\r\nadded,02\r\n");
        // A code that only the earlier version has can be asked for, too; and the way back is the same with the signs turned round.
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?format=csv&REF_AREA=乌鲁木齐,02&columns=CHANGE,REF_AREA&from=2&to=1", Cancel)).ShouldBe("CHANGE,REF_AREA\r\nremoved,02\r\nadded,乌鲁木齐\r\n");
        (await served.JsonAsync("/v1/datasets/d/changes?from=0&to=1"))["counts"]!.ToJsonString().ShouldBe("""{"added":3,"changed":0,"decimals":0,"removed":0}""");
        // Of a version and itself nothing has to be read.
        await served.Storage.Lake.GetBlobClient(second.File).DeleteAsync(cancellationToken: Cancel);
        (await served.JsonAsync("/v1/datasets/d/changes?from=2&to=2"))["counts"]!.ToJsonString().ShouldBe("""{"added":0,"changed":0,"decimals":0,"removed":0}""");
    }

    [Fact]
    public async Task Other_decimals_alone_are_told_apart_from_revisions_everywhere()
    {
        await using var served = await Served.StartWholeAsync();
        Task<JsonObject> UploadAsync(string file, params string[] values) =>
            served.UploadAsync($"d/{file}.csv", Encoding.UTF8.GetBytes("REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n" + string.Concat(values.Select((v, i) => $"0{i + 1},2022,{v},T\n"))));
        await UploadAsync("a", "10.5", "2", "3", "4");
        var report = await UploadAsync("b", "10.50", "2.0", "3.5", "4");
        ((string)report["findings"]!.AsArray().Single(f => (string)f!["code"]! == "release-changes")!["found"]!).ShouldBe("0 observations new, 1 revised, 2 with other decimals alone, 1 unchanged, 0 removed");

        var changes = await served.JsonAsync("/v1/datasets/d/changes");
        changes["counts"]!.ToJsonString().ShouldBe("""{"added":0,"changed":1,"decimals":2,"removed":0}""");
        ((int)(await served.JsonAsync("/v1/datasets/d/versions"))["versions"]![0]!["revised"]!).ShouldBe((int)changes["counts"]!["changed"]!);
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?format=csv&labels=both&lang=zh&columns=CHANGE,REF_AREA,OBS_VALUE,OBS_VALUE_BEFORE,DECIMALS,DECIMALS_BEFORE", Cancel))
            .ShouldBe("CHANGE,CHANGE_LABEL,REF_AREA,REF_AREA_LABEL,OBS_VALUE,OBS_VALUE_BEFORE,DECIMALS,DECIMALS_BEFORE\r\ndecimals,小数位,01,,10.50,10.5,2,1\r\ndecimals,小数位,02,,2.0,2,1,0\r\nchanged,修订,03,,3.5,3,1,0\r\n");
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?format=csv&CHANGE=decimals&columns=REF_AREA", Cancel)).ShouldBe("REF_AREA\r\n01\r\n02\r\n");

        // The figure is still that of the first version, shown as it is now.
        var series = (await served.JsonAsync("/v1/datasets/d/series?REF_AREA=01"))["series"]![0]!;
        var observation = await served.JsonAsync("/v1/observations/" + (string)series["key"]! + ".2022");
        ((int)observation["changes"]!, observation["history"]![0]!["value"]!.ToJsonString(), (int)observation["history"]![0]!["version"]!).ShouldBe((0, "10.50", 1));
    }

    [Fact]
    public async Task Another_unit_alone_is_a_revision_everywhere()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7m, "A", "T"), new("02", "2021", 8m, "A", "T")]));
        await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7m, "A", "PT"), new("02", "2021", 8m, "A", "T")]));
        ((int)(await served.JsonAsync("/v1/datasets/d/changes"))["counts"]!["changed"]!).ShouldBe(1);
        ((int)(await served.JsonAsync("/v1/datasets/d/versions"))["versions"]![0]!["revised"]!).ShouldBe(1);
        (await served.Client.GetStringAsync("/v1/datasets/d/feed.atom", Cancel)).ShouldContain("1 revised");
        var series = (await served.JsonAsync("/v1/datasets/d/series?REF_AREA=01"))["series"]![0]!;
        ((int)(await served.JsonAsync($"/v1/observations/{(string)series["key"]!}.2021"))["changes"]!).ShouldBe(1);

        // What SDMX says of when a version was valid leads to it.
        var history = await served.JsonAsync("/sdmx/v2/data/dataflow/PIPELINE/d/1.0.0/*?includeHistory=true&format=jsondata");
        foreach (var set in history["data"]!["dataSets"]!.AsArray().Where(set => set!["validFrom"] is not null))
            (await served.JsonAsync($"/sdmx/v2/data/dataflow/PIPELINE/d/+/*?asOf={Uri.EscapeDataString((string)set!["validFrom"]!)}&format=jsondata")).ShouldNotBeNull();
        (await served.JsonAsync($"/v1/datasets/d/data?format=json-stat&version=1"))["link"]!.ToJsonString().ShouldContain("/data?version=1");
    }

    [Fact]
    public async Task Every_format_of_tables_holds_the_changes()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7.0m, "A", "T"), new("02", "2021", 1.5m, "A", "T")]));
        var second = await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7.25m, "A", "T"), new("03", "2021", null, "M", "T")]));
        var csv = await served.Client.GetStringAsync("/v1/datasets/d/changes?format=csv", Cancel);
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?format=tsv", Cancel)).Replace('\t', ',').ShouldBe(csv);
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?format=ndjson", Cancel)).Split('\n').Length.ShouldBe(3);
        foreach (var format in (string[])["xlsx", "arrow"])
            (await served.Client.GetByteArrayAsync("/v1/datasets/d/changes?format=" + format, Cancel)).Length.ShouldBeGreaterThan(500);
        var file = Path.Combine(Directory.CreateTempSubdirectory("pipeline-changes-").FullName, "changes.parquet");
        await File.WriteAllBytesAsync(file, await served.Client.GetByteArrayAsync("/v1/datasets/d/changes?format=parquet", Cancel), Cancel);
        using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT string_agg(concat_ws(' ', CHANGE, REF_AREA, OBS_VALUE, OBS_VALUE_BEFORE, OBS_STATUS, OBS_STATUS_BEFORE, UNIT_MULT, UNIT_MULT_BEFORE, SOURCE, DECIMALS, DECIMALS_BEFORE, RELEASE), ';') FROM '{file}'";
            command.ExecuteScalar().ShouldBe($"changed 01 7.25 7.00 A A 0 0 C2 2 1 {second.Release};added 03 M 0 C3 0 {second.Release}");
        }
        Directory.Delete(Path.GetDirectoryName(file)!, true);
    }

    [Fact]
    public async Task Changes_put_to_the_old_version_give_the_new()
    {
        await using var served = await Served.StartAsync();
        var number = 0;
        await Gen.Select(Cubes.AnyRows, Cubes.AnyRows, Gen.Bool, Gen.Int[1, 7]).SampleAsync(async (first, second, replace, limit) =>
        {
            var dataset = $"d{Interlocked.Increment(ref number)}";
            await served.PublishAsync(dataset, Cubes.Of(first.DistinctBy(r => r.Key)));
            var version = await served.PublishAsync(dataset, Cubes.Of(second.DistinctBy(r => r.Key)), replace);
            foreach (var (from, to) in ((int, int)[])[(0, 1), (0, 2), (1, 2), (2, 1)])
            {
                var (old, now) = (from == 0 ? [] : await PlacesAsync(served, dataset, from), await PlacesAsync(served, dataset, to));
                var (state, counts) = (from == 0 ? [] : await StateAsync(served, dataset, from), new Dictionary<string, int> { ["added"] = 0, ["changed"] = 0, ["decimals"] = 0, ["removed"] = 0 });
                var address = $"/v1/datasets/{dataset}/changes?from={from}&to={to}&limit={limit}";
                for (string? next = address; next is not null;)
                {
                    var page = await served.JsonAsync(next);
                    next = (string?)page["page"]!["next"];
                    foreach (var change in page["changes"]!.AsArray())
                    {
                        var (kind, key, before) = ((string)change!["CHANGE"]!, KeyOf(change), Said(change, "_BEFORE"));
                        counts[kind]++;
                        state.TryGetValue(key, out var there).ShouldBe(kind != "added");
                        there.ShouldBe(kind == "added" ? null : before);
                        $"{change["SOURCE"]} {change["RELEASE"]}".ShouldBe((kind == "removed" ? old : now)[key]);
                        if (kind == "removed")
                            state.Remove(key);
                        else
                            state[key] = Said(change, "");
                        if (kind is "changed" or "decimals")
                            state[key].ShouldNotBe(before);
                        if (kind == "decimals")
                            ((decimal)change["OBS_VALUE"]!).ShouldBe((decimal)change["OBS_VALUE_BEFORE"]!);
                    }
                    foreach (var (kind, count) in page["counts"]!.AsObject())
                        if (next is null)
                            counts[kind].ShouldBe((int)count!);
                }
                var wanted = await StateAsync(served, dataset, to);
                state.OrderBy(s => s.Key).ShouldBe(wanted.OrderBy(s => s.Key));
                if ((from, to) == (1, 2))
                    (counts["added"], counts["removed"], counts["changed"] >= version.Revised).ShouldBe(((int)version.Added, (int)version.Removed, true));
            }
        }, iter: 25, threads: 1);
    }

    [Fact]
    public async Task A_dimension_that_came_later_does_not_apply_before_and_other_dimensions_have_nothing_in_common()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7m, "A", "T"), new("02", "2021", 1m, "A", "T")]));
        await served.PublishAsync("d", CubeOf(["FREQ", "REF_AREA", "SEX"], [(["A", "01", "F"], "2021", 4m), (["A", "02", "_Z"], "2021", 2m)]));
        await served.PublishAsync("d", CubeOf(["FREQ", "SEX"], [(["A", "F"], "2021", 4m)]), replace: true);
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?from=1&to=2&format=csv&columns=CHANGE,REF_AREA,SEX,OBS_VALUE,OBS_VALUE_BEFORE", Cancel))
            .ShouldBe("CHANGE,REF_AREA,SEX,OBS_VALUE,OBS_VALUE_BEFORE\r\nadded,01,F,4,\r\nchanged,02,_Z,2,1\r\n");
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?from=2&to=1&format=csv&SEX=F,_Z&REF_AREA=01&columns=CHANGE,SEX", Cancel)).ShouldBe("CHANGE,SEX\r\nremoved,F\r\n");
        (await served.JsonAsync("/v1/datasets/d/changes?from=2&to=3&limit=3"))["counts"]!.ToJsonString().ShouldBe("""{"added":1,"changed":0,"decimals":0,"removed":3}""");
        (await served.Client.GetStringAsync("/v1/datasets/d/changes?from=2&to=3&format=csv&columns=CHANGE,REF_AREA,SEX", Cancel))
            .ShouldBe("CHANGE,REF_AREA,SEX\r\nremoved,01,F\r\nremoved,01,_Z\r\nremoved,02,_Z\r\nadded,,F\r\n");
        var first = await served.JsonAsync("/v1/datasets/d/changes?from=2&to=3&limit=3");
        (await served.JsonAsync((string)first["page"]!["next"]!))["changes"]!.AsArray().Select(c => (string)c!["CHANGE"]!).ShouldBe(["added"]);
    }

    [Fact]
    public async Task Named_versions_are_kept_for_good_and_others_asked_again()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7m, "A", "T")]));
        using var pinned = await served.Client.GetAsync("/v1/datasets/d/changes?from=0&to=1", Cancel);
        pinned.Headers.CacheControl!.ToString().ShouldContain("immutable");
        using var latest = await served.Client.GetAsync("/v1/datasets/d/changes", Cancel);
        latest.Headers.CacheControl!.ToString().ShouldNotContain("immutable");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/v1/datasets/d/changes") { Headers = { IfNoneMatch = { latest.Headers.ETag! } } };
        (await served.Client.SendAsync(again, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/v1/datasets/d/changes") { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/csv") } } };
        using var answer = await served.Client.SendAsync(head, Cancel);
        (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, (await answer.Content.ReadAsByteArrayAsync(Cancel)).Length).ShouldBe((HttpStatusCode.OK, "text/csv", 0));

        await served.PublishAsync("d", Cubes.Of([new("01", "2021", 8m, "A", "T")]));
        await LocalHost.UntilAsync(async () => (int)(await served.JsonAsync("/v1/datasets/d/changes"))["to"]!["version"]! == 2, "the second version", 10);
        (await served.JsonAsync("/v1/datasets/d/changes"))["counts"]!["changed"]!.GetValue<int>().ShouldBe(1);
    }

    [Theory]
    [InlineData("from=3", 404, "unknown-version")]
    [InlineData("to=9", 404, "unknown-version")]
    [InlineData("to=0", 400, "number-out-of-range")]
    [InlineData("from=-1", 400, "number-out-of-range")]
    [InlineData("from=x", 400, "malformed-value")]
    [InlineData("from=99999999999999999999999", 400, "number-out-of-range")]
    [InlineData("from=1&from=1", 400, "malformed-value")]
    [InlineData("CHANGE=revised", 400, "unknown-code")]
    [InlineData("CHANGE=", 400, "unknown-code")]
    [InlineData("REF_AREA=99", 400, "unknown-code")]
    [InlineData("OBS_STATUS=A", 400, "not-filterable")]
    [InlineData("OBS_STATUS_BEFORE=A", 400, "not-filterable")]
    [InlineData("OBS_VALUE=gt:1", 400, "not-filterable")]
    [InlineData("version=1", 400, "unknown-parameter")]
    [InlineData("layout=wide", 400, "unknown-parameter")]
    [InlineData("TIME_PERIOD=ge:x", 400, "malformed-period")]
    [InlineData("columns=DATASET", 400, "unknown-dimension")]
    [InlineData("columns=FREQ,FREQ", 400, "malformed-value")]
    [InlineData("format=json-stat", 400, "conflicting-parameters")]
    [InlineData("format=px", 400, "conflicting-parameters")]
    [InlineData("limit=0", 400, "limit-out-of-range")]
    [InlineData("limit=100001", 400, "limit-out-of-range")]
    [InlineData("cursor=1-7fffffffffffffff-00", 400, "invalid-cursor")]
    [InlineData("cursor=zz", 400, "invalid-cursor")]
    public async Task What_can_not_be_told_is_said_in_words(string query, int status, string code)
    {
        var served = await Shared.Value;
        var (got, problem) = await served.ProblemAsync("/v1/datasets/d/changes?" + query);
        ((int)got, (string)problem["code"]!).ShouldBe((status, code));
    }

    // One host for all bad requests; it ends with the process.
    private static readonly Lazy<Task<Served>> Shared = new(async () =>
    {
        var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("01", "2021", 7m, "A", "T")]));
        return served;
    });

    private static async Task<Dictionary<string, string>> StateAsync(Served served, string dataset, int version) =>
        (await served.JsonAsync($"/v1/datasets/{dataset}/data?version={version}"))["observations"]!.AsArray().ToDictionary(o => KeyOf(o!), o => Said(o!, ""));

    private static async Task<Dictionary<string, string>> PlacesAsync(Served served, string dataset, int version) =>
        (await served.JsonAsync($"/v1/datasets/{dataset}/data?version={version}"))["observations"]!.AsArray().ToDictionary(o => KeyOf(o!), o => $"{o!["SOURCE"]} {o["RELEASE"]}");

    private static string KeyOf(JsonNode row) => $"{row["FREQ"]}|{row["REF_AREA"]}|{row["TIME_PERIOD"]}";

    private static string Said(JsonNode row, string suffix) =>
        $"{row["OBS_VALUE" + suffix]?.ToJsonString()}|{row["OBS_STATUS" + suffix]}|{row["UNIT_MEASURE" + suffix]}|{row["UNIT_MULT" + suffix]}";

    private static Cube CubeOf(string[] dimensions, (string[] Key, string Period, decimal Value)[] rows)
    {
        Component[] components =
        [
            .. dimensions.Select(id => new Component(id, ComponentRole.Dimension)), new(Concepts.TimePeriod, ComponentRole.Time),
            .. ((string[])[Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult]).Select(id => new Component(id, ComponentRole.Attribute)),
        ];
        var cube = new Cube(components, []);
        foreach (var (row, i) in rows.Select((row, i) => (row, i)))
            cube.Observations.Add([.. row.Key.Append(row.Period).Concat(["A", "T", "0"]).Select((code, c) => components[c].Codes.Add(code))], row.Value, Source.Cell(i + 2, 3));
        return cube;
    }
}
