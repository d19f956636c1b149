using CsCheck;

namespace Pipeline.Tests.Support;

/// <summary>
/// Choices drawn from a tape of numbers. The first option of each is the plainest, so a tape of lower numbers is a plainer style: that is how
/// <see cref="Shrink"/> finds the least style that still fails. What was chosen is kept by name.
/// </summary>
internal sealed class Choices(uint[] tape)
{
    private const int Length = 160;
    private int at;

    /// <summary>What was chosen, as <c>name: option</c>.</summary>
    public List<string> Said { get; } = [];

    /// <summary>Tapes drawn by CsCheck; the same seed gives the same tape.</summary>
    public static uint[] Tape(uint seed)
    {
        var random = new PCG(101, seed);
        return [.. Enumerable.Range(0, Length).Select(_ => random.Next())];
    }

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => count < 2 || at >= tape.Length ? 0 : (int)(tape[at++] % (uint)count);

    /// <summary>A number between two, both inside.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>One of some named options.</summary>
    public string One(string name, params ReadOnlySpan<string> options)
    {
        var option = options[Below(options.Length)];
        Said.Add(name + ": " + option);
        return option;
    }

    /// <summary>Whether something is done that is not done in the plainest style.</summary>
    public bool Is(string name, int oneIn = 2)
    {
        var chosen = Below(oneIn) == oneIn - 1;
        if (chosen)
            Said.Add(name);
        return chosen;
    }

    /// <summary>Some members of a list, in the list's order.</summary>
    public T[] Some<T>(IReadOnlyList<T> from, int least, int most)
    {
        var count = Math.Min(from.Count, Between(least, most));
        var first = Below(from.Count - count + 1);
        return [.. from.Skip(first).Take(count)];
    }

    /// <summary>The plainest tape found that still fails.</summary>
    public static uint[] Shrink(uint[] tape, Func<uint[], bool> fails)
    {
        tape = [.. tape];
        foreach (var size in (int[])[32, 8, 2, 1])
        {
            for (var i = 0; i < tape.Length; i += size)
            {
                var old = tape[i..Math.Min(tape.Length, i + size)];
                if (Array.TrueForAll(old, n => n == 0))
                    continue;
                Array.Clear(tape, i, old.Length);
                if (!fails(tape))
                    old.CopyTo(tape, i);
            }
        }
        return tape;
    }
}
