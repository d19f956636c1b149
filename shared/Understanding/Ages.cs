using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>Reads ages and age groups as SDMX codes them (CL_AGE): <c>Y15T24</c>, <c>Y_LT1</c>, <c>Y_GE85</c>, <c>Y15</c>, <c>_T</c>. One pass over the text.</summary>
internal static class Ages
{
    private const int MaxLength = 48;
    private const int MaxTokens = 10;
    private const int Oldest = 130;

    private static readonly (string Word, char Shape)[] Words = new (string, char)[]
    {
        ("age", ' '), ("ages", ' '), ("aged", ' '), ("age group", ' '), ("year", ' '), ("years", ' '), ("yrs", ' '), ("yr", ' '), ("years old", ' '), ("year olds", ' '), ("old", ' '), ("of", ' '),
        ("y", ' '), ("years of age", ' '), ("than", ' '), ("the", ' '), ("岁", ' '), ("周岁", ' '), ("歲", ' '), ("年龄", ' '), ("组", ' '), ("años", ' '), ("anos", ' '), ("ans", ' '), ("jahre", ' '),
        ("and", '&'), ("or", '&'), ("及", '&'), ("或", '&'), ("和", '&'), ("y más", 'O'), ("und", '&'), ("et", '&'), ("over", 'O'), ("above", 'O'), ("older", 'O'), ("plus", 'O'), ("more", 'O'),
        ("up", 'O'), ("upwards", 'O'), ("以上", 'O'), ("mehr", 'O'), ("plus de", 'O'), ("under", 'U'), ("below", 'U'), ("younger", 'U'), ("less", 'U'), ("fewer", 'U'), ("以下", 'U'), ("不满", 'u'),
        ("未满", 'u'), ("to", '-'), ("a", '-'), ("à", '-'), ("bis", '-'), ("until", '-'), ("through", '-'), ("至", '-'), ("到", '-'), ("month", 'm'), ("months", 'm'), ("个月", 'm'), ("月龄", 'm'), ("day", 'd'),
        ("days", 'd'), ("天", 'd'), ("日龄", 'd'),
    }.OrderByDescending(w => w.Item1.Length).ToArray();

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Totals = Set(
        "all ages", "all age groups", "all", "total", "total, all ages", "all ages total", "total all ages", "any age", "合计", "总计", "全部", "总人口", "所有年龄", "全部年龄", "各年龄段", "年龄合计", "total age");

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Unknowns = Set(
        "unknown", "not stated", "age unknown", "age not stated", "not known", "unknown age", "不详", "未知", "年龄不详", "年龄未知", "unspecified");

    /// <summary>Whether a text is an age or an age group.</summary>
    /// <param name="text">The text: <c>15-24</c>, <c>15–24岁</c>, <c>85+</c>, <c>85 and over</c>, <c>65岁及以上</c>, <c>Under 1 year</c>, <c>All ages</c>, …</param>
    /// <param name="code">Its code: M and D in place of Y for months and days; <c>_T</c> for all ages, <c>_U</c> for unknown ones.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out string code)
    {
        code = "";
        text = text.Trim();
        if (text.Length is 0 or > MaxLength)
            return false;
        if (Totals.Contains(text) || Unknowns.Contains(text))
        {
            code = Totals.Contains(text) ? "_T" : "_U";
            return true;
        }
        Span<char> shapes = stackalloc char[MaxTokens];
        Span<int> values = stackalloc int[2];
        var (count, numbers, unit) = (0, 0, 'Y');
        for (var i = 0; i < text.Length;)
        {
            var c = Fold(text[i]);
            var shape = c switch
            {
                '-' or '–' or '—' or '―' or '‑' or '−' or '~' or '～' or '〜' => '-',
                '+' => 'O',
                '<' => '<',
                '>' => '>',
                '≤' => 'l',
                '≥' => 'g',
                '=' => '=',
                '&' => '&',
                ',' or '.' or '(' or ')' => ' ',
                _ => char.IsWhiteSpace(c) ? ' ' : default,
            };
            if (char.IsAsciiDigit(c))
            {
                var (value, start) = (0, i);
                for (; i < text.Length && char.IsAsciiDigit(Fold(text[i])) && i - start < 4; i++)
                    value = (value * 10) + Fold(text[i]) - '0';
                if (numbers == 2 || i - start > 3 || (i - start > 2 && value < 100))
                    return false;
                values[numbers++] = value;
                shape = 'n';
            }
            else if (shape != default)
            {
                i++;
            }
            else
            {
                var length = WordAt(text[i..], out shape);
                if (length == 0)
                    return false;
                i += length;
            }
            if (shape is 'm' or 'd')
            {
                if (unit != 'Y' && unit != char.ToUpperInvariant(shape))
                    return false;
                (unit, shape) = (char.ToUpperInvariant(shape), ' ');
            }
            if (shape == ' ')
                continue;
            if (count == MaxTokens)
                return false;
            shapes[count++] = shape;
        }
        if (numbers > 0 && values[..numbers].ContainsAnyExceptInRange(0, unit == 'Y' ? Oldest : 400))
            return false;
        var (from, to) = (values[0], values[1]);
        code = shapes[..count] switch
        {
            "n" => Write(unit, "", from),
            "n-n" => Group(unit, from, to),
            "n&Un" or "n-Un" or "n-<n" => Group(unit, from, to - 1),
            "nO" or "n&O" or "gn" or ">=n" => Write(unit, "_GE", from),
            "On" or ">n" => Write(unit, "_GT", from),
            "nU" or "Un" or "<n" or "un" or "nu" => Write(unit, "_LT", from),
            "n&U" or "ln" or "<=n" or "O-n" => Write(unit, "_LE", from),
            _ => "",
        };
        return code.Length > 0;
    }

    /// <summary>The ages that a code of this class's covers, in days of years of 360: from the first up to, and without, the last.</summary>
    /// <param name="code">The code: <c>Y15T24</c>, <c>Y_GE65</c>, <c>M6</c>, …; not those of all and of unknown ages.</param>
    /// <param name="ages">The ages.</param>
    public static bool TryRange(ReadOnlySpan<char> code, out (int From, int To) ages)
    {
        ages = default;
        var days = code.Length < 2 ? 0 : code[0] switch { 'Y' => 360, 'M' => 30, 'D' => 1, _ => 0 };
        if (days == 0)
            return false;
        var hasRelation = code[1] == '_' && code.Length > 4;
        var relation = hasRelation ? new string(code[2..4]) : "";
        var rest = code[(hasRelation ? 4 : 1)..];
        var cut = rest.IndexOf('T');
        if (!Number(cut < 0 ? rest : rest[..cut], out var from) || !Number(cut < 0 ? rest : rest[(cut + 1)..], out var to) || (cut >= 0 && relation.Length > 0))
            return false;
        ages = relation switch
        {
            "" => (from * days, (to + 1) * days),
            "GE" => (from * days, int.MaxValue),
            "GT" => ((from + 1) * days, int.MaxValue),
            "LT" => (0, from * days),
            "LE" => (0, (from + 1) * days),
            _ => default,
        };
        return ages.To > ages.From;

        static bool Number(ReadOnlySpan<char> digits, out int number) =>
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 1000;
    }

    private static string Group(char unit, int from, int to) =>
        to < from ? "" : to == from ? Write(unit, "", from) : string.Create(CultureInfo.InvariantCulture, $"{unit}{from}T{to}");

    private static string Write(char unit, string relation, int age) => string.Create(CultureInfo.InvariantCulture, $"{unit}{relation}{age}");

    private static int WordAt(ReadOnlySpan<char> text, out char shape)
    {
        shape = default;
        foreach (var (word, known) in Words)
        {
            if (!text.StartsWith(word, StringComparison.OrdinalIgnoreCase) || (char.IsAscii(word[^1]) && text.Length > word.Length && char.IsAsciiLetter(text[word.Length])))
                continue;
            shape = known;
            return word.Length;
        }
        return 0;
    }

    private static char Fold(char c) => c is >= '！' and <= '～' ? (char)(c - 0xFEE0) : c;

    private static HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(params string[] words) =>
        new HashSet<string>(words, StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
