using Pipeline.Checking;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>
/// One streaming pass that merges the file before and a release's sorted observations into the next file, and on the way collects what the
/// catalogue says of a version.
/// </summary>
internal sealed class VersionMerge(StructureMerge merge, string release, bool replace, SeriesSpool series, ReleaseComparison comparison)
{
    private readonly StructureMerge merge = merge;
    private readonly DatasetStructure structure = merge.Structure;
    private readonly int keyLength = merge.Structure.TimeIndex + 1;
    private readonly int[] stated = [.. merge.Structure.Components.Index().Where(c => c.Item.Id is Concepts.ObsStatus or Concepts.UnitMeasure or Concepts.UnitMult).Select(c => c.Index)];
    private readonly int[] absent = [.. merge.Structure.Components.Select(c => c.Role == ComponentRole.Dimension
        ? c.Codes.ToList().FindIndex(code => code.Id == Concepts.NotApplicable) : -1)];
    private readonly bool[][] used = [.. merge.Structure.Components.Select(c => new bool[c.Codes.Count])];
    private char[] text = [];
    private int textUsed;

    // Observations whose value is the same, shown with other decimals.
    private long restated;

    /// <summary>Observations in the new version.</summary>
    public long Observations { get; private set; }

    /// <summary>Observations that the release put into it.</summary>
    public long Taken { get; private set; }

    /// <summary>Observations that the version before did not have.</summary>
    public long Added { get; private set; }

    /// <summary>Observations whose value, status or unit has changed.</summary>
    public long Revised { get; private set; }

    /// <summary>Observations of the version before that are gone.</summary>
    public long Removed { get; private set; }

    /// <summary>Merges, and compares on the way what is old with what is new.</summary>
    /// <param name="output">Takes the Parquet file.</param>
    /// <param name="old">The rows of the file before, in the positions of the structure before; null when there is none.</param>
    /// <param name="oldStructure">That structure.</param>
    /// <param name="cube">The release's cube.</param>
    /// <param name="batches">Its sorted observations, in positions of the merged codelists.</param>
    /// <param name="cancellationToken">Ends the work between two row groups.</param>
    public async Task RunAsync(
        Stream output, IAsyncEnumerable<LakeRows>? old, DatasetStructure? oldStructure, Cube cube, IEnumerable<ObservationBatch> batches,
        CancellationToken cancellationToken)
    {
        var writer = await LakeWriter.CreateAsync(new LakeFile(structure), output, cancellationToken);
        var releaseText = release.AsMemory();
        await using var oldRows = new OldRows(old, oldStructure, this);
        await oldRows.MoveNextAsync();
        foreach (var batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var row = 0; row < batch.Count; row++)
            {
                if (oldRows.Current is null)
                {
                    await AppendAsync(writer, batch, row, cube.Sheets, releaseText);
                    break;
                }
                var order = -1;
                while (oldRows.Current is { } before && (order = CompareKey(before, oldRows.At, batch, row)) < 0)
                {
                    await KeepAsync(writer, before, oldRows.At);
                    await oldRows.MoveNextAsync();
                }
                if (oldRows.Current is { } same && order == 0)
                {
                    comparison.TakeOld(same, oldRows.At, stays: false);
                    var value = batch.Value(row);
                    if (same.Values[oldRows.At] != value || IsStatedOtherwise(same, oldRows.At, batch, row))
                        Revised++;
                    else if (value is { Scale: var decimals } && same.Decimals[oldRows.At] != decimals)
                        restated++;
                    await oldRows.MoveNextAsync();
                }
                else
                {
                    Added++;
                }
                Taken++;
                var at = await writer.NextAsync();
                Fill(writer.Rows, at, batch, row, cube.Sheets, releaseText);
                comparison.TakeNew(writer.Rows, at);
                Note(writer.Rows, at);
            }
        }
        while (oldRows.Current is { } rest)
        {
            await KeepAsync(writer, rest, oldRows.At);
            await oldRows.MoveNextAsync();
        }
        series.Complete();
        comparison.Complete(Taken, Added, Revised, restated, Removed);
        await writer.CompleteAsync();
    }

    /// <summary>The structure with the codes that occur, and those above them.</summary>
    public DatasetStructure Used()
    {
        var components = structure.Components.Select((component, c) =>
        {
            var kept = component.Codes.Where((_, i) => used[c][i]).Select(code => code.Id).ToHashSet(StringComparer.Ordinal);
            var byId = component.Codes.ToDictionary(code => code.Id, StringComparer.Ordinal);
            foreach (var id in kept.ToList())
                for (var parent = byId[id].Parent; parent is not null && byId.TryGetValue(parent, out var code) && kept.Add(parent); parent = code.Parent)
                {
                }
            return component.Only(kept);
        });
        return structure with { Components = [.. components] };
    }

    private bool IsStatedOtherwise(LakeRows before, int at, ObservationBatch batch, int row)
    {
        foreach (var c in stated)
            if (merge.FromNew[c] is >= 0 and var from && before.Codes[c][at] != batch.Codes[from][row])
                return true;
        return false;
    }

    private async ValueTask KeepAsync(LakeWriter writer, LakeRows before, int row)
    {
        comparison.TakeOld(before, row, stays: !replace);
        if (replace)
        {
            Removed++;
            return;
        }
        var at = await writer.NextAsync();
        var to = writer.Rows;
        for (var c = 0; c < to.Codes.Length; c++)
            to.Codes[c][at] = before.Codes[c][row];
        to.Values[at] = before.Values[row];
        to.Decimals[at] = before.Decimals[row];
        to.Sources[at] = before.Sources[row];
        to.Releases[at] = before.Releases[row];
        Note(to, at);
    }

    /// <summary>Appends the rest of a batch, a column after the other: nothing old is left to merge it with.</summary>
    private async ValueTask AppendAsync(LakeWriter writer, ObservationBatch batch, int row, IReadOnlyList<string> sheets, ReadOnlyMemory<char> releaseText)
    {
        while (row < batch.Count)
        {
            var (at, count) = await writer.NextAsync(batch.Count - row);
            Fill(writer.Rows, at, count, batch, row, sheets, releaseText);
            row += count;
        }
    }

    private void Fill(LakeRows to, int at, int count, ObservationBatch batch, int row, IReadOnlyList<string> sheets, ReadOnlyMemory<char> releaseText)
    {
        Added += count;
        Taken += count;
        Observations += count;
        for (var c = 0; c < to.Codes.Length; c++)
        {
            var codes = to.Codes[c].AsSpan(at, count);
            if (merge.FromNew[c] is >= 0 and var from)
                batch.Codes[from].AsSpan(row, count).CopyTo(codes);
            else
                codes.Fill(absent[c]);
            var last = -1;
            foreach (var code in codes)
                if (code != last && code >= 0)
                    used[c][last = code] = true;
        }
        for (var i = 0; i < count; i++)
        {
            var value = batch.Value(row + i);
            to.Values[at + i] = value;
            to.Decimals[at + i] = value?.Scale ?? 0;
            to.Sources[at + i] = SourceText(batch.Source(row + i), sheets);
        }
        to.Releases.AsSpan(at, count).Fill(releaseText);
        // The last series with a history may go on among these rows; those after it are new.
        for (var i = 0; i < count && comparison.Wants(to, at + i); i++)
            comparison.TakeNew(to, at + i);
        for (var i = 0; i < count; i++)
            series.Add(to, at + i);
    }

    private void Fill(LakeRows to, int at, ObservationBatch batch, int row, IReadOnlyList<string> sheets, ReadOnlyMemory<char> releaseText)
    {
        for (var c = 0; c < to.Codes.Length; c++)
        {
            var from = merge.FromNew[c];
            var code = from < 0 ? -1 : batch.Codes[from][row];
            to.Codes[c][at] = code < 0 ? absent[c] : code;
        }
        var value = batch.Value(row);
        to.Values[at] = value;
        to.Decimals[at] = value?.Scale ?? 0;
        to.Sources[at] = SourceText(batch.Source(row), sheets);
        to.Releases[at] = releaseText;
    }

    private void Note(LakeRows rows, int at)
    {
        Observations++;
        for (var c = 0; c < used.Length; c++)
            if (rows.Codes[c][at] is >= 0 and var code)
                used[c][code] = true;
        series.Add(rows, at);
    }

    // Slices of small shared buffers: a string an observation would cost twice the memory.
    private ReadOnlyMemory<char> SourceText(Source source, IReadOnlyList<string> sheets)
    {
        if (!source.TryFormat(text.AsSpan(textUsed), sheets, out var length))
        {
            (text, textUsed) = (new char[32_000], 0);
            if (!source.TryFormat(text, sheets, out length))
                return source.ToString(sheets).AsMemory();
        }
        textUsed += length;
        return text.AsMemory(textUsed - length, length);
    }

    private int CompareKey(LakeRows old, int oldRow, ObservationBatch batch, int row)
    {
        for (var c = 0; c < keyLength; c++)
        {
            var from = merge.FromNew[c];
            var code = from < 0 ? -1 : batch.Codes[from][row];
            var order = old.Codes[c][oldRow].CompareTo(code < 0 ? absent[c] : code);
            if (order != 0)
                return order;
        }
        return 0;
    }

    /// <summary>The rows of the file before, one after the other, in positions of the merged codelists.</summary>
    private sealed class OldRows : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<LakeRows>? groups;
        private readonly VersionMerge owner;
        private readonly int[]?[] maps = [];
        private readonly LakeRows mapped;

        public OldRows(IAsyncEnumerable<LakeRows>? old, DatasetStructure? oldStructure, VersionMerge owner)
        {
            this.owner = owner;
            mapped = new LakeRows(old is null ? 0 : owner.structure.Components.Count);
            if (old is null)
                return;
            // The old file is in the order of the old dimensions, which come first; an attribute that has become one sorts within them.
            var sorted = Enumerable.Range(0, owner.keyLength - 1).Any(c =>
                owner.merge.FromOld[c] >= 0 && oldStructure!.Components[owner.merge.FromOld[c]].Role != ComponentRole.Dimension)
                    ? InOrderAsync(MapAsync(old), oldStructure!.TimeIndex, owner.keyLength) : MapAsync(old);
            groups = sorted.GetAsyncEnumerator();
            maps = [.. owner.structure.Components.Select((component, c) =>
            {
                if (owner.merge.FromOld[c] < 0)
                    return null;
                var positions = component.Codes.Select((code, i) => (code.Id, i)).ToDictionary(p => p.Id, p => p.i, StringComparer.Ordinal);
                return oldStructure!.Components[owner.merge.FromOld[c]].Codes.Select(code => positions[code.Id]).ToArray();
            })];
        }

        /// <summary>The rows among which the current one is; null after the last.</summary>
        public LakeRows? Current { get; private set; }

        /// <summary>The current row.</summary>
        public int At { get; private set; }

        public async ValueTask MoveNextAsync()
        {
            if (groups is null || (Current is not null && ++At < Current.Count))
                return;
            (Current, At) = (null, 0);
            if (!await groups.MoveNextAsync())
                return;
            Current = groups.Current;
        }

        public ValueTask DisposeAsync() => groups?.DisposeAsync() ?? ValueTask.CompletedTask;

        private async IAsyncEnumerable<LakeRows> MapAsync(IAsyncEnumerable<LakeRows> old)
        {
            await foreach (var rows in old)
            {
                for (var c = 0; c < maps.Length; c++)
                {
                    var to = mapped.Codes[c].AsSpan(0, rows.Count);
                    if (maps[c] is not { } map)
                    {
                        to.Fill(owner.absent[c]);
                        continue;
                    }
                    var from = rows.Codes[owner.merge.FromOld[c]];
                    for (var row = 0; row < rows.Count; row++)
                        to[row] = from[row] < 0 ? owner.absent[c] : map[from[row]];
                }
                rows.Values.AsSpan(0, rows.Count).CopyTo(mapped.Values);
                rows.Decimals.AsSpan(0, rows.Count).CopyTo(mapped.Decimals);
                rows.Sources.AsSpan(0, rows.Count).CopyTo(mapped.Sources);
                rows.Releases.AsSpan(0, rows.Count).CopyTo(mapped.Releases);
                mapped.Count = rows.Count;
                yield return mapped;
            }
        }

        /// <summary>Sorts each old series by the new key: one series is in memory at a time.</summary>
        private static async IAsyncEnumerable<LakeRows> InOrderAsync(IAsyncEnumerable<LakeRows> groups, int seriesLength, int keyLength)
        {
            var series = new List<(int[] Codes, LakeRows Row)>();
            await foreach (var rows in groups)
            {
                for (var row = 0; row < rows.Count; row++)
                {
                    var codes = Array.ConvertAll(rows.Codes, column => column[row]);
                    if (series.Count > 0 && !codes.AsSpan(0, seriesLength).SequenceEqual(series[^1].Codes.AsSpan(0, seriesLength)))
                    {
                        foreach (var one in Sorted())
                            yield return one;
                        series.Clear();
                    }
                    var copy = new LakeRows(codes.Length, 1) { Count = 1 };
                    for (var c = 0; c < codes.Length; c++)
                        copy.Codes[c][0] = codes[c];
                    (copy.Values[0], copy.Decimals[0], copy.Sources[0], copy.Releases[0]) = (rows.Values[row], rows.Decimals[row], rows.Sources[row], rows.Releases[row]);
                    series.Add((codes, copy));
                }
            }
            foreach (var one in Sorted())
                yield return one;

            IEnumerable<LakeRows> Sorted()
            {
                series.Sort((a, b) => a.Codes.AsSpan(0, keyLength).SequenceCompareTo(b.Codes.AsSpan(0, keyLength)));
                return series.Select(one => one.Row);
            }
        }
    }
}
