namespace Pipeline.Querying;

/// <summary>Why a query has no answer that is right, or none that is bounded.</summary>
internal enum Refusal
{
    /// <summary>Values in different units were to be put together.</summary>
    UnitsDiffer,

    /// <summary>Values in a unit that does not add up were to be added.</summary>
    NotAdditive,

    /// <summary>Values of different indicators, or measured in different ways, were to be put together.</summary>
    MeasuresDiffer,

    /// <summary>A total and its parts, or periods that overlap, were to be added.</summary>
    CountsTwice,

    /// <summary>There are more groups, totals or rows than are kept in memory.</summary>
    TooMany,
}

/// <summary>A query has no answer that is right, or none that is bounded.</summary>
/// <param name="kind">Why.</param>
/// <param name="found">What was found.</param>
/// <param name="expected">What to ask for instead.</param>
internal sealed class QueryRefusedException(Refusal kind, string found, string expected) : Exception(found)
{
    /// <summary>Why.</summary>
    public Refusal Kind => kind;

    /// <summary>What to ask for instead.</summary>
    public string Expected => expected;
}
