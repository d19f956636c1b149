using System.Text;

namespace Pipeline.Reading;

/// <summary>
/// The decoded characters of a file for a reader that tells places by line and column in UTF-16 units, and the way back from these to code points.
/// Places are asked for in rising order, so that what is remembered is only what the reader has read ahead.
/// </summary>
internal sealed class CodePointText : TextReader
{
    private const int BytesAtOnce = 1 << 15;

    private readonly ViewStream stream;
    private readonly Decoder decoder;
    private readonly int most;
    private readonly byte[] bytes = new byte[BytesAtOnce];
    private readonly char[] chars;
    private readonly Queue<(int Line, long At)> lines = new();
    private readonly Queue<(int Line, int Column)> pairs = new();
    private int next, filled;
    private bool afterReturn;
    private int line = 1, column;       // of the last character handed out
    private long handedOut;             // code points
    private long sinceMark, allowed;
    private (int Line, long At) current = (1, 0);
    private int passed;                 // surrogate pairs of the current line before the last place asked for

    /// <summary>Starts at the first character.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="encoding">Its encoding.</param>
    /// <param name="most">How many characters may be read without a <see cref="Mark"/>: the longest thing that the reader holds in memory.</param>
    public CodePointText(ViewStream stream, TextEncoding encoding, int most)
    {
        (this.stream, this.most, allowed) = (stream, most, most);
        stream.Position = encoding.Preamble;
        decoder = encoding.Decoder();
        chars = new char[encoding.Encoding.GetMaxCharCount(BytesAtOnce)];
    }

    /// <summary>How far the reading is, from 0 to 1.</summary>
    public double Progress => stream.Length == 0 ? 1 : (double)stream.Position / stream.Length;

    /// <summary>Says that the reader has come to its next thing, or to one that it takes with all it holds: that may be four times as long.</summary>
    public void Mark(bool isWhole = false) => (sinceMark, allowed) = (0, isWhole ? most * 4L : most);

    /// <summary>The code point at a place: line and column from 1, as <see cref="System.Xml.IXmlLineInfo"/> counts. Never before a place asked for earlier.</summary>
    public int At(int atLine, int atColumn)
    {
        Forget(atLine);
        while (pairs.TryPeek(out var pair) && pair.Line == atLine && pair.Column < atColumn)
        {
            pairs.Dequeue();
            passed++;
        }
        return (int)(current.At + atColumn - 1 - passed);
    }

    /// <summary>Drops what lies before a line.</summary>
    public void Forget(int beforeLine)
    {
        while (lines.TryPeek(out var start) && start.Line <= beforeLine)
        {
            current = lines.Dequeue();
            passed = 0;
        }
        while (pairs.TryPeek(out var pair) && pair.Line < beforeLine)
            pairs.Dequeue();
    }

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count)
    {
        if (next == filled)
            Fill();
        var some = Math.Min(count, filled - next);
        chars.AsSpan(next, some).CopyTo(buffer.AsSpan(index));
        Note(chars.AsSpan(next, some));
        next += some;
        sinceMark += some;
        // the XML reader takes quadratic time over the white space inside one tag
        if (sinceMark > allowed)
            throw new InvalidDataException($"more than {Unreadable.N(allowed)} characters in one element");
        return some;
    }

    /// <inheritdoc/>
    public override int Read()
    {
        var one = new char[1];
        return Read(one, 0, 1) == 0 ? -1 : one[0];
    }

    /// <inheritdoc/>
    public override int Peek()
    {
        if (next == filled)
            Fill();
        return next < filled ? chars[next] : -1;
    }

    private void Fill()
    {
        next = filled = 0;
        for (var read = -1; filled == 0 && read != 0;)
        {
            read = stream.Read(bytes);
            filled = decoder.GetChars(bytes, 0, read, chars, 0, flush: read == 0);
        }
    }

    private void Note(ReadOnlySpan<char> some)
    {
        foreach (var c in some)
        {
            if (c == '\n' && afterReturn)
            {
                // CR LF is one line end: the line begins a character later
                handedOut++;
                afterReturn = false;
                lines.Enqueue((line, handedOut));
                continue;
            }
            if (afterReturn)
            {
                lines.Enqueue((line, handedOut));
                afterReturn = false;
            }
            column++;
            if (char.IsLowSurrogate(c))
                pairs.Enqueue((line, column));
            else
                handedOut++;
            if (c == '\n')
            {
                (line, column) = (line + 1, 0);
                lines.Enqueue((line, handedOut));
            }
            else if (c == '\r')
            {
                (line, column) = (line + 1, 0);
                afterReturn = true;
            }
        }
    }
}
