using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What an observation was in earlier versions.</summary>
internal sealed class ObservationHistory(Catalogue catalogue, VersionQueries lake)
{
    /// <summary>The most versions that are looked at for one observation.</summary>
    public const int MostVersions = 20;

    /// <summary>The states of an observation, newest first, each with the version that brought it.</summary>
    /// <param name="now">The observation's series, with the observation alone.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<(JsonArray States, bool IsWhole)> ReadAsync(SeriesRows now, CancellationToken cancellationToken)
    {
        var versions = (await catalogue.VersionsAsync(now.At.Structure.Id, cancellationToken)).Where(v => v.Version <= now.At.Version.Version).ToList();
        var (ids, period) = (now.Codes.Select((number, c) => (now.At.Components[c].Id, Code: now.CodeId(c, number))).ToDictionary(c => c.Id, c => c.Code), now.Period(0));
        var states = new List<JsonObject>();
        var (row, version) = ((SeriesRows?)now, now.At.Version.Version);
        for (var looks = 0; ; looks++)
        {
            // The release of a row says which version it came with: between that one and this nothing has touched it.
            var since = row is null ? version : versions.LastOrDefault(v => v.Version <= version && v.Release == row.Release(0))?.Version ?? version;
            Add(states, row, versions.First(v => v.Version == since));
            version = since - 1;
            // Where no version has removed anything, what is not there was not there before.
            var isEnd = version < versions[0].Version || (row is null && versions.TakeWhile(v => v.Version <= since).All(v => v.Removed == 0));
            if (isEnd || looks == MostVersions)
            {
                if (states[^1].ContainsKey("absent"))
                    states.RemoveAt(states.Count - 1);
                return (new JsonArray([.. states]), isEnd);
            }
            row = await FindAsync(await catalogue.AtAsync(now.At.Structure.Id, version, null, cancellationToken), ids, period, cancellationToken);
        }
    }

    /// <summary>The observation of a series at a period, alone; null when there is none.</summary>
    public async Task<SeriesRows?> FindAsync(DatasetAtVersion at, int[] codes, int period, CancellationToken cancellationToken)
    {
        var found = await SeriesRows.ReadAsync(lake, at, codes, [SeriesRows.Is(at, at.TimeIndex, period)], null, 1, cancellationToken);
        return found.Count == 0 ? null : found;
    }

    private async Task<SeriesRows?> FindAsync(DatasetAtVersion at, Dictionary<string, string> ids, string period, CancellationToken cancellationToken)
    {
        var codes = new int[at.TimeIndex];
        var met = 0;
        for (var c = 0; c < codes.Length; c++)
        {
            var isThere = ids.TryGetValue(at.Components[c].Id, out var code);
            met += isThere ? 1 : 0;
            codes[c] = Number(at, c, isThere ? code! : Concepts.NotApplicable);
            if (codes[c] < 0)
                return null;
        }
        // A dimension that came later: the observation has it only where it does not apply.
        if (met < ids.Count && ids.Any(id => at.IndexOf(id.Key) < 0 && id.Value != Concepts.NotApplicable))
            return null;
        var number = Number(at, at.TimeIndex, period);
        return number < 0 ? null : await FindAsync(at, codes, number, cancellationToken);
    }

    private static int Number(DatasetAtVersion at, int component, string code) =>
        at.Find(component, code) is >= 0 and var number ? number : code.Length == 0 ? at.Components[component].Codes.Count : -1;

    // Versions go back in time: what is the same as the state after it takes its place, shown with the decimals that it got, which are no revision.
    private static void Add(List<JsonObject> states, SeriesRows? row, DatasetVersion version)
    {
        var state = new JsonObject
        {
            ["version"] = version.Version,
            ["publishedAt"] = JsonSerializer.SerializeToNode(version.PublishedAt, Json.Options),
            ["release"] = version.Release,
        };
        if (row is null)
        {
            state["absent"] = true;
        }
        else
        {
            state["value"] = row.Value(0);
            state["unit"] = row.CodeIdOf(0, Concepts.UnitMeasure);
            state["unitMult"] = int.TryParse(row.CodeIdOf(0, Concepts.UnitMult), out var power) ? power : null;
            state["status"] = row.CodeIdOf(0, Concepts.ObsStatus);
            state["release"] = row.Release(0);
            state["place"] = row.Place(0);
        }
        if (states.Count == 0 || !IsSame(states[^1], state))
        {
            states.Add(state);
            return;
        }
        if (row is not null)
            state["value"] = states[^1]["value"]?.DeepClone();
        states[^1] = state;
    }

    private static bool IsSame(JsonObject a, JsonObject b) => a.ContainsKey("absent") == b.ContainsKey("absent")
        && (decimal?)a["value"] == (decimal?)b["value"] && (string?)a["status"] == (string?)b["status"] && (string?)a["unit"] == (string?)b["unit"] && (int?)a["unitMult"] == (int?)b["unitMult"];
}
