using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;

namespace Pipeline.Local;

/// <summary>The storage account that a command works on, with the emulator behind it where there is one of ours.</summary>
internal sealed class StorageAccount : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private StorageAccount(string connectionString, Azurite? azurite) => (ConnectionString, Azurite) = (connectionString, azurite);

    /// <summary>The connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>The emulator that was started for it; null when it was there before.</summary>
    public Azurite? Azurite { get; }

    /// <summary>Opens an account, and starts the emulator when it is a local one and nothing answers there.</summary>
    /// <param name="where">A folder, for an emulator of its own on free ports, or a connection string.</param>
    /// <param name="setting">How the person who reads an error calls <paramref name="where"/>: <c>--storage</c> or <c>AzureWebJobsStorage</c>.</param>
    /// <param name="root">The folder that has <c>.pipeline</c>.</param>
    /// <param name="say">Takes a line on what is being done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FailedException">The account can not be reached or used.</exception>
    public static async Task<StorageAccount> OpenAsync(string where, string setting, string root, Action<string> say, CancellationToken cancellationToken)
    {
        if (!IsConnectionString(where))
        {
            var folder = Path.GetFullPath(where);
            say($"Starting the storage emulator Azurite on free ports, data in {folder} …");
            var own = await Azurite.StartAsync(folder, root, null, say, cancellationToken: cancellationToken);
            return new StorageAccount(own.ConnectionString, own);
        }

        var (blobs, ports) = Endpoints(where, setting);
        var data = Path.Combine(root, ".pipeline", "azurite");
        if (ports is not null)
            await Azurite.WaitForFormerAsync(data, cancellationToken);
        if (ports is not null && !Azurite.IsTaken(ports[0]))
        {
            say($"Starting the storage emulator Azurite on 127.0.0.1:{ports[0]}, data in {data} …");
            return new StorageAccount(where, await Azurite.StartAsync(data, root, ports, say, cancellationToken: cancellationToken));
        }
        say($"Using the storage at {blobs.Uri} …");
        await ReachAsync(blobs, setting, cancellationToken);
        return new StorageAccount(where, null);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Azurite?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Whether a <c>--storage</c> is meant as a connection string and not as a folder.</summary>
    internal static bool IsConnectionString(string where) => where.Split(';').Any(part =>
        part.Split('=', 2) is [var name, _] && name.Trim() is var key
        && (key.EndsWith("Endpoint", StringComparison.OrdinalIgnoreCase) || key.Equals("UseDevelopmentStorage", StringComparison.OrdinalIgnoreCase)
            || key.Equals("AccountName", StringComparison.OrdinalIgnoreCase) || key.Equals("AccountKey", StringComparison.OrdinalIgnoreCase)
            || key.Equals("DefaultEndpointsProtocol", StringComparison.OrdinalIgnoreCase)));

    // The ports of the emulator's account on this machine, which an emulator could be started at; null for any other.
    private static (BlobServiceClient Blobs, int[]? Ports) Endpoints(string connection, string setting)
    {
        try
        {
            var options = new BlobClientOptions
            {
                Retry = { MaxRetries = 2, Delay = TimeSpan.FromMilliseconds(300), Mode = RetryMode.Fixed, NetworkTimeout = TimeSpan.FromSeconds(4) },
            };
            var blobs = new BlobServiceClient(connection, options);
            Uri[] all = [blobs.Uri, new QueueServiceClient(connection).Uri, new TableServiceClient(connection).Uri];
            return (blobs, blobs.AccountName == Azurite.Account && all.All(uri => uri.IsLoopback && uri.Scheme == Uri.UriSchemeHttp) ? Array.ConvertAll(all, uri => uri.Port) : null);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or NullReferenceException)
        {
            throw new FailedException($"{setting} is no storage connection string ({e.Message.Split('\n')[0].TrimEnd('.', '\r')}). "
                + "Expected: UseDevelopmentStorage=true, or DefaultEndpointsProtocol=https;AccountName=…;AccountKey=….", e);
        }
    }

    private static async Task ReachAsync(BlobServiceClient blobs, string setting, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await blobs.GetPropertiesAsync(limit.Token);
        }
        catch (RequestFailedException e) when (e.Status is 401 or 403)
        {
            throw new FailedException($"The storage account at {blobs.Uri} refuses the key ({e.ErrorCode}). Check the AccountKey in {setting}.", e);
        }
        catch (RequestFailedException e) when (e.Status is not 0)
        {
            throw new FailedException($"What answers at {blobs.Uri} is no storage account: it says {e.Status} {e.ErrorCode}. Check {setting}, "
                + "or stop the program that has this port.", e);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var reason = e is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} seconds"
                : FailedException.Reason(e);
            throw new FailedException($"The storage account at {blobs.Uri} can not be reached: {reason}. Check the network and {setting}.", e);
        }
    }
}
