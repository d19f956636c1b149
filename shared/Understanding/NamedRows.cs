namespace Pipeline.Understanding;

/// <summary>
/// Finds the rows whose numbers look like a header, years at equal steps or 3, 4, 5, and are values: a label stands beside them, and a header above has a
/// name or a period of its own over each of them.
/// </summary>
internal sealed class NamedRows
{
    /// <summary>What stands beside numbers that count the columns.</summary>
    public static readonly string[] CounterWords = ["甲", "乙", "栏次", "列次"];
    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");

    private readonly Grid grid;
    private readonly List<GridRow> rows;
    private readonly int from, left, right;
    private readonly int[] heads;
    private readonly bool[] isNamed;
    private int head = -1;
    private bool afterData;

    private NamedRows(Grid grid, int from, int to, int left, int right)
    {
        (this.grid, rows, this.from, this.left, this.right) = (grid, grid.Rows, from, left, right);
        (heads, isNamed) = (new int[to - from], new bool[to - from]);
        Array.Fill(heads, -1);
    }

    /// <summary>Looks at some rows of a sheet, from the first to the one before the last, in some of its columns.</summary>
    public static NamedRows Of(Grid grid, int from, int to, int left, int right)
    {
        var named = new NamedRows(grid, from, to, left, right);
        var gap = false;
        for (var r = from; r < to; r++)
        {
            if (grid.Rows[r].IsBlank(left, right))
            {
                gap = true;
                continue;
            }
            gap |= r > from && grid.Rows[r].Row - grid.Rows[r - 1].Row > 1;
            // Below a gap another table may begin.
            if (gap && named.afterData)
                (named.head, named.afterData) = (-1, false);
            named.Take(r);
            gap = false;
        }
        return named;
    }

    /// <summary>Whether a row looks like a header and is data.</summary>
    public bool Holds(int row) => row >= from && row - from < isNamed.Length && isNamed[row - from];

    /// <summary>Whether the header over a row has a period over a column that is right of a label.</summary>
    public bool HasPeriodOver(int row, int column) => row >= from && row - from < heads.Length && heads[row - from] is >= 0 and var over && IsPeriod(over, column)
        && Enumerable.Range(left, column - left).Any(c => grid.Look(row, c) == Look.Text);

    private void Take(int row)
    {
        int texts = 0, symbols = 0, first = -1, years = 0, numbers = 0;
        for (var c = left; c < Math.Min(right, rows[row].Cells.Length); c++)
        {
            var look = grid.Look(row, c);
            texts += look is Look.Text or Look.WordedPeriod or Look.PeriodPart ? 1 : 0;
            symbols += look is Look.Symbol or Look.SymbolWord ? 1 : 0;
            years += look == Look.Year ? 1 : 0;
            numbers += look == Look.Number ? 1 : 0;
            if (first < 0 && look is Look.Number or Look.Year)
                first = c;
        }
        if (first < 0)
        {
            // A heading between the rows stands over few columns.
            if (texts > 1 && symbols == 0 && (head < 0 || Fills(row) * 2 > Filled(head)))
                (head, afterData) = (row, false);
            return;
        }
        var sequence = Header.SequenceOf(rows[row], c => grid.Look(row, c), left, right);
        if (sequence == Sequence.None && years > 0 && numbers == 0 && Header.IsOfOneYear(grid, row, left, right))
        {
            (head, afterData) = (row, false);
            return;
        }
        if (sequence == Sequence.None && numbers > 0)
        {
            (heads[row - from], afterData) = (head, true);
            return;
        }
        if (head >= 0 && IsData(row, first, sequence))
        {
            (heads[row - from], isNamed[row - from], afterData) = (head, true, true);
            return;
        }
        if (sequence == Sequence.Years)
            (head, afterData) = (row, false);
    }

    private int Filled(int row) => Enumerable.Range(left, right - left).Count(c => grid.Look(row, c) != Look.Blank);

    /// <summary>The columns that both a row and the header fill.</summary>
    private int Fills(int row) => Enumerable.Range(left, right - left).Count(c => grid.Look(row, c) != Look.Blank && grid.Look(head, c) != Look.Blank);

    private bool IsPeriod(int row, int column) => grid.Look(row, column) is Look.Year or Look.WordedPeriod or Look.PeriodPart || (row == head && grid.Look(row, column) == Look.Number && DottedPeriods.Is(DottedPeriods.TextOf(rows[row][column])));

    private bool IsData(int row, int first, Sequence sequence)
    {
        // Left of the periods, numbers under names are codes: 0,Armed forces,1,2 below ISCO,Occupation,2019,2020.
        first = Enumerable.Range(first, right - first).FirstOrDefault(c => IsPeriod(head, c) && grid.Look(row, c) is Look.Number or Look.Year, first);
        var columns = Enumerable.Range(first, Math.Min(right, rows[row].Cells.Length) - first).Where(c => grid.Look(row, c) is Look.Number or Look.Year).ToList();
        if (grid.HasMerged(rows[row].Row) || grid.HasMerged(rows[head].Row) || columns.Exists(c => grid.Look(row, c) == Look.Number && rows[row][c].Text[0] is '(' or '（') || !HasLabel(row, first))
            return false;
        // A header that groups columns says the same over several of them, or leaves cells blank.
        if (columns.Exists(c => !IsPeriod(head, c) && grid.Look(head, c) != Look.Text))
            return false;
        var texts = columns.ConvertAll(c => rows[head][c].Text);
        var arePeriods = columns.TrueForAll(c => IsPeriod(head, c));
        if (arePeriods ? texts.Zip(texts.Skip(1)).Any(t => t.First == t.Second) : texts.Distinct().Count() < texts.Count)
            return false;
        if (sequence == Sequence.Ordinals)
            return Enumerable.Range(left, first - left).Any(c => rows[row][c].Text.Length > 1) || rows[row][columns[0]].Text is not ("0" or "1");
        var years = columns.ConvertAll(c => YearOf(row, c));
        if (!arePeriods)
            return years.Count > 1 && (!AreEven(years) || years.Exists(year => !Header.IsInUse(year)));
        // The years once more, or those that the periods above end in.
        if (columns.TrueForAll(c => YearOf(head, c) > 0 && Math.Abs(YearOf(head, c) - YearOf(row, c)) <= 1))
            return false;
        return !AreEven(years) || (row > from && (row - 1 == head || heads[row - 1 - from] == head));
    }

    /// <summary>Whether words left of the numbers name the row as a row of data is named, by nothing that a header says.</summary>
    private bool HasLabel(int row, int first)
    {
        var labels = Enumerable.Range(left, first - left).Where(c => !rows[row][c].IsBlank).ToList();
        return labels.Exists(c => grid.Look(row, c) != Look.Number) && labels.TrueForAll(c => grid.Look(row, c) is Look.Number && grid.Look(head, c) == Look.Text || grid.Look(row, c) is Look.Text or Look.WordedPeriod or Look.PeriodPart && rows[row][c].Text is var text && text != rows[head][c].Text
            && !CounterWords.Contains(text) && ConceptWords.Find(text) is null && LayoutFinder.ConceptOf(text) is null && Periods.UnitNamed(text) is null && !Periods.IsWeekWord(text)
            && Preamble.UnitStated(text, null) is null);
    }

    private int YearOf(int row, int column) => Header.YearOf(rows[row][column].Text);

    /// <summary>Whether years follow each other at one step.</summary>
    private static bool AreEven(List<int> years)
    {
        if (years.Count == 1)
            return false;
        var step = years[1] - years[0];
        return Math.Abs(step) is > 0 and <= 10 && years.Zip(years.Skip(1)).All(y => y.Second - y.First == step);
    }
}
