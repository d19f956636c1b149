using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>The values of a cube's observations with the decimals that they show, as digits: a decimal takes longer to make and to write.</summary>
/// <param name="capacity">About how many there will be; 0 where nobody knows.</param>
internal sealed class CubeValues(int capacity = 0)
{
    private const byte Missing = byte.MaxValue;
    private const byte Whole = byte.MaxValue - 1;
    private const int MostDecimals = 18;
    private long[] digits = new long[capacity];
    private byte[] decimals = new byte[capacity];

    // What is no digits of its own; then its place stands in their place.
    private List<decimal> whole = [];

    /// <summary>How many there are, missing ones with them.</summary>
    public int Count { get; private set; }

    /// <summary>The most decimals that one shows.</summary>
    public int Decimals
    {
        get
        {
            var most = 0;
            for (var i = 0; i < Count; i++)
                most = Math.Max(most, DecimalsOf(i));
            return most;
        }
    }

    /// <summary>The value of an observation; null where it is missing.</summary>
    public decimal? this[int observation]
    {
        get
        {
            if (decimals[observation] is Missing)
                return null;
            var number = digits[observation];
            if (decimals[observation] is Whole)
                return whole[(int)number];
            var magnitude = number < 0 ? 0ul - (ulong)number : (ulong)number;
            return new decimal((int)magnitude, (int)(magnitude >> 32), 0, number < 0, decimals[observation]);
        }
    }

    /// <summary>Whether a value is missing.</summary>
    public bool IsMissing(int observation) => decimals[observation] == Missing;

    /// <summary>How many decimals a value shows; -1 where it is missing.</summary>
    public int DecimalsOf(int observation) => decimals[observation] switch
    {
        Missing => -1,
        Whole => whole[(int)digits[observation]].Scale,
        var shown => shown,
    };

    /// <summary>Writes a value; false where it is missing.</summary>
    public bool Write(Utf8Buffer to, int observation)
    {
        var shown = decimals[observation];
        if (shown == Missing)
            return false;
        if (shown == Whole)
            to.Append(whole[(int)digits[observation]]);
        else
            to.Append(digits[observation], shown, shown);
        return true;
    }

    /// <summary>Takes the value of a row.</summary>
    public void Add(Chunk chunk, int row)
    {
        if (chunk.Values!.TryGetDigits(row, out var number) && TryShow(ref number, chunk.Values.Scale, chunk.Decimals![row]))
            Add(number, chunk.Decimals[row] == byte.MaxValue ? (byte)chunk.Values.Scale : chunk.Decimals[row]);
        else
            Add(chunk.Value(row));
    }

    /// <summary>Takes a value.</summary>
    public void Add(decimal? value)
    {
        if (value is not { } there)
        {
            Add(0, Missing);
            return;
        }
        Add(whole.Count, Whole);
        whole.Add(there);
    }

    /// <summary>The same in another order.</summary>
    public CubeValues InOrder(int[] order) =>
        new() { digits = Array.ConvertAll(order, i => digits[i]), decimals = Array.ConvertAll(order, i => decimals[i]), whole = whole, Count = Count };

    private void Add(long number, byte shown)
    {
        if (Count == digits.Length)
        {
            var length = Math.Max(16, Count * 2);
            Array.Resize(ref digits, length);
            Array.Resize(ref decimals, length);
        }
        (digits[Count], decimals[Count]) = (number, shown);
        Count++;
    }

    // Digits of one number of decimals as those of another; false where they would have to be rounded, or do not fit.
    private static bool TryShow(ref long number, int scale, byte shown)
    {
        if (shown is byte.MaxValue)
            return true;
        for (; scale > shown; scale--)
        {
            if (number % 10 != 0)
                return false;
            number /= 10;
        }
        for (; scale < shown; scale++)
        {
            if (shown > MostDecimals || Math.Abs(number) > long.MaxValue / 10)
                return false;
            number *= 10;
        }
        return true;
    }
}
