using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Where something that was found lives.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Component">The dimension or attribute; null for the dataset itself.</param>
internal readonly record struct SearchPlace(string Dataset, string? Component);

/// <summary>
/// Datasets and their codes, to be found by their words. A code that many datasets have is kept once. Datasets come and go one by one; not safe to use from
/// many threads while it changes.
/// </summary>
internal sealed class SearchIndex
{
    /// <summary>The most codes of a dataset that can be found.</summary>
    public const int MostCodesPerDataset = 200_000;

    /// <summary>The most characters of a code or a label that is put into the index: what is longer is a remark, no name.</summary>
    public const int LongestLabel = 200;

    private const int NoDataset = -1;
    private static readonly string[] Unsearched = [Concepts.Freq, "LINE"];
    private static readonly string[] SearchedAttributes = [Concepts.UnitMeasure, "TITLE", "TITLE_COMPL"];

    private readonly List<(long Place, int Dataset, short Component, byte Length)> entries = [];
    private readonly Dictionary<ulong, int> byHash = [];
    private readonly Dictionary<int, List<(int Dataset, short Component)>> more = [];
    private readonly Dictionary<string, (int Number, string File, int[] Entries)> datasets = new(StringComparer.Ordinal);
    private readonly List<string> datasetIds = [];
    private readonly List<string?> components = [null];
    private readonly Dictionary<string, short> componentNumbers = new(StringComparer.Ordinal);
    private readonly HashSet<int> seen = [];
    private int dead;
    private long places;

    /// <summary>The words.</summary>
    public SearchTokens Tokens { get; } = new();

    /// <summary>The texts.</summary>
    public SearchRecords Records { get; } = new();

    /// <summary>About how many bytes it takes in memory.</summary>
    public long Bytes => Records.Bytes + Tokens.Bytes + entries.Count * 52L + more.Count * 100L + places * 12L;

    /// <summary>How many different things can be found.</summary>
    public int Count => entries.Count - dead;

    /// <summary>The datasets and the file of the version that each is indexed at.</summary>
    public IEnumerable<(string Dataset, string File)> Datasets => datasets.Select(d => (d.Key, d.Value.File));

    /// <summary>Whether most of what is kept is of datasets that have gone.</summary>
    public bool IsStale => dead > 100_000 && dead > entries.Count / 2;

    /// <summary>The file of the version that a dataset is indexed at; null when it is not.</summary>
    public string? FileOf(string dataset) => datasets.TryGetValue(dataset, out var known) ? known.File : null;

    /// <summary>Takes a dataset in, in place of what was known of it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="file">The version's file.</param>
    /// <param name="title">Its title.</param>
    /// <param name="structure">Its structure; null to leave its codes out.</param>
    public void Put(string id, string file, IReadOnlyDictionary<string, string> title, DatasetStructure? structure)
    {
        var number = datasets.TryGetValue(id, out var known) ? known.Number : datasetIds.Count;
        if (number == datasetIds.Count)
            datasetIds.Add(id);
        else
            Forget(number, known.Entries);
        var own = new List<int>();
        Add(own, number, 0, new SearchRecord(SearchKind.Dataset, id, [.. title.Select(t => KeyValuePair.Create(t.Key, Cut(t.Value)))]));
        foreach (var component in structure?.Components ?? [])
        {
            // Other attributes are remarks, sentences, flags and moments.
            if (component.Role == ComponentRole.Time || Unsearched.Contains(component.Id) || (component.Role == ComponentRole.Attribute && !SearchedAttributes.Contains(component.Id)))
                continue;
            var kind = component.Id switch { Concepts.Indicator => SearchKind.Indicator, Concepts.RefArea => SearchKind.Area, _ => SearchKind.Code };
            var place = ComponentNumber(component.Id);
            foreach (var code in component.Codes)
            {
                if (own.Count > MostCodesPerDataset)
                    break;
                if (code.Id.Length is > 0 and <= LongestLabel && code.Id is not (Concepts.NotApplicable or Concepts.Unspecified))
                    Add(own, number, place, new SearchRecord(kind, code.Id, [.. code.Labels.Where(l => l.Value.Length <= LongestLabel)]));
            }
        }
        datasets[id] = (number, file, [.. own]);
    }

    /// <summary>Forgets a dataset.</summary>
    public void Remove(string id)
    {
        if (datasets.Remove(id, out var known))
            Forget(known.Number, known.Entries);
    }

    /// <summary>A new index with what this one has, without what has gone.</summary>
    public SearchIndex Compacted()
    {
        var compact = new SearchIndex();
        foreach (var (id, (number, file, own)) in datasets)
        {
            var to = compact.datasetIds.Count;
            compact.datasetIds.Add(id);
            var list = new List<int>();
            foreach (var entry in own)
                foreach (var place in PlacesOf(entry).Where(p => p.Dataset == number))
                    compact.Add(list, to, place.Component == 0 ? (short)0 : compact.ComponentNumber(components[place.Component]!), Records.Read(entries[entry].Place));
            compact.datasets.Add(id, (to, file, [.. list]));
        }
        return compact;
    }

    /// <summary>Whether something is still there; how long its shortest text is.</summary>
    public bool IsThere(int entry, out byte length)
    {
        length = entries[entry].Length;
        return entries[entry].Dataset != NoDataset;
    }

    /// <summary>What something is, without its texts.</summary>
    public SearchKind KindOf(int entry) => (SearchKind)Records[entries[entry].Place][0];

    /// <summary>What something is.</summary>
    public SearchRecord Read(int entry) => Records.Read(entries[entry].Place);

    /// <summary>Whether something lives in a dataset.</summary>
    public bool IsIn(int entry, string dataset) => datasets.TryGetValue(dataset, out var known) && PlacesOf(entry).Any(p => p.Dataset == known.Number);

    /// <summary>Where something lives.</summary>
    public IEnumerable<SearchPlace> Places(int entry) => PlacesOf(entry).Select(p => new SearchPlace(datasetIds[p.Dataset], components[p.Component]));

    private IEnumerable<(int Dataset, short Component)> PlacesOf(int entry)
    {
        if (entries[entry].Dataset != NoDataset)
            yield return (entries[entry].Dataset, entries[entry].Component);
        if (more.TryGetValue(entry, out var others))
            foreach (var other in others)
                yield return other;
    }

    private void Add(List<int> own, int dataset, short component, SearchRecord record)
    {
        var bytes = Records.Encode(record);
        var hash = Hash(bytes);
        if (byHash.TryGetValue(hash, out var entry) && Records[entries[entry].Place].SequenceEqual(bytes))
        {
            own.Add(entry);
            places++;
            if (entries[entry].Dataset == NoDataset)
            {
                entries[entry] = entries[entry] with { Dataset = dataset, Component = component };
                dead--;
            }
            else if (more.TryGetValue(entry, out var others))
            {
                others.Add((dataset, component));
            }
            else
            {
                more.Add(entry, [(dataset, component)]);
            }
            return;
        }
        entry = entries.Count;
        var place = Records.Add(bytes);
        byHash.TryAdd(hash, entry);
        seen.Clear();
        var length = int.MaxValue;
        foreach (var text in record.Labels.Select(l => l.Value).Append(record.Id))
        {
            var normal = SearchText.Normal(text);
            Tokens.Add(normal, entry, seen);
            length = Math.Min(length, normal.Length);
        }
        // Datasets come before all else.
        entries.Add((place, dataset, component, record.Kind == SearchKind.Dataset ? (byte)0 : (byte)Math.Min(length, byte.MaxValue)));
        own.Add(entry);
        places++;
    }

    private void Forget(int dataset, int[] own)
    {
        foreach (var entry in own)
        {
            places--;
            more.TryGetValue(entry, out var others);
            if (others?.FindIndex(o => o.Dataset == dataset) is >= 0 and var at)
            {
                others.RemoveAt(at);
            }
            else if (entries[entry].Dataset == dataset && others is { Count: > 0 })
            {
                entries[entry] = entries[entry] with { Dataset = others[^1].Dataset, Component = others[^1].Component };
                others.RemoveAt(others.Count - 1);
            }
            else if (entries[entry].Dataset == dataset)
            {
                entries[entry] = entries[entry] with { Dataset = NoDataset };
                dead++;
            }
            if (others is { Count: 0 })
                more.Remove(entry);
        }
    }

    private short ComponentNumber(string id)
    {
        if (!componentNumbers.TryGetValue(id, out var number))
        {
            // Beyond what a short holds, components share the last number.
            number = (short)Math.Min(components.Count, short.MaxValue);
            componentNumbers.Add(id, number);
            if (number == components.Count)
                components.Add(id);
        }
        return number;
    }

    private static string Cut(string text) => text.Length <= LongestLabel ? text : text[..LongestLabel];

    // FNV-1a, 64 bits.
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037ul;
        foreach (var one in bytes)
            hash = (hash ^ one) * 1099511628211ul;
        return hash;
    }
}
