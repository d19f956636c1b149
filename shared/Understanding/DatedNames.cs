namespace Pipeline.Understanding;

/// <summary>A name that carries a period: <c>2020年产量</c> is <c>产量</c> in 2020.</summary>
/// <param name="Name">The name without the period; empty where nothing else is said.</param>
/// <param name="Period">The period.</param>
/// <param name="Words">The period in the name's words.</param>
internal readonly record struct DatedName(string Name, Period Period, string Words);

/// <summary>Tells names of columns that carry a period (<c>Births 2020, Births 2021</c>, <c>2020年产量</c>, <c>pop_2020</c>) from those that a year belongs to for good (<c>GDP at 2015 prices</c>).</summary>
internal static class DatedNames
{
    // What stands before a year that a number alone can not be the name of a column, and says nothing.
    private static readonly HashSet<string> Prefixes = new(StringComparer.OrdinalIgnoreCase) { "x", "y", "yr", "year", "fy" };

    private static readonly string[] Bases = ["since", "from", "over", "than", "to", "vs", "vs.", "versus", "against", "relative to", "compared with", "compared to", "in constant", "at constant", "自", "比", "较", "较之"];

    // What a year beside it is the base or the edition of.
    private static readonly string[] Based = ["price", "constant", "chained", "real", "base", "index", "不变", "可比", "基期", "指数", "标准", "口径", "standard", "edition", "version", "model", "classification"];

    /// <summary>
    /// The names of one row of a header that carry periods: where one name comes with several of them, and all others of these periods; of names over all values of a
    /// table, also where each comes once and begins or ends in its period: <c>Births 2020, Deaths 2020</c>.
    /// </summary>
    /// <param name="texts">The different texts of the row.</param>
    /// <param name="areAll">Whether they are all that names the values.</param>
    public static Dictionary<string, DatedName> Split(IReadOnlyCollection<string> texts, bool areAll)
    {
        var split = new Dictionary<string, DatedName>(StringComparer.Ordinal);
        foreach (var text in texts)
            if (Split(text) is { } dated)
                split[text] = dated;
        var periods = split.Values.GroupBy(d => d.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Select(d => d.Period.Freq).Distinct().Count() == 1 && g.DistinctBy(d => d.Period).Count() is > 1 and var n && n == g.Count())
            .SelectMany(g => g).Select(d => d.Period).ToHashSet();
        if (areAll && split.Count == texts.Count && split.All(s => IsAtEnd(s.Key, s.Value)) && split.Values.DistinctBy(d => (d.Name, d.Period)).Count() == split.Count)
            return split;
        foreach (var (text, dated) in split)
            if (!periods.Contains(dated.Period))
                split.Remove(text);
        return split;
    }

    /// <summary>Whether a name begins or ends in its period, the unit behind it left out, and speaks of nothing that has a year for good.</summary>
    private static bool IsAtEnd(string text, DatedName dated)
    {
        var name = Labels.SplitBrackets(text) is ({ Length: > 0 } outside, { } inside) && inside != dated.Words ? outside : text.TrimEnd(')', '）');
        return Header.IsInUse(Header.YearOf(dated.Period.Id)) && (dated.Name.Length > 1 || dated.Period.Freq != "A")
            && (name.StartsWith(dated.Words, StringComparison.Ordinal) || name.EndsWith(dated.Words, StringComparison.Ordinal)) && !Array.Exists(Based, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static DatedName? Split(string text)
    {
        var isIdentifier = !text.Contains(' ', StringComparison.Ordinal) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-') && text.Any(char.IsAsciiLetter);
        var words = isIdentifier ? Spaced(text) : text;
        var (period, start, length) = Periods.Mentions(words) is [var only] ? only : YearFirst(words);
        if (length == 0 || (start > 0 && Array.Exists(Bases, word => EndsIn(words.AsSpan(0, start), word))))
            return null;
        var rest = Labels.Clean(words.Remove(start, length).Replace("()", "", StringComparison.Ordinal).Replace("（）", "", StringComparison.Ordinal).Replace("[]", "", StringComparison.Ordinal))
            .Trim(' ', ',', '，', ':', '：', '、', '-', '–', '—', '/', '.', '_', '的');
        // A unit in brackets alone names nothing: (%) 2020
        if (!rest.Any(char.IsLetter) && rest.Length > 0)
            return null;
        if (isIdentifier)
            rest = rest.Replace(' ', '_');
        return new DatedName(Prefixes.Contains(rest) ? "" : rest, period, words.Substring(start, length));
    }

    /// <summary>The year that a name of people or things begins with: <c>2020 population</c>. In running words that would be their number.</summary>
    private static (Period Period, int Start, int Length) YearFirst(string words) =>
        words.Length > 5 && words[4] == ' ' && Periods.CountsPeople(words.AsSpan(5)) && Periods.TryParse(words.AsSpan(0, 4), out var year) && year.Freq == "A" ? (year, 0, 4) : default;

    private static bool EndsIn(ReadOnlySpan<char> text, string word)
    {
        text = text.TrimEnd();
        return text.EndsWith(word, StringComparison.OrdinalIgnoreCase) && (text.Length == word.Length || !char.IsAsciiLetter(word[0]) || !char.IsAsciiLetter(text[^(word.Length + 1)]));
    }

    /// <summary>An identifier with spaces between its words, and before a year: <c>pop_2020_q1</c>, <c>births2020</c>.</summary>
    private static string Spaced(string identifier)
    {
        var text = new System.Text.StringBuilder(identifier.Length + 4);
        for (var i = 0; i < identifier.Length; i++)
        {
            if (i > 0 && char.IsAsciiDigit(identifier[i]) && char.IsAsciiLetter(identifier[i - 1]) && identifier.AsSpan(i).IndexOfAnyExceptInRange('0', '9') is -1 or >= 4)
                text.Append(' ');
            text.Append(identifier[i] == '_' || (identifier[i] == '.' && !(i > 0 && char.IsAsciiDigit(identifier[i - 1]))) ? ' ' : identifier[i]);
        }
        return text.ToString();
    }
}
