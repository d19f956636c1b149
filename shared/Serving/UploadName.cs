using System.Text;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>The names that datasets and uploaded files may have.</summary>
internal static class UploadName
{
    private const int MostFile = 200;
    private const string DatasetRule = "1 to 63 ASCII letters, digits, '-' or '_', the first a letter or a digit";
    private const string FileRule = "1 to 200 characters without '/', '\\' (nor '%2F', '%5C'), control characters, or '.' or a space at the beginning or end";

    /// <summary>Throws a problem that names what is allowed when a dataset's id is not.</summary>
    public static void CheckDataset(string id)
    {
        if (!DatasetId.IsValid(id))
            throw new ProblemException(StatusCodes.Status400BadRequest, "invalid-dataset-id", $"A dataset's id is {DatasetRule}.") { Parameter = "dataset", Value = id, Expected = DatasetRule };
    }

    /// <summary>Throws a problem that names what is allowed when a file's name is not.</summary>
    public static void CheckFile(string name)
    {
        // A slash that was sent encoded reaches some hosts decoded and some not; what XML can not hold makes the container's list unreadable.
        if (name.Length is 0 or > MostFile || name[0] == '.' || name[^1] == '.' || name != name.Trim()
            || name.EnumerateRunes().Any(r => Rune.IsControl(r) || r.Value is '/' or '\\' or 0xFFFD or 0xFFFE or 0xFFFF)
            || name.Contains("%2F", StringComparison.OrdinalIgnoreCase) || name.Contains("%5C", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(StatusCodes.Status400BadRequest, "invalid-file-name", $"A file's name is {FileRule}.") { Parameter = "file", Value = name, Expected = FileRule };
        }
    }
}
