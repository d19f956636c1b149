using System.Text.RegularExpressions;

namespace Pipeline.Reading;

/// <summary>What the first bytes of a file show.</summary>
internal enum BinaryFormat
{
    /// <summary>No known container: characters, or nothing that is read.</summary>
    None,

    /// <summary>A ZIP container, which XLSX, ODS and DOCX are.</summary>
    Zip,

    /// <summary>An OLE compound file, which XLS since BIFF5 and encrypted XLSX are.</summary>
    Compound,

    /// <summary>A bare record stream of BIFF2 to BIFF4.</summary>
    Biff,
}

/// <summary>Tells formats by their content.</summary>
internal static partial class ContentSniffer
{
    /// <summary>The container that the first bytes show.</summary>
    /// <exception cref="UnreadableReleaseException">It is a format that is not read.</exception>
    public static BinaryFormat Binary(ViewStream stream)
    {
        var buffer = new byte[4096];
        stream.Position = 0;
        ReadOnlySpan<byte> head = buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        if (head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8) || head.StartsWith("PK\u0007\u0008"u8))
            return BinaryFormat.Zip;
        if (head is [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..])
            return BinaryFormat.Compound;
        if (head is [0x09, 0x00 or 0x02 or 0x04, 0x04 or 0x06 or 0x08, 0x00, _, _, ..] && head.Length > 12)
            return BinaryFormat.Biff;
        if (head.StartsWith("%PDF-"u8))
            throw Unreadable.Format("a PDF", "Upload the workbook, the CSV or the text that the PDF was made from.");
        if (head.StartsWith("{\\rtf"u8))
            throw Unreadable.Format("an RTF document", "Save it as DOCX, plain text or HTML and upload that.");
        if (head is [0x1f, 0x8b, ..] || head.StartsWith("7z\u00bc\u00af"u8) || head.StartsWith("Rar!"u8) || head.StartsWith("BZh"u8)
            || head is [0xfd, 0x37, 0x7a, 0x58, ..] or [0x37, 0x7a, 0xbc, 0xaf, ..] or [0x28, 0xb5, 0x2f, 0xfd, ..])
            throw Unreadable.Format("a compressed archive", "Unpack it and upload the files one by one, or as a ZIP archive.");
        if (head.StartsWith("PAR1"u8))
            throw Unreadable.Format("a Parquet file", "Export it as CSV and upload that.");
        if (head is [0x89, 0x50, 0x4e, 0x47, ..] or [0xff, 0xd8, 0xff, ..] || head.StartsWith("GIF8"u8))
            throw Unreadable.Format("an image", "Upload the workbook, the CSV or the text with the figures.");
        return BinaryFormat.None;
    }

    /// <summary>The encoding that a page or an XML file declares of itself, if any.</summary>
    public static string? DeclaredEncoding(ViewStream stream)
    {
        var buffer = new byte[4096];
        stream.Position = 0;
        var head = System.Text.Encoding.Latin1.GetString(buffer, 0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        if (!head.TrimStart().StartsWith('<') && !head.StartsWith("\u00ef\u00bb\u00bf<", StringComparison.Ordinal))
            return null;
        var match = Charset().Match(head);
        return match.Success ? match.Groups[1].Value : null;
    }

    /// <summary>Refuses texts that are in a format of their own, which is not read.</summary>
    public static void RefuseOtherFormats(string sample)
    {
        var text = sample.AsSpan().TrimStart();
        if (Garbled(sample))
        {
            throw Unreadable.Because(
                "format-unknown",
                "The file is in no format that is known here: it is neither text nor a workbook.",
                found: "bytes " + Convert.ToHexString(System.Text.Encoding.Latin1.GetBytes(sample[..Math.Min(16, sample.Length)])),
                expected: Unreadable.Formats,
                advice: "Save the release in one of these formats and upload that.");
        }
        if (text is ['{', ..] && JsonObject().IsMatch(sample) || text is ['[', ..] && JsonArray().IsMatch(sample))
        {
            throw Unreadable.Format(
                sample.Contains("json-stat", StringComparison.OrdinalIgnoreCase) || JsonStat().IsMatch(sample) ? "JSON-stat"
                    : sample.Contains("sdmx", StringComparison.OrdinalIgnoreCase) ? "SDMX-JSON"
                    : "JSON",
                "Upload the same figures as CSV or as a workbook.");
        }
        if (text.StartsWith("MIME-Version:", StringComparison.OrdinalIgnoreCase))
            throw Unreadable.Format("a web archive (MHTML)", "Save it as XLSX, or the page as HTML, and upload that.");
        if (text is ['<', ..] && !IsHtml(sample) && Xml().IsMatch(sample))
        {
            if (sample.Contains("urn:schemas-microsoft-com:office:spreadsheet", StringComparison.Ordinal))
                throw Unreadable.Format("an Excel 2003 XML spreadsheet", "Save it as XLSX and upload that.");
            if (sample.Contains("sdmx.org/resources/sdmxml", StringComparison.OrdinalIgnoreCase))
                throw Unreadable.Format("SDMX-ML", "Upload the same figures as SDMX-CSV, CSV or as a workbook.");
            throw Unreadable.Format("XML", "Upload the same figures as CSV or as a workbook.");
        }
    }

    /// <summary>Whether a text is a page or a piece of one.</summary>
    public static bool IsHtml(string sample)
    {
        var start = Lead().Match(sample).Length;
        return HtmlStart().IsMatch(sample.AsSpan(start, Math.Min(64, sample.Length - start)))
            || (start < sample.Length && sample[start] == '<' && sample.Contains("<html", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a text shows the mark-up of Markdown: two different kinds of it, or several headings.</summary>
    public static bool IsMarkdown(string sample)
    {
        var headings = AtxHeading().Count(sample);
        var kinds = (headings > 0 ? 1 : 0)
            + (MarkdownLink().IsMatch(sample) ? 1 : 0)
            + (Strong().IsMatch(sample) ? 1 : 0)
            + (PipeRule().IsMatch(sample) ? 1 : 0)
            + (Fence().IsMatch(sample) ? 1 : 0);
        return headings > 1 || kinds >= 2;
    }

    private static bool Garbled(string sample)
    {
        var odd = 0;
        foreach (var c in sample)
            odd += c < ' ' && c is not ('\r' or '\n' or '\t' or '\f' or '\v' or '\u001a' or '\u001b') ? 1 : 0;
        return odd * 50 > sample.Length;
    }

    [GeneratedRegex("""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();

    [GeneratedRegex("""\A\s*\{\s*(?:"(?:[^"\\]|\\.){0,200}"\s*:|\})""")]
    private static partial Regex JsonObject();

    [GeneratedRegex("""\A\s*\[\s*(?:[\[{]|"(?:[^"\\]|\\.){0,200}"\s*[,\]]|-?\d+(?:\.\d+)?\s*,)""")]
    private static partial Regex JsonArray();

    [GeneratedRegex("""\A\s*\{\s*"(?:version|class|label|dataset)"[\s\S]{0,2000}"dimension"\s*:""")]
    private static partial Regex JsonStat();

    [GeneratedRegex("""\A\s*<(?:\?xml|!--|!DOCTYPE|[A-Za-z_][\w.-]*(?::[\w.-]+)?(?:\s|/?>))""")]
    private static partial Regex Xml();

    [GeneratedRegex("""\A(?:\s+|<\?xml[^>]{0,500}>|<!--(?>[\s\S]*?-->))*""")]
    private static partial Regex Lead();

    [GeneratedRegex("""\A<(?:!doctype\s+html|html|head|body|meta|title|style|script|table|div|p|h[1-6]|ul|ol|section|article|main|span|center|font|br|a)(?:\s|/?>|\z)""", RegexOptions.IgnoreCase)]
    private static partial Regex HtmlStart();

    [GeneratedRegex("""^ {0,3}#{1,6}[ \t]+\S""", RegexOptions.Multiline)]
    private static partial Regex AtxHeading();

    [GeneratedRegex("""\[[^\[\]\n]{1,200}\]\([^()\s]{1,500}\)""")]
    private static partial Regex MarkdownLink();

    [GeneratedRegex("""\*\*[^\s*][^*\n]{0,200}\*\*""")]
    private static partial Regex Strong();

    [GeneratedRegex("""^ {0,3}\|?(?: *:?-{3,}:? *\|)+ *(?::?-{3,}:? *)?\r?$""", RegexOptions.Multiline)]
    private static partial Regex PipeRule();

    [GeneratedRegex("""^ {0,3}(?:```|~~~)""", RegexOptions.Multiline)]
    private static partial Regex Fence();
}
