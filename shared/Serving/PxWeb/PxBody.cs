using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>
/// A selection as a POST's body has it. A member's name may be written in any case, as PxWeb's own server takes it; a member that has no meaning is refused:
/// passing over a misspelt <c>valueCodes</c> would answer another question than was asked.
/// </summary>
internal static class PxBody
{
    /// <summary>How deep the objects and lists of a selection may nest.</summary>
    public const int MostNested = 16;

    /// <summary>Reads a body; null for none, which is as good as one that says nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mostBytes">How long it may be.</param>
    /// <param name="what">What it is, for errors.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task<JsonObject?> ReadAsync(HttpRequest request, int mostBytes, string what, CancellationToken cancellationToken) =>
        JsonBody.ReadAsync(request, what, mostBytes, MostNested, "* selects all values of a variable, * behind the beginning of a code all that begin so.", cancellationToken);

    /// <summary>The members of an object by their names as we write them.</summary>
    /// <param name="json">The object; null for one without members.</param>
    /// <param name="path">Where it stands, ending in a dot; empty for the body itself.</param>
    /// <param name="known">The names that it may have.</param>
    public static Dictionary<string, JsonNode?> Members(JsonObject? json, string path, params string[] known)
    {
        var members = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (given, value) in json ?? [])
        {
            var name = Array.Find(known, k => k.Equals(given, StringComparison.OrdinalIgnoreCase))
                ?? throw ProblemException.Unknown(400, "unknown-parameter", $"member of {(path.Length == 0 ? "the body" : path[..^1])}", path + given, given, known);
            if (!members.TryAdd(name, value))
                throw Malformed(path + given, value, $"{name} once");
        }
        return members;
    }

    /// <summary>What a body selects, and how it is laid out.</summary>
    /// <param name="members">The members that say it: <c>selection</c> and <c>placement</c>.</param>
    /// <param name="path">Where they stand.</param>
    public static PxAsked Asked(Dictionary<string, JsonNode?> members, string path = "")
    {
        var wanted = new List<PxWanted>();
        foreach (var item in List(members.GetValueOrDefault("selection"), path + "selection"))
        {
            var at = $"{path}selection[{wanted.Count}]";
            var one = Members(Object(item, at, "an object with variableCode and valueCodes"), at + ".", "variableCode", "codelist", "valueCodes", "outputValues");
            var name = Text(one.GetValueOrDefault("variableCode"), at + ".variableCode") ?? throw Malformed(at + ".variableCode", null, "the code of a variable");
            PxWebRequest.CheckOutputValues(at + ".outputValues", Text(one.GetValueOrDefault("outputValues"), at + ".outputValues"));
            wanted.Add(new PxWanted(name, Texts(one.GetValueOrDefault("valueCodes"), at + ".valueCodes"), Text(one.GetValueOrDefault("codelist"), at + ".codelist")));
        }
        var placement = members.GetValueOrDefault("placement") is { } node
            ? Members(Object(node, path + "placement", "an object with heading and stub"), path + "placement.", "heading", "stub") : [];
        return new PxAsked(wanted, Texts(placement.GetValueOrDefault("stub"), path + "placement.stub"), Texts(placement.GetValueOrDefault("heading"), path + "placement.heading"));
    }

    /// <summary>An object.</summary>
    public static JsonObject Object(JsonNode? node, string path, string expected) => node as JsonObject ?? throw Malformed(path, node, expected);

    /// <summary>A list of texts; empty where there is none.</summary>
    public static List<string> Texts(JsonNode? node, string path) =>
        [.. List(node, path).Select(v => v?.GetValueKind() == JsonValueKind.String ? v.ToString() : throw Malformed(path, v, "a list of texts"))];

    /// <summary>A text; null where there is none.</summary>
    public static string? Text(JsonNode? node, string path) => node switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.ToString(),
        _ => throw Malformed(path, node, "a text"),
    };

    private static JsonArray List(JsonNode? node, string path) => node switch
    {
        null => [],
        JsonArray list => list,
        _ => throw Malformed(path, node, "a list"),
    };

    private static ProblemException Malformed(string path, JsonNode? node, string expected) => ProblemException.Malformed(path, node?.ToJsonString() ?? "null", expected, "malformed-json");
}
