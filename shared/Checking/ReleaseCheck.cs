using Pipeline.Reading;
using Pipeline.Understanding;

namespace Pipeline.Checking;

/// <summary>A release that has been read, understood and checked: what would be published, what is said of it, and the account.</summary>
public sealed class CheckedRelease : IDisposable
{
    private readonly ReadRelease? read;
    private readonly Interpretation? interpretation;

    internal CheckedRelease(ReadRelease? read, Interpretation? interpretation) => (this.read, this.interpretation) = (read, interpretation);

    /// <summary>The format that the content showed; null when it could not be told.</summary>
    public string? Format => read?.Format;

    /// <summary>The character encoding of a text format; null for a binary one.</summary>
    public string? Encoding => read?.Encoding;

    /// <summary>How each table or text was read.</summary>
    public IReadOnlyList<string> Readings => interpretation?.Readings ?? [];

    /// <summary>How each table was understood, region by region; empty for prose. The tables can be opened as long as this is not disposed.</summary>
    public IReadOnlyList<TableReading> Tables => interpretation?.Tables ?? [];

    /// <summary>The figures that were understood in sentences, published or held; empty for tables.</summary>
    public IReadOnlyList<ExtractedFigure> Figures => interpretation?.Figures ?? [];

    /// <summary>How the tables were read, for the next release to follow; null where the release says by itself how it is to be read, and for prose.</summary>
    public Profile? Profile => interpretation?.Profile;

    /// <summary>What the release says, sorted; empty when it could not be read.</summary>
    public IReadOnlyList<SortedCube> Cubes { get; internal init; } = [];

    /// <summary>What every step had to say.</summary>
    public Findings Findings { get; } = new();

    /// <summary>The account: cells in = observations + set aside.</summary>
    public Reconciliation Reconciliation { get; internal init; } = new();

    /// <summary>Whether it may be published: there are observations, and no finding is an error.</summary>
    public bool IsPublishable => Cubes.Count > 0 && !Findings.HasErrors;

    /// <inheritdoc/>
    public void Dispose()
    {
        interpretation?.Dispose();
        read?.Dispose();
    }
}

/// <summary>The way of a release up to publication, without storing anything.</summary>
public static class ReleaseCheck
{
    /// <summary>
    /// Reads, understands and checks a release, but leaves duplicates to be found while the sorted observations are read: publishing reads them once,
    /// with <see cref="CheckedRelease.Findings"/> and <see cref="CheckedRelease.Reconciliation"/>, and decides then.
    /// </summary>
    /// <param name="stream">The bytes, seekable; to stay open as long as the result is used.</param>
    /// <param name="fileName">The file's name, without its folder.</param>
    /// <param name="context">What is known besides the bytes.</param>
    /// <param name="progress">Told how far it is, from 0 to 1.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static CheckedRelease Open(
        Stream stream, string fileName, ReleaseContext context, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ReadRelease? read = null;
        Interpretation? interpretation = null;
        try
        {
            read = ReleaseReader.Read(stream, fileName);
            interpretation = Interpreter.Interpret(read, context, progress, cancellationToken);
            var cubes = interpretation.Cubes.Where(c => c.Observations.Count > 0).Select(c => new SortedCube(c)).ToList();
            var release = new CheckedRelease(read, interpretation) { Cubes = cubes, Reconciliation = interpretation.Reconciliation };
            release.Findings.Add(read.Findings);
            release.Findings.Add(interpretation.Findings);
            CheckWhole(release, cubes);
            return release;
        }
        catch (UnreadableReleaseException e)
        {
            var release = new CheckedRelease(read, interpretation);
            if (read is not null)
                release.Findings.Add(read.Findings);
            if (interpretation is not null)
                release.Findings.Add(interpretation.Findings);
            release.Findings.Add(e.Finding);
            return release;
        }
        catch
        {
            interpretation?.Dispose();
            read?.Dispose();
            throw;
        }
    }

    /// <summary>The whole check, as <c>check FILE</c> shows it: <see cref="Open"/>, and every observation looked at.</summary>
    /// <inheritdoc cref="Open"/>
    public static CheckedRelease Run(
        Stream stream, string fileName, ReleaseContext context, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var release = Open(stream, fileName, context, progress is null ? null : new ReadingProgress(progress), cancellationToken);
        try
        {
            var (looked, all) = (0L, release.Cubes.Sum(cube => (double)cube.Cube.Observations.Count));
            foreach (var cube in release.Cubes)
            {
                foreach (var batch in cube.Read(release.Findings, release.Reconciliation, cancellationToken))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    looked += batch.Count;
                    progress?.Report(ReadingShare + ((1 - ReadingShare) * looked / all));
                }
            }
            progress?.Report(1);
        }
        catch (UnreadableReleaseException e)
        {
            release.Findings.Add(e.Finding);
        }
        return release;
    }

    private static void CheckWhole(CheckedRelease release, List<SortedCube> cubes)
    {
        if (cubes.Count == 0 && !release.Findings.HasErrors)
        {
            release.Findings.Add(new Finding(Severity.Error, "observations-missing", "No observation was found in the release.")
            {
                Expected = "a table with numbers, or sentences that state figures",
                Advice = "See the other findings for what was set aside, and why.",
            });
        }
        foreach (var cube in cubes.Select(c => c.Cube))
        {
            var (digits, scale) = (cube.Observations.MaxIntegerDigits, cube.Observations.MaxScale);
            if (digits + scale > MaxDigits)
            {
                release.Findings.Add(new Finding(Severity.Error, "numbers-too-wide", "The values need more digits than a column can hold exactly.")
                {
                    Found = $"{digits} digits before and {scale} after the decimal point",
                    Expected = $"at most {MaxDigits} together",
                    Advice = "Round the values to the decimals that are meant, or publish them in a larger unit.",
                });
            }
        }
    }

    /// <summary>The digits that OBS_VALUE holds exactly: those of System.Decimal, which every step computes with.</summary>
    public const int MaxDigits = 28;

    // Of the time for a large file; sorting and looking at every observation takes the rest.
    private const double ReadingShare = 0.6;

    private sealed class ReadingProgress(IProgress<double> whole) : IProgress<double>
    {
        public void Report(double value) => whole.Report(value * ReadingShare);
    }
}
