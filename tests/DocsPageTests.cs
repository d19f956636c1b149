using System.Text.RegularExpressions;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The pages for people: in a real browser, and as HTML.</summary>
public sealed class DocsPageTests(SampleHost host) : IClassFixture<SampleHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_shows_the_operations_and_tries_a_request_and_asks_nobody_else()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(host.Address + "/docs#tag/data/GET/v1/datasets/{dataset}/data");
        const string button = "[...document.querySelectorAll('button')].find(b => b.textContent.includes('Test Request') && b.textContent.includes('/v1/datasets/{dataset}/data)'))";
        await browser.UntilAsync($"!!{button}");
        var text = await browser.EvaluateAsync("document.body.innerText");
        foreach (var summary in (string[])["Search the catalogue", "Get observations", "Query observations", "Upload a release", "Check a file without storing it"])
            text.ShouldContain(summary);
        text.ShouldNotContain("The headers of GET");

        await browser.EvaluateAsync($"{button}.click()");
        const string send = "[...document.querySelectorAll('button')].find(b => /^\\s*Send/.test(b.textContent))";
        await browser.UntilAsync($"!!{send}");
        await browser.EvaluateAsync($"{send}.click()");
        await browser.UntilAsync("document.body.innerText.includes('200 OK')");
        await LocalHost.UntilAsync(async () => { await browser.EvaluateAsync("1"); return browser.Asked.Any(a => a.AbsolutePath.EndsWith("/data", StringComparison.Ordinal)); }, "the request");
        if (Environment.GetEnvironmentVariable("PIPELINE_SCREENSHOT") is { } file)
            await File.WriteAllBytesAsync(file, await browser.ScreenshotAsync(), Cancel);

        browser.Asked.Where(a => a.Scheme is not ("data" or "blob" or "about") && a.GetLeftPart(UriPartial.Authority) != host.Address).ShouldBeEmpty();
        browser.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_page_of_another_site_reads_answers_with_all_their_headers()
    {
        await using var browser = await Browser.StartAsync();
        // Another origin on the same machine; a page without rules of its own.
        await browser.OpenAsync(host.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) + "/v1/limits");
        await browser.UntilAsync("location.hostname === 'localhost'");
        await browser.EvaluateAsync($$"""
            (async () => {
              const data = await fetch('{{host.Address}}/v1/datasets/northmere-employment/data?limit=2');
              const query = await fetch('{{host.Address}}/v1/datasets/northmere-employment/query', { method: 'POST', body: '{"limit":2}', headers: { 'Content-Type': 'application/json', traceparent: '00-1-1-00' } });
              const odata = await fetch('{{host.Address}}/odata/northmere-employment/Observations?$top=1');
              window.found = [data.headers.get('ETag').length, data.headers.get('Link'), query.headers.get('Next-Cursor').length > 0, odata.headers.get('OData-Version')].join(' ');
            })().catch(e => { window.found = 'refused: ' + e; })
            """);
        await browser.UntilAsync("!!window.found");
        (await browser.EvaluateAsync("window.found")).ShouldMatch("^34 <.*>; rel=\"next\" true 4\\.01$");
    }

    [Fact]
    public async Task The_front_door_lists_the_datasets_with_links_that_work()
    {
        var (html, answer) = await HomeAsync(host.Client, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; style-src 'sha256-");
        html.ShouldContain("northmere-employment");
        html.ShouldContain("<meta name=\"description\"");
        html.ShouldNotContain("<script");
        var links = Regex.Matches(html, "(?:href|src)=\"([^\"]*)\"").Select(m => m.Groups[1].Value).Where(link => link != "data:,").ToList();
        links.Count.ShouldBeGreaterThan(10);
        foreach (var link in links)
        {
            link.ShouldStartWith("/");
            using var linked = await host.Client.GetAsync(link, Cancel);
            linked.IsSuccessStatusCode.ShouldBeTrue(link);
        }
        foreach (var accept in (string[])["", "*/*", "application/json", "text/html;q=0.1, application/json"])
            (await HomeAsync(host.Client, accept)).Answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json", accept);
    }

    [Fact]
    public async Task What_the_front_door_shows_of_an_upload_is_text_whatever_it_looks_like()
    {
        await using var served = await Served.StartAsync();
        var empty = (await HomeAsync(served.Client, "text/html")).Html;
        empty.ShouldContain("Nothing is published yet");
        var cube = Cubes.Of([new Row("650000", "2022", 5.20m, "A", "PT")]);
        cube.Title = new Dictionary<string, string> { ["zh\" onload=\"x"] = "<script>alert('工业')</script>", ["en"] = "a & b \"c\"</h3><img src=x>" };
        await served.PublishAsync("hostile", cube);
        await LocalHost.UntilAsync(async () => (await HomeAsync(served.Client, "text/html")).Html.Contains("hostile"), "the dataset");
        var html = (await HomeAsync(served.Client, "text/html")).Html;
        html.ShouldContain("&lt;script&gt;alert(&#x27;工业&#x27;)&lt;/script&gt;");
        html.ShouldContain("lang=\"zh&quot; onload=&quot;x\"");
        html.ShouldNotContain("<img");
        html.ShouldNotContain("<script");
    }

    [Fact]
    public async Task The_front_door_breaks_none_of_its_own_rules_in_a_browser()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(host.Address + "/");
        await browser.UntilAsync("document.readyState === 'complete' && document.querySelectorAll('li').length > 1");
        (await browser.EvaluateAsync("getComputedStyle(document.querySelector('li')).listStyleType")).ShouldBe("none");
        browser.Errors.ShouldBeEmpty();
        browser.Asked.Where(a => a.Scheme != "data").ShouldBe([new Uri(host.Address + "/")]);
    }

    [Fact]
    public async Task The_front_door_speaks_Chinese_to_who_reads_it()
    {
        foreach (var (languages, language) in ((string, string)[])[("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,zh;q=0.5", "en"), ("fi", "en")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.TryAddWithoutValidation("Accept", "text/html");
            request.Headers.TryAddWithoutValidation("Accept-Language", languages);
            using var answer = await host.Client.SendAsync(request, Cancel);
            var html = await answer.Content.ReadAsStringAsync(Cancel);
            html.ShouldContain($"<html lang=\"{language}\">");
            html.Contains("个数据集", StringComparison.Ordinal).ShouldBe(language == "zh", html);
            answer.Headers.Vary.ShouldContain("Accept-Language");
        }
    }

    private static async Task<(string Html, HttpResponseMessage Answer)> HomeAsync(HttpClient client, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (accept.Length > 0)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        var answer = await client.SendAsync(request, Cancel);
        return (await answer.Content.ReadAsStringAsync(Cancel), answer);
    }
}
