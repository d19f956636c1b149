using System.Runtime.CompilerServices;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>
/// Each series of a version with its latest observation, collected while the sorted rows go by and kept in a temporary file until the version is
/// committed: the index is written only then.
/// </summary>
internal sealed class SeriesSpool : IDisposable
{
    private readonly DatasetStructure structure;
    private readonly FileStream file = TemporaryFile.Create();
    private readonly BinaryWriter writer;
    private readonly int time;
    private readonly int status;
    private readonly int unit;
    private readonly int mult;
    private readonly int[] key;
    private int count;
    private int firstTime;
    private (int Time, decimal? Value, int Decimals, int Status, int Unit, int Mult) last;

    /// <summary>An empty spool.</summary>
    /// <param name="structure">The structure whose positions the rows count.</param>
    public SeriesSpool(DatasetStructure structure)
    {
        this.structure = structure;
        writer = new BinaryWriter(file);
        time = structure.TimeIndex;
        status = IndexOf(Concepts.ObsStatus);
        unit = IndexOf(Concepts.UnitMeasure);
        mult = IndexOf(Concepts.UnitMult);
        key = new int[time];
    }

    /// <summary>How many series there are.</summary>
    public long Count { get; private set; }

    /// <summary>Takes the next row; the rows of a series follow each other in the order of their periods.</summary>
    public void Add(LakeRows rows, int row)
    {
        var same = count > 0;
        for (var c = 0; same && c < time; c++)
            same = rows.Codes[c][row] == key[c];
        if (!same)
        {
            Complete();
            for (var c = 0; c < time; c++)
                key[c] = rows.Codes[c][row];
            firstTime = rows.Codes[time][row];
        }
        count++;
        last = (rows.Codes[time][row], rows.Values[row], rows.Decimals[row], rows.Codes[status][row], rows.Codes[unit][row], rows.Codes[mult][row]);
    }

    /// <summary>Ends the last series.</summary>
    public void Complete()
    {
        if (count == 0)
            return;
        foreach (var code in key)
            writer.Write7BitEncodedInt(code);
        writer.Write7BitEncodedInt(firstTime);
        writer.Write7BitEncodedInt(last.Time);
        writer.Write(last.Value is not null);
        if (last.Value is { } value)
            writer.Write(Shown(value, last.Decimals));
        writer.Write7BitEncodedInt(last.Status);
        writer.Write7BitEncodedInt(last.Unit);
        writer.Write7BitEncodedInt(last.Mult);
        writer.Write7BitEncodedInt(count);
        Count++;
        count = 0;
    }

    /// <summary>The series in the order of their keys.</summary>
    public async IAsyncEnumerable<SeriesSummary> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        writer.Flush();
        file.Position = 0;
        using var reader = new BinaryReader(file, System.Text.Encoding.UTF8, leaveOpen: true);
        for (long i = 0; i < Count; i++)
        {
            if (i % 10_000 == 0)
                await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            var codes = new string[time];
            for (var c = 0; c < time; c++)
                codes[c] = Id(c, reader.Read7BitEncodedInt());
            var from = Id(time, reader.Read7BitEncodedInt());
            var to = Id(time, reader.Read7BitEncodedInt());
            decimal? value = reader.ReadBoolean() ? reader.ReadDecimal() : null;
            yield return new SeriesSummary(
                codes, NullIfEmpty(to), value, Id(status, reader.Read7BitEncodedInt()), Id(unit, reader.Read7BitEncodedInt()),
                int.Parse(Id(mult, reader.Read7BitEncodedInt()), System.Globalization.CultureInfo.InvariantCulture), NullIfEmpty(from), reader.Read7BitEncodedInt());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    // The value with the decimals that the release shows: 5.2 with 2 decimals is 5.20. Never rounds.
    private static decimal Shown(decimal value, int decimals)
    {
        if (value.Scale > decimals)
        {
            var cut = decimal.Round(value, decimals);
            return cut == value ? cut : value;
        }
        // Adding a zero with the wanted decimals widens the scale and nothing else.
        return value + new decimal(0, 0, 0, false, (byte)decimals);
    }

    private string Id(int component, int position) => structure.Components[component].Codes[position].Id;

    private static string? NullIfEmpty(string period) => period.Length == 0 ? null : period;

    private int IndexOf(string id) => structure.Components.ToList().FindIndex(c => c.Id == id);
}
