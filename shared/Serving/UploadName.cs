using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>The names that datasets and uploaded files may have.</summary>
internal static class UploadName
{
    private const int MostFile = 200;
    private const string DatasetRule = "1 to 63 ASCII letters, digits, '-' or '_', the first a letter or a digit";
    private const string FileRule = "1 to 200 characters without '/', '\\', control characters or a leading '.'";

    /// <summary>Throws a problem that names what is allowed when a dataset's id is not.</summary>
    public static void CheckDataset(string id)
    {
        if (!DatasetId.IsValid(id))
            throw new ProblemException(StatusCodes.Status400BadRequest, "invalid-dataset-id", $"A dataset's id is {DatasetRule}.") { Parameter = "dataset", Value = id, Expected = DatasetRule };
    }

    /// <summary>Throws a problem that names what is allowed when a file's name is not.</summary>
    public static void CheckFile(string name)
    {
        if (name.Length is 0 or > MostFile || name[0] == '.' || name.Any(c => char.IsControl(c) || c is '/' or '\\') || name != name.Trim()
            || !System.Text.Unicode.Utf8.IsValid(System.Text.Encoding.UTF8.GetBytes(name)) || name.AsSpan().IndexOf('\uFFFD') >= 0)
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "invalid-file-name", $"A file's name is {FileRule}.") { Parameter = "file", Value = name, Expected = FileRule };
        }
    }
}
