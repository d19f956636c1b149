namespace Pipeline.Understanding;

/// <summary>One table of a sheet: rows are indices into <see cref="Grid.Rows"/>, columns count from 0.</summary>
internal sealed class Block
{
    /// <summary>The first column, and the one after the last.</summary>
    public required int Left { get; init; }

    /// <inheritdoc cref="Left"/>
    public required int Right { get; set; }

    /// <summary>The rows above the header that speak of the whole table.</summary>
    public required List<int> Captions { get; init; }

    /// <summary>The rows over the columns, from top to bottom; those of the table above when this one has none of its own.</summary>
    public required List<int> Heads { get; init; }

    /// <summary>The first and last row of data, headings between them included.</summary>
    public required int FirstData { get; init; }

    /// <inheritdoc cref="FirstData"/>
    public required int LastData { get; set; }

    /// <summary>Rows within the data that are none: the header once more, remarks.</summary>
    public HashSet<int> Skipped { get; } = [];

    /// <summary>The notes below.</summary>
    public List<int> Notes { get; } = [];

    /// <summary>The columns that hold values, by what stands below the header.</summary>
    public required bool[] IsValue { get; init; }

    /// <summary>The first row that belongs to the table, captions left out.</summary>
    public required int First { get; init; }

    /// <summary>What the rows of the header say, where it is that of a sheet of series; null for any other.</summary>
    public IReadOnlyDictionary<int, SeriesRow>? SeriesRows { get; init; }

    private HashSet<int>? unitHeads;

    /// <summary>The rows of the header that hold units and nothing else.</summary>
    public HashSet<int> UnitHeads(Grid grid) => unitHeads ??= [.. Heads.Where(h => Header.IsUnitRow(grid.Rows[h]))];

    /// <summary>Whether it is a file of one value a row: nothing below its last row of data is read.</summary>
    public bool IsOfOneValue { get; init; }
}

/// <summary>
/// Finds the tables of a sheet: rows with numbers that others below them support are data, what stands over the numbers is a header, and a header
/// below data begins another table. Works on any grid of cells, whatever its borders and colours.
/// </summary>
internal sealed class BlockFinder
{
    private const int Support = 4;
    private const int MaxHeads = 16;
    private const int ShortHead = 40;
    private const int LongText = 90;
    private const int ProfileRows = 120;

    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");

    private readonly Grid grid;
    private readonly List<GridRow> rows;

    private readonly (int Left, int Right, Sequence Sequence)[] sequences;
    private NamedRows named;

    private BlockFinder(Grid grid)
    {
        (this.grid, rows, sequences) = (grid, grid.Rows, new (int, int, Sequence)[grid.Rows.Count]);
        named = NamedRows.Of(grid, 0, 0, 0, 0);
    }

    /// <summary>The tables, from top to bottom and from left to right.</summary>
    public static List<Block> Find(Grid grid)
    {
        if (Records.Find(grid) is { } records)
            return [records];
        if (SeriesSheet.Find(grid) is { } series)
            return [series];
        var finder = new BlockFinder(grid);
        var blocks = new List<Block>();
        finder.Find(0, grid.Rows.Count, 0, grid.Width, blocks, 0);
        return blocks;
    }

    private void Find(int from, int to, int left, int right, List<Block> blocks, int depth)
    {
        var around = NamedRows.Of(grid, from, to, left, right);
        Block? above = null;
        for (var at = from; at < to;)
        {
            named = around;
            var data = at;
            while (data < to && !IsData(data, at, to, left, right))
                data++;
            if (data == to)
            {
                if (above is not null)
                    above.Notes.AddRange(Enumerable.Range(at, to - at).Where(r => !rows[r].IsBlank(left, right)));
                return;
            }
            var block = Read(at, data, to, left, right, above);
            if (depth < 8 && Splits(block) is { Count: > 0 } splits)
            {
                var start = left;
                foreach (var split in splits.Append(right))
                {
                    var count = blocks.Count;
                    Find(at, block.LastData + 1, start, split, blocks, depth + 1);
                    start = split;
                    // A caption over all of them stands in the first column only.
                    foreach (var part in blocks.Skip(count).Where(b => b.Captions.Count == 0))
                        part.Captions.AddRange(block.Captions);
                }
            }
            else
            {
                blocks.Add(block);
                if (above is not null)
                    Part(above, block);
            }
            above = block;
            at = block.LastData + 1;
        }
    }

    /// <summary>Gives what stands between two tables to the notes of the first or the captions of the second.</summary>
    private void Part(Block above, Block below)
    {
        var between = Enumerable.Range(above.LastData + 1, Math.Max(0, below.First - above.LastData - 1)).Where(r => !rows[r].IsBlank(below.Left, below.Right)).ToList();
        var captions = 0;
        for (var i = between.Count - 1; i >= 0 && captions < 6; i--, captions++)
        {
            var next = i == between.Count - 1 ? rows[below.First].Row : rows[between[i + 1]].Row;
            if (NoteMark(between[i], below.Left, below.Right) || next - rows[between[i]].Row > 3)
                break;
        }
        // Lines that go on from a note belong to it: they stand right below it.
        var kept = between.Skip(between.Count - captions).ToList();
        if (kept.Count > 0 && kept.Count < between.Count && rows[kept[0]].Row - rows[between[between.Count - kept.Count - 1]].Row == 1)
        {
            var gap = kept.FindIndex(1, r => rows[r].Row - rows[r - 1].Row > 1);
            kept = gap < 0 ? [] : kept[gap..];
        }
        below.Captions.RemoveAll(r => !kept.Contains(r));
        // 续表: the title and the unit are those of the table that goes on.
        if (below.Captions.Count > 0 && below.Left == above.Left && below.Captions.TrueForAll(r => rows[r].Filled == 1 && rows[r].Cells.Any(c => Preamble.GoesOn(c.Text))))
            below.Captions.InsertRange(0, above.Captions);
        above.Notes.AddRange(between.Except(kept));
    }

    private Block Read(int from, int data, int to, int left, int right, Block? above)
    {
        var isValue = Values(data, to, left, right);
        var first = Enumerable.Range(left, right - left).FirstOrDefault(c => isValue[c], right);
        var (heads, captions, start) = Heads(from, data, left, right, isValue, first);
        var last = data;
        var block = new Block { Left = left, Right = right, Captions = captions, Heads = heads, FirstData = start, LastData = last, IsValue = isValue, First = heads.Count > 0 ? Math.Min(heads[0], start) : start };
        for (var r = data + 1; r < to; r++)
        {
            if (rows[r].IsBlank(left, right))
                continue;
            if ((NoteMark(r, left, right) && !HasNumber(r, isValue, left, right)) || IsLink(r, left, right))
            {
                if (!GoesOn(r + 1, to, left, right, isValue, first, heads))
                    break;
                block.Skipped.Add(r);
                continue;
            }
            if (IsHead(r, to, left, right, isValue, first))
            {
                if (!IsSame(r, heads, left, right) || Titled(last, r, block))
                    break;
                for (var between = last + 1; between <= r; between++)
                    block.Skipped.Add(between);
                continue;
            }
            if (HasValue(r, isValue, left, right))
                last = r;
        }
        block.LastData = last;
        block.Skipped.RemoveWhere(r => r > last);
        // A table is no wider than its rows, however wide others of the sheet are.
        block.Right = Math.Min(right, captions.Concat(heads).Concat(Enumerable.Range(start, last - start + 1)).Max(r => rows[r].Cells.Length));
        // A table that only says another unit takes the header of the one above it.
        if (above is not null && above.Left == left && above.Heads.Count > 0 && heads.All(h => Header.IsUnitRow(rows[h])) && !heads.SequenceEqual(above.Heads))
            heads.InsertRange(0, above.Heads.Where(h => !Header.IsUnitRow(rows[h]) || heads.Count == 0));
        return block;
    }

    /// <summary>Whether a row is a link back to the contents or the number of a page, with nothing else in it.</summary>
    private bool IsLink(int row, int left, int right)
    {
        var cells = Enumerable.Range(left, Math.Max(0, Math.Min(right, rows[row].Cells.Length) - left)).Where(c => !rows[row][c].IsBlank).Select(c => rows[row][c].Text).Take(3).ToList();
        return cells.Count is 1 or 2 && Preamble.IsLink(cells[0]);
    }

    /// <summary>Whether the table goes on below a remark: rows with a label beside enough numbers, before another header.</summary>
    private bool GoesOn(int from, int to, int left, int right, bool[] isValue, int first, List<int> heads)
    {
        var values = isValue.Count(v => v);
        for (int r = from, seen = 0; r < to && seen < 40; r++, seen++)
        {
            if (rows[r].IsBlank(left, right))
                continue;
            if (IsHead(r, to, left, right, isValue, first) && !IsSame(r, heads, left, right))
                return false;
            var numbers = Enumerable.Range(left, right - left).Count(c => isValue[c] && grid.Look(r, c) is Look.Number or Look.Year);
            if (numbers * 3 >= values && numbers > 0 && !rows[r].IsBlank(left, first))
                return true;
        }
        return false;
    }

    /// <summary>The rows over the data: the header from the top down, the captions, and where the data begins, its first headings included.</summary>
    private (List<int> Heads, List<int> Captions, int Start) Heads(int from, int data, int left, int right, bool[] isValue, int first)
    {
        List<int> heads = [], pending = [], captions = [];
        var start = data;
        var values = isValue.Count(v => v);
        var k = data - 1;
        for (var below = data; k >= from && heads.Count < MaxHeads; k--)
        {
            if (rows[k].IsBlank(left, right))
                continue;
            var gap = rows[below].Row - rows[k].Row - 1;
            if ((heads.Count > 0 && gap > 2) || gap > 6 || NoteMark(k, left, right))
                break;
            int texts = 0, symbols = 0, numbers = 0, length = 0, at = -1;
            for (var c = first; c < Math.Min(right, rows[k].Cells.Length); c++)
            {
                var look = grid.Look(k, c);
                if (look == Look.Blank)
                    continue;
                at = c;
                length += rows[k][c].Text.Length;
                if (look is Look.Number or Look.Year)
                    numbers++;
                else if (look == Look.Symbol)
                    symbols++;
                else
                    texts++;
            }
            var over = texts + symbols + numbers;
            var isSequence = IsSequence(k, left, right);
            if (!isSequence && numbers > 0 && texts == 0)
                break;
            // A row that is named by a period as the rows of data are is one of them, though its figures can not be read.
            if (over > 0 && !isSequence && LikeData(k, data, left, first))
            {
                (start, below) = (k, k);
                continue;
            }
            if (symbols > 0 && texts == 0 && numbers == 0 && heads.Count == 0)
            {
                start = k;
                below = k;
                continue;
            }
            // A unit at the right, a link back to the contents: the header stands above or below.
            if (!isSequence && over >= 2 && Enumerable.Range(first, Math.Max(0, Math.Min(right, rows[k].Cells.Length) - first)).All(c => rows[k][c].IsBlank || Preamble.IsFurniture(rows[k][c].Text) || Preamble.UnitStated(rows[k][c].Text, null) is not null)
                && Enumerable.Range(first, Math.Max(0, Math.Min(right, rows[k].Cells.Length) - first)).Any(c => !rows[k][c].IsBlank && Preamble.IsFurniture(rows[k][c].Text)))
            {
                below = k;
                continue;
            }
            if (isSequence || over >= 2)
            {
                if (!isSequence && length > LongText * over)
                    break;
                Take(k);
            }
            else if (over == 1)
            {
                var span = Span(k, at, left, right, isValue);
                if (values == 1 && (heads.Count == 0 || length <= ShortHead) || (heads.Count > 0 && gap == 0 && at == first && NamesStub(k, heads[0], left, right, first)))
                    Take(k);
                else if (Units.Find(rows[k][at].Text) is not null && heads.Count > 0 && span != Reach.Some)
                    captions.Add(k);
                else if ((span == Reach.Some && (gap <= 0 || length <= ShortHead)) || (span == Reach.Unknown && length <= ShortHead && k > from && gap <= 1 && HeadAbove(k, from, left, right, first)))
                    Take(k);
                else if (heads.Count == 0 && length <= ShortHead && gap == 0 && k > from && span == Reach.Unknown && values <= 2)
                    Take(k);
                else
                    break;
            }
            else
            {
                pending.Add(k);
                // Rows that are named as the rows of data are, but have no values yet, are rows; other lines are few.
                if (pending.Count > 4 && heads.Count == 0 && !LikeData(k, data, left, first))
                    break;
            }
            below = k;
        }
        if (heads.Count > 0)
        {
            // Names over every column of the stub, right above the data, belong to the header: Sex | Age | Qualification.
            foreach (var names in pending.Where(p => p > heads[^1]).ToList())
            {
                var filled = Enumerable.Range(left, first - left).Where(c => !rows[names][c].IsBlank).ToList();
                if (filled.Count < 2 || filled.Exists(c => rows[data][c].IsBlank)
                    || pending.Exists(p => p > heads[^1] && p < names))
                    break;
                pending.Remove(names);
                heads.Add(names);
            }
            start = pending.Where(p => p > heads[0]).DefaultIfEmpty(start).Min();
            start = Math.Min(start, data);
            // Names of the stub that stand alone in a row between two rows of the header.
            heads.AddRange(pending.Where(p => p < heads[0] && p > heads.Min()));
            heads.Sort();
        }
        captions = [.. Enumerable.Range(from, (heads.Count > 0 ? heads[0] : start) - from).Where(r => !rows[r].IsBlank(left, right)).Concat(captions).Distinct().Order()];
        return (heads, captions, start);

        void Take(int row) => heads.Insert(0, row);
    }

    /// <summary>Whether a row names the labels of rows, which the row of the header below it does not: <c>Region | Year</c> over <c>| 2020 | 2021</c>.</summary>
    private bool NamesStub(int row, int head, int left, int right, int first) =>
        first > left && rows[head].IsBlank(left, first) && Enumerable.Range(first, right - first).All(c => grid.Look(head, c) is Look.Blank or Look.Year or Look.WordedPeriod or Look.PeriodPart) && !rows[row].IsBlank(left, first) && Enumerable.Range(left, first - left).All(c => rows[row][c].IsBlank || grid.Look(row, c) == Look.Text && rows[row][c].Text.Length <= ShortHead);

    private bool LikeData(int row, int data, int left, int first)
    {
        for (var c = left; c < first; c++)
            if (grid.Look(data, c) is Look.Year or Look.WordedPeriod or Look.PeriodPart && grid.Look(row, c) == grid.Look(data, c))
                return true;
        return false;
    }

    private bool HeadAbove(int row, int from, int left, int right, int first)
    {
        var above = row - 1;
        while (above >= from && rows[above].IsBlank(left, right))
            above--;
        if (above < from || rows[row].Row - rows[above].Row > 2)
            return false;
        var filled = Enumerable.Range(first, Math.Max(0, Math.Min(right, rows[above].Cells.Length) - first)).Count(c => grid.Look(above, c) != Look.Blank);
        return filled >= 2;
    }

    private enum Reach
    {
        Unknown,
        Some,
        All,
    }

    /// <summary>How many columns of values a merged cell stands over.</summary>
    private Reach Span(int row, int column, int left, int right, bool[] isValue)
    {
        foreach (var range in grid.MergedAt(rows[row].Row, column + 1))
        {
            var covered = Enumerable.Range(range.FirstColumn - 1, range.LastColumn - range.FirstColumn + 1).Count(c => c >= left && c < right && isValue[c]);
            var all = isValue.Count(v => v);
            return covered == 0 ? Reach.Unknown : covered >= all ? Reach.All : Reach.Some;
        }
        return Reach.Unknown;
    }

    /// <summary>The columns that hold values in the rows from the first of data.</summary>
    private bool[] Values(int data, int to, int left, int right)
    {
        var isValue = new bool[grid.Width];
        var isYear = new bool[grid.Width];
        var width = right - left;
        var numbers = new int[width];
        var years = new int[width];
        var signs = new int[width];
        var others = new int[width];
        for (int r = data, seen = 0; r < to && seen < ProfileRows; r++)
        {
            if (rows[r].IsBlank(left, right))
                continue;
            // The next table has columns of its own.
            if (seen > 0 && (NoteMark(r, left, right) || (seen > 1 && LooksLikeHead(r, left, right))))
                break;
            seen++;
            for (var c = left; c < Math.Min(right, rows[r].Cells.Length); c++)
                _ = grid.Look(r, c) switch
                {
                    Look.Blank => 0,
                    Look.Number => numbers[c - left]++,
                    Look.Year => years[c - left]++,
                    Look.Symbol or Look.SymbolWord => signs[c - left]++,
                    _ => others[c - left]++,
                };
        }
        for (var c = left; c < right; c++)
        {
            var i = c - left;
            isValue[c] = numbers[i] + years[i] > 0 && numbers[i] + years[i] + signs[i] >= others[i];
            isYear[c] = isValue[c] && numbers[i] * 5 <= years[i];
        }
        // Bare years on the left are the rows' periods, unless they are all there is.
        for (var c = left; c < right && !named.HasPeriodOver(data, c) && (!isValue[c] || isYear[c] || grid.Shape.HiddenColumns.Contains(c + 1)); c++)
            if (isYear[c] && Enumerable.Range(c + 1, right - c - 1).Any(v => isValue[v]))
                isValue[c] = false;
        // A column of signs only lies among columns of values; remarks are none.
        var hasValues = isValue.AsSpan(left, width).Contains(true);
        for (var c = left + 1; c < right && hasValues; c++)
            if (signs[c - left] > 0 && !IsRemarks(c, data) && numbers[c - left] + years[c - left] + others[c - left] == 0)
                isValue[c] = true;
        return isValue;
    }

    /// <summary>Whether a column's header says that it holds flags or notes.</summary>
    private bool IsRemarks(int column, int data)
    {
        for (int r = data - 1, seen = 0; r >= 0 && seen < 6; r--, seen++)
            if (ConceptWords.Find(rows[r][column].Text) is { Parent: "ATTRIBUTE" })
                return true;
        return false;
    }

    /// <summary>Whether a row is data: a number in it stands over another one, or under a text.</summary>
    private bool IsData(int row, int from, int to, int left, int right)
    {
        var end = Math.Min(right, rows[row].Cells.Length);
        var numbers = 0;
        for (var c = left; c < end; c++)
            numbers += grid.Look(row, c) is Look.Number or Look.Year ? 1 : 0;
        if (numbers == 1 && IsLink(row, left, right))
            return false;
        if (named.Holds(row))
            return true;
        if (numbers == 0 || IsSequence(row, left, right))
            return false;
        for (var c = left; c < end; c++)
        {
            var look = grid.Look(row, c);
            if (look is not (Look.Number or Look.Year))
                continue;
            bool below = false, isPlain = look == Look.Number;
            for (int r = row + 1, seen = 0; r < to && seen < Support; r++, seen++)
                if (grid.Look(r, c) is Look.Number or Look.Year && !IsSequence(r, left, right))
                    (below, isPlain) = (true, isPlain || grid.Look(r, c) == Look.Number);
            if (below && isPlain)
                return true;
            if (look == Look.Number && rows[row].Filled > 1 && HasHeadOver(row, c, from, left, right, numbers))
                return true;
        }
        return false;
    }

    private bool HasHeadOver(int row, int column, int from, int left, int right, int numbers)
    {
        for (int r = row - 1, seen = 0; r >= from && seen < 6; r--, seen++)
        {
            var look = grid.Look(r, column);
            if (look == Look.Number && SequenceOf(r, left, right) != Sequence.Years)
                return false;
            if (look is not (Look.Blank or Look.Symbol))
                return true;
            // A label to the left may stand over this column too.
            if (numbers > 1 && HasWordsLeftOf(r, column, left))
                return true;
        }
        return false;
    }

    /// <summary>Whether two words stand in a row left of a column.</summary>
    private bool HasWordsLeftOf(int row, int column, int left)
    {
        var words = 0;
        for (var c = left; c < Math.Min(column, rows[row].Cells.Length) && words < 2; c++)
            words += grid.Look(row, c) is Look.Text or Look.WordedPeriod or Look.PeriodPart ? 1 : 0;
        return words == 2;
    }

    /// <summary>Whether the numbers of a row are a header: years at equal steps, or numbers that count the columns, weeks or months.</summary>
    private bool IsSequence(int row, int left, int right) => SequenceOf(row, left, right) != Sequence.None;

    // Asked for the same rows again and again, column by column.
    private Sequence SequenceOf(int row, int left, int right)
    {
        if (named.Holds(row))
            return Sequence.None;
        ref var known = ref sequences[row];
        if (known.Right != right || known.Left != left)
            known = (left, right, Header.SequenceOf(rows[row], c => grid.Look(row, c), left, right) is not Sequence.None and var sequence ? sequence : Header.IsOfOneYear(grid, row, left, right) ? Sequence.Years : Sequence.None);
        return known.Sequence;
    }

    private bool LooksLikeHead(int row, int left, int right)
    {
        int texts = 0, numbers = 0;
        for (var c = left; c < Math.Min(right, rows[row].Cells.Length); c++)
        {
            var look = grid.Look(row, c);
            texts += look is Look.Text or Look.WordedPeriod or Look.PeriodPart ? 1 : 0;
            numbers += look is Look.Number or Look.Year or Look.Symbol or Look.SymbolWord ? 1 : 0;
        }
        return (texts >= 2 && numbers == 0 && Gap(row) > 0) || (numbers >= 2 && IsSequence(row, left, right) && texts <= 2);
    }

    /// <summary>Whether a row below data begins another table: words over columns of values, and data below them.</summary>
    private bool IsHead(int row, int to, int left, int right, bool[] isValue, int first)
    {
        int texts = 0, numbers = 0, periods = 0, years = 0;
        for (var c = first; c < Math.Min(right, rows[row].Cells.Length); c++)
        {
            var look = grid.Look(row, c);
            if (!isValue[c])
                continue;
            texts += look is Look.Text or Look.WordedPeriod or Look.PeriodPart ? 1 : 0;
            periods += look is Look.WordedPeriod or Look.PeriodPart ? 1 : 0;
            years += look == Look.Year ? 1 : 0;
            numbers += look is Look.Number or Look.Symbol or Look.SymbolWord ? 1 : 0;
        }
        var isYears = years > 0 && SequenceOf(row, left, right) == Sequence.Years;
        if (!isYears && (numbers > 0 || years > 0 || texts == 0))
            return false;
        var values = isValue.Count(v => v);
        var isolated = Gap(row) > 0 || Enumerable.Range(left, right - left).All(c => !isValue[c] || rows[row - 1][c].IsBlank);
        // 年份 | 出生率 right below a title: the labels' name once more, or another one's
        var begins = texts > 0 && row > 0 && (Gap(row) > 0 || rows[row - 1].Filled == 1) && NamesLabels(row, left, first);
        var isHead = isYears || begins || periods >= 2 || (texts >= 2 && isolated) || (texts >= 2 && texts * 2 > values && rows[row].IsBlank(left, first))
            || (values == 1 && texts == 1 && isolated && !rows[row].IsBlank(left, first));
        if (!isHead)
            return false;
        for (int r = row + 1, seen = 0; r < to && seen < 10; r++, seen++)
            if (IsData(r, row, to, left, right))
                return true;
        return false;
    }

    /// <summary>Whether what stands left of the values in a row is a name for labels or periods.</summary>
    private bool NamesLabels(int row, int left, int first)
    {
        var names = Enumerable.Range(left, first - left).Where(c => !rows[row][c].IsBlank).Select(c => rows[row][c].Text).ToList();
        return names.Count > 0 && names.TrueForAll(name => LayoutFinder.ConceptOf(name) is { Parent: "DIMENSION" or "TIME", Id: not Concepts.Indicator });
    }

    /// <summary>Whether a title stands between the last row of data and a header that says the same again: another table, unless it is the same title or one that goes on.</summary>
    private bool Titled(int last, int head, Block block)
    {
        for (var r = last + 1; r < head; r++)
            foreach (var cell in rows[r].Cells)
            {
                if (cell.IsBlank || block.Captions.Exists(c => rows[c].Cells.Any(x => x.Text == cell.Text)) || block.Heads.Exists(h => rows[h].Cells.Any(x => x.Text == cell.Text)))
                    continue;
                if (!cell.Text.Contains('续', StringComparison.Ordinal) && !cell.Text.Contains("continued", StringComparison.OrdinalIgnoreCase) && !cell.Text.Contains("cont'd", StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        return false;
    }

    private int Gap(int row) => row == 0 ? 0 : rows[row].Row - rows[row - 1].Row - 1;

    /// <summary>Whether a row says what a row of the header says: the header once more, on the next page.</summary>
    private bool IsSame(int row, List<int> heads, int left, int right)
    {
        foreach (var head in heads)
        {
            int same = 0, filled = 0;
            for (var c = left; c < Math.Min(right, rows[row].Cells.Length); c++)
            {
                if (rows[row][c].IsBlank)
                    continue;
                filled++;
                same += rows[head][c].Text == rows[row][c].Text ? 1 : 0;
            }
            if (filled > 0 && same * 5 >= filled * 4)
                return true;
        }
        return false;
    }

    private bool HasNumber(int row, bool[] isValue, int left, int right) =>
        Enumerable.Range(left, Math.Max(0, Math.Min(right, rows[row].Cells.Length) - left)).Any(c => isValue[c] && grid.Look(row, c) is Look.Number or Look.Year);

    private bool HasValue(int row, bool[] isValue, int left, int right)
    {
        for (var c = left; c < Math.Min(right, rows[row].Cells.Length); c++)
            if (isValue[c] && grid.Look(row, c) is Look.Number or Look.Year or Look.Symbol or Look.SymbolWord)
                return true;
        return false;
    }

    private bool NoteMark(int row, int left, int right)
    {
        for (var c = left; c < Math.Min(right, rows[row].Cells.Length); c++)
            if (!rows[row][c].IsBlank)
                return rows[row][c].Kind == Reading.CellKind.Text && Preamble.IsNote(rows[row][c].Text);
        return false;
    }

    /// <summary>The columns at which tables that stand side by side part: a blank column or a header that begins again, with labels right of it.</summary>
    private List<int> Splits(Block block)
    {
        var splits = new List<int>();
        var first = block.First;
        var starts = StubStarts(block);
        for (var c = block.Left + 1; c < block.Right; c++)
        {
            if (!starts[c - block.Left] || !HasValues(block, splits.Count > 0 ? splits[^1] : block.Left, c) || !HasValues(block, c, block.Right))
                continue;
            var isGutter = Enumerable.Range(first, block.LastData - first + 1).All(r => grid.Look(r, c - 1) == Look.Blank);
            if (isGutter || Repeats(block, c))
                splits.Add(c);
        }
        return splits;
    }

    private static bool HasValues(Block block, int from, int to) => Enumerable.Range(from, to - from).Any(c => block.IsValue[c]);

    /// <summary>The columns that can be a table's first: labels or periods beside every row.</summary>
    private bool[] StubStarts(Block block)
    {
        var counts = new (int Words, int Years, int Others, int Last)[block.Right - block.Left];
        for (var r = block.FirstData; r <= block.LastData; r++)
            for (var c = block.Left; c < Math.Min(block.Right, rows[r].Cells.Length); c++)
            {
                var look = grid.Look(r, c);
                if (look == Look.Blank)
                    continue;
                ref var count = ref counts[c - block.Left];
                _ = look switch
                {
                    Look.Text or Look.WordedPeriod or Look.PeriodPart => count.Words++,
                    Look.Year => count.Years++,
                    _ => count.Others++,
                };
                count.Last = r;
            }
        var starts = new bool[counts.Length];
        for (var i = 0; i < starts.Length; i++)
        {
            var (words, years, others, last) = counts[i];
            // A table beside another one may be shorter.
            var blanks = (last - block.FirstData < 3 ? block.LastData : last) - block.FirstData + 1 - words - years - others;
            starts[i] = (words > 0 && words >= 4 * (others + years) && words >= blanks) || (years > 1 && others + words == 0 && years >= blanks && Same(block, block.Left + i));
        }
        return starts;
    }

    /// <summary>Whether a column of years holds the same years as the table's first: two tables over the same periods.</summary>
    private bool Same(Block block, int column)
    {
        for (var r = block.FirstData; r <= block.LastData; r++)
            if (grid.Look(r, column) == Look.Year && rows[r][block.Left].Text != rows[r][column].Text)
                return false;
        return true;
    }

    /// <summary>Whether the header begins again at a column.</summary>
    private bool Repeats(Block block, int column)
    {
        if (block.Heads.Count == 0)
            return false;
        var head = rows[block.Heads[^1]];
        var width = column - block.Left;
        if (width < 2 || head[block.Left].IsBlank)
            return false;
        int same = 0, seen = 0;
        for (var c = column; c < Math.Min(column + width, block.Right); c++, seen++)
            same += !head[c].IsBlank && head[c].Text == head[c - width].Text ? 1 : 0;
        return seen > 1 && same == seen;
    }
}
