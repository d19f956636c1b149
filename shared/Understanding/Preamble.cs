namespace Pipeline.Understanding;

/// <summary>What the rows above a table's header say about all of it.</summary>
internal sealed class Preamble
{
    private static readonly string[] UnitKeys = ["计量单位", "单位", "Units", "Unit"];
    private static readonly string[] IndicatorKeys = ["指标名称", "指标", "Indicator"];
    private static readonly string[] PeriodKeys = ["时间", "时期", "报告期", "年份", "Reference period", "Period", "Time", "Date", "Year"];
    private static readonly string[] FurnitureKeys = ["数据库", "来源", "数据来源", "资料来源", "Source", "Database", "Table", "Released", "Contact"];
    private static readonly string[] NoteMarks = ["注", "备注", "说明", "附注", "资料来源", "数据来源", "来源", "Source", "Sources", "Note", "Notes", "Footnote", "Footnotes"];

    /// <summary>The first line that is no unit, period or other remark: the table's title.</summary>
    public string? Caption { get; private set; }

    /// <summary>The unit stated for all of the table.</summary>
    public Unit? Unit { get; private set; }

    /// <summary>The indicator stated for all of the table.</summary>
    public string? Indicator { get; private set; }

    /// <summary>The period stated for all of the table.</summary>
    public Period? Period { get; private set; }

    /// <summary>Reads the rows above the header.</summary>
    public static Preamble Read(IEnumerable<SampleRow> rows, string? language)
    {
        var preamble = new Preamble();
        foreach (var row in rows)
            foreach (var cell in row.Cells)
                if (!cell.IsBlank)
                    preamble.Read(Labels.Clean(cell.Text), language);
        return preamble;
    }

    /// <summary>Whether a text begins a table's notes or names its source.</summary>
    public static bool IsNote(ReadOnlySpan<char> text)
    {
        text = text.Trim().TrimStart("(（*[");
        foreach (var mark in NoteMarks)
        {
            if (!text.StartsWith(mark, StringComparison.OrdinalIgnoreCase))
                continue;
            var rest = text[mark.Length..].TrimStart("0123456789 s.)）");
            if (rest.Length == 0 || rest[0] is ':' or '：' || (mark == "注" && text.Length > 1 && char.IsAsciiDigit(text[1])))
                return true;
        }
        return false;
    }

    /// <summary>The one period that a title, a sheet's or a file's name mentions; null when there is none or more than one.</summary>
    public static Period? PeriodIn(string text)
    {
        Period? found = null;
        for (var start = 0; start < Math.Min(text.Length, 300); start++)
        {
            if (start > 0 && char.IsLetterOrDigit(text[start - 1]) && char.IsAscii(text[start - 1]) && char.IsAscii(text[start]))
                continue;
            for (var length = Math.Min(Periods.MaxLength, text.Length - start); length >= 4; length--)
            {
                var end = start + length;
                if (end < text.Length && char.IsAsciiLetterOrDigit(text[end]) && char.IsAsciiLetterOrDigit(text[end - 1]))
                    continue;
                if (char.IsWhiteSpace(text[start]) || char.IsWhiteSpace(text[end - 1]) || !Periods.TryParse(text.AsSpan(start, length), out var period) || !period.IsPossible)
                    continue;
                if (found is not null && found != period)
                    return null;
                found = period;
                start = end - 1;
                break;
            }
        }
        return found;
    }

    private void Read(string text, string? language)
    {
        if (Value(text, UnitKeys) is { } unit)
        {
            Unit ??= Units.Read(unit, language);
            return;
        }
        if (Value(text, IndicatorKeys) is { } indicator)
        {
            var (name, inside) = Labels.SplitBrackets(indicator);
            var known = inside is null ? null : Units.Find(inside);
            Indicator ??= known is null ? indicator : name;
            Unit ??= known;
            return;
        }
        if (Value(text, PeriodKeys) is { } period)
        {
            Period ??= PeriodIn(period);
            return;
        }
        if (Value(text, FurnitureKeys) is not null || IsNote(text))
            return;
        if (Units.Find(text) is { } bare)
        {
            Unit ??= bare;
            return;
        }
        if (Labels.SplitBrackets(text) is (_, { } brackets) && Units.Find(brackets) is { } bracketed)
            Unit ??= bracketed;
        Period ??= PeriodIn(text);
        Caption ??= text;
    }

    private static string? Value(string text, string[] keys)
    {
        var inner = text.Trim('(', ')', '（', '）', ' ');
        foreach (var key in keys)
            if (inner.Length > key.Length && inner.StartsWith(key, StringComparison.OrdinalIgnoreCase) && inner[key.Length..].TrimStart() is [':' or '：', .. var value])
                return value.Trim() is { Length: > 0 } stated ? stated : null;
        return null;
    }
}
