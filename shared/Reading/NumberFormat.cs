using System.Buffers;
using System.Globalization;

namespace Pipeline.Reading;

/// <summary>Number formats of workbooks (ECMA-376 part 1, 18.8.30 and 18.8.31), as far as they say what a number is.</summary>
internal static class NumberFormat
{
    private const double LastSerial = 2_958_466; // 10000-01-01

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> DateLetters = SearchValues.Create("ymdhseYMDHSE");
    private static readonly SearchValues<char> DateWords = SearchValues.Create("ymdhsegabpYMDHSEGABP"); // with years of eras, days of the week, AM and PM

    /// <summary>The format of a built-in id; null for General and for ids that the standard leaves open.</summary>
    public static string? BuiltIn(int id) => id switch
    {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5 or 6 => "$#,##0;-$#,##0",
        7 or 8 => "$#,##0.00;-$#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        14 or 30 => "m/d/yyyy",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 or 32 => "h:mm",
        21 or 33 => "h:mm:ss",
        22 => "m/d/yyyy h:mm",
        27 or 36 or 50 or 52 or 57 => "yyyy\"年\"m\"月\"",
        28 or 29 or 51 or 53 or 54 or 58 => "m\"月\"d\"日\"",
        31 => "yyyy\"年\"m\"月\"d\"日\"",
        34 or 55 => "h\"时\"mm\"分\"",
        35 or 56 => "h\"时\"mm\"分\"ss\"秒\"",
        37 => "#,##0;(#,##0)",
        38 => "#,##0;[Red](#,##0)",
        39 => "#,##0.00;(#,##0.00)",
        40 => "#,##0.00;[Red](#,##0.00)",
        41 or 42 => "_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)",
        43 or 44 => "_(* #,##0.00_);_(* (#,##0.00);_(* \"-\"??_);_(@_)",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mm:ss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => null,
    };

    /// <summary>Whether a format shows a number as a date or time.</summary>
    public static bool IsDate(string? format)
    {
        if (format is null)
            return false;
        var conditional = false;
        for (var i = 0; i < format.Length; i++)
        {
            switch (format[i])
            {
                case '"':
                    var close = format.IndexOf('"', i + 1);
                    if (close < 0)
                        return false;
                    i = close;
                    break;
                case '[':
                    var end = format.IndexOf(']', i + 1);
                    if (end < 0)
                        return false;
                    // [h], [mm] and [s] count hours and so on; all other brackets are colours, conditions, locales and digits of other scripts.
                    var inside = format.AsSpan(i + 1, end - i - 1);
                    if (inside is ['h' or 'H' or 'm' or 'M' or 's' or 'S', ..] && inside.Trim(inside[0]).IsEmpty)
                        return true;
                    conditional |= inside is ['<' or '=' or '>', ..];
                    i = end;
                    break;
                case '\\' or '_' or '*':
                    i++;
                    break;
                case ';' when conditional:
                    // What a condition picks may be a text alone, as in [=0]"-";mmm-yy.
                    conditional = false;
                    break;
                case '0' or '#' or '?' or ';' or '@':
                    return false;
                case var c when char.IsAsciiLetter(c):
                    var word = format.AsSpan(i);
                    var past = word.IndexOfAnyExcept(Letters);
                    word = past < 0 ? word : word[..past];
                    // yyyymmdd is a date; General, or what it is called in other languages, is not.
                    return word.ContainsAny(DateLetters) && !word.ContainsAnyExcept(DateWords);
                default:
                    break;
            }
        }
        return false;
    }

    /// <summary>The date of a serial number; null when it is none.</summary>
    /// <param name="serial">Days since the workbook's epoch.</param>
    /// <param name="from1904">Whether the epoch is 1904-01-01; otherwise it is 1900-01-00 with the 29 February 1900 that never was.</param>
    public static DateTime? Date(double serial, bool from1904)
    {
        serial += from1904 ? 1462 : 0;
        if (!(serial >= 0 && serial < LastSerial))
            return null;
        var days = serial is >= 1 and < 60 ? serial + 1 : serial;
        // Serial numbers are binary fractions of a day: to the millisecond they are what was typed.
        var milliseconds = Math.Round(days * 86_400_000);
        return new DateTime(1899, 12, 30).AddMilliseconds(milliseconds);
    }

    /// <summary>Writes a date as a person would: the date, the time when it has one, the time alone when it has no date.</summary>
    public static string Text(DateTime date) => date.ToString(
        date.Year < 1900 ? "HH:mm:ss" : date.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss",
        CultureInfo.InvariantCulture);

    /// <summary>Writes the shortest digits that give the number back, without an exponent between 1E-28 and 1E+28.</summary>
    /// <param name="number">The number.</param>
    /// <param name="to">Where it is written; 64 characters suffice.</param>
    /// <returns>How many characters were written.</returns>
    public static int Write(double number, Span<char> to)
    {
        if (number == 0)
            number = 0; // no negative zero
        number.TryFormat(to, out var length, default, CultureInfo.InvariantCulture);
        var exponentAt = to[..length].IndexOf('E');
        if (exponentAt < 0)
            return length;
        var exponent = int.Parse(to[(exponentAt + 1)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent is < -28 or > 28)
            return length;
        var negative = to[0] == '-';
        Span<char> digits = stackalloc char[32];
        var count = 0;
        foreach (var c in to[(negative ? 1 : 0)..exponentAt])
            if (c != '.')
                digits[count++] = c;
        var at = 0;
        if (negative)
            to[at++] = '-';
        if (exponent < 0)
        {
            "0.".CopyTo(to[at..]);
            at += 2;
            to.Slice(at, -exponent - 1).Fill('0');
            at += -exponent - 1;
            digits[..count].CopyTo(to[at..]);
            return at + count;
        }
        for (var i = 0; i < Math.Max(count, exponent + 1); i++)
        {
            if (i == exponent + 1)
                to[at++] = '.';
            to[at++] = i < count ? digits[i] : '0';
        }
        return at;
    }
}
