using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>What is published, for SDMX's clients: everything of both generations of the REST API but data.</summary>
public sealed class SdmxStructureFunctions(SdmxStructureApi structures)
{
    [Function("SdmxStructureV1")]
    public IResult V1([HttpTrigger(AuthorizationLevel.Anonymous, Route = "sdmx/v1/{*path}")] HttpRequest request, string? path) => structures.V1(path);

    [Function("SdmxStructureV2")]
    public IResult V2([HttpTrigger(AuthorizationLevel.Anonymous, Route = "sdmx/v2/{*path}")] HttpRequest request, string? path) => structures.V2(path);
}
