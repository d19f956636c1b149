namespace Pipeline.Understanding;

/// <summary>
/// Tells from the name of what is measured whether its values can be added: a rate, an average or an index never, the state at a moment (population, balance)
/// not over time. The System of National Accounts calls the two kinds of amounts stocks and flows (SNA 2008, 2.10).
/// </summary>
internal static class Additivity
{
    private const int MaxLength = 300;
    private static readonly Vocabulary Words = Vocabulary.Load("additivity");

    /// <summary>Whether values of what is called so do not add up at all.</summary>
    public static bool IsRate(string name) => Has(name, "RATE");

    /// <summary>Whether the name speaks of what there is at a moment.</summary>
    public static bool IsStock(string name) => Has(name, "STOCK");

    /// <summary>Whether the name speaks of what came about since a beginning, again with each period.</summary>
    public static bool IsToDate(string name) => Has(name, "TO_DATE");

    /// <summary>Whether the name speaks of what comes about in a span of time.</summary>
    public static bool IsFlow(string name) => Has(name, "FLOW");

    /// <summary>Whether the name does not tell what is measured: Number.</summary>
    public static bool SaysNothing(string name) => Words.TermsOf("ANY").Contains(Vocabulary.Fold(name).Replace('_', ' '), StringComparer.OrdinalIgnoreCase);

    private static bool Has(string name, string kind)
    {
        var text = Vocabulary.Fold(name.Length > MaxLength ? name[..MaxLength] : name).Replace('_', ' ').Replace('-', ' ');
        return Words.TermsOf(kind).Any(word => IsIn(text, word));
    }

    // Han words follow each other without a space; others count whole.
    private static bool IsIn(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + word.Length;
            if (word[0] >= '\u2E80' || ((at == 0 || !char.IsLetter(text[at - 1])) && (end == text.Length || !char.IsLetter(text[end]))))
                return true;
        }
        return false;
    }
}
