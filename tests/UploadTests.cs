using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>What becomes of uploads in the whole app: again, corrected, at once, to replace, for later, and when storage fails.</summary>
public sealed class UploadTests
{
    private const string First = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,1.5,PT\n650200,2022,2.5,PT\n";
    private const string Corrected = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,1.75,PT\n";

    [Fact]
    public async Task The_same_bytes_twice_are_one_version_and_a_correction_leaves_the_old_one_readable()
    {
        await using var served = await Served.StartWholeAsync();
        var first = await UploadAsync(served, "d/x.csv", First);
        var between = DateTimeOffset.UtcNow;
        ((string)(await UploadAsync(served, "d/x.csv", First))["id"]!).ShouldBe((string)first["id"]!);
        var second = await UploadAsync(served, "d/x.csv", Corrected);
        ((int)second["published"]![0]!["version"]!).ShouldBe(2);
        ((int)(await served.JsonAsync("/v1/datasets/d/versions"))["page"]!["total"]!).ShouldBe(2);
        (await ValuesAsync(served, "")).ShouldBe(["650100 1.75", "650200 2.5"]);
        (await ValuesAsync(served, "?version=1")).ShouldBe(["650100 1.5", "650200 2.5"]);
        (await ValuesAsync(served, $"?asOf={Uri.EscapeDataString(between.ToString("O"))}")).ShouldBe(["650100 1.5", "650200 2.5"]);
    }

    [Fact]
    public async Task Bytes_that_are_published_already_say_what_they_ask_for_in_vain()
    {
        await using var served = await Served.StartWholeAsync();
        var first = await UploadAsync(served, "d/x.csv?title=Old", First);
        var address = (string)first["links"]!["self"]!;
        JsonNode[] Again(JsonObject report) => [.. report["findings"]!.AsArray().Where(f => (string)f!["code"]! == "already-published")!];
        Again(await PutAsync(served, "d/x.csv?title=Old")).ShouldBeEmpty();
        Again(await PutAsync(served, "d/x.csv")).ShouldBeEmpty();
        foreach (var report in (JsonObject[])[await PutAsync(served, "d/x.csv?title=New&publishAt=2099-01-01T09:00:00%2B08:00&mode=replace"), await served.JsonAsync(address)])
        {
            var finding = Again(report).ShouldHaveSingleItem();
            ((string)report["state"]!, (string)finding["severity"]!, (string)finding["found"]!, (string)finding["expected"]!).ShouldBe(
                ("published", "warning", "title New, mode replace, publishAt 2099-01-01T01:00:00Z", "title Old, mode update, publishAt none, as they were published: that is kept"));
            ((string)finding["message"]!, (string)finding["advice"]!).ShouldBe(("The same bytes are published already, as version 1 of d: uploaded again they change nothing.",
                "To publish them as this upload says, upload the file under another name: that is a release of its own. What is published can not be held back any more."));
        }
        Again(await PutAsync(served, "d/x.csv")).ShouldBeEmpty();
        ((string)(await served.JsonAsync("/v1/datasets/d"))["title"]!["en"]!).ShouldBe("Old");

        // Other bytes have taken the name since: these do not come back by themselves.
        await UploadAsync(served, "d/x.csv", Corrected);
        var back = Again(await PutAsync(served, "d/x.csv")).ShouldHaveSingleItem();
        ((string)back["found"]!).ShouldStartWith("other bytes");
        (await ValuesAsync(served, "")).ShouldBe(["650100 1.75", "650200 2.5"]);

        // Another tool's upload has no answer: the report says it.
        await served.Storage.Releases.GetBlobClient("d/x.csv").UploadAsync(BinaryData.FromString(First),
            new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = new Dictionary<string, string> { ["Title"] = "Newer" } });
        await LocalHost.UntilAsync(async () => (string?)Again(await served.JsonAsync(address)).SingleOrDefault()?["found"] == "title Newer", "the finding");
    }

    [Fact]
    public async Task An_answer_tells_what_this_upload_says_while_the_one_before_waits()
    {
        // Nothing is taken in here.
        await using var served = await Served.StartAsync();
        await PutAsync(served, "d/x.csv?title=Old&publishAt=2098-01-01T00:00:00Z");
        var second = await PutAsync(served, "d/x.csv?publishAt=2099-01-01T09:00:00%2B08:00");
        ((string)second["state"]!, (DateTimeOffset)second["publishAt"]!, (string?)second["title"]).ShouldBe(("received", new DateTimeOffset(2099, 1, 1, 1, 0, 0, default), null));
        (await PutAsync(served, "d/x.csv")).ContainsKey("publishAt").ShouldBeFalse();
    }

    [Fact]
    public async Task Files_at_once_are_all_published_and_replace_takes_the_others_away()
    {
        await using var served = await Served.StartWholeAsync();
        string[] files = ["a", "b", "c", "d"];
        var reports = await Task.WhenAll(files.Select((file, i) => UploadAsync(served, $"d/{file}.csv", $"REF_AREA,TIME_PERIOD,OBS_VALUE\n{file},2022,{i}\n")));
        reports.Select(r => (int)r["published"]![0]!["version"]!).Order().ShouldBe([1, 2, 3, 4]);
        (await ValuesAsync(served, "")).ShouldBe(["a 0", "b 1", "c 2", "d 3"]);
        var replaced = await UploadAsync(served, "d/e.csv?mode=replace", "REF_AREA,TIME_PERIOD,OBS_VALUE\nb,2022,9\n");
        ((int)replaced["published"]![0]!["version"]!).ShouldBe(5);
        (await ValuesAsync(served, "")).ShouldBe(["b 9"]);
        (await ValuesAsync(served, "?version=4")).ShouldBe(["a 0", "b 1", "c 2", "d 3"]);
    }

    [Fact]
    public async Task What_is_for_later_is_held_and_published_when_due()
    {
        var clock = new ManualTime(DateTimeOffset.UtcNow);
        await using var served = await Served.StartWholeAsync((services, _) => services.AddSingleton<TimeProvider>(clock));
        var due = clock.GetUtcNow().AddHours(3);
        var held = await UploadAsync(served, "d/x.csv?publishAt=" + Uri.EscapeDataString(due.ToString("O")), First);
        ((string)held["state"]!, (long)held["reconciliation"]!["observations"]!).ShouldBe(("held", 2));
        var tending = served.Host.Host.Services.GetRequiredService<Ingestion>();
        clock.Advance(TimeSpan.FromHours(2));
        await tending.TendAsync();
        (await served.ProblemAsync("/v1/datasets/d")).Problem["code"]!.ToString().ShouldBe("unknown-dataset");
        clock.Advance(TimeSpan.FromHours(1));
        await tending.TendAsync();
        var address = (string)held["links"]!["self"]!;
        ((string)(await served.JsonAsync(address))["state"]!).ShouldBe("published");
        (await ValuesAsync(served, "")).ShouldBe(["650100 1.5", "650200 2.5"]);
        await tending.TendAsync();
        ((int)(await served.JsonAsync("/v1/datasets/d/versions"))["page"]!["total"]!).ShouldBe(1);
    }

    [Fact]
    public async Task What_is_due_within_the_minute_waits_for_its_second()
    {
        var clock = new ManualTime(new DateTimeOffset(2030, 1, 1, 9, 29, 10, TimeSpan.Zero));
        await using var served = await Served.StartWholeAsync((services, _) => services.AddSingleton<TimeProvider>(clock));
        var soon = await UploadAsync(served, "d/x.csv?publishAt=2030-01-01T09:29:45Z", First);
        await UploadAsync(served, "d/later.csv?publishAt=2030-01-01T09:30:00Z", Corrected);
        var waiting = clock.Waiting;
        var tended = served.Host.Host.Services.GetRequiredService<Ingestion>().TendAsync();
        await LocalHost.UntilAsync(() => Task.FromResult(clock.Waiting == waiting + 1), "the wait");
        clock.Advance(TimeSpan.FromSeconds(34));
        (await served.ProblemAsync("/v1/datasets/d")).Problem["code"]!.ToString().ShouldBe("unknown-dataset");
        clock.Advance(TimeSpan.FromSeconds(2));
        await tended;
        ((string)(await served.JsonAsync((string)soon["links"]!["self"]!))["state"]!).ShouldBe("published");
        (await ValuesAsync(served, "")).ShouldBe(["650100 1.5", "650200 2.5"]);
    }

    [Fact]
    public async Task Uploads_of_one_name_at_once_all_come_to_an_end()
    {
        await using var served = await Served.StartWholeAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => served.Client.PutAsync("/v1/releases/d/x.csv", new StringContent(First.Replace("1.5", $"1.{n / 2}", StringComparison.Ordinal)))));
        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Accepted);
        var ended = new List<JsonObject>();
        foreach (var answer in answers)
        {
            await LocalHost.UntilAsync(async () => (string)(await served.JsonAsync(answer.Headers.Location!.ToString()))["state"]! is "published" or "rejected", "the end");
            ended.Add(await served.JsonAsync(answer.Headers.Location!.ToString()));
        }
        ended.Where(report => (string)report["state"]! == "rejected").ShouldAllBe(report => report["findings"]!.AsArray().Any(f => (string)f!["code"]! == "upload-replaced"));
        // What is there at the end is published, and is the latest.
        var there = (await served.Storage.Releases.GetBlobClient("d/x.csv").DownloadContentAsync()).Value.Content.ToString();
        await LocalHost.UntilAsync(async () => there.Contains((await ValuesAsync(served, ""))[0].Replace("650100 ", "650100,2022,", StringComparison.Ordinal), StringComparison.Ordinal), "the last upload");

        (await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => served.Client.PutAsync("/v1/releases/d/profile.json", new StringContent("{}"))))).ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);

        // More than a block, which whoever is first throws away the others' of.
        var large = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => served.Client.PutAsync("/v1/releases/d/large.bin", new ByteArrayContent([.. Enumerable.Repeat((byte)n, 9_000_000)]))));
        large.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.Accepted);
        var kept = new List<int>();
        await foreach (var blob in served.Storage.Releases.GetBlobsAsync())
        {
            if (!blob.Name.EndsWith("/large.bin", StringComparison.Ordinal))
                continue;
            var bytes = (await served.Storage.Releases.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToArray();
            bytes.Length.ShouldBe(9_000_000);
            kept.Add(bytes.Distinct().Single());
        }
        kept.Order().ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public async Task Conditions_and_empty_parameters_of_an_upload_are_not_passed_over()
    {
        await using var served = await Served.StartWholeAsync();
        async Task<(HttpStatusCode, string?)> Put(string query, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/releases/d/x.csv" + query) { Content = new StringContent(First) };
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
            using var answer = await served.Client.SendAsync(request);
            return (answer.StatusCode, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]);
        }

        // A variable that was not set must not end an embargo.
        (await Put("?publishAt=")).ShouldBe((HttpStatusCode.BadRequest, "malformed-date"));
        (await Put("", ("x-ms-meta-publishAt", ""))).ShouldBe((HttpStatusCode.BadRequest, "malformed-date"));
        (await Put("?mode=")).ShouldBe((HttpStatusCode.BadRequest, "unknown-mode"));
        (await Put("?language=")).ShouldBe((HttpStatusCode.BadRequest, "malformed-value"));
        (await Put("?title=a&title=b")).ShouldBe((HttpStatusCode.BadRequest, "malformed-value"));
        (await Put("?title=a%00b")).ShouldBe((HttpStatusCode.BadRequest, "malformed-value"));
        (await Put("", ("If-Match", "*"))).ShouldBe((HttpStatusCode.PreconditionFailed, "precondition-failed"));
        using (var packed = new HttpRequestMessage(HttpMethod.Put, "/v1/releases/d/x.csv") { Content = new ByteArrayContent([0x1f, 0x8b, 8]) { Headers = { ContentEncoding = { "gzip" } } } })
            ((int)(await served.Client.SendAsync(packed)).StatusCode).ShouldBe(415);
        (await Put("?title=", ("If-None-Match", "*"))).ShouldBe((HttpStatusCode.Accepted, null));
        (await Put("", ("If-None-Match", "*"))).ShouldBe((HttpStatusCode.PreconditionFailed, "precondition-failed"));
        (await Put("", ("If-Match", "\"other\""))).ShouldBe((HttpStatusCode.PreconditionFailed, "precondition-failed"));
        (await Put("", ("If-Match", "*"))).ShouldBe((HttpStatusCode.Accepted, null));
    }

    [Fact]
    public async Task A_fault_that_stays_ends_after_five_attempts_and_the_file_uploaded_again_is_published()
    {
        var fault = new Fault { Breaks = true };
        await using var served = await Served.StartWholeAsync((services, connection) =>
        {
            var options = new BlobClientOptions { Retry = { MaxRetries = 0 } };
            options.AddPolicy(fault, HttpPipelinePosition.PerRetry);
            services.AddSingleton(new Storage(new BlobServiceClient(connection, options), new TableServiceClient(connection)));
        });
        var report = await UploadAsync(served, "d/x.csv", First);
        ((string)report["state"]!, (int)report["attempts"]!).ShouldBe(("rejected", BlobTrigger.Attempts));
        var finding = report["findings"]!.AsArray().Single(f => (string)f!["code"]! == "ingest-failed")!;
        ((string)finding["found"]!).ShouldContain(Fault.Reason);
        ((string)finding["advice"]!).ShouldContain("upload the file again");
        JsonNode.Parse((await served.Storage.Reports.GetBlobClient((string)report["id"]! + ".json").DownloadContentAsync()).Value.Content.ToString())!["state"]!
            .ToString().ShouldBe("rejected");
        var poison = new QueueClient(served.Host.ConnectionString, BlobTrigger.PoisonQueue, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
        await LocalHost.UntilAsync(async () => (await poison.ExistsAsync()).Value && (await poison.PeekMessagesAsync()).Value.Length == 1, "a poison message");
        (await poison.PeekMessagesAsync()).Value[0].Body.ToString().ShouldContain("d/x.csv");
        (await served.ProblemAsync("/v1/datasets/d")).Problem["code"]!.ToString().ShouldBe("unknown-dataset");

        fault.Breaks = false;
        report = await UploadAsync(served, "d/x.csv", First);
        ((string)report["state"]!, report["findings"]!.AsArray().Count).ShouldBe(("published", 0));
        (await ValuesAsync(served, "")).ShouldBe(["650100 1.5", "650200 2.5"]);
    }

    [Fact]
    public async Task A_cell_that_would_start_a_formula_is_guarded_in_csv_and_as_it_is_in_json()
    {
        await using var served = await Served.StartWholeAsync();
        string[] codes = ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "plain"];
        var report = await UploadAsync(served, "d/x.csv", "BRANCH,TIME_PERIOD,OBS_VALUE\n" + string.Concat(codes.Select((code, i) => $"{code},2022,-{i}.5\n")));
        ((string)report["state"]!).ShouldBe("published", report.ToJsonString());
        var rows = (await served.Client.GetStringAsync("/v1/datasets/d/data?format=csv&labels=both")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        rows.Length.ShouldBe(codes.Length + 1);
        rows.SelectMany(row => row.Split(',')).Select(cell => cell.Trim('"'))
            .Where(cell => cell.Length > 0 && "=+-@\t\r".Contains(cell[0]) && !decimal.TryParse(cell, out _)).ShouldBeEmpty();
        rows.ShouldContain(row => row.Contains(",-1.5,"));
    }

    private static Task<JsonObject> UploadAsync(Served served, string path, string text) => served.UploadAsync(path, Encoding.UTF8.GetBytes(text));

    private static async Task<JsonObject> PutAsync(Served served, string path)
    {
        using var answer = await served.Client.PutAsync("/v1/releases/" + path, new StringContent(First));
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private static async Task<List<string>> ValuesAsync(Served served, string query)
    {
        // Which version is the latest is kept for up to a second where another host has published.
        var data = await served.JsonAsync("/v1/datasets/d/data" + query);
        return [.. data["observations"]!.AsArray().Select(o => $"{o!["REF_AREA"]} {o["OBS_VALUE"]}")];
    }

    /// <summary>Storage that takes no Parquet file while it is broken.</summary>
    private sealed class Fault : HttpPipelineSynchronousPolicy
    {
        public const string Reason = "The disk of the test is full.";

        public bool Breaks { get; set; }

        public override void OnSendingRequest(HttpMessage message)
        {
            if (Breaks && message.Request.Method == RequestMethod.Put && message.Request.Uri.Path.Contains("/lake/", StringComparison.Ordinal))
                throw new RequestFailedException(507, Reason);
        }
    }
}
