using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs.Models;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Bad requests: always problem details with a code, never a fault of ours, and nothing of a refused upload can be seen.</summary>
public sealed class BadRequestTests
{
    private const string Csv = "REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n650100,2022,1.5,PT\n";

    [Fact]
    public async Task Without_the_key_or_with_a_wrong_one_nothing_is_taken()
    {
        await using var served = await Served.StartWholeAsync();
        foreach (var (key, code) in ((string?, string)[])[(null, "key-missing"), ("wrong", "key-wrong")])
        {
            foreach (var (method, path) in ((string, string)[])[("PUT", "d/x.csv"), ("POST", "check?file=x.csv"), ("GET", "d-0123456789abcdef"), ("GET", "?dataset=d")])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), served.Host.Host.Address + "v1/releases" + (path[0] == '?' ? "" : "/") + path);
                if (method != "GET")
                    request.Content = new StringContent(Csv);
                if (key is not null)
                    request.Headers.Add("x-functions-key", key);
                using var client = new HttpClient();
                using var response = await client.SendAsync(request);
                (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.Unauthorized, code), $"{method} {path}");
            }
        }
        (await StoredAsync(served)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("..%2Fx.csv")]
    [InlineData("x%2F..%2F..%2Fy.csv")]
    [InlineData("a%5C..%5Cb.csv")]
    [InlineData("a%01b.csv")]
    [InlineData("a%0D%0Ab.csv")]
    [InlineData("%EF%BF%BF.csv")]
    [InlineData(".hidden")]
    [InlineData("a.csv.")]
    [InlineData("%20a.csv")]
    [InlineData("1000")]
    public async Task A_name_that_storage_or_a_list_can_not_hold_is_refused(string name)
    {
        await using var served = await Served.StartAsync();
        using var response = await served.Client.PutAsync("/v1/releases/d/" + (name == "1000" ? new string('x', 1000) : name), new StringContent(Csv));
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.BadRequest, "invalid-file-name"));
        (await StoredAsync(served)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task More_than_the_limit_is_refused_by_name_before_it_is_read_and_leaves_nothing(bool chunked)
    {
        const long most = 1_000_000;
        await using var served = await Served.StartWholeAsync(null, ("Pipeline:MaxUploadBytes", $"{most}"));
        using var socket = await ConnectAsync(served);
        var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT /v1/releases/d/big.csv HTTP/1.1\r\nHost: x\r\nx-functions-key: {LocalHost.Key}\r\n"
            + (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: 1000000000\r\n\r\n")));
        var answer = ReadAllAsync(stream);
        var (sent, block) = (0L, new byte[1 << 20]);
        block.AsSpan().Fill((byte)'1');
        try
        {
            while (!answer.IsCompleted && sent < 1_000_000_000)
            {
                if (chunked)
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"{block.Length:x}\r\n"));
                await stream.WriteAsync(block);
                if (chunked)
                    await stream.WriteAsync("\r\n"u8.ToArray());
                sent += block.Length;
            }
        }
        catch (IOException)
        {
            // The server has closed the connection on what it does not want.
        }
        // The blocks of storage, what Kestrel drains and what the sockets hold: by far not the gigabyte.
        sent.ShouldBeLessThan(300_000_000);
        var text = await answer;
        text.ShouldStartWith("HTTP/1.1 413");
        text.ShouldContain("\"code\":\"upload-too-large\"");
        text.ShouldContain($"at most {most} bytes");
        (await StoredAsync(served)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_goes_away_in_the_middle_leaves_nothing(bool chunked)
    {
        await using var served = await Served.StartWholeAsync();
        using (var socket = await ConnectAsync(served))
        {
            var head = $"PUT /v1/releases/d/half.csv HTTP/1.1\r\nHost: x\r\nx-functions-key: {LocalHost.Key}\r\n";
            await socket.SendAsync(Encoding.ASCII.GetBytes(head + (chunked ? $"Transfer-Encoding: chunked\r\n\r\n{Csv.Length:x}\r\n{Csv}\r\n" : $"Content-Length: {Csv.Length + 10}\r\n\r\n{Csv}")));
            await Task.Delay(300);
            socket.Shutdown(SocketShutdown.Both);
        }
        await Task.Delay(500);
        (await StoredAsync(served)).ShouldBeEmpty();
        served.Host.Log.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
        ((string?)(await served.UploadAsync("d/half.csv", Encoding.UTF8.GetBytes(Csv)))["state"]).ShouldBe("published");
    }

    [Fact]
    public async Task Many_rows_stream_in_pieces_and_a_reader_may_go_away_in_the_middle()
    {
        await using var served = await Served.StartWholeAsync(null, ("Pipeline:AnswerCacheBytes", "1000000"));
        const int areas = 8_000, years = 40;
        var csv = new StringBuilder("REF_AREA,TIME_PERIOD,OBS_VALUE\n");
        for (var area = 0; area < areas; area++)
            for (var year = 0; year < years; year++)
                csv.Append($"A{area:D5},{1980 + year},{area}.{year}\n");
        var report = await served.UploadAsync("many/many.csv", Encoding.UTF8.GetBytes(csv.ToString()));
        ((long)report["reconciliation"]!["observations"]!).ShouldBe(areas * years);

        using (var left = await served.Client.GetAsync("/v1/datasets/many/data?format=csv", HttpCompletionOption.ResponseHeadersRead))
        {
            (left.Headers.TransferEncodingChunked, left.Content.Headers.ContentLength).ShouldBe((true, null));
            await (await left.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[100_000]);
        }
        foreach (var (format, rows) in ((string, int)[])[("csv", (areas * years) + 1), ("json&limit=100000", 100_000)])
        {
            using var whole = await served.Client.GetAsync("/v1/datasets/many/data?format=" + format, HttpCompletionOption.ResponseHeadersRead);
            whole.Headers.TransferEncodingChunked.ShouldBe(true);
            using var lines = new StreamReader(await whole.Content.ReadAsStreamAsync());
            var count = 0;
            while (await lines.ReadLineAsync() is not null)
                count++;
            count.ShouldBe(rows);
        }
        var (status, problem) = await served.ProblemAsync("/v1/datasets/many/data?limit=100001");
        (status, (string?)problem["code"]).ShouldBe((HttpStatusCode.BadRequest, "limit-out-of-range"));
        ((string)problem["detail"]!).ShouldContain("format=csv");
        served.Host.Log.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{} x")]
    [InlineData("{\"sort\":\"\\ud800\"}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"where\":{\"FREQ\":[\"\\udc00\"]}}")]
    [InlineData("{\"where\":{\"\\ud800\":\"A\"}}")]
    [InlineData("{\"lang\":\"\\ud800\"}")]
    [InlineData("{\"lang\":\"\u00ff\"}", true)]
    [InlineData("{\"\u00ff\":1}", true)]
    [InlineData("{\"limit\":1,\"limit\":2}")]
    [InlineData("deep")]
    public async Task A_body_that_is_no_query_is_told_so(string body, bool latin = false)
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT")]));
        if (body == "deep")
            body = string.Concat(Enumerable.Repeat("{\"where\":", 10_000)) + "1" + new string('}', 10_000);
        var (status, problem) = await served.ProblemAsync("/v1/datasets/d/query", new ByteArrayContent((latin ? Encoding.Latin1 : Encoding.UTF8).GetBytes(body)));
        (status, (string?)problem["code"]).ShouldBe((HttpStatusCode.BadRequest, "malformed-json"));
    }

    [Theory]
    [InlineData("/v1/datasets/d/query")]
    [InlineData("/v1/queries")]
    [InlineData("/pxweb/v2/tables/d/data")]
    [InlineData("/pxweb/v2/savedqueries")]
    public async Task A_body_in_a_coding_or_of_too_many_bytes_is_refused_before_it_is_read(string path)
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT")]));
        using var content = new ByteArrayContent([0x1f, 0x8b, 8, 0]);
        content.Headers.ContentEncoding.Add("gzip");
        using var refused = await served.Client.PostAsync(path, content);
        var text = await refused.Content.ReadAsStringAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType, text);
        text.ShouldContain("gzip");
        refused.Headers.GetValues("Accept-Encoding").ShouldBe(["identity"]);

        using var socket = await ConnectAsync(served);
        using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n"));
        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Encoding.ASCII.GetString(answer).ShouldBe("HTTP/1.1 413");
    }

    [Fact]
    public async Task Too_many_levels_are_told_with_their_number_and_a_way_round()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT")]));
        string Nested(int lists) => "{\"where\":{\"or\":" + new string('[', lists) + new string(']', lists) + "}}";
        var (status, problem) = await served.ProblemAsync("/v1/datasets/d/query", new StringContent(Nested(63)));
        (status, (string?)problem["code"], (string?)problem["expected"]).ShouldBe((HttpStatusCode.BadRequest, "malformed-json", "at most 64 levels of JSON"));
        ((string)problem["detail"]!).ShouldContain("Flatten");
        ((string?)(await served.ProblemAsync("/v1/datasets/d/query", new StringContent(Nested(62)))).Problem["code"]).ShouldBe("malformed-value");
    }

    [Fact]
    public async Task A_cursor_and_a_moment_have_to_mean_one_version_and_a_parameter_stands_once()
    {
        await using var served = await Served.StartAsync();
        var rows = new List<Row> { new("650000", "2022", 5.20m, "A", "PT"), new("650100", "2022", 5.20m, "A", "PT"), new("650200", "2022", 5.20m, "A", "PT") };
        await served.PublishAsync("d", Cubes.Of(rows));
        string[] faces = ["/v1/datasets/d/data?limit=1", "/v1/datasets/d/series?limit=1"];
        var first = new List<string>();
        foreach (var face in faces)
            first.Add((string)(await served.JsonAsync(face))["page"]!["cursor"]!);
        await served.PublishAsync("d", Cubes.Of([.. rows, new("650300", "2022", 1m, "A", "PT")]));
        await LocalHost.UntilAsync(async () => (int)(await served.JsonAsync(faces[0]))["version"]! == 2, "the second version");
        foreach (var (face, cursor) in faces.Zip(first))
        {
            foreach (var version in (string[])["asOf=2099-01-01", "version=2"])
            {
                var (status, problem) = await served.ProblemAsync($"{face}&{version}&cursor={cursor}");
                (status, (string?)problem["code"]).ShouldBe((HttpStatusCode.BadRequest, "invalid-cursor"), face + version);
            }
            var second = (string)(await served.JsonAsync(face))["page"]!["cursor"]!;
            using var answer = await served.Client.GetAsync($"{face}&asOf=2099-01-01&cursor={second}");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            answer.Headers.CacheControl!.ToString().ShouldNotContain("immutable");
        }
        foreach (var twice in (string[])["file=x.csv&file=y.csv", "file=x.csv&title=a&title=b", "file=x.csv&dataset=d&dataset=e"])
            ((string?)(await served.ProblemAsync("/v1/releases/check?" + twice, new StringContent(Csv))).Problem["code"]).ShouldBe("malformed-value", twice);
    }

    [Fact]
    public async Task No_browser_takes_an_answer_for_something_else_than_it_says()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT")]));
        foreach (var path in (string[])["/", "/docs", "/v1/datasets/d/data?format=csv", "/v1/datasets/d/data.parquet", "/datasets/d", "/datasets/none", "/odata/d/Observations", "/pxweb/v2/tables/d/data", "/sdmx/v1/dataflow", "/v1/datasets/none", "/nothing", "/v1/releases?dataset=d"])
        {
            // The second is answered from what is kept, the third as unchanged.
            System.Net.Http.Headers.EntityTagHeaderValue? etag = null;
            for (var i = 0; i < 3; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                if (i == 2 && etag is not null)
                    request.Headers.IfNoneMatch.Add(etag);
                using var answer = await served.Client.SendAsync(request);
                answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], path);
                if (i == 2 && etag is not null)
                    answer.StatusCode.ShouldBe(HttpStatusCode.NotModified, path);
                etag = answer.Headers.ETag;
            }
        }
    }

    [Theory]
    [InlineData("text/csv; charset=\"\u007f\"")]
    [InlineData("nonsense")]
    public async Task Any_content_type_is_taken(string type)
    {
        await using var served = await Served.StartAsync();
        using var content = new StringContent(Csv);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type).ShouldBeTrue();
        using var response = await served.Client.PutAsync("/v1/releases/d/x.csv", content);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Odd_requests_are_answered_with_problems_and_never_a_fault()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT")]));
        foreach (var path in (string[])["/", "/docs", "/openapi.json", "/health", "/v1/datasets", "/v1/datasets/d", "/v1/datasets/d/versions", "/v1/datasets/d/series", "/v1/datasets/d/data",
            "/v1/datasets/d/data.parquet", "/v1/datasets/d/query", "/v1/releases", "/v1/releases/check", "/v1/releases/x", "/v1/releases/x%27%20or%201-b", "/v1//datasets", "/nothing"])
        {
            foreach (var method in (string[])["GET", "HEAD", "OPTIONS", "POST", "DELETE", "PATCH", "TRACE", "PROPFIND"])
            {
                foreach (var (header, value) in ((string, string)[])[("Accept", ";;q=x"), ("Accept", "application/xml"), ("Range", "bytes=99999999999999999999-"),
                    ("Range", "bytes=-0,5-1"), ("If-None-Match", "\"\"\""), ("If-Modified-Since", "yesterday"), ("Accept-Encoding", "br;q=9,*;q=-1")])
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), path);
                    request.Headers.TryAddWithoutValidation(header, value);
                    using var response = await served.Client.SendAsync(request);
                    var what = $"{method} {path} {header}: {value}";
                    ((int)response.StatusCode).ShouldBeLessThan(500, what);
                    if (response.StatusCode >= HttpStatusCode.BadRequest && response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
                        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json", what);
                }
            }
        }
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        return (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["code"];
    }

    // Blobs, whole ones only, and the ledger's rows.
    private static async Task<List<string>> StoredAsync(Served served)
    {
        var stored = await served.Storage.Releases.GetBlobsAsync(new GetBlobsOptions()).Select(b => b.Name).ToListAsync();
        stored.AddRange(await served.Storage.ReleasesTable.QueryAsync<Azure.Data.Tables.TableEntity>().Select(r => r.RowKey).ToListAsync());
        return stored;
    }

    private static async Task<Socket> ConnectAsync(Served served)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, served.Host.Host.Address.Port);
        return socket;
    }

    private static async Task<string> ReadAllAsync(Stream stream)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4096]);
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
                if (text.ToString().Contains("\"code\"", StringComparison.Ordinal))
                    break;
            }
        }
        catch (IOException)
        {
            // Reset after the answer.
        }
        return text.ToString();
    }
}
