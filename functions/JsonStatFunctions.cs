using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>What is published, as a collection of JSON-stat: open to everyone.</summary>
public sealed class JsonStatFunctions(JsonStatApi jsonStat)
{
    [Function("JsonStatCollection")]
    public IResult Collection([HttpTrigger(AuthorizationLevel.Anonymous, Route = "jsonstat/collection")] HttpRequest request) => jsonStat.Collection();
}
