using System.Buffers;

namespace Pipeline.Understanding;

/// <summary>Cuts a text into sentences: by Chinese and English sentence marks, semicolons and line breaks, never inside a number or a bracket pair.</summary>
internal static class Clauses
{
    /// <summary>A sentence longer than this is cut, and none of its pieces is understood: what bounds the memory that any text needs.</summary>
    public const int LongestSentence = 4096;

    /// <summary>The end of the sentence that starts at an index: after its mark, at the text's end, or after <see cref="LongestSentence"/> characters.</summary>
    public static int End(ReadOnlySpan<char> text, int start, out bool cut)
    {
        cut = false;
        var limit = Math.Min(text.Length, start + LongestSentence);
        for (var i = start; i < limit; i++)
        {
            var next = text[i..limit].IndexOfAny(SentenceMarks);
            if (next < 0)
                break;
            i += next;
            if (IsSentenceMark(text, i))
                return i + 1;
        }
        if (limit == text.Length)
            return limit;
        // between two clauses if one ends near, so that no number is cut in two
        cut = true;
        var clause = text[(limit - LongestSentence / 4)..limit].LastIndexOfAny("，、 ");
        return clause < 0 ? limit : limit - LongestSentence / 4 + clause + 1;
    }

    private static readonly SearchValues<char> SentenceMarks = SearchValues.Create("。！？；….;!?\n\r");

    /// <summary>Whether the mark at an index ends a sentence.</summary>
    public static bool IsSentenceMark(ReadOnlySpan<char> text, int at) => text[at] switch
    {
        '。' or '！' or '？' or '；' or '…' or ';' or '!' or '?' or '\n' or '\r' => true,
        '.' => IsFullStop(text, at),
        _ => false,
    };

    /// <summary>Whether a block ends as a sentence does: what tells running text from headings, captions, links and footers.</summary>
    public static bool EndsAsSentence(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd().TrimEnd("”’\"'」』)）]】");
        return !text.IsEmpty && text[^1] is '。' or '！' or '？' or '；' or '…' or '：' or '.' or '!' or '?' or ';' or ':';
    }

    /// <summary>What stands for the characters of a remark in brackets: no text of its own has it (word joiner).</summary>
    public const char Blanked = '\u2060';

    /// <summary>Blanks brackets without a digit inside, and footnote marks such as <c>[3]</c> and <c>【4】</c>: they interrupt a clause without ending it.</summary>
    public static void BlankAsides(Span<char> sentence)
    {
        for (var i = 0; i < sentence.Length; i++)
        {
            var next = sentence[i..].IndexOfAny("（([【〔");
            if (next < 0)
                return;
            i += next;
            var close = sentence[i] switch { '（' => '）', '(' => ')', '[' => ']', '【' => '】', _ => '〕' };
            var length = sentence[i..Math.Min(sentence.Length, i + 60)].IndexOf(close);
            if (length < 0)
                continue;
            var inside = sentence.Slice(i + 1, length - 1);
            var isMark = sentence[i] is '[' or '【' or '〔' && inside.Length is > 0 and <= 3 && !inside.ContainsAnyExceptInRange('0', '9');
            if (isMark || !inside.ContainsAnyInRange('0', '9'))
                sentence.Slice(i, length + 1).Fill(isMark ? ' ' : Blanked);
            i += length;
        }
    }

    /// <summary>Blanks the mark or the number of a list's item: <c>•</c>, <c>1．</c>, <c>(2)</c>.</summary>
    public static void BlankBullet(Span<char> sentence)
    {
        var first = sentence.IndexOfAnyExcept(' ');
        if (first < 0)
            return;
        if (sentence[first] is '•' or '·' or '●' or '■' or '▪' or '◆' or '○' or '►' or '*')
        {
            sentence[first] = ' ';
            return;
        }
        var isBracket = sentence[first] is '(' or '（';
        var i = isBracket ? first + 1 : first;
        var digits = sentence[i..].IndexOfAnyExceptInRange('0', '9');
        if (digits is not (1 or 2))
            return;
        i += digits;
        var ends = isBracket ? sentence[i] is ')' or '）' : sentence[i] is '.' or '、' or ')' or '）';
        // 1.5个百分点 and 1、2月份 are no items, 1.1—7月 is one
        if (!ends || (!isBracket && i + 1 < sentence.Length && char.IsAsciiDigit(sentence[i + 1]) && !(sentence[i] == '.' && ProsePeriods.Scan(sentence, i + 1, out var period) > 0 && period is not null)))
            return;
        sentence[first..(i + 1)].Fill(' ');
    }

    /// <summary>Writes a year in Chinese numerals with digits, one for one: 二〇二五年 is 2025年.</summary>
    public static void WriteYears(Span<char> sentence)
    {
        const string numerals = "〇一二三四五六七八九";
        Span<char> year = stackalloc char[4];
        for (var i = sentence.IndexOf('年'); i >= 0 && i < sentence.Length; i++)
        {
            if (sentence[i] != '年' || i < 4)
                continue;
            var isYear = true;
            for (var d = 0; d < 4 && isYear; d++)
            {
                var digit = sentence[i - 4 + d] is '○' or '零' or '〇' ? 0 : numerals.IndexOf(sentence[i - 4 + d], StringComparison.Ordinal);
                isYear = digit >= 0;
                year[d] = (char)('0' + Math.Max(0, digit));
            }
            if (isYear && year[0] is '1' or '2')
                year.CopyTo(sentence[(i - 4)..]);
        }
    }

    private static bool IsFullStop(ReadOnlySpan<char> text, int at)
    {
        if (at + 1 < text.Length && !char.IsWhiteSpace(text[at + 1]) && text[at + 1] is not ('"' or '”' or ')'))
            return false;
        // an initial or a list number ("Mr. J.", "1.") is no end
        var before = at - 1;
        while (before >= 0 && at - before <= 3 && char.IsLetterOrDigit(text[before]))
            before--;
        return at - before > 2 || (at > 0 && (text[at - 1] == '%' || char.IsDigit(text[at - 1]) && before >= 0 && !char.IsWhiteSpace(text[before])));
    }
}
