using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Pipeline.Serving;

/// <summary>Several reads in one request, in the JSON of OData 4.01 (JSON Format, 19): each is answered as it would be by itself, one after the other.</summary>
internal static class ODataBatch
{
    /// <summary>The most requests of a batch.</summary>
    public const int MostRequests = 100;

    /// <summary>The longest batch.</summary>
    public const int MostBytes = 1 << 20;

    private const int MostNested = 8;
    private static readonly string[] Members = ["id", "method", "url", "headers"];

    // Of others a client of a batch has no use: who may read it from where is said of the whole.
    private static readonly string[] Told =
        ["content-type", "odata-version", "etag", "last-modified", "cache-control", "vary", "preference-applied", "content-disposition", "allow", "retry-after"];

    /// <summary>Answers a batch.</summary>
    /// <param name="context">The request.</param>
    /// <param name="reads">Answers what is in it.</param>
    /// <param name="service">What all addresses begin with; ends with a slash.</param>
    /// <param name="root">What the addresses in it are relative to; ends with a slash.</param>
    /// <param name="to">Where the answer goes.</param>
    public static async Task AnswerAsync(HttpContext context, IResult reads, string service, string root, Stream to)
    {
        if (context.Request.ContentType is { } type && !type.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "unknown-format", $"A batch comes as JSON, with the Content-Type application/json, and not as '{ProblemException.Short(type)}'.")
            {
                Parameter = "Content-Type",
                Value = type,
                Expected = "application/json",
            };
        }
        var all = Read(
            await JsonBody.ReadAsync(context.Request, "batch", MostBytes, MostNested, "Send several.", context.RequestAborted) ?? throw ProblemException.Malformed("body", "", """{"requests":[{"id":"1","method":"GET","url":"Observations?$top=5"}]}""", "malformed-json"),
            context, service, root);
        var goesOn = context.Request.Headers.GetCommaSeparatedValues("Prefer").Any(p => p.Replace("odata.", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal) is "continue-on-error" or "continue-on-error=true");
        if (goesOn)
            context.Response.Headers["Preference-Applied"] = "continue-on-error";
        context.Response.ContentType = "application/json;charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await to.WriteAsync("{\"responses\":["u8.ToArray(), context.RequestAborted);
        for (var i = 0; i < all.Count; i++)
        {
            if (i > 0)
                await to.WriteAsync(","u8.ToArray(), context.RequestAborted);
            // OData 4.01 part 1, 11.7: what follows an error is not asked, unless the client prefers it.
            if (await AnswerAsync(all[i].Id, all[i].Of, reads, to) >= 400 && !goesOn)
                break;
        }
        await to.WriteAsync("]}"u8.ToArray(), context.RequestAborted);
    }

    private static async Task<int> AnswerAsync(string id, HttpContext one, IResult reads, Stream to)
    {
        var cancellationToken = one.RequestAborted;
        // Its status and headers go before its body, however long that is.
        await using var body = new FileBufferingWriteStream();
        one.Features.Set<IHttpResponseFeature>(new Response(body));
        one.Response.Body = body;
        await reads.ExecuteAsync(one);
        var headers = one.Response.Headers.Where(h => Told.Contains(h.Key.ToLowerInvariant())).Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), (JsonNode?)h.Value.ToString()));
        var head = new JsonObject { ["id"] = id, ["status"] = one.Response.StatusCode, ["headers"] = new JsonObject(headers) }.ToJsonString(Json.Options);
        await to.WriteAsync(Encoding.UTF8.GetBytes(head[..^1]), cancellationToken);
        if (body.Length > 0)
        {
            await to.WriteAsync(",\"body\":"u8.ToArray(), cancellationToken);
            if (one.Response.ContentType?.StartsWith("application/json", StringComparison.Ordinal) == true)
            {
                await body.DrainBufferAsync(to, cancellationToken);
            }
            else
            {
                var json = new MemoryStream();
                await body.DrainBufferAsync(json, cancellationToken);
                var bytes = json.GetBuffer().AsMemory(0, (int)json.Length);
                var text = one.Response.ContentType?.StartsWith("text/", StringComparison.Ordinal) == true ? Encoding.UTF8.GetString(bytes.Span) : WebEncoders.Base64UrlEncode(bytes.Span);
                await to.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(text, Json.Options), cancellationToken);
            }
        }
        await to.WriteAsync("}"u8.ToArray(), cancellationToken);
        return one.Response.StatusCode;
    }

    private static List<(string Id, HttpContext Of)> Read(JsonObject batch, HttpContext context, string service, string root)
    {
        foreach (var (name, _) in batch.Where(m => m.Key != "requests"))
            throw ProblemException.Unknown(400, "unknown-parameter", "member of a batch", name, name, ["requests"]);
        if (batch["requests"] is not JsonArray { Count: > 0 } requests)
            throw ProblemException.Malformed("requests", batch["requests"]?.ToJsonString() ?? "", "a list of requests");
        if (requests.Count > MostRequests)
        {
            throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "body-too-large", $"A batch has at most {MostRequests} requests, and not {requests.Count}. Send several.")
            {
                Parameter = "requests",
                Expected = $"at most {MostRequests} requests",
            };
        }
        var all = new List<(string Id, HttpContext Of)>();
        foreach (var (place, node) in requests.Index())
        {
            var at = $"requests[{place}]";
            var request = node as JsonObject ?? throw ProblemException.Malformed(at, node?.ToJsonString() ?? "null", "a request, a JSON object");
            foreach (var (name, _) in request.Where(m => !Members.Contains(m.Key)))
            {
                throw name is "atomicityGroup" or "dependsOn" or "if" or "body" ? ODataExpression.Unsupported($"{name} in a batch: it has reads only, which go by themselves", $"{at}.{name}")
                    : ProblemException.Unknown(400, "unknown-parameter", "member of a request", $"{at}.{name}", name, Members);
            }
            var (id, method, url) = (Text("id"), Text("method").ToUpperInvariant(), Text("url"));
            if (all.Exists(other => other.Id == id))
                throw ProblemException.Malformed($"{at}.id", id, "an id that no other request of the batch has");
            // One that begins with a slash is of the host's root.
            if (!Uri.TryCreate(new Uri(root), url, out var address) || !(address.AbsoluteUri + "/").StartsWith(service, StringComparison.Ordinal))
                throw ProblemException.Malformed($"{at}.url", url, $"an address below {service}, or relative to {root}");
            var headers = request["headers"] switch
            {
                null => [],
                JsonObject given when given.All(h => h.Value?.GetValueKind() == JsonValueKind.String) => given.ToDictionary(h => h.Key, h => (string)h.Value!, StringComparer.OrdinalIgnoreCase),
                var other => throw ProblemException.Malformed($"{at}.headers", other.ToJsonString(), "an object of texts"),
            };
            all.Add((id, One(context, method, address, headers)));

            string Text(string name) => request[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && (string)value! is { Length: > 0 } text ? text
                : throw ProblemException.Malformed($"{at}.{name}", request[name]?.ToJsonString() ?? "", "a text", request[name] is null ? "missing-parameter" : "malformed-value");
        }
        return all;
    }

    private static DefaultHttpContext One(HttpContext context, string method, Uri address, Dictionary<string, string> headers)
    {
        var one = new DefaultHttpContext { RequestServices = context.RequestServices };
        // Whoever ends one ends them all.
        one.Features.Set(context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>());
        foreach (var (name, value) in headers)
            one.Request.Headers[name] = value;
        one.Request.Headers.Remove("Accept-Encoding");
        if (!headers.ContainsKey("OData-MaxVersion") && context.Request.Headers.TryGetValue("OData-MaxVersion", out var most))
            one.Request.Headers["OData-MaxVersion"] = most;
        var (from, to) = (context.Request, one.Request);
        (to.Method, to.Scheme, to.Host, to.PathBase) = (method, from.Scheme, from.Host, from.PathBase);
        (to.Path, to.QueryString) = (PathString.FromUriComponent(address), QueryString.FromUriComponent(address));
        one.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = address.PathAndQuery;
        return one;
    }

    // Once something of it is written, it can not become an error any more.
    private sealed class Response(Stream body) : HttpResponseFeature
    {
        public override bool HasStarted => body.Length > 0;
    }
}
