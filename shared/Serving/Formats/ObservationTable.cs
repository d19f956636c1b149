using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>What stands for a code in an answer.</summary>
internal enum LabelChoice
{
    /// <summary>The code alone.</summary>
    Code,

    /// <summary>The label alone; the code where it has none.</summary>
    Label,

    /// <summary>The code, and its label beside it.</summary>
    Both,
}

/// <summary>A value that was computed for the answer, a column beside OBS_VALUE.</summary>
/// <param name="Id">The column's name.</param>
/// <param name="Formula">How it is computed, in words and signs.</param>
internal sealed record Measure(string Id, string Formula)
{
    /// <summary>The digits of the column where a format needs to know them: all that a decimal can have before its point, with <see cref="Scale"/>.</summary>
    public int Precision { get; init; } = 38;

    /// <summary>The decimals of the column where a format needs to know them; further ones are rounded away there.</summary>
    public int Scale { get; init; } = 9;
}

/// <summary>The observations of an answer, before they are put into a format.</summary>
internal sealed record ObservationTable
{
    /// <summary>The version that they are of, or a structure made for the answer where they were put together.</summary>
    public required DatasetAtVersion At { get; init; }

    /// <summary>The rows, in the answer's order; to be read once.</summary>
    public required IAsyncEnumerable<Match> Rows { get; init; }

    /// <summary>Whether codes, labels or both are shown.</summary>
    public LabelChoice Labels { get; init; }

    /// <summary>The languages of labels, best first.</summary>
    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>The columns that were asked for, in their order; null for all, in the order of the observation CSV.</summary>
    public IReadOnlyList<TableColumn>? Columns { get; init; }

    /// <summary>The computed columns, after all others; their values are <see cref="Chunk.Measures"/>.</summary>
    public IReadOnlyList<Measure> Measures { get; init; } = [];

    /// <summary>Whether a row may be empty also in what each observation has, its status and unit, since it need not be one.</summary>
    public bool HasEmptyRows { get; init; }

    /// <summary>Whether a row is a group of observations, which has measures and no OBS_VALUE.</summary>
    public bool IsGrouped { get; init; }

    /// <summary>Whether a row is a series with its periods across (<see cref="WideLayout"/>), and no observation.</summary>
    public bool IsWide { get; init; }
}
