using System.Runtime.InteropServices;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Other ways to say a search: with words of the vocabularies in place of others that mean the same, in either language.</summary>
internal static class SearchSynonyms
{
    /// <summary>The most other ways.</summary>
    public const int Most = 32;

    private const int LongestPhrase = 6;
    private const int LongestRun = 16;

    private static readonly string[] Vocabularies = ["search-words", "indicators", "industries", "products", "populations", "areas"];
    private static readonly Lazy<Dictionary<string, List<string[]>>> Groups = new(() =>
    {
        var groups = new Dictionary<string, List<string[]>>(StringComparer.Ordinal);
        foreach (var vocabulary in Vocabularies.Select(Vocabulary.Load))
        {
            foreach (var id in vocabulary.Codes.Keys)
            {
                string[] terms = [.. vocabulary.TermsOf(id).Select(term => SearchText.Normal(term)).Where(term => term.Length > 0).Distinct()];
                foreach (var term in terms)
                    (CollectionsMarshal.GetValueRefOrAddDefault(groups, term, out _) ??= []).Add(terms);
            }
        }
        return groups;
    });

    /// <summary>The other ways to say a search, the nearest first.</summary>
    /// <param name="normal">The search as <see cref="SearchText.Normal"/> gives it.</param>
    public static IEnumerable<string> Of(string normal)
    {
        var found = Phrases(normal).ToList();
        return Replaced().Distinct().Where(other => other != normal).Take(Most);

        IEnumerable<string> Replaced()
        {
            // Coal output: 煤炭 产量. A group's first two terms are its Chinese and its English label.
            for (var language = 0; language < 2 && found.Count > 1; language++)
                yield return With([.. found.Select(f => (f.At, f.Others.Select(group => group[Math.Min(language, group.Length - 1)]).First()))]);
            foreach (var (at, others) in found)
                foreach (var other in others.SelectMany(group => group).Distinct())
                    yield return With([(at, other)]);
        }

        string With(List<(Range At, string Text)> changes)
        {
            var text = normal;
            foreach (var (at, other) in changes.AsEnumerable().Reverse())
                text = $"{text[..at.Start.Value]} {other} {text[at.End.Value..]}";
            return SearchText.Normal(text);
        }
    }

    // The longest phrases of the vocabularies, from the left.
    private static IEnumerable<(Range At, List<string[]> Others)> Phrases(string normal)
    {
        List<Range> pieces = [.. SearchText.Pieces(normal)];
        for (var i = 0; i < pieces.Count; i++)
        {
            var (start, end) = (pieces[i].Start.Value, pieces[i].End.Value);
            if (!SearchText.IsRun(normal[start]))
            {
                for (var last = Math.Min(pieces.Count, i + LongestPhrase) - 1; last >= i; last--)
                {
                    var at = start..pieces[last].End.Value;
                    if (Find(normal[at]) is not { } others)
                        continue;
                    yield return (at, others);
                    i = last;
                    break;
                }
                continue;
            }
            while (start < end)
            {
                // One character says too little, unless it is all there is.
                var length = Math.Min(end - start, LongestRun);
                while (length > 1 && !Groups.Value.ContainsKey(normal.Substring(start, length)))
                    length--;
                if (length > 1 || pieces[i] is var all && all.End.Value - all.Start.Value == 1)
                    if (Find(normal.Substring(start, length)) is { } others)
                        yield return (start..(start + length), others);
                start += length;
            }
        }
    }

    // An English word in the singular or in the plural.
    private static List<string[]>? Find(string phrase) => Groups.Value.TryGetValue(phrase, out var groups)
        || Groups.Value.TryGetValue(phrase + "s", out groups) || (phrase.EndsWith('s') && Groups.Value.TryGetValue(phrase[..^1], out groups)) ? groups : null;
}
