namespace Pipeline.Tests.Support;

/// <summary>A row or a column of a table: what it says of its cells (null for a heading that has none), and its own cells from the outside in.</summary>
internal sealed record Line(Slice? Slice, params object?[] Cells);

/// <summary>The rows of a table with their stub, or its columns with their header.</summary>
/// <param name="heads">The names of the levels.</param>
internal sealed class Axis(params string?[] heads)
{
    public List<string?> Heads { get; } = [.. heads];

    public List<Line> Lines { get; } = [];

    /// <summary>Runs of lines whose cells at a level are merged.</summary>
    public List<(int First, int Last, int Level)> Merged { get; } = [];

    public int Depth => Heads.Count;

    /// <summary>Adds a level: a code column beside labels, a unit row below headers.</summary>
    public Axis With(int level, string? head, Func<Line, int, object?> cell)
    {
        Heads.Insert(level, head);
        for (var i = 0; i < Lines.Count; i++)
            Lines[i] = Lines[i] with { Cells = [.. Lines[i].Cells[..level], cell(Lines[i], i), .. Lines[i].Cells[level..]] };
        for (var i = 0; i < Merged.Count; i++)
            if (Merged[i].Level >= level)
                Merged[i] = Merged[i] with { Level = Merged[i].Level + 1 };
        return this;
    }
}

/// <summary>A level of an axis: its name, and each item's cell and meaning.</summary>
internal sealed record Level(string? Name, params (object? Cell, Slice Slice)[] Items);

/// <summary>An office that writes a release in a style: every choice is drawn.</summary>
internal sealed class Office(Choices pick)
{
    private uint figure = 7919;
    private int decimals = -1;
    private string writing = "";

    public Choices Pick => pick;

    public Book Book { get; } = new();

    public OfficeWords Words { get; } = pick.One("language", "zh", "en") == "zh" ? OfficeWords.Chinese : OfficeWords.English;

    public bool IsChinese => Words.Language == "zh";

    /// <summary>How many figures are missing: none unless set.</summary>
    public bool HasMissing { get; set; }

    /// <summary>Decides the file's format, where the style needs nothing that only some have.</summary>
    public void ChooseFormat(params string[] others) => Book.Format = pick.One("file", ["xlsx", "csv", .. others]);

    public bool IsText => Book.Format.StartsWith("csv", StringComparison.Ordinal);

    // Levels

    public Level Of(Dimension dimension, int least = 2, int most = 4) => new(dimension.Name, [.. pick.Some(dimension.Members, least, most).Select(m => ((object?)m.Label, new Slice(m.Label) { Code = null, Unit = m.Unit }))]);

    /// <summary>One of the classifications that has not been taken yet.</summary>
    public Level AnyClassification(List<Dimension> taken, int least = 2, int most = 4)
    {
        var left = Words.Classifications.Except(taken).ToArray();
        var dimension = left[pick.Below(left.Length)];
        taken.Add(dimension);
        return Of(dimension, least, most);
    }

    /// <summary>Periods written whole.</summary>
    public Level Periods(int least = 2, int most = 5) => Periods(Words.Periods, least, most);

    public Level Periods(PeriodForm[] forms, int least = 2, int most = 5)
    {
        var usable = IsText ? forms.Where(f => !f.Name.StartsWith("date", StringComparison.Ordinal)).ToArray() : forms;
        var form = usable[pick.Below(usable.Length)];
        pick.Said.Add("periods: " + form.Name);
        return new(Words.Period, [.. form.From(2019 + pick.Below(5), 1 + pick.Below(12 / form.Months), pick.Between(least, most)).Select(p => ((object?)p.Cell, new Slice { Period = p.Id }))]);
    }

    /// <summary>Years, to stand over or beside parts of them.</summary>
    public Level Years(int least = 2, int most = 3)
    {
        var first = 2019 + pick.Below(4);
        var word = IsChinese && pick.Is("年 behind the year");
        var number = !word && pick.Is("years as numbers");
        return new(Words.Year, [.. Enumerable.Range(first, pick.Between(least, most)).Select(y => (number ? (decimal)y : word ? $"{y}年" : (object?)$"{y}", new Slice { Period = $"{y}" }))]);
    }

    /// <summary>Months or quarters without a year.</summary>
    public Level PartsOfYear()
    {
        if (pick.One("parts of the year", "months", "quarters") == "quarters")
            return new(IsChinese ? "季度" : "Quarter", [.. Enumerable.Range(1, 4).Select(q => ((object?)Words.QuarterName(q), new Slice { Period = $"-Q{q}" }))]);
        return new(Words.Month, [.. Enumerable.Range(1, pick.One("months", "3", "12") == "3" ? 3 : 12).Select(m => ((object?)Words.MonthName(m), new Slice { Period = $"-{m:D2}" }))]);
    }

    /// <summary>Indicators with their units, written in the label.</summary>
    public Level IndicatorsWithUnits(int least = 2, int most = 4)
    {
        var open = IsChinese ? pick.One("brackets", "（）", "()") : "()";
        var level = Of(Words.Indicators, least, most);
        return level with { Items = [.. level.Items.Select(i => ((object?)$"{i.Cell}{(IsChinese ? "" : " ")}{open[0]}{i.Slice.Unit!.Text}{open[1]}", i.Slice))] };
    }

    // Axes

    /// <summary>All combinations of the levels, the first outermost; outer ones repeated, blank after the first or merged.</summary>
    public static Axis Cross(string spread, params Level[] levels)
    {
        var axis = new Axis([.. levels.Select(l => l.Name)]);
        var count = levels.Aggregate(1, (n, l) => n * l.Items.Length);
        for (var i = 0; i < count; i++)
        {
            var slice = new Slice();
            var cells = new object?[levels.Length];
            var run = count;
            for (var level = 0; level < levels.Length; level++)
            {
                var items = levels[level].Items;
                run /= items.Length;
                var (cell, says) = items[i / run % items.Length];
                slice = slice.And(says);
                var first = i % run == 0;
                cells[level] = first || spread == "repeated" ? cell : null;
                if (first && spread == "merged" && run > 1)
                    axis.Merged.Add((i, i + run - 1, level));
            }
            axis.Lines.Add(new Line(slice, cells));
        }
        return axis;
    }

    /// <summary>A heading row over each group of rows.</summary>
    public static Axis Groups(Level outer, Axis inner, bool bold)
    {
        var axis = new Axis([.. inner.Heads]);
        foreach (var (cell, slice) in outer.Items)
        {
            axis.Lines.Add(new Line(null, [bold ? new BookCell(cell!) { Bold = true } : cell, .. new object?[inner.Depth - 1]]));
            foreach (var line in inner.Lines)
                axis.Lines.Add(line with { Slice = slice.And(line.Slice!) });
        }
        return axis;
    }

    /// <summary>Totals over their parts, told apart in a style; every row has values unless parents are headings.</summary>
    public Axis Tree(string style, bool headings, IReadOnlyList<Member> roots)
    {
        static int Depth(IEnumerable<Member> members) => members.Select(m => 1 + Depth(m.Parts)).Append(0).Max();
        var depth = style == "levels" ? Depth(roots) : 1;
        var axis = new Axis([Words.Accounts.Name, .. new string?[depth - 1]]);
        void Add(Member member, int level, int number, string[] path)
        {
            string[] labels = [.. path, member.Label];
            var isParent = member.Parts.Length > 0;
            var cells = new object?[depth];
            cells[style == "levels" ? level : 0] = style switch
            {
                "spaces" => new string(' ', level * 2) + member.Label,
                "full-width spaces" => new string('　', level) + member.Label,
                "cell indent" => new BookCell(member.Label) { Indent = level },
                "bold and indent" => new BookCell(member.Label) { Indent = level, Bold = isParent },
                "bold" => new BookCell(member.Label) { Bold = isParent },
                "numbers" => level switch
                {
                    0 => $"{"一二三四五六七八九"[number]}、{member.Label}",
                    1 => $"（{"一二三四五六七八九"[number]}）{member.Label}",
                    2 => $"{number + 1}.{member.Label}",
                    _ => $"（{number + 1}）{member.Label}",
                },
                "of which" when level > 0 => new string(IsChinese ? '　' : ' ', (number == 0 ? level - 1 : level) * (IsChinese ? 3 : 10)) + (number == 0 ? Words.OfWhich : "") + member.Label,
                _ => member.Label,
            };
            axis.Lines.Add(new Line(isParent && headings ? null : new Slice(labels), cells));
            for (var i = 0; i < member.Parts.Length; i++)
                Add(member.Parts[i], level + 1, i, labels);
        }
        for (var i = 0; i < roots.Count; i++)
            Add(roots[i], 0, i, []);
        return axis;
    }

    // Figures

    /// <summary>A figure, written as the office writes figures, and the cell that it is written in; null value for a missing one.</summary>
    private (BookCell? Cell, decimal? Value, string Status) Figure()
    {
        if (decimals < 0)
        {
            decimals = pick.Between(0, 2);
            writing = IsText ? pick.One("figures", "plain", "grouped") : pick.One("figures", "plain", "fixed format", "grouped format", "text", "grouped text");
        }
        figure = (figure * 1_664_525) + 1_013_904_223;
        var digits = figure >> 8;
        if (HasMissing && digits % 7 == 3)
        {
            var symbol = new[] { "..", "-", "…", "n/a", "—" }[digits / 7 % 5];
            return (new BookCell(symbol), null, "missing");
        }
        var value = new decimal((int)(digits % 900_000) + 3_000, 0, 0, digits % 11 == 0, (byte)decimals);
        var grouped = value.ToString("N" + decimals, System.Globalization.CultureInfo.InvariantCulture);
        var zeros = decimals == 0 ? "" : "." + new string('0', decimals);
        return (writing switch
        {
            "plain" => new BookCell(value),
            "fixed format" => new BookCell(value) { Format = "0" + zeros },
            "grouped format" => new BookCell(value) { Format = "#,##0" + zeros },
            "text" => new BookCell(value.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            _ => new BookCell(grouped),
        }, value, "A");
    }

    /// <summary>Writes the figures of the office differently: gives the cell, the value and the status.</summary>
    public Func<Slice, (BookCell? Cell, decimal? Value, string Status)>? Figures { get; set; }

    // Drawing

    /// <summary>Draws a table; returns the row and the column after its last.</summary>
    public (int Row, int Column) Table(BookSheet sheet, int row, int column, Axis stub, Axis head, Slice whole, string corner = "bottom")
    {
        var (top, left) = (row + head.Depth, column + stub.Depth);
        for (var level = 0; level < stub.Depth; level++)
        {
            var at = corner == "bottom" ? top - 1 : row;
            sheet.Put(at, column + level, stub.Heads[level]);
            if (corner == "merged" && stub.Heads[level] is not null)
                sheet.Merge(row, column + level, top - 1, column + level);
        }
        for (var j = 0; j < head.Lines.Count; j++)
            for (var level = 0; level < head.Depth; level++)
                sheet.Put(row + level, left + j, head.Lines[j].Cells[level]);
        foreach (var (first, last, level) in head.Merged)
            sheet.Merge(row + level, left + first, row + level, left + last);
        foreach (var (first, last, level) in stub.Merged)
            sheet.Merge(top + first, column + level, top + last, column + level);
        for (var i = 0; i < stub.Lines.Count; i++)
        {
            for (var level = 0; level < stub.Depth; level++)
                sheet.Put(top + i, column + level, stub.Lines[i].Cells[level]);
            for (var j = 0; j < head.Lines.Count && stub.Lines[i].Slice is not null; j++)
            {
                if (head.Lines[j].Slice is not { } over)
                    continue;
                var slice = whole.And(stub.Lines[i].Slice!).And(over);
                var (cell, value, status) = Figures?.Invoke(slice) ?? Figure();
                sheet.Put(top + i, left + j, cell);
                Book.Facts.Add(new Fact(Book.Address(sheet, top + i, left + j), value, status, slice) { IsBlank = cell is null });
            }
        }
        return (top + stub.Lines.Count, left + head.Lines.Count);
    }

    /// <summary>A title that says nothing of the figures but, where given, their label and period.</summary>
    public string Title(string? label = null, string? period = null, int? number = null)
    {
        var table = number is { } n ? Words.TableNumber(n) + (IsChinese ? "  " : ": ") : "";
        return IsChinese ? table + (label ?? (period is null ? "主要统计资料" : period + "主要统计资料")) + (label is not null && period is not null ? $"（{period}）" : "")
            : table + (label ?? "Summary of results") + (period is null ? "" : ", " + period);
    }

    /// <summary>Draws a table with title, unit line, notes and source around it on a sheet; returns the row after the last.</summary>
    public int Surrounded(BookSheet sheet, Axis stub, Axis head, Slice whole, string? title = null, int row = 1, int column = 1, string corner = "bottom", bool unitIsShown = true)
    {
        var unit = unitIsShown ? whole.Unit : null;
        if (title is not null || unit is not null || pick.Is("title"))
        {
            title ??= Title();
            var inTitle = unit is not null && pick.One("unit", "line", "in title") == "in title";
            sheet.Put(row++, column, inTitle ? $"{title}{(IsChinese ? "（" : " (")}{unit!.Text}{(IsChinese ? "）" : ")")}" : title);
            if (pick.Is("second title", 4))
                sheet.Put(row++, column, IsChinese ? "Summary of results" : "All establishments");
            if (unit is not null && !inTitle)
                sheet.Put(row++, pick.One("unit line", "left", "right") == "left" ? column : column + stub.Depth + head.Lines.Count - 1, Words.UnitLine(unit.Text));
            if (pick.Is("blank row above", 3))
                row++;
        }
        (row, _) = Table(sheet, row, column, stub, head, whole, corner);
        if (pick.Is("notes", 2))
        {
            row += pick.Is("blank row below", 2) ? 1 : 0;
            sheet.Put(row++, column, Words.Notes[pick.Below(Words.Notes.Length)]);
            if (pick.Is("source", 2))
                sheet.Put(row++, column, Words.Sources[pick.Below(Words.Sources.Length)]);
        }
        return row;
    }

    /// <summary>The unit of a whole table, or none.</summary>
    public Slice Whole() => new() { Unit = pick.Is("unit of the table") ? Words.Indicators.Members[pick.Below(Words.Indicators.Members.Length)].Unit : null };

    public string Spread(string name) => pick.One(name, IsText ? ["repeated", "blank"] : ["repeated", "blank", "merged"]);
}
