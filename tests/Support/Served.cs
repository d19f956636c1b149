using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Functions;
using Pipeline.Publishing;
using Pipeline.Serving;
using Pipeline.Understanding;

namespace Pipeline.Tests.Support;

/// <summary>The app's HTTP functions on a storage account of their own, and the means to publish into it.</summary>
public sealed class Served : IAsyncDisposable
{
    // Every class of functions but the one that takes uploads in.
    private static IEnumerable<Type> Http =>
        typeof(DatasetFunctions).Assembly.GetTypes().Where(t => t.Namespace == typeof(DatasetFunctions).Namespace && t != typeof(IngestFunctions) && t.Name.EndsWith("Functions", StringComparison.Ordinal));

    public required LocalHost Host { get; init; }

    public required Storage Storage { get; init; }

    public HttpClient Client => Host.Client;

    /// <summary>The parts of the OpenAPI document as they stand in the sources, one after the other.</summary>
    public static string OpenApiText() =>
        string.Concat(Directory.GetFiles(Path.Combine(Pipeline.Local.Settings.Root, "shared", "Serving"), "openapi*.json").Order(StringComparer.Ordinal).Select(File.ReadAllText));

    public static Task<Served> StartAsync(params (string Key, string Value)[] settings) =>
        StartAsync([.. Http], null, settings);

    /// <summary>Starts the whole app: what is uploaded is taken in.</summary>
    /// <param name="services">Puts other services in the place of the app's, given the connection string.</param>
    /// <param name="settings">Settings of the app.</param>
    public static Task<Served> StartWholeAsync(Action<IServiceCollection, string>? services = null, params (string Key, string Value)[] settings) =>
        StartAsync([.. Http, typeof(IngestFunctions)], services, settings);

    private static async Task<Served> StartAsync(Type[] functions, Action<IServiceCollection, string>? more, (string Key, string Value)[] settings)
    {
        var connection = await Emulator.NewAccountAsync();
        var storage = new Storage(new BlobServiceClient(connection), new TableServiceClient(connection));
        await storage.EnsureCreatedAsync();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            [new("AzureWebJobsStorage", connection), new("Pipeline:Key", LocalHost.Key), .. settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value))]).Build();
        var host = await LocalHost.StartAsync(functions, connection, services =>
        {
            services.AddPipeline(configuration);
            more?.Invoke(services, connection);
        });
        return new Served { Host = host, Storage = storage };
    }

    /// <summary>PUTs a release and waits for its report.</summary>
    public async Task<JsonObject> UploadAsync(string path, byte[] bytes)
    {
        using var response = await Client.PutAsync("/v1/releases/" + path, new ByteArrayContent(bytes));
        return response.StatusCode == HttpStatusCode.Accepted ? await ReportAsync(response.Headers.Location!.ToString())
            : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>Waits for a release to end.</summary>
    public async Task<JsonObject> ReportAsync(string address)
    {
        JsonObject? report = null;
        await LocalHost.UntilAsync(async () =>
        {
            using var response = await Client.GetAsync(address);
            report = response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadFromJsonAsync<JsonObject>() : null;
            return (string?)report?["state"] is "published" or "rejected" or "held";
        }, "the end of " + address);
        return report!;
    }

    /// <summary>Publishes a cube with the publisher of another host, or of this one's.</summary>
    public async Task<DatasetVersion> PublishAsync(string dataset, Cube cube, bool replace = false)
    {
        var index = new DatasetIndex(Storage);
        using (cube)
        {
            var version = (await LakeStore.PublishAsync(Storage, index, $"{dataset}-{Guid.NewGuid():N}", dataset, cube, replace))!.Version;
            return (await index.FindVersionAsync(dataset, version))!;
        }
    }

    public async Task<JsonObject> JsonAsync(string address)
    {
        using var response = await Client.GetAsync(address);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject() : throw new InvalidOperationException($"{address}: {(int)response.StatusCode} {text}");
    }

    public async Task<(HttpStatusCode Status, JsonObject Problem)> ProblemAsync(string address, HttpContent? body = null)
    {
        using var response = body is null ? await Client.GetAsync(address) : await Client.PostAsync(address, body);
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            throw new InvalidOperationException($"{address}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();
}
