using System.Numerics;

namespace Pipeline.Querying;

/// <summary>Whole numbers of a run of rows, each as wide as the distance between the smallest and the largest needs; nothing where all are the same.</summary>
internal sealed class PackedNumbers
{
    private readonly long least;
    private readonly byte[]? bytes;
    private readonly ushort[]? shorts;
    private readonly uint[]? ints;
    private readonly long[]? longs;

    private PackedNumbers(long least, byte[]? bytes = null, ushort[]? shorts = null, uint[]? ints = null, long[]? longs = null) =>
        (this.least, this.bytes, this.shorts, this.ints, this.longs) = (least, bytes, shorts, ints, longs);

    /// <summary>Bytes in memory.</summary>
    public long Bytes => 64 + (bytes?.Length ?? (shorts?.Length * 2L) ?? (ints?.Length * 4L) ?? (longs?.Length * 8L) ?? 0);

    /// <summary>A row's number.</summary>
    public long this[int row] => bytes is not null ? least + bytes[row] : shorts is not null ? least + shorts[row] : ints is not null ? least + ints[row] : longs is not null ? longs[row] : least;

    /// <summary>The first row behind a row that has another number; <see cref="int.MaxValue"/> where none has.</summary>
    public int SameUntil(int row)
    {
        return bytes is not null ? Until<byte>(bytes, row) : shorts is not null ? Until<ushort>(shorts, row)
            : ints is not null ? Until<uint>(ints, row) : longs is not null ? Until<long>(longs, row) : int.MaxValue;

        static int Until<T>(ReadOnlySpan<T> numbers, int row)
            where T : IEquatable<T> => numbers[row..].IndexOfAnyExcept(numbers[row]) is var other and >= 0 ? row + other : int.MaxValue;
    }

    /// <summary>Whether all rows have the same number.</summary>
    public bool IsSame => bytes is null && shorts is null && ints is null && longs is null;

    /// <summary>Rows that all have the same number.</summary>
    public static PackedNumbers Same(long number) => new(number);

    /// <summary>Packs numbers.</summary>
    /// <typeparam name="T">Up to 64 bits, signed.</typeparam>
    public static PackedNumbers Of<T>(ReadOnlySpan<T> numbers)
        where T : struct, IBinaryInteger<T>
    {
        if (numbers.IsEmpty)
            return new(0);
        var (least, most) = (numbers[0], numbers[0]);
        foreach (var number in numbers)
            (least, most) = (T.Min(least, number), T.Max(most, number));
        var from = long.CreateChecked(least);
        return unchecked((ulong)(long.CreateChecked(most) - from)) switch
        {
            0 => new(from),
            <= byte.MaxValue => new(from, bytes: Narrow<T, byte>(numbers, least)),
            <= ushort.MaxValue => new(from, shorts: Narrow<T, ushort>(numbers, least)),
            <= uint.MaxValue => new(from, ints: Narrow<T, uint>(numbers, least)),
            _ => new(0, longs: Narrow<T, long>(numbers, T.Zero)),
        };
    }

    /// <summary>Writes the rows of a range whose number is allowed; returns how many.</summary>
    public int Match(bool[] allowed, int from, int to, Span<int> rows)
    {
        var count = 0;
        if (bytes is not null)
        {
            for (var row = from; row < to; row++)
            {
                rows[count] = row;
                count += allowed[least + bytes[row]] ? 1 : 0;
            }
            return count;
        }
        for (var row = from; row < to; row++)
        {
            rows[count] = row;
            count += allowed[this[row]] ? 1 : 0;
        }
        return count;
    }

    /// <summary>Reads the numbers of the rows from one on.</summary>
    public void Read(int from, Span<int> to)
    {
        if (bytes is not null)
        {
            var some = bytes.AsSpan(from, to.Length);
            for (var i = 0; i < to.Length; i++)
                to[i] = (int)least + some[i];
            return;
        }
        for (var i = 0; i < to.Length; i++)
            to[i] = (int)this[from + i];
    }

    private static TNarrow[] Narrow<T, TNarrow>(ReadOnlySpan<T> numbers, T least)
        where T : struct, IBinaryInteger<T>
        where TNarrow : struct, IBinaryInteger<TNarrow>
    {
        var narrow = new TNarrow[numbers.Length];
        for (var i = 0; i < narrow.Length; i++)
            narrow[i] = TNarrow.CreateTruncating(numbers[i] - least);
        return narrow;
    }
}
