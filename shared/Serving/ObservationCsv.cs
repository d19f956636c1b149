using System.Text;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A coded column of an answer.</summary>
/// <param name="Id">The component's id.</param>
/// <param name="Code">The code with a number; numbers count from 0.</param>
public sealed record CodedColumn(string Id, Func<int, Code> Code);

/// <summary>
/// Writes observations as CSV (RFC 4180: UTF-8 without a byte order mark, CRLF, quotes where needed): <c>DATASET</c>, the dimensions,
/// <c>TIME_PERIOD</c>, <c>OBS_VALUE</c>, <c>OBS_STATUS</c>, <c>UNIT_MEASURE</c>, <c>UNIT_MULT</c>, <c>SOURCE</c>, <c>DECIMALS</c>, <c>RELEASE</c>, then the
/// other attributes; with labels, <c>X_LABEL</c> after each coded column X.
/// </summary>
/// <remarks>
/// No cell starts a formula in a spreadsheet: a text that begins with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a carriage return gets an
/// apostrophe before it, unless the whole cell is a plain number. OBS_VALUE and DECIMALS are numbers and never changed.
/// </remarks>
public sealed class ObservationCsv
{
    private readonly byte[] dataset;
    private readonly IReadOnlyList<CodedColumn> columns;
    private readonly int timeIndex;
    private readonly bool labels;
    private readonly IReadOnlyList<string> languages;
    private readonly byte[]?[][] cells;
    private readonly Utf8Buffer scratch = new();
    private (string? Id, byte[] Cell) release = (null, []);

    /// <summary>Prepares the columns.</summary>
    /// <param name="dataset">The dataset's id.</param>
    /// <param name="columns">The dimensions, TIME_PERIOD, OBS_STATUS, UNIT_MEASURE, UNIT_MULT, then the other attributes.</param>
    /// <param name="timeIndex">The index of TIME_PERIOD.</param>
    /// <param name="labels">Whether each coded column is followed by its labels.</param>
    /// <param name="languages">Which language's label is wanted, best first; a code without any of them shows the first label it has.</param>
    public ObservationCsv(string dataset, IReadOnlyList<CodedColumn> columns, int timeIndex, bool labels, IReadOnlyList<string> languages)
    {
        ArgumentNullException.ThrowIfNull(columns);
        (this.columns, this.timeIndex, this.labels, this.languages) = (columns, timeIndex, labels, languages);
        cells = new byte[]?[columns.Count][];
        Array.Fill(cells, []);
        this.dataset = Cell(dataset);
    }

    /// <summary>Writes the line of column names.</summary>
    public void WriteHeader(Utf8Buffer to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Append("DATASET"u8);
        for (var c = 0; c <= timeIndex; c++)
            Name(c);
        to.Append(",OBS_VALUE"u8);
        for (var c = timeIndex + 1; c < timeIndex + 4; c++)
            Name(c);
        to.Append(",SOURCE,DECIMALS,RELEASE"u8);
        for (var c = timeIndex + 4; c < columns.Count; c++)
            Name(c);
        to.Append("\r\n"u8);

        void Name(int column)
        {
            to.Append((byte)',');
            WriteText(to, columns[column].Id);
            if (HasLabels(column))
            {
                to.Append((byte)',');
                WriteText(to, columns[column].Id + "_LABEL");
            }
        }
    }

    /// <summary>Writes an observation.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="codes">For each column the code's number; -1 where there is none.</param>
    /// <param name="value">The value with the decimals shown; null when it is missing.</param>
    /// <param name="source">SOURCE.</param>
    /// <param name="releaseId">RELEASE.</param>
    public void WriteRow(Utf8Buffer to, ReadOnlySpan<int> codes, decimal? value, string source, string releaseId)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Append(dataset);
        for (var c = 0; c <= timeIndex; c++)
            WriteCode(to, c, codes[c]);
        to.Append((byte)',');
        if (value is { } number)
            to.Append(number);
        for (var c = timeIndex + 1; c < timeIndex + 4; c++)
            WriteCode(to, c, codes[c]);
        to.Append((byte)',');
        WriteText(to, source);
        to.Append((byte)',');
        to.Append((long)(value?.Scale ?? 0));
        WriteRelease(to, releaseId);
        for (var c = timeIndex + 4; c < codes.Length; c++)
            WriteCode(to, c, codes[c]);
        to.Append("\r\n"u8);
    }

    /// <summary>Writes a row of a chunk.</summary>
    internal void WriteRow(Utf8Buffer to, Chunk chunk, int row)
    {
        to.Append(dataset);
        for (var c = 0; c <= timeIndex; c++)
            WriteCode(to, c, Number(chunk.Codes[c]!, row));
        to.Append((byte)',');
        WriteValue(to, chunk, row);
        for (var c = timeIndex + 1; c < timeIndex + 4; c++)
            WriteCode(to, c, Number(chunk.Codes[c]!, row));
        to.Append((byte)',');
        var source = chunk.Source![row];
        if (source.IsEmpty || NeedsCare(source))
            WriteText(to, Encoding.UTF8.GetString(source));
        else
            to.Append(source);
        to.Append((byte)',');
        if (chunk.Decimals![row] != byte.MaxValue)
            to.Append((long)chunk.Decimals[row]);
        WriteRelease(to, chunk.ReleaseIds[chunk.Release![row]]);
        for (var c = timeIndex + 4; c < columns.Count; c++)
            WriteCode(to, c, Number(chunk.Codes[c]!, row));
        to.Append("\r\n"u8);
    }

    /// <summary>Writes OBS_VALUE with the decimals shown; nothing when it is missing.</summary>
    internal static bool WriteValue(Utf8Buffer to, Chunk chunk, int row)
    {
        if (chunk.Values!.TryGetDigits(row, out var digits))
        {
            var shown = chunk.Decimals![row];
            to.Append(digits, chunk.Values.Scale, shown == byte.MaxValue ? chunk.Values.Scale : shown);
            return true;
        }
        if (chunk.Value(row) is { } value)
        {
            to.Append(value);
            return true;
        }
        return false;
    }

    /// <summary>The label in the language wanted, or the first there is; empty without one.</summary>
    internal static string Label(IReadOnlyDictionary<string, string> labels, IReadOnlyList<string> languages)
    {
        foreach (var language in languages)
            if (labels.TryGetValue(language, out var label))
                return label;
        return labels.OrderBy(l => l.Key, StringComparer.Ordinal).FirstOrDefault().Value ?? "";
    }

    private static int Number(CodeColumn column, int row)
    {
        var number = column[row];
        return number == column.Codes ? -1 : number;
    }

    private bool HasLabels(int column) => labels && column != timeIndex;

    private void WriteCode(Utf8Buffer to, int column, int number)
    {
        if (number < 0)
        {
            to.Append(HasLabels(column) ? ",,"u8 : ","u8);
            return;
        }
        if (number >= cells[column].Length)
            Array.Resize(ref cells[column], Math.Max(number + 1, Math.Max(16, cells[column].Length * 2)));
        to.Append(cells[column][number] ??= CodeCells(column, number));
    }

    // The comma, the code and, where wanted, its label: made once for each code.
    private byte[] CodeCells(int column, int number)
    {
        var code = columns[column].Code(number);
        scratch.Clear();
        scratch.Append((byte)',');
        WriteText(scratch, code.Id);
        if (HasLabels(column))
        {
            scratch.Append((byte)',');
            WriteText(scratch, Label(code.Labels, languages));
        }
        return scratch.Written.ToArray();
    }

    private void WriteRelease(Utf8Buffer to, string id)
    {
        if (!ReferenceEquals(release.Id, id))
            release = (id, Cell(id));
        to.Append((byte)',');
        to.Append(release.Cell);
    }

    private byte[] Cell(string text)
    {
        scratch.Clear();
        WriteText(scratch, text);
        return scratch.Written.ToArray();
    }

    private static void WriteText(Utf8Buffer to, string text)
    {
        var guard = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !IsNumber(text);
        if (text.AsSpan().IndexOfAny(",\"\r\n") < 0)
        {
            if (guard)
                to.Append((byte)'\'');
            to.Append(text);
            return;
        }
        to.Append(guard ? "\"'"u8 : "\""u8);
        to.Append(text.Replace("\"", "\"\"", StringComparison.Ordinal));
        to.Append((byte)'"');
    }

    private static bool NeedsCare(ReadOnlySpan<byte> text) =>
        text[0] is (byte)'=' or (byte)'+' or (byte)'-' or (byte)'@' or (byte)'\t' || text.IndexOfAny(",\"\r\n"u8) >= 0;

    private static bool IsNumber(string text)
    {
        var digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0);
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? "0" : digits[(point + 1)..];
        return !whole.IsEmpty && !fraction.IsEmpty && !whole.ContainsAnyExceptInRange('0', '9') && !fraction.ContainsAnyExceptInRange('0', '9');
    }
}
