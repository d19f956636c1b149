namespace Pipeline.Reading;

/// <summary>Reads a release: tells by its content what it is, and opens it with the reader for that.</summary>
public static class ReleaseReader
{
    /// <summary>Reads a release.</summary>
    /// <param name="stream">The bytes, seekable; stays open as long as the result is used, and is not disposed by it.</param>
    /// <param name="fileName">The file's name; its ending decides only between formats that the content leaves open (CSV, text, Markdown).</param>
    /// <exception cref="UnreadableReleaseException">The bytes are no release that can be read: the finding says what was found, what was expected and what to do.</exception>
    public static ReadRelease Read(Stream stream, string fileName) => throw new NotSupportedException();
}
