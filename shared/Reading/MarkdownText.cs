namespace Pipeline.Reading;

/// <summary>Reads the text of Markdown (the common part of CommonMark and GitHub's tables), its mark-up left out.</summary>
internal static class MarkdownText
{
    /// <summary>The blocks of a decoded file, each character with its code point in the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="tables">Where its pipe tables go; null for none.</param>
    public static TextDocument Read(string file, DocumentTables? tables = null)
    {
        var blocks = new BlockBuilder(file);
        DocumentGrid? grid = null;
        var kind = TextBlockKind.Paragraph;
        var fenced = false;
        var loose = false;
        for (var at = 0; at < file.Length;)
        {
            var length = file.AsSpan(at).IndexOfAny('\r', '\n');
            var end = length < 0 ? file.Length : at + length;
            var line = file.AsSpan(at, end - at);
            // GitHub's tables need no mark at a line's start: then the second line tells.
            loose = !fenced && line.Contains('|') && (loose || (grid is null && !IsPiped(line) && IsRule(file, end)));
            if (grid is not null && !loose && (fenced || !IsPiped(line)))
            {
                tables!.End(grid, null, blocks.Blocks);
                grid = null;
            }
            Line(blocks, file, at, end, ref kind, ref fenced, ref grid, loose, tables);
            at = end + (file.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
        }
        blocks.End(kind);
        if (grid is not null)
            tables!.End(grid, null, blocks.Blocks);
        return new TextDocument(blocks.Blocks);
    }

    private static bool IsPiped(ReadOnlySpan<char> line) => line.TrimStart(" \t>") is ['|', ..];

    // Whether the line after a line's end is the rule below a table's head.
    private static bool IsRule(string file, int end)
    {
        var rest = file.AsSpan(end);
        rest = rest.StartsWith("\r\n") ? rest[2..] : rest.IsEmpty ? rest : rest[1..];
        var length = rest.IndexOfAny('\r', '\n');
        var line = (length < 0 ? rest : rest[..length]).Trim();
        return line.Contains('|') && line.Contains('-') && !line.ContainsAnyExcept("|-: ");
    }

    private static void Line(
        BlockBuilder blocks, string file, int from, int to, ref TextBlockKind kind, ref bool fenced, ref DocumentGrid? grid, bool loose, DocumentTables? tables)
    {
        var line = file.AsSpan(from, to - from);
        var text = line.Trim();
        var start = from + (line.Length - line.TrimStart().Length);
        while (text is ['>', ..] && !fenced)
        {
            var inner = text[1..].TrimStart();
            start += text.Length - inner.Length;
            text = inner;
        }
        if (text.StartsWith("```") || text.StartsWith("~~~"))
        {
            blocks.End(kind);
            kind = TextBlockKind.Paragraph;
            fenced = !fenced;
            return;
        }
        if (text.IsEmpty)
        {
            blocks.End(kind);
            kind = TextBlockKind.Paragraph;
            return;
        }
        if (fenced)
        {
            blocks.Add(start, start + text.Length);
            blocks.End(TextBlockKind.Fragment);
            return;
        }
        if (text.TrimStart('#') is [' ' or '\t', ..] && text is ['#', ..] && text.Length - text.TrimStart('#').Length <= 6)
        {
            blocks.End(kind);
            var title = text.TrimStart('#').TrimStart();
            start += text.Length - title.Length;
            Inline(blocks, file, start, start + title.TrimEnd('#').TrimEnd().Length);
            blocks.End(TextBlockKind.Heading);
            kind = TextBlockKind.Paragraph;
            return;
        }
        // A rule, the underline of a heading above, or the line between a pipe table's head and body.
        if (text[0] is '=' or '-' or '*' or '_' && text.Length >= 3 && !text.ContainsAnyExcept(text[0], ' '))
        {
            blocks.End(text[0] is '=' or '-' && kind == TextBlockKind.Paragraph ? TextBlockKind.Heading : kind);
            kind = TextBlockKind.Paragraph;
            return;
        }
        // In a table's body, dashes are missing values.
        if (!text.ContainsAnyExcept("|-: ") && !(grid is { Row: > 0 } && (loose || text[0] == '|')))
            return;
        if (loose || text is ['|', ..])
        {
            blocks.End(kind);
            kind = TextBlockKind.Paragraph;
            if (tables is not null)
                grid ??= tables.Start(blocks.Blocks.Count);
            Cells(blocks, file, start, start + text.Length, grid);
            return;
        }
        var mark = ListMark(text);
        if (mark > 0)
        {
            blocks.End(kind);
            kind = TextBlockKind.ListItem;
            start += mark;
            text = text[mark..];
        }
        else
        {
            blocks.Space(from);
        }
        Inline(blocks, file, start, start + text.Length);
    }

    private static void Cells(BlockBuilder blocks, string file, int from, int to, DocumentGrid? grid)
    {
        grid?.StartRow();
        var cell = from;
        for (var at = from; at <= to; at++)
        {
            if (at < to && (file[at] != '|' || (at > from && file[at - 1] == '\\')))
                continue;
            // Nothing stands before the first mark or behind the last.
            if ((cell > from || file[from] != '|') && cell < to)
                grid?.StartCell(blocks.Blocks.Count, 1, 1, 0);
            Inline(blocks, file, cell, at);
            blocks.End(TextBlockKind.Fragment);
            var text = file.AsSpan(cell, at - cell).Trim();
            grid?.EndCell(blocks.Blocks.Count, text.Length > 4 && text.StartsWith("**") && text.EndsWith("**"));
            cell = at + 1;
        }
    }

    private static int ListMark(ReadOnlySpan<char> text)
    {
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        var mark = text[0] is '-' or '*' or '+' ? 1 : digits is > 0 and < 4 && text[digits] is '.' or ')' ? digits + 1 : 0;
        return mark > 0 && mark < text.Length && text[mark] is ' ' or '\t' ? mark + 1 : 0;
    }

    private static void Inline(BlockBuilder blocks, string file, int from, int to)
    {
        for (var at = from; at < to; at++)
        {
            var c = file[at];
            if (c == '\\' && at + 1 < to && char.IsAsciiLetterOrDigit(file[at + 1]) is false && file[at + 1] < '\u007f')
            {
                at++;
                blocks.Add(at, at + 1);
            }
            else if (c is '*' or '`' || (c == '~' && at + 1 < to && file[at + 1] == '~') || (c == '~' && at > from && file[at - 1] == '~') || (c == '_' && IsEdge(file, at, from, to)))
            {
                // A lone star between spaces multiplies.
                if (c == '*' && at > from && at + 1 < to && file[at - 1] == ' ' && file[at + 1] == ' ')
                    blocks.Add(at, at + 1);
            }
            else if (c is '[' or '!' && Link(file, at, to) is { } link)
            {
                Inline(blocks, file, link.Label, link.LabelEnd);
                at = link.End - 1;
            }
            else
            {
                blocks.Add(at, at + 1);
            }
        }
    }

    private static bool IsEdge(string file, int at, int from, int to) =>
        at == from || at == to - 1 || !char.IsLetterOrDigit(file[at - 1]) || !char.IsLetterOrDigit(file[at + 1]);

    // [label](address) and ![label](address); the search is bounded, so that a line of brackets stays linear.
    private static (int Label, int LabelEnd, int End)? Link(string file, int at, int to)
    {
        var label = file[at] == '!' ? at + 2 : at + 1;
        if (label > to || file[label - 1] != '[')
            return null;
        var within = file.AsSpan(label, Math.Min(to - label, 500));
        var close = within.IndexOfAny('[', ']');
        if (close < 0 || within[close] == '[' || close + 1 >= within.Length || within[close + 1] != '(')
            return null;
        var address = file.AsSpan(label + close + 2, Math.Min(to - label - close - 2, 2000));
        var end = address.IndexOf(')');
        return end < 0 ? null : (label, label + close, label + close + 2 + end + 1);
    }
}
