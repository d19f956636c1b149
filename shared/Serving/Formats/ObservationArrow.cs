using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// Writes observations as an Apache Arrow IPC stream: codes and labels dictionary-encoded, OBS_VALUE an exact decimal, a record batch for each group of rows.
/// </summary>
internal sealed class ObservationArrow
{
    private readonly ObservationTable table;
    private readonly IReadOnlyList<TableColumn> columns;
    private readonly (StringArray Texts, int[] Places)?[] dictionaries;

    private ObservationArrow(ObservationTable table)
    {
        this.table = table;
        columns = TableColumn.Of(table);
        dictionaries = new (StringArray, int[])?[columns.Count];
    }

    /// <summary>Writes a whole table.</summary>
    public static async Task WriteAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken)
    {
        var arrow = new ObservationArrow(table);
        await using var held = new HeldStream(to);
        var schema = new Schema(arrow.columns.Select(arrow.Field), null);
        using var writer = new ArrowStreamWriter(held, schema, leaveOpen: true);
        await using var groups = RowGroup.Of(table.Rows).GetAsyncEnumerator(cancellationToken);
        await groups.MoveNextAsync();
        var rows = groups.Current;
        var hasMore = await groups.MoveNextAsync();
        // A stream has one dictionary a column. Of an answer that is whole already it has the codes that occur, else all there are.
        arrow.MakeDictionaries(hasMore ? null : rows);
        while (true)
        {
            await writer.WriteRecordBatchAsync(new RecordBatch(schema, arrow.columns.Select((_, c) => arrow.Column(rows, c)), rows.Count), cancellationToken);
            await held.MoveAsync(cancellationToken);
            if (!hasMore)
                break;
            rows = groups.Current;
            hasMore = await groups.MoveNextAsync();
        }
        await writer.WriteEndAsync(cancellationToken);
        await held.MoveAsync(cancellationToken);
    }

    private static DictionaryType Coded { get; } = new(Int32Type.Default, StringType.Default, false);

    private Field Field(TableColumn column) => column.Kind switch
    {
        ColumnKind.Value => new(column.Name, new Decimal128Type(table.At.Structure.ValuePrecision, table.At.Structure.ValueScale), true),
        ColumnKind.Measure => new(column.Name, new Decimal128Type(table.Measures[column.Index].Precision, table.Measures[column.Index].Scale), true),
        ColumnKind.Decimals => new(column.Name, Int32Type.Default, true),
        ColumnKind.Code when table.At.IsNumber(column.Index) => new(column.Name, Int32Type.Default, true),
        ColumnKind.Source or ColumnKind.Release or ColumnKind.Dataset => new(column.Name, StringType.Default, false),
        _ => new(column.Name, Coded, true),
    };

    // The texts of a coded column, each once, and where the text of each code stands among them; -1 where it has none.
    private void MakeDictionaries(RowGroup? only)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            if (!column.IsCoded || Field(column).DataType is not DictionaryType)
                continue;
            var codes = table.At.Components[column.Index].Codes;
            var occurs = only is null ? null : new bool[codes.Count + 1];
            only?.ForEach((chunk, row, _) => occurs![chunk.Codes[column.Index]![row]] = true);
            var (places, known, texts) = (new int[codes.Count + 1], new Dictionary<string, int>(StringComparer.Ordinal), new StringArray.Builder());
            System.Array.Fill(places, -1);
            for (var number = 0; number < codes.Count; number++)
            {
                if (occurs?[number] == false || column.Text(codes[number], table.Languages) is not { } text)
                    continue;
                if (!known.TryGetValue(text, out places[number]))
                {
                    known.Add(text, places[number] = known.Count);
                    texts.Append(text);
                }
            }
            dictionaries[i] = (texts.Build(), places);
        }
    }

    private IArrowArray Column(RowGroup rows, int i)
    {
        var column = columns[i];
        switch (column.Kind)
        {
            case ColumnKind.Value:
                return Decimals(rows, new Decimal128Type(table.At.Structure.ValuePrecision, table.At.Structure.ValueScale), (chunk, row) => chunk.Values![row]);
            case ColumnKind.Measure:
                var (measure, type) = (column.Index, table.Measures[column.Index]);
                return Decimals(rows, new Decimal128Type(type.Precision, type.Scale), (chunk, row) => chunk.Measures[measure][row]);
            case ColumnKind.Decimals:
                return Numbers(rows, (chunk, row) => chunk.Decimals![row] is var d && d == byte.MaxValue ? null : d);
            case ColumnKind.Source:
                var scratch = new byte[TextColumn.ScratchBytes];
                return Texts(rows, (chunk, row) => chunk.Source!.Read(row, scratch));
            case ColumnKind.Release:
                var releases = new Dictionary<int, byte[]>();
                return Texts(rows, (chunk, row) => chunk.Release![row] is var n && releases.TryGetValue(n, out var known) ? known : releases[n] = Utf8(chunk.ReleaseIds[n]));
            case ColumnKind.Dataset:
                var dataset = Utf8(table.At.Structure.Id);
                return Texts(rows, (_, _) => dataset);
            default:
                var component = column.Index;
                if (dictionaries[i] is var (texts, places))
                    return new DictionaryArray(Coded, Numbers(rows, (chunk, row) => places[chunk.Codes[component]![row]] is >= 0 and var place ? place : null), texts);
                var powers = table.At.Components[component].Codes.Select(code => int.TryParse(code.Id, out var power) ? power : (int?)null).Append(null).ToArray();
                return Numbers(rows, (chunk, row) => powers[chunk.Codes[component]![row]]);
        }
    }

    private static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static Int32Array Numbers(RowGroup rows, Func<Chunk, int, int?> cell)
    {
        var (numbers, there) = (new int[rows.Count], new Validity(rows.Count));
        rows.ForEach((chunk, row, i) =>
        {
            if (cell(chunk, row) is { } number)
                numbers[i] = number;
            else
                there.Miss(i);
        });
        return new Int32Array(Buffer(numbers), there.Buffer, rows.Count, there.Missing, 0);
    }

    private static Decimal128Array Decimals(RowGroup rows, Decimal128Type type, Func<Chunk, int, decimal?> cell)
    {
        var (numbers, there) = (new Int128[rows.Count], new Validity(rows.Count));
        rows.ForEach((chunk, row, i) =>
        {
            if (cell(chunk, row) is { } number)
                numbers[i] = Digits(number, type.Scale);
            else
                there.Miss(i);
        });
        return new Decimal128Array(new ArrayData(type, rows.Count, there.Missing, 0, [there.Buffer, Buffer(numbers)]));
    }

    private static StringArray Texts(RowGroup rows, Text cell)
    {
        var (ends, bytes) = (new int[rows.Count + 1], new Utf8Buffer());
        rows.ForEach((chunk, row, i) =>
        {
            bytes.Append(cell(chunk, row));
            ends[i + 1] = bytes.Count;
        });
        return new StringArray(rows.Count, Buffer(ends), new ArrowBuffer(bytes.Written), ArrowBuffer.Empty, 0, 0);
    }

    // The digits of a number that is written with so many decimals.
    private static Int128 Digits(decimal number, int scale)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(decimal.Round(number, Math.Min(scale, 28)), bits);
        var digits = new Int128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
        for (var have = (bits[3] >> 16) & 0xFF; have < scale; have++)
            digits *= 10;
        return bits[3] < 0 ? -digits : digits;
    }

    private static ArrowBuffer Buffer<T>(T[] values)
        where T : struct => new(MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private delegate ReadOnlySpan<byte> Text(Chunk chunk, int row);

    /// <summary>Which cells have a value: a bit each.</summary>
    private sealed class Validity(int rows)
    {
        private readonly byte[] bits = [.. Enumerable.Repeat((byte)0xFF, (rows + 7) / 8)];

        public int Missing { get; private set; }

        public ArrowBuffer Buffer => Missing == 0 ? ArrowBuffer.Empty : new ArrowBuffer(bits);

        public void Miss(int row)
        {
            bits[row / 8] &= (byte)~(1 << (row % 8));
            Missing++;
        }
    }
}
