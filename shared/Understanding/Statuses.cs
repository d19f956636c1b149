namespace Pipeline.Understanding;

/// <summary>Reads the signs that offices put in place of a value or behind it, by <c>status.csv</c> (SDMX CL_OBS_STATUS).</summary>
internal static partial class Statuses
{
    private const string MissingId = "O";
    private static readonly Vocabulary Words = Vocabulary.Load("status");

    /// <summary>A normal value.</summary>
    public static Code Normal => Words.Codes["A"];

    /// <summary>A missing value of which nothing more is said.</summary>
    public static Code Missing => Words.Codes[MissingId];

    /// <summary>The status that a sign in place of a value says; null when the text is no such sign. A table's own <see cref="Legend"/> comes first.</summary>
    public static Code? OfSymbol(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length is 0 or > 24)
            return null;
        return Words.Find(text) is { } code && (IsMissing(code) || (code.Id is "N" or "K" or "U" && text is not ("n" or "N"))) ? code : IsRun(text) ? Missing : OfFlagged(text);
    }

    /// <summary>The status of a sign with a flag behind it, as Eurostat writes it, <c>: c</c> and <c>.. c</c>: the flag's where it says why there is no value.</summary>
    private static Code? OfFlagged(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf(' ');
        if (at < 1 || text[..at].IndexOfAnyExcept(":.…") >= 0 || text[(at + 1)..].TrimStart() is not { Length: 1 or 2 } flag || OfSymbol(text[..at]) is not { } sign)
            return null;
        return Words.Find(flag) is { } code ? IsMissing(code) ? code : sign : null;
    }

    /// <summary>
    /// The status of a bound in place of a value, such as <c>&lt;5</c> or <c>&gt;95%</c>; null when the text is none. A bound is no number: what lies below a fraction or
    /// below one is not significant (N), everything else is kept from view (Q).
    /// </summary>
    public static Code? OfBound(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length is < 2 or > 24 || text[0] is not ('<' or '>' or '≤' or '≥' or '＜' or '＞'))
            return null;
        var isBelow = text[0] is '<' or '≤' or '＜';
        return Numbers.TryParse(text[1..].TrimStart("= "), false, out var number) && number.Value >= 0
            ? Words.Codes[isBelow && (number.Value.Scale > 0 || number.Value <= 1) ? "N" : "Q"]
            : null;
    }

    /// <summary>The status that a flag behind a number says; null when the flag is not known.</summary>
    public static Code? OfFlag(ReadOnlySpan<char> flag)
    {
        flag = flag.Trim();
        if (Words.Find(flag) is { } code && !IsMissing(code))
            return code;
        if (flag.Length > 2 && flag[0] is '(' or '[' or '（' && Words.Find(flag[1..^1]) is { } inner && !IsMissing(inner))
            return inner;
        // in place of a value it is suppressed; behind one, Eurostat's estimate
        return flag is "s" ? Words.Codes["E"] : null;
    }

    /// <summary>The status that a cell of a status column says.</summary>
    public static Code? OfText(string text) => Words.Find(text);

    /// <summary>The status of an id; a normal one when there is none.</summary>
    public static Code ById(string id) => Words.Codes.GetValueOrDefault(id) ?? Normal;

    /// <summary>Whether a status says that there is no value.</summary>
    public static bool IsMissing(Code code) => code.Id == MissingId || code.Parent == MissingId;

    /// <summary>Dots, dashes or stars only, however many.</summary>
    private static bool IsRun(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(".…") < 0 || text.IndexOfAnyExcept("-–—―－") < 0 || text.IndexOfAnyExcept("*") < 0;
}
