using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Pipeline.Reading;

/// <summary>The character encoding of a file, told from all of its bytes.</summary>
/// <remarks>
/// A byte order mark decides; then UTF-16 by its zero bytes; then UTF-8 when (nearly) all of the file is valid; then the legacy encoding
/// whose common characters fit best (<see cref="LegacyEncoding"/>). Bytes that are invalid in the encoding found become findings and U+FFFD.
/// </remarks>
internal sealed record TextEncoding(Encoding Encoding, string Name, int Preamble)
{
    private const int ChunkLength = 1 << 20;
    private const int SampleLength = 1 << 18;

    static TextEncoding() => System.Text.Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Reads the whole file once to find its encoding.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="declared">The encoding that the file declares of itself (HTML, XML); taken when the bytes leave it open.</param>
    /// <param name="findings">Where invalid bytes are told.</param>
    public static TextEncoding Detect(ViewStream stream, string? declared, Findings findings)
    {
        Span<byte> head = stackalloc byte[4];
        stream.Position = 0;
        head = head[..stream.ReadAtLeast(head, 4, throwOnEndOfStream: false)];
        if (head.StartsWith("\ufeff"u8))
        {
            var utf8 = new Utf8Survey(stream, 3);
            utf8.Report(findings);
            return new(new UTF8Encoding(false), "utf-8", 3);
        }
        if (head is [0xff, 0xfe, 0, 0])
            return Checked(stream, new(System.Text.Encoding.UTF32, "utf-32", 4), findings);
        if (head is [0xff, 0xfe, ..])
            return Checked(stream, new(System.Text.Encoding.Unicode, "utf-16le", 2), findings);
        if (head is [0xfe, 0xff, ..])
            return Checked(stream, new(System.Text.Encoding.BigEndianUnicode, "utf-16be", 2), findings);

        if (Utf16(stream) is { } utf16)
            return Checked(stream, utf16, findings);
        var survey = new Utf8Survey(stream, 0);
        if (survey.Invalid == 0 || survey.Valid >= 3 * survey.Invalid)
        {
            survey.Report(findings);
            return new(new UTF8Encoding(false), "utf-8", 0);
        }
        return Checked(stream, Legacy(survey.Sample, declared), findings);
    }

    /// <summary>Opens the text for reading from its start, invalid bytes replaced by U+FFFD.</summary>
    public Decoder Decoder()
    {
        var decoder = Encoding.GetDecoder();
        decoder.Fallback = new DecoderReplacementFallback("\ufffd");
        return decoder;
    }

    /// <summary>Decodes the first bytes of the file, or all of it.</summary>
    public string Decode(ViewStream stream, long bytes)
    {
        stream.Position = Preamble;
        var take = (int)Math.Max(0, Math.Min(bytes, stream.Length - Preamble));
        var buffer = new byte[take];
        take = stream.ReadAtLeast(buffer, take, throwOnEndOfStream: false);
        var whole = take == stream.Length - Preamble;
        var decoder = Decoder();
        var chars = new char[Encoding.GetMaxCharCount(take)];
        return new string(chars, 0, decoder.GetChars(buffer, 0, take, chars, 0, flush: whole));
    }

    private static TextEncoding Legacy(ReadOnlySpan<byte> sample, string? declared)
    {
        if (declared is not null && Named(declared) is { } named && named.CodePage is not 65001 and not 1200 and not 1201)
        {
            // GB 2312 and GBK are what pages say; GB 18030 contains both.
            return named.CodePage is 936 or 20936 ? Of("gb18030") : new(named, named.WebName, 0);
        }
        return Of(LegacyEncoding.Tell(sample));
    }

    private static TextEncoding Of(string name) => new(System.Text.Encoding.GetEncoding(name), name, 0);

    private static Encoding? Named(string name)
    {
        try
        {
            return System.Text.Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    // UTF-16 without a mark: line ends, digits and delimiters leave zero bytes on one side only.
    private static TextEncoding? Utf16(ViewStream stream)
    {
        var sample = new byte[8192];
        stream.Position = 0;
        var length = stream.ReadAtLeast(sample, sample.Length, throwOnEndOfStream: false) & ~1;
        if (!sample.AsSpan(0, length).Contains((byte)0))
            return null;
        int low = 0, high = 0, both = 0;
        for (var i = 0; i < length; i += 2)
        {
            low += sample[i] == 0 ? 1 : 0;
            high += sample[i + 1] == 0 ? 1 : 0;
            both += sample[i] == 0 && sample[i + 1] == 0 ? 1 : 0;
        }
        if (length < 4 || Math.Max(low, high) * 50 < length / 2 || Math.Min(low, high) * 20 > Math.Max(low, high) || both > 0)
            return null;
        var encoding = high > low ? System.Text.Encoding.Unicode : System.Text.Encoding.BigEndianUnicode;
        var odd = 0;
        var text = encoding.GetString(sample, 0, length);
        foreach (var c in text)
            odd += (char.IsControl(c) && c is not '\r' and not '\n' and not '\t') || c == '\ufffd' || (c >= '\ue000' && c <= '\uf8ff') ? 1 : 0;
        return odd * 20 > text.Length ? null : new(encoding, high > low ? "utf-16le" : "utf-16be", 0);
    }

    private static TextEncoding Checked(ViewStream stream, TextEncoding found, Findings findings)
    {
        if (found.Encoding.IsSingleByte)
            return found;
        var seen = new RecordingFallback();
        var decoder = found.Encoding.GetDecoder();
        decoder.Fallback = seen;
        var bytes = ArrayPool<byte>.Shared.Rent(ChunkLength);
        var chars = ArrayPool<char>.Shared.Rent(found.Encoding.GetMaxCharCount(ChunkLength));
        long at = found.Preamble;
        var line = 1L;
        stream.Position = at;
        for (var read = -1; read != 0;)
        {
            read = stream.Read(bytes, 0, ChunkLength);
            seen.Positions.Clear();
            var length = decoder.GetChars(bytes, 0, read, chars, 0, flush: read == 0);
            foreach (var (told, unknown) in seen.Positions)
            {
                // Half a surrogate pair is found out at the unit that follows it.
                var late = told >= unknown.Length && told <= read && !bytes.AsSpan(told, read - told).StartsWith(unknown);
                var index = late ? told - unknown.Length : told;
                var inside = Math.Clamp(index, 0, read);
                var lines = findings.Keeps("bytes-invalid") ? found.Encoding.GetString(bytes, 0, inside).AsSpan().Count('\n') : 0;
                Invalid(findings, Math.Max(found.Preamble, at + index), line + lines, unknown, found.Name);
            }
            line += chars.AsSpan(0, length).Count('\n');
            at += read;
        }
        ArrayPool<byte>.Shared.Return(bytes);
        ArrayPool<char>.Shared.Return(chars);
        return found;
    }

    private static void Invalid(Findings findings, long at, long line, ReadOnlySpan<byte> bytes, string encoding)
    {
        if (!findings.Keeps("bytes-invalid"))
        {
            findings.Count("bytes-invalid", Severity.Warning);
            return;
        }
        findings.Add(new Finding(Severity.Warning, "bytes-invalid", $"Byte {at}, in line {line}, is invalid in the file's encoding {encoding}; it is read as U+FFFD.")
        {
            Where = $"byte {at}",
            Found = "0x" + Convert.ToHexString(bytes),
            Expected = $"text in {encoding} throughout",
            Advice = "Save the file as UTF-8 and upload it again.",
        });
    }

    /// <summary>One pass that validates UTF-8 and collects what tells legacy encodings apart.</summary>
    private ref struct Utf8Survey
    {
        private readonly List<(long At, long Line, byte[] Bytes)> places = [];
        private readonly byte[] sample;
        private int sampled;

        public Utf8Survey(ViewStream stream, int preamble)
        {
            sample = new byte[Math.Min(SampleLength, stream.Length)];
            var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength + 4);
            var carried = 0;
            long at = preamble;
            var line = 1L;
            var counted = at;
            stream.Position = at;
            while (true)
            {
                var read = stream.Read(buffer, carried, ChunkLength);
                var chunk = buffer.AsSpan(0, carried + read);
                if (read > 0)
                    chunk = chunk[..^Unfinished(chunk)];
                if (!Utf8.IsValid(chunk) || (Invalid > 0 && Valid < 1_000_000))
                    Walk(chunk, at, ref line, ref counted);
                else if (Valid < 1_000_000 && !System.Text.Ascii.IsValid(chunk))
                    Valid += chunk.Length - System.Text.Encoding.UTF8.GetCharCount(chunk);
                if (counted < at + chunk.Length)
                {
                    line += chunk[(int)Math.Max(0, counted - at)..].Count((byte)'\n');
                    counted = at + chunk.Length;
                }
                at += chunk.Length;
                carried = carried + read - chunk.Length;
                if (read == 0)
                    break;
                buffer.AsSpan(chunk.Length, carried).CopyTo(buffer);
            }
            ArrayPool<byte>.Shared.Return(buffer);
        }

        /// <summary>About how many sequences of several bytes are valid.</summary>
        public long Valid { get; private set; }

        /// <summary>How many bytes or cut sequences are invalid.</summary>
        public long Invalid { get; private set; }

        /// <summary>The parts of the file with bytes beyond ASCII, up to a limit.</summary>
        public readonly ReadOnlySpan<byte> Sample => sample.AsSpan(0, sampled);

        public readonly void Report(Findings findings)
        {
            foreach (var (at, line, bytes) in places)
                TextEncoding.Invalid(findings, at, line, bytes, "utf-8");
            for (var i = (long)places.Count; i < Invalid; i++)
                findings.Count("bytes-invalid", Severity.Warning);
        }

        private void Walk(ReadOnlySpan<byte> chunk, long at, ref long line, ref long counted)
        {
            var first = chunk.IndexOfAnyInRange((byte)0x80, (byte)0xff);
            if (first >= 0 && sampled < sample.Length)
            {
                var part = chunk[first..];
                part = part[..Math.Min(part.Length, sample.Length - sampled)];
                part.CopyTo(sample.AsSpan(sampled));
                sampled += part.Length;
            }
            for (var i = 0; i < chunk.Length;)
            {
                var next = chunk[i..].IndexOfAnyInRange((byte)0x80, (byte)0xff);
                if (next < 0)
                    break;
                i += next;
                if (Rune.DecodeFromUtf8(chunk[i..], out _, out var consumed) == OperationStatus.Done)
                {
                    Valid++;
                }
                else
                {
                    Invalid++;
                    if (places.Count < Findings.KeptPerCode)
                    {
                        line += chunk[(int)Math.Max(0, counted - at)..i].Count((byte)'\n');
                        counted = at + i;
                        places.Add((at + i, line, chunk.Slice(i, consumed).ToArray()));
                    }
                }
                i += consumed;
            }
        }

        // How many bytes at the end belong to a sequence that the next chunk may finish.
        private static int Unfinished(ReadOnlySpan<byte> chunk)
        {
            for (var back = 1; back <= Math.Min(3, chunk.Length); back++)
            {
                var b = chunk[^back];
                if (b < 0x80)
                    return 0;
                if (b >= 0xc0)
                    return back < (b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2) ? back : 0;
            }
            return 0;
        }
    }

    /// <summary>Notes where a decoder met bytes that it can not decode.</summary>
    private sealed class RecordingFallback : DecoderFallback
    {
        public List<(int Index, byte[] Bytes)> Positions { get; } = [];

        public override int MaxCharCount => 1;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(this);

        private sealed class Buffer(RecordingFallback owner) : DecoderFallbackBuffer
        {
            private int left;

            public override int Remaining => left;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                owner.Positions.Add((index, bytesUnknown));
                left = 1;
                return true;
            }

            public override char GetNextChar() => left-- > 0 ? '\ufffd' : '\0';

            public override bool MovePrevious() => false;

            public override void Reset() => left = 0;
        }
    }
}
