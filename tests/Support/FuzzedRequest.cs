using System.Text;
using System.Text.Json.Nodes;

namespace Pipeline.Tests.Support;

/// <summary>A request to an operation of the OpenAPI document whose parameters, headers and body may be right or anything else.</summary>
/// <param name="Path">The operation's path in the document.</param>
/// <param name="Statuses">The statuses that the document gives it, some as <c>4XX</c>.</param>
/// <param name="Method">GET, or POST.</param>
/// <param name="Address">Path and query, percent-encoded.</param>
/// <param name="Headers">Names and values, as they are sent.</param>
/// <param name="Body">The body; null for none.</param>
internal sealed record FuzzedRequest(string Path, IReadOnlyList<string> Statuses, string Method, string Address, IReadOnlyList<(string Name, string Value)> Headers, byte[]? Body)
{
    /// <summary>The values of the path's placeholders.</summary>
    public required IReadOnlyDictionary<string, string> Places { get; init; }

    public override string ToString() =>
        $"{Method} {Cut(Address, 700)} {string.Join(' ', Headers.Select(h => $"[{h.Name}: {Cut(h.Value, 60)}]"))} {(Body is null ? "" : Cut(Encoding.UTF8.GetString(Body), 700))}";

    private static string Cut(string text, int most) => text.Length <= most ? text : $"{text[..most]}… ({text.Length})";
}

/// <summary>Draws requests to the operations of an OpenAPI document: up to six of an operation's parameters at once, each its example, something like it, or what nobody should send.</summary>
internal sealed class RequestFuzz
{
    /// <summary>What nobody should send.</summary>
    public static readonly string[] Garbage =
    [
        "", " ", "'", "\"", "\\", "\0", "*", "~", "+", "..", "../..", "null", "NaN", "-1", "0", "1e400", "99999999999999999999999999999999", "2023-13-45T99:99:99Z", "🙂", "乌鲁木齐", "<script>alert(1)</script>",
        "{\"a\":", "a=b&c=d", "%", "%zz", "()", ")(", "[]", "{*}", "ge:", "latest-1", "not not not", "1-1-00", ",,,,", "....", "O'Brien", "x' or 1 eq 1",
        string.Join(',', Enumerable.Range(0, 1_500).Select(i => "C" + i)), new string('(', 2_000), string.Concat(Enumerable.Repeat("not ", 1_000)), new string('9', 3_000), new string('?', 500), string.Concat(Enumerable.Repeat("A.", 1_000)),
    ];

    // What has a meaning somewhere, and so gets further than garbage does.
    private static readonly string[] Meaningful =
    [
        "1", "2", "100000", "2147483647", "2147483648", "-2147483649", "9223372036854775808", "1.5", "1e2", "true", "en", "zh", "en-GB", "all", "latest", "latest-1Y", "ge:latest-3M", "gt:3.5", "missing", "2023", "2022-Q3..2023-Q1", "..2023",
        "ge:9999", "9999-12-31", "0001", "0001-01-01", "lt:0001-01-01", "2023-W53", "under:C", "contains:a", "startsWith:A", "SEX", "TIME_PERIOD", "OBS_VALUE", "-OBS_VALUE", "REF_AREA,SEX", "FREQ", "Ashwell", "M,F", "C", "*,*", "TOP(3)",
        "FROM(2023-Q1)", "RANGE(2022-Q1,2023-Q2)", "??", "[RANGE(,)]", "growth(1Y)", "growth(1P),index(2022)", "share(SEX)", "share(ACTIVITY:C)", "single", "index(9999)", "sum,count", "sum,mean,min,max,count", "wide", "label", "csv", "xlsx", "parquet",
        "arrow", "px", "json-stat", "ndjson", "html", "IncludeTitle,UseCodes", "json", "OBS_VALUE gt 3", "contains(REF_AREA,'a')", "OBS_VALUE in (1,2,3)", "year(TIME_START) eq 2023", "-OBS_VALUE lt -3", "OBS_VALUE div 0 gt 1",
        "aggregate(OBS_VALUE with sum as Sum)", "filter(SEX eq 'F')/groupby((REF_AREA),aggregate($count as N))", "$count", "REF_AREA_Code", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "--12-31", "--02-30",
        "1.0", "1.0+", "1+.0", "1.0.0", "dataonly", "full", "descendants", "parentsandsiblings", "exact", "csv;labels=both",
    ];

    private static readonly string[] Components = ["FREQ", "INDICATOR", "REF_AREA", "ACTIVITY", "SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MEASURE", "SOURCE", "RELEASE", "REF_AREA!", "c[SEX]", "c[TIME_PERIOD]", "valuecodes[SEX]", "codelist[SEX]"];

    private static readonly string[] Types = ["*/*", "application/json", "text/csv", "application/xml", "application/*", "text/html", "application/json;q=0", "*/*;q=0", ";;;q=x", "text/", "application/vnd.sdmx.data+csv;version=9.9.9;labels=both", "application/vnd.sdmx.structure+xml"];

    private static readonly (string Name, string[] Values)[] Extras =
    [
        ("Accept-Language", ["zh", "en", "zh-CN;q=0.5, *", "de", "*;q=0", ";;", "x-klingon-" + new string('x', 300), "en;q=7"]),
        ("If-None-Match", ["\"0\"", "W/\"0\"", "not a tag", "\"", "*, *", "\"é\""]),
        ("If-Modified-Since", ["Sat, 01 Jan 2000 00:00:00 GMT", "yesterday", "99999999999"]),
        ("Accept-Encoding", ["gzip", "br", "gzip;q=0, *", "identity;q=0", "zstd, deflate", "gzip;q=x"]),
        ("Range", ["bytes=0-3", "bytes=-5", "bytes=9999999999999999999-", "lines=1-2", "bytes=0-0,2-2", "bytes=5-2"]),
        ("OData-MaxVersion", ["4.0", "3.0", "x"]),
        ("Prefer", ["odata.maxpagesize=2", "odata.maxpagesize=-1", "odata.maxpagesize=99999999999999", "return=minimal, ,;"]),
        ("X-Forwarded-Host", ["evil.example", "a b", "\"'<>"]),
        ("Content-Encoding", ["gzip", "x"]),
    ];

    // Addresses that the document leaves to their standard, with an operation whose parameters they take.
    private static readonly (string As, string Path)[] More =
    [
        ("/odata/{dataset}/Observations", "/odata/{dataset}/SEX_Codes"),
        ("/odata/{dataset}/Observations", "/odata/{dataset}/SEX_Codes('F')"),
        ("/odata/{dataset}/Observations", "/odata/{dataset}/SEX_Codes/$count"),
        ("/odata/{dataset}/Observations", "/odata/{dataset}/Observations(FREQ='Q',INDICATOR='EMPLOYED_PERSONS',REF_AREA='Ashwell',ACTIVITY='C',SEX='F',TIME_PERIOD='2022-Q1')"),
        ("/odata/{dataset}/Observations", "/odata/{dataset}/Observations(FREQ='Q',INDICATOR='EMPLOYED_PERSONS',REF_AREA='Ashwell',ACTIVITY='C',SEX='F',TIME_PERIOD='2022-Q1')/SEX_Code"),
        ("/odata/{dataset}/Observations", "/odata/{dataset}/Observations(FREQ='Q',INDICATOR='EMPLOYED_PERSONS',REF_AREA='Ashwell',ACTIVITY='C',SEX='F',TIME_PERIOD='2022-Q1')/OBS_VALUE/$value"),
        ("/odata/{dataset}/Observations", "/odata/_Datasets"),
        ("/odata/{dataset}/$metadata", "/odata/$metadata"),
        ("/sdmx/v2/data/{context}/{agencyID}/{resourceID}/{version}/{key}", "/sdmx/v2/data/{context}/{agencyID}/{resourceID}"),
        ("/sdmx/v2/data/{context}/{agencyID}/{resourceID}/{version}/{key}", "/sdmx/v2/data/*/*/*/*"),
        ("/sdmx/v1/data/{flow}/{key}/{provider}", "/sdmx/v1/data/{flow}"),
        ("/sdmx/v2/structure/{artefactType}/{agencyID}/{resourceID}/{version}", "/sdmx/v2/structure/*/*/*/*"),
        ("/sdmx/v1/codelist/{agencyID}/{resourceID}/{version}", "/sdmx/v1/conceptscheme"),
    ];

    private static readonly string[] Wraps = ["[", "{\"a\":", "{\"not\":", "{\"and\":["];

    private sealed record Parameter(string Name, bool IsPlace, string? Example, (string Name, string Value)[] Several, string[] Likely);

    // Texts, because nodes of JSON can not be read by several threads at once.
    private sealed record Operation(string Path, string Method, Parameter[] Parameters, string[] Statuses, string[] Offered, string? Body);

    private readonly List<Operation> operations = [];

    /// <summary>Draws from a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="known">Values that only the host can know, by the name of their parameter: cursors, ids of saved queries.</param>
    /// <param name="isAsked">Which paths are asked.</param>
    public RequestFuzz(JsonObject document, IReadOnlyDictionary<string, string[]> known, Func<string, bool> isAsked)
    {
        var schema = new JsonSchema(document);
        foreach (var (path, methods) in document["paths"]!.AsObject().Where(p => isAsked(p.Key)))
        {
            foreach (var (method, operation) in methods!.AsObject().Where(m => m.Key is "get" or "post"))
            {
                var parameters = (operation!["parameters"]?.AsArray() ?? []).Select(p => schema.Resolve(p!.AsObject())).Select(p => new Parameter(
                    (string)p["name"]!, (string)p["in"]! == "path", JsonSchema.ExampleOf(p) is JsonObject ? null : JsonSchema.ExampleOf(p)?.ToString(),
                    [.. (JsonSchema.ExampleOf(p) as JsonObject ?? []).Select(e => (e.Key, e.Value!.ToString()))],
                    known.GetValueOrDefault((string)p["name"]!) ?? p["schema"]?["enum"]?.AsArray().Select(e => (string)e!).ToArray() ?? []));
                var responses = operation["responses"]!.AsObject();
                var content = operation["requestBody"]?["content"]?["application/json"];
                operations.Add(new Operation(path, method.ToUpperInvariant(), [.. parameters], [.. responses.Select(r => r.Key)],
                    [.. responses["200"]?["content"]?.AsObject().Select(c => c.Key) ?? []], (content?["example"] ?? (content is null ? null : schema.Resolve(content["schema"]!.AsObject())["example"]))?.ToJsonString()));
            }
        }
        foreach (var (like, path) in More)
        {
            if (operations.Find(o => o.Path == like) is { } operation)
                operations.Add(operation with { Path = path, Parameters = [.. operation.Parameters.Where(p => !p.IsPlace || path.Contains($"{{{p.Name}}}", StringComparison.Ordinal))], Statuses = [.. operation.Statuses, "204"] });
        }
    }

    /// <summary>Draws a request.</summary>
    public FuzzedRequest Draw(Choices pick)
    {
        var operation = operations[pick.Below(operations.Count)];
        var places = operation.Parameters.Where(p => p.IsPlace).ToDictionary(p => p.Name, p => pick.Below(5) < 4 ? p.Example ?? "x" : Value(pick, p));
        var address = places.Aggregate(operation.Path, (a, p) => a.Replace($"{{{p.Key}}}", Uri.EscapeDataString(p.Value), StringComparison.Ordinal));
        var optional = operation.Parameters.Where(p => !p.IsPlace).ToArray();
        var query = new List<string>();
        for (var left = optional.Length == 0 ? pick.Below(2) : pick.Below(7); left > 0; left--)
        {
            var parameter = optional.Length == 0 || pick.Below(25) == 24 ? null : optional[pick.Below(optional.Length)];
            var (name, value) = parameter is { Several.Length: 0 } ? (parameter.Name, Value(pick, parameter))
                : parameter is not null && pick.Below(2) == 0 ? parameter.Several[pick.Below(parameter.Several.Length)]
                : (Any(pick, Components), Any(pick, pick.Below(3) == 2 ? Garbage : Meaningful));
            query.Add(Uri.EscapeDataString(pick.Below(40) == 39 ? Altered(pick, name) : name) + "=" + Uri.EscapeDataString(pick.Below(12) == 11 ? Altered(pick, value) : value));
        }
        if (query.Count > 0)
            address += "?" + string.Join('&', query);
        var headers = new List<(string, string)>();
        if (pick.Below(3) == 2)
            headers.Add(("Accept", Any(pick, [.. operation.Offered, .. Types]) + (pick.Below(6) == 5 ? ", " + Any(pick, Types) : "")));
        for (var left = pick.Below(3); left > 0; left--)
        {
            var (name, values) = Extras[pick.Below(Extras.Length)];
            headers.Add((name, Any(pick, values)));
        }
        byte[]? body = null;
        if (operation.Body is not null)
        {
            headers.Add(("Content-Type", pick.Below(8) < 7 ? "application/json" : Any(pick, ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "?"])));
            var text = new StringBuilder();
            Write(pick, JsonNode.Parse(operation.Body), text, 2 + pick.Below(40));
            body = Harmed(pick, Encoding.UTF8.GetBytes(text.ToString()));
        }
        return new FuzzedRequest(operation.Path, operation.Statuses, operation.Method, address, headers, body) { Places = places };
    }

    private static string Any(Choices pick, string[] from) => from[pick.Below(from.Length)];

    private string Value(Choices pick, Parameter parameter)
    {
        var (example, likely) = (parameter.Example ?? "x", parameter.Likely);
        switch (pick.Below(12))
        {
            case < 5:
                return likely.Length > 0 && (parameter.Example is null || pick.Below(2) == 1) ? Any(pick, likely) : example;
            case < 7:
                return Any(pick, Garbage);
            case < 9:
                return Any(pick, Meaningful);
            case 9:
                return example + "," + Any(pick, pick.Below(2) == 0 ? Meaningful : Garbage);
            case 10:
                return Altered(pick, likely.Length > 0 ? Any(pick, likely) : example);
            default:
                var others = operations[pick.Below(operations.Count)].Parameters;
                return others.Length == 0 ? "" : others[pick.Below(others.Length)].Example ?? "";
        }
    }

    // One place of it is another.
    private static string Altered(Choices pick, string text)
    {
        var at = pick.Below(text.Length + 1);
        return pick.Below(5) switch
        {
            0 => text[..at],
            1 => text.Insert(at, Any(pick, ["0", ",", "'", "(", "%", "-", ".", " ", "\u0001", "\ud800", "é", ":", "[", "$"])),
            2 => at < text.Length ? text.Remove(at, 1) : text,
            3 => text.ToUpperInvariant(),
            _ => text + text,
        };
    }

    // Writes a tree with something else in some places.
    private static void Write(Choices pick, JsonNode? node, StringBuilder to, int oneIn)
    {
        if (pick.Is("body", oneIn))
        {
            switch (pick.Below(9))
            {
                case 0:
                    to.Append(Any(pick, ["null", "true", "0", "-1", "1.5", "\"\"", "[]", "{}", "1e400", "-0.0", "1E-400", "[null]", "[[]]", "\"\\ud800\"", "\"\\u0000\"", "NaN", "'x'", "2147483648", new string('9', 1_000), "0." + new string('1', 1_000)]));
                    return;
                case 1:
                    to.Append(JsonValue.Create(Any(pick, Garbage)).ToJsonString());
                    return;
                case 2:
                    to.Append(JsonValue.Create(Any(pick, Meaningful)).ToJsonString());
                    return;
                case 3:
                    var (open, depth) = (Any(pick, Wraps), ((int[])[1, 2, 20, 63, 64, 65, 1_000, 10_000])[pick.Below(8)]);
                    to.Insert(to.Length, open, depth);
                    Write(pick, node, to, oneIn);
                    to.Insert(to.Length, open switch { "[" => "]", "{\"and\":[" => "]}", _ => "}" }, depth);
                    return;
                case 4:
                    to.Append('[').AppendJoin(',', Enumerable.Range(0, ((int[])[3, 300, 5_000])[pick.Below(3)]).Select(i => $"\"C{i}\"")).Append(']');
                    return;
                case 5:
                    to.Append($"{{\"{Any(pick, ["and", "or", "not", "in", "ge", "eq", "lt", "missing", "startsWith", "contains", "under", "SEX", "OBS_VALUE", "TIME_PERIOD", "selection", "valueCodes"])}\":");
                    Write(pick, node, to, oneIn);
                    to.Append('}');
                    return;
                case 6:
                    to.Append('[');
                    Write(pick, node, to, oneIn);
                    to.Append(',');
                    Write(pick, node, to, oneIn);
                    to.Append(']');
                    return;
                case 7:
                    to.Append(JsonValue.Create(node?.ToString() ?? "").ToJsonString());
                    return;
                default:
                    to.Append($"{{\"{Any(pick, Components)}\":\"{Any(pick, ["C", "F", "2023", "Ashwell"])}\"}}");
                    return;
            }
        }
        if (node is JsonObject json)
        {
            to.Append('{');
            var first = true;
            foreach (var (name, value) in json)
            {
                // A member may be left out, come twice, or have another name.
                for (var times = pick.Below(oneIn) switch { 1 => 0, 2 => 2, _ => 1 }; times > 0; times--)
                {
                    to.Append(first ? "" : ",").Append(JsonValue.Create(pick.Is("name", oneIn) ? Altered(pick, name) : name).ToJsonString()).Append(':');
                    first = false;
                    Write(pick, value, to, oneIn);
                }
            }
            to.Append('}');
        }
        else if (node is JsonArray list)
        {
            to.Append('[');
            for (var i = 0; i < list.Count; i++)
            {
                to.Append(i == 0 ? "" : ",");
                Write(pick, list[i], to, oneIn);
            }
            to.Append(']');
        }
        else
        {
            to.Append(node?.ToJsonString() ?? "null");
        }
    }

    private static byte[] Harmed(Choices pick, byte[] body) => pick.Below(24) switch
    {
        23 => body[..pick.Below(body.Length + 1)],
        22 => [.. Encoding.UTF8.GetPreamble(), .. body],
        21 => Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(body)),
        20 => [.. body[..(body.Length / 2)], 0xff, 0xc3, .. body[(body.Length / 2)..]],
        19 => [.. body, .. body],
        18 => [.. body, 0],
        17 => [],
        _ => body,
    };
}
