using System.Security.Cryptography;
using System.Text;
using Pipeline.Publishing;

namespace Pipeline.Serving;

/// <summary>How far the index is.</summary>
/// <param name="Identity">The same text for the same content.</param>
/// <param name="Indexed">How many datasets are in it as they are now.</param>
/// <param name="Datasets">How many there are.</param>
internal sealed record SearchState(string Identity, int Indexed, int Datasets)
{
    /// <summary>Whether all are.</summary>
    public bool IsWhole => Indexed == Datasets;
}

/// <summary>
/// Keeps a search index at the latest versions: only datasets that have a new one are read again. A search waits a little for that, and is else answered
/// from what there is. When the index is as large as may be, further datasets are found by their titles alone.
/// </summary>
internal sealed class SearchUpkeep(DatasetIndex source, long mostBytes) : IDisposable
{
    /// <summary>How large the index may become unless a setting says otherwise.</summary>
    public const long DefaultBytes = 512L << 20;

    private const int ReadAtOnce = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly ReaderWriterLockSlim gate = new();
    private readonly Lock starting = new();
    private SearchIndex index = new();
    private Done? done;
    private Task? running;

    /// <summary>Brings the index up to the catalogue.</summary>
    public async Task<SearchState> RefreshAsync(IReadOnlyList<DatasetSummary> datasets, CancellationToken cancellationToken)
    {
        if (done is { } whole && ReferenceEquals(whole.Datasets, datasets))
            return whole.State;
        Task task;
        lock (starting)
        {
            // Another request's refresh may be of an older catalogue: what it leaves, the next one finds.
            task = running is { IsCompleted: false } ? running : running = Task.Run(() => RefreshAsync(datasets), CancellationToken.None);
        }
        await Task.WhenAny(task, Task.Delay(Patience, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (task.IsFaulted)
            await task;
        return Look(datasets);
    }

    /// <summary>Reads the index, which stays as it is meanwhile.</summary>
    public T Read<T>(Func<SearchIndex, T> read)
    {
        gate.EnterReadLock();
        try
        {
            return read(index);
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task RefreshAsync(IReadOnlyList<DatasetSummary> datasets)
    {
        var (gone, stale) = Read(known => (
            known.Datasets.Select(d => d.Dataset).Except(datasets.Select(d => d.Id), StringComparer.Ordinal).ToList(),
            datasets.Where(d => known.FileOf(d.Id) != d.Latest.File).ToList()));
        foreach (var id in gone)
            Write(known => known.Remove(id));
        await Parallel.ForEachAsync(stale, new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce }, async (dataset, token) =>
        {
            var isFull = Read(known => known.Bytes) > mostBytes;
            var structure = isFull ? null : await source.StructureAsync(dataset.Id, dataset.Latest.Version, token);
            Write(known => known.Put(dataset.Id, dataset.Latest.File, dataset.Title, structure));
        });
        if (Read(known => known.IsStale))
        {
            var compact = Read(known => known.Compacted());
            gate.EnterWriteLock();
            index = compact;
            gate.ExitWriteLock();
        }
    }

    private SearchState Look(IReadOnlyList<DatasetSummary> datasets)
    {
        var (indexed, identity) = Read(known =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var count = 0;
            foreach (var dataset in datasets)
            {
                if (known.FileOf(dataset.Id) is not { } file)
                    continue;
                hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
                count += file == dataset.Latest.File ? 1 : 0;
            }
            return (count, Convert.ToHexString(hash.GetHashAndReset()));
        });
        var now = new SearchState(identity, indexed, datasets.Count);
        // Only a whole state lasts as long as the catalogue.
        if (now.IsWhole)
            done = new Done(datasets, now);
        return now;
    }

    private void Write(Action<SearchIndex> write)
    {
        gate.EnterWriteLock();
        try
        {
            write(index);
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }

    private sealed record Done(IReadOnlyList<DatasetSummary> Datasets, SearchState State);
}
