namespace Pipeline.Reading;

/// <summary>
/// A table of a document (a page, a Word file, Markdown), held in memory: the lines above it that say what it is, each in a row of its own, then its grid, then
/// the notes below it. Rows count from the first of these lines, so that the first row of the grid is row 3 where two lines stand above it.
/// </summary>
internal sealed class DocumentTable : Table
{
    private readonly DocumentCell[][] rows;

    /// <summary>Puts the table together.</summary>
    /// <param name="above">The lines above the grid.</param>
    /// <param name="grid">The grid's cells, by row and then column; both count from 0.</param>
    /// <param name="merged">The grid's merged ranges; rows and columns count from 1.</param>
    /// <param name="below">The notes below the grid.</param>
    public DocumentTable(List<string> above, List<DocumentCell> grid, IEnumerable<MergedRange> merged, List<string> below)
    {
        var height = grid.Count == 0 ? 0 : grid[^1].Row + 1;
        rows = new DocumentCell[above.Count + height + below.Count][];
        Array.Fill(rows, []);
        for (var i = 0; i < above.Count; i++)
            rows[i] = [new DocumentCell(i, 0, above[i], default)];
        for (var i = 0; i < grid.Count;)
        {
            var first = i;
            while (i < grid.Count && grid[i].Row == grid[first].Row)
                i++;
            rows[above.Count + grid[first].Row] = [.. grid[first..i]];
        }
        for (var i = 0; i < below.Count; i++)
            rows[above.Count + height + i] = [new DocumentCell(0, 0, below[i], default)];
        Shape.Merge(
            merged.Select(range => range with { FirstRow = range.FirstRow + above.Count, LastRow = Math.Min(range.LastRow, height) + above.Count }),
            rows.Length,
            int.MaxValue);
    }

    /// <inheritdoc/>
    public override RowReader Open() => new Reader(rows);

    private sealed class Reader(DocumentCell[][] rows) : RowReader
    {
        private readonly WorkbookRow row = new();

        public override Cell this[int column] => row[column];

        public override double Progress => rows.Length == 0 ? 1 : (double)Row / rows.Length;

        public override bool Read()
        {
            row.Clear();
            Count = 0;
            if (Row >= rows.Length)
                return false;
            foreach (var cell in rows[Row++])
                row.Text(cell.Column, cell.Text, cell.Style);
            Count = row.Count;
            return true;
        }
    }
}

/// <summary>A cell of a <see cref="DocumentTable"/>; row and column count from 0.</summary>
internal readonly record struct DocumentCell(int Row, int Column, string Text, CellStyle Style);
