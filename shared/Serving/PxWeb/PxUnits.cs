using System.Runtime.CompilerServices;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The units of what a table measures.</summary>
internal static class PxUnits
{
    private const int MostSeriesForUnits = 100_000;
    private const long MostObservationsForDecimals = 1_000_000;
    private static readonly ConditionalWeakTable<DatasetAtVersion, Dictionary<string, int>> Known = [];

    /// <summary>The most decimals that a value of each of the contents shows, whatever is selected; of a large table the most that any value has.</summary>
    public static async Task<Func<string, int>> DecimalsAsync(PxWebTable table, VersionQueries lake, CancellationToken cancellationToken)
    {
        var (at, most) = (table.At, new Dictionary<string, int>(StringComparer.Ordinal));
        if (Known.TryGetValue(at, out var known))
            return code => known.GetValueOrDefault(code);
        if (at.Version.Observations > MostObservationsForDecimals)
            return _ => at.Structure.ValueScale;
        var component = table.Contents.Dimension.Component;
        var wanted = Enumerable.Range(0, at.ColumnCount).Select(c => c == component || c == at.ValueColumn || c == at.DecimalsColumn).ToArray();
        await foreach (var match in lake.RunAsync(at, new DataQuery([], []), wanted, cancellationToken))
        {
            for (var i = 0; i < match.Count; i++)
            {
                var row = match.Row(i);
                var code = component < 0 ? Concepts.ObsValue : DataCube.CodeOf(at, component, match.Chunk.Codes[component]![row]).Id;
                if (match.Chunk.Value(row) is { } value && value.Scale > most.GetValueOrDefault(code))
                    most[code] = value.Scale;
            }
        }
        Known.AddOrUpdate(at, most);
        return code => most.GetValueOrDefault(code);
    }

    /// <summary>The units, as far as they can be told without the data.</summary>
    public static async Task<Dictionary<string, (string? Unit, int Power, int? Decimals)?>> OfAsync(PxWebTable table, Catalogue catalogue, VersionQueries lake, CancellationToken cancellationToken)
    {
        var (at, contents) = (table.At, table.Contents);
        var found = new Dictionary<string, (string Unit, int Power)?>(StringComparer.Ordinal);
        if (at.Version.Series <= MostSeriesForUnits)
        {
            await foreach (var series in catalogue.SeriesAsync(at, cancellationToken))
            {
                var code = contents.IsMade ? Concepts.ObsValue : series.Key[contents.Dimension.Component];
                if (!found.TryAdd(code, (series.Unit, series.UnitMult)) && found[code] != (series.Unit, series.UnitMult))
                    found[code] = null;
            }
        }
        var component = at.IndexOf(Concepts.UnitMeasure);
        var decimalsOf = await DecimalsAsync(table, lake, cancellationToken);
        return found.Where(u => u.Value is not null).ToDictionary(u => u.Key, u => ((string?, int, int?)?)(NameOf(u.Value!.Value.Unit), u.Value.Value.Power, decimalsOf(u.Key)), StringComparer.Ordinal);

        string? NameOf(string unit) => unit is Concepts.Unspecified or Concepts.NotApplicable || component < 0 || at.Find(component, unit) is not (>= 0 and var number)
            ? null : JsonStat.Label(at.Components[component].Codes[number].Labels, table.Languages, unit);
    }
}
