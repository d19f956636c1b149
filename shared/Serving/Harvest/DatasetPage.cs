using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a dataset's page is made of.</summary>
/// <param name="Site">Who publishes.</param>
/// <param name="Address">The address that all others begin with.</param>
/// <param name="At">The version.</param>
/// <param name="IsPinned">Whether the address names the version.</param>
/// <param name="Facts">What catalogues say of it.</param>
/// <param name="Versions">The versions, newest first: the first of them.</param>
/// <param name="Latest">The first series with their latest values.</param>
/// <param name="Languages">The languages of labels, best first.</param>
internal sealed record DatasetPageModel(
    HarvestSite Site, string Address, DatasetAtVersion At, bool IsPinned, DatasetFacts Facts, IReadOnlyList<DatasetVersion> Versions, IReadOnlyList<SeriesSummary> Latest, IReadOnlyList<string> Languages);

/// <summary>A dataset for a person with a browser, and for search engines: the one script in it is data (schema.org), which no browser runs.</summary>
internal static class DatasetPage
{
    /// <summary>How many versions the page lists.</summary>
    public const int MostVersions = 10;

    /// <summary>How many series the page shows.</summary>
    public const int MostSeries = 10;

    private const int MostColumns = 4;
    private const int MostCodes = 8;

    /// <summary>The style of this page and of those for errors.</summary>
    internal const string Style = HtmlPage.Ground + """
        h1 + .lead { margin-top: .4rem; }
        .other { color: var(--soft); font-size: 1.1rem; margin: 0 0 .5rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 1.25rem 0 0; }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .6rem; background: var(--paper); }
        table { border-collapse: collapse; width: 100%; font-size: .95rem; }
        th, td { text-align: left; padding: .45rem .8rem; border-bottom: 1px solid var(--line); vertical-align: top; min-width: 5.5rem; max-width: 18rem; }
        tr:last-child td { border-bottom: 0; }
        th { color: var(--soft); font-weight: 500; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; min-width: 0; }
        .scroll + p { margin-top: .5rem; }
        .period { white-space: nowrap; }
        .soft { color: var(--soft); font-size: .9rem; }
        @media (max-width: 36rem) { th, td { padding: .4rem .5rem; } dl { column-gap: 1rem; } }
        td.codes { color: var(--soft); font-size: .9rem; }
        pre { margin: 0 0 .75rem; padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: .6rem; background: var(--paper); font: .875rem/1.5 ui-monospace, monospace; }
        .formats a { margin-right: 1.1rem; white-space: nowrap; }
        """;

    // Unlike in an answer, JSON in a page has to stay within its element.
    private static readonly JsonSerializerOptions InPage = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>What a browser may do with the page.</summary>
    public static readonly string Policy = HtmlPage.PolicyFor(Style);

    /// <summary>The address of a dataset's page.</summary>
    public static string Address(string address, string dataset) => $"{address}/datasets/{Uri.EscapeDataString(dataset)}";

    /// <summary>The language of what the page itself says: Chinese where it is read rather than English.</summary>
    public static string SpokenOf(IReadOnlyList<string> languages) => languages.FirstOrDefault(l => l is "zh" or "en") ?? "en";

    /// <summary>The page as UTF-8.</summary>
    public static byte[] Write(DatasetPageModel page)
    {
        var (facts, at, isChinese) = (page.Facts, page.At, SpokenOf(page.Languages) == "zh");
        string Say(string english, string chinese) => isChinese ? chinese : english;
        var path = DatasetApi.Address(facts.Id);
        var title = facts.TitleIn(page.Languages);
        var schema = JsonSerializer.Serialize(SchemaOrg.Dataset(page.Site, page.Address, facts, page.Languages), InPage);
        var html = HtmlPage.Begin(isChinese, title, Style, $"""
            <meta name="description" content="{HtmlPage.Text(facts.DescriptionIn(SpokenOf(page.Languages)))}">
            <link rel="canonical" href="{HtmlPage.Text(Address(page.Address, facts.Id))}">
            <link rel="alternate" type="application/atom+xml" title="{HtmlPage.Text(title)}" href="{path}/feed.atom">
            <link rel="alternate" type="application/ld+json" title="DCAT-AP" href="{path}/dcat.jsonld">
            <link rel="alternate" type="text/turtle" title="DCAT-AP" href="{path}/dcat.ttl">
            <script type="application/ld+json">{schema}</script>

            """);
        html.Append($"""
            <p class="soft"><a href="/">{Say("All datasets", "全部数据集")}</a></p>
            <h1{Lang(facts.Title.FirstOrDefault(t => t.Value == title).Key)}>{HtmlPage.Text(title)}</h1>

            """);
        foreach (var (language, other) in facts.Title.Where(t => t.Value != title))
            html.Append($"<p class=\"other\"{Lang(language)}>{HtmlPage.Text(other)}</p>\n");
        html.Append($"<p class=\"lead\">{HtmlPage.Text(facts.DescriptionIn(SpokenOf(page.Languages)))}</p>\n");
        Formats(html, path, page);
        About(html, page, Say);
        Latest(html, page, Say);
        Dimensions(html, at, page.Languages, Say);
        Queries(html, page, Say);
        Versions(html, page, Say);
        html.Append($"""
            <h2>{Say("Described for programs", "机器可读的描述")}</h2>
            <p class="formats"><a href="{path}">JSON</a> <a href="{path}/dcat.jsonld">DCAT-AP (JSON-LD)</a> <a href="{path}/dcat.ttl">DCAT-AP (Turtle)</a>
            <a href="{path}/data.csv-metadata.json">CSVW</a> <a href="{path}/datapackage.json">Data Package</a> <a href="{path}/croissant.json">Croissant</a> <a href="{path}/feed.atom">Atom</a></p>

            """);
        return HtmlPage.End(html);
    }

    private static void Formats(StringBuilder html, string path, DatasetPageModel page)
    {
        var version = page.IsPinned ? $"version={page.At.Version.Version}" : "";
        html.Append("<p class=\"formats\">");
        // JSON, which comes in pages and which a browser takes for itself, comes last.
        foreach (var format in page.Facts.Formats.OrderBy(f => f.IsPaged))
        {
            var address = format.Name == "parquet" ? $"{path}/data.parquet{(version.Length > 0 ? "?" + version : "")}" : $"{path}/data?format={format.Name}{(version.Length > 0 ? "&amp;" + version : "")}";
            html.Append($"<a href=\"{address}\">{format.Title}</a> ");
        }
        html.Append("</p>\n");
    }

    private static void About(StringBuilder html, DatasetPageModel page, Func<string, string, string> say)
    {
        var (facts, version) = (page.Facts, page.At.Version);
        void Item(string name, string? text)
        {
            if (!string.IsNullOrEmpty(text))
                html.Append($"<dt>{name}</dt><dd>{text}</dd>\n");
        }
        string Names(IEnumerable<Code> codes) => HtmlPage.Text(string.Join(say(", ", "、"), codes.Select(code => Name(code, page.Languages))));
        html.Append("<dl>\n");
        Item(say("Id", "标识"), $"<code>{HtmlPage.Text(facts.Id)}</code>");
        Item(say("Time", "时间"), version.TimeFrom is null ? null : HtmlPage.Text(version.TimeFrom == version.TimeTo ? version.TimeFrom : $"{version.TimeFrom} – {version.TimeTo}"));
        Item(say("Areas", "地区"), Names(facts.Areas.Take(12)) + (facts.Areas.Count > 12 ? " …" : ""));
        Item(say("Units", "单位"), Names(facts.Units.Take(12)) + (facts.Units.Count > 12 ? " …" : ""));
        Item(say("Size", "规模"), say($"{Counted.Of(version.Observations, "observation")}, {Number(version.Series)} series", $"{Number(version.Observations)}个观测值，{Number(version.Series)}个序列"));
        Item(say("Version", "版本"), $"{version.Version} · {version.PublishedAt:yyyy-MM-dd HH:mm} UTC");
        Item(say("Publisher", "发布者"), HtmlPage.Text(page.Site.Publisher));
        Item(say("Licence", "许可"), page.Site.License is null ? null : $"<a rel=\"license\" href=\"{HtmlPage.Text(page.Site.License)}\">{HtmlPage.Text(page.Site.License)}</a>");
        html.Append("</dl>\n");
    }

    private static void Latest(StringBuilder html, DatasetPageModel page, Func<string, string, string> say)
    {
        var at = page.At;
        // What is the same in all series of the dataset need not stand in each row.
        var shown = Enumerable.Range(0, at.TimeIndex).Where(c => at.Components[c].Id != Concepts.Freq && at.Components[c].Codes.Count > 1
            && page.Latest.Any(series => series.Key[c] != Concepts.NotApplicable)).ToList();
        if (page.Latest.Count == 0)
            return;
        // Many columns would push the values out of sight: then each series is one name, of what applies to it.
        var isNamed = shown.Count > MostColumns;
        html.Append($"{Table(say("Latest values", "最新数值"))}<tr>");
        foreach (var name in isNamed ? [say("Series", "序列")] : shown.Select(c => HtmlPage.Text(NameOf(at.Components[c], page.Languages))))
            html.Append($"<th scope=\"col\">{name}</th>");
        html.Append($"<th scope=\"col\">{say("Period", "时期")}</th><th scope=\"col\" class=\"number\">{say("Value", "数值")}</th><th scope=\"col\">{say("Unit", "单位")}</th></tr>\n");
        foreach (var series in page.Latest)
        {
            html.Append("<tr>");
            var labels = shown.Select(c => series.Key[c] == Concepts.NotApplicable ? "" : HtmlPage.Text(Label(at, c, series.Key[c], page.Languages)));
            foreach (var label in isNamed ? [string.Join(" · ", labels.Where(l => l.Length > 0))] : labels)
                html.Append($"<td>{label}</td>");
            var multiplier = series.UnitMult == 0 ? "" : Label(at, at.IndexOf(Concepts.UnitMult), series.UnitMult.ToString(CultureInfo.InvariantCulture), page.Languages) + " ";
            var unit = series.Unit == Concepts.Unspecified ? "" : Label(at, at.IndexOf(Concepts.UnitMeasure), series.Unit, page.Languages);
            var value = series.Value?.ToString(CultureInfo.InvariantCulture) ?? Label(at, at.IndexOf(Concepts.ObsStatus), series.Status, page.Languages);
            html.Append($"<td class=\"period\">{HtmlPage.Text(series.TimePeriod ?? "")}</td><td class=\"number\">{HtmlPage.Text(value)}</td><td>{HtmlPage.Text(multiplier + unit)}</td></tr>\n");
        }
        html.Append("</table></div>\n");
        if (at.Version.Series > page.Latest.Count)
        {
            html.Append("<p class=\"soft\">" + say($"The first {page.Latest.Count} of {Number(at.Version.Series)} series. ", $"共{Number(at.Version.Series)}个序列，此处为前{page.Latest.Count}个。")
                + $"<a href=\"{DatasetApi.Address(at.Structure.Id)}/series?labels=both\">{say("All of them", "查看全部")}</a></p>\n");
        }
    }

    private static void Dimensions(StringBuilder html, DatasetAtVersion at, IReadOnlyList<string> languages, Func<string, string, string> say)
    {
        html.Append($"{Table(say("Dimensions", "维度"))}<tr><th scope=\"col\">{say("Dimension", "维度")}</th><th scope=\"col\">{say("Id", "标识")}</th><th scope=\"col\" class=\"number\">{say("Codes", "代码数")}</th><th scope=\"col\">{say("Among them", "例如")}</th></tr>\n");
        foreach (var component in at.Components.Take(at.TimeIndex + 1))
        {
            var codes = component.Codes;
            var some = string.Join(say(", ", "、"), component.InOrder.Where(c => c.Id.Length > 0).Take(MostCodes).Select(code => Name(code, languages))) + (codes.Count > MostCodes ? " …" : "");
            html.Append($"<tr><td>{HtmlPage.Text(NameOf(component, languages))}</td><td><code>{HtmlPage.Text(component.Id)}</code></td><td class=\"number\">{Number(codes.Count)}</td><td class=\"codes\">{HtmlPage.Text(some)}</td></tr>\n");
        }
        html.Append("</table></div>\n");
    }

    private static void Queries(StringBuilder html, DatasetPageModel page, Func<string, string, string> say)
    {
        var (at, data) = (page.At, page.Address + DatasetApi.Address(page.Facts.Id));
        var filter = at.Components.Take(at.TimeIndex).Where(c => c.Id != Concepts.Freq && c.Codes.Count > 1).Select(c => $"{c.Id}={Uri.EscapeDataString(c.Codes[0].Id)}&").FirstOrDefault() ?? "";
        var since = at.Version.TimeTo is { } to && PeriodDays.TryParse(to, out var period) ? $"TIME_PERIOD=ge:{period.Start.Year}&" : "";
        html.Append($"<h2>{say("Ask for what you need", "按需查询")}</h2>\n");
        foreach (var (why, command) in new[]
        {
            (say("Everything, as CSV:", "全部数据（CSV）："), $"curl \"{data}/data?format=csv\""),
            (say("Some of it, with labels:", "部分数据，带标签："), $"curl \"{data}/data?{filter}{since}labels=both&format=csv\""),
            (say("The latest value of each series:", "每个序列的最新数值："), $"curl \"{data}/series?labels=both\""),
        })
        {
            html.Append($"<p class=\"soft\">{why}</p>\n<pre>{HtmlPage.Text(command)}</pre>\n");
        }
        html.Append($"<p><a href=\"/docs\">{say("All the API does", "接口文档")}</a></p>\n");
    }

    private static void Versions(StringBuilder html, DatasetPageModel page, Func<string, string, string> say)
    {
        html.Append($"{Table(say("Versions", "版本"))}<tr><th scope=\"col\" class=\"number\">{say("Version", "版本")}</th><th scope=\"col\">{say("Published", "发布时间")}</th><th scope=\"col\" class=\"number\">{say("Added", "新增")}</th>"
            + $"<th scope=\"col\" class=\"number\">{say("Revised", "修订")}</th><th scope=\"col\" class=\"number\">{say("Removed", "删除")}</th><th scope=\"col\">{say("Changes", "变更")}</th><th scope=\"col\">{say("Release", "发布文件")}</th></tr>\n");
        foreach (var version in page.Versions)
        {
            html.Append($"<tr><td class=\"number\"><a href=\"{Address("", page.Facts.Id)}?version={version.Version}\">{version.Version}</a></td><td>{version.PublishedAt:yyyy-MM-dd}</td><td class=\"number\">{Number(version.Added)}</td>"
                + $"<td class=\"number\">{Number(version.Revised)}</td><td class=\"number\">{Number(version.Removed)}</td>"
                + $"<td><a href=\"{DatasetApi.Address(page.Facts.Id)}/changes?from={version.Version - 1}&amp;to={version.Version}&amp;format=csv\">CSV</a></td><td>{HtmlPage.Text(version.Release)}</td></tr>\n");
        }
        html.Append("</table></div>\n");
        if (page.Versions.Count > 0 && page.Versions[^1].Version > 1)
            html.Append($"<p class=\"soft\"><a href=\"{DatasetApi.Address(page.Facts.Id)}/versions\">{say("All versions", "全部版本")}</a></p>\n");
    }

    // A heading, and a table below it that a keyboard can scroll and a screen reader names.
    private static string Table(string heading) => $"<h2>{heading}</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{heading}\"><table>\n";

    private static string Label(DatasetAtVersion at, int component, string code, IReadOnlyList<string> languages) =>
        component >= 0 && at.Find(component, code) is >= 0 and var number ? Name(at.Components[component].Codes[number], languages) : code;

    private static string Name(Code code, IReadOnlyList<string> languages) => code.Labels.Count > 0 ? ObservationCsv.Label(code.Labels, languages) : code.Id;

    private static string NameOf(DatasetComponent component, IReadOnlyList<string> languages) => component.Labels.Count > 0 ? ObservationCsv.Label(component.Labels, languages) : component.Id;

    private static string Lang(string? language) => language is null or "und" ? "" : $" lang=\"{HtmlPage.Text(language)}\"";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
