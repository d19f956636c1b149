using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Writes rows as text to a stream: one run of rows is put into words on another core while the next is decoded and what is ready is sent.</summary>
internal sealed class RowText(Stream to)
{
    // What fits a core's own cache: it is read again by whoever sends it.
    private const int Piece = 128 << 10;
    private Utf8Buffer filling = new();
    private Utf8Buffer leaving = new();
    private Task sent = Task.CompletedTask;

    /// <summary>What is sent before the next rows.</summary>
    public Utf8Buffer Buffer => filling;

    /// <summary>Writes all rows.</summary>
    /// <param name="matches">The rows.</param>
    /// <param name="writeRow">Writes one row.</param>
    /// <param name="separator">What stands between two rows.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>How many rows there were; some of them may wait for <see cref="FlushAsync"/>.</returns>
    public async Task<long> WriteAsync(
        IAsyncEnumerable<Match> matches, Action<Utf8Buffer, Chunk, int> writeRow, ReadOnlyMemory<byte> separator, CancellationToken cancellationToken)
    {
        var (count, filled) = (0L, Task.CompletedTask);
        try
        {
            await foreach (var match in matches.WithCancellation(cancellationToken))
            {
                await filled;
                var isFirst = count == 0;
                count += match.Count;
                filled = Task.Run(() => FillAsync(match, isFirst), cancellationToken);
            }
        }
        finally
        {
            // Nothing may write to the stream any more once its owner knows of an error.
            await filled.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await filled;
        await sent;
        return count;

        async Task FillAsync(Match match, bool isFirst)
        {
            for (var i = 0; i < match.Count; i++)
            {
                if (i > 0 || !isFirst)
                    filling.Append(separator.Span);
                writeRow(filling, match.Chunk, match.Row(i));
                if (filling.Count >= Piece)
                    await SendAsync(cancellationToken);
            }
        }
    }

    /// <summary>Sends what has been written.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (filling.Count > 0)
            await to.WriteAsync(filling.Written, cancellationToken);
        filling.Clear();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        await sent;
        (filling, leaving) = (leaving, filling);
        filling.Clear();
        sent = to.WriteAsync(leaving.Written, cancellationToken).AsTask();
    }
}
