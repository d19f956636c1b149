using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>Reads number formats of spreadsheets (ECMA-376 part 1, 18.8.31): what they do to a number, not how it looks. One pass over the format.</summary>
internal static class NumberFormats
{
    private const int MaxLength = 255;
    private const string Signs = "£$€¥￥₽₩₹₺元";

    /// <summary>How a format shows a number.</summary>
    /// <param name="format">The format, of one to four sections.</param>
    /// <param name="stored">The number, which its section is chosen by.</param>
    /// <param name="hundredfold">Whether it shows a hundred times the number: a per cent sign that is no quoted or escaped text.</param>
    public static Shown Of(string format, double stored, out bool hundredfold)
    {
        var sections = SectionsOf(format);
        Section? own = null, fallback = null;
        for (var i = 0; i < sections.Length; i++)
        {
            var holds = sections[i].Holds(stored);
            if (holds ?? i switch { 0 => sections.Length == 1 || stored > 0, 1 => stored < 0, 2 => stored == 0, _ => false })
                own ??= sections[i];
            if (holds is null && i < 3)
                fallback = sections[i];
        }
        var chosen = own ?? (sections[0].HasCondition ? fallback : null) ?? sections[0];
        // a section of text only, such as "-" for zero, says nothing of the number
        var read = chosen.HasDigits ? chosen : sections[0];
        hundredfold = read.Hundredfold;
        return read.Shown;
    }

    /// <summary>The sections of a format; the last format's are at hand, because the cells of a column share theirs.</summary>
    private static Section[] SectionsOf(string format)
    {
        if (last is { } known && ReferenceEquals(known.Format, format))
            return known.Sections;
        var rest = format.AsSpan(0, Math.Min(format.Length, MaxLength));
        var sections = new List<Section>(4);
        while (sections.Count == 0 || (sections.Count < 4 && rest.Length > 0))
            sections.Add(Read(ref rest));
        last = (format, [.. sections]);
        return last.Value.Sections;
    }

    [ThreadStatic]
    private static (string Format, Section[] Sections)? last;

    /// <summary>One section and the condition in front of it.</summary>
    private readonly record struct Section(Shown Shown, bool Hundredfold, bool HasDigits, string? Operator, double Limit)
    {
        public bool HasCondition => Operator is not null;

        public bool? Holds(double value) => Operator switch
        {
            "<" => value < Limit,
            "<=" => value <= Limit,
            ">" => value > Limit,
            ">=" => value >= Limit,
            "=" => value == Limit,
            "<>" => value != Limit,
            _ => null,
        };
    }

    private static Section Read(ref ReadOnlySpan<char> format)
    {
        int decimals = 0, commas = 0, power = 0, at = 0;
        bool point = false, percent = false, hundredfold = false, perMille = false, digits = false, shows = false, exponent = false;
        string? currency = null, comparison = null;
        double limit = 0;
        for (; at < format.Length && format[at] != ';'; at++)
        {
            var c = format[at];
            var literal = '\0';
            switch (c)
            {
                case '"':
                    var end = format[(at + 1)..].IndexOf('"');
                    var quoted = end < 0 ? format[(at + 1)..] : format.Slice(at + 1, end);
                    literal = quoted.Contains('%') || quoted.Contains('％') ? '%' : quoted.Contains('‰') ? '‰' : quoted.Trim() is [var only] ? only : literal;
                    at += quoted.Length + 1;
                    break;
                case '\\' when at + 1 < format.Length:
                    literal = format[++at];
                    break;
                case '_' or '*':
                    at++;
                    break;
                case '[':
                    var close = format[at..].IndexOf(']');
                    var inside = close < 0 ? format[(at + 1)..] : format.Slice(at + 1, close - 1);
                    if (inside is ['$', .. var sign])
                        currency ??= sign[..(sign.IndexOf('-') is >= 0 and var dash ? dash : sign.Length)].Trim() is { Length: > 0 } name ? new string(name) : null;
                    else if (inside is ['<' or '>' or '=', ..])
                        comparison = Condition(inside, out limit);
                    at += inside.Length + 1;
                    break;
                case '%':
                    percent = hundredfold = true;
                    break;
                case '.':
                    (power, commas, point) = (power + commas, 0, true);
                    break;
                case ',':
                    commas += digits ? 1 : 0;
                    break;
                case 'E' or 'e' when digits && at + 1 < format.Length && format[at + 1] is '+' or '-':
                    exponent = true;
                    break;
                case '0' or '#' or '?':
                    commas = 0;
                    digits = true;
                    shows |= c != '?';
                    decimals += c == '0' && point && !exponent ? 1 : 0;
                    break;
                case 'G' or 'g' when format[at..].StartsWith("General", StringComparison.OrdinalIgnoreCase):
                    digits = shows = true;
                    at += "General".Length - 1;
                    break;
                default:
                    literal = c;
                    break;
            }
            percent |= literal is '%' or '％';
            perMille |= literal == '‰';
            if (currency is null && literal != '\0' && Signs.Contains(literal, StringComparison.Ordinal))
                currency = literal.ToString();
        }
        format = at < format.Length ? format[(at + 1)..] : [];
        var shown = new Shown(exponent ? 0 : Math.Min(decimals, Numbers.MaxDigits), percent, perMille, 3 * Math.Min(power + commas, 5), currency);
        return new Section(shown, hundredfold, shows, comparison, limit);
    }

    private static string? Condition(ReadOnlySpan<char> text, out double limit)
    {
        var length = text.IndexOfAnyExcept("<>=");
        limit = 0;
        return length > 0 && double.TryParse(text[length..], NumberStyles.Float, CultureInfo.InvariantCulture, out limit) ? new string(text[..length]) : null;
    }
}
