using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>
/// Periods with a point between year and month (<c>2023.9, 2023.10</c>), or year and quarter where the name says so. Kept as a number, October has lost its nought: whether
/// <c>2023.1</c> is January or October, the other periods tell.
/// </summary>
internal sealed class DottedPeriods
{
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> firsts = new(StringComparer.Ordinal);
    private readonly bool areQuarters, arePadded, comeInRuns, fall;

    private DottedPeriods(List<string> texts, bool areQuarters)
    {
        this.areQuarters = areQuarters;
        var before = "";
        var steps = 0;
        foreach (var text in texts)
        {
            counts[text] = counts.GetValueOrDefault(text) + 1;
            firsts.TryAdd(text, firsts.Count);
            arePadded |= text[5] == '0';
            comeInRuns |= text == before && !IsOne(text);
            if (before.Length > 0 && !IsOne(text) && !IsOne(before) && text[..4] == before[..4])
                steps += Part(text).CompareTo(Part(before));
            before = text;
        }
        fall = steps < 0;
    }

    /// <summary>The periods of a column; null where a text is none, or nothing says that they are periods.</summary>
    /// <param name="column">The column's texts in order; blank ones count for nothing.</param>
    /// <param name="name">What stands over it.</param>
    public static DottedPeriods? Of(IEnumerable<string> column, string name)
    {
        var texts = new List<string>();
        foreach (var text in column.Where(t => t.Length > 0))
        {
            if (Part(text) is 0)
                return null;
            texts.Add(text);
        }
        var concept = LayoutFinder.ConceptOf(name);
        var unit = Periods.UnitNamed(name);
        // 2020.5 among years is the middle of one.
        if (texts.Count == 0 || concept?.Id == "YEAR" || unit == PeriodUnit.Week || (concept?.Parent != "TIME" && unit is null && !FollowEachOther(texts) && !FollowEachOther(texts.Distinct())))
            return null;
        var areQuarters = (unit == PeriodUnit.Quarter || concept?.Id == "QUARTER") && texts.TrueForAll(t => Part(t) <= 4);
        return new DottedPeriods(texts, areQuarters);
    }

    /// <summary>Whether a text may be one.</summary>
    public static bool Is(string text) => Part(text) > 0;

    /// <summary>Whether three periods or more are months, each the one after the one before: nothing else is written so.</summary>
    public static bool FollowEachOther(IEnumerable<string> texts)
    {
        int count = 0, before = 0;
        var startsInOne = false;
        foreach (var text in texts)
        {
            if (Part(text) is not (> 0 and var part))
                return false;
            var month = (Year(text) * 12) + part;
            // September, and October without its nought; or it comes first.
            if (IsOne(text) && before == month + 8)
                month += 9;
            if (count == 1 && startsInOne && month == before + 10)
                before += 9;
            startsInOne = count == 0 && IsOne(text);
            if (count++ > 0 && month != before + 1)
                return false;
            before = month;
        }
        return count > 2;
    }

    /// <summary>The period of a text; null when it is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="before">The period that was read before.</param>
    public Period? Read(string text, Period? before)
    {
        if (Part(text) is not (> 0 and var part))
            return null;
        return areQuarters ? Periods.OfQuarter(Year(text), part) : Periods.OfMonth(Year(text), IsOne(text) && IsOctober(text, before) ? 10 : part);
    }

    /// <summary>What is not sure about a text, and why it was read as it was; null when all is.</summary>
    public string? DoubtOf(string text, Period period)
    {
        if (areQuarters || !IsOne(text) || Count(text, ".10") > 0)
            return null;
        return period.Id.EndsWith("-10", StringComparison.Ordinal) ? arePadded ? "January is written with a nought here" : "the periods beside it say so"
            : Count(text, ".2") + Count(text, -1, ".12") > 0 ? null : "nothing beside it tells";
    }

    private bool IsOctober(string text, Period? before)
    {
        if (arePadded)
            return true;
        var (january, october) = (Math.Max(Count(text, ".2"), Count(text, -1, ".12")), Math.Max(Count(text, ".9"), Count(text, ".11")));
        if (Count(text, ".10") > 0 || october == 0)
            return false;
        // As often as its neighbours it is one of the two, January before February or October beside September; oftener it is both, by turns.
        if (january == 0 || counts[text] <= january)
            return january == 0 || (fall ? firsts[text] < First(text, ".9") : firsts[text] > First(text, ".2"));
        var month = before is { Freq: "M" } last && last.Id.StartsWith(text[..4], StringComparison.Ordinal) ? last.Id[5..] : "";
        return fall ? month != "02" && !(comeInRuns && month == "01") : month == "09" || (comeInRuns && month == "10");
    }

    private int First(string text, string part) => firsts.GetValueOrDefault(text[..4] + part, int.MaxValue);

    private int Count(string text, string part) => counts.GetValueOrDefault(text[..4] + part);

    private int Count(string text, int years, string part) => counts.GetValueOrDefault((Year(text) + years).ToString(CultureInfo.InvariantCulture) + part);

    private static bool IsOne(string text) => text.Length == 6 && text[5] == '1';

    private static int Year(string text) => int.Parse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The month or quarter of a text; 0 when it is no year and month.</summary>
    private static int Part(string text) => text.Length is 6 or 7 && text[4] == '.' && text[0] is '1' or '2' && int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1900 and <= 2100
        && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var part) && part is >= 1 and <= 12 ? part : 0;

    /// <summary>A cell's text, of a number as its format shows it: <c>2023.10</c>.</summary>
    public static string TextOf(GridCell cell) => cell.Kind == Reading.CellKind.Number && cell.Format is not null && Numbers.TryExact(cell.Number, cell.Format, out var value, out _)
        ? value.ToString(CultureInfo.InvariantCulture) : cell.Text;

    /// <inheritdoc cref="TextOf(GridCell)"/>
    public static string TextOf(in Reading.Cell cell) => cell.Kind == Reading.CellKind.Number && cell.Format is not null && Numbers.TryExact(cell.Number, cell.Format, out var value, out _)
        ? value.ToString(CultureInfo.InvariantCulture) : new string(cell.Text);
}
