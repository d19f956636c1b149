namespace Pipeline.Understanding;

/// <summary>The codes that a dimension of the dataset has already, found by a release's words: a label keeps its code, however the table around it is laid out.</summary>
public sealed class KnownCodes
{
    // The ids by their labels, a code without a label by itself; null where several codes have the label.
    private readonly Dictionary<string, Code?> byLabel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Code?> byLetters = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> ids = new(StringComparer.Ordinal);

    /// <param name="codes">The dimension's codes.</param>
    public KnownCodes(IEnumerable<Code> codes)
    {
        ArgumentNullException.ThrowIfNull(codes);
        foreach (var code in codes)
        {
            ids.Add(code.Id);
            foreach (var label in code.Labels.Count == 0 ? [code.Id] : code.Labels.Values.Select(Labels.Clean).Distinct())
            {
                byLabel[label] = byLabel.TryGetValue(label, out var other) && other?.Id != code.Id ? null : code;
                byLetters[label] = byLetters.TryGetValue(label, out other) && other?.Id != code.Id ? null : code;
            }
        }
    }

    /// <summary>Whether there is a code.</summary>
    public bool Has(string id) => ids.Contains(id);

    /// <summary>The one code that has a label; null when none has it, or several.</summary>
    /// <param name="label">The label.</param>
    /// <param name="isCode">Whether the label may be a code itself: then it is the one of that id, and its letters' case counts.</param>
    public Code? Find(string label, bool isCode)
    {
        if (isCode && ids.Contains(label))
            return new Code(label);
        return byLabel.TryGetValue(label, out var code) || (!isCode && byLetters.TryGetValue(label, out code)) ? code : null;
    }
}
