using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The parameters of a request for series or observations; each kind of request knows some of them.</summary>
internal sealed record FindRequest
{
    private readonly Dictionary<string, string> options;
    private readonly IReadOnlyList<string> periods;

    private FindRequest(Dictionary<string, string> options, IReadOnlyList<string> periods) => (this.options, this.periods) = (options, periods);

    /// <summary>The version that is asked for.</summary>
    public int? Version { get; private init; }

    /// <summary>The moment whose version is asked for.</summary>
    public DateTimeOffset? AsOf { get; private init; }

    /// <summary>How many of the last observations of each series.</summary>
    public int? Last { get; private init; }

    /// <summary>The format, as it is written.</summary>
    public string? Format => options.GetValueOrDefault("format");

    /// <summary>The kind of labels, as it is written.</summary>
    public string? Labels => options.GetValueOrDefault("labels");

    /// <summary>What of the request the bytes of an answer depend on, besides the versions.</summary>
    public string Identity => $"{string.Join('&', periods)}\n{Last}\n{options.GetValueOrDefault("lang")}";

    /// <summary>Reads the parameters.</summary>
    /// <param name="request">The request.</param>
    /// <param name="known">The parameters there are.</param>
    /// <param name="repeated">The one that the caller reads itself and that may be repeated.</param>
    public static FindRequest Read(HttpRequest request, string[] known, string? repeated = null)
    {
        var options = new Dictionary<string, string>();
        IReadOnlyList<string> periods = [];
        foreach (var (name, values) in request.Query)
        {
            if (name == repeated)
                continue;
            if (!known.Contains(name))
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, repeated is null ? known : [repeated, .. known], OtherNames.OfOption(name, known));
            if (name == Concepts.TimePeriod)
                periods = [.. values.Select(v => v ?? "")];
            else if (values.Count == 1)
                options.Add(name, values.ToString());
            else
                throw ProblemException.Malformed(name, values.ToString(), "the parameter once");
        }
        if (options.TryGetValue("lang", out var language))
            options["lang"] = LanguageTags.Asked(language);
        if (options.ContainsKey("version") && options.TryGetValue("asOf", out var both))
            throw ProblemException.Malformed("asOf", both, "version or asOf, not both", "conflicting-parameters");
        return new FindRequest(options, periods)
        {
            Version = options.TryGetValue("version", out var text) ? DataRequest.Number("version", text, 1, int.MaxValue) : null,
            AsOf = options.TryGetValue("asOf", out text) ? DataRequest.Moment("asOf", text) : null,
            Last = options.TryGetValue("last", out text) ? DataRequest.Number("last", text, 1, SeriesRows.MostObservations) : null,
        };
    }

    /// <summary>The conditions on TIME_PERIOD, as <c>/data</c> reads them.</summary>
    public IReadOnlyList<Criterion> Periods(DatasetAtVersion at) =>
        periods.Count == 0 ? [] : DataRequest.Criteria(at, [(Concepts.TimePeriod, [.. periods])], []).Where;

    /// <summary>The languages of labels, best first.</summary>
    public IReadOnlyList<string> LanguagesOf(DatasetAtVersion at) => DataRequest.LanguagesOf(at.Structure, options.GetValueOrDefault("lang"));

    /// <summary>The address of the data that have codes: those of the first dimensions, by their numbers.</summary>
    public static string DataAddress(DatasetAtVersion at, IReadOnlyList<int> codes)
    {
        var filters = codes.Select((number, c) => (at.Components[c].Id, at.Components[c].Codes, number)).Where(f => f.number < f.Codes.Count);
        return $"{DatasetApi.Address(at.Structure.Id)}/data?{string.Join('&', filters.Select(f => $"{Uri.EscapeDataString(f.Id)}={Uri.EscapeDataString(f.Codes[f.number].Id)}"))}";
    }

    /// <summary>A body of JSON.</summary>
    public static AnswerBody Body(JsonNode body) =>
        new(null, async (to, token) => await to.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, Json.Options), token));

}
