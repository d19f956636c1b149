using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>Reads TIME_PERIOD as SDMX messages write it (SDMX 3.0 section 6, 4.2), in the forms of this project.</summary>
internal static class SdmxPeriods
{
    /// <summary>
    /// The period of an observation that has none, beside others that have one: a time without length. SDMX knows no time dimension without a value, and neither an empty text nor
    /// <c>_Z</c> is a period.
    /// </summary>
    public const string None = "0001-01-01/P0D";

    /// <summary>Reads a period.</summary>
    /// <param name="text">Gregorian (<c>2010-01</c>, with a time zone or not), reporting (<c>2010-Q1</c>, <c>2010-M03</c>, <c>2010-D045</c>), a range (<c>2010-01-01/P1Y</c>), or as offices write periods.</param>
    /// <param name="period">The period; days where a date-time is at midnight.</param>
    /// <returns>Null when it was read, else the code of the finding that says why not.</returns>
    public static string? Read(ReadOnlySpan<char> text, out Period period)
    {
        text = text.Trim();
        period = default;
        if (text.SequenceEqual(None))
        {
            period = new Period("", Concepts.NotApplicable);
            return null;
        }
        if (text.Length < 4 || !Number(text[..4], out var year) || year == 0)
            return Words(text, out period);
        if (text.IndexOf('/') is > 0 and var cut)
            return Range(text[..cut], text[(cut + 1)..], out period) ? null : Words(text, out period);
        if (text.Length > 11 && text[10] == 'T')
        {
            if (WithoutZone(text[11..]).ContainsAnyInRange('1', '9'))
                return "period-too-fine";
            text = text[..10];
        }
        var rest = WithoutZone(text[4..]);
        if (rest.Length == 0)
        {
            period = new Period(Year(year), "A");
            return null;
        }
        if (rest.Length < 3 || rest[0] != '-')
            return Words(text, out period);
        rest = rest[1..];
        if (!char.IsAsciiDigit(rest[0]))
            return Reporting(year, rest, out period) ?? (period.IsPossible ? null : "period-impossible");
        if (rest.Length == 2 && Number(rest, out var month))
            period = Periods.OfMonth(year, month);
        else if (rest.Length == 5 && rest[2] == '-' && Number(rest[..2], out month) && Number(rest[3..], out var day))
            period = month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? Day(new DateOnly(year, month, day)) : Impossible;
        else
            return Words(text, out period);
        return period.IsPossible ? null : "period-impossible";
    }

    private static Period Impossible => new("", "");

    private static string? Words(ReadOnlySpan<char> text, out Period period) =>
        Periods.TryParse(text, out period) ? period.IsPossible ? null : "period-impossible" : "period-unreadable";

    private static string? Reporting(int year, ReadOnlySpan<char> part, out Period period)
    {
        period = Impossible;
        if (!Number(part[1..], out var n))
            return "period-unreadable";
        switch (char.ToUpperInvariant(part[0]))
        {
            case 'A':
                period = n == 1 ? new Period(Year(year), "A") : period;
                return null;
            case 'S' or 'H':
                period = n is 1 or 2 ? new Period($"{Year(year)}-S{n}", "S") : period;
                return null;
            case 'T':
                period = n is >= 1 and <= 3 ? new Period(string.Create(CultureInfo.InvariantCulture, $"{year:D4}-{(n * 4) - 3:D2}/{year:D4}-{n * 4:D2}"), "_O") : period;
                return null;
            case 'Q':
                period = Periods.OfQuarter(year, n);
                return null;
            case 'M':
                period = Periods.OfMonth(year, n);
                return null;
            case 'W':
                period = n >= 1 && n <= ISOWeek.GetWeeksInYear(year) ? new Period(string.Create(CultureInfo.InvariantCulture, $"{year:D4}-W{n:D2}"), "W") : period;
                return null;
            case 'D':
                period = n >= 1 && n <= (DateTime.IsLeapYear(year) ? 366 : 365) ? Day(new DateOnly(year, 1, 1).AddDays(n - 1)) : period;
                return null;
            default:
                return "period-unreadable";
        }
    }

    private static bool Range(ReadOnlySpan<char> from, ReadOnlySpan<char> to, out Period period)
    {
        period = default;
        if (!Date(from, out var first) || to.Length < 2)
            return false;
        try
        {
            var last = to[0] == 'P' ? Duration(first, to[1..]) : Date(to, out var end) ? end : null;
            if (last is null || last < first)
                return false;
            period = Of(first, last.Value);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            // beyond the calendar
            return false;
        }
    }

    private static bool Date(ReadOnlySpan<char> text, out DateOnly date)
    {
        var t = text.IndexOf('T');
        if (t > 0 && text[t..].ContainsAnyInRange('1', '9'))
        {
            date = default;
            return false;
        }
        return DateOnly.TryParseExact(t > 0 ? text[..t] : text.Length > 10 ? WithoutZone(text) : text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
    }

    private static DateOnly? Duration(DateOnly first, ReadOnlySpan<char> duration)
    {
        var next = first;
        while (duration.Length > 0)
        {
            var digits = duration.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 4 || !Number(duration[..digits], out var n))
                return null;
            switch (duration[digits])
            {
                case 'Y':
                    next = next.AddYears(n);
                    break;
                case 'M':
                    next = next.AddMonths(n);
                    break;
                case 'W':
                    next = next.AddDays(n * 7);
                    break;
                case 'D':
                    next = next.AddDays(n);
                    break;
                default:
                    return null;
            }
            duration = duration[(digits + 1)..];
        }
        return next == first ? null : next.AddDays(-1);
    }

    /// <summary>The shortest form of a range of days.</summary>
    private static Period Of(DateOnly first, DateOnly last)
    {
        if (first == last)
            return Day(first);
        if (first.Day == 1 && last.AddDays(1).Day == 1)
        {
            var months = ((last.Year - first.Year) * 12) + last.Month - first.Month + 1;
            if (months == 1)
                return Periods.OfMonth(first.Year, first.Month);
            if (months == 3 && first.Month % 3 == 1)
                return Periods.OfQuarter(first.Year, (first.Month + 2) / 3);
            if (months == 6 && first.Month % 6 == 1)
                return new Period($"{Year(first.Year)}-S{(first.Month + 5) / 6}", "S");
            if (months == 12 && first.Month == 1)
                return new Period(Year(first.Year), "A");
            return first.Month == 1 && last.Month == 12
                ? new Period($"{Year(first.Year)}/{Year(last.Year)}", "_O")
                : new Period(string.Create(CultureInfo.InvariantCulture, $"{first:yyyy-MM}/{last:yyyy-MM}"), "_O");
        }
        if (first.DayOfWeek == DayOfWeek.Monday && last == first.AddDays(6))
        {
            var date = first.ToDateTime(TimeOnly.MinValue);
            return new Period(string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(date):D4}-W{ISOWeek.GetWeekOfYear(date):D2}"), "W");
        }
        return new Period(string.Create(CultureInfo.InvariantCulture, $"{first:yyyy-MM-dd}/{last:yyyy-MM-dd}"), "_O");
    }

    private static Period Day(DateOnly day) => new(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "D");

    private static string Year(int year) => year.ToString("D4", CultureInfo.InvariantCulture);

    private static ReadOnlySpan<char> WithoutZone(ReadOnlySpan<char> text) =>
        text.EndsWith("Z") ? text[..^1] : text.Length >= 6 && text[^3] == ':' && text[^6] is '+' or '-' ? text[..^6] : text;

    private static bool Number(ReadOnlySpan<char> digits, out int number) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
