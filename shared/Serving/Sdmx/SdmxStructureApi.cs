using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>The structures of both generations of the SDMX REST API.</summary>
public sealed class SdmxStructureApi
{
    private const string Methods = "GET, HEAD";

    private static readonly SdmxFormat[] FormatsV1 =
    [
        new("application/vnd.sdmx.structure+xml", "2.1", "application/xml", "text/xml"),
        new("application/vnd.sdmx.structure+json", "1.0", "application/json"),
    ];

    private static readonly SdmxFormat[] FormatsV2 =
    [
        new("application/vnd.sdmx.structure+json", "2.0.0", "application/json"),
        new("application/vnd.sdmx.structure+json", "2.1.0"),
        new("application/vnd.sdmx.structure+xml", "3.0.0", "application/xml", "text/xml"),
    ];

    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;
    private readonly SdmxAgency agency;
    private readonly SdmxStructures structures;

    internal SdmxStructureApi(Catalogue catalogue, AnswerSender sender, SdmxAgency agency) =>
        (this.catalogue, this.sender, this.agency, structures) = (catalogue, sender, agency, new SdmxStructures(catalogue, agency));

    /// <summary>GET /sdmx/v2/{resource}/…: what there is below /sdmx/v2 that no other function answers.</summary>
    public IResult V2(string? path) => Endpoint(SdmxRest.V2, context =>
    {
        var parts = SdmxReference.Split(path);
        return SdmxReference.Part(parts, 0) switch
        {
            "structure" => StructureAsync(context, SdmxRest.V2, [.. parts.Skip(1)]),
            var resource => throw ProblemException.Unknown(404, "unknown-resource", "resource", "path", resource, ["data", "structure", "availability", "schema"]),
        };
    });

    /// <summary>GET /sdmx/v1/{type}/{agency}/{id}/{version}/{items}, and what else there is below /sdmx/v1 that no other function answers.</summary>
    public IResult V1(string? path) => Endpoint(SdmxRest.V1, context =>
    {
        var parts = SdmxReference.Split(path);
        return SdmxReference.Part(parts, 0) switch
        {
            "" or "*" or "all" => throw Unknown(""),
            var type when SdmxStructureRequest.IsType(type) => StructureAsync(context, SdmxRest.V1, parts),
            var resource => throw Unknown(resource),
        };

        static ProblemException Unknown(string resource) => ProblemException.Unknown(404, "unknown-resource", "resource", "path", resource,
            ["data", "dataflow", "datastructure", "codelist", "conceptscheme", "agencyscheme", "structure", "availableconstraint", "schema"]);
    });

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
        var isPinned = request.Reference is { Versions.IsPinned: true, Ids: not null } && request.AsOf is null && !request.Wanted.Contains(SdmxKind.AgencyScheme);
        await SendAsync(context, rest, format, found, isPinned);
    }

    private Task SendAsync(HttpContext context, SdmxRest rest, SdmxFormat format, SdmxStructures.Found found, bool isPinned)
    {
        var languages = SdmxNames.Languages(context.Request.Headers.AcceptLanguage);
        var head = new AnswerHead($"sdmx structure {rest}\n{string.Join(',', languages)}\n{found.Identity}", format.ContentType, found.Prepared, isPinned)
        {
            Negotiated = true,
            LanguageNegotiated = true,
        };
        var message = new SdmxMessage
        {
            Rest = rest,
            Format = format,
            Agency = agency,
            Artefacts = found.Artefacts,
            Prepared = found.Prepared,
            Languages = languages,
            At = (dataset, version, token) => catalogue.AtAsync(dataset, version, null, token),
        };
        return sender.SendAsync(context, head, _ => Task.FromResult(new AnswerBody(null, (to, token) => SdmxStructureWriter.WriteAsync(message, to, token))));
    }

    private static Endpoint Endpoint(SdmxRest rest, Func<HttpContext, Task> answer) => new(Methods, true, answer, SdmxError.Form(rest));
}
