using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a data query asks for, in either generation.</summary>
/// <param name="Context"><c>dataflow</c> or <c>datastructure</c>.</param>
/// <param name="Reference">Whose data.</param>
/// <param name="Key">The slice.</param>
/// <param name="Filters">Filters on components.</param>
/// <param name="Options">The rest.</param>
internal sealed record SdmxDataQuery(string Context, SdmxReference Reference, SdmxKey Key, SdmxFilters Filters, SdmxDataOptions Options);

/// <summary>Finds the versions that a data query is about, and makes data sets of them.</summary>
internal sealed class SdmxDataSets(Catalogue catalogue, SdmxAgency agency, SdmxRest rest)
{
    /// <summary>The most dataflows that one answer has data of.</summary>
    public const int MostFlows = 100;

    /// <summary>The most versions that one answer gives, as versions or as history.</summary>
    public const int MostVersions = 100;

    /// <summary>The structures and data sets that a query asks for; data sets may turn out to be empty.</summary>
    /// <param name="query">The query.</param>
    /// <param name="format">The format: it decides on the words for actions, and on whether several structures fit in.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The structures, and the error to answer with when no observation matches.</returns>
    public async Task<(List<SdmxDescribed> Structures, Func<ProblemException> Nothing)> FindAsync(SdmxDataQuery query, SdmxDataFormat format, CancellationToken cancellationToken)
    {
        var versions = await VersionsAsync(query, cancellationToken);
        var (found, isOne) = (new List<SdmxDescribed>(), versions.Count == 1);
        Func<ProblemException>? nothing = null;
        foreach (var at in versions)
        {
            try
            {
                var (described, none) = await DescribeAsync(query, at, format, cancellationToken);
                nothing ??= none;
                found.Add(described);
            }
            catch (ProblemException e) when (!isOne && e.Status == StatusCodes.Status400BadRequest)
            {
                // A dataflow without the component that is filtered has nothing that matches; when none has it, that is the mistake.
                nothing ??= () => e;
            }
        }
        if (found.Count == 0)
            throw nothing?.Invoke() ?? SdmxError.NoResults("No dataflow matches.");
        if (found.Count > 1 && !format.HoldsSeveral)
            throw SdmxError.NotImplemented("Accept", format.Type, $"{found.Count} structures match, and a message of {format.Type};version={format.Version} holds one. Ask for version 2 of the format, or for one dataflow.");
        if ((found.Count > 1 || query.Options.HasHistory) && (query.Options.Limit is not null || query.Options.Offset > 0))
            throw SdmxError.NotImplemented("limit", query.Reference.Versions.Text, "offset and limit count the observations of one data set. Ask for one dataflow at one version, without its history.");
        return (found, nothing!);
    }

    private async Task<List<DatasetAtVersion>> VersionsAsync(SdmxDataQuery query, CancellationToken cancellationToken)
    {
        var (reference, options) = (query.Reference, query.Options);
        if (!reference.IsFor(agency))
            throw SdmxError.NoResults($"The agency of all that is published here is {agency.Id}.");
        var isStructure = query.Context == "datastructure";
        var all = await catalogue.ListAsync(cancellationToken);
        var wanted = reference.Ids?.Select(id => isStructure ? SdmxIds.DatasetOf(SdmxIds.DataStructure(""), id) ?? "" : id).ToHashSet(StringComparer.Ordinal);
        var summaries = new List<DatasetSummary>();
        if (wanted is { Count: 1 } && reference.Ids is [var only])
        {
            // One by its name: the catalogue knows best whether it is there.
            try
            {
                summaries.Add(await catalogue.FindAsync(wanted.First(), cancellationToken));
            }
            catch (ProblemException e) when (e.Status == StatusCodes.Status404NotFound)
            {
                throw ProblemException.Unknown(404, "no-results", query.Context, "resourceID", only, [.. all.Select(d => isStructure ? SdmxIds.DataStructure(d.Id) : d.Id)]);
            }
        }
        else
        {
            summaries.AddRange(all.Where(d => wanted?.Contains(d.Id) != false));
        }
        if (summaries.Count > MostFlows)
            throw TooMany("resourceID", $"{summaries.Count} dataflows match; one answer has data of at most {MostFlows}. Name those you want, with commas between.");
        var found = new List<DatasetAtVersion>();
        foreach (var summary in summaries)
        {
            // Each version of ours holds all the data: of any, the latest.
            var isAny = reference.Versions.IsAny;
            var numbers = isAny ? [summary.Latest.Version] : reference.Versions.Of(summary.Latest.Version).ToList();
            if (numbers.Count > MostVersions)
                throw TooMany("version", $"{numbers.Count} versions match; one answer has at most {MostVersions}.");
            foreach (var number in numbers)
            {
                // The latest version may have been published after the moment that is asked about.
                var isLatest = number == summary.Latest.Version && reference.Versions.Named == 0;
                if (await AtAsync(summary.Id, isLatest ? null : number, options.AsOf, cancellationToken) is { } at)
                    found.Add(at);
            }
        }
        return found.Count > 0 ? found : throw SdmxError.NoResults(options.AsOf is null
            ? $"No {query.Context} has the version {reference.Versions.Text}."
            : $"Nothing that matches had been published by {options.AsOf:O}.");
    }

    private async Task<DatasetAtVersion?> AtAsync(string dataset, int? version, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        try
        {
            var at = await catalogue.AtAsync(dataset, version, asOf, cancellationToken);
            return version is null || asOf is null || at.Version.PublishedAt <= asOf ? at : null;
        }
        catch (ProblemException e) when (e.Status == StatusCodes.Status404NotFound)
        {
            return null;
        }
    }

    private async Task<(SdmxDescribed Described, Func<ProblemException> Nothing)> DescribeAsync(
        SdmxDataQuery query, DatasetAtVersion at, SdmxDataFormat format, CancellationToken cancellationToken)
    {
        var options = query.Options;
        var selection = SdmxSelection.Of(at, query.Key, query.Filters, SdmxFilters.Between(at, options.StartPeriod, options.EndPeriod));
        var columns = SdmxColumn.Of(at).ToList();
        var sets = new List<SdmxDataSet>();
        var action = format.Action(options.IsWhole);
        if (options.UpdatedAfter is null && !options.HasHistory)
        {
            sets.Add(new SdmxDataSet
            {
                At = at,
                Query = new DataQuery(selection.Where, []),
                Action = action,
                ValidFrom = options.AsOf is null ? null : at.Version.PublishedAt,
                ValidTo = options.AsOf,
            });
        }
        else
        {
            sets.AddRange(await ChangesAsync(query, at, selection, cancellationToken));
            foreach (var then in sets.Select(set => set.At))
                columns.AddRange(SdmxColumn.Of(then).Where(c => !columns.Exists(known => known.Component == c.Component)).ToList());
        }
        var layout = SdmxLayouts.Of(options, at, columns, selection.Where, format.Family == SdmxFamily.Csv);
        var described = new SdmxDescribed(
            new SdmxTarget(query.Context, agency.Id, query.Context == "datastructure" ? SdmxIds.DataStructure(at.Structure.Id) : at.Structure.Id, SdmxIds.Version(rest, at.Version.Version)),
            at,
            layout,
            [.. sets.Select(set => set with { Query = SdmxLayouts.Ordered(set.Query, set.IsGone ? options with { First = null, Last = null, Offset = 0, Limit = null } : options, set.At, layout) })]);
        return (described, () => selection.NoResults(at));
    }

    // What has changed: by each publication, or by all together, what is other than it was before, and what is gone.
    private async Task<List<SdmxDataSet>> ChangesAsync(SdmxDataQuery query, DatasetAtVersion at, SdmxSelection selection, CancellationToken cancellationToken)
    {
        var (options, sets) = (query.Options, new List<SdmxDataSet>());
        var all = (await catalogue.VersionsAsync(at.Structure.Id, cancellationToken)).Where(v => v.Version <= at.Version.Version).ToList();
        var changes = all.Where(v => !(v.PublishedAt <= options.UpdatedAfter)).ToList();
        if (!options.HasHistory)
        {
            await AddAsync(all.LastOrDefault(v => v.PublishedAt <= options.UpdatedAfter)?.Version, at, changes);
            return sets;
        }
        if (changes.Count > MostVersions)
            throw TooMany("includeHistory", $"{at.Structure.Id} has {changes.Count} versions in that time; a history has at most {MostVersions}. Begin later, with updatedAfter={changes[^MostVersions].PublishedAt:O}.");
        foreach (var version in changes)
            await AddAsync(version.Version > 1 ? version.Version - 1 : null, await ThenAsync(version.Version), [version]);
        return sets;

        async Task AddAsync(int? before, DatasetAtVersion after, List<DatasetVersion> since)
        {
            var earlier = before is { } number && since.Count > 0 ? await ThenAsync(number) : null;
            var isLike = earlier is not null && SdmxChanges.CanCompare(earlier, after);
            if (earlier is not null && since.Exists(v => v.Removed > 0))
            {
                sets.Add(isLike
                    ? new SdmxDataSet { At = earlier, Query = Query(earlier, null), ComparedWith = after, Action = "Delete", ValidTo = after.Version.PublishedAt }
                    : throw SdmxError.NotImplemented("updatedAfter", "", $"The dimensions of {at.Structure.Id} changed between versions {before} and {after.Version.Version}, so that what was removed can not be told. Ask for a later time, or for the data as they are."));
            }
            // Only what these releases brought can be other than before; with other dimensions all of it is.
            sets.Add(new SdmxDataSet { At = after, Query = Query(after, [.. since.Select(v => v.Release).Distinct()]), ComparedWith = isLike ? earlier : null, Action = "Replace", ValidFrom = after.Version.PublishedAt });
        }

        async Task<DatasetAtVersion> ThenAsync(int version) => version == at.Version.Version ? at : await catalogue.AtAsync(at.Structure.Id, version, null, cancellationToken);

        DataQuery Query(DatasetAtVersion then, string[]? releases)
        {
            var where = then == at ? selection.Where
                : HasSame(at, then) ? SdmxSelection.Of(then, query.Key, query.Filters, SdmxFilters.Between(at, options.StartPeriod, options.EndPeriod)).Where
                : [.. selection.Where.Select(c => VersionComparison.Adapted(c, then))];
            return new DataQuery(releases is null ? where : [.. where, new Criterion.FromReleases(releases)], []);
        }
    }

    private static bool HasSame(DatasetAtVersion a, DatasetAtVersion b) => a.Components.Select(c => c.Id).SequenceEqual(b.Components.Select(c => c.Id));

    private static ProblemException TooMany(string parameter, string detail) => new(StatusCodes.Status413PayloadTooLarge, "too-many-results", detail) { Parameter = parameter };
}
