using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Series of any datasets, aligned on time: every period that one of them has, and of each series its value there or none.</summary>
internal sealed class SeriesComparison
{
    private readonly IReadOnlyList<SeriesRows> series;
    private readonly List<string> periods;
    private readonly List<Dictionary<string, int>> rows;

    /// <summary>Aligns series.</summary>
    public SeriesComparison(IReadOnlyList<SeriesRows> series)
    {
        this.series = series;
        rows = [.. series.Select(s => Enumerable.Range(0, s.Count).ToDictionary(s.Period))];
        // What is no period comes last, as it does in a version.
        periods = [.. rows.SelectMany(r => r.Keys).Distinct(StringComparer.Ordinal)
            .Select(period => (Text: period, Days: PeriodDays.TryParse(period, out var days) ? days : (PeriodDays?)null))
            .OrderBy(p => p.Days is null).ThenBy(p => p.Days).ThenBy(p => p.Text, StringComparer.Ordinal).Select(p => p.Text)];
    }

    /// <summary>The answer in JSON.</summary>
    public JsonObject ToJson(FindRequest request)
    {
        var frequencies = series.Select(FrequencyOf).Where(f => f.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return new JsonObject
        {
            ["periods"] = new JsonArray([.. periods.Select(p => (JsonNode?)(p.Length == 0 ? null : p))]),
            ["frequencies"] = new JsonArray([.. frequencies.Select(f => (JsonNode)f)]),
            ["mixedFrequencies"] = frequencies.Count > 1,
            ["series"] = new JsonArray([.. series.Select((s, n) => (JsonNode)Write(s, n, request))]),
        };
    }

    /// <summary>The answer as a CSV: a row a period, a column a series.</summary>
    public string ToCsv(bool labels, FindRequest request)
    {
        var csv = new StringBuilder("TIME_PERIOD");
        foreach (var one in series)
            csv.Append(',').Append(Cell(labels ? $"{one.Key} {one.Label(request.LanguagesOf(one.At))}" : one.Key));
        csv.Append("\r\n");
        foreach (var period in periods)
        {
            csv.Append(period);
            for (var s = 0; s < series.Count; s++)
                csv.Append(',').Append(ValueAt(s, period)?.ToString(CultureInfo.InvariantCulture));
            csv.Append("\r\n");
        }
        return csv.ToString();
    }

    private JsonObject Write(SeriesRows one, int number, FindRequest request)
    {
        var (units, powers) = (one.Common(Concepts.UnitMeasure), one.Common(Concepts.UnitMult));
        var json = new JsonObject
        {
            ["key"] = one.Key,
            ["dataset"] = one.At.Structure.Id,
            ["version"] = one.At.Version.Version,
            ["label"] = one.Label(request.LanguagesOf(one.At)),
            ["frequency"] = FrequencyOf(one),
            ["unit"] = units is { } unit ? one.Code(one.At.IndexOf(Concepts.UnitMeasure), unit) : null,
            ["unitMult"] = powers is not null && int.TryParse(one.CodeIdOf(0, Concepts.UnitMult), out var power) ? power : null,
            ["values"] = Each(period => ValueAt(number, period)),
            ["statuses"] = Each(period => rows[number].TryGetValue(period, out var i) ? one.CodeIdOf(i, Concepts.ObsStatus) : null),
        };
        // Where unit or power change along the way, each observation says its own.
        if (units is null)
            json["units"] = Each(period => rows[number].TryGetValue(period, out var i) ? one.CodeIdOf(i, Concepts.UnitMeasure) : null);
        if (powers is null)
            json["unitMults"] = Each(period => rows[number].TryGetValue(period, out var i) && int.TryParse(one.CodeIdOf(i, Concepts.UnitMult), out var power) ? power : null);
        json["links"] = new JsonObject { ["series"] = SeriesKey.SeriesAddress(one.Key), ["dataset"] = DatasetApi.Address(one.At.Structure.Id) };
        return json;
    }

    private JsonArray Each(Func<string, JsonNode?> of) => [.. periods.Select(of)];

    private decimal? ValueAt(int number, string period) => rows[number].TryGetValue(period, out var i) ? series[number].Value(i) : null;

    private static string FrequencyOf(SeriesRows one) => one.At.IndexOf(Concepts.Freq) is >= 0 and var c && c < one.Codes.Length && one.Codes[c] < one.At.Components[c].Codes.Count
        ? one.At.Components[c].Codes[one.Codes[c]].Id : "";

    private static string Cell(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
