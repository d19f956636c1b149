using System.Net;
using System.Text.Json;
using Pipeline.Publishing;
using Spectre.Console;

namespace Pipeline.Local;

/// <summary>The command <c>upload</c>: puts releases to the API, and waits for their reports.</summary>
internal static class Upload
{
    private const int BlockSize = 128 * 1024;

    /// <summary>Uploads one file after the other.</summary>
    /// <returns>0 when all are published, 1 when not.</returns>
    /// <exception cref="FailedException">The API can not be reached, or refuses.</exception>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> files, string? dataset, Uri to, string? key, string mode, IAnsiConsole console, IAnsiConsole? terminal, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri(to.AbsoluteUri.TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Add("x-functions-key", key ?? Settings.Load()["Pipeline:Key"]);
        var published = true;
        foreach (var file in files)
        {
            var isProfile = Path.GetFileName(file) == Understanding.Profile.FileName;
            var id = dataset ?? (isProfile ? throw new FailedException($"{file} is a dataset's profile. Say which dataset's: --dataset ID.") : DatasetId.FromFileName(file));
            if (await PutAsync(client, file, id, mode, terminal, cancellationToken) is not { } location)
            {
                console.WriteLine($"{file}: stored as the profile of {id}; the next release is read by it.");
                continue;
            }
            var release = await WaitAsync(client, location, cancellationToken);
            console.WriteLine($"{file}: {ReleaseText.Outcome(release)}");
            ReleaseText.Write(release.Readings, release.Reconciliation, release.Findings, release.FindingCounts, console);
            console.WriteLine($"  report: {new Uri(client.BaseAddress, location)}");
            foreach (var version in release.Published)
                console.WriteLine($"  data:   {new Uri(client.BaseAddress, "v1/datasets/" + version.Dataset + "/data")}");
            published &= release.State == ReleaseState.Published;
        }
        return published ? 0 : 1;
    }

    private static async Task<Uri?> PutAsync(HttpClient client, string file, string dataset, string mode, IAnsiConsole? terminal, CancellationToken cancellationToken)
    {
        var address = $"v1/releases/{dataset}/{Uri.EscapeDataString(Path.GetFileName(file))}{(mode == "update" ? "" : "?mode=" + mode)}";
        HttpResponseMessage? response = null;
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, BlockSize, FileOptions.SequentialScan | FileOptions.Asynchronous);
            if (terminal is null)
            {
                response = await SendAsync(null);
            }
            else
            {
                await terminal.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
                    .StartAsync(async progress => response = await SendAsync(progress.AddTask(Markup.Escape(Path.GetFileName(file)), maxValue: Math.Max(1, stream.Length))));
            }

            async Task<HttpResponseMessage> SendAsync(IProgress<double>? progress)
            {
                using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = new FileContent(stream, progress) };
                // A refusal (a wrong key) comes before the file is sent.
                request.Headers.ExpectContinue = true;
                return await client.SendAsync(request, cancellationToken);
            }
        }
        catch (HttpRequestException e)
        {
            throw new FailedException($"{client.BaseAddress} can not be reached: {FailedException.Reason(e)}. Is it being served? Start it (serve), or say where it is: --to URL.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"{file} can not be read: {e.Message}", e);
        }
        using (response)
        {
            // A profile is no release: it has no report.
            if (response!.StatusCode == HttpStatusCode.OK)
                return null;
            return response.StatusCode == HttpStatusCode.Accepted && response.Headers.Location is { } location
                ? location
                : throw new FailedException(await RefusalAsync(response, $"{client.BaseAddress} refused {file}", cancellationToken));
        }
    }

    private static async Task<ReleaseRecord> WaitAsync(HttpClient client, Uri location, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(location, cancellationToken);
                if (response.StatusCode is not HttpStatusCode.OK and not HttpStatusCode.NotFound && response.StatusCode < HttpStatusCode.InternalServerError)
                    throw new FailedException(await RefusalAsync(response, $"The report at {location} can not be read", cancellationToken));
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    var release = JsonSerializer.Deserialize<ReleaseRecord>(await response.Content.ReadAsByteArrayAsync(cancellationToken), Json.Options)!;
                    if (release.State is ReleaseState.Published or ReleaseState.Rejected or ReleaseState.Held)
                        return release;
                    failures = 0;
                }
            }
            catch (Exception e) when (e is HttpRequestException or JsonException)
            {
                // The release is stored already: a hiccup of the network is no reason to give up at once.
                if (++failures == 20)
                    throw new FailedException($"The release is stored, but its report at {new Uri(client.BaseAddress!, location)} can not be read: {FailedException.Reason(e)}", e);
            }
            await Task.Delay(250, cancellationToken);
        }
    }

    private static async Task<string> RefusalAsync(HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using var problem = JsonDocument.Parse(text);
            if (problem.RootElement.TryGetProperty("detail", out var detail))
                return $"{what} ({(int)response.StatusCode} {(problem.RootElement.TryGetProperty("code", out var code) ? code.ToString() : "")}): {detail}";
        }
        catch (JsonException)
        {
        }
        return $"{what}: {(int)response.StatusCode} {response.ReasonPhrase}";
    }

    /// <summary>A file as a request's body, which says how much of it is sent.</summary>
    private sealed class FileContent(FileStream file, IProgress<double>? progress) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[BlockSize];
            int read;
            while ((read = await file.ReadAsync(block)) > 0)
            {
                await stream.WriteAsync(block.AsMemory(0, read));
                progress?.Report(file.Position);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = file.Length;
            return true;
        }
    }
}
