using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Pipeline.Publishing;

namespace Pipeline.Serving;

/// <summary>The front door for a browser: what this is and which datasets there are. One file, no script, nothing from elsewhere.</summary>
internal static class HomePage
{
    private const int MostShown = 200;

    /// <summary>The style that the pages have in common.</summary>
    internal const string Ground = """
        :root { color-scheme: light dark; --ink: #1b2430; --soft: #566173; --line: #dde2ea; --paper: #fff; --ground: #f5f7fa; --accent: #0b5cad; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8ecf2; --soft: #9aa6b8; --line: #2c3543; --paper: #171d27; --ground: #10151d; --accent: #7ab8ff; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
        main { max-width: 52rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
        h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.02em; }
        h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
        p { margin: 0 0 1rem; }
        a { color: var(--accent); text-underline-offset: .15em; }
        .lead { font-size: 1.1rem; color: var(--soft); max-width: 40rem; }
        .start a { display: inline-block; margin: 0 1rem .5rem 0; }
        .start a:first-child { background: var(--accent); color: var(--paper); padding: .45rem .9rem; border-radius: .4rem; text-decoration: none; }

        """;

    private const string Style = Ground + """
        ul { list-style: none; margin: 0; padding: 0; }
        li { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
        li h3 { font-size: 1.05rem; margin: 0; }
        li h3 span + span { font-weight: 400; color: var(--soft); margin-left: .6rem; }
        .about { color: var(--soft); font-size: .9rem; margin: .2rem 0 .6rem; }
        .formats { margin: 0; }
        .formats a { margin-right: 1.1rem; }
        """;

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>What a browser may do with the page: show it and its style. Titles come from uploads; were one ever not escaped, it still could do nothing.</summary>
    public static readonly string Policy =
        $"default-src 'none'; style-src '{PageApi.HashOf(Style)}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The page as UTF-8.</summary>
    public static byte[] Write(IReadOnlyList<DatasetSummary> datasets)
    {
        var html = new StringBuilder($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Pipeline: statistics releases as open data</title>
            <link rel="alternate" type="application/atom+xml" title="New statistics" href="/feed.atom">
            <link rel="alternate" type="application/ld+json" title="DCAT-AP" href="/catalog.jsonld">
            <link rel="icon" href="data:,">
            <style>{Style}</style>
            </head>
            <body>
            <main>
            <h1>Statistics releases as open data</h1>
            <p class="lead">Every figure that officials publish in a workbook, a CSV or a press release, as an observation that a program can read: with its area, period and unit,
            and the way back to the cell or the sentence it came from.</p>
            <p class="start"><a href="/docs">Try the API</a> <a href="/v1/datasets">Catalogue (JSON)</a> <a href="/catalog.jsonld">DCAT-AP</a> <a href="/feed.atom">New versions (Atom)</a> <a href="/openapi.json">OpenAPI 3.1</a></p>
            <h2>{Counted.Of(datasets.Count, "dataset")}</h2>

            """);
        if (datasets.Count == 0)
            html.Append("<p>Nothing is published yet. <a href=\"/docs\">The API's page</a> shows how to upload a release.</p>\n");
        html.Append("<ul>\n");
        foreach (var dataset in datasets.Take(MostShown))
            Write(html, dataset);
        html.Append("</ul>\n");
        if (datasets.Count > MostShown)
            html.Append(CultureInfo.InvariantCulture, $"<p>These are the first {MostShown}; <a href=\"/v1/datasets\">the catalogue</a> has all of them.</p>\n");
        html.Append("</main>\n</body>\n</html>\n");
        return Encoding.UTF8.GetBytes(html.ToString());
    }

    private static void Write(StringBuilder html, DatasetSummary dataset)
    {
        var (address, latest) = (Text(DatasetApi.Address(dataset.Id)), dataset.Latest);
        html.Append($"<li>\n<h3><a href=\"{DatasetPage.Address("", dataset.Id)}\">");
        if (dataset.Title.Count == 0)
            html.Append("<span>").Append(Text(dataset.Id)).Append("</span>");
        foreach (var (language, title) in dataset.Title)
            html.Append("<span").Append(language == "und" ? "" : $" lang=\"{Text(language)}\"").Append('>').Append(Text(title)).Append("</span>");
        var time = latest.TimeFrom is null ? "" : latest.TimeFrom == latest.TimeTo ? $"{latest.TimeFrom} · " : $"{latest.TimeFrom} to {latest.TimeTo} · ";
        html.Append("</a></h3>\n<p class=\"about\">").Append(Text(
            $"{dataset.Id} · {time}{Counted.Of(latest.Observations, "observation")} · version {latest.Version} of {latest.PublishedAt:yyyy-MM-dd}"));
        html.Append(CultureInfo.InvariantCulture, $"""
            </p>
            <p class="formats"><a href="{address}/data?format=csv">CSV</a> <a href="{address}/data.parquet">Parquet</a> <a href="{address}/data">JSON</a> <a href="{address}">Metadata</a></p>
            </li>

            """);
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(string text) => Encoder.Encode(text);
}
