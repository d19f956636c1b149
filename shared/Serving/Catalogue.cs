using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// What the index knows, kept in memory: versions and structures as long as there is room, since they never change. Which version is the latest is known
/// for at most a second, since another host may publish; where there are readers it is looked up behind their answers before that, so that none of them waits.
/// </summary>
internal sealed class Catalogue
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Ageing = Fresh / 2;
    private readonly DatasetIndex index;
    private readonly VersionQueries lake;
    private readonly ConcurrentDictionary<string, (DatasetSummary Summary, long Since)> latest = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> refreshing = new(StringComparer.Ordinal);
    private readonly ByteCache structures = new(128L << 20);
    private (IReadOnlyList<DatasetSummary> Datasets, long Since)? all;
    private int published;

    public Catalogue(DatasetIndex index, VersionQueries lake)
    {
        (this.index, this.lake) = (index, lake);
        index.Published += dataset =>
        {
            Interlocked.Increment(ref published);
            latest.TryRemove(dataset, out _);
            all = null;
        };
    }

    /// <summary>All datasets in the order of their ids.</summary>
    public async Task<IReadOnlyList<DatasetSummary>> ListAsync(CancellationToken cancellationToken)
    {
        if (all is { } known && Stopwatch.GetElapsedTime(known.Since) is var age && age < Fresh)
        {
            if (age >= Ageing && refreshing.TryAdd("", true))
                _ = RefreshAsync("", () => ReadAllAsync(CancellationToken.None));
            return known.Datasets;
        }
        return await ReadAllAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<DatasetSummary>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var (since, before, datasets) = (Stopwatch.GetTimestamp(), published, new List<DatasetSummary>());
        await foreach (var dataset in index.ListAsync(cancellationToken))
            datasets.Add(dataset);
        if (before == published)
            all = (datasets, since);
        return datasets;
    }

    /// <summary>A dataset's summary.</summary>
    /// <exception cref="ProblemException">There is no such dataset.</exception>
    public ValueTask<DatasetSummary> FindAsync(string dataset, CancellationToken cancellationToken)
    {
        if (!latest.TryGetValue(dataset, out var known) || Stopwatch.GetElapsedTime(known.Since) is var age && age >= Fresh)
            return new(FindAnewAsync(dataset, cancellationToken));
        if (age >= Ageing && refreshing.TryAdd(dataset, true))
            RefreshBehind(dataset);
        return new(known.Summary);
    }

    private void RefreshBehind(string dataset) => _ = RefreshAsync(dataset, () => ReadAgainAsync(dataset));

    private async Task<DatasetSummary> FindAnewAsync(string dataset, CancellationToken cancellationToken)
    {
        var summary = await ReadAsync(dataset, cancellationToken);
        if (summary is null)
        {
            latest.TryRemove(dataset, out _);
            var ids = (await ListAsync(cancellationToken)).Select(d => d.Id).ToList();
            var stem = Path.GetFileNameWithoutExtension(dataset);
            throw stem != dataset && ids.Contains(stem)
                ? ProblemException.Unknown(StatusCodes.Status404NotFound, "unknown-dataset", "dataset", "dataset", dataset, ids, new Meaning(stem, $"its data is at /v1/datasets/{stem}/data{dataset[stem.Length..]}", Operator: null))
                : ProblemException.Unknown(StatusCodes.Status404NotFound, "unknown-dataset", "dataset", "dataset", dataset, ids);
        }
        return summary;
    }

    private async Task<DatasetSummary?> ReadAsync(string dataset, CancellationToken cancellationToken)
    {
        var (since, before) = (Stopwatch.GetTimestamp(), published);
        var summary = DatasetId.IsValid(dataset) ? await index.FindAsync(dataset, cancellationToken) : null;
        // What was read while something was published here may be what was before.
        if (summary is not null && before == published)
            latest[dataset] = (summary, since);
        return summary;
    }

    private async Task ReadAgainAsync(string dataset)
    {
        if (await ReadAsync(dataset, CancellationToken.None) is null)
            latest.TryRemove(dataset, out _);
    }

    // Looks something up behind an answer.
    private async Task RefreshAsync(string key, Func<Task> readAsync)
    {
        try
        {
            await readAsync();
        }
        catch (Exception e) when (e is Azure.RequestFailedException or AggregateException)
        {
            // Storage does not answer: a reader is told so when what is known has become too old.
        }
        finally
        {
            refreshing.TryRemove(key, out _);
        }
    }

    /// <summary>A dataset at a version.</summary>
    /// <param name="dataset">The dataset's id.</param>
    /// <param name="version">The version's number; null for the latest, or the one that was current at <paramref name="asOf"/>.</param>
    /// <param name="asOf">A moment; null for now.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ProblemException">There is no such dataset or version.</exception>
    public async Task<DatasetAtVersion> AtAsync(string dataset, int? version, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        var summary = await FindAsync(dataset, cancellationToken);
        var chosen = summary.Latest;
        if (version is { } number && number != chosen.Version)
        {
            chosen = structures.Find<DatasetAtVersion>((dataset, number))?.Version ?? (number < 1 || number > chosen.Version
                ? null
                : await index.FindVersionAsync(dataset, number, cancellationToken)) ?? throw new ProblemException(
                StatusCodes.Status404NotFound, "unknown-version", $"{dataset} has no version {number}; the latest is {summary.Latest.Version}.")
                {
                    Parameter = "version",
                    Value = number.ToString(),
                    Expected = $"a number from 1 to {summary.Latest.Version}",
                };
        }
        else if (asOf is { } moment && moment < chosen.PublishedAt)
        {
            var versions = await VersionsAsync(dataset, cancellationToken);
            chosen = versions.LastOrDefault(v => v.PublishedAt <= moment) ?? throw new ProblemException(
                StatusCodes.Status404NotFound, "unknown-version", $"{dataset} had not been published by then; its first version is of {versions[0].PublishedAt:O}.")
            {
                Parameter = "asOf",
                Value = moment.ToString("O"),
                Expected = $"a date or an instant not before {versions[0].PublishedAt:O}",
            };
        }
        return await AtAsync(dataset, chosen, cancellationToken);
    }

    /// <summary>A dataset at a version that is known already.</summary>
    public async Task<DatasetAtVersion> AtAsync(string dataset, DatasetVersion chosen, CancellationToken cancellationToken)
    {
        // A dataset that was removed and published anew counts from 1 again: the file tells the two apart.
        if (structures.Find<DatasetAtVersion>((dataset, chosen.Version)) is { } known && known.Version.File == chosen.File)
            return known;
        var at = new DatasetAtVersion(await index.StructureAsync(dataset, chosen.Version, cancellationToken), chosen);
        structures.Keep((dataset, chosen.Version), at, at.Bytes);
        return at;
    }

    /// <summary>When a dataset was first published.</summary>
    public async Task<DateTimeOffset> IssuedAsync(DatasetSummary summary, CancellationToken cancellationToken) => summary.Latest.Version == 1
        ? summary.Latest.PublishedAt
        : (await index.FindVersionAsync(summary.Id, 1, cancellationToken) ?? summary.Latest).PublishedAt;

    /// <summary>All versions of a dataset, oldest first.</summary>
    public async Task<IReadOnlyList<DatasetVersion>> VersionsAsync(string dataset, CancellationToken cancellationToken)
    {
        var newest = (await FindAsync(dataset, cancellationToken)).Latest;
        var key = ("versions", dataset, newest.Version, newest.File);
        if (structures.Find<List<DatasetVersion>>(key) is { } known)
            return known;
        var versions = new List<DatasetVersion>();
        await foreach (var version in index.VersionsAsync(dataset, cancellationToken))
            if (version.Version <= newest.Version)
                versions.Add(version);
        structures.Keep(key, versions, versions.Count * 600L);
        return versions;
    }

    /// <summary>The series of a version with their latest values: from the index, or, where it does not have them or forgets them meanwhile, from the data.</summary>
    public async IAsyncEnumerable<SeriesSummary> SeriesAsync(DatasetAtVersion at, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var series in index.SeriesAsync(at.Structure.Id, at.Version.Version, cancellationToken))
        {
            count++;
            yield return series;
        }
        if (count < at.Version.Series)
            await foreach (var series in SeriesOfRows.ReadAsync(lake, at, cancellationToken).Skip(count))
                yield return series;
    }
}
