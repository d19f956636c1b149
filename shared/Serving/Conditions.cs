using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Reads what observations have to be: from the parameters of a GET, and from the <c>where</c> of a query, where and, or and not nest.</summary>
/// <param name="at">The version whose components and codes are named.</param>
/// <param name="options">The names that are no components but options of the request: for the error about a name that is neither.</param>
/// <param name="only">The components that are filtered by, where not all are, and what for, in words.</param>
internal sealed class Conditions(DatasetAtVersion at, IReadOnlyList<string> options, (IReadOnlyList<string> Components, string What)? only = null)
{
    /// <summary>The most single conditions of a query; the codes of a list are one.</summary>
    public const int Most = 500;

    private static readonly string[] PeriodOperators = ["ge", "gt", "le", "lt", "since", "in", "not"];
    private static readonly string[] ValueOperators = ["eq", "ne", "ge", "gt", "le", "lt", "missing"];
    private static readonly string[] CodeOperators = ["in", "not", "startsWith", "contains", "under"];
    private const int MostRefused = 5;
    private const string Forms = PeriodDays.Forms + ", latest or latest-1Y, with ge:, gt:, le: or lt: before it, or two of them with '..' between";

    private readonly List<ProblemException> refused = [];
    private int count;
    private int refusedMore;

    /// <summary>Refuses what has been read where something in it does not exist or can not be read: all of it at once, so that it can be put right at once.</summary>
    /// <exception cref="ProblemException">Something is wrong.</exception>
    public void Check()
    {
        if (refused.Count > 0)
            throw ProblemException.Several(refused, refusedMore);
    }

    /// <summary>The condition in a parameter: <c>name=item,item</c>, or <c>name!=item</c>, which arrives with an exclamation mark at the name's end.</summary>
    /// <param name="name">The component's id, or OBS_VALUE.</param>
    /// <param name="items">The values, split where commas part them.</param>
    /// <exception cref="ProblemException">Something in it can not be read. What does not exist, <see cref="Check"/> tells.</exception>
    public Criterion OfParameter(string name, IReadOnlyList<string> items)
    {
        if (name.EndsWith('!'))
            return new Criterion.Not(OfParameter(name[..^1], items));
        if (only is { } some && !some.Components.Contains(name) && (name == Concepts.ObsValue || at.IndexOf(name) >= 0))
            throw ProblemException.Unknown(400, "not-filterable", some.What, name, name, some.Components);
        if (name == Concepts.ObsValue)
            return Values(name, items);
        if (at.IndexOf(name) is not (>= 0 and var component))
            return OfUnknown(name, name, (meant, opens) => OfParameter(meant, [.. items.Select(item => opens + item)]));
        return component == at.TimeIndex ? Periods(name, items) : Codes(component, name, items);
    }

    /// <summary>The condition in a JSON object: every member holds.</summary>
    /// <exception cref="ProblemException">Something in it can not be read. What does not exist, <see cref="Check"/> tells.</exception>
    public Criterion OfJson(JsonNode? node, string path)
    {
        var members = node as JsonObject ?? throw ProblemException.Malformed(path, Text(node), "an object with a member for each dimension, or with and, or, not");
        var all = new List<Criterion>();
        foreach (var (name, value) in members)
        {
            var here = path + "." + name;
            all.Add(name switch
            {
                "and" => new Criterion.All(Several(value, here)),
                "or" => new Criterion.Any(Several(value, here)),
                "not" => new Criterion.Not(OfJson(value, here)),
                Concepts.ObsValue => value is JsonObject { Count: > 0 } operators
                    ? new Criterion.All([.. operators.Select(o => OfValueOperator(o.Key, o.Value, here))])
                    : Values(here, Scalars(value, here)),
                _ => OfComponent(name, value, here),
            });
        }
        return new Criterion.All(all);
    }

    private List<Criterion> Several(JsonNode? node, string path) => node is JsonArray { Count: > 0 } list
        ? [.. list.Select((item, i) => OfJson(item, $"{path}[{i}]"))]
        : throw ProblemException.Malformed(path, Text(node), "a list of objects");

    private Criterion OfComponent(string name, JsonNode? value, string path)
    {
        if (at.IndexOf(name) is not (>= 0 and var component))
            return OfUnknown(name, path, (meant, _) => OfComponent(meant, value, path));
        if (value is not JsonObject operators)
            return component == at.TimeIndex ? Periods(path, Scalars(value, path)) : Codes(component, path, Scalars(value, path), isJson: true);
        if (operators.Count == 0)
            throw ProblemException.Malformed(path, "{}", "a code, a list of codes, or an object with operators");
        return new Criterion.All([.. operators.Select(o => OfOperator(component, o.Key, o.Value, path))]);
    }

    private Criterion OfOperator(int component, string name, JsonNode? value, string path)
    {
        var (isTime, here) = (component == at.TimeIndex, path + "." + name);
        var known = isTime ? PeriodOperators : CodeOperators;
        if (!known.Contains(name))
            throw ProblemException.Unknown(400, "unknown-operator", "operator", path, name, known, OtherNames.OfOperator(name, known));
        if (name is "in" or "not")
        {
            var inner = isTime ? Periods(here, Scalars(value, here)) : Codes(component, here, Scalars(value, here), isJson: true);
            return name == "in" ? inner : new Criterion.Not(inner);
        }
        var text = Scalar(value, here);
        return isTime ? Periods(here, [(name == "since" ? "ge" : name) + ":" + text]) : Matching(component, name, text, here);
    }

    private Criterion Codes(int component, string path, IReadOnlyList<string> items, bool isJson = false)
    {
        Count(path);
        var (codes, any) = (new List<string>(), new List<Criterion>());
        foreach (var item in items)
        {
            if (at.Find(component, item) >= 0)
                codes.Add(item);
            else if (!isJson && item.IndexOf(':') is > 0 and var cut && CodeOperators.Skip(2).FirstOrDefault(o => item.AsSpan(0, cut).SequenceEqual(o)) is { } name)
                any.Add(Matching(component, name, item[(cut + 1)..], path));
            else
                Refused(() => isJson ? UnknownCode(component, path, item, isJson) : OtherList(component, path, item) ?? OtherOperator(path, item, component) ?? UnknownCode(component, path, item, isJson));
        }
        if (codes.Count > 0 || any.Count == 0)
            any.Add(new Criterion.OneOf(at.Components[component].Id, codes));
        return any.Count == 1 ? any[0] : new Criterion.Any(any);
    }

    // Codes or periods that are parted by other signs than commas; one of them at least is there.
    private ProblemException? OtherList(int component, string path, string item)
    {
        if (OtherNames.OfList(item) is not { } meant || !meant.Split(',').Any(part => at.Find(component, part) >= 0))
            return null;
        return component == at.TimeIndex ? PeriodHints.Meant(path, item, item, meant, Forms, at) : new ProblemException(400, "unknown-code", $"{path} has no code '{ProblemException.Short(item)}'; did you mean '{meant}'?")
        {
            Parameter = path,
            Value = item,
            Expected = "codes that commas part",
            DidYouMean = meant,
        };
    }

    // A code is never refused for a colon in it: only where what stands before one is a word or a sign for an operator, and no code begins so.
    private ProblemException? OtherOperator(string path, string item, int component)
    {
        string[] known = ["eq", .. CodeOperators.Skip(2)];
        if (Cut(item) is not var (name, rest) || OtherNames.OfOperator(name, known) is not { } meant || at.Components[component].Codes.Any(code => code.Id.StartsWith(item[..^rest.Length], StringComparison.Ordinal)))
            return null;
        return Unknown(path, item, name, meant == "eq" ? rest : $"{meant}:{rest}", "startsWith:…, contains:… or under:…, or a code as it is");
    }

    // An operator as it is called or written elsewhere, and what stands behind it.
    private static (string Name, string Operand)? Cut(string item)
    {
        var signs = item.AsSpan().IndexOfAnyExcept("<>=!");
        if (signs > 0)
            return (item[..signs], item[signs..].TrimStart(':', ' '));
        var cut = item.IndexOfAny([':', '：']);
        return cut > 0 && cut < item.Length - 1 && item.AsSpan(0, cut).IndexOfAnyExceptInRange('A', 'z') < 0 ? (item[..cut], item[(cut + 1)..].Trim()) : null;
    }

    private static ProblemException Unknown(string path, string item, string name, string meant, string expected) =>
        new(400, "unknown-operator", $"There is no operator '{ProblemException.Short(name)}' in {path}={ProblemException.Short(item)}; did you mean '{meant}'?")
        {
            Parameter = path,
            Value = item,
            Expected = expected,
            DidYouMean = meant,
        };

    // What a code's text or place in its codelist says, is looked up at once: a list of codes is all that the search has to know.
    private Criterion Matching(int component, string name, string text, string path)
    {
        Count(path);
        var codes = at.Components[component].Codes;
        if (name == "under" && at.Find(component, text) < 0)
            return Refused(() => UnknownCode(component, path, text, isJson: true));
        return new Criterion.OneOf(at.Components[component].Id, [.. codes.Where(code => name switch
        {
            "startsWith" => code.Id.StartsWith(text, StringComparison.Ordinal),
            "contains" => code.Id.Contains(text, StringComparison.OrdinalIgnoreCase) || code.Labels.Values.Any(label => label.Contains(text, StringComparison.OrdinalIgnoreCase)),
            _ => IsUnder(component, code, text),
        }).Select(code => code.Id)]);
    }

    private bool IsUnder(int component, Code code, string ancestor)
    {
        // A codelist is a tree; a file that says otherwise must not keep us here.
        for (var depth = 0; depth < 64 && code.Parent is { } parent; depth++)
        {
            if (parent == ancestor)
                return true;
            if (at.Find(component, parent) is not (>= 0 and var above))
                return false;
            code = at.Components[component].Codes[above];
        }
        return false;
    }

    private Criterion Periods(string path, IReadOnlyList<string> items)
    {
        Count(path);
        var (exact, any, all) = (new List<string>(), new List<Criterion>(), new List<Criterion>());
        foreach (var item in items)
        {
            var colon = item.IndexOf(':');
            if (colon is 2 or 5 && PeriodOperators.AsSpan(0, 5).Contains(item[..colon]))
            {
                all.Add(Bounded(path, item, (item[..colon], item[(colon + 1)..])));
            }
            else if (item.IndexOf("..", StringComparison.Ordinal) is >= 0 and var cut && item.Length > 2)
            {
                (string Operator, string Text)[] ends = [("ge", item[..cut]), ("le", item[(cut + 2)..])];
                any.Add(Bounded(path, item, [.. ends.Where(end => end.Text.Length > 0)]));
            }
            else if (MonthsBefore(item, path, item) is { } months)
            {
                exact.AddRange(Latest(months));
            }
            else
            {
                if (at.Find(at.TimeIndex, item) < 0)
                    PeriodOf(item, path, item, isCode: true);
                exact.Add(item);
            }
        }
        if (exact.Count > 0 || (any.Count == 0 && all.Count == 0))
            any.Add(new Criterion.OneOf(Concepts.TimePeriod, exact));
        if (any.Count > 0)
            all.Add(any.Count == 1 ? any[0] : new Criterion.Any(any));
        return all.Count == 1 ? all[0] : new Criterion.All(all);
    }

    // What lies within bounds; from the latest period they are reckoned for each frequency by itself.
    private Criterion Bounded(string path, string item, params (string Operator, string Text)[] bounds)
    {
        var ends = Array.ConvertAll(bounds, bound => MonthsBefore(bound.Text, path, item) is { } months
            ? (bound.Operator, Months: months, Fixed: null) : (bound.Operator, Months: 0, Fixed: (PeriodDays?)PeriodOf(bound.Text, path, item)));
        var (first, last) = Within(default);
        if (Array.TrueForAll(ends, end => end.Fixed is not null))
            return new Criterion.Between(Concepts.TimePeriod, first, last);
        var codes = new List<string>();
        foreach (var (latest, all) in Frequencies())
        {
            (first, last) = Within(latest);
            codes.AddRange(all.Where(i => !(at.Periods[i]!.Value.Start < first) && !(at.Periods[i]!.Value.End > last)).Select(i => at.Components[at.TimeIndex].Codes[i].Id));
        }
        return new Criterion.OneOf(Concepts.TimePeriod, codes);

        (DateOnly? First, DateOnly? Last) Within(PeriodDays latest)
        {
            var (from, to) = ((DateOnly?)null, (DateOnly?)null);
            foreach (var end in ends)
            {
                var period = end.Fixed ?? latest.BoundBefore(end.Months);
                switch (end.Operator)
                {
                    case "ge" or "since":
                        from = period.Start;
                        break;
                    case "gt":
                        from = period.End == DateOnly.MaxValue ? period.End : period.End.AddDays(1);
                        break;
                    case "le":
                        to = period.End;
                        break;
                    default:
                        to = period.Start == DateOnly.MinValue ? period.Start : period.Start.AddDays(-1);
                        break;
                }
            }
            return (from, to);
        }
    }

    // The latest period of each frequency, or that so much before.
    private IEnumerable<string> Latest(int months)
    {
        foreach (var (latest, all) in Frequencies())
            foreach (var i in all.Where(i => at.Periods[i] == latest.Before(months)))
                yield return at.Components[at.TimeIndex].Codes[i].Id;
    }

    // The periods that are written alike, and the latest of them.
    private IEnumerable<(PeriodDays Latest, IEnumerable<int> All)> Frequencies()
    {
        var codes = at.Components[at.TimeIndex].Codes;
        return Enumerable.Range(0, codes.Count).Where(i => at.Periods[i] is not null).GroupBy(i => KindOf(codes[i].Id))
            .Select(kind => (at.Periods[kind.MaxBy(i => at.PeriodRanks[i])]!.Value, (IEnumerable<int>)kind));

        static int KindOf(string code) => (code.Length * 128) + (code.Length > 5 && code[5] is > '9' and var letter ? letter : 0);
    }

    // As a code it is written as codes are, as a bound in any case.
    private PeriodDays PeriodOf(string text, string name, string item, bool isCode = false)
    {
        if (PeriodDays.TryParse(text, out var period) && !(isCode && text.Any(char.IsAsciiLetterLower) && PeriodHints.Spelling(text, at) is not null))
            return period;
        Refused(() => Malformed(name, item, text));
        return default;
    }

    // How many months before the latest period a text says; null where it is no such text.
    private int? MonthsBefore(string text, string name, string item)
    {
        if (!text.StartsWith("latest", StringComparison.Ordinal))
            return null;
        if (text.Length == 6)
            return 0;
        if (text.Length < 9 || text[6] != '-' || !int.TryParse(text.AsSpan(7, text.Length - 8), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > 10_000)
            throw Malformed(name, item, item);
        return text[^1] switch
        {
            'Y' => number * 12,
            'Q' => number * 3,
            'M' => number,
            _ => throw Malformed(name, item, item),
        };
    }

    private Criterion Values(string path, IReadOnlyList<string> items)
    {
        var (any, all) = (new List<Criterion>(), new List<Criterion>());
        foreach (var item in items)
        {
            if (item == "missing")
                any.Add(OfValue("missing", "true", path, item));
            else if (OtherValue(item) is { } meant)
                Refused(() => Unknown(path, item, meant.Name, meant.Text, "a number of up to 28 digits, with ge:, gt:, le:, lt: or ne: before it; or missing"));
            else if (item.IndexOf(':') is 2)
                all.Add(OfValue(item[..2], item[3..], path, item));
            else
                any.Add(OfValue("eq", item, path, item));
        }
        if (any.Count > 0)
            all.Add(new Criterion.Any(any));
        return new Criterion.All(all);
    }

    // A comparison with a number as it is written elsewhere: >5, gte:5, 5..10, null.
    private static (string Name, string Text)? OtherValue(string item)
    {
        static bool IsNumber(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        if (Cut(item) is var (name, rest) && (item.IndexOf(':') is not 2 || !ValueOperators.Contains(name)) && IsNumber(rest) && OtherNames.OfOperator(name, ValueOperators) is { } meant)
            return (name, meant == "eq" ? rest : $"{meant}:{rest}");
        if (item.IndexOf("..", StringComparison.Ordinal) is > 0 and var dots && IsNumber(item[..dots]) && IsNumber(item[(dots + 2)..]))
            return ("..", $"ge:{item[..dots]},le:{item[(dots + 2)..]}");
        return item.Trim().ToUpperInvariant() is "NULL" or "NONE" or "NA" or "NAN" or "EMPTY" ? (item, "missing") : null;
    }

    private Criterion OfValueOperator(string name, JsonNode? value, string path) => OfValue(name, name == "missing" && value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False
        ? value.ToJsonString() : Scalar(value, path + "." + name), path + "." + name, Text(value));

    private Criterion OfValue(string name, string text, string path, string item)
    {
        Count(path);
        if (!ValueOperators.Contains(name))
            throw ProblemException.Unknown(400, "unknown-operator", "operator", path, name, ValueOperators, OtherNames.OfOperator(name, ValueOperators));
        if (name == "missing")
        {
            return text switch
            {
                "true" => new Criterion.NoValue(),
                "false" => new Criterion.Not(new Criterion.NoValue()),
                _ => throw ProblemException.Malformed(path, item, "true or false"),
            };
        }
        if (text.Contains('\0') || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            throw ProblemException.Malformed(path, item, "a number of up to 28 digits, with ge:, gt:, le:, lt: or ne: before it; or missing");
        return new Criterion.Value(Enum.Parse<Comparison>(name, ignoreCase: true), number);
    }

    private void Count(string path)
    {
        if (++count > Most)
            throw new ProblemException(400, "too-many-conditions", $"The query has more than {Most} conditions. A list of codes is one condition, however long it is: put codes of one component into a list.")
            {
                Parameter = path,
                Expected = $"at most {Most} conditions",
            };
    }

    // Stands for what is not there; the first few are looked into, which takes its time.
    private Criterion.All Refused(Func<ProblemException> problem)
    {
        if (refused.Count < MostRefused)
            refused.Add(problem());
        else
            refusedMore++;
        return new Criterion.All([]);
    }

    private ProblemException UnknownCode(int component, string path, string item, bool isJson)
    {
        var id = at.Components[component].Id;
        return LikelyCodes.Problem(400, "unknown-code", at, component, path, item, (isJson ? $"\"{id}\": {{\"contains\": \"{item}\"}}" : $"{id}=contains:{item}") + " takes them all.");
    }

    // A name that is not there; what is asked of the component that is meant is read all the same, so that all that is wrong is told at once.
    private Criterion OfUnknown(string name, string path, Func<string, string, Criterion> read)
    {
        ProblemException? problem = null;
        var nothing = Refused(() => problem = UnknownName(name, path));
        return problem?.Corrections is [var only] && at.IndexOf(only.Meant) >= 0 ? read(only.Meant, only.Operator) : nothing;
    }

    private ProblemException UnknownName(string name, string path)
    {
        List<string> filterable = [.. only?.Components ?? [.. at.Components.Select(c => c.Id), Concepts.ObsValue]];
        if (name is Concepts.SourceId or Concepts.Decimals or "RELEASE" or "DATASET")
        {
            return new ProblemException(400, "not-filterable", $"{name} is a column but can not be filtered by.")
            {
                Parameter = path,
                Expected = new JsonArray([.. filterable.Select(id => (JsonNode)id)]),
            };
        }
        var meant = OtherNames.OfParameter(name, at, options);
        if (meant.Name is { } other && !options.Contains(other) && !filterable.Contains(other))
            meant = default;
        return name.Any(char.IsAsciiLetterLower)
            ? ProblemException.Unknown(400, "unknown-parameter", "parameter", path, name, [.. options.Union(filterable)], meant)
            : ProblemException.Unknown(400, "unknown-dimension", "dimension or attribute", path, name, filterable, meant);
    }

    private ProblemException Malformed(string name, string item, string text) => text == item && OtherList(at.TimeIndex, name, item) is { } list ? list : text == item && OtherSigns(text) is { } meant
        ? PeriodHints.Meant(name, item, text, meant, Forms, at) : PeriodHints.Malformed(name, item, text, Forms, at);

    // Comparisons and ranges with the signs that they have elsewhere.
    private string? OtherSigns(string text)
    {
        if (Cut(text) is var (name, rest) && OtherNames.OfOperator(name, ["eq", .. PeriodOperators.Take(4)]) is { } known)
            return Read(rest) is { } period ? known == "eq" ? period : $"{known}:{period}" : null;
        if (text.IndexOf(':') is > 0 and var colon)
            return Read(text[..colon]) is { } from && Read(text[(colon + 1)..]) is { } to ? $"{from}..{to}" : null;
        // A range is a period where the dataset has it as one.
        return PeriodHints.Spelling(text, at) is { } range && range.Contains('/') && at.Find(at.TimeIndex, range) < 0 ? range.Replace("/", "..") : null;

        string? Read(string period) => PeriodDays.TryParse(period, out _) ? period : PeriodHints.Spelling(period, at);
    }

    /// <summary>The values in a JSON list, or the one value.</summary>
    public static List<string> Scalars(JsonNode? value, string path) => value is JsonArray list
        ? list.Count > 0 ? [.. list.Select(item => Scalar(item, path))] : throw ProblemException.Malformed(path, "[]", "at least one value")
        : [Scalar(value, path)];

    /// <summary>A text, or a number as it is written.</summary>
    public static string Scalar(JsonNode? value, string path) => value?.GetValueKind() is JsonValueKind.String or JsonValueKind.Number
        ? value.ToString()
        : throw ProblemException.Malformed(path, Text(value), "a text or a number");

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";
}
