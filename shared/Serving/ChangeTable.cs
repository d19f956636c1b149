using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The differences between two versions as a table: what an observation is now, and beside each column what it was before; at the end where it came from, what is gone included.</summary>
internal sealed class ChangeTable
{
    /// <summary>The kinds of changes, as <see cref="ChangeKind"/> numbers them.</summary>
    public static readonly string[] Kinds = [.. Enum.GetNames<ChangeKind>().Select(k => k.ToLowerInvariant())];

    private static readonly string[] KindsInChinese = ["新增", "修订", "小数位", "删除"];
    private readonly int scale;

    /// <summary>Makes the structure.</summary>
    public ChangeTable(VersionComparison comparison, DatasetAtVersion? before, DatasetAtVersion after)
    {
        Comparison = comparison;
        var ids = comparison.Components.Select(c => c.Is.Id).ToHashSet(StringComparer.Ordinal);
        var (key, attributes) = (comparison.Components.Take(comparison.KeyLength).Select(c => c.Is), comparison.Components.Skip(comparison.KeyLength).Select(c => c.Is with { Role = ComponentRole.Attribute }).ToList());
        var kinds = new DatasetComponent(Free("CHANGE"), ComponentRole.Dimension, new Dictionary<string, string> { ["en"] = "Change", ["zh"] = "变化" },
            [.. Kinds.Select((k, i) => new Code(k) { Labels = new Dictionary<string, string> { ["en"] = char.ToUpperInvariant(k[0]) + k[1..], ["zh"] = KindsInChinese[i] } })]);
        var (dimensions, time) = (key.SkipLast(1).Select(c => c with { Role = ComponentRole.Dimension }), key.Last());
        var then = before?.Structure ?? after.Structure;
        scale = Math.Max(then.ValueScale, after.Structure.ValueScale);
        At = new DatasetAtVersion(
            after.Structure with
            {
                Components = [kinds, .. dimensions, time, .. attributes, .. attributes.Select(c => c with { Id = Free(c.Id + VersionComparison.BeforeSuffix) })],
                ValueScale = scale,
                ValuePrecision = Math.Max(then.ValuePrecision, after.Structure.ValuePrecision),
                ValueIntegerDigits = Math.Max(then.ValueIntegerDigits, after.Structure.ValueIntegerDigits),
            },
            after.Version);
        Measures =
        [
            new Measure(Free(Concepts.ObsValue + VersionComparison.BeforeSuffix), "the value of the earlier version") { Precision = 38, Scale = scale },
            new Measure(Free(Concepts.Decimals + VersionComparison.BeforeSuffix), "the decimals of the earlier version") { Precision = 3, Scale = 0 },
        ];
        var (first, beside) = (comparison.KeyLength + 1, attributes.Count);
        Columns =
        [
            .. Enumerable.Range(0, first).Select(Code), new(ColumnKind.Value, 0, Concepts.ObsValue), new(ColumnKind.Measure, 0, Measures[0].Id),
            .. Enumerable.Range(first, beside).SelectMany(c => (TableColumn[])[Code(c), Code(c + beside)]),
            new(ColumnKind.Source, 0, Concepts.SourceId), new(ColumnKind.Decimals, 0, Concepts.Decimals), new(ColumnKind.Measure, 1, Measures[1].Id), new(ColumnKind.Release, 0, "RELEASE"),
        ];

        TableColumn Code(int component) => new(ColumnKind.Code, component, At.Components[component].Id);

        // A dataset may have any name as its own.
        string Free(string name)
        {
            while (!ids.Add(name))
                name += "_";
            return name;
        }
    }

    /// <summary>What finds the differences.</summary>
    public VersionComparison Comparison { get; }

    /// <summary>The structure of the table.</summary>
    public DatasetAtVersion At { get; }

    /// <summary>All its columns.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>The values before, and their decimals.</summary>
    public IReadOnlyList<Measure> Measures { get; }

    /// <summary>About how many bytes it takes in memory.</summary>
    public long Bytes => At.Bytes + Comparison.Components.Sum(c => 4L * (c.FromBefore.Length + c.FromAfter.Length));

    /// <summary>The columns with some names; null for all.</summary>
    public IReadOnlyList<TableColumn> Chosen(IReadOnlyList<string>? names)
    {
        if (names is null)
            return Columns;
        List<TableColumn> all = [.. Columns, .. Columns.Where(c => c.IsCoded && c.Index != At.TimeIndex).Select(c => c with { Kind = ColumnKind.Label, Name = c.Name + TableColumn.LabelSuffix })];
        List<TableColumn> chosen = [.. names.Select(name => all.Exists(c => c.Name == name)
            ? all.Find(c => c.Name == name)
            : throw ProblemException.Unknown(400, "unknown-dimension", "column", "columns", name, [.. all.Select(c => c.Name)]))];
        return chosen.Distinct().Count() == chosen.Count ? chosen : throw ProblemException.Malformed("columns", string.Join(',', names), "each column once");
    }

    /// <summary>Rows of the table.</summary>
    /// <param name="changes">The changes; at least one.</param>
    /// <param name="before">SOURCE and RELEASE of the chunk that the earlier version's rows are in; null when they are not shown, or nothing was removed.</param>
    /// <param name="after">The same of the later version; null when they are not shown, or nothing but removed.</param>
    public Match Rows(IReadOnlyList<Change> changes, Chunk? before, Chunk? after)
    {
        var chunk = new Chunk(At.Components.Count) { Rows = changes.Count };
        var (first, beside) = (Comparison.KeyLength + 1, Comparison.Components.Count - Comparison.KeyLength);
        Fill(0, change => (int)change.Kind);
        for (var c = 0; c < Comparison.KeyLength; c++)
        {
            var component = Comparison.Components[c];
            Fill(c + 1, change => change.Kind == ChangeKind.Removed
                ? component.NumberBefore(change.Before.Chunk, change.Before.Row) : component.NumberAfter(change.After.Chunk, change.After.Row));
        }
        for (var c = 0; c < beside; c++)
        {
            var component = Comparison.Components[Comparison.KeyLength + c];
            Fill(first + c, change => change.Kind == ChangeKind.Removed ? component.Is.Codes.Count : component.NumberAfter(change.After.Chunk, change.After.Row));
            Fill(first + beside + c, change => change.Kind == ChangeKind.Added ? component.Is.Codes.Count : component.NumberBefore(change.Before.Chunk, change.Before.Row));
        }
        chunk.Values = new ValueColumn([.. changes.Select(c => c.Kind == ChangeKind.Removed ? null : c.After.Chunk.Value(c.After.Row))], scale);
        chunk.Decimals = [.. changes.Select(c => c.Kind == ChangeKind.Removed ? byte.MaxValue : c.After.Chunk.Decimals![c.After.Row])];
        if ((before ?? after) is not null)
        {
            // What is gone came from somewhere too.
            IReadOnlyList<string> now = after?.ReleaseIds ?? [];
            chunk.ReleaseIds = [.. now, .. before?.ReleaseIds ?? []];
            chunk.Source = new TextColumn([.. changes.Select(c => (c.Kind == ChangeKind.Removed ? before!.Source![c.Before.Row] : after!.Source![c.After.Row]).AsMemory())]);
            chunk.Release = new CodeColumn([.. changes.Select(c => c.Kind == ChangeKind.Removed ? now.Count + before!.Release![c.Before.Row] : after!.Release![c.After.Row])], int.MaxValue);
        }
        chunk.Measures =
        [
            [.. changes.Select(c => c.Kind == ChangeKind.Added ? null : c.Before.Chunk.Value(c.Before.Row))],
            [.. changes.Select(c => c.Kind == ChangeKind.Added ? null : (decimal?)c.Before.Chunk.Decimals![c.Before.Row])],
        ];
        return new Match(chunk, null, 0, changes.Count);

        void Fill(int component, Func<Change, int> number) =>
            chunk.Codes[component] = new CodeColumn([.. changes.Select(number)], At.Components[component].Codes.Count);
    }
}
