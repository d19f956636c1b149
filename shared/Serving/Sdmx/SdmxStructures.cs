using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// Finds the artefacts that a request is for. All artefacts of a dataset's version belong together: a dataflow has one data structure, which has one concept scheme and
/// a codelist for each coded component.
/// </summary>
internal sealed class SdmxStructures(Catalogue catalogue, SdmxAgency agency)
{
    /// <summary>The most artefacts of an answer.</summary>
    public const int MostArtefacts = 10_000;

    /// <summary>What was found.</summary>
    /// <param name="Artefacts">The artefacts, in the order of datasets and versions.</param>
    /// <param name="Prepared">When the latest of them was published.</param>
    /// <param name="Identity">The same text for the same artefacts in the same state.</param>
    /// <param name="IsPinned">Whether all are named with their versions, and all are there, so that there never will be other ones.</param>
    public sealed record Found(IReadOnlyList<SdmxArtefact> Artefacts, DateTimeOffset Prepared, string Identity, bool IsPinned);

    /// <summary>Finds what a request is for; no artefacts where it names none and nothing matches.</summary>
    /// <exception cref="ProblemException">An agency, an artefact, a version or an item that it names does not exist.</exception>
    public async Task<Found> FindAsync(SdmxStructureRequest request, CancellationToken cancellationToken)
    {
        var (reference, urns) = (request.Reference, new SdmxUrns(agency, SdmxRest.V2));
        if (reference.Agencies is { } agencies && !agencies.Contains(agency.Id) && !agencies.Contains(urns.AgencySchemeAgency))
            throw ProblemException.Unknown(404, "unknown-agency", "agency", "agencyID", agencies[0], [agency.Id, urns.AgencySchemeAgency]);

        var datasets = await catalogue.ListAsync(cancellationToken);
        var chosen = new SortedDictionary<(string Dataset, int Version), Chosen>(Comparer<(string Dataset, int Version)>.Create((a, b) =>
            string.CompareOrdinal(a.Dataset, b.Dataset) is not 0 and var order ? order : a.Version.CompareTo(b.Version)));
        var matchesScheme = request.Wanted.Contains(SdmxKind.AgencyScheme) && reference.Agencies?.Contains(urns.AgencySchemeAgency) != false
            && reference.Ids?.Contains("AGENCIES") != false && reference.Versions.Of(1).Any()
            && request.Items?.Contains(urns.AgencyInScheme) != false;

        var hasVersion = true;
        var pinned = new HashSet<string>(StringComparer.Ordinal);
        if (reference.IsFor(agency))
        {
            foreach (var (id, summary, kind, component) in Targets(request, datasets))
            {
                hasVersion = false;
                if (reference.Versions.Named is > 0 and var count && reference.Versions.Of(summary.Latest.Version).Count() == count)
                    pinned.Add(id);
                foreach (var version in await VersionsAsync(request, summary, cancellationToken))
                {
                    if (!chosen.TryGetValue((summary.Id, version.Version), out var same))
                        chosen.Add((summary.Id, version.Version), same = new Chosen(summary, version));
                    same.Matched |= Flag(kind);
                    if (kind == SdmxKind.Codelist && component is not null)
                        (same.Components ??= []).Add(component);
                    else if (kind == SdmxKind.Codelist)
                        same.HasAllCodelists = true;
                    if (chosen.Count > MostArtefacts)
                        throw TooMany();
                }
            }
        }
        if (chosen.Count == 0 && !matchesScheme && reference.Ids is { } ids)
            throw hasVersion ? UnknownId(request, datasets, ids[0]) : UnknownVersion(request, datasets);

        var withScheme = matchesScheme;
        foreach (var one in chosen.Values)
        {
            one.Referenced = Related(one.Matched, request.References);
            withScheme |= (one.Referenced & Flag(SdmxKind.AgencyScheme)) != 0;
        }
        // Everything is maintained by an agency of the scheme.
        if (matchesScheme && Related(Flag(SdmxKind.AgencyScheme), request.References) is not 0 and var users)
        {
            foreach (var summary in datasets)
            {
                if (!chosen.TryGetValue((summary.Id, summary.Latest.Version), out var same))
                    chosen.Add((summary.Id, summary.Latest.Version), same = new Chosen(summary, summary.Latest));
                same.Referenced |= users;
            }
        }

        var artefacts = new List<SdmxArtefact>();
        if (withScheme)
            artefacts.Add(new SdmxArtefact(SdmxKind.AgencyScheme, "", 1, matchesScheme ? request.Detail : request.ReferenceDetail));
        foreach (var one in chosen.Values)
        {
            await AddAsync(artefacts, one, request, cancellationToken);
            if (artefacts.Count > MostArtefacts)
                throw TooMany();
        }
        if (request.Items is { } items && artefacts.Count == 0 && chosen.Count > 0)
            throw await UnknownItemAsync(request, chosen.Values.First(), items[0], cancellationToken);
        if (artefacts.Count == 0 && chosen.Count > 0 && reference.Ids is { } named)
            throw await UnknownCodelistAsync(chosen.Values.First(), named[0], cancellationToken);
        var prepared = chosen.Count > 0 ? chosen.Values.Max(c => c.Version.PublishedAt) : datasets.Count > 0 ? datasets.Max(d => d.Latest.PublishedAt) : DateTimeOffset.UnixEpoch;
        var identity = string.Join('\n', [
            .. chosen.Values.Select(c => c.Version.File),
            .. artefacts.Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Kind} {a.Dataset} {a.Version} {a.Component} {a.Detail} {(a.Items is null ? "" : string.Join(',', a.Items))}"))]);
        return new Found(artefacts, prepared, $"{agency.Id}\n{agency.Name}\n{prepared:O}\n{identity}", pinned.Count == reference.Ids?.Count);
    }

    // The ids, and the datasets, kinds and components that they are of; no component is all.
    private static IEnumerable<(string Id, DatasetSummary Summary, SdmxKind Kind, string? Component)> Targets(SdmxStructureRequest request, IReadOnlyList<DatasetSummary> datasets)
    {
        var kinds = request.Wanted.Where(kind => kind != SdmxKind.AgencyScheme).ToList();
        if (request.Reference.Ids is not { } ids)
            return datasets.SelectMany(summary => kinds.Select(kind => (summary.Id, summary, kind, (string?)null)));
        var byId = datasets.ToDictionary(d => d.Id, StringComparer.Ordinal);
        return ids.SelectMany(id => kinds.Select(kind =>
        {
            var codelist = kind == SdmxKind.Codelist ? SdmxIds.CodelistOf(id) : null;
            var dataset = kind switch
            {
                SdmxKind.Dataflow => id,
                SdmxKind.DataStructure => SdmxIds.DatasetOf("DSD_", id),
                SdmxKind.ConceptScheme => SdmxIds.DatasetOf("CS_", id),
                _ => codelist?.Dataset,
            };
            return (id, Summary: dataset is null ? null : byId.GetValueOrDefault(dataset), kind, codelist?.Component);
        })).Where(target => target.Summary is not null)!;
    }

    private async Task<IEnumerable<DatasetVersion>> VersionsAsync(SdmxStructureRequest request, DatasetSummary summary, CancellationToken cancellationToken)
    {
        var latest = summary.Latest;
        if (request.AsOf is { } moment && moment < latest.PublishedAt)
        {
            if ((await catalogue.VersionsAsync(summary.Id, cancellationToken)).LastOrDefault(v => v.PublishedAt <= moment) is not { } then)
                return [];
            latest = then;
        }
        var numbers = request.Reference.Versions.Of(latest.Version).ToList();
        return numbers.Count == 0 ? [] : numbers is [var only] && only == latest.Version ? [latest]
            : (await catalogue.VersionsAsync(summary.Id, cancellationToken)).Where(v => numbers.BinarySearch(v.Version) >= 0);
    }

    private async Task AddAsync(List<SdmxArtefact> artefacts, Chosen one, SdmxStructureRequest request, CancellationToken cancellationToken)
    {
        var (dataset, version) = (one.Summary.Id, one.Version.Version);
        foreach (var kind in (ReadOnlySpan<SdmxKind>)[SdmxKind.Dataflow, SdmxKind.DataStructure])
        {
            if (((one.Matched | one.Referenced) & Flag(kind)) != 0)
                artefacts.Add(new SdmxArtefact(kind, dataset, version, Detail(kind)) { Title = version == one.Summary.Latest.Version ? one.Summary.Title : null, PublishedAt = one.Version.PublishedAt });
        }
        if (((one.Matched | one.Referenced) & (Flag(SdmxKind.Codelist) | Flag(SdmxKind.ConceptScheme))) == 0)
            return;
        var at = await catalogue.AtAsync(dataset, version, null, cancellationToken);
        if (((one.Matched | one.Referenced) & Flag(SdmxKind.ConceptScheme)) != 0)
        {
            var items = (one.Matched & Flag(SdmxKind.ConceptScheme)) != 0 ? request.Items : null;
            var known = SdmxStructureWriter.Concepts(at).Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
            if (items is null || items.Any(known.Contains))
                artefacts.Add(new SdmxArtefact(SdmxKind.ConceptScheme, dataset, version, Detail(SdmxKind.ConceptScheme)) { Items = items?.ToHashSet(StringComparer.Ordinal) });
        }
        for (var c = 0; c < at.Components.Count; c++)
        {
            if (!SdmxIds.IsCoded(at, c))
                continue;
            var component = at.Components[c].Id;
            var isMatched = one.HasAllCodelists || one.Components?.Contains(component) == true;
            if (!isMatched && (one.Referenced & Flag(SdmxKind.Codelist)) == 0)
                continue;
            var items = isMatched ? request.Items : null;
            if (items is not null && !items.Any(item => at.Find(c, SdmxIds.CodeOf(item)) >= 0))
                continue;
            artefacts.Add(new SdmxArtefact(SdmxKind.Codelist, dataset, version, isMatched ? request.Detail : request.ReferenceDetail) { Component = component, Items = items?.ToHashSet(StringComparer.Ordinal) });
        }

        SdmxDetail Detail(SdmxKind kind) => (one.Matched & Flag(kind)) != 0 ? request.Detail : request.ReferenceDetail;
    }

    private static int Flag(SdmxKind kind) => 1 << (int)kind;

    // The kinds of artefacts that references bring to those that match.
    private static int Related(int matched, IReadOnlyList<string> references)
    {
        var related = 0;
        foreach (var reference in references)
        {
            related |= reference switch
            {
                "none" => 0,
                "parents" => Users(matched),
                "parentsandsiblings" => Users(matched) | Used(Users(matched)),
                "ancestors" => Closure(matched, Users),
                "children" => Used(matched),
                "descendants" => Closure(matched, Used),
                "all" => Users(matched) | Used(Users(matched)) | Closure(matched, Used),
                _ => SdmxStructureRequest.KindOf(reference) is { } kind ? Flag(kind) & (Closure(matched, Users) | Closure(matched, Used)) : 0,
            };
        }
        return related;
    }

    private static int Used(int kinds)
    {
        var used = 0;
        if ((kinds & Flag(SdmxKind.Dataflow)) != 0)
            used |= Flag(SdmxKind.DataStructure);
        if ((kinds & Flag(SdmxKind.DataStructure)) != 0)
            used |= Flag(SdmxKind.ConceptScheme) | Flag(SdmxKind.Codelist);
        return (kinds & ~Flag(SdmxKind.AgencyScheme)) == 0 ? used : used | Flag(SdmxKind.AgencyScheme);
    }

    private static int Users(int kinds)
    {
        var users = 0;
        if ((kinds & Flag(SdmxKind.DataStructure)) != 0)
            users |= Flag(SdmxKind.Dataflow);
        if ((kinds & (Flag(SdmxKind.ConceptScheme) | Flag(SdmxKind.Codelist))) != 0)
            users |= Flag(SdmxKind.DataStructure);
        if ((kinds & Flag(SdmxKind.AgencyScheme)) != 0)
            users |= Flag(SdmxKind.Dataflow) | Flag(SdmxKind.DataStructure) | Flag(SdmxKind.ConceptScheme) | Flag(SdmxKind.Codelist);
        return users;
    }

    private static int Closure(int kinds, Func<int, int> step)
    {
        var all = 0;
        for (var next = step(kinds); (next & ~all) != 0; next = step(all))
            all |= next;
        return all;
    }

    private static ProblemException UnknownId(SdmxStructureRequest request, IReadOnlyList<DatasetSummary> datasets, string id)
    {
        var known = request.Wanted.SelectMany(kind => kind switch
        {
            SdmxKind.Dataflow => datasets.Select(d => d.Id),
            SdmxKind.DataStructure => datasets.Select(d => SdmxIds.DataStructure(d.Id)),
            SdmxKind.ConceptScheme => datasets.Select(d => SdmxIds.ConceptScheme(d.Id)),
            SdmxKind.Codelist => datasets.SelectMany(d => d.Dimensions.Select(dimension => SdmxIds.Codelist(d.Id, dimension))),
            _ => ["AGENCIES"],
        });
        return ProblemException.Unknown(404, "unknown-artefact", request.Wanted is [var one] ? one.ToString() : "artefact of type " + request.Type, "resourceID", id, [.. known.Take(100_000)]);
    }

    private static ProblemException UnknownVersion(SdmxStructureRequest request, IReadOnlyList<DatasetSummary> datasets)
    {
        var summary = Targets(request, datasets).First().Summary;
        return new ProblemException(404, "unknown-version", $"{request.Reference.Ids![0]} has no version {request.Reference.Versions.Text}"
            + (request.AsOf is { } moment ? $" that had been published by {moment:O}" : "") + $"; the latest is {SdmxIds.Version(SdmxRest.V2, summary.Latest.Version)}.")
        {
            Parameter = "version",
            Value = request.Reference.Versions.Text,
        };
    }

    private async Task<ProblemException> UnknownItemAsync(SdmxStructureRequest request, Chosen one, string item, CancellationToken cancellationToken)
    {
        var at = await catalogue.AtAsync(one.Summary.Id, one.Version.Version, null, cancellationToken);
        IEnumerable<string> known = request.Wanted[0] == SdmxKind.ConceptScheme
            ? SdmxStructureWriter.Concepts(at).Select(c => c.Id)
            : at.Components.Where(c => one.Components?.Contains(c.Id) == true).SelectMany(c => c.Codes).Take(100_000).Select(code => SdmxIds.OfCode(code.Id));
        return ProblemException.Unknown(404, "unknown-item", "item", "itemID", item, [.. known]);
    }

    private async Task<ProblemException> UnknownCodelistAsync(Chosen one, string id, CancellationToken cancellationToken)
    {
        var at = await catalogue.AtAsync(one.Summary.Id, one.Version.Version, null, cancellationToken);
        return ProblemException.Unknown(404, "unknown-artefact", "Codelist", "resourceID", id,
            [.. Enumerable.Range(0, at.Components.Count).Where(c => SdmxIds.IsCoded(at, c)).Select(c => SdmxIds.Codelist(one.Summary.Id, at.Components[c].Id))]);
    }

    private static ProblemException TooMany() => new(StatusCodes.Status413PayloadTooLarge, "too-many-artefacts",
        $"More than {MostArtefacts} artefacts match. Name ids, ask for one type of structure, or for the latest versions (~) instead of all.");

    /// <summary>A version of a dataset of which something is given.</summary>
    private sealed class Chosen(DatasetSummary summary, DatasetVersion version)
    {
        public DatasetSummary Summary => summary;

        public DatasetVersion Version => version;

        /// <summary>The kinds that match, as flags.</summary>
        public int Matched { get; set; }

        /// <summary>The kinds that come with them, as flags.</summary>
        public int Referenced { get; set; }

        /// <summary>The components whose codelists match by name.</summary>
        public HashSet<string>? Components { get; set; }

        public bool HasAllCodelists { get; set; }
    }
}
