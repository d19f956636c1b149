using System.Buffers;
using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>The periods that a caption, a title or a sheet's name mentions.</summary>
internal static partial class Periods
{
    /// <summary>How much of a text is looked at.</summary>
    public const int MaxCaption = 2000;

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> NoYearAfter = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "table", "tables", "tab", "figure", "fig", "chart", "map", "page", "annex", "appendix", "section", "no", "iso", "sic", "nace", "isic", "naics", "anzsic", "soc", "isco", "sitc",
        "hs", "cpa", "coicop", "icd", "sna", "esa", "bpm", "nuts", "base", "reference", "constant", "tel", "telephone", "phone", "fax", "over", "under", "than", "yearbook", "rebased",
        "regulation", "act", "gb", "chained",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> NoYearBefore = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "price", "prices", "base", "based", "dollars", "pounds", "usd", "us", "ppp", "tonnes", "million", "thousand", "release",
        "edition", "update", "revision", "yearbook", "boundaries", "classification", "definition", "definitions", "weights", "constant", "basis",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly string[] Counted = ["population", "persons", "people", "households", "employees", "units"];

    private static readonly string[] NoYearAfterSigns = ["表", "图", "附表", "年鉴", "大于", "小于", "超过", "不足", "以", "按"];

    private static readonly string[] NoYearBeforeSigns =
    [
        "=", "＝", "年=", "年＝", "价格", "不变价", "可比价", "年价格", "年不变价", "年可比价", "年基期", "年为基期", "年为100", "基期", "统计年鉴", "年统计年鉴", "年鉴", "年版", "版", "年修订", "万", "千", "亿", "元", "人",
        "户", "个", "家", "吨", "%",
    ];

    private static readonly string[] ReleaseWords =
    [
        "releas", "publish", "publication", "updated", "update:", "update on", "last update", "next update", "printed", "print date", "issued", "accessed", "retrieved", "downloaded",
        "extracted", "generated", "©", "copyright", "embargo", "created", "发布", "公布时间", "公布日期", "更新", "印发", "制表", "打印", "下载", "访问", "填报", "报出", "出版", "编印",
    ];

    private static readonly string[] ReleaseWordsAfter = ["发布", "公布", "更新", "印发", "出版", "打印", "编印", "讯", "电", "(release", " release", " edition", " update"];

    private static readonly SearchValues<char> ClauseEnds = SearchValues.Create(".;；。，()（）|\n");

    private static readonly string[] OpenWords = ["since", "from", "after", "before", "until", "自", "从"];

    private static readonly string[] OpenWordsAfter = ["onward", "and later", "and earlier", "以来", "起", "以后", "以前", "及以前", "及以后", "之前", "之后", "年以来", "年及以前", "年起"];

    /// <summary>The whole periods that a text mentions, left to right, each as long as it can be read; not those of release, print or update dates, price bases,
    /// classifications or table numbers. One pass over at most <see cref="MaxCaption"/> characters.</summary>
    public static IReadOnlyList<(Period Period, int Start, int Length)> Mentions(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var caption = text.AsSpan(0, Math.Min(text.Length, MaxCaption));
        var mentions = new List<(Period, int, int)>();
        for (var at = 0; at < caption.Length; at++)
        {
            if (!Starts(caption, at))
                continue;
            var length = LongestAt(caption, at, out var period);
            if (length == 0)
                continue;
            if (!IsRelease(caption, at, length))
                mentions.Add((period, at, length));
            at += length - 1;
        }
        return mentions;
    }

    /// <summary>
    /// The one period that a caption is about; null when it mentions none, or several that say different things. The rule: the mentions that lie within each other are about
    /// one period, the narrowest when the widest is but the year (<c>2023: January to June 2023</c>), else the widest (<c>2022/23 (to March 2023)</c>). A range of several
    /// years (<c>1980-2000</c>) or of more than twelve months is what the table covers, no period of it; two consecutive years (<c>2014/15</c>) are one.
    /// So is a year behind <c>since</c> or before <c>onwards</c>.
    /// </summary>
    public static Period? OfCaption(string text)
    {
        var mentions = Mentions(text);
        if (mentions.Count == 0)
            return null;
        var widest = mentions[0];
        var narrowest = mentions[0];
        foreach (var mention in mentions)
        {
            if (IsOpen(text, mention.Start, mention.Length))
                return null;
            if (Contains(mention.Period, widest.Period) && !Contains(widest.Period, mention.Period))
                widest = mention;
            if (Contains(narrowest.Period, mention.Period) && !Contains(mention.Period, narrowest.Period))
                narrowest = mention;
        }
        foreach (var mention in mentions)
            if (!Contains(widest.Period, mention.Period) || !Contains(mention.Period, narrowest.Period))
                return null;
        var about = widest.Period.Freq == "A" ? narrowest.Period : widest.Period;
        return IsCoverage(about) ? null : about;
    }

    /// <summary>Whether a text begins with what a number before it may count: <c>population</c>, <c>households</c>.</summary>
    public static bool CountsPeople(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(" (,");
        return IsOneOf(end < 0 ? text : text[..end], Counted);
    }

    /// <summary>The first and the last day of a period.</summary>
    private static (DateTime First, DateTime Last) DaysOf(Period period)
    {
        if (period.Id.IndexOf('/', StringComparison.Ordinal) is > 0 and var cut)
            return (DaysOf(period.Id.AsSpan(0, cut)).First, DaysOf(period.Id.AsSpan(cut + 1)).Last);
        return DaysOf(period.Id.AsSpan());
    }

    private static (DateTime First, DateTime Last) DaysOf(ReadOnlySpan<char> id)
    {
        var year = Number(id[..4]);
        if (id.Length == 4)
            return MonthsOf(year, 1, 12);
        if (id[5] == 'W')
        {
            var monday = ISOWeek.ToDateTime(year, Number(id[6..]), DayOfWeek.Monday);
            return (monday, monday.AddDays(6));
        }
        if (id[5] is 'S' or 'Q')
            return id[5] == 'S' ? MonthsOf(year, (Number(id[6..]) * 6) - 5, 6) : MonthsOf(year, (Number(id[6..]) * 3) - 2, 3);
        if (id.Length == 7)
            return MonthsOf(year, Number(id[5..]), 1);
        var day = new DateTime(year, Number(id[5..7]), Number(id[8..]));
        return (day, day);
    }

    private static (DateTime First, DateTime Last) MonthsOf(int year, int month, int count) =>
        (new DateTime(year, month, 1), new DateTime(year, month, 1).AddMonths(count).AddDays(-1));

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    private static bool Contains(Period outer, Period inner)
    {
        var (first, last) = DaysOf(outer);
        var (from, to) = DaysOf(inner);
        return first <= from && to <= last;
    }

    private static bool IsCoverage(Period period)
    {
        if (period.Freq != "_O")
            return false;
        var (first, last) = DaysOf(period);
        return period.Id.Length == 9 ? last.Year > first.Year + 1 : last >= first.AddMonths(12);
    }

    /// <summary>Whether a period may start here: not within a word, a number or a code.</summary>
    private static bool Starts(ReadOnlySpan<char> text, int at)
    {
        var c = Fold(text[at]);
        if (!char.IsAsciiLetterOrDigit(c) && ChineseDigit(c) < 0 && !IsLatin(c))
            return false;
        if (Skipped(text[at..]))
            return false;
        if (at == 0)
            return true;
        var before = Fold(text[at - 1]);
        if (char.IsAsciiLetterOrDigit(before) || IsLatin(before))
            return char.IsAsciiDigit(c) != char.IsAsciiDigit(before) && !char.IsAsciiLetter(before) && !char.IsAsciiDigit(before);
        if (ChineseDigit(before) >= 0)
            return false;
        // 1.2010, 12/2010, ISO-2010, +2010, £2010
        return !(before is '-' or '–' or '/' or '.' or ':' or ',' or '_' && at > 1 && char.IsAsciiDigit(Fold(text[at - 2]))) && before is not ('£' or '$' or '€' or '¥' or '+' or '#' or '=' or '<' or '>' or '@');
    }

    /// <summary>Whether a word stands here that a period may hold and does not begin with.</summary>
    private static bool Skipped(ReadOnlySpan<char> rest) => rest.StartsWith("year 1", StringComparison.OrdinalIgnoreCase)
        || rest.StartsWith("year 2", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("of ", StringComparison.OrdinalIgnoreCase);

    private static int LongestAt(ReadOnlySpan<char> text, int at, out Period period)
    {
        var rest = text[at..Math.Min(text.Length, at + MaxLength)];
        period = default;
        if (IsLatin(Fold(rest[0])) || rest[0] is '1' or '6' or '3' or '4')
        {
            foreach (var (phrase, ending) in Phrases)
            {
                if (ending == Ending.Itself || !rest.StartsWith(phrase, StringComparison.OrdinalIgnoreCase) || rest.Length < phrase.Length + 4)
                    continue;
                var skipped = rest.Length - rest[phrase.Length..].TrimStart(" :").Length;
                if (skipped > phrase.Length && Longest(text, at + skipped, out var last) is > 0 and var read && Apply(ending, last, out period) && period.IsPossible)
                    return skipped + read;
                break;
            }
        }
        var behind = rest;
        if (CutsPrefix(ref behind, ToDate) && Longest(text, at + rest.Length - behind.Length, out period) is > 0 and var to
            && PeriodPart.Of(PeriodPartKind.Cumulative).Within(PeriodPart.Of(period))?.Period is { } cumulative)
        {
            period = cumulative;
            return rest.Length - behind.Length + to;
        }
        var length = Longest(text, at, out period);
        return length > 0 && IsYearAlone(text.Slice(at, length)) && !IsYearHere(text, at, length) ? 0 : length;
    }

    private static int Longest(ReadOnlySpan<char> text, int at, out Period period)
    {
        var rest = text[at..Math.Min(text.Length, at + MaxLength)];
        Span<Token> tokens = stackalloc Token[MaxTokens];
        var count = Scan(rest, tokens, out _);
        period = default;
        for (; count > 0; count--)
        {
            var end = at + tokens[count - 1].End;
            if (Ends(text, end) && Match(tokens[..count], false, null, out period) && period.IsPossible)
                return end - at;
        }
        return 0;
    }

    private static bool Ends(ReadOnlySpan<char> text, int end)
    {
        if (end == text.Length)
            return true;
        var (last, next) = (Fold(text[end - 1]), Fold(text[end]));
        if ((char.IsAsciiLetterOrDigit(last) || IsLatin(last)) && (char.IsAsciiLetterOrDigit(next) || IsLatin(next)))
            return false;
        return !(char.IsAsciiDigit(last) && next is '-' or '–' or '/' or '.' or ',' or ':' && end + 1 < text.Length && char.IsAsciiDigit(Fold(text[end + 1])));
    }

    private static bool IsYearAlone(ReadOnlySpan<char> mention) => mention.Length is 4 or 5 && (mention.Length == 4 || mention[4] == '年') || mention.Length is 6 or 8 && !mention.ContainsAnyExceptInRange('0', '9');

    /// <summary>Whether a bare year, or a number that looks like a date, is one by the words beside it.</summary>
    private static bool IsYearHere(ReadOnlySpan<char> text, int at, int length)
    {
        var before = text[..at].TrimEnd();
        var after = text[(at + length)..];
        foreach (var sign in NoYearBeforeSigns)
            if (after.TrimStart().StartsWith(sign, StringComparison.Ordinal) && (text[at + length - 1] != '年' || sign.Length > 1 || sign is "=" or "＝"))
                return false;
        if (text[at + length - 1] != '年')
        {
            foreach (var sign in NoYearAfterSigns)
                if (before.EndsWith(sign, StringComparison.Ordinal))
                    return false;
            // groups of digits: phone numbers, thousands
            if ((text[..at].EndsWith(" ") && IsNumber(before)) || IsDigitGroup(after))
                return false;
        }
        var word = before.TrimEnd(".:：(");
        if (word.EndsWith(" year", StringComparison.OrdinalIgnoreCase))
            word = word[..^5].TrimEnd();
        var start = word.Length;
        while (start > 0 && word.Length - start < 20 && char.IsAsciiLetter(word[start - 1]))
            start--;
        if (start < word.Length && !before.EndsWith(":") && NoYearAfter.Contains(word[start..]))
            return false;
        after = after.TrimStart(" )-");
        var end = 0;
        while (end < after.Length && end < 20 && char.IsAsciiLetter(after[end]))
            end++;
        return end == 0 || !(NoYearBefore.Contains(after[..end]) || IsOneOf(after[..end], Counted));
    }

    /// <summary>Whether a text ends in a number of three digits or more that is no year.</summary>
    private static bool IsNumber(ReadOnlySpan<char> text)
    {
        var start = text.Length;
        while (start > 0 && text.Length - start < 5 && char.IsAsciiDigit(text[start - 1]))
            start--;
        return text.Length - start >= 3 && (text.Length - start != 4 || Number(text[start..]) is < FirstYear or > LastYear);
    }

    /// <summary>Whether another group of three digits or more follows that is no year.</summary>
    private static bool IsDigitGroup(ReadOnlySpan<char> after)
    {
        if (after is not [' ', ..])
            return false;
        var digits = after[1..].IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : after.Length - 1;
        return digits >= 3 && (digits != 4 || Number(after.Slice(1, 4)) is < FirstYear or > LastYear);
    }

    /// <summary>Whether it is when something was released, updated or printed.</summary>
    private static bool IsRelease(ReadOnlySpan<char> text, int at, int length)
    {
        var after = text[(at + length)..];
        foreach (var word in ReleaseWordsAfter)
            if (after.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return true;
        var before = text[Math.Max(0, at - 40)..at];
        var clause = before.LastIndexOfAny(ClauseEnds);
        if (clause >= 0)
            before = before[(clause + 1)..];
        foreach (var word in ReleaseWords)
            if (before.Contains(word, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>Whether it is only the start of what a table covers: since 1997, 2010 onwards.</summary>
    private static bool IsOpen(string text, int at, int length)
    {
        var before = text.AsSpan(0, at).TrimEnd();
        foreach (var word in OpenWords)
            if (before.EndsWith(word, StringComparison.OrdinalIgnoreCase) && (before.Length == word.Length || !char.IsLetter(before[^(word.Length + 1)]) || !char.IsAscii(word[0])))
                return true;
        var after = text.AsSpan(at + length).TrimStart();
        foreach (var word in OpenWordsAfter)
            if (after.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return true;
        // 2005 to 2014n: the range's end could not be read
        var last = after.StartsWith("to ", StringComparison.OrdinalIgnoreCase) ? after[3..] : after.TrimStart("-–—至到");
        return last.Length > 0 && last.Length < after.Length && char.IsAsciiDigit(last[0]);
    }
}
