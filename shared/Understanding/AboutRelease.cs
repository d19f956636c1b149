namespace Pipeline.Understanding;

/// <summary>Tells tables that speak of the release and hold no data: contents with page numbers, covers with telephone numbers, lists of notes and of tables.</summary>
internal static class AboutRelease
{
    // Sheets that may hold such tables; what is laid out as data is data there too.
    private static readonly HashSet<string> Sheets = new(StringComparer.OrdinalIgnoreCase)
    {
        "contents", "content", "table of contents", "toc", "index", "list of tables", "cover", "cover sheet", "cover page", "front page", "title", "title page", "notes", "note", "notes and definitions", "footnotes",
        "metadata", "meta data", "readme", "read me", "information", "info", "about", "introduction", "glossary", "definitions", "contact", "contacts", "methodology", "revisions", "changes", "version history",
        "目录", "目錄", "索引", "封面", "说明", "說明", "编者说明", "使用说明", "填表说明", "编制说明", "注释", "备注", "元数据", "更新说明", "指标解释", "联系方式",
    };

    // Headers of columns that number pages, tables and notes, whatever the sheet.
    private static readonly HashSet<string> Places = new(StringComparer.OrdinalIgnoreCase)
    {
        "page", "pages", "page no", "page no.", "page number", "p.", "table", "table no", "table no.", "table number", "sheet", "sheet no", "sheet number", "worksheet", "worksheet number", "tab", "tab number", "figure number",
        "chapter", "section", "note", "note number", "note no.", "footnote", "页码", "页次", "页数", "页", "頁碼", "表号", "表序", "章", "节",
    };

    // Headers of columns that describe a table or a series in a list of them.
    private static readonly HashSet<string> Descriptions = new(StringComparer.OrdinalIgnoreCase)
    {
        "number of rows", "rows", "number of columns", "number of tables", "number of series", "first year", "last year", "start year", "end year", "from", "to", "begins", "ends", "decimals", "起始年份", "终止年份", "行数", "列数",
    };

    /// <summary>Marks such tables among the release's; where there is nothing else, what there is is the release.</summary>
    public static void Mark(List<Layout> layouts)
    {
        var about = layouts.Where(l => NumbersPlaces(l) || (IsNamedSo(l) && !IsLaidOutAsData(l))).ToList();
        if (about.Count < layouts.Count)
            about.ForEach(l => l.IsAboutRelease = l.IsAside = true);
    }

    /// <summary>The cells of a table that hold numbers, row and column from 1.</summary>
    public static IEnumerable<(int Row, int Column)> Numbers(Layout layout)
    {
        if (layout is not { Table: Grid grid, Block: { } block })
            yield break;
        foreach (var r in Rows(block))
            foreach (var column in layout.Of(ColumnUse.Value))
                if (grid.Look(r, column.Index) is Look.Number or Look.Year)
                    yield return (grid.Rows[r].Row, column.Index + 1);
    }

    private static IEnumerable<int> Rows(Block block) => Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).Where(r => !block.Skipped.Contains(r));

    /// <summary>The rows that go on below a table's last numbers without a gap.</summary>
    private static IEnumerable<int> RightBelow(Grid grid, Block block)
    {
        for (var r = block.LastData + 1; r < grid.Rows.Count && grid.Rows[r].Row == grid.Rows[r - 1].Row + 1; r++)
            yield return r;
    }

    private static bool NumbersPlaces(Layout layout) => layout.Table.Sheet is not null && layout.Of(ColumnUse.Value).All(c => Places.Contains(NameOf(c)));

    private static bool IsNamedSo(Layout layout) => layout.Table.Sheet is { } sheet && Sheets.Contains(sheet.Replace('_', ' ').Trim(' ', '.', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'));

    /// <summary>Whether a header stands over columns of numbers and nothing else, and periods or labels name the rows.</summary>
    private static bool IsLaidOutAsData(Layout layout)
    {
        if (layout is not { Table: Grid grid, Block: { Heads.Count: > 0 } block })
            return false;
        var values = layout.Of(ColumnUse.Value).ToList();
        if (values.TrueForAll(c => Places.Contains(NameOf(c)) || Descriptions.Contains(NameOf(c)))
            || !values.TrueForAll(c => Rows(block).Concat(RightBelow(grid, block)).All(r => grid.Look(r, c.Index) is Look.Number or Look.Year or Look.Symbol or Look.SymbolWord or Look.Blank)))
            return false;
        return Rows(block).Count() > 1 && (layout.Of(ColumnUse.Time).Any() || values.Exists(c => c.Part is not null) || layout.Stub?.Columns.Count > 0 || layout.Of(ColumnUse.Dimension).Any());
    }

    private static string NameOf(ColumnPlan column) => column.Coordinates.Count > 0 ? column.Coordinates[^1].Label.Split(" > ")[^1] : column.Name;
}
