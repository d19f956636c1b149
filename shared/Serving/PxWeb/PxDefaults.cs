using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// What is shown of a table when nothing is selected: one or two variables with their values, time's latest, and one value of each other variable. As PxWeb does it,
/// but the one value is that of an observation of the latest period, so that there is something to see in a table with few cells filled.
/// </summary>
internal static class PxDefaults
{
    private const int MostInStub = 1_500;
    private const int MostInHeading = 13;

    /// <summary>Selects.</summary>
    public static async Task<PxSelection> SelectAsync(PxWebTable table, VersionQueries lake, CancellationToken cancellationToken)
    {
        var seen = await SeenAsync(table, lake, cancellationToken);
        var (chosen, stub, heading) = (new Dictionary<PxVariable, List<int>>(), new List<PxVariable>(), new List<PxVariable>());
        var (contents, time) = (table.Contents, table.Time);
        var others = table.Variables.Where(v => v != contents && v != time).ToList();
        var needed = others.Where(v => v.Elimination is null).ToList();
        var free = others.Where(v => v.Elimination is not null).ToList();
        if (others.Count == 0)
        {
            if (time is not null)
                Take(contents.Count < 6 ? stub : heading, time, MostInHeading);
            if (contents.Count < 6 && time is not null)
                Take(heading, contents, MostInHeading);
            else
                Take(stub, contents, MostInStub);
        }
        else if (others.Count == 1 && contents.Count == 1)
        {
            Take(heading, contents, 1);
            if (time is not null)
                Take(heading, time, MostInHeading);
            Take(stub, others[0], MostInStub);
        }
        else if (others.Count == 1)
        {
            if (time is not null)
                Take(heading, time, 1);
            TakeBoth(contents, others[0]);
        }
        else
        {
            Take(heading, contents, 1);
            if (time is not null)
                Take(heading, time, 1);
            foreach (var variable in needed.Skip(1).SkipLast(1))
                Take(heading, variable, 1);
            TakeBoth(
                needed.Count > 0 ? needed[0] : others[0],
                needed.Count > 1 ? needed[^1] : needed.Count == 1 ? free[^1] : others[^1]);
        }
        foreach (var variable in free.Where(v => !chosen.ContainsKey(v)))
        {
            if (variable.Dimension.Codes[seen[variable]].Id == variable.Elimination)
                chosen.Add(variable, []);
            else
                Take(heading, variable, 1);
        }
        return new PxSelection(table, chosen, stub, heading);

        // The one with more values goes into the stub.
        void TakeBoth(PxVariable one, PxVariable two)
        {
            var (longer, shorter) = one.Count > two.Count ? (one, two) : (two, one);
            Take(stub, longer, MostInStub);
            Take(heading, shorter, MostInHeading);
        }

        void Take(List<PxVariable> place, PxVariable variable, int most)
        {
            var all = Enumerable.Range(0, variable.Count);
            var some = (variable == time ? all.TakeLast(most) : all.Take(most)).ToList();
            if (!some.Contains(seen[variable]))
                some[^1] = seen[variable];
            chosen.Add(variable, [.. some.Order()]);
            place.Add(variable);
        }
    }

    // For each variable the value that an observation of the latest period has.
    private static async Task<Dictionary<PxVariable, int>> SeenAsync(PxWebTable table, VersionQueries lake, CancellationToken cancellationToken)
    {
        var at = table.At;
        var seen = table.Variables.ToDictionary(v => v, v => v == table.Time ? v.Count - 1 : 0);
        var wanted = Enumerable.Range(0, at.ColumnCount).Select(c => c <= at.TimeIndex).ToArray();
        // What has no period stands last in time; the last of the periods is the latest.
        var latest = at.Version.TimeTo is { } last && at.Find(at.TimeIndex, last) >= 0 ? last : null;
        var query = new DataQuery(latest is null ? [] : [new Criterion.OneOf(at.Components[at.TimeIndex].Id, [latest])], []) { Limit = 1 };
        await foreach (var match in lake.RunAsync(at, query, wanted, cancellationToken))
            foreach (var variable in table.Variables.Where(v => !v.IsMade))
                seen[variable] = variable.Find(DataCube.CodeOf(at, variable.Dimension.Component, match.Chunk.Codes[variable.Dimension.Component]![match.Row(0)]).Id);
        return seen;
    }
}
