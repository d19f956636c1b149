using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Pipeline.Local;
using Pipeline.Publishing;
using Pipeline.Serving;
using Xunit;

namespace Pipeline.Tests.Support;

/// <summary>The whole app on a fresh storage account with the samples taken in, as the first command leaves it. Its tests share it.</summary>
public sealed class SampleHost : IAsyncLifetime
{
    private LocalHost host = null!;

    public HttpClient Client => host.Client;

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address => host.Host.Address.ToString().TrimEnd('/');

    public async ValueTask InitializeAsync()
    {
        var connection = await Emulator.NewAccountAsync();
        var storage = new Storage(new BlobServiceClient(connection), new TableServiceClient(connection));
        await storage.EnsureCreatedAsync();
        var samples = Path.Combine(Settings.Root, "samples");
        var files = Directory.GetFiles(samples, "*", SearchOption.AllDirectories);
        foreach (var file in files)
            await storage.Releases.GetBlobClient(Path.GetRelativePath(samples, file).Replace('\\', '/')).UploadAsync(file);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("AzureWebJobsStorage", connection), new("Pipeline:Key", LocalHost.Key)]).Build();
        host = await LocalHost.StartAsync(connectionString: connection, services: services => services.AddPipeline(configuration));
        var ledger = new Ledger(storage);
        var datasets = files.Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Distinct().ToList();
        await LocalHost.UntilAsync(async () =>
        {
            var ended = 0;
            foreach (var dataset in datasets)
                ended += await ledger.ListAsync(dataset).CountAsync(r => r.State is ReleaseState.Published or ReleaseState.Rejected);
            return ended == files.Length;
        }, "the end of every sample", 60);
    }

    public async ValueTask DisposeAsync() => await host.DisposeAsync();
}
