using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What is known of a release besides its bytes.</summary>
/// <param name="Dataset">The id of the dataset it was uploaded to.</param>
public sealed record ReleaseContext(string Dataset)
{
    /// <summary>The title that the upload's metadata gives; null to take the release's own.</summary>
    public string? Title { get; init; }

    /// <summary>The language (<c>zh</c>, <c>en</c>, …) that the upload's metadata gives; null to tell it from the text.</summary>
    public string? Language { get; init; }

    /// <summary>How the dataset's tables were read by its last version; null when there is none, or none to follow.</summary>
    public Profile? Profile { get; init; }

    /// <summary>The profile that an official wrote by hand; what it says wins. Null when there is none.</summary>
    public Profile? OwnProfile { get; init; }

    /// <summary>The codes that the dataset's dimensions have, by dimension: a label keeps the code that it has there. Empty for a new dataset.</summary>
    public IReadOnlyDictionary<string, KnownCodes> Codes { get; init; } = new Dictionary<string, KnownCodes>();

    /// <summary>How sure the reading of a sentence has to be, from 0 to 1, for its figures to be published; below, they are set aside for an official's yes.</summary>
    public double LeastConfidence { get; init; } = DefaultLeastConfidence;

    /// <summary>Whether an official has said yes to the figures below <see cref="LeastConfidence"/> too.</summary>
    public bool AcceptsUnsure { get; init; }

    /// <summary>Whether the release's other figures are published already, so that only those below <see cref="LeastConfidence"/> are left: what has been published since must not be overwritten.</summary>
    public bool OnlyUnsure { get; init; }

    /// <summary>What <see cref="LeastConfidence"/> is where nobody says otherwise; docs/fidelity.md shows what it was measured against.</summary>
    public const double DefaultLeastConfidence = 0.6;
}

/// <summary>Turns what reading found, tables and text, into observations that checking can check.</summary>
public static class Interpreter
{
    /// <summary>Reads every table and the text of a release, and accounts for every data cell and figure.</summary>
    /// <param name="release">What a reader made of the bytes.</param>
    /// <param name="context">What else is known.</param>
    /// <param name="progress">Told how far it is, from 0 to 1.</param>
    /// <param name="cancellationToken">Ends the work between two rows.</param>
    /// <exception cref="UnreadableReleaseException">The rows can not be read to their end.</exception>
    public static Interpretation Interpret(
        ReadRelease release,
        ReleaseContext context,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(context);
        return release.Parts.Any(IsMessage) ? OfParts(release, context, progress, cancellationToken) : One(release, context, [], progress, cancellationToken);
    }

    private static Interpretation One(ReadRelease release, ReleaseContext context, IReadOnlyList<SdmxMessage> beside, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (release.Px is not null)
            return PxInterpreter.Interpret(release, context, cancellationToken);
        if (release.JsonStat is not null)
            return JsonStatInterpreter.Interpret(release, context, cancellationToken);
        if (release.Sdmx is not null)
            return SdmxInterpreter.Interpret(release, context, beside, progress, cancellationToken);
        return release.Text is not null && release.Tables.Count == 0
            ? ProseInterpreter.Interpret(release, context, cancellationToken)
            : TableInterpreter.Interpret(release, context, progress, cancellationToken);
    }

    private static bool IsMessage(ReadRelease part) => part.Px is not null || part.JsonStat is not null || part.Sdmx is not null;

    /// <summary>An archive: its tables together, and each message by itself, an SDMX one with the structures beside it.</summary>
    private static Interpretation OfParts(ReadRelease release, ReleaseContext context, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var messages = release.Parts.Where(IsMessage).ToList();
        var structures = messages.Select(p => p.Sdmx).OfType<SdmxMessage>().ToList();
        var data = messages.Where(p => p.Sdmx is not { DataSets.Count: 0 }).ToList();
        // Structures alone tell the finding that says so.
        var parts = new List<(ReadRelease Part, Interpretation Result)>();
        try
        {
            if (release.Tables.Count > 0)
                parts.Add((release, TableInterpreter.Interpret(release, context, progress, cancellationToken)));
            foreach (var part in data.Count > 0 ? data : messages)
                parts.Add((part, One(part, context, structures, progress, cancellationToken)));
        }
        catch
        {
            parts.ForEach(p => p.Result.Dispose());
            throw;
        }
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (part, result) in parts)
            foreach (var cube in result.Cubes)
                if (!taken.Add(cube.Suffix ?? ""))
                    taken.Add(cube.Suffix = Unique(Path.GetFileNameWithoutExtension(part.FileName), taken));
        var whole = new Interpretation { Cubes = [.. parts.SelectMany(p => p.Result.Cubes)], Profile = parts.Select(p => p.Result.Profile).FirstOrDefault(p => p is not null) };
        foreach (var (_, result) in parts)
        {
            whole.Findings.Add(result.Findings);
            whole.Readings.AddRange(result.Readings);
            whole.Tables.AddRange(result.Tables);
            whole.Figures.AddRange(result.Figures);
            whole.Unsure += result.Unsure;
            whole.Reconciliation.Add(result.Reconciliation);
        }
        return whole;
    }

    private static string Unique(string name, HashSet<string> taken)
    {
        var slug = new string([.. name.ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c == '-')]);
        slug = slug.Length == 0 ? "part" : slug[..Math.Min(slug.Length, 20)].Trim('-');
        var suffix = slug;
        for (var n = 2; taken.Contains(suffix); n++)
            suffix = $"{slug}-{n}";
        return suffix;
    }
}
