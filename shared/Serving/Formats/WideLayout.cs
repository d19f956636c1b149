using System.Runtime.CompilerServices;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>
/// Turns observations into series with their periods across, while they stream: a row for each series, and, where its unit changes, for each unit. What
/// varies within a series (OBS_STATUS, SOURCE, ...) is left out, unless it was asked for: then it parts rows as a unit does.
/// </summary>
internal sealed class WideLayout
{
    /// <summary>The most periods, each of which is a column.</summary>
    public const int MostColumns = 10_000;

    /// <summary>The most cells of an answer, filled or not: series that have few of many periods would blow it up.</summary>
    public const long MostCells = 200_000_000;

    private const string WayRound = "Narrow TIME_PERIOD, filter further, or leave layout=wide out: the long layout has a row for each observation.";
    private const int CellsPerChunk = 1 << 16;
    private readonly ObservationTable table;
    private readonly int[] places;
    private readonly int[] keys;
    private readonly bool hasValue;
    private readonly int width;

    /// <summary>Prepares the columns.</summary>
    /// <param name="table">The observations, a series after the other.</param>
    /// <param name="periods">The numbers of the periods that occur, in time order.</param>
    /// <param name="format">The format that has to hold them.</param>
    public WideLayout(ObservationTable table, IReadOnlyList<int> periods, DataFormat format)
    {
        var at = table.At;
        this.table = table;
        places = new int[at.Components[at.TimeIndex].Codes.Count + 1];
        for (var p = 0; p < periods.Count; p++)
            places[periods[p]] = p;
        keys = KeysOf(table);
        hasValue = !table.IsGrouped;
        width = (hasValue ? 1 : 0) + table.Measures.Count;
        Columns =
        [
            .. periods.SelectMany(number =>
            {
                var id = at.Components[at.TimeIndex].Codes is var codes && number < codes.Count ? codes[number].Id : "";
                var measures = table.Measures.Select(m => m with { Id = id.Length == 0 ? m.Id : width == 1 ? id : id + "_" + m.Id });
                var value = new Measure(id.Length == 0 ? Concepts.ObsValue : id, Concepts.ObsValue) { Precision = at.Structure.ValuePrecision, Scale = at.Structure.ValueScale };
                return hasValue ? measures.Prepend(value) : measures;
            }),
        ];
        // Beside the periods stand at most the dataset, and each component and its labels.
        var most = Math.Min(MostColumns, format.MostColumns - 1 - (at.Components.Count * 2));
        if (Columns.Count > most)
            throw format.TooLarge($"{Columns.Count} periods would stand across, and format={format.Name} has room for {most} with layout=wide. {WayRound}", $"at most {most} periods");
    }

    /// <summary>A column a period; where something is computed, the columns with that follow each period. Groups have what is computed alone: with one aggregate, the period is its name.</summary>
    public IReadOnlyList<Measure> Columns { get; }

    /// <summary>The table of series.</summary>
    public ObservationTable Table => table with { Rows = Rows(table.Rows), Measures = Columns, IsWide = true };

    /// <summary>The most rows of series, with these periods across, that a format holds.</summary>
    public long MostRows(DataFormat format) => Math.Min(format.MostRows ?? long.MaxValue, MostCells / Math.Max(1, Columns.Count));

    /// <summary>How many rows of series so many observations make at most, as far as can be told without a look at them.</summary>
    public long RowsAtMost(long observations)
    {
        var rows = (double)table.At.Version.Series;
        foreach (var key in keys)
            rows *= table.At.Components[key].Codes.Count + 1;
        return (long)Math.Min(rows, observations);
    }

    /// <summary>Says that there are more rows of series than <see cref="MostRows"/>.</summary>
    public ProblemException TooLarge(DataFormat format) => format.TooLarge(
        $"There are more than {MostRows(format)} series with {Columns.Count} periods across. {WayRound}", $"at most {MostRows(format)} series");

    /// <summary>The columns of a version's file that the rows of series are told apart by.</summary>
    /// <param name="table">The observations, with the columns that were asked for.</param>
    public static bool[] WantedForKeys(ObservationTable table)
    {
        var wanted = new bool[table.At.ColumnCount];
        foreach (var component in KeysOf(table).Concat(Enumerable.Range(0, table.At.TimeIndex)))
            wanted[component] = true;
        return wanted;
    }

    /// <summary>The columns of a version's file that the rows of series are made of.</summary>
    public static bool[] Wanted(ObservationTable table)
    {
        var (at, wanted) = (table.At, WantedForKeys(table));
        wanted[at.TimeIndex] = wanted[at.ValueColumn] = wanted[at.DecimalsColumn] = true;
        return wanted;
    }

    /// <summary>The numbers of the periods that occur, in time order, and how many observations there are; only TIME_PERIOD needs to be read.</summary>
    public static async Task<(List<int> Periods, long Observations)> PeriodsAsync(DatasetAtVersion at, IAsyncEnumerable<Match> rows)
    {
        var seen = new bool[at.Components[at.TimeIndex].Codes.Count + 1];
        var count = 0L;
        await foreach (var match in rows)
        {
            var column = match.Chunk.Codes[at.TimeIndex]!;
            for (var i = 0; i < match.Count; i++)
                seen[column[match.Row(i)]] = true;
            count += match.Count;
        }
        return ([.. Enumerable.Range(0, seen.Length).Where(n => seen[n]).OrderBy(n => at.PeriodRanks[n])], count);
    }

    /// <summary>How many rows of series there are, counted no further than to a number.</summary>
    /// <param name="table">The observations, with the columns that were asked for.</param>
    /// <param name="rows">The observations again: of the table's own there is one reading only.</param>
    /// <param name="most">Where to stop.</param>
    public static async Task<long> CountAsync(ObservationTable table, IAsyncEnumerable<Match> rows, long most)
    {
        var (finder, count) = (new SeriesRows(table.At.TimeIndex, KeysOf(table)), 0L);
        await foreach (var match in rows)
        {
            for (var i = 0; i < match.Count; i++)
                count += finder.Find(match.Chunk, match.Row(i)).IsNew ? 1 : 0;
            if (count >= most)
                break;
        }
        return count;
    }

    // UNIT_MEASURE and UNIT_MULT, which stand behind OBS_STATUS, what else was asked for, and all that groups differ in.
    private static int[] KeysOf(ObservationTable table) =>
        [.. Enumerable.Range(table.At.TimeIndex + 1, table.At.Components.Count - table.At.TimeIndex - 1).Where(c =>
            table.IsGrouped || table.At.Components[c].Id is Concepts.UnitMeasure or Concepts.UnitMult || table.Columns?.Any(column => column.IsCoded && column.Index == c) == true)];

    private async IAsyncEnumerable<Match> Rows(IAsyncEnumerable<Match> observations, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var finder = new SeriesRows(table.At.TimeIndex, keys);
        var open = new List<Row>();
        var block = new Block(this);
        await foreach (var match in observations.WithCancellation(cancellationToken))
        {
            for (var i = 0; i < match.Count; i++)
            {
                var (chunk, row) = (match.Chunk, match.Row(i));
                var (number, isNew) = finder.Find(chunk, row);
                if (isNew && number == 0)
                {
                    // Another series begins: the rows of the one before are whole.
                    foreach (var whole in open)
                        if (block.Add(whole) is { } full)
                            yield return full;
                    open.Clear();
                }
                if (isNew)
                    open.Add(new Row(chunk, row));
                var first = places[chunk.Codes[table.At.TimeIndex]![row]] * width;
                if (hasValue && chunk.Value(row) is { } value)
                    open[number].Cells.Add((first, value));
                for (var m = 0; m < table.Measures.Count; m++)
                    if (chunk.Measures[m][row] is { } measure)
                        open[number].Cells.Add((first + width - table.Measures.Count + m, measure));
            }
        }
        foreach (var whole in open)
            if (block.Add(whole) is { } full)
                yield return full;
        if (block.Take() is { Count: > 0 } rest)
            yield return rest;
    }

    /// <summary>A row of a series that is being put together: where its codes stand, and its cells.</summary>
    private sealed record Row(Chunk Chunk, int At)
    {
        public List<(int Column, decimal Value)> Cells { get; } = [];
    }

    /// <summary>Rows that are whole, until there are enough to go on.</summary>
    private sealed class Block(WideLayout layout)
    {
        private readonly int size = Math.Clamp(CellsPerChunk / Math.Max(1, layout.Columns.Count), 1, 8_192);
        private readonly bool[] coded = WantedForKeys(layout.table);
        private int[][] codes = [];
        private decimal?[][] cells = [];
        private int count;

        /// <summary>Takes a row; gives a run of rows when it is full.</summary>
        public Match? Add(Row row)
        {
            if (count == 0)
            {
                codes = [.. coded.Select(isCoded => isCoded ? new int[size] : [])];
                cells = [.. layout.Columns.Select(_ => new decimal?[size])];
            }
            for (var c = 0; c < codes.Length; c++)
                if (coded[c])
                    codes[c][count] = row.Chunk.Codes[c]![row.At];
            foreach (var (column, value) in row.Cells)
                cells[column][count] = value;
            return ++count == size ? Take() : null;
        }

        /// <summary>Gives what there is.</summary>
        public Match Take()
        {
            var components = layout.table.At.Components;
            var chunk = new Chunk(components.Count) { Rows = count, Measures = cells };
            for (var c = 0; c < components.Count; c++)
                if (count > 0 && coded[c])
                    chunk.Codes[c] = new CodeColumn(codes[c].AsSpan(0, count), components[c].Codes.Count);
            var match = new Match(chunk, null, 0, count);
            count = 0;
            return match;
        }
    }

    /// <summary>Finds the row of its series that an observation belongs to.</summary>
    private sealed class SeriesRows(int dimensions, int[] keys)
    {
        private readonly int[] series = new int[dimensions];
        private readonly int[] last = new int[keys.Length];
        private readonly Dictionary<(int Key, int From, int Code), int> numbers = [];
        private (int Number, int Count) row = (0, 0);

        /// <summary>The number of the row in its series, and whether it is its first observation.</summary>
        public (int Number, bool IsNew) Find(Chunk chunk, int at)
        {
            // The dimension that changes most often is the last.
            var isSame = row.Count > 0;
            for (var c = dimensions - 1; c >= 0 && isSame; c--)
                isSame = chunk.Codes[c]![at] == series[c];
            if (!isSame)
            {
                for (var c = 0; c < dimensions; c++)
                    series[c] = chunk.Codes[c]![at];
                numbers.Clear();
                row = (-1, 0);
            }
            else if (IsLast(chunk, at))
            {
                return (row.Number, false);
            }
            // Each code leads on from what the ones before it have led to.
            var number = 0;
            for (var k = 0; k < keys.Length; k++)
            {
                last[k] = chunk.Codes[keys[k]]![at];
                var step = (k, number, last[k]);
                if (!numbers.TryGetValue(step, out var next))
                    numbers.Add(step, next = k == keys.Length - 1 ? row.Count : numbers.Count);
                number = next;
            }
            var isNew = number == row.Count;
            row = (number, row.Count + (isNew ? 1 : 0));
            return (number, isNew);
        }

        private bool IsLast(Chunk chunk, int at)
        {
            for (var k = 0; k < keys.Length; k++)
                if (chunk.Codes[keys[k]]![at] != last[k])
                    return false;
            return true;
        }
    }
}
