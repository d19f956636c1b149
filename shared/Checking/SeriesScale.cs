using System.Globalization;
using Pipeline.Understanding;

namespace Pipeline.Checking;

/// <summary>A value as it stands in a version or in a release.</summary>
/// <param name="Value">The value; null when it is missing or there is none.</param>
/// <param name="Decimals">The decimals that are shown.</param>
/// <param name="Unit">The position of its UNIT_MEASURE.</param>
/// <param name="Mult">The position of its UNIT_MULT.</param>
internal readonly record struct Measured(decimal? Value, int Decimals, int Unit, int Mult);

/// <summary>A period of a series: what the version before says, and what the release says.</summary>
internal struct SeriesPoint
{
    /// <summary>The position of TIME_PERIOD.</summary>
    public int Time;

    /// <summary>The version before; null when it lacks the period.</summary>
    public Measured? Old;

    /// <summary>The release; null when it lacks the period.</summary>
    public Measured? New;

    /// <summary>SOURCE of the release's observation.</summary>
    public ReadOnlyMemory<char> Source;

    /// <summary>Whether the release says something of the period that the version before does not.</summary>
    public readonly bool IsChanged => New is { Value: { } now } given
        && (Old is not { Value: { } before } known || before != now || known.Unit != given.Unit || known.Mult != given.Mult);
}

/// <summary>What <see cref="SeriesScale"/> has to say of one value of the release.</summary>
internal struct ScaleVerdict
{
    /// <summary>The power of ten by which the value is off its series' history; 0 when it is not, or nothing can be said.</summary>
    public int Factor;

    /// <summary>Whether there is a value to compare it with, however little is known of how the series moves.</summary>
    public bool IsComparable;

    /// <summary>The power of ten nearest to its ratio to that value; 0 also where none is near. Says little of one series and much of a whole table.</summary>
    public int Nearest;

    /// <summary>The point that it is compared with.</summary>
    public int Reference;

    /// <summary>Whether that point's value there is the release's own, not the version's.</summary>
    public bool ReferenceIsNew;

    /// <summary>Whether unit or multiplier differ from the reference's.</summary>
    public bool UnitChanged;

    /// <summary>Whether they do, by a factor that is not one, and the figures go on as if they did not.</summary>
    public bool IsUnmoved;

    /// <summary>The expected value's decimal logarithm, in the unit that the release states.</summary>
    public double Centre;

    /// <summary>How far from it, either way, a value is as expected.</summary>
    public double Tolerance;
}

/// <summary>
/// Tells values that are a power of ten (10 to 1,000,000,000, either way) off the history of their own series: the slip between 万 and 亿, thousands
/// and units, a lost decimal point.
/// </summary>
/// <remarks>
/// Everything is measured in decimal logarithms of the absolute value, UNIT_MULT and metric prefixes included.
/// <list type="number">
/// <item>A revised value is compared with the earlier value of its period. A new one is compared with the nearest period before (after, where there is
/// none) or with the same period a year ago, whichever the series' history follows more closely.</item>
/// <item>How the series moves, M, is the largest step of its last 64 known values (over a period, or over a year), times 1 + 2/steps because few
/// steps show little, times the gap where the gap is wider than any before, plus 2 standard deviations of a count as
/// small as the smaller of the two as shown (0.87/√n, n in units of the last decimal): counts of 5 and rates of 0.3 move by a factor of 10, and are not told for it.</item>
/// <item>Off by 10^k is a ratio within 0.05 + 1.5 M of 10^k, at most 0.25 (a factor of 1.8), for 10 itself 0.12 (a factor of 1.3), plus half a unit of the last
/// decimal; provided that M is at most 0.25 for a factor of 10, 0.4 for 100 and k/3 for others. True series leap: real tables have values six times their
/// last, and a series that has ever moved by 1.8 at once is not told for a factor of 10, one that has moved by 10 not for less than 1,000.</item>
/// <item>Two steps, so three known values, are the least; a revised value needs none. Series with zeros or of both signs are balances, growth rates or small
/// counts, and those that lack more periods than every third are sparse: they are never told. A revision that comes nearer to its neighbours than the value it corrects mends a slip.</item>
/// <item>A value that is off is no history for the values after it; one that fits is.</item>
/// </list>
/// </remarks>
internal sealed class SeriesScale
{
    /// <summary>The largest power of ten that is told.</summary>
    public const int MostFactor = 9;

    /// <summary>The known values before the first changed one that are looked at.</summary>
    public const int Looked = 64;

    // How near a ratio has to be to a power of ten when nothing is known of how the series moves: within a factor of 2.
    private const double Near = 0.3;

    private readonly int[] mult;
    private readonly (int Family, int Power)[] units;
    private readonly double[] at;
    private readonly double[] length;
    private readonly int[] yearAgo;
    private double[] level = new double[256];
    private Measured[] known = new Measured[256];
    private bool[] isNew = new bool[256];

    /// <summary>Prepares the codelists.</summary>
    public SeriesScale(IReadOnlyList<Code> times, IReadOnlyList<Code> measures, IReadOnlyList<Code> multipliers)
    {
        mult = [.. multipliers.Select(m => int.TryParse(m.Id, CultureInfo.InvariantCulture, out var power) ? power : 0)];
        units = [.. measures.Select((m, i) => Metric(m.Id) ?? (i, 0))];
        var spans = times.Select(t => Span(t.Id)).ToArray();
        at = [.. spans.Select(s => s.Start + s.Length)];
        length = [.. spans.Select(s => s.Length)];
        var positions = times.Select((t, i) => (t.Id, i)).ToDictionary(t => t.Id, t => t.i, StringComparer.Ordinal);
        yearAgo = [.. times.Select(t => YearBefore(t.Id) is { } id && positions.TryGetValue(id, out var position) ? position : -1)];
    }

    /// <summary>Judges the changed values of one series.</summary>
    /// <param name="points">The series' periods in their order.</param>
    /// <param name="verdicts">Takes a verdict for each point; only those of changed points say anything.</param>
    public void Judge(ReadOnlySpan<SeriesPoint> points, Span<ScaleVerdict> verdicts)
    {
        var first = 0;
        while (first < points.Length && !points[first].IsChanged)
            first++;
        verdicts[..points.Length].Clear();
        if (first == points.Length)
            return;
        if (level.Length < points.Length)
            (level, known, isNew) = (new double[points.Length * 2], new Measured[points.Length * 2], new bool[points.Length * 2]);
        var from = Math.Max(0, first - Looked);
        var history = Measure(points, from);
        var last = -1;
        for (var i = from; i < points.Length; i++)
        {
            if (points[i].IsChanged)
            {
                ref var verdict = ref verdicts[i];
                Judge(points, i, from, last, history, ref verdict);
                var now = points[i].New!.Value;
                if (verdict.Factor == 0 && verdict.Nearest == 0 && !verdict.IsUnmoved && now.Value != 0)
                    (level[i], known[i], isNew[i]) = (Log(now), now, true);
            }
            if (!double.IsNaN(level[i]))
                last = i;
        }
    }

    private readonly record struct History(double Step, int Steps, double Widest, double YearStep, int YearSteps, bool IsMixed);

    /// <summary>What the version before knows of how the series moves.</summary>
    private History Measure(ReadOnlySpan<SeriesPoint> points, int from)
    {
        var (step, steps, widest, yearStep, yearSteps, isMixed, sign, last) = (0d, 0, 0d, 0d, 0, false, 0, -1);
        var (span, narrowest, gaps) = (0d, double.PositiveInfinity, 0);
        for (var i = from; i < points.Length; i++)
        {
            level[i] = double.NaN;
            isNew[i] = false;
            if (points[i].Old is not { Value: { } value } old)
                continue;
            if (value == 0 || (sign != 0 && Math.Sign(value) != sign))
            {
                isMixed = true;
                continue;
            }
            sign = Math.Sign(value);
            (level[i], known[i]) = (Log(old), old);
            if (last >= 0)
            {
                var gap = at[points[i].Time] - at[points[last].Time];
                (span, narrowest, widest) = (span + gap, Math.Min(narrowest, gap), Math.Max(widest, gap));
                gaps++;
                if (Shift(points[last].Time, points[i].Time) is { } shift)
                {
                    step = Math.Max(step, Math.Abs(level[i] - level[last] - (shift / 2)));
                    steps++;
                }
            }
            if (YearAgo(points, from, i) is >= 0 and var year && !double.IsNaN(level[year]))
            {
                yearStep = Math.Max(yearStep, Math.Abs(level[i] - level[year]));
                yearSteps++;
            }
            last = i;
        }
        if (span > 1.6 * gaps * narrowest)
            (steps, yearSteps) = (0, 0);
        return new History(step, steps, widest, yearStep, yearSteps, isMixed);
    }

    private void Judge(ReadOnlySpan<SeriesPoint> points, int i, int from, int last, History history, ref ScaleVerdict verdict)
    {
        var now = points[i].New!.Value;
        if (now.Value == 0)
            return;
        var (reference, moves, centre, slack) = (-1, double.PositiveInfinity, 0d, 0d);
        var isRevision = !double.IsNaN(level[i]) && Math.Sign(known[i].Value!.Value) == Math.Sign(now.Value!.Value);
        if (isRevision)
        {
            (reference, moves, centre) = (i, 0, level[i]);
        }
        else if (points[i].Old is not { Value: not null })
        {
            var near = last;
            for (var next = i + 1; near < 0 && next < points.Length; next++)
                if (!double.IsNaN(level[next]))
                    near = next;
            if (near >= 0 && Shift(points[near].Time, points[i].Time) is { } shift)
            {
                var gap = Math.Abs(at[points[i].Time] - at[points[near].Time]);
                (reference, centre, slack) = (near, level[near] + (shift / 2), Math.Abs(shift / 2));
                if (history.Steps >= 2)
                    moves = Inflated(history.Step, history.Steps) * (gap > 1.5 * history.Widest ? gap / history.Widest : 1);
            }
            if (YearAgo(points, from, i) is >= 0 and var year && !double.IsNaN(level[year])
                && (reference < 0 || (history.YearSteps >= 2 && Inflated(history.YearStep, history.YearSteps) < moves)))
            {
                (reference, centre, slack) = (year, level[year], 0);
                moves = history.YearSteps >= 2 ? Inflated(history.YearStep, history.YearSteps) : double.PositiveInfinity;
            }
        }
        if (reference < 0)
            return;
        var before = known[reference];
        (verdict.Reference, verdict.ReferenceIsNew) = (reference, isNew[reference]);
        if (history.IsMixed || Math.Sign(before.Value!.Value) != Math.Sign(now.Value!.Value))
        {
            // A balance says nothing of its unit either, but that the unit is another one can be seen.
            verdict.UnitChanged = before.Unit != now.Unit || before.Mult != now.Mult;
            return;
        }
        var ratio = Log(now) - centre;
        var (shown, shownBefore) = (Shown(now), Shown(before));
        var tolerance = 0.05 + (1.5 * (moves + Noise(shownBefore)));
        (verdict.Centre, verdict.Tolerance) = (centre - Power(now), Math.Min(0.25, tolerance) + slack);
        Compare(before, now, ratio, ref verdict);
        if (verdict.IsUnmoved)
            return;
        var factor = (int)Math.Round(ratio);
        if (factor == 0 || Math.Abs(factor) > MostFactor)
        {
            verdict.IsComparable = shownBefore >= 10;
            return;
        }
        if (isRevision && Neighbour(points, i, from) is { } neighbour && Math.Abs(Log(now) - neighbour) < Math.Abs(level[i] - neighbour))
            return;
        verdict.IsComparable = shownBefore >= 10;
        verdict.Nearest = verdict.IsComparable && Math.Abs(ratio - factor) <= Near + slack ? factor : 0;
        var (mostMoves, mostTolerance) = Math.Abs(factor) switch { 1 => (0.25, 0.12), 2 => (0.4, 0.25), var other => (other / 3d, 0.25) };
        var rounding = Math.Min(0.2, Math.Log10(1 + (0.5 / shown)));
        if (moves + Noise(Math.Min(shown, shownBefore)) <= mostMoves && Math.Abs(ratio - factor) <= Math.Min(mostTolerance, tolerance) + slack + rounding)
            verdict.Factor = factor;
    }

    /// <summary>Whether unit or multiplier have changed, and whether the figures have gone with them.</summary>
    private void Compare(Measured before, Measured now, double ratio, ref ScaleVerdict verdict)
    {
        verdict.UnitChanged = before.Unit != now.Unit || before.Mult != now.Mult;
        if (!verdict.UnitChanged)
            return;
        var stated = Power(now) - Power(before);
        // Figures as before under another multiplier, or under a unit that nothing converts the old one to.
        verdict.IsUnmoved = stated != 0 ? Math.Abs(ratio - stated) <= Near : !AreConvertible(before.Unit, now.Unit) && Math.Abs(ratio) <= Near;
    }

    private double? Neighbour(ReadOnlySpan<SeriesPoint> points, int i, int from)
    {
        for (var distance = 1; i - distance >= from || i + distance < points.Length; distance++)
        {
            if (i - distance >= from && !double.IsNaN(level[i - distance]))
                return level[i - distance];
            if (i + distance < points.Length && !double.IsNaN(level[i + distance]))
                return level[i + distance];
        }
        return null;
    }

    private static double Noise(double shown) => 0.87 / Math.Sqrt(shown);

    private static double Inflated(double step, int steps) => step * (1 + (2d / steps));

    private int Power(Measured measured) => mult[measured.Mult] + units[measured.Unit].Power;

    private double Log(Measured measured) => Math.Log10((double)Math.Abs(measured.Value!.Value)) + Power(measured);

    private bool AreConvertible(int a, int b) => units[a].Family == units[b].Family || units[a].Family == Unspecified || units[b].Family == Unspecified;

    // The value in units of the last decimal shown: 5.2 is 52.
    private static double Shown(Measured measured) => Math.Max(1, (double)Math.Abs(measured.Value!.Value) * Math.Pow(10, measured.Decimals));

    /// <summary>The logarithm of what the lengths of two periods alone may account for, as in cumulated ranges; null when that is more than a factor of 2.</summary>
    private double? Shift(int before, int now)
    {
        if (length[before] == length[now])
            return 0;
        var shift = Math.Log10(length[now] / length[before]);
        return Math.Abs(shift) <= 0.31 ? shift : null;
    }

    private int YearAgo(ReadOnlySpan<SeriesPoint> points, int from, int i)
    {
        var time = yearAgo[points[i].Time];
        var (low, high) = (from, i - 1);
        while (time >= 0 && low <= high)
        {
            var middle = (low + high) >>> 1;
            if (points[middle].Time == time)
                return middle;
            if (points[middle].Time < time)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }

    private const int Unspecified = -1;
    private const double DaysOfYear = 365.2425;

    /// <summary>Units that differ by powers of ten only, by what they measure.</summary>
    private static (int Family, int Power)? Metric(string unit) => unit switch
    {
        Concepts.Unspecified => (Unspecified, 0),
        "G" => (-2, 0),
        "KG" => (-2, 3),
        "T" => (-2, 6),
        "KWH" => (-3, 3),
        "MWH" => (-3, 6),
        "GWH" => (-3, 9),
        "TWH" => (-3, 12),
        "KW" => (-4, 3),
        "MW" => (-4, 6),
        "GW" => (-4, 9),
        "TJ" => (-5, 12),
        "PJ" => (-5, 15),
        "MM" => (-6, -3),
        "M" => (-6, 0),
        "KM" => (-6, 3),
        "M2" => (-7, 0),
        "HA" => (-7, 4),
        "KM2" => (-7, 6),
        "L" => (-8, 0),
        "HL" => (-8, 2),
        "KL" or "M3" => (-8, 3),
        "PM" => (-9, -3),
        "PT" => (-9, -2),
        _ => null,
    };

    /// <summary>When an SDMX period begins and how long it is, in years; a length of 0 where there is none.</summary>
    private static (double Start, double Length) Span(ReadOnlySpan<char> period)
    {
        if (period.IndexOf('/') is > 0 and var cut)
        {
            var (first, last) = (Span(period[..cut]), Span(period[(cut + 1)..]));
            return (first.Start, Math.Round(last.Start + last.Length - first.Start, 6));
        }
        if (period.Length < 4 || !int.TryParse(period[..4], out var year))
            return (0, 0);
        int Number(ReadOnlySpan<char> digits) => int.TryParse(digits, out var number) ? number : 1;
        return period.Length < 7 ? (year, 1) : period[5] switch
        {
            'S' => (year + ((Number(period[6..]) - 1) / 2d), 1 / 2d),
            'Q' => (year + ((Number(period[6..]) - 1) / 4d), 1 / 4d),
            // Weeks and days by the calendar: years have 52 or 53 of the one and 365 or 366 of the other, and a narrow step must not seem a hole.
            'W' when year is > 0 and < 9999 && Number(period[6..]) is >= 1 and <= 53 => (DateOnly.FromDateTime(ISOWeek.ToDateTime(year, Number(period[6..]), DayOfWeek.Monday)).DayNumber / DaysOfYear, 7 / DaysOfYear),
            _ when period.Length == 7 && period[5] != 'W' => (year + ((Number(period[5..]) - 1) / 12d), 1 / 12d),
            _ => DateOnly.TryParseExact(period, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? (day.DayNumber / DaysOfYear, 1 / DaysOfYear) : (0, 0),
        };
    }

    /// <summary>The same part of the year before; null for whole years and what is no period.</summary>
    private static string? YearBefore(string period)
    {
        if (period.IndexOf('/') is > 0 and var cut)
            return YearBefore(period[..cut]) is { } first && YearBefore(period[(cut + 1)..]) is { } last ? first + "/" + last : null;
        return period.Length >= 7 && int.TryParse(period.AsSpan(0, 4), out var year) ? $"{year - 1:D4}{period[4..]}" : null;
    }
}
