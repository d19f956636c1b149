using Microsoft.OData.UriParser;

namespace Pipeline.Serving;

/// <summary>Answers for sets whose entities are in memory.</summary>
internal static class ODataTables
{
    /// <summary>A page of the entities that the options ask for.</summary>
    public static Task ListAsync(ODataAnswer answer, string path, Func<CancellationToken, Task<ODataTable>> load)
    {
        var request = answer.Request;
        var (top, from, counts) = (request.Number("$top"), answer.Position ?? request.Number("$skip") ?? 0, request.Counts);
        return answer.SendJsonAsync(async token =>
        {
            var table = await load(token);
            var (selected, rows) = (table.Selected(request), table.Matching(request));
            var first = (int)Math.Min(from, rows.Count);
            var page = (int)Math.Min(Math.Min(top ?? long.MaxValue, answer.PageSize(top)), rows.Count - first);
            return answer.Body(table.Fragment(selected), json =>
            {
                if (counts)
                {
                    json.WritePropertyName("@odata.count");
                    ODataTable.WriteValue(json, (decimal)rows.Count, answer.Form.NumbersAsText);
                }
                json.WriteStartArray("value");
                for (var i = first; i < first + page; i++)
                {
                    json.WriteStartObject();
                    table.Write(json, rows[i], selected, answer.Form);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                if (first + page < rows.Count && page < (top ?? long.MaxValue))
                    json.WriteString("@odata.nextLink", answer.NextLink(path, first + page, top, page));
            });
        });
    }

    /// <summary>How many entities match.</summary>
    public static Task CountAsync(ODataAnswer answer, ODataTable table)
    {
        answer.Request.Only("$count", "$filter", "$search");
        var count = table.Matching(answer.Request).Count;
        return answer.SendTextAsync(_ => Task.FromResult(count.ToString()));
    }

    /// <summary>One entity.</summary>
    public static Task EntityAsync(ODataAnswer answer, ODataTable table, int row)
    {
        answer.Request.Only("an entity", "$select", "$expand");
        var selected = table.Selected(answer.Request);
        return answer.SendJsonAsync(table.Fragment(selected) + "/$entity", json => table.Write(json, row, selected, answer.Form));
    }

    /// <summary>What a path asks for, after the set.</summary>
    public static Task AnswerAsync(ODataAnswer answer, ODataTable table, List<ODataPathSegment> rest)
    {
        switch (rest)
        {
            case []:
                answer.Request.Only("this set", "$filter", "$search", "$orderby", "$select", "$expand", "$top", "$skip", "$count", "$skiptoken");
                return ListAsync(answer, table.Set.Name, _ => Task.FromResult(table));
            case [CountSegment]:
                return CountAsync(answer, table);
            case [KeySegment key, ..] when table.Find(key.Keys.First().Key, key.Keys.First().Value) is var row && row >= 0:
                return Entity(answer, table, row, rest[1..]);
            case [KeySegment key, ..]:
                throw new ProblemException(404, "unknown-entity", $"{table.Set.Name} has no entity with the key '{key.Keys.First().Value}'.") { Parameter = table.Set.Name };
            default:
                throw ODataExpression.Unsupported("this path");
        }
    }

    /// <summary>What a path asks for, after an entity.</summary>
    public static Task Entity(ODataAnswer answer, ODataTable table, int row, List<ODataPathSegment> rest)
    {
        switch (rest)
        {
            case []:
                return EntityAsync(answer, table, row);
            case [PropertySegment property, ..] when rest.Count == 1 || rest is [_, ValueSegment]:
                answer.Request.Only("a property");
                return answer.SendValueAsync($"{table.Set.Name}({table.KeyText(row)})/{property.Property.Name}", table.Value(row, property.Property.Name), rest.Count > 1);
            default:
                throw ODataExpression.Unsupported("this path");
        }
    }
}
