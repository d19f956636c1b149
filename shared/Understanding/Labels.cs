using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Understanding;

/// <summary>Makes codes from labels: the same label gives the same code in every release.</summary>
internal static class Labels
{
    /// <summary>The longest readable part of a code.</summary>
    public const int MaxCode = 40;

    /// <summary>The longest label kept; a longer one is cut.</summary>
    public const int MaxLabel = 4000;

    /// <summary>What stands where a dimension says nothing of an observation.</summary>
    public static readonly Code NotApplicable = new(Concepts.NotApplicable) { Labels = new Dictionary<string, string> { ["zh"] = "不适用", ["en"] = "Not applicable" } };

    /// <summary>A code from a label alone: <c>New York</c> gives <c>NEW_YORK</c>; a label with letters beyond ASCII gives <c>C_</c> and ten hex digits.</summary>
    /// <param name="label">The label.</param>
    /// <param name="language">The language of labels without Chinese characters; null for English.</param>
    public static Code ToCode(string label, string? language)
    {
        var clean = Clean(label);
        return new Code(ToId(clean)) { Labels = new Dictionary<string, string> { [Language(clean, language)] = clean } };
    }

    /// <summary>The language of a label.</summary>
    public static string Language(string label, string? language) => HasChinese(label) ? "zh" : language ?? "en";

    /// <summary>A label with its white space collapsed.</summary>
    public static string Clean(string label)
    {
        var text = new StringBuilder(Math.Min(label.Length, MaxLabel));
        foreach (var c in label.AsSpan().Trim())
        {
            var blank = char.IsWhiteSpace(c) || char.IsControl(c);
            if (blank && (text.Length == 0 || text[^1] == ' '))
                continue;
            if (text.Length >= MaxLabel)
                break;
            text.Append(blank ? ' ' : c);
        }
        return text.ToString();
    }

    /// <summary>A label without the footnote marks behind it: <c>Victoria(b)</c>, <c>Total¹</c>, <c>Deaths[2]</c>, <c>Revised*</c>.</summary>
    public static string WithoutMarks(string label)
    {
        var text = label.AsSpan().TrimEnd();
        while (text.Length > 1)
        {
            var last = text[^1];
            if (last is '*' or '†' or '‡' or '§' or '¶' or '⁽' or '⁾' or '⸴' or '⁻' or '⁰' or '¹' or '²' or '³' or (>= '⁴' and <= '⁹') or (>= 'ᵃ' and <= 'ᶻ') or 'ⁿ' or 'ⁱ')
            {
                text = text[..^1].TrimEnd(" ,，、");
                continue;
            }
            if (last is ')' or ']' or '）' && text.LastIndexOfAny("([（") is > 0 and var open && text.Length - open <= 5 && IsMark(text[(open + 1)..^1]))
            {
                text = text[..open].TrimEnd(" ,，、");
                continue;
            }
            break;
        }
        return text.Length == label.Length ? label : new string(text);
    }

    private static bool IsMark(ReadOnlySpan<char> inside)
    {
        // The twentieth note of a table is rarer than tonnes.
        if (inside.Length == 0 || inside.Length > 3 || inside is "t")
            return false;
        foreach (var c in inside)
            if (!char.IsAsciiDigit(c) && !(char.IsAsciiLetterLower(c) && inside.Length == 1) && c is not (',' or ' '))
                return false;
        return true;
    }

    /// <summary>Whether a text can stand as an SDMX code as it is.</summary>
    public static bool IsCode(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '$' or '@'))
                return false;
        return text.Length is > 0 and <= MaxCode + 11;
    }

    /// <summary>Whether a text looks like a code and no word: no small letters, and nothing that a code can not have.</summary>
    public static bool LooksLikeCode(ReadOnlySpan<char> text)
    {
        var says = false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterUpper(c) && !char.IsAsciiDigit(c) && c is not ('_' or '-'))
                return false;
            says |= char.IsAsciiLetterOrDigit(c);
        }
        return says && text.Length <= MaxCode + 11;
    }

    /// <summary>The last ten hex digits that a code needs to differ from another label's.</summary>
    public static string Hash(string label) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Vocabulary.Normalize(label).ToUpperInvariant())), 0, 5);

    /// <summary>Cuts what stands in the last round brackets off a header: <c>产量(万吨)</c> gives <c>产量</c> and <c>万吨</c>.</summary>
    public static (string Name, string? Inside) SplitBrackets(string label)
    {
        var text = label.TrimEnd();
        if (text.Length < 3 || text[^1] is not (')' or '）' or ']'))
            return (label, null);
        var open = text.LastIndexOfAny(['(', '（', '[']);
        return open < 0 ? (label, null) : (text[..open].TrimEnd(' ', ',', '，'), text[(open + 1)..^1].Trim());
    }

    private static string ToId(string label)
    {
        var text = Vocabulary.Normalize(label).Replace(" > ", " ", StringComparison.Ordinal);
        var id = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var word = c switch { '+' => "PLUS", '%' => "PCT", '<' => "LT", '>' => "GT", '&' => "AND", '£' => "GBP", '$' => "USD", '€' => "EUR", _ => null };
            if (word is not null)
                id.Append(id.Length > 0 && id[^1] != '_' ? "_" : "").Append(word).Append('_');
            else if (char.IsAsciiLetterOrDigit(c))
                id.Append(char.ToUpperInvariant(c));
            else if (char.IsLetterOrDigit(c) || char.IsSurrogate(c))
                return "C_" + Hash(label);
            else if (id.Length > 0 && id[^1] != '_')
                id.Append('_');
        }
        var code = id.ToString().Trim('_');
        if (code.Length == 0)
            return "C_" + Hash(label);
        return code.Length <= MaxCode ? code : code[..MaxCode].TrimEnd('_') + "_" + Hash(label);
    }

    private static bool HasChinese(string text)
    {
        foreach (var c in text)
            if (c is >= '\u3400' and <= '\u9fff')
                return true;
        return false;
    }
}
