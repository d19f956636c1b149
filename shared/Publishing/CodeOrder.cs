using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>The order in which an office lists the codes of a component, kept from release to release beside the ordinal order of what is stored.</summary>
internal static class CodeOrder
{
    /// <summary>
    /// Puts two orders together. One stays as it is; a code that only the other has comes after the one that precedes it there, and what is part of that
    /// one; what stands before all that both have comes before the first of those, and what has no code in common with the first goes to the end.
    /// </summary>
    /// <param name="codes">All codes, in ordinal order of their ids.</param>
    /// <param name="first">The ids of the order that stays.</param>
    /// <param name="second">The ids of the other.</param>
    /// <returns>See <see cref="DatasetComponent.Order"/>.</returns>
    public static IReadOnlyList<int>? Merge(IReadOnlyList<Code> codes, IEnumerable<string> first, IEnumerable<string> second)
    {
        var numbers = new Dictionary<string, int>(codes.Count, StringComparer.Ordinal);
        for (var i = 0; i < codes.Count; i++)
            numbers.Add(codes[i].Id, i);
        // A ring: the number behind the last stands before the first and after the last.
        var (ring, next, previous, isThere) = (codes.Count, new int[codes.Count + 1], new int[codes.Count + 1], new bool[codes.Count]);
        (next[ring], previous[ring]) = (ring, ring);
        foreach (var id in first)
            Insert(previous[ring], numbers[id]);
        var last = ring;
        var waiting = new List<int>();
        foreach (var id in second)
        {
            var number = numbers[id];
            if (!isThere[number] && last == ring)
            {
                waiting.Add(number);
                continue;
            }
            if (!isThere[number])
                Insert(EndOf(last, number), number);
            else if (last == ring)
                waiting.ForEach(before => Insert(previous[number], before));
            last = number;
        }
        if (last == ring)
            waiting.ForEach(number => Insert(previous[ring], number));
        // What no order names, such as the code for what does not apply, is last.
        for (var i = 0; i < codes.Count; i++)
            if (!isThere[i])
                Insert(previous[ring], i);
        var order = new int[codes.Count];
        for (var (place, at) = (0, next[ring]); at != ring; place++, at = next[at])
            order[place] = at;
        return OrNull(order);

        void Insert(int after, int number)
        {
            (next[number], previous[number]) = (next[after], after);
            (previous[next[after]], next[after], isThere[number]) = (number, number, true);
        }

        int EndOf(int before, int number)
        {
            if (codes[number].Parent == codes[before].Id)
                return before;
            var end = before;
            while (next[end] != ring && IsPartOf(next[end], before))
                end = next[end];
            return end;
        }

        bool IsPartOf(int number, int whole)
        {
            // A hierarchy that a file has closed to a circle must not keep us here.
            for (var level = 0; level < 100 && codes[number].Parent is { } parent && numbers.TryGetValue(parent, out var above) && above != number; level++, number = above)
                if (above == whole)
                    return true;
            return false;
        }
    }

    /// <summary>An order; null where it is the ordinal one, which needs no words.</summary>
    public static IReadOnlyList<int>? OrNull(int[] order)
    {
        for (var i = 0; i < order.Length; i++)
            if (order[i] != i)
                return order;
        return null;
    }
}
