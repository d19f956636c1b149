using System.IO.Compression;
using System.Text;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// Writes observations as an XLSX workbook (ECMA-376, SpreadsheetML) with a sheet of data and one that tells what they are. Codes and labels are texts, so
/// that <c>01</c> stays and no text is ever a formula; values are numbers with the decimals that the release shows.
/// </summary>
/// <remarks>
/// The few parts that such a workbook needs, by hand: rows stream through the deflater as fast as they are read, and texts that repeat stand once, in the
/// shared strings, which come last.
/// </remarks>
internal sealed class ObservationXlsx
{
    /// <summary>The most rows of a sheet below its header.</summary>
    public const int MostRows = 1_048_575;

    /// <summary>The most columns of a sheet.</summary>
    public const int MostColumns = 16_384;

    private const int MostText = 32_767;
    private const int WidthSample = 1_000;
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Types = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
    private const string Declaration = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>""";

    // The cell formats: 0 as it comes, 1 the header, then a number with 0, 1, 2, ... decimals.
    private const int FirstNumberFormat = 2;

    private readonly ObservationTable table;
    private readonly Column[] columns;
    private readonly Dictionary<string, int> strings = new(StringComparer.Ordinal);
    private int row = 1;

    private ObservationXlsx(ObservationTable table)
    {
        this.table = table;
        columns = [.. TableColumn.Of(table).Select((column, i) => new Column
        {
            Is = column,
            Letters = Letters(i),
            Cells = column.IsCoded ? new byte[]?[table.At.Components[column.Index].Codes.Count + 1] : [],
        })];
        foreach (var column in columns.Where(c => c.Is.IsCoded))
            column.Cells[^1] = [];
    }

    /// <summary>Writes a whole table.</summary>
    public static async Task WriteAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken)
    {
        var xlsx = new ObservationXlsx(table);
        await using var held = new HeldStream(to);
        await using (var zip = await ZipArchive.CreateAsync(held, ZipArchiveMode.Create, leaveOpen: true, null, cancellationToken))
            await xlsx.WriteAsync(zip, page, cancellationToken);
        await held.MoveAsync(cancellationToken);
    }

    private async Task WriteAsync(ZipArchive zip, TablePage page, CancellationToken cancellationToken)
    {
        await PartAsync(zip, "[Content_Types].xml", $"""
            {Declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{Types}sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{Types}worksheet+xml"/><Override PartName="/xl/worksheets/sheet2.xml" ContentType="{Types}worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="{Types}styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{Types}sharedStrings+xml"/></Types>
            """, cancellationToken);
        await PartAsync(zip, "_rels/.rels", $"""
            {Declaration}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{Relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>
            """, cancellationToken);
        await PartAsync(zip, "xl/_rels/workbook.xml.rels", $"""
            {Declaration}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{Relations}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{Relations}/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" Type="{Relations}/styles" Target="styles.xml"/><Relationship Id="rId4" Type="{Relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>
            """, cancellationToken);
        await PartAsync(zip, "xl/styles.xml", Styles(), cancellationToken);
        await using (var sheet = await zip.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).OpenAsync(cancellationToken))
            await WriteDataAsync(sheet, cancellationToken);
        await PartAsync(zip, "xl/worksheets/sheet2.xml", About(page), cancellationToken);
        // Excel keeps the range of a filter under this name, too.
        await PartAsync(zip, "xl/workbook.xml", $"""
            {Declaration}<workbook xmlns="{Main}" xmlns:r="{Relations}"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/><sheet name="About" sheetId="2" r:id="rId2"/></sheets><definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">Data!$A$1:${columns[^1].Letters}${row}</definedName></definedNames></workbook>
            """, cancellationToken);
        await using var shared = await zip.CreateEntry("xl/sharedStrings.xml", CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await WriteStringsAsync(shared, cancellationToken);
    }

    private static async Task PartAsync(ZipArchive zip, string name, string xml, CancellationToken cancellationToken)
    {
        await using var part = await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await part.WriteAsync(Encoding.UTF8.GetBytes(xml), cancellationToken);
    }

    private async Task WriteDataAsync(Stream to, CancellationToken cancellationToken)
    {
        var rows = new RowText(to);
        var head = rows.Buffer;
        head.Append($"{Declaration}<worksheet xmlns=\"{Main}\"><sheetViews><sheetView tabSelected=\"1\" workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>");
        for (var c = 0; c < columns.Length; c++)
            head.Append($"<col min=\"{c + 1}\" max=\"{c + 1}\" width=\"{Width(columns[c].Is)}\" customWidth=\"1\"/>");
        head.Append("</cols><sheetData><row r=\"1\">");
        foreach (var column in columns)
            head.Append($"<c r=\"{column.Letters}1\" s=\"1\" t=\"s\"><v>{Shared(column.Is.Name)}</v></c>");
        head.Append("</row>");
        await rows.WriteAsync(table.Rows, WriteRow, default, cancellationToken);
        rows.Buffer.Append($"</sheetData><autoFilter ref=\"A1:{columns[^1].Letters}{row}\"/></worksheet>");
        await rows.FlushAsync(cancellationToken);
    }

    private void WriteRow(Utf8Buffer to, Chunk chunk, int from)
    {
        row++;
        to.Append("<row r=\""u8);
        to.Append((long)row);
        to.Append("\">"u8);
        foreach (var column in columns)
        {
            switch (column.Is.Kind)
            {
                case ColumnKind.Value when chunk.Values![from] is not null:
                    Number(column, chunk.Decimals![from] is var shown && shown == byte.MaxValue ? chunk.Values.Scale : shown);
                    ObservationCsv.WriteValue(to, chunk, from);
                    to.Append("</v></c>"u8);
                    break;
                case ColumnKind.Measure when chunk.Measures[column.Is.Index][from] is { } measure:
                    Number(column, measure.Scale);
                    to.Append(measure);
                    to.Append("</v></c>"u8);
                    break;
                case ColumnKind.Decimals when chunk.Decimals![from] != byte.MaxValue:
                    Number(column, 0);
                    to.Append((long)chunk.Decimals[from]);
                    to.Append("</v></c>"u8);
                    break;
                case ColumnKind.Source when chunk.Source![from] is { Length: > 0 } source:
                    Begin(column);
                    to.Append("\" t=\"inlineStr\"><is>"u8);
                    to.Append(Text(source));
                    to.Append("</is></c>"u8);
                    break;
                case ColumnKind.Release:
                    String(column, Shared(chunk.ReleaseIds[chunk.Release![from]]));
                    break;
                case ColumnKind.Dataset:
                    String(column, Shared(table.At.Structure.Id));
                    break;
                case ColumnKind.Code or ColumnKind.Label or ColumnKind.LabelOrCode:
                    var number = chunk.Codes[column.Is.Index]![from];
                    var rest = column.Cells[number] ??= Cell(column.Is, number);
                    if (rest.Length == 0)
                        break;
                    Begin(column);
                    to.Append(rest);
                    break;
                default:
                    break;
            }
        }
        to.Append("</row>"u8);

        void Begin(Column column)
        {
            to.Append("<c r=\""u8);
            to.Append(column.Letters);
            to.Append((long)row);
        }

        void Number(Column column, int decimals)
        {
            Begin(column);
            to.Append("\" s=\""u8);
            to.Append((long)(FirstNumberFormat + Math.Min(decimals, 28)));
            to.Append("\"><v>"u8);
        }

        void String(Column column, int shared)
        {
            Begin(column);
            to.Append("\" t=\"s\"><v>"u8);
            to.Append((long)shared);
            to.Append("</v></c>"u8);
        }
    }

    // What follows a cell's address: made once for each code.
    private byte[] Cell(TableColumn column, int number)
    {
        var code = table.At.Components[column.Index].Codes[number];
        if (column.Kind == ColumnKind.Code && table.At.IsNumber(column.Index))
            return Encoding.UTF8.GetBytes($"\" s=\"{FirstNumberFormat}\"><v>{code.Id}</v></c>");
        return column.Text(code, table.Languages) is { Length: > 0 } text ? Encoding.UTF8.GetBytes($"\" t=\"s\"><v>{Shared(text)}</v></c>") : [];
    }

    private int Shared(string text)
    {
        if (!strings.TryGetValue(text, out var number))
            strings.Add(text, number = strings.Count);
        return number;
    }

    private async Task WriteStringsAsync(Stream to, CancellationToken cancellationToken)
    {
        var buffer = new Utf8Buffer();
        buffer.Append($"{Declaration}<sst xmlns=\"{Main}\" uniqueCount=\"{strings.Count}\">");
        foreach (var text in strings.Keys)
        {
            buffer.Append($"<si>{Text(text)}</si>");
            if (buffer.Count < 1 << 16)
                continue;
            await to.WriteAsync(buffer.Written, cancellationToken);
            buffer.Clear();
        }
        buffer.Append("</sst>"u8);
        await to.WriteAsync(buffer.Written, cancellationToken);
    }

    private string About(TablePage page)
    {
        var xml = new StringBuilder($"{Declaration}<worksheet xmlns=\"{Main}\"><cols><col min=\"1\" max=\"2\" width=\"24\" customWidth=\"1\"/><col min=\"3\" max=\"3\" width=\"60\" customWidth=\"1\"/></cols><sheetData>");
        var line = 0;
        foreach (var cells in XlsxAbout.Lines(table, page, [.. columns.Select(c => c.Is)], (c, number) => columns[c].Cells[number] is not null))
        {
            xml.Append($"<row r=\"{++line}\">");
            foreach (var (c, text) in cells.Index())
                if (text.Length > 0)
                    xml.Append($"<c r=\"{Letters(c)}{line}\" t=\"s\"{(c == 0 ? " s=\"1\"" : "")}><v>{Shared(text)}</v></c>");
            xml.Append("</row>");
        }
        return xml.Append("</sheetData></worksheet>").ToString();
    }

    private static string Styles()
    {
        var (formats, cells) = (new StringBuilder(), new StringBuilder());
        for (var decimals = 0; decimals <= 28; decimals++)
        {
            formats.Append($"<numFmt numFmtId=\"{164 + decimals}\" formatCode=\"0{(decimals > 0 ? "." + new string('0', decimals) : "")}\"/>");
            cells.Append($"<xf numFmtId=\"{164 + decimals}\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>");
        }
        return $"""
            {Declaration}<styleSheet xmlns="{Main}"><numFmts count="29">{formats}</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="31"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>{cells}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>
            """;
    }

    // As wide as its name and its codes or labels, within reason; what is not Latin is twice as wide.
    private int Width(TableColumn column)
    {
        var longest = Length(column.Name) + 3;
        if (column.IsCoded)
        {
            foreach (var code in table.At.Components[column.Index].Codes.Take(WidthSample))
                longest = Math.Max(longest, Length(column.Text(code, table.Languages) ?? "") + 1);
        }
        return Math.Clamp(longest, 10, 40);

        static int Length(string text) => text.Sum(c => c < 0x1100 ? 1 : 2);
    }

    // A text as XML; what XML can not hold is written as _xHHHH_, and so is what would read like that (ECMA-376, 22.9.2.19).
    private static string Text(string text)
    {
        if (text.Length > MostText)
            text = text[..(char.IsHighSurrogate(text[MostText - 1]) ? MostText - 1 : MostText)];
        var xml = new StringBuilder(text.Length + 24).Append("<t xml:space=\"preserve\">");
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '<' or '>' or '&')
                xml.Append(c switch { '<' => "&lt;", '>' => "&gt;", _ => "&amp;" });
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                xml.Append(c).Append(text[++i]);
            else if ((c < ' ' && c is not ('\t' or '\n')) || char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF' || IsEscape(text.AsSpan(i)))
                xml.Append($"_x{(int)c:X4}_");
            else
                xml.Append(c);
        }
        return xml.Append("</t>").ToString();

        static bool IsEscape(ReadOnlySpan<char> rest) =>
            rest is ['_', 'x', _, _, _, _, '_', ..] && char.IsAsciiHexDigit(rest[2]) && char.IsAsciiHexDigit(rest[3]) && char.IsAsciiHexDigit(rest[4]) && char.IsAsciiHexDigit(rest[5]);
    }

    private static string Letters(int column) => (column < 26 ? "" : Letters((column / 26) - 1)) + (char)('A' + (column % 26));

    private sealed class Column
    {
        public required TableColumn Is { get; init; }

        public required string Letters { get; init; }

        /// <summary>What follows the address of the cells of its codes; empty where there is no cell; made when first needed.</summary>
        public required byte[]?[] Cells { get; init; }
    }
}
