using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The real process, killed with SIGKILL while it takes releases in, and started again: nothing is lost, nothing is published twice.</summary>
public sealed class KillTests
{
    // Fewer than the attempts a release has: one whose process dies each time is rejected in the end.
    private const int Rounds = 4;
    private const int ReleasesEachRound = 4;

    [Fact]
    public async Task Killed_again_and_again_it_publishes_every_release_once()
    {
        var connection = await Emulator.NewAccountAsync();
        var storage = new Storage(new BlobServiceClient(connection), new TableServiceClient(connection));
        await storage.EnsureCreatedAsync();
        var (index, ledger) = (new DatasetIndex(storage), new Ledger(storage));
        var random = new Random(9);
        for (var round = 0; round <= Rounds; round++)
        {
            for (var i = 0; round < Rounds && i < ReleasesEachRound; i++)
            {
                var content = $"REF_AREA,TIME_PERIOD,OBS_VALUE\n650100,{2000 + (round * ReleasesEachRound) + i},{i}.5\n650200,1999,{round}{i}\n";
                await storage.Releases.GetBlobClient($"killed/round{round}-{i}.csv").UploadAsync(BinaryData.FromString(content));
            }
            using var host = HostProcess.Start(["serve", "--port", "0", "--empty", "--storage", connection]);
            await HostProcess.ReadUntilAsync(host, "Creating containers");
            if (round < Rounds)
                await Task.Delay(random.Next(900));
            else
                await LocalHost.UntilAsync(async () => await EndedAsync(ledger) == Rounds * ReleasesEachRound, "the end of every release", 60);
            host.Kill();
            await host.WaitForExitAsync();
            if ((await index.FindAsync("killed"))?.Latest is { } latest)
                (await index.SeriesAsync("killed", latest.Version).ToListAsync()).Sum(s => s.Count).ShouldBe((int)latest.Observations);
        }

        var releases = await ledger.ListAsync("killed").ToListAsync();
        releases.ShouldAllBe(release => release.State == ReleaseState.Published);
        var versions = await index.VersionsAsync("killed").ToListAsync();
        versions.Select(v => v.Version).ShouldBe(Enumerable.Range(1, Rounds * ReleasesEachRound));
        versions.Select(v => v.Release).ShouldBe(releases.Select(r => r.Id), ignoreOrder: true);
        versions[^1].Observations.ShouldBe((Rounds * ReleasesEachRound) + 1);
        (await storage.Reports.GetBlobsAsync().CountAsync()).ShouldBe(releases.Count);
    }

    private static async Task<int> EndedAsync(Ledger ledger) =>
        await ledger.ListAsync("killed").CountAsync(release => release.State is ReleaseState.Published or ReleaseState.Rejected);
}
