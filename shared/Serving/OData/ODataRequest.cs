using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Microsoft.OData;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace Pipeline.Serving;

/// <summary>How much an answer says about itself.</summary>
internal enum ODataMetadata
{
    /// <summary>The data alone, with links to further pages and counts.</summary>
    None,

    /// <summary>What a client can not work out from the model.</summary>
    Minimal,

    /// <summary>Types and links of everything.</summary>
    Full,
}

/// <summary>The options and headers of an OData request, under the names that OData 4.0 has for them.</summary>
internal sealed class ODataRequest
{
    /// <summary>The entities of a page when nothing else is asked for.</summary>
    public const int DefaultPage = 10_000;

    /// <summary>The most entities of a page.</summary>
    public const int MostPerPage = DataRequest.MostPerPage;

    /// <summary>How far an expression may go, which is the library's to say and can not be set: each operator and each bracket in it is a step deeper, or several.</summary>
    public const int MostSteps = 800;

    /// <summary>The way round <see cref="MostSteps"/>.</summary>
    public const string FewerSteps = "many values are one step in a list: REF_AREA in ('A','B')";

    /// <summary>The request headers, beside Accept, that an answer depends on.</summary>
    public const string VariesBy = "OData-MaxVersion, Prefer";

    private static readonly string[] System = ["$filter", "$select", "$orderby", "$top", "$skip", "$count", "$search", "$expand", "$apply", "$format", "$skiptoken"];
    private static readonly string[] NotSupported = ["$compute", "$deltatoken", "$levels", "$id", "$schemaversion", "$index"];
    private static readonly string[] Own = ["version", "asOf"];
    private readonly Dictionary<string, string> options = new(StringComparer.Ordinal);
    private readonly HttpRequest request;

    /// <summary>Reads and checks names and headers; the values when they are needed.</summary>
    /// <param name="request">The request.</param>
    /// <param name="address">The address of the host, without a slash at its end.</param>
    public ODataRequest(HttpRequest request, string address)
    {
        (this.request, Root) = (request, address + "/odata/");
        Version = VersionFor(request);
        foreach (var (given, values) in request.Query)
        {
            var name = NameOf(given);
            if (values.Count != 1 || options.ContainsKey(name))
                throw ProblemException.Malformed(name, values.ToString(), "the option once");
            options.Add(name, values[0] ?? "");
        }
        foreach (var preference in request.Headers.GetCommaSeparatedValues("Prefer"))
        {
            if (preference.Split(';')[0].Split('=') is [var name, var value] && name.Trim() is "odata.maxpagesize" or "maxpagesize"
                && int.TryParse(value.Trim(' ', '"'), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0)
                PageSize = Math.Min(size, MostPerPage);
        }
    }

    /// <summary>The version of OData that the answer has: 4.0 for clients that know no newer one, else 4.01.</summary>
    public string Version { get; }

    /// <summary>The page size that the client prefers; null when it has not said.</summary>
    public int? PageSize { get; }

    /// <summary>The property that others call so: by its label, for instance; null for none.</summary>
    public Func<string, string?> OtherName { get; set; } = _ => null;

    /// <summary>Where the service is: scheme, host and <c>/odata/</c>.</summary>
    public string Root { get; }

    /// <summary>Whether options are given that make it a query.</summary>
    public bool IsQuery => options.Keys.Any(name => name[0] == '$' && name != "$format");

    /// <summary>The names of the options that are given.</summary>
    public IEnumerable<string> Names => options.Keys;

    /// <summary>An option; null when it is not given.</summary>
    public string? this[string name] => options.GetValueOrDefault(name);

    /// <summary>All options as parameters but some.</summary>
    public string Parameters(params ReadOnlySpan<string> without)
    {
        var parameters = new List<string>();
        foreach (var (name, value) in options)
        {
            if (!without.Contains(name))
                parameters.Add(name + "=" + Uri.EscapeDataString(value));
        }
        parameters.Sort(StringComparer.Ordinal);
        return string.Join('&', parameters);
    }

    /// <summary>The version of OData for a request, also for one that is in error.</summary>
    public static string VersionOf(HttpRequest request) => request.Headers["OData-MaxVersion"].ToString().Trim() == "4.0" ? "4.0" : "4.01";

    /// <summary>A whole number from 0 on in an option; null when it is not given.</summary>
    public long? Number(string name) => this[name] is not { } text ? null
        : !text.Contains('\0') && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw ProblemException.Malformed(name, text, $"a whole number from 0 to {long.MaxValue}");

    /// <summary>Whether the count is asked for.</summary>
    public bool Counts => this["$count"] switch
    {
        null => false,
        var text when text.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        var text when text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        var text => throw ProblemException.Malformed("$count", text, "true or false"),
    };

    /// <summary>Refuses options that have no meaning where the request goes.</summary>
    public void Only(string where, params string[] names)
    {
        foreach (var name in options.Keys)
        {
            if (!names.Contains(name) && !Own.Contains(name) && name is not "$format" && name[0] != '@')
                throw new ProblemException(400, "option-not-applicable", $"{name} has no meaning for {where}.") { Parameter = name };
        }
    }

    /// <summary>How JSON is wanted, after $format or Accept.</summary>
    public (ODataMetadata Metadata, bool NumbersAsText) Json()
    {
        foreach (var type in Wanted())
        {
            var isJson = type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase);
            if (!isJson && !type.MatchesAllTypes && !(type.MatchesAllSubTypes && type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)))
                continue;
            var (level, asText) = (ODataMetadata.Minimal, false);
            foreach (var parameter in type.Parameters)
            {
                var value = parameter.Value.ToString().Trim('"').ToLowerInvariant();
                if (parameter.Name.Equals("odata.metadata", StringComparison.OrdinalIgnoreCase) || parameter.Name.Equals("metadata", StringComparison.OrdinalIgnoreCase))
                {
                    level = value switch
                    {
                        "none" => ODataMetadata.None,
                        "minimal" => ODataMetadata.Minimal,
                        "full" => ODataMetadata.Full,
                        _ => throw ProblemException.Malformed("odata.metadata", value, "none, minimal or full"),
                    };
                }
                else if (parameter.Name.Equals("IEEE754Compatible", StringComparison.OrdinalIgnoreCase))
                {
                    asText = value == "true";
                }
            }
            return (level, asText);
        }
        throw NotAcceptable("application/json, with odata.metadata=none, minimal or full");
    }

    /// <summary>Whether the model is wanted as JSON; XML where both will do, since older clients read nothing else.</summary>
    public bool ModelAsJson()
    {
        var wanted = Wanted().ToList();
        if (wanted.Exists(t => t.MatchesAllTypes || t.MatchesAllSubTypes || t.MediaType.Equals("application/xml", StringComparison.OrdinalIgnoreCase)) || wanted.Count == 0)
            return false;
        return wanted.Exists(t => t.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)) ? true : throw NotAcceptable("application/xml or application/json");
    }

    /// <summary>Reads options with the model of what they are about.</summary>
    /// <param name="option">The option.</param>
    /// <param name="model">The model.</param>
    /// <param name="set">The set that it is asked of.</param>
    /// <param name="parse">Reads it.</param>
    public T Parse<T>(string option, IEdmModel model, IEdmEntitySet set, Func<ODataQueryOptionParser, T> parse)
    {
        if (string.IsNullOrWhiteSpace(this[option]))
            throw ProblemException.Malformed(option, "", "an expression");
        // Only what is parsed and what it may refer to: the parser would read the others too.
        var given = options.Where(o => o.Key == option || o.Key[0] == '@'
            || (o.Key is "$select" or "$expand" && option is "$select" or "$expand") || (o.Key == "$apply" && option is "$filter" or "$orderby" or "$select")).ToDictionary();
        if (given.TryGetValue("$search", out var search))
            given["$search"] = Quoted(search);
        var resolver = new ODataNumbers { EnableCaseInsensitive = true };
        var parser = new ODataQueryOptionParser(model, set.EntityType, set, given) { Resolver = resolver };
        parser.Settings.MaximumExpansionDepth = 1;
        try
        {
            if (option != "$apply" && given.ContainsKey("$apply"))
                parser.ParseApply();
            return parse(parser);
        }
        catch (ODataException e) when (e.Message.StartsWith("Recursion depth", StringComparison.Ordinal))
        {
            throw new ProblemException(400, "too-many-conditions", $"{option} has more than {MostSteps} steps (an operator is one, a bracket several): {FewerSteps}.")
            {
                Parameter = option,
                Value = this[option],
                Expected = $"an expression of at most {MostSteps} steps",
            };
        }
        catch (ODataException e) when (resolver.Unknown is var (name, known) && e.Message.Contains($"'{name}'", StringComparison.Ordinal))
        {
            throw ProblemException.Unknown(400, "malformed-value", "property", option, name, known, OtherName(name) is { } other && known.Contains(other) ? other : null);
        }
        catch (Exception e) when (e is not (ProblemException or OperationCanceledException))
        {
            throw new ProblemException(400, "malformed-value", $"{option} can not be read: {Told(e)}")
            {
                Parameter = option,
                Value = this[option],
            };
        }
    }

    // The library has errors of its own for most of what is wrong, but not for all: numbers that overflow, for instance.
    private static string Told(Exception e) => e switch
    {
        ODataException when e.Message.Contains("internal error", StringComparison.OrdinalIgnoreCase) => "an operator does not take what stands beside it (has is for flags, of which there are none here).",
        ODataException or OverflowException => e.Message,
        _ => "it is no expression of OData 4.01.",
    };

    // The library's words are of letters alone, those of OData 4.01 of digits and more too: in quotation marks it takes them.
    private static string Quoted(string search)
    {
        var text = new StringBuilder(search.Length + 8);
        for (var i = 0; i < search.Length;)
        {
            var from = i;
            if (search[i] == '"')
            {
                for (i++; i < search.Length && search[i] != '"'; i++)
                    i += search[i] == '\\' ? 1 : 0;
                i = Math.Min(i + 1, search.Length);
            }
            else
            {
                while (i < search.Length && !char.IsWhiteSpace(search[i]) && search[i] is not ('"' or '(' or ')'))
                    i++;
                if (i > from && !search.AsSpan(from, i - from).Contains('\\') && !search[from..i].All(char.IsLetter))
                {
                    text.Append('"').Append(search, from, i - from).Append('"');
                    continue;
                }
                i = Math.Max(i, from + 1);
            }
            text.Append(search, from, i - from);
        }
        return text.ToString();
    }

    private static string VersionFor(HttpRequest request)
    {
        var most = request.Headers["OData-MaxVersion"].ToString().Trim();
        return most.Length == 0 || (decimal.TryParse(most, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) && version >= 4)
            ? VersionOf(request)
            : throw ProblemException.Malformed("OData-MaxVersion", most, "4.0 or 4.01");
    }

    private static string NameOf(string given)
    {
        if (given.StartsWith('@') || Own.Contains(given))
            return given;
        // OData 4.01 lets the dollar sign be left out, and does not look at case.
        var name = (given.StartsWith('$') ? given : "$" + given).ToLowerInvariant();
        return System.Contains(name) ? name
            : NotSupported.Contains(name) ? throw ODataExpression.Unsupported(name, name)
            : throw ProblemException.Unknown(400, "unknown-parameter", "query option", given, given, [.. System, .. Own], OtherNames.OfODataOption(given));
    }

    private IEnumerable<MediaTypeHeaderValue> Wanted()
    {
        if (this["$format"] is { } format)
        {
            var text = format.ToLowerInvariant() switch { "json" => "application/json", "xml" => "application/xml", "atom" => "application/atom+xml", _ => format };
            return MediaTypeHeaderValue.TryParse(text, out var one) && one.Type.Length > 0 ? [one] : throw ProblemException.Malformed("$format", format, "json, xml or a media type");
        }
        if (request.Headers.Accept.Count == 0 || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var several) || several.Count == 0)
            return [new MediaTypeHeaderValue("*/*")];
        return several.Where(t => t.Quality is not 0).OrderByDescending(t => t.Quality ?? 1);
    }

    private ProblemException NotAcceptable(string offered) => this["$format"] is { } format
        ? ProblemException.Unknown(406, "unknown-format", "format here", "$format", format, [offered])
        : ProblemException.Unknown(406, "unknown-format", "format here", "Accept", request.Headers.Accept.ToString(), [offered]);
}
