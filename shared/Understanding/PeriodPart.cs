using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>The unit that bare numbers under a corner such as <c>Week number</c> or <c>月份</c> count.</summary>
internal enum PeriodUnit
{
    Month,
    Quarter,
    Week,
}

/// <summary>What a <see cref="PeriodPart"/> names.</summary>
internal enum PeriodPartKind
{
    Year,
    Half,
    Quarter,
    Month,
    Months,
    Week,
    Weeks,

    /// <summary>A day of a month: From is the month, To the day.</summary>
    Day,

    /// <summary>A period that spans years or days, by itself.</summary>
    Span,

    /// <summary>From the year's start up to the period beside it.</summary>
    Cumulative,

    /// <summary>The period beside it itself (当月, 末).</summary>
    Same,
}

/// <summary>
/// What a cell of a header or a stub says of a period, possibly without the year: <c>2014</c>, <c>Q1</c>, <c>1-2月</c>, <c>Week 12</c>, <c>30 Dec</c>, <c>累计</c>.
/// </summary>
internal readonly record struct PeriodPart
{
    private readonly Period? span;

    private PeriodPart(PeriodPartKind kind, int? year, int from, int to, bool isCumulative = false, Period? span = null) =>
        (Kind, Year, From, To, IsCumulative, this.span) = (kind, year, from, to, isCumulative, span);

    /// <summary>A part without its year.</summary>
    public static PeriodPart Of(PeriodPartKind kind, int from = 0, int to = 0) => new(kind, null, from, to);

    /// <summary>A whole period as a part.</summary>
    public static PeriodPart Of(Period period)
    {
        var id = period.Id.AsSpan();
        var year = Number(id[..4]);
        return period.Freq switch
        {
            "A" => new(PeriodPartKind.Year, year, 0, 0),
            "S" => new(PeriodPartKind.Half, year, Number(id[6..]), 0),
            "Q" => new(PeriodPartKind.Quarter, year, Number(id[6..]), 0),
            "M" => new(PeriodPartKind.Month, year, Number(id[5..]), 0),
            "W" => new(PeriodPartKind.Week, year, Number(id[6..]), 0),
            "D" => new(PeriodPartKind.Day, year, Number(id[5..7]), Number(id[8..])),
            _ when id.Length == 15 && id[8..12].SequenceEqual(id[..4]) => new(PeriodPartKind.Months, year, Number(id[5..7]), Number(id[13..])),
            _ when id.Length == 17 && id[5] == 'W' && id[9..13].SequenceEqual(id[..4]) => new(PeriodPartKind.Weeks, year, Number(id[6..8]), Number(id[15..])),
            _ => new(PeriodPartKind.Span, null, 0, 0, false, period),
        };
    }

    /// <summary>What is named.</summary>
    public PeriodPartKind Kind { get; }

    /// <summary>The year; null when it is not said, or when there are several.</summary>
    public int? Year { get; }

    /// <summary>The half, quarter, month or week; the first of several.</summary>
    public int From { get; }

    /// <summary>The last month or week of several; a day's day.</summary>
    public int To { get; }

    /// <summary>Whether it runs from the year's start (累计, year to date).</summary>
    public bool IsCumulative { get; private init; }

    /// <summary>Whether it names a year and nothing else.</summary>
    public bool IsYear => Kind == PeriodPartKind.Year;

    /// <summary>Whether it is a period by itself.</summary>
    public bool IsComplete => Period is not null;

    /// <summary>The period when it is complete by itself.</summary>
    public Period? Period => span ?? (Year is not { } year ? null : Kind switch
    {
        PeriodPartKind.Year => IsCumulative ? null : Periods.OfYear(year),
        PeriodPartKind.Half => Periods.OfHalf(year, From),
        PeriodPartKind.Quarter => Periods.OfQuarter(year, From),
        PeriodPartKind.Month => Periods.OfMonth(year, From),
        PeriodPartKind.Months => Periods.OfMonths(year, From, To),
        PeriodPartKind.Week => Periods.OfWeek(year, From),
        PeriodPartKind.Weeks => Periods.OfWeeks(year, From, To),
        PeriodPartKind.Day => Periods.OfDay(year, From, To),
        _ => null,
    });

    /// <summary>This part within what stands over or beside it: a month within a year, 累计 within a month; null when the two do not fit.</summary>
    /// <param name="outer">The other part; which of the two is the year does not matter.</param>
    public PeriodPart? Within(PeriodPart outer)
    {
        if (Kind == PeriodPartKind.Span || outer.Kind == PeriodPartKind.Span)
            return WithinSpan(outer);
        if (Year is not null && outer.Year is not null && Year != outer.Year)
            return null;
        // 本月 in a table of 1-6月 is June
        if (Kind == PeriodPartKind.Same)
            return From > 0 && outer is { Kind: PeriodPartKind.Months, From: 1 } ? new(PeriodPartKind.Month, outer.Year, outer.To, 0) : outer;
        if (Kind == PeriodPartKind.Cumulative)
            return outer.Cumulate();
        if (outer.Kind is PeriodPartKind.Same or PeriodPartKind.Cumulative || (IsYear && !outer.IsYear))
            return outer.Within(this);
        if (!outer.IsYear && !Fits(outer))
            return null;
        var part = new PeriodPart(Kind, Year ?? outer.Year, From, To);
        if (part.Period is { IsPossible: false })
            return null;
        return IsCumulative || outer.IsCumulative ? part.Cumulate() : part;
    }

    /// <summary>From the year's start to its end.</summary>
    private PeriodPart? Cumulate() => Kind switch
    {
        _ when LastMonth is 1 => new(PeriodPartKind.Month, Year, 1, 0),
        PeriodPartKind.Months when From > 1 => null,
        PeriodPartKind.Half or PeriodPartKind.Quarter or PeriodPartKind.Month or PeriodPartKind.Months => new(PeriodPartKind.Months, Year, 1, LastMonth),
        PeriodPartKind.Week or PeriodPartKind.Weeks => new(PeriodPartKind.Weeks, Year, 1, Math.Max(From, To)),
        PeriodPartKind.Year or PeriodPartKind.Cumulative => this with { IsCumulative = true },
        _ => null,
    };

    private PeriodPart? WithinSpan(PeriodPart outer)
    {
        if (Kind is PeriodPartKind.Same || outer.Kind is PeriodPartKind.Same)
            return Kind is PeriodPartKind.Same ? outer : this;
        if (span is not null && outer.span is not null)
            return span == outer.span ? this : null;
        // a year, or a month with its year, within 2014/2015
        var (whole, part) = span is { } own ? (own, outer) : (outer.span!.Value, this);
        return part.Year is { } year && year >= Number(whole.Id.AsSpan(0, 4)) && year <= Number(whole.Id.AsSpan(whole.Id.IndexOf('/', StringComparison.Ordinal) + 1, 4))
            ? part
            : null;
    }

    private int FirstMonth => Kind switch
    {
        PeriodPartKind.Year => 1,
        PeriodPartKind.Half => (From * 6) - 5,
        PeriodPartKind.Quarter => (From * 3) - 2,
        PeriodPartKind.Month or PeriodPartKind.Months or PeriodPartKind.Day => From,
        _ => 0,
    };

    private int LastMonth => Kind switch
    {
        PeriodPartKind.Year => 12,
        PeriodPartKind.Half => From * 6,
        PeriodPartKind.Quarter => From * 3,
        PeriodPartKind.Months => To,
        PeriodPartKind.Month or PeriodPartKind.Day => From,
        _ => 0,
    };

    private bool Fits(PeriodPart outer)
    {
        if (FirstMonth > 0 && outer.FirstMonth > 0)
            return FirstMonth >= outer.FirstMonth && LastMonth <= outer.LastMonth && (Kind != PeriodPartKind.Day || outer.Kind != Kind || To == outer.To);
        if (Kind is PeriodPartKind.Week && outer.Kind is PeriodPartKind.Week or PeriodPartKind.Weeks)
            return From >= outer.From && From <= Math.Max(outer.From, outer.To);
        // a week belongs to the month in which it has days
        return Kind is PeriodPartKind.Week && outer.LastMonth > 0 && (Year ?? outer.Year) is { } year && From >= 1 && From <= ISOWeek.GetWeeksInYear(year)
            && ISOWeek.ToDateTime(year, From, DayOfWeek.Monday) <= new DateTime(year, outer.LastMonth, DateTime.DaysInMonth(year, outer.LastMonth))
            && ISOWeek.ToDateTime(year, From, DayOfWeek.Sunday) >= new DateTime(year, outer.FirstMonth, 1);
    }

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}

/// <summary>Parts of periods: what a header or a stub says without the year.</summary>
internal static partial class Periods
{
    private static readonly Dictionary<string, PeriodUnit>.AlternateLookup<ReadOnlySpan<char>> UnitNames = new Dictionary<string, PeriodUnit>(StringComparer.OrdinalIgnoreCase)
    {
        ["month"] = PeriodUnit.Month,
        ["months"] = PeriodUnit.Month,
        ["month number"] = PeriodUnit.Month,
        ["month no"] = PeriodUnit.Month,
        ["month no."] = PeriodUnit.Month,
        ["月"] = PeriodUnit.Month,
        ["月份"] = PeriodUnit.Month,
        ["月度"] = PeriodUnit.Month,
        ["月别"] = PeriodUnit.Month,
        ["monat"] = PeriodUnit.Month,
        ["mois"] = PeriodUnit.Month,
        ["mes"] = PeriodUnit.Month,
        ["quarter"] = PeriodUnit.Quarter,
        ["quarters"] = PeriodUnit.Quarter,
        ["quarter number"] = PeriodUnit.Quarter,
        ["qtr"] = PeriodUnit.Quarter,
        ["季"] = PeriodUnit.Quarter,
        ["季度"] = PeriodUnit.Quarter,
        ["季别"] = PeriodUnit.Quarter,
        ["quartal"] = PeriodUnit.Quarter,
        ["trimestre"] = PeriodUnit.Quarter,
        ["week"] = PeriodUnit.Week,
        ["weeks"] = PeriodUnit.Week,
        ["week number"] = PeriodUnit.Week,
        ["week numbers"] = PeriodUnit.Week,
        ["week no"] = PeriodUnit.Week,
        ["week no."] = PeriodUnit.Week,
        ["wk"] = PeriodUnit.Week,
        ["iso week"] = PeriodUnit.Week,
        ["iso week number"] = PeriodUnit.Week,
        ["周"] = PeriodUnit.Week,
        ["周次"] = PeriodUnit.Week,
        ["周数"] = PeriodUnit.Week,
        ["週"] = PeriodUnit.Week,
        ["kalenderwoche"] = PeriodUnit.Week,
        ["semaine"] = PeriodUnit.Week,
        ["semana"] = PeriodUnit.Week,
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly string[] WeekEnds =
        ["week ending", "week ended", "week end", "week to", "w/e", "w.e.", "wk ending", "weekending", "week-ending", "ending date of week", "周末", "週末", "截止日", "周截止日期"];

    private static readonly string[] WeekStarts = ["week beginning", "week commencing", "week starting", "week start", "week of", "w/b", "w/c", "w.c.", "wk beginning", "week from", "周初", "周起始日期"];

    /// <summary>The unit that a corner cell names: <c>Week number</c>, <c>月份</c>, <c>Quarter</c>; null when it names none.</summary>
    public static PeriodUnit? UnitNamed(ReadOnlySpan<char> text)
    {
        text = text.Trim().TrimEnd(":：").TrimEnd("*†‡¹²³⁴⁵⁶⁷⁸⁹⁰ ");
        // Week number3: a footnote mark that has lost its raised form
        if (text.TrimEnd("0123456789") is var bare && bare.EndsWith("number", StringComparison.OrdinalIgnoreCase))
            text = bare;
        return UnitNames.TryGetValue(text, out var unit) ? unit : null;
    }

    /// <summary>Whether a text says that the dates under or beside it stand for weeks: <c>week ending</c>, <c>w/e</c>, <c>Week commencing</c>.</summary>
    public static bool IsWeekWord(ReadOnlySpan<char> text)
    {
        text = text.Trim().TrimEnd(":：").TrimEnd();
        if (text.EndsWith(" date", StringComparison.OrdinalIgnoreCase) || text.EndsWith(" on", StringComparison.OrdinalIgnoreCase))
            text = text[..text.LastIndexOf(' ')];
        return IsOneOf(text, WeekEnds) || IsOneOf(text, WeekStarts);
    }

    /// <summary>The ISO 8601 week of a day; null when the period is no day.</summary>
    /// <param name="day">The day.</param>
    /// <param name="ending">Whether the day ends (true) or begins (false) its seven days, which then belong to the week that most of them are in; null for the week of the day itself.</param>
    public static Period? IsoWeekOf(Period day, bool? ending = null)
    {
        if (day.Freq != "D" || !day.IsPossible)
            return null;
        var date = DateOf(day).AddDays(ending is true ? -3 : ending is false ? 3 : 0);
        return Week(ISOWeek.GetYear(date), ISOWeek.GetWeekOfYear(date));
    }

    /// <summary>Reads what a cell says of a period: a whole one, or a part without its year.</summary>
    /// <param name="text">The text.</param>
    /// <param name="part">The part.</param>
    public static bool TryPart(ReadOnlySpan<char> text, out PeriodPart part) => TryPart(text, null, out part);

    /// <summary>Reads what a cell says of a period where bare numbers count a unit that the table names.</summary>
    public static bool TryPart(ReadOnlySpan<char> text, PeriodUnit unit, out PeriodPart part) => TryPart(text, (PeriodUnit?)unit, out part);

    private static bool TryPart(ReadOnlySpan<char> text, PeriodUnit? unit, out PeriodPart part)
    {
        part = default;
        text = text.Trim();
        if (text.Length is 0 or > MaxLength)
            return false;
        if (TryParse(text, out var period))
        {
            part = period.IsPossible ? PeriodPart.Of(period) : default;
            return period.IsPossible;
        }
        if (text.Length == 3 && text[0] is '\'' or '’' or '‘' && int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var year))
        {
            part = PeriodPart.Of(OfYear(Century(year)));
            return true;
        }
        return TryBarePart(text, unit, out part) || TryBarePart(WithoutFootnote(text), unit, out part) || TryExplainedPart(text, out part);
    }

    private static ReadOnlySpan<char> WithoutFootnote(ReadOnlySpan<char> text)
    {
        var rest = text.TrimEnd("*†‡¹²³⁴⁵⁶⁷⁸⁹⁰ ");
        if (rest.Length > 3 && rest[^1] is ')' or ']' or '）' && rest.LastIndexOfAny("([（") is > 0 and var open && (rest.Length - open <= 3 || Statuses.OfFlag(rest[open..]) is not null))
            return rest[..open].TrimEnd();
        return rest;
    }

    private static bool TryBarePart(ReadOnlySpan<char> text, PeriodUnit? unit, out PeriodPart part)
    {
        part = default;
        if (IsOneOf(text, YearEnds))
        {
            part = PeriodPart.Of(PeriodPartKind.Same);
            return true;
        }
        if (CutsPrefix(ref text, ToDate))
        {
            var outer = default(PeriodPart);
            if (IsCumulative(text))
                return false;
            var cumulative = text.Length == 0 ? PeriodPart.Of(PeriodPartKind.Cumulative)
                : TryPart(text, unit, out outer) && !outer.IsCumulative ? PeriodPart.Of(PeriodPartKind.Cumulative).Within(outer) : null;
            part = cumulative ?? default;
            return cumulative is not null;
        }
        Span<Token> tokens = stackalloc Token[MaxTokens];
        var count = Scan(text, tokens, out var read);
        return count > 0 && read == text.Length && MatchPart(tokens[..count], unit, out part);
    }

    /// <summary>Q1 (Jan-Mar), 一季度（1-3月）: the brackets say the same in other words.</summary>
    private static bool TryExplainedPart(ReadOnlySpan<char> text, out PeriodPart part)
    {
        part = default;
        if (text.Length == 0 || text[^1] is not (')' or '）') || text.LastIndexOfAny("(（") is not (> 0 and var open))
            return false;
        return TryBarePart(text[..open].Trim(), null, out part) && TryPart(text[(open + 1)..^1], null, out var inside) && part.Within(inside) is not null && inside.Within(part) is not null;
    }

    /// <summary>2014 Q1 (Jan-Mar), Q1 2014 (January to March 2014), 2020 [YR2020].</summary>
    private static bool TryExplained(ReadOnlySpan<char> text, bool monthFirst, bool? spans, out Period period)
    {
        period = default;
        if (text[^1] is not (')' or '）' or ']') || text.LastIndexOfAny("(（[") is not (> 3 and var open))
            return false;
        if (text[(open + 1)..^1] is ['Y', 'R', .. var again])
            return text[..open].TrimEnd().SequenceEqual(again) && TryParse(again, out period);
        return TryPart(text[(open + 1)..^1], null, out var inside) && inside.Kind is PeriodPartKind.Months or PeriodPartKind.Month or PeriodPartKind.Quarter
            && TryParse(text[..open], out period, monthFirst, spans) && period.IsPossible && PeriodPart.Of(period) is { IsYear: false } head
            && head.Within(inside) is not null && inside.Within(head) is not null;
    }

    private static bool MatchPart(ReadOnlySpan<Token> t, PeriodUnit? unit, out PeriodPart part)
    {
        Span<char> buffer = stackalloc char[MaxTokens];
        for (var i = 0; i < t.Length; i++)
            buffer[i] = t[i].Shape;
        ReadOnlySpan<char> shape = buffer[..t.Length];
        part = default;
        if (shape is "2-I" && t[0].Value == 1)
        {
            // 1-本月
            part = PeriodPart.Of(PeriodPartKind.Cumulative);
            return true;
        }
        if (t.Length > 1 && (shape[^1] is 'C' or 'I' || shape[0] is 'C' or 'I'))
        {
            var sign = shape[^1] is 'C' or 'I' ? shape[^1] : shape[0];
            if (!MatchPart(shape[^1] == sign ? t[..^1] : t[1..], unit, out part))
                return false;
            if (sign == 'C' && PeriodPart.Of(PeriodPartKind.Cumulative).Within(part) is { } cumulative)
                part = cumulative;
            return true;
        }
        PeriodPart? found = shape switch
        {
            "b" => PeriodPart.Of(PeriodPartKind.Month, t[0].Value),
            "2M" => PeriodPart.Of(PeriodPartKind.Month, t[0].Value),
            "m2" when t[1].Digits == 2 => PeriodPart.Of(PeriodPartKind.Month, t[1].Value),
            "q2" or "qr" => PeriodPart.Of(PeriodPartKind.Quarter, t[1].Value),
            "2q" or "2Q" or "rq" or "rQ" => PeriodPart.Of(PeriodPartKind.Quarter, t[0].Value),
            "h2" => PeriodPart.Of(PeriodPartKind.Half, t[1].Value),
            "2h" or "H" => PeriodPart.Of(PeriodPartKind.Half, t[0].Value),
            "w2" => PeriodPart.Of(PeriodPartKind.Week, t[1].Value),
            "2w" or "2K" => PeriodPart.Of(PeriodPartKind.Week, t[0].Value),
            "w2-2" or "w2-w2" => PeriodPart.Of(PeriodPartKind.Weeks, t[1].Value, t[^1].Value),
            "2-2K" or "2K-2K" => PeriodPart.Of(PeriodPartKind.Weeks, t[0].Value, t[^2].Value),
            "b-b" => PeriodPart.Of(PeriodPartKind.Months, t[0].Value, t[2].Value),
            "2-2M" or "2M-2M" => PeriodPart.Of(PeriodPartKind.Months, t[0].Value, t[^2].Value),
            "N2Q" => PeriodPart.Of(PeriodPartKind.Months, 1, t[1].Value * 3),
            "2-2Q" => PeriodPart.Of(PeriodPartKind.Months, (t[0].Value * 3) - 2, t[2].Value * 3),
            "q2-2" or "q2-q2" => PeriodPart.Of(PeriodPartKind.Months, (t[1].Value * 3) - 2, t[^1].Value * 3),
            "q2b-b" when t[2].Value == (t[1].Value * 3) - 2 && t[4].Value == t[1].Value * 3 => PeriodPart.Of(PeriodPartKind.Quarter, t[1].Value),
            "2b" or "2-b" => PeriodPart.Of(PeriodPartKind.Day, t[^1].Value, t[0].Value),
            "b2" or "b-2" => PeriodPart.Of(PeriodPartKind.Day, t[0].Value, t[^1].Value),
            "2M2D" => PeriodPart.Of(PeriodPartKind.Day, t[0].Value, t[2].Value),
            "C" => PeriodPart.Of(PeriodPartKind.Cumulative),
            "I" or "E" => PeriodPart.Of(PeriodPartKind.Same, t[0].Value),
            "4" or "4Y" => PeriodPart.Of(OfYear(t[0].Value)),
            "2" or "2-2" when unit is { } known => OfUnit(known, t[0].Value, t[^1].Value),
            _ => null,
        };
        // the calendar of a leap year with 53 weeks has every part that any year has
        if (found is not { } some || !IsPossible(some))
            return false;
        part = some;
        return true;
    }

    private static PeriodPart OfUnit(PeriodUnit unit, int from, int to) => unit switch
    {
        PeriodUnit.Month => from == to ? PeriodPart.Of(PeriodPartKind.Month, from) : PeriodPart.Of(PeriodPartKind.Months, from, to),
        PeriodUnit.Quarter => from == to ? PeriodPart.Of(PeriodPartKind.Quarter, from) : PeriodPart.Of(PeriodPartKind.Months, (from * 3) - 2, to * 3),
        _ => from == to ? PeriodPart.Of(PeriodPartKind.Week, from) : PeriodPart.Of(PeriodPartKind.Weeks, from, to),
    };

    private static bool IsPossible(PeriodPart part) => part.Kind switch
    {
        PeriodPartKind.Half => part.From is 1 or 2,
        PeriodPartKind.Quarter => part.From is >= 1 and <= 4,
        PeriodPartKind.Month => part.From is >= 1 and <= 12,
        PeriodPartKind.Months => part.From is >= 1 and <= 12 && part.To <= 12 && part.From < part.To,
        PeriodPartKind.Week => part.From is >= 1 and <= 53,
        PeriodPartKind.Weeks => part.From is >= 1 and <= 53 && part.To <= 53 && part.From < part.To,
        PeriodPartKind.Day => part.From is >= 1 and <= 12 && part.To >= 1 && part.To <= DateTime.DaysInMonth(2020, part.From),
        _ => true,
    };

    private static bool IsOneOf(ReadOnlySpan<char> text, string[] words)
    {
        foreach (var word in words)
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private static bool IsCumulative(ReadOnlySpan<char> text) => CutsPrefix(ref text, ToDate);

    /// <summary>Cuts one of some phrases off a text's start; longer ones come first.</summary>
    private static bool CutsPrefix(ref ReadOnlySpan<char> text, string[] phrases)
    {
        foreach (var phrase in phrases)
        {
            if (!text.StartsWith(phrase, StringComparison.OrdinalIgnoreCase) || (text.Length > phrase.Length && char.IsAsciiLetter(phrase[^1]) && char.IsLetterOrDigit(text[phrase.Length])))
                continue;
            text = text[phrase.Length..].TrimStart(" ,:：");
            return true;
        }
        return false;
    }
}
