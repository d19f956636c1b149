namespace Pipeline.Reading;

/// <summary>What a component of an SDMX data set does.</summary>
public enum SdmxRole
{
    /// <summary>The message does not say, and no structure has said it yet.</summary>
    Unknown,

    /// <summary>One of the dimensions.</summary>
    Dimension,

    /// <summary>The time dimension.</summary>
    Time,

    /// <summary>A measure: OBS_VALUE, or one of several in SDMX 3.</summary>
    Measure,

    /// <summary>An attribute, at whatever level it is attached.</summary>
    Attribute,
}

/// <summary>A reference to a maintainable artefact: <c>ECB:EXR(1.0)</c>.</summary>
/// <param name="Agency">The maintenance agency; null where the message leaves it out.</param>
/// <param name="Id">The artefact's id.</param>
/// <param name="Version">The version; null where the message leaves it out.</param>
public sealed record SdmxReference(string? Agency, string Id, string? Version)
{
    /// <summary>Reads <c>AGENCY:ID(VERSION)</c>, also at the end of a URN; null when the text is none.</summary>
    public static SdmxReference? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var rest = text.Trim();
        rest = rest[(rest.LastIndexOf('=') + 1)..];
        string? version = null;
        if (rest.IndexOf('(', StringComparison.Ordinal) is > 0 and var open && rest.IndexOf(')', open) is > 0 and var close)
            (rest, version) = (rest[..open], rest[(open + 1)..close]);
        var colon = rest.LastIndexOf(':');
        var id = rest[(colon + 1)..].Trim();
        return id.Length == 0 ? null : new SdmxReference(colon > 0 ? rest[..colon].Trim() : null, id, version);
    }

    /// <summary>Whether two references can mean the same artefact: what one leaves out the other may say.</summary>
    public bool Matches(SdmxReference other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Id == other.Id && (Agency is null || other.Agency is null || Agency == other.Agency) && (Version is null || other.Version is null || Version == other.Version);
    }

    /// <summary><c>AGENCY:ID(VERSION)</c>, as far as it is known.</summary>
    public override string ToString() => (Agency is null ? "" : Agency + ":") + Id + (Version is null ? "" : $"({Version})");
}

/// <summary>A code of a codelist.</summary>
/// <param name="Id">The code.</param>
/// <param name="Names">The name per language.</param>
/// <param name="Parent">The code above it; null at the top.</param>
public sealed record SdmxCode(string Id, IReadOnlyDictionary<string, string> Names, string? Parent);

/// <summary>A component of a data set or of a data structure definition.</summary>
public sealed class SdmxComponent(string id)
{
    /// <summary>The id, as the message has it.</summary>
    public string Id { get; } = id;

    /// <summary>What it does.</summary>
    public SdmxRole Role { get; set; }

    /// <summary>The name per language; empty where the message has none.</summary>
    public IReadOnlyDictionary<string, string> Names { get; set; } = new Dictionary<string, string>(0);

    /// <summary>The codes it may have; null where the message does not list them.</summary>
    public IReadOnlyDictionary<string, SdmxCode>? Codes { get; set; }

    /// <summary>Whether <see cref="Codes"/> is the whole codelist, so that any other code is a mistake.</summary>
    public bool IsEnumerated { get; set; }

    /// <summary>Whether the structure says that its values are text and no numbers.</summary>
    public bool IsText { get; set; }

    /// <summary>Whether <see cref="Role"/> only follows from where the component stands; only in SDMX-CSV.</summary>
    public bool IsGuessed { get; set; }

    /// <summary>Whether its values may be written <c>CODE: label</c>; only in SDMX-CSV.</summary>
    public bool IsLabelled { get; set; }

    /// <summary>Whether the comma is the decimal mark of its numbers; only in SDMX-CSV.</summary>
    public bool HasComma { get; set; }

    /// <summary>In how many observations it has a value of its own; filled by the survey of a message.</summary>
    internal long Filled { get; set; }
}

/// <summary>A set of observations under one structure.</summary>
public sealed class SdmxDataSet
{
    /// <summary>The dataflow, data structure or provision agreement it belongs to; null where the message does not say.</summary>
    public SdmxReference? Reference { get; set; }

    /// <summary>The action in the message's words (<c>Append</c>, <c>Replace</c>, <c>Delete</c>, …); null where it says none.</summary>
    public string? Action { get; set; }

    /// <summary>The name per language; empty where the message has none.</summary>
    public IReadOnlyDictionary<string, string> Names { get; set; } = new Dictionary<string, string>(0);

    /// <summary>The components that occur, in the order in which they were met.</summary>
    public List<SdmxComponent> Components { get; } = [];

    /// <summary>The dimension that tells the observations of a series apart, as the message's header says; null where it does not.</summary>
    public string? DimensionAtObservation { get; set; }

    /// <summary>How many observations it has; -1 where only reading them tells.</summary>
    public long Observations { get; set; } = -1;

    /// <summary>Where it begins, for a <see cref="Finding.Where"/>.</summary>
    public string? Where { get; set; }
}

/// <summary>A parsed SDMX message: its structures, and what its data sets are made of. The observations are streamed.</summary>
public abstract class SdmxMessage
{
    /// <summary>Reads a message when the text is one; null when it is not.</summary>
    /// <exception cref="UnreadableReleaseException">It is one, and broken or beyond a limit.</exception>
    internal static SdmxMessage? Read(Stream stream, string sample, TextEncoding encoding, Findings findings, ReaderLimits limits) =>
        ContentSniffer.IsSdmxXml(sample) ? SdmxXml.Read(stream, encoding, limits)
        : ContentSniffer.IsSdmxJson(sample) ? SdmxJson.Read(stream, encoding, !findings.Counts.ContainsKey("bytes-invalid"), limits)
        : SdmxCsv.Tell(sample) is { } dialect ? SdmxCsv.Read(new CsvTable(stream, encoding, dialect, limits), dialect)
        : null;

    /// <summary>The format as a <see cref="ReadRelease.Format"/>: <c>sdmx-ml</c>, <c>sdmx-json</c> or <c>sdmx-csv</c>.</summary>
    public abstract string Format { get; }

    /// <summary>The structures that the message carries itself.</summary>
    public SdmxStructures Structures { get; } = new();

    /// <summary>The data sets; empty for a structure message.</summary>
    public List<SdmxDataSet> DataSets { get; } = [];

    /// <summary>What the sender says in place of data or beside it: the footer, or an error message.</summary>
    public string? Notice { get; set; }

    /// <summary>Whether an observation that lacks a dimension of its data set is a mistake even if no structure is there: the format marks dimensions as such.</summary>
    public virtual bool MarksDimensions => false;

    /// <summary>The rows as they stand in the file, the names of the columns first; null where the message is no table.</summary>
    public virtual Table? Rows => null;

    /// <summary>Starts reading the observations. The roles of the components must not be unknown any more.</summary>
    /// <exception cref="UnreadableReleaseException">The bytes can not be read.</exception>
    public abstract SdmxReader Open();
}

/// <summary>Reads the observations of a message from the first to the last.</summary>
public abstract class SdmxReader : IDisposable
{
    /// <summary>The index of the observation's data set in <see cref="SdmxMessage.DataSets"/>.</summary>
    public int DataSet { get; protected set; }

    /// <summary>The value of a component, empty where it has none; attributes of groups, series and data sets are the observation's too.</summary>
    public abstract ReadOnlySpan<char> this[int component] { get; }

    /// <summary>The label that stands beside a component's value; empty where there is none.</summary>
    public virtual ReadOnlySpan<char> LabelOf(int component) => default;

    /// <summary>Moves to the next observation.</summary>
    /// <exception cref="UnreadableReleaseException">The bytes can not be read from here on; the finding says where.</exception>
    public abstract bool Read();

    /// <summary>Where a measure's value was read, or the observation where it has none.</summary>
    public abstract Source SourceOf(int component);

    /// <summary>Where the observation stands, for a <see cref="Finding.Where"/>: a line, a JSON path or a cell.</summary>
    public abstract string WhereOf(int component);

    /// <summary>How far the reading is, from 0 to 1.</summary>
    public abstract double Progress { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go of the file.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Values in several languages, or several values, as the one string that a component's value is.</summary>
internal static class SdmxText
{
    /// <summary>What stands between several values of one component.</summary>
    public const string Between = "|";

    private const char Mark = '\u0001';

    /// <summary>One text in several languages: a mark, the language, a mark, the text, and so on.</summary>
    public static string Localised(IEnumerable<KeyValuePair<string, string>> texts) => string.Concat(texts.Select(t => Mark + t.Key + Mark + t.Value));

    /// <summary>The texts per language; null when it is a plain value.</summary>
    public static Dictionary<string, string>? Languages(string text)
    {
        if (text.Length == 0 || text[0] != Mark)
            return null;
        var parts = text.Split(Mark);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 1; i + 1 < parts.Length; i += 2)
            if (!texts.TryAdd(parts[i], parts[i + 1]))
                texts[parts[i]] += Between + parts[i + 1];
        return texts;
    }

    /// <summary>Several values as one; those in several languages are put together language by language.</summary>
    public static string Joined(IReadOnlyList<string> values) =>
        values.Count == 1 ? values[0] : values.Any(v => v.StartsWith(Mark)) ? string.Concat(values.Select(v => v.StartsWith(Mark) ? v : Mark + "en" + Mark + v)) : string.Join(Between, values);
}

/// <summary>Attributes that stand once for all observations of a partial key.</summary>
internal sealed class SdmxGroups
{
    private const int Most = 1_000_000;
    private readonly List<(string Id, string Value)[]> raw = [];
    private readonly List<Signature> signatures = [];

    /// <summary>Whether there is no room for another group.</summary>
    public bool IsFull => raw.Count >= Most;

    /// <summary>Adds a group: the codes of its dimensions and the values of its attributes.</summary>
    public void Add(IEnumerable<(string Id, string Value)> values) => raw.Add([.. values]);

    /// <summary>The ids that occur in groups.</summary>
    public IEnumerable<string> Ids => raw.SelectMany(group => group.Select(value => value.Id)).Distinct(StringComparer.Ordinal);

    /// <summary>Sorts the groups by the dimensions of their keys, once roles are known.</summary>
    public void Resolve(Func<string, int> indexOf, IReadOnlyList<SdmxComponent> components)
    {
        signatures.Clear();
        foreach (var group in raw)
        {
            var values = group.Select(value => (At: indexOf(value.Id), value.Value)).Where(value => value.At >= 0).ToList();
            var key = values.Where(value => components[value.At].Role is SdmxRole.Dimension or SdmxRole.Time).OrderBy(value => value.At).ToList();
            var at = key.Select(value => value.At).ToArray();
            var signature = signatures.Find(s => s.At.AsSpan().SequenceEqual(at));
            if (signature is null)
                signatures.Add(signature = new Signature(at));
            if (!signature.Groups.TryGetValue(Key(key.Select(k => k.Value)), out var attributes))
                signature.Groups.Add(Key(key.Select(k => k.Value)), attributes = []);
            attributes.AddRange(values.Where(value => components[value.At].Role is not (SdmxRole.Dimension or SdmxRole.Time)));
        }
    }

    /// <summary>Gives an observation the attributes of its groups that it does not have itself.</summary>
    public void Apply(string?[] row)
    {
        foreach (var signature in signatures)
        {
            var same = signature.Last is not null;
            for (var i = 0; same && i < signature.At.Length; i++)
                same = ReferenceEquals(signature.Last![i], row[signature.At[i]]);
            if (!same)
            {
                signature.Last = [.. signature.At.Select(at => row[at])];
                signature.Found = signature.Last.Contains(null) ? null : signature.Groups.GetValueOrDefault(Key(signature.Last!));
            }
            foreach (var (at, value) in signature.Found ?? [])
                row[at] ??= value;
        }
    }

    private static string Key(IEnumerable<string?> codes) => string.Join('\u001f', codes);

    private sealed class Signature(int[] at)
    {
        public int[] At { get; } = at;

        public Dictionary<string, List<(int At, string Value)>> Groups { get; } = new(StringComparer.Ordinal);

        public string?[]? Last { get; set; }

        public List<(int At, string Value)>? Found { get; set; }
    }
}
