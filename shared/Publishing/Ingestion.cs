using System.Globalization;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Pipeline.Checking;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>Takes an uploaded release all the way: received → read → checked → published, rejected or held, for an official's yes or its time.</summary>
/// <remarks>
/// Triggers may deliver a blob more than once, to two hosts at once, or again after a crash. Every step can be repeated: the release's id follows from
/// its path and bytes, and the lake's log remembers which releases it has.
/// </remarks>
public sealed class Ingestion(Storage storage, DatasetIndex index, Ledger ledger, TimeProvider clock, ILogger<Ingestion> logger)
{
    /// <summary>How often a release is tried before a fault of ours or of the storage rejects it: the attempts of the Functions host.</summary>
    public const int MaxAttempts = 5;

    /// <summary>The folder inside a dataset's where uploads that were overwritten are kept; what lies there is not ingested again.</summary>
    public const string Superseded = ".superseded";

    /// <summary>How sure the reading of a sentence has to be for its figures to be published without an official's yes: setting <c>Pipeline:LeastConfidence</c>.</summary>
    public double LeastConfidence { get; init; } = ReleaseContext.DefaultLeastConfidence;

    // A release that has not moved for so long was left behind by a crash; a living host touches it at every step.
    private static readonly TimeSpan LeftBehind = TimeSpan.FromMinutes(5);

    private readonly Publisher publisher = new(storage, index, clock);

    /// <summary>Takes up a blob of the container <c>releases</c>.</summary>
    /// <param name="blobName">Its name: <c>{dataset}/{file}</c>.</param>
    /// <param name="cancellationToken">Ends the work; the release is taken up again later.</param>
    /// <returns>The release as it is now; null when the blob is gone or no release: what lies in <see cref="Superseded"/>, and <see cref="Profile.FileName"/>.</returns>
    public async Task<ReleaseRecord?> RunAsync(string blobName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        if (blobName.Contains($"/{Superseded}/", StringComparison.Ordinal) || blobName.EndsWith("/" + Profile.FileName, StringComparison.Ordinal))
            return null;
        await using var local = TemporaryFile.Create();
        var record = await ReceiveAsync(blobName, local, cancellationToken);
        if (record is null)
            return null;
        if (record.State is ReleaseState.Published or ReleaseState.Rejected)
        {
            // A crash may have come between its last state and this.
            await ledger.ForgetPendingAsync(record.Id, cancellationToken);
            return record;
        }
        if (record.Attempts >= MaxAttempts)
        {
            // A process that died could not count itself out: what has ended that many would end this one too.
            return await GiveUpAsync(record, "the process ended during each attempt", cancellationToken);
        }
        record = record with { Attempts = record.Attempts + 1 };
        try
        {
            if (await RunAsync(record, local, cancellationToken) is { } ended)
                return ended;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "Release {Release} failed at attempt {Attempt} of {Attempts}", record.Id, record.Attempts, MaxAttempts);
            if (record.Attempts >= MaxAttempts)
            {
                await GiveUpAsync(record, e.Message, CancellationToken.None);
            }
            else
            {
                await ledger.WriteAsync(record with { UpdatedAt = clock.GetUtcNow() }, CancellationToken.None);
            }
            throw;
        }
        // The blob was written to meanwhile. What it is now goes first: it must not be overtaken by what it was.
        var taken = await RunAsync(blobName, cancellationToken);
        await EndReplacedAsync(record, taken, cancellationToken);
        return taken;
    }

    /// <summary>
    /// An official's yes to what a release, or some of its figures, is held for: its blob says so from now on (metadata <c>accept</c>), and the release is taken up again, by the blob
    /// trigger where that sees metadata change, else by the timer.
    /// </summary>
    /// <param name="release">The release's id.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The release as it is now; null when there is none of that id. It has not changed where it was not held, or its blob is another one by now.</returns>
    public async Task<ReleaseRecord?> ApproveAsync(string release, CancellationToken cancellationToken = default)
    {
        if (await ledger.FindAsync(release, cancellationToken) is not { State: ReleaseState.Held or ReleaseState.Published, HeldFor.Count: > 0 } record)
            return await ledger.FindAsync(release, cancellationToken);
        var blob = storage.Releases.GetBlobClient(record.File);
        try
        {
            var there = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            if (there.ETag.ToString() != record.ETag)
                return record;
            var approved = record with { Part = record.State == ReleaseState.Published ? 2 : record.Part, Attempts = 0, State = ReleaseState.Received, Accept = [.. record.Accept.Union(record.HeldFor)], HeldFor = [], UpdatedAt = clock.GetUtcNow() };
            // The ledger comes first: the trigger may be faster than this.
            await ledger.WriteAsync(approved, cancellationToken);
            var metadata = there.Metadata.Where(m => !string.Equals(m.Key, "accept", StringComparison.OrdinalIgnoreCase)).ToDictionary();
            metadata["accept"] = string.Join(',', approved.Accept);
            await blob.SetMetadataAsync(metadata, new BlobRequestConditions { IfMatch = there.ETag }, cancellationToken);
            logger.LogInformation("Release {Release} approved: {Accept}", record.Id, metadata["accept"]);
            return approved;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // Other bytes are there by now, or none: the timer ends this release.
            return record;
        }
    }

    /// <summary>
    /// An official's no to a release that is held: it ends as rejected; the upload is kept. Of a release that is published but for some figures, these stay
    /// unpublished.
    /// </summary>
    /// <returns>The release as it is now; null when there is none of that id. It has not changed where it was not held.</returns>
    /// <inheritdoc cref="ApproveAsync"/>
    public async Task<ReleaseRecord?> RejectAsync(string release, CancellationToken cancellationToken = default)
    {
        if (await ledger.FindReportAsync(release, cancellationToken) is { State: ReleaseState.Published, HeldFor.Count: > 0 } published)
        {
            return await EndAsync(Told(published, ReleaseState.Published, new Finding(Severity.Information, Declined, "An official has declined the figures that were held.")
            {
                Where = published.File,
                Found = "held for " + string.Join(", ", published.HeldFor),
            }) with
            { HeldFor = [] }, cancellationToken);
        }
        if (await ledger.FindAsync(release, cancellationToken) is not { State: ReleaseState.Held } record)
            return await ledger.FindAsync(release, cancellationToken);
        var ended = await EndAsync(Told(record, ReleaseState.Rejected, new Finding(Severity.Error, Declined, "An official has rejected the release.")
        {
            Where = record.File,
            Found = record.HeldFor.Count > 0 ? "held for " + string.Join(", ", record.HeldFor) : $"held until {record.PublishAt:O}",
            Advice = "Upload a corrected file; the same file uploaded again is another chance.",
        }) with
        { HeldFor = [] }, cancellationToken);
        // Another host may have been publishing it meanwhile, on an approval or its time: what the lake has counts.
        return await publisher.FindAsync(ended, cancellationToken) is { Count: > 0 } there
            ? await EndAsync(record with { State = ReleaseState.Published, Published = there, HeldFor = [] }, cancellationToken)
            : ended;
    }

    /// <summary>The finding of a release that an official has rejected.</summary>
    public const string Declined = "release-declined";

    /// <summary>The codes of findings that hold a release until an official has said yes: those that <c>accept</c> may name.</summary>
    public static IReadOnlyList<string> Holding { get; } = [ProseInterpreter.LowConfidence, "total-differs", "unit-changed", "value-out-of-scale"];

    /// <summary>
    /// What a timer has to do: publish held releases that are due, take up those that a crash has left on their way, and those held for an official whose
    /// blob has been written to since, with a yes or with other bytes.
    /// </summary>
    public async Task TendAsync(CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        // The timer comes with each minute: what is due before it comes again is waited for here.
        var next = now.AddTicks(TimeSpan.TicksPerMinute - (now.Ticks % TimeSpan.TicksPerMinute));
        var due = new List<ReleaseRecord>();
        await foreach (var record in ledger.PendingAsync(cancellationToken))
        {
            var isDue = record switch
            {
                { State: ReleaseState.Held, HeldFor.Count: > 0 } => await IsWrittenAsync(record, orGone: true, cancellationToken),
                { State: ReleaseState.Held } => record.PublishAt < next,
                // Looked at before and not begun with since: approved. Where the blob trigger does not see metadata change, nobody else takes it up.
                { State: ReleaseState.Received, Attempts: 0, ETag: not null } => true,
                _ => record.UpdatedAt < now - LeftBehind,
            };
            if (isDue)
                due.Add(record);
        }
        foreach (var record in due.OrderBy(r => r.PublishAt ?? r.ReceivedAt))
        {
            try
            {
                while (record is { State: ReleaseState.Held, HeldFor.Count: 0, PublishAt: { } at } && at > clock.GetUtcNow())
                    await Task.Delay(at - clock.GetUtcNow() + TimeSpan.FromMilliseconds(1), clock, cancellationToken);
                var taken = await RunAsync(record.File, cancellationToken);
                await EndReplacedAsync(record, taken, cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // RunAsync has logged it and counted the attempt; the others must not wait for it.
            }
        }
    }

    /// <summary>Ends a release that another upload has taken the blob of before anyone had looked at it: it has no trigger any more.</summary>
    /// <param name="release">The release's id.</param>
    /// <param name="by">The release that has the blob.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async Task EndOvertakenAsync(string release, ReleaseRecord by, CancellationToken cancellationToken)
    {
        if (await ledger.FindAsync(release, cancellationToken) is { State: ReleaseState.Received, Attempts: 0, ETag: null } record)
            await EndReplacedAsync(record, by, cancellationToken);
    }

    /// <summary>Ends a release whose blob is another one's by now, or gone.</summary>
    private async Task EndReplacedAsync(ReleaseRecord record, ReleaseRecord? taken, CancellationToken cancellationToken)
    {
        if (taken?.Id == record.Id)
            return;
        if (await ledger.FindAsync(record.Id, cancellationToken) is { State: ReleaseState.Published or ReleaseState.Rejected })
        {
            await ledger.ForgetPendingAsync(record.Id, cancellationToken);
            return;
        }
        if (await publisher.FindAsync(record, cancellationToken) is { Count: > 0 } published)
        {
            await EndAsync(record with { State = ReleaseState.Published, Published = published }, cancellationToken);
            return;
        }
        await EndAsync(Told(record, ReleaseState.Rejected, new Finding(Severity.Error, "upload-replaced", "The upload was replaced or deleted before it was published.")
        {
            Where = record.File,
            Found = taken is null ? "no such blob" : "other bytes: release " + taken.Id,
            Expected = "the bytes of release " + record.Id,
            Advice = "Nothing, when the newer upload is the right one.",
        }), cancellationToken);
    }

    /// <summary>Ends a release that can not be brought to its end: rejected, unless the lake has it already.</summary>
    private async Task<ReleaseRecord> GiveUpAsync(ReleaseRecord record, string reason, CancellationToken cancellationToken)
    {
        var published = await publisher.FindAsync(record, cancellationToken);
        var (state, severity) = published.Count > 0 ? (ReleaseState.Published, Severity.Warning) : (ReleaseState.Rejected, Severity.Error);
        return await EndAsync(Told(record, state, new Finding(severity, "ingest-failed", "The pipeline failed, not the release.")
        {
            Found = reason,
            Expected = $"success within {MaxAttempts} attempts",
            Advice = published.Count > 0
                ? "Nothing: the release is published; only its report is incomplete."
                : "Tell the operators; upload the file again once the cause is mended.",
        }) with
        { Published = published }, cancellationToken);
    }

    /// <summary>Takes a release from its bytes to its end; null when its blob was written to meanwhile.</summary>
    private async Task<ReleaseRecord?> RunAsync(ReleaseRecord record, Stream bytes, CancellationToken cancellationToken)
    {
        if (Refusal(record) is { } refusal)
            return await EndAsync(Told(record, ReleaseState.Rejected, refusal), cancellationToken);
        record = await MoveAsync(record, ReleaseState.Received, cancellationToken);
        ReleaseContext context;
        try
        {
            context = await ContextAsync(record, cancellationToken);
        }
        catch (UnreadableReleaseException e)
        {
            return await EndAsync(Told(record, ReleaseState.Rejected, e.Finding), cancellationToken);
        }
        using var release = ReleaseCheck.Open(bytes, record.File[(record.File.LastIndexOf('/') + 1)..], context, cancellationToken: cancellationToken);
        record = await MoveAsync(Reported(record, release), ReleaseState.Read, cancellationToken);
        if (!release.IsPublishable)
            return await EndAsync(Reported(record, release) with { State = ReleaseState.Rejected }, cancellationToken);

        // what was published with the first part stays as it is, whatever has been published since
        record = record.Part > 1 ? record with { Mode = "update" } : record;
        var published = new List<PublishedVersion>(record.Part > 1 ? record.Published : []);
        try
        {
            var cubes = release.Cubes.Where(c => record.Part == 1 || c.Cube.Suffix is null).Select(c => (c.Cube, Dataset: c.Cube.Suffix is null ? record.Dataset : record.Dataset + "_" + c.Cube.Suffix)).ToList();
            var isHeld = record.PublishAt > clock.GetUtcNow();
            // The whole check first: the report of a held release says at once what will happen, and of several datasets all are published or none.
            var checkFirst = isHeld || cubes.Count > 1;
            if (checkFirst)
                foreach (var (cube, dataset) in cubes)
                    await publisher.CheckAsync(record, dataset, cube, release, cancellationToken);
            if (release.IsPublishable && (isHeld || HeldFor(record, release).Count > 0))
                return await HoldAsync(record, release, cancellationToken);
            if (release.IsPublishable)
            {
                record = await MoveAsync(record, ReleaseState.Checked, cancellationToken);
                if (await IsWrittenAsync(record, orGone: false, cancellationToken))
                    return null;
                foreach (var (cube, dataset) in cubes)
                {
                    if (await publisher.PublishAsync(record, dataset, cube, release, cancellationToken, tell: !checkFirst) is not { } version)
                        break;
                    published.Add(version);
                }
            }
        }
        catch (UnreadableReleaseException e)
        {
            release.Findings.Add(e.Finding);
        }
        // Held on the way, and not because another dataset of it was published first: that can only be while two releases race.
        if (!release.Findings.HasErrors && HeldFor(record, release).Count > 0)
            return await HoldAsync(record with { Published = published }, release, cancellationToken);
        var ended = release.Findings.HasErrors ? ReleaseState.Rejected : ReleaseState.Published;
        return await EndAsync(Reported(record, release) with { State = ended, Published = published, HeldFor = [.. release.Findings.HoldsSome.Except(record.Accept)] }, cancellationToken);
    }

    /// <summary>What is known of a release besides its bytes: what it was uploaded with, and the profiles of its dataset.</summary>
    /// <exception cref="UnreadableReleaseException">The profile that an official wrote can not be followed.</exception>
    internal async Task<ReleaseContext> ContextAsync(ReleaseRecord record, CancellationToken cancellationToken = default)
    {
        // With replace the release's own structure counts, and how often its figures come; a label keeps its code all the same.
        var isReplaced = record.Mode == "replace";
        var before = await publisher.StructureBeforeAsync(record, cancellationToken);
        return new(record.Dataset)
        {
            Title = record.Title,
            Language = record.Language,
            Profile = isReplaced ? null : before?.Profile,
            Codes = (before?.Components ?? []).Where(c => c.Role == ComponentRole.Dimension && !(isReplaced && c.Id == Concepts.Freq)).ToDictionary(c => c.Id, c => new KnownCodes(c.Codes)),
            OwnProfile = await OwnProfileAsync(record.Dataset, cancellationToken),
            LeastConfidence = LeastConfidence,
            AcceptsUnsure = record.Accept.Contains(ProseInterpreter.LowConfidence),
            OnlyUnsure = record.Part > 1,
        };
    }

    /// <summary>The profile that an official wrote for a dataset; null when there is none.</summary>
    private async Task<Profile?> OwnProfileAsync(string dataset, CancellationToken cancellationToken)
    {
        try
        {
            var json = new byte[Profile.MaxBytes + 1];
            await using var stream = await storage.Releases.GetBlobClient($"{dataset}/{Profile.FileName}").OpenReadAsync(cancellationToken: cancellationToken);
            return Profile.Parse(json.AsSpan(0, await stream.ReadAtLeastAsync(json, json.Length, throwOnEndOfStream: false, cancellationToken)));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private Task<ReleaseRecord> HoldAsync(ReleaseRecord record, CheckedRelease release, CancellationToken cancellationToken) =>
        EndAsync(Reported(record, release) with { State = ReleaseState.Held, HeldFor = HeldFor(record, release), Attempts = 0 }, cancellationToken);

    /// <summary>What holds the release and nobody has said yes to.</summary>
    private static List<string> HeldFor(ReleaseRecord record, CheckedRelease release) => [.. release.Findings.Holds.Except(record.Accept)];

    /// <summary>Whether the release's blob has been written to since it was read. While it is published, one that is gone was taken in time.</summary>
    private async Task<bool> IsWrittenAsync(ReleaseRecord record, bool orGone, CancellationToken cancellationToken)
    {
        try
        {
            return (await storage.Releases.GetBlobClient(record.File).GetPropertiesAsync(cancellationToken: cancellationToken)).Value.ETag.ToString() != record.ETag;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return orGone;
        }
    }

    /// <summary>Fetches the bytes and finds or begins the release's record.</summary>
    private async Task<ReleaseRecord?> ReceiveAsync(string blobName, FileStream local, CancellationToken cancellationToken)
    {
        BlobDownloadStreamingResult download;
        try
        {
            download = (await storage.Releases.GetBlobClient(blobName).DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (download.Content)
        {
            var buffer = new byte[1 << 20];
            int read;
            while ((read = await download.Content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await local.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        local.Position = 0;
        var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        var id = ReleaseId.Of(blobName, sha256);
        var metadata = download.Details.Metadata;
        var fresh = new ReleaseRecord
        {
            Id = id,
            Dataset = ReleaseId.Dataset(blobName),
            File = blobName,
            Bytes = local.Length,
            Sha256 = sha256,
            State = ReleaseState.Received,
            ReceivedAt = download.Details.LastModified,
            ETag = download.Details.ETag.ToString(),
            UpdatedAt = clock.GetUtcNow(),
        };
        var known = await ledger.FindAsync(id, cancellationToken);
        // A rejected file may be uploaded again: with better metadata, or once we have mended what failed; one that was taken for overwritten may have come later.
        var again = known is { State: ReleaseState.Rejected } && known.ETag != fresh.ETag;
        if (known is { State: ReleaseState.Published } && known.ETag != fresh.ETag)
            await TellAgainAsync(known, metadata, replaces: false, cancellationToken);
        if (known is { State: ReleaseState.Published or ReleaseState.Rejected } && !again)
            return known;
        // figures that an official has said yes to after the rest was published: the yes may stand in the ledger only
        if (known is { Part: > 1 })
            return WithMetadata(known with { ETag = fresh.ETag }, metadata) with { Accept = known.Accept, PublishAt = null };
        return WithMetadata(fresh with { Attempts = again ? 0 : known?.Attempts ?? 0, ReceivedAt = known?.ReceivedAt ?? fresh.ReceivedAt }, metadata);
    }

    /// <summary>Tells in the report of a published release what an upload of the same bytes asks for in vain.</summary>
    /// <param name="published">The release.</param>
    /// <param name="metadata">The upload's metadata, as its blob has them.</param>
    /// <param name="replaces">Whether other bytes had the name until now.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async Task<ReleaseRecord> TellAgainAsync(ReleaseRecord published, IDictionary<string, string> metadata, bool replaces, CancellationToken cancellationToken)
    {
        var finding = UploadedAgain.Tell(published, WithMetadata(published, metadata), name => Of(metadata, name) is not null, replaces);
        // What an earlier upload asked for is no news.
        var others = published with
        {
            Findings = [.. published.Findings.Where(f => f.Code != UploadedAgain.Code)],
            FindingCounts = published.FindingCounts.Where(f => f.Key != UploadedAgain.Code).ToDictionary(),
        };
        if (finding is null || published.Findings.Contains(finding))
            return finding is null ? others : published;
        var told = Told(others, published.State, finding);
        // The ledger has no figures, which the report keeps.
        await ledger.WriteAsync(told with { Figures = (await ledger.FindReportAsync(published.Id, cancellationToken))?.Figures }, cancellationToken);
        return told;
    }

    private static string? Of(IDictionary<string, string> metadata, string name) =>
        metadata.FirstOrDefault(m => string.Equals(m.Key, name, StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 } value ? Uri.UnescapeDataString(value) : null;

    /// <summary>A release's record with what its upload says of it.</summary>
    /// <param name="record">The record.</param>
    /// <param name="metadata">The upload's metadata, as its blob has them: percent-encoded.</param>
    internal static ReleaseRecord WithMetadata(ReleaseRecord record, IDictionary<string, string> metadata)
    {
        string? Of(string name) => Ingestion.Of(metadata, name);
        // Empty it is a variable that was not set.
        var publishAt = metadata.FirstOrDefault(m => string.Equals(m.Key, "publishAt", StringComparison.OrdinalIgnoreCase)).Value is { } given ? Uri.UnescapeDataString(given) : null;
        // Year first, then a time: 02/01/2027 is January to some and February to others, and an embargo must not end early.
        var instant = publishAt is { Length: > 10 } && publishAt[4] == '-' && publishAt[10] is 'T' or 't' or ' ' ? publishAt : null;
        return record with
        {
            Title = Of("title"),
            Language = Of("language"),
            Mode = Of("mode")?.ToLowerInvariant() ?? "update",
            Accept = [.. (Of("accept") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
            PublishAt = DateTimeOffset.TryParse(instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUniversalTime() : null,
            Findings = publishAt is not null && at == default
                ? [new Finding(Severity.Error, "publish-at-unreadable", "The upload's metadata publishAt is no point in time.")
                {
                    Where = "metadata publishAt",
                    Found = publishAt,
                    Expected = "an ISO 8601 instant with its offset, such as 2026-11-23T09:30:00+08:00",
                    Advice = "Correct the metadata and upload the file again.",
                }]
                : [],
        };
    }

    /// <summary>Why a release can not even be read: its path or its metadata.</summary>
    private static Finding? Refusal(ReleaseRecord record)
    {
        if (record.Findings.FirstOrDefault(f => f.Code == "publish-at-unreadable") is { } unreadable)
            return unreadable;
        if (record.Dataset == ReleaseId.NoDataset)
        {
            return new Finding(Severity.Error, "path-invalid", "The upload's path names no dataset.")
            {
                Where = record.File,
                Found = record.File,
                Expected = "releases/{dataset}/{file}, the dataset of 1 to 63 ASCII letters, digits, - and _, beginning with a letter or digit",
                Advice = "Upload the file again under such a path.",
            };
        }
        if (record.Mode is not ("update" or "replace"))
        {
            return new Finding(Severity.Error, "mode-unknown", "The upload's metadata mode is unknown.")
            {
                Where = "metadata mode",
                Found = record.Mode,
                Expected = "update or replace",
                Advice = "Correct the metadata and upload the file again.",
            };
        }
        return null;
    }

    private static ReleaseRecord Told(ReleaseRecord record, ReleaseState state, Finding finding) => record with
    {
        State = state,
        Findings = [.. record.Findings.Where(f => f.Code != finding.Code), finding],
        FindingCounts = new Dictionary<string, long>(record.FindingCounts) { [finding.Code] = 1 },
    };

    /// <summary>The record with what the check has to say by now.</summary>
    private static ReleaseRecord Reported(ReleaseRecord record, CheckedRelease release) => record with
    {
        Format = release.Format,
        Readings = release.Readings,
        Tables = [.. release.Tables.Select(TableReport.Of)],
        Figures = release.Figures.Count > 0 ? release.Figures : null,
        Findings = release.Findings.Kept,
        FindingCounts = release.Findings.Counts,
        Reconciliation = ReconciliationReport.Of(release.Reconciliation),
    };

    private async Task<ReleaseRecord> MoveAsync(ReleaseRecord record, ReleaseState state, CancellationToken cancellationToken)
    {
        record = record with { State = state, UpdatedAt = clock.GetUtcNow() };
        await ledger.WriteAsync(record, cancellationToken);
        return record;
    }

    private async Task<ReleaseRecord> EndAsync(ReleaseRecord record, CancellationToken cancellationToken)
    {
        record = await MoveAsync(record, record.State, cancellationToken);
        switch (record.State)
        {
            case ReleaseState.Published:
                logger.LogInformation("Release {Release} published: {Versions}", record.Id, string.Join(", ", record.Published.Select(p => $"{p.Dataset} version {p.Version}")));
                break;
            case ReleaseState.Held when record.HeldFor.Count > 0:
                logger.LogWarning("Release {Release} held for an official's yes: {HeldFor}", record.Id, string.Join(", ", record.HeldFor));
                break;
            case ReleaseState.Held:
                logger.LogInformation("Release {Release} held until {PublishAt:O}", record.Id, record.PublishAt);
                break;
            default:
                logger.LogWarning("Release {Release} rejected: {Reason}", record.Id, record.Findings.FirstOrDefault(f => f.Severity == Severity.Error)?.Message);
                break;
        }
        return record;
    }
}
