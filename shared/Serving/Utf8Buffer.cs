using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pipeline.Serving;

/// <summary>A growing run of UTF-8 bytes that rows are put together in before they are sent.</summary>
public sealed class Utf8Buffer : IBufferWriter<byte>
{
    private byte[] bytes = new byte[4096];

    /// <summary>How many bytes were written since <see cref="Clear"/>.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes written since <see cref="Clear"/>; valid until the next write.</summary>
    public ReadOnlyMemory<byte> Written => bytes.AsMemory(0, Count);

    /// <summary>Starts over in the same memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>Takes back what was written after a <see cref="Count"/> of before.</summary>
    public void Cut(int count) => Count = Math.Min(Count, count);

    /// <summary>Appends bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<byte> utf8)
    {
        if (bytes.Length - Count < utf8.Length)
            Grow(utf8.Length);
        utf8.CopyTo(bytes.AsSpan(Count));
        Count += utf8.Length;
    }

    /// <summary>Appends one byte.</summary>
    public void Append(byte value)
    {
        if (Count == bytes.Length)
            Grow(1);
        bytes[Count++] = value;
    }

    /// <summary>Appends a text.</summary>
    public void Append(ReadOnlySpan<char> text) => Count += Encoding.UTF8.GetBytes(text, GetSpan(text.Length * 3));

    /// <summary>Appends a number exactly, with all its decimals.</summary>
    public void Append(decimal value)
    {
        Utf8Formatter.TryFormat(value, GetSpan(64), out var written);
        Count += written;
    }

    /// <summary>Appends a whole number.</summary>
    public void Append(long value)
    {
        Utf8Formatter.TryFormat(value, GetSpan(24), out var written);
        Count += written;
    }

    /// <summary>Appends digits that have a number of decimals, showing another number of decimals: zeros are added, and cut only where they are.</summary>
    public void Append(long digits, int decimals, int shown)
    {
        while (decimals > shown && digits % 10 == 0)
            (digits, decimals) = (digits / 10, decimals - 1);
        var rest = digits < 0 ? 0ul - (ulong)digits : (ulong)digits;
        var hasPoint = decimals > 0 || shown > 0;
        // 7 with two decimals is 0.07.
        var length = (digits < 0 ? 1 : 0) + Math.Max(1, DigitsOf(rest) - decimals) + (hasPoint ? 1 : 0) + Math.Max(decimals, shown);
        var span = GetSpan(length)[..length];
        Count += length;
        for (; shown > decimals; shown--)
            span[--length] = (byte)'0';
        for (var left = decimals; left > 0; left--, rest /= 10)
            span[--length] = (byte)('0' + (rest % 10));
        if (hasPoint)
            span[--length] = (byte)'.';
        do
        {
            span[--length] = (byte)('0' + (rest % 10));
            rest /= 10;
        }
        while (rest > 0);
        if (digits < 0)
            span[0] = (byte)'-';
    }

    private static int DigitsOf(ulong number)
    {
        // 1233 / 4096 is log10(2), near enough.
        var digits = ((BitOperations.Log2(number | 1) + 1) * 1233) >> 12;
        return number < Powers[digits] ? digits : digits + 1;
    }

    private static ReadOnlySpan<ulong> Powers =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000,
        100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ];

    /// <inheritdoc/>
    public void Advance(int count) => Count += count;

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (bytes.Length - Count < Math.Max(1, sizeHint))
            Grow(Math.Max(1, sizeHint));
        return bytes.AsSpan(Count);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (bytes.Length - Count < Math.Max(1, sizeHint))
            Grow(Math.Max(1, sizeHint));
        return bytes.AsMemory(Count);
    }

    private void Grow(int by) => Array.Resize(ref bytes, Math.Max(bytes.Length * 2, Count + by));
}
