using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A request for data, read and checked against the structure of the version it is about.</summary>
internal sealed record DataRequest
{
    /// <summary>The most observations of a page.</summary>
    public const int MostPerPage = 100_000;

    /// <summary>The most bytes of the body of a query.</summary>
    public const int MostBodyBytes = 1 << 20;

    /// <summary>How deep the objects and lists of a query may nest.</summary>
    public const int MostNested = 64;

    private const int DefaultPerPage = 1_000;
    // In the place of a column to sort by: every dimension, its codes as the office lists them.
    private const string OfficeOrder = "office";
    private static readonly string[] Aggregates = [.. Enum.GetNames<Aggregate>().Select(a => a.ToLowerInvariant())];
    private static readonly string[] Options = ["version", "asOf", "first", "last", "sort", "limit", "cursor", "compute", "group", "aggregate", .. TableOptions.Names];

    public required DatasetAtVersion At { get; init; }

    public required DataQuery Query { get; init; }

    /// <summary>The filters and the sort as query parameters, in one order and spelling for all ways to ask the same.</summary>
    public required string Canonical { get; init; }

    /// <summary>What the answer is a table of: the version, or the shape of its groups.</summary>
    public required DatasetAtVersion Shape { get; init; }

    /// <summary>What is computed beside each observation.</summary>
    public IReadOnlyList<Computation> Computations { get; init; } = [];

    /// <summary>What observations are put together by; null to give them one by one.</summary>
    public Grouping? Grouping { get; init; }

    /// <summary>The columns that are computed.</summary>
    public IReadOnlyList<Measure> Measures { get; init; } = [];

    /// <summary>What a cursor of it is bound to.</summary>
    public required string Mark { get; init; }

    /// <summary>How the answer is to look.</summary>
    public required TableOptions Table { get; init; }

    /// <summary>The columns that were asked for; null for all.</summary>
    public IReadOnlyList<TableColumn>? Columns { get; init; }

    /// <summary>The page's size, in rows of the answer; null to give everything.</summary>
    public int? Limit { get; init; }

    /// <summary>Where to begin: a row of the version, a place in the sorted order, or a row of series in the wide layout.</summary>
    public long Position { get; init; }

    /// <summary>The query parameters as they were sent; empty for a POST.</summary>
    public string Sent { get; init; } = "";

    /// <summary>Whether the request names its version.</summary>
    public bool Pinned { get; init; }

    /// <summary>The address of the saved query that this is; null when it was asked for itself.</summary>
    public string? SavedAs { get; init; }

    /// <summary>Whether it asks for all observations as they are stored.</summary>
    public bool IsEverything => IsStored && Query.Where.Count == 0 && Query.Sort.Count == 0 && Limit is null && Position == 0;

    /// <summary>Whether it asks for observations as they are stored, so that a place among them is a row of the version.</summary>
    public bool IsStored => Computations.Count == 0 && Grouping is null && Query.First is null && Query.Last is null;

    /// <summary>The languages of labels, best first: the one asked for, then the dataset's own, then English and Chinese.</summary>
    public IReadOnlyList<string> Languages => LanguagesOf(At.Structure, Table.Language);

    public static IReadOnlyList<string> LanguagesOf(DatasetStructure structure, string? language) =>
        [.. LanguageTags.Lookup(language?.Split(',') ?? []), .. structure.Title.Keys.Where(k => k != "und"), "en", "zh"];

    /// <summary>Reads the query parameters of a GET; the format may stand in its path.</summary>
    public static async Task<DataRequest> ReadAsync(HttpRequest request, string dataset, string? format, Catalogue catalogue, Cursor cursors, CancellationToken cancellationToken)
    {
        var (options, filters) = Parameters(request, Options);
        if (format is not null && !options.TryAdd("format", DataFormat.OfExtension(format).Name))
            throw ProblemException.Malformed("format", options["format"], $"no format beside data.{format}, whose name says it", "conflicting-parameters");
        return await ReadAsync(request, dataset, options, at => Criteria(at, filters, Options), text => Serving.Computations.Split(text), catalogue, cursors, cancellationToken);
    }

    /// <summary>The query parameters: options, each once, and all others, which are filters.</summary>
    public static (Dictionary<string, string> Options, List<(string Name, List<string> Values)> Filters) Parameters(HttpRequest request, IReadOnlyList<string> names)
    {
        var options = new Dictionary<string, string>();
        foreach (var (name, values) in request.Query.Where(p => names.Contains(p.Key)))
        {
            if (values.Count == 1)
                options.Add(name, values[0] ?? "");
            else
                throw ProblemException.Malformed(name, values.ToString(), "the parameter once");
        }
        return (options, Filters(request, names));
    }

    /// <summary>The query parameters that are no options.</summary>
    public static List<(string Name, List<string> Values)> Filters(HttpRequest request, IReadOnlyList<string> names)
    {
        var filters = new List<(string Name, List<string> Values)>();
        foreach (var (name, values) in request.Query.Where(p => !names.Contains(p.Key)))
            OfFilter(name, [.. values.Select(v => v ?? "")]);
        return filters;

        // Clients that do not know the style of the OpenAPI document's parameter `filters` send filters[REF_AREA]=…, or filters={"REF_AREA":"…"}.
        void OfFilter(string name, List<string> values)
        {
            if (name.StartsWith("filters[", StringComparison.Ordinal) && name.EndsWith(']'))
                Add(name["filters[".Length..^1], values);
            else if (name == "filters" && values is [var text] && OfJson(text) is { } members)
                members.ForEach(m => Add(m.Name, m.Values));
            else
                Add(name, values);
        }

        // What comes in both ways is one parameter that comes twice.
        void Add(string name, List<string> values)
        {
            if (filters.Find(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Values: { } there })
                there.AddRange(values);
            else
                filters.Add((name, values));
        }
    }

    // The members of a JSON object that are values or lists of them; null where it is none.
    private static List<(string Name, List<string> Values)>? OfJson(string text)
    {
        try
        {
            return text.StartsWith('{') && JsonNode.Parse(text) is JsonObject members ? [.. members.Select(m => (m.Key, Conditions.Scalars(m.Value, m.Key)))] : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // No JSON, a member twice or half a character: refused as what it is, a parameter that there is not.
            return null;
        }
    }

    /// <summary>Reads the JSON body of a POST.</summary>
    public static async Task<DataRequest> ReadBodyAsync(HttpRequest request, string dataset, Catalogue catalogue, Cursor cursors, CancellationToken cancellationToken)
    {
        foreach (var name in request.Query.Keys)
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, [], new Meaning(null, "the query of a POST stands in its body"));
        return await ReadBodyAsync(request, await ReadJsonAsync(request, cancellationToken), dataset, catalogue, cursors, cancellationToken);
    }

    /// <summary>Reads a query as the body of a POST has it; the request says only what is accepted.</summary>
    public static async Task<DataRequest> ReadBodyAsync(
        HttpRequest request, JsonObject body, string dataset, Catalogue catalogue, Cursor cursors, CancellationToken cancellationToken)
    {
        var options = new Dictionary<string, string>();
        foreach (var (name, value) in body)
        {
            if (name == "compute")
                options.Add(name, value?.ToJsonString() ?? "null");
            else if (Options.Contains(name))
                options.Add(name, value is JsonArray { Count: 0 } && name == "group" ? ""
                    : value is JsonArray && name is "sort" or "columns" or "group" or "aggregate" ? string.Join(',', Conditions.Scalars(value, name)) : Conditions.Scalar(value, name));
            else if (name != "where")
                throw UnknownMember(name);
        }
        return await ReadAsync(request, dataset, options, at =>
        {
            if (!body.TryGetPropertyValue("where", out var where))
                return ([], []);
            var conditions = new Conditions(at, Options);
            var criterion = conditions.OfJson(where, "where");
            conditions.Check();
            return ([criterion], new SortedDictionary<string, string>(StringComparer.Ordinal) { ["where"] = "where=" + Uri.EscapeDataString(criterion.ToString()!) });
        }, _ => Serving.Computations.OfJson(body["compute"]), catalogue, cursors, cancellationToken);
    }

    // Who has a GET in mind puts conditions beside the options.
    private static ProblemException UnknownMember(string name)
    {
        string[] known = ["where", .. Options];
        var meant = OtherNames.OfOption(name, known);
        return ProblemException.Unknown(400, "unknown-parameter", "member of a query", name, name, known,
            (meant.Name ?? meant.Advice) is not null || ProblemException.Nearest(name, known) is not null ? meant : new Meaning(null, """conditions stand in where, as in {"where": {"REF_AREA": "…"}}"""));
    }

    /// <summary>The conditions that filters make, checked against a structure, and the filters as parameters in canonical spelling.</summary>
    public static (List<Criterion> Where, SortedDictionary<string, string> Canonical) Criteria(
        DatasetAtVersion at, IEnumerable<(string Name, List<string> Values)> filters, IReadOnlyList<string> options, (IReadOnlyList<string> Components, string What)? only = null)
    {
        var where = new List<Criterion>();
        var canonical = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var conditions = new Conditions(at, options, only);
        foreach (var (name, values) in filters)
        {
            var component = at.IndexOf(name.EndsWith('!') ? name[..^1] : name);
            // A code that has a comma in it is taken as it stands.
            var items = values.SelectMany(v => component < 0 || at.Find(component, v) < 0 ? v.Split(',') : [v]).Distinct().Order(StringComparer.Ordinal).ToList();
            where.Add(conditions.OfParameter(name, items));
            // A code that has a comma in it can not stand in a list, and a list must not read as such a code.
            var list = string.Join(',', items);
            canonical[name] = items.Exists(item => item.Contains(',')) || (component >= 0 && at.Find(component, list) >= 0)
                ? string.Join('&', items.Select(item => Uri.EscapeDataString(name) + "=" + Uri.EscapeDataString(item)))
                : Parameter(name, list);
        }
        conditions.Check();
        return (where, canonical);
    }

    /// <summary>The number in a parameter.</summary>
    public static int Number(string name, string text, int least, int most, string wayRound = "")
    {
        // Zero bytes after a number are read over by .NET.
        if (text.Contains('\0') || (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && !(text.Length > 18 && text.All(char.IsAsciiDigit))))
            throw ProblemException.Malformed(name, text, $"a whole number from {least} to {most}");
        if (text.Length > 18 || number < least || number > most)
        {
            throw new ProblemException(400, name == "limit" ? "limit-out-of-range" : "number-out-of-range", $"{name} is {(text.Length > 20 ? text[..20] + "..." : text)}; a whole number from {least} to {most} expected.{wayRound}")
            {
                Parameter = name,
                Value = text,
                Expected = $"a whole number from {least} to {most}",
                DidYouMean = text[0] == '-' || (text.Length <= 18 && number < least) ? null : $"{most}",
            };
        }
        return (int)number;
    }

    /// <summary>The instant in a parameter, with its offset from UTC: an hour without one is another hour to each reader.</summary>
    public static DateTimeOffset Instant(string name, string text)
    {
        var moment = Moment(name, text);
        // After the time, whose colons and digits come first.
        var time = text.IndexOf('T') is >= 0 and var t ? text[t..] : "";
        return time.Length == 0 || time.EndsWith('Z') || time.EndsWith('z') || time.AsSpan().IndexOfAny('+', '-', ' ') > 0 ? moment
            : throw new ProblemException(400, "malformed-date", $"{name} has a time but no offset from UTC, so nobody can tell which hour is meant: '{text}'.")
            {
                Parameter = name,
                Value = text,
                Expected = $"{text}Z for UTC, or {text}+08:00 (in an address %2B08:00) for the time in China",
            };
    }

    /// <summary>The moment in a parameter: an instant, or a date, which means its last moment (UTC).</summary>
    public static DateTimeOffset Moment(string name, string text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return new DateTimeOffset(date.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero);
        // A plus sign that was not escaped arrives as a space.
        return DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && text.Contains('T')
            ? moment.ToUniversalTime()
            : throw ProblemException.Malformed(name, text, "a date such as 2026-03-31 or an instant such as 2026-03-31T16:00:00Z", "malformed-date");
    }

    private static async Task<DataRequest> ReadAsync(
        HttpRequest request, string dataset, Dictionary<string, string> options,
        Func<DatasetAtVersion, (List<Criterion> Where, SortedDictionary<string, string> Canonical)> conditions, Func<string, IEnumerable<(string? Id, string Text)>> computations,
        Catalogue catalogue, Cursor cursors, CancellationToken cancellationToken)
    {
        var cursor = options.GetValueOrDefault("cursor");
        // Where asOf says which version is meant, the cursor has to be of that one.
        var version = options.TryGetValue("version", out var text) ? Number("version", text, 1, int.MaxValue) : cursor is null || options.ContainsKey("asOf") ? (int?)null : Cursor.VersionOf(cursor);
        if (options.ContainsKey("version") && options.TryGetValue("asOf", out var both))
            throw ProblemException.Malformed("asOf", both, "version or asOf, not both", "conflicting-parameters");
        DateTimeOffset? asOf = options.TryGetValue("asOf", out text) ? Moment("asOf", text) : null;
        var at = await catalogue.AtAsync(dataset, version, asOf, cancellationToken);

        var (where, canonical) = conditions(at);
        var compute = options.TryGetValue("compute", out text) ? Serving.Computations.Parse(at, "compute", computations(text)) : [];
        var table = TableOptions.Read(request, options);
        var grouping = GroupingOf(at, options, table.IsWide);
        if (grouping is not null && (compute.Count > 0 || options.ContainsKey("first") || options.ContainsKey("last")))
            throw ProblemException.Malformed("group", options["group"], "group without compute, first or last: groups are of observations as they are published", "conflicting-parameters");
        // What the answer is a table of: the observations' components, or those that groups differ in.
        var shape = grouping?.Shape(at) ?? at;
        IReadOnlyList<Measure> measures = grouping is not null
            ? MeasuresOf(grouping)
            : [.. compute.Select(c => new Measure(c.Id, c.Formula))];
        var sort = options.TryGetValue("sort", out text) ? Sort(shape, measures, grouping, text) : [];
        if (sort.Count > 0)
            canonical["sort"] = Parameter("sort", options["sort"]);
        foreach (var name in (string[])["first", "last", "compute", "group", "aggregate"])
            if (options.TryGetValue(name, out text))
                canonical[name] = Parameter(name, text);
        var query = string.Join('&', canonical.Values);

        var columns = table.Columns(shape, measures, sort, grouping)
            ?? (grouping is null ? null : [.. grouping.Components.Where(id => !table.IsWide || id != Concepts.TimePeriod)
                .Select(id => new TableColumn(ColumnKind.Code, shape.IndexOf(id), id))]);
        if (!table.Format.IsTable && measures.Count > 0)
            throw ProblemException.Malformed("format", table.Format.Name, "a format that is a table, with compute or group: " + string.Join(", ", DataFormat.All.Where(f => f.IsTable).Select(f => f.Name)), "conflicting-parameters");
        // A place in the wide layout is none in the long one.
        var mark = table.IsWide ? query + "&layout=wide" + string.Concat(columns?.Select(c => "," + c.Name) ?? []) : query;
        var limit = options.TryGetValue("limit", out text)
            ? Number("limit", text, 1, MostPerPage, " For everything at once leave limit out and ask for format=csv or format=parquet.")
            : table.Format.IsPaged ? DefaultPerPage : (int?)null;
        return new DataRequest
        {
            At = at,
            Query = new DataQuery(where, sort)
            {
                First = options.TryGetValue("first", out text) ? Number("first", text, 1, MostPerPage) : null,
                Last = options.TryGetValue("last", out text) ? Number("last", text, 1, MostPerPage) : null,
            },
            Computations = compute,
            Grouping = grouping,
            Shape = shape,
            Measures = measures,
            Canonical = query,
            Table = table,
            Columns = columns,
            Mark = mark,
            Limit = limit,
            Position = cursor is null ? 0 : cursors.Read(cursor, dataset, at.Version.Version, mark),
            Sent = request.QueryString.Value ?? "",
            Pinned = options.ContainsKey("version") || (cursor is not null && asOf is null),
        };
    }

    private static string Parameter(string name, string value) => Uri.EscapeDataString(name) + "=" + Uri.EscapeDataString(value).Replace("%2C", ",").Replace("%3A", ":");

    /// <summary>The columns of groups.</summary>
    public static IReadOnlyList<Measure> MeasuresOf(Grouping grouping) => [.. grouping.Aggregates.Select(a => new Measure(a.ToString().ToUpperInvariant(), Grouping.FormulaOf(a)))];

    private static Grouping? GroupingOf(DatasetAtVersion at, Dictionary<string, string> options, bool isWide)
    {
        if (!options.TryGetValue("group", out var text))
        {
            return options.ContainsKey("aggregate")
                ? throw new ProblemException(400, "missing-parameter", "aggregate says what is computed of each group; group, which says what groups are made by, is missing.") { Parameter = "group" }
                : null;
        }
        // An empty list puts everything into one group.
        string[] by = text.Length == 0 ? [] : text.Split(',');
        foreach (var name in by)
            if (at.IndexOf(name) < 0)
                throw ProblemException.Unknown(400, "unknown-dimension", "component to group by", "group", name, [.. at.Components.Select(c => c.Id)], OtherNames.OfList(name) ?? OtherNames.OfComponent(name, at));
        var aggregates = options.GetValueOrDefault("aggregate", "sum").Split(',').Select(name => Array.IndexOf(Aggregates, name) is >= 0 and var i
            ? (Aggregate)i : throw ProblemException.Unknown(400, "unknown-computation", "aggregate", "aggregate", name, Aggregates, OtherNames.OfList(name) ?? OtherNames.OfAggregate(name))).ToList();
        if (by.Distinct().Count() < by.Length || aggregates.Distinct().Count() < aggregates.Count)
            throw ProblemException.Malformed("group", text, "each component and each aggregate once");
        if (!isWide)
            return new Grouping(by, aggregates) is { HidesMissing: true } hides ? hides with { Aggregates = [.. aggregates, Aggregate.Missing] } : new Grouping(by, aggregates);
        // The groups of a row follow each other when the period is what changes first.
        return by.Contains(Concepts.TimePeriod)
            ? new Grouping([.. by.Where(id => id != Concepts.TimePeriod), Concepts.TimePeriod], aggregates)
            : throw ProblemException.Malformed("group", text, $"{Concepts.TimePeriod} among the components to group by, with layout=wide, which puts the periods across", "conflicting-parameters");
    }

    private static List<Querying.SortKey> Sort(DatasetAtVersion at, IReadOnlyList<Measure> measures, Grouping? grouping, string text)
    {
        // What groups do not have says nothing about their order.
        IReadOnlyList<string> known = [.. grouping?.Components ?? [.. at.Components.Select(c => c.Id), Concepts.ObsValue], .. measures.Select(m => m.Id)];
        var keys = text.Split(',').Select(part => part.StartsWith('-') ? new Querying.SortKey(part[1..], true) : new Querying.SortKey(part, false)).ToList();
        foreach (var key in keys)
        {
            if (IsColumn(key.Column) || key.Column == OfficeOrder)
                continue;
            // As SQL and OData say it.
            var (name, order) = key.Column.LastIndexOfAny([' ', ':', '.']) is > 0 and var cut ? (key.Column[..cut].TrimEnd(), key.Column[(cut + 1)..].ToLowerInvariant()) : (key.Column, "");
            string? Meant(string text) => IsColumn(text) ? text : OtherNames.OfComponent(text, at) is { } other && IsColumn(other) ? other : null;
            var meant = order is "asc" or "desc" && Meant(name) is { } column ? (order == "desc" ? "-" : "") + column : Meant(key.Column) ?? OtherNames.OfList(key.Column);
            throw ProblemException.Unknown(400, "unknown-dimension", grouping is null ? "column to sort by" : "column of groups to sort by", "sort", key.Column, [.. known, OfficeOrder], meant);
        }
        if (keys.DistinctBy(k => k.Column).Count() != keys.Count)
            throw ProblemException.Malformed("sort", text, "each column once");
        if (keys.FindIndex(key => key.Column == OfficeOrder) is >= 0 and var office)
        {
            var rest = known.Where(id => at.IndexOf(id) is >= 0 and var c && c < at.TimeIndex && !keys.Exists(k => k.Column == id)).ToList();
            var inOrder = rest.Select(id => new Querying.SortKey(id, keys[office].Descending) { Ranking = RankingOf(at.Components[at.IndexOf(id)]) }).ToList();
            keys = [.. keys[..office], .. inOrder, .. keys[(office + 1)..]];
        }
        // The stored order is by the dimensions in their order, that of groups by what they are made by: asking for its beginning is asking for nothing else.
        var stored = grouping?.By ?? [.. at.Components.Take(at.TimeIndex).Select(c => c.Id)];
        return keys.Count <= stored.Count && keys.Index().All(k => !k.Item.Descending && k.Item.Ranking is null && k.Item.Column == stored[k.Index]) ? [] : keys;

        bool IsColumn(string name) => known.Contains(name);
    }

    // Null where the codes are stored in that order.
    private static CodeRanking? RankingOf(DatasetComponent component)
    {
        if (component.Order is null)
            return null;
        var ranks = new int[component.Codes.Count + 1];
        ranks[^1] = int.MaxValue;
        foreach (var (place, number) in component.Order.Index())
            ranks[number] = place;
        return new CodeRanking(OfficeOrder, ranks);
    }

    private static async Task<JsonObject> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken) =>
        await JsonBody.ReadAsync(request, "query", MostBodyBytes, MostNested, "Name fewer codes, or ask by several queries.", cancellationToken)
            ?? throw ProblemException.Malformed("body", "", "a JSON object", "malformed-json");
}
