using System.Text.Json.Nodes;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Of a code that a codelist does not have, those that may be meant: people ask by a label, by a word of it, or with a slip.</summary>
/// <param name="codes">The codelist.</param>
/// <param name="idOf">A code's id as the face writes it; null for its own.</param>
internal sealed class LikelyCodes(IReadOnlyList<Code> codes, Func<Code, string>? idOf = null)
{
    private const int MostCompared = 64;
    private const int MostSearched = 100_000;
    private const int MostLikely = 20;
    private const int MostInSentence = 5;
    private const int MostListed = 50;
    private const int MostOfLabels = 60;

    private readonly Func<Code, string> idOf = idOf ?? (code => code.Id);

    /// <summary>The problem that a component has no such code, with the codes that may be meant, their labels beside them.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="sentence">What there is none of: <c>SEX has no code 'X'</c>.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">What was asked for.</param>
    /// <param name="advice">What to do where several have the words in their labels; null for nothing.</param>
    public ProblemException Problem(int status, string code, string sentence, string? parameter, string value, string? advice = null)
    {
        var (how, likely) = Find(value.Trim());
        var one = likely is [var only] ? idOf(only) : null;
        var named = string.Join(", ", likely.Take(MostInSentence).Select(c => $"'{idOf(c)}'{(Labels(c) is { } labels ? $" ({labels})" : "")}")) + (likely.Count > MostInSentence ? ", …" : "");
        var told = (how, one) switch
        {
            (How.None, _) => ".",
            (How.Label, not null) => $"; that is the label of {named}.",
            (How.Label, _) => $"; that is the label of several: {named}.",
            (_, not null) => $"; did you mean {named}?",
            (How.Words, _) => $"; {(likely.Count == MostLikely ? $"{MostLikely} or more" : likely.Count)} have it in their label or id: {named}.{(advice is null ? "" : " " + advice)}",
            _ => $"; did you mean one of {named}?",
        };
        // A short list is given whole, of a long one what is likely.
        List<Code> listed = codes.Count <= MostListed ? [.. likely, .. codes.Except(likely)] : likely.Count > 0 ? likely : [.. codes.Take(MostLikely)];
        var rest = codes.Count <= MostListed ? "" : $" {codes.Count} exist; " + (likely.Count switch
        {
            0 => $"the first {listed.Count} are listed.",
            1 => "the likeliest is listed.",
            _ => $"the {listed.Count} likeliest are listed.",
        });
        return new ProblemException(status, code, sentence + told + rest)
        {
            Parameter = parameter,
            Value = value,
            Expected = codes.Count == 0 ? null : new JsonArray([.. listed.Select(c => (JsonNode)(idOf(c) + (Labels(c) is { } labels ? $" ({labels})" : "")))]),
            DidYouMean = one,
        };
    }

    /// <summary>The problem that a version has no such code; of TIME_PERIOD it is told how the period is written, and which there are.</summary>
    public static ProblemException Problem(int status, string code, DatasetAtVersion at, int component, string? parameter, string value, string? advice = null)
    {
        var id = at.Components[component].Id;
        var sentence = $"{id} has no code '{ProblemException.Short(value)}'";
        return component == at.TimeIndex ? PeriodHints.Unknown(status, code, at, sentence, parameter, value)
            : new LikelyCodes(at.Components[component].Codes).Problem(status, code, sentence, parameter, value, advice);
    }

    private enum How
    {
        None,
        Case,
        Label,
        Words,
        Slip,
    }

    private (How How, List<Code> Codes) Find(string asked)
    {
        if (asked.Length is 0 or > MostCompared)
            return (How.None, []);
        var words = asked.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        // A letter or two are in every second label; a Chinese character is a word.
        var isSearched = asked.Length > 2 || asked.Any(c => c > 0x2E80);
        var (same, labelled, having) = (new List<Code>(), new List<Code>(), new List<(Code Code, int Rank)>());
        foreach (var code in codes.Take(MostSearched))
        {
            if (Is(idOf(code), asked) || Is(code.Id, asked))
            {
                same.Add(code);
                continue;
            }
            if (code.Labels.Values.Any(label => Is(label.AsSpan().Trim(), asked)))
                labelled.Add(code);
            else if (isSearched && Rank(code, words) is { } rank)
                having.Add((code, rank));
        }
        return same.Count > 0 ? (How.Case, Most(same))
            : labelled.Count > 0 ? (How.Label, Most(labelled))
            : having.Count > 0 ? (How.Words, Most(having.OrderBy(h => h.Rank).Select(h => h.Code)))
            : Near(asked) is { Count: > 0 } near ? (How.Slip, near)
            : (How.None, []);

        static bool Is(ReadOnlySpan<char> text, string asked) => text.Equals(asked, StringComparison.OrdinalIgnoreCase);
        static List<Code> Most(IEnumerable<Code> found) => [.. found.Take(MostLikely)];
    }

    // All words are in one text of the code; less where they begin it, and where little stands beside them.
    private static int? Rank(Code code, string[] words)
    {
        int? best = null;
        foreach (var text in code.Labels.Values.Prepend(code.Id))
            if (Array.TrueForAll(words, word => text.Contains(word, StringComparison.OrdinalIgnoreCase)))
                best = Math.Min(best ?? int.MaxValue, text.Length + (text.StartsWith(words[0], StringComparison.OrdinalIgnoreCase) ? 0 : 10_000));
        return best;
    }

    // The nearest id, else the nearest labels.
    private List<Code> Near(string asked)
    {
        var searched = codes.Take(MostSearched);
        if (ProblemException.Nearest(asked, [.. searched.Select(idOf)]) is { } id)
            return [.. searched.Where(c => idOf(c) == id).Take(1)];
        return ProblemException.Nearest(asked, [.. searched.SelectMany(c => c.Labels.Values)]) is { } label
            ? [.. searched.Where(c => c.Labels.Values.Contains(label)).Take(MostLikely)] : [];
    }

    /// <summary>A code's labels for people: <c>北京市 / Beijing</c>; null where they say no more than its id.</summary>
    private static string? Labels(Code code)
    {
        var labels = code.Labels.Values.Select(label => label.Trim()).Where(label => label.Length > 0 && label != code.Id).Distinct(StringComparer.OrdinalIgnoreCase).Take(2)
            .Select(label => label.Length > MostOfLabels ? label[..(MostOfLabels - 3)] + "..." : label).ToList();
        return labels.Count == 0 ? null : string.Join(" / ", labels);
    }
}
