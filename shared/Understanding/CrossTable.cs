using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Decides how a table that offices laid out for people is to be read: headers of any depth, stubs in levels, headings between the rows.</summary>
internal sealed partial class CrossTable
{
    /// <summary>The attribute with the words of headings and headers that lead to a value, from the outside in.</summary>
    public const string TitleId = "TITLE_COMPL";

    /// <summary>The attribute with the code that the office gives a series.</summary>
    public const string SeriesCodeId = "SERIES_CODE";

    private const string GroupId = "GROUP";
    private const string ItemId = "ITEM";
    internal const string MeasureId = "MEASURE";
    private const int ProfileRows = 400;

    /// <summary>The reason for which a number among words is set aside.</summary>
    public const string WordsReason = "column-of-words";
    private const int MaxBeside = 4;

    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");
    private static readonly Vocabulary Areas = Vocabulary.Load("areas");

    private readonly Grid grid;
    private readonly Block block;
    private readonly int number;
    private readonly string? language;
    private readonly Findings findings;
    private readonly KnownCodes? frequencies;
    private readonly List<string> reasons = [];
    private readonly List<int> valueRows = [];
    private readonly bool[] isValue;
    private readonly HashSet<string> taken = new(StringComparer.Ordinal) { Concepts.Freq, Concepts.TimePeriod, Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult, CubeBuilder.Symbol, CubeBuilder.TableId };
    private Unit? cornerUnit;
    private bool isList;
    private double confidence = 1;
    private int beside;
    private Stub stub = null!;
    private ColumnHeads heads = null!;
    private ColumnPlan[] columns = [];

    private CrossTable(Grid grid, Block block, int number, string? language, Findings findings, KnownCodes? frequencies)
    {
        (this.grid, this.block, this.number, this.language, this.findings, this.frequencies) = (grid, block, number, language, findings, frequencies);
        isValue = [.. block.IsValue];
        // 1000 t looks like a number with a flag.
        foreach (var c in Enumerable.Range(block.Left, block.Right - block.Left).Where(c => isValue[c] && ConceptWords.Find(HeadText(c)) is { Id: Concepts.UnitMeasure } && IsOfUnits(c)).ToList())
            isValue[c] = isValue.Count(v => v) == 1;
        for (var r = block.FirstData; r <= block.LastData; r++)
            if (!block.Skipped.Contains(r) && Enumerable.Range(block.Left, block.Right - block.Left).Any(c => isValue[c] && IsValueLook(grid.Look(r, c))))
                valueRows.Add(r);
    }

    /// <summary>The layout of a table; null when it has nothing to name its values by.</summary>
    public static Layout? Find(Grid grid, Block block, int number, ReadRelease release, string? language, Findings findings, KnownCodes? frequencies) =>
        new CrossTable(grid, block, number, language, findings, frequencies).Find(release);

    private static bool IsValueLook(Look look) => look is Look.Number or Look.Year or Look.Symbol or Look.SymbolWord;

    private Layout? Find(ReadRelease release)
    {
        columns = new ColumnPlan[grid.Width];
        for (var c = block.Left; c < block.Right; c++)
            columns[c] = new ColumnPlan { Index = c, Header = "", Name = "Column " + Source.Column(c + 1), Profile = ProfileOf(c), Use = ColumnUse.Aside, Reason = WordsReason };
        Hidden();
        var (stubColumns, stubEnd) = StubColumns();
        heads = ColumnHeads.Read(grid, block, isValue, stubEnd, stubColumns, findings);
        stub = new Stub { Columns = stubColumns };
        foreach (var column in columns[block.Left..block.Right].Where(c => c.Index < stubEnd || stubColumns.Exists(s => s.Index == c.Index)))
            column.Use = column.Reason != WordsReason ? ColumnUse.Aside : ColumnUse.Label;
        foreach (var column in stubColumns)
            if (heads.StubNames.GetValueOrDefault(column.Index, "") is { Length: > 0 } corner && (Preamble.UnitStated(corner, language) ?? (LayoutFinder.ConceptOf(corner) is null ? Units.Find(corner) : null)) is { } unit)
                (cornerUnit, column.IsCorner) = (unit, true);
        foreach (var column in stubColumns.Where(c => !c.IsCorner))
            column.Name = WithoutAxis(heads.StubNames.GetValueOrDefault(column.Index, ""));
        var captions = block.Captions.Select(r => grid.Rows[r]).ToList();
        var preamble = Preamble.Read(captions, block.Left, block.Right, language);
        preamble.TitleBelow(block.Notes.Select(r => grid.Rows[r]), block.Left, block.Right);
        if (isList || block.Heads.Count == 0 && (!stub.Labels.Any() || preamble.Caption is null))
            return null;
        var values = Enumerable.Range(block.Left, block.Right - block.Left).Where(c => isValue[c]).Select(c => columns[c]).ToList();
        foreach (var column in values)
            column.Use = ColumnUse.Value;
        Bare(values);
        values.RemoveAll(c => c.Use != ColumnUse.Value);
        if (values.Count == 0)
            return null;
        Flags(values);
        Shape(stubEnd);
        Name(values, preamble);
        var layout = new Layout
        {
            Table = grid,
            Number = number,
            Kind = "",
            HeaderRow = grid.Rows[block.Heads.Count > 0 ? block.Heads[^1] : block.FirstData].Row,
            FirstDataRow = grid.Rows[block.FirstData].Row,
            LastDataRow = grid.IsWhole ? grid.Rows[block.LastData].Row : int.MaxValue,
            Columns = columns[block.Left..block.Right],
            Preamble = preamble,
            IsTidy = false,
            Stub = stub,
            Block = block,
            Right = block.Right,
            Skipped = [.. block.Skipped.Select(r => grid.Rows[r].Row)],
        };
        Period(layout, values, release);
        Distinct(values);
        Numbered(layout);
        foreach (var column in values)
            column.Comma = LayoutFinder.IsComma(column, values, grid);
        layout.HasTitles = stub.GroupId is not null || stub.IsHierarchy || stub.IsStaircase || stub.WordsId is not null || values.Exists(c => heads.Heads[c.Index].Words.Count > 1)
            || (preamble.Caption is not null && !values.Exists(c => c.Coordinates.Exists(x => x.Label == Preamble.WithoutPeriod(preamble.Caption, preamble.Caption))));
        Doubts(layout, preamble);
        layout.Describe(KindOf(values), Math.Clamp(confidence, 0, 1), reasons);
        return layout;
    }

    private void Doubt(double weight, string reason)
    {
        confidence -= weight;
        reasons.Add(reason);
    }

    /// <summary>Says what could also have been meant, and how to say so.</summary>
    private void Doubts(Layout layout, Preamble preamble)
    {
        if (block.Heads.Count == 0)
            Doubt(0.3, $"no header stands over the values; the title names them: {preamble.Caption}");
        if (stub.BoldRanks)
            Doubt(0.05, "labels in bold were taken for the parents of those below them");
        if (stub.EndsInPeriods)
            Doubt(0.1, "periods behind labels were taken for the rows' periods");
        if (layout.Period is { IsPossible: true } period && preamble.Period is null && layout.Columns.All(c => c.Part is null) && !stub.Columns.Exists(c => c.Use == StubUse.Period))
            Doubt(0.05, $"the period {period.Id} was taken from the name of the {(grid.Sheet is { } sheet && Periods.OfCaption(sheet) is not null ? "sheet" : "file")}");
        if (reasons.Count > 0)
            findings.Add(new Finding(Severity.Information, "reading-unsure", "The table could be meant otherwise: " + string.Join("; ", reasons) + ".")
            {
                Where = grid.Where(layout.HeaderRow),
                Advice = "If it is meant otherwise, name rows and columns in the table, or say so in a profile beside the upload.",
            });
    }

    private ColumnProfile ProfileOf(int column)
    {
        var profile = new ColumnProfile();
        if (column >= block.Left && column < block.Right)
            foreach (var row in valueRows.Take(ProfileRows))
                profile.Add(grid.Rows[row][column], Areas);
        return profile;
    }

    private void Hidden()
    {
        var hidden = Enumerable.Range(block.Left, block.Right - block.Left).Where(c => isValue[c] && grid.Shape.HiddenColumns.Contains(c + 1)).ToList();
        if (hidden.Count == 0 || hidden.Count == Enumerable.Range(block.Left, block.Right - block.Left).Count(c => isValue[c]))
            return;
        foreach (var c in hidden)
            (isValue[c], columns[c].Reason) = (false, "column-hidden");
        findings.Add(new Finding(Severity.Information, "column-hidden", $"{Counted.Of(hidden.Count, "hidden column is", "hidden columns are")} not published.")
        {
            Where = grid.Where(grid.Rows[block.FirstData].Row, hidden[0] + 1),
            Found = string.Join(", ", hidden.Take(10).Select(c => Source.Column(c + 1))),
            Advice = "Show the columns if they belong to the release.",
        });
    }

    /// <summary>The columns that name the rows: those left of the values, or, when there are none, those right of them.</summary>
    private (List<StubColumn> Columns, int End) StubColumns()
    {
        // Codes, counters and the numbers of weeks or months on the left are no values.
        for (var first = block.Left; first < block.Right; first++)
        {
            if (!isValue[first])
                continue;
            if (!Enumerable.Range(first + 1, block.Right - first - 1).Any(c => isValue[c]) || !(IsCodeColumn(first) || IsClassColumn(first) || IsCounter(first) || DottedOf(first) is not null))
                break;
            isValue[first] = false;
            if (HeadText(first).Length > 0 && !IsCounter(first) && DottedOf(first) is null && !LayoutFinder.IsCodeName(HeadText(first)) && Periods.UnitNamed(HeadText(first)) is null && columns[first].Profile.ZeroPadded == 0)
                Doubt(0.05, $"the numbers under '{HeadText(first)}' were taken for labels of the rows; they could be values");
        }
        var start = Enumerable.Range(block.Left, block.Right - block.Left).FirstOrDefault(c => isValue[c], block.Right);
        var list = Enumerable.Range(block.Left, start - block.Left).Select(StubColumnOf).OfType<StubColumn>().ToList();
        if (list.Count > 0)
            return (Codes(list), start);
        var last = Enumerable.Range(block.Left, block.Right - block.Left).LastOrDefault(c => isValue[c], block.Left);
        list = [.. Enumerable.Range(last + 1, block.Right - last - 1).Reverse().Select(StubColumnOf).OfType<StubColumn>()];
        if (list.Count > 0)
        {
            isList = isValue.Count(v => v) == 1 && Rises(last);
            Doubt(0.1, "the labels right of the values were taken for the rows', because none stand left of them");
        }
        return (Codes(list), block.Left);
    }

    /// <summary>Whether whole numbers only rise: the codes of a list, with their meaning beside them.</summary>
    private bool Rises(int column)
    {
        var before = double.MinValue;
        foreach (var row in valueRows)
            if (!grid.Rows[row][column].IsBlank)
            {
                if (!double.TryParse(grid.Rows[row][column].Text, System.Globalization.CultureInfo.InvariantCulture, out var n) || n < before)
                    return false;
                before = n;
            }
        return true;
    }

    private string HeadText(int column) => HeadText(grid, block, column);

    internal static string HeadText(Grid grid, Block block, int column)
    {
        // Over the periods of series stand the names of the rows.
        if (block.SeriesRows is not null && column == block.Left)
            return "";
        var over = block.Heads.FindAll(h => !grid.Rows[h][column].IsBlank);
        // 地区 over 计量单位 | 亿元 | 万人: the lower one names the row of units.
        var named = over.Count < 2 ? over : over.FindAll(h => !block.UnitHeads(grid).Contains(h));
        return over.Count == 0 ? "" : WithoutAxis(Labels.Clean(grid.Rows[(named.Count > 0 ? named : over)[^1]][column].Text));
    }

    /// <summary>The name of a column in whose header the name of the columns stands too: <c>geo\TIME_PERIOD</c>.</summary>
    private static string WithoutAxis(string name) => name.LastIndexOf('\\') is > 0 and var at && LayoutFinder.ConceptOf(name[(at + 1)..]) is { Parent: "TIME" } ? name[..at] : name;

    private bool IsCodeColumn(int column)
    {
        var profile = columns[column].Profile;
        var name = HeadText(column);
        // Under a period stand values, though they may count.
        if (profile.Integers < profile.Numbers || profile.Numbers == 0 || (IsPeriod(column) && column > block.Left))
            return false;
        if (Periods.UnitNamed(name) is { } unit && profile.Texts.All(t => Periods.TryPart(t, unit, out _)))
            return true;
        if (profile.ZeroPadded > 0 || (ConceptWords.Find(name) is { Id: "ROW_NUMBER" } && Counts(column)) || (ConceptWords.Find(name) is { Parent: "DIMENSION" } && profile.Texts.Count == valueRows.Count))
            return true;
        if (LayoutFinder.IsCodeName(name))
            return true;
        // Codes without a name, each beside its label: 650100 | 乌鲁木齐市
        if (name.Length == 0 && profile.Texts.Count == profile.Filled && profile.Filled > 1 && column + 1 < block.Right && !isValue[column + 1] && columns[column + 1].Profile is { Numbers: 0 } beside
            && beside.Filled == profile.Filled && beside.Texts.Count == beside.Filled)
            return true;
        if (name.Length == 0 && profile.Texts.Count == profile.Filled && profile.Filled > 1 && column > block.Left && columns[column - 1].Profile is { Numbers: 0 } before
            && before.Filled == profile.Filled && before.Texts.Count == before.Filled && Enumerable.Range(column + 1, block.Right - column - 1).All(c => !isValue[c] || HeadText(c).Length > 0))
            return true;
        // A counter: 1, 2, 3 down the rows.
        return Counts(column) && (name.Length == 0 || valueRows.Count > 9) && LayoutFinder.ConceptOf(name) is null;
    }

    private bool IsOfUnits(int column)
    {
        var texts = Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).Select(r => grid.Rows[r][column].Text).Where(t => t.Length > 0).ToList();
        return texts.Exists(t => Units.Find(t) is not null) && texts.Count(t => t.Any(char.IsLetter)) * 10 >= texts.Count * 8;
    }

    private bool Counts(int column) => RowCounters.MostlyCount(valueRows.Select(r => grid.Rows[r][column].Text));

    /// <summary>Whether a column counts the rows, as the name over it says, and names nothing, because other labels tell the rows apart.</summary>
    private bool IsCounter(int column)
    {
        if (!RowCounters.IsName(HeadText(column)) || !RowCounters.Count(valueRows.Select(r => grid.Rows[r][column].Text)))
            return false;
        var end = Enumerable.Range(block.Left, block.Right - block.Left).FirstOrDefault(c => c != column && isValue[c], block.Right);
        var labels = Enumerable.Range(block.Left, end - block.Left).Where(c => c != column && columns[c].Profile is { Filled: > 0, Numbers: 0 }).ToList();
        return labels.Count > 0 && valueRows.DistinctBy(r => string.Join('\n', labels.Select(c => grid.Rows[r][c].Text))).Count() == valueRows.Count;
    }

    /// <summary>Whether a first column of numbers stands beside periods: the classes that the rows are about.</summary>
    private bool IsClassColumn(int column)
    {
        if (column > block.Left && Enumerable.Range(block.Left, column - block.Left).Any(c => valueRows.Exists(r => !grid.Rows[r][c].IsBlank)))
            return false;
        var others = Enumerable.Range(column + 1, block.Right - column - 1).Where(c => isValue[c]).ToList();
        if (HeadText(column).Length == 0 || IsPeriod(column) || others.Count == 0 || !others.TrueForAll(IsPeriod))
            return false;
        if (columns[column].Profile.Texts.Count == columns[column].Profile.Filled)
            return true;
        // Codes that come again, each time beside another label.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return columns[column].Profile is { } profile && profile.Integers == profile.Filled && profile.Filled == valueRows.Count
            && valueRows.TrueForAll(r => seen.Add(string.Join('\n', Enumerable.Range(column, others[0] - column).Select(c => grid.Rows[r][c].Text))));
    }

    private bool IsPeriod(int column) => block.Heads.Exists(h => grid.Look(h, column) is Look.Year or Look.WordedPeriod or Look.PeriodPart);

    private StubColumn? StubColumnOf(int column)
    {
        if (grid.Shape.HiddenColumns.Contains(column + 1) || columns[column].Reason == "column-hidden")
            return null;
        int years = 0, periods = 0, filled = 0, units = 0, texts = 0;
        var name = HeadText(column);
        var unit = Periods.UnitNamed(name);
        bool? isNumbered = null;
        for (var r = block.FirstData; r <= block.LastData; r++)
        {
            var look = grid.Look(r, column);
            if (look == Look.Blank || block.Skipped.Contains(r))
                continue;
            filled++;
            years += look == Look.Year ? 1 : 0;
            periods += look == Look.WordedPeriod || (look == Look.PeriodPart && !(isNumbered ??= LayoutFinder.IsCodeName(name) || PlainTable.IsNumbered(grid, block, column))) || (unit is { } known && Periods.TryPart(grid.Rows[r][column].Text, known, out _)) ? 1 : 0;
            texts += look is Look.Text or Look.SymbolWord ? 1 : 0;
            units += grid.Rows[r][column].Kind == CellKind.Text && Units.Find(grid.Rows[r][column].Text) is not null ? 1 : 0;
        }
        if (filled == 0)
            return null;
        var concept = ConceptWords.Find(name);
        // The periods say the frequency.
        if (concept?.Id == Concepts.Freq && columns[column].Profile.Texts.All(t => Vocabulary.Load("frequencies").Codes.ContainsKey(t.ToUpperInvariant())))
            return null;
        if (concept is { Parent: "ATTRIBUTE", Id: not (Concepts.UnitMeasure or Concepts.UnitMult) })
            return null;
        var dotted = DottedOf(column);
        if ((years + periods) * 10 >= filled * 6 || dotted is not null)
            return new StubColumn(column, StubUse.Period) { Unit = unit, Spans = Periods.Spans(columns[column].Profile.Texts), Step = StepOf(column), Dotted = dotted, MonthFirst = Periods.OrderOf(columns[column].Profile.Texts) == DayOrder.MonthFirst };
        if (concept?.Id == Concepts.UnitMeasure || (concept?.Parent != "DIMENSION" && units * 10 >= filled * 8 && (columns[column].Profile.Texts.Count < Math.Max(2, valueRows.Count) || (column > block.Left && columns[column].Profile.Texts.Any(t => Units.Find(t) is { Multiplier: > 0 })))))
            return new StubColumn(column, StubUse.Unit);
        if ((texts == 0 && Counts(column) && (name.Length == 0 || concept?.Id == "ROW_NUMBER")) || IsCounter(column))
            return null;
        return new StubColumn(column, StubUse.Label);
    }

    private DottedPeriods? DottedOf(int column) => DottedPeriods.Of(valueRows.Select(r => DottedPeriods.TextOf(grid.Rows[r][column])), HeadText(column));

    /// <summary>What the dates of a column stand for.</summary>
    private DateStep StepOf(int column)
    {
        var cells = valueRows.Select(r => grid.Rows[r][column]).Where(c => !c.IsBlank).ToList();
        return LayoutFinder.WeekStepOf(HeadText(column), cells) ?? LayoutFinder.StepOf(cells, frequencies);
    }

    /// <summary>Tells columns of codes from the columns of the labels beside them.</summary>
    private List<StubColumn> Codes(List<StubColumn> list)
    {
        var labels = list.Where(c => c.Use == StubUse.Label).ToList();
        if (labels.Count > 1)
            foreach (var code in labels)
            {
                var texts = columns[code.Index].Profile.Texts;
                if (!texts.All(t => Labels.IsCode(t.Replace(".", "", StringComparison.Ordinal))))
                    continue;
                var beside = labels.Where(l => l != code && Math.Abs(l.Index - code.Index) == 1 && list.Contains(l)).ToList();
                // Country Name | Country Code, or digits beside labels.
                if (beside.Find(l => LayoutFinder.AreOfOneName(HeadText(code.Index), HeadText(l.Index)) && IsOneToOne(code.Index, l.Index) && IsOneToOne(l.Index, code.Index)) is { } named)
                    list[list.IndexOf(code)] = new StubColumn(code.Index, StubUse.Code) { LabelIndex = named.Index };
                else if (texts.Count > 1 && texts.All(t => t.Any(char.IsAsciiDigit)) && (LayoutFinder.IsCodeName(HeadText(code.Index)) || texts.All(t => t.All(char.IsAsciiDigit)))
                    && labels.FindLast(l => l != code && list.Contains(l)) is { } own
                    && (beside.Find(l => IsOneToOne(code.Index, l.Index) && IsOneToOne(l.Index, code.Index)) ?? beside.Find(l => l == own && IsOneToOne(code.Index, l.Index))) is { } label)
                {
                    // The codes of the labels beside them; the row's own label is the last.
                    var index = label == own ? -1 : label.Index;
                    if (!list.Exists(c => c.Use == StubUse.Code && c.LabelIndex == index))
                        list[list.IndexOf(code)] = new StubColumn(code.Index, StubUse.Code) { LabelIndex = index };
                }
            }
        return list;
    }

    private bool IsOneToOne(int a, int b)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in valueRows)
        {
            var (code, label) = (grid.Rows[row][a].Text, grid.Rows[row][b].Text);
            if (code.Length > 0 && !map.TryAdd(code, label) && map[code] != label)
                return false;
        }
        return true;
    }

    /// <summary>Sets aside columns of numbers that nothing names, where others are named.</summary>
    private void Bare(List<ColumnPlan> values)
    {
        if (values.TrueForAll(c => heads.Heads[c.Index].Labels.Count == 0 && heads.Heads[c.Index].Part is null && heads.Heads[c.Index].Named.Count == 0))
            return;
        foreach (var column in values.Where(c => heads.Heads[c.Index] is { Labels.Count: 0, Part: null, Named.Count: 0, Unit: null }))
        {
            (column.Use, column.Reason) = (ColumnUse.Aside, "header-missing");
            findings.Add(new Finding(Severity.Warning, "header-missing", $"Column {Source.Column(column.Index + 1)} has data but no header.")
            {
                Where = grid.Where(grid.Rows[block.FirstData].Row, column.Index + 1),
                Expected = "a name over each column",
                Advice = "Name the column in the header.",
            });
        }
    }

    /// <summary>Finds the columns of flags right of columns of values: named so, or without a name and holding nothing but flags.</summary>
    private void Flags(List<ColumnPlan> values)
    {
        foreach (var value in values)
        {
            var c = value.Index + 1;
            if (c >= block.Right || isValue[c] || columns[c].Use != ColumnUse.Aside)
                continue;
            var name = HeadText(c);
            var texts = columns[c].Profile.Texts;
            if (texts.Count > 0 && texts.All(t => t.Length <= 4) && (LayoutFinder.ConceptOf(name) is { Id: Concepts.ObsStatus or CubeBuilder.Symbol } || name.Equals(HeadText(value.Index) + "F", StringComparison.OrdinalIgnoreCase) || (name.Length == 0 && texts.All(t => Statuses.OfFlag(t) is not null || grid.Legend?.Of(t) is not null))))
                (value.FlagColumn, columns[c].Use) = (c, ColumnUse.Label);
        }
    }

    /// <summary>Tells whether the labels are levels, a hierarchy, or parts of a crossing.</summary>
    private void Shape(int stubEnd)
    {
        var labels = stub.Labels.ToList();
        if (labels.Count == 0)
            return;
        int single = 0, rows = 0, lastFilled = 0;
        foreach (var row in valueRows)
        {
            var filled = labels.Count(l => !grid.Rows[row][l.Index].IsBlank);
            rows += filled > 0 ? 1 : 0;
            single += filled == 1 ? 1 : 0;
            lastFilled += grid.Rows[row][labels[^1].Index].IsBlank ? 0 : 1;
        }
        var unnamed = valueRows.Count(r => stub.Columns.TrueForAll(c => grid.Rows[r][c.Index].IsBlank));
        // Rows without a name below all others, after a gap, belong to none of them.
        var last = valueRows.FindLastIndex(r => stub.Columns.Exists(c => !grid.Rows[r][c.Index].IsBlank));
        var trail = last >= 0 && last + 1 < valueRows.Count && valueRows.Count - last - 1 == unnamed && grid.Rows[valueRows[last + 1]].Row - grid.Rows[valueRows[last]].Row > 1;
        stub.NamesEach = trail || unnamed == 0 || unnamed * 4 <= valueRows.Count && unnamed <= 2 || unnamed * 20 <= valueRows.Count;
        stub.IsStaircase = labels.Count > 1 && rows > 0 && single * 10 >= rows * 8 && lastFilled * 100 < rows * 85 && stubEnd > 0;
        var texts = valueRows.Select(r => grid.Rows[r][labels[^1].Index].Text).Where(t => t.Length > 0).ToList();
        var (ends, alone) = (texts.Count(t => StubReader.SplitPeriod(t, out _) is { Length: > 0 }), texts.Count(t => StubReader.SplitPeriod(t, out _) is { Length: 0 }));
        stub.EndsInPeriods = !stub.Columns.Exists(c => c.Use == StubUse.Period) && ends > 1 && alone > 1 && (ends + alone) * 10 >= texts.Count * 8;
        int bold = 0, seen = 0, parts = 0;
        HashSet<int> indents = [], numberings = [];
        var numbered = 0;
        foreach (var row in Enumerable.Range(block.FirstData, block.LastData - block.FirstData + 1).Where(r => !block.Skipped.Contains(r)))
        {
            var cell = grid.Rows[row][labels[^1].Index];
            if (cell.IsBlank)
                continue;
            seen++;
            bold += cell.Bold && valueRows.BinarySearch(row) >= 0 ? 1 : 0;
            indents.Add(cell.Indent);
            var numbering = StubReader.NumberingOf(cell.Text);
            numbered += numbering < 6 ? 1 : 0;
            numberings.Add(numbering);
            parts += StubReader.IsPartLabel(cell.Text) ? 1 : 0;
        }
        stub.NumbersRank = numberings.Count > 1 && numbered > 1;
        stub.BoldRanks = !stub.IsStaircase && indents.Count < 2 && bold > 0 && bold * 2 < seen;
        stub.IsHierarchy = !stub.IsStaircase && (indents.Count > 1 || stub.BoldRanks || stub.NumbersRank || parts > 0);
        if (stub.IsHierarchy)
            Groups(labels[^1]);
        Outer(labels);
    }

    /// <summary>A heading in an outer column, over rows that have labels of their own there, stands over all of the stub.</summary>
    private void Outer(List<StubColumn> labels)
    {
        for (var r = block.FirstData; labels.Count > 1 && !stub.IsStaircase && r < block.LastData; r++)
        {
            var filled = labels.Where(l => !grid.Rows[r][l.Index].IsBlank).ToList();
            if (valueRows.BinarySearch(r) >= 0 || filled.Count != 1 || filled[0] == labels[^1] || block.Skipped.Contains(r))
                continue;
            var next = valueRows.Find(v => v > r);
            if (next > r && !grid.Rows[next][filled[0].Index].IsBlank)
                stub.GroupRows.Add(grid.Rows[r].Row);
        }
    }

    /// <summary>In a hierarchy, a heading that does not stand over its rows by rank is a heading all the same.</summary>
    private void Groups(StubColumn label)
    {
        (int Row, int Rank)? heading = null;
        for (var r = block.FirstData; r <= block.LastData; r++)
        {
            var cell = grid.Rows[r][label.Index];
            if (cell.IsBlank || block.Skipped.Contains(r))
                continue;
            var rank = StubReader.RankOf(stub, 0, cell.Indent, cell.Bold, cell.Text);
            if (heading is { } above && rank <= above.Rank && !StubReader.IsPartLabel(grid.Rows[above.Row][label.Index].Text))
                stub.GroupRows.Add(grid.Rows[above.Row].Row);
            heading = valueRows.BinarySearch(r) < 0 ? (r, rank) : null;
        }
    }

    private void Name(List<ColumnPlan> values, Preamble preamble)
    {
        var rowLabels = new Dictionary<int, HashSet<string>>();
        var groups = new HashSet<string>(StringComparer.Ordinal);
        var words = new HashSet<string>(StringComparer.Ordinal);
        var reader = new StubReader(stub, grid);
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        Walk(reader, () =>
        {
            groups.UnionWith(reader.Groups);
            if (reader.PeriodWords.Length > 0)
                words.Add(reader.PeriodWords);
            for (var i = 0; i < reader.Current.Count; i++)
                if (reader.Current[i].Length > 0)
                    (rowLabels.TryGetValue(i, out var set) ? set : rowLabels[i] = new HashSet<string>(StringComparer.Ordinal)).Add(reader.Current[i]);
            if ((stub.IsHierarchy || stub.IsStaircase) && reader.Path.Count > 0)
            {
                var path = string.Join('\n', reader.Path.Select(p => p.Label));
                if (!paths.TryAdd(reader.Path[^1].Label, path) && paths[reader.Path[^1].Label] != path)
                    stub.NeedsPaths = true;
            }
        });
        // The columns' labels first: a stub's labels without a name are indicators only where the columns are none.
        var levels = Enumerable.Range(0, heads.Levels)
            .Select(l => (Level: l, Texts: values.SelectMany(c => heads.Heads[c.Index].Labels.Where(x => x.Level == l).Select(x => x.Text)).Distinct().ToList()))
            .Where(l => l.Texts.Count > 0).ToList();
        var known = levels.ToDictionary(l => l.Level, l => heads.LevelNames.TryGetValue(l.Level, out var name) ? LayoutFinder.ConceptOf(name) is { Parent: "DIMENSION" } named ? named.Id : LayoutFinder.IdOf(name, language) : ConceptOf(l.Texts));
        foreach (var id in known.Values.OfType<string>().Concat(values.SelectMany(c => heads.Heads[c.Index].Named.Select(n => n.Id))).Distinct())
            taken.Add(id);
        var hasPath = levels.Exists(l => known[l.Level] is null || l.Texts.Exists(t => !IsOf(known[l.Level]!, t)));
        var labels = stub.Labels.ToList();
        var namedIndicator = labels.Exists(l => ConceptWords.Find(l.Name) is { Id: Concepts.Indicator });
        var pathId = !hasPath ? null : namedIndicator ? MeasureId : Concepts.Indicator;
        if (pathId is not null)
            taken.Add(pathId);
        for (var i = 0; i < labels.Count; i++)
        {
            if (stub.IsStaircase && i < labels.Count - 1)
                continue;
            var label = labels[i];
            if (stub.IsStaircase)
                label.Name = labels.Select(l => l.Name).FirstOrDefault(n => n.Length > 0) ?? "";
            var texts = stub.IsStaircase ? rowLabels.Values.SelectMany(s => s).Distinct().ToList() : rowLabels.TryGetValue(i, out var set) ? [.. set] : [];
            label.Id = IdOf(label.Name, texts, pathId is null && i == labels.Count - 1);
            label.HasForeignCodes = label.Id == Concepts.RefArea && AreaCodes.AreForeign(label.Name, texts);
            label.IsForeign = label.Id == Concepts.RefArea && texts.Count(t => Areas.Find(t) is not null) * 2 < texts.Count;
        }
        if (groups.Count > 0)
            stub.GroupId = groups.All(g => ConceptOf([g]) is { } one && one == ConceptOf([groups.First()])) ? IdOf("", [.. groups], false, GroupId) : Taken(GroupIdOf(groups));
        if (words.Count > 0)
            stub.WordsId = IdOf("", [.. words], false);
        foreach (var column in values)
        {
            var head = heads.Heads[column.Index];
            var path = new List<string>();
            foreach (var (level, text) in head.Labels)
                if (known.GetValueOrDefault(level) is { } id && IsOf(id, text))
                    column.Coordinates.Add(new Coordinate(id, text));
                else
                    path.Add(text);
            column.Coordinates.AddRange(head.Named);
            if (path.Count > 0)
                column.Coordinates.Add(new Coordinate(pathId!, string.Join(" > ", path)));
            if (head.Code is { } code)
                column.Coordinates.Add(new Coordinate(SeriesCodeId, code));
            column.Unit = head.Unit ?? cornerUnit;
            column.Title = head.Title;
            column.Name = head.Title.Length > 0 ? head.Title : column.Name;
        }
        if (pathId is null && stub.GroupId != Concepts.Indicator && !labels.Exists(l => l.Id == Concepts.Indicator) && (preamble.Indicator ?? preamble.Caption) is { } caption)
        {
            var text = Preamble.WithoutPeriod(caption, caption);
            foreach (var column in values)
                column.Coordinates.Add(new Coordinate(Concepts.Indicator, text));
        }
    }

    /// <summary>The dimension of headings between the rows: what has a unit of its own is an indicator.</summary>
    private string GroupIdOf(HashSet<string> groups)
    {
        stub.AreIndicators = !taken.Contains(Concepts.Indicator) && groups.Count(g => StubReader.UnitOf(g).Length > 0) * 2 > groups.Count;
        return stub.AreIndicators ? Concepts.Indicator : GroupId;
    }

    private string IdOf(string name, List<string> texts, bool isIndicator, string fallback = ItemId)
    {
        var concept = LayoutFinder.ConceptOf(name);
        return Taken(concept?.Parent == "DIMENSION" ? concept.Id : ConceptOf(texts) ?? (name.Length > 0 ? LayoutFinder.IdOf(name, language) : isIndicator ? Concepts.Indicator : fallback));
    }

    private string Taken(string id)
    {
        for (var n = 2; !taken.Add(id); n++)
            id = (id.Length > 2 && id[^2] == '_' && char.IsAsciiDigit(id[^1]) ? id[..^2] : id) + "_" + n;
        return id;
    }

    /// <summary>The concept that most of some labels are codes of; null when there is none.</summary>
    private static string? ConceptOf(List<string> texts)
    {
        if (texts.Count == 0)
            return null;
        foreach (var (id, vocabulary) in new[] { ("SEX", "sexes"), (Concepts.RefArea, "areas"), (Concepts.Activity, "industries") })
        {
            var words = Vocabulary.Load(vocabulary);
            if (texts.Count(t => words.Find(t) is not null) * 10 >= texts.Count * 6)
                return texts.Count == 1 && texts[0].Length < 3 ? null : id;
        }
        return null;
    }

    private static bool IsOf(string id, string text) => id switch
    {
        "SEX" => Vocabulary.Load("sexes").Find(text) is not null,
        _ => true,
    };

    private void Walk(StubReader walker, Action row)
    {
        using var reader = grid.OpenAt(grid.Rows[block.FirstData].Row);
        int first = grid.Rows[block.FirstData].Row, last = grid.Rows[block.LastData].Row;
        var values = valueRows.Select(r => grid.Rows[r].Row).ToHashSet();
        var skipped = block.Skipped.Select(r => grid.Rows[r].Row).ToHashSet();
        while (reader.Read() && reader.Row <= last)
        {
            if (reader.Row < first || skipped.Contains(reader.Row))
                continue;
            if (values.Contains(reader.Row))
            {
                walker.Row(reader);
                row();
            }
            else
            {
                walker.Heading(reader);
            }
        }
    }

    /// <summary>Columns that would be the same series are told apart by their unit, else by a number.</summary>
    private void Distinct(List<ColumnPlan> values)
    {
        string Key(ColumnPlan c) => string.Join('\n', c.Coordinates.Where(x => x.Id != SeriesCodeId).OrderBy(x => x.Id, StringComparer.Ordinal).Select(x => x.Id + "=" + x.Label)) + "\n" + c.Part?.ToString();
        foreach (var same in values.GroupBy(Key).Where(g => g.Count() > 1).ToList())
        {
            var byUnit = same.Select(c => heads.Heads[c.Index].UnitText).Distinct().Count() == same.Count();
            var n = 0;
            foreach (var column in same)
            {
                n++;
                var suffix = byUnit ? heads.Heads[column.Index].UnitText : n == 1 ? "" : $"({n})";
                if (suffix.Length == 0)
                    continue;
                var at = column.Coordinates.FindIndex(x => x.Id is Concepts.Indicator or MeasureId);
                if (at >= 0)
                    column.Coordinates[at] = column.Coordinates[at] with { Label = column.Coordinates[at].Label + (byUnit ? " > " : " ") + suffix };
                else
                    column.Coordinates.Add(new Coordinate(stub.Labels.Any(l => l.Id == Concepts.Indicator) ? MeasureId : Concepts.Indicator, suffix));
            }
            if (!byUnit)
            {
                Doubt(0.2, $"{same.Count()} columns have the same header, {same.First().Name}, and are told apart by a number");
            }
        }
    }

    /// <summary>Rows that would be the same are told apart by a number.</summary>
    private void Numbered(Layout layout)
    {
        var reader = new StubReader(stub, grid);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var again = 0;
        Walk(reader, () => again += seen.Add(reader.Key(layout)) ? 0 : 1);
        if (again == 0)
            return;
        if (beside < MaxBeside && Beside() is { } label)
        {
            beside++;
            stub.Columns.Add(label);
            label.Name = ColumnHeads.Words(HeadText(label.Index));
            label.Id = IdOf(label.Name, [.. columns[label.Index].Profile.Texts], false);
            columns[label.Index].Use = ColumnUse.Label;
            Numbered(layout);
            return;
        }
        stub.Numbered = true;
        Doubt(0.2, $"{Counted.Of(again, "row is named as another row is, and is", "rows are named as another row is, and are")} told apart by a number");
        findings.Add(new Finding(Severity.Warning, "rows-alike", $"{Counted.Of(again, "row has", "rows have")} the same labels and period as another row; the dimension {Stub.LineId} tells them apart.")
        {
            Where = grid.Where(layout.FirstDataRow),
            Expected = "each row named differently",
            Advice = "Name the rows differently, or put a heading over each group of rows.",
        });
    }

    /// <summary>A column of words right of the values that may tell rows apart: its name says it is no remark, and it has few different words.</summary>
    private StubColumn? Beside()
    {
        for (var c = block.Left; c < block.Right; c++)
            if (!isValue[c] && columns[c].Use == ColumnUse.Aside && columns[c].Reason == WordsReason && HeadText(c).Length > 0 && columns[c].Profile is { Numbers: 0, Filled: > 0 } profile
                && profile.Filled * 10 >= Math.Min(valueRows.Count, ProfileRows) * 9 && profile.Texts.Count * 2 <= profile.Filled)
                return new StubColumn(c, StubUse.Label);
        return null;
    }

    private string KindOf(List<ColumnPlan> values)
    {
        var across = values.Exists(c => c.Part is not null);
        var down = stub.Columns.Exists(c => c.Use == StubUse.Period);
        return across && down ? "periods across and down" : across ? "periods across" : down ? "periods down, measures across" : "a crossing of rows and columns";
    }
}
