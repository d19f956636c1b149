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

    /// <summary>A known format that is not read.</summary>
    public static UnreadableReleaseException Format(string format, string advice) => Because(
        "format-not-supported",
        $"The file is {format}, which is not read yet.",
        found: format,
        expected: "CSV or TSV, XLSX, XLS, plain text, Markdown or HTML",
        advice: advice);

    /// <summary>A workbook whose bytes do not hold together.</summary>
    public static UnreadableReleaseException Damaged(string detail, string? where = null, Exception? inner = null) => Because(
        "workbook-damaged",
        $"The workbook is damaged: {detail.TrimEnd('.')}.",
        where,
        expected: "a workbook as a spreadsheet program saves it",
        advice: "Open it in a spreadsheet program, save it again and upload that.",
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
