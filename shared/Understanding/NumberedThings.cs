namespace Pipeline.Understanding;

/// <summary>Tells things that are called by a letter and a number (quintiles Q1 to Q5, stations S1 and S2) from the quarters and half-years that are written so.</summary>
internal static class NumberedThings
{
    private static readonly string[] TimeWords = ["quarter", "qtr", "quartal", "trimest", "kvart", "kwart", "half", "halb", "halv", "semest", "period", "time", "year", "date", "month"];
    private static readonly string[] TimeSigns = ["季", "半年", "期", "时", "年", "月"];
    private static readonly string[] Shares = ["quartil", "quintil", "quantil", "分位", "等分"];

    /// <summary>Whether what a column holds is numbered things.</summary>
    /// <param name="texts">Its texts.</param>
    /// <param name="header">Its header; empty where it has none.</param>
    /// <param name="hasYears">Whether the table says years beside or over it.</param>
    public static bool Are(IReadOnlyCollection<string> texts, string header, Func<bool> hasYears)
    {
        var lettered = texts.Where(IsLettered).ToList();
        // Where other periods stand among them, such as 2019 or Q1 (Jan-Mar), these are periods too.
        if (lettered.Count == 0 || texts.Any(text => !IsLettered(text) && Periods.TryPart(text, out _)))
            return false;
        if (SaysTime(header))
            return false;
        if (GoBeyond(lettered))
            return true;
        if (header.Length == 0)
            return false;
        // All four quarters of each year are hardly anything else, in whatever language the header says so.
        var quarters = lettered.Where(text => text[0] is 'Q' or 'q').Select(text => text[1..].TrimStart('0')).Distinct().Count();
        return quarters < 4 || !hasYears() || Array.Exists(Shares, share => header.Contains(share, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether texts are numbered on where no year has quarters or halves any more: Q5, S3.</summary>
    public static bool GoBeyond(IEnumerable<string> texts) => texts.Any(text => IsLettered(text) && !Periods.TryPart(text, out _));

    private static bool IsLettered(string text) =>
        text.Length is 2 or 3 && text[0] is 'Q' or 'q' or 'S' or 's' or 'H' or 'h' && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool SaysTime(string header)
    {
        if (Periods.UnitNamed(header) is not null || LayoutFinder.ConceptOf(header) is { Parent: "TIME" } || Array.Exists(TimeSigns, sign => header.Contains(sign, StringComparison.Ordinal)))
            return true;
        return header.Split([' ', '/', '-', '_', '(', ')', '.', ',', ':'], StringSplitOptions.RemoveEmptyEntries)
            .Any(word => Array.Exists(TimeWords, time => word.StartsWith(time, StringComparison.OrdinalIgnoreCase)));
    }
}
