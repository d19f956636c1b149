using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;
using Pipeline.Publishing;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// OData 4.01, and 4.0 for clients that know no newer one, read-only: <c>/odata</c> is a service whose document lists the datasets, <c>/odata/{dataset}</c> is the
/// service of one.
/// </summary>
public sealed class ODataApi
{
    // No dataset's id begins like this.
    private const string Datasets = "_Datasets";
    private readonly Catalogue catalogue;
    private readonly VersionQueries lake;
    private readonly AnswerSender sender;
    private readonly Cursor cursors;
    private readonly HarvestSite site;

    internal ODataApi(Catalogue catalogue, VersionQueries lake, AnswerSender sender, Cursor cursors, HarvestSite site) =>
        (this.catalogue, this.lake, this.sender, this.cursors, this.site) = (catalogue, lake, sender, cursors, site);

    /// <summary>GET /odata/…, POST /odata/…/$batch</summary>
    public IResult Answer(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Path.Value!.EndsWith("/$batch", StringComparison.Ordinal) && PathOf(request.HttpContext).Count(c => c == '/') < 2 ? new Endpoint("POST", true, BatchAsync, Error) : Reads();
    }

    private Task BatchAsync(HttpContext context)
    {
        var (path, address) = (PathOf(context), site.AddressOf(context.Request) + "/odata/");
        context.Response.Headers["OData-Version"] = ODataRequest.VersionOf(context.Request);
        foreach (var name in context.Request.Query.Keys)
            throw ProblemException.Unknown(400, "unknown-parameter", "query option of a batch", name, name, []);
        return ODataBatch.AnswerAsync(context, Reads(), address, address + path[..(path.LastIndexOf('/') + 1)], sender.BodyOf(context));
    }

    private Endpoint Reads() => new("GET, HEAD", true, async context =>
    {
        context.Response.Headers["OData-Version"] = ODataRequest.VersionOf(context.Request);
        if (await sender.AgainAsync(context, ODataRequest.VariesBy))
            return;
        try
        {
            var path = PathOf(context);
            var request = new ODataRequest(context.Request, site.AddressOf(context.Request));
            var cut = path.IndexOf('/', StringComparison.Ordinal);
            var first = Uri.UnescapeDataString(cut < 0 ? path : path[..cut]);
            if (first.Length == 0 || first[0] is '$' or '_')
                await CatalogueAsync(context, request, path);
            else
                await DatasetAsync(context, request, first, cut < 0 ? "" : path[(cut + 1)..]);
        }
        catch (OverflowException)
        {
            throw new ProblemException(400, "malformed-value", "A number in the expression, or what is computed from it, is too large.");
        }
    }, Error);

    private static string PathOf(HttpContext context)
    {
        var raw = RawOf(context);
        return (raw.StartsWith("/odata", StringComparison.OrdinalIgnoreCase) ? raw.ToString() : context.Request.Path.ToUriComponent())["/odata".Length..].Trim('/');
    }

    // Escaped as it came: once it is unescaped, a slash within a key is one that parts segments.
    private static ReadOnlySpan<char> RawOf(HttpContext context)
    {
        var raw = (context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "").AsSpan();
        return raw[..(raw.IndexOf('?') is >= 0 and var end ? end : raw.Length)].TrimEnd('/');
    }

    private async Task CatalogueAsync(HttpContext context, ODataRequest request, string path)
    {
        foreach (var name in (string[])["version", "asOf"])
        {
            if (request[name] is not null)
                throw new ProblemException(400, "option-not-applicable", $"{name} has no meaning for the catalogue.") { Parameter = name };
        }
        var datasets = await catalogue.ListAsync(context.RequestAborted);
        DateTimeOffset? modified = datasets.Count == 0 ? null : datasets.Max(d => d.Latest.PublishedAt);
        var service = new ODataService(request.Root, "", 1, string.Join(',', datasets.Select(d => d.Latest.File)), modified, false);
        var answer = new ODataAnswer(context, request, service, sender, cursors);
        var (edm, set) = CatalogueModel();
        if (path.Length == 0)
        {
            request.Only("a service document");
            await answer.SendJsonAsync("", json =>
            {
                json.WriteStartArray("value");
                Entry(json, Datasets, "EntitySet", service.Address + Datasets, null);
                foreach (var dataset in datasets)
                    Entry(json, dataset.Id, "ServiceDocument", request.Root + Uri.EscapeDataString(dataset.Id) + "/", TitleOf(dataset));
                json.WriteEndArray();
            });
            return;
        }
        switch (Parse(edm, path))
        {
            case [MetadataSegment]:
                await ModelAsync(answer, () => edm);
                break;
            case [EntitySetSegment, .. var rest]:
                await ODataTables.AnswerAsync(answer, new ODataTable(edm, set, datasets.Count, (row, property) => Property(request, datasets[row], property)), rest);
                break;
            default:
                throw ODataExpression.Unsupported("this path");
        }
    }

    private async Task DatasetAsync(HttpContext context, ODataRequest request, string dataset, string path)
    {
        var token = request["$skiptoken"];
        int? version = request["version"] is { } text ? DataRequest.Number("version", text, 1, int.MaxValue) : token is null || request["asOf"] is not null ? null : Cursor.VersionOf(token);
        if (request["version"] is not null && request["asOf"] is { } both)
            throw ProblemException.Malformed("asOf", both, "version or asOf, not both", "conflicting-parameters");
        DateTimeOffset? asOf = request["asOf"] is { } moment ? DataRequest.Moment("asOf", moment) : null;
        var at = await catalogue.AtAsync(dataset, version, asOf, context.RequestAborted);
        var isPinned = request["version"] is not null || asOf is not null;
        var service = new ODataService(
            $"{request.Root}{Uri.EscapeDataString(dataset)}/", dataset, at.Version.Version, $"{dataset}\n{at.Version.File}", at.Version.PublishedAt, isPinned)
        { IsImmutable = request["version"] is not null, Of = at };
        var (answer, model) = (new ODataAnswer(context, request, service, sender, cursors), ODataModel.Of(at));
        request.OtherName = name => OtherNames.OfComponent(name, at) is { } id ? at.IndexOf(id) is >= 0 and var component ? model.Names[component] : id : null;
        var observations = new ODataObservations(answer, at, model, lake);
        if (path.Length == 0)
        {
            // The dataset's own address with a query is a query of its observations.
            await (request.IsQuery ? observations.ListAsync() : ServiceAsync(answer, model));
            return;
        }
        switch (Parse(model.Edm, path))
        {
            case [MetadataSegment]:
                await ModelAsync(answer, () => ODataModel.Fresh(at).Edm);
                break;
            case [EntitySetSegment { EntitySet.Name: ODataModel.Observations }, .. var rest]:
                await ObservationsAsync(answer, at, model, observations, rest, context.RequestAborted);
                break;
            case [EntitySetSegment { EntitySet: var set }, .. var rest]:
                await ODataTables.AnswerAsync(answer, CodesOf(at, model, set), rest);
                break;
            default:
                throw ODataExpression.Unsupported("this path");
        }
    }

    private static async Task ObservationsAsync(
        ODataAnswer answer, DatasetAtVersion at, ODataModel model, ODataObservations observations, List<ODataPathSegment> rest, CancellationToken cancellationToken)
    {
        switch (rest)
        {
            case []:
                await observations.ListAsync();
                break;
            case [CountSegment]:
                await observations.CountAsync();
                break;
            case [KeySegment key]:
                await observations.EntityAsync(key, cancellationToken);
                break;
            case [KeySegment key, PropertySegment property, ..] when rest.Count == 2 || rest is [_, _, ValueSegment]:
                await observations.PropertyAsync(key, property.Property.Name, rest.Count > 2, cancellationToken);
                break;
            case [KeySegment key, NavigationPropertySegment navigation, .. var after]:
                var component = model.ComponentOfNavigation(navigation.NavigationProperty.Name);
                var number = await observations.CodeAsync(key, component, cancellationToken);
                if (number == at.Components[component].Codes.Count)
                    await answer.SendValueAsync("", null, raw: true);
                else
                    await ODataTables.Entity(answer, CodesOf(at, model, (IEdmEntitySet)navigation.NavigationSource), at.Components[component].Places.Index().First(c => c.Item == number).Index, after);
                break;
            default:
                throw ODataExpression.Unsupported("this path");
        }
    }

    private static ODataTable CodesOf(DatasetAtVersion at, ODataModel model, IEdmEntitySet set)
    {
        var component = model.ComponentOfSet(set.Name);
        int[] codes = [.. at.Components[component].Places];
        return new ODataTable(model.Edm, set, codes.Length, (row, property) => model.Code(component, codes[row], property));
    }

    private static Task ServiceAsync(ODataAnswer answer, ODataModel model)
    {
        answer.Request.Only("a service document");
        return answer.SendJsonAsync("", json =>
        {
            json.WriteStartArray("value");
            foreach (var set in model.Edm.EntityContainer.EntitySets())
                Entry(json, set.Name, "EntitySet", answer.Service.Address + Uri.EscapeDataString(set.Name) + answer.Service.Pin, null);
            json.WriteEndArray();
        });
    }

    private static Task ModelAsync(ODataAnswer answer, Func<IEdmModel> fresh)
    {
        answer.Request.Only("$metadata");
        var isJson = answer.Request.ModelAsJson();
        return answer.SendAsync(isJson ? "application/json;charset=utf-8" : "application/xml;charset=utf-8", _ =>
        {
            var bytes = new MemoryStream();
            ODataModel.Write((EdmModel)fresh(), bytes, isJson, answer.Request.Version == "4.0" ? EdmConstants.EdmVersion4 : EdmConstants.EdmVersion401);
            return Task.FromResult(new AnswerBody(null, (to, token) => to.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), token).AsTask()));
        });
    }

    private static void Entry(Utf8JsonWriter json, string name, string kind, string url, string? title)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        if (title is not null)
            json.WriteString("title", title);
        json.WriteString("kind", kind);
        json.WriteString("url", url);
        json.WriteEndObject();
    }

    private static (EdmModel Edm, EdmEntitySet Set) CatalogueModel()
    {
        var (edm, type, container, core) = (new EdmModel(), new EdmEntityType(ODataModel.Namespace, "Dataset"), new EdmEntityContainer(ODataModel.Namespace, "Catalogue"), EdmCoreModel.Instance);
        type.AddKeys(type.AddStructuralProperty("Id", core.GetString(false)));
        type.AddStructuralProperty("Title", core.GetString(false));
        type.AddStructuralProperty("Version", core.GetInt32(false));
        type.AddStructuralProperty("PublishedAt", core.GetTemporal(EdmPrimitiveTypeKind.DateTimeOffset, 7, false));
        type.AddStructuralProperty("Observations", core.GetInt64(false));
        type.AddStructuralProperty("Series", core.GetInt64(false));
        type.AddStructuralProperty("TimeFrom", core.GetString(true));
        type.AddStructuralProperty("TimeTo", core.GetString(true));
        type.AddStructuralProperty("Url", core.GetString(false));
        edm.AddElement(type);
        var set = container.AddEntitySet(Datasets, type);
        edm.AddElement(container);
        ODataModel.DescribeCapabilities(edm, container);
        return (edm, set);
    }

    private static object? Property(ODataRequest request, DatasetSummary dataset, string property) => property switch
    {
        "Id" => dataset.Id,
        "Title" => TitleOf(dataset),
        "Version" => (decimal)dataset.Latest.Version,
        "PublishedAt" => dataset.Latest.PublishedAt,
        "Observations" => (decimal)dataset.Latest.Observations,
        "Series" => (decimal)dataset.Latest.Series,
        "TimeFrom" => dataset.Latest.TimeFrom,
        "TimeTo" => dataset.Latest.TimeTo,
        _ => request.Root + Uri.EscapeDataString(dataset.Id) + "/",
    };

    private static string TitleOf(DatasetSummary dataset) => dataset.Title.Count > 0 ? ObservationCsv.Label(dataset.Title, ["en", "zh"]) : dataset.Id;

    private static List<ODataPathSegment> Parse(IEdmModel edm, string path)
    {
        var root = new Uri("http://service/");
        var parser = new ODataUriParser(edm, root, new Uri(root, path)) { Resolver = new ODataUriResolver { EnableCaseInsensitive = true } };
        try
        {
            return [.. parser.ParsePath()];
        }
        catch (ODataUnrecognizedPathException)
        {
            var name = Uri.UnescapeDataString(path.Split('/', '(')[0]);
            throw ProblemException.Unknown(404, "unknown-resource", "resource", "path", Uri.UnescapeDataString(path), [.. edm.EntityContainer.EntitySets().Select(s => s.Name).Where(s => s != name), "$metadata"]);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new ProblemException(400, "malformed-value", "The path can not be read: " + (e is ODataException ? e.Message : "it is none of OData 4.01.")) { Parameter = "path", Value = path };
        }
    }

    private static (string ContentType, byte[] Body) Error(HttpContext context, ProblemException problem)
    {
        context.Response.Headers["OData-Version"] = ODataRequest.VersionOf(context.Request);
        var error = new JsonObject { ["code"] = problem.Code, ["message"] = problem.Message };
        if (problem.Parameter is { } target)
            error["target"] = target == "cursor" ? "$skiptoken" : target;
        var details = new JsonArray();
        void Detail(string code, string message) => details.Add(new JsonObject { ["code"] = code, ["message"] = message, ["target"] = problem.Parameter });
        if (problem.Value is { } value)
            Detail("value", value.Length > 200 ? value[..197] + "..." : value);
        if (problem.DidYouMean is { } nearest)
            Detail("did-you-mean", nearest);
        if (problem.Try is { } corrected)
            Detail("try", corrected);
        if (problem.Expected is { } expected)
            Detail("expected", expected is JsonArray list ? string.Join(", ", list.Select(i => i?.ToString())) : expected.ToString());
        if (details.Count > 0)
            error["details"] = details;
        return ("application/json;odata.metadata=minimal;charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["error"] = error }, Json.Options));
    }
}
