using System.Diagnostics;
using System.Globalization;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using DuckDB.NET.Data;
using Pipeline.Checking;
using Pipeline.Local;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Benchmarks;

/// <summary>Tidy CSV to sorted, zstd-compressed Parquet and the index; DuckDB does the same but for the index.</summary>
internal static class Ingest
{
    /// <summary>Runs both in processes of their own, so that each one's peak working set is its own.</summary>
    public static async Task RunAsync(IReadOnlyList<int> sizes, string folder)
    {
        await using var azurite = await Azurite.StartAsync(Path.Combine(folder, "azurite"), Settings.Root, null, Console.Error.WriteLine);
        Console.WriteLine("rows | file MB | Pipeline s | Pipeline peak MB | DuckDB s | DuckDB peak MB | time ratio");
        Console.WriteLine("---|---|---|---|---|---|---");
        foreach (var rows in sizes)
        {
            var csv = Path.Combine(folder, $"tidy-{rows}.csv");
            TidyCsv.Write(csv, rows);
            // Once through the file, so that both find it in the page cache.
            await using (var warm = File.OpenRead(csv))
                await warm.CopyToAsync(Stream.Null, 1 << 20);
            var ours = Job.Run("ingest-pipeline", csv, azurite.ConnectionString);
            var theirs = Job.Run("ingest-duckdb", csv, Path.Combine(folder, "duckdb.parquet"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{rows:N0} | {new FileInfo(csv).Length / 1e6:F0} | {ours.Seconds:F1} | {ours.PeakMB:F0} | {theirs.Seconds:F1} | {theirs.PeakMB:F0} | {ours.Seconds / theirs.Seconds:F2}"));
        }
    }

    public static async Task PipelineAsync(string csv, string connection)
    {
        var storage = new Storage(new BlobServiceClient(connection), new TableServiceClient(connection));
        await storage.EnsureCreatedAsync();
        var dataset = "tidy" + Guid.NewGuid().ToString("N")[..8];
        var clock = Stopwatch.StartNew();
        var version = await PublishAsync(storage, csv, dataset, clock);
        Console.Error.WriteLine($"  published {version} {clock.Elapsed.TotalSeconds:F1} s");
        Job.Report(clock.Elapsed.TotalSeconds);
    }

    /// <summary>Publishes a CSV into a dataset, from the file to the index.</summary>
    public static async Task<PublishedVersion> PublishAsync(Storage storage, string csv, string dataset, Stopwatch clock)
    {
        await using var file = File.OpenRead(csv);
        using var release = ReleaseCheck.Open(file, Path.GetFileName(csv), new ReleaseContext(dataset));
        Console.Error.WriteLine($"  understood {clock.Elapsed.TotalSeconds:F1} s");
        var record = new ReleaseRecord
        {
            Id = dataset + "-1",
            Dataset = dataset,
            File = dataset + "/tidy.csv",
            Bytes = file.Length,
            Sha256 = "",
            State = ReleaseState.Checked,
            ReceivedAt = DateTimeOffset.UtcNow,
            UpdatedAt = DateTimeOffset.UtcNow,
        };
        return await new Publisher(storage, new DatasetIndex(storage), TimeProvider.System)
                .PublishAsync(record, dataset, release.Cubes.Single().Cube, release, CancellationToken.None)
            ?? throw new InvalidOperationException(string.Join("; ", release.Findings.Kept.Select(f => f.Message)));
    }

    public static void DuckDb(string csv, string parquet)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var clock = Stopwatch.StartNew();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SET threads=2;
            COPY (SELECT * FROM read_csv('{csv}', types={'{'}'OBS_VALUE': 'DECIMAL(18,2)', 'REF_AREA': 'VARCHAR', 'TIME_PERIOD': 'VARCHAR'{'}'})
                  ORDER BY REF_AREA, ACTIVITY, SEX, INDICATOR, TIME_PERIOD)
            TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)
            """;
        command.ExecuteNonQuery();
        Job.Report(clock.Elapsed.TotalSeconds);
    }
}
