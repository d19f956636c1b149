using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Pipeline.Serving;

/// <summary>The languages that a reader wants, as tags (RFC 5646): from <c>lang=</c> and from Accept-Language alike.</summary>
internal static class LanguageTags
{
    private const int Most = 8;

    /// <summary>Those of Accept-Language, best first, at most eight.</summary>
    public static IReadOnlyList<string> Accepted(StringValues accept) => accept.Count == 0 || !StringWithQualityHeaderValue.TryParseList(accept, out var values)
        ? []
        : [.. values.Where(v => v.Quality is not 0).OrderByDescending(v => v.Quality ?? 1).Select(v => v.Value.ToString()).Where(IsTag).Select(Canonical).Distinct().Take(Most)];

    /// <summary>Those of a parameter, parted by commas, each in its canonical case.</summary>
    /// <exception cref="ProblemException">One is no language tag.</exception>
    public static string Asked(string text) => text.Split(',') is { Length: <= Most * Most } tags && Array.TrueForAll(tags, IsTag)
        ? string.Join(',', tags.Select(Canonical).Distinct())
        : throw ProblemException.Malformed("lang", text, "a language tag such as en, zh or zh-Hans (RFC 5646), or several with commas between");

    /// <summary>What is looked up for each: itself, then with one subtag less at a time (RFC 4647, 3.4).</summary>
    public static IEnumerable<string> Lookup(IEnumerable<string> tags)
    {
        foreach (var tag in tags)
        {
            for (var length = tag.Length; length > 0; length = tag.LastIndexOf('-', length - 1))
            {
                // A single letter only says what the subtag after it is.
                if (length < 2 || tag[length - 2] != '-')
                    yield return tag[..length];
            }
        }
    }

    private static bool IsTag(string text) => text.Length <= 35 && text.Split('-') is var parts && parts[0].Length is >= 2 and <= 8 && parts[0].All(char.IsAsciiLetter)
        && Array.TrueForAll(parts, part => part.Length is > 0 and <= 8 && part.All(char.IsAsciiLetterOrDigit));

    // zh-Hans-CN: regions in capitals, scripts with one.
    private static string Canonical(string tag) => string.Join('-', tag.ToLowerInvariant().Split('-').Select((part, i) => i == 0 ? part : part.Length switch
    {
        2 => part.ToUpperInvariant(),
        4 when char.IsAsciiLetter(part[0]) => char.ToUpperInvariant(part[0]) + part[1..],
        _ => part,
    }));
}
