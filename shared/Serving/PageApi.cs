using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Answers for the pages beside the data: the OpenAPI document, the page to try it, health, and the front door.</summary>
public sealed class PageApi
{
    private readonly object health = new { status = "ok" };
    private readonly AnswerSender sender;

    internal PageApi(AnswerSender sender) => this.sender = sender;

    private static readonly Lazy<byte[]> OpenApi = new(() => Resource(typeof(PageApi).Assembly, "openapi.json"));
    private static readonly Lazy<byte[]> Scalar = new(() =>
    {
        // The package holds it gzipped.
        using var script = new GZipStream(
            new MemoryStream(Resource(typeof(global::Scalar.AspNetCore.ScalarOptions).Assembly, "ScalarStaticAssets.scalar.js")), CompressionMode.Decompress);
        var bytes = new MemoryStream();
        script.CopyTo(bytes);
        return bytes.ToArray();
    });

    private const string DocsPage = """
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>Pipeline API</title>
          <link rel="icon" href="data:,">
        </head>
        <body>
          <div id="api"></div>
          <script src="/docs/scalar.js"></script>
          <script>
            Scalar.createApiReference('#api', {
              url: '/openapi.json',
              telemetry: false,
              withDefaultFonts: false,
              hideClientButton: true,
              agent: { disabled: true },
              mcp: { disabled: true },
              showDeveloperTools: 'never',
            })
          </script>
        </body>
        </html>
        """;

    private const string HomePage = """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Pipeline</title><link rel="icon" href="data:,"></head>
        <body style="font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem">
          <h1>Pipeline</h1>
          <p>Official statistics releases as open data.</p>
          <ul>
            <li><a href="/v1/datasets">/v1/datasets</a>: the catalogue</li>
            <li><a href="/docs">/docs</a>: every address, to try</li>
            <li><a href="/openapi.json">/openapi.json</a>: the same for programs (OpenAPI 3.1)</li>
            <li><a href="/health">/health</a></li>
          </ul>
        </body>
        </html>
        """;

    /// <summary>GET /openapi.json</summary>
    public IResult OpenApiDocument() => Page("application/json; charset=utf-8", () => OpenApi.Value);

    /// <summary>GET /docs</summary>
    public IResult Docs() => Page("text/html; charset=utf-8", () => Encoding.UTF8.GetBytes(DocsPage));

    /// <summary>GET /docs/scalar.js: Scalar's own bundle, out of its package.</summary>
    public IResult DocsScript() => Page("text/javascript; charset=utf-8", () => Scalar.Value);

    /// <summary>GET /health: that the process answers; storage is not asked, since a restart would not mend it.</summary>
    public IResult Health() => new Endpoint("GET, HEAD", true, context =>
    {
        context.Response.Headers.CacheControl = "no-store";
        return Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, health);
    });

    /// <summary>GET /</summary>
    public IResult Home() => new Endpoint("GET, HEAD", true, context =>
    {
        var isHtml = Negotiation.MediaType(context.Request.Headers.Accept, ["application/json", "text/html"]) == 1;
        var body = isHtml ? Encoding.UTF8.GetBytes(HomePage) : System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
        {
            name = "Pipeline",
            links = new { datasets = "/v1/datasets", docs = "/docs", openapi = "/openapi.json", health = "/health" },
        }, Json.Options);
        var head = new AnswerHead($"home\n{isHtml}", isHtml ? "text/html; charset=utf-8" : "application/json; charset=utf-8", null, false) { Negotiated = true };
        return sender.SendAsync(context, head, _ => Task.FromResult(new AnswerBody(null, async (to, token) => await to.WriteAsync(body, token))));
    });

    private Endpoint Page(string contentType, Func<byte[]> body) => new("GET, HEAD", true, context => sender.SendAsync(
        context, new AnswerHead(context.Request.Path.Value ?? "", contentType, null, false) { SmallBytes = 16 << 20 },
        _ => Task.FromResult(new AnswerBody(null, async (to, token) => await to.WriteAsync(body(), token)))));

    private static byte[] Resource(System.Reflection.Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException(
            $"{assembly.GetName().Name} has no resource {name}; it has {string.Join(", ", assembly.GetManifestResourceNames())}");
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
