using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Answers for the set of observations, streamed from the version's file.</summary>
internal sealed class ODataObservations(ODataAnswer answer, DatasetAtVersion at, ODataModel model, VersionQueries lake)
{
    private const int GatherRows = 50_000;
    private readonly ODataRequest request = answer.Request;

    /// <summary>The observations that the options ask for, a page of them.</summary>
    public Task ListAsync()
    {
        request.Only("a set", "$filter", "$search", "$orderby", "$select", "$expand", "$top", "$skip", "$count", "$skiptoken", "$apply");
        if (request["$apply"] is not null)
        {
            var groups = new ODataGroups(at, model, request.Parse("$apply", model.Edm, model.ObservationSet, p => p.ParseApply()), request["$apply"]);
            // $filter and $search come after $apply (OData 4.01 part 2, 5.1.7).
            return ODataTables.ListAsync(answer, ODataModel.Observations, token => groups.RunAsync(lake, [.. groups.Where], token));
        }
        var ((query, canFail), shape) = (Query(), Shape());
        var (top, skip, position, counts) = (request.Number("$top"), request.Number("$skip") ?? 0, answer.Position, request.Counts);
        var most = Math.Min(top ?? long.MaxValue, answer.PageSize(top));
        return answer.SendJsonAsync(async token =>
        {
            var selection = new Selection(at, query.Where);
            var sorted = query.Sort.Count > 0 ? await SortAsync(selection, query, token) : null;
            // What fails has to fail before anything is sent.
            var count = !counts && !canFail ? (long?)null : sorted?.Length ?? await lake.CountAsync(at, query, token);
            var from = sorted is not null ? position ?? skip : position ?? await NextRowAsync(selection, 0, skip, token);
            var next = top <= most || from is null ? null
                : sorted is null ? await NextRowAsync(selection, from.Value, most, token)
                : from + most < sorted.Length ? from + most : null;
            return new AnswerBody(null, async (to, cancel) =>
            {
                var rows = new RowText(to);
                rows.Buffer.Append((byte)'{');
                if (answer.Form.Metadata != ODataMetadata.None)
                    rows.Buffer.Append($"\"@odata.context\":{JsonSerializer.Serialize(answer.Service.Context(ODataModel.Observations + Fragment(shape)), Json.Options)},");
                if (counts && count is { } total)
                    rows.Buffer.Append(answer.Form.NumbersAsText ? $"\"@odata.count\":\"{total}\"," : $"\"@odata.count\":{total},");
                rows.Buffer.Append("\"value\":["u8);
                var writer = Rows(shape, []);
                var matches = from is { } first ? Matches(selection, sorted, first, most, writer.Wanted, cancel) : AsyncEnumerable.Empty<Match>();
                await rows.WriteAsync(matches, writer.Write, ",\n"u8.ToArray(), cancel);
                rows.Buffer.Append((byte)']');
                if (next is { } following)
                    rows.Buffer.Append($",\"@odata.nextLink\":{JsonSerializer.Serialize(answer.NextLink(ODataModel.Observations, following, top, most), Json.Options)}");
                rows.Buffer.Append((byte)'}');
                await rows.FlushAsync(cancel);
            });
        });
    }

    /// <summary>How many observations match.</summary>
    public Task CountAsync()
    {
        request.Only("$count", "$filter", "$search");
        var (query, _) = Query();
        return answer.SendTextAsync(async token => (await lake.CountAsync(at, query, token)).ToString());
    }

    /// <summary>One observation, by its key.</summary>
    public async Task EntityAsync(KeySegment key, CancellationToken cancellationToken)
    {
        request.Only("an entity", "$select", "$expand");
        var shape = Shape();
        // The links of the full form need the key, whatever is selected.
        answer.Form = request.Json();
        var prefix = answer.Form.Metadata == ODataMetadata.None ? []
            : Encoding.UTF8.GetBytes($"\"@odata.context\":{JsonSerializer.Serialize(answer.Service.Context(ODataModel.Observations + Fragment(shape) + "/$entity"), Json.Options)}");
        var found = await FindAsync(key, Rows(shape, []).Wanted, cancellationToken);
        await answer.SendJsonAsync(_ => Task.FromResult(new AnswerBody(null, async (to, token) =>
        {
            var buffer = new Utf8Buffer();
            Rows(shape, prefix).Write(buffer, found.Chunk, found.Row(0));
            await to.WriteAsync(buffer.Written, token);
        })));
    }

    /// <summary>A property of one observation.</summary>
    public async Task PropertyAsync(KeySegment key, string property, bool raw, CancellationToken cancellationToken)
    {
        request.Only("a property");
        var column = model.Find(property);
        var found = await FindAsync(key, Rows(new ODataShape([property], []), []).Wanted, cancellationToken);
        await answer.SendValueAsync($"{ODataModel.Observations}({KeyText(key)})/{property}", model.Of(column, found.Chunk, found.Row(0)), raw);
    }

    /// <summary>The number of the code of one observation; the codelist's length where it has none.</summary>
    public async Task<int> CodeAsync(KeySegment key, int component, CancellationToken cancellationToken)
    {
        var wanted = new bool[at.ColumnCount];
        wanted[component] = true;
        var found = await FindAsync(key, wanted, cancellationToken);
        return found.Chunk.Codes[component]![found.Row(0)];
    }

    private static string KeyText(KeySegment key) =>
        string.Join(',', key.Keys.Select(k => k.Key + "='" + Uri.EscapeDataString(((string)k.Value).Replace("'", "''", StringComparison.Ordinal)) + "'"));

    private async Task<Match> FindAsync(KeySegment key, bool[] wanted, CancellationToken cancellationToken)
    {
        var query = new DataQuery(new ODataFilter(at, model, "path").Key(key.Keys), []) { Limit = 1 };
        await foreach (var match in lake.RunAsync(at, query, wanted, cancellationToken))
            return match;
        throw new ProblemException(404, "unknown-entity", $"There is no observation with the key {KeyText(key)}.") { Parameter = ODataModel.Observations };
    }

    private ODataRows Rows(ODataShape shape, byte[] prefix) =>
        new(at, model, shape, answer.Form.Metadata, answer.Form.NumbersAsText, answer.Service.Address, prefix);

    private (DataQuery Query, bool CanFail) Query()
    {
        var filter = new ODataFilter(at, model, "$filter", request["$filter"]);
        var where = new List<Criterion>();
        if (request["$filter"] is not null)
            where.Add(ODataExpression.In("$filter", () => filter.Where(request.Parse("$filter", model.Edm, model.ObservationSet, p => p.ParseFilter()).Expression)));
        if (request["$search"] is not null)
            where.Add(filter.Search(request.Parse("$search", model.Edm, model.ObservationSet, p => p.ParseSearch()).Expression));
        var sort = request["$orderby"] is not { } order ? [] : ODataExpression.In("$orderby", () => new ODataFilter(at, model, "$orderby", order).Sort(request.Parse("$orderby", model.Edm, model.ObservationSet, p => p.ParseOrderBy())));
        return (new DataQuery(where, sort), filter.CanFail);
    }

    private ODataShape Shape()
    {
        string[] all = [.. model.Columns.Select(c => c.Name)];
        if ((request["$expand"] is null ? request["$select"] is null ? null : "$select" : "$expand") is not { } option)
            return new ODataShape(all, []);
        var clause = request.Parse(option, model.Edm, model.ObservationSet, p => p.ParseSelectAndExpand());
        var expanded = new List<(string, IReadOnlyList<string>)>();
        foreach (var item in clause.SelectedItems.OfType<ExpandedReferenceSelectItem>())
        {
            if (item is not ExpandedNavigationSelectItem { FilterOption: null, OrderByOption: null, TopOption: null, SkipOption: null, CountOption: null, SearchOption: null, ComputeOption: null, ApplyOption: null } expand)
                throw ODataExpression.Unsupported("options of $expand but $select", "$expand");
            var navigation = ((NavigationPropertySegment)item.PathToNavigationProperty.LastSegment).NavigationProperty;
            string[] properties = [.. navigation.Type.AsEntity().StructuralProperties().Select(p => p.Name)];
            expanded.Add((navigation.Name, ODataTable.Names(expand.SelectAndExpand, properties)));
        }
        return new ODataShape(ODataTable.Names(clause, all), expanded);
    }

    // The part of the context that says what is selected and expanded. Excel can not read the parentheses that 4.01 puts after what is expanded as a whole.
    private string Fragment(ODataShape shape)
    {
        var is401 = request.Version == "4.01";
        var parts = shape.Properties.Count < model.Columns.Count ? shape.Properties.Select(Uri.EscapeDataString).ToList() : [];
        foreach (var (navigation, properties) in shape.Expanded)
        {
            var isWhole = properties.Count == model.Labels[model.ComponentOfNavigation(navigation)].Count + 2;
            if (!isWhole)
                parts.Add(navigation + "(" + string.Join(',', properties) + ")");
            else if (is401)
                parts.Add(navigation + "()");
            else if (parts.Count > 0)
                parts.Add(navigation);
        }
        return parts.Count == 0 ? "" : "(" + string.Join(',', parts) + ")";
    }

    private async Task<long[]> SortAsync(Selection selection, DataQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await lake.SortAsync(at, selection, query, cancellationToken);
        }
        catch (SortLimitException e)
        {
            throw new ProblemException(422, "too-many-to-sort", $"More than {e.Limit} observations match, and no more are sorted into another order. "
                + "Filter further, or leave $orderby out: the stored order, by the dimensions and then TIME_PERIOD, has no limit.")
            {
                Parameter = "$orderby",
                Value = request["$orderby"],
                Expected = $"at most {e.Limit} matching observations, or no $orderby",
            };
        }
    }

    // The row of the match after so many others, from a row on; found from the filter's columns alone.
    private async Task<long?> NextRowAsync(Selection selection, long from, long after, CancellationToken cancellationToken)
    {
        if (after == 0)
            return from;
        await foreach (var match in lake.ReadAsync(at, selection, new bool[at.ColumnCount], from, everything: false, cancellationToken))
        {
            if (match.Count > after)
                return match.Chunk.FirstRow + match.Row((int)after);
            after -= match.Count;
        }
        return null;
    }

    private async IAsyncEnumerable<Match> Matches(
        Selection selection, long[]? sorted, long from, long left, bool[] wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (left == 0)
            yield break;
        if (sorted is not null)
        {
            while (from < sorted.Length && left > 0)
            {
                var count = (int)Math.Min(Math.Min(left, GatherRows), sorted.Length - from);
                yield return await lake.GatherAsync(at, sorted.AsMemory((int)from, count), wanted, cancellationToken);
                (from, left) = (from + count, left - count);
            }
            yield break;
        }
        await foreach (var match in lake.ReadAsync(at, selection, wanted, from, everything: false, cancellationToken))
        {
            yield return match.Count > left ? match.Slice(0, (int)left) : match;
            left -= match.Count;
            if (left <= 0)
                yield break;
        }
    }
}
