using System.Text.Json;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes observations as JSON objects: each code a member, OBS_VALUE an exact number with the decimals shown or null.</summary>
internal sealed class ObservationJson
{
    private readonly DatasetAtVersion at;
    private readonly IReadOnlyList<string> languages;
    private readonly byte[]?[][] members;
    private readonly bool[] labelled;
    private (string? Id, byte[] Json) release = (null, []);

    public ObservationJson(DatasetAtVersion at, bool labels, IReadOnlyList<string> languages)
    {
        (this.at, this.languages) = (at, languages);
        labelled = labels ? at.HasLabels : new bool[at.Components.Count];
        members = [.. at.Components.Select(c => new byte[]?[c.Codes.Count + 1])];
    }

    public void WriteRow(Utf8Buffer to, Chunk chunk, int row)
    {
        to.Append((byte)'{');
        for (var c = 0; c <= at.TimeIndex; c++)
            WriteCode(to, c, chunk.Codes[c]![row]);
        to.Append("\"OBS_VALUE\":"u8);
        if (!ObservationCsv.WriteValue(to, chunk, row))
            to.Append("null"u8);
        to.Append((byte)',');
        for (var c = at.TimeIndex + 1; c < at.Components.Count; c++)
            WriteCode(to, c, chunk.Codes[c]![row]);
        to.Append("\"SOURCE\":\""u8);
        var source = chunk.Source![row];
        if (source.IndexOfAny("\"\\"u8) < 0 && !source.ContainsAnyInRange((byte)0, (byte)31))
            to.Append(source);
        else
            to.Append(JsonEncodedText.Encode(source, Json.Options.Encoder).EncodedUtf8Bytes);
        to.Append("\",\"DECIMALS\":"u8);
        if (chunk.Decimals![row] == byte.MaxValue)
            to.Append("null"u8);
        else
            to.Append((long)chunk.Decimals[row]);
        var id = chunk.ReleaseIds[chunk.Release![row]];
        if (!ReferenceEquals(release.Id, id))
            release = (id, [.. ",\"RELEASE\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(id, Json.Options), (byte)'}']);
        to.Append(release.Json);
    }

    private void WriteCode(Utf8Buffer to, int component, int number) => to.Append(members[component][number] ??= Member(component, number));

    // The member, its label's where wanted, and the comma: made once for each code.
    private byte[] Member(int component, int number)
    {
        var (id, codes) = (at.Components[component].Id, at.Components[component].Codes);
        var isAbsent = number == codes.Count;
        var buffer = new Utf8Buffer();
        Text(id);
        buffer.Append((byte)':');
        if (isAbsent)
            buffer.Append("null"u8);
        else if (id == Concepts.UnitMult && int.TryParse(codes[number].Id, out var power))
            buffer.Append((long)power);
        else
            Text(codes[number].Id);
        buffer.Append((byte)',');
        if (labelled[component])
        {
            Text(id + "_LABEL");
            buffer.Append((byte)':');
            if (isAbsent || codes[number].Labels.Count == 0)
                buffer.Append("null"u8);
            else
                Text(ObservationCsv.Label(codes[number].Labels, languages));
            buffer.Append((byte)',');
        }
        return buffer.Written.ToArray();

        void Text(string text) => buffer.Append(JsonSerializer.SerializeToUtf8Bytes(text, Json.Options));
    }
}
