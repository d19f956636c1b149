namespace Pipeline.Reading;

/// <summary>How far a reader goes before it refuses a file; each refusal names the limit in its finding.</summary>
public sealed record ReaderLimits
{
    /// <summary>The limits that hold when none are given.</summary>
    public static ReaderLimits Default { get; } = new();

    /// <summary>The longest cell, in UTF-16 units: 1,000,000 (Excel itself stops at 32,767).</summary>
    public int CellLength { get; init; } = 1_000_000;

    /// <summary>The most columns of a row: 16,384, as in Excel.</summary>
    public int Columns { get; init; } = 16_384;

    /// <summary>The most cells of a worksheet up to each row's last filled one, blank ones counted: 500 million, for they are walked over.</summary>
    public long Cells { get; init; } = 500_000_000;

    /// <summary>The longest row of a CSV, in UTF-16 units: 16 million; it bounds the reader's buffer.</summary>
    public int RowLength { get; init; } = 16_000_000;

    /// <summary>The most bytes of a text, Markdown or HTML file, which is held in memory, and characters of a Word document: 50 million. A CSV is streamed and has no such limit.</summary>
    public long TextBytes { get; init; } = 50_000_000;

    /// <summary>The most bytes of an XLS file: 256 MB, above anything BIFF8's 65,536 rows by 256 columns fill in practice.</summary>
    public long XlsBytes { get; init; } = 256_000_000;

    /// <summary>The most sheets of a workbook: 4,096.</summary>
    public int Sheets { get; init; } = 4_096;

    /// <summary>The most bytes that all parts of a workbook, or entries of an archive, may unpack to: 2 GB.</summary>
    public long UnpackedBytes { get; init; } = 2_000_000_000;

    /// <summary>How many times its packed size a part beyond 50 MB may unpack to: 200.</summary>
    public int UnpackedRatio { get; init; } = 200;

    /// <summary>The most UTF-16 units that a workbook's shared strings may hold together: 100 million.</summary>
    public int SharedStringLength { get; init; } = 100_000_000;

    /// <summary>The most fonts, number formats and cell formats of a workbook together: 1 million (Excel itself stops at 64,000 cell formats).</summary>
    public int Styles { get; init; } = 1_000_000;

    /// <summary>The most parts of a ZIP container: 65,535.</summary>
    public int Parts { get; init; } = 65_535;

    /// <summary>The most entries of an archive of several files: 1,000.</summary>
    public int Entries { get; init; } = 1_000;

    /// <summary>The most cells that the merged ranges of a document's tables may cover together: 50 million.</summary>
    public long SpannedCells { get; init; } = 50_000_000;
}
