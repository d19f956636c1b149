namespace Pipeline.Understanding;

/// <summary>What the rows above a table's header say about all of it.</summary>
internal sealed class Preamble
{
    private static readonly string[] UnitKeys = ["计量单位", "单位", "Units", "Unit"];
    private static readonly string[] IndicatorKeys = ["指标名称", "指标", "Indicator"];
    private static readonly string[] PeriodKeys = ["时间", "时期", "报告期", "年份", "Reference period", "Period", "Time", "Date", "Year"];
    private static readonly string[] FurnitureKeys = ["数据库", "来源", "数据来源", "资料来源", "Source", "Database", "Table", "Tabelle", "Tabla", "Tabela", "Released", "Contact"];
    private static readonly string[] NoteMarks = ["注", "备注", "说明", "附注", "资料来源", "数据来源", "来源", "Source", "Sources", "Note", "Notes", "Footnote", "Footnotes"];

    private static readonly System.Buffers.SearchValues<char> Signs = System.Buffers.SearchValues.Create("£$€¥￥%");
    private static readonly string[] FurnitureStarts = ["Released", "Published", "Publication date", "back to", "Return to", "Contents", "发布时间", "发布日期", "返回", "目录", "http", "www."];
    private static readonly string[] LinkStarts = ["back to ", "return to ", "go to contents", "返回目录", "返回首页", "返回"];
    private static readonly string[] TitleStarts = ["Table", "Figure", "Chart", "Tabelle", "Tableau", "Cuadro", "续表", "表", "图"];

    /// <summary>The first line that is no unit, period or other remark: the table's title.</summary>
    public string? Caption { get; private set; }

    /// <summary>The unit stated for all of the table.</summary>
    public Unit? Unit { get; private set; }

    /// <summary>The indicator stated for all of the table.</summary>
    public string? Indicator { get; private set; }

    /// <summary>The period stated for all of the table.</summary>
    public Period? Period { get; private set; }

    /// <summary>Reads the rows above the header, within some columns.</summary>
    public static Preamble Read(IEnumerable<GridRow> rows, int left, int right, string? language)
    {
        var preamble = new Preamble();
        foreach (var row in rows)
            for (var c = left; c < Math.Min(right, row.Cells.Length); c++)
                if (!row.Cells[c].IsBlank)
                    preamble.Read(Labels.WithoutMarks(Labels.Clean(row.Cells[c].Text)), language);
        return preamble;
    }

    /// <summary>Takes a title that stands below its table, as charts have it, where none with a number stands above.</summary>
    public void TitleBelow(IEnumerable<GridRow> notes, int left, int right)
    {
        if (Caption is not null && IsNumbered(Caption))
            return;
        foreach (var row in notes)
            for (var c = left; c < Math.Min(right, row.Cells.Length); c++)
                if (IsNumbered(row.Cells[c].Text) && row.Cells[c].Text.AsSpan().IndexOfAny(":：. ") > 0 && row.Cells[c].Text.Length > 12)
                {
                    Caption = Labels.WithoutMarks(Labels.Clean(row.Cells[c].Text));
                    return;
                }
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

    /// <summary>The unit that a line states and nothing else: <c>单位：亿元</c>, <c>(£ million)</c>; null when it says something else.</summary>
    public static Unit? UnitStated(string text, string? language)
    {
        if (text.Length == 0)
            return null;
        if (Value(text, UnitKeys) is { } stated)
            return Stated(stated, language);
        // "Persons" or "Number" over rows may be what they are about; a multiplier, a currency or per cent is a unit.
        return Units.Find(text) is { } unit && (unit.Multiplier != 0 || text[0] is '(' or '（' || unit.Measure.Id == Units.Percent.Id || text.AsSpan().ContainsAny(Signs)) ? unit : null;
    }

    /// <summary>The unit of a line that states it. Of <c>亿元、%</c> the amounts' is meant: rates say per cent in their headers.</summary>
    private static Unit Stated(string text, string? language) => Units.Find(text)
        ?? (Units.FindAll(text).Where(u => u.Measure.Id != Units.Percent.Id).ToList() is [var only] ? only : Units.Read(text, language));

    /// <summary>A caption without its number and the periods it mentions: what stays the same next month.</summary>
    /// <param name="caption">The caption.</param>
    /// <param name="otherwise">What to give when nothing else stays.</param>
    public static string WithoutPeriod(string caption, string otherwise)
    {
        var text = new System.Text.StringBuilder(caption);
        foreach (var (_, start, length) in Periods.Mentions(caption).Reverse())
            text.Remove(start, length);
        // Table 3, 2020 and 2021, by region
        var rest = Labels.Clean(text.ToString().Replace(", and", ",", StringComparison.OrdinalIgnoreCase).Replace(", ,", ",", StringComparison.Ordinal)).Trim(' ', ',', '，', ':', '：', '-', '–', '—', '.', '(', ')', '（', '）');
        return rest.Length > 0 ? rest : otherwise;
    }

    private void Read(string text, string? language)
    {
        if (text.Length == 0)
            return;
        if (Value(text, UnitKeys) is { } unit)
        {
            Unit ??= Stated(unit, language);
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
            Period ??= Periods.OfCaption(period);
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
        else if (Units.InSentence(text) is { } said)
            Unit ??= said;
        Period ??= Periods.OfCaption(text);
        if (IsFurniture(text) || text.StartsWith('#') || !text.Any(char.IsLetter))
            return;
        if (Caption is null || (!IsNumbered(Caption) && IsNumbered(text)))
            Caption = text;
    }

    /// <summary>Whether a line speaks of the publication and not of the table: <c>Released on …</c>, <c>back to contents</c>.</summary>
    public static bool IsFurniture(string text) => Array.Exists(FurnitureStarts, start => text.StartsWith(start, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a line says that the table above goes on, and no more: <c>续表</c>, <c>(continued)</c>.</summary>
    public static bool GoesOn(string text) => text.Trim(' ', '　', '(', ')', '（', '）', '.') is "续" or "续表" or "續表" or "continued" or "Continued" or "cont'd" or "Cont'd";

    /// <summary>Whether a text is a link back to the contents, or stands before the number of a page.</summary>
    public static bool IsLink(string text) => Array.Exists(LinkStarts, start => text.StartsWith(start, StringComparison.OrdinalIgnoreCase)) || text is "Page" or "page" or "PAGE" or "页" or "页码" or "第";

    /// <summary>Whether a line begins as tables' titles do: <c>Table 1</c>, <c>表2-3</c>, <c>1.1 Summary</c>.</summary>
    private static bool IsNumbered(string text)
    {
        var rest = text.AsSpan();
        foreach (var word in TitleStarts)
            if (rest.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                if (rest.Length > word.Length && char.IsAsciiLetter(rest[word.Length]))
                    return false;
                rest = rest[word.Length..].TrimStart(" -–—");
                return rest.Length > 0 && (char.IsAsciiLetterOrDigit(rest[0]) || "一二三四五六七八九十".Contains(rest[0], StringComparison.Ordinal)) && (rest.Length == 1 || !char.IsAsciiLetter(rest[1]) || !char.IsAsciiLetter(rest[0]));
            }
        return false;
    }

    private static string? Value(string text, string[] keys)
    {
        var inner = text.StartsWith('(') || text.StartsWith('（') ? text.Trim('(', ')', '（', '）', ' ') : text;
        foreach (var key in keys)
            if (inner.Length > key.Length && inner.StartsWith(key, StringComparison.OrdinalIgnoreCase) && inner[key.Length..].TrimStart() is [':' or '：', .. var value])
                return value.Trim() is { Length: > 0 } stated ? stated : null;
        return null;
    }
}
