using System.Globalization;
using System.Text.Json.Nodes;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Describes a CSV column by column, beside it: as CSV on the Web (W3C, tabular-metadata) and as a Frictionless Data Package 2.</summary>
internal static class CsvDescription
{
    /// <summary>The media type of CSVW metadata.</summary>
    public const string MediaType = "application/csvm+json";

    /// <summary>The most codes of a column that are listed.</summary>
    public const int MostCodes = 1_000;

    /// <summary>The link from a CSV to its metadata, which has the same parameters; null for other formats, for periods across, whose columns are data, and for saved queries.</summary>
    public static string? LinkOf(DataRequest request) => request.Table.Format.Name != "csv" || request.Table.IsWide || request.SavedAs is not null
        ? null
        : $"<{DatasetApi.Address(request.At.Structure.Id)}/data.csv-metadata.json{request.Sent.Replace("<", "%3C", StringComparison.Ordinal).Replace(">", "%3E", StringComparison.Ordinal)}>; rel=\"describedby\"; type=\"{MediaType}\"";

    /// <summary>What a column holds: <c>string</c>, <c>number</c> or <c>integer</c>.</summary>
    public static string TypeOf(DatasetAtVersion at, TableColumn column) => column.Kind switch
    {
        ColumnKind.Value or ColumnKind.Measure => "number",
        ColumnKind.Decimals => "integer",
        ColumnKind.Code when column.Name == Concepts.UnitMult && at.Components[column.Index].Codes.All(c => IsWhole(c.Id)) => "integer",
        _ => "string",
    };

    /// <summary>A column's name for people.</summary>
    public static string NameOf(DatasetAtVersion at, TableColumn column, IReadOnlyList<string> languages) => column.Kind switch
    {
        ColumnKind.Dataset => "The dataset's id",
        ColumnKind.Value => "The value, with the decimals that the release shows",
        ColumnKind.Source => "Where in the release the value was read",
        ColumnKind.Decimals => "The decimals that the release shows",
        ColumnKind.Release => "The release that the value is from",
        ColumnKind.Label or ColumnKind.LabelOrCode or ColumnKind.Code when at.Components[column.Index].Labels is { Count: > 0 } labels =>
            ObservationCsv.Label(labels, languages) + (column.Kind == ColumnKind.Label ? " (label)" : ""),
        _ => column.Name,
    };

    /// <summary>CSVW metadata of a table at an address.</summary>
    public static JsonObject Csvw(HarvestSite site, DataRequest request, IReadOnlyList<TableColumn> columns, string url)
    {
        var at = request.At;
        var names = columns.Select(c => NameInTemplate(c.Name)).ToList();
        var key = KeyOf(at, columns);
        return JsonParts.Object(
            ("@context", new JsonArray("http://www.w3.org/ns/csvw", JsonParts.Object(("@language", "en")))),
            ("@type", "Table"),
            ("url", url),
            ("dc:title", JsonParts.Array(at.Structure.Title.Select(t => Literal(t.Value, t.Key)))),
            ("dc:publisher", site.Publisher),
            ("dc:license", site.License is null ? null : JsonParts.Object(("@id", site.License))),
            ("dc:modified", JsonParts.Object(("@value", JsonParts.Moment(at.Version.PublishedAt)), ("@type", "xsd:dateTime"))),
            ("schema:version", at.Version.Version.ToString(CultureInfo.InvariantCulture)),
            ("dialect", JsonParts.Object(("encoding", "utf-8"), ("delimiter", ","), ("quoteChar", "\""), ("doubleQuote", true), ("header", true), ("lineTerminators", new JsonArray("\r\n")))),
            ("tableSchema", JsonParts.Object(
                ("columns", JsonParts.Array(columns.Select((column, i) => JsonParts.Object(
                    ("name", names[i]),
                    ("titles", column.Name),
                    ("dc:description", Described(at, column)),
                    ("datatype", TypeOf(at, column) == "number" ? "decimal" : TypeOf(at, column)),
                    ("required", IsRequired(at, column) ? true : null),
                    ("lang", column.Kind is ColumnKind.Label or ColumnKind.LabelOrCode && request.Languages.FirstOrDefault(RdfValue.IsLanguage) is { } language ? language : null))))),
                ("primaryKey", key is null ? null : JsonParts.Texts(key.Select(NameInTemplate))))));
    }

    /// <summary>A Data Package with the CSV of a version as a table, and its Parquet file.</summary>
    public static JsonObject Package(HarvestSite site, DataRequest request, IReadOnlyList<TableColumn> columns, string url, string address, DatasetFacts facts)
    {
        var (at, languages) = (request.At, request.Languages);
        var name = at.Structure.Id.ToLowerInvariant();
        return JsonParts.Object(
            ("$schema", "https://datapackage.org/profiles/2.0/datapackage.json"),
            ("name", name),
            ("id", Dcat.IriOf(address, at.Structure.Id)),
            ("title", facts.TitleIn(languages)),
            ("description", facts.DescriptionIn(DatasetPage.SpokenOf(languages))),
            ("version", at.Version.Version.ToString(CultureInfo.InvariantCulture) + ".0.0"),
            ("created", JsonParts.Moment(at.Version.PublishedAt)),
            ("homepage", DatasetPage.Address(address, at.Structure.Id)),
            ("contributors", new JsonArray(JsonParts.Object(("title", site.Publisher), ("email", site.Contact), ("roles", new JsonArray("publisher"))))),
            ("licenses", site.License is null ? null : new JsonArray(JsonParts.Object(("path", site.License)))),
            ("keywords", JsonParts.Texts(facts.Keywords.Select(k => k.Text))),
            ("resources", new JsonArray(
                JsonParts.Object(
                    ("name", "data"),
                    ("title", facts.TitleIn(languages)),
                    ("type", "table"),
                    ("path", url),
                    ("format", "csv"),
                    ("mediatype", "text/csv"),
                    ("encoding", "utf-8"),
                    ("dialect", JsonParts.Object(("delimiter", ","), ("lineTerminator", "\r\n"), ("quoteChar", "\""), ("doubleQuote", true), ("header", true))),
                    ("schema", Schema(at, columns, languages))),
                JsonParts.Object(
                    ("name", "file"),
                    ("title", facts.TitleIn(languages) + " (Parquet)"),
                    ("path", $"{Dcat.IriOf(address, at.Structure.Id)}/data.parquet?version={at.Version.Version}"),
                    ("format", "parquet"),
                    ("mediatype", "application/vnd.apache.parquet"),
                    ("bytes", at.Version.FileBytes)))));
    }

    private static JsonObject Schema(DatasetAtVersion at, IReadOnlyList<TableColumn> columns, IReadOnlyList<string> languages) => JsonParts.Object(
        ("fields", JsonParts.Array(columns.Select(column =>
        {
            var type = TypeOf(at, column);
            var codes = column.Kind == ColumnKind.Code && column.Index != at.TimeIndex && at.Components[column.Index] is { Codes.Count: > 0 and <= MostCodes } list ? list.InOrder.Where(c => c.Id.Length > 0).ToList() : null;
            JsonNode Cell(Code code) => type == "integer" ? int.Parse(code.Id, CultureInfo.InvariantCulture) : ObservationCsv.Guarded(code.Id);
            var values = column.Kind == ColumnKind.Dataset ? [at.Structure.Id] : codes?.Select(Cell);
            var isRequired = IsRequired(at, column);
            return JsonParts.Object(
                ("name", column.Name),
                ("title", NameOf(at, column, languages)),
                ("type", type),
                ("categories", codes is null ? null : JsonParts.Array(codes.Select(code => JsonParts.Object(("value", Cell(code)), ("label", code.Labels.Count > 0 ? ObservationCsv.Label(code.Labels, languages) : null))))),
                ("constraints", JsonParts.Object(("required", isRequired ? true : null), ("enum", values is null ? null : JsonParts.Array(values))) is { Count: > 0 } constraints ? constraints : null));
        }))),
        ("primaryKey", KeyOf(at, columns) is { } key ? JsonParts.Texts(key) : null),
        ("missingValues", new JsonArray("")));

    /// <summary>The columns that tell rows apart; null where not all of them are there, or where some rows have a period and others have none.</summary>
    private static List<string>? KeyOf(DatasetAtVersion at, IReadOnlyList<TableColumn> columns)
    {
        var periods = at.Components[at.TimeIndex].Codes;
        var (without, with) = (periods.Any(c => c.Id.Length == 0), periods.Any(c => c.Id.Length > 0));
        if (with && without)
            return null;
        var key = at.Components.Take(with ? at.TimeIndex + 1 : at.TimeIndex).Select(c => c.Id).ToList();
        return key.TrueForAll(id => columns.Any(c => c.Kind == ColumnKind.Code && c.Name == id)) ? key : null;
    }

    private static bool IsRequired(DatasetAtVersion at, TableColumn column) => column.Kind switch
    {
        ColumnKind.Dataset => true,
        ColumnKind.Code => column.Index <= at.TimeIndex && at.Components[column.Index].Codes is { Count: > 0 } codes && codes.All(c => c.Id.Length > 0),
        _ => false,
    };

    private static JsonNode? Described(DatasetAtVersion at, TableColumn column) => column.IsCoded
        ? JsonParts.Array(at.Components[column.Index].Labels.Select(label => Literal(label.Value, label.Key)))
        : Literal(NameOf(at, column, ["en"]), "en");

    private static JsonObject Literal(string text, string language) => JsonParts.Object(("@value", text), ("@language", RdfValue.IsLanguage(language) ? language : null));

    // A name has to fit into a URI template (tabular-metadata, 5.6).
    private static string NameInTemplate(string name) => Uri.EscapeDataString(name).Replace("-", "%2D", StringComparison.Ordinal).Replace("~", "%7E", StringComparison.Ordinal) is var escaped && escaped.StartsWith('_')
        ? "%5F" + escaped[1..]
        : escaped;

    private static bool IsWhole(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
}
