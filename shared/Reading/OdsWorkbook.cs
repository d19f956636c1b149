using System.Globalization;
using System.Text;
using System.Xml;

namespace Pipeline.Reading;

/// <summary>Opens an OpenDocument spreadsheet (ODF 1.3, ISO/IEC 26300): sheets, styles and cells.</summary>
/// <remarks>
/// All sheets stand in one part, so that reading one of them would mean parsing those before it: the part is parsed once, within bounds, and the cells
/// are put into a temporary file in the order of the rows, repeated ones once, from which each table reads its own.
/// </remarks>
internal sealed class OdsWorkbook : IDisposable
{
    /// <summary>The namespace of tables.</summary>
    public const string Table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0";

    /// <summary>The last row of a sheet.</summary>
    public const int LastRow = 1_048_576;

    private const string Office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0";
    private const string CalcExtension = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0";
    private const string Content = "content.xml";
    private const long FewCells = 5_000_000;
    private const int MostMerged = 5 * TableShape.MaxMerged; // of all sheets

    private readonly ZipPackage package;
    private readonly ReaderLimits limits;
    private readonly FileStream spool = TemporaryFile.Create();
    private readonly BinaryWriter writer;
    private readonly List<OdsTable> tables = [];
    private readonly List<string> sheets = [];
    private readonly OdsText text;
    private readonly List<Column> columns = [];   // of the current sheet: style and visibility, up to a column
    private readonly List<MergedRange> merged = []; // of the current sheet
    private readonly List<OdsCell> row = [];
    private OdsTable table = null!;
    private int mergedBefore;                     // ranges of the sheets before
    private int rows;                             // of the current sheet, so far
    private bool[] filled = new bool[64];         // which columns of the current sheet hold something
    private long stored;                          // filled cells in the file
    private long shown;                           // filled cells with all repetitions

    private OdsWorkbook(ZipPackage package, ReaderLimits limits)
    {
        (this.package, this.limits) = (package, limits);
        writer = new BinaryWriter(spool, Encoding.UTF8, leaveOpen: true);
        text = new OdsText(Styles, limits);
    }

    /// <summary>The styles.</summary>
    public OdsStyles Styles { get; } = new();

    /// <summary>The cells of all sheets, as <see cref="OdsCell"/> writes them.</summary>
    public Stream Spool => spool;

    /// <summary>Reads the workbook.</summary>
    public static ReadRelease Read(ZipPackage package, string name, ReaderLimits limits)
    {
        Refuse(package);
        package.CheckSizes();
        var workbook = new OdsWorkbook(package, limits);
        try
        {
            var release = workbook.Read(name);
            // All is in the temporary file.
            package.Dispose();
            return release;
        }
        catch
        {
            workbook.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => spool.Dispose();

    private static void Refuse(ZipPackage package)
    {
        if (package.Has("encrypted-package"))
            throw Unreadable.Encrypted();
        if (package.Has("META-INF/manifest.xml"))
        {
            using var xml = package.Xml("META-INF/manifest.xml", out _);
            while (xml.Read())
                if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "encryption-data")
                    throw Unreadable.Encrypted();
        }
        if (!package.Has(Content))
            throw Unreadable.Damaged("it is an OpenDocument container without content.xml");
    }

    private ReadRelease Read(string name)
    {
        var findings = new Findings();
        if (package.Has("styles.xml"))
        {
            using var styles = package.Xml("styles.xml", out _);
            while (styles.Read())
                if (styles.NodeType == XmlNodeType.Element)
                    Styles.Read(styles);
        }
        using var xml = package.Xml(Content, out _);
        var spreadsheet = false;
        var more = xml.Read();
        while (more)
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                more = xml.Read();
            }
            else if (xml.LocalName == "spreadsheet" && xml.NamespaceURI == Office)
            {
                spreadsheet = true;
                more = xml.Read();
            }
            else if (spreadsheet && xml.LocalName == "table" && xml.NamespaceURI == Table)
            {
                ReadTable(xml, findings);
                more = xml.Read();
            }
            else if (spreadsheet)
            {
                // Tracked changes, validations and so on, some of which hold old cells.
                xml.Skip();
                more = !xml.EOF;
            }
            else if (xml.LocalName is "text" or "presentation" or "drawing" && xml.NamespaceURI == Office)
            {
                throw Unreadable.Format("an OpenDocument file that is no spreadsheet", "Save it as DOCX or HTML (a text), or upload the workbook with its figures.");
            }
            else
            {
                Styles.Read(xml);
                more = xml.Read();
            }
        }
        if (tables.Count == 0)
            throw Unreadable.Damaged("it has no worksheet");
        writer.Dispose();
        spool.Flush();
        var release = new ReadRelease("ods", this) { FileName = name, Sheets = sheets, Tables = tables };
        release.Findings.Add(findings);
        return release;
    }

    private void ReadTable(XmlReader xml, Findings findings)
    {
        if (tables.Count == limits.Sheets)
        {
            throw Unreadable.Because(
                "sheets-too-many",
                $"The workbook has more than {Unreadable.N(limits.Sheets)} sheets.",
                expected: $"at most {limits.Sheets} sheets",
                advice: "Split the workbook.");
        }
        var name = xml.GetAttribute("name", Table) ?? $"Sheet{sheets.Count + 1}";
        writer.Flush();
        table = new OdsTable(this, spool.Position) { Sheet = name, Place = sheets.Count, Hidden = Styles.IsHidden(xml.GetAttribute("style-name", Table)) };
        columns.Clear();
        merged.Clear();
        Array.Clear(filled);
        rows = 0;
        var linked = false;
        if (!xml.IsEmptyElement)
        {
            var depth = xml.Depth;
            var hidden = 0; // the depth of the outermost group that is folded away; 0 outside of one
            var more = xml.Read();
            while (more && xml.Depth > depth)
            {
                if (xml.NodeType != XmlNodeType.Element || xml.NamespaceURI != Table)
                {
                    if (xml.NodeType == XmlNodeType.EndElement && xml.Depth == hidden)
                        hidden = 0;
                    if (xml.NodeType == XmlNodeType.Element)
                        xml.Skip();
                    else
                        more = xml.Read();
                    continue;
                }
                switch (xml.LocalName)
                {
                    case "table-column":
                        ReadColumn(xml, hidden > 0);
                        more = xml.Read();
                        break;
                    case "table-row":
                        ReadRow(xml, hidden > 0, findings);
                        more = xml.Read();
                        break;
                    case "table-row-group" or "table-column-group" or "table-header-rows" or "table-header-columns" or "table-rows" or "table-columns":
                        if (hidden == 0 && !xml.IsEmptyElement && xml.GetAttribute("display", Table) == "false")
                            hidden = xml.Depth;
                        more = xml.Read();
                        break;
                    default:
                        // A table that keeps a copy of another file's cells names it.
                        linked |= xml.LocalName == "table-source";
                        xml.Skip();
                        break;
                }
            }
        }
        writer.Write7BitEncodedInt(0);
        if (linked)
            return;
        mergedBefore += merged.Count;
        table.Shape.Merge(merged, LastRow, limits.Columns);
        var at = 0;
        foreach (var column in columns)
        {
            for (; at < column.End; at++)
                if (column.Hidden && at < filled.Length && filled[at])
                    table.Shape.HiddenColumns.Add(at + 1);
        }
        sheets.Add(name);
        tables.Add(table);
    }

    private void ReadColumn(XmlReader xml, bool hidden)
    {
        var start = columns.Count == 0 ? 0 : columns[^1].End;
        hidden |= xml.GetAttribute("visibility", Table) is "collapse" or "filter";
        if (start < limits.Columns)
            columns.Add(new Column(Math.Min(start + Repeat(xml, "number-columns-repeated"), limits.Columns), xml.GetAttribute("default-cell-style-name", Table), hidden));
    }

    private void ReadRow(XmlReader xml, bool hidden, Findings findings)
    {
        var first = rows + 1;
        var repeat = Repeat(xml, "number-rows-repeated");
        var style = xml.GetAttribute("default-cell-style-name", Table);
        hidden |= xml.GetAttribute("visibility", Table) is "collapse" or "filter";
        rows = (int)Math.Min((long)rows + repeat, int.MaxValue);
        row.Clear();
        var column = 0;
        if (!xml.IsEmptyElement)
        {
            var depth = xml.Depth;
            var more = xml.Read();
            while (more && xml.Depth > depth)
            {
                if (xml.NodeType == XmlNodeType.Element && xml.NamespaceURI == Table && xml.LocalName is "table-cell" or "covered-table-cell")
                {
                    column = ReadCell(xml, first, column, style, findings);
                    more = xml.Read();
                }
                else if (xml.NodeType == XmlNodeType.Element)
                {
                    xml.Skip();
                }
                else
                {
                    more = xml.Read();
                }
            }
        }
        if (row.Count == 0)
            return;
        Count(first, repeat);
        for (var number = first; hidden && number < first + repeat; number++)
            table.Shape.HiddenRows.Add(number);
        writer.Write7BitEncodedInt(first);
        writer.Write7BitEncodedInt(repeat);
        writer.Write7BitEncodedInt(row.Count);
        foreach (var cell in row)
            cell.Write(writer);
    }

    private void Count(int first, int repeat)
    {
        if (first > LastRow || repeat > LastRow - first + 1)
            throw Unreadable.Damaged($"it has a cell in row {first + (long)repeat - 1}, and {LastRow} is the last", table.Where(first));
        var cells = 0L;
        foreach (var cell in row)
        {
            cells += cell.Repeat;
            if (cell.Column + cell.Repeat > filled.Length)
                Array.Resize(ref filled, Math.Max(filled.Length * 2, cell.Column + cell.Repeat));
            filled.AsSpan(cell.Column, cell.Repeat).Fill(true);
        }
        stored += row.Count;
        shown += cells * repeat;
        if (shown > FewCells && shown / limits.UnpackedRatio > stored)
        {
            throw Unreadable.Because(
                "workbook-too-large",
                $"The workbook repeats {Unreadable.N(stored)} cells to {Unreadable.N(shown)}; {limits.UnpackedRatio} times is the limit beyond {Unreadable.N(FewCells)} cells.",
                table.Where(first),
                $"{shown} cells",
                "a workbook within the limits",
                "Delete the cells that were filled over whole columns or rows.");
        }
    }

    // Gives the column after the cell.
    private int ReadCell(XmlReader xml, int first, int column, string? rowStyle, Findings findings)
    {
        var repeat = Repeat(xml, "number-columns-repeated");
        var after = (int)Math.Min((long)column + repeat, int.MaxValue);
        if (xml.LocalName == "covered-table-cell")
        {
            OdsText.Skip(xml);
            return after;
        }
        var (columnsSpanned, rowsSpanned) = (Repeat(xml, "number-columns-spanned"), Repeat(xml, "number-rows-spanned"));
        if ((columnsSpanned > 1 || rowsSpanned > 1) && column < limits.Columns && first <= LastRow && merged.Count < TableShape.MaxMerged && mergedBefore + merged.Count < MostMerged)
        {
            merged.Add(new MergedRange(
                first, column + 1, (int)Math.Min((long)first + rowsSpanned - 1, LastRow), (int)Math.Min((long)column + columnsSpanned, limits.Columns)));
        }
        var type = xml.GetAttribute("value-type", Office);
        var value = type switch
        {
            null => null,
            "date" => xml.GetAttribute("date-value", Office),
            "time" => xml.GetAttribute("time-value", Office),
            "boolean" => xml.GetAttribute("boolean-value", Office),
            "string" => xml.GetAttribute("string-value", Office),
            _ => xml.GetAttribute("value", Office),
        };
        var formula = xml.GetAttribute("formula", Table) is not null;
        var isError = xml.GetAttribute("value-type", CalcExtension) == "error";
        var style = xml.GetAttribute("style-name", Table) ?? rowStyle ?? ColumnStyle(column);
        var cell = new OdsCell(column, repeat, Styles.Cell(style, type == "percentage"));
        if (!isError && Stored(cell, type, value) is { } known)
        {
            OdsText.Skip(xml);
            row.Add(Within(known, first, after));
            return after;
        }
        text.Read(xml, table, first, column);
        cell = cell with { Bold = text.Bold };
        if (type is null && formula && text.IsBlank)
        {
            cell = cell with { Kind = CellKind.Error, Text = "formula without a value" };
            var where = table.Where(first, column + 1);
            findings.Add(new Finding(Severity.Warning, "formula-without-value", $"The formula in {where} has no stored value; the cell can not be read.")
            {
                Where = where,
                Found = "a formula without a cached value",
                Expected = "the formula's result stored beside it",
                Advice = "Open the workbook in a spreadsheet program, let it calculate, save it and upload that.",
            });
        }
        else if (isError || (formula && type == "string" && text.IsError))
        {
            cell = cell with { Kind = CellKind.Error, Text = text.ToString() };
        }
        else if ((text.IsBlank ? value : text.ToString()) is { } shown && !string.IsNullOrWhiteSpace(shown))
        {
            // Paragraphs show more than the attribute where both stand: raised marks, and what is left out.
            cell = cell with { Kind = CellKind.Text, Text = shown };
        }
        else
        {
            return after;
        }
        row.Add(Within(cell, first, after));
        return after;
    }

    private OdsCell Within(OdsCell cell, int first, int after) => after <= limits.Columns ? cell : throw Unreadable.Because(
        "columns-too-many",
        $"Row {first} has a cell in column {after}; {Unreadable.N(limits.Columns)} columns are the limit.",
        table.Where(first),
        expected: $"at most {limits.Columns} columns",
        advice: "Split the sheet.");

    // What an attribute holds exactly; null where the paragraphs are the content.
    private static OdsCell? Stored(OdsCell cell, string? type, string? value)
    {
        switch (type)
        {
            case "float" or "currency" or "percentage" when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                return cell with { Kind = CellKind.Number, Number = number };
            case "boolean" when value is "true" or "false" or "1" or "0":
                return cell with { Kind = CellKind.Boolean, Text = value is "true" or "1" ? "TRUE" : "FALSE" };
            case "date" when DateTime.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var date):
                return cell with { Kind = CellKind.Date, Ticks = date.Ticks };
            case "time" when Duration(value) is { } days && NumberFormat.Date(days, false) is { } time:
                return cell with { Kind = CellKind.Date, Ticks = time.Ticks };
            default:
                return null;
        }
    }

    private static double? Duration(string? value)
    {
        try
        {
            return value is { Length: < 64 } ? XmlConvert.ToTimeSpan(value).TotalDays : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }

    private string? ColumnStyle(int column)
    {
        // Few ranges as a rule; cells go from left to right, but a search costs less than keeping the place.
        var (low, high) = (0, columns.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (columns[middle].End <= column)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return low < columns.Count ? columns[low].Style : null;
    }

    private static int Repeat(XmlReader xml, string attribute) =>
        xml.GetAttribute(attribute, Table) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var times) && times > 0 ? times : 1;

    private readonly record struct Column(int End, string? Style, bool Hidden);
}

/// <summary>A filled cell of a row, as it stands in the temporary file.</summary>
internal readonly record struct OdsCell(int Column, int Repeat, int Style)
{
    public CellKind Kind { get; init; }

    /// <summary>Whether its text says itself that it is bold or not; null when the style decides.</summary>
    public bool? Bold { get; init; }

    public string? Text { get; init; }

    public double Number { get; init; }

    public long Ticks { get; init; }

    public void Write(BinaryWriter to)
    {
        to.Write7BitEncodedInt(Column);
        to.Write7BitEncodedInt(Repeat);
        to.Write7BitEncodedInt(Style);
        to.Write((byte)((byte)Kind | (Bold is { } bold ? bold ? 0x40 : 0x80 : 0)));
        if (Kind == CellKind.Number)
            to.Write(Number);
        else if (Kind == CellKind.Date)
            to.Write(Ticks);
        else
            to.Write(Text ?? "");
    }

    public static OdsCell Read(BinaryReader from)
    {
        var cell = new OdsCell(from.Read7BitEncodedInt(), from.Read7BitEncodedInt(), from.Read7BitEncodedInt());
        var marks = from.ReadByte();
        cell = cell with { Kind = (CellKind)(marks & 0x3f), Bold = (marks & 0x40) != 0 ? true : (marks & 0x80) != 0 ? false : null };
        return cell.Kind switch
        {
            CellKind.Number => cell with { Number = from.ReadDouble() },
            CellKind.Date => cell with { Ticks = from.ReadInt64() },
            _ => cell with { Text = from.ReadString() },
        };
    }
}
