using Microsoft.OData.UriParser;
using Microsoft.OData.UriParser.Aggregation;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>
/// What $apply asks for: observations filtered, then put into groups of the same codes, each with sums, means and the like. It refuses what <see cref="Grouping"/>
/// refuses: values of different units, sums of what does not add up, and what would count twice.
/// </summary>
internal sealed class ODataGroups
{
    /// <summary>The most groups of an answer.</summary>
    public const int MostGroups = 100_000;

    private readonly DatasetAtVersion at;
    private readonly ODataModel model;
    private readonly List<ODataColumn> by = [];
    private readonly List<int[]> same = [];
    private readonly List<(string Name, AggregationMethod Method, ODataColumn? Column)> aggregates = [];
    private readonly List<QueryNode> filters = [];
    private readonly Dictionary<string, (int Unit, int Power)> unitOf = new(StringComparer.Ordinal);
    private readonly string? text;

    /// <summary>Reads the transformations; refuses those that are not supported.</summary>
    /// <param name="at">The version.</param>
    /// <param name="model">Its model.</param>
    /// <param name="clause">The transformations.</param>
    /// <param name="text">The $apply as it came.</param>
    public ODataGroups(DatasetAtVersion at, ODataModel model, ApplyClause clause, string? text)
    {
        (this.at, this.model, this.text) = (at, model, text);
        TransformationNode? last = null;
        foreach (var step in clause.Transformations)
        {
            if (last is not null)
                throw ODataExpression.Unsupported("transformations after groupby or aggregate: use $filter, $orderby, $top for what comes after", "$apply");
            if (step is FilterTransformationNode filter)
                filters.Add(filter.FilterClause.Expression);
            else
                last = step;
        }
        switch (last)
        {
            case GroupByTransformationNode group:
                foreach (var property in group.GroupingProperties)
                    AddBy(property);
                if (group.ChildTransformations is AggregateTransformationNode inner)
                    AddAggregates(inner);
                else if (group.ChildTransformations is not null)
                    throw ODataExpression.Unsupported("transformations but aggregate inside groupby", "$apply");
                break;
            case AggregateTransformationNode aggregate:
                AddAggregates(aggregate);
                break;
            default:
                throw ODataExpression.Unsupported("$apply without groupby or aggregate, or with another transformation than filter before it", "$apply");
        }
        Properties = [.. by.Select(c => c.Name), .. aggregates.Select(a => a.Name)];
    }

    /// <summary>The properties of a group.</summary>
    public IReadOnlyList<string> Properties { get; }

    /// <summary>The conditions of the filters that come first.</summary>
    public IEnumerable<Criterion> Where => filters.Select(filter => ODataExpression.In("$apply", () => new ODataFilter(at, model, "$apply", text).Where(filter)));

    /// <summary>The groups, in the order of their first observation.</summary>
    /// <exception cref="ProblemException">Values can not be put together, or there are too many groups.</exception>
    public async Task<ODataTable> RunAsync(VersionQueries lake, IReadOnlyList<Criterion> where, CancellationToken cancellationToken)
    {
        try
        {
            return await GroupAsync(lake, where, cancellationToken);
        }
        catch (QueryRefusedException e)
        {
            throw ProblemException.Refused(e, "$apply");
        }
    }

    private async Task<ODataTable> GroupAsync(VersionQueries lake, IReadOnlyList<Criterion> where, CancellationToken cancellationToken)
    {
        var (unit, power) = (at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult));
        var measures = aggregates.Exists(a => a.Column?.Column == at.ValueColumn && a.Method != AggregationMethod.CountDistinct);
        var wanted = new bool[at.ColumnCount];
        foreach (var column in by.Concat(aggregates.Select(a => a.Column).OfType<ODataColumn>()))
            wanted[column.Column] = true;
        wanted[at.DecimalsColumn] = wanted[at.ValueColumn];
        if (measures)
            wanted[unit] = wanted[power] = true;
        // Where groups are of a period's first or last day, so are the periods that may not overlap.
        var once = aggregates.Exists(a => a.Method is AggregationMethod.Sum or AggregationMethod.Average or AggregationMethod.Min or AggregationMethod.Max)
            ? new CountsOnce(at, [.. by.Where(c => c.Kind is not (ODataKind.Start or ODataKind.End)).Select(c => c.Column).Distinct()], aggregates.Exists(a => a.Method == AggregationMethod.Sum)) : null;
        var days = by.FindIndex(c => c.Kind is ODataKind.Start or ODataKind.End);
        foreach (var column in once?.Columns ?? [])
            wanted[column] = true;
        // The way to a group: from the group of the codes before, over the next code.
        var ways = new Dictionary<(int From, int Code), int>();
        var groups = new Dictionary<int, Group>();
        var found = new List<Group>();
        await foreach (var match in lake.RunAsync(at, new DataQuery(where, []), wanted, cancellationToken))
        {
            for (var i = 0; i < match.Count; i++)
            {
                var (row, chunk, way) = (match.Row(i), match.Chunk, 0);
                for (var k = 0; k < by.Count; k++)
                {
                    var code = same[k][chunk.Codes[by[k].Column]![row]];
                    if (!ways.TryGetValue((way, code), out var next))
                        ways.Add((way, code), next = ways.Count + 1);
                    way = next;
                }
                if (!groups.TryGetValue(way, out var group))
                {
                    if (found.Count == MostGroups)
                        throw new ProblemException(422, "too-many-groups", $"There are more than {MostGroups} groups. Group by fewer properties, or filter first.") { Parameter = "$apply" };
                    found.Add(group = new Group([.. by.Select(c => chunk.Codes[c.Column]![row])], aggregates.Count));
                    groups.Add(way, group);
                }
                Add(group, chunk, row);
                if (!measures)
                    continue;
                if (chunk.Values![row] is null)
                {
                    group.Missing++;
                    continue;
                }
                OneUnit(group, chunk.Codes[unit]![row], chunk.Codes[power]![row], unit);
                group.First = once?.Take(chunk, row, group.First, days < 0 ? 0 : same[days][chunk.Codes[at.TimeIndex]![row]]);
            }
        }
        if (once is not null && aggregates.Exists(a => a.Method is AggregationMethod.Sum or AggregationMethod.Average))
            await once.CheckAsync(lake, cancellationToken);
        if (by.Count == 0 && found.Count == 0)
            found.Add(new Group([], aggregates.Count));
        return new ODataTable(model.Edm, model.ObservationSet, found.Count, (row, property) => Value(found[row], property), Properties, (row, property) => IsOfAll(property) ? found[row].Missing : 0);
    }

    private static ProblemException UnitsDiffer(string how) => new(422, "units-differ", $"Values of different units, or of different powers of ten, {how}. Add UNIT_MEASURE and UNIT_MULT to groupby, or filter by them first.")
    {
        Parameter = "$apply",
        Expected = "groups that have one UNIT_MEASURE and one UNIT_MULT each",
    };

    private void AddBy(GroupByPropertyNode property)
    {
        if (property.ChildTransformations.Count > 0 || model.Find(property.Name) is not { Kind: not ODataKind.Plain } column)
            throw ODataExpression.Unsupported($"groupby by {property.Name}: group by dimensions, attributes, TIME_PERIOD, TIME_START or TIME_END", "$apply");
        by.Add(column);
        // Periods that begin on the same day are one group of TIME_START.
        var first = new Dictionary<object, int>();
        same.Add([.. Enumerable.Range(0, at.Components[column.Column].Codes.Count + 1).Select(number =>
            model.OfCode(column, number) is { } value ? first.TryGetValue(value, out var known) ? known : first[value] = number : number)]);
    }

    private void AddAggregates(AggregateTransformationNode node)
    {
        foreach (var item in node.AggregateExpressions)
        {
            var column = item is AggregateExpression { Expression: SingleValuePropertyAccessNode { Source: ResourceRangeVariableReferenceNode, Property.Name: var name } } ? model.Find(name) : null;
            var method = item is AggregateExpression aggregate ? aggregate.Method : AggregationMethod.Custom;
            var isSupported = method switch
            {
                AggregationMethod.VirtualPropertyCount => true,
                AggregationMethod.CountDistinct => column is not null && (column.Kind != ODataKind.Plain || column.Column == at.ValueColumn),
                AggregationMethod.Sum or AggregationMethod.Min or AggregationMethod.Max or AggregationMethod.Average => column?.Column == at.ValueColumn,
                _ => false,
            };
            if (!isSupported)
                throw ODataExpression.Unsupported($"the aggregate {item.Alias}: sum, min, max and average are for OBS_VALUE, countdistinct for it and for codes, $count for all", "$apply");
            aggregates.Add((item.Alias, method, column));
        }
    }

    private void Add(Group group, Chunk chunk, int row)
    {
        group.Count++;
        for (var a = 0; a < aggregates.Count; a++)
        {
            var (_, method, column) = aggregates[a];
            if (method == AggregationMethod.VirtualPropertyCount)
                continue;
            if (method == AggregationMethod.CountDistinct)
            {
                if (model.Of(column!, chunk, row) is { } distinct)
                    (group.Distinct[a] ??= []).Add(distinct);
                continue;
            }
            if (chunk.Value(row) is not { } value)
                continue;
            if (method is AggregationMethod.Sum or AggregationMethod.Average && group.Values[a] is { } before && decimal.MaxValue - Math.Abs(before) < Math.Abs(value))
                throw new ProblemException(422, "too-many-to-compute", "The sum of a group has more than 28 digits. Group by more properties, or filter first.") { Parameter = "$apply" };
            group.Values[a] = (method, group.Values[a]) switch
            {
                (_, null) => value,
                (AggregationMethod.Min, { } least) => Math.Min(least, value),
                (AggregationMethod.Max, { } most) => Math.Max(most, value),
                (_, { } sum) => sum + value,
            };
            group.Present[a]++;
            group.Scale = Math.Max(group.Scale, value.Scale);
        }
    }

    private void OneUnit(Group group, int unit, int power, int component)
    {
        if (group.Unit == (unit, power))
            return;
        if (group.Unit is not null)
            throw UnitsDiffer("would be put together");
        group.Unit = (unit, power);
        // An answer has no room for a unit that is not asked for: groups that seem to measure the same have to have the same.
        var kind = string.Join(',', by.Index().Where(b => CountsOnce.IsWay(at.Components[b.Item.Column]) || b.Item.Column == component || b.Item.Column == at.IndexOf(Concepts.UnitMult)).Select(b => group.Codes[b.Index]));
        if (!unitOf.TryAdd(kind, (unit, power)) && unitOf[kind] != (unit, power))
            throw UnitsDiffer("would stand beside each other without them");
        if (unit < at.Components[component].Codes.Count && at.Components[component].Codes[unit] is var code && !Units.AddUp(code) && aggregates.Exists(a => a.Method == AggregationMethod.Sum))
        {
            throw new ProblemException(422, "not-additive", $"Values in {code.Id} do not add up.")
            {
                Parameter = "$apply",
                Expected = "average, min or max; or a filter that leaves units which add up",
            };
        }
    }

    // Sums and means pass missing values over without a sign.
    private bool IsOfAll(string property) => aggregates.Exists(a => a.Name == property && a.Method is AggregationMethod.Sum or AggregationMethod.Average);

    private object? Value(Group group, string property)
    {
        for (var k = 0; k < by.Count; k++)
            if (by[k].Name == property)
                return model.OfCode(by[k], group.Codes[k]);
        var a = aggregates.FindIndex(x => x.Name == property);
        return a < 0 ? null : aggregates[a].Method switch
        {
            AggregationMethod.VirtualPropertyCount => (decimal)group.Count,
            AggregationMethod.CountDistinct => (decimal)(group.Distinct[a]?.Count ?? 0),
            AggregationMethod.Average => group.Values[a] is { } sum ? Grouping.MeanOf(sum, group.Present[a], group.Scale) : null,
            _ => group.Values[a],
        };
    }

    private sealed class Group(int[] codes, int aggregates)
    {
        public int[] Codes => codes;

        public long Count { get; set; }

        /// <summary>Observations of it without a value.</summary>
        public long Missing { get; set; }

        /// <summary>The most decimals that a value of it has.</summary>
        public int Scale { get; set; }

        public (int Unit, int Power)? Unit { get; set; }

        /// <summary>For <see cref="CountsOnce"/>.</summary>
        public int[]? First { get; set; }

        public decimal?[] Values { get; } = new decimal?[aggregates];

        public long[] Present { get; } = new long[aggregates];

        public HashSet<object>?[] Distinct { get; } = new HashSet<object>?[aggregates];
    }
}
