using System.CommandLine;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace Pipeline.Local;

/// <summary>The command line. Exit code 0: done; 1: failed, or a release that can not be published; 2: used wrongly.</summary>
public static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const int Interrupted = 130;

    /// <summary>Runs a command and says how it went.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Standard output: without colours unless it is a terminal.</param>
    /// <param name="error">Standard error.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var terminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        // Lines are for programs and logs there: nothing may be wrapped.
        if (!terminal)
            console.Profile.Width = int.MaxValue;

        // What a person may watch goes to standard error: standard output has the result and nothing else. Detection would look at standard output.
        var watched = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected
            ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error), Interactive = InteractionSupport.Yes }) : null;
        if (watched?.Profile.Capabilities.Ansi == false)
            watched = null;

        var parsed = Create(console, watched, output, error).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var wrong in parsed.Errors)
                await error.WriteLineAsync(wrong.Message);
            await error.WriteLineAsync("See --help.");
            return WrongUsage;
        }

        using var interrupt = new CancellationTokenSource();
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            // Stopping has its order (functions, then the emulator), so the runtime must not end the process by itself.
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = output,
                Error = error,
            }, interrupt.Token);
        }
        catch (FailedException e)
        {
            await error.WriteLineAsync(e.Message);
            return Failed;
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            return Interrupted;
        }

        void Stop(PosixSignalContext context)
        {
            // A second Ctrl-C ends at once.
            context.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
        }
    }

    private static RootCommand Create(IAnsiConsole console, IAnsiConsole? terminal, TextWriter output, TextWriter error)
    {
        var port = new Option<int>("--port") { Description = "The port on 127.0.0.1; 0 for a free one.", DefaultValueFactory = _ => 7071, HelpName = "N" };
        port.Validators.Add(result =>
        {
            if (!result.Tokens.All(token => int.TryParse(token.Value, out var number) && number is >= 0 and <= 65535))
                result.AddError($"--port {result.Tokens[0].Value}: a number from 0 to 65535 expected.");
        });
        var storage = new Option<string?>("--storage")
        {
            Description = "A folder (its own emulator on free ports keeps its data there) or a connection string; without it the setting AzureWebJobsStorage.",
            HelpName = "WHERE",
        };
        var empty = new Option<bool>("--empty") { Description = "Without the samples." };
        var serve = new Command("serve", "Serve the API, and publish what is uploaded.") { port, storage, empty };
        serve.SetAction((parsed, cancellationToken) =>
            Serve.RunAsync(parsed.GetValue(port), parsed.GetValue(storage), !parsed.GetValue(empty), console, cancellationToken));

        var files = new Argument<string[]>("FILE") { Description = "Releases.", Arity = ArgumentArity.OneOrMore };
        files.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !File.Exists(token.Value)))
                result.AddError(Directory.Exists(token.Value) ? $"{token.Value} is a folder; files are expected." : $"There is no file {token.Value}.");
        });
        var dataset = new Option<string?>("--dataset") { Description = "The dataset; without it the file's name gives it.", HelpName = "ID" };
        dataset.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !DatasetId.IsValid(result.Tokens[0].Value))
                result.AddError($"--dataset {result.Tokens[0].Value}: 1 to 63 ASCII letters, digits, - and _ expected, the first a letter or digit.");
        });
        var folder = new Option<string?>("--out") { Description = "A folder that gets a file for each release, instead of standard output.", HelpName = "DIR" };
        var format = new Option<string>("--format") { Description = "text: for a person; json: for programs; csv: the observations.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "csv");
        var check = new Command("check", "Say what would be published of releases; nothing is stored.") { files, dataset, folder, format };
        check.SetAction((parsed, cancellationToken) => Check.RunAsync(parsed.GetRequiredValue(files), parsed.GetValue(dataset), parsed.GetValue(folder),
            parsed.GetRequiredValue(format), output, error, console, terminal, cancellationToken));

        var to = new Option<string>("--to") { Description = "Where it is served.", DefaultValueFactory = _ => "http://127.0.0.1:7071", HelpName = "URL" };
        to.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !(Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
                result.AddError($"--to {result.Tokens[0].Value}: an address such as http://127.0.0.1:7071 expected.");
        });
        var key = new Option<string?>("--key") { Description = "The key (x-functions-key); without it the setting Pipeline:Key.", HelpName = "KEY" };
        var mode = new Option<string>("--mode")
        {
            Description = "update: its observations replace those of the same key and add new ones; replace: they replace all.",
            DefaultValueFactory = _ => "update",
        };
        mode.AcceptOnlyFromAmong("update", "replace");
        var upload = new Command("upload", "Upload releases, and wait for their reports.") { files, dataset, to, key, mode };
        upload.SetAction((parsed, cancellationToken) => Upload.RunAsync(parsed.GetRequiredValue(files), parsed.GetValue(dataset),
            new Uri(parsed.GetRequiredValue(to)), parsed.GetValue(key), parsed.GetRequiredValue(mode), console, terminal, cancellationToken));

        var reindex = new Command("reindex", "Rebuild the tables from the lake.") { storage };
        reindex.SetAction((parsed, cancellationToken) => Reindex.RunAsync(parsed.GetValue(storage), console, cancellationToken));

        var root = new RootCommand("Official statistics releases become open data. Without a command: serve, with the samples.") { serve, check, upload, reindex };
        root.SetAction((_, cancellationToken) => Serve.RunAsync(7071, null, true, console, cancellationToken));
        return root;
    }
}
