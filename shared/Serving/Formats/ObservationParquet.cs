using System.Text;
using Parquet;
using Parquet.Schema;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Writes observations as Parquet with the columns and types of the lake's files, a row group at a time.</summary>
internal sealed class ObservationParquet : IAsyncDisposable
{
    private const int RowsPerGroup = 65_536;

    // Waiting rows hold on to the chunks they lie in; where matches are far apart, smaller row groups keep memory bounded.
    private const int MatchesPerGroup = 16;
    private readonly ObservationTable table;
    private readonly DatasetAtVersion at;
    private readonly IReadOnlyList<TableColumn> columns;
    private readonly List<DataField> fields;
    private readonly HeldStream held = new();
    private readonly List<Match> waiting = [];
    private ParquetWriter? writer;
    private int rows;

    private ObservationParquet(ObservationTable table)
    {
        (this.table, at) = (table, table.At);
        columns = TableColumn.Of(table);
        fields = [.. columns.Select(Field)];
    }

    /// <summary>Writes a whole table.</summary>
    public static async Task WriteAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken)
    {
        await using var parquet = new ObservationParquet(table);
        await foreach (var match in table.Rows.WithCancellation(cancellationToken))
            await parquet.WriteAsync(match, to, cancellationToken);
        await parquet.FinishAsync(to, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (writer is not null)
            await writer.DisposeAsync();
        await held.DisposeAsync();
    }

    private DataField Field(TableColumn column) => column.Kind switch
    {
        ColumnKind.Value => new DecimalDataField(column.Name, at.Structure.ValuePrecision, at.Structure.ValueScale, isNullable: true),
        ColumnKind.Measure => new DecimalDataField(column.Name, table.Measures[column.Index].Precision, table.Measures[column.Index].Scale, isNullable: true),
        ColumnKind.Decimals => new DataField<int?>(column.Name),
        ColumnKind.Code when at.IsNumber(column.Index) => new DataField<int>(column.Name),
        // TIME_PERIOD has the empty code where a release states no period; attributes after UNIT_MULT can be absent.
        _ => new DataField(column.Name, typeof(string), isNullable: column.Kind == ColumnKind.Label || (column.IsCoded && column.Index >= at.TimeIndex + 4)),
    };

    // Takes rows; writes a row group when there are enough.
    private async Task WriteAsync(Match match, Stream to, CancellationToken cancellationToken)
    {
        for (var from = 0; from < match.Count;)
        {
            var take = Math.Min(match.Count - from, RowsPerGroup - rows);
            waiting.Add(match.Slice(from, from + take));
            (from, rows) = (from + take, rows + take);
            if (rows == RowsPerGroup || waiting.Count == MatchesPerGroup)
                await WriteGroupAsync(to, cancellationToken);
        }
    }

    // Writes what is left, and the footer.
    private async Task FinishAsync(Stream to, CancellationToken cancellationToken)
    {
        if (rows > 0 || writer is null)
            await WriteGroupAsync(to, cancellationToken);
        await writer!.DisposeAsync();
        writer = null;
        await held.MoveAsync(to, cancellationToken);
    }

    private async Task WriteGroupAsync(Stream to, CancellationToken cancellationToken)
    {
        writer ??= await ParquetWriter.CreateAsync(
            new ParquetSchema(fields), held, new ParquetOptions { CompressionMethod = CompressionMethod.Zstd }, cancellationToken: cancellationToken);
        if (rows > 0)
        {
            using var group = writer.CreateRowGroup();
            for (var i = 0; i < columns.Count; i++)
                await WriteColumnAsync(group, fields[i], columns[i], cancellationToken);
            group.CompleteValidate();
        }
        waiting.Clear();
        rows = 0;
        await held.MoveAsync(to, cancellationToken);
    }

    private Task WriteColumnAsync(ParquetRowGroupWriter group, DataField field, TableColumn column, CancellationToken cancellationToken)
    {
        switch (column.Kind)
        {
            case ColumnKind.Value:
                return group.WriteAsync<decimal>(field, Column<decimal?>((chunk, row) => chunk.Values![row]), cancellationToken: cancellationToken);
            case ColumnKind.Measure:
                var (measure, scale) = (column.Index, table.Measures[column.Index].Scale);
                return group.WriteAsync<decimal>(
                    field, Column<decimal?>((chunk, row) => chunk.Measures[measure][row] is { } value ? decimal.Round(value, scale) : null), cancellationToken: cancellationToken);
            case ColumnKind.Decimals:
                return group.WriteAsync<int>(field, Column<int?>((chunk, row) => chunk.Decimals![row] is var d && d == byte.MaxValue ? null : d), cancellationToken: cancellationToken);
            case ColumnKind.Source:
                return group.WriteAsync(field, Column((chunk, row) => Encoding.UTF8.GetString(chunk.Source![row])));
            case ColumnKind.Release:
                return group.WriteAsync(field, Column((chunk, row) => chunk.ReleaseIds[chunk.Release![row]]));
            case ColumnKind.Dataset:
                return group.WriteAsync(field, Column((_, _) => at.Structure.Id));
            default:
                var (component, codes) = (column.Index, at.Components[column.Index].Codes);
                if (field.ClrType == typeof(int))
                    return group.WriteAsync<int>(field, Column((chunk, row) => int.Parse(codes[chunk.Codes[component]![row]].Id)), cancellationToken: cancellationToken);
                var texts = new string?[codes.Count + 1];
                texts[^1] = field.IsNullable ? null : "";
                return group.WriteAsync(field, Column((chunk, row) =>
                {
                    var number = chunk.Codes[component]![row];
                    return (number == codes.Count ? texts[number] : texts[number] ??= column.Text(codes[number], table.Languages))!;
                }));
        }
    }

    private T[] Column<T>(Func<Chunk, int, T> cell)
    {
        var cells = new T[rows];
        var next = 0;
        foreach (var match in waiting)
            for (var i = 0; i < match.Count; i++)
                cells[next++] = cell(match.Chunk, match.Row(i));
        return cells;
    }
}
