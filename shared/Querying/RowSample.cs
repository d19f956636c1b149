namespace Pipeline.Querying;

/// <summary>Some of the rows that go by, each as likely as another: the codes of their dimensions. The same rows give the same sample.</summary>
internal sealed class RowSample
{
    private const int Size = 64;
    private readonly List<int[]> rows = [];
    private long count;
    private ulong state = 0x9E3779B97F4A7C15;

    /// <summary>The codes, by component.</summary>
    public IReadOnlyList<int[]> Rows => rows;

    /// <summary>Takes a row.</summary>
    public void Take(DatasetAtVersion at, Chunk chunk, int row)
    {
        count++;
        // Vitter's algorithm R, with Knuth's generator.
        var place = (long)rows.Count;
        if (rows.Count == Size)
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            place = (long)((state >> 33) % (ulong)count);
            if (place >= Size)
                return;
        }
        var codes = new int[at.TimeIndex];
        for (var c = 0; c < codes.Length; c++)
            codes[c] = chunk.Codes[c]![row];
        if (place == rows.Count)
            rows.Add(codes);
        else
            rows[(int)place] = codes;
    }
}
