using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>
/// What a figure of a text or a cell of a table is called, in words that can be compared: the codes of known words in either language (原煤, Raw coal),
/// of all others the words (English) or pairs of characters (Chinese). Words that name no statistic are left out.
/// </summary>
internal sealed class StatedName
{
    private const string Level = "N";
    private const string OverOneYear = "G1Y";

    // What tables call the columns beside those of growth; prose has no words for them.
    private static readonly string[] Fillers = ["绝对值", "绝对额", "绝对量", "绝对数", "指标", "数值", "value", "values", "actual"];

    private static readonly IReadOnlyDictionary<string, Code> Industries = Vocabulary.Load("industries").Codes;

    private static readonly Dictionary<string, (TokenKind Kind, Vocabulary Words)> Known = new(StringComparer.Ordinal)
    {
        [CubeOfProse.Population] = (TokenKind.Population, Vocabulary.Load("populations")),
        [Concepts.Activity] = (TokenKind.Activity, Vocabulary.Load("industries")),
        [CubeOfProse.Product] = (TokenKind.Product, Vocabulary.Load("products")),
        [Concepts.Indicator] = (TokenKind.Indicator, Vocabulary.Load("indicators")),
        [CubeOfProse.Adjustment] = (TokenKind.Adjustment, Vocabulary.Load("adjustments")),
    };

    private readonly HashSet<string> words = new(StringComparer.Ordinal);
    private readonly Dictionary<TokenKind, HashSet<string>> known = [];
    private bool isGrowth;
    private bool hasHan;

    /// <summary>The codes of the areas that the words name.</summary>
    public HashSet<string> Areas { get; } = new(StringComparer.Ordinal);

    /// <summary>The TRANSFORMATION that the words name: G1Y also for mere growth; null where they speak of none, empty where of several.</summary>
    public string? Transformation { get; private set; }

    /// <summary>Whether an English table speaks of growth and does not say over which period: over one year, or over the quarter before.</summary>
    public bool IsVague => isGrowth && !hasHan;

    /// <summary>The products that the words name, as one text: names with different ones, where both have some, never agree.</summary>
    public string Products => known.TryGetValue(TokenKind.Product, out var codes) ? string.Join('|', Narrow(codes).Order(StringComparer.Ordinal)) : "";

    /// <summary>Takes the words of another name in.</summary>
    public void Add(StatedName other)
    {
        words.UnionWith(other.words);
        Areas.UnionWith(other.Areas);
        foreach (var (kind, codes) in other.known)
            Of(kind).UnionWith(codes);
        hasHan |= other.hasHan;
        if (other.Transformation is not { } change)
            return;
        // 产量 > 增长 > 同比: the precise word tells, two precise ones contradict each other
        (Transformation, isGrowth) = Transformation is null || isGrowth ? (change, other.isGrowth) : (other.isGrowth || change == Transformation ? Transformation : "", false);
    }

    /// <summary>The name that a code of a component is.</summary>
    public static StatedName Of(string component, Code code)
    {
        var name = new StatedName();
        if (code.Id is Concepts.NotApplicable or Concepts.Total or Concepts.Unspecified)
            return name;
        if (Known.TryGetValue(component, out var of) && of.Words.Codes.ContainsKey(code.Id))
            name.AddKnown(of.Kind, code.Id);
        else
            name.Read(code.Labels.GetValueOrDefault("zh") ?? code.Labels.GetValueOrDefault("en") ?? code.Labels.Values.FirstOrDefault() ?? code.Id);
        return name;
    }

    /// <summary>
    /// How much of two names is the same, from 0 to 1: Dice's coefficient, 0 where they name different things. The table's title may say what its labels do
    /// not, but not all that it says is about each figure.
    /// </summary>
    /// <param name="labels">What the labels of the table's dimensions say.</param>
    /// <param name="title">What the headings and headers above the cell say.</param>
    public double Agreement(StatedName labels, StatedName title)
    {
        // a product belongs to an industry, so 规模以上工业 > 原煤 is 原煤
        if (!IsSame(TokenKind.Product, labels, title) || (Of(TokenKind.Product).Count == 0 && !IsSame(TokenKind.Activity, labels, title))
            || AreApart(TokenKind.Indicator, labels, title) || AreApart(TokenKind.Population, labels, title) || AreApart(TokenKind.Adjustment, labels, title))
        {
            return 0;
        }
        var own = words.Count(word => labels.words.Contains(word) || title.words.Contains(word));
        return words.Count + labels.words.Count == 0 ? 0 : (own + labels.words.Count(words.Contains)) / (double)(words.Count + labels.words.Count);
    }

    /// <summary>Whether names that agree differ at most in that one of them says more, and not more of whom it counts: then their values have to be the same.</summary>
    public bool IsSameThing(StatedName labels, StatedName title) =>
        Of(TokenKind.Population).IsSubsetOf(labels.Of(TokenKind.Population).Union(title.Of(TokenKind.Population)))
        && Of(TokenKind.Adjustment).IsSubsetOf(labels.Of(TokenKind.Adjustment).Union(title.Of(TokenKind.Adjustment)))
        && labels.Of(TokenKind.Population).IsSubsetOf(Of(TokenKind.Population)) && labels.Of(TokenKind.Adjustment).IsSubsetOf(Of(TokenKind.Adjustment))
        && (words.IsSubsetOf(labels.words.Union(title.words)) || labels.words.IsSubsetOf(words));

    /// <summary>The transformation that a cell has: what its labels say; its title speaks of growth for its level columns too, so counts for per cent only.</summary>
    public static string TransformationOf(StatedName labels, StatedName title, bool isPercent) => labels.Transformation ?? (isPercent ? title.Transformation : null) ?? Level;

    private HashSet<string> Of(TokenKind kind) => known.TryGetValue(kind, out var codes) ? codes : known[kind] = new HashSet<string>(StringComparer.Ordinal);

    private bool IsSame(TokenKind kind, StatedName labels, StatedName title) =>
        labels.Of(kind).Count > 0 ? Narrow(Of(kind)).SetEquals(Narrow(labels.Of(kind))) : Of(kind).IsSubsetOf(title.Of(kind));

    private bool AreApart(TokenKind kind, StatedName labels, StatedName title)
    {
        var there = labels.Of(kind).Count > 0 ? labels.Of(kind) : title.Of(kind);
        return Of(kind).Count > 0 && there.Count > 0 && !Of(kind).Overlaps(there);
    }

    // 工业 > 采矿业 is 采矿业
    private static HashSet<string> Narrow(HashSet<string> codes)
    {
        if (codes.Count < 2)
            return codes;
        var narrow = new HashSet<string>(codes, StringComparer.Ordinal);
        foreach (var code in codes)
            for (var parent = Industries.GetValueOrDefault(code)?.Parent; parent is not null; parent = Industries.GetValueOrDefault(parent)?.Parent)
                narrow.Remove(parent);
        return narrow;
    }

    private void AddKnown(TokenKind kind, string code)
    {
        Of(kind).Add(code);
        words.Add($"{kind}:{code}");
    }

    private void Read(string label)
    {
        var text = ProseTerms.Fold(label);
        var from = 0;
        for (var i = 0; i < text.Length;)
        {
            hasHan |= ProseTerms.IsHan(text[i]);
            var length = ProseTerms.Words.Match(text, i, out var term);
            if (length == 0 && Array.Find(Fillers, f => text.AsSpan(i).StartsWith(f) && (ProseTerms.IsHan(f[0]) || IsWord(text, i, f.Length))) is { } filler)
                (length, term) = (filler.Length, new Term(TokenKind.Noise, new Code(filler)));
            if (length == 0 || IsPlain(term, length, text[i]))
            {
                i += Math.Max(1, length);
                continue;
            }
            ReadPlain(text.AsSpan(from, i - from));
            Take(term);
            from = i += length;
        }
        ReadPlain(text.AsSpan(from));
    }

    private void Take(Term term)
    {
        switch (term.Kind)
        {
            case TokenKind.Population or TokenKind.Activity or TokenKind.Product or TokenKind.Indicator or TokenKind.Adjustment:
                AddKnown(term.Kind, term.Code.Id);
                break;
            case TokenKind.Area:
                Areas.Add(term.Code.Id);
                break;
            case TokenKind.Transformation:
                Add(new StatedName { Transformation = term.Code.Id });
                break;
            case TokenKind.Up or TokenKind.Down or TokenKind.Rate:
                Add(new StatedName { Transformation = OverOneYear, isGrowth = true });
                break;
        }
    }

    /// <summary>Whether a word is nothing but a part of a name: what marks a target, a share or a comparison makes another name, and 增值税 is no growth.</summary>
    private static bool IsPlain(Term term, int length, char first) => term.Kind switch
    {
        TokenKind.Up or TokenKind.Down => length == 1 && ProseTerms.IsHan(first),
        TokenKind.Target or TokenKind.Plan or TokenKind.Forecast or TokenKind.Done or TokenKind.Share or TokenKind.ShareNoun or TokenKind.Contribution or TokenKind.Contribute
            or TokenKind.Pull or TokenKind.PullDown or TokenKind.Affect or TokenKind.Average or TokenKind.Exceed or TokenKind.FallShort or TokenKind.Decline
            or TokenKind.AtLeast or TokenKind.AtMost or TokenKind.Produce or TokenKind.Firm or TokenKind.Residual => true,
        _ => false,
    };

    private void ReadPlain(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length;)
        {
            var end = i;
            if (ProseTerms.IsHan(text[i]))
            {
                while (end < text.Length && ProseTerms.IsHan(text[end]))
                    end++;
                if (end - i == 1)
                    words.Add(text[i..end].ToString());
                for (var c = i; c + 1 < end; c++)
                    words.Add(text.Slice(c, 2).ToString());
            }
            else
            {
                while (end < text.Length && char.IsLetterOrDigit(text[end]) && !ProseTerms.IsHan(text[end]))
                    end++;
                // visitors to museums, museum visitors
                if (end > i)
                    words.Add((end - i > 3 && text[end - 1] == 's' && text[end - 2] != 's' ? text[i..(end - 1)] : text[i..end]).ToString());
            }
            i = Math.Max(end, i + 1);
        }
    }

    private static bool IsWord(ReadOnlySpan<char> text, int at, int length) =>
        (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + length == text.Length || !char.IsLetterOrDigit(text[at + length]));
}
