using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Pipeline.Reading;
using Shouldly;

namespace Pipeline.Tests;

/// <summary>Files made in code, and a reading of them as plain lists.</summary>
internal static class ReadingFixtures
{
    public const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    public static ReadRelease Read(byte[] bytes, string name, ReaderLimits? limits = null) => ReleaseReader.Read(new MemoryStream(bytes), name, limits);

    public static ReadRelease Read(string text, string name = "file.csv", ReaderLimits? limits = null) => Read(Encoding.UTF8.GetBytes(text), name, limits);

    public static Finding Refusal(byte[] bytes, string name, ReaderLimits? limits = null) => Should.Throw<UnreadableReleaseException>(() =>
    {
        using var release = Read(bytes, name, limits);
        foreach (var table in release.Tables)
            Rows(table);
    }).Finding;

    public static List<string[]> Rows(Table table)
    {
        using var reader = table.Open();
        var rows = new List<string[]>();
        while (reader.Read())
        {
            reader.Row.ShouldBe(rows.Count + 1);
            var cells = new string[reader.Count];
            for (var i = 0; i < cells.Length; i++)
                cells[i] = reader[i].Text.ToString();
            rows.Add(cells);
        }
        return rows;
    }

    public static List<(string Address, CellKind Kind, string Text, string? Format, double Number, DateTime Date)> Cells(Table table)
    {
        using var reader = table.Open();
        var cells = new List<(string, CellKind, string, string?, double, DateTime)>();
        while (reader.Read())
        {
            for (var i = 0; i < reader.Count; i++)
            {
                var cell = reader[i];
                if (cell.Kind != CellKind.Blank)
                    cells.Add((Source.Column(i + 1) + reader.Row, cell.Kind, cell.Text.ToString(), cell.Format, cell.Number, cell.Date));
            }
        }
        return cells;
    }

    public static byte[] Zip(params (string Name, string Text)[] parts)
    {
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in parts)
            {
                using var part = zip.CreateEntry(name).Open();
                part.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return memory.ToArray();
    }

    /// <summary>A workbook of sheets given as the XML inside sheetData, or with sheetData and what stands around it; a name that starts with ! is hidden.</summary>
    public static byte[] Xlsx(string sharedStrings, string styles, string workbookProperties, params (string Name, string Rows)[] sheets)
    {
        const string Main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
        var list = new StringBuilder();
        var relations = new StringBuilder();
        var parts = new List<(string, string)> { ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>") };
        for (var i = 0; i < sheets.Length; i++)
        {
            var (name, rows) = sheets[i];
            list.Append($"<sheet name=\"{name.TrimStart('!')}\" sheetId=\"{i + 1}\" r:id=\"rId{i + 1}\"{(name[0] == '!' ? " state=\"hidden\"" : "")}/>");
            relations.Append($"<Relationship Id=\"rId{i + 1}\" Type=\"{Relations}/worksheet\" Target=\"worksheets/sheet{i + 1}.xml\"/>");
            var data = rows.Contains("<sheetData>", StringComparison.Ordinal) ? rows : $"<sheetData>{rows}</sheetData>";
            parts.Add(($"xl/worksheets/sheet{i + 1}.xml", $"<worksheet {Main}><dimension ref=\"A1:XFD1048576\"/>{data}</worksheet>"));
        }
        parts.Add(("xl/workbook.xml", $"<workbook {Main} xmlns:r=\"{Relations}\">{workbookProperties}<sheets>{list}</sheets></workbook>"));
        parts.Add(("xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{relations}</Relationships>"));
        parts.Add(("xl/sharedStrings.xml", $"<sst {Main}>{sharedStrings}</sst>"));
        parts.Add(("xl/styles.xml", $"<styleSheet {Main}>{styles}</styleSheet>"));
        return Zip([.. parts]);
    }

    public static byte[] Xlsx(params (string Name, string Rows)[] sheets) => Xlsx("", "", "", sheets);

    /// <summary>A BIFF8 workbook in an OLE container: sheets of records, written after [MS-XLS] and [MS-CFB].</summary>
    public static byte[] Xls(bool encrypted, params (string Name, bool Hidden, byte[] Records)[] sheets) => Xls(encrypted, [], sheets);

    /// <summary>The same with fonts and cell formats before the usual ones; a name that starts with # is a chart's, without records a sheet has no dimensions.</summary>
    public static byte[] Xls(bool encrypted, byte[] formats, params (string Name, bool Hidden, byte[] Records)[] sheets)
    {
        byte[] Globals(uint[] offsets)
        {
            var records = new List<byte>();
            records.AddRange(Record(0x0809, [0x00, 0x06, 0x05, 0x00, 0xbb, 0x0d, 0xcc, 0x07, 0, 0, 0, 0, 6, 0, 0, 0]));
            if (encrypted)
                records.AddRange(Record(0x002f, [1, 0, 1, 0, 1, 0, .. new byte[48]]));
            records.AddRange(Record(0x0042, [0xb0, 0x04]));
            records.AddRange(formats);
            foreach (var format in new byte[] { 0, 10, 14, 49 }) // General, 0.00%, a date, text
                records.AddRange(Record(0x00e0, [0, 0, format, 0, .. new byte[16]]));
            for (var i = 0; i < sheets.Length; i++)
            {
                var offset = new byte[4];
                BinaryPrimitives.WriteUInt32LittleEndian(offset, offsets[i]);
                var name = sheets[i].Name;
                records.AddRange(Record(0x0085, [.. offset, (byte)(sheets[i].Hidden ? 1 : 0), (byte)(name[0] == '#' ? 2 : 0), (byte)name.Length, 1, .. Encoding.Unicode.GetBytes(name)]));
            }
            records.AddRange(Record(0x000a, []));
            return [.. records];
        }
        var starts = new uint[sheets.Length];
        var at = (uint)Globals(starts).Length;
        var bodies = new List<byte>();
        for (var i = 0; i < sheets.Length; i++)
        {
            starts[i] = at + (uint)bodies.Count;
            bodies.AddRange(Record(0x0809, [0x00, 0x06, 0x10, 0x00, 0xbb, 0x0d, 0xcc, 0x07, 0, 0, 0, 0, 6, 0, 0, 0]));
            if (sheets[i].Records.Length > 0)
                bodies.AddRange(Record(0x0200, [0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 5, 0, 0, 0]));
            bodies.AddRange(sheets[i].Records);
            bodies.AddRange(Record(0x000a, []));
        }
        return Compound("Workbook", [.. Globals(starts), .. bodies]);
    }

    public static byte[] Record(ushort type, byte[] body) => [(byte)type, (byte)(type >> 8), (byte)body.Length, (byte)(body.Length >> 8), .. body];

    public static byte[] NumberCell(byte row, byte column, byte style, double number) =>
        Record(0x0203, [row, 0, column, 0, style, 0, .. BitConverter.GetBytes(number)]);

    public static byte[] LabelCell(byte row, byte column, string text) =>
        Record(0x0204, [row, 0, column, 0, 0, 0, (byte)text.Length, 0, 1, .. Encoding.Unicode.GetBytes(text)]);

    public static byte[] BooleanOrErrorCell(byte row, byte column, byte value, bool error) =>
        Record(0x0205, [row, 0, column, 0, 0, 0, value, (byte)(error ? 1 : 0)]);

    public static byte[] Compound(string streamName, byte[] content)
    {
        var sectors = Math.Max(8, (content.Length + 511) / 512); // from 4,096 bytes on, a stream stands in sectors of its own
        var file = new byte[512 * (3 + sectors)];
        var header = file.AsSpan();
        new byte[] { 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1 }.CopyTo(header);
        void U16(int where, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(where), (ushort)value);
        void U32(int where, long value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(where), (uint)value);
        U16(24, 0x3e);
        U16(26, 3);
        U16(28, 0xfffe);
        U16(30, 9);
        U16(32, 6);
        U32(44, 1);
        U32(48, 1);
        U32(56, 4096);
        U32(60, 0xfffffffe);
        U32(68, 0xfffffffe);
        for (var i = 0; i < 109; i++)
            U32(76 + (4 * i), i == 0 ? 0 : 0xffffffff);
        for (var i = 0; i < 128; i++)
            U32(512 + (4 * i), i == 0 ? 0xfffffffd : i == 1 || i == sectors + 1 ? 0xfffffffe : i < sectors + 2 ? i + 1 : 0xffffffff);
        void Entry(int index, string name, byte type, long child, long start, long size)
        {
            var where = 1024 + (128 * index);
            Encoding.Unicode.GetBytes(name).CopyTo(file.AsSpan(where));
            U16(where + 64, (name.Length + 1) * 2);
            file[where + 66] = type;
            file[where + 67] = 1;
            U32(where + 68, 0xffffffff);
            U32(where + 72, 0xffffffff);
            U32(where + 76, child);
            U32(where + 116, start);
            U32(where + 120, size);
        }
        Entry(0, "Root Entry", 5, 1, 0xfffffffe, 0);
        Entry(1, streamName, 2, 0xffffffff, 2, sectors * 512);
        content.CopyTo(file.AsSpan(1536));
        return file;
    }
}
