using System.Collections;

namespace Pipeline.Querying;

/// <summary>
/// The criteria of a query against one version: for each component the set of code numbers that can match, and, where that does not say it all (values,
/// releases, alternatives over several components), a test of each row.
/// </summary>
internal sealed class Selection
{
    private readonly int[]?[] upTo;
    private readonly Test? rest;

    /// <summary>Looks the criteria up in a version's codelists; a code that is not there matches nothing.</summary>
    public Selection(DatasetAtVersion at, IReadOnlyList<Criterion> where)
    {
        var count = at.Components.Count;
        (Allowed, RestColumns) = (new bool[]?[count], new bool[at.ColumnCount]);
        var tests = new List<Test>();
        foreach (var criterion in where.SelectMany(Conjuncts))
        {
            var (sets, test) = Compile(at, criterion);
            for (var c = 0; c < count; c++)
                Allowed[c] = And(Allowed[c], sets[c]);
            if (test is not null)
                tests.Add(test);
        }
        Only = Indexed(Allowed, out upTo);
        rest = tests.Count == 0 ? null : new AllTest(tests);
        rest?.Need(RestColumns);
    }

    private Selection(bool[]?[] allowed, int columns) => (Allowed, Only, upTo, RestColumns) = (allowed, Indexed(allowed, out var counts), counts, new bool[columns]);

    /// <summary>For each component which code numbers can match; null when all do. The last place stands for "no code".</summary>
    public bool[]?[] Allowed { get; }

    /// <summary>The only code number that matches, where there is exactly one; else -1.</summary>
    public int[] Only { get; }

    /// <summary>Whether rows have to be tested beyond <see cref="Allowed"/>.</summary>
    public bool HasRest => rest is not null;

    /// <summary>The columns that <see cref="Holds"/> looks at.</summary>
    public bool[] RestColumns { get; }

    /// <summary>Whether every row matches.</summary>
    public bool IsEverything => !HasRest && Array.TrueForAll(Allowed, set => set is null);

    /// <summary>Whether a row, whose codes are allowed, matches.</summary>
    public bool Holds(Chunk chunk, int row) => rest is null || rest.Holds(chunk, row);

    /// <summary>Whether some, or all, of a range of code numbers (both ends included) match.</summary>
    public (bool Some, bool All) Meets(int component, int min, int max)
    {
        if (upTo[component] is not { } counts)
            return (true, true);
        var matching = counts[max + 1] - counts[min];
        return (matching > 0, matching == max - min + 1);
    }

    /// <summary>The series that observations which match can be of: the conditions on dimensions alone.</summary>
    public Selection OfSeries(DatasetAtVersion at) => new([.. Allowed.Select((set, c) => c < at.TimeIndex ? set : null)], at.ColumnCount);

    /// <summary>The same with other codes allowed in one component.</summary>
    public Selection With(DatasetAtVersion at, int component, bool[] allowed) => new([.. Allowed.Select((set, c) => c == component ? allowed : set)], at.ColumnCount);

    /// <summary>Whether a row matches, its codes and all else.</summary>
    public bool Matches(Chunk chunk, int row)
    {
        for (var c = 0; c < Allowed.Length; c++)
            if (Allowed[c] is { } set && !set[chunk.Codes[c]![row]])
                return false;
        return Holds(chunk, row);
    }

    // For each component the one code that is allowed, and how many are up to each.
    private static int[] Indexed(bool[]?[] allowed, out int[]?[] upTo)
    {
        var only = new int[allowed.Length];
        upTo = new int[]?[allowed.Length];
        for (var c = 0; c < only.Length; c++)
        {
            only[c] = -1;
            if (allowed[c] is not { } set)
                continue;
            var counts = upTo[c] = new int[set.Length + 1];
            for (var i = 0; i < set.Length; i++)
                counts[i + 1] = counts[i] + (set[i] ? 1 : 0);
            only[c] = counts[^1] == 1 ? Array.IndexOf(set, true) : -1;
        }
        return only;
    }

    private static IEnumerable<Criterion> Conjuncts(Criterion criterion) => criterion is Criterion.All { Of: var of } ? of.SelectMany(Conjuncts) : [criterion];

    // The sets that a matching row's codes are in, and the test for what they leave open; no test where they say it all.
    private static (bool[]?[] Sets, Test? Test) Compile(DatasetAtVersion at, Criterion criterion)
    {
        var sets = new bool[]?[at.Components.Count];
        switch (criterion)
        {
            case Criterion.OneOf { Component: var id, Codes: var codes }:
                {
                    var (component, set) = Empty(at, id);
                    foreach (var code in codes)
                        if (at.Find(component, code) is >= 0 and var number)
                            set[number] = true;
                    sets[component] = set;
                    return (sets, null);
                }
            case Criterion.NoCode { Component: var id }:
                {
                    var (component, set) = Empty(at, id);
                    set[^1] = true;
                    sets[component] = set;
                    return (sets, null);
                }
            case Criterion.Between { Component: var id, First: var first, Last: var last }:
                {
                    var (component, set) = Empty(at, id);
                    for (var i = 0; i < set.Length - 1; i++)
                        set[i] = at.Periods[i] is { } period && !(period.Start < first) && !(period.End > last);
                    sets[component] = set;
                    return (sets, null);
                }
            case Criterion.Value value:
                return (sets, new ValueTest(at, value.Comparison, value.Number));
            case Criterion.NoValue:
                return (sets, new ValueTest(at, null, 0));
            case Criterion.FromReleases { Releases: var releases }:
                return (sets, new ReleaseTest(at, [.. releases]));
            case Criterion.Rows { Of: var rows }:
                return (sets, new RowsTest(rows));
            case Criterion.Worked worked:
                return (sets, new WorkedTest(worked));
            case Criterion.All { Of: var of }:
                {
                    var tests = new List<Test>();
                    foreach (var part in of)
                    {
                        var (partSets, test) = Compile(at, part);
                        for (var c = 0; c < sets.Length; c++)
                            sets[c] = And(sets[c], partSets[c]);
                        if (test is not null)
                            tests.Add(test);
                    }
                    return (sets, tests.Count == 0 ? null : new AllTest(tests));
                }
            case Criterion.Any { Of: var of }:
                {
                    var parts = of.Select(part => Compile(at, part)).ToList();
                    for (var c = 0; c < sets.Length; c++)
                        sets[c] = parts.Count > 0 && parts.TrueForAll(p => p.Sets[c] is not null) ? parts.Select(p => p.Sets[c]!).Aggregate(Or) : null;
                    // Alternatives on one and the same component are a set; anything else has to be looked at row by row.
                    var touched = parts.SelectMany(p => Touched(p.Sets)).Distinct().ToList();
                    if (parts.Count == 0)
                        return (Nothing(at), null);
                    return touched.Count == 1 && parts.TrueForAll(p => p.Test is null && p.Sets[touched[0]] is not null)
                        ? (sets, null)
                        : (sets, new AnyTest([.. parts.Select(p => new PartTest(p.Sets, p.Test))]));
                }
            case Criterion.Not { Of: var of }:
                {
                    var (inner, test) = Compile(at, of);
                    var touched = Touched(inner).ToList();
                    if (test is null && touched.Count == 1)
                    {
                        sets[touched[0]] = Array.ConvertAll(inner[touched[0]]!, allowed => !allowed);
                        return (sets, null);
                    }
                    return touched.Count == 0 && test is null ? (Nothing(at), null) : (sets, new NotTest(new PartTest(inner, test)));
                }
            default:
                throw new ArgumentException($"{criterion.GetType().Name} is no known kind of criterion", nameof(criterion));
        }
    }

    private static IEnumerable<int> Touched(bool[]?[] sets) => Enumerable.Range(0, sets.Length).Where(c => sets[c] is not null);

    private static (int Component, bool[] Set) Empty(DatasetAtVersion at, string id)
    {
        var component = at.IndexOf(id);
        return component < 0
            ? throw new ArgumentException($"{at.Structure.Id} has no component {id}; it has {string.Join(", ", at.Components.Select(c => c.Id))}")
            : (component, new bool[at.Components[component].Codes.Count + 1]);
    }

    private static bool[]?[] Nothing(DatasetAtVersion at)
    {
        var sets = new bool[]?[at.Components.Count];
        sets[at.TimeIndex] = Empty(at, at.Components[at.TimeIndex].Id).Set;
        return sets;
    }

    private static bool[]? And(bool[]? a, bool[]? b)
    {
        if (a is null || b is null)
            return a ?? b;
        var both = new bool[a.Length];
        for (var i = 0; i < both.Length; i++)
            both[i] = a[i] && b[i];
        return both;
    }

    private static bool[] Or(bool[] a, bool[] b)
    {
        var either = new bool[a.Length];
        for (var i = 0; i < either.Length; i++)
            either[i] = a[i] || b[i];
        return either;
    }

    private abstract class Test
    {
        public abstract bool Holds(Chunk chunk, int row);

        public abstract void Need(bool[] columns);
    }

    private sealed class ValueTest(DatasetAtVersion at, Comparison? comparison, decimal number) : Test
    {
        public override bool Holds(Chunk chunk, int row) => chunk.Values![row] is not { } value ? comparison is null : comparison switch
        {
            Comparison.Eq => value == number,
            Comparison.Ne => value != number,
            Comparison.Lt => value < number,
            Comparison.Le => value <= number,
            Comparison.Gt => value > number,
            Comparison.Ge => value >= number,
            _ => false,
        };

        public override void Need(bool[] columns) => columns[at.ValueColumn] = true;
    }

    private sealed class ReleaseTest(DatasetAtVersion at, HashSet<string> releases) : Test
    {
        public override bool Holds(Chunk chunk, int row) => releases.Contains(chunk.ReleaseIds[chunk.Release![row]]);

        public override void Need(bool[] columns) => columns[at.ReleaseColumn] = true;
    }

    private sealed class RowsTest(BitArray rows) : Test
    {
        public override bool Holds(Chunk chunk, int row) => rows[(int)(chunk.FirstRow + row)];

        public override void Need(bool[] columns)
        {
        }
    }

    private sealed class WorkedTest(Criterion.Worked worked) : Test
    {
        public override bool Holds(Chunk chunk, int row) => worked.Holds(chunk, row);

        public override void Need(bool[] columns)
        {
            foreach (var column in worked.Columns)
                columns[column] = true;
        }
    }

    private sealed class PartTest(bool[]?[] sets, Test? test) : Test
    {
        private readonly (int Component, bool[] Set)[] sets = [.. Touched(sets).Select(c => (c, sets[c]!))];

        public override bool Holds(Chunk chunk, int row)
        {
            foreach (var (component, set) in sets)
                if (!set[chunk.Codes[component]![row]])
                    return false;
            return test is null || test.Holds(chunk, row);
        }

        public override void Need(bool[] columns)
        {
            foreach (var (component, _) in sets)
                columns[component] = true;
            test?.Need(columns);
        }
    }

    private sealed class AllTest(List<Test> tests) : Test
    {
        public override bool Holds(Chunk chunk, int row) => tests.TrueForAll(test => test.Holds(chunk, row));

        public override void Need(bool[] columns) => tests.ForEach(test => test.Need(columns));
    }

    private sealed class AnyTest(List<PartTest> tests) : Test
    {
        public override bool Holds(Chunk chunk, int row) => tests.Exists(test => test.Holds(chunk, row));

        public override void Need(bool[] columns) => tests.ForEach(test => test.Need(columns));
    }

    private sealed class NotTest(PartTest test) : Test
    {
        public override bool Holds(Chunk chunk, int row) => !test.Holds(chunk, row);

        public override void Need(bool[] columns) => test.Need(columns);
    }
}
