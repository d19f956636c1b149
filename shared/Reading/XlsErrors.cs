using System.Buffers.Binary;

namespace Pipeline.Reading;

/// <summary>
/// The error cells (<c>#DIV/0!</c>) of BIFF5 and BIFF8 sheets, read from the records themselves ([MS-XLS] BoolErr and Formula): ExcelDataReader
/// gives them as empty cells, and a figure that went missing must not look like one that never was.
/// </summary>
internal sealed class XlsErrors
{
    private readonly ViewStream file;
    private readonly CompoundFile.Bytes bytes;
    private readonly List<uint> sheets = [];

    private XlsErrors(ViewStream file, CompoundFile.Bytes bytes) => (this.file, this.bytes) = (file, bytes);

    /// <inheritdoc cref="ViewStream.ThrowSourceFailure"/>
    public void ThrowSourceFailure() => file.ThrowSourceFailure();

    /// <summary>Finds the sheets; null when the file is no container, or not the sheets that the library sees.</summary>
    public static XlsErrors? Find(ViewStream file, int sheets)
    {
        if (ContentSniffer.Binary(file) != BinaryFormat.Compound)
            return null;
        var container = new CompoundFile(file);
        if ((container.Open("Workbook") ?? container.Open("Book")) is not { } bytes)
            return null;
        var found = new XlsErrors(file, bytes);
        Span<byte> start = stackalloc byte[4];
        foreach (var (type, at, length) in found.Records(0))
        {
            if (type == 0x0085 && length >= 4 && bytes.Read(at, start))
                found.sheets.Add(BinaryPrimitives.ReadUInt32LittleEndian(start));
        }
        return found.sheets.Count == sheets ? found : null;
    }

    /// <summary>The errors of a sheet by row and column, both from 0.</summary>
    public Dictionary<(int Row, int Column), string> Of(int sheet)
    {
        var errors = new Dictionary<(int, int), string>();
        Span<byte> cell = stackalloc byte[14];
        foreach (var (type, at, length) in Records(sheets[sheet]))
        {
            var isFormula = type is 0x0006 or 0x0206 or 0x0406;
            if (!isFormula && type is not 0x0205)
                continue;
            var body = cell[..(isFormula ? 14 : 8)];
            if (length < body.Length || !bytes.Read(at, body))
                continue;
            // A formula's result that is no number has FFFF at its end, and 2 at its start when it is an error.
            if (isFormula ? body[6] == 2 && body[12] == 0xff && body[13] == 0xff : body[7] == 1)
                errors[(BinaryPrimitives.ReadUInt16LittleEndian(body), BinaryPrimitives.ReadUInt16LittleEndian(body[2..]))] = Text(body[isFormula ? 8 : 6]);
        }
        return errors;
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

    private static string Text(byte code) => code switch
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
