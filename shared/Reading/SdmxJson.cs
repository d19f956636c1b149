using System.Globalization;
using System.Text.Json;

namespace Pipeline.Reading;

/// <summary>An SDMX-JSON data message, 1.0 (one <c>structure</c>) or 2.0 (<c>structures</c>), with its drafts; or a structure message.</summary>
/// <remarks>The structures are read first, the observations are streamed when it is opened: they refer to the structures, which may stand behind them.</remarks>
internal sealed class SdmxJson : SdmxMessage
{
    private readonly Stream source;
    private readonly TextEncoding encoding;
    private readonly bool isClean;
    private readonly int most;

    private SdmxJson(Stream source, TextEncoding encoding, bool isClean, int most) => (this.source, this.encoding, this.isClean, this.most) = (source, encoding, isClean, most);

    /// <inheritdoc/>
    public override string Format => "sdmx-json";

    /// <inheritdoc/>
    public override bool MarksDimensions => true;

    /// <summary>How the values of the data sets are to be read, by the number of the structure.</summary>
    internal List<SdmxJsonStructure> Layouts { get; } = [];

    /// <summary>The layout of each data set, by its number.</summary>
    internal List<SdmxJsonStructure> LayoutOf { get; } = [];

    /// <summary>Reads the structures of a message.</summary>
    /// <exception cref="UnreadableReleaseException">It is broken, goes beyond a limit, or is no SDMX-JSON.</exception>
    public static SdmxJson Read(Stream stream, TextEncoding encoding, bool isClean, ReaderLimits limits)
    {
        if (stream.Length > int.MaxValue)
        {
            throw Unreadable.Because("file-too-large", $"The message has {Unreadable.N(stream.Length)} bytes; {Unreadable.N(int.MaxValue)} is the limit for SDMX-JSON.", found: $"{stream.Length} bytes",
                expected: $"at most {int.MaxValue} bytes", advice: "Send the data as SDMX-CSV, or in several messages.");
        }
        var message = new SdmxJson(stream, encoding, isClean, (int)Math.Min(limits.TextBytes, 1 << 30));
        using var json = message.Start();
        var survey = new SdmxJsonSurvey();
        try
        {
            while (json.Read())
                if (json.Kind == JsonTokenType.PropertyName)
                    survey.Take(json, message);
            survey.Finish(message);
            return message;
        }
        catch (InvalidOperationException e)
        {
            throw json.Broken(e);
        }
    }

    /// <inheritdoc/>
    public override SdmxReader Open() => new SdmxJsonReader(this, Start());

    private JsonStream Start() => new(new ViewStream(source), encoding, isClean, most);
}

/// <summary>How the data sets of one structure of an SDMX-JSON message refer to its components.</summary>
internal sealed class SdmxJsonStructure
{
    private readonly string language;

    /// <summary>Reads a structure.</summary>
    public SdmxJsonStructure(JsonElement structure, string language)
    {
        this.language = language;
        Names = NamesOf(structure, "name");
        DataSets = structure.TryGetProperty("dataSets", out var sets) && sets.ValueKind == JsonValueKind.Array ? [.. sets.EnumerateArray().Where(s => s.TryGetInt32(out _)).Select(s => s.GetInt32())] : null;
        Reference = (structure.TryGetProperty("links", out var links) ? Linked(links) : null) ?? SdmxReference.Parse(TextOf(structure, "id"));
        foreach (var (kind, role) in new[] { ("dimensions", SdmxRole.Dimension), ("measures", SdmxRole.Measure), ("attributes", SdmxRole.Attribute) })
        {
            if (!structure.TryGetProperty(kind, out var levels) || levels.ValueKind != JsonValueKind.Object)
                continue;
            foreach (var level in new[] { "dataSet", "dimensionGroup", "dimensionGroups", "series", "observation" })
                if (levels.TryGetProperty(level, out var list) && list.ValueKind == JsonValueKind.Array)
                    foreach (var component in list.EnumerateArray().Where(c => c.ValueKind == JsonValueKind.Object))
                        Add(component, role, level == "dimensionGroups" ? "dimensionGroup" : level);
        }
        if (!structure.TryGetProperty("measures", out _))
        {
            // before 2.0 there was one measure, without a description
            At("measures", "observation").Add(Components.Count);
            Components.Add(new SdmxComponent("OBS_VALUE") { Role = SdmxRole.Measure });
            Values.Add(null);
            Defaults.Add(null);
        }
    }

    /// <summary>The components.</summary>
    public List<SdmxComponent> Components { get; } = [];

    /// <summary>For each component the values that indexes count; null where the data have the values themselves.</summary>
    public List<List<string>?> Values { get; } = [];

    /// <summary>For each component the value that holds where the data give none.</summary>
    public List<string?> Defaults { get; } = [];

    /// <summary>Components by kind and level, as <c>dimensions/series</c>, in their order.</summary>
    public Dictionary<string, List<int>> Levels { get; } = new(StringComparer.Ordinal);

    /// <summary>The name per language.</summary>
    public Dictionary<string, string> Names { get; }

    /// <summary>The artefact it describes.</summary>
    public SdmxReference? Reference { get; }

    /// <summary>The numbers of its data sets; null where it does not say.</summary>
    public List<int>? DataSets { get; }

    /// <summary>The dimensions in the order in which a group's key has them.</summary>
    public List<int> GroupOrder => [.. At("dimensions", "dataSet"), .. At("dimensions", "series"), .. At("dimensions", "observation")];

    /// <summary>Positions of the dimensions in the data structure, in the order of <see cref="Components"/>.</summary>
    public List<int?> KeyPositions { get; } = [];

    /// <summary>The components of a kind at a level.</summary>
    public List<int> At(string kind, string level) => Levels.TryGetValue(kind + "/" + level, out var found) ? found : Levels[kind + "/" + level] = [];

    /// <summary>The artefact that the links of a structure or a data set name.</summary>
    public static SdmxReference? Linked(JsonElement links)
    {
        if (links.ValueKind != JsonValueKind.Array)
            return null;
        foreach (var rel in new[] { "dataflow", "datastructure", "provisionagreement" })
            foreach (var link in links.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.Object && string.Equals(TextOf(l, "rel"), rel, StringComparison.OrdinalIgnoreCase)))
                if (SdmxReference.Parse(TextOf(link, "urn")) is { } reference)
                    return reference;
        return null;
    }

    /// <summary>A string property, or null.</summary>
    public static string? TextOf(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The one string that a value of the data is: a plain one, one in several languages, or several.</summary>
    public static string? Plain(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString();
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return value.GetRawText();
            case JsonValueKind.Object:
                var texts = value.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String).Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!)).ToList();
                return texts.Count > 0 ? SdmxText.Localised(texts) : null;
            case JsonValueKind.Array:
                var all = value.EnumerateArray().Select(Plain).OfType<string>().ToList();
                return all.Count > 0 ? SdmxText.Joined(all) : null;
            default:
                return null;
        }
    }

    /// <summary>The value of a component that an element of the data gives: by index, or itself; null where it gives none.</summary>
    /// <exception cref="FormatException">The index is beyond the component's values.</exception>
    public string? Resolve(int component, JsonElement value)
    {
        if (Values[component] is not { } values)
            return Plain(value);
        return value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt32(out var index) && index >= 0 && index < values.Count ? values[index] : throw new FormatException($"{Components[component].Id} has {values.Count} values, and no value {value.GetRawText()}"),
            JsonValueKind.Array => SdmxText.Joined([.. value.EnumerateArray().Select(v => Resolve(component, v)).OfType<string>()]) is { Length: > 0 } joined ? joined : null,
            _ => Plain(value),
        };
    }

    private Dictionary<string, string> NamesOf(JsonElement element, string name)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in new[] { name + "s", name })
        {
            if (!element.TryGetProperty(property, out var value))
                continue;
            if (value.ValueKind == JsonValueKind.Object)
                foreach (var text in value.EnumerateObject().Where(t => t.Value.ValueKind == JsonValueKind.String))
                    names.TryAdd(text.Name, text.Value.GetString()!);
            else if (value.ValueKind == JsonValueKind.String && names.Count == 0)
                names.TryAdd(language, value.GetString()!);
        }
        return names;
    }

    private void Add(JsonElement element, SdmxRole role, string level)
    {
        var id = TextOf(element, "id") ?? $"COMPONENT_{Components.Count}";
        var kind = role switch { SdmxRole.Dimension => "dimensions", SdmxRole.Measure => "measures", _ => "attributes" };
        At(kind, level).Add(Components.Count);
        var isTime = role == SdmxRole.Dimension && (id is "TIME_PERIOD" or "TIME" || HasTimeRole(element));
        var component = new SdmxComponent(id) { Role = isTime ? SdmxRole.Time : role, Names = NamesOf(element, "name") };
        if (element.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.Object)
            component.IsText = TextOf(format, "dataType") is "String" or "Alpha" or "AlphaNumeric" or "XHTML";
        List<string>? values = null;
        var codes = new Dictionary<string, SdmxCode>(StringComparer.Ordinal);
        if (element.TryGetProperty("values", out var list) && list.ValueKind == JsonValueKind.Array && (list.GetArrayLength() > 0 || role == SdmxRole.Dimension))
        {
            values = [];
            foreach (var value in list.EnumerateArray())
            {
                if (value.ValueKind != JsonValueKind.Object)
                {
                    values.Add(Plain(value) ?? "");
                    continue;
                }
                var names = NamesOf(value, "name");
                var code = TextOf(value, "id") ?? (value.TryGetProperty("value", out var plain) ? Plain(plain) : value.TryGetProperty("values", out plain) ? Plain(plain) : names.Count > 1 ? SdmxText.Localised(names) : names.Values.FirstOrDefault());
                values.Add(code ?? "");
                if (TextOf(value, "id") is { } coded && !isTime)
                    codes.TryAdd(coded, new SdmxCode(coded, names, TextOf(value, "parent")));
            }
        }
        if (codes.Count > 0)
            component.Codes = codes;
        Components.Add(component);
        Values.Add(values);
        Defaults.Add(element.TryGetProperty("default", out var fallback) && role == SdmxRole.Attribute ? Plain(fallback) : null);
        while (KeyPositions.Count < Components.Count)
            KeyPositions.Add(null);
        if (element.TryGetProperty("keyPosition", out var position) && position.TryGetInt32(out var at))
            KeyPositions[^1] = at;
    }

    private static bool HasTimeRole(JsonElement element)
    {
        foreach (var name in new[] { "role", "roles" })
        {
            if (!element.TryGetProperty(name, out var role))
                continue;
            var roles = role.ValueKind == JsonValueKind.Array ? role.EnumerateArray().Where(r => r.ValueKind == JsonValueKind.String).Select(r => r.GetString()) : [role.ValueKind == JsonValueKind.String ? role.GetString() : null];
            if (roles.Any(r => r is "time" or "TIME_PERIOD"))
                return true;
        }
        return false;
    }
}

/// <summary>Collects what an SDMX-JSON message says besides its observations.</summary>
internal sealed class SdmxJsonSurvey
{
    private readonly List<JsonElement> structures = [];
    private readonly List<(int? Structure, string? Action, SdmxReference? Reference, bool HasData, string Where)> sets = [];
    private string? language;
    private bool isStructure;

    /// <summary>Looks at a property, and passes over its value when that is nothing to look into.</summary>
    public void Take(JsonStream json, SdmxMessage message)
    {
        // under data, or at the top in the drafts
        var isTop = json.Depth is 1 or 2;
        switch (isTop ? json.Text : "")
        {
            case "data":
                return;
            case "structure" or "structures":
                json.Read();
                var whole = json.Whole();
                if (whole.ValueKind == JsonValueKind.Array)
                    structures.AddRange(whole.EnumerateArray().Where(s => s.ValueKind == JsonValueKind.Object));
                else if (whole.ValueKind == JsonValueKind.Object)
                    structures.Add(whole);
                return;
            case "dataSets":
                json.Read();
                DataSets(json);
                return;
            case "meta" or "header":
                json.Read();
                var meta = json.Whole();
                if (meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("contentLanguages", out var languages) && languages.ValueKind == JsonValueKind.Array)
                    language ??= languages.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.String).Select(l => l.GetString()).FirstOrDefault();
                return;
            case "errors":
                json.Read();
                var errors = json.Whole();
                if (errors.ValueKind == JsonValueKind.Array && errors.GetArrayLength() > 0)
                    message.Notice ??= errors.GetRawText();
                return;
            case "dataStructures" or "codelists" or "dataflows" or "conceptSchemes":
                isStructure = true;
                json.Skip();
                return;
            default:
                json.Skip();
                return;
        }
    }

    /// <summary>Makes the data sets of the message.</summary>
    public void Finish(SdmxJson message)
    {
        foreach (var structure in structures)
            message.Layouts.Add(new SdmxJsonStructure(structure, language ?? "en"));
        if (sets.Count == 0 && isStructure)
        {
            throw Unreadable.Because("structure-without-data", "The SDMX message is a structure message: it describes data and holds none.", expected: "a data message",
                advice: "Upload the data message; SDMX-JSON data carry the labels that they need.");
        }
        for (var i = 0; i < sets.Count; i++)
        {
            var set = sets[i];
            var number = set.Structure ?? message.Layouts.FindIndex(l => l.DataSets?.Contains(i) == true);
            number = number < 0 ? 0 : number;
            if (number >= message.Layouts.Count)
            {
                throw Unreadable.Because("structure-missing", $"The data set {i} has no structure in the message.", set.Where, $"structure {number} of {message.Layouts.Count}", "a structure for every data set",
                    "Export the message with its structure.");
            }
            var layout = message.Layouts[number];
            message.LayoutOf.Add(layout);
            var made = new SdmxDataSet
            {
                Reference = set.Reference ?? layout.Reference ?? (message.Layouts.Count > 1 ? new SdmxReference(null, "STRUCTURE_" + number.ToString(CultureInfo.InvariantCulture), null) : null),
                Action = set.Action,
                Names = layout.Names,
                Observations = set.HasData ? -1 : 0,
                Where = set.Where,
            };
            made.Components.AddRange(layout.Components);
            message.DataSets.Add(made);
        }
    }

    private void DataSets(JsonStream json)
    {
        if (json.Kind != JsonTokenType.StartArray)
            return;
        while (json.Read() && json.Kind != JsonTokenType.EndArray)
        {
            int? structure = null;
            string? action = null;
            SdmxReference? reference = null;
            var where = json.Where;
            var hasData = false;
            if (json.Kind != JsonTokenType.StartObject)
            {
                json.Skip();
                continue;
            }
            while (json.Read() && json.Kind == JsonTokenType.PropertyName)
            {
                var name = json.Text;
                if (name is "structure" or "action" or "links")
                {
                    json.Read();
                    var value = json.Whole();
                    structure = name == "structure" && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : structure;
                    action = name == "action" && value.ValueKind == JsonValueKind.String ? value.GetString() : action;
                    reference = name == "links" ? SdmxJsonStructure.Linked(value) : reference;
                }
                else
                {
                    hasData |= name is "series" or "observations";
                    json.Skip();
                }
            }
            if (sets.Count == 10_000)
                throw Unreadable.Because("datasets-too-many", "The message has more than 10,000 data sets.", where, expected: "fewer data sets", advice: "Send several messages.");
            sets.Add((structure, action, reference, hasData, where));
        }
    }
}

/// <summary>Walks through an SDMX-JSON data message, observation by observation.</summary>
internal sealed class SdmxJsonReader : SdmxReader
{
    private readonly SdmxJson message;
    private readonly JsonStream json;
    private SdmxJsonStructure layout = null!;
    private string?[] ofSet = [], ofSeries = [], row = [];
    private (int Start, int End)[] spans = [];
    private SdmxGroups? groupAttributes;
    private State state = State.Outside;
    private string series = "", observation = "";
    private int start, end;

    public SdmxJsonReader(SdmxJson message, JsonStream json)
    {
        (this.message, this.json) = (message, json);
        DataSet = -1;
    }

    private enum State
    {
        Outside,
        DataSets,
        DataSet,
        AllSeries,
        Series,
        Observations,
    }

    private State before;

    /// <inheritdoc/>
    public override ReadOnlySpan<char> this[int component] => row[component];

    /// <inheritdoc/>
    public override double Progress => json.Progress;

    /// <inheritdoc/>
    public override Source SourceOf(int component) => spans[component].End > 0 ? Source.Chars(spans[component].Start, spans[component].End) : Source.Chars(start, end);

    /// <inheritdoc/>
    public override string WhereOf(int component) => Path;

    private string Path => $"$.data.dataSets[{DataSet}]" + (series.Length > 0 ? $".series[\"{series}\"]" : "") + (observation.Length > 0 ? $".observations[\"{observation}\"]" : "");

    /// <inheritdoc/>
    public override bool Read()
    {
        try
        {
            return Next();
        }
        catch (InvalidOperationException e)
        {
            throw json.Broken(e);
        }
    }

    private bool Next()
    {
        while (json.Read())
        {
            switch (state)
            {
                case State.Outside when json.Kind == JsonTokenType.PropertyName:
                    var top = json.Depth is 1 or 2 ? json.Text : "";
                    if (top == "data")
                        break;
                    json.Read();
                    if (top == "dataSets" && json.Kind == JsonTokenType.StartArray)
                        state = State.DataSets;
                    else
                        json.Skip();
                    break;
                case State.DataSets when json.Kind == JsonTokenType.StartObject:
                    BeginDataSet();
                    state = State.DataSet;
                    break;
                case State.DataSets when json.Kind == JsonTokenType.EndArray:
                    state = State.Outside;
                    break;
                case State.DataSets:
                    json.Skip();
                    break;
                case State.DataSet when json.Kind == JsonTokenType.PropertyName:
                    OfDataSet();
                    break;
                case State.DataSet:
                    state = State.DataSets;
                    break;
                case State.AllSeries when json.Kind == JsonTokenType.PropertyName:
                    BeginSeries();
                    break;
                case State.AllSeries:
                    (series, state) = ("", State.DataSet);
                    break;
                case State.Series when json.Kind == JsonTokenType.PropertyName:
                    OfSeries();
                    break;
                case State.Series:
                    state = State.AllSeries;
                    break;
                case State.Observations when json.Kind == JsonTokenType.PropertyName:
                    Observe();
                    return true;
                case State.Observations:
                    (observation, state) = ("", before);
                    break;
            }
        }
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        json.Dispose();
        base.Dispose(disposing);
    }

    private void BeginDataSet()
    {
        DataSet++;
        layout = message.LayoutOf[DataSet];
        var count = layout.Components.Count;
        (ofSet, ofSeries, row, spans) = (new string?[count], new string?[count], new string?[count], new (int, int)[count]);
        (series, observation, groupAttributes) = ("", "", null);
        foreach (var at in layout.At("dimensions", "dataSet"))
            ofSet[at] = layout.Values[at] is { Count: > 0 } values ? values[0] : null;
        // an attribute at this level has one value, which a message need not repeat
        for (var i = 0; i < count; i++)
            ofSet[i] ??= layout.Defaults[i];
        ofSet.CopyTo(ofSeries.AsSpan());
    }

    private void OfDataSet()
    {
        var name = json.Text;
        json.Read();
        switch (name)
        {
            case "attributes":
                Attributes(json.Whole(), layout.At("attributes", "dataSet"), ofSet);
                ofSet.CopyTo(ofSeries.AsSpan());
                break;
            case "dimensionGroupAttributes":
                Groups(json.Whole());
                break;
            case "series" when json.Kind == JsonTokenType.StartObject:
                state = State.AllSeries;
                break;
            case "observations" when json.Kind == JsonTokenType.StartObject:
                ofSet.CopyTo(ofSeries.AsSpan());
                (before, state) = (State.DataSet, State.Observations);
                break;
            default:
                json.Skip();
                break;
        }
    }

    private void BeginSeries()
    {
        series = json.Text;
        ofSet.CopyTo(ofSeries.AsSpan());
        Key(series, layout.At("dimensions", "series"), ofSeries);
        json.Read();
        if (json.Kind == JsonTokenType.StartObject)
            state = State.Series;
        else
            json.Skip();
    }

    private void OfSeries()
    {
        var name = json.Text;
        json.Read();
        if (name == "attributes")
        {
            Attributes(json.Whole(), layout.At("attributes", "series"), ofSeries);
        }
        else if (name == "observations" && json.Kind == JsonTokenType.StartObject)
        {
            (before, state) = (State.Series, State.Observations);
        }
        else
        {
            json.Skip();
        }
    }

    private void Observe()
    {
        observation = json.Text;
        ofSeries.CopyTo(row.AsSpan());
        Array.Clear(spans);
        var dimensions = layout.At("dimensions", "observation");
        // a flat data set may share its structure with one of series
        Key(observation, before == State.DataSet && observation.AsSpan().Count(':') >= dimensions.Count ? [.. layout.At("dimensions", "series"), .. dimensions] : dimensions, row);
        json.Read();
        start = json.Start;
        var (measures, attributes) = (layout.At("measures", "observation"), layout.At("attributes", "observation"));
        if (json.Kind == JsonTokenType.StartArray)
        {
            for (var i = 0; json.Read() && json.Kind != JsonTokenType.EndArray; i++)
            {
                if (i >= measures.Count + attributes.Count)
                {
                    // annotations
                    json.Skip();
                    continue;
                }
                var at = i < measures.Count ? measures[i] : attributes[i - measures.Count];
                var span = (json.Start, json.End);
                var value = json.Kind switch
                {
                    JsonTokenType.Null => null,
                    JsonTokenType.Number when layout.Values[at] is { } values => Indexed(at, values),
                    JsonTokenType.Number or JsonTokenType.String => json.Text,
                    _ => Resolve(at, json.Whole()),
                };
                if (i < measures.Count)
                    spans[at] = span.Item2 > span.Item1 ? span : default;
                if (value is { Length: > 0 })
                    row[at] = value;
            }
        }
        else if (measures.Count > 0)
        {
            // a bare value, as some write it
            spans[measures[0]] = (json.Start, json.End);
            row[measures[0]] = Resolve(measures[0], json.Whole());
        }
        end = json.After;
        Group();
    }

    private string Indexed(int component, List<string> values) =>
        System.Buffers.Text.Utf8Parser.TryParse(json.Value, out int index, out var used) && used == json.Value.Length && index >= 0 && index < values.Count ? values[index] : throw Index(component, json.Text, values.Count);

    private string? Resolve(int component, JsonElement value)
    {
        try
        {
            return layout.Resolve(component, value);
        }
        catch (FormatException)
        {
            throw Index(component, value.GetRawText(), layout.Values[component]!.Count);
        }
    }

    private void Attributes(JsonElement values, List<int> components, string?[] target)
    {
        if (values.ValueKind != JsonValueKind.Array)
            return;
        var i = 0;
        foreach (var value in values.EnumerateArray())
        {
            if (i == components.Count)
                break;
            target[components[i]] = Resolve(components[i], value) ?? target[components[i]];
            i++;
        }
    }

    private void Key(string key, List<int> dimensions, string?[] target)
    {
        var rest = key.AsSpan();
        for (var i = 0; i < dimensions.Count; i++)
        {
            var colon = rest.IndexOf(':');
            var part = colon < 0 ? rest : rest[..colon];
            rest = colon < 0 ? default : rest[(colon + 1)..];
            if (layout.Values[dimensions[i]] is not { } values || !int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= values.Count)
                throw Index(dimensions[i], new string(part), layout.Values[dimensions[i]]?.Count ?? 0);
            target[dimensions[i]] = values[index];
        }
        if (!rest.IsEmpty)
        {
            throw Unreadable.Because("key-too-long", "A key has more parts than there are dimensions.", Path, key, $"{dimensions.Count} indexes between colons", "Export the message again.");
        }
    }

    private UnreadableReleaseException Index(int component, string found, int count) => Unreadable.Because(
        "index-invalid",
        $"An index refers to a value that {layout.Components[component].Id} does not have.",
        Path,
        found,
        count == 0 ? "an index of a value" : $"an index from 0 to {count - 1}",
        "Export the message again: its data and its structure do not belong together.");

    private void Groups(JsonElement values)
    {
        if (values.ValueKind != JsonValueKind.Object)
            return;
        var order = layout.GroupOrder;
        var attributes = layout.At("attributes", "dimensionGroup");
        // by the guide the positions are those of the data structure; by its samples those of the message: the first that fits
        var keys = values.EnumerateObject().Select(p => p.Name.Split(':')).ToList();
        if (!keys.TrueForAll(k => Fits(k, order)) && order.TrueForAll(d => layout.KeyPositions[d] is not null) && order.OrderBy(d => layout.KeyPositions[d]).ToList() is var sorted && keys.TrueForAll(k => Fits(k, sorted)))
            order = sorted;
        groupAttributes = new SdmxGroups();
        foreach (var group in values.EnumerateObject())
        {
            var parts = group.Name.Split(':');
            var pairs = new List<(string, string)>();
            for (var i = 0; i < parts.Length; i++)
            {
                if (parts[i].Length == 0)
                    continue;
                if (i >= order.Count || !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= (layout.Values[order[i]]?.Count ?? 0))
                    throw Unreadable.Because("index-invalid", "The key of a group refers to a value that its dimension does not have.", $"$.data.dataSets[{DataSet}].dimensionGroupAttributes[\"{group.Name}\"]", group.Name,
                        $"{order.Count} indexes between colons, or nothing", "Export the message again.");
                pairs.Add((order[i].ToString(CultureInfo.InvariantCulture), layout.Values[order[i]]![index]));
            }
            var at = 0;
            if (group.Value.ValueKind == JsonValueKind.Array)
                foreach (var value in group.Value.EnumerateArray())
                {
                    if (at == attributes.Count)
                        break;
                    if (Resolve(attributes[at], value) is { Length: > 0 } text)
                        pairs.Add((attributes[at].ToString(CultureInfo.InvariantCulture), text));
                    at++;
                }
            groupAttributes.Add(pairs);
        }
        groupAttributes.Resolve(id => int.Parse(id, CultureInfo.InvariantCulture), layout.Components);
        // a group's own value wins over a default
        foreach (var at in attributes)
            ofSet[at] = null;
        ofSet.CopyTo(ofSeries.AsSpan());
    }

    private bool Fits(string[] key, List<int> order)
    {
        for (var i = 0; i < key.Length; i++)
            if (key[i].Length > 0 && (i >= order.Count || !int.TryParse(key[i], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= (layout.Values[order[i]]?.Count ?? 0)))
                return false;
        return true;
    }

    private void Group()
    {
        if (groupAttributes is null)
            return;
        groupAttributes.Apply(row);
        foreach (var at in layout.At("attributes", "dimensionGroup"))
            row[at] ??= layout.Defaults[at];
    }
}
