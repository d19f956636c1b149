using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Local;
using Xunit;

namespace Pipeline.Tests.Support;

/// <summary>A host in this process on a free port, with a client; by default with the functions of the app and a fresh storage account.</summary>
public sealed class LocalHost : IAsyncDisposable, ILoggerProvider, ILogger
{
    private LocalHost(string connectionString) => ConnectionString = connectionString;

    /// <summary>The key of functions that need one; <see cref="Client"/> sends it.</summary>
    public const string Key = "test-key";

    /// <summary>The connection string of the storage account it works on.</summary>
    public string ConnectionString { get; }

    /// <summary>A client with the key, for addresses like <c>v1/datasets</c>.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>The host.</summary>
    public FunctionHost Host { get; private set; } = null!;

    /// <summary>What it logged: level, message and exception.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>Starts a host.</summary>
    /// <param name="functions">The function classes; null for those of the app.</param>
    /// <param name="connectionString">The storage account; null for a fresh one, and none where no function has a blob trigger.</param>
    /// <param name="services">Adds what the functions ask for.</param>
    /// <param name="with">Changes the options.</param>
    public static async Task<LocalHost> StartAsync(
        Type[]? functions = null,
        string? connectionString = null,
        Action<IServiceCollection>? services = null,
        Func<FunctionHostOptions, FunctionHostOptions>? with = null)
    {
        var needsStorage = functions is null || FunctionHost.Find(functions).Any(f => f.Trigger is BlobTriggerAttribute);
        var host = new LocalHost(connectionString ?? (needsStorage ? await Emulator.NewAccountAsync() : ""));
        var options = new FunctionHostOptions
        {
            Configuration = new ConfigurationBuilder()
                .AddInMemoryCollection([new("AzureWebJobsStorage", host.ConnectionString), new("Pipeline:Key", Key)]).Build(),
            Port = 0,
            Services = services,
            Logging = logging => logging.AddProvider(host),
            PollInterval = TimeSpan.FromMilliseconds(100),
            RetryDelay = _ => TimeSpan.FromMilliseconds(20),
        };
        if (functions is not null)
            options = options with { Functions = functions };
        host.Host = await FunctionHost.StartAsync(with is null ? options : with(options));
        host.Client = new HttpClient { BaseAddress = host.Host.Address };
        host.Client.DefaultRequestHeaders.Add("x-functions-key", Key);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>Waits until something holds; fails when it does not within the time.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what, int seconds = 60)
    {
        for (var end = DateTime.UtcNow.AddSeconds(seconds); !await holds(); await Task.Delay(20))
            if (DateTime.UtcNow > end)
                Assert.Fail($"Not within {seconds} seconds: {what}");
    }

    /// <summary>Waits until something holds; fails when it does not within the time.</summary>
    public static Task UntilAsync(Func<bool> holds, string what, int seconds = 60) => UntilAsync(() => Task.FromResult(holds()), what, seconds);

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => Log.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    void IDisposable.Dispose()
    {
    }
}
