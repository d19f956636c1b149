using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What a column beside the values does for its rows.</summary>
internal enum StubUse
{
    /// <summary>Labels; blanks repeat the label above.</summary>
    Label,

    /// <summary>Codes of the labels beside them.</summary>
    Code,

    /// <summary>Periods, or parts of them.</summary>
    Period,

    /// <summary>Units.</summary>
    Unit,
}

/// <summary>A column of a stub.</summary>
/// <param name="Index">The column, from 0.</param>
/// <param name="Use">What it does.</param>
internal sealed record StubColumn(int Index, StubUse Use)
{
    /// <summary>The dimension of its labels; empty where another column's takes them.</summary>
    public string Id { get; set; } = "";

    /// <summary>The name that stands over it.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether what stands over it is the table's unit and no name.</summary>
    public bool IsCorner { get; set; }

    /// <summary>What bare numbers in it count.</summary>
    public PeriodUnit? Unit { get; init; }

    /// <summary>The column with the labels of its codes, from 0; -1 for that of the row's own label.</summary>
    public int LabelIndex { get; init; } = -1;

    /// <summary>Whether <c>2009-10</c> spans two years; null where the column does not tell.</summary>
    public bool? Spans { get; init; }

    /// <summary>What a date in it stands for.</summary>
    public DateStep Step { get; init; }

    /// <summary>How <c>2023.9</c> and <c>2023.10</c> in it are read; null where it is not of such.</summary>
    public DottedPeriods? Dotted { get; init; }

    /// <summary>Whether the month stands before the day.</summary>
    public bool MonthFirst { get; set; }

    /// <summary>Whether a profile says what stands first, so that the dates need not tell.</summary>
    public bool IsOrderStated { get; set; }

    /// <summary>Whether the words are not the vocabulary's, though some of them are.</summary>
    public bool IsForeign { get; set; }

    /// <summary>Whether short codes among the words are no countries'.</summary>
    public bool HasForeignCodes { get; set; }

    /// <summary>Whether a word is not the vocabulary's.</summary>
    public bool Disowns(string word) => IsForeign || (HasForeignCodes && AreaCodes.IsShort(word));
}

/// <summary>How the rows of a table are named: decided once, then walked row by row by a <see cref="StubReader"/>.</summary>
internal sealed class Stub
{
    /// <summary>The columns, from left to right.</summary>
    public required List<StubColumn> Columns { get; init; }

    /// <summary>Whether several columns of labels are the levels of one dimension.</summary>
    public bool IsStaircase { get; set; }

    /// <summary>Whether the labels are in a hierarchy: by indent, by bold, by numbering.</summary>
    public bool IsHierarchy { get; set; }

    /// <summary>Whether bold labels stand over the others.</summary>
    public bool BoldRanks { get; set; }

    /// <summary>Whether the numbering of the labels ranks them.</summary>
    public bool NumbersRank { get; set; }

    /// <summary>Whether the same label stands under several others, so that its code needs its path.</summary>
    public bool NeedsPaths { get; set; }

    /// <summary>The dimension of the headings between the rows; null when there are none.</summary>
    public string? GroupId { get; set; }

    /// <summary>Whether the headings between the rows say what is measured, and in what unit.</summary>
    public bool AreIndicators { get; set; }

    /// <summary>The dimension of words in a column of periods that are none (<c>Percent change</c>); null when there are none.</summary>
    public string? WordsId { get; set; }

    /// <summary>Whether every row has a label or a period of its own: one without belongs to no row above it.</summary>
    public bool NamesEach { get; set; }

    /// <summary>Whether labels end in the period that their row is about, and rows of the same label have the period only: <c>Central 00/01</c>, <c>05/06</c>.</summary>
    public bool EndsInPeriods { get; set; }

    /// <summary>Whether equal rows are told apart by a number.</summary>
    public bool Numbered { get; set; }

    /// <summary>Rows, from 1, that are headings though the labels below do not rank under them.</summary>
    public HashSet<int> GroupRows { get; } = [];

    /// <summary>The columns of labels.</summary>
    public IEnumerable<StubColumn> Labels => Columns.Where(c => c.Use == StubUse.Label);

    /// <summary>The dimensions that the rows fill, with the names that stand over them.</summary>
    public IEnumerable<(string Id, string Name)> Dimensions()
    {
        if (GroupId is not null)
            yield return (GroupId, "");
        foreach (var column in Labels)
            if (column.Id.Length > 0)
                yield return (column.Id, column.Name);
        if (WordsId is not null)
            yield return (WordsId, "");
        if (Numbered)
            yield return (LineId, "");
    }

    /// <summary>The dimension that tells equal rows apart.</summary>
    public const string LineId = "LINE";
}

/// <summary>A label with its rank in the hierarchy of a stub.</summary>
internal readonly record struct Ranked(string Label, int Rank, bool IsPart);

/// <summary>Walks the rows of a table and knows for each what it is about: labels, headings above, parents, period, unit.</summary>
internal sealed class StubReader
{
    private static readonly string[] PartMarks = ["其中", "#其中", "＃其中", "of which", "of whom", "including"];
    private static readonly Vocabulary PartWords = Vocabulary.Load("part-marks");

    private readonly Stub stub;
    private readonly Table table;
    private readonly StubColumn[] labels;
    private readonly string[] current;
    private readonly string[] codes;
    private readonly bool[] fromHeading;
    private readonly int[] until;
    private readonly List<Ranked> stack = [];
    private readonly List<(string Label, string Look, string Unit)> groups = [];
    private readonly Dictionary<(int, int), int> mergedUntil = [];
    private readonly HashSet<string> labelled = new(StringComparer.Ordinal);
    private bool afterHeading, isWhole, statesYears;
    private string groupUnit = "";
    private PeriodPart? groupPart, yearPart, lastPart;

    public StubReader(Stub stub, Table table)
    {
        (this.stub, this.table) = (stub, table);
        labels = [.. stub.Labels];
        current = new string[labels.Length];
        codes = new string[labels.Length];
        Array.Fill(codes, "");
        fromHeading = new bool[labels.Length];
        until = new int[labels.Length];
        Array.Fill(current, "");
        foreach (var range in table.Shape.Merged)
            if (range.LastRow > range.FirstRow)
                mergedUntil.TryAdd((range.FirstRow, range.FirstColumn), range.LastRow);
    }

    /// <summary>The labels of the current row by column of labels; with <see cref="Stub.IsStaircase"/> all in one dimension, the last one counts.</summary>
    public IReadOnlyList<string> Current => current;

    /// <summary>The row's label in a hierarchy, last, and its parents, from the top; <c>of which</c> between them names nothing.</summary>
    public IReadOnlyList<Ranked> Path => stack.Exists(p => IsPartMark(p.Label)) ? [.. stack.Where((p, i) => i == stack.Count - 1 || !IsPartMark(p.Label))] : stack;

    /// <summary>The headings above the row, from the top.</summary>
    public IEnumerable<string> Groups => groups.Select(g => g.Label);

    /// <summary>The unit that the headings above the row state beside what they name; empty when they state none.</summary>
    public string UnitOfGroup => groups.FindLast(g => g.Unit.Length > 0).Unit ?? "";

    /// <summary>The headings above the row, from the top, without the units that they state.</summary>
    public IEnumerable<string> GroupNames => groups.Select(g => g.Unit.Length > 0 ? Pipeline.Understanding.Labels.SplitBrackets(g.Label).Name : g.Label);

    /// <summary>What the row's cells and headings say of its period.</summary>
    public PeriodPart? Part { get; private set; }

    /// <summary>The flag on the row's period; empty when there is none.</summary>
    public string Flag { get; private set; } = "";

    /// <summary>The row's period in the table's words.</summary>
    public string PeriodText { get; private set; } = "";

    /// <summary>Words in a column of periods that are none: <c>Percent change</c>.</summary>
    public string PeriodWords { get; private set; } = "";

    /// <summary>The row's unit in the table's words; empty when it has none of its own.</summary>
    public string UnitText { get; private set; } = "";

    /// <summary>The code beside each label of the row, by column of labels; empty where it has none.</summary>
    public IReadOnlyList<string> Codes => codes;

    /// <summary>The code beside the row's own label.</summary>
    public string Code => codes.Length == 0 ? "" : codes[^1];

    /// <summary>Whether the row names itself: a label or a period of its own or repeated from above.</summary>
    public bool IsNamed { get; private set; }

    /// <summary>Takes a row without values: a heading over the rows below it.</summary>
    public void Heading(RowReader reader)
    {
        var heading = "";
        var look = "";
        for (var i = 0; i < labels.Length; i++)
        {
            var cell = reader[labels[i].Index];
            if (cell.Kind == CellKind.Blank || cell.Text.IsWhiteSpace())
                continue;
            var text = ColumnHeads.Words(Text(cell));
            if (labels.Length > 1 && i < labels.Length - 1 && !stub.IsStaircase && !stub.GroupRows.Contains(reader.Row))
            {
                if (IsPartMark(text))
                    continue;
                // A label in an outer column stays for the rows below; what stood in the columns right of it is over.
                Clear(i);
                (current[i], fromHeading[i], until[i]) = (text, true, int.MaxValue);
                groups.Clear();
                afterHeading = true;
                continue;
            }
            heading = text;
            look = (cell.Bold ? "b" : "") + Math.Max(cell.Indent, Grid.LeadingSpaces(cell.Text)) + "." + NumberingOf(text);
            if ((stub.IsHierarchy || stub.IsStaircase) && !stub.GroupRows.Contains(reader.Row))
                Rank(i, cell, text);
        }
        foreach (var column in stub.Columns)
            if (column.Use == StubUse.Period && heading.Length == 0 && reader[column.Index] is { Kind: not CellKind.Blank } period)
            {
                if (TryPart(column, period, out var part) && part.IsYear)
                {
                    (yearPart, groupPart) = (part, groupPart is { IsYear: true } ? null : groupPart);
                    return;
                }
                heading = ColumnHeads.Words(Text(period));
                look = "p";
            }
        if (heading.Length == 0 || IsPartMark(heading))
            return;
        if (Preamble.UnitStated(heading, null) is not null)
        {
            groupUnit = heading;
            return;
        }
        for (var i = 0; i < labels.Length; i++)
            if (!fromHeading[i] && !stub.IsStaircase)
                (current[i], until[i]) = ("", 0);
        if (Periods.TryPart(heading, out var said) && said.Kind is not PeriodPartKind.Same)
        {
            groupPart = said;
            yearPart = null;
            if (afterHeading)
                groups.Clear();
            return;
        }
        if ((stub.IsHierarchy || stub.IsStaircase) && !stub.GroupRows.Contains(reader.Row))
            return;
        if (stub.IsHierarchy)
            stack.Clear();
        // A heading right below another one stands under it; otherwise it takes the place of the last one that looks like it.
        if (afterHeading)
        {
            var same = groups.FindIndex(g => g.Look == look);
            groups.RemoveRange(same < 0 ? 0 : same, groups.Count - (same < 0 ? 0 : same));
            // Several headings of one look above the first rows are one run: all of them end here.
            if (same > 0 && groups.Count > 0 && groups[^1].Look == look)
                groups.Clear();
        }
        groups.Add((heading, look, UnitOf(heading)));
        afterHeading = false;
    }

    /// <summary>The unit that a heading states in brackets behind what it names: <c>失业率（%）</c>; empty when it states none.</summary>
    internal static string UnitOf(string heading) => Pipeline.Understanding.Labels.SplitBrackets(heading) is ({ Length: > 0 }, { } inside) && Units.Find(inside) is not null ? inside : "";

    /// <summary>Takes a row with values.</summary>
    public void Row(RowReader reader)
    {
        afterHeading = true;
        (UnitText, PeriodText, PeriodWords, Flag, Part) = (groupUnit, "", "", "", null);
        Array.Fill(codes, "");
        isWhole = false;
        var own = false;
        for (var i = 0; i < labels.Length; i++)
        {
            var cell = reader[labels[i].Index];
            if (cell.Kind == CellKind.Blank || cell.Text.IsWhiteSpace())
                continue;
            own = true;
            var text = ColumnHeads.Words(Text(cell));
            // AFRICA | 2013, of which | 2014: the row goes on being about what stands above. Without a period of its own it would be the row above once more.
            if (IsPartMark(text) && (i < labels.Length - 1 && !stub.IsStaircase ? HasLabel(reader, i + 1) : IsAnotherPeriod(reader)))
                continue;
            if (stub.EndsInPeriods && SplitPeriod(text, out var ending) is { } label)
            {
                (Part, PeriodText) = (ending, text);
                if (label.Length == 0)
                    continue;
                text = label;
            }
            if (text.Length == 0)
                text = Labels.Clean(Text(cell));
            Clear(i);
            (current[i], fromHeading[i]) = (text, false);
            until[i] = mergedUntil.TryGetValue((reader.Row, labels[i].Index + 1), out var end) ? end : int.MaxValue;
            if (stub.IsHierarchy || stub.IsStaircase)
                Rank(i, cell, text);
        }
        for (var i = 0; i < labels.Length; i++)
            if (current[i].Length > 0 && reader.Row > until[i])
                current[i] = "";
        foreach (var column in stub.Columns)
        {
            if (column.Use == StubUse.Label)
                continue;
            var cell = reader[column.Index];
            if (cell.Kind == CellKind.Blank || cell.Text.IsWhiteSpace())
            {
                if (column.Use == StubUse.Period && stub.Columns.Exists(c => c != column && c.Use == StubUse.Period) is false && lastPart is { } kept && (own || labels.Length == 0))
                    Part = kept;
                continue;
            }
            switch (column.Use)
            {
                case StubUse.Code:
                    codes[column.LabelIndex < 0 ? labels.Length - 1 : Array.FindIndex(labels, l => l.Index == column.LabelIndex)] = new string(cell.Text.Trim());
                    break;
                case StubUse.Unit:
                    UnitText = Labels.Clean(new string(cell.Text));
                    break;
                default:
                    own = true;
                    Period(column, cell);
                    break;
            }
        }
        if (Part is null && !isWhole && PeriodWords.Length == 0 && stub.Columns.Exists(c => c.Use == StubUse.Period))
            Part = lastPart ?? yearPart;
        labelled.Add(PeriodText);
        if (groupPart is { } group)
            Part = Part is { } part ? part.Within(group) ?? part : group;
        IsNamed = own || (!stub.NamesEach && current.Any(c => c.Length > 0));
    }

    /// <summary>The path of the row's label, for people: headings, parents, labels.</summary>
    public string Title() => Title(stack);

    private string Title(IReadOnlyList<Ranked> path)
    {
        var words = Groups.ToList();
        if (stub.IsHierarchy || stub.IsStaircase)
        {
            if (!stub.IsStaircase)
                words.AddRange(current.Take(labels.Length - 1).Where(c => c.Length > 0));
            words.AddRange(path.Select(p => p.Label));
        }
        else
        {
            words.AddRange(current.Where(c => c.Length > 0));
        }
        if (PeriodWords.Length > 0)
            words.Add(PeriodWords);
        return string.Join(" > ", words);
    }

    /// <summary>What tells the row from others: its words, and its period where it can become one.</summary>
    public string Key(Layout layout) =>
        Title(Path) + "\n" + (Part is { IsComplete: false } && layout.Period is null && !layout.HasParts ? null : Part);

    private bool HasLabel(RowReader reader, int from) => Array.Exists(labels[from..], label => reader[label.Index] is { Kind: not CellKind.Blank } cell && !cell.Text.IsWhiteSpace());

    // Whether its period is none that the label above has had.
    private bool IsAnotherPeriod(RowReader reader)
    {
        var text = string.Join(' ', stub.Columns.Where(c => c.Use == StubUse.Period && !reader[c.Index].Text.IsWhiteSpace()).Select(c => Labels.Clean(Text(reader[c.Index]))));
        return text.Length > 0 && labelled.Count > 0 && !labelled.Contains(text);
    }

    private void Clear(int from)
    {
        labelled.Clear();
        for (var i = from; i < labels.Length; i++)
            (current[i], fromHeading[i], until[i]) = ("", false, 0);
        if (from < labels.Length - 1 && !stub.IsStaircase)
            stack.Clear();
    }

    private void Period(StubColumn column, in Cell cell)
    {
        var text = Text(cell);
        if (!TryPart(column, cell, out var part))
        {
            // Among the months of a year, Total is the year: the row's, or that of the column.
            isWhole = column.Unit is PeriodUnit.Month or PeriodUnit.Quarter && !statesYears && TotalNames.IsOfAll(text);
            if (isWhole)
                (Part, PeriodText) = (Part ?? yearPart, Labels.Clean(text));
            else
                PeriodWords = ColumnHeads.Words(text);
            return;
        }
        statesYears |= column.Unit is not null && part.Year is not null;
        if (Periods.TryParse(text, out _, out var flag))
            Flag = new string(flag);
        PeriodText = PeriodText.Length == 0 ? Labels.Clean(text) : PeriodText + " " + Labels.Clean(text);
        if (part.Year is { } stated)
            yearPart = PeriodPart.Of(Periods.OfYear(stated));
        if (Part is { } before)
            part = part.Within(before) ?? (part.IsComplete ? part : before);
        else if (!part.IsComplete && yearPart is { } year)
            part = part.Within(year) ?? part;
        Part = part;
        lastPart = part;
    }

    private bool TryPart(StubColumn column, in Cell cell, out PeriodPart part)
    {
        Span<char> buffer = stackalloc char[CellText.DateLength];
        var text = CellText.Of(cell, buffer);
        if (column.Dotted?.Read(DottedPeriods.TextOf(cell), lastPart?.Period) is { } dotted)
        {
            part = PeriodPart.Of(dotted);
            return true;
        }
        if (column.MonthFirst && Periods.TryParse(text, out var turned, true, column.Spans) && turned.IsPossible)
        {
            part = PeriodPart.Of(turned);
            return true;
        }
        if (column.Spans is not null && column.Step == DateStep.Day && Periods.TryParse(text, out var span, false, column.Spans) && span.IsPossible)
        {
            part = PeriodPart.Of(span);
            return true;
        }
        if (column.Step != DateStep.Day && Periods.TryParse(text, out var day) && day.IsPossible && LayoutFinder.Coarsen(day, column.Step) is { } coarse)
        {
            part = PeriodPart.Of(coarse);
            return true;
        }
        return column.Unit is { } unit ? Periods.TryPart(text, unit, out part) : Periods.TryPart(text, out part);
    }

    private void Rank(int column, in Cell cell, string text)
    {
        if (column < labels.Length - 1 && !stub.IsStaircase)
            return;
        labelled.Clear();
        var isPart = IsPartLabel(text);
        var rank = RankOf(stub, column, Math.Max(cell.Indent, Grid.LeadingSpaces(cell.Text)), cell.Bold, text);
        while (stack.Count > 0 && stack[^1].Rank >= rank && !(stack[^1].Rank == rank && isPart && !stack[^1].IsPart))
            stack.RemoveAt(stack.Count - 1);
        stack.Add(new Ranked(text, rank, isPart));
    }

    /// <summary>The label before the period that a text ends in, empty when it is a period only; null when it ends in none.</summary>
    internal static string? SplitPeriod(string text, out PeriodPart part)
    {
        part = default;
        var words = text.Trim();
        var at = words.LastIndexOf(' ');
        var last = words[(at + 1)..];
        // 00/01 spans two years
        if (last.Length == 5 && last[2] is '/' or '-' && int.TryParse(last.AsSpan(0, 2), out var from) && int.TryParse(last.AsSpan(3), out var to) && (from + 1) % 100 == to)
            last = (from < 50 ? "20" : "19") + last;
        else if (last.Length < 4)
            return null;
        if (!Periods.TryParse(last, out var period, false, true) || !period.IsPossible)
            return null;
        part = PeriodPart.Of(period);
        return at < 0 ? "" : words[..at].TrimEnd(' ', ',', ':');
    }

    /// <summary>Whether a label says that it is a part of the one above: <c>其中：</c>, <c>of which</c>.</summary>
    internal static bool IsPartLabel(string text) => Array.Exists(PartMarks, mark => text.StartsWith(mark, StringComparison.OrdinalIgnoreCase)) || text.StartsWith('#') || text.StartsWith('＃') || IsPartMark(text);

    /// <summary>Whether a label says so and nothing else: it stands over parts of what stands above it, and names nothing itself.</summary>
    internal static bool IsPartMark(string text) => PartWords.Find(text.Trim(' ', ':', '：', ',', '，', '、', '(', ')', '（', '）', '#', '＃', '*', '.', '…')) is not null;

    /// <summary>The rank of a label: the column it stands in, its indent, its weight, its numbering.</summary>
    internal static int RankOf(Stub stub, int column, int indent, bool bold, string text) =>
        (stub.IsStaircase ? column * 10_000 : 0) + (indent * 20) + (stub.NumbersRank ? NumberingOf(text) * 2 : 0) + (stub.BoldRanks && !bold ? 1 : 0);

    /// <summary>The rank of a label's numbering: <c>一、</c> 1, <c>（一）</c> 2, <c>1.</c> 3, <c>(1)</c> 4, <c>①</c> 5; 6 without one.</summary>
    internal static int NumberingOf(ReadOnlySpan<char> text)
    {
        text = text.TrimStart();
        if (text.Length < 2)
            return 6;
        var inner = text[0] is '(' or '（';
        var at = inner ? 1 : 0;
        var start = at;
        while (at < text.Length && "一二三四五六七八九十".Contains(text[at], StringComparison.Ordinal))
            at++;
        if (at > start && at < text.Length && text[at] is '、' or '.' or '．' or ')' or '）')
            return inner ? 2 : 1;
        at = start;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        if (at > start && at - start <= 2 && at < text.Length && (inner ? text[at] is ')' or '）' : text[at] is '、' or '.' or '．' or ')' or '）' && (at + 1 >= text.Length || !char.IsAsciiDigit(text[at + 1]))))
            return inner ? 4 : 3;
        return text[0] is >= '①' and <= '⑳' ? 5 : 6;
    }

    private static string Text(in Cell cell) => cell.Kind == CellKind.Date ? cell.Date.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : new string(cell.Text);
}
