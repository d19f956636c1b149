using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Reads what a query is to compute: <c>growth(1Y)</c>, <c>difference(1P)</c>, <c>before(1Y)</c>, <c>index(2015)</c>, <c>share(ACTIVITY)</c>, <c>share(ACTIVITY:C)</c>, <c>single</c>.</summary>
internal static class Computations
{
    /// <summary>The most of a query.</summary>
    public const int Most = 20;

    /// <summary>The forms, in words.</summary>
    public const string Forms = "growth(1Y), growth(1P), difference(1Y), difference(1P), before(1Y), before(1P), index(2015), share(DIMENSION), share(DIMENSION:CODE) or single; 1Y is a year, 1P a period";

    private static readonly string[] Names = ["growth", "difference", "before", "index", "share", "single"];

    /// <summary>Reads a list of texts, parted by commas outside parentheses.</summary>
    public static List<Computation> Parse(DatasetAtVersion at, string parameter, IEnumerable<(string? Id, string Text)> items)
    {
        var list = items.Select(item => Parse(at, parameter, item.Id, item.Text))
            .SelectMany(made => made is Computation.Single ? [made, new Computation.SingleMonths(made.Id + "_MONTHS", made.Id)] : (Computation[])[made]).ToList();
        if (list.Count > Most)
            throw new ProblemException(400, "number-out-of-range", $"A query computes at most {Most} values for each observation; {list.Count} are asked for.") { Parameter = parameter };
        if (list.GroupBy(c => c.Id).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw ProblemException.Malformed(parameter, twice.Key, "each id once");
        return list;
    }

    /// <summary>Cuts a parameter at the commas that stand outside parentheses.</summary>
    public static IEnumerable<(string? Id, string Text)> Split(string text)
    {
        var (from, depth) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length)
                depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                yield return (null, text[from..i]);
                from = i + 1;
            }
        }
    }

    /// <summary>The items of a JSON list: texts, or objects with <c>id</c> and <c>compute</c>.</summary>
    public static IEnumerable<(string? Id, string Text)> OfJson(JsonNode? node) => (node as JsonArray ?? [node?.DeepClone()]).Select(item => item switch
    {
        JsonValue value when value.GetValueKind() == JsonValueKind.String => ((string?)null, value.ToString()),
        JsonObject { Count: 2 } o when o["id"] is JsonValue id && o["compute"] is JsonValue text => (id.ToString(), text.ToString()),
        _ => throw ProblemException.Malformed("compute", item?.ToJsonString() ?? "null", Forms + """; or {"id": …, "compute": …}"""),
    });

    private static Computation Parse(DatasetAtVersion at, string parameter, string? id, string text)
    {
        if (Spelling(text) is { } meant)
        {
            throw new ProblemException(400, Names.Contains(text.Split('(')[0]) ? "malformed-value" : "unknown-computation", $"{parameter} can not be read: '{ProblemException.Short(text)}'; did you mean '{meant}'?")
            {
                Parameter = parameter,
                Value = text,
                Expected = Forms,
                DidYouMean = meant,
            };
        }
        var open = text.IndexOf('(');
        var (name, argument) = open > 0 && text.EndsWith(')') ? (text[..open], text[(open + 1)..^1]) : (text, "");
        if (!Names.Contains(name))
            throw ProblemException.Unknown(400, "unknown-computation", "computation", parameter, name, Names);
        id ??= Made(name, argument);
        if (id.Length is 0 or > 64 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(id[0]) || at.IndexOf(id) >= 0
            || id is Concepts.ObsValue or Concepts.SourceId or Concepts.Decimals or "RELEASE" or "DATASET")
        {
            throw ProblemException.Malformed(parameter, id, "an id of up to 64 ASCII letters, digits and underscores that no column has yet");
        }
        return name switch
        {
            "growth" => new Computation.Growth(id, LagOf()),
            "difference" => new Computation.Difference(id, LagOf()),
            "before" => new Computation.Earlier(id, LagOf()),
            "index" => PeriodDays.TryParse(argument, out var period) ? new Computation.Index(id, argument, period)
                : throw PeriodHints.Malformed(parameter, text, argument, Forms, at, "malformed-value"),
            "share" => ShareOf(),
            _ => argument.Length == 0 ? new Computation.Single(id) : throw Malformed(),
        };

        Lag LagOf() => argument switch
        {
            "1Y" => Lag.Year,
            "1P" => Lag.Period,
            _ => throw Malformed(),
        };

        Computation.Share ShareOf()
        {
            var cut = argument.IndexOf(':');
            var (dimension, code) = cut < 0 ? (argument, null) : (argument[..cut], argument[(cut + 1)..]);
            var component = at.IndexOf(dimension);
            if (component < 0 || component >= at.TimeIndex)
                throw ProblemException.Unknown(400, "unknown-dimension", "dimension", parameter, dimension, [.. at.Components.Take(at.TimeIndex).Select(c => c.Id)], OtherNames.OfComponent(dimension, at));
            if (code is not null && at.Find(component, code) < 0)
                throw LikelyCodes.Problem(400, "unknown-code", at, component, parameter, code);
            var codes = at.Components[component].Codes;
            var whole = at.WholeOf(component) is >= 0 and var total ? codes[total].Id : null;
            if (code is null && CountsOnce.IsWay(at.Components[component]))
                throw ProblemException.Refused(new QueryRefusedException(Refusal.MeasuresDiffer, $"The codes of {dimension} measure different things, of which none is known to be the whole of the others.", $"share({dimension}:CODE) with the code that the others are parts of"), parameter);
            if (code is null && whole is null && codes.All(c => c.Parent is null))
                throw ProblemException.Malformed(parameter, text, $"share({dimension}:CODE) with the code of the total: {dimension} has no code that is called total, nor a hierarchy that says which it is");
            return new Computation.Share(id, dimension, code, whole);
        }

        ProblemException Malformed() => ProblemException.Malformed(parameter, text, Forms);
    }

    // A computation as it is called or written elsewhere: yoy, growth(1y), GROWTH(12M), diff(1); null where it is written as it is here, or nothing is known to be meant.
    private static string? Spelling(string text)
    {
        var cut = text.IndexOfAny(['(', '（']);
        var (asked, argument) = ((cut < 0 ? text : text[..cut]).Trim(), cut < 0 ? "" : text[(cut + 1)..].TrimEnd(' ', ')', '）').Trim());
        var (other, form) = OtherNames.OfComputation(asked);
        var name = Names.Contains(asked) ? asked : other ?? ProblemException.Nearest(asked, Names);
        var meant = name switch
        {
            "growth" or "difference" or "before" => LagOf(argument.Length == 0 ? form ?? "1Y" : argument) is { } lag ? $"{name}({lag})" : null,
            "single" => argument.Length == 0 ? name : null,
            null => null,
            _ => argument.Length == 0 ? null : $"{name}({argument})",
        };
        return meant == text ? null : meant;

        // A month, or a quarter, is the period before only where periods are such: what is meant is seldom less than that.
        static string? LagOf(string text) => text.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant() switch
        {
            "1Y" or "Y" or "YEAR" or "1YEAR" or "P1Y" or "12M" or "4Q" or "1A" or "A" or "ANNUAL" or "YOY" or "-1Y" => "1Y",
            "1P" or "P" or "1" or "PERIOD" or "1PERIOD" or "PREVIOUS" or "PREV" or "-1" => "1P",
            _ => null,
        };
    }

    private static string Made(string name, string argument)
    {
        var id = string.Concat((argument.Length == 0 ? name : name + "_" + argument).ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return id.Length > 64 ? id[..64] : id;
    }
}
