namespace Pipeline.Querying;

/// <summary>Keeps of each series the first or the last observations of those that match; rows come, and go on, in stored order.</summary>
internal static class SeriesWindow
{
    /// <summary>Windows a run of matches, whose dimensions have been read.</summary>
    /// <param name="at">The version.</param>
    /// <param name="matches">The matches in stored order.</param>
    /// <param name="first">How many of a series' first observations; null for none, or for all where <paramref name="last"/> is null too.</param>
    /// <param name="last">How many of a series' last observations.</param>
    public static IAsyncEnumerable<Match> Of(DatasetAtVersion at, IAsyncEnumerable<Match> matches, int? first, int? last) =>
        first is null && last is null ? matches : WindowAsync(at, matches, first ?? 0, last ?? 0);

    private static async IAsyncEnumerable<Match> WindowAsync(DatasetAtVersion at, IAsyncEnumerable<Match> matches, int first, int last)
    {
        // The end of a series that is still being read: of an earlier chunk, too.
        var tail = new Queue<(Chunk Chunk, int Row)>();
        (Chunk? Chunk, int Row) series = (null, 0);
        var seen = 0;
        var ready = new List<(Chunk Chunk, int Row)>();
        await foreach (var match in matches)
        {
            for (var i = 0; i < match.Count; i++)
            {
                var row = match.Row(i);
                if (series.Chunk is null || !IsSame(at, series.Chunk, series.Row, match.Chunk, row))
                {
                    ready.AddRange(tail);
                    tail.Clear();
                    seen = 0;
                }
                series = (match.Chunk, row);
                if (seen++ < first)
                {
                    ready.Add((match.Chunk, row));
                    continue;
                }
                if (last == 0)
                    continue;
                if (tail.Count == last)
                    tail.Dequeue();
                tail.Enqueue((match.Chunk, row));
            }
            foreach (var run in Runs(ready))
                yield return run;
            ready.Clear();
        }
        foreach (var run in Runs(tail))
            yield return run;
    }

    /// <summary>Rows as matches, one for each run of rows of the same chunk.</summary>
    public static IEnumerable<Match> Runs(IEnumerable<(Chunk Chunk, int Row)> rows)
    {
        var (chunk, list) = ((Chunk?)null, new List<int>());
        foreach (var (of, row) in rows)
        {
            if (of != chunk && chunk is not null)
            {
                yield return new Match(chunk, [.. list], 0, list.Count);
                list.Clear();
            }
            chunk = of;
            list.Add(row);
        }
        if (chunk is not null)
            yield return new Match(chunk, [.. list], 0, list.Count);
    }

    /// <summary>Whether two rows are of one series.</summary>
    public static bool IsSame(DatasetAtVersion at, Chunk a, int rowA, Chunk b, int rowB)
    {
        // The dimension that changes most often is the last.
        for (var c = at.TimeIndex - 1; c >= 0; c--)
            if (a.Codes[c]![rowA] != b.Codes[c]![rowB])
                return false;
        return true;
    }
}
