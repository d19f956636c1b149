using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>A service: the catalogue's, or a dataset's at a version.</summary>
/// <param name="Address">Where it is, with a slash at the end.</param>
/// <param name="Dataset">The dataset; empty for the catalogue.</param>
/// <param name="Version">The dataset's version; 1 for the catalogue.</param>
/// <param name="Identity">What tells its state from every other.</param>
/// <param name="LastModified">When it was last changed.</param>
/// <param name="IsPinned">Whether the request names its version, or a moment.</param>
internal sealed record ODataService(string Address, string Dataset, int Version, string Identity, DateTimeOffset? LastModified, bool IsPinned)
{
    /// <summary>Whether its answers are for ever: a moment that is asked for may be one before which more will yet be published.</summary>
    public bool IsImmutable { get; init; }

    /// <summary>The dataset at the version; null for the catalogue.</summary>
    public DatasetAtVersion? Of { get; init; }

    /// <summary>The parameter that keeps to the version, where the request names one.</summary>
    public string Pin => IsPinned ? "?version=" + Version : "";

    /// <summary>The address of what the model says of an answer.</summary>
    public string Context(string fragment) => Address + "$metadata" + Pin + (fragment.Length > 0 ? "#" + fragment : "");
}

/// <summary>Sends one request's answer in OData's forms.</summary>
internal sealed class ODataAnswer(HttpContext context, ODataRequest request, ODataService service, AnswerSender sender, Cursor cursors)
{
    /// <summary>The request.</summary>
    public ODataRequest Request => request;

    /// <summary>The service that it is for.</summary>
    public ODataService Service => service;

    /// <summary>How JSON is wanted.</summary>
    public (ODataMetadata Metadata, bool NumbersAsText) Form { get; set; }

    /// <summary>The page size, within what the client asks for and what is allowed.</summary>
    public long PageSize(long? top) => request.PageSize ?? (top is null ? ODataRequest.DefaultPage : ODataRequest.MostPerPage);

    /// <summary>Sends an answer of any type.</summary>
    public Task SendAsync(string type, Func<CancellationToken, Task<AnswerBody>> prepare)
    {
        // A preference has a header of its own, which is not remembered.
        var of = request.PageSize is null ? service.Of : null;
        if (request.PageSize is { } size)
            context.Response.Headers["Preference-Applied"] = $"odata.maxpagesize={size}";
        var identity = string.Join('\n', "odata", service.Identity, service.Address, context.Request.Path.Value, request.Version, request.PageSize, request.Parameters());
        return sender.SendAsync(context, new AnswerHead(identity, type, service.LastModified, service.IsImmutable) { Of = of, Negotiated = true, VariesBy = ODataRequest.VariesBy }, prepare);
    }

    /// <summary>Sends JSON; reads first how it is wanted.</summary>
    public Task SendJsonAsync(Func<CancellationToken, Task<AnswerBody>> prepare)
    {
        Form = request.Json();
        return SendAsync($"application/json;odata.metadata={Form.Metadata.ToString().ToLowerInvariant()};odata.streaming=true"
            + (Form.NumbersAsText ? ";IEEE754Compatible=true" : "") + ";charset=utf-8", prepare);
    }

    /// <summary>Sends a JSON object that is put together in memory.</summary>
    public Task SendJsonAsync(string fragment, Action<Utf8JsonWriter> write) => SendJsonAsync(_ => Task.FromResult(Body(fragment, write)));

    /// <summary>A JSON object that is put together in memory.</summary>
    public AnswerBody Body(string fragment, Action<Utf8JsonWriter> write) => new(null, async (to, token) =>
    {
        var buffer = new Utf8Buffer();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Json.Options.Encoder }))
        {
            json.WriteStartObject();
            if (Form.Metadata != ODataMetadata.None)
                json.WriteString("@odata.context", service.Context(fragment));
            write(json);
            json.WriteEndObject();
        }
        await to.WriteAsync(buffer.Written, token);
    });

    /// <summary>Sends plain text.</summary>
    public Task SendTextAsync(Func<CancellationToken, Task<string>> text) => SendAsync("text/plain;charset=utf-8", async token =>
    {
        var bytes = Encoding.UTF8.GetBytes(await text(token));
        return new AnswerBody(null, (to, t) => to.WriteAsync(bytes, t).AsTask());
    });

    /// <summary>Sends one value: of a property, as JSON or as it is.</summary>
    public Task SendValueAsync(string fragment, object? value, bool raw)
    {
        if (value is null)
        {
            // A null has no representation (OData 4.01 part 1, 11.2.4).
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }
        return raw ? SendTextAsync(_ => Task.FromResult(ODataTable.Text(value))) : SendJsonAsync(fragment, json =>
        {
            json.WritePropertyName("value");
            ODataTable.WriteValue(json, value, Form.NumbersAsText);
        });
    }

    /// <summary>Where the page begins that a token names; null without one.</summary>
    public long? Position => request["$skiptoken"] is { } token ? cursors.Read(token, service.Dataset, service.Version, Query) : null;

    /// <summary>The address of the page that begins at a position, when so many entities have been given of those wanted.</summary>
    public string NextLink(string set, long position, long? top, long given)
    {
        var parameters = request.Parameters("$skip", "$skiptoken", "$top", "asOf");
        return service.Address + set + "?" + parameters + (parameters.Length > 0 ? "&" : "") + (top is { } most ? $"$top={most - given}&" : "")
            + "$skiptoken=" + cursors.Write(service.Dataset, service.Version, Query, position);
    }

    // What a token is for: the entities and their order, whatever is shown of them.
    private string Query => string.Join('\n', "odata", request["$apply"], request["$filter"], request["$search"], request["$orderby"]);
}
