using System.Globalization;
using System.Text;
using System.Xml;

namespace Pipeline.Reading;

/// <summary>The text of a cell of an OpenDocument spreadsheet: paragraphs joined by line breaks, white space as ODF 1.3 part 3, 6.1.2 and 6.1.3 fold it.</summary>
internal sealed class OdsText(OdsStyles styles, ReaderLimits limits)
{
    private const string Namespace = "urn:oasis:names:tc:opendocument:xmlns:text:1.0";

    private readonly StringBuilder text = new();
    private readonly StringBuilder raised = new();
    private readonly List<(int Depth, bool? Bold, bool Raised)> spans = [];
    private bool space;          // the last character is white space, or the paragraph begins
    private bool someBold;
    private bool someLight;
    private bool someOfCell;

    /// <summary>Whether nothing but white space was read.</summary>
    public bool IsBlank { get; private set; } = true;

    /// <summary>Whether the text is one of the errors that spreadsheet programs show.</summary>
    public bool IsError => text.Length is > 3 and < 12 && (text[0] == '#' || text.ToString().StartsWith("Err:", StringComparison.Ordinal));

    /// <summary>Whether all spans are bold, or one is not; null when the cell's style decides.</summary>
    public bool? Bold => someLight ? false : someBold && !someOfCell ? true : null;

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    /// <summary>Passes over the element that the reader is on, which ends at its end tag.</summary>
    public static void Skip(XmlReader xml)
    {
        var depth = xml.Depth;
        if (!xml.IsEmptyElement)
            while (xml.Read() && xml.Depth > depth)
                continue;
    }

    /// <summary>Reads the paragraphs of the cell that the reader is on, which ends at its end tag.</summary>
    /// <param name="xml">The reader.</param>
    /// <param name="table">The cell's table, for a finding.</param>
    /// <param name="row">Its row, from 1.</param>
    /// <param name="column">Its column, from 0.</param>
    public void Read(XmlReader xml, Table table, int row, int column)
    {
        text.Clear();
        spans.Clear();
        (IsBlank, someBold, someLight, someOfCell) = (true, false, false, false);
        if (xml.IsEmptyElement)
            return;
        var depth = xml.Depth;
        var paragraphs = 0;
        var inside = 0; // the depth of the current paragraph; 0 outside of one
        var more = xml.Read();
        while (more && xml.Depth > depth)
        {
            while (spans.Count > 0 && xml.Depth <= spans[^1].Depth)
                EndSpan();
            if (inside > 0 && xml.Depth <= inside)
                inside = 0;
            switch (xml.NodeType)
            {
                case XmlNodeType.Element when xml.NamespaceURI != Namespace || xml.LocalName is "note" or "ruby-text" or "tracked-changes":
                    // Annotations and shapes float over the cell.
                    xml.Skip();
                    continue;
                case XmlNodeType.Element when xml.LocalName is "p" or "h":
                    if (paragraphs++ > 0)
                        text.Append('\n');
                    space = true;
                    inside = xml.IsEmptyElement ? 0 : xml.Depth;
                    break;
                case XmlNodeType.Element when inside > 0:
                    Element(xml);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace when inside > 0:
                    Characters(xml.Value);
                    break;
                default:
                    break;
            }
            if (text.Length + raised.Length > limits.CellLength)
            {
                throw Unreadable.Because(
                    "cell-too-long",
                    $"The workbook has a text of more than {Unreadable.N(limits.CellLength)} characters.",
                    table.Where(row, column + 1),
                    expected: $"at most {limits.CellLength} characters in a cell",
                    advice: "Shorten or remove that text.");
            }
            more = xml.Read();
        }
        while (spans.Count > 0)
            EndSpan();
    }

    private void Element(XmlReader xml)
    {
        switch (xml.LocalName)
        {
            case "s":
                var count = int.TryParse(xml.GetAttribute("c", Namespace), NumberStyles.None, CultureInfo.InvariantCulture, out var c) ? Math.Min(c, limits.CellLength) : 1;
                Target().Append(' ', count);
                space = false;
                break;
            case "tab":
                Target().Append('\t');
                space = false;
                break;
            case "line-break":
                Target().Append('\n');
                space = true;
                break;
            case "span" when !xml.IsEmptyElement:
                var name = xml.GetAttribute("style-name", Namespace);
                var outer = spans.Count > 0 ? spans[^1] : default;
                spans.Add((xml.Depth, styles.IsBold(name) ?? outer.Bold, outer.Raised || styles.IsRaised(name)));
                break;
            default:
                break;
        }
    }

    private StringBuilder Target() => spans.Count > 0 && spans[^1].Raised ? raised : text;

    private void Characters(string value)
    {
        var target = Target();
        var before = target.Length;
        var blank = true;
        foreach (var ch in value)
        {
            var white = ch is ' ' or '\t' or '\r' or '\n';
            blank &= white;
            if (white && space)
                continue;
            target.Append(white ? ' ' : ch);
            space = white;
        }
        if (blank)
            return;
        IsBlank = false;
        if (ReferenceEquals(target, raised))
            return;
        if (spans.Count == 0 || spans[^1].Bold is null)
            someOfCell = true;
        else if (spans[^1].Bold == true)
            someBold = true;
        else
            someLight = true;
    }

    private void EndSpan()
    {
        var ended = spans[^1];
        spans.RemoveAt(spans.Count - 1);
        if (!ended.Raised || (spans.Count > 0 && spans[^1].Raised))
            return;
        text.Append(Superscript.Write(raised.ToString(), text.Length > 0 ? text[^1] : '\0'));
        raised.Clear();
    }
}
