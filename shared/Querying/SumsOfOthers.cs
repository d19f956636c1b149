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
/// Sums that are looked for: of the codes that
/// follow a code in the office's order, or precede it, with what is found to be the sum of some standing for these; of all others; of any two or, in short
/// lists, three. A sum counts when it holds in every cell within the rounding of the decimals shown, in at least <see cref="LeastCells"/>, and
/// when chance would hardly have brought it about: each value that is hit tells as many bits as the possible values it is one of, and <see cref="LeastBits"/> more
/// than are needed to number the sums that were tried have to come together. Of a budget in fixed proportions each part is the sum of two others everywhere when it
/// is anywhere: only cells in which the proportions are others tell something new.
/// </remarks>
internal static class SumsOfOthers
{
    private const int LeastCells = 2;
    private const double LeastBits = 10;
    private const int MostTelling = 24;

    // Any two numbers are nearly multiples of a third that is the root of their size.
    private const double Common = 8;
    private const int MostPairs = 300;
    private const int MostTriples = 60;

    /// <summary>Finds them.</summary>
    /// <param name="at">The version.</param>
    /// <param name="component">A dimension.</param>
    /// <param name="cells">What its codes come to.</param>
    public static IReadOnlyList<SumOfOthers> Find(DatasetAtVersion at, int component, CodesSideBySide cells)
    {
        var codes = at.Components[component].Codes.Count;
        if (codes < 3 || cells.Values.Count < LeastCells)
            return [];
        int[] parents = [.. at.Components[component].Codes.Select(code => code.Parent is { } parent ? at.Find(component, parent) : -1)];
        return new Search(codes, parents, [.. cells.Values], [.. cells.Slacks]).Run([.. at.Components[component].Places]);
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
            var telling = new List<int>();
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
                // Cells in the proportions of another are no new evidence, nor are the same values again, as from one year to the next.
                if (telling.Count < MostTelling && telling.Select(other => Moved(total, parts, cell, other, slack)).DefaultIfEmpty(double.PositiveInfinity).Min() is var moved && moved > 2)
                {
                    telling.Add(cell);
                    bits += Math.Min(Math.Log2(1 + (Math.Abs(of) / Math.Max(2 * slack, Step(total, parts, cell, slack)))), Math.Log2(moved));
                }
            }
            if (telling.Count < LeastCells || bits < LeastBits + Math.Log2(tried) || some.Contains(false))
                return false;
            found[total] = new SumOfOthers(total, [.. parts], cells);
            return true;
        }

        /// <summary>How much the parts of a total are other than in the proportions of another cell, in what rounding may do.</summary>
        private double Moved(int total, IReadOnlyList<int> parts, int cell, int other, double slack)
        {
            if (values[other][total] == 0)
                return double.PositiveInfinity;
            var scale = values[cell][total] / values[other][total];
            var rounded = slack + (Math.Abs(scale) * (slacks[other][total] + parts.Sum(part => slacks[other][part])));
            return (parts.Max(part => Math.Abs(values[cell][part] - (values[other][part] * scale))) - rounded) / (2 * slack);
        }

        /// <summary>
        /// What a total and its parts are all multiples of: of thousands where they are rounded to these, of a tenth of a budget that is cut into tenths. Few such values are possible, and
        /// one sum of them among so many comes about by chance. 0 where two numbers of their size would have a common measure anyway.
        /// </summary>
        private double Step(int total, IReadOnlyList<int> parts, int cell, double slack)
        {
            var (step, of) = (Math.Abs(values[cell][total]), Math.Abs(values[cell][total]));
            foreach (var part in parts)
            {
                // Euclid's algorithm, with how far rounding may have moved what is left.
                var (larger, smaller) = (step, Math.Abs(values[cell][part]));
                var (moved, by) = (slack, slack);
                while (smaller > Math.Max(by, slack))
                {
                    var times = Math.Round(larger / smaller);
                    (larger, smaller, moved, by) = (smaller, Math.Abs(larger - (times * smaller)), by, moved + (times * by));
                }
                step = larger;
            }
            return step > Common * Math.Sqrt(of * 2 * slack) ? step : 0;
        }

        // What a double keeps of a decimal, beside what rounding has left of it.
        private static double Most(double slack, double of) => (slack * 1.000001) + (Math.Abs(of) * 1e-12);
    }
}
