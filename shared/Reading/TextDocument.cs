namespace Pipeline.Reading;

/// <summary>What a block of text is, as far as its place in the file tells.</summary>
public enum TextBlockKind
{
    /// <summary>Running text.</summary>
    Paragraph,

    /// <summary>A heading or title.</summary>
    Heading,

    /// <summary>An item of a list: often navigation or related links.</summary>
    ListItem,

    /// <summary>A table's cell or another short piece that is no sentence.</summary>
    Fragment,
}

/// <summary>
/// One paragraph, heading or list item of a text, with the way back to the file: a character of <see cref="Text"/>
/// may stand anywhere in the file (an HTML entity, a tag in between), and <see cref="CodePointOf"/> says where.
/// </summary>
public sealed class TextBlock
{
    private readonly int[]? offsets;
    private readonly int start;

    /// <summary>A block whose characters stand one after the other in the file.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="text">The text.</param>
    /// <param name="start">The code point in the decoded file at which it starts.</param>
    public TextBlock(TextBlockKind kind, string text, int start)
    {
        ArgumentNullException.ThrowIfNull(text);
        (Kind, Text, this.start) = (kind, text, start);
        if (text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            offsets = Offsets(text, start);
    }

    /// <summary>A block whose characters are scattered over the file.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="text">The text.</param>
    /// <param name="offsets">For each UTF-16 unit of <paramref name="text"/> the code point it stands at in the decoded file, and one more for its end.</param>
    public TextBlock(TextBlockKind kind, string text, int[] offsets)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(offsets);
        if (offsets.Length != text.Length + 1)
            throw new ArgumentException($"{text.Length + 1} offsets expected, {offsets.Length} given", nameof(offsets));
        (Kind, Text, this.offsets) = (kind, text, offsets);
    }

    /// <summary>What it is.</summary>
    public TextBlockKind Kind { get; }

    /// <summary>The text, without mark-up.</summary>
    public string Text { get; }

    /// <summary>How many no-break and ideographic spaces stand before it, with which pages indent.</summary>
    internal int Lead { get; init; }

    /// <summary>The code point in the decoded file (byte order mark left out, from 0) of a UTF-16 index into <see cref="Text"/>.</summary>
    public int CodePointOf(int index) => offsets is null ? start + index : offsets[index];

    /// <summary>The same block as another kind.</summary>
    internal TextBlock As(TextBlockKind kind) => offsets is null ? new(kind, Text, start) { Lead = Lead } : new(kind, Text, offsets) { Lead = Lead };

    /// <summary>The SOURCE of a half-open range of UTF-16 indexes into <see cref="Text"/>.</summary>
    public Source Chars(int from, int to) => Source.Chars(CodePointOf(from), to > from ? CodePointOf(to - 1) + 1 : CodePointOf(to));

    private static int[] Offsets(string text, int start)
    {
        var offsets = new int[text.Length + 1];
        for (var i = 0; i < text.Length; i++)
        {
            offsets[i] = start;
            if (!(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])))
                start++;
        }
        offsets[text.Length] = start;
        return offsets;
    }
}

/// <summary>A release in prose: its blocks in reading order.</summary>
/// <param name="Blocks">Paragraphs, headings and list items, page furniture included: telling it apart is understanding's work.</param>
public sealed record TextDocument(IReadOnlyList<TextBlock> Blocks);
