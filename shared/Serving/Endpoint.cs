using System.Text.Json;
using Azure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pipeline.Serving;

/// <summary>How a face says that a request can not be answered: the media type and the body. The status is the problem's.</summary>
internal delegate (string ContentType, byte[] Body) ErrorForm(HttpContext context, ProblemException problem);

/// <summary>
/// What every function answers with: runs the work when the host executes the result, answers OPTIONS, refuses other methods than its own, sets the CORS headers
/// of public reads, and turns exceptions into problem details. No middleware is relied on, so that it is the same in Azure and locally.
/// </summary>
/// <param name="methods">The methods that it takes, as Allow names them. The function's route takes all, so that a wrong one is refused here, in the face's form.</param>
/// <param name="isPublic">Whether any page may read it from a browser.</param>
/// <param name="answer">The work.</param>
/// <param name="errorForm">How errors are written; null for problem details.</param>
internal sealed class Endpoint(string methods, bool isPublic, Func<HttpContext, Task> answer, ErrorForm? errorForm = null) : IResult
{
    private readonly Func<HttpContext, Task> answer = answer;

    /// <summary>Where who comes with another method may want to go, as a sentence; null for nowhere.</summary>
    public Func<string>? Elsewhere { get; init; }

    /// <summary>The part of the path that it answers for, and what answers for another one; null where another is another function's.</summary>
    public (string Is, Func<string, IResult?> Of)? Part { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.XContentTypeOptions = "nosniff";
        if (isPublic)
        {
            response.Headers.AccessControlAllowOrigin = "*";
            // All of them: no answer depends on credentials, so that browsers take it for more than a name.
            response.Headers.AccessControlExposeHeaders = "*";
        }
        if (HttpMethods.IsOptions(httpContext.Request.Method))
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            response.Headers.Allow = methods + ", OPTIONS";
            if (isPublic)
            {
                response.Headers.AccessControlAllowMethods = methods + ", OPTIONS";
                response.Headers.AccessControlAllowHeaders = AllowedHeaders(httpContext.Request);
                response.Headers.AccessControlMaxAge = "86400";
            }
            return;
        }
        try
        {
            var method = httpContext.Request.Method;
            await (AddressEncoding.Problem(httpContext) is { } unreadable ? throw unreadable
                : Takes(method) ? answer(httpContext)
                : throw new ProblemException(StatusCodes.Status405MethodNotAllowed, "method-not-allowed", $"{httpContext.Request.Path} does not take {method}. It takes: {methods}, OPTIONS.{(Elsewhere is null ? "" : " " + Elsewhere())}"));
        }
        catch (Exception) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // The client is gone; there is nobody to tell.
        }
        catch (ClientStalledException)
        {
            httpContext.Abort();
        }
        catch (Exception e)
        {
            var problem = e as ProblemException ?? Unexpected(e);
            if (problem.Status >= 500 && problem.Status != StatusCodes.Status501NotImplemented)
            {
                httpContext.RequestServices?.GetService<ILoggerFactory>()?.CreateLogger("Pipeline.Serving")
                    .LogError(e, "{Method} {Path} failed", httpContext.Request.Method, httpContext.Request.Path);
            }
            if (response.HasStarted)
                httpContext.Abort();
            else
                await WriteAsync(httpContext, problem);
        }
    }

    // Libraries add headers of their own, such as traceparent or X-Requested-With. None changes what is read here, so any may be sent; * would leave out Authorization.
    private static string AllowedHeaders(HttpRequest request) =>
        string.Join(", ", request.Headers.AccessControlRequestHeaders.SelectMany(names => (names ?? "").Split(',', StringSplitOptions.TrimEntries)).Where(IsToken)) is { Length: > 0 } asked
            ? asked : "*, Authorization";

    // RFC 9110, 5.6.2.
    private static bool IsToken(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));

    private bool Takes(string method)
    {
        foreach (var range in methods.AsSpan().Split(", "))
            if (methods.AsSpan(range).SequenceEqual(method))
                return true;
        return false;
    }

    /// <summary>Sends JSON that is not cached.</summary>
    public static Task WriteJsonAsync(HttpContext context, int status, object body) =>
        WriteAsync(context, status, JsonSerializer.SerializeToUtf8Bytes(body, Json.Options), "application/json; charset=utf-8");

    private static async Task WriteAsync(HttpContext context, int status, byte[] bytes, string contentType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>Leads on to what describes that which was asked for (RFC 9110, 15.4.4).</summary>
    public static void SeeOther(HttpContext context, string address)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = address;
        context.Response.Headers.Vary = "Accept";
    }

    /// <summary>Lets a body of any length in; the endpoints that take one keep their own limit.</summary>
    public static void AllowLargeBody(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = null;
    }

    private static ProblemException Unexpected(Exception e) => e switch
    {
        RequestFailedException { Status: 0 or 429 or >= 500 } or AggregateException { InnerException: RequestFailedException } =>
            new(StatusCodes.Status503ServiceUnavailable, "storage-unavailable", "The storage account does not answer at the moment. Try again shortly."),
        BadHttpRequestException bad => new(bad.StatusCode, "request-unreadable", bad.Message),
        _ => new(StatusCodes.Status500InternalServerError, "internal-error", "The request could not be answered: a fault of ours, which has been logged."),
    };

    // What answers at a path: this, or the same for another name in the place of this one's.
    private Func<HttpContext, Task>? At(PathString now, PathString path)
    {
        if (path == now)
            return answer;
        var (before, after) = (now.Value ?? "", path.Value ?? "");
        if (Part is not ({ Length: > 0 } name, var other))
            return null;
        for (var at = before.IndexOf(name, StringComparison.Ordinal); at >= 0; at = before.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            var rest = before[(at + name.Length)..];
            if (after.Length > at + rest.Length && after.StartsWith(before[..at], StringComparison.Ordinal) && after.EndsWith(rest, StringComparison.Ordinal))
                return (other(after[at..^rest.Length]) as Endpoint)?.answer;
        }
        return null;
    }

    private async Task WriteAsync(HttpContext context, ProblemException problem)
    {
        problem = await SecondTry.AfterAsync(context, problem, path => At(context.Request.Path, path));
        var (origin, expose) = (context.Response.Headers.AccessControlAllowOrigin, context.Response.Headers.AccessControlExposeHeaders);
        context.Response.Headers.Clear();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.AccessControlAllowOrigin = origin;
        context.Response.Headers.AccessControlExposeHeaders = expose;
        context.Response.Headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status405MethodNotAllowed)
            context.Response.Headers.Allow = methods + ", OPTIONS";
        // RFC 9110, 15.5.16.
        if (problem is { Status: StatusCodes.Status415UnsupportedMediaType, Parameter: "Content-Encoding" })
            context.Response.Headers.AcceptEncoding = "identity";
        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = "5";
        var (type, body) = errorForm?.Invoke(context, problem)
            ?? ("application/problem+json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(problem.ToJson(context.Request.Path.Value ?? "/"), Json.Options));
        await WriteAsync(context, problem.Status, body, type);
    }
}
