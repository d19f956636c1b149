using System.Text;
using Pipeline.Publishing;

namespace Pipeline.Serving;

/// <summary>What there is for search engines to look at (sitemaps.org, protocol 0.9; RFC 9309).</summary>
internal static class Sitemap
{
    /// <summary>The most addresses of one sitemap.</summary>
    public const int MostPerPage = 50_000;

    private const string Space = "http://www.sitemaps.org/schemas/sitemap/0.9";

    /// <summary>How many sitemaps there are of so many datasets, whose pages come after the home page.</summary>
    public static int Pages(int datasets) => (datasets + MostPerPage) / MostPerPage;

    /// <summary>The sitemap of sitemaps.</summary>
    public static string Index(string address, int pages)
    {
        var xml = new StringBuilder($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"{Space}\">\n");
        for (var page = 1; page <= pages; page++)
            xml.Append($"<sitemap><loc>{address}/sitemap.xml?page={page}</loc></sitemap>\n");
        return xml.Append("</sitemapindex>\n").ToString();
    }

    /// <summary>One sitemap; pages count from 1.</summary>
    public static string Page(string address, IReadOnlyList<DatasetSummary> datasets, int page)
    {
        var xml = new StringBuilder($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"{Space}\">\n");
        if (page == 1)
            xml.Append($"<url><loc>{address}/</loc></url>\n");
        // The home page is the first of the first sitemap.
        foreach (var dataset in datasets.Skip(Math.Max(0, ((page - 1) * MostPerPage) - 1)).Take(page == 1 ? MostPerPage - 1 : MostPerPage))
            xml.Append($"<url><loc>{DatasetPage.Address(address, dataset.Id)}</loc><lastmod>{JsonParts.Moment(dataset.Latest.PublishedAt)}</lastmod></url>\n");
        return xml.Append("</urlset>\n").ToString();
    }

    /// <summary>robots.txt: everything that can be read may be; uploads are nothing to read.</summary>
    public static string Robots(string address) => $"User-agent: *\nDisallow: /v1/releases\n\nSitemap: {address}/sitemap.xml\n";
}
