namespace Pipeline.Understanding;

/// <summary>
/// Tells a file of one value a row, as agencies give whole tables away: a column named as THE value, one of periods, and beside them codes and labels, units, flags,
/// and keys of the agency's own that measure nothing. Names may repeat (SEX, Sex) or lack, values may look like anything.
/// </summary>
internal static class OneValue
{
    private const int MaxPreamble = 12;
    private const int LeastColumns = 4;
    private const int LongName = 80;

    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "OBS_VALUE", "OBSVALUE", "OBS VALUE", "OBSERVATION VALUE", "VALUE", "DATA VALUE", "DATA_VALUE", "DATAVALUE", "VALEUR", "数值", "值", "数 值", "观测值", "指标值", "统计值", "数据值",
    };

    /// <summary>Whether a name says that what stands under it is the value itself: <c>OBS_VALUE</c>, <c>数值</c>, and <c>v4_1</c>, which counts the columns of flags beside it.</summary>
    public static bool IsName(string name) => Names.Contains(name) || (name.StartsWith("v4_", StringComparison.OrdinalIgnoreCase) && name.Length is 4 or 5 && name.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0);

    /// <summary>The rows of such a file; null when a grid is anything else.</summary>
    public static Block? Find(Grid grid)
    {
        var rows = grid.Rows;
        for (var names = 0; names < Math.Min(MaxPreamble, rows.Count - 1); names++)
            if (ValueIn(grid, names) is >= 0 and var value)
                return Of(grid, names, value);
        return null;
    }

    /// <summary>The column of THE value in a row of names; -1 where the row is none.</summary>
    private static int ValueIn(Grid grid, int row)
    {
        var cells = grid.Rows[row].Cells;
        if (grid.Rows[row].Filled < LeastColumns || grid.HasMerged(grid.Rows[row].Row))
            return -1;
        int value = -1, times = 0;
        for (var c = 0; c < cells.Length; c++)
        {
            if (cells[c].IsBlank)
                continue;
            if (grid.Look(row, c) is Look.Number or Look.Year || cells[c].Kind != Reading.CellKind.Text || cells[c].Text.Length > LongName || (IsName(cells[c].Text) && value >= 0))
                return -1;
            value = IsName(cells[c].Text) ? c : value;
            times += LayoutFinder.ConceptOf(cells[c].Text) is { Parent: "TIME" } ? 1 : 0;
        }
        return times > 0 ? value : -1;
    }

    private static Block? Of(Grid grid, int names, int value)
    {
        var rows = grid.Rows;
        var width = rows[names].Cells.Length;
        var times = Enumerable.Range(0, width).Where(c => LayoutFinder.ConceptOf(rows[names][c].Text) is { Parent: "TIME" }).ToList();
        int last = names, values = 0;
        for (var r = names + 1; r < rows.Count && rows[r].Row == rows[r - 1].Row + 1 && rows[r].Filled > 2; r++)
        {
            if (rows[r].Cells.Length > width || grid.HasMerged(rows[r].Row) || grid.Look(r, value) is not (Look.Blank or Look.Number or Look.Year or Look.Symbol or Look.SymbolWord) || times.TrueForAll(c => rows[r][c].IsBlank))
                return null;
            // Labels under each other as people lay them out.
            for (var c = 0; c < rows[r].Cells.Length; c++)
                if (c != value && rows[r].Cells[c] is { Indent: > 0 } or { Bold: true })
                    return null;
            values += grid.Look(r, value) is Look.Number or Look.Year ? 1 : 0;
            last = r;
        }
        // What follows can only be notes, numbered or not.
        if (values == 0 || Enumerable.Range(last + 1, rows.Count - last - 1).Any(r => rows[r].Filled > 2 || grid.Look(r, value) is Look.Number or Look.Year && value > 0))
            return null;
        var isValue = new bool[grid.Width];
        isValue[value] = true;
        var block = new Block { Left = 0, Right = width, Captions = [.. Enumerable.Range(0, names)], Heads = [names], FirstData = names + 1, LastData = last, IsValue = isValue, First = names, IsOfOneValue = true };
        block.Notes.AddRange(Enumerable.Range(last + 1, rows.Count - last - 1));
        return block;
    }
}
