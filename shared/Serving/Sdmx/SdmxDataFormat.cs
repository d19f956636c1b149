using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Pipeline.Serving;

/// <summary>The families of formats of data messages.</summary>
internal enum SdmxFamily
{
    Json,
    Csv,
    Xml,
}

/// <summary>A format that a data message is sent in.</summary>
/// <param name="Family">What writes it.</param>
/// <param name="Type">The media type without parameters.</param>
/// <param name="Version">Its version.</param>
/// <param name="Name">What the parameter <c>format</c> calls it, with <see cref="Version"/> after it where several have the name.</param>
internal sealed record SdmxDataFormat(SdmxFamily Family, string Type, string Version, string Name)
{
    private const string Data = "application/vnd.sdmx.data+";

    private static readonly SdmxDataFormat[] Newer =
    [
        new(SdmxFamily.Json, Data + "json", "2.1.0", "sdmx-json"),
        new(SdmxFamily.Json, Data + "json", "2.0.0", "sdmx-json"),
        new(SdmxFamily.Csv, Data + "csv", "2.1.0", "sdmx-csv"),
        new(SdmxFamily.Csv, Data + "csv", "2.0.0", "sdmx-csv"),
        new(SdmxFamily.Xml, Data + "xml", "3.0.0", "sdmx-ml"),
    ];

    private static readonly SdmxDataFormat[] Older =
    [
        new(SdmxFamily.Xml, "application/vnd.sdmx.genericdata+xml", "2.1", "genericdata"),
        new(SdmxFamily.Xml, "application/vnd.sdmx.structurespecificdata+xml", "2.1", "structurespecificdata"),
        new(SdmxFamily.Xml, "application/vnd.sdmx.generictimeseriesdata+xml", "2.1", "generictimeseriesdata"),
        new(SdmxFamily.Xml, "application/vnd.sdmx.structurespecifictimeseriesdata+xml", "2.1", "structurespecifictimeseriesdata"),
        new(SdmxFamily.Json, Data + "json", "1.0.0", "sdmx-json"),
        new(SdmxFamily.Json, Data + "json", "1.0.0-wd", "sdmx-json"),
        new(SdmxFamily.Csv, Data + "csv", "1.0.0", "sdmx-csv"),
    ];

    /// <summary>The formats of a generation of the API, the default first. Each speaks the other's too, for clients that have one list for both.</summary>
    public static IReadOnlyList<SdmxDataFormat> Of(SdmxRest rest) => rest == SdmxRest.V1 ? [.. Older, .. Newer] : [.. Newer, .. Older];

    /// <summary>Whether the message is one of SDMX 2.1's.</summary>
    public bool IsOld => Version[0] == '1' || Version == "2.1";

    /// <summary>Whether the message holds nothing but time series.</summary>
    public bool IsTimeSeries => Name.EndsWith("timeseriesdata", StringComparison.Ordinal);

    /// <summary>Whether a message can hold data of several structures.</summary>
    public bool HoldsSeveral => Family == SdmxFamily.Xml || !IsOld;

    /// <summary>Whether the message has labels, so that its language counts.</summary>
    public bool IsLabelled(SdmxCsvOptions csv) => Family == SdmxFamily.Json || (Family == SdmxFamily.Csv && csv.Labels != "id");

    /// <summary>What <see cref="SdmxDataSet.Action"/> says of data as they are: the newest formats have words of their own for the whole and for a part.</summary>
    public string Action(bool isWhole) => Version == "2.1.0" ? isWhole ? "Replace" : "Merge" : "Information";

    /// <summary>The format that a request asks for, its parameters, and the media type that the answer has.</summary>
    /// <exception cref="ProblemException">There is no such format, or none that Accept allows.</exception>
    public static (SdmxDataFormat Format, SdmxCsvOptions Csv, string ContentType) Choose(HttpRequest request, SdmxRest rest, string? parameter)
    {
        var formats = Of(rest);
        if (parameter is not null && !parameter.Contains('/'))
        {
            var (name, csv) = Elsewhere(parameter) ?? (parameter, NoOptions);
            var named = formats.FirstOrDefault(f => f.IsCalled(name)) ?? throw Unknown(parameter);
            return (named, csv, named.ContentType(csv));
        }
        // A media type stands for the header; its plus sign arrives as a space.
        var accept = parameter is null ? request.Headers.Accept : new StringValues(parameter.Replace(' ', '+'));
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges) || ranges.Count == 0)
            return parameter is null ? (formats[0], NoOptions, formats[0].ContentType(NoOptions)) : throw Unknown(parameter);
        foreach (var range in ranges.OrderByDescending(r => r.Quality ?? 1).ThenBy(r => r.MatchesAllTypes ? 2 : r.MatchesAllSubTypes ? 1 : 0))
        {
            if ((range.Quality ?? 1) > 0 && formats.FirstOrDefault(f => f.Matches(range)) is { } format && Options(range, format) is { } options)
                return (format, options, IsGeneric(range) ? range.MediaType + "; charset=utf-8" : format.ContentType(options));
        }
        throw SdmxFormats.Unacceptable(parameter is null ? "Accept" : "format", accept.ToString(), formats.Select(f => $"{f.Type};version={f.Version}"));

        ProblemException Unknown(string name) =>
            ProblemException.Unknown(400, "unknown-format", "format", "format", name, [.. formats.Select(f => f.Name).Distinct(), .. formats.Select(f => $"{f.Name}-{f.Version}")]);
    }

    /// <summary>Whether a name, as the parameter <c>format</c> has it, is one of SDMX-ML's.</summary>
    public static bool IsXml(string name) => Array.Exists([.. Newer, .. Older], f => f.Family == SdmxFamily.Xml && f.IsCalled(Elsewhere(name)?.Name ?? name));

    private bool IsCalled(string name) =>
        name.Equals(Name, StringComparison.OrdinalIgnoreCase) || name.Equals($"{Name}-{Version}", StringComparison.OrdinalIgnoreCase) || name.Equals(ShortName(Family), StringComparison.OrdinalIgnoreCase);

    // The names that the servers of OECD (.Stat Suite) and ECB have, which stand in many a script.
    private static (string Name, SdmxCsvOptions Csv)? Elsewhere(string name) => name.ToLowerInvariant() switch
    {
        "jsondata" => ("json", NoOptions),
        "csvdata" or "csvfile" => ("csv", NoOptions),
        "csvfilewithlabels" => ("csv", NoOptions with { Labels = "both" }),
        "compactdata" => ("structurespecificdata", NoOptions),
        _ => null,
    };

    private static SdmxCsvOptions NoOptions { get; } = new("id", "none", false);

    private static string ShortName(SdmxFamily family) => family switch { SdmxFamily.Json => "json", SdmxFamily.Csv => "csv", _ => "xml" };

    private string ContentType(SdmxCsvOptions csv)
    {
        var type = $"{Type};version={Version}";
        if (csv.Labels != "id")
            type += ";labels=" + csv.Labels;
        if (csv.Keys != "none")
            type += ";keys=" + csv.Keys;
        if (csv.IsNormalized)
            type += ";timeFormat=normalized";
        return type;
    }

    private bool Matches(MediaTypeHeaderValue range)
    {
        if (range.MatchesAllTypes)
            return true;
        if (range.MatchesAllSubTypes)
            return range.Type.Equals("application", StringComparison.OrdinalIgnoreCase) || (Family == SdmxFamily.Csv && range.Type.Equals("text", StringComparison.OrdinalIgnoreCase));
        var type = range.MediaType.Value ?? "";
        if (!type.Equals(Type, StringComparison.OrdinalIgnoreCase))
            return IsGeneric(range) && type.EndsWith(ShortName(Family), StringComparison.OrdinalIgnoreCase);
        return range.Parameters.FirstOrDefault(p => p.Name.Equals("version", StringComparison.OrdinalIgnoreCase)) is not { } version || (version.Value.ToString().Trim('"') is var wanted
            && (wanted == Version || (!Version.Contains('-') && SdmxFormats.IsVersion(Version, wanted))));
    }

    // The types that are not SDMX's own: the answer has the one that was asked for.
    private static bool IsGeneric(MediaTypeHeaderValue range) => range.MediaType.Value?.ToLowerInvariant() is "application/json" or "text/json" or "application/xml" or "text/xml" or "text/csv" or "application/csv";

    // The parameters of SDMX-CSV's media type; null where one has a value that there is not.
    private static SdmxCsvOptions? Options(MediaTypeHeaderValue range, SdmxDataFormat format)
    {
        string? Parameter(params string[] names) => range.Parameters.FirstOrDefault(p => names.Contains(p.Name.Value, StringComparer.OrdinalIgnoreCase))?.Value.ToString().Trim('"').ToLowerInvariant();
        if (format.Family != SdmxFamily.Csv)
            return NoOptions;
        var (labels, keys, time) = (Parameter("labels", "label") ?? "id", Parameter("keys", "key") ?? "none", Parameter("timeFormat") ?? "original");
        var known = (labels is "id" or "both" || (labels == "name" && !format.IsOld)) && (keys == "none" || (keys is "series" or "obs" or "both" && !format.IsOld)) && time is "original" or "normalized";
        return known ? new SdmxCsvOptions(labels, keys, time == "normalized") : null;
    }
}
