using System.Globalization;
using System.Text;
using Pipeline.Publishing;

namespace Pipeline.Serving;

/// <summary>The front door for a browser: what this is and which datasets there are. One file, no script, nothing from elsewhere.</summary>
internal static class HomePage
{
    private const int MostShown = 200;

    private const string Style = HtmlPage.Ground + """
        ul { list-style: none; margin: 0; padding: 0; }
        li { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem; margin: 0 0 .75rem; }
        li h3 { font-size: 1.05rem; margin: 0; }
        li h3 span + span { font-weight: 400; color: var(--soft); margin-left: .6rem; }
        .about { color: var(--soft); font-size: .9rem; margin: .2rem 0 .6rem; }
        .formats { margin: 0; }
        .formats a { margin-right: 1.1rem; }
        """;

    /// <summary>What a browser may do with the page.</summary>
    public static readonly string Policy = HtmlPage.PolicyFor(Style);

    /// <summary>The page as UTF-8.</summary>
    /// <param name="datasets">The datasets.</param>
    /// <param name="isChinese">Whether it speaks Chinese.</param>
    public static byte[] Write(IReadOnlyList<DatasetSummary> datasets, bool isChinese)
    {
        string Say(string english, string chinese) => isChinese ? chinese : english;
        var html = HtmlPage.Begin(isChinese, Say("Pipeline: statistics releases as open data", "Pipeline：统计发布即开放数据"), Style, $"""
            <meta name="description" content="{Say("Statistics releases as open data: every figure as an observation with its area, period and unit, and the way back to where it was published.", "统计发布即开放数据：每个数字都是带有地区、时期和单位的观测值，并可追溯到发布之处。")}">
            <link rel="alternate" type="application/atom+xml" title="{Say("New statistics", "最新统计数据")}" href="/feed.atom">
            <link rel="alternate" type="application/ld+json" title="DCAT-AP" href="/catalog.jsonld">

            """);
        html.Append($"""
            <h1>{Say("Statistics releases as open data", "统计发布即开放数据")}</h1>
            <p class="lead">{Say("Every figure that officials publish in a workbook, a CSV or a press release, as an observation that a program can read: with its area, period and unit, and the way back to the cell or the sentence it came from.", "官方在工作簿、CSV或新闻稿中发布的每个数字，都成为程序可读的观测值：带有地区、时期和单位，并可追溯到来源的单元格或句子。")}</p>
            <p class="start"><a href="/docs">{Say("Try the API", "试用接口")}</a> <a href="/v1/datasets">{Say("Catalogue (JSON)", "目录（JSON）")}</a> <a href="/catalog.jsonld">DCAT-AP</a> <a href="/feed.atom">{Say("New versions (Atom)", "最新版本（Atom）")}</a> <a href="/openapi.json">OpenAPI 3.1</a></p>
            <h2>{Say(Counted.Of(datasets.Count, "dataset"), $"{Number(datasets.Count)}个数据集")}</h2>

            """);
        if (datasets.Count == 0)
            html.Append(Say("<p>Nothing is published yet. <a href=\"/docs\">The API's page</a> shows how to upload a release.</p>\n", "<p>尚无发布。上传方法见<a href=\"/docs\">接口文档</a>。</p>\n"));
        html.Append("<ul>\n");
        foreach (var dataset in datasets.Take(MostShown))
            Write(html, dataset, Say);
        html.Append("</ul>\n");
        if (datasets.Count > MostShown)
            html.Append(Say($"<p>These are the first {MostShown}; <a href=\"/v1/datasets\">the catalogue</a> has all of them.</p>\n", $"<p>此处为前{MostShown}个；<a href=\"/v1/datasets\">目录</a>列有全部。</p>\n"));
        return HtmlPage.End(html);
    }

    private static void Write(StringBuilder html, DatasetSummary dataset, Func<string, string, string> say)
    {
        var (address, latest) = (HtmlPage.Text(DatasetApi.Address(dataset.Id)), dataset.Latest);
        html.Append($"<li>\n<h3><a href=\"{DatasetPage.Address("", dataset.Id)}\">");
        if (dataset.Title.Count == 0)
            html.Append("<span>").Append(HtmlPage.Text(dataset.Id)).Append("</span>");
        foreach (var (language, title) in dataset.Title)
            html.Append("<span").Append(language == "und" ? "" : $" lang=\"{HtmlPage.Text(language)}\"").Append('>').Append(HtmlPage.Text(title)).Append("</span>");
        var time = latest.TimeFrom is null ? "" : latest.TimeFrom == latest.TimeTo ? $"{latest.TimeFrom} · " : say($"{latest.TimeFrom} to {latest.TimeTo} · ", $"{latest.TimeFrom}至{latest.TimeTo} · ");
        html.Append("</a></h3>\n<p class=\"about\">").Append(HtmlPage.Text(
            $"{dataset.Id} · {time}" + say($"{Counted.Of(latest.Observations, "observation")} · version {latest.Version} of {latest.PublishedAt:yyyy-MM-dd}",
                $"{Number(latest.Observations)}个观测值 · 版本{latest.Version}，{latest.PublishedAt:yyyy-MM-dd}")));
        html.Append(CultureInfo.InvariantCulture, $"""
            </p>
            <p class="formats"><a href="{address}/data?format=csv">CSV</a> <a href="{address}/data.parquet">Parquet</a> <a href="{address}/data">JSON</a> <a href="{address}">{say("Metadata", "元数据")}</a></p>
            </li>

            """);
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
