using CsCheck;
using Pipeline.Understanding;

namespace Pipeline.Tests.Support;

/// <summary>An observation of a test: a place, a year or month, and what is said.</summary>
public sealed record Row(string Area, string Period, decimal? Value, string Status, string Unit)
{
    public string Key => Area + "|" + Period;
}

/// <summary>Cubes with FREQ and REF_AREA, built from rows; the row's number is its cell.</summary>
public static class Cubes
{
    /// <summary>Few areas and periods, so that keys repeat; values of all scales and missing ones.</summary>
    public static readonly Gen<List<Row>> AnyRows =
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 30], Value, Gen.Bool.Select(b => b ? "PT" : "T"), (area, month, value, unit) =>
            new Row($"65{area:D4}", $"{2020 + (month / 12)}-{(month % 12) + 1:D2}", value, value is null ? "M" : "A", unit))
        .List[1, 60];

    /// <summary>An exact decimal of up to 13 digits with 0 to 4 decimals, or none.</summary>
    public static Gen<decimal?> Value => Gen.Select(Gen.Long[-9_999_999_999_999, 9_999_999_999_999], Gen.Int[0, 4], Gen.Int[0, 9], (digits, scale, missing) =>
        missing == 0 ? (decimal?)null : new decimal((int)Math.Abs(digits), (int)(Math.Abs(digits) >> 32), 0, digits < 0, (byte)scale));

    public static Cube Of(IEnumerable<Row> rows)
    {
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension),
            new(Concepts.RefArea, ComponentRole.Dimension),
            new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute),
            new(Concepts.UnitMeasure, ComponentRole.Attribute),
            new(Concepts.UnitMult, ComponentRole.Attribute),
        ];
        var cube = new Cube(components, []);
        var number = 1;
        Span<int> codes = stackalloc int[6];
        foreach (var row in rows)
        {
            codes[0] = components[0].Codes.Add(row.Period.Length == 4 ? "A" : "M");
            codes[1] = components[1].Codes.Add(row.Area);
            codes[2] = components[2].Codes.Add(row.Period);
            codes[3] = components[3].Codes.Add(row.Status);
            codes[4] = components[4].Codes.Add(row.Unit);
            codes[5] = components[5].Codes.Add("0");
            cube.Observations.Add(codes, row.Value, Source.Cell(++number, 3));
        }
        return cube;
    }
}
