using System.Text;
using CsCheck;
using Pipeline.Reading;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

public class ReadingCsvTests
{
    private static readonly Gen<string> Field = Gen.String[Gen.OneOf(Gen.Char["abcdef0123456789 .-%"], Gen.Char[",;\t|\"\n\r"], Gen.Char["年月增长é€"]), 0, 40];

    [Fact]
    public void Whatever_is_written_as_csv_is_read_back() =>
        Gen.Select(Field.Array[2, 9].Array[1, 60], Gen.Char[",;\t|"], Gen.Int[0, 2].Select(static i => new[] { "\n", "\r\n", "\r" }[i]), Gen.Int[0, 300_000], Gen.Bool).Sample(
            (rows, delimiter, newline, padding, mark) =>
            {
                // One cell of padding moves everything across the reader's buffers.
                rows[0][0] = new string('x', padding + 1);
                var text = string.Join(newline, rows.Select(row => string.Join(delimiter, row.Select(static cell => '"' + cell.Replace("\"", "\"\"") + '"'))));
                var encoding = mark ? (Encoding)new UTF8Encoding(true) : Encoding.Unicode;
                var limits = ReaderLimits.Default;
                var found = new TextEncoding(encoding, "x", encoding.GetPreamble().Length);
                var table = new CsvTable(new MemoryStream([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]), found, new(delimiter, false), limits);
                Rows(table).ShouldBe(rows.ToList());
                Rows(table).Count.ShouldBe(rows.Length);
            },
            iter: 200);

    [Theory]
    [InlineData("a,b\n1,2\n", ',')]
    [InlineData("a;b;c\n1,5;2,5;x\n3,5;4,5;y\n", ';')]
    [InlineData("year;value\n2020;1,5\n2021;2,5\n2022;2,7\n", ';')]
    [InlineData("a\tb, c\n1\t2\n3\t4\n", '\t')]
    [InlineData("a|b|c\n1|2,5|3\n", '|')]
    [InlineData("地区生产总值(亿元)\n时间：最近20年\n地区,2024年,2023年\n北京市,1,2\n天津市,3,4\n注：初步核算\n", ',')]
    public void The_delimiter_shows_in_the_rows(string text, char delimiter) =>
        CsvSniffer.Tell(text, true, true)!.Value.Delimiter.ShouldBe(delimiter);

    [Fact]
    public void Rows_stay_as_they_are()
    {
        using var release = Read("a,b,c\n1\n\n\"x\ny\",\"he said \"\"no\"\"\" tail,3,4\n");
        Rows(release.Tables[0]).ShouldBe(new List<string[]> { new[] { "a", "b", "c" }, new[] { "1" }, Array.Empty<string>(), new[] { "x\ny", "he said \"no\" tail", "3", "4" } });
    }

    [Fact]
    public void A_cell_is_asked_for_more_than_once_and_beyond_the_row()
    {
        using var release = Read("\"a\"\"b\",\" \",1\n2,3,4\n");
        using var reader = release.Tables[0].Open();
        reader.Read().ShouldBeTrue();
        for (var i = 0; i < 2; i++)
            reader[0].Text.ToString().ShouldBe("a\"b");
        reader[1].Kind.ShouldBe(CellKind.Blank);
        reader[7].Kind.ShouldBe(CellKind.Blank);
        reader.Read().ShouldBeTrue();
        reader[0].Text.ToString().ShouldBe("2");
    }

    [Fact]
    public void Spaces_before_a_quote_do_not_hide_it()
    {
        using var release = Read("\"area\", \"value\"\n\"North\", \"1,234\"\n");
        Rows(release.Tables[0]).ShouldBe(new List<string[]> { new[] { "area", "value" }, new[] { "North", "1,234" } });
    }

    [Fact]
    public void Excels_declaration_of_a_delimiter_is_a_blank_first_row()
    {
        using var release = Read("sep=;\r\nyear;value\r\n2020;1,5\r\n");
        Rows(release.Tables[0]).ShouldBe(new List<string[]> { Array.Empty<string>(), new[] { "year", "value" }, new[] { "2020", "1,5" } });
    }

    [Fact]
    public void A_quote_never_closed_is_told_with_the_row_it_opens_in()
    {
        var finding = Refusal("a,b\n1,2\n3,\"4\n5,6\n"u8.ToArray(), "x.csv");
        finding.Code.ShouldBe("quote-unclosed");
        finding.Where.ShouldBe("B3");
    }

    [Fact]
    public void Too_many_columns_are_counted()
    {
        var finding = Refusal(Encoding.UTF8.GetBytes("a,b\n" + new string(',', 19_999) + "\n"), "x.csv");
        finding.Code.ShouldBe("columns-too-many");
        finding.Found.ShouldBe("20000 columns");
        finding.Where.ShouldBe("row 2");
    }

    [Theory]
    [InlineData(false, "cell-too-long")]
    [InlineData(true, "quote-unclosed")]
    public void A_cell_has_a_limit(bool quoted, string code)
    {
        var text = "a,b\n1," + (quoted ? "\"" : "") + new string('x', 1_500_000) + "\n2,3\n";
        Refusal(Encoding.UTF8.GetBytes(text), "x.csv").Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("utf-8", "région,année,valeur\nÎle-de-France,2020,1\nRhône,2020,2\n", "utf-8")]
    [InlineData("windows-1252", "région,année,valeur\nÎle-de-France,2020,1\nRhône,2020,2\nprice £,5,6\n", "windows-1252")]
    [InlineData("windows-1252", "Year,£ million\n2020,1\n2021,2\n", "windows-1252")]
    [InlineData("gb18030", "地区,年份,工业增加值\n新疆,2020,1\n内蒙古,2020,2\n", "gb18030")]
    [InlineData("big5", "地區,年份,工業增加值\n臺北市,2020,1\n高雄市,2020,2\n", "big5")]
    [InlineData("shift_jis", "表章項目 コード,表章項目,全国・都道府県,時間軸（年）,value\n020,人口,全国,2022年,124947\n020,人口,北海道,2022年,5140\n", "shift_jis")]
    [InlineData("shift_jis", "年次,総人口,男,女\n2022年,124947,60758,64189\n", "shift_jis")]
    [InlineData("euc-kr", "행정구역별,항목,단위,2021 년,2022 년\n전국,총인구수,명,51638809,51439038\n서울특별시,총인구수,명,9509458,9428372\n부산광역시,총인구수,명,3350380,3317812\n", "euc-kr")]
    [InlineData("windows-1252", "The region’s population – the “urban” one’s share,2020\nAll,1\n", "windows-1252")]
    [InlineData("utf-16", "地区,年份,工业增加值\n新疆,2020,1\n内蒙古,2020,2\n", "utf-16le")]
    [InlineData("utf-16BE", "area,year,value\nA,2020,1\nB,2020,2\n", "utf-16be")]
    public void The_encoding_shows_in_the_bytes(string encoding, string text, string expected)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        using var release = Read(Encoding.GetEncoding(encoding).GetBytes(text), "x.csv");
        release.Encoding.ShouldBe(expected);
        string.Join('\n', Rows(release.Tables[0]).Select(static row => string.Join(',', row))).ShouldBe(text.TrimEnd());
        release.Findings.Counts.ShouldBeEmpty();
    }

    [Fact]
    public void Invalid_bytes_are_told_with_their_place_and_replaced()
    {
        var good = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 300_000).Select(static i => $"地区{i},1\n")));
        var at = good.AsSpan().LastIndexOf((byte)',');
        byte[] bytes = [.. good[..at], 0xff, .. good[at..]];
        using var release = Read(bytes, "x.csv");
        release.Encoding.ShouldBe("utf-8");
        var finding = release.Findings.Kept.ShouldHaveSingleItem();
        finding.Code.ShouldBe("bytes-invalid");
        finding.Where.ShouldBe($"byte {at}");
        finding.Message.ShouldContain("line 300000");
        Rows(release.Tables[0])[^1].ShouldBe(["地区299999\ufffd", "1"]);
    }

    [Fact]
    public void Invalid_bytes_after_a_byte_order_mark_do_not_change_the_encoding()
    {
        using var release = Read([0xef, 0xbb, 0xbf, .. "a,b\n1,"u8, 0xe9, 0xe9, 0x0a], "x.csv");
        release.Encoding.ShouldBe("utf-8");
        release.Findings.Counts["bytes-invalid"].ShouldBe(2);
        using var wide = Read([0xff, 0xfe, .. Encoding.Unicode.GetBytes("a,b\n1,2\n"), 0x00, 0xd8, 0x31, 0x00, 0x0a, 0x00], "x.csv");
        wide.Findings.Kept.ShouldHaveSingleItem().Where.ShouldBe("byte 18");
    }

    [Theory]
    [InlineData("一季度,工业增加值增长5.2%,好于预期。\n上半年,投资增长3%,出口下降。\n", "x.txt", "text")]
    [InlineData("In May, output rose.\nIn June, output fell.\n", "notes.csv", "text")]
    [InlineData("Industry grew, as expected, in all regions\n\nOutput rose by 5.2%, exports by 3%, and prices fell.\n", "x.txt", "text")]
    [InlineData("area\tyear\tvalue\nA\t2020\t1\n", "x.txt", "csv")]
    [InlineData("area,year,value\nA,2020,1\nB,2020,2\n", "x", "csv")]
    [InlineData("value\n1\n2\n3\n", "x.csv", "csv")]
    [InlineData("Title of table\n\nArea,2020,2021\nNorth,\"1,234\",5\nSouth,..,6\nSource: Office, 2021.\n", "x.txt", "csv")]
    [InlineData("KEY,A,B,C,D,E,F,G\nx,A1,B1,C1,D1,E1,F1,G1\nx,A2,B2,C2,D2,E2,F2,G2\n", "x.txt", "csv")]
    public void Prose_and_tables_are_told_apart_by_structure(string text, string name, string format)
    {
        using var release = Read(text, name);
        release.Format.ShouldBe(format);
    }
}
