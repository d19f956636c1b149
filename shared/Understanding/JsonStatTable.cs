using System.Text.Json;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What a JSON-stat dataset says about its cells: dimensions, categories, units and statuses.</summary>
internal sealed partial class JsonStatTable
{
    private readonly JsonStatDataset dataset;
    private readonly Findings findings;
    private readonly JsonElement dimension;
    private readonly long[] strides;
    private readonly string? wholeStatus;
    private readonly string?[]? statusList;
    private readonly Dictionary<long, string>? statusByCell;
    private readonly Dictionary<string, Code> known = new(StringComparer.Ordinal);

    /// <summary>Reads what stands beside the values.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="language">The language that the upload's metadata gives, for a file that does not say.</param>
    /// <param name="findings">Takes what is to be said.</param>
    /// <exception cref="UnreadableReleaseException">Dimensions, sizes and categories do not fit together.</exception>
    public JsonStatTable(JsonStatDataset dataset, string? language, Findings findings)
    {
        (this.dataset, this.findings) = (dataset, findings);
        if (!dataset.Members.TryGetValue("dimension", out dimension) || dimension.ValueKind != JsonValueKind.Object)
            throw Wrong(Path("dimension"), "The dataset has no dimensions.", null, "an object with a member for each dimension");
        Language = (LanguageOf() ?? language)?.ToLowerInvariant();
        var ids = Ids();
        var sizes = Sizes(ids.Count);
        strides = new long[ids.Count];
        Cells = 1;
        for (var d = ids.Count - 1; d >= 0; d--)
        {
            strides[d] = Cells;
            if (sizes[d] > 0 && Cells > long.MaxValue / 4 / sizes[d])
                throw Wrong(Where("size"), "The dataset has more cells than can be counted.", null, "fewer categories, or fewer dimensions");
            Cells *= sizes[d];
        }
        var byName = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in dimension.EnumerateObject())
            if (!byName.TryAdd(property.Name, property.Value))
                throw Wrong(Path("dimension." + property.Name), "The dimension stands twice.", property.Name, "each dimension once");
        var roles = Roles();
        Dimensions = [.. ids.Select((id, d) => ToDimension(id, sizes[d], roles.GetValueOrDefault(id), byName))];
        Title = dataset.Text("label") is { Length: > 0 } label ? Texts(label) : dataset.Text("title") is { Length: > 0 } title ? Texts(title) : Code.None;
        (wholeStatus, statusList, statusByCell) = Statuses();
        Tell();
    }

    /// <summary>The language; null when neither the file nor the upload says.</summary>
    public string? Language { get; }

    /// <summary>The title, under the file's language.</summary>
    public IReadOnlyDictionary<string, string> Title { get; }

    /// <summary>The dimensions.</summary>
    public IReadOnlyList<DeclaredDimension> Dimensions { get; }

    /// <summary>How many cells there are: the product of the sizes.</summary>
    public long Cells { get; }

    /// <summary>What the file calls its statuses.</summary>
    public Dictionary<string, string> StatusLabels { get; } = [];

    /// <summary>Whether any cell has a status.</summary>
    public bool HasStatus => wholeStatus is not null || statusList is not null || statusByCell is not null;

    /// <summary>A cell's status as the file writes it; null when it has none.</summary>
    public string? StatusOf(long cell) =>
        statusByCell is not null ? statusByCell.GetValueOrDefault(cell) : statusList is not null ? (cell < statusList.Length ? statusList[cell] : null) : wholeStatus;

    /// <summary>The cells that have a status of their own.</summary>
    public HashSet<long>? StatusCells() => statusByCell is null ? null : [.. statusByCell.Keys];

    /// <summary>The OBS_STATUS of a status as the file writes it, told by its sign, else by what the file calls it.</summary>
    public Code StatusOf(string? symbol, bool hasValue)
    {
        if (symbol is null)
            return DeclaredCube.StatusOf(null, hasValue);
        if (known.TryGetValue((hasValue ? "+" : "-") + symbol, out var status))
            return status;
        status = DeclaredCube.StatusOf(symbol, hasValue);
        if (hasValue && status == Understanding.Statuses.Normal && StatusLabels.GetValueOrDefault(symbol) is { } label)
            status = DeclaredCube.StatusOf(label, hasValue);
        if (hasValue && status == Understanding.Statuses.Normal && Understanding.Statuses.OfFlag(symbol) is null)
        {
            findings.Add(new Finding(Severity.Information, "status-unknown", "A status is not known; it is kept as OBS_SYMBOL, and the value counts as a normal one.")
            {
                Where = Path("status"),
                Found = symbol,
                Advice = "Nothing, unless the status has to be told by OBS_STATUS.",
            });
        }
        return known[(hasValue ? "+" : "-") + symbol] = status;
    }

    /// <summary>The categories' numbers of a cell.</summary>
    public void Place(long cell, Span<int> at)
    {
        for (var d = 0; d < at.Length; d++)
            (at[d], cell) = ((int)(cell / strides[d]), cell % strides[d]);
    }

    /// <summary>A refusal with the path.</summary>
    public static UnreadableReleaseException Wrong(string path, string message, string? found, string expected) => JsonStatDocument.Malformed(path, message, found, expected);

    private string Path(string member) => dataset.Path + "." + member;

    /// <summary>Where a member stands that version 1 has among the dimensions.</summary>
    private string Where(string member) => Path(dataset.Members.ContainsKey(member) ? member : "dimension." + member);

    private JsonElement Member(string name) =>
        dataset.Members.TryGetValue(name, out var own) ? own : dimension.TryGetProperty(name, out var inner) ? inner : default;

    private Dictionary<string, string> Texts(string text)
    {
        var clean = Labels.Clean(text);
        return new() { [Language ?? Labels.Language(clean, null)] = clean };
    }

    private string? LanguageOf()
    {
        if (dataset.Members.TryGetValue("extension", out var extension) && extension.ValueKind == JsonValueKind.Object)
        {
            if (Text(extension, "lang") is { } lang)
                return lang;
            if (extension.TryGetProperty("language", out var language))
                return language.ValueKind == JsonValueKind.String ? language.GetString() : Text(language, "code");
        }
        return dataset.Text("language");
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private List<string> Ids()
    {
        var list = Member("id");
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(e => e.ValueKind != JsonValueKind.String))
            throw Wrong(Where("id"), "The order of the dimensions is missing.", list.ValueKind.ToString(), "an array with the id of each dimension");
        var ids = list.EnumerateArray().Select(e => e.GetString()!).ToList();
        if (ids.GroupBy(id => id, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw Wrong(Where("id"), "A dimension stands twice.", twice.Key, "each dimension once");
        if (ids.Count is 0 or > DeclaredCube.MaxDimensions)
            throw Wrong(Where("id"), "The dataset has no dimensions, or too many.", $"{ids.Count}", $"1 to {DeclaredCube.MaxDimensions} dimensions");
        return ids;
    }

    private int[] Sizes(int count)
    {
        var list = Member("size");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() != count)
            throw Wrong(Where("size"), "The sizes of the dimensions do not fit their ids.", list.ValueKind == JsonValueKind.Array ? Counted.Of(list.GetArrayLength(), "size") : list.ValueKind.ToString(), Counted.Of(count, "size"));
        return [.. list.EnumerateArray().Select((e, i) => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out var size) && size >= 0
            ? size
            : throw Wrong($"{Where("size")}[{i}]", "A size is no whole number.", e.GetRawText(), "the number of categories"))];
    }

    private Dictionary<string, DeclaredRole> Roles()
    {
        var roles = new Dictionary<string, DeclaredRole>(StringComparer.Ordinal);
        var role = Member("role");
        if (role.ValueKind != JsonValueKind.Object)
            return roles;
        foreach (var (name, meaning) in new[] { ("time", DeclaredRole.Time), ("metric", DeclaredRole.Content), ("geo", DeclaredRole.Area) })
        {
            // A cube has one of each: the first.
            if (role.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
                && list.EnumerateArray().FirstOrDefault(e => e.ValueKind == JsonValueKind.String) is { ValueKind: JsonValueKind.String } first)
                roles.TryAdd(first.GetString()!, meaning);
        }
        return roles;
    }

    private DeclaredDimension ToDimension(string id, int size, DeclaredRole role, Dictionary<string, JsonElement> byName)
    {
        var path = Path("dimension." + id);
        if (!byName.TryGetValue(id, out var own) || own.ValueKind != JsonValueKind.Object)
            throw Wrong(path, "The dimension is missing.", null, "an object with a category");
        if (!own.TryGetProperty("category", out var category) || category.ValueKind != JsonValueKind.Object)
            throw Wrong(path + ".category", "The dimension has no categories.", null, "an object with index or label");
        var codes = Codes(category, path);
        if (codes.Count != size)
            throw Wrong(path, "The dimension has not as many categories as its size says.", Counted.Of(codes.Count, "category", "categories"), $"{size}, as {Where("size")} says");
        var number = codes.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        var labels = Strings(category, "label");
        var notes = Notes(category);
        var units = Objects(category, "unit");
        var parents = Parents(category, codes.Count, number, path);
        var taken = new HashSet<string>(codes, StringComparer.Ordinal);
        var ids = codes.Select(code => code.Trim().Length > 0 ? code : Free(Labels.ToCode(labels.GetValueOrDefault(code, ""), Language).Id)).ToList();
        var values = codes.Select((code, i) => new DeclaredValue(new Code(ids[i])
        {
            Labels = labels.GetValueOrDefault(code) is { Length: > 0 } label && label != code ? Texts(label) : Code.None,
            Parent = parents[i] >= 0 ? ids[parents[i]] : null,
        })
        {
            Unit = units.TryGetValue(code, out var unit) ? UnitOf(unit) : null,
            Decimals = units.TryGetValue(code, out unit) && unit.TryGetProperty("decimals", out var decimals) && decimals.ValueKind == JsonValueKind.Number
                && decimals.TryGetInt32(out var count) && count is >= 0 and <= 15 ? count : null,
            Note = notes.GetValueOrDefault(code),
        }).ToList();
        var name = Text(own, "label");
        return new DeclaredDimension(name is null ? [id] : [id, name], name is null ? Code.None : Texts(name), values) { Role = role, Time = (Scale().Match(id) is { Success: true } match ? match.Groups[1].Value[0] : '\0', null) };

        string Free(string code)
        {
            while (!taken.Add(code))
                code += "_";
            return code;
        }
    }

    /// <summary>The categories' codes in their order: an index as an array or an object, or the one that only has a label.</summary>
    private static List<string> Codes(JsonElement category, string path)
    {
        var codes = new List<string>();
        if (!category.TryGetProperty("index", out var index) || index.ValueKind == JsonValueKind.Null)
        {
            codes.AddRange(category.TryGetProperty("label", out var label) && label.ValueKind == JsonValueKind.Object ? label.EnumerateObject().Select(p => p.Name) : []);
            return codes.Count <= 1 ? codes : throw Wrong(path + ".category.index", "The order of the categories is missing.", Counted.Of(codes.Count, "label"), "an array of codes, or an object with the number of each");
        }
        path += ".category.index";
        if (index.ValueKind == JsonValueKind.Array)
        {
            codes.AddRange(index.EnumerateArray().Select((e, i) => e.ValueKind == JsonValueKind.String ? e.GetString()!
                : e.ValueKind == JsonValueKind.Number ? e.GetRawText() : throw Wrong($"{path}[{i}]", "A category's code is no string.", e.GetRawText(), "a string")));
        }
        else if (index.ValueKind == JsonValueKind.Object)
        {
            var places = new SortedDictionary<int, string>();
            foreach (var property in index.EnumerateObject())
                if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out var place) || place < 0 || !places.TryAdd(place, property.Name))
                    throw Wrong(path + "." + property.Name, "A category's number is none, or another category has it.", property.Value.GetRawText(), "each number from 0 on once");
            if (places.Count > 0 && places.Last().Key != places.Count - 1)
                throw Wrong(path, "The categories' numbers have gaps.", $"{Counted.Of(places.Count, "category", "categories")}, the last with number {places.Last().Key}", "each number from 0 on once");
            codes.AddRange(places.Values);
        }
        else
        {
            throw Wrong(path, "The order of the categories is neither an array nor an object.", index.GetRawText(), "an array of codes, or an object with the number of each");
        }
        return codes.GroupBy(c => c, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw Wrong(path, "A category stands twice.", twice.Key, "each category once")
            : codes;
    }

    private static Dictionary<string, string> Strings(JsonElement category, string name) =>
        Entries(category, name).Where(p => p.Value.ValueKind == JsonValueKind.String).DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);

    private static Dictionary<string, JsonElement> Objects(JsonElement category, string name) =>
        Entries(category, name).Where(p => p.Value.ValueKind == JsonValueKind.Object).DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);

    private static IEnumerable<JsonProperty> Entries(JsonElement category, string name) =>
        category.TryGetProperty(name, out var entries) && entries.ValueKind == JsonValueKind.Object ? entries.EnumerateObject() : [];

    private static Dictionary<string, string> Notes(JsonElement category)
    {
        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in Entries(category, "note"))
            if (Joined(entry.Value) is { Length: > 0 } note)
                notes.TryAdd(entry.Name, note);
        return notes;
    }

    private static string Joined(JsonElement note) => Labels.Clean(note.ValueKind switch
    {
        JsonValueKind.String => note.GetString()!,
        JsonValueKind.Array => string.Join(" ", note.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString())),
        _ => "",
    });

    private int[] Parents(JsonElement category, int count, Dictionary<string, int> number, string path)
    {
        var parents = new int[count];
        Array.Fill(parents, -1);
        foreach (var entry in Entries(category, "child"))
        {
            if (entry.Value.ValueKind != JsonValueKind.Array || !number.TryGetValue(entry.Name, out var parent))
            {
                Ignored(path + ".category.child." + entry.Name);
                continue;
            }
            foreach (var child in entry.Value.EnumerateArray())
            {
                if (child.ValueKind != JsonValueKind.String || !number.TryGetValue(child.GetString()!, out var part))
                    Ignored(path + ".category.child." + entry.Name);
                else if (part != parent && parents[part] < 0)
                    parents[part] = parent;
            }
        }
        DeclaredCube.CutCircles(parents);
        return parents;
    }

    private void Ignored(string path) => findings.Add(new Finding(Severity.Warning, "json-stat-ignored", "A part of the hierarchy names a category that the dimension does not have; it is passed over.")
    {
        Where = path,
        Expected = "categories of the dimension",
        Advice = "Correct the code.",
    });

    private Unit? UnitOf(JsonElement unit)
    {
        var (name, whole) = (Text(unit, "base"), Text(unit, "label"));
        if ((name ?? whole) is not { } text)
            return null;
        var (ofBase, ofLabel) = (name is null ? null : Units.Find(name), whole is null ? null : Units.Find(whole));
        var measure = (ofBase ?? ofLabel)?.Measure ?? Labels.ToCode(text, Language);
        var multiplier = unit.TryGetProperty("multiplier", out var power) && power.ValueKind == JsonValueKind.Number && power.TryGetInt32(out var stated) && Math.Abs(stated) <= 30
            ? stated
            : (ofLabel ?? ofBase)?.Multiplier ?? 0;
        return new Unit(measure, multiplier);
    }

    private (string? Whole, string?[]? List, Dictionary<long, string>? ByCell) Statuses()
    {
        ReadStatusLabels(dataset.Members.GetValueOrDefault("extension"), "status");
        if (!dataset.Members.TryGetValue("status", out var status))
            return default;
        // An object of values and categories, as an office of version 1 writes it.
        if (status.ValueKind == JsonValueKind.Object && status.TryGetProperty("value", out var inner) && inner.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
        {
            ReadStatusLabels(status, "category");
            status = inner;
        }
        switch (status.ValueKind)
        {
            case JsonValueKind.String:
                return (status.GetString() is { Length: > 0 } whole ? whole : null, null, null);
            case JsonValueKind.Array when status.GetArrayLength() == 1 && Cells != 1:
                return (Sign(status[0]), null, null);
            case JsonValueKind.Array:
                if (status.GetArrayLength() != Cells)
                {
                    findings.Add(new Finding(Severity.Warning, "json-stat-status", "There are not as many statuses as cells; those there are were taken for the first cells.")
                    {
                        Where = Path("status"),
                        Found = Counted.Of(status.GetArrayLength(), "status", "statuses"),
                        Expected = $"{Cells:N0}, one, or an object with those that differ",
                        Advice = "Export the file again.",
                    });
                }
                string?[] list = [.. status.EnumerateArray().Select(Sign)];
                return list.Any(s => s is not null) ? (null, list, null) : default;
            case JsonValueKind.Object:
                var byCell = new Dictionary<long, string>();
                foreach (var entry in status.EnumerateObject())
                {
                    if (!long.TryParse(entry.Name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var cell) || cell >= Cells)
                        throw Wrong(Path("status." + entry.Name), "A status has the number of no cell.", entry.Name, $"a number from 0 to {Cells - 1}");
                    if (Sign(entry.Value) is { } sign)
                        byCell[cell] = sign;
                }
                return byCell.Count > 0 ? (null, null, byCell) : default;
            default:
                return default;
        }
    }

    private readonly Dictionary<string, string> signs = new(StringComparer.Ordinal);

    // One string for all cells that have it.
    private string? Sign(JsonElement element)
    {
        var text = element.ValueKind == JsonValueKind.String ? element.GetString()!.Trim() : element.ValueKind == JsonValueKind.Number ? element.GetRawText() : "";
        return text.Length == 0 ? null : signs.TryGetValue(text, out var same) ? same : signs[text] = text;
    }

    private void ReadStatusLabels(JsonElement holder, string name)
    {
        if (holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var status) && status.ValueKind == JsonValueKind.Object)
            foreach (var (sign, label) in Strings(status, "label"))
                StatusLabels.TryAdd(sign, Labels.Clean(label));
    }

    private void Tell()
    {
        var notes = dataset.Members.TryGetValue("note", out var note) ? Joined(note) : "";
        if (notes.Length > 0)
        {
            findings.Add(new Finding(Severity.Information, "notes-not-published", "A note on the whole dataset: not part of the data.")
            {
                Where = Path("note"),
                Found = notes,
                Advice = "Nothing; the note stays in the release.",
            });
        }
    }

    // PxStat calls its time dimension as PX writes the time scale.
    [System.Text.RegularExpressions.GeneratedRegex("^TLIST\\(([AHQMWD])")]
    private static partial System.Text.RegularExpressions.Regex Scale();
}
