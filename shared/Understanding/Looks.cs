using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What a cell looks like, seen by itself.</summary>
internal enum Look : byte
{
    Blank,

    /// <summary>Words.</summary>
    Text,

    /// <summary>A bare number that may be a year.</summary>
    Year,

    /// <summary>A period that can not be taken for a number: <c>2023年6月</c>, <c>Q1 2014</c>, a date.</summary>
    WordedPeriod,

    /// <summary>A part of a period, in words: <c>1月</c>, <c>Q1</c>, <c>Jan-Mar</c>.</summary>
    PeriodPart,

    /// <summary>A sign in place of a value, of no letters: <c>..</c>, <c>-</c>.</summary>
    Symbol,

    /// <summary>A sign in place of a value that might be a word: <c>NA</c>, <c>x</c>.</summary>
    SymbolWord,

    /// <summary>A number.</summary>
    Number,
}

/// <summary>Tells what cells look like; each different text is looked at once.</summary>
internal sealed class LookCache(Legend? legend)
{
    private const int MaxTexts = 100_000;
    private readonly Dictionary<string, Look> known = new(StringComparer.Ordinal);

    /// <summary>What a cell looks like.</summary>
    public Look Of(GridCell cell)
    {
        if (cell.IsBlank)
            return Look.Blank;
        switch (cell.Kind)
        {
            case CellKind.Date:
                return Look.WordedPeriod;
            case CellKind.Number:
                return cell.Number is >= 1500 and < 2200 && cell.Number == Math.Floor(cell.Number) && !IsGrouped(cell.Format) ? Look.Year : Look.Number;
            case CellKind.Error:
                return Look.Symbol;
        }
        if (known.TryGetValue(cell.Text, out var look))
            return look;
        look = OfText(cell.Text);
        if (known.Count < MaxTexts)
            known.Add(cell.Text, look);
        return look;
    }

    private static bool IsGrouped(string? format) => format is not null && (format.Contains(',', StringComparison.Ordinal) || format.Contains('.', StringComparison.Ordinal)
        || format.Contains('%', StringComparison.Ordinal));

    private Look OfText(string text)
    {
        if (legend?.Of(text) is not null)
            return Look.Symbol;
        var isPeriod = Periods.TryParse(text, out _);
        // 1. and 6A number lines and tables.
        if (!isPeriod && text.Length <= 4 && (text[^1] is '.' or '、' || (char.IsAsciiLetterUpper(text[^1]) && text.AsSpan(0, text.Length - 1).IndexOfAnyExceptInRange('0', '9') < 0)))
            return char.IsAsciiDigit(text[0]) ? Look.Text : Statuses.OfSymbol(text) is null ? Look.Text : char.IsLetter(text[0]) ? Look.SymbolWord : Look.Symbol;
        if (Numbers.TryParse(text, false, out _) || Numbers.TryParse(text, true, out _))
            return isPeriod ? Look.Year : Look.Number;
        if (isPeriod)
            return Look.WordedPeriod;
        if (Statuses.OfSymbol(text) is not null)
            return char.IsLetter(text[0]) ? Look.SymbolWord : Look.Symbol;
        return Periods.TryPart(text, out _) ? Look.PeriodPart : Look.Text;
    }
}
