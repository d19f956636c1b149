using System.Diagnostics;
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
    ];

    public static TheoryData<string, byte[], string> Bad => new()
    {
        { "r.csv", [], "file-empty" },
        { "r.csv", " \r\n\t\n"u8.ToArray(), "file-empty" },
        { "r.txt", [0xff, 0xfe, 0x20, 0x00, 0x0a, 0x00], "file-empty" },
        { "r.xlsx", Workbook[..(Workbook.Length / 2)], "workbook-truncated" },
        { "r.xlsx", Zip(("a.csv", "a,b")), "format-not-supported" },
        { "r.xlsx", Zip(("[Content_Types].xml", "<Types/>")), "workbook-damaged" },
        { "r.docx", Zip(("word/document.xml", "<w/>")), "format-not-supported" },
        { "r.ods", Zip(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<x/>")), "format-not-supported" },
        { "r.xlsx", Compound("EncryptedPackage", [1, 2, 3]), "workbook-encrypted" },
        { "r.xls", Xls(true, ("S", false, NumberCell(0, 0, 0, 1))), "workbook-encrypted" },
        { "r.xls", Compound("WordDocument", [1, 2, 3]), "format-not-supported" },
        { "r.xls", Compound("Workbook", new byte[5000]), "workbook-damaged" },
        { "r.pdf", "%PDF-1.7\n"u8.ToArray(), "format-not-supported" },
        { "r.px", "CHARSET=\"ANSI\";\nAXIS-VERSION=\"2010\";\nMATRIX=\"x\";\n"u8.ToArray(), "format-not-supported" },
        { "r.json", "{\"version\": \"2.0\", \"class\": \"dataset\"}"u8.ToArray(), "format-not-supported" },
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

    private sealed class Failing(byte[] bytes) : MemoryStream(bytes)
    {
        private int reads;

        public override int Read(Span<byte> buffer) => reads++ < 3 ? base.Read(buffer[..Math.Min(buffer.Length, 4096)]) : throw new IOException("The network is gone.");
    }
}
