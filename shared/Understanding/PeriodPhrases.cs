using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>Periods named by their last or first day or month: <c>week ending 3 April 2020</c>, <c>12 months to Dec 2014</c>.</summary>
internal static partial class Periods
{
    private static readonly string[] YearEnds = ["年末", "年底", "year end", "year-end", "end of year", "end of period"];

    private static readonly string[] ToDate = ["calendar year to date", "year to date", "year-to-date", "cumulative to", "cumulative", "ytd", "本年累计", "年初至"];

    private static readonly (string Phrase, Ending Ending)[] Phrases = new (string, Ending)[]
    {
        ("year ending", Ending.Year), ("year ended", Ending.Year), ("year to", Ending.Year), ("years ending", Ending.Year), ("yr ending", Ending.Year),
        ("financial year ending", Ending.Year), ("fiscal year ending", Ending.Year), ("12 months to", Ending.Year), ("12 months ending", Ending.Year),
        ("12 months ended", Ending.Year), ("twelve months to", Ending.Year), ("twelve months ending", Ending.Year), ("twelve months ended", Ending.Year),
        ("rolling 12 months to", Ending.Year), ("rolling year to", Ending.Year), ("four quarters to", Ending.Year), ("4 quarters to", Ending.Year),
        ("6 months to", Ending.Half), ("six months to", Ending.Half), ("6 months ending", Ending.Half), ("six months ending", Ending.Half), ("six months ended", Ending.Half),
        ("half year ending", Ending.Half), ("half year ended", Ending.Half), ("3 months to", Ending.Quarter), ("three months to", Ending.Quarter),
        ("3 months ending", Ending.Quarter), ("three months ending", Ending.Quarter), ("three months ended", Ending.Quarter), ("quarter ending", Ending.CalendarQuarter),
        ("quarter ended", Ending.CalendarQuarter), ("quarter to", Ending.CalendarQuarter), ("month ending", Ending.Month), ("month ended", Ending.Month),
        ("month of", Ending.Month), ("week ending", Ending.Week), ("week ended", Ending.Week), ("week-ending", Ending.Week), ("week to", Ending.Week), ("w/e", Ending.Week),
        ("week beginning", Ending.WeekStart), ("week commencing", Ending.WeekStart), ("week starting", Ending.WeekStart), ("week of", Ending.WeekStart), ("w/c", Ending.WeekStart),
        ("w/b", Ending.WeekStart), ("as at the end of", Ending.Itself), ("as at end of", Ending.Itself), ("as at end", Ending.Itself), ("as at", Ending.Itself),
        ("as of", Ending.Itself), ("at end of", Ending.Itself), ("at end", Ending.Itself), ("at", Ending.Itself), ("end of", Ending.Itself), ("end-", Ending.Itself),
        ("end", Ending.Itself), ("calendar year", Ending.Itself), ("financial year", Ending.Itself), ("fiscal year", Ending.Itself), ("academic year", Ending.Itself),
        ("school year", Ending.Itself), ("the", Ending.Itself),
    }.OrderByDescending(p => p.Item1.Length).ToArray();

    private enum Ending
    {
        Year,
        Half,
        Quarter,
        CalendarQuarter,
        Month,
        Week,
        WeekStart,
        Itself,
    }

    private static bool TryPhrase(ReadOnlySpan<char> text, bool monthFirst, out Period period)
    {
        period = default;
        // 截至2020年1月10日当周
        if (text[^1] is '周' or '週' && text.Length > 8 && text[^2] is '当' or '當' or '那' or '一' or '的')
            return TryParse(text[..^2].TrimStart("截至止到"), out var last, monthFirst) && IsoWeekOf(last, true) is { } week && (period = week).IsPossible;
        if (!text.ContainsAnyInRange('0', '9') || (!char.IsAsciiLetter(text[0]) && !text.Contains(' ') && text[0] is not ('本' or '年')))
            return false;
        var rest = text;
        if (CutsPrefix(ref rest, ToDate))
        {
            if (rest.Length < 4 || IsCumulative(rest) || !TryPart(rest, out var part) || PeriodPart.Of(PeriodPartKind.Cumulative).Within(part)?.Period is not { } cumulative)
                return false;
            period = cumulative;
            return true;
        }
        foreach (var (phrase, ending) in Phrases)
        {
            if (!text.StartsWith(phrase, StringComparison.OrdinalIgnoreCase) || text.Length < phrase.Length + 4 || (char.IsAsciiLetter(phrase[^1]) && char.IsAsciiLetter(text[phrase.Length])))
                continue;
            Span<Token> tokens = stackalloc Token[MaxTokens];
            rest = text[phrase.Length..].TrimStart(" :");
            var count = Scan(rest, tokens, out var read);
            return count > 0 && read == rest.Length && Match(tokens[..count], monthFirst, phrase.Contains("year", StringComparison.Ordinal) ? true : null, out var end)
                && Apply(ending, end, out period);
        }
        return false;
    }

    private static bool Apply(Ending ending, Period last, out Period period)
    {
        period = last;
        if (ending == Ending.Itself || !last.IsPossible)
            return true;
        if (ending is Ending.Week or Ending.WeekStart)
        {
            period = IsoWeekOf(last, ending == Ending.Week) ?? default;
            return period.IsPossible;
        }
        if (ending == Ending.Year && last.Freq is "A" or "_O")
            return last.Freq == "A";
        if (last.Freq is not ("D" or "M" or "Q"))
            return false;
        var length = ending switch { Ending.Year => 12, Ending.Half => 6, Ending.Month => 1, _ => 3 };
        if (last.Freq == "D" && DateOf(last).AddDays(1) is { Day: > 1 } after)
        {
            var first = after.AddMonths(-length);
            period = Days(OfDay(first.Year, first.Month, first.Day), last);
            return true;
        }
        var (year, month) = (int.Parse(last.Id.AsSpan(0, 4), CultureInfo.InvariantCulture),
            last.Freq == "Q" ? (last.Id[^1] - '0') * 3 : int.Parse(last.Id.AsSpan(5, 2), CultureInfo.InvariantCulture));
        var start = (year * 12) + month - length;
        period = ending == Ending.CalendarQuarter && month % 3 == 0 ? OfQuarter(year, month / 3) : Range(start / 12, (start % 12) + 1, year, month);
        return true;
    }
}
