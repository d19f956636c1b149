using System.Globalization;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The units of what a table measures, and the decimals that its values show: looked up in the data once a version, and kept.</summary>
/// <param name="catalogue">What is published.</param>
/// <param name="lake">The data.</param>
internal sealed class PxUnits(Catalogue catalogue, VersionQueries lake)
{
    private const int MostSeries = 100_000;
    private const long MostObservations = 1_000_000;
    private readonly ByteCache known = new(8L << 20);

    /// <summary>The most decimals that a value of each of the contents shows, whatever is selected; of a large table the most that any value has.</summary>
    public async Task<Func<string, int>> DecimalsAsync(PxWebTable table, CancellationToken cancellationToken)
    {
        var all = await FindAsync(table, cancellationToken);
        return code => all.GetValueOrDefault(code)?.Decimals ?? (table.At.Version.Observations > MostObservations ? table.At.Structure.ValueScale : 0);
    }

    /// <summary>The units, as far as they can be told; null where a code has several.</summary>
    public async Task<Func<string, (string? Unit, int Power, int? Decimals)?>> OfAsync(PxWebTable table, CancellationToken cancellationToken)
    {
        var (at, all) = (table.At, await FindAsync(table, cancellationToken));
        var component = at.IndexOf(Concepts.UnitMeasure);
        return code => all.GetValueOrDefault(code) is { Unit: { } unit } measured ? (NameOf(unit), measured.Power, measured.Decimals ?? at.Structure.ValueScale) : null;

        string? NameOf(string unit) => unit is Concepts.Unspecified or Concepts.NotApplicable || component < 0 || at.Find(component, unit) is not (>= 0 and var number)
            ? null : JsonStat.Label(at.Components[component].Codes[number].Labels, table.Languages, unit);
    }

    private async Task<Dictionary<string, Measured>> FindAsync(PxWebTable table, CancellationToken cancellationToken)
    {
        var at = table.At;
        if (known.Find<Dictionary<string, Measured>>(at.Version.File) is { } there)
            return there;
        var (found, isTold) = at.Version.Observations > MostObservations ? ([], false) : await ReadAsync(table, cancellationToken);
        if (!isTold && at.Version.Series <= MostSeries)
            await ReadSeriesAsync(table, found, cancellationToken);
        known.Keep(at.Version.File, found, 200 + (found.Count * 200L));
        return found;
    }

    // Nearly always a code's observations all have one unit, and columns in which few values differ are quickly read.
    private async Task<(Dictionary<string, Measured> Found, bool IsTold)> ReadAsync(PxWebTable table, CancellationToken cancellationToken)
    {
        var at = table.At;
        var (contents, unit, power) = (table.Contents.Dimension.Component, at.IndexOf(Concepts.UnitMeasure), at.IndexOf(Concepts.UnitMult));
        var count = contents < 0 ? 1 : at.Components[contents].Codes.Count + 1;
        var (units, powers, decimals, isTold) = (new int[count], new int[count], new int[count], unit >= 0 && power >= 0);
        Array.Fill(decimals, -1);
        var wanted = Enumerable.Range(0, at.ColumnCount).Select(c => c == contents || c == unit || c == power || c == at.DecimalsColumn).ToArray();
        await foreach (var match in lake.RunAsync(at, new DataQuery([], []), wanted, cancellationToken))
        {
            var chunk = match.Chunk;
            // Rows that are all alike in this, as they often are, need one look.
            var isAlike = IsSame(contents) && IsSame(unit) && IsSame(power) && !chunk.Decimals!.AsSpan(0, chunk.Rows).ContainsAnyExcept(chunk.Decimals![0]);
            for (var i = 0; i < (isAlike ? 1 : match.Count); i++)
            {
                var row = match.Row(i);
                var code = contents < 0 ? 0 : chunk.Codes[contents]![row];
                var (itsUnit, itsPower) = (unit < 0 ? 0 : chunk.Codes[unit]![row], power < 0 ? 0 : chunk.Codes[power]![row]);
                if (decimals[code] < 0)
                    (units[code], powers[code]) = (itsUnit, itsPower);
                isTold &= units[code] == itsUnit && powers[code] == itsPower;
                decimals[code] = Math.Max(decimals[code], chunk.Decimals![row] % byte.MaxValue);
            }

            bool IsSame(int component) => component < 0 || chunk.Codes[component]!.IsSame;
        }
        isTold &= Enumerable.Range(0, count).All(code => decimals[code] < 0 || (units[code] < at.Components[unit].Codes.Count && powers[code] < at.Components[power].Codes.Count));
        var found = new Dictionary<string, Measured>(StringComparer.Ordinal);
        for (var code = 0; code < count; code++)
            if (decimals[code] >= 0)
                found[contents < 0 ? Concepts.ObsValue : DataCube.CodeOf(at, contents, code).Id] = isTold
                    ? new Measured(at.Components[unit].Codes[units[code]].Id, int.Parse(at.Components[power].Codes[powers[code]].Id, CultureInfo.InvariantCulture), decimals[code])
                    : new Measured(null, 0, decimals[code]);
        return (found, isTold);
    }

    // Where units have changed in the course of time, the latest count.
    private async Task ReadSeriesAsync(PxWebTable table, Dictionary<string, Measured> found, CancellationToken cancellationToken)
    {
        var units = new Dictionary<string, (string Unit, int Power)?>(StringComparer.Ordinal);
        await foreach (var series in catalogue.SeriesAsync(table.At, cancellationToken))
        {
            var code = table.Contents.IsMade ? Concepts.ObsValue : series.Key[table.Contents.Dimension.Component];
            if (!units.TryAdd(code, (series.Unit, series.UnitMult)) && units[code] != (series.Unit, series.UnitMult))
                units[code] = null;
        }
        foreach (var (code, unit) in units)
            if (unit is var (id, power))
                found[code] = new Measured(id, power, found.GetValueOrDefault(code)?.Decimals);
    }

    /// <summary>What is known of a code of the contents.</summary>
    /// <param name="Unit">Its unit; null where it has several.</param>
    /// <param name="Power">The power of ten that its values are to be multiplied by.</param>
    /// <param name="Decimals">The most decimals that a value shows; null where there are too many values to look.</param>
    private sealed record Measured(string? Unit, int Power, int? Decimals);
}
