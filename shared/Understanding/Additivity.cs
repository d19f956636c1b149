using System.Collections.Concurrent;

namespace Pipeline.Understanding;

/// <summary>
/// Tells from the words for what is measured whether its values can be added: a rate, an average, a price or an index never, the state at a moment (population,
/// balance) not over time, a chain-linked volume over time only. The System of National Accounts calls the two kinds of amounts stocks and flows (SNA 2008,
/// 2.10), and says of chain volumes that they lack additivity (15.59).
/// </summary>
/// <param name="IsRate">Whether the values do not add up at all.</param>
/// <param name="IsStock">Whether they are of what there is at a moment.</param>
/// <param name="IsToDate">Whether they are of what came about since a beginning, again with each period.</param>
/// <param name="IsFlow">Whether they are of what comes about in a span of time.</param>
/// <param name="IsChained">Whether they are chain-linked volumes.</param>
internal sealed record Additivity(bool IsRate, bool IsStock, bool IsToDate, bool IsFlow, bool IsChained)
{
    private const int MaxLength = 300;
    private const int MostKept = 4096;
    private static readonly ConcurrentDictionary<string, bool> RateNames = new(StringComparer.Ordinal);
    private static readonly Vocabulary Words = Vocabulary.Load("additivity");
    private static readonly string[] Prepositions = ["of", "by", "to", "on", "for", "from", "at", "in", "with", "per", "among", "between"];
    private static readonly char[] Stops = [',', ';', '(', ')', '，', '；', '（', '）', '>', '|'];

    // Words that as often begin or end the name of a kind as that of a measure: rates and taxes, natural growth, index funds, maximum security prisons.
    private static readonly HashSet<string> NoBeginning = new(StringComparer.OrdinalIgnoreCase)
    {
        "rate", "rates", "growth", "index", "yield", "yields", "density", "price", "prices", "maximum", "minimum", "highest", "lowest", "peak",
    };
    private static readonly HashSet<string> NoEnd = new(StringComparer.OrdinalIgnoreCase) { "growth" };

    /// <summary>Of what is called so, perhaps in several languages.</summary>
    public static Additivity Of(IReadOnlyCollection<string> names)
    {
        var flow = names.Any(IsOfFlow);
        return new(names.Any(IsRateName), !flow && names.Any(name => Has(name, "STOCK") || Has(name, "AT")), names.Any(name => Has(name, "TO_DATE")), flow, names.Any(name => Has(name, "CHAINED")));
    }

    /// <summary>Of a code that says what a part is, but may say how it is measured, too: only what it begins or ends with counts, and what speaks of a moment.</summary>
    public static Additivity OfPart(IReadOnlyCollection<string> labels)
    {
        var flow = labels.Any(label => Has(label, "FLOW"));
        return new(labels.Any(SaysRate), !flow && labels.Any(label => Has(label, "AT") && !IsOfFlow(label)), labels.Any(label => Has(label, "TO_DATE")), flow, labels.Any(label => Has(label, "CHAINED")));
    }

    /// <summary>Whether values of what is called so do not add up at all.</summary>
    public static bool IsRateName(string name)
    {
        // Units are asked after for each observation.
        if (RateNames.TryGetValue(name, out var known))
            return known;
        var text = Folded(name);
        var isRate = IsIn(WithoutAmounts(text), "RATE") || text.Split(Stops, StringSplitOptions.TrimEntries).Any(IsPercent);
        if (RateNames.Count < MostKept)
            RateNames.TryAdd(name, isRate);
        return isRate;
    }

    /// <summary>Whether the name does not tell what is measured: Number.</summary>
    public static bool SaysNothing(string name) => Words.TermsOf("ANY").Contains(Vocabulary.Fold(name).Replace('_', ' '), StringComparer.OrdinalIgnoreCase);

    // "% Advanced" and "Yes > %", but not "Owned to 100%".
    private static bool IsPercent(string piece) => piece.StartsWith('%') || (piece.EndsWith('%') && !(piece.Length > 1 && char.IsAsciiDigit(piece[^2])));

    private static bool SaysRate(string label) => WithoutAmounts(Folded(label)).Split(Stops, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Any(piece => Words.TermsOf("RATE").Any(word =>
        (piece.StartsWith(word, StringComparison.OrdinalIgnoreCase) && Begins(piece, word)) || (piece.EndsWith(word, StringComparison.OrdinalIgnoreCase) && IsWhole(piece, piece.Length - word.Length, word) && !NoEnd.Contains(word))));

    // Price of bread, but not price comparison websites; in Chinese what is counted stands last, and 平均工资 is one of few that tell by their beginning.
    private static bool Begins(string piece, string word) => piece.Length == word.Length || (word[0] >= '\u2E80'
        ? word[^1] == '均'
        : IsWhole(piece, 0, word) && (!NoBeginning.Contains(word) || Prepositions.Contains(piece[word.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(""), StringComparer.OrdinalIgnoreCase)));

    // Visits to doctors, hours worked by employees, 就业人员工资: what is counted stands before the preposition, and last in Chinese.
    private static bool IsOfFlow(string name)
    {
        var text = Folded(name);
        if (IsIn(text, "FLOW"))
            return true;
        var stock = Words.TermsOf("STOCK").Concat(Words.TermsOf("AT")).SelectMany(word => Places(text, word).Select(at => (From: at, To: at + word.Length))).ToList();
        return stock.Count > 0 && Words.TermsOf("FLOW_OF").Any(word => Places(text, word).Any(at =>
            // Year end sales, student fees.
            (word[0] < '\u2E80' && stock.Exists(s => s.To == at - 1 && text[s.To] == ' ') && EndsNoun(text, at + word.Length))
            // What is said to be of a moment is what there is then, be it taxes at the end of the year.
            || (!Has(name, "AT") && (word[0] >= '\u2E80'
                ? at > stock.Max(s => s.From)
                : at < stock.Min(s => s.From) && text[at..stock.Min(s => s.From)].Split(' ').Any(between => Prepositions.Contains(between, StringComparer.OrdinalIgnoreCase))))));
    }

    // Whether nothing more is said, or only after a preposition: loans outstanding, in chained (2015) dollars.
    private static bool EndsNoun(string text, int at) =>
        at == text.Length || Stops.Contains(text[at]) || (text[at] == ' ' && (at + 1 == text.Length || Stops.Contains(text[at + 1]) || Prepositions.Contains(text[(at + 1)..].Split(' ')[0], StringComparer.OrdinalIgnoreCase)));

    // GDP at current prices is an amount, and so are sales by price.
    private static string WithoutAmounts(string text)
    {
        for (var by = text.IndexOf(" by ", StringComparison.OrdinalIgnoreCase); by > 0; by = text.IndexOf(" by ", by, StringComparison.OrdinalIgnoreCase))
            text = text[..by] + (text.IndexOfAny(Stops, by) is >= 0 and var stop ? text[stop..] : "");
        if (text.IndexOf('按', StringComparison.Ordinal) is >= 0 and var ways && text.IndexOf('分', ways) is var end && end > ways && end < ways + 12)
            text = text[..ways] + text[(end + 1)..];
        // Price of land sold (total value), 土地成交价格总额.
        if (text.Split(Stops, StringSplitOptions.TrimEntries).Any(piece => Words.TermsOf("VALUE_OF_ALL").Any(word =>
            word[0] >= '\u2E80' ? piece.EndsWith(word, StringComparison.Ordinal) : piece.Equals(word, StringComparison.OrdinalIgnoreCase))))
            text = Words.TermsOf("PRICE").Aggregate(text, (left, word) => left.Replace(word, "|", StringComparison.OrdinalIgnoreCase));
        var years = WithoutYears(text);
        foreach (var words in Words.TermsOf("NO_RATE"))
        {
            foreach (var at in Places(years, words).ToList())
            {
                text = string.Concat(text.AsSpan(0, at), new string('|', words.Length), text.AsSpan(at + words.Length));
                years = string.Concat(years.AsSpan(0, at), new string('|', words.Length), years.AsSpan(at + words.Length));
            }
        }
        return text;
    }

    private static bool Has(string name, string kind) => IsIn(kind == "CHAINED" ? WithoutYears(Folded(name)) : Folded(name), kind);

    private static string Folded(string name) => Vocabulary.Fold(name.Length > MaxLength ? name[..MaxLength] : name).Replace('_', ' ').Replace('-', ' ').Replace('’', '\'');

    private static string WithoutYears(string text) => string.Concat(text.Select(c => char.IsAsciiDigit(c) ? '0' : c));

    private static bool IsIn(string text, string kind) => Words.TermsOf(kind).Any(word => Places(text, word).Any())
        || (kind is "AT" or "CHAINED" && Words.TermsOf(kind + "_LAST").Any(word => Places(text, word).Any(at => EndsNoun(text, at + word.Length))))
        // A name that is this and no more: what else is an area may be a place.
        || (kind == "STOCK" && text.Split(Stops)[0].Trim().ToUpperInvariant() is "AREA" or "TOTAL AREA" or "面积" or "总面积");

    private static IEnumerable<int> Places(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
            if (IsWhole(text, at, word))
                yield return at;
    }

    // Han words follow each other without a space; others count whole.
    private static bool IsWhole(string text, int at, string word) =>
        word[0] >= '\u2E80' || ((at == 0 || !char.IsLetter(text[at - 1])) && (at + word.Length == text.Length || !char.IsLetter(text[at + word.Length])));
}
