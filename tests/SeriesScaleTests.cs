using System.Globalization;
using Pipeline.Checking;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The rule that tells 万 from 亿, on series whose law is known: how often it is wrong about true values, and how many slips it sees.</summary>
public sealed class SeriesScaleTests
{
    private const int Series = 5_000;

    public enum Law
    {
        /// <summary>Monthly, grows, with months up to 2.5 times others, 1 % to 15 % of noise.</summary>
        Monthly,

        /// <summary>Weekly, a random walk with steps of 1 % to 10 %, over years of 52 and 53 weeks.</summary>
        Weekly,

        /// <summary>Annual, a random walk with steps of 3 % to 20 %.</summary>
        Annual,

        /// <summary>Annual, steps of Student's t with 3 degrees of freedom, 10 %: now and then a leap.</summary>
        Leaping,

        /// <summary>Cumulated since January.</summary>
        Cumulated,

        /// <summary>A count around 0.2 to 20.</summary>
        SmallCount,

        /// <summary>A growth rate around zero, one decimal.</summary>
        Growth,

        /// <summary>A rate of 0.1 to 3 per cent that stays positive, one decimal.</summary>
        SmallRate,

        /// <summary>Trade in goods that are hardly traded: most years nothing, else anything.</summary>
        Sparse,
    }

    [Theory]
    [InlineData(Law.Monthly, 0, 0.92)]
    [InlineData(Law.Weekly, 0, 0.96)]
    [InlineData(Law.Annual, 0, 0.96)]
    [InlineData(Law.Leaping, 0.0005, 0.9)]
    [InlineData(Law.Cumulated, 0, 0.99)]
    [InlineData(Law.SmallCount, 0, 0)]
    [InlineData(Law.Growth, 0.0005, 0)]
    [InlineData(Law.SmallRate, 0, 0)]
    [InlineData(Law.Sparse, 0.0005, 0)]
    public void True_values_are_left_alone_and_slips_are_seen(Law law, double mostFalse, double leastSeen)
    {
        var random = new Random(20261123 + (int)law);
        var (told, judged, seen, slips, wrongFactor) = (0, 0, 0, 0, 0);
        for (var n = 0; n < Series; n++)
        {
            var values = Draw(law, random, out var periods, out var decimals);
            // Of two values nobody knows how they move: three are known at the least.
            var added = 1 + random.Next(2);
            var known = values.Length - added;
            told += Judge(periods, values, known, decimals, 0).Count(v => v.Factor != 0);
            judged += added;
            var factor = (random.Next(4) + 1) * (random.Next(2) == 0 ? 1 : -1);
            // A slip that the release's decimals hide altogether is no slip any more.
            if (Math.Round(values[known] * Math.Pow(10, factor), decimals) == 0 || values[known] == 0)
                continue;
            slips++;
            var verdict = Judge(periods, values, known, decimals, factor)[known];
            seen += verdict.Factor == factor ? 1 : 0;
            wrongFactor += verdict.Factor != 0 && verdict.Factor != factor ? 1 : 0;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{law}: {told} of {judged} true values told ({(double)told / judged:P3}); {seen} of {slips} slips seen ({(double)seen / slips:P1}), {wrongFactor} by another factor");
        ((double)told / judged).ShouldBeLessThanOrEqualTo(mostFalse);
        ((double)seen / slips).ShouldBeGreaterThanOrEqualTo(leastSeen);
        wrongFactor.ShouldBeLessThanOrEqualTo(slips / 100);
    }

    [Theory]
    [InlineData(Law.Monthly, 0.99)]
    [InlineData(Law.Annual, 0.99)]
    [InlineData(Law.SmallCount, 0)]
    public void A_slip_in_a_revised_value_is_seen_and_its_correction_is_not(Law law, double leastSeen)
    {
        var random = new Random(7);
        var (seen, slips, told, corrected) = (0, 0, 0, 0);
        for (var n = 0; n < Series; n++)
        {
            var values = Draw(law, random, out var periods, out var decimals);
            var at = random.Next(values.Length);
            var factor = (random.Next(4) + 1) * (random.Next(2) == 0 ? 1 : -1);
            var points = Points(periods, values, values.Length, decimals);
            var right = points[at].Old!.Value;
            var revised = Math.Round(values[at] * (1 + (random.NextDouble() / 20)), decimals);
            if (right.Value == 0 || revised == 0 || Math.Round(revised * Math.Pow(10, factor), decimals) == 0)
                continue;
            points[at].New = right with { Value = Decimal(revised, decimals) };
            told += Verdicts(periods, points)[at].Factor != 0 ? 1 : 0;
            slips++;
            var wrong = right with { Value = Decimal(revised * Math.Pow(10, factor), decimals) };
            points[at].New = wrong;
            seen += Verdicts(periods, points)[at].Factor == factor ? 1 : 0;
            (points[at].Old, points[at].New) = (wrong, right);
            corrected += Verdicts(periods, points)[at].Factor != 0 ? 1 : 0;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{law}: {seen} of {slips} slips seen ({(double)seen / slips:P1}), {told} true revisions and {corrected} corrections told");
        told.ShouldBe(0);
        ((double)seen / slips).ShouldBeGreaterThanOrEqualTo(leastSeen);
        ((double)corrected / slips).ShouldBeLessThan(0.01);
    }

    [Theory]
    [InlineData(Law.Annual, 0.99)]
    [InlineData(Law.Leaping, 0.99)]
    [InlineData(Law.Monthly, 0.9)]
    [InlineData(Law.SmallCount, 0)]
    [InlineData(Law.SmallRate, 0)]
    [InlineData(Law.Sparse, 0)]
    public void A_table_with_one_or_two_periods_before_is_left_alone_and_its_slip_is_seen(Law law, double leastSeen)
    {
        const int Tables = 200;
        var random = new Random(11 + (int)law);
        var (told, seen) = (0, 0);
        for (var n = 0; n < Tables; n++)
        {
            var (known, series, factor) = (1 + random.Next(2), 5 + random.Next(36), (random.Next(4) + 1) * (random.Next(2) == 0 ? 1 : -1));
            var table = Enumerable.Range(0, series).Select(s => (Values: Draw(law, random, out _, out var decimals), Decimals: decimals)).ToList();
            told += OffScale(0) > 0 ? 1 : 0;
            // One finding for the whole table.
            seen += OffScale(factor) == 1 ? 1 : 0;

            long OffScale(int by)
            {
                IEnumerable<Row> Rows(int from, int to) => table.SelectMany((one, s) => Enumerable.Range(from, to - from).Where(p => !double.IsNaN(one.Values[p])).Select(p =>
                    new Row($"{s:D3}", $"{2010 + p}", Decimal(one.Values[p] * (from == known ? Math.Pow(10, by) : 1), one.Decimals), "A", "T")));
                using var before = Cubes.Of(Rows(0, known));
                using var now = Cubes.Of(Rows(known, known + 1));
                if (before.Observations.Count == 0 || now.Observations.Count == 0)
                    return 0;
                var structure = StructureMerge.Of(null, "d", before, null, "a", false, new Findings()).Structure;
                var merge = StructureMerge.Of(structure, "d", now, null, "b", false, new Findings());
                var comparison = new ReleaseComparison(merge, structure, 1, now);
                var rows = new LakeRows(merge.Structure.Components.Count, 1) { Count = 1 };
                foreach (var (row, isNew) in Rows(0, known).Select(r => (r, false)).Concat(Rows(known, known + 1).Select(r => (r, true))).OrderBy(r => r.r.Area, StringComparer.Ordinal).ThenBy(r => r.r.Period, StringComparer.Ordinal))
                {
                    string[] codes = ["A", row.Area, row.Period, "A", "T", "0"];
                    for (var c = 0; c < codes.Length; c++)
                        rows.Codes[c][0] = merge.Structure.Components[c].Codes.ToList().FindIndex(code => code.Id == codes[c]);
                    (rows.Values[0], rows.Decimals[0]) = (row.Value, row.Value!.Value.Scale);
                    if (isNew)
                        comparison.TakeNew(rows, 0);
                    else
                        comparison.TakeOld(rows, 0, stays: true);
                }
                comparison.Complete(0, 0, 0, 0, 0);
                return comparison.Findings.Counts.GetValueOrDefault("value-out-of-scale");
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{law}: {told} of {Tables} true tables told; {seen} of {Tables} slips seen ({(double)seen / Tables:P1})");
        told.ShouldBe(0);
        ((double)seen / Tables).ShouldBeGreaterThanOrEqualTo(leastSeen);
    }

    [Fact]
    public void A_series_that_has_jumped_like_this_before_and_one_of_two_values_are_not_told()
    {
        string[] periods = ["2018", "2019", "2020", "2021", "2022"];
        Judge(periods, [120, 1250, 118, 131, 1300], 4, 0, 0)[4].Factor.ShouldBe(0);
        Judge(periods, [120, 125, 118, 131, 1300], 4, 0, 0)[4].Factor.ShouldBe(1);
        Judge(["2020", "2021", "2022"], [125, 131, 1300], 2, 0, 0)[2].Factor.ShouldBe(0);
        Judge(["2020", "2021", "2022"], [125, 131, 1300], 2, 0, 0)[2].Nearest.ShouldBe(1);
        Judge(periods, [120, -125, 118, 131, 1300], 4, 0, 0)[4].Factor.ShouldBe(0);
        Judge(periods, [120, 0, 118, 131, 1300], 4, 0, 0)[4].Factor.ShouldBe(0);
        Judge(periods, [-120, -125, -118, -131, -1300], 4, 0, 0)[4].Factor.ShouldBe(1);
        Judge(periods, [120, 125, 118, 131, -1300], 4, 0, 0)[4].Factor.ShouldBe(0);
        Judge(periods, [2, 1, 1, 1, 10], 4, 0, 0)[4].Factor.ShouldBe(0);
        // Two slips in one release: the first is no history for the second. A jump that is no power of ten is not for this rule.
        Judge(periods, [1200, 1250, 1180, 1_310_000, 1_300_000], 3, 0, 0).Select(v => v.Factor).ShouldBe([0, 0, 0, 3, 3]);
        Judge(periods, [1200, 1250, 1180, 1310, 3900], 4, 0, 0)[4].Factor.ShouldBe(0);
        // Twenty years later it may be ten times as much.
        Judge(["1998", "1999", "2000", "2001", "2022"], [100, 110, 121, 135, 1350], 4, 0, 0)[4].Factor.ShouldBe(0);
        // Values before all that is known.
        Judge(periods, [1.2, 1250, 1180, 1310, 1300], 0, 1, 0, oldFrom: 1)[0].Factor.ShouldBe(-3);
    }

    [Fact]
    public void Whatever_stands_for_a_period_is_borne()
    {
        string[] periods = ["", "0000", "0000-W01", "2020-M01", "2020-W99", "2020-13-41", "2021-Q9", "9999", "9999-W53", "A", "x/y", "zzzzzzz", "zzzzz"];
        Judge([.. periods.Order(StringComparer.Ordinal)], [.. Enumerable.Repeat(1234d, periods.Length)], 9, 0, 3).Length.ShouldBe(periods.Length);
    }

    [Theory]
    [InlineData("T", "4", "T", "8", 12_340, 1.234, false)]
    [InlineData("T", "4", "T", "8", 12_340, 12_590, true)]
    [InlineData("T", "3", "KG", "0", 12.5, 12_500_000, false)]
    [InlineData("T", "3", "KG", "0", 12.5, 12.7, true)]
    [InlineData("CNY", "8", "USD", "8", 700, 100, false)]
    [InlineData("CNY", "8", "USD", "8", 700, 712, true)]
    [InlineData("_X", "8", "CNY", "8", 700, 712, false)]
    public void Figures_go_with_their_unit_or_they_do_not(string unit, string mult, string unitNow, string multNow, double before, double now, bool isUnmoved)
    {
        string[] periods = ["2019", "2020", "2021", "2022"];
        var points = Points(periods, [before * 0.97, before * 1.02, before, now], 3, 4);
        points[3].New = points[3].New!.Value with { Unit = 1, Mult = 1 };
        var verdicts = new ScaleVerdict[4];
        // Where both sides have the same code it stands once in a codelist; here the second position only says which side is meant.
        new SeriesScale(Codes(periods), Codes([unit, unitNow]), Codes([mult, multNow])).Judge(points, verdicts);
        (verdicts[3].UnitChanged, verdicts[3].IsUnmoved).ShouldBe((true, isUnmoved));
        verdicts[3].Factor.ShouldBe(0);
    }

    private static double[] Draw(Law law, Random random, out string[] periods, out int decimals)
    {
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var years = 5 + random.Next(8);
        var level = Math.Pow(10, 2.5 + (4 * random.NextDouble()));
        decimals = random.Next(3);
        var shown = decimals;
        periods = [.. Enumerable.Range(2010, years).Select(y => y.ToString(CultureInfo.InvariantCulture))];
        var months = Enumerable.Range(0, years * 12).Select(m => (Year: 2010 + (m / 12), Month: (m % 12) + 1)).ToList();
        switch (law)
        {
            case Law.Monthly:
                periods = [.. months.Select(m => $"{m.Year}-{m.Month:D2}")];
                var (season, spread, growth) = (Enumerable.Range(0, 12).Select(_ => 1 + (1.5 * random.NextDouble())).ToArray(), 0.01 + (0.14 * random.NextDouble()), 0.01 * Normal());
                return [.. months.Select((m, i) => Math.Round(level * season[m.Month - 1] * Math.Exp((growth * i) + (spread * Normal())), shown))];
            case Law.Cumulated:
                periods = [.. months.Where(m => m.Month > 1).Select(m => $"{m.Year}-01/{m.Year}-{m.Month:D2}")];
                var (yearly, noise) = (0.1 * Normal(), 0.02 + (0.1 * random.NextDouble()));
                var sums = new List<double>();
                foreach (var year in months.GroupBy(m => m.Year))
                {
                    var sum = level;
                    foreach (var month in year.Skip(1))
                        sums.Add(Math.Round(sum += level * Math.Exp((yearly * (month.Year - 2010)) + (noise * Normal())), shown));
                }
                return [.. sums];
            case Law.Weekly:
                periods = [.. Enumerable.Range(0, years * 52).Select(w => new DateTime(2018, 1, 3).AddDays(7 * w)).Select(d => $"{ISOWeek.GetYear(d)}-W{ISOWeek.GetWeekOfYear(d):D2}")];
                years = periods.Length;
                var weekly = 0.01 + (0.09 * random.NextDouble());
                return Walk(() => weekly * Normal());
            case Law.Annual:
                var step = 0.03 + (0.17 * random.NextDouble());
                return Walk(() => step * Normal());
            case Law.Leaping:
                return Walk(() => 0.1 * Normal() / Math.Sqrt((Math.Pow(Normal(), 2) + Math.Pow(Normal(), 2) + Math.Pow(Normal(), 2)) / 3));
            case Law.SmallCount:
                decimals = 0;
                var mean = 0.2 * Math.Pow(100, random.NextDouble());
                return [.. periods.Select(_ => Poisson(mean))];
            case Law.Growth:
                decimals = 1;
                return [.. periods.Select(_ => Math.Round(3 * Normal(), 1))];
            case Law.SmallRate:
                decimals = 1;
                return [.. periods.Select(_ => Math.Round(0.1 + (0.8 * Math.Abs(Normal())), 1))];
            default:
                decimals = 0;
                return [.. periods.Select(_ => random.Next(10) < 3 ? Math.Round(Math.Pow(10, 6 * random.NextDouble())) : double.NaN)];
        }

        double[] Walk(Func<double> next)
        {
            var walk = new double[years];
            for (var i = 0; i < years; i++)
                walk[i] = Math.Round(level *= Math.Exp(next()), shown);
            return walk;
        }

        double Poisson(double mean)
        {
            var (count, product) = (0, random.NextDouble());
            for (var least = Math.Exp(-mean); product > least; count++)
                product *= random.NextDouble();
            return count;
        }
    }

    /// <summary>The first so many values are known; the others come with the release, the first of them multiplied by a power of ten.</summary>
    private static ScaleVerdict[] Judge(string[] periods, double[] values, int known, int decimals, int factor, int oldFrom = 0)
    {
        values = [.. values];
        if (factor != 0)
            values[known] *= Math.Pow(10, factor);
        var points = Points(periods, values, known, decimals);
        for (var i = oldFrom; oldFrom > 0 && i < points.Length; i++)
            (points[i].Old, points[i].New) = (points[i].New, null);
        return Verdicts(periods, points);
    }

    private static ScaleVerdict[] Verdicts(string[] periods, SeriesPoint[] points)
    {
        var verdicts = new ScaleVerdict[points.Length];
        new SeriesScale(Codes(periods), Codes(["T"]), Codes(["4"])).Judge(points, verdicts);
        return verdicts;
    }

    private static SeriesPoint[] Points(string[] periods, double[] values, int known, int decimals) => [.. periods.Select((_, i) =>
    {
        var measured = new Measured(double.IsNaN(values[i]) ? null : Decimal(values[i], decimals), decimals, 0, 0);
        return i < known ? new SeriesPoint { Time = i, Old = measured } : new SeriesPoint { Time = i, New = measured };
    })];

    private static decimal Decimal(double value, int decimals) => decimal.Round((decimal)value, decimals);

    private static List<Code> Codes(IEnumerable<string> ids) => [.. ids.Select(id => new Code(id))];
}
