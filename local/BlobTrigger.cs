using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using System.Xml;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local;

/// <summary>
/// A blob trigger, by scanning its container. As the Functions host does: each blob once per ETag and at least once; a receipt
/// <c>azure-webjobs-hosts/blobreceipts/local/{function}/{etag}/{container}/{blob}</c>, written after success, so that a restart does not repeat what
/// is done; five attempts with growing waits; then a message on the queue <c>webjobs-blobtrigger-poison</c>, and rest until the blob changes.
/// Two blobs at a time, never one twice at once.
/// </summary>
internal sealed partial class BlobTrigger
{
    /// <summary>How often a blob is tried before it counts as poison.</summary>
    public const int Attempts = 5;

    /// <summary>The queue of blobs that failed every attempt.</summary>
    public const string PoisonQueue = "webjobs-blobtrigger-poison";

    /// <summary>The container of receipts.</summary>
    public const string ReceiptContainer = "azure-webjobs-hosts";

    private const int Workers = 2;

    private readonly Function function;
    private readonly BlobContainerClient container;
    private readonly BlobContainerClient receipts;
    private readonly QueueClient poison;
    private readonly IServiceProvider services;
    private readonly FunctionHostOptions options;
    private readonly ILogger logger;
    private readonly Regex pattern;
    private readonly string prefix;
    private readonly string receiptFolder;

    // What is done or on its way, by name; only the scan adds and removes.
    private readonly Dictionary<string, ETag> taken = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> running = new(StringComparer.Ordinal);
    private readonly Channel<Work> queue = Channel.CreateUnbounded<Work>();

    /// <exception cref="InvalidOperationException">The path or a parameter can not be bound.</exception>
    public BlobTrigger(
        Function function,
        BlobTriggerAttribute trigger,
        BlobServiceClient blobs,
        QueueServiceClient queues,
        IServiceProvider services,
        FunctionHostOptions options,
        ILogger logger)
    {
        (this.function, this.services, this.options, this.logger) = (function, services, options, logger);
        if (trigger.BlobPath.Split('/', 2) is not [{ Length: > 0 } name, { Length: > 0 } blobPath])
            throw new InvalidOperationException($"The function {function.Name} has the blob path {trigger.BlobPath}. Expected: container/pattern, such as releases/{{name}}.");
        container = blobs.GetBlobContainerClient(name);
        receipts = blobs.GetBlobContainerClient(ReceiptContainer);
        poison = queues.GetQueueClient(PoisonQueue);
        pattern = Pattern(blobPath);
        prefix = blobPath.Split('{')[0];
        receiptFolder = $"blobreceipts/local/Host.Functions.{function.Name}/";
        foreach (var parameter in function.Parameters)
        {
            if (parameter.ParameterType != typeof(BlobClient) && parameter.ParameterType != typeof(CancellationToken)
                && !(parameter.ParameterType == typeof(string) && pattern.GetGroupNames().Contains(parameter.Name)))
            {
                throw function.Unbindable(parameter, "BlobClient, CancellationToken, or string with the name of a part of its path");
            }
        }
    }

    /// <summary>Scans and works until cancelled; then waits for the functions on their way.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var workers = Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(stopping), CancellationToken.None)).ToArray();
        HashSet<string>? done = null;
        var complained = false;
        while (!stopping.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                done ??= await LoadReceiptsAsync(stopping);
                await ScanAsync(done, stopping);
                complained = false;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (XmlException e)
            {
                // The emulator lists names as they are, even with characters that XML can not hold; Azure encodes them.
                if (!complained)
                {
                    logger.LogError("The list of the container {Container} can not be read: a blob has a name with a control character. Nothing is taken in until it is "
                        + "deleted. {Reason}", container.Name, e.Message);
                }
                complained = true;
            }
            catch (Exception e) when (e is RequestFailedException or AggregateException or OperationCanceledException)
            {
                if (!complained)
                    logger.LogWarning("The container {Container} can not be scanned; trying on. {Reason}", container.Name, FailedException.Reason(e));
                complained = true;
            }
            // A scan of very many blobs takes its time: never be busy with scanning for more than half of it.
            var took = Stopwatch.GetElapsedTime(started);
            await Task.Delay(took > options.PollInterval ? took : options.PollInterval, options.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        queue.Writer.Complete();
        await Task.WhenAll(workers);
    }

    /// <summary>The pattern of a blob path: <c>{name}</c> takes anything but a slash, at the end anything.</summary>
    internal static Regex Pattern(string blobPath)
    {
        var expression = new StringBuilder("^");
        var at = 0;
        foreach (Match part in Token().Matches(blobPath))
        {
            expression.Append(Regex.Escape(blobPath[at..part.Index]));
            at = part.Index + part.Length;
            expression.Append("(?<").Append(part.Groups[1].Value).Append(at == blobPath.Length ? ">.+)" : ">[^/]+)");
        }
        expression.Append(Regex.Escape(blobPath[at..])).Append('$');
        return new Regex(expression.ToString(), RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    /// <summary>The receipt's name; a blob's name that makes it longer than storage allows is replaced by its SHA-256.</summary>
    internal string Receipt(string name, ETag etag)
    {
        var receipt = $"{receiptFolder}{etag.ToString().Trim('"')}/{container.Name}/";
        return receipt + (receipt.Length + name.Length <= 1000 ? name : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))));
    }

    private async Task<HashSet<string>> LoadReceiptsAsync(CancellationToken stopping)
    {
        await container.CreateIfNotExistsAsync(cancellationToken: stopping);
        await receipts.CreateIfNotExistsAsync(cancellationToken: stopping);
        var done = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var receipt in receipts.GetBlobsAsync(new() { Prefix = receiptFolder }, stopping))
            done.Add(receipt.Name);
        return done;
    }

    private async Task ScanAsync(HashSet<string> done, CancellationToken stopping)
    {
        var seen = 0;
        await foreach (var blob in container.GetBlobsAsync(new() { Prefix = prefix }, stopping))
        {
            if (blob.Properties.ETag is not { } etag || !pattern.IsMatch(blob.Name))
                continue;
            seen++;
            if (taken.TryGetValue(blob.Name, out var known) && known == etag)
                continue;
            // One that changes while it is worked on waits for the scan after its end.
            if (running.ContainsKey(blob.Name))
                continue;
            taken[blob.Name] = etag;
            if (done.Remove(Receipt(blob.Name, etag)))
                continue;
            running[blob.Name] = true;
            queue.Writer.TryWrite(new Work(blob.Name, etag, 1));
        }
        if (seen < taken.Count)
            await ForgetDeletedAsync(stopping);
    }

    private async Task ForgetDeletedAsync(CancellationToken stopping)
    {
        var there = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var blob in container.GetBlobsAsync(new() { Prefix = prefix }, stopping))
            there.Add(blob.Name);
        foreach (var name in taken.Keys.Where(name => !there.Contains(name) && !running.ContainsKey(name)).ToArray())
            taken.Remove(name);
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        await foreach (var work in queue.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (stopping.IsCancellationRequested)
                return;
            var started = Stopwatch.GetTimestamp();
            try
            {
                await InvokeAsync(work.Name, stopping);
                await EndAsync(work, stopping);
                logger.LogInformation("{Function} {Container}/{Blob}: done in {Seconds:0.0} s",
                    function.Name, container.Name, work.Name, Stopwatch.GetElapsedTime(started).TotalSeconds);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                await FailAsync(work, e, stopping);
            }
        }
    }

    private Task InvokeAsync(string name, CancellationToken stopping)
    {
        var match = pattern.Match(name);
        return function.InvokeAsync(services, Array.ConvertAll(function.Parameters, object? (parameter) =>
            parameter.ParameterType == typeof(BlobClient) ? container.GetBlobClient(name)
            : parameter.ParameterType == typeof(CancellationToken) ? stopping
            : match.Groups[parameter.Name!].Value));
    }

    private async Task FailAsync(Work work, Exception e, CancellationToken stopping)
    {
        if (work.Attempt < Attempts)
        {
            var wait = options.RetryDelay(work.Attempt);
            logger.LogWarning(e, "{Function} {Container}/{Blob}: attempt {Attempt} of {Attempts} failed, the next in {Seconds:0.#} s",
                function.Name, container.Name, work.Name, work.Attempt, Attempts, wait.TotalSeconds);
            _ = AgainAsync(work with { Attempt = work.Attempt + 1 }, wait, stopping);
            return;
        }
        logger.LogError(e, "{Function} {Container}/{Blob}: attempt {Attempt} of {Attempts} failed; a message is put on the queue {Queue}. "
            + "It is tried again when the blob changes", function.Name, container.Name, work.Name, work.Attempt, Attempts, PoisonQueue);
        try
        {
            await poison.CreateIfNotExistsAsync(cancellationToken: stopping);
            await poison.SendMessageAsync(JsonSerializer.Serialize(new
            {
                Type = "BlobTrigger",
                FunctionId = "Host.Functions." + function.Name,
                BlobType = "BlockBlob",
                ContainerName = container.Name,
                BlobName = work.Name,
                ETag = work.ETag.ToString("H"),
            }), stopping);
            await EndAsync(work, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception failure) when (failure is RequestFailedException or AggregateException)
        {
            // Neither message nor receipt: the next start of the host begins with it anew.
            logger.LogError("The queue {Queue} or the receipt can not be written: {Reason}", PoisonQueue, FailedException.Reason(failure));
            running.TryRemove(work.Name, out _);
        }
    }

    private async Task AgainAsync(Work work, TimeSpan wait, CancellationToken stopping)
    {
        await Task.Delay(wait, options.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        queue.Writer.TryWrite(work);
    }

    private async Task EndAsync(Work work, CancellationToken stopping)
    {
        await receipts.GetBlobClient(Receipt(work.Name, work.ETag)).UploadAsync(BinaryData.Empty, overwrite: true, stopping);
        running.TryRemove(work.Name, out _);
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Token();

    private readonly record struct Work(string Name, ETag ETag, int Attempt);
}
