using System.Globalization;
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
/// other attributes; with labels, <c>X_LABEL</c> after each coded column X. Or as TSV: the same with tabs instead of commas.
/// </summary>
/// <remarks>
/// No cell starts a formula in a spreadsheet: a text that begins with <c>=</c>, <c>+</c>, <c>-</c>, <c>@</c>, a tab or a carriage return gets an
/// apostrophe before it, unless the whole cell is a plain number. OBS_VALUE and DECIMALS are numbers and never changed.
/// </remarks>
public sealed class ObservationCsv
{
    private readonly Column[] columns;
    private readonly (CodedRun? Run, int Column)[] parts = [];
    private readonly IReadOnlyList<string> languages;
    private readonly byte separator;
    private readonly Utf8Buffer scratch = new();
    private readonly Dictionary<string, byte[]> releases = [];

    /// <summary>Prepares the columns.</summary>
    /// <param name="dataset">The dataset's id.</param>
    /// <param name="columns">The dimensions, TIME_PERIOD, OBS_STATUS, UNIT_MEASURE, UNIT_MULT, then the other attributes.</param>
    /// <param name="timeIndex">The index of TIME_PERIOD.</param>
    /// <param name="labels">Whether each coded column is followed by its labels.</param>
    /// <param name="languages">Which language's label is wanted, best first; a code without any of them shows the first label it has.</param>
    public ObservationCsv(string dataset, IReadOnlyList<CodedColumn> columns, int timeIndex, bool labels, IReadOnlyList<string> languages)
    {
        ArgumentNullException.ThrowIfNull(columns);
        (this.languages, separator) = (languages, (byte)',');
        var all = new List<TableColumn> { new(ColumnKind.Dataset, 0, TableColumn.DatasetId) };
        for (var c = 0; c < columns.Count; c++)
        {
            if (c == timeIndex + 1)
                all.Add(new(ColumnKind.Value, 0, Concepts.ObsValue));
            if (c == timeIndex + 4)
                AddRest();
            all.Add(new(ColumnKind.Code, c, columns[c].Id));
            if (labels && c != timeIndex)
                all.Add(new(ColumnKind.Label, c, columns[c].Id + TableColumn.LabelSuffix));
        }
        if (columns.Count == timeIndex + 4)
            AddRest();
        this.columns = Prepare(all, dataset, columns, null);

        void AddRest() => all.AddRange([new(ColumnKind.Source, 0, Concepts.SourceId), new(ColumnKind.Decimals, 0, Concepts.Decimals), new(ColumnKind.Release, 0, "RELEASE")]);
    }

    /// <summary>Prepares the columns of a table.</summary>
    internal ObservationCsv(ObservationTable table, byte separator = (byte)',')
    {
        var at = table.At;
        (languages, this.separator) = (table.Languages, separator);
        columns = Prepare(TableColumn.Of(table, isDelimited: true), at.Structure.Id, [.. at.Components.Select(c => new CodedColumn(c.Id, n => c.Codes[n]))], at);
        parts = CodedRun.Of(at, [.. columns.Select(c => c.Is)], Cell);
    }

    /// <summary>Writes a whole table as CSV.</summary>
    internal static Task WriteAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken) =>
        WriteAsync(table, (byte)',', to, cancellationToken);

    /// <summary>Writes a whole table as TSV.</summary>
    internal static Task WriteTsvAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken) =>
        WriteAsync(table, (byte)'\t', to, cancellationToken);

    /// <summary>Writes the line of column names.</summary>
    public void WriteHeader(Utf8Buffer to)
    {
        ArgumentNullException.ThrowIfNull(to);
        var isFirst = true;
        foreach (var column in columns)
        {
            Name(column.Is.Name);
            if (column.Label is { } label)
                Name(label);
        }
        to.Append("\r\n"u8);

        void Name(string name)
        {
            if (!isFirst)
                to.Append(separator);
            isFirst = false;
            WriteText(to, name);
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
        foreach (var column in columns)
        {
            if (column.Is.IsCoded)
            {
                var number = codes[column.Is.Index];
                if (number >= column.Cells.Length)
                    Array.Resize(ref column.Cells, Math.Max(number + 1, Math.Max(16, column.Cells.Length * 2)));
                to.Append(number < 0 ? column.Absent : column.Cells[number] ??= CodeCell(column, number));
                continue;
            }
            to.Append(column.Absent);
            switch (column.Is.Kind)
            {
                case ColumnKind.Value when value is { } number:
                    to.Append(number);
                    break;
                case ColumnKind.Source:
                    WriteText(to, source);
                    break;
                case ColumnKind.Decimals:
                    to.Append((long)(value?.Scale ?? 0));
                    break;
                case ColumnKind.Release:
                    WriteText(to, releaseId);
                    break;
                default:
                    break;
            }
        }
        to.Append("\r\n"u8);
    }

    /// <summary>Writes a row of a chunk.</summary>
    internal void WriteRow(Utf8Buffer to, Chunk chunk, int row)
    {
        var start = to.Count;
        Span<byte> scratch = stackalloc byte[TextColumn.ScratchBytes];
        foreach (var (run, first) in parts)
        {
            if (run is not null)
            {
                run.Append(to, chunk, row);
                continue;
            }
            var column = columns[first];
            to.Append(column.Absent);
            switch (column.Is.Kind)
            {
                case ColumnKind.Value:
                    WriteValue(to, chunk, row);
                    break;
                case ColumnKind.Source:
                    var source = chunk.Source!.Read(row, scratch);
                    if (source.IsEmpty || NeedsCare(source))
                        WriteText(to, Encoding.UTF8.GetString(source));
                    else
                        to.Append(source);
                    break;
                case ColumnKind.Measure when chunk.Measures[column.Is.Index][row] is { } measure:
                    to.Append(measure);
                    break;
                default:
                    break;
            }
        }
        // Readers pass over an empty line: the only cell of a row has to be seen.
        if (to.Count == start)
            to.Append("\"\""u8);
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

    private static async Task WriteAsync(ObservationTable table, byte separator, Stream to, CancellationToken cancellationToken)
    {
        var rows = new RowText(to);
        var csv = new ObservationCsv(table, separator);
        csv.WriteHeader(rows.Buffer);
        await rows.WriteAsync(table.Rows, csv.WriteRow, default, cancellationToken);
        await rows.FlushAsync(cancellationToken);
    }

    // A column of labels right behind its codes is one cell with them.
    private Column[] Prepare(IReadOnlyList<TableColumn> all, string dataset, IReadOnlyList<CodedColumn> coded, DatasetAtVersion? at)
    {
        var prepared = new List<Column>();
        foreach (var column in all)
        {
            if (column.Kind == ColumnKind.Label && prepared is [.., { Is.Kind: ColumnKind.Code, Label: null } codes] && codes.Is.Index == column.Index)
            {
                codes.Label = column.Name;
                continue;
            }
            prepared.Add(new Column { Is = column, Code = column.IsCoded ? coded[column.Index].Code : null });
        }
        for (var c = 0; c < prepared.Count; c++)
        {
            var column = prepared[c];
            column.Lead = c == 0 ? [] : [separator];
            column.Absent = column.Is.Kind == ColumnKind.Dataset ? Cell(column.Lead, dataset) : column.Label is null ? column.Lead : [.. column.Lead, separator];
            if (column.Is.Kind == ColumnKind.Decimals)
                column.Cells = new byte[]?[byte.MaxValue + 1];
            if (at is null || !column.Is.IsCoded)
                continue;
            column.Cells = new byte[]?[at.Components[column.Is.Index].Codes.Count + 1];
            column.Cells[^1] = column.Absent;
        }
        return [.. prepared];
    }

    // What stands before it, the code or its label or both: made once for each code.
    private byte[] CodeCell(Column column, int number)
    {
        var code = column.Code!(number);
        var cell = Cell(column.Lead, column.Is.Text(code, languages) ?? "");
        return column.Label is null ? cell : [.. cell, .. Cell([separator], Label(code.Labels, languages))];
    }

    private byte[] Cell(int column, int number, Chunk chunk)
    {
        var shown = columns[column];
        if (shown.Is.Kind == ColumnKind.Release)
            return releases.TryGetValue(chunk.ReleaseIds[number], out var known) ? known : releases[chunk.ReleaseIds[number]] = Cell(shown.Lead, chunk.ReleaseIds[number]);
        if (shown.Is.Kind == ColumnKind.Decimals)
            return shown.Cells[number] ??= Cell(shown.Lead, number == byte.MaxValue ? "" : number.ToString(CultureInfo.InvariantCulture));
        return shown.Cells[number] ??= CodeCell(shown, number);
    }

    private byte[] Cell(byte[] lead, string text)
    {
        scratch.Clear();
        scratch.Append(lead);
        WriteText(scratch, text);
        return scratch.Written.ToArray();
    }

    private void WriteText(Utf8Buffer to, string text)
    {
        var guard = NeedsGuard(text);
        if (text.AsSpan().IndexOfAny("\"\r\n") < 0 && !text.Contains((char)separator))
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

    /// <summary>What a cell with a text says: the text, with an apostrophe before it where a spreadsheet would take it for a formula.</summary>
    internal static string Guarded(string text) => NeedsGuard(text) ? "'" + text : text;

    private static bool NeedsGuard(string text) => text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !IsNumber(text) && text.AsSpan().ContainsAnyExcept('-');

    private static bool NeedsCare(ReadOnlySpan<byte> text) =>
        text[0] is (byte)'=' or (byte)'+' or (byte)'-' or (byte)'@' || text.IndexOfAny(",\"\r\n\t"u8) >= 0;

    private static bool IsNumber(string text)
    {
        var digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0);
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? "0" : digits[(point + 1)..];
        return !whole.IsEmpty && !fraction.IsEmpty && !whole.ContainsAnyExceptInRange('0', '9') && !fraction.ContainsAnyExceptInRange('0', '9');
    }

    private sealed class Column
    {
        /// <summary>The cells of its codes, with what stands before them; made when first needed.</summary>
        public byte[]?[] Cells = [];

        public required TableColumn Is { get; init; }

        public Func<int, Code>? Code { get; init; }

        /// <summary>The name of the column of labels that is written with it; null where there is none.</summary>
        public string? Label { get; set; }

        /// <summary>What stands before it.</summary>
        public byte[] Lead { get; set; } = [];

        /// <summary>What is written where there is nothing, and before what is not coded.</summary>
        public byte[] Absent { get; set; } = [];
    }
}
