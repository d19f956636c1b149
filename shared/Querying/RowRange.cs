namespace Pipeline.Querying;

/// <summary>Passes over the first rows of a run of matches and ends it after a number.</summary>
internal static class RowRange
{
    /// <summary>The rows from one on, so many at most.</summary>
    /// <param name="matches">The rows.</param>
    /// <param name="skip">How many are passed over.</param>
    /// <param name="limit">How many are given at most; null for all.</param>
    public static async IAsyncEnumerable<Match> Of(IAsyncEnumerable<Match> matches, long skip, long? limit)
    {
        var left = limit ?? long.MaxValue;
        if (left <= 0)
            yield break;
        await foreach (var match in matches)
        {
            if (match.Count <= skip)
            {
                skip -= match.Count;
                continue;
            }
            var part = match.Slice((int)skip, (int)(skip + Math.Min(match.Count - skip, left)));
            (skip, left) = (0, left - part.Count);
            yield return part;
            if (left == 0)
                yield break;
        }
    }
}
