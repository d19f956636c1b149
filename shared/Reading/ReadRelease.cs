namespace Pipeline.Reading;

/// <summary>What a reader made of a release's bytes: tables, text, or both. Hand it to understanding, then dispose it.</summary>
public sealed class ReadRelease : IDisposable
{
    private readonly IDisposable? resource;

    /// <summary>Puts a reading together.</summary>
    /// <param name="format">The format that the content (not the name) showed.</param>
    /// <param name="resource">What has to stay open while the tables are read; disposed with this.</param>
    public ReadRelease(string format, IDisposable? resource = null) => (Format, this.resource) = (format, resource);

    /// <summary>The format that the content showed: <c>csv</c>, <c>xlsx</c>, <c>xls</c>, <c>sdmx-ml</c>, <c>sdmx-json</c>, <c>sdmx-csv</c>, <c>text</c>, <c>markdown</c> or <c>html</c>.</summary>
    public string Format { get; }

    /// <summary>The file's name, without its folder; a last resort for a title or a period.</summary>
    public required string FileName { get; init; }

    /// <summary>The character encoding of a text format, as its IANA name; null for a binary one.</summary>
    public string? Encoding { get; init; }

    /// <summary>The names of the workbook's sheets, which <see cref="Source.Place"/> counts; empty for a file without sheets.</summary>
    public IReadOnlyList<string> Sheets { get; init; } = [];

    /// <summary>The tables, in the file's order; empty when there are none.</summary>
    public IReadOnlyList<Table> Tables { get; init; } = [];

    /// <summary>The text of a release in prose; null when there is none.</summary>
    public TextDocument? Text { get; init; }

    /// <summary>The message of a release in SDMX-ML, SDMX-JSON or SDMX-CSV; null when it is none.</summary>
    public SdmxMessage? Sdmx { get; init; }

    /// <summary>What reading had to say; readers may add to it while the rows are read.</summary>
    public Findings Findings { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => resource?.Dispose();
}
