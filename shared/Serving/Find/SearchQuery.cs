using System.Runtime.InteropServices;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>How something matches what is searched, the best first.</summary>
internal enum SearchMatch
{
    /// <summary>A label or the id is what is searched.</summary>
    Exact,

    /// <summary>A label or the id begins with it.</summary>
    Prefix,

    /// <summary>What is searched is another name of it.</summary>
    Synonym,

    /// <summary>It has all the words, or words that begin with them.</summary>
    Word,

    /// <summary>It has all the words with a slip or two.</summary>
    Fuzzy,

    /// <summary>It has some of the words.</summary>
    Partial,

    /// <summary>Nothing has what is searched, but it is a part of this.</summary>
    Wider,
}

/// <summary>What was found: records of one kind and name, taken together.</summary>
internal sealed record SearchHit
{
    /// <summary>The entries of the index, the best first.</summary>
    public required List<int> Entries { get; init; }

    /// <summary>What the best of them is.</summary>
    public required SearchRecord Record { get; init; }

    /// <summary>How it matches.</summary>
    public required SearchMatch Match { get; init; }

    /// <summary>The language of the label that matches; null for the id.</summary>
    public string? Language { get; init; }

    /// <summary>The text that matches.</summary>
    public required string Text { get; init; }

    /// <summary>How far it is from what is searched, among those that match alike.</summary>
    public required int Distance { get; init; }
}

/// <summary>A search: its words, and how they are looked for in an index.</summary>
internal sealed class SearchQuery
{
    /// <summary>The most characters of a search.</summary>
    public const int MostLength = SearchText.MostLength;

    /// <summary>The most words of a search.</summary>
    public const int MostWords = 16;

    /// <summary>The most things that are compared with a search, the shortest first.</summary>
    public const int MostCandidates = 5_000;

    /// <summary>Below so many hits slips are looked for too.</summary>
    private const int FewHits = 20;

    private const int MostCounted = 500_000;
    private static readonly string[] Vocabularies = ["areas", "indicators", "industries", "products", "populations", "units"];
    private readonly string text;
    private readonly string normal;
    private readonly (string Text, bool IsRun)[] words;
    private readonly SearchKind? kind;
    private readonly string? dataset;
    private readonly bool isOther;

    /// <summary>Reads a search.</summary>
    /// <param name="text">What is searched.</param>
    /// <param name="kind">Only things of one kind.</param>
    /// <param name="dataset">Only what a dataset has.</param>
    public SearchQuery(string text, SearchKind? kind, string? dataset)
        : this(text, kind, dataset, isOther: false)
    {
    }

    private SearchQuery(string text, SearchKind? kind, string? dataset, bool isOther)
    {
        this.isOther = isOther;
        (this.text, normal, this.kind, this.dataset) = (text, SearchText.Normal(text), kind, dataset);
        words = [.. SearchText.Pieces(normal).Select(p => normal[p]).Distinct(StringComparer.Ordinal).Select(w => (w, SearchText.IsRun(w[0])))];
    }

    /// <summary>How many words it has.</summary>
    public int Words => words.Length;

    /// <summary>Everything that matches, the best first; false with it where not everything could be looked at.</summary>
    public (List<SearchHit> Hits, bool IsWhole) Run(SearchIndex index)
    {
        if (words.Length == 0)
            return ([], true);
        var scored = new Dictionary<int, SearchHit>();
        var isWhole = Look(index, scored, Strict(index), SearchMatch.Word);
        var meant = Vocabularies.Select(name => (Words: Vocabulary.Load(name), Code: Vocabulary.Load(name).Find(text) ?? Vocabulary.Load(name).Find(normal))).Where(m => m.Code is not null).ToList();
        foreach (var (_, code) in meant)
            Add(index, scored, code!, SearchMatch.Synonym);
        foreach (var other in SearchSynonyms.Of(normal))
            isWhole &= new SearchQuery(other, kind, dataset, isOther: true).LookOtherwise(index, scored);
        if (scored.Count < FewHits)
            isWhole &= Look(index, scored, Slack(index), SearchMatch.Fuzzy);
        foreach (var (vocabulary, code) in scored.Count == 0 ? meant : [])
        {
            for (var wider = code!.Parent; wider is not null && scored.Count == 0; wider = vocabulary.Codes[wider].Parent)
                Add(index, scored, vocabulary.Codes[wider], SearchMatch.Wider);
        }
        if (scored.Count == 0)
            isWhole &= Look(index, scored, Some(index), SearchMatch.Partial);
        return (Grouped(scored.Values), isWhole);
    }

    // What has the words of another way to say the search, after all that has its own.
    private bool LookOtherwise(SearchIndex index, Dictionary<int, SearchHit> scored)
    {
        var found = new Dictionary<int, SearchHit>();
        var isWhole = words.Length == 0 || Look(index, found, Strict(index), SearchMatch.Word);
        foreach (var (entry, hit) in found)
            scored.TryAdd(entry, hit with { Match = hit.Match == SearchMatch.Word ? SearchMatch.Word : SearchMatch.Synonym, Distance = hit.Distance + OtherWords });
        return isWhole;
    }

    // The word that the fewest have, or the pair of characters, leads to all that have every word.
    private List<int> Strict(SearchIndex index) => Fewest(index, words.Select(word => word.IsRun ? Pair(index, word.Text) : Beginning(index, word.Text)));

    private List<int> Slack(SearchIndex index) => Fewest(index, words.Select(word => word.IsRun
        ? [.. Pairs(word.Text).Select(pair => index.Tokens.Find(pair)).Where(t => t >= 0)]
        : Beginning(index, word.Text).Union(index.Tokens.Near(word.Text)).ToList()));

    private List<int> Some(SearchIndex index) => [.. words.SelectMany(word => word.IsRun
        ? Pairs(word.Text).Select(pair => index.Tokens.Find(pair)).Where(t => t >= 0)
        : Beginning(index, word.Text).Union(index.Tokens.Near(word.Text)))];

    private static List<int> Fewest(SearchIndex index, IEnumerable<List<int>> tokens) =>
        tokens.MinBy(some => some.Sum(t => (long)index.Tokens.Records(t).Length)) ?? [];

    private static List<int> Beginning(SearchIndex index, string word) => [.. index.Tokens.StartingWith(word[..Math.Min(word.Length, SearchText.LongestWord)])];

    private static List<int> Pair(SearchIndex index, string run)
    {
        if (run.Length == 1)
            return [.. index.Tokens.StartingWith(run)];
        var tokens = Pairs(run).Select(pair => index.Tokens.Find(pair)).ToList();
        return tokens.Contains(-1) ? [] : [tokens.MinBy(t => index.Tokens.Records(t).Length)];
    }

    private static IEnumerable<string> Pairs(string run) => run.Length == 1 ? [run] : Enumerable.Range(0, run.Length - 1).Select(i => run.Substring(i, 2));

    // A code of a vocabulary, wherever it is used: with its label, for another codelist may use the code for something else.
    private void Add(SearchIndex index, Dictionary<int, SearchHit> scored, Code code, SearchMatch match)
    {
        var id = SearchText.Normal(code.Id);
        var tokens = SearchText.Pieces(id).Select(p => index.Tokens.Find(id[p])).ToList();
        if (tokens.Count == 0 || tokens.Contains(-1))
            return;
        foreach (var entry in Candidates(index, [tokens.MinBy(t => index.Tokens.Records(t).Length)], SearchMatch.Word).Candidates)
        {
            if (index.Read(entry) is { } record && record.Id == code.Id && record.Labels.FirstOrDefault(l => code.Labels.GetValueOrDefault(l.Key) == l.Value) is { Value: { } label } found)
                scored.TryAdd(entry, new SearchHit { Entries = [entry], Record = record, Match = match, Language = found.Key, Text = label, Distance = 0 });
        }
    }

    private bool Look(SearchIndex index, Dictionary<int, SearchHit> scored, List<int> tokens, SearchMatch worst)
    {
        var (candidates, isWhole) = Candidates(index, tokens, worst);
        foreach (var entry in candidates)
            if (!scored.ContainsKey(entry) && Score(index, entry, worst) is { } hit)
                scored.Add(entry, hit);
        return isWhole;
    }

    // All that have one of the tokens; of too many those with the shortest texts, and for alternatives those with the most tokens.
    private (ICollection<int> Candidates, bool IsWhole) Candidates(SearchIndex index, List<int> tokens, SearchMatch worst)
    {
        var isWhole = true;
        if (worst != SearchMatch.Word)
        {
            var counts = new Dictionary<int, int>();
            foreach (var token in tokens.OrderBy(t => index.Tokens.Records(t).Length))
            {
                if (counts.Count > MostCounted)
                {
                    isWhole = false;
                    break;
                }
                foreach (var entry in index.Tokens.Records(token))
                    if (IsWanted(index, entry, out _))
                        CollectionsMarshal.GetValueRefOrAddDefault(counts, entry, out _)++;
            }
            return counts.Count <= MostCandidates ? (counts.Keys, isWhole) : ([.. counts.OrderByDescending(c => c.Value).Take(MostCandidates).Select(c => c.Key)], false);
        }
        var lengths = new long[256];
        foreach (var token in tokens)
            foreach (var entry in index.Tokens.Records(token))
                if (IsWanted(index, entry, out var length))
                    lengths[length]++;
        var (longest, sum) = (0, lengths[0]);
        while (longest < 255 && sum + lengths[longest + 1] <= MostCandidates)
            sum += lengths[++longest];
        isWhole = longest == 255;
        var chosen = new HashSet<int>();
        foreach (var token in tokens)
        {
            foreach (var entry in index.Tokens.Records(token))
            {
                if (IsWanted(index, entry, out var length) && length <= longest)
                    chosen.Add(entry);
                if (chosen.Count >= MostCandidates)
                    return (chosen, false);
            }
        }
        return (chosen, isWhole);
    }

    private bool IsWanted(SearchIndex index, int entry, out byte length) =>
        index.IsThere(entry, out length) && (kind is null || index.KindOf(entry) == kind) && (dataset is null || index.IsIn(entry, dataset));

    private SearchHit? Score(SearchIndex index, int entry, SearchMatch worst)
    {
        var record = index.Read(entry);
        var best = new int[words.Length];
        Array.Fill(best, int.MaxValue);
        (SearchMatch Match, int Distance, string? Language, string Text)? found = null;
        var (most, mostMatched) = (((string?)null, record.Id), -1);
        foreach (var (language, text) in record.Labels.Select(l => ((string?)l.Key, l.Value)).Append((null, record.Id)))
        {
            var other = SearchText.Normal(text);
            if (other.StartsWith(normal, StringComparison.Ordinal) && IsNear(normal, other))
            {
                var match = other.Length == normal.Length ? SearchMatch.Exact : SearchMatch.Prefix;
                if (found is null || match < found.Value.Match)
                    found = (match, 0, language, text);
                continue;
            }
            var matched = 0;
            for (var w = 0; w < words.Length; w++)
            {
                var distance = Distance(words[w], other, worst);
                if (distance < best[w])
                    best[w] = distance;
                matched += distance == int.MaxValue ? 0 : words[w].Text.Length * 100 - distance;
            }
            if (matched > mostMatched)
                (most, mostMatched) = ((language, text), matched);
        }
        if (found is null)
        {
            var missing = words.Where((_, w) => best[w] == int.MaxValue).Sum(WeightOf);
            var distance = best.Where(d => d != int.MaxValue).Sum();
            if (missing > 0 && (worst != SearchMatch.Partial || missing == words.Sum(WeightOf)))
                return null;
            found = missing > 0 ? (SearchMatch.Partial, missing * 10_000 + distance, most.Item1, most.Item2)
                : (best.All(d => d < Slip) ? SearchMatch.Word : worst == SearchMatch.Partial ? SearchMatch.Partial : SearchMatch.Fuzzy, distance, most.Item1, most.Item2);
        }
        return new SearchHit { Entries = [entry], Record = record, Match = found.Value.Match, Distance = found.Value.Distance, Language = found.Value.Language, Text = found.Value.Text };
    }

    private static int WeightOf((string Text, bool IsRun) word) => word.IsRun ? Math.Max(1, word.Text.Length - 1) : 1;

    // A word that only begins so is a little off; a slip is farther than any number of these.
    private const int Beginnings = 1;
    private const int Slip = 100;

    // Less than a slip, more than beginnings.
    private const int OtherWords = 50;

    // Of a word that was not typed only another form may follow: pay, and not payment.
    private const int LongestEnding = 2;

    private bool IsNear(string begins, string other) => !isOther || SearchText.IsRun(begins[^1])
        || (other.IndexOf(' ', begins.Length) is >= 0 and var space ? space : other.Length) - begins.Length <= LongestEnding;

    private int Distance((string Text, bool IsRun) word, string other, SearchMatch worst)
    {
        if (word.IsRun)
        {
            if (other.Contains(word.Text, StringComparison.Ordinal))
                return 0;
            if (worst == SearchMatch.Word || word.Text.Length < 3)
                return int.MaxValue;
            // Of a name with a wrong character most pairs are right; a name within what is searched has all of its own.
            var (all, met) = (word.Text.Length - 1, Pairs(word.Text).Count(pair => other.Contains(pair, StringComparison.Ordinal)));
            var isNear = met * 2 >= all && met > 0;
            return isNear || (worst == SearchMatch.Partial && met * 4 >= all) ? Slip * (all - met) : int.MaxValue;
        }
        var least = int.MaxValue;
        var slips = worst == SearchMatch.Word ? 0 : SearchTokens.Slips(word.Text);
        foreach (var piece in SearchText.Pieces(other))
        {
            var text = other[piece];
            if (text == word.Text)
                return 0;
            if (text.StartsWith(word.Text, StringComparison.Ordinal) && (!isOther || text.Length - word.Text.Length <= LongestEnding))
                least = Math.Min(least, Beginnings);
            else if (slips > 0 && least > Slip && Math.Abs(text.Length - word.Text.Length) <= slips && !IsOpposite(text, word.Text) && ProblemException.Distance(word.Text, text) is var distance && distance <= slips)
                least = Math.Min(least, Slip * distance);
        }
        return least;
    }

    // No slip: employment and unemployment.
    private static bool IsOpposite(string one, string other) => one.Length == other.Length + 2 ? one.StartsWith("un", StringComparison.Ordinal) && one.EndsWith(other, StringComparison.Ordinal)
        : other.Length == one.Length + 2 && IsOpposite(other, one);

    // The best first; what has the same kind and name is one hit.
    private static List<SearchHit> Grouped(IEnumerable<SearchHit> scored)
    {
        var hits = new List<SearchHit>();
        var byName = new Dictionary<(SearchKind, string), SearchHit>();
        foreach (var hit in scored.OrderBy(h => h.Match).ThenBy(h => h.Match < SearchMatch.Fuzzy ? 0 : h.Distance).ThenBy(h => h.Record.Kind).ThenBy(h => h.Distance)
            .ThenBy(h => h.Text.Length).ThenBy(h => h.Text, StringComparer.Ordinal).ThenBy(h => h.Entries[0]))
        {
            var name = (hit.Record.Kind, hit.Record.Kind == SearchKind.Dataset ? hit.Record.Id : SearchText.Normal(hit.Record.Name));
            if (byName.TryGetValue(name, out var first))
            {
                first.Entries.Add(hit.Entries[0]);
                continue;
            }
            byName.Add(name, hit);
            hits.Add(hit);
        }
        return hits;
    }
}
