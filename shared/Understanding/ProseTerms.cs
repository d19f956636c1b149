using System.Text;

namespace Pipeline.Understanding;

/// <summary>What a piece of a sentence is. The names from <see cref="Up"/> on are the codes of <c>prose-words.csv</c>, which lists their words.</summary>
internal enum TokenKind : byte
{
    Residual,
    Separator,
    ListSeparator,
    Range,
    Figure,
    Number,
    Period,
    Area,
    Population,
    Activity,
    Product,
    Indicator,
    Transformation,
    Adjustment,
    Up,
    Down,
    Is,
    Flat,
    Share,
    ShareNoun,
    Contribution,
    Contribute,
    Pull,
    PullDown,
    Affect,
    Toward,
    Exceed,
    FallShort,
    Compare,
    Respectively,
    Average,
    Adverb,
    About,
    AtLeast,
    AtMost,
    Link,
    Noise,
    Bodies,
    ThatIs,
    And,
    Within,
    Has,
    Target,
    Plan,
    Forecast,
    Done,
    Preliminary,
    SamePeriod,
    SoFar,
    OtherTime,
    Produce,
    ThatOf,
    Rate,
    Decline,
    By,
    Firm,
}

/// <summary>A word of a vocabulary, as the scanner finds it in running text.</summary>
internal readonly record struct Term(TokenKind Kind, Code Code);

/// <summary>
/// The words of several vocabularies in one trie, found by longest match in folded text (<see cref="Fold(ReadOnlySpan{char}, Span{char})"/>).
/// A match costs at most the longest word's length, so a scan is linear in the text.
/// </summary>
internal sealed class ProseTerms
{
    // before the tries that fold with it
    private static readonly char[] Folded = Folding();

    // where words that begin with a character go on; null where none does
    private readonly WordTrie<Term>?[] starts = new WordTrie<Term>?[char.MaxValue + 1];

    private ProseTerms()
    {
    }

    /// <summary>The words of sentences: grammar first, so that it wins where two vocabularies share a word.</summary>
    public static ProseTerms Words { get; } = LoadWords();

    /// <summary>The units that may follow a number.</summary>
    public static ProseTerms Units { get; } = LoadUnits();

    /// <summary>A unit of figures by its code.</summary>
    public static Code UnitOf(string id) => Vocabulary.Load("prose-units").Codes[id];

    /// <summary>Whether a word begins with a character.</summary>
    public bool MayBegin(char c) => starts[c] is not null;

    /// <summary>The length of the longest word that starts at an index, 0 when none does. A Latin word has to end where the text's word ends.</summary>
    public int Match(ReadOnlySpan<char> text, int at, out Term term)
    {
        term = default;
        var length = 0;
        var node = starts[text[at]];
        if (node is null || (at > 0 && IsLatin(text[at]) && IsLatin(text[at - 1])))
            return 0;
        for (var i = at; node is not null;)
        {
            if (node.IsWord && !(i + 1 < text.Length && IsLatin(text[i]) && IsLatin(text[i + 1])))
                (term, length) = (node.Word, i + 1 - at);
            if (++i == text.Length)
                break;
            node = node.Next(text[i]);
        }
        return length;
    }

    /// <summary>Folds width, case and traditional characters one by one, so that indexes stay: <c>％</c> to <c>%</c>, <c>增長</c> to <c>增长</c>.</summary>
    public static void Fold(ReadOnlySpan<char> text, Span<char> folded)
    {
        for (var i = 0; i < text.Length; i++)
            folded[i] = Folded[text[i]];
    }

    /// <summary>The folded text.</summary>
    public static string Fold(ReadOnlySpan<char> text)
    {
        var folded = new char[text.Length];
        Fold(text, folded);
        return new string(folded);
    }

    /// <summary>The characters that <see cref="Fold(ReadOnlySpan{char}, Span{char})"/> reads as their simplified ones.</summary>
    public static System.Buffers.SearchValues<char> Traditional { get; } = System.Buffers.SearchValues.Create([.. Vocabulary.Load("traditional").Codes.Keys.Select(key => key[0])]);

    /// <summary>Whether a character is Chinese.</summary>
    public static bool IsHan(char c) => c is >= '\u3400' and <= '\u9fff';

    /// <summary>Whether a character is a Latin letter.</summary>
    public static bool IsLatin(char c) => char.IsAsciiLetter(c) || c is >= '\u00c0' and <= '\u024f';

    private static char[] Folding()
    {
        var folding = new char[char.MaxValue + 1];
        for (var c = 0; c < folding.Length; c++)
        {
            folding[c] = (char)c switch
            {
                < '\u0080' => char.ToLowerInvariant((char)c),
                (>= '０' and <= '９') or (>= 'Ａ' and <= 'Ｚ') or (>= 'ａ' and <= 'ｚ') or '％' or '．' => char.ToLowerInvariant((char)(c - 0xfee0)),
                '﹪' => '%',
                Clauses.Blanked or '\u00a0' or '\u3000' or '\u2002' or '\u2003' or '\u2009' => ' ',
                var other => other,
            };
        }
        // one to one only, and only characters of the vocabularies: enough to read a traditional text with the same words
        foreach (var (traditional, simplified) in Vocabulary.Load("traditional").Codes)
            folding[traditional[0]] = simplified.Labels["zh"][0];
        return folding;
    }

    private static ProseTerms LoadWords()
    {
        var terms = new ProseTerms();
        foreach (var (text, code) in Vocabulary.Load("prose-words").Terms)
            terms.Add(text, new Term(Enum.Parse<TokenKind>(code.Id), code));
        terms.Add("transformations", TokenKind.Transformation);
        terms.Add("adjustments", TokenKind.Adjustment);
        terms.Add("indicators", TokenKind.Indicator);
        terms.Add("populations", TokenKind.Population);
        terms.Add("industries", TokenKind.Activity);
        terms.Add("products", TokenKind.Product);
        var areas = Vocabulary.Load("areas");
        foreach (var (text, code) in Vocabulary.Load("prose-areas").Terms)
            terms.Add(text, new Term(TokenKind.Area, areas.Codes.GetValueOrDefault(code.Id, code)));
        // without the three-letter codes: ARE and CAN are English words
        foreach (var (text, code) in areas.Terms)
            if (text.Length > 3 || !char.IsAsciiLetterUpper(text[^1]))
                terms.Add(text, new Term(TokenKind.Area, code));
        return terms;
    }

    private static ProseTerms LoadUnits()
    {
        var terms = new ProseTerms();
        terms.Add("prose-units", TokenKind.Figure);
        return terms;
    }

    private void Add(string vocabulary, TokenKind kind)
    {
        foreach (var (text, code) in Vocabulary.Load(vocabulary).Terms)
            Add(text, new Term(kind, code));
    }

    private void Add(string text, Term term)
    {
        Span<char> folded = new char[text.Length];
        Fold(text, folded);
        (starts[folded[0]] ??= new()).Add(folded[1..], term);
    }
}
