using System.Text;
using System.Text.Json;

namespace Pipeline.Reading;

/// <summary>
/// A JSON-stat file, versions 1 and 2 (https://json-stat.org/full/): the datasets in it as they stand. What they mean is understanding's work.
/// </summary>
public sealed class JsonStatDocument
{
    /// <summary>The most datasets of a file.</summary>
    public const int MaxDatasets = 1_000;

    private const int MaxDepth = 64;
    private const int MaxObjects = 10_000;

    // Of these only the version and class say by themselves that it is JSON-stat; all others are read as they stand.
    private static readonly HashSet<string> Known =
        ["version", "class", "label", "title", "source", "updated", "href", "note", "id", "size", "role", "dimension", "status", "extension", "language"];

    private JsonStatDocument(IReadOnlyList<JsonStatDataset> datasets, IReadOnlyList<(string Path, string Name)> links) => (Datasets, Links) = (datasets, links);

    /// <summary>The datasets, in the file's order: one, or those of a collection or of a bundle of version 1.</summary>
    public IReadOnlyList<JsonStatDataset> Datasets { get; }

    /// <summary>The items of a collection that are only pointed to: where they stand, and their label or address.</summary>
    public IReadOnlyList<(string Path, string Name)> Links { get; }

    /// <summary>Whether a text can be JSON-stat by its first characters.</summary>
    internal static bool MayBe(string sample) => sample.AsSpan().TrimStart() is ['{', ..];

    /// <summary>Reads a file.</summary>
    /// <param name="text">The decoded file, without a byte order mark.</param>
    /// <param name="findings">What there is to say of a file that is read.</param>
    /// <returns>Null when it is other JSON, or none.</returns>
    /// <exception cref="UnreadableReleaseException">It is JSON-stat, but not well formed, or without a dataset.</exception>
    public static JsonStatDocument? Read(string text, Findings? findings = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Encoding.UTF8.GetBytes(text);
        var halves = MendHalves(bytes);
        var scan = new Scan(bytes);
        Node root;
        try
        {
            root = scan.Root();
        }
        catch (JsonException e)
        {
            if (!scan.IsJsonStat)
                return null;
            throw Unreadable.Because("json-malformed", "The file is JSON-stat, but its JSON can not be read: " + e.Message.Split(" LineNumber")[0],
                PxDocument.LineAt((int)(e.LineNumber ?? 0) + 1), expected: "well-formed JSON (RFC 8259)", advice: "Export the file again; the transfer may have been cut off.", inner: e);
        }
        var document = Of(root, bytes);
        if (document is not null && findings is not null)
            Tell(halves, bytes, findings);
        return document;
    }

    // A text can not hold half of a surrogate pair: U+FFFD, whose escape is as long, takes its place.
    private static List<(int At, int Half)> MendHalves(Span<byte> json)
    {
        var halves = new List<(int, int)>();
        for (int at = 0, next; (next = json[at..].IndexOf((byte)'\\')) >= 0;)
        {
            at += next;
            var unit = Unit(json, at);
            if (unit < 0)
                at += 2;
            else if (!char.IsSurrogate((char)unit))
                at += 6;
            else if (char.IsHighSurrogate((char)unit) && Unit(json, at + 6) is >= 0 and var other && char.IsLowSurrogate((char)other))
                at += 12;
            else
            {
                halves.Add((at, unit));
                "\\ufffd"u8.CopyTo(json[at..]);
                at += 6;
            }
            if (at >= json.Length)
                break;
        }
        return halves;

        // The code unit that an escape stands for; -1 where no such escape begins.
        static int Unit(ReadOnlySpan<byte> json, int at) =>
            json.Length - at >= 6 && json[at] == '\\' && json[at + 1] == 'u' && ushort.TryParse(json.Slice(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var unit) ? unit : -1;
    }

    private static JsonStatDocument? Of(Node root, byte[] bytes)
    {
        var datasets = new List<JsonStatDataset>();
        var links = new List<(string, string)>();
        var kind = root.Text("class");
        if (kind == "collection")
        {
            var rest = new Stack<Node>(root.Items.AsEnumerable().Reverse());
            while (rest.TryPop(out var item))
            {
                if (item.IsDataset)
                    datasets.Add(new JsonStatDataset(item, bytes));
                else if (item.Items.Count > 0)
                    item.Items.AsEnumerable().Reverse().ToList().ForEach(rest.Push);
                else
                    links.Add((item.Path, item.Text("label") ?? item.Text("href") ?? "an item without a name"));
            }
        }
        else if (kind == "dimension")
        {
            throw Malformed("$.class", "The file holds a dimension by itself and no data.", "dimension", "class dataset or collection");
        }
        else if (kind == "dataset" || root.IsDataset)
        {
            datasets.Add(new JsonStatDataset(root, bytes));
        }
        else
        {
            datasets.AddRange(root.Children.Where(child => child.IsDataset).Select(child => new JsonStatDataset(child, bytes)));
            if (datasets.Count == 0)
                return null;
        }
        return new JsonStatDocument(datasets, links);
    }

    private static void Tell(List<(int At, int Half)> halves, ReadOnlySpan<byte> json, Findings findings)
    {
        var (line, counted) = (1, 0);
        foreach (var (at, half) in halves)
        {
            if (!findings.Keeps("bytes-invalid"))
            {
                findings.Count("bytes-invalid", Severity.Warning);
                continue;
            }
            (line, counted) = (line + json[counted..at].Count((byte)'\n'), at);
            findings.Add(new Finding(Severity.Warning, "bytes-invalid", $"\\u{half:x4} in line {line} stands for half of a character; it is read as U+FFFD.")
            {
                Where = PxDocument.LineAt(line),
                Found = $"\\u{half:x4}",
                Expected = "both halves of a surrogate pair, one behind the other (RFC 8259, 8.2)",
                Advice = "Export the file again with its texts whole: one may have been cut in the middle of a character.",
            });
        }
    }

    internal static UnreadableReleaseException Malformed(string path, string message, string? found, string expected) => Unreadable.Because(
        "json-stat-malformed", message, path, found, expected, "Compare the file with the format's description (json-stat.org), or export it again.");

    /// <summary>An object of the file that may be a dataset, a collection or a bundle.</summary>
    internal sealed class Node(string path, string? key)
    {
        public string Path => path;

        public string? Key => key;

        public Dictionary<string, JsonElement> Members { get; } = [];

        public List<Node> Children { get; } = [];

        public List<Node> Items { get; } = [];

        public (int Start, int Length, int CodePoint)? Value { get; set; }

        public bool IsDataset => Value is not null && Members.TryGetValue("dimension", out var dimension) && dimension.ValueKind == JsonValueKind.Object;

        public string? Text(string name) => Members.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>One pass over the file: values are left where they stand, the rest of a dataset is kept.</summary>
    private sealed class Scan(byte[] bytes)
    {
        private int counted;
        private int codePoints;
        private int objects;
        private int datasets;

        /// <summary>Whether something has been met that only JSON-stat has.</summary>
        public bool IsJsonStat { get; private set; }

        public Node Root()
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException();
            var root = Object(ref reader, "$", null, 0);
            // Anything but white space behind the end throws.
            reader.Read();
            return root;
        }

        // Calls itself for a bundle's members and a collection's items: the depth is the reader's, which is limited.
        private Node Object(ref Utf8JsonReader reader, string path, string? key, int depth)
        {
            var node = new Node(path, key);
            if (++objects > MaxObjects)
                throw TooMany();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var member = path + "." + name;
                if (name == "value")
                {
                    if (node.Value is not null)
                        throw Malformed(member, "The member stands twice.", name, "each member once");
                    var start = (int)reader.TokenStartIndex;
                    var codePoint = CodePoint(start);
                    reader.Skip();
                    node.Value = (start, (int)reader.BytesConsumed - start, codePoint);
                }
                else if (Known.Contains(name))
                {
                    IsJsonStat |= (name == "dimension" && reader.TokenType == JsonTokenType.StartObject) || (name == "class" && reader.TokenType == JsonTokenType.String && reader.GetString() is "dataset" or "collection");
                    if (!node.Members.TryAdd(name, JsonElement.ParseValue(ref reader)))
                        throw Malformed(member, "The member stands twice.", name, "each member once");
                }
                else if (name == "link" && reader.TokenType == JsonTokenType.StartObject)
                {
                    Items(ref reader, member, node, depth);
                }
                else if (depth == 0 && reader.TokenType == JsonTokenType.StartObject)
                {
                    node.Children.Add(Object(ref reader, member, name, depth + 1));
                }
                else
                {
                    reader.Skip();
                }
            }
            if (node.IsDataset && ++datasets > MaxDatasets)
                throw TooMany();
            return node;
        }

        // Other JSON may have as many objects as it likes.
        private Exception TooMany() => IsJsonStat
            ? Malformed("$", "The file holds too many datasets or items.", null, $"at most {Unreadable.N(MaxDatasets)} datasets and {Unreadable.N(MaxObjects)} items in a file")
            : new JsonException();

        private void Items(ref Utf8JsonReader reader, string path, Node node, int depth)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isItem = reader.ValueTextEquals("item");
                reader.Read();
                if (!isItem || reader.TokenType != JsonTokenType.StartArray)
                {
                    reader.Skip();
                    continue;
                }
                for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
                {
                    if (reader.TokenType == JsonTokenType.StartObject)
                        node.Items.Add(Object(ref reader, $"{path}.item[{i}]", null, depth + 1));
                    else
                        reader.Skip();
                }
            }
        }

        private int CodePoint(int at)
        {
            foreach (var b in bytes.AsSpan(counted, at - counted))
                codePoints += (b & 0xc0) != 0x80 ? 1 : 0;
            counted = at;
            return codePoints;
        }
    }
}

/// <summary>A dataset of a JSON-stat file.</summary>
public sealed class JsonStatDataset
{
    private readonly JsonStatDocument.Node node;
    private readonly byte[] bytes;

    internal JsonStatDataset(JsonStatDocument.Node node, byte[] bytes) => (this.node, this.bytes) = (node, bytes);

    /// <summary>Where it stands: <c>$</c>, <c>$.oecd</c>, <c>$.link.item[0]</c>.</summary>
    public string Path => node.Path;

    /// <summary>Its name in a bundle; null otherwise.</summary>
    public string? Key => node.Key;

    /// <summary>Its members but <c>value</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Members => node.Members;

    /// <summary>A member that is a text; null when there is none.</summary>
    public string? Text(string name) => node.Text(name);

    /// <summary>The range of all its values in the decoded file.</summary>
    public Source Source => node.Value is var (start, length, codePoint)
        ? Source.Chars(codePoint, codePoint + bytes.AsSpan(start, length).ToArray().Count(b => (b & 0xc0) != 0x80))
        : default;

    /// <summary>Its values, one after the other.</summary>
    /// <exception cref="UnreadableReleaseException">It has none.</exception>
    public JsonStatValues Values() => node.Value is var (start, length, codePoint)
        ? new JsonStatValues(bytes.AsSpan(start, length), codePoint, Path + ".value")
        : throw JsonStatDocument.Malformed(Path + ".value", "The dataset has no values.", null, "an array or an object of numbers");
}

/// <summary>The values of a JSON-stat dataset, one after the other as they stand: an array's by their order, an object's by their keys.</summary>
public ref struct JsonStatValues
{
    private readonly ReadOnlySpan<byte> bytes;
    private readonly string path;
    private readonly bool isArray;
    private Utf8JsonReader reader;
    private int counted;
    private int codePoints;

    internal JsonStatValues(ReadOnlySpan<byte> bytes, int codePoint, string path)
    {
        this.bytes = bytes;
        (this.path, codePoints) = (path, codePoint);
        reader = new Utf8JsonReader(bytes);
        reader.Read();
        isArray = reader.TokenType == JsonTokenType.StartArray;
        if (!isArray && reader.TokenType != JsonTokenType.StartObject)
            throw JsonStatDocument.Malformed(path, "The values are neither an array nor an object.", Encoding.UTF8.GetString(bytes), "an array or an object of numbers");
        Index = -1;
    }

    /// <summary>Whether they are an array: every cell has a value, or null.</summary>
    public readonly bool IsArray => isArray;

    /// <summary>The cell's number, from 0.</summary>
    public long Index { get; private set; }

    /// <summary>Where the value stands: <c>$.value[3]</c>.</summary>
    public readonly string Where => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}[{Index}]");

    /// <summary>What the value is: a number, a string or null.</summary>
    public readonly JsonTokenType Kind => reader.TokenType;

    /// <summary>The value's text: a number as it is written, a string without its quotation marks; empty for null.</summary>
    public readonly string Text => Kind switch
    {
        JsonTokenType.Null => "",
        JsonTokenType.String => reader.GetString()!,
        _ => Encoding.UTF8.GetString(reader.ValueSpan),
    };

    /// <summary>A number's characters.</summary>
    public readonly ReadOnlySpan<byte> Number => reader.ValueSpan;

    /// <summary>The value's range of code points in the decoded file.</summary>
    public Source Source()
    {
        var start = CodePoint((int)reader.TokenStartIndex);
        return Pipeline.Source.Chars(start, CodePoint((int)reader.BytesConsumed));
    }

    /// <summary>Goes on to the next value; false when there is none.</summary>
    /// <exception cref="UnreadableReleaseException">A key is no number, or a value is no number, string or null.</exception>
    public bool Read()
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
            return false;
        if (isArray)
        {
            Index++;
        }
        else
        {
            var key = reader.GetString()!;
            if (!long.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index))
                throw JsonStatDocument.Malformed(path + "." + key, "The key of a value is no cell's number.", key, "the cell's number, from 0");
            Index = index;
            reader.Read();
        }
        if (Kind is not (JsonTokenType.Number or JsonTokenType.String or JsonTokenType.Null))
            throw JsonStatDocument.Malformed(Where, "A value is neither a number nor null.", Kind.ToString(), "a number or null");
        return true;
    }

    private int CodePoint(int at)
    {
        foreach (var b in bytes[counted..at])
            codePoints += (b & 0xc0) != 0x80 ? 1 : 0;
        counted = at;
        return codePoints;
    }
}
