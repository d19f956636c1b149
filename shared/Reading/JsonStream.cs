using System.Text;
using System.Text.Json;

namespace Pipeline.Reading;

/// <summary>The tokens of a JSON file of any size, each with the code points of the file that it takes.</summary>
internal sealed class JsonStream : IDisposable
{
    private const int MaxDepth = 64;
    private const int Least = 1 << 16;

    private readonly Stream bytes;
    private readonly long length;
    private readonly int most;
    private byte[] buffer = new byte[Least];
    private int at, filled;             // the next token's search starts at; bytes in the buffer
    private bool isLast;
    private JsonReaderState state = new(new JsonReaderOptions { MaxDepth = MaxDepth });
    private int tokenStart, tokenEnd, valueStart, valueLength;
    private bool isEscaped;
    private int kept = -1;              // where the part begins that is being read as a whole; -1 where none is
    private int counted;                // bytes of the buffer whose code points are in codePoints
    private long codePoints;
    private long line = 1;
    private long handedOut;

    /// <summary>Starts at the first token.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="encoding">Its encoding.</param>
    /// <param name="isClean">Whether all bytes are valid in it; UTF-8 is then read as it is.</param>
    /// <param name="most">The most bytes of one token, or of one part that is read whole.</param>
    public JsonStream(ViewStream stream, TextEncoding encoding, bool isClean, int most)
    {
        this.most = most;
        length = stream.Length;
        stream.Position = encoding.Preamble;
        bytes = isClean && encoding.Name == "utf-8" ? stream : Encoding.CreateTranscodingStream(stream, encoding.Encoding, new UTF8Encoding(false), leaveOpen: true);
    }

    /// <summary>The kind of the token.</summary>
    public JsonTokenType Kind { get; private set; }

    /// <summary>How deep the token stands.</summary>
    public int Depth { get; private set; }

    /// <summary>How far the reading is, from 0 to 1, about: other encodings are longer or shorter than UTF-8.</summary>
    public double Progress => length == 0 ? 1 : Math.Min(1, (double)handedOut / length);

    /// <summary>Where the token stands, for a <see cref="Finding.Where"/>.</summary>
    public string Where => $"line {line + buffer.AsSpan(0, tokenStart).Count((byte)'\n')}";

    /// <summary>The text of a string, a name or a number.</summary>
    /// <exception cref="InvalidOperationException">An escape stands for half of a character; <see cref="Broken(InvalidOperationException)"/> says so.</exception>
    public string Text => isEscaped ? Unescaped() : Encoding.UTF8.GetString(Value);

    /// <summary>The bytes of a string (escapes not resolved), a name or a number.</summary>
    public ReadOnlySpan<byte> Value => buffer.AsSpan(valueStart, valueLength);

    /// <summary>The code point at which the token starts, or for a string its first character.</summary>
    public int Start => (int)CodePoint(valueStart);

    /// <summary>The code point after the token, or after a string's last character.</summary>
    public int End => (int)CodePoint(valueStart + valueLength);

    /// <summary>The code point after the whole token.</summary>
    public int After => (int)CodePoint(tokenEnd);

    /// <summary>Moves to the next token; false at the end of the file.</summary>
    /// <exception cref="UnreadableReleaseException">The JSON is broken.</exception>
    public bool Read()
    {
        try
        {
            while (true)
            {
                var reader = new Utf8JsonReader(buffer.AsSpan(at, filled - at), isLast, state);
                if (reader.Read())
                {
                    Kind = reader.TokenType;
                    Depth = reader.CurrentDepth;
                    isEscaped = Kind is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped;
                    tokenStart = at + (int)reader.TokenStartIndex;
                    tokenEnd = at + (int)reader.BytesConsumed;
                    valueLength = reader.ValueSpan.Length;
                    valueStart = tokenStart + (Kind is JsonTokenType.String or JsonTokenType.PropertyName ? 1 : 0);
                    state = reader.CurrentState;
                    handedOut += tokenEnd - at;
                    at = tokenEnd;
                    return true;
                }
                if (isLast)
                    return false;
                state = reader.CurrentState;
                handedOut += reader.BytesConsumed;
                at += (int)reader.BytesConsumed;
                Fill(kept >= 0 ? kept : at);
            }
        }
        catch (JsonException e)
        {
            throw Broken((e.LineNumber ?? 0) + 1, e);
        }
    }

    /// <summary>Reads the value that the token begins as a whole; the token is its last one then.</summary>
    /// <exception cref="UnreadableReleaseException">The JSON is broken, or the value too large.</exception>
    public JsonElement Whole()
    {
        kept = tokenStart;
        Skip();
        using var document = JsonDocument.Parse(buffer.AsMemory(kept, tokenEnd - kept), new JsonDocumentOptions { MaxDepth = MaxDepth });
        kept = -1;
        return document.RootElement.Clone();
    }

    /// <summary>Passes over the value that the token begins.</summary>
    public void Skip()
    {
        if (Kind == JsonTokenType.PropertyName)
            Read();
        if (Kind is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;
        var depth = Depth;
        while (Read() && (Kind is not (JsonTokenType.EndObject or JsonTokenType.EndArray) || Depth != depth))
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => bytes.Dispose();

    private string Unescaped()
    {
        var reader = new Utf8JsonReader(buffer.AsSpan(tokenStart, valueLength + 2));
        reader.Read();
        return reader.GetString()!;
    }

    // Drops the bytes before a place and reads more behind the rest.
    private void Fill(int keep)
    {
        CodePoint(keep);
        line += buffer.AsSpan(0, keep).Count((byte)'\n');
        buffer.AsSpan(keep, filled - keep).CopyTo(buffer);
        (filled, at, counted) = (filled - keep, at - keep, Math.Max(0, counted - keep));
        tokenStart = valueStart = tokenEnd = 0;
        kept = kept >= 0 ? 0 : -1;
        if (filled == buffer.Length)
        {
            if (filled > most)
            {
                throw Unreadable.Because(
                    "json-too-large",
                    $"A part of the JSON that has to be held in memory has more than {Unreadable.N(most)} bytes.",
                    $"line {line}",
                    expected: $"structures and texts of at most {Unreadable.N(most)} bytes",
                    advice: "Send the data as SDMX-CSV, or in several messages.");
            }
            Array.Resize(ref buffer, buffer.Length * 2);
        }
        var read = bytes.Read(buffer.AsSpan(filled));
        isLast = read == 0;
        filled += read;
    }

    private long CodePoint(int index)
    {
        if (index < counted)
            return codePoints - Count(buffer.AsSpan(index, counted - index));
        codePoints += Count(buffer.AsSpan(counted, index - counted));
        counted = index;
        return codePoints;
    }

    private static long Count(ReadOnlySpan<byte> utf8)
    {
        if (Ascii.IsValid(utf8))
            return utf8.Length;
        long count = 0;
        foreach (var b in utf8)
            count += (b & 0xC0) == 0x80 ? 0 : 1;
        return count;
    }

    /// <summary>The refusal of a text that is no text: half a surrogate pair.</summary>
    public UnreadableReleaseException Broken(InvalidOperationException e) => Broken(line + buffer.AsSpan(0, tokenStart).Count((byte)'\n'), e);

    private static UnreadableReleaseException Broken(long line, Exception e) => Unreadable.Because(
        "json-invalid",
        $"The JSON is broken in line {line}: {e.Message}",
        $"line {line}",
        expected: $"well-formed JSON nested at most {MaxDepth} deep",
        advice: "Export the message again; the transfer may have been cut off.",
        inner: e);
}
