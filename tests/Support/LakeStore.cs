using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using DuckDB.NET.Data;
using Pipeline.Checking;
using Pipeline.Publishing;
using Pipeline.Understanding;
using Shouldly;

namespace Pipeline.Tests.Support;

/// <summary>A storage account of its own with the publisher on it.</summary>
internal sealed class LakeStore
{
    public required Storage Storage { get; init; }

    public required DatasetIndex Index { get; init; }

    public static async Task<LakeStore> CreateAsync()
    {
        var connection = await Emulator.NewAccountAsync();
        var storage = new Storage(new BlobServiceClient(connection), new TableServiceClient(connection));
        await storage.EnsureCreatedAsync();
        return new LakeStore { Storage = storage, Index = new DatasetIndex(storage) };
    }

    public Task<PublishedVersion?> PublishAsync(string dataset, int release, IReadOnlyList<Row> rows, bool replace = false) =>
        PublishAsync(dataset, release, () => Cubes.Of(rows), replace);

    public async Task<PublishedVersion?> PublishAsync(string dataset, int release, Func<Cube> make, bool replace = false)
    {
        using var cube = make();
        return await PublishAsync(Storage, Index, $"{dataset}-{release}", dataset, cube, replace);
    }

    /// <summary>Publishes a cube as a release of its own.</summary>
    public static async Task<PublishedVersion?> PublishAsync(Storage storage, DatasetIndex index, string release, string dataset, Cube cube, bool replace)
    {
        var record = new ReleaseRecord
        {
            Id = release,
            Dataset = dataset,
            File = dataset + "/x.csv",
            Bytes = 1,
            Sha256 = "",
            State = ReleaseState.Checked,
            ReceivedAt = DateTimeOffset.UtcNow,
            UpdatedAt = DateTimeOffset.UtcNow,
            Mode = replace ? "replace" : "update",
            Accept = Ingestion.Holding,
        };
        using var report = new CheckedRelease(null, null);
        return await new Publisher(storage, index, TimeProvider.System).PublishAsync(record, dataset, cube, report, default);
    }

    public async Task<string> DownloadAsync(string file)
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".parquet");
        await Storage.Lake.GetBlobClient(file).DownloadToAsync(path);
        return path;
    }

    public async Task<(List<(string, string, decimal?, string, string)> Rows, string Type)> DuckDbAsync(string file)
    {
        var path = await DownloadAsync(file);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT REF_AREA, TIME_PERIOD, OBS_VALUE, OBS_STATUS, UNIT_MEASURE, typeof(OBS_VALUE) FROM '{path}'";
        var rows = new List<(string, string, decimal?, string, string)>();
        var type = "";
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                rows.Add((reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetDecimal(2), reader.GetString(3), reader.GetString(4)));
                type = reader.GetString(5);
            }
        }
        File.Delete(path);
        return (rows, type);
    }

    /// <summary>What DuckDB says of a file, which it sees as the table <c>lake</c>: a line a row, values between <c>|</c>, decimals without trailing zeros.</summary>
    public async Task<List<string>> QueryAsync(string file, string sql)
    {
        var path = await DownloadAsync(file);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"CREATE VIEW lake AS SELECT * FROM read_parquet('{path}', file_row_number = true); {sql}";
        var lines = new List<string>();
        using (var reader = command.ExecuteReader())
        {
            while (reader.FieldCount == 0 && reader.NextResult())
            {
            }
            while (reader.Read())
            {
                lines.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) switch
                {
                    DBNull => "",
                    decimal number => number.ToString("0.############################", CultureInfo.InvariantCulture),
                    var other => Convert.ToString(other, CultureInfo.InvariantCulture),
                })));
            }
        }
        File.Delete(path);
        return lines;
    }

    /// <summary>Replays the Delta log up to a version as a reader would: one live file, the version's, whose columns are the schema's in name and type.</summary>
    public async Task LogAgreesAsync(string dataset, int version, DatasetVersion expected)
    {
        JsonNode? schema = null;
        var live = new Dictionary<string, JsonNode>();
        foreach (var action in (await CommitsAsync(dataset)).Take(version).SelectMany(commit => commit))
        {
            if (action["metaData"] is { } metadata)
                schema = JsonNode.Parse(metadata["schemaString"]!.GetValue<string>());
            if (action["remove"] is { } removed)
                live.Remove(Uri.UnescapeDataString(removed["path"]!.GetValue<string>())).ShouldBeTrue();
            if (action["add"] is { } added)
                live.Add(Uri.UnescapeDataString(added["path"]!.GetValue<string>()), added);
        }
        var (path, file) = live.ShouldHaveSingleItem();
        (dataset + "/" + path).ShouldBe(expected.File);
        file["size"]!.GetValue<long>().ShouldBe((await Storage.Lake.GetBlobClient(expected.File).GetPropertiesAsync()).Value.ContentLength);
        JsonNode.Parse(file["stats"]!.GetValue<string>())!["numRecords"]!.GetValue<long>().ShouldBe(expected.Observations);
        var columns = schema!["fields"]!.AsArray().Select(field => field!["name"] + ":" + field["type"]);
        var types = await QueryAsync(expected.File, "SELECT column_name || ':' || replace(replace(replace(lower(column_type), 'varchar', 'string'), 'bigint', 'long'), ' ', '') FROM (DESCRIBE SELECT * EXCLUDE (file_row_number) FROM lake)");
        types.ShouldBe([.. columns]);
    }

    public async Task<List<List<JsonObject>>> CommitsAsync(string dataset)
    {
        var commits = new List<List<JsonObject>>();
        await foreach (var blob in Storage.Lake.GetBlobsAsync(BlobTraits.None, BlobStates.None, dataset + "/_delta_log/", default))
        {
            var content = (await Storage.Lake.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToString();
            commits.Add([.. content.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())]);
        }
        return commits;
    }

    /// <summary>The names of all blobs in the lake.</summary>
    public Task<List<string>> LakeFilesAsync() => Storage.Lake.GetBlobsAsync().Select(blob => blob.Name).ToListAsync().AsTask();

    /// <summary>All that the index says, as text.</summary>
    public async Task<string> IndexTextAsync()
    {
        var text = new List<string>();
        await foreach (var dataset in Index.ListAsync())
        {
            text.Add(System.Text.Json.JsonSerializer.Serialize(dataset, Json.Options));
            await foreach (var version in Index.VersionsAsync(dataset.Id))
            {
                text.Add(System.Text.Json.JsonSerializer.Serialize(version, Json.Options));
                text.Add(System.Text.Json.JsonSerializer.Serialize(await Index.StructureAsync(dataset.Id, version.Version), Json.Options));
            }
            await foreach (var series in Index.SeriesAsync(dataset.Id, dataset.Latest.Version))
                text.Add(System.Text.Json.JsonSerializer.Serialize(series, Json.Options));
        }
        return string.Join('\n', text);
    }
}
