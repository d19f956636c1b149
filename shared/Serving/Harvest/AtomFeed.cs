using System.Globalization;
using System.Text;
using System.Xml;
using Pipeline.Publishing;

namespace Pipeline.Serving;

/// <summary>A version as a feed tells of it.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Version">The version.</param>
internal sealed record FeedEntry(DatasetSummary Dataset, DatasetVersion Version);

/// <summary>Writes new versions as an Atom feed (RFC 4287), in pages (RFC 5005, 3).</summary>
internal static class AtomFeed
{
    public const string MediaType = "application/atom+xml; charset=utf-8";

    private const string Atom = "http://www.w3.org/2005/Atom";

    /// <summary>Writes a page.</summary>
    /// <param name="site">Who publishes.</param>
    /// <param name="address">The address that all others begin with.</param>
    /// <param name="path">The feed's path, without the page.</param>
    /// <param name="about">The path of the page that it is about.</param>
    /// <param name="title">The feed's title.</param>
    /// <param name="updated">When the newest entry of the feed was published.</param>
    /// <param name="entries">The page's entries, newest first.</param>
    /// <param name="pages">Links to other pages: relation and address.</param>
    /// <param name="languages">The languages of titles, best first.</param>
    public static byte[] Write(
        HarvestSite site, string address, string path, string about, string title, DateTimeOffset updated, IReadOnlyList<FeedEntry> entries, IReadOnlyList<(string Relation, string Address)> pages, IReadOnlyList<string> languages)
    {
        var to = new MemoryStream();
        using (var xml = XmlWriter.Create(to, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            xml.WriteStartElement("feed", Atom);
            xml.WriteAttributeString("xml", "lang", null, DatasetPage.SpokenOf(languages));
            // The identity of a feed is one for all its pages.
            Text(xml, "id", address + path);
            Text(xml, "title", title);
            Text(xml, "updated", Moment(updated));
            Link(xml, "alternate", address + about, "text/html");
            foreach (var (relation, page) in pages)
                Link(xml, relation, page, "application/atom+xml");
            xml.WriteStartElement("author", Atom);
            Text(xml, "name", site.Publisher);
            if (site.Contact is not null)
                Text(xml, "email", site.Contact);
            xml.WriteEndElement();
            if (site.License is not null)
                Link(xml, "license", site.License, null);
            foreach (var entry in entries)
                Write(xml, address, entry, languages);
            xml.WriteEndElement();
        }
        return to.ToArray();
    }

    private static void Write(XmlWriter xml, string address, FeedEntry entry, IReadOnlyList<string> languages)
    {
        var ((dataset, version), isChinese) = (entry, DatasetPage.SpokenOf(languages) == "zh");
        var (data, number) = (address + DatasetApi.Address(dataset.Id), version.Version.ToString(CultureInfo.InvariantCulture));
        var title = ObservationCsv.Label(dataset.Title, languages) is { Length: > 0 } label ? label : dataset.Id;
        xml.WriteStartElement("entry", Atom);
        Text(xml, "id", $"urn:pipeline:version:{dataset.Id}:{number}:{version.Release}");
        Text(xml, "title", isChinese ? $"{title}，第{number}版" : $"{title}, version {number}");
        Text(xml, "updated", Moment(version.PublishedAt));
        Text(xml, "published", Moment(version.PublishedAt));
        Text(xml, "summary", Summary(version, isChinese));
        Link(xml, "alternate", $"{DatasetPage.Address(address, dataset.Id)}?version={number}", "text/html");
        Link(xml, "related", $"{data}?version={number}", "application/json");
        Link(xml, "enclosure", $"{data}/data.parquet?version={number}", "application/vnd.apache.parquet", version.FileBytes);
        Link(xml, "enclosure", $"{data}/data?format=csv&version={number}", "text/csv");
        xml.WriteStartElement("category", Atom);
        xml.WriteAttributeString("term", dataset.Id);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static string Summary(DatasetVersion version, bool isChinese)
    {
        string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
        var time = version.TimeFrom is null ? "" : version.TimeFrom == version.TimeTo ? version.TimeFrom : version.TimeFrom + (isChinese ? "至" : " to ") + version.TimeTo;
        return isChinese
            ? $"新增{Number(version.Added)}个观测值，修订{Number(version.Revised)}个，删除{Number(version.Removed)}个；现有{Number(version.Observations)}个" + (time.Length > 0 ? $"，时间为{time}。" : "。")
            : $"{Counted.Of(version.Added, "observation")} added, {Number(version.Revised)} revised, {Number(version.Removed)} removed; {Number(version.Observations)} now" + (time.Length > 0 ? $", {time}." : ".");
    }

    private static string Moment(DateTimeOffset moment) => moment.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void Text(XmlWriter xml, string name, string text) => xml.WriteElementString(name, Atom, XmlText.Clean(text));

    private static void Link(XmlWriter xml, string relation, string address, string? type, long? length = null)
    {
        xml.WriteStartElement("link", Atom);
        xml.WriteAttributeString("rel", relation);
        if (type is not null)
            xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("href", address);
        if (length is { } bytes)
            xml.WriteAttributeString("length", bytes.ToString(CultureInfo.InvariantCulture));
        xml.WriteEndElement();
    }
}
