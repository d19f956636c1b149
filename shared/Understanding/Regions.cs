using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Tells the rectangles of a sheet that a layout takes for captions, headers, stubs, data and notes.</summary>
internal static class Regions
{
    /// <summary>How a table was understood.</summary>
    /// <param name="layout">The layout it was read by.</param>
    /// <param name="observations">How many observations it gave.</param>
    public static TableReading Of(Layout layout, long observations) =>
        new(layout.Table, layout.Kind)
        {
            Confidence = layout.Confidence,
            Reasons = layout.Reasons,
            Regions = layout.Block is { } block && layout.Table is Grid grid ? [.. Within(grid, block, layout)] : [],
            Dimensions = [.. Dimensions(layout)],
            Observations = observations,
        };

    /// <summary>The dimensions that a table fills besides FREQ.</summary>
    public static IEnumerable<string> Dimensions(Layout layout) =>
        layout.Fixed.Select(f => f.Id)
            .Concat(layout.Stub?.Dimensions().Select(d => d.Id) ?? layout.Of(ColumnUse.Dimension).Select(c => c.Id))
            .Concat(layout.CoordinateIds.Where(id => id != CrossTable.SeriesCodeId))
            .Concat(layout.MeasureId is { } measure ? [measure] : [])
            .Distinct();

    private static IEnumerable<TableRegion> Within(Grid grid, Block block, Layout layout)
    {
        int left = block.Left + 1, right = block.Right;
        foreach (var (from, to) in Runs(grid, block.Captions))
            yield return new TableRegion(RegionKind.Caption, from, left, to, right);
        foreach (var (from, to) in Runs(grid, block.Heads.Where(h => h >= block.First)))
            yield return new TableRegion(RegionKind.Header, from, left, to, right);
        int first = grid.Rows[block.FirstData].Row, last = grid.Rows[block.LastData].Row;
        for (var c = block.Left; c < block.Right; c++)
        {
            var kind = KindOf(layout, c);
            var start = c;
            while (c + 1 < block.Right && KindOf(layout, c + 1) == kind)
                c++;
            yield return new TableRegion(kind, first, start + 1, last, c + 1);
        }
        foreach (var row in block.Skipped)
            yield return new TableRegion(RegionKind.Notes, grid.Rows[row].Row, left, grid.Rows[row].Row, right);
        foreach (var (from, to) in Runs(grid, block.Notes))
            yield return new TableRegion(RegionKind.Notes, from, left, to, right);
    }

    private static RegionKind KindOf(Layout layout, int column) =>
        layout.Column(column)?.Use switch
        {
            null => RegionKind.Ignored,
            ColumnUse.Value => RegionKind.Data,
            ColumnUse.Aside => RegionKind.Ignored,
            _ => RegionKind.Stub,
        };

    /// <summary>The runs of rows that stand right below each other.</summary>
    private static IEnumerable<(int From, int To)> Runs(Grid grid, IEnumerable<int> rows)
    {
        int from = 0, to = 0;
        foreach (var row in rows.Select(r => grid.Rows[r].Row).Order())
        {
            if (from > 0 && row == to + 1)
            {
                to = row;
                continue;
            }
            if (from > 0)
                yield return (from, to);
            from = to = row;
        }
        if (from > 0)
            yield return (from, to);
    }
}
