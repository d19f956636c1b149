using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>An error for a person with a browser: what is wrong, and a link to what is meant.</summary>
internal static class ProblemPage
{
    /// <summary>Whether who asks would rather have a page than problem details.</summary>
    public static bool IsWanted(HttpRequest request) => Negotiation.MediaType(request.Headers.Accept, ["application/problem+json", "text/html"]) == 1;

    /// <summary>The form of errors where pages and programs meet.</summary>
    public static (string ContentType, byte[] Body) OrDetails(HttpContext context, ProblemException problem) =>
        IsWanted(context.Request) ? Form(context, problem) : ("application/problem+json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(problem.ToJson(context.Request.Path.Value ?? "/"), Json.Options));

    /// <summary>The form of errors of pages.</summary>
    public static (string ContentType, byte[] Body) Form(HttpContext context, ProblemException problem)
    {
        context.Response.Headers.ContentSecurityPolicy = DatasetPage.Policy;
        // What was asked for may be the very thing that is wrong: what is no tag says nothing here.
        var languages = LanguageTags.Lookup([.. context.Request.Query["lang"].ToString().Split(','), .. LanguageTags.Accepted(context.Request.Headers.AcceptLanguage)]);
        return ("text/html; charset=utf-8", Write(problem, [.. languages]));
    }

    /// <summary>The page, in the language of the reader as far as the error is one that readers meet.</summary>
    private static byte[] Write(ProblemException problem, IReadOnlyList<string> languages)
    {
        var isChinese = DatasetPage.SpokenOf(languages) == "zh";
        var chinese = !isChinese ? null : problem.Code switch
        {
            "unknown-dataset" => $"没有数据集“{problem.Value}”。",
            "unknown-version" => "该数据集没有这个版本。",
            "route-unknown" => "此地址没有内容。",
            _ => null,
        };
        // Where the link is there, the sentence need not say it again.
        var english = problem.Code == "route-unknown" ? "There is nothing at this address." : problem.Message;
        var html = HtmlPage.Begin(isChinese, problem.Status.ToString(CultureInfo.InvariantCulture), DatasetPage.Style, "");
        html.Append($"""
            <p class="soft"><a href="/">{(isChinese ? "全部数据集" : "All datasets")}</a> · <a href="/docs">{(isChinese ? "接口文档" : "The API")}</a></p>
            <h1>{problem.Status}</h1>
            <p class="lead"{(isChinese && chinese is null ? " lang=\"en\"" : "")}>{HtmlPage.Text(chinese ?? english)}</p>

            """);
        var meant = problem.Code == "unknown-dataset" && problem.DidYouMean is { } id ? (DatasetPage.Address("", id), id)
            : problem.Code == "route-unknown" && problem.DidYouMean is { } address ? (address, address)
            : problem.Try is { } corrected ? (corrected, corrected) : default;
        if (meant != default)
            html.Append($"<p>{(isChinese ? "是否要找：" : "Perhaps: ")}<a href=\"{HtmlPage.Text(meant.Item1)}\">{HtmlPage.Text(meant.Item2)}</a></p>\n");
        if (problem is { Code: "unknown-dataset", Expected: JsonArray { Count: > 0 } known })
            html.Append("<ul>\n").AppendJoin("", known.Select(id => (string)id!).Select(id => $"<li><a href=\"{DatasetPage.Address("", id)}\">{HtmlPage.Text(id)}</a></li>\n")).Append("</ul>\n");
        return HtmlPage.End(html);
    }
}
