using System.Globalization;
using System.Text;
using CsCheck;
using Pipeline.Reading;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

public class ReadingWorkbookTests
{
    private const string Styles =
        "<numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/><numFmt numFmtId=\"165\" formatCode=\"#,##0,&quot;d&quot;\"/></numFmts>" +
        "<cellStyleXfs><xf numFmtId=\"9\"/></cellStyleXfs>" +
        "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"10\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/></cellXfs>";

    [Fact]
    public void Cells_keep_value_kind_and_format()
    {
        var bytes = Xlsx(
            "<si><t>工业</t></si><si><r><t>增加</t></r><r><t xml:space=\"preserve\">值 </t></r><rPh><t>zeng</t></rPh></si><si><t>a_x000A_b</t></si>",
            Styles,
            "",
            ("Sheet one", "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" t=\"s\"><v>1</v></c><c r=\"D2\" s=\"1\"><v>5.1999999999999998E-2</v></c>" +
                "<c r=\"E2\" s=\"2\"><v>45107</v></c><c r=\"F2\" s=\"3\"><v>59</v></c></row>" +
                "<row r=\"4\"><c t=\"inlineStr\"><is><t>inline</t></is></c><c t=\"b\"><v>1</v></c><c t=\"e\"><v>#DIV/0!</v></c><c><f>A1</f></c>" +
                "<c t=\"str\"><f>T(A1)</f><v></v></c><c s=\"4\"><f>1</f><v>1E+20</v></c><c r=\"G4\" t=\"s\"><v>2</v></c></row>"),
            ("!Old years", "<row><c><v>1</v></c></row>"));
        using var release = Read(bytes, "r.xlsx");
        release.Format.ShouldBe("xlsx");
        release.Sheets.ShouldBe(["Sheet one", "Old years"]);
        release.Tables.Select(static table => table.Hidden).ShouldBe([false, true]);
        for (var pass = 0; pass < 2; pass++)
        {
            Cells(release.Tables[0]).Select(static cell => (cell.Address, cell.Kind, cell.Text, cell.Format)).ShouldBe(
            [
                ("A2", CellKind.Text, "工业", null), ("B2", CellKind.Text, "增加值 ", null), ("D2", CellKind.Number, "0.052", "0.00%"),
                ("E2", CellKind.Date, "2023-06-30", "m/d/yyyy"), ("F2", CellKind.Date, "1900-02-28", "yyyy\"年\"m\"月\""),
                ("A4", CellKind.Text, "inline", null), ("B4", CellKind.Boolean, "TRUE", null), ("C4", CellKind.Error, "#DIV/0!", null),
                ("D4", CellKind.Error, "formula without a value", null), ("F4", CellKind.Number, "100000000000000000000", "#,##0,\"d\""),
                ("G4", CellKind.Text, "a\nb", null),
            ]);
        }
        release.Findings.Counts["formula-without-value"].ShouldBe(1);
        release.Findings.Kept.ShouldHaveSingleItem().Where.ShouldBe("Sheet one!D4");
        Rows(release.Tables[0]).Count.ShouldBe(4);
    }

    [Fact]
    public void Dates_count_from_1904_where_the_workbook_says_so()
    {
        using var release = Read(Xlsx("", Styles, "<workbookPr date1904=\"1\"/>", ("S", "<row><c s=\"2\"><v>43645</v></c><c s=\"2\"><v>0.5</v></c></row>")), "r.xlsx");
        Cells(release.Tables[0]).Select(static cell => cell.Text).ShouldBe(["2023-06-30", "1904-01-01 12:00:00"]);
    }

    [Theory]
    [InlineData("General", false)]
    [InlineData("#,##0\\ \"days\"", false)]
    [InlineData("0.00E+00", false)]
    [InlineData("[Red]0;[Blue]-0", false)]
    [InlineData("_-* #,##0.00_-", false)]
    [InlineData("[$-804]yyyy\"年\"m\"月\"", true)]
    [InlineData("mmm-yy", true)]
    [InlineData("mm:ss.0", true)]
    [InlineData("[h]:mm", true)]
    [InlineData("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", true)]
    [InlineData("[$-F400]h:mm:ss AM/PM", true)]
    [InlineData("[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\"", true)]
    [InlineData("[DBNum1][$-804]General", false)]
    [InlineData("[$-411]ggge\"年\"", true)]
    [InlineData("[$-404]e/m/d", true)]
    [InlineData("yyyymmdd", true)]
    [InlineData("yyyy年m月", true)]
    [InlineData("上午/下午h\"时\"", true)]
    [InlineData("[<1]h:mm;0", true)]
    [InlineData("[=0]\"-\";mmm-yy", true)]
    [InlineData("\"-\";mmm-yy", false)]
    [InlineData("[ss].00", true)]
    [InlineData("General_)", false)]
    [InlineData("General\" m\"", false)]
    [InlineData("\"General \"yyyy", true)]
    [InlineData("Standard", false)]
    [InlineData("G/通用格式", false)]
    [InlineData("0.0_);[Red]", false)]
    [InlineData("\"FY\"0", false)]
    [InlineData("\"day \"0;\"d\"", false)]
    [InlineData("\\d0", false)]
    [InlineData("_d* 0", false)]
    [InlineData("@", false)]
    [InlineData(";;;", false)]
    [InlineData("\"d", false)]
    [InlineData("[h", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Formats_tell_dates(string? format, bool date) => NumberFormat.IsDate(format).ShouldBe(date);

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void Literals_locales_and_colours_do_not_change_what_a_format_shows() =>
        Gen.Select(
            Of("", "[$-804]", "[$-F800]", "[$-409]", "[Red]", "[Magenta]", "[DBNum1]", "[DBNum2][$-804]", "[>=1000]", "[$£-809]", "[Color 10]"),
            Of("", "\"FY \"", "\"dd/mm/yyyy \"", "\\s", "_)", "* ", "\"0\"", "_h\\m"),
            Of(
                ("yyyy", true), ("mmm-yy", true), ("d/m", true), ("hh:mm", true), ("[h]:mm", true), ("[mm]", true), ("yyyy\"年\"m\"月\"", true),
                ("0", false), ("#,##0.0,", false), ("0%", false), ("General", false), ("# ?/?", false), ("0.0E+00", false), ("@", false)),
            Of("", "_)", "\" d m y h s\"", "\\d", ";[Red]", ";@", "_);[Red]\\(0\\)")).Sample(
            static (prefix, before, core, after) => NumberFormat.IsDate(prefix + before + core.Item1 + after).ShouldBe(core.Item2),
            iter: 2000);

    [Fact]
    public void Numbers_are_written_so_that_they_read_back() =>
        Gen.OneOf(Gen.Double, Gen.Double[-1e6, 1e6], Gen.Int.Select(static i => i / 1000d), Gen.Int[-30, 30].Select(static e => Math.Pow(10, e))).Sample(
            static number =>
            {
                if (!double.IsFinite(number))
                    return;
                Span<char> text = stackalloc char[64];
                text = text[..NumberFormat.Write(number, text)];
                double.Parse(text, CultureInfo.InvariantCulture).ShouldBe(number);
                if (Math.Abs(number) is > 1e-28 and < 1e28)
                    text.Contains('E').ShouldBeFalse();
            },
            iter: 2000);

    [Fact]
    public void Whatever_cells_are_stored_are_found_at_their_address() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[1, 200], Gen.Double[-1e9, 1e9]).Array[1, 40].Sample(
            static cells =>
            {
                var stored = cells.GroupBy(static cell => (cell.Item1, cell.Item2)).ToDictionary(static g => g.Key, static g => g.First().Item3);
                var rows = string.Concat(stored.GroupBy(static pair => pair.Key.Item1).OrderBy(static row => row.Key).Select(row =>
                    $"<row r=\"{row.Key}\">" + string.Concat(row.Select(cell => string.Create(
                        CultureInfo.InvariantCulture, $"<c r=\"{Source.Column(cell.Key.Item2)}{row.Key}\"><v>{cell.Value:R}</v></c>"))) + "</row>"));
                using var release = Read(Xlsx(("S", rows)), "r.xlsx");
                Cells(release.Tables[0]).ToDictionary(static cell => cell.Address, static cell => cell.Number)
                    .ShouldBe(stored.ToDictionary(static pair => Source.Column(pair.Key.Item2) + pair.Key.Item1, static pair => pair.Value), ignoreOrder: true);
            },
            iter: 50);

    [Fact]
    public void Three_cells_in_the_largest_sheet_cost_nothing()
    {
        var rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"500000\"><c r=\"B500000\"><v>2</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>3</v></c></row>";
        using var release = Read(Xlsx(("S", rows)), "r.xlsx");
        using var reader = release.Tables[0].Open();
        var (count, sum) = (0, 0d);
        for (; reader.Read(); count++)
            if (reader.Count > 0)
                sum += reader[reader.Count - 1].Number;
        (count, sum).ShouldBe((1_048_576, 6));
    }

    [Fact]
    public void Xls_cells_keep_value_kind_and_format()
    {
        var bytes = Xls(
            false,
            ("数据", false,
            [
                .. LabelCell(0, 0, "地区"), .. LabelCell(0, 1, "增长"), .. LabelCell(2, 0, "新疆"), .. NumberCell(2, 1, 1, 0.052),
                .. NumberCell(2, 2, 2, 45107), .. BooleanOrErrorCell(2, 3, 1, false), .. BooleanOrErrorCell(2, 4, 7, true),
            ]),
            ("old", true, NumberCell(0, 0, 0, 7)));
        using var release = Read(bytes, "r.xls");
        release.Format.ShouldBe("xls");
        release.Sheets.ShouldBe(["数据", "old"]);
        release.Tables.Select(static table => table.Hidden).ShouldBe([false, true]);
        Cells(release.Tables[0]).Select(static cell => (cell.Address, cell.Kind, cell.Text, cell.Format)).ShouldBe(
        [
            ("A1", CellKind.Text, "地区", null), ("B1", CellKind.Text, "增长", null), ("A3", CellKind.Text, "新疆", null),
            ("B3", CellKind.Number, "0.052", "0.00%"), ("C3", CellKind.Date, "2023-06-30", Cells(release.Tables[0])[4].Format),
            ("D3", CellKind.Boolean, "TRUE", null), ("E3", CellKind.Error, "#DIV/0!", null),
        ]);
        Cells(release.Tables[1]).ShouldHaveSingleItem().Number.ShouldBe(7);
    }

    [Theory]
    [InlineData(false, "2023-06-30")]
    [InlineData(true, "2027-07-01")]
    public void Xls_dates_are_told_where_the_library_does_not(bool from1904, string expected)
    {
        // A format without quotes around its characters, and a cell format that uses it.
        byte[] formats =
        [
            .. Record(0x0022, [(byte)(from1904 ? 1 : 0), 0]), .. Record(0x041e, [164, 0, 7, 0, 1, .. Encoding.Unicode.GetBytes("yyyy年m月")]),
            .. Record(0x00e0, [0, 0, 164, 0, .. new byte[16]]),
        ];
        using var release = Read(Xls(false, formats, ("S", false, NumberCell(0, 0, 0, 45107))), "r.xls");
        var cell = Cells(release.Tables[0]).ShouldHaveSingleItem();
        (cell.Kind, cell.Text, cell.Format).ShouldBe((CellKind.Date, expected, "yyyy年m月"));
    }

    [Theory]
    [InlineData("r.csv", "xlsx")]
    [InlineData("r.txt", "xlsx")]
    public void A_name_that_lies_is_a_finding(string name, string format)
    {
        using var release = Read(Xlsx(("S", "<row><c><v>1</v></c></row>")), name);
        release.Format.ShouldBe(format);
        var finding = release.Findings.Kept.ShouldHaveSingleItem();
        (finding.Code, finding.Severity, finding.Found).ShouldBe(("name-differs-from-content", Severity.Information, format));
        using var csv = Read("a,b\n1,2\n", "r.xls");
        csv.Format.ShouldBe("csv");
        csv.Findings.Kept.ShouldHaveSingleItem().Code.ShouldBe("name-differs-from-content");
    }
}
