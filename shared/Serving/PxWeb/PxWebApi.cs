using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Answers as PxWebApi 2.0 does (https://github.com/PxTools/PxApiSpecs): every dataset is a table.</summary>
public sealed class PxWebApi
{
    /// <summary>The most cells that a request may select.</summary>
    public const int MaxDataCells = 1_000_000;

    private const int DefaultPageSize = 20;
    private const int MostPageSize = 1_000;
    private const int Lookups = 16;
    private const string JsonType = "application/json; charset=utf-8";

    private readonly Catalogue catalogue;
    private readonly VersionQueries lake;
    private readonly AnswerSender sender;
    private readonly SavedQueries queries;
    private readonly PxLanguages known;
    private readonly HarvestSite site;
    private readonly PxUnits units;

    internal PxWebApi(Catalogue catalogue, VersionQueries lake, AnswerSender sender, SavedQueries queries, HarvestSite site) =>
        (this.catalogue, this.lake, this.sender, this.queries, known, this.site, units) = (catalogue, lake, sender, queries, new PxLanguages(catalogue), site, new PxUnits(catalogue, lake));

    /// <summary>GET /pxweb/v2/config</summary>
    public IResult Config() => Answer("GET, HEAD", async context =>
    {
        await LanguageAsync(context);
        var languages = await known.AllAsync(context.RequestAborted);
        await SendAsync(context, $"config\n{string.Join(',', languages)}", null, json =>
        {
            json.WriteString("apiVersion", "2.0.0");
            json.WriteString("appVersion", typeof(PxWebApi).Assembly.GetName().Version!.ToString(3));
            json.WriteStartArray("languages");
            foreach (var language in languages)
            {
                json.WriteStartObject();
                json.WriteString("id", language);
                json.WriteString("label", PxLanguages.NameOf(language));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("defaultLanguage", PxLanguages.Default);
            json.WriteNumber("maxDataCells", MaxDataCells);
            // There is no limit on calls; clients that keep to one need a number.
            json.WriteNumber("maxCallsPerTimeWindow", 1_000);
            json.WriteNumber("timeWindow", 1);
            json.WriteString("license", site.License ?? "not stated");
            json.WriteStartArray("sourceReferences");
            json.WriteEndArray();
            json.WriteString("defaultDataFormat", PxWebRequest.Formats[0]);
            PxWebJson.WriteList(json, "dataFormats", PxWebRequest.Formats);
            json.WriteStartArray("features");
            json.WriteStartObject();
            json.WriteString("id", "CORS");
            json.WriteStartArray("params");
            json.WriteStartObject();
            json.WriteString("key", "enabled");
            json.WriteString("value", "True");
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        });
    });

    /// <summary>GET /pxweb/v2/tables</summary>
    public IResult Tables() => Answer("GET, HEAD", async context =>
    {
        var (query, cancel) = (context.Request.Query, context.RequestAborted);
        var language = await LanguageAsync(context, "query", "pastDays", "includeDiscontinued", "pageNumber", "pageSize");
        var words = PxWebRequest.Text(query, "query") ?? "";
        int? pastDays = Number(query, "pastDays", 1, 1_000_000);
        var pageNumber = Number(query, "pageNumber", 1, int.MaxValue) ?? 1;
        var pageSize = Math.Min(MostPageSize, Number(query, "pageSize", 1, int.MaxValue) ?? DefaultPageSize);
        if (PxWebRequest.Text(query, "includeDiscontinued") is { Length: > 0 } text && !bool.TryParse(text, out _))
            throw ProblemException.Malformed("includeDiscontinued", text, "true or false");
        var all = await catalogue.ListAsync(cancel);
        var since = pastDays is { } days ? DateTimeOffset.UtcNow.AddDays(-Math.Min(days, 100_000)) : DateTimeOffset.MinValue;
        var terms = Vocabulary.Normalize(words).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var found = all.Where(d => d.Latest.PublishedAt >= since && terms.All(term => DatasetApi.Matches(d, term))).ToList();
        var pages = Math.Max(1, (found.Count + pageSize - 1) / pageSize);
        if (pageNumber > pages)
        {
            throw new ProblemException(404, "unknown-page", $"There is no page {pageNumber}; the last is {pages}.")
            {
                Parameter = "pageNumber",
                Value = pageNumber.ToString(CultureInfo.InvariantCulture),
                Expected = $"a whole number from 1 to {pages}",
            };
        }
        var page = found.Skip((pageNumber - 1) * pageSize).Take(pageSize).ToList();
        var address = site.AddressOf(context.Request);
        var languages = await known.AllAsync(cancel);
        var identity = $"tables\n{language}\n{words}\n{pastDays}\n{pageNumber}\n{pageSize}\n{found.Count}\n{string.Join('\n', page.Select(d => d.Latest.File))}\n{string.Join(',', languages)}";
        await SendPreparedAsync(context, identity, null, async token =>
        {
            var datasets = new DatasetAtVersion[page.Count];
            await Parallel.ForAsync(0, page.Count, new ParallelOptions { MaxDegreeOfParallelism = Lookups, CancellationToken = token }, async (i, stop) =>
                datasets[i] = await catalogue.AtAsync(page[i].Id, page[i].Latest, stop));
            return json => Write(json, datasets);
        });

        void Write(Utf8JsonWriter json, DatasetAtVersion[] datasets)
        {
            json.WriteString("language", language);
            json.WriteStartArray("tables");
            foreach (var dataset in datasets)
            {
                json.WriteStartObject();
                PxWebJson.WriteTable(json, new PxWebTable(dataset, language, address, site.Publisher), languages);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("page");
            json.WriteNumber("pageNumber", pageNumber);
            json.WriteNumber("pageSize", pageSize);
            json.WriteNumber("totalElements", found.Count);
            json.WriteNumber("totalPages", pages);
            json.WriteStartArray("links");
            if (pageNumber < pages)
                PageLink(json, "next", pageNumber + 1);
            if (pageNumber > 1)
                PageLink(json, "previous", pageNumber - 1);
            if (pages > 1)
                PageLink(json, "last", pages);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("links");
            PageLink(json, "self", pageNumber);
            json.WriteEndArray();
        }

        void PageLink(Utf8JsonWriter json, string relation, int number) => PxWebJson.WriteLink(json, relation, language, address,
            $"/tables?lang={language}{(words.Length > 0 ? "&query=" + Uri.EscapeDataString(words) : "")}{(pastDays is null ? "" : $"&pastDays={pastDays}")}&pageSize={pageSize}&pageNumber={number}");
    });

    /// <summary>GET /pxweb/v2/tables/{id}</summary>
    public IResult Table(string id) => Answer("GET, HEAD", async context =>
    {
        var table = await TableAsync(context, id);
        var languages = await known.AllAsync(context.RequestAborted);
        await SendAsync(context, $"table\n{table.Language}\n{string.Join(',', languages)}\n{table.At.Version.File}", table.At.Version.PublishedAt, json =>
        {
            json.WriteString("language", table.Language);
            PxWebJson.WriteTable(json, table, languages);
        });
    }, (id, Table));

    /// <summary>GET /pxweb/v2/tables/{id}/metadata</summary>
    public IResult Metadata(string id) => Answer("GET, HEAD", async context =>
    {
        if (await sender.AgainAsync(context))
            return;
        var (query, cancel) = (context.Request.Query, context.RequestAborted);
        // outputFormat was one of its parameters before 2.0.
        var table = await TableAsync(context, id, "defaultSelection", "savedQuery", "codelist", "outputFormat");
        if (PxWebRequest.Text(query, "defaultSelection") is { Length: > 0 } text && !bool.TryParse(text, out _))
            throw ProblemException.Malformed("defaultSelection", text, "true or false");
        // A value set leaves only its own values.
        var codelists = PxWebRequest.Text(query, "savedQuery") is { Length: > 0 } saved
            ? await PxSavedQueryApi.CodelistsAsync(queries, saved, table.At.Structure.Id, cancel) : PxWebRequest.ByVariable(query, "codelist");
        var some = PxSelection.Of(table, [.. table.Variables.Select(v => new PxWanted(v.Code, ["*"], codelists.FirstOrDefault(c => table.Find(c.Key) == v).Value))], [], []);
        foreach (var name in codelists.Keys)
            table.Variable(name, $"codelist[{name}]");
        var identity = $"metadata\n{table.Language}\n{table.Address}\n{site.Identity}\n{table.At.Version.File}\n{some.Canonical}";
        await sender.SendAsync(context, new AnswerHead(identity, JsonType, table.At.Version.PublishedAt, false) { Of = table.At }, async token =>
        {
            var rows = new ObservationTable { At = table.At, Rows = AsyncEnumerable.Empty<Match>(), Languages = table.Languages };
            var cube = DataCube.Empty(rows, [.. table.Variables.Select(v => v.With(some.Values(v)))]);
            var writer = new JsonStat(cube, PxWebJson.Form(table, some.Stub, some.Heading) with { IsStructure = true, UnitOf = await units.OfAsync(table, token) });
            return new AnswerBody(null, writer.WriteAsync);
        });
    }, (id, Metadata));

    /// <summary>GET /pxweb/v2/tables/{id}/defaultselection</summary>
    public IResult DefaultSelection(string id) => Answer("GET, HEAD", async context =>
    {
        var table = await TableAsync(context, id);
        await SendSelectionAsync(context, table, await PxDefaults.SelectAsync(table, lake, context.RequestAborted), $"/tables/{id}/defaultselection");
    }, (id, DefaultSelection));

    /// <summary>GET and POST /pxweb/v2/tables/{id}/data</summary>
    public IResult Data(string id) => Answer("GET, HEAD, POST", async context =>
    {
        if (await sender.AgainAsync(context))
            return;
        var table = await TableAsync(context.Request, id, PxWebRequest.Text(context.Request.Query, "lang"), context.RequestAborted);
        var request = await PxWebRequest.ReadAsync(context.Request, table, context.RequestAborted);
        await SendDataAsync(context, table, request, await SelectAsync(table, request, context.RequestAborted));
    }, (id, Data));

    /// <summary>What a request selects of a table.</summary>
    internal async Task<PxSelection> SelectAsync(PxWebTable table, PxWebRequest request, CancellationToken cancellationToken)
    {
        var asked = request.Asked;
        var selection = asked.Wanted.Count > 0
            ? PxSelection.Of(table, asked.Wanted, asked.Stub, asked.Heading)
            : (await PxDefaults.SelectAsync(table, lake, cancellationToken)).Placed(asked.Stub, asked.Heading);
        return selection.Cells <= MaxDataCells ? selection : throw new ProblemException(403, "too-many-cells",
            $"{selection.Cells} cells are selected, and {MaxDataCells} can be fetched at once. Select fewer values, or fetch the table in parts; /v1/datasets/{table.At.Structure.Id}/data has no limit.")
        {
            Expected = $"at most {MaxDataCells} cells",
        };
    }

    /// <summary>Sends the data that are selected.</summary>
    internal Task SendDataAsync(HttpContext context, PxWebTable table, PxWebRequest request, PxSelection selection)
    {
        var file = table.At.Structure.Id;
        var (type, name) = request.Format switch
        {
            PxFormat.Csv => ("text/csv; charset=utf-8", file + ".csv"),
            PxFormat.Px => ("application/octet-stream", file + ".px"),
            PxFormat.Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file + ".xlsx"),
            PxFormat.Html => ("text/html; charset=utf-8", null),
            PxFormat.Parquet => ("application/octet-stream", file + ".parquet"),
            _ => (JsonType, null),
        };
        var identity = $"data\n{table.Language}\n{(request.Format == PxFormat.JsonStat2 ? table.Address : "")}\n{site.Identity}\n{table.At.Version.File}\n{selection.Canonical}\n{request.Format}\n{request.Texts}\n{request.HasTitle}\n{request.Separator}\n{context.Request.Method == "POST"}";
        var head = new AnswerHead(identity, type, table.At.Version.PublishedAt, false)
        {
            // HTML has a header of its own, which is not remembered.
            Of = request.Format == PxFormat.Html ? null : table.At,
            FileName = name,
            Compressible = request.Format is not (PxFormat.Xlsx or PxFormat.Parquet),
        };
        if (request.Format == PxFormat.Html)
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
        return sender.SendAsync(context, head, token => PxData.PrepareAsync(table, request, selection, lake, units, token));
    }

    /// <summary>Sends what is selected, and how it is laid out.</summary>
    internal Task SendSelectionAsync(HttpContext context, PxWebTable table, PxSelection selection, string address) => SendAsync(
        context, $"selection\n{address}\n{table.Language}\n{table.At.Version.File}", table.At.Version.PublishedAt, json =>
        {
            json.WriteString("language", table.Language);
            json.WriteStartArray("selection");
            foreach (var variable in table.Variables)
            {
                json.WriteStartObject();
                json.WriteString("variableCode", variable.Code);
                PxWebJson.WriteList(json, "valueCodes", selection.Values(variable).Select(v => variable.Dimension.Codes[v].Id));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("placement");
            PxWebJson.WriteList(json, "heading", selection.Heading.Select(v => v.Code));
            PxWebJson.WriteList(json, "stub", selection.Stub.Select(v => v.Code));
            json.WriteEndObject();
            json.WriteStartArray("links");
            PxWebJson.WriteLink(json, "self", table.Language, table.Address, $"{address}?lang={table.Language}");
            json.WriteEndArray();
        });

    /// <summary>GET /pxweb/v2/codelists/{id}</summary>
    public IResult Codelist(string id) => Answer("GET, HEAD", async context =>
    {
        var cancel = context.RequestAborted;
        var language = await LanguageAsync(context);
        var languages = await known.AllAsync(cancel);
        // vs_{dataset}.{variable} or vs_{dataset}.{variable}.{level}
        var parts = id.Length > 3 && id.StartsWith("vs_", StringComparison.OrdinalIgnoreCase) ? id[3..].Split('.') : [];
        var table = parts.Length > 1 ? await FindAsync(context.Request, parts[0], language, cancel) : null;
        var variable = table?.Find(parts[1]);
        var list = variable is null ? default : table!.Codelists(variable).FirstOrDefault(c => c.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
        if (list.Id is null)
        {
            var ids = table?.Variables.SelectMany(table.Codelists).Select(c => c.Id).ToList() ?? [];
            throw ProblemException.Unknown(404, "unknown-codelist", "codelist", "id", id, ids);
        }
        await SendAsync(context, $"codelist\n{list.Id}\n{language}\n{string.Join(',', languages)}\n{table!.At.Version.File}", table.At.Version.PublishedAt, json =>
        {
            json.WriteString("id", list.Id);
            json.WriteString("label", list.Label);
            json.WriteString("language", language);
            PxWebJson.WriteList(json, "languages", languages);
            json.WriteBoolean("elimination", variable!.Elimination is not null);
            if (variable.Elimination is not null)
                json.WriteString("eliminationValueCode", variable.Elimination);
            json.WriteString("type", "Valueset");
            json.WriteStartArray("values");
            foreach (var code in list.Values.Select(v => variable.Dimension.Codes[v]))
            {
                json.WriteStartObject();
                json.WriteString("code", code.Id);
                json.WriteString("label", JsonStat.Label(code.Labels, table.Languages, code.Id));
                PxWebJson.WriteList(json, "valueMap", [code.Id]);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("links");
            foreach (var other in languages.OrderBy(l => l == language ? 0 : 1))
                PxWebJson.WriteLink(json, other == language ? "self" : "alternate", other, table.Address, $"/codelists/{Uri.EscapeDataString(list.Id)}?lang={other}");
            json.WriteEndArray();
        });
    }, (id, Codelist));

    /// <summary>GET /pxweb/v2, which lists the tables, and everything below it that no other function answers.</summary>
    public IResult Rest(string? path) => string.IsNullOrEmpty(path) ? Tables() : Answer("GET, HEAD", _ => throw new ProblemException(404, "route-unknown",
        $"Nothing answers at {PxWebJson.Root}/{path}. There are config, tables, tables/{{id}}, tables/{{id}}/metadata, tables/{{id}}/defaultselection, tables/{{id}}/data, codelists/{{id}} and savedqueries."));

    internal static Endpoint Answer(string methods, Func<HttpContext, Task> answer, (string Is, Func<string, IResult?> Of)? part = null) => new(methods, true, answer, PxWebError.Form) { Part = part };

    /// <summary>A table in a language.</summary>
    internal async Task<PxWebTable> TableAsync(HttpRequest request, string id, string? language, CancellationToken cancellationToken)
    {
        var its = await known.OfAsync(language, cancellationToken);
        return new PxWebTable(await catalogue.AtAsync(id, null, null, cancellationToken), its, site.AddressOf(request), site.Publisher);
    }

    private async Task<PxWebTable?> FindAsync(HttpRequest request, string id, string language, CancellationToken cancellationToken)
    {
        try
        {
            return new PxWebTable(await catalogue.AtAsync(id, null, null, cancellationToken), language, site.AddressOf(request), site.Publisher);
        }
        catch (ProblemException problem) when (problem.Code == "unknown-dataset")
        {
            return null;
        }
    }

    // The table in the language of the request, which may have some parameters besides.
    private async Task<PxWebTable> TableAsync(HttpContext context, string id, params string[] parameters) =>
        await TableAsync(context.Request, id, await LanguageAsync(context, parameters), context.RequestAborted);

    private Task<string> LanguageAsync(HttpContext context, params string[] parameters)
    {
        PxWebRequest.Check(context.Request.Query, ["lang", .. parameters]);
        return known.OfAsync(PxWebRequest.Text(context.Request.Query, "lang"), context.RequestAborted);
    }

    private static int? Number(IQueryCollection query, string name, int least, int most) =>
        PxWebRequest.Text(query, name) is { Length: > 0 } text ? DataRequest.Number(name, text, least, most) : null;

    private Task SendAsync(HttpContext context, string identity, DateTimeOffset? modified, Action<Utf8JsonWriter> write) =>
        SendPreparedAsync(context, identity, modified, _ => Task.FromResult(write));

    private Task SendPreparedAsync(HttpContext context, string identity, DateTimeOffset? modified, Func<CancellationToken, Task<Action<Utf8JsonWriter>>> prepare) => sender.SendAsync(
        context, new AnswerHead($"pxweb\n{site.AddressOf(context.Request)}\n{site.Identity}\n{identity}", JsonType, modified, false), async cancellationToken =>
        {
            var write = await prepare(cancellationToken);
            return new AnswerBody(null, async (to, token) =>
            {
                await using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = Json.Options.Encoder });
                json.WriteStartObject();
                write(json);
                json.WriteEndObject();
                await json.FlushAsync(token);
            });
        });
}
