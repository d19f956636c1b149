using Pipeline.Checking;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>The structure that a dataset has after a release: the one before and the release's, put together.</summary>
internal sealed class StructureMerge
{
    private StructureMerge(DatasetStructure structure, int[] fromOld, int[] fromNew, IReadOnlyList<IReadOnlyList<Code>> cubeCodes) =>
        (Structure, FromOld, FromNew, CubeCodes) = (structure, fromOld, fromNew, cubeCodes);

    /// <summary>The new structure.</summary>
    public DatasetStructure Structure { get; }

    /// <summary>Whether the observations before have keys that can be compared with the release's: not when it replaces them under other dimensions.</summary>
    public bool ReadsOld { get; private init; }

    /// <summary>For each of its components the index in the old structure, or -1.</summary>
    public int[] FromOld { get; }

    /// <summary>For each of its components the index in the release's cube, or -1.</summary>
    public int[] FromNew { get; }

    /// <summary>For each component of the release's cube the merged codelist, for <see cref="SortedCube"/>.</summary>
    public IReadOnlyList<IReadOnlyList<Code>> CubeCodes { get; }

    /// <summary>The components of the cube that make the new structure's key, in its order, for <see cref="SortedCube"/>.</summary>
    public IReadOnlyList<int> CubeKey => [.. FromNew.Take(Structure.TimeIndex + 1).Where(c => c >= 0)];

    /// <summary>Merges.</summary>
    /// <param name="dataset">The dataset's id.</param>
    /// <param name="before">The structure before; null for a new dataset.</param>
    /// <param name="cube">What the release says.</param>
    /// <param name="title">The title that the upload's metadata gave; it wins over the release's own.</param>
    /// <param name="fileName">The file's name, the title of a dataset that no release gave one.</param>
    /// <param name="replace">Whether the old observations go: then the values' width is the release's own.</param>
    /// <param name="findings">Told of dimensions that came or went.</param>
    public static StructureMerge Of(DatasetStructure? before, string dataset, Cube cube, string? title, string fileName, bool replace, Findings findings)
    {
        // With other dimensions no old observation has a key that could be found again.
        var old = before is not null && replace && !SameDimensions(before, cube) ? null : before;
        var components = new List<(string Id, ComponentRole Role)>();
        foreach (var role in new[] { ComponentRole.Dimension, ComponentRole.Time, ComponentRole.Attribute })
        {
            // The old order stays, and what is new comes after it: old files keep their sort order.
            components.AddRange((old?.Components ?? []).Where(c => c.Role == role && (!replace || cube.IndexOf(c.Id) >= 0) && components.All(there => there.Id != c.Id)).Select(c => (c.Id, role)));
            components.AddRange(cube.Components.Where(c => c.Role == role && components.All(there => there.Id != c.Id)).Select(c => (c.Id, role)));
        }
        if (old is not null)
            TellDimensions(old, cube, findings);

        var fromOld = components.Select(c => IndexOf(old?.Components.Select(o => o.Id), c.Id)).ToArray();
        var fromNew = components.Select(c => cube.IndexOf(c.Id)).ToArray();
        var merged = new List<DatasetComponent>();
        for (var i = 0; i < components.Count; i++)
        {
            var then = fromOld[i] < 0 ? null : old!.Components[fromOld[i]];
            var now = fromNew[i] < 0 ? null : cube.Components[fromNew[i]];
            var absent = components[i].Role == ComponentRole.Dimension
                && ((old is not null && then?.Role != ComponentRole.Dimension) || now?.Role != ComponentRole.Dimension);
            var codes = MergeCodes(then?.Codes, now?.Codes, absent);
            var (known, own) = (then?.InOrder.Select(code => code.Id) ?? [], now?.InOrder.Select(code => code.Id) ?? []);
            merged.Add(new DatasetComponent(components[i].Id, components[i].Role, Union(then?.Labels, now?.Labels), codes)
            {
                // What replaces all observations also brings its own order.
                Order = components[i].Role == ComponentRole.Time ? null : replace ? CodeOrder.Merge(codes, own, known) : CodeOrder.Merge(codes, known, own),
            });
        }
        var (digits, scale) = (cube.Observations.MaxIntegerDigits, cube.Observations.MaxScale);
        if (old is not null && !replace)
            (digits, scale) = (Math.Max(digits, old.ValueIntegerDigits), Math.Max(scale, old.ValueScale));
        var structure = new DatasetStructure
        {
            Id = dataset,
            Title = Titles(before, cube, title, fileName),
            Components = merged,
            ValueScale = scale,
            ValueIntegerDigits = digits,
            ValuePrecision = digits + scale <= 18 ? 18 : ReleaseCheck.MaxDigits,
        };
        var cubeCodes = cube.Components.Select(c => merged[components.FindIndex(m => m.Id == c.Id)].Codes).ToList();
        return new StructureMerge(structure, fromOld, fromNew, cubeCodes) { ReadsOld = old is not null };
    }

    private static bool SameDimensions(DatasetStructure structure, Cube cube) =>
        structure.Components.Take(structure.TimeIndex).Select(c => c.Id).Order(StringComparer.Ordinal)
            .SequenceEqual(cube.Components.Take(cube.TimeIndex).Select(c => c.Id).Order(StringComparer.Ordinal));

    private static void TellDimensions(DatasetStructure old, Cube cube, Findings findings)
    {
        if (SameDimensions(old, cube))
            return;
        var before = old.Components.Take(old.TimeIndex).Select(c => c.Id).ToList();
        var after = cube.Components.Take(cube.TimeIndex).Select(c => c.Id).ToList();
        findings.Add(new Finding(Severity.Warning, "dimensions-changed", "The release has other dimensions than the dataset.")
        {
            Found = string.Join(", ", after),
            Expected = string.Join(", ", before),
            Advice = $"Where a dimension is missing the code {Concepts.NotApplicable} stands, so these are new series beside the old ones. "
                + "If that is not meant, upload to another dataset, or with mode=replace.",
        });
    }

    private static IReadOnlyList<Code> MergeCodes(IReadOnlyList<Code>? before, Codelist? after, bool absent)
    {
        var codes = (before ?? []).ToDictionary(c => c.Id, StringComparer.Ordinal);
        for (var i = 0; i < (after?.Count ?? 0); i++)
        {
            var code = after![i];
            // The newest label wins: a code outlives a relabelling.
            codes[code.Id] = codes.TryGetValue(code.Id, out var there)
                ? there with { Labels = Union(there.Labels, code.Labels), Parent = code.Parent ?? there.Parent }
                : code;
        }
        if (absent)
            codes.TryAdd(Concepts.NotApplicable, NotApplicable);
        return SortedCube.Sort(codes.Values);
    }

    private static readonly Code NotApplicable = new(Concepts.NotApplicable)
    {
        Labels = new Dictionary<string, string> { ["en"] = "Not applicable", ["zh"] = "不适用" },
    };

    private static IReadOnlyDictionary<string, string> Titles(DatasetStructure? old, Cube cube, string? title, string fileName)
    {
        if (title is { Length: > 0 })
            return new Dictionary<string, string> { [HasHan(title) ? "zh" : "en"] = title };
        var known = old?.Title.ToDictionary(t => t.Key, t => t.Value) ?? [];
        // A dataset keeps the title it has: the next release's caption names another month.
        foreach (var (language, text) in cube.Title)
            known.TryAdd(language, text);
        if (known.Count > 1)
            known.Remove("und");
        return known.Count > 0 ? known : new Dictionary<string, string> { ["und"] = Path.GetFileNameWithoutExtension(fileName) };
    }

    private static bool HasHan(string text) => text.AsSpan().ContainsAnyInRange('\u4e00', '\u9fff');

    private static IReadOnlyDictionary<string, string> Union(IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string>? after)
    {
        if (before is null or { Count: 0 })
            return after ?? Code.None;
        if (after is null or { Count: 0 })
            return before;
        var all = new Dictionary<string, string>(before);
        foreach (var (language, text) in after)
            all[language] = text;
        return all;
    }

    private static int IndexOf(IEnumerable<string>? ids, string id) => ids?.ToList().IndexOf(id) ?? -1;
}
