using System.Buffers;

namespace Pipeline.Reading;

/// <summary>Reads plain text: one block for each line that is not blank; lines that were wrapped at a width are one.</summary>
internal static class PlainText
{
    private const int HeadingLength = 80;

    private static readonly SearchValues<char> SentenceMarks = SearchValues.Create("。！？；!?;");

    /// <summary>The blocks of a decoded file.</summary>
    public static TextDocument Read(string text)
    {
        var lines = new List<(int From, int To, int CodePoint)>();
        var codePoint = 0;
        for (var at = 0; at < text.Length;)
        {
            var length = text.AsSpan(at).IndexOfAny('\r', '\n');
            var end = length < 0 ? text.Length : at + length;
            var line = text.AsSpan(at, end - at);
            var lead = line.Length - line.TrimStart().Length;
            lines.Add((at + lead, at + lead + line.Trim().Length, codePoint + lead));
            codePoint += CodePoints(line) + (end < text.Length ? 1 : 0);
            at = end + 1;
            if (end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n')
            {
                at++;
                codePoint++;
            }
        }
        var blocks = new List<TextBlock>();
        for (var i = 0; i < lines.Count; i++)
        {
            var (from, to, start) = lines[i];
            if (from == to)
                continue;
            var last = i;
            while (last + 1 < lines.Count && IsWrapped(text, lines, last))
                last++;
            var aloneAbove = i == 0 || lines[i - 1].From == lines[i - 1].To;
            var aloneBelow = last == lines.Count - 1 || lines[last + 1].From == lines[last + 1].To;
            var line = text[from..to];
            blocks.Add(last > i ? Joined(text, lines, i, last) : new TextBlock(Kind(line, aloneAbove || aloneBelow), line, start));
            i = last;
        }
        return new TextDocument(blocks);
    }

    // Whether a line was broken because it was full: it stops in the middle of a sentence, and is about as long as the longest beside it.
    private static bool IsWrapped(string text, List<(int From, int To, int CodePoint)> lines, int at)
    {
        var line = text.AsSpan(lines[at].From, lines[at].To - lines[at].From);
        var next = text.AsSpan(lines[at + 1].From, lines[at + 1].To - lines[at + 1].From);
        var isHan = line.Length > 0 && line[^1] >= '\u2e80';
        if (line.Length < (isHan ? ShortestHanLine : ShortestLine) || next.IsEmpty || lines[at + 1].From - lines[at].To > 2 || Kind(next.ToString(), false) == TextBlockKind.ListItem || Kind(line.ToString(), false) == TextBlockKind.ListItem
            || line[^1] is '.' or ':' or '：' || SentenceMarks.Contains(line[^1]) || next[0] is '（' or '(' || IsNumbered(next))
        {
            return false;
        }
        // a title or a caption holds no clause; a line that goes on in lower case, or in the middle of a figure, was surely broken
        if (char.IsLower(next[0]))
            return true;
        var longest = line.Length;
        for (var i = at + 1; i < lines.Count && lines[i].From < lines[i].To && i < at + LinesBeside; i++)
            longest = Math.Max(longest, lines[i].To - lines[i].From);
        for (var i = at - 1; i >= 0 && lines[i].From < lines[i].To && i > at - LinesBeside; i--)
            longest = Math.Max(longest, lines[i].To - lines[i].From);
        return line.ContainsAny(Clauses) && line.Length * 4 >= longest * 3;
    }

    private const int ShortestHanLine = 20;
    private const int ShortestLine = 40;
    private const int LinesBeside = 8;
    private static readonly SearchValues<char> Clauses = SearchValues.Create("，。、；,;%");

    private static readonly SearchValues<char> Numerals = SearchValues.Create("一二三四五六七八九十0123456789");

    // 一、, （二）, 3.
    private static bool IsNumbered(ReadOnlySpan<char> line)
    {
        var digits = line.IndexOfAnyExcept(Numerals);
        return digits is > 0 and <= 3 && line[digits] is '、' or '．' or '.' or '）' or ')' && !(line[digits] == '.' && digits + 1 < line.Length && char.IsAsciiDigit(line[digits + 1]));
    }

    // one paragraph of several lines; a line break between Latin words is a blank, between Chinese characters nothing
    private static TextBlock Joined(string text, List<(int From, int To, int CodePoint)> lines, int first, int last)
    {
        var joined = new System.Text.StringBuilder();
        var offsets = new List<int>();
        for (var i = first; i <= last; i++)
        {
            var (from, to, codePoint) = lines[i];
            if (i > first && (joined[^1] < '\u2e80' || text[from] < '\u2e80') && !(char.IsAsciiDigit(joined[^1]) && text[from] >= '\u2e80'))
            {
                joined.Append(' ');
                offsets.Add(codePoint - 1);
            }
            for (var at = from; at < to; at++)
            {
                joined.Append(text[at]);
                offsets.Add(codePoint);
                codePoint += char.IsHighSurrogate(text[at]) ? 0 : 1;
            }
        }
        offsets.Add(offsets[^1] + 1);
        return new TextBlock(TextBlockKind.Paragraph, joined.ToString(), [.. offsets]);
    }

    /// <summary>How many code points a text without lone surrogates has.</summary>
    public static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        var rest = text;
        while (rest.IndexOfAnyInRange('\udc00', '\udfff') is >= 0 and var at)
        {
            count--;
            rest = rest[(at + 1)..];
        }
        return count;
    }

    private static TextBlockKind Kind(string line, bool alone)
    {
        if (line.Length > 2 && line[0] is '-' or '*' or '+' or '•' or '·' or '●' or '○' or '■' or '▪' or '◆' or '▶' or '►' && (line[0] > '\u007f' || line[1] is ' ' or '\t'))
            return TextBlockKind.ListItem;
        return alone && line.Length <= HeadingLength && line[^1] is not ('.' or ':' or '：' or ',' or '，') && !line.AsSpan().ContainsAny(SentenceMarks)
            ? TextBlockKind.Heading
            : TextBlockKind.Paragraph;
    }
}
