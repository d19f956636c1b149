using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>One thing that a header says of a column: the code that the column has in a dimension (or attribute).</summary>
/// <param name="Id">The component.</param>
/// <param name="Label">The label.</param>
internal readonly record struct Coordinate(string Id, string Label);

/// <summary>What the rows over a column say of it.</summary>
internal sealed class ColumnHead
{
    /// <summary>The labels from the top down; empty where a level says nothing of the column.</summary>
    public List<(int Level, string Text)> Labels { get; } = [];

    /// <summary>What rows that have a name of their own say: <c>地区 | 全国 | 全国</c>.</summary>
    public List<Coordinate> Named { get; } = [];

    /// <summary>The period, or what is said of it.</summary>
    public PeriodPart? Part { get; set; }

    /// <summary>The period in the table's words.</summary>
    public string PeriodText { get; set; } = "";

    /// <summary>The unit.</summary>
    public Unit? Unit { get; set; }

    /// <summary>The unit in the table's words.</summary>
    public string UnitText { get; set; } = "";

    /// <summary>The code of the column's series.</summary>
    public string? Code { get; set; }

    /// <summary>The labels put together, for people.</summary>
    public string Title => string.Join(" > ", Words);

    /// <summary>The header's words as they stand, units in brackets included.</summary>
    public List<string> Words { get; } = [];
}

/// <summary>Reads a header of any depth: which rows are labels, periods, units and codes, and what each says of each column.</summary>
internal sealed class ColumnHeads
{
    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");
    private const string PureNumber = "PURE_NUMB";
    private const string AdjustmentId = "ADJUSTMENT";
    private readonly Grid grid;
    private readonly Block block;
    private readonly bool[] isValue;
    private readonly Findings findings;
    private readonly int stubEnd;
    private readonly bool stubHasPeriods, stubIsPeriods;
    private readonly Dictionary<int, string> stubNames = [];
    private readonly ColumnHead[] heads;
    private readonly List<int[]> owners = [];

    private ColumnHeads(Grid grid, Block block, bool[] isValue, int stubEnd, List<StubColumn> stub, Findings findings)
    {
        (this.grid, this.block, this.isValue, this.stubEnd, this.findings) = (grid, block, isValue, stubEnd, findings);
        stubHasPeriods = stub.Exists(c => c.Use == StubUse.Period);
        stubIsPeriods = stubHasPeriods && stub.TrueForAll(c => c.Use == StubUse.Period);
        heads = new ColumnHead[grid.Width];
        for (var c = block.Left; c < block.Right; c++)
            heads[c] = new ColumnHead();
    }

    /// <summary>What is said of each column, by its number.</summary>
    public IReadOnlyList<ColumnHead> Heads => heads;

    /// <summary>The names over the columns of the stub.</summary>
    public IReadOnlyDictionary<int, string> StubNames => stubNames;

    /// <summary>The number of levels of labels.</summary>
    public int Levels { get; private set; }

    /// <summary>The names of levels that a row above them gives, as pivot tables do.</summary>
    public Dictionary<int, string> LevelNames { get; } = [];

    /// <summary>Reads a header.</summary>
    /// <param name="grid">The sheet.</param>
    /// <param name="block">The table.</param>
    /// <param name="isValue">The columns whose heads are wanted.</param>
    /// <param name="stubEnd">The column after the stub.</param>
    /// <param name="stub">The columns of the stub.</param>
    /// <param name="findings">Told of dates that can be read in two ways.</param>
    public static ColumnHeads Read(Grid grid, Block block, bool[] isValue, int stubEnd, List<StubColumn> stub, Findings findings)
    {
        var reader = new ColumnHeads(grid, block, isValue, stubEnd, stub, findings);
        reader.Read();
        return reader;
    }

    private enum RowKind
    {
        Labels,
        Periods,
        Units,
        Codes,
        Counters,
        Named,
    }

    /// <summary>Reads the rows over a sheet of series.</summary>
    private void Series(IReadOnlyDictionary<int, SeriesRow> uses)
    {
        for (var c = stubEnd; c < block.Right; c++)
        {
            string Of(SeriesRow use) => uses.Where(u => u.Value == use && !grid.Rows[u.Key][c].IsBlank).Select(u => Labels.Clean(grid.Rows[u.Key][c].Text)).FirstOrDefault("");
            if (!isValue[c])
                continue;
            var head = heads[c];
            Add(head, 0, Words(Of(SeriesRow.Title)).TrimEnd(';', ' '));
            if (Of(SeriesRow.Adjustment) is { Length: > 0 } adjustment)
                head.Named.Add(new Coordinate(AdjustmentId, adjustment));
            if (SeriesSheet.UnitOf(Of(SeriesRow.UnitPrefix), Of(SeriesRow.Unit)) is { } unit)
                (head.Unit, head.UnitText) = (unit.Measure.Id == "IX" ? Units.InSentence(head.Title) ?? unit : unit, Of(SeriesRow.UnitPrefix) + Of(SeriesRow.Unit));
            head.Code = Of(SeriesRow.Code) is { Length: > 0 } code ? code : null;
        }
        Levels = 1;
    }

    private void Read()
    {
        if (block.SeriesRows is { } uses)
        {
            Series(uses);
            return;
        }
        var kinds = block.Heads.Select(h => (Row: h, Kind: KindOf(h))).ToList();
        // The numbers 1, 2, 3 under a label count the columns; on their own they are the labels.
        var hasLabels = kinds.Exists(k => k.Kind is RowKind.Labels or RowKind.Periods);
        for (var i = 0; i < kinds.Count; i++)
            if (kinds[i].Kind == RowKind.Counters && (!hasLabels || !Covers(kinds[i].Row, kinds)))
                kinds[i] = (kinds[i].Row, RowKind.Labels);
        var level = 0;
        foreach (var (row, kind) in kinds)
        {
            if (kind == RowKind.Labels && AxisNames(row, kinds) is { } names)
            {
                for (var i = 0; i < names.Count; i++)
                    LevelNames[level + i] = names[i];
                continue;
            }
            var name = StubText(row);
            Name(row, kind, name, kinds);
            switch (kind)
            {
                case RowKind.Labels when NamesPeriods(row, kinds):
                case RowKind.Counters:
                    continue;
                case RowKind.Codes:
                    foreach (var (column, _, cell) in Expand(row, false))
                        heads[column].Code = Labels.Clean(cell.Text);
                    continue;
                case RowKind.Units:
                    foreach (var (column, _, cell) in OnlyCell(row) is { } only ? Enumerable.Range(stubEnd, block.Right - stubEnd).Where(c => isValue[c]).Select(c => (c, c, only)) : Expand(row, true))
                        if (Units.Find(cell.Text) is { } unit)
                            (heads[column].Unit, heads[column].UnitText) = (unit, Labels.Clean(cell.Text));
                        else
                            Add(heads[column], level, Words(cell.Text));
                    level++;
                    continue;
                case RowKind.Named:
                    foreach (var (column, _, cell) in Expand(row, true))
                        heads[column].Named.Add(new Coordinate(ConceptWords.Find(name)!.Id, Words(cell.Text)));
                    continue;
                case RowKind.Periods:
                    Period(row, name, level++);
                    continue;
                default:
                    Label(row, level++, !kinds.Exists(k => k.Row > row && k.Kind is RowKind.Labels or RowKind.Periods or RowKind.Units));
                    continue;
            }
        }
        Levels = level;
        Join();
    }

    private void Label(int row, int level, bool isLast)
    {
        var owner = new int[grid.Width];
        Array.Fill(owner, -1);
        var carried = Carried(row);
        var spans = Periods.Spans(PeriodsOf(row));
        var over = Expand(row, !isLast || grid.HasMerged(grid.Rows[row].Row)).ToList();
        var dated = stubHasPeriods ? [] : DatedNames.Split(over.Select(o => Words(o.Cell.Text)).ToHashSet(StringComparer.Ordinal), areAll: isLast && level == 0);
        foreach (var (column, from, cell) in over)
        {
            owner[column] = from;
            if (heads[column].Part is null && dated.TryGetValue(Words(cell.Text), out var name))
            {
                (heads[column].Part, heads[column].PeriodText) = (PeriodPart.Of(name.Period), name.Words);
                Add(heads[column], level, name.Name);
                continue;
            }
            // Among names a period stands over its column: Region | Area | 2021
            if (carried is null && isLast && from == column && heads[column].Part is null && grid.Look(row, column) is Look.Year or Look.WordedPeriod && Periods.TryParse(Words(cell.Text), out var own, false, spans) && own.IsPossible)
            {
                (heads[column].Part, heads[column].PeriodText) = (PeriodPart.Of(own), Labels.Clean(cell.Text));
                continue;
            }
            if (carried is not null && carried[column] >= 0)
            {
                var stated = grid.Rows[row][carried[column]].Text;
                if (heads[column].Part is null && (Periods.TryParse(stated, out var period, false, spans) && period.IsPossible))
                    (heads[column].Part, heads[column].PeriodText) = (PeriodPart.Of(period), Labels.Clean(stated));
                if (carried[column] == from)
                    continue;
            }
            Add(heads[column], level, Words(cell.Text));
        }
        owners.Add(owner);
    }

    /// <summary>Adds a label to a column's, and takes the unit that it states.</summary>
    private static void Add(ColumnHead head, int level, string text)
    {
        if (text.Length == 0 || (head.Words.Count > 0 && head.Words[^1] == text))
            return;
        head.Words.Add(text);
        var (name, inside) = Labels.SplitBrackets(text);
        if (inside is not null && Units.Find(inside) is { } unit)
        {
            (head.Unit, head.UnitText) = (unit, inside);
            text = name;
        }
        else if (Units.OfRate(text) is { } rate && (head.Unit is null || Units.AddUp(head.Unit.Measure)))
        {
            // 地区生产总值（亿元） over 位次 and 增速: neither counts money
            head.Unit = rate;
        }
        else if (head.Unit is null && Units.BehindComma(text) is { } behind)
        {
            head.Unit = behind;
        }
        else if (Units.Find(text) is { Multiplier: 0 } count && count.Measure.Id == PureNumber)
        {
            // "Number" beside "Value": counts, whatever the table's unit is.
            head.Unit = count;
        }
        if (text.Length > 0)
            head.Labels.Add((level, text));
    }

    private IEnumerable<string> PeriodsOf(int row) =>
        Enumerable.Range(stubEnd, block.Right - stubEnd).Where(c => grid.Look(row, c) is Look.WordedPeriod or Look.Year).Select(c => grid.Rows[row][c].Text);

    /// <summary>
    /// For each column the one whose period it shares: in <c>2009-10 | flag | surveyed | 2010-11 | flag | surveyed</c> a period stands over the columns up to
    /// the next one. Null when a row is not like that.
    /// </summary>
    private int[]? Carried(int row)
    {
        var at = new List<int>();
        var others = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var c = stubEnd; c < Math.Min(block.Right, grid.Rows[row].Cells.Length); c++)
            if (grid.Look(row, c) is Look.WordedPeriod or Look.Year)
                at.Add(c);
            else if (!grid.Rows[row][c].IsBlank)
                others[grid.Rows[row][c].Text] = others.GetValueOrDefault(grid.Rows[row][c].Text) + 1;
        if (at.Count < 2 || others.Count == 0 || others.Values.Any(n => n < 2) || at[0] != Enumerable.Range(stubEnd, block.Right - stubEnd).FirstOrDefault(c => isValue[c], -1))
            return null;
        var carried = new int[grid.Width];
        Array.Fill(carried, -1);
        for (var i = 0; i < at.Count; i++)
            Array.Fill(carried, at[i], at[i], (i + 1 < at.Count ? at[i + 1] : carried.Length) - at[i]);
        return carried;
    }

    private void Period(int row, string name, int level)
    {
        var owner = new int[grid.Width];
        Array.Fill(owner, -1);
        var unit = Periods.UnitNamed(name);
        var isWeek = Periods.IsWeekWord(name);
        var texts = PeriodsOf(row).ToList();
        var spans = Periods.Spans(texts);
        var step = LayoutFinder.StepOf(texts);
        var monthFirst = Periods.OrderOf(texts) == DayOrder.MonthFirst;
        if (Periods.OrderOf(texts) == DayOrder.Either && Enumerable.Range(stubEnd, block.Right - stubEnd).First(c => Periods.OrderOf(grid.Rows[row][c].Text.AsSpan()) == DayOrder.Either) is var first)
            findings.Add(TableStream.Undecided(grid.Where(grid.Rows[row].Row, first + 1), grid.Rows[row][first].Text, false, canBeStated: false));
        var dotted = DottedPeriods.Of(Enumerable.Range(stubEnd, block.Right - stubEnd).Where(c => isValue[c]).Select(c => DottedPeriods.TextOf(grid.Rows[row][c])), name);
        Period? before = null;
        foreach (var (column, from, cell) in Expand(row, true))
        {
            owner[column] = from;
            var text = CutName(cell.Text);
            PeriodPart part;
            if (dotted?.Read(DottedPeriods.TextOf(cell), before) is { } month)
                (before, text) = (month, month.Id);
            if (Periods.TryParse(text, out var period, monthFirst, spans) && period.IsPossible)
            {
                if (isWeek || (step == DateStep.Day && heads[column].Part is { Kind: PeriodPartKind.Week } && period.Freq == "D"))
                    period = Periods.IsoWeekOf(period, EndsWeek(name)) ?? period;
                part = PeriodPart.Of(LayoutFinder.Coarsen(period, step) ?? period);
                if (heads[column].Part is { IsComplete: false })
                    heads[column].Part = null;
            }
            else if (!(unit is { } known ? Periods.TryPart(text, known, out part) : Periods.TryPart(text, out part)))
            {
                Add(heads[column], level, Words(cell.Text));
                continue;
            }
            else if (part.Kind == PeriodPartKind.Day && heads[column].Part is { Kind: PeriodPartKind.Week or PeriodPartKind.Weeks })
            {
                continue;
            }
            if (part.Kind == PeriodPartKind.Cumulative)
                Add(heads[column], level, Words(cell.Text));
            heads[column].Part = heads[column].Part is not { } above ? part : part.Within(above) ?? (part.IsComplete ? part : above);
            heads[column].PeriodText = heads[column].PeriodText.Length == 0 ? Labels.Clean(cell.Text) : heads[column].PeriodText + " " + Labels.Clean(cell.Text);
        }
        owners.Add(owner);
    }

    /// <summary>Whether a date that the row's name speaks of ends its week; null when it does not say.</summary>
    internal static bool? EndsWeek(string name) => name.Contains("begin", StringComparison.OrdinalIgnoreCase) || name.Contains("commenc", StringComparison.OrdinalIgnoreCase)
        || name.Contains("start", StringComparison.OrdinalIgnoreCase) ? false : name.Contains("end", StringComparison.OrdinalIgnoreCase) ? true : null;

    private void Name(int row, RowKind kind, string name, List<(int Row, RowKind Kind)> kinds)
    {
        if (name.Length == 0 || kind is RowKind.Named)
            return;
        // Over a stub of other things, a word for time or for codes names the row that it stands in.
        var names = kind switch
        {
            RowKind.Periods => (IsTimeWord(name) && !stubHasPeriods) || kinds.Count(k => k.Kind == RowKind.Periods) > 1 && IsTimeWord(name),
            RowKind.Units => ConceptWords.Find(name)?.Id == Concepts.UnitMeasure || ConceptWords.Find(name)?.Id == Concepts.UnitMult,
            RowKind.Codes or RowKind.Counters => true,
            _ => stubIsPeriods && ConceptWords.Find(name) is { Parent: "DIMENSION" },
        };
        if (names)
            return;
        for (var c = block.Left; c < stubEnd; c++)
        {
            var text = Words(grid.Rows[row][c].Text);
            if (text.Length == 0)
                continue;
            stubNames[c] = stubNames.TryGetValue(c, out var upper) && !upper.Equals(text, StringComparison.Ordinal) ? Labels.Clean(upper + " " + text) : text;
        }
    }

    /// <summary>The names in a pivot table's row of fields: as many, side by side from the first column of values, as there are rows of labels below.</summary>
    private List<string>? AxisNames(int row, List<(int Row, RowKind Kind)> kinds)
    {
        var below = kinds.Count(k => k.Row > row);
        var first = Enumerable.Range(stubEnd, block.Right - stubEnd).FirstOrDefault(c => isValue[c], -1);
        var filled = Enumerable.Range(stubEnd, Math.Max(0, Math.Min(block.Right, grid.Rows[row].Cells.Length) - stubEnd)).Where(c => !grid.Rows[row][c].IsBlank).ToList();
        if (below < 2 || first < 0 || filled.Count != below || filled[0] != first || filled[^1] != first + below - 1 || grid.HasMerged(grid.Rows[row].Row) || Enumerable.Range(first, block.Right - first).Count(c => isValue[c]) <= below)
            return null;
        return filled.ConvertAll(c => Words(grid.Rows[row][c].Text));
    }

    /// <summary>Whether a row says of the columns only what the periods below it are called: <c>Region | Year</c> over <c>| 2020 | 2021</c>.</summary>
    private bool NamesPeriods(int row, List<(int Row, RowKind Kind)> kinds)
    {
        var texts = Enumerable.Range(stubEnd, Math.Max(0, Math.Min(block.Right, grid.Rows[row].Cells.Length) - stubEnd)).Select(c => grid.Rows[row][c].Text).Where(t => t.Length > 0).ToList();
        return texts.Count == 1 && IsTimeWord(Words(texts[0])) && kinds.Exists(k => k.Row > row && k.Kind == RowKind.Periods);
    }

    private static bool IsTimeWord(string name) => Periods.UnitNamed(name) is not null || Periods.IsWeekWord(name) || ConceptWords.Find(name) is { Parent: "TIME" };

    private string StubText(int row)
    {
        for (var c = block.Left; c < stubEnd; c++)
            if (!grid.Rows[row][c].IsBlank)
                return Words(grid.Rows[row][c].Text);
        return "";
    }

    private RowKind KindOf(int row)
    {
        int periods = 0, units = 0, codes = 0, filled = 0;
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        var name = StubText(row);
        var unit = Periods.UnitNamed(name);
        var sequence = Header.SequenceOf(grid.Rows[row], c => c < stubEnd ? Look.Blank : grid.Look(row, c), block.Left, block.Right);
        for (var c = stubEnd; c < Math.Min(block.Right, grid.Rows[row].Cells.Length); c++)
        {
            var cell = grid.Rows[row][c];
            var look = grid.Look(row, c);
            if (look == Look.Blank || !isValue[c] && !CoversValue(row, c))
                continue;
            filled++;
            distinct.Add(cell.Text);
            periods += look is Look.WordedPeriod or Look.PeriodPart or Look.Year || (look == Look.Number && sequence == Sequence.Years) || (unit is not null && look == Look.Number) || Periods.TryPart(CutName(cell.Text), out _) ? 1 : 0;
            units += cell.Kind == CellKind.Text && Units.Find(cell.Text) is not null ? 1 : 0;
            codes += IsSeriesCode(cell.Text) ? 1 : 0;
        }
        if (filled == 0)
            return RowKind.Labels;
        if (sequence == Sequence.Ordinals && unit is null)
            return RowKind.Counters;
        if (periods * 2 >= filled && (periods > units || sequence == Sequence.Years) && (IsTimeWord(name) || !NumberedThings.GoBeyond(distinct)))
            return RowKind.Periods;
        if (units > 0 && units * 10 >= filled * 8)
            return RowKind.Units;
        if ((codes == filled && distinct.Count == filled && filled > 1) || (codes * 10 >= filled * 8 && IsCodeWord(name)))
            return RowKind.Codes;
        return ConceptWords.Find(name) is { Parent: "DIMENSION" } concept && concept.Id != Concepts.Indicator && stubIsPeriods && block.Heads.Count > 1 ? RowKind.Named : RowKind.Labels;
    }

    private bool CoversValue(int row, int column)
    {
        for (var c = column; c < block.Right; c++)
        {
            if (c > column && !grid.Rows[row][c].IsBlank)
                return false;
            if (isValue[c])
                return true;
        }
        return false;
    }

    /// <summary>The only cell of a row of units, over the first column of values: it is the unit of all where nothing but the period tells them apart; null where there are more, or a merged range says what it stands over.</summary>
    private GridCell? OnlyCell(int row)
    {
        var first = Enumerable.Range(stubEnd, block.Right - stubEnd).FirstOrDefault(c => isValue[c], -1);
        var filled = Enumerable.Range(stubEnd, Math.Max(0, Math.Min(block.Right, grid.Rows[row].Cells.Length) - stubEnd)).Where(c => !grid.Rows[row][c].IsBlank).ToList();
        return filled is [var only] && only == first && Enumerable.Range(stubEnd, block.Right - stubEnd).All(c => !isValue[c] || heads[c] is { Labels.Count: 0, Part: not null }) && !grid.HasMerged(grid.Rows[row].Row) ? grid.Rows[row][only] : null;
    }

    private static bool IsCodeWord(string name) => name.EndsWith("code", StringComparison.OrdinalIgnoreCase) || name.EndsWith("codes", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("代码", StringComparison.Ordinal) || name.EndsWith("编码", StringComparison.Ordinal) || name.Equals("CDID", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("id", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a text looks like a series' code: capitals and digits, both, and nothing else.</summary>
    private static bool IsSeriesCode(string text)
    {
        int letters = 0, digits = 0;
        foreach (var c in text.AsSpan().Trim().Trim("()（） "))
        {
            if (char.IsAsciiLetterUpper(c))
                letters++;
            else if (char.IsAsciiDigit(c))
                digits++;
            else if (c is not ('.' or '_' or '-'))
                return false;
        }
        return letters is > 0 and <= 16 && letters + digits is >= 3 and <= 24;
    }

    /// <summary>Whether labels stand over every column that a row of counters numbers.</summary>
    private bool Covers(int row, List<(int Row, RowKind Kind)> kinds)
    {
        var labelled = kinds.Where(k => k.Kind is RowKind.Labels or RowKind.Periods && k.Row != row).SelectMany(k => Expand(k.Row, true)).Select(e => e.Column).ToHashSet();
        for (var c = stubEnd; c < block.Right; c++)
            if (isValue[c] && !grid.Rows[row][c].IsBlank && !labelled.Contains(c))
                return false;
        return true;
    }

    /// <summary>Gives each column of values the cell of a row that stands over it: its own, a merged one, or the last one to the left.</summary>
    private IEnumerable<(int Column, int From, GridCell Cell)> Expand(int row, bool fill)
    {
        var line = grid.Rows[row];
        int from = -1, until = int.MaxValue;
        for (var c = stubEnd; c < block.Right; c++)
        {
            if (!line[c].IsBlank)
            {
                from = c;
                until = int.MaxValue;
                foreach (var range in grid.MergedAt(line.Row, c + 1))
                    until = range.LastColumn;
                if (grid.HasMerged(line.Row) && until == int.MaxValue && NextIsMerged(line, c))
                    until = c + 1;
            }
            else if (c + 1 > until || owners.Exists(o => o[c] == c) || grid.IsCovered(line.Row, c + 1, from))
            {
                from = -1;
            }
            if (from >= 0 && isValue[c] && (fill || from == c))
                yield return (c, from, line[from]);
        }
    }

    /// <summary>Whether the cells right of a cell belong to a merged range that begins above: the cell then stands over its own column only.</summary>
    private bool NextIsMerged(GridRow line, int column) => column + 1 < block.Right && line[column + 1].IsBlank && grid.IsCovered(line.Row, column + 2, -1);

    /// <summary>Puts texts that were broken over rows together again: a label over one column, where its row groups no columns.</summary>
    private void Join()
    {
        var groups = Enumerable.Range(0, Levels).Select(Groups).ToArray();
        for (var c = stubEnd; c < block.Right; c++)
        {
            var labels = heads[c].Labels;
            for (var i = labels.Count - 2; i >= 0; i--)
            {
                var lower = labels[i + 1].Text;
                var goesOn = lower.Length > 0 && (char.IsLower(lower[0]) || lower[0] is '(' or '（') || labels[i].Text.EndsWith('-');
                if (!groups[labels[i].Level] || (goesOn && IsAlone(labels[i], c)))
                {
                    labels[i] = (labels[i].Level, Labels.Clean(labels[i].Text.EndsWith('-') ? labels[i].Text[..^1] + lower : labels[i].Text + " " + lower));
                    labels.RemoveAt(i + 1);
                }
            }
        }
    }

    /// <summary>Whether a label of a level stands over more than one column.</summary>
    private bool Groups(int level) => Enumerable.Range(stubEnd, block.Right - stubEnd).Any(c => isValue[c] && heads[c].Labels.Exists(l => l.Level == level) && !IsAlone(heads[c].Labels.First(l => l.Level == level), c));

    private bool IsAlone((int Level, string Text) label, int column)
    {
        bool Has(int c) => heads[c].Labels.Exists(l => l.Level == label.Level && l.Text == label.Text);
        for (var c = column + 1; c < block.Right; c++)
            if (isValue[c])
            {
                if (Has(c))
                    return false;
                break;
            }
        for (var c = column - 1; c >= stubEnd; c--)
            if (isValue[c])
                return !Has(c);
        return true;
    }

    /// <summary>A header's words: white space collapsed, footnote marks cut off.</summary>
    internal static string Words(string text) => Labels.WithoutMarks(Labels.Clean(text));

    private static string CutName(string text) => Labels.WithoutMarks(text.Trim());
}
