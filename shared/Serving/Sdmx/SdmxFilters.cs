using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>
/// The filters of 2.x: <c>c[REF_AREA]=A,B</c>; a comma is "or", a plus sign "and", and each value may carry an operator, as in <c>c[TIME_PERIOD]=ge:2020-01+le:2020-12</c>.
/// </summary>
internal sealed class SdmxFilters
{
    /// <summary>The most values with another operator than <c>eq</c> in a request: each has to look at a whole codelist.</summary>
    public const int MostOperators = 100;

    private static readonly string[] Operators = ["eq", "ne", "lt", "le", "gt", "ge", "co", "nc", "sw", "ew"];

    private readonly List<(string Component, List<List<Term>> Alternatives)> filters = [];

    /// <summary>No filter at all.</summary>
    public static SdmxFilters None { get; } = new();

    /// <summary>The components that are filtered, as they were named.</summary>
    public IEnumerable<string> Components => filters.Select(f => f.Component);

    /// <summary>Whether a parameter of a request is a filter.</summary>
    public static bool IsFilter(string parameter) => parameter.StartsWith("c[", StringComparison.Ordinal) && parameter.EndsWith(']');

    /// <summary>Reads the filters of a request.</summary>
    public static SdmxFilters Parse(IQueryCollection query)
    {
        var read = new SdmxFilters();
        var operators = 0;
        foreach (var (name, values) in query)
        {
            if (!IsFilter(name))
                continue;
            var component = name[2..^1];
            if (values.Count > 1 || read.filters.Exists(f => f.Component == component))
                throw ProblemException.Malformed(name, values.ToString(), "each component once; a comma is 'or', a plus sign 'and'", "conflicting-parameters");
            var text = values.ToString();
            // A plus sign that was not escaped arrives as a space.
            var alternatives = text.Split(',').Select(part => part.Split('+', ' ').Select(item => Term.Parse(name, item)).ToList()).ToList();
            operators += alternatives.Sum(part => part.Count(term => term.Operator != "eq") + (part.Count > 1 ? 1 : 0));
            if (operators > MostOperators)
            {
                throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "too-many-operators",
                    $"A request has at most {MostOperators} values with operators; plain values with commas between are not counted.")
                {
                    Parameter = name,
                };
            }
            read.filters.Add((component, alternatives));
        }
        return read;
    }

    /// <summary>The criteria of the filters against a version; adds to <paramref name="unknown"/> the codes that it does not have.</summary>
    /// <param name="at">The version.</param>
    /// <param name="unknown">The codes that the version does not have.</param>
    /// <param name="except">A component whose filter does not count; -1 for none.</param>
    public IEnumerable<Criterion> Against(DatasetAtVersion at, List<(int Component, string Code)> unknown, int except = -1)
    {
        var where = new List<Criterion>();
        foreach (var (id, alternatives) in filters)
        {
            if (except >= 0 && SdmxSelection.Find(at, id) == except)
                continue;
            var any = new List<Criterion>();
            // Plain values, of which there may be thousands, are one list.
            var plain = alternatives.Where(part => part is [{ Operator: "eq" }]).Select(part => part[0].Value).ToList();
            if (plain.Count > 0)
                any.Add(IsOneOf(at, id, plain, unknown));
            foreach (var part in alternatives)
            {
                if (part is not [{ Operator: "eq" }])
                    any.Add(part.Count == 1 ? Compare(at, id, part[0], unknown) : new Criterion.All([.. part.Select(term => Compare(at, id, term, unknown))]));
            }
            where.Add(any.Count == 1 ? any[0] : new Criterion.Any(any));
        }
        return where;
    }

    /// <summary>1.x's <c>startPeriod</c> and <c>endPeriod</c>, both ends included; null leaves an end open.</summary>
    public static IEnumerable<Criterion> Between(DatasetAtVersion at, string? startPeriod, string? endPeriod)
    {
        var refused = new List<ProblemException>();
        PeriodDays? Bound(string parameter, string? text)
        {
            if (text is null)
                return null;
            if (SdmxTime.TryParse(text, out var period))
                return period;
            refused.Add(PeriodHints.Malformed(parameter, text, text, SdmxTime.Forms, at));
            return null;
        }
        var (start, end) = (Bound("startPeriod", startPeriod), Bound("endPeriod", endPeriod));
        if (refused.Count > 0)
            throw ProblemException.Several(refused, 0);
        return start is null && end is null ? [] : [new Criterion.Between(Concepts.TimePeriod, start?.Start, end?.End)];
    }

    private static PeriodDays Period(DatasetAtVersion at, string parameter, string text) =>
        SdmxTime.TryParse(text, out var period) ? period : throw PeriodHints.Malformed(parameter, text, text, SdmxTime.Forms, at);

    private static Criterion IsOneOf(DatasetAtVersion at, string id, List<string> values, List<(int Component, string Code)> unknown)
    {
        if (id == Concepts.ObsValue)
            return new Criterion.Any([.. values.Select(value => new Criterion.Value(Comparison.Eq, Number(id, value)))]);
        if (id == "RELEASE")
            return new Criterion.FromReleases(values);
        var component = Component(at, id);
        var codes = new List<string>(values.Count);
        foreach (var value in values.Distinct(StringComparer.Ordinal))
        {
            var before = codes.Count;
            if (component == at.TimeIndex && value == SdmxPeriods.None)
                codes.AddRange(at.Find(component, "") >= 0 ? [""] : []);
            else if (component == at.TimeIndex)
                codes.AddRange(at.Find(component, value) >= 0 ? [value] : SdmxSelection.Periods(at, value, Period(at, $"c[{id}]", value)));
            else if (SdmxSelection.FindCode(at, component, value) is >= 0 and var code)
                codes.Add(at.Components[component].Codes[code].Id);
            if (codes.Count == before)
                unknown.Add((component, value));
        }
        return new Criterion.OneOf(at.Components[component].Id, codes);
    }

    private static Criterion Compare(DatasetAtVersion at, string id, Term term, List<(int Component, string Code)> unknown)
    {
        switch (term.Operator)
        {
            case "eq":
                return IsOneOf(at, id, [term.Value], unknown);
            case "ne" when id != Concepts.ObsValue:
                return new Criterion.Not(IsOneOf(at, id, [term.Value], unknown));
            case "nc":
                return new Criterion.Not(Compare(at, id, term with { Operator = "co" }, unknown));
        }
        if (id == Concepts.ObsValue)
        {
            return Enum.TryParse<Comparison>(term.Operator, ignoreCase: true, out var comparison)
                ? new Criterion.Value(comparison, Number(id, term.Value))
                : throw ProblemException.Malformed($"c[{id}]", term.Value, "a number with eq, ne, lt, le, gt or ge: a value is no text", "not-filterable");
        }
        if (id == "RELEASE")
            throw ProblemException.Malformed("c[RELEASE]", term.Value, "ids of releases with commas between, without an operator or with eq or ne", "not-filterable");
        var component = Component(at, id);
        if (component == at.TimeIndex && term.Operator.Length == 2 && term.Operator[0] is 'l' or 'g')
            return InTime(at, id, term);
        var codes = at.Components[component].Codes;
        return new Criterion.OneOf(at.Components[component].Id, [.. codes.Select(code => code.Id).Where(code => term.Holds(SdmxIds.Value(at, component, code)) || term.Holds(code))]);
    }

    private static Criterion.Between InTime(DatasetAtVersion at, string id, Term term)
    {
        var period = Period(at, $"c[{id}]", term.Value);
        return term.Operator switch
        {
            "ge" => new Criterion.Between(Concepts.TimePeriod, period.Start, null),
            "gt" => new Criterion.Between(Concepts.TimePeriod, period.End == DateOnly.MaxValue ? period.End : period.End.AddDays(1), null),
            "le" => new Criterion.Between(Concepts.TimePeriod, null, period.End),
            _ => new Criterion.Between(Concepts.TimePeriod, null, period.Start == DateOnly.MinValue ? period.Start : period.Start.AddDays(-1)),
        };
    }

    private static int Component(DatasetAtVersion at, string id)
    {
        if (SdmxSelection.Find(at, id) is >= 0 and var component)
            return component;
        if (id is Concepts.SourceId or Concepts.Decimals)
            throw SdmxError.NotImplemented($"c[{id}]", id, $"{id} can not be filtered by.");
        throw ProblemException.Unknown(400, "unknown-dimension", "component", "c", id, [.. at.Components.Select(c => SdmxIds.OfComponent(c.Id)), Concepts.ObsValue, "RELEASE"]);
    }

    private static decimal Number(string id, string value) =>
        !value.Contains('\0') && decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw ProblemException.Malformed($"c[{id}]", value, "a number");

    /// <summary>A value with its operator.</summary>
    private sealed record Term(string Operator, string Value)
    {
        public static Term Parse(string parameter, string text)
        {
            if (text.Length == 0)
                throw ProblemException.Malformed(parameter, text, "values with commas ('or') or plus signs ('and') between, each perhaps with an operator such as ge: before it");
            return text.Length > 3 && text[2] == ':' && Operators.Contains(text[..2]) ? new Term(text[..2], text[3..]) : new Term("eq", text);
        }

        /// <summary>Whether a text compares so with the value: as numbers where both are, else by their characters.</summary>
        public bool Holds(string text)
        {
            switch (Operator)
            {
                case "co":
                    return text.Contains(Value, StringComparison.Ordinal);
                case "sw":
                    return text.StartsWith(Value, StringComparison.Ordinal);
                case "ew":
                    return text.EndsWith(Value, StringComparison.Ordinal);
            }
            var order = decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var a) && decimal.TryParse(Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var b)
                ? a.CompareTo(b)
                : string.CompareOrdinal(text, Value);
            return Operator switch { "lt" => order < 0, "le" => order <= 0, "gt" => order > 0, _ => order >= 0 };
        }
    }
}
