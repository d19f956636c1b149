using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What a column does in its table.</summary>
internal enum ColumnUse
{
    Dimension,
    Attribute,
    Label,
    Freq,
    Time,
    Month,
    Quarter,
    Week,
    Status,
    Unit,
    Multiplier,
    Symbol,
    Decimals,
    Value,
    Aside,
}

/// <summary>How a date stands for a period: a column of month ends is monthly.</summary>
internal enum DateStep
{
    Day,
    Week,

    /// <summary>A week by its last day, which need not be a Sunday.</summary>
    WeekEnd,

    /// <summary>A week by its first day.</summary>
    WeekStart,
    Month,
    Quarter,
    Year,
}

/// <summary>How one column is to be read.</summary>
internal sealed class ColumnPlan
{
    /// <summary>The column, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The header's words; empty when it has none.</summary>
    public required string Header { get; set; }

    /// <summary>The header without a unit in brackets; the column's letter when there is no header.</summary>
    public required string Name { get; set; }

    /// <summary>The concept that the header names; null when it is not known.</summary>
    public Code? Concept { get; init; }

    /// <summary>What the cells look like.</summary>
    public required ColumnProfile Profile { get; init; }

    /// <summary>What the column does.</summary>
    public ColumnUse Use { get; set; }

    /// <summary>The component that the cells are codes of.</summary>
    public string Id { get; set; } = "";

    /// <summary>The column with the labels of this column's codes.</summary>
    public ColumnPlan? LabelColumn { get; set; }

    /// <summary>The unit that the header (or a unit row) states.</summary>
    public Unit? Unit { get; set; }

    /// <summary>What the column measures, for INDICATOR; null when a header says no more than "value".</summary>
    public string? Indicator { get; set; }

    /// <summary>Why the cells of a column with <see cref="ColumnUse.Aside"/> are not published.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Whether the comma is the decimal mark.</summary>
    public bool Comma { get; set; }

    /// <summary>What a date in the column stands for.</summary>
    public DateStep Step { get; set; }

    /// <summary>Whether <c>2009-10</c> spans two years; null where the column does not tell.</summary>
    public bool? Spans { get; set; }

    /// <summary>Whether its instants are parts of days, which are no periods.</summary>
    public bool IsWithinDays { get; set; }

    /// <summary>Whether the month stands before the day.</summary>
    public bool MonthFirst { get; set; }

    /// <summary>Whether a profile says what stands first, so that the dates need not tell.</summary>
    public bool IsOrderStated { get; set; }

    /// <summary>How <c>2023.9</c> and <c>2023.10</c> are read; null where the column is not of such.</summary>
    public DottedPeriods? Dotted { get; set; }

    /// <summary>What a header of several levels says of the column, dimension by dimension.</summary>
    public List<Coordinate> Coordinates { get; } = [];

    /// <summary>The column with the flags of this one's values; -1 when there is none.</summary>
    public int FlagColumn { get; set; } = -1;

    /// <summary>What such a header says of the column's period.</summary>
    public PeriodPart? Part { get; set; }

    /// <summary>Such a header's words, for people.</summary>
    public string Title { get; set; } = "";
}

/// <summary>How a table is to be read, decided from its first rows.</summary>
internal sealed class Layout
{
    /// <summary>The table.</summary>
    public required Table Table { get; init; }

    /// <summary>Its number in the release.</summary>
    public required int Number { get; init; }

    /// <summary>The kind, in words for the report.</summary>
    public required string Kind { get; set; }

    /// <summary>The row of the header, from 1.</summary>
    public required int HeaderRow { get; init; }

    /// <summary>The first row of data, from 1.</summary>
    public required int FirstDataRow { get; init; }

    /// <summary>The columns, in order, without a gap; of a sheet of several tables those of the table.</summary>
    public required IReadOnlyList<ColumnPlan> Columns { get; init; }

    /// <summary>The column with a number, from 0; null for one beside the table.</summary>
    public ColumnPlan? Column(int index) => index >= Columns[0].Index && index - Columns[0].Index < Columns.Count ? Columns[index - Columns[0].Index] : null;

    /// <summary>What the rows above the header say.</summary>
    public required Preamble Preamble { get; init; }

    /// <summary>Whether a row is one observation: a blank value is then a missing one.</summary>
    public required bool IsTidy { get; init; }

    /// <summary>Whether a row is a record among others that may be equal, so that a number tells equal ones apart.</summary>
    public bool IsOfRecords { get; init; }

    /// <summary>The period of the whole table, when neither header nor rows have one.</summary>
    public Period? Period { get; set; }

    /// <summary>The dimension that the names of the value columns of a plain table fill: MEASURE where a column names the indicators (指标, 绝对值, 同比增长); null when they fill none.</summary>
    public string? MeasureId => Stub is not null || Columns.All(c => c.Use != ColumnUse.Value || c.Indicator is null) ? null
        : Columns.Any(c => c.Use == ColumnUse.Dimension && c.Id == Concepts.Indicator) ? CrossTable.MeasureId : Concepts.Indicator;

    /// <summary>How the rows are named where one column a dimension does not do; null for a plain table.</summary>
    public Stub? Stub { get; init; }

    /// <summary>The table's place in its sheet; null when the sheet was not taken apart.</summary>
    public Block? Block { get; init; }

    /// <summary>The column after the table's last one, from 0; columns beyond it belong to another table.</summary>
    public int Right { get; init; } = int.MaxValue;

    /// <summary>The last row of data, from 1.</summary>
    public int LastDataRow { get; init; } = int.MaxValue;

    /// <summary>Rows among the data that are none, from 1.</summary>
    public HashSet<int> Skipped { get; init; } = [];

    /// <summary>The codes that all of the table has: an area by the sheet's name.</summary>
    public List<Coordinate> Fixed { get; } = [];

    /// <summary>The name that tells the table from the release's others; null when there are none.</summary>
    public string? Name { get; set; }

    /// <summary>Whether its headings and headers say more than the labels of its dimensions.</summary>
    public bool HasTitles { get; set; }

    /// <summary>Whether the dataset has other tables, in this release or not.</summary>
    public bool IsOneOfSeveral { get; set; }

    /// <summary>Whether it is not published: a profile says so, or it speaks of the release.</summary>
    public bool IsAside { get; set; }

    /// <summary>Whether it speaks of the release and holds no data.</summary>
    public bool IsAboutRelease { get; set; }

    /// <summary>Whether no other table of the release has its caption.</summary>
    public bool HasOwnCaption { get; set; } = true;

    /// <summary>How sure the reading is, from 0 to 1.</summary>
    public double Confidence { get; private set; } = 1;

    /// <summary>Why it is no surer.</summary>
    public IReadOnlyList<string> Reasons { get; private set; } = [];

    /// <summary>The components that headers of several levels fill.</summary>
    public IEnumerable<string> CoordinateIds => Columns.SelectMany(c => c.Coordinates).Select(c => c.Id).Distinct();

    /// <summary>Whether headers state periods or parts of them; asked for when the columns' are known.</summary>
    public bool HasParts => hasParts ??= Columns.Any(c => c.Part is not null);

    private bool? hasParts;

    /// <summary>Says how the table was read, and how sure that is.</summary>
    public void Describe(string kind, double confidence, IReadOnlyList<string> reasons) => (Kind, Confidence, Reasons) = (kind, confidence, reasons);

    /// <summary>Whether a sign for a missing value, or a flag, occurs in the sample.</summary>
    public bool HasSymbols => Columns.Any(c => c.Use == ColumnUse.Symbol || (c.Use == ColumnUse.Value && c.Profile.Symbols + c.Profile.Flags > 0));

    /// <summary>The columns of a use.</summary>
    public IEnumerable<ColumnPlan> Of(ColumnUse use) => Columns.Where(c => c.Use == use);
}
