using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>
/// Lines of a CSV that have more cells than the header, or fewer: a comma in a number or a name that no quotes hold together, a cell that was left out. Where it can not be told
/// which cell belongs to which column, the line is taken out.
/// </summary>
internal sealed class RaggedRows
{
    /// <summary>The reason for setting a line aside that has too many cells.</summary>
    public const string TooLong = "row-too-long";

    /// <summary>The same for one that has too few.</summary>
    public const string TooShort = "row-too-short";

    /// <summary>The lines that are not read, with how many cells they should have.</summary>
    public List<(GridRow Row, int Expected)> Aside { get; } = [];

    /// <summary>Lines that are short and read as far as they go.</summary>
    public List<(GridRow Row, int Expected)> Published { get; } = [];

    /// <summary>How many cells the lines have, where all but a few have as many; 0 where they have not.</summary>
    public int Width { get; private set; }

    /// <summary>Takes the lines out that can not be read.</summary>
    /// <param name="rows">The rows that are not blank.</param>
    /// <param name="looks">What cells look like.</param>
    public static RaggedRows TakeOut(List<GridRow> rows, LookCache looks)
    {
        var ragged = new RaggedRows();
        for (int from = 0, to; from < rows.Count; from = to)
        {
            // Below a blank line another table may begin.
            for (to = from + 1; to < rows.Count && rows[to].Row == rows[to - 1].Row + 1;)
                to++;
            ragged.TakeFrom(rows.GetRange(from, to - from), looks);
        }
        if (ragged.Aside.Count > 0)
        {
            var aside = ragged.Aside.Select(a => a.Row).ToHashSet();
            rows.RemoveAll(aside.Contains);
        }
        return ragged;
    }

    private void TakeFrom(List<GridRow> run, LookCache looks)
    {
        var lines = run.Where(r => r.Filled > 1).ToList();
        if (lines.Count < 3)
            return;
        var (width, count) = lines.CountBy(r => r.Count).MaxBy(c => c.Value);
        var header = lines.FindIndex(r => r.Count == width);
        var data = lines.Skip(header + 1).ToList();
        var (longer, shorter) = (data.Where(r => r.Cells.Length > width && IsData(r, looks)).ToList(), data.Where(r => r.Count < width && IsData(r, looks)).ToList());
        if (longer.Count * 3 > count || lines[header].Cells.Length < width - 1)
            return;
        Width = Width == 0 || Width == width ? width : 0;
        Aside.AddRange(longer.Select(r => (r, width)));
        // Programs leave the blank cells at a line's end out, in as many lines as have them.
        if (shorter.Count * 2 > count)
            return;
        var kinds = new int[width];
        foreach (var row in shorter.Count == 0 ? [] : data.Where(r => r.Count == width))
            for (var c = 0; c < Math.Min(width, row.Cells.Length); c++)
                kinds[c] |= looks.Of(row[c]) == Look.SymbolWord ? Kind(Look.Text) : Kind(looks.Of(row[c]));
        // A cell that looks like none of its column stands in another's place.
        foreach (var row in shorter)
            (Enumerable.Range(0, row.Cells.Length).All(c => Kind(looks.Of(row[c])) is var kind && (kind == 0 || kinds[c] == 0 || (kinds[c] & kind) > 0)) ? Published : Aside).Add((row, width));
    }

    /// <summary>Whether a line has numbers, and is no note.</summary>
    private static bool IsData(GridRow row, LookCache looks) => !Preamble.IsNote(row.Cells.First(c => !c.IsBlank).Text) && Array.Exists(row.Cells, c => looks.Of(c) is Look.Number or Look.Year);

    private static int Kind(Look look) => look switch
    {
        Look.Blank or Look.Symbol or Look.SymbolWord => 0,
        Look.Number or Look.Year => 1,
        Look.Text => 2,
        _ => 4,
    };

    /// <summary>The code of the finding for a line.</summary>
    public static string Code(int cells, int expected) => cells > expected ? TooLong : TooShort;

    /// <summary>What is to be said of a line.</summary>
    public static Finding Finding(Table table, int row, int cells, int expected, IEnumerable<string> texts, bool isPublished) =>
        new(Severity.Warning, Code(cells, expected), $"The row has {Counted.Of(cells, "cell")} and the header {expected}: " + (isPublished ? "those that it has were taken for the first ones." : "which belongs to which column can not be told, and its values are set aside."))
        {
            Where = table.Where(row),
            Found = string.Join(" | ", texts),
            Expected = $"{expected} cells, as the other rows have",
            Advice = cells > expected ? "Put quotes round a cell that has the separator in it, such as \"1,234\", or take away the cell that is too many." : "Write the cell that is missing, or a separator in its place if it is blank.",
        };
}
