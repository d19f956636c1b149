using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>Answers with the catalogue as JSON-stat has it: a collection that points to the datasets.</summary>
public sealed class JsonStatApi
{
    private readonly Catalogue catalogue;
    private readonly AnswerSender sender;
    private readonly HarvestSite site;

    internal JsonStatApi(Catalogue catalogue, AnswerSender sender, HarvestSite site) => (this.catalogue, this.sender, this.site) = (catalogue, sender, site);

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
        await sender.SendAsync(context, new AnswerHead(identity, "application/json; charset=utf-8", modified, false), _ => Task.FromResult(new AnswerBody(null, async (to, token) =>
        {
            await using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = Json.Options.Encoder });
            json.WriteStartObject();
            json.WriteString("version", "2.0");
            json.WriteString("class", "collection");
            json.WriteString("label", site.Publisher);
            if (datasets.Count > 0)
                json.WriteString("updated", JsonStat.Updated(datasets.MaxBy(d => d.Latest.PublishedAt)!.Latest));
            json.WriteStartObject("link");
            json.WriteStartArray("item");
            foreach (var dataset in datasets)
            {
                json.WriteStartObject();
                json.WriteString("class", "dataset");
                json.WriteString("href", address + DatasetApi.Address(dataset.Id) + "/data?format=json-stat" + (string.IsNullOrEmpty(lang) ? "" : "&lang=" + Uri.EscapeDataString(lang)));
                json.WriteString("label", JsonStat.Label(dataset.Title, [.. ((string?[])[lang, .. dataset.Title.Keys.Where(k => k != "und"), "en", "zh"]).OfType<string>()], dataset.Id));
                json.WriteString("updated", JsonStat.Updated(dataset.Latest));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
            await json.FlushAsync(token);
        })));
    });
}
