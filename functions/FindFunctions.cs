using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Serving;

namespace Pipeline.Functions;

/// <summary>Finding things, and single series and observations: open to everyone.</summary>
public sealed class FindFunctions(SearchApi search, SeriesApi series, ObservationApi observations, SavedQueryApi queries, LimitsApi limits)
{
    [Function("Search")]
    public IResult Search([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/search")] HttpRequest request) => search.Search();

    [Function("OneSeries")]
    public IResult Series([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/series/{key}")] HttpRequest request, string key) =>
        series.Series(key);

    [Function("Compare")]
    public IResult Compare([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/compare")] HttpRequest request) => series.Compare();

    [Function("Observation")]
    public IResult Observation([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/observations/{id}")] HttpRequest request, string id) =>
        observations.Find(id);

    [Function("SaveQuery")]
    public IResult SaveQuery([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/queries")] HttpRequest request) => queries.Save();

    [Function("SavedQuery")]
    public IResult SavedQuery([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/q/{id}")] HttpRequest request, string id) =>
        queries.Answer(id);

    [Function("AboutSavedQuery")]
    public IResult AboutSavedQuery([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/q/{id}/about")] HttpRequest request, string id) =>
        queries.About(id);

    [Function("Limits")]
    public IResult Limits([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/limits")] HttpRequest request) => limits.Limits();
}
