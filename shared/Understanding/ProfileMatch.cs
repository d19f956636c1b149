using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Finds the tables of a release that those of a profile are, and their columns.</summary>
internal static class ProfileMatch
{
    private const int MostCompared = 200;

    /// <summary>A column of a table as a profile has it, with the first of the plans that it stands for.</summary>
    public readonly record struct Found(ProfileColumn Column, ColumnPlan Plan, StubColumn? Stub);

    /// <summary>A text as profiles keep and compare it.</summary>
    public static string Words(string text)
    {
        var clean = Labels.WithoutMarks(Labels.Clean(text));
        return clean.Length <= 200 ? clean : clean[..200];
    }

    /// <summary>A text without its periods, as profiles keep and compare it; empty where it is nothing else.</summary>
    public static string Bare(string? text) => text is null ? "" : Words(Preamble.WithoutPeriod(text, ""));

    /// <summary>Whether two texts are the same words.</summary>
    public static bool Same(string? one, string? other) => string.Equals(one ?? "", other ?? "", StringComparison.OrdinalIgnoreCase);

    /// <summary>The columns of a table that mean something, from left to right; those that differ only in their period are one.</summary>
    /// <param name="layout">The table.</param>
    /// <param name="most">How many are wanted at most.</param>
    public static List<Found> Columns(Layout layout, int most)
    {
        var found = new List<Found>();
        var values = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var stubs = layout.Stub?.Columns.ToDictionary(c => c.Index);
        foreach (var plan in layout.Columns)
        {
            if (found.Count >= most)
                break;
            if (plan.Index >= layout.Right || (layout.Block is { } block && plan.Index < block.Left))
                continue;
            var stub = stubs?.GetValueOrDefault(plan.Index);
            var (use, words, id) = Of(plan, stub, layout);
            if (use is null || (use == ProfileUse.Value && !values.Add(words)))
                continue;
            found.Add(new Found(new ProfileColumn { Words = words, At = Source.Column(plan.Index + 1), Use = use, Id = Profile.IsFree(id) ? id : null, Unit = use == ProfileUse.Value ? Of(plan.Unit) : null }, plan, stub));
        }
        return found;
    }

    /// <summary>A unit as profiles have it.</summary>
    public static ProfileUnit? Of(Unit? unit) => unit is null ? null : new ProfileUnit(unit.Measure.Id, unit.Multiplier);

    private static (ProfileUse? Use, string Words, string? Id) Of(ColumnPlan plan, StubColumn? stub, Layout layout)
    {
        if (stub is not null)
            return stub.Use switch
            {
                StubUse.Label when stub.Id.Length > 0 => (ProfileUse.Dimension, Words(stub.Name), stub.Id),
                StubUse.Period => (ProfileUse.Time, Words(stub.Name), null),
                _ => (null, "", null),
            };
        return plan.Use switch
        {
            ColumnUse.Value => (ProfileUse.Value, ValueWords(plan, layout), null),
            ColumnUse.Dimension => (ProfileUse.Dimension, Words(plan.Name), plan.Id),
            ColumnUse.Attribute => (ProfileUse.Attribute, Words(plan.Name), plan.Id),
            ColumnUse.Time => (ProfileUse.Time, Words(plan.Name), null),
            ColumnUse.Unit => (ProfileUse.Unit, Words(plan.Name), null),
            ColumnUse.Aside when plan.Reason == ProfileReading.Aside => (ProfileUse.Aside, layout.Stub is null ? Words(plan.Name) : ValueWords(plan, layout), null),
            _ => (null, "", null),
        };
    }

    /// <summary>The words over a column of values, without a period.</summary>
    public static string ValueWords(ColumnPlan plan, Layout layout) => layout.Stub is not null
        ? Words(string.Join(" > ", plan.Coordinates.Where(c => c.Id != CrossTable.SeriesCodeId).Select(c => Preamble.WithoutPeriod(c.Label, "")).Where(t => t.Length > 0)))
        : Bare(plan.Name) is { Length: > 0 } bare ? bare : Words(plan.Name);

    /// <summary>The layout that each table of a profile is now, by what names it: all, then title or sheet, then the most columns in common.</summary>
    /// <returns>The index in <paramref name="layouts"/> of each table of the profile; -1 where there is none.</returns>
    public static int[] Tables(IReadOnlyList<ProfileTable> tables, IReadOnlyList<Layout> layouts, IReadOnlyList<List<Found>> columns)
    {
        var match = new int[tables.Count];
        Array.Fill(match, -1);
        var taken = new bool[layouts.Count];
        var then = tables.Select(t => Names((t.Columns ?? []).Select(c => (c.Words, c.Id)))).ToList();
        var now = columns.Select(list => Names(list.Select(f => (f.Column.Words, f.Column.Id)))).ToList();
        string[] captions = [.. layouts.Select(l => Bare(l.Preamble.Caption))], sheets = [.. layouts.Select(l => Bare(l.Table.Sheet))];
        Pass((t, l) => $"{t.Sheet}\n{t.Caption}\n{string.Join('\n', then[l])}", l => $"{sheets[l]}\n{captions[l]}\n{string.Join('\n', now[l])}", 0);
        Pass((t, _) => t.Caption is { Length: > 0 } ? $"{t.Sheet}\n{t.Caption}" : null, l => captions[l].Length > 0 ? $"{sheets[l]}\n{captions[l]}" : null, 0);
        Pass((t, _) => t.Caption is { Length: > 0 } ? t.Caption : null, l => captions[l].Length > 0 ? captions[l] : null, 0.2);
        Pass((t, _) => t.Sheet is { Length: > 0 } ? t.Sheet : null, l => sheets[l].Length > 0 ? sheets[l] : null, 0.2);
        // What is left is compared each with each, the likest first.
        var left = Enumerable.Range(0, tables.Count).Where(t => match[t] < 0 && tables[t].Publish != false).Take(MostCompared).ToList();
        var free = Enumerable.Range(0, layouts.Count).Where(l => !taken[l]).Take(MostCompared).ToList();
        foreach (var (t, l, _) in left.SelectMany(t => free.Select(l => (t, l, Likeness: Likeness(then[t], now[l])))).Where(p => p.Likeness >= 0.4).OrderByDescending(p => p.Likeness))
            if (match[t] < 0 && !taken[l])
                (match[t], taken[l]) = (l, true);
        return match;

        void Pass(Func<ProfileTable, int, string?> old, Func<int, string?> current, double least)
        {
            var byKey = new Dictionary<string, Queue<int>>(StringComparer.OrdinalIgnoreCase);
            for (var l = 0; l < layouts.Count; l++)
                if (!taken[l] && current(l) is { } key)
                    (byKey.TryGetValue(key, out var queue) ? queue : byKey[key] = new Queue<int>()).Enqueue(l);
            for (var t = 0; t < tables.Count; t++)
                if (match[t] < 0 && old(tables[t], t) is { } key && byKey.TryGetValue(key, out var queue) && queue.TryPeek(out var l) && (least == 0 || Likeness(then[t], now[l]) >= least))
                    (match[t], taken[queue.Dequeue()]) = (l, true);
        }
    }

    private static HashSet<string> Names(IEnumerable<(string Words, string? Id)> columns) =>
        new(columns.SelectMany(c => new[] { c.Words, c.Id is null ? "" : "=" + c.Id }).Where(n => n.Length > 0), StringComparer.OrdinalIgnoreCase);

    private static double Likeness(HashSet<string> one, HashSet<string> other)
    {
        // Two tables of periods alone are alike.
        if (one.Count == 0 && other.Count == 0)
            return 1;
        var both = one.Count(other.Contains);
        return (double)both / (one.Count + other.Count - both);
    }

    /// <summary>The column of now that each column of then is: by its words, then by its place where it was renamed; -1 where it is gone.</summary>
    public static int[] Columns(IReadOnlyList<ProfileColumn> then, List<Found> now)
    {
        var match = new int[then.Count];
        Array.Fill(match, -1);
        var taken = new bool[now.Count];
        var byWords = new Dictionary<string, Queue<int>>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < now.Count; i++)
            (byWords.TryGetValue(now[i].Column.Words, out var queue) ? queue : byWords[now[i].Column.Words] = new Queue<int>()).Enqueue(i);
        for (var i = 0; i < then.Count; i++)
            if (byWords.TryGetValue(then[i].Words, out var queue) && queue.TryDequeue(out var at))
                (match[i], taken[at]) = (at, true);
        // Renamed: what is left stands between the same neighbours and does the same.
        for (var i = 0; i < then.Count; i++)
        {
            if (match[i] >= 0)
                continue;
            var at = i == 0 ? 0 : match[i - 1] < 0 ? -1 : match[i - 1] + 1;
            if (at >= 0 && at < now.Count && !taken[at] && now[at].Column.Use == then[i].Use && (i + 1 == then.Count ? at + 1 == now.Count : match[i + 1] < 0 || match[i + 1] == at + 1))
                (match[i], taken[at]) = (at, true);
        }
        return match;
    }

    /// <summary>Which of some places, as they follow each other now, have left the order: all but a longest rising run of them.</summary>
    public static HashSet<int> OutOfOrder(IReadOnlyList<int> places)
    {
        // Patience sorting: the end of the best run of each length, and each place's forerunner.
        var ends = new List<int>();
        var before = new int[places.Count];
        for (var i = 0; i < places.Count; i++)
        {
            int low = 0, high = ends.Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (places[ends[middle]] < places[i])
                    low = middle + 1;
                else
                    high = middle;
            }
            before[i] = low == 0 ? -1 : ends[low - 1];
            if (low == ends.Count)
                ends.Add(i);
            else
                ends[low] = i;
        }
        var moved = Enumerable.Range(0, places.Count).ToHashSet();
        for (var i = ends.Count == 0 ? -1 : ends[^1]; i >= 0; i = before[i])
            moved.Remove(i);
        return moved;
    }
}
