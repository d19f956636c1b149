using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <content>The rows of a table that was laid out for people: what names them is carried from row to row.</content>
internal sealed partial class TableStream
{
    private const int MaxTitles = 250_000;
    private const int MaxLines = 1 << 20;
    private readonly StubReader? stub;
    private readonly List<LabelCodes> labelCodes = [];
    private readonly Dictionary<(PeriodPart Row, int Column), (int Time, int Freq)> periodsOf = [];
    private readonly Dictionary<string, int> paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> lines = new(StringComparer.Ordinal);
    private int groupAt = -1, wordsAt = -1, lineAt = -1, titleAt = -1, rowTitleNumber, rowPartNumber;
    private string rowTitle = "";
    private PeriodPart? rowPart;
    private bool haveUnits;
    private string rowPeriodText = "";

    /// <summary>The codes of a column of labels: text to code, and the unit that the text states in brackets.</summary>
    private sealed record LabelCodes(StubColumn Column, int At, Coder Coder)
    {
        public Dictionary<string, (int Code, int Unit)> Known { get; } = new(StringComparer.Ordinal);
    }

    private void OpenStub()
    {
        groupAt = layout.Stub!.GroupId is { } group ? builder.IndexOf(group) : -1;
        wordsAt = layout.Stub.WordsId is { } words ? builder.IndexOf(words) : -1;
        lineAt = layout.Stub.Numbered ? builder.IndexOf(Stub.LineId) : -1;
        titleAt = builder.IndexOf(CrossTable.TitleId);
        haveUnits = layout.Of(ColumnUse.Value).Any(c => c.Unit is { } unit && unit.Measure.Id != Concepts.Unspecified && !Units.IsRate(unit));
        foreach (var column in layout.Stub.Labels)
            labelCodes.Add(new LabelCodes(column, column.Id.Length == 0 ? -1 : builder.IndexOf(column.Id), column.Id.Length == 0 ? builder.Coders[0] : builder[column.Id]));
    }

    private void CrossRow(RowReader reader)
    {
        if (layout.Skipped.Contains(reader.Row))
            return;
        Asides(reader);
        if (!HasValue(reader))
        {
            stub!.Heading(reader);
            return;
        }
        PrepareCross(reader);
        foreach (var column in values)
        {
            if (column.Index >= reader.Count)
                break;
            var cell = reader[column.Index];
            if (cell.Kind == CellKind.Blank || (cell.Kind == CellKind.Text && cell.Text.IsWhiteSpace()))
                continue;
            result.Reconciliation.CellsIn++;
            met++;
            if (rowProblem is not null)
                SetAside(rowProblem, reader.Row, column.Index);
            else
                Observe(column, cell, reader);
        }
    }

    /// <summary>Says so where no date of the rows tells whether the day or the month comes first, or days were taken for quarters.</summary>
    private void TellOrder()
    {
        foreach (var column in layout.Stub!.Columns.Where(c => c.Use == StubUse.Period))
            TellQuarters(column.Index, column.Step);
        foreach (var column in layout.Stub!.Columns.Where(c => c.Use == StubUse.Period && !c.IsOrderStated))
            if (layout.Column(column.Index)!.Profile.Texts is var texts && Periods.OrderOf(texts) == DayOrder.Either && table is Grid grid
                && grid.Rows.Find(r => r.Row >= layout.FirstDataRow && Periods.OrderOf(r[column.Index].Text.AsSpan()) == DayOrder.Either) is { } row)
                result.Findings.Add(Undecided(table.Where(row.Row, column.Index + 1), row[column.Index].Text, column.MonthFirst));
    }

    private bool HasValue(RowReader reader)
    {
        foreach (var column in values)
        {
            if (column.Index >= reader.Count)
                return false;
            if (IsValue(reader[column.Index]))
                return true;
        }
        return false;
    }

    private bool IsValue(in Cell cell) => cell.Kind switch
    {
        CellKind.Number or CellKind.Error => true,
        CellKind.Text => Numbers.TryParse(cell.Text, false, out _) || Numbers.TryParse(cell.Text, true, out _) || IsSymbol(cell.Text),
        _ => false,
    };

    private void PrepareCross(RowReader reader)
    {
        (rowUnit, rowMult, rowStatus, rowFreq, rowSymbol, indicatorUnit, rowProblem) = (-1, -1, -1, -1, -1, -1, null);
        stub!.Row(reader);
        if (!stub.IsNamed && layout.Stub!.Columns.Count > 0)
        {
            rowProblem = "row-unlabelled";
            return;
        }
        var plan = layout.Stub!;
        for (var i = 0; i < labelCodes.Count; i++)
        {
            var labels = labelCodes[i];
            if (labels.At < 0)
                continue;
            var isLast = i == labelCodes.Count - 1;
            var (code, unit) = isLast && (plan.IsHierarchy || plan.IsStaircase) ? PathCode(labels) : LabelCode(labels, stub.Current[i], stub.Codes[i]);
            if (code == TextCache.Full)
            {
                rowProblem = TooMany(labels.Column.Index);
                return;
            }
            codes[labels.At] = code;
            if (unit >= 0)
                rowUnit = unit;
        }
        if (groupAt >= 0)
        {
            var group = string.Join(" > ", plan.AreIndicators && plan.GroupId == Concepts.Indicator ? stub.GroupNames : stub.Groups);
            if (!paths.TryGetValue(group, out var code))
                paths.Add(group, code = builder.Coders[groupAt].Resolve(group, false));
            codes[groupAt] = code;
        }
        if (wordsAt >= 0)
            codes[wordsAt] = builder.Coders[wordsAt].Resolve(stub.PeriodWords, false);
        if (rowUnit < 0 && (Units.OfRate(stub.PeriodWords) ?? (stub.Current.Count > 0 ? Units.OfRate(stub.Current[^1]) : null)) is { } rate && rate.Measure.Id == Units.Percent.Id)
            rowUnit = UnitOf("%");
        if (stub.UnitText.Length > 0)
            rowUnit = UnitOf(stub.UnitText);
        else if (rowUnit < 0 && !haveUnits && stub.UnitOfGroup is { Length: > 0 } ofGroup)
            rowUnit = UnitOf(ofGroup);
        if (stub.Flag.Length > 0 && Statuses.OfFlag(stub.Flag) is { } status)
            rowStatus = builder[Concepts.ObsStatus].Add(status with { Parent = null });
        if (rowPart != stub.Part)
            (rowPart, rowPartNumber) = (stub.Part, rowPartNumber + 1);
        rowPeriodText = stub.PeriodText;
        foreach (var column in plan.Columns)
            if (column.Dotted is { } dotted && stub.Part?.Period is { } stated)
                Doubt(dotted, DottedPeriods.TextOf(reader[column.Index]), stated, reader.Row, column.Index);
        if (titleAt >= 0 && stub.Title() is var title && title != rowTitle)
            (rowTitle, rowTitleNumber) = (title, rowTitleNumber + 1);
        if (lineAt >= 0)
        {
            var key = stub.Key(layout);
            if (lines.Count >= MaxLines && !lines.ContainsKey(key))
            {
                rowProblem = TooMany(layout.Columns[0].Index);
                return;
            }
            lines[key] = lines.GetValueOrDefault(key) + 1;
            codes[lineAt] = builder.Coders[lineAt].Add(new Code(lines[key].ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    private (int Code, int Unit) LabelCode(LabelCodes labels, string text, string code)
    {
        if (labels.Known.TryGetValue(text, out var known))
            return known;
        if (labels.Coder.IsFull)
            return (TextCache.Full, -1);
        var (name, unit) = SplitUnit(text);
        if (code.Length > 0 && Labels.IsCode(code.Replace('.', '_')))
            known = (labels.Coder.ResolveCoded(code, name), unit);
        else
            known = (labels.Coder.Resolve(name, false, labels.Column.Disowns(name)), unit);
        labels.Known.Add(text, known);
        return known;
    }

    /// <summary>The code of a label in a hierarchy, under the code of its parent.</summary>
    private (int Code, int Unit) PathCode(LabelCodes labels)
    {
        var path = stub!.Path;
        if (path.Count == 0)
            return LabelCode(labels, "", "");
        var key = string.Join('\n', path.Select(p => p.Label));
        if (labels.Known.TryGetValue(key, out var known))
            return known;
        if (labels.Coder.IsFull)
            return (TextCache.Full, -1);
        string? parent = null;
        var words = "";
        for (var i = 0; i < path.Count; i++)
        {
            var (name, unit) = SplitUnit(path[i].Label);
            words = i == 0 ? name : words + " > " + name;
            var number = i == path.Count - 1 && stub.Code.Length > 0 && Labels.IsCode(stub.Code) ? labels.Coder.ResolveCoded(stub.Code, name)
                : layout.Stub!.NeedsPaths && i > 0 ? labels.Coder.Add(labels.Coder.Component.Codes[labels.Coder.Resolve(words, false, true)] with { Labels = Labels.ToCode(name, language).Labels })
                : labels.Coder.Resolve(name, false, labels.Column.Disowns(name));
            var id = labels.Coder.Component.Codes[number].Id;
            if (parent is not null && parent != id)
                labels.Coder.Component.Codes.Add(new Code(id) { Parent = parent });
            parent = id;
            known = (number, unit);
        }
        labels.Known.Add(key, known);
        return known;
    }

    /// <summary>Cuts a unit in brackets off a label.</summary>
    private (string Name, int Unit) SplitUnit(string text)
    {
        var (name, inside) = Labels.SplitBrackets(text);
        return inside is not null && name.Length > 0 && Units.Find(inside) is { } unit ? (name, Number(unit)) : (text, -1);
    }

    private int UnitOf(string text)
    {
        var key = "\0" + text;
        if (!paths.TryGetValue(key, out var unit))
            paths.Add(key, unit = Number(Preamble.UnitStated(text, language) ?? Units.Read(text, language)));
        return unit;
    }

    /// <summary>Puts what the header says of a column beside what the row says.</summary>
    private void Cross(ValueColumn column)
    {
        foreach (var (at, code) in column.Coordinates)
            codes[at] = code;
        if (rowPart is null)
        {
            (codes[timeAt], codes[freqAt]) = (column.Time, column.Freq);
        }
        else
        {
            ref var period = ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(columnParts)[column.Period];
            if (period.Row != rowPartNumber)
            {
                if (!periodsOf.TryGetValue((rowPart.Value, column.Period), out var known))
                    periodsOf.Add((rowPart.Value, column.Period), known = PeriodOf(rowPart.Value, column));
                period = (period.Part, rowPartNumber, known.Time, known.Freq);
            }
            (codes[timeAt], codes[freqAt]) = (period.Time, period.Freq);
        }
        if (titleAt < 0)
            return;
        ref var title = ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(columnTitles)[column.Title];
        if (title.Row != rowTitleNumber)
        {
            var words = string.Join(" > ", new[] { layout.Preamble.Caption ?? "", rowTitle, title.Words }.Where(t => t.Length > 0));
            title = (title.Words, rowTitleNumber, words.Length == 0 ? -1 : builder.Coders[titleAt].Add(new Code(words)));
            // Titles that differ from row to row say no more than the dimensions, and cost more than all of them.
            if (builder.Coders[titleAt].Component.Codes.Count > MaxTitles)
                assumptions.Learn(-1, -1, Assumption.Untitled);
        }
        codes[titleAt] = title.Code;
    }

    // The different titles and periods of the columns, each with its code in a row, by the row's number.
    private readonly List<(string Words, int Row, int Code)> columnTitles = [];
    private readonly List<(PeriodPart? Part, int Row, int Time, int Freq)> columnParts = [];
    private readonly Dictionary<string, int> titleNumbers = new(StringComparer.Ordinal);
    private readonly Dictionary<(bool IsNull, PeriodPart Part), int> partNumbers = [];

    private (int Time, int Freq) PeriodOf(PeriodPart row, ValueColumn column)
    {
        var part = columnParts[column.Period].Part is { } across ? row.Within(across) ?? across.Within(row) ?? (row.IsComplete ? row : across) : row;
        if (!part.IsComplete && layout.Period is { } whole)
            part = part.Within(PeriodPart.Of(whole)) ?? (whole.Id.Length >= 4 && int.TryParse(whole.Id.AsSpan(0, 4), out var year) ? part.Within(PeriodPart.Of(Periods.OfYear(year))) : null) ?? part;
        return part.Period is { IsPossible: true } period ? Number(period, null) : layout.Period is { } stated && row.Kind is PeriodPartKind.Same ? Number(stated, null) : Number(NoPeriod, null);
    }

    private void CrossColumn(ColumnPlan plan, ValueColumn column)
    {
        foreach (var (id, at) in coordinates)
        {
            var coder = builder.Coders[at];
            var label = plan.Coordinates.Where(c => c.Id == id).Select(c => c.Label).FirstOrDefault();
            column.Coordinates.Add((at, label is not null ? id == CrossTable.SeriesCodeId ? coder.Add(new Code(label)) : PathOf(coder, label)
                : coder.Component.Role == ComponentRole.Attribute ? -1 : coder.Resolve("", false)));
        }
        if (!titleNumbers.TryGetValue(plan.Title, out var title))
        {
            titleNumbers.Add(plan.Title, title = columnTitles.Count);
            columnTitles.Add((plan.Title, -1, -1));
        }
        var part = (plan.Part is null, plan.Part ?? default);
        if (!partNumbers.TryGetValue(part, out var period))
        {
            partNumbers.Add(part, period = columnParts.Count);
            columnParts.Add((plan.Part, -1, -1, -1));
        }
        (column.Title, column.Period) = (title, period);
    }

    /// <summary>The code of a header's label; of one under others, with its parents.</summary>
    private static int PathOf(Coder coder, string label)
    {
        var words = "";
        string? parent = null;
        var number = -1;
        foreach (var piece in label.Split(" > "))
        {
            words = words.Length == 0 ? piece : words + " > " + piece;
            // Between a total and its parts, and nothing itself.
            if (words.Length < label.Length && StubReader.IsPartMark(piece))
                continue;
            if (words.Length < label.Length && parent is null && coder.Component.Codes.Count > Coder.MaxCodes / 2)
                continue;
            number = coder.Resolve(words, false);
            var id = coder.Component.Codes[number].Id;
            if (parent is not null && parent != id)
                coder.Component.Codes.Add(new Code(id) { Parent = parent });
            parent = id;
        }
        return number;
    }
}
