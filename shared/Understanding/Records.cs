namespace Pipeline.Understanding;

/// <summary>Tells a file of records, as a database writes it: one row with a name over each column, then a record a row to the end, notes aside.</summary>
/// <remarks>Seen as a whole, a value that looks like a year and a value that is missing mislead nobody: row by row, the one looks like a header and the other like a heading.</remarks>
internal static class Records
{
    private const int LongName = 60;

    /// <summary>The records of a grid; null when it holds anything else, or may.</summary>
    public static Block? Find(Grid grid)
    {
        if (OneValue.Find(grid) is { } ofOne)
            return ofOne;
        var rows = grid.Rows;
        var names = rows.FindIndex(r => r.Filled > 1);
        if (names < 0 || names + 1 >= rows.Count || grid.HasMerged(rows[names].Row) || !AreNames(grid, names) || Header.IsOfOneYear(grid, names + 1, 0, grid.Width) || Array.Exists(rows[names + 1].Cells, cell => NamedRows.CounterWords.Contains(cell.Text)))
            return null;
        var width = rows[names].Cells.Length;
        var last = names;
        while (last + 1 < rows.Count && rows[last + 1].Row == rows[last].Row + 1 && rows[last + 1].Filled > 1 && rows[last + 1].Cells.Length <= width)
            last++;
        // What follows can only be notes.
        if (last == names || Enumerable.Range(last + 1, rows.Count - last - 1).Any(r => rows[r].Filled > 1 || grid.Look(r, 0) != Look.Text))
            return null;
        var isValue = new bool[grid.Width];
        bool hasTime = false, hasLabels = false;
        for (var c = 0; c < width; c++)
        {
            var concept = LayoutFinder.ConceptOf(rows[names][c].Text);
            if (Column(grid, names + 1, last, c) is not { } column)
                return null;
            var isOfPeriods = column.Years + column.Periods == last - names;
            if (concept?.Id == Concepts.RefArea && column is { Words: 0, Numbers: > 0 } && LayoutFinder.IsOfTownAndCountry(rows[names]))
                concept = null;
            // A first column of years needs no name.
            if (concept?.Parent == "TIME" || (concept is null && c == 0 && isOfPeriods && last - names > 2 && LayoutFinder.FollowEachOther(Enumerable.Range(names + 1, last - names).Select(r => rows[r][0].Text))))
                hasTime |= isOfPeriods;
            else if (concept?.Parent == "DIMENSION")
                hasLabels |= column is { Words: > 0, Blanks: 0 };
            else if (concept?.Parent is null or "MEASURE" && column.Numbers + column.Years > 0)
                isValue[c] = true;
            // Words among values may be anything.
            if (isValue[c] && column.Words + column.Periods > 0)
                return null;
        }
        if (!isValue.Contains(true) || (!hasTime && !(hasLabels && Enumerable.Range(names + 1, last - names).All(r => Enumerable.Range(0, width).Any(c => isValue[c] && !rows[r][c].IsBlank)))))
            return null;
        var block = new Block { Left = 0, Right = width, Captions = [.. Enumerable.Range(0, names)], Heads = [names], FirstData = names + 1, LastData = last, IsValue = isValue, First = names };
        block.Notes.AddRange(Enumerable.Range(last + 1, rows.Count - last - 1));
        return block;
    }

    private static bool AreNames(Grid grid, int row)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var c = 0; c < grid.Rows[row].Cells.Length; c++)
            if (grid.Look(row, c) != Look.Text || grid.Rows[row][c].Text.Length > LongName || !seen.Add(grid.Rows[row][c].Text))
                return false;
        return grid.Rows[row].Cells.Length > 1;
    }

    /// <summary>What a column's cells look like; null where labels stand under each other as people lay them out.</summary>
    private static (int Numbers, int Years, int Periods, int Words, int Blanks)? Column(Grid grid, int first, int last, int column)
    {
        int numbers = 0, years = 0, periods = 0, words = 0, blanks = 0;
        for (var r = first; r <= last; r++)
        {
            if (grid.Rows[r][column] is { Indent: > 0 } or { Bold: true } || grid.HasMerged(grid.Rows[r].Row))
                return null;
            _ = grid.Look(r, column) switch
            {
                Look.Blank => blanks++,
                Look.Number => numbers++,
                Look.Year => years++,
                Look.WordedPeriod => periods++,
                Look.Symbol or Look.SymbolWord => 0,
                _ => words++,
            };
        }
        return (numbers, years, periods, words, blanks);
    }
}
