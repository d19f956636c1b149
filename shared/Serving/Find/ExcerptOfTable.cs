using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pipeline.Publishing;
using Pipeline.Reading;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The cells around a cell of a release, with the header cells above them and the stub cells beside.</summary>
internal sealed partial class ExcerptOfTable
{
    /// <summary>The most rows, and the most columns, of an excerpt.</summary>
    public const int MostLines = 9;

    /// <summary>The most characters of the cell itself, and of those that name its column and its row.</summary>
    public const int MostCellLength = 120;

    /// <summary>The most characters of a cell beside it.</summary>
    public const int MostOtherLength = 24;

    /// <summary>The rows that are kept at once for excerpts of their neighbours.</summary>
    private const int BlockRows = 64;

    private const int Around = 2;
    private readonly TableRegion? header;
    private readonly List<int> stub;

    /// <summary>Finds the header and the stub of a cell among the regions of its sheet; <paramref name="headerRow"/> is the header where they have none.</summary>
    public ExcerptOfTable(IEnumerable<TableReport> tables, string? sheet, int row, int column, int headerRow = 0)
    {
        (Row, Column) = (row, column);
        var regions = tables.Where(t => t.Sheet == sheet).SelectMany(t => t.Regions).Select(Region).OfType<TableRegion>().ToList();
        // The nearest header above that is over the column.
        header = regions.Where(r => r.Kind == RegionKind.Header && r.FirstRow < row && r.FirstColumn <= column && r.LastColumn >= column)
            .Select(r => (TableRegion?)r).MaxBy(r => r!.Value.LastRow)
            ?? (headerRow > 0 && headerRow < row ? new TableRegion(RegionKind.Header, headerRow, 1, headerRow, column) : null);
        stub = [.. regions.Where(r => r.Kind == RegionKind.Stub && r.FirstRow <= row && r.LastRow >= row && r.FirstColumn < column)
            .SelectMany(r => Enumerable.Range(r.FirstColumn, Math.Min(r.LastColumn - r.FirstColumn + 1, 100))).Where(c => c < column).Distinct().Order()];
        DataFrom = regions.Where(r => r.Kind == RegionKind.Stub && r.FirstRow <= row && r.LastRow >= row && r.FirstColumn < column).Select(r => r.FirstRow).DefaultIfEmpty(row).Min();
    }

    /// <summary>The row of the cell.</summary>
    public int Row { get; }

    /// <summary>The column of the cell.</summary>
    public int Column { get; }

    private int DataFrom { get; }

    /// <summary>What rows have to be read for the excerpt: the same for the cells beside, so that they need not be read again.</summary>
    public string Part => $"{header?.FirstRow}-{header?.LastRow} {DataFrom} {string.Join(',', stub)} {(Row - 1) / BlockRows}";

    /// <summary>Rows of a table, cut short.</summary>
    internal sealed class Rows
    {
        public SortedDictionary<int, string[]> Kept { get; } = [];

        /// <summary>For each row of the block what its stub inherits from the rows above, a column each.</summary>
        public Dictionary<int, string[]> Above { get; } = [];

        public long Bytes { get; set; } = 256;
    }

    /// <summary>Reads the rows; null when more than so many cells would have to be walked over.</summary>
    public Rows? Read(Table table, long mostCells, CancellationToken cancellationToken)
    {
        var rows = new Rows();
        var (first, last, cells) = ((Row - 1) / BlockRows * BlockRows + 1, ((Row - 1) / BlockRows + 1) * BlockRows, 0L);
        var above = new string[stub.Count];
        Array.Fill(above, "");
        using var reader = table.Open();
        while (reader.Row < last + Around && reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((cells += reader.Count) > mostCells)
                return null;
            if (reader.Row >= DataFrom)
            {
                for (var s = 0; s < stub.Count; s++)
                    if (stub[s] <= reader.Count && Text(reader, stub[s]) is { Length: > 0 } text)
                        above[s] = text;
            }
            var isHead = header is { } over && reader.Row >= over.FirstRow && reader.Row <= over.LastRow && reader.Row > over.LastRow - MostLines;
            if (!isHead && reader.Row < first - Around)
                continue;
            if (reader.Row != Row && table.Shape.HiddenRows.Contains(reader.Row))
                continue;
            var texts = new string[reader.Count];
            for (var c = 0; c < texts.Length; c++)
            {
                // What the office hid stays hidden.
                texts[c] = c + 1 != Column && table.Shape.HiddenColumns.Contains(c + 1) ? "" : Text(reader, c + 1);
                rows.Bytes += 8 + (texts[c].Length == 0 ? 0 : 24 + texts[c].Length * 2);
            }
            rows.Kept[reader.Row] = texts;
            if (stub.Count > 0)
                rows.Above[reader.Row] = [.. above];
        }
        return rows;
    }

    /// <summary>The excerpt; null where the table has no such cell.</summary>
    public JsonObject? Of(Rows rows, string? sheet)
    {
        if (!rows.Kept.ContainsKey(Row))
            return null;
        var shownStub = stub.Take(MostLines - 2 * Around).ToList();
        var columns = new SortedSet<int>(shownStub);
        for (var away = 0; away <= Around * 2 && columns.Count < MostLines; away++)
        {
            if (Column - away > (stub.Count == 0 ? 0 : stub[^1]) && (header is not { } over || Column - away >= over.FirstColumn))
                columns.Add(Column - away);
            if (columns.Count < MostLines && rows.Kept.Values.Any(r => r.Length >= Column + away))
                columns.Add(Column + away);
        }
        columns.Add(Column);
        var heads = rows.Kept.Keys.Where(r => header is { } over && r >= over.FirstRow && r <= over.LastRow).TakeLast(4).ToList();
        // Without a header that is known, what stands above may tell.
        var body = rows.Kept.Keys.Where(r => !heads.Contains(r) && r >= Row - (heads.Count == 0 ? 4 : Around) && r <= Row + Around && (header is null || r > header.Value.LastRow)).ToList();
        var shown = heads.Concat(body).Order().ToList();
        return new JsonObject
        {
            ["kind"] = "cells",
            ["sheet"] = sheet,
            ["cell"] = Source.Column(Column) + Row,
            ["headers"] = new JsonArray([.. Headers(rows, heads).Select(h => (JsonNode)h)]),
            ["stub"] = new JsonArray([.. stub.Select((c, s) => CellAt(rows, Row, c) is { Length: > 0 } text ? text : s < stub.Count - 1 && rows.Above.TryGetValue(Row, out var above) ? above[s] : "")
                .Where(text => text.Length > 0).Select(text => (JsonNode)text)]),
            ["columns"] = new JsonArray([.. columns.Select(c => (JsonNode)Source.Column(c))]),
            ["rows"] = new JsonArray([.. shown.Select(r => (JsonNode)new JsonObject
            {
                ["row"] = r,
                ["isHeader"] = heads.Contains(r),
                ["cells"] = new JsonArray([.. columns.Select(c => (JsonNode)(r == Row && c == Column ? CellAt(rows, r, c) : Cut(CellAt(rows, r, c), MostOtherLength)))]),
            })]),
            ["at"] = new JsonObject { ["row"] = shown.IndexOf(Row), ["column"] = columns.ToList().IndexOf(Column) },
        };
    }

    // A header cell that is blank belongs to the one to its left, but for the last row, which tells columns apart.
    private IEnumerable<string> Headers(Rows rows, List<int> heads)
    {
        foreach (var row in heads)
        {
            var column = Column;
            while (row != heads[^1] && column > header!.Value.FirstColumn && !stub.Contains(column) && CellAt(rows, row, column).Length == 0)
                column--;
            if (!stub.Contains(column) && CellAt(rows, row, column) is { Length: > 0 } text)
                yield return text;
        }
    }

    private static string CellAt(Rows rows, int row, int column) => rows.Kept.TryGetValue(row, out var cells) && column <= cells.Length ? cells[column - 1] : "";

    private static string Text(RowReader reader, int column)
    {
        var text = reader[column - 1].Text.Trim();
        return Cut(text.Length <= MostCellLength ? new string(text) : new string(text[..(MostCellLength + 1)]), MostCellLength);
    }

    private static string Cut(string text, int most) =>
        text.Length <= most ? text : string.Concat(text.AsSpan(0, most - (char.IsHighSurrogate(text[most - 2]) ? 2 : 1)).TrimEnd(), "…");

    private static TableRegion? Region(RegionReport report) => RangeText().Match(report.Range) is { Success: true } range
        ? new TableRegion(report.Kind, Number(range, 2), ColumnNumber(range.Groups[1].Value), Number(range, 4), ColumnNumber(range.Groups[3].Value))
        : null;

    /// <summary>The number of a column by its letters.</summary>
    internal static int ColumnNumber(string letters) => letters.Aggregate(0, (number, letter) => number * 26 + (letter - 'A' + 1));

    private static int Number(System.Text.RegularExpressions.Match match, int group) => int.Parse(match.Groups[group].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("^([A-Z]{1,4})([0-9]{1,9}):([A-Z]{1,4})([0-9]{1,9})$")]
    private static partial Regex RangeText();
}
