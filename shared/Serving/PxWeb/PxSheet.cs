using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Pipeline.Serving;

/// <summary>Writes a laid out table as a workbook (ECMA-376) with one sheet, texts in line.</summary>
internal static class PxSheet
{
    /// <summary>The most columns of a sheet.</summary>
    public const int MostColumns = 16_384;

    /// <summary>The most rows of a sheet.</summary>
    public const int MostRows = 1_048_576;

    // A cell's number is a double: what it can not hold exactly is written as text.
    private const int ExactDigits = 15;

    private static readonly (string Name, string Text)[] Parts =
    [
        ("[Content_Types].xml", """
            <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>
            """),
        ("_rels/.rels", """
            <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>
            """),
        ("xl/workbook.xml", """
            <workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Table" sheetId="1" r:id="rId1"/></sheets></workbook>
            """),
        ("xl/_rels/workbook.xml.rels", """
            <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>
            """),
    ];

    /// <summary>Writes the workbook.</summary>
    public static async Task WriteAsync(PxGrid grid, Stream to, bool withTitle, CancellationToken cancellationToken)
    {
        // An archive is written synchronously, which an answer's stream is not.
        var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in Parts)
            {
                using var part = new StreamWriter(archive.CreateEntry(name, CompressionLevel.Optimal).Open());
                part.Write("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n" + text);
            }
            using var sheet = new StreamWriter(archive.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).Open());
            Write(grid, sheet, withTitle, cancellationToken);
        }
        await to.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancellationToken);
    }

    private static void Write(PxGrid grid, StreamWriter sheet, bool withTitle, CancellationToken cancellationToken)
    {
        sheet.Write("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>");
        if (withTitle)
        {
            sheet.Write("<row>");
            Text(grid.Title);
            sheet.Write("</row>");
        }
        sheet.Write("<row>");
        foreach (var name in grid.StubNames)
            Text(name);
        for (var column = 0; column < grid.Columns; column++)
            Text(grid.ColumnText(column));
        var (at, row) = (grid.Columns, 0);
        foreach (var (value, symbol) in grid.Cells())
        {
            if (at == grid.Columns)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sheet.Write("</row><row>");
                foreach (var name in grid.RowTexts(row++))
                    Text(name);
                at = 0;
            }
            var number = value?.ToString(CultureInfo.InvariantCulture);
            if (number is not null && number.Count(char.IsAsciiDigit) <= ExactDigits)
            {
                sheet.Write("<c><v>");
                sheet.Write(number);
                sheet.Write("</v></c>");
            }
            else
            {
                Text(number ?? symbol!);
            }
            at++;
        }
        sheet.Write("</row></sheetData></worksheet>");

        void Text(string text)
        {
            sheet.Write("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
            sheet.Write(Safe(text));
            sheet.Write("</t></is></c>");
        }
    }

    private static string Safe(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => safe.Append("&amp;"),
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                < 0x10000 when !XmlConvert.IsXmlChar((char)rune.Value) => safe.Append(' '),
                _ => safe.Append(rune.ToString()),
            };
        }
        return safe.ToString();
    }
}
