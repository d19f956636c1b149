using System.Globalization;
using System.Security;
using System.Text;
using CsCheck;
using Pipeline.Reading;
using Shouldly;
using Xunit;
using static Pipeline.Tests.ReadingFixtures;

namespace Pipeline.Tests;

/// <summary>OpenDocument spreadsheets: what is written into one reads as the same written into an XLSX.</summary>
public class ReadingOdsTests
{
    private const string Namespaces =
        "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" " +
        "xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" " +
        "xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" xmlns:number=\"urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0\" " +
        "xmlns:calcext=\"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";

    // Each number format as Excel writes it, and as the elements that OpenDocument has for it.
    private static readonly (string? Excel, string Open)[] Formats =
    [
        (null, "<number:number-style style:name=\"N0\"><number:number number:min-integer-digits=\"1\"/></number:number-style>"),
        ("0", "<number:number-style style:name=\"N1\"><number:number number:decimal-places=\"0\" number:min-integer-digits=\"1\"/></number:number-style>"),
        ("0.0%", "<number:percentage-style style:name=\"N2\"><number:number number:decimal-places=\"1\" number:min-integer-digits=\"1\"/><number:text>%</number:text></number:percentage-style>"),
        ("#,##0.00", "<number:number-style style:name=\"N3\"><number:number number:decimal-places=\"2\" number:min-integer-digits=\"1\" number:grouping=\"true\"/></number:number-style>"),
        ("0.00E+00", "<number:number-style style:name=\"N4\"><number:scientific-number number:decimal-places=\"2\" number:min-integer-digits=\"1\" number:min-exponent-digits=\"2\"/></number:number-style>"),
        ("#,##0,", "<number:number-style style:name=\"N5\"><number:number number:decimal-places=\"0\" number:min-integer-digits=\"1\" number:grouping=\"true\" number:display-factor=\"1000\"/></number:number-style>"),
        ("0.0#", "<number:number-style style:name=\"N6\"><number:number number:decimal-places=\"2\" number:min-decimal-places=\"1\" number:min-integer-digits=\"1\"/></number:number-style>"),
        ("yyyy\"年\"m\"月\"", "<number:date-style style:name=\"N7\"><number:year number:style=\"long\"/><number:text>年</number:text><number:month/><number:text>月</number:text></number:date-style>"),
        ("0.0;(0.0)", "<number:number-style style:name=\"N8P0\"><number:number number:decimal-places=\"1\" number:min-integer-digits=\"1\"/></number:number-style>" +
            "<number:number-style style:name=\"N8\"><number:text>(</number:text><number:number number:decimal-places=\"1\" number:min-integer-digits=\"1\"/><number:text>)</number:text>" +
            "<style:map style:condition=\"value()&gt;=0\" style:apply-style-name=\"N8P0\"/></number:number-style>"),
    ];

    private static readonly Gen<Filling?> Fillings = Gen.Frequency(
        (3, Gen.Const((Filling?)null)),
        (3, Gen.Select(Of("北京", "of  which", "  a\nb & <c>", "x"), Of("", "1", "r")).Select(static (text, mark) => (Filling?)new Filling(text, 0, mark))),
        (3, Gen.Select(Of(1.0, 0.052, -1234567.891, 1e-7, 3e15), Of(0, 1, 2, 3, 4, 5, 6, 8)).Select(static (number, format) => (Filling?)new Filling(number, format, ""))),
        (1, Gen.Int[0, 60000].Select(static days => (Filling?)new Filling(new DateTime(1900, 3, 1).AddDays(days), 7, ""))),
        (1, Gen.Bool.Select(static truth => (Filling?)new Filling(truth, 0, ""))));

    private static readonly Gen<Sheet> Sheets = Gen.Select(
        Gen.Select(Fillings, Gen.Int[0, 2], Gen.Bool, static (filling, indent, bold) => filling is null ? null : filling with { Indent = indent, Bold = bold }).Array[7].Array[1, 12],
        Gen.Bool.Array[12],
        Gen.Bool.Array[8],
        Gen.Bool,
        static (rows, hiddenRows, hiddenColumns, repeats) => new Sheet([.. rows.SelectMany(row => repeats ? new[] { row, row, row } : [row])], hiddenRows, hiddenColumns));

    [Fact]
    public void Cells_are_those_of_an_xlsx_of_the_same_model() => Sheets.Sample(
        static sheet =>
        {
            using var open = Read(Ods(sheet), "r.ods");
            using var excel = Read(OfExcel(sheet), "r.xlsx");
            open.Format.ShouldBe("ods");
            open.Sheets.ShouldBe(excel.Sheets);
            for (var pass = 0; pass < 2; pass++)
                All(open.Tables[0]).ShouldBe(All(excel.Tables[0]));
            open.Tables[0].Shape.Merged.ShouldBe(excel.Tables[0].Shape.Merged);
            open.Tables[0].Shape.HiddenRows.ShouldBe(excel.Tables[0].Shape.HiddenRows, ignoreOrder: true);
            open.Tables[0].Shape.HiddenColumns.ShouldBe(excel.Tables[0].Shape.HiddenColumns, ignoreOrder: true);
        },
        iter: 100);

    [Fact]
    public void What_an_office_leaves_in_a_sheet_is_no_text_of_its_cells()
    {
        using var release = Read(
            Ods(
                "<style:style style:name=\"t\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>" +
                "<style:style style:name=\"s\" style:family=\"text\"><style:text-properties style:text-position=\"33% 58%\"/></style:style>",
                "<table:tracked-changes><table:cell-content-change><table:previous><table:change-track-table-cell><text:p>old</text:p></table:change-track-table-cell></table:previous></table:cell-content-change></table:tracked-changes>" +
                "<table:table table:name=\"A\"><office:forms/><table:table-row>" +
                "<table:table-cell office:value-type=\"string\"><office:annotation><dc:creator>X</dc:creator><text:p>a note</text:p></office:annotation><text:p>Total<text:span text:style-name=\"s\">(1)</text:span>\n   all</text:p><text:p>B<text:line-break/>C<text:tab/>D</text:p></table:table-cell>" +
                "<table:table-cell office:value-type=\"time\" office:time-value=\"PT27H17M54S\"><text:p>27:17:54</text:p></table:table-cell>" +
                "<table:table-cell office:value-type=\"percentage\" office:value=\"0.5\"><text:p>50</text:p></table:table-cell>" +
                "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>#DIV/0!</text:p></table:table-cell>" +
                "<table:table-cell table:formula=\"of:=[.A1]\"/></table:table-row></table:table>" +
                "<table:table table:name=\"B\" table:style-name=\"t\"><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row></table:table>" +
                "<table:table table:name=\"'file:///x.ods'#$C\"><table:table-source/><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"9\"/></table:table-row></table:table>" +
                "<table:named-expressions/>"),
            "r.ods");
        release.Sheets.ShouldBe(["A", "B"]);
        release.Tables.Select(static table => table.Hidden).ShouldBe([false, true]);
        Cells(release.Tables[0]).Select(static cell => (cell.Address, cell.Kind, cell.Text, cell.Format)).ShouldBe(
        [
            ("A1", CellKind.Text, "Total⁽¹⁾ all\nB\nC\tD", null), ("B1", CellKind.Date, "1900-01-01 03:17:54", null), ("C1", CellKind.Number, "0.5", "0%"),
            ("D1", CellKind.Error, "#DIV/0!", null), ("E1", CellKind.Error, "formula without a value", null),
        ]);
        release.Findings.Kept.ShouldHaveSingleItem().Where.ShouldBe("A!E1");
    }

    [Fact]
    public void Repeated_emptiness_costs_nothing()
    {
        using var release = Read(
            Ods("", "<table:table table:name=\"A\"><table:table-column table:number-columns-repeated=\"16384\"/><table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>" +
                "<table:table-row table:number-rows-repeated=\"500\"><table:table-cell/><table:table-cell office:value-type=\"float\" office:value=\"2\" table:number-columns-repeated=\"2\"/><table:table-cell table:number-columns-repeated=\"16381\"/></table:table-row>" +
                "<table:table-row table:number-rows-repeated=\"1048576\" table:visibility=\"collapse\"><table:table-cell table:number-columns-repeated=\"99999999\"/></table:table-row></table:table>"),
            "r.ods");
        release.Tables[0].Shape.HiddenRows.ShouldBeEmpty();
        using var reader = release.Tables[0].Open();
        var (count, sum) = (0, 0d);
        for (; reader.Read(); count++)
            for (var i = 0; i < reader.Count; i++)
                sum += reader[i].Number;
        (count, sum).ShouldBe((1_048_500, 2000));
    }

    [Theory]
    [InlineData("<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell office:value-type=\"float\" office:value=\"1\" table:number-columns-repeated=\"16384\"/></table:table-row>", "workbook-too-large")]
    [InlineData("<table:table-row table:number-rows-repeated=\"1048577\"><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row>", "workbook-damaged")]
    [InlineData("<table:table-row><table:table-cell table:number-columns-repeated=\"16384\"/><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row>", "columns-too-many")]
    [InlineData("<table:table-row><table:table-cell>", "workbook-damaged")]
    public void Hostile_sheets_are_refused(string rows, string code) => Refusal(Ods("", $"<table:table table:name=\"A\">{rows}</table:table>"), "r.ods").Code.ShouldBe(code);

    [Fact]
    public void What_is_no_open_spreadsheet_is_refused()
    {
        const string Mime = "application/vnd.oasis.opendocument.spreadsheet";
        Refusal(Zip(("mimetype", Mime)), "r.ods").Code.ShouldBe("workbook-damaged");
        Refusal(Zip(("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", $"<office:document-content {Namespaces}><office:body><office:text/></office:body></office:document-content>")), "r.odt")
            .Code.ShouldBe("format-not-supported");
        Refusal(Zip(("mimetype", Mime), ("content.xml", "x"), ("META-INF/manifest.xml", "<m:manifest xmlns:m=\"m\"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>")), "r.ods")
            .Code.ShouldBe("workbook-encrypted");
    }

    private static List<(string Address, CellKind Kind, string Text, string? Format, double Number, DateTime Date, byte Indent, bool Bold)> All(Table table)
    {
        using var reader = table.Open();
        var cells = new List<(string, CellKind, string, string?, double, DateTime, byte, bool)>();
        while (reader.Read())
        {
            for (var i = 0; i < reader.Count; i++)
            {
                var cell = reader[i];
                if (cell.Kind != CellKind.Blank)
                    cells.Add((Source.Column(i + 1) + reader.Row, cell.Kind, cell.Text.ToString(), cell.Format, cell.Number, cell.Date, cell.Indent, cell.Bold));
            }
        }
        return cells;
    }

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static string Xml(string text) => SecurityElement.Escape(text);

    private static byte[] Ods(string styles, string tables) => Zip(
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content {Namespaces} office:version=\"1.3\"><office:automatic-styles>{styles}</office:automatic-styles>" +
            $"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"),
        ("META-INF/manifest.xml", "<m:manifest xmlns:m=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>"));

    // Neighbours that are the same are written once, as spreadsheet programs do.
    private static byte[] Ods(Sheet sheet)
    {
        var styles = new StringBuilder("<style:style style:name=\"raised\" style:family=\"text\"><style:text-properties style:text-position=\"super 58%\"/></style:style>");
        for (var format = 0; format < Formats.Length; format++)
        {
            styles.Append(Formats[format].Open);
            styles.Append($"<style:style style:name=\"f{format}\" style:family=\"table-cell\" style:data-style-name=\"N{format}\"/>");
            for (var indent = 0; indent < 3; indent++)
            {
                // Through a parent, as styles with a name of their own are.
                styles.Append(CultureInfo.InvariantCulture, $"<style:style style:name=\"f{format}i{indent}\" style:family=\"table-cell\" style:parent-style-name=\"f{format}\"><style:paragraph-properties fo:margin-left=\"{indent * 0.353}cm\"/></style:style>");
                styles.Append($"<style:style style:name=\"f{format}i{indent}b\" style:family=\"table-cell\" style:parent-style-name=\"f{format}i{indent}\"><style:text-properties fo:font-weight=\"bold\"/></style:style>");
            }
        }
        var body = new StringBuilder("<table:table table:name=\"S\">");
        for (var column = 0; column < 8; column++)
            body.Append($"<table:table-column{(sheet.IsHiddenColumn(column) ? " table:visibility=\"collapse\"" : "")} table:default-cell-style-name=\"f3i2b\"/>");
        var rows = Enumerable.Range(0, sheet.Rows.Length).Select(row =>
            (sheet.IsHiddenRow(row) ? " table:visibility=\"filter\">" : ">", string.Concat(Runs(sheet.Rows[row].Select(Cell)))));
        foreach (var (row, count) in Counted(rows))
            body.Append($"<table:table-row table:number-rows-repeated=\"{count}\"{row.Item1}{row.Item2}<table:table-cell table:style-name=\"f0\" office:value-type=\"string\"><text:p>end</text:p></table:table-cell></table:table-row>");
        body.Append("<table:table-row><table:table-cell/><table:table-cell table:style-name=\"f0\" table:number-columns-spanned=\"3\" table:number-rows-spanned=\"2\" office:value-type=\"string\"><text:p>wide</text:p></table:table-cell>" +
            "<table:covered-table-cell table:number-columns-repeated=\"2\"><text:p>under</text:p></table:covered-table-cell></table:table-row><table:table-row><table:table-cell/><table:covered-table-cell table:number-columns-repeated=\"3\"/></table:table-row>" +
            "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>");
        return Ods(styles.ToString(), body.ToString());
    }

    private static IEnumerable<string> Runs(IEnumerable<string> cells) => Counted(cells).Select(static run => run.Value.Replace("<table:table-cell", $"<table:table-cell table:number-columns-repeated=\"{run.Count}\""));

    private static List<(T Value, int Count)> Counted<T>(IEnumerable<T> values)
    {
        var runs = new List<(T Value, int Count)>();
        foreach (var value in values)
        {
            if (runs.Count > 0 && EqualityComparer<T>.Default.Equals(runs[^1].Value, value))
                runs[^1] = (value, runs[^1].Count + 1);
            else
                runs.Add((value, 1));
        }
        return runs;
    }

    private static string Cell(Filling? filling)
    {
        if (filling is null)
            return "<table:table-cell/>";
        var style = $"<table:table-cell table:style-name=\"f{filling.Format}i{filling.Indent}{(filling.Bold ? "b" : "")}\" ";
        return filling.Value switch
        {
            string text => style + $"office:value-type=\"string\">{string.Concat(text.Split('\n').Select((line, i) => $"<text:p>{Spaces(line)}{(i == text.Count(static c => c == '\n') && filling.Mark.Length > 0 ? $"<text:span text:style-name=\"raised\">{filling.Mark}</text:span>" : "")}</text:p>"))}</table:table-cell>",
            bool truth => style + $"office:value-type=\"boolean\" office:boolean-value=\"{(truth ? "true" : "false")}\"><text:p>WAHR</text:p></table:table-cell>",
            DateTime date => style + $"office:value-type=\"date\" office:date-value=\"{date:yyyy-MM-dd}\"><text:p>1</text:p></table:table-cell>",
            double number => style + string.Create(CultureInfo.InvariantCulture, $"office:value-type=\"{(filling.Format == 2 ? "percentage" : "float")}\" office:value=\"{number:R}\"><text:p>1</text:p></table:table-cell>"),
            _ => throw new InvalidOperationException(),
        };
    }

    private static string Spaces(string line) => Xml(line).Replace("  ", "<text:s text:c=\"2\"/>");

    private static byte[] OfExcel(Sheet sheet)
    {
        var styles = new StringBuilder("<numFmts>");
        for (var format = 1; format < Formats.Length; format++)
            styles.Append($"<numFmt numFmtId=\"{200 + format}\" formatCode=\"{Xml(Formats[format].Excel!)}\"/>");
        styles.Append("</numFmts><fonts><font/><font><b/></font></fonts><cellXfs>");
        for (var format = 0; format < Formats.Length; format++)
            for (var indent = 0; indent < 3; indent++)
                for (var bold = 0; bold < 2; bold++)
                    styles.Append($"<xf numFmtId=\"{(format == 0 ? 0 : 200 + format)}\" fontId=\"{bold}\"><alignment horizontal=\"left\" indent=\"{indent}\"/></xf>");
        styles.Append("</cellXfs>");
        var body = new StringBuilder("<cols>");
        foreach (var column in Enumerable.Range(0, 8).Where(sheet.IsHiddenColumn))
            body.Append($"<col min=\"{column + 1}\" max=\"{column + 1}\" hidden=\"1\"/>");
        body.Append("</cols><sheetData>");
        for (var row = 0; row < sheet.Rows.Length; row++)
        {
            body.Append($"<row r=\"{row + 1}\"{(sheet.IsHiddenRow(row) ? " hidden=\"1\"" : "")}>");
            for (var column = 0; column < 7; column++)
            {
                if (sheet.Rows[row][column] is not { } filling)
                    continue;
                var style = $"<c r=\"{Source.Column(column + 1)}{row + 1}\" s=\"{(filling.Format * 6) + (filling.Indent * 2) + (filling.Bold ? 1 : 0)}\"";
                body.Append(filling.Value switch
                {
                    string text => style + $" t=\"inlineStr\"><is><r><t xml:space=\"preserve\">{Xml(text)}</t></r>{(filling.Mark.Length > 0 ? $"<r><rPr><vertAlign val=\"superscript\"/></rPr><t>{filling.Mark}</t></r>" : "")}</is></c>",
                    bool truth => style + $" t=\"b\"><v>{(truth ? 1 : 0)}</v></c>",
                    DateTime date => style + string.Create(CultureInfo.InvariantCulture, $"><v>{(date - new DateTime(1899, 12, 30)).TotalDays}</v></c>"),
                    double number => style + string.Create(CultureInfo.InvariantCulture, $"><v>{number:R}</v></c>"),
                    _ => throw new InvalidOperationException(),
                });
            }
            body.Append($"<c r=\"H{row + 1}\" t=\"inlineStr\"><is><t>end</t></is></c></row>");
        }
        var last = sheet.Rows.Length + 1;
        body.Append($"<row r=\"{last}\"><c r=\"B{last}\" t=\"inlineStr\"><is><t>wide</t></is></c></row></sheetData><mergeCells><mergeCell ref=\"B{last}:D{last + 1}\"/></mergeCells>");
        return Xlsx("", styles.ToString(), "", ("S", body.ToString()));
    }

    private sealed record Filling(object Value, int Format, string Mark)
    {
        public int Indent { get; init; }

        public bool Bold { get; init; }
    }

    private sealed record Sheet(Filling?[][] Rows, bool[] HiddenRows, bool[] HiddenColumns)
    {
        public bool IsHiddenRow(int row) => HiddenRows[row % HiddenRows.Length];

        // Only a column with something in it is hidden for a reader; the last one always has.
        public bool IsHiddenColumn(int column) => HiddenColumns[column] && (column == 7 || Rows.Any(row => row[column] is not null));
    }
}
