namespace Pipeline;

/// <summary>Files for what does not fit into memory: in the temporary folder, gone when closed or when the process dies.</summary>
internal static class TemporaryFile
{
    /// <summary>Creates one, open for reading and writing.</summary>
    public static FileStream Create() => new(
        Path.Combine(Path.GetTempPath(), $"pipeline-{Guid.NewGuid():N}.tmp"),
        FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
}
