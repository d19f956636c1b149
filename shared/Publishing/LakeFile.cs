using System.IO.Compression;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>The layout of a version's Parquet file: its columns, named once, for the writer, the reader and the Delta log.</summary>
/// <remarks>Parquet format 2.x, <c>github.com/apache/parquet-format</c>; Delta types, section "Schema Serialization Format" of the Delta protocol.</remarks>
internal sealed class LakeFile
{
    /// <summary>Rows in a row group: small enough that reading one series decodes little, large enough to compress.</summary>
    public const int RowGroupRows = 1 << 16;

    /// <summary>The column with the release's id.</summary>
    public const string Release = "RELEASE";

    /// <summary>Describes the file of a structure.</summary>
    public LakeFile(DatasetStructure structure)
    {
        Structure = structure;
        var columns = new List<LakeColumn>();
        for (var i = 0; i < structure.Components.Count; i++)
        {
            var component = structure.Components[i];
            columns.Add(component.Id == Concepts.UnitMult
                ? new LakeColumn(new DataField(component.Id, typeof(int)), i)
                : new LakeColumn(new DataField(component.Id, typeof(string), isNullable: IsNullable(component)), i));
            switch (component.Id)
            {
                case Concepts.TimePeriod:
                    columns.Add(new LakeColumn(Value = new DecimalDataField(
                        Concepts.ObsValue, structure.ValuePrecision, structure.ValueScale, isNullable: true), -1));
                    break;
                case Concepts.UnitMult:
                    columns.Add(new LakeColumn(SourceField = new DataField(Concepts.SourceId, typeof(string), isNullable: false), -1));
                    columns.Add(new LakeColumn(DecimalsField = new DataField(Concepts.Decimals, typeof(int)), -1));
                    columns.Add(new LakeColumn(ReleaseField = new DataField(Release, typeof(string), isNullable: false), -1));
                    break;
            }
        }
        Columns = columns;
        Schema = new ParquetSchema(columns.Select(c => c.Field));
    }

    /// <summary>The dataset's structure.</summary>
    public DatasetStructure Structure { get; }

    /// <summary>The columns in their order.</summary>
    public IReadOnlyList<LakeColumn> Columns { get; }

    /// <summary>The Parquet schema.</summary>
    public ParquetSchema Schema { get; }

    /// <summary>OBS_VALUE.</summary>
    public DataField Value { get; } = null!;

    /// <summary>SOURCE.</summary>
    public DataField SourceField { get; } = null!;

    /// <summary>DECIMALS.</summary>
    public DataField DecimalsField { get; } = null!;

    /// <summary>RELEASE.</summary>
    public DataField ReleaseField { get; } = null!;

    /// <summary>Whether a coded column can be empty: TIME_PERIOD (a release may state none) and the attributes after the required ones.</summary>
    public static bool IsNullable(DatasetComponent component) =>
        component.Role == ComponentRole.Time
        || (component.Role == ComponentRole.Attribute && component.Id is not (Concepts.ObsStatus or Concepts.UnitMeasure or Concepts.UnitMult));

    /// <summary>The options of the writer: zstd, dictionaries for coded columns, none for SOURCE, which hardly repeats.</summary>
    public ParquetOptions Options()
    {
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        foreach (var (field, _) in Columns)
        {
            if (field.ClrType == typeof(int))
                options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.DeltaBinaryPacked;
            else if (field != Value && field != SourceField)
                options.ColumnEncodingHints[field.Path.ToString()] = EncodingHint.Dictionary;
        }
        return options;
    }

    /// <summary>The schema as the Delta log states it.</summary>
    public string DeltaSchema() => JsonSerializer.Serialize(new
    {
        type = "struct",
        fields = Columns.Select(c => new
        {
            name = c.Field.Name,
            type = c.Field == Value ? $"decimal({Structure.ValuePrecision},{Structure.ValueScale})" : c.Field.ClrType == typeof(int) ? "integer" : "string",
            // Nullable throughout: a later version may add a column that older files lack.
            nullable = true,
            metadata = new { },
        }),
    });
}

/// <summary>A column of a version's file.</summary>
/// <param name="Field">The Parquet field.</param>
/// <param name="Component">The index of its component in the structure; -1 for OBS_VALUE, SOURCE, DECIMALS and RELEASE.</param>
internal sealed record LakeColumn(DataField Field, int Component);

/// <summary>Observations as they stand in a version's file, a column an array; code positions count the structure's codelists.</summary>
internal sealed class LakeRows
{
    public LakeRows(int components, int capacity = LakeFile.RowGroupRows)
    {
        Codes = new int[components][];
        for (var i = 0; i < components; i++)
            Codes[i] = new int[capacity];
        Values = new decimal?[capacity];
        Decimals = new int[capacity];
        Sources = new ReadOnlyMemory<char>[capacity];
        Releases = new ReadOnlyMemory<char>[capacity];
    }

    public int Count { get; set; }

    /// <summary>For each component the positions; -1 where there is none.</summary>
    public int[][] Codes { get; }

    public decimal?[] Values { get; }

    public int[] Decimals { get; }

    public ReadOnlyMemory<char>[] Sources { get; }

    public ReadOnlyMemory<char>[] Releases { get; }
}
