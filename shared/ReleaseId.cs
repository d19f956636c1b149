using System.Security.Cryptography;
using System.Text;

namespace Pipeline;

/// <summary>The id of a release: <c>{dataset}-{16 hex digits}</c>, derived from its path and its bytes, so that the same upload twice is one release.</summary>
public static class ReleaseId
{
    /// <summary>The dataset under which releases are kept whose path names no valid dataset.</summary>
    public const string NoDataset = "_invalid";

    /// <summary>The id of an upload.</summary>
    /// <param name="blobName">The blob's name in the container <c>releases</c>: <c>{dataset}/{file}</c>.</param>
    /// <param name="sha256">The SHA-256 of the bytes, in lower-case hex.</param>
    public static string Of(string blobName, string sha256)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(blobName + "\n" + sha256));
        return Dataset(blobName) + "-" + Convert.ToHexStringLower(hash.AsSpan(0, 8));
    }

    /// <summary>The dataset that a blob's name puts a release into; <see cref="NoDataset"/> when it names none that is valid.</summary>
    public static string Dataset(string blobName)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        var dataset = blobName.IndexOf('/', StringComparison.Ordinal) is > 0 and var cut ? blobName[..cut] : "";
        return DatasetId.IsValid(dataset) ? dataset : NoDataset;
    }
}
