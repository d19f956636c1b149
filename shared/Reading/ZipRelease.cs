using System.IO.Compression;

namespace Pipeline.Reading;

/// <summary>Reads a ZIP archive of several files (PKWARE APPNOTE.TXT) as one release: every entry with the reader that its content asks for.</summary>
/// <remarks>Entries are unpacked into one temporary file, so that they can be read more than once.</remarks>
internal static class ZipRelease
{
    private static readonly string[] Clutter = [".DS_Store", "desktop.ini", "Thumbs.db"];

    /// <summary>Reads the entries.</summary>
    public static ReadRelease Read(ZipPackage package, string name, ReaderLimits limits)
    {
        package.What = "archive";
        var entries = Entries(package, limits);
        package.CheckSizes();
        var spool = TemporaryFile.Create();
        var parts = new List<ReadRelease>();
        try
        {
            var findings = new Findings();
            Finding? last = null;
            foreach (var (path, entry) in entries)
            {
                var start = spool.Length;
                Unpack(package, entry, path, spool);
                try
                {
                    var part = ReleaseReader.ReadEntry(new ViewStream(spool, start: start, length: spool.Length - start), path, limits);
                    parts.Add(part);
                }
                catch (UnreadableReleaseException e) when (e.Finding.Code != "archive-nested")
                {
                    last = At(path, e.Finding);
                    findings.Add(new Finding(Severity.Warning, "entry-unreadable", $"The entry {path} of the archive is left out: {e.Finding.Message}")
                    {
                        Where = last.Where,
                        Found = e.Finding.Found,
                        Expected = e.Finding.Expected,
                        Advice = e.Finding.Advice,
                    });
                }
            }
            SetTextsAside(parts, findings);
            if (parts.Count == 0)
                throw last is not null && entries.Count == 1 ? new UnreadableReleaseException(last) : Nothing(entries.Count);
            package.Dispose();
            return Together(name, parts, findings, spool);
        }
        catch
        {
            foreach (var part in parts)
                part.Dispose();
            spool.Dispose();
            throw;
        }
    }

    private static List<(string Path, ZipArchiveEntry Entry)> Entries(ZipPackage package, ReaderLimits limits)
    {
        var entries = new List<(string, ZipArchiveEntry)>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in package.Entries)
        {
            var path = entry.FullName.Replace('\\', '/');
            var steps = path.Split('/');
            if (path.StartsWith('/') || path.Contains(':', StringComparison.Ordinal) || steps.Contains(".."))
                throw Refused("archive-path-unsafe", $"The archive's entry {path} names a place outside of the archive.", path, "entries with names of their own", "Make the archive again from the files.");
            if (path.EndsWith('/') || steps.Contains("__MACOSX") || Clutter.Contains(steps[^1], StringComparer.OrdinalIgnoreCase))
                continue;
            if (entry.IsEncrypted)
                throw Refused("archive-encrypted", $"The archive's entry {path} is encrypted with a password.", path, "an archive that opens without a password", "Make the archive without a password and upload that.");
            if (!seen.Add(path))
                throw Unreadable.Damaged($"it has two entries named {path}", path, what: "archive");
            entries.Add((path, entry));
            if (entries.Count > limits.Entries)
            {
                throw Refused(
                    "archive-too-large",
                    $"The archive has more than {Unreadable.N(limits.Entries)} entries.",
                    null,
                    $"at most {limits.Entries} entries",
                    "Split the archive, or put the figures together in fewer files.");
            }
        }
        return entries;
    }

    private static void Unpack(ZipPackage package, ZipArchiveEntry entry, string path, FileStream to)
    {
        try
        {
            using var from = entry.Open();
            var buffer = new byte[1 << 16];
            var rest = entry.Length;
            while (from.Read(buffer) is > 0 and var count)
            {
                rest -= count;
                if (rest < 0)
                    throw package.TooLarge($"its entry {path} unpacks to more than the {Unreadable.N(entry.Length)} bytes that its directory states");
                to.Position = to.Length;
                to.Write(buffer, 0, count);
            }
            if (rest > 0)
                throw new InvalidDataException($"the entry {path} ends after {Unreadable.N(entry.Length - rest)} of {Unreadable.N(entry.Length)} bytes");
            to.Flush();
        }
        catch (Exception e) when (ZipPackage.IsFault(e))
        {
            throw package.Damaged(e, path);
        }
    }

    // A page or a text beside tables tells about them; where there is nothing else, it is the release.
    private static void SetTextsAside(List<ReadRelease> parts, Findings findings)
    {
        var texts = parts.Exists(static part => part.Text is null) ? parts.FindAll(static part => part.Text is not null)
            : parts.Exists(static part => part.Tables.Count > 0) ? parts.FindAll(static part => part.Tables.Count == 0)
            : [];
        foreach (var text in texts)
        {
            findings.Add(new Finding(Severity.Information, "entry-is-text", $"The entry {text.FileName} of the archive is a text beside tables; its figures are not published.")
            {
                Where = text.FileName,
                Found = text.Format,
                Advice = "Upload it as a release of its own if it has figures that the tables lack.",
            });
            parts.Remove(text);
            text.Dispose();
        }
        if (parts.Count > 1 && parts.TrueForAll(static part => part.Tables.Count == 0 && part.Text is not null))
        {
            throw Refused(
                "archive-of-texts",
                $"The archive holds {Unreadable.N(parts.Count)} texts and no table.",
                parts[1].FileName,
                "tables, or one text",
                "Upload the texts one by one.");
        }
    }

    private static ReadRelease Together(string name, List<ReadRelease> parts, Findings findings, FileStream spool)
    {
        var sheets = new List<string>();
        foreach (var part in parts)
        {
            var first = sheets.Count;
            foreach (var sheet in part.Sheets)
                sheets.Add($"{part.FileName}/{sheet}");
            foreach (var table in part.Tables)
            {
                table.Place = table.Place < 0 ? sheets.Count : first + table.Place;
                if (table.Place == sheets.Count)
                    sheets.Add(part.FileName);
                table.Sheet = sheets[table.Place];
            }
            findings.Add(part.Findings, finding => At(part.FileName, finding));
            // What is found while rows are read belongs to the whole release too.
            part.Findings = findings;
        }
        return new ReadRelease("zip", spool)
        {
            FileName = name,
            Sheets = sheets,
            Tables = [.. parts.SelectMany(static part => part.Tables)],
            Text = parts.Count == 1 ? parts[0].Text : null,
            Parts = parts,
            Findings = findings,
        };
    }

    private static Finding At(string path, Finding finding) => finding with
    {
        Where = finding.Where is null ? path : finding.Where.Contains('!', StringComparison.Ordinal) ? $"{path}/{finding.Where}" : $"{path}!{finding.Where}",
    };

    private static UnreadableReleaseException Nothing(int entries) => Refused(
        entries == 0 ? "archive-empty" : "archive-unreadable",
        entries == 0 ? "The archive has no entries." : $"None of the archive's {Unreadable.N(entries)} entries can be read.",
        null,
        "files in a format that is read: " + Unreadable.Formats,
        "Put the files with the figures into the archive.");

    private static UnreadableReleaseException Refused(string code, string message, string? where, string expected, string advice) =>
        Unreadable.Because(code, message, where, expected: expected, advice: advice);
}
