using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Serving;

/// <summary>
/// Which versions a request is for (SDMX REST, "Query syntax for versions"): <c>2.0.0</c>, <c>1+.0.0</c>, <c>~</c>, <c>+</c>, <c>*</c>, or in 1.x <c>2.0</c>, <c>latest</c>,
/// <c>all</c>; several with commas. Ours are all stable and differ in the major number only.
/// </summary>
internal sealed partial class SdmxVersions
{
    private enum Kind
    {
        Exact,
        Latest,
        All,
    }

    // Of each item: the kind, and the major versions that it can be.
    private readonly List<(Kind Kind, int Least, int Most)> items = [];

    private SdmxVersions(string text) => Text = text;

    /// <summary>The latest version alone.</summary>
    public static SdmxVersions Latest { get; } = Parse("~");

    /// <summary>As it was asked.</summary>
    public string Text { get; }

    /// <summary>Whether it is for all that there are.</summary>
    public bool IsAny => items is [(Kind.All, 1, int.MaxValue)];

    /// <summary>How many versions it names, each with its number, so that an answer that has them all never changes; 0 where it leaves open which.</summary>
    public int Named => items.TrueForAll(item => item.Kind == Kind.Exact) ? items.Distinct().Count() : 0;

    /// <summary>Reads a request; nothing at all means the latest.</summary>
    /// <exception cref="ProblemException">It is none.</exception>
    public static SdmxVersions Parse(string text)
    {
        var versions = new SdmxVersions(text);
        foreach (var item in text.Split(','))
            versions.items.Add(Item(item) ?? throw ProblemException.Malformed("version", text, "versions such as 2.0.0, 2.0, 1+.0.0, +, ~, *, latest or all, with commas between"));
        return versions;
    }

    /// <summary>The numbers of the versions asked for, in order, of a dataset that has 1 to <paramref name="latest"/>.</summary>
    public IEnumerable<int> Of(int latest)
    {
        var chosen = new SortedSet<int>();
        foreach (var (kind, least, most) in items)
        {
            var last = Math.Min(most, latest);
            if (least > last)
                continue;
            if (kind == Kind.All)
                chosen.UnionWith(Enumerable.Range(least, last - least + 1));
            else
                chosen.Add(last);
        }
        return chosen;
    }

    private static (Kind Kind, int Least, int Most)? Item(string item)
    {
        switch (item)
        {
            case "" or "~" or "+" or "latest":
                return (Kind.Latest, 1, int.MaxValue);
            case "*" or "all" or "ALL":
                return (Kind.All, 1, int.MaxValue);
        }
        var parts = item.Split('.');
        if (parts.Length > 3 || !Array.TrueForAll(parts, part => Part().IsMatch(part)) || item.Count(c => c is '+' or '~' or '*') > 1)
            return null;
        var numbers = Array.ConvertAll(parts, part => int.TryParse(part.TrimEnd('+', '~', '*'), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : part.Length == 1 ? 0 : int.MaxValue);
        var (major, open) = (numbers[0], parts[0][^1]);
        var isZero = numbers.Skip(1).All(n => n == 0);
        if (char.IsAsciiDigit(open))
        {
            // What is open is a minor number or a patch: of each major version there is only the one that has zeros.
            return isZero ? (parts.Any(p => p[^1] == '*') ? Kind.All : Kind.Exact, major, major) : (Kind.Exact, int.MaxValue, 0);
        }
        // From the next major version on, where a minor number is asked for that the first can not have.
        var least = Math.Max(1, isZero || major == int.MaxValue ? major : major + 1);
        return (open == '*' ? Kind.All : Kind.Latest, least, int.MaxValue);
    }

    [GeneratedRegex("^(?:(?:0|[1-9][0-9]{0,9})[+~*]?|[+~*])$", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
