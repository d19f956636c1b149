using System.Globalization;
using System.Numerics;

namespace Pipeline.Local;

/// <summary>
/// A schedule in NCRONTAB, as timer triggers have it: <c>{second} {minute} {hour} {day} {month} {day of week}</c> in UTC; with five fields the second
/// is 0. A field is a list of numbers, ranges <c>1-5</c> and <c>*</c>, each with an optional step <c>/10</c>; months and days of the week may be
/// named by their first three English letters; Sunday is 0. An occurrence matches all fields.
/// </summary>
internal sealed class Schedule
{
    private static readonly (string What, int Least, int Most, string[] Names)[] Fields =
    [
        ("second", 0, 59, []),
        ("minute", 0, 59, []),
        ("hour", 0, 23, []),
        ("day", 1, 31, []),
        ("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        ("day of week", 0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    // A 29 February that must also be a certain weekday may take 40 years to come round.
    private const int YearsAhead = 40;

    // Bit n of a field: n is in it.
    private readonly ulong[] fields;

    private Schedule(ulong[] fields) => this.fields = fields;

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="FormatException">It is none; the message says which field and what was expected.</exception>
    public static Schedule Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 5)
            parts = ["0", .. parts];
        if (parts.Length != 6)
            throw new FormatException($"The schedule \"{text}\" has {parts.Length} fields. Expected: second minute hour day month day-of-week.");
        var fields = new ulong[6];
        for (var i = 0; i < 6; i++)
            foreach (var item in parts[i].Split(','))
                fields[i] |= Item(item, i, text);
        return new Schedule(fields);
    }

    /// <summary>The first occurrence after a moment; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        // The first whole second after it.
        var from = new DateTime(after.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc).AddSeconds(1);
        var time = from.TimeOfDay;
        var last = from.Date.AddYears(YearsAhead);
        for (var day = from.Date; day <= last; day = day.AddDays(1), time = TimeSpan.Zero)
            if (Has(4, day.Month) && Has(3, day.Day) && Has(5, (int)day.DayOfWeek) && TimeFrom(time) is { } found)
                return new DateTimeOffset(day + found, TimeSpan.Zero);
        return null;
    }

    private TimeSpan? TimeFrom(TimeSpan time)
    {
        var (hour, minute, second) = (time.Hours, time.Minutes, time.Seconds);
        for (var h = First(2, hour); h >= 0; h = First(2, h + 1))
        {
            for (var m = First(1, h == hour ? minute : 0); m >= 0; m = First(1, m + 1))
                if (First(0, h == hour && m == minute ? second : 0) is >= 0 and var s)
                    return new TimeSpan(h, m, s);
        }
        return null;
    }

    private bool Has(int field, int number) => (fields[field] & (1UL << number)) != 0;

    // The first number of a field that is not below another; -1 when there is none.
    private int First(int field, int from)
    {
        var rest = fields[field] & (ulong.MaxValue << from);
        return rest == 0 ? -1 : BitOperations.TrailingZeroCount(rest);
    }

    private static ulong Item(string item, int field, string text)
    {
        var (what, least, most, _) = Fields[field];
        var (range, step) = item.Split('/') switch
        {
            [var only] => (only, 1),
            [var before, var after] when int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 => (before, number),
            _ => throw Wrong(),
        };
        var (low, high) = range.Split('-') switch
        {
            ["*"] => (least, most),
            [var only] => (Number(only), item.Contains('/') ? most : Number(only)),
            [var from, var to] => (Number(from), Number(to)),
            _ => throw Wrong(),
        };
        if (low > high)
            throw Wrong();
        var bits = 0UL;
        for (var number = low; number <= high; number += step)
            bits |= 1UL << number;
        return bits;

        int Number(string word)
        {
            if (Array.IndexOf(Fields[field].Names, word.ToLowerInvariant()) is >= 0 and var name)
                return name + least;
            return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : throw Wrong();
        }

        FormatException Wrong() => new(
            $"The schedule \"{text}\" has \"{item}\" for the {what}. Expected: *, {least} to {most}, a range such as {least}-{most}, a step such as */{Math.Max(2, most / 4)}, or a list of these.");
    }
}
