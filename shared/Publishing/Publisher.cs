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
    /// <param name="tell">Whether to tell of the observations; not when <see cref="CheckAsync"/> has done so.</param>
    /// <exception cref="UnreadableReleaseException">The dataset and the release together have more keys than can be numbered.</exception>
    /// <returns>The version; null when the findings forbid it or hold the release (<see cref="Findings.Holds"/>), and then nothing has changed.</returns>
    public async Task<PublishedVersion?> PublishAsync(
        ReleaseRecord release, string dataset, Cube cube, CheckedRelease report, CancellationToken cancellationToken, bool tell = true)
    {
        var log = new DeltaLog(storage.Lake, dataset);
        for (var attempt = 1; ; attempt++)
        {
            var latest = await log.LatestAsync(cancellationToken);
            if (await log.FindAsync(release.Id, release.Part, release.ReceivedAt, latest, cancellationToken) is { } done)
            {
                await IndexAsync(dataset, done, cancellationToken);
                if (tell && attempt == 1)
                    await TellAsync(release, dataset, cube, await BeforeAsync(log, done, cancellationToken), report, cancellationToken);
                return new PublishedVersion(dataset, done.Version, done.Taken);
            }
            var before = latest == 0 ? null : await log.ReadAsync(latest, cancellationToken);
            var structureBefore = before is null ? null : await ReadStructureAsync(before, cancellationToken);
            // Only the first pass tells of what it finds: one after a lost race meets the same.
            var found = tell && attempt == 1 ? report.Findings : new Findings();
            using var linked = await LinkAsync(release, cube, before, structureBefore, found, cancellationToken);
            var said = linked ?? cube;
            var merge = Merge(release, dataset, said, structureBefore, found);
            if (IsTooWide(merge, report.Findings))
                return null;
            var next = await WriteAsync(release, said, before, structureBefore, merge, report, tell && attempt == 1, cancellationToken);
            if (next is null)
                return null;
            using (next)
            {
                var schemaBefore = structureBefore is null ? null : new LakeFile(structureBefore).DeltaSchema();
                if (await log.TryCommitAsync(next.Version, new LakeFile(next.Structure), before, schemaBefore, cancellationToken))
                {
                    if (tell)
                        report.Findings.Add(next.Comparison.Findings);
                    await index.WriteAsync(next.Structure, next.Version, next.Series.ReadAsync(cancellationToken), cancellationToken);
                    return new PublishedVersion(dataset, next.Version.Version, next.Version.Taken);
                }
                await storage.Lake.DeleteBlobIfExistsAsync(next.Version.File, cancellationToken: CancellationToken.None);
                await storage.Lake.DeleteBlobIfExistsAsync(next.Version.StructureFile, cancellationToken: CancellationToken.None);
            }
        }
    }

    /// <summary>Tells of all that would be found if the cube were published now, without storing anything.</summary>
    /// <inheritdoc cref="PublishAsync"/>
    public async Task CheckAsync(ReleaseRecord release, string dataset, Cube cube, CheckedRelease report, CancellationToken cancellationToken)
    {
        var log = new DeltaLog(storage.Lake, dataset);
        var latest = await log.LatestAsync(cancellationToken);
        var before = await log.FindAsync(release.Id, release.Part, release.ReceivedAt, latest, cancellationToken) is { } done
            ? await BeforeAsync(log, done, cancellationToken)
            : latest == 0 ? null : await log.ReadAsync(latest, cancellationToken);
        await TellAsync(release, dataset, cube, before, report, cancellationToken);
    }

    /// <summary>The structure that the dataset had before a release: of the latest version, or the one before its own; null when there was none.</summary>
    public async Task<DatasetStructure?> StructureBeforeAsync(ReleaseRecord release, CancellationToken cancellationToken)
    {
        var log = new DeltaLog(storage.Lake, release.Dataset);
        var latest = await log.LatestAsync(cancellationToken);
        var before = await log.FindAsync(release.Id, release.Part, release.ReceivedAt, latest, cancellationToken) is { } done
            ? await BeforeAsync(log, done, cancellationToken)
            : latest == 0 ? null : await log.ReadAsync(latest, cancellationToken);
        return before is null ? null : await ReadStructureAsync(before, cancellationToken);
    }

    /// <summary>The versions that a release has made of its dataset and those beside it, brought into the index.</summary>
    public async Task<List<PublishedVersion>> FindAsync(ReleaseRecord release, CancellationToken cancellationToken)
    {
        var published = new List<PublishedVersion>();
        await foreach (var item in storage.Lake.GetBlobsByHierarchyAsync(BlobTraits.None, BlobStates.None, "/", release.Dataset, cancellationToken))
        {
            var dataset = item.Prefix?.TrimEnd('/');
            if (dataset is null || (dataset != release.Dataset && !dataset.StartsWith(release.Dataset + "_", StringComparison.Ordinal)))
                continue;
            var log = new DeltaLog(storage.Lake, dataset);
            if (await log.FindAsync(release.Id, release.Part, release.ReceivedAt, await log.LatestAsync(cancellationToken), cancellationToken) is not { } done)
                continue;
            await IndexAsync(dataset, done, cancellationToken);
            published.Add(new PublishedVersion(dataset, done.Version, done.Taken));
        }
        return published;
    }

    /// <summary>Brings the index up to a version that is committed already: after a crash, or, whatever the index has of it, when it is rebuilt.</summary>
    public async Task IndexAsync(string dataset, DatasetVersion version, CancellationToken cancellationToken, bool rebuild = false)
    {
        var there = await index.FindAsync(dataset, cancellationToken);
        if (!rebuild && there?.Latest.Version >= version.Version && await index.FindVersionAsync(dataset, version.Version, cancellationToken) is not null)
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
        ReleaseRecord release, Cube cube, DatasetVersion? before, DatasetStructure? structureBefore, StructureMerge merge, CheckedRelease report, bool tell,
        CancellationToken cancellationToken)
    {
        var dataset = merge.Structure.Id;
        var replace = release.Mode == "replace";
        var sorted = new SortedCube(cube, merge.CubeCodes, merge.CubeKey);
        var spool = new SeriesSpool(merge.Structure);
        try
        {
            await using var local = TemporaryFile.Create();
            await using var oldFile = merge.ReadsOld ? await DownloadAsync(before!.File, cancellationToken) : null;
            await using var reader = oldFile is null ? null : await LakeReader.OpenAsync(oldFile, structureBefore!, cancellationToken);
            var comparison = Comparison(merge, before, structureBefore, cube);
            var pass = new VersionMerge(merge, release.Id, replace, spool, comparison);
            await pass.RunAsync(local, reader?.ReadAsync(), structureBefore, cube, sorted.Read(tell ? report.Findings : null, tell ? report.Reconciliation : null, cancellationToken), cancellationToken);
            // After a lost race the release is compared with another version: what was found then has not been told, what is found now counts.
            var isHeld = comparison.Findings.Holds.Except(release.Accept).Any();
            if (report.Findings.HasErrors || isHeld)
            {
                if (tell || isHeld)
                    report.Findings.Add(comparison.Findings);
                spool.Dispose();
                return null;
            }

            var number = (before?.Version ?? 0) + 1;
            var name = $"{number:D20}-{Guid.NewGuid():N}";
            var structure = pass.Used() with { Profile = cube.Suffix is null && report.Profile is { } profile ? profile : structureBefore?.Profile };
            var times = structure.Components[structure.TimeIndex].Codes.Where(code => code.Id.Length > 0).Select(code => code.Id).ToList();
            var version = new DatasetVersion
            {
                Version = number,
                PublishedAt = Later(before?.PublishedAt, release.ReceivedAt),
                Release = release.Id,
                Part = release.Part,
                Mode = release.Mode,
                File = $"{dataset}/{name}.parquet",
                FileBytes = local.Length,
                StructureFile = $"{dataset}/_structure/{name}.json",
                Observations = pass.Observations,
                Taken = pass.Taken,
                Series = spool.Count,
                Added = pass.Added,
                Revised = pass.Revised,
                Removed = merge.ReadsOld || before is null ? pass.Removed : before.Observations,
                TimeFrom = times.FirstOrDefault(),
                TimeTo = times.LastOrDefault(),
                Units = [.. structure.Find(Concepts.UnitMeasure)!.Codes.Select(code => code.Id).Where(id => id.Length <= 100).Take(DatasetVersion.MaxUnits)],
            };
            local.Position = 0;
            await storage.Lake.GetBlobClient(version.File).UploadAsync(
                local, new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/vnd.apache.parquet" } }, cancellationToken);
            await storage.Lake.GetBlobClient(version.StructureFile).UploadAsync(
                BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(structure, Json.Options)),
                new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" } },
                cancellationToken);
            return new UncommittedVersion(version, structure, spool, comparison);
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

    // asOf goes by these times, so they may not stand still even when two hosts' clocks disagree; and the log is searched back to the upload's time.
    private DateTimeOffset Later(DateTimeOffset? than, DateTimeOffset receivedAt)
    {
        var now = clock.GetUtcNow();
        now = now < receivedAt ? receivedAt : now;
        return than is { } before && now <= before ? before.AddMilliseconds(1) : now;
    }

    private static StructureMerge Merge(ReleaseRecord release, string dataset, Cube cube, DatasetStructure? before, Findings findings) =>
        StructureMerge.Of(before, dataset, cube, cube.Suffix is null ? release.Title : null, release.File, release.Mode == "replace", findings);

    private static bool IsTooWide(StructureMerge merge, Findings findings)
    {
        var structure = merge.Structure;
        if (structure.ValueIntegerDigits + structure.ValueScale <= ReleaseCheck.MaxDigits)
            return false;
        findings.Add(new Finding(Severity.Error, "numbers-too-wide", "Together with the dataset's values, these need more digits than a column can hold exactly.")
        {
            Found = $"{structure.ValueIntegerDigits} digits before and {structure.ValueScale} after the decimal point",
            Expected = $"at most {ReleaseCheck.MaxDigits} together",
            Advice = "Check the release's unit and decimals; upload to another dataset if they are right.",
        });
        return true;
    }

    /// <summary>Tells of all that is found when the cube is merged with a version, and keeps nothing of it.</summary>
    private async Task TellAsync(
        ReleaseRecord release, string dataset, Cube cube, DatasetVersion? before, CheckedRelease report, CancellationToken cancellationToken)
    {
        var structure = before is null ? null : await ReadStructureAsync(before, cancellationToken);
        using var linked = await LinkAsync(release, cube, before, structure, report.Findings, cancellationToken);
        cube = linked ?? cube;
        var merge = Merge(release, dataset, cube, structure, report.Findings);
        if (IsTooWide(merge, report.Findings))
            return;
        var comparison = Comparison(merge, before, structure, cube);
        using var spool = new SeriesSpool(merge.Structure);
        await using var oldFile = merge.ReadsOld ? await DownloadAsync(before!.File, cancellationToken) : null;
        await using var reader = oldFile is null ? null : await LakeReader.OpenAsync(oldFile, structure!, cancellationToken);
        await new VersionMerge(merge, release.Id, release.Mode == "replace", spool, comparison).RunAsync(
            Stream.Null, reader?.ReadAsync(), structure, cube, new SortedCube(cube, merge.CubeCodes, merge.CubeKey).Read(report.Findings, report.Reconciliation, cancellationToken), cancellationToken);
        report.Findings.Add(comparison.Findings);
    }

    /// <summary>The cube with its figures linked to those that tables have published; null where there is nothing to link. What is replaced is no longer published.</summary>
    private async Task<Cube?> LinkAsync(
        ReleaseRecord release, Cube cube, DatasetVersion? before, DatasetStructure? structure, Findings findings, CancellationToken cancellationToken)
    {
        if (before is null || structure is null || release.Mode == "replace" || TableLinks.Of(cube, structure) is not { } links)
            return null;
        await using var input = await storage.Lake.GetBlobClient(before.File).OpenReadAsync(new BlobOpenReadOptions(false) { BufferSize = 4 << 20 }, cancellationToken);
        await using var reader = await LakeReader.OpenAsync(input, structure, cancellationToken);
        await foreach (var rows in reader.ReadAsync(links.Columns).WithCancellation(cancellationToken))
            if (!links.Take(rows))
                break;
        return links.Link(findings, cancellationToken);
    }

    private static ReleaseComparison Comparison(StructureMerge merge, DatasetVersion? before, DatasetStructure? structureBefore, Cube cube) =>
        new(merge, merge.ReadsOld ? structureBefore : null, before?.Version ?? 0, cube);

    private static async Task<DatasetVersion?> BeforeAsync(DeltaLog log, DatasetVersion version, CancellationToken cancellationToken) =>
        version.Version == 1 ? null : await log.ReadAsync(version.Version - 1, cancellationToken);

    private sealed record UncommittedVersion(DatasetVersion Version, DatasetStructure Structure, SeriesSpool Series, ReleaseComparison Comparison) : IDisposable
    {
        public void Dispose() => Series.Dispose();
    }
}
