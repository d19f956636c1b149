using System.Buffers.Binary;

namespace Pipeline.Reading;

/// <summary>
/// What ExcelDataReader leaves out of BIFF5 and BIFF8 workbooks, read from the records themselves ([MS-XLS]): error cells (<c>#DIV/0!</c>), which it gives as
/// empty ones although a figure that went missing must not look like one that never was; layout; runs of text; and which sheets are none.
/// </summary>
internal sealed class XlsRecords
{
    private const int Rows = 65_536;
    private const int Columns = 256;

    private readonly ViewStream file;
    private readonly CompoundFile.Bytes bytes;
    private readonly List<uint> sheets = [];
    private readonly List<(bool Bold, bool Raised)> fonts = [];
    private readonly List<byte> styles = []; // of each cell format: the indentation in four bits, then one bit for bold
    private readonly Dictionary<int, (ushort At, ushort Font)[]> runs = []; // of the shared strings that have some
    private bool from1904;

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
        var texts = new Dictionary<int, int[]>();
        var merged = new List<MergedRange>();
        var columns = 0; // how many columns ColInfo has told of; each may be told of once
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
                        for (var column = row; column <= Math.Min(U16(start[2..]), Columns - 1) && columns < Columns; column++, columns++)
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
                    // LabelSst
                    if (type == 0x00fd && start.Length >= 10 && BinaryPrimitives.ReadInt32LittleEndian(start[6..]) is var shared && runs.ContainsKey(shared))
                        Put(texts, row, U16(start[2..]), shared + 1);
                    // A formula's result that is no number has FFFF at its end, and 2 at its start when it is an error.
                    if (type == 0x0205 ? start.Length >= 8 && start[7] == 1
                        : type is 0x0006 or 0x0206 or 0x0406 && start.Length >= 14 && start[6] == 2 && start[12] == 0xff && start[13] == 0xff)
                        Put(errors, row, U16(start[2..]), (byte)(Math.Min(start[type == 0x0205 ? 6 : 8], (byte)0xfe) + 1));
                    break;
            }
        }
        shape.Merge(merged, Rows, Columns);
        return new Sheet(this, errors, looks, texts);
    }

    private static int U16(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt16LittleEndian(at);

    // Number, Label, BoolErr, Rk, LabelSst, RString, and formulas of three versions; blank cells are none.
    private static bool IsCell(ushort type) => type is 0x0203 or 0x0204 or 0x0205 or 0x027e or 0x00bd or 0x00fd or 0x00d6 or 0x0006 or 0x0206 or 0x0406;

    private static void Put<T>(Dictionary<int, T[]> cells, int row, int column, T value)
        where T : struct, IEquatable<T>
    {
        if (value.Equals(default) || column >= Columns)
            return;
        if (!cells.TryGetValue(row, out var inRow))
            cells.Add(row, inRow = new T[Columns]);
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
            if (type is not (0x0085 or 0x0031 or 0x00e0 or 0x002f or 0x0022 or 0x00fc) || !bytes.Read(at, start))
                continue;
            switch (type)
            {
                case 0x002f: // FilePass: the records are encrypted
                    return false;
                case 0x0022 when start.Length >= 2: // Date1904
                    from1904 = U16(start) == 1;
                    break;
                case 0x0085 when start.Length >= 6 && start[5] == 0: // BoundSheet8, of a worksheet
                    sheets.Add(BinaryPrimitives.ReadUInt32LittleEndian(start));
                    break;
                case 0x0031 when start.Length >= 10: // Font
                    fonts.Add((U16(start[6..]) >= 600, U16(start[8..]) == 1));
                    break;
                case 0x00e0 when start.Length >= 9: // XF; BIFF5 has no indentation
                    styles.Add((byte)((isBiff8 ? start[8] & 0x0f : 0) | (Font(U16(start)).Bold ? 0x10 : 0)));
                    break;
                case 0x00fc when isBiff8: // SST
                    ReadRuns(at, length);
                    break;
                default:
                    break;
            }
        }
        return true;
    }

    // Fonts count from 0 without a fourth.
    private (bool Bold, bool Raised) Font(int font) => font - (font > 4 ? 1 : 0) is var index && index < fonts.Count ? fonts[index] : default;

    // The shared strings go on in Continue records, which may begin in the midst of a text: then with a byte that says how its characters are stored.
    private void ReadRuns(long at, int length)
    {
        var left = length;
        Span<byte> head = stackalloc byte[8];
        Span<byte> run = stackalloc byte[4];
        if (!Take(head))
            return;
        var count = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        for (var index = 0; index < count && Take(head[..3]); index++)
        {
            var (characters, flags, runCount, extra) = (U16(head), head[2], 0, 0u);
            if ((flags & 8) != 0)
                runCount = Take(head[..2]) ? U16(head) : 0;
            if ((flags & 4) != 0)
                extra = Take(head[..4]) ? BinaryPrimitives.ReadUInt32LittleEndian(head) : 0;
            while (characters > 0)
            {
                if (left == 0)
                {
                    if (!Continue() || !Take(head[..1]))
                        return;
                    flags = head[0];
                }
                var width = (flags & 1) + 1;
                var here = Math.Min(characters, left / width);
                if (here == 0)
                    return;
                characters -= here;
                (at, left) = (at + (here * width), left - (here * width));
            }
            var found = new List<(ushort, ushort)>();
            for (; runCount > 0; runCount--)
            {
                if (!Take(run))
                    return;
                found.Add(((ushort)U16(run), (ushort)U16(run[2..])));
            }
            if (found.Count > 0)
                runs[index] = [.. found];
            while (extra > left)
            {
                extra -= (uint)left;
                if (!Continue())
                    return;
            }
            (at, left) = (at + extra, left - (int)extra);
        }

        bool Continue()
        {
            Span<byte> header = stackalloc byte[4];
            if (!bytes.Read(at + left, header) || U16(header) != 0x003c)
                return false;
            (at, left) = (at + left + 4, U16(header[2..]));
            return true;
        }

        bool Take(Span<byte> to)
        {
            while (left == 0)
                if (!Continue())
                    return false;
            if (left < to.Length || !bytes.Read(at, to))
                return false;
            (at, left) = (at + to.Length, left - to.Length);
            return true;
        }
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
    public sealed class Sheet(XlsRecords workbook, Dictionary<int, byte[]> errors, Dictionary<int, byte[]> looks, Dictionary<int, int[]> texts)
    {
        private readonly TextRuns runs = new();

        /// <summary>Whether dates count from 1904.</summary>
        public bool From1904 => workbook.from1904;

        /// <summary>A cell's text, put together from its runs.</summary>
        public CellText Text(int row, int column, string text)
        {
            if (!texts.TryGetValue(row, out var shared) || shared[column] == 0)
                return new CellText(text);
            runs.Clear();
            var (from, raised, bold) = (0, false, (bool?)null);
            foreach (var (at, font) in workbook.runs[shared[column] - 1])
            {
                if (at > text.Length || at < from)
                    break;
                if (at > from)
                    runs.Add(text[from..at], raised, bold);
                from = at;
                (bold, raised) = workbook.Font(font);
            }
            runs.Add(text[from..], raised, bold);
            return runs.Text();
        }

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
