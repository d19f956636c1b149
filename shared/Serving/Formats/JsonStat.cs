using System.Globalization;
using System.Text.Json;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What another standard adds to JSON-stat.</summary>
internal record JsonStatForm
{
    /// <summary>The address that all links begin with, without a slash at the end.</summary>
    public string Host { get; init; } = "";

    /// <summary>Who publishes.</summary>
    public string Publisher { get; init; } = "";

    /// <summary>Whether values are a list with a place for every cell, however few are filled.</summary>
    public bool IsDense { get; init; }

    /// <summary>Whether only the dimensions are shown, and no values.</summary>
    public bool IsStructure { get; init; }

    /// <summary>Writes more members of the dataset's extension.</summary>
    public Action<Utf8JsonWriter>? Extension { get; init; }

    /// <summary>Writes the members of a dimension's extension.</summary>
    public Action<Utf8JsonWriter, CubeDimension>? DimensionExtension { get; init; }

    /// <summary>The decimals for a code of what is measured; null for what the values show, where all show the same.</summary>
    public Func<string, int>? DecimalsOf { get; init; }

    /// <summary>The unit, its power of ten and its decimals for a code of what is measured; null for what the values say.</summary>
    public Func<string, (string? Unit, int Power, int? Decimals)?>? UnitOf { get; init; }
}

/// <summary>
/// Writes a cube as a dataset of JSON-stat 2.0 (https://json-stat.org/full/). Values are exact and have the decimals shown; they are a list, or, where few cells
/// are filled, an object. What JSON-stat has no member for (units that differ within what is measured, other attributes) stands in the dataset's
/// <c>extension.attributes</c>: the code for all, for each code of a dimension, or for each cell.
/// </summary>
internal sealed class JsonStat
{
    /// <summary>The most observations of a dataset.</summary>
    public const int MostObservations = 1_000_000;

    /// <summary>The most cells, filled or not: readers make a list of them.</summary>
    public const long MostCells = 10_000_000;

    /// <summary>Both.</summary>
    public static readonly CubeLimits Limits = new("JSON-stat", MostObservations, MostCells);

    private const int MostReleases = 20;
    private const int FlushAt = 64 << 10;

    /// <summary>The media type: the specification has JSON's own (https://json-stat.org/faq/).</summary>
    public const string MediaType = "application/json";

    private readonly DataCube cube;
    private readonly JsonStatForm form;
    private readonly IReadOnlyList<string> languages;

    /// <summary>Takes a cube.</summary>
    public JsonStat(DataCube cube, JsonStatForm form) => (this.cube, this.form, languages) = (cube, form, cube.Table.Languages);

    /// <summary>Reads a table's rows, before the first byte is sent.</summary>
    /// <exception cref="ProblemException">There are too many for JSON-stat.</exception>
    public static async Task<JsonStat> ReadAsync(ObservationTable table, TablePage page, CancellationToken cancellationToken) =>
        new(await DataCube.ReadAsync(table, Limits, null, cancellationToken), new JsonStatForm { Host = page.Host, Publisher = page.Publisher });

    /// <summary>The moment of a version as JSON-stat writes it.</summary>
    public static string Updated(DatasetVersion version) => version.PublishedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A label in the language wanted; the id where there is none.</summary>
    public static string Label(IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> languages, string id) =>
        ObservationCsv.Label(labels, languages) is { Length: > 0 } label ? label : id;

    /// <summary>Writes the dataset.</summary>
    public async Task WriteAsync(Stream to, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = Json.Options.Encoder });
        var structure = cube.At.Structure;
        json.WriteStartObject();
        json.WriteString("version", "2.0");
        json.WriteString("class", "dataset");
        json.WriteString("label", Label(structure.Title, languages, structure.Id));
        if (form.Publisher.Length > 0)
            json.WriteString("source", form.Publisher);
        json.WriteString("updated", Updated(cube.At.Version));
        if (!form.IsStructure && form.Extension is null)
            WriteLinks(json);
        WriteRoles(json);
        json.WriteStartArray("id");
        foreach (var dimension in cube.Dimensions)
            json.WriteStringValue(dimension.Id);
        json.WriteEndArray();
        json.WriteStartArray("size");
        foreach (var dimension in cube.Dimensions)
            json.WriteNumberValue(dimension.Codes.Count);
        json.WriteEndArray();
        var units = new CubeUnits(cube);
        json.WriteStartObject("dimension");
        for (var d = 0; d < cube.Dimensions.Count; d++)
        {
            WriteDimension(json, d, units);
            await json.FlushAsync(cancellationToken);
        }
        json.WriteEndObject();
        await WriteValuesAsync(json, cancellationToken);
        await WriteStatusAsync(json, cancellationToken);
        await WriteExtensionAsync(json, units, cancellationToken);
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private void WriteLinks(Utf8JsonWriter json)
    {
        var (address, version) = (form.Host + DatasetApi.Address(cube.At.Structure.Id), "version=" + cube.At.Version.Version);
        json.WriteStartObject("link");
        Link("describedby", ("application/json", $"{address}?{version}"));
        Link("alternate", ("text/csv", $"{address}/data?{version}&format=csv"), ("application/vnd.apache.parquet", $"{address}/data?{version}&format=parquet"));
        json.WriteEndObject();

        void Link(string relation, params (string Type, string Href)[] targets)
        {
            json.WriteStartArray(relation);
            foreach (var (type, href) in targets)
            {
                json.WriteStartObject();
                json.WriteString("type", type);
                json.WriteString("href", href);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }

    private void WriteRoles(Utf8JsonWriter json)
    {
        if (cube.Dimensions.All(d => d.Role == CubeRole.None))
            return;
        json.WriteStartObject("role");
        foreach (var role in cube.Dimensions.Where(d => d.Role != CubeRole.None).GroupBy(d => d.Role).OrderBy(g => g.Key))
        {
            json.WriteStartArray(role.Key.ToString().ToLowerInvariant());
            foreach (var dimension in role)
                json.WriteStringValue(dimension.Id);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private void WriteDimension(Utf8JsonWriter json, int d, CubeUnits units)
    {
        var dimension = cube.Dimensions[d];
        json.WriteStartObject(dimension.Id);
        // Readers make columns of the labels: two that are the same are told apart by their ids.
        var label = Label(dimension.Labels, languages, dimension.Id);
        json.WriteString("label", cube.Dimensions.Count(other => Label(other.Labels, languages, other.Id) == label) > 1 ? $"{label} ({dimension.Id})" : label);
        json.WriteStartObject("category");
        var index = new Dictionary<string, int>(dimension.Codes.Count, StringComparer.Ordinal);
        json.WriteStartObject("index");
        foreach (var code in dimension.Codes)
        {
            json.WriteNumber(code.Id, index.Count);
            index.Add(code.Id, index.Count);
        }
        json.WriteEndObject();
        json.WriteStartObject("label");
        foreach (var code in dimension.Codes)
            json.WriteString(code.Id, Label(code.Labels, languages, code.Id));
        json.WriteEndObject();
        WriteChildren(json, dimension, index);
        if (d == cube.Metric)
            WriteUnits(json, dimension, units);
        json.WriteEndObject();
        if (form.DimensionExtension is { } extension)
        {
            json.WriteStartObject("extension");
            extension(json, dimension);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private void WriteChildren(Utf8JsonWriter json, CubeDimension dimension, Dictionary<string, int> index)
    {
        var children = dimension.Codes.Select(code => (Parent: DataCube.ParentIn(cube.At, dimension, code, index), code.Id)).Where(c => c.Parent is not null && c.Parent != c.Id)
            .GroupBy(c => c.Parent!, c => c.Id).ToList();
        if (children.Count == 0)
            return;
        json.WriteStartObject("child");
        foreach (var family in children)
        {
            json.WriteStartArray(family.Key);
            foreach (var child in family)
                json.WriteStringValue(child);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private void WriteUnits(Utf8JsonWriter json, CubeDimension dimension, CubeUnits units)
    {
        var all = dimension.Codes.Select((code, i) => (code.Id, Unit: form.UnitOf is { } unitOf ? unitOf(code.Id)
            : units.AreTold ? (units.Measure(i) is { } unit ? Label(unit.Labels, languages, unit.Id) : null, units.Power(i), form.DecimalsOf?.Invoke(code.Id) ?? (units.HasDecimals(i) ? units.Decimals(i) : null)) : null)).Where(u => u.Unit is not null).ToList();
        if (all.Count == 0)
            return;
        json.WriteStartObject("unit");
        foreach (var (id, unit) in all)
        {
            var (name, power, decimals) = unit!.Value;
            json.WriteStartObject(id);
            if (name is not null)
                json.WriteString("base", name);
            // Values that show different decimals have no number of them; PxWeb has the most of the table.
            if (decimals is { } shown)
                json.WriteNumber("decimals", shown);
            if (power != 0)
                json.WriteNumber("multiplier", power);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private async Task WriteValuesAsync(Utf8JsonWriter json, CancellationToken cancellationToken)
    {
        var (positions, values) = (cube.Positions, cube.Values);
        // A member's name and its quotation marks take about twice the room of an empty cell's null.
        var isList = form.IsDense || form.IsStructure || positions.Length >= cube.Cells / 3;
        if (isList)
            json.WriteStartArray("value");
        else
            json.WriteStartObject("value");
        var number = new Utf8Buffer();
        for (var (i, cell) = (0, 0L); i < positions.Length || (isList && !form.IsStructure && cell < cube.Cells); await json.FlushAsync(cancellationToken))
        {
            for (; json.BytesPending < FlushAt && (i < positions.Length || (isList && !form.IsStructure && cell < cube.Cells)); cell++)
            {
                if (isList && (i == positions.Length || positions[i] > cell))
                {
                    json.WriteNullValue();
                    continue;
                }
                if (!isList)
                    json.WritePropertyName(Number(positions[i]));
                number.Clear();
                if (values.Write(number, i++))
                    json.WriteRawValue(number.Written.Span, skipInputValidation: true);
                else
                    json.WriteNullValue();
            }
        }
        if (isList)
            json.WriteEndArray();
        else
            json.WriteEndObject();
    }

    private async Task WriteStatusAsync(Utf8JsonWriter json, CancellationToken cancellationToken)
    {
        var status = cube.At.IndexOf(Concepts.ObsStatus);
        if (StatusCodes(status).Count == 0)
            return;
        json.WriteStartObject("status");
        var (numbers, ids) = (cube.Attribute(status), cube.At.Components[status].Codes.Select(c => c.Id == "A" ? null : c.Id).Append(null).ToArray());
        for (var i = 0; i < numbers.Count; i++)
        {
            if (ids[numbers[i]] is not { } id)
                continue;
            json.WriteString(Number(cube.Positions[i]), id);
            await FlushAsync(json, cancellationToken);
        }
        json.WriteEndObject();
    }

    // The statuses that are told, in the order in which they first occur.
    private List<Code> StatusCodes(int status)
    {
        var told = new List<Code>();
        if (status < 0 || cube.Positions.Length == 0)
            return told;
        var (numbers, codes) = (cube.Attribute(status), cube.At.Components[status].Codes);
        var isSeen = codes.Select(c => c.Id == "A").Append(true).ToArray();
        for (var i = 0; i < numbers.Count; i++)
        {
            if (isSeen[numbers[i]])
                continue;
            isSeen[numbers[i]] = true;
            told.Add(codes[numbers[i]]);
        }
        return told;
    }

    private async Task WriteExtensionAsync(Utf8JsonWriter json, CubeUnits units, CancellationToken cancellationToken)
    {
        json.WriteStartObject("extension");
        form.Extension?.Invoke(json);
        json.WriteString("dataset", cube.At.Structure.Id);
        json.WriteNumber("datasetVersion", cube.At.Version.Version);
        if (cube.Releases.Count > 0)
        {
            json.WriteStartArray("releases");
            foreach (var release in cube.Releases.Order(StringComparer.Ordinal).Take(MostReleases))
                json.WriteStringValue(release);
            json.WriteEndArray();
        }
        if (!form.IsStructure)
        {
            json.WriteNumber("decimals", cube.Values.Decimals);
            if (StatusCodes(cube.At.IndexOf(Concepts.ObsStatus)) is { Count: > 0 } statuses)
            {
                json.WriteStartObject("status");
                json.WriteStartObject("label");
                foreach (var code in statuses)
                    json.WriteString(code.Id, Label(code.Labels, languages, code.Id));
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteStartObject("attributes");
            foreach (var component in cube.Attributes.Where(c => cube.At.Components[c].Id != Concepts.ObsStatus && cube.Positions.Length > 0))
                await WriteAttributeAsync(json, component, cancellationToken);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private async Task WriteAttributeAsync(Utf8JsonWriter json, int component, CancellationToken cancellationToken)
    {
        var attribute = cube.At.Components[component];
        var used = new bool[attribute.Codes.Count];
        json.WriteStartObject(attribute.Id);
        json.WriteString("label", Label(attribute.Labels, languages, attribute.Id));
        if (cube.ScopeOf(component) is not { } scope)
        {
            json.WriteStartObject("byCell");
            var numbers = cube.Attribute(component);
            for (var i = 0; i < numbers.Count; i++)
            {
                if (CodeOf(numbers[i]) is not { } id)
                    continue;
                json.WriteString(Number(cube.Positions[i]), id);
                await FlushAsync(json, cancellationToken);
            }
            json.WriteEndObject();
        }
        else if (scope.Dimension < 0)
        {
            json.WriteString("code", CodeOf(scope.Numbers[0]));
        }
        else
        {
            var dimension = cube.Dimensions[scope.Dimension];
            json.WriteString("dimension", dimension.Id);
            json.WriteStartObject("byCode");
            for (var i = 0; i < dimension.Codes.Count; i++)
                if (CodeOf(scope.Numbers[i]) is { } id)
                    json.WriteString(dimension.Codes[i].Id, id);
            json.WriteEndObject();
        }
        var labelled = attribute.Codes.Where((code, n) => used[n] && code.Labels.Count > 0).ToList();
        if (labelled.Count > 0)
        {
            json.WriteStartObject("labels");
            foreach (var code in labelled)
                json.WriteString(code.Id, Label(code.Labels, languages, code.Id));
            json.WriteEndObject();
        }
        json.WriteEndObject();

        string? CodeOf(int number)
        {
            if (number < 0 || number >= attribute.Codes.Count)
                return null;
            used[number] = true;
            return attribute.Codes[number].Id;
        }
    }

    private static string Number(long position) => position.ToString(CultureInfo.InvariantCulture);

    private static ValueTask FlushAsync(Utf8JsonWriter json, CancellationToken cancellationToken) =>
        json.BytesPending < FlushAt ? ValueTask.CompletedTask : new ValueTask(json.FlushAsync(cancellationToken));
}
