using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>What is made of the values of a group.</summary>
internal enum Aggregate
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their mean, each counted once.</summary>
    Mean,

    /// <summary>The least.</summary>
    Min,

    /// <summary>The greatest.</summary>
    Max,

    /// <summary>How many there are, missing ones left out.</summary>
    Count,

    /// <summary>How many observations have no value.</summary>
    Missing,
}

/// <summary>Puts observations with the same codes together, where units and codes permit it.</summary>
/// <param name="By">The components that groups differ in.</param>
/// <param name="Aggregates">What is computed of each group.</param>
internal sealed record Grouping(IReadOnlyList<string> By, IReadOnlyList<Aggregate> Aggregates)
{
    /// <summary>The most groups.</summary>
    public const int MostGroups = 1_000_000;

    /// <summary>Whether something is left out of what is computed without being told: sums and means are of the values that there are.</summary>
    public bool HidesMissing => Adds && !Aggregates.Contains(Aggregate.Missing);

    /// <summary>The components that groups have: those that they differ in, and the unit.</summary>
    public IReadOnlyList<string> Components => [.. By.Append(Concepts.UnitMeasure).Append(Concepts.UnitMult).Distinct()];

    private bool Adds => Aggregates.Any(a => a is Aggregate.Sum or Aggregate.Mean);

    // Whatever is counted, no two values meet.
    private bool Counts => Aggregates.All(a => a is Aggregate.Count or Aggregate.Missing);

    /// <summary>The groups, one row each, in the order of their codes; the aggregates are measures.</summary>
    /// <param name="at">The version.</param>
    /// <param name="query">Which observations are grouped; its order, offset and limit are not for them.</param>
    /// <param name="lake">Reads them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>A structure for the groups, made of the components that they differ in and the unit; and the rows.</returns>
    /// <exception cref="QueryRefusedException">The values of a group can not be put together, or there are too many groups.</exception>
    public async Task<(DatasetAtVersion At, Match Rows)> RunAsync(DatasetAtVersion at, DataQuery query, VersionQueries lake, CancellationToken cancellationToken)
    {
        var (unit, mult) = (at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult));
        int[] by = [.. By.Select(at.IndexOf)];
        var once = Counts ? null : new CountsOnce(at, by, Aggregates.Contains(Aggregate.Sum));
        var wanted = Enumerable.Range(0, at.ColumnCount).Select(c => c <= at.TimeIndex || once?.Columns.Contains(c) == true || by.Contains(c) || c == unit || c == mult || c == at.ValueColumn || c == at.DecimalsColumn).ToArray();
        var groups = new Dictionary<CodeKey, Group>();
        await foreach (var match in lake.RunAsync(at, query with { Sort = [], Offset = 0, Limit = null }, wanted, cancellationToken))
        {
            for (var i = 0; i < match.Count; i++)
            {
                var (chunk, row) = (match.Chunk, match.Row(i));
                var key = new CodeKey(Array.ConvertAll(by, c => chunk.Codes[c]![row]));
                if (!groups.TryGetValue(key, out var group))
                {
                    if (groups.Count == MostGroups)
                        throw new QueryRefusedException(Refusal.TooMany, $"The observations fall into more than {MostGroups} groups.", "fewer components to group by, or fewer observations");
                    groups.Add(key, group = new Group(chunk.Codes[unit]![row], chunk.Codes[mult]![row]));
                }
                if (chunk.Value(row) is not { } value)
                {
                    group.Missing++;
                    continue;
                }
                Take(at, group, value, chunk.Codes[unit]![row], chunk.Codes[mult]![row], unit);
                group.First = once?.Take(chunk, row, group.First);
            }
        }
        if (Adds && once is not null)
            await once.CheckAsync(lake, cancellationToken);
        return Result(at, by, groups, unit, mult);
    }

    /// <summary>The structure of the groups of a version: the components that they differ in, and the unit.</summary>
    public DatasetAtVersion Shape(DatasetAtVersion at)
    {
        // What was not grouped by is not in it; but period, status and unit have to be, and are empty where they say nothing.
        DatasetComponent Shown(int component) => By.Contains(at.Components[component].Id) || at.Components[component].Id is Concepts.UnitMeasure or Concepts.UnitMult
            ? at.Components[component] : at.Components[component] with { Codes = [], Order = null };
        var status = at.TimeIndex + 1;
        int[] by = [.. By.Select(at.IndexOf).Order()];
        int[] components = [.. by.Where(c => c < at.TimeIndex), at.TimeIndex, status, at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult)];
        return new DatasetAtVersion(at.Structure with { Components = [.. components.Concat(by.Where(c => c > at.TimeIndex && !components.Contains(c))).Select(Shown)] }, at.Version);
    }

    /// <summary>How an aggregate is computed.</summary>
    public static string FormulaOf(Aggregate aggregate) => aggregate switch
    {
        Aggregate.Sum => "Σ x over the group; missing values left out",
        Aggregate.Mean => "Σ x / n over the group, not weighted; missing values left out",
        Aggregate.Min => "the least x of the group",
        Aggregate.Max => "the greatest x of the group",
        Aggregate.Missing => "the observations in the group that have no value",
        _ => "n, the values in the group; missing values left out",
    };

    /// <summary>A mean, with two decimals more than the values have: it is seldom exact.</summary>
    /// <param name="sum">The sum of the values.</param>
    /// <param name="count">How many they are, at least one.</param>
    /// <param name="scale">The most decimals that one of them has.</param>
    public static decimal MeanOf(decimal sum, long count, int scale) => decimal.Round(sum / count, Math.Min(28, scale + 2));

    private void Take(DatasetAtVersion at, Group group, decimal value, int unitNumber, int multNumber, int unit)
    {
        if (group.IsEmpty)
            group.Begin(unitNumber, multNumber);
        if (Counts)
        {
            group.Count(unitNumber, multNumber, at.Components[unit].Codes.Count, at.Components[at.IndexOf(Concepts.UnitMult)].Codes.Count);
            return;
        }
        if (unitNumber != group.Unit)
        {
            throw new QueryRefusedException(Refusal.UnitsDiffer, $"A group has values in {Name(unitNumber)} and in {Name(group.Unit)}, which can not be put together.",
                $"{Concepts.UnitMeasure} among the components to group by, or a filter that leaves one unit");
        }
        if (Aggregates.Contains(Aggregate.Sum) && unitNumber < at.Components[unit].Codes.Count && !Units.AddUp(at.Components[unit].Codes[unitNumber]))
        {
            throw new QueryRefusedException(Refusal.NotAdditive, $"Values in {Name(unitNumber)} do not add up.",
                "mean, min, max or count; or a filter that leaves units which add up");
        }
        try
        {
            if (multNumber != group.Mult)
                value = value * SeriesBuffer.PowerOf(at, multNumber) / SeriesBuffer.PowerOf(at, group.Mult);
            group.Add(value);
        }
        catch (OverflowException)
        {
            throw new QueryRefusedException(Refusal.TooMany, "The sum of a group has more than 28 digits.", "fewer observations in a group");
        }

        string Name(int number) => number < at.Components[unit].Codes.Count ? at.Components[unit].Codes[number].Id : "no unit";
    }

    private (DatasetAtVersion At, Match Rows) Result(DatasetAtVersion at, int[] by, Dictionary<CodeKey, Group> groups, int unit, int mult)
    {
        var order = groups.ToArray();
        Array.Sort(order, (x, y) =>
        {
            for (var i = 0; i < by.Length; i++)
                if (Rank(by[i], x.Key.Numbers[i]).CompareTo(Rank(by[i], y.Key.Numbers[i])) is var compared && compared != 0)
                    return compared;
            return 0;
        });
        var grouped = Shape(at);
        int[] from = [.. grouped.Components.Select(c => at.IndexOf(c.Id))];
        var chunk = new Chunk(from.Length) { Rows = order.Length };
        for (var c = 0; c < from.Length; c++)
        {
            var place = Array.IndexOf(by, from[c]);
            int[] numbers = [.. order.Select(g => from[c] == unit ? g.Value.Unit : from[c] == mult ? g.Value.Mult : place >= 0 ? g.Key.Numbers[place] : 0)];
            chunk.Codes[c] = new CodeColumn(numbers, grouped.Components[c].Codes.Count);
        }
        chunk.Values = new ValueColumn(new decimal?[order.Length], at.Structure.ValueScale);
        chunk.Decimals = [.. Enumerable.Repeat(byte.MaxValue, order.Length)];
        chunk.Measures = [.. Aggregates.Select(a => order.Select(g => g.Value.Result(a)).ToArray())];
        return (grouped, new Match(chunk, null, 0, order.Length));

        int Rank(int component, int number) => component == at.TimeIndex ? at.PeriodRanks[number] : number;
    }

    private sealed class Group(int unit, int mult)
    {
        private decimal sum;
        private decimal? least;
        private decimal? greatest;
        private long count;
        private int scale;

        /// <summary>For <see cref="CountsOnce"/>.</summary>
        public int[]? First { get; set; }

        /// <summary>The unit of the values; of the first observation while there are none.</summary>
        public int Unit { get; private set; } = unit;

        public int Mult { get; private set; } = mult;

        public bool IsEmpty => count == 0;

        /// <summary>How many observations have no value.</summary>
        public long Missing { get; set; }

        /// <summary>Counts a value; what is counted is of no unit where its units differ.</summary>
        public void Count(int unit, int mult, int noUnit, int noMult)
        {
            (Unit, Mult) = (unit == Unit ? unit : noUnit, mult == Mult ? mult : noMult);
            count++;
        }

        /// <summary>Takes the unit of the first value.</summary>
        public void Begin(int unit, int mult) => (Unit, Mult) = (unit, mult);

        public void Add(decimal value)
        {
            sum += value;
            least = least is null || value < least ? value : least;
            greatest = greatest is null || value > greatest ? value : greatest;
            scale = Math.Max(scale, value.Scale);
            count++;
        }

        public decimal? Result(Aggregate aggregate) => aggregate switch
        {
            Aggregate.Count => count,
            Aggregate.Missing => Missing,
            _ when count == 0 => null,
            Aggregate.Sum => sum,
            Aggregate.Mean => MeanOf(sum, count, scale),
            Aggregate.Min => least,
            _ => greatest,
        };
    }
}
