using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Pipeline.Benchmarks;

/// <summary>Seeded tables as offices lay them out: a title, the unit, a header of two rows with quarters under their years, rows of labels, signs, notes.</summary>
internal static class UntidyFiles
{
    /// <summary>The rows of data of a workbook.</summary>
    public const int Rows = 5_000;

    /// <summary>The columns of values of a workbook, four a year; two columns of labels stand left of them: 250,000 cells.</summary>
    public const int Values = 48;

    /// <summary>The columns of values of a CSV; three columns of labels stand left of them.</summary>
    public const int CsvValues = 37;

    private const int Year = 2010;
    private const string Title = "Output by region and industry";
    private const string Unit = "Unit: million yuan";
    private const string Note = "Note: Figures for the latest quarters are preliminary.";

    /// <summary>Writes a file of a format unless it is there already.</summary>
    /// <param name="path">The file; its ending is the format.</param>
    /// <param name="rows">The rows of a CSV; a workbook has <see cref="Rows"/>.</param>
    public static void Write(string path, int rows)
    {
        if (File.Exists(path))
            return;
        using (var file = new FileStream(path + ".part", FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            switch (Path.GetExtension(path))
            {
                case ".xlsx":
                    Xlsx(file);
                    break;
                case ".xls":
                    Xls(file);
                    break;
                case ".ods":
                    Ods(file);
                    break;
                default:
                    Csv(file, rows);
                    break;
            }
        File.Move(path + ".part", path);
    }

    /// <summary>The period of a column of values, from 0.</summary>
    public static string Period(int column) => $"{Year + (column / 4)}-Q{(column % 4) + 1}";

    private static string Region(int row) => $"Region {(row / 50) + 1}";

    private static string Industry(int row) => $"Industry {(row % 50) + 1}";

    // Every 97th value is missing.
    private static bool IsMissing(int row, int column) => ((row * Values) + column) % 97 == 96;

    private static void Xlsx(Stream file)
    {
        const string Main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
        const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        const string Package = "http://schemas.openxmlformats.org/package/2006";
        var random = new Random(30);
        var strings = new List<string>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        using (var part = new StreamWriter(zip.CreateEntry("xl/worksheets/sheet1.xml").Open()))
        {
            part.Write($"<worksheet {Main}><dimension ref=\"A1:{Column(Values + 1)}{Rows + 5}\"/><sheetData>");
            part.Write($"<row r=\"1\">{Words(1, 0, Title)}</row><row r=\"2\">{Words(2, 0, Unit)}</row><row r=\"3\">{Words(3, 0, "Region")}{Words(3, 1, "Industry")}");
            for (var c = 0; c < Values; c += 4)
                part.Write(Words(3, c + 2, (Year + (c / 4)).ToString(CultureInfo.InvariantCulture)));
            part.Write("</row><row r=\"4\">");
            for (var c = 0; c < Values; c++)
                part.Write(Words(4, c + 2, $"Q{(c % 4) + 1}"));
            part.Write("</row>");
            for (var r = 0; r < Rows; r++)
            {
                part.Write($"<row r=\"{r + 5}\">{Words(r + 5, 0, Region(r))}{Words(r + 5, 1, Industry(r))}");
                for (var c = 0; c < Values; c++)
                    part.Write(IsMissing(r, c) ? Words(r + 5, c + 2, "..") : string.Create(CultureInfo.InvariantCulture, $"<c r=\"{Column(c + 2)}{r + 5}\" s=\"1\"><v>{random.Next(1_000_000) / 10.0}</v></c>"));
                part.Write("</row>");
            }
            part.Write($"<row r=\"{Rows + 5}\">{Words(Rows + 5, 0, Note)}</row></sheetData><mergeCells>");
            for (var c = 0; c < Values; c += 4)
                part.Write($"<mergeCell ref=\"{Column(c + 2)}3:{Column(c + 5)}3\"/>");
            part.Write("</mergeCells></worksheet>");
        }
        Part("[Content_Types].xml", $"<Types xmlns=\"{Package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
            + "<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>");
        Part("_rels/.rels", $"<Relationships xmlns=\"{Package}/relationships\"><Relationship Id=\"rId1\" Type=\"{Relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
        Part("xl/workbook.xml", $"<workbook {Main} xmlns:r=\"{Relations}\"><sheets><sheet name=\"Output\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>");
        Part("xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"{Package}/relationships\"><Relationship Id=\"rId1\" Type=\"{Relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
            + $"<Relationship Id=\"rId2\" Type=\"{Relations}/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"rId3\" Type=\"{Relations}/styles\" Target=\"styles.xml\"/></Relationships>");
        Part("xl/sharedStrings.xml", $"<sst {Main}>{string.Concat(strings.Select(s => $"<si><t>{s}</t></si>"))}</sst>");
        Part("xl/styles.xml", $"<styleSheet {Main}><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"#,##0.0\"/></numFmts><fonts count=\"1\"><font/></fonts>"
            + "<cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>");

        string Words(int row, int column, string text)
        {
            if (!known.TryGetValue(text, out var number))
            {
                known.Add(text, number = strings.Count);
                strings.Add(text);
            }
            return $"<c r=\"{Column(column)}{row}\" t=\"s\"><v>{number}</v></c>";
        }

        void Part(string name, string text)
        {
            using var part = new StreamWriter(zip.CreateEntry(name).Open());
            part.Write(text);
        }
    }

    private static string Column(int column) => column < 26 ? ((char)('A' + column)).ToString() : $"{(char)('A' + (column / 26) - 1)}{(char)('A' + (column % 26))}";

    private static void Ods(Stream file)
    {
        const string Names = "urn:oasis:names:tc:opendocument:xmlns:";
        var random = new Random(30);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        using (var part = new StreamWriter(zip.CreateEntry("mimetype", CompressionLevel.NoCompression).Open()))
            part.Write("application/vnd.oasis.opendocument.spreadsheet");
        using var content = new StreamWriter(zip.CreateEntry("content.xml").Open());
        content.Write($"<office:document-content xmlns:office=\"{Names}office:1.0\" xmlns:table=\"{Names}table:1.0\" xmlns:text=\"{Names}text:1.0\" office:version=\"1.3\">"
            + $"<office:body><office:spreadsheet><table:table table:name=\"Output\">{Row(Words(Title))}{Row(Words(Unit))}<table:table-row>{Words("Region")}{Words("Industry")}");
        for (var c = 0; c < Values; c += 4)
            content.Write($"<table:table-cell table:number-columns-spanned=\"4\" office:value-type=\"string\"><text:p>{Year + (c / 4)}</text:p></table:table-cell>"
                + "<table:covered-table-cell table:number-columns-repeated=\"3\"/>");
        content.Write("</table:table-row><table:table-row><table:table-cell table:number-columns-repeated=\"2\"/>");
        for (var c = 0; c < Values; c++)
            content.Write(Words($"Q{(c % 4) + 1}"));
        content.Write("</table:table-row>");
        for (var r = 0; r < Rows; r++)
        {
            content.Write($"<table:table-row>{Words(Region(r))}{Words(Industry(r))}");
            for (var c = 0; c < Values; c++)
            {
                var value = random.Next(1_000_000) / 10.0;
                content.Write(IsMissing(r, c) ? Words("..")
                    : string.Create(CultureInfo.InvariantCulture, $"<table:table-cell office:value-type=\"float\" office:value=\"{value}\"><text:p>{value:N1}</text:p></table:table-cell>"));
            }
            content.Write("</table:table-row>");
        }
        content.Write($"{Row(Words(Note))}</table:table></office:spreadsheet></office:body></office:document-content>");

        static string Row(string cells) => $"<table:table-row>{cells}</table:table-row>";
        static string Words(string text) => $"<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>";
    }

    // BIFF8 records after [MS-XLS], without shared strings: LABEL and NUMBER.
    private static void Xls(Stream file)
    {
        var random = new Random(30);
        using var book = new MemoryStream();
        Record(book, 0x0809, [0x00, 0x06, 0x05, 0x00, 0xbb, 0x0d, 0xcc, 0x07, 0, 0, 0, 0, 6, 0, 0, 0]);
        Record(book, 0x0042, [0xb0, 0x04]);
        Record(book, 0x041e, [164, 0, 7, 0, 0, .. "#,##0.0"u8]);
        foreach (var format in new byte[] { 0, 164 })
            Record(book, 0x00e0, [0, 0, format, 0, .. new byte[16]]);
        var sheet = book.Position + 4;
        Record(book, 0x0085, [0, 0, 0, 0, 0, 0, 6, 0, .. "Output"u8]);
        Record(book, 0x000a, []);
        var start = book.Position;
        Record(book, 0x0809, [0x00, 0x06, 0x10, 0x00, 0xbb, 0x0d, 0xcc, 0x07, 0, 0, 0, 0, 6, 0, 0, 0]);
        Record(book, 0x0200, [0, 0, 0, 0, .. BitConverter.GetBytes(Rows + 5), 0, 0, Values + 2, 0, 0, 0]);
        Words(0, 0, Title);
        Words(1, 0, Unit);
        Words(2, 0, "Region");
        Words(2, 1, "Industry");
        for (var c = 0; c < Values; c += 4)
            Words(2, c + 2, (Year + (c / 4)).ToString(CultureInfo.InvariantCulture));
        for (var c = 0; c < Values; c++)
            Words(3, c + 2, $"Q{(c % 4) + 1}");
        for (var r = 0; r < Rows; r++)
        {
            Words(r + 4, 0, Region(r));
            Words(r + 4, 1, Industry(r));
            for (var c = 0; c < Values; c++)
                if (IsMissing(r, c))
                    Words(r + 4, c + 2, "..");
                else
                    Record(book, 0x0203, [.. At(r + 4, c + 2), 1, 0, .. BitConverter.GetBytes(random.Next(1_000_000) / 10.0)]);
        }
        Words(Rows + 4, 0, Note);
        var merged = new List<byte> { Values / 4, 0 };
        for (var c = 0; c < Values; c += 4)
            merged.AddRange([2, 0, 2, 0, (byte)(c + 2), 0, (byte)(c + 5), 0]);
        Record(book, 0x00e5, [.. merged]);
        Record(book, 0x000a, []);
        book.Position = sheet;
        book.Write(BitConverter.GetBytes((uint)start));
        Compound(file, book.ToArray());

        static byte[] At(int row, int column) => [(byte)row, (byte)(row >> 8), (byte)column, 0];
        void Words(int row, int column, string text) => Record(book, 0x0204, [.. At(row, column), 0, 0, (byte)text.Length, 0, 0, .. Encoding.Latin1.GetBytes(text)]);
    }

    private static void Record(Stream stream, ushort type, ReadOnlySpan<byte> body)
    {
        stream.Write([(byte)type, (byte)(type >> 8), (byte)body.Length, (byte)(body.Length >> 8)]);
        stream.Write(body);
    }

    /// <summary>A compound file after [MS-CFB] with one stream, of at most 109 sectors of the allocation table: 7 MB.</summary>
    private static void Compound(Stream file, byte[] content)
    {
        var sectors = (content.Length + 511) / 512;
        var tables = 1;
        while (tables * 128 < tables + 1 + sectors)
            tables++;
        var bytes = new byte[512 * (1 + tables + 1 + sectors)];
        void U16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);
        void U32(int at, long value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), (uint)value);
        new byte[] { 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1 }.CopyTo(bytes.AsSpan());
        foreach (var (at, value) in new[] { (24, 0x3e), (26, 3), (28, 0xfffe), (30, 9), (32, 6) })
            U16(at, value);
        foreach (var (at, value) in new[] { (44, tables), (48, tables), (56, 4096L), (60, 0xfffffffe), (68, 0xfffffffe) })
            U32(at, value);
        for (var i = 0; i < 109; i++)
            U32(76 + (4 * i), i < tables ? i : 0xffffffff);
        for (var i = 0; i < tables * 128; i++)
            U32(512 + (4 * i), i < tables ? 0xfffffffd : i == tables || i == tables + sectors ? 0xfffffffe : i < tables + sectors ? i + 1 : 0xffffffff);
        Entry(0, "Root Entry", 5, 1, 0xfffffffe, 0);
        Entry(1, "Workbook", 2, 0xffffffff, tables + 1, content.Length);
        content.CopyTo(bytes.AsSpan(512 * (tables + 2)));
        file.Write(bytes);

        void Entry(int index, string name, byte type, long child, long start, long size)
        {
            var at = (512 * (tables + 1)) + (128 * index);
            Encoding.Unicode.GetBytes(name).CopyTo(bytes.AsSpan(at));
            U16(at + 64, (name.Length + 1) * 2);
            (bytes[at + 66], bytes[at + 67]) = (type, 1);
            foreach (var (offset, value) in new[] { (68, 0xffffffff), (72, 0xffffffff), (76, child), (116, start), (120, size) })
                U32(at + offset, value);
        }
    }

    private static void Csv(Stream file, int rows)
    {
        var random = new Random(30);
        file.Write(Encoding.ASCII.GetBytes($"{Title} and product\nStatistics office of somewhere\n{Unit}\nRegion,Industry,Product"));
        for (var c = 0; c < CsvValues; c++)
            file.Write(Encoding.ASCII.GetBytes(c % 4 == 0 ? $",{Year + (c / 4)}" : ","));
        file.Write("\n,,"u8);
        for (var c = 0; c < CsvValues; c++)
            file.Write(Encoding.ASCII.GetBytes($",Q{(c % 4) + 1}"));
        file.Write("\n"u8);
        Span<byte> line = new byte[1024];
        for (var r = 0; r < rows; r++)
        {
            var at = Encoding.ASCII.GetBytes($"Region {(r / 1000) + 1},Industry {(r / 10 % 100) + 1},Product {(r % 10) + 1}", line);
            for (var c = 0; c < CsvValues; c++)
            {
                line[at++] = (byte)',';
                var sign = ((r * CsvValues) + c) % 97;
                if (sign == 96)
                {
                    line[at++] = (byte)'.';
                    line[at++] = (byte)'.';
                    continue;
                }
                var tenths = random.Next(1_000_000);
                var isGrouped = tenths >= 10_000;
                if (isGrouped)
                {
                    line[at++] = (byte)'"';
                    Put(line, ref at, tenths / 10_000, 0);
                    line[at++] = (byte)',';
                }
                Put(line, ref at, tenths / 10 % 1000, isGrouped ? 3 : 0);
                line[at++] = (byte)'.';
                Put(line, ref at, tenths % 10, 0);
                // One value in 25 is preliminary.
                if (sign % 25 == 7)
                    line[at++] = (byte)'p';
                if (isGrouped)
                    line[at++] = (byte)'"';
            }
            line[at++] = (byte)'\n';
            file.Write(line[..at]);
        }
        file.Write(Encoding.ASCII.GetBytes($"\n{Note}\n\"p preliminary, .. not available\"\n"));
    }

    private static void Put(Span<byte> line, ref int length, int number, int digits)
    {
        Utf8Formatter.TryFormat(number, line[length..], out var written, digits > 0 ? new System.Buffers.StandardFormat('D', (byte)digits) : default);
        length += written;
    }
}
