using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>What is published, as PxWebApi 2.0: open to everyone.</summary>
public sealed class PxWebFunctions(PxWebApi pxweb, PxSavedQueryApi saved)
{
    [Function("PxWebConfig")]
    public IResult Config([HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/config")] HttpRequest request) => pxweb.Config();

    [Function("PxWebTables")]
    public IResult Tables([HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/tables")] HttpRequest request) => pxweb.Tables();

    [Function("PxWebTable")]
    public IResult Table([HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/tables/{id}")] HttpRequest request, string id) => pxweb.Table(id);

    [Function("PxWebMetadata")]
    public IResult Metadata(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/tables/{id}/metadata")] HttpRequest request, string id) => pxweb.Metadata(id);

    [Function("PxWebDefaultSelection")]
    public IResult DefaultSelection(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/tables/{id}/defaultselection")] HttpRequest request, string id) => pxweb.DefaultSelection(id);

    [Function("PxWebData")]
    public IResult Data(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/tables/{id}/data")] HttpRequest request, string id) => pxweb.Data(id);

    [Function("PxWebCodelist")]
    public IResult Codelist([HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/codelists/{id}")] HttpRequest request, string id) => pxweb.Codelist(id);

    [Function("PxWebSaveQuery")]
    public IResult SaveQuery([HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/savedqueries")] HttpRequest request) => saved.Save();

    [Function("PxWebSavedQuery")]
    public IResult SavedQuery([HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/savedqueries/{id}")] HttpRequest request, string id) => saved.Show(id);

    [Function("PxWebSavedData")]
    public IResult SavedData([HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/savedqueries/{id}/data")] HttpRequest request, string id) => saved.Data(id);

    [Function("PxWebSavedSelection")]
    public IResult SavedSelection(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/savedqueries/{id}/selection")] HttpRequest request, string id) => saved.Selection(id);

    [Function("PxWebUnknown")]
    public IResult Unknown([HttpTrigger(AuthorizationLevel.Anonymous, Route = "pxweb/v2/{*path}")] HttpRequest request, string? path) => pxweb.Rest(path);
}
