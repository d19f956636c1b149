using Microsoft.AspNetCore.Http;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Answers SDMX data queries: REST 2.x under <c>/sdmx/v2/data</c>, 1.x under <c>/sdmx/v1/data</c>.</summary>
public sealed class SdmxDataApi
{
    private static readonly string[] Contexts = ["dataflow", "datastructure", "provisionagreement", "*"];
    private readonly Catalogue catalogue;
    private readonly VersionQueries lake;
    private readonly AnswerSender sender;
    private readonly SdmxAgency agency;

    internal SdmxDataApi(Catalogue catalogue, VersionQueries lake, AnswerSender sender, SdmxAgency agency) =>
        (this.catalogue, this.lake, this.sender, this.agency) = (catalogue, lake, sender, agency);

    /// <summary>GET /sdmx/v2/data/{context}/{agencyID}/{resourceID}/{version}/{key}</summary>
    public IResult Data(string? path) => Endpoint(SdmxRest.V2, request => Read(path, request), (path ?? "", Data));

    /// <summary>GET /sdmx/v1/data/{flow}/{key}/{provider}</summary>
    public IResult DataOld(string? path) => Endpoint(SdmxRest.V1, request => ReadOld(path, request), (path ?? "", DataOld));

    private Endpoint Endpoint(SdmxRest rest, Func<HttpRequest, SdmxDataQuery> read, (string Is, Func<string, IResult?> Of) part) =>
        new("GET, HEAD", true, context => AnswerAsync(context, rest, read), SdmxError.Form(rest, agency, "data")) { Part = part };

    private static SdmxDataQuery Read(string? path, HttpRequest request)
    {
        var parts = SdmxReference.Split(path);
        if (parts.Count > 5)
            throw ProblemException.Malformed("path", path!, "data/{context}/{agencyID}/{resourceID}/{version}/{key}");
        var context = SdmxReference.Part(parts, 0);
        if (context.Length > 0 && !Contexts.Contains(context))
            throw ProblemException.Unknown(400, "unknown-context", "context", "context", context, Contexts);
        if (context == "provisionagreement")
            throw SdmxError.NoResults("There are no provision agreements here: ask for a dataflow.");
        return new SdmxDataQuery(
            context == "datastructure" ? context : "dataflow",
            SdmxReference.Read(parts, 1),
            SdmxKey.Parse(SdmxReference.Part(parts, 4)),
            SdmxFilters.Parse(request.Query),
            SdmxDataOptions.Read(request.Query));
    }

    private SdmxDataQuery ReadOld(string? path, HttpRequest request)
    {
        var parts = SdmxReference.Split(path);
        if (parts.Count is 0 or > 3)
            throw ProblemException.Malformed("path", path ?? "", "data/{flow}/{key}/{provider}, where flow is ID, AGENCY,ID or AGENCY,ID,VERSION");
        var query = new SdmxDataQuery(
            "dataflow", SdmxReference.ReadFlow(parts[0]), SdmxKey.Parse(SdmxReference.Part(parts, 1)), SdmxFilters.None, SdmxDataOptions.ReadOld(request.Query));
        var providers = SdmxReference.Part(parts, 2);
        return providers.Length == 0 || providers.Split('+', ' ').Any(p => p is "all" or "ALL" || p[(p.LastIndexOf(',') + 1)..] == agency.Id)
            ? query
            : throw SdmxError.NoResults($"All data here are provided by {agency.Id}.");
    }

    private async Task AnswerAsync(HttpContext context, SdmxRest rest, Func<HttpRequest, SdmxDataQuery> read)
    {
        if (await sender.AgainAsync(context))
            return;
        var (request, cancellationToken) = (context.Request, context.RequestAborted);
        var query = read(request);
        var (format, csv, contentType) = SdmxDataFormat.Choose(request, rest, query.Options.Format);
        if (query.Options is { UpdatedAfter: { } after, AsOf: { } moment } && after > moment)
            throw ProblemException.Malformed("updatedAfter", after.ToString("O"), "a moment before asOf", "conflicting-parameters");
        var (structures, nothing) = await new SdmxDataSets(catalogue, agency, rest).FindAsync(query, format, cancellationToken);
        if (format.IsTimeSeries && structures.Find(s => !SdmxNames.HasTime(s.At)) is { } timeless)
            throw SdmxFormats.Unacceptable(query.Options.Format is null ? "Accept" : "format", $"{format.Type} of {timeless.At.Structure.Id}, which has no time",
                SdmxDataFormat.Of(rest).Where(f => !f.IsTimeSeries).Select(f => $"{f.Type};version={f.Version}"));
        var languages = format.IsLabelled(csv) ? SdmxNames.Languages(request.Headers.AcceptLanguage) : [];
        var message = new SdmxDataMessage
        {
            Sender = agency,
            Structures = structures,
            Languages = languages,
            Rows = Rows,
            Identity = Identity(structures, string.Join('\n', rest, format, csv, string.Join(',', languages))),
        };
        // What is named and not there yet would be added.
        var isPinned = query.Reference.Ids is { } ids && structures.Count == ids.Count * query.Reference.Versions.Named;
        var head = new AnswerHead(message.Identity, contentType, message.Prepared, isPinned)
        {
            Of = structures is [var one] && query.Reference.Ids is { Count: 1 } ? one.At : null,
            Negotiated = query.Options.Format is null,
            LanguageNegotiated = format.IsLabelled(csv),
            FileName = format.Family == SdmxFamily.Csv ? $"{structures[0].At.Structure.Id}-v{structures[0].At.Version.Version}.csv" : null,
        };
        await sender.SendAsync(context, head, async token =>
        {
            var filled = await FilledAsync(message, token);
            return filled.Structures.Count == 0 ? throw nothing() : new AnswerBody(null, (to, end) => WriteAsync(filled, format, csv, to, end));
        });
    }

    private IAsyncEnumerable<Match> Rows(SdmxDataSet set, bool[] wanted, CancellationToken cancellationToken) =>
        lake.RunAsync(set.At, set.Query, wanted, cancellationToken);

    private static string Identity(List<SdmxDescribed> structures, string how)
    {
        var text = new System.Text.StringBuilder("sdmx data\n").Append(how);
        foreach (var structure in structures)
        {
            var layout = structure.Layout;
            text.Append('\n').Append(structure.Artefact.Urn).Append('\n').Append(layout.AtObservation?.Id).Append(layout.HasValue).AppendJoin(',', layout.Attributes.Select(a => a.Id));
            foreach (var set in structure.DataSets)
                text.Append('\n').AppendJoin('|', set.At.Version.File, set.ComparedWith?.Version.File, set.Action, set.ValidFrom?.Ticks, set.ValidTo?.Ticks, set.Query.Canonical, set.Query.Offset, set.Query.Limit);
        }
        return text.ToString();
    }

    // The message without the data sets that nothing matches in; what is to be compared and sorted is so here, where an error can still be told.
    private async Task<SdmxDataMessage> FilledAsync(SdmxDataMessage message, CancellationToken cancellationToken)
    {
        var filled = new List<SdmxDescribed>();
        foreach (var structure in message.Structures)
        {
            var sets = new List<SdmxDataSet>();
            foreach (var set in structure.DataSets)
            {
                var compared = set.ComparedWith is not { } other ? set
                    : set with { Query = set.Query with { Where = [.. set.Query.Where, await new SdmxChanges(lake, set.At, other).FindAsync(set.Query.Where, set.IsGone, cancellationToken)] } };
                if (await HasRowsAsync(compared, cancellationToken))
                    sets.Add(compared);
            }
            if (sets.Count > 0)
                filled.Add(structure with { DataSets = sets });
        }
        return message with { Structures = filled };
    }

    private async Task<bool> HasRowsAsync(SdmxDataSet set, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var match in Rows(set with { Query = set.Query with { Limit = 1 } }, new bool[set.At.ColumnCount], cancellationToken))
                return match.Count > 0;
            return false;
        }
        catch (SortLimitException e)
        {
            throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "too-many-to-sort", $"More than {e.Limit} observations match, and no more are put into another order. "
                + "Filter further, or leave sort out and dimensionAtObservation at TIME_PERIOD or AllDimensions: that order has no limit.");
        }
    }

    private static Task WriteAsync(SdmxDataMessage message, SdmxDataFormat format, SdmxCsvOptions csv, Stream to, CancellationToken cancellationToken) => format switch
    {
        { Family: SdmxFamily.Csv } => new SdmxCsvWriter(message, csv, format.IsOld).WriteAsync(to, cancellationToken),
        { Family: SdmxFamily.Json } => new SdmxJsonWriter(message, format.Version switch
        {
            "1.0.0-wd" => SdmxJsonVersion.Draft,
            "1.0.0" => SdmxJsonVersion.V1,
            "2.0.0" => SdmxJsonVersion.V20,
            _ => SdmxJsonVersion.V21,
        }).WriteAsync(to, cancellationToken),
        _ => new SdmxXmlWriter(message, format.Name switch
        {
            "genericdata" => SdmxXmlKind.Generic,
            "generictimeseriesdata" => SdmxXmlKind.GenericTimeSeries,
            "structurespecificdata" => SdmxXmlKind.Specific,
            "structurespecifictimeseriesdata" => SdmxXmlKind.SpecificTimeSeries,
            _ => SdmxXmlKind.Specific3,
        }).WriteAsync(to, cancellationToken),
    };
}
