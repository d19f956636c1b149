using System.Buffers.Binary;

namespace Pipeline.Reading;

/// <summary>
/// What ExcelDataReader leaves out of BIFF5 and BIFF8 workbooks, read from the records themselves ([MS-XLS]): error cells (<c>#DIV/0!</c>), which it gives as
/// empty ones although a figure that went missing must not look like one that never was; layout; and which sheets are none.
/// </summary>
internal sealed class XlsRecords
{
    private const int Rows = 65_536;
    private const int Columns = 256;

    private readonly ViewStream file;
    private readonly CompoundFile.Bytes bytes;
    private readonly List<uint> sheets = [];
    private readonly List<bool> fonts = [];  // whether each is bold
    private readonly List<byte> styles = []; // of each cell format: the indentation in four bits, then one bit for bold

    private XlsRecords(ViewStream file, CompoundFile.Bytes bytes) => (this.file, this.bytes) = (file, bytes);

    /// <inheritdoc cref="ViewStream.ThrowSourceFailure"/>
    public void ThrowSourceFailure() => file.ThrowSourceFailure();

    /// <summary>Finds the sheets; null when the file is no container, is encrypted, or has not the sheets that the library sees.</summary>
    public static XlsRecords? Find(ViewStream file, int sheets)
    {
        if (ContentSniffer.Binary(file) != BinaryFormat.Compound)
            return null;
        var container = new CompoundFile(file);
        if ((container.Open("Workbook") ?? container.Open("Book")) is not { } bytes)
            return null;
        var found = new XlsRecords(file, bytes);
        return found.ReadGlobals() && found.sheets.Count == sheets ? found : null;
    }

    /// <summary>Whether a sheet has what every worksheet has; some programs write VBA modules as sheets that have nothing.</summary>
    public bool IsWorksheet(int sheet)
    {
        foreach (var (type, _, _) in Records(sheets[sheet]))
        {
            if (type is 0x0200 or 0x0208 || IsCell(type))
                return true;
        }
        return false;
    }

    /// <summary>Reads what is to know about a sheet, and completes its shape.</summary>
    public Sheet Read(int sheet, TableShape shape)
    {
        var errors = new Dictionary<int, byte[]>();
        var looks = new Dictionary<int, byte[]>();
        var merged = new List<MergedRange>();
        Span<byte> body = stackalloc byte[16];
        Span<byte> part = stackalloc byte[8];
        foreach (var (type, at, length) in Records(sheets[sheet]))
        {
            var start = body[..Math.Min(length, body.Length)];
            if (type is not (0x0208 or 0x007d or 0x00e5 or 0x00bd) && !IsCell(type))
                continue;
            if (start.Length < 6 || !bytes.Read(at, start))
                continue;
            var row = U16(start);
            switch (type)
            {
                case 0x0208 when start.Length == 16: // Row
                    if ((start[12] & 0x20) != 0 || U16(start[6..]) == 0)
                        shape.HiddenRows.Add(row + 1);
                    break;
                case 0x007d when start.Length >= 10: // ColInfo
                    if ((start[8] & 1) != 0 || U16(start[4..]) == 0)
                    {
                        for (var column = row; column <= Math.Min(U16(start[2..]), Columns - 1); column++)
                            shape.HiddenColumns.Add(column + 1);
                    }
                    break;
                case 0x00e5: // MergeCells
                    for (var i = 0; i < row && merged.Count < TableShape.MaxMerged && 10 + (8 * i) <= length && bytes.Read(at + 2 + (8 * i), part); i++)
                        merged.Add(new MergedRange(U16(part) + 1, U16(part[4..]) + 1, U16(part[2..]) + 1, U16(part[6..]) + 1));
                    break;
                case 0x00bd: // MulRk
                    for (var i = 0; 12 + (6 * i) <= length && bytes.Read(at + 4 + (6 * i), part[..2]); i++)
                        Put(looks, row, U16(start[2..]) + i, Look(U16(part)));
                    break;
                default:
                    Put(looks, row, U16(start[2..]), Look(U16(start[4..])));
                    // A formula's result that is no number has FFFF at its end, and 2 at its start when it is an error.
                    if (type == 0x0205 ? start.Length >= 8 && start[7] == 1
                        : type is 0x0006 or 0x0206 or 0x0406 && start.Length >= 14 && start[6] == 2 && start[12] == 0xff && start[13] == 0xff)
                        Put(errors, row, U16(start[2..]), (byte)(Math.Min(start[type == 0x0205 ? 6 : 8], (byte)0xfe) + 1));
                    break;
            }
        }
        shape.Merge(merged, Rows, Columns);
        return new Sheet(errors, looks);
    }

    private static int U16(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt16LittleEndian(at);

    // Number, Label, BoolErr, Rk, LabelSst, RString, and formulas of three versions; blank cells are none.
    private static bool IsCell(ushort type) => type is 0x0203 or 0x0204 or 0x0205 or 0x027e or 0x00bd or 0x00fd or 0x00d6 or 0x0006 or 0x0206 or 0x0406;

    private static void Put(Dictionary<int, byte[]> cells, int row, int column, byte value)
    {
        if (value == 0 || column >= Columns)
            return;
        if (!cells.TryGetValue(row, out var inRow))
            cells.Add(row, inRow = new byte[Columns]);
        inRow[column] = value;
    }

    private byte Look(int style) => style < styles.Count ? styles[style] : (byte)0;

    private bool ReadGlobals()
    {
        Span<byte> body = stackalloc byte[20];
        var isBiff8 = bytes.Read(4, body[..2]) && U16(body) == 0x0600;
        foreach (var (type, at, length) in Records(0))
        {
            var start = body[..Math.Min(length, body.Length)];
            if (type is not (0x0085 or 0x0031 or 0x00e0 or 0x002f) || !bytes.Read(at, start))
                continue;
            switch (type)
            {
                case 0x002f: // FilePass: the records are encrypted
                    return false;
                case 0x0085 when start.Length >= 6 && start[5] == 0: // BoundSheet8, of a worksheet
                    sheets.Add(BinaryPrimitives.ReadUInt32LittleEndian(start));
                    break;
                case 0x0031 when start.Length >= 8: // Font
                    fonts.Add(U16(start[6..]) >= 600);
                    break;
                case 0x00e0 when start.Length >= 9: // XF; fonts count without a fourth, and BIFF5 has no indentation
                    var font = U16(start);
                    font -= font > 4 ? 1 : 0;
                    styles.Add((byte)((isBiff8 ? start[8] & 0x0f : 0) | (font < fonts.Count && fonts[font] ? 0x10 : 0)));
                    break;
                default:
                    break;
            }
        }
        return true;
    }

    // The records of one substream, those of charts inside it left out.
    private IEnumerable<(ushort Type, long At, int Length)> Records(long at)
    {
        var header = new byte[4];
        var depth = 0;
        while (bytes.Read(at, header))
        {
            var type = BinaryPrimitives.ReadUInt16LittleEndian(header);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(2));
            if (type == 0x0809)
                depth++;
            else if (type == 0x000a && --depth <= 0)
                yield break;
            else if (depth == 1)
                yield return (type, at + 4, length);
            else if (depth == 0)
                yield break;
            at += 4 + length;
        }
    }

    /// <summary>What is to know about the cells of one sheet, rows and columns from 0.</summary>
    public sealed class Sheet(Dictionary<int, byte[]> errors, Dictionary<int, byte[]> looks)
    {
        /// <summary>The text of an error cell; null when it is none.</summary>
        public string? Error(int row, int column) => errors.TryGetValue(row, out var codes) && codes[column] > 0 ? Text(codes[column] - 1) : null;

        /// <summary>How many steps a cell is indented, and whether it is bold.</summary>
        public (byte Indent, bool Bold) Look(int row, int column) =>
            looks.TryGetValue(row, out var bits) ? ((byte)(bits[column] & 0x0f), (bits[column] & 0x10) != 0) : default;

        private static string Text(int code) => code switch
        {
            0x00 => "#NULL!",
            0x07 => "#DIV/0!",
            0x0f => "#VALUE!",
            0x17 => "#REF!",
            0x1d => "#NAME?",
            0x24 => "#NUM!",
            0x2a => "#N/A",
            _ => "#ERROR!",
        };
    }
}
