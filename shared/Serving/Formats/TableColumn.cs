using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a column of an answer shows.</summary>
internal enum ColumnKind
{
    /// <summary>The dataset's id.</summary>
    Dataset,

    /// <summary>A component's code.</summary>
    Code,

    /// <summary>The label of a component's code; nothing where it has none.</summary>
    Label,

    /// <summary>The label of a component's code; the code where it has none.</summary>
    LabelOrCode,

    /// <summary>OBS_VALUE.</summary>
    Value,

    /// <summary>SOURCE.</summary>
    Source,

    /// <summary>DECIMALS.</summary>
    Decimals,

    /// <summary>RELEASE.</summary>
    Release,

    /// <summary>A computed value.</summary>
    Measure,
}

/// <summary>A column of an answer.</summary>
/// <param name="Kind">What it shows.</param>
/// <param name="Index">The component, or the measure, that it shows.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct TableColumn(ColumnKind Kind, int Index, string Name)
{
    /// <summary>What the name of a column of labels ends with.</summary>
    public const string LabelSuffix = "_LABEL";

    /// <summary>The name of the column with the dataset's id.</summary>
    public const string DatasetId = "DATASET";

    /// <summary>Whether it shows a component's codes or their labels.</summary>
    public bool IsCoded => Kind is ColumnKind.Code or ColumnKind.Label or ColumnKind.LabelOrCode;

    /// <summary>What a coded column shows for a code; null where it has nothing to show.</summary>
    public string? Text(Code code, IReadOnlyList<string> languages) => Kind switch
    {
        ColumnKind.Code => code.Id,
        ColumnKind.LabelOrCode when code.Labels.Count == 0 => code.Id,
        _ => code.Labels.Count == 0 ? null : ObservationCsv.Label(code.Labels, languages),
    };

    /// <summary>The columns of a table, in their order.</summary>
    /// <param name="table">The table.</param>
    /// <param name="isDelimited">Whether it is for CSV: with DATASET, and a column of labels beside each coded column, whether there are labels or not.</param>
    public static IReadOnlyList<TableColumn> Of(ObservationTable table, bool isDelimited = false)
    {
        var at = table.At;
        var columns = new List<TableColumn>();
        foreach (var column in table.Columns ?? Default(at, isDelimited, table.IsWide))
        {
            if (column.Kind != ColumnKind.Code || column.Index == at.TimeIndex || table.Labels == LabelChoice.Code)
            {
                columns.Add(column);
                continue;
            }
            columns.Add(table.Labels == LabelChoice.Label ? column with { Kind = ColumnKind.LabelOrCode } : column);
            var labels = new TableColumn(ColumnKind.Label, column.Index, column.Name + LabelSuffix);
            if (table.Labels == LabelChoice.Both && (isDelimited || at.HasLabels[column.Index]) && table.Columns?.Contains(labels) != true)
                columns.Add(labels);
        }
        for (var m = 0; m < table.Measures.Count; m++)
        {
            if (table.Columns?.Any(c => c.Kind == ColumnKind.Measure) != true)
                columns.Add(new TableColumn(ColumnKind.Measure, m, table.Measures[m].Id));
        }
        return columns;
    }

    /// <summary>All columns that can be asked for by name.</summary>
    public static IEnumerable<TableColumn> Named(DatasetAtVersion at, IReadOnlyList<Measure> measures) =>
    [
        .. Default(at, true, false),
        .. measures.Select((measure, m) => new TableColumn(ColumnKind.Measure, m, measure.Id)),
        .. Enumerable.Range(0, at.Components.Count).Where(c => c != at.TimeIndex).Select(c => new TableColumn(ColumnKind.Label, c, at.Components[c].Id + LabelSuffix)),
    ];

    /// <summary>The columns of a version's file that columns of an answer are made of.</summary>
    public static bool[] Wanted(DatasetAtVersion at, IEnumerable<TableColumn> columns)
    {
        var wanted = new bool[at.ColumnCount];
        foreach (var column in columns)
        {
            if (column.IsCoded)
                wanted[column.Index] = true;
            else if (column.Kind == ColumnKind.Source)
                wanted[at.SourceColumn] = true;
            else if (column.Kind == ColumnKind.Release)
                wanted[at.ReleaseColumn] = true;
            // The value is shown with the decimals that the release showed.
            wanted[at.ValueColumn] |= column.Kind == ColumnKind.Value;
            wanted[at.DecimalsColumn] |= column.Kind is ColumnKind.Value or ColumnKind.Decimals;
        }
        return wanted;
    }

    // The order of the observation CSV; of series only what all their observations have in common.
    private static IEnumerable<TableColumn> Default(DatasetAtVersion at, bool withDataset, bool isWide)
    {
        TableColumn Code(int component) => new(ColumnKind.Code, component, at.Components[component].Id);
        var (time, all) = (at.TimeIndex, at.Components.Count);
        if (withDataset)
            yield return new(ColumnKind.Dataset, 0, DatasetId);
        for (var c = 0; c < time; c++)
            yield return Code(c);
        if (isWide)
        {
            for (var c = time + 1; c < all; c++)
                if (at.Components[c].Id is Concepts.UnitMeasure or Concepts.UnitMult)
                    yield return Code(c);
            yield break;
        }
        yield return Code(time);
        yield return new(ColumnKind.Value, 0, Concepts.ObsValue);
        for (var c = time + 1; c < Math.Min(time + 4, all); c++)
            yield return Code(c);
        yield return new(ColumnKind.Source, 0, Concepts.SourceId);
        yield return new(ColumnKind.Decimals, 0, Concepts.Decimals);
        yield return new(ColumnKind.Release, 0, "RELEASE");
        for (var c = time + 4; c < all; c++)
            yield return Code(c);
    }
}
