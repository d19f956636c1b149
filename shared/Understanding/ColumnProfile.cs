using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What the cells of a column below the header look like.</summary>
internal sealed class ColumnProfile
{
    /// <summary>Cells that are not blank.</summary>
    public int Filled { get; private set; }

    /// <summary>Cells that hold a number.</summary>
    public int Numbers { get; private set; }

    /// <summary>Numbers without decimals.</summary>
    public int Integers { get; private set; }

    /// <summary>Integers from 1800 to 2100 that stand bare, without separators, or as programs keep them: 2020.0.</summary>
    public int Years { get; private set; }

    /// <summary>Cells that are a sign in place of a value.</summary>
    public int Symbols { get; private set; }

    /// <summary>Cells that are a period.</summary>
    public int Periods { get; private set; }

    /// <summary>Cells that are a period and can not be taken for a number.</summary>
    public int WordedPeriods { get; private set; }

    /// <summary>Numbers that carry a flag.</summary>
    public int Flags { get; private set; }

    /// <summary>Integers with a leading zero: codes, not values.</summary>
    public int ZeroPadded { get; private set; }

    /// <summary>Cells that name an area of the vocabulary.</summary>
    public int Areas { get; private set; }

    /// <summary>For the decimal comma, and against it.</summary>
    public int Commas { get; private set; }

    /// <summary>For the decimal point.</summary>
    public int Points { get; private set; }

    /// <summary>Numbers whose only mark is a comma before three digits, which says neither.</summary>
    public int Grouped { get; private set; }

    /// <summary>Whether every number of the column has a comma before three digits: none is shorter, as numbers of thousands are.</summary>
    public bool IsAllGrouped => Grouped > 0 && Grouped == Numbers;

    /// <summary>The sum of the texts' lengths.</summary>
    public int Characters { get; private set; }

    /// <summary>The different texts.</summary>
    public HashSet<string> Texts { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether most filled cells hold a number or a sign in place of one.</summary>
    public bool IsNumeric => Numbers > 0 && (Numbers + Symbols) * 2 >= Filled;

    /// <summary>Whether all cells hold periods (nearly all: one slip in ten is a finding, not another kind of column).</summary>
    public bool IsPeriods => Filled > 0 && Periods * 10 >= Filled * 8;

    /// <summary>Looks at one more cell.</summary>
    public void Add(GridCell cell, Vocabulary areas)
    {
        if (cell.IsBlank)
            return;
        Filled++;
        Characters += cell.Text.Length;
        Texts.Add(cell.Text);
        if (cell.Kind is CellKind.Date)
        {
            Periods++;
            WordedPeriods++;
            return;
        }
        var text = cell.Text.AsSpan();
        var isPeriod = Understanding.Periods.TryParse(text, out _);
        Periods += isPeriod ? 1 : 0;
        Areas += areas.Find(text) is not null ? 1 : 0;
        if (cell.Kind == CellKind.Number || Understanding.Numbers.TryParse(text, false, out _) || Understanding.Numbers.TryParse(text, true, out _))
        {
            Numbers++;
            Flags += Understanding.Numbers.TryParse(text, false, out var number) && number.Flag.Length > 0 ? 1 : 0;
            var bare = text.IndexOfAnyExceptInRange('0', '9') < 0;
            Integers += bare || (text[0] == '-' && text[1..].IndexOfAnyExceptInRange('0', '9') < 0) ? 1 : 0;
            var year = text.Length > 4 && text[4] == '.' && text[5..].IndexOfAnyExcept('0') < 0 ? text[..4] : text;
            Years += year.Length == 4 && year.IndexOfAnyExceptInRange('0', '9') < 0 && isPeriod && text[0] is '1' or '2' ? 1 : 0;
            ZeroPadded += bare && text.Length > 1 && text[0] == '0' ? 1 : 0;
            if (cell.Kind == CellKind.Text)
            {
                var evidence = Understanding.Numbers.CommaEvidence(text);
                Commas += evidence > 0 ? 1 : 0;
                Points += evidence < 0 ? 1 : 0;
                Grouped += evidence == 0 && text.Contains(',') ? 1 : 0;
            }
        }
        else if (isPeriod)
        {
            WordedPeriods++;
        }
        else if (Statuses.OfSymbol(text) is not null)
        {
            Symbols++;
        }
    }
}
