using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Azure;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Pipeline.Publishing;
using Pipeline.Serving;
using Spectre.Console;

namespace Pipeline.Local;

/// <summary>The command <c>serve</c>, and what runs without a command.</summary>
internal static class Serve
{
    private static readonly TimeSpan SamplePatience = TimeSpan.FromMinutes(1);

    /// <summary>Serves until cancelled.</summary>
    /// <exception cref="FailedException">The port is taken, or the storage can not be used.</exception>
    public static async Task<int> RunAsync(int port, string? where, bool samples, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (Azurite.IsTaken(port))
            throw PortTaken(port);
        var settings = Settings.Load();
        var connection = where ?? settings["AzureWebJobsStorage"] ?? "";
        try
        {
            await using var account = await StorageAccount.OpenAsync(connection, where is null ? "AzureWebJobsStorage" : "--storage", Settings.Root, Say, cancellationToken);
            settings["AzureWebJobsStorage"] = account.ConnectionString;
            var storage = Storage.Connect(settings);
            Say("Creating containers and tables …");
            await storage.EnsureCreatedAsync(cancellationToken);
            await using var host = await StartAsync(settings, port, console, cancellationToken);
            var datasets = samples ? await LoadSamplesAsync(storage, console, cancellationToken) : [];
            if (datasets.Count > 0)
                await SaveExamplesAsync(host.Address, cancellationToken);
            Welcome(host.Address, datasets, Stopwatch.GetElapsedTime(started), console);

            var ended = account.Azurite?.Ended ?? Task.Delay(Timeout.Infinite, CancellationToken.None);
            if (await Task.WhenAny(ended, Task.Delay(Timeout.Infinite, cancellationToken)) == ended)
                throw new FailedException("The storage emulator Azurite has ended, so nothing can be read or stored any more. Start again.");
            Say("Stopping …");
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            throw new FailedException($"The storage account failed: {FailedException.Reason(e)}.", e);
        }

        void Say(string line) => console.WriteLine(line);
    }

    private static async Task<FunctionHost> StartAsync(IConfiguration settings, int port, IAnsiConsole console, CancellationToken cancellationToken)
    {
        try
        {
            return await FunctionHost.StartAsync(new FunctionHostOptions
            {
                Configuration = settings,
                Port = port,
                Services = services => services.AddPipeline(settings),
                Logging = logging => logging.AddProvider(new ConsoleLog(console)),
            }, cancellationToken);
        }
        catch (IOException e) when (e.GetBaseException() is SocketException)
        {
            throw PortTaken(port);
        }
        // What a setting holds is told by the one who reads it.
        catch (ArgumentException e) when (e.Message.StartsWith("Pipeline:", StringComparison.Ordinal))
        {
            throw new FailedException(e.Message, e);
        }
    }

    private static FailedException PortTaken(int port) =>
        new($"Port {port} of 127.0.0.1 is taken. Stop the program that has it, or choose another port: serve --port {(port < 65535 ? port + 1 : 7071)}.");

    /// <summary>Puts <c>samples/{dataset}/{file}</c> where uploads go, unless they are there, and waits for their results.</summary>
    /// <returns>The datasets that the samples are in.</returns>
    private static async Task<IReadOnlyList<string>> LoadSamplesAsync(Storage storage, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Settings.Root, "samples");
        if (!Directory.Exists(folder))
            return [];
        var files = Directory.GetDirectories(folder).Order(StringComparer.Ordinal)
            .SelectMany(dataset => Directory.GetFiles(dataset).Order(StringComparer.Ordinal).Select(file => (Dataset: Path.GetFileName(dataset), File: file))).ToArray();
        foreach (var (dataset, file) in files)
        {
            var blob = storage.Releases.GetBlobClient($"{dataset}/{Path.GetFileName(file)}");
            try
            {
                await blob.UploadAsync(file, new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status is 409 or 412)
            {
                // It was loaded by an earlier start.
            }
        }
        var ledger = new Ledger(storage);
        var datasets = new List<string>();
        foreach (var (dataset, file) in files)
        {
            var name = $"{dataset}/{Path.GetFileName(file)}";
            var since = Stopwatch.GetTimestamp();
            ReleaseRecord? release;
            while ((release = await FindAsync(ledger, dataset, name, cancellationToken)) is not { State: ReleaseState.Published or ReleaseState.Rejected or ReleaseState.Held }
                && Stopwatch.GetElapsedTime(since) < SamplePatience)
            {
                await Task.Delay(100, cancellationToken);
            }
            console.WriteLine($"Sample {name}: {ReleaseText.Outcome(release)}");
            datasets.AddRange(release?.Published.Select(version => version.Dataset) ?? []);
        }
        return datasets;
    }

    private static async Task<ReleaseRecord?> FindAsync(Ledger ledger, string dataset, string name, CancellationToken cancellationToken)
    {
        await foreach (var release in ledger.ListAsync(dataset, cancellationToken))
            if (release.File == name || dataset + "/" + release.File == name)
                return release;
        return null;
    }

    // The page to try the API shows what saved queries of the samples give: so these are saved. One that is refused, because its sample was, is not there either.
    private static async Task SaveExamplesAsync(Uri address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        var document = JsonNode.Parse(await client.GetStringAsync("/openapi.json", cancellationToken))!;
        foreach (var path in (string[])["/v1/queries", "/pxweb/v2/savedqueries"])
        {
            var body = document["paths"]![path]!["post"]!["requestBody"]!["content"]!["application/json"]!;
            var example = body["example"] ?? document["components"]!["schemas"]![((string)body["schema"]!["$ref"]!).Split('/')[^1]]!["example"]!;
            using var content = new StringContent(example.ToJsonString(), Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(path, content, cancellationToken);
        }
    }

    private static void Welcome(Uri address, IReadOnlyList<string> datasets, TimeSpan took, IAnsiConsole console)
    {
        console.WriteLine();
        console.WriteLine($"Ready after {took.TotalSeconds:0.0} s. Ctrl-C stops it.");
        console.WriteLine($"  Catalogue  {address}v1/datasets");
        console.WriteLine($"  API        {address}docs");
        if (datasets.Count > 0)
        {
            console.WriteLine($"  A dataset  {address}v1/datasets/{datasets[0]}");
            console.WriteLine($"  Try        curl \"{address}v1/datasets/{datasets[0]}/data?format=csv\"");
        }
        console.WriteLine();
    }
}
