using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The embedded host, driven with small functions.</summary>
public class LocalHostTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_function_gets_its_request_route_parts_and_services()
    {
        await using var host = await LocalHost.StartAsync([typeof(HttpExamples)], services: s => s.AddSingleton(new Greeting("hello")));
        (await host.Client.GetStringAsync("v1/echo/a%20b/7?x=1", Cancel)).ShouldBe("hello a b 7 ?x=1");
        (await host.Client.GetStringAsync("NoRoute", Cancel)).ShouldBe("by name");
    }

    [Theory]
    [InlineData("GET", "v1/echo/a/b", 400, "request-unreadable", "\"b\"")]
    [InlineData("GET", "v1/broken", 500, "internal-error", "trace")]
    [InlineData("GET", "v1/secret?code=guess", 401, "key-wrong", "x-functions-key")]
    [InlineData("GET", "v1/secret", 401, "key-missing", "x-functions-key")]
    public async Task An_error_is_problem_details(string method, string path, int status, string code, string says)
    {
        await using var host = await LocalHost.StartAsync([typeof(HttpExamples)], services: s => s.AddSingleton(new Greeting("")));
        host.Client.DefaultRequestHeaders.Clear();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await host.Client.SendAsync(request, Cancel);
        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        response.Headers.Server.ShouldBeEmpty();
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        problem.GetProperty("code").GetString().ShouldBe(code);
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("detail").GetString()!.ShouldContain(says);
        problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("type").GetString().ShouldNotBeNullOrEmpty();
        if (status == 500)
        {
            var trace = problem.GetProperty("traceId").GetString()!;
            host.Log.ShouldContain(line => line.Contains(trace) && line.Contains("a fault of the example"));
        }
    }

    [Theory]
    [InlineData("x-functions-key", "v1/secret")]
    [InlineData(null, "v1/secret?code=" + LocalHost.Key)]
    public async Task The_key_opens(string? header, string path)
    {
        await using var host = await LocalHost.StartAsync([typeof(HttpExamples)], services: s => s.AddSingleton(new Greeting("")));
        host.Client.DefaultRequestHeaders.Clear();
        if (header is not null)
            host.Client.DefaultRequestHeaders.Add(header, LocalHost.Key);
        (await host.Client.GetStringAsync(path, Cancel)).ShouldBe("open");
    }

    [Fact]
    public async Task An_upload_is_streamed_and_has_no_limit()
    {
        await using var host = await LocalHost.StartAsync([typeof(HttpExamples)], services: s => s.AddSingleton(new Greeting("")));
        // Beyond Kestrel's default limit of 30 MB.
        const int length = 48 * 1024 * 1024;
        using var body = new StreamContent(new ZeroStream(length));
        using var response = await host.Client.PutAsync("v1/count", body, Cancel);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe($"{length}");
    }

    [Fact]
    public async Task An_answer_that_fails_halfway_is_not_taken_for_a_whole_one()
    {
        await using var host = await LocalHost.StartAsync([typeof(HttpExamples)], services: s => s.AddSingleton(new Greeting("")));
        await Should.ThrowAsync<HttpRequestException>(() => host.Client.GetStringAsync("v1/half", Cancel));
    }

    [Theory]
    [InlineData(typeof(WrongReturn), "WrongReturn")]
    [InlineData(typeof(WrongParameter), "word")]
    [InlineData(typeof(NoTrigger), "NoTrigger")]
    [InlineData(typeof(WrongPath), "WrongPath")]
    [InlineData(typeof(SameName), "Twice")]
    public async Task A_function_that_can_not_run_is_named_at_the_start(Type type, string says)
    {
        var e = await Should.ThrowAsync<InvalidOperationException>(() => LocalHost.StartAsync([type], "UseDevelopmentStorage=true"));
        e.Message.ShouldContain(says);
    }

    [Fact]
    public async Task Each_blob_is_handed_over_once_across_restarts_and_again_when_it_changes()
    {
        var seen = new Seen();
        var account = await Emulator.NewAccountAsync();
        var container = new BlobContainerClient(account, "drop");
        string[] names = ["a/b.csv", "统计/公报 2023.txt", "x/" + new string('n', 1000), "a/%20+&?.csv"];
        await using (await StartAsync())
        {
            foreach (var name in names)
                await container.GetBlobClient(name).UploadAsync(BinaryData.FromString(name), Cancel);
            await LocalHost.UntilAsync(() => seen.Calls.Count == names.Length, "every blob");
            seen.Calls.ShouldBe(names.Select(n => (n, n)), ignoreOrder: true);
            // The receipt is written after the function's end.
            await LocalHost.UntilAsync(async () => await ReceiptsAsync() == names.Length, "every receipt");
        }
        await container.GetBlobClient("late.csv").UploadAsync(BinaryData.FromString("1"), Cancel);
        await using (await StartAsync())
        {
            await LocalHost.UntilAsync(() => seen.Calls.Count > names.Length, "the one that came between");
            await container.GetBlobClient("a/b.csv").UploadAsync(BinaryData.FromString("changed"), true, Cancel);
            await LocalHost.UntilAsync(() => seen.Calls.Count > names.Length + 1, "the changed one");
            await container.GetBlobClient("late.csv").DeleteAsync(cancellationToken: Cancel);
            await Task.Delay(500, Cancel);
            await container.GetBlobClient("late.csv").UploadAsync(BinaryData.FromString("2"), Cancel);
            await LocalHost.UntilAsync(() => seen.Calls.Count > names.Length + 2, "the one deleted and put again");
        }
        seen.Calls.Skip(names.Length).ShouldBe([("late.csv", "1"), ("a/b.csv", "changed"), ("late.csv", "2")]);

        Task<LocalHost> StartAsync() => LocalHost.StartAsync([typeof(BlobExamples)], account, s => s.AddSingleton(seen));

        async Task<int> ReceiptsAsync()
        {
            var count = 0;
            await foreach (var _ in new BlobContainerClient(account, BlobTrigger.ReceiptContainer).GetBlobsAsync(cancellationToken: Cancel))
                count++;
            return count;
        }
    }

    [Fact]
    public async Task A_new_blob_is_noticed_within_a_second()
    {
        var seen = new Seen();
        await using var host = await LocalHost.StartAsync([typeof(BlobExamples)], services: s => s.AddSingleton(seen),
            with: options => options with { PollInterval = new FunctionHostOptions { Configuration = options.Configuration }.PollInterval });
        var container = new BlobContainerClient(host.ConnectionString, "drop");
        await LocalHost.UntilAsync(async () => await container.ExistsAsync(Cancel), "the container");
        var waits = new List<TimeSpan>();
        for (var i = 1; i <= 5; i++)
        {
            await container.GetBlobClient($"{i}.csv").UploadAsync(BinaryData.FromString("1"), Cancel);
            var put = DateTime.UtcNow;
            await LocalHost.UntilAsync(() => seen.Calls.Count == i, "the blob");
            waits.Add(DateTime.UtcNow - put);
        }
        waits.Sort();
        // Each is put right after a poll, so the shortest takes as long as the interval: a busy machine does not fail it.
        waits[0].ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_blob_that_fails_five_times_becomes_a_poison_message()
    {
        var seen = new Seen { Fail = name => name == "bad.csv" };
        var account = await Emulator.NewAccountAsync();
        var container = new BlobContainerClient(account, "drop");
        var queue = new QueueClient(account, BlobTrigger.PoisonQueue, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });
        await using (await StartAsync())
        {
            await LocalHost.UntilAsync(async () => await container.ExistsAsync(Cancel), "the container");
            var etag = (await container.GetBlobClient("bad.csv").UploadAsync(BinaryData.FromString("1"), Cancel)).Value.ETag;
            await LocalHost.UntilAsync(async () => await queue.ExistsAsync(Cancel) && (await queue.PeekMessageAsync(Cancel)).Value is not null, "the message");
            var message = JsonSerializer.Deserialize<Dictionary<string, string>>((await queue.PeekMessageAsync(Cancel)).Value.Body.ToString())!;
            message.ShouldBe(new Dictionary<string, string>
            {
                ["Type"] = "BlobTrigger",
                ["FunctionId"] = "Host.Functions.Drop",
                ["BlobType"] = "BlockBlob",
                ["ContainerName"] = "drop",
                ["BlobName"] = "bad.csv",
                ["ETag"] = etag.ToString("H"),
            }, ignoreOrder: true);
            await Task.Delay(400, Cancel);
            seen.Calls.Count.ShouldBe(5);
        }
        await using (await StartAsync())
        {
            await container.GetBlobClient("good.csv").UploadAsync(BinaryData.FromString("1"), Cancel);
            await LocalHost.UntilAsync(() => seen.Calls.Any(c => c.Name == "good.csv"), "the good one");
            seen.Calls.Count(c => c.Name == "bad.csv").ShouldBe(5, "a restart does not bring it back");
            seen.Fail = _ => false;
            await container.GetBlobClient("bad.csv").UploadAsync(BinaryData.FromString("mended"), true, Cancel);
            await LocalHost.UntilAsync(() => seen.Calls.Contains(("bad.csv", "mended")), "the mended one");
        }

        Task<LocalHost> StartAsync() => LocalHost.StartAsync([typeof(BlobExamples)], account, s => s.AddSingleton(seen));
    }

    [Fact]
    public async Task Blobs_run_side_by_side_but_one_never_twice_at_once()
    {
        var seen = new Seen { Takes = TimeSpan.FromMilliseconds(150) };
        var account = await Emulator.NewAccountAsync();
        var container = new BlobContainerClient(account, "drop");
        await using var host = await LocalHost.StartAsync([typeof(BlobExamples)], account, s => s.AddSingleton(seen));
        await LocalHost.UntilAsync(async () => await container.ExistsAsync(Cancel), "the container");
        for (var round = 0; round < 8; round++)
        {
            await container.GetBlobClient("same.csv").UploadAsync(BinaryData.FromString($"{round}"), true, Cancel);
            await container.GetBlobClient($"{round}.csv").UploadAsync(BinaryData.FromString("1"), Cancel);
            await Task.Delay(60, Cancel);
        }
        await LocalHost.UntilAsync(() => seen.Calls.Contains(("same.csv", "7")) && seen.Calls.Count(c => c.Name != "same.csv") == 8, "all of them");
        seen.MostAtOnce.ShouldBe(2);
        seen.SameAtOnce.ShouldBeFalse();
    }

    [Fact]
    public async Task A_stop_waits_for_the_function_and_leaves_the_rest_for_the_next_start()
    {
        var seen = new Seen { Takes = TimeSpan.FromMilliseconds(300) };
        var account = await Emulator.NewAccountAsync();
        var container = new BlobContainerClient(account, "drop");
        await container.CreateAsync(cancellationToken: Cancel);
        // They take three seconds, two at once: so long may a busy machine take to stop.
        const int blobs = 20;
        for (var i = 0; i < blobs; i++)
            await container.GetBlobClient($"{i}.csv").UploadAsync(BinaryData.FromString("1"), Cancel);
        var host = await LocalHost.StartAsync([typeof(BlobExamples)], account, s => s.AddSingleton(seen));
        await LocalHost.UntilAsync(() => !seen.Calls.IsEmpty, "the first");
        await host.DisposeAsync();
        seen.Running.ShouldBe(0);
        seen.Calls.Count.ShouldBeLessThan(blobs);
        seen.Takes = TimeSpan.Zero;
        await using var next = await LocalHost.StartAsync([typeof(BlobExamples)], account, s => s.AddSingleton(seen));
        await LocalHost.UntilAsync(() => seen.Calls.Select(c => c.Name).Distinct().Count() == blobs, "all of them");
    }

    [Fact]
    public async Task A_timer_is_called_on_its_schedule()
    {
        var seen = new Seen();
        var time = new ManualTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, 500, TimeSpan.Zero));
        await using var host = await LocalHost.StartAsync([typeof(TimerExamples)], services: s => s.AddSingleton(seen), with: options => options with { Time = time });
        for (var second = 0; second < 60; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            // Let the timer's task see the time before it goes on.
            await LocalHost.UntilAsync(() => time.Waiting >= 2 || seen.Calls.Count(c => c.Name == "tick") > 5, "the timers to wait again");
        }
        seen.Calls.Count(c => c.Name == "tick").ShouldBe(6, "at 10, 20, 30, 40, 50 and 60 seconds; its failures do not stop it");
        seen.Calls.Count(c => c.Name == "start").ShouldBe(1);
    }

    private sealed record Greeting(string Text);

    private sealed class Seen
    {
        private readonly ConcurrentDictionary<string, bool> names = [];
        private int running;
        private int most;

        public ConcurrentQueue<(string Name, string Content)> Calls { get; } = [];

        public Func<string, bool> Fail { get; set; } = _ => false;

        public TimeSpan Takes { get; set; }

        public int Running => running;

        public int MostAtOnce => most;

        public bool SameAtOnce { get; private set; }

        public async Task AddAsync(string name, string content)
        {
            SameAtOnce |= !names.TryAdd(name, true);
            most = Math.Max(most, Interlocked.Increment(ref running));
            Calls.Enqueue((name, content));
            await Task.Delay(Takes);
            Interlocked.Decrement(ref running);
            names.TryRemove(name, out _);
            if (Fail(name))
                throw new InvalidDataException("a fault of the example");
        }
    }

    private sealed class HttpExamples(Greeting greeting)
    {
        [Function("Echo")]
        public IResult Echo([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/echo/{word}/{number}")] HttpRequest request, string word, int number)
            => Results.Text($"{greeting.Text} {word} {number} {request.QueryString}");

        [Function("NoRoute")]
        public static IResult NoRoute([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => Results.Text(request.Path == "/NoRoute" ? "by name" : "");

        [Function("Broken")]
        public static Task<IResult> Broken([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/broken")] HttpRequest request)
            => throw new InvalidDataException("a fault of the example at " + request.Path);

        [Function("Half")]
        public static async Task<IResult> Half([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v1/half")] HttpRequest request, CancellationToken cancellationToken)
        {
            await request.HttpContext.Response.WriteAsync("the first half", cancellationToken);
            await request.HttpContext.Response.Body.FlushAsync(cancellationToken);
            throw new InvalidDataException("a fault of the example");
        }

        [Function("Secret")]
        public static IResult Secret([HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/secret")] HttpRequest request) => Results.Text(request.Method == "GET" ? "open" : "");

        [Function("Count")]
        public static async Task<IResult> Count([HttpTrigger(AuthorizationLevel.Function, "put", Route = "v1/count")] HttpRequest request, CancellationToken cancellationToken)
        {
            var block = new byte[65536];
            long count = 0;
            int read;
            while ((read = await request.Body.ReadAsync(block, cancellationToken)) > 0)
                count += read;
            return Results.Text($"{count}");
        }
    }

    private sealed class BlobExamples(Seen seen)
    {
        [Function("Drop")]
        public async Task Drop([BlobTrigger("drop/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob, string name, CancellationToken cancellationToken)
            => await seen.AddAsync(name, Encoding.UTF8.GetString((await blob.DownloadContentAsync(cancellationToken)).Value.Content));
    }

    private sealed class TimerExamples(Seen seen)
    {
        [Function("Tick")]
        public async Task Tick([TimerTrigger("*/10 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await seen.AddAsync("tick", $"{timer.ScheduleStatus!.Next:O}");
            throw new InvalidDataException("a fault of the example");
        }

        [Function("Start")]
        public Task Start([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer) => seen.AddAsync("start", $"{timer.IsPastDue}");
    }

    private sealed class WrongReturn
    {
        [Function("WrongReturn")]
        public static string Run([HttpTrigger("get")] HttpRequest request) => request.Path;
    }

    private sealed class WrongParameter
    {
        [Function("WrongParameter")]
        public static IResult Run([HttpTrigger("get", Route = "x/{other}")] HttpRequest request, string word) => Results.Text(word + request.Path);
    }

    private sealed class NoTrigger
    {
        [Function("NoTrigger")]
        public static IResult Run(HttpRequest request) => Results.Text(request.Path);
    }

    private sealed class WrongPath
    {
        [Function("WrongPath")]
        public static Task Run([BlobTrigger("releases")] BlobClient blob) => blob.ExistsAsync();
    }

    private sealed class SameName
    {
        [Function("Twice")]
        public static IResult One([HttpTrigger("get")] HttpRequest request) => Results.Text(request.Path);

        [Function("Twice")]
        public static IResult Two([HttpTrigger("put")] HttpRequest request) => Results.Text(request.Path);
    }

    /// <summary>Zeros without end, up to a length that it does not tell.</summary>
    private sealed class ZeroStream(long length) : Stream
    {
        private long position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - position);
            buffer.AsSpan(offset, read).Clear();
            position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
