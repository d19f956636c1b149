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

    private const int DefaultPerPage = 1_000;
    private static readonly string[] Options = ["version", "asOf", "sort", "limit", "cursor", .. TableOptions.Names];

    public required DatasetAtVersion At { get; init; }

    public required DataQuery Query { get; init; }

    /// <summary>The filters and the sort as query parameters, in one order and spelling for all ways to ask the same.</summary>
    public required string Canonical { get; init; }

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

    /// <summary>Whether it asks for all observations as they are stored.</summary>
    public bool IsEverything => Query.Where.Count == 0 && Query.Sort.Count == 0 && Limit is null && Position == 0;

    /// <summary>The languages of labels, best first: the one asked for, then the dataset's own, then English and Chinese.</summary>
    public IReadOnlyList<string> Languages => LanguagesOf(At.Structure, Table.Language);

    public static IReadOnlyList<string> LanguagesOf(DatasetStructure structure, string? language) =>
        [.. ((string?[])[language, .. structure.Title.Keys.Where(k => k != "und"), "en", "zh"]).OfType<string>()];

    /// <summary>Reads the query parameters of a GET.</summary>
    public static async Task<DataRequest> ReadAsync(HttpRequest request, string dataset, Catalogue catalogue, Cursor cursors, CancellationToken cancellationToken)
    {
        var options = new Dictionary<string, string>();
        var filters = new List<(string Name, List<string> Values, bool Lists)>();
        foreach (var (name, values) in request.Query)
        {
            if (!Options.Contains(name))
                filters.Add((name, [.. values.Select(v => v ?? "")], Lists: true));
            else if (values.Count == 1)
                options.Add(name, values[0] ?? "");
            else
                throw ProblemException.Malformed(name, values.ToString(), "the parameter once");
        }
        return await ReadAsync(request, dataset, options, filters, catalogue, cursors, cancellationToken);
    }

    /// <summary>Reads the JSON body of a POST.</summary>
    public static async Task<DataRequest> ReadBodyAsync(HttpRequest request, string dataset, Catalogue catalogue, Cursor cursors, CancellationToken cancellationToken)
    {
        foreach (var name in request.Query.Keys)
            throw ProblemException.Unknown(400, "unknown-parameter", "query parameter of POST, whose query stands in the body,", name, name, []);
        var body = await ReadJsonAsync(request, cancellationToken);
        var options = new Dictionary<string, string>();
        var filters = new List<(string Name, List<string> Values, bool Lists)>();
        foreach (var (name, value) in body)
        {
            if (name == "where")
            {
                foreach (var (component, condition) in value as JsonObject ?? throw ProblemException.Malformed("where", Text(value), "an object with a member for each dimension"))
                    filters.Add((component, Condition("where." + component, condition), Lists: false));
            }
            else if (Options.Contains(name))
            {
                options.Add(name, value is JsonArray list && (name is "sort" or "columns")
                    ? string.Join(',', list.Select(item => Scalar(name, item)))
                    : Scalar(name, value));
            }
            else
            {
                throw ProblemException.Unknown(400, "unknown-parameter", "member of a query", name, name, ["where", .. Options]);
            }
        }
        return await ReadAsync(request, dataset, options, filters, catalogue, cursors, cancellationToken);
    }

    /// <summary>The conditions that filters make, checked against a structure, and the filters as parameters in canonical spelling.</summary>
    public static (List<Criterion> Where, SortedDictionary<string, string> Canonical) Criteria(
        DatasetAtVersion at, IEnumerable<(string Name, List<string> Values, bool Lists)> filters, IReadOnlyList<string> options)
    {
        var where = new List<Criterion>();
        var canonical = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values, lists) in filters)
        {
            var component = at.IndexOf(name);
            if (component < 0)
                throw UnknownName(at, name, options);
            // A code that has a comma in it is taken as it stands.
            var items = values.SelectMany(v => lists && at.Find(component, v) < 0 ? v.Split(',') : [v]).Distinct().Order(StringComparer.Ordinal).ToList();
            if (component == at.TimeIndex)
            {
                where.AddRange(PeriodCriteria(at, items));
            }
            else
            {
                foreach (var code in items)
                {
                    if (at.Find(component, code) < 0)
                        throw ProblemException.Unknown(400, "unknown-code", $"code in {name}", name, code, new CodeIds(at.Components[component].Codes));
                }
                where.Add(new Criterion.OneOf(name, items));
            }
            // A code that has a comma in it can not stand in a list, and a list must not read as such a code.
            var list = string.Join(',', items);
            canonical[name] = items.Exists(item => item.Contains(',')) || at.Find(component, list) >= 0
                ? string.Join('&', items.Select(item => Uri.EscapeDataString(name) + "=" + Uri.EscapeDataString(item)))
                : Parameter(name, list);
        }
        return (where, canonical);
    }

    /// <summary>The number in a parameter.</summary>
    public static int Number(string name, string text, int least, int most, string wayRound = "")
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && !(text.Length > 18 && text.All(char.IsAsciiDigit)))
            throw ProblemException.Malformed(name, text, $"a whole number from {least} to {most}");
        if (text.Length > 18 || number < least || number > most)
        {
            throw new ProblemException(400, name == "limit" ? "limit-out-of-range" : "number-out-of-range", $"{name} is {(text.Length > 20 ? text[..20] + "..." : text)}; a whole number from {least} to {most} expected.{wayRound}")
            {
                Parameter = name,
                Value = text,
                Expected = $"a whole number from {least} to {most}",
            };
        }
        return (int)number;
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
        HttpRequest request, string dataset, Dictionary<string, string> options, List<(string Name, List<string> Values, bool Lists)> filters,
        Catalogue catalogue, Cursor cursors, CancellationToken cancellationToken)
    {
        var cursor = options.GetValueOrDefault("cursor");
        var version = options.TryGetValue("version", out var text) ? Number("version", text, 1, int.MaxValue) : cursor is null ? (int?)null : Cursor.VersionOf(cursor);
        if (options.ContainsKey("version") && options.TryGetValue("asOf", out var both))
            throw ProblemException.Malformed("asOf", both, "version or asOf, not both", "conflicting-parameters");
        DateTimeOffset? asOf = options.TryGetValue("asOf", out text) ? Moment("asOf", text) : null;
        var at = await catalogue.AtAsync(dataset, version, asOf, cancellationToken);

        var (where, canonical) = Criteria(at, filters, Options);
        var sort = options.TryGetValue("sort", out text) ? Sort(at, text) : [];
        if (sort.Count > 0)
            canonical["sort"] = Parameter("sort", string.Join(',', sort.Select(key => (key.Descending ? "-" : "") + key.Column)));
        var query = string.Join('&', canonical.Values);

        var table = TableOptions.Read(request, options);
        var columns = table.Columns(at, [], sort);
        // A place in the wide layout is none in the long one.
        var mark = table.IsWide ? query + "&layout=wide" + string.Concat(columns?.Select(c => "," + c.Name) ?? []) : query;
        var limit = options.TryGetValue("limit", out text)
            ? Number("limit", text, 1, MostPerPage, " For everything at once leave limit out and ask for format=csv or format=parquet.")
            : table.Format.IsPaged ? DefaultPerPage : (int?)null;
        return new DataRequest
        {
            At = at,
            Query = new DataQuery(where, sort),
            Canonical = query,
            Table = table,
            Columns = columns,
            Mark = mark,
            Limit = limit,
            Position = cursor is null ? 0 : cursors.Read(cursor, dataset, at.Version.Version, mark),
            Sent = request.QueryString.Value ?? "",
            Pinned = options.ContainsKey("version") || cursor is not null,
        };
    }

    private static string Parameter(string name, string value) => Uri.EscapeDataString(name) + "=" + Uri.EscapeDataString(value).Replace("%2C", ",").Replace("%3A", ":");

    private static ProblemException UnknownName(DatasetAtVersion at, string name, IReadOnlyList<string> options)
    {
        if (name is Concepts.ObsValue or Concepts.SourceId or Concepts.Decimals or "RELEASE" or "DATASET")
        {
            return new ProblemException(400, "not-filterable", $"{name} is a column but can not be filtered by.")
            {
                Parameter = name,
                Expected = new JsonArray([.. at.Components.Select(c => (JsonNode)c.Id)]),
            };
        }
        return name.Any(char.IsAsciiLetterLower)
            ? ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, [.. options, .. at.Components.Select(c => c.Id)])
            : ProblemException.Unknown(400, "unknown-dimension", "dimension or attribute", name, name, [.. at.Components.Select(c => c.Id)]);
    }

    private static IEnumerable<Criterion> PeriodCriteria(DatasetAtVersion at, List<string> items)
    {
        var name = Concepts.TimePeriod;
        var (exact, any) = (new List<string>(), new List<Criterion>());
        foreach (var item in items)
        {
            if (item.Length > 3 && item[2] == ':')
            {
                var period = PeriodOf(item[3..], item);
                yield return item[..2] switch
                {
                    "ge" => new Criterion.Between(name, period.Start, null),
                    "gt" => new Criterion.Between(name, period.End == DateOnly.MaxValue ? period.End : period.End.AddDays(1), null),
                    "le" => new Criterion.Between(name, null, period.End),
                    "lt" => new Criterion.Between(name, null, period.Start == DateOnly.MinValue ? period.Start : period.Start.AddDays(-1)),
                    _ => throw ProblemException.Malformed(name, item, "ge:, gt:, le: or lt: before a period", "malformed-period"),
                };
            }
            else if (item.IndexOf("..", StringComparison.Ordinal) is >= 0 and var cut && item.Length > 2)
            {
                any.Add(new Criterion.Between(
                    name,
                    cut == 0 ? null : PeriodOf(item[..cut], item).Start,
                    cut + 2 == item.Length ? null : PeriodOf(item[(cut + 2)..], item).End));
            }
            else
            {
                if (at.Find(at.TimeIndex, item) < 0)
                    PeriodOf(item, item);
                exact.Add(item);
            }
        }
        if (exact.Count > 0)
            any.Add(new Criterion.OneOf(name, exact));
        if (any.Count > 0)
            yield return new Criterion.Any(any);

        static PeriodDays PeriodOf(string text, string item) => PeriodDays.TryParse(text, out var period) ? period : throw ProblemException.Malformed(
            Concepts.TimePeriod, item, PeriodDays.Forms + ", with ge:, gt:, le: or lt: before it, or two of them with '..' between", "malformed-period");
    }

    private static List<Querying.SortKey> Sort(DatasetAtVersion at, string text)
    {
        var keys = text.Split(',').Select(part => part.StartsWith('-') ? new Querying.SortKey(part[1..], true) : new Querying.SortKey(part, false)).ToList();
        foreach (var key in keys)
        {
            if (key.Column != Concepts.ObsValue && at.IndexOf(key.Column) < 0)
                throw ProblemException.Unknown(400, "unknown-dimension", "column to sort by", "sort", key.Column, [.. at.Components.Select(c => c.Id), Concepts.ObsValue]);
        }
        if (keys.DistinctBy(k => k.Column).Count() != keys.Count)
            throw ProblemException.Malformed("sort", text, "each column once");
        // The stored order is by the dimensions in their order: asking for its beginning is asking for nothing else.
        return keys.Count <= at.TimeIndex && keys.Index().All(k => !k.Item.Descending && k.Item.Column == at.Components[k.Index].Id) ? [] : keys;
    }

    private static async Task<JsonObject> ReadJsonAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        const int most = 1 << 20;
        var bytes = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > most)
                throw new ProblemException(413, "body-too-large", $"A query's body has at most {most} bytes.");
        }
        try
        {
            var json = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
            // A node decodes its texts when they are asked for: those that are no Unicode have to show here.
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16 });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    reader.GetString();
            }
            var body = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            return body as JsonObject ?? throw ProblemException.Malformed("body", Text(body), "a JSON object", "malformed-json");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ProblemException(400, "malformed-json", $"The body is not the JSON of a query: {e.Message}") { Parameter = "body" };
        }
    }

    private static List<string> Condition(string name, JsonNode? condition) => condition switch
    {
        JsonArray { Count: > 0 } list => [.. list.Select(item => Scalar(name, item))],
        JsonValue => [Scalar(name, condition)],
        JsonObject { Count: > 0 } operators when name == "where." + Concepts.TimePeriod =>
            [.. operators.Select(o => o.Key is "ge" or "gt" or "le" or "lt" ? o.Key + ":" + Scalar(name, o.Value) : throw ProblemException.Unknown(
                400, "unknown-operator", "operator", name, o.Key, ["ge", "gt", "le", "lt"]))],
        _ => throw ProblemException.Malformed(name, Text(condition), name == "where." + Concepts.TimePeriod
            ? "a period, a list of periods, or an object with ge, gt, le or lt" : "a code or a list of codes"),
    };

    private static string Scalar(string name, JsonNode? value) => value?.GetValueKind() is JsonValueKind.String or JsonValueKind.Number
        ? value.ToString()
        : throw ProblemException.Malformed(name, Text(value), "a text or a number");

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";

    // The ids of a codelist without a copy of it.
    private sealed class CodeIds(IReadOnlyList<Code> codes) : IReadOnlyCollection<string>
    {
        public int Count => codes.Count;

        public IEnumerator<string> GetEnumerator() => codes.Select(c => c.Id).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
