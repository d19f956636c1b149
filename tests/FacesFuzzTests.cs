using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using CsCheck;
using DuckDB.NET.Data;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>
/// Every parameter that the OpenAPI document describes, of every face, given what nobody should send, alone and together: an answer in the face's own form,
/// soon, and never a fault. PIPELINE_FACES=600 combines them for so many seconds; what fails is shown with its tape made as plain as it can be.
/// </summary>
public sealed class FacesFuzzTests(SampleHost host) : IClassFixture<SampleHost>
{
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
                foreach (var garbage in RequestFuzz.Garbage)
                {
                    var address = path;
                    foreach (var other in parameters.Where(p => (string)p["in"]! == "path"))
                        address = address.Replace($"{{{other["name"]}}}", Uri.EscapeDataString(other == parameter ? garbage : JsonSchema.ExampleOf(other)?.ToString() ?? "x"), StringComparison.Ordinal);
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

    // What only the other dataset has: in no request, and so in no answer about a dataset that is not it.
    private const string OtherDataset = "northmere-secrets";
    private const string SecretCode = "Zqxsecret";
    private const string SecretValue = "98765432.125";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    // What a sender of a HEAD can not know before it has made the body (RFC 9110, 9.3.2), and what differs from one answer to the next.
    private static readonly string[] NotOfHead = ["Date", "Content-Length", "Transfer-Encoding"];

    private static readonly string[] Placed = ["dataset", "id", "key", "resourceID", "flow"];

    [Fact]
    public async Task Whatever_is_combined_is_answered_in_the_form_of_its_face_by_head_too_and_shows_no_other_dataset()
    {
        var cancel = TestContext.Current.CancellationToken;
        await PublishOtherAsync();
        var fuzz = new RequestFuzz(JsonNode.Parse(await host.Client.GetStringAsync("/openapi.json", cancel))!.AsObject(), await KnownAsync(),
            path => !path.StartsWith("/v1/releases", StringComparison.Ordinal) && path != "/health");
        // Within the second of its publication a version's Last-Modified is an earlier one (RFC 9110, 8.8.2.2): a HEAD in the next second would differ.
        await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = host.Client.BaseAddress, Timeout = TimeSpan.FromSeconds(60) };
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("PIPELINE_FACES"), out var n) ? n : 0;
        var (first, watch, failed, statuses) = ((uint)Random.Shared.Next(), Stopwatch.StartNew(), new ConcurrentDictionary<(string Kind, string Path), uint>(), new ConcurrentDictionary<int, int>());
        await Parallel.ForEachAsync(Enumerable.Range(0, seconds > 0 ? int.MaxValue : 2_500).TakeWhile(_ => seconds == 0 || watch.Elapsed.TotalSeconds < seconds), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (i, _) =>
        {
            var seed = unchecked(first + (uint)i);
            var (status, wrong) = await TryAsync(fuzz, client, Choices.Tape(seed));
            statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            if (wrong is { } it)
                failed.TryAdd((it.Kind, it.Request.Path), seed);
        });
        var shown = new StringBuilder();
        foreach (var (kind, seed) in failed.OrderBy(f => f.Key.Kind, StringComparer.Ordinal).Take(40))
        {
            var tape = Choices.Shrink(Choices.Tape(seed), t => TryAsync(fuzz, client, t).GetAwaiter().GetResult().Wrong?.Kind == kind.Kind);
            shown.AppendLine().Append(CultureInfo.InvariantCulture, $"{kind.Kind} (seed {seed}): {(await TryAsync(fuzz, client, tape)).Wrong?.Request.ToString() ?? kind.Path + ", but not again"}");
        }
        Assert.True(shown.Length == 0, $"{failed.Count} kinds of failures:{shown}");
        // Enough of them are right for their answers to be looked at, and enough are not.
        statuses[200].ShouldBeGreaterThan(statuses.Values.Sum() / 10);
        statuses[400].ShouldBeGreaterThan(statuses.Values.Sum() / 10);
    }

    private static async Task<(int Status, (string Kind, FuzzedRequest Request)? Wrong)> TryAsync(RequestFuzz fuzz, HttpClient client, uint[] tape)
    {
        var pick = new Choices(tape);
        var request = fuzz.Draw(pick);
        // A zero byte in a path, and a line that is too long, are refused by the server itself.
        if (request.Address.Length > 7_500 || request.Address.Split('?')[0].Contains("%00", StringComparison.Ordinal))
            return (0, null);
        try
        {
            return await TryAsync(request, pick, client);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException or XmlException or InvalidDataException)
        {
            return (0, ($"{e.GetType().Name} {e.Message}", request));
        }
    }

    private static async Task<(int Status, (string Kind, FuzzedRequest Request)? Wrong)> TryAsync(FuzzedRequest request, Choices pick, HttpClient client)
    {
        var since = Stopwatch.GetTimestamp();
        using var answer = await client.SendAsync(Message(request, request.Method));
        // As they were sent: what is looked at is kept in another way.
        var headers = Headers(answer);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        var (took, status, type) = (Stopwatch.GetElapsedTime(since), (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "none");
        (int, (string, FuzzedRequest)?) Wrong(string what) => (status, ($"{what}: {status} {type}", request));

        if (status is 500 or > 501)
            return Wrong("a fault");
        if (took > Soon)
            return Wrong($"slow, {took.TotalSeconds:F0} s");
        // A path with nothing in a place, or dots that are taken away, leads elsewhere.
        if (request.Places.Values.Any(v => v.Trim('.', ' ').Length == 0 || v.Contains("..", StringComparison.Ordinal)))
            return (status, null);
        if (!request.Statuses.Any(s => s == $"{status}" || s == $"{status / 100}XX"))
            return Wrong("not described");
        var plain = Decoded(answer, bytes);
        var text = Encoding.UTF8.GetString(plain);
        if (status >= 400 && Malformed(request.Path, answer, text) is { } malformed)
            return Wrong(malformed);
        if (status == 200)
        {
            if (type.EndsWith("json", StringComparison.Ordinal) && !type.Contains("ndjson"))
                using (JsonDocument.Parse(text))
                {
                }
            else if (type.EndsWith("xml", StringComparison.Ordinal))
                XDocument.Parse(text);
        }
        // Of a file that came in part there is no more to read than its bytes.
        if (IsAboutAnother(request) && (status == 200 ? Words(type, plain, text) : text) is var words && (words.Contains(SecretCode, StringComparison.OrdinalIgnoreCase) || words.Contains(SecretValue, StringComparison.Ordinal)))
            return Wrong("another dataset's data");
        if (request.Method == "POST")
            return (status, null);

        // A range is of GET alone (RFC 9110, 14.2); and a query that is not there may have been saved by another request meanwhile.
        if (pick.Below(3) == 0 && status is not (206 or 416) && !(status == 404 && IsSaved(request)))
        {
            using var head = await client.SendAsync(Message(request, "HEAD"));
            var ofHead = Headers(head);
            if (head.StatusCode != answer.StatusCode)
                return Wrong($"HEAD has {(int)head.StatusCode}");
            if ((await head.Content.ReadAsByteArrayAsync()).Length > 0)
                return Wrong("HEAD has a body");
            if (!headers.SequenceEqual(ofHead))
                return Wrong($"HEAD has {string.Join(' ', ofHead.Except(headers))} for {string.Join(' ', headers.Except(ofHead))}");
            if (head.Content.Headers.ContentLength is { } length && length != bytes.Length && status != 304)
                return Wrong($"HEAD has Content-Length {length} of {bytes.Length}");
        }
        if (pick.Below(3) == 0 && status == 200 && answer.Headers.ETag is { } etag && !request.Headers.Any(h => h.Name.StartsWith("If-", StringComparison.Ordinal)))
        {
            var again = Message(request, "GET");
            again.Headers.TryAddWithoutValidation("If-None-Match", etag.ToString());
            using var unchanged = await client.SendAsync(again);
            if ((unchanged.StatusCode, unchanged.Headers.ETag?.ToString()) != (HttpStatusCode.NotModified, etag.ToString()) || (await unchanged.Content.ReadAsByteArrayAsync()).Length > 0)
                return Wrong($"{(int)unchanged.StatusCode} for its own ETag");
        }
        if (pick.Below(10) == 9)
        {
            using var options = await client.SendAsync(Message(request, "OPTIONS"));
            if (options.StatusCode != HttpStatusCode.NoContent || !options.Content.Headers.Allow.Contains("GET"))
                return Wrong($"OPTIONS has {(int)options.StatusCode}");
        }
        return (status, null);
    }

    private static HttpRequestMessage Message(FuzzedRequest request, string method)
    {
        // As it is written: dots stay, too.
        var message = new HttpRequestMessage(new HttpMethod(method), request.Address);
        if (request.Body is not null && method == "POST")
            message.Content = new ByteArrayContent(request.Body);
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        return message;
    }

    private static List<KeyValuePair<string, string>> Headers(HttpResponseMessage answer) =>
        [.. answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).Where(h => !NotOfHead.Contains(h.Key)).Select(h => KeyValuePair.Create(h.Key, h.Value.ToString())).OrderBy(h => h.Key, StringComparer.OrdinalIgnoreCase)];

    private static byte[] Decoded(HttpResponseMessage answer, byte[] bytes)
    {
        if (bytes.Length == 0 || answer.Content.Headers.ContentEncoding.FirstOrDefault() is not { } coding)
            return bytes;
        var plain = new MemoryStream();
        using (Stream packed = coding == "br" ? new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress) : new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress))
            packed.CopyTo(plain);
        return plain.ToArray();
    }

    // All texts and numbers that a file has in it, packed or not.
    private static string Words(string type, byte[] plain, string text)
    {
        var words = new StringBuilder();
        if (plain.AsSpan().StartsWith("PK\u0003\u0004"u8))
        {
            using var archive = new ZipArchive(new MemoryStream(plain));
            foreach (var entry in archive.Entries)
            {
                using var reader = new StreamReader(entry.Open());
                words.Append(reader.ReadToEnd());
            }
        }
        else if (plain.AsSpan().StartsWith("PAR1"u8))
        {
            var path = Path.GetTempFileName();
            File.WriteAllBytes(path, plain);
            using var connection = new DuckDBConnection("DataSource=:memory:");
            connection.Open();
            foreach (var source in (string[])[$"read_parquet('{path}')", $"(SELECT decode(key) || decode(value) FROM parquet_kv_metadata('{path}'))"])
            {
                using var command = connection.CreateCommand();
                command.CommandText = $"SELECT t::VARCHAR FROM {source} t";
                using var rows = command.ExecuteReader();
                while (rows.Read())
                    words.Append(rows.IsDBNull(0) ? "" : rows.GetString(0));
            }
            File.Delete(path);
        }
        else if (type == "application/vnd.apache.arrow.stream")
        {
            using var reader = new ArrowStreamReader(new MemoryStream(plain));
            while (reader.ReadNextRecordBatch() is { } batch)
            {
                foreach (var array in batch.Arrays.Select(a => a is DictionaryArray coded ? coded.Dictionary : a))
                {
                    for (var i = 0; i < array.Length; i++)
                        words.Append(array switch { StringArray texts => texts.GetString(i), Decimal128Array numbers => numbers.GetString(i), _ => "" });
                }
            }
            words.AppendJoin(' ', reader.Schema.Metadata?.Values ?? []);
        }
        else
        {
            return text;
        }
        return words.ToString();
    }

    // The dataset of the address is one that is named there, and the other one is named nowhere.
    private static bool IsAboutAnother(FuzzedRequest request) => request.Places.Any(p => Placed.Contains(p.Key))
        && request.Places.Where(p => Placed.Contains(p.Key)).All(p => !p.Value.Contains('*') && !p.Value.Contains("all", StringComparison.Ordinal))
        && !IsSaved(request) && !Uri.UnescapeDataString(request.Address).Contains(OtherDataset, StringComparison.OrdinalIgnoreCase);

    private static bool IsSaved(FuzzedRequest request) => request.Path.StartsWith("/v1/q/", StringComparison.Ordinal) || request.Path.StartsWith("/pxweb/v2/savedqueries/", StringComparison.Ordinal);

    private static string? Malformed(string path, HttpResponseMessage answer, string text)
    {
        var (status, type) = ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "none");
        if (!IsFormOf(path, type))
            return "not the form of the face";
        if (type.EndsWith("xml", StringComparison.Ordinal))
            return XDocument.Parse(text).Root!.Name.LocalName.Equals("Error", StringComparison.OrdinalIgnoreCase) ? null : "no element Error";
        if (!type.EndsWith("json", StringComparison.Ordinal))
            return null;
        var json = JsonNode.Parse(text)!;
        if (path.StartsWith("/sdmx", StringComparison.Ordinal))
            // From SDMX-JSON 2.1 on the code is HTTP's.
            return (int?)json["errors"]?[0]?["code"] is { } code && (code == status || code is 100 or 110 or 130 or 140 or 150 or 501) ? null : "no SDMX error";
        if (path.StartsWith("/odata", StringComparison.Ordinal))
            return json["error"] is JsonObject error && ((string?)error["code"])?.Length > 0 && ((string?)error["message"])?.Length > 0 ? null : "no OData error";
        return (int?)json["status"] == status && ((string?)json["code"])?.Length > 0 && ((string?)json["detail"])?.Length > 0 ? null : "no problem";
    }

    private async Task PublishOtherAsync()
    {
        var csv = new StringBuilder("REF_AREA,SEX,TIME_PERIOD,OBS_VALUE\n");
        foreach (var area in (string[])["Ashwell", "Northmere", SecretCode])
            foreach (var period in (string[])["2022-Q4", "2023-Q1", "2023-Q2"])
                csv.Append(CultureInfo.InvariantCulture, $"{area},F,{period},{SecretValue}\n");
        using var response = await host.Client.PutAsync($"/v1/releases/{OtherDataset}/x.csv", new StringContent(csv.ToString()));
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await LocalHost.UntilAsync(async () => (await host.Client.GetAsync("/v1/datasets/" + OtherDataset)).IsSuccessStatusCode, "the other dataset", 60);
        // Where the marks are, they are found.
        foreach (var address in ((string[])["json", "csv", "xlsx", "parquet", "arrow", "ndjson"]).Select(f => $"/v1/datasets/{OtherDataset}/data?format={f}")
            .Append($"/pxweb/v2/tables/{OtherDataset}/data?outputFormat=xlsx").Append($"/pxweb/v2/tables/{OtherDataset}/data?outputFormat=parquet"))
        {
            using var answer = await host.Client.GetAsync(address);
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            var words = Words(answer.Content.Headers.ContentType!.MediaType!, bytes, Encoding.UTF8.GetString(bytes));
            words.ShouldContain(SecretValue, customMessage: address);
            words.ShouldContain(SecretCode, customMessage: address);
        }
    }

    // Cursors of several datasets and queries, and ids of saved ones.
    private async Task<Dictionary<string, string[]>> KnownAsync()
    {
        async Task<JsonObject> Json(string address) => JsonNode.Parse(await host.Client.GetStringAsync(address))!.AsObject();
        string[] addresses = ["/v1/datasets/northmere-employment/data?limit=10", "/v1/datasets/northmere-employment/data?limit=1&REF_AREA=Ashwell", $"/v1/datasets/{OtherDataset}/data?limit=1", "/v1/datasets?limit=1", "/v1/search?q=northmere&limit=1", "/v1/datasets/northmere-employment/series?limit=1"];
        var cursors = new List<string>();
        foreach (var address in addresses)
            cursors.Add((string?)(await Json(address))["page"]!["cursor"] ?? throw new InvalidOperationException(address + " has no cursor"));
        using var saved = await host.Client.PostAsync("/v1/queries", new StringContent($$"""{"dataset":"{{OtherDataset}}","query":{"limit":2} }"""));
        var id = (string)JsonNode.Parse(await saved.Content.ReadAsStringAsync())!["id"]!;
        return new()
        {
            ["cursor"] = [.. cursors],
            ["id"] = [id, "northmere-visitors", $"{OtherDataset}.Q.INDICATOR.Ashwell.F.2023-Q1", "vs_northmere-visitors.REF_AREA"],
            ["dataset"] = ["northmere-visitors", "lanyue-industry", OtherDataset],
            ["asOf"] = ["2999-12-31", "2001-01-01T00:00:00Z", "9999-12-31"],
            ["group"] = ["SEX", "REF_AREA,TIME_PERIOD"],
            ["aggregate"] = ["sum,count", "mean"],
            ["outputFormatParams"] = ["UseCodes", "IncludeTitle,UseTexts", "SeparatorSemicolon"],
            ["heading"] = ["TIME_PERIOD", "SEX,TIME_PERIOD"],
            ["stub"] = ["REF_AREA"],
        };
    }

    [Theory]
    [InlineData("/v1/datasets/northmere-employment/data?limit=1%00")]
    [InlineData("/v1/datasets/northmere-employment/data?version=1%00")]
    [InlineData("/v1/datasets/northmere-employment/data?OBS_VALUE=gt:1%00%00")]
    [InlineData("/v1/datasets/northmere-employment/data?TIME_PERIOD=ge:2023-6%00")]
    [InlineData("/odata/northmere-employment/Observations?$top=1%00")]
    [InlineData("/sdmx/v2/data/dataflow/*/northmere-employment?limit=1%00")]
    [InlineData("/sdmx/v2/data/dataflow/*/northmere-employment?c[OBS_VALUE]=gt:3%00")]
    [InlineData("/sdmx/v2/data/dataflow/*/northmere-employment?reportingYearStartDay=--02-30")]
    [InlineData("/pxweb/v2/tables?pageSize=1%00")]
    public async Task What_only_begins_as_a_number_or_a_day_is_none(string address) =>
        (await host.Client.GetAsync(address, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_query_is_saved_whatever_the_answer_may_be_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/queries") { Content = new StringContent("""{"dataset":"northmere-employment","query":{"limit":3} }"""), Headers = { { "Accept", "text/html" } } };
        (await host.Client.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBeOneOf(HttpStatusCode.Created, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Head_of_an_unknown_route_has_the_length_that_get_has()
    {
        using var answer = await host.Client.GetAsync("/v1/nowhere", TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/nowhere");
        using var head = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        (head.StatusCode, head.Content.Headers.ContentLength).ShouldBe((answer.StatusCode, answer.Content.Headers.ContentLength));
    }

    private static bool IsFormOf(string path, string type) => path.StartsWith("/sdmx", StringComparison.Ordinal) ? type is "application/vnd.sdmx.structure+xml" or "application/xml" or "application/json" or "text/plain" || type.StartsWith("application/vnd.sdmx", StringComparison.Ordinal)
        : path.StartsWith("/odata", StringComparison.Ordinal) ? type is "application/json" or "application/xml"
        : path.StartsWith("/datasets/", StringComparison.Ordinal) ? type is "text/html" or "application/problem+json"
        : type == "application/problem+json";
}
