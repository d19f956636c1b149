using System.Text.Json;
using Azure.Storage.Blobs.Models;

namespace Pipeline.Publishing;

/// <summary>Rebuilds the tables from the blobs: the lake is the truth, the tables are an index.</summary>
public sealed class Reindexing(Storage storage, DatasetIndex index, Ledger ledger, TimeProvider clock)
{
    /// <summary>How old a file of the lake that no commit names has to be: younger ones may be about to be committed.</summary>
    internal TimeSpan OrphanAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Rebuilds everything: every dataset and version from the lake's logs, every release from its report. Readers are served all the while.
    /// Removes the files from the lake that no commit names: what a process that died, or lost a race, had uploaded.
    /// </summary>
    /// <param name="progress">Told each dataset when it is done.</param>
    /// <param name="cancellationToken">Ends the work; run it again to finish.</param>
    /// <returns>How many datasets, versions and releases the index has now.</returns>
    public async Task<(int Datasets, int Versions, int Releases)> RunAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        var publisher = new Publisher(storage, index, clock);
        var (datasets, versions, releases) = (new HashSet<string>(StringComparer.Ordinal), 0, 0);
        await foreach (var item in storage.Lake.GetBlobsByHierarchyAsync(BlobTraits.None, BlobStates.None, "/", null, cancellationToken))
        {
            if (!item.IsPrefix)
                continue;
            var dataset = item.Prefix.TrimEnd('/');
            var log = new DeltaLog(storage.Lake, dataset);
            // Listed before the log is read: what is committed in between has its name there.
            var orphans = await OldFilesAsync(dataset, cancellationToken);
            var latest = await log.LatestAsync(cancellationToken);
            if ((await index.FindAsync(dataset, cancellationToken))?.Latest.Version > latest)
                await index.RemoveAsync(dataset, cancellationToken);
            // The latest first: from then on readers see the dataset, and older versions only add to the list.
            for (var version = latest; version > 0; version--)
            {
                var commit = await log.ReadAsync(version, cancellationToken);
                await publisher.IndexAsync(dataset, commit, cancellationToken, rebuild: true);
                orphans.Remove(commit.File);
                orphans.Remove(commit.StructureFile);
                versions++;
            }
            foreach (var orphan in orphans)
                await storage.Lake.DeleteBlobIfExistsAsync(orphan, cancellationToken: cancellationToken);
            if (latest > 0)
            {
                datasets.Add(dataset);
                progress?.Report(dataset);
            }
        }
        var listed = new List<string>();
        await foreach (var dataset in index.ListAsync(cancellationToken))
            listed.Add(dataset.Id);
        foreach (var gone in listed.Where(id => !datasets.Contains(id)))
            await index.RemoveAsync(gone, cancellationToken);

        await foreach (var blob in storage.Reports.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            var content = (await storage.Reports.GetBlobClient(blob.Name).DownloadContentAsync(cancellationToken)).Value.Content;
            if (JsonSerializer.Deserialize<ReleaseRecord>(content, Json.Options) is { } record)
            {
                await ledger.WriteAsync(record, cancellationToken);
                releases++;
            }
        }
        return (datasets.Count, versions, releases);
    }

    /// <summary>The Parquet files and structures of a dataset that are old enough, by the storage's own clock.</summary>
    private async Task<HashSet<string>> OldFilesAsync(string dataset, CancellationToken cancellationToken)
    {
        var files = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var page in storage.Lake.GetBlobsAsync(BlobTraits.None, BlobStates.None, dataset + "/", cancellationToken).AsPages())
        {
            var now = page.GetRawResponse().Headers.Date ?? clock.GetUtcNow();
            files.UnionWith(page.Values
                .Where(blob => !blob.Name.StartsWith(dataset + "/_delta_log/", StringComparison.Ordinal) && blob.Properties.LastModified <= now - OrphanAge)
                .Select(blob => blob.Name));
        }
        return files;
    }
}
