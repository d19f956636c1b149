using System.Globalization;
using System.Runtime.CompilerServices;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>The series of a version with their latest observations, told from its rows: the index keeps them of the last two versions only.</summary>
internal static class SeriesOfRows
{
    /// <summary>The series in stored order, which is the index's.</summary>
    public static async IAsyncEnumerable<SeriesSummary> ReadAsync(VersionQueries lake, DatasetAtVersion at, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (status, unit, mult) = (at.IndexOf(Concepts.ObsStatus), at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult));
        var wanted = Enumerable.Range(0, at.ColumnCount).Select(c => c <= at.TimeIndex || c == status || c == unit || c == mult || c == at.ValueColumn || c == at.DecimalsColumn).ToArray();
        var key = new int[at.TimeIndex];
        var (count, first) = (0, 0);
        (int Time, decimal? Value, int Status, int Unit, int Mult) last = default;
        await foreach (var match in lake.RunAsync(at, new DataQuery([], []), wanted, cancellationToken))
        {
            var codes = match.Chunk.Codes;
            for (var i = 0; i < match.Count; i++)
            {
                var row = match.Row(i);
                var isSame = count > 0;
                for (var c = 0; isSame && c < key.Length; c++)
                    isSame = codes[c]![row] == key[c];
                if (!isSame)
                {
                    if (count > 0)
                        yield return Summary();
                    for (var c = 0; c < key.Length; c++)
                        key[c] = codes[c]![row];
                    (count, first) = (0, codes[at.TimeIndex]![row]);
                }
                count++;
                last = (codes[at.TimeIndex]![row], match.Chunk.Value(row), codes[status]![row], codes[unit]![row], codes[mult]![row]);
            }
        }
        if (count > 0)
            yield return Summary();

        string Id(int component, int number) => at.Components[component].Codes[number].Id;
        string? Period(int number) => Id(at.TimeIndex, number) is { Length: > 0 } period ? period : null;
        SeriesSummary Summary() => new([.. key.Select((number, c) => Id(c, number))], Period(last.Time), last.Value, Id(status, last.Status), Id(unit, last.Unit),
            int.Parse(Id(mult, last.Mult), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), Period(first), count);
    }
}
