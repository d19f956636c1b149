using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Meta;
using Parquet.Schema;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>
/// A version's Parquet file, open for reading: its row groups with the smallest and largest code of each component, and their columns, decoded when
/// they are wanted and kept in the cache. Holds no connection; safe to use from many threads.
/// </summary>
internal sealed class VersionFile
{
    private const int TailBytes = 64 << 10;
    private readonly DatasetAtVersion at;
    private readonly Func<long, int, CancellationToken, Task<byte[]>> fetch;
    private readonly ByteCache cache;
    private readonly byte[] tail;
    private readonly ConcurrentBag<(RangeStream Stream, ParquetReader Reader)> readers = [];
    private readonly DataField[] fields;
    private readonly (int Min, int Max)[][] ranges;
    private readonly CodeColumn?[] oneRelease;
    private readonly DataField? valueDigits;
    private readonly ConcurrentDictionary<byte, byte[]> sameDecimals = [];
    private readonly List<string> releases = [];
    private readonly Dictionary<string, int> releaseNumbers = new(StringComparer.Ordinal);
    private readonly Lock releasesGate = new();

    private VersionFile(
        DatasetAtVersion at, Func<long, int, CancellationToken, Task<byte[]>> fetch, ByteCache cache, byte[] tail, RangeStream stream, ParquetReader reader)
    {
        (this.at, this.fetch, this.cache, this.tail) = (at, fetch, cache, tail);
        var byName = reader.Schema.GetDataFields().ToDictionary(f => f.Name);
        fields = new DataField[at.ColumnCount];
        for (var column = 0; column < fields.Length; column++)
        {
            fields[column] = byName.GetValueOrDefault(at.ColumnName(column)) ?? throw new InvalidDataException(
                $"lake/{at.Version.File} has no column {at.ColumnName(column)}, which the structure of {at.Structure.Id} at version {at.Version.Version} has");
        }
        var metadata = reader.Metadata!;
        FirstRows = new long[metadata.RowGroups.Count + 1];
        ranges = new (int, int)[metadata.RowGroups.Count][];
        oneRelease = new CodeColumn?[ranges.Length];
        var ordered = Enumerable.Range(0, at.Components.Count).Select(at.HasByteOrder).ToArray();
        for (var group = 0; group < ranges.Length; group++)
        {
            FirstRows[group + 1] = FirstRows[group] + metadata.RowGroups[group].NumRows;
            ranges[group] = new (int, int)[at.Components.Count];
            var chunks = metadata.RowGroups[group].Columns.ToDictionary(c => c.MetaData!.PathInSchema[0], c => c.MetaData!);
            for (var component = 0; component < at.Components.Count; component++)
                ranges[group][component] = Range(component, ordered[component], chunks[fields[component].Name]);
            if (chunks[fields[at.ReleaseColumn].Name].Statistics is { MinValue: { } least, MaxValue: { } most } && least.AsSpan().SequenceEqual(most))
                oneRelease[group] = new CodeColumn(ReleaseNumbers([System.Text.Encoding.UTF8.GetString(least).AsMemory()])[0], int.MaxValue);
        }
        readers.Add((stream, reader));
        valueDigits = Digits(fields[at.ValueColumn], metadata.RowGroups.Count == 0 ? null : metadata.RowGroups[0].Columns.Find(c => c.MetaData!.PathInSchema[0] == fields[at.ValueColumn].Name)?.MetaData!.Type);
    }

    /// <summary>The number, from 0, of the first row of each row group, and then the number of rows.</summary>
    public long[] FirstRows { get; }

    /// <summary>How many row groups there are.</summary>
    public int Groups => ranges.Length;

    /// <summary>About how many bytes it takes in memory.</summary>
    public long Bytes => (tail.Length * 4L) + (Groups * at.Components.Count * 8L);

    /// <summary>Reads the footer.</summary>
    public static async Task<VersionFile> OpenAsync(
        DatasetAtVersion at, Func<long, int, CancellationToken, Task<byte[]>> fetch, ByteCache cache, CancellationToken cancellationToken)
    {
        var length = at.Version.FileBytes;
        var tail = await fetch(Math.Max(0, length - TailBytes), (int)Math.Min(length, TailBytes), cancellationToken);
        var footer = BitConverter.ToInt32(tail, tail.Length - 8) + 8;
        if (footer > tail.Length && footer <= length)
            tail = await fetch(length - footer, footer, cancellationToken);
        else if (footer < tail.Length && tail.Length < length)
            tail = tail[^footer..];
        var (stream, reader) = await OpenReaderAsync(length, tail, fetch, cancellationToken);
        return new VersionFile(at, fetch, cache, tail, stream, reader);
    }

    /// <summary>The smallest and largest code number of a component in a row group, as far as the statistics tell.</summary>
    public (int Min, int Max) Range(int group, int component) => ranges[group][component];

    /// <summary>Reads columns of a row group.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="wanted">For each column of <see cref="DatasetAtVersion.ColumnCount"/> whether it is wanted.</param>
    /// <param name="keep">Whether to keep what is decoded in the cache; a pass over everything would only push out what others use.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<Chunk> ReadAsync(int group, bool[] wanted, bool keep, CancellationToken cancellationToken)
    {
        var chunk = new Chunk(at.Components.Count) { FirstRow = FirstRows[group], Rows = (int)(FirstRows[group + 1] - FirstRows[group]), ReleaseIds = releases };
        var missing = new List<int>();
        for (var column = 0; column < wanted.Length; column++)
        {
            if (!wanted[column])
                continue;
            // What the statistics say already needs no decoding: in a sorted file many columns have one code throughout a row group.
            if (column < at.Components.Count && ranges[group][column] is var (min, max) && min == max)
                chunk.Codes[column] = new CodeColumn(min, at.Components[column].Codes.Count);
            else if (column == at.ReleaseColumn && oneRelease[group] is { } release)
                chunk.Release = release;
            else if (cache.Find<object>(new ColumnKey(this, group, column)) is { } there)
                Put(chunk, column, there);
            else
                missing.Add(column);
        }
        if (missing.Count > 0)
            await DecodeAsync(chunk, group, missing, keep, cancellationToken);
        return chunk;
    }

    private async Task DecodeAsync(Chunk chunk, int group, List<int> columns, bool keep, CancellationToken cancellationToken)
    {
        if (!readers.TryTake(out var pair))
            pair = await OpenReaderAsync(at.Version.FileBytes, tail, fetch, cancellationToken);
        var (stream, reader) = pair;
        var chunks = reader.Metadata!.RowGroups[group].Columns.ToDictionary(c => c.MetaData!.PathInSchema[0], c => c.MetaData!);
        await stream.FetchAsync(columns.Select(column => Extent(chunks[fields[column].Name])), cancellationToken);
        using (var rows = reader.OpenRowGroupReader(group))
        {
            foreach (var column in columns)
            {
                var (decoded, bytes) = await DecodeAsync(rows, column, chunk.Rows, cancellationToken);
                if (keep)
                    cache.Keep(new ColumnKey(this, group, column), decoded, bytes);
                Put(chunk, column, decoded);
            }
        }
        stream.Release(2);
        readers.Add(pair);
    }

    private async Task<(object Decoded, long Bytes)> DecodeAsync(ParquetRowGroupReader rows, int column, int count, CancellationToken cancellationToken)
    {
        // A reader's own fields belong to its schema; fields of another reader of the same file have equal paths, which is what it looks them up by.
        var field = fields[column];
        var levels = field.IsNullable ? ArrayPool<int>.Shared.Rent(count) : null;
        try
        {
            if (column < at.Components.Count)
            {
                var packed = field.ClrType == typeof(int)
                    ? await RawAsync<int, CodeColumn>(raw => Pack(raw, (r, numbers) => Numbers(r, levels, column, number => number.ToString(), numbers)))
                    : await RawAsync<ReadOnlyMemory<char>, CodeColumn>(raw => Pack(raw, (r, numbers) => Numbers(r, levels, column, numbers)));
                return (packed, packed.Bytes);
            }
            if (column == at.ValueColumn)
            {
                var values = valueDigits?.ClrType == typeof(long) ? await RawAsync<long, ValueColumn>(raw => new ValueColumn(raw.AsSpan(0, count), levels, at.Structure.ValueScale))
                    : valueDigits is not null ? await RawAsync<int, ValueColumn>(raw => new ValueColumn(Array.ConvertAll(raw[..count], digits => (long)digits), levels, at.Structure.ValueScale))
                    : await RawAsync<decimal, ValueColumn>(raw => new ValueColumn(Values(raw, levels, count), at.Structure.ValueScale));
                return (values, values.Bytes);
            }
            if (column == at.DecimalsColumn)
            {
                var decimals = await RawAsync<int, byte[]>(raw =>
                {
                    var decimals = new byte[count];
                    for (int i = 0, next = 0; i < count; i++)
                        decimals[i] = levels is null || levels[i] > 0 ? (byte)raw[next++] : byte.MaxValue;
                    return decimals;
                });
                // Most row groups have one number of decimals throughout: they share it.
                return decimals.AsSpan().IndexOfAnyExcept(decimals[0]) < 0 ? (sameDecimals.GetOrAdd(decimals[0], SameDecimals), 64) : (decimals, count);
            }
            if (column == at.SourceColumn)
            {
                var source = await RawAsync<ReadOnlyMemory<char>, TextColumn>(raw => new TextColumn(raw.AsSpan(0, count), levels));
                return (source, source.Bytes);
            }
            var release = await RawAsync<ReadOnlyMemory<char>, CodeColumn>(raw => new CodeColumn(ReleaseNumbers(raw.AsSpan(0, count)), int.MaxValue));
            return (release, release.Bytes);
        }
        finally
        {
            if (levels is not null)
                ArrayPool<int>.Shared.Return(levels);
        }

        // A row group's raw values are a megabyte a column: rented, or the collector would be busy with nothing else.
        async Task<TResult> RawAsync<T, TResult>(Func<T[], TResult> decode)
            where T : struct
        {
            var buffer = ArrayPool<T>.Shared.Rent(count);
            try
            {
                await rows.ReadRawAsync<T>(column == at.ValueColumn && valueDigits is not null ? valueDigits : field, buffer.AsMemory(0, count), levels is null ? (Memory<int>?)null : levels.AsMemory(0, count), null, cancellationToken);
                return decode(buffer);
            }
            finally
            {
                ArrayPool<T>.Shared.Return(buffer, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
            }
        }

        CodeColumn Pack<T>(T[] raw, Action<ReadOnlyMemory<T>, Memory<int>> number)
        {
            var numbers = ArrayPool<int>.Shared.Rent(count);
            try
            {
                number(raw.AsMemory(0, count), numbers.AsMemory(0, count));
                return new CodeColumn(numbers.AsSpan(0, count), at.Components[column].Codes.Count);
            }
            finally
            {
                ArrayPool<int>.Shared.Return(numbers);
            }
        }
    }

    // Values of a dictionary-encoded column share the dictionary's memory, and series repeat the same periods: most rows are what followed last time.
    private void Numbers(ReadOnlyMemory<ReadOnlyMemory<char>> values, int[]? levels, int component, Memory<int> to)
    {
        var raw = values.Span;
        var numbers = to.Span;
        var absent = at.Components[component].Codes.Count;
        var empty = at.Find(component, "");
        var seen = new ReadOnlyMemory<char>[absent];
        var follower = new int[absent];
        var (previous, next) = (0, 0);
        for (var i = 0; i < numbers.Length; i++)
        {
            if (levels is not null && levels[i] == 0)
            {
                numbers[i] = empty >= 0 ? empty : absent;
                continue;
            }
            var text = raw[next++];
            var number = follower.Length > 0 ? follower[previous] : 0;
            if (absent == 0 || text.IsEmpty || !seen[number].Equals(text))
            {
                number = at.Find(component, text.Span);
                if (number < 0)
                {
                    throw new InvalidDataException($"lake/{at.Version.File} has the code '{text}' in {at.Components[component].Id}, "
                        + $"which the codelist of {at.Structure.Id} at version {at.Version.Version} lacks");
                }
                seen[number] = text;
                follower[previous] = number;
            }
            numbers[i] = previous = number;
        }
    }

    private void Numbers<T>(ReadOnlyMemory<T> values, int[]? levels, int component, Func<T, string> text, Memory<int> to)
        where T : struct, IEquatable<T>
    {
        var raw = values.Span;
        var numbers = to.Span;
        var known = new Dictionary<T, int>();
        var (last, its) = (default(T), -1);
        for (int i = 0, next = 0; i < numbers.Length; i++)
        {
            if (levels is not null && levels[i] == 0)
            {
                numbers[i] = at.Components[component].Codes.Count;
                continue;
            }
            var value = raw[next++];
            // Nearly always it is what it was before.
            if (its >= 0 && value.Equals(last))
            {
                numbers[i] = its;
                continue;
            }
            if (!known.TryGetValue(value, out its))
            {
                its = at.Find(component, text(value)) is >= 0 and var number ? number : throw new InvalidDataException(
                    $"lake/{at.Version.File} has {value} in {at.Components[component].Id}, which the codelist lacks");
                known.Add(value, its);
            }
            (last, numbers[i]) = (value, its);
        }
    }

    private int[] ReleaseNumbers(ReadOnlySpan<ReadOnlyMemory<char>> texts)
    {
        var numbers = new int[texts.Length];
        lock (releasesGate)
        {
            for (var i = 0; i < texts.Length; i++)
            {
                if (i > 0 && texts[i].Equals(texts[i - 1]))
                {
                    numbers[i] = numbers[i - 1];
                    continue;
                }
                var text = texts[i].ToString();
                if (!releaseNumbers.TryGetValue(text, out numbers[i]))
                {
                    releaseNumbers.Add(text, numbers[i] = releases.Count);
                    releases.Add(text);
                }
            }
        }
        return numbers;
    }

    private void Put(Chunk chunk, int column, object decoded)
    {
        if (column < at.Components.Count)
            chunk.Codes[column] = (CodeColumn)decoded;
        else if (column == at.ValueColumn)
            chunk.Values = (ValueColumn)decoded;
        else if (column == at.SourceColumn)
            chunk.Source = (TextColumn)decoded;
        else if (column == at.DecimalsColumn)
            chunk.Decimals = (byte[])decoded;
        else
            chunk.Release = (CodeColumn)decoded;
    }

    private (int Min, int Max) Range(int component, bool ordered, ColumnMetaData column)
    {
        var everything = (0, at.Components[component].Codes.Count);
        if (fields[component].IsNullable && column.Statistics?.NullCount == column.NumValues)
        {
            var absent = at.Find(component, "") is >= 0 and var empty ? empty : everything.Item2;
            return (absent, absent);
        }
        if (!ordered || column.Statistics is not { MinValue: { } min, MaxValue: { } max } statistics || (fields[component].IsNullable && statistics.NullCount is not 0)
            || column.Type != Parquet.Meta.Type.BYTE_ARRAY)
        {
            return everything;
        }
        var (first, last) = (at.Find(component, System.Text.Encoding.UTF8.GetString(min)), at.Find(component, System.Text.Encoding.UTF8.GetString(max)));
        return first >= 0 && last >= first ? (first, last) : everything;
    }

    // Up to 18 digits the file has the digits as whole numbers: read as such they need not become decimals and digits again.
    private static DataField? Digits(DataField value, Parquet.Meta.Type? stored)
    {
        var digits = stored switch
        {
            Parquet.Meta.Type.INT64 => new DataField(value.Name, typeof(long), isNullable: value.IsNullable),
            Parquet.Meta.Type.INT32 => new DataField(value.Name, typeof(int), isNullable: value.IsNullable),
            _ => null,
        };
        return digits is null ? null : new ParquetSchema(digits).GetDataFields()[0];
    }

    private static decimal?[] Values(decimal[] raw, int[]? levels, int count)
    {
        var values = new decimal?[count];
        for (int i = 0, next = 0; i < count; i++)
            values[i] = levels is null || levels[i] > 0 ? raw[next++] : null;
        return values;
    }

    private byte[] SameDecimals(byte decimals)
    {
        var rows = new byte[Enumerable.Range(0, Groups).Max(group => FirstRows[group + 1] - FirstRows[group])];
        rows.AsSpan().Fill(decimals);
        return rows;
    }

    private static (long Offset, long Count) Extent(ColumnMetaData column)
    {
        var offset = column.DictionaryPageOffset is { } dictionary and > 0 ? Math.Min(dictionary, column.DataPageOffset) : column.DataPageOffset;
        return (offset, column.TotalCompressedSize);
    }

    private static async Task<(RangeStream Stream, ParquetReader Reader)> OpenReaderAsync(
        long length, byte[] tail, Func<long, int, CancellationToken, Task<byte[]>> fetch, CancellationToken cancellationToken)
    {
        var stream = new RangeStream(length, fetch);
        stream.Hold(length - tail.Length, tail);
        stream.Hold(0, "PAR1"u8.ToArray());
        var reader = await ParquetReader.CreateAsync(stream, null, true, cancellationToken);
        return (stream, reader);
    }

    private sealed record ColumnKey(VersionFile File, int Group, int Column)
    {
        public bool Equals(ColumnKey? other) => other is not null && ReferenceEquals(File, other.File) && Group == other.Group && Column == other.Column;

        public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(File), Group, Column);
    }
}
