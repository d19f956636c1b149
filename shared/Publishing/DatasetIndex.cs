using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;

namespace Pipeline.Publishing;

/// <summary>
/// The index of what is published: catalogue, versions, structures and latest values, in Table Storage. Readers are answered from here alone; the
/// lake is not touched. <c>docs/architecture.md</c> lists the keys.
/// </summary>
public sealed class DatasetIndex(Storage storage)
{
    /// <summary>The partition of the catalogue; no dataset's id may start with an underscore.</summary>
    internal const string Catalogue = "_catalogue";

    private const int SeriesPerRow = 2_000;
    private const int PropertyBytes = 60_000;
    // A row holds 1 MiB; the emulator counts the Base64 of its bytes.
    private const int RowBytes = 12 * PropertyBytes;

    /// <summary>Raised after this process has published a version, with the dataset's id, so that caches can let go.</summary>
    public event Action<string>? Published;

    /// <summary>All datasets in the order of their ids: one partition scan.</summary>
    public async IAsyncEnumerable<DatasetSummary> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var row in storage.DatasetsTable.QueryAsync<TableEntity>(r => r.PartitionKey == Catalogue, cancellationToken: cancellationToken))
            yield return Unpack<DatasetSummary>([row])!;
    }

    /// <summary>A dataset's summary with its latest version: one point read; null when there is no such dataset.</summary>
    public async Task<DatasetSummary?> FindAsync(string dataset, CancellationToken cancellationToken = default) =>
        await PointAsync<DatasetSummary>(storage.DatasetsTable, Catalogue, dataset, cancellationToken);

    /// <summary>A version of a dataset: one point read; null when there is no such version.</summary>
    public async Task<DatasetVersion?> FindVersionAsync(string dataset, int version, CancellationToken cancellationToken = default) =>
        await PointAsync<DatasetVersion>(storage.DatasetsTable, dataset, VersionKey(version), cancellationToken);

    /// <summary>All versions of a dataset from the first to the latest: one range scan.</summary>
    public async IAsyncEnumerable<DatasetVersion> VersionsAsync(string dataset, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var rows = storage.DatasetsTable.QueryAsync<TableEntity>(
            r => r.PartitionKey == dataset && r.RowKey.CompareTo("version:") >= 0 && r.RowKey.CompareTo("version;") < 0,
            cancellationToken: cancellationToken);
        await foreach (var row in rows)
            yield return Unpack<DatasetVersion>([row])!;
    }

    /// <summary>The structure of a dataset at a version: one range scan, one row for all but very large codelists.</summary>
    /// <exception cref="InvalidOperationException">The index has no such version.</exception>
    public async Task<DatasetStructure> StructureAsync(string dataset, int version, CancellationToken cancellationToken = default)
    {
        var from = $"structure:{version:D10}:";
        var to = $"structure:{version:D10};";
        var rows = new List<TableEntity>();
        await foreach (var row in storage.DatasetsTable.QueryAsync<TableEntity>(
            r => r.PartitionKey == dataset && r.RowKey.CompareTo(from) >= 0 && r.RowKey.CompareTo(to) < 0, cancellationToken: cancellationToken))
        {
            rows.Add(row);
        }
        return rows.Count > 0
            ? Unpack<DatasetStructure>(rows)!
            : throw new InvalidOperationException($"the index has no structure of {dataset} at version {version}; `reindex` rebuilds it from the lake");
    }

    /// <summary>
    /// Every series of a version with its latest value, in the order of their keys: one partition scan. Of versions before the last two there are none, and where they are
    /// being removed only the first.
    /// </summary>
    public async IAsyncEnumerable<SeriesSummary> SeriesAsync(
        string dataset, int version, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var partition = SeriesPartition(dataset, version);
        var part = 0;
        await foreach (var row in storage.SeriesTable.QueryAsync<TableEntity>(r => r.PartitionKey == partition, cancellationToken: cancellationToken))
        {
            if (row.RowKey != PartKey(part++))
                yield break;
            foreach (var series in Unpack<List<SeriesSummary>>([row])!)
                yield return series;
        }
    }

    /// <summary>
    /// Writes a version into the index: series, structure and version first, then, last, the catalogue row that points to them. Does nothing to the
    /// catalogue when it already points to this version or a later one. May be repeated after a crash.
    /// </summary>
    internal async Task WriteAsync(
        DatasetStructure structure, DatasetVersion version, IAsyncEnumerable<SeriesSummary> series, CancellationToken cancellationToken)
    {
        await WriteSeriesAsync(structure.Id, version.Version, series, cancellationToken);
        foreach (var row in Pack(structure.Id, part => $"structure:{version.Version:D10}:{part:D3}", structure))
            await storage.DatasetsTable.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
        foreach (var row in Pack(structure.Id, _ => VersionKey(version.Version), version))
            await storage.DatasetsTable.UpsertEntityAsync(row, TableUpdateMode.Replace, cancellationToken);
        var summary = new DatasetSummary
        {
            Id = structure.Id,
            Title = structure.Title,
            Latest = version,
            Dimensions = [.. structure.Components.Take(structure.TimeIndex).Select(c => c.Id)],
        };
        await PointToAsync(summary, cancellationToken);
        Published?.Invoke(structure.Id);
        // Readers may still be in the middle of the version before.
        await RemoveSeriesAsync(structure.Id, version.Version - 1, cancellationToken);
    }

    /// <summary>Forgets a dataset that the lake does not have (a rebuild's work).</summary>
    internal async Task RemoveAsync(string dataset, CancellationToken cancellationToken)
    {
        await storage.DatasetsTable.DeleteEntityAsync(Catalogue, dataset, ETag.All, cancellationToken);
        await foreach (var row in storage.DatasetsTable.QueryAsync<TableEntity>(
            r => r.PartitionKey == dataset, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken))
        {
            await storage.DatasetsTable.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellationToken);
        }
        await RemoveSeriesAsync(dataset, int.MaxValue, cancellationToken);
        Published?.Invoke(dataset);
    }

    private async Task PointToAsync(DatasetSummary summary, CancellationToken cancellationToken)
    {
        var row = Pack(Catalogue, _ => summary.Id, summary).Single();
        while (true)
        {
            try
            {
                var there = await storage.DatasetsTable.GetEntityIfExistsAsync<TableEntity>(Catalogue, summary.Id, cancellationToken: cancellationToken);
                if (!there.HasValue)
                    await storage.DatasetsTable.AddEntityAsync(row, cancellationToken);
                else if (Unpack<DatasetSummary>([there.Value!])!.Latest.Version <= summary.Latest.Version)
                    await storage.DatasetsTable.UpdateEntityAsync(row, there.Value!.ETag, TableUpdateMode.Replace, cancellationToken);
                return;
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                // Another host moved the pointer in between: look again, it may be ahead of us by now.
            }
        }
    }

    private async Task WriteSeriesAsync(string dataset, int version, IAsyncEnumerable<SeriesSummary> series, CancellationToken cancellationToken)
    {
        var partition = SeriesPartition(dataset, version);
        var part = 0;
        var block = new List<SeriesSummary>(SeriesPerRow);
        await foreach (var one in series.WithCancellation(cancellationToken))
        {
            block.Add(one);
            if (block.Count == SeriesPerRow)
                await FlushAsync();
        }
        if (block.Count > 0)
            await FlushAsync();

        async Task FlushAsync()
        {
            await PutAsync(block);
            block.Clear();
        }

        // Every row can be read by itself, so series with long codes are fewer a row.
        async Task PutAsync(List<SeriesSummary> some)
        {
            var rows = Pack(partition, _ => PartKey(part), some).Take(2).ToList();
            if (rows.Count > 1 && some.Count > 1)
            {
                await PutAsync(some[..(some.Count / 2)]);
                await PutAsync(some[(some.Count / 2)..]);
                return;
            }
            await storage.SeriesTable.UpsertEntityAsync(rows.Single(), TableUpdateMode.Replace, cancellationToken);
            part++;
        }
    }

    /// <summary>Removes the latest values of the versions of a dataset before one. What a crash leaves, the next version's call finds.</summary>
    private async Task RemoveSeriesAsync(string dataset, int before, CancellationToken cancellationToken)
    {
        if (before <= 1)
            return;
        var (from, to) = (SeriesPartition(dataset, 0), SeriesPartition(dataset, before));
        var rows = storage.SeriesTable.QueryAsync<TableEntity>(
            r => r.PartitionKey.CompareTo(from) >= 0 && r.PartitionKey.CompareTo(to) < 0, select: ["PartitionKey", "RowKey"], cancellationToken: cancellationToken);
        var batch = new List<TableTransactionAction>();
        await foreach (var row in rows)
        {
            // A transaction holds at most 100 rows of one partition.
            if (batch.Count == 100 || (batch.Count > 0 && batch[0].Entity.PartitionKey != row.PartitionKey))
                await SubmitAsync();
            batch.Add(new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All));
        }
        if (batch.Count > 0)
            await SubmitAsync();

        async Task SubmitAsync()
        {
            try
            {
                await storage.SeriesTable.SubmitTransactionAsync(batch, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                // Another host is removing them.
            }
            batch.Clear();
        }
    }

    private static string VersionKey(int version) => $"version:{version:D10}";

    private static string PartKey(int part) => part.ToString("D6");

    private static string SeriesPartition(string dataset, int version) => $"{dataset}:{version:D10}";

    private static async Task<T?> PointAsync<T>(TableClient table, string partition, string row, CancellationToken cancellationToken)
        where T : class
    {
        var there = await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellationToken);
        return there.HasValue ? Unpack<T>([there.Value!]) : null;
    }

    /// <summary>Cuts the gzipped JSON of a value into rows of at most 12 binary properties (a row holds 1 MiB, a property 64 KiB).</summary>
    internal static IEnumerable<TableEntity> Pack<T>(string partition, Func<int, string> rowKey, T value)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            JsonSerializer.Serialize(gzip, value, Json.Options);
        var bytes = packed.GetBuffer().AsMemory(0, (int)packed.Length);
        for (var part = 0; part == 0 || part * RowBytes < bytes.Length; part++)
        {
            var row = new TableEntity(partition, rowKey(part));
            var slice = bytes[(part * RowBytes)..Math.Min(bytes.Length, (part + 1) * RowBytes)];
            for (var p = 0; p * PropertyBytes < slice.Length; p++)
                row[$"P{p:D2}"] = slice[(p * PropertyBytes)..Math.Min(slice.Length, (p + 1) * PropertyBytes)].ToArray();
            yield return row;
        }
    }

    /// <summary>Puts together what <see cref="Pack"/> cut.</summary>
    internal static T? Unpack<T>(IEnumerable<TableEntity> rows)
    {
        var packed = new MemoryStream();
        foreach (var row in rows)
            for (var p = 0; row.TryGetValue($"P{p:D2}", out var bytes); p++)
                packed.Write(bytes is BinaryData data ? data : (byte[])bytes);
        packed.Position = 0;
        using var gzip = new GZipStream(packed, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<T>(gzip, Json.Options);
    }
}
