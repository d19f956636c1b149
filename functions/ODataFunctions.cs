using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>OData: open to everyone. All addresses go the same way; the last takes what changes data too, to refuse it in OData's own form.</summary>
public sealed class ODataFunctions(ODataApi odata)
{
    [Function("ODataCatalogue")]
    public IResult Catalogue([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "options", Route = "odata")] HttpRequest request) => odata.Answer();

    [Function("ODataService")]
    public IResult Service([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "options", Route = "odata/{dataset}")] HttpRequest request) => odata.Answer();

    [Function("ODataModel")]
    public IResult Model([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "options", Route = "odata/{dataset}/$metadata")] HttpRequest request) => odata.Answer();

    [Function("ODataObservations")]
    public IResult Observations([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "options", Route = "odata/{dataset}/Observations")] HttpRequest request) => odata.Answer();

    [Function("ODataCount")]
    public IResult Count([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "options", Route = "odata/{dataset}/Observations/$count")] HttpRequest request) => odata.Answer();

    [Function("OData")]
    public IResult Other(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "options", "post", "put", "patch", "delete", Route = "odata/{*path}")] HttpRequest request) =>
        odata.Answer();
}
