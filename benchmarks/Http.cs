using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.Publishing;

namespace Pipeline.Benchmarks;

/// <summary>
/// Small answers, warm, beside a bare endpoint that returns the same bytes and beside other servers' addresses; the time from a blob put to its data over HTTP;
/// and from a process's start to its first answer.
/// </summary>
internal static class Http
{
    public static async Task RunAsync(string folder, string[] others)
    {
        await using var azurite = await Azurite.StartAsync(Path.Combine(folder, "azurite"), Settings.Root, null, Console.Error.WriteLine);
        // A new folder has neither tables nor containers.
        await new Storage(new BlobServiceClient(azurite.ConnectionString), new TableServiceClient(azurite.ConnectionString)).EnsureCreatedAsync();
        await using var server = await Server.StartAsync(azurite.ConnectionString);
        using var client = new HttpClient { BaseAddress = server.Address };
        var releases = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("releases");
        await releases.CreateIfNotExistsAsync();

        await LatencyAsync(client, releases);
        var address = await ThroughputAsync(client, releases, others);
        Cold(azurite.ConnectionString, address);
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

    private static async Task<string> ThroughputAsync(HttpClient client, BlobContainerClient releases, string[] others)
    {
        var dataset = "small" + Guid.NewGuid().ToString("N")[..8];
        await releases.GetBlobClient(dataset + "/release.csv").UploadAsync(BinaryData.FromBytes(Csv(300, 1)));
        var address = $"v1/datasets/{dataset}/data?REF_AREA=650100&limit=50";
        HttpResponseMessage answer;
        while (!(answer = await client.GetAsync(address)).IsSuccessStatusCode)
            await Task.Delay(50);
        answer.Dispose();
        Console.WriteLine("wrk -t1 -c32, 2 s each after 2 s to warm up, 9 rounds of all in turn, medians of rates and of each round's ratio; each beside a bare endpoint that writes the same bytes");
        Console.WriteLine("what | bytes | bare requests/s | requests/s | ratio | 304s/s | ratio");
        Console.WriteLine("---|---|---|---|---|---|---");
        var bodies = new List<byte[]>();
        await using var bare = await StartBareAsync(bodies);
        var bareAddress = bare.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var measured = new List<(string What, string Address, string? ETag)>();
        foreach (var (what, path) in ((string, string)[])[("/v1 data", address), ("SDMX 2 data, JSON", $"sdmx/v2/data/dataflow/*/{dataset}/*/*?c[REF_AREA]=650100&limit=50&format=sdmx-json"),
            ("PxWebApi 2 data", $"pxweb/v2/tables/{dataset}/data?outputFormat=json-stat2"), ("OData", $"odata/{dataset}/Observations?$filter=REF_AREA eq '650100'&$top=50")])
        {
            var url = new Uri(client.BaseAddress!, path).AbsoluteUri;
            using var first = await client.GetAsync(url);
            bodies.Add(await first.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync());
            measured.Add((what, url, first.Headers.ETag?.ToString()));
        }
        foreach (var other in others)
        {
            bodies.Add(await client.GetByteArrayAsync(other));
            measured.Add((other, other, null));
        }
        for (var i = 0; i < measured.Count; i++)
            _ = (Wrk($"{bareAddress}/{i}", 2), Wrk(measured[i].Address, 2));
        var rounds = measured.Select(_ => new List<(double Bare, double Whole, double Unchanged)>()).ToList();
        for (var round = 0; round < 9; round++)
        {
            for (var i = 0; i < rounds.Count; i++)
            {
                var (_, url, tag) = measured[i];
                rounds[i].Add((Wrk($"{bareAddress}/{i}", 2), Wrk(url, 2), tag is null ? 0 : Wrk(url, 2, "If-None-Match: " + tag)));
            }
        }
        for (var i = 0; i < rounds.Count; i++)
        {
            double Median(Func<(double Bare, double Whole, double Unchanged), double> of) => Queries.Median([.. rounds[i].Select(of)]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{measured[i].What} | {bodies[i].Length} | {Median(r => r.Bare):F0} | {Median(r => r.Whole):F0} | {Median(r => r.Whole / r.Bare):F2} | {Median(r => r.Unchanged):F0} | {Median(r => r.Unchanged / r.Bare):F2}"));
        }
        return address;
    }

    // From the start of a process to the end of its first answer: code compiled, storage asked, nothing in memory.
    private static void Cold(string connection, string address)
    {
        var times = Enumerable.Range(0, 5).Select(_ => Job.Run("http-cold", connection, address).Seconds * 1_000).ToList();
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"process start to first answer, 5 times: median {Queries.Median(times):F0} ms, worst {times.Max():F0} ms"));
    }

    /// <summary>In a process of its own: starts, asks once, and says how long that took since the process began.</summary>
    public static async Task ColdAsync(string connection, string address)
    {
        await using var server = await Server.StartAsync(connection);
        using var client = new HttpClient { BaseAddress = server.Address };
        (await client.GetAsync(address)).EnsureSuccessStatusCode();
        using var process = Process.GetCurrentProcess();
        Job.Report((DateTime.Now - process.StartTime).TotalSeconds);
    }

    // Answers /0, /1 and so on with what the list has there.
    private static async Task<WebApplication> StartBareAsync(List<byte[]> bodies)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseRouting();
        app.MapGet("/{number}", context =>
        {
            var bytes = bodies[int.Parse((string)context.Request.RouteValues["number"]!, CultureInfo.InvariantCulture)];
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
