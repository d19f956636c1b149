using System.Text;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What can be found.</summary>
internal enum SearchKind : byte
{
    /// <summary>A dataset.</summary>
    Dataset,

    /// <summary>A code of INDICATOR.</summary>
    Indicator,

    /// <summary>A code of REF_AREA.</summary>
    Area,

    /// <summary>Any other code.</summary>
    Code,
}

/// <summary>Something that can be found: a dataset, or a code however many datasets have it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The dataset's id, or the code.</param>
/// <param name="Labels">The title or the label per language.</param>
internal sealed record SearchRecord(SearchKind Kind, string Id, IReadOnlyList<KeyValuePair<string, string>> Labels)
{
    /// <summary>The label that hits of the same name are put together by.</summary>
    public string Name => Labels.FirstOrDefault(l => l.Key == "zh").Value ?? Labels.FirstOrDefault(l => l.Key == "en").Value ?? (Labels.Count > 0 ? Labels[0].Value : Id);
}

/// <summary>Keeps records end to end as UTF-8 in pages, which take a quarter of what objects would.</summary>
internal sealed class SearchRecords
{
    private const int PageBytes = 1 << 20;

    /// <summary>The most bytes of a record: what is longer is cut before it gets here.</summary>
    private const int MostBytes = 1 << 16;

    private readonly List<byte[]> pages = [];
    private readonly byte[] scratch = new byte[MostBytes];
    private int used = PageBytes;

    /// <summary>Bytes in memory.</summary>
    public long Bytes => pages.Count * (long)PageBytes;

    /// <summary>The bytes of a record; valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(SearchRecord record)
    {
        var at = 0;
        scratch[at++] = (byte)record.Kind;
        at = Put(record.Id, at);
        foreach (var (language, text) in record.Labels)
        {
            if (at + (language.Length + text.Length) * 3 + 8 > MostBytes)
                break;
            at = Put(text, Put(language, at));
        }
        return scratch.AsSpan(0, at);
    }

    /// <summary>Keeps the bytes of a record, and says where.</summary>
    public long Add(ReadOnlySpan<byte> record)
    {
        if (used + record.Length + 4 > PageBytes)
        {
            pages.Add(new byte[PageBytes]);
            used = 0;
        }
        var place = (pages.Count - 1) * (long)PageBytes + used;
        BitConverter.TryWriteBytes(pages[^1].AsSpan(used), record.Length);
        record.CopyTo(pages[^1].AsSpan(used + 4));
        used += record.Length + 4;
        return place;
    }

    /// <summary>The bytes of a record that is kept.</summary>
    public ReadOnlySpan<byte> this[long place]
    {
        get
        {
            var (page, at) = (pages[(int)(place / PageBytes)], (int)(place % PageBytes));
            return page.AsSpan(at + 4, BitConverter.ToInt32(page, at));
        }
    }

    /// <summary>A record.</summary>
    public SearchRecord Read(long place)
    {
        var bytes = this[place];
        var kind = (SearchKind)bytes[0];
        var rest = bytes[1..];
        var id = Take(ref rest);
        var labels = new List<KeyValuePair<string, string>>();
        while (!rest.IsEmpty)
            labels.Add(new(Take(ref rest), Take(ref rest)));
        return new SearchRecord(kind, id, labels);

        static string Take(ref ReadOnlySpan<byte> from)
        {
            var length = BitConverter.ToUInt16(from);
            var text = Encoding.UTF8.GetString(from.Slice(2, length));
            from = from[(2 + length)..];
            return text;
        }
    }

    private int Put(string text, int at)
    {
        var length = Encoding.UTF8.GetBytes(text, scratch.AsSpan(at + 2));
        BitConverter.TryWriteBytes(scratch.AsSpan(at), (ushort)length);
        return at + 2 + length;
    }
}
