using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Azure.Storage.Blobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;

namespace Pipeline.Benchmarks;

/// <summary>Small answers, warm, beside a bare endpoint that returns the same bytes; and the time from a blob put to its data over HTTP.</summary>
internal static class Http
{
    public static async Task RunAsync(string folder)
    {
        await using var azurite = await Azurite.StartAsync(Path.Combine(folder, "azurite"), Settings.Root, null, Console.Error.WriteLine);
        await using var server = await Server.StartAsync(azurite.ConnectionString);
        using var client = new HttpClient { BaseAddress = server.Address };
        var releases = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("releases");
        await releases.CreateIfNotExistsAsync();

        await LatencyAsync(client, releases);
        await ThroughputAsync(client, releases);
    }

    private static async Task LatencyAsync(HttpClient client, BlobContainerClient releases)
    {
        var times = new List<double>();
        for (var round = 0; round < 21; round++)
        {
            var dataset = "latency" + Guid.NewGuid().ToString("N")[..8];
            var csv = Csv(27_000, round);
            var clock = Stopwatch.StartNew();
            await releases.GetBlobClient(dataset + "/release.csv").UploadAsync(BinaryData.FromBytes(csv));
            while (true)
            {
                using var answer = await client.GetAsync($"v1/datasets/{dataset}/data?limit=1");
                if (answer.IsSuccessStatusCode)
                    break;
                await Task.Delay(5);
            }
            // The first round compiles the code.
            if (round > 0)
                times.Add(clock.Elapsed.TotalMilliseconds);
            if (round == 0)
                Console.WriteLine($"blob put to readable over HTTP, CSV of {csv.Length / 1e6:F2} MB, 27,000 observations, 20 rounds after one to warm up");
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median {Queries.Median(times):F0} ms, worst {times.Max():F0} ms"));
        Console.WriteLine();
    }

    private static async Task ThroughputAsync(HttpClient client, BlobContainerClient releases)
    {
        var dataset = "small" + Guid.NewGuid().ToString("N")[..8];
        await releases.GetBlobClient(dataset + "/release.csv").UploadAsync(BinaryData.FromBytes(Csv(300, 1)));
        var address = $"v1/datasets/{dataset}/data?REF_AREA=650100&limit=50";
        HttpResponseMessage answer;
        while (!(answer = await client.GetAsync(address)).IsSuccessStatusCode)
            await Task.Delay(50);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        await using var bare = await StartBareAsync(bytes);
        var etag = answer.Headers.ETag!.ToString();
        Console.WriteLine($"GET /{address.Replace(dataset, "small", StringComparison.Ordinal)}: {bytes.Length} bytes; wrk -t1 -c32, 8 s each after 3 s to warm up, alternating, best of 3");
        Console.WriteLine("what | requests/s | ratio");
        Console.WriteLine("---|---|---");
        var ours = new Uri(client.BaseAddress!, address).ToString();
        var bareAddress = bare.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/static";
        Wrk(ours, 3);
        Wrk(bareAddress, 3);
        var (a, b, c) = (0d, 0d, 0d);
        for (var round = 0; round < 3; round++)
        {
            b = Math.Max(b, Wrk(bareAddress, 8));
            a = Math.Max(a, Wrk(ours, 8));
            c = Math.Max(c, Wrk(ours, 8, $"If-None-Match: {etag}"));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bare endpoint | {b:F0} | 1"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"/data | {a:F0} | {a / b:F2}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"/data, 304 | {c:F0} | {c / b:F2}"));
    }

    private static async Task<WebApplication> StartBareAsync(byte[] bytes)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseRouting();
        app.MapGet("/static", context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = bytes.Length;
            return context.Response.Body.WriteAsync(bytes).AsTask();
        });
        await app.StartAsync();
        return app;
    }

    private static double Wrk(string address, int seconds, string? header = null)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "-t1", "-c32", $"-d{seconds}s" }.Concat(header is null ? [] : ["-H", header]).Append(address))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var line = output.Split('\n').First(l => l.StartsWith("Requests/sec", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }

    private static byte[] Csv(int rows, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder("REF_AREA,ACTIVITY,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\n");
        for (var i = 0; i < rows; i++)
            text.Append(CultureInfo.InvariantCulture, $"{650100 + (i % 10)},C{10 + (i / 10 % 30)},{1990 + (i / 300 / 12)}-{(i / 300 % 12) + 1:D2},{random.Next(1000000)}.{random.Next(10)},CNY\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
