using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Extensions.Configuration;
using Pipeline.Local;
using Pipeline.Publishing;
using Pipeline.Serving;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>What portals, search engines, feed readers and readers of CSV are told: read with the tools that others wrote for it.</summary>
public sealed class HarvestTests(SampleHost host) : IClassFixture<SampleHost>
{
    private static readonly string[] OfCatalogue = ["/catalog.jsonld", "/catalog.ttl", "/data.json", "/sitemap.xml", "/robots.txt", "/feed.atom"];

    private static readonly string[] OfDataset =
    [
        "/datasets/northmere-employment", "/v1/datasets/northmere-employment/dcat.jsonld", "/v1/datasets/northmere-employment/dcat.ttl", "/v1/datasets/northmere-employment/feed.atom",
        "/v1/datasets/northmere-employment/data.csv-metadata.json", "/v1/datasets/northmere-employment/datapackage.json", "/v1/datasets/northmere-employment/croissant.json",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Shapes => Path.Combine(Settings.Root, "tests", "tools", "dcat-shapes.ttl");

    [Fact]
    public async Task The_catalogue_is_one_graph_in_both_forms_and_fits_the_shapes_of_DCAT_AP()
    {
        await using var served = await Served.StartAsync(("Pipeline:Publisher", "Office of \"Statistics\""), ("Pipeline:License", "https://creativecommons.org/licenses/by/4.0/"), ("Pipeline:Contact", "data@example.org"));
        for (var i = 0; i < 4; i++)
            await served.PublishAsync($"set{i}", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT"), new("650100", "2023-06", 1m, "A", "PT")]));
        await served.PublishAsync("odd", Odd());
        await served.PublishAsync("odd", Odd());
        var address = served.Host.Host.Address.ToString().TrimEnd('/');
        var read = JsonNode.Parse(await OthersTools.NodeAsync("dcat.mjs", Cancel, Shapes, address, "catalog.EXT?limit=2"))!;
        Told(read["differ"]).ShouldBeEmpty();
        Told(read["violations"]).ShouldBeEmpty();
        Told(read["types"]).ShouldBe(["application/ld+json", "text/turtle; charset=utf-8"]);
        (Joined(read["pages"]), (int)read["datasets"]!, (int)read["blank"]!).ShouldBe(("3, 3", 5, 0), "3 pages of 2");

        var graph = Told(read["graph"]);
        string Of(string dataset, string property, string value) => $"<{address}/v1/datasets/{dataset}> <{property}> {value}";
        const string dct = "http://purl.org/dc/terms/", dcat = "http://www.w3.org/ns/dcat#", authority = "http://publications.europa.eu/resource/authority/";
        graph.ShouldContain(Of("set0", dct + "accrualPeriodicity", $"<{authority}frequency/MONTHLY>"), "the more frequent one of two");
        graph.ShouldContain(Of("odd", dcat + "version", "\"2\"@^^http://www.w3.org/2001/XMLSchema#string"));
        graph.ShouldContain(Of("odd", "http://data.europa.eu/s1n/numSeries", "\"2\"@^^http://www.w3.org/2001/XMLSchema#integer"));
        graph.ShouldContain(Of("odd", dct + "title", "\"a \\\"b\\\"\\n<c> \\\\ 一二\"@zh^^http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"));
        graph.ShouldContain(Of("odd", dct + "spatial", $"<{authority}country/CHN>"), "CN, which its label calls China");
        graph.ShouldNotContain(line => line.Contains("country/ALB"), "AL, which its label calls Alabama");
        graph.ShouldContain($"<{address}/v1/datasets/set0#time> <{dcat}endDate> \"2023-06-30\"@^^http://www.w3.org/2001/XMLSchema#date");
        graph.ShouldContain(line => line.EndsWith("<http://www.w3.org/2006/vcard/ns#hasEmail> <mailto:data@example.org>", StringComparison.Ordinal));
        graph.ShouldContain($"<{address}/#publisher> <http://xmlns.com/foaf/0.1/name> \"Office of \\\"Statistics\\\"\"@^^http://www.w3.org/2001/XMLSchema#string");
        foreach (var format in DataFormat.All)
            graph.ShouldContain(Of("set0", dcat + "distribution", $"<{address}/v1/datasets/set0#{format.Name}>"));
        foreach (var url in graph.Select(l => Regex.Match(l, $"<{dcat}(?:download|access)URL> <([^>]*)>$")).Where(m => m.Success).Select(m => m.Groups[1].Value).Where(u => u.Contains("/odd/")))
            (await served.Client.GetAsync(url, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK, url);

        var one = JsonNode.Parse(await OthersTools.NodeAsync("dcat.mjs", Cancel, Shapes, address, "v1/datasets/odd/dcat.EXT"))!;
        (Joined(one["differ"]), Joined(one["violations"]), (int)one["datasets"]!).ShouldBe(("", "", 1));
        graph.Where(l => l.StartsWith($"<{address}/v1/datasets/odd", StringComparison.Ordinal)).Except(Told(one["graph"])).ShouldBeEmpty("what the catalogue says of it, it says of itself");
    }

    [Fact]
    public async Task Descriptions_say_what_the_vocabularies_have_words_for()
    {
        await using var served = await Served.StartAsync(("Pipeline:Publisher", "Office"), ("Pipeline:License", "https://creativecommons.org/licenses/by/4.0/"), ("Pipeline:Contact", "data@example.org"));
        await served.PublishAsync("odd", Odd());
        await served.PublishAsync("timeless", Cubes.Of([new("650000", "", 1.5m, "A", "PT")]));
        var read = JsonNode.Parse(await OthersTools.NodeAsync("terms.mjs", Cancel, served.Host.Host.Address.ToString().TrimEnd('/'),
            "/catalog.ttl?limit=1", "/catalog.jsonld", "/datasets/odd", "/datasets/timeless", "/v1/datasets/odd/croissant.json"))!.AsObject();
        const string hydra = "http://www.w3.org/ns/hydra/core#";
        foreach (var (path, found) in read)
        {
            ((int)found!["terms"]!).ShouldBeGreaterThan(15, path);
            // The package has DCAT 2; pages are Hydra's collections of today and those of yesterday, which CKAN's harvester reads.
            Told(found["faults"]).Select(fault => fault.Split(" and not ")[0]).ShouldBe(path.StartsWith("/catalog", StringComparison.Ordinal)
                ? ["http://www.w3.org/ns/dcat#version does not exist", hydra + "PagedCollection does not exist", hydra + "itemsPerPage does not exist", hydra + $"totalItems has the domain {hydra}Collection"]
                : [], path);
        }
    }

    [Fact]
    public async Task Addresses_begin_with_the_public_one_where_it_is_set()
    {
        await using var served = await Served.StartAsync(("Pipeline:PublicAddress", "https://data.example.org/"));
        await served.PublishAsync("odd", Odd());
        string[] addresses = [.. OfCatalogue, .. OfDataset.Select(a => a.Replace("northmere-employment", "odd"))];
        foreach (var address in addresses)
        {
            var text = await served.Client.GetStringAsync(address, Cancel);
            text.ShouldContain("https://data.example.org/", Case.Sensitive, address);
            text.ShouldNotContain(served.Host.Host.Address.Authority, Case.Sensitive, address);
        }
    }

    [Theory]
    [InlineData("PublicAddress", "data.example.org")]
    [InlineData("PublicAddress", "https://data.example.org/below")]
    [InlineData("License", "CC BY 4.0")]
    [InlineData("Contact", "nobody")]
    public void A_setting_that_can_not_be_right_is_told(string name, string value) =>
        Should.Throw<ArgumentException>(() => new HarvestSite(new ConfigurationBuilder().AddInMemoryCollection([new("Pipeline:" + name, value)]).Build()))
            .Message.ShouldStartWith($"Pipeline:{name} is '{value}'; ");

    [Fact]
    public async Task Data_json_has_what_DCAT_US_requires()
    {
        var catalog = JsonNode.Parse(await host.Client.GetStringAsync("/data.json", Cancel))!;
        ((string)catalog["conformsTo"]!, (string)catalog["@type"]!).ShouldBe(("https://project-open-data.cio.gov/v1.1/schema", "dcat:Catalog"));
        var datasets = catalog["dataset"]!.AsArray();
        datasets.Count.ShouldBe((int)JsonNode.Parse(await host.Client.GetStringAsync("/v1/datasets", Cancel))!["page"]!["total"]!);
        foreach (var dataset in datasets)
        {
            // Required of every dataset (DCAT-US 1.1), but for the codes that only federal agencies of the United States have.
            foreach (var required in (string[])["title", "description", "keyword", "modified", "publisher", "contactPoint", "identifier", "accessLevel"])
                dataset![required].ShouldNotBeNull(required);
            Regex.IsMatch((string)dataset!["modified"]!, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$").ShouldBeTrue();
            foreach (var distribution in dataset["distribution"]!.AsArray())
            {
                ((string)(distribution!["downloadURL"] ?? distribution["accessURL"])!).ShouldStartWith(host.Address + "/v1/datasets/");
                distribution["mediaType"].ShouldNotBeNull();
            }
        }
        var known = datasets.Single(d => ((string)d!["identifier"]!).EndsWith("/northmere-employment", StringComparison.Ordinal))!;
        ((string)known["temporal"]!, (string)known["accrualPeriodicity"]!, (string)known["spatial"]!).ShouldBe(("2022-01-01/2023-06-30", "R/P3M", "Northmere; Ashwell"));
        ((string)known["description"]!).ShouldContain(" by district, industry and sex, ");
        known["keyword"]!.AsArray().Select(k => (string)k!).ShouldContain("Employed persons");
        using var paged = await host.Client.GetAsync("/data.json?limit=1", Cancel);
        paged.Headers.GetValues("Link").Single().ShouldBe($"<{host.Address}/data.json?page=2&limit=1>; rel=\"next\"");
        JsonNode.Parse(await paged.Content.ReadAsStringAsync(Cancel))!["dataset"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Only_formats_that_hold_a_dataset_are_told_of_it()
    {
        await using var served = await Served.StartAsync();
        // As many cells as observations squared.
        foreach (var (dataset, count) in ((string, int)[])[("small", 2), ("middle", 1_500), ("large", 3_200)])
            await served.PublishAsync(dataset, Cubes.Of([.. Enumerable.Range(0, count).Select(i => new Row($"A{i:D4}", DateTime.UnixEpoch.AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), i, "A", "PS"))]));
        foreach (var (dataset, jsonStat, px) in ((string, bool, bool)[])[("small", true, true), ("middle", true, false), ("large", false, false)])
        {
            foreach (var (format, isHeld) in ((string, bool)[])[("json-stat", jsonStat), ("px", px), ("xlsx", true)])
            {
                var data = $"/v1/datasets/{dataset}/data?format={format}";
                (await served.Client.GetAsync(data, Cancel)).StatusCode.ShouldBe(isHeld ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity);
                foreach (var address in (string[])["/catalog.ttl", "/data.json", "/datasets/" + dataset, .. format == "json-stat" ? ["/jsonstat/collection"] : (string[])[]])
                    (await served.Client.GetStringAsync(address, Cancel)).Contains(data, StringComparison.Ordinal).ShouldBe(isHeld, address + " " + data);
            }
        }
    }

    [Fact]
    public async Task A_CSV_is_read_by_what_stands_beside_it()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("odd", Odd());
        await served.PublishAsync("odd", Odd(withNote: true));
        await served.PublishAsync("timeless", Cubes.Of([new("650000", "", 1.5m, "A", "PT"), new("650100", "", null, "M", "PT")]));
        var address = served.Host.Host.Address.ToString().TrimEnd('/');
        foreach (var (dataset, query, rows, isNoted) in new[] { ("odd", "", 4, true), ("odd", "?version=1", 4, false), ("odd", "?labels=both&lang=zh", 4, true), ("odd", "?columns=REF_AREA,OBS_VALUE&sort=-OBS_VALUE", 4, false), ("timeless", "", 2, false) })
        {
            var read = JsonNode.Parse(await OthersTools.NodeAsync("csv-described.mjs", Cancel, address, dataset, query))!;
            var about = dataset + query;
            ((bool)read["valid"]!, Joined(read["packageErrors"]), Joined(read["errors"]), (int)read["rows"]!).ShouldBe((true, "", "", rows), about);
            var header = ((string)read["header"]!).Split(',');
            string.Join(',', Told(read["columns"])).ShouldBe((string)read["header"]!, about);
            string.Join(',', Told(read["fields"])).ShouldBe((string)read["header"]!, about);
            header.Contains("NOTE").ShouldBe(isNoted, about);
            ((string)read["type"]!, (string)read["url"]!).ShouldBe(("application/csvm+json", (string)read["asked"]!), about);
            ((int)read["triples"]!).ShouldBeGreaterThan(rows * 2);
            read["values"]!.AsArray().ShouldAllBe(v => (string)v![1]! == "http://www.w3.org/2001/XMLSchema#decimal");
        }
        var package = await served.JsonAsync("/v1/datasets/odd/datapackage.json?labels=both&lang=en");
        var fields = package["resources"]![0]!["schema"]!["fields"]!.AsArray().ToDictionary(f => (string)f!["name"]!, f => f!);
        fields["PRODUCT"]["categories"]!.AsArray().Select(c => (string)c!["value"]!).ShouldBe(["a,\"b\"", "'=1+1"], "as the cells have them");
        ((string)fields["REF_AREA"]["categories"]![0]!["label"]!, (string)fields["UNIT_MULT"]["type"]!, (string)fields["OBS_VALUE"]["type"]!).ShouldBe(("China", "integer", "number"));
        Told(package["resources"]![0]!["schema"]!["primaryKey"]).ShouldBe(["FREQ", "REF_AREA", "PRODUCT", "TIME_PERIOD"]);
        Told((await served.JsonAsync("/v1/datasets/timeless/datapackage.json"))["resources"]![0]!["schema"]!["primaryKey"]).ShouldBe(["FREQ", "REF_AREA"]);
        ((await served.JsonAsync("/v1/datasets/odd/datapackage.json?columns=REF_AREA,OBS_VALUE"))["resources"]![0]!["schema"]!["primaryKey"]).ShouldBeNull("some of its columns are left out");

        using var json = await served.Client.GetAsync("/v1/datasets/odd/data?limit=1", Cancel);
        json.Headers.GetValues("Link").Single().ShouldNotContain("describedby");
        using var page = await served.Client.GetAsync("/v1/datasets/odd/data?format=csv&limit=1", Cancel);
        page.Headers.GetValues("Link").Single().ShouldMatch("rel=\"next\", <.*>; rel=\"describedby\"");
        using var wide = await served.Client.GetAsync("/v1/datasets/odd/data?format=csv&layout=wide", Cancel);
        wide.Headers.Contains("Link").ShouldBeFalse("periods as columns are data");
    }

    [Fact]
    public async Task Croissant_names_files_columns_and_codes_that_there_are()
    {
        var croissant = JsonNode.Parse(await host.Client.GetStringAsync("/v1/datasets/northmere-employment/croissant.json?lang=zh", Cancel))!;
        // Required of every dataset (Croissant 1.0, dataset-level information), but for a licence where none is set.
        foreach (var required in (string[])["@context", "@type", "conformsTo", "description", "name", "url", "creator", "datePublished", "distribution"])
            croissant[required].ShouldNotBeNull(required);
        ((string)croissant["conformsTo"]!, (string)croissant["@type"]!).ShouldBe(("http://mlcommons.org/croissant/1.0", "sc:Dataset"));
        var files = croissant["distribution"]!.AsArray().ToDictionary(f => (string)f!["@id"]!, f => (string)f!["contentUrl"]!);
        var header = (await host.Client.GetStringAsync(files["data.csv"], Cancel)).Split("\r\n")[0].Split(',');
        (await host.Client.GetByteArrayAsync(files["data.parquet"], Cancel))[..4].ShouldBe("PAR1"u8.ToArray());
        var sets = croissant["recordSet"]!.AsArray().ToDictionary(s => (string)s!["@id"]!, s => s!);
        var fields = sets["observations"]["field"]!.AsArray();
        fields.Select(f => (string)f!["source"]!["extract"]!["column"]!).ShouldBe(header);
        var ids = sets.Values.SelectMany(s => s["field"]!.AsArray().Select(f => (string)f!["@id"]!)).ToList();
        ids.ShouldBeUnique();
        foreach (var reference in fields.Select(f => (string?)f!["references"]?["field"]!["@id"]).OfType<string>().Concat(sets["observations"]["key"]!.AsArray().Select(k => (string)k!["@id"]!)))
            ids.ShouldContain(reference);
        sets["SEX"]["data"]!.AsArray().Select(d => ((string)d!["SEX/code"]!, (string)d["SEX/label"]!)).ShouldBe([("F", "女"), ("M", "男")]);
        ((string)fields.Single(f => (string)f!["name"]! == "OBS_VALUE")!["dataType"]!).ShouldBe("sc:Float");
    }

    [Fact]
    public async Task A_feed_is_read_from_its_newest_version_to_its_oldest()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("long", Odd());
        var index = new DatasetIndex(served.Storage);
        var (structure, first) = (await index.StructureAsync("long", 1, Cancel), (await index.FindVersionAsync("long", 1, Cancel))!);
        // The index alone: feeds are made of nothing else.
        for (var i = 2; i <= 53; i++)
            await index.WriteAsync(structure, first with { Version = i, PublishedAt = first.PublishedAt.AddMinutes(i), Release = $"long-{i}", File = $"long/{i}", Added = i, Revised = 2, Removed = 0 }, AsyncEnumerable.Empty<SeriesSummary>(), Cancel);
        await index.WriteAsync(structure with { Id = "new", Title = new Dictionary<string, string> { ["zh"] = "新\u0001数据", ["en"] = "New <data>" } }, first with { PublishedAt = first.PublishedAt.AddMinutes(52.5), Release = "new-1", File = "new/1" }, AsyncEnumerable.Empty<SeriesSummary>(), Cancel);
        var address = served.Host.Host.Address.ToString().TrimEnd('/');
        await LocalHost.UntilAsync(async () => (await served.Client.GetStringAsync("/feed.atom", Cancel)).Contains("new:1:new-1"), "the newest version");

        var pages = JsonNode.Parse(await OthersTools.NodeAsync("feed.mjs", Cancel, address, "/feed.atom"))!.AsArray();
        pages.ShouldAllBe(p => (string)p!["type"]! == "application/atom+xml; charset=utf-8");
        pages.Select(p => (string)p!["feed"]!["id"]!).Distinct().ShouldBe([address + "/feed.atom"], "one feed, whatever its pages");
        var entries = pages.SelectMany(p => p!["feed"]!["entries"]!.AsArray()).ToList();
        pages.Select(p => p!["feed"]!["entries"]!.AsArray().Count).ShouldBe([50, 4]);
        string[] expected = ["long:53:long-53", "new:1:new-1", .. Enumerable.Range(2, 51).Reverse().Select(i => $"long:{i}:long-{i}"), $"long:1:{first.Release}"];
        entries.Select(e => (string)e!["id"]!).ShouldBe(expected.Select(e => "urn:pipeline:version:" + e));
        entries.Select(e => DateTimeOffset.Parse((string)e!["updated"]!, CultureInfo.InvariantCulture)).ShouldBeInOrder(SortDirection.Descending);
        ((string)entries[0]!["summary"]!["value"]!).ShouldStartWith("53 observations added, 2 revised, 0 removed; ");
        ((string)entries[1]!["title"]!["value"]!).ShouldBe("New <data>, version 1");
        var links = entries[^1]!["links"]!.AsArray().Select(l => (string)l!["href"]!).ToList();
        links.Count.ShouldBe(4);
        foreach (var link in links)
            (await served.Client.GetAsync(link, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK, link);

        var own = JsonNode.Parse(await OthersTools.NodeAsync("feed.mjs", Cancel, address, "/v1/datasets/long/feed.atom?lang=zh"))!.AsArray();
        own.SelectMany(p => p!["feed"]!["entries"]!.AsArray()).Select(e => (string)e!["id"]!).ShouldBe(expected.Where(e => e.StartsWith("long", StringComparison.Ordinal)).Select(e => "urn:pipeline:version:" + e));
        ((string)own[0]!["feed"]!["entries"]![0]!["summary"]!["value"]!).ShouldStartWith("新增53个观测值，修订2个，删除0个；");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/feed.atom") { Headers = { { "Accept-Language", "fr;q=0.9, zh-CN" } } };
        using var chinese = await served.Client.SendAsync(request, Cancel);
        (await chinese.Content.ReadAsStringAsync(Cancel)).ShouldContain("<title>新\uFFFD数据，第1版</title>");
    }

    [Fact]
    public async Task The_page_of_a_dataset_shows_it_and_tells_search_engines_of_it()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(host.Address + "/datasets/northmere-employment");
        await browser.UntilAsync("document.readyState === 'complete' && !!document.querySelector('h1')");
        var text = await browser.EvaluateAsync("document.body.innerText");
        foreach (var shown in (string[])["employment-by-industry", "2022-Q1 – 2023-Q2", "72 observations, 12 series", "Health and social work", "31.0", "Thousand", "REF_AREA"])
            text.ShouldContain(shown);
        var schema = JsonNode.Parse(await browser.EvaluateAsync("document.querySelector('script[type=\"application/ld+json\"]').textContent"))!;
        foreach (var required in (string[])["name", "description", "url", "identifier", "creator", "distribution", "temporalCoverage", "variableMeasured", "dateModified", "version"])
            schema[required].ShouldNotBeNull(required);
        ((string)schema["@type"]!).ShouldBe("Dataset");
        ((string)schema["description"]!).Length.ShouldBeInRange(50, 5000, "what Google's dataset search takes");
        (await browser.EvaluateAsync("getComputedStyle(document.body).margin")).ShouldBe("0px", "its own style is let in");
        (await browser.EvaluateAsync("document.querySelectorAll('script').length")).ShouldBe("1");
        (await browser.EvaluateAsync("document.documentElement.scrollWidth <= document.documentElement.clientWidth")).ShouldBe("true");
        browser.Errors.ShouldBeEmpty();

        var html = await host.Client.GetStringAsync("/datasets/lanyue-industry?lang=zh", Cancel);
        html.ShouldContain("<html lang=\"zh\">");
        html.ShouldContain("最新数值");
        foreach (var link in Regex.Matches(html, "(?:href)=\"([^\"]*)\"").Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).Where(l => l != "data:,").Distinct())
            (await host.Client.GetAsync(link, Cancel)).IsSuccessStatusCode.ShouldBeTrue(link);
        foreach (Match command in Regex.Matches(html, "<pre>curl &quot;([^<]*)&quot;</pre>"))
            (await host.Client.GetAsync(WebUtility.HtmlDecode(command.Groups[1].Value), Cancel)).IsSuccessStatusCode.ShouldBeTrue(command.Value);
    }

    [Fact]
    public async Task Where_a_dataset_has_many_dimensions_its_page_names_the_series_and_shows_the_value_beside()
    {
        await using var served = await Served.StartWholeAsync();
        await served.UploadAsync("many/many.csv", "year,region,shop,size,owner,season,persons\n2023,North,Bakery,Small,Private,Winter,7\n2023,South,Dairy,Large,Public,Summer,8\n"u8.ToArray());
        var html = await served.Client.GetStringAsync("/datasets/many?lang=en", Cancel);
        html.ShouldContain("<th scope=\"col\">Series</th><th scope=\"col\">Period</th>");
        html.ShouldContain("<td>North · Bakery · Small · Private · Winter</td><td class=\"period\">2023</td><td class=\"number\">7</td>");
    }

    [Fact]
    public async Task What_a_page_shows_of_an_upload_is_text_whatever_it_looks_like()
    {
        await using var served = await Served.StartAsync();
        var cube = Odd();
        cube.Title = new Dictionary<string, string> { ["zh\" onload=\"x"] = "</script><script>alert(1)</script>", ["en"] = "a & b <!-- <img src=x>" };
        await served.PublishAsync("hostile", cube);
        var html = await served.Client.GetStringAsync("/datasets/hostile", Cancel);
        html.Split("<script").Length.ShouldBe(2);
        html.Split("</script").Length.ShouldBe(2);
        html.ShouldNotContain("<img");
        html.ShouldNotContain("<!-- ");
        html.ShouldNotContain("zh\" onload");
        XDocument.Parse(await served.Client.GetStringAsync("/feed.atom", Cancel)).Root!.Name.LocalName.ShouldBe("feed");
        var address = served.Host.Host.Address.ToString().TrimEnd('/');
        Told(JsonNode.Parse(await OthersTools.NodeAsync("dcat.mjs", Cancel, Shapes, address, "catalog.EXT"))!["differ"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_sitemap_lists_every_page_and_is_cut_where_it_is_too_long()
    {
        XNamespace space = "http://www.sitemaps.org/schemas/sitemap/0.9";
        var robots = await host.Client.GetStringAsync("/robots.txt", Cancel);
        var map = XDocument.Parse(await host.Client.GetStringAsync(Regex.Match(robots, "^Sitemap: (.*)$", RegexOptions.Multiline).Groups[1].Value, Cancel));
        var pages = map.Root!.Elements(space + "url").Select(u => u.Element(space + "loc")!.Value).ToList();
        pages.ShouldContain(host.Address + "/datasets/northmere-employment");
        foreach (var page in pages)
            (await host.Client.GetAsync(page, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK, page);

        var version = new DatasetVersion { Version = 1, PublishedAt = DateTimeOffset.UnixEpoch, Release = "r", Mode = "update", File = "f", FileBytes = 1, StructureFile = "s", Observations = 1, Series = 1, Added = 1, Revised = 0, Removed = 0 };
        var many = Enumerable.Range(0, 100_000).Select(i => new DatasetSummary { Id = $"d{i}", Title = new Dictionary<string, string>(), Latest = version, Dimensions = [] }).ToList();
        (Sitemap.Pages(0), Sitemap.Pages(49_999), Sitemap.Pages(50_000), Sitemap.Pages(many.Count)).ShouldBe((1, 1, 2, 3));
        XDocument.Parse(Sitemap.Index("https://x", 3)).Root!.Elements(space + "sitemap").Select(s => s.Element(space + "loc")!.Value)
            .ShouldBe(["https://x/sitemap.xml?page=1", "https://x/sitemap.xml?page=2", "https://x/sitemap.xml?page=3"]);
        var all = Enumerable.Range(1, 3).Select(page => Regex.Matches(Sitemap.Page("https://x", many, page), "<loc>([^<]*)</loc>").Select(m => m.Groups[1].Value).ToList()).ToList();
        all.Select(a => a.Count).ShouldBe([50_000, 50_000, 1]);
        all.SelectMany(a => a).ShouldBe(["https://x/", .. many.Select(d => "https://x/datasets/" + d.Id)]);
    }

    [Fact]
    public async Task Every_answer_has_a_validator_and_HEAD_and_OPTIONS()
    {
        foreach (var address in OfCatalogue.Concat(OfDataset))
        {
            using var answer = await host.Client.GetAsync(address, Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, address);
            using var again = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "If-None-Match", answer.Headers.ETag!.ToString() } } };
            using var unchanged = await host.Client.SendAsync(again, Cancel);
            unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified, address);
            using var head = await host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, address), Cancel);
            (head.StatusCode, head.Headers.ETag, head.Content.Headers.ContentType).ShouldBe((HttpStatusCode.OK, answer.Headers.ETag, answer.Content.Headers.ContentType), address);
            using var options = await host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, address), Cancel);
            options.Content.Headers.Allow.ShouldBe(["GET", "HEAD", "OPTIONS"], address);
            using var other = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "Accept-Language", "zh" } } };
            using var chinese = await host.Client.SendAsync(other, Cancel);
            answer.Headers.Vary.Contains("Accept-Language").ShouldBe(chinese.Headers.ETag!.Tag != answer.Headers.ETag!.Tag, address + ": another language, another answer");
        }
    }

    [Fact]
    public async Task Every_service_that_the_catalogue_names_answers_where_it_says()
    {
        var catalogue = JsonNode.Parse(await host.Client.GetStringAsync("/catalog.jsonld", Cancel))!;
        var services = catalogue["@graph"]!.AsArray().Where(n => n!["dcat:endpointURL"] is not null).Select(n => new Uri((string)n!["dcat:endpointURL"]!["@id"]!)).ToList();
        services.Select(s => s.AbsolutePath).ShouldBe(["/v1", "/sdmx/v2", "/sdmx/v1", "/pxweb/v2", "/odata"]);
        foreach (var service in services)
        {
            (await host.Client.GetStringAsync(service, Cancel)).ShouldContain(service.AbsolutePath == "/v1" ? "/v1/datasets" : "northmere-employment", Case.Sensitive, service.AbsolutePath);
            using var head = await host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, service), Cancel);
            (head.StatusCode, (await head.Content.ReadAsByteArrayAsync(Cancel)).Length).ShouldBe((HttpStatusCode.OK, 0), service.AbsolutePath);
            using var options = await host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, service), Cancel);
            (options.StatusCode, options.Content.Headers.Allow.Contains("GET")).ShouldBe((HttpStatusCode.NoContent, true), service.AbsolutePath);
        }
        // Each of the templates is an address once its names are put in.
        var index = JsonNode.Parse(await host.Client.GetStringAsync("/v1", Cancel))!;
        var paths = JsonNode.Parse(await host.Client.GetStringAsync("/openapi.json", Cancel))!["paths"]!.AsObject();
        foreach (var (name, template) in index["templates"]!.AsObject())
            paths.ContainsKey(((string)template!).Split('?')[0]).ShouldBeTrue(name);
    }

    [Theory]
    [InlineData("text/turtle", "dcat.ttl")]
    [InlineData("application/ld+json", "dcat.jsonld")]
    // As jsonld.js and Jena ask.
    [InlineData("application/ld+json, application/json", "dcat.jsonld")]
    [InlineData("text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/ld+json;q=0.8,*/*;q=0.3", "dcat.ttl")]
    [InlineData("application/json, text/turtle;q=0.5", null)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", null)]
    [InlineData("*/*", null)]
    [InlineData("", null)]
    public async Task The_IRI_of_a_dataset_leads_to_its_description_in_the_form_that_is_asked_for(string accept, string? description)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(host.Address) };
        foreach (var (iri, at) in new[] { ("/v1/datasets/northmere-employment", "/v1/datasets/northmere-employment/"), ("/", "/") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, iri);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            using var answer = await client.SendAsync(request, Cancel);
            answer.Headers.Vary.ShouldContain("Accept", accept);
            if (description is null)
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                if (iri != "/")
                {
                    (answer.Content.Headers.ContentType!.MediaType, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["id"]).ShouldBe(("application/json", "northmere-employment"));
                    var links = string.Join(", ", answer.Headers.GetValues("Link"));
                    foreach (var link in (string[])["dcat.ttl>; rel=\"describedby\"", "dcat.jsonld>; rel=\"describedby\"", "</datasets/northmere-employment>; rel=\"alternate\""])
                        links.ShouldContain(link);
                }
                continue;
            }
            answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            answer.Headers.Location!.OriginalString.ShouldBe(at + (iri == "/" ? description.Replace("dcat", "catalog") : description));
            (await client.GetStringAsync(answer.Headers.Location, Cancel)).ShouldContain($"{host.Address}{(iri == "/" ? "/#catalog" : iri)}");
        }
        using var unknown = new HttpRequestMessage(HttpMethod.Get, "/v1/datasets/northmere-employmen");
        unknown.Headers.TryAddWithoutValidation("Accept", accept);
        (await client.SendAsync(unknown, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        // Its RDF is of the latest version; a named one is described in JSON alone.
        using var pinned = new HttpRequestMessage(HttpMethod.Get, "/v1/datasets/northmere-employment?version=1");
        pinned.Headers.TryAddWithoutValidation("Accept", accept);
        (await client.SendAsync(pinned, Cancel)).Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Theory]
    [InlineData("/catalog.jsonld?page=0", 400, "number-out-of-range")]
    [InlineData("/catalog.jsonld?page=2", 400, "number-out-of-range")]
    [InlineData("/catalog.jsonld?page=99999999999999999999", 400, "number-out-of-range")]
    [InlineData("/catalog.ttl?limit=1001", 400, "limit-out-of-range")]
    [InlineData("/catalog.ttl?limit=x", 400, "malformed-value")]
    [InlineData("/catalog.ttl?pag=1", 400, "unknown-parameter")]
    [InlineData("/catalog.ttl?page=1&page=1", 400, "malformed-value")]
    [InlineData("/data.json?page=2", 400, "number-out-of-range")]
    [InlineData("/sitemap.xml?page=2", 400, "number-out-of-range")]
    [InlineData("/feed.atom?page=21", 400, "number-out-of-range")]
    [InlineData("/v1/datasets/northmere-employment/feed.atom?page=2", 400, "number-out-of-range")]
    [InlineData("/v1/datasets/northmere-employmen/feed.atom", 404, "unknown-dataset")]
    [InlineData("/v1/datasets/northmere-employmen/dcat.ttl", 404, "unknown-dataset")]
    [InlineData("/v1/datasets/northmere-employment/dcat.ttl?version=1", 400, "unknown-parameter")]
    [InlineData("/v1/datasets/northmere-employment/croissant.json?version=2", 404, "unknown-version")]
    [InlineData("/v1/datasets/northmere-employment/croissant.json?asOf=1999-01-01", 404, "unknown-version")]
    [InlineData("/v1/datasets/northmere-employment/data.csv-metadata.json?format=json", 400, "conflicting-parameters")]
    [InlineData("/v1/datasets/northmere-employment/data.csv-metadata.json?layout=wide", 400, "conflicting-parameters")]
    [InlineData("/v1/datasets/northmere-employment/data.csv-metadata.json?SEX=X", 400, "unknown-code")]
    [InlineData("/v1/datasets/northmere-employment/datapackage.json?limit=1", 400, "unknown-parameter")]
    [InlineData("/v1/datasets/northmere-employment/datapackage.json?version=1&asOf=2999-01-01", 400, "conflicting-parameters")]
    public async Task A_bad_request_is_told_as_a_problem(string address, int status, string code)
    {
        using var answer = await host.Client.GetAsync(address, Cancel);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;
        ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, (string?)problem["code"]).ShouldBe((status, "application/problem+json", code));
    }

    [Theory]
    [InlineData("/datasets/northmere-employmen", 404, "<a href=\"/datasets/northmere-employment\">")]
    [InlineData("/datasets/%3Cscript%3E", 404, "&lt;script&gt;")]
    [InlineData("/datasets/northmere-employment?version=7", 404, "has no version 7")]
    [InlineData("/datasets/northmere-employment?x=1", 400, "no parameter")]
    public async Task A_bad_address_of_a_page_is_told_as_a_page(string address, int status, string shown)
    {
        using var answer = await host.Client.GetAsync(address, Cancel);
        var html = await answer.Content.ReadAsStringAsync(Cancel);
        ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType).ShouldBe((status, "text/html"));
        html.ShouldContain(shown);
        html.ShouldNotContain("<script");
    }

    [Fact]
    public async Task A_page_that_is_not_there_lists_those_that_are_in_the_language_that_is_read()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(host.Address + "/datasets/none?lang=zh");
        await browser.UntilAsync("document.readyState === 'complete' && !!document.querySelector('h1')");
        (await browser.EvaluateAsync("document.documentElement.lang + document.querySelector('.lead').textContent")).ShouldBe("zh没有数据集“none”。");
        (await browser.EvaluateAsync("String(document.querySelector('li a[href=\"/datasets/northmere-employment\"]') !== null)")).ShouldBe("true");
        (await browser.EvaluateAsync("getComputedStyle(document.querySelector('main')).maxWidth")).ShouldBe("832px", "it is styled as the others are");
        browser.Errors.Where(e => !e.Contains("404", StringComparison.Ordinal)).ShouldBeEmpty();
        (await host.Client.GetStringAsync("/datasets/northmere-employment?lang=en", Cancel)).ShouldContain("role=\"region\" aria-label=\"Dimensions\"><table>\n<tr><th scope=\"col\">Dimension</th>");
    }

    [Fact]
    public async Task A_long_title_without_spaces_makes_no_page_wider_than_a_telephone()
    {
        await using var served = await Served.StartWholeAsync();
        ((string?)(await served.UploadAsync("long/long.csv?title=" + new string('x', 300), "REF_AREA,TIME_PERIOD,OBS_VALUE\n650100,2022,1.5\n"u8.ToArray()))["state"]).ShouldBe("published");
        await using var browser = await Browser.StartAsync();
        foreach (var path in (string[])["/datasets/long", "/", "/datasets/" + new string('y', 200)])
        {
            await browser.OpenAsync(served.Host.Host.Address + path[1..]);
            await browser.UntilAsync($"location.pathname === '{path}' && document.readyState === 'complete'");
            (await browser.EvaluateAsync("(document.body.style.width = '400px', document.querySelector('main').scrollWidth <= 400)")).ShouldBe("true", path);
        }
    }

    private static string Joined(JsonNode? list) => string.Join(", ", Told(list));

    private static List<string> Told(JsonNode? list) => [.. list!.AsArray().Select(item => item!.ToString())];

    // Codes and titles that each form has to escape; a country, and a state that shares a country's code.
    private static Cube Odd(bool withNote = false)
    {
        List<Component> components =
        [
            new(Concepts.Freq, ComponentRole.Dimension),
            new(Concepts.RefArea, ComponentRole.Dimension) { Labels = new Dictionary<string, string> { ["en"] = "Area", ["zh"] = "地区" } },
            new("PRODUCT", ComponentRole.Dimension),
            new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute),
            new(Concepts.UnitMeasure, ComponentRole.Attribute),
            new(Concepts.UnitMult, ComponentRole.Attribute),
        ];
        if (withNote)
            components.Add(new("NOTE", ComponentRole.Attribute));
        var cube = new Cube(components, []) { Title = new Dictionary<string, string> { ["zh"] = "a \"b\"\n<c> \\ 一二", ["en"] = "Odd" } };
        var number = 1;
        Span<int> codes = stackalloc int[components.Count];
        foreach (var (area, label, product, period, value) in new[] { ("CN", "China", "a,\"b\"", "2022", 7.0m), ("CN", "China", "a,\"b\"", "2023", 1234567890.123456789m), ("AL", "Alabama", "=1+1", "2022", (decimal?)null), ("AL", "Alabama", "=1+1", "2023", -0.5m) })
        {
            codes[0] = components[0].Codes.Add("A");
            codes[1] = components[1].Codes.Add(new Code(area) { Labels = new Dictionary<string, string> { ["en"] = label } });
            codes[2] = components[2].Codes.Add(product);
            codes[3] = components[3].Codes.Add(period);
            codes[4] = components[4].Codes.Add(value is null ? "M" : "A");
            codes[5] = components[5].Codes.Add(new Code("T") { Labels = new Dictionary<string, string> { ["en"] = "Tonnes", ["zh"] = "吨" } });
            codes[6] = components[6].Codes.Add("0");
            if (withNote)
                codes[7] = components[7].Codes.Add(area == "CN" ? "-x" : "");
            cube.Observations.Add(codes, value, Source.Cell(++number, 3));
        }
        return cube;
    }
}
