using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A request can not be answered as it is; becomes problem details (RFC 9457) with a stable <see cref="Code"/>.</summary>
internal sealed class ProblemException(int status, string code, string detail) : Exception(detail)
{
    private const int MostCompared = 64;
    private const int MostKnown = 100_000;

    public int Status => status;

    /// <summary>A stable kebab-case code that programs may branch on.</summary>
    public string Code => code;

    /// <summary>The parameter, path segment or body member that is wrong.</summary>
    public string? Parameter { get; init; }

    /// <summary>What it was given as.</summary>
    public string? Value { get; init; }

    /// <summary>What would be right, in words or as a list.</summary>
    public JsonNode? Expected { get; init; }

    /// <summary>What it looks like a slip of.</summary>
    public string? DidYouMean { get; init; }

    /// <summary>The problem details.</summary>
    public JsonObject ToJson(string instance)
    {
        var json = new JsonObject
        {
            ["type"] = "urn:pipeline:problem:" + code,
            ["title"] = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["detail"] = Message,
            ["instance"] = instance,
            ["code"] = code,
        };
        if (Parameter is not null)
            json["parameter"] = Parameter;
        if (Value is not null)
            json["value"] = Value.Length > 200 ? Value[..197] + "..." : Value;
        if (Expected is not null)
            json["expected"] = Expected.DeepClone();
        if (DidYouMean is not null)
            json["didYouMean"] = DidYouMean;
        return json;
    }

    /// <summary>A value that is not among those there are; names what is meant, or the nearest when it looks like a slip, and the first of them.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="what">What there is none of.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">What it was given as.</param>
    /// <param name="known">What there is.</param>
    /// <param name="meant">What others call so; null to look for a slip.</param>
    /// <param name="advice">How that is used; null where it goes without saying.</param>
    public static ProblemException Unknown(
        int status, string code, string what, string? parameter, string value, IReadOnlyCollection<string> known, string? meant = null, string? advice = null) =>
        Missing(status, code, $"There is no {what} '{Short(value)}'", parameter, value, known, advice is not null && meant is null ? null : meant ?? Nearest(value, known), advice: advice);

    /// <summary>A code that a codelist does not have. Who gives a label in its place is told the code.</summary>
    public static ProblemException UnknownCode(int status, string code, DatasetComponent component, string? parameter, string value)
    {
        var ids = new CodeIds(component.Codes);
        var words = value.Trim();
        var named = words.Length is 0 or > MostCompared ? null : component.Codes.Take(MostKnown).FirstOrDefault(c => c.Labels.Values.Any(l => l.Equals(words, StringComparison.OrdinalIgnoreCase)));
        return Missing(status, code, $"{component.Id} has no code '{Short(value)}'", parameter, value, ids, named?.Id ?? Nearest(value, ids), isLabel: named is not null);
    }

    private static ProblemException Missing(int status, string code, string sentence, string? parameter, string value, IReadOnlyCollection<string> known, string? nearest, bool isLabel = false, string? advice = null)
    {
        const int shown = 50;
        var list = new JsonArray([.. known.Take(shown).Select(k => (JsonNode)k)]);
        return new ProblemException(status, code, sentence
            + (nearest is null ? "." : isLabel ? $"; that is the label of '{nearest}'." : $"; did you mean '{nearest}'?") + (advice is null ? "" : $" {char.ToUpperInvariant(advice[0])}{advice[1..]}.") + (known.Count > shown ? $" {known.Count} exist; the first {shown} are listed." : ""))
        {
            Parameter = parameter,
            Value = value,
            Expected = known.Count == 0 ? null : list,
            DidYouMean = nearest,
        };
    }

    /// <summary>A value that can not be read, is missing, or does not go with the others: <paramref name="code"/> says which.</summary>
    public static ProblemException Malformed(string parameter, string value, string expected, string code = "malformed-value") =>
        new(StatusCodes.Status400BadRequest, code, code switch
        {
            "missing-parameter" => $"{parameter} is missing; expected: {expected}.",
            "conflicting-parameters" => $"{parameter} does not go with the rest of the request; expected: {expected}.",
            _ => $"{parameter} can not be read: '{Short(value)}'; expected: {expected}.",
        })
        {
            Parameter = parameter,
            Value = value,
            Expected = expected,
        };

    /// <summary>A query that has no answer that is right, or none that is bounded.</summary>
    public static ProblemException Refused(QueryRefusedException refused, string? parameter = null) =>
        new(StatusCodes.Status422UnprocessableEntity, refused.Kind switch
        {
            Refusal.UnitsDiffer => "units-differ",
            Refusal.NotAdditive => "not-additive",
            Refusal.MeasuresDiffer => "measures-differ",
            Refusal.CountsTwice => "counts-twice",
            _ => "too-many-to-compute",
        }, $"{refused.Message} Ask for {refused.Expected}.")
        {
            Parameter = parameter,
            Expected = refused.Expected,
        };

    /// <summary>The nearest of some words by edit distance, when it is near enough to be a slip; else null.</summary>
    internal static string? Nearest(string value, IReadOnlyCollection<string> known)
    {
        if (value.Length is 0 or > MostCompared)
            return null;
        string? nearest = null;
        // One slip in up to four characters, two in more.
        var least = value.Length <= 4 ? 2 : 3;
        foreach (var word in known.Take(MostKnown))
        {
            if (Math.Abs(word.Length - value.Length) >= least)
                continue;
            var distance = string.Equals(word, value, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(value, word);
            // Two short words with no character in common are no slip of each other, however few characters differ.
            if (distance < least && value.Any(c => word.Contains(c, StringComparison.OrdinalIgnoreCase)))
                (nearest, least) = (word, distance);
        }
        return nearest;
    }

    // Optimal string alignment: an exchange of neighbours is one slip.
    internal static int Distance(string a, string b)
    {
        Span<int> before = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> now = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            now[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                now[j] = Math.Min(Math.Min(now[j - 1], last[j]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    now[j] = Math.Min(now[j], before[j - 2] + 1);
            }
            last.CopyTo(before);
            now.CopyTo(last);
        }
        return last[b.Length];
    }

    private static string Short(string value) => value.Length > 100 ? value[..97] + "..." : value;

    // The ids of a codelist without a copy of it.
    private sealed class CodeIds(IReadOnlyList<Code> codes) : IReadOnlyCollection<string>
    {
        public int Count => codes.Count;

        public IEnumerator<string> GetEnumerator() => codes.Select(c => c.Id).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
