using System.Text.Json;
using Azure.Storage.Blobs.Models;

namespace Pipeline.Publishing;

/// <summary>Rebuilds the tables from the blobs: the lake is the truth, the tables are an index.</summary>
public sealed class Reindexing(Storage storage, DatasetIndex index, Ledger ledger, TimeProvider clock)
{
    /// <summary>Rebuilds everything: every dataset and version from the lake's logs, every release from its report. Readers are served all the while.</summary>
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
            var latest = await log.LatestAsync(cancellationToken);
            // The latest first: from then on readers see the dataset, and older versions only add to the list.
            for (var version = latest; version > 0; version--)
            {
                await publisher.IndexAsync(dataset, await log.ReadAsync(version, cancellationToken), cancellationToken);
                versions++;
            }
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
}
