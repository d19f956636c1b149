using System.Globalization;

namespace Pipeline;

/// <summary>A number with what it counts, as sentences have it: <c>1 observation</c>, <c>1,234 observations</c>.</summary>
public static class Counted
{
    /// <summary>The number, its thousands parted by commas, and the noun.</summary>
    /// <param name="number">How many.</param>
    /// <param name="one">The noun for one.</param>
    /// <param name="many">The noun for others; null for that with an s.</param>
    public static string Of(long number, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : many ?? one + "s")}");
}
