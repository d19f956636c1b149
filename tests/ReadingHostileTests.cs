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
    public void A_zip_bomb_is_refused_before_it_unpacks()
    {
        var bytes = Xlsx(("S", "<row>" + new string(' ', 60_000_000) + "</row>"));
        bytes.Length.ShouldBeLessThan(100_000);
        var finding = Refusal(bytes, "r.xlsx");
        finding.Code.ShouldBe("workbook-too-large");
        finding.Message.ShouldContain("200 times is the limit");
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
