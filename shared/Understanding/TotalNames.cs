namespace Pipeline.Understanding;

/// <summary>Tells by its name that a code is a total of others, where neither the code <c>_T</c> nor a hierarchy says so: <c>TOTAL</c>, 合计, All industries, Europe total.</summary>
internal static class TotalNames
{
    private static readonly Vocabulary Words = Vocabulary.Load("totals");

    /// <summary>Whether a code is the total of its whole list: <c>_T</c>, or called total and nothing more.</summary>
    /// <param name="code">The code.</param>
    /// <param name="codes">Its list.</param>
    public static bool IsOfAll(Code code, IReadOnlyList<Code> codes)
    {
        if (code.Id == Concepts.Total)
            return true;
        if (code.Labels.Count > 0)
            return code.Labels.Values.Any(IsOfAll);
        // In lists of industries T is the section of households, and stands after S.
        return IsOfAll(Plain(code.Id)) && !(code.Id == "T" && codes.Any(other => other.Id == "S"));
    }

    /// <summary>Whether a code is a total of others of its list, perhaps not of all, since it is of all or its name begins or ends as names of totals do.</summary>
    public static bool IsTotal(Code code, IReadOnlyList<Code> codes) =>
        IsOfAll(code, codes) || (code.Labels.Count > 0 ? code.Labels.Values.Any(SaysTotal) : SaysTotal(Plain(code.Id)));

    /// <summary>Whether a name says total and nothing more.</summary>
    public static bool IsOfAll(string name) => Words.Find(Trimmed(name)) is { Id: Concepts.Total };

    private static bool SaysTotal(string name)
    {
        var text = Vocabulary.Fold(name);
        return !Is("PART", atEnd: false) && (Is("BEGINS", atEnd: false) || Is("ENDS", atEnd: true));

        // 合计 stands behind what it is of; before it it is an adjective: 合计生育津贴.
        bool Is(string kind, bool atEnd) => Words.TermsOf(kind).Any(word => atEnd
            ? Trimmed(text) is var end && end.EndsWith(word, StringComparison.OrdinalIgnoreCase) && IsBetweenWords(end, end.Length - word.Length)
            : text.StartsWith(word, StringComparison.OrdinalIgnoreCase) && IsBetweenWords(text, word.Length) && !(word[^1] is '计' or '計' && text.Length > word.Length && char.IsLetter(text[word.Length])));
    }

    // "Europe (total)", "总计：" and "TOTAL *"
    private static string Trimmed(string name) => name.Trim(' ', '(', ')', '（', '）', '[', ']', ':', '：', '.', '*', '-', '–', '—');

    // Han words follow each other without a space.
    private static bool IsBetweenWords(string text, int at) =>
        at <= 0 || at >= text.Length || !char.IsLetterOrDigit(text[at]) || !char.IsLetterOrDigit(text[at - 1]) || text[at] >= '\u2E80' || text[at - 1] >= '\u2E80';

    private static string Plain(string id) => id.Replace('_', ' ');
}
