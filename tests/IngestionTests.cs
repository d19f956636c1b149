using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Checking;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The ledger under redelivery, repeated uploads, several hosts, and processes that die over and over.</summary>
public sealed class IngestionTests
{
    private const string Head = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n";
    private const string Repeating = Head + "650100,2022,1.5,PT\n650200,2022,2.5,PT\n650100,2022,1.5,PT\n";

    [Fact]
    public async Task A_release_that_ends_the_process_each_time_is_rejected_in_the_end()
    {
        var host = await Host.CreateAsync();
        await host.UploadAsync("deadly/a.csv", Repeating);
        var record = await host.LeftBehindAsync("deadly/a.csv", Repeating, attempts: Ingestion.MaxAttempts);
        var ended = (await host.Ingestion.RunAsync("deadly/a.csv")).ShouldNotBeNull();
        ended.Id.ShouldBe(record.Id);
        ended.State.ShouldBe(ReleaseState.Rejected);
        ended.Findings.ShouldHaveSingleItem().Code.ShouldBe("ingest-failed");
        (await host.Ledger.PendingAsync(default).CountAsync()).ShouldBe(0);
        (await host.Index.FindAsync("deadly")).ShouldBeNull();

        // The advice is to upload it again: that has to be another chance.
        await host.UploadAsync("deadly/a.csv", Repeating);
        (await host.Ingestion.RunAsync("deadly/a.csv"))!.State.ShouldBe(ReleaseState.Published);
    }

    [Fact]
    public async Task A_release_that_the_lake_has_is_never_rejected()
    {
        var host = await Host.CreateAsync();
        await host.UploadAsync("late/a.csv", Repeating);
        var record = await host.LeftBehindAsync("late/a.csv", Repeating, attempts: Ingestion.MaxAttempts);
        await host.CommitOnlyAsync(record, Repeating);
        var ended = (await host.Ingestion.RunAsync("late/a.csv")).ShouldNotBeNull();
        (ended.State, ended.Published.Single().Version).ShouldBe((ReleaseState.Published, 1));
        (await host.Index.FindAsync("late")).ShouldNotBeNull().Latest.Observations.ShouldBe(2);

        // Nor when other bytes have taken its place meanwhile.
        await host.UploadAsync("later/a.csv", Repeating);
        record = await host.LeftBehindAsync("later/a.csv", Repeating, attempts: 1);
        await host.CommitOnlyAsync(record, Repeating);
        await host.UploadAsync("later/a.csv", Head + "650300,2022,7,PT\n");
        await host.Ingestion.TendAsync();
        (await host.Ledger.FindAsync(record.Id))!.State.ShouldBe(ReleaseState.Published);
        (await host.Index.FindAsync("later"))!.Latest.Observations.ShouldBe(3);
    }

    [Fact]
    public async Task The_report_is_the_same_when_the_process_dies_after_the_commit()
    {
        var host = await Host.CreateAsync();
        await host.UploadAsync("straight/a.csv", Repeating);
        var straight = (await host.Ingestion.RunAsync("straight/a.csv"))!;
        await host.UploadAsync("resumed/a.csv", Repeating);
        await host.CommitOnlyAsync(await host.LeftBehindAsync("resumed/a.csv", Repeating, attempts: 1), Repeating);
        var resumed = (await host.Ingestion.RunAsync("resumed/a.csv"))!;
        resumed.FindingCounts.ShouldBe(straight.FindingCounts);
        resumed.Reconciliation!.Observations.ShouldBe(2);
        resumed.Reconciliation.SetAside.Select(s => (s.Reason, s.Count)).ShouldBe(straight.Reconciliation!.SetAside.Select(s => (s.Reason, s.Count)));
    }

    [Fact]
    public async Task What_a_release_changes_is_told_of_the_version_before_it_also_when_the_process_dies_after_the_commit()
    {
        const string First = Head + "650100,2021,10,T\n650200,2021,20,T\n", Second = Head + "650100,2022,11,KG\n650200,2021,21,T\n659001,2022,7,T\n";
        var host = await Host.CreateAsync();
        var records = new List<ReleaseRecord>();
        foreach (var dataset in new[] { "straight", "resumed" })
        {
            await host.UploadAsync(dataset + "/a.csv", First);
            await host.Ingestion.RunAsync(dataset + "/a.csv");
            await host.UploadAsync(dataset + "/b.csv", Second, new() { ["accept"] = "unit-changed" });
            if (dataset == "resumed")
                await host.CommitOnlyAsync((await host.LeftBehindAsync(dataset + "/b.csv", Second, attempts: 1)) with { Accept = ["unit-changed"] }, Second);
            records.Add((await host.Ingestion.RunAsync(dataset + "/b.csv"))!);
        }
        records.ShouldAllBe(r => r.State == ReleaseState.Published && r.Published.Single().Version == 2);
        records[0].FindingCounts.Keys.Order().ShouldBe(["codes-added", "release-changes", "series-missing", "unit-changed"]);
        records[1].FindingCounts.ShouldBe(records[0].FindingCounts);
        string Said(ReleaseRecord record) => string.Join('\n', record.Findings.Select(f => f.ToString().Replace(record.Dataset, "", StringComparison.Ordinal)));
        Said(records[1]).ShouldBe(Said(records[0]));
    }

    [Fact]
    public async Task A_file_rejected_for_its_metadata_can_be_uploaded_again()
    {
        var host = await Host.CreateAsync();
        await host.UploadAsync("meta/a.csv", Repeating, new() { ["Mode"] = "overwrite" });
        var rejected = (await host.Ingestion.RunAsync("meta/a.csv"))!;
        rejected.Findings.ShouldHaveSingleItem().Code.ShouldBe("mode-unknown");
        (await host.Ingestion.RunAsync("meta/a.csv"))!.UpdatedAt.ShouldBe(rejected.UpdatedAt);
        await host.UploadAsync("meta/a.csv", Repeating, new() { ["MODE"] = "Replace", ["TITLE"] = Uri.EscapeDataString("产值 100%") });
        var published = (await host.Ingestion.RunAsync("meta/a.csv"))!;
        (published.Id, published.State, published.Attempts).ShouldBe((rejected.Id, ReleaseState.Published, 1));
        (await host.Index.FindAsync("meta"))!.Title["zh"].ShouldBe("产值 100%");
    }

    [Theory]
    [InlineData("02/01/2099 09:30", null)]
    [InlineData("09:30", null)]
    [InlineData("soon", null)]
    [InlineData("2099-01-02T09:30:00%2B08:00", "2099-01-02T01:30:00Z")]
    [InlineData("2099-01-02T09:30", "2099-01-02T09:30:00Z")]
    public async Task An_embargo_is_an_instant_or_nothing(string publishAt, string? expected)
    {
        var host = await Host.CreateAsync();
        await host.UploadAsync("embargo/a.csv", Repeating, new() { ["publishat"] = publishAt });
        var record = (await host.Ingestion.RunAsync("embargo/a.csv"))!;
        record.State.ShouldBe(expected is null ? ReleaseState.Rejected : ReleaseState.Held);
        record.PublishAt.ShouldBe(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));
        (await host.Index.FindAsync("embargo")).ShouldBeNull();
    }

    [Fact]
    public async Task Hosts_that_take_one_blob_at_once_publish_it_once()
    {
        var hosts = new List<Host> { await Host.CreateAsync() };
        hosts.Add(await Host.CreateAsync(hosts[0].Connection));
        hosts.Add(await Host.CreateAsync(hosts[0].Connection));
        await hosts[0].UploadAsync("same/a.csv", Repeating);
        var ended = await Task.WhenAll(hosts.Select(h => Task.Run(() => h.Ingestion.RunAsync("same/a.csv"))));
        ended.ShouldAllBe(r => r!.State == ReleaseState.Published && r.Published.Single().Version == 1 && r.Reconciliation!.Observations == 2);
        (await hosts[0].Index.FindAsync("same"))!.Latest.Version.ShouldBe(1);
        await hosts[0].Ingestion.TendAsync();
        (await hosts[0].Ledger.FindAsync(ended[0]!.Id))!.State.ShouldBe(ReleaseState.Published);
    }

    [Fact]
    public async Task An_upload_that_is_overwritten_on_its_way_does_not_overtake_the_newer_one()
    {
        var other = await Host.CreateAsync();
        var overwrite = new OnFirst(
            r => r.Method == RequestMethod.Head && r.Uri.Path.Contains("/releases/over/", StringComparison.Ordinal),
            () => other.UploadAsync("over/a.csv", Head + "650100,2022,9,PT\n"));
        var host = await Host.CreateAsync(other.Connection, overwrite);
        await other.UploadAsync("over/a.csv", Head + "650100,2022,1,PT\n");
        var taken = (await host.Ingestion.RunAsync("over/a.csv"))!;
        taken.State.ShouldBe(ReleaseState.Published);
        var releases = await host.Ledger.ListAsync("over").ToListAsync();
        releases.Where(r => r.Id != taken.Id).ShouldHaveSingleItem().Findings.ShouldHaveSingleItem().Code.ShouldBe("upload-replaced");
        (await host.Index.FindAsync("over"))!.Latest.Version.ShouldBe(1);
        (await host.Index.SeriesAsync("over", 1).SingleAsync()).Value.ShouldBe(9m);
        (await host.Ledger.PendingAsync(default).CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_clock_that_runs_behind_does_not_publish_a_release_twice()
    {
        var host = await Host.CreateAsync(clock: new ManualTime(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        foreach (var file in new[] { "slow/a.csv", "slow/b.csv" })
        {
            await host.UploadAsync(file, Head + $"650100,2022,{file.Length},PT\n650200,2022,{file[5] - 'a'},PT\n");
            (await host.Ingestion.RunAsync(file))!.State.ShouldBe(ReleaseState.Published);
        }
        // The ledger is lost, the trigger delivers the first again.
        await foreach (var row in host.Storage.ReleasesTable.QueryAsync<TableEntity>())
            await host.Storage.ReleasesTable.DeleteEntityAsync(row);
        (await host.Ingestion.RunAsync("slow/a.csv"))!.Published.Single().Version.ShouldBe(1);
        (await host.Index.FindAsync("slow"))!.Latest.Version.ShouldBe(2);
    }

    [Fact]
    public void A_long_report_fits_its_row_with_the_gravest_findings()
    {
        var random = new Random(3);
        string Long(int length) => new([.. Enumerable.Range(0, length).Select(_ => (char)random.Next(0x4E00, 0x9FFF))]);
        var findings = Enumerable.Range(0, 2_000).Select(i => new Finding(i == 1_234 ? Severity.Error : Severity.Warning, "code-" + i, Long(900)) { Advice = Long(300) });
        var record = new ReleaseRecord
        {
            Id = "a-1",
            Dataset = "a",
            File = "a/x",
            Bytes = 1,
            Sha256 = "",
            State = ReleaseState.Rejected,
            ReceivedAt = default,
            UpdatedAt = default,
            Findings = [.. findings],
            Readings = [.. Enumerable.Range(0, 300).Select(_ => Long(1_000))],
            Tables = [.. Enumerable.Range(0, 300).Select(_ => new TableReport(Long(30), "A1:B2", "tidy", 0.5, [Long(1_000)], null, ["REF_AREA"], 1, []))],
        };
        var kept = DatasetIndex.Unpack<ReleaseRecord>([Ledger.Row("a", record)])!;
        kept.Id.ShouldBe("a-1");
        kept.Findings[0].Code.ShouldBe("code-1234");
    }

    private sealed class Host
    {
        public required string Connection { get; init; }

        public required Storage Storage { get; init; }

        public required DatasetIndex Index { get; init; }

        public required Ledger Ledger { get; init; }

        public required Ingestion Ingestion { get; init; }

        public static async Task<Host> CreateAsync(string? connection = null, OnFirst? policy = null, TimeProvider? clock = null)
        {
            connection ??= await Emulator.NewAccountAsync();
            var options = new BlobClientOptions();
            if (policy is not null)
                options.AddPolicy(policy, HttpPipelinePosition.PerCall);
            var storage = new Storage(new BlobServiceClient(connection, options), new TableServiceClient(connection));
            await storage.EnsureCreatedAsync();
            var (index, ledger) = (new DatasetIndex(storage), new Ledger(storage));
            return new Host
            {
                Connection = connection,
                Storage = storage,
                Index = index,
                Ledger = ledger,
                Ingestion = new Ingestion(storage, index, ledger, clock ?? TimeProvider.System, NullLogger<Ingestion>.Instance),
            };
        }

        public Task UploadAsync(string blob, string content, Dictionary<string, string>? metadata = null) =>
            Storage.Releases.GetBlobClient(blob).UploadAsync(BinaryData.FromString(content), new BlobUploadOptions { Metadata = metadata });

        /// <summary>A release as a process leaves it that died while it was being checked, an hour ago.</summary>
        public async Task<ReleaseRecord> LeftBehindAsync(string blob, string content, int attempts)
        {
            var bytes = Encoding.UTF8.GetBytes(content);
            var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
            var properties = (await Storage.Releases.GetBlobClient(blob).GetPropertiesAsync()).Value;
            var record = new ReleaseRecord
            {
                Id = ReleaseId.Of(blob, sha256),
                Dataset = ReleaseId.Dataset(blob),
                File = blob,
                Bytes = bytes.Length,
                Sha256 = sha256,
                State = ReleaseState.Checked,
                ReceivedAt = properties.LastModified,
                ETag = properties.ETag.ToString(),
                UpdatedAt = DateTimeOffset.UtcNow.AddHours(-1),
                Attempts = attempts,
            };
            await Ledger.WriteAsync(record, default);
            return record;
        }

        /// <summary>What a process leaves that died right after its commit: a version in the lake, nothing in the index or the ledger.</summary>
        public async Task CommitOnlyAsync(ReleaseRecord record, string content)
        {
            using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(content));
            using var release = ReleaseCheck.Open(bytes, "a.csv", new ReleaseContext(record.Dataset));
            await new Publisher(Storage, Index, TimeProvider.System).PublishAsync(record, record.Dataset, release.Cubes.Single().Cube, release, default);
            await foreach (var row in Storage.DatasetsTable.QueryAsync<TableEntity>(r => r.PartitionKey == record.Dataset || r.RowKey == record.Dataset))
                await Storage.DatasetsTable.DeleteEntityAsync(row);
        }
    }

    /// <summary>Does something right before the first request of a kind.</summary>
    private sealed class OnFirst(Func<Request, bool> isIt, Func<Task> act) : HttpPipelinePolicy
    {
        private bool done;

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("only asynchronous calls expected");

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (!done && isIt(message.Request))
            {
                done = true;
                await act();
            }
            await ProcessNextAsync(message, pipeline);
        }
    }
}
