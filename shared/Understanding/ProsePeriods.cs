using System.Buffers;
using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>A period as running text names it; the year may be missing or relative to the release's date.</summary>
/// <param name="Year">The year as stated; null when the release's date has to give it.</param>
/// <param name="Offset">Years from the release's year (今年 0, 去年 -1); null without such a word.</param>
/// <param name="From">The first month.</param>
/// <param name="To">The last month.</param>
/// <param name="IsCumulative">Whether it runs from the first month to the last, rather than naming a calendar period.</param>
internal sealed record PeriodExpression(int? Year, int? Offset, int From, int To, bool IsCumulative)
{
    /// <summary>
    /// TIME_PERIOD: <c>2023</c>, <c>2023-Q2</c>, <c>2023-06</c>, <c>2023-01/2023-06</c>; null when the year can not be told, or the period was not
    /// over when the release came out. A period without a year is the last one that was over then.
    /// </summary>
    /// <param name="published">When the release came out; null when unknown.</param>
    /// <param name="statedYear">The year that the text stated last, for a release without a date.</param>
    /// <param name="isAhead">Whether the period may lie ahead: that of a target or a plan. Without a year it is the release's.</param>
    public string? Resolve(DateOnly? published, int? statedYear, bool isAhead = false)
    {
        // “十四五”, named while it runs: up to the last year that is over
        if (Back < -1 && Year is { } planned && !isAhead && published is { } today && !IsOver(planned, today) && planned + Back < today.Year)
            return (this with { Year = today.Year - 1, Back = Back + planned - today.Year + 1 }).Resolve(published, statedYear);
        var year = Year ?? (Offset is { } offset ? published?.Year + offset : published is { } date ? (isAhead || IsOver(date.Year, date) ? date.Year : date.Year - 1) : statedYear);
        if (year is not { } y || y + Back < 1 || (!isAhead && published is { } day && !IsOver(y, day)))
            return null;
        if (From == To && Back == 0)
            return string.Create(CultureInfo.InvariantCulture, $"{y:D4}-{To:D2}");
        if (!IsCumulative && (From, To) == (1, 12))
            return y.ToString("D4", CultureInfo.InvariantCulture);
        if (!IsCumulative && To - From == 2)
            return string.Create(CultureInfo.InvariantCulture, $"{y:D4}-Q{To / 3}");
        return string.Create(CultureInfo.InvariantCulture, $"{y + Back:D4}-{From:D2}/{y:D4}-{To:D2}");
    }

    // PMIs and flash estimates come out in the last days of their month, harvests in the December of their year
    private bool IsOver(int year, DateOnly day) => (year - day.Year) * 12 + To - day.Month is var ahead && (ahead < 0 || (ahead == 0 && (day.Day > 24 || (To == 12 && From == 1))));

    /// <summary>In which year it begins, counted from the one in which it ends: -1 for the three months to January, -4 for “十四五”.</summary>
    public int Back { get; init; }

    /// <summary>Whether it is several years, over which figures are averages or totals: “十四五”, 五年来, 2021—2024年.</summary>
    public bool IsSpan => Back < 0 && (From, To) == (1, 12);
}

/// <summary>Finds periods in running text, by hand-written scanning; the text is folded.</summary>
internal static class ProsePeriods
{
    private static readonly string[] Months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    private static readonly SearchValues<char> MonthCharacters = SearchValues.Create("0123456789-—–－~～至到月份 ");

    private static readonly string[] Ordinals = ["first", "second", "third", "fourth"];

    private static readonly string[] Counts = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"];

    /// <summary>The code of FREQ that goes with a TIME_PERIOD of <see cref="PeriodExpression.Resolve"/>.</summary>
    public static string FrequencyOf(string period) =>
        period.Contains('/', StringComparison.Ordinal) ? "_O" : period.Contains('Q', StringComparison.Ordinal) ? "Q" : period.Length == 7 ? "M" : "A";

    /// <summary>The code of <c>transformations.csv</c> for growth from one TIME_PERIOD to another of the same length: <c>G1Y</c>, <c>G1</c>, else null.</summary>
    public static string? Between(string before, string after)
    {
        if (before.Length != after.Length || FrequencyOf(before) != FrequencyOf(after))
            return null;
        var (a, b) = (Parse(before), Parse(after));
        if (a.Step == b.Step && b.Year - a.Year == 1 && (a.Last == b.Last))
            return "G1Y";
        var steps = FrequencyOf(before) switch { "M" => 12, "Q" => 4, _ => 0 };
        return steps > 0 && b.Year * steps + b.Step - a.Year * steps - a.Step == 1 ? "G1" : null;

        static (int Year, int Step, string Last) Parse(string period) => (int.Parse(period.AsSpan(0, 4), CultureInfo.InvariantCulture),
            period.Length == 4 ? 1 : int.Parse(period.AsSpan(5, period.Length < 8 ? period.Length - 5 : 2).TrimStart('Q'), CultureInfo.InvariantCulture), period.Length < 8 ? "" : period[^2..]);
    }

    /// <summary>The same TIME_PERIOD of the year before.</summary>
    public static string YearBefore(string period)
    {
        if (period.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash)
            return YearBefore(period[..slash]) + "/" + YearBefore(period[(slash + 1)..]);
        return (int.Parse(period.AsSpan(0, 4), CultureInfo.InvariantCulture) - 1).ToString("0000", CultureInfo.InvariantCulture) + period[4..];
    }

    /// <summary>Whether a TIME_PERIOD lies within another, longer one.</summary>
    public static bool IsWithin(string part, string whole)
    {
        var (a, b) = (MonthsOf(part), MonthsOf(whole));
        return a.From >= b.From && a.To <= b.To && a != b;
    }

    // the first and the last month, counted from year 0
    private static (int From, int To) MonthsOf(string period)
    {
        var (from, to) = period.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? (period[..slash], period[(slash + 1)..]) : (period, period);
        return (Month(from, isLast: false), Month(to, isLast: true));

        static int Month(string period, bool isLast) => int.Parse(period.AsSpan(0, 4), CultureInfo.InvariantCulture) * 12
            + (period.Length == 4 ? isLast ? 12 : 1 : period[5] == 'Q' ? (period[6] - '0') * 3 - (isLast ? 0 : 2) : int.Parse(period.AsSpan(5, 2), CultureInfo.InvariantCulture));
    }

    /// <summary>Whether a time expression may begin with a character.</summary>
    public static bool MayBegin(char c) => char.IsAsciiDigit(c) || ProseTerms.IsLatin(c)
        || c is '今' or '本' or '去' or '上' or '下' or '全' or '年' or '前' or '首' or '第' or '一' or '二' or '三' or '四' or '五' or '六' or '七' or '八' or '九' or '十' or '两';

    /// <summary>
    /// The length of the time expression at an index, 0 when there is none. <paramref name="period"/> is null for one that names no period
    /// (a day, a span of years, 今年, 2020年以来).
    /// </summary>
    public static int Scan(ReadOnlySpan<char> text, int at, out PeriodExpression? period)
    {
        period = null;
        if (!MayBegin(text[at]))
            return 0;
        if (ScanYears(text, at, out period) is > 0 and var years)
            return years;
        if (at > 0 && (char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at - 1]) || ProseTerms.IsLatin(text[at]) && ProseTerms.IsLatin(text[at - 1])))
            return 0;
        if (ProseTerms.IsLatin(text[at]))
            return ScanEnglish(text, at, ref period);
        // of the periods that begin with a digit only a year is English: in 2023
        return !char.IsAsciiDigit(text[at]) || IsChineseYear(text, at) || RepublicYear(text, at) is not null || IsChineseMonth(text, at) ? ScanChinese(text, at, ref period)
            : at >= 3 && text[(at - 3)..at] is "in " ? ScanEnglish(text, at, ref period) : 0;
    }

    /// <summary>The first full date of a text, as an official's page writes it; and whether a time of day follows, as in a date line.</summary>
    public static DateOnly? FindDate(ReadOnlySpan<char> text, out bool hasTime)
    {
        hasTime = false;
        for (var i = 0; i < text.Length; i++)
        {
            var end = i;
            DateOnly? date = null;
            if (char.IsAsciiDigit(text[i]) && (i == 0 || !char.IsAsciiDigit(text[i - 1])))
                date = NumericDate(text, i, out end) ?? DayFirstDate(text, i, out end);
            else if (ProseTerms.IsLatin(text[i]) && (i == 0 || !ProseTerms.IsLatin(text[i - 1])))
                date = EnglishDate(text, i, out end);
            if (date is null)
                continue;
            var rest = text[end..].TrimStart();
            hasTime = rest.Length >= 4 && char.IsAsciiDigit(rest[0]) && rest[..3].Contains(':');
            return date;
        }
        return null;
    }

    private static DateOnly? NumericDate(ReadOnlySpan<char> text, int at, out int end)
    {
        end = at;
        var isRepublic = RepublicYear(text, at) is not null;
        if (!Digits(text, ref end, isRepublic ? 2 : 4, isRepublic ? 3 : 4, out var year) || end >= text.Length || text[end] is not ('-' or '/' or '.' or '年'))
            return null;
        year += isRepublic ? FirstYearOfRepublic - 1 : 0;
        end++;
        if (!Digits(text, ref end, 1, 2, out var month) || end >= text.Length || text[end] is not ('-' or '/' or '.' or '月'))
            return null;
        end++;
        if (!Digits(text, ref end, 1, 2, out var day))
            return null;
        Skip(text, ref end, "日");
        return Date(year, month, day);
    }

    private static DateOnly? DayFirstDate(ReadOnlySpan<char> text, int at, out int end)
    {
        end = at;
        return Digits(text, ref end, 1, 2, out var day) && Skip(text, ref end, " ") && Month(text, ref end) is > 0 and var month && Skip(text, ref end, " ") && Digits(text, ref end, 4, 4, out var year)
            ? Date(year, month, day) : null;
    }

    private static DateOnly? EnglishDate(ReadOnlySpan<char> text, int at, out int end)
    {
        end = at;
        var month = Month(text, ref end);
        if (month == 0)
            return null;
        Skip(text, ref end, " ");
        if (!Digits(text, ref end, 1, 2, out var day))
            return null;
        Skip(text, ref end, ",");
        Skip(text, ref end, " ");
        return Digits(text, ref end, 4, 4, out var year) ? Date(year, month, day) : null;
    }

    private static DateOnly? Date(int year, int month, int day) =>
        year is >= 1900 and <= 2200 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new(year, month, day) : null;

    private static int ScanChinese(ReadOnlySpan<char> text, int at, ref PeriodExpression? period)
    {
        var i = at;
        int? year = null, offset = null;
        if (IsChineseYear(text, i))
        {
            year = int.Parse(text.Slice(i, 4), CultureInfo.InvariantCulture);
            i += 5;
        }
        else if (RepublicYear(text, i) is { } republic)
        {
            year = republic;
            i = text[i..].IndexOf('年') + i + 1;
        }
        else if (Skip(text, ref i, "今年") || Skip(text, ref i, "本年"))
        {
            offset = 0;
        }
        else if (Skip(text, ref i, "去年") || Skip(text, ref i, "上年"))
        {
            offset = -1;
        }
        var hasYear = i > at;
        if (hasYear)
            Skip(text, ref i, " ");
        var start = i;
        (int From, int To, bool Cumulative)? months = null;
        if (Skip(text, ref i, "上半年"))
            months = (1, 6, true);
        else if (Skip(text, ref i, "下半年"))
            months = (7, 12, true);
        else if (Skip(text, ref i, "全年"))
            months = (1, 12, false);
        else if (!hasYear && (text[i..].StartsWith("年末", StringComparison.Ordinal) || text[i..].StartsWith("年底", StringComparison.Ordinal)))
            return Set(out period, new PeriodExpression(null, null, 12, 12, false), 2);
        else if (Skip(text, ref i, "前") || Skip(text, ref i, "首"))
            months = First(text, ref i);
        else
            months = QuarterOrMonths(text, ref i, hasYear);
        if (months is null)
        {
            i = start;
            if (!hasYear)
                return 0;
            if (year is not null || offset == -1)
                months = (1, 12, false);
        }
        var wholeYear = i == start;
        // 6月末, 一季度末, 2023年末: the stock at the end of the last month
        if (months is { To: > 0 } span && (Skip(text, ref i, "末") || Skip(text, ref i, "底")))
            months = (span.To, span.To, false);
        else if (SpansOn(text, ref i) || (wholeYear && Skip(text, ref i, "度内")))
            return i - at;
        if (months is { } m && m.From >= 1 && m.To <= 12 && m.From <= m.To)
            period = new PeriodExpression(year, offset, m.From, m.To, m.Cumulative);
        return i - at;
    }

    private static (int, int, bool)? First(ReadOnlySpan<char> text, ref int i)
    {
        if (!Count(text, ref i, out var count))
            return null;
        if (Skip(text, ref i, "季度"))
            return count is >= 1 and <= 4 ? (1, count * 3, true) : null;
        return Skip(text, ref i, "个月") || Skip(text, ref i, "月") ? (1, count, true) : null;
    }

    private static (int, int, bool)? QuarterOrMonths(ReadOnlySpan<char> text, ref int i, bool hasYear)
    {
        var at = i;
        var isOrdinal = Skip(text, ref i, "第");
        if (!Count(text, ref i, out var first))
            return null;
        if (Skip(text, ref i, "季度") || (isOrdinal && Skip(text, ref i, "季")))
            return first is >= 1 and <= 4 ? (first * 3 - 2, first * 3, false) : null;
        if (isOrdinal)
            return null;
        var from = i;
        var hasMonth = Skip(text, ref i, "月");
        if (hasMonth)
            Skip(text, ref i, "份");
        if (i < text.Length && text[i] is '-' or '—' or '–' or '－' or '~' or '～' or '至' or '到')
        {
            var dash = i;
            while (i < text.Length && text[i] is '-' or '—' or '–' or '－' or '~' or '～' or '至' or '到')
                i++;
            if (Count(text, ref i, out var last) && Skip(text, ref i, "月"))
            {
                Skip(text, ref i, "份");
                return (first, last, true);
            }
            i = dash;
        }
        if (!hasMonth)
        {
            i = from;
            return null;
        }
        var day = i;
        if (Digits(text, ref day, 1, 2, out var number) && (Skip(text, ref day, "日") || Skip(text, ref day, "号")))
        {
            i = day;
            // 截至6月30日: the stock at the end of the month
            var isEnd = first is >= 1 and <= 12 && number >= (first == 2 ? 28 : first is 4 or 6 or 9 or 11 ? 30 : 31) && at > 1 && text[..at].TrimEnd("0123456789年") is [.., '截', '至' or '止'] or [.., '截', '止', '到'];
            return isEnd ? (first, first, false) : (0, 0, false);
        }
        return (first, first, false);
    }

    // what makes of a period the start or the end of an unnamed one
    private static bool SpansOn(ReadOnlySpan<char> text, ref int i)
    {
        ReadOnlySpan<string> words = ["以来", "以后", "之后", "以前", "之前", "同期", "起", "开始", "初", "-", "—", "–", "至", "到"];
        foreach (var word in words)
            if (Skip(text, ref i, word))
                return true;
        return false;
    }

    private static int ScanEnglish(ReadOnlySpan<char> text, int at, ref PeriodExpression? period)
    {
        var i = at;
        var back = 0;
        (int From, int To, bool Cumulative)? months = null;
        Skip(text, ref i, "the ");
        var month = Month(text, ref i);
        if (month > 0)
        {
            var end = i;
            if ((Skip(text, ref end, " to ") || Skip(text, ref end, " through ") || Skip(text, ref end, "-") || Skip(text, ref end, "–") || (at >= 8 && text[(at - 8)..at] is "between " && Skip(text, ref end, " and "))) && Month(text, ref end) is > 0 and var last)
            {
                i = end;
                months = (month, last, true);
            }
            else
            {
                var day = i;
                if (Skip(text, ref day, " ") && Digits(text, ref day, 1, 2, out _) && !(day < text.Length && char.IsAsciiDigit(text[day])))
                {
                    if (Skip(text, ref day, ", "))
                        Digits(text, ref day, 4, 4, out _);
                    return day - at;
                }
                if (Months[month - 1] == "may" && !(at >= 3 && text[(at - 3)..at] is "in ") && !(at >= 3 && text[(at - 3)..at] is "of "))
                    return 0;
                months = (month, month, false);
            }
        }
        else if (Skip(text, ref i, "first half"))
        {
            months = (1, 6, true);
        }
        else if (Skip(text, ref i, "second half"))
        {
            months = (7, 12, true);
        }
        else if (Skip(text, ref i, "quarter ") && i < text.Length && text[i] is >= '1' and <= '4' && (i + 1 == text.Length || !char.IsAsciiLetterOrDigit(text[i + 1])))
        {
            months = ((text[i] - '0') * 3 - 2, (text[i] - '0') * 3, false);
            i++;
        }
        else if (i < text.Length && text[i] == 'q' && i + 1 < text.Length && text[i + 1] is >= '1' and <= '4' && (i + 2 == text.Length || !char.IsAsciiLetterOrDigit(text[i + 2])))
        {
            months = ((text[i + 1] - '0') * 3 - 2, (text[i + 1] - '0') * 3, false);
            i += 2;
        }
        else if (OneOf(text, ref i, Counts) is >= 0 and var span)
        {
            // the three months to August 2024
            if (!(Skip(text, ref i, " months to ") || Skip(text, ref i, " months ending ") || Skip(text, ref i, " months ended ")) || Month(text, ref i) is not (> 0 and var lastMonth))
                return 0;
            if (lastMonth < span + 2)
                back = -1;
            months = (back < 0 ? lastMonth - span + 11 : lastMonth - span - 1, lastMonth, true);
        }
        else if (OneOf(text, ref i, Ordinals) is >= 0 and var ordinal)
        {
            if (Skip(text, ref i, " quarter"))
                months = (ordinal * 3 + 1, ordinal * 3 + 3, false);
            else if (ordinal == 0 && Skip(text, ref i, " ") && OneOf(text, ref i, Counts) is >= 0 and var count)
                months = Skip(text, ref i, " months") ? (1, count + 2, true) : Skip(text, ref i, " quarters") ? (1, (count + 2) * 3, true) : null;
            if (months is null)
                return 0;
        }
        int? year = null;
        if (months is not null)
        {
            var end = i;
            if ((Skip(text, ref end, " of ") || Skip(text, ref end, ", ") || Skip(text, ref end, " in ") || Skip(text, ref end, " ")) && EnglishYear(text, ref end, out var stated))
                (year, i) = (stated, end);
            else if (Skip(text, ref i, " of this year") || Skip(text, ref i, " this year"))
                return Set(out period, new PeriodExpression(null, 0, months.Value.From, months.Value.To, months.Value.Cumulative), i - at);
            else if (Skip(text, ref i, " of last year") || Skip(text, ref i, " last year"))
                return Set(out period, new PeriodExpression(null, -1, months.Value.From, months.Value.To, months.Value.Cumulative), i - at);
        }
        else if (i == at && EnglishYear(text, ref i, out var alone) && at >= 3 && text[(at - 3)..at] is "in ")
        {
            (year, months) = (alone, (1, 12, false));
        }
        if (months is not { } m || m.To > 12 || (m.From > m.To && back == 0))
            return 0;
        return Set(out period, new PeriodExpression(year, null, m.From, m.To, m.Cumulative) { Back = back }, i - at);
    }

    private static int Set(out PeriodExpression? period, PeriodExpression found, int length)
    {
        period = found;
        return length;
    }

    private const int FirstYearOfRepublic = 1912;

    // 114年11月, 民国114年: a year as Taiwan counts them, where a part of the year, a date or the name of the era tells it from an age
    private static int? RepublicYear(ReadOnlySpan<char> text, int at)
    {
        var i = at;
        if (!Digits(text, ref i, 2, 3, out var year) || i >= text.Length || text[i] != '年' || (at > 0 && char.IsAsciiDigit(text[at - 1])))
            return null;
        var isNamed = at > 1 && text[..at].TrimEnd() is [.., '民', '国' or '國'];
        if (!isNamed && year is < 80 or > 199)
            return null;
        i++;
        var part = i;
        var isParted = isNamed || (Count(text, ref part, out var month) && month is >= 1 and <= 12 && part < text.Length && text[part] is '月' or '至' or '-' or '—' or '~' or '～')
            || (i < text.Length && text[i] is '第' or '上' or '下' or '全' or '前' or '底' or '末' && !text[i..].StartsWith("上下", StringComparison.Ordinal));
        return isParted ? year + FirstYearOfRepublic - 1 : null;
    }

    private static readonly string[] PlanEndings = ["时期的五年", "时期", "期间", "以来", "这五年", "五年"];

    /// <summary>The length of an expression for several years, 0 when there is none: “十四五”时期, 五年来, 近三年, 2021—2024年. One for the end of a plan is none.</summary>
    private static int ScanYears(ReadOnlySpan<char> text, int at, out PeriodExpression? period)
    {
        period = null;
        var i = at;
        if (text[at] == '十' && at + 2 < text.Length && text[at + 2] == '五' && "一二三四五六".IndexOf(text[at + 1], StringComparison.Ordinal) is >= 0 and var plan)
        {
            i += 3;
            if (i < text.Length && text[i] is '”' or '"' or '’' or '」')
                i++;
            foreach (var ending in PlanEndings)
                if (Skip(text, ref i, ending))
                    return Set(out period, new PeriodExpression(2010 + plan * 5, null, 1, 12, true) { Back = -4 }, i - at);
            return 0;
        }
        if (char.IsAsciiDigit(text[at]))
        {
            if (!Digits(text, ref i, 4, 4, out var from) || from is < 1900 or > 2200)
                return 0;
            Skip(text, ref i, "年");
            if (i >= text.Length || text[i] is not ('-' or '—' or '–' or '－' or '~' or '～' or '至' or '到'))
                return 0;
            while (i < text.Length && text[i] is '-' or '—' or '–' or '－' or '~' or '～' or '至' or '到')
                i++;
            return Digits(text, ref i, 4, 4, out var to) && to > from && to - from < 30 && Skip(text, ref i, "年") && !(i < text.Length && char.IsAsciiDigit(text[i]))
                ? Set(out period, new PeriodExpression(to, null, 1, 12, true) { Back = from - to }, i - at) : 0;
        }
        if (!Count(text, ref i, out var count) || count < 2 || !Skip(text, ref i, "年"))
            return 0;
        var isBack = text[..at] is [.., '近' or '这'] or [.., '过', '去'] or [.., '最', '近'];
        return Skip(text, ref i, "来") || Skip(text, ref i, "间") || Skip(text, ref i, "累计") || isBack ? Set(out period, new PeriodExpression(null, null, 1, 12, true) { Back = 1 - count }, i - at) : 0;
    }

    private static bool IsChineseYear(ReadOnlySpan<char> text, int at)
    {
        var i = at;
        return Digits(text, ref i, 4, 4, out var year) && year is >= 1900 and <= 2200 && i < text.Length && text[i] == '年';
    }

    private static bool IsChineseMonth(ReadOnlySpan<char> text, int at)
    {
        if (at + 1 < text.Length && text[at + 1] is not (>= '0' and <= '9' or '月' or '-' or '—' or '–' or '－' or '~' or '～' or '至' or '到' or '季' or ' '))
            return false;
        var rest = text[at..Math.Min(text.Length, at + 10)];
        var end = rest.IndexOfAnyExcept(MonthCharacters);
        return (end < 0 ? rest : rest[..end]).Contains('月') || (rest.Length > 2 && rest[1..3] is "季度");
    }

    private static bool EnglishYear(ReadOnlySpan<char> text, ref int i, out int year) =>
        Digits(text, ref i, 4, 4, out year) && year is >= 1900 and <= 2200 && !(i + 1 < text.Length && text[i] is ',' or '.' && char.IsAsciiDigit(text[i + 1]))
        && !(i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] is '-' or '–' or '/'));

    private static int Month(ReadOnlySpan<char> text, ref int i)
    {
        var month = OneOf(text, ref i, Months);
        return i < text.Length && ProseTerms.IsLatin(text[i]) ? 0 : month + 1;
    }

    private static int OneOf(ReadOnlySpan<char> text, ref int i, string[] words)
    {
        for (var w = 0; w < words.Length; w++)
            if (text[i..].StartsWith(words[w], StringComparison.OrdinalIgnoreCase))
            {
                i += words[w].Length;
                return w;
            }
        return -1;
    }

    private static bool Skip(ReadOnlySpan<char> text, ref int i, string word)
    {
        if (!text[i..].StartsWith(word, StringComparison.Ordinal))
            return false;
        i += word.Length;
        return true;
    }

    private static bool Count(ReadOnlySpan<char> text, ref int i, out int count)
    {
        if (Digits(text, ref i, 1, 2, out count))
            return !(i < text.Length && char.IsAsciiDigit(text[i]));
        var at = i;
        if (Skip(text, ref i, "十"))
            count = 10;
        if (i < text.Length && "一二三四五六七八九".IndexOf(text[i], StringComparison.Ordinal) is >= 0 and var digit)
        {
            count += digit + 1;
            i++;
        }
        else if (Skip(text, ref i, "两"))
        {
            count = 2;
        }
        return i > at;
    }

    private static bool Digits(ReadOnlySpan<char> text, ref int i, int least, int most, out int number)
    {
        number = 0;
        var at = i;
        while (i < text.Length && i - at < most && char.IsAsciiDigit(text[i]))
            number = number * 10 + (text[i++] - '0');
        if (i - at >= least)
            return true;
        i = at;
        return false;
    }
}
