using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A series of a version: its codes, and those of its observations that were asked for, in the order of time.</summary>
internal sealed class SeriesRows
{
    /// <summary>The most observations of a series, or of all series of a comparison, that an answer has.</summary>
    public const int MostObservations = 100_000;

    private readonly List<(Chunk Chunk, int Row)> rows;

    private SeriesRows(DatasetAtVersion at, int[] codes, List<(Chunk Chunk, int Row)> rows) => (At, Codes, this.rows) = (at, codes, rows);

    /// <summary>The version.</summary>
    public DatasetAtVersion At { get; }

    /// <summary>The numbers of the dimensions' codes.</summary>
    public int[] Codes { get; }

    /// <summary>How many observations there are.</summary>
    public int Count => rows.Count;

    /// <summary>The key.</summary>
    public string Key => SeriesKey.Write(At.Structure.Id, Codes.Select((number, c) => CodeId(c, number)));

    /// <summary>Reads a series.</summary>
    /// <param name="lake">Answers queries.</param>
    /// <param name="at">The version.</param>
    /// <param name="codes">The numbers of the dimensions' codes.</param>
    /// <param name="more">Further conditions.</param>
    /// <param name="last">How many of the last observations; null for all.</param>
    /// <param name="most">How many observations there may be.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<SeriesRows> ReadAsync(
        VersionQueries lake, DatasetAtVersion at, int[] codes, IReadOnlyList<Criterion> more, int? last, int most, CancellationToken cancellationToken)
    {
        var rows = new List<(Chunk Chunk, int Row)>();
        var query = new DataQuery([.. codes.Select((number, c) => Is(at, c, number)), .. more], []);
        await foreach (var match in lake.RunAsync(at, query, null, cancellationToken))
        {
            if (last is null && rows.Count + match.Count > most)
                throw TooMany(at.Structure.Id, most);
            for (var i = 0; i < match.Count; i++)
                rows.Add((match.Chunk, match.Row(i)));
        }
        rows = [.. rows.OrderBy(r => at.PeriodRanks[r.Chunk.Codes[at.TimeIndex]![r.Row]])];
        if (last is { } count && rows.Count > count)
            rows.RemoveRange(0, rows.Count - count);
        return rows.Count > most ? throw TooMany(at.Structure.Id, most) : new SeriesRows(at, codes, rows);
    }

    /// <summary>The condition that a component has a code; the number after the last stands for none.</summary>
    public static Criterion Is(DatasetAtVersion at, int component, int number)
    {
        var (id, codes) = (at.Components[component].Id, at.Components[component].Codes);
        return number < codes.Count ? new Criterion.OneOf(id, [codes[number].Id]) : new Criterion.Not(new Criterion.OneOf(id, [.. codes.Select(c => c.Id)]));
    }

    /// <summary>The number of the code that an observation has in a component.</summary>
    public int CodeOf(int i, int component) => rows[i].Chunk.Codes[component]![rows[i].Row];

    /// <summary>The code that an observation has in a component; empty for none.</summary>
    public string CodeIdOf(int i, string component) => At.IndexOf(component) is >= 0 and var c ? CodeId(c, CodeOf(i, c)) : "";

    /// <summary>The period of an observation; empty for none.</summary>
    public string Period(int i) => CodeId(At.TimeIndex, CodeOf(i, At.TimeIndex));

    /// <summary>The value of an observation, with the decimals shown.</summary>
    public decimal? Value(int i) => rows[i].Chunk.Value(rows[i].Row);

    /// <summary>How many decimals the release shows; null where there is no value.</summary>
    public int? Decimals(int i) => rows[i].Chunk.Decimals![rows[i].Row] is var shown && shown == byte.MaxValue ? null : shown;

    /// <summary>The place in its release that an observation was read at.</summary>
    public string Place(int i) => rows[i].Chunk.Source![rows[i].Row];

    /// <summary>The release that brought an observation.</summary>
    public string Release(int i) => rows[i].Chunk.ReleaseIds[rows[i].Chunk.Release![rows[i].Row]];

    /// <summary>The id of an observation.</summary>
    public string Id(int i) => SeriesKey.Write(At.Structure.Id, [.. Codes.Select((number, c) => CodeId(c, number)), Period(i)]);

    /// <summary>The number of the code that all observations have in a component; null where they differ, or there are none.</summary>
    public int? Common(string component)
    {
        if (At.IndexOf(component) is not (>= 0 and var c) || rows.Count == 0)
            return null;
        var first = CodeOf(0, c);
        for (var i = 1; i < rows.Count; i++)
            if (CodeOf(i, c) != first)
                return null;
        return first;
    }

    /// <summary>A code with its labels; null for none.</summary>
    public JsonObject? Code(int component, int number)
    {
        var codes = At.Components[component].Codes;
        return number >= codes.Count ? null : Labelled(new JsonObject { ["id"] = codes[number].Id }, codes[number].Labels);
    }

    /// <summary>The dimensions with the codes of the series.</summary>
    public JsonArray Dimensions() => [.. Codes.Select((number, c) => Labelled(new JsonObject { ["id"] = At.Components[c].Id }, At.Components[c].Labels, ("code", Code(c, number))))];

    /// <summary>What the series is, in words: the labels of its codes, but for the frequency and dimensions that do not apply.</summary>
    public string Label(IReadOnlyList<string> languages)
    {
        var words = Codes.Select((number, c) => (Component: At.Components[c], Number: number))
            .Where(x => x.Component.Id != Concepts.Freq && x.Number < x.Component.Codes.Count && x.Component.Codes[x.Number].Id != Concepts.NotApplicable)
            .Select(x => x.Component.Codes[x.Number] is { Labels.Count: > 0 } code ? ObservationCsv.Label(code.Labels, languages) : x.Component.Codes[x.Number].Id);
        return string.Join(" · ", words);
    }

    /// <summary>An object with labels, and what comes after them.</summary>
    public static JsonObject Labelled(JsonObject json, IReadOnlyDictionary<string, string> labels, params ReadOnlySpan<(string Name, JsonNode? Value)> more)
    {
        if (labels.Count > 0)
            json["labels"] = new JsonObject(labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value)));
        foreach (var (name, value) in more)
            json[name] = value;
        return json;
    }

    /// <summary>The code with a number; empty for none.</summary>
    public string CodeId(int component, int number) => At.Components[component].Codes is var codes && number < codes.Count ? codes[number].Id : "";

    private static ProblemException TooMany(string dataset, int most) => new(StatusCodes.Status422UnprocessableEntity, "too-many-observations",
        $"An answer has at most {MostObservations} observations; what was asked for has more (of {dataset}, more than the {most} that are left). Ask for last=N, or for a TIME_PERIOD range, or page through /v1/datasets/{dataset}/data.")
    {
        Parameter = "last",
        Expected = $"last=N or TIME_PERIOD=from..to for at most {MostObservations} observations",
    };
}
