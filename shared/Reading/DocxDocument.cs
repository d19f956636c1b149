using System.Globalization;
using System.Text;
using System.Xml;

namespace Pipeline.Reading;

/// <summary>Reads a Word document (ECMA-376 part 1, WordprocessingML): its tables, and its text.</summary>
/// <remarks>
/// The main text only: no headers, footers, footnotes, text boxes or comments. Tracked insertions are text, tracked deletions and hidden text are not.
/// Characters of the text are counted as if each paragraph, and each line of one, ended with one line feed.
/// </remarks>
internal sealed class DocxDocument
{
    private const string Main = "word/document.xml";
    private const int MostNested = 32;
    private const double TwipsAStep = 200;

    private readonly ReaderLimits limits;
    private readonly HashSet<string> headings = new(StringComparer.Ordinal);
    private readonly List<TextBlock> blocks = [];
    private readonly DocumentTables tables;
    private readonly List<Open> open = [];
    private readonly StringBuilder line = new();
    private TextBlockKind kind;
    private bool bold;          // of the run
    private bool raised;
    private bool hidden;
    private byte indent;        // of the paragraph
    private int codePoint;
    private long length;

    private DocxDocument(ReaderLimits limits)
    {
        this.limits = limits;
        tables = new DocumentTables(limits);
    }

    /// <summary>Reads the document.</summary>
    public static ReadRelease Read(ZipPackage package, string name, ReaderLimits limits)
    {
        package.What = "document";
        package.CheckSizes();
        var document = new DocxDocument(limits);
        if (package.Has("word/styles.xml"))
            document.ReadStyles(package);
        document.ReadBody(package);
        if (document.blocks.Count == 0)
        {
            throw Unreadable.Because(
                "document-empty",
                "The document holds no text.",
                expected: "a document with tables or sentences",
                advice: "Check the document: text in pictures or text boxes is not read.");
        }
        var found = document.tables.Build(document.blocks);
        package.Dispose();
        return new ReadRelease("docx") { FileName = name, Text = new TextDocument(document.blocks), Tables = found, Sheets = found.ConvertAll(static table => table.Sheet!) };
    }

    // Titles and headings, whatever language their styles' ids are in.
    private void ReadStyles(ZipPackage package)
    {
        using var xml = package.Xml("word/styles.xml", out _);
        string? style = null;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "style")
                style = Value(xml, "styleId");
            else if (style is not null && xml.LocalName == "name" && Value(xml, "val") is { } name
                && (name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase) || name.Equals("title", StringComparison.OrdinalIgnoreCase) || name.Equals("caption", StringComparison.OrdinalIgnoreCase)))
                headings.Add(style);
            else if (style is not null && xml.LocalName == "outlineLvl")
                headings.Add(style);
        }
    }

    private void ReadBody(ZipPackage package)
    {
        using var xml = package.Xml(Main, out _);
        var more = xml.Read();
        while (more)
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                if (IsSkipped(xml.LocalName))
                {
                    xml.Skip();
                    more = !xml.EOF;
                    continue;
                }
                Start(xml);
                if (xml.IsEmptyElement)
                    End(xml.LocalName);
            }
            else if (xml.NodeType == XmlNodeType.EndElement)
            {
                End(xml.LocalName);
            }
            more = xml.Read();
        }
    }

    // Deletions, field codes, readings above characters, and what floats over the text.
    private static bool IsSkipped(string element) =>
        element is "del" or "moveFrom" or "delText" or "instrText" or "delInstrText" or "rt" or "drawing" or "pict" or "object" or "AlternateContent" or "sdtPr" or "sectPr"
            or "tblPr" or "tblGrid" or "oMathPara";

    private void Start(XmlReader xml)
    {
        switch (xml.LocalName)
        {
            case "tbl":
                EndLine();
                if (open.Count == MostNested)
                    throw Unreadable.Damaged($"its tables are nested more than {MostNested} deep", what: "document");
                StartCell(1, null);
                open.Add(new Open(tables.Start(blocks.Count)));
                break;
            case "tr" when open.Count > 0:
                (open[^1].Deleted, open[^1].Before) = (false, 0);
                open[^1].Started = false;
                break;
            case "trPr" when open.Count > 0:
                RowProperties(xml);
                break;
            case "tc" when open.Count > 0:
                open[^1].Pending = true;
                break;
            case "tcPr" when open.Count > 0:
                CellProperties(xml);
                break;
            case "p":
                StartCell(1, null);
                (kind, indent) = (TextBlockKind.Paragraph, 0);
                break;
            case "pPr":
                ParagraphProperties(xml);
                break;
            case "r":
                (bold, raised, hidden) = (false, false, false);
                break;
            case "rPr":
                RunProperties(xml);
                break;
            case "t" when !xml.IsEmptyElement:
                Text(xml);
                break;
            case "tab" or "ptab":
                Characters("\t");
                break;
            case "noBreakHyphen":
                Characters("-");
                break;
            case "br" or "cr":
                EndLine();
                break;
            default:
                break;
        }
    }

    private void End(string element)
    {
        switch (element)
        {
            case "p":
                EndLine();
                break;
            case "tc" when open.Count > 0:
                StartCell(1, null);
                var cell = open[^1];
                cell.Grid.EndCell(blocks.Count, cell.SomeBold && !cell.SomeLight);
                break;
            case "tbl" when open.Count > 0:
                EndLine();
                var table = open[^1].Grid;
                table.EndCell(blocks.Count, false);
                open.RemoveAt(open.Count - 1);
                tables.End(table, open.Count > 0 ? open[^1].Grid : null, blocks);
                break;
            default:
                break;
        }
    }

    // Opens the cell whose start tag was met, now that its properties are known.
    private void StartCell(int columns, string? merge)
    {
        if (open.Count == 0 || !open[^1].Pending)
            return;
        var table = open[^1];
        (table.Pending, table.SomeBold, table.SomeLight) = (false, false, false);
        if (table.Deleted)
            return;
        if (!table.Started)
        {
            table.Grid.StartRow();
            table.Grid.Skip(table.Before);
            table.Started = true;
        }
        if (merge == "continue")
            table.Grid.Continue(columns);
        else
            table.Grid.StartCell(blocks.Count, columns, 1, 0, grows: merge is not null);
    }

    private void RowProperties(XmlReader xml)
    {
        foreach (var property in Properties(xml))
        {
            if (property == "gridBefore")
                open[^1].Before = Number(xml, 0);
            else if (property is "del" or "moveFrom" || (property == "hidden" && IsOn(xml)))
                open[^1].Deleted = true;
        }
    }

    private void CellProperties(XmlReader xml)
    {
        var columns = 1;
        string? merge = null;
        foreach (var property in Properties(xml))
        {
            if (property == "gridSpan")
                columns = Math.Max(1, Number(xml, 1));
            else if (property == "vMerge")
                merge = Value(xml, "val") ?? "continue";
        }
        StartCell(columns, merge);
    }

    private void ParagraphProperties(XmlReader xml)
    {
        foreach (var property in Properties(xml))
        {
            if ((property == "pStyle" && headings.Contains(Value(xml, "val") ?? "")) || (property == "outlineLvl" && Number(xml, 9) < 9))
                kind = TextBlockKind.Heading;
            else if (property == "numPr" && kind == TextBlockKind.Paragraph)
                kind = TextBlockKind.ListItem;
            else if (property == "ind" && double.TryParse(Value(xml, "left") ?? Value(xml, "start"), NumberStyles.Float, CultureInfo.InvariantCulture, out var twips))
                indent = (byte)Math.Clamp(Math.Round(twips / TwipsAStep), 0, byte.MaxValue);
        }
    }

    private void RunProperties(XmlReader xml)
    {
        foreach (var property in Properties(xml))
        {
            switch (property)
            {
                case "b":
                    bold = IsOn(xml);
                    break;
                case "vertAlign":
                    raised = Value(xml, "val") == "superscript";
                    break;
                case "vanish":
                    hidden = IsOn(xml);
                    break;
                default:
                    break;
            }
        }
    }

    // The names of the elements right inside the one that the reader is on, which it ends on; the reader stands on each when it is given.
    private static IEnumerable<string> Properties(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            yield break;
        var depth = xml.Depth;
        while (xml.Read() && xml.Depth > depth)
            if (xml.NodeType == XmlNodeType.Element && xml.Depth == depth + 1)
                yield return xml.LocalName;
    }

    private void Text(XmlReader xml)
    {
        var depth = xml.Depth;
        while (xml.Read() && xml.Depth > depth)
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
                Characters(xml.Value);
    }

    private void Characters(string text)
    {
        if (hidden || (open.Count > 0 && open[^1].Deleted))
            return;
        length += text.Length;
        if (length > limits.TextBytes)
        {
            throw Unreadable.Because(
                "document-too-large",
                $"The document's text has more than {Unreadable.N(limits.TextBytes)} characters.",
                expected: $"at most {limits.TextBytes} characters",
                advice: "Split the document, or upload the figures as CSV or as a workbook.");
        }
        line.Append(raised ? Superscript.Write(text, line.Length > 0 ? line[^1] : '\0') : text);
        if (open.Count == 0 || raised || string.IsNullOrWhiteSpace(text))
            return;
        open[^1].SomeBold |= bold;
        open[^1].SomeLight |= !bold;
    }

    private void EndLine()
    {
        if (line.Length == 0)
            return;
        var text = line.ToString();
        line.Clear();
        var trimmed = text.Trim();
        if (trimmed.Length == 0)
            return;
        var ofCell = open.Count > 0;
        var sort = ofCell && kind != TextBlockKind.ListItem && !HtmlText.IsSentence(trimmed) ? TextBlockKind.Fragment : kind;
        blocks.Add(new TextBlock(sort, trimmed, codePoint) { Lead = indent + (text.Length - text.TrimStart().Length) });
        codePoint += PlainText.CodePoints(trimmed) + 1;
    }

    private static bool IsOn(XmlReader xml) => Value(xml, "val") is null or "1" or "true" or "on";

    private static int Number(XmlReader xml, int otherwise) =>
        int.TryParse(Value(xml, "val"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    // Attributes are in the elements' namespace, which the strict and the transitional format name differently.
    private static string? Value(XmlReader xml, string attribute) => xml.GetAttribute(attribute, xml.NamespaceURI) ?? xml.GetAttribute(attribute);

    private sealed class Open(DocumentGrid grid)
    {
        public DocumentGrid Grid { get; } = grid;

        /// <summary>A cell's start tag was met.</summary>
        public bool Pending { get; set; }

        /// <summary>The current row has a cell.</summary>
        public bool Started { get; set; }

        /// <summary>The current row is deleted or hidden.</summary>
        public bool Deleted { get; set; }

        /// <summary>How many columns the current row leaves out at its start.</summary>
        public int Before { get; set; }

        public bool SomeBold { get; set; }

        public bool SomeLight { get; set; }
    }
}
