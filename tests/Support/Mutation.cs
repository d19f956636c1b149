using System.Buffers;
using System.IO.Compression;
using System.Text;
using CsCheck;

namespace Pipeline.Tests.Support;

/// <summary>What is done to a file.</summary>
internal enum Harm
{
    Overwrite,
    Remove,
    Insert,
    Duplicate,
    Truncate,

    /// <summary>A run of bytes many times over: elements, rows or brackets that nest or never end.</summary>
    Repeat,

    /// <summary>One character of those that tables and numbers are made of.</summary>
    Sign,

    /// <summary>A cell's text, an attribute's value or an element's text is another one.</summary>
    Text,

    /// <summary>Two cells, values or texts change places.</summary>
    Swap,

    /// <summary>A line, or an element of a page, is left out.</summary>
    DropLine,

    /// <summary>A part of a ZIP archive is left out.</summary>
    DropPart,

    /// <summary>Two parts of a ZIP archive change places.</summary>
    SwapParts,
}

/// <summary>A change of a file. In a ZIP archive it is made to a part, which is then packed again, so that it reaches what the archive holds.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Part">Which part of an archive; 0 for the archive's own bytes.</param>
/// <param name="Where">Where; counted modulo what there is.</param>
/// <param name="Value">With what, or how much.</param>
internal sealed record Mutation(Harm Kind, int Part, int Where, int Value)
{
    /// <summary>One to twelve changes, made one after the other.</summary>
    public static readonly Gen<Mutation[]> Some = Gen.Select(Gen.Enum<Harm>(), Gen.Int[0, 24], Gen.Int[0, 1 << 24], Gen.Int[0, 1 << 16], (kind, part, where, value) => new Mutation(kind, part, where, value)).Array[1, 12];

    /// <summary>What stands between texts in CSV, PX, XML and JSON.</summary>
    private static readonly SearchValues<byte> Signs = SearchValues.Create("<>\",;\t\n=|:"u8);

    private const int LargestRepeat = 1 << 18;
    private const long LargestPart = 1 << 26;

    /// <summary>Texts that offices write, and that programs trip over.</summary>
    public static readonly byte[][] Texts =
    [
        .. new[]
        {
            "", " ", "-", "..", "…", "0", "-1", "1E400", "-1e-400", "NaN", "Infinity", "99999999999999999999999999999", "79228162514264337593543950335", "0.0000000000000000000000000001", "1,234.5", "(3)", "12[3]",
            "5.2%", "2023", "1899", "9999-12-31", "2023-13", "2023年13月", "2023-02-30", "2023-W53", "2023-W54", "Q5 2023", "Jan-Mar 2023", "9999/10000", "12 months to Jan 0001", "1-6月", "2147483648", "-2147483649",
            "9223372036854775808", "4294967296", "1048577", "16385", "XFD1048576", "ZZZZZZZZ99999999999", "A0", "A1:XFD1048576", "A1:B", "true", "#N/A", "&#0;", "&#x110000;", "\0", "\ufffe", "\"", "'", "=", ";", "[", "]]>",
            "<!--", "单位：万吨", "注：x", "Source: x", "其中：", "合计", "REF_AREA", "OBS_VALUE", "TIME_PERIOD", "0%", "#,##0,,", "[$-F800]dddd", "utf-16", "gb18030", "../../x", "\u202e12", "\U0001F600", new string('9', 5000), new string('万', 300),
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc3], [0xfe, 0xff],
    ];

    /// <summary>The file with all changes made.</summary>
    public static byte[] Apply(byte[] file, IEnumerable<Mutation> mutations)
    {
        foreach (var mutation in mutations)
            file = mutation.Apply(file);
        return file;
    }

    /// <summary>As few of the changes as still make a file that fails.</summary>
    public static Mutation[] Fewest(Mutation[] mutations, Func<Mutation[], bool> fails)
    {
        for (var i = mutations.Length - 1; i >= 0 && mutations.Length > 1; i--)
        {
            Mutation[] fewer = [.. mutations[..i], .. mutations[(i + 1)..]];
            if (fails(fewer))
                mutations = fewer;
        }
        return mutations;
    }

    private byte[] Apply(byte[] file)
    {
        if (Part == 0 && Kind is not (Harm.DropPart or Harm.SwapParts))
            return Change(file);
        if (file is not [0x50, 0x4b, ..] || Unpack(file) is not { Count: > 0 } parts)
            return Change(file);
        var part = Part % parts.Count;
        if (Kind == Harm.DropPart)
            parts.RemoveAt(part);
        else if (Kind == Harm.SwapParts)
            (parts[part], parts[Where % parts.Count]) = (parts[part] with { Bytes = parts[Where % parts.Count].Bytes }, parts[Where % parts.Count] with { Bytes = parts[part].Bytes });
        else
            parts[part] = parts[part] with { Bytes = new Mutation(Kind, Part / parts.Count, Where, Value).Apply(parts[part].Bytes) };
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in parts)
            {
                using var to = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                to.Write(bytes);
            }
        }
        return packed.ToArray();
    }

    /// <summary>The parts of an archive; null when it can not be unpacked, as after a change of its own bytes.</summary>
    private static List<(string Name, byte[] Bytes)>? Unpack(byte[] file)
    {
        try
        {
            var parts = new List<(string, byte[])>();
            using var zip = new ZipArchive(new MemoryStream(file));
            if (zip.Entries.Sum(e => e.Length) > LargestPart)
                return null;
            foreach (var entry in zip.Entries)
            {
                var bytes = new MemoryStream();
                using var from = entry.Open();
                from.CopyTo(bytes);
                parts.Add((entry.FullName, bytes.ToArray()));
            }
            return parts;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException)
        {
            return null;
        }
    }

    private byte[] Change(byte[] file)
    {
        if (file.Length == 0)
            return Kind == Harm.Insert ? [(byte)Value] : file;
        var at = Where % file.Length;
        var run = Math.Min(1 + (Value % 64), file.Length - at);
        switch (Kind)
        {
            case Harm.Overwrite:
                return [.. file[..at], (byte)Value, .. file[(at + 1)..]];
            case Harm.Sign:
                return [.. file[..at], (byte)",;\n\"-0123456789.% ()/<>&=[]{}"[Value % 29], .. file[(at + 1)..]];
            case Harm.Remove:
                return [.. file[..at], .. file[(at + run)..]];
            case Harm.Insert:
                return [.. file[..at], (byte)Value, .. file[at..]];
            case Harm.Duplicate:
                return [.. file[..at], .. file[at..(at + run)], .. file[at..]];
            case Harm.Truncate:
                return file[..at];
            case Harm.Repeat:
                var times = Math.Min(1 + (Value / 64), LargestRepeat / run);
                var repeated = new byte[file.Length + (times * run)];
                file.AsSpan(0, at).CopyTo(repeated);
                for (var i = 0; i < times; i++)
                    file.AsSpan(at, run).CopyTo(repeated.AsSpan(at + (i * run)));
                file.AsSpan(at).CopyTo(repeated.AsSpan(at + (times * run)));
                return repeated;
            case Harm.Text:
                var (start, end) = TextAt(file, at);
                return [.. file[..start], .. Texts[Value % Texts.Length], .. file[end..]];
            case Harm.Swap:
                var (a, b) = (TextAt(file, at), TextAt(file, Value * 64 % file.Length));
                if (a.Start > b.Start)
                    (a, b) = (b, a);
                return a.End > b.Start ? file : [.. file[..a.Start], .. file[b.Start..b.End], .. file[a.End..b.Start], .. file[a.Start..a.End], .. file[b.End..]];
            case Harm.DropLine:
                var sign = file.AsSpan(at).IndexOf((byte)'\n') is >= 0 and < 4096 ? (byte)'\n' : (byte)'<';
                var from = Math.Max(0, file.AsSpan(0, at).LastIndexOf(sign));
                var to = file.AsSpan(at + 1).IndexOf(sign) is var next and >= 0 ? at + 1 + next : file.Length;
                return [.. file[..from], .. file[to..]];
            default:
                return file;
        }
    }

    /// <summary>The text around a place: what stands between two signs of the format.</summary>
    private static (int Start, int End) TextAt(byte[] file, int at)
    {
        var start = file.AsSpan(0, at).LastIndexOfAny(Signs) + 1;
        var length = file.AsSpan(at).IndexOfAny(Signs);
        return (start, length < 0 ? file.Length : at + length);
    }
}
