using Microsoft.AspNetCore.Http;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Finds out what data there are: the values that the dimensions have in what a key and filters select.</summary>
internal sealed class SdmxAvailabilities(Catalogue catalogue, VersionQueries queries)
{
    /// <summary>The most dataflows that a request is answered for: each is looked through.</summary>
    public const int MostFlows = 20;

    /// <summary>The constraints of all flows, and what they refer to, after <see cref="SdmxStructures"/> has found the flows.</summary>
    public async Task<IReadOnlyList<SdmxArtefact>> FindAsync(SdmxAvailabilityRequest request, IReadOnlyList<SdmxArtefact> flows, CancellationToken cancellationToken)
    {
        if (flows.Count > MostFlows)
            throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "too-many-flows", $"{flows.Count} dataflows match; at most {MostFlows} are looked through at once. Name one.") { Parameter = "resourceID" };
        var artefacts = new List<SdmxArtefact>();
        ProblemException? nothing = null;
        foreach (var flow in flows)
        {
            var at = await catalogue.AtAsync(flow.Dataset, flow.Version, null, cancellationToken);
            try
            {
                var availability = await FindAsync(request, at, cancellationToken);
                artefacts.Add(new SdmxArtefact(SdmxKind.Constraint, flow.Dataset, flow.Version, SdmxDetail.Full) { Availability = availability });
                Refer(artefacts, request, flow, at, availability);
            }
            catch (ProblemException e) when (flows.Count > 1 && e.Status is 400 or 404)
            {
                // Of several flows, those count that have the components and the data.
                nothing = e;
            }
        }
        return artefacts.Count > 0 ? artefacts : throw nothing ?? SdmxError.NoResults("No dataflow matches.");
    }

    private async Task<SdmxAvailability> FindAsync(SdmxAvailabilityRequest request, DatasetAtVersion at, CancellationToken cancellationToken)
    {
        var wanted = Wanted(request, at);
        List<Criterion> more = [.. SdmxFilters.Between(at, request.StartPeriod, request.EndPeriod)];
        if (request.UpdatedAfter is { } moment)
            more.AddRange(await ChangedAsync(at, moment, cancellationToken));
        var selection = SdmxSelection.Of(at, request.Key, request.Filters, more);
        var (seen, observations, series) = await ScanAsync(at, selection, wanted, cancellationToken);
        if (request.IsAvailable)
        {
            // What could be added of a dimension is what there is without asking for anything of it.
            var filtered = request.Filters.Components.Select(id => SdmxSelection.Find(at, id)).ToHashSet();
            foreach (var component in wanted.Where(c => filtered.Contains(c) || (c < at.TimeIndex && request.Key.Names(c))))
                seen[component] = (await ScanAsync(at, SdmxSelection.Except(component, at, request.Key, request.Filters, more), [component], cancellationToken)).Seen[component];
        }
        if (wanted.TrueForAll(c => !Array.Exists(seen[c]!, s => s)))
            throw selection.NoResults(at);
        var values = wanted.Where(c => c != at.TimeIndex).Select(c => (c, (IReadOnlyList<int>)[.. at.Components[c].Places.Where(code => seen[c]![code])])).ToList();
        return new SdmxAvailability(values, wanted.Contains(at.TimeIndex) ? Periods(at, seen[at.TimeIndex]!) : null, observations, series);
    }

    // The observations that have been added or changed since a moment.
    private async Task<List<Criterion>> ChangedAsync(DatasetAtVersion at, DateTimeOffset moment, CancellationToken cancellationToken)
    {
        var versions = (await catalogue.VersionsAsync(at.Structure.Id, cancellationToken)).Where(v => v.Version <= at.Version.Version).ToList();
        var brought = new Criterion.FromReleases([.. versions.Where(v => v.PublishedAt > moment).Select(v => v.Release).Distinct()]);
        if (brought.Releases.Count == 0 || versions.LastOrDefault(v => v.PublishedAt <= moment) is not { } before)
            return [brought];
        var then = await catalogue.AtAsync(at.Structure.Id, before.Version, null, cancellationToken);
        return SdmxChanges.CanCompare(then, at) ? [brought, await new SdmxChanges(queries, at, then).FindAsync([brought], onlyMissing: false, cancellationToken)] : [brought];
    }

    private static List<int> Wanted(SdmxAvailabilityRequest request, DatasetAtVersion at)
    {
        var dimensions = Enumerable.Range(0, SdmxNames.HasTime(at) ? at.TimeIndex + 1 : at.TimeIndex).ToList();
        return request.Components is null ? dimensions : [.. request.Components.Select(id => SdmxSelection.Find(at, id) is var c && dimensions.Contains(c)
            ? c
            : throw ProblemException.Unknown(404, "unknown-dimension", "dimension", "componentId", id, [.. dimensions.Select(d => SdmxIds.OfComponent(at.Components[d].Id))])).Distinct().Order()];
    }

    // Which codes of some components occur in what is selected, and how many observations and series that are.
    private async Task<(bool[]?[] Seen, long Observations, long Series)> ScanAsync(DatasetAtVersion at, SdmxSelection selection, List<int> components, CancellationToken cancellationToken)
    {
        var seen = new bool[]?[at.Components.Count];
        foreach (var c in components)
            seen[c] = new bool[at.Components[c].Codes.Count];
        var columns = new bool[at.ColumnCount];
        for (var c = 0; c <= at.TimeIndex; c++)
            columns[c] = c < at.TimeIndex || seen[c] is not null;
        var (observations, series) = (0L, 0L);
        var last = new int[at.TimeIndex];
        Array.Fill(last, -1);
        await foreach (var match in queries.RunAsync(at, new DataQuery(selection.Where, []), columns, cancellationToken))
        {
            observations += match.Count;
            for (var i = 0; i < match.Count; i++)
            {
                var (row, isNew) = (match.Row(i), false);
                for (var d = 0; d < last.Length; d++)
                {
                    var code = match.Chunk.Codes[d]![row];
                    if (code == last[d])
                        continue;
                    (last[d], isNew) = (code, true);
                    if (seen[d] is { } codes && code < codes.Length)
                        codes[code] = true;
                }
                if (isNew)
                    series++;
                if (seen[at.TimeIndex] is { } periods && match.Chunk.Codes[at.TimeIndex]![row] is var period && period < periods.Length)
                    periods[period] = true;
            }
        }
        return (seen, observations, series);
    }

    // The first day that a period has, and the last.
    private static (string From, string To)? Periods(DatasetAtVersion at, bool[] seen)
    {
        var (first, last) = (-1, -1);
        for (var i = 0; i < seen.Length; i++)
        {
            if (!seen[i] || at.Periods[i] is not { } period)
                continue;
            if (first < 0 || period.Start < at.Periods[first]!.Value.Start)
                first = i;
            if (last < 0 || period.End > at.Periods[last]!.Value.End)
                last = i;
        }
        // As dates: clients read them where they do not read quarters and half-years.
        return first < 0 ? null : (Day(at.Periods[first]!.Value.Start), Day(at.Periods[last]!.Value.End));

        static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Refer(List<SdmxArtefact> artefacts, SdmxAvailabilityRequest request, SdmxArtefact flow, DatasetAtVersion at, SdmxAvailability availability)
    {
        foreach (var kind in request.References)
        {
            if (kind is SdmxKind.Dataflow or SdmxKind.DataStructure)
            {
                artefacts.Add(new SdmxArtefact(kind, flow.Dataset, flow.Version, SdmxDetail.Full));
            }
            else if (kind == SdmxKind.ConceptScheme)
            {
                var concepts = availability.Values.Select(v => SdmxIds.OfComponent(at.Components[v.Component].Id)).ToHashSet(StringComparer.Ordinal);
                if (availability.Periods is not null)
                    concepts.Add(Understanding.Concepts.TimePeriod);
                artefacts.Add(new SdmxArtefact(kind, flow.Dataset, flow.Version, SdmxDetail.Full) { Items = concepts });
            }
            else if (kind == SdmxKind.Codelist)
            {
                foreach (var (component, codes) in availability.Values)
                    artefacts.Add(new SdmxArtefact(kind, flow.Dataset, flow.Version, SdmxDetail.Full) { Component = at.Components[component].Id, Items = WithParents(at, component, codes) });
            }
        }
    }

    // The codes and all that they are parts of; null where that is the whole codelist.
    private static HashSet<string>? WithParents(DatasetAtVersion at, int component, IReadOnlyList<int> codes)
    {
        var list = at.Components[component].Codes;
        var given = new HashSet<int>();
        foreach (var code in codes)
        {
            for (var next = code; next >= 0 && given.Add(next);)
                next = list[next].Parent is { } parent ? at.Find(component, parent) : -1;
        }
        return given.Count == list.Count ? null : given.Select(code => SdmxIds.OfCode(list[code].Id)).ToHashSet(StringComparer.Ordinal);
    }
}
