using System.Buffers;

namespace Pipeline.Reading;

/// <summary>Reads plain text: one block for each line that is not blank.</summary>
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
            var aloneAbove = i == 0 || lines[i - 1].From == lines[i - 1].To;
            var aloneBelow = i == lines.Count - 1 || lines[i + 1].From == lines[i + 1].To;
            var line = text[from..to];
            blocks.Add(new TextBlock(Kind(line, aloneAbove || aloneBelow), line, start));
        }
        return new TextDocument(blocks);
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
