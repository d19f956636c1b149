using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Local;

/// <summary>The errors that the host itself answers with, before or instead of a function: RFC 9457 problem details.</summary>
internal static class Problem
{
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the answer; the response must not have started.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The stable code that programs may branch on.</param>
    /// <param name="title">What is wrong, in general.</param>
    /// <param name="detail">What is wrong here, and what to do.</param>
    /// <param name="traceId">The id under which the log has more; null without one.</param>
    public static async Task WriteAsync(HttpContext context, int status, string code, string title, string detail, string? traceId = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, Format))
        {
            json.WriteStartObject();
            json.WriteString("type", "urn:pipeline:problem:" + code);
            json.WriteString("title", title);
            json.WriteNumber("status", status);
            json.WriteString("detail", detail);
            json.WriteString("instance", context.Request.Path);
            json.WriteString("code", code);
            if (traceId is not null)
                json.WriteString("traceId", traceId);
            json.WriteEndObject();
        }
        context.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body.WrittenMemory);
    }
}
