using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>The pages beside the data.</summary>
public sealed class PageFunctions(PageApi pages)
{
    [Function("Home")]
    public IResult Home([HttpTrigger(AuthorizationLevel.Anonymous, Route = "/")] HttpRequest request) => pages.Home();

    [Function("OpenApi")]
    public IResult OpenApi([HttpTrigger(AuthorizationLevel.Anonymous, Route = "openapi.json")] HttpRequest request) =>
        pages.OpenApiDocument();

    [Function("Docs")]
    public IResult Docs([HttpTrigger(AuthorizationLevel.Anonymous, Route = "docs")] HttpRequest request) => pages.Docs();

    [Function("DocsScript")]
    public IResult DocsScript([HttpTrigger(AuthorizationLevel.Anonymous, Route = "docs/scalar.js")] HttpRequest request) =>
        pages.DocsScript();

    [Function("Health")]
    public IResult Health([HttpTrigger(AuthorizationLevel.Anonymous, Route = "health")] HttpRequest request) => pages.Health();
}
