using System.Globalization;

namespace Pipeline.Publishing;

/// <summary>Bytes that are published already, uploaded once more under their name: nothing is published again, and what the upload asks for in vain is told.</summary>
internal static class UploadedAgain
{
    /// <summary>The code of the finding.</summary>
    public const string Code = "already-published";

    /// <summary>What an upload asks for in vain; null when nothing.</summary>
    /// <param name="published">The release as it is published.</param>
    /// <param name="asked">The upload of the same bytes: its metadata in a record.</param>
    /// <param name="says">Whether the upload names a parameter.</param>
    /// <param name="replaces">Whether other bytes had the name until now.</param>
    public static Finding? Tell(ReleaseRecord published, ReleaseRecord asked, Func<string, bool> says, bool replaces)
    {
        var (wanted, kept) = (new List<string>(), new List<string>());
        Compare("title", asked.Title, published.Title);
        Compare("language", asked.Language, published.Language);
        // The second part of a release has no mode and no time of its own.
        if (published.Part == 1)
        {
            Compare("mode", asked.Mode, published.Mode);
            Compare("publishAt", Time(asked.PublishAt), Time(published.PublishAt));
        }
        if (wanted.Count == 0 && !replaces)
            return null;
        var versions = string.Join(" and ", published.Published.Select(p => $"version {p.Version} of {p.Dataset}"));
        return new Finding(Severity.Warning, Code, $"The same bytes are published already, as {versions}: uploaded again they change nothing.")
        {
            Where = published.File,
            Found = wanted.Count > 0 ? string.Join(", ", wanted) : "other bytes had the name until now; what they published stays",
            Expected = wanted.Count > 0 ? $"{string.Join(", ", kept)}, as they were published: that is kept" : null,
            Advice = "To publish them as this upload says, upload the file under another name: that is a release of its own."
                + (says("publishAt") ? " What is published can not be held back any more." : ""),
        };

        void Compare(string name, string? now, string? then)
        {
            if (!says(name) || now == then)
                return;
            wanted.Add($"{name} {now}");
            kept.Add($"{name} {then ?? "none"}");
        }

        static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
    }
}
