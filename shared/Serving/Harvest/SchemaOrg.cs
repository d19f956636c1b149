using System.Globalization;
using System.Text.Json.Nodes;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A dataset as schema.org describes it, for search engines, and as Croissant 1.0 does (mlcommons.org/croissant/1.0), for machine learning.</summary>
internal static class SchemaOrg
{
    /// <summary>The most codes of a codelist that Croissant lists.</summary>
    public const int MostCodes = 1_000;

    /// <summary>The dataset's description in a page.</summary>
    public static JsonObject Dataset(HarvestSite site, string address, DatasetFacts facts, IReadOnlyList<string> languages)
    {
        var iri = Dcat.IriOf(address, facts.Id);
        var json = Common(site, address, facts, languages);
        json.Insert(0, "@context", "https://schema.org/");
        json.Insert(1, "@type", "Dataset");
        json.Insert(2, "@id", iri);
        var indicators = facts.Indicators.Select(code => JsonParts.Object(("@type", "PropertyValue"), ("name", Name(code, languages)), ("propertyID", code.Id)));
        var dimensions = facts.Components.Where(c => c.Role == ComponentRole.Dimension)
            .Select(c => JsonParts.Object(("@type", "PropertyValue"), ("name", c.Labels.Count > 0 ? ObservationCsv.Label(c.Labels, languages) : c.Id), ("propertyID", c.Id)));
        json["variableMeasured"] = JsonParts.Array(facts.Indicators.Count > 0 ? indicators : dimensions);
        json["isAccessibleForFree"] = true;
        json["includedInDataCatalog"] = JsonParts.Object(("@type", "DataCatalog"), ("name", "Statistics releases as open data"), ("url", address + "/"));
        json["distribution"] = JsonParts.Array(facts.Formats.Select(format => JsonParts.Object(
            ("@type", "DataDownload"), ("name", format.Name), ("encodingFormat", format.MediaType), ("contentUrl", $"{iri}/data?format={format.Name}"))));
        return json;
    }

    /// <summary>The dataset as Croissant has it: the CSV of a version, its columns, its codelists.</summary>
    public static JsonObject Croissant(HarvestSite site, string address, DatasetFacts facts, DatasetAtVersion at, IReadOnlyList<string> languages)
    {
        var (iri, version) = (Dcat.IriOf(address, facts.Id), at.Version.Version.ToString(CultureInfo.InvariantCulture));
        var json = Common(site, address, facts, languages);
        json.Insert(0, "@context", JsonNode.Parse(Context.Replace("{0}", languages.First(RdfValue.IsLanguage), StringComparison.Ordinal)));
        json.Insert(1, "@type", "sc:Dataset");
        json.Insert(2, "conformsTo", "http://mlcommons.org/croissant/1.0");
        // A checksum would need the whole file read; without it a dataset has to say that it goes on.
        json["isLiveDataset"] = true;
        json["distribution"] = new JsonArray(
            File("data.csv", $"{iri}/data?format=csv&version={version}", "text/csv", null),
            File("data.parquet", $"{iri}/data.parquet?version={version}", "application/x-parquet", at.Version.FileBytes));
        var lists = at.Components.Where((c, i) => i != at.TimeIndex && c.Codes.Count is > 0 and <= MostCodes && at.HasLabels[i]).ToList();
        var fields = TableColumn.Of(new ObservationTable { At = at, Rows = AsyncEnumerable.Empty<Match>(), Languages = languages }, isDelimited: true).Select(column => Field(at, column, lists.Exists(c => column.IsCoded && c.Id == column.Name), languages));
        json["recordSet"] = new JsonArray(
        [
            .. lists.Select(c => List(c.Id, c.InOrder, languages)),
            JsonParts.Object(
                ("@type", "cr:RecordSet"), ("@id", "observations"), ("name", "observations"), ("description", "One record an observation: its dimensions, its period, its value and what is said of it."),
                ("key", new JsonArray([.. at.Components.Take(at.TimeIndex + 1).Select(c => (JsonNode)JsonParts.Object(("@id", "observations/" + c.Id)))])),
                ("field", JsonParts.Array(fields))),
        ]);
        return json;
    }

    private static JsonObject Common(HarvestSite site, string address, DatasetFacts facts, IReadOnlyList<string> languages)
    {
        JsonObject Organization() => JsonParts.Object(("@type", "Organization"), ("name", site.Publisher), ("url", address + "/"), ("email", site.Contact));
        return JsonParts.Object(
            ("name", facts.TitleIn(languages)),
            ("alternateName", JsonParts.Texts(facts.Title.Values.Where(t => t != facts.TitleIn(languages)))),
            ("description", facts.DescriptionIn(DatasetPage.SpokenOf(languages))),
            ("url", DatasetPage.Address(address, facts.Id)),
            ("identifier", Dcat.IriOf(address, facts.Id)),
            ("version", facts.Version.Version.ToString(CultureInfo.InvariantCulture) + ".0.0"),
            ("datePublished", JsonParts.Moment(facts.Issued)),
            ("dateModified", JsonParts.Moment(facts.Version.PublishedAt)),
            ("license", site.License),
            ("creator", Organization()),
            ("publisher", Organization()),
            ("inLanguage", JsonParts.Texts(facts.Languages)),
            ("keywords", JsonParts.Texts(facts.Keywords.Select(k => k.Text))),
            ("temporalCoverage", facts.Span is { } span ? DcatUs.Days(span) : null),
            ("spatialCoverage", JsonParts.Array(facts.Areas.Select(area => JsonParts.Object(("@type", "Place"), ("name", Name(area, languages)), ("identifier", area.Id))))));
    }

    private static JsonObject File(string name, string address, string type, long? bytes) => JsonParts.Object(
        ("@type", "cr:FileObject"), ("@id", name), ("name", name), ("contentUrl", address), ("encodingFormat", type), ("contentSize", bytes is { } size ? $"{size} B" : null));

    private static JsonObject Field(DatasetAtVersion at, TableColumn column, bool hasList, IReadOnlyList<string> languages) => JsonParts.Object(
        ("@type", "cr:Field"), ("@id", "observations/" + column.Name), ("name", column.Name), ("description", CsvDescription.NameOf(at, column, languages)),
        ("dataType", CsvDescription.TypeOf(at, column) switch { "integer" => "sc:Integer", "number" => "sc:Float", _ => "sc:Text" }),
        ("references", hasList ? JsonParts.Object(("field", JsonParts.Object(("@id", $"{column.Name}/code")))) : null),
        ("source", JsonParts.Object(("fileObject", JsonParts.Object(("@id", "data.csv"))), ("extract", JsonParts.Object(("column", column.Name))))));

    private static JsonObject List(string id, IEnumerable<Code> codes, IReadOnlyList<string> languages) => JsonParts.Object(
        ("@type", "cr:RecordSet"), ("@id", id), ("name", id), ("description", $"The codes of {id} and their labels."), ("dataType", "sc:Enumeration"),
        ("key", JsonParts.Object(("@id", id + "/code"))),
        ("field", new JsonArray(
            JsonParts.Object(("@type", "cr:Field"), ("@id", id + "/code"), ("name", "code"), ("dataType", "sc:Text")),
            JsonParts.Object(("@type", "cr:Field"), ("@id", id + "/label"), ("name", "label"), ("dataType", new JsonArray("sc:Text", "sc:name"))))),
        ("data", JsonParts.Array(codes.Select(code => JsonParts.Object((id + "/code", ObservationCsv.Guarded(code.Id)), (id + "/label", Name(code, languages)))))));

    private static string Name(Code code, IReadOnlyList<string> languages) => code.Labels.Count > 0 ? ObservationCsv.Label(code.Labels, languages) : code.Id;

    // The terms of Croissant 1.0 that are used here, mapped as its appendix 1 says.
    private const string Context = """
        {"@language":"{0}","@vocab":"https://schema.org/","sc":"https://schema.org/","cr":"http://mlcommons.org/croissant/","dct":"http://purl.org/dc/terms/",
        "conformsTo":"dct:conformsTo","recordSet":"cr:recordSet","field":"cr:field","key":"cr:key","source":"cr:source","extract":"cr:extract","column":"cr:column",
        "fileObject":"cr:fileObject","references":"cr:references","isLiveDataset":"cr:isLiveDataset","dataType":{"@id":"cr:dataType","@type":"@vocab"},"data":{"@id":"cr:data","@type":"@json"}}
        """;
}
