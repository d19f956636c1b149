using System.Buffers;

namespace Pipeline.Understanding;

/// <summary>A set of words with the codes they stand for, looked for at a place of a folded text: the longest that starts or ends there.</summary>
internal sealed class RegisterWords
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, RegisterWords> Sets = new();

    private readonly WordTrie<Code> words = new();
    private readonly WordTrie<Code> reversed = new();
    private readonly SearchValues<char> first;
    private readonly SearchValues<char> last;

    private RegisterWords(IEnumerable<KeyValuePair<string, Code>> terms)
    {
        var (starts, ends) = (new HashSet<char>(), new HashSet<char>());
        foreach (var (term, code) in terms)
        {
            var word = ProseTerms.Fold(term);
            words.Add(word, code);
            reversed.Add([.. word.Reverse()], code);
            starts.Add(word[0]);
            ends.Add(word[^1]);
        }
        (first, last) = (SearchValues.Create([.. starts]), SearchValues.Create([.. ends]));
    }

    /// <summary>The words of one code of <c>register-words.csv</c>.</summary>
    public static RegisterWords Of(string code) =>
        Sets.GetOrAdd(code, static id => new RegisterWords(Vocabulary.Load("register-words").TermsOf(id).Select(word => KeyValuePair.Create(word, Vocabulary.Load("register-words").Codes[id]))));

    /// <summary>All words of a vocabulary, each with its code.</summary>
    public static RegisterWords In(string vocabulary) => Sets.GetOrAdd(vocabulary + ".csv", _ => new RegisterWords(Vocabulary.Load(vocabulary).Terms));

    /// <summary>The Chinese names of <c>areas.csv</c>.</summary>
    public static RegisterWords Areas { get; } =
        new(Vocabulary.Load("areas").Terms.Where(term => term.Key.Length > 1 && term.Key[0] > '\u2e80' && term.Value.Id is not ("CN" or "_W")));

    /// <summary>The length of the longest word that starts at an index, 0 when none does.</summary>
    public int At(ReadOnlySpan<char> text, int at, out Code? code)
    {
        code = null;
        return at >= text.Length || !first.Contains(text[at]) ? 0 : words.Longest(text[at..], out code);
    }

    /// <summary>The length of the longest word that ends at an index, 0 when none does.</summary>
    public int Before(ReadOnlySpan<char> text, int end, out Code? code)
    {
        code = null;
        if (end <= 0 || !last.Contains(text[end - 1]))
            return 0;
        var length = 0;
        var word = reversed;
        for (var i = end - 1; i >= 0 && word.Next(text[i]) is { } next; i--)
        {
            word = next;
            if (word.IsWord)
                (code, length) = (word.Word, end - i);
        }
        return length;
    }

    /// <summary>The first word in a text from an index on; a length of 0 when there is none.</summary>
    public (int At, int Length, Code? Code) First(ReadOnlySpan<char> text, int from = 0)
    {
        for (var i = from; i < text.Length; i++)
        {
            var next = text[i..].IndexOfAny(first);
            if (next < 0)
                break;
            i += next;
            if (At(text, i, out var code) is > 0 and var length)
                return (i, length, code);
        }
        return (text.Length, 0, null);
    }
}
