using Microsoft.OData.UriParser;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// Turns $filter, $search and $orderby into what the engine answers. A condition on one component, however it is written, becomes the set of the codes that meet
/// it: it is worked out once for each code, never for a row. Only what compares several properties, or reckons with OBS_VALUE, looks at rows.
/// </summary>
/// <param name="at">The version.</param>
/// <param name="model">Its model.</param>
/// <param name="option">The option that expressions stand in.</param>
/// <param name="text">The option as it came, which tells its expressions from others'.</param>
internal sealed class ODataFilter(DatasetAtVersion at, ODataModel model, string option, string? text = null)
{
    // A tool's own list may be of thousands.
    private const int MostChecked = 20;
    private int worked;

    /// <summary>Whether a condition was met that reckons with what the observations say, so that it can fail at any of them.</summary>
    public bool CanFail { get; private set; }

    /// <summary>The observations for which an expression is true.</summary>
    public Criterion Where(QueryNode node) => Where(node, true);

    /// <summary>The observations that a search finds: a word is found in a code or in one of its labels.</summary>
    public Criterion Search(QueryNode node) => node switch
    {
        BinaryOperatorNode { OperatorKind: BinaryOperatorKind.And or BinaryOperatorKind.Or } binary => binary.OperatorKind == BinaryOperatorKind.And
            ? new Criterion.All([.. Spine(binary).Select(Search)]) : new Criterion.Any([.. Spine(binary).Select(Search)]),
        UnaryOperatorNode not => new Criterion.Not(Search(not.Operand)),
        SearchTermNode term => new Criterion.Any([.. at.Components.Select(c => new Criterion.OneOf(c.Id, [.. c.Codes.Where(code => Has(code.Id, term.Text) || code.Labels.Values.Any(l => Has(l, term.Text))).Select(code => code.Id)]))]),
        _ => throw ODataExpression.Unsupported("this $search", "$search"),
    };

    /// <summary>The order that $orderby asks for; empty for the stored one.</summary>
    public List<SortKey> Sort(OrderByClause? clause)
    {
        var keys = new List<SortKey>();
        for (; clause is not null; clause = clause.ThenBy)
        {
            var (node, descending) = (Bare(clause.Expression), clause.Direction == OrderByDirection.Descending);
            var columns = Columns(node).Distinct().ToList();
            if (columns.Find(c => c.Column > at.ValueColumn) is { } shown)
                throw ODataExpression.Unsupported($"{option} by {shown.Name}, or by an expression over it", option);
            if (columns.Count == 0)
            {
                // The same for all rows.
                ODataExpression.Evaluate(node, (_, _) => null);
                continue;
            }
            // OData has nulls below everything else.
            var column = columns[0];
            if (columns.DistinctBy(c => c.Column).Count() > 1 || (column.Column == at.ValueColumn && node is not SingleValuePropertyAccessNode))
                keys.Add(new SortKey("", descending) { Expression = new SortExpression($"{text}#{keys.Count}", [.. columns.Select(c => c.Column).Distinct()], Named(Cell(node)), Comparer<object?>.Create(ODataExpression.Compare)) });
            else if (column.Column == at.ValueColumn)
                keys.Add(new SortKey(at.ColumnName(at.ValueColumn), descending) { MissingFirst = !descending });
            else if (node is SingleValuePropertyAccessNode { Source: ResourceRangeVariableReferenceNode } && column.Kind == ODataKind.Text)
                keys.Add(new SortKey(at.Components[column.Column].Id, descending) { MissingFirst = !descending });
            else
                keys.Add(new SortKey(at.Components[column.Column].Id, descending) { Ranking = new CodeRanking($"{text}#{keys.Count}", Ranks(node, column.Column)) });
        }
        // The stored order is by the dimensions in their order.
        return keys.Count <= at.TimeIndex && keys.Index().All(k => k.Item is { Descending: false, Ranking: null, Expression: null } && k.Item.Column == at.Components[k.Index].Id) ? [] : keys;
    }

    /// <summary>The observations that have a key.</summary>
    public List<Criterion> Key(IEnumerable<KeyValuePair<string, object>> keys) =>
        [.. keys.Select(key => Same(model.Find(key.Key).Column, (string)key.Value))];

    private Criterion Where(QueryNode node, bool wanted)
    {
        node = Bare(node);
        if (node is BinaryOperatorNode { OperatorKind: BinaryOperatorKind.And or BinaryOperatorKind.Or } binary)
        {
            var parts = Spine(binary).Select(part => Where(part, wanted)).ToList();
            return (binary.OperatorKind == BinaryOperatorKind.And) == wanted ? new Criterion.All(parts) : new Criterion.Any(parts);
        }
        if (node is UnaryOperatorNode { OperatorKind: UnaryOperatorKind.Not } not)
            return Where(not.Operand, !wanted);
        var columns = Columns(node).Select(c => c.Column).Distinct().ToList();
        if (columns.Count == 0)
            return Constant(ODataExpression.Evaluate(node, (_, _) => null) is bool value && value == wanted);
        if (columns is not [var column])
            return Worked(columns, node, wanted);
        if (column < at.Components.Count)
        {
            Check(column, node);
            return Direct(column, node) is { } direct ? wanted ? direct : new Criterion.Not(direct) : Codes(column, node, wanted);
        }
        var criterion = column == at.ValueColumn ? Value(node) : column == at.ReleaseColumn ? Release(node) : null;
        return criterion is null ? Worked(columns, node, wanted) : wanted ? criterion : new Criterion.Not(criterion);
    }

    // What no codelist can tell beforehand.
    private Criterion.Worked Worked(IReadOnlyList<int> columns, QueryNode node, bool wanted)
    {
        foreach (var column in columns)
            if (column > at.ValueColumn)
                throw ODataExpression.Unsupported($"this condition on {at.ColumnName(column)}", option);
        var cell = Named(Cell(node));
        return new Criterion.Worked($"{text}#{worked++}", columns, (chunk, row) => cell(chunk, row) is bool value && value == wanted);
    }

    // What can not be worked out for a row is told of the option.
    private Func<Chunk, int, object?> Named(Func<Chunk, int, object?> cell) => (chunk, row) =>
    {
        try
        {
            return cell(chunk, row);
        }
        catch (ProblemException e) when (e.Parameter is null)
        {
            throw e.Of(option);
        }
    };

    // Parts that look at one component are worked out for each of its codes, the rest for a row.
    private Func<Chunk, int, object?> Cell(QueryNode node)
    {
        var columns = Columns(node).Select(c => c.Column).Distinct().ToList();
        if (columns.Count == 0)
        {
            var constant = ODataExpression.Evaluate(node, (_, _) => null);
            return (_, _) => constant;
        }
        if (columns is [var component] && component < at.Components.Count)
        {
            object?[] values = [.. Enumerable.Range(0, at.Components[component].Codes.Count + 1).Select(number => ODataExpression.Evaluate(node, Reader(component, number)))];
            return (chunk, row) => values[chunk.Codes[component]![row]];
        }
        switch (node)
        {
            case ConvertNode convert:
                var (source, type) = (Cell(convert.Source), convert.TypeReference);
                return (chunk, row) => ODataExpression.Convert(source(chunk, row), type);
            case SingleValuePropertyAccessNode:
                return (chunk, row) => chunk.Values![row];
            case UnaryOperatorNode unary:
                var operand = Cell(unary.Operand);
                return (chunk, row) => ODataExpression.Unary(unary, operand(chunk, row));
            case BinaryOperatorNode { OperatorKind: BinaryOperatorKind.And or BinaryOperatorKind.Or } joined:
                var (parts, decides) = (Spine(joined).ConvertAll(Cell), joined.OperatorKind == BinaryOperatorKind.Or);
                return (chunk, row) => Joined(parts, decides, chunk, row);
            case BinaryOperatorNode binary:
                CanFail |= !ODataExpression.IsComparison(binary.OperatorKind);
                var (left, right) = (Cell(binary.Left), Cell(binary.Right));
                return (chunk, row) => ODataExpression.Binary(binary, left(chunk, row), right(chunk, row));
            case InNode { Right: CollectionConstantNode list } isIn:
                var tested = Cell(isIn.Left);
                return (chunk, row) => ODataExpression.IsIn(tested(chunk, row), list);
            case SingleValueFunctionCallNode call:
                Func<Chunk, int, object?>[] parameters = [.. call.Parameters.Select(Cell)];
                return (chunk, row) => ODataExpression.Call(call.Name, Array.ConvertAll(parameters, p => p(chunk, row)));
            default:
                throw ODataExpression.Unsupported("this expression over several properties", option);
        }
    }

    // Unknown only where no part decides.
    private static object? Joined(List<Func<Chunk, int, object?>> parts, bool decides, Chunk chunk, int row)
    {
        object? whole = !decides;
        foreach (var part in parts)
        {
            if (part(chunk, row) is not bool value)
                whole = null;
            else if (value == decides)
                return decides;
        }
        return whole;
    }

    // That nothing is equal to a text is no mistake, unless the text is clearly another name of something that is there: a label, a period in another notation.
    private void Check(int component, QueryNode node)
    {
        var texts = node switch
        {
            InNode { Right: CollectionConstantNode list } isIn when IsCode(isIn.Left) => list.Collection.Select(item => item.Value as string),
            BinaryOperatorNode comparison when ODataExpression.IsComparison(comparison.OperatorKind) && (IsCode(comparison.Left) || IsCode(comparison.Right)) =>
                [((Bare(comparison.Left) as ConstantNode ?? Bare(comparison.Right) as ConstantNode)?.Value) as string],
            _ => Enumerable.Empty<string?>(),
        };
        var isOrder = node is BinaryOperatorNode { OperatorKind: not (BinaryOperatorKind.Equal or BinaryOperatorKind.NotEqual) };
        foreach (var text in texts.Take(MostChecked))
        {
            if (string.IsNullOrEmpty(text) || at.Find(component, text) >= 0)
                continue;
            var id = at.Components[component].Id;
            if (component == at.TimeIndex && !PeriodDays.TryParse(text, out _) && PeriodHints.Spelling(text, at) is not null)
                throw PeriodHints.Malformed(option, text, text, PeriodDays.Forms, at);
            if (!isOrder && component != at.TimeIndex && at.Components[component].Codes.Any(code => code.Labels.Values.Contains(text, StringComparer.OrdinalIgnoreCase)))
                throw Quoted(LikelyCodes.Problem(400, "unknown-code", at, component, option, text), text);
        }
    }

    // Within a text of an expression an apostrophe stands twice.
    private ProblemException Quoted(ProblemException problem, string text)
    {
        static string Twice(string text) => text.Replace("'", "''", StringComparison.Ordinal);
        return problem.DidYouMean is not { } meant ? problem : new ProblemException(problem.Status, problem.Code, problem.Message)
        {
            Parameter = option,
            Value = text,
            Expected = problem.Expected?.DeepClone(),
            DidYouMean = meant,
            Corrections = [new Correction(option, Twice(text), Twice(meant))],
        };
    }

    private bool IsCode(QueryNode side) =>
        Bare(side) is SingleValuePropertyAccessNode { Source: ResourceRangeVariableReferenceNode, Property.Name: var name } && model.Find(name).Kind == ODataKind.Text;

    // A code that is named: no need to look at the others.
    private Criterion? Direct(int component, QueryNode node)
    {
        if (node is InNode { Right: CollectionConstantNode list } isIn && IsCode(isIn.Left) && list.Collection.All(item => item.Value is string { Length: > 0 }))
            return new Criterion.OneOf(at.Components[component].Id, [.. list.Collection.Select(item => (string)item.Value)]);
        if (node is not BinaryOperatorNode { OperatorKind: BinaryOperatorKind.Equal or BinaryOperatorKind.NotEqual } comparison)
            return null;
        var other = IsCode(comparison.Left) ? comparison.Right : IsCode(comparison.Right) ? comparison.Left : null;
        if (other is null || Bare(other) is not ConstantNode { Value: string code })
            return null;
        return comparison.OperatorKind == BinaryOperatorKind.Equal ? Same(component, code) : new Criterion.Not(Same(component, code));
    }

    private Criterion Same(int component, string code) =>
        new Criterion.OneOf(at.Components[component].Id, [code]) is var same && code.Length == 0 && component == at.TimeIndex
            ? new Criterion.Any([same, new Criterion.NoCode(at.Components[component].Id)]) : same;

    private Criterion Codes(int component, QueryNode node, bool wanted)
    {
        var (id, codes) = (at.Components[component].Id, at.Components[component].Codes);
        var meeting = new Criterion.OneOf(id, [.. Enumerable.Range(0, codes.Count).Where(Meets).Select(number => codes[number].Id)]);
        return Meets(codes.Count) ? new Criterion.Any([meeting, new Criterion.NoCode(id)]) : meeting;

        bool Meets(int number) => ODataExpression.Evaluate(node, Reader(component, number)) is bool value && value == wanted;
    }

    private ODataReader Reader(int component, int number) =>
        (navigation, property) => navigation is null ? model.OfCode(model.Find(property), number) : model.Code(component, number, property);

    private Criterion? Value(QueryNode node)
    {
        if (node is InNode { Right: CollectionConstantNode list } isIn && Bare(isIn.Left) is SingleValuePropertyAccessNode)
            return new Criterion.Any([.. list.Collection.Select(item => Compare(BinaryOperatorKind.Equal, ODataExpression.Constant(item)))]);
        if (node is not BinaryOperatorNode comparison || !ODataExpression.IsComparison(comparison.OperatorKind))
            return null;
        var (isLeft, isRight) = (Bare(comparison.Left) is SingleValuePropertyAccessNode, Bare(comparison.Right) is SingleValuePropertyAccessNode);
        var other = isLeft ? comparison.Right : comparison.Left;
        if (isLeft == isRight || Columns(other).Any())
            return null;
        return Compare(isLeft ? comparison.OperatorKind : Turned(comparison.OperatorKind), ODataExpression.Evaluate(other, (_, _) => null));

        static Criterion Compare(BinaryOperatorKind kind, object? value) => (kind, value) switch
        {
            (BinaryOperatorKind.Equal, null) => new Criterion.NoValue(),
            (BinaryOperatorKind.NotEqual, null) => new Criterion.Not(new Criterion.NoValue()),
            (_, null) => Constant(false),
            // A missing value is another than any number.
            (BinaryOperatorKind.NotEqual, decimal number) => new Criterion.Not(new Criterion.Value(Comparison.Eq, number)),
            (_, decimal number) => new Criterion.Value(kind switch
            {
                BinaryOperatorKind.Equal => Comparison.Eq,
                BinaryOperatorKind.LessThan => Comparison.Lt,
                BinaryOperatorKind.LessThanOrEqual => Comparison.Le,
                BinaryOperatorKind.GreaterThan => Comparison.Gt,
                _ => Comparison.Ge,
            }, number),
            _ => throw ODataExpression.Unsupported($"comparing OBS_VALUE with {value.GetType().Name}"),
        };

        static BinaryOperatorKind Turned(BinaryOperatorKind kind) => kind switch
        {
            BinaryOperatorKind.LessThan => BinaryOperatorKind.GreaterThan,
            BinaryOperatorKind.LessThanOrEqual => BinaryOperatorKind.GreaterThanOrEqual,
            BinaryOperatorKind.GreaterThan => BinaryOperatorKind.LessThan,
            BinaryOperatorKind.GreaterThanOrEqual => BinaryOperatorKind.LessThanOrEqual,
            _ => kind,
        };
    }

    private static Criterion? Release(QueryNode node)
    {
        if (node is InNode { Right: CollectionConstantNode list } isIn && Bare(isIn.Left) is SingleValuePropertyAccessNode)
            return new Criterion.FromReleases([.. list.Collection.Select(item => item.Value as string ?? "")]);
        if (node is not BinaryOperatorNode { OperatorKind: BinaryOperatorKind.Equal or BinaryOperatorKind.NotEqual } comparison)
            return null;
        var other = Bare(comparison.Left) is SingleValuePropertyAccessNode ? comparison.Right : comparison.Left;
        if (Bare(other) is not ConstantNode { Value: string release })
            return null;
        var from = new Criterion.FromReleases([release]);
        return comparison.OperatorKind == BinaryOperatorKind.Equal ? from : new Criterion.Not(from);
    }

    private int[] Ranks(QueryNode node, int component)
    {
        var count = at.Components[component].Codes.Count;
        var values = new object?[count + 1];
        for (var number = 0; number <= count; number++)
            values[number] = ODataExpression.Evaluate(node, Reader(component, number));
        int[] order = [.. Enumerable.Range(0, count + 1)];
        Array.Sort(order, (x, y) => ODataExpression.Compare(values[x], values[y]));
        var ranks = new int[count + 1];
        for (var i = 1; i < order.Length; i++)
            ranks[order[i]] = ranks[order[i - 1]] + (ODataExpression.Compare(values[order[i - 1]], values[order[i]]) == 0 ? 0 : 1);
        return ranks;
    }

    private static Criterion Constant(bool holds) => holds ? new Criterion.All([]) : new Criterion.Any([]);

    // The properties that an expression looks at; one that it reaches over a code counts as the code's.
    private IEnumerable<ODataColumn> Columns(QueryNode node) => node switch
    {
        ConvertNode convert => Columns(convert.Source),
        SingleValuePropertyAccessNode { Source: SingleNavigationNode navigation } => Columns(navigation),
        SingleValuePropertyAccessNode property => [model.Find(property.Property.Name)],
        SingleNavigationNode navigation => [model.Find(model.Names[model.ComponentOfNavigation(navigation.NavigationProperty.Name)])],
        UnaryOperatorNode unary => Columns(unary.Operand),
        BinaryOperatorNode binary => Columns(binary.Left).Concat(Columns(binary.Right)),
        InNode isIn => Columns(isIn.Left),
        SingleValueFunctionCallNode call => call.Parameters.SelectMany(Columns),
        ConstantNode constant when ODataExpression.Checked(constant) is not null => [],
        _ => throw ODataExpression.Unsupported(node),
    };

    // Chains of and, or of or, are trees that lean to the left, as deep as they are long.
    private static List<QueryNode> Spine(BinaryOperatorNode node)
    {
        var parts = new List<QueryNode>();
        QueryNode at = node;
        while (Bare(at) is BinaryOperatorNode binary && binary.OperatorKind == node.OperatorKind)
        {
            parts.Add(binary.Right);
            at = binary.Left;
        }
        parts.Add(at);
        // As they were written: what stands first can keep the next from failing.
        parts.Reverse();
        return parts;
    }

    private static QueryNode Bare(QueryNode node)
    {
        while (node is ConvertNode convert)
            node = convert.Source;
        return node;
    }

    private static bool Has(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
}
