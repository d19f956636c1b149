using System.Text;

namespace Pipeline.Reading;

/// <summary>
/// Collects the blocks of a marked-up text: characters with the code point in the file at which each stands, white space folded to one space.
/// </summary>
/// <remarks>The caller reports positions in rising order, so that counting code points takes one pass over the file.</remarks>
internal sealed class BlockBuilder(string file)
{
    private readonly StringBuilder text = new();
    private readonly List<int> offsets = [];
    private int unit;
    private int codePoint;
    private int spaceAt = -1;
    private int end;
    private int lead;

    /// <summary>The blocks so far.</summary>
    public List<TextBlock> Blocks { get; } = [];

    /// <summary>The last character of the open block; 0 when it holds nothing.</summary>
    public char Last => spaceAt >= 0 ? ' ' : text.Length > 0 ? text[^1] : '\0';

    /// <summary>Adds characters that stand in the file as they are.</summary>
    public void Add(int from, int to)
    {
        for (var i = from; i < to; i++)
            Put(file[i], CodePoint(i), CodePoint(i) + 1);
    }

    /// <summary>Adds what a piece of the file (an entity, an escape) stands for; all of it has the offset of the piece.</summary>
    public void Add(ReadOnlySpan<char> meaning, int from, int to)
    {
        var (start, after) = (CodePoint(from), CodePoint(to));
        foreach (var c in meaning)
            Put(c, start, after);
    }

    /// <summary>Adds a space that stands for mark-up or a line's end, unless there is one already.</summary>
    public void Space(int at) => Put(' ', CodePoint(at), CodePoint(at));

    /// <summary>Ends the block; nothing happens when it holds nothing.</summary>
    public void End(TextBlockKind kind)
    {
        spaceAt = -1;
        var indent = lead;
        lead = 0;
        if (text.Length == 0)
            return;
        offsets.Add(end);
        Blocks.Add(new TextBlock(kind, text.ToString(), [.. offsets]) { Lead = indent });
        text.Clear();
        offsets.Clear();
    }

    private void Put(char c, int at, int after)
    {
        if (char.IsWhiteSpace(c))
        {
            if (spaceAt < 0 && text.Length > 0)
                spaceAt = at;
            if (text.Length == 0 && c is '\u00a0' or '\u3000')
                lead++;
            return;
        }
        if (spaceAt >= 0)
        {
            text.Append(' ');
            offsets.Add(spaceAt);
            spaceAt = -1;
        }
        text.Append(c);
        offsets.Add(at);
        end = after;
    }

    private int CodePoint(int index)
    {
        for (; unit < index; unit++)
            codePoint += char.IsLowSurrogate(file[unit]) && unit > 0 && char.IsHighSurrogate(file[unit - 1]) ? 0 : 1;
        return char.IsLowSurrogate(index < file.Length ? file[index] : ' ') ? codePoint - 1 : codePoint;
    }
}
