using System.Collections;
using System.Globalization;
using System.Text;

namespace Pipeline.Querying;

/// <summary>How a value is compared with a number.</summary>
public enum Comparison
{
    /// <summary>Equal.</summary>
    Eq,

    /// <summary>Not equal; a missing value is not.</summary>
    Ne,

    /// <summary>Less.</summary>
    Lt,

    /// <summary>Less or equal.</summary>
    Le,

    /// <summary>Greater.</summary>
    Gt,

    /// <summary>Greater or equal.</summary>
    Ge,
}

/// <summary>A condition on an observation; the kinds there are, are nested here. <see cref="object.ToString"/> gives the same text for the same condition.</summary>
public abstract record Criterion
{
    private Criterion()
    {
    }

    /// <summary>A component's code is one of a list.</summary>
    public sealed record OneOf(string Component, IReadOnlyList<string> Codes) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => Component + "=" + string.Join(',', Codes.Order(StringComparer.Ordinal).Distinct().Select(Uri.EscapeDataString));
    }

    /// <summary>A component has no code.</summary>
    public sealed record NoCode(string Component) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => Component + " null";
    }

    /// <summary>The period of a component starts on or after a first day and ends on or before a last one; null leaves an end open.</summary>
    public sealed record Between(string Component, DateOnly? First, DateOnly? Last) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Component}={First:yyyy-MM-dd}..{Last:yyyy-MM-dd}";
    }

    /// <summary>OBS_VALUE, as it is published, compares so with a number; a missing value never does.</summary>
    public sealed record Value(Comparison Comparison, decimal Number) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => $"OBS_VALUE {Comparison} {Number.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>OBS_VALUE is missing.</summary>
    public sealed record NoValue : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => "OBS_VALUE null";
    }

    /// <summary>One of these releases brought the observation.</summary>
    public sealed record FromReleases(IReadOnlyList<string> Releases) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => "RELEASE=" + string.Join(',', Releases.Order(StringComparer.Ordinal));
    }

    /// <summary>The observation is one of some rows of the version, which another question has found.</summary>
    public sealed record Rows(string Name, BitArray Of) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => "rows " + Name;
    }

    /// <summary>A condition over several columns of one version that is worked out for each row.</summary>
    /// <param name="Name">What tells it from any other.</param>
    /// <param name="Columns">The columns that it looks at, numbered as <see cref="DatasetAtVersion.ColumnName"/> does.</param>
    /// <param name="Holds">Whether it holds for a row.</param>
    internal sealed record Worked(string Name, IReadOnlyList<int> Columns, Func<Chunk, int, bool> Holds) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => "worked out " + Name;
    }

    /// <summary>All of several conditions hold; none are none that fail.</summary>
    public sealed record All(IReadOnlyList<Criterion> Of) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => Join("&", Of);
    }

    /// <summary>One of several conditions holds.</summary>
    public sealed record Any(IReadOnlyList<Criterion> Of) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => Join("|", Of);
    }

    /// <summary>A condition does not hold.</summary>
    public sealed record Not(Criterion Of) : Criterion
    {
        /// <inheritdoc/>
        public override string ToString() => "!" + Of;
    }

    private static string Join(string sign, IReadOnlyList<Criterion> of) =>
        new StringBuilder("(").AppendJoin(sign, of.Select(c => c.ToString()).Order(StringComparer.Ordinal).Distinct()).Append(')').ToString();
}
