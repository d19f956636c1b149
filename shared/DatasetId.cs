using System.Security.Cryptography;
using System.Text;

namespace Pipeline;

/// <summary>
/// The ids that datasets may have: 1 to 63 of ASCII letters, digits, <c>-</c> and <c>_</c>, starting with a letter or digit, so that they stand in
/// a URL, a blob's name and a table's key as they are.
/// </summary>
public static class DatasetId
{
    /// <summary>How long an id may be.</summary>
    public const int MaxLength = 63;

    /// <summary>Whether a text is an id: <c>^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$</c>.</summary>
    public static bool IsValid(string? id)
        => id is { Length: > 0 and <= MaxLength } && char.IsAsciiLetterOrDigit(id[0]) && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>
    /// The id for a file uploaded without one: a slug of its name without the ending, <c>Retail sales (2023).xlsx</c> giving <c>retail-sales-2023</c>.
    /// A name without any ASCII letter or digit gives <c>release-</c> and 8 hex digits of the SHA-256 of the name in UTF-8.
    /// </summary>
    public static string FromFileName(string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        var name = fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..];
        var dot = name.LastIndexOf('.');
        var stem = dot > 0 ? name[..dot] : name;
        var slug = new StringBuilder();
        foreach (var c in stem)
        {
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(char.ToLowerInvariant(c));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
            if (slug.Length == MaxLength)
                break;
        }
        var id = slug.ToString().TrimEnd('-');
        return id.Length > 0 ? id : "release-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
    }
}
