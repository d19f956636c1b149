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
            if (correction.Meant.StartsWith('/') || !(InQuery(parts, correction) || InPath(path, correction)))
                return null;
        }
        return string.Join('/', path.Select(Uri.EscapeDataString)) + (parts.Count == 0 ? "" : "?" + string.Join('&', parts));
    }

    private static bool InQuery(List<string> parts, Correction correction)
    {
        var isFound = false;
        for (var i = 0; i < parts.Count; i++)
        {
            var cut = parts[i].IndexOf('=', StringComparison.Ordinal);
            var (name, value) = cut < 0 ? (Decoded(parts[i]), "") : (Decoded(parts[i][..cut]), Decoded(parts[i][(cut + 1)..]));
            var (bare, mark) = name.EndsWith('!') ? (name[..^1], "!") : (name, "");
            if (!bare.Equals(correction.Parameter, StringComparison.OrdinalIgnoreCase) && bare != $"c[{correction.Parameter}]" && bare != $"filters[{correction.Parameter}]" && name != correction.Parameter)
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

    // The value, the items of its list that are wrong, or else the one place in it where the wrong word stands by itself.
    private static string? Replaced(string value, Correction correction)
    {
        if (value == correction.Value)
            return correction.Meant;
        var items = value.Split(',');
        if (items.Contains(correction.Value))
            return string.Join(',', items.Select(item => item == correction.Value ? correction.Meant : item));
        var (first, end) = (value.IndexOf(correction.Value, StringComparison.Ordinal), value.LastIndexOf(correction.Value, StringComparison.Ordinal) + correction.Value.Length);
        return first < 0 || correction.Value.Length == 0 || end != first + correction.Value.Length || (first > 0 && char.IsLetterOrDigit(value[first - 1])) || (end < value.Length && char.IsLetterOrDigit(value[end]))
            ? null : value[..first] + correction.Meant + value[end..];
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
