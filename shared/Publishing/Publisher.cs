using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Pipeline.Checking;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>Publishes a cube as the next version of a dataset: merge, write, commit, index.</summary>
internal sealed class Publisher(Storage storage, DatasetIndex index, TimeProvider clock)
{
    /// <summary>Publishes. Done once for a release and dataset however often it is called: the log remembers the release.</summary>
    /// <param name="release">The release.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cube">What the release says of it.</param>
    /// <param name="report">Told what is found on the way.</param>
    /// <param name="cancellationToken">Ends the work; nothing is published then.</param>
    /// <returns>The version; null when the findings forbid it, and then nothing has changed.</returns>
    public async Task<PublishedVersion?> PublishAsync(ReleaseRecord release, string dataset, Cube cube, CheckedRelease report, CancellationToken cancellationToken)
    {
        var log = new DeltaLog(storage.Lake, dataset);
        for (var attempt = 1; ; attempt++)
        {
            var latest = await log.LatestAsync(cancellationToken);
            if (await log.FindAsync(release.Id, release.ReceivedAt, latest, cancellationToken) is { } done)
            {
                await IndexAsync(dataset, done, cancellationToken);
                return new PublishedVersion(dataset, done.Version, done.Taken);
            }
            var before = latest == 0 ? null : await log.ReadAsync(latest, cancellationToken);
            var structureBefore = before is null ? null : await ReadStructureAsync(before, cancellationToken);
            // Only the first pass tells of what it finds: one after a lost race meets the same.
            var told = attempt == 1;
            var next = await WriteAsync(release, dataset, cube, before, structureBefore, told ? report : null, cancellationToken);
            if (next is null || report.Findings.HasErrors)
                return null;
            using (next)
            {
                var schemaBefore = structureBefore is null ? null : new LakeFile(structureBefore).DeltaSchema();
                if (await log.TryCommitAsync(next.Version, new LakeFile(next.Structure), before, schemaBefore, cancellationToken))
                {
                    await index.WriteAsync(next.Structure, next.Version, next.Series.ReadAsync(cancellationToken), cancellationToken);
                    return new PublishedVersion(dataset, next.Version.Version, next.Version.Taken);
                }
                await storage.Lake.DeleteBlobIfExistsAsync(next.Version.File, cancellationToken: CancellationToken.None);
                await storage.Lake.DeleteBlobIfExistsAsync(next.Version.StructureFile, cancellationToken: CancellationToken.None);
            }
        }
    }

    /// <summary>Brings the index up to a version that is committed already: after a crash, or when the index is rebuilt.</summary>
    public async Task IndexAsync(string dataset, DatasetVersion version, CancellationToken cancellationToken)
    {
        var there = await index.FindAsync(dataset, cancellationToken);
        if (there?.Latest.Version >= version.Version && await index.FindVersionAsync(dataset, version.Version, cancellationToken) is not null)
            return;
        var structure = await ReadStructureAsync(version, cancellationToken);
        using var series = new SeriesSpool(structure);
        // Latest values are those of the latest version; an older one is only listed.
        if (there is null || there.Latest.Version <= version.Version)
        {
            await using var input = await storage.Lake.GetBlobClient(version.File).OpenReadAsync(new BlobOpenReadOptions(false) { BufferSize = 4 << 20 }, cancellationToken);
            await using var reader = await LakeReader.OpenAsync(input, structure, cancellationToken);
            await foreach (var rows in reader.ReadAsync().WithCancellation(cancellationToken))
                for (var row = 0; row < rows.Count; row++)
                    series.Add(rows, row);
            series.Complete();
        }
        await index.WriteAsync(structure, version, series.ReadAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Merges into a local file and uploads it, still unseen: nothing points to it before the commit.</summary>
    private async Task<UncommittedVersion?> WriteAsync(
        ReleaseRecord release, string dataset, Cube cube, DatasetVersion? before, DatasetStructure? structureBefore, CheckedRelease? report,
        CancellationToken cancellationToken)
    {
        var findings = report?.Findings ?? new Findings();
        var replace = release.Mode == "replace";
        // With other dimensions no old observation has a key that could be found again.
        var comparable = structureBefore is not null && !(replace && !SameDimensions(structureBefore, cube));
        var merge = StructureMerge.Of(comparable ? structureBefore : null, dataset, cube, release.Title, release.File, replace, findings);
        if (merge.Structure.ValueIntegerDigits + merge.Structure.ValueScale > ReleaseCheck.MaxDigits)
        {
            findings.Add(new Finding(Severity.Error, "numbers-too-wide", "Together with the dataset's values, these need more digits than a column can hold exactly.")
            {
                Found = $"{merge.Structure.ValueIntegerDigits} digits before and {merge.Structure.ValueScale} after the decimal point",
                Expected = $"at most {ReleaseCheck.MaxDigits} together",
                Advice = "Check the release's unit and decimals; upload to another dataset if they are right.",
            });
            return null;
        }
        var sorted = new SortedCube(cube, merge.CubeCodes, merge.CubeKey);
        var spool = new SeriesSpool(merge.Structure);
        try
        {
            await using var local = TemporaryFile.Create();
            await using var oldFile = comparable ? await DownloadAsync(before!.File, cancellationToken) : null;
            await using var reader = oldFile is null ? null : await LakeReader.OpenAsync(oldFile, structureBefore!, cancellationToken);
            var pass = new VersionMerge(merge, release.Id, replace, spool);
            await pass.RunAsync(local, reader?.ReadAsync(), structureBefore, cube, sorted.Read(findings, report?.Reconciliation, cancellationToken), cancellationToken);
            if (findings.HasErrors)
            {
                spool.Dispose();
                return null;
            }

            var number = (before?.Version ?? 0) + 1;
            var name = $"{number:D20}-{Guid.NewGuid():N}";
            var structure = pass.Used();
            var times = structure.Components[structure.TimeIndex].Codes.Where(code => code.Id.Length > 0).Select(code => code.Id).ToList();
            var version = new DatasetVersion
            {
                Version = number,
                PublishedAt = Later(before?.PublishedAt),
                Release = release.Id,
                Mode = release.Mode,
                File = $"{dataset}/{name}.parquet",
                FileBytes = local.Length,
                StructureFile = $"{dataset}/_structure/{name}.json",
                Observations = pass.Observations,
                Taken = pass.Taken,
                Series = spool.Count,
                Added = pass.Added,
                Revised = pass.Revised,
                Removed = comparable || before is null ? pass.Removed : before.Observations,
                TimeFrom = times.FirstOrDefault(),
                TimeTo = times.LastOrDefault(),
                Units = [.. structure.Find(Concepts.UnitMeasure)!.Codes.Select(code => code.Id)],
            };
            local.Position = 0;
            await storage.Lake.GetBlobClient(version.File).UploadAsync(
                local, new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/vnd.apache.parquet" } }, cancellationToken);
            await storage.Lake.GetBlobClient(version.StructureFile).UploadAsync(
                BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(structure, Json.Options)),
                new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" } },
                cancellationToken);
            return new UncommittedVersion(version, structure, spool);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private async Task<Stream> DownloadAsync(string name, CancellationToken cancellationToken)
    {
        var local = TemporaryFile.Create();
        await storage.Lake.GetBlobClient(name).DownloadToAsync(local, cancellationToken);
        local.Position = 0;
        return local;
    }

    private async Task<DatasetStructure> ReadStructureAsync(DatasetVersion version, CancellationToken cancellationToken)
    {
        var content = (await storage.Lake.GetBlobClient(version.StructureFile).DownloadContentAsync(cancellationToken)).Value.Content;
        return JsonSerializer.Deserialize<DatasetStructure>(content, Json.Options)!;
    }

    // asOf goes by these times, so they may not stand still even when two hosts' clocks disagree.
    private DateTimeOffset Later(DateTimeOffset? than)
    {
        var now = clock.GetUtcNow();
        return than is { } before && now <= before ? before.AddMilliseconds(1) : now;
    }

    private static bool SameDimensions(DatasetStructure structure, Cube cube) =>
        structure.Components.Take(structure.TimeIndex).Select(c => c.Id).Order(StringComparer.Ordinal)
            .SequenceEqual(cube.Components.Take(cube.TimeIndex).Select(c => c.Id).Order(StringComparer.Ordinal));

    private sealed record UncommittedVersion(DatasetVersion Version, DatasetStructure Structure, SeriesSpool Series) : IDisposable
    {
        public void Dispose() => Series.Dispose();
    }
}
