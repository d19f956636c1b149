using System.Globalization;
using System.Text;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>How an SDMX-CSV message shows names, keys and periods: the parameters of its media type.</summary>
/// <param name="Labels"><c>id</c>, <c>both</c> or <c>name</c>.</param>
/// <param name="Keys"><c>none</c>, <c>series</c>, <c>obs</c> or <c>both</c>.</param>
/// <param name="IsNormalized">Whether each period is written as its first day.</param>
internal sealed record SdmxCsvOptions(string Labels, string Keys, bool IsNormalized);

/// <summary>Writes SDMX-CSV 1.0 (one dataflow, a column <c>DATAFLOW</c>) or 2.x (<c>STRUCTURE</c>, <c>STRUCTURE_ID</c>, <c>ACTION</c>).</summary>
/// <remarks>The format is for programs, which read a value as it is: nothing is put before texts that a spreadsheet would take for a formula.</remarks>
internal sealed class SdmxCsvWriter(SdmxDataMessage message, SdmxCsvOptions options, bool isOld)
{
    /// <summary>Writes the message.</summary>
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var rows = new RowText(stream);
        // The dimensions of all structures, the measure, the attributes of all structures.
        var dimensions = message.Structures.SelectMany(s => s.Layout.KeysOnly && !isOld ? s.Layout.OfSeries : s.Layout.Dimensions).DistinctBy(c => c.Id).ToList();
        var attributes = message.Structures.SelectMany(s => s.Layout.Attributes).DistinctBy(c => c.Id).ToList();
        var hasValue = isOld || message.Structures.Any(s => s.Layout.HasValue);
        WriteHeader(rows.Buffer, dimensions, attributes, hasValue);
        foreach (var structure in message.Structures)
        {
            foreach (var set in structure.DataSets)
            {
                await rows.WriteAsync(
                    message.RowsOf(structure, set, cancellationToken), new Rows(message, options, isOld, structure, set, dimensions, attributes, hasValue).Write, default, cancellationToken);
            }
        }
        await rows.FlushAsync(cancellationToken);
    }

    private void WriteHeader(Utf8Buffer to, List<SdmxColumn> dimensions, List<SdmxColumn> attributes, bool hasValue)
    {
        if (isOld)
        {
            to.Append("DATAFLOW"u8);
        }
        else
        {
            to.Append("STRUCTURE,STRUCTURE_ID"u8);
            to.Append(options.Labels == "name" ? ",STRUCTURE_NAME,ACTION"u8 : ",ACTION"u8);
            to.Append(options.Keys is "series" or "both" ? ",SERIES_KEY"u8 : default);
            to.Append(options.Keys is "obs" or "both" ? ",OBS_KEY"u8 : default);
        }
        foreach (var column in dimensions)
            Name(column.Id, column.Labels);
        if (hasValue)
            Name(Concepts.ObsValue, isOld ? Code.None : SdmxNames.OfColumn(Concepts.ObsValue));
        foreach (var column in attributes)
            Name(column.Id, column.Labels);
        to.Append("\r\n"u8);

        void Name(string id, IReadOnlyDictionary<string, string> labels)
        {
            to.Append((byte)',');
            var name = message.NameOf(message.Structures[0], labels);
            Text(to, options.Labels == "both" && name.Length > 0 ? $"{id}: {name}" : id);
            if (options.Labels != "name")
                return;
            to.Append((byte)',');
            Text(to, name.Length > 0 ? name : id);
        }
    }

    private static void Text(Utf8Buffer to, string text)
    {
        if (text.AsSpan().IndexOfAny(",\"\r\n") < 0)
        {
            to.Append(text);
            return;
        }
        to.Append((byte)'"');
        to.Append(text.Replace("\"", "\"\"", StringComparison.Ordinal));
        to.Append((byte)'"');
    }

    /// <summary>Writes the rows of one data set.</summary>
    private sealed class Rows
    {
        private readonly SdmxDataMessage message;
        private readonly SdmxCsvOptions options;
        private readonly bool isOld;
        private readonly byte[] lead;
        private readonly SdmxCells cells;
        private readonly int[] dimensions, attributes;
        private readonly bool hasColumn, hasValue;
        private readonly SdmxCells? seriesKey, observationKey;
        private readonly byte[] without;

        public Rows(
            SdmxDataMessage message, SdmxCsvOptions options, bool isOld, SdmxDescribed structure, SdmxDataSet set, List<SdmxColumn> dimensions, List<SdmxColumn> attributes, bool hasValue)
        {
            (this.message, this.options, this.isOld) = (message, options, isOld);
            var (layout, languages) = (structure.Layout, message.LanguagesOf(structure));
            var columns = layout.Dimensions.Concat(layout.Attributes).ToList();
            // A dimension that is not asked for has its column in version 1, which demands it, and nothing in it.
            int Find(SdmxColumn column) => layout.KeysOnly && column == layout.AtObservation ? -1 : columns.FindIndex(c => c.Id == column.Id);
            this.dimensions = [.. dimensions.Select(Find)];
            this.attributes = [.. attributes.Select(Find)];
            (hasColumn, this.hasValue) = (hasValue, layout.HasValue);
            without = options.Labels == "name" ? [(byte)',', (byte)','] : [(byte)','];
            cells = new SdmxCells(set.At, columns, (column, code) => Cell(column, code, languages), Source);
            SdmxCells Key(IReadOnlyList<SdmxColumn> of) => new(set.At, of, (column, code) => Encoding.UTF8.GetBytes(column.Value(code.Id)), Source);
            if (options.Keys is "series" or "both")
                seriesKey = Key(layout.OfSeries);
            if (options.Keys is "obs" or "both")
                observationKey = Key(layout.KeysOnly ? layout.OfSeries : layout.Dimensions);
            lead = Lead(structure, set);
        }

        public void Write(Utf8Buffer to, Chunk chunk, int row)
        {
            to.Append(lead);
            if (seriesKey is not null)
                WriteKey(to, seriesKey, chunk, row);
            if (observationKey is not null)
                WriteKey(to, observationKey, chunk, row);
            WriteCells(to, dimensions, chunk, row);
            if (hasColumn)
            {
                to.Append((byte)',');
                if (hasValue)
                    ObservationCsv.WriteValue(to, chunk, row);
                if (options.Labels == "name")
                    to.Append((byte)',');
            }
            WriteCells(to, attributes, chunk, row);
            to.Append("\r\n"u8);
        }

        private void WriteCells(Utf8Buffer to, int[] columns, Chunk chunk, int row)
        {
            foreach (var column in columns)
                if (column < 0 || !cells.Append(to, chunk, row, column))
                    to.Append(without);
        }

        private static void WriteKey(Utf8Buffer to, SdmxCells key, Chunk chunk, int row)
        {
            to.Append((byte)',');
            for (var i = 0; i < key.Count; i++)
            {
                if (i > 0)
                    to.Append((byte)'.');
                key.Append(to, chunk, row, i);
            }
        }

        // What begins each line: the structure, and what is to be done with the row.
        private byte[] Lead(SdmxDescribed structure, SdmxDataSet set)
        {
            var to = new Utf8Buffer();
            var title = message.NameOf(structure, structure.At.Structure.Title);
            if (!isOld)
                to.Append(structure.Artefact.Context + ",");
            Text(to, options.Labels == "both" ? $"{structure.Artefact.Reference}: {title}" : structure.Artefact.Reference);
            if (options.Labels == "name")
            {
                to.Append((byte)',');
                Text(to, title);
            }
            if (!isOld)
                to.Append("," + set.Action[..1]);
            return to.Written.ToArray();
        }

        // The comma, the value and, where wanted, its name: made once for each code.
        private byte[] Cell(SdmxColumn column, Code code, IReadOnlyList<string> languages)
        {
            var to = new Utf8Buffer();
            to.Append((byte)',');
            var value = column.Kind == SdmxColumnKind.Time && options.IsNormalized && PeriodDays.TryParse(code.Id, out var period)
                ? period.Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                : column.Value(code.Id);
            var name = column.IsCoded ? ObservationCsv.Label(code.Labels, languages) : "";
            Text(to, options.Labels == "both" && name.Length > 0 ? $"{value}: {name}" : value);
            if (options.Labels == "name")
            {
                to.Append((byte)',');
                Text(to, name);
            }
            return to.Written.ToArray();
        }

        private void Source(Utf8Buffer to, SdmxColumn column, ReadOnlySpan<byte> source)
        {
            to.Append((byte)',');
            if (source.IndexOfAny(",\"\r\n"u8) < 0)
                to.Append(source);
            else
                Text(to, Encoding.UTF8.GetString(source));
            if (options.Labels == "name")
                to.Append((byte)',');
        }
    }
}
