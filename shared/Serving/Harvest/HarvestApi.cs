using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Answers for those that look for datasets: data portals (DCAT-AP, DCAT-US), search engines (pages, sitemap), feed readers (Atom), and readers of CSV.</summary>
public sealed class HarvestApi
{
    private const int MostPerPage = 1_000;
    private const int DefaultPerPage = 100;
    private const int EntriesPerPage = 50;
    // What the feed of all datasets reaches back to: a page is found from the newest, so the way there has to end.
    private const int MostFeedPages = 20;
    private const int Lookups = 16;

    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;
    private readonly Cursor cursors;
    private readonly HarvestSite site;
    private readonly KnownFacts facts;

    internal HarvestApi(Catalogue catalogue, AnswerSender sender, Cursor cursors, HarvestSite site, KnownFacts facts) =>
        (this.catalogue, this.sender, this.cursors, this.site, this.facts) = (catalogue, sender, cursors, site, facts);

    /// <summary>GET /catalog.jsonld and /catalog.ttl: DCAT-AP.</summary>
    public IResult Catalog(string format) => new Endpoint("GET, HEAD", true, async context =>
    {
        var address = site.AddressOf(context.Request);
        var datasets = await catalogue.ListAsync(context.RequestAborted);
        var page = ListPage.Read(context.Request, datasets.Count, $"{address}/catalog.{format}", DefaultPerPage, MostPerPage);
        var some = page.Of(datasets);
        DateTimeOffset? modified = datasets.Count == 0 ? null : datasets.Max(d => d.Latest.PublishedAt);
        var head = new AnswerHead($"dcat\n{Identity(address)}\n{page}\n{Identity(some)}\n{modified}", RdfWriter.MediaType(format), modified, false);
        await sender.SendAsync(context, head, async token =>
        {
            var known = await facts.OfAsync(some, token);
            return new AnswerBody(page.Link, async (to, cancel) =>
            {
                var (dcat, rdf) = (new Dcat(site, address), RdfWriter.Of(format));
                rdf.Begin();
                rdf.Write(page.Node());
                foreach (var node in dcat.Head([.. some.Select(d => d.Id)], modified))
                    rdf.Write(node);
                foreach (var one in known)
                {
                    foreach (var node in dcat.Dataset(one))
                        rdf.Write(node);
                    await SendAsync(rdf.To, to, cancel);
                }
                foreach (var node in dcat.Tail())
                    rdf.Write(node);
                rdf.End();
                await SendAsync(rdf.To, to, cancel);
            });
        });
    });

    /// <summary>GET /v1/datasets/{dataset}/dcat.jsonld and dcat.ttl</summary>
    public IResult Dcat(string dataset, string format) => new Endpoint("GET, HEAD", true, async context =>
    {
        Only(context.Request);
        var address = site.AddressOf(context.Request);
        var summary = await catalogue.FindAsync(dataset, context.RequestAborted);
        var head = new AnswerHead($"dcat\n{Identity(address)}\n{Identity([summary])}", RdfWriter.MediaType(format), summary.Latest.PublishedAt, false);
        await sender.SendAsync(context, head, async token =>
        {
            var one = (await facts.OfAsync([summary], token))[0];
            return new AnswerBody(null, async (to, cancel) =>
            {
                var (dcat, rdf) = (new Dcat(site, address), RdfWriter.Of(format));
                rdf.Begin();
                foreach (var node in dcat.Head([dataset], null).Concat(dcat.Dataset(one)))
                    rdf.Write(node);
                foreach (var node in dcat.Tail())
                    rdf.Write(node);
                rdf.End();
                await SendAsync(rdf.To, to, cancel);
            });
        });
    });

    /// <summary>GET /data.json: DCAT-US, all datasets at once unless a page is asked for.</summary>
    public IResult DataJson() => new Endpoint("GET, HEAD", true, async context =>
    {
        var address = site.AddressOf(context.Request);
        var datasets = await catalogue.ListAsync(context.RequestAborted);
        var page = ListPage.Read(context.Request, datasets.Count, address + "/data.json", int.MaxValue, MostPerPage);
        var some = page.Of(datasets);
        DateTimeOffset? modified = datasets.Count == 0 ? null : datasets.Max(d => d.Latest.PublishedAt);
        var head = new AnswerHead($"data.json\n{Identity(address)}\n{page}\n{Identity(some)}", "application/json; charset=utf-8", modified, false);
        await sender.SendAsync(context, head, _ => Task.FromResult(new AnswerBody(page.Link, async (to, cancel) =>
        {
            var buffer = new Utf8Buffer();
            buffer.Append(DcatUs.Head(address));
            foreach (var (n, few) in some.Chunk(DefaultPerPage).Index())
            {
                foreach (var (i, one) in (await facts.OfAsync(few, cancel)).Index())
                {
                    if (n + i > 0)
                        buffer.Append(",\n"u8);
                    buffer.Append(JsonSerializer.SerializeToUtf8Bytes(DcatUs.Dataset(site, address, one), Json.Options));
                }
                await SendAsync(buffer, to, cancel);
            }
            buffer.Append("\n]}\n"u8);
            await SendAsync(buffer, to, cancel);
        })));
    });

    /// <summary>GET /v1/datasets/{dataset}/croissant.json</summary>
    public IResult Croissant(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        var (at, pinned, languages) = await VersionAsync(context, dataset);
        var address = site.AddressOf(context.Request);
        var head = new AnswerHead($"croissant\n{Identity(address)}\n{dataset}\n{at.Version.File}\n{string.Join(',', languages)}", "application/ld+json", at.Version.PublishedAt, pinned) { LanguageNegotiated = true };
        await sender.SendAsync(context, head, async token => Body(SchemaOrg.Croissant(site, address, await facts.OfAsync(at, token), at, languages)));
    });

    /// <summary>GET /v1/datasets/{dataset}/data.csv-metadata.json: CSVW metadata of the CSV that the same parameters give.</summary>
    public IResult CsvMetadata(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        var request = await CsvRequestAsync(context, dataset);
        var address = site.AddressOf(context.Request);
        var query = request.Sent.Length == 0 ? "?format=csv" : context.Request.Query.ContainsKey("format") ? request.Sent : request.Sent + "&format=csv";
        var head = new AnswerHead($"csvw\n{Identity(address)}\n{dataset}\n{request.At.Version.File}\n{query}", CsvDescription.MediaType, request.At.Version.PublishedAt, request.Pinned);
        await sender.SendAsync(context, head, _ => Task.FromResult(Body(CsvDescription.Csvw(site, request, ColumnsOf(request), Serving.Dcat.IriOf(address, dataset) + "/data" + query))));
    });

    /// <summary>GET /v1/datasets/{dataset}/datapackage.json: a Frictionless Data Package with the CSV that the same parameters give.</summary>
    public IResult DataPackage(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        foreach (var name in context.Request.Query.Keys.Where(name => name is "cursor" or "limit"))
            throw ProblemException.Malformed(name, context.Request.Query[name].ToString(), "no pages: a package has the whole table", "unknown-parameter");
        var request = await CsvRequestAsync(context, dataset);
        var address = site.AddressOf(context.Request);
        var (at, language) = (request.At, request.Table.Language);
        if (language is null && LanguageTags.Accepted(context.Request.Headers.AcceptLanguage) is [var read, ..])
            request = request with { Table = request.Table with { Language = read } };
        var parameters = request.Canonical.Split('&', StringSplitOptions.RemoveEmptyEntries).Append($"version={at.Version.Version}").Concat((request.Table with { Language = language }).Parameters);
        var url = $"{Serving.Dcat.IriOf(address, dataset)}/data?{string.Join('&', parameters)}";
        var head = new AnswerHead($"datapackage\n{Identity(address)}\n{at.Version.File}\n{url}\n{request.Table.Language}", "application/json; charset=utf-8", at.Version.PublishedAt, request.Pinned) { LanguageNegotiated = true };
        await sender.SendAsync(context, head, async token => Body(CsvDescription.Package(site, request, ColumnsOf(request), url, address, await facts.OfAsync(at, token))));
    });

    /// <summary>GET /datasets/{dataset}: the page for people.</summary>
    public IResult Page(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        context.Response.Headers.ContentSecurityPolicy = DatasetPage.Policy;
        var (at, pinned, languages) = await VersionAsync(context, dataset);
        var address = site.AddressOf(context.Request);
        var latest = (await catalogue.FindAsync(dataset, context.RequestAborted)).Latest;
        var head = new AnswerHead($"page\n{Identity(address)}\n{at.Version.File}\n{latest.File}\n{pinned}\n{string.Join(',', languages)}", "text/html; charset=utf-8", latest.PublishedAt, false) { LanguageNegotiated = true };
        await sender.SendAsync(context, head, async token =>
        {
            var versions = (await catalogue.VersionsAsync(dataset, token)).TakeLast(DatasetPage.MostVersions).Reverse().ToList();
            var series = await catalogue.SeriesAsync(at, token).Take(DatasetPage.MostSeries).ToListAsync(token);
            var page = DatasetPage.Write(new DatasetPageModel(site, address, at, pinned, await facts.OfAsync(at, token), versions, series, languages));
            return new AnswerBody(null, async (to, cancel) => await to.WriteAsync(page, cancel));
        });
    }, ProblemPage.Form);

    /// <summary>GET /sitemap.xml</summary>
    public IResult SitemapXml() => new Endpoint("GET, HEAD", true, async context =>
    {
        var options = DatasetApi.Options(context.Request, ["page"]);
        var address = site.AddressOf(context.Request);
        var datasets = await catalogue.ListAsync(context.RequestAborted);
        var pages = Sitemap.Pages(datasets.Count);
        int? page = options.TryGetValue("page", out var text) ? DataRequest.Number("page", text, 1, pages) : pages == 1 ? 1 : null;
        DateTimeOffset? modified = datasets.Count == 0 ? null : datasets.Max(d => d.Latest.PublishedAt);
        var head = new AnswerHead($"sitemap\n{address}\n{page}\n{Identity(datasets)}", "application/xml; charset=utf-8", modified, false);
        await sender.SendAsync(context, head, _ => Task.FromResult(Body(page is { } number ? Sitemap.Page(address, datasets, number) : Sitemap.Index(address, pages))));
    });

    /// <summary>GET /robots.txt</summary>
    public IResult Robots() => new Endpoint("GET, HEAD", true, context =>
    {
        var robots = Sitemap.Robots(site.AddressOf(context.Request));
        return sender.SendAsync(context, new AnswerHead("robots\n" + robots, "text/plain; charset=utf-8", null, false), _ => Task.FromResult(Body(robots)));
    });

    /// <summary>GET /feed.atom: the newest versions of all datasets.</summary>
    public IResult Feed() => new Endpoint("GET, HEAD", true, async context =>
    {
        var options = DatasetApi.Options(context.Request, ["page", "lang"]);
        var (address, languages) = (site.AddressOf(context.Request), Languages(context.Request, options, []));
        var page = options.TryGetValue("page", out var text) ? DataRequest.Number("page", text, 1, MostFeedPages) : 1;
        // What belongs to the first so many versions is among the datasets with the newest latest ones.
        var most = page * EntriesPerPage;
        var newest = (await catalogue.ListAsync(context.RequestAborted)).OrderByDescending(d => d.Latest.PublishedAt).ThenBy(d => d.Id, StringComparer.Ordinal).Take(most + 1).ToList();
        DateTimeOffset? modified = newest.Count == 0 ? null : newest[0].Latest.PublishedAt;
        var head = new AnswerHead($"feed\n{Identity(address)}\n{page}\n{Identity(newest)}\n{string.Join(',', languages)}", AtomFeed.MediaType, modified, false) { LanguageNegotiated = true };
        await sender.SendAsync(context, head, async token =>
        {
            var versions = new IReadOnlyList<DatasetVersion>[newest.Count];
            await Parallel.ForAsync(0, newest.Count, new ParallelOptions { MaxDegreeOfParallelism = Lookups, CancellationToken = token }, async (i, cancel) =>
                versions[i] = newest[i].Latest.Version == 1 ? [newest[i].Latest] : await catalogue.VersionsAsync(newest[i].Id, cancel));
            var entries = newest.Zip(versions).SelectMany(d => d.Second.Select(v => new FeedEntry(d.First, v)))
                .OrderByDescending(e => e.Version.PublishedAt).ThenBy(e => e.Dataset.Id, StringComparer.Ordinal).Take(most + 1).ToList();
            var hasMore = entries.Count > most && page < MostFeedPages;
            var title = DatasetPage.SpokenOf(languages) == "zh" ? "新发布的统计数据" : "New statistics";
            var updated = modified ?? DateTimeOffset.UnixEpoch;
            return Feed(address, "/feed.atom", "/", title, updated, [.. entries.Skip(most - EntriesPerPage).Take(EntriesPerPage)], page, hasMore, options, languages);
        });
    });

    /// <summary>GET /v1/datasets/{dataset}/feed.atom: the versions of a dataset.</summary>
    public IResult Feed(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        var options = DatasetApi.Options(context.Request, ["page", "lang"]);
        var summary = await catalogue.FindAsync(dataset, context.RequestAborted);
        var (address, languages) = (site.AddressOf(context.Request), Languages(context.Request, options, summary.Title.Keys));
        var last = ((summary.Latest.Version - 1) / EntriesPerPage) + 1;
        var page = options.TryGetValue("page", out var text) ? DataRequest.Number("page", text, 1, last) : 1;
        var head = new AnswerHead($"feed\n{Identity(address)}\n{page}\n{Identity([summary])}\n{string.Join(',', languages)}", AtomFeed.MediaType, summary.Latest.PublishedAt, false) { LanguageNegotiated = true };
        await sender.SendAsync(context, head, async token =>
        {
            var entries = (await catalogue.VersionsAsync(dataset, token)).Reverse().Skip((page - 1) * EntriesPerPage).Take(EntriesPerPage).Select(v => new FeedEntry(summary, v)).ToList();
            var title = ObservationCsv.Label(summary.Title, languages) is { Length: > 0 } label ? label : dataset;
            return Feed(address, DatasetApi.Address(dataset) + "/feed.atom", DatasetPage.Address("", dataset), title, summary.Latest.PublishedAt, entries, page, page < last, options, languages);
        });
    });

    private AnswerBody Feed(
        string address, string path, string about, string title, DateTimeOffset updated, IReadOnlyList<FeedEntry> entries, int page, bool hasMore, Dictionary<string, string> options, IReadOnlyList<string> languages)
    {
        var language = options.TryGetValue("lang", out var lang) ? "lang=" + Uri.EscapeDataString(lang) : "";
        string Page(int number) => address + path + (number > 1 ? $"?page={number}{(language.Length > 0 ? "&" + language : "")}" : language.Length > 0 ? "?" + language : "");
        var pages = new List<(string, string)> { ("self", Page(page)), ("first", Page(1)) };
        if (page > 1)
            pages.Add(("previous", Page(page - 1)));
        if (hasMore)
            pages.Add(("next", Page(page + 1)));
        var feed = AtomFeed.Write(site, address, path, about, title, updated, entries, pages, languages);
        return new AnswerBody(hasMore ? $"<{Page(page + 1)}>; rel=\"next\"" : null, async (to, cancel) => await to.WriteAsync(feed, cancel));
    }

    // The description is of the CSV, whatever form of the description itself is accepted.
    private async Task<DataRequest> CsvRequestAsync(HttpContext context, string dataset)
    {
        context.Request.Headers.Accept = "text/csv";
        var request = await DataRequest.ReadAsync(context.Request, dataset, null, catalogue, cursors, context.RequestAborted);
        return request.Table.Format.Name != "csv" ? throw ProblemException.Malformed("format", request.Table.Format.Name, "csv, which is what is described here", "conflicting-parameters")
            : request.Table.IsWide ? throw ProblemException.Malformed("layout", "wide", "long: with periods across, the columns are data", "conflicting-parameters")
            : request;
    }

    private static IReadOnlyList<TableColumn> ColumnsOf(DataRequest request) => TableColumn.Of(
        new ObservationTable
        {
            At = request.Shape,
            Rows = AsyncEnumerable.Empty<Match>(),
            Labels = request.Table.Labels,
            Languages = request.Languages,
            Columns = request.Columns,
            Measures = request.Measures,
        }, isDelimited: true);

    private async Task<(DatasetAtVersion At, bool IsPinned, IReadOnlyList<string> Languages)> VersionAsync(HttpContext context, string dataset)
    {
        var options = DatasetApi.Options(context.Request, ["version", "asOf", "lang"]);
        var (at, pinned) = await DatasetApi.AtAsync(catalogue, context, dataset, options);
        return (at, pinned, Languages(context.Request, options, at.Structure.Title.Keys));
    }

    private static IReadOnlyList<string> Languages(HttpRequest request, Dictionary<string, string> options, IEnumerable<string> own)
    {
        var read = LanguageTags.Accepted(request.Headers.AcceptLanguage);
        return [.. LanguageTags.Lookup(options.TryGetValue("lang", out var asked) ? [.. LanguageTags.Asked(asked).Split(','), .. read] : read).Concat(own.Where(RdfValue.IsLanguage)).Concat(["en", "zh"]).Distinct()];
    }

    private string Identity(string address) => $"{address}\n{site.Identity}";

    private static string Identity(IEnumerable<DatasetSummary> datasets) => string.Join('\n', datasets.Select(d => d.Latest.File));

    private static void Only(HttpRequest request) => DatasetApi.Options(request, []);

    private static async Task SendAsync(Utf8Buffer buffer, Stream to, CancellationToken cancellationToken)
    {
        await to.WriteAsync(buffer.Written, cancellationToken);
        buffer.Clear();
    }

    private static AnswerBody Body(JsonObject json) => new(null, async (to, token) => await to.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(json, Json.Options), token));

    private static AnswerBody Body(string text) => new(null, async (to, token) => await to.WriteAsync(Encoding.UTF8.GetBytes(text), token));
}
