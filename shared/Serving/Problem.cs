using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What has to be put right in an address.</summary>
/// <param name="Parameter">The parameter; a part of the path where no parameter is called so.</param>
/// <param name="Value">What is wrong in it: the parameter itself, its value or a part of that.</param>
/// <param name="Meant">What may be meant.</param>
internal sealed record Correction(string Parameter, string Value, string Meant)
{
    /// <summary>What goes before the values of a parameter that is renamed.</summary>
    public string Operator { get; init; } = "";

    /// <summary>Whether the parameter may be missing, and is to be added then.</summary>
    public bool IsAdded { get; init; }
}

/// <summary>A request can not be answered as it is; becomes problem details (RFC 9457) with a stable <see cref="Code"/>.</summary>
internal sealed class ProblemException(int status, string code, string detail) : Exception(detail)
{
    private const int MostCompared = 64;
    private const int MostKnown = 100_000;
    private const int MostListed = 50;

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

    /// <summary>What has to be put right in the address for it to be answered; null for <see cref="DidYouMean"/> alone, nothing where that is not enough.</summary>
    public IReadOnlyList<Correction>? Corrections
    {
        get => field ?? (Parameter is { } parameter && Value is { } wrong && DidYouMean is { } meant ? [new Correction(parameter, wrong, meant)] : []);
        init;
    }

    /// <summary>The same problem, of a parameter.</summary>
    public ProblemException Of(string parameter) => new(status, code, Message) { Parameter = parameter, Value = Value, Expected = Expected?.DeepClone(), DidYouMean = DidYouMean };

    /// <summary>The whole address that is right, and answered; null where none is known.</summary>
    public string? Try { get; set; }

    /// <summary>The problem details.</summary>
    /// <param name="instance">The path that was asked for; null to leave it out.</param>
    public JsonObject ToJson(string? instance)
    {
        var json = new JsonObject
        {
            ["type"] = "urn:pipeline:problem:" + code,
            ["title"] = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["detail"] = Message,
        };
        // The specification of one face has an absolute address here, which says nothing that the client does not know.
        if (instance is not null)
            json["instance"] = instance;
        json["code"] = code;
        if (Parameter is not null)
            json["parameter"] = Parameter;
        if (Value is not null)
            json["value"] = Value.Length > 200 ? Value[..197] + "..." : Value;
        if (Expected is not null)
            json["expected"] = Expected.DeepClone();
        if (DidYouMean is not null)
            json["didYouMean"] = DidYouMean;
        if (Try is not null)
            json["try"] = Try;
        return json;
    }

    /// <summary>A value that is not among those there are; names what is meant, or the nearest when it looks like a slip, and the first of them.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="what">What there is none of.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">What it was given as.</param>
    /// <param name="known">What there is.</param>
    /// <param name="meant">What others call so; nothing to look for a slip.</param>
    public static ProblemException Unknown(
        int status, string code, string what, string? parameter, string value, IReadOnlyCollection<string> known, Meaning meant = default)
    {
        var advice = meant.Advice;
        var nearest = meant.Name ?? (advice is null ? Nearest(value, known) : null);
        var list = new JsonArray([.. known.Take(MostListed).Select(k => (JsonNode)k)]);
        return new ProblemException(status, code, $"There is no {what} '{Short(value)}'"
            + (nearest is null ? "." : $"; did you mean '{nearest}'?") + (advice is null ? "" : $" {char.ToUpperInvariant(advice[0])}{advice[1..]}.") + (known.Count > MostListed ? $" {known.Count} exist; the first {MostListed} are listed." : ""))
        {
            Parameter = parameter,
            Value = value,
            Expected = known.Count == 0 ? null : list,
            DidYouMean = nearest,
            Corrections = nearest is null || parameter is null || (advice is not null && meant.Operator is null) ? []
                : [new Correction(parameter, value, nearest) { Operator = meant.Operator ?? "" }],
        };
    }

    /// <summary>Several problems of a request as one: the first with what the others have to say.</summary>
    /// <param name="problems">The first of them, at least one.</param>
    /// <param name="more">How many there are beside these.</param>
    public static ProblemException Several(IReadOnlyList<ProblemException> problems, int more)
    {
        if (problems is [var only] && more == 0)
            return only;
        var first = problems[0];
        // Where one thing is meant, its sentence says it.
        var lists = problems.Where(p => p.Expected is JsonArray && p.DidYouMean is null).ToList();
        var isOne = lists.TrueForAll(p => p.Parameter == first.Parameter);
        var listed = lists.SelectMany(p => ((JsonArray)p.Expected!).Select(item => isOne ? item!.ToString() : $"{p.Parameter}: {item}")).Distinct().Take(MostListed);
        return new ProblemException(first.Status, first.Code, string.Join(' ', problems.Select(p => p.Message)) + (more == 0 ? "" : more == 1 ? " One more is wrong." : $" {more} more are wrong."))
        {
            Parameter = first.Parameter,
            Value = first.Value,
            Expected = lists.Count == 0 ? first.Expected?.DeepClone() : new JsonArray([.. listed.Select(item => (JsonNode)item)]),
            DidYouMean = first.DidYouMean,
            // One that is not put right is enough to be refused again.
            Corrections = more > 0 || problems.Any(p => p.Corrections is not { Count: > 0 }) ? [] : [.. problems.SelectMany(p => p.Corrections!)],
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
            var distance = string.Equals(word, value, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(value, word, least);
            // Two short words with no character in common are no slip of each other, however few characters differ.
            if (distance < least && value.Any(c => word.Contains(c, StringComparison.OrdinalIgnoreCase)))
                (nearest, least) = (word, distance);
        }
        return nearest;
    }

    // Optimal string alignment: an exchange of neighbours is one slip. What is not below the most is not worked out to its end.
    internal static int Distance(string a, string b, int most = int.MaxValue)
    {
        Span<int> before = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> now = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        var (least, leastBefore) = (0, 0);
        for (var i = 1; i <= a.Length; i++)
        {
            (leastBefore, least, now[0]) = (least, i, i);
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                now[j] = Math.Min(Math.Min(now[j - 1], last[j]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    now[j] = Math.Min(now[j], before[j - 2] + 1);
                least = Math.Min(least, now[j]);
            }
            if (least >= most && leastBefore >= most)
                return most;
            last.CopyTo(before);
            now.CopyTo(last);
        }
        return last[b.Length];
    }

    /// <summary>A value as a sentence shows it.</summary>
    internal static string Short(string value) => value.Length > 100 ? value[..97] + "..." : value;
}
