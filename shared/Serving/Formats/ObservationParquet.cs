using System.IO.Compression;
using System.Text;
using Parquet;
using Parquet.Schema;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Writes observations as Parquet with the columns and types of the lake's files, a row group at a time.</summary>
internal static class ObservationParquet
{
    /// <summary>Writes a whole table.</summary>
    public static async Task WriteAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken)
    {
        var columns = TableColumn.Of(table);
        var fields = columns.Select(column => Field(table, column)).ToList();
        await using var held = new HeldStream(to);
        await using (var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(fields), held, Options(columns, fields), cancellationToken: cancellationToken))
        {
            await foreach (var rows in RowGroup.Of(table.Rows).WithCancellation(cancellationToken))
            {
                if (rows.Count == 0)
                    continue;
                using (var group = writer.CreateRowGroup())
                {
                    for (var i = 0; i < columns.Count; i++)
                        await WriteColumnAsync(table, rows, group, fields[i], columns[i], cancellationToken);
                    group.CompleteValidate();
                }
                await held.MoveAsync(cancellationToken);
            }
        }
        await held.MoveAsync(cancellationToken);
    }

    // As the lake's files are written: dictionaries for what repeats, which SOURCE hardly does.
    private static ParquetOptions Options(IReadOnlyList<TableColumn> columns, List<DataField> fields)
    {
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        foreach (var (column, field) in columns.Zip(fields))
        {
            if (field.ClrType == typeof(int))
                options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.DeltaBinaryPacked;
            else if (field.ClrType == typeof(string) && column.Kind != ColumnKind.Source)
                options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.Dictionary;
        }
        return options;
    }

    private static DataField Field(ObservationTable table, TableColumn column) => column.Kind switch
    {
        ColumnKind.Value => new DecimalDataField(column.Name, table.At.Structure.ValuePrecision, table.At.Structure.ValueScale, isNullable: true),
        ColumnKind.Measure => new DecimalDataField(column.Name, table.Measures[column.Index].Precision, table.Measures[column.Index].Scale, isNullable: true),
        ColumnKind.Decimals => new DataField<int?>(column.Name),
        ColumnKind.Code when table.At.IsNumber(column.Index) => new DataField(column.Name, typeof(int), isNullable: table.HasEmptyRows),
        // TIME_PERIOD has the empty code where a release states no period; attributes after UNIT_MULT can be absent.
        _ => new DataField(column.Name, typeof(string), isNullable: column.Kind == ColumnKind.Label || (column.IsCoded && column.Index >= table.At.TimeIndex + (table.HasEmptyRows ? 1 : 4))),
    };

    private static Task WriteColumnAsync(
        ObservationTable table, RowGroup rows, ParquetRowGroupWriter group, DataField field, TableColumn column, CancellationToken cancellationToken)
    {
        switch (column.Kind)
        {
            case ColumnKind.Value:
                return group.WriteAsync<decimal>(field, rows.Column((chunk, row) => chunk.Values![row]), cancellationToken: cancellationToken);
            case ColumnKind.Measure:
                var (measure, scale) = (column.Index, table.Measures[column.Index].Scale);
                return group.WriteAsync<decimal>(
                    field, rows.Column<decimal?>((chunk, row) => chunk.Measures[measure][row] is { } value ? decimal.Round(value, scale) : null), cancellationToken: cancellationToken);
            case ColumnKind.Decimals:
                return group.WriteAsync<int>(field, rows.Column<int?>((chunk, row) => chunk.Decimals![row] is var d && d == byte.MaxValue ? null : d), cancellationToken: cancellationToken);
            case ColumnKind.Source:
                return group.WriteAsync<ReadOnlyMemory<char>>(field, rows.Column((chunk, row) => chunk.Source![row].AsMemory()), cancellationToken: cancellationToken);
            case ColumnKind.Release:
                return group.WriteAsync<ReadOnlyMemory<char>>(field, rows.Column((chunk, row) => chunk.ReleaseIds[chunk.Release![row]].AsMemory()), cancellationToken: cancellationToken);
            case ColumnKind.Dataset:
                return group.WriteAsync<ReadOnlyMemory<char>>(field, rows.Column((_, _) => table.At.Structure.Id.AsMemory()), cancellationToken: cancellationToken);
            default:
                var (component, codes) = (column.Index, table.At.Components[column.Index].Codes);
                if (field.ClrType == typeof(int) && field.IsNullable)
                    return group.WriteAsync<int>(field, rows.Column<int?>((chunk, row) => chunk.Codes[component]![row] is var n && n < codes.Count ? int.Parse(codes[n].Id) : null), cancellationToken: cancellationToken);
                if (field.ClrType == typeof(int))
                    return group.WriteAsync<int>(field, rows.Column((chunk, row) => int.Parse(codes[chunk.Codes[component]![row]].Id)), cancellationToken: cancellationToken);
                var texts = new string?[codes.Count + 1];
                if (!field.IsNullable)
                    return group.WriteAsync<ReadOnlyMemory<char>>(field, rows.Column((chunk, row) => (Text(chunk, row) ?? "").AsMemory()), cancellationToken: cancellationToken);
                // A bare null would be an empty text here.
                return group.WriteAsync<ReadOnlyMemory<char>>(
                    field, rows.Column((chunk, row) => Text(chunk, row) is { } text ? text.AsMemory() : (ReadOnlyMemory<char>?)null), cancellationToken: cancellationToken);

                string? Text(Chunk chunk, int row)
                {
                    var number = chunk.Codes[component]![row];
                    return number == codes.Count ? null : texts[number] ??= column.Text(codes[number], table.Languages);
                }
        }
    }
}
