using Azure.Data.Tables;
using CsCheck;
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
        var store = await LakeStore.CreateAsync();
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
                version.Revised.ShouldBe(distinct.Count(r => before.TryGetValue(r.Key, out var old) && (old.Value, old.Status, old.Unit) != (r.Value, r.Status, r.Unit)));
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
        var store = await LakeStore.CreateAsync();
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
    public async Task Structures_and_series_of_any_size_fit_into_rows()
    {
        var store = await LakeStore.CreateAsync();
        var random = new Random(5);
        string Code(int length) => Convert.ToHexString(Enumerable.Range(0, length / 2).Select(_ => (byte)random.Next(256)).ToArray());
        var codes = Enumerable.Range(0, 4_000).Select(_ => new Code(Code(1_000))).ToList();
        var structure = new DatasetStructure
        {
            Id = "large",
            Title = new Dictionary<string, string>(),
            ValueScale = 0,
            ValuePrecision = 18,
            Components = [new("A", ComponentRole.Dimension, new Dictionary<string, string>(), codes), new("TIME_PERIOD", ComponentRole.Time, new Dictionary<string, string>(), [])],
        };
        var version = new DatasetVersion
        {
            Version = 1,
            File = "large/x",
            FileBytes = 1,
            StructureFile = "large/y",
            PublishedAt = DateTimeOffset.UtcNow,
            Release = "r",
            Mode = "update",
            Observations = codes.Count,
            Series = codes.Count,
            Added = codes.Count,
            Revised = 0,
            Removed = 0,
        };
        var series = codes.Select(code => new SeriesSummary([code.Id], "2022", 1, "A", "PT", 0, "2022", 1)).ToList();
        await store.Index.WriteAsync(structure, version, series.ToAsyncEnumerable(), default);
        (await store.Index.StructureAsync("large", 1)).Components[0].Codes.Select(c => c.Id).ShouldBe(codes.Select(c => c.Id));
        (await store.Index.SeriesAsync("large", 1).Select(s => s.Key[0]).ToListAsync()).ShouldBe(codes.Select(c => c.Id));
    }

    [Fact]
    public async Task A_release_published_twice_is_one_version_and_two_hosts_cannot_both_win()
    {
        var store = await LakeStore.CreateAsync();
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
        var store = await LakeStore.CreateAsync();
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
        var store = await LakeStore.CreateAsync();
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
            Id = "gone",
            Title = Code.None,
            Dimensions = [],
            Latest = await new DeltaLog(store.Storage.Lake, "one").ReadAsync(1, default),
        }).Single());
        var counts = await new Reindexing(store.Storage, store.Index, new Ledger(store.Storage), TimeProvider.System).RunAsync();
        counts.ShouldBe((2, 3, 0));
        (await store.IndexTextAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Reindexing_rebuilds_what_is_broken_and_removes_what_no_commit_names()
    {
        var store = await LakeStore.CreateAsync();
        await store.PublishAsync("mend", 1, [new Row("650000", "2022", 1m, "A", "PT")]);
        await store.PublishAsync("mend", 2, [new Row("650000", "2023", 2m, "A", "PT")]);
        var before = await store.IndexTextAsync();
        var files = await store.LakeFilesAsync();
        await store.Storage.Lake.UploadBlobAsync("mend/00000000000000000003-dead.parquet", BinaryData.FromString("x"));
        await store.Storage.Lake.UploadBlobAsync("mend/_structure/00000000000000000003-dead.json", BinaryData.FromString("x"));
        // The catalogue stands, and points to latest values and a structure that are gone.
        await foreach (var row in store.Storage.SeriesTable.QueryAsync<TableEntity>())
            await store.Storage.SeriesTable.DeleteEntityAsync(row);
        await store.Storage.DatasetsTable.DeleteEntityAsync("mend", "structure:0000000002:000");

        await new Reindexing(store.Storage, store.Index, new Ledger(store.Storage), TimeProvider.System).RunAsync();
        (await store.IndexTextAsync()).ShouldBe(before);
        (await store.LakeFilesAsync()).Count.ShouldBe(files.Count + 2, "files younger than a day may be about to be committed");
        await new Reindexing(store.Storage, store.Index, new Ledger(store.Storage), TimeProvider.System) { OrphanAge = TimeSpan.FromMinutes(-1) }.RunAsync();
        (await store.LakeFilesAsync()).ShouldBe(files);
        (await store.IndexTextAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Latest_values_of_a_version_go_when_the_second_after_it_is_there_and_no_other_dataset_is_touched()
    {
        var store = await LakeStore.CreateAsync();
        // Ids that a prefix or a careless range would take for one another.
        string[] ids = ["a", "A", "a-1", "a_b", "a0", "ab"];
        foreach (var id in ids)
            await store.PublishAsync(id, 1, [new Row("650000", "2022", 1m, "A", "PT")]);
        for (var release = 2; release <= 4; release++)
            await store.PublishAsync("a", release, [new Row("650000", "2022", release, "A", "PT")]);
        var partitions = await store.Storage.SeriesTable.QueryAsync<TableEntity>(select: ["PartitionKey"]).Select(r => r.PartitionKey).ToListAsync();
        partitions.Order(StringComparer.Ordinal).ShouldBe(
            ids.Skip(1).Select(id => id + ":0000000001").Append("a:0000000003").Append("a:0000000004").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Series_with_long_codes_are_read_back()
    {
        var store = await LakeStore.CreateAsync();
        var random = new Random(5);
        var areas = Enumerable.Range(0, 1_100).Select(_ => new string([.. Enumerable.Range(0, 800).Select(_ => (char)random.Next(0x4E00, 0x9FFF))])).ToList();
        await store.PublishAsync("long", 1, [.. areas.Select((area, i) => new Row(area, "2022", i, "A", area[..90]))]);
        (await store.Index.SeriesAsync("long", 1).Select(s => s.Key[1]).ToListAsync()).ShouldBe(areas.Order(StringComparer.Ordinal));
        (await store.Index.StructureAsync("long", 1)).Components[1].Codes.Count.ShouldBe(areas.Count);
    }
}
