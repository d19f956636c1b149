using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <content>What the columns' headers, the title, the sheet and the file say of the periods together.</content>
internal sealed partial class CrossTable
{
    /// <summary>Completes the periods of the columns.</summary>
    private void Period(Layout layout, List<ColumnPlan> values, ReadRelease release)
    {
        var stated = layout.Preamble.Period ?? (grid.Sheet is { } sheet ? Periods.OfCaption(sheet) : null) ?? Periods.OfCaption(Path.GetFileNameWithoutExtension(release.FileName));
        layout.Period = stated;
        var parts = values.Select(c => heads.Heads[c.Index].Part).ToList();
        var stubHasPeriods = stub.Columns.Exists(c => c.Use == StubUse.Period);
        var ended = parts.LastOrDefault(p => p is { IsComplete: true });
        int? running = null;
        for (var i = 0; i < values.Count; i++)
        {
            if (parts[i] is not { } part)
            {
                // A label that mentions one period, beside columns that have theirs: Rank in 2000.
                // Weeks | 1 to 23, one below the other
                if (!stubHasPeriods && Periods.TryPart(string.Join(' ', heads.Heads[values[i].Index].Words), out var said) && (said.IsComplete ? said : ended is { Year: { } own } ? said.Within(PeriodPart.Of(Periods.OfYear(own))) : null) is { } joined)
                    values[i].Part = joined;
                else if (!stubHasPeriods && heads.Heads[values[i].Index].Labels.SelectMany(l => Periods.Mentions(l.Text)).Select(m => m.Period).Distinct().ToList() is [var only])
                    values[i].Part = PeriodPart.Of(only);
                else if (!stubHasPeriods && heads.Heads[values[i].Index].Words is [.., var last] && IsChange(last))
                    values[i].Part = IsOneOfSeveral(values, last) ? values.Take(i).Select(v => v.Part).LastOrDefault(p => p is { IsComplete: true }) : Latest(values, i);
                continue;
            }
            running = part.Year ?? running;
            if (!part.IsComplete && !stubHasPeriods)
            {
                // 2023年1月 | 2月 | 3月
                if (part.Kind != PeriodPartKind.Cumulative && running is { } last && part.Within(PeriodPart.Of(Periods.OfYear(last))) is { } within)
                    part = within;
                else
                    part = (part.Kind == PeriodPartKind.Cumulative && ended is { } end ? part.Within(end) : null) ?? (stated is { } whole ? part.Within(PeriodPart.Of(whole)) : null)
                    ?? (YearOf(stated) is { } year ? part.Within(PeriodPart.Of(year)) : null) ?? (ended is { Year: { } common } ? part.Within(PeriodPart.Of(Periods.OfYear(common))) : null) ?? part;
                if (part.Period is null && part.IsCumulative && part.Year is { } known)
                    part = PeriodPart.Of(Periods.OfYear(known));
            }
            values[i].Part = part;
            values[i].Header = heads.Heads[values[i].Index].PeriodText;
        }
        var years = parts.Where(p => p is { Year: not null }).Select(p => p!.Value.Year).Distinct().ToList();
        if (years.Count == 1 && parts.Exists(p => p is null))
            layout.Period = Periods.OfYear(years[0]!.Value);
    }

    /// <summary>Whether a column's words say that it is of growth or change: 同比增长%, 增减±, Change.</summary>
    private static bool IsChange(string words)
    {
        var (name, inside) = Labels.SplitBrackets(words);
        return Units.OfRate(words) is { } rate && rate.Measure.Id == Units.Percent.Id || (inside is "%" or "％" or "±%" && Units.OfRate(name) is not null)
            || name.StartsWith("增减", StringComparison.Ordinal) || name.StartsWith("change", StringComparison.OrdinalIgnoreCase) || name.EndsWith(" change", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether several columns have the same words and no period: 6月 | 同比 | 1-6月 | 同比, each of the one before it.</summary>
    private bool IsOneOfSeveral(List<ColumnPlan> values, string words) => values.Count(v => heads.Heads[v.Index] is { Part: null, Words: [.., var last] } && last == words) > 1;

    /// <summary>The latest period of the columns left of one: what growth that stands behind them is the growth of; of two that end together the one further right.</summary>
    private static PeriodPart? Latest(List<ColumnPlan> values, int column) => values.Take(column).Select(v => v.Part).Where(p => p is { IsComplete: true }).Reverse()
        .MaxBy(p => p!.Value.Period!.Value.Id is var id && id.LastIndexOf('/') is >= 0 and var cut ? id[(cut + 1)..] : id, StringComparer.Ordinal);

    private static Period? YearOf(Period? period) => period is { IsPossible: true } known && Header.YearOf(known.Id) is > 0 and var year ? Periods.OfYear(year) : null;
}
