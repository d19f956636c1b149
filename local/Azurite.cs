using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Pipeline.Local;

/// <summary>
/// The storage emulator Azurite as a child process on 127.0.0.1. Installed with npm the first time; ends when this is disposed, and also when this
/// process is killed: <c>azurite.js</c> watches the pipe between the two.
/// </summary>
public sealed partial class Azurite : IAsyncDisposable
{
    /// <summary>The ports that <c>UseDevelopmentStorage=true</c> means: blob, queue, table.</summary>
    public static readonly IReadOnlyList<int> DefaultPorts = [10000, 10001, 10002];

    /// <summary>The emulator's account.</summary>
    internal const string Account = "devstoreaccount1";

    // The emulator's published key, the same on every machine; no secret.
    private const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly Process process;
    private readonly int[] ports = new int[3];

    private Azurite(Process process) => this.process = process;

    /// <summary>The process id.</summary>
    public int ProcessId => process.Id;

    /// <summary>The connection string of its account.</summary>
    public string ConnectionString => ConnectionStringFor(Account, AccountKey);

    /// <summary>Completes when it has ended, asked to or not.</summary>
    public Task Ended => process.WaitForExitAsync();

    /// <summary>The connection string of one of several accounts (see <c>accounts</c> of <see cref="StartAsync"/>), all of which have the same key.</summary>
    public string ConnectionStringFor(string account) => ConnectionStringFor(account, AccountKey);

    /// <summary>Installs Azurite if it is not, and starts it.</summary>
    /// <param name="data">The folder it keeps its data in; created.</param>
    /// <param name="root">The folder that has or gets <c>.pipeline/emulator</c>, where it is installed.</param>
    /// <param name="ports">Blob, queue and table port; null for free ones.</param>
    /// <param name="say">Takes a line on what is being done when it takes long.</param>
    /// <param name="accounts">The accounts it has; null for <c>devstoreaccount1</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FailedException">Node or npm are missing, the installation failed, a port is taken, or the folder can not be written.</exception>
    public static async Task<Azurite> StartAsync(
        string data,
        string root,
        IReadOnlyList<int>? ports,
        Action<string> say,
        IReadOnlyList<string>? accounts = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(say);
        foreach (var port in ports ?? [])
            if (IsTaken(port))
                throw PortTaken(port);
        var program = await InstallAsync(Path.Combine(root, ".pipeline", "emulator"), say, cancellationToken);
        MakeFolder(data);
        await WaitForFormerAsync(data, cancellationToken);
        // Two Azurites on one folder would spoil each other's data.
        var (child, host) = await ReadPidsAsync(data, cancellationToken);
        if (IsRunning(child, "node"))
            throw new FailedException($"The data in {data} is in use by another host (process {host}, storage emulator {child}). Stop it, or choose another folder: serve --storage FOLDER.");

        var start = new ProcessStartInfo("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        foreach (var argument in (string[])[program, "--location", data, "--skipApiVersionCheck", "--disableTelemetry", "--silent"])
            start.ArgumentList.Add(argument);
        foreach (var (service, i) in (ReadOnlySpan<(string, int)>)[("blob", 0), ("queue", 1), ("table", 2)])
        {
            start.ArgumentList.Add($"--{service}Host");
            start.ArgumentList.Add("127.0.0.1");
            start.ArgumentList.Add($"--{service}Port");
            start.ArgumentList.Add((ports?[i] ?? 0).ToString(CultureInfo.InvariantCulture));
        }
        // A proxy or an option meant for other programs must not reach it; its accounts are what we say.
        start.Environment.Remove("NODE_OPTIONS");
        start.Environment["AZURITE_ACCOUNTS"] = string.Join(';', (accounts ?? [Account]).Select(account => $"{account}:{AccountKey}"));

        var azurite = new Azurite(Launch(start));
        try
        {
            await azurite.WaitUntilReadyAsync(cancellationToken);
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to write its data and end, and waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // Disposed before.
        }
        process.Dispose();
    }

    /// <summary>Waits for the end of an Azurite whose host was killed: it is still writing its data.</summary>
    internal static async Task WaitForFormerAsync(string data, CancellationToken cancellationToken)
    {
        var (child, host) = await ReadPidsAsync(data, cancellationToken);
        var since = Stopwatch.GetTimestamp();
        while (IsRunning(child, "node") && !IsRunning(host, null) && Stopwatch.GetElapsedTime(since) < StopTimeout)
            await Task.Delay(100, cancellationToken);
    }

    /// <summary>Whether something listens at a port of 127.0.0.1, or may have it for itself.</summary>
    internal static bool IsTaken(int port)
    {
        if (port == 0)
            return false;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // As servers do on Unix: a connection of a former server that has not faded yet is no hindrance.
            if (!OperatingSystem.IsWindows())
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>Creates a folder that can be written to.</summary>
    /// <exception cref="FailedException">It can not.</exception>
    internal static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using var probe = new FileStream(Path.Combine(folder, $".probe-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1,
                FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"The folder {folder} can not be written to ({e.Message.TrimEnd('.')}). Choose another one: serve --storage FOLDER.", e);
        }
    }

    private string ConnectionStringFor(string account, string key) => string.Create(CultureInfo.InvariantCulture,
        $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={key};BlobEndpoint=http://127.0.0.1:{ports[0]}/{account};"
        + $"QueueEndpoint=http://127.0.0.1:{ports[1]}/{account};TableEndpoint=http://127.0.0.1:{ports[2]}/{account};");

    private static async Task<(string Child, string Host)> ReadPidsAsync(string data, CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(Path.Combine(data, "azurite.pid"), cancellationToken)).Split(' ') is [var child, var host] ? (child, host) : ("", "");
        }
        catch (IOException)
        {
            return ("", "");
        }
    }

    private static bool IsRunning(string id, string? name)
    {
        try
        {
            using var found = Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));
            return !found.HasExited && (name is null || found.ProcessName.Contains(name, StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            return false;
        }
    }

    private static Process Launch(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new FailedException("Node.js is missing: the program \"node\" was not found. The storage emulator needs it; install Node 20 or later, "
                + "or use a storage account: serve --storage CONNECTION-STRING.", e);
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var errors = new List<string>();
        var listening = 0;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null || Listening().Match(line.Data) is not { Success: true } match)
                return;
            ports[match.Groups[1].Value switch { "Blob" => 0, "Queue" => 1, _ => 2 }] = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
            if (++listening == 3)
                ready.TrySetResult();
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
                if (line.Data is not null && errors.Count < 20)
                    errors.Add(line.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(ready.Task, ended, Task.Delay(StartTimeout, cancellationToken)) == ready.Task)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        string text;
        lock (errors)
            text = string.Join(' ', errors);
        if (text.Contains("node-too-old", StringComparison.Ordinal))
            throw new FailedException($"Node.js {text.Split(' ')[^1]} is too old for the storage emulator. Install Node 20 or later.");
        if (AddressInUse().Match(text) is { Success: true } taken)
            throw PortTaken(int.Parse(taken.Groups[1].Value, CultureInfo.InvariantCulture));
        throw new FailedException(ended.IsCompleted
            ? $"The storage emulator Azurite did not start: {(text.Length == 0 ? $"it ended with code {process.ExitCode}" : text)}."
            : $"The storage emulator Azurite did not start within {StartTimeout.TotalSeconds:0} seconds. {text}");
    }

    private static FailedException PortTaken(int port) => new(
        $"Port {port} of 127.0.0.1 is taken, which the storage emulator needs. Stop the program that has it, or let the emulator take free ports: serve --storage FOLDER.");

    /// <summary>Installs the pinned Azurite, unless it is there; says where its program is.</summary>
    private static async Task<string> InstallAsync(string folder, Action<string> say, CancellationToken cancellationToken)
    {
        var program = Path.Combine(folder, "azurite.js");
        var installed = Path.Combine(folder, "installed");
        var pinned = Read("package-lock.json");
        if (!IsInstalled())
        {
            MakeFolder(folder);
            await using var turn = await TakeTurnAsync(Path.Combine(folder, "lock"), cancellationToken);
            if (!IsInstalled())
            {
                say("Installing the storage emulator Azurite (npm, once) …");
                File.Delete(installed);
                await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), Read("package.json"), cancellationToken);
                await File.WriteAllTextAsync(Path.Combine(folder, "package-lock.json"), pinned, cancellationToken);
                await RunNpmAsync(folder, cancellationToken);
                await File.WriteAllTextAsync(installed, pinned, cancellationToken);
            }
        }
        var text = Read("azurite.js");
        if (!File.Exists(program) || await File.ReadAllTextAsync(program, cancellationToken) != text)
            await File.WriteAllTextAsync(program, text, cancellationToken);
        return program;

        bool IsInstalled() => File.Exists(installed) && File.ReadAllText(installed) == pinned;

        static string Read(string name)
        {
            using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Azurite/" + name)!);
            return reader.ReadToEnd();
        }
    }

    private static async Task<FileStream> TakeTurnAsync(string file, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                // Another host is at it.
                await Task.Delay(200, cancellationToken);
            }
        }
    }

    private static async Task RunNpmAsync(string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            start.ArgumentList.Add(argument);
        Process npm;
        try
        {
            npm = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new FailedException("npm is missing: the program \"npm\" was not found. It installs the storage emulator and comes with Node.js; install Node 20 or later, "
                + "or use a storage account: serve --storage CONNECTION-STRING.", e);
        }
        using (npm)
        {
            var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = npm.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await npm.WaitForExitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                npm.Kill(entireProcessTree: true);
                throw;
            }
            await output;
            if (npm.ExitCode == 0)
                return;
            var said = (await errors).Split('\n').Select(line => line.Replace("npm error", "", StringComparison.Ordinal).Trim())
                .Where(line => line.Length > 0 && !line.Contains("complete log", StringComparison.OrdinalIgnoreCase)).Take(3);
            throw new FailedException($"npm could not install the storage emulator Azurite ({string.Join("; ", said)}). The first start needs a network; "
                + $"try again with one, or run it by hand: cd {folder} && npm ci.");
        }
    }

    [GeneratedRegex(@"Azurite (Blob|Queue|Table) service is successfully listening at http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Listening();

    [GeneratedRegex(@"EADDRINUSE.*?:(\d+)")]
    private static partial Regex AddressInUse();
}
