using System.Buffers;

namespace Pipeline.Reading;

/// <summary>Reads a release: tells by its content what it is, and opens it with the reader for that.</summary>
public static class ReleaseReader
{
    private static readonly SearchValues<byte> White = SearchValues.Create(" \t\r\n\f\v\0"u8);
    private static readonly string[] TableEndings = [".csv", ".tsv", ".tab", ".psv"];

    /// <summary>Reads a release.</summary>
    /// <param name="stream">The bytes, seekable; stays open as long as the result is used, and is not disposed by it. One reader at a time may use it.</param>
    /// <param name="fileName">The file's name; its ending decides only between formats that the content leaves open (CSV, text, Markdown).</param>
    /// <param name="limits">How far to go before a file is refused; <see cref="ReaderLimits.Default"/> when null.</param>
    /// <exception cref="UnreadableReleaseException">The bytes are no release that can be read: the finding says what was found, what was expected and what to do.</exception>
    public static ReadRelease Read(Stream stream, string fileName, ReaderLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(fileName);
        if (!stream.CanSeek)
            throw new ArgumentException("A stream that can seek is expected.", nameof(stream));
        return Read(stream, Path.GetFileName(fileName), limits ?? ReaderLimits.Default, isEntry: false);
    }

    /// <summary>Reads an entry of an archive, which may not be an archive itself.</summary>
    internal static ReadRelease ReadEntry(Stream stream, string path, ReaderLimits limits) => Read(stream, path, limits, isEntry: true);

    private static ReadRelease Read(Stream stream, string name, ReaderLimits limits, bool isEntry)
    {
        var view = new ViewStream(stream);
        if (IsEmpty(view))
        {
            throw Unreadable.Because(
                "file-empty",
                view.Length == 0 ? "The file has no bytes." : "The file holds nothing but white space.",
                found: $"{view.Length} bytes",
                expected: "a release with at least one figure",
                advice: "Check the file and upload it again; the transfer may have been cut off.");
        }
        var release = ContentSniffer.Binary(view) switch
        {
            BinaryFormat.Zip => ReadPackage(stream, name, limits, isEntry),
            BinaryFormat.Compound or BinaryFormat.Biff => XlsWorkbook.Read(stream, name, limits),
            _ => ReadCharacters(stream, view, name, limits),
        };
        NameFinding(release);
        return release;
    }

    private static ReadRelease ReadPackage(Stream stream, string name, ReaderLimits limits, bool isEntry)
    {
        var package = new ZipPackage(stream, limits);
        try
        {
            return package.Content switch
            {
                PackageContent.OpenDocument => OdsWorkbook.Read(package, name, limits),
                PackageContent.Word => DocxDocument.Read(package, name, limits),
                PackageContent.Office => XlsxWorkbook.Read(package, name, limits),
                _ when isEntry => throw Unreadable.Because(
                    "archive-nested",
                    $"The archive's entry {name} is an archive itself.",
                    name,
                    "a ZIP archive",
                    "files in the archive",
                    "Unpack the inner archive and make one archive of all files."),
                _ => ZipRelease.Read(package, name, limits),
            };
        }
        catch (Exception e) when (ZipPackage.IsFault(e))
        {
            package.Dispose();
            throw package.Damaged(e);
        }
        catch
        {
            package.Dispose();
            throw;
        }
    }

    private static ReadRelease ReadCharacters(Stream stream, ViewStream view, string name, ReaderLimits limits)
    {
        var findings = new Findings();
        var encoding = TextEncoding.Detect(view, ContentSniffer.DeclaredEncoding(view) ?? PxDocument.DeclaredEncoding(view), findings);
        var sample = encoding.Decode(view, 1 << 17);
        var whole = view.Length <= 1 << 17;
        if (SdmxMessage.Read(stream, sample, encoding, findings, limits) is { } message)
        {
            var data = new ReadRelease(message.Format) { FileName = name, Encoding = encoding.Name, Sdmx = message };
            data.Findings.Add(findings);
            return data;
        }
        var ending = Path.GetExtension(name).ToLowerInvariant();
        ReadRelease release;
        if (PxDocument.Is(sample))
        {
            release = new ReadRelease("px") { FileName = name, Encoding = encoding.Name, Px = PxDocument.Read(Whole(), findings) };
            release.Findings.Add(findings);
            return release;
        }
        if (JsonStatDocument.MayBe(sample) && JsonStatDocument.Read(Whole(), findings) is { } jsonStat)
        {
            release = new ReadRelease("json-stat") { FileName = name, Encoding = encoding.Name, JsonStat = jsonStat };
            release.Findings.Add(findings);
            return release;
        }
        ContentSniffer.RefuseOtherFormats(sample);
        if (ContentSniffer.IsHtml(sample))
        {
            var text = Whole();
            var found = new DocumentTables(limits);
            var document = HtmlText.Read(text, found);
            release = Document("html", name, encoding, document, found.Build(document.Blocks));
        }
        else if (ending is not ".md" and not ".markdown" && CsvSniffer.Tell(sample, whole, TableEndings.Contains(ending)) is { } dialect)
        {
            release = new ReadRelease("csv") { FileName = name, Encoding = encoding.Name, Tables = [JointKeysTable.Of(new CsvTable(stream, encoding, dialect, limits))] };
        }
        else
        {
            var markdown = ending is ".md" or ".markdown" || ContentSniffer.IsMarkdown(sample);
            var text = Whole();
            var found = new DocumentTables(limits);
            var document = markdown ? MarkdownText.Read(text, found) : PlainText.Read(text);
            release = Document(markdown ? "markdown" : "text", name, encoding, document, found.Build(document.Blocks));
        }
        release.Findings.Add(findings);
        return release;

        // a file that is not larger than the sample has been decoded whole
        string Whole() => whole && view.Length <= limits.TextBytes ? sample : ReleaseReader.Whole(view, encoding, limits);
    }

    private static ReadRelease Document(string format, string name, TextEncoding encoding, TextDocument text, List<Table> tables) => new(format)
    {
        FileName = name,
        Encoding = encoding.Name,
        Text = text,
        Tables = tables,
        Sheets = tables.ConvertAll(static table => table.Sheet!),
    };

    private static string Whole(ViewStream view, TextEncoding encoding, ReaderLimits limits)
    {
        if (view.Length <= limits.TextBytes)
            return encoding.Decode(view, view.Length);
        throw Unreadable.Because(
            "text-too-large",
            $"The file is a text of {Unreadable.N(view.Length)} bytes; {Unreadable.N(limits.TextBytes)} is the limit for text (a CSV has none).",
            found: $"{view.Length} bytes",
            expected: $"at most {limits.TextBytes} bytes of text",
            advice: "Upload the figures as CSV, or one release a file.");
    }

    private static bool IsEmpty(ViewStream view)
    {
        var buffer = new byte[Math.Min(1 << 16, Math.Max(1, view.Length))];
        view.Position = 0;
        var preamble = true;
        while (view.Read(buffer) is > 0 and var read)
        {
            var bytes = buffer.AsSpan(0, read);
            if (preamble)
                bytes = bytes.StartsWith("\ufeff"u8) ? bytes[3..] : bytes.Length >= 2 && (bytes is [0xff, 0xfe, ..] or [0xfe, 0xff, ..]) ? bytes[2..] : bytes;
            preamble = false;
            if (bytes.ContainsAnyExcept(White))
                return false;
        }
        return true;
    }

    private static void NameFinding(ReadRelease release)
    {
        var ending = Path.GetExtension(release.FileName).ToLowerInvariant();
        string? named = ending switch
        {
            ".csv" or ".tsv" or ".tab" or ".psv" => "csv",
            ".xlsx" or ".xlsm" or ".xltx" or ".xltm" => "xlsx",
            ".xls" or ".xlt" => "xls",
            ".html" or ".htm" or ".xhtml" => "html",
            ".json" when release.JsonStat is not null => release.Format,
            ".ods" or ".docx" or ".doc" or ".pdf" or ".zip" or ".px" or ".xml" or ".json" or ".xlsb" => ending[1..],
            _ => null,
        };
        // A text may be called .txt or .md whatever its mark-up, and a table in a text file is no surprise either.
        var plain = ending is ".txt" or ".md" or ".markdown" && release.Format is not ("text" or "markdown" or "csv");
        if (named == release.Format || (named is null && !plain) || (release.Format, named) is ("sdmx-csv", "csv") or ("sdmx-ml", "xml") or ("sdmx-json", "json"))
            return;
        release.Findings.Add(new Finding(
            Severity.Information,
            "name-differs-from-content",
            $"The file is named {ending} but its content is {release.Format}; it was read as {release.Format}.")
        {
            Found = release.Format,
            Expected = named ?? "text",
            Advice = "Nothing, unless this is not the file you meant.",
        });
    }
}
