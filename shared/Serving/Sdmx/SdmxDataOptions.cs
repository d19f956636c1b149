using Microsoft.AspNetCore.Http;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The parameters of a data query that both generations have, or that 1.x's become.</summary>
internal sealed record SdmxDataOptions
{
    private static readonly string[] Newer =
    [
        "updatedAfter", "firstNObservations", "lastNObservations", "dimensionAtObservation", "attributes", "measures", "includeHistory", "offset", "limit", "sort",
        "asOf", "reportingYearStartDay", "format",
    ];

    private static readonly string[] Older =
    [
        "startPeriod", "endPeriod", "updatedAfter", "firstNObservations", "lastNObservations", "dimensionAtObservation", "detail", "includeHistory", "format",
    ];

    public DateTimeOffset? UpdatedAfter { get; init; }

    public DateTimeOffset? AsOf { get; init; }

    public int? First { get; init; }

    public int? Last { get; init; }

    /// <summary>The id of a dimension, <c>AllDimensions</c>, or null for what the structure suggests.</summary>
    public string? AtObservation { get; init; }

    /// <summary>The attributes asked for; null for all.</summary>
    public IReadOnlyList<string>? Attributes { get; init; }

    public bool HasValue { get; init; } = true;

    public bool HasHistory { get; init; }

    public long Offset { get; init; }

    public long? Limit { get; init; }

    /// <summary>As it was asked, or null.</summary>
    public string? Sort { get; init; }

    public string? Format { get; init; }

    /// <summary>1.x's <c>startPeriod</c>, as it was asked, or null.</summary>
    public string? StartPeriod { get; init; }

    /// <summary>1.x's <c>endPeriod</c>, as it was asked, or null.</summary>
    public string? EndPeriod { get; init; }

    /// <summary>Whether observations are given as they are, with all they have.</summary>
    public bool IsWhole => UpdatedAfter is null && !HasHistory && Attributes is null && HasValue;

    /// <summary>Reads the parameters of 2.x; filters are read elsewhere.</summary>
    public static SdmxDataOptions Read(IQueryCollection query)
    {
        var given = Once(query, Newer, SdmxFilters.IsFilter);
        string? Text(string name) => given.GetValueOrDefault(name);
        var attributes = (Text("attributes") ?? "dsd").Split(',', '+', ' ');
        var measures = (Text("measures") ?? "all").Split(',', '+', ' ');
        if (Array.Find(measures, m => m is not ("all" or "none" or Concepts.ObsValue)) is { } unknown)
            throw ProblemException.Unknown(400, "unknown-measure", "measure", "measures", unknown, ["all", "none", Concepts.ObsValue]);
        // A day of a leap year, so that 29 February is one.
        if (Text("reportingYearStartDay") is { } day && !(day.StartsWith("--", StringComparison.Ordinal)
            && DateOnly.TryParseExact(string.Concat("2000", day.AsSpan(1)), "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out _)))
            throw ProblemException.Malformed("reportingYearStartDay", day, "a month and a day such as --01-01");
        return Common(given) with
        {
            AsOf = given.TryGetValue("asOf", out var asOf) ? DataRequest.Moment("asOf", asOf) : null,
            // All of ours are attached to the observation.
            Attributes = Array.Exists(attributes, a => a is "dsd" or "all" or "obs") ? null : [.. attributes.Where(a => a is not ("none" or "msd" or "dataset" or "series")).Distinct()],
            HasValue = !Array.TrueForAll(measures, m => m == "none"),
            Offset = given.TryGetValue("offset", out var offset) ? DataRequest.Number("offset", offset, 0, int.MaxValue) : 0,
            Limit = given.TryGetValue("limit", out var limit) ? DataRequest.Number("limit", limit, 1, int.MaxValue) : null,
            Sort = Text("sort"),
        };
    }

    /// <summary>Reads the parameters of 1.x.</summary>
    public static SdmxDataOptions ReadOld(IQueryCollection query)
    {
        var given = Once(query, Older, _ => false);
        var options = Common(given) with { StartPeriod = given.GetValueOrDefault("startPeriod"), EndPeriod = given.GetValueOrDefault("endPeriod") };
        return given.GetValueOrDefault("detail", "full") switch
        {
            "full" => options,
            "dataonly" => options with { Attributes = [] },
            // All attributes are the observations': without observations there are the keys of series.
            "serieskeysonly" or "nodata" => options with { Attributes = [], HasValue = false },
            var detail => throw ProblemException.Unknown(400, "unknown-detail", "detail", "detail", detail, ["full", "dataonly", "serieskeysonly", "nodata"]),
        };
    }

    private static SdmxDataOptions Common(Dictionary<string, string> given) => new()
    {
        UpdatedAfter = given.TryGetValue("updatedAfter", out var after) ? DataRequest.Moment("updatedAfter", after) : null,
        First = given.TryGetValue("firstNObservations", out var first) ? DataRequest.Number("firstNObservations", first, 1, int.MaxValue) : null,
        Last = given.TryGetValue("lastNObservations", out var last) ? DataRequest.Number("lastNObservations", last, 1, int.MaxValue) : null,
        AtObservation = given.GetValueOrDefault("dimensionAtObservation"),
        HasHistory = given.TryGetValue("includeHistory", out var history) && history switch
        {
            "true" or "1" => true,
            "false" or "0" => false,
            _ => throw ProblemException.Malformed("includeHistory", history, "true or false"),
        },
        Format = given.GetValueOrDefault("format"),
    };

    private static Dictionary<string, string> Once(IQueryCollection query, string[] known, Func<string, bool> isElsewhere)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in query)
        {
            if (isElsewhere(name))
                continue;
            if (!known.Contains(name))
                throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, known, Meant(query, name));
            if (values.Count != 1)
                throw ProblemException.Malformed(name, values.ToString(), "the parameter once", "conflicting-parameters");
            // Clients leave a parameter that they do not use empty.
            if (values[0] is { Length: > 0 } value)
                given.Add(name, value);
        }
        return given;
    }

    // 1.x's parameters in 2.x; a component is filtered once, so that both can not be put right one by one.
    private static Meaning Meant(IQueryCollection query, string name) => name is "startPeriod" or "endPeriod"
        ? new Meaning($"c[{Concepts.TimePeriod}]", $"c[{Concepts.TimePeriod}]=ge:2020-01+le:2020-12 is from and to",
            query.ContainsKey("startPeriod") && query.ContainsKey("endPeriod") ? null : name == "startPeriod" ? "ge:" : "le:")
        : default;
}
