using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Pipeline.Serving;

/// <summary>Reads the JSON that a request brings with it, no more of it and no deeper than is allowed.</summary>
internal static class JsonBody
{
    /// <summary>Reads a body; null for none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="what">What it is, for errors.</param>
    /// <param name="mostBytes">How long it may be.</param>
    /// <param name="mostNested">How deep its objects and lists may nest.</param>
    /// <param name="wayRound">What to do where it is longer.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ProblemException">It is too long, or no JSON object.</exception>
    public static async Task<JsonObject?> ReadAsync(HttpRequest request, string what, int mostBytes, int mostNested, string wayRound, CancellationToken cancellationToken)
    {
        RefuseEncoded(request);
        // RFC 8259, 8.1. In another one what is asked for would be read as other words, and not be found.
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && HeaderUtilities.RemoveQuotes(type.Charset).ToString() is { Length: > 0 } set && set.ToUpperInvariant() is not ("UTF-8" or "UTF8" or "US-ASCII"))
        {
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "body-encoded", $"The body comes in the character set {ProblemException.Short(set)}. Send JSON in UTF-8.")
            {
                Parameter = "Content-Type",
                Value = request.ContentType,
                Expected = "application/json; charset=utf-8",
            };
        }
        // Who says beforehand how much would come need not send it.
        if (request.ContentLength > mostBytes)
            throw TooLarge();
        var bytes = new MemoryStream();
        var buffer = new byte[16 << 10];
        int count;
        while ((count = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > mostBytes)
                throw TooLarge();
        }
        return bytes.Length == 0 ? null : Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), what, mostNested);

        ProblemException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, "body-too-large", $"A {what} has at most {mostBytes} bytes. {wayRound}")
        {
            Parameter = "body",
            Expected = $"at most {mostBytes} bytes",
        };
    }

    /// <summary>Refuses a body that would have to be unpacked first.</summary>
    /// <exception cref="ProblemException">It comes in a coding.</exception>
    public static void RefuseEncoded(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.ToString() is { Length: > 0 } coding && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "body-encoded", $"The body comes in the coding {coding}. Send it as it is, without Content-Encoding.")
            {
                Parameter = "Content-Encoding",
                Value = coding,
                Expected = "identity",
            };
        }
    }

    private static JsonObject? Parse(ReadOnlySpan<byte> json, string what, int mostNested)
    {
        // RFC 8259 (8.1) lets a reader pass over a byte order mark, which some editors write.
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];
        try
        {
            // A node decodes its texts when they are asked for: those that are no Unicode have to show here.
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = mostNested + 1 });
            while (reader.Read())
            {
                if (reader.CurrentDepth == mostNested && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    throw TooDeep(what, mostNested);
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    reader.GetString();
            }
            var node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = mostNested, AllowDuplicateProperties = false });
            return node is null ? null : node as JsonObject ?? throw ProblemException.Malformed("body", node.ToJsonString(), $"a {what}, a JSON object", "malformed-json");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "malformed-json", $"The body is not the JSON of a {what}: {e.Message}") { Parameter = "body" };
        }
    }

    private static ProblemException TooDeep(string what, int mostNested) => new(StatusCodes.Status400BadRequest, "malformed-json",
        $"The objects and lists of a {what} nest at most {mostNested} deep. Flatten it: a list needs no list around it, and what is in an \"and\" no \"and\" of its own.")
    {
        Parameter = "body",
        Expected = $"at most {mostNested} levels of JSON",
    };
}
