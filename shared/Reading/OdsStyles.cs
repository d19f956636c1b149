using System.Buffers;
using System.Globalization;
using System.Text;
using System.Xml;

namespace Pipeline.Reading;

/// <summary>The styles of an OpenDocument file (ODF 1.3 part 3, chapters 16 to 20) as far as they say what a cell is: number format, indent, bold, raised, hidden.</summary>
internal sealed class OdsStyles
{
    private const string Style = "urn:oasis:names:tc:opendocument:xmlns:style:1.0";
    private const string Number = "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0";
    private const string Fo = "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0";
    private const int MostParents = 32;
    private const int LongestFormat = 1_000;
    private const double PointsAStep = 10; // what the button for a larger indent adds

    private static readonly SearchValues<char> Bare = SearchValues.Create(" -()/:.,"); // mean themselves in a number format

    private readonly Dictionary<(string Family, string Name), Definition> styles = [];
    private readonly Dictionary<string, DataStyle> formats = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> cells = new(StringComparer.Ordinal);
    private readonly List<CellStyle> known = [];

    /// <summary>The cell styles that were asked for, which <see cref="Cell"/> counts.</summary>
    public IReadOnlyList<CellStyle> Cells => known;

    /// <summary>Reads the style or number format that the reader is on, if it is on one. The reader stays on the element or at its end.</summary>
    public void Read(XmlReader xml)
    {
        if (xml.NamespaceURI == Style && xml.LocalName is "style" or "default-style")
            ReadStyle(xml);
        else if (xml.NamespaceURI == Number && xml.LocalName.EndsWith("-style", StringComparison.Ordinal) && xml.GetAttribute("name", Style) is { } name)
            formats[name] = new DataStyle(xml.LocalName, ReadFormat(xml, out var maps), maps);
    }

    /// <summary>The index in <see cref="Cells"/> of a cell style by its name.</summary>
    /// <param name="name">The name; null for none.</param>
    /// <param name="percentage">Whether the cell's value is a percentage, which shows without a number format too.</param>
    public int Cell(string? name, bool percentage)
    {
        var key = (percentage ? "%" : " ") + name;
        if (cells.TryGetValue(key, out var index))
            return index;
        string? format = null;
        if (FormatOf(name) is { } data && formats.TryGetValue(data, out var own))
            format = Format(own);
        if (percentage && format?.Contains('%', StringComparison.Ordinal) != true)
            format = "0%";
        var indent = (Find("table-cell", name, static style => style.Margin) ?? 0) + (Find("table-cell", name, static style => style.Padding) ?? 0);
        known.Add(new CellStyle(
            format,
            NumberFormat.IsDate(format),
            (byte)Math.Clamp(Math.Round(indent / PointsAStep), 0, byte.MaxValue),
            Find("table-cell", name, static style => style.Bold) ?? false));
        return cells[key] = known.Count - 1;
    }

    /// <summary>Whether a span of text is raised.</summary>
    public bool IsRaised(string? name) => Find("text", name, static style => style.Raised) ?? false;

    /// <summary>Whether a span of text says that it is bold or not; null when it leaves that to the cell.</summary>
    public bool? IsBold(string? name) => name is null ? null : Find("text", name, static style => style.Bold);

    /// <summary>Whether a style of tables hides them.</summary>
    public bool IsHidden(string? name) => Find("table", name, static style => style.Hidden) ?? false;

    private T? Find<T>(string family, string? name, Func<Definition, T?> property)
        where T : struct
    {
        for (var steps = 0; name is not null && steps < MostParents && styles.TryGetValue((family, name), out var style); name = style.Parent, steps++)
            if (property(style) is { } value)
                return value;
        return styles.TryGetValue((family, ""), out var defaults) ? property(defaults) : null;
    }

    private string? FormatOf(string? name)
    {
        for (var steps = 0; name is not null && steps < MostParents && styles.TryGetValue(("table-cell", name), out var style); name = style.Parent, steps++)
            if (style.Format is { } format)
                return format;
        return null;
    }

    private void ReadStyle(XmlReader xml)
    {
        var family = xml.GetAttribute("family", Style) ?? "";
        var name = xml.LocalName == "style" ? xml.GetAttribute("name", Style) ?? "" : "";
        var style = new Definition { Parent = xml.GetAttribute("parent-style-name", Style), Format = xml.GetAttribute("data-style-name", Style) };
        if (!xml.IsEmptyElement)
        {
            var depth = xml.Depth;
            while (xml.Read() && xml.Depth > depth)
            {
                if (xml.NodeType != XmlNodeType.Element || xml.Depth > depth + 1)
                    continue;
                switch (xml.LocalName)
                {
                    case "text-properties":
                        if (xml.GetAttribute("font-weight", Fo) is { } weight)
                            style.Bold = weight == "bold" || (int.TryParse(weight, NumberStyles.None, CultureInfo.InvariantCulture, out var heavy) && heavy >= 600);
                        // "super 58%" or how far it is raised: "33% 58%"; lowered text has a minus.
                        if (xml.GetAttribute("text-position", Style) is { Length: > 0 } position)
                            style.Raised = position.StartsWith("super", StringComparison.Ordinal) || (char.IsAsciiDigit(position[0]) && position[0] != '0');
                        break;
                    case "paragraph-properties":
                        style.Margin = Points(xml.GetAttribute("margin-left", Fo)) ?? style.Margin;
                        break;
                    case "table-cell-properties":
                        style.Padding = Points(xml.GetAttribute("padding-left", Fo) ?? xml.GetAttribute("padding", Fo)) ?? style.Padding;
                        break;
                    case "table-properties":
                        style.Hidden = xml.GetAttribute("display", OdsWorkbook.Table) is { } display ? display == "false" : style.Hidden;
                        break;
                    default:
                        break;
                }
            }
        }
        styles[(family, name)] = style;
    }

    private static double? Points(string? length)
    {
        if (length is not { Length: > 2 } || !double.TryParse(length.AsSpan(0, length.Length - 2), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return null;
        return length.AsSpan(length.Length - 2) switch
        {
            "pt" => number,
            "cm" => number * 72 / 2.54,
            "mm" => number * 72 / 25.4,
            "in" => number * 72,
            "pc" => number * 12,
            "px" => number * 0.75,
            _ => null,
        };
    }

    // A style with conditions is the last section; the styles it maps to are those before it, in Excel's order.
    private string? Format(in DataStyle style)
    {
        if (style.Kind is "boolean-style" || (style.Maps.Count == 0 && style.Text == "General"))
            return null;
        if (style.Kind == "text-style")
            return "@";
        var sections = new List<string>();
        foreach (var map in style.Maps)
            if (formats.TryGetValue(map, out var section))
                sections.Add(section.Text);
        sections.Add(style.Text);
        return string.Join(';', sections);
    }

    private static string ReadFormat(XmlReader xml, out List<string> maps)
    {
        maps = [];
        var format = new StringBuilder();
        var elapsed = xml.LocalName == "time-style" && xml.GetAttribute("truncate-on-overflow", Number) == "false";
        var percentage = xml.LocalName == "percentage-style";
        if (xml.IsEmptyElement)
            return "";
        var depth = xml.Depth;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element || xml.Depth > depth + 1 || format.Length > LongestFormat)
                continue;
            var isLong = xml.GetAttribute("style", Number) == "long";
            switch (xml.LocalName)
            {
                case "number":
                    format.Append(Digits(xml));
                    break;
                case "scientific-number":
                    format.Append(Digits(xml)).Append("E+").Append('0', Clamp(xml.GetAttribute("min-exponent-digits", Number), 2));
                    break;
                case "fraction":
                    format.Append("# ?/?");
                    break;
                case "text" or "currency-symbol":
                    Literal(format, xml.IsEmptyElement ? "" : xml.ReadString(), percentage);
                    break;
                case "day":
                    format.Append(isLong ? "dd" : "d");
                    break;
                case "day-of-week":
                    format.Append(isLong ? "dddd" : "ddd");
                    break;
                case "month":
                    format.Append(xml.GetAttribute("textual", Number) == "true" ? isLong ? "mmmm" : "mmm" : isLong ? "mm" : "m");
                    break;
                case "year":
                    format.Append(isLong ? "yyyy" : "yy");
                    break;
                case "quarter":
                    format.Append('q');
                    break;
                case "hours":
                    format.Append(elapsed ? "[h]" : isLong ? "hh" : "h");
                    break;
                case "minutes":
                    format.Append(isLong ? "mm" : "m");
                    break;
                case "seconds":
                    format.Append(isLong ? "ss" : "s");
                    break;
                case "am-pm":
                    format.Append("AM/PM");
                    break;
                case "map" when maps.Count < 3 && xml.GetAttribute("apply-style-name", Style) is { } map:
                    maps.Add(map);
                    break;
                default:
                    break;
            }
        }
        return format.ToString();
    }

    private static string Digits(XmlReader xml)
    {
        var grouped = xml.GetAttribute("grouping", Number) == "true";
        var whole = Clamp(xml.GetAttribute("min-integer-digits", Number), 1);
        var decimals = xml.GetAttribute("decimal-places", Number);
        if (decimals is null && !grouped && whole <= 1 && xml.LocalName == "number" && xml.GetAttribute("display-factor", Number) is null)
            return "General";
        var places = Clamp(decimals, 0);
        // Decimals that show only when they are there; LibreOffice writes the attribute in its own namespace before ODF 1.3.
        var least = xml.GetAttribute("min-decimal-places", Number) ?? xml.GetAttribute("min-decimal-places", "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0");
        var shown = least is null ? places : Math.Min(places, Clamp(least, 0));
        var format = new StringBuilder(grouped ? whole > 1 ? "0," + new string('0', Math.Max(3, whole - 1)) : whole == 1 ? "#,##0" : "#,###" : whole == 0 ? "#" : new string('0', whole));
        if (places > 0)
            format.Append('.').Append('0', shown).Append('#', places - shown);
        if (double.TryParse(xml.GetAttribute("display-factor", Number), NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor <= 1e12)
            for (; factor >= 1000; factor /= 1000)
                format.Append(',');
        return format.ToString();
    }

    private static int Clamp(string? number, int otherwise) =>
        int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? Math.Clamp(value, 0, 20) : otherwise;

    private static void Literal(StringBuilder format, string text, bool percentage)
    {
        if (percentage && text.Trim() == "%")
            format.Append(text);
        else if (text.Length > 0 && text.AsSpan().ContainsAnyExcept(Bare))
            format.Append('"').Append(text.Replace("\"", "", StringComparison.Ordinal)).Append('"');
        else if (text is "." or ",")
            format.Append('\\').Append(text);
        else
            format.Append(text);
    }

    private readonly record struct DataStyle(string Kind, string Text, List<string> Maps);

    private sealed class Definition
    {
        public string? Parent { get; init; }

        public string? Format { get; init; }

        public bool? Bold { get; set; }

        public bool? Raised { get; set; }

        public bool? Hidden { get; set; }

        public double? Margin { get; set; }

        public double? Padding { get; set; }
    }
}
