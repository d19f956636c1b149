namespace Pipeline.Understanding;

/// <summary>Tells by their labels, full-width characters as ASCII, that one code of a list is a part of another: <c>Industry - Construction</c> of <c>Industry</c>, <c>North</c> of <c>North and South</c>.</summary>
internal static class PartNames
{
    private static readonly string[] Separators = [" - ", " – ", " — ", "——", ": ", ", of which", " of which", "(of which", ", of whom", ",其中", "(其中"];
    private static readonly string[] Conjunctions = [" and ", " & ", " und ", " et ", " y ", " och ", " og ", "、", ", ", "以及", "与", "和", "及"];
    private static readonly string[] Marks = ["其中", "of which", "of whom"];

    /// <summary>The labels that a label may be a part of, should there be codes that are called so.</summary>
    public static IEnumerable<string> WholesOf(string label)
    {
        for (var i = 1; i < label.Length - 1; i++)
        {
            var length = Separators.Where(s => string.Compare(label, i, s, 0, s.Length, StringComparison.OrdinalIgnoreCase) == 0).Select(s => s.Length).FirstOrDefault();
            // 工业-采矿业, 工业：采矿业
            if (length == 0 && label[i] is '-' or '–' or ':' && label[i - 1] >= '\u2E80' && label[i + 1] >= '\u2E80')
                length = 1;
            if (length > 0 && label[..i].Trim() is { Length: > 0 } whole && whole.Any(char.IsLetter))
                yield return whole;
        }
    }

    /// <summary>The labels that a label may put together, should there be codes that are called so; none where it has no "and".</summary>
    public static string[] TogetherOf(string label) =>
        label.Split(Conjunctions, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 1 } pieces ? pieces : [];

    /// <summary>Whether a label says of itself that it is a part of what stands above it: 其中：出口.</summary>
    public static bool IsOfAbove(string label) => Array.Exists(Marks, mark => label.StartsWith(mark, StringComparison.OrdinalIgnoreCase) && label.Length > mark.Length + 1);
}
