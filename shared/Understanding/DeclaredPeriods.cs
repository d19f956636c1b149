using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Understanding;

/// <summary>
/// Reads the values of a time dimension that a file declares as such: in the notation of its time scale, whatever letter the language has for it
/// (<c>2020K1</c>, <c>2020T1</c>, <c>2020N1</c> are quarters), and as <see cref="Periods"/> reads them everywhere.
/// </summary>
internal static partial class DeclaredPeriods
{
    /// <summary>The periods of values, by their labels and, where those are none, their codes; null where neither is one.</summary>
    /// <param name="values">Label and code of each value.</param>
    /// <param name="scale">The time scale: <c>A H Q M W D</c>; the null character when none is declared.</param>
    /// <param name="declared">The periods that the file lists beside the values (TIMEVAL), digits only, in the values' order; null or of another number when there are none.</param>
    public static Period?[] Read(IReadOnlyList<(string Label, string Code)> values, char scale, IReadOnlyList<string>? declared)
    {
        var labelSpans = Periods.Spans(values.Select(v => v.Label));
        var codeSpans = Periods.Spans(values.Select(v => v.Code));
        var periods = values.Select(v => Of(v.Label, scale, labelSpans) ?? (v.Code == v.Label ? null : Of(v.Code, scale, codeSpans))).ToArray();
        if (declared?.Count != values.Count || periods.All(p => p is not null))
            return periods;
        // Lists that a program sorted and values that it did not are no pairs: what can be compared has to agree.
        var beside = declared.Select(text => OfScale(text, scale)).ToArray();
        for (var i = 0; i < periods.Length; i++)
            if (periods[i] is { } own && beside[i] is { } other && own != other)
                return periods;
        return [.. periods.Select((p, i) => p ?? beside[i])];
    }

    /// <summary>The period of one value.</summary>
    public static Period? Of(string text, char scale, bool? spans) =>
        (text.Length <= Periods.MaxLength ? OfScale(text, scale) : null)
        ?? (Periods.TryParse(text, out var period, spans: spans) && period.IsPossible ? period : OfLetters(text));

    /// <summary>The next period of a time scale in the notation of TIMEVAL: 1994 after 1993, 19951 after 19944; null at the end of the calendar.</summary>
    public static string? After(string text, char scale)
    {
        var perYear = scale switch { 'H' => 2, 'Q' => 4, 'M' => 12, 'W' => 53, _ => 1 };
        if (!int.TryParse(text.AsSpan(0, Math.Min(4, text.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var year) || year > 9000)
            return null;
        if (scale == 'A')
            return (year + 1).ToString("D4", CultureInfo.InvariantCulture);
        if (!int.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var part))
            return null;
        if (scale == 'W' && year > 0)
            perYear = ISOWeek.GetWeeksInYear(year);
        (year, part) = part >= perYear ? (year + 1, 1) : (year, part + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{year:D4}") + part.ToString(scale is 'M' or 'W' ? "D2" : "D1", CultureInfo.InvariantCulture);
    }

    /// <summary>A period in the notation of a time scale: the digits of the year and of its part, with at most a word between them.</summary>
    private static Period? OfScale(string text, char scale)
    {
        if (scale == 0 || Notation().Match(text) is not { Success: true } match)
            return null;
        var (year, part) = (match.Groups[1].Value, match.Groups[2].Value);
        return scale switch
        {
            'A' when part.Length == 0 => Parse(year),
            'H' when part.Length is 1 or 2 => Parse(year + "-S" + int.Parse(part, CultureInfo.InvariantCulture)),
            'Q' when part.Length is 1 or 2 => Parse(year + "-Q" + int.Parse(part, CultureInfo.InvariantCulture)),
            'M' when part.Length is 1 or 2 => Parse(year + "-" + part.PadLeft(2, '0')),
            'W' when part.Length is 1 or 2 => Parse(year + "-W" + part.PadLeft(2, '0')),
            'D' when part.Length == 4 => Parse(year + "-" + part[..2] + "-" + part[2..]),
            _ => null,
        };
    }

    /// <summary>A year and a part of it with the letters that offices' languages have for it.</summary>
    private static Period? OfLetters(string text)
    {
        if (text.Length > Periods.MaxLength || Lettered().Match(text) is not { Success: true } match)
            return null;
        var (year, letters) = (match.Groups[1].Value, match.Groups[2].Value.ToUpperInvariant());
        var part = match.Groups[3].Success ? int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture) : Roman(match.Groups[4].Value);
        return letters switch
        {
            "S" or "H" or "HJ" or "L" or "SEM" when part is 1 or 2 => Parse($"{year}-S{part}"),
            "" when part is >= 1 and <= 4 && match.Groups[4].Success => Parse($"{year}-Q{part}"),
            "Q" or "K" or "KV" or "KVARTAL" or "T" or "TR" or "TRIM" or "N" or "C" when part is >= 1 and <= 4 => Parse($"{year}-Q{part}"),
            "M" or "MD" when part is >= 1 and <= 12 => Parse($"{year}-{part:D2}"),
            "W" or "U" or "V" or "KW" when part is >= 1 and <= 53 => Parse($"{year}-W{part:D2}"),
            _ => null,
        };
    }

    private static Period? Parse(string text) => Periods.TryParse(text, out var period) && period.IsPossible ? period : null;

    private static int Roman(string text) => Array.IndexOf(["I", "II", "III", "IV"], text) + 1;

    [GeneratedRegex("""\A\s*([0-9]{4})\s*[-/. ]?\s*\p{L}{0,3}\s*([0-9]{0,4})\s*\*?\s*\z""")]
    private static partial Regex Notation();

    [GeneratedRegex("""\A\s*([0-9]{4})\s*[-/. ]?\s*(\p{L}{0,7}?)\s*[-/. ]?\s*(?:([0-9]{1,2})|(IV|I{1,3}))\s*\*?\s*\z""")]
    private static partial Regex Lettered();
}
