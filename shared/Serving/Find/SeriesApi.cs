using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Answers for single series, and for several side by side.</summary>
public sealed class SeriesApi
{
    /// <summary>The most series of a comparison.</summary>
    internal const int MostSeries = 20;

    private const string JsonType = "application/json; charset=utf-8";
    private static readonly string[] CompareFormats = ["application/json", "text/csv"];
    private readonly Catalogue catalogue;
    private readonly VersionQueries lake;
    private readonly AnswerSender sender;
    private readonly Withdrawals withdrawals;

    internal SeriesApi(Catalogue catalogue, VersionQueries lake, AnswerSender sender) =>
        (this.catalogue, this.lake, this.sender, withdrawals) = (catalogue, lake, sender, new Withdrawals(catalogue, lake));

    /// <summary>GET /v1/series/{key}</summary>
    public IResult Series(string key) => new Endpoint("GET, HEAD", true, async context =>
    {
        if (await sender.AgainAsync(context))
            return;
        var request = FindRequest.Read(context.Request, ["version", "asOf", "TIME_PERIOD", "last", "lang"]);
        var (at, codes) = await FindAsync(key, "key", request, context.RequestAborted);
        var periods = request.Periods(at);
        var identity = $"series\n{at.Structure.Id}\n{at.Version.File}\n{string.Join('.', codes)}\n{request.Identity}";
        await sender.SendAsync(context, new AnswerHead(identity, JsonType, at.Version.PublishedAt, request.Version is not null) { Of = at }, async token =>
        {
            var series = await SeriesRows.ReadAsync(lake, at, codes, periods, request.Last, SeriesRows.MostObservations, token);
            if (series.Count == 0 && periods.Count == 0)
                throw await UnknownAsync(at, key, "key", token);
            return FindRequest.Body(Write(series, request));
        });
    })
    {
        Part = (key, Series),
    };

    /// <summary>GET /v1/compare</summary>
    public IResult Compare() => new Endpoint("GET, HEAD", true, async context =>
    {
        var request = FindRequest.Read(context.Request, ["asOf", "TIME_PERIOD", "last", "lang", "format", "labels"], "series");
        var keys = context.Request.Query["series"].Select(v => v ?? "").Distinct(StringComparer.Ordinal).ToList();
        if (keys.Count == 0)
            throw ProblemException.Malformed("series", "", $"1 to {MostSeries} keys of series, each a parameter of its own", "missing-parameter");
        if (keys.Count > MostSeries)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "too-many-series", $"{keys.Count} series were asked for; at most {MostSeries} are compared in one answer. Ask for the others by another request.")
            {
                Parameter = "series",
                Expected = $"at most {MostSeries} keys of series",
            };
        }
        var isCsv = request.Format is { } format
            ? format switch { "json" => false, "csv" => true, _ => throw ProblemException.Unknown(400, "unknown-format", "format", "format", format, ["json", "csv"]) }
            : Negotiation.MediaType(context.Request.Headers.Accept, CompareFormats) switch
            {
                0 => false,
                1 => true,
                _ => throw new ProblemException(406, "not-acceptable", "None of the media types in Accept is served here.")
                {
                    Parameter = "Accept",
                    Value = context.Request.Headers.Accept.ToString(),
                    Expected = new JsonArray([.. CompareFormats.Select(t => (JsonNode)t)]),
                },
            };
        var labels = request.Labels switch
        {
            null or "code" => false,
            "both" => true,
            var other => throw ProblemException.Unknown(400, "unknown-labels", "kind of labels", "labels", other, ["code", "both"]),
        };
        var found = new List<(DatasetAtVersion At, int[] Codes)>();
        foreach (var key in keys)
            found.Add(await FindAsync(key, "series", request, context.RequestAborted));
        var identity = $"compare\n{isCsv}\n{labels}\n{request.Identity}\n{string.Join('\n', found.Select(f => $"{f.At.Version.File} {string.Join('.', f.Codes)}"))}";
        var head = new AnswerHead(identity, isCsv ? "text/csv; charset=utf-8; header=present" : JsonType, found.Max(f => f.At.Version.PublishedAt), false)
        {
            Negotiated = request.Format is null,
            FileName = isCsv ? "compare.csv" : null,
        };
        await sender.SendAsync(context, head, async token =>
        {
            var (all, left) = (new List<SeriesRows>(), SeriesRows.MostObservations);
            foreach (var (i, (at, codes)) in found.Index())
            {
                var periods = request.Periods(at);
                all.Add(await SeriesRows.ReadAsync(lake, at, codes, periods, request.Last, left, token));
                left -= all[^1].Count;
                if (all[^1].Count == 0 && periods.Count == 0)
                    throw await UnknownAsync(at, keys[i], "series", token);
            }
            var comparison = new SeriesComparison(all);
            if (!isCsv)
                return FindRequest.Body(comparison.ToJson(request));
            var csv = Encoding.UTF8.GetBytes(comparison.ToCsv(labels, request));
            return new AnswerBody(null, async (to, stop) => await to.WriteAsync(csv, stop));
        });
    });

    private async Task<(DatasetAtVersion At, int[] Codes)> FindAsync(string key, string parameter, FindRequest request, CancellationToken cancellationToken)
    {
        var read = SeriesKey.Read(key, parameter);
        var at = await catalogue.AtAsync(read.Dataset, request.Version, request.AsOf, cancellationToken);
        return (at, read.TryResolve(at, withPeriod: false) ?? throw await withdrawals.OfAsync(read, at, false, read.Problem(at, withPeriod: false, "unknown-series"), cancellationToken));
    }

    private Task<ProblemException> UnknownAsync(DatasetAtVersion at, string key, string parameter, CancellationToken cancellationToken) => withdrawals.OfAsync(SeriesKey.Read(key, parameter), at, false, new ProblemException(
        StatusCodes.Status404NotFound, "unknown-series", $"{at.Structure.Id} has each of these codes, but at version {at.Version.Version} no observation with all of them.")
    {
        Parameter = parameter,
        Value = key,
        Expected = $"the key of a series; /v1/datasets/{at.Structure.Id}/series lists them",
    }, cancellationToken);

    private static JsonObject Write(SeriesRows series, FindRequest request)
    {
        var at = series.At;
        var (units, powers) = (series.Common(Concepts.UnitMeasure), series.Common(Concepts.UnitMult));
        var json = new JsonObject
        {
            ["key"] = series.Key,
            ["label"] = series.Label(request.LanguagesOf(at)),
            ["dataset"] = SeriesRows.Labelled(new JsonObject { ["id"] = at.Structure.Id }, at.Structure.Title),
            ["version"] = at.Version.Version,
            ["publishedAt"] = JsonSerializer.SerializeToNode(at.Version.PublishedAt, Json.Options),
            ["dimensions"] = series.Dimensions(),
            ["unit"] = units is { } unit ? series.Code(at.IndexOf(Concepts.UnitMeasure), unit) : null,
            ["unitMult"] = powers is not null && int.TryParse(series.CodeIdOf(0, Concepts.UnitMult), out var power) ? power : null,
        };
        var observations = new JsonArray();
        for (var i = 0; i < series.Count; i++)
        {
            var one = new JsonObject
            {
                ["period"] = series.Period(i) is { Length: > 0 } period ? period : null,
                ["value"] = series.Value(i),
                ["status"] = series.CodeIdOf(i, Concepts.ObsStatus),
            };
            // What all have in common is said once.
            if (units is null)
                one["unit"] = series.CodeIdOf(i, Concepts.UnitMeasure);
            if (powers is null && int.TryParse(series.CodeIdOf(i, Concepts.UnitMult), out power))
                one["unitMult"] = power;
            one["id"] = series.Id(i);
            observations.Add(one);
        }
        json["observations"] = observations;
        json["count"] = series.Count;
        json["links"] = new JsonObject
        {
            ["self"] = SeriesKey.SeriesAddress(series.Key),
            ["dataset"] = DatasetApi.Address(at.Structure.Id),
            ["data"] = FindRequest.DataAddress(at, series.Codes),
            ["compare"] = "/v1/compare?series=" + Uri.EscapeDataString(series.Key),
        };
        return json;
    }
}
