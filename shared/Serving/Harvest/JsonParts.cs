using System.Text.Json.Nodes;

namespace Pipeline.Serving;

/// <summary>Puts JSON together whose members are not those of a type.</summary>
internal static class JsonParts
{
    /// <summary>An object with the members that have something to say.</summary>
    public static JsonObject Object(params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members)
            if (value is not null)
                json.Add(name, value);
        return json;
    }

    /// <summary>An array of texts; null when there are none.</summary>
    public static JsonArray? Texts(IEnumerable<string> texts) => Array(texts.Select(text => (JsonNode)text));

    /// <summary>An array; null when it is empty.</summary>
    public static JsonArray? Array(IEnumerable<JsonNode> items) => new JsonArray([.. items]) is { Count: > 0 } array ? array : null;

    /// <summary>A moment as ISO 8601 has it, in UTC and whole seconds.</summary>
    public static string Moment(DateTimeOffset moment) => moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
