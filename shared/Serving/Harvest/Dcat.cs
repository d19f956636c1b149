using System.Globalization;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A way to ask for the data, as catalogues list it.</summary>
/// <param name="Name">What its IRI ends with.</param>
/// <param name="Path">Where it begins.</param>
/// <param name="ConformsTo">The standard that it follows.</param>
/// <param name="Title">Its title.</param>
internal sealed record DataService(string Name, string Path, string ConformsTo, string Title)
{
    private static readonly DataService[] Known =
    [
        new("api", "/v1", "https://spec.openapis.org/oas/v3.1.0", "Pipeline's own API: datasets, versions, observations"),
        new("sdmx2", "/sdmx/v2", "https://github.com/sdmx-twg/sdmx-rest", "SDMX REST API 2 (SDMX 3)"),
        new("sdmx1", "/sdmx/v1", "https://github.com/sdmx-twg/sdmx-rest", "SDMX REST API 1 (SDMX 2.1)"),
        new("pxweb", "/pxweb/v2", "https://github.com/PxTools/PxApiSpecs", "PxWebApi 2"),
        new("odata", "/odata", "https://docs.oasis-open.org/odata/odata/v4.01/", "OData 4"),
    ];

    /// <summary>Those that this build serves: the OpenAPI document has all paths.</summary>
    public static IReadOnlyList<DataService> All { get; } = [.. Known.Where(s => PageApi.HasPathBelow(s.Path))];
}

/// <summary>Datasets as DCAT-AP 3 describes them, with the properties that StatDCAT-AP adds.</summary>
/// <param name="site">Who publishes.</param>
/// <param name="address">The address that all others begin with.</param>
internal sealed class Dcat(HarvestSite site, string address)
{
    private const string Authority = "http://publications.europa.eu/resource/authority/";

    // What of the table of file types and of the languages of the European Publications Office is named here; the rest goes without.
    private static readonly Dictionary<string, string> FileTypes = new()
    {
        ["json"] = "JSON",
        ["csv"] = "CSV",
        ["tsv"] = "TSV",
        ["parquet"] = "PARQUET",
        ["xlsx"] = "XLSX",
    };

    private static readonly Dictionary<string, string> LanguageNames = new()
    {
        ["bg"] = "BUL",
        ["cs"] = "CES",
        ["da"] = "DAN",
        ["de"] = "DEU",
        ["el"] = "ELL",
        ["en"] = "ENG",
        ["es"] = "SPA",
        ["et"] = "EST",
        ["fi"] = "FIN",
        ["fr"] = "FRA",
        ["ga"] = "GLE",
        ["hr"] = "HRV",
        ["hu"] = "HUN",
        ["it"] = "ITA",
        ["ja"] = "JPN",
        ["ko"] = "KOR",
        ["lt"] = "LIT",
        ["lv"] = "LAV",
        ["mt"] = "MLT",
        ["nl"] = "NLD",
        ["no"] = "NOR",
        ["pl"] = "POL",
        ["pt"] = "POR",
        ["ro"] = "RON",
        ["ru"] = "RUS",
        ["sk"] = "SLK",
        ["sl"] = "SLV",
        ["sv"] = "SWE",
        ["tr"] = "TUR",
        ["uk"] = "UKR",
        ["zh"] = "ZHO",
    };

    private readonly Dictionary<string, RdfNode> shared = new(StringComparer.Ordinal);

    private string Catalog => address + "/#catalog";

    private string Publisher => address + "/#publisher";

    /// <summary>The IRI of a dataset.</summary>
    public static string IriOf(string address, string dataset) => address + DatasetApi.Address(dataset);

    /// <summary>What stands before the datasets of a page: the catalogue, its publisher, its services.</summary>
    public IEnumerable<RdfNode> Head(IReadOnlyList<string> datasets, DateTimeOffset? modified)
    {
        var catalog = new RdfNode(Catalog, "dcat:Catalog")
            .Text("dct:title", "Statistics releases as open data", "en").Text("dct:title", "统计发布开放数据", "zh")
            .Text("dct:description", $"The statistics that {site.Publisher} releases, each figure as an observation with its area, period, unit and source.", "en")
            .Text("dct:description", $"{site.Publisher}发布的统计数据：每个数字均为一个带有地区、时期、单位和出处的观测值。", "zh")
            .Link("dct:publisher", Publisher).Link("foaf:homepage", Shared(address + "/", "foaf:Document")).Link("dct:license", License())
            .Link("dct:language", Language("en")).Link("dct:language", Language("zh")).Moment("dct:modified", modified);
        foreach (var service in DataService.All)
            catalog.Link("dcat:service", Iri(service));
        foreach (var dataset in datasets)
            catalog.Link("dcat:dataset", IriOf(address, dataset));
        yield return catalog;
        yield return new RdfNode(Publisher, "foaf:Agent").Text("foaf:name", site.Publisher);
        if (site.Contact is not null)
            yield return new RdfNode(address + "/#contact", "vcard:Kind", "vcard:Organization").Text("vcard:fn", site.Publisher).Link("vcard:hasEmail", "mailto:" + site.Contact);
        foreach (var service in DataService.All)
        {
            var node = new RdfNode(Iri(service), "dcat:DataService").Text("dct:title", service.Title, "en").Text("dct:description", service.Title + " at " + service.Path, "en")
                .Link("dcat:endpointURL", Shared(address + service.Path, "rdfs:Resource")).Link("dcat:endpointDescription", Shared(address + "/openapi.json", "rdfs:Resource"))
                .Link("dct:conformsTo", Shared(service.ConformsTo, "dct:Standard")).Link("dct:publisher", Publisher).Link("dct:license", License())
                .Link("dct:accessRights", Shared(Authority + "access-right/PUBLIC", "dct:RightsStatement")).Link("dcat:contactPoint", Contact());
            foreach (var dataset in datasets)
                node.Link("dcat:servesDataset", IriOf(address, dataset));
            yield return node;
        }
    }

    /// <summary>A dataset with what belongs to it alone.</summary>
    public IEnumerable<RdfNode> Dataset(DatasetFacts facts)
    {
        var (iri, version) = (IriOf(address, facts.Id), facts.Version);
        var dataset = new RdfNode(iri, "dcat:Dataset").Texts("dct:title", facts.Title);
        if (facts.Title.Count == 0)
            dataset.Text("dct:title", facts.Id);
        dataset.Text("dct:description", facts.DescriptionIn("en"), "en").Text("dct:description", facts.DescriptionIn("zh"), "zh")
            .Text("dct:identifier", facts.Id).Moment("dct:issued", facts.Issued).Moment("dct:modified", version.PublishedAt)
            .Text("dcat:version", version.Version.ToString(CultureInfo.InvariantCulture))
            .Link("dct:publisher", Publisher).Link("dcat:contactPoint", Contact()).Link("dct:type", Shared(Authority + "dataset-type/STATISTICAL", "skos:Concept", "Statistical data"))
            .Link("dct:accessRights", Shared(Authority + "access-right/PUBLIC", "dct:RightsStatement")).Link("dcat:landingPage", Shared(DatasetPage.Address(address, facts.Id), "foaf:Document"));
        foreach (var language in facts.Languages)
            dataset.Link("dct:language", Language(language));
        if (facts.Frequencies.Count > 0 && DatasetFacts.Frequency(facts.Frequencies[^1]) is var (name, duration))
            dataset.Link("dct:accrualPeriodicity", Shared(Authority + "frequency/" + name, "dct:Frequency")).Typed("dcat:temporalResolution", "xsd:duration", duration);
        foreach (var (word, language) in facts.Keywords)
            dataset.Text("dcat:keyword", word, language);

        var parts = new List<RdfNode>();
        if (facts.Span is { } span)
        {
            dataset.Link("dct:temporal", iri + "#time");
            parts.Add(new RdfNode(iri + "#time", "dct:PeriodOfTime").Typed("dcat:startDate", "xsd:date", span.Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
                .Typed("dcat:endDate", "xsd:date", span.End.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        }
        foreach (var area in facts.Areas)
        {
            if (Country(area) is { } country)
            {
                dataset.Link("dct:spatial", Shared(Authority + "country/" + country, "dct:Location"));
                continue;
            }
            var place = $"{iri}#area-{Uri.EscapeDataString(area.Id)}";
            dataset.Link("dct:spatial", place);
            parts.Add(new RdfNode(place, "dct:Location").Texts("skos:prefLabel", Named(area)).Text("dct:identifier", area.Id));
        }
        Statistics(facts, iri, dataset, parts);
        foreach (var format in facts.Formats)
        {
            var distribution = $"{iri}#{format.Name}";
            dataset.Link("dcat:distribution", distribution);
            parts.Add(Distribution(facts, distribution, format));
        }
        return [dataset, .. parts];
    }

    /// <summary>What is named by several resources: the types of licences, languages, media types and the like. After all others.</summary>
    public IEnumerable<RdfNode> Tail() => shared.Values;

    // StatDCAT-AP: which dimensions and attributes there are, how many series, in which units.
    private static void Statistics(DatasetFacts facts, string iri, RdfNode dataset, List<RdfNode> parts)
    {
        dataset.Typed("stat:numSeries", "xsd:integer", facts.Version.Series.ToString(CultureInfo.InvariantCulture));
        foreach (var component in facts.Components)
        {
            var isAttribute = component.Role == ComponentRole.Attribute;
            var part = $"{iri}#component-{Uri.EscapeDataString(component.Id)}";
            dataset.Link(isAttribute ? "stat:attribute" : "stat:dimension", part);
            var node = new RdfNode(part, isAttribute ? "qb:AttributeProperty" : "qb:DimensionProperty").Text("dct:identifier", component.Id);
            parts.Add(component.Labels.Count > 0 ? node.Texts("rdfs:label", component.Labels) : node.Text("rdfs:label", component.Id));
        }
        foreach (var unit in facts.Units)
        {
            var part = $"{iri}#unit-{Uri.EscapeDataString(unit.Id)}";
            dataset.Link("stat:statUnitMeasure", part);
            parts.Add(new RdfNode(part, "skos:Concept").Texts("skos:prefLabel", Named(unit)).Text("skos:notation", unit.Id));
        }
    }

    private RdfNode Distribution(DatasetFacts facts, string iri, DataFormat format)
    {
        var data = $"{IriOf(address, facts.Id)}/data" + (format.Name == "parquet" ? ".parquet" : "?format=" + format.Name);
        var node = new RdfNode(iri, "dcat:Distribution").Text("dct:title", $"{facts.TitleIn(["en", "zh"])} ({format.Name})")
            .Text("dct:description", format.IsPaged ? $"The observations as {format.Name}, in pages." : $"All observations as {format.Name}.", "en")
            .Link("dcat:accessURL", Shared(data, "rdfs:Resource")).Link("dcat:downloadURL", format.IsPaged ? null : data)
            .Link("dcat:mediaType", Shared("https://www.iana.org/assignments/media-types/" + format.MediaType, "dct:MediaType"))
            .Link("dct:format", FileTypes.TryGetValue(format.Name, out var type) ? Shared(Authority + "file-type/" + type, "dct:MediaTypeOrExtent") : null)
            .Moment("dct:modified", facts.Version.PublishedAt).Link("dct:license", License()).Link("dcat:accessService", address + "/#api")
            .Link("dcatap:availability", Shared(Authority + "planned-availability/STABLE", "skos:Concept", "stable"));
        if (format.Name == "parquet")
            node.Typed("dcat:byteSize", "xsd:nonNegativeInteger", facts.Version.FileBytes.ToString(CultureInfo.InvariantCulture));
        if (format.Name == "csv")
            node.Link("dct:conformsTo", Shared("http://www.w3.org/TR/tabular-metadata/", "dct:Standard"));
        return node;
    }

    // An alpha-2 code is a country where its label says so too: AL is Albania, and Alabama.
    private static string? Country(Code area) =>
        area.Id.Length == 2 && area.Id.All(char.IsAsciiLetterUpper) && Vocabulary.Load("areas") is var areas && areas.Codes.TryGetValue(area.Id, out var country)
        && area.Labels.Any(label => country.Labels.TryGetValue(label.Key, out var name) && name == label.Value)
            ? areas.TermsOf(area.Id).FirstOrDefault(term => term.Length == 3 && term.All(char.IsAsciiLetterUpper))
            : null;

    private static IReadOnlyDictionary<string, string> Named(Code code) => code.Labels.Count > 0 ? code.Labels : new Dictionary<string, string> { ["und"] = code.Id };

    private string Iri(DataService service) => $"{address}/#{service.Name}";

    private string? License() => site.License is null ? null : Shared(site.License, "dct:LicenseDocument");

    private string? Contact() => site.Contact is null ? null : address + "/#contact";

    private string? Language(string tag) =>
        LanguageNames.TryGetValue(tag.Split('-')[0].ToLowerInvariant(), out var name) ? Shared(Authority + "language/" + name, "dct:LinguisticSystem") : null;

    private string Shared(string iri, string type, string? label = null)
    {
        shared.TryAdd(iri, new RdfNode(iri, type).Text("skos:prefLabel", label, "en"));
        return iri;
    }
}
