using System.Buffers;
using System.Text;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The kinds of SDMX-ML data messages.</summary>
internal enum SdmxXmlKind
{
    /// <summary>2.1, GenericData.</summary>
    Generic,

    /// <summary>2.1, GenericTimeSeriesData.</summary>
    GenericTimeSeries,

    /// <summary>2.1, StructureSpecificData.</summary>
    Specific,

    /// <summary>2.1, StructureSpecificTimeSeriesData.</summary>
    SpecificTimeSeries,

    /// <summary>3.x, StructureSpecificData.</summary>
    Specific3,
}

/// <summary>Writes SDMX-ML data messages, in series or flat. A missing value is an observation without OBS_VALUE.</summary>
/// <param name="message">The message.</param>
/// <param name="kind">The kind.</param>
internal sealed class SdmxXmlWriter(SdmxDataMessage message, SdmxXmlKind kind)
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("&<>\"\t\n\r"u8);
    private readonly bool isGeneric = kind is SdmxXmlKind.Generic or SdmxXmlKind.GenericTimeSeries;
    private readonly string schemas = $"http://www.sdmx.org/resources/sdmxml/schemas/{(kind == SdmxXmlKind.Specific3 ? "v3_0" : "v2_1")}/";

    /// <summary>Writes the message.</summary>
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var rows = new RowText(stream);
        var root = kind switch
        {
            SdmxXmlKind.Generic => "GenericData",
            SdmxXmlKind.GenericTimeSeries => "GenericTimeSeriesData",
            SdmxXmlKind.SpecificTimeSeries => "StructureSpecificTimeSeriesData",
            _ => "StructureSpecificData",
        };
        WriteStart(rows.Buffer, root);
        for (var i = 0; i < message.Structures.Count; i++)
        {
            var structure = message.Structures[i];
            foreach (var set in structure.DataSets)
            {
                WriteDataSet(rows.Buffer, structure, set, i);
                var writer = isGeneric ? (ISeries)new GenericRows(structure.Layout, set.At) : new SpecificRows(structure.Layout, set.At);
                await rows.WriteAsync(message.RowsOf(structure, set, cancellationToken), writer.Write, default, cancellationToken);
                writer.End(rows.Buffer);
                rows.Buffer.Append("</message:DataSet>"u8);
            }
        }
        rows.Buffer.Append($"</message:{root}>");
        await rows.FlushAsync(cancellationToken);
    }

    private void WriteStart(Utf8Buffer to, string root)
    {
        to.Append($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<message:{root} xmlns:message=\"{schemas}message\" xmlns:common=\"{schemas}common\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
        to.Append(isGeneric ? $" xmlns:g=\"{schemas}data/generic\"" : $" xmlns:ss=\"{schemas}data/structurespecific\"");
        for (var i = 0; i < message.Structures.Count && !isGeneric; i++)
            to.Append($" xmlns:ns{i}=\"{Namespace(message.Structures[i])}\"");
        to.Append($"><message:Header><message:ID>{message.Id}</message:ID><message:Test>false</message:Test><message:Prepared>{SdmxDataMessage.Instant(message.Prepared)}</message:Prepared>");
        to.Append($"<message:Sender id=\"{message.Sender.PartyId}\"/>{(kind == SdmxXmlKind.Specific3 ? "<message:Receiver id=\"not_supplied\"/>" : "")}");
        for (var i = 0; i < message.Structures.Count; i++)
        {
            var structure = message.Structures[i];
            to.Append($"<message:Structure structureID=\"{IdOf(i)}\"");
            if (!isGeneric)
                to.Append($" namespace=\"{Namespace(structure)}\"");
            to.Append($" dimensionAtObservation=\"{AtObservation(structure)}\">");
            to.Append(Reference(structure));
            to.Append("</message:Structure>"u8);
        }
        to.Append("</message:Header>"u8);
    }

    private void WriteDataSet(Utf8Buffer to, SdmxDescribed structure, SdmxDataSet set, int index)
    {
        var prefix = isGeneric ? "" : "ss:";
        to.Append("<message:DataSet"u8);
        if (!isGeneric)
            to.Append($" xsi:type=\"ns{index}:DataSetType\"");
        if (kind is SdmxXmlKind.Specific or SdmxXmlKind.SpecificTimeSeries)
            to.Append(" ss:dataScope=\"DataStructure\""u8);
        to.Append($" {prefix}structureRef=\"{IdOf(index)}\" {prefix}action=\"{set.Action}\"");
        if (set.ValidFrom is { } from)
            to.Append($" {prefix}validFromDate=\"{SdmxDataMessage.Moment(from)}\"");
        if (set.ValidTo is { } until)
            to.Append($" {prefix}validToDate=\"{SdmxDataMessage.Moment(until)}\"");
        to.Append(">\n"u8);
    }

    // The data structure's id: some clients look for the structure by it.
    private string IdOf(int index)
    {
        var id = message.Structures[index].Definition.Id;
        return message.Structures.Take(index).Any(s => s.Definition.Id == id) ? $"{id}.{index}" : id;
    }

    private static string AtObservation(SdmxDescribed structure) => structure.Layout.AtObservation?.Id ?? "AllDimensions";

    // The namespace that the schema of these data has.
    private string Namespace(SdmxDescribed structure) => $"{(kind == SdmxXmlKind.Specific3 ? structure.Artefact : structure.Definition).Urn}:ObsLevelDim:{AtObservation(structure)}";

    // Clients of 2.1 look for the data structure, those of 3 for what they asked for.
    private string Reference(SdmxDescribed structure)
    {
        var (artefact, definition) = (structure.Artefact, structure.Definition);
        if (kind != SdmxXmlKind.Specific3)
            return $"<common:Structure><Ref agencyID=\"{definition.Agency}\" id=\"{definition.Id}\" version=\"{definition.Version}\" class=\"DataStructure\"/></common:Structure>";
        var element = artefact.Context == "dataflow" ? "StructureUsage" : "Structure";
        return $"<common:{element}>{artefact.Urn}</common:{element}>";
    }

    private static void Escape(Utf8Buffer to, string text)
    {
        foreach (var c in XmlText.Clean(text).AsSpan().EnumerateRunes())
        {
            switch (c.Value)
            {
                case '&':
                    to.Append("&amp;"u8);
                    break;
                case '<':
                    to.Append("&lt;"u8);
                    break;
                case '>':
                    to.Append("&gt;"u8);
                    break;
                case '"':
                    to.Append("&quot;"u8);
                    break;
                case '\t' or '\n' or '\r':
                    // As it is, an attribute's white space would be read as a space.
                    to.Append($"&#{c.Value};");
                    break;
                default:
                    to.Append(c.ToString());
                    break;
            }
        }
    }

    private static void Escape(Utf8Buffer to, ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(Special) < 0 && !text.ContainsAnyInRange((byte)0, (byte)31) && text.IndexOf((byte)0xEF) < 0)
            to.Append(text);
        else
            Escape(to, Encoding.UTF8.GetString(text));
    }

    private interface ISeries
    {
        void Write(Utf8Buffer to, Chunk chunk, int row);

        void End(Utf8Buffer to);
    }

    /// <summary>Writes rows as attributes of Series and Obs.</summary>
    private sealed class SpecificRows(SdmxLayout layout, DatasetAtVersion at) : ISeries
    {
        private readonly SdmxCells series = Cells(layout.OfSeries, at);
        private readonly SdmxCells observation = Cells(layout.OfObservation, at);
        private readonly SdmxCells attributes = Cells(layout.Attributes, at);
        private bool isOpen;

        public void Write(Utf8Buffer to, Chunk chunk, int row)
        {
            if (series.Count > 0 && series.IsNew(chunk, row))
            {
                End(to);
                to.Append("<Series"u8);
                series.AppendAll(to, chunk, row);
                to.Append(layout.KeysOnly ? "/>\n"u8 : ">\n"u8);
                isOpen = !layout.KeysOnly;
            }
            if (layout.KeysOnly && series.Count > 0)
                return;
            to.Append("<Obs"u8);
            observation.AppendAll(to, chunk, row);
            if (layout.HasValue && !layout.KeysOnly)
            {
                var start = to.Count;
                to.Append(" OBS_VALUE=\""u8);
                if (ObservationCsv.WriteValue(to, chunk, row))
                    to.Append((byte)'"');
                else
                    to.Cut(start);
            }
            attributes.AppendAll(to, chunk, row);
            to.Append("/>\n"u8);
        }

        public void End(Utf8Buffer to)
        {
            if (isOpen)
                to.Append("</Series>\n"u8);
            isOpen = false;
        }

        private static SdmxCells Cells(IReadOnlyList<SdmxColumn> columns, DatasetAtVersion at) => new(
            at,
            columns,
            (column, code) =>
            {
                var to = new Utf8Buffer();
                to.Append($" {column.Id}=\"");
                Escape(to, column.Value(code.Id));
                to.Append((byte)'"');
                return to.Written.ToArray();
            },
            (to, column, text) =>
            {
                to.Append((byte)' ');
                to.Append(column.Id);
                to.Append("=\""u8);
                Escape(to, text);
                to.Append((byte)'"');
            });
    }

    /// <summary>Writes rows as elements Value under SeriesKey, ObsKey and Attributes.</summary>
    private sealed class GenericRows(SdmxLayout layout, DatasetAtVersion at) : ISeries
    {
        private readonly SdmxCells series = Cells(layout.OfSeries, at);
        private readonly SdmxCells observation = layout.AtObservation is null ? Cells(layout.OfObservation, at) : new(at, layout.OfObservation, (column, code) => AtObservation(column, code), NoText);
        private readonly SdmxCells attributes = Cells(layout.Attributes, at);
        private bool isOpen;

        public void Write(Utf8Buffer to, Chunk chunk, int row)
        {
            if (series.Count > 0 && series.IsNew(chunk, row))
            {
                End(to);
                to.Append("<g:Series><g:SeriesKey>"u8);
                series.AppendAll(to, chunk, row);
                to.Append(layout.KeysOnly ? "</g:SeriesKey></g:Series>\n"u8 : "</g:SeriesKey>\n"u8);
                isOpen = !layout.KeysOnly;
            }
            if (layout.KeysOnly && series.Count > 0)
                return;
            to.Append("<g:Obs>"u8);
            if (layout.AtObservation is null)
            {
                to.Append("<g:ObsKey>"u8);
                observation.AppendAll(to, chunk, row);
                to.Append("</g:ObsKey>"u8);
            }
            else
            {
                observation.Append(to, chunk, row, 0);
            }
            if (layout.HasValue && !layout.KeysOnly)
            {
                var start = to.Count;
                to.Append("<g:ObsValue value=\""u8);
                if (ObservationCsv.WriteValue(to, chunk, row))
                    to.Append("\"/>"u8);
                else
                    to.Cut(start);
            }
            var before = to.Count;
            to.Append("<g:Attributes>"u8);
            var empty = to.Count;
            attributes.AppendAll(to, chunk, row);
            if (to.Count > empty)
                to.Append("</g:Attributes>"u8);
            else
                to.Cut(before);
            to.Append("</g:Obs>\n"u8);
        }

        public void End(Utf8Buffer to)
        {
            if (isOpen)
                to.Append("</g:Series>\n"u8);
            isOpen = false;
        }

        private static SdmxCells Cells(IReadOnlyList<SdmxColumn> columns, DatasetAtVersion at) => new(
            at, columns, (column, code) => Value($"<g:Value id=\"{column.Id}\" value=\"", column.Value(code.Id)), (to, column, text) =>
            {
                to.Append("<g:Value id=\""u8);
                to.Append(column.Id);
                to.Append("\" value=\""u8);
                Escape(to, text);
                to.Append("\"/>"u8);
            });

        private static byte[] AtObservation(SdmxColumn column, Code code) => Value("<g:ObsDimension value=\"", column.Value(code.Id));

        private static byte[] Value(string start, string value)
        {
            var to = new Utf8Buffer();
            to.Append(start);
            Escape(to, value);
            to.Append("\"/>"u8);
            return to.Written.ToArray();
        }

        private static void NoText(Utf8Buffer to, SdmxColumn column, ReadOnlySpan<byte> text)
        {
        }
    }
}
