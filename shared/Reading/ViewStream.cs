using System.Runtime.ExceptionServices;

namespace Pipeline.Reading;

/// <summary>
/// A read-only view of a seekable stream with a position of its own, so that several readers can share the stream (one at a time, on one thread).
/// It never disposes the stream, it can be given a budget of bytes that ends a reader which a hostile file sends in circles, and it can show a piece of the
/// stream only.
/// </summary>
internal sealed class ViewStream(Stream source, long budget = long.MaxValue, long start = 0, long? length = null) : Stream
{
    private long position;
    private long spent;
    private ExceptionDispatchInfo? failure;

    /// <summary>Throws the stream's own exception, if it failed: libraries wrap it, but it is no fault of the file.</summary>
    public void ThrowSourceFailure() => failure?.Throw();

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; } = length ?? source.Length - start;

    public override long Position
    {
        get => position;
        set => position = value >= 0 ? value : throw new InvalidDataException($"The file points to byte {value}, before its start.");
    }

    public override int Read(Span<byte> buffer)
    {
        if (position >= Length || buffer.IsEmpty)
            return 0;
        if (spent > budget)
            throw new InvalidDataException("The file sends its reader in circles.");
        try
        {
            if (source.Position != start + position)
                source.Position = start + position;
            var read = source.Read(length is null ? buffer : buffer[..(int)Math.Min(buffer.Length, Length - position)]);
            position += read;
            spent += Math.Max(read, 64);
            return read;
        }
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
