using System.Text.Json;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What PxWeb has in its JSON formats besides.</summary>
internal static class PxWebJson
{
    /// <summary>Where the face is.</summary>
    public const string Root = "/pxweb/v2";

    /// <summary>The extensions of PxWeb's JSON-stat: what the keywords of a PX file say of the table, and how each variable is selected.</summary>
    public static JsonStatForm Form(PxWebTable table, IReadOnlyList<PxVariable> stub, IReadOnlyList<PxVariable> heading) => new()
    {
        Host = table.Address,
        Publisher = table.Publisher,
        Extension = json =>
        {
            var structure = table.At.Structure;
            json.WriteStartObject("px");
            json.WriteString("tableid", structure.Id);
            json.WriteNumber("decimals", structure.ValueScale);
            json.WriteBoolean("aggregallowed", false);
            json.WriteString("language", table.Language);
            json.WriteString("contents", table.Title);
            List("heading", heading);
            List("stub", stub);
            json.WriteString("matrix", structure.Id);
            json.WriteString("subject-code", structure.Id);
            json.WriteString("subject-area", table.Title);
            json.WriteEndObject();
            if (table.FirstPeriod is { } first)
                json.WriteString("firstPeriod", first);
            if (table.LastPeriod is { } last)
                json.WriteString("lastPeriod", last);

            void List(string name, IReadOnlyList<PxVariable> variables)
            {
                json.WriteStartArray(name);
                foreach (var variable in variables)
                    json.WriteStringValue(variable.Code);
                json.WriteEndArray();
            }
        },
        DimensionExtension = (json, dimension) =>
        {
            var variable = table.Find(dimension.Id)!;
            json.WriteBoolean("elimination", variable.Elimination is not null);
            if (variable.Elimination is not null)
                json.WriteString("eliminationValueCode", variable.Elimination);
            json.WriteString("show", Show(table, dimension));
            json.WriteStartArray("codelists");
            foreach (var (id, label, _) in table.Codelists(variable))
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("label", label);
                json.WriteString("type", "Valueset");
                json.WriteStartArray("links");
                WriteLink(json, "metadata", table.Language, table.Address, $"/codelists/{Uri.EscapeDataString(id)}?lang={table.Language}");
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        },
    };

    /// <summary>Writes a cube as PxWeb's first JSON: columns, and rows of keys and values; a column of values for each of the contents.</summary>
    public static async Task WriteRowsAsync(DataCube cube, PxWebTable table, Stream to, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = Json.Options.Encoder });
        var metric = cube.Metric;
        var keys = Enumerable.Range(0, cube.Dimensions.Count).Where(d => d != metric).ToList();
        json.WriteStartObject();
        json.WriteStartArray("columns");
        foreach (var dimension in keys.Select(d => cube.Dimensions[d]))
            Column(dimension.Id, JsonStat.Label(dimension.Labels, table.Languages, dimension.Id), dimension.Role == CubeRole.Time ? "t" : "d");
        foreach (var code in metric < 0 ? table.Contents.Dimension.Codes : cube.Dimensions[metric].Codes)
            Column(code.Id, JsonStat.Label(code.Labels, table.Languages, code.Id), "c");
        json.WriteEndArray();
        json.WriteStartArray("comments");
        json.WriteEndArray();
        json.WriteStartArray("data");
        var values = metric < 0 ? 1 : cube.Dimensions[metric].Codes.Count;
        var step = metric < 0 ? 0 : cube.Strides[metric];
        var status = cube.At.IndexOf(Concepts.ObsStatus);
        for (var cell = 0L; cell < cube.Cells; cell++)
        {
            if (metric >= 0 && cube.CodeAt(metric, cell) > 0)
                continue;
            json.WriteStartObject();
            json.WriteStartArray("key");
            foreach (var d in keys)
                json.WriteStringValue(cube.Dimensions[d].Codes[cube.CodeAt(d, cell)].Id);
            json.WriteEndArray();
            json.WriteStartArray("values");
            for (var v = 0; v < values; v++)
            {
                var i = Array.BinarySearch(cube.Positions, cell + (v * step));
                json.WriteStringValue(i < 0 ? Px.NoObservation.ToString()
                    : cube.Values[i]?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? Px.Symbol(status < 0 ? null : cube.AttributeCode(status, i)?.Id));
            }
            json.WriteEndArray();
            json.WriteEndObject();
            if (json.BytesPending > 64 << 10)
                await json.FlushAsync(cancellationToken);
        }
        json.WriteEndArray();
        json.WriteStartArray("metadata");
        json.WriteStartObject();
        json.WriteString("infofile", "");
        json.WriteString("updated", JsonStat.Updated(cube.At.Version));
        json.WriteString("label", table.Title);
        json.WriteString("source", table.Publisher);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);

        void Column(string code, string label, string type)
        {
            json.WriteStartObject();
            json.WriteString("code", code);
            json.WriteString("text", label);
            json.WriteString("type", type);
            json.WriteEndObject();
        }
    }

    /// <summary>Writes what the list of tables says of one.</summary>
    public static void WriteTable(Utf8JsonWriter json, PxWebTable table, List<string> languages)
    {
        var (id, version) = (table.At.Structure.Id, table.At.Version);
        json.WriteString("id", id);
        json.WriteString("label", table.Title);
        json.WriteString("description", "");
        json.WriteString("sortCode", id);
        json.WriteString("updated", JsonStat.Updated(version));
        json.WriteString("firstPeriod", table.FirstPeriod);
        json.WriteString("lastPeriod", table.LastPeriod);
        json.WriteString("category", "public");
        WriteList(json, "variableNames", table.Variables.Select(v => JsonStat.Label(v.Dimension.Labels, table.Languages, v.Code)));
        json.WriteBoolean("discontinued", false);
        json.WriteString("source", table.Publisher);
        json.WriteString("timeUnit", table.TimeUnit);
        json.WriteStartArray("paths");
        json.WriteEndArray();
        json.WriteStartArray("links");
        WriteLink(json, "self", table.Language, table.Address, $"/tables/{id}?lang={table.Language}");
        foreach (var other in languages.Where(l => l != table.Language))
            WriteLink(json, "alternate", other, table.Address, $"/tables/{id}?lang={other}");
        WriteLink(json, "metadata", table.Language, table.Address, $"/tables/{id}/metadata?lang={table.Language}");
        WriteLink(json, "data", table.Language, table.Address, $"/tables/{id}/data?lang={table.Language}&outputFormat=json-stat2");
        json.WriteEndArray();
    }

    /// <summary>Writes texts.</summary>
    public static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>Writes a link.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="relation">The link's relation.</param>
    /// <param name="language">The language of what it leads to.</param>
    /// <param name="address">The address that all links begin with.</param>
    /// <param name="path">The path below <see cref="Root"/>.</param>
    public static void WriteLink(Utf8JsonWriter json, string relation, string language, string address, string path)
    {
        json.WriteStartObject();
        json.WriteString("rel", relation);
        json.WriteString("hreflang", language);
        json.WriteString("href", address + Root + path);
        json.WriteEndObject();
    }

    // Labels, unless two values have the same: then their codes tell them apart.
    private static string Show(PxWebTable table, CubeDimension dimension)
    {
        var labels = new HashSet<string>(StringComparer.Ordinal);
        return dimension.Codes.All(c => c.Labels.Count == 0) ? "code"
            : dimension.Codes.All(c => labels.Add(JsonStat.Label(c.Labels, table.Languages, c.Id))) ? "value" : "code_value";
    }
}
