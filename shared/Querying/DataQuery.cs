using System.Text;

namespace Pipeline.Querying;

/// <summary>One key of an order.</summary>
/// <param name="Column">A component's id, or OBS_VALUE.</param>
/// <param name="Descending">Whether the largest comes first; a missing code or value comes last either way.</param>
public sealed record SortKey(string Column, bool Descending)
{
    /// <summary>Whether a missing code or value comes first; it comes last otherwise, also where the largest comes first.</summary>
    public bool MissingFirst { get; init; }

    /// <summary>The places of the component's codes in another order than their own; null for their own, which is by time for TIME_PERIOD.</summary>
    public CodeRanking? Ranking { get; init; }

    /// <summary>What is worked out for each row, instead of what is in the column; null for the column.</summary>
    internal SortExpression? Expression { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        (Descending ? "-" : "") + Column + (MissingFirst ? "^" : "") + (Ranking is null ? "" : "(" + Ranking.Name + ")") + (Expression is null ? "" : "(" + Expression.Name + ")");
}

/// <summary>What rows are sorted by that no column has.</summary>
/// <param name="Name">What tells it from any other.</param>
/// <param name="Columns">The columns that it looks at, numbered as <see cref="DatasetAtVersion.ColumnName"/> does.</param>
/// <param name="Value">What it gives for a row.</param>
/// <param name="Order">The order of what it gives.</param>
internal sealed record SortExpression(string Name, IReadOnlyList<int> Columns, Func<Chunk, int, object?> Value, IComparer<object?> Order);

/// <summary>An order of a component's codes.</summary>
/// <param name="Name">What tells it from other orders of the same component.</param>
/// <param name="Ranks">For each code its place, equal codes the same; the last is that of "no code".</param>
public sealed record CodeRanking(string Name, IReadOnlyList<int> Ranks);

/// <summary>Which observations of a version, in which order.</summary>
/// <param name="Where">All of these hold.</param>
/// <param name="Sort">The order; empty for the stored one, which is by series, then period.</param>
public sealed record DataQuery(IReadOnlyList<Criterion> Where, IReadOnlyList<SortKey> Sort)
{
    /// <summary>Of each series only the first so many that match; null for all. With <see cref="Last"/> too, both ends.</summary>
    public int? First { get; init; }

    /// <summary>Of each series only the last so many that match; null for all.</summary>
    public int? Last { get; init; }

    /// <summary>How many observations are passed over before the first that is given.</summary>
    public long Offset { get; init; }

    /// <summary>How many observations are given at most; null for all.</summary>
    public long? Limit { get; init; }

    /// <summary>The same text for every way to ask for the same observations in the same order, whatever the offset and the limit.</summary>
    public string Canonical => new StringBuilder()
        .AppendJoin('&', Where.Select(c => c.ToString()).Order(StringComparer.Ordinal).Distinct())
        .Append(";first=").Append(First).Append(";last=").Append(Last)
        .Append(";sort=").AppendJoin(',', Sort).ToString();
}
