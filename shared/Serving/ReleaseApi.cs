using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Pipeline.Checking;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Answers for uploads: takes a release in, and tells how it fares.</summary>
/// <remarks>
/// An upload under a name that is taken is a corrected release. What stood there before is first copied to
/// <c>{dataset}/.superseded/{time}-{etag}/{file}</c>, which ingestion passes over, so that no upload is ever lost.
/// </remarks>
public sealed class ReleaseApi
{
    private readonly Storage storage;
    private readonly Ledger ledger;
    private readonly Ingestion ingestion;
    private readonly long mostBytes;

    internal ReleaseApi(Storage storage, Ledger ledger, Ingestion ingestion, IConfiguration configuration) =>
        (this.storage, this.ledger, this.ingestion, mostBytes) = (storage, ledger, ingestion, configuration.GetValue(MostBytesSetting, DefaultMostBytes));

    /// <summary>The setting for the most bytes of an upload.</summary>
    internal const string MostBytesSetting = "Pipeline:MaxUploadBytes";

    /// <summary>The most bytes of an upload where no setting says otherwise.</summary>
    internal const long DefaultMostBytes = 2L << 30;

    // The host takes the key from this parameter too, where there is no header.
    private const string Key = "code";
    private const int BlockBytes = 4 << 20;
    private const int MostAttempts = 50;
    private static readonly string[] Metadata = ["mode", "title", "language", "publishAt", "accept"];

    /// <summary>PUT /v1/releases/{dataset}/{file}</summary>
    public IResult Upload(string dataset, string file) => new Endpoint("PUT", false, async context =>
    {
        var (request, cancellationToken) = (context.Request, context.RequestAborted);
        UploadName.CheckDataset(dataset);
        UploadName.CheckFile(file);
        var metadata = ReadMetadata(request);
        RefuseForm(request);
        JsonBody.RefuseEncoded(request);
        Endpoint.AllowLargeBody(context);
        if (request.ContentLength > mostBytes)
            throw TooLarge();

        var name = $"{dataset}/{file}";
        if (file == Profile.FileName)
        {
            await StoreProfileAsync(context, name, cancellationToken);
            return;
        }
        var blob = storage.Releases.GetBlockBlobClient(name);
        CheckPreconditions(request, await PropertiesAsync(blob, cancellationToken));
        await using var staged = await StageAsync(blob, request.Body, cancellationToken);
        var (length, sha256) = (staged.Length, staged.Sha256);
        metadata["sha256"] = sha256;
        var id = ReleaseId.Of(name, sha256);
        var now = DateTimeOffset.UtcNow;
        // The ledger row comes first: from the moment the upload is visible, the trigger may be faster than this request.
        var record = await ledger.FindAsync(id, cancellationToken);
        if (record is { State: ReleaseState.Published })
        {
            await AgainAsync(context, blob, record, staged, metadata, cancellationToken);
            return;
        }
        if (record is null or { State: ReleaseState.Rejected or ReleaseState.Held })
        {
            record = Ingestion.WithMetadata(new ReleaseRecord
            {
                Id = id,
                Dataset = dataset,
                File = name,
                Bytes = length,
                Sha256 = sha256,
                State = ReleaseState.Received,
                ReceivedAt = now,
                UpdatedAt = now,
            }, metadata);
            await ledger.WriteAsync(record, cancellationToken);
        }
        else
        {
            // On its way with what an earlier upload said: its blob is written to now, and it is taken up again with what this one says.
            record = Ingestion.WithMetadata(record, metadata);
        }
        if (await CommitAsync(request, blob, staged, metadata, cancellationToken) is { } before)
            await ingestion.EndOvertakenAsync(ReleaseId.Of(name, before), record, cancellationToken);
        await WriteAcceptedAsync(context, record);
    })
    {
        Elsewhere = () => $"What became of uploads is listed at /v1/releases?dataset={dataset}.",
    };

    /// <summary>Takes bytes that are published already: they are the same release, and what the upload asks for besides is done or told.</summary>
    private async Task AgainAsync(
        HttpContext context, BlockBlobClient blob, ReleaseRecord record, Staged staged, Dictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var there = await PropertiesAsync(blob, cancellationToken);
        var sha256 = there is null ? null : ShaOf(there);
        if (sha256 == record.Sha256 || there?.ETag.ToString() == record.ETag)
        {
            // The blob stays as it is: its metadata is what the release was published with, and a yes to the figures that are held goes by its mark.
            record = await ingestion.TellAgainAsync(record, metadata, replaces: false, cancellationToken);
            if (record.HeldFor.Count > 0 && !record.HeldFor.Except(Ingestion.WithMetadata(record, metadata).Accept).Any())
                record = await ingestion.ApproveAsync(record.Id, cancellationToken) ?? record;
        }
        else
        {
            record = await ingestion.TellAgainAsync(record, metadata, replaces: sha256 is not null, cancellationToken);
            await CommitAsync(context.Request, blob, staged, metadata, cancellationToken);
        }
        await WriteAcceptedAsync(context, record);
    }

    private static async Task WriteAcceptedAsync(HttpContext context, ReleaseRecord record)
    {
        context.Response.Headers.Location = Address(record.Id);
        context.Response.Headers.RetryAfter = "1";
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status202Accepted, ReportOf(record));
    }

    /// <summary>Stores a profile that an official wrote; the one before is kept, as any upload is.</summary>
    private async Task StoreProfileAsync(HttpContext context, string name, CancellationToken cancellationToken)
    {
        var json = new byte[Profile.MaxBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(json, json.Length, throwOnEndOfStream: false, cancellationToken);
        Profile profile;
        try
        {
            profile = Profile.Parse(json.AsSpan(0, length));
        }
        catch (UnreadableReleaseException e)
        {
            throw InvalidProfile(e);
        }
        var blob = storage.Releases.GetBlockBlobClient(name);
        CheckPreconditions(context.Request, await PropertiesAsync(blob, cancellationToken));
        await using var staged = await StageAsync(blob, new MemoryStream(json, 0, length), cancellationToken);
        await CommitAsync(context.Request, blob, staged, new Dictionary<string, string> { ["sha256"] = staged.Sha256 }, cancellationToken);
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, profile);
    }

    private static ProblemException InvalidProfile(UnreadableReleaseException e) =>
        new(StatusCodes.Status400BadRequest, "invalid-profile", $"{e.Finding.Message} {e.Finding.Where}: {e.Finding.Found}") { Parameter = "profile", Value = e.Finding.Found, Expected = e.Finding.Expected };

    /// <summary>GET /v1/releases/{release}</summary>
    public IResult Find(string release) => new Endpoint("GET, HEAD", false, async context =>
    {
        var record = await FindAsync(release, ledger.FindReportAsync, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        if (record.State is not (ReleaseState.Published or ReleaseState.Rejected))
            context.Response.Headers.RetryAfter = RetryAfter(record);
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, ReportOf(record));
    })
    {
        Elsewhere = () => "A file is uploaded by PUT /v1/releases/{dataset}/{file}.",
    };

    /// <summary>POST /v1/releases/{release}/approve</summary>
    public IResult Approve(string release) => new Endpoint("POST", false, async context =>
    {
        var record = await FindAsync(release, ingestion.ApproveAsync, context.RequestAborted);
        // Said twice, it is one yes.
        if (record is { Accept.Count: 0 } or { State: ReleaseState.Rejected or ReleaseState.Held })
            throw NotHeld(record, "for an official's yes");
        context.Response.Headers.Location = Address(record.Id);
        context.Response.Headers.RetryAfter = "1";
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status202Accepted, ReportOf(record));
    });

    /// <summary>POST /v1/releases/{release}/reject</summary>
    public IResult Reject(string release) => new Endpoint("POST", false, async context =>
    {
        var record = await FindAsync(release, ingestion.RejectAsync, context.RequestAborted);
        if (record.Findings.All(f => f.Code != Ingestion.Declined))
            throw NotHeld(record, "");
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, ReportOf(record));
    });

    /// <summary>GET /v1/releases?dataset=</summary>
    public IResult List() => new Endpoint("GET, HEAD", false, async context =>
    {
        foreach (var name in context.Request.Query.Keys.Where(name => name is not ("dataset" or Key)))
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, ["dataset"]);
        if (!context.Request.Query.TryGetValue("dataset", out var dataset) || dataset.Count != 1)
            throw ProblemException.Malformed("dataset", dataset.ToString(), "the id of one dataset", "missing-parameter");
        UploadName.CheckDataset(dataset.ToString());
        var records = new List<ReleaseRecord>();
        await foreach (var record in ledger.ListAsync(dataset.ToString(), context.RequestAborted))
            records.Add(record);
        context.Response.Headers.CacheControl = "no-store";
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, new
        {
            dataset = dataset.ToString(),
            releases = records.OrderByDescending(r => r.ReceivedAt).Select(r => new
            {
                r.Id,
                r.File,
                r.Bytes,
                r.State,
                r.ReceivedAt,
                r.UpdatedAt,
                r.PublishAt,
                r.HeldFor,
                r.Mode,
                r.Title,
                r.Published,
                links = new { self = Address(r.Id) },
            }),
        });
    });

    /// <summary>POST /v1/releases/check</summary>
    public IResult Check() => new Endpoint("POST", false, async context =>
    {
        var (request, cancellationToken) = (context.Request, context.RequestAborted);
        foreach (var name in request.Query.Keys.Where(name => name is not ("file" or "dataset" or "title" or "language" or Key)))
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, ["file", "dataset", "title", "language"]);
        foreach (var (name, values) in request.Query.Where(parameter => parameter.Value.Count > 1))
            throw ProblemException.Malformed(name, values.ToString(), "the parameter once");
        var file = request.Query["file"].ToString();
        if (file.Length == 0)
            throw ProblemException.Malformed("file", "", "the file's name, such as sales.csv", "missing-parameter");
        UploadName.CheckFile(file);
        var dataset = request.Query.TryGetValue("dataset", out var id) ? id.ToString() : DatasetId.FromFileName(file);
        UploadName.CheckDataset(dataset);
        RefuseForm(request);
        JsonBody.RefuseEncoded(request);
        Endpoint.AllowLargeBody(context);
        await using var local = TemporaryFile.Create();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 << 10];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (local.Position + read > mostBytes)
                throw TooLarge();
            hash.AppendData(buffer, 0, read);
            await local.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        local.Position = 0;
        var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        ReleaseContext about;
        try
        {
            // As it would be taken in now: by the dataset's profiles.
            about = await ingestion.ContextAsync(new ReleaseRecord
            {
                Id = ReleaseId.Of($"{dataset}/{file}", sha256),
                Dataset = dataset,
                File = $"{dataset}/{file}",
                Bytes = local.Length,
                Sha256 = sha256,
                State = ReleaseState.Received,
                ReceivedAt = DateTimeOffset.UtcNow,
                UpdatedAt = DateTimeOffset.UtcNow,
                Title = request.Query.TryGetValue("title", out var title) ? title.ToString() : null,
                Language = request.Query.TryGetValue("language", out var language) ? language.ToString() : null,
            }, cancellationToken);
        }
        catch (UnreadableReleaseException e)
        {
            throw InvalidProfile(e);
        }
        using var release = ReleaseCheck.Run(local, file, about, cancellationToken: cancellationToken);
        await Endpoint.WriteJsonAsync(context, StatusCodes.Status200OK, new
        {
            file,
            dataset,
            bytes = local.Length,
            sha256,
            publishable = release.IsPublishable,
            release.Format,
            release.Encoding,
            release.Readings,
            tables = release.Tables.Select(TableReport.Of),
            datasets = release.Cubes.Select(c => new
            {
                id = c.Cube.Suffix is null ? dataset : dataset + "_" + c.Cube.Suffix,
                c.Cube.Title,
                dimensions = c.Cube.Components.Take(c.Cube.TimeIndex).Select(component => component.Id),
                observations = c.Cube.Observations.Count,
            }),
            figures = release.Figures.Count > 0 ? release.Figures : null,
            reconciliation = ReconciliationReport.Of(release.Reconciliation),
            findingCounts = release.Findings.Counts,
            findings = release.Findings.Kept,
        });
    });

    // A form's boundaries would be read as a part of the release.
    private static void RefuseForm(HttpRequest request)
    {
        if (request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) != true)
            return;
        const string way = "the file as the body: curl -T FILE, or --data-binary @FILE";
        throw new ProblemException(StatusCodes.Status415UnsupportedMediaType, "upload-form", $"The body is a form. Send {way}.")
        {
            Parameter = "Content-Type",
            Value = request.ContentType,
            Expected = way,
        };
    }

    private static async Task<ReleaseRecord> FindAsync(string release, Func<string, CancellationToken, Task<ReleaseRecord?>> find, CancellationToken cancellationToken)
    {
        var record = release.Length <= 200 && !release.AsSpan().ContainsAny("/\\#?") && !release.Any(char.IsControl) ? await find(release, cancellationToken) : null;
        return record ?? throw new ProblemException(StatusCodes.Status404NotFound, "unknown-release", "There is no release of that id.")
        {
            Parameter = "release",
            Value = release,
            Expected = "an id as PUT gave it in Location; GET /v1/releases?dataset= lists a dataset's releases",
        };
    }

    private static ProblemException NotHeld(ReleaseRecord record, string how) => new(StatusCodes.Status409Conflict, "not-held",
        record.State == ReleaseState.Held && how.Length > 0 && record.HeldFor.Count > 0
            ? "The upload was replaced meanwhile: this release can not be published any more."
            : $"The release is not held{(how.Length > 0 ? " " + how : "")}: it is {record.State.ToString().ToLowerInvariant()}{(record.State == ReleaseState.Held ? " until its time" : "")}.")
    {
        Parameter = "release",
        Value = record.Id,
        Expected = "a release whose report has the state held" + (how.Length > 0 ? " and names in heldFor what it is held for" : ""),
    };

    private static string Address(string release) => "/v1/releases/" + Uri.EscapeDataString(release);

    private static object ReportOf(ReleaseRecord record)
    {
        // How storage marks the upload is nobody's business outside.
        var json = System.Text.Json.JsonSerializer.SerializeToNode(record with { ETag = null }, Json.Options)!.AsObject();
        json["links"] = System.Text.Json.JsonSerializer.SerializeToNode(new
        {
            self = Address(record.Id),
            datasets = record.Published.Select(p => DatasetApi.Address(p.Dataset) + "?version=" + p.Version),
            approve = record.HeldFor.Count > 0 ? Address(record.Id) + "/approve" : null,
            reject = record.State == ReleaseState.Held || record.HeldFor.Count > 0 ? Address(record.Id) + "/reject" : null,
        }, Json.Options);
        return json;
    }

    private static string RetryAfter(ReleaseRecord record)
    {
        var wait = record.HeldFor.Count > 0 ? 60 : record.State == ReleaseState.Held && record.PublishAt is { } at ? (at - DateTimeOffset.UtcNow).TotalSeconds : 1;
        return ((int)Math.Clamp(Math.Ceiling(wait), 1, 3600)).ToString();
    }

    // Query parameters or x-ms-meta-… headers, as a tool that puts the blob itself would set them. Values are kept percent-encoded: metadata is ASCII.
    private static Dictionary<string, string> ReadMetadata(HttpRequest request)
    {
        foreach (var name in request.Query.Keys.Where(name => name != Key && !Metadata.Contains(name)))
            throw ProblemException.Unknown(400, "unknown-parameter", "parameter", name, name, Metadata);
        var metadata = new Dictionary<string, string>();
        foreach (var name in Metadata)
        {
            var text = request.Query.TryGetValue(name, out var value) ? value.ToString()
                : request.Headers.TryGetValue("x-ms-meta-" + name, out value) ? Uri.UnescapeDataString(value.ToString())
                : null;
            // An empty title says nothing; an empty publishAt is a variable that was not set, and no embargo may end by that.
            if (text is null || (name == "title" && text.Length == 0))
                continue;
            if (value.Count > 1)
                throw ProblemException.Malformed(name, value.ToString(), "the parameter once");
            if (text.Length > 500 || text.Any(char.IsControl))
                throw ProblemException.Malformed(name, text, "at most 500 characters, none of them a control character");
            if (name == "mode" && text is not ("update" or "replace"))
                throw ProblemException.Unknown(400, "unknown-mode", "mode", name, text, ["update", "replace"]);
            if (name == "language" && (text.Length is 0 or > 35 || !text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
                throw ProblemException.Malformed(name, text, "a language tag such as zh or en");
            if (name == "publishAt" && !text.Contains('T'))
                throw ProblemException.Malformed(name, text, "an instant with its offset, such as 2026-11-23T09:30:00+08:00", "malformed-date");
            if (name == "accept" && text.Split(',').Except(Ingestion.Holding).Any())
                throw ProblemException.Malformed(name, text, "findings that hold a release, separated by commas: " + string.Join(", ", Ingestion.Holding));
            metadata[name] = Uri.EscapeDataString(name == "publishAt" ? DataRequest.Instant(name, text).ToString("O") : text);
        }
        return metadata;
    }

    // The body goes to storage in blocks as it arrives. Blocks that are never committed are not visible to anyone and vanish within a week.
    private async Task<Staged> StageAsync(BlockBlobClient blob, Stream body, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Two uploads at once under one name share the blob's uncommitted blocks: their ids must not meet.
        var upload = Guid.NewGuid().ToByteArray();
        var (blocks, length, buffer) = (new List<string>(), 0L, new byte[BlockBytes]);
        Stream copy = new MemoryStream();
        try
        {
            while (true)
            {
                var read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
                if (read == 0)
                    break;
                if (length > 0 && copy is MemoryStream first)
                {
                    copy = TemporaryFile.Create();
                    first.WriteTo(copy);
                }
                length += read;
                if (length > mostBytes)
                    throw TooLarge();
                hash.AppendData(buffer.AsSpan(0, read));
                var id = new byte[20];
                upload.CopyTo(id, 0);
                BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(16), blocks.Count);
                blocks.Add(Convert.ToBase64String(id));
                await blob.StageBlockAsync(blocks[^1], new MemoryStream(buffer, 0, read), cancellationToken: cancellationToken);
                await copy.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                if (read < buffer.Length)
                    break;
            }
            return new Staged(blocks, length, Convert.ToHexStringLower(hash.GetHashAndReset()), copy);
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    // Who commits first throws away the blocks that others have staged under the name.
    private static async Task StageAgainAsync(BlockBlobClient blob, Staged staged, CancellationToken cancellationToken)
    {
        var buffer = new byte[BlockBytes];
        staged.Copy.Position = 0;
        foreach (var id in staged.Blocks)
        {
            var read = await staged.Copy.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            await blob.StageBlockAsync(id, new MemoryStream(buffer, 0, read), cancellationToken: cancellationToken);
        }
    }

    /// <summary>Makes a body visible under its name; gives the hash of the other upload that stood there, where that is known.</summary>
    private async Task<string?> CommitAsync(HttpRequest request, BlockBlobClient blob, Staged staged, Dictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var there = await PropertiesAsync(blob, cancellationToken);
            CheckPreconditions(request, there);
            var isSame = there is not null && ShaOf(there) == staged.Sha256;
            try
            {
                if (there is not null && !isSame)
                    await PutAsideAsync(blob, there, cancellationToken);
                await blob.CommitBlockListAsync(staged.Blocks, new CommitBlockListOptions
                {
                    Metadata = metadata,
                    // A client may send bytes there that no header may go on with.
                    HttpHeaders = request.ContentType is { Length: <= 200 } type && type.All(c => c is >= ' ' and <= '~') ? new BlobHttpHeaders { ContentType = type } : null,
                    Conditions = there is null ? new BlobRequestConditions { IfNoneMatch = ETag.All } : new BlobRequestConditions { IfMatch = there.ETag },
                }, cancellationToken);
                return there is null || isSame ? null : ShaOf(there);
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.InvalidBlockList)
            {
                if (isSame)
                    return null;
                if (attempt >= MostAttempts)
                    throw Overtaken(blob.Name);
                await StageAgainAsync(blob, staged, cancellationToken);
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
            {
                // Someone else put a blob there in between, or took it away: look again and put theirs aside first.
                if (attempt >= MostAttempts)
                    throw Overtaken(blob.Name);
            }
        }
    }

    private static ProblemException Overtaken(string name) => new(StatusCodes.Status409Conflict, "upload-overtaken", $"Other uploads of {name} were stored, one after the other, while this one was on its way.")
    {
        Parameter = "file",
        Value = name,
        Expected = "one upload of a name at a time: send it again if it is the one that counts",
    };

    /// <summary>Sees to the conditions of a request that writes (RFC 9110, 13.1): uploads have no entity tag that a client could know.</summary>
    private static void CheckPreconditions(HttpRequest request, BlobProperties? there)
    {
        var (isThere, name) = (there is not null, request.Headers.IfMatch.Count > 0 ? "If-Match" : "If-None-Match");
        if (request.Headers.IfMatch.Count > 0 ? isThere && request.Headers.IfMatch.ToString().Trim() == "*" : !isThere || request.Headers.IfNoneMatch.ToString().Trim() != "*")
            return;
        throw AnswerSender.PreconditionFailed(name, request.Headers[name].ToString(), isThere ? "there is an upload of that name" : "there is no upload of that name");
    }

    /// <summary>What is known of a blob; null where the name is free.</summary>
    private static async Task<BlobProperties?> PropertiesAsync(BlockBlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    // A blob that another tool has put says nothing of it.
    private static string? ShaOf(BlobProperties blob) => blob.Metadata.FirstOrDefault(m => m.Key.Equals("sha256", StringComparison.OrdinalIgnoreCase)).Value;

    private async Task PutAsideAsync(BlockBlobClient blob, BlobProperties there, CancellationToken cancellationToken)
    {
        var cut = blob.Name.IndexOf('/', StringComparison.Ordinal);
        var aside = storage.Releases.GetBlobClient(
            $"{blob.Name[..cut]}/{Ingestion.Superseded}/{there.LastModified.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{there.ETag.ToString("G").Trim('"')}{blob.Name[cut..]}");
        using var old = (await blob.DownloadStreamingAsync(new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = there.ETag } }, cancellationToken)).Value;
        await aside.UploadAsync(old.Content, new BlobUploadOptions { Metadata = there.Metadata }, cancellationToken);
    }

    /// <summary>A body in storage, not yet visible.</summary>
    /// <param name="Blocks">The ids of its blocks.</param>
    /// <param name="Length">Its bytes.</param>
    /// <param name="Sha256">Their hash.</param>
    /// <param name="Copy">The bytes themselves, in memory where they are one block or none, else in a file, until they are committed.</param>
    private sealed record Staged(List<string> Blocks, long Length, string Sha256, Stream Copy) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Copy.DisposeAsync();
    }

    private ProblemException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, "upload-too-large",
        $"An upload has at most {mostBytes} bytes (setting Pipeline:MaxUploadBytes). Split the release into several files.")
    { Parameter = "body", Expected = $"at most {mostBytes} bytes" };
}
