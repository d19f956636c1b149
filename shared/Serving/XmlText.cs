using System.Xml;

namespace Pipeline.Serving;

/// <summary>What all texts in XML that is written have in common: they come from uploads, which may hold anything.</summary>
internal static class XmlText
{
    /// <summary>A text without what XML 1.0 can not hold: such characters become U+FFFD.</summary>
    public static string Clean(string text)
    {
        var bad = 0;
        while (bad < text.Length && XmlConvert.IsXmlChar(text[bad]))
            bad++;
        if (bad == text.Length)
            return text;
        return string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
            {
                if (char.IsHighSurrogate(from[i]) && i + 1 < from.Length && char.IsLowSurrogate(from[i + 1]))
                    (to[i], to[i + 1], i) = (from[i], from[i + 1], i + 1);
                else
                    to[i] = XmlConvert.IsXmlChar(from[i]) ? from[i] : '\uFFFD';
            }
        });
    }
}
