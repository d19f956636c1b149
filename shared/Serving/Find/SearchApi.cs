using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Answers for searches: what there is of a name, and where.</summary>
public sealed class SearchApi
{
    /// <summary>The most hits of a page.</summary>
    internal const int MostPerPage = 100;

    /// <summary>The most places of a hit that are listed.</summary>
    internal const int MostPlaces = 20;

    private const int DefaultPerPage = 20;
    private static readonly string[] Kinds = ["dataset", "indicator", "area", "code"];
    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;
    private readonly Cursor cursors;
    private readonly SearchUpkeep upkeep;

    internal SearchApi(Catalogue catalogue, AnswerSender sender, Cursor cursors, SearchUpkeep upkeep) =>
        (this.catalogue, this.sender, this.cursors, this.upkeep) = (catalogue, sender, cursors, upkeep);

    /// <summary>GET /v1/search</summary>
    public IResult Search() => new Endpoint("GET, HEAD", true, async context =>
    {
        string[] known = ["q", "type", "dataset", "limit", "cursor"];
        var options = new Dictionary<string, string>();
        foreach (var (name, values) in context.Request.Query)
        {
            if (!known.Contains(name))
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, known, OtherNames.OfOption(name, known));
            options.Add(name, values.Count == 1 ? values.ToString() : throw ProblemException.Malformed(name, values.ToString(), "the parameter once"));
        }
        var q = options.GetValueOrDefault("q", "").Trim();
        if (q.Length == 0)
            throw ProblemException.Malformed("q", "", "what to search for, such as Urumqi or 工业增加值", "missing-parameter");
        if (q.Length > SearchQuery.MostLength)
            throw ProblemException.Malformed("q", q, $"at most {SearchQuery.MostLength} characters: search for fewer words");
        SearchKind? kind = !options.TryGetValue("type", out var type) ? null : Array.IndexOf(Kinds, type) is >= 0 and var number ? (SearchKind)number
            : throw ProblemException.Unknown(400, "unknown-type", "type of what can be found", "type", type, Kinds);
        if (options.TryGetValue("dataset", out var dataset))
            await catalogue.FindAsync(dataset, context.RequestAborted);
        var query = new SearchQuery(q, kind, dataset);
        if (query.Words > SearchQuery.MostWords)
            throw ProblemException.Malformed("q", q, $"at most {SearchQuery.MostWords} words: those that tell it from others, the rest by type and dataset");
        var limit = options.TryGetValue("limit", out var text) ? DataRequest.Number("limit", text, 1, MostPerPage) : DefaultPerPage;
        var canonical = $"search\n{q}\n{type}\n{dataset}";
        var from = options.TryGetValue("cursor", out var cursor) ? cursors.Read(cursor, "", 1, canonical) : 0;

        var state = await upkeep.RefreshAsync(await catalogue.ListAsync(context.RequestAborted), context.RequestAborted);
        var identity = $"{canonical}\n{limit}\n{from}\n{state.Identity}";
        await sender.SendAsync(context, new AnswerHead(identity, "application/json; charset=utf-8", null, false), _ => Task.FromResult(upkeep.Read(index =>
        {
            var (hits, isWhole) = query.Run(index);
            var page = hits.Skip((int)Math.Min(from, int.MaxValue)).Take(limit).ToList();
            var next = from + page.Count < hits.Count && page.Count > 0 ? cursors.Write("", 1, canonical, from + page.Count) : null;
            var nextAddress = next is null ? null : $"/v1/search?q={Uri.EscapeDataString(q)}{(type is null ? "" : "&type=" + type)}{(dataset is null ? "" : "&dataset=" + dataset)}&limit={limit}&cursor={next}";
            var numbers = new JsonObject { ["count"] = page.Count, ["total"] = hits.Count };
            if (next is not null)
                (numbers["cursor"], numbers["next"]) = (next, nextAddress);
            var json = new JsonObject
            {
                ["q"] = q,
                ["hits"] = new JsonArray([.. page.Select(hit => (JsonNode)Write(index, hit, dataset))]),
                ["page"] = numbers,
                ["isWhole"] = isWhole && state.IsWhole,
            };
            if (!state.IsWhole)
                json["indexed"] = new JsonObject { ["datasets"] = state.Indexed, ["of"] = state.Datasets };
            var body = FindRequest.Body(json);
            return nextAddress is null ? body : body with { Link = $"<{nextAddress}>; rel=\"next\"" };
        })));
    });

    private static JsonObject Write(SearchIndex index, SearchHit hit, string? dataset)
    {
        var labels = new JsonObject();
        var (places, count) = (new JsonArray(), 0);
        foreach (var entry in hit.Entries)
        {
            var record = index.Read(entry);
            foreach (var (language, text) in record.Labels)
                labels.TryAdd(language, text);
            foreach (var place in index.Places(entry).Where(p => dataset is null || p.Dataset == dataset))
            {
                if (count++ < MostPlaces)
                    places.Add(Write(place, record));
            }
        }
        var json = new JsonObject
        {
            ["type"] = Kinds[(int)hit.Record.Kind],
            ["id"] = hit.Record.Id,
        };
        if (labels.Count > 0)
            json["labels"] = labels;
        json["match"] = new JsonObject
        {
            ["kind"] = hit.Match.ToString().ToLowerInvariant(),
            ["on"] = hit.Language is null ? "id" : hit.Record.Kind == SearchKind.Dataset ? "title" : "label",
            ["text"] = hit.Text,
        };
        json["places"] = places;
        json["placeCount"] = count;
        return json;
    }

    private static JsonObject Write(SearchPlace place, SearchRecord record)
    {
        var address = DatasetApi.Address(place.Dataset);
        var json = new JsonObject { ["dataset"] = place.Dataset };
        var links = new JsonObject { ["dataset"] = address, ["data"] = address + "/data" };
        if (place.Component is { } component)
        {
            json["component"] = component;
            json["code"] = record.Id;
            links["data"] = $"{address}/data?{Uri.EscapeDataString(component)}={Uri.EscapeDataString(record.Id)}";
        }
        json["links"] = links;
        return json;
    }
}
