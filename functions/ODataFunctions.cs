using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>OData: open to everyone.</summary>
public sealed class ODataFunctions(ODataApi odata)
{
    [Function("OData")]
    public IResult Answer([HttpTrigger(AuthorizationLevel.Anonymous, Route = "odata/{*path}")] HttpRequest request) => odata.Answer(request);
}
