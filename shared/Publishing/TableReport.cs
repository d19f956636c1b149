using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>How one table was understood, as reported.</summary>
/// <param name="Sheet">The sheet's name; null for a file that has no sheets.</param>
/// <param name="Range">From the first to the last cell that a region covers, such as <c>A1:F40</c>; null when there are no regions.</param>
/// <param name="Kind">The kind of table in words.</param>
/// <param name="Confidence">How sure the reading is, from 0 to 1.</param>
/// <param name="Reasons">Why it is no surer.</param>
/// <param name="Periods">The first and last period; null when there is none.</param>
/// <param name="Dimensions">The dimensions it fills besides FREQ.</param>
/// <param name="Observations">How many observations were read.</param>
/// <param name="Regions">What each part of the sheet was taken for, from top to bottom.</param>
public sealed record TableReport(
    string? Sheet,
    string? Range,
    string Kind,
    double Confidence,
    IReadOnlyList<string> Reasons,
    PeriodsReport? Periods,
    IReadOnlyList<string> Dimensions,
    long Observations,
    IReadOnlyList<RegionReport> Regions)
{
    /// <summary>The report of a reading.</summary>
    public static TableReport Of(TableReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var regions = reading.Regions;
        return new TableReport(
            reading.Table.Sheet,
            regions.Count == 0 ? null
                : RangeOf(regions.Min(r => r.FirstRow), regions.Min(r => r.FirstColumn), regions.Max(r => r.LastRow), regions.Max(r => r.LastColumn)),
            reading.Kind,
            reading.Confidence,
            reading.Reasons,
            reading.Periods is var (first, last) ? new PeriodsReport(first, last) : null,
            reading.Dimensions,
            reading.Observations,
            [.. regions.Select(r => new RegionReport(r.Kind, RangeOf(r.FirstRow, r.FirstColumn, r.LastRow, r.LastColumn)))]);
    }

    private static string RangeOf(int firstRow, int firstColumn, int lastRow, int lastColumn) =>
        FormattableString.Invariant($"{Source.Column(firstColumn)}{firstRow}:{Source.Column(lastColumn)}{lastRow}");
}

/// <summary>The periods of a table.</summary>
/// <param name="From">The first, as TIME_PERIOD.</param>
/// <param name="To">The last.</param>
public sealed record PeriodsReport(string From, string To);

/// <summary>A part of a sheet and what it was taken for.</summary>
/// <param name="Kind">What it was taken for.</param>
/// <param name="Range">Its first and last cell, such as <c>A1:D5</c>; <c>A1:A1</c> for one cell.</param>
public sealed record RegionReport(RegionKind Kind, string Range);
