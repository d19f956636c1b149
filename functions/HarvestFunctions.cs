using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>The catalogue for data portals, search engines and feed readers.</summary>
public sealed class HarvestFunctions(HarvestApi harvest)
{
    [Function("CatalogJsonLd")]
    public IResult CatalogJsonLd([HttpTrigger(AuthorizationLevel.Anonymous, Route = "catalog.jsonld")] HttpRequest request) => harvest.Catalog("jsonld");

    [Function("CatalogTurtle")]
    public IResult CatalogTurtle([HttpTrigger(AuthorizationLevel.Anonymous, Route = "catalog.ttl")] HttpRequest request) => harvest.Catalog("ttl");

    [Function("DataJson")]
    public IResult DataJson([HttpTrigger(AuthorizationLevel.Anonymous, Route = "data.json")] HttpRequest request) => harvest.DataJson();

    [Function("Sitemap")]
    public IResult Sitemap([HttpTrigger(AuthorizationLevel.Anonymous, Route = "sitemap.xml")] HttpRequest request) => harvest.SitemapXml();

    [Function("Robots")]
    public IResult Robots([HttpTrigger(AuthorizationLevel.Anonymous, Route = "robots.txt")] HttpRequest request) => harvest.Robots();

    [Function("Feed")]
    public IResult Feed([HttpTrigger(AuthorizationLevel.Anonymous, Route = "feed.atom")] HttpRequest request) => harvest.Feed();

    [Function("DatasetPage")]
    public IResult Page([HttpTrigger(AuthorizationLevel.Anonymous, Route = "datasets/{dataset}")] HttpRequest request, string dataset) => harvest.Page(dataset);

    [Function("DatasetFeed")]
    public IResult DatasetFeed(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/feed.atom")] HttpRequest request, string dataset) => harvest.Feed(dataset);

    [Function("DatasetDcatJsonLd")]
    public IResult DcatJsonLd(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/dcat.jsonld")] HttpRequest request, string dataset) => harvest.Dcat(dataset, "jsonld");

    [Function("DatasetDcatTurtle")]
    public IResult DcatTurtle(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/dcat.ttl")] HttpRequest request, string dataset) => harvest.Dcat(dataset, "ttl");

    [Function("CsvMetadata")]
    public IResult CsvMetadata(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/data.csv-metadata.json")] HttpRequest request, string dataset) => harvest.CsvMetadata(dataset);

    [Function("DataPackage")]
    public IResult DataPackage(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/datapackage.json")] HttpRequest request, string dataset) => harvest.DataPackage(dataset);

    [Function("Croissant")]
    public IResult Croissant(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/datasets/{dataset}/croissant.json")] HttpRequest request, string dataset) => harvest.Croissant(dataset);
}
