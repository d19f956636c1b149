using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Checking;
using Pipeline.Publishing;
using Pipeline.Serving;
using Pipeline.Understanding;
using Spectre.Console;
using Profile = Pipeline.Understanding.Profile;

namespace Pipeline.Local;

/// <summary>The command <c>check</c>: what would be published of releases; nothing is stored.</summary>
internal static class Check
{
    private const int ObservationsShown = 5;
    private const int FlushBytes = 1 << 16;
    private const int LargeBytes = 1 << 20;

    private static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Checks releases and writes what came of it.</summary>
    /// <param name="files">The releases.</param>
    /// <param name="dataset">The dataset they would be uploaded to; null to take it from each file's name.</param>
    /// <param name="folder">The folder that gets a file for each release; null for <paramref name="output"/>.</param>
    /// <param name="format"><c>text</c>, <c>json</c> or <c>csv</c>.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Takes what a CSV has no place for: why a release can not be published.</param>
    /// <param name="console">Standard output for a person.</param>
    /// <param name="terminal">Takes progress bars; null when nobody is there to see them.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>0 when all can be published, 1 when not.</returns>
    /// <exception cref="FailedException">A file can not be read or written.</exception>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> files, string? dataset, string? folder, string format, TextWriter output, TextWriter error, IAnsiConsole console, IAnsiConsole? terminal,
        CancellationToken cancellationToken)
    {
        var publishable = true;
        var releases = new List<Checked>();
        try
        {
            if (folder is not null)
                Directory.CreateDirectory(folder);
            foreach (var file in files)
            {
                var release = await Checked.RunAsync(file, dataset, terminal, cancellationToken);
                releases.Add(release);
                publishable &= release.Result.IsPublishable;
                if (format == "csv" && !release.Result.IsPublishable)
                    await error.WriteLineAsync($"{file}: can not be published. {release.Result.Findings.Kept.FirstOrDefault(f => f.Severity == Severity.Error)?.Message}");
                if (format == "text" && folder is null)
                    WriteText(release, console);
                if (folder is null && format != "text")
                    continue;
                if (folder is not null)
                {
                    await using var target = new StreamWriter(Path.Combine(folder, Path.GetFileName(file) + (format == "text" ? ".txt" : "." + format)), false, new UTF8Encoding(false));
                    await WriteAsync([release], format, target, cancellationToken);
                }
                release.Dispose();
            }
            if (folder is null && format != "text")
                await WriteAsync(releases, format, output, cancellationToken);
            return publishable ? 0 : 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailedException(e.Message, e);
        }
        finally
        {
            foreach (var release in releases)
                release.Dispose();
        }
    }

    private static async Task WriteAsync(IReadOnlyList<Checked> releases, string format, TextWriter output, CancellationToken cancellationToken)
    {
        switch (format)
        {
            case "csv":
                await WriteCsvAsync(releases, output, cancellationToken);
                break;
            case "json":
                await output.WriteLineAsync(new JsonArray([.. releases.Select(ToJson)]).ToJsonString(Indented));
                break;
            default:
                var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
                console.Profile.Width = int.MaxValue;
                foreach (var release in releases)
                    WriteText(release, console);
                break;
        }
        await output.FlushAsync(cancellationToken);
    }

    private static void WriteText(Checked release, IAnsiConsole console)
    {
        var result = release.Result;
        ReleaseText.WriteLine($"{release.File}{(result.Format is null ? "" : $" ({result.Format}{(result.Encoding is null ? "" : ", " + result.Encoding)})")}", 2, console);
        if (result.Tables.Count > 0)
            TableDrawing.Write(result.Tables, console);
        else
            foreach (var reading in result.Readings)
                ReleaseText.WriteLine("  " + reading, 4, console);
        foreach (var cube in result.Cubes)
            WriteFirst(release, cube, console);
        if (result.Findings.Kept.Count > 0)
            console.WriteLine();
        ReleaseText.Write(result.Findings.Kept, result.Findings.Counts, console);
        console.WriteLine();
        ReleaseText.Write(ReconciliationReport.Of(result.Reconciliation), console);
        var errors = result.Findings.Kept.Where(f => f.Severity == Severity.Error).Select(f => f.Code).Distinct()
            .Select(code => string.Create(CultureInfo.InvariantCulture, $"{code}{(result.Findings.Counts[code] is > 1 and var count ? $" ({count:N0})" : "")}"));
        var verdict = $"{release.File}: {(result.IsPublishable ? "can be published" : "can NOT be published")}";
        ReleaseText.WriteLine(verdict + (result.IsPublishable ? "" : ": " + string.Join(", ", errors)), 2, console,
            new Style(result.IsPublishable ? Color.Green : Color.Red, decoration: Decoration.Bold), verdict.Length);
        console.WriteLine();
    }

    private static void WriteFirst(Checked release, SortedCube cube, IAnsiConsole console)
    {
        // The components up to UNIT_MULT, which every observation has: the dimensions, TIME_PERIOD, the value, then the others.
        var components = cube.Cube.Components.Take(cube.Cube.TimeIndex + 4).ToArray();
        var languages = LanguagesOf(cube);
        var first = First(cube).ToList();
        // What never differs would only fill the screen: it is said once, unless it says nothing.
        var same = Enumerable.Range(0, components.Length).Where(c => first.Count > 1 && first.All(o => o.Codes[c]?.Id == first[0].Codes[c]?.Id)).ToArray();
        var said = same.Where(c => first[0].Codes[c] is { } code
                && (components[c].Id, code.Id) is not ((_, Concepts.NotApplicable) or (Concepts.UnitMult, "0") or (Concepts.ObsStatus, "A")))
            .Select(c => $"{components[c].Id} {Named(first[0].Codes[c]!, languages)}");
        console.WriteLine();
        ReleaseText.WriteLine($"  Dataset {release.DatasetOf(cube)}: the first of {Counted.Of(cube.Cube.Observations.Count, "observation")}"
            + (said.Any() ? ", all with " + string.Join(", ", said) : ""), 4, console);
        var shown = Enumerable.Range(0, components.Length).Except(same).ToArray();
        var before = shown.Count(c => c <= cube.Cube.TimeIndex);
        List<string[]> rows =
        [
            [.. shown.Take(before).Select(c => components[c].Id), Concepts.ObsValue, .. shown.Skip(before).Select(c => components[c].Id), Concepts.SourceId],
            .. first.Select(o => (string[])[.. shown.Take(before).Select(c => Label(o, c)), FormattableString.Invariant($"{o.Value}"),
                .. shown.Skip(before).Select(c => Label(o, c)), TerminalText.Clean(o.Source)]),
        ];
        foreach (var line in TerminalText.Align(rows, c => c == before, Math.Max(40, console.Profile.Width) - 4))
            console.WriteLine("    " + line);

        string Label(FirstObservation o, int c) => o.Codes[c] is not { } code ? ""
            : TerminalText.Clean(c == cube.Cube.TimeIndex ? code.Id : LabelOf(code, languages) ?? code.Id, 100);
    }

    /// <summary>The first observations in the release's order, with a code for each component.</summary>
    private static IEnumerable<FirstObservation> First(SortedCube cube) => cube.Cube.Observations.Read()
        .SelectMany(batch => Enumerable.Range(0, batch.Count).Select(row => new FirstObservation(
            [.. cube.Cube.Components.Select((component, c) => batch.Codes[c][row] is >= 0 and var code ? component.Codes[code] : null)],
            batch.Value(row), batch.Source(row).ToString(cube.Cube.Sheets)))).Take(ObservationsShown);

    // Of labels, best first: the release's own, for a person who has it at hand.
    private static string[] LanguagesOf(SortedCube cube) => [.. new[] { cube.Cube.Language, "en", "zh" }.OfType<string>().Distinct()];

    private static string? LabelOf(Code code, string[] languages) =>
        languages.Select(language => code.Labels.GetValueOrDefault(language)).FirstOrDefault(l => l is not null) ?? code.Labels.Values.FirstOrDefault();

    private static string Named(Code code, string[] languages) => LabelOf(code, languages) is { } label && label != code.Id ? $"{code.Id} {label}" : code.Id;

    private static JsonNode ToJson(Checked release)
    {
        var result = release.Result;
        return JsonSerializer.SerializeToNode(new
        {
            release.File,
            Release = release.Id,
            release.Dataset,
            Publishable = result.IsPublishable,
            result.Format,
            result.Encoding,
            result.Readings,
            Tables = result.Tables.Select(TableReport.Of),
            Reconciliation = ReconciliationReport.Of(result.Reconciliation),
            FindingCounts = result.Findings.Counts,
            Findings = result.Findings.Kept,
            result.Profile,
            Datasets = result.Cubes.Select(cube => new
            {
                Id = release.DatasetOf(cube),
                cube.Cube.Title,
                Components = cube.Cube.Components.Select((component, c) => new { component.Id, component.Role, component.Labels, Codes = cube.Codes[c].Count }),
                Observations = cube.Read().Sum(batch => (long)batch.Count),
                FirstObservations = First(cube).Select(observation => ToJson(cube, observation)),
            }),
        }, Json.Options)!;
    }

    // As the API gives data with labels=both.
    private static JsonObject ToJson(SortedCube cube, FirstObservation observation)
    {
        var (json, languages) = (new JsonObject(), LanguagesOf(cube));
        foreach (var (component, code) in cube.Cube.Components.Zip(observation.Codes))
        {
            json[component.Id] = component.Id == Concepts.UnitMult && int.TryParse(code?.Id, out var power) ? power : code?.Id;
            if (code is not null && LabelOf(code, languages) is { } label)
                json[component.Id + "_LABEL"] = label;
            if (component.Role == ComponentRole.Time)
                json[Concepts.ObsValue] = observation.Value;
        }
        json[Concepts.SourceId] = observation.Source;
        return json;
    }

    /// <summary>All observations under one line of names: the columns of every dataset, empty where a dataset has none of that name.</summary>
    private static async Task WriteCsvAsync(IReadOnlyList<Checked> releases, TextWriter output, CancellationToken cancellationToken)
    {
        var cubes = releases.SelectMany(release => release.Result.Cubes.Select(cube => (release, cube))).ToArray();
        if (cubes.Length == 0)
            return;
        var all = cubes.Select(c => c.cube.Cube).ToArray();
        var dimensions = all.SelectMany(cube => cube.Components.Take(cube.TimeIndex)).Select(c => c.Id).Distinct().ToArray();
        var rest = all.SelectMany(cube => cube.Components.Skip(cube.TimeIndex)).Select(c => c.Id).Distinct();
        var ids = dimensions.Concat(rest).ToArray();
        var buffer = new Utf8Buffer();
        var first = true;
        foreach (var (release, cube) in cubes)
        {
            var from = Array.ConvertAll(ids, cube.Cube.IndexOf);
            var csv = new ObservationCsv(release.DatasetOf(cube), [.. ids.Select((id, i) => new CodedColumn(id, code => cube.Codes[from[i]][code]))], dimensions.Length, true, LanguagesOf(cube));
            if (first)
                csv.WriteHeader(buffer);
            first = false;
            var codes = new int[ids.Length];
            foreach (var batch in cube.Read(cancellationToken: cancellationToken))
            {
                for (var row = 0; row < batch.Count; row++)
                {
                    for (var i = 0; i < codes.Length; i++)
                        codes[i] = from[i] < 0 ? -1 : batch.Codes[from[i]][row];
                    csv.WriteRow(buffer, codes, batch.Value(row), batch.Source(row).ToString(cube.Cube.Sheets), release.Id);
                    if (buffer.Count > FlushBytes)
                        await FlushAsync();
                }
            }
        }
        await FlushAsync();

        async Task FlushAsync()
        {
            await output.WriteAsync(Encoding.UTF8.GetString(buffer.Written.Span));
            buffer.Clear();
        }
    }

    private sealed record FirstObservation(Code?[] Codes, decimal? Value, string Source);

    /// <summary>A file with what came of it; the file stays open as long as its observations are read.</summary>
    private sealed class Checked : IDisposable
    {
        private readonly FileStream stream;

        private Checked(string file, string dataset, string id, FileStream stream, CheckedRelease result) =>
            (File, Dataset, Id, this.stream, Result) = (file, dataset, id, stream, result);

        public string File { get; }

        public string Dataset { get; }

        public string Id { get; }

        public CheckedRelease Result { get; }

        public static async Task<Checked> RunAsync(string file, string? dataset, IAnsiConsole? terminal, CancellationToken cancellationToken)
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            try
            {
                var (name, id) = (Path.GetFileName(file), dataset ?? DatasetId.FromFileName(file));
                var release = ReleaseId.Of($"{id}/{name}", Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)));
                stream.Position = 0;
                var own = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, Profile.FileName);
                var about = new ReleaseContext(id) { OwnProfile = name != Profile.FileName && System.IO.File.Exists(own) ? Profile.Parse(await System.IO.File.ReadAllBytesAsync(own, cancellationToken)) : null };
                return new Checked(file, id, release, stream, terminal is null || stream.Length < LargeBytes ? Run(null)
                    : terminal.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                        .Start(progress => Run(progress.AddTask(Markup.Escape(TerminalText.Clean(name)), maxValue: 1))));

                CheckedRelease Run(IProgress<double>? progress) => ReleaseCheck.Run(stream, name, about, progress, cancellationToken);
            }
            catch (UnreadableReleaseException e)
            {
                throw new FailedException($"{Path.Combine(Path.GetDirectoryName(file) ?? "", Profile.FileName)}: {e.Finding.Where}: {e.Finding.Found}. Expected: {e.Finding.Expected}.", e);
            }
            catch
            {
                await stream.DisposeAsync();
                throw;
            }
        }

        public string DatasetOf(SortedCube cube) => cube.Cube.Suffix is null ? Dataset : Dataset + "_" + cube.Cube.Suffix;

        public void Dispose()
        {
            Result.Dispose();
            stream.Dispose();
        }
    }
}
