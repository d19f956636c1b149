using System.Text.Json.Nodes;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Every parameter that the OpenAPI document describes, of every face, given what nobody should send: an answer in the face's own form, soon, and never a fault.</summary>
public sealed class FacesFuzzTests(SampleHost host) : IClassFixture<SampleHost>
{
    private static readonly string[] Garbage =
    [
        "", " ", "'", "\"", "\\", "\0", "*", "~", "+", "..", "../..", "null", "NaN", "-1", "0", "1e400", "99999999999999999999999999999999", "2023-13-45T99:99:99Z", "🙂", "乌鲁木齐", "<script>alert(1)</script>",
        "{\"a\":", "a=b&c=d", "%", "%zz", "()", ")(", "[]", "{*}", "ge:", "latest-1", "not not not", "1-1-00", ",,,,", "....", "O'Brien", "x' or 1 eq 1",
        string.Join(',', Enumerable.Range(0, 1_500).Select(i => "C" + i)), new string('(', 2_000), string.Concat(Enumerable.Repeat("not ", 1_000)), new string('9', 3_000), new string('?', 500), string.Concat(Enumerable.Repeat("A.", 1_000)),
    ];

    [Fact]
    public async Task Whatever_a_parameter_is_given_the_answer_has_the_form_of_its_face_and_is_no_fault()
    {
        var document = JsonNode.Parse(await host.Client.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken))!.AsObject();
        var schema = new JsonSchema(document);
        var (wrong, asked) = (new List<string>(), 0);
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            if (operations!["get"] is not { } operation || path.StartsWith("/v1/releases", StringComparison.Ordinal))
                continue;
            var parameters = (operation["parameters"]?.AsArray() ?? []).Select(p => schema.Resolve(p!.AsObject())).ToList();
            foreach (var parameter in parameters)
            {
                foreach (var garbage in Garbage)
                {
                    var address = path;
                    foreach (var other in parameters.Where(p => (string)p["in"]! == "path"))
                        address = address.Replace($"{{{other["name"]}}}", Uri.EscapeDataString(other == parameter ? garbage : other["example"]?.ToString() ?? "x"), StringComparison.Ordinal);
                    // A zero byte in a path is refused by the server itself, and dots are taken away by the client.
                    if (address.Contains("%00") || address.Contains("/.."))
                        continue;
                    if ((string)parameter["in"]! == "query")
                        address += $"?{Uri.EscapeDataString((string)parameter["name"]!)}={Uri.EscapeDataString(garbage)}";
                    // A longer line is refused by the server itself.
                    if (address.Length > 8_000)
                        continue;
                    asked++;
                    var since = System.Diagnostics.Stopwatch.GetTimestamp();
                    using var answer = await host.Client.GetAsync(address, TestContext.Current.CancellationToken);
                    var took = System.Diagnostics.Stopwatch.GetElapsedTime(since);
                    var type = answer.Content.Headers.ContentType?.MediaType ?? "none";
                    var shown = $"{(int)answer.StatusCode} {type} {took.TotalSeconds:F1} s {address[..Math.Min(address.Length, 150)]}";
                    // 501 is the face's way to say that the standard has more than is here.
                    if ((int)answer.StatusCode is 500 or > 501 || took > TimeSpan.FromSeconds(20))
                        wrong.Add(shown);
                    else if ((int)answer.StatusCode >= 400 && !IsFormOf(path, type))
                        wrong.Add(shown);
                }
            }
        }
        wrong.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(3_000);
    }

    private static bool IsFormOf(string path, string type) => path.StartsWith("/sdmx", StringComparison.Ordinal) ? type is "application/vnd.sdmx.structure+xml" or "application/xml" or "application/json" or "text/plain" || type.StartsWith("application/vnd.sdmx", StringComparison.Ordinal)
        : path.StartsWith("/odata", StringComparison.Ordinal) ? type is "application/json" or "application/xml"
        : path.StartsWith("/datasets/", StringComparison.Ordinal) ? type is "text/html" or "application/problem+json"
        : type == "application/problem+json";
}
