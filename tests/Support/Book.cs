using System.Globalization;
using System.Net;
using System.Text;
using Pipeline.Reading;

namespace Pipeline.Tests.Support;

/// <summary>A cell as an office fills it: text, a decimal or a date, and how it is set.</summary>
internal sealed record BookCell(object Content)
{
    public string? Format { get; init; }

    public int Indent { get; init; }

    public bool Bold { get; init; }

    /// <summary>What a person sees: numbers and dates by their format.</summary>
    public string Shown => Content switch
    {
        decimal number when Format?.EndsWith('%') == true => Fixed(number * 100, Decimals(Format)) + "%",
        decimal number when Format is { } format => (format.Contains("#,##0") ? "#" : "") is "#" ? Grouped(Scaled(number, format), Decimals(format)) : Fixed(number, Decimals(format)),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        DateTime date => date.ToString(Format switch { "mmm-yy" => "MMM-yy", "yyyy\"年\"m\"月\"" => "yyyy年M月", "mmm yyyy" => "MMM yyyy", _ => "yyyy-MM-dd" }, CultureInfo.InvariantCulture),
        var text => (string)text,
    };

    private static decimal Scaled(decimal number, string format) => format.Replace("#,##0", "0").Count(c => c == ',') switch { 0 => number, 1 => number / 1000, _ => number / 1_000_000 };

    private static int Decimals(string format) => format.SkipWhile(c => c != '.').Skip(1).TakeWhile(c => c == '0').Count();

    private static string Fixed(decimal number, int decimals) => number.ToString("F" + decimals, CultureInfo.InvariantCulture);

    private static string Grouped(decimal number, int decimals) => number.ToString("N" + decimals, CultureInfo.InvariantCulture);
}

/// <summary>A sheet that is being drawn; rows and columns from 1.</summary>
internal sealed class BookSheet(string name)
{
    public string Name => name;

    public bool Hidden { get; init; }

    public SortedDictionary<(int Row, int Column), BookCell> Cells { get; } = [];

    public List<MergedRange> Merged { get; } = [];

    public HashSet<int> HiddenRows { get; } = [];

    public HashSet<int> HiddenColumns { get; } = [];

    public int LastRow => Math.Max(Cells.Count == 0 ? 0 : Cells.Keys.Max(k => k.Row), Merged.Count == 0 ? 0 : Merged.Max(m => m.LastRow));

    public int LastColumn => Math.Max(Cells.Count == 0 ? 0 : Cells.Keys.Max(k => k.Column), Merged.Count == 0 ? 0 : Merged.Max(m => m.LastColumn));

    public void Put(int row, int column, object? content)
    {
        if (content is not null and not "")
            Cells[(row, column)] = content as BookCell ?? new BookCell(content);
    }

    public void Merge(int row, int column, int lastRow, int lastColumn)
    {
        if (lastRow > row || lastColumn > column)
            Merged.Add(new MergedRange(row, column, lastRow, lastColumn));
    }

    /// <summary>The sheet as lines, for a person to look at.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"[{name}{(Hidden ? ", hidden" : "")}]");
        if (Merged.Count > 0)
            text.Append(" merged ").AppendJoin(' ', Merged.Take(12).Select(m => $"{Source.Column(m.FirstColumn)}{m.FirstRow}:{Source.Column(m.LastColumn)}{m.LastRow}"));
        if (HiddenRows.Count > 0)
            text.Append(" hidden rows ").AppendJoin(' ', HiddenRows);
        if (HiddenColumns.Count > 0)
            text.Append(" hidden columns ").AppendJoin(' ', HiddenColumns.Select(Source.Column));
        for (var row = 1; row <= LastRow; row++)
        {
            text.Append('\n').Append($"{row,3} ");
            for (var column = 1; column <= LastColumn; column++)
            {
                var cell = Cells.GetValueOrDefault((row, column));
                text.Append(column == 1 ? "" : " | ").Append(new string('>', cell?.Indent ?? 0)).Append(cell?.Bold == true ? "*" : "").Append(cell?.Shown.Replace('\n', '⏎'))
                    .Append(cell is { Content: decimal, Format: { } format } ? $" {{{format}}}" : "");
            }
        }
        return text.ToString();
    }
}

/// <summary>A release that is being drawn: sheets, the facts that stand in them, and the bytes of a file of it.</summary>
internal sealed class Book
{
    public string FileName { get; set; } = "release";

    public string Format { get; set; } = "xlsx";

    public List<BookSheet> Sheets { get; } = [];

    /// <summary>What a careful reader reads back, by sheet and cell.</summary>
    public List<Fact> Facts { get; } = [];

    public BookSheet Add(string name, bool hidden = false)
    {
        Sheets.Add(new BookSheet(name) { Hidden = hidden });
        return Sheets[^1];
    }

    /// <summary>The SOURCE of a cell in the file that <see cref="Format"/> gives; the tables of a page or a document are numbered.</summary>
    public string Address(BookSheet sheet, int row, int column) => Format switch
    {
        "csv" or "csv-gb18030" => "",
        "html" or "docx" => $"Table {Sheets.IndexOf(sheet) + 1}!",
        _ => sheet.Name + "!",
    } + Source.Column(column) + row;

    public string Name => FileName + "." + Format.Split('-')[0];

    public byte[] Bytes() => Format switch
    {
        "csv" => Encoding.UTF8.GetBytes(Csv(Sheets[0])),
        "csv-gb18030" => CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!.GetBytes(Csv(Sheets[0])),
        "html" => Encoding.UTF8.GetBytes(Html()),
        "ods" => Ods(),
        "docx" => Docx(),
        _ => Xlsx(),
    };

    public override string ToString() => Name + "\n" + string.Join("\n", Sheets);

    private static string Csv(BookSheet sheet)
    {
        static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"") + "\"";
        var text = new StringBuilder();
        for (var row = 1; row <= sheet.LastRow; row++)
            text.AppendJoin(',', Enumerable.Range(1, sheet.LastColumn).Select(c => Quoted(sheet.Cells.GetValueOrDefault((row, c))?.Shown ?? ""))).Append("\r\n");
        return text.ToString();
    }

    private string Html()
    {
        var text = new StringBuilder("<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>");
        foreach (var sheet in Sheets)
        {
            text.Append("<table>");
            for (var row = 1; row <= sheet.LastRow; row++)
            {
                text.Append("<tr>");
                for (var column = 1; column <= sheet.LastColumn; column++)
                {
                    var merge = sheet.Merged.FirstOrDefault(m => row >= m.FirstRow && row <= m.LastRow && column >= m.FirstColumn && column <= m.LastColumn);
                    if (merge != default && (merge.FirstRow, merge.FirstColumn) != (row, column))
                        continue;
                    var cell = sheet.Cells.GetValueOrDefault((row, column));
                    var spans = (merge.LastColumn > merge.FirstColumn ? $" colspan=\"{merge.LastColumn - merge.FirstColumn + 1}\"" : "")
                        + (merge.LastRow > merge.FirstRow ? $" rowspan=\"{merge.LastRow - merge.FirstRow + 1}\"" : "");
                    var shown = WebUtility.HtmlEncode(cell?.Shown ?? "").Replace("\n", "<br>");
                    text.Append($"<td{spans}>").Append(cell?.Bold == true ? $"<b>{shown}</b>" : shown).Append("</td>");
                }
                text.Append("</tr>\n");
            }
            text.Append("</table>\n");
        }
        return text.Append("</body></html>").ToString();
    }

    private byte[] Xlsx()
    {
        const string Main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
        var styles = new List<(string? Format, int Indent, bool Bold)> { (null, 0, false) };
        var strings = new List<string>();
        var numbers = new Dictionary<string, int>();
        int Style(BookCell cell)
        {
            var style = (cell.Format ?? (cell.Content is DateTime ? "yyyy-mm-dd" : null), cell.Indent, cell.Bold);
            if (!styles.Contains(style))
                styles.Add(style);
            return styles.IndexOf(style);
        }
        int Shared(string text)
        {
            if (numbers.TryAdd(text, strings.Count))
                strings.Add(text);
            return numbers[text];
        }
        var (list, relations) = (new StringBuilder(), new StringBuilder());
        var parts = new List<(string, string)> { ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>") };
        foreach (var (sheet, i) in Sheets.Select((s, i) => (s, i + 1)))
        {
            list.Append($"<sheet name=\"{WebUtility.HtmlEncode(sheet.Name)}\" sheetId=\"{i}\" r:id=\"rId{i}\"{(sheet.Hidden ? " state=\"hidden\"" : "")}/>");
            relations.Append($"<Relationship Id=\"rId{i}\" Type=\"{ReadingFixtures.Relations}/worksheet\" Target=\"worksheets/sheet{i}.xml\"/>");
            var xml = new StringBuilder($"<worksheet {Main}>");
            if (sheet.HiddenColumns.Count > 0)
                xml.Append("<cols>").AppendJoin("", sheet.HiddenColumns.Order().Select(c => $"<col min=\"{c}\" max=\"{c}\" width=\"0\" hidden=\"1\" customWidth=\"1\"/>")).Append("</cols>");
            xml.Append("<sheetData>");
            foreach (var row in sheet.Cells.GroupBy(c => c.Key.Row))
            {
                xml.Append($"<row r=\"{row.Key}\"{(sheet.HiddenRows.Contains(row.Key) ? " hidden=\"1\"" : "")}>");
                foreach (var ((_, column), cell) in row)
                {
                    var (type, value) = cell.Content switch
                    {
                        decimal number => ("", number.ToString(CultureInfo.InvariantCulture)),
                        DateTime date => ("", date.ToOADate().ToString(CultureInfo.InvariantCulture)),
                        var text => (" t=\"s\"", Shared((string)text).ToString(CultureInfo.InvariantCulture)),
                    };
                    xml.Append($"<c r=\"{Source.Column(column)}{row.Key}\" s=\"{Style(cell)}\"{type}><v>{value}</v></c>");
                }
                xml.Append("</row>");
            }
            xml.Append("</sheetData>");
            if (sheet.Merged.Count > 0)
                xml.Append($"<mergeCells count=\"{sheet.Merged.Count}\">").AppendJoin("", sheet.Merged.Select(m =>
                    $"<mergeCell ref=\"{Source.Column(m.FirstColumn)}{m.FirstRow}:{Source.Column(m.LastColumn)}{m.LastRow}\"/>")).Append("</mergeCells>");
            parts.Add(($"xl/worksheets/sheet{i}.xml", xml.Append("</worksheet>").ToString()));
        }
        var formats = styles.Where(s => s.Format is not null).Select(s => s.Format!).Distinct().ToList();
        parts.Add(("xl/workbook.xml", $"<workbook {Main} xmlns:r=\"{ReadingFixtures.Relations}\"><sheets>{list}</sheets></workbook>"));
        parts.Add(("xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relations}</Relationships>"));
        parts.Add(("xl/sharedStrings.xml", $"<sst {Main}>" + string.Concat(strings.Select(s => $"<si><t xml:space=\"preserve\">{WebUtility.HtmlEncode(s)}</t></si>")) + "</sst>"));
        parts.Add(("xl/styles.xml", $"<styleSheet {Main}><numFmts>" + string.Concat(formats.Select((f, i) => $"<numFmt numFmtId=\"{164 + i}\" formatCode=\"{WebUtility.HtmlEncode(f)}\"/>"))
            + "</numFmts><fonts count=\"2\"><font/><font><b/></font></fonts><cellXfs>" + string.Concat(styles.Select(s =>
                $"<xf numFmtId=\"{(s.Format is null ? 0 : 164 + formats.IndexOf(s.Format))}\" fontId=\"{(s.Bold ? 1 : 0)}\"{(s.Bold ? " applyFont=\"1\"" : "")}"
                + (s.Indent > 0 ? $" applyAlignment=\"1\"><alignment horizontal=\"left\" indent=\"{s.Indent}\"/></xf>" : "/>"))) + "</cellXfs></styleSheet>"));
        return ReadingFixtures.Zip([.. parts]);
    }

    private byte[] Docx()
    {
        var text = new StringBuilder();
        foreach (var sheet in Sheets)
        {
            text.Append("<w:tbl>");
            for (var row = 1; row <= sheet.LastRow; row++)
            {
                text.Append("<w:tr>");
                for (var column = 1; column <= sheet.LastColumn; column++)
                {
                    var merge = sheet.Merged.FirstOrDefault(m => row >= m.FirstRow && row <= m.LastRow && column >= m.FirstColumn && column <= m.LastColumn);
                    if (merge != default && column > merge.FirstColumn)
                        continue;
                    var cell = sheet.Cells.GetValueOrDefault((row, column));
                    text.Append("<w:tc><w:tcPr>").Append(merge.LastColumn > merge.FirstColumn ? $"<w:gridSpan w:val=\"{merge.LastColumn - merge.FirstColumn + 1}\"/>" : "")
                        .Append(merge.LastRow <= merge.FirstRow ? "" : row == merge.FirstRow ? "<w:vMerge w:val=\"restart\"/>" : "<w:vMerge/>").Append("</w:tcPr>");
                    foreach (var line in (cell?.Shown ?? "").Split('\n'))
                        text.Append($"<w:p><w:r>{(cell?.Bold == true ? "<w:rPr><w:b/></w:rPr>" : "")}<w:t xml:space=\"preserve\">{WebUtility.HtmlEncode(line)}</w:t></w:r></w:p>");
                    text.Append("</w:tc>");
                }
                text.Append("</w:tr>");
            }
            text.Append("</w:tbl><w:p/>");
        }
        return ReadingFixtures.Zip(
            ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>"),
            ("_rels/.rels", $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"{ReadingFixtures.Relations}/officeDocument\" Target=\"word/document.xml\"/></Relationships>"),
            ("word/document.xml", $"<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{text}</w:body></w:document>"));
    }

    private byte[] Ods()
    {
        var tables = new StringBuilder();
        foreach (var sheet in Sheets)
        {
            tables.Append($"<table:table table:name=\"{WebUtility.HtmlEncode(sheet.Name)}\"{(sheet.Hidden ? " table:style-name=\"ta2\"" : "")}>");
            for (var column = 1; column <= sheet.LastColumn; column++)
                tables.Append($"<table:table-column{(sheet.HiddenColumns.Contains(column) ? " table:visibility=\"collapse\"" : "")}/>");
            for (var row = 1; row <= sheet.LastRow; row++)
            {
                tables.Append($"<table:table-row{(sheet.HiddenRows.Contains(row) ? " table:visibility=\"collapse\"" : "")}>");
                for (var column = 1; column <= sheet.LastColumn; column++)
                {
                    var merge = sheet.Merged.FirstOrDefault(m => row >= m.FirstRow && row <= m.LastRow && column >= m.FirstColumn && column <= m.LastColumn);
                    var covered = merge != default && (merge.FirstRow, merge.FirstColumn) != (row, column);
                    var spans = merge == default || covered ? ""
                        : $" table:number-columns-spanned=\"{merge.LastColumn - merge.FirstColumn + 1}\" table:number-rows-spanned=\"{merge.LastRow - merge.FirstRow + 1}\"";
                    var cell = sheet.Cells.GetValueOrDefault((row, column));
                    var value = cell?.Content switch
                    {
                        decimal number when cell.Format?.EndsWith('%') == true => $" office:value-type=\"percentage\" office:value=\"{number.ToString(CultureInfo.InvariantCulture)}\"",
                        decimal number => $" office:value-type=\"float\" office:value=\"{number.ToString(CultureInfo.InvariantCulture)}\"",
                        DateTime date => $" office:value-type=\"date\" office:date-value=\"{date:yyyy-MM-dd}\"",
                        string => " office:value-type=\"string\"",
                        _ => "",
                    };
                    tables.Append(covered ? "<table:covered-table-cell/>" : cell is null ? $"<table:table-cell{spans}/>"
                        : $"<table:table-cell{spans}{value}>" + string.Concat(cell.Shown.Split('\n').Select(p => $"<text:p>{Spaces(WebUtility.HtmlEncode(p))}</text:p>")) + "</table:table-cell>");
                }
                tables.Append("</table:table-row>");
            }
            tables.Append("</table:table>");
        }
        const string Office = "urn:oasis:names:tc:opendocument:xmlns:";
        var content = $"<office:document-content xmlns:office=\"{Office}office:1.0\" xmlns:table=\"{Office}table:1.0\" xmlns:text=\"{Office}text:1.0\" xmlns:style=\"{Office}style:1.0\" office:version=\"1.3\">"
            + "<office:automatic-styles><style:style style:name=\"ta2\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style></office:automatic-styles>"
            + $"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>";
        return ReadingFixtures.Zip(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content));

        static string Spaces(string text)
        {
            var leading = text.Length - text.TrimStart(' ').Length;
            return leading == 0 ? text : $"<text:s text:c=\"{leading}\"/>" + text[leading..];
        }
    }
}
