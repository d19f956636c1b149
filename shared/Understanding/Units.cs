namespace Pipeline.Understanding;

/// <summary>A unit: its code for UNIT_MEASURE and the power of ten for UNIT_MULT.</summary>
/// <param name="Measure">The unit; <c>_X</c> when only a multiplier is stated.</param>
/// <param name="Multiplier">The power of ten: 4 for 万, 6 for million.</param>
internal sealed record Unit(Code Measure, int Multiplier);

/// <summary>Reads units: a multiplier and a unit of <c>units.csv</c>, in either order, as in <c>万吨</c>, <c>£ million</c>, <c>thousand persons</c>.</summary>
internal static class Units
{
    private const string MultiplierParent = "UNIT_MULT";
    private static readonly Vocabulary Words = Vocabulary.Load("units");

    private static readonly (string Word, int Power)[] Multipliers =
    [
        .. Words.Terms.Where(t => t.Value.Parent == MultiplierParent).Select(t => (t.Key, int.Parse(t.Value.Id, System.Globalization.CultureInfo.InvariantCulture)))
            .OrderByDescending(t => t.Key.Length),
    ];

    /// <summary>Values without a stated unit.</summary>
    public static Code Unspecified => Words.Codes[Concepts.Unspecified];

    /// <summary>Per cent.</summary>
    public static Code Percent => Words.Codes["PT"];

    /// <summary>The code of a power of ten in UNIT_MULT, with its label.</summary>
    public static Code Multiplier(int power)
    {
        var id = power.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Words.Codes.TryGetValue(id, out var code) ? code with { Parent = null } : new Code(id);
    }

    /// <summary>The unit that a text is; null when the words are not known.</summary>
    public static Unit? Find(string text)
    {
        var term = Vocabulary.Normalize(text).Trim(' ', ':', '：', '.', '(', ')', '（', '）', '[', ']');
        if (term.Length is 0 or > 60)
            return null;
        if (Simple(term) is { } whole)
            return whole;
        var comma = term.AsSpan().IndexOfAny(",，;；");
        return comma > 0 ? Simple(term[..comma].Trim()) : null;
    }

    /// <summary>The unit that a text stated to be a unit names; one from its label when its words are not known.</summary>
    public static Unit Read(string text, string? language) => Find(text) ?? new Unit(Labels.ToCode(text, language), 0);

    private static Unit? Simple(string term)
    {
        if (Words.Find(term) is { } code && code.Id != MultiplierParent)
            return code.Parent == MultiplierParent ? new Unit(Unspecified, Power(code)) : new Unit(code, 0);
        foreach (var (word, power) in Multipliers)
        {
            if (term.Length <= word.Length)
                continue;
            if (term.StartsWith(word, StringComparison.OrdinalIgnoreCase) && Rest(term[word.Length..]) is { } after)
                return new Unit(after, power);
            if (term.EndsWith(word, StringComparison.OrdinalIgnoreCase) && Rest(term[..^word.Length]) is { } before)
                return new Unit(before, power);
        }
        return Ratio(term);
    }

    private static Code? Rest(string term)
    {
        term = term.Trim(' ', '-', '_');
        if (term.StartsWith("of ", StringComparison.OrdinalIgnoreCase))
            term = term[3..];
        return term.Length > 0 && Words.Find(term) is { } code && code.Parent != MultiplierParent && code.Id != MultiplierParent ? code : null;
    }

    private static Unit? Ratio(string term)
    {
        var slash = term.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == term.Length - 1 || term.LastIndexOf('/') != slash)
            return null;
        return Simple(term[..slash].Trim()) is { } top && Words.Find(term.AsSpan(slash + 1)) is { } bottom && bottom.Parent != MultiplierParent
            ? new Unit(new Code(top.Measure.Id + "_PER_" + bottom.Id) { Labels = RatioLabels(top.Measure, bottom) }, top.Multiplier)
            : null;
    }

    private static Dictionary<string, string> RatioLabels(Code top, Code bottom)
    {
        var labels = new Dictionary<string, string>();
        foreach (var (language, over) in top.Labels)
            if (bottom.Labels.TryGetValue(language, out var under))
                labels.Add(language, language == "zh" ? over + "/" + under : over + " per " + under);
        return labels;
    }

    private static int Power(Code code) => int.Parse(code.Id, System.Globalization.CultureInfo.InvariantCulture);
}
