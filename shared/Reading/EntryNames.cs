using System.Text;

namespace Pipeline.Reading;

/// <summary>
/// Decodes the names in a ZIP archive that do not say that they are UTF-8: they are in the code page of the machine that packed them. Taken are UTF-8 where
/// they read as that, else GB 18030, else IBM code page 437, which is ZIP's own (APPNOTE.TXT, appendix D).
/// </summary>
internal sealed class EntryNames : Encoding
{
    private static readonly Encoding[] Candidates = Of();

    /// <summary>The encoding.</summary>
    public static EntryNames Instance { get; } = new();

    public override int GetCharCount(byte[] bytes, int index, int count) => Of(bytes, index, count).GetCharCount(bytes, index, count);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        Of(bytes, byteIndex, byteCount).GetChars(bytes, byteIndex, byteCount, chars, charIndex);

    public override int GetMaxCharCount(int byteCount) => Candidates[0].GetMaxCharCount(byteCount);

    public override int GetByteCount(char[] chars, int index, int count) => Candidates[0].GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => Candidates[0].GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetMaxByteCount(int charCount) => Candidates[0].GetMaxByteCount(charCount);

    private static Encoding Of(byte[] bytes, int index, int count)
    {
        foreach (var encoding in Candidates)
        {
            try
            {
                encoding.GetCharCount(bytes, index, count);
                return encoding;
            }
            catch (DecoderFallbackException)
            {
                // The next one, then; the last one knows every byte.
            }
        }
        return Candidates[^1];
    }

    private static Encoding[] Of()
    {
        RegisterProvider(CodePagesEncodingProvider.Instance);
        return [new UTF8Encoding(false, true), GetEncoding("gb18030", EncoderFallback.ReplacementFallback, DecoderFallback.ExceptionFallback), GetEncoding(437)];
    }
}
