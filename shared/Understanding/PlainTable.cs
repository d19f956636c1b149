namespace Pipeline.Understanding;

/// <summary>Tells tables as databases write them from those that were laid out for people.</summary>
internal static class PlainTable
{
    /// <summary>Whether a table has one row of names over columns that each row fills, as a database writes it: nothing here is needed to read it.</summary>
    public static bool Is(Grid grid, Block block)
    {
        if (block.IsOfOneValue)
            return true;
        if (block.SeriesRows is not null || block.Heads.Count is 0 or > 2 || block.Skipped.Count > 0)
            return false;
        var head = block.Heads.Find(h => block.Heads.Count == 1 || !Header.IsUnitRow(grid.Rows[h]));
        if ((block.Heads.Count == 2 && !block.Heads.Exists(h => Header.IsUnitRow(grid.Rows[h]))) || block.Heads.Exists(h => grid.HasMerged(grid.Rows[h].Row)))
            return false;
        var first = FirstValue(block);
        int periods = 0, values = 0;
        for (var c = block.Left; c < block.Right; c++)
        {
            if (grid.Shape.HiddenColumns.Contains(c + 1))
                return false;
            var look = grid.Look(head, c);
            values += block.IsValue[c] ? 1 : 0;
            if (block.IsValue[c] && look is Look.Year or Look.WordedPeriod or Look.PeriodPart)
                periods++;
            if (c < first && (look is Look.Blank or Look.Number) && Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).Any(r => grid.Look(r, c) != Look.Blank))
                return false;
        }
        if (periods > 0 || IsDated(grid, block, head) || Header.SequenceOf(grid.Rows[head], c => grid.Look(head, c), block.Left, block.Right) != Sequence.None)
            return false;
        // Labels that stand under each other are no records: their cells are blank where they repeat, indented, numbered, in bold.
        var isRecord = values == 1 || first - block.Left > 1;
        var numbered = new bool?[block.Right];
        HashSet<(int, string)>? valued = null;
        for (var r = block.FirstData; r <= block.LastData; r++)
        {
            var row = grid.Rows[r];
            var named = false;
            for (var c = block.Left; c < first; c++)
            {
                var cell = row[c];
                named |= !cell.IsBlank;
                if (cell.Indent > 0 || (!isRecord && !cell.IsBlank && (cell.Bold || StubReader.IsPartLabel(cell.Text) || StubReader.NumberingOf(cell.Text) < 6)) || (grid.Look(r, c) == Look.PeriodPart && !(numbered[c] ??= IsNumbered(grid, block, c) || !IsOfParts(grid, block, c))))
                    return false;
            }
            if (first > block.Left && (!named || (row.IsBlank(first, block.Right) && !IsWithoutValue(grid, block, r, first, ref valued))))
                return false;
        }
        return Enumerable.Range(block.Left, first - block.Left).All(c => FilledIn(grid, block, c)) && !BlanksRepeat(grid, block, first);
    }

    /// <summary>Whether names of a row carry the periods of its columns, and no column has those of the rows.</summary>
    private static bool IsDated(Grid grid, Block block, int row)
    {
        var columns = Enumerable.Range(block.Left, block.Right - block.Left).ToList();
        return !columns.Exists(c => LayoutFinder.ConceptOf(grid.Rows[row][c].Text) is { Parent: "TIME" } || (!block.IsValue[c] && IsOfPeriods(grid, block, c)))
            && DatedNames.Split(columns.Where(c => block.IsValue[c]).Select(c => ColumnHeads.Words(grid.Rows[row][c].Text)).ToHashSet(StringComparer.Ordinal), areAll: true).Count > 0;
    }

    private static bool IsOfPeriods(Grid grid, Block block, int column) =>
        Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).All(r => grid.Look(r, column) is Look.Year or Look.WordedPeriod or Look.Blank);

    /// <summary>Whether a column has parts of periods in most of its cells: of countries' codes some are months too (AGO, DIC).</summary>
    private static bool IsOfParts(Grid grid, Block block, int column)
    {
        if (LayoutFinder.IsCodeName(CrossTable.HeadText(grid, block, column)))
            return false;
        var looks = Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).Select(r => grid.Look(r, column)).ToList();
        return looks.Count(look => look is Look.PeriodPart or Look.WordedPeriod or Look.Year) * 2 >= looks.Count(look => look != Look.Blank);
    }

    /// <summary>Whether a row without a value is an observation that is missing, and no heading: all that names it is there, its period or a label that comes again beside a value too.</summary>
    private static bool IsWithoutValue(Grid grid, Block block, int row, int first, ref HashSet<(int, string)>? valued)
    {
        var labels = Enumerable.Range(block.Left, first - block.Left).ToList();
        if (labels.Count < 2 || labels.Exists(c => grid.Rows[row][c].IsBlank))
            return false;
        if (labels.Exists(c => grid.Look(row, c) is Look.Year or Look.WordedPeriod or Look.PeriodPart))
            return true;
        valued ??= [.. Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).Where(r => !grid.Rows[r].IsBlank(first, block.Right)).SelectMany(r => labels.Select(c => (c, grid.Rows[r][c].Text)))];
        var known = valued;
        return labels.Exists(c => known.Contains((c, grid.Rows[row][c].Text)));
    }

    /// <summary>Whether a column left of the values holds things that are numbered as quarters and half-years are.</summary>
    internal static bool IsNumbered(Grid grid, Block block, int column)
    {
        var rows = Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).Where(r => !block.Skipped.Contains(r)).ToList();
        var texts = rows.Select(r => grid.Rows[r][column].Text.Trim()).Where(text => text.Length > 0).ToHashSet(StringComparer.Ordinal);
        return NumberedThings.Are(texts, CrossTable.HeadText(grid, block, column), hasYears: () => Enumerable.Range(block.Left, block.Right - block.Left).Any(c => c != column && (block.IsValue[c]
            ? block.Heads.Exists(h => grid.Look(h, c) == Look.Year) : rows.Exists(r => grid.Look(r, c) == Look.Year) && rows.TrueForAll(r => grid.Look(r, c) is Look.Year or Look.Blank))));
    }

    /// <summary>Whether a column is filled in most rows, or in few of them by their nature.</summary>
    private static bool FilledIn(Grid grid, Block block, int column)
    {
        int filled = 0, blank = 0;
        for (var r = block.FirstData; r <= block.LastData; r++)
            if (grid.Look(r, column) == Look.Blank)
                blank++;
            else
                filled++;
        return blank <= filled || grid.Look(block.FirstData, column) == Look.Blank;
    }

    /// <summary>
    /// Whether blank cells on the left stand for what is written above them: each row leaves out its outermost labels only, and rows that would be named alike as they stand
    /// are not when they are filled.
    /// </summary>
    private static bool BlanksRepeat(Grid grid, Block block, int first)
    {
        var rows = Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).Where(r => grid.Look(r, block.Left) == Look.Blank).ToList();
        if (first - block.Left < 2 || rows.Count == 0 || rows[0] == block.FirstData)
            return false;
        HashSet<string> asTheyStand = new(StringComparer.Ordinal), filled = new(StringComparer.Ordinal);
        var above = new string[first - block.Left];
        var areAlike = false;
        for (var r = block.FirstData; r <= block.LastData; r++)
        {
            var labels = Enumerable.Range(block.Left, above.Length).Select(c => grid.Rows[r][c].Text).ToArray();
            var own = Array.FindIndex(labels, label => label.Length > 0);
            if (own < 0 || Array.Exists(labels[own..], label => label.Length == 0))
                return false;
            areAlike |= !asTheyStand.Add(string.Join('\n', labels));
            labels[own..].CopyTo(above, own);
            if (!filled.Add(string.Join('\n', above)))
                return false;
        }
        return areAlike;
    }

    private static int FirstValue(Block block) => Enumerable.Range(block.Left, block.Right - block.Left).FirstOrDefault(c => block.IsValue[c], block.Right);
}
