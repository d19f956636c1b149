using System.Text.RegularExpressions;

namespace Pipeline.Reading;

/// <summary>
/// The tables of a document that hold figures, in its order: <c>Table 1</c>, <c>Table 2</c> and so on. Others, which only lay a page or a form out, are no tables;
/// their text is the document's.
/// </summary>
internal sealed partial class DocumentTables(ReaderLimits limits)
{
    private const int LinesAbove = 3;
    private const int LinesBelow = 5;
    private const int FarthestAbove = 8;
    private const int LongestLine = 300;
    private const int LongestNote = 600;
    private const int LongCell = 400;

    private readonly List<DocumentGrid> grids = [];
    private long spent;

    /// <summary>Starts a table.</summary>
    public DocumentGrid Start(int block) => new(this, block);

    /// <summary>Ends a table, and keeps it when it holds figures.</summary>
    /// <param name="grid">The table.</param>
    /// <param name="outer">The table in whose cell it stands; null for none.</param>
    /// <param name="blocks">The document's blocks, of which those inside the table are complete.</param>
    public void End(DocumentGrid grid, DocumentGrid? outer, IReadOnlyList<TextBlock> blocks)
    {
        grid.End(blocks.Count);
        if (!HasFigures(grid, blocks))
        {
            // Its own inner tables are the outer one's, then.
            outer?.Inner.AddRange(grid.Inner);
            return;
        }
        if (grids.Count == limits.Sheets)
        {
            throw Unreadable.Because(
                "sheets-too-many",
                $"The document has more than {Unreadable.N(limits.Sheets)} tables.",
                expected: $"at most {limits.Sheets} tables",
                advice: "Split the document.");
        }
        outer?.Inner.Add(grid);
        grids.Add(grid);
    }

    /// <summary>The tables with the lines around them.</summary>
    /// <param name="blocks">All of the document's blocks.</param>
    public List<Table> Build(IReadOnlyList<TextBlock> blocks)
    {
        grids.Sort(static (a, b) => a.FirstBlock != b.FirstBlock ? a.FirstBlock.CompareTo(b.FirstBlock) : b.EndBlock.CompareTo(a.EndBlock));
        var tables = new List<Table>();
        var from = 0;
        for (var i = 0; i < grids.Count; i++)
        {
            var grid = grids[i];
            var to = i + 1 < grids.Count ? grids[i + 1].FirstBlock : blocks.Count;
            var above = Above(blocks, from, grid.FirstBlock);
            for (var block = grid.Caption.First; block < Math.Min(grid.Caption.End, grid.Caption.First + LinesAbove); block++)
                above.Add(blocks[block].Text);
            var below = Below(blocks, grid.EndBlock, to);
            Spend((long)grid.Merged.Count * grid.Merged.Count / 16);
            var cells = new List<DocumentCell>();
            foreach (var cell in grid.Cells)
                if (string.Join('\n', Own(grid, cell, blocks).Select(static block => block.Text)) is { Length: > 0 } text)
                    cells.Add(new DocumentCell(cell.Row, cell.Column, text, new CellStyle(null, false, Indent(cell, blocks), cell.Bold)));
            tables.Add(new DocumentTable(above, cells, grid.Merged, below) { Sheet = $"Table {i + 1}", Place = i });
            from = Math.Max(from, grid.EndBlock + below.Count);
        }
        return tables;
    }

    /// <summary>A column within the limit.</summary>
    public int Column(int column) => column <= limits.Columns ? column : throw Unreadable.Because(
        "columns-too-many",
        $"A table of the document has {Unreadable.N(column)} columns or more; {Unreadable.N(limits.Columns)} is the limit.",
        expected: $"at most {limits.Columns} columns",
        advice: "Split the table.");

    /// <summary>Counts the work that merged cells make, which a small file could ask for without end.</summary>
    public void Spend(long cells)
    {
        spent += cells;
        if (spent > limits.SpannedCells)
        {
            throw Unreadable.Because(
                "document-too-large",
                $"The merged cells of the document's tables cover more than {Unreadable.N(limits.SpannedCells)} cells.",
                expected: $"at most {limits.SpannedCells} cells",
                advice: "Upload the figures as CSV or as a workbook.");
        }
    }

    /// <summary>Whether a text is nothing but a figure: a number with its sign, unit mark or flag, and neither a year nor a date.</summary>
    public static bool IsFigure(ReadOnlySpan<char> text) => text.Length <= 60 && Figure().IsMatch(text) && !Date().IsMatch(text);

    private static bool HasFigures(DocumentGrid grid, IReadOnlyList<TextBlock> blocks)
    {
        if (grid.Row < 1 || grid.Width < 2)
            return false;
        var (filled, figures, length, prose) = (0, 0, 0L, 0L);
        foreach (var cell in grid.Cells)
        {
            var own = 0L;
            foreach (var block in Own(grid, cell, blocks))
                own += block.Text.Length;
            filled += own > 0 ? 1 : 0;
            length += own;
            prose += own > LongCell ? own : 0;
            figures += cell.End == cell.First + 1 && IsFigure(blocks[cell.First].Text) ? 1 : 0;
        }
        // A page that is laid out by a table has a date or two among its text.
        return figures > 0 && figures * 20 >= filled && (figures > 5 || prose * 3 < length * 2);
    }

    // A cell's blocks without those of tables inside of it.
    private static IEnumerable<TextBlock> Own(DocumentGrid grid, GridCell cell, IReadOnlyList<TextBlock> blocks)
    {
        var next = cell.First;
        var (low, high) = (0, grid.Inner.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (grid.Inner[middle].EndBlock <= next)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < grid.Inner.Count && grid.Inner[low].FirstBlock < cell.End; low++)
        {
            for (; next < grid.Inner[low].FirstBlock; next++)
                yield return blocks[next];
            next = grid.Inner[low].EndBlock;
        }
        for (; next < cell.End; next++)
            yield return blocks[next];
    }

    private static byte Indent(GridCell cell, IReadOnlyList<TextBlock> blocks) =>
        (byte)Math.Min(byte.MaxValue, cell.Indent + (cell.First < cell.End ? blocks[cell.First].Lead : 0));

    // From the table up: lines that may name it, over prose, to the headings above.
    private static List<string> Above(IReadOnlyList<TextBlock> blocks, int from, int to)
    {
        var lines = new List<string>();
        var last = (TextBlockKind?)null;
        for (var i = to - 1; i >= from && i >= to - FarthestAbove && lines.Count < LinesAbove; i--)
        {
            var block = blocks[i];
            // Beyond a heading there is another part of the document, and beyond a line the cells of what is no table.
            if ((last == TextBlockKind.Heading && block.Kind != TextBlockKind.Heading) || (last is not null and not TextBlockKind.Fragment && block.Kind == TextBlockKind.Fragment))
                break;
            if (block.Kind == TextBlockKind.ListItem || block.Text.Length > LongestLine || Prose().IsMatch(block.Text))
                continue;
            lines.Insert(0, block.Text);
            last = block.Kind;
        }
        return lines;
    }

    private static List<string> Below(IReadOnlyList<TextBlock> blocks, int from, int to)
    {
        var lines = new List<string>();
        for (var i = from; i < to && lines.Count < LinesBelow; i++)
        {
            var text = blocks[i].Text;
            if (text.Length > LongestNote || !(Note().IsMatch(text) || (lines.Count > 0 && blocks[i].Kind != TextBlockKind.Heading && Numbered().IsMatch(text))))
                break;
            lines.Add(text);
        }
        return lines;
    }

    [GeneratedRegex("""\A[^\p{L}0-9]{0,4}[0-9][0-9,.'’ \u00a0\u2009\u202f]{0,30}[^\p{L}0-9]{0,6}(?:\p{L}{1,3}[^\p{L}0-9]{0,3})?\z""")]
    private static partial Regex Figure();

    [GeneratedRegex("""\A(?:(?:1[89]|20)[0-9]{2}\W?|[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{2}){1,2}|[0-9]{1,4}[年月日])\z""")]
    private static partial Regex Date();

    // Titles may end with a point, but have no second sentence, and are not long; in Chinese they do not end with a full stop.
    [GeneratedRegex("""[。！？]\W?\z|(?<=\p{L}{3}|%)[.!?]\s+\p{Lu}.*[.!?]\W?\z|\A.{150,}[.!?]\W?\z""", RegexOptions.Singleline)]
    private static partial Regex Prose();

    [GeneratedRegex(
        """\A\W{0,2}(?:(?:sources?|notes?|footnotes?|remarks?|quellen?|anmerkung(?:en)?|fuentes?|notas?|fontes?|källa|kilde|bron|注释?|註|备注|備註|附注|说明|說明|(?:资料|資料|数据|數據)?(?:来源|來源)|出典|出所|주|자료)\W{0,3}[0-9]{0,2}\s*(?:[:：.]|\z)|注[0-9一二三]|[*†‡⁰¹²³⁴⁵⁶⁷⁸⁹]|[\[(（][0-9a-zA-Z]{1,2}[\])）]\s?\p{L})""",
        RegexOptions.IgnoreCase)]
    private static partial Regex Note();

    [GeneratedRegex("""\A[(（]?[0-9a-z]{1,2}[.)、）]\s?\S""")]
    private static partial Regex Numbered();
}
