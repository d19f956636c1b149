using System.Text;
using Sylvan.Data.Csv;

namespace Pipeline.Understanding;

/// <summary>
/// The words of one concept (areas, industries, units, …), read from a data file <c>Understanding/Vocabulary/{name}.csv</c> with the columns
/// <c>code,zh,en,aliases,parent</c>: aliases separated by <c>|</c>, parent a code of the same file or empty. Adding a word is adding a line.
/// </summary>
public sealed class Vocabulary
{
    private readonly Dictionary<string, Code> byTerm = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Code>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private readonly Dictionary<string, string[]> termsOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Code> byId = new(StringComparer.Ordinal);

    private Vocabulary(string name)
    {
        bySpan = byTerm.GetAlternateLookup<ReadOnlySpan<char>>();
        using var stream = typeof(Vocabulary).Assembly.GetManifestResourceStream($"Vocabulary/{name}.csv")
            ?? throw new ArgumentException($"a data file Understanding/Vocabulary/{name}.csv expected", nameof(name));
        using var reader = CsvDataReader.Create(new StreamReader(stream, Encoding.UTF8));
        while (reader.Read())
        {
            var labels = new Dictionary<string, string>();
            if (reader.GetString(1) is { Length: > 0 } zh)
                labels.Add("zh", zh);
            if (reader.GetString(2) is { Length: > 0 } en)
                labels.Add("en", en);
            var code = new Code(reader.GetString(0)) { Labels = labels, Parent = reader.GetString(4) is { Length: > 0 } parent ? parent : null };
            byId.Add(code.Id, code);
            string[] terms = [.. labels.Values, .. reader.GetString(3).Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
            termsOf.Add(code.Id, [.. terms.Select(Fold)]);
            foreach (var term in termsOf[code.Id])
                byTerm.TryAdd(term, code);
        }
    }

    /// <summary>The words of a data file, loaded once.</summary>
    /// <param name="name">The file's name without ending, such as <c>areas</c>.</param>
    /// <exception cref="ArgumentException">There is no such file.</exception>
    public static Vocabulary Load(string name) => Loaded.GetOrAdd(name, static n => new Vocabulary(n));

    /// <summary>The words of a data file, or null when there is no such file.</summary>
    internal static Vocabulary? Find(string name) =>
        typeof(Vocabulary).Assembly.GetManifestResourceInfo($"Vocabulary/{name}.csv") is null ? null : Load(name);

    /// <summary>Every word (label or alias, normalised) with its code, for scanning running text.</summary>
    public IReadOnlyDictionary<string, Code> Terms => byTerm;

    /// <summary>The words of one code, those that another code has too among them.</summary>
    internal IReadOnlyList<string> TermsOf(string id) => termsOf[id];

    /// <summary>Every code by its id.</summary>
    public IReadOnlyDictionary<string, Code> Codes => byId;

    /// <summary>The code whose id, label or alias a text is, whatever its case, width or surrounding white space; null when there is none.</summary>
    public Code? Find(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (bySpan.TryGetValue(text, out var code))
            return code;
        return byId.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out code) ? code : byTerm.GetValueOrDefault(Fold(new string(text)));
    }

    /// <summary>The form in which words are compared: compatibility characters folded (NFKC), white space trimmed.</summary>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Normalize(NormalizationForm.FormKC).Trim();
    }

    /// <summary>The form in which words are looked up: full-width characters as ASCII. NFKC does it too, but only where ICU is, and the invariant mode has none.</summary>
    internal static string Fold(string text) => Normalize(text) is var normal && !normal.Contains('\u3000') && !normal.AsSpan().ContainsAnyInRange('！', '～')
        ? normal
        : string.Create(normal.Length, normal, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                to[i] = from[i] is >= '！' and <= '～' ? (char)(from[i] - 0xFEE0) : from[i] == '\u3000' ? ' ' : from[i];
        }).Trim();

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Vocabulary> Loaded = new();
}
