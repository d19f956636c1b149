using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>The pages beside the data.</summary>
public sealed class PageFunctions(PageApi pages, UnknownAddress unknown)
{
    [Function("Home")]
    public IResult Home([HttpTrigger(AuthorizationLevel.Anonymous, Route = "/")] HttpRequest request) => pages.Home();

    [Function("Index")]
    public IResult Index([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1")] HttpRequest request) => pages.Index();

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

    // The Functions host takes the first route that fits, in the order of the functions' names: this one has to be the last.
    [Function("WhereNothingIs")]
    public IResult Unknown([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request) => unknown.Answer();
}
