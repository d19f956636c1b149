namespace Pipeline.Reading;

/// <summary>A table of a document while the document is scanned: each cell is a range of the document's blocks, at its place in the grid.</summary>
/// <remarks>Places are those of HTML's table model (HTML Living Standard, 4.9.12): a cell takes the next column that no cell from a row above reaches down to.</remarks>
internal sealed class DocumentGrid(DocumentTables owner, int firstBlock)
{
    private readonly List<GridCell> cells = [];
    private readonly List<MergedRange> merged = [];
    private int[] until = [];      // for each column the last row that a cell from above takes
    private int column;
    private int open = -1;         // the index of the cell that is open

    /// <summary>The document's first block inside of the table.</summary>
    public int FirstBlock => firstBlock;

    /// <summary>One past the last block inside of the table.</summary>
    public int EndBlock { get; private set; } = -1;

    /// <summary>The row that is open, or was last, from 0; -1 before the first.</summary>
    public int Row { get; private set; } = -1;

    /// <summary>How many columns the widest row has.</summary>
    public int Width { get; private set; }

    /// <summary>The blocks of the caption.</summary>
    public (int First, int End) Caption { get; set; }

    /// <summary>The cells, by row and then column.</summary>
    public IReadOnlyList<GridCell> Cells => cells;

    /// <summary>The merged ranges, as far as they do not go beyond the last row.</summary>
    public IReadOnlyList<MergedRange> Merged => merged;

    /// <summary>The tables inside of cells that are given on their own; their blocks belong to no cell of this one.</summary>
    public List<DocumentGrid> Inner { get; } = [];

    /// <summary>Whether a cell is open.</summary>
    public bool InCell => open >= 0;

    /// <summary>Starts the next row.</summary>
    public void StartRow()
    {
        Row++;
        column = 0;
    }

    /// <summary>Ends a group of rows, over whose end no cell reaches.</summary>
    public void EndGroup()
    {
        owner.Spend(merged.Count + until.Length);
        for (var i = 0; i < merged.Count; i++)
            if (merged[i].LastRow > Row + 1)
                merged[i] = merged[i] with { LastRow = Row + 1 };
        Array.Clear(until);
    }

    /// <summary>Opens a cell at the next free place.</summary>
    /// <param name="block">The first block inside.</param>
    /// <param name="columns">How many columns it spans.</param>
    /// <param name="rows">How many rows it spans; 0 for all to the end of the group.</param>
    /// <param name="indent">How many steps it is indented.</param>
    /// <param name="grows">Whether cells below may <see cref="Continue"/> it.</param>
    public void StartCell(int block, int columns, int rows, byte indent, bool grows = false)
    {
        var start = column;
        while (column < until.Length && until[column] > Row)
            column++;
        var end = owner.Column(column + columns);
        owner.Spend(column - start + (columns * (rows == 1 ? 1L : 2L)));
        var last = rows == 0 ? int.MaxValue : Row + rows;
        if (rows != 1)
        {
            if (end > until.Length)
                Array.Resize(ref until, Math.Max(end, until.Length * 2));
            for (var i = column; i < end; i++)
                until[i] = Math.Max(until[i], last);
        }
        if ((columns > 1 || rows != 1 || grows) && merged.Count < TableShape.MaxMerged)
            merged.Add(new MergedRange(Row + 1, column + 1, last, end));
        open = cells.Count;
        cells.Add(new GridCell(Row, column, block, block) { Indent = indent });
        column = end;
        Width = Math.Max(Width, column);
    }

    /// <summary>Leaves columns out, which a row of Word may start with.</summary>
    public void Skip(int columns) => column = owner.Column(column + columns);

    /// <summary>A cell that continues the one above it, as Word writes those that span rows.</summary>
    /// <param name="columns">How many columns it spans.</param>
    public void Continue(int columns)
    {
        owner.Spend(merged.Count);
        var above = merged.FindLastIndex(range => range.FirstColumn == column + 1 && range.LastRow == Row);
        if (above >= 0)
            merged[above] = merged[above] with { LastRow = Row + 1 };
        column = owner.Column(column + columns);
    }

    /// <summary>Closes the open cell, if there is one.</summary>
    public void EndCell(int block, bool bold)
    {
        if (open < 0)
            return;
        cells[open] = cells[open] with { End = block, Bold = bold };
        open = -1;
    }

    /// <summary>Ends the table.</summary>
    public void End(int block)
    {
        EndBlock = block;
        EndGroup();
        until = [];
    }
}

/// <summary>A cell of a <see cref="DocumentGrid"/>: row and column from 0, and the blocks from the first to before the end.</summary>
internal readonly record struct GridCell(int Row, int Column, int First, int End)
{
    /// <summary>Whether all of it is bold.</summary>
    public bool Bold { get; init; }

    /// <summary>How many steps it is indented.</summary>
    public byte Indent { get; init; }
}
