namespace Pipeline;

/// <summary>How much a <see cref="Finding"/> weighs.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Information,

    /// <summary>Something was set aside or assumed; the release can still be published.</summary>
    Warning,

    /// <summary>The release can not be published as it is.</summary>
    Error,
}

/// <summary>One thing that reading, understanding or checking has to say about a release.</summary>
/// <param name="Severity">How much it weighs; one <see cref="Severity.Error"/> keeps the release from being published.</param>
/// <param name="Code">A stable kebab-case code that programs may branch on, such as <c>number-unreadable</c>.</param>
/// <param name="Message">One English sentence for a person.</param>
public sealed record Finding(Severity Severity, string Code, string Message)
{
    /// <summary>Where, in the syntax of SOURCE: <c>Sheet!C7</c>, <c>C7</c>, <c>row 7</c>, <c>chars 10-12</c> or <c>byte 4711</c>; null when it concerns the whole release.</summary>
    public string? Where { get; init; }

    /// <summary>What was found there, shortened to at most 200 characters.</summary>
    public string? Found { get; init; }

    /// <summary>What was expected instead.</summary>
    public string? Expected { get; init; }

    /// <summary>What the person who uploaded the release can do.</summary>
    public string? Advice { get; init; }
}

/// <summary>
/// The findings of one release: every code is counted, and of each code the first <see cref="KeptPerCode"/> are kept,
/// so that a file with a million bad cells gives a report that can be read.
/// </summary>
public sealed class Findings
{
    /// <summary>How many findings of one code are kept in full.</summary>
    public const int KeptPerCode = 20;

    private readonly List<Finding> kept = [];
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
    private readonly SortedSet<string> holds = new(StringComparer.Ordinal);
    private readonly SortedSet<string> holdsSome = new(StringComparer.Ordinal);

    /// <summary>The findings kept in full, in the order they were made.</summary>
    public IReadOnlyList<Finding> Kept => kept;

    /// <summary>How often each code was found, kept or not.</summary>
    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>Whether any finding, kept or not, is an error.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>The codes of findings that hold the release until an official has said yes.</summary>
    public IReadOnlyCollection<string> Holds => holds;

    /// <summary>The codes of findings that hold a part of the release until an official has said yes; the rest of it is published.</summary>
    public IReadOnlyCollection<string> HoldsSome => holdsSome;

    /// <summary>Lets the findings of a code hold what they are about, and nothing else.</summary>
    public void HoldSome(string code) => holdsSome.Add(code);

    /// <summary>Lets the findings of a code hold the release: nothing is known to be wrong, but what it says would change its meaning.</summary>
    public void Hold(string code) => holds.Add(code);

    /// <summary>Whether the next finding of this code would be kept; lets a caller in a hot loop skip composing the message.</summary>
    public bool Keeps(string code) => counts.GetValueOrDefault(code) < KeptPerCode;

    /// <summary>Counts a finding and keeps it when it is among the first of its code.</summary>
    public void Add(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (Keeps(finding.Code))
        {
            kept.Add(finding with
            {
                Message = Shorten(finding.Message, 1_000)!,
                Where = Shorten(finding.Where, 1_000),
                Found = Shorten(finding.Found, 200),
                Expected = Shorten(finding.Expected, 1_000),
                Advice = Shorten(finding.Advice, 1_000),
            });
        }
        Count(finding.Code, finding.Severity);
    }

    /// <summary>Counts a finding that is not kept in full.</summary>
    public void Count(string code, Severity severity)
    {
        counts[code] = counts.GetValueOrDefault(code) + 1;
        HasErrors |= severity == Severity.Error;
    }

    /// <summary>Adds all findings of another step, with their counts.</summary>
    /// <param name="others">The findings.</param>
    /// <param name="rewrite">What to make of each that is kept, such as another address; null to take them as they are.</param>
    public void Add(Findings others, Func<Finding, Finding>? rewrite = null)
    {
        ArgumentNullException.ThrowIfNull(others);
        foreach (var finding in others.kept)
            if (Keeps(finding.Code))
                kept.Add(rewrite is null ? finding : rewrite(finding));
        foreach (var (code, count) in others.counts)
            counts[code] = counts.GetValueOrDefault(code) + count;
        HasErrors |= others.HasErrors;
        holds.UnionWith(others.holds);
        holdsSome.UnionWith(others.holdsSome);
    }

    private static string? Shorten(string? text, int length) => text?.Length > length ? string.Concat(text.AsSpan(0, length - 3), "...") : text;
}

/// <summary>A release can not be read at all: the bytes are not what they would have to be, or go beyond a limit.</summary>
/// <remarks>Carries the <see cref="Finding"/> that goes into the report; it never means a fault of ours.</remarks>
public sealed class UnreadableReleaseException : Exception
{
    /// <summary>Creates the exception from the finding that says what is wrong.</summary>
    public UnreadableReleaseException(Finding finding, Exception? inner = null)
        : base(finding?.Message, inner)
    {
        ArgumentNullException.ThrowIfNull(finding);
        Finding = finding;
    }

    /// <summary>What is wrong, where, and what to do; its severity is <see cref="Severity.Error"/>.</summary>
    public Finding Finding { get; }
}
