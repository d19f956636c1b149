using System.Net;
using System.Reflection;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local;

/// <summary>How a <see cref="FunctionHost"/> runs.</summary>
public sealed record FunctionHostOptions
{
    /// <summary>The settings: <c>AzureWebJobsStorage</c> (a connection string) for blob triggers, <c>Pipeline:Key</c> for HTTP functions that need one.</summary>
    public required IConfiguration Configuration { get; init; }

    /// <summary>The port on 127.0.0.1; 0 for a free one.</summary>
    public int Port { get; init; } = 7071;

    /// <summary>The classes to look for functions in; by default all of this assembly.</summary>
    public IReadOnlyList<Type> Functions { get; init; } = typeof(FunctionHost).Assembly.GetTypes();

    /// <summary>Adds what the functions' constructors ask for.</summary>
    public Action<IServiceCollection>? Services { get; init; }

    /// <summary>Sets up where log lines go; without it nowhere.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    /// <summary>The clock of timers and of blob triggers' waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long a blob trigger rests between two scans of its container.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How long to wait after a failed attempt, counted from 1, before the next: 1, 2, 4 and 8 seconds.</summary>
    public Func<int, TimeSpan> RetryDelay { get; init; } = attempt => TimeSpan.FromSeconds(Math.Pow(2, attempt - 1));
}

/// <summary>
/// Runs function classes without the Functions host: HTTP triggers on Kestrel at 127.0.0.1, blob triggers by scanning their container, timers.
/// What a function sees, and what it may rely on (at least once, five attempts, a poison queue), is as in Azure.
/// </summary>
public sealed class FunctionHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> triggers = [];

    private FunctionHost(WebApplication app) => this.app = app;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>What the functions get their arguments from.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>Builds the host and starts listening, polling and timing.</summary>
    /// <exception cref="InvalidOperationException">A function is declared in a way that this host does not know; the message names it.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<FunctionHost> StartAsync(FunctionHostOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var functions = Find(options.Functions);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(FunctionHost).Assembly.GetName().Name });
        builder.Configuration.AddConfiguration(options.Configuration);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Use(RawAddresses.Use));
            kestrel.AddServerHeader = false;
            // Releases are streamed to storage, so a long one costs no memory; one that trickles in is cut off by Kestrel's minimum rate.
            kestrel.Limits.MaxRequestBodySize = null;
            // A selection of many codes is a long address.
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Azure", LogLevel.Warning);
        // Kestrel's own words on a taken port repeat what the exception says.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        // Where this may log, each request gets a trace of its own, which nothing here reads.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        options.Logging?.Invoke(builder.Logging);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options.Time);
        options.Services?.Invoke(builder.Services);

        var host = new FunctionHost(builder.Build());
        try
        {
            HttpFunctions.Map(host.app, functions, builder.Services);
            await host.StartAsync(functions, options, cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops taking requests and starting functions, waits for those on their way (at most 30 seconds), and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(triggers);
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        stopping.Dispose();
    }

    /// <summary>The functions in some classes, by their attributes.</summary>
    internal static IReadOnlyList<Function> Find(IEnumerable<Type> types)
    {
        var functions = types.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            .Where(method => method.IsDefined(typeof(FunctionAttribute), false)).Select(method => new Function(method)).ToArray();
        foreach (var name in functions.GroupBy(f => f.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
            throw new InvalidOperationException($"Two functions are called {name.Key}. A function's name must be unique in the app.");
        return functions;
    }

    private async Task StartAsync(IReadOnlyList<Function> functions, FunctionHostOptions options, CancellationToken cancellationToken)
    {
        await app.StartAsync(cancellationToken);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Pipeline");
        foreach (var function in functions)
        {
            if (function.Trigger is TimerTriggerAttribute timer)
            {
                triggers.Add(new TimerTrigger(function, timer, app.Services, options.Time, logger).RunAsync(stopping.Token));
            }
            else if (function.Trigger is BlobTriggerAttribute blob)
            {
                var setting = blob.Connection ?? "AzureWebJobsStorage";
                var connection = options.Configuration[setting] ?? options.Configuration["AzureWebJobs" + setting]
                    ?? throw new InvalidOperationException($"The function {function.Name} needs the setting {setting}: a storage connection string.");
                var trigger = new BlobTrigger(function, blob, new BlobServiceClient(connection),
                    new QueueServiceClient(connection, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 }), app.Services, options, logger);
                triggers.Add(trigger.RunAsync(stopping.Token));
            }
        }
    }
}

/// <summary>A function: a public method with a <see cref="FunctionAttribute"/> and one parameter with a trigger.</summary>
internal sealed class Function
{
    private readonly MethodInvoker invoker;
    private readonly ObjectFactory? create;

    public Function(MethodInfo method)
    {
        Method = method;
        Name = method.GetCustomAttribute<FunctionAttribute>()!.Name;
        Parameters = method.GetParameters();
        var triggers = Parameters.SelectMany(p => p.GetCustomAttributes()).Where(a => a is HttpTriggerAttribute or BlobTriggerAttribute or TimerTriggerAttribute);
        Trigger = triggers.ToArray() is [var only]
            ? only
            : throw new InvalidOperationException($"The function {Name} must have one parameter with an HTTP, blob or timer trigger.");
        invoker = MethodInvoker.Create(method);
        create = method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, []);
    }

    public string Name { get; }

    public MethodInfo Method { get; }

    public ParameterInfo[] Parameters { get; }

    public Attribute Trigger { get; }

    /// <summary>Whether its constructor asks for what is another in each scope. Where it does not, no request need open one.</summary>
    public bool NeedsScope(IServiceCollection services) => !Method.IsStatic && !Method.DeclaringType!.GetConstructors().SelectMany(constructor => constructor.GetParameters())
        .All(parameter => services.LastOrDefault(service => service.ServiceType == parameter.ParameterType) is { Lifetime: ServiceLifetime.Singleton });

    /// <summary>Calls it on an instance of its own, as in Azure.</summary>
    public object? Invoke(IServiceProvider services, Span<object?> arguments) => invoker.Invoke(create?.Invoke(services, null), arguments);

    /// <summary>Calls it in a scope of its own and waits for its end.</summary>
    public async Task InvokeAsync(IServiceProvider services, object?[] arguments)
    {
        await using var scope = services.CreateAsyncScope();
        switch (Invoke(scope.ServiceProvider, arguments))
        {
            case Task task:
                await task;
                break;
            case ValueTask task:
                await task;
                break;
        }
    }

    /// <summary>That it has a parameter which this host can not fill.</summary>
    public InvalidOperationException Unbindable(ParameterInfo parameter, string expected) => new(
        $"The function {Name} has the parameter {parameter.ParameterType.Name} {parameter.Name}, which its trigger can not fill. Expected: {expected}.");
}
