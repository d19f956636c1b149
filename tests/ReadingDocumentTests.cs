using System.Diagnostics;
using System.Text;
using CsCheck;
using Pipeline.Reading;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

/// <summary>Tables of pages, Word documents and Markdown.</summary>
public class ReadingDocumentTests
{
    private const string Word = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"";

    // A rectangle of cells cut into rectangles, each with the random numbers that say how far it reaches.
    private static readonly Gen<Tiling> Tilings = Gen.Select(Gen.Int[2, 6], Gen.Int[2, 6], Gen.Int[1, 3].Array[72]).Select(static (height, width, sizes) => new Tiling(height, width, sizes));

    [Fact]
    public void Spans_of_a_page_put_cells_where_they_stand() => Gen.Select(Tilings, Gen.Bool, Gen.Bool).Sample(static (tiling, closed, grouped) =>
    {
        var page = new StringBuilder("<html><body><table>" + (grouped ? "<thead><tbody>" : ""));
        for (var row = 0; row < tiling.Height; row++)
        {
            page.Append("<TR>");
            foreach (var tile in tiling.Tiles.Where(tile => tile.FirstRow == row + 1))
            {
                page.Append($"<td{(tile.LastColumn > tile.FirstColumn ? $" colspan={tile.LastColumn - tile.FirstColumn + 1}" : "")}")
                    .Append(tile.LastRow > tile.FirstRow ? $" title='a > b' rowspan = \"{(tile.LastRow == tiling.Height ? 0 : tile.LastRow - tile.FirstRow + 1)}\"" : "")
                    .Append($">{Text(tile)}{(closed ? "</td>" : "")}\n");
            }
            page.Append(closed ? "</tr>" : "");
        }
        using var release = Read(page.Append("</table>").ToString(), "r.html");
        tiling.ShouldBeIn(release.Tables.ShouldHaveSingleItem());
    });

    [Fact]
    public void Spans_of_a_word_table_put_cells_where_they_stand() => Tilings.Sample(static tiling =>
    {
        var body = new StringBuilder("<w:tbl><w:tblPr/><w:tblGrid/>");
        for (var row = 1; row <= tiling.Height; row++)
        {
            body.Append("<w:tr>");
            foreach (var tile in tiling.Tiles.Where(tile => tile.FirstRow <= row && row <= tile.LastRow).OrderBy(static tile => tile.FirstColumn))
            {
                var merge = tile.FirstRow == tile.LastRow ? "" : tile.FirstRow == row ? "<w:vMerge w:val=\"restart\"/>" : "<w:vMerge/>";
                body.Append($"<w:tc><w:tcPr><w:tcW w:w=\"5\"/><w:gridSpan w:val=\"{tile.LastColumn - tile.FirstColumn + 1}\"/>{merge}</w:tcPr><w:p>{(tile.FirstRow == row ? Run(Text(tile)) : "")}</w:p></w:tc>");
            }
            body.Append("</w:tr>");
        }
        using var release = Read(Docx(body.Append("</w:tbl>").ToString()), "r.docx");
        tiling.ShouldBeIn(release.Tables.ShouldHaveSingleItem());
    });

    [Fact]
    public void A_page_gives_each_table_with_the_lines_around_it()
    {
        const string Page = "<html><body><nav><ul><li><a href='/'>Home</a></ul></nav><h1>Output</h1><p>Output rose by 5% in May. It had fallen in April.</p>" +
            "<h2>Table 4. Output by area, May 2023.</h2><p>Output rose, as said. It is here.</p><p>Million tonnes</p>" +
            "<table class=wide><caption>Table 4</caption><thead><tr><th>Area<th>Output<sup>a</sup><th style='display : none'>key<th>Growth<br>%</thead>" +
            "<tbody><tr><td><b>North</b><td>1&nbsp;234.5<sup>2</sup><td hidden>77<td><span style=\"display:none\">0005</span>5.2</tr>" +
            "<tr><td>&nbsp;&nbsp;of which &amp; others<td>..<td hidden>78<td>3<sup>rd</sup> <span class='x visually-hidden'>up</span></tr>" +
            "<tr hidden><td>x<td>1<td>1<td>1</tr></table>" +
            "<p>Source: the office</p><p>1. first note</p><p>Much more is said below.</p>" +
            "<table><tr><td>Contact<td>the press office</table>" +
            "<table role=presentation><tr><td>1<td>2<tr><td>3<td>4</table>" +
            "<h3>Prices</h3><table><tr><td>Year<td>Price<tr><td>2022<td>7.5<tr><td>2023<td style='padding-left:24px'>8.5</table></body></html>";
        using var release = Read(Page, "r.html");
        release.Format.ShouldBe("html");
        release.Sheets.ShouldBe(["Table 1", "Table 2"]);
        release.Tables.Select(static table => (table.Sheet, table.Place)).ShouldBe([("Table 1", 0), ("Table 2", 1)]);
        Cells(release.Tables[0]).Select(static cell => (cell.Address, cell.Text)).ShouldBe(
        [
            ("A1", "Table 4. Output by area, May 2023."), ("A2", "Million tonnes"), ("A3", "Table 4"), ("A4", "Area"), ("B4", "Outputᵃ"), ("C4", "Growth\n%"),
            ("A5", "North"), ("B5", "1 234.5²"), ("C5", "5.2"), ("A6", "of which & others"), ("B6", ".."), ("C6", "3rd"), ("A7", "Source: the office"), ("A8", "1. first note"),
        ]);
        Cells(release.Tables[1]).Select(static cell => (cell.Address, cell.Text)).ShouldBe(
            [("A1", "Prices"), ("A2", "Year"), ("B2", "Price"), ("A3", "2022"), ("B3", "7.5"), ("A4", "2023"), ("B4", "8.5")]);
        release.Text!.Blocks.ShouldContain(static block => block.Text.StartsWith("Output rose by 5%"));
        Styles(release.Tables[0]).ShouldBe([("A4", 0, true), ("B4", 0, true), ("C4", 0, true), ("A5", 0, true), ("A6", 2, false)]);
        Styles(release.Tables[1]).ShouldBe([("B4", 2, false)]);
    }

    [Fact]
    public void A_page_that_a_table_lays_out_is_prose()
    {
        const string News = "<html><body><table><tr><td>首页</td><td>2023-06-15</td></tr><tr><td colspan=2><table><tr><td>要闻<td>2023-06-14<tr><td>公告<td>2023年6月<tr><td>第3页<td>2023</table>" +
            "<p>上半年，工业增加值同比增长5.2%。</p></td></tr></table></body></html>";
        using var release = Read(News, "r.html");
        release.Tables.ShouldBeEmpty();
        release.Text!.Blocks.ShouldContain(static block => block.Text == "上半年，工业增加值同比增长5.2%。");
        // The data table inside of such a page is one, with the line above it.
        using var inner = Read(News.Replace("<p>", "<p>全市产量平稳增长，比上年同期提高一点二个百分点，其中主城区和各县均有不同程度的回升，情况良好。</p><p>单位：万吨</p><table><tr><th>地区<th>产量<tr><td>北京<td>12.5</table><p>"), "r.html");
        Rows(inner.Tables.ShouldHaveSingleItem()).ShouldBe([["单位：万吨"], ["地区", "产量"], ["北京", "12.5"]]);
    }

    [Fact]
    public void A_word_document_gives_tables_and_text()
    {
        const string Body = "<w:p><w:pPr><w:pStyle w:val=\"berschrift1\"/></w:pPr><w:r><w:t>Output </w:t></w:r><w:ins><w:r><w:t>in May</w:t></w:r></w:ins><w:del><w:r><w:delText>in April</w:delText></w:r></w:del></w:p>" +
            "<w:p><w:r><w:t>Million tonnes</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>" +
            "<w:tbl><w:tr><w:tc><w:p>Z</w:p></w:tc></w:tr>" +
            "<w:tr><w:tc><w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Area</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Output</w:t></w:r><w:r><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr><w:t>1</w:t></w:r></w:p></w:tc></w:tr>" +
            "<w:tr><w:tc><w:p><w:pPr><w:ind w:left=\"400\"/></w:pPr><w:r><w:t>North</w:t></w:r></w:p><w:p><w:r><w:t>of it</w:t></w:r></w:p></w:tc><w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>5.2</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/></w:tc></w:tr>" +
            "<w:tr><w:trPr><w:del w:id=\"1\"/></w:trPr><w:tc><w:p><w:r><w:t>gone</w:t></w:r></w:p></w:tc></w:tr>" +
            "<w:tr><w:trPr><w:gridBefore w:val=\"1\"/></w:trPr><w:tc><w:p><w:r><w:t>7</w:t></w:r></w:p></w:tc></w:tr></w:tbl>" +
            "<w:p><w:r><w:t>Note: provisional.</w:t></w:r></w:p><w:p><mc:AlternateContent><mc:Choice><w:drawing/></mc:Choice></mc:AlternateContent><w:r><w:t>Output rose by 5.2%.</w:t></w:r></w:p>";
        using var release = Read(Docx(Body), "r.docx");
        release.Format.ShouldBe("docx");
        Cells(release.Tables.ShouldHaveSingleItem()).Select(static cell => (cell.Address, cell.Text)).ShouldBe(
        [
            ("A1", "Output in May"), ("A2", "Million tonnes"), ("A4", "Area"), ("B4", "Output¹"), ("A5", "North\nof it"), ("B5", "5.2"), ("B6", "7"), ("A7", "Note: provisional."),
        ]);
        Styles(release.Tables[0]).ShouldBe([("A4", 0, true), ("A5", 2, false)]);
        var whole = string.Join('\n', release.Text!.Blocks.Select(static block => block.Text));
        foreach (var block in release.Text.Blocks)
            block.Chars(0, block.Text.Length).ShouldBe(Source.Chars(whole.IndexOf(block.Text, StringComparison.Ordinal), whole.IndexOf(block.Text, StringComparison.Ordinal) + block.Text.Length));
        release.Text.Blocks.Select(static block => block.Kind).ShouldBe([
            TextBlockKind.Heading, TextBlockKind.Paragraph, TextBlockKind.Fragment, TextBlockKind.Fragment, TextBlockKind.Fragment, TextBlockKind.Fragment, TextBlockKind.Fragment,
            TextBlockKind.Fragment, TextBlockKind.Paragraph, TextBlockKind.Paragraph]);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Pipe_tables_of_markdown_are_tables_where_they_hold_figures(string newline)
    {
        const string File = "# Output\n\n## By area, 2023\n\n| Area | Value | Note |\n|------|------:|---|\n| **North** | 5.2 | a \\| b |\n| South | | |\n| - | - | - |\n\nSource: the office\n\n" +
            "| Word | Meaning |\n|---|---|\n| a | the first |\n\n### Loose\n\nArea | 2023\n-----|----:\nNorth | 7.5\nSouth | **8.5**\nBoth of it\n\na | b in prose\n";
        using var release = Read(File.Replace("\n", newline), "r.md");
        release.Tables.Count.ShouldBe(2);
        Rows(release.Tables[1]).ShouldBe([["Loose"], ["Area", "2023"], ["North", "7.5"], ["South", "8.5"]]);
        release.Text!.Blocks.Select(static block => block.Text).ShouldContain("a | b in prose");
        Rows(release.Tables[0]).ShouldBe(
            [["Output"], ["By area, 2023"], ["Area", "Value", "Note"], ["North", "5.2", "a | b"], ["South"], ["-", "-", "-"], ["Source: the office"]]);
        Styles(release.Tables[0]).ShouldBe([("A4", 0, true)]);
    }

    [Theory]
    [InlineData("5.2", true)]
    [InlineData("-1,234.5 %", true)]
    [InlineData("£ 12.5m", true)]
    [InlineData("(1 234)ʳ", true)]
    [InlineData("12.3 p", true)]
    [InlineData("2023", false)]
    [InlineData("2023-06-15", false)]
    [InlineData("15.06.2023", false)]
    [InlineData("12 May 2023", false)]
    [InlineData("6月", false)]
    [InlineData("..", false)]
    [InlineData("Table 4", false)]
    public void Figures_are_told_from_dates(string text, bool figure) => DocumentTables.IsFigure(text).ShouldBe(figure);

    [Theory]
    [InlineData("<table><tr><td>1<td>1<tr><td>", "<td colspan=1000 rowspan=65534>1", "")]
    [InlineData("<table><tr><td rowspan=65534 colspan=1000>1<td rowspan=65534 colspan=1000>1", "<tr><td>1", "")]
    [InlineData("<table><tr><td>1", "<table><tr><td>1", "")]
    [InlineData("<table><tr><td>1", "<tr><td colspan=2 rowspan=3>1", "")]
    [InlineData("<table><tr><td>1", "<span hidden>", "")]
    [InlineData("<table><tr><td>1", "<tbody><tr><td colspan=900 rowspan=0>1", "")]
    [InlineData("", "<table><tr><td>a<td>1<tr><td>b<td>2</table>", "")]
    public void Hostile_tables_take_linear_time(string start, string piece, string end)
    {
        var page = "<html>" + start + string.Concat(Enumerable.Repeat(piece, 3_000_000 / piece.Length)) + end;
        var watch = Stopwatch.StartNew();
        try
        {
            using var release = Read(page, "r.html");
            foreach (var table in release.Tables)
                Rows(table);
        }
        catch (UnreadableReleaseException e)
        {
            e.Finding.Code.ShouldBeOneOf("columns-too-many", "document-too-large", "sheets-too-many");
        }
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    private static string Text(MergedRange tile) => $"{tile.FirstRow}.{tile.FirstColumn}";

    private static string Run(string text) => $"<w:r><w:t>{text}</w:t></w:r>";

    private static byte[] Docx(string body) => Zip(
        ("[Content_Types].xml", "<Types/>"),
        ("word/styles.xml", $"<w:styles {Word}><w:style w:type=\"paragraph\" w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style></w:styles>"),
        ("word/document.xml", $"<w:document {Word}><w:body>{body}<w:sectPr/></w:body></w:document>"));

    private static List<(string Address, int Indent, bool Bold)> Styles(Table table)
    {
        using var reader = table.Open();
        var styles = new List<(string, int, bool)>();
        while (reader.Read())
            for (var i = 0; i < reader.Count; i++)
                if (reader[i] is { Kind: not CellKind.Blank } cell && (cell.Indent > 0 || cell.Bold))
                    styles.Add((Source.Column(i + 1) + reader.Row, cell.Indent, cell.Bold));
        return styles;
    }

    /// <summary>A grid of which every place belongs to one tile.</summary>
    private sealed class Tiling
    {
        public Tiling(int height, int width, int[] sizes)
        {
            (Height, Width) = (height, width);
            var taken = new bool[height, width];
            var next = 0;
            for (var row = 0; row < height; row++)
            {
                for (var column = 0; column < width; column++)
                {
                    if (taken[row, column])
                        continue;
                    int right = column, bottom = Math.Min(height - 1, row + sizes[next++] - 1);
                    for (var wish = sizes[next++]; right - column + 1 < wish && right + 1 < width && !taken[row, right + 1];)
                        right++;
                    for (var r = row; r <= bottom; r++)
                        for (var c = column; c <= right; c++)
                            taken[r, c] = true;
                    Tiles.Add(new MergedRange(row + 1, column + 1, bottom + 1, right + 1));
                }
            }
        }

        public int Height { get; }

        public int Width { get; }

        public List<MergedRange> Tiles { get; } = [];

        public void ShouldBeIn(Table table)
        {
            Cells(table).Select(static cell => (cell.Address, cell.Text)).ShouldBe(Tiles.Select(static tile => (Source.Column(tile.FirstColumn) + tile.FirstRow, Text(tile))));
            // Rows below the last in which a cell starts have nothing to be merged with.
            var last = Tiles.Max(static tile => tile.FirstRow);
            table.Shape.Merged.ShouldBe(Tiles.Select(tile => tile with { LastRow = Math.Min(tile.LastRow, last) })
                .Where(static tile => tile.LastRow > tile.FirstRow || tile.LastColumn > tile.FirstColumn));
        }
    }
}
