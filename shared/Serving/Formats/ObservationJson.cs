using System.Text.Json;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes observations as JSON objects: each code a member, OBS_VALUE an exact number with the decimals shown or null.</summary>
internal sealed class ObservationJson
{
    private readonly DatasetAtVersion at;
    private readonly IReadOnlyList<string> languages;
    private readonly (TableColumn Is, byte[] Name, byte[]?[] Members)[] columns;
    private (string? Id, byte[] Json) release = (null, []);

    private ObservationJson(ObservationTable table)
    {
        (at, languages) = (table.At, table.Languages);
        columns = [.. TableColumn.Of(table).Select((column, i) => (
            column,
            (byte[])[i == 0 ? (byte)'{' : (byte)',', .. Quote(column.Name), (byte)':'],
            column.IsCoded ? new byte[]?[at.Components[column.Index].Codes.Count + 1] : []))];
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
        rows.Buffer.Append($",\"page\":{Text(new { count, page.Cursor, page.Next })},\"links\":{{\"dataset\":");
        rows.Buffer.Append($"{Text(DatasetApi.Address(id))},\"version\":{Text(DatasetApi.Address(id) + "?version=" + version.Version)}}}}}");
        await rows.FlushAsync(cancellationToken);
    }

    /// <summary>Writes a whole table, an object a line.</summary>
    public static async Task WriteLinesAsync(ObservationTable table, TablePage page, Stream to, CancellationToken cancellationToken)
    {
        var json = new ObservationJson(table);
        await new RowText(to).WriteAsync(
            table.Rows,
            (buffer, chunk, row) =>
            {
                json.WriteRow(buffer, chunk, row);
                buffer.Append((byte)'\n');
            },
            default,
            cancellationToken);
    }

    private void WriteRow(Utf8Buffer to, Chunk chunk, int row)
    {
        foreach (var (column, name, members) in columns)
        {
            if (column.IsCoded)
            {
                var number = chunk.Codes[column.Index]![row];
                to.Append(members[number] ??= Member(column, name, number));
                continue;
            }
            to.Append(name);
            switch (column.Kind)
            {
                case ColumnKind.Value when ObservationCsv.WriteValue(to, chunk, row):
                    break;
                case ColumnKind.Source:
                    WriteText(to, chunk.Source![row]);
                    break;
                case ColumnKind.Decimals when chunk.Decimals![row] != byte.MaxValue:
                    to.Append((long)chunk.Decimals[row]);
                    break;
                case ColumnKind.Release:
                    var id = chunk.ReleaseIds[chunk.Release![row]];
                    if (!ReferenceEquals(release.Id, id))
                        release = (id, Quote(id));
                    to.Append(release.Json);
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
        if (text.IndexOfAny("\"\\"u8) < 0 && !text.ContainsAnyInRange((byte)0, (byte)31))
            to.Append(text);
        else
            to.Append(JsonEncodedText.Encode(text, Json.Options.Encoder).EncodedUtf8Bytes);
        to.Append((byte)'"');
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
