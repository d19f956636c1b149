using System.Runtime.CompilerServices;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Finds the observations that a version has and a later one has not.</summary>
internal sealed class SdmxRemovals(VersionQueries lake, SdmxDataSet set)
{
    /// <summary>Whether two versions have the same dimensions in the same order, so that they can be compared.</summary>
    public static bool CanCompare(DatasetAtVersion before, DatasetAtVersion after) =>
        before.Components.Take(before.TimeIndex).Select(c => c.Id).SequenceEqual(after.Components.Take(after.TimeIndex).Select(c => c.Id));

    /// <summary>The rows of the earlier version that are gone.</summary>
    public async IAsyncEnumerable<Match> RowsAsync(bool[] wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var comparison = new VersionComparison(set.At, set.RemovedBy!);
        await foreach (var changes in comparison.RunAsync(lake, set.Query.Where, onlyKeys: true, wanted, default, everything: true, cancellationToken))
        {
            int[] gone = [.. changes.Where(c => c.Kind == ChangeKind.Removed).Select(c => c.Before.Row)];
            if (gone.Length > 0)
                yield return new Match(changes.First(c => c.Kind == ChangeKind.Removed).Before.Chunk, gone, 0, gone.Length);
        }
    }
}
