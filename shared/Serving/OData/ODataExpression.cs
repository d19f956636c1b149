using Microsoft.AspNetCore.Http;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace Pipeline.Serving;

/// <summary>Gives a property of the row that an expression is worked out for; the navigation property before it, where there is one.</summary>
internal delegate object? ODataReader(string? navigation, string property);

/// <summary>
/// Works expressions out for one row. Numbers are decimals, dates DateOnly, instants DateTimeOffset; null is "unknown" as OData has it: equal to itself only,
/// neither more nor less than anything, and what a function gives that gets it.
/// </summary>
internal static class ODataExpression
{
    /// <summary>The value of an expression.</summary>
    /// <exception cref="ProblemException">The expression has something in it that is not supported.</exception>
    public static object? Evaluate(QueryNode node, ODataReader row) => node switch
    {
        ConvertNode convert => Convert(Evaluate(convert.Source, row), convert.TypeReference),
        ConstantNode constant => Constant(Checked(constant)),
        SingleValuePropertyAccessNode { Source: SingleNavigationNode navigation } property => row(navigation.NavigationProperty.Name, property.Property.Name),
        SingleValuePropertyAccessNode { Source: ResourceRangeVariableReferenceNode } property => row(null, property.Property.Name),
        SingleValueOpenPropertyAccessNode open => row(null, open.Name),
        // A code is there where its id is.
        SingleNavigationNode navigation => row(navigation.NavigationProperty.Name, "Id"),
        UnaryOperatorNode unary => Unary(unary, Evaluate(unary.Operand, row)),
        BinaryOperatorNode binary => Binary(binary, row),
        InNode { Right: CollectionConstantNode list } isIn => IsIn(Evaluate(isIn.Left, row), list),
        SingleValueFunctionCallNode call => Call(call.Name, [.. call.Parameters.Select(p => Evaluate(p, row))]),
        _ => throw Unsupported(node),
    };

    /// <summary>A constant of an expression; a number with the digits that were written.</summary>
    /// <remarks>The parser takes 111008.65 for a float, which has seven digits.</remarks>
    public static object? Constant(ConstantNode constant) =>
        constant.Value is float or double or decimal
        && decimal.TryParse(constant.LiteralText.AsSpan().TrimEnd("MmFfDd"), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var written)
            ? written : Plain(constant.Value);

    /// <summary>A constant that is no object and no list: the library takes those for texts.</summary>
    public static ConstantNode Checked(ConstantNode constant) => constant is { Value: string, LiteralText: ['{' or '[', ..] }
        ? throw Malformed(constant.LiteralText, "a text in apostrophes, a number, a date, true, false or null; a list only after in, in round brackets")
        : constant;

    /// <summary>Works something out of the expression in an option, which is named where something in it can not be.</summary>
    public static T In<T>(string option, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ProblemException e) when (e.Parameter is null)
        {
            throw e.Of(option);
        }
    }

    /// <summary>A constant's value as expressions have it.</summary>
    public static object? Plain(object? value) => value switch
    {
        int or long or short or byte or sbyte or float or double => System.Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture),
#pragma warning disable CS0618 // What the parser makes of a date until ODL 9 is out.
        Date date => new DateOnly(date.Year, date.Month, date.Day),
#pragma warning restore CS0618
        null or string or bool or decimal or DateOnly or DateTimeOffset => value,
        _ => throw Unsupported("a constant of the type " + value.GetType().Name),
    };

    /// <summary>Orders values of one type: texts by their characters' numbers, null first.</summary>
    public static int Compare(object? x, object? y) => (x, y) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string a, string b) => string.CompareOrdinal(a, b),
        _ when x.GetType() == y.GetType() => ((IComparable)x).CompareTo(y),
        _ => throw Unsupported($"comparing {x.GetType().Name} with {y.GetType().Name}"),
    };

    /// <summary>Whether a comparison holds; a null is neither more nor less than anything.</summary>
    public static bool Holds(BinaryOperatorKind kind, object? left, object? right)
    {
        if (left is null || right is null)
            return kind == BinaryOperatorKind.Equal ? left is null && right is null : kind == BinaryOperatorKind.NotEqual && !(left is null && right is null);
        var order = Compare(left, right);
        return kind switch
        {
            BinaryOperatorKind.Equal => order == 0,
            BinaryOperatorKind.NotEqual => order != 0,
            BinaryOperatorKind.LessThan => order < 0,
            BinaryOperatorKind.LessThanOrEqual => order <= 0,
            BinaryOperatorKind.GreaterThan => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>Whether an operator compares.</summary>
    public static bool IsComparison(BinaryOperatorKind kind) => kind is >= BinaryOperatorKind.Equal and <= BinaryOperatorKind.LessThanOrEqual;

    // Which option it stands in, In knows.
    private static ProblemException Malformed(string part, string expected) =>
        new(StatusCodes.Status400BadRequest, "malformed-value", $"The expression can not be worked out: '{ProblemException.Short(part)}'; expected: {expected}.") { Value = part, Expected = expected };

    /// <summary>What is said of something that OData has and this service has not.</summary>
    public static ProblemException Unsupported(string what, string? parameter = null) =>
        new(501, "not-implemented", $"This service does not support {what}.") { Parameter = parameter };

    /// <summary>The same of a part of an expression.</summary>
    public static ProblemException Unsupported(QueryNode node) => Unsupported(node is ParameterAliasNode alias ? $"the alias {alias.Alias}: write its value where it stands" : node.Kind.ToString());

    /// <summary>A value as the type that it is compared or reckoned in.</summary>
    public static object? Convert(object? value, IEdmTypeReference to) =>
        value is DateOnly date && to.IsDateTimeOffset() ? new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : value;

    /// <summary>What an operator with one operand gives.</summary>
    public static object? Unary(UnaryOperatorNode node, object? value) => (node.OperatorKind, value) switch
    {
        (UnaryOperatorKind.Not, bool b) => !b,
        (UnaryOperatorKind.Negate, decimal d) => -d,
        _ => null,
    };

    /// <summary>What an operator gives that compares or reckons. Numbers are exact; whole numbers divide into whole ones (OData 4.01 part 2, 5.1.1.2).</summary>
    /// <exception cref="ProblemException">The divisor is zero: with decimals the request fails.</exception>
    /// <exception cref="OverflowException">The result has more digits than a decimal.</exception>
    public static object? Binary(BinaryOperatorNode node, object? left, object? right)
    {
        if (IsComparison(node.OperatorKind))
            return Holds(node.OperatorKind, left, right);
        if (left is null || right is null)
            return null;
        return (left, right) is (decimal a, decimal b) ? node.OperatorKind switch
        {
            BinaryOperatorKind.Add => a + b,
            BinaryOperatorKind.Subtract => a - b,
            BinaryOperatorKind.Multiply => a * b,
            BinaryOperatorKind.Divide or BinaryOperatorKind.Modulo when b == 0 => throw Malformed(
                node.OperatorKind == BinaryOperatorKind.Divide ? "div 0" : "mod 0", "a divisor that is nowhere zero; let $filter leave the zeros out: X ne 0, which stands before what divides"),
            BinaryOperatorKind.Divide => node.TypeReference?.IsIntegral() == true ? decimal.Truncate(a / b) : a / b,
            BinaryOperatorKind.Modulo => a % b,
            _ => throw Unsupported("the operator " + node.OperatorKind),
        } : throw Unsupported($"{node.OperatorKind} on {left.GetType().Name}");
    }

    private static object? Binary(BinaryOperatorNode node, ODataReader row)
    {
        var left = Evaluate(node.Left, row);
        if (node.OperatorKind is not (BinaryOperatorKind.And or BinaryOperatorKind.Or))
            return Binary(node, left, Evaluate(node.Right, row));
        // Unknown only where the other side does not decide.
        var decides = node.OperatorKind == BinaryOperatorKind.Or;
        if (left is bool l && l == decides)
            return decides;
        var other = Evaluate(node.Right, row);
        return other is bool r && r == decides ? decides : left is bool && other is bool ? !decides : null;
    }

    /// <summary>Whether a value is in a list.</summary>
    public static bool IsIn(object? value, CollectionConstantNode list)
    {
        foreach (var item in list.Collection)
            if (Holds(BinaryOperatorKind.Equal, value, Constant(item)))
                return true;
        return false;
    }

    /// <summary>What a function gives.</summary>
    public static object? Call(string name, object?[] values)
    {
        if (Array.Exists(values, v => v is null))
            return null;
        return (name.ToLowerInvariant(), values) switch
        {
            ("contains", [string text, string part]) => text.Contains(part, StringComparison.Ordinal),
            ("startswith", [string text, string part]) => text.StartsWith(part, StringComparison.Ordinal),
            ("endswith", [string text, string part]) => text.EndsWith(part, StringComparison.Ordinal),
            ("indexof", [string text, string part]) => (decimal)text.IndexOf(part, StringComparison.Ordinal),
            ("length", [string text]) => (decimal)text.Length,
            ("substring", [string text, decimal from]) => text[Place(text, from)..],
            ("substring", [string text, decimal from, decimal count]) => text.Substring(Place(text, from), (int)Math.Clamp(count, 0, text.Length - Place(text, from))),
            ("tolower", [string text]) => text.ToLowerInvariant(),
            ("toupper", [string text]) => text.ToUpperInvariant(),
            ("trim", [string text]) => text.Trim(),
            ("concat", [string text, string more]) => text + more,
            ("year", [DateOnly day]) => (decimal)day.Year,
            ("month", [DateOnly day]) => (decimal)day.Month,
            ("day", [DateOnly day]) => (decimal)day.Day,
            ("year", [DateTimeOffset time]) => (decimal)time.Year,
            ("month", [DateTimeOffset time]) => (decimal)time.Month,
            ("day", [DateTimeOffset time]) => (decimal)time.Day,
            ("date", [DateTimeOffset time]) => DateOnly.FromDateTime(time.UtcDateTime),
            ("round", [decimal number]) => Math.Round(number, MidpointRounding.AwayFromZero),
            ("floor", [decimal number]) => Math.Floor(number),
            ("ceiling", [decimal number]) => Math.Ceiling(number),
            _ => throw Unsupported($"the function {name} here"),
        };
    }

    private static int Place(string text, decimal from) => (int)Math.Clamp(from, 0, text.Length);
}
