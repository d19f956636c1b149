using System.Globalization;

namespace Pipeline;

/// <summary>
/// Where in a release an observation was read: a cell of a sheet or a CSV, or a range of characters of a text.
/// Written as SOURCE: <c>Sheet name!C7</c>, <c>C7</c>, <c>chars 1204-1216</c> (half-open, Unicode code points of the decoded file, from 0).
/// </summary>
public readonly record struct Source
{
    private const int CsvPlace = -1;
    private const int TextPlace = -2;

    private Source(int place, int a, int b) => (Place, A, B) = (place, a, b);

    /// <summary>The sheet's index in the release, -1 for a CSV's only table, -2 for text.</summary>
    public int Place { get; }

    /// <summary>The row, from 1; for text the first code point.</summary>
    public int A { get; }

    /// <summary>The column, from 1; for text the code point after the last.</summary>
    public int B { get; }

    /// <summary>A cell of a sheet of a workbook; <paramref name="sheet"/> is the index into the release's sheet names.</summary>
    public static Source Cell(int sheet, int row, int column) => new(sheet, row, column);

    /// <summary>A cell of a file that has no sheets: row and column from 1.</summary>
    public static Source Cell(int row, int column) => new(CsvPlace, row, column);

    /// <summary>A half-open range of Unicode code points of the decoded text.</summary>
    public static Source Chars(int start, int end) => new(TextPlace, start, end);

    /// <summary>Puts back together what <see cref="Place"/>, <see cref="A"/> and <see cref="B"/> took apart.</summary>
    public static Source From(int place, int a, int b) => new(place, a, b);

    /// <summary>The SOURCE text; <paramref name="sheets"/> are the release's sheet names.</summary>
    public string ToString(IReadOnlyList<string> sheets)
    {
        if (Place == TextPlace)
            return string.Create(CultureInfo.InvariantCulture, $"chars {A}-{B}");
        var cell = Column(B) + A.ToString(CultureInfo.InvariantCulture);
        return Place == CsvPlace ? cell : sheets[Place] + "!" + cell;
    }

    /// <summary>Writes the SOURCE text without allocating; <see langword="false"/> when the destination is too short.</summary>
    internal bool TryFormat(Span<char> destination, IReadOnlyList<string> sheets, out int written)
    {
        if (Place == TextPlace)
            return destination.TryWrite(CultureInfo.InvariantCulture, $"chars {A}-{B}", out written);
        written = 0;
        if (Place >= 0)
        {
            var sheet = sheets[Place];
            if (destination.Length < sheet.Length + 1)
                return false;
            sheet.CopyTo(destination);
            destination[sheet.Length] = '!';
            written = sheet.Length + 1;
        }
        if (destination.Length < written + 18)
            return false;
        Span<char> letters = stackalloc char[8];
        var at = letters.Length;
        for (var rest = B; rest > 0; rest = (rest - 1) / 26)
            letters[--at] = (char)('A' + ((rest - 1) % 26));
        letters[at..].CopyTo(destination[written..]);
        written += letters.Length - at;
        A.TryFormat(destination[written..], out var digits, default, CultureInfo.InvariantCulture);
        written += digits;
        return true;
    }

    /// <summary>The SOURCE text without a sheet's name.</summary>
    public override string ToString() => From(Place >= 0 ? CsvPlace : Place, A, B).ToString([]);

    /// <summary>The letters of a column: 1 is A, 27 is AA.</summary>
    public static string Column(int column)
    {
        Span<char> letters = stackalloc char[8];
        var at = letters.Length;
        for (var rest = column; rest > 0; rest = (rest - 1) / 26)
            letters[--at] = (char)('A' + ((rest - 1) % 26));
        return new string(letters[at..]);
    }
}
