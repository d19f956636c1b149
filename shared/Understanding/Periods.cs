using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>A period as SDMX writes it (SDMX 3.0 section 6, 4.2 and 4.3).</summary>
/// <param name="Id">The TIME_PERIOD: <c>2023</c>, <c>2023-S1</c>, <c>2023-Q2</c>, <c>2023-06</c>, <c>2023-W26</c>, <c>2023-06-30</c>, <c>2023-01/2023-06</c>; empty when it is impossible.</param>
/// <param name="Freq">The FREQ that follows: <c>A S Q M W D</c>, or <c>_O</c> for a range.</param>
internal readonly record struct Period(string Id, string Freq)
{
    /// <summary>False when the text has the form of a period that no calendar has, such as month 13.</summary>
    public bool IsPossible => Id.Length > 0;
}

/// <summary>What dates of digits say of the order of day and month. Of several, the last named counts.</summary>
internal enum DayOrder
{
    /// <summary>Nothing, or they are no such dates.</summary>
    None,

    /// <summary>They could be either.</summary>
    Either,

    /// <summary>The day comes first.</summary>
    DayFirst,

    /// <summary>The month comes first.</summary>
    MonthFirst,
}

/// <summary>Reads periods as offices write them, in Chinese and English: one pass over the characters, one over at most 16 tokens.</summary>
internal static partial class Periods
{
    /// <summary>The longest text that can be a period.</summary>
    public const int MaxLength = 48;

    private const int MaxTokens = 16;
    private const int FirstYear = 1500;
    private const int LastYear = 2199;

    private static readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> MonthNames = NamesOfMonths(
        "january jan januar janvier janv enero ene jänner",
        "february feb februar février févr fevrier febrero",
        "march mar märz mrz maerz mars marzo",
        "april apr avril avr abril abr",
        "may mai mayo",
        "june jun juni juin junio",
        "july jul juli juillet juil julio",
        "august aug août aout agosto ago",
        "september sep sept septembre septiembre",
        "october oct oktober okt octobre octubre",
        "november nov novembre noviembre",
        "december dec dezember dez décembre déc decembre diciembre dic").GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a text has the form of a period; <see cref="Period.IsPossible"/> tells whether the calendar has it.</summary>
    /// <param name="text">The text; case, width and surrounding white space do not matter.</param>
    /// <param name="period">The period.</param>
    /// <param name="monthFirst">Whether <c>6/5/2023</c> is the fifth of June; it is the sixth of May otherwise.</param>
    /// <param name="spans">Whether <c>2009-10</c> is a year that spans two, as the other periods beside it tell; null to go by the sign: 2009/10 does, 2009-10 is a month.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out Period period, bool monthFirst = false, bool? spans = null) =>
        TryParse(text, out period, out _, monthFirst, spans);

    /// <summary>Whether a text has the form of a period, and the flag or footnote mark behind it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="period">The period.</param>
    /// <param name="flag">The flag as it stands there, such as <c>(r)</c>, <c>p</c> or <c>³</c>; empty when there is none.</param>
    /// <param name="monthFirst">Whether <c>6/5/2023</c> is the fifth of June.</param>
    /// <param name="spans">Whether <c>2009-10</c> is a year that spans two.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out Period period, out ReadOnlySpan<char> flag, bool monthFirst = false, bool? spans = null)
    {
        period = default;
        text = WithoutMark(WithoutZone(text.Trim()), out flag);
        if (text.Length is < 4 or > MaxLength)
            return false;
        if (OfEra(text) is { } common)
            return TryParse(common, out period, monthFirst, spans);
        // Y2018, YR2018
        if (text[0] is 'Y' && text.Length <= 6 && text[(text[1] == 'R' ? 2 : 1)..] is { Length: 4 } year && year.IndexOfAnyExceptInRange('0', '9') < 0)
            text = year;
        // 2020.0: a year that a program has kept as a number
        if (text.Length is 6 or 7 && text[4] == '.' && text[5..].IndexOfAnyExcept('0') < 0)
            text = text[..4];
        Span<Token> tokens = stackalloc Token[MaxTokens];
        var count = Scan(text, tokens, out var read);
        if (count > 0 && read == text.Length && Match(tokens[..count], monthFirst, spans, out period))
            return true;
        return TryPhrase(text, monthFirst, out period) || TryExplained(text, monthFirst, spans, out period);
    }

    // Years count from the one after.
    private static readonly (string Era, int Before)[] Eras = [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911), ("明治", 1867), ("中華民國", 1911), ("民國", 1911), ("民国", 1911)];

    /// <summary>A year of an era in the common one: <c>令和5年</c>, <c>平成元年3月</c> and <c>民國112年</c> are 2023年, 1989年3月 and 2023年; null where no era is named.</summary>
    private static string? OfEra(ReadOnlySpan<char> text)
    {
        foreach (var (era, before) in Eras)
        {
            if (!text.StartsWith(era) || text.IndexOf('年') is not (> 0 and var end))
                continue;
            var number = text[era.Length..end].Trim();
            if (number is "元")
                number = "1";
            return number.Length is 1 or 2 or 3 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year > 0
                ? string.Create(CultureInfo.InvariantCulture, $"{before + year}{text[end..]}") : null;
        }
        return null;
    }

    /// <summary>Whether the periods of a column or a header span two years: <c>2009-10, 2010-11</c> do, <c>2009-10, 2009-11</c> do not; null when they do not tell.</summary>
    public static bool? Spans(IEnumerable<string> texts)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var year = text.AsSpan().Trim();
            if (year.Length is not (6 or 7) || year[4] is not ('-' or '/' or '–') || !int.TryParse(year[..4], out var first) || !int.TryParse(year[5..], out var second))
                continue;
            if (!Follows(first, second) || year.Length == 6)
                return false;
            seen.Add(text);
        }
        return seen.Count > 1 ? true : null;
    }

    /// <summary>What a date of digits with the year last says of the order of day and month: <c>14/04/2023</c> tells, <c>03/04/2023</c> does not.</summary>
    public static DayOrder OrderOf(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        Span<Range> parts = stackalloc Range[4];
        var sign = text.IndexOfAny("/-.");
        if (sign is not (1 or 2) || text.Split(parts, text[sign]) != 3 || text[parts[2]].Length != 4 || text[parts[1]].Length > 2 || !int.TryParse(text[parts[0]], NumberStyles.None, CultureInfo.InvariantCulture, out var a)
            || !int.TryParse(text[parts[1]], NumberStyles.None, CultureInfo.InvariantCulture, out var b) || !int.TryParse(text[parts[2]], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return DayOrder.None;
        // nobody writes the month before a point
        return b > 12 ? DayOrder.MonthFirst : a > 12 || text[sign] == '.' ? DayOrder.DayFirst : a == b ? DayOrder.None : DayOrder.Either;
    }

    /// <summary>What the dates of a column or a header say of their order: the one that some of them tell, <see cref="DayOrder.Either"/> where none does.</summary>
    public static DayOrder OrderOf(IEnumerable<string> texts)
    {
        var known = DayOrder.None;
        foreach (var text in texts)
            if (OrderOf(text.AsSpan()) is var order && order > known)
                known = order;
        return known;
    }

    /// <summary>Whether a text is a date with a time of day: <c>2020-01-01T12:00:00Z</c>.</summary>
    public static bool IsInstant(string text) => text.Length >= 16 && text[10] is 'T' or 't' or ' ' && text[13] == ':' && TryParse(text.AsSpan(0, 10), out var day) && day.Freq == "D";

    /// <summary>Whether instants of a column have different times of day, so that none of them is its whole day.</summary>
    public static bool AreWithinDays(IEnumerable<string> texts) => texts.Where(IsInstant).Select(text => text[11..]).Distinct().Skip(1).Any();

    /// <summary>Cuts the zone and the fractions of a second off an instant: <c>2020-01-01T00:00:00.000Z</c>. The day is the one that is written.</summary>
    private static ReadOnlySpan<char> WithoutZone(ReadOnlySpan<char> text)
    {
        if (text.Length < 16 || text[10] is not ('T' or 't' or ' ') || text[13] != ':')
            return text;
        var rest = text[^1] is 'Z' or 'z' ? text[..^1].TrimEnd() : text;
        if (rest.Length > 21 && rest[^6] is '+' or '-' && rest[^3] == ':')
            rest = rest[..^6];
        var point = rest.IndexOfAny(".,");
        return point == 19 && rest[20..].IndexOfAnyExcept('0') < 0 ? rest[..19] : rest;
    }

    /// <summary>Cuts off a flag or footnote mark: <c>2014 Oct (r)</c>, <c>2014*</c>, <c>2014Q1p</c>, <c>2010³</c>, <c>2014 estimate</c>, <c>2023年快报</c>.</summary>
    private static ReadOnlySpan<char> WithoutMark(ReadOnlySpan<char> text, out ReadOnlySpan<char> flag)
    {
        var rest = text.TrimEnd("*†‡¹²³⁴⁵⁶⁷⁸⁹⁰ ");
        if (rest.Length >= 5 && char.ToLowerInvariant(rest[^1]) is 'r' or 'p' or 'e' or 'f' && (char.IsAsciiDigit(rest[^2]) || (rest[^2] == ' ' && rest[..^1].TrimEnd().Length > 3)))
        {
            rest = rest[..^1].TrimEnd();
        }
        else if (rest.Length > 4 && rest[^1] is ')' or ']' or '）')
        {
            var open = rest.LastIndexOfAny("([（");
            if (open > 0 && rest[..open].ContainsAnyInRange('0', '9') && (rest.Length - open <= 4 || IsCodeOf(rest[(open + 1)..^1], rest[..open]) || Statuses.OfFlag(rest[open..]) is not null) && (open > 3 || rest[open - 1] is '月' or '年'))
                rest = rest[..open].TrimEnd();
        }
        else if (rest.LastIndexOfAny(" 年月度") is > 3 and var end && end + 2 < rest.Length && rest[..end].ContainsAnyInRange('0', '9') && Statuses.OfFlag(rest[(end + 1)..]) is not null)
        {
            rest = rest[..(end + 1)].TrimEnd();
        }
        flag = text[rest.Length..].Trim();
        return rest;
    }

    /// <summary>Whether what stands in brackets behind a year is its code: <c>2018 [YR2018]</c>.</summary>
    private static bool IsCodeOf(ReadOnlySpan<char> inside, ReadOnlySpan<char> year) => inside.StartsWith("YR") && inside[2..].SequenceEqual(year.TrimEnd());

    /// <summary>The month, 1 to 12, that a text names (<c>6</c>, <c>06</c>, <c>6.0</c>, <c>6月</c>, <c>June</c>, <c>M06</c>); 0 when it names none.</summary>
    public static int Month(ReadOnlySpan<char> text) => Part(text, 'm', 'M', 12);

    /// <summary>The quarter, 1 to 4, that a text names (<c>2</c>, <c>Q2</c>, <c>二季度</c>); 0 when it names none.</summary>
    public static int Quarter(ReadOnlySpan<char> text) => Part(text, 'q', 'Q', 4);

    /// <summary>A year's month.</summary>
    public static Period OfMonth(int year, int month) =>
        month is >= 1 and <= 12 ? new Period(string.Create(CultureInfo.InvariantCulture, $"{year:D4}-{month:D2}"), "M") : Impossible;

    /// <summary>A year's quarter.</summary>
    public static Period OfQuarter(int year, int quarter) =>
        quarter is >= 1 and <= 4 ? new Period(string.Create(CultureInfo.InvariantCulture, $"{year:D4}-Q{quarter}"), "Q") : Impossible;

    /// <summary>A year.</summary>
    public static Period OfYear(int year) => Year(year);

    /// <summary>A year's half.</summary>
    public static Period OfHalf(int year, int half) => Half(year, half);

    /// <summary>A range of a year's months.</summary>
    public static Period OfMonths(int year, int from, int to) => Range(year, from, year, to);

    /// <summary>A year's ISO 8601 week.</summary>
    public static Period OfWeek(int year, int week) => Week(year, week);

    /// <summary>A range of a year's ISO 8601 weeks.</summary>
    public static Period OfWeeks(int year, int from, int to) => Weeks(year, from, to);

    /// <summary>A day.</summary>
    public static Period OfDay(int year, int month, int day) => Day(year, month, day);

    private static Period Impossible => new("", "");

    private static int Part(ReadOnlySpan<char> text, char letter, char unit, int last)
    {
        Span<Token> tokens = stackalloc Token[MaxTokens];
        var trimmed = text.Trim();
        var count = Scan(trimmed, tokens, out var read);
        if (read < trimmed.Length)
            return 0;
        var value = 0;
        if (count == 1 && tokens[0].Shape == '2')
            value = tokens[0].Value;
        else if (count == 1 && tokens[0].Shape == 'b' && last == 12)
            value = tokens[0].Value;
        else if (count == 3 && tokens is [{ Shape: '2' }, { Shape: '.' }, { Shape: '2', Value: 0 }, ..])
            value = tokens[0].Value;
        else if (count == 2 && tokens[0].Shape == '2' && tokens[1].Shape == unit)
            value = tokens[0].Value;
        else if (count == 2 && tokens[0].Shape == letter && tokens[1].Shape == '2')
            value = tokens[1].Value;
        return value >= 1 && value <= last ? value : 0;
    }

    /// <summary>
    /// A token. Shape: <c>4</c> a year of four digits, <c>6</c> and <c>8</c> numbers of so many digits, <c>2</c> one of one or two digits, <c>r</c> a Roman one;
    /// <c>b</c> a month's name; <c>q m h w t f</c> letters; <c>Y M D Q K</c> the signs 年 月 日 季度 周; <c>H</c> a half named whole; <c>N</c> 前; <c>E</c> 末;
    /// <c>C</c> 累计; <c>I</c> 当月; <c>- / . :</c>. End: where it ends in the text.
    /// </summary>
    private readonly record struct Token(char Shape, int Value, int Digits, int End = 0);

    /// <summary>Reads tokens up to the first that is none of a period's, or that there is no room for.</summary>
    /// <param name="text">The text, of at most <see cref="MaxLength"/> characters.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="read">How much of the text they and the white space behind them take.</param>
    private static int Scan(ReadOnlySpan<char> text, Span<Token> tokens, out int read)
    {
        var count = 0;
        read = 0;
        for (var i = 0; i < text.Length; read = i)
        {
            var c = Fold(text[i]);
            var token = default(Token);
            if (char.IsAsciiDigit(c))
            {
                int value = 0, start = i;
                for (; i < text.Length && char.IsAsciiDigit(Fold(text[i])) && i - start < 9; i++)
                    value = (value * 10) + (Fold(text[i]) - '0');
                token = OfDigits(value, i - start);
            }
            else if (ChineseDigit(c) >= 0)
            {
                token = OfChinese(text, ref i);
            }
            else if (IsLatin(c))
            {
                var start = i;
                while (i < text.Length && i - start < MaxLength && IsLatin(Fold(text[i])))
                    i++;
                if (!OfWord(text[start..i], out token))
                    break;
                if (token.Shape == 'b' && i - start <= 4 && i < text.Length && text[i] == '.')
                    i++;
            }
            else if (!OfSign(text, ref i, out token))
            {
                break;
            }
            if (token.Shape == ' ')
                continue;
            if (token.Shape == 0 || count == tokens.Length)
                break;
            tokens[count++] = token with { End = i };
        }
        return count;
    }

    private static bool IsLatin(char c) => char.IsAsciiLetter(c) || (c is >= 'À' and <= 'ɏ' && char.IsLetter(c));

    private static Token OfDigits(int value, int digits) => digits switch
    {
        4 when value is >= FirstYear and <= LastYear => new Token('4', value, 4),
        6 => new Token('6', value, 6),
        8 => new Token('8', value, 8),
        1 or 2 => new Token('2', value, digits),
        _ => default,
    };

    private static Token OfChinese(ReadOnlySpan<char> text, ref int i)
    {
        int value = 0, digits = 0;
        for (; i < text.Length && ChineseDigit(text[i]) is var digit and >= 0 && digits < 4; i++, digits++)
        {
            if (digit == 10)
                value = value == 0 ? 10 : value * 10;
            else
                value = digits > 0 && value % 10 == 0 && value is >= 10 and < 100 && ChineseDigit(text[i - 1]) == 10 ? value + digit : (value * 10) + digit;
        }
        return OfDigits(value, digits == 4 ? 4 : Math.Min(digits, 2));
    }

    private static bool OfWord(ReadOnlySpan<char> word, out Token token)
    {
        Span<char> lower = stackalloc char[MaxLength];
        for (var i = 0; i < word.Length; i++)
            lower[i] = char.ToLowerInvariant(Fold(word[i]));
        ReadOnlySpan<char> name = lower[..word.Length];
        token = name switch
        {
            "q" or "qtr" or "quarter" or "qrt" or "quartal" or "trimestre" => new Token('q', 0, 0),
            "m" => new Token('m', 0, 0),
            "h" or "s" or "half" => new Token('h', 0, 0),
            "w" or "wk" or "wks" or "week" or "weeks" => new Token('w', 0, 0),
            "to" or "through" or "bis" => new Token('-', 0, 0),
            "first" => new Token('2', 1, 1),
            "second" => new Token('2', 2, 1),
            "third" => new Token('2', 3, 1),
            "fourth" => new Token('2', 4, 1),
            "i" => new Token('r', 1, 0),
            "ii" => new Token('r', 2, 0),
            "iii" => new Token('r', 3, 0),
            "iv" => new Token('r', 4, 0),
            "ytd" or "cumulative" => new Token('C', 0, 0),
            "t" => new Token('t', 0, 0),
            "fy" => new Token('f', 0, 0),
            "year" or "of" or "st" or "nd" or "rd" or "th" => new Token(' ', 0, 0),
            _ => default,
        };
        if (token.Shape == 0 && MonthNames.TryGetValue(name, out var month))
            token = new Token('b', month, 0);
        return token.Shape != 0;
    }

    private static bool OfSign(ReadOnlySpan<char> text, ref int i, out Token token)
    {
        var rest = text[i..];
        token = default;
        foreach (var (sign, shape, value) in Signs)
        {
            if (!rest.StartsWith(sign))
                continue;
            i += sign.Length;
            token = new Token(shape, value, 0);
            return true;
        }
        var c = Fold(rest[0]);
        var mark = c switch
        {
            '-' or '–' or '—' or '―' or '‒' or '−' or '~' or '～' or '〜' or '至' or '到' => '-',
            '/' => '/',
            '.' => '.',
            ':' => ':',
            ',' or '，' or '第' or '\'' or '’' => ' ',
            _ => char.IsWhiteSpace(c) ? ' ' : default,
        };
        i++;
        token = new Token(mark, 0, 0);
        return mark != default;
    }

    private static Dictionary<string, int> NamesOfMonths(params string[] months) =>
        months.SelectMany((names, i) => names.Split(' ').Select(name => (Name: name, Month: i + 1))).ToDictionary(m => m.Name, m => m.Month, StringComparer.Ordinal);

    private static readonly (string Sign, char Shape, int Value)[] Signs =
    [
        ("年度", 'Y', 0), ("年上半年", 'H', 1), ("年下半年", 'H', 2), ("上半年", 'H', 1), ("下半年", 'H', 2), ("年前", 'N', 0), ("年全年", 'Y', 0), ("年末", 'Y', 0),
        ("年底", 'Y', 0), ("年", 'Y', 0), ("月份", 'M', 0), ("月末", 'M', 0), ("月底", 'M', 0), ("月", 'M', 0), ("日", 'D', 0), ("号", 'D', 0), ("季度末", 'Q', 0),
        ("季度", 'Q', 0), ("季", 'Q', 0), ("截至", ' ', 0), ("截止", ' ', 0), ("——", '-', 0), ("--", '-', 0),
        ("년", 'Y', 0), ("월", 'M', 0), ("분기", 'Q', 0), ("周", 'K', 0), ("週", 'K', 0), ("號", 'D', 0), ("前", 'N', 0), ("本月止累计", 'C', 0), ("本月累计", 'C', 0), ("本年累计", 'C', 0), ("本期累计", 'C', 0), ("自年初累计", 'C', 0), ("年初累计", 'C', 0),
        ("累计值", 'C', 0), ("累计数", 'C', 0), ("累计", 'C', 0), ("累計", 'C', 0), ("年初至今", 'C', 0), ("当月值", 'I', TheMonth), ("当月数", 'I', TheMonth), ("当月", 'I', TheMonth), ("當月", 'I', TheMonth),
        ("本月值", 'I', TheMonth), ("本月数", 'I', TheMonth), ("本月", 'I', TheMonth), ("当季", 'I', 0), ("期末", 'E', 0), ("末", 'E', 0), ("底", 'E', 0), ("财年", 'Y', 0), ("財年", 'Y', 0), ("学年", 'Y', 0), ("學年", 'Y', 0),
    ];

    /// <summary>The value of signs that name the month itself, the last where several stand beside them.</summary>
    private const int TheMonth = 1;

    private static int ChineseDigit(char c) => c == '零' ? 0 : "〇一二三四五六七八九十".IndexOf(c, StringComparison.Ordinal);

    private static char Fold(char c) => c is >= '！' and <= '～' ? (char)(c - 0xFEE0) : c == '　' ? ' ' : c;

    private static bool Match(ReadOnlySpan<Token> t, bool monthFirst, bool? spans, out Period period)
    {
        Span<char> buffer = stackalloc char[MaxTokens];
        for (var i = 0; i < t.Length; i++)
            buffer[i] = t[i].Shape;
        ReadOnlySpan<char> shape = buffer[..t.Length];
        Period? found = shape switch
        {
            "4" or "4Y" or "f4" or "4f" => Year(t[^1].Shape == '4' ? t[^1].Value : t[0].Value),
            "f2" when t[1].Digits == 2 => Year(Century(t[1].Value)),
            "f2/2" or "f2-2" when t[1].Digits == 2 && t[3].Digits == 2 && Follows(t[1].Value, t[3].Value) => Years(Century(t[1].Value), Century(t[1].Value) + 1),
            "6" => Packed(t[0].Value / 100, t[0].Value % 100, 0),
            "8" => Packed(t[0].Value / 10000, t[0].Value / 100 % 100, t[0].Value % 100),
            "4-2" => t[2].Digits == 2 && (spans ?? t[2].Value > 12) && Follows(t[0].Value, t[2].Value) ? Years(t[0].Value, t[0].Value + 1) : OfMonth(t[0].Value, t[2].Value),
            "4/2" or "f4/2" => Slashed(t[^3].Value, t[^1], spans),
            "f4-2" => Slashed(t[1].Value, t[3], spans),
            "4.2" when t[2].Digits == 2 => t[2].Value is >= 1 and <= 12 ? OfMonth(t[0].Value, t[2].Value) : null,
            "4/4" or "4-4" or "4Y-4Y" or "4-4Y" => Years(t[0].Value, t[^1].Shape == '4' ? t[^1].Value : t[^2].Value),
            "4Y2M" => OfMonth(t[0].Value, t[2].Value),
            "4-2M" or "4m2" or "42M" => OfMonth(t[0].Value, t[shape[^1] == 'M' ? shape.Length - 2 : 2].Value),
            "4-m2" => OfMonth(t[0].Value, t[3].Value),
            "4q2" => OfQuarter(t[0].Value, t[2].Value),
            "4-q2" => OfQuarter(t[0].Value, t[3].Value),
            "q24" => OfQuarter(t[2].Value, t[1].Value),
            "q2-4" or "q2/4" => OfQuarter(t[3].Value, t[1].Value),
            "4Y2Q" => OfQuarter(t[0].Value, t[2].Value),
            "42Q" => OfQuarter(t[0].Value, t[1].Value),
            "4N2Q" => t[2].Value is >= 2 and <= 4 ? Range(t[0].Value, 1, t[0].Value, t[2].Value * 3) : Impossible,
            "4YH" or "4H" => Half(t[0].Value, t[^1].Value),
            // the trimesters of French and Spanish
            "4t2" or "4-t2" when t[^1].Digits == 1 => OfQuarter(t[0].Value, t[^1].Value),
            "t24" or "t2-4" when t[1].Digits == 1 => OfQuarter(t[^1].Value, t[1].Value),
            "4h2" => Half(t[0].Value, t[2].Value),
            "4-h2" => Half(t[0].Value, t[3].Value),
            "h24" => Half(t[2].Value, t[1].Value),
            "h2-4" => Half(t[3].Value, t[1].Value),
            "4w2" => Week(t[0].Value, t[2].Value),
            "4-w2" => Week(t[0].Value, t[3].Value),
            "w24" => Week(t[2].Value, t[1].Value),
            "4Y2K" => Week(t[0].Value, t[2].Value),
            "b4" => OfMonth(t[1].Value, t[0].Value),
            "b-4" or "b/4" or "b.4" => OfMonth(t[2].Value, t[0].Value),
            "4b" => OfMonth(t[0].Value, t[1].Value),
            "4-b" => OfMonth(t[0].Value, t[2].Value),
            "b2" when t[1].Digits == 2 => OfMonth(Century(t[1].Value), t[0].Value),
            "b-2" when t[2].Digits == 2 => OfMonth(Century(t[2].Value), t[0].Value),
            "2b4" => Day(t[2].Value, t[1].Value, t[0].Value),
            "2-b-4" => Day(t[4].Value, t[2].Value, t[0].Value),
            "2b2" when t[2].Digits == 2 => Day(Century(t[2].Value), t[1].Value, t[0].Value),
            "2q4" or "2Q4" or "rq4" or "rQ4" => OfQuarter(t[2].Value, t[0].Value),
            "qr4" => OfQuarter(t[2].Value, t[1].Value),
            "4YrQ" or "4Y2q" => OfQuarter(t[0].Value, t[2].Value),
            "2q2" when t[2].Digits == 2 => OfQuarter(Century(t[2].Value), t[0].Value),
            "q22" when t[2].Digits == 2 => OfQuarter(Century(t[2].Value), t[1].Value),
            "q2-2" or "q2/2" when t[3].Digits == 2 => OfQuarter(Century(t[3].Value), t[1].Value),
            "42q" => OfQuarter(t[0].Value, t[1].Value),
            "2h4" or "H4" => Half(t[^1].Value, t[0].Value),
            "42h" => Half(t[0].Value, t[1].Value),
            "2h2" when t[2].Digits == 2 => Half(Century(t[2].Value), t[0].Value),
            "2K4" => Week(t[2].Value, t[0].Value),
            "w2-4" or "w2/4" => Week(t[3].Value, t[1].Value),
            "w2-24" => Weeks(t[4].Value, t[1].Value, t[3].Value),
            "4w2-2" or "4Y2-2K" => Weeks(t[0].Value, t[2].Value, t[4].Value),
            "4-w2/4-w2" when t[0].Value == t[5].Value => Weeks(t[0].Value, t[3].Value, t[8].Value),
            "2/4" or "2-4" when t[0].Digits == 2 && t[0].Value is >= 1 and <= 12 => OfMonth(t[2].Value, t[0].Value),
            "2M4" => OfMonth(t[2].Value, t[0].Value),
            "2-b-2" when t[4].Digits == 2 => Day(Century(t[4].Value), t[2].Value, t[0].Value),
            "b24" => Day(t[2].Value, t[0].Value, t[1].Value),
            "b-b4" => Range(t[3].Value, t[0].Value, t[3].Value, t[2].Value),
            "4b-b" => Range(t[0].Value, t[1].Value, t[0].Value, t[3].Value),
            "b4-b4" => Range(t[1].Value, t[0].Value, t[4].Value, t[3].Value),
            "4b-4b" => Range(t[0].Value, t[1].Value, t[3].Value, t[4].Value),
            "b-b2" when t[3].Digits == 2 => Range(Century(t[3].Value), t[0].Value, Century(t[3].Value), t[2].Value),
            "b2-b2" when t[1].Digits == 2 && t[4].Digits == 2 => Range(Century(t[1].Value), t[0].Value, Century(t[4].Value), t[3].Value),
            "4Y2-2Q" => Quarters(t[0].Value, t[2].Value, t[4].Value),
            "4q2-2" => Quarters(t[0].Value, t[2].Value, t[4].Value),
            "4q2-q2" => Quarters(t[0].Value, t[2].Value, t[5].Value),
            "q2-q24" => Quarters(t[5].Value, t[1].Value, t[4].Value),
            "q24-q24" => Range(t[2].Value, (t[1].Value * 3) - 2, t[6].Value, t[5].Value * 3),
            "4q2-4q2" => Range(t[0].Value, (t[2].Value * 3) - 2, t[4].Value, t[6].Value * 3),
            "4-2-2/4-2-2" => Days(Day(t[0].Value, t[2].Value, t[4].Value), Day(t[6].Value, t[8].Value, t[10].Value)),
            "2b4-2b4" => Days(Day(t[2].Value, t[1].Value, t[0].Value), Day(t[6].Value, t[5].Value, t[4].Value)),
            "2b-2b4" => Days(Day(t[5].Value, t[1].Value, t[0].Value), Day(t[5].Value, t[4].Value, t[3].Value)),
            "2-2b4" => Days(Day(t[4].Value, t[3].Value, t[0].Value), Day(t[4].Value, t[3].Value, t[2].Value)),
            "4Y2M2D-4Y2M2D" => Days(Day(t[0].Value, t[2].Value, t[4].Value), Day(t[7].Value, t[9].Value, t[11].Value)),
            "4Y2M2D-2M2D" => Days(Day(t[0].Value, t[2].Value, t[4].Value), Day(t[0].Value, t[7].Value, t[9].Value)),
            "4Y2M2-2D" or "4Y2M2D-2D" => Days(Day(t[0].Value, t[2].Value, t[4].Value), Day(t[0].Value, t[2].Value, t[^2].Value)),
            "4Y2MC" => Range(t[0].Value, 1, t[0].Value, t[2].Value),
            "4Y2-2MC" => Range(t[0].Value, t[2].Value, t[0].Value, t[4].Value),
            "4Y2-2M" => Range(t[0].Value, t[2].Value, t[0].Value, t[4].Value),
            "4Y2M-2M" => Range(t[0].Value, t[2].Value, t[0].Value, t[5].Value),
            "4Y2M-4Y2M" => Range(t[0].Value, t[2].Value, t[5].Value, t[7].Value),
            "4-2/4-2" => Range(t[0].Value, t[2].Value, t[4].Value, t[6].Value),
            "4-2-4-2" => Range(t[0].Value, t[2].Value, t[4].Value, t[6].Value),
            "4Y2M2D" => Day(t[0].Value, t[2].Value, t[4].Value),
            "4-2-2" or "4/2/2" or "4.2.2" => Day(t[0].Value, t[2].Value, t[4].Value),
            "4-2-2t2:2:2" or "4-2-22:2:2" or "4/2/22:2:2" or "4/2/22:2" or "4-2-22:2" or "4-2-2t2:2" => IsOfDay(t[5..]) ? Day(t[0].Value, t[2].Value, t[4].Value) : null,
            "2/2/4" => monthFirst ? Day(t[4].Value, t[0].Value, t[2].Value) : Day(t[4].Value, t[2].Value, t[0].Value),
            "2-2-4" or "2.2.4" => monthFirst ? Day(t[4].Value, t[0].Value, t[2].Value) : Day(t[4].Value, t[2].Value, t[0].Value),
            _ => null,
        };
        period = found ?? default;
        return found is not null;
    }

    /// <summary>Whether a time of day stands for the day: midnight, and noon, which some programs write so that no zone makes another day of it.</summary>
    private static bool IsOfDay(ReadOnlySpan<Token> time)
    {
        var hour = time[0].Shape == 't' ? 1 : 0;
        for (var i = 0; i < time.Length; i++)
            if (time[i].Value != 0 && (i != hour || time[i].Value != 12))
                return false;
        return true;
    }

    private static int Century(int year) => year < 50 ? 2000 + year : 1900 + year;

    private static bool Follows(int year, int next) => (year + 1) % 100 == next;

    private static Period Year(int year) => new(year.ToString("D4", CultureInfo.InvariantCulture), "A");

    /// <summary>2014/15 is a year that spans two; 2023/6 is a month.</summary>
    private static Period? Slashed(int year, Token second, bool? spans) =>
        second.Digits == 2 && (spans ?? true) && Follows(year, second.Value) ? Years(year, year + 1) : OfMonth(year, second.Value);

    private static Period? Packed(int year, int month, int day) =>
        year is < 1800 or > 2100 || month is < 1 or > 12 ? null : day == 0 ? OfMonth(year, month) : day > 31 ? null : Day(year, month, day);

    private static Period Years(int from, int to) =>
        to > from ? new Period(string.Create(CultureInfo.InvariantCulture, $"{from:D4}/{to:D4}"), "_O") : to == from ? Year(from) : Impossible;

    private static Period Half(int year, int half) =>
        half is 1 or 2 ? new Period(string.Create(CultureInfo.InvariantCulture, $"{year:D4}-S{half}"), "S") : Impossible;

    private static Period Week(int year, int week) => week >= 1 && week <= ISOWeek.GetWeeksInYear(year)
        ? new Period(string.Create(CultureInfo.InvariantCulture, $"{year:D4}-W{week:D2}"), "W")
        : Impossible;

    private static Period Weeks(int year, int from, int to)
    {
        var (first, last) = (Week(year, from), Week(year, to));
        return !first.IsPossible || !last.IsPossible || to < from ? Impossible : to == from ? first : new Period(first.Id + "/" + last.Id, "_O");
    }

    private static Period Quarters(int year, int from, int to) =>
        from is < 1 or > 4 || to is < 1 or > 4 || to < from ? Impossible : from == to ? OfQuarter(year, from) : Range(year, (from * 3) - 2, year, to * 3);

    /// <summary>From a day to a day: a week, month, year or months where they are whole.</summary>
    private static Period Days(Period from, Period to)
    {
        if (!from.IsPossible || !to.IsPossible || string.CompareOrdinal(from.Id, to.Id) > 0)
            return Impossible;
        var (first, last) = (DateOf(from), DateOf(to));
        if (first.Day == 1 && last.AddDays(1).Day == 1)
            return first.Month == 1 && last.Month == 12 && first.Year == last.Year ? Year(first.Year) : Range(first.Year, first.Month, last.Year, last.Month);
        if (first.DayOfWeek == DayOfWeek.Monday && last == first.AddDays(6))
            return IsoWeekOf(from)!.Value;
        return first == last ? from : new Period(from.Id + "/" + to.Id, "_O");
    }

    private static DateTime DateOf(Period day) => DateTime.ParseExact(day.Id, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Period Day(int year, int month, int day) => month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
        ? new Period(string.Create(CultureInfo.InvariantCulture, $"{year:D4}-{month:D2}-{day:D2}"), "D")
        : Impossible;

    private static Period Range(int fromYear, int from, int toYear, int to)
    {
        if (from is < 1 or > 12 || to is < 1 or > 12 || toYear < fromYear || (toYear == fromYear && to < from))
            return Impossible;
        return fromYear == toYear && from == to
            ? OfMonth(fromYear, from)
            : new Period(string.Create(CultureInfo.InvariantCulture, $"{fromYear:D4}-{from:D2}/{toYear:D4}-{to:D2}"), "_O");
    }
}
