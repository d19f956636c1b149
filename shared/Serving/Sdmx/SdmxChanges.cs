using System.Collections;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// Finds the observations in which a version differs from another: those that the other has not, and those that it has with another value, status or attribute.
/// What only tells where an observation is from, SOURCE and RELEASE, is no difference.
/// </summary>
/// <param name="lake">Reads the versions.</param>
/// <param name="at">The version.</param>
/// <param name="other">The other, which <see cref="CanCompare"/> has to permit.</param>
internal sealed class SdmxChanges(VersionQueries lake, DatasetAtVersion at, DatasetAtVersion other)
{
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
        await foreach (var changes in new VersionComparison(other, at).RunAsync(lake, [.. where.Select(OfKey)], where, onlyMissing, default, everything: true, cancellationToken))
            foreach (var change in changes)
                if (change.Kind != ChangeKind.Removed)
                    found[checked((int)(change.After.Chunk.FirstRow + change.After.Row))] = true;
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
}
