using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>
/// What the codes of a component come to side by side, in cells: what differs in nothing but the component. They are of some series of the question, in all
/// periods: a question of one cell has the evidence of its neighbours.
/// </summary>
/// <param name="Values">For each cell the value of every code; NaN where it has none. What has most values stands first.</param>
/// <param name="Slacks">How far rounding may have moved them.</param>
internal sealed record CodesSideBySide(IReadOnlyList<double[]> Values, IReadOnlyList<double[]> Slacks)
{
    private const int MostCodes = 1_000;
    private const int MostRests = 12;
    private const int MostCells = 240;
    private const int MostRows = 200_000;

    // A part may be larger than the whole where another is below zero.
    private readonly bool hasBelowZero = Values.Any(cell => cell.Any(value => value < 0));

    /// <summary>Whether a code can not be a part of another, since it is larger in half of the cells that have both, or more: one may be a misprint.</summary>
    public bool AreApart(int whole, int part)
    {
        var (both, larger) = (0, 0);
        for (var cell = 0; cell < Values.Count; cell++)
        {
            if (double.IsNaN(Values[cell][whole]) || double.IsNaN(Values[cell][part]))
                continue;
            both++;
            if (Values[cell][part] - Values[cell][whole] > Slacks[cell][part] + Slacks[cell][whole])
                larger++;
        }
        return !hasBelowZero && larger > 0 && larger * 2 >= both;
    }

    /// <summary>Reads them; of a component with too many codes there are none.</summary>
    /// <param name="at">The version.</param>
    /// <param name="component">A dimension.</param>
    /// <param name="rows">Some rows of the question: the codes of their dimensions.</param>
    /// <param name="lake">Reads.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<CodesSideBySide> ReadAsync(DatasetAtVersion at, int component, IReadOnlyList<int[]> rows, VersionQueries lake, CancellationToken cancellationToken)
    {
        var codes = at.Components[component].Codes.Count;
        int[] others = [.. Enumerable.Range(0, at.TimeIndex).Where(c => c != component)];
        var rests = rows.Where(row => Array.TrueForAll(others, c => row[c] < at.Components[c].Codes.Count)).Select(row => new CodeKey([.. others.Select(c => row[c])])).Distinct().Take(MostRests).ToHashSet();
        if (codes is < 2 or > MostCodes || rests.Count == 0)
            return new([], []);
        var where = others.Select((c, i) => (Criterion)new Criterion.OneOf(at.Components[c].Id, [.. rests.Select(r => r.Numbers[i]).Distinct().Select(n => at.Components[c].Codes[n].Id)])).ToList();
        // Values in other units are no summands.
        int[] alike = [.. others, at.TimeIndex, at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult)];
        var wanted = new bool[at.ColumnCount];
        foreach (var column in alike.Concat([component, at.ValueColumn, at.DecimalsColumn]))
            wanted[column] = true;
        var cells = new Dictionary<CodeKey, List<(int Code, decimal Value)>>();
        var left = MostRows;
        await foreach (var match in lake.RunAsync(at, new DataQuery(where, []), wanted, cancellationToken))
        {
            for (var i = 0; i < match.Count; i++)
            {
                var (chunk, row) = (match.Chunk, match.Row(i));
                var code = chunk.Codes[component]![row];
                if (code == codes || chunk.Value(row) is not { } value || !rests.Contains(Key(others, chunk, row)))
                    continue;
                var key = Key(alike, chunk, row);
                if (!cells.TryGetValue(key, out var cell))
                    cells.Add(key, cell = []);
                cell.Add((code, value));
            }
            if ((left -= match.Count) <= 0)
                break;
        }
        var (values, slacks) = (new List<double[]>(), new List<double[]>());
        foreach (var cell in cells.Values.Where(c => c.Count > 1).OrderByDescending(c => c.Count).Take(MostCells))
        {
            values.Add(new double[codes]);
            slacks.Add(new double[codes]);
            Array.Fill(values[^1], double.NaN);
            foreach (var (code, value) in cell)
                (values[^1][code], slacks[^1][code]) = ((double)value, 0.5 * Math.Pow(10, -value.Scale));
        }
        return new(values, slacks);

        static CodeKey Key(int[] components, Chunk chunk, int row)
        {
            var numbers = new int[components.Length];
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = chunk.Codes[components[i]]![row];
            return new CodeKey(numbers);
        }
    }
}
