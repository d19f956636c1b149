using System.Globalization;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a request says of a variable.</summary>
/// <param name="Variable">The variable's code.</param>
/// <param name="Values">Codes of values, and expressions for some.</param>
/// <param name="Codelist">The value set that they are of; null for all values.</param>
internal sealed record PxWanted(string Variable, IReadOnlyList<string> Values, string? Codelist);

/// <summary>What a request selects of a table, and how it is laid out.</summary>
internal sealed class PxSelection
{
    /// <summary>The most expressions for a variable.</summary>
    public const int MostExpressions = 100;

    private const int MostTold = 5;
    private const string Expressions = "*, a code with * or ? in it, TOP(count), BOTTOM(count), RANGE(first,last), FROM(first) or TO(last)";
    private static readonly string[] Functions = ["TOP", "BOTTOM", "RANGE", "FROM", "TO"];
    private readonly PxWebTable table;
    private readonly Dictionary<PxVariable, List<int>> chosen;

    /// <summary>Takes a choice.</summary>
    /// <param name="table">The table.</param>
    /// <param name="chosen">For each variable the places of its values; none where it is left out.</param>
    /// <param name="stub">The variables of the stub.</param>
    /// <param name="heading">The variables of the heading.</param>
    public PxSelection(PxWebTable table, Dictionary<PxVariable, List<int>> chosen, IReadOnlyList<PxVariable> stub, IReadOnlyList<PxVariable> heading) =>
        (this.table, this.chosen, Stub, Heading) = (table, chosen, stub, heading);

    /// <summary>The variables of the stub.</summary>
    public IReadOnlyList<PxVariable> Stub { get; }

    /// <summary>The variables of the heading.</summary>
    public IReadOnlyList<PxVariable> Heading { get; }

    /// <summary>How many cells there are; the most that can be counted where there are more.</summary>
    public long Cells => chosen.Values.Where(v => v.Count > 0).Aggregate(1L, (n, v) => n > long.MaxValue / v.Count ? long.MaxValue : n * v.Count);

    /// <summary>The places of the values chosen of a variable.</summary>
    public IReadOnlyList<int> Values(PxVariable variable) => chosen[variable];

    /// <summary>The same text for the same selection and layout.</summary>
    public string Canonical => string.Join('\n', table.Variables.Select(v => v.Code + "=" + string.Join(',', chosen[v])))
        + "\n" + string.Join(',', Stub.Select(v => v.Code)) + "\n" + string.Join(',', Heading.Select(v => v.Code));

    /// <summary>The dimensions of the cube: those of the stub, then those of the heading; with the contents that were made before them, where they are wanted but not selected.</summary>
    public IReadOnlyList<CubeDimension> Layout(bool withContents) =>
    [
        .. withContents && table.Contents.IsMade && chosen[table.Contents].Count == 0 ? [table.Contents.Dimension] : Array.Empty<CubeDimension>(),
        .. Stub.Concat(Heading).Select(v => v.With(chosen[v])),
    ];

    /// <summary>The conditions that the observations hold.</summary>
    public List<Criterion> Where()
    {
        var where = new List<Criterion>();
        foreach (var variable in table.Variables.Where(v => !v.IsMade))
        {
            var values = chosen[variable];
            if (values.Count == variable.Count)
                continue;
            if (values.Count == 0)
            {
                if (variable.Count > 1)
                    where.Add(new Criterion.OneOf(variable.Code, [variable.Elimination!]));
                continue;
            }
            // The value _Z of time stands for the empty code.
            where.Add(new Criterion.OneOf(variable.Code, [.. values.Select(v => variable.Dimension.Codes[v].Id).Select(c => table.At.Find(variable.Dimension.Component, c) >= 0 ? c : "")]));
        }
        return where;
    }

    /// <summary>Reads what a request says.</summary>
    /// <exception cref="ProblemException">It names what is not there, can not be read, or leaves out what has to be selected.</exception>
    public static PxSelection Of(PxWebTable table, IReadOnlyList<PxWanted> wanted, IReadOnlyList<string> stub, IReadOnlyList<string> heading)
    {
        var chosen = new Dictionary<PxVariable, List<int>>();
        // Time comes last: which frequencies are wanted says which periods its expressions count.
        foreach (var (name, values, codelist) in wanted.OrderBy(w => table.Time is { } time && table.Find(w.Variable) == time))
        {
            var variable = table.Variable(name, $"valuecodes[{name}]");
            var counted = variable == table.Time && table.Find(Concepts.Freq) is { } freq && chosen.TryGetValue(freq, out var some) ? table.PeriodsOf(freq, some) : null;
            if (!chosen.TryAdd(variable, Expand(table, variable, $"valuecodes[{name}]", values, codelist, counted)))
                throw ProblemException.Malformed($"valuecodes[{name}]", name, "each variable once");
        }
        var missing = new List<ProblemException>();
        foreach (var variable in table.Variables)
        {
            // Time and contents are in every answer, with the one value that they may have.
            chosen.TryAdd(variable, variable.Elimination is null && variable.Count == 1 ? [0] : []);
            if (chosen[variable].Count > 0 || variable.Elimination is not null)
                continue;
            var parameter = $"valuecodes[{variable.Code}]";
            missing.Add(new ProblemException(400, "missing-selection", $"Nothing is selected of {variable.Code}, which has no value that could stand for it. * selects all its values.")
            {
                Parameter = parameter,
                Expected = "codes of its values, or an expression such as * or TOP(1)",
                Corrections = [new Correction(parameter, "", "*") { IsAdded = true }],
            });
        }
        if (missing.Count > 0)
            throw ProblemException.Several(missing, 0);
        var (toStub, toHeading) = Place(table, chosen, stub, heading);
        return new PxSelection(table, chosen, toStub, toHeading);
    }

    /// <summary>The same selection, laid out as is said; as it is where nothing is.</summary>
    public PxSelection Placed(IReadOnlyList<string> stub, IReadOnlyList<string> heading)
    {
        if (stub.Count == 0 && heading.Count == 0)
            return this;
        var (toStub, toHeading) = Place(table, chosen, stub, heading);
        return new PxSelection(table, chosen, toStub, toHeading);
    }

    /// <summary>Splits a list of values at its commas, but not within brackets, which keep a value together, nor within an expression's.</summary>
    public static IEnumerable<string> Split(PxVariable? variable, string list)
    {
        // A code with a comma in it is taken as it stands.
        if (variable?.Find(list) >= 0)
        {
            yield return list;
            yield break;
        }
        for (var (from, at, depth, square) = (0, 0, 0, false); at <= list.Length; at++)
        {
            var c = at < list.Length ? list[at] : ',';
            if (c == '[' && list[from..at].Trim().Length == 0)
                square = true;
            else if (c == ']')
                square = false;
            else if (c == '(' && IsFunction(list[from..at]))
                depth++;
            else if (c == ')' && depth > 0)
                depth--;
            if (at < list.Length && (c != ',' || square || depth > 0))
                continue;
            var item = list[from..at].Trim();
            yield return item.Length > 1 && item[0] == '[' && item[^1] == ']' ? item[1..^1] : item;
            from = at + 1;
        }
    }

    private static bool IsFunction(string text) => Functions.Contains(text.Trim().ToUpperInvariant());

    // The parameter as it was sent: time has another name besides its own.
    private static List<int> Expand(PxWebTable table, PxVariable variable, string parameter, IReadOnlyList<string> values, string? codelist, HashSet<int>? counted)
    {
        List<int> all = [.. variable.All];
        if (!string.IsNullOrEmpty(codelist))
        {
            var sets = table.Codelists(variable);
            var set = sets.FirstOrDefault(s => s.Id.Equals(codelist, StringComparison.OrdinalIgnoreCase));
            all = set.Values?.ToList() ?? throw ProblemException.Unknown(400, "unknown-codelist", "codelist of " + variable.Code, $"codelist[{variable.Code}]", codelist, [.. sets.Select(s => s.Id)]);
        }
        if (values is ["*"] && counted is null && all.Count > 0)
            return all;
        var (taken, expressions) = (new SortedSet<int>(), 0);
        var (unknown, more) = (new List<ProblemException>(), 0);
        var allowed = all.Count == variable.Count ? null : all.ToHashSet();
        foreach (var value in values.Where(v => v.Length > 0))
        {
            if (variable.Find(value) is >= 0 and var place && allowed?.Contains(place) != false)
            {
                taken.Add(place);
                continue;
            }
            if (++expressions > MostExpressions)
                throw Illegal(parameter, value, $"at most {MostExpressions} expressions for a variable");
            var found = Expression(table, variable, parameter, all, counted is null ? all : all.FindAll(counted.Contains), value);
            if (counted is not null && found.Count > 0 && !found.Any(counted.Contains))
                throw OfOtherFrequency(variable, parameter, value, found, counted);
            if (counted is not null)
                found = [.. found.Where(counted.Contains)];
            taken.UnionWith(found);
            if (found.Count > 0)
                continue;
            if (unknown.Count < MostTold)
                unknown.Add(Unknown(table, variable, parameter, all, value));
            else
                more++;
        }
        return unknown.Count > 0 ? throw ProblemException.Several(unknown, more) : [.. taken];
    }

    private static ProblemException Unknown(PxWebTable table, PxVariable variable, string parameter, List<int> all, string value)
    {
        var sentence = $"There is no value of {variable.Code} '{ProblemException.Short(value)}'";
        return Spelling(value) is { } meant && variable.Find(value) < 0 ? Illegal(parameter, value, Expressions, meant)
            : OtherNames.OfList(value) is { } list && list.Split(',').Any(part => variable.Find(part) >= 0) ? Illegal(parameter, value, "codes that commas part", list)
            : variable == table.Time
            ? PeriodHints.Unknown(400, "unknown-code", table.At, sentence, parameter, value)
            : new LikelyCodes([.. all.Select(v => variable.Dimension.Codes[v])]).Problem(400, "unknown-code", sentence, parameter, value);
    }

    // The periods are there, but none in a frequency that is selected.
    private static ProblemException OfOtherFrequency(PxVariable time, string parameter, string text, IReadOnlyCollection<int> found, HashSet<int> counted)
    {
        string Frequencies(IEnumerable<int> places) => string.Join(", ", places.Select(v => PxWebTable.FrequencyOf(time.Dimension.Codes[v])).Distinct());
        var (theirs, wanted) = (Frequencies(found), Frequencies(counted));
        return new ProblemException(400, "unknown-code", $"The periods that {text} selects are of {Concepts.Freq} {theirs}, and of {Concepts.Freq} {wanted} is selected. Select {theirs} too, or periods of {wanted}.")
        {
            Parameter = parameter,
            Value = text,
            Expected = $"periods of {Concepts.Freq} {wanted}, such as {time.Dimension.Codes[counted.Min()].Id}",
        };
    }

    // The places that an expression selects; none where it is no expression or nothing fits it.
    private static IReadOnlyCollection<int> Expression(PxWebTable table, PxVariable variable, string parameter, List<int> all, List<int> counted, string text)
    {
        string Id(int place) => variable.Dimension.Codes[place].Id;
        if (text.IndexOf('(', StringComparison.Ordinal) is > 0 and var open && IsFunction(text[..open]))
        {
            if (!text.EndsWith(')'))
                throw Illegal(parameter, text, "a closing bracket", text + ")");
            var (function, inner) = (text[..open].Trim().ToUpperInvariant(), text[(open + 1)..^1].Trim());
            int Place(string code) => variable.Find(code.Trim()) is >= 0 and var place && all.IndexOf(place) is >= 0 and var index ? index
                : throw Unknown(table, variable, parameter, all, code.Trim());
            switch (function)
            {
                case "FROM":
                    return [.. all.Skip(Place(inner))];
                case "TO":
                    return [.. all.Take(Place(inner) + 1)];
                case "RANGE":
                    // A code may have a comma in it: the one between the two has a code on both sides.
                    var commas = inner.Index().Where(c => c.Item == ',').Select(c => c.Index).Take(100).ToList();
                    if (commas.Count == 0)
                        throw Illegal(parameter, text, "RANGE(first,last)");
                    var comma = commas.Find(c => variable.Find(inner[..c].Trim()) >= 0 && variable.Find(inner[(c + 1)..].Trim()) >= 0) is > 0 and var fits ? fits : commas[0];
                    var (from, to) = (Place(inner[..comma]), Place(inner[(comma + 1)..]));
                    return [.. all.Skip(Math.Min(from, to)).Take(Math.Abs(to - from) + 1)];
                default:
                    var numbers = inner.Split(',');
                    if (numbers.Length > 2 || Number(numbers[0]) is not (> 0 and var count) || (numbers.Length == 2 ? Number(numbers[1]) : 0) is not (>= 0 and var offset))
                        throw Illegal(parameter, text, $"{function}(count) or {function}(count,offset)");
                    // The top of time is its latest.
                    return function == "TOP" != (variable == table.Time)
                        ? [.. counted.Skip(offset).Take(count)]
                        : [.. counted.SkipLast(offset).TakeLast(count)];
            }
        }
        if (text.Contains('?'))
            return [.. all.Where(v => Fits(Id(v), text))];
        if (!text.Contains('*'))
            return [];
        var bare = text.Trim('*');
        if (bare.Contains('*') || text.StartsWith("**", StringComparison.Ordinal) || (text.Length > 1 && text.EndsWith("**", StringComparison.Ordinal)))
            throw Illegal(parameter, text, "* at the beginning, at the end, or both");
        return [.. all.Where(v => (text[0] == '*', text[^1] == '*') switch
        {
            (true, true) => Id(v).Contains(bare, StringComparison.OrdinalIgnoreCase),
            (true, false) => Id(v).EndsWith(bare, StringComparison.OrdinalIgnoreCase),
            _ => Id(v).StartsWith(bare, StringComparison.OrdinalIgnoreCase),
        })];
    }

    private static bool Fits(string code, string pattern)
    {
        if (code.Length != pattern.Length)
            return false;
        for (var i = 0; i < code.Length; i++)
            if (pattern[i] != '?' && char.ToUpperInvariant(pattern[i]) != char.ToUpperInvariant(code[i]))
                return false;
        return true;
    }

    // -1 for what is no number; the largest there is for a larger one.
    private static int Number(string text) => text.Trim() is { Length: > 0 } digits && digits.All(char.IsAsciiDigit)
        ? int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue
        : -1;

    // An expression that is not written as it has to be: TOPP(1), LAST(1), TOP 1, all. Null where it looks like none.
    private static string? Spelling(string text)
    {
        var cut = text.IndexOfAny(['(', '（', ' ', ':', '=']);
        var name = (cut < 0 ? text : text[..cut]).Trim().ToUpperInvariant();
        var inner = cut < 0 ? "" : text[(cut + 1)..].TrimEnd(')', '）', ' ').Replace('，', ',').Trim();
        if (cut < 0)
            return name is "ALL" or "全部" or "所有" or "ANY" or "ALLE" ? "*" : name is "LATEST" or "LAST" ? "TOP(1)" : null;
        var function = name switch
        {
            "LAST" or "LATEST" or "NEWEST" or "HEAD" => "TOP",
            "FIRST" or "OLDEST" or "TAIL" => "BOTTOM",
            "BETWEEN" => "RANGE",
            "SINCE" or "GE" or "AFTER" or "START" => "FROM",
            "UNTIL" or "LE" or "BEFORE" or "END" => "TO",
            _ => ProblemException.Nearest(name, Functions),
        };
        return function is null || inner.Length == 0 || $"{function}({inner})" == text ? null : $"{function}({inner})";
    }

    private static ProblemException Illegal(string parameter, string text, string expected, string? meant = null) =>
        new(400, "malformed-expression", $"{parameter} can not be read: '{ProblemException.Short(text)}'; {(meant is null ? $"expected: {expected}." : $"did you mean '{meant}'?")}")
        {
            Parameter = parameter,
            Value = text,
            Expected = expected,
            DidYouMean = meant,
        };

    private static (List<PxVariable> Stub, List<PxVariable> Heading) Place(
        PxWebTable table, Dictionary<PxVariable, List<int>> chosen, IReadOnlyList<string> stub, IReadOnlyList<string> heading)
    {
        var shown = table.Variables.Where(v => chosen[v].Count > 0).ToList();
        if (stub.Count == 0 && heading.Count == 0)
        {
            var last = shown.Where(v => v == table.Time || v.IsMade).ToList();
            return ([.. shown.Except(last)], last);
        }
        var (toStub, toHeading) = (Variables("stub", stub), Variables("heading", heading));
        var rest = shown.Except(toStub).Except(toHeading).ToList();
        if (toStub.Concat(toHeading).Distinct().Count() < toStub.Count + toHeading.Count)
            throw Wrong("each variable once, in the stub or in the heading");
        if (rest.Count > 0 && toStub.Count > 0 && toHeading.Count > 0)
            throw Wrong("all variables that are selected: " + string.Join(", ", shown.Select(v => v.Code)));
        return toHeading.Count == 0 ? (toStub, rest) : toStub.Count == 0 ? (rest, toHeading) : (toStub, toHeading);

        List<PxVariable> Variables(string parameter, IReadOnlyList<string> names) => [.. names.Select(name => table.Variable(name, parameter) is var variable && shown.Contains(variable)
            ? variable
            : throw Wrong($"variables that are selected; {name} is not"))];

        ProblemException Wrong(string expected) => ProblemException.Malformed(
            stub.Count > 0 ? "stub" : "heading", string.Join(',', stub) + " / " + string.Join(',', heading), expected, "malformed-placement");
    }
}
