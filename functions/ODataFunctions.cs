using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>OData: open to everyone. What changes data is taken too, to be refused in OData's own form.</summary>
public sealed class ODataFunctions(ODataApi odata)
{
    [Function("OData")]
    public IResult Answer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "options", "post", "put", "patch", "delete", Route = "odata/{*path}")] HttpRequest request) =>
        odata.Answer();
}
