using System.Net;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Functions;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>What is told where nothing answers.</summary>
public sealed class UnknownAddressTests(SampleHost host) : IClassFixture<SampleHost>
{
    private const string OfBrowser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/datasets", "/v1/datasets", true)]
    [InlineData("/v1/dataset", "/v1/datasets", true)]
    [InlineData("/V1/Datasets/northmere-employment/dta", "/v1/datasets/northmere-employment/data", true)]
    [InlineData("/api/v1//datasets", "/v1/datasets", true)]
    [InlineData("/dataset/northmere-employment", "/v1/datasets/northmere-employment", true)]
    [InlineData("/v1/dataset/northmere-employmen", "/v1/datasets/northmere-employmen", false)]
    [InlineData("/v1/datasets/northmere-employment/version?limit=5", "/v1/datasets/northmere-employment/versions?limit=5", false)]
    [InlineData("/serach", "/v1/search", false)]
    [InlineData("/releases", "/v1/releases", false)]
    [InlineData("/pxweb/v1/tables", "/pxweb/v2/tables", true)]
    [InlineData("/pxweb", "/pxweb/v2", true)]
    [InlineData("/sdmx", "/sdmx/v2", true)]
    [InlineData("/v1/datasets/a/b/c/d", null, false)]
    [InlineData("/wp-login.php", null, false)]
    [InlineData("/v2/%E7%BB%9F%E8%AE%A1", null, false)]
    public async Task A_slip_in_a_path_is_told_with_what_is_meant_and_that_is_tried(string address, string? meant, bool isTried)
    {
        using var answer = await host.Client.GetAsync(address, Cancel);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!;
        ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, (string?)problem["code"]).ShouldBe((404, "application/problem+json", "route-unknown"));
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        ((string?)problem["didYouMean"], (string?)problem["try"]).ShouldBe((meant, isTried ? meant : null));
        if (isTried)
            (await host.Client.GetAsync(meant, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        // Nothing is there whatever the method is, and nothing of another method can be tried.
        using var posted = await host.Client.PostAsync(address, null, Cancel);
        posted.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await posted.Content.ReadAsStringAsync(Cancel)).ShouldNotContain("\"try\"");
        using var head = await host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, address), Cancel);
        (head.StatusCode, (await head.Content.ReadAsByteArrayAsync(Cancel)).Length).ShouldBe((HttpStatusCode.NotFound, 0));
    }

    [Theory]
    [InlineData("/datasets", "en", "<a href=\"/v1/datasets\">")]
    [InlineData("/dataset/northmere-employment", "en", "<a href=\"/datasets/northmere-employment\">")]
    [InlineData("/doc", "zh-CN", "是否要找：<a href=\"/docs\">")]
    [InlineData("/v1/dataset?q=%22%3E%3Cscript%3E", "en", "q=%22%3E%3Cscript%3E\">")]
    [InlineData("/%3Cscript%3E", "en", "There is nothing at this address.")]
    public async Task A_browser_is_shown_a_page(string address, string language, string shown)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept", OfBrowser);
        request.Headers.TryAddWithoutValidation("Accept-Language", language);
        using var answer = await host.Client.SendAsync(request, Cancel);
        var html = await answer.Content.ReadAsStringAsync(Cancel);
        ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType).ShouldBe((404, "text/html"));
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
        html.ShouldContain(shown);
        html.ShouldNotContain("<script");
        foreach (var link in Regex.Matches(html, "<a href=\"([^\"]*)\"").Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)))
            ((int)(await host.Client.GetAsync(link, Cancel)).StatusCode).ShouldBeLessThan(400, link);
    }

    [Fact]
    public void The_first_route_that_fits_by_the_functions_names_is_the_one_that_is_meant()
    {
        // Unlike ASP.NET, the Functions host knows no precedence of routes: it takes the functions in the order of their names.
        var routes = typeof(DatasetFunctions).Assembly.GetTypes().Where(t => t.Namespace == typeof(DatasetFunctions).Namespace).SelectMany(t => t.GetMethods())
            .Select(m => (Function: m.GetCustomAttribute<FunctionAttribute>(), Trigger: m.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(t => t is not null)))
            .Where(f => f.Trigger is not null).Select(f => (f.Function!.Name, Route: f.Trigger!.Route!.TrimStart('/'), f.Trigger.Methods))
            .OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase).ToList();
        routes.Count.ShouldBeGreaterThan(50);
        foreach (var (name, route, methods) in routes)
        {
            // A route for some methods leaves the others to what comes behind it: a file may be called approve.
            var method = methods.FirstOrDefault() ?? "get";
            var address = "/" + Regex.Replace(route, @"\{\*?[a-z]+\}", "zz");
            routes.First(r => (r.Methods.Length == 0 || r.Methods.Contains(method)) && new TemplateMatcher(TemplateParser.Parse(r.Route), []).TryMatch(address, [])).Name.ShouldBe(name, address);
        }
    }
}
