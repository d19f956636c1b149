using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Reading;

/// <summary>The directory of an OLE compound file (MS-CFB), which tells a workbook from other things kept in the same container.</summary>
internal static class CompoundFile
{
    private const int MostSectors = 4096;

    /// <summary>The names of the streams and storages; as many as can be read when the file is damaged.</summary>
    public static HashSet<string> Names(ViewStream stream)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        Span<byte> header = stackalloc byte[512];
        stream.Position = 0;
        if (stream.ReadAtLeast(header, 512, throwOnEndOfStream: false) < 512)
            return names;
        var size = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]) == 12 ? 4096 : 512;
        var sector = BinaryPrimitives.ReadUInt32LittleEndian(header[48..]);
        var buffer = new byte[size];
        for (var i = 0; i < MostSectors && sector < 0xfffffff0; i++)
        {
            if (!ReadSector(stream, sector, buffer))
                break;
            for (var at = 0; at < size; at += 128)
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 64));
                if (length is > 2 and <= 64 && buffer[at + 66] != 0)
                    names.Add(Encoding.Unicode.GetString(buffer, at, length - 2));
            }
            // The header lists the first 109 sectors of the allocation table; no real directory lies beyond them.
            var entry = (int)(sector / (uint)(size / 4));
            if (entry >= 109 || !ReadSector(stream, BinaryPrimitives.ReadUInt32LittleEndian(header[(76 + (entry * 4))..]), buffer))
                break;
            sector = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan((int)(sector % (uint)(size / 4)) * 4));
        }
        return names;
    }

    private static bool ReadSector(ViewStream stream, uint sector, byte[] buffer)
    {
        stream.Position = (sector + 1L) * buffer.Length;
        return stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length;
    }
}
