using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Which artefacts a path is about: <c>{agency}/{id}/{version}</c>, each with commas (1.x: plus signs) between several, or <c>*</c> or <c>all</c> for any.</summary>
/// <param name="Agencies">The agencies; null for any.</param>
/// <param name="Ids">The ids; null for any.</param>
/// <param name="Versions">The versions.</param>
internal sealed record SdmxReference(IReadOnlyList<string>? Agencies, IReadOnlyList<string>? Ids, SdmxVersions Versions)
{
    /// <summary>The most agencies, ids or items that a path may name: a way round is <c>*</c>.</summary>
    public const int MostNames = 1_000;

    /// <summary>Reads three parts of a path; a part that is missing or empty is the default.</summary>
    /// <param name="parts">The path's parts, decoded.</param>
    /// <param name="from">Where the agency stands.</param>
    /// <param name="versions">The versions where the path has none.</param>
    public static SdmxReference Read(IReadOnlyList<string> parts, int from, string versions = "~") => new(
        Names("agencyID", Part(parts, from)),
        Names("resourceID", Part(parts, from + 1)),
        SdmxVersions.Parse(Part(parts, from + 2) is { Length: > 0 } text ? text : versions));

    /// <summary>Reads a flow of 1.x's data and availability queries: <c>ID</c>, <c>AGENCY,ID</c> or <c>AGENCY,ID,VERSION</c>.</summary>
    public static SdmxReference ReadFlow(string flow)
    {
        var parts = flow.Split(',');
        if (parts.Length > 3 || Array.Exists(parts, part => part.Length == 0))
            throw ProblemException.Malformed("flow", flow, "a dataflow's id, AGENCY,ID or AGENCY,ID,VERSION");
        return parts.Length == 1
            ? new SdmxReference(null, Names("flow", parts[0]), SdmxVersions.Latest)
            : Read(parts, 0);
    }

    /// <summary>The part of a path at a place, or an empty text.</summary>
    public static string Part(IReadOnlyList<string> parts, int at) => at < parts.Count ? parts[at] : "";

    /// <summary>
    /// Cuts a path into its parts. An empty part at the end is none; one in the middle is an error, since it would shift the meaning of those behind it.
    /// </summary>
    public static IReadOnlyList<string> Split(string? path)
    {
        var parts = (path ?? "").Split('/').Select(part => part.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)).ToList();
        while (parts.Count > 0 && parts[^1].Length == 0)
            parts.RemoveAt(parts.Count - 1);
        if (parts.Contains(""))
            throw ProblemException.Malformed("path", path!, "no empty part in the middle of the path; * stands for any");
        return parts;
    }

    /// <summary>The names in a part of a path; null for any.</summary>
    public static IReadOnlyList<string>? Names(string parameter, string part)
    {
        if (part is "" or "*" or "all" or "ALL")
            return null;
        var names = part.Split(',', '+').Distinct(StringComparer.Ordinal).ToList();
        if (names.Contains("*") || names.Contains("all"))
            return null;
        if (names.Contains(""))
            throw ProblemException.Malformed(parameter, part, "ids with commas between, or *");
        return names.Count <= MostNames ? names : throw TooMany(parameter, names.Count);
    }

    /// <summary>Whether an agency is asked for.</summary>
    public bool IsFor(SdmxAgency agency) => Agencies is null || Agencies.Contains(agency.Id);

    private static ProblemException TooMany(string parameter, int count) =>
        new(StatusCodes.Status413PayloadTooLarge, "too-many-names", $"{parameter} names {count}; at most {MostNames} are answered at once. Ask for * or send several requests.") { Parameter = parameter };
}
