using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Understanding;

/// <summary>Codes for labels that no vocabulary knows: the same label gives the same code in every release.</summary>
internal static class LabelCode
{
    /// <summary><c>C_</c> and the first 10 hexadecimal digits of the SHA-256 of the label in NFKC and upper case.</summary>
    public static string Of(string label) =>
        "C_" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Vocabulary.Normalize(label).ToUpperInvariant())).AsSpan(0, 5));
}
