using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The command line: what it says and how it ends; as a process of its own where that matters.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-cli-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, true);

    [Theory]
    [InlineData("serve --port 70000", "0 to 65535")]
    [InlineData("serve --port", "--port")]
    [InlineData("dance", "dance")]
    [InlineData("upload", "FILE")]
    [InlineData("upload no-such-file.csv", "There is no file no-such-file.csv")]
    [InlineData("upload . --dataset x", "is a folder")]
    [InlineData("upload {file} --dataset ../x", "ASCII letters")]
    [InlineData("upload {file} --to nowhere", "http://127.0.0.1:7071")]
    [InlineData("upload {file} --mode append", "append")]
    public async Task Wrong_usage_is_told_and_ends_with_2(string arguments, string says)
    {
        var (code, output, error) = await RunAsync(arguments.Split(' ').Select(a => a == "{file}" ? Write("x.csv", "1") : a));
        code.ShouldBe(2);
        error.ShouldContain(says);
        output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=perhaps", "--storage is no storage connection string")]
    [InlineData("AccountName=a;AccountKey=b", "--storage is no storage connection string")]
    [InlineData("DefaultEndpointsProtocol=http;AccountName=other;AccountKey=b3RoZXI=;BlobEndpoint=http://127.0.0.1:1/o;QueueEndpoint=http://127.0.0.1:1/o;TableEndpoint=http://127.0.0.1:1/o", "can not be reached: Connection refused")]
    public async Task A_storage_account_that_can_not_be_used_is_one_line(string storage, string says)
    {
        var (code, _, error) = await RunAsync(["serve", "--port", "0", "--storage", storage]);
        code.ShouldBe(1);
        error.ShouldContain(says);
        error.Trim().ShouldNotContain('\n');
    }

    [Fact]
    public async Task A_key_that_the_storage_account_refuses_is_one_line()
    {
        var connection = (await Emulator.NewAccountAsync()).Split(';').Select(p => p.StartsWith("AccountKey", StringComparison.Ordinal) ? "AccountKey=d3Jvbmc=" : p);
        var (code, _, error) = await RunAsync(["serve", "--port", "0", "--storage", string.Join(';', connection)]);
        code.ShouldBe(1);
        error.ShouldContain("refuses the key");
        error.Trim().ShouldNotContain('\n');
    }

    [Fact]
    public async Task What_is_no_storage_account_is_told_so()
    {
        await using var host = await LocalHost.StartAsync([typeof(FakeApi)], services: s => s.AddSingleton(new FakeLedger()));
        var at = $"{host.Host.Address}acc";
        var (code, _, error) = await RunAsync(["serve", "--port", "0", "--storage",
            $"AccountName=acc;AccountKey=b3RoZXI=;BlobEndpoint={at};QueueEndpoint={at};TableEndpoint={at}"]);
        code.ShouldBe(1);
        error.ShouldContain("is no storage account: it says 404");
    }

    [Fact]
    public async Task A_setting_that_is_wrong_is_told_in_a_line()
    {
        using var host = HostProcess.Start(["serve", "--port", "0", "--empty", "--storage", await Emulator.NewAccountAsync()], setting: "Pipeline__Contact=mailto:a@example.org");
        var error = await host.StandardError.ReadToEndAsync(Cancel);
        await host.WaitForExitAsync(Cancel);
        host.ExitCode.ShouldBe(1);
        error.Trim().ShouldBe("Pipeline:Contact is 'mailto:a@example.org'; an e-mail address expected.");
    }

    [Fact]
    public async Task A_taken_port_is_told_with_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var (code, _, error) = await RunAsync(["serve", "--port", $"{port}", "--storage", folder]);
        code.ShouldBe(1);
        error.Trim().ShouldBe($"Port {port} of 127.0.0.1 is taken. Stop the program that has it, or choose another port: serve --port {port + 1}.");

        var e = await Should.ThrowAsync<FailedException>(() => Azurite.StartAsync(folder, Settings.Root, [port, 0, 0], _ => { }, cancellationToken: Cancel));
        e.Message.ShouldStartWith($"Port {port} of 127.0.0.1 is taken, which the storage emulator needs.");
    }

    [Fact]
    public async Task A_folder_that_can_not_be_written_to_is_told()
    {
        var (code, _, error) = await RunAsync(["serve", "--port", "0", "--storage", Path.Combine(Write("file", "1"), "below")]);
        code.ShouldBe(1);
        error.ShouldContain("can not be written to");
        error.Trim().ShouldNotContain('\n');
    }

    [Fact]
    public async Task Without_node_one_line_says_what_to_install()
    {
        SkipOnWindows();
        using var host = HostProcess.Start(["serve", "--port", "0", "--storage", Path.Combine(folder, "data")], path: folder);
        await host.WaitForExitAsync(Cancel);
        host.ExitCode.ShouldBe(1);
        (await host.StandardError.ReadToEndAsync(Cancel)).Trim().ShouldStartWith("Node.js is missing: the program \"node\" was not found.");
    }

    [Fact]
    public async Task A_node_that_is_too_old_is_told()
    {
        SkipOnWindows();
        // Stands in for an old node: says what azurite.js says when it runs on one.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Write("node", "#!/bin/sh\necho node-too-old 18.20.1 >&2\nexit 3\n"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var host = HostProcess.Start(["serve", "--port", "0", "--storage", Path.Combine(folder, "data")], path: folder);
        await host.WaitForExitAsync(Cancel);
        host.ExitCode.ShouldBe(1);
        (await host.StandardError.ReadToEndAsync(Cancel)).Trim().ShouldBe("Node.js 18.20.1 is too old for the storage emulator. Install Node 20 or later.");
    }

    [Fact]
    public async Task Without_a_command_more_the_samples_are_there_and_the_saved_queries_that_the_page_to_try_shows()
    {
        using var host = HostProcess.Start(["serve", "--port", "0", "--storage", Path.Combine(folder, "data")]);
        try
        {
            var said = await HostProcess.ReadUntilAsync(host, "  A dataset  ");
            using var client = new HttpClient { BaseAddress = new Uri(Regex.Match(said, @"Catalogue +(http://127\.0\.0\.1:\d+/)").Groups[1].Value) };
            var parameters = JsonNode.Parse(await client.GetStringAsync("/openapi.json", Cancel))!["components"]!["parameters"]!;
            foreach (var (path, id) in new[] { ("/v1/q/", "savedQueryId"), ("/pxweb/v2/savedqueries/", "pxSavedId") })
                (await client.GetAsync(path + (string)parameters[id]!["example"]!, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK, id);
        }
        finally
        {
            host.Kill(entireProcessTree: true);
        }
    }

    [Theory]
    [InlineData("INT", 0)]
    [InlineData("TERM", 0)]
    [InlineData("KILL", 137)]
    public async Task The_emulator_ends_with_its_host_and_keeps_its_data(string signal, int exitCode)
    {
        SkipOnWindows();
        var data = Path.Combine(folder, "data");
        int emulator;
        using (var host = HostProcess.Start(["serve", "--port", "0", "--empty", "--storage", data]))
        {
            var output = await HostProcess.ReadUntilAsync(host, "Catalogue");
            output.ShouldNotContain('\e');
            var ids = (await File.ReadAllTextAsync(Path.Combine(data, "azurite.pid"), Cancel)).Split(' ');
            emulator = int.Parse(ids[0], CultureInfo.InvariantCulture);
            ids[1].ShouldBe($"{host.Id}");
            Process.GetProcessById(emulator).HasExited.ShouldBeFalse();

            using var kill = Process.Start("kill", [$"-{signal}", $"{host.Id}"]);
            await host.WaitForExitAsync(Cancel);
            host.ExitCode.ShouldBe(exitCode);
            (await host.StandardError.ReadToEndAsync(Cancel)).ShouldBeEmpty();
        }
        await LocalHost.UntilAsync(() => !IsRunning(emulator), "the emulator's end");

        // What the first host created is there for the next, at once.
        await using var again = await Azurite.StartAsync(data, Settings.Root, null, _ => { }, cancellationToken: Cancel);
        (await new BlobContainerClient(again.ConnectionString, "lake").ExistsAsync(Cancel)).Value.ShouldBeTrue();
        var e = await Should.ThrowAsync<FailedException>(() => Azurite.StartAsync(data, Settings.Root, null, _ => { }, cancellationToken: Cancel));
        e.Message.ShouldContain("is in use by another host");
    }

    [Fact]
    public async Task An_upload_is_streamed_and_its_report_waited_for()
    {
        var ledger = new FakeLedger();
        await using var host = await LocalHost.StartAsync([typeof(FakeApi)], services: s => s.AddSingleton(ledger));
        var (code, output, error) = await RunAsync(["upload", Write("Retail 零售.csv", "a,b\n1,2\n"), "--to", $"{host.Host.Address}", "--key", LocalHost.Key]);
        (code, error).ShouldBe((0, ""));
        ledger.Received.ShouldBe(("retail", "Retail 零售.csv", "a,b\n1,2\n", ""));
        ledger.Asked.ShouldBe(3);
        output.ShouldContain("published, retail version 2 with 1 observation of it");
        output.ShouldContain("3 data cells = 1 observation + 2 set aside");
        output.ShouldContain("2 × number-unreadable, first at C2, C3");
        output.ShouldContain("warning number-unreadable at C2: This is no number.");
        output.ShouldContain("found: x; expected: a number");
        output.ShouldContain($"{host.Host.Address}v1/datasets/retail/data");
    }

    [Theory]
    [InlineData(ReleaseState.Rejected, "rejected. ")]
    [InlineData(ReleaseState.Held, "held until 2030-01-01")]
    public async Task An_upload_that_is_not_published_ends_with_1(ReleaseState state, string says)
    {
        await using var host = await LocalHost.StartAsync([typeof(FakeApi)], services: s => s.AddSingleton(new FakeLedger { End = state }));
        var (code, output, _) = await RunAsync(["upload", Write("a.csv", "1"), "--to", $"{host.Host.Address}", "--key", LocalHost.Key, "--dataset", "d", "--mode", "replace"]);
        code.ShouldBe(1);
        output.ShouldContain(says);
    }

    [Fact]
    public async Task An_upload_that_is_refused_says_why()
    {
        var ledger = new FakeLedger();
        await using var host = await LocalHost.StartAsync([typeof(FakeApi)], services: s => s.AddSingleton(ledger));
        var (code, _, error) = await RunAsync(["upload", Write("a.csv", "1"), "--to", $"{host.Host.Address}", "--key", "guess"]);
        code.ShouldBe(1);
        error.ShouldContain("(401 key-wrong)");
        ledger.Received.ShouldBe(default);
    }

    [Fact]
    public async Task An_upload_to_nowhere_says_what_to_do()
    {
        var (code, _, error) = await RunAsync(["upload", Write("a.csv", "1"), "--to", "http://127.0.0.1:1"]);
        code.ShouldBe(1);
        error.Trim().ShouldBe("http://127.0.0.1:1/ can not be reached: Connection refused. Is it being served? Start it (serve), or say where it is: --to URL.");
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(IEnumerable<string> arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync([.. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static bool IsRunning(int id)
    {
        try
        {
            return !Process.GetProcessById(id).HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals and shell scripts are of Unix.");

    private string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(folder, name), text);
        return Path.Combine(folder, name);
    }

    private sealed class FakeLedger
    {
        public ReleaseState End { get; init; } = ReleaseState.Published;

        public (string Dataset, string File, string Content, string Query) Received { get; set; }

        public int Asked { get; set; }
    }

    /// <summary>The two addresses that an upload talks to, with a release that takes its time.</summary>
    private sealed class FakeApi(FakeLedger ledger)
    {
        [Function("Put")]
        public async Task<IResult> Put(
            [HttpTrigger(AuthorizationLevel.Function, "put", Route = "v1/releases/{dataset}/{file}")] HttpRequest request, string dataset, string file)
        {
            using var reader = new StreamReader(request.Body);
            ledger.Received = (dataset, file, await reader.ReadToEndAsync(), request.QueryString.ToString());
            return Results.Accepted($"/v1/releases/{dataset}-0123456789abcdef");
        }

        [Function("Get")]
        public IResult Get([HttpTrigger(AuthorizationLevel.Function, "get", Route = "v1/releases/{id}")] HttpRequest request, string id)
        {
            var asked = ++ledger.Asked;
            if (asked == 1 || request.Method != "GET")
                return Results.NotFound();
            return Results.Text(JsonSerializer.Serialize(new ReleaseRecord
            {
                Id = id,
                Dataset = ledger.Received.Dataset,
                File = ledger.Received.File,
                Bytes = 1,
                Sha256 = "",
                State = asked == 2 ? ReleaseState.Read : ledger.End,
                ReceivedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
                PublishAt = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
                Published = [new PublishedVersion(ledger.Received.Dataset, 2, 1)],
                Reconciliation = new ReconciliationReport(3, 1, [new SetAsideReport("number-unreadable", 2, ["C2", "C3"])], true),
                FindingCounts = new Dictionary<string, long> { ["number-unreadable"] = 2 },
                Findings = [new Finding(Severity.Warning, "number-unreadable", "This is no number.") { Where = "C2", Found = "x", Expected = "a number" }],
            }, Json.Options), "application/json");
        }
    }
}
