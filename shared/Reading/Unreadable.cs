using System.Globalization;

namespace Pipeline.Reading;

/// <summary>Composes the refusals of the readers.</summary>
internal static class Unreadable
{
    /// <summary>A refusal with its coordinates.</summary>
    public static UnreadableReleaseException Because(
        string code,
        string message,
        string? where = null,
        string? found = null,
        string? expected = null,
        string? advice = null,
        Exception? inner = null) =>
        new(new Finding(Severity.Error, code, message) { Where = where, Found = found, Expected = expected, Advice = advice }, inner);

    /// <summary>What is read, for a finding.</summary>
    public const string Formats = "CSV or TSV, XLSX, XLS, ODS, DOCX, HTML, Markdown, plain text, or a ZIP archive of such files";

    /// <summary>A known format that is not read.</summary>
    public static UnreadableReleaseException Format(string format, string advice) => Because(
        "format-not-supported",
        $"The file is {format}, which is not read yet.",
        found: format,
        expected: Formats,
        advice: advice);

    /// <summary>A workbook, document or archive whose bytes do not hold together.</summary>
    public static UnreadableReleaseException Damaged(string detail, string? where = null, Exception? inner = null, string what = "workbook") => Because(
        what + "-damaged",
        $"The {what} is damaged: {detail.TrimEnd('.')}.",
        where,
        expected: $"a {what} as the program that made it saves it",
        advice: what == "archive" ? "Make it again from the files, or upload them one by one." : "Open it in the program that made it, save it again and upload that.",
        inner: inner);

    /// <summary>A workbook behind a password.</summary>
    public static UnreadableReleaseException Encrypted() => Because(
        "workbook-encrypted",
        "The workbook is encrypted with a password.",
        expected: "a workbook that opens without a password",
        advice: "Save it without a password and upload that.");

    /// <summary>A number for a message: 16,384.</summary>
    public static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
