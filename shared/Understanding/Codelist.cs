namespace Pipeline.Understanding;

/// <summary>One code of a <see cref="Codelist"/>.</summary>
/// <param name="Id">The code: what identifies an observation, and outlives a relabelling.</param>
public sealed record Code(string Id)
{
    /// <summary>The label per language (<c>zh</c>, <c>en</c>, …); empty where the code is its own label.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = None;

    /// <summary>The id of the code it is a part of; null at the top.</summary>
    public string? Parent { get; init; }

    internal static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(0);
}

/// <summary>The codes of one component, numbered in the order in which they were first met.</summary>
public sealed class Codelist
{
    private readonly List<Code> codes = [];
    private readonly Dictionary<string, int> index = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan;

    /// <summary>An empty codelist.</summary>
    public Codelist() => bySpan = index.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>How many codes there are.</summary>
    public int Count => codes.Count;

    /// <summary>The code with a number that <see cref="Add(ReadOnlySpan{char})"/> gave.</summary>
    public Code this[int number] => codes[number];

    /// <summary>The number of a code, added without a label where it is new.</summary>
    public int Add(ReadOnlySpan<char> id) => bySpan.TryGetValue(id, out var number) ? number : Add(new Code(new string(id)));

    /// <summary>The number of a code; a new one is added, and an old one takes over labels and a parent that it lacks.</summary>
    public int Add(Code code)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (!index.TryGetValue(code.Id, out var number))
        {
            number = codes.Count;
            index.Add(code.Id, number);
            codes.Add(code);
            return number;
        }
        var old = codes[number];
        if (ReferenceEquals(code.Labels, old.Labels) && code.Parent is null)
            return number;
        if (code.Labels.Any(label => !old.Labels.ContainsKey(label.Key)) || (old.Parent is null && code.Parent is not null))
        {
            var labels = new Dictionary<string, string>(old.Labels);
            foreach (var (language, text) in code.Labels)
                labels.TryAdd(language, text);
            codes[number] = old with { Labels = labels, Parent = old.Parent ?? code.Parent };
        }
        return number;
    }

    /// <summary>The number of a code, or -1.</summary>
    public int Find(ReadOnlySpan<char> id) => bySpan.TryGetValue(id, out var number) ? number : -1;
}

/// <summary>What a component does in its cube.</summary>
public enum ComponentRole
{
    /// <summary>One of the dimensions that, with the time dimension, identify an observation.</summary>
    Dimension,

    /// <summary>The time dimension, TIME_PERIOD.</summary>
    Time,

    /// <summary>An attribute: says more about an observation without identifying it.</summary>
    Attribute,
}

/// <summary>A dimension or an attribute of a cube, coded by its own codelist.</summary>
/// <param name="Id">The SDMX concept where there is one (<c>REF_AREA</c>), else an upper-case id that stays the same next month.</param>
/// <param name="Role">What it does.</param>
public sealed record Component(string Id, ComponentRole Role)
{
    /// <summary>The label per language; the release's own words where the concept has none.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = Code.None;

    /// <summary>Its codes.</summary>
    public Codelist Codes { get; } = new();

    /// <summary>The numbers of its codes in the order of a codelist that the release brings; null where the order in which they were met is the office's.</summary>
    public IReadOnlyList<int>? Order { get; internal set; }

    /// <summary>Its codes in the office's order.</summary>
    public IEnumerable<Code> InOrder => (Order ?? Enumerable.Range(0, Codes.Count)).Select(number => Codes[number]);
}
