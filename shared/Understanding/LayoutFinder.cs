using System.Globalization;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Decides how a table is to be read, from its first rows.</summary>
internal sealed partial class LayoutFinder
{
    private const int MaxCoded = 256;
    private const int LongText = 100;

    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");
    private static readonly Vocabulary Areas = Vocabulary.Load("areas");
    private static readonly string[] CodeWords = ["代码", "编码", "编号", "code", "codes", "id", "key", "cd", "number", "no", "no."];
    // What stands before "number" where things are counted: Total number, Average number
    private static readonly string[] CountedBy = ["total", "overall", "average", "mean", "median", "absolute", "index", "estimated", "actual", "minimum", "maximum", "cumulative", "annual", "quarterly", "monthly", "weekly", "daily", "net", "gross", "new"];
    private static readonly string[] CodePrefixes = ["code ", "código ", "codigo ", "cod.", "kod "];
    private static readonly string[] NameWords = ["名称", "name", "names", "label", "title", "description", "desc"];
    private static readonly string[] CamelWords = ["code", "id", "name", "description"];
    private static readonly string[] RecordWords = ["transaction", "invoice", "payment", "voucher", "order n", "order id", "contract n", "case n", "case id", "receipt", "reference n", "流水号", "凭证号", "合同编号", "订单", "发票", "单号", "案号"];
    private static readonly string[] Reserved = ["DATASET", Concepts.SourceId, Concepts.Decimals, "RELEASE", Concepts.ObsValue, "TABLE"];

    private static readonly string[] Countryside = ["农村", "乡村", "农村居民", "Rural", "rural", "Countryside"];

    private readonly Table table;
    private readonly int number;
    private readonly ReadRelease release;
    private readonly string? language;
    private readonly Findings findings;
    private readonly Assumptions assumptions;
    private readonly List<GridRow> data = [];
    private ColumnPlan[] columns = [];
    private ColumnPlan? theValue;
    private Block? block;
    private int headerRow;

    private LayoutFinder(Table table, int number, ReadRelease release, string? language, Findings findings, Assumptions assumptions) =>
        (this.table, this.number, this.release, this.language, this.findings, this.assumptions) = (table, number, release, language, findings, assumptions);

    /// <summary>Why a table has no layout; <see cref="Finding"/>s that stop the release when no other table has data.</summary>
    public Finding? Verdict { get; private set; }

    /// <summary>The layout of a table; null, with a verdict, when it holds no data.</summary>
    public static Layout? Find(Grid table, int number, ReadRelease release, string? language, Findings findings, Assumptions assumptions, Block? block, out Finding? verdict)
    {
        var finder = new LayoutFinder(table, number, release, language, findings, assumptions);
        finder.block = block;
        var layout = finder.Find(table);
        verdict = finder.Verdict;
        return layout;
    }

    private Layout? Find(Grid sample)
    {
        var rows = sample.Rows;
        if (sample.IsTooWide)
            return Refuse("columns-too-many", $"The table has {sample.Width:N0} columns or more.", table.Where(rows.Count == 0 ? 1 : rows[^1].Row + 1), $"{sample.Width:N0} columns",
                $"at most {Grid.MaxColumns:N0} columns", "Put one observation in a row, or split the table.");
        if (block is null)
            return RefuseWithoutNumbers(sample);
        var header = block.Heads.FindLast(h => block.Heads.Count == 1 || !Header.IsUnitRow(rows[h]));
        headerRow = rows[header].Row;
        var dataAt = header + 1;
        var unitRow = dataAt < rows.Count && Header.IsUnitRow(rows[dataAt]) ? rows[dataAt++] : null;
        var unitAbove = header > 0 && Header.IsUnitRow(rows[header - 1]) ? rows[header - 1] : null;
        foreach (var row in block.IsOfOneValue ? rows.Take(block.LastData + 1).Skip(dataAt) : rows.Skip(dataAt))
        {
            if (row.Filled == 1 && Preamble.IsNote(row.Cells.First(c => !c.IsBlank).Text))
                break;
            if (row.Filled > 1 || sample.Width == 1)
                data.Add(row);
        }
        var profiles = new ColumnProfile[sample.Width];
        for (var c = 0; c < profiles.Length; c++)
            profiles[c] = new ColumnProfile();
        foreach (var row in data)
            for (var c = 0; c < row.Cells.Length; c++)
                profiles[c].Add(row.Cells[c], Areas);
        var isOfTownAndCountry = IsOfTownAndCountry(rows[header]);
        columns = [.. profiles.Select((profile, c) => Plan(rows[header], unitRow ?? unitAbove, c, profile, isOfTownAndCountry))];
        var preamble = Preamble.Read(rows.Take(header).Where(r => r != unitAbove), 0, sample.Width, language);
        if (Down() is not { } kind)
            return RefuseWithoutNumbers(sample, rows[header]);
        var coded = Coded();
        // Pairing compares columns with each other, and takes at most every other one away.
        if (coded <= MaxCoded * 2)
        {
            Single();
            Pair();
            Follow();
            Keys();
            Name();
            Marks();
            coded = Coded();
        }
        if (coded > MaxCoded)
            return Refuse("columns-too-many", $"The table has {coded} columns that hold neither values nor periods.", table.Where(rows[header].Row), $"{coded} columns",
                $"at most {MaxCoded} columns of dimensions and attributes", "Leave out the columns that do not describe the values.");
        var layout = new Layout
        {
            Table = table,
            Number = number,
            Kind = kind,
            HeaderRow = rows[header].Row,
            FirstDataRow = dataAt < rows.Count ? rows[dataAt].Row : rows[header].Row + 1,
            Columns = columns,
            Preamble = preamble,
            Block = block,
            IsOfRecords = IsOfRecords(),
            IsTidy = columns.Count(c => c.Use == ColumnUse.Value) == 1,
            LastDataRow = block.IsOfOneValue && sample.IsWhole ? rows[block.LastData].Row : int.MaxValue,
        };
        if (columns.All(c => c.Use != ColumnUse.Time))
            layout.Period = preamble.Period ?? (table.Sheet is { } sheet ? Periods.OfCaption(sheet) : null) ?? Periods.OfCaption(Path.GetFileNameWithoutExtension(release.FileName));
        return layout;
    }

    /// <summary>Whether the rows are records (payments, contracts, cases): a column numbers or names each, and equal rows are as many records.</summary>
    private bool IsOfRecords() => columns.Any(c => c.Use == ColumnUse.Dimension && c.Profile.Texts.Count > 1 && c.Profile.Texts.Count * 2 > data.Count
        && Array.Exists(RecordWords, w => c.Name.Contains(w, StringComparison.OrdinalIgnoreCase)));

    private int Coded() => columns.Count(c => c.Use is ColumnUse.Dimension or ColumnUse.Attribute);

    private Layout? RefuseWithoutNumbers(Grid sample, GridRow? header = null)
    {
        header ??= sample.Rows.FirstOrDefault(r => r.Filled > 1);
        if (header is null)
            return Refuse("table-missing", "No table was found.", table.Where(1), sample.Rows.Count == 0 ? "nothing" : sample.Rows[0].Cells.First(c => !c.IsBlank).Text,
                "a header row and rows of data below it", "Upload the file that holds the figures.");
        var seen = string.Join(", ", header.Cells.Where(c => !c.IsBlank).Select(c => c.Text));
        var below = sample.Rows.SkipWhile(r => r != header).Skip(1).ToList();
        if (below.Count == 0 || below.All(r => r.Filled == 1 && Preamble.IsNote(r.Cells.First(c => !c.IsBlank).Text)))
            return Refuse("table-empty", "The table has a header but no rows.", table.Where(header.Row), seen, "rows of data below the header", "Upload the file with its data.");
        var first = header.Cells.Any(c => !c.IsBlank && (c.Kind == CellKind.Number || (Numbers.TryParse(c.Text, false, out _) && !Periods.TryParse(c.Text, out _))));
        return first
            ? Refuse("header-missing", "No row says what the numbers are.", table.Where(header.Row), seen, "a row with a name over each column", "Put a header row above the data.")
            : Refuse("value-missing", "No column holds numbers. The columns are: " + seen, table.Where(header.Row), seen, "a column of numbers, such as OBS_VALUE",
                "Name the column with the values OBS_VALUE, or see whether the figures are stored as text.");
    }

    private Layout? Refuse(string code, string message, string where, string found, string expected, string advice)
    {
        Verdict = new Finding(Severity.Error, code, message) { Where = where, Found = found, Expected = expected, Advice = advice };
        return null;
    }

    private static ColumnPlan Plan(GridRow header, GridRow? units, int c, ColumnProfile profile, bool isOfTownAndCountry)
    {
        var text = Labels.Clean(header[c].Text);
        var (name, inside) = Labels.SplitBrackets(text);
        var unit = inside is null || name.Length == 0 ? null : Units.Find(inside);
        if (unit is null)
            name = text;
        if (units is not null && !units[c].IsBlank && Units.Find(units[c].Text) is { } below)
            unit = below;
        unit ??= Units.OfRate(text) ?? Units.BehindComma(text);
        var concept = OneValue.IsName(name) ? ConceptWords.Codes[Concepts.ObsValue] : ConceptOf(name) ?? RoleOf(name);
        // 全国 | 城市 | 农村: figures of the towns, and no names of towns
        if (concept?.Id == Concepts.RefArea && profile.IsNumeric && profile.ZeroPadded == 0 && (isOfTownAndCountry || profile.Integers < profile.Numbers))
            concept = null;
        if (text.Length == 0 && profile.Filled > 0)
        {
            name = "Column " + Source.Column(c + 1);
            concept = !profile.IsNumeric && profile.Areas * 10 >= profile.Filled * 8 ? ConceptWords.Codes[Concepts.RefArea] : null;
        }
        return new ColumnPlan { Index = c, Header = text, Name = name, Concept = concept, Profile = profile, Unit = unit };
    }

    /// <summary>Whether a header parts figures by town and country: 全国 | 城市 | 农村, of which 城市 names no towns.</summary>
    public static bool IsOfTownAndCountry(GridRow header) => header.Cells.Any(cell => Countryside.Contains(cell.Text.Trim()));

    /// <summary>The concept that a header names; null when it names none.</summary>
    public static Code? ConceptOf(string header)
    {
        var name = header.Replace('_', ' ').Trim();
        Code? Known(string text) => ConceptWords.Find(text) is { Parent: not null } code ? code : null;
        if (Known(header) is { } exact)
            return exact;
        if (Known(name) is { } spaced)
            return spaced;
        // 地区 Region
        var latin = name.AsSpan().IndexOfAnyInRange('A', 'z');
        if (latin > 1 && !char.IsAscii(name[0]) && Known(name[..latin].TrimEnd(' ', '/', '(', '（')) is { } first && Known(name[latin..].TrimEnd(')', '）', ' '))?.Id == first.Id)
            return first;
        var stem = Stem(name, CodeWords) ?? Stem(name, NameWords);
        return stem is { Length: > 0 } && Known(stem) is { Parent: "DIMENSION" } stemmed ? stemmed : null;
    }

    private static string? Stem(string header, string[] words)
    {
        var name = header.Replace('_', ' ').Trim();
        // Area Code (M49)
        if (Labels.SplitBrackets(name) is ({ Length: > 0 } bare, not null))
            name = Array.Exists(CodeWords, word => bare.EndsWith(word, StringComparison.OrdinalIgnoreCase)) ? bare : name;
        foreach (var word in words)
        {
            if (!name.EndsWith(word, StringComparison.OrdinalIgnoreCase))
                continue;
            var stem = name[..^word.Length];
            if (word.StartsWith('n') && Array.Exists(CountedBy, by => stem.TrimEnd().EndsWith(by, StringComparison.OrdinalIgnoreCase)))
                continue;
            if (stem.Length == 0 || !char.IsAsciiLetter(word[0]) || !char.IsAsciiLetterOrDigit(stem[^1]) || (char.IsAsciiLetterLower(stem[^1]) && char.IsAsciiLetterUpper(name[stem.Length]) && CamelWords.Contains(word)))
                return stem.Trim(' ', '-', '.', '(', '（');
        }
        return null;
    }

    private static bool Is(ColumnPlan column, string concept) => column.Concept?.Id == concept;

    private static bool IsRole(ColumnPlan column, string role) => column.Concept?.Parent == role;

    /// <summary>Whether the column's cells are codes though they are digits.</summary>
    private static bool IsCode(ColumnPlan column) =>
        IsRole(column, "DIMENSION") || column.Profile.ZeroPadded > 0 || (column.Unit is null && Array.Exists(CodePrefixes, p => column.Name.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
        || (Stem(column.Name, CodeWords) is { } stem && (stem.Length > 0 || !column.Name.StartsWith('n') && !column.Name.StartsWith('N'))
            && column.Profile.Integers == column.Profile.Numbers && column.Unit is null);

    private string? Down()
    {
        var time = TimeColumn();
        var values = columns.Where(c => c != time && c.Concept?.Parent is null or "MEASURE" && !IsCode(c) && (c.Profile.IsNumeric
            || (c.Profile.Symbols > 0 && c.Profile.Symbols == c.Profile.Filled))).ToList();
        var named = columns.FirstOrDefault(c => OneValue.IsName(c.Header)) ?? columns.FirstOrDefault(c => Is(c, Concepts.ObsValue));
        // Beside THE value what measures nothing is none: codes, keys, decimals; a quantity is one.
        var remarks = named is null || !OneValue.IsName(named.Header) ? [] : values.Where(c => c != named && IsRemark(c, time, values)).ToHashSet();
        values.RemoveAll(remarks.Contains);
        if (named is not null && !named.Header.Replace("_", "", StringComparison.Ordinal).Equals("OBSVALUE", StringComparison.OrdinalIgnoreCase) && values.Exists(c => c != named))
            named = null;
        if (named is not null)
            values = [named];
        theValue = named is not null && OneValue.IsName(named.Header) && time is not null ? named : null;
        values.RemoveAll(c => c != named && time is not null && c.Profile.Years == c.Profile.Filled && Determines(time, c));
        if (values.Count == 0 || (named is null && values.All(c => c.Profile.Numbers == 0)))
            return null;
        var counter = Counter(time, values);
        if (counter is not null)
            values.Remove(counter);
        foreach (var column in columns)
        {
            if (column == counter)
            {
                (column.Use, column.Reason) = (ColumnUse.Aside, RowCounters.Reason);
            }
            else if (column == time)
            {
                column.Use = ColumnUse.Time;
            }
            else if (values.Contains(column))
            {
                column.Use = ColumnUse.Value;
                column.Indicator = column == named ? null : column.Name;
            }
            else if (remarks.Contains(column) && !IsCode(column) && !HasNames(column))
            {
                column.Use = ColumnUse.Attribute;
            }
            else
            {
                column.Use = column.Profile.Filled > 0 || column.Concept is not null ? Stub(column)
                    : column.Header.Length == 0 ? ColumnUse.Aside : values.Count > 1 ? ColumnUse.Value : ColumnUse.Attribute;
                column.Indicator = column.Use == ColumnUse.Value ? column.Name : null;
                column.Reason = "header-missing";
            }
        }
        if (time is not null)
            Dates(time);
        return values.Count == 1 ? "tidy, one observation a row" : time is not null ? "periods down, measures across" : "measures across";
    }

    /// <summary>A first column that counts the rows says nothing of them; of one that may also name records, where the other columns tell the rows apart.</summary>
    private ColumnPlan? Counter(ColumnPlan? time, List<ColumnPlan> values)
    {
        if (columns.FirstOrDefault(c => c.Profile.Filled > 0) is not { } first || first == time || IsRole(first, "ATTRIBUTE") || first.Profile.Integers < first.Profile.Filled || !values.Exists(c => c != first))
            return null;
        var texts = data.Select(r => r[first.Index].Text);
        if (values.Contains(first) && (RowCounters.IsIndex(first.Name) || (data.Count > 9 && first.Unit is null && RowCounters.MostlyCount(texts))))
            return first;
        if (!(first.Header.Length == 0 || RowCounters.IsName(first.Name)) || table is not Grid { IsWhole: true } || !RowCounters.Count(texts))
            return null;
        var named = columns.Where(c => c != first && !values.Contains(c)).ToList();
        return named.Count > 0 && data.DistinctBy(r => string.Join('\n', named.Select(c => r[c.Index].Text))).Count() == data.Count ? first : null;
    }

    private ColumnPlan? TimeColumn()
    {
        var named = columns.Where(c => IsRole(c, "TIME") && c.Profile.Filled > 0).OrderByDescending(c => c.Profile.IsPeriods).ToList();
        var best = named.FirstOrDefault(c => Is(c, Concepts.TimePeriod) && c.Profile.Periods > 0) ?? named.FirstOrDefault(c => Is(c, "YEAR") && c.Profile.IsPeriods)
            ?? named.FirstOrDefault(c => c.Profile.Periods > 0) ?? named.FirstOrDefault(c => DottedOf(c) is not null)
            ?? named.FirstOrDefault(c => c.Profile.Texts.All(Periods.IsInstant));
        return best ?? columns.FirstOrDefault(c => c.Profile.IsPeriods && c.Concept is null && c.Profile.WordedPeriods * 10 >= c.Profile.Filled * 8)
            ?? columns.TakeWhile(c => !c.Profile.IsNumeric || c.Profile.Periods == c.Profile.Filled)
                .FirstOrDefault(c => c.Profile.IsPeriods && c.Concept is null && c.Unit is null && c.Profile.Periods == c.Profile.Filled && !IsCode(c) && (c.Profile.Years < c.Profile.Filled || FollowEachOther(data.Select(r => r[c.Index].Text))))
            ?? columns.FirstOrDefault(c => c.Header.Length == 0 && c.Profile.Filled > 2 && c.Profile.Years == c.Profile.Filled)
            ?? columns.Take(1).FirstOrDefault(c => c.Concept is null && c.Unit is null && DottedOf(c) is not null);
    }

    private DottedPeriods? DottedOf(ColumnPlan column) => DottedPeriods.Of(data.Select(r => DottedPeriods.TextOf(r[column.Index])), column.Name);

    /// <summary>Whether bare numbers that may be years follow each other as years do: without gaps of decades, or in order. Values that happen to lie among years do neither.</summary>
    public static bool FollowEachOther(IEnumerable<string> column)
    {
        var years = column.Select(text => Periods.TryParse(text, out var period) && int.TryParse(period.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var year) ? year : 0).Where(y => y > 0).ToList();
        var distinct = years.Distinct().Order().ToList();
        return distinct.Count < 3 || distinct[^1] - distinct[0] <= 10 * (distinct.Count - 1) || years.Zip(years.Skip(1)).All(y => y.First <= y.Second) || years.Zip(years.Skip(1)).All(y => y.First >= y.Second);
    }

    /// <summary>The use of a column that is neither the time column nor holds values.</summary>
    private ColumnUse Stub(ColumnPlan column)
    {
        var year = columns.FirstOrDefault(c => Is(c, "YEAR") && c.Profile.IsPeriods);
        switch (column.Concept?.Id)
        {
            case Concepts.Freq:
                return ColumnUse.Freq;
            case Concepts.ObsStatus:
                return ColumnUse.Status;
            case Concepts.UnitMeasure:
                return ColumnUse.Unit;
            case Concepts.UnitMult:
                return ColumnUse.Multiplier;
            case "OBS_SYMBOL":
                return ColumnUse.Symbol;
            case Concepts.Decimals:
                return ColumnUse.Decimals;
            case "MONTH" or Concepts.TimePeriod when year is not null && IsOfParts(column, t => Periods.Month(t) > 0 || (Periods.TryPart(t, PeriodUnit.Month, out var part) && part.Kind == PeriodPartKind.Months)):
                return ColumnUse.Month;
            case "WEEK" when year is not null && column.Profile.Texts.All(t => Periods.TryPart(t, PeriodUnit.Week, out _)):
                return ColumnUse.Week;
            case "QUARTER" when year is not null && IsOfParts(column, t => Periods.Quarter(t) > 0):
                return ColumnUse.Quarter;
        }
        if (IsRole(column, "ATTRIBUTE"))
            return ColumnUse.Attribute;
        if (IsRole(column, "DIMENSION"))
            return ColumnUse.Dimension;
        if (column.Profile.Filled > 0 && column.Profile.Characters / column.Profile.Filled > LongText)
            return ColumnUse.Attribute;
        if (IsRole(column, "TIME") || (column.Profile.IsPeriods && !column.Profile.IsNumeric))
            return TimeColumn() is { } time && time != column && Determines(time, column) ? ColumnUse.Attribute : ColumnUse.Dimension;
        if (column.Profile.IsNumeric && !IsCode(column) && (column.Profile.Integers < column.Profile.Numbers || column.Profile.Texts.Count * 2 > data.Count))
            return ColumnUse.Attribute;
        return ColumnUse.Dimension;
    }

    /// <summary>Whether a column has parts of years, and perhaps the whole ones: Total among the months.</summary>
    private static bool IsOfParts(ColumnPlan column, Func<string, bool> isPart) => column.Profile.Texts.All(t => isPart(t) || TotalNames.IsOfAll(t)) && (column.Profile.Filled == 0 || column.Profile.Texts.Any(isPart));

    private bool Determines(ColumnPlan a, ColumnPlan b)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        return data.TrueForAll(row => map.TryAdd(row[a.Index].Text, row[b.Index].Text) || map[row[a.Index].Text] == row[b.Index].Text);
    }

    /// <summary>Gives each column that becomes a component its id, and each measure its name.</summary>
    private void Name()
    {
        var taken = new HashSet<string>(StringComparer.Ordinal)
        {
            Concepts.Freq, Concepts.TimePeriod, Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult, "OBS_SYMBOL",
        };
        if (columns.Any(c => c.Indicator is not null))
            taken.Add(columns.Any(c => c.Use == ColumnUse.Dimension && (c.Concept ?? c.LabelColumn?.Concept)?.Id == Concepts.Indicator) ? CrossTable.MeasureId : Concepts.Indicator);
        var headers = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var column in columns)
        {
            if (column.Header.Length == 0 && column.Profile.Filled == 0)
                continue;
            if (column.Header.Length == 0 && column.Profile.Filled > 0 && column.Use != ColumnUse.Label)
                findings.Add(new Finding(Severity.Warning, "header-missing", $"Column {Source.Column(column.Index + 1)} has data but no header.")
                {
                    Where = table.Where(headerRow, column.Index + 1),
                    Expected = "a name over each column",
                    Advice = "Name the column; until then it goes by its letter.",
                });
            else if (!headers.Add(column.Header) && column.Use != ColumnUse.Label && !(theValue is not null && column.Use == ColumnUse.Attribute))
                Repeated(column);
            if (column.Use is not (ColumnUse.Dimension or ColumnUse.Attribute))
                continue;
            var concept = column.Concept ?? column.LabelColumn?.Concept;
            var id = concept?.Parent is "DIMENSION" or "ATTRIBUTE" && !taken.Contains(concept.Id) ? concept.Id : IdOf(column.LabelColumn?.Name ?? column.Name, language);
            column.Id = taken.Add(id) ? id : id + "_" + Source.Column(column.Index + 1);
            taken.Add(column.Id);
        }
    }

    private void Repeated(ColumnPlan column)
    {
        findings.Add(new Finding(Severity.Warning, "header-duplicate", $"The header '{column.Header}' stands over more than one column.")
        {
            Where = table.Where(headerRow, column.Index + 1),
            Found = column.Header,
            Expected = "a different name over each column",
            Advice = "Name the columns differently; until then the later one goes by its letter too.",
        });
        if (column.Indicator is not null)
            column.Indicator += $" ({Source.Column(column.Index + 1)})";
    }

    /// <summary>Whether a header says that its column holds codes.</summary>
    public static bool IsCodeName(string name) => Stem(name, CodeWords) is { } stem && (stem.Length > 0 || !name.StartsWith('n') && !name.StartsWith('N'))
        || Array.Exists(CodePrefixes, p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase));

    /// <summary>The id of a component from its name.</summary>
    public static string IdOf(string name, string? language)
    {
        var id = Labels.ToCode(name, language).Id;
        if (!char.IsAsciiLetter(id[0]))
            id = "C_" + id;
        return Reserved.Contains(id) ? id + "_STATED" : id;
    }

    /// <summary>Decides point or comma for each column of values, from the column and then from the others.</summary>
    private void Marks()
    {
        var values = columns.Where(c => c.Use is ColumnUse.Value or ColumnUse.Aside).ToList();
        foreach (var column in values)
            column.Comma = IsComma(column, values, table);
        if (values.FirstOrDefault(c => !c.Comma && c.Profile.Grouped > 0) is { } grouped && table.IsOfSemicolons && values.TrueForAll(c => c.Profile.Points == 0))
            findings.Add(new Finding(Severity.Warning, "comma-ambiguous", "The comma was taken for the mark of thousands, though semicolons stand between the cells.")
            {
                Where = table.Where(headerRow, grouped.Index + 1),
                Found = data.Select(r => r[grouped.Index].Text).FirstOrDefault(t => t.Contains(',', StringComparison.Ordinal)),
                Expected = "numbers of which one at least tells: 1,5 or 1,234,567",
                Advice = "If it is the decimal mark, say so in profile.json: \"decimalMark\": \",\".",
            });
        if (values.Where(c => c.Comma).ToList() is { Count: > 0 } taken)
            findings.Add(new Finding(Severity.Information, "decimal-comma", "The comma was taken for the decimal mark.")
            {
                Where = table.Where(headerRow, taken[0].Index + 1),
                Found = data.Select(r => r[taken[0].Index].Text).FirstOrDefault(t => t.Contains(',', StringComparison.Ordinal)),
            });
    }

    /// <summary>Whether the comma is a column's decimal mark: by its numbers, else by those of the others, else by the semicolons that stand between the cells for its sake.</summary>
    public static bool IsComma(ColumnPlan column, IReadOnlyCollection<ColumnPlan> values, Table table)
    {
        if (column.Profile.Commas != column.Profile.Points)
            return column.Profile.Commas > column.Profile.Points;
        var (commas, points) = (values.Sum(c => c.Profile.Commas), values.Sum(c => c.Profile.Points));
        return commas > points || (commas == points && table.IsOfSemicolons && column.Profile.IsAllGrouped);
    }

    private void Dates(ColumnPlan time)
    {
        time.Spans = Periods.Spans(time.Profile.Texts);
        time.IsWithinDays = Periods.AreWithinDays(time.Profile.Texts);
        time.Dotted = DottedOf(time);
        time.MonthFirst = assumptions.Holds(number, time.Index, Assumption.MonthFirst) || Periods.OrderOf(time.Profile.Texts) == DayOrder.MonthFirst;
        var cells = data.Select(r => r[time.Index]).Where(c => !c.IsBlank).ToList();
        if (columns.FirstOrDefault(c => Is(c, "WEEK") && c != time) is { } week && !assumptions.Holds(number, time.Index, Assumption.Days) && data.TrueForAll(r => IsInWeek(r[time.Index].Text, r[week.Index].Text)))
        {
            time.Step = DateStep.Week;
            return;
        }
        if (!assumptions.Holds(number, time.Index, Assumption.Days))
            time.Step = WeekStepOf(time.Name, cells) ?? StepOf(cells, assumptions.Frequencies);
    }

    /// <summary>What days that are whole weeks apart stand for where the name over them says that they end or begin a week: <c>Week ending</c>; null elsewhere.</summary>
    public static DateStep? WeekStepOf(string name, List<GridCell> cells)
    {
        name = name.Replace('_', ' ');
        if (!Periods.IsWeekWord(name))
            return null;
        var days = new HashSet<DayOfWeek>();
        foreach (var cell in cells)
            if (Periods.TryParse(cell.Text, out var period) && period is { Freq: "D", IsPossible: true })
                days.Add(DateTime.ParseExact(period.Id, "yyyy-MM-dd", CultureInfo.InvariantCulture).DayOfWeek);
            else
                return null;
        return days.Count != 1 ? null : ColumnHeads.EndsWeek(name) switch { true => DateStep.WeekEnd, false => DateStep.WeekStart, _ => DateStep.Week };
    }

    /// <summary>Whether a day lies in the week of a number that stands beside it.</summary>
    private static bool IsInWeek(string day, string week) => Periods.TryParse(day, out var period) && period.Freq == "D" && Periods.TryPart(week, PeriodUnit.Week, out var part)
        && Periods.IsoWeekOf(period) is { } own && PeriodPart.Of(own).From == part.From;

    /// <summary>Whether a number format shows a date's year and month and no day.</summary>
    public static bool IsMonthFormat(string? format) => format is not null && format.Contains('y', StringComparison.OrdinalIgnoreCase)
        && format.Contains('m', StringComparison.OrdinalIgnoreCase) && !format.Contains('d', StringComparison.OrdinalIgnoreCase);

    /// <summary>What the dates of a column stand for, in a workbook as in a text that writes the year first; what the dataset has as days stays days.</summary>
    /// <param name="cells">The cells that are not blank.</param>
    /// <param name="frequencies">The frequencies that the dataset has; null for a new one.</param>
    public static DateStep StepOf(List<GridCell> cells, KnownCodes? frequencies)
    {
        var areDates = cells.TrueForAll(c => c.Kind == CellKind.Date);
        if (cells.Count == 0 || !cells.TrueForAll(c => c.Kind == CellKind.Date || (c.Text.Length >= 8 && c.Text.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0)))
            return DateStep.Day;
        if (areDates && cells.TrueForAll(c => IsMonthFormat(c.Format)))
            return DateStep.Month;
        var step = StepOf(cells.Select(c => c.Text));
        // Quarters by their first day may be months as well.
        if (step == DateStep.Quarter && frequencies is not null && frequencies.Has("M") && !frequencies.Has("Q"))
            step = DateStep.Month;
        return frequencies is not null && frequencies.Has("D") && !(areDates && frequencies.Has(step switch { DateStep.Year => "A", DateStep.Quarter => "Q", _ => "M" })) ? DateStep.Day : step;
    }

    /// <summary>What dates stand for: all on the first or last of a month are months, all of them three months apart are quarters, and so on.</summary>
    public static DateStep StepOf(IEnumerable<string> texts)
    {
        var dates = new HashSet<DateTime>();
        foreach (var text in texts)
        {
            if (!Periods.TryParse(text, out var period) || period.Freq != "D")
                return DateStep.Day;
            dates.Add(DateTime.ParseExact(period.Id, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        }
        if (dates.Count < 2)
            return DateStep.Day;
        if (dates.All(d => d is { Month: 1, Day: 1 }) || dates.All(d => d is { Month: 12, Day: 31 }))
            return DateStep.Year;
        var isLast = dates.All(d => d.AddDays(1).Day == 1);
        if (isLast && dates.Count > 2 && dates.All(d => d.Month % 3 == 0))
            return DateStep.Quarter;
        var starts = dates.Order().ToList();
        if (dates.Count > 2 && dates.All(d => d is { Day: 1, Month: 1 or 4 or 7 or 10 }) && starts.Zip(starts.Skip(1)).Any(d => d.First.AddMonths(3) == d.Second))
            return DateStep.Quarter;
        return isLast || dates.All(d => d.Day == 1) ? DateStep.Month : DateStep.Day;
    }

    /// <summary>The period that a date stands for; null when it is not on the day that the step demands.</summary>
    public static Period? Coarsen(Period period, DateStep step)
    {
        if (step == DateStep.Day || period.Freq != "D")
            return period;
        var date = DateTime.ParseExact(period.Id, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var isEnd = date.AddDays(1).Day == 1;
        return step switch
        {
            DateStep.Year when date is { Month: 1, Day: 1 } or { Month: 12, Day: 31 } => new Period(period.Id[..4], "A"),
            DateStep.Quarter when (isEnd && date.Month % 3 == 0) || date is { Day: 1, Month: 1 or 4 or 7 or 10 } => Periods.OfQuarter(date.Year, (date.Month + 2) / 3),
            DateStep.Week => Periods.IsoWeekOf(period),
            DateStep.WeekEnd => Periods.IsoWeekOf(period, true),
            DateStep.WeekStart => Periods.IsoWeekOf(period, false),
            DateStep.Month when isEnd || date.Day == 1 => Periods.OfMonth(date.Year, date.Month),
            _ => null,
        };
    }

    /// <summary>The finding for a period that no calendar has.</summary>
    public static Finding PeriodImpossible(string where, string found) => new(Severity.Warning, "period-impossible", $"No calendar has the period '{found}'; its values are set aside.")
    {
        Where = where,
        Found = found,
        Expected = "a period such as 2023, 2023-Q2, 2023-06 or 2023-06-30",
        Advice = "Correct the period.",
    };
}
