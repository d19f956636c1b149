using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Pipeline.Reading;

namespace Pipeline.Serving;

/// <summary>Refuses addresses whose bytes are not UTF-8 (RFC 3986, 2.5), as a console or a page in GBK sends them: they would be taken for other words, which nothing is called.</summary>
internal static class AddressEncoding
{
    private static readonly SearchValues<char> Delimiters = SearchValues.Create("/?&=,:#");
    private static readonly Encoding Gb18030 = OfChinese();

    /// <summary>What is wrong with an address; null for nothing.</summary>
    public static ProblemException? Problem(HttpContext context)
    {
        var target = (context.Features.Get<IHttpRequestFeature>()?.RawTarget).AsSpan();
        for (var at = target.IndexOf('%'); at >= 0;)
        {
            // Most are of ASCII: spaces and quotation marks.
            var run = target.Length > at + 1 && target[at + 1] < '8' ? 1 : Run(target[at..]);
            if (run <= 1 || Utf8.IsValid(Bytes(target.Slice(at, run))))
            {
                var from = at + Math.Max(run, 1);
                at = target[from..].IndexOf('%') is >= 0 and var next ? from + next : -1;
                continue;
            }
            // GB 18030 has letters among its second bytes: a whole part of the address has to be read.
            var start = target[..at].LastIndexOfAny(Delimiters) + 1;
            var wrong = target[start..(target[at..].IndexOfAny(Delimiters) is >= 0 and var end ? at + end : target.Length)].ToString();
            var read = Read(wrong);
            return new ProblemException(StatusCodes.Status400BadRequest, "request-unreadable", $"The address is not in UTF-8: '{ProblemException.Short(wrong)}'"
                + (read is null ? "." : $" is '{ProblemException.Short(read)}' in GB 18030; in UTF-8 it is '{ProblemException.Short(Uri.EscapeDataString(read))}'."))
            {
                Value = wrong,
                Expected = "an address that is percent-encoded in UTF-8",
                DidYouMean = read is null ? null : Uri.EscapeDataString(read),
            };
        }
        return null;
    }

    private static bool IsEscape(ReadOnlySpan<char> text) => text.Length > 2 && text[0] == '%' && char.IsAsciiHexDigit(text[1]) && char.IsAsciiHexDigit(text[2]);

    // How many characters are escapes.
    private static int Run(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (IsEscape(text[length..]))
            length += 3;
        return length;
    }

    private static byte[] Bytes(ReadOnlySpan<char> text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (!IsEscape(text[i..]))
            {
                bytes.Add((byte)text[i]);
                continue;
            }
            bytes.Add(byte.Parse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            i += 2;
        }
        return [.. bytes];
    }

    private static string? Read(string text)
    {
        var bytes = Bytes(text);
        try
        {
            // UTF-8 that was cut off reads as rare characters.
            return LegacyEncoding.Tell(bytes) == "gb18030" ? Gb18030.GetString(bytes) : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static Encoding OfChinese()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        return Encoding.GetEncoding("gb18030", EncoderFallback.ReplacementFallback, DecoderFallback.ExceptionFallback);
    }
}
