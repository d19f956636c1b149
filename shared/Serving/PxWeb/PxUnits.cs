using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The units of what a table measures.</summary>
internal static class PxUnits
{
    private const int MostSeriesForUnits = 100_000;

    /// <summary>The units, as far as they can be told without the data.</summary>
    public static async Task<Dictionary<string, (string? Unit, int Power, int? Decimals)?>> OfAsync(PxWebTable table, Catalogue catalogue, CancellationToken cancellationToken)
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
        return found.Where(u => u.Value is not null).ToDictionary(u => u.Key, u => ((string?, int, int?)?)(NameOf(u.Value!.Value.Unit), u.Value.Value.Power, at.Structure.ValueScale), StringComparer.Ordinal);

        string? NameOf(string unit) => unit is Concepts.Unspecified or Concepts.NotApplicable || component < 0 || at.Find(component, unit) is not (>= 0 and var number)
            ? null : JsonStat.Label(at.Components[component].Codes[number].Labels, table.Languages, unit);
    }
}
