using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>Data by the SDMX REST API, both its generations.</summary>
public sealed class SdmxDataFunctions(SdmxDataApi data)
{
    [Function("SdmxData")]
    public IResult Data([HttpTrigger(AuthorizationLevel.Anonymous, Route = "sdmx/v2/data/{*path}")] HttpRequest request, string? path) =>
        data.Data(path);

    [Function("SdmxDataOld")]
    public IResult DataOld([HttpTrigger(AuthorizationLevel.Anonymous, Route = "sdmx/v1/data/{*path}")] HttpRequest request, string? path) =>
        data.DataOld(path);
}
