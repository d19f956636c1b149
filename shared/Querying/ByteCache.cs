namespace Pipeline.Querying;

/// <summary>Keeps what was used last, up to a number of bytes; what was used longest ago goes first. Safe to use from many threads.</summary>
/// <param name="capacity">How many bytes may be kept.</param>
internal sealed class ByteCache(long capacity)
{
    private readonly Dictionary<object, LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = [];
    private readonly Lock gate = new();

    /// <summary>How many bytes may be kept.</summary>
    public long Capacity => capacity;

    /// <summary>How many bytes are kept now.</summary>
    public long Bytes { get; private set; }

    /// <summary>What is kept under a key, or null.</summary>
    public T? Find<T>(object key)
        where T : class
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out var node))
                return null;
            if (node != byUse.First)
            {
                byUse.Remove(node);
                byUse.AddFirst(node);
            }
            return (T)node.Value.Value;
        }
    }

    /// <summary>Keeps a value of a number of bytes; one that is larger than a quarter of the capacity is not kept.</summary>
    public void Keep(object key, object value, long bytes)
    {
        if (bytes > capacity / 4)
            return;
        lock (gate)
        {
            if (entries.Remove(key, out var old))
            {
                byUse.Remove(old);
                Bytes -= old.Value.Bytes;
            }
            entries.Add(key, byUse.AddFirst(new Entry(key, value, bytes)));
            Bytes += bytes;
            while (Bytes > capacity)
            {
                var last = byUse.Last!.Value;
                byUse.RemoveLast();
                entries.Remove(last.Key);
                Bytes -= last.Bytes;
            }
        }
    }

    private readonly record struct Entry(object Key, object Value, long Bytes);
}
