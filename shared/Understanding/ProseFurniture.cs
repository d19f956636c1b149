using System.Buffers;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>The parts of a page that holds a release in prose.</summary>
/// <param name="Headline">The release's title; empty when it has none.</param>
/// <param name="Head">The blocks up to the date line: headline, outlet, date. They tell area, period and date, and state no figure.</param>
/// <param name="Body">The running text.</param>
/// <param name="Published">The date of the date line; null when there is none.</param>
/// <param name="DateLine">The date line; null when there is none.</param>
internal sealed record ProsePage(string Headline, IReadOnlyList<TextBlock> Head, IReadOnlyList<TextBlock> Body, DateOnly? Published, string? DateLine)
{
    /// <summary>The headings of sections, each by the first block of <see cref="Body"/> that stands below it.</summary>
    public IReadOnlyDictionary<TextBlock, string> Headings { get; init; } = new Dictionary<TextBlock, string>();
}

/// <summary>
/// Tells a release's running text from the page around it by structure alone: a date line with the headline above it, sentences below it, and lists of
/// links, captions and footer lines, which do not end as sentences do.
/// </summary>
internal static class ProseFurniture
{
    private const int HeadBlocks = 12;
    private const int TailBlocks = 5;
    private const int LongestHeadline = 160;
    private static readonly SearchValues<char> Numerals = SearchValues.Create("一二三四五六七八九十0123456789");

    /// <summary>Takes a page apart.</summary>
    public static ProsePage Read(IReadOnlyList<TextBlock> blocks)
    {
        var (dateLine, published) = DateLine(blocks);
        // a date line below most of the text is a signature
        long Running(int from, int to) => Enumerable.Range(from, Math.Max(0, to - from)).Where(i => IsRunningText(blocks[i])).Sum(i => (long)blocks[i].Text.Length);
        var isHead = dateLine >= 0 && dateLine < HeadBlocks && Running(0, dateLine) <= Running(dateLine + 1, blocks.Count);
        var headline = Headline(blocks, isHead ? dateLine : -1);
        var bodyFrom = isHead ? dateLine + 1 : headline + 1;
        var head = blocks.Take(bodyFrom).ToList();
        if (dateLine >= bodyFrom)
            head.Add(blocks[dateLine]);
        var sentences = Enumerable.Range(bodyFrom, blocks.Count - bodyFrom).Where(i => IsRunningText(blocks[i])).ToList();
        var tail = Tail(blocks, sentences);
        return new ProsePage(
            headline < 0 ? "" : WithoutDate(blocks[headline].Text),
            head,
            [.. sentences.Where(i => i < tail).Select(i => blocks[i])],
            published,
            dateLine < 0 ? null : blocks[dateLine].Text)
        {
            Headings = Headings(blocks, sentences, headline),
        };
    }

    // the last line above a paragraph that is no sentence and is numbered, or was marked as a heading by the file
    private static Dictionary<TextBlock, string> Headings(IReadOnlyList<TextBlock> blocks, List<int> sentences, int headline)
    {
        var headings = new Dictionary<TextBlock, string>();
        for (var i = 1; i < sentences.Count; i++)
            Add(sentences[i - 1] + 1, sentences[i]);
        if (sentences.Count > 0)
            Add(headline + 1, sentences[0]);
        return headings;

        void Add(int from, int to)
        {
            for (var i = to - 1; i >= from; i--)
            {
                if (blocks[i].Text.Length > LongestHeadline || !(blocks[i].Kind == TextBlockKind.Heading || IsNumbered(blocks[i].Text)))
                    continue;
                headings[blocks[to]] = blocks[i].Text;
                return;
            }
        }
    }

    // 一、总体情况; （二）支出; 3. Output
    private static bool IsNumbered(ReadOnlySpan<char> text)
    {
        text = text.TrimStart("（(第");
        var length = text.IndexOfAnyExcept(Numerals);
        return length is > 0 and <= 3 && text[length] is '、' or '．' or '.' or '）' or ')' or '章' or '部' or '　' or ' ';
    }

    /// <summary>Whether a line begins the notes of a text (附注, Notes): definitions, thresholds, addresses.</summary>
    public static bool StartsNotes(ReadOnlySpan<char> text)
    {
        text = text.TrimStart("【[（( 　*0123456789.");
        foreach (var word in (ReadOnlySpan<string>)["附注", "附註", "注释", "註釋", "注解", "备注", "備註", "指标解释", "注", "註", "说明", "Notes", "Note", "NOTES", "Annotations", "Annotation", "Explanatory notes", "Methodology", "Background notes", "Quality and methodology", "Measuring the data", "Strengths and limitations", "About the data"])
            if (text.StartsWith(word, StringComparison.Ordinal))
                return text.Length == word.Length || text[word.Length] is '：' or ':' or '】' or ']' or '）' or ')' or '.' or ' ' or '　' || (word.Length > 1 && text.Length < 12);
        return false;
    }

    private static bool IsRunningText(TextBlock block) =>
        (block.Kind == TextBlockKind.Paragraph && !IsListItem(block) || (IsListItem(block) && IsPoint(block.Text))) && (Clauses.EndsAsSentence(block.Text) || HoldsSentences(block.Text)) && !IsContactLine(block.Text);

    // a point of the text made as a list item, and no link: a full sentence
    private static bool IsPoint(ReadOnlySpan<char> text) => text.TrimEnd() is [.., '。'] ? text.Length > 20 : text.TrimEnd() is [.., '.'] && text.Length > 50;

    // a paragraph that ends with a remark in brackets, or breaks off
    private static bool HoldsSentences(string text) => Math.Max(text.LastIndexOf('。'), text.LastIndexOf(". ", StringComparison.Ordinal)) is > 30 and var last && last * 3 > text.Length && !IsCaption(text);

    /// <summary>Whether a line ends with a photographer's credit: 工人在作业。赵丽 摄.</summary>
    public static bool IsCaption(ReadOnlySpan<char> text) => text.TrimEnd("）)】 　") is [.., '摄' or '攝'] || text.TrimEnd("）)】 　").EndsWith("供图", StringComparison.Ordinal);

    private static bool IsListItem(TextBlock block) =>
        block.Kind == TextBlockKind.ListItem || block.Text.AsSpan().TrimStart() is ['•' or '·' or '●' or '■' or '▪' or '◆' or '○' or '►' or '»' or '*', ..];

    // copyright, e-mail and web addresses stand in footers
    private static bool IsContactLine(string text) => text.Length < 300
        && (text.Contains('©', StringComparison.Ordinal) || text.Contains('@', StringComparison.Ordinal) || text.Contains("://", StringComparison.Ordinal)
            || text.Contains("www.", StringComparison.OrdinalIgnoreCase));

    private static bool IsTrail(string text) => text.AsSpan().ContainsAny('>', '›', '»') || text.AsSpan().Count('|') > 1;

    // A list of links after most of the text starts the page's tail; a teaser in it may well end as a sentence does.
    private static int Tail(IReadOnlyList<TextBlock> blocks, List<int> sentences)
    {
        var total = sentences.Sum(i => (long)blocks[i].Text.Length);
        long before = 0;
        var next = 0;
        for (var i = 0; i + 1 < blocks.Count; i++)
        {
            if (next < sentences.Count && sentences[next] == i)
                before += blocks[sentences[next++]].Text.Length;
            if (before * 5 > total * 4 && IsListItem(blocks[i]) && IsListItem(blocks[i + 1]) && !Clauses.EndsAsSentence(blocks[i].Text))
                return i;
        }
        return blocks.Count;
    }

    private static (int Index, DateOnly? Date) DateLine(IReadOnlyList<TextBlock> blocks)
    {
        (int Index, DateOnly? Date) found = (-1, null);
        for (var i = 0; i < Math.Min(HeadBlocks, blocks.Count); i++)
        {
            var text = blocks[i].Text;
            if (text.Length > LongestHeadline || IsListItem(blocks[i]) || ProsePeriods.FindDate(text, out var hasTime) is not { } date)
                continue;
            if (hasTime)
                return (i, date);
            if (found.Index < 0 && !Clauses.EndsAsSentence(text))
                found = (i, date);
        }
        for (var i = blocks.Count - 1; found.Index < 0 && i >= Math.Max(HeadBlocks, blocks.Count - TailBlocks); i--)
        {
            // a signature: the office and the day, at the text's end
            var text = blocks[i].Text;
            if (text.Length <= 40 && blocks[i].Kind == TextBlockKind.Paragraph && !IsListItem(blocks[i]) && !IsContactLine(text)
                && !Clauses.EndsAsSentence(text) && ProsePeriods.FindDate(text, out _) is { } date)
            {
                found = (i, date);
            }
        }
        return found;
    }

    // the longest line above the date line: a reader may take the trail and the outlet for headings too
    private static int Headline(IReadOnlyList<TextBlock> blocks, int dateLine)
    {
        var last = dateLine >= 0 ? dateLine : 0;
        // without a date line: the first line, or one of the two below it that no sentence stands before
        while (dateLine < 0 && last < Math.Min(2, blocks.Count - 1) && !IsRunningText(blocks[last]) && !IsRunningText(blocks[last + 1]) && !IsNumbered(blocks[last + 1].Text))
            last++;
        var best = -1;
        for (var i = 0; i <= Math.Min(last, blocks.Count - 1); i++)
        {
            var text = blocks[i].Text;
            var isTitle = text.Length <= LongestHeadline && !IsTrail(text) && !IsListItem(blocks[i]) && !(Clauses.EndsAsSentence(text) && dateLine < 0)
                && WithoutDate(text).Length > 0 && !(i == dateLine && (i > 0 || ProsePeriods.FindDate(text.AsSpan(0, Math.Min(10, text.Length)), out _) is not null));
            if (isTitle && (best < 0 || text.Length > blocks[best].Text.Length))
                best = i;
        }
        return best;
    }

    // 题目（2025-11-28）: the day of publication is no part of the title
    private static string WithoutDate(string text)
    {
        text = text.Trim();
        var open = text.LastIndexOfAny(['（', '(']);
        return open > 0 && text[^1] is '）' or ')' && ProsePeriods.FindDate(text.AsSpan(open), out _) is not null ? text[..open].TrimEnd() : text;
    }
}
