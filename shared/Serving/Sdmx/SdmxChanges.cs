using System.Collections;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// Finds the observations in which a version differs from another: those that the other has not, and those that it has with another value, status or attribute. The two
/// files are walked through side by side, in the order that both have. What only tells where an observation is from, SOURCE and RELEASE, is no difference.
/// </summary>
internal sealed class SdmxChanges
{
    private readonly VersionQueries lake;
    private readonly DatasetAtVersion at;
    private readonly DatasetAtVersion other;
    private readonly int[][] places;
    private readonly List<(int At, int Other, int[] Codes)> attributes;

    /// <summary>Prepares the comparison of a version with another, which <see cref="CanCompare"/> has to permit.</summary>
    public SdmxChanges(VersionQueries lake, DatasetAtVersion at, DatasetAtVersion other) => (this.lake, this.at, this.other, places, attributes) = (lake, at, other, Places(at, other), Attributes(at, other));

    /// <summary>Whether two versions have the same dimensions in the same order, so that they can be compared.</summary>
    public static bool CanCompare(DatasetAtVersion at, DatasetAtVersion other) =>
        at.Components.Take(at.TimeIndex).Select(c => c.Id).SequenceEqual(other.Components.Take(other.TimeIndex).Select(c => c.Id));

    /// <summary>The observations of the version that differ, as a condition on it.</summary>
    /// <param name="where">Which observations of the version are looked at.</param>
    /// <param name="onlyMissing">Whether only those count that the other version has not.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<Criterion.Rows> FindAsync(IReadOnlyList<Criterion> where, bool onlyMissing, CancellationToken cancellationToken)
    {
        var found = new BitArray(checked((int)at.Version.Observations));
        // What the other version says of an observation must not keep it from being compared.
        var others = new DataQuery([.. where.Select(OfKey)], []);
        await using var rows = lake.RunAsync(other, others, Columns(other, !onlyMissing, a => a.Other), cancellationToken).GetAsyncEnumerator(cancellationToken);
        var (match, next, isMore) = (default(Match), 0, true);
        await foreach (var run in lake.RunAsync(at, new DataQuery(where, []), Columns(at, !onlyMissing, a => a.At), cancellationToken).WithCancellation(cancellationToken))
        {
            for (var i = 0; i < run.Count; i++)
            {
                var (row, order) = (run.Row(i), -1);
                while (isMore)
                {
                    if (next == match.Count)
                    {
                        isMore = await rows.MoveNextAsync();
                        (match, next) = (isMore ? rows.Current : default, 0);
                        continue;
                    }
                    order = Compare(match.Chunk, match.Row(next), run.Chunk, row);
                    if (order >= 0)
                        break;
                    next++;
                }
                if (!isMore || order > 0 || (!onlyMissing && Differ(match.Chunk, match.Row(next), run.Chunk, row)))
                    found[checked((int)(run.Chunk.FirstRow + row))] = true;
            }
        }
        return new Criterion.Rows($"that differ from {other.Version.File}", found);
    }

    // The part of a condition that tells by the key alone: what it leaves out, it lets through.
    private Criterion OfKey(Criterion criterion)
    {
        return criterion switch
        {
            Criterion.All(var of) => new Criterion.All([.. of.Select(OfKey)]),
            _ when IsOfKey(criterion) => criterion,
            _ => new Criterion.All([]),
        };

        bool IsOfKey(Criterion part) => part switch
        {
            Criterion.OneOf { Component: var id } => at.IndexOf(id) <= at.TimeIndex,
            Criterion.NoCode { Component: var id } => at.IndexOf(id) <= at.TimeIndex,
            Criterion.Between => true,
            Criterion.All { Of: var of } => of.All(IsOfKey),
            Criterion.Any { Of: var of } => of.All(IsOfKey),
            Criterion.Not { Of: var of } => IsOfKey(of),
            _ => false,
        };
    }

    private bool[] Columns(DatasetAtVersion of, bool withValues, Func<(int At, int Other, int[] Codes), int> side)
    {
        var columns = new bool[of.ColumnCount];
        Array.Fill(columns, true, 0, of.TimeIndex + 1);
        if (withValues)
        {
            columns[of.ValueColumn] = columns[of.DecimalsColumn] = true;
            foreach (var attribute in attributes.Where(a => side(a) >= 0))
                columns[side(attribute)] = true;
        }
        return columns;
    }

    // For each dimension and each code of the other version its place among the version's codes: an even number is the code itself, an odd one between two.
    private static int[][] Places(DatasetAtVersion at, DatasetAtVersion other)
    {
        var places = new int[at.TimeIndex + 1][];
        for (var c = 0; c < places.Length; c++)
        {
            var (mine, theirs) = (at.Components[c].Codes, other.Components[c].Codes);
            places[c] = new int[theirs.Count + 1];
            // No code at all comes last.
            places[c][theirs.Count] = 2 * mine.Count;
            for (var (i, place) = (0, 0); i < theirs.Count; i++)
            {
                while (place < mine.Count && string.CompareOrdinal(mine[place].Id, theirs[i].Id) < 0)
                    place++;
                places[c][i] = place < mine.Count && mine[place].Id == theirs[i].Id ? 2 * place : (2 * place) - 1;
            }
        }
        return places;
    }

    // The attributes of either version, and for each code of the other version the number that the version has for it; -1 where it has none, and for an attribute that is not there.
    private static List<(int At, int Other, int[] Codes)> Attributes(DatasetAtVersion at, DatasetAtVersion other) =>
    [
        .. at.Components.Skip(at.TimeIndex + 1).Concat(other.Components.Skip(other.TimeIndex + 1)).Select(c => c.Id).Distinct().Select(id =>
        {
            var (mine, theirs) = (at.IndexOf(id), other.IndexOf(id));
            var none = mine < 0 ? 0 : at.Components[mine].Codes.Count;
            return (mine, theirs, theirs < 0 ? [none] : (int[])[.. other.Components[theirs].Codes.Select(code => mine < 0 ? -1 : at.Find(mine, code.Id)), none]);
        }),
    ];

    private int Compare(Chunk theirs, int theirRow, Chunk mine, int myRow)
    {
        for (var c = 0; c < places.Length; c++)
        {
            var order = places[c][theirs.Codes[c]![theirRow]].CompareTo(2 * mine.Codes[c]![myRow]);
            if (order != 0)
                return order;
        }
        return 0;
    }

    private bool Differ(Chunk theirs, int theirRow, Chunk mine, int myRow)
    {
        if (theirs.Values![theirRow] != mine.Values![myRow] || theirs.Decimals![theirRow] != mine.Decimals![myRow])
            return true;
        foreach (var (my, their, codes) in attributes)
            if (codes[their < 0 ? 0 : theirs.Codes[their]![theirRow]] != (my < 0 ? 0 : mine.Codes[my]![myRow]))
                return true;
        return false;
    }
}
