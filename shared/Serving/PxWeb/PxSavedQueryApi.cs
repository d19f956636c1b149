using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Saved queries as PxWebApi 2.0 has them. They are kept beside those of <c>/v1</c>, and for good; what they select is worked out anew whenever they are asked.</summary>
public sealed class PxSavedQueryApi
{
    /// <summary>The most bytes of a query that is saved.</summary>
    internal const int MostBytes = 64 << 10;

    private readonly PxWebApi pxweb;
    private readonly SavedQueries queries;
    private readonly AnswerSender sender;
    private readonly HarvestSite site;

    internal PxSavedQueryApi(PxWebApi pxweb, SavedQueries queries, AnswerSender sender, HarvestSite site) =>
        (this.pxweb, this.queries, this.sender, this.site) = (pxweb, queries, sender, site);

    /// <summary>POST /pxweb/v2/savedqueries</summary>
    public IResult Save() => PxWebApi.Answer("POST", async context =>
    {
        var cancel = context.RequestAborted;
        PxWebRequest.Check(context.Request.Query, "lang");
        var body = await PxBody.ReadAsync(context.Request, MostBytes, "query that is saved", cancel)
            ?? throw new ProblemException(400, "missing-query", "There is nothing to save.") { Parameter = "body", Expected = "a JSON object with tableId, language and selection" };
        var given = Saved.Read(body);
        // It has to be answerable now; what its table loses later, the answer will say.
        var table = await pxweb.TableAsync(context.Request, given.Table, given.Language, cancel);
        await pxweb.SelectAsync(table, given.Request(given.Format, given.Params), cancel);
        var saved = given with { Table = table.At.Structure.Id, Language = table.Language };
        var (id, _) = await queries.StoreAsync(saved.Write(), cancel);
        context.Response.Headers.Location = Address(id);
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status201Created, Shown(site.AddressOf(context.Request), id, saved));
    });

    /// <summary>GET /pxweb/v2/savedqueries/{id}</summary>
    public IResult Show(string id) => PxWebApi.Answer("GET, HEAD", async context =>
    {
        PxWebRequest.Check(context.Request.Query, "lang");
        var saved = await FindAsync(queries, id, "id", context.RequestAborted);
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, Shown(site.AddressOf(context.Request), id, saved));
    });

    /// <summary>GET /pxweb/v2/savedqueries/{id}/data</summary>
    public IResult Data(string id) => PxWebApi.Answer("GET, HEAD", async context =>
    {
        if (await sender.AgainAsync(context))
            return;
        var (query, cancel) = (context.Request.Query, context.RequestAborted);
        PxWebRequest.Check(query, "lang", "outputFormat", "outputFormatParams");
        var saved = await FindAsync(queries, id, "id", cancel);
        var format = PxWebRequest.Text(query, "outputFormat") is { Length: > 0 } name ? PxWebRequest.FormatOf(name) : saved.Format;
        // What was saved for one format says nothing of another.
        var settings = PxWebRequest.ParamsOf(query) is { Count: > 0 } own ? own : format == saved.Format ? saved.Params : [];
        var table = await pxweb.TableAsync(context.Request, saved.Table, PxWebRequest.Text(query, "lang") ?? saved.Language, cancel);
        var request = saved.Request(format, settings);
        await pxweb.SendDataAsync(context, table, request, await pxweb.SelectAsync(table, request, cancel));
    });

    /// <summary>GET /pxweb/v2/savedqueries/{id}/selection</summary>
    public IResult Selection(string id) => PxWebApi.Answer("GET, HEAD", async context =>
    {
        var (query, cancel) = (context.Request.Query, context.RequestAborted);
        PxWebRequest.Check(query, "lang");
        var saved = await FindAsync(queries, id, "id", cancel);
        var table = await pxweb.TableAsync(context.Request, saved.Table, PxWebRequest.Text(query, "lang") ?? saved.Language, cancel);
        await pxweb.SendSelectionAsync(context, table, await pxweb.SelectAsync(table, saved.Request(saved.Format, saved.Params), cancel), $"/savedqueries/{id}/selection");
    });

    /// <summary>The codelists that a saved query has chosen, by variable.</summary>
    internal static async Task<Dictionary<string, string>> CodelistsAsync(SavedQueries queries, string id, string table, CancellationToken cancellationToken)
    {
        var saved = await FindAsync(queries, id, "savedQuery", cancellationToken);
        return saved.Table == table ? saved.Asked.Wanted.Where(w => !string.IsNullOrEmpty(w.Codelist)).ToDictionary(w => w.Variable, w => w.Codelist!)
            : throw ProblemException.Malformed("savedQuery", id, $"a query of the table {table}; this one is of {saved.Table}");
    }

    private static async Task<Saved> FindAsync(SavedQueries queries, string id, string parameter, CancellationToken cancellationToken) =>
        await queries.FindAsync(id, "tableId", cancellationToken) is { } json ? Saved.Read(json)
            : throw new ProblemException(404, "unknown-saved-query", "There is no saved query of that id.") { Parameter = parameter, Value = id, Expected = $"an id that POST {PxWebJson.Root}/savedqueries gave" };

    private static string Address(string id) => $"{PxWebJson.Root}/savedqueries/{id}";

    private static JsonObject Shown(string address, string id, Saved saved)
    {
        var query = saved.Write();
        query.Insert(0, "id", id);
        JsonObject Link(string relation, string path) => new() { ["rel"] = relation, ["hreflang"] = saved.Language, ["href"] = address + Address(id) + path };
        return new JsonObject
        {
            ["language"] = saved.Language,
            ["id"] = id,
            ["savedQuery"] = query,
            ["links"] = new JsonArray(Link("self", ""), Link("data", "/data"), Link("selection", "/selection")),
        };
    }

    /// <summary>A saved query.</summary>
    private sealed record Saved(string Table, string Language, PxAsked Asked, PxFormat Format, IReadOnlyList<string> Params)
    {
        public static Saved Read(JsonObject json)
        {
            var members = PxBody.Members(json, "", "id", "tableId", "language", "selection", "outputFormat", "outputFormatParams");
            string Needed(string name) => PxBody.Text(members.GetValueOrDefault(name), name) is { Length: > 0 } text ? text : throw ProblemException.Malformed(name, "", "a text", "missing-parameter");
            var selection = PxBody.Members(PxBody.Object(members.GetValueOrDefault("selection"), "selection", "an object with selection and placement"), "selection.", "selection", "placement", "language", "links");
            return new Saved(
                Needed("tableId"), Needed("language"), PxBody.Asked(selection, "selection."),
                PxWebRequest.FormatOf(PxBody.Text(members.GetValueOrDefault("outputFormat"), "outputFormat")), PxBody.Texts(members.GetValueOrDefault("outputFormatParams"), "outputFormatParams"));
        }

        public PxWebRequest Request(PxFormat format, IReadOnlyList<string> settings) => new PxWebRequest(Asked, format).With(settings);

        public JsonObject Write() => new()
        {
            ["selection"] = new JsonObject
            {
                ["selection"] = new JsonArray([.. Asked.Wanted.Select(w => new JsonObject { ["variableCode"] = w.Variable, ["codelist"] = w.Codelist, ["valueCodes"] = List(w.Values) })]),
                ["placement"] = new JsonObject { ["heading"] = List(Asked.Heading), ["stub"] = List(Asked.Stub) },
            },
            ["language"] = Language,
            ["tableId"] = Table,
            ["outputFormat"] = PxWebRequest.Formats[(int)Format],
            ["outputFormatParams"] = List(Params),
        };

        private static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];
    }
}
