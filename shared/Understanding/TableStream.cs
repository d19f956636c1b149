using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Streams the rows of one table into the cube: every field is a cached look-up, every value is parsed where it stands.</summary>
internal sealed partial class TableStream
{
    private const int MostDecimals = 10;
    private static readonly Period NoPeriod = new("", Concepts.NotApplicable);
    private readonly Layout layout;
    private readonly Table table;
    private readonly Legend? legend;
    private readonly CubeBuilder builder;
    private readonly Interpretation result;
    private readonly Assumptions assumptions;
    private readonly string? language;
    private readonly int[] codes;
    private readonly CodedColumn[] coded;
    private readonly ValueColumn[] values;
    private readonly int[] asides;
    private readonly PeriodColumn? time;
    private readonly int freqAt, timeAt, statusAt, unitAt, multAt, symbolAt, measureAt;
    private readonly Dictionary<ulong, int> records = [];
    private readonly HashSet<string> doubted = new(StringComparer.Ordinal);
    private readonly List<(int Unit, int Mult)> units = [];
    private readonly List<bool> rates = [];
    private readonly TextCache symbols;
    private readonly List<(int Status, int Symbol)> signs = [];
    private readonly TextCache statusTexts;
    private readonly List<(int Status, bool IsMissing, string Text)> stated = [];
    private readonly int width, lineWidth;
    private readonly bool hasTime;
    private readonly (string Id, int At)[] coordinates;
    private int rowUnit, rowMult, rowStatus, rowFreq, rowSymbol, rowDecimals, indicatorUnit, rowStated = -1;
    private bool ended, isFull;
    private string? rowProblem;
    private long before, unreadable, met;
    private int normalStatus = -1, missingStatus = -1, unspecified = -1, perCent = -1, perMille = -1, times1 = -1;

    public TableStream(Layout layout, CubeBuilder builder, Interpretation result, Assumptions assumptions, string? language)
    {
        (this.layout, this.builder, this.result, this.assumptions, this.language) = (layout, builder, result, assumptions, language);
        table = layout.Table;
        legend = (table as Grid)?.Legend;
        width = layout.Columns[^1].Index + 1;
        lineWidth = table is Grid { IsWhole: false } sample ? sample.Ragged.Width : 0;
        codes = new int[builder.Coders.Count];
        (freqAt, timeAt) = (builder.IndexOf(Concepts.Freq), builder.IndexOf(Concepts.TimePeriod));
        (statusAt, unitAt, multAt) = (builder.IndexOf(Concepts.ObsStatus), builder.IndexOf(Concepts.UnitMeasure), builder.IndexOf(Concepts.UnitMult));
        symbolAt = builder.IndexOf(CubeBuilder.Symbol);
        measureAt = layout.MeasureId is { } measure ? builder.IndexOf(measure) : -1;
        codes.AsSpan().Fill(-1);
        symbols = new TextCache(Sign);
        statusTexts = new TextCache(State);
        if (builder.IndexOf(CubeBuilder.TableId) is >= 0 and var at)
            codes[at] = TableCode();
        if (layout.IsOfRecords)
            lineAt = builder.IndexOf(Stub.LineId);
        foreach (var (id, label) in layout.Fixed)
            codes[builder.IndexOf(id)] = builder[id].Resolve(label, false);
        if (layout.Stub is null && layout.Preamble.Indicator is { } indicator && layout.Columns.All(c => c.Id != Concepts.Indicator))
            codes[builder.IndexOf(Concepts.Indicator)] = builder[Concepts.Indicator].Resolve(indicator, false);
        coded = [.. layout.Columns.Where(c => c.Use is ColumnUse.Dimension or ColumnUse.Attribute or ColumnUse.Freq or ColumnUse.Status or ColumnUse.Unit or ColumnUse.Multiplier
            or ColumnUse.Symbol or ColumnUse.Decimals).Select(Coded)];
        hasTime = layout.Of(ColumnUse.Time).Any();
        coordinates = [.. layout.CoordinateIds.Select(id => (id, builder.IndexOf(id)))];
        values = [.. layout.Of(ColumnUse.Value).Select(Value)];
        for (var i = 0; i < timeAt; i++)
            if (codes[i] < 0 && i != freqAt && !Array.Exists(coded, c => c.At == i && c.Use == ColumnUse.Dimension) && !(i == measureAt && Array.TrueForAll(values, v => v.Indicator >= 0)))
                codes[i] = builder.Coders[i].Resolve("", false);
        asides = [.. layout.Of(ColumnUse.Aside).Where(c => layout.Block is null || (c.Index >= layout.Block.Left && c.Index < layout.Right)).Select(c => c.Index)];
        if (layout.Stub is { } cross)
        {
            stub = new StubReader(cross, table);
            OpenStub();
        }
        if (layout.Of(ColumnUse.Time).FirstOrDefault() is { } plan)
            time = new PeriodColumn(plan, layout.Columns.FirstOrDefault(c => c.Use is ColumnUse.Month or ColumnUse.Quarter or ColumnUse.Week), this);
    }

    private int Normal => normalStatus >= 0 ? normalStatus : normalStatus = builder[Concepts.ObsStatus].Add(Statuses.Normal);

    private int Missing => missingStatus >= 0 ? missingStatus : missingStatus = builder[Concepts.ObsStatus].Add(Statuses.Missing with { Parent = null });

    private int Unspecified => unspecified >= 0 ? unspecified : unspecified = builder[Concepts.UnitMeasure].Add(Units.Unspecified);

    private int PerCent => perCent >= 0 ? perCent : perCent = builder[Concepts.UnitMeasure].Add(Units.Percent);

    private int PerMille => perMille >= 0 ? perMille : perMille = builder[Concepts.UnitMeasure].Add(Units.PerMille);

    private int Times1 => times1 >= 0 ? times1 : times1 = builder[Concepts.UnitMult].Add(Units.Multiplier(0));

    /// <summary>How many cells became observations.</summary>
    public long Published => builder.Cube.Observations.Count - before;

    /// <summary>The first and last period that was read; null when there was none.</summary>
    public string? FirstPeriod { get; private set; }

    /// <inheritdoc cref="FirstPeriod"/>
    public string? LastPeriod { get; private set; }

    /// <summary>Reads all rows.</summary>
    public void Run(Action<double> progress, CancellationToken cancellationToken)
    {
        before = builder.Cube.Observations.Count;
        using var reader = table is Grid grid ? grid.OpenAt(layout.FirstDataRow) : table.Open();
        long rows = 0;
        while (reader.Read() && !assumptions.CutShort)
        {
            if ((++rows & 8191) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(reader.Progress);
            }
            if (reader.Row > layout.LastDataRow)
                break;
            if (reader.Row < layout.FirstDataRow)
                continue;
            if (lineWidth > 0 && reader.Count > lineWidth && IsTooLong(reader))
                TooLong(reader);
            else if (stub is null)
                Row(reader);
            else
                CrossRow(reader);
        }
        if (unreadable * 2 > met)
            result.Findings.Add(new Finding(Severity.Error, "values-unreadable", $"{unreadable:N0} of {met:N0} cells in the columns of values are no numbers.")
            {
                Where = table.Where(layout.HeaderRow),
                Found = string.Join(", ", layout.Of(ColumnUse.Value).Take(5).Select(c => c.Name)),
                Expected = "numbers",
                Advice = "See whether the right column was taken for the values; name it OBS_VALUE.",
            });
    }

    /// <summary>Whether a line has more cells than the header, and not only blank ones.</summary>
    private bool IsTooLong(RowReader reader)
    {
        for (var c = lineWidth; c < reader.Count; c++)
            if (!reader[c].Text.IsWhiteSpace())
                return !ended && !IsNote(reader);
        return false;
    }

    private void TooLong(RowReader reader)
    {
        for (var c = 0; c < reader.Count; c++)
            if ((c >= lineWidth || layout.Column(c)?.Use == ColumnUse.Value) && reader[c] is { Kind: not CellKind.Blank } cell && (Numbers.TryParse(cell.Text, false, out _) || IsSymbol(cell.Text)))
            {
                result.Reconciliation.CellsIn++;
                SetAside(RaggedRows.TooLong, reader.Row, c);
            }
        if (!result.Findings.Keeps(RaggedRows.TooLong))
        {
            result.Findings.Count(RaggedRows.TooLong, Severity.Warning);
            return;
        }
        var cells = new List<string>();
        for (var c = 0; c < reader.Count; c++)
            cells.Add(new string(reader[c].Text));
        result.Findings.Add(RaggedRows.Finding(table, reader.Row, reader.Count, lineWidth, cells, isPublished: false));
    }

    private void Row(RowReader reader)
    {
        if (reader.Count > width)
            Beyond(reader);
        Asides(reader);
        var isReady = false;
        foreach (var column in values)
        {
            // Short rows of a wide table end here.
            if (column.Index >= reader.Count && !layout.IsTidy)
                break;
            var cell = reader[column.Index];
            if (cell.Kind == CellKind.Blank || cell.Text.IsWhiteSpace() && cell.Kind == CellKind.Text)
            {
                if (!layout.IsTidy || ended || !IsObservation(reader))
                    continue;
            }
            result.Reconciliation.CellsIn++;
            met++;
            if (ended)
            {
                SetAside("after-notes", reader.Row, column.Index);
                continue;
            }
            if (!isReady && !Prepare(reader))
                return;
            isReady = true;
            if (rowProblem is not null)
                SetAside(rowProblem, reader.Row, column.Index);
            else
                Observe(column, cell, reader);
        }
        if (!isReady && !ended)
            ended = IsNote(reader);
    }

    /// <summary>The code of the table among the release's others; its caption is the label.</summary>
    private int TableCode()
    {
        var coder = builder[CubeBuilder.TableId];
        if (layout.Name == "")
            return coder.Resolve("", false);
        var name = layout.Name ?? table.Sheet ?? $"Table {layout.Number + 1}";
        var code = Labels.ToCode(name, language);
        return coder.Add(layout.Preamble.Caption is { } caption && layout.HasOwnCaption ? code with { Labels = new Dictionary<string, string> { [Labels.Language(caption, language)] = caption } } : code);
    }

    /// <summary>Looks up what the row says beside its values.</summary>
    private bool Prepare(RowReader reader)
    {
        Span<char> buffer = stackalloc char[CellText.DateLength];
        (rowUnit, rowMult, rowStatus, rowFreq, rowSymbol, rowDecimals, rowStated, indicatorUnit, rowProblem) = (-1, -1, -1, -1, -1, -1, -1, -1, null);
        foreach (var column in coded)
        {
            var cell = reader[column.Index];
            var number = column.Cache[CellText.Of(cell, buffer)];
            if (number == TextCache.Full)
            {
                rowProblem = TooMany(column.Index);
                continue;
            }
            switch (column.Use)
            {
                case ColumnUse.Dimension or ColumnUse.Attribute:
                    if (column.LabelIndex >= 0 && number >= 0 && !column.Agrees(number, reader[column.LabelIndex], buffer))
                        assumptions.Learn(layout.Number, column.Index, Assumption.Unpaired);
                    if (column.IsIndicator)
                        (number, indicatorUnit) = column.Split[number];
                    codes[column.At] = number;
                    break;
                case ColumnUse.Freq:
                    rowFreq = number;
                    break;
                case ColumnUse.Status:
                    (rowStated, rowStatus) = (number, number < 0 ? -1 : stated[number].Status);
                    break;
                case ColumnUse.Unit:
                    rowUnit = number;
                    break;
                case ColumnUse.Multiplier:
                    rowMult = number;
                    break;
                case ColumnUse.Decimals:
                    rowDecimals = number;
                    break;
                default:
                    rowSymbol = number;
                    break;
            }
        }
        if (layout.IsOfRecords)
            Line(reader);
        if (time is null)
            return true;
        var period = time.Read(reader, buffer);
        rowProblem ??= period.Problem;
        (codes[timeAt], codes[freqAt]) = (period.Time, rowFreq >= 0 ? rowFreq : period.Freq);
        return true;
    }

    /// <summary>Numbers the records that are equal in all that is no value: the first, the second, …</summary>
    private void Line(RowReader reader)
    {
        // FNV-1a: the same in every process, so that a record has the same number in every reading.
        var key = 14695981039346656037;
        foreach (var column in layout.Columns)
        {
            if (column.Use is ColumnUse.Value or ColumnUse.Aside)
                continue;
            foreach (var c in reader[column.Index].Text)
                key = (key ^ c) * 1099511628211;
            key = (key ^ 0x1f) * 1099511628211;
        }
        ref var count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(records, key, out _);
        count++;
        codes[lineAt] = builder.Coders[lineAt].Add(new Code(count.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private void Observe(ValueColumn column, in Cell cell, RowReader reader)
    {
        var row = reader.Row;
        decimal? value = null;
        int status = -1, unit = column.Unit, mult = column.Mult, symbol = -1;
        // 原煤,万吨 counts in its row what its column of growth does not: that one keeps its own unit.
        var counted = (rowUnit >= 0 ? rowUnit : indicatorUnit) is not (>= 0 and var ofRow) || !rates[ofRow];
        var keeps = column.IsRate && counted;
        if (indicatorUnit >= 0 && !keeps)
            (unit, mult) = units[indicatorUnit];
        if (cell.Kind == CellKind.Number)
        {
            if (!Numbers.TryExact(cell.Number, cell.Format, out var exact, out var shown))
            {
                Unreadable(cell, row, column);
                return;
            }
            value = exact;
            if (shown.Percent || shown.PerMille)
                (unit, mult, keeps) = (shown.Percent ? PerCent : PerMille, Times1, counted);
            else if (shown.Power > 0 && (mult < 0 || mult == Times1))
                mult = builder[Concepts.UnitMult].Add(Units.Multiplier(shown.Power));
        }
        else if (cell.Kind == CellKind.Text && Numbers.TryParse(cell.Text, column.Comma, out var number) && (number.Flag.Length == 0 || IsKnownFlag(number.Flag)))
        {
            value = number.Value;
            // A sign that stands for a missing value elsewhere marks this one only: it has a value.
            if (number.Flag.Length > 0 && symbols[number.Flag] is >= 0 and var flag)
                (status, symbol) = (Statuses.IsMissing(Statuses.ById(builder[Concepts.ObsStatus].Component.Codes[signs[flag].Status].Id)) ? -1 : signs[flag].Status, signs[flag].Symbol);
            if (number.Percent || number.PerMille)
                (unit, mult, keeps) = (number.Percent ? PerCent : PerMille, Times1, counted);
            else if (number.Currency != 0 && unit < 0)
                (unit, mult) = Currency(number.Currency, mult);
        }
        else if (cell.Kind == CellKind.Blank || cell.Text.IsWhiteSpace())
        {
            status = Missing;
        }
        else if (cell.Kind == CellKind.Text && IsSymbol(cell.Text))
        {
            (status, symbol) = symbols[cell.Text.Trim()] is >= 0 and var sign ? signs[sign] : (Missing, -1);
        }
        else
        {
            if (IsRemark(reader))
                TakeBack(reader);
            else
                Unreadable(cell, row, column);
            return;
        }
        if (column.Flag >= 0 && reader[column.Flag] is { Kind: CellKind.Text } beside && !beside.Text.IsWhiteSpace() && symbols[beside.Text.Trim()] is >= 0 and var mark)
            (status, symbol) = (value is null && status >= 0 ? status : signs[mark].Status, signs[mark].Symbol);
        if (rowStated >= 0 && value is not null && stated[rowStated].IsMissing)
            (status, symbol) = (Normal, symbolAt < 0 ? 0 : builder[CubeBuilder.Symbol].Add(new Code(stated[rowStated].Text)));
        else if (rowStatus >= 0 && (value is not null || rowStatus != Normal))
            status = rowStatus;
        // 33 of one decimal is 33.0.
        if (value is { } shorter && rowDecimals > shorter.Scale)
            value = shorter + new decimal(0, 0, 0, false, (byte)rowDecimals);
        if (rowUnit >= 0 && !keeps)
            (unit, mult) = units[rowUnit];
        codes[statusAt] = status >= 0 ? status : Normal;
        codes[unitAt] = unit >= 0 ? unit : Unspecified;
        codes[multAt] = rowMult >= 0 && !keeps ? rowMult : mult >= 0 ? mult : Times1;
        if (symbolAt >= 0)
            codes[symbolAt] = symbol >= 0 ? symbol : rowSymbol;
        else if (symbol >= 0)
            assumptions.Learn(-1, -1, Assumption.Symbols);
        if (column.Indicator >= 0)
            codes[measureAt] = column.Indicator;
        if (stub is not null)
            Cross(column);
        else if (time is null)
            (codes[timeAt], codes[freqAt]) = (column.Time, rowFreq >= 0 ? rowFreq : column.Freq);
        builder.Cube.Observations.Add(codes, value, table.Cell(row, column.Index + 1));
        result.Reconciliation.Observations++;
    }

    private bool IsKnownFlag(ReadOnlySpan<char> flag) => !char.IsAsciiLetter(flag.Trim()[0]) || Statuses.OfFlag(flag) is not null || legend?.Of(flag) is not null || legend?.IsFootnote(flag) is true;

    private bool IsSymbol(ReadOnlySpan<char> text) => Statuses.OfSymbol(text) is not null || legend?.Of(text) is not null || Statuses.OfBound(text) is not null;

    /// <summary>Whether a tidy row without a value is an observation all the same, and no remark or group heading.</summary>
    private bool IsObservation(RowReader reader)
    {
        int filled = 0, all = 0;
        foreach (var column in coded)
        {
            if (column.Use != ColumnUse.Dimension)
                continue;
            all++;
            filled += reader[column.Index].Kind != CellKind.Blank ? 1 : 0;
        }
        if (time is not null)
        {
            if (reader[time.Index].Kind == CellKind.Blank)
                return false;
            all++;
            filled++;
        }
        return filled >= 2 ? filled * 2 >= all : filled == all && all == 1 && !IsNote(reader);
    }

    private static bool IsNote(RowReader reader)
    {
        for (var c = 0; c < reader.Count; c++)
            if (reader[c] is { Kind: not CellKind.Blank } cell && !cell.Text.IsWhiteSpace())
                return cell.Kind == CellKind.Text && Preamble.IsNote(cell.Text);
        return false;
    }

    /// <summary>Whether a text is the only thing in its row: a heading or a note that stands in a column of values.</summary>
    private static bool IsRemark(RowReader reader)
    {
        var filled = 0;
        for (var c = 0; c < reader.Count && filled < 2; c++)
            filled += reader[c] is { Kind: not CellKind.Blank } cell && !cell.Text.IsWhiteSpace() ? 1 : 0;
        return filled == 1;
    }

    private void TakeBack(RowReader reader)
    {
        result.Reconciliation.CellsIn--;
        met--;
        ended |= IsNote(reader);
    }

    /// <summary>Accounts for the cells beyond the columns of the sample.</summary>
    private void Beyond(RowReader reader)
    {
        for (var c = width; c < reader.Count; c++)
            Aside(reader, c);
    }

    private void Asides(RowReader reader)
    {
        foreach (var column in asides)
        {
            if (column >= reader.Count)
                return;
            Aside(reader, column);
        }
    }

    private void Aside(RowReader reader, int column)
    {
        var cell = reader[column];
        if (cell.Kind is CellKind.Blank or CellKind.Date or CellKind.Boolean || cell.Text.IsWhiteSpace())
            return;
        if (cell.Kind == CellKind.Text && !Numbers.TryParse(cell.Text, false, out _) && !IsSymbol(cell.Text))
            return;
        var reason = column < width ? layout.Column(column)!.Reason : "header-missing";
        // A sign among remarks stands for no value.
        if (reason == CrossTable.WordsReason && cell.Kind == CellKind.Text && IsSymbol(cell.Text))
            return;
        result.Reconciliation.CellsIn++;
        SetAside(reason, reader.Row, column);
        if (column >= width && result.Findings.Keeps("header-missing"))
            result.Findings.Add(new Finding(Severity.Warning, "header-missing", $"Column {Source.Column(column + 1)} has data but no header.")
            {
                Where = table.Where(reader.Row, column + 1),
                Found = new string(cell.Text),
                Expected = "a name over each column",
                Advice = "Name the column in the header row.",
            });
    }

    private void SetAside(string reason, int row, int column)
    {
        result.Reconciliation.Aside(reason, () => table.Where(row, column + 1));
        if (reason != "after-notes")
            return;
        if (result.Findings.Keeps(reason))
            result.Findings.Add(new Finding(Severity.Warning, reason, "A value stands below the table's notes; it is set aside.")
            {
                Where = table.Where(row, column + 1),
                Expected = "nothing but notes below the notes",
                Advice = "Move notes below the last row, or the second table to a sheet of its own.",
            });
        else
            result.Findings.Count(reason, Severity.Warning);
    }

    private void Unreadable(in Cell cell, int row, ValueColumn column)
    {
        unreadable++;
        SetAside("number-unreadable", row, column.Index);
        if (!result.Findings.Keeps("number-unreadable"))
        {
            result.Findings.Count("number-unreadable", Severity.Warning);
            return;
        }
        result.Findings.Add(new Finding(Severity.Warning, "number-unreadable", "A cell in a column of values is no number and no known sign for a missing one.")
        {
            Where = table.Where(row, column.Index + 1),
            Found = new string(cell.Text.Length > 200 ? cell.Text[..200] : cell.Text),
            Expected = column.Comma ? "a number with a decimal comma, of at most 28 digits" : "a number of at most 28 digits",
            Advice = "Write a number, or a sign such as .. for a missing one.",
        });
    }

    /// <summary>Says, once a table, that a column has more texts than are kept; gives the reason for setting its rows aside.</summary>
    private string TooMany(int column)
    {
        if (!isFull)
            result.Findings.Add(new Finding(Severity.Error, "codes-too-many", $"The column '{layout.Column(column)!.Name}' has a different text in too many rows.")
            {
                Where = table.Where(layout.HeaderRow, column + 1),
                Expected = $"at most {Coder.MaxCodes:N0} different texts in a column, and in a release {CodeBudget.MaxCodes:N0} of "
                    + $"together {CodeBudget.MaxCharacters:N0} characters",
                Advice = "Leave the column out, or shorten its texts.",
            });
        isFull = true;
        return "codes-too-many";
    }

    private int Sign(string text)
    {
        var status = legend?.Of(text) ?? Statuses.OfSymbol(text) ?? Statuses.OfFlag(text) ?? Statuses.OfBound(text) ?? Statuses.Normal;
        signs.Add((builder[Concepts.ObsStatus].Add(status with { Parent = null }), symbolAt < 0 ? 0 : builder[CubeBuilder.Symbol].Add(new Code(text))));
        return signs.Count - 1;
    }

    /// <summary>What a cell of a column of statuses says; one for a missing value may stand beside a value, where it means something else.</summary>
    private int State(string text)
    {
        var status = Statuses.OfText(text);
        stated.Add((builder[Concepts.ObsStatus].Add(status is null ? Labels.ToCode(text, language) : status with { Parent = null }), status is not null && Statuses.IsMissing(status), text));
        return stated.Count - 1;
    }

    private (int, int) Currency(char sign, int mult) => Units.Find(sign.ToString()) is { } unit ? (builder[Concepts.UnitMeasure].Add(unit.Measure with { Parent = null }), mult) : (-1, mult);

    private CodedColumn Coded(ColumnPlan plan)
    {
        var column = new CodedColumn { Index = plan.Index, Use = plan.Use, LabelIndex = plan.LabelColumn?.Index ?? -1 };
        switch (plan.Use)
        {
            case ColumnUse.Freq:
                column.Cache = new TextCache(text => text.Trim().Length == 0 ? -1 : builder[Concepts.Freq].Resolve(text.Trim().ToUpperInvariant(), true));
                return column;
            case ColumnUse.Status:
                column.Cache = new TextCache(text => text.Trim().Length == 0 ? -1 : statusTexts[text.Trim()]);
                return column;
            case ColumnUse.Symbol:
                column.Cache = new TextCache(text => text.Trim().Length == 0 || symbolAt < 0 ? -1 : builder[CubeBuilder.Symbol].Add(new Code(text.Trim())));
                return column;
            case ColumnUse.Unit:
                column.Cache = new TextCache(text => text.Trim().Length == 0 ? -1 : Number(Units.Read(text.Trim(), language)));
                return column;
            case ColumnUse.Decimals:
                column.Cache = new TextCache(text => int.TryParse(text.Trim(), out var decimals) && decimals is >= 0 and <= MostDecimals ? decimals : -1);
                return column;
            case ColumnUse.Multiplier:
                column.Cache = new TextCache(text => int.TryParse(text.Trim(), out var power) ? builder[Concepts.UnitMult].Add(Units.Multiplier(power))
                    : Units.Find(text) is { } unit ? units[Number(unit)].Mult : -1);
                return column;
        }
        column.At = builder.IndexOf(plan.Id);
        column.IsIndicator = plan.Id == Concepts.Indicator;
        var coder = builder.Coders[column.At];
        var areCodes = plan.LabelColumn is not null || plan.Profile.Texts.All(t => t.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0) || (layout.IsTidy && !(coder.NamesMeasures && !LayoutFinder.IsCodeName(plan.Name)));
        var isForeign = plan.Id == Concepts.RefArea && plan.Profile.Areas * 2 < plan.Profile.Filled;
        var areForeign = plan.Id == Concepts.RefArea && AreaCodes.AreForeign(plan.Name, plan.Profile.Texts);
        column.Cache = new TextCache(text => Resolve(column, coder, text.Trim(), areCodes || (layout.IsTidy && Labels.LooksLikeCode(text.Trim())), isForeign || (areForeign && AreaCodes.IsShort(text.Trim()))));
        return column;
    }

    private int Resolve(CodedColumn column, Coder coder, string text, bool keep, bool isForeign)
    {
        if (text.Length == 0 && coder.Component.Role == ComponentRole.Attribute)
            return -1;
        if (coder.IsFull)
            return TextCache.Full;
        if (!column.IsIndicator)
            return coder.Resolve(text, keep, isForeign);
        var (name, inside) = Labels.SplitBrackets(text);
        var unit = inside is null || name.Length == 0 ? null : Units.Find(inside);
        column.Split.Add((coder.Resolve(unit is null ? text : name, keep), unit is null ? -1 : Number(unit)));
        return column.Split.Count - 1;
    }

    private int Number(Unit unit)
    {
        units.Add((builder[Concepts.UnitMeasure].Add(unit.Measure with { Parent = null }), builder[Concepts.UnitMult].Add(Units.Multiplier(unit.Multiplier))));
        rates.Add(Units.IsRate(unit));
        return units.Count - 1;
    }

    private (int Time, int Freq) Number(Period period, string? words)
    {
        if (period.Id.Length > 0)
        {
            FirstPeriod = FirstPeriod is null || string.CompareOrdinal(period.Id, FirstPeriod) < 0 ? period.Id : FirstPeriod;
            LastPeriod = LastPeriod is null || string.CompareOrdinal(period.Id, LastPeriod) > 0 ? period.Id : LastPeriod;
        }
        return (builder[Concepts.TimePeriod].Add(words is null || words == period.Id ? new Code(period.Id)
            : new Code(period.Id) { Labels = new Dictionary<string, string> { [Labels.Language(words, language)] = Labels.Clean(words) } }),
            builder[Concepts.Freq].Add(Vocabulary.Load("frequencies").Codes[period.Freq]));
    }

    private ValueColumn Value(ColumnPlan plan)
    {
        var (unit, mult) = (plan.Unit ?? layout.Preamble.Unit) is { } stated ? units[Number(stated)] : (-1, -1);
        var period = plan.Part is { Period: { IsPossible: true } across } ? Number(across, plan.Header) : hasTime ? (Time: -1, Freq: -1) : layout.Period is { } whole ? Number(whole, null) : Number(NoPeriod, null);
        var column = new ValueColumn
        {
            Index = plan.Index,
            Comma = plan.Comma,
            Unit = unit,
            Mult = mult,
            IsRate = plan.Unit is { } own && (Units.IsRate(own) || own.Measure.Id == Concepts.Unspecified),
            Time = period.Time,
            Freq = period.Freq,
            Flag = plan.FlagColumn,
            Indicator = plan.Indicator is null || measureAt < 0 ? -1 : builder.Coders[measureAt].Resolve(plan.Indicator, false),
        };
        if (layout.Stub is not null)
            CrossColumn(plan, column);
        return column;
    }

    /// <summary>Gives the codes the labels that stood in the columns beside them, and the vocabularies' hierarchy.</summary>
    public void Finish()
    {
        time?.TellOrder();
        if (layout.Stub is not null)
            TellOrder();
        foreach (var column in coded)
        {
            if (column.LabelIndex < 0)
                continue;
            var coder = builder.Coders[column.At];
            foreach (var (number, label) in column.LabelOf)
                if (label.Length > 0 && label != coder.Component.Codes[column.IsIndicator ? column.Split[number].Code : number].Id)
                    coder.Add(Labels.ToCode(label, language) with { Id = coder.Component.Codes[column.IsIndicator ? column.Split[number].Code : number].Id });
        }
    }
}
