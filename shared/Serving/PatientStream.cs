namespace Pipeline.Serving;

/// <summary>Passes bytes on to a client in pieces, each of which has to be taken in time.</summary>
/// <remarks>
/// A server's least rate does not see to that: Kestrel's counts what was taken quickly for the time after, so that a client may rest for hours upon some megabytes,
/// and its query stays open with it.
/// </remarks>
internal sealed class PatientStream(Stream to, TimeSpan patience) : WriteOnlyStream
{
    private const int Piece = 256 << 10;

    /// <inheritdoc/>
    /// <exception cref="ClientStalledException">A piece was not taken in time.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Most answers are small and taken at once.
        if (buffer.Length > Piece)
            return PiecesAsync(buffer, cancellationToken);
        var write = to.WriteAsync(buffer, cancellationToken);
        return write.IsCompletedSuccessfully ? write : WaitAsync(write, cancellationToken);
    }

    private async ValueTask PiecesAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        for (var from = 0; from < buffer.Length; from += Piece)
            await WriteAsync(buffer.Slice(from, Math.Min(Piece, buffer.Length - from)), cancellationToken);
    }

    private async ValueTask WaitAsync(ValueTask write, CancellationToken cancellationToken)
    {
        try
        {
            await (write.IsCompleted ? write : new ValueTask(write.AsTask().WaitAsync(patience, cancellationToken)));
        }
        catch (TimeoutException)
        {
            throw new ClientStalledException();
        }
    }
}

/// <summary>A client has left unread what was sent to it for too long.</summary>
internal sealed class ClientStalledException : IOException;

/// <summary>A stream that is only written to, and only asynchronously.</summary>
internal abstract class WriteOnlyStream : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
