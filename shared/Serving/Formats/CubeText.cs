using System.Text;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A cube's cells as text, one after the other, as PX has them: the value, or the symbol that stands in its place.</summary>
internal sealed class CubeText
{
    private readonly DataCube cube;
    private readonly byte[] absent;
    private readonly byte[][] missing;
    private readonly int status;
    private int next;

    /// <summary>Begins with the first cell.</summary>
    /// <param name="cube">The cube.</param>
    /// <param name="quote">What stands around a symbol.</param>
    public CubeText(DataCube cube, string quote)
    {
        (this.cube, status) = (cube, cube.At.IndexOf(Concepts.ObsStatus));
        byte[] Quoted(string symbol) => Encoding.UTF8.GetBytes(quote + symbol + quote);
        absent = Quoted(Px.NoObservation.ToString());
        missing = status < 0 ? [Quoted(Px.Symbol(null))] : [.. cube.At.Components[status].Codes.Select(c => (string?)c.Id).Append(null).Select(id => Quoted(Px.Symbol(id)))];
    }

    /// <summary>Writes a cell, the one behind the last.</summary>
    public void Append(Utf8Buffer to, long cell)
    {
        if (next == cube.Positions.Length || cube.Positions[next] > cell)
            to.Append(absent);
        else if (!cube.Values.Write(to, next++))
            to.Append(missing[status < 0 ? 0 : cube.Attribute(status)[next - 1]]);
    }
}
