using System.Buffers;
using System.Collections.Frozen;
using System.Net;

namespace Pipeline.Reading;

/// <summary>Reads the text of a page, in one pass, whatever its mark-up is like: what HTML's own rules drop (an unclosed tag at the end) is dropped.</summary>
internal static class HtmlText
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    private static readonly SearchValues<char> OfEntities =
        SearchValues.Create("#0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly SearchValues<char> AfterName = SearchValues.Create(" \t\r\n\f/>");

    private static readonly FrozenSet<string> Inline = new[]
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins", "kbd", "label", "mark", "nobr",
        "o:p", "q", "rb", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // What stands inside is not shown as text.
    private static readonly FrozenSet<string> Raw =
        new[] { "script", "style", "template", "noscript", "iframe", "svg", "textarea", "select", "rt", "rp" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The blocks of a decoded page, each character with its code point in the file.</summary>
    /// <param name="file">The page.</param>
    /// <param name="tables">Where its tables go; null for none.</param>
    public static TextDocument Read(string file, DocumentTables? tables = null)
    {
        var blocks = new BlockBuilder(file);
        var state = new State { Tables = tables is null ? null : new HtmlTables(tables, blocks.Blocks) };
        for (var at = 0; at < file.Length;)
        {
            var length = file.AsSpan(at).IndexOfAny('<', '&');
            var end = length < 0 ? file.Length : at + length;
            AddText(blocks, file, at, end, state);
            at = end;
            if (at == file.Length)
                break;
            at = file[at] == '&' ? Entity(blocks, file, at) : Tag(blocks, file, at, state);
        }
        blocks.End(state.Kind);
        state.Tables?.End();
        // Cells of layout tables hold sentences too.
        var kept = blocks.Blocks.ConvertAll(static block =>
            block.Kind == TextBlockKind.Fragment && IsSentence(block.Text) ? block.As(TextBlockKind.Paragraph) : block);
        return new TextDocument(kept);
    }

    /// <summary>Whether the text of a cell is a sentence: cells that lay a page out hold such.</summary>
    internal static bool IsSentence(string text) =>
        text.AsSpan().ContainsAny("。！？；") || (text.Length > 30 && (text[^1] is '.' or '!' or '?' || text.Contains(". ", StringComparison.Ordinal)));

    private static void AddText(BlockBuilder blocks, string file, int from, int to, State state)
    {
        var cell = state.Tables?.InCell == true;
        if (cell)
            state.Tables!.Characters(file.AsSpan(from, to - from));
        if (!state.Superscript)
        {
            blocks.Add(from, to);
            return;
        }
        var raised = cell ? Superscript.Write(file[from..to], blocks.Last) : "";
        if (cell && raised.Length != to - from)
        {
            blocks.Add(raised, from, to);
            return;
        }
        // A raised digit next to a number would read as one of its digits; in a table, letters are marks of footnotes as well.
        for (var i = from; i < to; i++)
        {
            if (cell)
                blocks.Add(raised.AsSpan(i - from, 1), i, i + 1);
            else if (char.IsAsciiDigit(file[i]))
                blocks.Add(Superscripts.AsSpan(file[i] - '0', 1), i, i + 1);
            else
                blocks.Add(i, i + 1);
        }
    }

    private static int Entity(BlockBuilder blocks, string file, int at)
    {
        var piece = file.AsSpan(at, Math.Min(34, file.Length - at));
        var length = piece[1..].IndexOfAnyExcept(OfEntities) + 1;
        if (length > 1 && piece[length] == ';')
        {
            var entity = piece[..(length + 1)].ToString();
            var meaning = WebUtility.HtmlDecode(entity);
            if (meaning != entity)
            {
                blocks.Add(meaning, at, at + length + 1);
                return at + length + 1;
            }
        }
        blocks.Add(at, at + 1);
        return at + 1;
    }

    private static int Tag(BlockBuilder blocks, string file, int at, State state)
    {
        var rest = file.AsSpan(at);
        if (rest.StartsWith("<!--"))
            return After(file, "-->", at + 4);
        if (rest.Length > 1 && rest[1] is '!' or '?')
            return After(file, ">", at + 2);
        var closing = rest.Length > 1 && rest[1] == '/';
        var name = at + (closing ? 2 : 1);
        if (name >= file.Length || !char.IsAsciiLetter(file[name]))
        {
            blocks.Add(at, at + 1);
            return at + 1;
        }
        var nameLength = file.AsSpan(name).IndexOfAny(AfterName);
        if (nameLength < 0)
            return file.Length;
        var end = EndOfTag(file, name + nameLength);
        if (nameLength > 20)
            return end;
        var element = file.Substring(name, nameLength).ToLowerInvariant();
        if (!closing && Raw.Contains(element) && file[Math.Max(0, end - 2)] != '/')
            return AfterElement(file, element, end);
        if (element is "sup")
            state.Superscript = !closing;
        var inline = Inline.Contains(element);
        var attributes = file.AsSpan(name + nameLength, end - name - nameLength);
        if (state.Tables is { InCell: true } && !closing && (inline || element is "div" or "p") && HtmlTables.IsHidden(attributes, inCell: true)
            && AfterHidden(file, element, end, state) is > 0 and var after)
            return after;
        if (inline)
        {
            state.Tables?.Inline(element, closing);
            return end;
        }
        blocks.End(state.Kind);
        state.Enter(element, closing);
        state.Tables?.Tag(element, closing, attributes);
        return end;
    }

    private static int After(string file, string mark, int from)
    {
        var found = from >= file.Length ? -1 : file.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? file.Length : found + mark.Length;
    }

    // The tag's end: the first > outside of quoted attribute values.
    private static int EndOfTag(string file, int at)
    {
        while (at < file.Length)
        {
            var step = file.AsSpan(at).IndexOfAny('>', '=');
            if (step < 0)
                return file.Length;
            at += step + 1;
            if (file[at - 1] == '>')
                return at;
            while (at < file.Length && char.IsWhiteSpace(file[at]))
                at++;
            if (at < file.Length && file[at] is '"' or '\'')
            {
                var close = file.IndexOf(file[at], at + 1);
                if (close < 0)
                    return file.Length;
                at = close + 1;
            }
        }
        return file.Length;
    }

    private static int AfterElement(string file, string element, int from)
    {
        while (true)
        {
            var close = from >= file.Length ? -1 : file.IndexOf("</", from, StringComparison.Ordinal);
            if (close < 0)
                return file.Length;
            from = close + 2;
            if (file.AsSpan(from).StartsWith(element, StringComparison.OrdinalIgnoreCase))
                return EndOfTag(file, from + element.Length);
        }
    }

    // The place after the element that opens before a place; 0 when it is never closed, which is looked for once for each name.
    private static int AfterHidden(string file, string element, int from, State state)
    {
        if (element is "img" or "wbr" || state.Unclosed.Contains(element))
            return 0;
        for (var (depth, inner, at) = (1, 0, from); (at = file.IndexOf('<', at)) >= 0;)
        {
            at++;
            var closing = at < file.Length && file[at] == '/';
            var name = file.AsSpan(closing ? at + 1 : at);
            // It does not go on beyond its cell, closed or not.
            if (name.StartsWith("table", StringComparison.OrdinalIgnoreCase))
                inner += closing ? -1 : 1;
            if (inner < 0 || (inner == 0 && name.Length > 2 && name[..2].ToString().ToLowerInvariant() is "td" or "th" or "tr" && AfterName.Contains(name[2])))
                return at - 1;
            if (!name.StartsWith(element, StringComparison.OrdinalIgnoreCase) || (name.Length > element.Length && !AfterName.Contains(name[element.Length])))
                continue;
            at = EndOfTag(file, at);
            depth += closing ? -1 : 1;
            if (depth == 0)
                return at;
        }
        state.Unclosed.Add(element);
        return 0;
    }

    private sealed class State
    {
        private bool heading;
        private bool item;
        private bool cell;

        public bool Superscript { get; set; }

        /// <summary>The tables as far as they are read; null when nobody asks for them.</summary>
        public HtmlTables? Tables { get; init; }

        /// <summary>Hidden elements that the rest of the page does not close.</summary>
        public HashSet<string> Unclosed { get; } = [];

        public TextBlockKind Kind =>
            heading ? TextBlockKind.Heading : item ? TextBlockKind.ListItem : cell ? TextBlockKind.Fragment : TextBlockKind.Paragraph;

        public void Enter(string element, bool closing)
        {
            Superscript = false;
            switch (element)
            {
                case "h1" or "h2" or "h3" or "h4" or "h5" or "h6" or "title":
                    heading = !closing;
                    break;
                case "li":
                    item = !closing;
                    break;
                case "td" or "th" or "dt" or "dd" or "caption" or "button" or "option":
                    cell = !closing;
                    item = heading = false;
                    break;
                case "table" or "tr" or "ul" or "ol" or "dl" or "body":
                    heading = item = false;
                    cell &= !closing || element is not ("table" or "tr" or "dl");
                    break;
                default:
                    break;
            }
        }
    }
}
