using System.Globalization;
using Parquet;
using Parquet.Schema;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>Reads a version's Parquet file from its first row group to its last, for merging and for rebuilding the index.</summary>
internal sealed class LakeReader : IAsyncDisposable
{
    private readonly ParquetReader reader;
    private readonly LakeFile file;
    private readonly CodeFinder[] finders;
    private readonly ReadOnlyMemory<char>[] strings = new ReadOnlyMemory<char>[LakeFile.RowGroupRows];
    private readonly decimal[] decimals = new decimal[LakeFile.RowGroupRows];
    private readonly int[] integers = new int[LakeFile.RowGroupRows];
    private readonly int[] levels = new int[LakeFile.RowGroupRows];
    private readonly LakeRows rows;

    private LakeReader(ParquetReader reader, LakeFile file)
    {
        (this.reader, this.file) = (reader, file);
        finders = [.. file.Structure.Components.Select(c => new CodeFinder(c.Codes))];
        rows = new LakeRows(finders.Length);
    }

    /// <summary>Opens a file.</summary>
    /// <param name="input">The file, seekable.</param>
    /// <param name="structure">The structure it was written with.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<LakeReader> OpenAsync(Stream input, DatasetStructure structure, CancellationToken cancellationToken) =>
        new(await ParquetReader.CreateAsync(input, leaveStreamOpen: false, cancellationToken: cancellationToken), new LakeFile(structure));

    /// <summary>The row groups in order; the rows are reused from one to the next.</summary>
    /// <param name="only">The components to read, by their index in the structure, beside value, source, decimals and release; null for all. The others' codes mean nothing.</param>
    public async IAsyncEnumerable<LakeRows> ReadAsync(IReadOnlySet<int>? only = null)
    {
        var fields = reader.Schema.GetDataFields().ToDictionary(f => f.Name);
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            rows.Count = (int)group.RowCount;
            foreach (var (column, component) in file.Columns.Where(c => c.Component < 0 || only?.Contains(c.Component) != false))
                await ReadColumnAsync(group, fields[column.Name], component);
            yield return rows;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => reader.DisposeAsync();

    private async Task ReadColumnAsync(ParquetRowGroupReader group, DataField field, int component)
    {
        var optional = field.MaxDefinitionLevel > 0;
        Memory<int>? definitions = optional ? (Memory<int>?)levels.AsMemory() : null;
        if (!optional)
            levels.AsSpan().Fill(field.MaxDefinitionLevel);
        if (field.Name == Concepts.ObsValue)
        {
            await group.ReadRawAsync<decimal>(field, decimals, definitions, null);
            for (int i = 0, v = 0; i < rows.Count; i++)
                rows.Values[i] = levels[i] == field.MaxDefinitionLevel ? decimals[v++] : null;
        }
        else if (field.ClrType == typeof(int))
        {
            await group.ReadRawAsync<int>(field, component < 0 ? rows.Decimals : integers, definitions, null);
            if (component >= 0)
                for (var i = 0; i < rows.Count; i++)
                    rows.Codes[component][i] = finders[component].Find(integers[i]);
        }
        else if (component < 0)
        {
            await group.ReadRawAsync<ReadOnlyMemory<char>>(field, field.Name == LakeFile.Release ? rows.Releases : rows.Sources, definitions, null);
        }
        else
        {
            await group.ReadRawAsync<ReadOnlyMemory<char>>(field, strings, definitions, null);
            var none = file.Structure.Components[component].Role == ComponentRole.Time ? finders[component].Find(default(ReadOnlyMemory<char>)) : -1;
            var codes = rows.Codes[component];
            for (int i = 0, v = 0; i < rows.Count; i++)
                codes[i] = levels[i] == field.MaxDefinitionLevel ? finders[component].Find(strings[v++]) : none;
        }
    }

    /// <summary>Positions of codes by their text; runs of one code, which a sorted file is made of, cost a comparison of references.</summary>
    private sealed class CodeFinder
    {
        private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> positions;
        private ReadOnlyMemory<char> last;
        private int lastPosition = -2;

        public CodeFinder(IReadOnlyList<Code> codes)
        {
            var all = new Dictionary<string, int>(codes.Count, StringComparer.Ordinal);
            for (var i = 0; i < codes.Count; i++)
                all.Add(codes[i].Id, i);
            positions = all.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public int Find(ReadOnlyMemory<char> text)
        {
            if (lastPosition != -2 && text.Equals(last))
                return lastPosition;
            if (!positions.TryGetValue(text.Span, out lastPosition))
                lastPosition = -1;
            last = text;
            return lastPosition;
        }

        public int Find(int number)
        {
            Span<char> text = stackalloc char[12];
            number.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
            return positions.TryGetValue(text[..length], out var position) ? position : -1;
        }
    }
}
