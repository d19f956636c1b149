using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Pipeline.Understanding;

/// <summary>A run of observations, a column an array.</summary>
public sealed class ObservationBatch
{
    internal const byte Missing = byte.MaxValue;
    internal const byte Wide = byte.MaxValue - 1;

    internal ObservationBatch(int components, int capacity)
    {
        Codes = new int[components][];
        for (var i = 0; i < components; i++)
            Codes[i] = new int[capacity];
        (Mantissa, Scale) = (new long[capacity], new byte[capacity]);
        (Place, A, B) = (new int[capacity], new int[capacity], new int[capacity]);
    }

    /// <summary>How many observations the arrays hold.</summary>
    public int Count { get; internal set; }

    /// <summary>For each component the code's number in its codelist, a row an observation; -1 where an attribute has none.</summary>
    public int[][] Codes { get; }

    internal long[] Mantissa { get; }

    internal byte[] Scale { get; }

    internal int[] Place { get; }

    internal int[] A { get; }

    internal int[] B { get; }

    internal IReadOnlyList<decimal> WideValues { get; set; } = [];

    /// <summary>The value, with the decimals that the release shows; null when it is missing.</summary>
    public decimal? Value(int row) => Scale[row] switch
    {
        Missing => null,
        Wide => WideValues[(int)Mantissa[row]],
        var scale => FromMantissa(Mantissa[row], scale),
    };

    /// <summary>Where the observation was read.</summary>
    public Source Source(int row) => Pipeline.Source.From(Place[row], A[row], B[row]);

    /// <summary>An exact decimal from its digits and their number of decimals.</summary>
    internal static decimal FromMantissa(long mantissa, byte scale)
    {
        var digits = mantissa < 0 ? 0ul - (ulong)mantissa : (ulong)mantissa;
        return new decimal((int)digits, (int)(digits >> 32), 0, mantissa < 0, scale);
    }

    internal void CopyRow(int row, ObservationBatch to, int toRow)
    {
        for (var c = 0; c < Codes.Length; c++)
            to.Codes[c][toRow] = Codes[c][row];
        to.Mantissa[toRow] = Mantissa[row];
        to.Scale[toRow] = Scale[row];
        to.Place[toRow] = Place[row];
        to.A[toRow] = A[row];
        to.B[toRow] = B[row];
    }

    /// <summary>Appends rows, a column after the other.</summary>
    internal void CopyRows(ReadOnlySpan<int> rows, ObservationBatch to)
    {
        var at = to.Count;
        for (var c = 0; c < Codes.Length; c++)
            Gather(Codes[c], rows, to.Codes[c].AsSpan(at));
        Gather(Mantissa, rows, to.Mantissa.AsSpan(at));
        Gather(Scale, rows, to.Scale.AsSpan(at));
        Gather(Place, rows, to.Place.AsSpan(at));
        Gather(A, rows, to.A.AsSpan(at));
        Gather(B, rows, to.B.AsSpan(at));
        to.Count = at + rows.Length;
    }

    private static void Gather<T>(T[] from, ReadOnlySpan<int> rows, Span<T> to)
    {
        for (var i = 0; i < rows.Length; i++)
            to[i] = from[rows[i]];
    }
}

/// <summary>
/// Observations in the order they were added. Every <see cref="ChunkRows"/> rows are packed, each column as wide as its largest code needs;
/// packed chunks beyond <see cref="MemoryBudget"/> go to a temporary file, so that a release of any size costs bounded memory.
/// </summary>
public sealed class ObservationSet : IDisposable
{
    /// <summary>Observations in a chunk.</summary>
    public const int ChunkRows = 1 << 16;

    /// <summary>Bytes of packed chunks held in memory before they go to a temporary file.</summary>
    public const long MemoryBudget = 48L << 20;

    private readonly int components;
    private readonly int chunkRows;
    private readonly long memoryBudget;
    private readonly List<decimal> wide;
    private readonly long[] largest = new long[29];
    private readonly List<(byte[]? Bytes, long Offset, int Length)> chunks = [];
    private PackBuffer? buffer;
    private ObservationBatch open;
    private FileStream? spill;
    private long inMemory;
    private long spilled;

    internal ObservationSet(int components, int chunkRows = ChunkRows, long memoryBudget = MemoryBudget, List<decimal>? wide = null)
    {
        (this.components, this.chunkRows, this.memoryBudget, this.wide) = (components, chunkRows, memoryBudget, wide ?? []);
        open = new ObservationBatch(components, Math.Min(64, chunkRows));
    }

    private const int SampleRows = 1 << 18;
    private readonly List<int> sample = [];

    /// <summary>One in so many observations is in the <see cref="Sample"/>: fewer the more there are, so that it stays as small.</summary>
    internal int SampleEvery { get; private set; } = 61;

    /// <summary>The codes of every <see cref="SampleEvery"/>th observation, one after the other, as many numbers each as there are components.</summary>
    internal ReadOnlySpan<int> Sample => CollectionsMarshal.AsSpan(sample);

    /// <summary>How many observations have been added.</summary>
    public long Count { get; private set; }

    /// <summary>The most decimals that any value shows.</summary>
    public int MaxScale { get; private set; }

    /// <summary>The most digits that any value has before its decimal point; 0 when all are between -1 and 1.</summary>
    public int MaxIntegerDigits
    {
        get
        {
            var digits = wide.Count == 0 ? 0 : wide.Max(number => IntegerDigits(Math.Abs(number)));
            for (var scale = 0; scale < largest.Length; scale++)
                if (largest[scale] > 0)
                    digits = Math.Max(digits, IntegerDigits(ObservationBatch.FromMantissa(largest[scale], (byte)scale)));
            return digits;

            static int IntegerDigits(decimal number)
            {
                var count = 0;
                for (var rest = decimal.Truncate(number); rest >= 1; rest /= 10)
                    count++;
                return count;
            }
        }
    }

    /// <summary>Adds an observation.</summary>
    /// <param name="codes">For each component the code's number in its codelist; -1 where an attribute has none.</param>
    /// <param name="value">The value with the decimals shown (<c>5.20m</c> shows two); null when it is missing.</param>
    /// <param name="source">Where it was read.</param>
    public void Add(ReadOnlySpan<int> codes, decimal? value, Source source)
    {
        if (codes.Length != components)
            throw new ArgumentException($"{components} codes expected, {codes.Length} given", nameof(codes));
        var row = open.Count;
        if (row == open.Mantissa.Length)
            row = MakeRoom();
        for (var c = 0; c < codes.Length; c++)
            open.Codes[c][row] = codes[c];
        if (Count % SampleEvery == 0)
            AddToSample(codes);
        if (value is { } number)
            SetValue(row, number);
        else
            (open.Mantissa[row], open.Scale[row]) = (0, ObservationBatch.Missing);
        open.Place[row] = source.Place;
        open.A[row] = source.A;
        open.B[row] = source.B;
        open.Count = row + 1;
        Count++;
    }

    /// <summary>Adds an observation of another set that shares this one's wide values, with other code numbers.</summary>
    internal void Add(ObservationBatch batch, int from)
    {
        var row = open.Count;
        if (row == open.Mantissa.Length)
            row = MakeRoom();
        batch.CopyRow(from, open, row);
        open.Count = row + 1;
        Count++;
    }

    /// <summary>A set for some of this one's observations: smaller chunks, kept on disk, the same wide values.</summary>
    internal ObservationSet Part(int rows) => new(components, rows, memoryBudget: 0, wide);

    /// <summary>Values of more digits than a long holds, by the number that stands in their mantissa.</summary>
    internal IReadOnlyList<decimal> WideValues => wide;

    /// <summary>Reads all observations in the order they were added; the batch is reused from one to the next.</summary>
    public IEnumerable<ObservationBatch> Read() => Read(0, 1);

    /// <summary>Reads every so many-th chunk, so that several threads can read a set together.</summary>
    internal IEnumerable<ObservationBatch> Read(int first, int every)
    {
        var batch = new ObservationBatch(components, (int)Math.Min(Count, chunkRows)) { WideValues = wide };
        var bytes = Array.Empty<byte>();
        for (var chunk = first; chunk < chunks.Count; chunk += every)
        {
            var (packed, offset, length) = chunks[chunk];
            if (packed is null)
            {
                if (bytes.Length < length)
                    bytes = new byte[length];
                RandomAccess.Read(spill!.SafeFileHandle, bytes.AsSpan(0, length), offset);
                packed = bytes;
            }
            Unpack(packed, batch);
            yield return batch;
        }
        if (open.Count > 0 && first == 0)
        {
            open.WideValues = wide;
            yield return open;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        spill?.Dispose();
        chunks.Clear();
    }

    private void AddToSample(ReadOnlySpan<int> codes)
    {
        if (sample.Count == SampleRows * components)
        {
            var all = CollectionsMarshal.AsSpan(sample);
            for (var row = 1; row < SampleRows / 2; row++)
                all.Slice(row * 2 * components, components).CopyTo(all[(row * components)..]);
            CollectionsMarshal.SetCount(sample, SampleRows / 2 * components);
            SampleEvery *= 2;
            if (Count % SampleEvery != 0)
                return;
        }
        sample.AddRange(codes);
    }

    private void SetValue(int row, decimal number)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(number, bits);
        var digits = (uint)bits[0] | ((ulong)(uint)bits[1] << 32);
        var scale = (byte)(bits[3] >> 16);
        MaxScale = Math.Max(MaxScale, scale);
        if (bits[2] != 0 || digits > long.MaxValue)
        {
            (open.Mantissa[row], open.Scale[row]) = (wide.Count, ObservationBatch.Wide);
            wide.Add(number);
        }
        else
        {
            (open.Mantissa[row], open.Scale[row]) = (bits[3] < 0 ? -(long)digits : (long)digits, scale);
            if ((long)digits > largest[scale])
                largest[scale] = (long)digits;
        }
    }

    private int MakeRoom()
    {
        if (open.Count < chunkRows)
        {
            var larger = new ObservationBatch(components, Math.Min(open.Count * 4, chunkRows)) { Count = open.Count };
            for (var row = 0; row < open.Count; row++)
                open.CopyRow(row, larger, row);
            open = larger;
            return open.Count;
        }
        var packed = Pack(open);
        if (inMemory + packed.Length <= memoryBudget)
        {
            inMemory += packed.Length;
            chunks.Add((packed.ToArray(), 0, packed.Length));
        }
        else
        {
            spill ??= TemporaryFile.Create();
            RandomAccess.Write(spill.SafeFileHandle, packed, spilled);
            chunks.Add((null, spilled, packed.Length));
            // Small chunks may still find room in memory between two that do not.
            spilled += packed.Length;
        }
        open.Count = 0;
        return 0;
    }

    private ReadOnlySpan<byte> Pack(ObservationBatch batch)
    {
        buffer ??= new();
        buffer.Clear();
        buffer.Write(batch.Count);
        foreach (var codes in batch.Codes)
            buffer.Write(codes.AsSpan(0, batch.Count));
        buffer.Write(batch.Place.AsSpan(0, batch.Count));
        buffer.Write(batch.A.AsSpan(0, batch.Count));
        buffer.Write(batch.B.AsSpan(0, batch.Count));
        buffer.Write(batch.Mantissa.AsSpan(0, batch.Count));
        buffer.Write(batch.Scale.AsSpan(0, batch.Count));
        return buffer.Written;
    }

    private static void Unpack(ReadOnlySpan<byte> packed, ObservationBatch batch)
    {
        var count = BinaryPrimitives.ReadInt32LittleEndian(packed);
        packed = packed[4..];
        foreach (var codes in batch.Codes)
            PackBuffer.Read(ref packed, codes.AsSpan(0, count));
        PackBuffer.Read(ref packed, batch.Place.AsSpan(0, count));
        PackBuffer.Read(ref packed, batch.A.AsSpan(0, count));
        PackBuffer.Read(ref packed, batch.B.AsSpan(0, count));
        PackBuffer.Read(ref packed, batch.Mantissa.AsSpan(0, count));
        packed[..count].CopyTo(batch.Scale);
        batch.Count = count;
    }

    /// <summary>Bytes of packed columns: each column as a constant, a run of steps of one, or as many bytes a number as its range needs.</summary>
    private sealed class PackBuffer
    {
        private const byte Step = 255;
        private byte[] bytes = new byte[1 << 14];
        private int length;

        public ReadOnlySpan<byte> Written => bytes.AsSpan(0, length);

        public void Clear() => length = 0;

        public void Write(int number) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), number);

        public void Write(ReadOnlySpan<byte> column) => column.CopyTo(Take(column.Length));

        public void Write(ReadOnlySpan<int> column)
        {
            int min = int.MaxValue, max = int.MinValue;
            var step = true;
            var first = column[0];
            for (var i = 0; i < column.Length; i++)
            {
                min = Math.Min(min, column[i]);
                max = Math.Max(max, column[i]);
                step &= column[i] == unchecked(first + i);
            }
            var range = (uint)((long)max - min);
            // Steps that go round from the largest number to the least begin elsewhere than with the least.
            var width = step && min == first && range > 0 ? Step : range == 0 ? (byte)0 : range <= byte.MaxValue ? (byte)1 : range <= ushort.MaxValue ? (byte)2 : (byte)4;
            Take(1)[0] = width;
            Write(min);
            switch (width)
            {
                case 1:
                    var ones = Take(column.Length);
                    for (var i = 0; i < column.Length; i++)
                        ones[i] = (byte)(column[i] - min);
                    break;
                case 2:
                    var twos = MemoryMarshal.Cast<byte, ushort>(Take(column.Length * 2));
                    for (var i = 0; i < column.Length; i++)
                        twos[i] = (ushort)(column[i] - min);
                    break;
                case 4:
                    MemoryMarshal.AsBytes(column).CopyTo(Take(column.Length * 4));
                    break;
            }
        }

        public void Write(ReadOnlySpan<long> column)
        {
            long min = long.MaxValue, max = long.MinValue;
            foreach (var number in column)
            {
                min = Math.Min(min, number);
                max = Math.Max(max, number);
            }
            var narrow = min >= int.MinValue && max <= int.MaxValue;
            Take(1)[0] = narrow ? (byte)4 : (byte)8;
            if (narrow)
            {
                var fours = MemoryMarshal.Cast<byte, int>(Take(column.Length * 4));
                for (var i = 0; i < column.Length; i++)
                    fours[i] = (int)column[i];
            }
            else
            {
                MemoryMarshal.AsBytes(column).CopyTo(Take(column.Length * 8));
            }
        }

        public static void Read(ref ReadOnlySpan<byte> packed, Span<int> column)
        {
            var width = packed[0];
            var min = BinaryPrimitives.ReadInt32LittleEndian(packed[1..]);
            packed = packed[5..];
            switch (width)
            {
                case 0:
                    column.Fill(min);
                    return;
                case Step:
                    for (var i = 0; i < column.Length; i++)
                        column[i] = min + i;
                    return;
                case 1:
                    for (var i = 0; i < column.Length; i++)
                        column[i] = min + packed[i];
                    break;
                case 2:
                    var twos = MemoryMarshal.Cast<byte, ushort>(packed[..(column.Length * 2)]);
                    for (var i = 0; i < column.Length; i++)
                        column[i] = min + twos[i];
                    break;
                default:
                    packed[..(column.Length * 4)].CopyTo(MemoryMarshal.AsBytes(column));
                    break;
            }
            packed = packed[(column.Length * width)..];
        }

        public static void Read(ref ReadOnlySpan<byte> packed, Span<long> column)
        {
            var width = packed[0];
            packed = packed[1..];
            if (width == 8)
            {
                packed[..(column.Length * 8)].CopyTo(MemoryMarshal.AsBytes(column));
            }
            else
            {
                var fours = MemoryMarshal.Cast<byte, int>(packed[..(column.Length * 4)]);
                for (var i = 0; i < column.Length; i++)
                    column[i] = fours[i];
            }
            packed = packed[(column.Length * width)..];
        }

        private Span<byte> Take(int count)
        {
            if (length + count > bytes.Length)
                Array.Resize(ref bytes, Math.Max(bytes.Length * 2, length + count));
            length += count;
            return bytes.AsSpan(length - count, count);
        }
    }
}
