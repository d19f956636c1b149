using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Reading;

/// <summary>An OLE compound file ([MS-CFB]): what it holds, and the bytes of a stream. Damaged parts are left out, not told.</summary>
internal sealed class CompoundFile
{
    private const uint LastSector = 0xfffffff0; // from here on, numbers mark ends and gaps

    private readonly ViewStream file;
    private readonly int size;
    private readonly List<uint> table = [];
    private readonly Dictionary<string, (uint Start, long Length)> entries = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the allocation table and the directory.</summary>
    public CompoundFile(ViewStream file)
    {
        this.file = file;
        Span<byte> header = stackalloc byte[512];
        file.Position = 0;
        if (file.ReadAtLeast(header, 512, throwOnEndOfStream: false) < 512)
            return;
        size = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]) == 12 ? 4096 : 512;
        var most = (file.Length / size) + 1;
        IsPlausible = header[30] is 9 or 12 && header[31] == 0 && header[32] == 6 && header[33] == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(header[44..]) <= most
            && BinaryPrimitives.ReadUInt32LittleEndian(header[64..]) <= most
            && BinaryPrimitives.ReadUInt32LittleEndian(header[72..]) <= most;
        ReadTable(header);
        var buffer = new byte[size];
        foreach (var sector in Chain(BinaryPrimitives.ReadUInt32LittleEndian(header[48..])))
        {
            if (!ReadSector(sector, buffer))
                break;
            for (var at = 0; at < size; at += 128)
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 64));
                if (length is <= 2 or > 64 || buffer[at + 66] == 0)
                    continue;
                IsPlausible &= buffer[at + 66] != 2 || BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at + 120)) <= file.Length;
                entries.TryAdd(
                    Encoding.Unicode.GetString(buffer, at, length - 2),
                    (BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at + 116)), BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at + 120))));
            }
        }
    }

    /// <summary>Whether the sizes that the header and the directory state fit into the file; readers allocate by them.</summary>
    public bool IsPlausible { get; private set; }

    /// <summary>Whether there is a stream or storage of that name.</summary>
    public bool Has(string name) => entries.ContainsKey(name);

    /// <summary>Opens a stream of 4,096 bytes or more (smaller ones stand elsewhere, and no workbook is one); null when there is none.</summary>
    public Bytes? Open(string name) =>
        entries.TryGetValue(name, out var entry) && entry.Length >= 4096 ? new Bytes(this, [.. Chain(entry.Start)], entry.Length) : null;

    // The header lists the table's first 109 sectors; sectors of their own list the rest.
    private void ReadTable(ReadOnlySpan<byte> header)
    {
        var buffer = new byte[size];
        var list = new byte[size];
        var most = (file.Length / size) + 1;
        for (var i = 0; i < 109; i++)
            AddTable(BinaryPrimitives.ReadUInt32LittleEndian(header[(76 + (4 * i))..]), buffer);
        var next = BinaryPrimitives.ReadUInt32LittleEndian(header[68..]);
        for (var steps = 0; next < LastSector && steps < most && ReadSector(next, list); steps++)
        {
            for (var at = 0; at < size - 4 && table.Count < most; at += 4)
                AddTable(BinaryPrimitives.ReadUInt32LittleEndian(list.AsSpan(at)), buffer);
            next = BinaryPrimitives.ReadUInt32LittleEndian(list.AsSpan(size - 4));
        }
    }

    private void AddTable(uint sector, byte[] buffer)
    {
        if (sector >= LastSector || !ReadSector(sector, buffer))
            return;
        for (var at = 0; at < size; at += 4)
            table.Add(BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at)));
    }

    private IEnumerable<uint> Chain(uint sector)
    {
        for (var steps = 0; sector < table.Count && steps <= table.Count; steps++)
        {
            yield return sector;
            sector = table[(int)sector];
        }
    }

    private bool ReadSector(uint sector, Span<byte> buffer)
    {
        file.Position = (sector + 1L) * size;
        return file.ReadAtLeast(buffer, size, throwOnEndOfStream: false) >= size;
    }

    /// <summary>The bytes of one stream.</summary>
    public sealed class Bytes(CompoundFile owner, List<uint> chain, long length)
    {
        private readonly byte[] sector = new byte[owner.size];
        private int held = -1;

        /// <summary>Copies bytes from an offset.</summary>
        /// <returns>Whether all of them are there.</returns>
        public bool Read(long offset, Span<byte> to)
        {
            if (offset < 0 || offset + to.Length > length)
                return false;
            while (!to.IsEmpty)
            {
                var (index, at) = ((int)(offset / sector.Length), (int)(offset % sector.Length));
                if (index >= chain.Count || (index != held && !owner.ReadSector(chain[index], sector)))
                    return false;
                held = index;
                var part = Math.Min(to.Length, sector.Length - at);
                sector.AsSpan(at, part).CopyTo(to);
                to = to[part..];
                offset += part;
            }
            return true;
        }
    }
}
