namespace Pipeline.Understanding;

/// <summary>What understanding made of a release: cubes, and an account of every data cell (or figure of a text) it met.</summary>
public sealed class Interpretation : IDisposable
{
    /// <summary>The cubes; most releases give one.</summary>
    public required IReadOnlyList<Cube> Cubes { get; init; }

    /// <summary>How the tables were read, for the next release to follow; null where the release says by itself how it is to be read, and for prose.</summary>
    public Profile? Profile { get; init; }

    /// <summary>What understanding had to say.</summary>
    public Findings Findings { get; } = new();

    /// <summary>The account.</summary>
    public Reconciliation Reconciliation { get; } = new();

    /// <summary>How each table or text was read, in one sentence each, for the report.</summary>
    public List<string> Readings { get; } = [];

    /// <summary>The figures that were understood in the sentences of prose, published or held: the first <see cref="ExtractedFigure.Listed"/>; empty for tables.</summary>
    public List<ExtractedFigure> Figures { get; } = [];

    /// <summary>How many figures were understood but not surely enough to be published without an official's yes.</summary>
    public long Unsure { get; set; }

    /// <summary>How each table was understood, region by region, for <c>check</c> to draw; empty for prose.</summary>
    public List<TableReading> Tables { get; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var cube in Cubes)
            cube.Dispose();
    }
}

/// <summary>
/// The account of a release: data cells (for prose, figures) met = observations + set aside, by reason. Understanding counts what it meets and sets
/// aside; checking sets aside more (duplicates); what is left is published.
/// </summary>
public sealed class Reconciliation
{
    /// <summary>How many addresses are kept of each reason.</summary>
    public const int KeptPerReason = 5;

    private readonly SortedDictionary<string, (long Count, List<string> Where)> setAside = new(StringComparer.Ordinal);

    /// <summary>Cells in a table's data region that hold a number or a symbol for a missing one; figures of a text.</summary>
    public long CellsIn { get; set; }

    /// <summary>Of these, the ones that became observations.</summary>
    public long Observations { get; set; }

    /// <summary>The others, by reason (a finding's code), each with its count and the first addresses.</summary>
    public IReadOnlyDictionary<string, (long Count, List<string> Where)> SetAside => setAside;

    /// <summary>Whether the account is even: cells in = observations + set aside.</summary>
    public bool IsBalanced => CellsIn == Observations + setAside.Values.Sum(reason => reason.Count);

    /// <summary>Adds another account to this one.</summary>
    public void Add(Reconciliation other)
    {
        ArgumentNullException.ThrowIfNull(other);
        CellsIn += other.CellsIn;
        Observations += other.Observations;
        foreach (var (reason, (count, where)) in other.setAside)
        {
            var own = setAside.TryGetValue(reason, out var entry) ? entry : (0, []);
            own.Where.AddRange(where.Take(KeptPerReason - own.Where.Count));
            setAside[reason] = (own.Count + count, own.Where);
        }
    }

    /// <summary>Counts one cell that is not published.</summary>
    /// <param name="reason">The code of the finding that explains it.</param>
    /// <param name="where">Its address; composed only while addresses are kept.</param>
    public void Aside(string reason, Func<string> where)
    {
        ArgumentNullException.ThrowIfNull(where);
        if (!setAside.TryGetValue(reason, out var entry))
            entry = (0, []);
        if (entry.Where.Count < KeptPerReason)
            entry.Where.Add(where());
        setAside[reason] = (entry.Count + 1, entry.Where);
    }
}
