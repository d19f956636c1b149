using System.Buffers;
using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>A number as a cell shows it.</summary>
internal ref struct Number
{
    /// <summary>The exact value, with the decimals shown: <c>5.20</c> has two.</summary>
    public decimal Value;

    /// <summary>Whether a per cent sign stood with it; the value is as shown, not divided.</summary>
    public bool Percent;

    /// <summary>Whether a per mille sign stood with it; the value is as shown.</summary>
    public bool PerMille;

    /// <summary>The currency sign that stood with it; the null character when there was none.</summary>
    public char Currency;

    /// <summary>A flag or footnote mark behind it, such as <c>r</c>, <c>(p)</c> or <c>[3]</c>; empty when there was none.</summary>
    public ReadOnlySpan<char> Flag;
}

/// <summary>How a number format shows a number.</summary>
/// <param name="Decimals">The decimals that it always shows.</param>
/// <param name="Percent">Whether it shows per cent: multiplied by a hundred (<c>0.0%</c>), or written behind as it is (<c>0.0"%"</c>).</param>
/// <param name="PerMille">Whether it writes a per mille sign behind.</param>
/// <param name="Power">The power of ten that it divides by: 3 for <c>#,##0,</c>; what UNIT_MULT is to say.</param>
/// <param name="Currency">The currency sign or code that it writes (<c>[$£-809]#,##0</c>); null when there is none.</param>
internal readonly record struct Shown(int Decimals, bool Percent, bool PerMille, int Power, string? Currency);

/// <summary>Reads numbers as offices write them, exactly: no binary floating point in between.</summary>
internal static class Numbers
{
    /// <summary>The most significant digits that a value may have.</summary>
    public const int MaxDigits = 28;

    private const int MaxLength = 64;
    private const string Currencies = "£$€¥￥₽₩₹₺元";
    private static readonly SearchValues<char> FootnoteSigns = SearchValues.Create("*†‡§#^¹²³⁴⁵⁶⁷⁸⁹⁰");

    /// <summary>Reads a number.</summary>
    /// <param name="text">The text of the cell.</param>
    /// <param name="comma">Whether the comma is the decimal mark; the point is otherwise.</param>
    /// <param name="number">The number.</param>
    /// <returns>Whether the text is a number of at most <see cref="MaxDigits"/> digits, with at most a sign, a unit sign and a flag around it.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, bool comma, out Number number)
    {
        number = default;
        if (!comma && TryPlain(text, out number.Value))
            return true;
        text = text.Trim();
        return text.Length is > 0 and <= MaxLength && TryDressed(text, comma, ref number);
    }

    /// <summary>
    /// The exact decimal of a stored double: the shortest that reads back as the same double, of a fraction with at most the fifteen digits that spreadsheets show
    /// (a formula leaves -2.6999999999999993 where -2.7 is shown and meant), padded to the decimals of a number format.
    /// </summary>
    /// <param name="stored">The stored number.</param>
    /// <param name="format">The cell's number format, such as <c>#,##0.00</c> or <c>0.0%</c> (ECMA-376 part 1, 18.8.31); null where there is none.</param>
    /// <param name="value">The value at its displayed scale, with all digits stored: 0.052 shown as per cent is 5.2, 1234567 shown as <c>#,##0,</c> is 1234.567.</param>
    /// <param name="shown">How the format shows it.</param>
    /// <returns>Whether it is finite and has at most <see cref="MaxDigits"/> digits.</returns>
    public static bool TryExact(double stored, string? format, out decimal value, out Shown shown)
    {
        shown = default;
        value = 0;
        Span<char> text = stackalloc char[32];
        if (!double.IsFinite(stored) || !stored.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture)
            || !TryParse(text[..length], false, out var number) || number.Flag.Length > 0)
        {
            return false;
        }
        if (number.Value.Scale > 0 && stored.TryFormat(text, out length, "G15", CultureInfo.InvariantCulture) && !TryParse(text[..length], false, out number))
            return false;
        value = number.Value;
        if (format is null)
            return true;
        shown = NumberFormats.Of(format, stored, out var hundredfold);
        if (hundredfold)
        {
            if (Math.Abs(value) > decimal.MaxValue / 100)
                return false;
            // What is meant by 0.8427 shown as 84% is 84: the rest is what the office's program divided.
            value = decimal.Round(Strip(value * 100), Math.Min(shown.Decimals, MaxDigits), MidpointRounding.AwayFromZero);
        }
        for (var power = 0; power < shown.Power; power++)
        {
            if (value.Scale >= MaxDigits && value % 10 != 0)
                return false;
            value *= 0.1m;
        }
        if (shown.Power > 0)
            value = Strip(value);
        if (value.Scale < shown.Decimals && Math.Abs(value) < 1_000_000_000_000m)
            value += new decimal(0, 0, 0, false, (byte)shown.Decimals);
        return true;
    }

    /// <summary>What a text says about its column's decimal mark: 1 the comma for sure, -1 the point for sure, 0 nothing.</summary>
    public static int CommaEvidence(ReadOnlySpan<char> text)
    {
        int commas = text.Count(','), points = text.Count('.');
        if (commas == 0 && points == 0)
            return 0;
        int digits = 0, last = -1, firstMark = -1;
        foreach (var c in text)
        {
            if (c is ',' or '.')
            {
                firstMark = firstMark < 0 ? digits : firstMark;
                last = digits;
            }
            digits += char.IsAsciiDigit(c) ? 1 : 0;
        }
        if (digits == 0)
            return 0;
        if (commas > 0 && points > 0)
            return text.LastIndexOf(',') > text.LastIndexOf('.') ? 1 : -1;
        if (commas + points > 1)
            return commas > 0 ? -1 : 1;
        var isGroup = digits - last == 3 && firstMark is >= 1 and <= 3 && !text.TrimStart("+-−( ").StartsWith("0");
        return isGroup ? 0 : commas > 0 ? 1 : -1;
    }

    private static bool TryPlain(ReadOnlySpan<char> text, out decimal value)
    {
        value = 0;
        var negative = text.Length > 0 && text[0] == '-';
        long digits = 0;
        int count = 0, scale = -1;
        for (var i = negative ? 1 : 0; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit <= 9)
            {
                digits = (digits * 10) + digit;
                count++;
                scale += scale >= 0 ? 1 : 0;
            }
            else if (text[i] == '.' && scale < 0 && count > 0)
            {
                scale = 0;
            }
            else
            {
                return false;
            }
        }
        if (count is 0 or > 18)
            return false;
        value = new decimal((int)digits, (int)(digits >> 32), 0, negative && digits != 0, (byte)Math.Max(scale, 0));
        return true;
    }

    private static bool TryDressed(ReadOnlySpan<char> text, bool comma, ref Number number)
    {
        int at = 0, end = text.Length;
        bool negative = false, signed = false, bracket = false, currency = false;
        for (; at < end; at++)
        {
            var c = Fold(text[at]);
            // A margin, ±345 or +/-345, has no sign.
            if (c == '±' && !signed)
                signed = true;
            else if (c == '+' && !signed && at + 2 < end && text[at + 1] == '/' && Fold(text[at + 2]) == '-')
                (at, signed) = (at + 2, true);
            else if (c is '+' or '-' or '△' or '▲' or '▼' && !signed)
                (negative, signed) = (c != '+', true);
            else if (c == '(' && !bracket && !signed)
                bracket = true;
            else if (!currency && Currencies.Contains(c, StringComparison.Ordinal))
                (number.Currency, currency) = (c, true);
            else if (!char.IsWhiteSpace(c))
                break;
        }
        var mark = comma ? ',' : '.';
        UInt128 digits = 0;
        int count = 0, significant = 0, scale = -1, run = 0, groups = 0;
        var separator = '\0';
        var grouped = true;
        for (; at < end; at++)
        {
            var c = Fold(text[at]);
            if (char.IsAsciiDigit(c))
            {
                significant += significant > 0 || c != '0' ? 1 : 0;
                if (significant > MaxDigits || (scale >= 0 && scale >= MaxDigits))
                    return false;
                digits = (digits * 10) + (uint)(c - '0');
                count++;
                run++;
                scale += scale >= 0 ? 1 : 0;
            }
            else if ((c == mark || c == '٫') && scale < 0)
            {
                grouped &= groups == 0 || run == 3;
                scale = 0;
                run = 0;
            }
            else if (scale < 0 && IsGroup(c, comma) && at + 1 < end && char.IsAsciiDigit(Fold(text[at + 1])) && (groups == 0 || Kind(c) == separator))
            {
                grouped &= groups == 0 ? run is >= 1 and <= 3 : run == 3;
                separator = Kind(c);
                groups++;
                run = 0;
            }
            else
            {
                break;
            }
        }
        grouped &= groups == 0 || scale >= 0 || run == 3;
        if (count == 0 || !grouped)
            return false;
        scale = Math.Max(scale, 0);
        var rest = text[at..];
        if (!TryExponent(ref rest, out var exponent))
            return false;
        if (!TrailSigns(ref rest, ref negative, signed, bracket, ref number))
            return false;
        number.Flag = rest;
        return TryDecimal(digits, scale - exponent, negative || bracket, out number.Value);
    }

    /// <summary>Takes a closing bracket, a trailing minus, a per cent or currency sign; what is left must look like a flag.</summary>
    private static bool TrailSigns(ref ReadOnlySpan<char> rest, ref bool negative, bool signed, bool bracket, ref Number number)
    {
        var closed = !bracket;
        for (rest = rest.TrimStart(); rest.Length > 0; rest = rest[1..].TrimStart())
        {
            var c = Fold(rest[0]);
            if (c == ')' && !closed)
                closed = true;
            else if (c == '%' && !number.Percent)
                number.Percent = true;
            else if (c == '‰' && !number.PerMille)
                number.PerMille = true;
            else if (c == '-' && !signed && !bracket && rest.Length == 1)
                negative = true;
            else if (number.Currency == 0 && Currencies.Contains(c, StringComparison.Ordinal))
                number.Currency = c;
            else
                break;
        }
        return closed && (rest.Length == 0 || IsFlag(rest));
    }

    private static bool TryExponent(ref ReadOnlySpan<char> rest, out int exponent)
    {
        exponent = 0;
        if (rest.Length < 2 || rest[0] is not ('e' or 'E') || !(char.IsAsciiDigit(rest[1]) || (rest.Length > 2 && rest[1] is '+' or '-' && char.IsAsciiDigit(rest[2]))))
            return true;
        var at = char.IsAsciiDigit(rest[1]) ? 1 : 2;
        var start = at;
        while (at < rest.Length && char.IsAsciiDigit(rest[at]))
            at++;
        if (at - start > 3)
            return false;
        exponent = int.Parse(rest[start..at], CultureInfo.InvariantCulture) * (rest[1] == '-' ? -1 : 1);
        rest = rest[at..];
        return true;
    }

    private static bool TryDecimal(UInt128 digits, int scale, bool negative, out decimal value)
    {
        value = 0;
        for (; scale < 0 && digits != 0; scale++)
        {
            if (digits > UInt128.MaxValue / 10)
                return false;
            digits *= 10;
        }
        scale = Math.Max(scale, 0);
        for (; scale > MaxDigits && digits % 10 == 0 && digits != 0; scale--)
            digits /= 10;
        if (scale > MaxDigits || digits >> 96 != 0)
            return false;
        value = new decimal((int)(uint)digits, (int)(uint)(digits >> 32), (int)(uint)(digits >> 64), negative && digits != 0, (byte)scale);
        return true;
    }

    /// <summary>One or two letters, something short in brackets, a letter or digit with its bracket, footnote signs, or a flag that the vocabulary has.</summary>
    private static bool IsFlag(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length == 2 && text[1] == ')' && char.IsAsciiLetter(text[0]))
            return true;
        if (text.Length <= 2 && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[^1]))
            return true;
        if (text.Length is >= 3 and <= 8 && ((Fold(text[0]) == '(' && Fold(text[^1]) == ')') || (text[0] == '[' && text[^1] == ']')))
        {
            var isMark = true;
            foreach (var c in text[1..^1])
                isMark &= char.IsAsciiLetterOrDigit(c) || c is ',' or ' ' or '*';
            if (isMark)
                return true;
        }
        return (text.Length <= 4 && !text.ContainsAnyExcept(FootnoteSigns)) || (text.Length <= 24 && Statuses.OfFlag(text) is not null);
    }

    private static bool IsGroup(char c, bool comma) => c == (comma ? '.' : ',') || c is '\'' or '’' or '٬' || IsSpace(c);

    private static char Kind(char c) => IsSpace(c) ? ' ' : c is '’' ? '\'' : c;

    private static bool IsSpace(char c) => c is ' ' or '\u00a0' or '\u202f' or '\u2009' or '\u2007';

    private static char Fold(char c) => c switch
    {
        < '\u0660' => c,
        '−' or '–' or '﹣' or '‑' or '‐' => '-',
        >= '！' and <= '～' => (char)(c - 0xFEE0),
        _ => char.GetUnicodeCategory(c) == UnicodeCategory.DecimalDigitNumber ? (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)) : c,
    };

    private static decimal Strip(decimal value)
    {
        while (value.Scale > 0 && value == decimal.Round(value, value.Scale - 1))
            value = decimal.Round(value, value.Scale - 1);
        return value;
    }
}
