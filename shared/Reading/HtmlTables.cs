using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Reading;

/// <summary>Follows the tags of a page into its tables (HTML Living Standard, 4.9): rows and cells with their spans, captions, what is bold and what is hidden.</summary>
internal sealed partial class HtmlTables(DocumentTables tables, IReadOnlyList<TextBlock> blocks)
{
    private const int MostNested = 32;
    private const int MostColumns = 1_000;  // as the standard has it
    private const int MostRows = 65_534;
    private const double PointsAStep = 9;   // what Excel writes for one step of indentation

    private static readonly SearchValues<char> AfterName = SearchValues.Create(" \t\r\n\f/>=");
    private static readonly SearchValues<char> AfterValue = SearchValues.Create(" \t\r\n\f>");

    private readonly List<Open> open = [];
    private int ignored;                    // tables inside of a hidden one, or too deep

    /// <summary>Whether the next text stands in a cell.</summary>
    public bool InCell => ignored == 0 && open.Count > 0 && open[^1].Grid.InCell;

    /// <summary>Whether the attributes of a tag hide its element.</summary>
    /// <param name="attributes">What stands in the tag after its name.</param>
    /// <param name="inCell">Whether text for screen readers only, which repeats what a cell shows, counts as hidden.</param>
    public static bool IsHidden(ReadOnlySpan<char> attributes, bool inCell)
    {
        if (!attributes.Contains("hid", StringComparison.OrdinalIgnoreCase) && !attributes.Contains("style", StringComparison.OrdinalIgnoreCase)
            && !attributes.Contains("sr-only", StringComparison.OrdinalIgnoreCase))
            return false;
        return Attribute(attributes, "hidden") is { } hidden && hidden != "until-found"
            || (Attribute(attributes, "style") is { } style && HiddenStyle().IsMatch(style))
            || (inCell && Attribute(attributes, "class") is { } names && HiddenClass().IsMatch(names));
    }

    /// <summary>A tag that ends a block of text, after that block has been ended.</summary>
    public void Tag(string element, bool closing, ReadOnlySpan<char> attributes)
    {
        if (element == "table")
        {
            if (closing)
                EndTable();
            else
                StartTable(attributes);
            return;
        }
        if (ignored > 0 || open.Count == 0)
            return;
        var table = open[^1];
        switch (element)
        {
            case "caption":
                EndCell(table);
                if (!closing)
                    table.Grid.Caption = (blocks.Count, blocks.Count);
                else if (table.Grid.Row < 0)
                    table.Grid.Caption = (table.Grid.Caption.First, blocks.Count);
                break;
            case "thead" or "tbody" or "tfoot":
                EndCell(table);
                table.Grid.EndGroup();
                (table.InRow, table.HiddenGroup, table.HiddenRow) = (false, !closing && IsHidden(attributes, inCell: false), false);
                break;
            case "tr":
                EndCell(table);
                table.HiddenRow = !closing && IsHidden(attributes, inCell: false);
                table.InRow = !closing;
                if (!closing && !table.HiddenRow && !table.HiddenGroup)
                    table.Grid.StartRow();
                break;
            case "td" or "th":
                EndCell(table);
                if (!closing && !table.HiddenRow && !table.HiddenGroup && !IsHidden(attributes, inCell: false))
                    StartCell(table, element == "th", attributes);
                break;
            default:
                break;
        }
    }

    /// <summary>A tag inside of a line.</summary>
    public void Inline(string element, bool closing)
    {
        if (InCell && element is "b" or "strong")
            open[^1].Bold = Math.Max(0, open[^1].Bold + (closing ? -1 : 1));
    }

    /// <summary>Text inside of a cell.</summary>
    public void Characters(ReadOnlySpan<char> text)
    {
        if (text.IsWhiteSpace())
            return;
        var table = open[^1];
        table.SomeBold |= table.Bold > 0;
        table.SomeLight |= table.Bold == 0;
    }

    /// <summary>The page's end, which closes what is open.</summary>
    public void End()
    {
        ignored = 0;
        while (open.Count > 0)
            EndTable();
    }

    private void StartTable(ReadOnlySpan<char> attributes)
    {
        if (ignored > 0 || open.Count == MostNested || IsHidden(attributes, inCell: false) || Attribute(attributes, "role") is "presentation" or "none")
            ignored++;
        else
            open.Add(new Open(tables.Start(blocks.Count)));
    }

    private void EndTable()
    {
        if (ignored > 0)
        {
            ignored--;
            return;
        }
        if (open.Count == 0)
            return;
        var table = open[^1];
        EndCell(table);
        open.RemoveAt(open.Count - 1);
        tables.End(table.Grid, open.Count > 0 ? open[^1].Grid : null, blocks);
    }

    private void StartCell(Open table, bool header, ReadOnlySpan<char> attributes)
    {
        if (!table.InRow)
        {
            table.Grid.StartRow();
            table.InRow = true;
        }
        (table.Header, table.Bold, table.SomeBold, table.SomeLight) = (header, 0, false, false);
        table.Grid.StartCell(
            blocks.Count,
            Math.Clamp(Number(attributes, "colspan"), 1, MostColumns),
            Math.Clamp(Number(attributes, "rowspan"), 0, MostRows),
            Indent(attributes));
    }

    private void EndCell(Open table) => table.Grid.EndCell(blocks.Count, table.Header || (table.SomeBold && !table.SomeLight));

    private static int Number(ReadOnlySpan<char> attributes, string name)
    {
        if (Attribute(attributes, name) is not { } text)
            return 1;
        var digits = text.AsSpan().TrimStart();
        var length = digits.IndexOfAnyExceptInRange('0', '9');
        digits = length < 0 ? digits : digits[..length];
        return digits.Length is > 0 and < 9 ? int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) : digits.Length == 0 ? 1 : int.MaxValue;
    }

    private static byte Indent(ReadOnlySpan<char> attributes)
    {
        if (!attributes.Contains("style", StringComparison.OrdinalIgnoreCase) || Attribute(attributes, "style") is not { } style || IndentStyle().Match(style) is not { Success: true } match
            || !double.TryParse(match.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var length))
            return 0;
        var points = length * match.Groups[2].ValueSpan switch
        {
            "px" => 0.75,
            "em" or "rem" => 12,
            "cm" => 72 / 2.54,
            "mm" => 72 / 25.4,
            _ => 1,
        };
        return (byte)Math.Clamp(Math.Round(points / PointsAStep), 0, byte.MaxValue);
    }

    // An attribute's value without its quotes; empty where it has none, null where there is no such attribute.
    private static string? Attribute(ReadOnlySpan<char> tag, string name)
    {
        while (true)
        {
            tag = tag.TrimStart(" \t\r\n\f/");
            var length = tag.IndexOfAny(AfterName);
            if (length < 0)
                return null;
            if (length == 0)
            {
                if (tag[0] == '>')
                    return null;
                length = 1;
            }
            var found = tag[..length].Equals(name, StringComparison.OrdinalIgnoreCase);
            tag = tag[length..].TrimStart();
            if (tag is not ['=', ..])
            {
                if (found)
                    return "";
                continue;
            }
            tag = tag[1..].TrimStart();
            var quote = tag is ['"' or '\'', ..];
            var end = quote ? tag[1..].IndexOf(tag[0]) + 1 : tag.IndexOfAny(AfterValue);
            if (end < (quote ? 1 : 0))
                return null;
            if (found)
                return tag[(quote ? 1 : 0)..end].ToString();
            tag = tag[(quote ? end + 1 : end)..];
        }
    }

    [GeneratedRegex("""display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all""", RegexOptions.IgnoreCase)]
    private static partial Regex HiddenStyle();

    [GeneratedRegex("""(?:\A|[\s-])(?:sr-only|visually-?hidden)(?:\z|\s)""", RegexOptions.IgnoreCase)]
    private static partial Regex HiddenClass();

    [GeneratedRegex("""(?:padding-left|text-indent|margin-left)\s*:\s*([0-9]{1,4}(?:\.[0-9]{1,4})?)(px|pt|em|rem|cm|mm)""", RegexOptions.IgnoreCase)]
    private static partial Regex IndentStyle();

    private sealed class Open(DocumentGrid grid)
    {
        public DocumentGrid Grid { get; } = grid;

        public bool InRow { get; set; }

        public bool HiddenRow { get; set; }

        public bool HiddenGroup { get; set; }

        public bool Header { get; set; }

        public int Bold { get; set; }

        public bool SomeBold { get; set; }

        public bool SomeLight { get; set; }
    }
}
