using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Pipeline.Publishing;

/// <summary>
/// The log of a dataset's Delta Lake table (reader version 1, writer version 2 of the open protocol). Delta counts its versions from 0, we from 1.
/// Each commit carries, beside the protocol's actions, our <see cref="DatasetVersion"/> in its commitInfo: the index can be rebuilt from the log.
/// </summary>
internal sealed class DeltaLog(BlobContainerClient lake, string dataset)
{
    // Clocks of two hosts may differ; a release can not have been committed longer than this before its upload was stored.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    /// <summary>The number of the latest version; 0 when there is none.</summary>
    public async Task<int> LatestAsync(CancellationToken cancellationToken)
    {
        var latest = 0;
        await foreach (var blob in lake.GetBlobsAsync(BlobTraits.None, BlobStates.None, Prefix, cancellationToken))
        {
            if (blob.Name.EndsWith(".json", StringComparison.Ordinal) && int.TryParse(blob.Name.AsSpan()[Prefix.Length..^5], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                latest = Math.Max(latest, version + 1);
        }
        return latest;
    }

    /// <summary>What a commit says of its version.</summary>
    public async Task<DatasetVersion> ReadAsync(int version, CancellationToken cancellationToken)
    {
        var content = (await lake.GetBlobClient(Name(version)).DownloadContentAsync(cancellationToken)).Value.Content.ToString();
        foreach (var line in content.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (JsonNode.Parse(line)?["commitInfo"]?["pipeline"] is { } info)
                return info.Deserialize<DatasetVersion>(Json.Options)!;
        }
        throw new InvalidOperationException($"lake/{Name(version)} has no commitInfo.pipeline: another program committed to this table; only Pipeline may write to it");
    }

    /// <summary>The version that a release made; null when it has made none.</summary>
    /// <param name="release">The release's id, which its commit carries as the transaction's application.</param>
    /// <param name="part">Which of its publications: <see cref="DatasetVersion.Part"/>, the transaction's version.</param>
    /// <param name="receivedAt">When its upload was stored: older commits need not be read.</param>
    /// <param name="latest">The latest version.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<DatasetVersion?> FindAsync(string release, int part, DateTimeOffset receivedAt, int latest, CancellationToken cancellationToken)
    {
        for (var version = latest; version > 0; version--)
        {
            var commit = await ReadAsync(version, cancellationToken);
            if (commit.Release == release && commit.Part == part)
                return commit;
            if (commit.PublishedAt < receivedAt - ClockSkew)
                return null;
        }
        return null;
    }

    /// <summary>Puts the commit of a version if it does not exist yet: the moment of publication.</summary>
    /// <returns>Whether this was the first commit of that version; if not, somebody else has published in between.</returns>
    public async Task<bool> TryCommitAsync(DatasetVersion version, LakeFile file, DatasetVersion? before, string? schemaBefore, CancellationToken cancellationToken)
    {
        var time = version.PublishedAt.ToUnixTimeMilliseconds();
        var schema = file.DeltaSchema();
        var actions = new List<object>
        {
            new
            {
                commitInfo = new
                {
                    timestamp = time,
                    operation = version.Mode == "replace" ? "WRITE" : "MERGE",
                    operationParameters = new { mode = version.Mode, release = version.Release },
                    engineInfo = "Pipeline",
                    pipeline = version,
                },
            },
        };
        if (before is null)
            actions.Add(new { protocol = new { minReaderVersion = 1, minWriterVersion = 2 } });
        if (schema != schemaBefore)
        {
            actions.Add(new
            {
                metaData = new
                {
                    id = TableId(),
                    name = dataset,
                    format = new { provider = "parquet", options = new { } },
                    schemaString = schema,
                    partitionColumns = Array.Empty<string>(),
                    configuration = new { },
                    createdTime = time,
                },
            });
        }
        actions.Add(new { txn = new { appId = version.Release, version = version.Part, lastUpdated = time } });
        if (before is not null)
            actions.Add(new { remove = new { path = Relative(before.File), deletionTimestamp = time, dataChange = true } });
        actions.Add(new
        {
            add = new
            {
                path = Relative(version.File),
                partitionValues = new { },
                size = version.FileBytes,
                modificationTime = time,
                dataChange = true,
                stats = JsonSerializer.Serialize(new { numRecords = version.Observations }),
            },
        });
        var content = new StringBuilder();
        foreach (var action in actions)
            content.Append(JsonSerializer.Serialize(action, Json.Options)).Append('\n');
        try
        {
            await lake.GetBlobClient(Name(version.Version)).UploadAsync(
                BinaryData.FromString(content.ToString()),
                new BlobUploadOptions
                {
                    Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                    HttpHeaders = new BlobHttpHeaders { ContentType = "application/x-ndjson" },
                },
                cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // A retried request may meet its own first attempt.
            return (await ReadAsync(version.Version, cancellationToken)).File == version.File;
        }
    }

    private string Prefix => dataset + "/_delta_log/";

    private string Name(int version) => $"{Prefix}{version - 1:D20}.json";

    private string Relative(string file) => file[(dataset.Length + 1)..];

    // The table's id must stay the same over all commits; it follows from the dataset's id.
    private Guid TableId() => new(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("pipeline-lake:" + dataset)).AsSpan(0, 16));
}
