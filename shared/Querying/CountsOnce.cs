using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>
/// Sees to it that where the values of a group are put together, they are of one kind, and where they are added, nothing counts twice: not exports and imports, no total beside its parts,
/// no period beside one that it overlaps.
/// </summary>
/// <param name="at">The version.</param>
/// <param name="by">The components that groups differ in.</param>
/// <param name="isSum">Whether there are sums: means may be of rates, and of a stock over time.</param>
internal sealed class CountsOnce(DatasetAtVersion at, IReadOnlyList<int> by, bool isSum)
{
    // Their codes say what is measured and how; they are no parts of a whole, and many overlap. The last three are SDMX's.
    private static readonly HashSet<string> Ways =
        [Concepts.Indicator, CrossTable.MeasureId, CubeBuilder.TableId, Concepts.Transformation, CubeOfProse.Adjustment, "SEASONAL_ADJUST", "PRICE_BASE", "PRICES"];

    private readonly int[] ways = [.. Enumerable.Range(0, at.TimeIndex).Except(by).Where(c => IsWay(at.Components[c]))];
    private readonly int[] gone = [.. Enumerable.Range(0, at.TimeIndex).Except(by).Where(c => !IsWay(at.Components[c]))];
    private readonly bool[][] seen = [.. at.Components.Take(at.TimeIndex).Select(c => new bool[c.Codes.Count + 1])];
    private readonly int frequencyColumn = at.IndexOf(Concepts.Freq);
    private readonly int frequency = at.IndexOf(Concepts.Freq) is >= 0 and var f && by.Contains(f) ? f : -1;
    private readonly HashSet<(int Frequency, int Span, int Period)> periods = [];

    private readonly WhatIsMeasured? measured = isSum ? at.Measured : null;
    private readonly RowSample sample = new();

    /// <summary>The columns that it looks at.</summary>
    public IEnumerable<int> Columns => Enumerable.Range(0, at.TimeIndex + 1).Concat(measured?.Columns ?? []);

    /// <summary>Takes an observation that has a value.</summary>
    /// <param name="chunk">The rows that it is among.</param>
    /// <param name="row">Its row.</param>
    /// <param name="first">What was given back for its group's observation before; null for the first.</param>
    /// <param name="span">What tells periods apart that do not come into one group.</param>
    /// <returns>What the next observation of the group is to be compared with.</returns>
    /// <exception cref="QueryRefusedException">It measures something else than the others of its group, or otherwise, or what does not add up.</exception>
    public int[] Take(Chunk chunk, int row, int[]? first, int span = 0)
    {
        var time = ways.Length + gone.Length;
        if (first is null)
        {
            first = [.. ways.Concat(gone).Append(at.TimeIndex).Select(c => chunk.Codes[c]![row]), .. new int[measured is null ? 0 : WhatIsMeasured.Said]];
            if (measured is not null)
                WhatIsMeasured.Begin(first.AsSpan(time + 1));
        }
        for (var i = 0; i < ways.Length; i++)
            if (chunk.Codes[ways[i]]![row] is var number && number != first[i])
                throw Apart(ways[i], first[i], number);
        for (var i = 0; i < gone.Length; i++)
            if (chunk.Codes[gone[i]]![row] is var number && number != first[ways.Length + i] && (IsNotApplicable(gone[i], number) || IsNotApplicable(gone[i], first[ways.Length + i])))
                throw Undivided(gone[i], IsNotApplicable(gone[i], number) ? first[ways.Length + i] : number);
        measured?.Check(chunk, row, isOverTime: chunk.Codes[at.TimeIndex]![row] != first[time], acrossParts: AcrossParts(chunk, row, first), first.AsSpan(time + 1));
        sample.Take(at, chunk, row);
        foreach (var c in gone)
            seen[c][chunk.Codes[c]![row]] = true;
        if (!by.Contains(at.TimeIndex))
            periods.Add((frequency < 0 ? -1 : chunk.Codes[frequency]![row], span, chunk.Codes[at.TimeIndex]![row]));
        return first;
    }

    /// <summary>Refuses the sums of what was taken where something counts twice.</summary>
    /// <param name="lake">Has the other values of the series, to tell totals by.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="QueryRefusedException">It does.</exception>
    public async Task CheckAsync(VersionQueries lake, CancellationToken cancellationToken)
    {
        foreach (var c in gone)
            CheckCodes(c);
        CheckPeriods();
        foreach (var c in gone)
        {
            if (c == frequencyColumn || seen[c].Count(isSeen => isSeen) < 2)
                continue;
            var cells = await CodesSideBySide.ReadAsync(at, c, sample.Rows, lake, cancellationToken);
            foreach (var (whole, part) in new NamedWholes(at, c, seen[c]).Find())
                if (!cells.AreApart(whole, part))
                    throw Twice(c, at.Components[c].Codes[whole], at.Components[c].Codes[part]);
            CheckNumbers(c, SumsOfOthers.Find(at, c, cells));
        }
    }

    private bool IsNotApplicable(int component, int number) => number < at.Components[component].Codes.Count && at.Components[component].Codes[number].Id == Concepts.NotApplicable;

    // What was published before a dimension came holds all that the dimension divides now.
    private QueryRefusedException Undivided(int component, int part) => new(
        Refusal.CountsTwice, $"{at.Components[component].Id} _Z, which is not divided by it, may hold {Named(at.Components[component].Codes[part])}: together they would count twice.",
        $"a filter that leaves either, or {at.Components[component].Id} among the components to group by");

    private void CheckNumbers(int component, IReadOnlyList<SumOfOthers> sums)
    {
        var codes = at.Components[component].Codes;
        foreach (var sum in sums.Where(s => seen[component][s.Total]))
        {
            // A part may itself be a sum, by the numbers or by the hierarchy.
            var parts = new List<int>(sum.Parts);
            for (var i = 0; i < parts.Count; i++)
            {
                var below = Enumerable.Range(0, codes.Count).Where(c => codes[c].Parent == codes[parts[i]].Id);
                parts.AddRange(sums.Where(s => s.Total == parts[i]).SelectMany(s => s.Parts).Concat(below).Where(p => p != sum.Total).Except(parts).ToList());
            }
            if (parts.FindIndex(p => p < codes.Count && seen[component][p]) is not (>= 0 and var first))
                continue;
            var named = sum.Parts.Take(3).Select(p => Named(codes[p])).ToList();
            var rest = sum.Parts.Count - named.Count;
            var list = rest == 0 ? $"{string.Join(", ", named.SkipLast(1))} and {named[^1]}" : $"{string.Join(", ", named)} and {rest} more";
            throw new QueryRefusedException(
                Refusal.CountsTwice,
                $"{at.Components[component].Id} {Named(codes[sum.Total])} is the sum of {list} in all {sum.Cells} cells that have them{(first < sum.Parts.Count ? "" : $", and {Named(codes[parts[first]])} is in these")}: together they would count twice.",
                $"a filter that leaves either, or {at.Components[component].Id} among the components to group by");
        }
    }

    // The first component whose code is not that of the group's first value; -1 where all are.
    private int AcrossParts(Chunk chunk, int row, int[] first)
    {
        for (var i = 0; i < gone.Length; i++)
            if (gone[i] != frequencyColumn && chunk.Codes[gone[i]]![row] != first[ways.Length + i])
                return gone[i];
        return -1;
    }

    private void CheckCodes(int component)
    {
        var codes = at.Components[component].Codes;
        var all = Enumerable.Range(0, codes.Count).Where(i => seen[component][i]).ToList();
        if (all.Count < 2)
            return;
        if (at.Find(component, Concepts.Total) is >= 0 and var total && seen[component][total])
            throw Twice(codes[total], codes[all.Find(i => i != total)]);
        foreach (var number in all)
        {
            // A codelist is a tree; a file that says otherwise must not keep us here.
            var parent = ParentOf(codes[number]);
            for (var depth = 0; parent is not null && depth < 64; depth++)
            {
                var above = at.Find(component, parent);
                if (above >= 0 && seen[component][above])
                    throw Twice(codes[above], codes[number]);
                parent = ParentOf(above >= 0 ? codes[above] : new Code(parent));
            }
        }

        if (at.Components[component].Id == Concepts.Age)
        {
            var ages = all.Select(i => (Code: codes[i], Range: Ages.TryRange(codes[i].Id, out var range) ? range : default)).Where(a => a.Range != default).OrderBy(a => a.Range).ToList();
            for (var i = 1; i < ages.Count; i++)
                if (ages[i].Range.From < ages[i - 1].Range.To)
                    throw Twice(ages[i - 1].Code, ages[i].Code, "overlaps");
        }

        // Between a code and its country the release may leave the province out.
        string? ParentOf(Code code) => code.Parent ?? at.Components[component].Id switch
        {
            Concepts.RefArea => Vocabulary.Load("areas").Codes.GetValueOrDefault(code.Id)?.Parent,
            Concepts.Activity => Vocabulary.Load("industries").Codes.GetValueOrDefault(code.Id)?.Parent,
            _ => null,
        };

        QueryRefusedException Twice(Code total, Code part, string how = "contains") => this.Twice(component, total, part, how);
    }

    private QueryRefusedException Twice(int component, Code total, Code part, string how = "contains") => new(
        Refusal.CountsTwice, $"{at.Components[component].Id} {Named(total)} {how} {Named(part)}: together they would count twice.",
        $"a filter that leaves either, or {at.Components[component].Id} among the components to group by");

    // What prose calls so; a column may be called kind or population and have parts.
    internal static bool IsWay(DatasetComponent component) => Ways.Contains(component.Id) || component.Id switch
    {
        CubeOfProse.Kind => component.Codes.Any(code => Vocabulary.Load("kinds").Codes.ContainsKey(code.Id)),
        CubeOfProse.Population => component.Codes.Any(code => Vocabulary.Load("populations").Codes.ContainsKey(code.Id)),
        _ => false,
    };

    private QueryRefusedException Apart(int component, int one, int other)
    {
        var (id, codes) = (at.Components[component].Id, at.Components[component].Codes);
        return new QueryRefusedException(Refusal.MeasuresDiffer, $"A group has values of {id} {Of(one)} and of {Of(other)}, which can not be put together.",
            $"{id} among the components to group by, or a filter that leaves one {id}");

        string Of(int number) => number < codes.Count ? Named(codes[number]) : "nothing";
    }

    /// <summary>A code with its label, where it has a short one that says more.</summary>
    public static string Named(Code code) =>
        (code.Labels.GetValueOrDefault("en") ?? code.Labels.Values.FirstOrDefault()) is { Length: > 0 and < 100 } label && label != code.Id ? $"{code.Id} ({label})" : code.Id;

    private void CheckPeriods()
    {
        var known = periods.Where(p => p.Period < at.Periods.Length && at.Periods[p.Period] is not null)
            .Select(p => (Group: (p.Frequency, p.Span), Days: at.Periods[p.Period]!.Value, at.Components[at.TimeIndex].Codes[p.Period].Id)).OrderBy(p => p.Group).ThenBy(p => p.Days).ToList();
        for (var i = 1; i < known.Count; i++)
        {
            if (known[i].Group == known[i - 1].Group && known[i].Days.Start <= known[i - 1].Days.End)
            {
                throw new QueryRefusedException(Refusal.CountsTwice, $"{Concepts.TimePeriod} {known[i - 1].Id} and {known[i].Id} overlap: together they would count twice.",
                    $"a filter on {Concepts.Freq}, or {Concepts.TimePeriod} among the components to group by");
            }
        }
    }
}
