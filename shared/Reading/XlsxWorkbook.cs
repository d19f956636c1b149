using System.Globalization;
using System.Text;
using System.Xml;

namespace Pipeline.Reading;

/// <summary>Opens an XLSX workbook (ECMA-376 SpreadsheetML, transitional and strict): sheets, number formats and shared strings.</summary>
/// <remarks>
/// A reader of our own over ZipArchive and XmlReader, because libraries hide what has to be told: formulas without a cached value, phonetic
/// runs in shared strings, formats beside stored numbers; and because rows must stream within bounds on hostile files.
/// </remarks>
internal sealed class XlsxWorkbook : IDisposable
{
    private readonly ReaderLimits limits;
    private readonly HashSet<string> worksheets = new(StringComparer.Ordinal); // the relations to worksheets
    private readonly List<CellStyle> styles = [];
    private readonly TextRuns runs = new();
    private readonly Dictionary<string, string> relations = new(StringComparer.Ordinal);

    private ReadRelease release = null!;

    private XlsxWorkbook(ZipPackage package, ReaderLimits limits) => (Package, this.limits) = (package, limits);

    /// <summary>The container.</summary>
    public ZipPackage Package { get; }

    /// <summary>Whether dates count from 1904.</summary>
    public bool From1904 { get; private set; }

    /// <summary>The shared strings.</summary>
    public List<CellText> Strings { get; } = [];

    /// <summary>Where rows tell what they find.</summary>
    public Findings Findings => release.Findings;

    /// <summary>Reads what stands before the rows.</summary>
    public static ReadRelease Read(ZipPackage package, string name, ReaderLimits limits) => new XlsxWorkbook(package, limits).Read(name);

    /// <summary>The cell style of an index.</summary>
    public CellStyle Style(int index) => (uint)index < (uint)styles.Count ? styles[index] : default;

    /// <summary>
    /// The text of an element with runs (<c>si</c>, <c>is</c>): all <c>t</c> but those of phonetic runs, raised ones as <see cref="Superscript"/> writes them.
    /// The reader ends at its end tag.
    /// </summary>
    public CellText Runs(XmlReader xml)
    {
        runs.Clear();
        if (xml.IsEmptyElement)
            return runs.Text();
        var depth = xml.Depth;
        var (raised, bold) = (false, (bool?)null); // of the current run
        var more = xml.Next();
        while (more && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                more = xml.Next();
                continue;
            }
            switch (xml.LocalName)
            {
                case "rPh":
                    xml.Pass();
                    continue;
                case "r":
                    (raised, bold) = (false, null);
                    break;
                case "rPr":
                    bold = false; // a run's own properties take the place of the cell's
                    break;
                case "b":
                    bold = IsOn(xml);
                    break;
                case "vertAlign":
                    raised = xml.GetAttribute("val") == "superscript";
                    break;
                case "t":
                    runs.Add(Unescape(Content(xml)), raised, bold);
                    if (runs.Length > limits.CellLength)
                        throw TooLong();
                    break;
                default:
                    break;
            }
            more = xml.Next();
        }
        return runs.Text();
    }

    // An empty element such as <b/> switches on, unless it has a val that says no.
    private static bool IsOn(XmlReader xml) => xml.GetAttribute("val") is null or "1" or "true";

    /// <summary>The text of the element the reader is on, up to the longest cell. The reader ends at its end tag.</summary>
    public string Content(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            return "";
        var depth = xml.Depth;
        string? only = null;
        while (xml.Next() && xml.Depth > depth)
        {
            if (xml.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace))
                continue;
            only = only is null ? xml.Value : only + xml.Value;
            if (only.Length > limits.CellLength)
                throw TooLong();
        }
        return only ?? "";
    }

    /// <inheritdoc/>
    public void Dispose() => Package.Dispose();

    private ReadRelease Read(string name)
    {
        var main = MainPart();
        Package.CheckSizes();
        ReadRelations(main);
        var sheets = ReadSheets(main);
        if (Related(main, "styles") is { } styles)
            ReadStyles(styles);
        if (Related(main, "sharedStrings") is { } strings)
            ReadStrings(strings);
        var tables = new List<Table>();
        for (var i = 0; i < sheets.Count; i++)
        {
            var (sheet, relation, hidden) = sheets[i];
            // Chart sheets, dialogs and macro sheets have no figures.
            if (worksheets.Contains(relation) && relations[relation] is var target && Package.Has(target))
                tables.Add(new XlsxTable(this, target, limits) { Sheet = sheet, Place = i, Hidden = hidden });
        }
        if (tables.Count == 0)
            throw Unreadable.Damaged("it has no worksheet");
        release = new ReadRelease("xlsx", this) { FileName = name, Sheets = sheets.ConvertAll(static sheet => sheet.Name), Tables = tables };
        return release;
    }

    private string MainPart()
    {
        if (Package.Has("xl/workbook.xml"))
            return "xl/workbook.xml";
        if (Package.Has("xl/workbook.bin"))
            throw Unreadable.Format("a binary workbook (XLSB)", "Save it as XLSX and upload that.");
        if (Package.Has("ppt/presentation.xml"))
            throw Unreadable.Format("a presentation (PPTX)", "Upload the workbook or the text with its figures.");
        if (Package.Has("_rels/.rels") && Root() is { } main)
            return main;
        throw Unreadable.Damaged("it is an Office container without a workbook part");
    }

    // Workbooks may call their main part as they like; the package's relations name it.
    private string? Root()
    {
        using var xml = Package.Xml("_rels/.rels", out _);
        while (xml.Next())
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "Relationship"
                && xml.GetAttribute("Type")?.EndsWith("/officeDocument", StringComparison.Ordinal) == true
                && Resolve("", xml.GetAttribute("Target") ?? "") is var target && Package.Has(target))
                return target;
        }
        return null;
    }

    private void ReadRelations(string main)
    {
        var slash = main.LastIndexOf('/') + 1;
        var part = main[..slash] + "_rels/" + main[slash..] + ".rels";
        if (!Package.Has(part))
            return;
        using var xml = Package.Xml(part, out _);
        while (xml.Next())
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "Relationship")
                continue;
            var target = Resolve(main[..slash], xml.GetAttribute("Target") ?? "");
            var type = xml.GetAttribute("Type") ?? "";
            type = type[(type.LastIndexOf('/') + 1)..];
            var id = xml.GetAttribute("Id") ?? "";
            relations[id] = target;
            relations.TryAdd("/" + type, target);
            if (type == "worksheet")
                worksheets.Add(id);
        }
    }

    private string? Related(string main, string type)
    {
        if (relations.TryGetValue("/" + type, out var target) && Package.Has(target))
            return target;
        target = main[..(main.LastIndexOf('/') + 1)] + type + ".xml";
        return Package.Has(target) ? target : null;
    }

    private static string Resolve(string folder, string target)
    {
        if (target.StartsWith('/'))
            return target[1..];
        var path = new List<string>();
        foreach (var step in (folder + target).Split('/'))
        {
            if (step == ".." && path.Count > 0)
                path.RemoveAt(path.Count - 1);
            else if (step is not ("" or "." or ".."))
                path.Add(step);
        }
        return string.Join('/', path);
    }

    private List<(string Name, string Relation, bool Hidden)> ReadSheets(string main)
    {
        var sheets = new List<(string, string, bool)>();
        using var xml = Package.Xml(main, out _);
        while (xml.Next())
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName == "workbookPr")
                From1904 = xml.GetAttribute("date1904") is "1" or "true";
            if (xml.LocalName != "sheet")
                continue;
            if (sheets.Count == limits.Sheets)
            {
                throw Unreadable.Because(
                    "sheets-too-many",
                    $"The workbook has more than {Unreadable.N(limits.Sheets)} sheets.",
                    expected: $"at most {limits.Sheets} sheets",
                    advice: "Split the workbook.");
            }
            var relation = "";
            for (var i = 0; i < xml.AttributeCount; i++)
            {
                xml.MoveToAttribute(i);
                if (xml.LocalName == "id" && xml.NamespaceURI.EndsWith("relationships", StringComparison.Ordinal))
                    relation = xml.Value;
            }
            xml.MoveToElement();
            var state = xml.GetAttribute("state");
            sheets.Add((xml.GetAttribute("name") ?? $"Sheet{sheets.Count + 1}", relation, state is "hidden" or "veryHidden"));
        }
        return sheets;
    }

    private void ReadStyles(string part)
    {
        var own = new Dictionary<int, string>();
        var bold = new List<bool>();
        var cells = new List<(int Format, int Font, byte Indent)>();
        using var xml = Package.Xml(part, out _);
        var (inFonts, inCells) = (false, false); // differential formats and cell style formats have fonts and xf too
        while (xml.Next())
        {
            if (xml.LocalName == "cellXfs")
                inCells = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
            if (xml.LocalName == "fonts")
                inFonts = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (own.Count + bold.Count + cells.Count > limits.Styles)
            {
                throw Unreadable.Because(
                    "workbook-too-large",
                    $"The workbook has more than {Unreadable.N(limits.Styles)} fonts and formats.",
                    expected: $"at most {limits.Styles} fonts and formats",
                    advice: "Copy the figures into a new workbook, or upload them as CSV.");
            }
            switch (xml.LocalName)
            {
                case "numFmt" when int.TryParse(xml.GetAttribute("numFmtId"), CultureInfo.InvariantCulture, out var id):
                    own[id] = xml.GetAttribute("formatCode") ?? "";
                    break;
                case "font" when inFonts:
                    bold.Add(false);
                    break;
                case "b" when inFonts && bold.Count > 0:
                    bold[^1] = IsOn(xml);
                    break;
                case "xf" when inCells:
                    _ = int.TryParse(xml.GetAttribute("numFmtId"), CultureInfo.InvariantCulture, out var format);
                    _ = int.TryParse(xml.GetAttribute("fontId"), CultureInfo.InvariantCulture, out var font);
                    cells.Add((format, font, 0));
                    break;
                case "alignment" when inCells && cells.Count > 0 && byte.TryParse(xml.GetAttribute("indent"), CultureInfo.InvariantCulture, out var indent):
                    cells[^1] = cells[^1] with { Indent = indent };
                    break;
                default:
                    break;
            }
        }
        var known = new Dictionary<int, (string? Format, bool IsDate)>();
        foreach (var (id, font, indent) in cells)
        {
            if (!known.TryGetValue(id, out var style))
            {
                var format = own.GetValueOrDefault(id) ?? NumberFormat.BuiltIn(id);
                format = string.IsNullOrEmpty(format) || format.Equals("General", StringComparison.OrdinalIgnoreCase) ? null : format;
                known[id] = style = (format, NumberFormat.IsDate(format));
            }
            styles.Add(new CellStyle(style.Format, style.IsDate, indent, (uint)font < (uint)bold.Count && bold[font]));
        }
    }

    private void ReadStrings(string part)
    {
        var length = 0L;
        using var xml = Package.Xml(part, out _);
        while (xml.Next())
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "si")
                continue;
            var text = Runs(xml);
            length += text.Text.Length + 16;
            if (length > limits.SharedStringLength)
            {
                throw Unreadable.Because(
                    "workbook-too-large",
                    $"The workbook's shared strings hold more than {Unreadable.N(limits.SharedStringLength)} characters.",
                    expected: $"at most {limits.SharedStringLength} characters of shared strings",
                    advice: "Upload the figures as CSV, which has no such limit.");
            }
            Strings.Add(text);
        }
    }

    // _x000D_ stands for a character that XML can not hold (ECMA-376 part 1, 22.9.2.19).
    private static string Unescape(string text)
    {
        if (!text.Contains("_x", StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '_' && i + 6 < text.Length && text[i + 1] == 'x' && text[i + 6] == '_'
                && ushort.TryParse(text.AsSpan(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                plain.Append((char)code);
                i += 6;
            }
            else
            {
                plain.Append(text[i]);
            }
        }
        return plain.ToString();
    }

    private UnreadableReleaseException TooLong() => Unreadable.Because(
        "cell-too-long",
        $"The workbook has a text of more than {Unreadable.N(limits.CellLength)} characters.",
        expected: $"at most {limits.CellLength} characters in a cell",
        advice: "Shorten or remove that text.");
}
