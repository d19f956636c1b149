using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>What a value is compared with.</summary>
internal enum Lag
{
    /// <summary>The same period a year before.</summary>
    Year,

    /// <summary>The period of the same length right before.</summary>
    Period,
}

/// <summary>A value that is computed beside each observation from others of its series, or of its total; the kinds there are, are nested here.</summary>
/// <param name="Id">The column's name.</param>
internal abstract record Computation(string Id)
{
    /// <summary>How it is computed; x is the observation's value.</summary>
    public abstract string Formula { get; }

    /// <summary>Values for the observations of a series; null where what it takes is not there, or the units do not permit it.</summary>
    public abstract void Compute(SeriesBuffer series, Span<decimal?> results);

    private static string Before(Lag over) => over == Lag.Year ? "x[same period a year before]" : "x[period before]";

    /// <summary>The value before.</summary>
    public sealed record Earlier(string Id, Lag Over) : Computation(Id)
    {
        /// <inheritdoc/>
        public override string Formula => Before(Over);

        /// <inheritdoc/>
        public override void Compute(SeriesBuffer series, Span<decimal?> results)
        {
            for (var i = 0; i < series.Count; i++)
                results[i] = series.Before(i, Over);
        }
    }

    /// <summary>The growth in per cent.</summary>
    public sealed record Growth(string Id, Lag Over) : Computation(Id)
    {
        /// <inheritdoc/>
        public override string Formula => $"100 × (x / {Before(Over)} − 1), in per cent; null where x is in per cent itself or an index to the year or the period before, or {Before(Over)} is not above zero";

        /// <inheritdoc/>
        public override void Compute(SeriesBuffer series, Span<decimal?> results)
        {
            for (var i = 0; i < series.Count; i++)
                if (series.HasRatios(i) && series.Values[i] is { } now && series.Before(i, Over) is { } before)
                    results[i] = Percent(now - before, before);
        }
    }

    /// <summary>The difference in the value's own unit.</summary>
    public sealed record Difference(string Id, Lag Over) : Computation(Id)
    {
        /// <inheritdoc/>
        public override string Formula => $"x − {Before(Over)}, in the unit of x";

        /// <inheritdoc/>
        public override void Compute(SeriesBuffer series, Span<decimal?> results)
        {
            for (var i = 0; i < series.Count; i++)
                if (series.Values[i] is { } now && series.Before(i, Over) is { } before)
                    results[i] = Exactly(() => now - before);
        }
    }

    /// <summary>The value as per cent of that of a base period, or of the mean of the periods within it.</summary>
    public sealed record Index(string Id, string BaseText, PeriodDays Base) : Computation(Id)
    {
        /// <inheritdoc/>
        public override string Formula => $"100 × x / x[{BaseText}]; where the series has several periods within {BaseText}, their mean stands for it, for a range (2023-01/2023-06) that of as many months; "
            + "null where x is in per cent itself or an index to the year or the period before, or the base is not above zero";

        /// <inheritdoc/>
        public override void Compute(SeriesBuffer series, Span<decimal?> results)
        {
            // January to June is no part of a mean with January to May: ranges of as many months have a base of their own.
            int LengthOf(int i) => series.IsCumulative(i) ? series.Periods[i]!.Value.Months : 0;
            var bases = new Dictionary<int, (decimal Sum, int Count, int Unit, DateOnly End)>();
            try
            {
                for (var i = 0; i < series.Count; i++)
                {
                    if (series.Periods[i] is not { } period || period.Start < Base.Start || period.End > Base.End || series.Values[i] is not { } value)
                        continue;
                    var (sum, count, unit, end) = bases.GetValueOrDefault(LengthOf(i), (0, 0, series.Units[i], DateOnly.MinValue));
                    bases[LengthOf(i)] = (sum + (value * series.Power(i)), count + 1, unit == series.Units[i] && period.Start > end ? unit : -1, period.End);
                }
                for (var i = 0; i < series.Count; i++)
                {
                    if (series.Values[i] is { } value && series.Periods[i] is not null && series.HasRatios(i) && bases.TryGetValue(LengthOf(i), out var of) && of.Unit == series.Units[i])
                        results[i] = Percent(value * series.Power(i), of.Sum / of.Count);
                }
            }
            catch (OverflowException)
            {
                // Numbers of more than 28 digits have no index.
            }
        }
    }

    /// <summary>The value as per cent of a total's: of the observation that differs only in having another code in one dimension.</summary>
    /// <param name="Id">Its id in the answer.</param>
    /// <param name="Dimension">The dimension that the total has another code in.</param>
    /// <param name="Total">The total's code; null for the code's parent, or <paramref name="Whole"/> where it has none, or none with values.</param>
    /// <param name="Whole">The code that is the total of the whole list; null where there is none.</param>
    public sealed record Share(string Id, string Dimension, string? Total, string? Whole) : Computation(Id)
    {
        /// <inheritdoc/>
        public override string Formula => Total is not null
            ? $"100 × x / x[{Dimension} = {Total}], in per cent; null where x is a rate, an average or an index"
            : $"100 × x / x[{Dimension} = the code's parent{(Whole is null ? "" : ", else " + Whole)}], in per cent; null where x is a rate, an average or an index";

        /// <inheritdoc/>
        public override void Compute(SeriesBuffer series, Span<decimal?> results)
        {
            for (var i = 0; i < series.Count; i++)
            {
                if (series.Values[i] is not { } value || !series.AddsUp(i) || series.IsRate(i) || series.TotalOf(this, i) is not { } total || total.Unit != series.Units[i])
                    continue;
                results[i] = Exactly(() => Percent(value * series.Power(i), total.Value));
            }
        }
    }

    /// <summary>The value of the last part of a cumulative one: what it is more than the one that ends one, two or three months before.</summary>
    public sealed record Single(string Id) : Computation(Id)
    {
        /// <inheritdoc/>
        public override string Formula => "x − x[same start, ends one month before; where there is none, two or three months before], the value of these last months; x itself where it is of up to three months and nothing of them is known";

        /// <inheritdoc/>
        public override void Compute(SeriesBuffer series, Span<decimal?> results)
        {
            for (var i = 0; i < series.Count; i++)
                results[i] = LastOf(series, i)?.Value;
        }

        /// <summary>The value of the last months of a cumulative one, and how many these are; null where that can not be told.</summary>
        internal static (decimal Value, int Months)? LastOf(SeriesBuffer series, int i)
        {
            if (series.Periods[i] is not { IsWhole: true } period || series.Values[i] is not { } value || !series.AddsUp(i))
                return null;
            for (var months = 1; series.IsCumulative(i) && months < Math.Min(4, period.Months); months++)
            {
                var before = new PeriodDays(period.Start, period.End.AddDays(1).AddMonths(-months).AddDays(-1));
                if (series.BeginningOf(i, before) is { } less)
                    return Exactly(() => value - less) is { } last ? (last, months) : null;
            }
            return period.Months <= 3 ? (value, period.Months) : null;
        }
    }

    /// <summary>How many months the value of <see cref="Single"/> is of: with the end of TIME_PERIOD they say which.</summary>
    public sealed record SingleMonths(string Id, string Of) : Computation(Id)
    {
        /// <inheritdoc/>
        public override string Formula => $"the months that {Of} is of, up to the end of TIME_PERIOD: 1 is its last month";

        /// <inheritdoc/>
        public override void Compute(SeriesBuffer series, Span<decimal?> results)
        {
            for (var i = 0; i < series.Count; i++)
                results[i] = Single.LastOf(series, i)?.Months;
        }
    }

    // Of a loss, or of nothing, there is no per cent that says what it seems to.
    private static decimal? Percent(decimal part, decimal whole) => whole <= 0 ? null : Exactly(() => Rounded(part * 100 / whole));

    // Shown to a hundred-thousandth of a per cent: more digits than any release has, and no tail of a division.
    private static decimal Rounded(decimal value) => decimal.Round(value, 5) is var rounded && rounded == 0 ? 0 : rounded / 1.0000000000000000000000000000m;

    private static decimal? Exactly(Func<decimal?> value)
    {
        try
        {
            return value();
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}

/// <summary>The observations of one series, as computations look at them.</summary>
internal sealed class SeriesBuffer(DatasetAtVersion at)
{
    private readonly Dictionary<PeriodDays, int> byPeriod = [];
    private readonly int unit = at.IndexOf(Concepts.UnitMeasure);
    private readonly int mult = at.IndexOf(Concepts.UnitMult);
    private readonly List<(Chunk Chunk, int Row)> rows = [];
    private readonly int indicator = at.IndexOf(Concepts.Indicator);
    private readonly bool[] ratios = [.. at.Components[at.IndexOf(Concepts.UnitMeasure)].Codes.Select(code => !Understanding.Units.IsRelative(code)), true];

    /// <summary>How many there are.</summary>
    public int Count => rows.Count;

    /// <summary>Where they lie.</summary>
    public IReadOnlyList<(Chunk Chunk, int Row)> Rows => rows;

    /// <summary>The periods; null where a code is none.</summary>
    public List<PeriodDays?> Periods { get; } = [];

    /// <summary>The values as published; null where missing.</summary>
    public List<decimal?> Values { get; } = [];

    /// <summary>The numbers of the codes of UNIT_MEASURE.</summary>
    public List<int> Units { get; } = [];

    /// <summary>Finds what share computations divide by.</summary>
    public Func<Computation.Share, SeriesBuffer, int, (decimal Value, int Unit)?>? Totals { get; set; }

    /// <summary>Finds a value of another frequency: what a range is more than, where that is a month or a quarter.</summary>
    public Func<SeriesBuffer, int, PeriodDays, (decimal Value, int Unit)?>? Others { get; set; }

    /// <summary>Starts the next series.</summary>
    public void Clear()
    {
        rows.Clear();
        Periods.Clear();
        Values.Clear();
        Units.Clear();
        byPeriod.Clear();
    }

    /// <summary>Takes the next observation of the series.</summary>
    public void Add(Chunk chunk, int row)
    {
        var time = chunk.Codes[at.TimeIndex]![row];
        var period = time < at.Periods.Length ? at.Periods[time] : null;
        if (period is { } days)
            byPeriod.TryAdd(days, rows.Count);
        rows.Add((chunk, row));
        Periods.Add(period);
        Values.Add(chunk.Value(row));
        Units.Add(chunk.Codes[unit]![row]);
    }

    /// <summary>Whether values in an observation's unit add up.</summary>
    public bool AddsUp(int i) => Units[i] >= at.Components[unit].Codes.Count || Understanding.Units.AddUp(at.Components[unit].Codes[Units[i]]);

    /// <summary>Whether an observation's indicator is a rate, an average or an index by its name.</summary>
    public bool IsRate(int i) => at.Measured.IsRate(indicator < 0 ? 0 : rows[i].Chunk.Codes[indicator]![rows[i].Row]);

    /// <summary>Whether values in an observation's unit can be divided by each other: not what is in per cent already, nor degrees.</summary>
    public bool HasRatios(int i) => ratios[Units[i]];

    /// <summary>10 to the power of UNIT_MULT; 1 where there is none.</summary>
    public decimal Power(int i) => PowerOf(at, rows[i].Chunk.Codes[mult]![rows[i].Row]);

    /// <summary>10 to the power that a code number of UNIT_MULT says; 1 where it says none.</summary>
    public static decimal PowerOf(DatasetAtVersion at, int number)
    {
        var codes = at.Components[at.IndexOf(Concepts.UnitMult)].Codes;
        if (number >= codes.Count || !int.TryParse(codes[number].Id, out var power) || power is < -12 or > 12)
            return 1;
        var factor = 1m;
        for (var p = Math.Abs(power); p > 0; p--)
            factor *= 10;
        return power < 0 ? 1 / factor : factor;
    }

    /// <summary>A value with its multiplier applied; null where that has more than 28 digits.</summary>
    public static decimal? Full(DatasetAtVersion at, decimal value, int mult)
    {
        try
        {
            return value * PowerOf(at, mult);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The value before, in the multiplier of the observation; null where there is none or it has another unit.</summary>
    public decimal? Before(int i, Lag over) =>
        (over == Lag.Year ? Periods[i]?.YearsBefore(1) : IsCumulative(i) ? null : Periods[i]?.Previous()) is { } period ? At(period, i)?.Value : null;

    /// <summary>The observation of another period, in the multiplier of one observation; null where there is none or it has another unit.</summary>
    public (decimal? Value, int Row)? At(PeriodDays period, int i)
    {
        if (!byPeriod.TryGetValue(period, out var found) || Units[found] != Units[i])
            return null;
        if (Values[found] is not { } value)
            return (null, found);
        var (from, to) = (Power(found), Power(i));
        try
        {
            return (from == to ? value : value * from / to, found);
        }
        catch (OverflowException)
        {
            return (null, found);
        }
    }

    /// <summary>The total that a share computation divides by, with its multiplier applied.</summary>
    public (decimal Value, int Unit)? TotalOf(Computation.Share share, int i) => Totals?.Invoke(share, this, i);

    /// <summary>The value of the part that a cumulative one begins with, in the multiplier of that; null where there is none or it has another unit.</summary>
    public decimal? BeginningOf(int i, PeriodDays part)
    {
        if (At(part, i)?.Value is { } value)
            return value;
        return Others?.Invoke(this, i, part) is { } other && other.Unit == Units[i] ? other.Value / Power(i) : null;
    }

    /// <summary>Whether an observation's period is written as a range: of January to June the period before of the same length would be July to December, which nobody means.</summary>
    public bool IsCumulative(int i) => at.Components[at.TimeIndex].Codes[rows[i].Chunk.Codes[at.TimeIndex]![rows[i].Row]].Id.Contains('/');
}
