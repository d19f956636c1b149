using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Answers for what has become of a dataset between two of its versions.</summary>
public sealed class ChangesApi
{
    private const string Kind = "CHANGE";
    private static readonly string[] Options = ["from", "to", "limit", "cursor", "labels", "lang", "format", "columns", Kind];
    private readonly Catalogue catalogue;
    private readonly VersionQueries lake;
    private readonly AnswerSender sender;
    private readonly Cursor cursors;
    private readonly HarvestSite site;
    private readonly ByteCache known = new(32L << 20);

    internal ChangesApi(Catalogue catalogue, VersionQueries lake, AnswerSender sender, Cursor cursors, HarvestSite site) =>
        (this.catalogue, this.lake, this.sender, this.cursors, this.site) = (catalogue, lake, sender, cursors, site);

    /// <summary>GET /v1/datasets/{dataset}/changes</summary>
    public IResult Changes(string dataset) => new Endpoint("GET, HEAD", true, async context =>
    {
        var request = await ReadAsync(context.Request, dataset, context.RequestAborted);
        var (table, format) = (request.Table, request.Table.Format);
        var host = format.NamesHost ? site.AddressOf(context.Request) : "";
        var later = request.Before?.Version.PublishedAt > request.After.Version.PublishedAt ? request.Before : request.After;
        var identity = string.Join('\n', "changes", dataset, request.Before?.Version.File, request.After.Version.File, request.From, request.To, request.Canonical,
            string.Join('&', table.Parameters), request.Limit, request.Position, host, site.Identity);
        var head = new AnswerHead(identity, format.MediaType + format.Parameters, later.Version.PublishedAt, request.IsPinned)
        {
            Negotiated = table.IsFormatNegotiated,
            LanguageNegotiated = table.IsLanguageNegotiated,
            Compressible = format.IsCompressible,
            FileName = format.IsPaged ? null : $"{dataset}-v{request.From}-v{request.To}.{format.Extension}",
        };
        await sender.SendAsync(context, head, token => PrepareAsync(request, host, token));
    })
    {
        Part = (dataset, Changes),
    };

    private async Task<AnswerBody> PrepareAsync(Request request, string host, CancellationToken cancellationToken)
    {
        var (shape, format) = (request.Shape, request.Table.Format);
        var counts = format.IsPaged || format.MostRows is not null ? await CountAsync(request, cancellationToken) : [];
        if (format.MostRows is { } most && Math.Min(request.Limit ?? long.MaxValue, counts.Where((_, kind) => request.Kinds[kind]).Sum()) is var rows && rows > most)
            throw format.TooLarge($"{rows} changes match; format={format.Name} holds {most} rows. Filter further, page with limit, or ask for another format.", $"at most {most} rows");
        var next = request.Limit is { } limit ? await NextAsync(request, limit, cancellationToken) : null;
        var cursor = next is { } place ? cursors.Write(request.After.Structure.Id, request.To, request.Canonical, place.Packed) : null;
        var nextAddress = cursor is null ? null : Address(request, cursor);
        var columns = shape.Chosen(request.Table.ColumnNames);
        var table = new ObservationTable
        {
            At = shape.At,
            Rows = RowRange.Of(RowsAsync(request, columns.Any(c => c.Kind is ColumnKind.Source or ColumnKind.Release), cancellationToken), 0, request.Limit),
            Labels = request.Table.Labels,
            Languages = DataRequest.LanguagesOf(request.After.Structure, request.Table.Language),
            Columns = columns,
            Measures = columns.Any(c => c.Kind == ColumnKind.Measure) ? shape.Measures : [],
            HasEmptyRows = true,
        };
        var page = new TablePage(host, Address(request, null)) { Query = request.Canonical, Cursor = cursor, Next = nextAddress, Publisher = site.Publisher, Licence = site.License, Opening = format.IsPaged ? Opening(request, counts) : null };
        return new AnswerBody(nextAddress is null ? null : $"<{nextAddress}>; rel=\"next\"", (to, token) => format.WriteAsync(table, page, to, token));
    }

    private async IAsyncEnumerable<Match> RowsAsync(Request request, bool withPlaces, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var changes in DifferencesAsync(request, ComparedPlace.Of(request.Position), request.Limit is null, cancellationToken))
        {
            List<Change> wanted = [.. changes.Where(c => request.Kinds[(int)c.Kind])];
            if (wanted.Count == 0)
                continue;
            var (before, after) = (wanted.Find(c => c.Kind == ChangeKind.Removed).Before.Chunk, wanted.Find(c => c.Kind != ChangeKind.Removed).After.Chunk);
            yield return withPlaces
                ? request.Shape.Rows(wanted, await PlacesAsync(request.Before, before, cancellationToken), await PlacesAsync(request.After, after, cancellationToken))
                : request.Shape.Rows(wanted, null, null);
        }
    }

    // Versions differ in few rows as a rule: places are read only of the chunks that those are in.
    private async Task<Chunk?> PlacesAsync(DatasetAtVersion? at, Chunk? chunk, CancellationToken cancellationToken)
    {
        if (at is null || chunk is null)
            return null;
        var wanted = new bool[at.ColumnCount];
        wanted[at.SourceColumn] = wanted[at.ReleaseColumn] = true;
        await foreach (var match in lake.ReadAsync(at, new Selection(at, []), wanted, chunk.FirstRow, everything: false, cancellationToken))
            return match.Chunk;
        return null;
    }

    // How many there are of each kind, whichever kinds are asked for: found by walking through both versions once.
    private async Task<long[]> CountAsync(Request request, CancellationToken cancellationToken)
    {
        var key = ("counts", request.Before?.Version.File, request.After.Version.File, request.Filters);
        if (known.Find<long[]>(key) is { } counted)
            return counted;
        var counts = new long[ChangeTable.Kinds.Length];
        await foreach (var changes in DifferencesAsync(request, default, everything: true, cancellationToken))
            foreach (var change in changes)
                counts[(int)change.Kind]++;
        known.Keep(key, counts, 256 + (2L * request.Filters.Length));
        return counts;
    }

    // Where the next page begins; null where there is none.
    private async Task<ComparedPlace?> NextAsync(Request request, int limit, CancellationToken cancellationToken)
    {
        await foreach (var changes in DifferencesAsync(request, ComparedPlace.Of(request.Position), everything: false, cancellationToken))
            foreach (var change in changes)
                if (request.Kinds[(int)change.Kind] && limit-- == 0)
                    return change.Place;
        return null;
    }

    private IAsyncEnumerable<IReadOnlyList<Change>> DifferencesAsync(Request request, ComparedPlace from, bool everything, CancellationToken cancellationToken) =>
        request.Shape.Comparison.RunAsync(lake, request.Where, request.Where, onlyKeys: false, from, everything, cancellationToken);

    private async Task<Request> ReadAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        var (options, filters) = DataRequest.Parameters(request, Options);
        var cursor = options.GetValueOrDefault("cursor");
        int? to = options.TryGetValue("to", out var text) ? DataRequest.Number("to", text, 1, int.MaxValue) : cursor is null ? null : Cursor.VersionOf(cursor);
        int? from = options.TryGetValue("from", out text) ? DataRequest.Number("from", text, 0, int.MaxValue) : null;
        var after = await AtAsync(dataset, "to", to, cancellationToken);
        var earlier = from ?? after.Version.Version - 1;
        var before = earlier == 0 ? null : await AtAsync(dataset, "from", earlier, cancellationToken);

        var shape = ShapeOf(before, after);
        var (where, canonical) = Filters(shape, filters);
        var kinds = new bool[ChangeTable.Kinds.Length];
        foreach (var kind in options.TryGetValue(Kind, out text) ? text.Split(',') : ChangeTable.Kinds)
            kinds[Array.IndexOf(ChangeTable.Kinds, kind) is >= 0 and var number ? number : throw ProblemException.Unknown(400, "unknown-code", "kind of change", Kind, kind, ChangeTable.Kinds)] = true;
        var table = TableOptions.Read(request, options);
        if (!table.Format.IsTable)
            throw ProblemException.Malformed("format", table.Format.Name, "a format that is a table: " + string.Join(", ", DataFormat.All.Where(f => f.IsTable).Select(f => f.Name)), "conflicting-parameters");
        shape.Chosen(table.ColumnNames);
        var chosen = kinds.Contains(false) ? $"{Kind}=" + string.Join(',', ChangeTable.Kinds.Where((_, kind) => kinds[kind])) : null;
        var read = new Request(before, after, shape, where, kinds, table)
        {
            From = earlier,
            To = after.Version.Version,
            Filters = canonical,
            Canonical = string.Join('&', ((string?[])[$"from={earlier}", $"to={after.Version.Version}", chosen, canonical]).Where(p => !string.IsNullOrEmpty(p))),
            Limit = options.TryGetValue("limit", out text)
                ? DataRequest.Number("limit", text, 1, DataRequest.MostPerPage, " For everything at once leave limit out and ask for format=csv.")
                : table.Format.IsPaged ? DatasetApi.MostPerPage : null,
            IsPinned = from is not null && to is not null,
        };
        return cursor is null ? read : read with { Position = cursors.Read(cursor, dataset, read.To, read.Canonical) };
    }

    private async Task<DatasetAtVersion> AtAsync(string dataset, string parameter, int? version, CancellationToken cancellationToken)
    {
        try
        {
            return await catalogue.AtAsync(dataset, version, null, cancellationToken);
        }
        catch (ProblemException e) when (e.Code == "unknown-version")
        {
            throw new ProblemException(e.Status, e.Code, e.Message) { Parameter = parameter, Value = e.Value, Expected = e.Expected };
        }
    }

    // Only what makes an observation's key: a filter on anything else would make of a change something that came or went.
    private static (List<Criterion> Where, string Canonical) Filters(ChangeTable shape, List<(string Name, List<string> Values)> filters)
    {
        List<string> key = [.. shape.Comparison.Components.Take(shape.Comparison.KeyLength).Select(c => c.Is.Id)];
        var (where, canonical) = DataRequest.Criteria(shape.At, filters, Options, (key, "dimension to filter changes by"));
        return (where, string.Join('&', canonical.Values));
    }

    private ChangeTable ShapeOf(DatasetAtVersion? before, DatasetAtVersion after)
    {
        var key = ("shape", before?.Version.File, after.Version.File);
        if (known.Find<ChangeTable>(key) is { } there)
            return there;
        var shape = new ChangeTable(new VersionComparison(before, after), before, after);
        known.Keep(key, shape, shape.Bytes);
        return shape;
    }

    private static string Address(Request request, string? cursor)
    {
        var parameters = new List<string> { request.Canonical };
        parameters.AddRange(request.Table.Parameters);
        if (request.Limit is not null)
            parameters.Add($"limit={request.Limit}");
        if (cursor is not null)
            parameters.Add("cursor=" + cursor);
        return DatasetApi.Address(request.After.Structure.Id) + "/changes?" + string.Join('&', parameters);
    }

    private static string Opening(Request request, long[] counts)
    {
        static object Version(int number, DatasetVersion? version) => new { version = number, version?.PublishedAt, version?.Release };
        var about = JsonSerializer.Serialize(
            new
            {
                dataset = request.After.Structure.Id,
                from = Version(request.From, request.Before?.Version),
                to = Version(request.To, request.After.Version),
                counts = ChangeTable.Kinds.Zip(counts).ToDictionary(),
            },
            Json.Options);
        return about[..^1] + ",\"changes\":[";
    }

    /// <summary>A request that has been read and checked.</summary>
    private sealed record Request(
        DatasetAtVersion? Before, DatasetAtVersion After, ChangeTable Shape, IReadOnlyList<Criterion> Where, bool[] Kinds, TableOptions Table)
    {
        /// <summary>The earlier version; 0 for before the first.</summary>
        public required int From { get; init; }

        public required int To { get; init; }

        /// <summary>The filters in canonical spelling.</summary>
        public required string Filters { get; init; }

        /// <summary>What is asked for, as parameters in canonical spelling, whatever the format and the page.</summary>
        public required string Canonical { get; init; }

        public int? Limit { get; init; }

        /// <summary>Where to begin, as <see cref="ComparedPlace.Packed"/>.</summary>
        public long Position { get; init; }

        public bool IsPinned { get; init; }
    }
}
