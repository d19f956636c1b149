using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using CsCheck;
using Pipeline.Reading;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

public class ReadingHostileTests
{
    private static readonly byte[] Workbook = Xlsx(("S", "<row><c><v>1</v></c><c t=\"inlineStr\"><is><t>x</t></is></c></row>"));

    private static readonly byte[][] Seeds =
    [
        Encoding.UTF8.GetBytes("地区,\"年份\",value\n\"北京\"\"市\",2020,1.5\n天津,2021,2\n"),
        Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("a;b\n1;2\n3;4\n")).ToArray(),
        "<html><body><h1>T</h1><p>Output &amp; prices <b>5%</b></p><script>x</script></body></html>"u8.ToArray(),
        "# T\n\n- a **b** [c](d)\n\n| a | b |\n|---|---|\n"u8.ToArray(),
        Workbook,
        Xls(false, ("S", false, [.. LabelCell(0, 0, "a"), .. NumberCell(1, 1, 1, 5), .. BooleanOrErrorCell(2, 1, 7, true)])),
        // Fonts, a cell format, shared strings of which one has a run; a row, a column, a merged range, a cell of each kind.
        Xls(
            false,
            [
                .. Record(0x0031, [200, 0, 0, 0, 0xff, 0x7f, 0xbc, 2, 1, 0, 0, 0, 0, 0, 1, 0, (byte)'F']), .. Record(0x00e0, new byte[20]),
                .. Record(0x00fc, [2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, (byte)'a', 2, 0, 8, 1, 0, (byte)'b', (byte)'1', 1, 0, 0, 0]),
            ],
            ("S", false,
            [
                .. Record(0x007d, [1, 0, 1, 0, 0, 0, 15, 0, 1, 0, 0, 0]), .. Record(0x0208, [1, 0, 0, 0, 2, 0, 255, 0, 0, 0, 0, 0, 0x20, 1, 0, 0]),
                .. Record(0x00fd, [0, 0, 0, 0, 0, 0, 1, 0, 0, 0]), .. Record(0x00bd, [1, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0x40, 1, 0]),
                .. Record(0x00e5, [1, 0, 0, 0, 1, 0, 0, 0, 1, 0]),
            ])),
        "<table><caption>T<tbody><tr><th colspan=2 rowspan=0>a<td style='display:none'>b<tr><td><table><tr><td>1<td>2<tr><td>3<td>4</table><td>5<sup>1</sup></table>"u8.ToArray(),
        "# T\n\n| a | b |\n|---|---|\n| c | 5 |\n\nSource: d\n"u8.ToArray(),
        Stored(
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", "<o:d xmlns:o=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:t=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:x=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">" +
                "<o:spreadsheet><t:table t:name=\"S\"><t:table-column t:number-columns-repeated=\"3\"/><t:table-row t:number-rows-repeated=\"2\"><t:table-cell o:value-type=\"float\" o:value=\"1\" t:number-columns-spanned=\"2\"/>" +
                "<t:covered-table-cell/><t:table-cell o:value-type=\"date\" o:date-value=\"2023-01-01\"><x:p>1<x:s x:c=\"3\"/></x:p></t:table-cell></t:table-row></t:table></o:spreadsheet></o:d>")),
        Stored(
            ("[Content_Types].xml", "<Types/>"),
            ("word/document.xml", "<w:d xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p><w:r><w:t>T</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/><w:vMerge w:val=\"restart\"/></w:tcPr><w:p/></w:tc></w:tr>" +
                "<w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>5</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:d>")),
        Stored(("a.csv", "a,b\n1,2\n"), ("b.txt", "Output rose by 5% in 2023.\n")),
    ];

    public static TheoryData<string, byte[], string> Bad => new()
    {
        { "r.csv", [], "file-empty" },
        { "r.csv", " \r\n\t\n"u8.ToArray(), "file-empty" },
        { "r.txt", [0xff, 0xfe, 0x20, 0x00, 0x0a, 0x00], "file-empty" },
        { "r.xlsx", Workbook[..(Workbook.Length / 2)], "workbook-truncated" },
        { "r.xlsx", Zip(("[Content_Types].xml", "<Types/>")), "workbook-damaged" },
        { "r.docx", Zip(("word/document.xml", "<w/>")), "document-empty" },
        { "r.docx", Zip(("word/document.xml", "<w><p></w>")), "document-damaged" },
        { "r.ods", Zip(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<x/>")), "workbook-damaged" },
        { "r.xlsx", Compound("EncryptedPackage", [1, 2, 3]), "workbook-encrypted" },
        { "r.xls", Xls(true, ("S", false, NumberCell(0, 0, 0, 1))), "workbook-encrypted" },
        { "r.xls", Compound("WordDocument", [1, 2, 3]), "format-not-supported" },
        { "r.xls", Compound("Workbook", new byte[5000]), "workbook-damaged" },
        { "r.pdf", "%PDF-1.7\n"u8.ToArray(), "format-not-supported" },
        { "r.px", "CHARSET=\"ANSI\";\nAXIS-VERSION=\"2010\";\nMATRIX=\"x\";\n"u8.ToArray(), "format-not-supported" },
        { "r.json", "{\"version\": \"2.0\", \"class\": \"dataset\"}"u8.ToArray(), "format-not-supported" },
        { "r.xml", "<?xml version=\"1.0\"?><mes:StructureSpecificData xmlns:mes=\"http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message\"/>"u8.ToArray(), "format-not-supported" },
        { "r.bin", [.. Enumerable.Range(0, 2000).Select(static i => (byte)(i * 7 % 31))], "format-unknown" },
        { "r.xlsx", Zip(("xl/workbook.xml", "<!DOCTYPE a [<!ENTITY b \"" + new string('x', 1000) + "\">]><workbook><sheets><sheet name=\"&b;\"/></sheets></workbook>")), "workbook-damaged" },
        { "r.xlsx", Xlsx(("S", "<row r=\"5\"><c><v>1</v></c></row><row r=\"5\"><c><v>1</v></c></row>")), "workbook-damaged" },
        { "r.xlsx", Xlsx(("S", "<row><c r=\"XFE1\"><v>1</v></c></row>")), "columns-too-many" },
        { "r.xlsx", Xlsx(("S", "<row><c t=\"s\"><v>3</v></c></row>")), "workbook-damaged" },
        { "r.xlsx", Xlsx(("S", "<row><c><v>1</v></row>")), "workbook-damaged" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Bad_input_is_refused_with_its_code(string name, byte[] bytes, string code)
    {
        var finding = Refusal(bytes, name);
        finding.Code.ShouldBe(code);
        finding.Severity.ShouldBe(Severity.Error);
        finding.Message.ShouldNotBeNullOrWhiteSpace();
        finding.Advice.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void Mutated_files_are_read_or_refused() =>
        Gen.Select(Gen.Int[0, Seeds.Length - 1], Gen.Select(Gen.Int[0, 1 << 20], Gen.Byte, Gen.Int[0, 3]).Array[1, 12]).Sample(
            static (seed, mutations) =>
            {
                var bytes = Seeds[seed].ToList();
                foreach (var (where, value, kind) in mutations)
                {
                    var at = where % Math.Max(1, bytes.Count);
                    if (kind == 0 && bytes.Count > 1)
                        bytes.RemoveRange(at, Math.Min(value / 16, bytes.Count - at));
                    else if (kind == 1)
                        bytes.Insert(at, value);
                    else if (bytes.Count > 0)
                        bytes[at] = value;
                }
                try
                {
                    using var release = Read([.. bytes], "r.dat");
                    foreach (var table in release.Tables)
                    {
                        using var rows = table.Open();
                        while (rows.Read())
                            for (var i = 0; i < rows.Count; i++)
                                _ = rows[i].Text.Length;
                    }
                }
                catch (UnreadableReleaseException)
                {
                    // A refusal is an answer.
                }
            },
            iter: 1200);

    [Fact]
    public void Mutated_parts_are_read_or_refused() =>
        Gen.Select(Gen.Int[0, 2], Gen.Select(Gen.Int[0, 1 << 20], Gen.OneOf(Gen.Char[' ', '~'], Gen.Char), Gen.Int[0, 3]).Array[1, 6]).Sample(
            static (part, mutations) =>
            {
                string[] parts =
                [
                    "<si><t>a</t></si><si><r><rPr><b/></rPr><t>b</t></r><r><rPr><vertAlign val=\"superscript\"/></rPr><t>1_x000A_</t></r><rPh sb=\"0\"><t>c</t></rPh></si>",
                    "<numFmts><numFmt numFmtId=\"164\" formatCode=\"[$-804]yyyy&quot;年&quot;\"/></numFmts><fonts><font><b/></font></fonts>" +
                        "<cellXfs><xf numFmtId=\"164\" fontId=\"0\"><alignment indent=\"2\"/></xf></cellXfs>",
                    "<cols><col min=\"2\" max=\"3\" hidden=\"1\"/></cols><sheetData><row r=\"1\" ht=\"0\" customHeight=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c><c r=\"B1\" s=\"0\"><v>45107</v></c></row>" +
                        "<row r=\"3\"><c><f>A1</f></c><c t=\"inlineStr\"><is><t>x</t></is></c></row></sheetData><mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells>",
                ];
                var text = new StringBuilder(parts[part]);
                foreach (var (where, value, kind) in mutations)
                {
                    var at = where % text.Length;
                    if (kind == 0 && text.Length > 20)
                        text.Remove(at, Math.Min(value % 16, text.Length - at));
                    else if (kind == 1)
                        text.Insert(at, value);
                    else
                        text[at] = value;
                }
                parts[part] = text.ToString();
                try
                {
                    using var release = Read(Xlsx(parts[0], parts[1], "", ("S", parts[2])), "r.xlsx");
                    Rows(release.Tables[0]).Count.ShouldBeLessThan(1_048_577);
                    foreach (var range in release.Tables[0].Shape.Merged)
                        (range.FirstRow <= range.LastRow && range.FirstColumn <= range.LastColumn && range.LastRow <= 1_048_576 && range.LastColumn <= 16_384).ShouldBeTrue();
                }
                catch (UnreadableReleaseException)
                {
                    // A refusal is an answer.
                }
            },
            iter: 600);

    [Fact]
    public void A_zip_bomb_is_refused_before_it_unpacks()
    {
        var bytes = Xlsx(("S", "<row>" + new string(' ', 60_000_000) + "</row>"));
        bytes.Length.ShouldBeLessThan(100_000);
        var finding = Refusal(bytes, "r.xlsx");
        finding.Code.ShouldBe("workbook-too-large");
        finding.Message.ShouldContain("200 times is the limit");
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public void Merged_ranges_are_kept_up_to_a_number(int count)
    {
        var ranges = string.Concat(Enumerable.Range(1, count).Select(static row => $"<mergeCell ref=\"A{row}:B{row}\"/>"));
        using var release = Read(Xlsx(("S", $"<sheetData><row><c><v>1</v></c></row></sheetData><mergeCells>{ranges}</mergeCells>")), "r.xlsx");
        var table = release.Tables[0];
        Rows(table).Count.ShouldBe(1);
        table.Shape.Merged.Count.ShouldBe(Math.Min(count, TableShape.MaxMerged));
        table.Shape.Merged[^1].ShouldBe(new MergedRange(table.Shape.Merged.Count, 1, table.Shape.Merged.Count, 2));
    }

    [Fact]
    public void Columns_hidden_again_and_again_are_hidden_once()
    {
        var columns = string.Concat(Enumerable.Repeat("<col min=\"1\" max=\"16383\" hidden=\"1\"/>", 100_000));
        using var release = Read(Xlsx(("S", $"<cols>{columns}</cols><sheetData></sheetData>")), "r.xlsx");
        Rows(release.Tables[0]).ShouldBeEmpty();
        release.Tables[0].Shape.HiddenColumns.Count.ShouldBeInRange(16_383, 16_384);
    }

    [Fact]
    public void A_hundred_thousand_cell_styles_are_told_apart()
    {
        var styles = "<numFmts>" + string.Concat(Enumerable.Range(164, 1000).Select(static id => $"<numFmt numFmtId=\"{id}\" formatCode=\"0&quot;{id}&quot;\"/>")) + "</numFmts><cellXfs>" +
            string.Concat(Enumerable.Range(0, 100_000).Select(static i => $"<xf numFmtId=\"{164 + (i % 1000)}\"/>")) + "</cellXfs>";
        var bytes = Xlsx("", styles, "", ("S", "<row><c s=\"99999\"><v>1</v></c><c s=\"100000\"><v>1</v></c></row>"));
        using var release = Read(bytes, "r.xlsx");
        Cells(release.Tables[0]).Select(static cell => cell.Format).ShouldBe(["0\"1163\"", null]);
        Refusal(bytes, "r.xlsx", new ReaderLimits { Styles = 100_000 }).Code.ShouldBe("workbook-too-large");
    }

    [Theory]
    [InlineData("<x>{0}</x><row><c><v>1</v></c></row>", "")]
    [InlineData("<row><c><f>{0}</f><v>1</v></c></row>", "")]
    [InlineData("<row><c><v>{0}1</v></c></row>", "")]
    [InlineData("<row><c t=\"inlineStr\"><is>{0}<t>x</t></is></c></row>", "")]
    [InlineData("<row><c><v>1</v></c></row>", "<si><rPh>{0}</rPh></si>")]
    public void Xml_that_nests_deep_is_refused(string row, string strings)
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat("<a>", depth)) + string.Concat(Enumerable.Repeat("</a>", depth));
        byte[] Workbook(int depth) => Xlsx(string.Format(null, strings, Nested(depth)), "", "", ("S", string.Format(null, row, Nested(depth))));
        var finding = Refusal(Workbook(10_000), "r.xlsx");
        finding.Code.ShouldBe("workbook-damaged");
        finding.Message.ShouldContain("levels deep");
        using var release = Read(Workbook(100), "r.xlsx");
        Rows(release.Tables[0]).Count.ShouldBe(1);
    }

    [Fact]
    public void A_million_cells_share_one_long_string()
    {
        var text = new string('x', 30_000);
        var row = "<row>" + string.Concat(Enumerable.Repeat("<c t=\"s\"><v>0</v></c>", 1000)) + "</row>";
        var bytes = Xlsx($"<si><t>{text}</t></si>", "", "", ("S", string.Concat(Enumerable.Repeat(row, 1000))));
        using var release = Read(bytes, "r.xlsx");
        using var reader = release.Tables[0].Open();
        var characters = 0L;
        while (reader.Read())
            for (var i = 0; i < reader.Count; i++)
                characters += reader[i].Text.Length;
        characters.ShouldBe(30_000_000_000);
    }

    [Fact]
    public void A_row_may_end_in_the_last_column_but_not_every_row()
    {
        var rows = string.Concat(Enumerable.Range(1, 50).Select(static row => $"<row r=\"{row}\"><c r=\"XFD{row}\"><v>{row}</v></c></row>"));
        var bytes = Xlsx(("S", rows));
        using var release = Read(bytes, "r.xlsx");
        Cells(release.Tables[0]).Select(static cell => cell.Address).ShouldBe(Enumerable.Range(1, 50).Select(static row => $"XFD{row}"));
        var finding = Refusal(bytes, "r.xlsx", new ReaderLimits { Cells = 50 * 16_384 - 1 });
        (finding.Code, finding.Where).ShouldBe(("workbook-too-large", "S!row 50"));
    }

    [Fact]
    public void A_workbook_in_a_workbook_is_no_part_of_it()
    {
        var stream = new MemoryStream();
        stream.Write(Workbook);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            using var part = zip.CreateEntry("xl/embeddings/inner.xlsx").Open();
            part.Write(Xlsx(("Inner", "<row><c><v>2</v></c></row>")));
        }
        using var release = Read(stream.ToArray(), "r.xlsx");
        release.Sheets.ShouldBe(["S"]);
        Cells(release.Tables[0])[0].Number.ShouldBe(1);
    }

    [Theory]
    [InlineData(100, "workbook-damaged")]
    [InlineData(1, "workbook-damaged")]
    [InlineData(2_000_000, "workbook-damaged")]
    [InlineData(uint.MaxValue - 1, "workbook-too-large")]
    public void A_part_that_lies_about_its_size_is_refused(uint stated, string code)
    {
        var bytes = Xlsx(("S", "<row><c><v>1</v></c></row>" + new string(' ', 1_000_000)));
        var name = "xl/worksheets/sheet1.xml"u8.ToArray();
        var directory = bytes.AsSpan().LastIndexOf(name) - 46; // the central directory's entry (APPNOTE 4.3.12)
        bytes.AsSpan(directory, 4).ToArray().ShouldBe("PK\x1\x2"u8.ToArray());
        BitConverter.TryWriteBytes(bytes.AsSpan(directory + 24), stated);
        Refusal(bytes, "r.xlsx").Code.ShouldBe(code);
    }

    [Fact]
    public void Limits_are_named()
    {
        var limits = new ReaderLimits { TextBytes = 10, Sheets = 1, SharedStringLength = 100, UnpackedBytes = 1000 };
        Refusal("Output rose by five in the first half."u8.ToArray(), "r.txt", limits).Message.ShouldContain("10 is the limit");
        Refusal(Xlsx(("A", ""), ("B", "")), "r.xlsx", limits with { UnpackedBytes = 100_000 }).Code.ShouldBe("sheets-too-many");
        Refusal(Xlsx("<si><t>" + new string('x', 200) + "</t></si>", "", "", ("A", "")), "r.xlsx", limits with { UnpackedBytes = 100_000 }).Code.ShouldBe("workbook-too-large");
        Refusal(Xlsx(("A", new string(' ', 2000))), "r.xlsx", limits).Code.ShouldBe("workbook-too-large");
    }

    [Theory]
    [InlineData("<")]
    [InlineData("<a ")]
    [InlineData("<a b=\"")]
    [InlineData("<p><b>x")]
    [InlineData("<!--")]
    [InlineData("&amp")]
    [InlineData("<script>")]
    [InlineData("</x")]
    public void Hostile_pages_take_linear_time(string piece)
    {
        var page = "<html>" + string.Concat(Enumerable.Repeat(piece, 4_000_000 / piece.Length));
        var watch = Stopwatch.StartNew();
        using var release = Read(page, "r.html");
        release.Format.ShouldBe("html");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("[a](")]
    [InlineData("![")]
    [InlineData("*_`")]
    [InlineData("> ")]
    [InlineData("a\n- ")]
    public void Hostile_markdown_takes_linear_time(string piece)
    {
        var watch = Stopwatch.StartNew();
        using var release = Read("# T\n\n" + string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)), "r.md");
        release.Format.ShouldBe("markdown");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void The_callers_stream_failing_is_no_fault_of_the_file()
    {
        Should.Throw<IOException>(() => ReleaseReader.Read(new Failing(Workbook), "r.xlsx"));
        Should.Throw<IOException>(() => ReleaseReader.Read(new Failing(Seeds[5]), "r.xls"));
        Should.Throw<IOException>(() => ReleaseReader.Read(new Failing(Seeds[0]), "r.csv"));
    }

    // Parts that are not packed, so that a changed byte changes what they say.
    private static byte[] Stored(params (string Name, string Text)[] parts)
    {
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in parts)
            {
                using var part = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                part.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return memory.ToArray();
    }

    private sealed class Failing(byte[] bytes) : MemoryStream(bytes)
    {
        private int reads;

        public override int Read(Span<byte> buffer) => reads++ < 3 ? base.Read(buffer[..Math.Min(buffer.Length, 4096)]) : throw new IOException("The network is gone.");
    }
}
