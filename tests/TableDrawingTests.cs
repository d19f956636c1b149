using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using Pipeline.Local;
using Pipeline.Publishing;
using Pipeline.Reading;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Spectre.Console;
using Xunit;
using Table = Pipeline.Reading.Table;

namespace Pipeline.Tests;

/// <summary>How <c>check</c> draws what tables were taken for, and the same for programs.</summary>
public sealed class TableDrawingTests
{
    [Fact]
    public void A_table_is_drawn_with_what_each_cell_was_taken_for()
    {
        var table = Rows("Table 4: Output of coal and coke, by town and month of 2023||||", "||||thousand tonnes", "Town|Product|Jan 2023|Feb 2023|Code", "Ashwell|Coal|1,204.5|88|A1",
            "|Coke|7|..|A2", "Brackley|Coal|33.25|40|B1", "", "Source: monthly returns|||||", "", "checked by hand|||");
        var reading = new TableReading(table, "periods across")
        {
            Confidence = 0.875,
            Reasons = ["Column E could also be a dimension: name it to publish it."],
            Periods = ("2023-01", "2023-02"),
            Dimensions = ["REF_AREA", "PRODUCT"],
            Observations = 6,
            Regions =
            [
                new(RegionKind.Caption, 1, 1, 2, 5), new(RegionKind.Header, 3, 1, 3, 5), new(RegionKind.Stub, 4, 1, 6, 2), new(RegionKind.Data, 4, 3, 6, 4),
                new(RegionKind.Ignored, 4, 5, 6, 5), new(RegionKind.Notes, 8, 1, 8, 5), new(RegionKind.Notes, 10, 2, 10, 2),
            ],
        };
        Draw([reading], 84).ShouldBe("""
              C caption  H header  S stub  D data  N notes  · ignored  ? not looked at

            A1:E10 · periods across · 2023-01 to 2023-02 · 6 observations by REF_AREA, PRODUCT ·
              87 % sure
              Column E could also be a dimension: name it to publish it.
                 A          B                C         D   E
             1 C Table 4: Output of coal and coke, by town and month of 2023
             2 C                                           thousand tonnes
             3 H Town       Product   Jan 2023  Feb 2023   Code
             4 S Ashwell    Coal    D  1,204.5        88 · A1
             5 S            Coke    D        7        .. · A2
             6 S Brackley   Coal    D    33.25        40 · B1
             8 N Source: monthly returns
            10 ? checked… N

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Wide_characters_take_two_columns()
    {
        string?[][] rows =
        [
            ["表3 分地区原煤产量"], ["单位：万吨"], ["地区", "2023年1—5月", "2023年1—6月"], ["乌鲁木齐市", "1203.4", "1466.25"], ["哈密市", "5120.9", "…"],
            ["注：哈密市不含伊吾县。"],
        ];
        var table = new Grid(rows) { Sheet = "产量", Place = 0 };
        var reading = new TableReading(table, "periods across")
        {
            Periods = ("2023-01/2023-05", "2023-01/2023-06"),
            Dimensions = ["REF_AREA"],
            Observations = 4,
            Regions =
            [
                new(RegionKind.Caption, 1, 1, 2, 3), new(RegionKind.Header, 3, 1, 3, 3), new(RegionKind.Stub, 4, 1, 5, 1), new(RegionKind.Data, 4, 2, 5, 3),
                new(RegionKind.Notes, 6, 1, 6, 3),
            ],
        };
        Draw([reading], 120).ShouldBe("""
              C caption  H header  S stub  D data  N notes  · ignored  ? not looked at

            产量!A1:C6 · periods across · 2023-01/2023-05 to 2023-01/2023-06 · 4 observations by REF_AREA · 100 % sure
                A                      B            C
            1 C 表3 分地区原煤产量
            2 C 单位：万吨
            3 H 地区         2023年1—5月  2023年1—6月
            4 S 乌鲁木齐市 D      1203.4      1466.25
            5 S 哈密市     D      5120.9            …
            6 N 注：哈密市不含伊吾县。

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Long_runs_are_folded_and_every_region_is_still_seen()
    {
        const int Rows = 400;
        const int Columns = 60;
        string?[] Row(int row) => row switch
        {
            1 => ["A caption"],
            2 => ["Area", .. Enumerable.Range(0, Columns).Select(i => $"{1960 + i}"), "Remark"],
            3 + Rows => ["Note: all of them"],
            _ => [$"Area {row}", .. Enumerable.Range(0, Columns).Select(i => $"{row * i}"), "x"],
        };
        var reading = new TableReading(new Grid([.. Enumerable.Range(1, Rows + 3).Select(Row)]), "periods across")
        {
            Regions =
            [
                new(RegionKind.Caption, 1, 1, 1, Columns + 2), new(RegionKind.Header, 2, 1, 2, Columns + 1), new(RegionKind.Stub, 3, 1, Rows + 2, 1),
                new(RegionKind.Data, 3, 2, Rows + 2, Columns + 1), new(RegionKind.Ignored, 2, Columns + 2, Rows + 2, Columns + 2), new(RegionKind.Notes, Rows + 3, 1, Rows + 3, Columns + 2),
            ],
        };
        var lines = Draw([reading], 100).Split('\n');
        lines.Length.ShouldBeLessThan(25);
        var drawn = lines.SkipWhile(l => !l.StartsWith("A1:", StringComparison.Ordinal)).Skip(1).ToList();
        foreach (var mark in "CHSDN·")
            drawn.ShouldContain(l => Regex.IsMatch(l, $@"\d .*{mark} "), $"{mark}");
        // What is folded and what is shown are all there is.
        var rows = drawn.Sum(l => Regex.Match(l, @"^ *⋮ (\d+) rows?$") is { Success: true } fold ? int.Parse(fold.Groups[1].Value) : Regex.IsMatch(l, @"^ *\d") ? 1 : 0);
        rows.ShouldBe(Rows + 3);
        var ruler = Regex.Match(drawn[0], @"^ +(?:([A-Z]+) +)+… (\d+) columns +BJ$");
        (ruler.Groups[1].Captures.Count + int.Parse(ruler.Groups[2].Value) + 1).ShouldBe(Columns + 2);
    }

    [Fact]
    public void Only_the_rows_that_may_be_shown_are_read()
    {
        var table = new Endless();
        Draw([new TableReading(table, "tidy") { Regions = [new(RegionKind.Header, 1, 1, 1, 3), new(RegionKind.Data, 2, 1, 1_000_000, 3), new(RegionKind.Notes, 1_000_001, 1, 1_000_001, 3)] }], 80)
            .ShouldContain("⋮ 999,986 rows");
        table.Read.ShouldBeLessThan(20);
    }

    [Fact]
    public void Of_many_sheets_of_one_kind_the_first_are_drawn_and_the_others_named()
    {
        TableReading Reading(int i, string kind) => new(new Grid([["a", "b"], ["c", "1"]]) { Sheet = $"Table {i}", Place = i }, kind)
        {
            Regions = [new(RegionKind.Header, 1, 1, 1, 2), new(RegionKind.Stub, 2, 1, 2, 1), new(RegionKind.Data, 2, 2, 2, 2)],
        };
        var lines = Draw([.. Enumerable.Range(0, 30).Select(i => Reading(i, i == 20 ? "other" : "same"))], 80).Split('\n');
        lines.Count(l => l.StartsWith("Table ", StringComparison.Ordinal)).ShouldBe(30);
        lines.Count(l => l.StartsWith("1 H a", StringComparison.Ordinal)).ShouldBe(7);
    }

    [Fact]
    public void Colours_change_nothing_but_colours()
    {
        var reading = new TableReading(Rows("Area|2022|2023", "North|1|2", "South|3|4"), "periods across")
        {
            Regions = [new(RegionKind.Header, 1, 1, 1, 3), new(RegionKind.Stub, 2, 1, 3, 1), new(RegionKind.Data, 2, 2, 3, 3)],
        };
        foreach (var colors in (ColorSystemSupport[])[ColorSystemSupport.Standard, ColorSystemSupport.EightBit, ColorSystemSupport.TrueColor])
        {
            var coloured = Draw([reading], 80, colors);
            Regex.Replace(coloured, "\e\\[[0-9;]*m", "").Split('\n').Select(l => l.TrimEnd()).ShouldBe(Draw([reading], 80).Split('\n'));
            // Header, stub and data, each on a ground of its own.
            Regex.Matches(coloured[coloured.IndexOf("A1:C3", StringComparison.Ordinal)..], "\e\\[([0-9;]*)m[HSD] ").Select(m => m.Groups[1].Value).Distinct().Count().ShouldBe(3);
        }
    }

    [Fact]
    public void No_line_is_wider_than_the_terminal_whatever_the_cells_hold()
    {
        var character = Gen.OneOf(
            Gen.Char['a', 'z'].Select(c => $"{c}"), Gen.Char['一', '龥'].Select(c => $"{c}"),
            Gen.Int[0, 15].Select(i => (new[] { " ", "　", "（", "Ａ", "한", "ひ", "e\u0301", "𠮷", "\t", "\n", "\e[2J", "\u202e", "\0", "1", ",", "…" })[i]));
        var text = Gen.OneOf(Gen.Const((string?)null),
            character.Array[0, 12].Select(c => (string?)string.Concat(c)), character.Array[40, 300].Select(c => (string?)string.Concat(c)));
        var region = Gen.Select(Gen.Enum<RegionKind>(), Gen.Int[1, 30], Gen.Int[1, 12], Gen.Int[0, 30], Gen.Int[0, 12],
            (kind, row, column, down, right) => new TableRegion(kind, row, column, row + down, column + right));
        var table = Gen.Select(text.Array[0, 14].Array[1, 40], region.Array[1, 8], text, Gen.Int[40, 200], (cells, regions, kind, width) => (cells, regions, kind, width));
        table.Sample(t =>
        {
            var reading = new TableReading(new Grid(t.cells) { Sheet = t.kind }, t.kind ?? "") { Regions = t.regions, Reasons = [t.kind ?? ""], Dimensions = [t.kind ?? ""] };
            foreach (var line in Draw([reading], t.width).Split('\n'))
            {
                WidthOf(line).ShouldBeLessThanOrEqualTo(t.width, line);
                line.Any(c => char.IsControl(c) || c == '\u202e').ShouldBeFalse(line);
            }
        }, iter: 100);
    }

    [Fact]
    public void Texts_are_cut_filled_and_wrapped_by_their_width()
    {
        var character = Gen.OneOf(Gen.Char['a', 'z'].Select(c => $"{c}"), Gen.Char['一', '龥'].Select(c => $"{c}"),
            Gen.Int[0, 4].Select(i => (new[] { " ", " ", "，", "e\u0301", "𠮷" })[i]));
        Gen.Select(character.Array[0, 200].Select(string.Concat), Gen.Int[8, 60], Gen.Int[0, 6]).Sample((text, width, indent) =>
        {
            text = TerminalText.Clean(text);
            TerminalText.Width(text).ShouldBe(WidthOf(text));
            WidthOf(TerminalText.Fill(text, width)).ShouldBe(width);
            WidthOf(TerminalText.Fill(text, width, right: true)).ShouldBe(width);
            var cut = TerminalText.Cut(text, width);
            (cut == text).ShouldBe(WidthOf(text) <= width);
            text.ShouldStartWith(cut.TrimEnd('…'));
            var lines = TerminalText.Wrap(text, width, indent).ToList();
            lines.ShouldAllBe(line => WidthOf(line) <= width);
            if (text.Length > 0)
                TerminalText.Wrap("  " + text, width, indent).ShouldAllBe(line => line.Trim().Length > 0);
            string.Concat(lines).Replace(" ", "").ShouldBe(text.Replace(" ", ""));
            foreach (var line in lines.Skip(1))
                line.ShouldStartWith(new string(' ', Math.Min(indent, width / 2)));
        }, iter: 1_000);
    }

    [Fact]
    public void A_report_has_the_regions_as_ranges_and_is_as_the_document_describes_it()
    {
        var reading = new TableReading(new Grid([]) { Sheet = "表1", Place = 0 }, "periods across")
        {
            Confidence = 0.5,
            Reasons = ["why"],
            Periods = ("2023", "2024"),
            Dimensions = ["REF_AREA"],
            Observations = 7,
            Regions = [new(RegionKind.Caption, 1, 1, 1, 1), new(RegionKind.Data, 3, 2, 40, 28)],
        };
        var json = JsonSerializer.SerializeToNode(TableReport.Of(reading), Json.Options)!;
        json.ToJsonString(Json.Options).ShouldBe("""
            {"sheet":"表1","range":"A1:AB40","kind":"periods across","confidence":0.5,"reasons":["why"],"periods":{"from":"2023","to":"2024"},"dimensions":["REF_AREA"],"observations":7,"regions":[{"kind":"caption","range":"A1:A1"},{"kind":"data","range":"B3:AB40"}]}
            """);
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Settings.Root, "shared", "Serving", "openapi.json")))!.AsObject();
        var described = document["components"]!["schemas"]!["TableReading"]!.AsObject();
        new JsonSchema(document).Check(described, json).ShouldBeEmpty();
        new JsonSchema(document).Check(described, JsonSerializer.SerializeToNode(TableReport.Of(new TableReading(new Grid([]), "none")), Json.Options)).ShouldBeEmpty();
        var back = JsonSerializer.Deserialize<TableReport>(json, Json.Options)!;
        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(back, Json.Options), json).ShouldBeTrue();
    }

    private static string Draw(IReadOnlyList<TableReading> readings, int width, ColorSystemSupport colors = ColorSystemSupport.NoColors)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = colors == ColorSystemSupport.NoColors ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = colors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = width;
        TableDrawing.Write(readings, console);
        return output.ToString().ReplaceLineEndings("\n");
    }

    private static Grid Rows(params string[] lines) => new([.. lines.Select(line => line.Split('|'))]);

    // Unicode Standard Annex 11: the blocks of wide and fullwidth characters; marks take no column.
    private static int WidthOf(string text) => text.EnumerateRunes().Sum(rune => rune.Value switch
    {
        _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark => 0,
        (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0x303E) or (>= 0x3041 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFF01 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x20000 and <= 0x3FFFD) => 2,
        _ => 1,
    });

    /// <summary>A table of a million rows that counts those that are read.</summary>
    private sealed class Endless : Table
    {
        public int Read { get; private set; }

        public override RowReader Open() => new Reader(this);

        private sealed class Reader(Endless table) : RowReader
        {
            public override Cell this[int column] => new() { Kind = CellKind.Text, Text = "x" };

            public override bool Read()
            {
                table.Read++;
                Count = 3;
                return ++Row <= 1_000_001;
            }
        }
    }
}
