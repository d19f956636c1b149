using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Turns tables into observations.</summary>
public static class TableInterpreter
{
    private const string TableAside = "table-aside";
    private const int LanguageSample = 1_000;
    private const int LanguageRows = 200;
    private static readonly Vocabulary Areas = Vocabulary.Load("areas");

    /// <inheritdoc cref="Interpreter.Interpret"/>
    public static Interpretation Interpret(ReadRelease release, ReleaseContext context, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(context);
        var assumptions = new Assumptions { Frequencies = context.Codes.GetValueOrDefault(Concepts.Freq) };
        while (true)
        {
            assumptions.Begin();
            var result = Attempt(release, context, assumptions, progress, cancellationToken);
            if (!assumptions.AreBroken)
                return result;
            result.Dispose();
        }
    }

    private static Interpretation Attempt(ReadRelease release, ReleaseContext context, Assumptions assumptions, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var findings = new Findings();
        var readings = new List<string>();
        var strays = new List<(Table Table, int Row, int Column, string Reason)>();
        var layouts = Layouts(release, context, assumptions, findings, readings, strays, out var profile);
        if (layouts.Count == 0)
        {
            var nothing = new Interpretation { Cubes = [] };
            nothing.Findings.Add(findings);
            nothing.Readings.AddRange(readings);
            return nothing;
        }
        var symbols = assumptions.Holds(-1, -1, Assumption.Symbols) || layouts.Any(l => l.HasSymbols);
        var builder = CubeBuilder.Create(layouts, release.Sheets, context.Language, symbols, titles: !assumptions.Holds(-1, -1, Assumption.Untitled), ProfileReading.Codes(context), context.Codes);
        var result = new Interpretation { Cubes = [builder.Cube], Profile = profile };
        result.Findings.Add(findings);
        result.Readings.AddRange(readings);
        foreach (var (table, row, column, reason) in strays)
        {
            result.Reconciliation.CellsIn++;
            result.Reconciliation.Aside(reason, () => table.Where(row, column));
        }
        try
        {
            for (var i = 0; i < layouts.Count && !assumptions.CutShort; i++)
            {
                var done = i;
                var stream = new TableStream(layouts[i], builder, result, assumptions, context.Language);
                stream.Run(part => progress?.Report((done + part) / layouts.Count), cancellationToken);
                stream.Finish();
                result.Readings.Add(Sentence(layouts[i], stream));
                result.Tables.Add(Regions.Of(layouts[i], stream.Published) with { Periods = stream.FirstPeriod is { } first ? (first, stream.LastPeriod!) : null });
            }
        }
        catch
        {
            result.Dispose();
            throw;
        }
        foreach (var coder in builder.Coders)
            coder.LinkParents();
        if ((context.Title ?? layouts.Select(l => l.Preamble.Caption).FirstOrDefault(c => c is not null)) is { } title)
            builder.Cube.Title = new Dictionary<string, string> { [Labels.Language(title, context.Language)] = title };
        builder.Cube.Language = context.Language ?? LanguageOf(builder.Cube, layouts);
        progress?.Report(1);
        return result;
    }

    // zh, or the language taken for words without Chinese characters: the one of more cells
    private static string? LanguageOf(Cube cube, IReadOnlyList<Layout> layouts)
    {
        var own = layouts.Select(layout => layout.Table).Distinct().OfType<Grid>().SelectMany(grid => grid.Rows.Take(LanguageRows)).SelectMany(row => row.Cells.Take(LanguageRows))
            .Where(cell => cell.Kind == CellKind.Text).Select(cell => cell.Text).Distinct().Take(LanguageSample)
            .Concat(cube.Components.Take(cube.TimeIndex).SelectMany(component => Enumerable.Range(0, Math.Min(component.Codes.Count, LanguageSample)).Select(i => component.Codes[i].Labels))
                .Where(labels => labels.Count == 1).SelectMany(labels => labels.Values))
            .Where(text => text.Any(char.IsLetter)).CountBy(text => Labels.Language(text, null));
        return own.OrderByDescending(entry => entry.Value).Select(entry => entry.Key).FirstOrDefault();
    }

    private static List<Layout> Layouts(
        ReadRelease release, ReleaseContext context, Assumptions assumptions, Findings findings, List<string> readings, List<(Table Table, int Row, int Column, string Reason)> strays,
        out Profile profile)
    {
        var layouts = new List<Layout>();
        var verdicts = new List<(Table Table, Finding Finding)>();
        for (var i = 0; i < release.Tables.Count; i++)
        {
            var table = release.Tables[i];
            if (table.Hidden)
            {
                findings.Add(new Finding(Severity.Information, "sheet-hidden", $"The sheet '{table.Sheet}' is hidden and is not published.")
                {
                    Where = table.Where(1),
                    Advice = "Show the sheet if it belongs to the release.",
                });
                readings.Add($"{NameOf(table)}: hidden, not read.");
            }
            else
            {
                Layouts(Grid.Of(table, IsPlain), release, context, assumptions, findings, layouts, verdicts, strays);
            }
        }
        AboutRelease.Mark(layouts);
        var about = layouts.Where(l => l.IsAboutRelease).ToList();
        about.ForEach(l => l.Name = l.Table.Sheet);
        Name([.. layouts.Except(about)]);
        profile = ProfileReading.Apply(layouts, context, findings);
        strays.AddRange(about.Except(layouts).SelectMany(l => AboutRelease.Numbers(l).Select(n => (l.Table, n.Row, n.Column, TableAside))));
        foreach (var layout in layouts)
            if (layout.Period is null && layout.Columns.All(c => c.Use != ColumnUse.Time && c.Part is null) && layout.Stub?.Columns.Exists(c => c.Use == StubUse.Period) is not true)
                findings.Add(new Finding(Severity.Warning, "period-missing", $"{NameOf(layout.Table)} does not say what period it is about.")
                {
                    Where = layout.Table.Where(layout.HeaderRow),
                    Expected = "a period in a column, the headers, the title, the sheet's or the file's name",
                    Advice = "Add a column TIME_PERIOD, or put the period into the title.",
                });
        var tooWide = verdicts.Where(v => v.Finding.Code == "columns-too-many").ToList();
        foreach (var (_, finding) in tooWide)
            findings.Add(finding);
        foreach (var (table, finding) in verdicts.Except(tooWide).Where(_ => layouts.Count > 0))
        {
            var severity = finding.Code == "header-missing" ? Severity.Warning : Severity.Information;
            findings.Add(new Finding(severity, "sheet-skipped", $"{NameOf(table)} is skipped: {finding.Message}") { Where = finding.Where, Found = finding.Found, Advice = finding.Advice });
            readings.Add($"{NameOf(table)}: skipped. {finding.Message}");
        }
        if (layouts.Count == 0 && tooWide.Count == 0)
        {
            string[] weight = ["table-missing", "table-empty", "header-missing", "value-missing"];
            findings.Add(verdicts.OrderByDescending(v => Array.IndexOf(weight, v.Finding.Code)).Select(v => v.Finding).FirstOrDefault()
                ?? new Finding(Severity.Error, "table-missing", "The release has no table to read.")
                {
                    Expected = "at least one table that is not hidden",
                    Advice = "Upload the file that holds the figures.",
                });
        }
        return layouts;
    }

    private static bool IsPlain(Grid grid) => BlockFinder.Find(grid) is [var block] && PlainTable.Is(grid, block);

    /// <summary>The layouts of one sheet: of a plain table as it is, of anything else table by table.</summary>
    private static void Layouts(
        Grid grid, ReadRelease release, ReleaseContext context, Assumptions assumptions, Findings findings, List<Layout> layouts, List<(Table Table, Finding Finding)> verdicts,
        List<(Table Table, int Row, int Column, string Reason)> strays)
    {
        var count = layouts.Count;
        var blocks = grid.IsTooWide ? [] : BlockFinder.Find(grid);
        if (grid.Shape.HiddenRows.Count > 0 && grid.Rows.Count(r => grid.Shape.HiddenRows.Contains(r.Row)) is > 0 and var hidden)
            findings.Add(new Finding(Severity.Information, "rows-hidden", $"{Counted.Of(hidden, "hidden row is", "hidden rows are")} read as the others are.")
            {
                Where = grid.Where(grid.Shape.HiddenRows.Min()),
                Advice = "Delete the rows if they do not belong to the release.",
            });
        if (blocks.Count > 1 || (blocks.Count == 1 && !PlainTable.Is(grid, blocks[0])))
            foreach (var block in blocks)
                if (CrossTable.Find(grid, block, layouts.Count, release, context.Language, findings, assumptions.Frequencies) is { } cross)
                    layouts.Add(cross);
        if (layouts.Count > count)
        {
            Ragged(grid, layouts[count..], findings, strays);
            Strays(grid, layouts.Skip(count).Select(l => l.Block!).ToList(), findings, strays);
            return;
        }
        if (LayoutFinder.Find(grid, layouts.Count, release, context.Language, findings, assumptions, blocks.Count == 1 && PlainTable.Is(grid, blocks[0]) ? blocks[0] : null, out var verdict) is { } layout)
        {
            layouts.Add(layout);
            Ragged(grid, [layout], findings, strays);
        }
        else if (verdict is not null)
            verdicts.Add((grid, verdict));
    }

    /// <summary>Tells the lines that have a cell too many or too few, and sets the values of those aside that can not be told apart.</summary>
    private static void Ragged(Grid grid, List<Layout> layouts, Findings findings, List<(Table Table, int Row, int Column, string Reason)> strays)
    {
        foreach (var (row, expected) in grid.Ragged.Published)
            findings.Add(RaggedRows.Finding(grid, row.Row, row.Count, expected, row.Cells.Select(c => c.Text), isPublished: true));
        // The stream comes to those of a table that is not held in memory.
        foreach (var (row, expected) in grid.IsWhole ? grid.Ragged.Aside : [])
        {
            findings.Add(RaggedRows.Finding(grid, row.Row, row.Count, expected, row.Cells.Select(c => c.Text), isPublished: false));
            if (layouts.FindLast(l => l.FirstDataRow <= row.Row + 1) is not { } layout)
                continue;
            for (var c = 0; c < row.Cells.Length; c++)
                if ((c >= expected || layout.Column(c)?.Use == ColumnUse.Value) && (row[c].Kind != CellKind.Text ? !row[c].IsBlank : Numbers.TryParse(row[c].Text, false, out _) || Statuses.OfSymbol(row[c].Text) is not null))
                    strays.Add((grid, row.Row, c + 1, RaggedRows.Code(row.Count, expected)));
        }
    }

    /// <summary>Finds the numbers that stand in no table: below the notes, beside a table, in a block that nothing names.</summary>
    private static void Strays(Grid grid, List<Block> blocks, Findings findings, List<(Table Table, int Row, int Column, string Reason)> strays)
    {
        var spoken = blocks.SelectMany(b => b.Heads.Concat(b.Captions)).ToHashSet();
        var (begins, ends) = (blocks.ToLookup(b => b.FirstData), blocks.ToLookup(b => b.LastData + 1));
        // For each column in how many tables' data a row lies, and whether it lies below a table.
        var (within, below) = (new int[grid.Width], new bool[grid.Width]);
        for (var r = 0; grid.IsWhole && r < grid.Rows.Count; r++)
        {
            foreach (var block in ends[r])
                for (var c = block.Left; c < block.Right; c++)
                    (within[c], below[c]) = (within[c] - 1, true);
            foreach (var block in begins[r])
                for (var c = block.Left; c < block.Right; c++)
                    within[c]++;
            if (spoken.Contains(r))
                continue;
            for (var c = 0; c < grid.Rows[r].Cells.Length; c++)
            {
                if (within[c] > 0 || grid.Look(r, c) != Look.Number)
                    continue;
                var reason = below[c] ? "after-notes" : "outside-table";
                strays.Add((grid, grid.Rows[r].Row, c + 1, reason));
                if (findings.Keeps(reason))
                    findings.Add(new Finding(Severity.Warning, reason, reason == "after-notes" ? "A value stands below the table's notes; it is set aside." : "A number stands in no table; it is set aside.")
                    {
                        Where = grid.Where(grid.Rows[r].Row, c + 1),
                        Found = grid.Rows[r][c].Text,
                        Expected = reason == "after-notes" ? "nothing but notes below the notes" : "a header over the column and a label beside the row",
                        Advice = reason == "after-notes" ? "Move notes below the last row, or the second table to a sheet of its own." : "Name it by a header and a label if it belongs to the release.",
                    });
                else
                    findings.Count(reason, Severity.Warning);
            }
        }
    }

    /// <summary>
    /// Gives each table the name that tells it from the others: its sheet's, with its caption or a number where a sheet has several. Sheets that are named by
    /// areas or periods hold one table cut in pieces: the area becomes a dimension, and the period is no name.
    /// </summary>
    private static void Name(List<Layout> layouts)
    {
        var sheets = layouts.GroupBy(l => l.Table.Sheet).ToList();
        var areAreas = sheets.Count > 1 && sheets.TrueForAll(s => s.Key is not null && Areas.Find(s.Key) is not null) && layouts.TrueForAll(l => l.Stub?.Dimensions().All(d => d.Id != Concepts.RefArea) ?? l.Columns.All(c => c.Id != Concepts.RefArea))
            && layouts.TrueForAll(l => !l.CoordinateIds.Contains(Concepts.RefArea));
        foreach (var sheet in sheets)
        {
            var n = 0;
            var name = sheet.Key is null ? "Table" : areAreas ? "" : Periods.OfCaption(sheet.Key) is not null ? Preamble.WithoutPeriod(sheet.Key, "") : sheet.Key;
            foreach (var layout in sheet)
            {
                layout.HasOwnCaption = layouts.Count(l => l.Preamble.Caption == layout.Preamble.Caption) == 1;
                if (areAreas)
                    layout.Fixed.Add(new Coordinate(Concepts.RefArea, sheet.Key!));
                layout.Name = sheet.Count() == 1 && sheet.Key is not null ? name
                    : layout.Preamble.Caption is { } caption && sheet.Count(l => l.Preamble.Caption == caption) == 1 ? Labels.Clean(name + " " + Preamble.WithoutPeriod(caption, caption)) : $"{name} {++n}";
            }
        }
    }

    private static string NameOf(Table table) => table.Sheet is null ? "The table" : $"Sheet '{table.Sheet}'";

    private static string Sentence(Layout layout, TableStream stream)
    {
        var periods = stream.FirstPeriod is null ? "no period" : stream.FirstPeriod == stream.LastPeriod ? stream.FirstPeriod : $"{stream.FirstPeriod} to {stream.LastPeriod}";
        var dimensions = Regions.Dimensions(layout).ToList();
        return $"{NameOf(layout.Table)}: {layout.Kind}, {periods}, {Counted.Of(dimensions.Count, "dimension")}{List(dimensions)}, {Counted.Of(stream.Published, "observation")}.";
    }

    private static string List(List<string> names) => names.Count == 0 ? "" : " (" + string.Join(", ", names.Take(8)) + (names.Count > 8 ? ", …)" : ")");
}
