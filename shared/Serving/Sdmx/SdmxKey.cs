using Microsoft.AspNetCore.Http;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>
/// A key of data and availability queries: the dimensions' codes in their order, with dots between. <c>*</c> or nothing stands for any code, <c>A+B</c> (1.x) for either,
/// what is left out at the end for any; several keys have commas between (2.x). <c>*</c> or <c>all</c> alone is everything.
/// </summary>
internal sealed class SdmxKey
{
    /// <summary>The most keys, after those that differ in one dimension only have been put together.</summary>
    public const int MostKeys = 256;

    // Each key as its positions; a position that is empty is any.
    private readonly List<string[][]> keys;

    private SdmxKey(string text, List<string[][]> keys) => (Text, this.keys) = (text, keys);

    /// <summary>Everything.</summary>
    public static SdmxKey All { get; } = new("", []);

    /// <summary>As it was asked.</summary>
    public string Text { get; }

    /// <summary>Reads a key; nothing is everything.</summary>
    public static SdmxKey Parse(string text)
    {
        var keys = new List<string[][]>();
        foreach (var key in text.Split(','))
        {
            var positions = key is "all" or "ALL" ? [] : key.Split('.').Select(Codes).ToArray();
            var count = positions.Length;
            while (count > 0 && positions[count - 1].Length == 0)
                count--;
            // One key that is everything is all of them. Dots are kept: too many are told.
            if (count == 0 && positions.Length <= 1)
                return new SdmxKey(text, []);
            keys.Add(positions);
        }
        return new SdmxKey(text, keys);
    }

    /// <summary>Whether a key names codes of a dimension.</summary>
    public bool Names(int dimension) => keys.Exists(key => dimension < key.Length && key[dimension].Length > 0);

    /// <summary>The criteria of the key against a version; adds to <paramref name="unknown"/> the codes that it does not have.</summary>
    /// <param name="at">The version.</param>
    /// <param name="unknown">The codes that the version does not have.</param>
    /// <param name="except">A dimension whose codes do not count; -1 for none.</param>
    /// <exception cref="ProblemException">A key has more positions than the version has dimensions, or there are too many keys.</exception>
    public IEnumerable<Criterion> Against(DatasetAtVersion at, List<(int Component, string Code)> unknown, int except = -1)
    {
        if (keys.Count == 0)
            return [];
        var sets = new List<SortedSet<string>?[]>(keys.Count);
        foreach (var key in keys)
        {
            if (key.Length > at.TimeIndex)
            {
                throw ProblemException.Malformed("key", Text, $"at most {at.TimeIndex} codes with dots between, for the dimensions "
                    + string.Join('.', at.Components.Take(at.TimeIndex).Select(c => SdmxIds.OfComponent(c.Id))));
            }
            var set = new SortedSet<string>?[at.TimeIndex];
            for (var d = 0; d < key.Length; d++)
            {
                if (key[d].Length == 0 || d == except)
                    continue;
                set[d] = [];
                foreach (var id in key[d])
                {
                    if (SelectionCode(at, d, id) is { } code)
                        set[d]!.Add(code);
                    else
                        unknown.Add((d, id));
                }
            }
            sets.Add(set);
        }
        for (var d = 0; d < at.TimeIndex && sets.Count > 1; d++)
            sets = Merge(sets, d);
        var cost = sets.Sum(set => Enumerable.Range(0, at.TimeIndex).Sum(d => set[d] is null ? 0L : at.Components[d].Codes.Count));
        if (sets.Count > MostKeys || cost > 16L << 20)
        {
            throw new ProblemException(StatusCodes.Status413PayloadTooLarge, "too-many-keys",
                $"The key names {keys.Count} series or slices; at most {MostKeys} are answered at once. Use * for a dimension, filters such as c[REF_AREA]=A,B, or several requests.")
            {
                Parameter = "key",
            };
        }
        Criterion[] of = [.. sets.Select(set => (Criterion)new Criterion.All(
            [.. Enumerable.Range(0, at.TimeIndex).Where(d => set[d] is not null).Select(d => new Criterion.OneOf(at.Components[d].Id, [.. set[d]!]))]))];
        return of.Length == 1 ? of : [new Criterion.Any(of)];
    }

    private static string? SelectionCode(DatasetAtVersion at, int dimension, string id) =>
        SdmxSelection.FindCode(at, dimension, id) is >= 0 and var code ? at.Components[dimension].Codes[code].Id : null;

    // Keys that are the same but for one dimension are one key with the codes of both there.
    private static List<SortedSet<string>?[]> Merge(List<SortedSet<string>?[]> sets, int dimension)
    {
        var merged = new Dictionary<string, SortedSet<string>?[]>(StringComparer.Ordinal);
        foreach (var set in sets)
        {
            var rest = string.Join('\n', set.Select((codes, d) => d == dimension ? "" : codes is null ? "*" : string.Join('\t', codes)));
            if (!merged.TryGetValue(rest, out var same))
                merged.Add(rest, set);
            else if (same[dimension] is { } codes && set[dimension] is { } others)
                codes.UnionWith(others);
            else
                same[dimension] = null;
        }
        return [.. merged.Values];
    }

    private static string[] Codes(string position) => position is "" or "*" ? [] : position.Split('+', ' ') is var codes && codes.Contains("*") ? [] : [.. codes.Where(c => c.Length > 0)];
}
