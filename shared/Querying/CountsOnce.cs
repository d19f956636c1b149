using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>Sees to it that where the values of a group are added, nothing counts twice: no total beside its parts, no period beside one that it overlaps.</summary>
/// <param name="at">The version.</param>
/// <param name="by">The components that groups differ in.</param>
internal sealed class CountsOnce(DatasetAtVersion at, IReadOnlyList<int> by)
{
    private readonly int[] gone = [.. Enumerable.Range(0, at.TimeIndex).Except(by)];
    private readonly bool[][] seen = [.. at.Components.Take(at.TimeIndex).Select(c => new bool[c.Codes.Count + 1])];
    private readonly int frequency = at.IndexOf(Concepts.Freq) is >= 0 and var f && by.Contains(f) ? f : -1;
    private readonly HashSet<(int Frequency, int Span, int Period)> periods = [];

    /// <summary>The columns that it looks at.</summary>
    public IEnumerable<int> Columns => Enumerable.Range(0, at.TimeIndex + 1);

    /// <summary>Takes an observation that has a value.</summary>
    /// <param name="chunk">The rows that it is among.</param>
    /// <param name="row">Its row.</param>
    /// <param name="span">What tells periods apart that do not come into one group.</param>
    public void Take(Chunk chunk, int row, int span = 0)
    {
        foreach (var c in gone)
            seen[c][chunk.Codes[c]![row]] = true;
        if (!by.Contains(at.TimeIndex))
            periods.Add((frequency < 0 ? -1 : chunk.Codes[frequency]![row], span, chunk.Codes[at.TimeIndex]![row]));
    }

    /// <summary>Refuses the sums of what was taken where something counts twice.</summary>
    /// <exception cref="QueryRefusedException">It does.</exception>
    public void Check()
    {
        foreach (var c in gone)
            CheckCodes(c);
        CheckPeriods();
    }

    private void CheckCodes(int component)
    {
        var codes = at.Components[component].Codes;
        var all = Enumerable.Range(0, codes.Count).Where(i => seen[component][i]).ToList();
        if (all.Count < 2)
            return;
        foreach (var number in all)
        {
            if (codes[number].Id == Concepts.Total)
                throw Twice(codes[number].Id, codes[all.First(i => i != number)].Id);
            // A codelist is a tree; a file that says otherwise must not keep us here.
            var parent = codes[number].Parent;
            for (var depth = 0; parent is not null && depth < 64 && at.Find(component, parent) is >= 0 and var above; depth++, parent = codes[above].Parent)
                if (seen[component][above])
                    throw Twice(codes[above].Id, codes[number].Id);
        }

        QueryRefusedException Twice(string total, string part) => new(
            Refusal.CountsTwice, $"{at.Components[component].Id} {total} contains {part}: together they would count twice.",
            $"a filter that leaves either, or {at.Components[component].Id} among the components to group by");
    }

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
