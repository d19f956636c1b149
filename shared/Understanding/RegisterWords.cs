using System.Buffers;

namespace Pipeline.Understanding;

/// <summary>A set of words with the codes they stand for, looked for at a place of a folded text: the longest that starts or ends there.</summary>
internal sealed class RegisterWords
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, RegisterWords> Sets = new();

    private readonly Dictionary<string, Code> words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Code>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private readonly SearchValues<char> first;
    private readonly SearchValues<char> last;
    private readonly int longest;

    private RegisterWords(IEnumerable<KeyValuePair<string, Code>> terms)
    {
        foreach (var (word, code) in terms)
            words.TryAdd(RegisterText.Fold(word), code);
        bySpan = words.GetAlternateLookup<ReadOnlySpan<char>>();
        longest = words.Keys.Max(word => word.Length);
        first = SearchValues.Create(string.Concat(words.Keys.Select(word => word[0]).Distinct()));
        last = SearchValues.Create(string.Concat(words.Keys.Select(word => word[^1]).Distinct()));
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
        if (at >= text.Length || !first.Contains(text[at]))
            return 0;
        for (var length = Math.Min(longest, text.Length - at); length > 0; length--)
            if (bySpan.TryGetValue(text.Slice(at, length), out code))
                return length;
        return 0;
    }

    /// <summary>The length of the longest word that ends at an index, 0 when none does.</summary>
    public int Before(ReadOnlySpan<char> text, int end, out Code? code)
    {
        code = null;
        if (end <= 0 || !last.Contains(text[end - 1]))
            return 0;
        for (var length = Math.Min(longest, end); length > 0; length--)
            if (bySpan.TryGetValue(text.Slice(end - length, length), out code))
                return length;
        return 0;
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
