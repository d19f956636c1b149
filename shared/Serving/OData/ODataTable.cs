using System.Globalization;
using System.Text.Json;
using Microsoft.OData.Edm;
using Microsoft.OData.UriParser;

namespace Pipeline.Serving;

/// <summary>Entities that are in memory: codes, datasets, groups. Filters, sorts and writes them.</summary>
/// <param name="edm">The model.</param>
/// <param name="set">The set that they are in.</param>
/// <param name="count">How many there are.</param>
/// <param name="value">A property of the entity with a number.</param>
/// <param name="properties">Their properties where they are other than those of the set's type.</param>
/// <param name="missing">How many values were missing that a property of an entity would have been made of.</param>
internal sealed class ODataTable(
    IEdmModel edm, IEdmEntitySet set, int count, Func<int, string, object?> value, IReadOnlyList<string>? properties = null, Func<int, string, long>? missing = null)
{
    private readonly IReadOnlyList<string> all = properties ?? [.. set.EntityType.StructuralProperties().Select(p => p.Name)];

    /// <summary>The set that the entities are in.</summary>
    public IEdmEntitySet Set => set;

    /// <summary>The entities that a request wants, all pages, in its order.</summary>
    public List<int> Matching(ODataRequest request)
    {
        IEnumerable<int> rows = Enumerable.Range(0, count);
        if (request["$filter"] is not null)
        {
            var filter = request.Parse("$filter", edm, set, p => p.ParseFilter()).Expression;
            rows = rows.Where(row => Evaluate("$filter", filter, row) is true);
        }
        if (request["$search"] is not null)
        {
            var search = request.Parse("$search", edm, set, p => p.ParseSearch()).Expression;
            rows = rows.Where(row => Finds(search, row));
        }
        if (request["$orderby"] is null)
            return [.. rows];
        var clause = request.Parse("$orderby", edm, set, p => p.ParseOrderBy());
        var keys = new List<OrderByClause>();
        for (; clause is not null; clause = clause.ThenBy)
            keys.Add(clause);
        var order = Comparer<object?>.Create(ODataExpression.Compare);
        var first = Ordered(rows.OrderBy(_ => 0), keys[0]);
        return [.. keys.Skip(1).Aggregate(first, Ordered)];

        IOrderedEnumerable<int> Ordered(IOrderedEnumerable<int> so, OrderByClause key) => key.Direction == OrderByDirection.Descending
            ? so.ThenByDescending(row => Evaluate("$orderby", key.Expression, row), order)
            : so.ThenBy(row => Evaluate("$orderby", key.Expression, row), order);
    }

    /// <summary>The properties that an answer shows.</summary>
    public IReadOnlyList<string> Selected(ODataRequest request)
    {
        if (request["$expand"] is not null)
        {
            // What is not there is a mistake; all else is not served.
            request.Parse("$expand", edm, set, p => p.ParseSelectAndExpand());
            throw ODataExpression.Unsupported("$expand here", "$expand");
        }
        return request["$select"] is null ? all : Names(request.Parse("$select", edm, set, p => p.ParseSelectAndExpand()), all);
    }

    /// <summary>The properties that a clause selects, in the order of all.</summary>
    public static IReadOnlyList<string> Names(SelectExpandClause clause, IReadOnlyList<string> all)
    {
        var selected = clause.SelectedItems.OfType<PathSelectItem>().Select(item => item.SelectedPath.LastSegment switch
        {
            PropertySegment property => property.Property.Name,
            DynamicPathSegment property => property.Identifier,
            // That an entity's link is selected shows nothing of the entity.
            _ => null,
        }).ToList();
        return clause.AllSelected || clause.SelectedItems.Any(i => i is WildcardSelectItem) ? all : [.. all.Where(selected.Contains)];
    }

    /// <summary>The part of the context that names the set and what is selected.</summary>
    public string Fragment(IReadOnlyList<string> selected) =>
        set.Name + (properties is not null || selected.Count < all.Count ? "(" + string.Join(',', selected.Select(Uri.EscapeDataString)) + ")" : "");

    /// <summary>The number of the entity with a key; -1 when there is none.</summary>
    public int Find(string property, object key)
    {
        var wanted = ODataExpression.Plain(key);
        for (var row = 0; row < count; row++)
            if (Equals(value(row, property), wanted))
                return row;
        return -1;
    }

    /// <summary>A property of an entity.</summary>
    public object? Value(int row, string property) => value(row, property);

    /// <summary>An entity's key as addresses have it.</summary>
    public string KeyText(int row) => value(row, set.EntityType.DeclaredKey.First().Name) is string text
        ? "'" + Uri.EscapeDataString(text.Replace("'", "''", StringComparison.Ordinal)) + "'" : Text(value(row, set.EntityType.DeclaredKey.First().Name)!);

    /// <summary>Writes an entity's members.</summary>
    public void Write(Utf8JsonWriter to, int row, IReadOnlyList<string> selected, (ODataMetadata Metadata, bool NumbersAsText) form)
    {
        foreach (var property in selected)
        {
            // Clients name the properties of groups themselves: what they have not asked for can only be said beside one.
            if (form.Metadata != ODataMetadata.None && missing?.Invoke(row, property) is > 0 and var lacking)
            {
                to.WritePropertyName($"{property}@{ODataModel.Missing}");
                WriteValue(to, (decimal)lacking, form.NumbersAsText);
            }
            to.WritePropertyName(property);
            // What is computed is a decimal.
            WriteValue(to, value(row, property), form.NumbersAsText && (set.EntityType.FindProperty(property)?.Type is not { } type || type.IsInt64() || type.IsDecimal()));
        }
    }

    /// <summary>Writes a value as OData's JSON has it.</summary>
    public static void WriteValue(Utf8JsonWriter to, object? value, bool asText)
    {
        switch (value)
        {
            case null:
                to.WriteNullValue();
                break;
            case decimal number when asText:
                to.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case decimal number:
                to.WriteNumberValue(number);
                break;
            case bool truth:
                to.WriteBooleanValue(truth);
                break;
            default:
                to.WriteStringValue(Text(value));
                break;
        }
    }

    /// <summary>A value as plain text.</summary>
    public static string Text(object value) => value switch
    {
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => System.Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private object? Evaluate(string option, QueryNode node, int row) => ODataExpression.In(option, () => ODataExpression.Evaluate(node, (_, property) => value(row, property)));

    private bool Finds(QueryNode node, int row) => node switch
    {
        BinaryOperatorNode { OperatorKind: BinaryOperatorKind.And } and => Finds(and.Left, row) && Finds(and.Right, row),
        BinaryOperatorNode or => Finds(or.Left, row) || Finds(or.Right, row),
        UnaryOperatorNode not => !Finds(not.Operand, row),
        SearchTermNode term => all.Any(p => value(row, p) is string text && text.Contains(term.Text, StringComparison.OrdinalIgnoreCase)),
        _ => throw ODataExpression.Unsupported("this $search", "$search"),
    };
}
