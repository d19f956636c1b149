using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>
/// Where a page goes on: <c>{version}-{position}-{mark}</c> in hex. The mark is an HMAC over both, the dataset and the query, so that a cursor works
/// only for the query it came from and keeps reading the version that the query began with.
/// </summary>
/// <param name="key">The key; all hosts of one app share it.</param>
internal sealed class Cursor(byte[] key)
{
    /// <summary>The cursor of a position.</summary>
    public string Write(string dataset, int version, string query, long position) => $"{version:x}-{position:x}-{Mark(dataset, version, query, position)}";

    /// <summary>The version in a cursor, before its query is known; the mark is checked by <see cref="Read"/>.</summary>
    public static int VersionOf(string cursor) =>
        cursor.Split('-') is [var version, _, _] && int.TryParse(version, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number : throw Invalid(cursor);

    /// <summary>The position in a cursor.</summary>
    /// <exception cref="ProblemException">The cursor was changed, or is another query's.</exception>
    public long Read(string cursor, string dataset, int version, string query)
    {
        if (cursor.Split('-') is [_, var text, var mark]
            && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var position) && position >= 0
            && VersionOf(cursor) == version && cursor == Write(dataset, version, query, position)
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(mark), Encoding.ASCII.GetBytes(Mark(dataset, version, query, position))))
        {
            return position;
        }
        throw Invalid(cursor);
    }

    private string Mark(string dataset, int version, string query, long position) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{dataset}\n{version}\n{position}\n{query}")).AsSpan(0, 12));

    private static ProblemException Invalid(string cursor) => new(StatusCodes.Status400BadRequest, "invalid-cursor",
        "The cursor was not given out for this query. Use it with the query it came with, or leave it out to start over.")
    {
        Parameter = "cursor",
        Value = cursor,
        Expected = "a cursor as page.cursor or the Link header gave it, with the same filters and sort",
    };
}
