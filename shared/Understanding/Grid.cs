using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>A cell of a <see cref="Grid"/>.</summary>
internal readonly record struct GridCell(CellKind Kind, string Text, double Number, string? Format, byte Indent = 0, bool Bold = false)
{
    public bool IsBlank => Kind == CellKind.Blank || Text.Length == 0;
}

/// <summary>A row of a <see cref="Grid"/>; blank rows are left out.</summary>
internal sealed class GridRow(int row, GridCell[] cells, int count = 0)
{
    /// <summary>Its number in the table, from 1.</summary>
    public int Row { get; } = row;

    /// <summary>The cells up to the last filled one.</summary>
    public GridCell[] Cells { get; } = cells;

    /// <summary>How many cells it has in the file, blank ones at its end included.</summary>
    public int Count { get; } = count;

    /// <summary>How many cells are filled.</summary>
    public int Filled { get; } = cells.Count(c => !c.IsBlank);

    /// <summary>What each cell looks like; empty until <see cref="Grid.Look"/> has been asked for the row.</summary>
    public Look[] Looks { get; set; } = [];

    public GridCell this[int column] => column < Cells.Length ? Cells[column] : new GridCell(CellKind.Blank, "", 0, null);

    /// <summary>Whether all cells of a range of columns are blank.</summary>
    public bool IsBlank(int from, int to)
    {
        for (var c = from; c < Math.Min(to, Cells.Length); c++)
            if (!Cells[c].IsBlank)
                return false;
        return true;
    }
}

/// <summary>The cells of a table in memory, by which its layout is told: all of them, or the first rows of a table that is too large for that.</summary>
internal sealed class Grid : Table
{
    /// <summary>The most columns a table may have: a worksheet's.</summary>
    public const int MaxColumns = 16_384;

    /// <summary>The most cells held in memory; a larger table is understood by its first rows and streamed.</summary>
    public const int MaxCells = 1_000_000;

    private const int MaxRows = 400;
    private const int MinRows = 12;
    private const int MaxSampleCells = 200_000;

    private readonly Table source;
    private readonly LookCache looks;
    private ILookup<(int, int), MergedRange>? merged;
    private HashSet<int>? mergedRows;
    private Dictionary<int, List<MergedRange>>? coveredRows;

    private Grid(Table source, List<GridRow> rows, int width, bool isTooWide, bool isWhole)
    {
        Legend = Statuses.ReadLegend(rows.Where(r => r.Filled is > 0 and <= 3 && !Array.Exists(r.Cells, c => c.Kind is CellKind.Number or CellKind.Date)).Take(2_000).Select(r => string.Join('\t', r.Cells.Where(c => c.Kind == CellKind.Text && c.Text.Length > 0).Select(c => c.Text))));
        looks = new LookCache(Legend);
        Ragged = source.IsOfLines && !isTooWide ? RaggedRows.TakeOut(rows, looks) : new RaggedRows();
        (this.source, Rows, Width, IsTooWide, IsWhole) = (source, rows, Ragged.Aside.Count > 0 ? rows.Max(r => r.Cells.Length) : width, isTooWide, isWhole);
        (Sheet, Place, Hidden, Shape, IsOfSemicolons, IsOfLines, JoinedColumns) = (source.Sheet, source.Place, source.Hidden, source.Shape, source.IsOfSemicolons, source.IsOfLines, source.JoinedColumns);
    }

    /// <summary>The rows that are not blank.</summary>
    public List<GridRow> Rows { get; }

    /// <summary>The column after the last that is filled.</summary>
    public int Width { get; }

    /// <summary>Whether a row has more than <see cref="MaxColumns"/> cells.</summary>
    public bool IsTooWide { get; }

    /// <summary>Lines that have a cell too many or too few; those that can not be read are not among the rows.</summary>
    public RaggedRows Ragged { get; }

    /// <summary>What the sheet says that its signs mean; null when it says nothing.</summary>
    public Legend? Legend { get; }

    /// <summary>Whether all rows are here.</summary>
    public bool IsWhole { get; }

    /// <summary>Reads a table into memory; of one that is too large, the first rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="isPlain">Whether the first rows are all that is needed to read the rest: asked once, of a long table in a file without sheets.</param>
    public static Grid Of(Table table, Func<Grid, bool> isPlain)
    {
        var rows = new List<GridRow>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var byText = texts.GetAlternateLookup<ReadOnlySpan<char>>();
        int width = 0, cells = 0;
        bool isWhole = true, isAsked = table.Place >= 0;
        using var reader = table.Open();
        Span<char> buffer = stackalloc char[CellText.DateLength];
        while (reader.Read())
        {
            var count = reader.Count;
            while (count > 0 && IsBlank(reader[count - 1]))
                count--;
            if (count == 0)
                continue;
            if (count > MaxColumns)
                return new Grid(table, rows, count, true, false);
            if (!isAsked && cells > MaxSampleCells && rows.Count > MinRows)
            {
                isAsked = true;
                if (Sample(table, [.. rows]) is var sample && isPlain(sample))
                    return sample;
            }
            if (cells + count > MaxCells)
            {
                isWhole = false;
                break;
            }
            var row = new GridCell[count];
            for (var c = 0; c < count; c++)
            {
                var cell = reader[c];
                var text = CellText.Of(cell, buffer).Trim();
                if (!byText.TryGetValue(text, out var kept))
                {
                    kept = new string(text);
                    if (texts.Count < 100_000)
                        texts.Add(kept, kept);
                }
                row[c] = new GridCell(cell.Kind, kept, cell.Kind == CellKind.Date ? BitConverter.Int64BitsToDouble(cell.Date.Ticks) : cell.Number, cell.Format,
                    cell.Indent > 0 ? cell.Indent : LeadingSpaces(CellText.Of(cell, buffer)), cell.Bold);
            }
            rows.Add(new GridRow(reader.Row, row, reader.Count));
            width = Math.Max(width, count);
            cells += count;
        }
        if (isWhole)
            return new Grid(table, rows, width, false, true);
        return Sample(table, rows);
    }

    /// <summary>A grid of the first rows of a table.</summary>
    private static Grid Sample(Table table, List<GridRow> rows)
    {
        int kept = 0, cells = 0;
        while (kept < Math.Min(rows.Count, MaxRows) && (kept < MinRows || cells < MaxSampleCells))
            cells += rows[kept++].Cells.Length;
        rows.RemoveRange(kept, rows.Count - kept);
        return new Grid(table, rows, rows.Max(r => r.Cells.Length), false, false);
    }

    /// <summary>What a cell looks like.</summary>
    /// <param name="row">The index in <see cref="Rows"/>.</param>
    /// <param name="column">The column, from 0.</param>
    public Look Look(int row, int column)
    {
        var line = Rows[row];
        if (column >= line.Cells.Length)
            return Understanding.Look.Blank;
        if (line.Looks.Length == 0)
            line.Looks = Array.ConvertAll(line.Cells, looks.Of);
        return line.Looks[column];
    }

    /// <summary>The merged ranges that begin in a cell, row and column from 1.</summary>
    public IEnumerable<MergedRange> MergedAt(int row, int column)
    {
        merged ??= Shape.Merged.ToLookup(range => (range.FirstRow, range.FirstColumn));
        return merged[(row, column)];
    }

    /// <summary>Whether a merged range begins in a row.</summary>
    public bool HasMerged(int row)
    {
        mergedRows ??= [.. Shape.Merged.Select(range => range.FirstRow)];
        return mergedRows.Contains(row);
    }

    /// <summary>Whether a cell is covered by a merged range that begins elsewhere than in a column of its row.</summary>
    public bool IsCovered(int row, int column, int from)
    {
        coveredRows ??= Cover();
        if (!coveredRows.TryGetValue(row, out var ranges))
            return false;
        // The ranges of a row do not overlap: the last that begins at the column or left of it is the only one that can cover it.
        int low = 0, high = ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ranges[middle].FirstColumn <= column ? (middle + 1, high) : (low, middle);
        }
        return low > 0 && ranges[low - 1] is var range && column <= range.LastColumn && !(range.FirstRow == row && range.FirstColumn == from + 1);
    }

    // Header and label cells span few rows; a range over thousands of rows says nothing of any.
    private Dictionary<int, List<MergedRange>> Cover()
    {
        var covered = new Dictionary<int, List<MergedRange>>();
        var left = MaxCells;
        foreach (var range in Shape.Merged.OrderBy(range => range.FirstColumn))
            for (var row = range.FirstRow; row <= range.LastRow && left-- > 0; row++)
            {
                if (!covered.TryGetValue(row, out var list))
                    covered.Add(row, list = []);
                list.Add(range);
            }
        return covered;
    }

    /// <inheritdoc/>
    public override RowReader Open() => IsWhole ? new GridReader(this, 0) : source.Open();

    /// <summary>Reads the rows from the first that is needed, or earlier: a sheet of many tables is not walked over for each.</summary>
    /// <param name="first">The row, from 1.</param>
    public RowReader OpenAt(int first)
    {
        if (!IsWhole)
            return source.Open();
        int low = 0, high = Rows.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Rows[middle].Row < first ? (middle + 1, high) : (low, middle);
        }
        return new GridReader(this, low);
    }

    /// <summary>The steps that leading spaces indent a text by: two spaces or a full-width one are a step.</summary>
    public static byte LeadingSpaces(ReadOnlySpan<char> text)
    {
        var halves = 0;
        foreach (var c in text)
        {
            if (c is ' ' or '\u00a0')
                halves++;
            else if (c is '\u3000' or '\t')
                halves += 2;
            else
                break;
        }
        return (byte)Math.Min((halves + 1) / 2, 100);
    }

    private static bool IsBlank(Cell cell) => cell.Kind == CellKind.Blank || cell.Text.IsWhiteSpace();

    private sealed class GridReader(Grid grid, int first) : RowReader
    {
        private int next = first;
        private GridCell[] cells = [];

        public override double Progress => grid.Rows.Count == 0 ? 1 : (double)next / grid.Rows.Count;

        public override Cell this[int column]
        {
            get
            {
                if (column >= Count)
                    return default;
                ref readonly var cell = ref cells[column];
                return new Cell
                {
                    Kind = cell.Kind,
                    Text = cell.Text,
                    Number = cell.Kind == CellKind.Number ? cell.Number : 0,
                    Date = cell.Kind == CellKind.Date ? new DateTime(BitConverter.DoubleToInt64Bits(cell.Number)) : default,
                    Format = cell.Format,
                    Indent = cell.Indent,
                    Bold = cell.Bold,
                };
            }
        }

        // Blank rows say nothing to who has the whole grid before: they are left out here too.
        public override bool Read()
        {
            if (next == grid.Rows.Count)
                return false;
            var row = grid.Rows[next++];
            (Row, cells, Count) = (row.Row, row.Cells, row.Cells.Length);
            return true;
        }
    }
}

/// <summary>The text under which a cell is looked up.</summary>
internal static class CellText
{
    /// <summary>The length of a date's text.</summary>
    public const int DateLength = 10;

    /// <summary>A cell's text; a date's as <c>2023-06-30</c>, written into the buffer.</summary>
    public static ReadOnlySpan<char> Of(in Cell cell, Span<char> buffer)
    {
        if (cell.Kind != CellKind.Date)
            return cell.Text;
        cell.Date.TryFormat(buffer, out var length, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        return buffer[..length];
    }
}
