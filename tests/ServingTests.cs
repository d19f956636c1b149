using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Functions;
using Pipeline.Serving;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>What HTTP promises: problems, conditions, ranges, codings, versions, uploads.</summary>
public sealed class ServingTests
{
    private static readonly Row[] First = [new("650000", "2022", 5.20m, "A", "PT"), new("650000", "2023", null, "M", "PT"), new("650100", "2023", -1.5m, "A", "PT")];

    [Theory]
    [InlineData("/v1/datasets/industri/data", 404, "unknown-dataset", "dataset", "industry")]
    [InlineData("/v1/datasets/..%2Fx", 404, "unknown-dataset", "dataset", null)]
    [InlineData("/v1/datasets/industry/data?REF_ARE=650000", 400, "unknown-dimension", "REF_ARE", "REF_AREA")]
    [InlineData("/v1/datasets/industry/data?REF_AREA=650001", 400, "unknown-code", "REF_AREA", "650000")]
    [InlineData("/v1/datasets/industry/data?limt=1", 400, "unknown-parameter", "limt", "limit")]
    [InlineData("/v1/datasets/industry/data?format=cvs", 400, "unknown-format", "format", "csv")]
    [InlineData("/v1/datasets/industry/data?version=9", 404, "unknown-version", "version", null)]
    [InlineData("/v1/datasets/industry/data?version=x", 400, "malformed-value", "version", null)]
    [InlineData("/v1/datasets/industry/data?limit=0", 400, "limit-out-of-range", "limit", null)]
    [InlineData("/v1/datasets/industry/data?limit=99999999999999999999", 400, "limit-out-of-range", "limit", "100000")]
    [InlineData("/v1/datasets/industry/data?TIME_PERIOD=ge:20x", 400, "malformed-period", "TIME_PERIOD", null)]
    [InlineData("/v1/datasets/industry/data?TIME_PERIOD=xx:2020", 400, "malformed-period", "TIME_PERIOD", null)]
    [InlineData("/v1/datasets/industry/data?asOf=soon", 400, "malformed-date", "asOf", null)]
    [InlineData("/v1/datasets/industry/data?asOf=2001-01-01", 404, "unknown-version", "asOf", null)]
    [InlineData("/v1/datasets/industry/data?sort=-TIME", 400, "unknown-dimension", "sort", "TIME_PERIOD")]
    [InlineData("/v1/datasets/industry/data?sort=OBS_VALUE%20desc", 400, "unknown-dimension", "sort", "-OBS_VALUE")]
    [InlineData("/v1/datasets/industry/data?sort=REF_AREA:asc", 400, "unknown-dimension", "sort", "REF_AREA")]
    [InlineData("/v1/datasets/industry/data?%E5%9C%B0%E5%8C%BA=650000", 400, "unknown-dimension", "地区", "REF_AREA")]
    [InlineData("/v1/datasets/industry/data?country=650000", 400, "unknown-parameter", "country", "REF_AREA")]
    [InlineData("/v1/datasets/industry/data?Year=2023", 400, "unknown-parameter", "Year", "TIME_PERIOD")]
    [InlineData("/v1/datasets/industry/data?startPeriod=2023", 400, "unknown-parameter", "startPeriod", "TIME_PERIOD")]
    [InlineData("/v1/datasets/industry/data?page=2", 400, "unknown-parameter", "page", "cursor")]
    [InlineData("/v1/datasets/industry/data?page_size=2", 400, "unknown-parameter", "page_size", "limit")]
    [InlineData("/v1/datasets/industry/data?fields=OBS_VALUE", 400, "unknown-parameter", "fields", "columns")]
    [InlineData("/v1/datasets/industry/data?columns=%E5%9C%B0%E5%8C%BA", 400, "unknown-dimension", "columns", "REF_AREA")]
    [InlineData("/v1/datasets/industry/data?q=650000", 400, "unknown-parameter", "q", null)]
    [InlineData("/v1/datasets/industry/data?group=year", 400, "unknown-dimension", "group", "TIME_PERIOD")]
    [InlineData("/v1/datasets/industry/data?group=TIME_PERIOD&aggregate=avg", 400, "unknown-computation", "aggregate", "mean")]
    [InlineData("/v1/datasets/industry/data?format=excel", 400, "unknown-format", "format", "xlsx")]
    [InlineData("/v1/datasets/industry/data?format=text/csv", 400, "unknown-format", "format", "csv")]
    [InlineData("/v1/datasets/industry/data.xls", 404, "unknown-format", "format", "xlsx")]
    [InlineData("/v1/datasets/industry/data.csv?format=json", 400, "conflicting-parameters", "format", null)]
    [InlineData("/v1/datasets/industry.csv", 404, "unknown-dataset", "dataset", "industry")]
    [InlineData("/v1/datasets/industry/changes?since=1", 400, "unknown-parameter", "since", "from")]
    [InlineData("/v1/datasets/industry/data?SOURCE=C7", 400, "not-filterable", "SOURCE", null)]
    [InlineData("/v1/datasets/industry/data?labels=bth", 400, "unknown-labels", "labels", "both")]
    [InlineData("/v1/datasets/industry/data?cursor=1-1-00", 400, "invalid-cursor", "cursor", null)]
    [InlineData("/v1/datasets/industry/series?TIME_PERIOD=2023", 400, "not-filterable", "TIME_PERIOD", null)]
    [InlineData("/v1/datasets/industry/series?TIME_PERIOD!=2023", 400, "not-filterable", "TIME_PERIOD", null)]
    [InlineData("/v1/datasets/industry/series?OBS_VALUE=5", 400, "not-filterable", "OBS_VALUE", null)]
    [InlineData("/v1/datasets/industry/series?since=2023", 400, "unknown-parameter", "since", null)]
    [InlineData("/v1/datasets/industry/series?region=650000", 400, "unknown-parameter", "region", "REF_AREA")]
    [InlineData("/v1/datasets?search=coal", 400, "unknown-parameter", "search", "q")]
    [InlineData("/v1/datasets?x=1", 400, "unknown-parameter", "x", null)]
    [InlineData("/v1/releases/none-0123456789abcdef", 404, "unknown-release", "release", null)]
    public async Task A_problem_names_parameter_value_and_what_would_be_right(string address, int status, string code, string parameter, string? didYouMean)
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("industry", Cubes.Of(First));
        var (actual, problem) = await served.ProblemAsync(address);
        ((int)actual, (string?)problem["code"], (string?)problem["parameter"], (string?)problem["didYouMean"]).ShouldBe((status, code, parameter, didYouMean));
        ((int)problem["status"]!).ShouldBe(status);
    }

    [Fact]
    public async Task A_list_of_parameters_has_what_the_address_takes_and_no_more()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("industry", Cubes.Of(First));
        var (_, problem) = await served.ProblemAsync("/v1/datasets/industry/series?q=coal");
        problem["expected"]!.ToJsonString().ShouldBe("""["version","asOf","limit","cursor","labels","lang","FREQ","REF_AREA"]""");
    }

    [Theory]
    [InlineData("T", "F M", null)]
    [InlineData("f", "F M", "F")]
    [InlineData("MM", "F M", "M")]
    [InlineData("PTC", "XDC PT", "PT")]
    [InlineData("FREQUENCY", "FREQ", null)]
    [InlineData("65001", "650100 650000", "650100")]
    [InlineData("idnustry", "industry retail", "industry")]
    [InlineData("industrial", "industry", null)]
    [InlineData("ab", "ba", "ba")]
    [InlineData("", "a", null)]
    public void Only_what_looks_like_a_slip_is_taken_for_one(string value, string known, string? nearest) =>
        ProblemException.Nearest(value, known.Split(' ')).ShouldBe(nearest);

    [Fact]
    public async Task A_page_may_send_what_headers_its_libraries_add()
    {
        await using var served = await Served.StartAsync();
        foreach (var (asked, allowed) in ((string, string)[])[("traceparent, X-Requested-With,authorization", "traceparent, X-Requested-With, authorization"), ("x-range, b{d", "x-range"), ("", "*, Authorization")])
        {
            using var answer = await SendAsync(served, HttpMethod.Options, "/v1/datasets", ("Origin", "https://example.org"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", asked));
            (answer.StatusCode, answer.Headers.GetValues("Access-Control-Allow-Headers").Single()).ShouldBe((HttpStatusCode.NoContent, allowed));
        }
        // An upload is no business of a page of another's.
        using var upload = await SendAsync(served, HttpMethod.Options, "/v1/releases/industry/a.csv", ("Access-Control-Request-Headers", "x-functions-key"), ("x-functions-key", LocalHost.Key));
        upload.Headers.Contains("Access-Control-Allow-Headers").ShouldBeFalse();
    }

    [Fact]
    public async Task Conditions_codings_and_head_hold_for_every_read()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("industry", Cubes.Of(First));
        foreach (var address in (string[])["/", "/v1/datasets", "/v1/datasets/industry", "/v1/datasets/industry/versions", "/v1/datasets/industry/series",
            "/v1/datasets/industry/data", "/v1/datasets/industry/data?format=csv&version=1", "/v1/datasets/industry/data.parquet", "/openapi.json", "/docs", "/docs/scalar.js"])
        {
            using var plain = await served.Client.GetAsync(address);
            plain.StatusCode.ShouldBe(HttpStatusCode.OK, address);
            plain.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
            plain.Headers.Vary.Contains("Accept-Encoding").ShouldBe(!address.EndsWith(".parquet", StringComparison.Ordinal), address);
            // Whose address says the format is one answer to a cache, whoever asks.
            plain.Headers.Vary.Contains("Accept").ShouldBe(address is "/" or "/v1/datasets/industry" or "/v1/datasets/industry/data", address);
            plain.Headers.CacheControl!.ToString().Contains("immutable").ShouldBe(address.Contains("version="));
            var bytes = await plain.Content.ReadAsByteArrayAsync();
            var tags = new HashSet<string> { plain.Headers.ETag!.Tag };
            foreach (var coding in (string[])["gzip", "br"])
            {
                using var coded = await SendAsync(served, HttpMethod.Get, address, ("Accept-Encoding", coding));
                if (address.EndsWith(".parquet", StringComparison.Ordinal))
                {
                    coded.Content.Headers.ContentEncoding.ShouldBeEmpty();
                    continue;
                }
                coded.Content.Headers.ContentEncoding.ShouldBe([coding]);
                tags.Add(coded.Headers.ETag!.Tag).ShouldBeTrue();
                await using var raw = await coded.Content.ReadAsStreamAsync();
                await using Stream decoded = coding == "br" ? new System.IO.Compression.BrotliStream(raw, System.IO.Compression.CompressionMode.Decompress)
                    : new System.IO.Compression.GZipStream(raw, System.IO.Compression.CompressionMode.Decompress);
                var whole = new MemoryStream();
                await decoded.CopyToAsync(whole);
                whole.ToArray().ShouldBe(bytes, address);
            }
            using var unchanged = await SendAsync(served, HttpMethod.Get, address, ("If-None-Match", plain.Headers.ETag.Tag));
            unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
            (await unchanged.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
            using var head = await SendAsync(served, HttpMethod.Head, address);
            (head.StatusCode, head.Headers.ETag!.Tag).ShouldBe((HttpStatusCode.OK, plain.Headers.ETag.Tag));
            using var options = await SendAsync(served, HttpMethod.Options, address);
            options.StatusCode.ShouldBe(HttpStatusCode.NoContent);
            options.Content.Headers.Allow.ShouldContain("GET");
        }
        using var since = await SendAsync(served, HttpMethod.Get, "/v1/datasets/industry/data", ("If-Modified-Since", DateTimeOffset.UtcNow.AddMinutes(1).ToString("R")));
        since.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        using var csv = await SendAsync(served, HttpMethod.Get, "/v1/datasets/industry/data", ("Accept", "application/json;q=0.5, text/csv"));
        csv.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        using var none = await SendAsync(served, HttpMethod.Get, "/v1/datasets/industry/data", ("Accept", "image/png"));
        none.StatusCode.ShouldBe(HttpStatusCode.NotAcceptable);
    }

    [Fact]
    public async Task A_request_that_comes_again_is_answered_as_at_first_until_a_newer_version_comes()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("industry", Cubes.Of(First));
        // Last-Modified is another one in the second of the publication.
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        var first = new Dictionary<string, string>();
        string[][] headers = [[], ["application/json"], ["text/csv"], ["image/png"], ["*/*", "gzip"], ["*/*", "br", "zh"], ["*/*", "", "en"], ["*/*", "", "zh"], ["text/csv", "gzip", "zh"]];
        string[] queries = ["", "?version=1", "?labels=both", "?labels=both&version=1", "?limit=1", "?REF_AREA=650000", "?REF_AREA=650000&format=csv", "?asOf=2100-01-01", "?asOf=2000-01-01", "?nonsense=1", "?version=2"];
        string[] addresses =
        [
            .. queries.Select(query => "/v1/datasets/industry/data" + query), "/v1/datasets/industry", "/v1/datasets/industry/series", "/v1/datasets/industry/series?version=1&labels=both", "/v1/datasets/industry/series?REF_AREA=650000",
            "/v1/series/industry.A.650000", "/v1/series/industry.A.650000?version=1", "/v1/observations/industry.A.650000.2022?lang=zh", "/pxweb/v2/tables/industry/metadata?lang=zh", "/pxweb/v2/tables/industry/metadata",
        ];
        async Task<string> AskAsync(HttpMethod method, string query, string[] wanted, string? tag)
        {
            (string, string)[] lines = [.. ((string[])["Accept", "Accept-Encoding", "Accept-Language"]).Zip(wanted).Where(pair => pair.Second.Length > 0), .. tag is null ? Array.Empty<(string, string)>() : [("If-None-Match", tag)]];
            using var answer = await SendAsync(served, method, query, lines);
            return string.Join('\n', answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key != "Date").OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {string.Join(", ", h.Value)}")
                .Prepend($"{(int)answer.StatusCode}").Append(Convert.ToHexString(await answer.Content.ReadAsByteArrayAsync())));
        }
        async Task ShuffledAsync(Func<string, string[], Task> work)
        {
            var all = addresses.SelectMany(query => headers.Select(wanted => (query, wanted))).ToArray();
            Random.Shared.Shuffle(all);
            foreach (var (query, wanted) in all)
                await work(query, wanted);
        }
        await ShuffledAsync(async (query, wanted) => first[query + string.Join('|', wanted)] = await AskAsync(HttpMethod.Get, query, wanted, null));
        // Other languages, media types and codings have other answers; only those that are asked for in another way to say the same are the same.
        first.Values.Distinct().Count().ShouldBeGreaterThan(25);
        await ShuffledAsync(async (query, wanted) =>
        {
            var answer = first[query + string.Join('|', wanted)];
            (await AskAsync(HttpMethod.Get, query, wanted, null)).ShouldBe(answer, query);
            if (!answer.StartsWith("200", StringComparison.Ordinal))
                return;
            var tag = answer.Split('\n').Single(line => line.StartsWith("ETag: ", StringComparison.Ordinal))["ETag: ".Length..];
            (await AskAsync(HttpMethod.Get, query, wanted, tag)).ShouldStartWith("304");
            (await AskAsync(HttpMethod.Head, query, wanted, null)).ShouldBe(answer[..(answer.LastIndexOf('\n') + 1)]);
        });
        await served.PublishAsync("industry", Cubes.Of([new Row("650000", "2022", 6.1m, "A", "PT")]));
        // Which version is the latest is known for a second where another host has published.
        await Task.Delay(1100, TestContext.Current.CancellationToken);
        await ShuffledAsync(async (query, wanted) =>
        {
            var answer = await AskAsync(HttpMethod.Get, query, wanted, null);
            // What is pinned, and what no version is at fault for, stays.
            if (query.EndsWith("?nonsense=1", StringComparison.Ordinal) || query.EndsWith("?asOf=2000-01-01", StringComparison.Ordinal))
                answer[..3].ShouldBe(first[query + string.Join('|', wanted)][..3]);
            if (query.Contains("version=1"))
                answer.ShouldBe(first[query + string.Join('|', wanted)]);
            else if (answer.StartsWith("200", StringComparison.Ordinal))
                answer.ShouldNotBe(first[query + string.Join('|', wanted)]);
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("gzip")]
    public async Task A_large_answer_streams_and_is_kept_when_it_is_asked_for_again(string coding)
    {
        await using var served = await Served.StartAsync(("Pipeline:AnswerCacheBytes", $"{32 << 20}"));
        await served.PublishAsync("large", Cubes.Of(Enumerable.Range(0, 30_000).Select(i => new Row($"{i:D6}", "2022", i, "A", "PT"))));
        await served.PublishAsync("larger", Cubes.Of(Enumerable.Range(0, 150_000).Select(i => new Row($"{i:D6}", "2022", i, "A", "PT"))));
        foreach (var (dataset, isKept) in new[] { ("large", true), ("larger", false) })
        {
            var answers = new List<(byte[] Body, bool HasLength)>();
            for (var i = 0; i < 4; i++)
            {
                using var answer = await SendAsync(served, HttpMethod.Get, $"/v1/datasets/{dataset}/data?format=csv", ("Accept-Encoding", coding));
                var raw = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
                answer.Content.Headers.ContentEncoding.ShouldBe(coding.Length == 0 ? [] : [coding]);
                var whole = new MemoryStream();
                await (coding.Length == 0 ? new MemoryStream(raw) : (Stream)new System.IO.Compression.GZipStream(new MemoryStream(raw), System.IO.Compression.CompressionMode.Decompress)).CopyToAsync(whole, TestContext.Current.CancellationToken);
                answers.Add((whole.ToArray(), answer.Headers.TransferEncodingChunked != true));
            }
            answers[0].Body.Length.ShouldBeGreaterThan(isKept ? 1 << 20 : 8 << 20);
            answers.Count(a => a.Body.AsSpan().SequenceEqual(answers[0].Body)).ShouldBe(4);
            answers.Select(a => a.HasLength).ShouldBe([false, isKept, isKept, isKept]);
        }
    }

    [Fact]
    public async Task The_file_is_served_in_ranges()
    {
        await using var served = await Served.StartAsync();
        var version = await served.PublishAsync("industry", Cubes.Of(First));
        const string address = "/v1/datasets/industry/data.parquet";
        var all = await served.Client.GetByteArrayAsync(address);
        all.Length.ShouldBe((int)version.FileBytes);
        (await served.Client.GetByteArrayAsync("/v1/datasets/industry/data?format=parquet")).ShouldBe(all);
        var tag = (await SendAsync(served, HttpMethod.Head, address)).Headers.ETag!.Tag;
        foreach (var (range, expected) in ((string, byte[]?)[])[("bytes=0-3", all[..4]), ("bytes=-8", all[^8..]), ("bytes=10-", all[10..]), ($"bytes={all.Length}-", null), ("bytes=5-999999999", all[5..])])
        {
            using var part = await SendAsync(served, HttpMethod.Get, address, ("Range", range), ("If-Range", tag));
            part.StatusCode.ShouldBe(expected is null ? HttpStatusCode.RequestedRangeNotSatisfiable : HttpStatusCode.PartialContent, range);
            if (expected is not null)
                (await part.Content.ReadAsByteArrayAsync()).ShouldBe(expected, range);
            else
                part.Content.Headers.ContentRange!.Length.ShouldBe(all.Length);
        }
        using var stale = await SendAsync(served, HttpMethod.Get, address, ("Range", "bytes=0-3"), ("If-Range", "\"other\""));
        stale.StatusCode.ShouldBe(HttpStatusCode.OK);

        // Part of it is another file: readers go by the end of an address.
        var some = await served.Client.GetByteArrayAsync(address + "?REF_AREA=650100&columns=REF_AREA,OBS_VALUE");
        some.ShouldBe(await served.Client.GetByteArrayAsync("/v1/datasets/industry/data?format=parquet&REF_AREA=650100&columns=REF_AREA,OBS_VALUE"));
        using var reader = new ParquetSharp.ParquetFileReader(new MemoryStream(some));
        (reader.FileMetaData.NumRows, reader.FileMetaData.NumColumns).ShouldBe((1, 2));
    }

    [Theory]
    [InlineData("/v1/datasets/industry/data")]
    [InlineData("/v1/datasets/industry/data.parquet")]
    [InlineData("/sdmx/v2/data/dataflow/*/industry")]
    [InlineData("/pxweb/v2/tables/industry/data")]
    [InlineData("/odata/industry/Observations")]
    public async Task Conditions_are_kept_to_and_a_second_with_two_versions_tells_them_apart(string address)
    {
        await using var served = await Served.StartAsync();
        var version = await served.PublishAsync("industry", Cubes.Of(First));
        HttpResponseMessage answer = null!;
        await LocalHost.UntilAsync(async () => (answer = await SendAsync(served, HttpMethod.Get, address)).Content.Headers.LastModified >= version.PublishedAt, "the end of the second");
        var (tag, modified) = (answer.Headers.ETag!.Tag, answer.Content.Headers.LastModified!.Value);
        (modified - version.PublishedAt).ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        // Twice: the second time the request is not read any more.
        for (var round = 0; round < 2; round++)
        {
            foreach (var (name, value, expected) in ((string, string, HttpStatusCode)[])[
                ("If-Match", tag, HttpStatusCode.OK), ("If-Match", $"\"x\", {tag}", HttpStatusCode.OK), ("If-Match", "*", HttpStatusCode.OK), ("If-Match", "\"x\"", HttpStatusCode.PreconditionFailed),
                ("If-Unmodified-Since", modified.ToString("R"), HttpStatusCode.OK), ("If-Unmodified-Since", modified.AddSeconds(-1).ToString("R"), HttpStatusCode.PreconditionFailed),
                ("If-Modified-Since", modified.ToString("R"), HttpStatusCode.NotModified), ("If-Modified-Since", modified.AddSeconds(-1).ToString("R"), HttpStatusCode.OK)])
            {
                using var conditional = await SendAsync(served, HttpMethod.Get, address, (name, value));
                conditional.StatusCode.ShouldBe(expected, $"{name}: {value}");
            }
        }
    }

    [Fact]
    public async Task Versions_stay_readable_and_a_cursor_keeps_its_version_and_query()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("industry", Cubes.Of(First));
        var page = await served.JsonAsync("/v1/datasets/industry/data?limit=1");
        page["observations"]![0]!["OBS_VALUE"]!.ToJsonString().ShouldBe("5.20");
        var between = DateTimeOffset.UtcNow;
        await served.PublishAsync("industry", Cubes.Of([new Row("650000", "2022", 6.1m, "A", "PT"), new Row("000000", "2022", 1m, "A", "PT")]));
        await Task.Delay(1100);
        (await served.JsonAsync("/v1/datasets/industry/data"))["observations"]!.AsArray().Count.ShouldBe(4);
        ((int)(await served.JsonAsync("/v1/datasets/industry/data?asOf=" + between.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ")))["version"]!).ShouldBe(1);
        var rest = await served.JsonAsync((string)page["page"]!["next"]!);
        ((int)rest["version"]!).ShouldBe(1);
        rest["observations"]![0]!["OBS_VALUE"].ShouldBeNull();
        rest["observations"]![0]!["OBS_STATUS"]!.ToString().ShouldBe("M");
        var cursor = (string)page["page"]!["cursor"]!;
        (await served.ProblemAsync($"/v1/datasets/industry/data?REF_AREA=650000&cursor={cursor}")).Problem["code"]!.ToString().ShouldBe("invalid-cursor");
        for (var i = 0; i < cursor.Length; i++)
        {
            var changed = cursor[..i] + (cursor[i] == '0' ? '1' : '0') + cursor[(i + 1)..];
            var (_, problem) = await served.ProblemAsync("/v1/datasets/industry/data?cursor=" + changed);
            problem["code"]!.ToString().ShouldBeOneOf("invalid-cursor", "unknown-version");
        }
        var versions = await served.JsonAsync("/v1/datasets/industry/versions?limit=1");
        ((int)versions["versions"]![0]!["version"]!, (int)versions["versions"]![0]!["revised"]!).ShouldBe((2, 1));
        ((int)(await served.JsonAsync((string)versions["page"]!["next"]!))["versions"]![0]!["version"]!).ShouldBe(1);
        var series = await served.JsonAsync("/v1/datasets/industry/series?REF_AREA=650000&labels=both");
        series["series"]!.AsArray().Select(s => (string)s!["TIME_PERIOD"]!).ShouldBe(["2023"]);
        using var query = new StringContent("""{"where":{"REF_AREA":["650000"],"TIME_PERIOD":{"ge":"2022","lt":"2023"}},"limit":5}""", Encoding.UTF8, "application/json");
        using var answer = await served.Client.PostAsync("/v1/datasets/industry/query", query);
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["observations"]!.AsArray().Select(o => o!["OBS_VALUE"]!.ToJsonString()).ShouldBe(["6.1"]);
        foreach (var body in (string[])["", "[]", "{\"where\":5}", "{\"were\":{}}", "{\"where\":{\"REF_AREA\":[{}]}}", "{\"limit\":null}", new string('[', 5000), "{\"limit\":1,\"limit\":2}"])
            (await served.ProblemAsync("/v1/datasets/industry/query", new StringContent(body))).Status.ShouldBe(HttpStatusCode.BadRequest, body);
    }

    [Fact]
    public async Task The_catalogue_is_searched_and_paged()
    {
        await using var served = await Served.StartAsync();
        foreach (var (id, title) in ((string, string)[])[("alpha", "工业增加值"), ("beta", "Retail sales"), ("gamma", "工业 exports")])
        {
            var cube = Cubes.Of(First);
            cube.Title = new Dictionary<string, string> { ["zh"] = title };
            await served.PublishAsync(id, cube);
        }
        async Task<List<string>> IdsAsync(string query) => [.. (await served.JsonAsync("/v1/datasets?" + query))["datasets"]!.AsArray().Select(d => (string)d!["id"]!)];
        (await IdsAsync("q=" + Uri.EscapeDataString("工业"))).ShouldBe(["alpha", "gamma"]);
        (await IdsAsync("q=ref_area%20RETAIL")).ShouldBe(["beta"]);
        (await IdsAsync("q=nothing")).ShouldBeEmpty();
        var ids = new List<string>();
        for (string? next = "/v1/datasets?limit=2"; next is not null;)
        {
            var page = await served.JsonAsync(next);
            ids.AddRange(page["datasets"]!.AsArray().Select(d => (string)d!["id"]!));
            next = (string?)page["page"]!["next"];
        }
        ids.ShouldBe(["alpha", "beta", "gamma"]);
        var metadata = await served.JsonAsync("/v1/datasets/alpha");
        metadata["columns"]!.AsArray().Select(c => (string)c!).ShouldBe((await served.Client.GetStringAsync("/v1/datasets/alpha/data?format=csv")).Split("\r\n")[0].Split(','));
        foreach (var (_, link) in metadata["links"]!.AsObject().Where(l => l.Key != "query"))
            (await served.Client.GetAsync((string)link!)).StatusCode.ShouldBe(HttpStatusCode.OK, (string)link!);
    }

    [Fact]
    public async Task An_upload_is_kept_answered_and_never_overwritten_without_a_copy()
    {
        await using var served = await Served.StartAsync(("Pipeline:MaxUploadBytes", "100000"));
        async Task<HttpResponseMessage> PutAsync(string path, byte[] body) => await served.Client.PutAsync("/v1/releases/" + path, new ByteArrayContent(body));
        using var first = await PutAsync("industry/a.csv?title=" + Uri.EscapeDataString("工业") + "&mode=replace&publishAt=2030-01-01T00:00:00Z", "one"u8.ToArray());
        first.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var report = await served.JsonAsync(first.Headers.Location!.ToString());
        ((string)report["state"]!, (string)report["title"]!, (string)report["mode"]!).ShouldBe(("received", "工业", "replace"));
        using var again = await PutAsync("industry/a.csv", "one"u8.ToArray());
        again.Headers.Location.ShouldBe(first.Headers.Location);
        using var second = await PutAsync("industry/a.csv", "two"u8.ToArray());
        second.Headers.Location.ShouldNotBe(first.Headers.Location);
        var blobs = new List<string>();
        await foreach (var blob in served.Storage.Releases.GetBlobsAsync())
            blobs.Add((await served.Storage.Releases.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToString() + (blob.Name.Contains("/.superseded/") ? " aside" : ""));
        blobs.Order(StringComparer.Ordinal).ShouldBe(["one aside", "two"]);
        (await served.JsonAsync("/v1/releases?dataset=industry"))["releases"]!.AsArray().Count.ShouldBe(2);
        foreach (var (path, length, status, code) in ((string, int, int, string)[])[
            ("industry/big.csv", 100_001, 413, "upload-too-large"), ("_x/a.csv", 1, 400, "invalid-dataset-id"), ("industry/.hidden", 1, 400, "invalid-file-name"),
            ("industry/a%01b", 1, 400, "invalid-file-name"), ("industry/" + new string('a', 201), 1, 400, "invalid-file-name"), ("industry/a%5Cb", 1, 400, "invalid-file-name"),
            ("industry/b.csv?mode=replce", 1, 400, "unknown-mode"), ("industry/b.csv?publishAt=tomorrow", 1, 400, "malformed-date"), ("industry/b.csv?publishAt=2026-11-30T09:30:00", 1, 400, "malformed-date")])
        {
            using var refused = await PutAsync(path, new byte[length]);
            ((int)refused.StatusCode, (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"]).ShouldBe((status, code), path);
        }
        using var form = await served.Client.PutAsync("/v1/releases/industry/c.csv", new MultipartFormDataContent { { new ByteArrayContent("a,b"u8.ToArray()), "file", "c.csv" } });
        form.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        using var checkedForm = await served.Client.PostAsync("/v1/releases/check?file=c.csv", new MultipartFormDataContent { { new ByteArrayContent("a,b"u8.ToArray()), "file", "c.csv" } });
        checkedForm.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        using var check = await served.Client.PostAsync("/v1/releases/check?file=x.csv", new StringContent("area,period,value\nXinjiang,2022,1\nXinjiang,2023,2\nBeijing,2022,3\nBeijing,2023,4\n"));
        var checkedRelease = JsonNode.Parse(await check.Content.ReadAsStringAsync())!;
        ((bool)checkedRelease["publishable"]!).ShouldBeTrue(checkedRelease.ToJsonString());
        ((long)checkedRelease["reconciliation"]!["observations"]!).ShouldBe(4);
        ((bool)checkedRelease["reconciliation"]!["balanced"]!).ShouldBeTrue();
    }

    [Fact]
    public void Csv_guards_formulas_and_leaves_numbers_alone()
    {
        string[] ids = ["=A1", "+1", "-5.2", "@x", "a\"b", "a,b", "-", "plain"];
        var csv = new ObservationCsv("d", [.. Enumerable.Repeat(new CodedColumn("X", n => new Code(ids[n])), 5)], 0, false, []);
        var buffer = new Utf8Buffer();
        for (var i = 0; i < ids.Length; i++)
            csv.WriteRow(buffer, [i, -1, -1, -1, -1], -1.50m, "C2", "r");
        Encoding.UTF8.GetString(buffer.Written.Span).Split("\r\n")[..^1].ShouldBe(
            [.. ((string[])["'=A1", "+1", "-5.2", "'@x", "\"a\"\"b\"", "\"a,b\"", "-", "plain"]).Select(cell => $"d,{cell},-1.50,,,,C2,2,r,")]);
    }

    [Fact]
    public void Digits_are_written_with_the_decimals_that_they_show() => Gen.Select(Gen.OneOf(Gen.Long, Gen.Long[-2_000, 2_000], Gen.Const(long.MinValue), Gen.Const(0L)), Gen.Int[0, 18], Gen.Int[0, 24])
        .Sample((digits, decimals, shown) =>
        {
            var buffer = new Utf8Buffer();
            buffer.Append(digits, decimals, shown);
            var magnitude = BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
            var (whole, rest) = (magnitude[..^decimals], magnitude[^decimals..]);
            while (rest.Length > shown && rest[^1] == '0')
                rest = rest[..^1];
            var written = (digits < 0 ? "-" : "") + whole + (rest.Length + shown > 0 ? "." : "") + rest.PadRight(shown, '0');
            Encoding.UTF8.GetString(buffer.Written.Span).ShouldBe(written);
        });

    [Fact]
    public async Task The_page_to_try_it_needs_no_other_host()
    {
        await using var served = await Served.StartAsync();
        (await served.Client.GetStringAsync("/docs/scalar.js")).ShouldContain("createApiReference");
        var page = await served.Client.GetStringAsync("/docs");
        page.ShouldNotContain("http");
        page.ShouldContain("/openapi.json");
    }

    [Fact]
    public async Task The_document_describes_exactly_the_functions()
    {
        await using var served = await Served.StartAsync();
        var document = await served.JsonAsync("/openapi.json");
        var described = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(m => m.Key + " " + p.Key)).ToList();
        var triggers = new List<string>();
        foreach (var trigger in Triggers)
        {
            // A route without a list takes all methods; it says itself which it answers.
            using var options = await SendAsync(served, HttpMethod.Options, Address(trigger));
            var methods = trigger.Methods.Length > 0 ? trigger.Methods : [.. options.Content.Headers.Allow.Where(m => m != "OPTIONS").Select(m => m.ToLowerInvariant())];
            methods.ShouldNotBeEmpty(trigger.Route);
            triggers.AddRange(methods.Select(m => m + " /" + trigger.Route!.TrimStart('/')));
        }
        // A face whose paths are a language takes them all by one function; what it knows is described below its prefix. HEAD goes with GET and need not be described.
        var (whole, exact) = (triggers.Where(t => t.Contains("{*")).Select(t => t[..t.IndexOf("{*", StringComparison.Ordinal)]).ToList(), triggers.Where(t => !t.Contains("{*")).ToList());
        exact.Except(described).Where(t => !t.StartsWith("head ", StringComparison.Ordinal)).ShouldBeEmpty();
        foreach (var other in described.Except(exact).Where(d => !whole.Exists(prefix => (d + "/").StartsWith(prefix, StringComparison.Ordinal))))
        {
            // Another method below the prefix: the address says that it takes it.
            var (method, path) = (other.Split(' ')[0], other.Split(' ')[1]);
            using var options = await SendAsync(served, HttpMethod.Options, path.Replace("{dataset}", "d", StringComparison.Ordinal));
            (whole.Exists(prefix => path.StartsWith(prefix.Split(' ')[1], StringComparison.Ordinal)) && options.Content.Headers.Allow.Contains(method.ToUpperInvariant())).ShouldBeTrue(other);
        }
        whole.Where(prefix => prefix.StartsWith("get ", StringComparison.Ordinal) && !described.Exists(d => (d + "/").StartsWith(prefix, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_method_that_is_not_taken_is_refused_in_the_form_of_its_face_with_those_that_are()
    {
        await using var served = await Served.StartAsync();
        foreach (var trigger in Triggers.Where(t => t.Methods.Length == 0))
        {
            using var options = await SendAsync(served, HttpMethod.Options, Address(trigger));
            foreach (var method in ((HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete]).Where(m => !options.Content.Headers.Allow.Contains(m.Method)))
            {
                using var refused = await SendAsync(served, method, Address(trigger));
                var told = $"{method} {trigger.Route}: {await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
                refused.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed, told);
                refused.Content.Headers.Allow.ShouldBe(options.Content.Headers.Allow, told);
                var (type, says) = trigger.Route!.Split('/')[0] switch
                {
                    "sdmx" when trigger.Route.StartsWith("sdmx/v1", StringComparison.Ordinal) => ("application/xml", "<message:ErrorMessage code=\"501\">"),
                    "sdmx" => ("application/json", "\"errors\":[{\"code\":405"),
                    "datasets" => ("text/html", "does not take"),
                    "odata" => ("application/json", "{\"error\":{\"code\":\"method-not-allowed\","),
                    _ => ("application/problem+json", "\"code\":\"method-not-allowed\""),
                };
                refused.Content.Headers.ContentType!.MediaType.ShouldBe(type, told);
                told.ShouldContain(says);
            }
        }
    }

    private static IEnumerable<HttpTriggerAttribute> Triggers => typeof(DatasetFunctions).Assembly.GetTypes().Where(t => t.Namespace == typeof(DatasetFunctions).Namespace)
        .SelectMany(t => t.GetMethods()).SelectMany(m => m.GetParameters()).Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).OfType<HttpTriggerAttribute>()
        // What answers where nothing is has no address to describe.
        .Where(t => t.Route != "{*path}");

    private static string Address(HttpTriggerAttribute trigger) => "/" + trigger.Route!.TrimStart('/').Replace("{*", "{");

    private static Task<HttpResponseMessage> SendAsync(Served served, HttpMethod method, string address, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return served.Client.SendAsync(request);
    }
}
