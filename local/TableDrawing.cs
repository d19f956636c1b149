using System.Globalization;
using Pipeline.Publishing;
using Pipeline.Reading;
using Pipeline.Understanding;
using Spectre.Console;

namespace Pipeline.Local;

/// <summary>
/// Draws how a table was understood: the first rows and columns of each region as a window of the sheet. Where a region begins in a row stands its
/// letter, so that the drawing says it without colours too; what lies between the rows and columns shown is folded.
/// </summary>
internal sealed class TableDrawing
{
    private const int DrawnOfAKind = 6;
    private const int ReasonsShown = 3;
    private const int WidthOfFiles = 120;
    private const int Lines = 16;
    private const int MostRegions = 1_000;
    private const int MostRowsRead = 20_000;
    private const int MostCellsRead = 400_000;
    private const int RowsKept = 200;
    private const int ColumnsTried = 64;
    private const int TextKept = 200;

    private readonly TableReading reading;
    private readonly TableRegion[] regions;
    private readonly TableRegion box;
    private readonly SortedDictionary<int, Dictionary<int, string>> rows = [];

    private TableDrawing(TableReading reading)
    {
        this.reading = reading;
        regions = [.. reading.Regions.Take(MostRegions)];
        box = new TableRegion(default, regions.Min(r => r.FirstRow), regions.Min(r => r.FirstColumn), regions.Max(r => r.LastRow), regions.Max(r => r.LastColumn));
    }

    /// <summary>Draws tables; of those of one kind, which often are as many sheets, the first few, and of the others the headings.</summary>
    /// <param name="tables">The readings; the release is still open.</param>
    /// <param name="console">Takes the drawings.</param>
    public static void Write(IReadOnlyList<TableReading> tables, IAnsiConsole console)
    {
        // Where there is no terminal lines have no end; a drawing still needs one.
        var width = console.Profile.Width == int.MaxValue ? WidthOfFiles : Math.Max(40, console.Profile.Width);
        if (tables.Any(t => t.Regions.Count > 0))
            WriteLegend(width, console);
        var drawn = new Dictionary<string, int>();
        var listed = false;
        foreach (var table in tables)
        {
            var heading = ReleaseText.Heading(TableReport.Of(table));
            drawn[table.Kind] = drawn.GetValueOrDefault(table.Kind) + 1;
            var only = drawn[table.Kind] > DrawnOfAKind;
            if (!only || !listed)
                console.WriteLine();
            listed = only;
            if (only)
            {
                console.WriteLine(TerminalText.Cut(TerminalText.Clean(heading), width));
                continue;
            }
            ReleaseText.WriteLine(heading, 2, console, new Style(decoration: Decoration.Bold), heading.Length);
            foreach (var reason in table.Reasons.Take(ReasonsShown))
                ReleaseText.WriteLine("  " + reason, 4, console);
            if (table.Reasons.Count > ReasonsShown)
                console.WriteLine($"  and {table.Reasons.Count - ReasonsShown} more");
            if (table.Regions.Count == 0)
                continue;
            var drawing = new TableDrawing(table);
            drawing.Read();
            if (drawing.rows.Count > 0)
            {
                foreach (var line in drawing.Draw(width))
                    Write(line, console);
            }
        }
    }

    /// <summary>What the letters and colours mean.</summary>
    private static void WriteLegend(int width, IAnsiConsole console)
    {
        var line = new List<Span>();
        var items = Enum.GetValues<RegionKind>().Select(kind => new Span($"{Letter(kind)} {kind.ToString().ToLowerInvariant()}", kind));
        foreach (var item in items.Append(new Span("? not looked at")))
        {
            if (line.Sum(span => span.Text.Length) + 2 + item.Text.Length > width)
            {
                Write(line, console);
                line = [];
            }
            line.AddRange([new Span("  "), item]);
        }
        Write(line, console);
    }

    private static void Write(List<Span> line, IAnsiConsole console)
    {
        var colors = console.Profile.Capabilities.ColorSystem;
        if (colors == ColorSystem.NoColors)
        {
            console.WriteLine(string.Concat(line.Select(span => span.Text)).TrimEnd(' '));
            return;
        }
        var paragraph = new Paragraph();
        foreach (var span in line)
            paragraph.Append(span.Text, span.Kind is { } kind ? StyleOf(kind, colors < ColorSystem.EightBit) : Style.Plain);
        console.Write(paragraph.Append("\n"));
    }

    private static char Letter(RegionKind kind) => kind switch
    {
        RegionKind.Caption => 'C',
        RegionKind.Header => 'H',
        RegionKind.Stub => 'S',
        RegionKind.Data => 'D',
        RegionKind.Notes => 'N',
        _ => '·',
    };

    // Pale under black, so that it can be read on any terminal; an old one has 16 colours, where all pale ones are the same.
    private static Style StyleOf(RegionKind kind, bool few) => kind switch
    {
        RegionKind.Caption => new Style(Color.Black, few ? Color.Fuchsia : Color.Thistle1),
        RegionKind.Header => new Style(Color.Black, few ? Color.Aqua : Color.LightSkyBlue1),
        RegionKind.Stub => new Style(Color.Black, few ? Color.Lime : Color.DarkSeaGreen2),
        RegionKind.Data => new Style(Color.Black, few ? Color.Yellow : Color.Cornsilk1),
        RegionKind.Notes => new Style(Color.Black, few ? Color.Silver : Color.Grey78),
        _ => new Style(Color.White, few ? Color.Grey : Color.Grey42),
    };

    /// <summary>Reads the rows that may be shown: the first of each band of rows between two edges of regions.</summary>
    private void Read()
    {
        var bands = Bands(box.FirstRow, box.LastRow, regions.Select(r => (r.FirstRow, r.LastRow)));
        var (band, kept, cells) = (0, 0, 0L);
        try
        {
            using var reader = reading.Table.Open();
            while (band < bands.Count && rows.Count < RowsKept && reader.Row < MostRowsRead && cells < MostCellsRead && reader.Read())
            {
                cells += reader.Count;
                if (reader.Row < bands[band].First)
                    continue;
                for (; band < bands.Count && reader.Row > bands[band].Last; band++)
                    kept = 0;
                if (band == bands.Count)
                    break;
                if (kept >= Lines)
                {
                    if (band + 1 == bands.Count || bands[band + 1].First > MostRowsRead)
                        break;
                    continue;
                }
                var texts = new Dictionary<int, string>();
                for (var column = box.FirstColumn; column <= Math.Min(box.LastColumn, reader.Count); column++)
                {
                    if (TerminalText.Clean(reader[column - 1].Text, TextKept) is { Length: > 0 } text)
                        texts.Add(column, text);
                }
                // A row outside all regions is worth a line only when there is something in it that was not looked at.
                if (texts.Count > 0 || IsCovered(reader.Row, reader.Row))
                {
                    rows.Add(reader.Row, texts);
                    kept++;
                }
            }
        }
        catch (UnreadableReleaseException)
        {
            // The findings have it; what could be read is drawn.
        }
    }

    private List<List<Span>> Draw(int width)
    {
        var shown = ChooseRows();
        var gutter = shown.Max().ToString(CultureInfo.InvariantCulture).Length;
        width -= gutter + 1;
        var slots = ChooseColumns(shown, width);
        var ruler = new List<Span> { new(new string(' ', gutter + 1)) };
        foreach (var slot in slots)
            ruler.Add(new Span(new string(' ', slot.Margin) + TerminalText.Fill(slot.Name, slot.Width, slot.IsRight)));
        var lines = new List<List<Span>> { ruler };
        var before = box.FirstRow - 1;
        foreach (var row in shown)
        {
            Fold(before + 1, row - 1);
            lines.Add([new Span(row.ToString(CultureInfo.InvariantCulture).PadLeft(gutter) + " "), .. DrawRow(row, slots, width)]);
            before = row;
        }
        Fold(before + 1, box.LastRow);
        return lines;

        void Fold(int first, int last)
        {
            if (HasContent(first, last))
                lines.Add([new Span("⋮".PadLeft(gutter) + string.Create(CultureInfo.InvariantCulture, $" {last - first + 1:N0} row{(last == first ? "" : "s")}"))]);
        }
    }

    private List<Span> DrawRow(int row, List<Slot> slots, int width)
    {
        var rest = Math.Max(0, width - WidthOf(slots));
        var texts = rows[row];
        var spans = new List<Span>();
        // What stands to the left: the kind of region, and whether it is something outside all regions.
        (RegionKind? Kind, bool Outside) left = (null, false);
        for (var i = 0; i < slots.Count; i++)
        {
            var slot = slots[i];
            var (kind, text, room) = (KindAt(row, slot.Column), TextOf(slot), slot.Width);
            var outside = kind is null && text.Length > 0;
            var mark = slot.Count > 1 || (kind, outside) == left ? ' ' : kind is { } region ? Letter(region) : outside ? '?' : ' ';
            // As in a spreadsheet, a long text runs on over the blank cells of its own region.
            while (slot.Count == 1 && TerminalText.Width(text) > room && i + 1 < slots.Count && TextOf(slots[i + 1]).Length == 0
                && (KindAt(row, slots[i + 1].Column) is not { } next || next == kind))
            {
                i++;
                room += slots[i].Margin + slots[i].Width;
            }
            if (i == slots.Count - 1)
                room = Math.Clamp(TerminalText.Width(text), room, room + rest);
            if (slot.Margin > 2)
                spans.Add(new Span(" ", left.Kind == kind ? kind : null));
            var isRight = slot.IsRight && room == slot.Width && kind is RegionKind.Data or RegionKind.Header;
            spans.Add(new Span($"{mark} {TerminalText.Fill(text, room, isRight)}", kind));
            if (slot.Count == 1)
                left = (kind, outside);
        }
        return spans;

        string TextOf(Slot slot) => slot.Count == 1 ? texts.GetValueOrDefault(slot.Column, "")
            : texts.Keys.Any(c => c >= slot.Column && c < slot.Column + slot.Count) ? "…" : "";
    }

    /// <summary>The rows to show: of each band the first, then more of headers and data before more of the rest, as long as there are lines.</summary>
    private SortedSet<int> ChooseRows()
    {
        var bands = Bands(box.FirstRow, box.LastRow, regions.Select(r => (r.FirstRow, r.LastRow)));
        var shown = new SortedSet<int>();
        foreach (var row in bands.SelectMany((band, b) => rows.Keys.Where(row => row >= band.First && row <= band.Last)
            .Select((row, i) => (Row: row, Rank: i * (IsMain(row) ? 1 : 3), Band: b))).OrderBy(c => c.Rank).ThenBy(c => c.Band).Select(c => c.Row))
        {
            shown.Add(row);
            if (LinesOf(shown) > Lines)
                shown.Remove(row);
        }
        // A fold of one row takes the line that the row itself would take.
        foreach (var row in rows.Keys.Where(row => (row == box.FirstRow || shown.Contains(row - 1)) && (row == box.LastRow || shown.Contains(row + 1))).ToList())
            shown.Add(row);
        return shown;
    }

    private int LinesOf(SortedSet<int> shown)
    {
        var (lines, before) = (0, box.FirstRow - 1);
        foreach (var row in shown)
        {
            lines += HasContent(before + 1, row - 1) ? 2 : 1;
            before = row;
        }
        return lines + (HasContent(before + 1, box.LastRow) ? 1 : 0);
    }

    /// <summary>The columns to show, and the folds between them: of each band the first, then more from left to right, as long as there is room.</summary>
    private List<Slot> ChooseColumns(SortedSet<int> shown, int width)
    {
        // Where a caption or a note ends says nothing of the columns.
        var telling = regions.Where(r => r.Kind is not (RegionKind.Caption or RegionKind.Notes));
        var bands = Bands(box.FirstColumn, box.LastColumn, telling.Select(r => (r.FirstColumn, r.LastColumn)));
        var filled = shown.SelectMany(row => rows[row].Keys).ToHashSet();
        var starts = Bands(box.FirstColumn, box.LastColumn, regions.Select(r => (r.FirstColumn, r.LastColumn))).Select(band => band.First).ToHashSet();
        var natural = new Dictionary<int, int>();
        var worth = bands.SelectMany((band, b) => Enumerable.Range(band.First, Math.Min(ColumnsTried, band.Last - band.First + 1)).Where(IsWorth)
            .Select((column, i) => (Column: column, Band: b, Rank: Has(RegionKind.Stub, column) ? 0 : i))).Take(ColumnsTried * 4).ToList();
        var chosen = new SortedSet<int>(worth.Select(c => c.Column));
        if (WidthOf(Folded()) > width)
        {
            chosen.Clear();
            var full = new HashSet<int>();
            foreach (var (column, band, _) in worth.OrderBy(c => c.Rank).ThenBy(c => c.Band).Where(c => !full.Contains(c.Band)))
            {
                chosen.Add(column);
                if (WidthOf(Folded()) > width)
                {
                    chosen.Remove(column);
                    full.Add(band);
                }
            }
        }
        var slots = Folded();
        // What is left over goes to the columns whose texts are cut.
        for (var i = 0; i < slots.Count; i++)
        {
            if (slots[i].Count == 1)
                slots[i] = slots[i] with { Width = slots[i].Width + Math.Clamp(Natural(slots[i].Column) - slots[i].Width, 0, Math.Max(0, width - WidthOf(slots))) };
        }
        return slots;

        bool IsWorth(int column) => filled.Contains(column) || regions.Any(r => r.FirstColumn <= column && r.LastColumn >= column);

        // What may run on over blank cells to its right does not make its column wide.
        int Natural(int column) => natural.TryGetValue(column, out var known) ? known : natural[column] = shown.Where(row => KindAt(row, column) switch
            {
                RegionKind.Stub or RegionKind.Data or RegionKind.Ignored => true,
                RegionKind.Header or null => column == box.LastColumn || rows[row].ContainsKey(column + 1),
                _ => false,
            })
            .Select(row => TerminalText.Width(rows[row].GetValueOrDefault(column, ""))).DefaultIfEmpty(3).Max();

        Slot Column(int column, int most) => new(column, 1, starts.Contains(column) && column > box.FirstColumn ? 3 : 2,
            Math.Clamp(Natural(column), 3, most), Has(RegionKind.Data, column));

        List<Slot> Folded()
        {
            var (all, before) = (new List<Slot>(), box.FirstColumn - 1);
            foreach (var column in chosen.Append(box.LastColumn + 1))
            {
                if (column - before == 2 && IsWorth(before + 1))
                    all.Add(Column(before + 1, 10));
                else if (Enumerable.Range(before + 1, Math.Min(column - before - 1, ColumnsTried)).Any(IsWorth))
                    all.Add(Slot.Fold(before + 1, column - before - 1));
                if (column <= box.LastColumn)
                    all.Add(Column(column, Has(RegionKind.Stub, column) ? Math.Max(12, width / 3) : 16));
                before = column;
            }
            return all;
        }
    }

    private static int WidthOf(List<Slot> slots) => slots.Sum(slot => slot.Margin + slot.Width);

    /// <summary>The runs between the edges of some ranges, in order.</summary>
    private static List<(int First, int Last)> Bands(int first, int last, IEnumerable<(int First, int Last)> ranges)
    {
        var starts = ranges.SelectMany(r => (int[])[r.First, r.Last + 1]).Where(start => start >= first && start <= last).Append(first).Distinct().Order().ToList();
        return [.. starts.Select((start, i) => (start, i + 1 < starts.Count ? starts[i + 1] - 1 : last))];
    }

    private bool Has(RegionKind kind, int column) => regions.Any(r => r.Kind == kind && r.FirstColumn <= column && r.LastColumn >= column);

    private bool IsMain(int row) => regions.Any(r => r.Kind is RegionKind.Header or RegionKind.Data && r.FirstRow <= row && r.LastRow >= row);

    private bool IsCovered(int first, int last) => first <= last && regions.Any(r => r.FirstRow <= last && r.LastRow >= first);

    private bool HasContent(int first, int last) => first <= last && (IsCovered(first, last) || rows.Keys.Any(row => row >= first && row <= last));

    // Of regions that lie in one another the smaller one says more.
    private RegionKind? KindAt(int row, int column)
    {
        (RegionKind? Kind, long Cells) at = (null, long.MaxValue);
        foreach (var region in regions)
        {
            if (region.FirstRow > row || region.LastRow < row || region.FirstColumn > column || region.LastColumn < column)
                continue;
            var cells = (region.LastRow - region.FirstRow + 1L) * (region.LastColumn - region.FirstColumn + 1);
            if (cells <= at.Cells)
                at = (region.Kind, cells);
        }
        return at.Kind;
    }

    /// <summary>A column that is shown, or a run of columns that is folded.</summary>
    private readonly record struct Slot(int Column, int Count, int Margin, int Width, bool IsRight)
    {
        public string Name => Count == 1 ? Source.Column(Column) : FoldOf(Count);

        public static Slot Fold(int column, int count) => new(column, count, 2, FoldOf(count).Length, false);

        private static string FoldOf(int count) => string.Create(CultureInfo.InvariantCulture, $"… {count:N0} columns");
    }

    private readonly record struct Span(string Text, RegionKind? Kind = null);
}
