using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>A code whose values are the sums of those of others, wherever all of them have one.</summary>
/// <param name="Total">The code's number.</param>
/// <param name="Parts">The others'.</param>
/// <param name="Cells">In how many cells: what differs in nothing but the component.</param>
internal sealed record SumOfOthers(int Total, IReadOnlyList<int> Parts, int Cells);

/// <summary>
/// Finds by the numbers which codes of a component are sums of others, where neither code, hierarchy nor name says so: ACTIVOS = OCUPADOS + PARADOS.
/// </summary>
/// <remarks>
/// It looks at some series of the question, in all periods: a question of one cell has the evidence of its neighbours. Sums that are looked for: of the codes that
/// follow a code in the office's order, or precede it, with what is found to be the sum of some standing for these; of all others; of any two or, in short
/// lists, three. A sum counts when it holds in every cell within the rounding of the decimals shown, in at least <see cref="LeastCells"/>, and
/// when chance would hardly have brought it about: each value that is hit tells as many bits as the possible values it is one of, and <see cref="LeastBits"/> more
/// than are needed to number the sums that were tried have to come together.
/// </remarks>
internal static class SumsOfOthers
{
    private const int LeastCells = 2;
    private const double LeastBits = 14;
    private const int MostCodes = 1_000;
    private const int MostPairs = 300;
    private const int MostTriples = 60;
    private const int MostRests = 12;
    private const int MostCells = 240;
    private const int MostRows = 200_000;

    /// <summary>Finds them.</summary>
    /// <param name="at">The version.</param>
    /// <param name="component">A dimension.</param>
    /// <param name="rows">Some rows of the question: the codes of their dimensions.</param>
    /// <param name="lake">Reads.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<SumOfOthers>> FindAsync(DatasetAtVersion at, int component, IReadOnlyList<int[]> rows, VersionQueries lake, CancellationToken cancellationToken)
    {
        var codes = at.Components[component].Codes.Count;
        if (codes is < 3 or > MostCodes || rows.Count == 0)
            return [];
        var (columns, slacks) = await CellsAsync(at, component, rows, lake, cancellationToken);
        if (columns.Count < LeastCells)
            return [];
        int[] parents = [.. at.Components[component].Codes.Select(code => code.Parent is { } parent ? at.Find(component, parent) : -1)];
        return new Search(codes, parents, [.. columns], [.. slacks]).Run([.. at.Components[component].Places]);
    }

    /// <summary>The cells: for each the value of every code, and how far rounding may have moved it.</summary>
    private static async Task<(List<double[]> Values, List<double[]> Slacks)> CellsAsync(
        DatasetAtVersion at, int component, IReadOnlyList<int[]> rows, VersionQueries lake, CancellationToken cancellationToken)
    {
        int[] others = [.. Enumerable.Range(0, at.TimeIndex).Where(c => c != component)];
        var rests = rows.Where(row => Array.TrueForAll(others, c => row[c] < at.Components[c].Codes.Count)).Select(row => new CodeKey([.. others.Select(c => row[c])])).Distinct().Take(MostRests).ToHashSet();
        var where = others.Select((c, i) => (Criterion)new Criterion.OneOf(at.Components[c].Id, [.. rests.Select(r => r.Numbers[i]).Distinct().Select(n => at.Components[c].Codes[n].Id)])).ToList();
        // Values in other units are no summands.
        int[] alike = [.. others, at.TimeIndex, at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult)];
        var wanted = new bool[at.ColumnCount];
        foreach (var column in alike.Concat([component, at.ValueColumn, at.DecimalsColumn]))
            wanted[column] = true;
        var cells = new Dictionary<CodeKey, List<(int Code, decimal Value)>>();
        if (rests.Count == 0)
            return ([], []);
        var (left, codes) = (MostRows, at.Components[component].Codes.Count);
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
        foreach (var cell in cells.Values.Where(c => c.Count > 2).OrderByDescending(c => c.Count).Take(MostCells))
        {
            values.Add(new double[codes]);
            slacks.Add(new double[codes]);
            Array.Fill(values[^1], double.NaN);
            foreach (var (code, value) in cell)
                (values[^1][code], slacks[^1][code]) = ((double)value, 0.5 * Math.Pow(10, -value.Scale));
        }
        return (values, slacks);

        static CodeKey Key(int[] components, Chunk chunk, int row)
        {
            var numbers = new int[components.Length];
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = chunk.Codes[components[i]]![row];
            return new CodeKey(numbers);
        }
    }

    private sealed class Search(int codes, int[] parents, double[][] values, double[][] slacks)
    {
        private readonly Dictionary<int, SumOfOthers> found = [];

        // Where nothing is below zero a sum that has grown too large will not come down again.
        private readonly bool onlyGrows = values.All(cell => cell.All(v => !(v < 0)));

        public IReadOnlyList<SumOfOthers> Run(int[] order)
        {
            Runs(order);
            Runs([.. order.Reverse()]);
            All();
            Few();
            return [.. found.Values.Select(sum => sum with { Parts = [.. sum.Parts.OrderBy(part => Array.IndexOf(order, part))] })];
        }

        private void Runs(int[] order)
        {
            // From the end, so that parts which are sums themselves are known before what they are parts of.
            var next = new int[codes];
            var (sum, slack) = (new double[values.Length], new double[values.Length]);
            for (var p = order.Length - 1; p >= 0; p--)
            {
                var total = order[p];
                next[p] = p + 1;
                Array.Clear(sum);
                Array.Clear(slack);
                var parts = new List<int>();
                for (var i = p + 1; i < order.Length; i = next[i])
                {
                    // The hierarchy says of some codes what they are parts of.
                    if (parts.Contains(parents[order[i]]))
                        continue;
                    parts.Add(order[i]);
                    var (alive, equal, over) = (0, true, false);
                    for (var cell = 0; cell < values.Length; cell++)
                    {
                        sum[cell] += values[cell][order[i]];
                        slack[cell] += slacks[cell][order[i]];
                        var of = values[cell][total];
                        if (double.IsNaN(sum[cell]) || double.IsNaN(of))
                            continue;
                        alive++;
                        var most = Most(slack[cell] + slacks[cell][total], of);
                        equal &= Math.Abs(sum[cell] - of) <= most;
                        over |= sum[cell] - of > most;
                    }
                    if (alive < LeastCells || (over && onlyGrows))
                        break;
                    if (parts.Count > 1 && equal && Take(total, parts, (double)codes * codes))
                    {
                        next[p] = next[i];
                        break;
                    }
                }
            }
        }

        private void All()
        {
            int[] used = [.. Enumerable.Range(0, codes).Where(c => values.Any(cell => !double.IsNaN(cell[c])))];
            foreach (var total in used.Where(total => used.Length > 2 && !found.ContainsKey(total)))
                Take(total, [.. used.Where(c => c != total)], codes);
        }

        /// <summary>Sums of any two, or three: looked up among the values of the cell that has most.</summary>
        private void Few()
        {
            var cell = values[0];
            int[] sorted = [.. Enumerable.Range(0, codes).Where(c => !double.IsNaN(cell[c]) && cell[c] != 0).OrderBy(c => cell[c])];
            if (sorted.Length > MostPairs)
                return;
            var tried = Math.Pow(sorted.Length, sorted.Length <= MostTriples ? 4 : 3);
            for (var i = 0; i < sorted.Length; i++)
            {
                for (var j = i + 1; j < sorted.Length; j++)
                {
                    LookUp([sorted[i], sorted[j]], cell[sorted[i]] + cell[sorted[j]]);
                    for (var k = j + 1; sorted.Length <= MostTriples && k < sorted.Length; k++)
                        LookUp([sorted[i], sorted[j], sorted[k]], cell[sorted[i]] + cell[sorted[j]] + cell[sorted[k]]);
                }
            }

            void LookUp(int[] parts, double sum)
            {
                var slack = 0.0;
                foreach (var part in parts)
                    slack += 2 * slacks[0][part];
                var (low, high) = (0, sorted.Length);
                while (low < high)
                {
                    var middle = (low + high) / 2;
                    (low, high) = cell[sorted[middle]] < sum - Most(slack, sum) ? (middle + 1, high) : (low, middle);
                }
                for (; low < sorted.Length && cell[sorted[low]] <= sum + Most(slack, sum); low++)
                    if (!parts.Contains(sorted[low]) && !found.ContainsKey(sorted[low]))
                        Take(sorted[low], parts, tried);
            }
        }

        private bool Take(int total, IReadOnlyList<int> parts, double tried)
        {
            var (cells, bits) = (0, 0.0);
            var hit = new HashSet<double>();
            var some = new bool[parts.Count];
            for (var cell = 0; cell < values.Length; cell++)
            {
                var (of, sum, slack) = (values[cell][total], 0.0, slacks[cell][total]);
                foreach (var part in parts)
                    (sum, slack) = (sum + values[cell][part], slack + slacks[cell][part]);
                if (double.IsNaN(sum) || double.IsNaN(of))
                    continue;
                if (Math.Abs(sum - of) > Most(slack, of))
                    return false;
                cells++;
                for (var i = 0; i < some.Length; i++)
                    some[i] |= values[cell][parts[i]] != 0;
                // The same value again, as from one year to the next, is no new evidence.
                if (hit.Add(of))
                    bits += Math.Log2(1 + (Math.Abs(of) / (2 * slack)));
            }
            if (hit.Count < LeastCells || bits < LeastBits + Math.Log2(tried) || some.Contains(false))
                return false;
            found[total] = new SumOfOthers(total, [.. parts], cells);
            return true;
        }

        // What a double keeps of a decimal, beside what rounding has left of it.
        private static double Most(double slack, double of) => (slack * 1.000001) + (Math.Abs(of) * 1e-12);
    }
}
