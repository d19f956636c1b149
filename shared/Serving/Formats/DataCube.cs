using System.Globalization;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a dimension of a cube is for.</summary>
internal enum CubeRole
{
    /// <summary>To tell series apart.</summary>
    None,

    /// <summary>Time.</summary>
    Time,

    /// <summary>Places.</summary>
    Geo,

    /// <summary>What is measured.</summary>
    Metric,
}

/// <summary>A dimension of a cube.</summary>
/// <param name="Id">The component's id.</param>
/// <param name="Labels">Its label per language.</param>
/// <param name="Codes">Its codes, in the order in which the cells count them.</param>
internal sealed record CubeDimension(string Id, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<Code> Codes)
{
    /// <summary>What it is for.</summary>
    public CubeRole Role { get; init; }

    /// <summary>The index of the component; -1 where it tells measures apart.</summary>
    public int Component { get; init; } = -1;
}

/// <summary>What a cube may hold in a format.</summary>
/// <param name="Format">The format, for people.</param>
/// <param name="Observations">The most observations.</param>
/// <param name="Cells">The most cells, whether there is an observation in them or not.</param>
internal sealed record CubeLimits(string Format, int Observations, long Cells);

/// <summary>How far an attribute's code is the same.</summary>
/// <param name="Dimension">The dimension whose codes tell it; -1 where it is the same for all observations.</param>
/// <param name="Numbers">The code's number for each of the dimension's codes, or the one number for all.</param>
internal sealed record AttributeScope(int Dimension, int[] Numbers);

/// <summary>
/// The observations of an answer as a cube: dimensions with the codes that occur, and for each observation its cell, counted row-major with the last
/// dimension fastest. Cells without an observation take no room.
/// </summary>
internal sealed class DataCube
{
    private const long SparseFrom = 8;
    private static readonly Code None = new(Concepts.NotApplicable);
    private readonly CubeColumn[] attributes;
    private readonly int[] sizes;

    private DataCube(ObservationTable table, IReadOnlyList<CubeDimension> dimensions, long[] positions, CubeValues values, CubeColumn[] attributes, IReadOnlyCollection<string> releases)
    {
        (Table, Dimensions, Positions, Values, this.attributes, Releases) = (table, dimensions, positions, values, attributes, releases);
        Strides = StridesOf(dimensions);
        sizes = [.. dimensions.Select(d => d.Codes.Count)];
        Metric = dimensions.ToList().FindLastIndex(d => d.Role == CubeRole.Metric);
        Cells = Strides.Length == 0 ? 1 : Strides[0] * dimensions[0].Codes.Count;
    }

    /// <summary>What it was made of.</summary>
    public ObservationTable Table { get; }

    /// <summary>The version's structure.</summary>
    public DatasetAtVersion At => Table.At;

    /// <summary>The dimensions, the slowest first.</summary>
    public IReadOnlyList<CubeDimension> Dimensions { get; }

    /// <summary>How many cells a step of each dimension is.</summary>
    public long[] Strides { get; }

    /// <summary>How many cells there are.</summary>
    public long Cells { get; }

    /// <summary>The observations' cells, ascending.</summary>
    public long[] Positions { get; }

    /// <summary>Their values with the decimals shown.</summary>
    public CubeValues Values { get; }

    /// <summary>The releases they came from.</summary>
    public IReadOnlyCollection<string> Releases { get; }

    /// <summary>The attributes that the cube has, as components.</summary>
    public IEnumerable<int> Attributes => Enumerable.Range(0, attributes.Length).Where(a => attributes[a].Count > 0 || (Positions.Length == 0 && a > At.TimeIndex));

    /// <summary>The dimension that tells what is measured, or -1.</summary>
    public int Metric { get; }

    /// <summary>The numbers of the observations' codes in an attribute's codelist; the codelist's length where one has none.</summary>
    public CubeColumn Attribute(int component) => attributes[component];

    /// <summary>The code of an observation in an attribute; null where it has none.</summary>
    public Code? AttributeCode(int component, int observation) =>
        attributes[component][observation] is var number && number < At.Components[component].Codes.Count ? At.Components[component].Codes[number] : null;

    /// <summary>The code of a dimension in a cell.</summary>
    public int CodeAt(int dimension, long position) => (int)(position / Strides[dimension] % sizes[dimension]);

    /// <summary>How far an attribute is the same: for all, else by the codes of one dimension, what is measured first; null when it varies within each.</summary>
    public AttributeScope? ScopeOf(int component)
    {
        var numbers = attributes[component];
        if (numbers.Count == 0)
            return null;
        if (numbers.IsSame)
            return new AttributeScope(-1, [numbers[0]]);
        foreach (var d in Enumerable.Range(0, Dimensions.Count).OrderBy(d => d == Metric ? 0 : 1))
        {
            var byCode = new int[Dimensions[d].Codes.Count];
            Array.Fill(byCode, -1);
            var i = 0;
            for (; i < numbers.Count; i++)
            {
                ref var known = ref byCode[CodeAt(d, Positions[i])];
                if (known < 0)
                    known = numbers[i];
                else if (known != numbers[i])
                    break;
            }
            if (i == numbers.Count)
                return new AttributeScope(d, byCode);
        }
        return null;
    }

    /// <summary>A cube of some dimensions without an observation.</summary>
    public static DataCube Empty(ObservationTable table, IReadOnlyList<CubeDimension> dimensions) =>
        new(table, dimensions, [], new CubeValues(), [.. table.At.Components.Select(_ => new CubeColumn())], []);

    /// <summary>Reads a table's rows.</summary>
    /// <param name="table">The observations.</param>
    /// <param name="limits">How much is too much.</param>
    /// <param name="layout">The dimensions with their codes, where they are given; all others have one code in every row. Null for what occurs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ProblemException">There is more than the format can hold.</exception>
    public static async Task<DataCube> ReadAsync(
        ObservationTable table, CubeLimits limits, IReadOnlyList<CubeDimension>? layout, CancellationToken cancellationToken)
    {
        var at = table.At;
        var columns = table.Columns?.Where(c => c.IsCoded).Select(c => c.Index).ToHashSet();
        var kept = Enumerable.Range(0, at.Components.Count)
            .Where(c => c <= at.TimeIndex ? layout?.Any(d => d.Component == c) != false : columns is null || columns.Contains(c) || at.Components[c].Id == Concepts.ObsStatus).ToArray();
        // Of a layout it is known about how much will come.
        var expected = layout is null ? 0 : (int)Math.Min(at.Version.Observations, layout.Aggregate(1L, (n, d) => Math.Min(limits.Observations, n * d.Codes.Count)));
        var codes = at.Components.Select(_ => new CubeColumn(expected)).ToArray();
        var (values, measures, releases) = (new CubeValues(expected), new CubeColumn(), new HashSet<string>(StringComparer.Ordinal));
        await foreach (var match in table.Rows.WithCancellation(cancellationToken))
        {
            if (values.Count + ((long)match.Count * (1 + table.Measures.Count)) > limits.Observations)
                throw TooLarge(limits, "observations", limits.Observations);
            AddReleases(match, releases);
            if (table.Measures.Count > 0)
            {
                AddMeasured(at, match, table.Measures.Count, kept, codes, values, measures);
                continue;
            }
            for (var i = 0; i < match.Count; i++)
                values.Add(match.Chunk, match.Row(i));
            foreach (var c in kept)
                codes[c].Add(match.Chunk.Codes[c]!, match);
        }
        // A dimension without codes is none to readers of these formats.
        if (layout is null && values.Count == 0)
            throw new ProblemException(422, "too-few-for-format", $"No observation matches, and {limits.Format} can not say so. Widen the filter, or ask for another format: CSV and JSON answer with no rows.") { Parameter = "format" };
        var (dimensions, indexes) = layout is null ? Occurring(table, codes) : (layout, layout.Select(d => d.Component < 0 ? [] : Indexes(at, d)).ToList());
        var strides = StridesOf(dimensions, limits);
        var positions = new long[values.Count];
        for (var d = 0; d < dimensions.Count; d++)
        {
            if (dimensions[d].Codes.Count > 1 && dimensions[d].Component is var component)
                (component < 0 ? measures : codes[component]).Move(positions, component < 0 ? null : indexes[d], strides[d]);
        }
        if (Sort(positions, dimensions.Count == 0 ? 1 : strides[0] * dimensions[0].Codes.Count) is { } order)
        {
            values = values.InOrder(order);
            codes = Array.ConvertAll(codes, c => c.InOrder(order));
        }
        for (var i = 1; i < positions.Length; i++)
            if (positions[i] == positions[i - 1])
                throw new InvalidOperationException($"{at.Structure.Id}: two observations are in one cell");
        return new DataCube(table, dimensions, positions, values, [.. codes.Select((column, c) => c > at.TimeIndex ? column : new CubeColumn())], releases);
    }

    /// <summary>What a component is for in a cube.</summary>
    public static CubeRole RoleOf(DatasetAtVersion at, int component) => at.Components[component].Id switch
    {
        Concepts.TimePeriod => CubeRole.Time,
        Concepts.RefArea => CubeRole.Geo,
        Concepts.Indicator => CubeRole.Metric,
        "MEASURE" when at.IndexOf(Concepts.Indicator) < 0 => CubeRole.Metric,
        _ => CubeRole.None,
    };

    /// <summary>The numbers of a component's codes in the order of a cube: the office's, but periods as time goes; the number behind the last stands for none.</summary>
    public static IEnumerable<int> Ordered(DatasetAtVersion at, int component)
    {
        var codes = at.Components[component].Codes;
        var numbers = at.Components[component].Places.Append(codes.Count);
        return component == at.TimeIndex ? numbers.OrderBy(n => n < codes.Count ? at.PeriodRanks[n] : -1) : numbers;
    }

    /// <summary>A component's code by its number; <c>_Z</c> for none, which the empty code of TIME_PERIOD is.</summary>
    public static Code CodeOf(DatasetAtVersion at, int component, int number) =>
        number < at.Components[component].Codes.Count && at.Components[component].Codes[number] is { Id.Length: > 0 } code ? code : None;

    /// <summary>The nearest code above a code that is in a dimension too; null when there is none.</summary>
    public static string? ParentIn(DatasetAtVersion at, CubeDimension dimension, Code code, IReadOnlyDictionary<string, int> there)
    {
        for (var (parent, steps) = (code.Parent, 0); parent is not null && dimension.Component >= 0 && steps < 100; steps++)
        {
            if (there.ContainsKey(parent))
                return parent;
            parent = at.Find(dimension.Component, parent) is >= 0 and var number ? at.Components[dimension.Component].Codes[number].Parent : null;
        }
        return null;
    }

    private static void AddReleases(Match match, HashSet<string> releases)
    {
        if (match.Chunk.Release is not { } release)
            return;
        var last = -1;
        for (var i = 0; i < match.Count; i = release.IsSame ? match.Count : i + 1)
            if (release[match.Row(i)] is var number && number != last)
                releases.Add(match.Chunk.ReleaseIds[last = number]);
    }

    // Rows whose computed values follow each of them.
    private static void AddMeasured(DatasetAtVersion at, Match match, int count, int[] kept, CubeColumn[] codes, CubeValues values, CubeColumn measures)
    {
        var chunk = match.Chunk;
        for (var i = 0; i < match.Count; i++)
        {
            var row = match.Row(i);
            for (var m = 0; m <= count; m++)
            {
                if (m == 0)
                    values.Add(chunk, row);
                else if (chunk.Measures[m - 1][row] is { } value)
                    values.Add(value);
                else
                    continue;
                measures.Add(m);
                foreach (var c in kept)
                    codes[c].Add(m > 0 && c > at.TimeIndex ? at.Components[c].Codes.Count : chunk.Codes[c]![row]);
            }
        }
    }

    // Sorts positions, and says where each was; null where they were sorted already, as they are unless the office orders its codes otherwise.
    private static int[]? Sort(long[] positions, long cells)
    {
        var i = 1;
        while (i < positions.Length && positions[i] > positions[i - 1])
            i++;
        if (i >= positions.Length)
            return null;
        var order = new int[positions.Length];
        for (i = 0; i < order.Length; i++)
            order[i] = i;
        if (!TryPlace(positions, order, cells))
            Array.Sort(positions, order);
        return order;
    }

    // Sorts where a good part of the cells is filled: each observation is put into its own. False where few are, or two come into one.
    private static bool TryPlace(long[] positions, int[] order, long cells)
    {
        if (cells > positions.Length * SparseFrom)
            return false;
        var filled = new int[cells];
        for (var i = 0; i < positions.Length; i++)
        {
            ref var there = ref filled[positions[i]];
            if (there > 0)
                return false;
            there = i + 1;
        }
        var next = 0;
        for (var cell = 0; cell < filled.Length; cell++)
            if (filled[cell] > 0)
                (positions[next], order[next++]) = (cell, filled[cell] - 1);
        return true;
    }

    private static (List<CubeDimension> Dimensions, List<int[]> Indexes) Occurring(ObservationTable table, CubeColumn[] codes)
    {
        var at = table.At;
        var (dimensions, indexes) = (new List<CubeDimension>(), new List<int[]>());
        for (var c = 0; c <= at.TimeIndex; c++)
        {
            var occurs = new bool[at.Components[c].Codes.Count + 1];
            codes[c].Mark(occurs);
            List<Code> there = [.. Ordered(at, c).Where(n => occurs[n]).Select(n => CodeOf(at, c, n)).Distinct()];
            // A dataset without periods has no time.
            if (c == at.TimeIndex && there is [var only] && only == None)
                continue;
            var component = at.Components[c];
            dimensions.Add(new CubeDimension(component.Id, component.Labels, there) { Role = RoleOf(at, c), Component = c });
            indexes.Add(Indexes(at, dimensions[^1]));
        }
        if (table.Measures.Count > 0)
        {
            dimensions.Add(new CubeDimension(at.IndexOf("MEASURE") < 0 ? "MEASURE" : "COMPUTED", Code.None, [new Code(Concepts.ObsValue),
                .. table.Measures.Select(m => new Code(m.Id) { Labels = new Dictionary<string, string> { ["und"] = m.Formula } })])
            { Role = CubeRole.Metric });
            indexes.Add([]);
        }
        return (dimensions, indexes);
    }

    // For each number of a component's codes its place in a dimension; what is not in it does not occur.
    private static int[] Indexes(DatasetAtVersion at, CubeDimension dimension)
    {
        var index = new int[at.Components[dimension.Component].Codes.Count + 1];
        for (var i = 0; i < dimension.Codes.Count; i++)
        {
            if (at.Find(dimension.Component, dimension.Codes[i].Id) is >= 0 and var number)
                index[number] = i;
            else
                index[^1] = i;
        }
        if (at.Find(dimension.Component, "") is >= 0 and var empty)
            index[empty] = Math.Max(0, dimension.Codes.Count - 1);
        return index;
    }

    private static long[] StridesOf(IReadOnlyList<CubeDimension> dimensions, CubeLimits? limits = null)
    {
        var strides = new long[dimensions.Count];
        var stride = 1L;
        for (var d = dimensions.Count - 1; d >= 0; d--)
        {
            strides[d] = stride;
            var size = Math.Max(1, dimensions[d].Codes.Count);
            if (limits is not null && stride > limits.Cells / size)
                throw TooLarge(limits, "cells (the product of the numbers of codes, with an observation in them or not)", limits.Cells);
            // Without limits only sizes are shown, and nothing is placed.
            stride = unchecked(stride * size);
        }
        return strides;
    }

    private static ProblemException TooLarge(CubeLimits limits, string what, long limit) => new(
        422, "too-large-for-format", $"{limits.Format} holds at most {limit.ToString("N0", CultureInfo.InvariantCulture)} {what}. Ask for less with a filter, or for another format: CSV and Parquet have no limit.")
    {
        Parameter = "format",
        Expected = $"at most {limit} {what}",
    };
}
