using System.Globalization;
using Parquet;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>Writes a version's Parquet file, row group by row group. A file counts only once <see cref="CompleteAsync"/> has returned.</summary>
internal sealed class LakeWriter
{
    private readonly LakeFile file;
    private readonly ParquetWriter writer;
    private readonly ReadOnlyMemory<char>[]?[] texts;
    private readonly int[]?[] numbers;
    private readonly ReadOnlyMemory<char>[] strings = new ReadOnlyMemory<char>[LakeFile.RowGroupRows];
    private readonly ReadOnlyMemory<char>?[] nullableStrings = new ReadOnlyMemory<char>?[LakeFile.RowGroupRows];
    private readonly int[] integers = new int[LakeFile.RowGroupRows];
    private LakeRows open;
    private LakeRows writing;
    private Task flush = Task.CompletedTask;

    private LakeWriter(LakeFile file, ParquetWriter writer)
    {
        (this.file, this.writer) = (file, writer);
        var components = file.Structure.Components;
        (open, writing) = (new LakeRows(components.Count), new LakeRows(components.Count));
        texts = [.. components.Select(c => c.Id == Concepts.UnitMult ? null : c.Codes.Select(code => code.Id.AsMemory()).ToArray())];
        numbers = [.. components.Select(c => c.Id != Concepts.UnitMult ? null : c.Codes.Select(code => int.Parse(code.Id, CultureInfo.InvariantCulture)).ToArray())];
    }

    /// <summary>Starts a file.</summary>
    public static async Task<LakeWriter> CreateAsync(LakeFile file, Stream output, CancellationToken cancellationToken) =>
        new(file, await ParquetWriter.CreateAsync(file.Schema, output, file.Options(), cancellationToken: cancellationToken));

    /// <summary>Takes the next row's place; the caller fills <see cref="Rows"/> there.</summary>
    public async ValueTask<int> NextAsync()
    {
        if (open.Count == LakeFile.RowGroupRows)
            await FlushAsync();
        return open.Count++;
    }

    /// <summary>Takes the places of the next rows, as many as the open row group has room for; the caller fills <see cref="Rows"/> there.</summary>
    public async ValueTask<(int At, int Count)> NextAsync(int count)
    {
        if (open.Count == LakeFile.RowGroupRows)
            await FlushAsync();
        var taken = Math.Min(count, LakeFile.RowGroupRows - open.Count);
        open.Count += taken;
        return (open.Count - taken, taken);
    }

    /// <summary>The rows of the open row group.</summary>
    public LakeRows Rows => open;

    /// <summary>Writes what is left and the footer.</summary>
    public async Task CompleteAsync()
    {
        if (open.Count > 0)
            await FlushAsync();
        await flush;
        await writer.DisposeAsync();
    }

    // One row group is compressed and written while the next is filled.
    private async Task FlushAsync()
    {
        await flush;
        (open, writing) = (writing, open);
        open.Count = 0;
        flush = Task.Run(() => WriteAsync(writing));
    }

    private async Task WriteAsync(LakeRows rows)
    {
        using var group = writer.CreateRowGroup();
        var count = rows.Count;
        foreach (var (field, component) in file.Columns)
        {
            if (field == file.Value)
            {
                await group.WriteAsync<decimal>(field, new ReadOnlyMemory<decimal?>(rows.Values, 0, count));
            }
            else if (field == file.SourceField)
            {
                await group.WriteAsync<ReadOnlyMemory<char>>(field, new ReadOnlyMemory<ReadOnlyMemory<char>>(rows.Sources, 0, count));
            }
            else if (field == file.ReleaseField)
            {
                await group.WriteAsync<ReadOnlyMemory<char>>(field, new ReadOnlyMemory<ReadOnlyMemory<char>>(rows.Releases, 0, count));
            }
            else if (field == file.DecimalsField)
            {
                await group.WriteAsync<int>(field, new ReadOnlyMemory<int>(rows.Decimals, 0, count));
            }
            else if (numbers[component] is { } values)
            {
                var codes = rows.Codes[component];
                for (var i = 0; i < count; i++)
                    integers[i] = values[codes[i]];
                await group.WriteAsync<int>(field, new ReadOnlyMemory<int>(integers, 0, count));
            }
            else if (field.IsNullable)
            {
                var ids = texts[component]!;
                var codes = rows.Codes[component];
                for (var i = 0; i < count; i++)
                    nullableStrings[i] = codes[i] < 0 || ids[codes[i]].IsEmpty ? (ReadOnlyMemory<char>?)null : ids[codes[i]];
                await group.WriteAsync<ReadOnlyMemory<char>>(field, new ReadOnlyMemory<ReadOnlyMemory<char>?>(nullableStrings, 0, count));
            }
            else
            {
                var ids = texts[component]!;
                var codes = rows.Codes[component];
                for (var i = 0; i < count; i++)
                    strings[i] = ids[codes[i]];
                await group.WriteAsync<ReadOnlyMemory<char>>(field, new ReadOnlyMemory<ReadOnlyMemory<char>>(strings, 0, count));
            }
        }
        group.CompleteValidate();
    }
}
