using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Configuration;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>An order other than the stored one was asked for more observations than can be sorted.</summary>
internal sealed class SortLimitException(int limit) : Exception($"more than {limit} observations match")
{
    public int Limit => limit;
}

/// <summary>Answers queries from the versions' Parquet files: skips row groups that can not match, decodes the columns that are wanted, keeps them.</summary>
internal sealed class VersionQueries
{
    /// <summary>The most observations that are sorted into another order than the stored one.</summary>
    public const int SortLimit = 1_000_000;

    /// <summary>The most row groups that are decoded ahead of the one that is being answered with, a few megabytes each.</summary>
    private const int MaxAhead = 4;

    private const int GatherRows = 50_000;

    private readonly Func<string, long, int, CancellationToken, Task<byte[]>> fetch;
    private readonly ByteCache cache;

    /// <summary>Reads from the container <c>lake</c>; keeps up to <c>Pipeline:QueryCacheBytes</c> (default 256 MiB) in memory.</summary>
    public VersionQueries(Storage storage, IConfiguration configuration)
        : this((file, offset, count, token) => FetchAsync(storage, file, offset, count, token), configuration.GetValue("Pipeline:QueryCacheBytes", 256L << 20))
    {
    }

    /// <summary>Reads ranges of files with a function: file, offset, count.</summary>
    public VersionQueries(Func<string, long, int, CancellationToken, Task<byte[]>> fetch, long cacheBytes)
    {
        this.fetch = fetch;
        cache = new ByteCache(cacheBytes);
    }

    /// <summary>The bytes that are kept in memory now.</summary>
    public long CachedBytes => cache.Bytes;

    /// <summary>The observations that match, in stored order, a run of rows at a time.</summary>
    /// <param name="at">The version.</param>
    /// <param name="selection">Which observations.</param>
    /// <param name="wanted">Which columns, by <see cref="DatasetAtVersion.ColumnCount"/>.</param>
    /// <param name="fromRow">The first row of the version to look at.</param>
    /// <param name="everything">Whether all matches will be read: then the next row groups are decoded while the caller is busy with this one.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<Match> ReadAsync(
        DatasetAtVersion at, Selection selection, bool[] wanted, long fromRow, bool everything, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = await OpenAsync(at, cancellationToken);
        var groups = new List<int>();
        for (var group = 0; group < file.Groups; group++)
            if (file.FirstRows[group + 1] > fromRow && CanMatch(file, selection, group))
                groups.Add(group);
        // About what a pass will decode, at 24 bytes a row; more than the cache holds would only turn it over.
        var keep = !everything || groups.Count * 65_536L * 24 < cache.Capacity / 2;
        var ahead = new Queue<Task<Match>>();
        var depth = everything ? Math.Min(Environment.ProcessorCount, MaxAhead) : 0;
        for (var (i, started) = (0, 0); i < groups.Count; i++)
        {
            for (; depth > 0 && started < Math.Min(groups.Count, i + depth); started++)
            {
                var group = groups[started];
                ahead.Enqueue(Task.Run(() => MatchAsync(at, file, selection, group, wanted, fromRow, keep, cancellationToken), cancellationToken));
            }
            var match = await (ahead.Count > 0 ? ahead.Dequeue() : MatchAsync(at, file, selection, groups[i], wanted, fromRow, keep, cancellationToken));
            if (match.Count > 0)
                yield return match;
        }
    }

    /// <summary>
    /// The observations that a query gives, in its order, a run of rows at a time: filtered, windowed, sorted, and cut to its offset and limit.
    /// </summary>
    /// <param name="at">The version.</param>
    /// <param name="query">The query.</param>
    /// <param name="wanted">Which columns, by <see cref="DatasetAtVersion.ColumnCount"/>; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SortLimitException">More than <see cref="SortLimit"/> observations match, and they are to be sorted.</exception>
    public async IAsyncEnumerable<Match> RunAsync(
        DatasetAtVersion at, DataQuery query, bool[]? wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var selection = new Selection(at, query.Where);
        wanted ??= Enumerable.Repeat(true, at.ColumnCount).ToArray();
        var (skip, left) = (query.Offset, query.Limit ?? long.MaxValue);
        if (left <= 0)
            yield break;
        if (query.Sort.Count > 0)
        {
            var sorted = await SortAsync(at, selection, query, cancellationToken);
            while (skip < sorted.Length && left > 0)
            {
                var count = (int)Math.Min(Math.Min(left, GatherRows), sorted.Length - skip);
                yield return await GatherAsync(at, sorted.AsMemory((int)skip, count), wanted, cancellationToken);
                (skip, left) = (skip + count, left - count);
            }
            yield break;
        }
        var all = ReadAsync(at, selection, WantedFor(at, query, wanted), 0, everything: query.Limit is null, cancellationToken);
        await foreach (var match in RowRange.Of(SeriesWindow.Of(at, all, query.First, query.Last), skip, left).WithCancellation(cancellationToken))
            yield return match;
    }

    /// <summary>How many observations a query gives without its offset and limit.</summary>
    public Task<long> CountAsync(DatasetAtVersion at, DataQuery query, CancellationToken cancellationToken) => CountAsync(at, query, long.MaxValue, cancellationToken);

    /// <summary>How many observations a query gives without its offset and limit, as far as there are more than a number: counting ends beyond it.</summary>
    public async Task<long> CountAsync(DatasetAtVersion at, DataQuery query, long enough, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var match in RunAsync(at, query with { Sort = [], Offset = 0, Limit = null }, new bool[at.ColumnCount], cancellationToken))
        {
            count += match.Count;
            if (count > enough)
                break;
        }
        return count;
    }

    // A window over series has to see where one ends and the next begins.
    private static bool[] WantedFor(DatasetAtVersion at, DataQuery query, bool[] wanted) =>
        query.First is null && query.Last is null ? wanted : [.. wanted.Select((w, column) => w || column < at.TimeIndex)];

    /// <summary>The numbers of the matching rows, windowed, in another order than the stored one, or, without a sort, in the stored one.</summary>
    /// <exception cref="SortLimitException">More than <see cref="SortLimit"/> observations match.</exception>
    public async Task<long[]> SortAsync(
        DatasetAtVersion at, Selection selection, DataQuery query, CancellationToken cancellationToken)
    {
        var key = (at.Version.File, query.Canonical);
        if (cache.Find<long[]>(key) is { } known)
            return known;
        var wanted = new bool[at.ColumnCount];
        var columns = query.Sort.Select(s => s.Expression is not null ? -1 : s.Column == Concepts.ObsValue ? at.ValueColumn : at.IndexOf(s.Column)).ToArray();
        foreach (var column in query.Sort.SelectMany((s, k) => s.Expression?.Columns ?? [columns[k]]))
            wanted[column] = true;
        var rows = new List<long>();
        var ranks = columns.Select(_ => new List<int>()).ToArray();
        var values = columns.Select(_ => new List<decimal?>()).ToArray();
        var results = columns.Select(_ => new List<object?>()).ToArray();
        var all = ReadAsync(at, selection, WantedFor(at, query, wanted), 0, everything: true, cancellationToken);
        await foreach (var match in SeriesWindow.Of(at, all, query.First, query.Last).WithCancellation(cancellationToken))
        {
            if (rows.Count + match.Count > SortLimit)
                throw new SortLimitException(SortLimit);
            for (var i = 0; i < match.Count; i++)
            {
                var row = match.Row(i);
                rows.Add(match.Chunk.FirstRow + row);
                for (var k = 0; k < columns.Length; k++)
                {
                    if (query.Sort[k].Expression is { } expression)
                        results[k].Add(expression.Value(match.Chunk, row));
                    else if (columns[k] == at.ValueColumn)
                        values[k].Add(match.Chunk.Values![row]);
                    else
                        ranks[k].Add(Rank(query.Sort[k], columns[k], match.Chunk.Codes[columns[k]]![row]));
                }
            }
        }
        var order = new int[rows.Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, Compare);
        var sorted = Array.ConvertAll(order, i => rows[i]);
        cache.Keep(key, sorted, 64 + (sorted.Length * 8L));
        return sorted;

        int Compare(int x, int y)
        {
            for (var k = 0; k < columns.Length; k++)
            {
                var sort = query.Sort[k];
                var by = sort.Expression is { } expression ? (sort.Descending ? expression.Order.Compare(results[k][y], results[k][x]) : expression.Order.Compare(results[k][x], results[k][y]))
                    : columns[k] == at.ValueColumn ? CompareValues(values[k][x], values[k][y], sort) : ranks[k][x].CompareTo(ranks[k][y]);
                if (by != 0)
                    return by;
            }
            return x.CompareTo(y);
        }

        int Rank(SortKey by, int column, int number)
        {
            if (by.Ranking is null && number == at.Components[column].Codes.Count)
                return by.MissingFirst ? int.MinValue : int.MaxValue;
            var rank = by.Ranking is { } ranking ? ranking.Ranks[number] : column == at.TimeIndex ? at.PeriodRanks[number] : number;
            return by.Descending ? -1 - rank : rank;
        }
    }

    /// <summary>Reads rows by their numbers, in the order given.</summary>
    public async Task<Match> GatherAsync(DatasetAtVersion at, ReadOnlyMemory<long> rows, bool[] wanted, CancellationToken cancellationToken)
    {
        var file = await OpenAsync(at, cancellationToken);
        var found = new (Chunk Chunk, int Row)[rows.Length];
        foreach (var group in Enumerable.Range(0, rows.Length).GroupBy(i => GroupOf(file, rows.Span[i])))
        {
            var chunk = await file.ReadAsync(group.Key, wanted, keep: true, cancellationToken);
            foreach (var i in group)
                found[i] = (chunk, (int)(rows.Span[i] - chunk.FirstRow));
        }
        return new Match(Chunk.Of(at, found), null, 0, found.Length);
    }

    private async Task<VersionFile> OpenAsync(DatasetAtVersion at, CancellationToken cancellationToken)
    {
        var key = ("file", at.Version.File);
        if (cache.Find<VersionFile>(key) is { } open)
            return open;
        var file = await VersionFile.OpenAsync(at, (offset, count, token) => fetch(at.Version.File, offset, count, token), cache, cancellationToken);
        cache.Keep(key, file, file.Bytes);
        return file;
    }

    private static async Task<Match> MatchAsync(
        DatasetAtVersion at, VersionFile file, Selection selection, int group, bool[] wanted, long fromRow, bool keep, CancellationToken cancellationToken)
    {
        var filters = new bool[at.ColumnCount];
        for (var component = 0; component < at.Components.Count; component++)
        {
            var (min, max) = file.Range(group, component);
            filters[component] = !selection.Meets(component, min, max).All;
        }
        if (selection.HasRest)
            return await TestAsync(file, selection, group, filters, wanted, fromRow, keep, cancellationToken);
        var count = (int)(file.FirstRows[group + 1] - file.FirstRows[group]);
        var (from, to) = ((int)Math.Max(0, fromRow - file.FirstRows[group]), count);
        if (!Array.Exists(filters, f => f))
            return new Match(await file.ReadAsync(group, wanted, keep, cancellationToken), null, from, to - from);

        var chunk = await file.ReadAsync(group, filters, keep, cancellationToken);
        // Rows are sorted by the dimensions in their order: as long as each has one code, the rows that match are one run.
        for (var component = 0; component <= at.TimeIndex; component++)
        {
            var (min, max) = file.Range(group, component);
            if (filters[component] && selection.Only[component] is >= 0 and var only)
            {
                from = chunk.Codes[component]!.LowerBound(only, from, to);
                to = chunk.Codes[component]!.LowerBound(only + 1, from, to);
                filters[component] = false;
            }
            else if (min != max)
            {
                break;
            }
        }
        var (rows, matches) = Allowed(selection, chunk, filters, from, to);
        return matches == 0 ? default : new Match(await file.ReadAsync(group, wanted, keep, cancellationToken), rows, from, matches);
    }

    // The rows whose codes are allowed; no list where all of the range are.
    private static (int[]? Rows, int Count) Allowed(Selection selection, Chunk chunk, bool[] filters, int from, int to)
    {
        int[]? rows = null;
        var matches = to - from;
        for (var component = 0; component < selection.Allowed.Length && matches > 0; component++)
        {
            if (!filters[component])
                continue;
            var allowed = selection.Allowed[component]!;
            if (rows is null)
                matches = chunk.Codes[component]!.Match(allowed, from, to, rows = new int[matches]);
            else
                matches = chunk.Codes[component]!.Match(allowed, rows.AsSpan(0, matches));
        }
        return (rows, matches);
    }

    // Where sets of codes do not say it all, the rows that they leave are looked at one by one.
    private static async Task<Match> TestAsync(
        VersionFile file, Selection selection, int group, bool[] filters, bool[] wanted, long fromRow, bool keep, CancellationToken cancellationToken)
    {
        var chunk = await file.ReadAsync(group, [.. filters.Select((f, column) => f || selection.RestColumns[column])], keep, cancellationToken);
        var (from, to) = ((int)Math.Max(0, fromRow - file.FirstRows[group]), (int)(file.FirstRows[group + 1] - file.FirstRows[group]));
        var (rows, matches) = Allowed(selection, chunk, filters, from, to);
        if (matches == 0)
            return default;
        rows ??= [.. Enumerable.Range(from, to - from)];
        var count = 0;
        for (var i = 0; i < matches; i++)
            if (selection.Holds(chunk, rows[i]))
                rows[count++] = rows[i];
        return count == 0 ? default : new Match(await file.ReadAsync(group, wanted, keep, cancellationToken), rows, from, count);
    }

    private static bool CanMatch(VersionFile file, Selection selection, int group)
    {
        for (var component = 0; component < selection.Allowed.Length; component++)
        {
            var (min, max) = file.Range(group, component);
            if (!selection.Meets(component, min, max).Some)
                return false;
        }
        return true;
    }

    private static int GroupOf(VersionFile file, long row)
    {
        var at = Array.BinarySearch(file.FirstRows, row);
        return at >= 0 ? at : ~at - 1;
    }

    private static int CompareValues(decimal? x, decimal? y, SortKey by) =>
        x is null || y is null ? (by.MissingFirst ? (y is null).CompareTo(x is null) : (x is null).CompareTo(y is null))
        : by.Descending ? y.Value.CompareTo(x.Value) : x.Value.CompareTo(y.Value);

    private static async Task<byte[]> FetchAsync(Storage storage, string file, long offset, int count, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions { Range = new HttpRange(offset, count) };
        using var answer = (await storage.Lake.GetBlobClient(file).DownloadStreamingAsync(options, cancellationToken)).Value;
        var bytes = new byte[count];
        await answer.Content.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }
}
