namespace Pipeline;

/// <summary>Exact decimals as a release shows them.</summary>
public static class Exact
{
    /// <summary>A value with the decimals that the release shows: 5.2 with 2 decimals is 5.20. Never rounds: more decimals than asked for stay.</summary>
    /// <param name="value">The value; decimals that are zero may be cut.</param>
    /// <param name="decimals">The decimals to show, 0 to 28.</param>
    public static decimal Shown(decimal value, int decimals)
    {
        if (value.Scale > decimals)
        {
            var cut = decimal.Round(value, decimals);
            return cut == value ? cut : value;
        }
        // Adding a zero with the wanted decimals widens the scale and nothing else.
        return value + new decimal(0, 0, 0, false, (byte)decimals);
    }
}
