using CsCheck;
using Pipeline.Reading;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class TableInterpreterTests
{
    private static readonly string[] Areas = ["新疆", "乌鲁木齐市", "喀什地区", "北京", "Kazakhstan", "克拉玛依", "France", "United Kingdom"];
    private static readonly string[] AreaCodes = ["650000", "650100", "653100", "110000", "KZ", "650200", "FR", "GB"];
    private static readonly string[] Products = ["原煤", "Cotton, ginned", "原油", "Crude steel", "Electricity"];

    /// <summary>Known observations laid out in a style.</summary>
    private sealed record Known(int Layout, int PeriodStyle, int NumberStyle, int Title, int[] Areas, int[] Products, int FirstMonth, int Months, decimal[] Values);

    private static readonly Gen<Known> Releases = Gen.Select(
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 6], Gen.Int[0, 8], Gen.Int[0, 2]),
        Gen.Select(Gen.Shuffle(Enumerable.Range(0, 8).ToArray()), Gen.Int[2, 6], Gen.Shuffle(Enumerable.Range(0, 5).ToArray()), Gen.Int[2, 5]),
        Gen.Select(Gen.Int[24000, 24240], Gen.Int[2, 6]),
        Gen.Int[1, 900_000].Array[8 * 5 * 6],
        (style, sizes, months, digits) => new Known(style.Item1, style.Item2, style.Item3, style.Item4, [.. sizes.Item1.Take(sizes.Item2)], [.. sizes.Item3.Take(sizes.Item4)],
            months.Item1, months.Item2, [.. digits.Select((d, i) => new decimal(d, 0, 0, d % 7 == 0, (byte)(1 + (i % 2))))]));

    [Fact]
    public void WhateverTheLayoutTheObservationsComeBack() => Releases.Sample(
        known =>
        {
            var expected = new Dictionary<(string Area, string Product, string Period), decimal>();
            var rows = LayOut(known, expected, out var valueOf);
            using var result = Grid.Interpret(Grid.Release(rows));
            var told = string.Join("\n", rows.Select(r => string.Join(" | ", r))) + "\n" + string.Join("\n", result.Readings) + "\n"
                + string.Join("\n", result.Findings.Kept);
            result.Findings.HasErrors.ShouldBeFalse(told);
            var seen = Seen.All(result);
            seen.Count.ShouldBe(expected.Count, told);
            foreach (var o in seen)
            {
                var product = o.Codes.TryGetValue("PRODUCT", out var product1) ? product1 : o.Codes["INDICATOR"];
                var key = (o["REF_AREA"], product.Labels.Count == 0 ? product.Id : product.Labels.Values.First(), o["TIME_PERIOD"]);
                expected.ShouldContainKey(key, told);
                o.Value.ShouldBe(expected[key], told);
                o.Value!.Value.Scale.ShouldBe(expected[key].Scale, told);
                (o["UNIT_MEASURE"], o["UNIT_MULT"], o["OBS_STATUS"], o["FREQ"]).ShouldBe(("T", "4", "A", "M"), told);
                valueOf(o.Source).ShouldBe(expected[key], told);
            }
            result.Reconciliation.IsBalanced.ShouldBeTrue();
            result.Reconciliation.CellsIn.ShouldBe(expected.Count);
            result.Reconciliation.Observations.ShouldBe(expected.Count);
        },
        iter: 300);

    /// <summary>0 tidy, 1 periods across, 2 periods down and products across, 3 tidy with year and month apart.</summary>
    private static string?[][] LayOut(Known known, Dictionary<(string, string, string), decimal> expected, out Func<string, decimal> valueOf)
    {
        var rows = new List<string?[]>();
        var style = known.NumberStyle;
        if (known.Title > 0)
            rows.Add(["主要产品产量"]);
        if (known.Title > 1)
            rows.Add(["单位:万吨"]);
        var unit = known.Title > 1 ? null : "万吨";
        var cells = new Dictionary<string, decimal>();
        var at = 0;
        string Text(decimal value) => NumbersTests.Write(value, style).Text;
        decimal Next(int area, int product, int month)
        {
            var value = known.Values[at++];
            expected.Add((AreaCodes[area], Products[product], Id(month)), value);
            return value;
        }
        void Put(int column, decimal value) => cells[Source.Column(column + 1) + (rows.Count + 1)] = value;
        var months = Enumerable.Range(known.FirstMonth, known.Months).ToArray();
        switch (known.Layout)
        {
            case 0 or 3:
                var split = known.Layout == 3;
                string[] time = split ? ["年份", "月份"] : ["时间"];
                rows.Add([.. time, "地区", "产品", unit is null ? "数值" : $"数值({unit})"]);
                foreach (var month in months)
                    foreach (var area in known.Areas)
                        foreach (var product in known.Products)
                        {
                            var value = Next(area, product, month);
                            Put(time.Length + 2, value);
                            string[] when = split ? [$"{month / 12}", $"{(month % 12) + 1}"] : [Words(month, known.PeriodStyle)];
                            rows.Add([.. when, Areas[area], Products[product], Text(value)]);
                        }
                break;
            case 1:
                rows.Add(["地区", unit is null ? "产品" : "指标", .. months.Select(m => Words(m, known.PeriodStyle))]);
                foreach (var area in known.Areas)
                    foreach (var product in known.Products)
                    {
                        var values = months.Select(m => Next(area, product, m)).ToArray();
                        for (var i = 0; i < values.Length; i++)
                            Put(2 + i, values[i]);
                        rows.Add([Areas[area], Products[product] + (unit is null ? "" : $"（{unit}）"), .. values.Select(Text)]);
                    }
                break;
            default:
                rows.Add(["", "地区", .. known.Products.Select(p => Products[p] + (unit is null ? "" : $"({unit})"))]);
                foreach (var month in months)
                    foreach (var area in known.Areas)
                    {
                        var values = known.Products.Select(p => Next(area, p, month)).ToArray();
                        for (var i = 0; i < values.Length; i++)
                            Put(2 + i, values[i]);
                        rows.Add([Words(month, known.PeriodStyle), Areas[area], .. values.Select(Text)]);
                    }
                break;
        }
        if (known.Title > 0)
        {
            rows.Add([]);
            rows.Add(["注：2023年起口径有调整。"]);
        }
        valueOf = source => cells[source];
        return [.. rows];
    }

    private static string Id(int month) => $"{month / 12}-{(month % 12) + 1:D2}";

    private static string Words(int month, int style)
    {
        int year = month / 12, number = (month % 12) + 1;
        var name = System.Globalization.CultureInfo.InvariantCulture.DateTimeFormat.GetAbbreviatedMonthName(number);
        return style switch
        {
            0 => $"{year}-{number:D2}",
            1 => $"{year}年{number}月",
            2 => $"{year}M{number:D2}",
            3 => $"{name} {year}",
            4 => $"{year} {name.ToUpperInvariant()}",
            5 => $"{year}/{number}",
            _ => $"{year}{number:D2}",
        };
    }

    [Fact]
    public void TidyFileWithAllSdmxColumns()
    {
        using var result = Grid.Interpret(Grid.Lines("""
            REF_AREA|SEX|TIME_PERIOD|OBS_VALUE|OBS_STATUS|UNIT_MEASURE|UNIT_MULT|COMMENT_OBS
            650000|M|2023|5.20|A|PT|0|checked
            650000|F|2023||M|PT|0|
            XX|_T|2023-06|1,234|P|万人||
            """));
        var seen = Seen.All(result);
        seen.Select(o => (o.Value, o["REF_AREA"], o["SEX"], o["FREQ"], o["TIME_PERIOD"], o["OBS_STATUS"], o["UNIT_MEASURE"], o["UNIT_MULT"], o["COMMENT_OBS"], o.Source)).ShouldBe(
        [
            (5.20m, "650000", "M", "A", "2023", "A", "PT", "0", "checked", "D2"),
            (null, "650000", "F", "A", "2023", "O", "PT", "0", "(none)", "D3"),
            (1234m, "XX", "_T", "M", "2023-06", "P", "PS", "4", "(none)", "D4"),
        ]);
        seen[0].Label("REF_AREA", "zh").ShouldBe("新疆维吾尔自治区");
        foreach (var component in result.Cubes[0].Components)
            Enumerable.Range(0, component.Codes.Count).Select(i => component.Codes[i].Id).ShouldAllBe(id => seen.Exists(o => o[component.Id] == id), component.Id);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        result.Reconciliation.Observations.ShouldBe(3);
    }

    [Fact]
    public void MeasuresWithoutPeriodTakeItFromTheTitle()
    {
        using var result = Grid.Interpret(Grid.Lines("""
            2023年1-6月各地主要指标||
            地区|产量(万吨)|Value (£ million)
            新疆|1.5|20
            北京|2.5|30
            """));
        var seen = Seen.All(result);
        seen.Select(o => (o["TIME_PERIOD"], o["FREQ"], o["UNIT_MEASURE"], o["UNIT_MULT"])).Distinct()
            .ShouldBe([("2023-01/2023-06", "_O", "T", "4"), ("2023-01/2023-06", "_O", "GBP", "6")]);
        seen[0].Label("INDICATOR", "zh").ShouldBe("产量");
        seen[1].Label("INDICATOR", "en").ShouldBe("Value");
        result.Cubes[0].Title["zh"].ShouldBe("2023年1-6月各地主要指标");
    }

    [Fact]
    public void ATableWithoutAnyPeriodSaysSo()
    {
        using var result = Grid.Interpret(Grid.Lines("地区|产量\n新疆|1.5\n北京|2.5"));
        Seen.All(result).ShouldAllBe(o => o["TIME_PERIOD"] == "" && o["FREQ"] == "_Z");
        result.Findings.Counts.ShouldContainKey("period-missing");
    }

    [Fact]
    public void SignsInPlaceOfValuesAndFlagsBecomeStatus()
    {
        using var result = Grid.Interpret(Grid.Lines("""
            area|2021|2022|2023
            A1|1.5|..|2.5p
            A2|c|3.5r|
            A3|-|4.5 e|4 [2]
            """));
        var seen = Seen.All(result);
        seen.Select(o => (o.Source, o.Value, o["OBS_STATUS"], o.Codes.TryGetValue("OBS_SYMBOL", out var s) ? s.Labels.GetValueOrDefault("en", s.Id) : null)).ShouldBe(
        [
            ("B2", 1.5m, "A", null), ("C2", null, "O", ".."), ("D2", 2.5m, "P", "p"), ("B3", null, "Q", "c"), ("C3", 3.5m, "A", "r"),
            ("B4", null, "O", "-"), ("C4", 4.5m, "E", "e"), ("D4", 4m, "A", "[2]"),
        ]);
        result.Reconciliation.CellsIn.ShouldBe(8);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
    }

    [Fact]
    public void ASignBeyondTheSampleIsKeptToo()
    {
        var rows = new List<string?[]> { new[] { "area", "year", "value" } };
        for (var i = 0; i < 1000; i++)
            rows.Add([$"a{i % 7}", $"{1900 + (i / 7)}", i == 900 ? ".." : $"{i}.5"]);
        using var result = Grid.Interpret(Grid.Release([.. rows]));
        Seen.All(result).Single(o => o.Value is null).Codes["OBS_SYMBOL"].Id.ShouldBe("..");
        result.Reconciliation.Observations.ShouldBe(1000);
    }

    [Fact]
    public void LabelsBesideCodesBecomeTheirLabels()
    {
        using var result = Grid.Interpret(Grid.Lines("""
            industry code|industry|year|value
            K57A|Mining|2023|1.5
            K57B|Retail trade|2023|2.5
            K57A|Mining|2024|3.5
            """));
        var seen = Seen.All(result);
        seen.Select(o => o["ACTIVITY"]).ShouldBe(["K57A", "K57B", "K57A"]);
        seen[1].Label("ACTIVITY", "en").ShouldBe("Retail trade");
        result.Cubes[0].Components.Count(c => c.Role == ComponentRole.Dimension).ShouldBe(2);
    }

    [Fact]
    public void ALabelThatTurnsOutToDifferIsADimension()
    {
        var rows = new List<string?[]> { new[] { "region code", "region name", "year", "value" } };
        for (var i = 0; i < 900; i++)
            rows.Add([$"r{i % 5}", i == 800 ? "elsewhere" : $"name {i % 5}", $"{1900 + (i / 5)}", $"{i}.5"]);
        using var result = Grid.Interpret(Grid.Release([.. rows]));
        result.Cubes[0].Components.Count(c => c.Role == ComponentRole.Dimension).ShouldBe(3);
        Seen.All(result).Count.ShouldBe(900);
    }

    [Theory]
    [InlineData("2023-13")]
    [InlineData("2023年13月")]
    [InlineData("2023-Q5")]
    [InlineData("31/06/2023")]
    public void ImpossiblePeriodsAreSetAside(string period)
    {
        using var result = Grid.Interpret(Grid.Lines($"area|time|value\nX1|2023-05|1.5\nX1|{period}|2.5\nX1|2023-07|3.5"));
        Seen.All(result).Count.ShouldBe(2);
        result.Reconciliation.SetAside["period-impossible"].Count.ShouldBe(1);
        result.Reconciliation.SetAside["period-impossible"].Where.ShouldBe(["C3"]);
        result.Findings.Kept.Single(f => f.Code == "period-impossible").Where.ShouldBe("B3");
        result.Reconciliation.IsBalanced.ShouldBeTrue();
    }

    [Fact]
    public void UnreadableNumbersAreSetAsideWithTheirAddress()
    {
        using var result = Grid.Interpret(Grid.Lines("area|time|value\nX1|2023|1.5\nX2|2023|abc\nX3|2023|12345678901234567890123456789\nX4|2023|2\nX5|2023|3"));
        result.Findings.Kept.Where(f => f.Code == "number-unreadable").Select(f => (f.Where, f.Found)).ShouldBe([("C3", "abc"), ("C4", "12345678901234567890123456789")]);
        result.Reconciliation.CellsIn.ShouldBe(5);
        result.Reconciliation.Observations.ShouldBe(3);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        result.Findings.HasErrors.ShouldBeFalse();
    }

    [Fact]
    public void MostlyUnreadableValuesAreAnError()
    {
        using var result = Grid.Interpret(Grid.Lines("area|time|OBS_VALUE\nX1|2023|1.5\nX2|2023|abc\nX3|2023|def"));
        result.Findings.Kept.ShouldContain(f => f.Code == "values-unreadable" && f.Severity == Severity.Error);
    }

    [Theory]
    [InlineData("", "table-missing")]
    [InlineData("just a line", "table-missing")]
    [InlineData("area|time|value", "table-empty")]
    [InlineData("area|name\nX|Y\nZ|W", "value-missing")]
    [InlineData("1|0|0\n2|0|1\n3|5|0", "header-missing")]
    public void WhatIsNoTableIsAnError(string text, string code)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        result.Findings.Kept.ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Code.ShouldBe(code), f => f.Severity.ShouldBe(Severity.Error), f => f.Advice.ShouldNotBeNull());
        result.Cubes.ShouldBeEmpty();
        result.Reconciliation.IsBalanced.ShouldBeTrue();
    }

    [Fact]
    public void TooManyColumnsAreRefusedAndManyAreRead()
    {
        static string?[][] Wide(int width) => [["area", .. Enumerable.Range(0, width - 1).Select(i => $"m{i}")], ["X", .. Enumerable.Range(0, width - 1).Select(i => $"{i}.5")]];
        using var refused = Grid.Interpret(Grid.Release(Wide(20_000)));
        refused.Findings.Kept.ShouldContain(f => f.Code == "columns-too-many" && f.Expected!.Contains("16,384"));
        using var read = Grid.Interpret(Grid.Release(Wide(16_384)));
        read.Reconciliation.Observations.ShouldBe(16_383);
    }

    [Fact]
    public void SheetsWithoutDataAreSkippedAndHiddenOnesNotPublished()
    {
        Grid Sheet(int place, string name, bool hidden, params string?[][] rows) => new(rows) { Sheet = name, Place = place, Hidden = hidden };
        using var result = Grid.Interpret(Grid.Release("2023-06.xlsx",
            Sheet(0, "Cover", false, ["Statistics"], ["Contents"]),
            Sheet(1, "Output", false, ["地区", "产量(吨)"], ["新疆", "1.5"]),
            Sheet(2, "Work", true, ["地区", "产量(吨)"], ["新疆", "9.5"]),
            Sheet(3, "价格", false, ["产品", "2022年", "2023年"], ["原煤", "7.5", "8.5"])));
        var seen = Seen.All(result);
        seen.Select(o => (o.Source, o["TABLE"], o["TIME_PERIOD"], o["REF_AREA"])).ShouldBe(
        [
            ("Output!B2", "OUTPUT", "2023-06", "650000"), ("价格!B2", seen[1]["TABLE"], "2022", "_Z"), ("价格!C2", seen[1]["TABLE"], "2023", "_Z"),
        ]);
        seen[1].Label("TABLE", "zh").ShouldBe("价格");
        result.Findings.Kept.Select(f => f.Code).Order().ShouldBe(["sheet-hidden", "sheet-skipped"]);
    }

    [Fact]
    public void WorkbookCellsKeepTheirDisplayedScaleAndDatesTheirStep()
    {
        var table = new TypedGrid(
        [
            ["Month", "Rate", "Count"],
            [new DateTime(2023, 1, 31), (0.052, "0.0%"), 5.0],
            [new DateTime(2023, 2, 28), (0.06, "0.0%"), 1234.5],
        ])
        { Sheet = "S", Place = 0 };
        using var result = Grid.Interpret(Grid.Release("x.xlsx", table));
        Seen.All(result).Select(o => (o.Source, o["TIME_PERIOD"], o.Value, o["UNIT_MEASURE"])).ShouldBe(
        [
            ("S!B2", "2023-01", 5.2m, "PT"), ("S!C2", "2023-01", 5m, "_X"), ("S!B3", "2023-02", 6.0m, "PT"), ("S!C3", "2023-02", 1234.5m, "_X"),
        ]);
    }

    [Fact]
    public void TheSameLabelGetsTheSameCode()
    {
        Labels.ToCode("产 量", null).Id.ShouldBe(Labels.ToCode(" 产  量 ", null).Id);
        Labels.ToCode("New York (city)", null).Id.ShouldBe("NEW_YORK_CITY");
        Labels.ToCode("65+", null).Id.ShouldBe("65_PLUS");
        Labels.ToCode("原煤", null).Id.ShouldStartWith("C_");
        Labels.ToCode(new string('x', 100), null).Id.Length.ShouldBeLessThanOrEqualTo(51);
    }

    [Fact]
    public void DifferentLabelsNeverShareACode()
    {
        using var result = Grid.Interpret(Grid.Lines("town|2022|2023\nA B|1|2\nA-B|3|4\nA (B)|5|6\na b|7|8"));
        Seen.All(result).Select(o => o["TOWN"]).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void HeadersThatAreMissingOrRepeatedAreFindings()
    {
        using var result = Grid.Interpret(Grid.Lines("year|x|x|\n2022|1.5|2.5|3.5\n2023|4.5|5.5|6.5"));
        Seen.All(result).Select(o => o["INDICATOR"]).Distinct().ShouldBe(["X", "X_C", "COLUMN_D"]);
        result.Findings.Counts.Keys.Order().ShouldBe(["header-duplicate", "header-missing"]);
    }

    [Fact]
    public void ValuesBelowTheNotesAreSetAside()
    {
        using var result = Grid.Interpret(Grid.Lines("area|2022|2023\nX|1.5|2.5\nNote: revised|\n||513.9"));
        Seen.All(result).Count.ShouldBe(2);
        result.Reconciliation.SetAside["after-notes"].Where.ShouldBe(["C4"]);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
    }

    [Fact]
    public void ATextThatDiffersInEveryRowIsRefusedBeyondTheLimit()
    {
        const int Rows = Coder.MaxCodes + 100;
        using var result = Grid.Interpret(Grid.Release("release.csv", new Grid(new Numbered(Rows))));
        result.Findings.Kept.ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Code.ShouldBe("codes-too-many"), f => f.Severity.ShouldBe(Severity.Error), f => f.Where.ShouldBe("A1"));
        result.Reconciliation.CellsIn.ShouldBe(Rows);
        result.Reconciliation.SetAside["codes-too-many"].Count.ShouldBe(100);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
    }

    /// <summary>Rows made when they are asked for.</summary>
    private sealed class Numbered(int rows) : IReadOnlyList<string?[]>
    {
        private string?[] last = [];
        private int lastIndex = -1;

        public int Count => rows + 1;

        public string?[] this[int index]
        {
            get
            {
                if (index != lastIndex)
                    (lastIndex, last) = (index, index == 0 ? ["ticket", "year", "value"] : [$"t{index}", "2023", "1.5"]);
                return last;
            }
        }

        public IEnumerator<string?[]> GetEnumerator() => Enumerable.Range(0, Count).Select(i => this[i]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    [Fact]
    public void AnyGridIsReadOrRefusedAndTheAccountIsEven() =>
        Gen.OneOf(
            Gen.Int[0, CellTexts.Length - 1].Select(i => CellTexts[i]),
            Gen.String[0, 6]).Array[0, 6].Array[0, 12].Sample(rows =>
            {
                using var result = Grid.Interpret(Grid.Release(rows));
                result.Reconciliation.IsBalanced.ShouldBeTrue();
                result.Reconciliation.Observations.ShouldBe(result.Cubes.Sum(c => c.Observations.Count));
                (result.Cubes.Count > 0 || result.Findings.HasErrors).ShouldBeTrue();
            });

    private static readonly string[] CellTexts =
    [
        "", "", "1.5", "2023", "..", "area", "新疆", "2023年6月", "注：x", "单位:万吨", "x y", "1,5", "(3)", "2023-13", "#", "OBS_VALUE", "%", "5p", "no.",
    ];

    [Fact]
    public void OfAmountsAndRatesTheUnitLineIsTheAmounts()
    {
        using var result = Grid.Interpret(Grid.Lines("单位：亿元、%|||\n地区|工业||投资\n|增加值|同比增长(%)|同比增长(%)\n哈密市|1.5|2|3\n吐鲁番市|4.5|5|6"));
        Seen.All(result).Select(o => (o.Value, o["UNIT_MEASURE"], o["UNIT_MULT"])).ShouldBe(
            [(1.5m, "CNY", "8"), (2m, "PT", "0"), (3m, "PT", "0"), (4.5m, "CNY", "8"), (5m, "PT", "0"), (6m, "PT", "0")], ignoreOrder: true);
    }

    [Theory]
    [InlineData("同比增长(%)", "7.7", "PT")]
    [InlineData("增长%", "7.7", "PT")]
    [InlineData("比上年同期±%", "7.7", "PT")]
    [InlineData("增速", "7.7", "PT")]
    [InlineData("比重(‰)", "7.7", "PM")]
    [InlineData("比上年变化(百分点)", "7.7", "PPT")]
    [InlineData("占比", "7.7%", "PT")]
    [InlineData("同比", "7.7", "_X")]
    [InlineData("比上年增减", "7.7", "T")]
    public void AColumnOfRatesKeepsItsUnitWhereTheRowsNameWhatTheyCount(string head, string text, string unit)
    {
        string?[][][] tables =
        [
            [["2024年上半年主要指标"], ["指标", "单位", "绝对值", head], ["原煤产量", "万吨", "12166.85", text], ["失业率", "%", "5.3", "0.1"], ["纯碱产量", "万吨", "15.2", "-3.1"]],
            [["2024年上半年主要指标"], ["指标", "绝对值", head], ["原煤产量(万吨)", "12166.85", text], ["失业率(%)", "5.3", "0.1"], ["纯碱产量(万吨)", "15.2", "-3.1"]],
            [["2024年主要产品产量"], ["产品名称", "计量单位", "6月", null, "1-6月", null], [null, null, "产量", head, "产量", head], ["原煤", "万吨", "2030.1", text, "12166.85", text], ["纯碱", "万吨", "2.5", "4", "15.2", "-3.1"]],
        ];
        foreach (var rows in tables)
        {
            using var result = Grid.Interpret(Grid.Release(rows));
            var seen = Seen.All(result);
            seen.Where(o => o.Value == 7.7m).ShouldNotBeEmpty();
            seen.Where(o => o.Value == 7.7m).ShouldAllBe(o => o["UNIT_MEASURE"] == unit && o["UNIT_MULT"] == (unit == "T" ? "4" : "0"));
            seen.Where(o => o.Value == 12166.85m).ShouldAllBe(o => o["UNIT_MEASURE"] == "T" && o["UNIT_MULT"] == "4");
        }
    }

    [Theory]
    [InlineData("Year|Income quintile|Income (EUR)", "2019 2020", "Q1 Q2 Q3 Q4 Q5", "INCOME_QUINTILE")]
    [InlineData("Year|Income quartile|Income (EUR)", "2019 2020", "Q1 Q2 Q3 Q4", "INCOME_QUARTILE")]
    [InlineData("Date|Station|Temperature", "2024-01-01 2024-01-02", "S1 S2", "STATION")]
    [InlineData("Date|Site|Temperature", "2024-01-01 2024-01-02", "S1 S2 S3", "SITE")]
    [InlineData("Year|Hospital|Beds", "2019 2020", "H1 H2", "HOSPITAL")]
    [InlineData("Year|Quarter|Sales", "2019 2020", "Q1 Q2 Q3", null)]
    [InlineData("Year||Sales", "2019 2020", "Q1 Q2 Q3 Q4", null)]
    [InlineData("年份|季度|产量", "2019 2020", "Q1 Q2", null)]
    [InlineData("Anno|Stagione|Vendite", "2019 2020", "Q1 Q2 Q3 Q4", null)]
    [InlineData("Year|Half|Sales", "2019 2020", "H1 H2", null)]
    [InlineData("Année|Semestre|Ventes", "2019 2020", "S1 S2", null)]
    public void ALetterWithANumberIsAPeriodOnlyWhereTheColumnIsOfPeriods(string header, string times, string parts, string? dimension)
    {
        var rows = times.Split(' ').SelectMany(time => parts.Split(' ').Select((part, i) => new[] { time, part, $"{i + 1.5}" })).ToList();
        using var result = Grid.Interpret(Grid.Release([header.Split('|'), .. rows]));
        var expected = rows.Select(r => dimension is null ? ("(none)", $"{r[0]}-{r[1].Replace('H', 'S')}", r[2]) : (r[1], r[0], r[2]));
        Seen.All(result).Select(o => (o[dimension ?? "ITEM"], o["TIME_PERIOD"], $"{o.Value}")).ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public void QuintilesAcrossAreNoQuarters()
    {
        using var result = Grid.Interpret(Grid.Lines("2019|||||\nRegion|Q1|Q2|Q3|Q4|Q5\nNorth|10|20|30|40|50\nSouth|11|21|31|41|51"));
        Seen.All(result).Select(o => (o["INDICATOR"], o["TIME_PERIOD"])).Distinct().ShouldBe([("Q1", "2019"), ("Q2", "2019"), ("Q3", "2019"), ("Q4", "2019"), ("Q5", "2019")], ignoreOrder: true);
    }

    [Fact]
    public void ABoundIsAMissingValueWithItsSign()
    {
        using var result = Grid.Interpret(Grid.Lines("Region|2022|2023\nNorth|12|<5\nSouth|7|9"));
        Seen.All(result).Single(o => o.Value is null)["OBS_SYMBOL"].ShouldBe("<5");
        result.Reconciliation.Observations.ShouldBe(4);
    }

    [Theory]
    [InlineData("Item|2021|2022\nTimber|100|110\n  of which||\n    Oak|60|66\nStone|50|55\n  darunter:||\n    Slate|30|33", "INDICATOR", 8)]
    // The mark stands beside the last year of what it is of.
    [InlineData("Wood|||Year|Sold\nTimber|||2021|10\n|||2022|12\n|of which||2023|14\n||Oak|2021|6\n|||2022|8\n|||2023|5\nStone|||2021|20\n|||2022|22\n|其中：||2023|24\n||Slate|2021|6\n|||2022|8\n|||2023|5", "WOOD", 12)]
    public void OfWhichNamesNothingAndWhatStandsUnderItIsPartOfWhatStandsAbove(string table, string dimension, int observations)
    {
        using var result = Grid.Interpret(Grid.Lines(table));
        var seen = Seen.All(result);
        seen.Count.ShouldBe(observations);
        seen.Select(o => (o[dimension].ToUpperInvariant(), o.Codes[dimension].Parent?.ToUpperInvariant())).Distinct().ShouldBe([("TIMBER", null), ("OAK", "TIMBER"), ("STONE", null), ("SLATE", "STONE")], ignoreOrder: true);
        result.Cubes.SelectMany(c => c.Components).SelectMany(c => Enumerable.Range(0, c.Codes.Count).Select(i => c.Codes[i].Id)).ShouldNotContain(id => id.Contains("WHICH") || id.Contains("DARUNTER"));
    }

    [Fact]
    public void OfWhichWithFiguresOfTheSamePeriodIsARowOfItsOwn()
    {
        using var result = Grid.Interpret(Grid.Lines("Item|2021|2022\nTimber|100|110\nof which|60|66\nStone|50|55"));
        Seen.All(result).Select(o => o["INDICATOR"]).Distinct().ShouldBe(["TIMBER", "OF_WHICH", "STONE"], ignoreOrder: true);
    }
}
