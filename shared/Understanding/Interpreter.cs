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
        if (release.Px is not null)
            return PxInterpreter.Interpret(release, context, cancellationToken);
        if (release.JsonStat is not null)
            return JsonStatInterpreter.Interpret(release, context, cancellationToken);
        return release.Text is not null && release.Tables.Count == 0
            ? ProseInterpreter.Interpret(release, context, cancellationToken)
            : TableInterpreter.Interpret(release, context, progress, cancellationToken);
    }
}
