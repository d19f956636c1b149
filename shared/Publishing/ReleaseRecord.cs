using System.Text.Json.Serialization;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>Where a release is on its way: received → read → checked → published, rejected or held.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReleaseState>))]
public enum ReleaseState
{
    /// <summary>The upload is stored; nothing has been done with it.</summary>
    [JsonStringEnumMemberName("received")] Received,

    /// <summary>Its tables and text have been read.</summary>
    [JsonStringEnumMemberName("read")] Read,

    /// <summary>Its observations have been checked and may be published.</summary>
    [JsonStringEnumMemberName("checked")] Checked,

    /// <summary>Its observations are part of a version.</summary>
    [JsonStringEnumMemberName("published")] Published,

    /// <summary>It can not be published; the report says why. The upload is kept.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,

    /// <summary>It waits: for an official's yes, or for its publishAt.</summary>
    [JsonStringEnumMemberName("held")] Held,
}

/// <summary>A release in the ledger, and with its findings the report at <c>reports/{release}.json</c>.</summary>
public sealed record ReleaseRecord
{
    /// <summary>The id: <c>{dataset}-{16 hex digits}</c> of the SHA-256 of path and bytes.</summary>
    public required string Id { get; init; }

    /// <summary>The dataset it was uploaded to.</summary>
    public required string Dataset { get; init; }

    /// <summary>The blob's name in the container <c>releases</c>.</summary>
    public required string File { get; init; }

    /// <summary>The upload's length in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The SHA-256 of the bytes, in lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Where it is on its way.</summary>
    public required ReleaseState State { get; init; }

    /// <summary>When the upload was received (UTC).</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The blob's ETag when it was last looked at: another one says that it was uploaded again. Null before.</summary>
    public string? ETag { get; init; }

    /// <summary>When the state last changed (UTC).</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Before when it must not be published (UTC); null to publish at once.</summary>
    public DateTimeOffset? PublishAt { get; init; }

    /// <summary><c>update</c> or <c>replace</c>.</summary>
    public string Mode { get; init; } = "update";

    /// <summary>The title that the upload's metadata gave.</summary>
    public string? Title { get; init; }

    /// <summary>The language that the upload's metadata gave.</summary>
    public string? Language { get; init; }

    /// <summary>The codes of findings that the upload's metadata <c>accept</c> says yes to.</summary>
    public IReadOnlyList<string> Accept { get; init; } = [];

    /// <summary>The codes of the findings that hold it until an official says yes or no; empty when none does.</summary>
    public IReadOnlyList<string> HeldFor { get; init; } = [];

    /// <summary>How often the pipeline has begun with it.</summary>
    public int Attempts { get; init; }

    /// <summary>The format that the content showed.</summary>
    public string? Format { get; init; }

    /// <summary>The versions that it made.</summary>
    public IReadOnlyList<PublishedVersion> Published { get; init; } = [];

    /// <summary>How each table or text was read.</summary>
    public IReadOnlyList<string> Readings { get; init; } = [];

    /// <summary>How each table was understood, region by region; empty for prose.</summary>
    public IReadOnlyList<TableReport> Tables { get; init; } = [];

    /// <summary>The figures that were understood in the sentences of prose; only the report in <c>reports/</c> has them. Null for tables, and in the ledger.</summary>
    public IReadOnlyList<ExtractedFigure>? Figures { get; init; }

    /// <summary>1 for what the release itself brought, 2 for the figures that an official has said yes to after the rest was published.</summary>
    public int Part { get; init; } = 1;

    /// <summary>The account: cells in = observations + set aside.</summary>
    public ReconciliationReport? Reconciliation { get; init; }

    /// <summary>How often each finding was made.</summary>
    public IReadOnlyDictionary<string, long> FindingCounts { get; init; } = new Dictionary<string, long>();

    /// <summary>The findings kept in full.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

/// <summary>A version that a release made.</summary>
/// <param name="Dataset">The dataset.</param>
/// <param name="Version">The version.</param>
/// <param name="Observations">Observations of this release in it.</param>
public sealed record PublishedVersion(string Dataset, int Version, long Observations);

/// <summary>The account of a release as reported.</summary>
/// <param name="CellsIn">Data cells, or figures of a text, that were met.</param>
/// <param name="Observations">Of these, published (or publishable).</param>
/// <param name="SetAside">The others, by reason.</param>
/// <param name="Balanced">Whether cells in = observations + set aside.</param>
public sealed record ReconciliationReport(long CellsIn, long Observations, IReadOnlyList<SetAsideReport> SetAside, bool Balanced)
{
    /// <summary>The report of an account.</summary>
    public static ReconciliationReport Of(Reconciliation account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return new ReconciliationReport(
            account.CellsIn,
            account.Observations,
            [.. account.SetAside.Select(reason => new SetAsideReport(reason.Key, reason.Value.Count, reason.Value.Where))],
            account.IsBalanced);
    }
}

/// <summary>The cells set aside for one reason.</summary>
/// <param name="Reason">The code of the finding that explains it.</param>
/// <param name="Count">How many.</param>
/// <param name="Where">The first addresses.</param>
public sealed record SetAsideReport(string Reason, long Count, IReadOnlyList<string> Where);
