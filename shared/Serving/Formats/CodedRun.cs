using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Coded cells that stand side by side in a row of text: put together anew only where a code is another than in the row before, which it seldom is.</summary>
/// <param name="components">The component of each cell.</param>
/// <param name="cell">The text of a cell: its place in the run, and the code's number.</param>
internal sealed class CodedRun(int[] components, Func<int, int, byte[]> cell)
{
    private readonly int[] last = [.. components.Select(_ => -1)];
    private readonly Utf8Buffer text = new();

    /// <summary>The runs of a table's columns, each with its first column, and between them the columns that are not coded.</summary>
    /// <param name="at">What the table is of. Its periods change with every row, so that they are a run of their own.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="cell">The text of a cell: its column, and the code's number.</param>
    public static (CodedRun? Run, int Column)[] Of(DatasetAtVersion at, IReadOnlyList<TableColumn> columns, Func<int, int, byte[]> cell)
    {
        var parts = new List<(CodedRun?, int)>();
        for (int c = 0, end; c < columns.Count; c = end)
        {
            end = c + 1;
            var from = c;
            if (columns[c].IsCoded && columns[c].Index != at.TimeIndex)
            {
                while (end < columns.Count && columns[end].IsCoded && columns[end].Index != at.TimeIndex)
                    end++;
            }
            parts.Add((columns[c].IsCoded ? new CodedRun([.. columns.Take(end).Skip(c).Select(column => column.Index)], (i, number) => cell(from + i, number)) : null, c));
        }
        return [.. parts];
    }

    /// <summary>Writes the cells of a row.</summary>
    public void Append(Utf8Buffer to, Chunk chunk, int row)
    {
        var isSame = true;
        for (var i = 0; i < components.Length; i++)
        {
            var number = chunk.Codes[components[i]]![row];
            isSame &= number == last[i];
            last[i] = number;
        }
        if (!isSame)
        {
            text.Clear();
            for (var i = 0; i < components.Length; i++)
                text.Append(cell(i, last[i]));
        }
        to.Append(text.Written.Span);
    }
}
