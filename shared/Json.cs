using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline;

/// <summary>How this project writes JSON: camel case, enums as words, Chinese as itself, no nulls.</summary>
public static class Json
{
    /// <summary>The options for everything stored or served.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        // Answers are application/json and never put into a page unescaped, so Chinese may stand as itself.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
    };
}
