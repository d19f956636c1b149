using System.Globalization;

namespace Pipeline.Querying;

/// <summary>
/// A TIME_PERIOD as the days it covers: SDMX's <c>2023</c>, <c>2023-S1</c>, <c>2023-Q2</c>, <c>2023-06</c>, <c>2023-06-30</c>, <c>2023-W26</c> (ISO 8601
/// weeks) and ranges such as <c>2023-01/2023-06</c>.
/// </summary>
/// <param name="Start">The first day.</param>
/// <param name="End">The last day.</param>
public readonly record struct PeriodDays(DateOnly Start, DateOnly End) : IComparable<PeriodDays>
{
    /// <summary>What <see cref="TryParse"/> reads, in words.</summary>
    public const string Forms = "2023, 2023-S1, 2023-Q2, 2023-06, 2023-06-30, 2023-W26 or a range such as 2023-01/2023-06";

    /// <summary>Reads a period; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PeriodDays period)
    {
        period = default;
        if (text.IndexOf('/') is > 0 and var cut)
        {
            if (!TryParseOne(text[..cut], out var first) || !TryParseOne(text[(cut + 1)..], out var last) || last.End < first.Start)
                return false;
            period = new PeriodDays(first.Start, last.End);
            return true;
        }
        return TryParseOne(text, out period);
    }

    /// <summary>The period of the same kind so many years before; null where there is none (29 February, the 53rd week).</summary>
    public PeriodDays? YearsBefore(int years)
    {
        if (IsWeek)
        {
            var (year, week) = (ISOWeek.GetYear(Start.ToDateTime(TimeOnly.MinValue)) - years, ISOWeek.GetWeekOfYear(Start.ToDateTime(TimeOnly.MinValue)));
            if (year < 1 || week > ISOWeek.GetWeeksInYear(year))
                return null;
            var monday = DateOnly.FromDateTime(ISOWeek.ToDateTime(year, week, DayOfWeek.Monday));
            return new PeriodDays(monday, monday.AddDays(6));
        }
        return MonthsBefore(years * 12);
    }

    /// <summary>The period of the same kind so many months before; null where there is none.</summary>
    public PeriodDays? Before(int months) => months % 12 == 0 ? YearsBefore(months / 12) : MonthsBefore(months);

    /// <summary>The same as a bound, which is not in need of a period that exists: for 29 February the 28th, before the first year the first day.</summary>
    public PeriodDays BoundBefore(int months)
    {
        return Before(months) ?? new PeriodDays(Bound(Start), Bound(End));

        DateOnly Bound(DateOnly day) => (day.Year * 12) + day.Month - 1 - months < 12 ? DateOnly.MinValue : day.AddMonths(-months);
    }

    /// <summary>The period of the same length that ends where this one begins; null before the first year.</summary>
    public PeriodDays? Previous() => IsWhole && Months is > 0 and var months ? MonthsBefore(months)
        : Start.DayNumber > Days ? new PeriodDays(Start.AddDays(-Days), Start.AddDays(-1)) : null;

    /// <summary>The days it covers.</summary>
    public int Days => End.DayNumber - Start.DayNumber + 1;

    /// <summary>The calendar months it begins in to those it ends in, both counted.</summary>
    public int Months => ((End.Year - Start.Year) * 12) + End.Month - Start.Month + 1;

    /// <summary>Whether it is made of whole calendar months.</summary>
    public bool IsWhole => Start.Day == 1 && IsMonthEnd(End);

    private bool IsWeek => Days == 7 && Start.DayOfWeek == DayOfWeek.Monday;

    /// <summary>The period so many months before, its ends on the same days of the month, or both at the ends of months; null where there is none.</summary>
    public PeriodDays? MonthsBefore(int months)
    {
        var (first, last) = (Shifted(Start, months), IsWhole ? LastDay(End, months) : Shifted(End, months));
        return first is { } start && last is { } end ? new PeriodDays(start, end) : null;
    }

    private static DateOnly? Shifted(DateOnly day, int months)
    {
        var month = (day.Year * 12) + day.Month - 1 - months;
        return month < 12 || month / 12 > 9999 || day.Day > DateTime.DaysInMonth(month / 12, (month % 12) + 1) ? null : new DateOnly(month / 12, (month % 12) + 1, day.Day);
    }

    private static DateOnly? LastDay(DateOnly day, int months) => Shifted(new DateOnly(day.Year, day.Month, 1), months) is { } first
        ? new DateOnly(first.Year, first.Month, DateTime.DaysInMonth(first.Year, first.Month)) : null;

    private static bool IsMonthEnd(DateOnly day) => day.Day == DateTime.DaysInMonth(day.Year, day.Month);

    /// <summary>Orders by start, then end.</summary>
    public int CompareTo(PeriodDays other) => Start != other.Start ? Start.CompareTo(other.Start) : End.CompareTo(other.End);

    /// <summary>Orders by start, then end.</summary>
    public static bool operator <(PeriodDays left, PeriodDays right) => left.CompareTo(right) < 0;

    /// <summary>Orders by start, then end.</summary>
    public static bool operator >(PeriodDays left, PeriodDays right) => left.CompareTo(right) > 0;

    /// <summary>Orders by start, then end.</summary>
    public static bool operator <=(PeriodDays left, PeriodDays right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by start, then end.</summary>
    public static bool operator >=(PeriodDays left, PeriodDays right) => left.CompareTo(right) >= 0;

    private static bool TryParseOne(ReadOnlySpan<char> text, out PeriodDays period)
    {
        period = default;
        if (text.Length < 4 || !TryNumber(text[..4], out var year) || year < 1)
            return false;
        if (text.Length == 4)
        {
            period = new PeriodDays(new DateOnly(year, 1, 1), new DateOnly(year, 12, 31));
            return true;
        }
        if (text.Length < 7 || text[4] != '-')
            return false;
        var rest = text[5..];
        switch (rest[0])
        {
            case 'S' or 's' when rest.Length == 2 && rest[1] is '1' or '2':
                return OfMonths(year, (rest[1] - '1') * 6 + 1, 6, out period);
            case 'Q' or 'q' when rest.Length == 2 && rest[1] is >= '1' and <= '4':
                return OfMonths(year, (rest[1] - '1') * 3 + 1, 3, out period);
            case 'W' or 'w' when rest.Length == 3 && TryNumber(rest[1..], out var week) && week >= 1 && week <= ISOWeek.GetWeeksInYear(year):
                if (year == 9999 && week >= 52)
                    return false;
                var monday = DateOnly.FromDateTime(ISOWeek.ToDateTime(year, week, DayOfWeek.Monday));
                period = new PeriodDays(monday, monday.AddDays(6));
                return true;
        }
        if (!TryNumber(rest[..2], out var month) || month is < 1 or > 12)
            return false;
        if (rest.Length == 2)
            return OfMonths(year, month, 1, out period);
        if (rest.Length != 5 || rest[2] != '-' || !TryNumber(rest[3..], out var day) || day < 1 || day > DateTime.DaysInMonth(year, month))
            return false;
        var date = new DateOnly(year, month, day);
        period = new PeriodDays(date, date);
        return true;
    }

    private static bool OfMonths(int year, int first, int count, out PeriodDays period)
    {
        var last = first + count - 1;
        period = new PeriodDays(new DateOnly(year, first, 1), new DateOnly(year, last, DateTime.DaysInMonth(year, last)));
        return true;
    }

    // Zero bytes after a number are read over by .NET.
    private static bool TryNumber(ReadOnlySpan<char> digits, out int number) =>
        int.TryParse(digits.Contains('\0') ? [] : digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
