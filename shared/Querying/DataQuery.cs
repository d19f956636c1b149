using System.Text;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>A condition on one component; the kinds there are, are nested here.</summary>
/// <param name="Component">The component's id.</param>
public abstract record Criterion(string Component)
{
    /// <summary>The code is one of a list.</summary>
    public sealed record OneOf(string Component, IReadOnlyList<string> Codes) : Criterion(Component)
    {
        /// <inheritdoc/>
        public override string ToString() => Component + "=" + string.Join(',', Codes.Order(StringComparer.Ordinal).Distinct().Select(Uri.EscapeDataString));
    }

    /// <summary>The period starts on or after a first day and ends on or before a last one; null leaves an end open.</summary>
    public sealed record Between(string Component, DateOnly? First, DateOnly? Last) : Criterion(Component)
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Component}={First:yyyy-MM-dd}..{Last:yyyy-MM-dd}";
    }

    /// <summary>One of several conditions on the same component holds.</summary>
    public sealed record Any(string Component, IReadOnlyList<Criterion> Of) : Criterion(Component)
    {
        /// <inheritdoc/>
        public override string ToString() => "(" + string.Join('|', Of.Select(c => c.ToString()).Order(StringComparer.Ordinal)) + ")";
    }
}

/// <summary>One key of an order.</summary>
/// <param name="Column">A component's id, or OBS_VALUE.</param>
/// <param name="Descending">Whether the largest comes first; a missing code or value comes last either way.</param>
public sealed record SortKey(string Column, bool Descending);

/// <summary>Which observations of a version, in which order.</summary>
/// <param name="Where">All of these hold.</param>
/// <param name="Sort">The order; empty for the stored one, which is by series, then period.</param>
public sealed record DataQuery(IReadOnlyList<Criterion> Where, IReadOnlyList<SortKey> Sort)
{
    /// <summary>The same text for every way to ask the same.</summary>
    public string Canonical => new StringBuilder()
        .AppendJoin('&', Where.Select(c => c.ToString()).Order(StringComparer.Ordinal).Distinct())
        .Append(";sort=").AppendJoin(',', Sort.Select(key => (key.Descending ? "-" : "") + key.Column)).ToString();
}

/// <summary>The criteria of a query as sets of code numbers of one version.</summary>
internal sealed class Selection
{
    private readonly int[]?[] upTo;

    /// <summary>Looks the criteria up in a version's codelists; a code that is not there matches nothing.</summary>
    public Selection(DatasetAtVersion at, IReadOnlyList<Criterion> where)
    {
        Allowed = new bool[at.Components.Count][];
        Only = new int[at.Components.Count];
        upTo = new int[at.Components.Count][];
        foreach (var group in where.GroupBy(c => c.Component))
        {
            var component = at.IndexOf(group.Key);
            var set = Enumerable.Repeat(true, at.Components[component].Codes.Count + 1).ToArray();
            foreach (var criterion in group)
            {
                var one = Set(at, component, criterion);
                for (var i = 0; i < set.Length; i++)
                    set[i] &= one[i];
            }
            var counts = new int[set.Length + 1];
            for (var i = 0; i < set.Length; i++)
                counts[i + 1] = counts[i] + (set[i] ? 1 : 0);
            (Allowed[component], upTo[component]) = (set, counts);
            Only[component] = counts[^1] == 1 ? Array.IndexOf(set, true) : -1;
        }
    }

    /// <summary>For each component which code numbers match; null when all do. The last place stands for "no code".</summary>
    public bool[]?[] Allowed { get; }

    /// <summary>The only code number that matches, where there is exactly one; else -1.</summary>
    public int[] Only { get; }

    /// <summary>Whether every row matches.</summary>
    public bool IsEverything => Array.TrueForAll(Allowed, set => set is null);

    /// <summary>Whether some, or all, of a range of code numbers (both ends included) match.</summary>
    public (bool Some, bool All) Meets(int component, int min, int max)
    {
        if (upTo[component] is not { } counts)
            return (true, true);
        var matching = counts[max + 1] - counts[min];
        return (matching > 0, matching == max - min + 1);
    }

    private static bool[] Set(DatasetAtVersion at, int component, Criterion criterion)
    {
        var set = new bool[at.Components[component].Codes.Count + 1];
        switch (criterion)
        {
            case Criterion.OneOf { Codes: var codes }:
                foreach (var code in codes)
                    if (at.Find(component, code) is >= 0 and var number)
                        set[number] = true;
                break;
            case Criterion.Between { First: var first, Last: var last }:
                for (var i = 0; i < set.Length - 1; i++)
                    set[i] = at.Periods[i] is { } period && !(period.Start < first) && !(period.End > last);
                break;
            case Criterion.Any { Of: var any }:
                foreach (var one in any)
                    foreach (var (i, matches) in Set(at, component, one).Index())
                        set[i] |= matches;
                break;
            default:
                throw new ArgumentException($"{criterion.GetType().Name} is no known kind of criterion", nameof(criterion));
        }
        return set;
    }
}
