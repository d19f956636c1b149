using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Pipeline.Querying;

/// <summary>The codes of one component in a run of rows, as numbers in the structure's codelist.</summary>
internal sealed class CodeColumn
{
    private readonly PackedNumbers numbers;

    /// <summary>Packs code numbers.</summary>
    /// <param name="numbers">A number a row; the number that is the codelist's length stands for "no code".</param>
    /// <param name="codes">The codelist's length.</param>
    public CodeColumn(ReadOnlySpan<int> numbers, int codes) => (this.numbers, Codes) = (PackedNumbers.Of(numbers), codes);

    /// <summary>A column whose rows all have the same code.</summary>
    /// <param name="number">The code's number.</param>
    /// <param name="codes">The codelist's length.</param>
    public CodeColumn(int number, int codes) => (numbers, Codes) = (PackedNumbers.Same(number), codes);

    /// <summary>The codelist's length, which is also the number that stands for "no code".</summary>
    public int Codes { get; }

    /// <summary>Bytes in memory.</summary>
    public long Bytes => 32 + numbers.Bytes;

    /// <summary>Whether all rows have the same code.</summary>
    public bool IsSame => numbers.IsSame;

    /// <summary>The code's number in a row.</summary>
    public int this[int row] => (int)numbers[row];

    /// <summary>The first row behind a row that has another code; <see cref="int.MaxValue"/> where none has.</summary>
    public int SameUntil(int row) => numbers.SameUntil(row);

    /// <summary>Reads the numbers of the rows from one on.</summary>
    public void Read(int from, Span<int> to) => numbers.Read(from, to);

    /// <summary>Writes the rows of a range whose code is allowed; returns how many.</summary>
    public int Match(bool[] allowed, int from, int to, Span<int> rows) => numbers.Match(allowed, from, to, rows);

    /// <summary>Keeps of the rows those whose code is allowed; returns how many.</summary>
    public int Match(bool[] allowed, Span<int> rows)
    {
        var count = 0;
        foreach (var row in rows)
        {
            rows[count] = row;
            count += allowed[this[row]] ? 1 : 0;
        }
        return count;
    }

    /// <summary>The first row of a sorted range whose code is not below a number.</summary>
    public int LowerBound(int number, int from, int to)
    {
        while (from < to)
        {
            var middle = (from + to) >>> 1;
            if (this[middle] < number)
                from = middle + 1;
            else
                to = middle;
        }
        return from;
    }
}

/// <summary>The values of a run of rows: digits of one number of decimals, or whole decimals where 18 digits do not suffice.</summary>
internal sealed class ValueColumn
{
    private readonly PackedNumbers? digits;
    private readonly long missing = long.MinValue;
    private readonly decimal?[]? wide;

    /// <summary>Takes rows over.</summary>
    /// <param name="values">The digits of the values that are not missing, one after the other; as long as there are rows; overwritten.</param>
    /// <param name="levels">For each row 0 where the value is missing; null when none is.</param>
    /// <param name="scale">The decimals of the column.</param>
    public ValueColumn(Span<long> values, int[]? levels, int scale)
    {
        Scale = scale;
        var there = values;
        if (levels is not null && levels.AsSpan(0, values.Length) is var all && all.Contains(0))
        {
            there = values[..(all.Length - all.Count(0))];
            // The number below the least says that there is none: it hardly widens the column.
            missing = -1;
            foreach (var value in there)
                missing = Math.Min(missing, value - 1);
            for (int i = values.Length - 1, next = there.Length - 1; i >= 0; i--)
                values[i] = all[i] > 0 ? values[next--] : missing;
        }
        digits = PackedNumbers.Of<long>(values);
    }

    /// <summary>Takes rows over that have been put together from others, or whose values have more than 18 digits.</summary>
    public ValueColumn(decimal?[] values, int scale) => (Scale, wide) = (scale, values);

    /// <summary>The decimals of the column.</summary>
    public int Scale { get; }

    public long Bytes => 64 + (digits?.Bytes ?? wide!.Length * 20L);

    /// <summary>Whether the value is written as digits with <see cref="Scale"/> decimals; if not, <see cref="this[int]"/> has it.</summary>
    public bool TryGetDigits(int row, out long value)
    {
        value = digits is null ? missing : digits[row];
        return value != missing;
    }

    /// <summary>The value with the column's decimals, or null.</summary>
    public decimal? this[int row] => wide is not null ? wide[row]
        : digits![row] is var value && value == missing ? null
        : new decimal((int)Magnitude(value), (int)(Magnitude(value) >> 32), 0, value < 0, (byte)Scale);

    private static ulong Magnitude(long value) => value < 0 ? 0ul - (ulong)value : (ulong)value;
}

/// <summary>Texts of a run of rows, as UTF-8, end to end; where they are one text followed by whole numbers, as the places in a CSV are, the numbers.</summary>
internal sealed class TextColumn
{
    /// <summary>Bytes that <see cref="Read"/> may want.</summary>
    public const int ScratchBytes = 64;

    private const int MostDigits = 18;
    private readonly byte[] bytes;
    private readonly int[]? ends;
    private readonly PackedNumbers? numbers;

    /// <summary>Takes rows over.</summary>
    /// <param name="texts">The texts that are there, one after the other; at least as long as there are rows.</param>
    /// <param name="levels">For each row 0 where there is no text; null when all have one.</param>
    public TextColumn(ReadOnlySpan<ReadOnlyMemory<char>> texts, int[]? levels = null)
    {
        if (levels is null && Numbers(texts, out bytes!) is { } packed)
        {
            numbers = packed;
            return;
        }
        ends = new int[texts.Length];
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(16, texts.Length * 12));
        var at = 0;
        for (int i = 0, next = 0; i < texts.Length; i++)
        {
            if (levels is null || levels[i] > 0)
            {
                var text = texts[next++];
                var most = text.Length * 3;
                if (buffer.Length - at < most)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, at + most));
                    buffer.AsSpan(0, at).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
                at += Encoding.UTF8.GetBytes(text.Span, buffer.AsSpan(at));
            }
            ends[i] = at;
        }
        bytes = buffer.AsSpan(0, at).ToArray();
        ArrayPool<byte>.Shared.Return(buffer);
    }

    public long Bytes => 64 + bytes.Length + ((ends?.Length * 4L) ?? 0) + (numbers?.Bytes ?? 0);

    /// <summary>A row's text.</summary>
    public string this[int row] => Encoding.UTF8.GetString(Read(row, stackalloc byte[ScratchBytes]));

    /// <summary>A row's text as UTF-8.</summary>
    /// <param name="row">The row.</param>
    /// <param name="scratch">Where the text may be put together: <see cref="ScratchBytes"/>.</param>
    public ReadOnlySpan<byte> Read(int row, Span<byte> scratch)
    {
        if (ends is not null)
            return bytes.AsSpan((row == 0 ? 0 : ends[row - 1])..ends[row]);
        bytes.CopyTo(scratch);
        Utf8Formatter.TryFormat(numbers![row], scratch[bytes.Length..], out var digits);
        return scratch[..(bytes.Length + digits)];
    }

    private static PackedNumbers? Numbers(ReadOnlySpan<ReadOnlyMemory<char>> texts, out byte[]? before)
    {
        before = null;
        if (texts.IsEmpty)
            return null;
        var first = texts[0].Span;
        var prefix = first[..(first.LastIndexOfAnyExceptInRange('0', '9') + 1)];
        if (Encoding.UTF8.GetByteCount(prefix) > ScratchBytes - MostDigits)
            return null;
        var found = ArrayPool<long>.Shared.Rent(texts.Length);
        try
        {
            for (var i = 0; i < texts.Length; i++)
            {
                var text = texts[i].Span;
                if (!text.StartsWith(prefix))
                    return null;
                var digits = text[prefix.Length..];
                if (digits.Length is 0 or > MostDigits || (digits[0] == '0' && digits.Length > 1))
                    return null;
                var number = 0L;
                foreach (var digit in digits)
                {
                    if (!char.IsAsciiDigit(digit))
                        return null;
                    number = (number * 10) + (digit - '0');
                }
                found[i] = number;
            }
            before = Encoding.UTF8.GetBytes(prefix.ToArray());
            return PackedNumbers.Of<long>(found.AsSpan(0, texts.Length));
        }
        finally
        {
            ArrayPool<long>.Shared.Return(found);
        }
    }
}

/// <summary>Rows of a version, the columns that were asked for; a column that was not is null.</summary>
internal sealed class Chunk(int components)
{
    /// <summary>The number, from 0 over the whole version, of the first row.</summary>
    public long FirstRow { get; init; }

    /// <summary>How many rows there are.</summary>
    public int Rows { get; init; }

    /// <summary>The codes, a column a component.</summary>
    public CodeColumn?[] Codes { get; } = new CodeColumn?[components];

    /// <summary>OBS_VALUE.</summary>
    public ValueColumn? Values { get; set; }

    /// <summary>DECIMALS; 255 where the release shows no value.</summary>
    public byte[]? Decimals { get; set; }

    /// <summary>SOURCE.</summary>
    public TextColumn? Source { get; set; }

    /// <summary>RELEASE, as numbers in <see cref="ReleaseIds"/>.</summary>
    public CodeColumn? Release { get; set; }

    /// <summary>The releases that the version's rows came from.</summary>
    public IReadOnlyList<string> ReleaseIds { get; set; } = [];

    /// <summary>Rows of other chunks, put together in a new one.</summary>
    /// <param name="at">The version, for its codelists.</param>
    /// <param name="rows">The rows in their new order; at least one. All their chunks have the same columns.</param>
    public static Chunk Of(DatasetAtVersion at, IReadOnlyList<(Chunk Chunk, int Row)> rows)
    {
        var (like, count) = (rows[0].Chunk, rows.Count);
        var chunk = new Chunk(at.Components.Count) { Rows = count, ReleaseIds = like.ReleaseIds };
        var numbers = new int[count];
        for (var c = 0; c < chunk.Codes.Length; c++)
        {
            if (like.Codes[c] is null)
                continue;
            for (var i = 0; i < count; i++)
                numbers[i] = rows[i].Chunk.Codes[c]![rows[i].Row];
            chunk.Codes[c] = new CodeColumn(numbers, at.Components[c].Codes.Count);
        }
        if (like.Values is { } values)
            chunk.Values = new ValueColumn([.. rows.Select(r => r.Chunk.Values![r.Row])], values.Scale);
        if (like.Decimals is not null)
            chunk.Decimals = [.. rows.Select(r => r.Chunk.Decimals![r.Row])];
        if (like.Source is not null)
            chunk.Source = new TextColumn([.. rows.Select(r => r.Chunk.Source![r.Row].AsMemory())]);
        if (like.Release is not null)
        {
            for (var i = 0; i < count; i++)
                numbers[i] = rows[i].Chunk.Release![rows[i].Row];
            chunk.Release = new CodeColumn(numbers, int.MaxValue);
        }
        chunk.Measures = [.. like.Measures.Select((_, m) => rows.Select(r => r.Chunk.Measures[m][r.Row]).ToArray())];
        return chunk;
    }

    /// <summary>What an answer computes beside OBS_VALUE: a list a measure, a value a row, null where there is none.</summary>
    public IReadOnlyList<decimal?[]> Measures { get; set; } = [];

    /// <summary>The value with the decimals that the release showed, or null.</summary>
    public decimal? Value(int row)
    {
        if (Values![row] is not { } value)
            return null;
        var shown = Decimals![row];
        if (shown == byte.MaxValue)
            return value;
        // A wide column does not keep zeros at the end: they are cut or added.
        return value.Scale < shown ? value + new decimal(0, 0, 0, false, Math.Min(shown, (byte)28)) : decimal.Round(value, shown);
    }
}

/// <summary>The rows of a chunk that match a query, in stored order.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Rows">The rows; null when they are those from <paramref name="From"/> on.</param>
/// <param name="From">The first row when there is no list.</param>
/// <param name="Count">How many rows match.</param>
internal readonly record struct Match(Chunk Chunk, int[]? Rows, int From, int Count)
{
    /// <summary>The row in the chunk of the match's row number i.</summary>
    public int Row(int i) => Rows is null ? From + i : Rows[i];

    /// <summary>Only the matches from one to another (exclusive).</summary>
    public Match Slice(int from, int to) =>
        Rows is null ? this with { From = From + from, Count = to - from } : this with { Rows = Rows[from..to], Count = to - from };
}
