using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Pipeline.Serving;

/// <summary>A format that a face offers.</summary>
/// <param name="MediaType">SDMX's media type, without its version.</param>
/// <param name="Version">The version of the format.</param>
/// <param name="Aliases">Plainer media types that ask for it too.</param>
internal sealed record SdmxFormat(string MediaType, string Version, params string[] Aliases)
{
    public bool IsXml => MediaType.EndsWith("xml", StringComparison.Ordinal);

    /// <summary>What the answer says that it is.</summary>
    public string ContentType => $"{MediaType};version={Version}";
}

/// <summary>Which format a client wants: by Accept with its q-values, SDMX's version parameter and its wildcards (<c>version=2+.0.0</c>), or by <c>format=</c>.</summary>
internal static class SdmxFormats
{
    /// <summary>The address of the schema of SDMX-JSON's messages.</summary>
    /// <param name="message"><c>data</c> or <c>structure</c>.</param>
    /// <param name="version">1.0, 2.0.0 or 2.1.</param>
    public static string Schema(string message, string version) => version == "2.1"
        ? $"https://json.sdmx.org/2.1/sdmx-json-{message}-schema.json"
        : $"https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/{message}-message/tools/schemas/{version}/sdmx-json-{message}-schema.json";

    /// <summary>The format that is wanted most; the first where nothing is said, or anything will do.</summary>
    /// <exception cref="ProblemException">None of the formats is acceptable.</exception>
    public static SdmxFormat Choose(HttpRequest request, IReadOnlyList<SdmxFormat> offered)
    {
        var accept = request.Headers.Accept;
        // A browser's address bar can not set Accept; the plus sign of a media type arrives as a space.
        if (request.Query.TryGetValue("format", out var format))
            return offered.FirstOrDefault(f => IsNamed(f, format.ToString().Replace(' ', '+'))) ?? throw (format.ToString().Contains('/')
                ? Unacceptable("format", format.ToString(), offered.Select(f => f.ContentType))
                : ProblemException.Unknown(StatusCodes.Status400BadRequest, "unknown-format", "format", "format", format.ToString(), ["xml", "json", .. offered.Select(f => f.ContentType)]));
        if (accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(accept, out var ranges) || ranges.Count == 0)
            return offered[0];
        (SdmxFormat? Best, double Quality, int Detail) best = (null, 0, 0);
        foreach (var candidate in offered)
        {
            // The most specific range that a format falls into decides on it.
            var (quality, detail) = (0.0, 0);
            foreach (var range in ranges)
            {
                if (Detail(candidate, range) is > 0 and var matched && matched > detail)
                    (quality, detail) = (range.Quality ?? 1, matched);
            }
            if (quality > best.Quality || (quality == best.Quality && quality > 0 && detail > best.Detail))
                best = (candidate, quality, detail);
        }
        return best.Best ?? throw Unacceptable("Accept", accept.ToString(), offered.Select(f => f.ContentType));
    }

    /// <summary>Whether a list of media types, or the name of a format of data or structures, is for XML before it is for JSON; null where it is for neither.</summary>
    public static bool? IsXml(string wanted)
    {
        var (xml, json) = (wanted.IndexOf("xml", StringComparison.OrdinalIgnoreCase), wanted.IndexOf("json", StringComparison.OrdinalIgnoreCase));
        if (xml >= 0 || json >= 0)
            return json < 0 || (xml >= 0 && xml < json);
        return wanted.Equals("structure", StringComparison.OrdinalIgnoreCase) || SdmxDataFormat.IsXml(wanted) ? true : null;
    }

    private static bool IsNamed(SdmxFormat format, string name) =>
        name.Equals(format.ContentType, StringComparison.OrdinalIgnoreCase) || name.Equals(format.MediaType, StringComparison.OrdinalIgnoreCase)
        || format.Aliases.Contains(name) || name.ToLowerInvariant() switch
        {
            "xml" or "sdmx-ml" or "structure" => format.IsXml,
            "json" or "sdmx-json" or "jsonstructure" => !format.IsXml,
            _ => false,
        };

    // How precisely a range names a format; 0 when it does not.
    private static int Detail(SdmxFormat format, MediaTypeHeaderValue range)
    {
        if (range.MatchesAllTypes)
            return 1;
        if (range.MatchesAllSubTypes)
            return format.MediaType.StartsWith(range.Type + "/", StringComparison.OrdinalIgnoreCase) || Array.Exists(format.Aliases, a => a.StartsWith(range.Type + "/", StringComparison.OrdinalIgnoreCase)) ? 2 : 0;
        if (Array.Exists(format.Aliases, alias => range.MediaType.Equals(alias, StringComparison.OrdinalIgnoreCase)))
            return 3;
        if (!range.MediaType.Equals(format.MediaType, StringComparison.OrdinalIgnoreCase))
            return 0;
        var version = range.Parameters.FirstOrDefault(p => p.Name.Equals("version", StringComparison.OrdinalIgnoreCase))?.GetUnescapedValue().ToString();
        return version is null ? 4 : IsVersion(format.Version, version) ? 5 : 0;
    }

    /// <summary>Whether a version is one that is wanted: 2.0.0 is 2.0.0, 2.0, 2, and what 2.0.0+, 2.0+.0 and 1+.0.0 allow.</summary>
    public static bool IsVersion(string version, string wanted)
    {
        var (have, want) = (version.Split('.'), wanted.Split('.'));
        for (var i = 0; i < Math.Max(have.Length, want.Length); i++)
        {
            var (part, text) = (i < have.Length ? Number(have[i]) : 0, i < want.Length ? want[i] : have[i]);
            if (text.TrimEnd('+', '~', '*') != text)
                return Number(text.TrimEnd('+', '~', '*')) is >= 0 and var least && part >= least;
            if (part != Number(text))
                return false;
        }
        return true;

        static int Number(string text) => text.Length == 0 ? 0 : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
    }

    /// <summary>None of what is offered is wanted.</summary>
    public static ProblemException Unacceptable(string parameter, string value, IEnumerable<string> offered) =>
        new(StatusCodes.Status406NotAcceptable, "not-acceptable", $"None of the formats in {parameter} is served here.")
        {
            Parameter = parameter,
            Value = value,
            Expected = new JsonArray([.. offered.Select(f => (JsonNode)f)]),
        };
}
