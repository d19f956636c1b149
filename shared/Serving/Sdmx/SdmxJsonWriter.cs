using System.Buffers;
using System.Text;
using System.Text.Json;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The versions of SDMX-JSON data messages that are written.</summary>
internal enum SdmxJsonVersion
{
    /// <summary>1.0.0-wd, the draft that many servers have: header, structure and dataSets stand at the top.</summary>
    Draft,

    /// <summary>1.0.0.</summary>
    V1,

    /// <summary>2.0.0, for SDMX 3.0.</summary>
    V20,

    /// <summary>2.1.0, for SDMX 3.1.</summary>
    V21,
}

/// <summary>Writes SDMX-JSON data messages, in series or flat.</summary>
/// <remarks>
/// The rows are passed through once: a value gets its index when it is first met, and the structures, which say what the indexes stand for, follow the data
/// sets. A missing value is null. Every attribute is written by index, which is all that many readers know; but SOURCE, of which nearly each row has its own,
/// stands in its place where there may be more of it than is kept in memory, and is left out before 2.0, where nothing but an index may stand.
/// </remarks>
internal sealed class SdmxJsonWriter(SdmxDataMessage message, SdmxJsonVersion version)
{
    /// <summary>The most observations of an answer whose SOURCEs get indexes.</summary>
    public const int MostSources = 100_000;

    private const int FlushBytes = 64 << 10;
    private bool IsOld => version <= SdmxJsonVersion.V1;

    /// <summary>Writes the message.</summary>
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var rows = new RowText(stream);
        WriteHead(rows.Buffer);
        var values = message.Structures.Select(s => new SdmxJsonValues(Shown(s.Layout), message.Structures.Sum(RowsAtMost) <= MostSources)).ToList();
        var isFirst = true;
        for (var i = 0; i < message.Structures.Count; i++)
        {
            foreach (var set in message.Structures[i].DataSets)
            {
                rows.Buffer.Append(isFirst ? ""u8 : ",\n"u8);
                isFirst = false;
                await WriteDataSetAsync(rows, message.Structures[i], set, i, values[i], cancellationToken);
            }
        }
        rows.Buffer.Append(IsOld ? "],\n\"structure\":"u8 : "],\n\"structures\":["u8);
        for (var (i, first) = (0, 0); i < message.Structures.Count; first += message.Structures[i++].DataSets.Count)
        {
            rows.Buffer.Append(i > 0 ? ",\n"u8 : ""u8);
            await new SdmxJsonStructures(message, version).WriteAsync(rows, message.Structures[i], first, values[i], cancellationToken);
        }
        rows.Buffer.Append(version switch { SdmxJsonVersion.Draft => "}"u8, SdmxJsonVersion.V1 => "}}"u8, _ => "]}}"u8 });
        await rows.FlushAsync(cancellationToken);
    }

    /// <summary>The layout as this version shows it.</summary>
    private SdmxLayout Shown(SdmxLayout layout) => IsOld ? layout with { Attributes = [.. layout.Attributes.Where(a => a.Kind != SdmxColumnKind.Source)] } : layout;

    // Without a look at them: all that the versions have, or as many as are asked for.
    private static long RowsAtMost(SdmxDescribed structure) =>
        structure.DataSets.Sum(set => Math.Min(set.Query.Limit ?? long.MaxValue, Math.Max(set.At.Version.Observations, set.ComparedWith?.Version.Observations ?? 0)));

    private void WriteHead(Utf8Buffer to)
    {
        string Quote(string text) => JsonSerializer.Serialize(text, Json.Options);
        var languages = message.Structures.SelectMany(s => s.At.Structure.Title.Keys.Concat(s.At.Components.SelectMany(c => c.Labels.Keys))).Distinct().Where(l => l != "und").ToList();
        languages = [.. message.Structures.SelectMany(message.LanguagesOf).Where(languages.Contains).Concat(languages).Distinct()];
        var sender = $"\"sender\":{{\"id\":{Quote(message.Sender.PartyId)},\"name\":{Quote(message.Sender.Name)}}}";
        var common = $"\"id\":{Quote(message.Id)},\"test\":false,\"prepared\":\"{SdmxDataMessage.Instant(message.Prepared)}\",";
        var content = languages.Count == 0 ? "" : $"\"contentLanguages\":[{string.Join(',', languages.Select(Quote))}],";
        to.Append(version switch
        {
            SdmxJsonVersion.Draft => $"{{\"header\":{{{common}{sender}}},\n\"dataSets\":[",
            SdmxJsonVersion.V1 => $"{{\"meta\":{{\"schema\":\"{SdmxFormats.Schema("data", "1.0")}\",{common}{content}{sender}}},\n\"data\":{{\"dataSets\":[",
            SdmxJsonVersion.V20 => $"{{\"meta\":{{\"schema\":\"{SdmxFormats.Schema("data", "2.0.0")}\",{common}{content}{sender}}},\n\"data\":{{\"dataSets\":[",
            _ => $"{{\"$schema\":\"{SdmxFormats.Schema("data", "2.1")}\",\"meta\":{{{common}{content}{sender}}},\n\"data\":{{\"dataSets\":[",
        });
    }

    private async Task WriteDataSetAsync(RowText rows, SdmxDescribed structure, SdmxDataSet set, int index, SdmxJsonValues values, CancellationToken cancellationToken)
    {
        var (to, layout) = (rows.Buffer, values.Layout);
        to.Append("{"u8);
        if (!IsOld)
            to.Append($"\"structure\":{index},");
        to.Append($"\"action\":\"{set.Action}\"");
        if (set.ValidFrom is { } from)
            to.Append($",\"validFrom\":\"{SdmxDataMessage.Moment(from)}\"");
        if (set.ValidTo is { } until)
            to.Append($",\"validTo\":\"{SdmxDataMessage.Moment(until)}\"");
        if (version != SdmxJsonVersion.Draft)
            to.Append($",\"links\":[{{\"rel\":\"{structure.Artefact.Context}\",\"urn\":\"{structure.Artefact.Urn}\"}}]");
        to.Append(layout.OfSeries.Count > 0 ? ",\"series\":{\n"u8 : ",\"observations\":{\n"u8);
        var writer = new Rows(values, set.At);
        await rows.WriteAsync(message.RowsOf(structure, set, cancellationToken), writer.Write, default, cancellationToken);
        writer.End(rows.Buffer);
        rows.Buffer.Append("}}"u8);
        if (rows.Buffer.Count > FlushBytes)
            await rows.FlushAsync(cancellationToken);
    }

    /// <summary>Writes the rows of one data set.</summary>
    private sealed class Rows
    {
        private readonly SdmxLayout layout;
        private readonly SdmxCells series, observation, attributes;
        private bool isOpen, hasSeries, hasObservation;

        public Rows(SdmxJsonValues values, DatasetAtVersion at)
        {
            layout = values.Layout;
            (series, observation, attributes) = (Cells(layout.OfSeries), Cells(layout.OfObservation), Cells(layout.Attributes));

            SdmxCells Cells(IReadOnlyList<SdmxColumn> columns) => new(at, columns, values.Cell, values.HasSources ? Index : Text);

            void Index(Utf8Buffer to, SdmxColumn column, ReadOnlySpan<byte> text) => to.Append(values.Cell(column, new Code(Encoding.UTF8.GetString(text))));
        }

        public void Write(Utf8Buffer to, Chunk chunk, int row)
        {
            if (series.Count > 0 && series.IsNew(chunk, row))
            {
                Close(to);
                to.Append(hasSeries ? ",\n\""u8 : "\""u8);
                (hasSeries, hasObservation) = (true, false);
                WriteKey(to, series, chunk, row);
                to.Append(layout.KeysOnly ? "\":{}"u8 : "\":{\"observations\":{"u8);
                isOpen = !layout.KeysOnly;
            }
            if (layout.KeysOnly && series.Count > 0)
                return;
            to.Append(!hasObservation ? "\""u8 : series.Count > 0 ? ",\""u8 : ",\n\""u8);
            hasObservation = true;
            WriteKey(to, observation, chunk, row);
            to.Append("\":["u8);
            var end = to.Count;
            if (layout.HasValue && !layout.KeysOnly)
            {
                if (!ObservationCsv.WriteValue(to, chunk, row))
                    to.Append("null"u8);
                end = to.Count;
            }
            for (var i = 0; i < attributes.Count; i++)
            {
                if (i > 0 || layout.HasValue)
                    to.Append((byte)',');
                if (attributes.Append(to, chunk, row, i))
                    end = to.Count;
                else
                    to.Append("null"u8);
            }
            // What has no value at the end is left out.
            to.Cut(end);
            to.Append((byte)']');
        }

        public void End(Utf8Buffer to) => Close(to);

        private void Close(Utf8Buffer to)
        {
            if (isOpen)
                to.Append("}}"u8);
            isOpen = false;
        }

        private static void WriteKey(Utf8Buffer to, SdmxCells key, Chunk chunk, int row)
        {
            for (var i = 0; i < key.Count; i++)
            {
                if (i > 0)
                    to.Append((byte)':');
                key.Append(to, chunk, row, i);
            }
        }

        private static void Text(Utf8Buffer to, SdmxColumn column, ReadOnlySpan<byte> text)
        {
            to.Append((byte)'"');
            if (text.IndexOfAny("\"\\"u8) < 0 && !text.ContainsAnyInRange((byte)0, (byte)31))
                to.Append(text);
            else
                to.Append(JsonEncodedText.Encode(text, Json.Options.Encoder).EncodedUtf8Bytes);
            to.Append((byte)'"');
        }
    }
}

/// <summary>The values that the data sets of one structure have, in the order in which they were met.</summary>
/// <param name="layout">What is shown.</param>
/// <param name="hasSources">Whether SOURCE has indexes as all else has.</param>
internal sealed class SdmxJsonValues(SdmxLayout layout, bool hasSources)
{
    private readonly Dictionary<SdmxColumn, (Dictionary<string, int> Index, List<Code> Codes)> columns =
        layout.Dimensions.Concat(layout.Attributes).ToDictionary(c => c, _ => (new Dictionary<string, int>(StringComparer.Ordinal), new List<Code>()));

    /// <summary>What is shown of the structure.</summary>
    public SdmxLayout Layout => layout;

    /// <summary>Whether SOURCE has indexes as all else has.</summary>
    public bool HasSources => hasSources;

    /// <summary>The values of a column.</summary>
    public IReadOnlyList<Code> Of(SdmxColumn column) => columns[column].Codes;

    /// <summary>What stands for a value in the data: its index.</summary>
    public byte[] Cell(SdmxColumn column, Code code)
    {
        var (index, codes) = columns[column];
        if (!index.TryGetValue(code.Id, out var number))
        {
            index.Add(code.Id, number = codes.Count);
            codes.Add(code);
        }
        return Encoding.ASCII.GetBytes(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
