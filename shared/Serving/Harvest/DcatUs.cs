using System.Globalization;
using System.Text.Json.Nodes;

namespace Pipeline.Serving;

/// <summary>Datasets as DCAT-US 1.1 describes them (<c>/data.json</c>; resources.data.gov/resources/dcat-us).</summary>
internal static class DcatUs
{
    /// <summary>What stands before the datasets, up to the array's bracket.</summary>
    public static string Head(string address) => $$"""
        {"@context":"https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld","@id":"{{address}}/data.json","@type":"dcat:Catalog","conformsTo":"https://project-open-data.cio.gov/v1.1/schema",
        "describedBy":"https://project-open-data.cio.gov/v1.1/schema/catalog.json","dataset":[

        """.ReplaceLineEndings("\n");

    /// <summary>A dataset.</summary>
    public static JsonObject Dataset(HarvestSite site, string address, DatasetFacts facts)
    {
        var iri = Dcat.IriOf(address, facts.Id);
        return JsonParts.Object(
            ("@type", "dcat:Dataset"),
            ("identifier", iri),
            ("title", facts.TitleIn(["en", .. facts.Languages])),
            ("description", facts.DescriptionIn("en")),
            ("keyword", JsonParts.Texts(facts.Keywords.Select(k => k.Text).Distinct())),
            ("issued", JsonParts.Moment(facts.Issued)),
            ("modified", JsonParts.Moment(facts.Version.PublishedAt)),
            ("publisher", JsonParts.Object(("@type", "org:Organization"), ("name", site.Publisher))),
            ("contactPoint", JsonParts.Object(("@type", "vcard:Contact"), ("fn", site.Publisher), ("hasEmail", site.Contact is null ? null : "mailto:" + site.Contact))),
            ("accessLevel", "public"),
            ("license", site.License),
            ("language", JsonParts.Texts(facts.Languages)),
            ("temporal", facts.Span is { } span ? Days(span) : null),
            ("accrualPeriodicity", facts.Frequencies.Count > 0 && DatasetFacts.Frequency(facts.Frequencies[^1]) is var (_, duration) ? "R/" + duration : null),
            ("spatial", facts.Areas.Count > 0 ? string.Join("; ", facts.Areas.Select(area => JsonStat.Label(area.Labels, ["en", .. facts.Languages], area.Id))) : null),
            ("landingPage", DatasetPage.Address(address, facts.Id)),
            ("distribution", JsonParts.Array(facts.Formats.Select(format => Distribution(iri, format)))));
    }

    /// <summary>An interval of days (ISO 8601).</summary>
    public static string Days(Querying.PeriodDays span) =>
        span.Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "/" + span.End.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static JsonObject Distribution(string iri, DataFormat format) => JsonParts.Object(
        ("@type", "dcat:Distribution"),
        ("title", format.Name),
        ("format", format.Name.ToUpperInvariant()),
        ("mediaType", format.MediaType),
        (format.IsPaged ? "accessURL" : "downloadURL", $"{iri}/data?format={format.Name}"),
        ("describedBy", format.Name == "csv" ? iri + "/data.csv-metadata.json" : null),
        ("describedByType", format.Name == "csv" ? CsvDescription.MediaType : null));
}
