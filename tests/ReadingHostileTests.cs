using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Pipeline.Reading;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

public class ReadingHostileTests
{
    private static readonly byte[] Workbook = Xlsx(("S", "<row><c><v>1</v></c><c t=\"inlineStr\"><is><t>x</t></is></c></row>"));

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
        { "r.px", "CHARSET=\"ANSI\";\nAXIS-VERSION=\"2010\";\nMATRIX=\"x\";\n"u8.ToArray(), "px-data-missing" },
        { "r.json", "{\"type\": \"FeatureCollection\", \"features\": []}"u8.ToArray(), "format-not-supported" },
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
    public void A_hundred_megabytes_of_one_sentence_are_refused()
    {
        var finding = Refusal(Encoding.UTF8.GetBytes(new string('产', 34_000_000)), "r.txt");
        (finding.Code, finding.Found, finding.Expected).ShouldBe(("text-too-large", "102000000 bytes", "at most 50000000 bytes of text"));
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
        Should.Throw<IOException>(() => ReleaseReader.Read(new Failing(Xls(false, ("S", false, NumberCell(0, 0, 0, 1)))), "r.xls"));
        Should.Throw<IOException>(() => ReleaseReader.Read(new Failing("地区,value\n北京,1.5\n"u8.ToArray()), "r.csv"));
    }

    private sealed class Failing(byte[] bytes) : MemoryStream(bytes)
    {
        private int reads;

        public override int Read(Span<byte> buffer) => reads++ < 3 ? base.Read(buffer[..Math.Min(buffer.Length, 4096)]) : throw new IOException("The network is gone.");
    }
}
