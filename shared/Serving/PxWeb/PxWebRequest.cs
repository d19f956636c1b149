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

/// <summary>What a request says that it wants.</summary>
/// <param name="Wanted">The selection; empty for the default one.</param>
/// <param name="Stub">The variables of the stub; empty where it is not said.</param>
/// <param name="Heading">The variables of the heading; empty where it is not said.</param>
internal sealed record PxAsked(IReadOnlyList<PxWanted> Wanted, IReadOnlyList<string> Stub, IReadOnlyList<string> Heading);

/// <summary>A request for a table's data, as it was sent: nothing of it has been compared with the table yet.</summary>
/// <param name="Asked">What it wants.</param>
/// <param name="Format">The format.</param>
internal sealed record PxWebRequest(PxAsked Asked, PxFormat Format)
{
    /// <summary>The formats by PxWeb's names, numbered as <see cref="PxFormat"/>.</summary>
    public static readonly string[] Formats = ["json-stat2", "csv", "px", "xlsx", "html", "json-px", "parquet"];

    /// <summary>The most bytes of the body of a selection.</summary>
    public const int MostBytes = 1 << 20;

    private const int MostVariables = 1_000;

    private static readonly string[] Params = ["UseCodes", "UseTexts", "UseCodesAndTexts", "IncludeTitle", "SeparatorTab", "SeparatorSpace", "SeparatorSemicolon"];
    private static readonly string[] OfVariables = ["valuecodes", "codelist", "outputvalues"];
    private static readonly string[] Lists = ["outputFormatParams", "heading", "stub"];

    /// <summary>What stands for a variable or a value.</summary>
    public PxTexts Texts { get; private init; }

    /// <summary>Whether the title stands above the table.</summary>
    public bool HasTitle { get; private init; }

    /// <summary>What parts the cells of CSV.</summary>
    public char Separator { get; private init; } = ',';

    /// <summary>Reads a GET's parameters, or a POST's parameters and body.</summary>
    public static async Task<PxWebRequest> ReadAsync(HttpRequest request, PxWebTable table, CancellationToken cancellationToken)
    {
        var query = request.Query;
        if (HttpMethods.IsPost(request.Method))
            Check(query, "lang", "outputFormat", "outputFormatParams");
        else
            Check(query, ["lang", "outputFormat", .. OfVariables, .. Lists]);
        var format = FormatOf(Text(query, "outputFormat"));
        var asked = HttpMethods.IsPost(request.Method)
            // What defaultselection gives can be sent back as it is.
            ? PxBody.Asked(PxBody.Members(await PxBody.ReadAsync(request, MostBytes, "selection", cancellationToken), "", "selection", "placement", "language", "links"))
            : new PxAsked(Selection(query, table), Names(query, "stub"), Names(query, "heading"));
        return new PxWebRequest(asked, format).With(ParamsOf(query));
    }

    /// <summary>The format of a name.</summary>
    public static PxFormat FormatOf(string? name) => name is not { Length: > 0 } ? PxFormat.JsonStat2
        : Array.FindIndex(Formats, f => f.Equals(name, StringComparison.OrdinalIgnoreCase)) is >= 0 and var number ? (PxFormat)number
        : throw ProblemException.Unknown(400, "unknown-format", "output format", "outputFormat", name, Formats);

    /// <summary>The parameters of the format that an address has.</summary>
    public static List<string> ParamsOf(IQueryCollection query) =>
        [.. query["outputFormatParams"].Concat(query["outputFormatParams[]"]).SelectMany(v => (v ?? "").Split(',')).Select(v => v.Trim('[', ']', ' ')).Where(v => v.Length > 0)];

    /// <summary>Refuses parameters that a path does not have: passing over a misspelt one would answer another question than was asked.</summary>
    public static void Check(IQueryCollection query, params string[] known)
    {
        // An underscore is what browsers' libraries put a number behind, to get past caches.
        foreach (var key in query.Keys.Where(k => k != "_"))
        {
            var name = key.IndexOf('[', StringComparison.Ordinal) is >= 0 and var open ? key[..open] : key;
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase)
                || (name != key && !OfVariables.Contains(name, StringComparer.OrdinalIgnoreCase) && !(key == name + "[]" && Lists.Contains(name, StringComparer.OrdinalIgnoreCase))))
            {
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter here", key, known.Contains(name) ? key : name, known);
            }
        }
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

    /// <summary>Checks what was a choice before 2.0: values of an aggregation, or those that it is made of. Without aggregations both are the same.</summary>
    public static void CheckOutputValues(string parameter, string? value)
    {
        if (value is not null && !value.Equals("aggregated", StringComparison.OrdinalIgnoreCase) && !value.Equals("single", StringComparison.OrdinalIgnoreCase))
            throw ProblemException.Malformed(parameter, value, "aggregated or single, which are the same here");
    }

    private static List<PxWanted> Selection(IQueryCollection query, PxWebTable table)
    {
        var (values, codelists) = (ByVariable(query, "valuecodes"), ByVariable(query, "codelist"));
        foreach (var (name, value) in ByVariable(query, "outputvalues"))
        {
            table.Variable(name, $"outputvalues[{name}]");
            CheckOutputValues($"outputvalues[{name}]", value);
        }
        foreach (var name in codelists.Keys.Where(c => !values.Keys.Contains(c, StringComparer.OrdinalIgnoreCase)))
            throw ProblemException.Malformed($"codelist[{name}]", codelists[name], $"valuecodes[{name}] beside it", "missing-selection");
        return [.. values.Select(v => new PxWanted(v.Key, [.. PxSelection.Split(table.Find(v.Key), v.Value)],
            codelists.FirstOrDefault(c => c.Key.Equals(v.Key, StringComparison.OrdinalIgnoreCase)).Value))];
    }

    private static List<string> Names(IQueryCollection query, string name) =>
        [.. query[name].Concat(query[name + "[]"]).SelectMany(v => PxSelection.Split(null, v ?? "")).Where(v => v.Length > 0).Take(MostVariables)];

    /// <summary>The same with parameters of its format.</summary>
    public PxWebRequest With(IReadOnlyList<string> given)
    {
        var (request, texts, separators) = (this, 0, 0);
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
