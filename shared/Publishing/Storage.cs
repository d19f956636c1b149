using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Publishing;

/// <summary>The containers and tables of one storage account, as <c>docs/architecture.md</c> lists them.</summary>
public sealed class Storage
{
    /// <summary>Uses the containers and tables of an account.</summary>
    public Storage(BlobServiceClient blobs, TableServiceClient tables)
    {
        ArgumentNullException.ThrowIfNull(blobs);
        ArgumentNullException.ThrowIfNull(tables);
        Releases = blobs.GetBlobContainerClient("releases");
        Lake = blobs.GetBlobContainerClient("lake");
        Reports = blobs.GetBlobContainerClient("reports");
        DatasetsTable = tables.GetTableClient("Datasets");
        SeriesTable = tables.GetTableClient("Series");
        ReleasesTable = tables.GetTableClient("Releases");
        QueriesTable = tables.GetTableClient("Queries");
    }

    /// <summary>The uploads: <c>{dataset}/{file}</c>.</summary>
    public BlobContainerClient Releases { get; }

    /// <summary>The Delta Lake tables: <c>{dataset}/…</c>.</summary>
    public BlobContainerClient Lake { get; }

    /// <summary>The reports: <c>{release}.json</c>.</summary>
    public BlobContainerClient Reports { get; }

    /// <summary>Catalogue, versions and structures.</summary>
    public TableClient DatasetsTable { get; }

    /// <summary>The latest value of each series.</summary>
    public TableClient SeriesTable { get; }

    /// <summary>The ledger.</summary>
    public TableClient ReleasesTable { get; }

    /// <summary>The saved queries.</summary>
    public TableClient QueriesTable { get; }

    /// <summary>Connects to the account that the setting <c>AzureWebJobsStorage</c> names, as the Functions host does.</summary>
    /// <param name="configuration">
    /// <c>AzureWebJobsStorage</c> as a connection string (<c>UseDevelopmentStorage=true</c> for Azurite), or <c>AzureWebJobsStorage:accountName</c>, or
    /// <c>AzureWebJobsStorage:blobServiceUri</c> and <c>:tableServiceUri</c>, with a managed identity (<c>:clientId</c> for a user-assigned one).
    /// </param>
    /// <exception cref="InvalidOperationException">The setting is missing or is no connection string.</exception>
    public static Storage Connect(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("AzureWebJobsStorage");
        if (section.Value is { Length: > 0 } connection)
        {
            try
            {
                return new Storage(new BlobServiceClient(connection, BlobOptions), new TableServiceClient(connection, TableOptions));
            }
            catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
            {
                throw new InvalidOperationException($"AzureWebJobsStorage is no storage connection string ({e.Message}). "
                    + "Expected: UseDevelopmentStorage=true, or DefaultEndpointsProtocol=…;AccountName=…;AccountKey=….", e);
            }
        }
        var account = section["accountName"];
        var blobs = section["blobServiceUri"] ?? (account is null ? null : $"https://{account}.blob.core.windows.net");
        var tables = section["tableServiceUri"] ?? (account is null ? null : $"https://{account}.table.core.windows.net");
        if (blobs is null || tables is null)
        {
            throw new InvalidOperationException(
                "AzureWebJobsStorage is not set. Expected: a connection string, or AzureWebJobsStorage__accountName with a managed identity.");
        }
        TokenCredential credential = section["clientId"] is { Length: > 0 } client
            ? new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(client))
            : new DefaultAzureCredential();
        return new Storage(new BlobServiceClient(new Uri(blobs), credential, BlobOptions), new TableServiceClient(new Uri(tables), credential, TableOptions));
    }

    /// <summary>Creates the containers and tables that do not exist yet.</summary>
    public Task EnsureCreatedAsync(CancellationToken cancellationToken = default) => Task.WhenAll(
        Releases.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
        Lake.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
        Reports.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
        DatasetsTable.CreateIfNotExistsAsync(cancellationToken),
        SeriesTable.CreateIfNotExistsAsync(cancellationToken),
        ReleasesTable.CreateIfNotExistsAsync(cancellationToken),
        QueriesTable.CreateIfNotExistsAsync(cancellationToken));

    // The emulator answers within milliseconds; a short first delay keeps a hiccup from costing a reader a second.
    private static BlobClientOptions BlobOptions => new() { Retry = { Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(5) } };

    private static TableClientOptions TableOptions => new() { Retry = { Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(5) } };
}
