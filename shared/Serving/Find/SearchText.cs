using System.Text;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>
/// How texts are compared when they are searched: width, case, accents and traditional characters folded; words of letters and digits, and runs of
/// Chinese, Japanese or Korean characters, which have no words that could be told.
/// </summary>
internal static class SearchText
{
    /// <summary>The most characters of a text that count.</summary>
    public const int MostLength = 200;

    /// <summary>The most characters of a word that count.</summary>
    public const int LongestWord = 32;

    private const string Accented = "àáâãäåāăąçćĉċčďđèéêëēĕėęěĝğġģĥħìíîïĩīĭįıĵķłĺļľñńņňòóôõöøōŏőŕŗřśŝşšßţťŧùúûüũūŭůűųŵýÿŷźżžæœðþ";
    private const string Plain = "aaaaaaaaacccccddeeeeeeeeegggghhiiiiiiiiijkllllnnnnooooooooorrrssssstttuuuuuuuuuuwyyyzzzaodt";
    private static readonly char[] Folded = Folding();

    /// <summary>The text as it is compared: folded, with one space wherever neither a letter nor a digit stands.</summary>
    public static string Normal(ReadOnlySpan<char> text)
    {
        var normal = new StringBuilder(Math.Min(text.Length, MostLength));
        foreach (var c in text[..Math.Min(text.Length, MostLength)])
        {
            var folded = Folded[c];
            if (folded == '\0')
                continue;
            if (folded != ' ')
                normal.Append(folded);
            else if (normal.Length > 0 && normal[^1] != ' ')
                normal.Append(' ');
        }
        if (normal.Length > 0 && normal[^1] == ' ')
            normal.Length--;
        return normal.ToString();
    }

    /// <summary>The words and runs of a normal text, in their order.</summary>
    public static IEnumerable<Range> Pieces(string normal)
    {
        for (var start = 0; start < normal.Length;)
        {
            if (normal[start] == ' ')
            {
                start++;
                continue;
            }
            var (end, isRun) = (start + 1, IsRun(normal[start]));
            while (end < normal.Length && normal[end] != ' ' && IsRun(normal[end]) == isRun)
                end++;
            yield return start..end;
            start = end;
        }
    }

    /// <summary>Whether a character is of a script without spaces between words.</summary>
    public static bool IsRun(char c) => c is >= '\u3040' and <= '\u30ff' or >= '\u3400' and <= '\u9fff' or >= '\uac00' and <= '\udfff' or >= '\uf900' and <= '\ufaff';

    private static char[] Folding()
    {
        var folding = new char[char.MaxValue + 1];
        for (var i = 0; i < folding.Length; i++)
        {
            var c = (char)i;
            if (c is >= '！' and <= '～')
                c = (char)(c - 0xfee0);
            c = char.ToLowerInvariant(c);
            if (Accented.IndexOf(c, StringComparison.Ordinal) is >= 0 and var place)
                c = Plain[place];
            // A combining mark is an accent of the letter before it.
            folding[i] = c is >= '\u0300' and <= '\u036f' ? '\0' : char.IsLetterOrDigit(c) || char.IsSurrogate(c) ? c : ' ';
        }
        foreach (var (traditional, simplified) in Vocabulary.Load("traditional").Codes)
            folding[traditional[0]] = simplified.Labels["zh"][0];
        return folding;
    }
}
