using System.Globalization;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using CsCheck;
using DuckDB.NET.Data;
using Pipeline.Checking;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The lake and the index against a model in memory: releases in any order and mode, read back by DuckDB and ParquetSharp.</summary>
public sealed class PublishingTests
{
    [Fact]
    public async Task Every_version_is_what_the_releases_up_to_it_say()
    {
        var store = await Store.CreateAsync();
        await Gen.Select(Cubes.AnyRows, Gen.Bool).List[1, 4].SampleAsync(async releases =>
        {
            var dataset = "d" + Guid.NewGuid().ToString("N")[..10];
            var model = new SortedDictionary<string, Row>(StringComparer.Ordinal);
            var states = new List<List<Row>>();
            foreach (var ((rows, replace), number) in releases.Select((r, i) => (r, i + 1)))
            {
                var distinct = rows.DistinctBy(r => r.Key).ToList();
                var before = new Dictionary<string, Row>(model);
                if (replace)
                    model.Clear();
                foreach (var row in distinct)
                    model[row.Key] = row;
                states.Add([.. model.Values]);
                var published = await store.PublishAsync(dataset, number, distinct, replace);
                published!.Version.ShouldBe(number);
                var version = (await store.Index.FindAsync(dataset))!.Latest;
                version.Observations.ShouldBe(model.Count);
                version.Added.ShouldBe(distinct.Count(r => !before.ContainsKey(r.Key)));
                version.Revised.ShouldBe(distinct.Count(r => before.TryGetValue(r.Key, out var old) && (old.Value, old.Status) != (r.Value, r.Status)));
                version.Removed.ShouldBe(replace ? before.Count(b => !model.ContainsKey(b.Key)) : 0);
            }
            for (var number = 1; number <= states.Count; number++)
            {
                var version = (await store.Index.FindVersionAsync(dataset, number))!;
                var (rows, type) = await store.DuckDbAsync(version.File);
                rows.ShouldBe([.. states[number - 1].Select(r => (r.Area, r.Period, r.Value, r.Status, r.Unit))]);
                type.ShouldStartWith("DECIMAL(18,");
            }
            var latest = await store.Index.SeriesAsync(dataset, states.Count).ToListAsync();
            latest.Select(s => (s.Key[1], s.TimePeriod, s.Value, s.Count)).ShouldBe(
                [.. model.Values.GroupBy(r => r.Area).Select(g => (g.Key, (string?)g.Last().Period, g.Last().Value, g.Count()))]);
        }, iter: 12, threads: 1);
    }

    [Fact]
    public async Task Decimals_are_kept_as_shown_and_other_readers_see_typed_columns()
    {
        var store = await Store.CreateAsync();
        await store.PublishAsync("exact", 1, [new Row("650000", "2022", 5.2m, "A", "PT"), new Row("650000", "2023", 1234567.10m, "A", "PT"), new Row("650100", "2023", null, "M", "PT")]);
        await store.PublishAsync("exact", 2, [new Row("650200", "2023", 0.00012m, "A", "PT")]);
        var file = await store.DownloadAsync((await store.Index.FindAsync("exact"))!.Latest.File);
        using var reader = new ParquetSharp.ParquetFileReader(file);
        using var group = reader.RowGroup(0);
        var schema = reader.FileMetaData.Schema;
        Enumerable.Range(0, schema.NumColumns).Select(i => schema.Column(i).Name).ShouldBe(
            ["FREQ", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MEASURE", "UNIT_MULT", "SOURCE", "DECIMALS", "RELEASE"]);
        schema.Column(3).LogicalType.ToString().ShouldContain("precision=18, scale=5");
        schema.Column(3).PhysicalType.ShouldBe(ParquetSharp.PhysicalType.Int64);
        group.MetaData.GetColumnChunkMetaData(1).Compression.ShouldBe(ParquetSharp.Compression.Zstd);
        group.MetaData.GetColumnChunkMetaData(1).Encodings.ShouldContain(ParquetSharp.Encoding.PlainDictionary);
        using var decimals = group.Column(8).LogicalReader<int>();
        decimals.ReadAll(4).ShouldBe([1, 2, 0, 5]);
        using var sources = group.Column(7).LogicalReader<string>();
        sources.ReadAll(4).ShouldBe(["C2", "C3", "C4", "C2"]);
    }

    [Fact]
    public async Task A_release_published_twice_is_one_version_and_two_hosts_cannot_both_win()
    {
        var store = await Store.CreateAsync();
        await store.PublishAsync("race", 1, [new Row("650000", "2022", 1m, "A", "PT")]);
        (await store.PublishAsync("race", 1, [new Row("650000", "2022", 1m, "A", "PT")]))!.Version.ShouldBe(1);
        var writers = Enumerable.Range(2, 6).Select(i => Task.Run(() => store.PublishAsync("race", i, [new Row($"6501{i:D2}", "2022", i, "A", "PT")])));
        (await Task.WhenAll(writers)).Select(v => v!.Version).Order().ShouldBe(Enumerable.Range(2, 6));
        var latest = (await store.Index.FindAsync("race"))!.Latest;
        (latest.Version, latest.Observations).ShouldBe((7, 7));
        (await store.DuckDbAsync(latest.File)).Rows.Count.ShouldBe(7);
    }

    [Fact]
    public async Task The_log_is_a_delta_table()
    {
        var store = await Store.CreateAsync();
        await store.PublishAsync("delta", 1, [new Row("650000", "2022", 1m, "A", "PT")]);
        await store.PublishAsync("delta", 2, [new Row("650000", "2023", 2m, "A", "PT")]);
        await store.PublishAsync("delta", 3, [new Row("650000", "2024", 2.25m, "A", "PT")]);
        var commits = await store.CommitsAsync("delta");
        commits.Select(c => string.Join(' ', c.Select(action => action.Single().Key))).ShouldBe(
        [
            "commitInfo protocol metaData txn add",
            "commitInfo txn remove add",
            // Two more decimals are another column type, so another schema.
            "commitInfo metaData txn remove add",
        ]);
        commits[1][1]["txn"]!["appId"]!.GetValue<string>().ShouldBe("delta-2");
        commits[1][2]["remove"]!["path"]!.GetValue<string>().ShouldBe(commits[0][4]["add"]!["path"]!.GetValue<string>());
        commits[2][1]["metaData"]!["schemaString"]!.GetValue<string>().ShouldContain("decimal(18,2)");
        commits[2][1]["metaData"]!["id"]!.ToString().ShouldBe(commits[0][2]["metaData"]!["id"]!.ToString());
    }

    [Fact]
    public async Task Reindexing_rebuilds_the_tables_from_the_blobs()
    {
        var store = await Store.CreateAsync();
        await store.PublishAsync("one", 1, [new Row("650000", "2022", 1m, "A", "PT")]);
        await store.PublishAsync("one", 2, [new Row("650000", "2023", 2m, "A", "PT"), new Row("650100", "2023", 7m, "A", "PT")]);
        await store.PublishAsync("two", 1, [new Row("650000", "2022", 3m, "A", "PT")]);
        var before = await store.IndexTextAsync();
        await foreach (var table in new[] { store.Storage.DatasetsTable, store.Storage.SeriesTable }.ToAsyncEnumerable())
            await foreach (var row in table.QueryAsync<TableEntity>())
                await table.DeleteEntityAsync(row);
        (await store.Index.FindAsync("one")).ShouldBeNull();
        await store.Storage.DatasetsTable.AddEntityAsync(DatasetIndex.Pack(DatasetIndex.Catalogue, _ => "gone", new DatasetSummary
        {
            Id = "gone", Title = Code.None, Dimensions = [], Latest = await new DeltaLog(store.Storage.Lake, "one").ReadAsync(1, default),
        }).Single());
        var counts = await new Reindexing(store.Storage, store.Index, new Ledger(store.Storage), TimeProvider.System).RunAsync();
        counts.ShouldBe((2, 3, 0));
        (await store.IndexTextAsync()).ShouldBe(before);
    }

    /// <summary>A storage account of its own with the publisher on it.</summary>
    private sealed class Store
    {
        public required Storage Storage { get; init; }

        public required DatasetIndex Index { get; init; }

        public static async Task<Store> CreateAsync()
        {
            var connection = await Emulator.NewAccountAsync();
            var storage = new Storage(new BlobServiceClient(connection), new TableServiceClient(connection));
            await storage.EnsureCreatedAsync();
            return new Store { Storage = storage, Index = new DatasetIndex(storage) };
        }

        public async Task<PublishedVersion?> PublishAsync(string dataset, int release, IReadOnlyList<Row> rows, bool replace = false)
        {
            using var cube = Cubes.Of(rows);
            var record = new ReleaseRecord
            {
                Id = $"{dataset}-{release}", Dataset = dataset, File = dataset + "/x.csv", Bytes = 1, Sha256 = "", State = ReleaseState.Checked,
                ReceivedAt = DateTimeOffset.UtcNow, UpdatedAt = DateTimeOffset.UtcNow, Mode = replace ? "replace" : "update",
            };
            using var report = new CheckedRelease(null, null);
            return await new Publisher(Storage, Index, TimeProvider.System).PublishAsync(record, dataset, cube, report, default);
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

        public async Task<List<List<System.Text.Json.Nodes.JsonObject>>> CommitsAsync(string dataset)
        {
            var commits = new List<List<System.Text.Json.Nodes.JsonObject>>();
            await foreach (var blob in Storage.Lake.GetBlobsAsync(Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, dataset + "/_delta_log/", default))
            {
                var content = (await Storage.Lake.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content.ToString();
                commits.Add([.. content.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!.AsObject())]);
            }
            return commits;
        }

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
}
