using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Pipeline.Serving;

/// <summary>What the pages for people with browsers have in common. Each is one file without a program and with nothing from elsewhere.</summary>
internal static class HtmlPage
{
    /// <summary>The style that they have in common.</summary>
    internal const string Ground = """
        :root { color-scheme: light dark; --ink: #1b2430; --soft: #566173; --line: #dde2ea; --paper: #fff; --ground: #f5f7fa; --accent: #0b5cad; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8ecf2; --soft: #9aa6b8; --line: #2c3543; --paper: #171d27; --ground: #10151d; --accent: #7ab8ff; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
        main { max-width: 52rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
        h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.02em; }
        h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
        h1, h2, p, li { overflow-wrap: anywhere; }
        p { margin: 0 0 1rem; }
        a { color: var(--accent); text-underline-offset: .15em; }
        .lead { font-size: 1.1rem; color: var(--soft); max-width: 40rem; }
        .start a { display: inline-block; margin: 0 1rem .5rem 0; }
        .start a:first-child { background: var(--accent); color: var(--paper); padding: .45rem .9rem; border-radius: .4rem; text-decoration: none; }

        """;

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>
    /// What a browser may do with a page: show it and its style, and ask this host, as tools that judge pages do for robots.txt.
    /// Titles come from uploads; were one ever not escaped, it still could do nothing.
    /// </summary>
    public static string PolicyFor(string style) =>
        $"default-src 'none'; style-src '{PageApi.HashOf(style)}'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Begins a page: its head, and its body up to where the heading stands.</summary>
    /// <param name="isChinese">Whether it speaks Chinese rather than English.</param>
    /// <param name="title">Its title, as text.</param>
    /// <param name="style">Its style.</param>
    /// <param name="head">What else its head says, as HTML in whole lines.</param>
    public static StringBuilder Begin(bool isChinese, string title, string style, string head) => new($"""
        <!doctype html>
        <html lang="{(isChinese ? "zh" : "en")}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Text(title)}</title>
        {head}<link rel="icon" href="data:,">
        <style>{style}</style>
        </head>
        <body>
        <main>

        """);

    /// <summary>Ends a page and gives it as UTF-8.</summary>
    public static byte[] End(StringBuilder html) => Encoding.UTF8.GetBytes(html.Append("</main>\n</body>\n</html>\n").ToString());

    /// <summary>A text as HTML.</summary>
    public static string Text(string text) => Encoder.Encode(text);
}
