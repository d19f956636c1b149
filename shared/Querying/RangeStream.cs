namespace Pipeline.Querying;

/// <summary>
/// A blob as a seekable stream for the Parquet reader: the ranges it will want are fetched ahead in few large reads; anything else is fetched when met.
/// </summary>
/// <param name="length">The blob's length in bytes.</param>
/// <param name="fetch">Reads a range: offset and count in bytes.</param>
internal sealed class RangeStream(long length, Func<long, int, CancellationToken, Task<byte[]>> fetch) : Stream
{
    private const int Gap = 256 << 10;
    private const int Unforeseen = 64 << 10;
    private readonly List<(long Offset, byte[] Bytes)> held = [];
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set => position = value;
    }

    /// <summary>Bytes that stay readable without a fetch until <see cref="Release"/>.</summary>
    public void Hold(long offset, byte[] bytes) => held.Add((offset, bytes));

    /// <summary>Lets go of the bytes that are held, apart from the first so many.</summary>
    public void Release(int keep) => held.RemoveRange(keep, held.Count - keep);

    /// <summary>Fetches ranges at once; ranges that lie close together are one read.</summary>
    public async Task FetchAsync(IEnumerable<(long Offset, long Count)> ranges, CancellationToken cancellationToken)
    {
        var reads = new List<(long Offset, long End)>();
        foreach (var (offset, count) in ranges.Where(r => !held.Any(h => h.Offset <= r.Offset && r.Offset + r.Count <= h.Offset + h.Bytes.Length)).OrderBy(r => r.Offset))
        {
            if (reads.Count > 0 && offset - reads[^1].End <= Gap)
                reads[^1] = (reads[^1].Offset, Math.Max(reads[^1].End, offset + count));
            else
                reads.Add((offset, offset + count));
        }
        var fetched = await Task.WhenAll(reads.Select(read => fetch(read.Offset, checked((int)(read.End - read.Offset)), cancellationToken)));
        for (var i = 0; i < fetched.Length; i++)
            Hold(reads[i].Offset, fetched[i]);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (TryRead(buffer.Span, out var read))
            return read;
        Hold(position, await fetch(position, (int)Math.Min(Math.Max(buffer.Length, Unforeseen), length - position), cancellationToken));
        TryRead(buffer.Span, out read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        if (TryRead(buffer, out var read))
            return read;
        // The Parquet reader reads single bytes in a few places without awaiting; they lie in ranges fetched ahead, so this is the rare way.
        Hold(position, fetch(position, (int)Math.Min(Math.Max(buffer.Length, Unforeseen), length - position), default).GetAwaiter().GetResult());
        TryRead(buffer, out read);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private bool TryRead(Span<byte> buffer, out int read)
    {
        read = 0;
        if (buffer.IsEmpty || position >= length)
            return true;
        foreach (var (offset, bytes) in held)
        {
            var at = position - offset;
            if (at < 0 || at >= bytes.Length)
                continue;
            read = (int)Math.Min(buffer.Length, bytes.Length - at);
            bytes.AsSpan((int)at, read).CopyTo(buffer);
            position += read;
            return true;
        }
        return false;
    }
}
