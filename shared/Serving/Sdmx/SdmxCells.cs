using System.Globalization;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes the values of some columns, each put into bytes once for all rows that have it.</summary>
internal sealed class SdmxCells
{
    private readonly DatasetAtVersion at;
    private readonly IReadOnlyList<SdmxColumn> columns;
    private readonly Func<SdmxColumn, Code, byte[]> make;
    private readonly Action<Utf8Buffer, SdmxColumn, ReadOnlySpan<byte>> text;
    private readonly int[] components;
    private readonly byte[]?[][] cells;
    private readonly int[] last;
    private bool isFirst = true;
    private (string? Id, byte[] Cell) release = (null, []);

    /// <summary>Looks the columns up in a version.</summary>
    /// <param name="at">The version that the rows are of.</param>
    /// <param name="columns">The columns; a dimension that the version does not have is <c>_Z</c> in it.</param>
    /// <param name="make">Gives the bytes of a value.</param>
    /// <param name="text">Writes a text that each row has to itself, given as UTF-8.</param>
    public SdmxCells(
        DatasetAtVersion at, IReadOnlyList<SdmxColumn> columns, Func<SdmxColumn, Code, byte[]> make, Action<Utf8Buffer, SdmxColumn, ReadOnlySpan<byte>> text)
    {
        (this.at, this.columns, this.make, this.text) = (at, columns, make, text);
        components = [.. columns.Select(c => c.Kind is SdmxColumnKind.Dimension or SdmxColumnKind.Time or SdmxColumnKind.Attribute ? at.IndexOf(c.Component) : -1)];
        cells = [.. columns.Select((c, i) => new byte[]?[c.Kind == SdmxColumnKind.Decimals ? 256 : components[i] < 0 ? 1 : at.Components[components[i]].Codes.Count])];
        last = new int[columns.Count];
    }

    /// <summary>The number of columns.</summary>
    public int Count => columns.Count;

    /// <summary>Writes the value that a row has in a column; false, and nothing, where it has none.</summary>
    public bool Append(Utf8Buffer to, Chunk chunk, int row, int column)
    {
        if (components[column] is >= 0 and var component)
        {
            var codes = chunk.Codes[component]!;
            var number = codes[row];
            if (number == codes.Codes)
                return false;
            var cell = cells[column][number] ??= Cell(columns[column], at.Components[component].Codes[number]);
            to.Append(cell);
            return cell.Length > 0;
        }
        switch (columns[column].Kind)
        {
            case SdmxColumnKind.Source:
                var source = chunk.Source!.Read(row, stackalloc byte[TextColumn.ScratchBytes]);
                if (source.IsEmpty)
                    return false;
                text(to, columns[column], source);
                return true;
            case SdmxColumnKind.Decimals:
                var shown = chunk.Decimals![row];
                if (shown == byte.MaxValue)
                    return false;
                to.Append(cells[column][shown] ??= make(columns[column], new Code(shown.ToString(CultureInfo.InvariantCulture))));
                return true;
            case SdmxColumnKind.Release:
                var id = chunk.ReleaseIds[chunk.Release![row]];
                if (!ReferenceEquals(release.Id, id))
                    release = (id, make(columns[column], new Code(id)));
                to.Append(release.Cell);
                return true;
            case SdmxColumnKind.Dimension:
                to.Append(cells[column][0] ??= make(columns[column], new Code(Concepts.NotApplicable)));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Appends the cells of all columns of a row.</summary>
    public void AppendAll(Utf8Buffer to, Chunk chunk, int row)
    {
        for (var i = 0; i < Count; i++)
            Append(to, chunk, row, i);
    }

    private byte[] Cell(SdmxColumn column, Code code) => code.Id.Length == 0 && !column.IsDimension ? [] : make(column, code);

    /// <summary>Whether a row differs in some column from the row that was asked about before it; the first one does.</summary>
    public bool IsNew(Chunk chunk, int row)
    {
        var differs = isFirst;
        isFirst = false;
        for (var i = 0; i < components.Length; i++)
        {
            var number = components[i] < 0 ? 0 : chunk.Codes[components[i]]![row];
            differs |= number != last[i];
            last[i] = number;
        }
        return differs;
    }

    /// <summary>The columns of the version's file that some columns are read from.</summary>
    public static bool[] Wanted(DatasetAtVersion at, IEnumerable<SdmxColumn> columns, bool withValue)
    {
        var wanted = new bool[at.ColumnCount];
        wanted[at.ValueColumn] = withValue;
        wanted[at.DecimalsColumn] = withValue;
        foreach (var column in columns)
        {
            var index = column.Kind switch
            {
                SdmxColumnKind.Source => at.SourceColumn,
                SdmxColumnKind.Decimals => at.DecimalsColumn,
                SdmxColumnKind.Release => at.ReleaseColumn,
                _ => at.IndexOf(column.Component),
            };
            if (index >= 0)
                wanted[index] = true;
        }
        return wanted;
    }
}
