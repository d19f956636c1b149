using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace Pipeline.Local;

/// <summary>Text as a terminal shows it. Widths are in columns: an East Asian wide character takes two, a combining one none.</summary>
internal static class TerminalText
{
    /// <summary>The columns a text takes.</summary>
    public static int Width(string text) => new Segment(text).CellCount();

    /// <summary>A text on one line that can do nothing to a terminal: white space and control characters become one space, invisible ones go.</summary>
    /// <param name="text">The text, from a file that anybody may have written.</param>
    /// <param name="most">How many characters are looked at.</param>
    public static string Clean(ReadOnlySpan<char> text, int most = int.MaxValue)
    {
        var clean = new StringBuilder();
        foreach (var rune in text[..Math.Min(text.Length, most)].EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                    clean.Append(' ');
            }
            else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format)
            {
                clean.Append(rune.ToString());
            }
        }
        return clean.ToString().TrimEnd(' ');
    }

    /// <summary>A text in at most so many columns, with an ellipsis where it was cut.</summary>
    public static string Cut(string text, int width)
    {
        if (Width(text) <= width)
            return text;
        if (width < 1)
            return "";
        var (cut, used) = (new StringBuilder(), 1);
        foreach (var (element, columns) in Elements(text))
        {
            if ((used += columns) > width)
                break;
            cut.Append(element);
        }
        return cut.Append('…').ToString();
    }

    /// <summary>A text in exactly so many columns: cut, or filled with spaces.</summary>
    public static string Fill(string text, int width, bool right = false)
    {
        var cut = Cut(text, width);
        var spaces = new string(' ', Math.Max(0, width - Width(cut)));
        return right ? spaces + cut : cut + spaces;
    }

    /// <summary>A text on as many lines as it needs, broken at spaces and beside wide characters, the lines after the first indented.</summary>
    public static IEnumerable<string> Wrap(string text, int width, int indent)
    {
        indent = Math.Min(indent, width / 2);
        var (line, used, start) = (new StringBuilder(), 0, text.Length - text.TrimStart(' ').Length);
        var (breakAt, wide) = (-1, false);
        foreach (var (element, columns) in Width(text) <= width ? [] : Elements(text))
        {
            if (line.Length > start && element != " " && (columns > 1 || wide || line[^1] == ' '))
                breakAt = line.Length;
            if (used + columns > width && element != " " && line.Length > start)
            {
                // What is left for the next line has to fit there, indented.
                var at = breakAt > start && indent + Width(line.ToString(breakAt, line.Length - breakAt)) + columns <= width ? breakAt : line.Length;
                yield return line.ToString(0, at).TrimEnd(' ');
                line.Remove(0, at).Insert(0, " ", indent);
                (used, start, breakAt) = (Width(line.ToString()), indent, -1);
            }
            line.Append(element);
            (used, wide) = (used + columns, columns > 1);
        }
        yield return line.Length > 0 ? line.ToString().TrimEnd(' ') : text;
    }

    /// <summary>Rows under each other, their columns as wide as they must be; the widest are cut until a line fits.</summary>
    /// <param name="rows">Rows of as many cells each.</param>
    /// <param name="isRight">Whether a column stands at the right.</param>
    /// <param name="width">The columns that a line may take.</param>
    public static IEnumerable<string> Align(IReadOnlyList<string[]> rows, Func<int, bool> isRight, int width)
    {
        var widths = Enumerable.Range(0, rows.Count == 0 ? 0 : rows[0].Length).Select(c => rows.Max(row => Width(row[c]))).ToArray();
        for (var over = widths.Sum() + (2 * (widths.Length - 1)) - (long)width; over > 0 && widths.Max() > 4; over--)
            widths[Array.IndexOf(widths, widths.Max())]--;
        return rows.Select(row => Cut(string.Join("  ", row.Select((cell, c) => Fill(cell, widths[c], isRight(c)))).TrimEnd(' '), width));
    }

    private static IEnumerable<(string Element, int Columns)> Elements(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
            yield return (elements.GetTextElement(), Width(elements.GetTextElement()));
    }
}
