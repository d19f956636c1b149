namespace Pipeline.Understanding;

/// <summary>Tells by their labels, full-width characters as ASCII, that one code of a list is a part of another: <c>Industry - Construction</c> of <c>Industry</c>, <c>North</c> of <c>North and South</c>.</summary>
internal static class PartNames
{
    private static readonly string[] Separators = [" - ", " – ", " — ", "——", ": ", ", of which", " of which", "(of which", ", of whom", ",其中", "(其中"];
    private static readonly string[] Conjunctions = [" and ", " & ", " und ", " et ", " y ", " och ", " og ", "、", ", ", "以及", "与", "和", "及"];
    private static readonly (string Word, string[] Parts)[] Compounds = [.. Vocabulary.Load("compounds").Codes.Keys.Select(word => (word, Vocabulary.Load("compounds").TermsOf(word).ToArray()))];
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

    /// <summary>The labels that a label puts together, of those that there are: of <c>Hotels and restaurants</c> either, of <c>Primary and secondary schools</c> <c>Primary schools</c>, too, of 港澳台 香港.</summary>
    /// <param name="label">The label.</param>
    /// <param name="isKnown">Whether a code is called so.</param>
    public static IEnumerable<string> PartsOf(string label, Func<string, bool> isKnown)
    {
        var pieces = label.Split(Conjunctions, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // A comma alone may say less: Wheat, durum.
        if (pieces.Length > 1 && (pieces.Length > label.Split(", ").Length || Array.TrueForAll(pieces, piece => isKnown(piece))))
        {
            foreach (var piece in pieces)
                if ((piece.Length > 1 || char.IsAscii(piece[0])) && isKnown(piece))
                    yield return piece;
            foreach (var piece in pieces.SkipLast(1))
                foreach (var end in EndsOf(pieces[^1]).Select(end => piece + end).Where(isKnown))
                    yield return end;
        }
        foreach (var (word, parts) in Compounds)
            if (label.Contains(word, StringComparison.Ordinal))
                foreach (var part in parts.Select(part => label.Replace(word, part, StringComparison.Ordinal)).Where(isKnown))
                    yield return part;
    }

    /// <summary>Whether a label says of itself that it is a part of what stands above it: 其中：出口.</summary>
    public static bool IsOfAbove(string label) => Array.Exists(Marks, mark => label.StartsWith(mark, StringComparison.OrdinalIgnoreCase) && label.Length > mark.Length + 1);

    // " schools" of "secondary schools", 教师 of 中学教师.
    private static IEnumerable<string> EndsOf(string piece)
    {
        for (var i = 1; i < piece.Length; i++)
            if (piece[i] == ' ' || piece[i] >= '\u2E80')
                yield return piece[i..];
    }
}
