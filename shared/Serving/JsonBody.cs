using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

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
        var bytes = new MemoryStream();
        var buffer = new byte[16 << 10];
        int count;
        while ((count = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > mostBytes)
                throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "body-too-large", $"A {what} has at most {mostBytes} bytes. {wayRound}");
        }
        return bytes.Length == 0 ? null : Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), what, mostNested);
    }

    private static JsonObject? Parse(ReadOnlySpan<byte> json, string what, int mostNested)
    {
        // RFC 8259 (8.1) lets a reader pass over a byte order mark, which some editors write.
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];
        try
        {
            // A node decodes its texts when they are asked for: those that are no Unicode have to show here.
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = mostNested });
            while (reader.Read())
            {
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
}
