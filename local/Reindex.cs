using System.Globalization;
using Azure;
using Pipeline.Publishing;
using Spectre.Console;

namespace Pipeline.Local;

/// <summary>The command <c>reindex</c>: rebuilds the tables from the lake and the reports.</summary>
internal static class Reindex
{
    /// <summary>Rebuilds the index of an account; may run beside a host that serves it.</summary>
    /// <exception cref="FailedException">The storage can not be used.</exception>
    public static async Task<int> RunAsync(string? where, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var settings = Settings.Load();
        var setting = where is null ? "AzureWebJobsStorage" : "--storage";
        await using var account = await StorageAccount.OpenAsync(where ?? settings["AzureWebJobsStorage"] ?? "", setting, Settings.Root, console.WriteLine, cancellationToken);
        settings["AzureWebJobsStorage"] = account.ConnectionString;
        var storage = Storage.Connect(settings);
        try
        {
            await storage.EnsureCreatedAsync(cancellationToken);
            var reindexing = new Reindexing(storage, new DatasetIndex(storage), new Ledger(storage), TimeProvider.System);
            var (datasets, versions, releases) = await reindexing.RunAsync(new Told(console), cancellationToken);
            console.WriteLine($"The index has {Counted.Of(datasets, "dataset")} in {Counted.Of(versions, "version")}, and {Counted.Of(releases, "release")}.");
            return 0;
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            throw new FailedException($"The storage account failed: {FailedException.Reason(e)}.", e);
        }
    }

    // Progress<T> would tell later, from another thread, after the last line.
    private sealed class Told(IAnsiConsole console) : IProgress<string>
    {
        public void Report(string value) => console.WriteLine("  " + value);
    }
}
