using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Writes rows as text to a stream: one run of rows is put into words on another core while the next is decoded and the last is sent.</summary>
internal sealed class RowText(Stream to)
{
    private Utf8Buffer ready = new();
    private Utf8Buffer filling = new();

    /// <summary>What is sent before the next rows.</summary>
    public Utf8Buffer Buffer => ready;

    /// <summary>Writes all rows.</summary>
    /// <param name="matches">The rows.</param>
    /// <param name="writeRow">Writes one row.</param>
    /// <param name="separator">What stands between two rows.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>How many rows there were.</returns>
    public async Task<long> WriteAsync(
        IAsyncEnumerable<Match> matches, Action<Utf8Buffer, Chunk, int> writeRow, ReadOnlyMemory<byte> separator, CancellationToken cancellationToken)
    {
        var (count, filled) = (0L, Task.CompletedTask);
        await foreach (var match in matches.WithCancellation(cancellationToken))
        {
            await filled;
            (ready, filling) = (filling, ready);
            var (into, isFirst) = (filling, count == 0);
            count += match.Count;
            filled = Task.Run(
                () =>
                {
                    for (var i = 0; i < match.Count; i++)
                    {
                        if (i > 0 || !isFirst)
                            into.Append(separator.Span);
                        writeRow(into, match.Chunk, match.Row(i));
                    }
                },
                cancellationToken);
            await FlushAsync(cancellationToken);
        }
        await filled;
        await FlushAsync(cancellationToken);
        (ready, filling) = (filling, ready);
        await FlushAsync(cancellationToken);
        return count;
    }

    /// <summary>Sends what has been written.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (ready.Count > 0)
            await to.WriteAsync(ready.Written, cancellationToken);
        ready.Clear();
    }
}
