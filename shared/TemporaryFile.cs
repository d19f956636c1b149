namespace Pipeline;

/// <summary>Files for what does not fit into memory: in the temporary folder, gone when closed or when the process dies.</summary>
internal static class TemporaryFile
{
    /// <summary>Creates one, open for reading and writing.</summary>
    public static FileStream Create()
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), $"pipeline-{Guid.NewGuid():N}.tmp"),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        // Only Windows deletes on close for a process that is killed; elsewhere an open file does not need its name.
        if (!OperatingSystem.IsWindows())
            File.Delete(file.Name);
        return file;
    }
}
