using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Answers from the index alone: the catalogue, a dataset's metadata, its versions, and each series' latest value.</summary>
public sealed class DatasetApi
{
    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;
    private readonly Cursor cursors;

    internal DatasetApi(Catalogue catalogue, AnswerSender sender, Cursor cursors) =>
        (this.catalogue, this.sender, this.cursors) = (catalogue, sender, cursors);

    /// <summary>The most datasets, or versions, of a page.</summary>
    internal const int MostPerPage = 1_000;

    private const string JsonType = "application/json; charset=utf-8";

    /// <summary>The address of a dataset.</summary>
    internal static string Address(string dataset) => "/v1/datasets/" + Uri.EscapeDataString(dataset);

    /// <summary>GET /v1/datasets</summary>
    public IResult List() => new Endpoint("GET, HEAD", true, async context =>
    {
        var options = Options(context.Request, ["q", "limit", "cursor"]);
        var q = options.GetValueOrDefault("q", "");
        var limit = options.TryGetValue("limit", out var text) ? DataRequest.Number("limit", text, 1, MostPerPage) : 100;
        var datasets = await catalogue.ListAsync(context.RequestAborted);
        var words = Vocabulary.Normalize(q).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var matching = datasets.Where(d => words.All(word => Matches(d, word))).ToList();
        var from = options.TryGetValue("cursor", out var cursor) ? cursors.Read(cursor, "", 1, "datasets\n" + q) : 0;
        var page = matching.Skip((int)Math.Min(from, int.MaxValue)).Take(limit).ToList();
        var next = from + page.Count < matching.Count ? cursors.Write("", 1, "datasets\n" + q, from + page.Count) : null;
        var nextAddress = next is null ? null : $"/v1/datasets?{(q.Length > 0 ? $"q={Uri.EscapeDataString(q)}&" : "")}limit={limit}&cursor={next}";
        var identity = $"datasets\n{q}\n{limit}\n{from}\n{JsonSerializer.Serialize(page.Select(d => new { d.Id, d.Latest.File, d.Title }), Json.Options)}\n{matching.Count}";
        DateTimeOffset? modified = datasets.Count == 0 ? null : datasets.Max(d => d.Latest.PublishedAt);
        await sender.SendAsync(context, new AnswerHead(identity, JsonType, q.Length > 0 ? null : modified, false), _ => Task.FromResult(Body(new
        {
            datasets = page.Select(d => new
            {
                d.Id,
                d.Title,
                d.Dimensions,
                version = d.Latest.Version,
                d.Latest.PublishedAt,
                d.Latest.Observations,
                d.Latest.Series,
                time = new { from = d.Latest.TimeFrom, to = d.Latest.TimeTo },
                d.Latest.Units,
                links = Links(d.Id, null),
            }),
            page = new { page.Count, total = matching.Count, cursor = next, next = nextAddress },
        }, nextAddress)));
    });

    /// <summary>GET /v1/datasets/{dataset}</summary>
    public IResult Metadata(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        if (await sender.AgainAsync(context))
            return;
        var options = Options(context.Request, ["version", "asOf"]);
        // The address is the dataset's IRI, and its RDF is of the latest version.
        if (options.Count == 0 && RdfWriter.Wanted(context.Request) is { } form)
        {
            var found = await catalogue.FindAsync(dataset, context.RequestAborted);
            Endpoint.SeeOther(context, $"{Address(found.Id)}/dcat.{form}");
            return;
        }
        var (at, isPinned) = await AtAsync(context, dataset, options);
        var latest = (await catalogue.FindAsync(dataset, context.RequestAborted)).Latest.Version;
        var head = new AnswerHead($"metadata\n{dataset}\n{at.Version.File}\n{latest}\n{isPinned}", JsonType, at.Version.PublishedAt, false) { Of = at, Negotiated = true };
        await sender.SendAsync(context, head, _ => Task.FromResult(Body(Metadata(at, latest, isPinned), null) with { Link = DescribedBy(dataset) }));
    })
    {
        Part = (dataset, Metadata),
    };

    /// <summary>GET /v1/datasets/{dataset}/profile</summary>
    public IResult Profile(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        var options = Options(context.Request, ["version", "asOf"]);
        var (at, isPinned) = await AtAsync(context, dataset, options);
        var head = new AnswerHead($"profile\n{dataset}\n{at.Version.File}", JsonType, at.Version.PublishedAt, isPinned);
        await sender.SendAsync(context, head, _ => Task.FromResult(Body(at.Structure.Profile ?? new Profile(), null)));
    })
    {
        Part = (dataset, Profile),
    };

    /// <summary>GET /v1/datasets/{dataset}/versions</summary>
    public IResult Versions(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        var options = Options(context.Request, ["limit", "cursor"]);
        var limit = options.TryGetValue("limit", out var text) ? DataRequest.Number("limit", text, 1, MostPerPage) : 100;
        var versions = await catalogue.VersionsAsync(dataset, context.RequestAborted);
        var newest = versions[^1];
        // The position is a version's number: versions published while someone pages do not shift the pages.
        var from = options.TryGetValue("cursor", out var cursor) ? cursors.Read(cursor, dataset, 1, "versions") : newest.Version;
        var page = versions.Reverse().SkipWhile(v => v.Version > from).Take(limit).ToList();
        var next = page.Count > 0 && page[^1].Version > versions[0].Version ? cursors.Write(dataset, 1, "versions", page[^1].Version - 1) : null;
        var nextAddress = next is null ? null : $"{Address(dataset)}/versions?limit={limit}&cursor={next}";
        var head = new AnswerHead($"versions\n{dataset}\n{newest.File}\n{limit}\n{from}", JsonType, newest.PublishedAt, false);
        await sender.SendAsync(context, head, _ => Task.FromResult(Body(new
        {
            dataset,
            versions = page.Select(v => VersionOf(dataset, v)),
            page = new { page.Count, total = versions.Count, cursor = next, next = nextAddress },
        }, nextAddress)));
    })
    {
        Part = (dataset, Versions),
    };

    /// <summary>GET /v1/datasets/{dataset}/series</summary>
    public IResult Series(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        if (await sender.AgainAsync(context))
            return;
        string[] known = ["version", "asOf", "limit", "cursor", "labels", "lang"];
        var options = context.Request.Query.Where(p => known.Contains(p.Key)).ToDictionary(p => p.Key, p => p.Value.Count == 1
            ? p.Value.ToString()
            : throw ProblemException.Malformed(p.Key, p.Value.ToString(), "the parameter once"));
        if (options.TryGetValue("lang", out var language))
            options["lang"] = LanguageTags.Asked(language);
        // Where asOf says which version is meant, the cursor has to be of that one.
        if (options.TryGetValue("cursor", out var cursor) && !options.ContainsKey("version") && !options.ContainsKey("asOf"))
            options["version"] = Cursor.VersionOf(cursor).ToString();
        var (at, isPinned) = await AtAsync(context, dataset, options);
        var dimensions = at.Components.Take(at.TimeIndex).Select(c => c.Id).ToList();
        var filters = DataRequest.Filters(context.Request, known);
        var (where, canonical) = DataRequest.Criteria(at, filters, known, (dimensions, "dimension to filter series by"));
        var selection = new Selection(at, where);
        var query = "series\n" + string.Join('&', canonical.Values);
        var limit = options.TryGetValue("limit", out var text) ? DataRequest.Number("limit", text, 1, DataRequest.MostPerPage) : MostPerPage;
        var labels = options.TryGetValue("labels", out text) ? TableOptions.LabelsOf(text) : LabelChoice.Code;
        var languages = DataRequest.LanguagesOf(at.Structure, options.GetValueOrDefault("lang"));
        var from = cursor is null ? 0 : cursors.Read(cursor, dataset, at.Version.Version, query);
        var head = new AnswerHead($"{query}\n{dataset}\n{at.Version.File}\n{limit}\n{from}\n{labels}\n{options.GetValueOrDefault("lang")}", JsonType, at.Version.PublishedAt, isPinned) { Of = at };
        await sender.SendAsync(context, head, async token =>
        {
            var named = isPinned ? "?version=" + at.Version.Version : "";
            var page = new List<JsonObject>();
            long? next = null;
            var position = -1L;
            await foreach (var series in catalogue.SeriesAsync(at, token))
            {
                position++;
                if (position < from || !IsSelected(at, selection, series))
                    continue;
                if (page.Count == limit)
                {
                    next = position;
                    break;
                }
                page.Add(SeriesOf(at, series, labels, languages));
            }
            var mark = next is { } place ? cursors.Write(dataset, at.Version.Version, query, place) : null;
            var parameters = string.Concat(canonical.Values.Select(p => p + "&"))
                + (labels == LabelChoice.Code ? "" : $"labels={labels.ToString().ToLowerInvariant()}&") + (options.TryGetValue("lang", out var lang) ? $"lang={Uri.EscapeDataString(lang)}&" : "");
            var nextAddress = mark is null ? null : $"{Address(dataset)}/series?{parameters}version={at.Version.Version}&limit={limit}&cursor={mark}";
            return Body(new
            {
                dataset,
                version = at.Version.Version,
                at.Version.PublishedAt,
                series = page,
                page = new { page.Count, cursor = mark, next = nextAddress },
                links = new { dataset = Address(dataset) + named, data = Address(dataset) + "/data" + named },
            }, nextAddress);
        });
    })
    {
        Part = (dataset, Series),
    };

    private static string DescribedBy(string dataset) =>
        $"<{Address(dataset)}/dcat.ttl>; rel=\"describedby\"; type=\"text/turtle\", <{Address(dataset)}/dcat.jsonld>; rel=\"describedby\"; type=\"application/ld+json\", "
        + $"<{DatasetPage.Address("", dataset)}>; rel=\"alternate\"; type=\"text/html\"";

    private Task<(DatasetAtVersion At, bool IsPinned)> AtAsync(HttpContext context, string dataset, Dictionary<string, string> options) => AtAsync(catalogue, context, dataset, options);

    /// <summary>The version that <c>version</c> or <c>asOf</c> asks for, and whether it is named by its number.</summary>
    internal static async Task<(DatasetAtVersion At, bool IsPinned)> AtAsync(Catalogue catalogue, HttpContext context, string dataset, Dictionary<string, string> options)
    {
        if (options.ContainsKey("version") && options.TryGetValue("asOf", out var both))
            throw ProblemException.Malformed("asOf", both, "version or asOf, not both", "conflicting-parameters");
        int? version = options.TryGetValue("version", out var text) ? DataRequest.Number("version", text, 1, int.MaxValue) : null;
        DateTimeOffset? asOf = options.TryGetValue("asOf", out text) ? DataRequest.Moment("asOf", text) : null;
        return (await catalogue.AtAsync(dataset, version, asOf, context.RequestAborted), version is not null);
    }

    /// <summary>The query parameters, each known and once.</summary>
    internal static Dictionary<string, string> Options(HttpRequest request, string[] known)
    {
        foreach (var (name, values) in request.Query)
        {
            if (!known.Contains(name))
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, known, OtherNames.OfOption(name, known));
            if (values.Count != 1)
                throw ProblemException.Malformed(name, values.ToString(), "the parameter once");
        }
        return request.Query.ToDictionary(p => p.Key, p => p.Value.ToString());
    }

    private static AnswerBody Body(object body, string? next) => new(
        next is null ? null : $"<{next}>; rel=\"next\"", async (to, token) => await to.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, Json.Options), token));

    internal static bool Matches(DatasetSummary dataset, string word) =>
        dataset.Id.Contains(word, StringComparison.OrdinalIgnoreCase)
        || dataset.Title.Values.Any(title => Vocabulary.Normalize(title).Contains(word, StringComparison.OrdinalIgnoreCase))
        || dataset.Dimensions.Any(dimension => dimension.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static object Metadata(DatasetAtVersion at, int latest, bool isPinned)
    {
        object Component(DatasetComponent c) => new
        {
            c.Id,
            labels = Some(c.Labels),
            codes = c.InOrder.Select(code => new { code.Id, labels = Some(code.Labels), code.Parent }),
        };
        var units = at.Structure.Find(Concepts.UnitMeasure)?.InOrder.Where(code => at.Version.Units.Contains(code.Id)) ?? [];
        var time = at.Components[at.TimeIndex];
        return new
        {
            at.Structure.Id,
            at.Structure.Title,
            version = VersionOf(at.Structure.Id, at.Version),
            latestVersion = latest,
            time = new { from = at.Version.TimeFrom, to = at.Version.TimeTo, time.Id, labels = Some(time.Labels), periods = time.Codes.Select(c => c.Id) },
            units = units.Select(code => new { code.Id, labels = Some(code.Labels) }),
            at.Version.Observations,
            at.Version.Series,
            dimensions = at.Components.Take(at.TimeIndex).Select(Component),
            attributes = at.Components.Skip(at.TimeIndex + 1).Select(Component),
            columns = ColumnsOf(at),
            links = Links(at.Structure.Id, isPinned ? at.Version.Version : null),
            templates = new
            {
                series = "/v1/series/" + SeriesKey.Template(at, withPeriod: false),
                observation = "/v1/observations/" + SeriesKey.Template(at, withPeriod: true),
            },
        };
    }

    private static IEnumerable<string> ColumnsOf(DatasetAtVersion at) =>
    [
        "DATASET",
        .. at.Components.Take(at.TimeIndex + 1).Select(c => c.Id), Concepts.ObsValue,
        .. at.Components.Skip(at.TimeIndex + 1).Take(3).Select(c => c.Id), Concepts.SourceId, Concepts.Decimals, "RELEASE",
        .. at.Components.Skip(at.TimeIndex + 4).Select(c => c.Id),
    ];

    private static IReadOnlyDictionary<string, string>? Some(IReadOnlyDictionary<string, string> labels) => labels.Count == 0 ? null : labels;

    private static object VersionOf(string dataset, DatasetVersion v) => new
    {
        v.Version,
        v.PublishedAt,
        v.Release,
        v.Mode,
        v.Observations,
        v.Series,
        v.Added,
        v.Revised,
        v.Removed,
        time = new { from = v.TimeFrom, to = v.TimeTo },
        parquetBytes = v.FileBytes,
        links = Links(dataset, v.Version),
    };

    private static object Links(string dataset, int? version)
    {
        var (address, at) = (Address(dataset), version is null ? "" : $"version={version}");
        string With(string path, string parameters = "") =>
            address + path + (at.Length + parameters.Length > 0 ? "?" : "") + at + (at.Length > 0 && parameters.Length > 0 ? "&" : "") + parameters;
        return new
        {
            self = With(""),
            data = With("/data"),
            json = With("/data", "format=json"),
            csv = With("/data", "format=csv"),
            parquet = With("/data", "format=parquet"),
            download = With("/data.parquet"),
            series = With("/series"),
            versions = address + "/versions",
            changes = address + "/changes" + (version is { } to ? $"?from={to - 1}&to={to}" : ""),
            profile = With("/profile"),
            query = address + "/query",
        };
    }

    private static bool IsSelected(DatasetAtVersion at, Selection selection, SeriesSummary series)
    {
        for (var c = 0; c < at.TimeIndex; c++)
        {
            if (selection.Allowed[c] is { } allowed && (at.Find(c, series.Key[c]) is not (>= 0 and var number) || !allowed[number]))
                return false;
        }
        return true;
    }

    private static JsonObject SeriesOf(DatasetAtVersion at, SeriesSummary series, LabelChoice labels, IReadOnlyList<string> languages)
    {
        var json = new JsonObject { ["key"] = SeriesKey.Write(at.Structure.Id, series.Key) };
        void Add(string id, string code)
        {
            json[id] = code;
            if (labels == LabelChoice.Code || at.IndexOf(id) is not (>= 0 and var c) || !at.HasLabels[c])
                return;
            var texts = at.Find(c, code) is >= 0 and var number ? at.Components[c].Codes[number].Labels : null;
            var label = texts is { Count: > 0 } ? ObservationCsv.Label(texts, languages) : null;
            if (labels == LabelChoice.Both)
                json[id + TableColumn.LabelSuffix] = label;
            else
                json[id] = label ?? code;
        }
        for (var c = 0; c < at.TimeIndex; c++)
            Add(at.Components[c].Id, series.Key[c]);
        json[Concepts.TimePeriod] = series.TimePeriod;
        json[Concepts.ObsValue] = series.Value;
        Add(Concepts.ObsStatus, series.Status);
        Add(Concepts.UnitMeasure, series.Unit);
        json[Concepts.UnitMult] = series.UnitMult;
        json["firstPeriod"] = series.FirstPeriod;
        json["count"] = series.Count;
        return json;
    }
}
