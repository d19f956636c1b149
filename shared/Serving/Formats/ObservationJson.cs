using System.Buffers;
using System.Text.Json;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes observations as JSON objects: each code a member, OBS_VALUE an exact number with the decimals shown or null.</summary>
internal sealed class ObservationJson
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(c => (byte)c)]);
    private readonly DatasetAtVersion at;
    private readonly IReadOnlyList<string> languages;
    private readonly (TableColumn Is, byte[] Name, byte[]?[] Members)[] columns;
    private readonly (CodedRun? Run, int Column)[] parts;
    private readonly Dictionary<string, byte[]> releases = [];

    private ObservationJson(ObservationTable table)
    {
        (at, languages) = (table.At, table.Languages);
        columns = [.. TableColumn.Of(table).Select((column, i) => (
            column,
            (byte[])[i == 0 ? (byte)'{' : (byte)',', .. Quote(column.Name), (byte)':'],
            column.IsCoded ? new byte[]?[at.Components[column.Index].Codes.Count + 1] : column.Kind == ColumnKind.Decimals ? new byte[]?[byte.MaxValue + 1] : []))];
        parts = CodedRun.Of(at, [.. columns.Select(c => c.Is)], Cell);
    }

    /// <summary>Writes a page of a table with what it is of and the way to the next page.</summary>
    public static async Task WriteAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken)
    {
        var (id, version) = (table.At.Structure.Id, table.At.Version);
        var rows = new RowText(to);
        rows.Buffer.Append(page.Opening ?? $"{{\"dataset\":{Text(id)},\"version\":{version.Version},\"publishedAt\":{Text(version.PublishedAt)},\"{(table.IsWide ? "series" : "observations")}\":[");
        var count = await rows.WriteAsync(table.Rows, new ObservationJson(table).WriteRow, ",\n"u8.ToArray(), cancellationToken);
        rows.Buffer.Append((byte)']');
        if (table.Measures.Count > 0 && page.Opening is null)
            rows.Buffer.Append($",\"measures\":{Text(table.Measures.Select(m => new { m.Id, m.Formula }))}");
        if (page.Hints.Count > 0)
            rows.Buffer.Append($",\"hints\":{Text(page.Hints)}");
        rows.Buffer.Append($",\"page\":{Text(new { count, page.Cursor, page.Next })},\"links\":{{\"dataset\":");
        rows.Buffer.Append($"{Text(DatasetApi.Address(id))},\"version\":{Text(DatasetApi.Address(id) + "?version=" + version.Version)}}}}}");
        await rows.FlushAsync(cancellationToken);
    }

    /// <summary>Writes a whole table, an object a line.</summary>
    public static async Task WriteLinesAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken)
    {
        var (json, rows) = (new ObservationJson(table), new RowText(to));
        await rows.WriteAsync(
            table.Rows,
            (buffer, chunk, row) =>
            {
                json.WriteRow(buffer, chunk, row);
                buffer.Append((byte)'\n');
            },
            default,
            cancellationToken);
        await rows.FlushAsync(cancellationToken);
    }

    private void WriteRow(Utf8Buffer to, Chunk chunk, int row)
    {
        Span<byte> scratch = stackalloc byte[TextColumn.ScratchBytes];
        foreach (var (run, first) in parts)
        {
            if (run is not null)
            {
                run.Append(to, chunk, row);
                continue;
            }
            var (column, name, _) = columns[first];
            to.Append(name);
            switch (column.Kind)
            {
                case ColumnKind.Value when ObservationCsv.WriteValue(to, chunk, row):
                    break;
                case ColumnKind.Source:
                    WriteText(to, chunk.Source!.Read(row, scratch));
                    break;
                case ColumnKind.Measure when chunk.Measures[column.Index][row] is { } measure:
                    to.Append(measure);
                    break;
                case ColumnKind.Dataset:
                    to.Append(Quote(at.Structure.Id));
                    break;
                default:
                    to.Append("null"u8);
                    break;
            }
        }
        to.Append((byte)'}');
    }

    private static void WriteText(Utf8Buffer to, ReadOnlySpan<byte> text)
    {
        to.Append((byte)'"');
        if (!text.ContainsAny(Escaped))
            to.Append(text);
        else
            to.Append(JsonEncodedText.Encode(text, Json.Options.Encoder).EncodedUtf8Bytes);
        to.Append((byte)'"');
    }

    private byte[] Cell(int column, int number, Chunk chunk)
    {
        var (shown, name, members) = columns[column];
        if (shown.Kind == ColumnKind.Release)
            return releases.TryGetValue(chunk.ReleaseIds[number], out var known) ? known : releases[chunk.ReleaseIds[number]] = [.. name, .. Quote(chunk.ReleaseIds[number])];
        if (shown.Kind == ColumnKind.Decimals)
            return members[number] ??= [.. name, .. number == byte.MaxValue ? "null"u8.ToArray() : Quote(number)];
        return members[number] ??= Member(shown, name, number);
    }

    // The name and the value: made once for each code.
    private byte[] Member(TableColumn column, byte[] name, int number)
    {
        var codes = at.Components[column.Index].Codes;
        if (number == codes.Count)
            return [.. name, .. "null"u8];
        if (column.Kind == ColumnKind.Code && at.IsNumber(column.Index) && int.TryParse(codes[number].Id, out var power))
            return [.. name, .. Quote(power)];
        return [.. name, .. Quote(column.Text(codes[number], languages))];
    }

    private static byte[] Quote<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Json.Options);

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, Json.Options);
}
