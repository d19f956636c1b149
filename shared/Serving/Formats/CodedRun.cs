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
    private readonly int[] until;
    private readonly Utf8Buffer text = new();
    private Chunk? of;
    private int from;
    private int end;

    private CodedRun(TableColumn[] columns, Func<int, int, Chunk, byte[]> cell) =>
        (this.columns, this.cell, last, until) = (columns, cell, [.. columns.Select(_ => -1)], new int[columns.Length]);

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

    /// <summary>Writes the cells of a row; rows of a chunk come in their order.</summary>
    public void Append(Utf8Buffer to, Chunk chunk, int row)
    {
        if (chunk != of || row < from || row >= end)
            Renew(chunk, row);
        to.Append(text.Written.Span);
    }

    private void Renew(Chunk chunk, int row)
    {
        // Numbers of releases count in a list of their own.
        var isSame = of is not null && ReferenceEquals(of.ReleaseIds, chunk.ReleaseIds);
        if (chunk != of || row < from)
            Array.Clear(until);
        (of, from, end) = (chunk, row, int.MaxValue);
        for (var i = 0; i < columns.Length; i++)
        {
            // A column is looked at again only behind its run: else one that changes often has all others read to their ends.
            if (until[i] <= row)
            {
                (var number, until[i]) = At(columns[i], chunk, row);
                isSame &= number == last[i];
                last[i] = number;
            }
            end = Math.Min(end, until[i]);
        }
        if (isSame)
            return;
        text.Clear();
        for (var i = 0; i < columns.Length; i++)
            text.Append(cell(i, last[i], chunk));
    }

    // The number of a row, and the first row that has another.
    private static (int Number, int Until) At(TableColumn column, Chunk chunk, int row)
    {
        if (column.Kind == ColumnKind.Decimals)
        {
            var decimals = chunk.Decimals.AsSpan(row);
            return (decimals[0], decimals.IndexOfAnyExcept(decimals[0]) is var other and >= 0 ? row + other : int.MaxValue);
        }
        var codes = column.Kind == ColumnKind.Release ? chunk.Release! : chunk.Codes[column.Index]!;
        return (codes[row], codes.SameUntil(row));
    }
}
