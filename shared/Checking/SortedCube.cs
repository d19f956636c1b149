using System.Numerics;
using Pipeline.Understanding;

namespace Pipeline.Checking;

/// <summary>
/// A cube's observations sorted by series, then TIME_PERIOD, without duplicates. Code numbers become positions in codelists sorted by id, so that
/// comparing two keys is comparing two integers. Sets that are larger than memory are cut into buckets of neighbouring keys on disk.
/// </summary>
public sealed class SortedCube
{
    private const int BucketRows = 1 << 18;
    private const int Workers = 2;

    // Rows of one key stay together, in memory; more of them than this can not be meant.
    private const int MostOfOneKey = BucketRows * 4;

    private readonly int[][] positions;
    private readonly int[] absent;
    private readonly int[] key;
    private readonly bool narrow;

    /// <summary>Prepares a cube for sorting.</summary>
    /// <param name="cube">The cube; its observations must not change any more.</param>
    /// <param name="codes">For each component of the cube a codelist in ordinal order of ids that holds at least the cube's codes; null to sort the cube's own.</param>
    /// <param name="key">The components, by their index in the cube, that make the key, first the one to sort by first and last TIME_PERIOD; null for the cube's dimensions.</param>
    /// <exception cref="UnreadableReleaseException">There are more possible keys than a key can number.</exception>
    public SortedCube(Cube cube, IReadOnlyList<IReadOnlyList<Code>>? codes = null, IReadOnlyList<int>? key = null)
    {
        ArgumentNullException.ThrowIfNull(cube);
        Cube = cube;
        Codes = codes ?? [.. cube.Components.Select(c => Sort(Enumerable.Range(0, c.Codes.Count).Select(i => c.Codes[i])))];
        this.key = [.. key ?? Enumerable.Range(0, cube.TimeIndex + 1)];
        positions = new int[cube.Components.Count][];
        absent = new int[positions.Length];
        for (var c = 0; c < positions.Length; c++)
        {
            var at = new Dictionary<string, int>(Codes[c].Count, StringComparer.Ordinal);
            for (var i = 0; i < Codes[c].Count; i++)
                at.Add(Codes[c][i].Id, i);
            positions[c] = new int[cube.Components[c].Codes.Count];
            for (var i = 0; i < positions[c].Length; i++)
                positions[c][i] = at[cube.Components[c].Codes[i].Id];
            // An attribute that the dataset has as a dimension may be empty here: then it does not apply.
            absent[c] = this.key.Contains(c) ? at.GetValueOrDefault(Concepts.NotApplicable, -1) : -1;
        }
        var keys = this.key.Aggregate(BigInteger.One, (product, c) => product * Math.Max(1, Codes[c].Count));
        narrow = keys <= ulong.MaxValue;
        if (keys > (BigInteger)UInt128.MaxValue)
        {
            throw new UnreadableReleaseException(new Finding(Severity.Error, "dimensions-too-many", "The table has too many dimensions to publish.")
            {
                Found = $"{this.key.Length - 1} dimensions with {keys:E1} possible keys",
                Expected = "at most 2^128 possible keys",
                Advice = "Publish identifiers and free text as attributes, or split the table.",
            });
        }
    }

    /// <summary>The cube.</summary>
    public Cube Cube { get; }

    /// <summary>For each component the codelist that the code positions of <see cref="Read"/> count.</summary>
    public IReadOnlyList<IReadOnlyList<Code>> Codes { get; }

    /// <summary>Sorts codes by their ids, as everything stored is.</summary>
    public static IReadOnlyList<Code> Sort(IEnumerable<Code> codes)
    {
        var sorted = codes.ToArray();
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Id, b.Id));
        return sorted;
    }

    /// <summary>
    /// The observations in order, each key once. Of observations that agree the first stays; of those that contradict each other none. Both, and
    /// series with more than one unit, are told to the findings and the account. The batch is reused from one to the next.
    /// </summary>
    /// <param name="findings">Takes the findings; null to say nothing (when they have been told before).</param>
    /// <param name="reconciliation">Takes the observations set aside; null likewise.</param>
    /// <param name="cancellationToken">Ends the work between two buckets.</param>
    /// <exception cref="UnreadableReleaseException">About a million observations have one key; thrown while reading.</exception>
    public IEnumerable<ObservationBatch> Read(
        Findings? findings = null, Reconciliation? reconciliation = null, CancellationToken cancellationToken = default)
    {
        var rows = narrow ? Ordered<ulong>(cancellationToken) : Ordered<UInt128>(cancellationToken);
        return new Deduplication(this, findings, reconciliation).Run(rows);
    }

    private IEnumerable<Bucket> Ordered<TKey>(CancellationToken cancellationToken)
        where TKey : struct, IBinaryInteger<TKey>
    {
        var sizes = key.Select(c => TKey.CreateChecked(Math.Max(1, Codes[c].Count))).ToArray();
        if (Cube.Observations.Count <= BucketRows)
        {
            var only = new Bucket<TKey>(positions.Length, (int)Cube.Observations.Count);
            Load([Cube.Observations], sizes, only);
            yield return only;
            yield break;
        }
        var parts = Distribute(sizes, cancellationToken);
        try
        {
            // While one bucket is being written the next is loaded and sorted on the other core; two buckets take turns.
            var largest = (int)parts.Max(part => part.Sum(set => set.Count));
            var (current, other) = (new Bucket<TKey>(positions.Length, largest), new Bucket<TKey>(positions.Length, largest));
            var loading = Task.Run(() => Load(parts[0], sizes, current), cancellationToken);
            for (var i = 0; i < parts.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                loading.GetAwaiter().GetResult();
                foreach (var set in parts[i])
                    set.Dispose();
                if (i + 1 < parts.Length)
                {
                    var (following, into) = (parts[i + 1], other);
                    loading = Task.Run(() => Load(following, sizes, into), cancellationToken);
                }
                yield return current;
                (current, other) = (other, current);
            }
        }
        finally
        {
            foreach (var set in parts.SelectMany(part => part))
                set.Dispose();
        }
    }

    /// <summary>
    /// Cuts the set into parts of neighbouring keys, all rows of one key in one part, by the quantiles of a sample. Each of <see cref="Workers"/>
    /// threads takes every second chunk, so that a part is as many sets.
    /// </summary>
    private ObservationSet[][] Distribute<TKey>(TKey[] sizes, CancellationToken cancellationToken)
        where TKey : struct, IBinaryInteger<TKey>
    {
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Workers };
        var sample = new List<TKey>();
        for (var rest = Cube.Observations.Sample; !rest.IsEmpty; rest = rest[positions.Length..])
        {
            var number = TKey.Zero;
            for (var i = 0; i < sizes.Length; i++)
                number = (number * sizes[i]) + Position<TKey>(key[i], rest[key[i]]);
            sample.Add(number);
        }
        sample.Sort();
        for (int from = 0, i = 1; i < sample.Count; i++)
        {
            from = sample[i] == sample[from] ? from : i;
            if (i - from == MostOfOneKey / Cube.Observations.SampleEvery)
                throw TooManyOfOneKey(sample[i], sizes);
        }
        var count = (int)((Cube.Observations.Count / (BucketRows * 3 / 4)) + 1);
        var bounds = Enumerable.Range(1, count - 1).Select(i => sample[(int)((long)sample.Count * i / count)]).Distinct().ToArray();
        var parts = Enumerable.Range(0, bounds.Length + 1)
            .Select(_ => Enumerable.Range(0, Workers).Select(_ => Cube.Observations.Part(1024)).ToArray()).ToArray();
        Parallel.For(0, Workers, options, worker =>
        {
            foreach (var batch in Cube.Observations.Read(worker, Workers))
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var row = 0; row < batch.Count; row++)
                {
                    var at = Array.BinarySearch(bounds, Key(batch, row, sizes));
                    parts[at < 0 ? ~at : at + 1][worker].Add(batch, row);
                }
            }
        });
        return parts;
    }

    private UnreadableReleaseException TooManyOfOneKey<TKey>(TKey often, TKey[] sizes)
        where TKey : struct, IBinaryInteger<TKey>
    {
        var (batch, row) = Cube.Observations.Read().SelectMany(b => Enumerable.Range(0, b.Count).Select(r => (Batch: b, Row: r))).First(o => Key(o.Batch, o.Row, sizes) == often);
        return new UnreadableReleaseException(new Finding(Severity.Error, "observations-repeated", "A great many observations have the same key.")
        {
            Where = batch.Source(row).ToString(Cube.Sheets),
            Found = string.Join(", ", key.Where(c => batch.Codes[c][row] >= 0).Select(c => $"{Cube.Components[c].Id}={Cube.Components[c].Codes[batch.Codes[c][row]].Id}")),
            Expected = "each combination of dimensions and period once",
            Advice = "Add the column that tells them apart.",
        });
    }

    private TKey Key<TKey>(ObservationBatch batch, int row, TKey[] sizes)
        where TKey : struct, IBinaryInteger<TKey>
    {
        var number = TKey.Zero;
        for (var i = 0; i < sizes.Length; i++)
            number = (number * sizes[i]) + Position<TKey>(key[i], batch.Codes[key[i]][row]);
        return number;
    }

    private TKey Position<TKey>(int component, int code)
        where TKey : struct, IBinaryInteger<TKey> =>
        TKey.CreateTruncating(code < 0 ? absent[component] : positions[component][code]);

    private void Load<TKey>(ObservationSet[] sets, TKey[] sizes, Bucket<TKey> bucket)
        where TKey : struct, IBinaryInteger<TKey>
    {
        var rows = bucket.Rows;
        rows.Count = 0;
        rows.WideValues = sets[0].WideValues;
        foreach (var batch in sets.SelectMany(set => set.Read()))
        {
            for (var row = 0; row < batch.Count; row++)
                bucket.Keys[rows.Count + row] = Key(batch, row, sizes);
            for (var c = 0; c < positions.Length; c++)
            {
                var map = positions[c];
                var from = batch.Codes[c];
                var to = rows.Codes[c].AsSpan(rows.Count);
                for (var row = 0; row < batch.Count; row++)
                    to[row] = from[row] < 0 ? absent[c] : map[from[row]];
            }
            batch.Mantissa.AsSpan(0, batch.Count).CopyTo(rows.Mantissa.AsSpan(rows.Count));
            batch.Scale.AsSpan(0, batch.Count).CopyTo(rows.Scale.AsSpan(rows.Count));
            batch.Place.AsSpan(0, batch.Count).CopyTo(rows.Place.AsSpan(rows.Count));
            batch.A.AsSpan(0, batch.Count).CopyTo(rows.A.AsSpan(rows.Count));
            batch.B.AsSpan(0, batch.Count).CopyTo(rows.B.AsSpan(rows.Count));
            rows.Count += batch.Count;
        }
        for (var i = 0; i < rows.Count; i++)
            bucket.Order[i] = i;
        bucket.Keys.AsSpan(0, rows.Count).Sort(bucket.Order.AsSpan(0, rows.Count));
        for (var i = 1; i < rows.Count; i++)
            bucket.Repeats[i] = bucket.Keys[i] == bucket.Keys[i - 1];
    }

    private class Bucket(int components, int capacity)
    {
        public ObservationBatch Rows { get; } = new(components, capacity);

        /// <summary>The rows' indexes in the order of their keys.</summary>
        public int[] Order { get; } = new int[capacity];

        /// <summary>For each place in the order whether its row has the key of the one before.</summary>
        public bool[] Repeats { get; } = new bool[capacity];
    }

    private sealed class Bucket<TKey>(int components, int capacity) : Bucket(components, capacity)
    {
        public TKey[] Keys { get; } = new TKey[capacity];
    }

    /// <summary>One pass over the ordered rows: groups of one key are adjacent.</summary>
    private sealed class Deduplication(SortedCube sorted, Findings? findings, Reconciliation? reconciliation)
    {
        private readonly ObservationBatch output = new(sorted.positions.Length, (int)Math.Min(sorted.Cube.Observations.Count, ObservationSet.ChunkRows)) { WideValues = sorted.Cube.Observations.WideValues };
        private readonly int status = sorted.Cube.IndexOf(Concepts.ObsStatus);
        private readonly int unit = sorted.Cube.IndexOf(Concepts.UnitMeasure);
        private readonly bool oneUnit = sorted.Codes[sorted.Cube.IndexOf(Concepts.UnitMeasure)].Count < 2;
        private bool mixedInSeries;

        public IEnumerable<ObservationBatch> Run(IEnumerable<Bucket> buckets)
        {
            foreach (var bucket in buckets)
            {
                var (rows, order, count) = (bucket.Rows, bucket.Order, bucket.Rows.Count);
                for (var from = 0; from < count;)
                {
                    if (oneUnit)
                    {
                        // Where nothing repeats and no unit can change there is nothing to look at row by row.
                        var alone = from;
                        while (alone < count && (alone + 1 == count || !bucket.Repeats[alone + 1]))
                            alone++;
                        while (from < alone)
                        {
                            if (output.Count == ObservationSet.ChunkRows)
                            {
                                yield return output;
                                output.Count = 0;
                            }
                            var some = Math.Min(alone - from, ObservationSet.ChunkRows - output.Count);
                            rows.CopyRows(order.AsSpan(from, some), output);
                            from += some;
                        }
                        if (from == count)
                            break;
                    }
                    var to = from + 1;
                    while (to < count && bucket.Repeats[to])
                        to++;
                    if (Choose(rows, order.AsSpan(from, to - from)) is >= 0 and var row)
                    {
                        if (output.Count == ObservationSet.ChunkRows)
                        {
                            yield return output;
                            // The last row stays at hand: the next one may belong to its series.
                            output.CopyRow(output.Count - 1, output, 0);
                            output.Count = 0;
                            CheckUnit(rows, row, 0, true);
                        }
                        else
                        {
                            CheckUnit(rows, row, output.Count - 1, output.Count > 0);
                        }
                        rows.CopyRow(row, output, output.Count++);
                    }
                    from = to;
                }
            }
            if (output.Count > 0)
                yield return output;
        }

        /// <summary>The row that stands for its key; -1 when rows of one key contradict each other.</summary>
        private int Choose(ObservationBatch rows, Span<int> group)
        {
            if (group.Length == 1)
                return group[0];
            // Rows of one key stand in any order here; the release's order decides which is the first.
            group.Sort((a, b) => (rows.Place[a], rows.A[a], rows.B[a]).CompareTo((rows.Place[b], rows.A[b], rows.B[b])));
            var first = group[0];
            foreach (var other in group[1..])
            {
                if (rows.Value(other) == rows.Value(first) && rows.Codes[status][other] == rows.Codes[status][first] && rows.Codes[unit][other] == rows.Codes[unit][first])
                    continue;
                Tell("observations-contradict", Severity.Error, rows, first, other, "Two observations of one key differ.",
                    "one value for each combination of dimensions and period", "Correct one of the two cells, or add the column that tells them apart.");
                foreach (var row in group)
                    Aside("observations-contradict", rows, row);
                return -1;
            }
            foreach (var other in group[1..])
            {
                Tell("observation-repeated", Severity.Warning, rows, first, other, "The same observation stands twice; the first was taken.",
                    "each combination of dimensions and period once", "Remove one of the two.");
                Aside("observation-repeated", rows, other);
            }
            return first;
        }

        private void CheckUnit(ObservationBatch rows, int row, int before, bool hasBefore)
        {
            var sameSeries = hasBefore;
            for (var i = 0; sameSeries && i < sorted.key.Length - 1; i++)
                sameSeries = rows.Codes[sorted.key[i]][row] == output.Codes[sorted.key[i]][before];
            if (!sameSeries)
            {
                mixedInSeries = false;
            }
            else if (rows.Codes[unit][row] != output.Codes[unit][before] && !mixedInSeries)
            {
                mixedInSeries = true;
                if (findings?.Keeps("units-mixed") == true)
                {
                    findings.Add(new Finding(Severity.Warning, "units-mixed", $"The series {Series(rows, row)} changes its unit.")
                    {
                        Where = Where(rows, row),
                        Found = UnitOf(rows, row) + " after " + UnitOf(output, before) + " at " + Where(output, before),
                        Expected = "one unit in a series",
                        Advice = "Check the unit; if both are right, tell the two series apart by an indicator.",
                    });
                }
                else
                {
                    findings?.Count("units-mixed", Severity.Warning);
                }
            }
        }

        private void Tell(string code, Severity severity, ObservationBatch rows, int first, int other, string message, string expected, string advice)
        {
            if (findings?.Keeps(code) == true)
            {
                findings.Add(new Finding(severity, code, message)
                {
                    Where = Where(rows, other),
                    Found = $"{Shown(rows, other)} here, {Shown(rows, first)} at {Where(rows, first)}, both for {Series(rows, other)} at {PeriodOf(rows, other)}",
                    Expected = expected,
                    Advice = advice,
                });
            }
            else
            {
                findings?.Count(code, severity);
            }
        }

        private void Aside(string reason, ObservationBatch rows, int row)
        {
            if (reconciliation is null)
                return;
            reconciliation.Observations--;
            reconciliation.Aside(reason, () => Where(rows, row));
        }

        private string Where(ObservationBatch rows, int row) => rows.Source(row).ToString(sorted.Cube.Sheets);

        private static string Shown(ObservationBatch rows, int row) =>
            rows.Value(row)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no value";

        private string UnitOf(ObservationBatch rows, int row) => sorted.Codes[unit][rows.Codes[unit][row]].Id;

        private string PeriodOf(ObservationBatch rows, int row) =>
            sorted.Codes[sorted.key[^1]][rows.Codes[sorted.key[^1]][row]].Id is { Length: > 0 } period ? period : "no period";

        private string Series(ObservationBatch rows, int row) =>
            string.Join(", ", sorted.key.SkipLast(1).Select(c => $"{sorted.Cube.Components[c].Id}={sorted.Codes[c][rows.Codes[c][row]].Id}"));
    }
}
