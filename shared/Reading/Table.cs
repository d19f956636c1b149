using System.Runtime.InteropServices;

namespace Pipeline.Reading;

/// <summary>What a cell holds, as the file says.</summary>
public enum CellKind : byte
{
    /// <summary>Nothing, or white space only.</summary>
    Blank,

    /// <summary>Text; every filled cell of a CSV is text.</summary>
    Text,

    /// <summary>A number; <see cref="Cell.Number"/> has it.</summary>
    Number,

    /// <summary>A date or time; <see cref="Cell.Date"/> has it.</summary>
    Date,

    /// <summary>A truth value, shown in <see cref="Cell.Text"/> as TRUE or FALSE.</summary>
    Boolean,

    /// <summary>An error such as <c>#DIV/0!</c>, or a formula without a cached value; <see cref="Cell.Text"/> says which.</summary>
    Error,
}

/// <summary>One cell, valid until its <see cref="RowReader"/> moves on.</summary>
public readonly ref struct Cell
{
    /// <summary>What it holds.</summary>
    public CellKind Kind { get; init; }

    /// <summary>The text as written in the file (CSV) or as a person would write the stored value (workbook), not trimmed.</summary>
    public ReadOnlySpan<char> Text { get; init; }

    /// <summary>The stored number of a <see cref="CellKind.Number"/> cell.</summary>
    public double Number { get; init; }

    /// <summary>The stored date of a <see cref="CellKind.Date"/> cell.</summary>
    public DateTime Date { get; init; }

    /// <summary>The number format of a workbook's cell, such as <c>0.0%</c>; null where there is none.</summary>
    public string? Format { get; init; }

    /// <summary>How many steps a workbook's cell is indented; 0 where the format does not say.</summary>
    public byte Indent { get; init; }

    /// <summary>Whether a workbook's or page's cell is set in bold as a whole.</summary>
    public bool Bold { get; init; }
}

/// <summary>A merged range of cells, rows and columns from 1, both ends inside.</summary>
public readonly record struct MergedRange(int FirstRow, int FirstColumn, int LastRow, int LastColumn);

/// <summary>What a file says about a table besides its cells. Complete when a <see cref="RowReader"/> of the table has come to its end.</summary>
public sealed class TableShape
{
    /// <summary>The most merged ranges that are kept; a reader leaves out what comes after them.</summary>
    public const int MaxMerged = 20_000;

    /// <summary>The merged ranges; a merged cell's content stands in its first cell, the others are blank.</summary>
    public List<MergedRange> Merged { get; } = [];

    /// <summary>The rows, from 1, that the office hid.</summary>
    public HashSet<int> HiddenRows { get; } = [];

    /// <summary>The columns, from 1, that the office hid.</summary>
    public HashSet<int> HiddenColumns { get; } = [];

    /// <summary>
    /// Takes over the merged ranges of a file, once. Left out is what is reversed, of one cell, out of a sheet of so many rows and columns, or in the way of
    /// an earlier range: no spreadsheet program shows it.
    /// </summary>
    internal void Merge(IEnumerable<MergedRange> ranges, int rows, int columns)
    {
        if (Merged.Count > 0)
            return;
        foreach (var range in ranges.Take(MaxMerged))
        {
            var (top, left, bottom, right) = range;
            if (top >= 1 && left >= 1 && bottom >= top && right >= left && bottom <= rows && right <= columns && (bottom > top || right > left) && IsFree(range))
                Merged.Add(range);
        }
    }

    private bool IsFree(in MergedRange range)
    {
        foreach (ref readonly var other in CollectionsMarshal.AsSpan(Merged))
        {
            if (range.FirstRow <= other.LastRow && other.FirstRow <= range.LastRow && range.FirstColumn <= other.LastColumn && other.FirstColumn <= range.LastColumn)
                return false;
        }
        return true;
    }
}

/// <summary>One grid of cells of a release: a sheet of a workbook, the rows of a CSV, a table of a page.</summary>
/// <remarks>Rows are streamed: a table may be larger than memory. <see cref="Open"/> may be called again to read once more from the start.</remarks>
public abstract class Table
{
    /// <summary>The sheet's name; null for a file that has no sheets.</summary>
    public string? Sheet { get; internal set; }

    /// <summary>The index of the sheet in <see cref="ReadRelease.Sheets"/>; -1 for a file that has no sheets.</summary>
    public int Place { get; internal set; } = -1;

    /// <summary>Whether the office hid the sheet.</summary>
    public bool Hidden { get; init; }

    /// <summary>Whether semicolons stand between the cells: as a rule because the comma is the decimal mark.</summary>
    public bool IsOfSemicolons { get; internal set; }

    /// <summary>How many columns more than the file has there are here, because its first one was taken apart.</summary>
    public int JoinedColumns { get; internal set; }

    /// <summary>Whether each row is a line that has as many cells as were written, as in a CSV: one that has more than the header is a slip.</summary>
    public bool IsOfLines { get; internal set; }

    /// <summary>Merged ranges, hidden rows and columns; see there when it is complete.</summary>
    public TableShape Shape { get; protected init; } = new();

    /// <summary>Starts reading at the first row.</summary>
    /// <exception cref="UnreadableReleaseException">The bytes can not be read.</exception>
    public abstract RowReader Open();

    /// <summary>The SOURCE of a cell of this table, row and column from 1.</summary>
    public Source Cell(int row, int column) => Place < 0 ? Source.Cell(row, InFile(column)) : Source.Cell(Place, row, column);

    /// <summary>The address of a cell for a <see cref="Finding.Where"/>.</summary>
    public string Where(int row, int column) => (Sheet is null ? "" : Sheet + "!") + Source.Column(InFile(column)) + row;

    private int InFile(int column) => JoinedColumns == 0 ? column : Math.Max(1, column - JoinedColumns);

    /// <summary>The address of a row for a <see cref="Finding.Where"/>.</summary>
    public string Where(int row) => (Sheet is null ? "" : Sheet + "!") + "row " + row;
}

/// <summary>Reads a table's rows from the first to the last.</summary>
public abstract class RowReader : IDisposable
{
    /// <summary>The current row's number, from 1; empty rows count, as in a spreadsheet.</summary>
    public int Row { get; protected set; }

    /// <summary>How many cells the current row has; those beyond are blank.</summary>
    public int Count { get; protected set; }

    /// <summary>Moves to the next row; a row that the file leaves out is given as a blank one, so that <see cref="Row"/> goes up by one.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="UnreadableReleaseException">The bytes can not be read from here on; the finding says where.</exception>
    public abstract bool Read();

    /// <summary>The cell in a column, counted from 0; a blank one beyond <see cref="Count"/>.</summary>
    public abstract Cell this[int column] { get; }

    /// <summary>How far the reading is, from 0 to 1, for a progress bar.</summary>
    public virtual double Progress => 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of the file.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
