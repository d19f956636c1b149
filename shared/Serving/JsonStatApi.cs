using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Answers with the catalogue as JSON-stat has it: a collection that points to the datasets that JSON-stat can hold.</summary>
public sealed class JsonStatApi
{
    private const string Format = "json-stat";

    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;
    private readonly HarvestSite site;
    private readonly KnownFacts facts;

    internal JsonStatApi(Catalogue catalogue, AnswerSender sender, HarvestSite site, KnownFacts facts) =>
        (this.catalogue, this.sender, this.site, this.facts) = (catalogue, sender, site, facts);

    /// <summary>GET /jsonstat/collection</summary>
    public IResult Collection() => new Endpoint("GET, HEAD", true, async context =>
    {
        foreach (var name in context.Request.Query.Keys.Where(name => name != "lang"))
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, ["lang"]);
        var lang = PxWebRequest.Text(context.Request.Query, "lang");
        var address = site.AddressOf(context.Request);
        var datasets = await catalogue.ListAsync(context.RequestAborted);
        DateTimeOffset? modified = datasets.Count == 0 ? null : datasets.Max(d => d.Latest.PublishedAt);
        var identity = $"jsonstat-collection\n{address}\n{lang}\n{site.Identity}\n{string.Join('\n', datasets.Select(d => d.Latest.File))}";
        await sender.SendAsync(context, new AnswerHead(identity, "application/json; charset=utf-8", modified, false), async cancel =>
        {
            var known = await facts.OfAsync(datasets, cancel);
            return new AnswerBody(null, (to, token) => WriteAsync(address, lang, known, to, token));
        });
    });

    private async Task WriteAsync(string address, string? lang, IReadOnlyList<DatasetFacts> datasets, Stream to, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = Json.Options.Encoder });
        json.WriteStartObject();
        json.WriteString("version", "2.0");
        json.WriteString("class", "collection");
        json.WriteString("label", site.Publisher);
        if (datasets.Count > 0)
            json.WriteString("updated", JsonStat.Updated(datasets.MaxBy(d => d.Version.PublishedAt)!.Version));
        json.WriteStartObject("link");
        json.WriteStartArray("item");
        foreach (var dataset in datasets.Where(d => d.Formats.Any(f => f.Name == Format)))
        {
            json.WriteStartObject();
            json.WriteString("class", "dataset");
            json.WriteString("href", address + DatasetApi.Address(dataset.Id) + "/data?format=" + Format + (string.IsNullOrEmpty(lang) ? "" : "&lang=" + Uri.EscapeDataString(lang)));
            json.WriteString("label", JsonStat.Label(dataset.Title, [.. ((string?[])[lang, .. dataset.Title.Keys.Where(k => k != "und"), "en", "zh"]).OfType<string>()], dataset.Id));
            json.WriteString("updated", JsonStat.Updated(dataset.Version));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }
}
