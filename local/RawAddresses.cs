using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Pipeline.Local;

/// <summary>
/// Lets addresses come in that are not percent-encoded, as curl sends what a person types: <c>/v1/search?q=原煤</c>. Kestrel takes a request line for ASCII and has no
/// option for anything else, so bytes of 0x80 and above are percent-encoded in the request line before it sees them.
/// </summary>
/// <remarks>
/// Only where a request line must be: at the beginning of a connection, and after a head that no body follows. With the first head that may have a body, or that is
/// not as it should be, all that comes is handed on as it is: no byte of a body is ever touched.
/// </remarks>
internal static class RawAddresses
{
    // What a head is followed by something else with.
    private static readonly string[] EndsIt = ["content-length", "transfer-encoding", "upgrade"];

    /// <summary>Puts it before all that reads the connection.</summary>
    public static ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        var transport = connection.Transport;
        var reader = new Watched(transport.Input);
        connection.Transport = new Duplex(reader, transport.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
            await reader.CompleteAsync();
        }
    };

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private enum Place
    {
        Start,
        RequestLine,
        HeaderStart,
        HeaderName,
        HeaderValue,
        Through,
    }

    /// <summary>
    /// Hands on what comes in as it is, as long as each read is of whole heads with nothing to encode and no bodies: most connections never bring anything else.
    /// From the first other read on all goes through <see cref="Incoming"/>.
    /// </summary>
    private sealed class Watched(PipeReader from) : PipeReader
    {
        private PipeReader? encoding;

        private PipeReader Reader => encoding ?? from;

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => encoding?.ReadAsync(cancellationToken) ?? WatchAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => Encoding().TryRead(out result);

        public override void AdvanceTo(SequencePosition consumed) => Reader.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => Reader.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => Reader.CancelPendingRead();

        // Whose transport it is completes it.
        public override void Complete(Exception? exception = null) => encoding?.Complete(exception);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<ReadResult> WatchAsync(CancellationToken cancellationToken)
        {
            var read = await from.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.IsEmpty || (buffer.IsSingleSegment && AreWholeHeads(buffer.FirstSpan)))
                return read;
            from.AdvanceTo(buffer.Start);
            return await Encoding().ReadAsync(cancellationToken);
        }

        private PipeReader Encoding() => encoding ??= Create(new Incoming(from.AsStream(leaveOpen: true)), new StreamPipeReaderOptions(bufferSize: 8192, minimumReadSize: 1024));

        private static bool AreWholeHeads(ReadOnlySpan<byte> read)
        {
            if (!read.EndsWith("\r\n\r\n"u8) || !char.IsAsciiLetter((char)read[0]) || !Ascii.IsValid(read))
                return false;
            for (var rest = read; ;)
            {
                rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
                if (rest.IsEmpty)
                    return true;
                foreach (var end in EndsIt)
                    if (rest.Length > end.Length && Ascii.EqualsIgnoreCase(rest[..end.Length], end))
                        return false;
            }
        }
    }

    /// <summary>What comes in, with request lines in ASCII.</summary>
    private sealed class Incoming(Stream from) : Stream
    {
        private readonly char[] name = new char[20];
        private int length;
        private Place place;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (place == Place.Through)
                return await from.ReadAsync(buffer, cancellationToken);
            // A byte may become three.
            var read = ArrayPool<byte>.Shared.Rent(buffer.Length / 3);
            try
            {
                var count = await from.ReadAsync(read.AsMemory(0, buffer.Length / 3), cancellationToken);
                return Encode(read.AsSpan(0, count), buffer.Span);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(read);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        private int Encode(ReadOnlySpan<byte> read, Span<byte> to)
        {
            var written = 0;
            foreach (var b in read)
            {
                if (place is Place.RequestLine && b >= 0x80)
                {
                    to[written++] = (byte)'%';
                    to[written++] = (byte)"0123456789ABCDEF"[b >> 4];
                    to[written++] = (byte)"0123456789ABCDEF"[b & 15];
                    continue;
                }
                to[written++] = b;
                place = Next(b);
            }
            return written;
        }

        private Place Next(byte b)
        {
            var c = (char)b;
            switch (place)
            {
                case Place.Start:
                    return char.IsAsciiLetter(c) ? Place.RequestLine : Place.Through;
                case Place.RequestLine:
                    return c == '\n' ? Begin() : place;
                case Place.HeaderStart when c == '\r' && length == 0:
                    // The empty line, if a line feed follows.
                    length = -1;
                    return place;
                case Place.HeaderStart when c == '\n':
                    return Place.Start;
                case Place.HeaderStart when length < 0:
                    return Place.Through;
                case Place.HeaderStart or Place.HeaderName when c == ':':
                    return length > 0 && !EndsIt.Any(end => end.AsSpan().Equals(name.AsSpan(0, Math.Min(length, name.Length)), StringComparison.OrdinalIgnoreCase)) ? Place.HeaderValue : Place.Through;
                case Place.HeaderStart or Place.HeaderName:
                    if (!char.IsAsciiLetterOrDigit(c) && !"!#$%&'*+-.^_`|~".Contains(c))
                        return Place.Through;
                    if (length < name.Length)
                        name[length] = c;
                    length++;
                    return Place.HeaderName;
                case Place.HeaderValue:
                    return c == '\n' ? Begin() : place;
                default:
                    return place;
            }
        }

        private Place Begin()
        {
            length = 0;
            return Place.HeaderStart;
        }
    }
}
