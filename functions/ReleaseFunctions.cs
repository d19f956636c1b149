using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>Uploads and how they fare: for officials, with a key.</summary>
public sealed class ReleaseFunctions(ReleaseApi releases)
{
    [Function("Upload")]
    public IResult Upload(
        [HttpTrigger(AuthorizationLevel.Function, Route = "v1/releases/{dataset}/{file}")] HttpRequest request, string dataset, string file) =>
        releases.Upload(dataset, file);

    [Function("Check")]
    public IResult Check([HttpTrigger(AuthorizationLevel.Function, Route = "v1/releases/check")] HttpRequest request) => releases.Check();

    [Function("Releases")]
    public IResult List([HttpTrigger(AuthorizationLevel.Function, Route = "v1/releases")] HttpRequest request) => releases.List();

    [Function("Release")]
    public IResult Find([HttpTrigger(AuthorizationLevel.Function, Route = "v1/releases/{release}")] HttpRequest request, string release) =>
        releases.Find(release);

    [Function("Approve")]
    public IResult Approve([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/releases/{release}/approve")] HttpRequest request, string release) =>
        releases.Approve(release);

    [Function("Reject")]
    public IResult Reject([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v1/releases/{release}/reject")] HttpRequest request, string release) =>
        releases.Reject(release);
}
