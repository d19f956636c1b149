using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>A request for what data there are.</summary>
internal sealed record SdmxAvailabilityRequest
{
    private static readonly string[] Options = ["updatedAfter", "mode", "references", "reportingYearStartDay", "format"];
    private static readonly string[] OptionsV1 = ["startPeriod", "endPeriod", "updatedAfter", "mode", "references", "format"];

    /// <summary>Which dataflows, or data structures.</summary>
    public required SdmxStructureRequest Flows { get; init; }

    public required SdmxKey Key { get; init; }

    public required SdmxFilters Filters { get; init; }

    /// <summary>The dimensions asked about (SDMX's ids); null for all.</summary>
    public IReadOnlyList<string>? Components { get; init; }

    public string? StartPeriod { get; init; }

    public string? EndPeriod { get; init; }

    /// <summary>Only what releases after this moment brought; null for all.</summary>
    public DateTimeOffset? UpdatedAfter { get; init; }

    /// <summary>Whether the values are given that could be added to the selection, instead of those that are in it.</summary>
    public bool IsAvailable { get; init; }

    /// <summary>The kinds of artefacts that come with it.</summary>
    public required IReadOnlyList<SdmxKind> References { get; init; }

    /// <summary>The same text for the same question.</summary>
    public required string Canonical { get; init; }

    /// <summary>Reads <c>{context}/{agency}/{id}/{version}/{key}/{componentId}</c>.</summary>
    public static SdmxAvailabilityRequest ReadV2(HttpRequest request, IReadOnlyList<string> parts)
    {
        if (parts.Count > 6)
            throw ProblemException.Malformed("path", string.Join('/', parts), "{context}/{agency}/{id}/{version}/{key}/{componentId} at most");
        var context = SdmxReference.Part(parts, 0) is { Length: > 0 } given ? given : "*";
        var reference = SdmxReference.Read(parts, 1);
        return Read(request, Options, parts, Flow(context, reference), SdmxKey.Parse(SdmxReference.Part(parts, 4)), SdmxReference.Names("componentId", SdmxReference.Part(parts, 5)));
    }

    /// <summary>Reads 1.x's <c>{flow}/{key}/{provider}/{componentId}</c>.</summary>
    public static SdmxAvailabilityRequest ReadV1(HttpRequest request, IReadOnlyList<string> parts, SdmxAgency agency)
    {
        if (parts.Count is 0 or > 4)
            throw ProblemException.Malformed("path", string.Join('/', parts), "{flow}/{key}/{provider}/{componentId}");
        if (SdmxReference.Names("providerRef", SdmxReference.Part(parts, 2)) is { } providers && !providers.Any(p => p == agency.Id || p.StartsWith(agency.Id + ",", StringComparison.Ordinal)))
            throw SdmxError.NoResults($"All data here are provided by {agency.Id}.");
        return Read(request, OptionsV1, parts, Flow("dataflow", SdmxReference.ReadFlow(parts[0])), SdmxKey.Parse(SdmxReference.Part(parts, 1)), SdmxReference.Names("componentID", SdmxReference.Part(parts, 3)));
    }

    /// <summary>The structures that a context, an agency, an id and a version are of.</summary>
    public static SdmxStructureRequest Flow(string context, SdmxReference reference)
    {
        if (context == "provisionagreement")
            throw SdmxError.NoResults("There are no provision agreements here: ask for a dataflow.");
        if (context is not ("*" or "all" or "dataflow" or "datastructure"))
            throw ProblemException.Unknown(400, "unknown-context", "context", "context", context, ["dataflow", "datastructure", "provisionagreement"]);
        // Each version of ours holds all the data: of any, the latest.
        var versions = reference.Versions.IsAny ? SdmxVersions.Latest : reference.Versions;
        return new SdmxStructureRequest
        {
            Wanted = [context == "datastructure" ? SdmxKind.DataStructure : SdmxKind.Dataflow],
            Type = context,
            Reference = reference with { Versions = versions },
            Detail = SdmxDetail.Full,
            ReferenceDetail = SdmxDetail.Full,
            References = [],
        };
    }

    private static SdmxAvailabilityRequest Read(
        HttpRequest request, string[] options, IReadOnlyList<string> parts, SdmxStructureRequest flows, SdmxKey key, IReadOnlyList<string>? components)
    {
        var given = new Dictionary<string, string>();
        foreach (var (name, values) in request.Query)
        {
            if (SdmxFilters.IsFilter(name) && options == Options)
                continue;
            if (!options.Contains(name))
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, options == Options ? [.. options, "c[…]"] : options);
            given[name] = values.Count == 1 ? values.ToString() : throw ProblemException.Malformed(name, values.ToString(), "the parameter once");
        }
        var mode = given.GetValueOrDefault("mode", "exact");
        if (mode is not ("exact" or "available"))
            throw ProblemException.Unknown(400, "unknown-mode", "mode", "mode", mode, ["exact", "available"]);
        if (given.TryGetValue("reportingYearStartDay", out var day) && day != "--01-01")
            throw SdmxError.NotImplemented("reportingYearStartDay", day, "Reporting years begin on 1 January here.");
        return new SdmxAvailabilityRequest
        {
            Flows = flows,
            Key = key,
            Filters = options == Options ? SdmxFilters.Parse(request.Query) : SdmxFilters.None,
            Components = components,
            StartPeriod = given.GetValueOrDefault("startPeriod"),
            EndPeriod = given.GetValueOrDefault("endPeriod"),
            UpdatedAfter = given.TryGetValue("updatedAfter", out var after) ? DataRequest.Moment("updatedAfter", after) : null,
            IsAvailable = mode == "available",
            References = ReadReferences(given.GetValueOrDefault("references", "none")),
            Canonical = string.Join('/', parts) + "?" + string.Join('&', request.Query.Where(p => p.Key != "format").OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Key + "=" + p.Value)),
        };
    }

    private static List<SdmxKind> ReadReferences(string text)
    {
        string[] others = ["none", "valuelist", "dataproviderscheme", "all"];
        var kinds = new SortedSet<SdmxKind>();
        foreach (var reference in text.Split(',', '+', ' ').Where(r => r.Length > 0))
        {
            if (SdmxStructureRequest.KindOf(reference) is { } kind and not SdmxKind.AgencyScheme)
                kinds.Add(kind);
            else if (!others.Contains(reference))
                throw ProblemException.Unknown(400, "unknown-references", "kind of references", "references", reference, ["none", "all", "codelist", "datastructure", "conceptscheme", "dataflow", "dataproviderscheme"]);
            else if (reference == "all")
                kinds.UnionWith([SdmxKind.Dataflow, SdmxKind.DataStructure, SdmxKind.ConceptScheme, SdmxKind.Codelist]);
        }
        return [.. kinds];
    }
}
