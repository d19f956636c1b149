using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;

namespace Pipeline.Publishing;

/// <summary>The ledger: every release with its state, in Table Storage, and its full report as a blob.</summary>
public sealed class Ledger(Storage storage)
{
    private const string Pending = "_pending";

    /// <summary>A release: one point read; null when there is none of that id.</summary>
    public async Task<ReleaseRecord?> FindAsync(string release, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(release);
        if (release.LastIndexOf('-') is not (> 0 and var cut))
            return null;
        var row = await storage.ReleasesTable.GetEntityIfExistsAsync<TableEntity>(release[..cut], release, cancellationToken: cancellationToken);
        return row.HasValue ? DatasetIndex.Unpack<ReleaseRecord>([row.Value!]) : null;
    }

    /// <summary>A release with all that its report says: the ledger's row, and the figures that only <c>reports/</c> has.</summary>
    public async Task<ReleaseRecord?> FindReportAsync(string release, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(release, cancellationToken) is not { Reconciliation: not null } record)
            return await FindAsync(release, cancellationToken);
        try
        {
            var report = await storage.Reports.GetBlobClient(release + ".json").DownloadContentAsync(cancellationToken);
            return record with { Figures = report.Value.Content.ToObjectFromJson<ReleaseRecord>(Json.Options)!.Figures };
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return record;
        }
    }

    /// <summary>The releases of a dataset: one partition scan.</summary>
    public async IAsyncEnumerable<ReleaseRecord> ListAsync(string dataset, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var row in storage.ReleasesTable.QueryAsync<TableEntity>(r => r.PartitionKey == dataset, cancellationToken: cancellationToken))
            yield return DatasetIndex.Unpack<ReleaseRecord>([row])!;
    }

    /// <summary>The releases that are on their way or held: one partition scan.</summary>
    internal async IAsyncEnumerable<ReleaseRecord> PendingAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in storage.ReleasesTable.QueryAsync<TableEntity>(r => r.PartitionKey == Pending, cancellationToken: cancellationToken))
            yield return DatasetIndex.Unpack<ReleaseRecord>([row])!;
    }

    /// <summary>Writes a release's state, and its report once it has come to an end or is held.</summary>
    internal async Task WriteAsync(ReleaseRecord record, CancellationToken cancellationToken)
    {
        var ended = record.State is ReleaseState.Published or ReleaseState.Rejected;
        // The pending row comes before and goes after the ledger row: a crash in between leaves a release to look at once more, never one forgotten.
        if (!ended)
            await PutAsync(Pending);
        else
            await WriteReportAsync(record, cancellationToken);
        await PutAsync(record.Dataset);
        if (record.State == ReleaseState.Held)
            await WriteReportAsync(record, cancellationToken);
        if (ended)
            await ForgetPendingAsync(record.Id, cancellationToken);

        async Task PutAsync(string partition)
        {
            await storage.ReleasesTable.UpsertEntityAsync(Row(partition, record), TableUpdateMode.Replace, cancellationToken);
        }
    }

    /// <summary>Takes a release that has come to its end off the list of those on their way.</summary>
    internal Task ForgetPendingAsync(string release, CancellationToken cancellationToken) =>
        storage.ReleasesTable.DeleteEntityAsync(Pending, release, ETag.All, cancellationToken);

    /// <summary>A row holds less than a blob: of a report that is too long for it, the gravest findings and the first readings stay; <c>reports/</c> has all.</summary>
    internal static TableEntity Row(string partition, ReleaseRecord record)
    {
        record = record with { Figures = null };
        while (true)
        {
            var rows = DatasetIndex.Pack(partition, _ => record.Id, record).Take(2).ToList();
            if (rows.Count == 1)
                return rows[0];
            record = record with
            {
                Findings = [.. record.Findings.OrderByDescending(f => f.Severity).Take(record.Findings.Count / 2)],
                Readings = [.. record.Readings.Take(record.Readings.Count / 2)],
                Tables = [.. record.Tables.Take(record.Tables.Count / 2)],
                Reconciliation = record.Reconciliation is { } account && record.Findings.Count + record.Readings.Count + record.Tables.Count < 2 ? account with { SetAside = [] } : record.Reconciliation,
            };
        }
    }

    private Task WriteReportAsync(ReleaseRecord record, CancellationToken cancellationToken) =>
        storage.Reports.GetBlobClient(record.Id + ".json").UploadAsync(
            BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(record, Json.Options)), overwrite: true, cancellationToken);
}
