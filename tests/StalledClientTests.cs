using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pipeline.Tests.Support;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Clients that ask for much and do not read it: the host goes on serving others, holds little for them, and ends them.</summary>
public sealed class StalledClientTests
{
    private const int Areas = 8_000;
    private const int Years = 40;

    [Theory]
    [InlineData("/v1/datasets/many/data?format=csv", "identity")]
    [InlineData("/v1/datasets/many/data?format=ndjson", "gzip")]
    [InlineData("/sdmx/v2/data/dataflow/*/many?format=sdmx-csv", "identity")]
    [InlineData("/odata/many/Observations?$top=100000", "identity")]
    public async Task Who_leaves_an_answer_unread_is_ended_and_others_are_served(string address, string coding)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var served = await Served.StartAsync(("Pipeline:PatienceSeconds", "1"), ("Pipeline:AnswerCacheBytes", "1000000"));
        await served.PublishAsync("many", Cubes.Of(Enumerable.Range(0, Areas * Years).Select(i => new Row($"A{i / Years:D5}", $"{1980 + (i % Years)}", (i * 7919L % 100_000_007) / 10m, "A", "T"))));
        var request = Encoding.ASCII.GetBytes($"GET {address} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {coding}\r\n\r\n");
        using (var first = await ReadALittleAsync(served, request))
            (await EndsWholeAsync(first, cancel)).ShouldBeTrue();
        var before = GC.GetTotalMemory(true);

        var clients = new List<Socket>();
        for (var i = 0; i < 20; i++)
            clients.Add(await ReadALittleAsync(served, request));
        // Half of them go away, the others say nothing.
        foreach (var socket in clients[10..])
            socket.Dispose();
        for (var i = 0; i < 20; i++)
            (await served.Client.GetStringAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/datasets/many/data?REF_AREA=A{i:D5}&TIME_PERIOD=2000"), cancel)).ShouldContain($"A{i:D5}");
        // Of each a piece and the rows that it is made of: not the answers.
        (GC.GetTotalMemory(true) - before).ShouldBeLessThan(clients.Count * 10_000_000L);

        await Task.Delay(TimeSpan.FromSeconds(3), cancel);
        foreach (var socket in clients[..10])
        {
            // What the sockets held is still read, and then there is no more.
            (await EndsWholeAsync(socket, cancel)).ShouldBeFalse();
            socket.Dispose();
        }
        served.Host.Log.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static async Task<Socket> ReadALittleAsync(Served served, byte[] request)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, served.Client.BaseAddress!.Port));
        await socket.SendAsync(request);
        var head = new byte[20_000];
        for (var read = 0; read < head.Length;)
            read += await socket.ReceiveAsync(head.AsMemory(read)) is > 0 and var count ? count : throw new EndOfStreamException();
        Encoding.ASCII.GetString(head).ShouldStartWith("HTTP/1.1 200");
        return socket;
    }

    // Whether the last chunk comes.
    private static async Task<bool> EndsWholeAsync(Socket socket, CancellationToken cancellationToken)
    {
        var (buffer, end) = (new byte[1 << 16], "");
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
            {
                end += Encoding.Latin1.GetString(buffer, Math.Max(0, count - 5), Math.Min(5, count));
                end = end[Math.Max(0, end.Length - 5)..];
                if (end == "0\r\n\r\n")
                    return true;
            }
        }
        catch (SocketException)
        {
        }
        return false;
    }
}
