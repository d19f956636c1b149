using System.Text.Json;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes what the indexes in the data sets of an SDMX-JSON message stand for.</summary>
internal sealed class SdmxJsonStructures(SdmxDataMessage message, SdmxJsonVersion version)
{
    private const int FlushBytes = 64 << 10;
    private bool IsOld => version <= SdmxJsonVersion.V1;

    /// <summary>Writes a structure.</summary>
    /// <param name="rows">Where to.</param>
    /// <param name="structure">The structure.</param>
    /// <param name="first">The number of its first data set in the message.</param>
    /// <param name="values">The values that occur.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public async Task WriteAsync(RowText rows, SdmxDescribed structure, int first, SdmxJsonValues values, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(rows.Buffer, new JsonWriterOptions { Encoder = Json.Options.Encoder, SkipValidation = true });
        var layout = values.Layout;
        json.WriteStartObject();
        WriteLinks(json, structure);
        WriteNames(json, structure, structure.At.Structure.Title, structure.At.Structure.Id);
        if (!IsOld)
        {
            json.WriteStartArray("dataSets"u8);
            for (var i = 0; i < structure.DataSets.Count; i++)
                json.WriteNumberValue(first + i);
            json.WriteEndArray();
        }
        json.WriteStartObject("dimensions"u8);
        json.WriteStartArray("dataSet"u8);
        json.WriteEndArray();
        await WriteColumnsAsync("series", layout.OfSeries);
        await WriteColumnsAsync("observation", layout.KeysOnly && layout.AtObservation is not null ? [] : layout.OfObservation);
        json.WriteEndObject();
        if (!IsOld)
            WriteMeasures(json, structure, layout);
        json.WriteStartObject("attributes"u8);
        foreach (var level in (string[])["dataSet", "series"])
        {
            json.WriteStartArray(level);
            json.WriteEndArray();
        }
        await WriteColumnsAsync("observation", layout.KeysOnly ? [] : layout.Attributes);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);

        async Task WriteColumnsAsync(string level, IReadOnlyList<SdmxColumn> columns)
        {
            json.WriteStartArray(level);
            foreach (var column in columns)
            {
                WriteStart(json, structure, layout, column);
                // A list of values, where the data have indexes.
                var codes = values.Of(column);
                if (column.Kind != SdmxColumnKind.Source || values.HasSources)
                {
                    json.WriteStartArray("values"u8);
                    // Empty ones the standard does not allow from 2.0 on, and readers want one: nothing points to what is in this.
                    if (codes.Count == 0 && !IsOld)
                        WriteNothing(json);
                    foreach (var code in codes)
                    {
                        WriteValue(json, structure, column, code);
                        if (json.BytesPending < FlushBytes)
                            continue;
                        await json.FlushAsync(cancellationToken);
                        await rows.FlushAsync(cancellationToken);
                    }
                    json.WriteEndArray();
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }

    private void WriteLinks(Utf8JsonWriter json, SdmxDescribed structure)
    {
        if (version == SdmxJsonVersion.Draft)
            return;
        json.WriteStartArray("links"u8);
        var artefact = structure.Artefact;
        foreach (var (rel, urn) in artefact.Context == "datastructure" ? [("datastructure", artefact.Urn)] : new[] { (artefact.Context, artefact.Urn), ("datastructure", structure.Definition.Urn) })
        {
            json.WriteStartObject();
            json.WriteString("rel"u8, rel);
            json.WriteString("urn"u8, urn);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteMeasures(Utf8JsonWriter json, SdmxDescribed structure, SdmxLayout layout)
    {
        json.WriteStartObject("measures"u8);
        json.WriteStartArray("observation"u8);
        if (layout.HasValue && !layout.KeysOnly)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, Concepts.ObsValue);
            WriteNames(json, structure, SdmxNames.OfColumn(Concepts.ObsValue), Concepts.ObsValue);
            json.WriteStartObject("format"u8);
            json.WriteString("dataType"u8, "Decimal");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteStart(Utf8JsonWriter json, SdmxDescribed structure, SdmxLayout layout, SdmxColumn column)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, column.Id);
        WriteNames(json, structure, column.Labels, column.Id);
        if (column.IsDimension)
            json.WriteNumber("keyPosition"u8, layout.Dimensions.Index().First(d => d.Item == column).Index);
        if (column.Kind == SdmxColumnKind.Time && version == SdmxJsonVersion.Draft)
            json.WriteString("role"u8, "time");
        if (column.Kind == SdmxColumnKind.Time && !IsOld)
        {
            json.WriteStartArray("roles"u8);
            json.WriteStringValue(Concepts.TimePeriod);
            json.WriteEndArray();
        }
        if (column.IsDimension || version == SdmxJsonVersion.Draft)
            return;
        json.WriteStartObject("relationship"u8);
        if (IsOld)
        {
            json.WriteString("primaryMeasure"u8, Concepts.ObsValue);
        }
        else
        {
            json.WriteStartObject("observation"u8);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        if (column.IsCoded || IsOld)
            return;
        json.WriteStartObject("format"u8);
        json.WriteString("dataType"u8, column.Kind == SdmxColumnKind.Decimals ? "Integer" : "String");
        json.WriteEndObject();
    }

    private void WriteValue(Utf8JsonWriter json, SdmxDescribed structure, SdmxColumn column, Code code)
    {
        var value = column.Value(code.Id);
        json.WriteStartObject();
        // A period has an id as codes do (the standard's samples, and so its clients), but where a range has signs in it that no id may have.
        if (column.IsCoded || (column.IsDimension && (IsOld || IsId(value))))
        {
            json.WriteString("id"u8, value);
            WriteNames(json, structure, code.Labels, code.Id.Length > 0 ? code.Id : value);
            if (code.Parent is not null && column.IsCoded && version != SdmxJsonVersion.Draft)
                json.WriteString("parent"u8, column.Value(code.Parent));
        }
        else
        {
            json.WriteString(IsOld ? "name"u8 : "value"u8, value);
        }
        if (column.Kind == SdmxColumnKind.Time && PeriodDays.TryParse(code.Id, out var period))
        {
            json.WriteString("start"u8, $"{period.Start:yyyy-MM-dd}T00:00:00Z");
            json.WriteString("end"u8, $"{period.End:yyyy-MM-dd}T23:59:59Z");
        }
        json.WriteEndObject();
    }

    private static void WriteNothing(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("value"u8, "");
        json.WriteEndObject();
    }

    private static bool IsId(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '@' or '$' or '-');

    // The name in the language that is liked best, and all by their languages, where they are known; the id where there is none.
    private void WriteNames(Utf8JsonWriter json, SdmxDescribed structure, IReadOnlyDictionary<string, string> labels, string id)
    {
        json.WriteString("name"u8, labels.Count == 0 ? id : message.NameOf(structure, labels));
        if (labels.Count == 0 || version == SdmxJsonVersion.Draft)
            return;
        json.WriteStartObject("names"u8);
        foreach (var (language, label) in labels)
            json.WriteString(language, label);
        json.WriteEndObject();
    }
}
