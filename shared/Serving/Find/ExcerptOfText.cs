using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Reading;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The sentence around a range of characters of a release.</summary>
internal static class ExcerptOfText
{
    /// <summary>The most characters (UTF-16 units) of an excerpt.</summary>
    public const int MostLength = 600;

    /// <summary>The excerpt of a text that was taken apart into blocks; null where no block has the place.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="from">The first code point of the file.</param>
    /// <param name="to">The code point after the last.</param>
    public static JsonObject? Of(IReadOnlyList<TextBlock> blocks, int from, int to)
    {
        foreach (var block in blocks)
        {
            var text = block.Text;
            if (text.Length == 0 || block.CodePointOf(0) > from || block.CodePointOf(text.Length) <= from)
                continue;
            var (start, end) = (IndexOf(block, from), IndexOf(block, to));
            return Cut(text, start, Math.Max(end, Math.Min(start + 1, text.Length)), sentences: true);
        }
        return null;
    }

    /// <summary>The excerpt of a file that is read as it stands; null where it is not that long.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{TextBlock}, int, int)"/>
    public static JsonObject? Of(string text, int from, int to)
    {
        var (at, start) = (0, -1);
        for (var i = 0; i <= text.Length; i++)
        {
            if (at == from && start < 0)
                start = i;
            if (at == to && start >= 0)
                return Cut(text, start, i, sentences: false);
            if (i < text.Length && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])))
                at++;
        }
        return null;
    }

    // What is marked, and around it the sentence, or the lines where the file is no prose, as far as there is room.
    private static JsonObject Cut(string text, int start, int end, bool sentences)
    {
        end = Math.Min(end, start + MostLength);
        var (first, last) = (0, text.Length);
        if (sentences)
        {
            for (var at = 0; at < text.Length && at <= start;)
            {
                first = at;
                at = Clauses.End(text, at, out _);
                last = at;
            }
            while (last < end)
                last = Clauses.End(text, last, out _);
        }
        else
        {
            // Whole lines, where there are any: a figure alone in its line says nothing.
            var room = MostLength / 4;
            (first, last) = (Math.Max(0, start - room), Math.Min(text.Length, end + room));
            if (first > 0 && text.AsSpan(first, start - first).IndexOf('\n') is >= 0 and var line)
                first += line + 1;
            if (last < text.Length && text.AsSpan(end, last - end).LastIndexOf('\n') is >= 0 and var next)
                last = end + next;
        }
        // Two thirds of the room are before the figure: what it is of stands there.
        var rest = Math.Max(0, MostLength - (end - start));
        first = Math.Max(first, start - rest * 2 / 3);
        last = Math.Min(last, end + rest - Math.Min(start - first, rest));
        while (first < start && (char.IsWhiteSpace(text[first]) || char.IsLowSurrogate(text[first])))
            first++;
        while (last > end && (char.IsWhiteSpace(text[last - 1]) || char.IsHighSurrogate(text[last - 1])))
            last--;
        return new JsonObject
        {
            ["kind"] = "text",
            ["text"] = text[first..last],
            ["from"] = CodePoints(text.AsSpan(first, start - first)),
            ["to"] = CodePoints(text.AsSpan(first, end - first)),
            ["figure"] = text[start..end],
        };
    }

    private static int IndexOf(TextBlock block, int codePoint)
    {
        var (from, to) = (0, block.Text.Length);
        while (from < to)
        {
            var middle = (from + to) >>> 1;
            if (block.CodePointOf(middle) < codePoint)
                from = middle + 1;
            else
                to = middle;
        }
        return from;
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }
}
