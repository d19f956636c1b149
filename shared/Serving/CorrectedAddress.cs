using System.Text;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Serving;

/// <summary>The address that was asked for, with what is wrong in it put right, so that who reads the problem can take it as it is.</summary>
internal static class CorrectedAddress
{
    private const int MostCharacters = 2_000;

    // What says only how much of an answer comes at once, or from where on: without it comes its beginning.
    private static readonly string[] OfPages = ["limit", "pagesize", "top", "page", "pagenumber", "offset", "skip", "startindex"];

    /// <summary>The corrected address; null where not all that is wrong in it is known, or stands elsewhere: in a header or a body.</summary>
    public static string? Of(HttpRequest request, ProblemException problem)
    {
        if (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || request.QueryString.Value?.Length > MostCharacters)
            return null;
        List<string> parts = [.. (request.QueryString.Value ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)];
        List<string> path = [.. (request.Path.Value ?? "/").Split('/')];
        if (parts.RemoveAll(part => SaysNothing(part, problem)) > 0)
            return Whole(path, parts);
        if (problem.Corrections is not { Count: > 0 } corrections)
            return null;
        foreach (var correction in corrections)
        {
            // An address in the place of another corrects nothing in it.
            if (correction.Meant.StartsWith('/') || !(InQuery(parts, correction) || (correction.IsAdded ? Added(parts, correction) : InPath(path, correction))))
                return null;
        }
        return Whole(path, parts);
    }

    private static string Whole(List<string> path, List<string> parts) => string.Join('/', path.Select(Uri.EscapeDataString)) + (parts.Count == 0 ? "" : "?" + string.Join('&', parts));

    // A parameter without a value, as forms send what was not filled in; a page or its size that can be none; and the first page, where pages have no numbers. Of a later
    // one nothing is said: who was led to the first instead might take it for that.
    private static bool SaysNothing(string part, ProblemException problem)
    {
        var (name, value) = Parted(part);
        if (problem.Parameter is null || !IsNamed(name, problem.Parameter))
            return false;
        var bare = string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return part.Contains('=') && value.Length == 0
            || OfPages.Contains(bare) && (problem.Code == "unknown-parameter" ? value == "0" || (value == "1" && bare is "page" or "pagenumber" or "startindex") : problem.Corrections is not { Count: > 0 });
    }

    private static (string Name, string Value) Parted(string part) =>
        part.IndexOf('=', StringComparison.Ordinal) is >= 0 and var cut ? (Decoded(part[..cut]), Decoded(part[(cut + 1)..])) : (Decoded(part), "");

    // A filter may have a mark behind its name, or stand in brackets, and OData lets the dollar sign be left out.
    private static bool IsNamed(string name, string parameter)
    {
        var bare = name.EndsWith('!') ? name[..^1] : name;
        return bare.Equals(parameter, StringComparison.OrdinalIgnoreCase) || bare == $"c[{parameter}]" || bare == $"filters[{parameter}]" || name == parameter || "$" + bare == parameter;
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
            var (name, value) = Parted(parts[i]);
            if (!IsNamed(name, correction.Parameter))
                continue;
            if (correction.Value == correction.Parameter)
                parts[i] = Uri.EscapeDataString(correction.Meant) + (name.EndsWith('!') ? "!" : "") + (cut < 0 ? "" : "=" + correction.Operator + parts[i][(cut + 1)..]);
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
