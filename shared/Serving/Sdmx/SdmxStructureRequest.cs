using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>A request for structures, read but not looked up yet.</summary>
internal sealed record SdmxStructureRequest
{
    private static readonly string[] Details = ["full", "allstubs", "referencestubs", "allcompletestubs", "referencecompletestubs", "referencepartial", "raw"];
    private static readonly string[] Relations = ["none", "parents", "parentsandsiblings", "ancestors", "children", "descendants", "all"];

    // What the standard knows besides the kinds that are served; there are none of them here.
    private static readonly string[] Others =
    [
        "metadatastructure", "categoryscheme", "hierarchy", "hierarchyassociation", "valuelist", "dataproviderscheme", "metadataproviderscheme", "dataconsumerscheme",
        "organisationunitscheme", "metadataflow", "reportingtaxonomy", "provisionagreement", "metadataprovisionagreement", "structuremap", "representationmap", "conceptschememap",
        "categoryschememap", "organisationschememap", "reportingtaxonomymap", "process", "categorisation", "dataconstraint", "metadataconstraint", "transformationscheme", "rulesetscheme",
        "userdefinedoperatorscheme", "customtypescheme", "namepersonalisationscheme", "namepersonalizationscheme", "vtlmappingscheme", "hierarchicalcodelist", "structureset", "contentconstraint",
        "attachmentconstraint", "actualconstraint", "allowedconstraint", "geographiccodelist", "geogridcodelist",
    ];

    private static readonly Dictionary<string, SdmxKind> Kinds = new(StringComparer.Ordinal)
    {
        ["agencyscheme"] = SdmxKind.AgencyScheme,
        ["organisationscheme"] = SdmxKind.AgencyScheme,
        ["dataflow"] = SdmxKind.Dataflow,
        ["codelist"] = SdmxKind.Codelist,
        ["conceptscheme"] = SdmxKind.ConceptScheme,
        ["datastructure"] = SdmxKind.DataStructure,
    };

    /// <summary>All kinds of artefacts that exist by themselves.</summary>
    public static IReadOnlyList<SdmxKind> AllKinds { get; } = [SdmxKind.AgencyScheme, SdmxKind.Dataflow, SdmxKind.Codelist, SdmxKind.ConceptScheme, SdmxKind.DataStructure];

    /// <summary>The kinds asked for; none where the standard has that kind, but no such artefact is here.</summary>
    public required IReadOnlyList<SdmxKind> Wanted { get; init; }

    /// <summary>The kind as it was asked for.</summary>
    public required string Type { get; init; }

    public required SdmxReference Reference { get; init; }

    /// <summary>The items asked for (SDMX's ids); null for all.</summary>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>How much of what matches is given.</summary>
    public required SdmxDetail Detail { get; init; }

    /// <summary>How much of what it refers to, or what refers to it, is given.</summary>
    public required SdmxDetail ReferenceDetail { get; init; }

    /// <summary>The relations whose artefacts come with it.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>Only what was published by then; null for now.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>The kind that a name of the standard is for; null for one of which there is nothing here.</summary>
    public static bool IsType(string type) => type is "*" or "all" or "structure" || Kinds.ContainsKey(type) || Others.Contains(type);

    /// <summary>Reads a request: <c>{type}/{agency}/{id}/{version}/{items}?detail&amp;references&amp;asOf</c>.</summary>
    public static SdmxStructureRequest Read(SdmxRest rest, HttpRequest request, IReadOnlyList<string> parts)
    {
        if (parts.Count > 5)
            throw ProblemException.Malformed("path", string.Join('/', parts), "{type}/{agency}/{id}/{version}/{item} at most");
        foreach (var name in request.Query.Keys)
        {
            if (name is not ("detail" or "references" or "format" or "asOf"))
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, ["detail", "references", "asOf", "format"]);
        }
        var type = SdmxReference.Part(parts, 0) is { Length: > 0 } given ? given : "*";
        if (!IsType(type))
            throw ProblemException.Unknown(404, "unknown-structure-type", "type of structures", "artefactType", type, [.. Kinds.Keys, "*", .. Others]);
        var reference = SdmxReference.Read(parts, 1);
        var items = SdmxReference.Names("itemID", SdmxReference.Part(parts, 4));
        IReadOnlyList<SdmxKind> wanted = Kinds.TryGetValue(type, out var kind) ? [kind] : Others.Contains(type) ? [] : AllKinds;
        if (items is not null && wanted is not ([] or [SdmxKind.Codelist] or [SdmxKind.ConceptScheme] or [SdmxKind.AgencyScheme]))
            throw ProblemException.Malformed("itemID", parts[4], "no items: only codelists, concept schemes and agency schemes have any");
        var detail = One(request, "detail", Details) ?? "full";
        return new SdmxStructureRequest
        {
            Wanted = wanted,
            Type = type,
            Reference = reference,
            Items = items,
            Detail = detail is "allstubs" or "allcompletestubs" ? SdmxDetail.Stub : SdmxDetail.Full,
            ReferenceDetail = detail.EndsWith("stubs", StringComparison.Ordinal) ? SdmxDetail.Stub : SdmxDetail.Full,
            References = ReadReferences(request),
            AsOf = request.Query.TryGetValue("asOf", out var asOf) ? DataRequest.Moment("asOf", asOf.ToString()) : null,
        };
    }

    /// <summary>The kind that a value of <c>references</c> names; null when it is none that is served.</summary>
    public static SdmxKind? KindOf(string type) => Kinds.TryGetValue(type, out var kind) ? kind : null;

    private static string? One(HttpRequest request, string parameter, IReadOnlyCollection<string> known)
    {
        if (!request.Query.TryGetValue(parameter, out var value) || value.ToString() is "")
            return null;
        return known.Contains(value.ToString()) ? value.ToString() : throw ProblemException.Unknown(400, "unknown-" + parameter, parameter, parameter, value.ToString(), known);
    }

    private static List<string> ReadReferences(HttpRequest request)
    {
        if (!request.Query.TryGetValue("references", out var value))
            return [];
        var references = value.ToString().Split(',', '+', ' ').Where(r => r.Length > 0).Distinct().ToList();
        foreach (var reference in references)
        {
            if (!Relations.Contains(reference) && !Kinds.ContainsKey(reference) && !Others.Contains(reference))
                throw ProblemException.Unknown(400, "unknown-references", "kind of references", "references", reference, [.. Relations, .. Kinds.Keys]);
        }
        return references;
    }
}
