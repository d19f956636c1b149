using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using DuckDB.NET.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Serving;
using Pipeline.Understanding;

namespace Pipeline.Benchmarks;

/// <summary>Reading a published version: one series, a filtered page, a full CSV export; DuckDB reads the same Parquet file.</summary>
internal static class Queries
{
    private const int Rounds = 60;

    public static async Task RunAsync(int rows, string folder)
    {
        await using var azurite = await Azurite.StartAsync(Path.Combine(folder, "azurite"), Settings.Root, null, Console.Error.WriteLine);
        var storage = new Storage(new BlobServiceClient(azurite.ConnectionString), new TableServiceClient(azurite.ConnectionString));
        await storage.EnsureCreatedAsync();
        var (structure, version) = await PublishAsync(storage, rows, folder);
        var parquet = Path.Combine(folder, "version.parquet");
        await storage.Lake.GetBlobClient(version.File).DownloadToAsync(parquet);

        using var duckdb = new DuckDBConnection("DataSource=:memory:");
        duckdb.Open();
        Execute(duckdb, "SET threads=2; SET enable_object_cache=true");
        var at = new DatasetAtVersion(structure, version);
        using var handle = File.OpenHandle(parquet);
        VersionQueries Fresh(long cache) => new((_, offset, count, _) =>
        {
            var bytes = new byte[count];
            RandomAccess.Read(handle, bytes, offset);
            return Task.FromResult(bytes);
        }, cache);

        var random = new Random(3);
        (string, string)[][] Keys(int count) => [.. Enumerable.Range(0, count).Select(_ => structure.Components.Take(structure.TimeIndex)
            .Select(c => (c.Id, c.Codes[random.Next(c.Codes.Count)].Id)).ToArray())];
        var keys = Keys(Rounds);
        Console.WriteLine($"{version.Observations:N0} observations, {version.Series:N0} series, {version.FileBytes / 1e6:F0} MB of Parquet");
        Console.WriteLine("question | Pipeline ms (median) | DuckDB ms (median) | ratio");
        Console.WriteLine("---|---|---|---");
        var warm = Fresh(256L << 20);
        await MeasureAsync("one series, another each time, nothing in memory", key => OursAsync(warm, at, key, null), key => Theirs(duckdb, parquet, key, null), keys);
        await MeasureAsync("one series, the same again", key => OursAsync(warm, at, keys[0], null), key => Theirs(duckdb, parquet, keys[0], null), keys);
        foreach (var key in Keys(3_000))
            await OursAsync(warm, at, key, null);
        await MeasureAsync("one series, another each time, after 3,000 others", key => OursAsync(warm, at, key, null), key => Theirs(duckdb, parquet, key, null), Keys(Rounds));
        var pages = keys.Select(key => key.Where(k => k.Item1 is Concepts.RefArea or "SEX").ToArray()).ToArray();
        await MeasureAsync("a page of 1,000 of two filters, another each time", key => OursAsync(warm, at, key, 1000), key => Theirs(duckdb, parquet, key, 1000), pages);
        await MeasureAsync("a page of 1,000 of two filters, the same again", key => OursAsync(warm, at, pages[0], 1000), key => Theirs(duckdb, parquet, pages[0], 1000), pages);
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{warm.CachedBytes / 1e6:F0} MB of decoded columns in memory"));
        await ExportAsync(azurite.ConnectionString, structure.Id, duckdb, parquet, folder);
    }

    private static async Task<(DatasetStructure Structure, DatasetVersion Version)> PublishAsync(Storage storage, int rows, string folder)
    {
        var index = new DatasetIndex(storage);
        var dataset = "tidy" + rows.ToString(CultureInfo.InvariantCulture);
        if (await index.FindAsync(dataset) is null)
        {
            var csv = Path.Combine(folder, $"tidy-{rows}.csv");
            TidyCsv.Write(csv, rows);
            await Ingest.PublishAsync(storage, csv, dataset, Stopwatch.StartNew());
        }
        var latest = (await index.FindAsync(dataset))!.Latest;
        var structure = (await storage.Lake.GetBlobClient(latest.StructureFile).DownloadContentAsync()).Value.Content;
        return (JsonSerializer.Deserialize<DatasetStructure>(structure, Json.Options)!, latest);
    }

    private static async Task<int> OursAsync(VersionQueries lake, DatasetAtVersion at, (string Dimension, string Code)[] key, int? limit)
    {
        var selection = new Selection(at, [.. key.Select(k => new Criterion.OneOf(k.Dimension, [k.Code]))]);
        var wanted = Enumerable.Repeat(true, at.ColumnCount).ToArray();
        var (count, sum) = (0, 0m);
        await foreach (var match in lake.ReadAsync(at, selection, wanted, 0, limit is null, CancellationToken.None))
        {
            for (var i = 0; i < match.Count && (limit is null || count < limit); i++, count++)
                sum += match.Chunk.Values![match.Row(i)] ?? 0;
            if (count == limit)
                break;
        }
        return count;
    }

    private static int Theirs(DuckDBConnection connection, string parquet, (string Dimension, string Code)[] key, int? limit)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM '{parquet}' WHERE {string.Join(" AND ", key.Select(k => $"{k.Dimension} = '{k.Code}'"))}{(limit is null ? "" : $" LIMIT {limit}")}";
        using var reader = command.ExecuteReader();
        var (count, sum, value) = (0, 0m, reader.GetOrdinal(Concepts.ObsValue));
        for (; reader.Read(); count++)
            sum += reader.GetDecimal(value);
        return count;
    }

    private static async Task MeasureAsync(
        string question, Func<(string, string)[], Task<int>> ours, Func<(string, string)[], int> theirs, (string, string)[][] keys)
    {
        var (our, their) = (new List<double>(), new List<double>());
        for (var round = 0; round < keys.Length; round++)
        {
            var clock = Stopwatch.StartNew();
            var counted = await ours(keys[round]);
            our.Add(clock.Elapsed.TotalMilliseconds);
            clock.Restart();
            if (theirs(keys[round]) != counted)
                throw new InvalidOperationException($"{question}: {counted} observations here, not as many there");
            their.Add(clock.Elapsed.TotalMilliseconds);
        }
        var (a, b) = (Median(our), Median(their));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{question} | {a:F2} | {b:F2} | {a / b:F3}"));
    }

    private static async Task ExportAsync(string connection, string dataset, DuckDBConnection duckdb, string parquet, string folder)
    {
        await using var server = await Server.StartAsync(connection);
        using var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(10) };
        var path = Path.Combine(folder, "export");
        var runs = new List<(string What, double Seconds, double Cpu, double MB, double Before, double Peak)>();
        // The first compiles the code and fills the pools. DuckDB comes last: what it takes of the process's memory it keeps.
        await DownloadAsync($"v1/datasets/{dataset}/data?format=csv", Stream.Null);
        foreach (var format in (string[])["csv", "tsv", "ndjson", "arrow"])
            await TimedAsync($"Pipeline, {format} over HTTP, thrown away", () => DownloadAsync($"v1/datasets/{dataset}/data?format={format}", Stream.Null));
        await TimedAsync("Pipeline, Parquet written anew, over HTTP, thrown away", () => DownloadAsync($"v1/datasets/{dataset}/data?format=parquet&TIME_PERIOD=ge:1000", Stream.Null));
        await TimedAsync("Pipeline, SDMX-CSV 2 over HTTP, thrown away", () => DownloadAsync($"sdmx/v2/data/dataflow/*/{dataset}?format=sdmx-csv", Stream.Null));
        await TimedAsync("Pipeline, SDMX-JSON 2 over HTTP, thrown away", () => DownloadAsync($"sdmx/v2/data/dataflow/*/{dataset}?format=sdmx-json", Stream.Null));
        foreach (var format in (string[])["csv", "ndjson"])
        {
            await TimedAsync($"Pipeline, {format} over HTTP, to a file", async () =>
            {
                await using var file = File.Create(path, 1 << 20);
                return await DownloadAsync($"v1/datasets/{dataset}/data?format={format}", file);
            });
        }
        foreach (var format in (string[])["csv", "ndjson"])
        {
            await TimedAsync($"Pipeline, {format} of the endpoint itself, to a file", async () =>
            {
                await using var file = File.Create(path, 1 << 20);
                var context = new DefaultHttpContext { RequestServices = server.Services };
                context.Request.Method = "GET";
                context.Request.Path = $"/v1/datasets/{dataset}/data";
                context.Request.QueryString = new QueryString("?format=" + format);
                context.Response.Body = file;
                await server.Services.GetRequiredService<DataApi>().Data(dataset).ExecuteAsync(context);
                return file.Length;
            });
        }
        foreach (var (what, target, format) in ((string, string, string)[])[("DuckDB, ndjson to a file", path, "json"), ("DuckDB, csv to a file", path, "csv, HEADER"), ("DuckDB, csv thrown away", "/dev/null", "csv, HEADER")])
        {
            await TimedAsync(what, () => Task.Run(() =>
            {
                Execute(duckdb, $"COPY (SELECT * FROM '{parquet}') TO '{target}' (FORMAT {format})");
                return target == path ? new FileInfo(path).Length : 0;
            }));
        }
        File.Delete(path);
        var (kept, away) = (runs[^2].Seconds, runs[^1].Seconds);
        Console.WriteLine("everything | s | CPU s | MB | memory before MB | peak MB | rows/s relative to DuckDB's csv");
        Console.WriteLine("---|---|---|---|---|---|---");
        foreach (var run in runs)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.What} | {run.Seconds:F1} | {run.Cpu:F1} | {run.MB:F0} | {run.Before:F0} | {run.Peak:F0} | ")
                + ((run.What.EndsWith("away", StringComparison.Ordinal) ? away : kept) / run.Seconds).ToString("F2", CultureInfo.InvariantCulture));
        }

        async Task<long> DownloadAsync(string address, Stream to)
        {
            await using var answer = await client.GetStreamAsync(address);
            var (buffer, bytes, read) = (new byte[1 << 20], 0L, 0);
            for (; (read = await answer.ReadAsync(buffer)) > 0; bytes += read)
                await to.WriteAsync(buffer.AsMemory(0, read));
            return bytes;
        }

        async Task TimedAsync(string what, Func<Task<long>> work)
        {
            GC.Collect();
            using var process = Process.GetCurrentProcess();
            var (clock, cpu, before, peak, bytes) = (Stopwatch.StartNew(), process.TotalProcessorTime, Environment.WorkingSet, 0L, 0L);
            await using (new Timer(_ => peak = Math.Max(peak, Environment.WorkingSet), null, 0, 50))
                bytes = await work();
            var seconds = clock.Elapsed.TotalSeconds;
            process.Refresh();
            runs.Add((what, seconds, (process.TotalProcessorTime - cpu).TotalSeconds, bytes / 1e6, before / 1e6, peak / 1e6));
        }
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
