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

/// <summary>Finds the row of a table that heads its columns: the one whose texts and periods stand over the numbers.</summary>
internal static class Header
{
    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");
    private const int Candidates = 60;
    private const int RowsBelow = 40;

    /// <summary>The index of the header among a table's rows; -1 when no row heads numbers.</summary>
    public static int Find(Grid sample)
    {
        var rows = sample.Rows;
        var looks = Enumerable.Range(0, Math.Min(rows.Count, Candidates + RowsBelow)).Select(r => { sample.Look(r, 0); return rows[r].Looks; }).ToArray();
        int best = -1;
        var bestScore = 0.0;
        for (var h = 0; h < Math.Min(looks.Length - 1, Candidates); h++)
        {
            if (rows[h].Filled < Math.Min(2, sample.Width) || IsUnitRow(rows[h]))
                continue;
            var score = Score(looks, h, sample.Width) - (0.001 * h);
            if (score > bestScore)
                (best, bestScore) = (h, score);
        }
        return best;
    }

    /// <summary>Whether a row says the units of the columns.</summary>
    public static bool IsUnitRow(GridRow row)
    {
        int units = 0, filled = 0, names = 0;
        foreach (var cell in row.Cells)
        {
            if (cell.IsBlank)
                continue;
            filled++;
            // A word such as "week" or "deaths" is a unit and a name; a row of names begins with one that is no unit.
            var isName = ConceptWords.Find(cell.Text) is { Id: Concepts.UnitMeasure or Concepts.UnitMult };
            names += isName ? 1 : 0;
            units += !isName && cell.Kind == CellKind.Text && Units.Find(cell.Text) is not null ? 1 : 0;
        }
        return units > 0 && units + names == filled && names <= 1 && filled >= 2;
    }

    /// <summary>What the numbers of a row count, if they do: its other cells are words or blank.</summary>
    /// <param name="row">The row.</param>
    /// <param name="look">What the cell in a column looks like.</param>
    /// <param name="left">The first column to look at.</param>
    /// <param name="right">The column after the last.</param>
    public static Sequence SequenceOf(GridRow row, Func<int, Look> look, int left, int right)
    {
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
            // 2023.06
            if (kind == Look.Year && text.Length == 7 && text[4] == '.')
                text = string.Concat(text[..4], text[5..]);
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
        for (var i = 1; i < numbers.Count; i++)
            if (numbers[i] != numbers[i - 1] + 1 && !(numbers[i] == numbers[0] && numbers[0] <= 1))
                return Sequence.None;
        return Sequence.Ordinals;
    }

    private static bool IsEven(List<long> numbers)
    {
        for (var i = 2; i < numbers.Count; i++)
            if (numbers[i] - numbers[i - 1] != numbers[1] - numbers[0] && numbers[i] - numbers[i - 1] > 10)
                return false;
        return numbers.Count > 1;
    }

    private static double Score(Look[][] looks, int h, int width)
    {
        int numeric = 0, covered = 0, plain = 0, filled = 0, distance = int.MaxValue;
        var header = looks[h];
        for (var c = 0; c < width; c++)
        {
            int numbers = 0, signs = 0, others = 0, first = -1;
            for (var r = h + 1; r < Math.Min(looks.Length, h + 1 + RowsBelow); r++)
            {
                var look = c < looks[r].Length ? looks[r][c] : Look.Blank;
                if (look is Look.Number or Look.Year)
                {
                    first = first < 0 ? r : first;
                    numbers++;
                }
                else if (look is Look.Symbol or Look.SymbolWord)
                {
                    signs++;
                }
                else if (look != Look.Blank)
                {
                    others++;
                }
            }
            var head = c < header.Length ? header[c] : Look.Blank;
            filled += head == Look.Blank ? 0 : 1;
            if (numbers == 0 || numbers + signs < others)
                continue;
            numeric++;
            distance = Math.Min(distance, first - h - 1);
            covered += head is Look.Text or Look.Year or Look.WordedPeriod or Look.PeriodPart or Look.SymbolWord ? 1 : 0;
            plain += head is Look.Number or Look.Symbol ? 1 : 0;
        }
        if (numeric == 0 || covered * 2 < numeric || covered <= plain)
            return 0;
        return ((covered - (0.5 * plain)) / numeric) + (0.25 * filled / width) - (0.05 * Math.Min(distance, 5));
    }
}
