using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs.Models;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Reading;

namespace Pipeline.Serving;

/// <summary>Shows the place in a release that an observation was read at: the sentence, or the cells around. Keeps what it has read as long as there is room.</summary>
internal sealed partial class Excerpts(Storage storage, long cacheBytes) : IDisposable
{
    /// <summary>The most bytes of a release that is opened again for an excerpt.</summary>
    public const int MostReleaseBytes = 16 << 20;

    /// <summary>The most cells that are walked over for an excerpt.</summary>
    public const int MostCells = 5_000_000;

    private const int MostSuperseded = 5_000;
    private readonly ByteCache cache = new(cacheBytes);

    // A release that is opened takes many times its bytes in memory.
    private readonly SemaphoreSlim opened = new(2);

    /// <summary>The excerpt, or why there is none.</summary>
    public async Task<(JsonObject? Excerpt, string? Reason)> FindAsync(ReleaseRecord record, string place, CancellationToken cancellationToken)
    {
        if (cache.Find<JsonObject>((record.Id, place)) is { } known)
            return (known.DeepClone().AsObject(), null);
        if (record.Bytes > MostReleaseBytes)
            return (null, $"The release has {record.Bytes} bytes; up to {MostReleaseBytes} are opened for an excerpt. Read the place in the release itself.");
        await opened.WaitAsync(cancellationToken);
        try
        {
            if (await BytesAsync(record, cancellationToken) is not { } bytes)
                return (null, "The release's file is not stored any more.");
            JsonObject? excerpt;
            try
            {
                excerpt = await Task.Run(() => Read(record, bytes, place, cancellationToken), cancellationToken);
            }
            catch (UnreadableReleaseException e)
            {
                return (null, $"The release can not be read again: {e.Finding.Message}");
            }
            if (excerpt is null)
                return (null, "The place is not found in the release's file, or lies too far into it.");
            cache.Keep((record.Id, place), excerpt, 4_096);
            return (excerpt.DeepClone().AsObject(), null);
        }
        finally
        {
            opened.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => opened.Dispose();

    private JsonObject? Read(ReleaseRecord record, byte[] bytes, string place, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(record.File);
        if (CharsPlace().Match(place) is { Success: true } chars)
        {
            return int.TryParse(chars.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var from) && int.TryParse(chars.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var to) && to >= from
                ? Characters(record, bytes, name, from, to) : null;
        }
        var cut = place.LastIndexOf('!');
        var sheet = cut < 0 ? null : place[..cut];
        if (CellPlace().Match(place[(cut + 1)..]) is not { Success: true } cell)
            return null;
        // SDMX-CSV needs no understanding: no table of the report, but the names of the columns are in its first row.
        var excerpt = new ExcerptOfTable(
            record.Tables, sheet, int.Parse(cell.Groups[2].ValueSpan, CultureInfo.InvariantCulture), ExcerptOfTable.ColumnNumber(cell.Groups[1].Value), headerRow: record.Format == "sdmx-csv" ? 1 : 0);
        var key = (record.Id, sheet, excerpt.Part);
        if (cache.Find<ExcerptOfTable.Rows>(key) is not { } rows)
        {
            using var release = ReleaseReader.Read(new MemoryStream(bytes, writable: false), name);
            var table = release.Tables.FirstOrDefault(t => t.Sheet == sheet) ?? (sheet is null ? release.Sdmx?.Rows : null);
            rows = table is null ? null : excerpt.Read(table, MostCells, cancellationToken);
            if (rows is null)
                return null;
            cache.Keep(key, rows, rows.Bytes);
        }
        return excerpt.Of(rows, sheet);
    }

    private JsonObject? Characters(ReleaseRecord record, byte[] bytes, string name, int from, int to)
    {
        if (cache.Find<TextDocument>((record.Id, "blocks")) is { } known)
            return ExcerptOfText.Of(known.Blocks, from, to);
        if (cache.Find<string>((record.Id, "text")) is not { } text)
        {
            using var release = ReleaseReader.Read(new MemoryStream(bytes, writable: false), name);
            // In an archive of several files the characters alone do not say of which.
            if (release.Parts.Count > 1)
                return null;
            if (release.Text is { } document)
            {
                cache.Keep((record.Id, "blocks"), document, document.Blocks.Sum(b => 128L + b.Text.Length * 6L));
                return ExcerptOfText.Of(document.Blocks, from, to);
            }
            if (release.Encoding is null)
                return null;
            // PX, JSON-stat and SDMX: the characters are those of the file as it stands.
            var view = new ViewStream(new MemoryStream(bytes, writable: false));
            text = TextEncoding.Detect(view, ContentSniffer.DeclaredEncoding(view) ?? PxDocument.DeclaredEncoding(view), new Findings()).Decode(view, view.Length);
            cache.Keep((record.Id, "text"), text, text.Length * 2L);
        }
        return ExcerptOfText.Of(text, from, to);
    }

    // The upload's bytes: where they were put, or where they were put aside when another upload took their name.
    private async Task<byte[]?> BytesAsync(ReleaseRecord record, CancellationToken cancellationToken)
    {
        if (cache.Find<byte[]>((record.Id, "bytes")) is { } known)
            return known;
        var bytes = await DownloadAsync(record.File, record, cancellationToken);
        if (bytes is null)
        {
            var cut = record.File.IndexOf('/', StringComparison.Ordinal);
            var seen = 0;
            await foreach (var blob in storage.Releases.GetBlobsAsync(
                BlobTraits.Metadata, BlobStates.None, $"{record.File[..cut]}/{Ingestion.Superseded}/", cancellationToken))
            {
                if (++seen > MostSuperseded)
                    break;
                if (blob.Name.EndsWith(record.File[cut..], StringComparison.Ordinal) && blob.Properties.ContentLength == record.Bytes
                    && (bytes = await DownloadAsync(blob.Name, record, cancellationToken)) is not null)
                {
                    break;
                }
            }
        }
        if (bytes is not null)
            cache.Keep((record.Id, "bytes"), bytes, bytes.Length);
        return bytes;
    }

    private async Task<byte[]?> DownloadAsync(string name, ReleaseRecord record, CancellationToken cancellationToken)
    {
        try
        {
            using var blob = (await storage.Releases.GetBlobClient(name).DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
            if (blob.Details.ContentLength != record.Bytes)
                return null;
            var bytes = new byte[record.Bytes];
            await blob.Content.ReadExactlyAsync(bytes, cancellationToken);
            return Convert.ToHexStringLower(SHA256.HashData(bytes)) == record.Sha256 ? bytes : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    [GeneratedRegex("^chars ([0-9]{1,10})-([0-9]{1,10})$")]
    private static partial Regex CharsPlace();

    [GeneratedRegex("^([A-Z]{1,4})([0-9]{1,9})$")]
    private static partial Regex CellPlace();
}
