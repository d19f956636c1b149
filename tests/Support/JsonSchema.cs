using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pipeline.Tests.Support;

/// <summary>
/// Checks JSON against the schemas of an OpenAPI 3.1 document: the part of JSON Schema 2020-12 that the document uses; a keyword beyond it throws. Stricter
/// in one point: a member that is not described is an error too, unless <c>additionalProperties</c> lets it in.
/// </summary>
internal sealed class JsonSchema(JsonObject document)
{
    private static readonly HashSet<string> Annotations = ["description", "example", "default", "format"];

    /// <summary>A parameter's example. That of an optional one may stand among <c>examples</c>, where Scalar's <c>x-disabled</c> keeps the page to try requests from sending it unasked.</summary>
    public static JsonNode? ExampleOf(JsonNode parameter) => parameter["example"] ?? parameter["examples"]?["default"]?["value"];

    /// <summary>What is wrong, each with the path to it; empty when nothing is.</summary>
    public List<string> Check(JsonObject schema, JsonNode? value)
    {
        var errors = new List<string>();
        Check(schema, value, "$", errors);
        return errors;
    }

    /// <summary>What a <c>$ref</c> points to, or the object itself.</summary>
    public JsonObject Resolve(JsonObject node)
    {
        while ((string?)node["$ref"] is { } reference)
            node = reference.TrimStart('#', '/').Split('/').Aggregate(document, (at, name) => at[name]?.AsObject() ?? throw new InvalidOperationException($"{reference} leads nowhere"));
        return node;
    }

    private void Check(JsonObject schema, JsonNode? value, string path, List<string> errors)
    {
        schema = Resolve(schema);
        foreach (var (keyword, rule) in schema)
        {
            switch (keyword)
            {
                case "type":
                    var types = rule is JsonArray several ? [.. several.Select(t => (string)t!)] : new List<string> { (string)rule! };
                    if (!types.Any(type => IsOf(type, value)))
                        errors.Add($"{path} is {value?.ToJsonString() ?? "null"}, not {string.Join(" or ", types)}");
                    break;
                case "required" when value is JsonObject json:
                    errors.AddRange(rule!.AsArray().Select(name => (string)name!).Where(name => !json.ContainsKey(name)).Select(name => $"{path}.{name} is missing"));
                    break;
                case "properties" when value is JsonObject json:
                    foreach (var (name, member) in json)
                    {
                        if (rule![name] is JsonObject property)
                            Check(property, member, $"{path}.{name}", errors);
                        else if (!schema.ContainsKey("additionalProperties"))
                            errors.Add($"{path}.{name} is not described");
                    }
                    break;
                case "additionalProperties" when value is JsonObject json:
                    foreach (var (name, member) in json.Where(m => schema["properties"]?[m.Key] is null))
                    {
                        if (rule is JsonObject each)
                            Check(each, member, $"{path}.{name}", errors);
                        else if (!(bool)rule!)
                            errors.Add($"{path}.{name} is not allowed");
                    }
                    break;
                case "items" when value is JsonArray list:
                    foreach (var (i, item) in list.Index())
                        Check(rule!.AsObject(), item, $"{path}[{i}]", errors);
                    break;
                case "oneOf":
                    if (rule!.AsArray().Count(one => Check(one!.AsObject(), value).Count == 0) != 1)
                        errors.Add($"{path} fits not exactly one of its forms");
                    break;
                case "const":
                    if (!JsonNode.DeepEquals(rule, value))
                        errors.Add($"{path} is {value?.ToJsonString()}, not {rule}");
                    break;
                case "enum":
                    if (!rule!.AsArray().Any(one => JsonNode.DeepEquals(one, value)))
                        errors.Add($"{path} is {value?.ToJsonString()}, not one of {rule.ToJsonString()}");
                    break;
                case "pattern" when value?.GetValueKind() == JsonValueKind.String:
                    if (!Regex.IsMatch((string)value!, (string)rule!))
                        errors.Add($"{path} does not match {rule}");
                    break;
                case "minimum" or "maximum" when value?.GetValueKind() == JsonValueKind.Number:
                    if (keyword == "minimum" ? (decimal)value! < (decimal)rule! : (decimal)value! > (decimal)rule!)
                        errors.Add($"{path} is {value}, {keyword} {rule}");
                    break;
                case "maxLength" when value?.GetValueKind() == JsonValueKind.String:
                    if (((string)value!).EnumerateRunes().Count() > (int)rule!)
                        errors.Add($"{path} is longer than {rule}");
                    break;
                case "minItems" when value is JsonArray list:
                    if (list.Count < (int)rule!)
                        errors.Add($"{path} has fewer than {rule}");
                    break;
                case "minProperties" when value is JsonObject json:
                    if (json.Count < (int)rule!)
                        errors.Add($"{path} has fewer than {rule}");
                    break;
                case "required" or "properties" or "additionalProperties" or "items" or "pattern" or "minimum" or "maximum" or "maxLength" or "minItems" or "minProperties":
                    break;
                default:
                    if (!Annotations.Contains(keyword))
                        throw new NotSupportedException($"The schema keyword {keyword} at {path} is not checked");
                    break;
            }
        }
        if ((string?)schema["format"] == "date-time" && value?.GetValueKind() == JsonValueKind.String && !DateTimeOffset.TryParse((string)value!, out _))
            errors.Add($"{path} is no date-time: {value}");
    }

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) or ("array", JsonValueKind.Array)
            or ("object", JsonValueKind.Object) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => long.TryParse(value!.ToJsonString(), out _),
        _ => false,
    };
}
