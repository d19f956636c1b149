using System.Numerics;
using System.Runtime.InteropServices;

namespace Pipeline.Serving;

/// <summary>
/// The words of all records, and the pairs of neighbouring characters of their runs, each with the records that have it; words are also found by how they
/// begin and by how near they are.
/// </summary>
internal sealed class SearchTokens
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private readonly List<(string Text, uint Letters)> tokens = [];
    // Most tokens are one record's only: it stands where else their count does.
    private readonly List<(int[]? Records, int Count)> postings = [];
    private readonly Dictionary<int, List<int>> byStart = [];
    private readonly List<int>[] byLength = [.. Enumerable.Range(0, SearchText.LongestWord + 1).Select(_ => new List<int>())];

    public SearchTokens() => bySpan = numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>About how many bytes it takes in memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many tokens there are.</summary>
    public int Count => tokens.Count;

    /// <summary>The records that have a token.</summary>
    public ReadOnlySpan<int> Records(int token)
    {
        ref readonly var posting = ref CollectionsMarshal.AsSpan(postings)[token];
        return posting.Records is { } records ? records.AsSpan(0, posting.Count) : new ReadOnlySpan<int>(in posting.Count);
    }

    /// <summary>Adds a record under all tokens of a normal text.</summary>
    public void Add(string normal, int record, HashSet<int> seen)
    {
        foreach (var piece in SearchText.Pieces(normal))
        {
            var text = normal.AsSpan(piece);
            if (!SearchText.IsRun(text[0]))
            {
                Add(text[..Math.Min(text.Length, SearchText.LongestWord)], record, seen);
                continue;
            }
            // Every character begins a token, so that one alone is found by it.
            for (var i = 0; i < text.Length; i++)
                Add(text.Slice(i, Math.Min(2, text.Length - i)), record, seen);
        }
    }

    /// <summary>A token; -1 when no record has it.</summary>
    public int Find(ReadOnlySpan<char> text) => bySpan.TryGetValue(text, out var number) ? number : -1;

    /// <summary>The tokens that begin with a text.</summary>
    public IEnumerable<int> StartingWith(string text) => text.Length == 1
        ? byStart.Where(s => s.Key >> 16 == text[0]).SelectMany(s => s.Value)
        : byStart.TryGetValue(StartOf(text), out var some) ? some.Where(t => tokens[t].Text.StartsWith(text, StringComparison.Ordinal)) : [];

    /// <summary>The words that are a slip or two away from a word.</summary>
    public IEnumerable<int> Near(string word)
    {
        var (slips, letters) = (Slips(word), Letters(word));
        if (slips == 0)
            yield break;
        for (var length = word.Length - slips; length <= Math.Min(word.Length + slips, SearchText.LongestWord); length++)
        {
            foreach (var token in byLength[length])
            {
                // Most words have other letters than a few slips can make.
                var (text, others) = tokens[token];
                if (BitOperations.PopCount(letters & ~others) <= slips && BitOperations.PopCount(others & ~letters) <= slips && ProblemException.Distance(word, text) <= slips)
                    yield return token;
            }
        }
    }

    /// <summary>How many slips a word may have: one in 4 to 7 letters, two in more; none where there are digits.</summary>
    public static int Slips(ReadOnlySpan<char> word) => word.Length < 4 || word.Length > SearchText.LongestWord || word.ContainsAnyInRange('0', '9') ? 0 : word.Length < 8 ? 1 : 2;

    private void Add(ReadOnlySpan<char> text, int record, HashSet<int> seen)
    {
        if (!bySpan.TryGetValue(text, out var number))
        {
            number = tokens.Count;
            var token = new string(text);
            numbers.Add(token, number);
            tokens.Add((token, Letters(token)));
            postings.Add((null, record));
            seen.Add(number);
            var start = StartOf(token);
            if (!byStart.TryGetValue(start, out var some))
                byStart.Add(start, some = []);
            some.Add(number);
            if (!SearchText.IsRun(token[0]) && token.Length >= 3 && !token.AsSpan().ContainsAnyInRange('0', '9'))
                byLength[token.Length].Add(number);
            Bytes += 160 + token.Length * 2;
            return;
        }
        if (!seen.Add(number))
            return;
        var (records, count) = postings[number];
        if (records is null)
        {
            postings[number] = ([count, record], 2);
            Bytes += 32;
            return;
        }
        if (count == records.Length)
        {
            Array.Resize(ref records, count < 16 ? count * 2 : count + count / 2);
            Bytes += (records.Length - count) * 4L;
        }
        records[count] = record;
        postings[number] = (records, count + 1);
    }

    private static int StartOf(string token) => token[0] << 16 | (token.Length > 1 ? token[1] : 0);

    private static uint Letters(string word)
    {
        var letters = 0u;
        foreach (var c in word)
            letters |= 1u << (c is >= 'a' and <= 'z' ? c - 'a' : 26 + c % 6);
        return letters;
    }
}
