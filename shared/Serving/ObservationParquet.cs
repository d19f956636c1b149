using Parquet;
using Parquet.Schema;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes observations as Parquet with the columns and types of the lake's files, a row group at a time.</summary>
internal sealed class ObservationParquet : IAsyncDisposable
{
    private const int RowsPerGroup = 65_536;

    // Waiting rows hold on to the chunks they lie in; where matches are far apart, smaller row groups keep memory bounded.
    private const int MatchesPerGroup = 16;
    private readonly DatasetAtVersion at;
    private readonly Held held = new();
    private readonly List<DataField> fields = [];
    private readonly List<int> columns;
    private readonly List<Match> waiting = [];
    private ParquetWriter? writer;
    private int rows;

    public ObservationParquet(DatasetAtVersion at)
    {
        this.at = at;
        var (time, all) = (at.TimeIndex, at.Components.Count);
        columns = [.. Enumerable.Range(0, time + 1), at.ValueColumn, time + 1, time + 2, time + 3, at.SourceColumn, at.DecimalsColumn, at.ReleaseColumn,
            .. Enumerable.Range(time + 4, all - time - 4)];
        foreach (var column in columns)
        {
            var name = at.ColumnName(column);
            // TIME_PERIOD has the empty code where a release states no period; attributes after UNIT_MULT can be absent.
            fields.Add(column == at.ValueColumn ? new DecimalDataField(name, at.Structure.ValuePrecision, at.Structure.ValueScale, isNullable: true)
                : column == at.DecimalsColumn ? new DataField<int?>(name)
                : name == Concepts.UnitMult ? new DataField<int>(name)
                : new DataField(name, typeof(string), isNullable: column >= time + 4 && column < all));
        }
    }

    /// <summary>Takes rows; writes a row group when there are enough.</summary>
    public async Task WriteAsync(Match match, Stream to, CancellationToken cancellationToken)
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

    /// <summary>Writes what is left, and the footer.</summary>
    public async Task FinishAsync(Stream to, CancellationToken cancellationToken)
    {
        if (rows > 0 || writer is null)
            await WriteGroupAsync(to, cancellationToken);
        await writer!.DisposeAsync();
        writer = null;
        await held.MoveAsync(to, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (writer is not null)
            await writer.DisposeAsync();
        await held.DisposeAsync();
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

    private Task WriteColumnAsync(ParquetRowGroupWriter group, DataField field, int column, CancellationToken cancellationToken)
    {
        if (column == at.ValueColumn)
            return group.WriteAsync<decimal>(field, Column<decimal?>((chunk, row) => chunk.Values![row]), cancellationToken: cancellationToken);
        if (column == at.DecimalsColumn)
            return group.WriteAsync<int>(field, Column<int?>((chunk, row) => chunk.Decimals![row] is var d && d == byte.MaxValue ? null : d), cancellationToken: cancellationToken);
        if (field.ClrType == typeof(int))
        {
            var codes = at.Components[column].Codes;
            return group.WriteAsync<int>(field, Column((chunk, row) => int.Parse(codes[chunk.Codes[column]![row]].Id)), cancellationToken: cancellationToken);
        }
        if (column == at.SourceColumn)
            return group.WriteAsync(field, Column((chunk, row) => System.Text.Encoding.UTF8.GetString(chunk.Source![row])));
        if (column == at.ReleaseColumn)
            return group.WriteAsync(field, Column((chunk, row) => chunk.ReleaseIds[chunk.Release![row]]));
        var ids = at.Components[column].Codes;
        return group.WriteAsync(field, Column((chunk, row) => chunk.Codes[column]![row] is var n && n < ids.Count ? ids[n].Id : field.IsNullable ? null! : ""));
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

    /// <summary>What the Parquet writer writes, with the position it counts by, until it is moved on; a web answer can not seek and must not block.</summary>
    private sealed class Held : Stream
    {
        private readonly MemoryStream bytes = new();
        private long moved;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => moved + bytes.Length;

        public override long Position
        {
            get => moved + bytes.Position;
            set => throw new NotSupportedException();
        }

        public async Task MoveAsync(Stream to, CancellationToken cancellationToken)
        {
            await to.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancellationToken);
            moved += bytes.Length;
            bytes.SetLength(0);
        }

        public override void Write(byte[] buffer, int offset, int count) => bytes.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => bytes.Write(buffer);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
