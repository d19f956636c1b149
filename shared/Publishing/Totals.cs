using System.Globalization;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>
/// Tells totals that no longer equal the sum of their parts, while the rows of a merge go by.
/// </summary>
/// <remarks>
/// A total is a code that others name as their parent, or <c>_T</c> where no code does: then all top codes beside it are its parts. Its parts add up when their
/// sum differs from it by at most half a unit of the last decimal shown of each. Whether they should is not assumed but learned, for each total,
/// indicator, transformation and unit by itself: from the version before, or, where that has none, from the release, when nine in ten totals (of five or more) add up. So items
/// "of which", averages and indices are never told; ratios, indices and changes are not even looked at.
/// <para>Only where the parts are as many as they mostly are: one that is missing or suppressed explains a difference. Only the newest <see cref="Periods"/>
/// periods of each frequency, and at most <see cref="MostSums"/> sums, are looked at: total and parts are far from each other in a sorted file, so each sum
/// that is open is in memory.</para>
/// </remarks>
internal sealed class Totals
{
    /// <summary>Periods of each frequency that are looked at.</summary>
    public const int Periods = 12;

    /// <summary>Sums that are looked at.</summary>
    public const int MostSums = 1 << 14;

    // Of so many sums of the history all have to add up for a difference to hold the release.
    private const int LeastToHold = 2;

    private readonly DatasetStructure structure;
    private readonly int time;
    private readonly int unit;
    private readonly int mult;
    private readonly int indicator;
    private readonly int transformation;
    private readonly bool[] isLevel;
    private readonly bool[] isAdded;
    private readonly bool[] isLooked;
    private readonly (int Component, int[] Parent, bool[] IsTotal)[] hierarchies;
    private readonly Dictionary<UInt128, Sum> sums = [];
    private bool isFull;

    private Totals(DatasetStructure structure, (int, int[], bool[])[] hierarchies)
    {
        (this.structure, this.hierarchies, time) = (structure, hierarchies, structure.TimeIndex);
        var ids = structure.Components.Select(c => c.Id).ToList();
        (unit, mult) = (ids.IndexOf(Concepts.UnitMeasure), ids.IndexOf(Concepts.UnitMult));
        (indicator, transformation) = (ids.IndexOf(Concepts.Indicator), ids.IndexOf(Concepts.Transformation));
        isLevel = transformation < 0 ? [] : [.. structure.Components[transformation].Codes.Select(c => c.Id is "N" or Concepts.NotApplicable)];
        isAdded = [.. structure.Components[unit].Codes.Select(c => Units.AddUp(c))];
        var times = structure.Components[time].Codes;
        isLooked = new bool[times.Count];
        // By their form, since FREQ follows from it.
        foreach (var newest in Enumerable.Range(0, times.Count).GroupBy(t => times[t].Id.Length * 128 + (times[t].Id.Length > 5 ? times[t].Id[5] is > '9' and var form ? form : 0 : 0)).SelectMany(g => g.TakeLast(Periods)))
            isLooked[newest] = true;
    }

    /// <summary>A check of a dataset's totals; null when its codelists have none.</summary>
    public static Totals? Of(DatasetStructure structure)
    {
        // mentions of a whole are not the sum of the mentions of its parts
        if (structure.Find(Concepts.Mentions) is not null)
            return null;
        var hierarchies = new List<(int, int[], bool[])>();
        for (var c = 0; c < structure.TimeIndex; c++)
        {
            if (structure.Components[c].Id is Concepts.Freq or Concepts.Indicator or Concepts.Transformation)
                continue;
            var codes = structure.Components[c].Codes;
            var positions = codes.Select((code, i) => (code.Id, i)).ToDictionary(p => p.Id, p => p.i, StringComparer.Ordinal);
            var parent = codes.Select(code => code.Parent is { } above && above != code.Id ? positions.GetValueOrDefault(above, -1) : -1).ToArray();
            if (positions.TryGetValue(Concepts.Total, out var total) && !parent.Contains(total))
                for (var i = 0; i < parent.Length; i++)
                    if (i != total && parent[i] < 0 && codes[i].Id is not (Concepts.NotApplicable or Concepts.Unspecified))
                        parent[i] = total;
            var isTotal = new bool[codes.Count];
            foreach (var above in parent.Where(above => above >= 0))
                isTotal[above] = true;
            if (isTotal.Contains(true))
                hierarchies.Add((c, parent, isTotal));
        }
        return hierarchies.Count == 0 ? null : new Totals(structure, [.. hierarchies]);
    }

    /// <summary>Takes an observation of the version before.</summary>
    /// <param name="rows">The rows it is among, in positions of the merged codelists.</param>
    /// <param name="row">Which it is.</param>
    /// <param name="stays">Whether the next version has it too, as it is.</param>
    public void TakeOld(LakeRows rows, int row, bool stays) => Take(rows, row, true, stays, false);

    /// <summary>Takes an observation of the release.</summary>
    public void TakeNew(LakeRows rows, int row) => Take(rows, row, false, true, true);

    /// <summary>Tells what does not add up.</summary>
    /// <param name="findings">Takes the findings.</param>
    /// <param name="advice">How to say that it is right.</param>
    public void Tell(Findings findings, string advice)
    {
        var rules = new Dictionary<(int Component, int Total, int Indicator, int Transformation, int Unit, int Mult), Rule>();
        foreach (var sum in sums.Values.Where(s => !s.IsMixed))
        {
            if (!rules.TryGetValue(sum.Of, out var rule))
                rules.Add(sum.Of, rule = new Rule());
            rule.PartsBefore = Math.Max(rule.PartsBefore, sum.Before.Total is null ? 0 : sum.Before.Parts);
            rule.PartsAfter = Math.Max(rule.PartsAfter, sum.After.Total is null ? 0 : sum.After.Parts);
        }
        foreach (var sum in sums.Values.Where(s => !s.IsMixed))
        {
            var rule = rules[sum.Of];
            if (sum.Before.IsComplete(rule.PartsBefore))
                (rule.AddedBefore, rule.FailedBefore) = sum.Before.AddsUp ? (rule.AddedBefore + 1, rule.FailedBefore) : (rule.AddedBefore, rule.FailedBefore + 1);
            if (sum.After.IsComplete(rule.PartsAfter))
                (rule.AddedAfter, rule.FailedAfter) = sum.After.AddsUp ? (rule.AddedAfter + 1, rule.FailedAfter) : (rule.AddedAfter, rule.FailedAfter + 1);
        }
        foreach (var sum in sums.Values.Where(s => !s.IsMixed && s.Codes is not null))
        {
            var rule = rules[sum.Of];
            var hasHistory = rule.AddedBefore + rule.FailedBefore > 0;
            if (!sum.After.IsComplete(hasHistory ? rule.PartsBefore : rule.PartsAfter) || sum.After.AddsUp)
                continue;
            var (added, failed) = hasHistory ? (rule.AddedBefore, rule.FailedBefore) : (rule.AddedAfter, rule.FailedAfter);
            var always = hasHistory && failed == 0;
            if (!always && !(added >= 5 && added >= 9 * failed))
                continue;
            if (always && added >= LeastToHold)
                findings.Hold("total-differs");
            if (!findings.Keeps("total-differs"))
            {
                findings.Count("total-differs", Severity.Warning);
                continue;
            }
            string Shown(decimal value) => value.ToString(CultureInfo.InvariantCulture);
            findings.Add(new Finding(Severity.Warning, "total-differs", $"A total is not the sum of its parts: {Series(sum)}.")
            {
                Where = sum.Where.Length == 0 ? null : sum.Where.ToString(),
                Found = Shown(sum.After.Total!.Value),
                Expected = string.Create(CultureInfo.InvariantCulture, $"{sum.After.Value}, the sum of {sum.After.Parts} parts of {structure.Components[sum.Of.Component].Id}, give or take {sum.After.Slack} for rounding; {added:N0} of {added + failed:N0} totals {(hasHistory ? "before" : "in the release")} add up"),
                Advice = "Look for a row that was left out and for a slip of digits, in the total and in its parts. " + advice,
            });
        }
        if (isFull)
        {
            findings.Add(new Finding(Severity.Information, "totals-unchecked", "There are more totals than are compared with their parts.")
            {
                Expected = string.Create(CultureInfo.InvariantCulture, $"at most {MostSums:N0} in the last {Periods} periods"),
            });
        }
    }

    private void Take(LakeRows rows, int row, bool before, bool after, bool isNew)
    {
        var period = rows.Codes[time][row];
        if (!isLooked[period] || !isAdded[rows.Codes[unit][row]] || (transformation >= 0 && rows.Codes[transformation][row] is >= 0 and var how && !isLevel[how]))
            return;
        var whole = UInt128.Zero;
        foreach (var (component, parent, isTotal) in hierarchies)
        {
            var code = rows.Codes[component][row];
            if (parent[code] < 0 && !isTotal[code])
                continue;
            if (whole == 0)
                for (var c = 0; c <= time; c++)
                    whole += Mix(c, rows.Codes[c][row]);
            if (isTotal[code])
                Add(rows, row, whole + Mix(-1 - component, 0), component, code, isPart: false, before, after, isNew);
            if (parent[code] is >= 0 and var above)
                Add(rows, row, whole - Mix(component, code) + Mix(component, above) + Mix(-1 - component, 0), component, above, isPart: true, before, after, isNew);
        }
    }

    private void Add(LakeRows rows, int row, UInt128 key, int component, int total, bool isPart, bool before, bool after, bool isNew)
    {
        if (!sums.TryGetValue(key, out var sum))
        {
            if (sums.Count == MostSums)
            {
                isFull = true;
                return;
            }
            sums.Add(key, sum = new Sum
            {
                Of = (component, total, indicator < 0 ? 0 : rows.Codes[indicator][row], transformation < 0 ? 0 : rows.Codes[transformation][row], rows.Codes[unit][row], rows.Codes[mult][row]),
            });
        }
        // Another unit, or more digits than can be summed exactly.
        sum.IsMixed |= rows.Codes[unit][row] != sum.Of.Unit || rows.Codes[mult][row] != sum.Of.Mult || rows.Values[row] is > 1e20m or < -1e20m;
        if (isNew && (sum.Codes is null || !isPart))
        {
            // The total's own address; that of a part where the total itself is not in the release.
            sum.Where = rows.Sources[row];
            sum.Codes ??= [.. Enumerable.Range(0, time + 1).Select(c => c == component ? total : rows.Codes[c][row])];
        }
        if (rows.Values[row] is not { } value || sum.IsMixed)
            return;
        var half = new decimal(5, 0, 0, false, (byte)Math.Min(28, rows.Decimals[row] + 1));
        if (before)
            sum.Before.Add(value, half, isPart);
        if (after)
            sum.After.Add(value, half, isPart);
    }

    private string Series(Sum sum) => string.Join(", ", sum.Codes!.Select((code, c) => $"{structure.Components[c].Id}={structure.Components[c].Codes[code].Id}"));

    // Sums of these tell sets of codes apart as well as 128 random bits do (the finalizer of SplitMix64, twice).
    private static UInt128 Mix(int component, int code)
    {
        var seed = ((ulong)(uint)component << 32) | (uint)code;
        return new UInt128(Scramble(seed + 0x9E3779B97F4A7C15), Scramble(seed ^ 0xD1B54A32D192ED03));

        static ulong Scramble(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    private struct Side
    {
        public decimal? Total;
        public decimal Value;
        public decimal Slack;
        public int Parts;

        public readonly bool AddsUp => Math.Abs(Value - Total!.Value) <= Slack;

        public readonly bool IsComplete(int parts) => Total is { } total && Parts == parts && parts >= 2 && (total != 0 || Value != 0);

        public void Add(decimal value, decimal half, bool isPart)
        {
            Slack += half;
            if (isPart)
                (Value, Parts) = (Value + value, Parts + 1);
            else
                Total = value;
        }
    }

    private sealed class Sum
    {
        public Side Before;
        public Side After;

        public (int Component, int Total, int Indicator, int Transformation, int Unit, int Mult) Of { get; init; }

        public bool IsMixed { get; set; }

        public ReadOnlyMemory<char> Where { get; set; }

        /// <summary>The total's dimensions and period; null where the release has neither it nor a part of it.</summary>
        public int[]? Codes { get; set; }
    }

    /// <summary>Whether a total adds up as a rule.</summary>
    private sealed class Rule
    {
        public long AddedBefore { get; set; }

        public long FailedBefore { get; set; }

        public long AddedAfter { get; set; }

        public long FailedAfter { get; set; }

        public int PartsBefore { get; set; }

        public int PartsAfter { get; set; }
    }
}
