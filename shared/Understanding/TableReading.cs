using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What a rectangle of a sheet was taken for.</summary>
public enum RegionKind
{
    /// <summary>The title above a table, with its unit, period and area.</summary>
    Caption,

    /// <summary>The names, periods, units and codes over the columns.</summary>
    Header,

    /// <summary>The names, periods and codes beside the rows, headings between them included.</summary>
    Stub,

    /// <summary>The values, and the signs for missing ones.</summary>
    Data,

    /// <summary>Notes and sources.</summary>
    Notes,

    /// <summary>What is not published: hidden columns, numbers outside a table, columns without a name.</summary>
    Ignored,
}

/// <summary>A rectangle of a sheet, rows and columns from 1, both ends inside.</summary>
public readonly record struct TableRegion(RegionKind Kind, int FirstRow, int FirstColumn, int LastRow, int LastColumn);

/// <summary>How one table of a sheet was understood.</summary>
/// <param name="Table">The sheet, or the file's only table.</param>
/// <param name="Kind">The kind of table in words: <c>periods across</c>, <c>tidy, one observation a row</c>.</param>
public sealed record TableReading(Table Table, string Kind)
{
    /// <summary>How sure the reading is, from 0 to 1.</summary>
    public double Confidence { get; init; } = 1;

    /// <summary>Why it is no surer: what could also have been meant, and how to say so.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>The regions, from top to bottom; what no region covers is blank or was not looked at.</summary>
    public IReadOnlyList<TableRegion> Regions { get; init; } = [];

    /// <summary>The first and last period, as TIME_PERIOD; null when there is none.</summary>
    public (string First, string Last)? Periods { get; init; }

    /// <summary>The dimensions the table fills besides FREQ, by component id.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>How many observations were read.</summary>
    public long Observations { get; init; }
}
