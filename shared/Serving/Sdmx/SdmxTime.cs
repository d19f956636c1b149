using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>TIME_PERIOD as SDMX writes it, which differs from ours in ranges (<c>2023-01-01/P6M</c>) and where there is no period, and what clients may write for a period.</summary>
internal static partial class SdmxTime
{
    /// <summary>What <see cref="TryParse"/> reads, in words.</summary>
    public const string Forms = "2023, 2023-S1, 2023-T1, 2023-Q2, 2023-06, 2023-M06, 2023-W26, 2023-06-30, 2023-D181, 2023-06-30T00:00:00 or a range such as 2023-01-01/P6M";

    /// <summary>A period of ours in SDMX's form; a text that is no period stays.</summary>
    public static string Of(string period)
    {
        if (period.Length == 0)
            return SdmxPeriods.None;
        if (!period.Contains('/') || !PeriodDays.TryParse(period, out var days))
            return period;
        var (start, after) = (days.Start, days.End == DateOnly.MaxValue ? days.End : days.End.AddDays(1));
        var months = ((after.Year - start.Year) * 12) + after.Month - start.Month;
        var duration = start.Day == 1 && after.Day == 1 ? $"P{months}M" : $"P{days.End.DayNumber - start.DayNumber + 1}D";
        return $"{start:yyyy-MM-dd}/{duration}";
    }

    /// <summary>Reads a period as SDMX or we write it; false when the text is none.</summary>
    public static bool TryParse(string text, out PeriodDays period)
    {
        period = default;
        if (text.IndexOf('/') is > 0 and var cut && text[(cut + 1)..].StartsWith('P'))
            return TryParseOne(text[..cut], out var first) && TryAdd(first.Start, text[(cut + 1)..], out period);
        return TryParseOne(text, out period);
    }

    /// <summary>Whether two periods, as texts, are the same: the same days, and a range or not.</summary>
    public static bool AreSame(string code, PeriodDays? days, string wanted, PeriodDays wantedDays) =>
        days == wantedDays && code.Contains('/') == wanted.Contains('/');

    private static bool TryParseOne(string text, out PeriodDays period)
    {
        // A date-time stands for its day.
        if (text.IndexOf('T') is 10 and var time && text.Length <= 40
            && DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
        {
            text = text[..time];
        }
        if (Reporting().Match(text) is { Success: true } match
            && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year >= 1
            && int.TryParse(match.Groups[3].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1)
        {
            switch (match.Groups[2].ValueSpan[0])
            {
                case 'A' when number == 1:
                    return PeriodDays.TryParse(match.Groups[1].ValueSpan, out period);
                case 'M' when number <= 12:
                    return PeriodDays.TryParse($"{year:D4}-{number:D2}", out period);
                case 'T' when number <= 3:
                    return PeriodDays.TryParse($"{year:D4}-{(number * 4) - 3:D2}/{year:D4}-{number * 4:D2}", out period);
                case 'D' when number <= (DateTime.IsLeapYear(year) ? 366 : 365):
                    var day = new DateOnly(year, 1, 1).AddDays(number - 1);
                    period = new PeriodDays(day, day);
                    return true;
            }
        }
        return PeriodDays.TryParse(text, out period);
    }

    private static bool TryAdd(DateOnly start, string duration, out PeriodDays period)
    {
        period = default;
        if (Duration().Match(duration) is not { Success: true } match)
            return false;
        var parts = new int[4];
        for (var i = 0; i < parts.Length; i++)
        {
            if (match.Groups[i + 1] is { Success: true } group && !int.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out parts[i]))
                return false;
        }
        var (months, days) = ((parts[0] * 12L) + parts[1], (parts[2] * 7L) + parts[3]);
        if (months + days == 0 || months > 12 * 9999 || days > 3_700_000)
            return false;
        try
        {
            period = new PeriodDays(start, start.AddMonths((int)months).AddDays((int)days - 1));
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    [GeneratedRegex("^([0-9]{4})-([AMTD])([0-9]{1,3})$", RegexOptions.CultureInvariant)]
    private static partial Regex Reporting();

    [GeneratedRegex("^P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T0[HMS])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
