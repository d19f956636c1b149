using System.IO.Compression;
using System.Text;
using Pipeline.Reading;
using Pipeline.Understanding;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

/// <summary>ZIP archives of several files, read as one release.</summary>
public class ReadingArchiveTests
{
    private static readonly byte[] Book = Xlsx(("S", "<row><c t=\"inlineStr\"><is><t>area</t></is></c><c><f>A1</f></c></row><row><c><v>1</v></c></row>"), ("!Old", "<row><c><v>2</v></c></row>"));

    [Fact]
    public void Entries_are_one_release_whose_cells_tell_their_entry()
    {
        using var release = Read(
            Archive(
                ("data/north.csv", "area,2023\nA,1\n"u8.ToArray()), ("data/", []), ("book.bin", Book), ("__MACOSX/data/._north.csv", [0, 5, 22, 7]), ("data/.DS_Store", [0]),
                ("readme.txt", "This is what the files hold, in 2023.\n"u8.ToArray()), ("about.html", "<html><table><tr><td>a<td>b<tr><td>c<td>5</table>"u8.ToArray()),
                ("chart.png", [0x89, 0x50, 0x4e, 0x47, 1, 2]), ("empty.csv", []), ("附表.csv", "地区,2023\n北京,\"5\n"u8.ToArray())),
            "release.zip");
        release.Format.ShouldBe("zip");
        release.Sheets.ShouldBe(["data/north.csv", "book.bin/S", "book.bin/Old", "附表.csv"]);
        release.Tables.Select(static table => (table.Sheet, table.Place, table.Hidden)).ShouldBe(
            [("data/north.csv", 0, false), ("book.bin/S", 1, false), ("book.bin/Old", 2, true), ("附表.csv", 3, false)]);
        release.Parts.Select(static part => (part.Format, part.FileName)).ShouldBe([("csv", "data/north.csv"), ("xlsx", "book.bin"), ("csv", "附表.csv")]);
        for (var pass = 0; pass < 2; pass++)
        {
            Rows(release.Tables[0]).ShouldBe([["area", "2023"], ["A", "1"]]);
            Cells(release.Tables[1]).Select(static cell => cell.Address).ShouldBe(["A1", "B1", "A2"]);
        }
        release.Tables[1].Cell(2, 1).ToString(release.Sheets).ShouldBe("book.bin/S!A2");
        release.Findings.Kept.Select(static finding => (finding.Code, finding.Where)).ShouldBe(
        [
            ("entry-unreadable", "chart.png"), ("entry-unreadable", "empty.csv"), ("entry-is-text", "readme.txt"), ("entry-is-text", "about.html"), ("formula-without-value", "book.bin/S!B1"),
        ]);
        release.Findings.HasErrors.ShouldBeFalse();
        Should.Throw<UnreadableReleaseException>(() => Rows(release.Tables[3])).Finding.Where.ShouldBe("附表.csv!B2");
    }

    [Fact]
    public void Names_in_the_code_page_of_a_chinese_machine_are_read()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true, new Unmarked()))
        using (var part = zip.CreateEntry("分省数据.csv").Open())
            part.Write("a,b\n1,2\n"u8);
        using var release = Read(memory.ToArray(), "r.zip");
        release.Sheets.ShouldBe(["分省数据.csv"]);
    }

    [Fact]
    public void One_text_is_the_release()
    {
        using var release = Read(Archive(("r.txt", "2023年上半年，全国工业增加值同比增长5.2%。\n"u8.ToArray())), "r.zip");
        release.Text!.Blocks.ShouldHaveSingleItem();
        release.Findings.Kept.ShouldBeEmpty();
        using var page = Read(Archive(("r.html", "<html><p>x</p><table><tr><td>a<td>b<tr><td>c<td>5</table>"u8.ToArray())), "r.zip");
        page.Sheets.ShouldBe(["r.html/Table 1"]);
        using var interpretation = Interpreter.Interpret(release, new ReleaseContext("test"), null, TestContext.Current.CancellationToken);
        interpretation.Cubes[0].Observations.Count.ShouldBe(1);
    }

    public static TheoryData<byte[], string> Bad => new()
    {
        { Archive(("inner.zip", Archive(("a.csv", "a,b\n1,2\n"u8.ToArray()))), ("a.csv", "a,b\n1,2\n"u8.ToArray())), "archive-nested" },
        { Archive(("../a.csv", "a,b\n1,2\n"u8.ToArray())), "archive-path-unsafe" },
        { Archive(("/etc/a.csv", "a,b\n1,2\n"u8.ToArray())), "archive-path-unsafe" },
        { Archive(("C:\\a.csv", "a,b\n1,2\n"u8.ToArray())), "archive-path-unsafe" },
        { Archive([.. Enumerable.Range(0, 1001).Select(static i => ($"{i}.csv", "a,b\n1,2\n"u8.ToArray()))]), "archive-too-large" },
        { Archive(("a.csv", new byte[60_000_000])), "archive-too-large" },
        { Archive(("a.csv", "a,b\n1,2\n"u8.ToArray()), ("A.csv", "a,b\n1,2\n"u8.ToArray())), "archive-damaged" },
        { Archive(("a.png", [0x89, 0x50, 0x4e, 0x47])), "format-not-supported" },
        { Archive(("a.png", [0x89, 0x50, 0x4e, 0x47]), ("b.png", [0x89, 0x50, 0x4e, 0x47])), "archive-unreadable" },
        { Archive(("__MACOSX/._a", [1])), "archive-empty" },
        { Archive(("a.txt", "Output rose by 5% in 2023.\n"u8.ToArray()), ("b.txt", "Output rose by 6% in 2024.\n"u8.ToArray())), "archive-of-texts" },
        { Encrypted(Archive(("a.csv", "a,b\n1,2\n"u8.ToArray()))), "archive-encrypted" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Hostile_archives_are_refused(byte[] archive, string code)
    {
        var finding = Refusal(archive, "r.zip");
        finding.Code.ShouldBe(code);
        finding.Advice.ShouldNotBeNullOrWhiteSpace();
    }

    private static byte[] Archive(params (string Name, byte[] Content)[] entries)
    {
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var part = zip.CreateEntry(name).Open();
                part.Write(content);
            }
        }
        return memory.ToArray();
    }

    // Sets the mark for encryption in the directory and before the entry.
    private static byte[] Encrypted(byte[] archive)
    {
        for (var i = 0; i + 4 < archive.Length; i++)
        {
            if (archive.AsSpan(i, 4).SequenceEqual("PK\u0003\u0004"u8))
                archive[i + 6] |= 1;
            else if (archive.AsSpan(i, 4).SequenceEqual("PK\u0001\u0002"u8))
                archive[i + 8] |= 1;
        }
        return archive;
    }

    // Names in GB 18030, without the mark for UTF-8, which ZipArchive sets by the encoding's number.
    private sealed class Unmarked : Encoding
    {
        private readonly Encoding chinese = GetEncoding("gb18030");

        public override int GetByteCount(char[] chars, int index, int count) => chinese.GetByteCount(chars, index, count);

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => chinese.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetCharCount(byte[] bytes, int index, int count) => chinese.GetCharCount(bytes, index, count);

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => chinese.GetChars(bytes, byteIndex, byteCount, chars, charIndex);

        public override int GetMaxByteCount(int charCount) => chinese.GetMaxByteCount(charCount);

        public override int GetMaxCharCount(int byteCount) => chinese.GetMaxCharCount(byteCount);
    }
}
