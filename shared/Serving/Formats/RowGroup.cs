using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Rows that a format of columns writes together.</summary>
internal sealed class RowGroup
{
    /// <summary>The most rows.</summary>
    public const int MostRows = 65_536;

    // Waiting rows hold on to the chunks they lie in; where matches are far apart, smaller groups keep memory bounded.
    private const int MostMatches = 16;
    private readonly List<Match> matches = [];

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>Gathers rows into groups; at least one, which may be empty.</summary>
    public static async IAsyncEnumerable<RowGroup> Of(IAsyncEnumerable<Match> rows)
    {
        var (group, isFirst) = (new RowGroup(), true);
        await foreach (var match in rows)
        {
            for (var from = 0; from < match.Count;)
            {
                var take = Math.Min(match.Count - from, MostRows - group.Count);
                group.matches.Add(match.Slice(from, from + take));
                (from, group.Count) = (from + take, group.Count + take);
                if (group.Count < MostRows && group.matches.Count < MostMatches)
                    continue;
                yield return group;
                (group, isFirst) = (new RowGroup(), false);
            }
        }
        if (group.Count > 0 || isFirst)
            yield return group;
    }

    /// <summary>Does something with each row, which is numbered within the group.</summary>
    public void ForEach(Action<Chunk, int, int> row)
    {
        var next = 0;
        foreach (var match in matches)
            for (var i = 0; i < match.Count; i++)
                row(match.Chunk, match.Row(i), next++);
    }

    /// <summary>A cell of each row.</summary>
    public T[] Column<T>(Func<Chunk, int, T> cell)
    {
        var cells = new T[Count];
        var next = 0;
        foreach (var match in matches)
            for (var i = 0; i < match.Count; i++)
                cells[next++] = cell(match.Chunk, match.Row(i));
        return cells;
    }
}
