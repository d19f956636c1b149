using Pipeline.Publishing;

namespace Pipeline.Serving;

/// <summary>The languages that tables are in.</summary>
internal sealed class PxLanguages(Catalogue catalogue)
{
    /// <summary>That of an answer where none is asked for.</summary>
    public const string Default = "en";

    // Those of the list that was last asked for: it is the same for a second.
    private Tuple<IReadOnlyList<DatasetSummary>, List<string>>? last;

    /// <summary>The languages that titles are in, and those that our own words are in.</summary>
    public async Task<List<string>> AllAsync(CancellationToken cancellationToken)
    {
        var datasets = await catalogue.ListAsync(cancellationToken);
        if (last is var (of, known) && ReferenceEquals(of, datasets))
            return known;
        List<string> languages = [.. new[] { "en", "zh" }.Concat(datasets.SelectMany(d => d.Title.Keys).Where(l => l != "und").Distinct().Order(StringComparer.Ordinal)).Distinct()];
        last = Tuple.Create(datasets, languages);
        return languages;
    }

    /// <summary>The language that is asked for; where none is, the default one.</summary>
    public async Task<string> OfAsync(string? wanted, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(wanted))
            return Default;
        var languages = await AllAsync(cancellationToken);
        return languages.Find(l => l.Equals(wanted, StringComparison.OrdinalIgnoreCase)) ?? throw ProblemException.Unknown(400, "unknown-language", "language", "lang", wanted, languages);
    }

    /// <summary>A language's name in itself.</summary>
    public static string NameOf(string language) => language switch
    {
        "en" => "English",
        "zh" => "中文",
        "de" => "Deutsch",
        "es" => "Español",
        "fi" => "Suomi",
        "fr" => "Français",
        "no" => "Norsk",
        "ru" => "Русский",
        "sv" => "Svenska",
        _ => language,
    };
}
