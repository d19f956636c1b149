using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Finds the row of a table that heads its columns: the one whose texts and periods stand over the numbers.</summary>
internal static class Header
{
    private const int Candidates = 60;
    private const int RowsBelow = 40;

    private enum Look : byte
    {
        Blank,
        Text,
        Year,
        WordedPeriod,
        Symbol,
        SymbolWord,
        Number,
    }

    /// <summary>The index of the header among a sample's rows; -1 when no row heads numbers.</summary>
    public static int Find(Sample sample)
    {
        var rows = sample.Rows;
        var looks = rows.Take(Candidates + RowsBelow).Select(r => Array.ConvertAll(r.Cells, LookOf)).ToArray();
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
    public static bool IsUnitRow(SampleRow row)
    {
        int units = 0, filled = 0;
        foreach (var cell in row.Cells)
        {
            if (cell.IsBlank)
                continue;
            filled++;
            units += cell.Kind == CellKind.Text && Units.Find(cell.Text) is not null ? 1 : 0;
        }
        return units > 0 && units >= filled - 1 && filled >= 2;
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
            covered += head is Look.Text or Look.Year or Look.WordedPeriod or Look.SymbolWord ? 1 : 0;
            plain += head is Look.Number or Look.Symbol ? 1 : 0;
        }
        if (numeric == 0 || covered * 2 < numeric || covered <= plain)
            return 0;
        return ((covered - (0.5 * plain)) / numeric) + (0.25 * filled / width) - (0.05 * Math.Min(distance, 5));
    }

    private static Look LookOf(SampleCell cell)
    {
        if (cell.IsBlank)
            return Look.Blank;
        if (cell.Kind == CellKind.Date)
            return Look.WordedPeriod;
        var text = cell.Text.AsSpan();
        var isPeriod = Periods.TryParse(text, out _);
        if (cell.Kind == CellKind.Number || Numbers.TryParse(text, false, out _) || Numbers.TryParse(text, true, out _))
            return isPeriod ? Look.Year : Look.Number;
        return isPeriod ? Look.WordedPeriod : Statuses.OfSymbol(text) is null ? Look.Text : char.IsLetter(text[0]) ? Look.SymbolWord : Look.Symbol;
    }
}
