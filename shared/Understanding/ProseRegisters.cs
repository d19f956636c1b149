using System.Buffers;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>A sentence, headline, subheading or caption that registers read.</summary>
/// <param name="block">The block it stands in.</param>
/// <param name="from">Where it starts in the block.</param>
/// <param name="to">Where it ends.</param>
/// <param name="states">Whether it makes entries; a subheading only mentions those that others make.</param>
internal sealed class RegisterSentence(TextBlock block, int from, int to, bool states)
{
    // as far back as a subject is looked for
    private const int LongestBefore = 600;

    private string? before;

    /// <summary>The text, folded.</summary>
    public string Text { get; } = ProseTerms.Fold(block.Text.AsSpan(from, to - from));

    /// <summary>The text as it was written.</summary>
    public string Written { get; } = block.Text[from..to];

    /// <summary>The block it stands in, which tells one paragraph from the next.</summary>
    public TextBlock Block => block;

    /// <summary>Whether it makes entries.</summary>
    public bool States => states;

    /// <summary>What stands before it in its paragraph, folded.</summary>
    public string Before => before ??= ProseTerms.Fold(block.Text.AsSpan(Math.Max(0, from - LongestBefore), from - Math.Max(0, from - LongestBefore)));

    /// <summary>The SOURCE of a part of it.</summary>
    public Source Where(int start, int end) => block.Chars(from + start, from + end);
}

/// <summary>
/// Builds registers from the running text of a release: industry clusters, projects, energy bases, programmes, and what the release says of itself. The
/// headline, sentences and captions make entries, subheadings mention them, the page's furniture does neither. A sentence without a word that may end a name is
/// not looked at, so that the pass is cheap.
/// </summary>
internal static class ProseRegisters
{
    private static readonly string[] Triggers =
        ["集群", "项目", "項目", "产业园", "產業園", "工业园", "工業園", "科技园", "物流园", "科技園", "物流園", "工程", "井", "基地", "集聚区", "集聚區", "电站", "電站", "风电场", "風電場", "生产线", "生產線",
            "计划", "計劃", "方案", "行动", "行動", "攻坚战", "攻堅戰", "意见", "意見", "措施", "举措", "舉措", "规划", "規劃", "目标", "目標", "方面", " cluster", " Cluster", " Project"];

    private static readonly SearchValues<char> TriggerStarts = SearchValues.Create([.. Triggers.Select(word => word[0]).Distinct()]);
    private static readonly WordTrie<bool> TriggerWords = Tries();

    private static readonly SearchValues<char> NoHeading = SearchValues.Create("•·●©@>|：");

    /// <summary>The registers that a release fills, each with at least one entry.</summary>
    /// <param name="page">The page's parts.</param>
    /// <param name="blocks">All its blocks.</param>
    /// <param name="language">The text's language.</param>
    /// <param name="area">The release's own area; null when it can not be told.</param>
    /// <param name="hasFigures">Whether figures are published; without them and without another register there is nothing to tell of the release.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static IEnumerable<Cube> Read(ProsePage page, IReadOnlyList<TextBlock> blocks, string language, Code? area, bool hasFigures, CancellationToken cancellationToken)
    {
        var clusters = new RegisterCube("clusters", "CLUSTER", ("产业集群名录", "Register of industry clusters"), "PART_OF");
        var projects = new ProseProjects(page.Published, area);
        var bases = new RegisterCube("bases", "ENERGY_BASE", ("能源基地名录", "Register of energy bases"), "BASE_CLASS", "BASE_KIND", "ENERGY", "STAGE", "STAGE_TEXT", Concepts.RefArea);
        var programmes = new ProseProgrammes(page.Published);
        var captions = new List<TextBlock>();
        foreach (var (block, states) in Passages(page, blocks, captions))
        {
            for (var start = 0; start < block.Text.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var end = Clauses.End(block.Text, start, out _);
                if (HoldsTrigger(block.Text.AsSpan(start, end - start)) || projects.GoesOn(block, start, end))
                {
                    var sentence = new RegisterSentence(block, start, end, states);
                    IndustryClusters.Read(sentence, clusters, area);
                    projects.Read(sentence);
                    ProseBases.Read(sentence, bases);
                    programmes.Read(sentence);
                }
                start = end;
            }
        }
        RegisterCube[] registers = [clusters, projects.Register, bases, programmes.Register];
        var filled = registers.Where(register => register.Entries.Any()).ToList();
        if (hasFigures || filled.Count > 0)
            filled.Add(ProseAbout.Read(page, blocks, captions, language));
        return filled.Select(register => register.ToCube(page.Published, language));
    }

    private static WordTrie<bool> Tries()
    {
        var words = new WordTrie<bool>();
        foreach (var word in Triggers)
            words.Add(word, true);
        return words;
    }

    // by its words' first characters: faster than a search for so many words
    private static bool HoldsTrigger(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(TriggerStarts) is >= 0 and var at)
        {
            if (TriggerWords.Longest(text[at..], out _) > 0)
                return true;
            text = text[(at + 1)..];
        }
        return false;
    }

    /// <summary>What registers read, in its order, and whether it makes entries.</summary>
    private static IEnumerable<(TextBlock Block, bool States)> Passages(ProsePage page, IReadOnlyList<TextBlock> blocks, List<TextBlock> captions)
    {
        var headline = page.Headline.Length == 0 ? null : page.Head.FirstOrDefault(block => block.Text.Contains(page.Headline, StringComparison.Ordinal));
        if (headline is not null)
            yield return (headline, true);
        if (page.Body.Count == 0)
            yield break;
        var body = page.Body.ToHashSet();
        var head = page.Head.ToHashSet();
        var first = 0;
        while (!body.Contains(blocks[first]))
            first++;
        var last = blocks.Count - 1;
        while (!body.Contains(blocks[last]))
            last--;
        for (var i = 0; i < blocks.Count && i <= last + 2; i++)
        {
            var block = blocks[i];
            if (head.Contains(block))
                continue;
            if (body.Contains(block))
                yield return (block, true);
            else if (block.Kind != TextBlockKind.ListItem && ProseAbout.Credit(block.Text, out _))
                captions.Add(block);
            else if (block.Kind == TextBlockKind.ListItem || i < first || i > last || block.Text.Length > RegisterText.LongestName || block.Text.AsSpan().ContainsAny(NoHeading))
                continue;
            else
                yield return (block, false);
            if (captions.Count > 0 && captions[^1] == block)
                yield return (block, true);
        }
    }
}
