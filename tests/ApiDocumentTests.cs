using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Pipeline.Local;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>What is said about the API is so: the OpenAPI document, docs/api.md, and the links in the answers.</summary>
public sealed partial class ApiDocumentTests(SampleHost host) : IClassFixture<SampleHost>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_document_lints_clean()
    {
        var tools = await OthersTools.InstalledAsync(Cancel);
        var redocly = Path.Combine(tools, "node_modules", "@redocly", "cli", "bin", "cli.js");
        var (runs, why) = await OthersTools.FindAsync("node", redocly, "--version");
        Assert.SkipUnless(runs, $"Redocly does not run on this Node.js: {why}");
        var document = Path.Combine(Directory.CreateTempSubdirectory("pipeline-openapi-").FullName, "openapi.json");
        await File.WriteAllTextAsync(document, await host.Client.GetStringAsync("/openapi.json", Cancel), Cancel);
        // The recommended rules and the structure of OpenAPI 3.1; a warning counts as an error.
        var (code, output) = await OthersTools.RunAsync("node", [redocly, "lint", "--format=github-actions", "--max-problems=100", document], tools, Cancel);
        Directory.Delete(Path.GetDirectoryName(document)!, true);
        code.ShouldBe(0, output);
        output.ShouldNotContain("::warning");
        output.ShouldNotContain("::error");
    }

    [Fact]
    public async Task Every_example_request_is_answered_as_the_document_says()
    {
        var document = JsonNode.Parse(await host.Client.GetStringAsync("/openapi.json", Cancel))!.AsObject();
        var schema = new JsonSchema(document);
        var (wrong, unasked, asked) = (new List<string>(), new List<string>(), 0);
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var parameters = (operation!["parameters"]?.AsArray() ?? []).Select(p => schema.Resolve(p!.AsObject())).ToList();
                foreach (var parameter in parameters.Where(p => JsonSchema.ExampleOf(p) is not null))
                    wrong.AddRange(schema.Check(parameter["schema"]!.AsObject(), JsonSchema.ExampleOf(parameter)).Select(e => $"{method} {path}: example of {parameter["name"]}: {e}"));
                if (parameters.Any(p => p["required"] is not null && JsonSchema.ExampleOf(p) is null))
                {
                    unasked.Add(path);
                    continue;
                }
                // Without any optional parameter, then with each of them alone, then in each format.
                foreach (var optional in parameters.Where(p => p["required"] is null && JsonSchema.ExampleOf(p) is not null).Prepend(null))
                {
                    var address = parameters.Where(p => (string)p["in"]! == "path").Aggregate(path, (a, p) => a.Replace($"{{{p["name"]}}}", Uri.EscapeDataString((string)JsonSchema.ExampleOf(p)!)));
                    var query = parameters.Where(p => (string)p["in"]! == "query" && (p["required"] is not null || p == optional)).SelectMany(p => JsonSchema.ExampleOf(p) is JsonObject several
                        ? several.Select(e => (e.Key, Value: e.Value!.ToString())) : [((string)p["name"]!, JsonSchema.ExampleOf(p)!.ToString())]).ToList();
                    var types = operation["responses"]!["200"]?["content"]?.AsObject().Select(c => c.Key).ToList() ?? [];
                    foreach (var accept in optional is null && types.Count > 0 ? types : [""])
                    {
                        var at = address + (query.Count == 0 ? "" : "?" + string.Join('&', query.Select(q => $"{q.Item1}={Uri.EscapeDataString(q.Item2)}")));
                        wrong.AddRange((await AskAsync(schema, method, at, operation, accept)).Select(e => $"{method} {at} ({accept}): {e}"));
                        asked++;
                    }
                }
            }
        }
        wrong.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(70);
        // No sample is held; HistoryTests asks these.
        unasked.ShouldBe(["/v1/releases/{release}/approve", "/v1/releases/{release}/reject"]);
    }

    [Fact]
    public async Task Generators_and_the_page_to_try_it_can_take_the_document()
    {
        var document = JsonNode.Parse(await host.Client.GetStringAsync("/openapi.json", Cancel))!.AsObject();
        var schema = new JsonSchema(document);
        var operations = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Select(o => o.Value!.AsObject()).ToList();
        // A range of statuses, and files that differ only in case, are nothing that all of them can make code of.
        operations.SelectMany(o => o["responses"]!.AsObject()).ShouldAllBe(r => r.Key.All(char.IsAsciiDigit));
        document["components"]!.AsObject().SelectMany(c => c.Value!.AsObject()).Select(c => c.Key.ToLowerInvariant()).ShouldBeUnique();
        // What stands beside an optional parameter Scalar sends unasked; only a page's size suits every dataset.
        operations.SelectMany(o => o["parameters"]?.AsArray() ?? []).Select(p => schema.Resolve(p!.AsObject())).Where(p => p["required"] is null && p["example"] is not null)
            .Select(p => (string)p["name"]!).Distinct().ShouldBe(["limit", "$top"], ignoreOrder: true);
    }

    [Fact]
    public async Task Every_link_in_every_answer_leads_somewhere()
    {
        var (seen, waiting, broken) = (new HashSet<string>(), new Queue<string>(["/", "/v1/datasets?limit=1", "/v1/releases?dataset=northmere-employment"]), new List<string>());
        while (waiting.TryDequeue(out var address))
        {
            if (!seen.Add(address))
                continue;
            var isQuery = address.EndsWith("/query", StringComparison.Ordinal);
            using var answer = isQuery ? await host.Client.PostAsync(address, new StringContent("{}"), Cancel) : await host.Client.GetAsync(address, Cancel);
            if (!answer.IsSuccessStatusCode)
                broken.Add($"{(int)answer.StatusCode} {address}");
            else if (answer.Content.Headers.ContentType!.MediaType == "application/json" && address != "/openapi.json")
                Collect(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel)));
        }
        broken.ShouldBeEmpty();
        seen.Count.ShouldBeGreaterThan(30);

        void Collect(JsonNode? node)
        {
            if (node is JsonObject json)
            {
                foreach (var (name, value) in json)
                {
                    if (name == "next")
                        waiting.Enqueue((string)value!);
                    else if (name == "links")
                        value!.AsObject().SelectMany(l => l.Value is JsonArray several ? several : (IEnumerable<JsonNode?>)[l.Value]).ToList().ForEach(l => waiting.Enqueue((string)l!));
                    else
                        Collect(value);
                }
            }
            else if (node is JsonArray list)
            {
                foreach (var item in list)
                    Collect(item);
            }
        }
    }

    /// <summary>The manuals whose commands are run: the API's, and one a face.</summary>
    public static IEnumerable<TheoryDataRow<string>> Manuals =>
        Directory.GetFiles(Path.Combine(Settings.Root, "docs"), "api*.md").Order(StringComparer.Ordinal).Select(f => new TheoryDataRow<string>(Path.GetFileName(f)));

    [Theory]
    [MemberData(nameof(Manuals))]
    public async Task The_commands_of_the_manual_answer_as_it_shows(string file)
    {
        var (sh, why) = await OthersTools.FindAsync("sh", "-c", "command -v curl");
        Assert.SkipUnless(sh, $"docs/{file} is tried with sh and curl: {why}");
        var folder = Directory.CreateTempSubdirectory("pipeline-manual-").FullName;
        try
        {
            var blocks = Block().Matches(Manual(file)).Select(m => (Language: m.Groups[1].Value, Text: m.Groups[2].Value)).ToList();
            if (file == "api.md")
                blocks.Select(b => b.Language).Distinct().ShouldBe(["sh", "json", "csv", "python", "text", "r", "sql"], ignoreOrder: true);
            blocks.Count(b => b.Language == "sh").ShouldBeGreaterThan(file == "api.md" ? 10 : 0);
            var answer = "";
            var missing = new List<string>();
            foreach (var (language, text) in blocks)
            {
                if (language is "sh" or "python" or "r" or "sql")
                {
                    // Where its tool is not here, the rest of the manual is tried all the same, and the test then says what was not.
                    (answer, var lacks) = (null!, await LackingAsync(language, text));
                    if (lacks is not null)
                        missing.Add(lacks);
                    else
                        answer = language == "sql" ? Sql(text, folder) : await RunAsync(language, text, folder);
                }
                else
                {
                    language.ShouldBeOneOf("json", "csv", "text", "xml");
                    if (answer is not null)
                        Matches(text, answer).ShouldBeTrue($"Shown:\n{text}\nCame:\n{answer}");
                }
            }
            Assert.SkipUnless(missing.Count == 0, $"Not everything in docs/{file} could be tried: {string.Join("; ", missing)}");
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public void The_links_of_the_manuals_lead_somewhere()
    {
        var broken = new List<string>();
        string[] files = [.. Directory.GetFiles(Settings.Root, "*.md"), .. Directory.GetFiles(Path.Combine(Settings.Root, "docs"), "*.md")];
        foreach (var file in files)
        {
            foreach (var link in Link().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal)))
            {
                var (path, anchor) = link.Split('#') is [var p, var a] ? (p, a) : (link, "");
                var target = path.Length == 0 ? file : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, path));
                if (!Path.Exists(target) || (anchor.Length > 0 && !Heading().Matches(File.ReadAllText(target)).Any(h => Anchor(h.Groups[1].Value.TrimEnd()) == anchor)))
                    broken.Add($"{Path.GetFileName(file)}: {link}");
            }
        }
        broken.ShouldBeEmpty();

        // As GitHub makes them: lower case, spaces as hyphens, no other signs.
        static string Anchor(string heading) => string.Concat(heading.ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');
    }

    [Fact]
    public void The_manual_lists_exactly_the_codes_that_there_are()
    {
        var listed = ((string[])["api.md", "api-find.md"]).SelectMany(file => Regex.Matches(Manual(file)[Manual(file).IndexOf("## Errors", StringComparison.Ordinal)..], @"^\| `([a-z-]+)` \| (\d+) ", RegexOptions.Multiline))
            .Select(m => m.Groups[1].Value).ToList();
        listed.ShouldBeUnique();
        // Where a problem is made, its code stands as a literal: as an argument, or as the default of one.
        var serving = Path.Combine(Settings.Root, "shared", "Serving");
        string[] files = [.. ((string[])["", "Find", "Formats"]).SelectMany(folder => Directory.GetFiles(Path.Combine(serving, folder), "*.cs")), Path.Combine(Settings.Root, "local", "HttpFunctions.cs")];
        string[] raised = ["unknown-", "malformed-", "invalid-", "not-", "too-", "key-", "route-", "method-", "limit-", "number-", "missing-", "conflicting-", "units-", "measures-", "counts-", "request-", "internal-", "storage-",
            "body-", "upload-", "no-longer-", "precondition-"];
        var literals = files.SelectMany(f => Regex.Matches(File.ReadAllText(f), "\"([a-z]+(?:-[a-z]+)+)\"").Select(m => m.Groups[1].Value)).ToHashSet();
        // Every kebab-case literal is a code, but for these.
        literals.ExceptWith(["json-stat", "no-store", "search-words", "sdmx-csv", "x-functions-key"]);
        literals.Where(l => !raised.Any(l.StartsWith)).ShouldBeEmpty();
        listed.Order(StringComparer.Ordinal).ShouldBe(literals.Order(StringComparer.Ordinal));
        // The OpenAPI document names no others, and all that a described operation can raise.
        var described = Regex.Matches(Served.OpenApiText(), "`([a-z]+(?:-[a-z]+)+)`").Select(m => m.Groups[1].Value).ToHashSet();
        described.ExceptWith(["x-ms-meta-title"]);
        described.Except(literals).ShouldBeEmpty();
        literals.Except(described).ShouldBe(["route-unknown", "method-not-allowed", "storage-unavailable"], ignoreOrder: true);
    }

    private static string Manual(string file = "api.md") => File.ReadAllText(Path.Combine(Settings.Root, "docs", file)).ReplaceLineEndings("\n");

    private async Task<List<string>> AskAsync(JsonSchema schema, string method, string address, JsonNode operation, string accept)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (accept.Length > 0)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (operation["requestBody"]?["content"]?.AsObject().First() is { } content)
        {
            var example = content.Value!["example"] ?? schema.Resolve(content.Value["schema"]!.AsObject())["example"] ?? throw new InvalidOperationException($"{address} has no example body");
            request.Content = new StringContent(example is JsonObject ? example.ToJsonString() : (string)example!, Encoding.UTF8, content.Key);
            if (example is JsonObject && schema.Check(content.Value["schema"]!.AsObject(), example) is { Count: > 0 } errors)
                return errors;
        }
        using var answer = await host.Client.SendAsync(request, Cancel);
        if (!answer.IsSuccessStatusCode || operation["responses"]![((int)answer.StatusCode).ToString()] is not JsonObject response)
            return [$"{(int)answer.StatusCode} is not described as a success: {await answer.Content.ReadAsStringAsync(Cancel)}"];
        response = schema.Resolve(response);
        if (method == "head")
            return (await answer.Content.ReadAsByteArrayAsync(Cancel)).Length == 0 ? [] : ["HEAD has a body"];
        var wrong = new List<string>();
        var type = answer.Content.Headers.ContentType!.MediaType!;
        if (response["content"]![type] is not { } body)
            return [$"{type} is not described"];
        if (accept.Length > 0 && type != accept)
            wrong.Add($"{type} came");
        foreach (var (header, _) in response["headers"]?.AsObject().Where(h => h.Key is not ("Link" or "Retry-After")) ?? [])
        {
            // What a search finds has no time of its own.
            if (!answer.Headers.NonValidated.Contains(header) && !answer.Content.Headers.NonValidated.Contains(header) && !(header == "Last-Modified" && address.Contains("?q=")))
                wrong.Add($"the header {header} is missing");
        }
        if (type == "application/json" && address != "/openapi.json")
            wrong.AddRange(schema.Check(body["schema"]!.AsObject(), JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))));
        return wrong;
    }

    // What is shown, with an ellipsis where it was shortened, in order in what came; white space aside.
    private static bool Matches(string shown, string came)
    {
        var pattern = string.Join(".*", Regex.Replace(shown, @"\s", "").Split('…').Select(Regex.Escape));
        return Regex.IsMatch(Regex.Replace(came, @"\s", ""), $"^{pattern}$");
    }

    private static async Task<string?> LackingAsync(string language, string text)
    {
        if (language == "python")
            return await PythonAsync() is null ? "Python with pandas (Debian: python3-pandas) is not here" : null;
        (string Program, string[] Arguments)? needed = language == "r" ? ("Rscript", ["-e", text.Contains("rsdmx", StringComparison.Ordinal) ? "library(rsdmx)" : "1"])
            : text.Contains("soffice ", StringComparison.Ordinal) ? ("soffice", ["--version"]) : null;
        if (needed is not { } tool)
            return null;
        var (isThere, why) = await OthersTools.FindAsync(tool.Program, tool.Arguments);
        return isThere ? null : why;
    }

    // Debian's packages are its own Python's, which need not be the first on the path.
    private static async Task<string?> PythonAsync()
    {
        foreach (var python in (string[])["python3", "/usr/bin/python3"])
            if ((await OthersTools.FindAsync(python, "-c", "import pandas")).Found)
                return python;
        return null;
    }

    private async Task<string> RunAsync(string language, string text, string folder)
    {
        text = text.Replace("http://127.0.0.1:7071", host.Address, StringComparison.Ordinal).Replace("x-functions-key: local", "x-functions-key: " + LocalHost.Key, StringComparison.Ordinal);
        var script = Path.Combine(folder, "script.R");
        if (language == "r")
            await File.WriteAllTextAsync(script, text, Cancel);
        // LibreOffice keeps its profile at home, and one profile has one user at a time.
        var (code, answer) = language switch
        {
            "python" => await OthersTools.RunAsync((await PythonAsync())!, ["-c", text], folder, Cancel),
            "r" => await OthersTools.RunAsync("Rscript", [script], folder, Cancel),
            _ => await OthersTools.RunAsync("sh", ["-e", "-c", $"export HOME='{folder}'\n{text}"], folder, Cancel),
        };
        code.ShouldBe(0, text + answer);
        return answer;
    }

    private static string Sql(string sql, string folder)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql.Replace("FROM '", "FROM '" + folder + "/", StringComparison.Ordinal);
        using var reader = command.ExecuteReader();
        var csv = new StringBuilder().AppendLine(string.Join(',', Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)));
        while (reader.Read())
            csv.AppendLine(string.Join(',', Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        return csv.ToString();
    }

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
