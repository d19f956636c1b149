using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Answers for the pages beside the data: the OpenAPI document, the page to try it, health, and the front door.</summary>
public sealed class PageApi
{
    private readonly object health = new { status = "ok" };
    private readonly object links = new
    {
        name = "Pipeline",
        links = new { datasets = "/v1/datasets", api = "/v1", docs = "/docs", openapi = "/openapi.json", health = "/health" },
    };

    private readonly object index = new
    {
        name = "Pipeline",
        links = new { datasets = "/v1/datasets", limits = "/v1/limits", docs = "/docs", openapi = "/openapi.json" },
        templates = new
        {
            search = "/v1/search?q={words}",
            dataset = "/v1/datasets/{dataset}",
            data = "/v1/datasets/{dataset}/data",
            query = "/v1/datasets/{dataset}/query",
            series = "/v1/series/{key}",
            compare = "/v1/compare?series={keys}",
            observation = "/v1/observations/{id}",
            savedQuery = "/v1/q/{id}",
        },
    };

    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;

    internal PageApi(Catalogue catalogue, AnswerSender sender) => (this.catalogue, this.sender) = (catalogue, sender);

    private static readonly Lazy<byte[]> OpenApi = new(() => Assembled(typeof(PageApi).Assembly));
    private static readonly Lazy<byte[]> Scalar = new(() =>
    {
        // The package holds it gzipped.
        using var script = new GZipStream(
            new MemoryStream(Resource(typeof(global::Scalar.AspNetCore.ScalarOptions).Assembly, "ScalarStaticAssets.scalar.js")), CompressionMode.Decompress);
        var bytes = new MemoryStream();
        script.CopyTo(bytes);
        return bytes.ToArray();
    });

    private static readonly Lazy<IReadOnlyList<KnownPath>> KnownPaths = new(() =>
    {
        var document = JsonNode.Parse(OpenApi.Value)!;
        return [.. document["paths"]!.AsObject().Select(p => new KnownPath(p.Key.Split('/', StringSplitOptions.RemoveEmptyEntries), p.Value!["get"] is { } get && IsWhole(document, get)))];

        static bool IsWhole(JsonNode document, JsonNode get) => get["security"] is JsonArray { Count: 0 } && !(get["parameters"]?.AsArray() ?? []).Select(p => (string?)p!["$ref"] is { } name
            ? document["components"]!["parameters"]![name[(name.LastIndexOf('/') + 1)..]]! : p).Any(p => (string?)p["in"] == "query" && (bool?)p["required"] == true);
    });

    /// <summary>The paths that the OpenAPI document has.</summary>
    internal static IReadOnlyList<KnownPath> Paths => KnownPaths.Value;

    /// <summary>Whether the OpenAPI document has a path that begins with another one's segments.</summary>
    internal static bool HasPathBelow(string path) => Paths.Any(p => ("/" + string.Join('/', p.Parts)).StartsWith(path + "/", StringComparison.Ordinal));

    private const string DocsScriptText = """
        Scalar.createApiReference('#api', {
          url: '/openapi.json',
          telemetry: false,
          withDefaultFonts: false,
          defaultOpenAllTags: true,
          hideClientButton: true,
          agent: { disabled: true },
          mcp: { disabled: true },
          showDeveloperTools: 'never',
        })
        """;

    private static readonly string DocsPage = """
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>Pipeline API · 接口文档</title>
          <meta name="description" content="The API of Pipeline, statistics releases as open data: every address and parameter, with requests to try. 统计数据开放接口：全部地址与参数，可在线试用。">
          <link rel="icon" href="data:,">
        </head>
        <body>
          <div id="api"></div>
          <script src="/docs/scalar.js"></script>
          <script>{0}</script>
        </body>
        </html>
        """.Replace("{0}", DocsScriptText, StringComparison.Ordinal);

    // What the page must never do, the browser prevents: ask another host for anything.
    private static readonly string DocsPolicy = $"default-src 'none'; script-src 'self' '{HashOf(DocsScriptText)}'; style-src 'self' 'unsafe-inline'; "
        + "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The source expression that lets an inline script or style with this text run (CSP 3, 2.3.1).</summary>
    internal static string HashOf(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>GET /openapi.json</summary>
    public IResult OpenApiDocument() => Page("application/json; charset=utf-8", () => OpenApi.Value);

    /// <summary>GET /docs</summary>
    public IResult Docs() => Page("text/html; charset=utf-8", () => Encoding.UTF8.GetBytes(DocsPage), DocsPolicy);

    /// <summary>GET /docs/scalar.js: Scalar's own bundle, out of its package.</summary>
    public IResult DocsScript() => Page("text/javascript; charset=utf-8", () => Scalar.Value);

    /// <summary>GET /health: that the process answers; storage is not asked, since a restart would not mend it.</summary>
    public IResult Health() => new Endpoint("GET, HEAD", true, context =>
    {
        context.Response.Headers.CacheControl = "no-store";
        return Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, health);
    });

    /// <summary>GET /v1: what there is below it, for who was told no more than where this API begins.</summary>
    public IResult Index() => new Endpoint("GET, HEAD", true, context => sender.SendAsync(
        context, new AnswerHead("index", "application/json; charset=utf-8", null, false), _ => Task.FromResult(new AnswerBody(
            // RFC 8631.
            "</openapi.json>; rel=\"service-desc\"; type=\"application/json\", </docs>; rel=\"service-doc\"; type=\"text/html\"",
            async (to, token) => await to.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(index, Json.Options), token)))));

    /// <summary>GET /: for a browser a page with the datasets, for everything else links in JSON. The catalogue's IRI is a part of it.</summary>
    public IResult Home() => new Endpoint("GET, HEAD", true, async context =>
    {
        if (RdfWriter.Wanted(context.Request) is { } form)
        {
            Endpoint.SeeOther(context, "/catalog." + form);
            return;
        }
        var isHtml = Negotiation.MediaType(context.Request.Headers.Accept, ["application/json", "text/html"]) == 1;
        var isChinese = DatasetPage.SpokenOf([.. LanguageTags.Lookup(LanguageTags.Accepted(context.Request.Headers.AcceptLanguage))]) == "zh";
        var body = isHtml ? HomePage.Write(await catalogue.ListAsync(context.RequestAborted), isChinese) : JsonSerializer.SerializeToUtf8Bytes(links, Json.Options);
        if (isHtml)
            context.Response.Headers.ContentSecurityPolicy = HomePage.Policy;
        var identity = "home\n" + Convert.ToHexString(SHA256.HashData(body));
        var head = new AnswerHead(identity, isHtml ? "text/html; charset=utf-8" : "application/json; charset=utf-8", null, false) { Negotiated = true, LanguageNegotiated = isHtml };
        await sender.SendAsync(context, head, _ => Task.FromResult(new AnswerBody(null, async (to, token) => await to.WriteAsync(body, token))));
    });

    private Endpoint Page(string contentType, Func<byte[]> body, string? policy = null) => new("GET, HEAD", true, context =>
    {
        if (policy is not null)
            context.Response.Headers.ContentSecurityPolicy = policy;
        return sender.SendAsync(
            context, new AnswerHead(context.Request.Path.Value ?? "", contentType, null, false) { SmallBytes = 16 << 20 },
            _ => Task.FromResult(new AnswerBody(null, async (to, token) => await to.WriteAsync(body(), token))));
    });

    // The document stands in parts, one a face: openapi.json is the frame, and openapi.{face}.json add their tags, paths and components to it.
    private static byte[] Assembled(System.Reflection.Assembly assembly)
    {
        var whole = JsonNode.Parse(Resource(assembly, "openapi.json"))!.AsObject();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("openapi.", StringComparison.Ordinal) && n != "openapi.json").Order(StringComparer.Ordinal))
            Add(whole, JsonNode.Parse(Resource(assembly, name))!.AsObject());
        return JsonSerializer.SerializeToUtf8Bytes(whole, Json.Options);

        static void Add(JsonObject to, JsonObject part)
        {
            foreach (var (name, value) in part)
            {
                if (to[name] is JsonObject there)
                    Add(there, value!.AsObject());
                else if (to[name] is JsonArray list)
                    value!.AsArray().ToList().ForEach(item => list.Add(item!.DeepClone()));
                else
                    to[name] = value!.DeepClone();
            }
        }
    }

    private static byte[] Resource(System.Reflection.Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException(
            $"{assembly.GetName().Name} has no resource {name}; it has {string.Join(", ", assembly.GetManifestResourceNames())}");
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}

/// <summary>A path of the OpenAPI document.</summary>
/// <param name="Parts">Its segments.</param>
/// <param name="IsWhole">Whether it answers a GET without a key and without a query.</param>
internal sealed record KnownPath(IReadOnlyList<string> Parts, bool IsWhole);
