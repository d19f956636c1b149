using System.Buffers;
using System.IO.Pipelines;
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
        var reader = PipeReader.Create(new Incoming(transport.Input.AsStream(leaveOpen: true)), new StreamPipeReaderOptions(bufferSize: 8192, minimumReadSize: 1024));
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
                    return length > 0 && !EndsIt.Contains(new string(name, 0, Math.Min(length, name.Length)), StringComparer.OrdinalIgnoreCase) ? Place.HeaderValue : Place.Through;
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
