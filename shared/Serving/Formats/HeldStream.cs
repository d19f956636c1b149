namespace Pipeline.Serving;

/// <summary>
/// What a writer of a binary format has written, with the position it counts by, until it is moved on: a web answer can not seek and must not block.
/// </summary>
/// <param name="to">Where it is moved to.</param>
internal sealed class HeldStream(Stream to) : Stream
{
    private const int Many = 1 << 16;
    private readonly MemoryStream bytes = new();
    private long moved;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => moved + bytes.Length;

    public override long Position
    {
        get => moved + bytes.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>Sends what is held.</summary>
    public async Task MoveAsync(CancellationToken cancellationToken)
    {
        await to.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancellationToken);
        moved += bytes.Length;
        bytes.SetLength(0);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        bytes.Write(buffer.Span);
        if (bytes.Length > Many)
            await MoveAsync(cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => bytes.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => bytes.Write(buffer);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
