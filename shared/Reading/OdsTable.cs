using System.Text;

namespace Pipeline.Reading;

/// <summary>A sheet of an OpenDocument spreadsheet; its rows are streamed from the workbook's temporary file.</summary>
internal sealed class OdsTable(OdsWorkbook workbook, long start) : Table
{
    /// <inheritdoc/>
    public override RowReader Open() => new OdsRowReader(workbook, start);
}

/// <summary>Reads the rows of a sheet. Rows that hold nothing are given as blank ones, so that rows count as in a spreadsheet.</summary>
internal sealed class OdsRowReader : RowReader
{
    private readonly OdsWorkbook workbook;
    private readonly BinaryReader reader;
    private readonly ViewStream view;
    private readonly WorkbookRow row = new();
    private int stored;    // the number of the stored row that was read ahead, and the last to repeat it; 0 when there is none any more
    private int last;

    public OdsRowReader(OdsWorkbook workbook, long start)
    {
        this.workbook = workbook;
        view = new ViewStream(workbook.Spool) { Position = start };
        reader = new BinaryReader(new BufferedStream(view, 1 << 16), Encoding.UTF8);
        Next();
    }

    /// <inheritdoc/>
    public override double Progress => view.Length == 0 ? 1 : (double)view.Position / view.Length;

    /// <inheritdoc/>
    public override Cell this[int column] => Count == 0 ? default : row[column];

    /// <inheritdoc/>
    public override bool Read()
    {
        Count = 0;
        if (Row >= last && stored > 0 && Row >= stored)
            Next();
        if (stored == 0)
            return false;
        Row++;
        if (Row >= stored)
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

    private void Next()
    {
        stored = reader.Read7BitEncodedInt();
        if (stored == 0)
            return;
        last = stored + reader.Read7BitEncodedInt() - 1;
        row.Clear();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            Put(OdsCell.Read(reader));
    }

    private void Put(OdsCell cell)
    {
        var style = workbook.Styles.Cells[cell.Style];
        if (cell.Bold is { } bold)
            style = style with { Bold = bold };
        for (var column = cell.Column; column < cell.Column + cell.Repeat; column++)
        {
            switch (cell.Kind)
            {
                case CellKind.Number:
                    row.Number(column, cell.Number, style);
                    break;
                case CellKind.Date:
                    row.Date(column, new DateTime(cell.Ticks), style);
                    break;
                case CellKind.Boolean:
                    row.Boolean(column, cell.Text == "TRUE", style);
                    break;
                case CellKind.Error:
                    row.Error(column, cell.Text!, style);
                    break;
                default:
                    row.Text(column, cell.Text!, style);
                    break;
            }
        }
    }
}
