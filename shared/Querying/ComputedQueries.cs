using System.Runtime.CompilerServices;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>
/// Queries whose observations carry values computed from others: from their series, which is read whole whatever the query's periods, or from a total.
/// </summary>
internal sealed class ComputedQueries(VersionQueries lake)
{
    /// <summary>The most observations of totals that shares are computed with, and the most rows that are sorted by what was computed.</summary>
    public const int MostInMemory = 1_000_000;

    /// <summary>The observations of a query, in its order, with <see cref="Chunk.Measures"/>.</summary>
    /// <param name="at">The version.</param>
    /// <param name="query">Which observations; its order may name a computation's id.</param>
    /// <param name="computations">What is computed.</param>
    /// <param name="wanted">Which columns; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="QueryRefusedException">There are too many totals, or too many rows to sort.</exception>
    public IAsyncEnumerable<Match> RunAsync(
        DatasetAtVersion at, DataQuery query, IReadOnlyList<Computation> computations, bool[]? wanted, CancellationToken cancellationToken)
    {
        var matches = StreamAsync(at, query, computations, wanted, cancellationToken);
        if (query.Sort.Count > 0)
            matches = SortedAsync(at, matches, query.Sort, [.. computations.Select(c => c.Id)], cancellationToken);
        return RowRange.Of(matches, query.Offset, query.Limit);
    }

    /// <summary>Sorts rows in memory, by codes, by OBS_VALUE or by measures.</summary>
    public static async IAsyncEnumerable<Match> SortedAsync(
        DatasetAtVersion at, IAsyncEnumerable<Match> matches, IReadOnlyList<SortKey> sort, IReadOnlyList<string> measures, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = new List<(Chunk Chunk, int Row)>();
        await foreach (var match in matches.WithCancellation(cancellationToken))
        {
            if (rows.Count + match.Count > MostInMemory)
                throw new QueryRefusedException(Refusal.TooMany, $"More than {MostInMemory} observations match, and no more are sorted.", "fewer observations, or no sort");
            // A copy of the matching rows alone: the chunks they came in may be far larger.
            var compact = Chunk.Of(at, [.. Enumerable.Range(0, match.Count).Select(i => (match.Chunk, match.Row(i)))]);
            for (var i = 0; i < match.Count; i++)
                rows.Add((compact, i));
        }
        var keys = sort.Select(key => Comparer(at, key, measures)).ToList();
        var order = rows.Index().ToArray();
        Array.Sort(order, (x, y) =>
        {
            foreach (var key in keys)
                if (key(x.Item, y.Item) is var by && by != 0)
                    return by;
            return x.Index.CompareTo(y.Index);
        });
        foreach (var page in order.Select(o => o.Item).Chunk(50_000))
            yield return new Match(Querying.Chunk.Of(at, page), null, 0, page.Length);
    }

    private static Comparison<(Chunk Chunk, int Row)> Comparer(DatasetAtVersion at, SortKey key, IReadOnlyList<string> measures)
    {
        var measure = measures.ToList().IndexOf(key.Column);
        if (measure >= 0)
            return (x, y) => Compare(x.Chunk.Measures[measure][x.Row], y.Chunk.Measures[measure][y.Row]);
        if (key.Column == Concepts.ObsValue)
            return (x, y) => Compare(x.Chunk.Values![x.Row], y.Chunk.Values![y.Row]);
        var component = at.IndexOf(key.Column);
        int? Rank((Chunk Chunk, int Row) row) => row.Chunk.Codes[component]![row.Row] is var number && number == at.Components[component].Codes.Count
            ? null : key.Ranking is { } ranking ? ranking.Ranks[number] : component == at.TimeIndex ? at.PeriodRanks[number] : number;
        return (x, y) => Compare(Rank(x), Rank(y));

        int Compare<T>(T? x, T? y)
            where T : struct, IComparable<T> =>
            x is null || y is null ? (x is null).CompareTo(y is null) : key.Descending ? y.Value.CompareTo(x.Value) : x.Value.CompareTo(y.Value);
    }

    private async IAsyncEnumerable<Match> StreamAsync(
        DatasetAtVersion at, DataQuery query, IReadOnlyList<Computation> computations, bool[]? wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var selection = new Selection(at, query.Where);
        var ofSeries = selection.OfSeries(at);
        var columns = Enumerable.Range(0, at.ColumnCount).Select(column => wanted is null || wanted[column] || column <= at.TimeIndex || selection.RestColumns[column]
            || (column < at.Components.Count && (selection.Allowed[column] is not null || at.Components[column].Id is Concepts.UnitMeasure or Concepts.UnitMult))
            || column == at.ValueColumn || column == at.DecimalsColumn || query.Sort.Any(key => at.IndexOf(key.Column) == column)).ToArray();
        var series = new SeriesBuffer(at);
        if (computations.OfType<Computation.Share>().ToList() is { Count: > 0 } shares)
            series.Totals = await TotalsAsync(at, ofSeries, shares, cancellationToken);
        if (computations.OfType<Computation.Single>().Any())
            series.Others = await BeginningsAsync(at, ofSeries, cancellationToken);
        var ready = new List<(Chunk Chunk, int Row)>();
        await foreach (var match in lake.ReadAsync(at, ofSeries, columns, 0, everything: query.Limit is null, cancellationToken))
        {
            match.Chunk.Measures = [.. computations.Select(_ => new decimal?[match.Chunk.Rows])];
            for (var i = 0; i < match.Count; i++)
            {
                var row = match.Row(i);
                if (series.Count > 0 && series.Rows[0] is var first && !SeriesWindow.IsSame(at, first.Chunk, first.Row, match.Chunk, row))
                    Finish();
                series.Add(match.Chunk, row);
            }
            foreach (var run in SeriesWindow.Runs(ready))
                yield return run;
            ready.Clear();
        }
        Finish();
        foreach (var run in SeriesWindow.Runs(ready))
            yield return run;

        void Finish()
        {
            if (series.Count == 0)
                return;
            var results = new decimal?[series.Count];
            for (var c = 0; c < computations.Count; c++)
            {
                Array.Clear(results);
                computations[c].Compute(series, results);
                for (var i = 0; i < results.Length; i++)
                    series.Rows[i].Chunk.Measures[c][series.Rows[i].Row] = results[i];
            }
            var matching = series.Rows.Where(r => selection.Matches(r.Chunk, r.Row)).ToList();
            var (head, tail) = query.First is null && query.Last is null ? (matching.Count, 0) : (query.First ?? 0, query.Last ?? 0);
            ready.AddRange(matching.Where((_, i) => i < head || i >= matching.Count - tail));
            series.Clear();
        }
    }

    // The observations that shares are of, looked up by what they have in common with their parts.
    private async Task<Func<Computation.Share, SeriesBuffer, int, (decimal Value, int Unit)?>> TotalsAsync(
        DatasetAtVersion at, Selection ofSeries, List<Computation.Share> shares, CancellationToken cancellationToken)
    {
        var tables = new Dictionary<Computation.Share, (int Component, int[] TotalOf, Dictionary<CodeKey, (decimal, int)> Values)>();
        var (unit, mult) = (at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult));
        foreach (var share in shares)
        {
            var component = at.IndexOf(share.Dimension);
            var codes = at.Components[component].Codes;
            int Number(string? code) => code is null ? -1 : at.Find(component, code);
            var whole = Number(share.Whole);
            int[] totalOf = [.. codes.Select(code => Number(share.Total ?? code.Parent ?? (code.Id == share.Whole ? null : share.Whole))), -1];
            var totals = new bool[codes.Count + 1];
            foreach (var total in totalOf.Append(whole).Where(t => t >= 0))
                totals[total] = true;
            var isThere = new bool[codes.Count + 1];
            var values = new Dictionary<CodeKey, (decimal, int)>();
            var columns = Enumerable.Range(0, at.ColumnCount).Select(c => c <= at.TimeIndex || c == unit || c == mult || c == at.ValueColumn).ToArray();
            await foreach (var match in lake.ReadAsync(at, ofSeries.With(at, component, totals), columns, 0, everything: true, cancellationToken))
            {
                for (var i = 0; i < match.Count; i++)
                {
                    var row = match.Row(i);
                    if (match.Chunk.Values![row] is not { } value)
                        continue;
                    if (values.Count == MostInMemory)
                        throw new QueryRefusedException(Refusal.TooMany, $"More than {MostInMemory} totals of {share.Dimension} would have to be kept to compute {share.Id}.", "fewer observations");
                    // A total of more than 28 digits has no shares.
                    if (SeriesBuffer.Full(at, value, match.Chunk.Codes[mult]![row]) is { } full)
                        values[KeyOf(at, match.Chunk, row, component, match.Chunk.Codes[component]![row])] = (full, match.Chunk.Codes[unit]![row]);
                    isThere[match.Chunk.Codes[component]![row]] = true;
                }
            }
            // A list may have a parent that nothing was published of.
            for (var i = 0; share.Total is null && i < codes.Count; i++)
                if (i != whole && !(totalOf[i] >= 0 && isThere[totalOf[i]]))
                    totalOf[i] = whole;
            tables[share] = (component, totalOf, values);
        }
        return (share, series, i) =>
        {
            var (component, totalOf, values) = tables[share];
            var (chunk, row) = series.Rows[i];
            return totalOf[chunk.Codes[component]![row]] is >= 0 and var total && values.TryGetValue(KeyOf(at, chunk, row, component, total), out var found) ? found : null;
        };
    }

    // The values of months and quarters that ranges begin with: they are other series, since FREQ is a dimension.
    private async Task<Func<SeriesBuffer, int, PeriodDays, (decimal Value, int Unit)?>?> BeginningsAsync(DatasetAtVersion at, Selection ofSeries, CancellationToken cancellationToken)
    {
        var (freq, unit, mult, times) = (at.IndexOf(Concepts.Freq), at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult), at.Components[at.TimeIndex].Codes);
        var starts = Enumerable.Range(0, times.Count).Where(i => times[i].Id.Contains('/') && at.Periods[i] is not null).Select(i => at.Periods[i]!.Value.Start).ToHashSet();
        bool[] begins = [.. times.Select((code, i) => at.Periods[i] is { IsWhole: true, Months: <= 3 } period && !code.Id.Contains('/') && starts.Contains(period.Start)), false];
        if (freq < 0 || freq >= at.TimeIndex || !begins.Contains(true))
            return null;
        var any = Enumerable.Repeat(true, at.Components[freq].Codes.Count + 1).ToArray();
        var values = new Dictionary<(CodeKey, PeriodDays), (decimal, int)>();
        var columns = Enumerable.Range(0, at.ColumnCount).Select(c => c <= at.TimeIndex || c == unit || c == mult || c == at.ValueColumn).ToArray();
        await foreach (var match in lake.ReadAsync(at, ofSeries.With(at, freq, any).With(at, at.TimeIndex, begins), columns, 0, everything: true, cancellationToken))
        {
            for (var i = 0; i < match.Count; i++)
            {
                var row = match.Row(i);
                if (match.Chunk.Values![row] is not { } value || SeriesBuffer.Full(at, value, match.Chunk.Codes[mult]![row]) is not { } full)
                    continue;
                if (values.Count == MostInMemory)
                    throw new QueryRefusedException(Refusal.TooMany, $"More than {MostInMemory} months and quarters would have to be kept to compute what cumulative values begin with.", "fewer series");
                values[(SeriesOf(match.Chunk, row), at.Periods[match.Chunk.Codes[at.TimeIndex]![row]]!.Value)] = (full, match.Chunk.Codes[unit]![row]);
            }
        }
        return (series, i, period) => values.TryGetValue((SeriesOf(series.Rows[i].Chunk, series.Rows[i].Row), period), out var found) ? found : null;

        CodeKey SeriesOf(Chunk chunk, int row) => new([.. Enumerable.Range(0, at.TimeIndex).Select(c => c == freq ? 0 : chunk.Codes[c]![row])]);
    }

    // The key of an observation, with another code in one dimension.
    private static CodeKey KeyOf(DatasetAtVersion at, Chunk chunk, int row, int component, int number)
    {
        var numbers = new int[at.TimeIndex + 1];
        for (var c = 0; c < numbers.Length; c++)
            numbers[c] = c == component ? number : chunk.Codes[c]![row];
        return new CodeKey(numbers);
    }
}
