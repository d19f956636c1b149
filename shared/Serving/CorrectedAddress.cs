using System.Text;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>The address that was asked for, with what is wrong in it put right, so that who reads the problem can take it as it is.</summary>
internal static class CorrectedAddress
{
    private const int MostCharacters = 2_000;

    /// <summary>The corrected address; null where not all that is wrong in it is known, or stands elsewhere: in a header or a body.</summary>
    public static string? Of(HttpRequest request, ProblemException problem)
    {
        if (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || problem.Corrections is not { Count: > 0 } corrections || request.QueryString.Value?.Length > MostCharacters)
            return null;
        List<string> parts = [.. (request.QueryString.Value ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)];
        List<string> path = [.. (request.Path.Value ?? "/").Split('/')];
        foreach (var correction in corrections)
        {
            // An address in the place of another corrects nothing in it.
            if (correction.Meant.StartsWith('/') || !(InQuery(parts, correction) || (correction.IsAdded ? Added(parts, correction) : InPath(path, correction))))
                return null;
        }
        return string.Join('/', path.Select(Uri.EscapeDataString)) + (parts.Count == 0 ? "" : "?" + string.Join('&', parts));
    }

    private static bool Added(List<string> parts, Correction correction)
    {
        parts.Add(Uri.EscapeDataString(correction.Parameter) + "=" + Uri.EscapeDataString(correction.Meant));
        return true;
    }

    private static bool InQuery(List<string> parts, Correction correction)
    {
        var isFound = false;
        for (var i = 0; i < parts.Count; i++)
        {
            var cut = parts[i].IndexOf('=', StringComparison.Ordinal);
            var (name, value) = cut < 0 ? (Decoded(parts[i]), "") : (Decoded(parts[i][..cut]), Decoded(parts[i][(cut + 1)..]));
            var (bare, mark) = name.EndsWith('!') ? (name[..^1], "!") : (name, "");
            // OData lets the dollar sign be left out.
            if (!bare.Equals(correction.Parameter, StringComparison.OrdinalIgnoreCase) && bare != $"c[{correction.Parameter}]" && bare != $"filters[{correction.Parameter}]" && name != correction.Parameter && "$" + bare != correction.Parameter)
                continue;
            if (correction.Value == correction.Parameter)
                parts[i] = Uri.EscapeDataString(correction.Meant) + mark + (cut < 0 ? "" : "=" + correction.Operator + parts[i][(cut + 1)..]);
            else if (Replaced(value, correction) is { } put)
                parts[i] = parts[i][..(cut + 1)] + string.Join(',', put.Split(',').Select(item => Uri.EscapeDataString(item).Replace("%3A", ":")));
            else
                continue;
            isFound = true;
        }
        return isFound;
    }

    // The value, the items of its list that are wrong, or else the places in it where the wrong word stands by itself.
    private static string? Replaced(string value, Correction correction)
    {
        if (value == correction.Value)
            return correction.Meant;
        var items = value.Split(',');
        if (items.Contains(correction.Value))
            return string.Join(',', items.Select(item => item == correction.Value ? correction.Meant : item));
        if (correction.Value.Length == 0)
            return null;
        var (text, from) = (new StringBuilder(), 0);
        for (var at = value.IndexOf(correction.Value, StringComparison.Ordinal); at >= 0; at = value.IndexOf(correction.Value, at + 1, StringComparison.Ordinal))
        {
            var end = at + correction.Value.Length;
            if (at < from || (at > 0 && IsOfWord(value[at - 1]) && IsOfWord(value[at])) || (end < value.Length && IsOfWord(value[end]) && IsOfWord(value[end - 1])))
                continue;
            text.Append(value, from, at - from).Append(correction.Meant);
            from = end;
        }
        return from == 0 ? null : text.Append(value, from, value.Length - from).ToString();

        static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c == '_';
    }

    // A part of the path, or one of the codes of a key in it.
    private static bool InPath(List<string> path, Correction correction)
    {
        List<int> there = [.. Enumerable.Range(0, path.Count).Where(i => path[i] == correction.Value)];
        if (there.Count == 0)
            there = [.. Enumerable.Range(0, path.Count).Where(i => path[i].Split('.', '+', ',').Count(code => code == correction.Value) == 1)];
        // What is escaped in a key is written otherwise in each kind of key.
        if (correction.Value.Length == 0 || there is not [var part] || !correction.Meant.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            return false;
        if (path[part] == correction.Value)
            path[part] = correction.Meant;
        else if (Replaced(path[part], correction) is { } put)
            path[part] = put;
        else
            return false;
        return true;
    }

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
