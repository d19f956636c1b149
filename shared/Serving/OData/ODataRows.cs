using System.Text.Json;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>What an answer shows of an entity.</summary>
/// <param name="Properties">Its properties, in order.</param>
/// <param name="Expanded">The navigation properties whose entities stand inside, each with the properties that are shown of them.</param>
internal sealed record ODataShape(IReadOnlyList<string> Properties, IReadOnlyList<(string Navigation, IReadOnlyList<string> Properties)> Expanded);

/// <summary>Writes observations as OData's JSON: what a code gives is made once for each code.</summary>
internal sealed class ODataRows
{
    private readonly DatasetAtVersion at;
    private readonly ODataModel model;
    private readonly ODataMetadata metadata;
    private readonly bool numbersAsText;
    private readonly string service;
    private readonly byte[] prefix;
    private readonly List<string> links;
    private readonly Utf8Buffer id = new();
    private readonly List<ODataColumn> columns;
    private readonly byte[]?[][] fragments;
    private readonly byte[]?[][] keys;
    private readonly List<(int Component, byte[]?[] Made, IReadOnlyList<string> Properties)> expanded;

    /// <summary>Prepares the members.</summary>
    /// <param name="at">The version.</param>
    /// <param name="model">Its model.</param>
    /// <param name="shape">What is shown.</param>
    /// <param name="metadata">How much is said beside the data.</param>
    /// <param name="numbersAsText">Whether decimals are written as texts.</param>
    /// <param name="service">The service's address.</param>
    /// <param name="prefix">Members that stand first.</param>
    public ODataRows(DatasetAtVersion at, ODataModel model, ODataShape shape, ODataMetadata metadata, bool numbersAsText, string service, byte[] prefix)
    {
        (this.at, this.model, this.metadata, this.numbersAsText, this.service, this.prefix) = (at, model, metadata, numbersAsText, service, prefix);
        columns = [.. shape.Properties.Select(model.Find)];
        fragments = [.. columns.Select(c => c.Column < at.Components.Count ? new byte[]?[at.Components[c.Column].Codes.Count + 1] : [])];
        keys = [.. at.Components.Take(at.TimeIndex + 1).Select(c => new byte[]?[c.Codes.Count + 1])];
        expanded = [.. shape.Expanded.Select(e => model.ComponentOfNavigation(e.Navigation)).Select((c, i) => (c, new byte[]?[at.Components[c].Codes.Count + 1], shape.Expanded[i].Properties))];
        // That of what stands inside has to stand right before it.
        links = [.. Enumerable.Range(0, at.Components.Count).Where(c => c != at.TimeIndex && !expanded.Exists(x => x.Component == c)).Select(model.NavigationOf)];
    }

    /// <summary>The columns that have to be read.</summary>
    public bool[] Wanted
    {
        get
        {
            var wanted = new bool[at.ColumnCount];
            foreach (var column in columns)
                wanted[column.Column] = true;
            if (wanted[at.ValueColumn])
                wanted[at.DecimalsColumn] = true;
            foreach (var (component, _, _) in expanded)
                wanted[component] = true;
            if (metadata == ODataMetadata.Full)
                Array.Fill(wanted, true, 0, at.TimeIndex + 1);
            return wanted;
        }
    }

    /// <summary>Writes an observation.</summary>
    public void Write(Utf8Buffer to, Chunk chunk, int row)
    {
        to.Append((byte)'{');
        var first = to.Count;
        to.Append(prefix);
        if (metadata == ODataMetadata.Full)
        {
            if (to.Count > first)
                to.Append((byte)',');
            WriteLinks(to, chunk, row);
        }
        for (var i = 0; i < columns.Count; i++)
        {
            if (to.Count > first)
                to.Append((byte)',');
            if (columns[i].Kind == ODataKind.Plain)
                WritePlain(to, columns[i], chunk, row);
            else
                to.Append(fragments[i][chunk.Codes[columns[i].Column]![row]] ??= Fragment(columns[i], chunk.Codes[columns[i].Column]![row]));
        }
        foreach (var (component, made, properties) in expanded)
        {
            var number = chunk.Codes[component]![row];
            if (to.Count > first)
                to.Append((byte)',');
            if (metadata == ODataMetadata.Full)
            {
                WriteLink(to, model.NavigationOf(component));
                to.Append((byte)',');
            }
            to.Append(made[number] ??= Entity(component, number, properties));
        }
        to.Append((byte)'}');
    }

    private void WritePlain(Utf8Buffer to, ODataColumn column, Chunk chunk, int row)
    {
        if (metadata == ODataMetadata.Full && (column.Column == at.ValueColumn || column.Column == at.DecimalsColumn))
            Type(to, column.Name, column.Column == at.ValueColumn ? "#Decimal" : "#Int32");
        Text(to, column.Name);
        to.Append((byte)':');
        if (column.Column == at.ValueColumn)
        {
            var isThere = chunk.Values![row] is not null;
            if (isThere && numbersAsText)
                to.Append((byte)'"');
            if (!ObservationCsv.WriteValue(to, chunk, row))
                to.Append("null"u8);
            if (isThere && numbersAsText)
                to.Append((byte)'"');
        }
        else if (column.Column == at.DecimalsColumn)
        {
            if (chunk.Decimals![row] == byte.MaxValue)
                to.Append("null"u8);
            else
                to.Append((long)chunk.Decimals[row]);
        }
        else if (column.Column == at.SourceColumn)
        {
            to.Append((byte)'"');
            var source = chunk.Source!.Read(row, stackalloc byte[TextColumn.ScratchBytes]);
            to.Append(JsonEncodedText.Encode(source, Json.Options.Encoder).EncodedUtf8Bytes);
            to.Append((byte)'"');
        }
        else
        {
            Text(to, chunk.ReleaseIds[chunk.Release![row]]);
        }
    }

    private byte[] Fragment(ODataColumn column, int number)
    {
        var to = new Utf8Buffer();
        var value = model.OfCode(column, number);
        if (metadata == ODataMetadata.Full && column.Kind != ODataKind.Text)
            Type(to, column.Name, column.Kind == ODataKind.Whole ? "#Int32" : "#Date");
        Text(to, column.Name);
        to.Append((byte)':');
        switch (value)
        {
            case null:
                to.Append("null"u8);
                break;
            case decimal whole:
                to.Append(whole);
                break;
            case DateOnly day:
                Text(to, day.ToString("yyyy-MM-dd"));
                break;
            default:
                Text(to, (string)value);
                break;
        }
        return to.Written.ToArray();
    }

    private byte[] Entity(int component, int number, IReadOnlyList<string> properties)
    {
        var to = new Utf8Buffer();
        Text(to, model.NavigationOf(component));
        to.Append((byte)':');
        if (number == at.Components[component].Codes.Count)
        {
            to.Append("null"u8);
            return to.Written.ToArray();
        }
        to.Append((byte)'{');
        foreach (var (i, property) in properties.Index())
        {
            if (i > 0)
                to.Append((byte)',');
            Text(to, property);
            to.Append((byte)':');
            switch (model.Code(component, number, property))
            {
                case null:
                    to.Append("null"u8);
                    break;
                case decimal whole:
                    to.Append(whole);
                    break;
                case var text:
                    Text(to, (string)text);
                    break;
            }
        }
        to.Append((byte)'}');
        return to.Written.ToArray();
    }

    private void WriteLinks(Utf8Buffer to, Chunk chunk, int row)
    {
        id.Clear();
        id.Append(service);
        id.Append("Observations("u8);
        for (var c = 0; c <= at.TimeIndex; c++)
        {
            var number = chunk.Codes[c]![row];
            if (c > 0)
                id.Append((byte)',');
            id.Append(keys[c][number] ??= System.Text.Encoding.UTF8.GetBytes(KeyPart(c, (string)model.OfCode(model.Find(model.Names[c]), number)!)));
        }
        id.Append((byte)')');
        to.Append("\"@odata.type\":\"#"u8);
        to.Append(ODataModel.Namespace);
        to.Append(".Observation\",\"@odata.id\":\""u8);
        to.Append(id.Written.Span);
        to.Append((byte)'"');
        foreach (var link in links)
        {
            to.Append((byte)',');
            WriteLink(to, link);
        }
    }

    private void WriteLink(Utf8Buffer to, string navigation)
    {
        to.Append((byte)'"');
        to.Append(navigation);
        to.Append("@odata.navigationLink\":\""u8);
        to.Append(id.Written.Span);
        to.Append((byte)'/');
        to.Append(navigation);
        to.Append((byte)'"');
    }

    private string KeyPart(int component, string code) => Uri.EscapeDataString(model.Names[component]) + "='" + Uri.EscapeDataString(code.Replace("'", "''", StringComparison.Ordinal)) + "'";

    private static void Type(Utf8Buffer to, string name, string type)
    {
        Text(to, name + "@odata.type");
        to.Append((byte)':');
        Text(to, type);
        to.Append((byte)',');
    }

    private static void Text(Utf8Buffer to, string text)
    {
        to.Append((byte)'"');
        to.Append(JsonEncodedText.Encode(text, Json.Options.Encoder).EncodedUtf8Bytes);
        to.Append((byte)'"');
    }
}
