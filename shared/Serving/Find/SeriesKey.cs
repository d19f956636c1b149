using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>
/// The key of a series, <c>{dataset}.{code}.{code}…</c> with the codes of the dimensions in their order, and the id of an observation, which is the key of
/// its series and <c>.{TIME_PERIOD}</c>. Both are read without an index: the dataset stands first, and its structure says what the codes are of.
/// </summary>
/// <remarks>
/// In a code every character but letters, digits, <c>_</c> and <c>-</c> is written as its UTF-8 bytes, <c>~</c> and two hex digits each: no dot, slash or
/// percent sign is left for a path to trip over. <c>~</c> alone is no code. A code of more than <see cref="LongestCode"/> bytes may be written as <c>~~</c>
/// and the first 16 hex digits of its SHA-256, and is where we write it.
/// </remarks>
internal sealed class SeriesKey
{
    /// <summary>The most bytes of a code that is written out.</summary>
    public const int LongestCode = 48;

    /// <summary>The most characters of a key or an id.</summary>
    public const int MostLength = 8_000;

    /// <summary>The most codes of a key.</summary>
    public const int MostCodes = 200;

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");
    private const string Rule = "{dataset}.{code}.{code}…, the dimensions' codes in their order; in a code all but letters, digits, _ and - as ~ and two hex digits a byte";
    private readonly string text;
    private readonly string parameter;

    private SeriesKey(string text, string parameter, string dataset, IReadOnlyList<string> segments) =>
        (this.text, this.parameter, Dataset, Segments) = (text, parameter, dataset, segments);

    /// <summary>The parameter or path segment that it stands in.</summary>
    public string Parameter => parameter;

    /// <summary>The dataset.</summary>
    public string Dataset { get; }

    /// <summary>What stands after the dataset.</summary>
    public IReadOnlyList<string> Segments { get; }

    /// <summary>Takes a key or an id apart.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static SeriesKey Read(string text, string parameter)
    {
        if (text.Length > MostLength)
            throw ProblemException.Malformed(parameter, text, $"at most {MostLength} characters: a code of more than {LongestCode} bytes may be written as ~~ and the first 16 hex digits of its SHA-256", "malformed-key");
        // A slash that a client encoded arrives encoded, unlike everything else; no key that we write has one.
        var segments = text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Split('.');
        if (segments.Length is < 2 or > MostCodes || Array.Exists(segments, s => s.Length == 0))
            throw ProblemException.Malformed(parameter, text, Rule, "malformed-key");
        return new SeriesKey(text, parameter, segments[0], segments[1..]);
    }

    /// <summary>What is wrong with a key that <see cref="TryResolve"/> does not find: there is no such code, or not that many dimensions.</summary>
    public ProblemException Problem(DatasetAtVersion at, bool withPeriod, string unknown)
    {
        var wanted = at.TimeIndex + (withPeriod ? 1 : 0);
        if (Fitted(at, withPeriod) is not { } codes)
        {
            return new ProblemException(StatusCodes.Status400BadRequest, "malformed-key",
                $"{Cut(text)} has {Counted.Of(Segments.Count, "code")}; {wanted} expected.")
            {
                Parameter = parameter,
                Value = text,
                Expected = $"{at.Structure.Id}.{string.Join('.', at.Components.Take(wanted).Select(c => $"{{{c.Id}}}"))}",
            };
        }
        var missing = codes.Index().First(code => Find(at, code.Index, code.Item) < 0);
        return LikelyCodes.Problem(StatusCodes.Status404NotFound, unknown, at, missing.Index, parameter, missing.Item.Text);
    }

    /// <summary>
    /// The numbers of the codes in a version's codelists, a dimension each, and with <paramref name="withPeriod"/> of the period after them; null where there is
    /// no such code, or not that many dimensions.
    /// </summary>
    public int[]? TryResolve(DatasetAtVersion at, bool withPeriod) =>
        Fitted(at, withPeriod)?.Select((code, c) => Find(at, c, code)).ToArray() is { } numbers && !numbers.Contains(-1) ? numbers : null;

    /// <inheritdoc/>
    public override string ToString() => text;

    // The codes, one for each dimension that a version has; null where they can not be made to fit.
    private List<(string Text, bool IsHash)>? Fitted(DatasetAtVersion at, bool withPeriod)
    {
        var wanted = at.TimeIndex + (withPeriod ? 1 : 0);
        var codes = Segments.Select(Decode).ToList();
        var last = withPeriod ? codes.Count - 1 : codes.Count;
        // Dimensions that came later stand after the others, and do not apply to what was there before.
        while (codes.Count < wanted && last > 0 && at.Components.Take(at.TimeIndex).Skip(last).All(c => at.Find(at.IndexOf(c.Id), Concepts.NotApplicable) >= 0))
            codes.Insert(last++, (Concepts.NotApplicable, false));
        while (codes.Count > wanted && last > 1 && codes[last - 1] == (Concepts.NotApplicable, false))
            codes.RemoveAt(--last);
        return codes.Count == wanted ? codes : null;
    }

    /// <summary>The key of a series, or with the period the id of an observation, from its codes.</summary>
    public static string Write(string dataset, IEnumerable<string> codes)
    {
        var key = new StringBuilder(dataset);
        foreach (var code in codes)
            Append(key.Append('.'), code);
        return key.ToString();
    }

    /// <summary>The address of a series.</summary>
    public static string SeriesAddress(string key) => "/v1/series/" + Uri.EscapeDataString(key);

    /// <summary>The address of an observation.</summary>
    public static string ObservationAddress(string id) => "/v1/observations/" + Uri.EscapeDataString(id);

    /// <summary>How ids of a dataset's observations are put together, for people and programs that have a row.</summary>
    public static string Template(DatasetAtVersion at, bool withPeriod) =>
        $"{at.Structure.Id}.{string.Join('.', at.Components.Take(at.TimeIndex + (withPeriod ? 1 : 0)).Select(c => $"{{{c.Id}}}"))}";

    private static void Append(StringBuilder to, string code)
    {
        var bytes = Encoding.UTF8.GetByteCount(code);
        if (bytes == 0)
        {
            to.Append('~');
            return;
        }
        if (bytes > LongestCode)
        {
            to.Append("~~").Append(Hash(code));
            return;
        }
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in code.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is '_' or '-')
            {
                to.Append(rune.ToString());
                continue;
            }
            foreach (var one in utf8[..rune.EncodeToUtf8(utf8)])
                to.Append('~').Append(one.ToString("X2"));
        }
    }

    private static string Hash(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)).AsSpan(0, 8));

    // A code that is left out, and one that stands as the empty text, are the same: none.
    private static int Find(DatasetAtVersion at, int component, (string Text, bool IsHash) code)
    {
        var codes = at.Components[component].Codes;
        if (code.IsHash)
        {
            for (var i = 0; i < codes.Count; i++)
                if (codes[i].Id.Length > LongestCode / 3 && Encoding.UTF8.GetByteCount(codes[i].Id) > LongestCode && Hash(codes[i].Id) == code.Text)
                    return i;
            return -1;
        }
        var number = at.Find(component, code.Text);
        return number < 0 && code.Text.Length == 0 ? codes.Count : number;
    }

    // The code, or the hash of the code, that a segment stands for.
    private (string Text, bool IsHash) Decode(string segment)
    {
        if (segment == "~")
            return ("", false);
        if (segment.StartsWith("~~", StringComparison.Ordinal))
            return segment.Length == 18 && !segment.AsSpan(2).ContainsAnyExcept(HexDigits) ? (segment[2..], true) : throw Malformed();
        if (!segment.Contains('~', StringComparison.Ordinal))
            return (segment, false);
        var bytes = new List<byte>(segment.Length);
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '~')
            {
                var end = segment.IndexOf('~', i) is >= 0 and var next ? next : segment.Length;
                bytes.AddRange(Encoding.UTF8.GetBytes(segment[i..end]));
                i = end - 1;
            }
            else if (i + 2 < segment.Length && byte.TryParse(segment.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var one))
            {
                bytes.Add(one);
                i += 2;
            }
            else
            {
                throw Malformed();
            }
        }
        var code = Encoding.UTF8.GetString([.. bytes]);
        return code.Contains('\uFFFD', StringComparison.Ordinal) ? throw Malformed() : (code, false);

        ProblemException Malformed() => ProblemException.Malformed(parameter, text, Rule, "malformed-key");
    }

    private static string Cut(string text) => text.Length > 100 ? text[..97] + "..." : text;
}
