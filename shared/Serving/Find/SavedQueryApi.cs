using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Answers for saved queries: takes one in, shows it, and answers it at its short address for good.</summary>
public sealed class SavedQueryApi
{
    /// <summary>The most bytes of a query that is saved.</summary>
    internal const int MostBytes = 16 << 10;

    private static readonly string[] Overrides = ["limit", "cursor", .. TableOptions.Names];
    private static readonly string[] NotSaved = ["version", "asOf", "cursor"];
    private readonly SavedQueries queries;
    private readonly DataApi data;

    internal SavedQueryApi(SavedQueries queries, DataApi data) => (this.queries, this.data) = (queries, data);

    /// <summary>The address of a saved query.</summary>
    internal static string Address(string id) => "/v1/q/" + id;

    /// <summary>POST /v1/queries</summary>
    public IResult Save() => new Endpoint("POST", true, async context =>
    {
        var cancellationToken = context.RequestAborted;
        foreach (var name in context.Request.Query.Keys)
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, [], new Meaning(null, "the query of a POST stands in its body"));
        var body = await ReadAsync(context.Request, cancellationToken);
        string[] known = ["dataset", "query", "version"];
        foreach (var (name, _) in body.Where(member => !known.Contains(member.Key)))
            throw ProblemException.Unknown(400, "unknown-parameter", "member of a query to save", name, name, known);
        if (body["dataset"] is not JsonValue value || !value.TryGetValue(out string? dataset))
            throw ProblemException.Malformed("dataset", body["dataset"]?.ToJsonString() ?? "", "the id of a dataset", "missing-parameter");
        if (body["query"] is not JsonObject query)
            throw ProblemException.Malformed("query", body["query"]?.ToJsonString() ?? "", "an object, as POST /v1/datasets/{dataset}/query takes", "missing-parameter");
        foreach (var name in NotSaved.Where(query.ContainsKey))
            throw ProblemException.Malformed("query." + name, query[name]?.ToJsonString() ?? "null", name == "cursor" ? "no cursor: it belongs to one reading" : "version beside query, or nothing for the latest");
        var version = VersionOf(body["version"]);
        // Accept is about the answer to this, not about the query's; which has to be answerable now: what a dataset loses later, the answer will say.
        context.Request.Headers.Accept = default;
        await data.CheckSavedAsync(context, dataset, Pinned(query, version));

        var saved = new JsonObject { ["dataset"] = dataset, ["query"] = Sorted(query), ["version"] = version is { } number ? number : "latest" };
        var (id, isNew) = await queries.StoreAsync(saved, cancellationToken);
        context.Response.Headers.Location = Address(id);
        await Endpoint.WriteJsonAsync(context, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, Write(id, saved));
    });

    /// <summary>GET /v1/q/{id}</summary>
    public IResult Answer(string id) => new Endpoint("GET, HEAD", true, async context =>
    {
        foreach (var (name, values) in context.Request.Query)
        {
            if (!Overrides.Contains(name))
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter of a saved query", name, name, Overrides);
            if (values.Count != 1)
                throw ProblemException.Malformed(name, values.ToString(), "the parameter once");
        }
        var saved = await FindAsync(id, context.RequestAborted);
        var query = Pinned(saved["query"]!.AsObject(), VersionOf(saved["version"]));
        foreach (var (name, values) in context.Request.Query)
            query[name] = values.ToString();
        await data.AnswerSavedAsync(context, (string)saved["dataset"]!, query, Address(id));
    });

    /// <summary>GET /v1/q/{id}/about</summary>
    public IResult About(string id) => new Endpoint("GET, HEAD", true, async context =>
    {
        foreach (var name in context.Request.Query.Keys)
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, []);
        var saved = await FindAsync(id, context.RequestAborted);
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, Write(id, saved));
    });

    private static JsonObject Write(string id, JsonObject saved) => new()
    {
        ["id"] = id,
        ["dataset"] = saved["dataset"]!.DeepClone(),
        ["version"] = saved["version"]!.DeepClone(),
        ["query"] = saved["query"]!.DeepClone(),
        ["links"] = new JsonObject
        {
            ["data"] = Address(id),
            ["about"] = Address(id) + "/about",
            ["dataset"] = DatasetApi.Address((string)saved["dataset"]!),
        },
    };

    private static int? VersionOf(JsonNode? version) => version switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) && text == "latest" => null,
        JsonValue value when value.TryGetValue(out int number) && number > 0 => number,
        _ => throw ProblemException.Malformed("version", version.ToJsonString(), "\"latest\" or the number of a version"),
    };

    private static JsonObject Pinned(JsonObject query, int? version)
    {
        var pinned = query.DeepClone().AsObject();
        if (version is { } number)
            pinned["version"] = number;
        return pinned;
    }

    // The same query is the same text, in whatever order its members were written.
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject json => new JsonObject(json.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static async Task<JsonObject> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        await JsonBody.ReadAsync(request, "query that is saved", MostBytes, DataRequest.MostNested, "A longer one can be asked by POST /v1/datasets/{dataset}/query.", cancellationToken)
            ?? throw ProblemException.Malformed("body", "", "a JSON object", "malformed-json");

    private async Task<JsonObject> FindAsync(string id, CancellationToken cancellationToken) =>
        await queries.FindAsync(id, "dataset", cancellationToken) ?? throw new ProblemException(StatusCodes.Status404NotFound, "unknown-query", "There is no saved query of that id.")
        {
            Parameter = "id",
            Value = id,
            Expected = "an id that POST /v1/queries gave",
        };
}
