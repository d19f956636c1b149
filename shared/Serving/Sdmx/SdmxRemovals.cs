using System.Runtime.CompilerServices;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Finds the observations that a version has and a later one has not: the two files are walked through side by side, in the order that both have.</summary>
internal sealed class SdmxRemovals(VersionQueries lake, SdmxDataSet set)
{
    private readonly DatasetAtVersion before = set.At;
    private readonly DatasetAtVersion after = set.RemovedBy!;

    /// <summary>Whether two versions have the same dimensions in the same order, so that they can be compared.</summary>
    public static bool CanCompare(DatasetAtVersion before, DatasetAtVersion after) =>
        before.Components.Take(before.TimeIndex).Select(c => c.Id).SequenceEqual(after.Components.Take(after.TimeIndex).Select(c => c.Id));

    /// <summary>The rows of the earlier version that are gone.</summary>
    public async IAsyncEnumerable<Match> RowsAsync(bool[] wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = Places();
        var keys = new bool[after.ColumnCount];
        Array.Fill(keys, true, 0, after.TimeIndex + 1);
        await using var later = lake.RunAsync(after, set.Query, keys, cancellationToken).GetAsyncEnumerator(cancellationToken);
        bool[] columns = [.. wanted.Select((w, column) => w || column <= before.TimeIndex)];
        var (match, next) = (default(Match), 0);
        var isMore = true;
        await foreach (var rows in lake.RunAsync(before, set.Query, columns, cancellationToken).WithCancellation(cancellationToken))
        {
            var gone = new List<int>();
            for (var i = 0; i < rows.Count; i++)
            {
                var order = -1;
                while (isMore)
                {
                    if (next == match.Count)
                    {
                        isMore = await later.MoveNextAsync();
                        (match, next) = (isMore ? later.Current : default, 0);
                        continue;
                    }
                    order = Compare(places, match.Chunk, match.Row(next), rows.Chunk, rows.Row(i));
                    if (order >= 0)
                        break;
                    next++;
                }
                if (!isMore || order > 0)
                    gone.Add(rows.Row(i));
            }
            if (gone.Count > 0)
                yield return new Match(rows.Chunk, [.. gone], 0, gone.Count);
        }
    }

    // For each dimension and each code of the later version its place among the earlier version's codes: an even number is the code itself, an odd one between two.
    private int[][] Places()
    {
        var places = new int[before.TimeIndex + 1][];
        for (var c = 0; c < places.Length; c++)
        {
            var (old, now) = (before.Components[c].Codes, after.Components[c].Codes);
            places[c] = new int[now.Count + 1];
            // No code at all comes last.
            places[c][now.Count] = 2 * old.Count;
            for (var (i, at) = (0, 0); i < now.Count; i++)
            {
                while (at < old.Count && string.CompareOrdinal(old[at].Id, now[i].Id) < 0)
                    at++;
                places[c][i] = at < old.Count && old[at].Id == now[i].Id ? 2 * at : (2 * at) - 1;
            }
        }
        return places;
    }

    private static int Compare(int[][] places, Chunk now, int nowRow, Chunk old, int oldRow)
    {
        for (var c = 0; c < places.Length; c++)
        {
            var order = places[c][now.Codes[c]![nowRow]].CompareTo(2 * old.Codes[c]![oldRow]);
            if (order != 0)
                return order;
        }
        return 0;
    }
}
