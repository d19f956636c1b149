using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>The formats that PxWeb's data are served in.</summary>
internal enum PxFormat
{
    JsonStat2,
    Csv,
    Px,
    Xlsx,
    Html,
    JsonPx,
    Parquet,
}

/// <summary>A request for a table's data, as it was sent: nothing of it has been compared with the table yet.</summary>
internal sealed record PxWebRequest
{
    /// <summary>The formats by PxWeb's names, numbered as <see cref="PxFormat"/>.</summary>
    public static readonly string[] Formats = ["json-stat2", "csv", "px", "xlsx", "html", "json-px", "parquet"];

    private const int MostBytes = 1 << 20;
    private const int MostVariables = 1_000;

    private static readonly string[] Params = ["UseCodes", "UseTexts", "UseCodesAndTexts", "IncludeTitle", "SeparatorTab", "SeparatorSpace", "SeparatorSemicolon"];

    /// <summary>The selection; empty for the default one.</summary>
    public required IReadOnlyList<PxWanted> Wanted { get; init; }

    /// <summary>The variables of the stub; empty where it is not said.</summary>
    public required IReadOnlyList<string> Stub { get; init; }

    /// <summary>The variables of the heading; empty where it is not said.</summary>
    public required IReadOnlyList<string> Heading { get; init; }

    /// <summary>The format.</summary>
    public required PxFormat Format { get; init; }

    /// <summary>What stands for variables and values.</summary>
    public PxTexts Texts { get; init; }

    /// <summary>Whether the title stands above the table.</summary>
    public bool HasTitle { get; init; }

    /// <summary>What parts the cells of CSV.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>Reads a GET's parameters, or a POST's parameters and body.</summary>
    public static async Task<PxWebRequest> ReadAsync(HttpRequest request, PxWebTable table, CancellationToken cancellationToken)
    {
        var query = request.Query;
        var format = Text(query, "outputFormat") is not { Length: > 0 } name ? PxFormat.JsonStat2
            : Array.FindIndex(Formats, f => f.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var number ? (PxFormat)number
            : throw ProblemException.Unknown(400, "unknown-format", "output format", "outputFormat", name, Formats);
        var read = HttpMethods.IsPost(request.Method)
            ? await ReadBodyAsync(request, format, cancellationToken)
            : new PxWebRequest { Wanted = Selection(query, table), Stub = Names(query, "stub"), Heading = Names(query, "heading"), Format = format };
        return WithParams(read, [.. query["outputFormatParams"].SelectMany(v => (v ?? "").Split(',')).Select(v => v.Trim('[', ']', ' ')).Where(v => v.Length > 0)]);
    }

    /// <summary>A parameter that may stand once.</summary>
    public static string? Text(IQueryCollection query, string name) => query[name] is var values && values.Count > 1
        ? throw ProblemException.Malformed(name, values.ToString(), "the parameter once")
        : values.Count == 0 ? null : values[0];

    /// <summary>The parameters <c>name[variable]</c>.</summary>
    public static Dictionary<string, string> ByVariable(IQueryCollection query, string name)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, values) in query)
        {
            if (!key.StartsWith(name, StringComparison.OrdinalIgnoreCase) || (key.Length > name.Length && key[name.Length] != '['))
                continue;
            if (key.Length < name.Length + 3 || key[^1] != ']')
                throw ProblemException.Malformed(key, values.ToString(), $"{name}[variable]=…", "malformed-parameter");
            found[key[(name.Length + 1)..^1]] = string.Join(',', values.Select(v => v ?? ""));
        }
        return found;
    }

    private static List<PxWanted> Selection(IQueryCollection query, PxWebTable table)
    {
        string[] known = ["valuecodes", "codelist", "outputvalues"];
        foreach (var key in query.Keys.Where(key => key.Contains('[') && !known.Any(k => key.StartsWith(k + "[", StringComparison.OrdinalIgnoreCase))))
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", key, key[..key.IndexOf('[', StringComparison.Ordinal)], known);
        var (values, codelists) = (ByVariable(query, "valuecodes"), ByVariable(query, "codelist"));
        foreach (var name in codelists.Keys.Where(c => !values.Keys.Contains(c, StringComparer.OrdinalIgnoreCase)))
            throw ProblemException.Malformed($"codelist[{name}]", codelists[name], $"valuecodes[{name}] beside it", "missing-selection");
        return [.. values.Select(v => new PxWanted(v.Key, [.. PxSelection.Split(table.Find(v.Key), v.Value)],
            codelists.FirstOrDefault(c => c.Key.Equals(v.Key, StringComparison.OrdinalIgnoreCase)).Value))];
    }

    private static List<string> Names(IQueryCollection query, string name) =>
        [.. query[name].Concat(query[name + "[]"]).SelectMany(v => PxSelection.Split(null, v ?? "")).Where(v => v.Length > 0).Take(MostVariables)];

    private static async Task<PxWebRequest> ReadBodyAsync(HttpRequest request, PxFormat format, CancellationToken cancellationToken)
    {
        var body = await BodyAsync(request, cancellationToken);
        var wanted = new List<PxWanted>();
        foreach (var item in List(body, "selection"))
        {
            var selection = item as JsonObject ?? throw ProblemException.Malformed("selection", item?.ToJsonString() ?? "null", "objects with variableCode and valueCodes", "malformed-json");
            var name = Word(selection, "variableCode") ?? throw ProblemException.Malformed("selection", selection.ToJsonString(), "a variableCode in each object", "malformed-json");
            wanted.Add(new PxWanted(name, Words(selection, "valueCodes"), Word(selection, "codelist")));
        }
        var placement = body?["placement"] switch
        {
            null => null,
            JsonObject both => both,
            var other => throw ProblemException.Malformed("placement", other.ToJsonString(), "an object with heading and stub", "malformed-json"),
        };
        return new PxWebRequest { Wanted = wanted, Stub = Words(placement, "stub"), Heading = Words(placement, "heading"), Format = format };
    }

    // An empty body selects nothing, as no body does.
    private static async Task<JsonObject?> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        var buffer = new byte[16 << 10];
        int count;
        while ((count = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > MostBytes)
                throw new ProblemException(413, "body-too-large", $"A selection has at most {MostBytes} bytes. * selects all values of a variable, * behind the beginning of a code all that begin so.");
        }
        if (bytes.Length == 0)
            return null;
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
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false }) switch
            {
                null => null,
                JsonObject body => body,
                var other => throw ProblemException.Malformed("body", other.ToJsonString(), "a JSON object with selection", "malformed-json"),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ProblemException(400, "malformed-json", $"The body is not the JSON of a selection: {e.Message}") { Parameter = "body" };
        }
    }

    private static JsonArray List(JsonObject? json, string name) => json?[name] switch
    {
        null => [],
        JsonArray list => list,
        var other => throw ProblemException.Malformed(name, other.ToJsonString(), "a list", "malformed-json"),
    };

    private static List<string> Words(JsonObject? json, string name) => [.. List(json, name).Select(v => v?.GetValueKind() == JsonValueKind.String ? v.ToString()
        : throw ProblemException.Malformed(name, v?.ToJsonString() ?? "null", "a list of texts", "malformed-json"))];

    private static string? Word(JsonObject json, string name) => json[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.ToString(),
        var other => throw ProblemException.Malformed(name, other.ToJsonString(), "a text", "malformed-json"),
    };

    private static PxWebRequest WithParams(PxWebRequest request, List<string> given)
    {
        var (texts, separators) = (0, 0);
        foreach (var text in given)
        {
            var name = Params.FirstOrDefault(p => p.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? throw ProblemException.Unknown(
                400, "unknown-format-param", "parameter of an output format", "outputFormatParams", text, Params);
            var isSeparator = name.StartsWith("Separator", StringComparison.Ordinal);
            if (request.Format is not (PxFormat.Csv or PxFormat.Html or PxFormat.Xlsx) || (isSeparator && request.Format != PxFormat.Csv))
                throw Wrong(text, $"nothing: {Formats[(int)request.Format]} does not take {name}");
            texts += name.StartsWith("Use", StringComparison.Ordinal) ? 1 : 0;
            separators += isSeparator ? 1 : 0;
            request = name switch
            {
                "UseCodes" => request with { Texts = PxTexts.Codes },
                "UseTexts" => request with { Texts = PxTexts.Texts },
                "UseCodesAndTexts" => request with { Texts = PxTexts.Both },
                "IncludeTitle" => request with { HasTitle = true },
                "SeparatorTab" => request with { Separator = '\t' },
                "SeparatorSpace" => request with { Separator = ' ' },
                _ => request with { Separator = ';' },
            };
        }
        return texts > 1 || separators > 1 ? throw Wrong(string.Join(',', given), "one of UseCodes, UseTexts and UseCodesAndTexts, and one separator") : request;

        static ProblemException Wrong(string value, string expected) => ProblemException.Malformed("outputFormatParams", value, expected, "malformed-format-params");
    }
}
