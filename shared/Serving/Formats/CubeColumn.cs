using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>A code's number for each observation of a cube; only the number where all have the same, as they mostly do in attributes.</summary>
/// <param name="capacity">About how many there will be; 0 where nobody knows.</param>
internal sealed class CubeColumn(int capacity = 0)
{
    private int same;
    private int[]? numbers;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether all are the same.</summary>
    public bool IsSame => numbers is null || !numbers.AsSpan(0, Count).ContainsAnyExcept(numbers[0]);

    /// <summary>The number of an observation.</summary>
    public int this[int observation] => numbers is null ? same : numbers[observation];

    /// <summary>Takes one more.</summary>
    public void Add(int number)
    {
        if (numbers is null && (Count == 0 || number == same))
            same = number;
        else
            Room(1)[0] = number;
        Count++;
    }

    /// <summary>Takes those of the rows that match.</summary>
    public void Add(CodeColumn codes, Match match)
    {
        if (match.Count > 0 && codes.IsSame && numbers is null && (Count == 0 || codes[0] == same))
        {
            same = codes[0];
        }
        else
        {
            var room = Room(match.Count);
            if (match.Rows is null)
                codes.Read(match.From, room);
            else
                for (var i = 0; i < room.Length; i++)
                    room[i] = codes[match.Rows[i]];
        }
        Count += match.Count;
    }

    /// <summary>Marks the numbers that occur.</summary>
    public void Mark(bool[] occurs)
    {
        if (numbers is null && Count > 0)
            occurs[same] = true;
        else
            for (var i = 0; i < Count; i++)
                occurs[numbers![i]] = true;
    }

    /// <summary>Moves positions by so many steps as each observation's number says, or the place that an index gives it.</summary>
    public void Move(long[] positions, int[]? index, long step)
    {
        if (numbers is null)
        {
            var by = step * (index is null ? same : index[same]);
            for (var i = 0; by != 0 && i < positions.Length; i++)
                positions[i] += by;
            return;
        }
        var all = numbers.AsSpan(0, positions.Length);
        if (index is null)
            for (var i = 0; i < all.Length; i++)
                positions[i] += step * all[i];
        else
            for (var i = 0; i < all.Length; i++)
                positions[i] += step * index[all[i]];
    }

    /// <summary>The same in another order.</summary>
    public CubeColumn InOrder(int[] order) => numbers is null ? this : new CubeColumn { Count = Count, numbers = Array.ConvertAll(order, i => numbers![i]) };

    private Span<int> Room(int more)
    {
        if (numbers is null)
        {
            numbers = new int[Math.Max(capacity, Count + more)];
            numbers.AsSpan(0, Count).Fill(same);
        }
        else if (numbers.Length < Count + more)
        {
            Array.Resize(ref numbers, Math.Max(numbers.Length * 2, Count + more));
        }
        return numbers.AsSpan(Count, more);
    }
}
