using System.Globalization;
using System.Xml;

namespace Pipeline.Reading;

/// <summary>A worksheet of an XLSX workbook; its rows are streamed.</summary>
internal sealed class XlsxTable(XlsxWorkbook workbook, string part, ReaderLimits limits) : Table
{
    /// <inheritdoc/>
    public override RowReader Open() => new XlsxRowReader(this, workbook, part, limits);

    /// <summary>The last row whose findings are told already, so that reading once more tells nothing twice.</summary>
    public int Told { get; set; }
}

/// <summary>Reads the rows of a worksheet. Rows that the file leaves out are given as blank ones, so that rows count as in a spreadsheet.</summary>
internal sealed class XlsxRowReader : RowReader
{
    private const int LastRow = 1_048_576;

    private readonly XlsxTable table;
    private readonly XlsxWorkbook workbook;
    private readonly ReaderLimits limits;
    private readonly XmlReader xml;
    private readonly ZipPackage.Part part;
    private readonly WorkbookRow row = new();
    private int stored;        // the number of the stored row that was read ahead; 0 when none was
    private int last;          // the number of the last stored row
    private List<MergedRange>? merged;
    private int columns;       // how many columns <col> has told of; each may be told of once
    private long cells;
    private bool ended;

    public XlsxRowReader(XlsxTable table, XlsxWorkbook workbook, string name, ReaderLimits limits)
    {
        (this.table, this.workbook, this.limits) = (table, workbook, limits);
        try
        {
            xml = workbook.Package.Xml(name, out part);
        }
        catch (Exception e) when (ZipPackage.IsFault(e))
        {
            throw workbook.Package.Damaged(e, table.Where(last + 1));
        }
    }

    /// <inheritdoc/>
    public override double Progress => part.Progress;

    /// <inheritdoc/>
    public override Cell this[int column] => Count == 0 ? default : row[column];

    /// <inheritdoc/>
    public override bool Read()
    {
        if (stored == 0 && !ended)
        {
            try
            {
                ended = !NextRow();
            }
            catch (Exception e) when (ZipPackage.IsFault(e))
            {
                throw workbook.Package.Damaged(e, table.Where(last + 1));
            }
        }
        Count = 0;
        if (ended)
            return false;
        Row++;
        if (Row == stored)
        {
            Count = row.Count;
            stored = 0;
        }
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            xml.Dispose();
        base.Dispose(disposing);
    }

    private bool NextRow()
    {
        while (xml.Next())
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (xml.LocalName != "row")
            {
                Layout();
                continue;
            }
            var number = last + 1;
            if (xml.GetAttribute("r") is { } r && !int.TryParse(r, NumberStyles.None, CultureInfo.InvariantCulture, out number))
                throw Unreadable.Damaged($"a row has the number '{r}'", table.Where(last + 1));
            if (number <= last || number > LastRow)
                throw Unreadable.Damaged($"row {number} follows row {last}, and {LastRow} is the last", table.Where(last + 1));
            last = number;
            if (Is("hidden") || (Is("customHeight") && IsZero("ht")))
                table.Shape.HiddenRows.Add(number);
            row.Clear();
            if (!xml.IsEmptyElement)
                Cells(number);
            table.Told = Math.Max(table.Told, number);
            // Formatted rows without a value say nothing; a reader would only walk over them.
            if (row.Count == 0)
                continue;
            stored = number;
            cells += row.Count;
            if (cells > limits.Cells)
            {
                throw Unreadable.Because(
                    "workbook-too-large",
                    $"The sheet spans more than {Unreadable.N(limits.Cells)} cells up to row {number}.",
                    table.Where(number),
                    expected: $"at most {limits.Cells} cells, blank ones before filled ones counted",
                    advice: "Remove stray cells far to the right, split the sheet, or upload the figures as CSV.");
            }
            return true;
        }
        if (merged is not null)
            table.Shape.Merge(merged, LastRow, limits.Columns);
        return false;
    }

    // What stands around the rows: hidden columns before them, merged ranges behind.
    private void Layout()
    {
        if (xml.LocalName == "col" && (Is("hidden") || (Is("customWidth") && IsZero("width"))))
        {
            if (int.TryParse(xml.GetAttribute("min"), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(xml.GetAttribute("max"), NumberStyles.None, CultureInfo.InvariantCulture, out var end))
            {
                for (var column = Math.Max(first, 1); column <= Math.Min(end, limits.Columns) && columns < limits.Columns; column++, columns++)
                    table.Shape.HiddenColumns.Add(column);
            }
        }
        else if (xml.LocalName == "mergeCell" && Range(xml.GetAttribute("ref")) is { } range && (merged ??= []).Count < TableShape.MaxMerged)
        {
            merged.Add(range);
        }
    }

    private bool Is(string attribute) => xml.GetAttribute(attribute) is "1" or "true";

    private bool IsZero(string attribute) => double.TryParse(xml.GetAttribute(attribute), NumberStyles.Float, CultureInfo.InvariantCulture, out var size) && size == 0;

    private static MergedRange? Range(string? reference)
    {
        var colon = reference?.IndexOf(':') ?? -1;
        return colon > 0 && Address(reference.AsSpan(0, colon)) is ( > 0 and var top, > 0 and var left) && Address(reference.AsSpan(colon + 1)) is var (bottom, right)
            ? new MergedRange(top, left, bottom, right)
            : null;
    }

    // Row and column from 1 of an address such as $C$7; 0 where it has none.
    private static (int Row, int Column) Address(ReadOnlySpan<char> address)
    {
        var at = 0;
        var column = 0;
        for (; at < address.Length && (address[at] == '$' || char.IsAsciiLetter(address[at])) && column < 1_000_000; at++)
            column = address[at] == '$' ? column : (column * 26) + (address[at] & 0x1f);
        return (int.TryParse(address[at..], NumberStyles.None, CultureInfo.InvariantCulture, out var row) ? row : 0, column);
    }

    private void Cells(int number)
    {
        var depth = xml.Depth;
        var column = -1;
        while (xml.Next() && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "c")
                continue;
            column = xml.GetAttribute("r") is { } r ? Column(r, number) : column + 1;
            if (column >= limits.Columns)
            {
                throw Unreadable.Because(
                    "columns-too-many",
                    $"Row {number} has a cell in column {column + 1}; {Unreadable.N(limits.Columns)} columns are the limit.",
                    table.Where(number),
                    expected: $"at most {limits.Columns} columns",
                    advice: "Split the sheet.");
            }
            Cell(number, column);
        }
    }

    private int Column(string reference, int number) =>
        Address(reference) is { Column: > 0 and var column } ? column - 1 : throw Unreadable.Damaged($"a cell has the address '{reference}'", table.Where(number));

    private void Cell(int number, int column)
    {
        var type = xml.GetAttribute("t");
        _ = int.TryParse(xml.GetAttribute("s"), NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        if (xml.IsEmptyElement)
            return;
        string? value = null;
        CellText? inline = null;
        var formula = false;
        var depth = xml.Depth;
        var more = xml.Next();
        while (more && xml.Depth > depth)
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                switch (xml.LocalName)
                {
                    case "v":
                        value = workbook.Content(xml);
                        break;
                    case "f":
                        formula = true;
                        xml.Pass();
                        continue;
                    case "is":
                        inline = workbook.Runs(xml);
                        break;
                    default:
                        xml.Pass();
                        continue;
                }
            }
            more = xml.Next();
        }
        var style = workbook.Style(index);
        if (formula && string.IsNullOrEmpty(value) && type != "str")
            WithoutValue(number, column, style);
        else if (inline is { } text)
            row.Text(column, text, style);
        else if (!string.IsNullOrEmpty(value))
            Put(number, column, type, value, style);
    }

    private void Put(int number, int column, string? type, string value, in CellStyle style)
    {
        switch (type)
        {
            case "s":
                if (!int.TryParse(value, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var index)
                    || index >= workbook.Strings.Count)
                    throw Unreadable.Damaged($"the cell refers to shared string {value} of {workbook.Strings.Count}", table.Where(number, column + 1));
                row.Text(column, workbook.Strings[index], style);
                break;
            case "str" or "inlineStr":
                row.Text(column, value, style);
                break;
            case "b":
                row.Boolean(column, value.Trim() is "1" or "true", style);
                break;
            case "e":
                row.Error(column, value, style);
                break;
            case "d" when DateTime.TryParse(
                value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal | DateTimeStyles.NoCurrentDateDefault, out var date):
                row.Date(column, date, style);
                break;
            default:
                if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var stored))
                    row.Text(column, value, style);
                else if (style.IsDate && NumberFormat.Date(stored, workbook.From1904) is { } day)
                    row.Date(column, day, style);
                else
                    row.Number(column, stored, style);
                break;
        }
    }

    private void WithoutValue(int number, int column, in CellStyle style)
    {
        row.Error(column, "formula without a value", style);
        if (number <= table.Told)
            return;
        var where = table.Where(number, column + 1);
        workbook.Findings.Add(new Finding(Severity.Warning, "formula-without-value", $"The formula in {where} has no stored value; the cell can not be read.")
        {
            Where = where,
            Found = "a formula without a cached value",
            Expected = "the formula's result stored beside it",
            Advice = "Open the workbook in a spreadsheet program, let it calculate, save it and upload that.",
        });
    }
}
