using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>
/// Finds by their names which of the codes that are put together may contain others of them: Europe total and France, 第二产业 and 工业, Industry and
/// Industry - Construction, North and South and North, Exports and 其中：Oil. A name may mislead, and numbers may tell otherwise.
/// </summary>
/// <param name="at">The version.</param>
/// <param name="component">A dimension.</param>
/// <param name="seen">Which of its codes are put together.</param>
internal sealed class NamedWholes(DatasetAtVersion at, int component, bool[] seen)
{
    private static readonly Vocabulary[] Trees = [Vocabulary.Load("industries"), Vocabulary.Load("products")];
    private const int MostDepth = 64;

    // As the statistical classification of the three sectors itself says. It is no name to read by: an office may count other services so.
    private static readonly Dictionary<string, string> OtherWords = new(StringComparer.OrdinalIgnoreCase) { ["服务业"] = "第三产业", ["service sector"] = "第三产业", ["services sector"] = "第三产业" };

    private readonly IReadOnlyList<Code> codes = at.Components[component].Codes;

    /// <summary>The pairs, by the codes' numbers.</summary>
    public IEnumerable<(int Whole, int Part)> Find() => at.Components[component].Id == Concepts.Age ? Totals() : Totals().Concat(Known()).Concat(Labels()).Concat(OfAbove());

    private IEnumerable<(int Whole, int Part)> Totals()
    {
        int[] all = [.. Enumerable.Range(0, codes.Count).Where(i => seen[i])];
        var totals = all.Where(i => TotalNames.IsTotal(codes[i], codes)).ToHashSet();
        // Totals of parts, and nothing else, may be the parts of the whole: Europe total, Asia total.
        foreach (var whole in totals.Where(i => TotalNames.IsOfAll(codes[i], codes)))
            foreach (var part in all.Where(i => i != whole).OrderBy(totals.Contains))
                yield return (whole, part);
        foreach (var whole in totals)
            foreach (var part in all.Where(i => !totals.Contains(i)))
                yield return (whole, part);
    }

    // What a vocabulary says of what is called so, whatever the dimension is called and its codes are.
    private IEnumerable<(int Whole, int Part)> Known()
    {
        foreach (var tree in Trees)
        {
            var known = Enumerable.Range(0, codes.Count).Where(i => seen[i])
                .SelectMany(i => Names(codes[i]).Select(name => (Number: i, Word: tree.Terms.GetValueOrDefault(OtherWords.GetValueOrDefault(name, name))))).Where(k => k.Word is not null).ToLookup(k => k.Word!.Id, k => k.Number);
            foreach (var word in known)
            {
                // One thing by two names: 第三产业 and 服务业.
                foreach (var one in word)
                    foreach (var other in word.Where(number => number != one))
                        yield return (one, other);
                for (var (above, depth) = (tree.Codes[word.Key].Parent, 0); above is not null && depth < MostDepth; (above, depth) = (tree.Codes[above].Parent, depth + 1))
                    foreach (var whole in known[above])
                        foreach (var part in word)
                            yield return (whole, part);
            }
        }
    }

    private IEnumerable<(int Whole, int Part)> Labels()
    {
        var known = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < codes.Count; i++)
            foreach (var label in Names(codes[i]))
                known.TryAdd(label, i);
        for (var number = 0; number < codes.Count; number++)
        {
            if (!seen[number])
                continue;
            foreach (var label in Names(codes[number]))
            {
                foreach (var whole in PartNames.WholesOf(label))
                    if (known.TryGetValue(whole, out var above) && above != number && seen[above])
                        yield return (above, number);
                foreach (var part in PartNames.PartsOf(label, known.ContainsKey))
                    if (known[part] != number && seen[known[part]])
                        yield return (number, known[part]);
            }
        }
    }

    private IEnumerable<(int Whole, int Part)> OfAbove()
    {
        var over = -1;
        foreach (var place in at.Components[component].Places)
        {
            if (!Names(codes[place]).Any(PartNames.IsOfAbove))
                over = place;
            else if (over >= 0 && codes[place].Parent is null && seen[place] && seen[over])
                yield return (over, place);
        }
    }

    private static IEnumerable<string> Names(Code code) => code.Labels.Values.Select(label => Vocabulary.Fold(label)).DefaultIfEmpty(code.Id);
}
