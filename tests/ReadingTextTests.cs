using System.Text;
using CsCheck;
using Pipeline.Reading;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

public class ReadingTextTests
{
    private static readonly Gen<string> Words = Gen.String[Gen.OneOf(Gen.Char["abc 5.2%()"], Gen.Char["上半年增长，、。"], Gen.Char[" 　\t"]), 0, 30];

    [Fact]
    public void Plain_blocks_stand_where_their_offsets_say() =>
        Gen.Select(Words.Select(Gen.Bool, static (text, rare) => rare ? text + "𠮷😀x" : text).Array[1, 20], Gen.Int[0, 2]).Sample(static (lines, newline) =>
        {
            var file = string.Join(new[] { "\n", "\r\n", "\r" }[newline], lines);
            var runes = file.EnumerateRunes().ToArray();
            var document = PlainText.Read(file);
            // lines that look wrapped are joined: what is left is the same text, each character where the file has it
            static string Bare(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
            Bare(string.Concat(document.Blocks.Select(static block => block.Text))).ShouldBe(Bare(file));
            document.Blocks.Count.ShouldBeLessThanOrEqualTo(lines.Count(static line => line.Trim().Length > 0));
            foreach (var block in document.Blocks)
                Bare(Slice(runes, block.Chars(0, block.Text.Length))).ShouldBe(Bare(block.Text));
        });

    [Theory]
    [InlineData("上半年，全区规模以上工业企业实现利润总额12166.85万\n元，同比增长7.7%，比一季度加快。\n第二段。", "上半年，全区规模以上工业企业实现利润总额12166.85万元，同比增长7.7%，比一季度加快。", "第二段。")]
    [InlineData("In the first half of 2023, the value added of industrial\nenterprises increased by 5.2 percent.", "In the first half of 2023, the value added of industrial enterprises increased by 5.2 percent.")]
    [InlineData("一、原煤生产，小幅增长，原油生产平稳增长，天然气\n二、电力生产", "一、原煤生产，小幅增长，原油生产平稳增长，天然气", "二、电力生产")]
    [InlineData("某某市统计局\n2023年上半年某某市工业经济运行情况", "某某市统计局", "2023年上半年某某市工业经济运行情况")]
    public void Lines_that_were_wrapped_at_a_width_are_one_paragraph(string file, params string[] paragraphs)
    {
        var document = PlainText.Read(file);
        document.Blocks.Select(static block => block.Text).ShouldBe(paragraphs);
        var runes = file.EnumerateRunes().ToArray();
        foreach (var block in document.Blocks)
            Slice(runes, block.Chars(block.Text.Length - 1, block.Text.Length)).ShouldBe(block.Text[^1..]);
    }

    [Fact]
    public void Html_blocks_stand_where_their_offsets_say() =>
        Gen.Select(Gen.String[Gen.OneOf(Gen.Char["abc5.%"], Gen.Char["增长，。"]), 1, 12], Gen.Int[0, 6]).Array[1, 30].Sample(static pieces =>
        {
            var file = new StringBuilder("<!DOCTYPE html><html><body><!-- <p>no</p> --><p>");
            foreach (var (text, kind) in pieces)
            {
                file.Append(kind switch
                {
                    0 => $"<b class='x>y'>{text}</b>",
                    1 => $"</p>\n<p title=\"a > b\">{text}",
                    2 => $"<script>if (a < b) {{ '<p>' }}</script>{text}",
                    3 => $"{text}&nbsp;𠮷",
                    4 => $"</p><li>{text}</li><p>",
                    5 => $"<br/>{text} < 5",
                    _ => text,
                });
            }
            var whole = file.ToString();
            var runes = whole.EnumerateRunes().ToArray();
            foreach (var block in HtmlText.Read(whole).Blocks)
            {
                for (var i = 0; i < block.Text.Length; i++)
                {
                    if (block.Text[i] != ' ' && !char.IsSurrogate(block.Text[i]))
                        runes[block.CodePointOf(i)].ToString().ShouldBe(block.Text[i].ToString());
                }
            }
            string.Concat(HtmlText.Read(whole).Blocks.Select(static block => block.Text)).Where(static c => c is not ' ' and not '<').Count(static c => !char.IsSurrogate(c))
                .ShouldBe(pieces.Sum(static piece => piece.Item1.Length + (piece.Item2 == 5 ? 1 : 0)));
        });

    [Fact]
    public void A_page_gives_its_blocks_by_element()
    {
        const string Page = "<html><head><title>Output &amp; prices</title><style>p{}</style></head><body><nav><ul><li><a href='/'>Home</a><li>Data</ul></nav>" +
            "<h1>Output</h1><p>Output grew&#32;<b>5.2%</b><sup>1</sup> to 10 m<sup>2</sup>.<br>Prices fell.</p><table><tr><td>Area<td>5.2</tr></table>";
        using var release = Read(Page, "page.xls");
        release.Format.ShouldBe("html");
        release.Findings.Kept.ShouldHaveSingleItem().Code.ShouldBe("name-differs-from-content");
        release.Text!.Blocks.Select(static block => (block.Kind, block.Text)).ShouldBe(
        [
            (TextBlockKind.Heading, "Output & prices"), (TextBlockKind.ListItem, "Home"), (TextBlockKind.ListItem, "Data"), (TextBlockKind.Heading, "Output"),
            (TextBlockKind.Paragraph, "Output grew 5.2%¹ to 10 m²."), (TextBlockKind.Paragraph, "Prices fell."),
            (TextBlockKind.Fragment, "Area"), (TextBlockKind.Fragment, "5.2"),
        ]);
        var figure = release.Text.Blocks[4];
        var at = figure.Text.IndexOf("5.2", StringComparison.Ordinal);
        figure.Chars(at, at + 3).ShouldBe(Source.Chars(Page.IndexOf("5.2%", StringComparison.Ordinal), Page.IndexOf("5.2%", StringComparison.Ordinal) + 3));
        release.Text.Blocks[0].CodePointOf(7).ShouldBe(Page.IndexOf("&amp;", StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_in_its_declared_encoding()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var page = "<html><head><meta charset=\"gb2312\"></head><body><p>上半年，工业增加值同比增长5.2%。</p></body></html>";
        using var release = Read(Encoding.GetEncoding("gb18030").GetBytes(page), "page.html");
        release.Encoding.ShouldBe("gb18030");
        release.Text!.Blocks.ShouldHaveSingleItem().Text.ShouldBe("上半年，工业增加值同比增长5.2%。");
    }

    [Fact]
    public void Markdown_loses_its_marks()
    {
        const string File = "# Output in **May**\n\nOutput grew [by 5.2%](https://x.y/z), *well* above\nthe 3\\*4 of snake_case.\n\n- first item\n- second `item`\n\n" +
            "> quoted\n\nA title\n=======\n\n| Area | Value |\n|------|------:|\n| North | 5.2 |\n";
        using var release = Read(File, "r.txt");
        release.Format.ShouldBe("markdown");
        release.Text!.Blocks.Select(static block => (block.Kind, block.Text)).ShouldBe(
        [
            (TextBlockKind.Heading, "Output in May"), (TextBlockKind.Paragraph, "Output grew by 5.2%, well above the 3*4 of snake_case."),
            (TextBlockKind.ListItem, "first item"), (TextBlockKind.ListItem, "second item"), (TextBlockKind.Paragraph, "quoted"), (TextBlockKind.Heading, "A title"),
            (TextBlockKind.Fragment, "Area"), (TextBlockKind.Fragment, "Value"), (TextBlockKind.Fragment, "North"), (TextBlockKind.Fragment, "5.2"),
        ]);
        foreach (var block in release.Text.Blocks)
        {
            for (var i = 0; i < block.Text.Length; i++)
                if (block.Text[i] != ' ')
                    File[block.CodePointOf(i)].ShouldBe(block.Text[i]);
        }
    }

    [Fact]
    public void Lines_show_headings_and_items()
    {
        using var release = Read("\ufeff11月份工业生产运行情况\n\n一、总体情况\n\n11月份，增加值增长5.4%。\n• 相关链接\n", "r.txt");
        release.Text!.Blocks.Select(static block => (block.Kind, block.Chars(0, block.Text.Length))).ShouldBe(
        [
            (TextBlockKind.Heading, Source.Chars(0, 12)), (TextBlockKind.Heading, Source.Chars(14, 20)),
            (TextBlockKind.Paragraph, Source.Chars(22, 37)), (TextBlockKind.ListItem, Source.Chars(38, 44)),
        ]);
    }

    private static string Slice(Rune[] runes, Source chars) => string.Concat(runes[chars.A..chars.B].Select(static rune => rune.ToString()));
}
