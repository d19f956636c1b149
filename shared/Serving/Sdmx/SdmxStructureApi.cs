using Microsoft.AspNetCore.Http;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>The structures of both generations of the SDMX REST API.</summary>
public sealed class SdmxStructureApi
{
    private const string Methods = "GET, HEAD";

    private static readonly SdmxFormat[] FormatsV1 =
    [
        new("application/vnd.sdmx.structure+xml", "2.1", "application/xml", "text/xml"),
        new("application/vnd.sdmx.structure+json", "1.0", "application/json"),
        // Clients have one list of formats for both generations.
        new("application/vnd.sdmx.structure+json", "2.0.0"),
        new("application/vnd.sdmx.structure+json", "2.1.0"),
    ];

    private static readonly SdmxFormat[] FormatsV2 =
    [
        new("application/vnd.sdmx.structure+json", "2.1.0", "application/json"),
        new("application/vnd.sdmx.structure+json", "2.0.0"),
        new("application/vnd.sdmx.structure+xml", "3.0.0", "application/xml", "text/xml"),
    ];

    private static readonly SdmxFormat[] SchemaFormatsV1 = [new("application/vnd.sdmx.schema+xml", "2.1", "application/xml", "text/xml"), .. FormatsV1];

    private static readonly SdmxFormat[] SchemaFormatsV2 = [new("application/vnd.sdmx.schema+xml", "3.0.0", "application/xml", "text/xml"), .. FormatsV2];

    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;
    private readonly SdmxAgency agency;
    private readonly SdmxStructures structures;
    private readonly SdmxAvailabilities availabilities;

    internal SdmxStructureApi(Catalogue catalogue, VersionQueries queries, AnswerSender sender, SdmxAgency agency) =>
        (this.catalogue, this.sender, this.agency, structures, availabilities) = (catalogue, sender, agency, new SdmxStructures(catalogue, agency), new SdmxAvailabilities(catalogue, queries));

    /// <summary>GET /sdmx/v2, which lists the dataflows, and /sdmx/v2/{resource}/…: what there is below that no other function answers.</summary>
    public IResult V2(string? path) => Endpoint(SdmxRest.V2, context =>
    {
        var parts = SdmxReference.Split(path);
        return SdmxReference.Part(parts, 0) switch
        {
            // Who comes to the address that catalogues name finds what there is.
            "" => StructureAsync(context, SdmxRest.V2, ["dataflow"]),
            "structure" => StructureAsync(context, SdmxRest.V2, [.. parts.Skip(1)]),
            "availability" => AvailabilityAsync(context, SdmxRest.V2, SdmxAvailabilityRequest.ReadV2(context.Request, [.. parts.Skip(1)])),
            "schema" => SchemaAsync(context, SdmxRest.V2, [.. parts.Skip(1)]),
            "metadata" or "registration" => throw NotServed(parts[0]),
            var resource => throw ProblemException.Unknown(404, "unknown-resource", "resource", "path", resource, ["data", "structure", "availability", "schema"]),
        };
    }, (path ?? "", other => IsData(other) ? null : V2(other)));

    /// <summary>GET /sdmx/v1, which lists the dataflows, /sdmx/v1/{type}/{agency}/{id}/{version}/{items}, and what else there is below /sdmx/v1 that no other function answers.</summary>
    public IResult V1(string? path) => Endpoint(SdmxRest.V1, context =>
    {
        var parts = SdmxReference.Split(path);
        return SdmxReference.Part(parts, 0) switch
        {
            "" => StructureAsync(context, SdmxRest.V1, ["dataflow"]),
            "*" or "all" => throw Unknown(""),
            "availableconstraint" => AvailabilityAsync(context, SdmxRest.V1, SdmxAvailabilityRequest.ReadV1(context.Request, [.. parts.Skip(1)], agency)),
            "schema" => SchemaAsync(context, SdmxRest.V1, [.. parts.Skip(1)]),
            "metadata" => throw NotServed(parts[0]),
            var type when SdmxStructureRequest.IsType(type) => StructureAsync(context, SdmxRest.V1, parts),
            var resource => throw Unknown(resource),
        };

        static ProblemException Unknown(string resource) => ProblemException.Unknown(404, "unknown-resource", "resource", "path", resource,
            ["data", "dataflow", "datastructure", "codelist", "conceptscheme", "agencyscheme", "structure", "availableconstraint", "schema"]);
    }, (path ?? "", other => IsData(other) ? null : V1(other)));

    private static bool IsData(string path) => path.Split('/')[0] == "data";

    // The standard wants to be told so, and not that there is no such resource.
    private static ProblemException NotServed(string resource) =>
        SdmxError.NotImplemented("path", resource, $"There is no {resource} here: no reference metadata are kept beside the attributes of observations, and nothing is registered.");

    private async Task StructureAsync(HttpContext context, SdmxRest rest, IReadOnlyList<string> parts)
    {
        var format = SdmxFormats.Choose(context.Request, rest == SdmxRest.V1 ? FormatsV1 : FormatsV2);
        var request = SdmxStructureRequest.Read(rest, context.Request, parts);
        var found = await structures.FindAsync(request, context.RequestAborted);
        if (found.Artefacts.Count == 0)
        {
            if (rest == SdmxRest.V1)
                throw SdmxError.NoResults($"There is no {request.Type} here.");
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        var isPinned = found.IsPinned && request.AsOf is null && !request.Wanted.Contains(SdmxKind.AgencyScheme);
        await SendAsync(context, rest, format, found.Identity, found.Prepared, isPinned, _ => Task.FromResult(found.Artefacts));
    }

    private async Task AvailabilityAsync(HttpContext context, SdmxRest rest, SdmxAvailabilityRequest request)
    {
        var format = SdmxFormats.Choose(context.Request, rest == SdmxRest.V1 ? FormatsV1 : FormatsV2);
        var found = await structures.FindAsync(request.Flows, context.RequestAborted);
        await SendAsync(context, rest, format, $"availability {request.Canonical}\n{found.Identity}", found.Prepared, found.IsPinned, token => availabilities.FindAsync(request, found.Artefacts, token));
    }

    private async Task SchemaAsync(HttpContext context, SdmxRest rest, IReadOnlyList<string> parts)
    {
        string[] known = ["dimensionAtObservation", rest == SdmxRest.V1 ? "explicitMeasure" : "deletion", "asOf", "format"];
        foreach (var name in context.Request.Query.Keys)
        {
            if (!known.Contains(name))
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, known);
        }
        if (parts.Count is < 3 or > 4)
            throw ProblemException.Malformed("path", string.Join('/', parts), "{context}/{agency}/{id}/{version}");
        var format = SdmxFormats.Choose(context.Request, rest == SdmxRest.V1 ? SchemaFormatsV1 : SchemaFormatsV2);
        DateTimeOffset? asOf = context.Request.Query.TryGetValue("asOf", out var moment) ? DataRequest.Moment("asOf", moment.ToString()) : null;
        var request = SdmxAvailabilityRequest.Flow(parts[0], SdmxReference.Read(parts, 1)) with { AsOf = asOf };
        var found = await structures.FindAsync(request, context.RequestAborted);
        if (found.Artefacts is not [var flow])
            throw ProblemException.Malformed("path", string.Join('/', parts), $"the path of one {request.Type} at one version: a schema is of one");
        var isPinned = found.IsPinned && asOf is null;
        var at = await catalogue.AtAsync(flow.Dataset, flow.Version, null, context.RequestAborted);
        var dimension = SdmxSchema.AtObservation(at, context.Request.Query.TryGetValue("dimensionAtObservation", out var wanted) ? wanted.ToString() : null);
        var isDeletion = Flag(context.Request, "deletion");
        // The measure is explicit anyway.
        Flag(context.Request, "explicitMeasure");
        if (!format.MediaType.Contains("schema"))
        {
            found = await structures.FindAsync(request with { Wanted = [SdmxKind.DataStructure], Reference = new SdmxReference(null, [SdmxIds.DataStructure(flow.Dataset)], SdmxVersions.Parse(SdmxIds.Version(rest, flow.Version))), References = ["descendants"] }, context.RequestAborted);
            await SendAsync(context, rest, format, found.Identity, found.Prepared, isPinned, _ => Task.FromResult(found.Artefacts));
            return;
        }
        var urns = new SdmxUrns(agency, rest);
        var urn = rest == SdmxRest.V2 && flow.Kind == SdmxKind.Dataflow ? urns.Dataflow(flow.Dataset, flow.Version) : urns.DataStructure(flow.Dataset, flow.Version);
        var schema = new SdmxSchema(at, rest, urn, dimension, isDeletion);
        await sender.SendAsync(context, new AnswerHead($"sdmx schema {urn}\n{dimension}\n{isDeletion}\n{at.Version.File}", format.ContentType, at.Version.PublishedAt, isPinned) { Negotiated = true },
            _ => Task.FromResult(new AnswerBody(null, schema.WriteAsync)));
    }

    private static bool Flag(HttpRequest request, string name) => request.Query.TryGetValue(name, out var text) && text.ToString() switch
    {
        "true" => true,
        "false" => false,
        var other => throw ProblemException.Malformed(name, other, "true or false"),
    };

    private Task SendAsync(
        HttpContext context, SdmxRest rest, SdmxFormat format, string identity, DateTimeOffset prepared, bool isPinned, Func<CancellationToken, Task<IReadOnlyList<SdmxArtefact>>> artefactsAsync)
    {
        var languages = SdmxNames.Languages(context.Request.Headers.AcceptLanguage);
        var head = new AnswerHead($"sdmx {rest}\n{string.Join(',', languages)}\n{identity}", format.ContentType, prepared, isPinned)
        {
            Negotiated = true,
            LanguageNegotiated = true,
        };
        return sender.SendAsync(context, head, async token =>
        {
            var message = new SdmxMessage
            {
                Rest = rest,
                Format = format,
                Agency = agency,
                Artefacts = await artefactsAsync(token),
                Prepared = prepared,
                Languages = languages,
                At = (dataset, version, token) => catalogue.AtAsync(dataset, version, null, token),
            };
            return new AnswerBody(null, (to, token) => SdmxStructureWriter.WriteAsync(message, to, token));
        });
    }

    private Endpoint Endpoint(SdmxRest rest, Func<HttpContext, Task> answer, (string Is, Func<string, IResult?> Of) part) =>
        new(Methods, true, answer, SdmxError.Form(rest, agency, "structure")) { Part = part };
}
