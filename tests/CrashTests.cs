using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>
/// A process that dies at any of its writes to storage, before the write or after it, and is started again: each release ends published once or
/// rejected with a report, and readers in between see whole versions only.
/// </summary>
public sealed class CrashTests
{
    private const string First = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,1.5,PT\n650200,2022,2.5,PT\n";
    private const string Corrected = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,1.75,PT\n650100,2023,3.5,PT\n";
    private const string InTonnes = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,150,T\n650200,2022,250,T\n";
    private const string InKilograms = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2023,151,KG\n650200,2023,252,KG\n";
    private const string Contradicting = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,9,PT\n650100,2022,8,PT\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_first_release_survives_a_death_at_each_write(bool afterTheWrite)
    {
        var deaths = await DieAtEachWriteAsync([First], afterTheWrite, async (store, dataset) =>
        {
            var summary = (await store.Index.FindAsync(dataset)).ShouldNotBeNull();
            (summary.Latest.Version, summary.Latest.Observations).ShouldBe((1, 2));
        });
        deaths.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_corrected_release_survives_a_death_at_each_write(bool afterTheWrite)
    {
        var deaths = await DieAtEachWriteAsync([First, Corrected], afterTheWrite, async (store, dataset) =>
        {
            var summary = (await store.Index.FindAsync(dataset)).ShouldNotBeNull();
            (summary.Latest.Version, summary.Latest.Observations, summary.Latest.Revised, summary.Latest.Added).ShouldBe((2, 3, 1, 1));
            (await store.Index.FindVersionAsync(dataset, 1)).ShouldNotBeNull().Observations.ShouldBe(2);
        });
        deaths.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_release_to_reject_survives_a_death_at_each_write(bool afterTheWrite)
    {
        var deaths = await DieAtEachWriteAsync([First, Contradicting], afterTheWrite, async (store, dataset) =>
            (await store.Index.FindAsync(dataset)).ShouldNotBeNull().Latest.Version.ShouldBe(1));
        deaths.ShouldBeGreaterThan(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_release_to_hold_survives_a_death_at_each_write(bool afterTheWrite)
    {
        var deaths = await DieAtEachWriteAsync([InTonnes, InKilograms], afterTheWrite, async (store, dataset) =>
            (await store.Index.FindAsync(dataset)).ShouldNotBeNull().Latest.Version.ShouldBe(1), ReleaseState.Held);
        deaths.ShouldBeGreaterThan(5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_yes_survives_a_death_at_each_write(bool afterTheWrite)
    {
        var connection = await Emulator.NewAccountAsync();
        var healthy = await Store.CreateAsync(connection, null);
        for (var n = 1; ; n++)
        {
            var blob = $"yes{n}/release.csv";
            await healthy.UploadAsync(blob, InTonnes);
            await healthy.Ingestion.RunAsync(blob);
            await healthy.UploadAsync(blob, InKilograms);
            var held = (await healthy.Ingestion.RunAsync(blob)).ShouldNotBeNull();
            (held.State, held.HeldFor.ShouldHaveSingleItem()).ShouldBe((ReleaseState.Held, "unit-changed"));

            var death = new Death(n, afterTheWrite);
            var mortal = await Store.CreateAsync(connection, death);
            try
            {
                await mortal.Ingestion.ApproveAsync(held.Id);
            }
            catch (Exception) when (death.Happened)
            {
            }
            // Without a trigger that sees metadata change, the timer takes it up; and who hears nothing says yes once more.
            await healthy.Ingestion.TendAsync();
            (await healthy.Ingestion.ApproveAsync(held.Id)).ShouldNotBeNull();
            await healthy.Ingestion.TendAsync();
            await healthy.Ingestion.TendAsync();
            (await healthy.Ledger.FindAsync(held.Id)).ShouldNotBeNull().State.ShouldBe(ReleaseState.Published);
            (await healthy.Index.FindAsync($"yes{n}")).ShouldNotBeNull().Latest.Version.ShouldBe(2);
            await healthy.ReadersSeeWholeVersionsAsync($"yes{n}", null);
            (await healthy.Ledger.PendingAsync(default).CountAsync()).ShouldBe(0);
            if (!death.Happened)
            {
                n.ShouldBeGreaterThan(3);
                return;
            }
        }
    }

    /// <summary>Lets the process that ingests the last release die at its first write, its second, and so on until it lives through all of them.</summary>
    private static async Task<int> DieAtEachWriteAsync(string[] releases, bool afterTheWrite, Func<Store, string, Task> check, ReleaseState? end = null)
    {
        var connection = await Emulator.NewAccountAsync();
        var healthy = await Store.CreateAsync(connection, null);
        for (var n = 1; ; n++)
        {
            var dataset = $"crash{n}";
            var blob = $"{dataset}/release.csv";
            foreach (var release in releases[..^1])
            {
                await healthy.UploadAsync(blob, release);
                await healthy.Ingestion.RunAsync(blob);
            }
            var before = (await healthy.Index.FindAsync(dataset))?.Latest;
            await healthy.UploadAsync(blob, releases[^1]);

            var death = new Death(n, afterTheWrite);
            var mortal = await Store.CreateAsync(connection, death);
            try
            {
                await mortal.Ingestion.RunAsync(blob);
            }
            catch (Exception) when (death.Happened)
            {
            }
            await healthy.ReadersSeeWholeVersionsAsync(dataset, before);

            // The next start: the trigger delivers the blob again, and the timer tends what was left.
            var record = (await healthy.Ingestion.RunAsync(blob)).ShouldNotBeNull();
            await healthy.Ingestion.TendAsync();
            if (end is { } state)
                record.State.ShouldBe(state);
            else
                record.State.ShouldBeOneOf(ReleaseState.Published, ReleaseState.Rejected);
            (await healthy.Ledger.FindAsync(record.Id)).ShouldNotBeNull().State.ShouldBe(record.State);
            (await healthy.Storage.Reports.GetBlobClient(record.Id + ".json").ExistsAsync()).Value.ShouldBeTrue();
            record.Reconciliation.ShouldNotBeNull().Balanced.ShouldBeTrue();
            await healthy.ReadersSeeWholeVersionsAsync(dataset, null);
            await check(healthy, dataset);
            (await healthy.Ledger.PendingAsync(default).CountAsync(r => r.State != ReleaseState.Held)).ShouldBe(0);
            if (!death.Happened)
                return n - 1;
        }
    }

    private sealed class Store
    {
        public required Storage Storage { get; init; }

        public required DatasetIndex Index { get; init; }

        public required Ledger Ledger { get; init; }

        public required Ingestion Ingestion { get; init; }

        public static async Task<Store> CreateAsync(string connection, Death? death)
        {
            var (blobs, tables) = (new BlobClientOptions(), new TableClientOptions());
            if (death is not null)
            {
                blobs.AddPolicy(death, HttpPipelinePosition.PerCall);
                tables.AddPolicy(death, HttpPipelinePosition.PerCall);
            }
            var storage = new Storage(new BlobServiceClient(connection, blobs), new TableServiceClient(connection, tables));
            if (death is null)
                await storage.EnsureCreatedAsync();
            var (index, ledger) = (new DatasetIndex(storage), new Ledger(storage));
            return new Store
            {
                Storage = storage,
                Index = index,
                Ledger = ledger,
                Ingestion = new Ingestion(storage, index, ledger, TimeProvider.System, NullLogger<Ingestion>.Instance),
            };
        }

        public Task UploadAsync(string blob, string content) =>
            Storage.Releases.GetBlobClient(blob).UploadAsync(BinaryData.FromBytes(Encoding.UTF8.GetBytes(content)), overwrite: true);

        /// <summary>What the catalogue points to is there in full, and is no older than it was.</summary>
        public async Task ReadersSeeWholeVersionsAsync(string dataset, DatasetVersion? atLeast)
        {
            var latest = (await Index.FindAsync(dataset))?.Latest;
            (latest?.Version ?? 0).ShouldBeGreaterThanOrEqualTo(atLeast?.Version ?? 0);
            if (latest is null)
                return;
            var structure = await Index.StructureAsync(dataset, latest.Version);
            var series = await Index.SeriesAsync(dataset, latest.Version).ToListAsync();
            series.Count.ShouldBe((int)latest.Series);
            series.Sum(s => s.Count).ShouldBe((int)latest.Observations);
            await using var file = await Storage.Lake.GetBlobClient(latest.File).OpenReadAsync();
            await using var reader = await LakeReader.OpenAsync(file, structure, default);
            var rows = 0;
            await foreach (var group in reader.ReadAsync())
                rows += group.Count;
            rows.ShouldBe((int)latest.Observations);
        }
    }

    /// <summary>Stops everything at a write to storage: from then on no request of that process gets through.</summary>
    private sealed class Death(int atWrite, bool afterTheWrite) : HttpPipelinePolicy
    {
        private int writes;

        public bool Happened { get; private set; }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("only asynchronous calls expected");

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            var dies = Happened || (message.Request.Method != RequestMethod.Get && message.Request.Method != RequestMethod.Head && Interlocked.Increment(ref writes) == atWrite);
            if (dies && (Happened || !afterTheWrite))
            {
                Happened = true;
                throw new InvalidOperationException("the process is dead");
            }
            await ProcessNextAsync(message, pipeline);
            if (dies)
            {
                Happened = true;
                throw new InvalidOperationException("the process is dead");
            }
        }
    }
}
