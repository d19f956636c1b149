using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Reads tables by a profile, and tells what has changed against it; makes the profile of a reading.</summary>
internal sealed class ProfileReading
{
    /// <summary>The reason for setting a column aside: a profile says so.</summary>
    public const string Aside = "column-aside";

    // What a profile keeps is small: beyond so many columns of all tables, tables are recognised and their columns are not.
    private const int MostColumns = 5_000;
    private const int MostOfTable = 1_000;
    private const int MostTables = 500;

    private readonly List<Layout> layouts;
    private readonly Findings findings;
    private readonly string? language;
    private readonly Profile? kept;
    private readonly Profile? written;
    private int[] was = [];

    private ProfileReading(List<Layout> layouts, ReleaseContext context, Findings findings) =>
        (this.layouts, this.findings, language, kept, written) = (layouts, findings, context.Language, context.Profile, context.OwnProfile);

    /// <summary>Reads by the profile that was kept, then by the one written by hand, which wins.</summary>
    /// <param name="layouts">How the tables would be read; changed to how they are to be read.</param>
    /// <param name="context">The profiles.</param>
    /// <param name="findings">Told what has changed.</param>
    /// <returns>The profile of that reading.</returns>
    public static Profile Apply(List<Layout> layouts, ReleaseContext context, Findings findings)
    {
        var reading = new ProfileReading(layouts, context, findings);
        if (context.Profile is { Tables.Count: > 0 } kept)
            reading.Follow(kept);
        if (context.OwnProfile is { } written)
            reading.Obey(written);
        var profile = reading.Profile();
        var aside = layouts.Where(l => l.IsAside).ToList();
        foreach (var layout in aside)
            findings.Add(new Finding(Severity.Information, "table-aside", $"{NameOf(layout)} is not published: {(layout.IsAboutRelease ? "it speaks of the release and holds no data" : "the profile says so")}.")
            {
                Where = layout.Table.Where(layout.HeaderRow),
                Advice = "Say \"publish\": true in profile.json if it belongs to the release.",
            });
        layouts.RemoveAll(l => l.IsAside);
        return profile;
    }

    /// <summary>The codes that the profiles give to labels, by dimension and label; what was written by hand wins.</summary>
    public static Dictionary<string, Dictionary<string, string>> Codes(ReleaseContext context)
    {
        var all = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var profile in new[] { context.Profile, context.OwnProfile }.OfType<Profile>())
            foreach (var (id, codes) in profile.Codes)
                foreach (var (label, code) in codes)
                    (all.TryGetValue(id, out var own) ? own : all[id] = new(StringComparer.OrdinalIgnoreCase))[Labels.Clean(label)] = code;
        return all;
    }

    // Following

    private void Follow(Profile profile)
    {
        Keep(profile);
        var columns = layouts.ConvertAll(l => ProfileMatch.Columns(l, MostOfTable));
        was = ProfileMatch.Tables(profile.Tables, layouts, columns);
        var isNew = Enumerable.Range(0, layouts.Count).Except(was).ToList();
        for (var t = 0; t < was.Length; t++)
        {
            var table = profile.Tables[t];
            if (was[t] >= 0)
            {
                var layout = layouts[was[t]];
                layout.IsAside = table.Publish == false;
                if (!layout.IsAside)
                    Follow(table, layout, columns[was[t]]);
            }
            else if (table.Publish != false)
            {
                findings.Add(new Finding(Severity.Information, "table-missing", $"The table '{table.Name ?? table.Caption ?? table.Sheet ?? "of before"}' is not in this release.")
                {
                    Found = List(isNew.Select(l => NameOf(layouts[l])), "no other table in its place"),
                    Expected = Described(table),
                    Advice = "Nothing, when the release has only some of the dataset's tables; its observations stay.",
                });
            }
        }
        foreach (var l in isNew.Where(l => !layouts[l].IsAside))
            findings.Add(new Finding(Severity.Information, "table-new", $"{NameOf(layouts[l])} was in no release before.")
            {
                Where = layouts[l].Table.Where(layouts[l].HeaderRow),
                Found = layouts[l].Preamble.Caption ?? layouts[l].Name,
                Expected = List(profile.Tables.Select(Described), ""),
                Advice = "If it does not belong to the dataset, say \"publish\": false of it in profile.json.",
            });
        Name(profile, isNew);
    }

    /// <summary>Numbers of rows, and codes beside their labels, that have been dimensions of their own stay so: without them all observations would be new ones.</summary>
    private void Keep(Profile profile)
    {
        var dimensions = profile.Tables.SelectMany(t => t.Columns ?? []).Where(c => c is { Use: ProfileUse.Dimension, Id: not null }).ToList();
        string? Then(string name) => name.Length == 0 ? null : dimensions.Find(c => ProfileMatch.Same(c.Words, ProfileMatch.Words(name)))?.Id;
        foreach (var plan in layouts.Where(l => l.Stub is null).SelectMany(l => l.Columns))
        {
            if (plan is { Use: ColumnUse.Aside, Reason: RowCounters.Reason } && Then(plan.Name) is { } counted)
                (plan.Use, plan.Id) = (ColumnUse.Dimension, counted);
            else if (plan.LabelColumn is { } label && Then(plan.Name) is { } coded && Then(label.Name) is { } labelled && coded != labelled)
                (plan.LabelColumn, plan.Id, label.Use, label.Id) = (null, coded, ColumnUse.Dimension, labelled);
        }
        foreach (var stub in layouts.Select(l => l.Stub).OfType<Stub>())
            for (var i = 0; i < stub.Columns.Count; i++)
                if (stub.Columns[i] is { Use: StubUse.Code, LabelIndex: >= 0 } code && Then(code.Name) is { } own)
                    stub.Columns[i] = new StubColumn(code.Index, StubUse.Label) { Name = code.Name, Id = own };
    }

    /// <summary>Tables keep the names that their codes come from; new ones get names that are free.</summary>
    private void Name(Profile profile, List<int> isNew)
    {
        var isNamed = profile.Tables.Any(t => t.Name is not null);
        for (var t = 0; t < was.Length; t++)
            if (was[t] >= 0 && (isNamed || layouts.Select(l => l.Name).Distinct().Count() > 1))
                layouts[was[t]].Name = profile.Tables[t].Name ?? "";
        var taken = profile.Tables.Select(t => t.Name ?? "").ToHashSet(StringComparer.OrdinalIgnoreCase);
        // One without a name is a piece of the others: a sheet of another year or area.
        foreach (var layout in isNew.Select(l => layouts[l]).Where(l => l.Name is { Length: > 0 } && (isNamed || layouts.Count > 1)))
        {
            var name = layout.Name!;
            for (var n = 2; !taken.Add(name); n++)
                name = $"{layout.Name} {n}";
            layout.Name = name;
        }
        foreach (var layout in layouts)
            layout.IsOneOfSeveral = isNamed;
    }

    private void Follow(ProfileTable table, Layout layout, List<ProfileMatch.Found> now)
    {
        var where = layout.Table.Where(layout.HeaderRow);
        if (table.Columns is not { } then)
            return;
        var match = ProfileMatch.Columns(then, now);
        Settle(table, layout, [.. then.Select((c, i) => (c, match[i])).Where(p => p.Item2 >= 0).Select(p => (p.c, now[p.Item2]))], isWritten: false);
        TellColumns(then, now, match, layout);
        TellPlace(table, then, now, match, layout);
        if (!ProfileMatch.Same(table.Sheet, ProfileMatch.Bare(layout.Table.Sheet)))
            Tell(Severity.Information, "sheet-renamed", "The table stands in a sheet of another name.", where, layout.Table.Sheet, table.Sheet, null);
        if (!ProfileMatch.Same(table.Caption, ProfileMatch.Bare(layout.Preamble.Caption)))
            Tell(Severity.Information, "caption-changed", "The table's title has other words.", where, layout.Preamble.Caption, table.Caption, null);
        var (before, after) = (DimensionsOf(table).ToHashSet(StringComparer.Ordinal), DimensionsOf(layout).ToHashSet(StringComparer.Ordinal));
        if (before.Count > 0 && after.Count > 0 && !before.Overlaps(after))
            Tell(Severity.Error, "dimensions-unmatched", "The table has none of the dimensions that it had: its observations can not be told to be the same ones.", where,
                string.Join(", ", after), string.Join(", ", before),
                "Write profile.json beside the upload to say which column is which; or upload to another dataset, or with mode=replace if the dataset is another one from now on.");
    }

    private void TellColumns(IReadOnlyList<ProfileColumn> then, List<ProfileMatch.Found> now, int[] match, Layout layout)
    {
        for (var i = 0; i < then.Count; i++)
        {
            if (match[i] < 0)
            {
                Tell(then[i].Use is ProfileUse.Value ? Severity.Information : Severity.Warning, "column-missing", $"The table has no column '{then[i].Words}' any more.", layout.Table.Where(layout.HeaderRow),
                    List(now.Where((_, n) => !match.Contains(n)).Select(n => $"'{n.Column.Words}' in column {n.Column.At}"), "no new column"), $"'{then[i].Words}', {Does(then[i])}, which stood in column {then[i].At}",
                    "If it has another name now, write profile.json; else nothing: its observations stay as they were.");
                continue;
            }
            var column = now[match[i]].Column;
            var at = layout.Table.Where(layout.HeaderRow, now[match[i]].Plan.Index + 1);
            if (!ProfileMatch.Same(then[i].Words, column.Words))
                Tell(Severity.Warning, then[i].Use == ProfileUse.Value ? "indicator-renamed" : "column-renamed", "A column in the same place has other words.", at, $"'{column.Words}'", $"'{then[i].Words}'",
                    then[i].Use == ProfileUse.Value ? $"It is a new indicator. If it is the old one, say in profile.json: \"codes\": {{\"INDICATOR\": {{\"{column.Words}\": \"{Labels.ToCode(then[i].Words, language).Id}\"}}}}."
                        : $"It is read as {(IdOf(now[match[i]]) is { Length: > 0 } id ? id : Does(column))}; if it is something else, say so in profile.json.");
        }
        foreach (var n in Enumerable.Range(0, now.Count).Except(match))
            Tell(Severity.Information, "column-new", $"The table has a column '{now[n].Column.Words}' that it did not have.", layout.Table.Where(layout.HeaderRow, now[n].Plan.Index + 1),
                $"'{now[n].Column.Words}', {Does(now[n].Column)}", List(then.Select(c => $"'{c.Words}'"), ""), "If it should not be published, say so in profile.json: \"use\": \"aside\".");
        var there = Enumerable.Range(0, then.Count).Where(i => match[i] >= 0).ToList();
        foreach (var moved in ProfileMatch.OutOfOrder(there.ConvertAll(i => match[i])).Order())
        {
            var (old, column) = (then[there[moved]], now[match[there[moved]]]);
            Tell(Severity.Information, "column-moved", $"The column '{old.Words}' stands in another place.", layout.Table.Where(layout.HeaderRow, column.Plan.Index + 1),
                $"column {column.Column.At}", $"column {old.At}", "Nothing: columns are known by their words.");
        }
    }

    private void TellPlace(ProfileTable table, IReadOnlyList<ProfileColumn> then, List<ProfileMatch.Found> now, int[] match, Layout layout)
    {
        var (left, first) = (then.Count == 0 ? null : then[0].At, now.Count == 0 ? null : now[0].Column.At);
        var isShifted = then.Count > 0 && match[0] == 0 && left is not null && left != first;
        if ((table.HeaderRow is { } row && row != layout.HeaderRow) || isShifted)
            Tell(Severity.Information, "header-moved", "The table begins in another place.", layout.Table.Where(layout.HeaderRow), $"row {layout.HeaderRow}, column {first}", $"row {table.HeaderRow}, column {left}", "Nothing: the table is known by its words.");
    }

    // Settling

    /// <summary>Gives columns the dimensions, uses, units and the decimal mark that the profile says, where the release does not contradict it, or always where an official wrote it.</summary>
    private void Settle(ProfileTable table, Layout layout, List<(ProfileColumn Said, ProfileMatch.Found Now)> pairs, bool isWritten)
    {
        foreach (var (said, now) in pairs)
            if (said.Use is { } use && use != now.Column.Use && !Use(said, use, now, layout, isWritten))
                Tell(Severity.Warning, "column-use-differs", "A column looks like something else than the profile says.", layout.Table.Where(layout.HeaderRow, now.Plan.Index + 1), Does(now.Column), Does(said),
                    "See whether the column was read right.");
        Identify(table, layout, pairs, isWritten);
        Measure(table, layout, pairs, isWritten);
        if (table.DateOrder is { } order)
            Order(layout, order == ProfileTable.MonthFirst, isWritten);
        var values = layout.Of(ColumnUse.Value).ToList();
        if (table.DecimalMark is { } mark && Mark(values) is var own && own != mark && (own is not null || mark == "," || isWritten || values.Exists(c => c.Comma)))
        {
            if (own is null || isWritten)
                values.ForEach(c => c.Comma = mark == ",");
            if (own is not null)
                Tell(Severity.Warning, "decimal-mark-differs", "The numbers have another decimal mark than the profile says.", layout.Table.Where(layout.FirstDataRow), $"'{own}'", $"'{mark}'",
                    isWritten ? "They were read as profile.json says." : "They were read as they are written; see whether the values are right.");
        }
    }

    /// <summary>Lets a column do what the profile says; false when it can not be.</summary>
    private static bool Use(ProfileColumn said, ProfileUse use, ProfileMatch.Found now, Layout layout, bool isWritten)
    {
        var plan = now.Plan;
        if (use == ProfileUse.Aside && plan.Use == ColumnUse.Value)
        {
            var words = ProfileMatch.ValueWords(plan, layout);
            foreach (var same in layout.Of(ColumnUse.Value).Where(c => c == plan || (layout.Stub is not null && ProfileMatch.Same(ProfileMatch.ValueWords(c, layout), words))).ToList())
                SetAside(same);
            return true;
        }
        if (layout.Stub is not null || (!isWritten && (use > ProfileUse.Attribute && use != ProfileUse.Value || plan.Use is not (ColumnUse.Dimension or ColumnUse.Attribute or ColumnUse.Value))))
            return false;
        foreach (var other in layout.Columns)
        {
            if (other.LabelColumn == plan)
                other.LabelColumn = null;
            if (other.FlagColumn == plan.Index)
                other.FlagColumn = -1;
        }
        switch (use)
        {
            case ProfileUse.Aside:
                SetAside(plan);
                return true;
            case ProfileUse.Value:
                (plan.Use, plan.Id) = (ColumnUse.Value, "");
                plan.Unit ??= Labels.SplitBrackets(plan.Header).Inside is { } inside ? Units.Find(inside) : null;
                if (layout.Of(ColumnUse.Value).Count() > 1)
                    foreach (var value in layout.Of(ColumnUse.Value))
                        value.Indicator ??= value.Name;
                return true;
            case ProfileUse.Time:
                (plan.Use, plan.Id, plan.Spans) = (ColumnUse.Time, "", Periods.Spans(plan.Profile.Texts));
                return true;
            case ProfileUse.Unit:
                (plan.Use, plan.Id) = (ColumnUse.Unit, "");
                return true;
            default:
                var id = said.Id ?? LayoutFinder.IdOf(plan.Name, null);
                if (!Understanding.Profile.IsFree(id) || layout.Columns.Any(c => c != plan && c.Id == id))
                    return false;
                (plan.Use, plan.Id, plan.Indicator) = (use == ProfileUse.Dimension ? ColumnUse.Dimension : ColumnUse.Attribute, id, null);
                return true;
        }
    }

    private static void SetAside(ColumnPlan plan) => (plan.Use, plan.Id, plan.Reason) = (ColumnUse.Aside, "", Aside);

    /// <summary>Gives dimensions and attributes their ids, all of the table's or none: two may never become one.</summary>
    private void Identify(ProfileTable table, Layout layout, List<(ProfileColumn Said, ProfileMatch.Found Now)> pairs, bool isWritten)
    {
        var changes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (said, now) in pairs)
            if (said.Id is { } id && IdOf(now) is { Length: > 0 } own && own != id && Understanding.Profile.IsFree(id) && (isWritten || ProfileMatch.Same(said.Words, now.Column.Words) || !(IsConcept(own) || IsConcept(id))))
                changes.TryAdd(own, id);
        if (table.Groups is { } groups && layout.Stub?.GroupId is { } group && group != groups && Understanding.Profile.IsFree(groups))
            changes.TryAdd(group, groups);
        if (table.Heads is { } heads && Heads(layout) is { Count: > 0 } across && across.Count == heads.Count)
            foreach (var (own, id) in across.Except(heads).Zip(heads.Except(across)))
                changes.TryAdd(own, id);
        if (changes.Count == 0)
            return;
        var ids = DimensionsOf(layout).Concat(layout.Of(ColumnUse.Attribute).Select(c => c.Id)).Distinct().ToList();
        if (ids.ConvertAll(id => changes.GetValueOrDefault(id, id)).Distinct().Count() < ids.Count)
        {
            Tell(Severity.Warning, "dimension-ambiguous", "By the profile two columns would fill one dimension; it was not followed.", layout.Table.Where(layout.HeaderRow),
                string.Join(", ", changes.Keys), string.Join(", ", changes.Values), "Say in profile.json which column fills which dimension.");
            return;
        }
        foreach (var column in layout.Columns)
        {
            if (column.Use is ColumnUse.Dimension or ColumnUse.Attribute)
                column.Id = changes.GetValueOrDefault(column.Id, column.Id);
            for (var i = 0; i < column.Coordinates.Count; i++)
                column.Coordinates[i] = column.Coordinates[i] with { Id = changes.GetValueOrDefault(column.Coordinates[i].Id, column.Coordinates[i].Id) };
        }
        foreach (var column in layout.Stub?.Columns ?? [])
            column.Id = changes.GetValueOrDefault(column.Id, column.Id);
        if (layout.Stub?.GroupId is { } before)
            layout.Stub.GroupId = changes.GetValueOrDefault(before, before);
    }

    private static string IdOf(ProfileMatch.Found found) => found.Stub?.Id ?? (found.Plan.Use is ColumnUse.Dimension or ColumnUse.Attribute ? found.Plan.Id : "");

    private static bool IsConcept(string id) => Vocabulary.Load("concepts").Codes.ContainsKey(id);

    private void Measure(ProfileTable table, Layout layout, List<(ProfileColumn Said, ProfileMatch.Found Now)> pairs, bool isWritten)
    {
        if (layout.Of(ColumnUse.Unit).Any() || layout.Stub?.Columns.Exists(c => c.Use == StubUse.Unit) is true)
            return;
        var columns = new Dictionary<string, ProfileUnit>(StringComparer.OrdinalIgnoreCase);
        foreach (var (said, now) in pairs)
            if (said.Unit is not null && now.Column.Use == ProfileUse.Value)
                columns[now.Column.Words] = said.Unit;
        var told = new HashSet<(string?, string)>();
        foreach (var column in layout.Of(ColumnUse.Value))
        {
            if ((columns.Count == 0 ? null : columns.GetValueOrDefault(ProfileMatch.ValueWords(column, layout))) is not { } said)
            {
                // A column with a unit of its own is not what is said of the whole table.
                if (table.Unit is null || column.Unit is not null && !isWritten)
                    continue;
                said = table.Unit;
            }
            var stated = column.Unit ?? layout.Preamble.Unit;
            if (ProfileMatch.Of(stated) == said)
                continue;
            if (stated is null || isWritten)
                column.Unit = new Unit(Vocabulary.Load("units").Codes.GetValueOrDefault(said.Id) ?? new Code(said.Id), said.Multiplier);
            var found = stated is null ? "no unit" : $"{stated.Measure.Id}, times 10^{stated.Multiplier}";
            if (told.Add((found, said.ToString())))
                Tell(Severity.Information, stated is null ? "unit-unstated" : "unit-differs", stated is null ? "The table does not state its unit; the profile's was taken." : "The table states another unit than the profile.",
                    layout.Table.Where(layout.HeaderRow, column.Index + 1), found, $"{said.Id}, times 10^{said.Multiplier}",
                    stated is null ? "Write the unit over the table." : isWritten ? "The profile's was taken: profile.json says so." : "The table's was taken; whether the values went with it is looked at when they are compared with those before.");
        }
    }

    /// <summary>Settles what stands first in dates that do not tell; what was written by hand counts against those that do.</summary>
    private static void Order(Layout layout, bool monthFirst, bool isWritten)
    {
        foreach (var column in layout.Of(ColumnUse.Time))
            if (isWritten || Periods.OrderOf(column.Profile.Texts) <= DayOrder.Either)
                (column.MonthFirst, column.IsOrderStated) = (monthFirst, true);
        foreach (var column in layout.Stub?.Columns.Where(c => c.Use == StubUse.Period) ?? [])
            if (isWritten || Periods.OrderOf(layout.Column(column.Index)!.Profile.Texts) <= DayOrder.Either)
                (column.MonthFirst, column.IsOrderStated) = (monthFirst, true);
    }

    /// <summary>What the dates of a table's rows say of their order, or a profile said; null where they are no such dates or do not tell.</summary>
    private static string? OrderOf(Layout layout)
    {
        var columns = layout.Of(ColumnUse.Time).Select(c => (c.Profile, c.MonthFirst, c.IsOrderStated))
            .Concat((layout.Stub?.Columns ?? []).Where(c => c.Use == StubUse.Period).Select(c => (layout.Column(c.Index)!.Profile, c.MonthFirst, c.IsOrderStated)));
        foreach (var (profile, monthFirst, isStated) in columns)
            if (isStated || Periods.OrderOf(profile.Texts) > DayOrder.Either)
                return monthFirst ? ProfileTable.MonthFirst : ProfileTable.DayFirst;
        return null;
    }

    private static string? Mark(List<ColumnPlan> values)
    {
        var (commas, points) = (values.Sum(c => c.Profile.Commas), values.Sum(c => c.Profile.Points));
        return commas == points ? null : commas > points ? "," : ".";
    }

    // Obeying

    private void Obey(Profile profile)
    {
        foreach (var (table, at) in profile.Tables.Select((table, i) => (table, i)))
        {
            var meant = layouts.Where(l => (table.Sheet is null || ProfileMatch.Same(table.Sheet, l.Table.Sheet) || ProfileMatch.Same(ProfileMatch.Bare(table.Sheet), ProfileMatch.Bare(l.Table.Sheet)))
                && (table.Caption is null || ProfileMatch.Same(ProfileMatch.Bare(table.Caption), ProfileMatch.Bare(l.Preamble.Caption)))
                && (table.HeaderRow is null || table.HeaderRow == l.HeaderRow)).ToList();
            if (meant.Count == 0)
                Unused($"tables[{at}]", "no table of the release", Described(table));
            foreach (var layout in meant)
            {
                layout.IsAside = table.Publish is { } publish ? !publish : layout.IsAside;
                if (table.Name is { Length: > 0 } name)
                    (layout.Name, layout.IsOneOfSeveral) = (name, true);
                Settle(table, layout, Pairs(table.Columns ?? [], layout, $"tables[{at}].columns"), isWritten: true);
            }
        }
    }

    /// <summary>The columns that a profile written by hand speaks of: of a plain table any that its header names, of another those that mean something.</summary>
    private List<(ProfileColumn, ProfileMatch.Found)> Pairs(IReadOnlyList<ProfileColumn> said, Layout layout, string at)
    {
        var pairs = new List<(ProfileColumn, ProfileMatch.Found)>();
        if (said.Count == 0)
            return pairs;
        var now = ProfileMatch.Columns(layout, MostOfTable);
        var byWords = new Dictionary<string, Queue<ProfileMatch.Found>>(StringComparer.OrdinalIgnoreCase);
        void Add(string words, ProfileMatch.Found found) => (byWords.TryGetValue(words, out var queue) ? queue : byWords[words] = new()).Enqueue(found);
        now.ForEach(found => Add(found.Column.Words, found));
        if (layout.Stub is null)
        {
            var listed = now.Select(f => f.Plan).ToHashSet();
            foreach (var plan in layout.Columns.Where(c => !listed.Contains(c)))
                Add(ProfileMatch.Words(plan.Name), new ProfileMatch.Found(new ProfileColumn { Words = ProfileMatch.Words(plan.Name) }, plan, null));
            foreach (var found in now.Where(f => !byWords.ContainsKey(ProfileMatch.Words(f.Plan.Header))))
                Add(ProfileMatch.Words(found.Plan.Header), found);
        }
        foreach (var column in said)
            if (byWords.TryGetValue(ProfileMatch.Words(column.Words), out var queue) && queue.TryDequeue(out var found))
                pairs.Add((column, found));
            else
                Unused(at, List(now.Select(f => $"'{f.Column.Words}'"), "no columns"), $"'{column.Words}'");
        return pairs;
    }

    private void Unused(string where, string found, string expected) => Tell(Severity.Warning, "profile-unused", "The profile written by hand speaks of something that the release does not have.",
        $"{Understanding.Profile.FileName}, $.{where}", found, expected, "Correct profile.json.");

    // Keeping

    private Profile Profile()
    {
        var left = MostColumns;
        var isNamed = layouts.Exists(l => l.IsOneOfSeveral) || layouts.Where(l => !l.IsAboutRelease).Select(l => l.Name).Distinct().Count() > 1;
        var now = layouts.ConvertAll(layout =>
        {
            var table = Of(layout, Math.Min(left, MostOfTable));
            left -= table.Columns?.Count ?? 0;
            return table with { Name = isNamed && layout.Name is { Length: > 0 } name ? name : null };
        });
        // What the release lacks stays: the next one may have it again.
        var tables = new List<ProfileTable>();
        for (var t = 0; t < was.Length; t++)
            tables.Add(was[t] < 0 ? kept!.Tables[t] : now[was[t]]);
        tables.AddRange(now.Where((_, l) => !was.Contains(l)));
        var codes = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var (id, own) in Codes(new ReleaseContext("") { Profile = kept, OwnProfile = written }))
            codes[id] = own;
        return new Profile { Tables = [.. tables.Take(MostTables)], Codes = codes };
    }

    private static ProfileTable Of(Layout layout, int most)
    {
        var columns = ProfileMatch.Columns(layout, most);
        return new ProfileTable
        {
            Sheet = ProfileMatch.Bare(layout.Table.Sheet) is { Length: > 0 } sheet ? sheet : null,
            Caption = ProfileMatch.Bare(layout.Preamble.Caption) is { Length: > 0 } caption ? caption : null,
            HeaderRow = layout.HeaderRow,
            Publish = layout.IsAside ? false : null,
            Unit = ProfileMatch.Of(layout.Preamble.Unit),
            DecimalMark = Mark([.. layout.Of(ColumnUse.Value)]),
            DateOrder = OrderOf(layout),
            Groups = layout.Stub?.GroupId,
            Heads = Heads(layout) is { Count: > 0 } heads ? heads : null,
            Columns = columns.Count == 0 || columns.Count == most ? null : columns.ConvertAll(f => f.Column),
        };
    }

    private static List<string> Heads(Layout layout) => [.. layout.CoordinateIds.Where(Understanding.Profile.IsFree)];

    private static IEnumerable<string> DimensionsOf(ProfileTable table) =>
        (table.Columns ?? []).Where(c => c.Use == ProfileUse.Dimension && c.Id is not null).Select(c => c.Id!).Concat(table.Heads ?? []).Concat(table.Groups is { } groups ? [groups] : []);

    private static IEnumerable<string> DimensionsOf(Layout layout) =>
        (layout.Stub?.Dimensions().Select(d => d.Id) ?? layout.Of(ColumnUse.Dimension).Select(c => c.Id)).Concat(Heads(layout)).Where(Understanding.Profile.IsFree).Distinct();

    private void Tell(Severity severity, string code, string message, string where, string? found, string? expected, string? advice) =>
        findings.Add(new Finding(severity, code, message) { Where = where, Found = found is { Length: > 0 } ? found : "nothing", Expected = expected is { Length: > 0 } ? expected : "nothing", Advice = advice });

    private static string Does(ProfileColumn column) => column.Use switch
    {
        ProfileUse.Dimension => "the dimension " + column.Id,
        ProfileUse.Attribute => "the attribute " + column.Id,
        ProfileUse.Time => "periods",
        ProfileUse.Value => "values",
        ProfileUse.Unit => "units",
        ProfileUse.Aside => "not published",
        _ => "something else",
    };

    private static string Described(ProfileTable table) =>
        string.Join(", ", new[] { table.Name is null ? null : $"'{table.Name}'", table.Caption is null ? null : $"title '{table.Caption}'", table.Sheet is null ? null : $"sheet '{table.Sheet}'" }.OfType<string>().DefaultIfEmpty("the table"));

    private static string NameOf(Layout layout) => layout.Preamble.Caption is { } caption ? $"The table '{caption}'" : layout.Table.Sheet is { } sheet ? $"The table in the sheet '{sheet}'" : "The table";

    private static string List(IEnumerable<string> names, string otherwise)
    {
        var list = names.Take(6).ToList();
        return list.Count == 0 ? otherwise : string.Join("; ", list.Take(5)) + (list.Count > 5 ? "; …" : "");
    }
}
