using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Who maintains what is published: the settings <c>Pipeline:Agency</c> and <c>Pipeline:AgencyName</c>.</summary>
/// <param name="Id">The agency's id, an SDMX NestedNCNameID such as <c>XJ</c> or <c>CN.XJ</c>.</param>
/// <param name="Name">Its name.</param>
internal sealed record SdmxAgency(string Id, string Name)
{
    public const string DefaultId = "PIPELINE";

    public string Id { get; } = Id.Split('.').All(part => part.Length > 0 && SdmxIds.OfComponent(part) == part)
        ? Id
        : throw new ArgumentException($"Pipeline:Agency is '{Id}'; an SDMX agency's id such as XJ or CN.XJ expected.");

    /// <summary>Its id as the sender of a message, which has no dots.</summary>
    public string PartyId => Id.Replace('.', '-');
}

/// <summary>The generations of the SDMX REST API.</summary>
internal enum SdmxRest
{
    /// <summary>1.x, for SDMX 2.1: <c>/sdmx/v1</c>, versions such as <c>3.0</c>.</summary>
    V1,

    /// <summary>2.x, for SDMX 3: <c>/sdmx/v2</c>, versions such as <c>3.0.0</c>.</summary>
    V2,
}

/// <summary>
/// Our names as SDMX's, and back. A dataset is the dataflow of the same id; its other artefacts carry its id in theirs, and its version. A code or a component whose id
/// SDMX does not allow is escaped: each character is four hex digits, a run of them in <c>$4E2D56FD$</c> (codes) or <c>U-4E2D56FD-</c> (components).
/// </summary>
internal static partial class SdmxIds
{
    /// <summary>The text of <c>version=</c> in URNs and artefacts.</summary>
    public static string Version(SdmxRest rest, int version) => version.ToString(CultureInfo.InvariantCulture) + (rest == SdmxRest.V1 ? ".0" : ".0.0");

    public static string DataStructure(string dataset) => "DSD_" + dataset;

    public static string ConceptScheme(string dataset) => "CS_" + dataset;

    public static string Constraint(string dataset) => "CR_" + dataset;

    /// <summary>The codelist of a component. No id of a component has <c>--</c> in it, and no dataset's begins with <c>-</c>.</summary>
    public static string Codelist(string dataset, string component) => $"CL_{OfComponent(component)}--{dataset}";

    /// <summary>The dataset whose data structure, concept scheme or constraint has an id; null when it can be none's.</summary>
    public static string? DatasetOf(string prefix, string id) => id.StartsWith(prefix, StringComparison.Ordinal) && DatasetId.IsValid(id[prefix.Length..]) ? id[prefix.Length..] : null;

    /// <summary>The dataset and the component (ours) whose codelist has an id; null when it can be none's.</summary>
    public static (string Dataset, string Component)? CodelistOf(string id)
    {
        var cut = id.IndexOf("--", StringComparison.Ordinal);
        // A component's id may end with a hyphen, a dataset's can not begin with one.
        if (cut > 0 && cut + 2 < id.Length && id[cut + 2] == '-')
            cut++;
        return cut > 3 && id.StartsWith("CL_", StringComparison.Ordinal) && DatasetId.IsValid(id[(cut + 2)..]) ? (id[(cut + 2)..], ComponentOf(id[3..cut])) : null;
    }

    /// <summary>The SDMX id of a code: itself where it is one (<c>[A-Za-z0-9_@$-]+</c>) that does not read as an escape.</summary>
    public static string OfCode(string code) =>
        code.Length > 0 && !code.AsSpan().ContainsAnyExcept(SdmxCharacters.Code) && !(code.Contains('$') && CodeEscape().IsMatch(code)) ? code : Escape(code, SdmxCharacters.PlainCode, "$", "$");

    /// <summary>The code that an SDMX id is of.</summary>
    public static string CodeOf(string id) => id.Contains('$') ? Unescape(CodeEscape(), id) : id;

    /// <summary>The SDMX id of a component or its concept: itself where it is one (<c>[A-Za-z][A-Za-z0-9_-]*</c>) that does not read as an escape.</summary>
    public static string OfComponent(string id) =>
        id.Length > 0 && char.IsAsciiLetter(id[0]) && !id.AsSpan().ContainsAnyExcept(SdmxCharacters.Component) && !id.Contains("--", StringComparison.Ordinal) && !ComponentEscape().IsMatch(id)
            ? id
            : Escape(id, SdmxCharacters.PlainComponent, "U-", "-");

    /// <summary>The component (ours) that an SDMX id is of.</summary>
    public static string ComponentOf(string id) => id.Contains('-') ? Unescape(ComponentEscape(), id) : id;

    /// <summary>
    /// Whether a component's values are the codes of a codelist: every dimension's are, and those of an attribute with labels. Other attributes, and TIME_PERIOD, are given as they are.
    /// </summary>
    public static bool IsCoded(DatasetAtVersion at, int component) =>
        component < at.TimeIndex || (component > at.TimeIndex && (at.HasLabels[component] || at.Components[component].Id is Concepts.ObsStatus or Concepts.UnitMeasure or Concepts.UnitMult));

    /// <summary>A component's value in SDMX's words: the id of its code, the period, or the text.</summary>
    public static string Value(DatasetAtVersion at, int component, string code) =>
        component == at.TimeIndex ? SdmxTime.Of(code) : IsCoded(at, component) ? OfCode(code) : code;

    private static string Escape(string text, System.Buffers.SearchValues<char> plain, string open, string close)
    {
        var id = new StringBuilder(text.Length + 16);
        var inside = false;
        for (var i = 0; i < text.Length; i++)
        {
            var isPlain = plain.Contains(text[i]) && (i > 0 || open == "$" || char.IsAsciiLetter(text[i]));
            if (isPlain == inside)
                id.Append(inside ? close : open);
            inside = !isPlain;
            if (isPlain)
                id.Append(text[i]);
            else
                id.Append(((int)text[i]).ToString("X4", CultureInfo.InvariantCulture));
        }
        if (text.Length == 0)
            id.Append(open);
        return inside || text.Length == 0 ? id.Append(close).ToString() : id.ToString();
    }

    private static string Unescape(Regex escape, string id) => escape.Replace(id, static match =>
    {
        var digits = match.Groups[1].ValueSpan;
        return string.Create(digits.Length / 4, match.Groups[1].Value, static (to, hex) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = (char)int.Parse(hex.AsSpan(i * 4, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        });
    });

    [GeneratedRegex(@"\$((?:[0-9A-F]{4})*)\$", RegexOptions.CultureInvariant)]
    private static partial Regex CodeEscape();

    [GeneratedRegex("U-((?:[0-9A-F]{4})*)-", RegexOptions.CultureInvariant)]
    private static partial Regex ComponentEscape();

    private static class SdmxCharacters
    {
        private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

        public static readonly System.Buffers.SearchValues<char> Code = System.Buffers.SearchValues.Create(Letters + "-@$");
        public static readonly System.Buffers.SearchValues<char> PlainCode = System.Buffers.SearchValues.Create(Letters + "-@");
        public static readonly System.Buffers.SearchValues<char> Component = System.Buffers.SearchValues.Create(Letters + "-");
        public static readonly System.Buffers.SearchValues<char> PlainComponent = System.Buffers.SearchValues.Create(Letters);
    }
}
