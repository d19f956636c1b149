using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>A cell of a <see cref="Sample"/>.</summary>
internal readonly record struct SampleCell(CellKind Kind, string Text, double Number, string? Format)
{
    public bool IsBlank => Kind == CellKind.Blank || string.IsNullOrWhiteSpace(Text);
}

/// <summary>A row of a <see cref="Sample"/>; blank rows are left out.</summary>
internal sealed record SampleRow(int Row, SampleCell[] Cells)
{
    public int Filled { get; } = Cells.Count(c => !c.IsBlank);

    public SampleCell this[int column] => column < Cells.Length ? Cells[column] : new SampleCell(CellKind.Blank, "", 0, null);
}

/// <summary>The first rows of a table, from which its layout is told.</summary>
internal sealed class Sample
{
    /// <summary>The most columns a table may have: a worksheet's.</summary>
    public const int MaxColumns = 16_384;

    private const int MaxRows = 400;
    private const int MinRows = 12;
    private const int MaxCells = 200_000;

    private Sample(List<SampleRow> rows, int width, bool tooWide) => (Rows, Width, IsTooWide) = (rows, width, tooWide);

    /// <summary>The rows that are not blank.</summary>
    public List<SampleRow> Rows { get; }

    /// <summary>The column after the last that is filled.</summary>
    public int Width { get; }

    /// <summary>Whether a row has more than <see cref="MaxColumns"/> cells.</summary>
    public bool IsTooWide { get; }

    /// <summary>Reads the first rows of a table.</summary>
    public static Sample Of(Table table)
    {
        var rows = new List<SampleRow>();
        int width = 0, cells = 0;
        using var reader = table.Open();
        Span<char> buffer = stackalloc char[CellText.DateLength];
        while (rows.Count < MaxRows && (rows.Count < MinRows || cells < MaxCells) && reader.Read())
        {
            var count = reader.Count;
            while (count > 0 && IsBlank(reader[count - 1]))
                count--;
            if (count == 0)
                continue;
            if (count > MaxColumns)
                return new Sample(rows, count, true);
            var row = new SampleCell[count];
            for (var c = 0; c < count; c++)
            {
                var cell = reader[c];
                row[c] = new SampleCell(cell.Kind, new string(CellText.Of(cell, buffer).Trim()), cell.Number, cell.Format);
            }
            rows.Add(new SampleRow(reader.Row, row));
            width = Math.Max(width, count);
            cells += count;
        }
        return new Sample(rows, width, false);
    }

    private static bool IsBlank(Cell cell) => cell.Kind == CellKind.Blank || cell.Text.IsWhiteSpace();
}

/// <summary>The text under which a cell is looked up.</summary>
internal static class CellText
{
    /// <summary>The length of a date's text.</summary>
    public const int DateLength = 10;

    /// <summary>A cell's text; a date's as <c>2023-06-30</c>, written into the buffer.</summary>
    public static ReadOnlySpan<char> Of(in Cell cell, Span<char> buffer)
    {
        if (cell.Kind != CellKind.Date)
            return cell.Text;
        cell.Date.TryFormat(buffer, out var length, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        return buffer[..length];
    }
}

/// <summary>What the cells of a column below the header look like.</summary>
internal sealed class ColumnProfile
{
    /// <summary>Cells that are not blank.</summary>
    public int Filled { get; private set; }

    /// <summary>Cells that hold a number.</summary>
    public int Numbers { get; private set; }

    /// <summary>Numbers without decimals.</summary>
    public int Integers { get; private set; }

    /// <summary>Integers from 1800 to 2100 that stand bare, without separators.</summary>
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

    /// <summary>The sum of the texts' lengths.</summary>
    public int Characters { get; private set; }

    /// <summary>The different texts.</summary>
    public HashSet<string> Texts { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether most filled cells hold a number or a sign in place of one.</summary>
    public bool IsNumeric => Numbers > 0 && (Numbers + Symbols) * 2 >= Filled;

    /// <summary>Whether all cells hold periods (nearly all: one slip in ten is a finding, not another kind of column).</summary>
    public bool IsPeriods => Filled > 0 && Periods * 10 >= Filled * 8;

    /// <summary>Looks at one more cell.</summary>
    public void Add(SampleCell cell, Vocabulary areas)
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
            Years += bare && text.Length == 4 && isPeriod && text[0] is '1' or '2' ? 1 : 0;
            ZeroPadded += bare && text.Length > 1 && text[0] == '0' ? 1 : 0;
            if (cell.Kind == CellKind.Text)
            {
                var evidence = Understanding.Numbers.CommaEvidence(text);
                Commas += evidence > 0 ? 1 : 0;
                Points += evidence < 0 ? 1 : 0;
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
