using System.Text.Json;
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

    internal DataApi(Catalogue catalogue, VersionQueries lake, AnswerSender sender, Cursor cursors, Storage storage) =>
        (this.catalogue, this.lake, this.sender, this.cursors, this.storage) = (catalogue, lake, sender, cursors, storage);

    private const int GatherRows = 50_000;

    /// <summary>GET /v1/datasets/{dataset}/data</summary>
    public IResult Data(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        var request = await DataRequest.ReadAsync(context.Request, dataset, catalogue, cursors, context.RequestAborted);
        await AnswerAsync(context, request, isPost: false);
    });

    /// <summary>POST /v1/datasets/{dataset}/query</summary>
    public IResult Query(string dataset) => new Endpoint("POST", true, async context =>
    {
        var request = await DataRequest.ReadBodyAsync(context.Request, dataset, catalogue, cursors, context.RequestAborted);
        await AnswerAsync(context, request, isPost: true);
    });

    /// <summary>GET /v1/datasets/{dataset}/data.parquet</summary>
    public IResult File(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        var request = context.Request;
        foreach (var name in request.Query.Keys.Where(name => name is not ("version" or "asOf")))
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, ["version", "asOf"]);
        int? version = request.Query.TryGetValue("version", out var text) ? DataRequest.Number("version", text.ToString(), 1, int.MaxValue) : null;
        DateTimeOffset? asOf = request.Query.TryGetValue("asOf", out text) ? DataRequest.Moment("asOf", text.ToString()) : null;
        await SendFileAsync(context, await catalogue.AtAsync(dataset, version, asOf, context.RequestAborted), version is not null);
    });

    /// <summary>Whether a query, as the body of a POST has it, can be answered; else the problem is thrown.</summary>
    internal Task CheckSavedAsync(HttpContext context, string dataset, JsonObject query) =>
        DataRequest.ReadBodyAsync(context.Request, query, dataset, catalogue, cursors, context.RequestAborted);

    /// <summary>Answers a query that was saved, as a GET.</summary>
    internal async Task AnswerSavedAsync(HttpContext context, string dataset, JsonObject query, string address)
    {
        var request = await DataRequest.ReadBodyAsync(context.Request, query, dataset, catalogue, cursors, context.RequestAborted);
        await AnswerAsync(context, request with { SavedAs = address }, isPost: false);
    }

    private Task AnswerAsync(HttpContext context, DataRequest request, bool isPost)
    {
        if (request.Format == DataFormat.Parquet && request.IsEverything && !isPost)
            return SendFileAsync(context, request.At, request.Pinned);
        var version = request.At.Version;
        var identity = string.Join('\n', request.At.Structure.Id, version.Version, version.File, isPost, request.Canonical, request.Format, request.Labels,
            request.Language, request.Limit, request.Position, request.SavedAs);
        var format = request.Format.ToString().ToLowerInvariant();
        var head = new AnswerHead(identity, DataRequest.MediaTypes[(int)request.Format] + request.Format switch
        {
            DataFormat.Json => "; charset=utf-8",
            DataFormat.Csv => "; charset=utf-8; header=present",
            _ => "",
        }, version.PublishedAt, request.Pinned && !isPost)
        {
            Negotiated = true,
            Compressible = request.Format != DataFormat.Parquet,
            FileName = request.Format == DataFormat.Json ? null : $"{request.At.Structure.Id}-v{version.Version}.{format}",
        };
        return sender.SendAsync(context, head, token => PrepareAsync(request, isPost, token));
    }

    private async Task<AnswerBody> PrepareAsync(DataRequest request, bool isPost, CancellationToken cancellationToken)
    {
        var at = request.At;
        var selection = new Selection(at, request.Query.Where);
        long[]? sorted = null;
        long? next = null;
        if (request.Query.Sort.Count > 0)
        {
            try
            {
                sorted = await lake.SortAsync(at, selection, request.Query, cancellationToken);
            }
            catch (SortLimitException e)
            {
                throw new ProblemException(422, "too-many-to-sort", $"More than {e.Limit} observations match, and no more are sorted into another order. "
                    + "Filter further, or leave sort out: the stored order, by series and then period, has no limit.")
                {
                    Parameter = "sort",
                    Value = string.Join(',', request.Query.Sort.Select(key => (key.Descending ? "-" : "") + key.Column)),
                    Expected = $"at most {e.Limit} matching observations, or no sort",
                };
            }
            if (request.Limit is { } size && request.Position + size < sorted.Length)
                next = request.Position + size;
        }
        else if (request.Limit is { } size)
        {
            next = await NextRowAsync(at, selection, request.Position, size, cancellationToken);
        }
        var cursor = next is { } position ? cursors.Write(at.Structure.Id, at.Version.Version, request.Canonical, position) : null;
        var nextAddress = cursor is null || isPost ? null : Address(request, cursor);
        return new AnswerBody(nextAddress is null ? null : $"<{nextAddress}>; rel=\"next\"", (to, token) => WriteAsync(
            request, Matches(at, selection, sorted, request, token), cursor, nextAddress, to, token));
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

    private async IAsyncEnumerable<Match> Matches(
        DatasetAtVersion at, Selection selection, long[]? sorted, DataRequest request,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = Enumerable.Repeat(true, at.ColumnCount).ToArray();
        var left = request.Limit ?? long.MaxValue;
        if (sorted is not null)
        {
            for (var from = request.Position; from < sorted.Length && left > 0;)
            {
                var count = (int)Math.Min(Math.Min(left, GatherRows), sorted.Length - from);
                yield return await lake.GatherAsync(at, sorted.AsMemory((int)from, count), wanted, cancellationToken);
                (from, left) = (from + count, left - count);
            }
            yield break;
        }
        await foreach (var match in lake.ReadAsync(at, selection, wanted, request.Position, request.Limit is null, cancellationToken))
        {
            yield return match.Count > left ? match.Slice(0, (int)left) : match;
            left -= match.Count;
            if (left <= 0)
                yield break;
        }
    }

    private static async Task WriteAsync(
        DataRequest request, IAsyncEnumerable<Match> matches, string? cursor, string? next, Stream to, CancellationToken cancellationToken)
    {
        var at = request.At;
        if (request.Format == DataFormat.Parquet)
        {
            await using var parquet = new ObservationParquet(at);
            await foreach (var match in matches)
                await parquet.WriteAsync(match, to, cancellationToken);
            await parquet.FinishAsync(to, cancellationToken);
            return;
        }
        var rows = new RowText(to);
        if (request.Format == DataFormat.Csv)
        {
            ObservationCsv Csv() => new(
                at.Structure.Id, [.. at.Components.Select(c => new CodedColumn(c.Id, n => c.Codes[n]))], at.TimeIndex, request.Labels, request.Languages);
            Csv().WriteHeader(rows.Buffer);
            await rows.WriteAsync(matches, () => Csv().WriteRow, default, cancellationToken);
            return;
        }
        rows.Buffer.Append($"{{\"dataset\":{Quote(at.Structure.Id)},\"version\":{at.Version.Version},\"publishedAt\":{Quote(at.Version.PublishedAt)},\"observations\":[");
        var count = await rows.WriteAsync(matches, () => new ObservationJson(at, request.Labels, request.Languages).WriteRow, ",\n"u8.ToArray(), cancellationToken);
        rows.Buffer.Append($"],\"page\":{Quote(new { count, cursor, next })},\"links\":{{\"dataset\":");
        rows.Buffer.Append($"{Quote(DatasetApi.Address(at.Structure.Id))},\"version\":{Quote(DatasetApi.Address(at.Structure.Id) + "?version=" + at.Version.Version)}}}}}");
        await rows.FlushAsync(cancellationToken);
    }

    private static string Quote<T>(T value) => JsonSerializer.Serialize(value, Json.Options);

    private static string Address(DataRequest request, string cursor)
    {
        var parameters = new List<string>();
        // A saved query has its filters itself, and the cursor the version.
        if (request.Canonical.Length > 0 && request.SavedAs is null)
            parameters.Add(request.Canonical);
        if (request.SavedAs is null)
            parameters.Add($"version={request.At.Version.Version}");
        if (request.Format != DataFormat.Json)
            parameters.Add("format=" + request.Format.ToString().ToLowerInvariant());
        if (request.Labels)
            parameters.Add("labels=both");
        if (request.Language is not null)
            parameters.Add("lang=" + Uri.EscapeDataString(request.Language));
        parameters.Add($"limit={request.Limit}");
        parameters.Add("cursor=" + cursor);
        return (request.SavedAs ?? DatasetApi.Address(request.At.Structure.Id) + "/data") + "?" + string.Join('&', parameters);
    }

    private async Task SendFileAsync(HttpContext context, DatasetAtVersion at, bool isPinned)
    {
        var (request, response, length) = (context.Request, context.Response, at.Version.FileBytes);
        var name = at.Version.File[(at.Version.File.LastIndexOf('/') + 1)..];
        var etag = "\"" + name.Replace(".parquet", "", StringComparison.Ordinal) + "\"";
        response.Headers.ETag = etag;
        response.Headers.LastModified = HeaderUtilities.FormatDate(at.Version.PublishedAt);
        response.Headers.CacheControl = isPinned ? "public, max-age=31536000, immutable" : "public, max-age=5, stale-while-revalidate=60";
        response.Headers.Vary = "Accept, Accept-Encoding";
        response.Headers.AcceptRanges = "bytes";
        if (AnswerSender.IsUnchanged(request, etag, at.Version.PublishedAt))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var (from, to) = (0L, length - 1);
        if (HttpMethods.IsGet(request.Method) && RangeWanted(request, etag, at.Version.PublishedAt) is { } range)
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
        response.ContentType = DataRequest.MediaTypes[(int)DataFormat.Parquet];
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = $"{at.Structure.Id}-v{at.Version.Version}.parquet" }.ToString();
        response.ContentLength = to - from + 1;
        if (HttpMethods.IsHead(request.Method))
            return;
        var options = new BlobDownloadOptions { Range = new HttpRange(from, to - from + 1) };
        using var blob = (await storage.Lake.GetBlobClient(at.Version.File).DownloadStreamingAsync(options, context.RequestAborted)).Value;
        await blob.Content.CopyToAsync(response.Body, 128 << 10, context.RequestAborted);
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
