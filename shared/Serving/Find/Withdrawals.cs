using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Finds where what a version does not have was published before: a figure that somebody has cited is not unknown because it was taken out.</summary>
internal sealed class Withdrawals(Catalogue catalogue, VersionQueries lake)
{
    /// <summary>What to say of a key that a version has nothing of: when it was withdrawn, or that it is unknown.</summary>
    /// <param name="key">The key of a series, or the id of an observation.</param>
    /// <param name="at">The version.</param>
    /// <param name="withPeriod">Whether it is an observation's.</param>
    /// <param name="unknown">What is said of a key that earlier versions have nothing of either.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<ProblemException> OfAsync(SeriesKey key, DatasetAtVersion at, bool withPeriod, ProblemException unknown, CancellationToken cancellationToken)
    {
        var versions = await catalogue.VersionsAsync(at.Structure.Id, cancellationToken);
        // Only a version that removed something can have removed it.
        foreach (var removing in versions.Where(v => v.Version <= at.Version.Version && v.Version > versions[0].Version && v.Removed > 0).Reverse().Take(ObservationHistory.MostVersions))
        {
            var before = await catalogue.AtAsync(at.Structure.Id, removing.Version - 1, null, cancellationToken);
            if (key.TryResolve(before, withPeriod) is not { } codes)
                continue;
            IReadOnlyList<Criterion> period = withPeriod ? [SeriesRows.Is(before, before.TimeIndex, codes[^1])] : [];
            var last = await SeriesRows.ReadAsync(lake, before, codes[..before.TimeIndex], period, 1, 1, cancellationToken);
            if (last.Count == 0)
                continue;
            var what = withPeriod ? "observation" : "series";
            var address = (withPeriod ? SeriesKey.ObservationAddress(last.Id(0)) : SeriesKey.SeriesAddress(last.Key)) + $"?version={before.Version.Version}";
            return new ProblemException(StatusCodes.Status410Gone, "no-longer-published",
                $"The {what} was published until version {before.Version.Version} of {at.Structure.Id}{Said(last)}. Version {removing.Version} of {removing.PublishedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}, "
                + $"made by the release {removing.Release}, took it out. {address} shows what it was.")
            {
                Parameter = key.Parameter,
                Value = key.ToString(),
                Expected = $"version={before.Version.Version} or an earlier one",
                DidYouMean = address,
            };
        }
        return unknown;

        string Said(SeriesRows last) => !withPeriod ? ""
            : last.Value(0) is { } value ? $", with the value {value.ToString(CultureInfo.InvariantCulture)}" : $", without a value ({last.CodeIdOf(0, Concepts.ObsStatus)})";
    }
}
