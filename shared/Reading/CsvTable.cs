using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Pipeline.Reading;

/// <summary>How a delimited text is written.</summary>
/// <param name="Delimiter">What stands between two cells.</param>
/// <param name="Declared">Whether the first line declares it as Excel does (<c>sep=;</c>); that line is then row 1, and blank.</param>
internal readonly record struct CsvDialect(char Delimiter, bool Declared);

/// <summary>The rows of a CSV, streamed: RFC 4180 with any delimiter, read leniently.</summary>
internal sealed class CsvTable : Table
{
    private readonly Stream source;
    private readonly TextEncoding encoding;
    private readonly CsvDialect dialect;
    private readonly ReaderLimits limits;

    public CsvTable(Stream source, TextEncoding encoding, CsvDialect dialect, ReaderLimits limits)
    {
        (this.source, this.encoding, this.dialect, this.limits) = (source, encoding, dialect, limits);
        (IsOfSemicolons, IsOfLines) = (dialect.Delimiter == ';', true);
    }

    /// <inheritdoc/>
    public override RowReader Open() => new CsvRowReader(this, new ViewStream(source) { Position = encoding.Preamble }, encoding, dialect, limits);
}

/// <summary>Reads the rows of a CSV.</summary>
/// <remarks>
/// A reader of our own and not Sylvan.Data.Csv, because that one has no place for what a finding must say: the row in which an unclosed quote
/// opens, how many columns a row beyond the limit has, text after a closing quote kept as it is. It also looks at 64 characters at a time.
/// A quote is special only at the start of a cell (or after spaces there); a doubled one inside stands for one; CR, LF and CR LF end a row.
/// </remarks>
internal sealed class CsvRowReader : RowReader
{
    private const int Step = 64;
    private const int BytesAtOnce = 1 << 17;

    private readonly CsvTable table;
    private readonly ViewStream stream;
    private readonly Decoder decoder;
    private readonly ReaderLimits limits;
    private readonly char delimiter;
    private readonly byte[] bytes = new byte[BytesAtOnce];
    private char[] chars;
    private int[] ends = new int[64];     // one past each cell's last character, from the row's start; negative (complement) when the cell is quoted
    private int[] tidied = [];            // lengths of the cells whose quotes were taken out in place, plus one; only for rows that have such
    private bool anyTidied;
    private int rowStart;                 // index into chars of the current row
    private int next;                     // index into chars of the next row
    private int filled;                   // how many chars are there
    private int chunk;                    // index into chars of the chunk that mask describes
    private ulong mask;                   // its delimiters, quotes and line ends that are not dealt with yet
    private bool afterReturn;             // the last row ended with CR: an LF right after belongs to it
    private bool decoded;                 // the last byte is decoded
    private bool skipFirst;

    public CsvRowReader(CsvTable table, ViewStream stream, TextEncoding encoding, CsvDialect dialect, ReaderLimits limits)
    {
        (this.table, this.stream, this.limits, delimiter, skipFirst) = (table, stream, limits, dialect.Delimiter, dialect.Declared);
        decoder = encoding.Decoder();
        chars = new char[Math.Max(encoding.Encoding.GetMaxCharCount(BytesAtOnce), BytesAtOnce) + Step];
        chunk = -Step;
    }

    /// <inheritdoc/>
    public override double Progress => stream.Length == 0 ? 1 : (double)stream.Position / stream.Length;

    /// <inheritdoc/>
    public override Cell this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)column >= (uint)Count)
                return default;
            var start = column == 0 ? 0 : After(ends[column - 1]);
            var end = ends[column];
            var text = end >= 0 ? chars.AsSpan(rowStart + start, end - start) : Unquoted(column, start, ~end);
            var blank = text.IsEmpty || (text[0] <= ' ' | text[0] >= '\u0080' && text.IsWhiteSpace());
            return new Cell { Kind = blank ? CellKind.Blank : CellKind.Text, Text = text };
        }
    }

    /// <inheritdoc/>
    public override bool Read()
    {
        Row++;
        rowStart = next;
        if (anyTidied)
        {
            Array.Clear(tidied);
            anyTidied = false;
        }
        if (!Scan())
        {
            Count = 0;
            return false;
        }
        if (skipFirst)
        {
            skipFirst = false;
            Count = 0;
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int After(int end) => (end >= 0 ? end : ~end) + 1;

    // Finds the end of the row that starts at rowStart, and its cells' ends.
    private bool Scan()
    {
        var count = 0;
        var cell = rowStart;
        var quoted = false;
        var open = false;
        var marks = ends;
        while (true)
        {
            while (mask != 0)
            {
                var at = chunk + BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
                var c = chars[at];
                if (c == delimiter)
                {
                    if (open)
                        continue;
                    if (count >= marks.Length)
                        marks = More(count);
                    if (at - cell > limits.CellLength)
                        throw TooLong(count);
                    marks[count++] = quoted ? ~(at - rowStart) : at - rowStart;
                    cell = at + 1;
                    quoted = false;
                }
                else if (c == '"')
                {
                    if (quoted)
                        open = !open;
                    else if (at == cell || !chars.AsSpan(cell, at - cell).ContainsAnyExcept(' '))
                        quoted = open = true;
                }
                else
                {
                    if (open)
                        continue;
                    if (c == '\n' && afterReturn && at == rowStart)
                    {
                        afterReturn = false;
                        rowStart = cell = at + 1;
                        continue;
                    }
                    return EndRow(at, at + 1, count, cell, quoted, c == '\r');
                }
            }
            chunk += Step;
            if (chunk + Step > filled && !decoded)
            {
                var moved = rowStart;
                if (filled - rowStart > limits.RowLength)
                    throw open ? Unclosed(count) : RowTooLong();
                if (filled - cell > limits.CellLength)
                    throw open ? Unclosed(count) : TooLong(count);
                Fill();
                cell -= moved;
                mask = 0;
                chunk -= Step;
                continue;
            }
            if (chunk >= filled)
            {
                chunk = filled;
                if (open)
                    throw Unclosed(count);
                if (rowStart >= filled)
                    return false;
                return EndRow(filled, filled, count, cell, quoted, false);
            }
            mask = Marks(ref chars[chunk]);
        }
    }

    private bool EndRow(int at, int after, int count, int cell, bool quoted, bool byReturn)
    {
        if (at - cell > limits.CellLength)
            throw TooLong(count);
        next = after;
        afterReturn = byReturn;
        if (count > 0 || at > rowStart)
        {
            if (count >= ends.Length)
                More(count);
            ends[count++] = quoted ? ~(at - rowStart) : at - rowStart;
        }
        if (count > limits.Columns)
        {
            throw Unreadable.Because(
                "columns-too-many",
                $"Row {Row} has {Unreadable.N(count)} columns; {Unreadable.N(limits.Columns)} is the limit.",
                table.Where(Row),
                $"{count} columns",
                $"at most {limits.Columns} columns",
                "Put the periods or items in rows instead of columns, or split the file.");
        }
        Count = count;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Marks(ref char start)
    {
        ref var first = ref Unsafe.As<char, ushort>(ref start);
        var lower = Vector256.NarrowWithSaturation(Vector256.LoadUnsafe(ref first), Vector256.LoadUnsafe(ref first, 16));
        var upper = Vector256.NarrowWithSaturation(Vector256.LoadUnsafe(ref first, 32), Vector256.LoadUnsafe(ref first, 48));
        return Marks(lower) | ((ulong)Marks(upper) << 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Marks(Vector256<byte> text) => (
        Vector256.Equals(text, Vector256.Create((byte)delimiter))
        | Vector256.Equals(text, Vector256.Create((byte)'"'))
        | Vector256.Equals(text, Vector256.Create((byte)'\n'))
        | Vector256.Equals(text, Vector256.Create((byte)'\r'))).ExtractMostSignificantBits();

    // Moves the unfinished row to the front and decodes more after it; the buffer grows when the row fills it.
    private void Fill()
    {
        var kept = filled - rowStart;
        chars.AsSpan(rowStart, kept).CopyTo(chars);
        chunk -= rowStart;
        next = rowStart = 0;
        filled = kept;
        var read = stream.Read(bytes);
        decoded = read == 0;
        var most = Math.Max(read, 1) + 16;
        if (chars.Length < filled + most + Step)
            Array.Resize(ref chars, Math.Max(chars.Length * 2, filled + most + Step));
        decoder.Convert(bytes.AsSpan(0, read), chars.AsSpan(filled, chars.Length - Step - filled), decoded, out var used, out var added, out _);
        Debug.Assert(used == read, "a byte gives at most one UTF-16 unit");
        filled += added;
        chars.AsSpan(filled, Step).Clear();
    }

    private int[] More(int count)
    {
        Array.Resize(ref ends, count * 2);
        return ends;
    }

    // Takes the quotes out in place, once; what follows the closing quote is kept as it stands.
    private ReadOnlySpan<char> Unquoted(int column, int start, int end)
    {
        var cell = chars.AsSpan(rowStart + start, end - start);
        if (tidied.Length <= column)
            Array.Resize(ref tidied, ends.Length);
        if (tidied[column] > 0)
            return cell[..(tidied[column] - 1)];
        var rest = cell[(cell.IndexOf('"') + 1)..];
        var length = 0;
        while (true)
        {
            var quote = rest.IndexOf('"');
            var part = quote < 0 ? rest : rest[..quote];
            part.CopyTo(cell[length..]);
            length += part.Length;
            if (quote < 0)
                break;
            rest = rest[(quote + 1)..];
            if (rest is not ['"', ..])
            {
                rest.CopyTo(cell[length..]);
                length += rest.Length;
                break;
            }
            cell[length++] = '"';
            rest = rest[1..];
        }
        tidied[column] = length + 1;
        anyTidied = true;
        return cell[..length];
    }

    private UnreadableReleaseException Unclosed(int column) => Unreadable.Because(
        "quote-unclosed",
        $"The quote that opens in row {Row}, column {Source.Column(column + 1)} is never closed.",
        table.Where(Row, column + 1),
        new string(Opening(column)),
        "a closing quote before the cell's end",
        "Close the quote in that cell, or double it if it belongs to the text.");

    private UnreadableReleaseException TooLong(int column) => Unreadable.Because(
        "cell-too-long",
        $"The cell in row {Row}, column {Source.Column(column + 1)} has more than {Unreadable.N(limits.CellLength)} characters.",
        table.Where(Row, column + 1),
        new string(Opening(column)),
        $"at most {limits.CellLength} characters in a cell",
        "Check the quotes and line ends around that row.");

    private UnreadableReleaseException RowTooLong() => Unreadable.Because(
        "row-too-long",
        $"Row {Row} has more than {Unreadable.N(limits.RowLength)} characters.",
        table.Where(Row),
        new string(Opening(0)),
        $"at most {limits.RowLength} characters in a row",
        "Check the file's line ends.");

    private ReadOnlySpan<char> Opening(int column)
    {
        var start = rowStart + (column == 0 ? 0 : After(ends[column - 1]));
        return chars.AsSpan(start, Math.Clamp(filled - start, 0, 100));
    }
}
