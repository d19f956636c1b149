using System.Globalization;
using Pipeline.Tests.Support;

namespace Pipeline.Tests;

/// <summary>The kinds of tables that offices write. Each is one that a careful person reads back without doubt.</summary>
internal static class TableStyles
{
    /// <summary>Every family by name, with how a table of it is drawn.</summary>
    public static readonly SortedDictionary<string, Action<Office>> Families = new(StringComparer.Ordinal)
    {
        ["periods across"] = PeriodsAcross,
        ["periods down"] = PeriodsDown,
        ["years by months"] = YearsByMonths,
        ["tidy"] = Tidy,
        ["tidy, indicators across"] = TidyIndicatorsAcross,
        ["matrix of two classifications"] = Matrix,
        ["period outside the table"] = PeriodOutside,
        ["header of several rows"] = DeepHeader,
        ["header with unit, code and number rows"] = HeaderRows,
        ["header text broken over rows"] = BrokenHeader,
        ["years over parts of the year"] = YearsOverMonths,
        ["stub of several columns"] = SeveralStubColumns,
        ["years beside parts of the year"] = YearsBesideMonths,
        ["years as heading rows"] = YearHeadings,
        ["group heading rows"] = GroupHeadings,
        ["hierarchy by indent"] = o => Hierarchy(o, o.IsText ? ["spaces", "full-width spaces"] : ["cell indent", "spaces", "full-width spaces", "bold and indent"]),
        ["hierarchy by bold"] = o => Hierarchy(o, ["bold"]),
        ["hierarchy by numbering"] = o => Hierarchy(o, ["numbers"]),
        ["hierarchy by 'of which'"] = o => Hierarchy(o, ["of which"]),
        ["hierarchy by level columns"] = o => Hierarchy(o, ["levels"]),
        ["totals"] = Totals,
        ["codes beside labels"] = CodesBesideLabels,
        ["units by row or column"] = UnitsByRow,
        ["surroundings"] = Surroundings,
        ["stacked tables"] = o => SeveralTables(o, stacked: true),
        ["tables side by side"] = o => SeveralTables(o, stacked: false),
        ["several sheets"] = SeveralSheets,
        ["hidden rows, columns and sheets"] = Hidden,
        ["cumulative periods"] = Cumulative,
        ["fiscal years"] = FiscalYears,
        ["weeks"] = Weeks,
        ["per cent cells"] = PerCent,
        ["scaling formats"] = Scaled,
        ["negatives and marks"] = Negatives,
        ["flags behind numbers"] = Flags,
        ["symbols in place of numbers"] = Symbols,
        ["encodings and file formats"] = FileFormats,
        ["header of uneven depth"] = UnevenHeader,
        ["levels and growth across"] = LevelsAndGrowth,
        ["the same parts under each group"] = SameParts,
        ["header repeated between rows"] = RepeatedHeader,
        ["row numbers and remarks"] = RowNumbers,
        ["footnote marks on labels and periods"] = MarkedLabels,
        ["years, quarters and months below each other"] = MixedFrequencies,
        ["series with metadata rows above"] = MetadataRows,
        ["numbers as classes"] = NumericClasses,
        ["unit in the corner or as an index"] = CornerUnit,
        ["year total beside the months"] = YearTotal,
        ["year with the first month only"] = YearOnce,
        ["labels in two languages"] = Bilingual,
        ["units alternate below the headers"] = AlternatingUnits,
        ["unit in a group's header"] = GroupUnits,
        ["stub named below the header"] = NamesBelow,
        ["blank columns between figures"] = SpacerColumns,
        ["heading rows of frequencies"] = FrequencyHeadings,
        ["flags in columns of their own"] = FlagColumns,
        ["lines of names and values above"] = KeyLines,
        ["month and year to date with growth"] = MonthAndToDate,
        ["labels and digits spaced out or wide"] = SpacedOut,
        ["labels that are known by another name"] = OtherNames,
        ["long table"] = Long,
        ["mixture"] = Mixture,
    };

    private static void PeriodsAcross(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        var whole = o.Whole();
        var stub = whole.Unit is null && o.Pick.Is("indicators with units") ? Office.Cross("repeated", o.IndicatorsWithUnits()) : Office.Cross("repeated", o.AnyClassification([]));
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.Periods()), whole);
    }

    private static void PeriodsDown(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        var whole = o.Whole();
        var head = whole.Unit is null && o.Pick.Is("indicators with units") ? Office.Cross("repeated", o.IndicatorsWithUnits()) : Office.Cross("repeated", o.AnyClassification([]));
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.Periods(3, 6)), head, whole);
    }

    private static void YearsByMonths(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        var (years, parts) = (Office.Cross("repeated", o.Years(2, 4)), Office.Cross("repeated", o.PartsOfYear()));
        var (stub, head) = o.Pick.One("down", "years", "parts of the year") == "years" ? (years, parts) : (parts, years);
        o.Surrounded(o.Book.Add("Sheet1"), stub, head, o.Whole());
    }

    private static void Tidy(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        List<Dimension> taken = [];
        Level[] levels = [.. Enumerable.Range(0, o.Pick.Between(1, 3)).Select(_ => o.AnyClassification(taken))];
        Level[] periods = o.Pick.One("periods in", "a column", "columns of year and part", "columns of year and week") switch
        {
            "a column" => [o.Periods()],
            "columns of year and part" => [o.Years(), o.PartsOfYear()],
            _ => [o.Years(), new Level(o.IsChinese ? "周" : "Week", [.. Enumerable.Range(1, 4).Select(w => ((object?)(decimal)w, new Slice { Period = $"-W{w:D2}" }))])],
        };
        var stub = Office.Cross("repeated", o.Pick.One("periods stand", "first", "last") == "first" ? [.. periods, .. levels] : [.. levels, .. periods]);
        var head = Office.Cross("repeated", new Level(null, ((object?)o.Words.Value, new Slice())));
        if (o.Pick.Is("unit column"))
        {
            var unit = o.Words.Indicators.Members[o.Pick.Below(6)].Unit!;
            stub.With(stub.Depth, o.Words.Unit, (_, _) => unit.Text);
            o.Table(o.Book.Add("Sheet1"), 1, 1, stub, head, new Slice { Unit = unit });
            return;
        }
        o.Surrounded(o.Book.Add("Sheet1"), stub, head, o.Whole());
    }

    private static void TidyIndicatorsAcross(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        List<Dimension> taken = [];
        Level[] levels = [.. Enumerable.Range(0, o.Pick.Between(1, 2)).Select(_ => o.AnyClassification(taken))];
        var stub = Office.Cross("repeated", [.. levels, o.Periods()]);
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.IndicatorsWithUnits()), new Slice());
    }

    private static void Matrix(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        List<Dimension> taken = [];
        var (stub, head) = (Office.Cross("repeated", o.AnyClassification(taken, 3, 5)), Office.Cross("repeated", o.AnyClassification(taken, 2, 4)));
        var year = 2018 + o.Pick.Below(6);
        o.Surrounded(o.Book.Add("Sheet1"), stub, head, o.Whole().And(new Slice { Period = $"{year}" }), o.Title(period: o.IsChinese ? $"{year}年" : $"{year}"));
    }

    private static void PeriodOutside(Office o)
    {
        o.ChooseFormat();
        var period = o.Periods(o.Words.Periods.Concat(o.Words.Cumulative).Where(p => !p.Name.StartsWith("date", StringComparison.Ordinal) && !p.Name.Contains("number") && !p.Name.Contains('.')).ToArray(), 1, 1).Items[0];
        var (text, id) = ((string)period.Cell!, period.Slice.Period!);
        var head = Office.Cross("repeated", o.IndicatorsWithUnits(2, 4));
        var stub = Office.Cross("repeated", o.AnyClassification([], 3, 5));
        var whole = new Slice { Period = id };
        var sheet = o.Book.Add("Sheet1");
        switch (o.Pick.One("the period stands in", "title", "line below the title", "sheet name", "file name"))
        {
            case "title":
                o.Surrounded(sheet, stub, head, whole, o.Title(period: text));
                break;
            case "line below the title":
                sheet.Put(1, 1, o.Title());
                sheet.Put(2, 1, o.Pick.One("period line", "bare", "brackets") == "bare" ? text : o.IsChinese ? $"（{text}）" : $"({text})");
                o.Table(sheet, 3, 1, stub, head, whole);
                break;
            case "sheet name" when !o.IsText:
                o.Book.Sheets.Clear();
                o.Surrounded(o.Book.Add(text.Replace('/', '-')), stub, head, whole, o.Title());
                break;
            default:
                o.Book.FileName = o.IsChinese ? $"{text}主要统计资料" : $"Summary of results {text}";
                o.Surrounded(sheet, stub, head, whole, o.Title());
                break;
        }
    }

    private static void DeepHeader(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        List<Dimension> taken = [];
        var depth = o.Pick.Between(2, 4);
        Level[] levels = [.. Enumerable.Range(0, depth - 1).Select(_ => o.AnyClassification(taken, 2, 2))];
        var head = Office.Cross(o.Spread("outer headers"), o.Pick.One("periods stand", "innermost", "outermost") == "innermost" ? [.. levels, o.Periods(2, 3)] : [o.Periods(2, 3), .. levels]);
        var stub = Office.Cross("repeated", o.AnyClassification(taken, 3, 5));
        o.Surrounded(o.Book.Add("Sheet1"), stub, head, o.Whole(), corner: o.IsText ? "bottom" : o.Pick.One("corner", "bottom", "top", "merged"));
    }

    private static void HeaderRows(Office o)
    {
        o.ChooseFormat();
        var level = o.Of(o.Words.Indicators, 2, 5);
        var head = Office.Cross("repeated", level);
        var members = level.Items.Select(i => o.Words.Indicators.Members.First(m => m.Label == (string)i.Cell!)).ToArray();
        var stub = o.Pick.One("stub", "periods", "classification") == "periods" ? Office.Cross("repeated", o.Periods(3, 5)) : Office.Cross("repeated", o.AnyClassification([], 3, 5));
        var hasPeriods = stub.Lines[0].Slice!.Period is not null;
        var corners = new List<string?> { null };
        if (o.Pick.One("unit row", "yes", "no") == "yes")
        {
            head.With(head.Depth, null, (_, i) => members[i].Unit!.Text);
            corners.Add(o.Pick.One("unit row is", "named", "not named") == "named" ? o.Words.Unit : null);
        }
        else
        {
            for (var i = 0; i < members.Length; i++)
                head.Lines[i] = head.Lines[i] with { Slice = head.Lines[i].Slice! with { Unit = null } };
        }
        if (o.Pick.Is("code row"))
        {
            for (var i = 0; i < members.Length; i++)
                head.Lines[i] = head.Lines[i] with { Slice = head.Lines[i].Slice! with { Code = members[i].Code } };
            var above = o.Pick.One("codes stand", "below", "above") == "above";
            head.With(above ? 0 : head.Depth, null, (_, i) => members[i].Code);
            corners.Insert(above ? 0 : corners.Count, o.IsChinese ? "指标代码" : "CDID");
        }
        if (o.Pick.Is("number row"))
        {
            var style = o.Pick.One("numbers", "(1)", "1");
            head.With(head.Depth, null, (_, i) => style == "1" ? (object)(decimal)(i + 1) : $"({i + 1})");
            corners.Add(o.IsChinese ? "甲" : null);
        }
        var sheet = o.Book.Add("Sheet1");
        var top = 1;
        var year = "2022";
        if (!hasPeriods)
            sheet.Put(top++, 1, o.Title(period: o.IsChinese ? "2022年" : year));
        o.Table(sheet, top, 1, stub, head, hasPeriods ? new Slice() : new Slice { Period = year }, "top");
        for (var i = 1; i < corners.Count; i++)
            sheet.Put(top + i, 1, corners[i]);
        if (corners[0] is { } first)
        {
            // The code row stands above: the stub's own head moves down to the labels.
            sheet.Put(top + 1, 1, stub.Heads[0]);
            sheet.Put(top, 1, first);
        }
    }

    private static void BrokenHeader(Office o)
    {
        o.ChooseFormat();
        (string[] Parts, string Whole)[] texts = o.IsChinese
            ? [(["规模以上", "工业企业数"], "规模以上工业企业数"), (["全部从业", "人员年平均数"], "全部从业人员年平均数"), (["固定资产", "投资额"], "固定资产投资额"), (["社会消费品", "零售总额"], "社会消费品零售总额")]
            : [(["Number of", "enterprises"], "Number of enterprises"), (["Average", "weekly hours"], "Average weekly hours"), (["Capital", "expenditure"], "Capital expenditure"), (["Value added", "at basic prices"], "Value added at basic prices")];
        var chosen = o.Pick.Some(texts, 2, 4);
        var how = o.Pick.One("broken over", "line feeds", "two rows");
        var head = how == "two rows"
            ? Office.Cross("repeated", new Level(null, [.. chosen.Select(t => ((object?)t.Parts[0], new Slice(t.Whole)))])).With(1, null, (_, i) => chosen[i].Parts[1])
            : Office.Cross("repeated", new Level(null, [.. chosen.Select(t => ((object?)string.Join('\n', t.Parts), new Slice(t.Whole)))]));
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.Periods(3, 6)), head, o.Whole());
    }

    private static void YearsOverMonths(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        var head = Office.Cross(o.Spread("years"), o.Years(), o.PartsOfYear());
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), head, o.Whole());
    }

    private static void SeveralStubColumns(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        List<Dimension> taken = [];
        Level[] levels = [.. Enumerable.Range(0, o.Pick.Between(2, 3)).Select(_ => o.AnyClassification(taken, 2, 3))];
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross(o.Spread("outer labels"), levels), Office.Cross("repeated", o.Periods()), o.Whole());
    }

    private static void YearsBesideMonths(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        var stub = Office.Cross(o.Spread("years"), o.Years(), o.PartsOfYear());
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.AnyClassification([])), o.Whole());
    }

    private static void YearHeadings(Office o)
    {
        o.ChooseFormat();
        var stub = Office.Groups(o.Years(2, 3), Office.Cross("repeated", o.PartsOfYear()), o.Pick.Is("bold headings"));
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.AnyClassification([])), o.Whole());
    }

    private static void GroupHeadings(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        List<Dimension> taken = [];
        var stub = Office.Groups(o.AnyClassification(taken, 2, 3), Office.Cross("repeated", o.AnyClassification(taken, 2, 4)), o.Pick.Is("bold headings"));
        var unit = o.Whole();
        if (o.Pick.One("across", "periods", "classification") == "periods")
            o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.Periods()), unit);
        else
            o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.AnyClassification(taken)), unit.And(new Slice { Period = "2021" }), o.Title(period: o.IsChinese ? "2021年" : "2021"));
    }

    private static void Hierarchy(Office o, string[] styles)
    {
        o.ChooseFormat();
        var style = o.Pick.One("levels told by", styles);
        if (o.IsText && style is "cell indent" or "bold" or "bold and indent")
            o.Book.Format = "xlsx";
        o.HasMissing = o.Pick.Is("missing figures");
        // Told by bold alone, an item has one level below it.
        static Member Flat(Member m) => m with { Parts = [.. m.Parts.Select(p => p with { Parts = [] })] };
        var roots = o.Pick.Some(o.Words.Accounts.Members, 1, 3);
        var stub = o.Tree(style, style != "of which" && o.Pick.Is("parents without figures", 3), style == "bold" ? Array.ConvertAll(roots, Flat) : roots);
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.Periods()), o.Whole());
    }

    private static void Totals(Office o)
    {
        o.ChooseFormat();
        var level = o.AnyClassification([], 3, 5);
        var word = o.Pick.One("total", o.IsChinese ? ["合计", "总计", "合 计", "全区"] : ["Total", "All", "Grand total"]);
        (object?, Slice) total = (word, new Slice(word));
        (object?, Slice)[] items = o.Pick.One("the total stands", "first", "last") == "first" ? [total, .. level.Items] : [.. level.Items, total];
        var axis = Office.Cross("repeated", level with { Items = items });
        if (o.Pick.One("the total is", "a row", "a column") == "a row")
            o.Surrounded(o.Book.Add("Sheet1"), axis, Office.Cross("repeated", o.Periods()), o.Whole());
        else
            o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.Periods(3, 6)), axis, o.Whole());
    }

    private static void CodesBesideLabels(Office o)
    {
        o.ChooseFormat();
        Dimension[] coded = [o.Words.Areas, o.Words.Industries, o.Words.Kinds, o.Words.Indicators];
        var dimension = coded[o.Pick.Below(4)];
        var level = o.Of(dimension, 3, 5);
        var members = level.Items.Select(i => dimension.Members.First(m => m.Label == (string)i.Cell!)).ToArray();
        var stub = Office.Cross("repeated", level with { Items = [.. level.Items.Select(i => (i.Cell, i.Slice with { Unit = null }))] });
        for (var i = 0; i < members.Length; i++)
            stub.Lines[i] = stub.Lines[i] with { Slice = stub.Lines[i].Slice! with { Code = members[i].Code } };
        var named = o.Pick.One("code column is", "named", "not named") == "named";
        var numbers = members.All(m => m.Code is ['1' or '6', ..]) && o.Pick.Is("codes as numbers");
        stub.With(o.Pick.One("codes stand", "before", "behind") == "before" ? 0 : 1, named ? (o.IsChinese ? dimension.Name + o.Words.Code : o.Pick.Is("bare head") ? o.Words.Code : dimension.Name + " code") : null,
            (_, i) => numbers ? decimal.Parse(members[i].Code!, CultureInfo.InvariantCulture) : members[i].Code);
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.Periods()), o.Whole());
    }

    private static void UnitsByRow(Office o)
    {
        o.ChooseFormat();
        var level = o.Of(o.Words.Indicators, 3, 6);
        var units = level.Items.Select(i => i.Slice.Unit!.Text).ToArray();
        var stub = Office.Cross("repeated", level);
        var periods = Office.Cross("repeated", o.Periods());
        var sheet = o.Book.Add("Sheet1");
        switch (o.Pick.One("units stand in", "a column", "the labels", "the headers", "heading rows"))
        {
            case "a column":
                o.Surrounded(sheet, stub.With(1, o.Pick.One("unit column", "named", "计量单位 or Units") == "named" ? (o.IsChinese ? "单位" : "Unit") : (o.IsChinese ? "计量单位" : "Units"), (_, i) => units[i]), periods, new Slice());
                break;
            case "the labels":
                o.Surrounded(sheet, Office.Cross("repeated", o.IndicatorsWithUnits(3, 6)), periods, new Slice());
                break;
            case "the headers":
                o.Surrounded(sheet, Office.Cross("repeated", o.Periods(3, 5)), Office.Cross("repeated", o.IndicatorsWithUnits()), new Slice());
                break;
            default:
                var blocks = new Axis([.. stub.Heads]);
                foreach (var unit in new[] { o.Words.Indicators.Members[0].Unit!, o.Words.Indicators.Members[2].Unit! })
                {
                    blocks.Lines.Add(new Line(null, o.IsChinese ? $"单位：{unit.Text}" : unit.Text));
                    blocks.Lines.AddRange(Office.Cross("repeated", o.Of(unit == o.Words.Indicators.Members[0].Unit ? o.Words.Industries : o.Words.Products, 2, 3)).Lines
                        .Select(l => l with { Slice = l.Slice! with { Unit = unit } }));
                }
                o.Surrounded(sheet, blocks, periods, new Slice());
                break;
        }
    }

    private static void Surroundings(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        var (row, column) = (1 + o.Pick.Below(3), 1 + o.Pick.Below(3));
        if (row > 1)
            o.Pick.Said.Add("blank rows above");
        if (column > 1)
            o.Pick.Said.Add("blank columns before");
        var sheet = o.Book.Add(o.Pick.One("sheet", "Sheet1", "数据", "Table 1.1"));
        var (stub, head) = (Office.Cross("repeated", o.AnyClassification([], 3, 5)), Office.Cross("repeated", o.Periods()));
        if (o.Pick.Is("gap row"))
        {
            var at = 1 + o.Pick.Below(stub.Lines.Count - 1);
            stub.Lines.Insert(at, new Line(null, [null]));
        }
        if (o.Pick.Is("gap column", 3))
            head.Lines.Insert(1 + o.Pick.Below(head.Lines.Count - 1), new Line(null, [null]));
        var end = o.Surrounded(sheet, stub, head, o.Whole(), o.Title(), row, column);
        if (o.Pick.Is("notes of several lines"))
        {
            foreach (var note in o.IsChinese ? ["注：1. 2020年数据为快报数。", "    2. 增速按可比价格计算，2015年=100。"] : new[] { "Notes", "1. Figures for 2020 are provisional.", "2. Base year 2015 = 100." })
                sheet.Put(end++, column, note);
        }
        if (o.Pick.Is("a stray number below"))
            sheet.Put(end + 2, column + 1 + o.Pick.Below(3), 513.9m);
        if (o.Pick.Is("title of a chart below", 3))
            sheet.Put(end + 6, column + 1, o.IsChinese ? "图1  主要指标变化" : "Chart 1: Summary of results");
        if (o.Pick.Is("a stray text beside", 3))
            sheet.Put(row + 1, column + stub.Depth + head.Lines.Count + 2, o.IsChinese ? "返回目录" : "Back to contents");
    }

    private static void SeveralTables(Office o, bool stacked)
    {
        o.ChooseFormat();
        var sheet = o.Book.Add("Sheet1");
        var same = o.Pick.One("the tables have", "the same rows", "other rows") == "the same rows";
        var (stub, periods) = (Office.Cross("repeated", o.Of(o.Words.Areas, 3, 4)), Office.Cross("repeated", o.Periods(2, 4)));
        var members = o.Pick.Some(o.Words.Indicators.Members, 2, 3);
        var (row, column) = (1, 1);
        for (var i = 0; i < members.Length; i++)
        {
            var rows = same || i == 0 ? stub : Office.Cross("repeated", o.Of(o.Words.Classifications[i], 2, 4));
            var title = o.Title(members[i].Label, number: i + 1);
            sheet.Put(row, column, title);
            sheet.Put(row + 1, column, o.Words.UnitLine(members[i].Unit!.Text));
            var (bottom, right) = o.Table(sheet, row + 2, column, rows, periods, new Slice(members[i].Label) { Unit = members[i].Unit });
            if (stacked)
                row = bottom + 1 + o.Pick.Below(2);
            else
                column = right + 1;
        }
    }

    private static void SeveralSheets(Office o)
    {
        var kind = o.Pick.One("sheets", "one an indicator", "one a year", "one an area");
        var furniture = o.Pick.Is("cover, contents and notes");
        if (furniture)
        {
            var cover = o.Book.Add(o.IsChinese ? "封面" : "Cover");
            cover.Put(2, 2, o.Title());
            cover.Put(4, 2, o.IsChinese ? "2023年编" : "Released 14 March 2024");
            var contents = o.Book.Add(o.IsChinese ? "目录" : "Contents");
            contents.Put(1, 1, contents.Name);
            for (var i = 1; i <= 3; i++)
            {
                contents.Put(i + 1, 1, o.Words.TableNumber(i));
                contents.Put(i + 1, 2, o.IsChinese ? "主要统计资料" : "Summary of results");
                contents.Put(i + 1, 3, (decimal)(i + 2));
            }
        }
        var (stub, head) = (o.Of(o.Words.Industries, 3, 4), o.Periods(2, 4));
        for (var i = 0; i < 3; i++)
        {
            switch (kind)
            {
                case "one an indicator":
                    var member = o.Words.Indicators.Members[i];
                    o.Surrounded(o.Book.Add(member.Label), Office.Cross("repeated", stub), Office.Cross("repeated", head), new Slice(member.Label) { Unit = member.Unit }, o.Title(member.Label));
                    break;
                case "one a year":
                    var year = 2020 + i;
                    o.Surrounded(o.Book.Add(o.IsChinese ? $"{year}年" : $"{year}"), Office.Cross("repeated", stub), Office.Cross("repeated", new Level(null, [.. o.Words.Indicators.Members.Take(3).Select(m => ((object?)m.Label, new Slice(m.Label)))])), new Slice { Period = $"{year}" }, o.Title());
                    break;
                default:
                    var area = o.Words.Areas.Members[i];
                    o.Surrounded(o.Book.Add(area.Label), Office.Cross("repeated", stub), Office.Cross("repeated", head), new Slice(area.Label), o.Title());
                    break;
            }
        }
        if (furniture)
        {
            var notes = o.Book.Add(o.IsChinese ? "指标解释" : "Notes");
            notes.Put(1, 1, notes.Name);
            notes.Put(2, 1, o.Words.Notes[0]);
            notes.Put(3, 1, o.IsChinese ? "2. 2015年起按新标准统计。" : "2. Base year is 2015.");
        }
    }

    private static void Hidden(Office o)
    {
        var sheet = o.Book.Add("Sheet1");
        var (stub, head) = (Office.Cross("repeated", o.AnyClassification([], 3, 5)), Office.Cross("repeated", o.Periods(3, 5)));
        var whole = o.Whole();
        o.Surrounded(sheet, stub, head, whole);
        var first = o.Book.Facts[0].Source;
        var (row, column) = (int.Parse(first.AsSpan(first.IndexOfAny([.. "0123456789"], 7)), CultureInfo.InvariantCulture), stub.Depth + 1);
        switch (o.Pick.One("hidden", "rows", "a column", "a sheet", "all three"))
        {
            case "rows":
                HideRows();
                break;
            case "a column":
                HideColumn();
                break;
            case "a sheet":
                HideSheet();
                break;
            default:
                HideRows();
                HideColumn();
                HideSheet();
                break;
        }

        void HideRows() => sheet.HiddenRows.UnionWith([row, row + 1]);

        void HideColumn()
        {
            sheet.HiddenColumns.Add(column + 1);
            o.Book.Facts.RemoveAll(f => f.Source.StartsWith($"Sheet1!{Source.Column(column + 1)}", StringComparison.Ordinal));
        }

        void HideSheet()
        {
            var count = o.Book.Facts.Count;
            o.Surrounded(o.Book.Add("old", hidden: true), stub, head, whole);
            o.Book.Facts.RemoveRange(count, o.Book.Facts.Count - count);
        }
    }

    private static void Cumulative(Office o)
    {
        o.ChooseFormat();
        var periods = Office.Cross("repeated", o.Periods(o.Words.Cumulative, 3, 5));
        var others = Office.Cross("repeated", o.AnyClassification([], 2, 4));
        if (o.Pick.One("periods", "across", "down") == "across")
            o.Surrounded(o.Book.Add("Sheet1"), others, periods, o.Whole());
        else
            o.Surrounded(o.Book.Add("Sheet1"), periods, others, o.Whole());
    }

    private static void FiscalYears(Office o)
    {
        o.ChooseFormat();
        var sign = o.Pick.One("years", "2021/22", "2021-22", "2021-2022", "2021/2022", "FY2021/22");
        var first = 2008 + o.Pick.Below(10);
        string Text(int y) => sign switch
        {
            "2021/22" => $"{y}/{(y + 1) % 100:D2}",
            "2021-22" => $"{y}-{(y + 1) % 100:D2}",
            "2021-2022" => $"{y}-{y + 1}",
            "2021/2022" => $"{y}/{y + 1}",
            _ => $"FY{y}/{(y + 1) % 100:D2}",
        };
        var periods = Office.Cross("repeated", new Level(o.IsChinese ? "年度" : "Financial year", [.. Enumerable.Range(first, 4).Select(y => ((object?)Text(y), new Slice { Period = $"{y}/{y + 1};{y}-04/{y + 1}-03" }))]));
        var others = Office.Cross("repeated", o.AnyClassification([], 2, 4));
        if (o.Pick.One("periods", "across", "down") == "across")
            o.Surrounded(o.Book.Add("Sheet1"), others, periods, o.Whole());
        else
            o.Surrounded(o.Book.Add("Sheet1"), periods, others, o.Whole());
    }

    private static void Weeks(Office o)
    {
        o.ChooseFormat();
        var style = o.Pick.One("weeks", "week ending 3 April 2020", "2020-W14", "Week 14 2020", "number and date rows");
        // Weeks that end on a Friday: 3 April 2020 is in ISO week 14.
        var first = new DateTime(2020, 1, 3).AddDays(7 * o.Pick.Between(1, 40));
        var days = Enumerable.Range(0, o.Pick.Between(3, 5)).Select(i => first.AddDays(7 * i)).ToArray();
        string Id(DateTime day) => $"{ISOWeek.GetYear(day)}-W{ISOWeek.GetWeekOfYear(day):D2}";
        object Text(DateTime day) => style switch
        {
            "week ending 3 April 2020" => o.IsChinese ? $"截至{day.Year}年{day.Month}月{day.Day}日当周" : $"week ending {day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}",
            "2020-W14" => Id(day),
            "Week 14 2020" => o.IsChinese ? $"{day.Year}年第{ISOWeek.GetWeekOfYear(day)}周" : $"Week {ISOWeek.GetWeekOfYear(day)} {day.Year}",
            _ => o.IsText ? day.ToString("yyyy-MM-dd") : new BookCell(day) { Format = "d-mmm-yy" },
        };
        var periods = Office.Cross("repeated", new Level(style == "number and date rows" ? (o.IsChinese ? "截止日期" : "Week ended") : o.Words.Period, [.. days.Select(d => ((object?)Text(d), new Slice { Period = Id(d) }))]));
        var others = Office.Cross("repeated", o.AnyClassification([], 2, 4));
        if (style == "number and date rows")
            periods.With(0, o.IsChinese ? "周次" : "Week number", (_, i) => (decimal)ISOWeek.GetWeekOfYear(days[i]));
        if (o.Pick.One("periods", "across", "down") == "down")
        {
            o.Surrounded(o.Book.Add("Sheet1"), periods, others, o.Whole());
            return;
        }
        var sheet = o.Book.Add("Sheet1");
        o.Table(sheet, 1, 1, others, periods, new Slice());
        if (style == "number and date rows")
        {
            sheet.Put(1, 1, o.IsChinese ? "周次" : "Week number");
            sheet.Put(2, 1, o.IsChinese ? "截止日期" : "Week ended");
        }
    }

    private static void PerCent(Office o)
    {
        o.ChooseFormat();
        var style = o.IsText ? "sign" : o.Pick.One("per cent by", "sign", "number format");
        var n = 0;
        o.Figures = _ =>
        {
            var value = ((n++ * 7) % 83) + 1.5m;
            return (style == "sign" ? new BookCell($"{value}%") : new BookCell(value / 100) { Format = "0.0%" }, value, "A");
        };
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), Office.Cross("repeated", o.Periods()), new Slice { Unit = new("%", "PT", 0) }, unitIsShown: false);
    }

    private static void Scaled(Office o)
    {
        var format = o.Pick.One("format", "#,##0,", "#,##0.0,", "#,##0.0,,");
        var power = format.EndsWith(",,", StringComparison.Ordinal) ? 6 : 3;
        var n = 0;
        var unit = o.IsChinese ? new UnitWords(power == 3 ? "千元" : "百万元", "CNY", power) : new UnitWords(power == 3 ? "£ thousand" : "£ million", "GBP", power);
        // What a reader sees is in thousands, as the unit line says; the file has it to the unit.
        o.Figures = _ =>
        {
            var stored = 12_345_000m + (n++ * 1_111_500m);
            return (new BookCell(stored) { Format = format }, stored / (power == 3 ? 1000 : 1_000_000), "A");
        };
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), Office.Cross("repeated", o.Periods()), new Slice { Unit = unit });
    }

    private static void Negatives(Office o)
    {
        o.ChooseFormat();
        var style = o.Pick.One("negatives", "-1.5", "(1.5)", "−1.5", "1.5-", "-1,234.5");
        var n = 0;
        o.Figures = _ =>
        {
            var value = ((n++ * 37) % 91) - 40 + 0.5m + (style == "-1,234.5" ? (n % 2 == 0 ? 2000 : -2000) : 0);
            var text = Math.Abs(value).ToString(style == "-1,234.5" ? "N1" : "F1", CultureInfo.InvariantCulture);
            return (new BookCell(value >= 0 ? text : style switch { "(1.5)" => $"({text})", "−1.5" => "−" + text, "1.5-" => text + "-", _ => "-" + text }), value, "A");
        };
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), Office.Cross("repeated", o.Periods()), o.Whole());
    }

    private static void Flags(Office o)
    {
        o.ChooseFormat();
        var style = o.Pick.One("flags", "12.5p", "12.5 (p)", "12.5[1]", "12.5¹", "12.5*", "12.5r", "12.5 e");
        var status = style switch { "12.5p" or "12.5 (p)" => "P", "12.5 e" => "E", _ => "A" };
        var n = 0;
        o.Figures = _ =>
        {
            var value = ((n++ * 13) % 97) + 0.5m;
            return n % 3 == 0 ? (new BookCell(value + style[4..]), value, status) : (new BookCell(value), value, "A");
        };
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), Office.Cross("repeated", o.Periods(3, 5)), o.Whole());
    }

    private static void Symbols(Office o)
    {
        o.ChooseFormat();
        // With a legend the office's own words say what a sign means, whatever it means elsewhere.
        var (symbol, status, legend) = o.Pick.Below(6) switch
        {
            0 => ("..", "missing", null),
            1 => ("x", "Q", o.IsChinese ? "x 表示为保护隐私不公布" : "x = suppressed to protect confidentiality"),
            2 => ("*", "Q", o.IsChinese ? "* 表示数据保密" : "* Figure is confidential"),
            3 => ("z", "M", o.IsChinese ? "z 表示不适用" : "z = not applicable"),
            4 => ("#", "missing", o.IsChinese ? "“#”表示数据暂缺" : "# not available"),
            _ => (o.IsChinese ? "…" : "n/a", "missing", null),
        };
        o.Pick.Said.Add($"symbol: {symbol}{(legend is null ? "" : " with a legend")}");
        var n = 0;
        o.Figures = _ =>
        {
            var value = ((n++ * 13) % 97) + 0.5m;
            return n % 4 == 2 ? (new BookCell(symbol), null, status) : (new BookCell(value), value, "A");
        };
        var sheet = o.Book.Add("Sheet1");
        var (stub, head) = (Office.Cross("repeated", o.AnyClassification([], 3, 5)), Office.Cross("repeated", o.Periods(3, 5)));
        sheet.Put(1, 1, o.Title());
        var (row, _) = o.Table(sheet, 3, 1, stub, head, new Slice());
        if (legend is not null)
            sheet.Put(row + 1, 1, (o.IsChinese ? "注：" : "Symbols: ") + legend);
    }

    private static void FileFormats(Office o)
    {
        // GB 18030 shows itself by Chinese words; a lone £ does not tell.
        o.Book.Format = o.Pick.One("file", "csv", o.IsChinese ? "csv-gb18030" : "csv", "html", "ods", "docx", "xlsx");
        o.HasMissing = o.Pick.Is("missing figures");
        var head = Office.Cross(o.Spread("years"), o.Years(), o.PartsOfYear());
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross(o.Spread("outer labels"), o.Of(o.Words.Areas, 2, 3), o.Of(o.Words.Sexes)), head, o.Whole());
    }

    private static void UnevenHeader(Office o)
    {
        // A total over both header rows, and its parts below a common heading.
        o.ChooseFormat();
        var merged = !o.IsText && o.Pick.One("headers", "merged", "blank") == "merged";
        List<Dimension> taken = [];
        var (rows, parts) = (o.AnyClassification(taken, 3, 5), o.AnyClassification(taken, 2, 4));
        var total = o.Words.Total;
        var group = o.IsChinese ? o.Pick.One("group", "其中", "按构成分") : o.Pick.One("group", "of which", "By type");
        var head = new Axis(null, null);
        head.Lines.Add(new Line(new Slice(total), total, null));
        head.Lines.AddRange(parts.Items.Select((p, i) => new Line(p.Slice, i == 0 ? group : null, p.Cell)));
        if (merged)
            head.Merged.Add((1, parts.Items.Length, 0));
        var sheet = o.Book.Add("Sheet1");
        sheet.Put(1, 1, o.Title(period: o.IsChinese ? "2022年" : "2022"));
        var top = o.Pick.Is("blank row above") ? 3 : 2;
        o.Table(sheet, top, 1, Office.Cross("repeated", rows), head, new Slice { Period = "2022" }, merged ? "merged" : "top");
        if (merged)
            sheet.Merge(top, 2, top + 1, 2);
    }

    private static void LevelsAndGrowth(Office o)
    {
        o.ChooseFormat();
        var unit = o.IsChinese ? new UnitWords("亿元", "CNY", 8) : new UnitWords("£ million", "GBP", 6);
        var percent = new UnitWords("%", "PT", 0);
        var year = 2016 + o.Pick.Below(8);
        var (level, growth) = o.IsChinese ? ("本月", "同比增长") : ("Sales", "Annual growth");
        var head = new Axis((string?)null);
        switch (o.Pick.One("columns", "years and growth", "level and growth"))
        {
            case "years and growth":
                foreach (var y in new[] { year - 1, year })
                    head.Lines.Add(new Line(new Slice { Period = $"{y}", Unit = unit }, o.IsChinese ? $"{y}年" : $"{y}"));
                head.Lines.Add(new Line(new Slice { Period = $"{year}", Unit = percent }, o.IsChinese ? $"{year}年比上年增长（%）" : $"{year} growth on previous year (%)"));
                o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), head, new Slice { Unit = unit });
                break;
            default:
                head.Lines.Add(new Line(new Slice(level) { Unit = unit }, $"{level}{(o.IsChinese ? "（亿元）" : " (£ million)")}"));
                head.Lines.Add(new Line(new Slice(growth) { Unit = percent }, o.IsChinese ? "同比增长（%）" : "Annual growth (%)"));
                o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), head, new Slice { Period = $"{year}-05" }, o.Title(period: o.IsChinese ? $"{year}年5月" : $"May {year}"));
                break;
        }
    }

    private static void SameParts(Office o)
    {
        // Male and female under each region: only the row above tells whose they are.
        o.ChooseFormat();
        var told = o.Pick.One("groups told by", o.IsText ? ["leading spaces", "full-width spaces"] : ["leading spaces", "full-width spaces", "cell indent", "bold", "merged heading"]);
        var (outer, inner) = (o.Of(o.Words.Areas, 2, 4), o.Of(o.Pick.Is("ages") ? o.Words.Ages : o.Words.Sexes));
        var withTotals = told != "merged heading" && o.Pick.One("group rows have", "figures", "none") == "figures";
        var stub = new Axis(outer.Name);
        var headings = new List<int>();
        foreach (var (cell, slice) in outer.Items)
        {
            headings.Add(stub.Lines.Count);
            stub.Lines.Add(new Line(withTotals ? slice : null, told == "bold" ? new BookCell(cell!) { Bold = true } : cell));
            stub.Lines.AddRange(inner.Items.Select(i => new Line(slice.And(i.Slice), told switch
            {
                "leading spaces" => "   " + i.Cell,
                "full-width spaces" => "　　" + i.Cell,
                "cell indent" => new BookCell(i.Cell!) { Indent = 1 },
                _ => i.Cell,
            })));
        }
        var head = Office.Cross("repeated", o.Periods());
        var sheet = o.Book.Add("Sheet1");
        o.Table(sheet, 1, 1, stub, head, new Slice());
        if (told == "merged heading")
            foreach (var i in headings)
                sheet.Merge(2 + i, 1, 2 + i, 1 + head.Lines.Count);
    }

    private static void RepeatedHeader(Office o)
    {
        // As printed: the header stands again at the top of the next page.
        o.ChooseFormat();
        var (rows, head) = (Office.Cross("repeated", o.Of(o.Words.Areas, 6, 7)), Office.Cross("repeated", o.Periods()));
        var (first, second) = (new Axis([.. rows.Heads]), new Axis([.. rows.Heads]));
        first.Lines.AddRange(rows.Lines.Take(3));
        second.Lines.AddRange(rows.Lines.Skip(3));
        var sheet = o.Book.Add("Sheet1");
        sheet.Put(1, 1, o.Title());
        var (row, _) = o.Table(sheet, 2, 1, first, head, new Slice());
        if (o.Pick.Is("blank row between"))
            row++;
        if (o.Pick.Is("title of the continuation"))
            sheet.Put(row++, 1, o.IsChinese ? "续表" : "(continued)");
        o.Table(sheet, row, 1, second, head, new Slice());
    }

    private static void RowNumbers(Office o)
    {
        o.ChooseFormat();
        var stub = Office.Cross("repeated", o.AnyClassification([], 3, 5));
        stub.With(0, o.IsChinese ? o.Pick.One("head", "序号", "行次") : o.Pick.One("head", "No.", "Row"), (_, i) => (decimal)(i + 1));
        var head = Office.Cross("repeated", o.Periods());
        var sheet = o.Book.Add("Sheet1");
        var remarks = o.Pick.Is("remarks");
        var (bottom, right) = o.Table(sheet, 1, 1, stub, head, new Slice());
        if (!remarks)
            return;
        sheet.Put(1, right, o.IsChinese ? "备注" : "Remarks");
        for (var row = 2; row < bottom; row += 2)
            sheet.Put(row, right, o.IsChinese ? "含下属单位" : "includes branches");
    }

    private static void MarkedLabels(Office o)
    {
        o.ChooseFormat();
        var mark = o.Pick.One("mark", " [1]", "[note 2]", "¹", "*", " (a)", "①");
        var (level, periods) = (o.AnyClassification([], 3, 5), Office.Cross("repeated", o.Years(3, 4)));
        var stub = Office.Cross("repeated", level);
        var onLabels = o.Pick.One("marks stand on", "labels", "periods") == "labels";
        if (onLabels)
        {
            stub.Lines[1] = stub.Lines[1] with { Cells = [stub.Lines[1].Cells[0] + mark] };
        }
        else
        {
            mark = o.Pick.One("mark on the period", "p", " (p)", " [1]", "*", "¹");
            periods.Lines[^1] = periods.Lines[^1] with { Cells = [periods.Lines[^1].Cells[0] + mark] };
        }
        var sheet = o.Book.Add("Sheet1");
        var (row, _) = o.Table(sheet, 1, 1, stub, periods, new Slice());
        var note = mark.Contains('p') ? (o.IsChinese ? " 为初步数。" : " provisional") : o.IsChinese ? " 口径有调整。" : " On a new basis.";
        sheet.Put(row + 1, 1, mark.Trim() + note);
        // The mark of a whole column may go to its figures.
        for (var i = 0; i < o.Book.Facts.Count && mark.Contains('p'); i++)
            o.Book.Facts[i] = o.Book.Facts[i] with { Status = "A;P" };
    }

    private static void MixedFrequencies(Office o)
    {
        o.ChooseFormat();
        var first = 2017 + o.Pick.Below(5);
        var gaps = o.Pick.Is("blank rows between");
        var stub = new Axis(o.Pick.Is("the stub is named") ? o.Words.Period : null);
        void Add(PeriodForm form, int year, int count)
        {
            if (gaps && stub.Lines.Count > 0)
                stub.Lines.Add(new Line(null, [null]));
            stub.Lines.AddRange(form.From(year, 1, count).Select(p => new Line(new Slice { Period = p.Id }, p.Cell)));
        }
        PeriodForm Form(int months) => o.Words.Periods.Where(p => p.Months == months && !p.Name.StartsWith("date", StringComparison.Ordinal) && !p.Name.Contains('末')).ToArray() is var forms ? forms[o.Pick.Below(forms.Length)] : null!;
        Add(Form(12), first, 3);
        Add(Form(3), first + 1, 4);
        if (o.Pick.One("months too", "yes", "no") == "yes")
            Add(Form(1), first + 2, 6);
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.AnyClassification([])), o.Whole());
    }

    private static void MetadataRows(Office o)
    {
        // A download of series: what is known of each stands above its figures, a row each.
        o.ChooseFormat();
        var members = o.Pick.Some(o.Words.Indicators.Members, 2, 4);
        var head = new Axis(null, null, null, null);
        foreach (var m in members)
            head.Lines.Add(new Line(new Slice(m.Label) { Unit = m.Unit, Code = m.Code }, m.Label, m.Code, m.Unit!.Text, o.IsChinese ? "2024年3月14日" : "14-03-2024"));
        string[] names = o.IsChinese ? ["指标", "指标代码", "单位", "更新时间"] : ["Title", "CDID", "Unit", "Release date"];
        if (o.Pick.Is("area and frequency rows"))
        {
            var area = o.Words.Areas.Members[o.Pick.Below(5)].Label;
            head.With(1, null, (_, _) => area).With(2, null, (_, _) => o.IsChinese ? "月" : "Monthly");
            for (var i = 0; i < members.Length; i++)
                head.Lines[i] = head.Lines[i] with { Slice = new Slice(area).And(head.Lines[i].Slice!) };
            names = [names[0], o.IsChinese ? "地区" : "Region", o.IsChinese ? "频度" : "Frequency", .. names[1..]];
        }
        var months = names.Length == 4 && o.Pick.One("periods", "years", "months") == "years" ? 12 : 1;
        var form = o.Words.Periods.First(p => p.Months == months && p.Text(2020, 1) is string);
        var stub = new Axis((string?)null);
        stub.Lines.AddRange(form.From(2018, 1, 5).Select(p => new Line(new Slice { Period = p.Id }, p.Cell)));
        var sheet = o.Book.Add("Sheet1");
        o.Table(sheet, 1, 1, stub, head, new Slice());
        for (var i = 0; i < names.Length; i++)
            sheet.Put(i + 1, 1, names[i]);
    }

    private static void NumericClasses(Office o)
    {
        o.ChooseFormat();
        var (name, values) = o.IsChinese ? ("家庭人口数", new[] { "1", "2", "3", "4" }) : ("Number of rooms", ["1", "2", "3", "4"]);
        var asNumbers = !o.IsText && o.Pick.Is("as numbers");
        var classes = new Level(name, [.. values.Select(v => (asNumbers ? decimal.Parse(v, CultureInfo.InvariantCulture) : (object?)v, new Slice(v)))]);
        var last = o.IsChinese ? "5人以上" : "5 or more";
        classes = classes with { Items = [.. classes.Items, (last, new Slice(last))] };
        if (o.Pick.One("classes", "down", "across") == "down")
        {
            o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", classes), Office.Cross("repeated", o.Years(2, 4)), o.Whole());
            return;
        }
        var head = Office.Cross("repeated", classes);
        head.With(0, null, (_, i) => i == 0 ? name : null);
        if (!o.IsText)
            head.Merged.Add((0, head.Lines.Count - 1, 0));
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.Of(o.Words.Areas, 3, 5)), head, o.Whole().And(new Slice { Period = "2021" }), o.Title(period: o.IsChinese ? "2021年" : "2021"), corner: o.IsText ? "bottom" : "merged");
    }

    private static void CornerUnit(Office o)
    {
        o.ChooseFormat();
        var (stub, head) = (Office.Cross("repeated", o.AnyClassification([], 3, 5)), Office.Cross("repeated", o.Periods()));
        var sheet = o.Book.Add("Sheet1");
        if (o.Pick.One("unit", "in the corner", "an index with its base") == "in the corner")
        {
            var unit = o.Words.Indicators.Members[o.Pick.Below(6)].Unit!;
            stub.Heads[0] = o.IsChinese ? o.Words.UnitLine(unit.Text) : unit.Text;
            sheet.Put(1, 1, o.Title());
            o.Table(sheet, 2, 1, stub, head, new Slice { Unit = unit });
            return;
        }
        var text = o.IsChinese ? o.Pick.One("base", "（上年=100）", "(2015年=100)", "以2015年为100") : o.Pick.One("base", "(2015=100)", "Index 2015=100", "2015 = 100", "Index numbers, 2015=100");
        sheet.Put(1, 1, o.Title());
        sheet.Put(2, 1, text);
        o.Table(sheet, 3, 1, stub, head, new Slice { Unit = new(text, text.Contains("2015", StringComparison.Ordinal) ? "IX_2015" : "IX_PY", 0) });
    }

    private static void YearTotal(Office o)
    {
        o.ChooseFormat();
        var (years, parts) = (o.Years(2, 4), o.PartsOfYear());
        var whole = o.IsChinese ? o.Pick.One("total", "全年", "合计") : o.Pick.One("total", "Year", "Annual", "Total");
        (object?, Slice) total = (whole, new Slice());
        var head = Office.Cross("repeated", parts with { Items = o.Pick.One("the year stands", "last", "first") == "last" ? [.. parts.Items, total] : [total, .. parts.Items] });
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", years), head, o.Whole());
    }

    private static void YearOnce(Office o)
    {
        o.ChooseFormat();
        var year = 2018 + o.Pick.Below(5);
        var quarters = o.Pick.One("parts", "months", "quarters") == "quarters";
        var parts = quarters ? 4 : 12;
        var run = Enumerable.Range(o.Pick.Below(parts / 2), o.Pick.Between(4, 14)).Select(m => (Year: year + (m / parts), Part: (m % parts) + 1)).ToArray();
        var axis = new Axis(o.Words.Period);
        foreach (var (y, m) in run)
        {
            var name = quarters ? o.Words.QuarterName(m) : o.Words.MonthName(m);
            var named = (y, m) == run[0] || m == 1;
            axis.Lines.Add(new Line(new Slice { Period = quarters ? $"{y}-Q{m}" : $"{y}-{m:D2}" }, !named ? name : o.IsChinese ? $"{y}年{name}" : $"{y} {name}"));
        }
        var others = Office.Cross("repeated", o.AnyClassification([], 2, 4));
        if (o.Pick.One("periods", "down", "across") == "down")
            o.Surrounded(o.Book.Add("Sheet1"), axis, others, o.Whole());
        else
            o.Surrounded(o.Book.Add("Sheet1"), others, axis, o.Whole());
    }

    private static void Bilingual(Office o)
    {
        // Yearbooks name everything twice.
        o.ChooseFormat();
        (string Zh, string En)[] names = [("农业", "Farming"), ("林业", "Forestry"), ("畜牧业", "Animal husbandry"), ("渔业", "Fishery"), ("运输业", "Transport")];
        var chosen = o.Pick.Some(names, 3, 5);
        var stub = new Axis(o.IsChinese ? "行业" : "行业 Industry");
        var two = o.Pick.One("the second language stands", "in a column of its own", "in the same cell") == "in a column of its own";
        stub.Lines.AddRange(chosen.Select(n => new Line(new Slice(n.Zh, n.En), two ? n.Zh : $"{n.Zh} {n.En}")));
        if (two)
            stub.With(1, "Industry", (_, i) => chosen[i].En);
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.Periods()), o.Whole());
    }

    private static void AlternatingUnits(Office o)
    {
        // Number and per cent of each, told apart by the unit alone.
        o.ChooseFormat();
        List<Dimension> taken = [];
        var (rows, outer) = (o.AnyClassification(taken, 3, 5), o.AnyClassification(taken, 2, 3));
        UnitWords[] units = o.IsChinese ? [new("万人", "PS", 4), new("%", "PT", 0)] : [new("persons", "PS", 0), new("%", "PT", 0)];
        var head = Office.Cross(o.Spread("outer headers"), outer, new Level(null, [.. units.Select(u => ((object?)u.Text, new Slice { Unit = u }))]));
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", rows), head, new Slice { Period = "2021" }, o.Title(period: o.IsChinese ? "2021年" : "2021"), unitIsShown: false);
    }

    private static void GroupUnits(Office o)
    {
        o.ChooseFormat();
        var head = Office.Cross(o.Spread("groups"), o.IndicatorsWithUnits(2, 3), o.Pick.One("below", "years", "periods") == "years" ? o.Years() : o.Periods(2, 3));
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), head, new Slice());
    }

    private static void NamesBelow(Office o)
    {
        // As table builders export: the columns' dimension and its members in a row, the names of the stub in the row below.
        o.ChooseFormat();
        List<Dimension> taken = [];
        var stub = Office.Cross(o.Pick.One("outer labels", "repeated", "blank"), o.AnyClassification(taken, 2, 3), o.AnyClassification(taken, 2, 3));
        var over = o.Pick.One("across", "periods", "classification") == "periods" ? o.Periods() : o.AnyClassification(taken);
        var head = Office.Cross("repeated", over).With(1, null, (_, _) => null);
        var sheet = o.Book.Add("Sheet1");
        sheet.Put(1, 1, o.Title(period: "2021"));
        var period = over.Items[0].Slice.Period is null ? "2021" : null;
        if (period is null)
            sheet.Put(1, 1, o.Title());
        o.Table(sheet, 2, 1, stub, head, new Slice { Period = period });
        sheet.Put(2, 1, over.Name);
    }

    private static void SpacerColumns(Office o)
    {
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        var across = o.Pick.One("across", "periods", "classification") == "periods";
        var head = Office.Cross("repeated", across ? o.Periods(3, 4) : o.AnyClassification([], 3, 4));
        for (var i = head.Lines.Count - 1; i > 0; i--)
            head.Lines.Insert(i, new Line(null, [null]));
        var stub = across ? Office.Cross("repeated", o.AnyClassification([], 3, 5)) : Office.Cross("repeated", o.Periods(4, 6));
        o.Surrounded(o.Book.Add("Sheet1"), stub, head, o.Whole(), column: 1 + o.Pick.Below(2));
    }

    private static void FrequencyHeadings(Office o)
    {
        o.ChooseFormat();
        var first = 2016 + o.Pick.Below(5);
        var bold = o.Pick.Is("bold headings");
        var stub = new Axis((string?)null);
        void Heading(string text) => stub.Lines.Add(new Line(null, bold ? new BookCell(text) { Bold = true } : text));
        Heading(o.IsChinese ? "年度" : "Annual");
        for (var year = first; year < first + 3; year++)
            stub.Lines.Add(new Line(new Slice { Period = $"{year}" }, o.IsChinese ? $"{year}年" : $"{year}"));
        if (o.Pick.Is("blank row between"))
            stub.Lines.Add(new Line(null, [null]));
        Heading(o.IsChinese ? "季度" : "Quarterly");
        for (var quarter = 1; quarter <= 4; quarter++)
            stub.Lines.Add(new Line(new Slice { Period = $"{first + 2}-Q{quarter}" }, o.IsChinese ? $"{first + 2}年{o.Words.QuarterName(quarter)}" : $"{first + 2} Q{quarter}"));
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.AnyClassification([], 2, 4)), o.Whole());
    }

    private static void FlagColumns(Office o)
    {
        o.ChooseFormat();
        var (rows, years) = (o.AnyClassification([], 3, 5), o.Years(2, 4));
        var stub = Office.Cross("repeated", rows);
        var head = new Axis((string?)null);
        var name = o.Pick.One("flag head", "named", "blank") == "blank" ? null : o.IsChinese ? "标志" : "Flag";
        foreach (var (cell, slice) in years.Items)
            head.Lines.AddRange([new Line(slice, cell), new Line(null, name)]);
        var sheet = o.Book.Add("Sheet1");
        o.Table(sheet, 1, 1, stub, head, new Slice());
        var flag = o.Pick.One("flag", "p", "e", "b");
        for (var i = 0; i < o.Book.Facts.Count; i++)
        {
            if (i % 3 != 1)
                continue;
            sheet.Put(2 + (i / years.Items.Length), 3 + (i % years.Items.Length * 2), flag);
            o.Book.Facts[i] = o.Book.Facts[i] with { Status = "A;" + flag.ToUpperInvariant() };
        }
    }

    private static void KeyLines(Office o)
    {
        // As databases export: what the table is about stands above it, a line each.
        o.ChooseFormat();
        var member = o.Words.Indicators.Members[o.Pick.Below(6)];
        var sheet = o.Book.Add("Sheet1");
        string[] lines = o.IsChinese
            ? [$"数据库：年度数据", $"指标：{member.Label}({member.Unit!.Text})", "时间：最近5年"]
            : ["Database: Annual data", $"Indicator: {member.Label} ({member.Unit!.Text})", "Last updated: 14 March 2024"];
        for (var i = 0; i < lines.Length; i++)
            sheet.Put(i + 1, 1, lines[i]);
        var row = o.Pick.Is("blank row below") ? 5 : 4;
        (row, _) = o.Table(sheet, row, 1, Office.Cross("repeated", o.Of(o.Words.Areas, 3, 6)), Office.Cross("repeated", o.Years(3, 4)), new Slice(member.Label) { Unit = member.Unit });
        sheet.Put(row, 1, o.IsChinese ? "数据来源：地方统计局" : "Source: Office of Regional Statistics");
    }

    private static void MonthAndToDate(Office o)
    {
        o.ChooseFormat();
        var (year, month) = (2018 + o.Pick.Below(6), o.Pick.Between(2, 11));
        var (unit, percent) = (o.IsChinese ? new UnitWords("亿元", "CNY", 8) : new UnitWords("£ million", "GBP", 6), new UnitWords("%", "PT", 0));
        var (alone, toDate) = ($"{year}-{month:D2}", month switch { 3 => $"{year}-01/{year}-03;{year}-Q1", 6 => $"{year}-01/{year}-06;{year}-S1", _ => $"{year}-01/{year}-{month:D2}" });
        var (a, b) = o.IsChinese ? ($"{month}月", $"1-{month}月") : (o.Words.MonthName(month), $"Jan-{o.Words.MonthName(month)}");
        var (level, growth) = o.IsChinese ? ("绝对量（亿元）", "同比增长（%）") : ("Sales (£ million)", "Annual growth (%)");
        var head = new Axis(null, null);
        var merged = !o.IsText && o.Pick.One("periods", "merged", "blank") == "merged";
        var spread = merged || o.Pick.One("periods are", "blank to the right", "repeated") == "blank to the right";
        foreach (var (text, period) in new[] { (a, alone), (b, toDate) })
        {
            head.Lines.Add(new Line(new Slice { Period = period, Unit = unit }, text, level));
            head.Lines.Add(new Line(new Slice(o.IsChinese ? "同比增长" : "Annual growth") { Period = period, Unit = percent }, spread ? null : text, growth));
        }
        if (merged)
            head.Merged.AddRange([(0, 1, 0), (2, 3, 0)]);
        o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.AnyClassification([], 3, 5)), head, new Slice(), o.Title(period: o.IsChinese ? $"{year}年" : $"{year}"));
    }

    private static void SpacedOut(Office o)
    {
        // Short names are set as wide as the long ones; digits stand in full width.
        o.ChooseFormat();
        var sign = o.Pick.One("spaced by", "　", " ", "  ");
        (string Shown, string Label)[] names = o.IsChinese
            ? [($"农{sign}业", "农业"), ($"林{sign}业", "林业"), ($"渔{sign}业", "渔业"), ("畜牧业", "畜牧业")]
            : [("Farming ", "Farming"), (" Forestry", "Forestry"), ("Fish \u00a0farming", "Fish farming"), ("Hunting", "Hunting")];
        var stub = Office.Cross("repeated", new Level(o.IsChinese ? "行　业" : " Industry ", [.. names.Select(n => ((object?)n.Shown, new Slice(n.Label)))]));
        static string Wide(string text) => string.Concat(text.Select(c => char.IsAsciiDigit(c) ? (char)(c + 0xFEE0) : c));
        var year = 2017 + o.Pick.Below(5);
        var wide = o.Pick.Is("wide digits");
        var head = Office.Cross("repeated", new Level(null, [.. Enumerable.Range(year, 3).Select(y => ((object?)(o.IsChinese ? (wide ? Wide($"{y}年") : $"{y} 年") : wide ? $" {y} " : $"{y}"), new Slice { Period = $"{y}" }))]));
        o.Surrounded(o.Book.Add("Sheet1"), stub, head, o.Whole());
    }

    private static void OtherNames(Office o)
    {
        // Whatever code a word gets, the office's own word is its label.
        o.ChooseFormat();
        (string Name, string[] Labels)[] lists = o.IsChinese
            ? [("性别", ["男女合计", "男性", "女性"]), ("指标", ["国内生产总值", "生产总值", "地区生产总值"]), ("行业", ["农业", "煤炭工业", "食品工业"])]
            : [("Sex", ["All persons", "Males", "Females"]), ("Industry", ["Mining and quarrying", "Manufacturing industry", "Retail trade"]), ("Country", ["UK", "Germany", "Czech Republic"])];
        var (name, labels) = lists[o.Pick.Below(3)];
        o.Pick.Said.Add(name);
        var axis = Office.Cross("repeated", new Level(name, [.. labels.Select(l => ((object?)l, new Slice(l)))]));
        if (o.Pick.One("labels", "down", "across") == "down")
            o.Surrounded(o.Book.Add("Sheet1"), axis, Office.Cross("repeated", o.Years(2, 4)), o.Whole());
        else
            o.Surrounded(o.Book.Add("Sheet1"), Office.Cross("repeated", o.Years(3, 5)), axis, o.Whole());
    }

    private static void Long(Office o)
    {
        // More rows than a reader looks at before deciding: groups begin, and signs occur, far below.
        o.ChooseFormat();
        o.HasMissing = o.Pick.Is("missing figures");
        var towns = new Level(o.IsChinese ? "乡镇" : "Town", [.. Enumerable.Range(1, o.Pick.Between(20, 40)).Select(i => (o.IsChinese ? $"第{i}镇" : $"Town {(char)('A' + (i % 26))}{i}")).Select(t => ((object?)t, new Slice(t)))]);
        var areas = o.Of(o.Words.Areas, 3, 7);
        var stub = o.Pick.One("groups", "heading rows", "repeated", "blank") switch
        {
            "heading rows" => Office.Groups(areas, Office.Cross("repeated", towns), o.Pick.Is("bold headings")),
            var spread => Office.Cross(spread, areas, towns),
        };
        o.Surrounded(o.Book.Add("Sheet1"), stub, Office.Cross("repeated", o.Periods(2, 3)), o.Whole());
    }

    private static void Mixture(Office o)
    {
        o.ChooseFormat("ods", "html", "docx");
        o.HasMissing = o.Pick.Is("missing figures");
        List<Dimension> taken = [];
        Level[] periods = o.Pick.One("periods", "whole", "year and part") == "whole" ? [o.Periods(2, 3)] : [o.Years(2, 2), o.PartsOfYear()];
        Level[] over = o.Pick.Is("a classification over the periods") ? [o.AnyClassification(taken, 2, 2), .. periods] : periods;
        var head = Office.Cross(o.Spread("outer headers"), over);
        var (outer, inner) = (o.AnyClassification(taken, 2, 3), o.AnyClassification(taken, 2, 3));
        var stub = o.Pick.One("stub", "columns", "heading rows", "heading rows over columns") switch
        {
            "columns" => Office.Cross(o.Spread("outer labels"), outer, inner),
            "heading rows" => Office.Groups(outer, Office.Cross("repeated", inner), o.Pick.Is("bold headings")),
            _ => Office.Groups(outer, Office.Cross(o.Spread("outer labels"), inner, o.AnyClassification(taken, 2, 2)), o.Pick.Is("bold headings")),
        };
        // The row would cut merged labels in two.
        if (!o.Pick.Said.Contains("outer labels: merged") && o.Pick.Is("gap row", 3))
            stub.Lines.Insert(1 + o.Pick.Below(stub.Lines.Count - 1), new Line(null, [.. new object?[stub.Depth]]));
        o.Surrounded(o.Book.Add(o.Pick.One("sheet", "Sheet1", "表1-2", "Table 3")), stub, head, o.Whole(), null, 1 + o.Pick.Below(3), 1 + o.Pick.Below(2));
    }
}
