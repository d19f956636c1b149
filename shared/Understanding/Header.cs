using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What the numbers of a row count.</summary>
internal enum Sequence
{
    None,

    /// <summary>Years.</summary>
    Years,

    /// <summary>One after the other: columns, weeks, months.</summary>
    Ordinals,
}

/// <summary>Tells what rows over the data are: units, or numbers that count.</summary>
internal static class Header
{
    private const int MaxBelow = 40;
    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");

    /// <summary>Whether a row says the units of the columns.</summary>
    public static bool IsUnitRow(GridRow row)
    {
        int units = 0, filled = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in row.Cells)
        {
            if (cell.IsBlank)
                continue;
            filled++;
            // A word such as "week" or "deaths" is a unit and a name; a row of names begins with one that is no unit.
            var isName = ConceptWords.Find(cell.Text) is { Id: Concepts.UnitMeasure or Concepts.UnitMult };
            filled -= isName && !names.Add(cell.Text) ? 1 : 0;
            units += !isName && cell.Kind == CellKind.Text && Units.Find(cell.Text) is not null ? 1 : 0;
        }
        return units > 0 && units + names.Count == filled && names.Count <= 1 && filled >= 2;
    }

    /// <summary>What the numbers of a row count, if they do: its other cells are words or blank.</summary>
    /// <param name="row">The row.</param>
    /// <param name="look">What the cell in a column looks like.</param>
    /// <param name="left">The first column to look at.</param>
    /// <param name="right">The column after the last.</param>
    public static Sequence SequenceOf(GridRow row, Func<int, Look> look, int left, int right)
    {
        if (DottedPeriods.FollowEachOther(Enumerable.Range(left, Math.Max(0, Math.Min(right, row.Cells.Length) - left)).Where(c => look(c) is Look.Number or Look.Year).Select(c => DottedPeriods.TextOf(row[c]))))
            return Sequence.Years;
        var numbers = new List<long>();
        int years = 0, bracketed = 0, symbols = 0, texts = 0;
        for (var c = left; c < Math.Min(right, row.Cells.Length); c++)
        {
            var kind = look(c);
            if (kind is Look.Symbol)
                symbols++;
            if (kind is Look.Text or Look.SymbolWord)
                texts++;
            if (kind is not (Look.Number or Look.Year))
                continue;
            var text = row[c].Text.AsSpan();
            if (text.Length > 2 && text[0] is '(' or '（' && text[^1] is ')' or '）')
            {
                text = text[1..^1];
                bracketed++;
            }
            // 2020.0
            if (kind == Look.Year && text.Length is 6 or 7 && text[4] == '.' && text[5..].IndexOfAnyExcept('0') < 0)
                text = text[..4];
            // 2023.06
            if (kind == Look.Year && text.Length == 7 && text[4] == '.')
                text = string.Concat(text[..4], text[5..]);
            // 2021p, 2010³
            if (kind == Look.Year && text.Length > 4 && text.IndexOfAnyExceptInRange('0', '9') == 4)
                text = text[..4];
            if (!long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
                return Sequence.None;
            years += kind == Look.Year ? 1 : 0;
            numbers.Add(number);
        }
        if (symbols > 0 || numbers.Count < 2)
            return Sequence.None;
        if (years == numbers.Count && texts <= numbers.Count * 2)
        {
            // The first may belong to the stub; years that come again stand under several labels.
            // 202306 is a month and no value that happens to lie among years.
            if (numbers.TrueForAll(n => n > 9999))
                return Sequence.Years;
            var distinct = numbers.Distinct().Order().ToList();
            return distinct.Count > 1 ? IsEven(distinct) || IsEven([.. numbers.Skip(1).Distinct().Order()]) ? Sequence.Years : Sequence.None : Sequence.None;
        }
        // 甲 | (1) | (2), or 甲 | 1 | 2
        if (numbers.Count < 3 && bracketed < numbers.Count && !Array.Exists(row.Cells, c => c.Text == "甲") || (bracketed > 0 && bracketed < numbers.Count) || numbers.Exists(n => n > 366))
            return Sequence.None;
        // It may begin again, after it has counted: 0, 0, 0 counts nothing.
        if (numbers[1] != numbers[0] + 1)
            return Sequence.None;
        for (var i = 1; i < numbers.Count; i++)
            if (numbers[i] != numbers[i - 1] + 1 && !(numbers[i] == numbers[0] && numbers[0] <= 1))
                return Sequence.None;
        return Sequence.Ordinals;
    }

    /// <summary>
    /// Whether a row has names and one bare year, which is the period of the values under it: <c>Region | 2021</c>; or, right below a row of names, the same year under each of them. Where another header stands above, or other values lie among years too,
    /// the names have to be known for such; else the year may be a value.
    /// </summary>
    public static bool IsOfOneYear(Grid grid, int row, int left, int right)
    {
        int at = -1, texts = 0, before = 0, years = 1;
        for (var c = left; c < Math.Min(right, grid.Rows[row].Cells.Length); c++)
            switch (grid.Look(row, c))
            {
                case Look.Blank:
                    break;
                case Look.Year when at >= 0 && grid.Rows[row][c].Text == grid.Rows[row][at].Text:
                    years++;
                    break;
                case Look.Year when at < 0 && IsInUse(grid.Rows[row][c].Text):
                    (at, before) = (c, texts);
                    break;
                case Look.Text:
                    texts++;
                    break;
                default:
                    return false;
            }
        if (at < 0 || !StandsOverNumbers(grid, row, at, left, right))
            return false;
        if (years > 1)
            return IsBelowNames(grid, row, at, left, right);
        if (before == 0)
            return false;
        var isNamed = Enumerable.Range(left, at - left).Any(c => grid.Rows[row][c].Text is { Length: > 0 } text && (LayoutFinder.ConceptOf(text) is not null || Periods.UnitNamed(text) is not null));
        var above = row - 1;
        while (above >= 0 && grid.Rows[above].Cells.Take(right).Skip(left).Count(c => !c.IsBlank) < 2)
            above--;
        return above < 0 ? isNamed || !Enumerable.Range(row + 1, Math.Min(MaxBelow, grid.Rows.Count - row - 1)).Any(r => grid.Look(r, at) == Look.Year)
            : isNamed && grid.Rows[row].Row - grid.Rows[above].Row > 1;
    }

    /// <summary>Whether right above a year that comes again and again each time another name stands, and words for time or nothing beside it.</summary>
    private static bool IsBelowNames(Grid grid, int row, int at, int left, int right)
    {
        if (row == 0 || grid.Rows[row].Row - grid.Rows[row - 1].Row > 1 || Enumerable.Range(left, at - left).Any(c => grid.Rows[row][c].Text is { Length: > 0 } text && Periods.UnitNamed(text) is null && ConceptWords.Find(text) is not { Parent: "TIME" }))
            return false;
        var names = Enumerable.Range(at, Math.Min(right, grid.Rows[row].Cells.Length) - at).Where(c => grid.Look(row, c) == Look.Year).Select(c => (Look: grid.Look(row - 1, c), grid.Rows[row - 1][c].Text)).ToList();
        return names.TrueForAll(n => n.Look == Look.Text) && names.Distinct().Count() == names.Count;
    }

    private static bool IsInUse(string year) => IsInUse(YearOf(year));

    /// <summary>Whether statistics have such a year.</summary>
    public static bool IsInUse(int year) => year is >= 1800 and <= 2100;

    /// <summary>The year that a text begins with; 0 when it begins with none.</summary>
    public static int YearOf(string text) => text.Length >= 4 && int.TryParse(text.AsSpan(0, 4), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var year) ? year : 0;

    private static bool StandsOverNumbers(Grid grid, int row, int column, int left, int right)
    {
        for (var r = row + 1; r < Math.Min(grid.Rows.Count, row + 5); r++)
            switch (grid.Look(r, column))
            {
                case Look.Number or Look.Year:
                    return !grid.Rows[r].IsBlank(left, column) && (SequenceOf(grid.Rows[r], c => grid.Look(r, c), left, right) != Sequence.Years || AreFarApart(grid, r, left, right));
                case Look.Text when Units.Find(grid.Rows[r][column].Text) is null:
                case Look.WordedPeriod or Look.PeriodPart:
                    return false;
            }
        return false;
    }

    /// <summary>Whether the two years of a row are values that lie among years: a header steps by ten at the most.</summary>
    private static bool AreFarApart(Grid grid, int row, int left, int right) =>
        Enumerable.Range(left, Math.Min(right, grid.Rows[row].Cells.Length) - left).Where(c => grid.Look(row, c) == Look.Year).Select(c => YearOf(grid.Rows[row][c].Text)).ToList() is [var first, var second]
        && Math.Abs(second - first) > 10;

    private static bool IsEven(List<long> numbers)
    {
        for (var i = 2; i < numbers.Count; i++)
            if (numbers[i] - numbers[i - 1] != numbers[1] - numbers[0] && numbers[i] - numbers[i - 1] > 10)
                return false;
        return numbers.Count > 1;
    }
}
