using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>The object of a statement: an IRI, a text with or without a language, or a typed literal.</summary>
/// <param name="Text">The IRI or the text.</param>
/// <param name="Language">The language of the text.</param>
/// <param name="Type">The type of a literal, prefixed; <c>@id</c> for an IRI.</param>
internal readonly record struct RdfValue(string Text, string? Language, string? Type)
{
    private const string IriType = "@id";

    public bool IsIri => Type == IriType;

    public static RdfValue Iri(string iri) => new(iri, null, IriType);

    /// <summary>A text; what is no language tag, such as <c>und</c>, is left out.</summary>
    public static RdfValue Words(string text, string? language) => new(text, language is not null && IsLanguage(language) ? language : null, null);

    /// <summary>Whether a text is a language tag as RDF has them, and says a language.</summary>
    public static bool IsLanguage(string tag) =>
        tag is not "und" && tag.Length <= 35 && tag.Split('-') is var parts && parts[0].Length is 2 or 3 && parts[0].All(char.IsAsciiLetter) && parts.All(p => p.Length is > 0 and <= 8 && p.All(char.IsAsciiLetterOrDigit));
}

/// <summary>A resource with its statements. Properties and types are prefixed by <see cref="RdfWriter.Prefixes"/>; resources are always named, so that a graph can be compared.</summary>
internal sealed class RdfNode(string iri, params string[] types)
{
    private readonly List<(string Property, List<RdfValue> Values)> properties = [];

    public string Iri => iri;

    public IReadOnlyList<string> Types => types;

    public IReadOnlyList<(string Property, List<RdfValue> Values)> Properties => properties;

    /// <summary>Adds a statement, once.</summary>
    public RdfNode Add(string property, RdfValue value)
    {
        var index = properties.FindIndex(p => p.Property == property);
        if (index < 0)
            properties.Add((property, [value]));
        else if (!properties[index].Values.Contains(value))
            properties[index].Values.Add(value);
        return this;
    }

    /// <summary>Adds a link; nothing for null.</summary>
    public RdfNode Link(string property, string? to) => to is null ? this : Add(property, RdfValue.Iri(to));

    /// <summary>Adds a text without a language; nothing for null.</summary>
    public RdfNode Text(string property, string? text, string? language = null) => text is null ? this : Add(property, RdfValue.Words(text, language));

    /// <summary>Adds a text per language.</summary>
    public RdfNode Texts(string property, IEnumerable<KeyValuePair<string, string>> texts)
    {
        foreach (var (language, text) in texts)
            Text(property, text, language);
        return this;
    }

    /// <summary>Adds a typed literal; nothing for null.</summary>
    public RdfNode Typed(string property, string type, string? text) => text is null ? this : Add(property, new RdfValue(text, null, type));

    /// <summary>Adds a moment; nothing for null.</summary>
    public RdfNode Moment(string property, DateTimeOffset? moment) => Typed(property, "xsd:dateTime", moment is { } at ? JsonParts.Moment(at) : null);
}

/// <summary>Writes resources as RDF, one after the other.</summary>
internal abstract class RdfWriter
{
    /// <summary>The prefixes of properties and types.</summary>
    public static readonly (string Prefix, string Namespace)[] Prefixes =
    [
        ("adms", "http://www.w3.org/ns/adms#"),
        ("dcat", "http://www.w3.org/ns/dcat#"),
        ("dcatap", "http://data.europa.eu/r5r/"),
        ("dct", "http://purl.org/dc/terms/"),
        ("foaf", "http://xmlns.com/foaf/0.1/"),
        ("hydra", "http://www.w3.org/ns/hydra/core#"),
        ("qb", "http://purl.org/linked-data/cube#"),
        ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
        ("skos", "http://www.w3.org/2004/02/skos/core#"),
        ("stat", "http://data.europa.eu/s1n/"),
        ("vcard", "http://www.w3.org/2006/vcard/ns#"),
        ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ];

    public Utf8Buffer To { get; } = new();

    /// <summary>The writer of a format: <c>ttl</c> or <c>jsonld</c>.</summary>
    public static RdfWriter Of(string format) => format == "ttl" ? new Turtle() : new JsonLd();

    /// <summary>The media type of a format.</summary>
    public static string MediaType(string format) => format == "ttl" ? "text/turtle; charset=utf-8" : "application/ld+json";

    /// <summary>The format that a request for what is described asks for, by name and no less than JSON; null where it asks for none.</summary>
    public static string? Wanted(HttpRequest request)
    {
        var accept = request.Headers.Accept;
        return accept.ToString() is var text && (text.Contains("text/turtle", StringComparison.OrdinalIgnoreCase) || text.Contains("application/ld+json", StringComparison.OrdinalIgnoreCase))
            ? Negotiation.MediaType(accept, ["text/turtle", "application/ld+json", "application/json", "text/html"]) switch { 0 => "ttl", 1 => "jsonld", _ => null } : null;
    }

    public abstract void Begin();

    public abstract void Write(RdfNode node);

    public abstract void End();

    /// <summary>Turtle (RDF 1.1 Turtle, W3C).</summary>
    private sealed class Turtle : RdfWriter
    {
        private static readonly SearchValues<char> Special = SearchValues.Create("\"\\\u007f" + new string([.. Enumerable.Range(0, 32).Select(c => (char)c)]));
        private static readonly SearchValues<char> NotInIri = SearchValues.Create("<>\"{}|^`\\ " + new string([.. Enumerable.Range(0, 32).Select(c => (char)c)]));

        public override void Begin()
        {
            foreach (var (prefix, space) in Prefixes)
                To.Append($"@prefix {prefix}: <{space}> .\n");
        }

        public override void Write(RdfNode node)
        {
            To.Append("\n");
            Iri(node.Iri);
            To.Append(node.Types.Count > 0 ? " a " + string.Join(", ", node.Types) : "");
            var isFirst = node.Types.Count == 0;
            foreach (var (property, values) in node.Properties)
            {
                To.Append(isFirst ? " " : " ;\n    ");
                To.Append(property);
                for (var i = 0; i < values.Count; i++)
                {
                    To.Append(i == 0 ? " " : ", ");
                    Value(values[i]);
                }
                isFirst = false;
            }
            To.Append(" .\n");
        }

        public override void End()
        {
        }

        private void Value(RdfValue value)
        {
            if (value.IsIri)
            {
                Iri(value.Text);
                return;
            }
            To.Append("\"");
            To.Append(Escaped(value.Text, Special));
            To.Append("\"");
            To.Append(value.Language is not null ? "@" + value.Language : value.Type is not null ? "^^" + value.Type : "");
        }

        private void Iri(string iri)
        {
            To.Append("<");
            To.Append(Escaped(iri, NotInIri));
            To.Append(">");
        }

        private static string Escaped(string text, SearchValues<char> special)
        {
            if (text.AsSpan().IndexOfAny(special) < 0)
                return text;
            var escaped = new StringBuilder(text.Length + 8);
            foreach (var c in text)
            {
                if (!special.Contains(c))
                    escaped.Append(c);
                else if (c is '"' or '\\' && special == Special)
                    escaped.Append('\\').Append(c);
                else
                    escaped.Append("\\u").Append(((int)c).ToString("X4"));
            }
            return escaped.ToString();
        }
    }

    /// <summary>JSON-LD 1.1, flat, with its context inside: nothing has to be fetched to read it.</summary>
    private sealed class JsonLd : RdfWriter
    {
        private bool isFirst = true;

        public override void Begin()
        {
            To.Append("{\"@context\":{");
            To.Append(string.Join(",", Prefixes.Select(p => $"\"{p.Prefix}\":\"{p.Namespace}\"")));
            To.Append("},\n\"@graph\":[\n");
        }

        public override void Write(RdfNode node)
        {
            To.Append(isFirst ? "{\"@id\":" : ",\n{\"@id\":");
            isFirst = false;
            Quote(node.Iri);
            if (node.Types.Count > 0)
                To.Append(",\"@type\":[" + string.Join(",", node.Types.Select(t => $"\"{t}\"")) + "]");
            foreach (var (property, values) in node.Properties)
            {
                To.Append($",\"{property}\":");
                if (values.Count > 1)
                    To.Append("[");
                for (var i = 0; i < values.Count; i++)
                {
                    if (i > 0)
                        To.Append(",");
                    Value(values[i]);
                }
                if (values.Count > 1)
                    To.Append("]");
            }
            To.Append("}");
        }

        public override void End() => To.Append("\n]}\n");

        private void Value(RdfValue value)
        {
            if (value is { Language: null, Type: null })
            {
                Quote(value.Text);
                return;
            }
            To.Append(value.IsIri ? "{\"@id\":" : "{\"@value\":");
            Quote(value.Text);
            if (value.Language is not null)
                To.Append($",\"@language\":\"{value.Language}\"");
            else if (!value.IsIri)
                To.Append($",\"@type\":\"{value.Type}\"");
            To.Append("}");
        }

        private void Quote(string text)
        {
            To.Append("\"");
            To.Append(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
            To.Append("\"");
        }
    }
}
