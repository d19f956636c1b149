using System.Globalization;
using System.Text;
using ExcelDataReader;
using ExcelDataReader.Exceptions;

namespace Pipeline.Reading;

/// <summary>Opens an XLS workbook (BIFF2 to BIFF8) with ExcelDataReader.</summary>
internal static class XlsWorkbook
{
    /// <summary>Reads what stands before the rows.</summary>
    public static ReadRelease Read(Stream stream, string name, ReaderLimits limits)
    {
        Refuse(new ViewStream(stream), limits);
        return Guarded(stream, null, view =>
        {
            using var reader = Open(view);
            if (reader.ResultsCount > limits.Sheets)
            {
                throw Unreadable.Because(
                    "sheets-too-many",
                    $"The workbook has {Unreadable.N(reader.ResultsCount)} sheets; {Unreadable.N(limits.Sheets)} is the limit.",
                    expected: $"at most {limits.Sheets} sheets",
                    advice: "Split the workbook.");
            }
            var records = XlsRecords.Find(View(stream), reader.ResultsCount);
            var sheets = new List<string>();
            var tables = new List<Table>();
            var index = 0;
            do
            {
                if (records is null || reader.RowCount > 0 || records.IsWorksheet(index))
                {
                    var sheet = reader.Name ?? $"Sheet{index + 1}";
                    tables.Add(new XlsTable(stream, index, records) { Sheet = sheet, Place = sheets.Count, Hidden = reader.VisibleState != "visible" });
                    sheets.Add(sheet);
                }
            }
            while (++index < reader.ResultsCount && reader.NextResult());
            if (tables.Count == 0)
                throw Unreadable.Damaged("it has no worksheet");
            return new ReadRelease("xls") { FileName = name, Sheets = sheets, Tables = tables };
        });
    }

    /// <summary>Opens a reader on the first sheet.</summary>
    public static IExcelDataReader Open(ViewStream view)
    {
        // The library decodes old files by their code page.
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return ExcelReaderFactory.CreateBinaryReader(view, new ExcelReaderConfiguration { LeaveOpen = true });
    }

    /// <summary>A view of the file that can not be read forever.</summary>
    public static ViewStream View(Stream stream) => new(stream, (stream.Length * 32) + 4_000_000);

    /// <summary>Runs the library, and turns whatever it throws on damaged bytes into a refusal.</summary>
    public static T Guarded<T>(Stream stream, string? where, Func<ViewStream, T> read)
    {
        var view = View(stream);
        try
        {
            return read(view);
        }
        catch (Exception e) when (e is not UnreadableReleaseException)
        {
            throw Refusal(e, where, view);
        }
    }

    /// <summary>The refusal for an exception of the library, unless it was the caller's stream that failed: then that exception is thrown.</summary>
    public static UnreadableReleaseException Refusal(Exception e, string? where, ViewStream view)
    {
        view.ThrowSourceFailure();
        return e is InvalidPasswordException ? Unreadable.Encrypted() : Unreadable.Damaged(e.Message, where, e);
    }

    private static void Refuse(ViewStream view, ReaderLimits limits)
    {
        if (view.Length > limits.XlsBytes)
        {
            throw Unreadable.Because(
                "workbook-too-large",
                $"The XLS workbook has {Unreadable.N(view.Length)} bytes; {Unreadable.N(limits.XlsBytes)} is the limit.",
                found: $"{view.Length} bytes",
                expected: $"at most {limits.XlsBytes} bytes",
                advice: "Save it as XLSX or CSV and upload that.");
        }
        if (ContentSniffer.Binary(view) != BinaryFormat.Compound)
            return;
        var container = new CompoundFile(view);
        if (container.Has("EncryptedPackage"))
            throw Unreadable.Encrypted();
        if (!container.IsPlausible)
            throw Unreadable.Damaged("its container states sizes beyond the file's own");
        if (container.Has("Workbook") || container.Has("Book"))
            return;
        if (container.Has("WordDocument"))
            throw Unreadable.Format("a Word document (DOC)", "Save it as DOCX and upload that.");
        if (container.Has("PowerPoint Document"))
            throw Unreadable.Format("a presentation (PPT)", "Upload the workbook or the text with its figures.");
        throw Unreadable.Damaged("its container holds no workbook");
    }
}

/// <summary>A worksheet of an XLS workbook.</summary>
internal sealed class XlsTable(Stream stream, int index, XlsRecords? records) : Table
{
    /// <inheritdoc/>
    public override RowReader Open() => new XlsRowReader(this, XlsWorkbook.View(stream), index, records);
}

/// <summary>Reads the rows of an XLS worksheet.</summary>
internal sealed class XlsRowReader : RowReader
{
    private const int LastRow = 65_536;
    private const int Columns = 256; // BIFF has no more, whatever a damaged file claims

    private readonly XlsTable table;
    private readonly ViewStream view;
    private readonly XlsRecords.Sheet? sheet;
    private readonly IExcelDataReader reader;
    private readonly WorkbookRow row = new();

    public XlsRowReader(XlsTable table, ViewStream view, int index, XlsRecords? records)
    {
        (this.table, this.view) = (table, view);
        try
        {
            sheet = records?.Read(index, table.Shape);
            reader = XlsWorkbook.Open(view);
            for (var i = 0; i < index; i++)
                reader.NextResult();
            // The library walks over as many rows as the sheet claims, be they billions.
            if (reader.RowCount > LastRow)
                throw Unreadable.Damaged($"the sheet claims {Unreadable.N(reader.RowCount)} rows; the format has {Unreadable.N(LastRow)}", table.Sheet);
        }
        catch (Exception e) when (e is not UnreadableReleaseException)
        {
            records?.ThrowSourceFailure();
            throw XlsWorkbook.Refusal(e, table.Sheet, view);
        }
    }

    /// <inheritdoc/>
    public override double Progress => reader.RowCount > 0 ? Math.Min(1, (double)Row / reader.RowCount) : 0;

    /// <inheritdoc/>
    public override Cell this[int column] => row[column];

    /// <inheritdoc/>
    public override bool Read()
    {
        row.Clear();
        try
        {
            if (!reader.Read())
            {
                Count = 0;
                return false;
            }
            Row++;
            for (var column = 0; column < Math.Min(reader.FieldCount, Columns); column++)
                Put(column);
        }
        catch (Exception e) when (e is not UnreadableReleaseException)
        {
            throw XlsWorkbook.Refusal(e, table.Where(Row + 1), view);
        }
        Count = row.Count;
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            reader.Dispose();
        base.Dispose(disposing);
    }

    private void Put(int column)
    {
        var value = reader.GetValue(column);
        if (value is null)
        {
            if (sheet?.Error(Row - 1, column) is { } error)
                row.Error(column, error, Style(column, null));
            return;
        }
        var format = reader.GetNumberFormatString(column);
        format = string.IsNullOrEmpty(format) || format.Equals("General", StringComparison.OrdinalIgnoreCase) ? null : format;
        var style = Style(column, format);
        switch (value)
        {
            case string text:
                row.Text(column, sheet?.Text(Row - 1, column, text) ?? new CellText(text), style);
                break;
            case bool truth:
                row.Boolean(column, truth, style);
                break;
            case DateTime date:
                row.Date(column, date, style);
                break;
            case TimeSpan time:
                row.Date(column, new DateTime(1899, 12, 30) + time, style);
                break;
            default:
                var number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                // The library does not know every date format, such as yyyy年.
                if (NumberFormat.IsDate(format) && NumberFormat.Date(number, sheet?.From1904 == true) is { } day)
                    row.Date(column, day, style);
                else
                    row.Number(column, number, style);
                break;
        }
    }

    private CellStyle Style(int column, string? format)
    {
        var (indent, bold) = sheet?.Look(Row - 1, column) ?? default;
        return new CellStyle(format, Indent: indent, Bold: bold);
    }
}
