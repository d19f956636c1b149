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
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "sheetData")
                return false;
            if (xml.NodeType != XmlNodeType.Element || xml.LocalName != "row")
                continue;
            var number = last + 1;
            if (xml.GetAttribute("r") is { } r && !int.TryParse(r, NumberStyles.None, CultureInfo.InvariantCulture, out number))
                throw Unreadable.Damaged($"a row has the number '{r}'", table.Where(last + 1));
            if (number <= last || number > LastRow)
                throw Unreadable.Damaged($"row {number} follows row {last}, and {LastRow} is the last", table.Where(last + 1));
            last = number;
            row.Clear();
            if (!xml.IsEmptyElement)
                Cells(number);
            table.Told = Math.Max(table.Told, number);
            // Formatted rows without a value say nothing; a reader would only walk over them.
            if (row.Count == 0)
                continue;
            stored = number;
            return true;
        }
        return false;
    }

    private void Cells(int number)
    {
        var depth = xml.Depth;
        var column = -1;
        while (xml.Read() && xml.Depth > depth)
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

    private int Column(string reference, int number)
    {
        var column = 0;
        foreach (var c in reference)
        {
            if (!char.IsAsciiLetter(c))
                break;
            column = (column * 26) + (c & 0x1f);
            if (column > 1_000_000)
                break;
        }
        return column > 0 ? column - 1 : throw Unreadable.Damaged($"a cell has the address '{reference}'", table.Where(number));
    }

    private void Cell(int number, int column)
    {
        var type = xml.GetAttribute("t");
        _ = int.TryParse(xml.GetAttribute("s"), NumberStyles.None, CultureInfo.InvariantCulture, out var style);
        if (xml.IsEmptyElement)
            return;
        string? value = null;
        string? inline = null;
        var formula = false;
        var depth = xml.Depth;
        var more = xml.Read();
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
                        xml.Skip();
                        continue;
                    case "is":
                        inline = workbook.Runs(xml);
                        break;
                    default:
                        xml.Skip();
                        continue;
                }
            }
            more = xml.Read();
        }
        var (format, isDate) = workbook.Style(style);
        if (formula && string.IsNullOrEmpty(value) && type != "str")
            WithoutValue(number, column, format);
        else if (inline is not null)
            row.Text(column, inline, format);
        else if (!string.IsNullOrEmpty(value))
            Put(number, column, type, value, format, isDate);
    }

    private void Put(int number, int column, string? type, string value, string? format, bool isDate)
    {
        switch (type)
        {
            case "s":
                if (!int.TryParse(value, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var index)
                    || index >= workbook.Strings.Count)
                    throw Unreadable.Damaged($"the cell refers to shared string {value} of {workbook.Strings.Count}", table.Where(number, column + 1));
                row.Text(column, workbook.Strings[index], format);
                break;
            case "str" or "inlineStr":
                row.Text(column, value, format);
                break;
            case "b":
                row.Boolean(column, value.Trim() is "1" or "true", format);
                break;
            case "e":
                row.Error(column, value, format);
                break;
            case "d" when DateTime.TryParse(
                value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal | DateTimeStyles.NoCurrentDateDefault, out var date):
                row.Date(column, date, format);
                break;
            default:
                if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var stored))
                    row.Text(column, value, format);
                else if (isDate && NumberFormat.Date(stored, workbook.From1904) is { } day)
                    row.Date(column, day, format);
                else
                    row.Number(column, stored, format);
                break;
        }
    }

    private void WithoutValue(int number, int column, string? format)
    {
        row.Error(column, "formula without a value", format);
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
