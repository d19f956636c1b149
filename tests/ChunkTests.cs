using System.Text;
using CsCheck;
using Pipeline.Querying;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Decoded columns are kept as narrow as they can be, and give back what was put in.</summary>
public sealed class ChunkTests
{
    private static readonly Gen<long> AnyNumber = Gen.OneOf(Gen.Const(0L), Gen.Long[-3, 3], Gen.Long[-300, 70_000], Gen.Long[-5_000_000_000, 5_000_000_000], Gen.Long, Gen.Const(long.MinValue), Gen.Const(long.MaxValue));

    [Fact]
    public void Numbers_of_any_width_come_back() => Gen.Select(AnyNumber, Gen.Long[0, 5_000_000_000]).SelectMany(
        (least, width) => Gen.Long[least, least > long.MaxValue - width ? long.MaxValue : least + width].Array[1, 40]).Sample(numbers =>
    {
        var packed = PackedNumbers.Of<long>(numbers);
        numbers.Select((_, i) => packed[i]).ShouldBe(numbers);
        var widest = (UInt128)((Int128)numbers.Max() - numbers.Min());
        (packed.Bytes - 64).ShouldBe(numbers.Length * (widest == 0 ? 0 : widest <= byte.MaxValue ? 1 : widest <= ushort.MaxValue ? 2 : widest <= uint.MaxValue ? 4 : 8));
    });

    [Fact]
    public void Codes_that_are_allowed_are_found() => Gen.Select(Gen.Int[1, 700], Gen.Int[0, 5]).SelectMany((codes, spread) => Gen.Select(
        Gen.Int[codes / (spread + 1), codes].Array[1, 60], Gen.Bool.Array[codes + 1])).Sample((numbers, allowed) =>
    {
        var column = new CodeColumn(numbers, allowed.Length - 1);
        var rows = new int[numbers.Length];
        var count = column.Match(allowed, 0, numbers.Length, rows);
        rows[..count].ShouldBe(Enumerable.Range(0, numbers.Length).Where(i => allowed[numbers[i]]));
    });

    [Fact]
    public void Values_come_back_and_missing_ones_are_missing() => Gen.Select(Gen.Select(Gen.Long[-999_999_999_999_999_999, 999_999_999_999_999_999], Gen.Long[-9, 9], Gen.Bool, Gen.Int[0, 3],
        (wide, narrow, isWide, missing) => missing == 0 ? (long?)null : isWide ? wide : narrow).Array[1, 40], Gen.Int[0, 18]).Sample((values, scale) =>
    {
        var digits = values.OfType<long>().Concat(new long[values.Length]).Take(values.Length).ToArray();
        var column = new ValueColumn(digits, values.Contains(null) ? [.. values.Select(v => v is null ? 0 : 1)] : null, scale);
        for (var i = 0; i < values.Length; i++)
        {
            column.TryGetDigits(i, out var found).ShouldBe(values[i] is not null);
            if (values[i] is { } value)
                found.ShouldBe(value);
            column[i].ShouldBe(values[i] is { } digit ? new decimal(digit) / (decimal)Math.Pow(10, scale) : null);
        }
    });

    [Fact]
    public void Texts_come_back()
    {
        var number = Gen.OneOf(Gen.Int[0, 20].Select(n => $"{n}"), Gen.Int.Select(n => $"{n}"), Gen.Const("007"), Gen.Const("999999999999999999"), Gen.Const("1000000000000000000"), Gen.Const(""), Gen.Const("٣"));
        var prefix = Gen.OneOf(Gen.Const(""), Gen.Const("F"), Gen.Const("行"), Gen.Const("Sheet 1'!B"), Gen.Const("7 of "), Gen.Const(new string('长', 40)));
        Gen.Select(prefix, prefix, number.Array[1, 30], Gen.Int[0, 12]).Sample((one, other, numbers, change) =>
        {
            var texts = numbers.Select((n, i) => (i == change ? other : one) + n).ToArray();
            var column = new TextColumn([.. texts.Select(t => t.AsMemory())]);
            for (var i = 0; i < texts.Length; i++)
            {
                column[i].ShouldBe(texts[i]);
                Encoding.UTF8.GetString(column.Read(i, new byte[TextColumn.ScratchBytes])).ShouldBe(texts[i]);
            }
        });
    }
}
