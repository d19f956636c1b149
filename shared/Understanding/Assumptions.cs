namespace Pipeline.Understanding;

/// <summary>What the sample made believe and the rows beyond it disproved.</summary>
internal enum Assumption
{
    /// <summary>The dates of a column are days after all, not the ends of months or years.</summary>
    Days,

    /// <summary>The month stands before the day.</summary>
    MonthFirst,

    /// <summary>A column of codes and the column of labels beside it do not determine each other.</summary>
    Unpaired,

    /// <summary>Signs for missing values or flags occur.</summary>
    Symbols,

    /// <summary>The titles of rows and columns are too many to keep.</summary>
    Untitled,
}

/// <summary>
/// A layout is decided from the first rows, then all rows are streamed once. Where a later row disproves the sample, the reading starts over with
/// that known: rare, so the usual file is read once, and bounded, because each fact is learnt once.
/// </summary>
internal sealed class Assumptions
{
    private readonly HashSet<(int Table, int Column, Assumption What)> known = [];

    /// <summary>The frequencies that the dataset has; null for a new one.</summary>
    public KnownCodes? Frequencies { get; init; }

    /// <summary>Whether the reading under way has to start over.</summary>
    public bool AreBroken { get; private set; }

    /// <summary>How often the reading has begun.</summary>
    public int Attempts { get; private set; }

    /// <summary>Whether the reading under way can be cut short: the first time it can, later it goes on to learn all there is.</summary>
    public bool CutShort => AreBroken && Attempts == 1;

    /// <summary>Whether a fact has been learnt.</summary>
    public bool Holds(int table, int column, Assumption what) => known.Contains((table, column, what));

    /// <summary>Learns a fact.</summary>
    public void Learn(int table, int column, Assumption what) => AreBroken |= known.Add((table, column, what));

    /// <summary>Begins a reading.</summary>
    public void Begin() => (AreBroken, Attempts) = (false, Attempts + 1);
}
