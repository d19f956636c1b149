using System.Globalization;
using CsCheck;
using ExcelDataReader;
using Pipeline.Reading;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

/// <summary>What an office says by layout: merged ranges, hidden rows and columns, indentation, bold and raised text.</summary>
public class ReadingLayoutTests
{
    // Hidden rows and columns of a 40 by 20 sheet, and one merged range in each of some bands of four rows.
    private static readonly Gen<(HashSet<int> Rows, HashSet<int> Columns, MergedRange[] Merged)> Layouts = Gen.Select(
        Gen.Int[1, 40].HashSet[0, 12],
        Gen.Int[1, 20].HashSet[0, 8],
        Gen.Int[0, 9].HashSet[0, 6].SelectMany(static bands => Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 10], Gen.Int[1, 10]).Array[bands.Count].Select(
            shapes => bands.Zip(shapes, static (band, shape) =>
                new MergedRange((4 * band) + 1, shape.Item3, (4 * band) + 1 + shape.Item1, shape.Item3 + shape.Item4)).ToArray())));

    [Fact]
    public void Xlsx_shapes_are_what_another_reader_says() => Layouts.Sample(
        static layout =>
        {
            var rows = string.Concat(Enumerable.Range(1, 40).Select(row => $"<row r=\"{row}\"{(layout.Rows.Contains(row) ? " hidden=\"1\"" : "")}><c r=\"T{row}\"><v>{row}</v></c></row>"));
            var merged = string.Concat(layout.Merged.Select(static m =>
                $"<mergeCell ref=\"{Source.Column(m.FirstColumn)}{m.FirstRow}:{Source.Column(m.LastColumn)}{m.LastRow}\"/>"));
            var bytes = Xlsx(("S", $"<cols>{string.Concat(layout.Columns.Order().Select(static c => $"<col min=\"{c}\" max=\"{c}\" width=\"9\" hidden=\"1\"/>"))}</cols>" +
                $"<sheetData>{rows}</sheetData><mergeCells>{merged}</mergeCells><pageMargins left=\"1\"/>"));
            Compare(bytes, "r.xlsx", layout, ExcelReaderFactory.CreateOpenXmlReader);
        },
        iter: 60);

    [Fact]
    public void Xls_shapes_are_what_another_reader_says() => Layouts.Sample(
        static layout =>
        {
            var records = new List<byte>();
            foreach (var column in layout.Columns)
                records.AddRange(Record(0x007d, [.. Word(column - 1), .. Word(column - 1), .. Word(9 * 256), 15, 0, 1, 0, 0, 0]));
            for (byte row = 1; row <= 40; row++)
            {
                records.AddRange(Record(0x0208, [.. Word(row - 1), 0, 0, 20, 0, 255, 0, 0, 0, 0, 0, (byte)(layout.Rows.Contains(row) ? 0x20 : 0), 1, 0, 0]));
                records.AddRange(NumberCell((byte)(row - 1), 19, 0, row));
            }
            if (layout.Merged.Length > 0)
            {
                records.AddRange(Record(0x00e5, [.. Word(layout.Merged.Length), .. layout.Merged.SelectMany(static m =>
                    Word(m.FirstRow - 1).Concat(Word(m.LastRow - 1)).Concat(Word(m.FirstColumn - 1)).Concat(Word(m.LastColumn - 1)))]));
            }
            Compare(Xls(false, ("S", false, [.. records])), "r.xls", layout, ExcelReaderFactory.CreateBinaryReader);
        },
        iter: 60);

    private static void Compare(
        byte[] bytes, string name, (HashSet<int> Rows, HashSet<int> Columns, MergedRange[] Merged) layout, Func<Stream, ExcelReaderConfiguration, IExcelDataReader> open)
    {
        using var release = Read(bytes, name);
        var shape = release.Tables[0].Shape;
        for (var pass = 0; pass < 2; pass++)
        {
            Rows(release.Tables[0]).Count.ShouldBe(40);
            shape.HiddenRows.ShouldBe(layout.Rows, ignoreOrder: true);
            shape.HiddenColumns.ShouldBe(layout.Columns, ignoreOrder: true);
            shape.Merged.ShouldBe(layout.Merged);
        }
        using var other = open(new MemoryStream(bytes), new ExcelReaderConfiguration());
        (other.MergeCells ?? []).Select(static m => new MergedRange(m.FromRow + 1, m.FromColumn + 1, m.ToRow + 1, m.ToColumn + 1)).ShouldBe(shape.Merged);
        Enumerable.Range(1, 20).Where(column => other.GetColumnWidth(column - 1) == 0).ShouldBe(shape.HiddenColumns.Order());
        for (var row = 1; other.Read(); row++)
            (other.RowHeight == 0).ShouldBe(shape.HiddenRows.Contains(row));
    }

    [Fact]
    public void What_has_no_size_is_hidden_too()
    {
        using var release = Read(
            Xlsx(("S", "<cols><col min=\"2\" max=\"3\" width=\"0\" customWidth=\"1\"/><col min=\"16000\" max=\"99999\" hidden=\"true\"/></cols><sheetData>" +
                "<row r=\"3\" ht=\"0\" customHeight=\"1\"><c><v>1</v></c></row><row r=\"4\" ht=\"0\"><c><v>2</v></c></row><row r=\"9\" hidden=\"1\"/></sheetData>")),
            "r.xlsx");
        Cells(release.Tables[0]).Count.ShouldBe(2);
        release.Tables[0].Shape.HiddenRows.Order().ShouldBe([3, 9]);
        release.Tables[0].Shape.HiddenColumns.Order().ShouldBe([2, 3, .. Enumerable.Range(16_000, 385)]);
    }

    [Fact]
    public void Merged_ranges_that_no_program_shows_are_left_out()
    {
        string[] ranges = ["A1:C1", "C1:D2", "B5:A4", "A2:XFE2", "A1048576:A1048577", "B2", "B2:B2", "", ":", "A0:B0", "$E$1:$F$2", "A3:A9", "R1C1:R2C2", "A7:B7"];
        using var release = Read(
            Xlsx(("S", $"<sheetData></sheetData><mergeCells count=\"1\">{string.Concat(ranges.Select(static r => $"<mergeCell ref=\"{r}\"/>"))}<mergeCell/></mergeCells>")),
            "r.xlsx");
        Rows(release.Tables[0]).ShouldBeEmpty();
        release.Tables[0].Shape.Merged.ShouldBe([new(1, 1, 1, 3), new(1, 5, 2, 6), new(3, 1, 9, 1)]);
    }

    [Fact]
    public void Xlsx_cells_tell_indentation_and_bold()
    {
        const string Styles =
            "<fonts count=\"4\"><font/><font><b/><sz val=\"11\"/></font><font><b val=\"0\"/></font><font><b val=\"true\"/></font></fonts>" +
            "<cellStyleXfs><xf fontId=\"1\"><alignment indent=\"7\"/></xf></cellStyleXfs>" +
            "<cellXfs><xf fontId=\"0\"/><xf fontId=\"1\"><alignment horizontal=\"left\" indent=\"2\"/></xf><xf fontId=\"2\"><alignment indent=\"1\"/></xf><xf fontId=\"3\"/>" +
            "<xf fontId=\"9\"><alignment indent=\"300\"/></xf></cellXfs><dxfs><dxf><font><b/></font></dxf></dxfs>";
        const string Bold = "<rPr><b/></rPr>";
        const string Light = "<rPr><sz val=\"9\"/></rPr>";
        (string Runs, bool InBoldCell, bool InLightCell)[] texts =
        [
            ("<t>plain</t>", true, false),
            ($"<r><t>cell</t></r><r>{Bold}<t>bold</t></r>", true, false),
            ($"<r>{Bold}<t>bold</t></r><r>{Light}<t> </t></r><r>{Bold}<t>bold</t></r>", true, true),
            ($"<r>{Bold}<t>bold</t></r><r>{Light}<t>light</t></r>", false, false),
            ($"<r><t>cell</t></r><r>{Light}<t>light</t></r>", false, false),
            ($"<r>{Bold}<t>bold</t></r><r><rPr><vertAlign val=\"superscript\"/></rPr><t>1</t></r>", true, true),
        ];
        var rows = "<row>" + string.Concat(Enumerable.Range(0, 6).Select(static i => $"<c s=\"{i}\"><v>{i}</v></c>")) + "</row>" +
            string.Concat(texts.Select(static (_, i) => $"<row><c t=\"s\" s=\"1\"><v>{i}</v></c><c t=\"s\"><v>{i}</v></c></row>"));
        using var release = Read(Xlsx(string.Concat(texts.Select(static t => $"<si>{t.Runs}</si>")), Styles, "", ("S", rows)), "r.xlsx");
        Looks(release.Tables[0]).ShouldBe(
        [
            ("A1", 0, false), ("B1", 2, true), ("C1", 1, false), ("D1", 0, true), ("E1", 0, false), ("F1", 0, false),
            .. texts.SelectMany(static (text, i) => new[] { ($"A{i + 2}", 2, text.InBoldCell), ($"B{i + 2}", 0, text.InLightCell) }),
        ]);
    }

    [Fact]
    public void Xls_cells_tell_indentation_and_bold()
    {
        static byte[] Font(int weight) => Record(0x0031, [200, 0, 0, 0, 0xff, 0x7f, .. Word(weight), 0, 0, 0, 0, 0, 0, 1, 0, (byte)'F']);
        static byte[] Format(int font, int indent) => Record(0x00e0, [.. Word(font), 0, 0, 0, 0, 0x20, 0, (byte)indent, .. new byte[11]]);
        // Fonts count without a fourth: the fifth one is number 5.
        byte[] formats = [.. Font(400), .. Font(400), .. Font(400), .. Font(400), .. Font(700), .. Format(0, 0), .. Format(5, 0), .. Format(3, 3), .. Format(5, 15)];
        var bytes = Xls(false, formats, ("S", false,
        [
            .. NumberCell(0, 0, 1, 5), .. NumberCell(0, 1, 2, 6), .. NumberCell(0, 2, 99, 7), .. BooleanOrErrorCell(1, 0, 42, true),
            .. Record(0x0204, [2, 0, 0, 0, 3, 0, 1, 0, 0, (byte)'x']),
            .. Record(0x00bd, [3, 0, 2, 0, 2, 0, 0, 0, 0xf0, 0x3f, 1, 0, 0, 0, 0, 0x40, 3, 0]),
        ]));
        using var release = Read(bytes, "r.xls");
        Looks(release.Tables[0]).ShouldBe([("A1", 0, true), ("B1", 3, false), ("C1", 0, false), ("A2", 0, false), ("A3", 15, true), ("C4", 3, false), ("D4", 0, true)]);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(3)]
    [InlineData(9)]
    public void Xls_runs_are_raised_or_bold(int cut)
    {
        static byte[] Font(int weight, int raised) => Record(0x0031, [200, 0, 0, 0, 0xff, 0x7f, .. Word(weight), .. Word(raised), 0, 0, 0, 0, 1, 0, (byte)'F']);
        // Wide or not, with runs or not, with phonetic extra or not.
        static byte[] Shared(string text, bool wide, byte[] extra, params (int At, int Font)[] runs) =>
        [
            .. Word(text.Length), (byte)((wide ? 1 : 0) | (runs.Length > 0 ? 8 : 0) | (extra.Length > 0 ? 4 : 0)),
            .. runs.Length > 0 ? Word(runs.Length) : [], .. extra.Length > 0 ? BitConverter.GetBytes(extra.Length) : [],
            .. wide ? System.Text.Encoding.Unicode.GetBytes(text) : System.Text.Encoding.Latin1.GetBytes(text),
            .. runs.SelectMany(static run => Word(run.At).Concat(Word(run.Font))), .. extra,
        ];
        byte[][] strings =
        [
            Shared("Persons4", false, [], (7, 2)),
            Shared("no runs", false, [1, 2, 3]),
            Shared("合计1、2项", true, [9, 9], (2, 2), (5, 0)),
            Shared("all bold7", false, [], (0, 5), (8, 2)),
            Shared("half bold", false, [], (4, 5)),
            Shared("light", true, [], (0, 0)),
        ];
        // The third string's characters are cut in two: the rest stands in a Continue record, behind a byte that says how they are stored.
        var start = strings[0].Length + strings[1].Length + 9;
        byte[] all = [6, 0, 0, 0, 6, 0, 0, 0, .. strings.SelectMany(static s => s)];
        byte[] table = cut == int.MaxValue ? Record(0x00fc, all) : cut == 3
            ? [.. Record(0x00fc, all[..(8 + start + 4)]), .. Record(0x003c, [1, .. all[(8 + start + 4)..]])]
            : [.. Record(0x00fc, all[..(8 + strings[0].Length)]), .. Record(0x003c, all[(8 + strings[0].Length)..])];
        byte[] formats = [.. Font(400, 0), .. Font(400, 0), .. Font(400, 1), .. Font(700, 0), .. Font(700, 0), .. Record(0x00e0, new byte[20]), .. Record(0x00e0, [3, .. new byte[19]]), .. table];
        var cells = Enumerable.Range(0, 12).SelectMany(static i => Record(0x00fd, [(byte)(i / 2), 0, (byte)(i % 2), 0, (byte)(i % 2), 0, (byte)(i / 2), 0, 0, 0]));
        using var release = Read(Xls(false, formats, ("S", false, [.. cells])), "r.xls");
        Cells(release.Tables[0]).Where(static (_, i) => i % 2 == 0).Select(static cell => cell.Text).ShouldBe(["Persons⁴", "no runs", "合计¹、²项", "all bold⁷", "half bold", "light"]);
        // In cells that are not bold (A) and in cells that are (B).
        Looks(release.Tables[0]).Select(static look => look.Bold).ShouldBe([false, true, false, true, false, false, true, true, false, true, false, false]);
    }

    [Fact]
    public void Xls_sheets_that_are_none_are_not_listed()
    {
        var bytes = Xls(
            false,
            ("__VBA__0", false, []), ("A", false, BooleanOrErrorCell(0, 0, 7, true)), ("#Chart", false, [1, 0, 0, 0]), ("Module1", true, []), ("B", true, NumberCell(0, 1, 0, 7)));
        using var release = Read(bytes, "r.xls");
        release.Sheets.ShouldBe(["A", "B"]);
        release.Findings.Kept.ShouldBeEmpty();
        release.Tables.Select(static table => (table.Sheet, table.Place, table.Hidden)).ShouldBe([("A", 0, false), ("B", 1, true)]);
        Cells(release.Tables[0]).ShouldHaveSingleItem().Text.ShouldBe("#DIV/0!");
        Cells(release.Tables[1]).ShouldHaveSingleItem().Number.ShouldBe(7);
        release.Tables[1].Cell(1, 2).ToString(release.Sheets).ShouldBe("B!B1");
    }

    [Fact]
    public void Xlsx_sheets_are_told_by_their_relation()
    {
        static string Relation(int id, string type, string target) => $"<Relationship Id=\"r{id}\" Type=\"{Relations}/{type}\" Target=\"{target}\"/>";
        static string Sheet(int number) => $"<worksheet><sheetData><row><c><v>{number}</v></c></row></sheetData></worksheet>";
        var bytes = Zip(
            ("xl/workbook.xml", $"<workbook xmlns:r=\"{Relations}\"><sheets><sheet name=\"Chart\" r:id=\"r1\"/><sheet name=\"A\" r:id=\"r2\"/><sheet name=\"Macro\" r:id=\"r3\"/>" +
                "<sheet name=\"B\" r:id=\"r4\"/></sheets></workbook>"),
            ("xl/_rels/workbook.xml.rels", "<Relationships>" + Relation(1, "chartsheet", "worksheets/chart.xml") + Relation(2, "worksheet", "a.xml") +
                Relation(3, "xlMacrosheet", "macrosheets/sheet1.xml") + Relation(4, "worksheet", "/xl/worksheets/b.xml") + "</Relationships>"),
            ("xl/worksheets/chart.xml", "<chartsheet/>"), ("xl/a.xml", Sheet(1)), ("xl/macrosheets/sheet1.xml", Sheet(2)), ("xl/worksheets/b.xml", Sheet(3)));
        using var release = Read(bytes, "r.xlsx");
        release.Tables.Select(static table => Cells(table)[0].Number).ShouldBe([1, 3]);
        release.Tables.Select(table => table.Cell(1, 1).ToString(release.Sheets)).ShouldBe(["A!A1", "B!A1"]);
    }

    [Theory]
    [InlineData("Deaths involving COVID-19", "4", "Deaths involving COVID-19⁴")]
    [InlineData("km", "2", "km²")]
    [InlineData("Total", "1, 2", "Total¹, ²")]
    [InlineData("5", "−1)", "5⁻¹⁾")]
    [InlineData("12.3", "r", "12.3ʳ")]
    [InlineData("Wales", "(p)", "Wales⁽ᵖ⁾")]
    [InlineData("Total", " Q ", "Total [Q] ")]
    [InlineData("合计", "注1", "合计[注1]")]
    [InlineData("Total", "[3]", "Total[3]")]
    [InlineData("Total", "*", "Total*")]
    [InlineData("COVID-19", " - ", "COVID-19 - ")]
    [InlineData("Total", "①", "Total①")]
    [InlineData("Total", "see notes", "Totalsee notes")]
    [InlineData("1", "st", "1st")]
    [InlineData("be", "st", "beˢᵗ")]
    [InlineData("", "7", "⁷")]
    [InlineData("", "0+=", "⁰⁺⁼")]
    [InlineData("", "anzA", "ᵃⁿᶻᴬ")]
    [InlineData("", "BNUW", "ᴮᴺᵁᵂ")]
    [InlineData("Total", "", "Total")]
    public void Raised_runs_read_as_such(string text, string raised, string expected)
    {
        var runs = $"<r><t xml:space=\"preserve\">{text}</t></r><r><rPr><vertAlign val=\"superscript\"/></rPr><t xml:space=\"preserve\">{raised}</t></r>";
        using var release = Read(Xlsx($"<si>{runs}</si>", "", "", ("S", $"<row><c t=\"s\"><v>0</v></c><c t=\"inlineStr\"><is>{runs}</is></c></row>")), "r.xlsx");
        Cells(release.Tables[0]).Select(static cell => cell.Text).ShouldBe([expected, expected]);
    }

    [Fact]
    public void Only_raised_runs_are_written_otherwise()
    {
        const string Runs = "<r><t>CO</t></r><r><rPr><vertAlign val=\"subscript\"/></rPr><t>2</t></r><r><rPr><strike/></rPr><t>3</t></r>" +
            "<r><rPr><vertAlign val=\"superscript\"/></rPr><t>4</t></r><r><t>5</t></r><r><rPr><vertAlign val=\"baseline\"/></rPr><t>6</t></r>";
        using var release = Read(Xlsx(("S", $"<row><c t=\"inlineStr\"><is>{Runs}</is></c></row>")), "r.xlsx");
        Cells(release.Tables[0]).ShouldHaveSingleItem().Text.ShouldBe("CO23⁴56");
    }

    private static byte[] Word(int value) => [(byte)value, (byte)(value >> 8)];

    private static List<(string Address, int Indent, bool Bold)> Looks(Table table)
    {
        using var reader = table.Open();
        var looks = new List<(string, int, bool)>();
        while (reader.Read())
        {
            for (var i = 0; i < reader.Count; i++)
            {
                if (reader[i] is { Kind: not CellKind.Blank } cell)
                    looks.Add((Source.Column(i + 1) + reader.Row.ToString(CultureInfo.InvariantCulture), cell.Indent, cell.Bold));
            }
        }
        return looks;
    }
}
