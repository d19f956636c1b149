using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Observations come out as they went in, whether they fit into memory or not.</summary>
public sealed class ObservationSetTests
{
    private static readonly Gen<decimal?> AnyValue = Gen.Frequency(
        (1, Gen.Const((decimal?)null)),
        (4, Gen.Select(Gen.Long, Gen.Int[0, 18], (digits, scale) => (decimal?)ObservationBatch.FromMantissa(digits, (byte)scale))),
        (2, Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Byte[0, 28], (low, mid, high, negative, scale) => (decimal?)new decimal(low, mid, high, negative, scale))));

    // Runs of one code pack small and others large, so that chunks of both kinds follow each other.
    private static readonly Gen<List<(int Code, decimal? Value, int Row)>> AnyRows =
        Gen.Select(Gen.Frequency((1, Gen.Const(7)), (1, Gen.Int)), AnyValue, Gen.Int[1, 1 << 20]).List[0, 8].List[0, 30]
            .Select(runs => runs.SelectMany((run, i) => i % 2 == 0 ? run : Enumerable.Repeat((7, (decimal?)1m, 3), run.Count)).ToList());

    [Fact]
    public void What_is_added_is_read_again_whatever_memory_may_cost() =>
        Gen.Select(AnyRows, Gen.Int[1, 8], Gen.Long[0, 400]).Sample((rows, chunkRows, budget) =>
        {
            using var set = new ObservationSet(1, chunkRows, budget);
            foreach (var (code, value, row) in rows)
                set.Add([code], value, Source.Cell(row, 2));
            var read = new List<(int, decimal?, int)>();
            foreach (var batch in set.Read())
                for (var i = 0; i < batch.Count; i++)
                    read.Add((batch.Codes[0][i], batch.Value(i), batch.Source(i).A));
            read.ShouldBe(rows);
            read.Select(r => r.Item2?.Scale).ShouldBe(rows.Select(r => r.Value?.Scale));
            set.MaxScale.ShouldBe(rows.Max(r => (int?)r.Value?.Scale) ?? 0);
            set.MaxIntegerDigits.ShouldBe(rows.Max(r => r.Value is { } value && decimal.Truncate(value) is var whole and not 0
                ? (int?)Math.Abs(whole).ToString(System.Globalization.CultureInfo.InvariantCulture).Length : null) ?? 0);
        });

    [Fact]
    public void The_least_number_after_the_largest_is_no_step()
    {
        int[] codes = [int.MaxValue, int.MinValue, 7];
        using var set = new ObservationSet(1, 2);
        foreach (var code in codes)
            set.Add([code], 1m, Source.Cell(1, 1));
        set.Read().SelectMany(batch => batch.Codes[0][..batch.Count].ToArray()).ShouldBe(codes);
    }
}
