using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>What an answer is, before its body is made: enough for its ETag, and so for a 304.</summary>
/// <param name="Identity">The same text for the same bytes: version, canonical query, format, labels.</param>
/// <param name="ContentType">The media type.</param>
/// <param name="LastModified">When the version was published; null where nothing says.</param>
/// <param name="Immutable">Whether the address will always give these bytes.</param>
internal sealed record AnswerHead(string Identity, string ContentType, DateTimeOffset? LastModified, bool Immutable)
{
    /// <summary>The name that a browser saves it under; null to show it.</summary>
    public string? FileName { get; init; }

    /// <summary>Whether gzip or br make it smaller.</summary>
    public bool Compressible { get; init; } = true;

    /// <summary>Bodies up to this many bytes are finished in memory, sent with their length and kept; larger ones stream, and are kept when they are asked for again, if the cache has room for them.</summary>
    public int SmallBytes { get; init; } = 1 << 20;

    /// <summary>Whether the format was negotiated, so that caches have to look at Accept.</summary>
    public bool Negotiated { get; init; }

    /// <summary>Whether the language was negotiated, so that caches have to look at Accept-Language.</summary>
    public bool LanguageNegotiated { get; init; }

    /// <summary>Further request headers that caches have to look at; empty for none.</summary>
    public string VariesBy { get; init; } = "";

    /// <summary>What alone it was made from, beside the request; null where there is more. With it the same request is answered again without being read.</summary>
    public DatasetAtVersion? Of { get; init; }
}

/// <summary>An answer's body, ready to be written.</summary>
/// <param name="Link">The value of the header Link; null for none.</param>
/// <param name="WriteAsync">Writes the body.</param>
/// <param name="Cursor">The value of the header Next-Cursor, where there is no address that Link could name; null for none.</param>
internal sealed record AnswerBody(string? Link, Func<Stream, CancellationToken, Task> WriteAsync, string? Cursor = null);

/// <summary>
/// Sends answers: conditional requests (RFC 9110), content coding, HEAD, and a bounded cache of finished small answers, so that a warm request costs
/// neither a query nor a compression. Large answers stream; those that are asked for again are kept too, while the cache takes them.
/// </summary>
/// <param name="catalogue">What is published.</param>
/// <param name="cacheBytes">How much is kept.</param>
/// <param name="patience">How long a client may leave what was sent to it unread; then it is taken for gone.</param>
internal sealed class AnswerSender(Catalogue catalogue, long cacheBytes, TimeSpan patience)
{
    private const int MostKept = 64 << 20;

    // Large answers that are held in memory at once; others stream meanwhile.
    private const int MostHeld = 2;

    // Another build may write the same data in another way: its answers are others.
    private static readonly string Build = typeof(AnswerSender).Module.ModuleVersionId.ToString("N");
    private readonly ByteCache cache = new(cacheBytes);
    private readonly ByteCache asked = new(cacheBytes / 4);
    private readonly ByteCache streamed = new(1 << 20);
    private int held;

    /// <summary>Answers a request like one that was answered before, if nothing newer has been published since; returns whether it did.</summary>
    /// <param name="context">The request.</param>
    /// <param name="variesBy">The further request headers that its face's answers depend on, as in <see cref="AnswerHead.VariesBy"/>.</param>
    public async Task<bool> AgainAsync(HttpContext context, string variesBy = "")
    {
        if (!IsRead(context.Request) || asked.Find<Asked>(KeyOf(context.Request, variesBy)) is not { } known)
            return false;
        if (!known.Headers.Immutable && !await IsLatestAsync(known.File, known.Dataset, context.RequestAborted))
            return false;
        if (IsUnchanged(context.Request, known.Headers.ETag, known.Headers.LastModified))
        {
            known.Headers.Write(context.Response);
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return true;
        }
        if (cache.Find<Finished>(known.Headers.ETag) is not { } finished)
            return false;
        known.Headers.Write(context.Response);
        await SendAsync(context, known.Headers, finished);
        return true;
    }

    /// <summary>Sends an answer; <paramref name="prepare"/> runs only when its bytes are really needed.</summary>
    public async Task SendAsync(HttpContext context, AnswerHead head, Func<CancellationToken, Task<AnswerBody>> prepare)
    {
        var (request, response, cancellationToken) = (context.Request, context.Response, context.RequestAborted);
        var coding = head.Compressible ? Negotiation.Coding(request.Headers.AcceptEncoding) : "identity";
        var answer = new Headers(head, "\"" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Build}\n{head.ContentType}\n{coding}\n{head.Identity}")).AsSpan(0, 16)) + "\"");
        // What names no version may have been read just before a newer one came: then it is not what the same request gives.
        if (head.Of is { } of && IsRead(request) && (head.Immutable || await IsLatestAsync(of.Version.File, of.Structure.Id, cancellationToken)))
        {
            var key = KeyOf(request, head.VariesBy);
            asked.Keep(key, new Asked(of.Structure.Id, of.Version.File, answer), (key.Length * 2) + 1_000);
        }
        answer.Write(response);
        // A cache that goes by the address alone must not give it to others.
        if (!IsRead(request))
            response.Headers.CacheControl = "no-store";
        if (IsRead(request) && IsUnchanged(request, answer.ETag, head.LastModified))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        if (cache.Find<Finished>(answer.ETag) is { } known)
        {
            await SendAsync(context, answer, known);
            return;
        }
        var body = await prepare(cancellationToken);
        response.ContentType = head.ContentType;
        if (answer.Disposition is not null)
            response.Headers.ContentDisposition = answer.Disposition;
        WriteNext(response, body.Link, body.Cursor);
        if (coding != "identity")
            response.Headers.ContentEncoding = coding;
        if (HttpMethods.IsHead(request.Method))
            return;
        var before = streamed.Find<Streamed>(answer.ETag);
        var isHeld = before is { IsTooLarge: false } && TryHold();
        try
        {
            await using var spill = new SpillStream(BodyOf(context), coding, isHeld ? (int)Math.Min(cacheBytes / 4, MostKept) : head.SmallBytes);
            await body.WriteAsync(spill, cancellationToken);
            if (spill.Whole is not { } whole)
            {
                await spill.EndAsync();
                if (isHeld || before is null)
                    streamed.Keep(answer.ETag, new Streamed(IsTooLarge: isHeld), 200);
                return;
            }
            var finished = new Finished(Compress(whole, coding), body.Link, body.Cursor, coding);
            cache.Keep(answer.ETag, finished, finished.Bytes.Length + 512);
            await SendAsync(context, answer, finished);
        }
        finally
        {
            if (isHeld)
                Interlocked.Decrement(ref held);
        }
    }

    /// <summary>Where an answer is written.</summary>
    public Stream BodyOf(HttpContext context) => new PatientStream(context.Response.Body, patience);

    private bool TryHold()
    {
        if (Interlocked.Increment(ref held) <= MostHeld)
            return true;
        Interlocked.Decrement(ref held);
        return false;
    }

    private async Task SendAsync(HttpContext context, Headers headers, Finished answer)
    {
        var response = context.Response;
        response.ContentType = headers.ContentType;
        response.ContentLength = answer.Bytes.Length;
        if (headers.Disposition is not null)
            response.Headers.ContentDisposition = headers.Disposition;
        WriteNext(response, answer.Link, answer.Cursor);
        if (answer.Coding != "identity")
            response.Headers.ContentEncoding = answer.Coding;
        if (!HttpMethods.IsHead(context.Request.Method))
            // A connection that is lost ends it too; to ask for the token of that costs more than a small answer.
            await BodyOf(context).WriteAsync(answer.Bytes, CancellationToken.None);
    }

    private static void WriteNext(HttpResponse response, string? link, string? cursor)
    {
        if (link is not null)
            response.Headers.Link = link;
        if (cursor is not null)
            response.Headers["Next-Cursor"] = cursor;
    }

    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    // All that answers which say what they were made from depend on.
    private static string KeyOf(HttpRequest request, string variesBy)
    {
        // As it was sent: once it is decoded, two addresses may look alike.
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw ? raw : request.Path.Value + request.QueryString.Value;
        var headers = request.Headers;
        var key = new DefaultInterpolatedStringHandler(0, 0, null, stackalloc char[512]);
        key.AppendLiteral(request.Scheme);
        Line(ref key, request.Host.Value);
        Line(ref key, target);
        Line(ref key, headers.Accept);
        Line(ref key, headers.AcceptEncoding);
        Line(ref key, headers.AcceptLanguage);
        if (variesBy.Length > 0)
            foreach (var range in variesBy.AsSpan().Split(", "))
                Line(ref key, headers[variesBy[range]]);
        return key.ToStringAndClear();

        static void Line(ref DefaultInterpolatedStringHandler key, string? text)
        {
            key.AppendLiteral("\n");
            key.AppendFormatted(text);
        }
    }

    private async ValueTask<bool> IsLatestAsync(string file, string dataset, CancellationToken cancellationToken)
    {
        try
        {
            return (await catalogue.FindAsync(dataset, cancellationToken)).Latest.File == file;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    /// <summary>Whether what the client has is still right (RFC 9110, 13.2.2): If-None-Match first, If-Modified-Since only without it.</summary>
    /// <exception cref="ProblemException">The client has made it a condition that the answer is another (If-Match, If-Unmodified-Since).</exception>
    internal static bool IsUnchanged(HttpRequest request, string etag, DateTimeOffset? modified)
    {
        if (request.Headers.IfMatch.Count > 0)
        {
            if (!EntityTagHeaderValue.TryParseList(request.Headers.IfMatch, out var wanted) || !wanted.Any(tag => tag.Tag == "*" || (!tag.IsWeak && tag.Tag.Equals(etag, StringComparison.Ordinal))))
                throw PreconditionFailed("If-Match", request.Headers.IfMatch.ToString(), "the ETag is " + etag);
        }
        else if (modified is { } changed && request.Headers.IfUnmodifiedSince.Count > 0
            && HeaderUtilities.TryParseDate(request.Headers.IfUnmodifiedSince.ToString(), out var unmodified) && WholeSecond(changed) > unmodified)
        {
            throw PreconditionFailed("If-Unmodified-Since", request.Headers.IfUnmodifiedSince.ToString(), "it was modified at " + HeaderUtilities.FormatDate(WholeSecond(changed)));
        }
        if (request.Headers.IfNoneMatch.Count > 0)
        {
            if (request.Headers.IfNoneMatch.Count == 1 && request.Headers.IfNoneMatch[0] == etag)
                return true;
            return EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var tags)
                && tags.Any(tag => tag.Tag == "*" || tag.Tag.Equals(etag, StringComparison.Ordinal));
        }
        return modified is { } at && request.Headers.IfModifiedSince.Count > 0
            && HeaderUtilities.TryParseDate(request.Headers.IfModifiedSince.ToString(), out var since) && WholeSecond(at) <= since;
    }

    /// <summary>When the second is over in which something was published: another version may come in the same one (RFC 9110, 8.8.2.2).</summary>
    internal static DateTimeOffset WholeSecond(DateTimeOffset at) => at.AddTicks((TimeSpan.TicksPerSecond - (at.Ticks % TimeSpan.TicksPerSecond)) % TimeSpan.TicksPerSecond);

    /// <summary>Last-Modified: within that second an earlier one, by which nothing is found unchanged.</summary>
    internal static DateTimeOffset LastModified(DateTimeOffset at) => WholeSecond(at) is var second && DateTimeOffset.UtcNow >= second ? second : second.AddSeconds(-1);

    /// <summary>A request's own condition does not hold.</summary>
    internal static ProblemException PreconditionFailed(string header, string value, string found) =>
        new(StatusCodes.Status412PreconditionFailed, "precondition-failed", $"{header}: {value} does not hold: {found}.") { Parameter = header, Value = value, Expected = "a condition that holds, or none" };

    internal static Stream Compressor(Stream to, string coding, CompressionLevel level) => coding switch
    {
        "br" => new BrotliStream(to, level, leaveOpen: true),
        _ => new GZipStream(to, level, leaveOpen: true),
    };

    private static byte[] Compress(ReadOnlyMemory<byte> whole, string coding)
    {
        if (coding == "identity")
            return whole.ToArray();
        var to = new MemoryStream();
        using (var compressor = Compressor(to, coding, whole.Length > 1 << 20 ? CompressionLevel.Fastest : CompressionLevel.Optimal))
            compressor.Write(whole.Span);
        return to.ToArray();
    }

    private sealed record Finished(byte[] Bytes, string? Link, string? Cursor, string Coding);

    /// <summary>An answer that was larger than what is held in memory.</summary>
    /// <param name="IsTooLarge">Whether it is larger than what the cache takes, too.</param>
    private sealed record Streamed(bool IsTooLarge);

    private sealed record Asked(string Dataset, string File, Headers Headers);

    /// <summary>An answer's header lines, put together once.</summary>
    private sealed class Headers(AnswerHead head, string etag)
    {
        private readonly DateTimeOffset? second = head.LastModified is { } at ? WholeSecond(at) : null;
        private readonly string? modified = head.LastModified is { } at ? HeaderUtilities.FormatDate(WholeSecond(at)) : null;
        private readonly string cacheControl = head.Immutable ? "public, max-age=31536000, immutable" : "public, max-age=5, stale-while-revalidate=60";
        private readonly string vary = (head.Negotiated, head.LanguageNegotiated) switch
        {
            (true, true) => "Accept, Accept-Encoding, Accept-Language",
            (true, false) => "Accept, Accept-Encoding",
            (false, true) => "Accept-Encoding, Accept-Language",
            _ => "Accept-Encoding",
        } + (head.VariesBy.Length > 0 ? ", " + head.VariesBy : "");

        public string ETag => etag;

        public string ContentType => head.ContentType;

        public DateTimeOffset? LastModified => head.LastModified;

        public bool Immutable => head.Immutable;

        public string? Disposition { get; } = head.FileName is null ? null : new ContentDispositionHeaderValue("attachment") { FileName = head.FileName }.ToString();

        /// <summary>Writes those that a 304 has too.</summary>
        public void Write(HttpResponse response)
        {
            var headers = response.Headers;
            headers.ETag = etag;
            headers.Vary = vary;
            headers.CacheControl = cacheControl;
            if (head.LastModified is { } at)
                headers.LastModified = LastModified(at) is var said && said < second ? HeaderUtilities.FormatDate(said) : modified;
        }
    }

    /// <summary>Holds a body in memory until it is too large for that; from then on passes it on, compressed.</summary>
    private sealed class SpillStream(Stream to, string coding, int most) : WriteOnlyStream
    {
        private MemoryStream? held = new();
        private Stream? compressor;

        /// <summary>The body when it has stayed small; null when it went on.</summary>
        public ReadOnlyMemory<byte>? Whole => held is null ? (ReadOnlyMemory<byte>?)null : held.GetBuffer().AsMemory(0, (int)held.Length);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (held is not null)
            {
                if (held.Length + buffer.Length <= most)
                {
                    held.Write(buffer.Span);
                    return;
                }
                var first = held;
                held = null;
                if (coding != "identity")
                    compressor = Compressor(to, coding, CompressionLevel.Fastest);
                await (compressor ?? to).WriteAsync(first.GetBuffer().AsMemory(0, (int)first.Length), cancellationToken);
            }
            await (compressor ?? to).WriteAsync(buffer, cancellationToken);
        }

        /// <summary>Writes the end of a body that was passed on. A body that failed must not get one: it would look whole.</summary>
        public async Task EndAsync()
        {
            if (compressor is not null)
                await compressor.DisposeAsync();
            compressor = null;
        }
    }
}

/// <summary>What Accept and Accept-Encoding ask for, with their q-values (RFC 9110, 12.5).</summary>
internal static class Negotiation
{
    /// <summary>br, gzip or identity.</summary>
    public static string Coding(Microsoft.Extensions.Primitives.StringValues accept)
    {
        if (accept.Count == 0 || !StringWithQualityHeaderValue.TryParseList(accept, out var values))
            return "identity";
        double? Quality(string coding) => values.FirstOrDefault(v => v.Value.Equals(coding, StringComparison.OrdinalIgnoreCase)) is { } v ? v.Quality ?? 1 : null;
        var any = Quality("*") ?? 0;
        var (br, gzip, identity) = (Quality("br") ?? any, Quality("gzip") ?? any, Quality("identity") ?? 0.001);
        return br > 0 && br >= gzip && br >= identity ? "br" : gzip > 0 && gzip >= identity ? "gzip" : "identity";
    }

    /// <summary>The index of the media type that is wanted most; the first where nothing is said; -1 when none is acceptable.</summary>
    public static int MediaType(Microsoft.Extensions.Primitives.StringValues accept, IReadOnlyList<string> offered)
    {
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(accept, out var values) || values.Count == 0)
            return 0;
        var (best, quality) = (-1, 0.0);
        for (var i = 0; i < offered.Count; i++)
        {
            var type = new MediaTypeHeaderValue(offered[i]);
            // The most specific range that a type falls into decides on it.
            var range = values.Where(type.MatchesRange).OrderBy(v => v.MatchesAllTypes ? 2 : v.MatchesAllSubTypes ? 1 : 0).FirstOrDefault();
            if (range is not null && (range.Quality ?? 1) > quality)
                (best, quality) = (i, range.Quality ?? 1);
        }
        return best;
    }

    private static bool MatchesRange(this MediaTypeHeaderValue type, MediaTypeHeaderValue range) =>
        range.MatchesAllTypes || (range.Type == type.Type && (range.MatchesAllSubTypes || range.SubType.Equals(type.SubType, StringComparison.OrdinalIgnoreCase)));
}
