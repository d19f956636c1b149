using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Pipeline.Tests.Support;

/// <summary>A page in a headless Chromium from the PATH, driven over the DevTools protocol. Skips the test where there is none.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly Process process;
    private readonly string folder;
    private readonly ClientWebSocket socket = new();
    private int last;

    private Browser(Process process, string folder) => (this.process, this.folder) = (process, folder);

    /// <summary>The addresses that the page asked for anything, in their order.</summary>
    public List<Uri> Asked { get; } = [];

    /// <summary>What the page wrote to the console as an error, violations of its Content-Security-Policy among them.</summary>
    public List<string> Errors { get; } = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Browser> StartAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(path => ((string[])["chromium", "chromium-browser", "google-chrome"]).Select(name => Path.Combine(path, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "The page is tried in Chromium: none of chromium, chromium-browser and google-chrome is on the PATH.");
        var folder = Directory.CreateTempSubdirectory("pipeline-chromium-").FullName;
        var start = new ProcessStartInfo(program!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-proxy-server", "--window-size=1280,1400", "--remote-debugging-port=0", "--user-data-dir=" + folder, "about:blank"])
            start.ArgumentList.Add(argument);
        var browser = new Browser(Process.Start(start)!, folder);
        try
        {
            browser.process.BeginErrorReadLine();
            browser.process.BeginOutputReadLine();
            var port = Path.Combine(folder, "DevToolsActivePort");
            await LocalHost.UntilAsync(() => File.Exists(port) && File.ReadAllText(port).Contains('\n'), "Chromium listens");
            using var http = new HttpClient();
            var targets = await http.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{(await File.ReadAllLinesAsync(port, Cancel))[0]}/json/list", Cancel);
            await browser.socket.ConnectAsync(new Uri((string)targets!.First(t => (string?)t!["type"] == "page")!["webSocketDebuggerUrl"]!), Cancel);
            foreach (var domain in (string[])["Page", "Network", "Log", "Runtime"])
                await browser.SendAsync(domain + ".enable");
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public Task OpenAsync(string address) => SendAsync("Page.navigate", new JsonObject { ["url"] = address });

    /// <summary>The value of a JavaScript expression in the page, as text.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var result = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({expression})", ["returnByValue"] = true });
        return result["exceptionDetails"] is { } e ? throw new InvalidOperationException(e.ToJsonString()) : (string)result["result"]!["value"]!;
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    public Task UntilAsync(string expression) => LocalHost.UntilAsync(async () => await EvaluateAsync(expression) == "true", expression);

    /// <summary>A picture of what is shown, as PNG.</summary>
    public async Task<byte[]> ScreenshotAsync() => Convert.FromBase64String((string)(await SendAsync("Page.captureScreenshot"))["data"]!);

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
        for (var attempt = 0; Directory.Exists(folder) && attempt < 10; attempt++)
        {
            try
            {
                Directory.Delete(folder, true);
            }
            catch (IOException)
            {
                // Its children are still writing.
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    // Events that come before the answer are noted on the way.
    private async Task<JsonNode> SendAsync(string method, JsonObject? parameters = null)
    {
        var id = ++last;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, Cancel);
        while (true)
        {
            var received = JsonNode.Parse(await ReceiveAsync())!;
            if ((int?)received["id"] == id)
                return received["result"] ?? throw new InvalidOperationException($"{method}: {received.ToJsonString()}");
            var about = received["params"];
            switch ((string?)received["method"])
            {
                case "Network.requestWillBeSent":
                    Asked.Add(new Uri((string)about!["request"]!["url"]!));
                    break;
                case "Log.entryAdded" when (string?)about!["entry"]!["level"] == "error":
                    Errors.Add($"{about["entry"]!["text"]} {about["entry"]!["url"]}");
                    break;
                case "Runtime.exceptionThrown":
                    Errors.Add(about!["exceptionDetails"]!.ToJsonString());
                    break;
            }
        }
    }

    private async Task<byte[]> ReceiveAsync()
    {
        var (whole, buffer) = (new MemoryStream(), new byte[64 << 10]);
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), Cancel);
            whole.Write(buffer.AsSpan(0, part.Count));
            if (part.EndOfMessage)
                return whole.ToArray();
        }
    }
}
