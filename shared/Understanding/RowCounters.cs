namespace Pipeline.Understanding;

/// <summary>Columns that count the rows and name nothing: the next release counts other rows by the same numbers.</summary>
internal static class RowCounters
{
    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");

    // What stands over counters and places.
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "no", "no.", "nr", "nr.", "num", "num.", "id", "rank", "ranking", "rank no.", "line", "line no", "line no.", "line number", "index", "idx", "seq", "seq.", "sl", "sl.", "sl no", "sl no.", "sl. no.", "sr no", "sr. no.",
        "sno", "s.no", "s.no.", "n°", "nº", "№", "lfd. nr.", "lfd. nr", "rang", "orden", "ordre", "order", "position", "pos", "pos.", "place", "serial", "serial no", "serial no.", "sr", "sr.", "item no", "item no.", "s. no.", "排名", "位次", "名次", "排序", "编号", "編號", "序",
    };

    /// <summary>The reason for setting a counter aside.</summary>
    public const string Reason = "row-number";

    /// <summary>Whether a header is what pandas writes over its index.</summary>
    public static bool IsIndex(string name) => name.StartsWith("Unnamed:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a header is one that counters have: none, a number's, a rank's.</summary>
    public static bool IsName(string name) =>
        name.Length == 0 || Names.Contains(name) || IsIndex(name) || ConceptWords.Find(name) is { Id: "ROW_NUMBER" };

    /// <summary>Whether texts count rows without a gap, from 0 or 1; rows of totals may have no number.</summary>
    public static bool Count(IEnumerable<string> texts)
    {
        long next = -1, seen = 0;
        foreach (var text in texts)
        {
            if (text.Length == 0)
                continue;
            if (!long.TryParse(text.AsSpan().TrimEnd(".、"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var n) || (text.Length > 1 && text[0] == '0') || (seen == 0 ? n is not (0 or 1) : n != next))
                return false;
            (next, seen) = (n + 1, seen + 1);
        }
        return seen > 1;
    }

    /// <summary>Whether more than three texts down a column count the rows, but for a few that begin anew: 1, 2, 3.</summary>
    public static bool MostlyCount(IEnumerable<string> texts)
    {
        long before = 0, seen = 0, breaks = 0;
        foreach (var text in texts)
        {
            if (text.Length == 0)
                continue;
            if (!long.TryParse(text, out var n) || (seen == 0 && n is not (0 or 1)))
                return false;
            breaks += seen > 0 && n != before + 1 ? 1 : 0;
            (before, seen) = (n, seen + 1);
        }
        return seen > 3 && breaks * 10 <= seen;
    }
}
