using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>What is published: open to everyone.</summary>
public sealed class DatasetFunctions(DatasetApi datasets, DataApi data, ChangesApi changes)
{
    [Function("Datasets")]
    public IResult List([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets")] HttpRequest request) => datasets.List();

    [Function("Dataset")]
    public IResult Metadata(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}")] HttpRequest request, string dataset) =>
        datasets.Metadata(dataset);

    [Function("Profile")]
    public IResult Profile(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/profile")] HttpRequest request, string dataset) =>
        datasets.Profile(dataset);

    [Function("Versions")]
    public IResult Versions(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/versions")] HttpRequest request, string dataset) =>
        datasets.Versions(dataset);

    [Function("Changes")]
    public IResult Changes(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/changes")] HttpRequest request, string dataset) =>
        changes.Changes(dataset);

    [Function("Series")]
    public IResult Series(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/series")] HttpRequest request, string dataset) =>
        datasets.Series(dataset);

    [Function("Data")]
    public IResult Data(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/data")] HttpRequest request, string dataset) =>
        data.Data(dataset);

    [Function("DataAs")]
    public IResult DataAs(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/data.{format}")] HttpRequest request, string dataset, string format) =>
        data.DataAs(dataset, format);

    [Function("Query")]
    public IResult Query(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/query")] HttpRequest request, string dataset) =>
        data.Query(dataset);
}
