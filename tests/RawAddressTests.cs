using System.Net;
using System.Net.Sockets;
using System.Text;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Addresses as people type them, with Chinese that is not percent-encoded, over bare sockets: clients in .NET would encode it.</summary>
public sealed class RawAddressTests
{
    private const string Raw = "GET /v1/datasets/d/data?REF_AREA=contains:北京&format=csv&columns=REF_AREA HTTP/1.1\r\nHost: x\r\nX-Note: a:b\r\n\r\n";
    private const string Rows = "REF_AREA\r\n北京市\r\n";

    [Fact]
    public async Task Chinese_in_an_address_is_taken_wherever_the_line_is_cut_and_again_on_the_same_connection()
    {
        await using var served = await StartAsync();
        using var socket = await ConnectAsync(served);
        var head = Encoding.UTF8.GetBytes(Raw);
        for (var cut = 0; cut < head.Length; cut++)
        {
            await socket.SendAsync(head.AsMemory(0, cut));
            await Task.Delay(1);
            await socket.SendAsync(head.AsMemory(cut));
            (await AnswerAsync(socket)).ShouldBe((200, Rows), $"cut at {cut}");
        }
    }

    [Fact]
    public async Task Requests_that_do_not_wait_for_an_answer_are_each_taken()
    {
        await using var served = await StartAsync();
        using var socket = await ConnectAsync(served);
        await socket.SendAsync(Encoding.UTF8.GetBytes(Raw + Raw.Replace("北京", "上海") + Raw.Replace("北京", "天")));
        (await AnswerAsync(socket)).ShouldBe((200, Rows));
        (await AnswerAsync(socket)).ShouldBe((200, "REF_AREA\r\n上海\r\n"));
        (await AnswerAsync(socket)).ShouldBe((200, "REF_AREA\r\n"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_byte_of_a_body_is_touched(bool chunked)
    {
        await using var served = await StartAsync();
        using var socket = await ConnectAsync(served);
        // What looks like a request in a body is none.
        var body = Encoding.UTF8.GetBytes("REF_AREA,TIME_PERIOD,OBS_VALUE\r\n北京,2022,1\r\n\r\nGET /原煤 HTTP/1.1\r\n\r\nGET /原煤 HTTP/1.1\r\n");
        await socket.SendAsync(Encoding.UTF8.GetBytes(Raw + $"PUT /v1/releases/e/原煤.csv HTTP/1.1\r\nHost: x\r\nx-functions-key: {LocalHost.Key}\r\n"
            + (chunked ? $"Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n" : $"Content-Length: {body.Length}\r\n\r\n")));
        await socket.SendAsync(body);
        if (chunked)
            await socket.SendAsync("\r\n0\r\n\r\n"u8.ToArray());
        (await AnswerAsync(socket)).ShouldBe((200, Rows));
        (await AnswerAsync(socket)).Status.ShouldBe(202);
        (await served.Storage.Releases.GetBlobClient("e/原煤.csv").DownloadContentAsync()).Value.Content.ToArray().ShouldBe(body);
        await socket.SendAsync(Encoding.UTF8.GetBytes(Raw.Replace("北京", "%E5%8C%97%E4%BA%AC")));
        (await AnswerAsync(socket)).ShouldBe((200, Rows));
    }

    [Theory]
    [InlineData("原煤 /v1/datasets HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /v1/datasets HTTP/1.1\r\nHost: x\r\nX-原: 煤\r\n\r\n")]
    [InlineData("GET /v1/datasets\r\n\r\n")]
    public async Task What_is_no_request_is_still_refused(string head)
    {
        await using var served = await StartAsync();
        using var socket = await ConnectAsync(served);
        await socket.SendAsync(Encoding.UTF8.GetBytes(head));
        (await AnswerAsync(socket)).Status.ShouldBe(400);
    }

    [Fact]
    public async Task An_address_in_GBK_is_told_how_it_is_written_and_never_taken_for_other_words()
    {
        await using var served = await StartAsync();
        (await served.Client.GetStringAsync("/v1/datasets/d/data?REF_AREA=%E5%8C%97%E4%BA%AC%E5%B8%82&columns=OBS_VALUE&format=csv")).ShouldBe("OBS_VALUE\r\n1\r\n");
        // 镕 has an F for its second byte.
        foreach (var (address, read) in ((string, string?)[])
            [("data?REF_AREA=%B1%B1%BE%A9%CA%D0", "北京市"), ("data?FREQ=A&REF_AREA=contains:%B1%B1%BE%A9&limit=1", "北京"), ("data?REF_AREA=a,%B1%B1%BE%A9%CA%D0%E9F", "北京市镕"), ("%B1%B1%BE%A9", "北京"), ("data?REF_AREA=%FF", null), ("data?REF_AREA=%E5%8C", null)])
        {
            var (status, problem) = await served.ProblemAsync("/v1/datasets/d/" + address);
            ((int)status, (string?)problem["code"], (string?)problem["didYouMean"]).ShouldBe((400, "request-unreadable", read is null ? null : Uri.EscapeDataString(read)), address);
            if (read is not null)
                ((string)problem["detail"]!).ShouldContain($"is '{read}' in GB 18030");
        }
        using var socket = await ConnectAsync(served);
        await socket.SendAsync((byte[])[.. "GET /v1/search?q="u8, 0xB1, 0xB1, 0xBE, 0xA9, .. " HTTP/1.1\r\nHost: x\r\n\r\n"u8]);
        (await AnswerAsync(socket)).Body.ShouldContain("北京");
        // In the form of each face.
        foreach (var address in (string[])["/sdmx/v2/data/dataflow/*/%B1%B1", "/pxweb/v2/tables?query=%B1%B1", "/odata/d?$filter=REF_AREA%20eq%20'%B1%B1'"])
        {
            using var answer = await served.Client.GetAsync(address);
            ((int)answer.StatusCode).ShouldBe(400, address);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("GB 18030", Case.Sensitive, address);
        }
    }

    private static async Task<Served> StartAsync()
    {
        var served = await Served.StartAsync();
        await served.PublishAsync("d", Cubes.Of([new("北京市", "2022", 1m, "A", "PT"), new("上海", "2022", 2m, "A", "PT")]));
        return served;
    }

    private static async Task<Socket> ConnectAsync(Served served)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, served.Host.Host.Address.Port);
        return socket;
    }

    // One answer, byte by byte so that nothing of the next is taken.
    private static async Task<(int Status, string Body)> AnswerAsync(Socket socket)
    {
        var (text, one) = (new List<byte>(), new byte[1]);
        async Task<string> UntilAsync(string end)
        {
            text.Clear();
            while (!Encoding.UTF8.GetString([.. text.TakeLast(end.Length)]).EndsWith(end, StringComparison.Ordinal))
                text.Add(await socket.ReceiveAsync(one) > 0 ? one[0] : throw new InvalidOperationException("The connection ended: " + Encoding.UTF8.GetString([.. text])));
            return Encoding.UTF8.GetString([.. text]);
        }
        async Task<byte[]> TakeAsync(int count)
        {
            var bytes = new byte[count];
            for (var read = 0; read < count;)
                read += await socket.ReceiveAsync(bytes.AsMemory(read));
            return bytes;
        }
        var head = await UntilAsync("\r\n\r\n");
        var body = new List<byte>();
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            for (var size = -1; size != 0;)
            {
                size = Convert.ToInt32((await UntilAsync("\r\n")).Trim(), 16);
                body.AddRange(await TakeAsync(size));
                await TakeAsync(2);
            }
        }
        else
        {
            var at = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase) + "Content-Length: ".Length;
            body.AddRange(await TakeAsync(int.Parse(head[at..head.IndexOf('\r', at)])));
        }
        return (int.Parse(head.Split(' ')[1]), Encoding.UTF8.GetString([.. body]));
    }
}
