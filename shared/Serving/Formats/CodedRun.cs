using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// Cells of few different texts that stand side by side in a row of text (codes, DECIMALS, RELEASE): put together anew only where one is another than in the
/// row before, which it seldom is.
/// </summary>
internal sealed class CodedRun
{
    private readonly TableColumn[] columns;
    private readonly Func<int, int, Chunk, byte[]> cell;
    private readonly int[] last;
    private readonly Utf8Buffer text = new();
    private IReadOnlyList<string>? releases;

    private CodedRun(TableColumn[] columns, Func<int, int, Chunk, byte[]> cell) => (this.columns, this.cell, last) = (columns, cell, [.. columns.Select(_ => -1)]);

    /// <summary>The runs of a table's columns, and between them, each with its number, the columns of many different texts.</summary>
    /// <param name="at">What the table is of. Its periods change with every row, so that they are a run of their own.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="cell">The text of a cell: its column, its number (of the code, the decimals, the release), and where the number is from.</param>
    public static (CodedRun? Run, int Column)[] Of(DatasetAtVersion at, IReadOnlyList<TableColumn> columns, Func<int, int, Chunk, byte[]> cell)
    {
        var parts = new List<(CodedRun?, int)>();
        for (int c = 0, end; c < columns.Count; c = end)
        {
            end = c + 1;
            if (!IsRepeated(columns[c]))
            {
                parts.Add((null, c));
                continue;
            }
            while (end < columns.Count && !IsTime(columns[c]) && IsRepeated(columns[end]) && !IsTime(columns[end]))
                end++;
            var from = c;
            parts.Add((new CodedRun([.. columns.Take(end).Skip(c)], (i, number, chunk) => cell(from + i, number, chunk)), c));
        }
        return [.. parts];

        static bool IsRepeated(TableColumn column) => column.IsCoded || column.Kind is ColumnKind.Decimals or ColumnKind.Release;

        bool IsTime(TableColumn column) => column.IsCoded && column.Index == at.TimeIndex;
    }

    /// <summary>Writes the cells of a row.</summary>
    public void Append(Utf8Buffer to, Chunk chunk, int row)
    {
        // Numbers of releases count in a list of their own.
        var isSame = ReferenceEquals(releases, chunk.ReleaseIds);
        for (var i = 0; i < columns.Length; i++)
        {
            var number = columns[i].Kind switch
            {
                ColumnKind.Decimals => chunk.Decimals![row],
                ColumnKind.Release => chunk.Release![row],
                _ => chunk.Codes[columns[i].Index]![row],
            };
            isSame &= number == last[i];
            last[i] = number;
        }
        if (!isSame)
        {
            releases = chunk.ReleaseIds;
            text.Clear();
            for (var i = 0; i < columns.Length; i++)
                text.Append(cell(i, last[i], chunk));
        }
        to.Append(text.Written.Span);
    }
}
