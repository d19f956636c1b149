using System.Runtime.CompilerServices;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>How two versions have an observation.</summary>
internal enum ChangeKind
{
    /// <summary>Only the later one has it.</summary>
    Added,

    /// <summary>Both have it, with another value or another attribute.</summary>
    Changed,

    /// <summary>Both have it alike, but for the decimals that the value is shown with: the figure is the same.</summary>
    Decimals,

    /// <summary>Only the earlier one has it.</summary>
    Removed,
}

/// <summary>An observation that two versions do not have alike.</summary>
/// <param name="Kind">What has become of it.</param>
/// <param name="Before">The row of the earlier version; where it was added, nothing.</param>
/// <param name="After">The row of the later version; where it was removed, nothing.</param>
/// <param name="Place">Where comparing begins so that this is the first difference.</param>
internal readonly record struct Change(ChangeKind Kind, (Chunk Chunk, int Row) Before, (Chunk Chunk, int Row) After, ComparedPlace Place);

/// <summary>How far both versions have been walked through: the next row of each.</summary>
internal readonly record struct ComparedPlace(long Before, long After)
{
    /// <summary>Both in one number; a version has fewer than 2^31 rows.</summary>
    public long Packed => (Before << 31) | After;

    /// <summary>The place in a number.</summary>
    public static ComparedPlace Of(long packed) => new(packed >> 31, packed & int.MaxValue);
}

/// <summary>A component of two versions.</summary>
/// <param name="Is">The component with the codes of both.</param>
/// <param name="Before">Its index in the earlier version, or -1.</param>
/// <param name="After">Its index in the later version, or -1.</param>
/// <param name="FromBefore">For each code of the earlier version, and for none, its number among the codes of both.</param>
/// <param name="FromAfter">The same for the later version.</param>
internal sealed record ComparedComponent(DatasetComponent Is, int Before, int After, int[] FromBefore, int[] FromAfter)
{
    /// <summary>The number of a row's code in the earlier version.</summary>
    public int NumberBefore(Chunk chunk, int row) => FromBefore[Before < 0 ? 0 : chunk.Codes[Before]![row]];

    /// <summary>The number of a row's code in the later version.</summary>
    public int NumberAfter(Chunk chunk, int row) => FromAfter[After < 0 ? 0 : chunk.Codes[After]![row]];
}

/// <summary>
/// Two versions of a dataset, walked through side by side in the order that both have: in constant memory. A dimension that only one of them has is
/// <c>_Z</c> in the other, as publishing has it. Versions whose keys can not be told from each other have no observation in common.
/// </summary>
internal sealed class VersionComparison
{
    /// <summary>What the name of a column ends with that shows the earlier version's state beside the later one's.</summary>
    public const string BeforeSuffix = "_BEFORE";

    private const int MostAtOnce = 4096;
    private readonly DatasetAtVersion? before;
    private readonly DatasetAtVersion after;

    /// <summary>Compares the codelists.</summary>
    /// <param name="before">The earlier version; null for none, so that everything was added.</param>
    /// <param name="after">The later version.</param>
    public VersionComparison(DatasetAtVersion? before, DatasetAtVersion after)
    {
        (this.before, this.after) = (before, after);
        IReadOnlyList<DatasetComponent> old = before?.Components ?? [];
        List<string> oldKey = [.. old.Take(before?.TimeIndex ?? 0).Select(c => c.Id)], newKey = [.. after.Components.Take(after.TimeIndex).Select(c => c.Id)];
        var (most, least) = oldKey.Count > newKey.Count ? (oldKey, newKey) : (newKey, oldKey);
        HaveKeys = before is null || (most.Take(least.Count).SequenceEqual(least) && !most.Skip(least.Count).Any(id => (most == oldKey ? after : before).IndexOf(id) >= 0));
        List<string> dimensions = HaveKeys ? most : [.. newKey.Union(oldKey)];
        var attributes = after.Components.Concat(old).Select(c => c.Id).Where(id => id != Concepts.TimePeriod).Distinct().Except(dimensions);
        KeyLength = dimensions.Count + 1;
        Components = [.. dimensions.Append(Concepts.TimePeriod).Concat(attributes).Select((id, c) => Compared(id, isKey: c < KeyLength))];
    }

    /// <summary>Whether an observation of one version can be found in the other.</summary>
    public bool HaveKeys { get; }

    /// <summary>How many components, from the first on, make the key; the last of them is TIME_PERIOD.</summary>
    public int KeyLength { get; }

    /// <summary>The components of both.</summary>
    public IReadOnlyList<ComparedComponent> Components { get; }

    /// <summary>The differences in the order of their keys, several at a time; those that come together have their rows in the same chunks.</summary>
    /// <param name="lake">Reads the versions.</param>
    /// <param name="whereBefore">What observations of the earlier version are looked at; a component may be missing there.</param>
    /// <param name="whereAfter">The same for the later version.</param>
    /// <param name="onlyKeys">Whether what was changed is of no interest.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="everything">Whether all will be read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<IReadOnlyList<Change>> RunAsync(
        VersionQueries lake, IReadOnlyList<Criterion> whereBefore, IReadOnlyList<Criterion> whereAfter, bool onlyKeys, ComparedPlace from, bool everything,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A version does not differ from itself.
        if (before?.Version.File == after.Version.File)
            yield break;
        await using var old = new Walk(before is null ? null : Read(before, whereBefore, from.Before), cancellationToken);
        await using var now = new Walk(Read(after, whereAfter, from.After), cancellationToken);
        await old.NextAsync();
        await now.NextAsync();
        var found = new List<Change>();
        while (!old.HasEnded || !now.HasEnded)
        {
            while (found.Count < MostAtOnce && (!old.IsThrough || old.HasEnded) && (!now.IsThrough || now.HasEnded) && !(old.HasEnded && now.HasEnded))
            {
                var order = old.HasEnded ? 1 : now.HasEnded || !HaveKeys ? -1 : CompareKeys(old, now);
                if ((order < 0 ? ChangeKind.Removed : order > 0 ? ChangeKind.Added : onlyKeys ? null : Difference(old, now)) is { } kind)
                {
                    found.Add(new Change(kind, order > 0 ? default : (old.Chunk, old.Row), order < 0 ? default : (now.Chunk, now.Row), new ComparedPlace(old.Place, now.Place)));
                }
                if (order <= 0)
                    old.Step();
                if (order >= 0)
                    now.Step();
            }
            // Rows are not held on to beyond their chunk.
            if (found.Count > 0)
            {
                yield return found;
                found = [];
            }
            if (old.IsThrough)
                await old.NextAsync();
            if (now.IsThrough)
                await now.NextAsync();
        }

        IAsyncEnumerable<Match> Read(DatasetAtVersion at, IReadOnlyList<Criterion> where, long fromRow) =>
            lake.ReadAsync(at, new Selection(at, [.. where.Select(c => Adapted(c, at))]), Columns(at, onlyKeys), fromRow, everything, cancellationToken);
    }

    /// <summary>A criterion as a version can be asked it that may lack a component: of a dimension that it lacks all its observations have <c>_Z</c>.</summary>
    public static Criterion Adapted(Criterion criterion, DatasetAtVersion at) => criterion switch
    {
        Criterion.OneOf(var id, var codes) when at.IndexOf(id) < 0 => codes.Contains(Concepts.NotApplicable) ? new Criterion.All([]) : new Criterion.Any([]),
        Criterion.All(var of) => new Criterion.All([.. of.Select(c => Adapted(c, at))]),
        Criterion.Any(var of) => new Criterion.Any([.. of.Select(c => Adapted(c, at))]),
        Criterion.Not(var of) => new Criterion.Not(Adapted(of, at)),
        _ => criterion,
    };

    private static bool[] Columns(DatasetAtVersion at, bool onlyKeys)
    {
        var columns = new bool[at.ColumnCount];
        for (var c = 0; c < columns.Length; c++)
            columns[c] = c <= at.TimeIndex || (!onlyKeys && (c <= at.ValueColumn || c == at.DecimalsColumn));
        return columns;
    }

    private int CompareKeys(Walk old, Walk now)
    {
        for (var c = 0; c < KeyLength; c++)
        {
            var order = Components[c].NumberBefore(old.Chunk, old.Row).CompareTo(Components[c].NumberAfter(now.Chunk, now.Row));
            if (order != 0)
                return order;
        }
        return 0;
    }

    private ChangeKind? Difference(Walk old, Walk now)
    {
        var (then, value) = (old.Chunk.Values!, now.Chunk.Values!);
        if (then.Scale == value.Scale && then.TryGetDigits(old.Row, out var digitsThen) && value.TryGetDigits(now.Row, out var digits) ? digitsThen != digits : then[old.Row] != value[now.Row])
            return ChangeKind.Changed;
        for (var c = KeyLength; c < Components.Count; c++)
            if (Components[c].NumberBefore(old.Chunk, old.Row) != Components[c].NumberAfter(now.Chunk, now.Row))
                return ChangeKind.Changed;
        return old.Chunk.Decimals![old.Row] != now.Chunk.Decimals![now.Row] ? ChangeKind.Decimals : null;
    }

    // Codes of both in ordinal order, as each version has its own: so the order of numbers is the order of rows in both.
    private ComparedComponent Compared(string id, bool isKey)
    {
        var (i, j) = (before?.IndexOf(id) ?? -1, after.IndexOf(id));
        var like = j >= 0 ? after.Components[j] : before!.Components[i];
        IReadOnlyList<Code> then = i >= 0 ? before!.Components[i].Codes : [], now = j >= 0 ? after.Components[j].Codes : [];
        var isAbsent = isKey && HaveKeys && before is not null && (i < 0 || j < 0);
        var (codes, fromThen, fromNow) = (new List<Code>(Math.Max(then.Count, now.Count) + 1), new int[then.Count + 1], new int[now.Count + 1]);
        var (a, b, absent) = (0, 0, -1);
        while (a < then.Count || b < now.Count || (isAbsent && absent < 0))
        {
            var least = b == now.Count || (a < then.Count && string.CompareOrdinal(then[a].Id, now[b].Id) < 0) ? (a < then.Count ? then[a] : null) : now[b];
            if (isAbsent && absent < 0 && (least is null || string.CompareOrdinal(Concepts.NotApplicable, least.Id) <= 0))
            {
                absent = codes.Count;
                least = least?.Id == Concepts.NotApplicable ? least : new Code(Concepts.NotApplicable);
            }
            // An attribute that is empty says nothing.
            var number = !isKey && least!.Id.Length == 0 ? -1 : codes.Count;
            if (a < then.Count && then[a].Id == least!.Id)
                fromThen[a++] = number;
            if (b < now.Count && now[b].Id == least!.Id)
                fromNow[b++] = number;
            if (number >= 0)
                codes.Add(least!);
        }
        fromThen[^1] = fromNow[^1] = -1;
        int[] Numbers(int[] numbers, bool isThere) => [.. numbers.Select(n => n >= 0 ? n : !isThere && absent >= 0 ? absent : codes.Count)];
        return new ComparedComponent(like with { Codes = codes, Order = null }, i, j, Numbers(fromThen, i >= 0), Numbers(fromNow, j >= 0));
    }

    /// <summary>A version's matching rows, one after the other.</summary>
    private sealed class Walk(IAsyncEnumerable<Match>? matches, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<Match>? matches = matches?.GetAsyncEnumerator(cancellationToken);
        private Match match;
        private int at;

        /// <summary>Whether there are no more rows.</summary>
        public bool HasEnded { get; private set; }

        /// <summary>Whether the rows that have been read are used up.</summary>
        public bool IsThrough => at >= match.Count;

        public Chunk Chunk => match.Chunk;

        public int Row => match.Row(at);

        /// <summary>The row's number in the version; beyond the last, one that no version has.</summary>
        public long Place => HasEnded ? int.MaxValue : match.Chunk.FirstRow + Row;

        public void Step() => at++;

        public async ValueTask NextAsync()
        {
            if (HasEnded)
                return;
            at = 0;
            HasEnded = matches is null || !await matches.MoveNextAsync();
            match = HasEnded ? default : matches!.Current;
        }

        public ValueTask DisposeAsync() => matches?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
