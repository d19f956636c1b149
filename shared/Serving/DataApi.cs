using System.Text.Json.Nodes;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Pipeline.Publishing;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Answers for a dataset's observations: queries by GET and POST, and the whole version's file.</summary>
public sealed class DataApi
{
    private readonly Catalogue catalogue;
    private readonly VersionQueries lake;
    private readonly AnswerSender sender;
    private readonly Cursor cursors;
    private readonly Storage storage;
    private readonly HarvestSite site;

    internal DataApi(Catalogue catalogue, VersionQueries lake, AnswerSender sender, Cursor cursors, Storage storage, HarvestSite site) =>
        (this.catalogue, this.lake, this.sender, this.cursors, this.storage, this.site) = (catalogue, lake, sender, cursors, storage, site);

    /// <summary>GET /v1/datasets/{dataset}/data</summary>
    public IResult Data(string dataset) => DataAs(dataset, null);

    /// <summary>GET /v1/datasets/{dataset}/data.{format}</summary>
    public IResult DataAs(string dataset, string? format) => new Endpoint("GET, HEAD", true, async context =>
    {
        if (await sender.AgainAsync(context))
            return;
        var request = await DataRequest.ReadAsync(context.Request, dataset, format, catalogue, cursors, context.RequestAborted);
        await AnswerAsync(context, request, isPost: false);
    })
    {
        Part = (dataset, other => DataAs(other, format)),
        Elsewhere = () => $"A query in JSON goes to {DatasetApi.Address(dataset)}/query.",
    };

    /// <summary>POST /v1/datasets/{dataset}/query</summary>
    public IResult Query(string dataset) => new Endpoint("POST", true, async context =>
    {
        var request = await DataRequest.ReadBodyAsync(context.Request, dataset, catalogue, cursors, context.RequestAborted);
        await AnswerAsync(context, request, isPost: true);
    })
    {
        Elsewhere = () => $"Conditions in the address go to {DatasetApi.Address(dataset)}/data.",
    };

    /// <summary>Whether a query, as the body of a POST has it, can be answered; else the problem is thrown.</summary>
    internal Task CheckSavedAsync(HttpContext context, string dataset, JsonObject query) =>
        DataRequest.ReadBodyAsync(context.Request, query, dataset, catalogue, cursors, context.RequestAborted);

    /// <summary>Answers a query that was saved, as a GET.</summary>
    internal async Task AnswerSavedAsync(HttpContext context, string dataset, JsonObject query, string address)
    {
        var request = await DataRequest.ReadBodyAsync(context.Request, query, dataset, catalogue, cursors, context.RequestAborted);
        await AnswerAsync(context, request with { SavedAs = address, Table = request.Table with { Overrides = [.. context.Request.Query.Keys] } }, isPost: false);
    }

    private async Task AnswerAsync(HttpContext context, DataRequest request, bool isPost)
    {
        var (version, table) = (request.At.Version, request.Table);
        if (table.Format.Name == "parquet" && table.IsPlain && request.IsEverything && !isPost)
        {
            await SendFileAsync(context, request);
            return;
        }
        var host = table.Format.NamesHost ? site.AddressOf(context.Request) : "";
        var identity = string.Join('\n', request.At.Structure.Id, version.Version, version.File, isPost, request.Canonical, string.Join('&', table.Parameters), request.Limit, request.Position,
            request.SavedAs, host, site.Identity, isPost ? null : CsvDescription.LinkOf(request));
        var head = new AnswerHead(identity, table.Format.MediaType + table.Format.Parameters, version.PublishedAt, request.Pinned && !isPost)
        {
            Of = request.At,
            Negotiated = table.IsFormatNegotiated,
            LanguageNegotiated = table.IsLanguageNegotiated,
            Compressible = table.Format.IsCompressible,
            FileName = table.Format.IsPaged ? null : $"{request.At.Structure.Id}-v{version.Version}.{table.Format.Extension}",
        };
        try
        {
            await sender.SendAsync(context, head, token => PrepareAsync(request, host, isPost, token));
        }
        catch (SortLimitException e)
        {
            throw new ProblemException(422, "too-many-to-sort", $"More than {e.Limit} observations match, and no more are sorted into another order. "
                + "Filter further, or leave sort out: the stored order, by series and then period, has no limit.")
            {
                Parameter = "sort",
                Value = string.Join(',', request.Query.Sort.Select(key => key.ToString())),
                Expected = $"at most {e.Limit} matching observations, or no sort",
            };
        }
        catch (QueryRefusedException e)
        {
            throw ProblemException.Refused(e);
        }
    }

    private async Task<AnswerBody> PrepareAsync(DataRequest request, string host, bool isPost, CancellationToken cancellationToken)
    {
        var at = request.At;
        var selection = new Selection(at, request.Query.Where);
        var sorted = request.IsStored && request.Query.Sort.Count > 0 ? await lake.SortAsync(at, selection, request.Query, cancellationToken) : null;
        var table = new ObservationTable { At = at, Rows = AsyncEnumerable.Empty<Match>(), Labels = request.Table.Labels, Languages = request.Languages, Columns = request.Columns, Measures = request.Measures };
        long? next = null;
        if (request.Grouping is { } grouping)
        {
            (table, next) = await GroupedAsync(request, table, grouping, cancellationToken);
        }
        else if (!request.IsStored && !request.Table.IsWide)
        {
            var query = request.Query with { Offset = request.Position, Limit = request.Limit };
            if (request.Limit is { } size && await lake.CountAsync(at, query, request.Position + size, cancellationToken) > request.Position + size)
                next = request.Position + size;
            var columns = TableColumn.Wanted(at, TableColumn.Of(table));
            await CheckRowsAsync(request, cancellationToken);
            table = table with
            {
                Rows = request.Computations.Count > 0
                    ? new ComputedQueries(lake).RunAsync(at, query, request.Computations, columns, cancellationToken)
                    : lake.RunAsync(at, query, columns, cancellationToken),
            };
        }
        else if (request.Table.IsWide)
        {
            var query = request.Query;
            (table, next) = await WideAsync(request, table, wanted => lake.RunAsync(at, query with { Sort = [] }, wanted, cancellationToken), wanted => request.Computations.Count > 0
                ? new ComputedQueries(lake).RunAsync(at, query, request.Computations, wanted, cancellationToken)
                : lake.RunAsync(at, query, wanted, cancellationToken));
        }
        else
        {
            if (sorted is not null)
                next = request.Limit is { } size && request.Position + size < sorted.Length ? request.Position + size : null;
            else if (request.Limit is { } most)
                next = await NextRowAsync(at, selection, request.Position, most, cancellationToken);
            var wanted = TableColumn.Wanted(at, TableColumn.Of(table));
            await CheckRowsAsync(request, cancellationToken);
            table = table with
            {
                Rows = sorted is not null
                    ? lake.RunAsync(at, request.Query with { Offset = request.Position, Limit = request.Limit }, wanted, cancellationToken)
                    : RowRange.Of(lake.ReadAsync(at, selection, wanted, request.Position, request.Limit is null, cancellationToken), 0, request.Limit),
            };
        }
        var cursor = next is { } position ? cursors.Write(at.Structure.Id, at.Version.Version, request.Mark, position) : null;
        var nextAddress = cursor is null || isPost ? null : Address(request, cursor);
        var page = new TablePage(host, Address(request, null))
        {
            Query = request.Canonical,
            Cursor = cursor,
            Next = nextAddress,
            Publisher = site.Publisher,
            Licence = site.License,
            Hints = [.. PeriodHints.Of(at, request.Query.Where)],
        };
        return new AnswerBody(Link(nextAddress, isPost ? null : CsvDescription.LinkOf(request)), (to, token) => request.Table.Format.WriteAsync(table, page, to, token), isPost ? cursor : null);
    }

    private static string? Link(string? next, string? describedBy) =>
        string.Join(", ", ((string?[])[next is null ? null : $"<{next}>; rel=\"next\"", describedBy]).OfType<string>()) is { Length: > 0 } link ? link : null;

    private async Task<(ObservationTable Table, long? Next)> GroupedAsync(DataRequest request, ObservationTable table, Grouping grouping, CancellationToken cancellationToken)
    {
        // Across periods a second column for each would say little where nothing is missing.
        var asked = grouping.Aggregates.Count;
        if (grouping.HidesMissing)
            grouping = grouping with { Aggregates = [.. grouping.Aggregates, Aggregate.Missing] };
        var (at, groups) = await grouping.RunAsync(request.At, request.Query, lake, cancellationToken);
        table = table with { At = at, IsGrouped = true, HasEmptyRows = true };
        if (grouping.Aggregates.Count > asked && groups.Count > 0)
        {
            if (Array.TrueForAll(groups.Chunk.Measures[^1], missing => missing == 0))
                groups.Chunk.Measures = [.. groups.Chunk.Measures.SkipLast(1)];
            else
                table = table with { Measures = DataRequest.MeasuresOf(grouping) };
        }
        if (request.Table.IsWide)
            return await WideAsync(request, table, _ => Of(groups), _ => Sorted());
        long? next = request.Limit is { } limit && request.Position + limit < groups.Count ? request.Position + limit : null;
        return (table with { Rows = RowRange.Of(Sorted(), request.Position, request.Limit) }, next);

        IAsyncEnumerable<Match> Sorted() => request.Query.Sort.Count == 0
            ? Of(groups) : ComputedQueries.SortedAsync(at, Of(groups), request.Query.Sort, [.. request.Measures.Select(m => m.Id)], cancellationToken);

        static async IAsyncEnumerable<Match> Of(Match match)
        {
            await Task.CompletedTask;
            if (match.Count > 0)
                yield return match;
        }
    }

    private async Task CheckRowsAsync(DataRequest request, CancellationToken cancellationToken)
    {
        var (format, at) = (request.Table.Format, request.At);
        if (format.MostRows is not { } most || request.Limit <= most || at.Version.Observations <= most)
            return;
        if (await lake.CountAsync(at, request.Query, cancellationToken) is var rows && rows > most)
            throw format.TooLarge($"{rows} observations match; format={format.Name} holds {most} rows. Filter further, page with limit, or ask for another format.", $"at most {most} rows");
    }

    // The table of series, and the number of the row that the next page begins with. Rows are counted before the first byte is sent, where there is a limit.
    private static async Task<(ObservationTable Table, long? Next)> WideAsync(
        DataRequest request, ObservationTable table, Func<bool[], IAsyncEnumerable<Match>> unsorted, Func<bool[], IAsyncEnumerable<Match>> sorted)
    {
        var onlyTime = new bool[table.At.ColumnCount];
        onlyTime[table.At.TimeIndex] = true;
        var (periods, observations) = await WideLayout.PeriodsAsync(table.At, unsorted(onlyTime));
        var layout = new WideLayout(table with { Rows = sorted(WideLayout.Wanted(table)) }, periods, request.Table.Format);
        var (wide, most) = (layout.Table, layout.MostRows(request.Table.Format));
        if (request.Limit > most || (request.Limit is null && layout.RowsAtMost(observations) > most && await CountAsync(most + 1) > most))
            throw layout.TooLarge(request.Table.Format);
        if (request.Limit is not { } limit)
            return (wide, null);
        var end = request.Position + limit;
        return (wide with { Rows = RowRange.Of(wide.Rows, request.Position, limit) }, await CountAsync(end + 1) > end ? end : null);

        Task<long> CountAsync(long until) => WideLayout.CountAsync(table, unsorted(WideLayout.WantedForKeys(table)), until);
    }

    // The row that the next page begins with: found from the filter columns alone, before the first byte is sent, since Link is a header.
    private async Task<long?> NextRowAsync(DatasetAtVersion at, Selection selection, long from, int size, CancellationToken cancellationToken)
    {
        var left = size;
        await foreach (var match in lake.ReadAsync(at, selection, new bool[at.ColumnCount], from, everything: false, cancellationToken))
        {
            if (match.Count > left)
                return match.Chunk.FirstRow + match.Row(left);
            left -= match.Count;
        }
        return null;
    }

    private static string Address(DataRequest request, string? cursor)
    {
        var parameters = new List<string>();
        // A saved query has its filters itself, and the cursor the version.
        if (request.Canonical.Length > 0 && request.SavedAs is null)
            parameters.Add(request.Canonical);
        if (request.SavedAs is null)
            parameters.Add($"version={request.At.Version.Version}");
        parameters.AddRange(request.Table.Parameters);
        if (request.Limit is not null)
            parameters.Add($"limit={request.Limit}");
        if (cursor is not null)
            parameters.Add("cursor=" + cursor);
        return (request.SavedAs ?? DatasetApi.Address(request.At.Structure.Id) + "/data") + "?" + string.Join('&', parameters);
    }

    private async Task SendFileAsync(HttpContext context, DataRequest asked)
    {
        var (request, response, at) = (context.Request, context.Response, asked.At);
        var length = at.Version.FileBytes;
        var name = at.Version.File[(at.Version.File.LastIndexOf('/') + 1)..];
        var etag = "\"" + name.Replace(".parquet", "", StringComparison.Ordinal) + "\"";
        response.Headers.ETag = etag;
        var modified = AnswerSender.WholeSecond(at.Version.PublishedAt);
        response.Headers.LastModified = HeaderUtilities.FormatDate(AnswerSender.LastModified(at.Version.PublishedAt));
        response.Headers.CacheControl = asked.Pinned ? "public, max-age=31536000, immutable" : "public, max-age=5, stale-while-revalidate=60";
        if (asked.Table.IsFormatNegotiated)
            response.Headers.Vary = "Accept, Accept-Encoding";
        response.Headers.AcceptRanges = "bytes";
        if (AnswerSender.IsUnchanged(request, etag, at.Version.PublishedAt))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var (from, to) = (0L, length - 1);
        if (HttpMethods.IsGet(request.Method) && RangeWanted(request, etag, modified) is { } range)
        {
            from = range.From ?? Math.Max(0, length - range.To!.Value);
            to = range.From is null ? length - 1 : Math.Min(range.To ?? (length - 1), length - 1);
            if (from >= length || (range.From is null && range.To == 0))
            {
                response.Headers.ContentRange = $"bytes */{length}";
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.ContentLength = 0;
                return;
            }
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {from}-{to}/{length}";
        }
        response.ContentType = DataFormat.Named("parquet").MediaType;
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = $"{at.Structure.Id}-v{at.Version.Version}.parquet" }.ToString();
        response.ContentLength = to - from + 1;
        if (HttpMethods.IsHead(request.Method))
            return;
        var options = new BlobDownloadOptions { Range = new HttpRange(from, to - from + 1) };
        using var blob = (await storage.Lake.GetBlobClient(at.Version.File).DownloadStreamingAsync(options, context.RequestAborted)).Value;
        await blob.Content.CopyToAsync(sender.BodyOf(context), 128 << 10, context.RequestAborted);
    }

    // One range is served; several, or what is no range of bytes, are answered with the whole, as RFC 9110 (14.2) allows.
    private static RangeItemHeaderValue? RangeWanted(HttpRequest request, string etag, DateTimeOffset modified)
    {
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var range) || range.Unit != "bytes" || range.Ranges.Count != 1)
            return null;
        if (request.Headers.IfRange.Count > 0)
        {
            var isSame = RangeConditionHeaderValue.TryParse(request.Headers.IfRange.ToString(), out var condition)
                && (condition.EntityTag is { } tag ? !tag.IsWeak && tag.Tag.Equals(etag, StringComparison.Ordinal) : condition.LastModified?.ToUnixTimeSeconds() == modified.ToUnixTimeSeconds());
            if (!isSame)
                return null;
        }
        return range.Ranges.First();
    }
}
