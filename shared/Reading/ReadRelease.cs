namespace Pipeline.Reading;

/// <summary>What a reader made of a release's bytes: tables, text, or both. Hand it to understanding, then dispose it.</summary>
public sealed class ReadRelease : IDisposable
{
    private readonly IDisposable? resource;

    /// <summary>Puts a reading together.</summary>
    /// <param name="format">The format that the content (not the name) showed.</param>
    /// <param name="resource">What has to stay open while the tables are read; disposed with this.</param>
    public ReadRelease(string format, IDisposable? resource = null) => (Format, this.resource) = (format, resource);

    /// <summary>The format that the content showed: <c>csv</c>, <c>xlsx</c>, <c>xls</c>, <c>ods</c>, <c>docx</c>, <c>html</c>, <c>markdown</c>, <c>text</c>, <c>px</c>, <c>json-stat</c> or <c>zip</c>.</summary>
    public string Format { get; }

    /// <summary>The file's name, without its folder; a last resort for a title or a period.</summary>
    public required string FileName { get; init; }

    /// <summary>The character encoding of a text format, as its IANA name; null for a binary one.</summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// The names of the sheets, which <see cref="Source.Place"/> counts: of a workbook's sheets, of a document's tables (<c>Table 1</c>, …), of an archive's
    /// entries (<c>figures.csv</c>, <c>book.xlsx/Sheet1</c>); empty for a file without sheets.
    /// </summary>
    public IReadOnlyList<string> Sheets { get; init; } = [];

    /// <summary>The tables, in the file's order; empty when there are none.</summary>
    public IReadOnlyList<Table> Tables { get; init; } = [];

    /// <summary>The text of a release in prose, or around the tables of a document; null when there is none.</summary>
    public TextDocument? Text { get; init; }

    /// <summary>The readings of an archive's entries, in the archive's order; their tables are among <see cref="Tables"/>. Empty for a file of its own.</summary>
    public IReadOnlyList<ReadRelease> Parts { get; init; } = [];

    /// <summary>The keywords and data of a PX file; null for other formats.</summary>
    public PxDocument? Px { get; init; }

    /// <summary>The datasets of a JSON-stat file; null for other formats.</summary>
    public JsonStatDocument? JsonStat { get; init; }

    /// <summary>What reading had to say; readers may add to it while the rows are read.</summary>
    public Findings Findings { get; internal set; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in Parts)
            part.Dispose();
        resource?.Dispose();
    }
}
