using System.Text;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>A dataset at one version: its structure with what looking codes up needs. Immutable, shared by all requests.</summary>
internal sealed class DatasetAtVersion
{
    private readonly Dictionary<string, int>[] numbers;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>[] bySpan;
    private readonly Lazy<(PeriodDays?[] Periods, int[] Ranks)> periods;
    private readonly Lazy<int[]> totals;
    private readonly Lazy<WhatIsMeasured> measured;

    public DatasetAtVersion(DatasetStructure structure, DatasetVersion version)
    {
        (Structure, Version) = (structure, version);
        TimeIndex = structure.TimeIndex;
        numbers = [.. structure.Components.Select(component => component.Codes
            .Select((code, i) => (code.Id, i)).ToDictionary(c => c.Id, c => c.i, StringComparer.Ordinal))];
        bySpan = [.. numbers.Select(n => n.GetAlternateLookup<ReadOnlySpan<char>>())];
        HasLabels = [.. structure.Components.Select((c, i) => i != TimeIndex && c.Codes.Any(code => code.Labels.Count > 0))];
        Bytes = 1024 + structure.Components.Sum(c => 1024L + (c.Codes.Count * 400L));
        periods = new(() =>
        {
            var codes = structure.Components[TimeIndex].Codes;
            var parsed = codes.Select(code => PeriodDays.TryParse(code.Id, out var period) ? period : (PeriodDays?)null).ToArray();
            var ranks = new int[codes.Count + 1];
            var order = Enumerable.Range(0, codes.Count).OrderByDescending(i => parsed[i] is null).ThenBy(i => parsed[i]).ThenBy(i => codes[i].Id, StringComparer.Ordinal).ToArray();
            for (var rank = 0; rank < order.Length; rank++)
                ranks[order[rank]] = rank;
            ranks[^1] = order.Length;
            return (parsed, ranks);
        });
        measured = new(() => new WhatIsMeasured(this));
        totals = new(() => [.. structure.Components.Select((component, c) =>
        {
            if (c >= TimeIndex)
                return -1;
            if (Find(c, Concepts.Total) is >= 0 and var total)
                return total;
            int[] named = [.. Enumerable.Range(0, component.Codes.Count).Where(i => TotalNames.IsOfAll(component.Codes[i], component.Codes))];
            return named is [var only] ? only : -1;
        })]);
    }

    public DatasetStructure Structure { get; }

    public DatasetVersion Version { get; }

    /// <summary>The index of TIME_PERIOD among the components.</summary>
    public int TimeIndex { get; }

    /// <summary>About how many bytes it takes in memory.</summary>
    public long Bytes { get; }

    /// <summary>For each component whether its codes are shown with labels: not for TIME_PERIOD, UNIT_MULT, nor where no code has any.</summary>
    public bool[] HasLabels { get; }

    public IReadOnlyList<DatasetComponent> Components => Structure.Components;

    /// <summary>The columns that a query can ask a file for: the components, then these.</summary>
    public int ValueColumn => Components.Count;

    public int SourceColumn => Components.Count + 1;

    public int DecimalsColumn => Components.Count + 2;

    public int ReleaseColumn => Components.Count + 3;

    public int ColumnCount => Components.Count + 4;

    /// <summary>The periods of TIME_PERIOD's codes; null where a code is no period.</summary>
    public PeriodDays?[] Periods => periods.Value.Periods;

    /// <summary>The place of each TIME_PERIOD code in time; what is no period comes before all, as in the stored order, so that the latest is one.</summary>
    public int[] PeriodRanks => periods.Value.Ranks;

    /// <summary>Which of its values can be added.</summary>
    public WhatIsMeasured Measured => measured.Value;

    /// <summary>The index of a component, or -1.</summary>
    public int IndexOf(string id)
    {
        for (var i = 0; i < Components.Count; i++)
            if (Components[i].Id == id)
                return i;
        return -1;
    }

    /// <summary>The number of a code in a component's codelist, or -1.</summary>
    public int Find(int component, ReadOnlySpan<char> code) => bySpan[component].TryGetValue(code, out var number) ? number : -1;

    /// <summary>The number of the code that is the total of a dimension's list: <c>_T</c>, else the only one that its name says is; -1 where there is none.</summary>
    public int TotalOf(int component) => totals.Value[component];

    /// <summary>The same, or else the only code at the top of the list whose name begins or ends as totals' do (United States Total): a share says what it is of, so that a reader can tell.</summary>
    public int WholeOf(int component)
    {
        if (TotalOf(component) is >= 0 and var total)
            return total;
        var codes = Components[component].Codes;
        int[] named = [.. Enumerable.Range(0, codes.Count).Where(i => codes[i].Parent is null && TotalNames.IsTotal(codes[i], codes)).Take(2)];
        return named is [var only] ? only : -1;
    }

    /// <summary>Whether a component's codes are whole numbers.</summary>
    public bool IsNumber(int component) => Components[component].Id is Concepts.UnitMult or Concepts.UnitMult + VersionComparison.BeforeSuffix;

    /// <summary>The name of a column in the version's file.</summary>
    public string ColumnName(int column) =>
        column < Components.Count ? Components[column].Id
        : column == ValueColumn ? Concepts.ObsValue
        : column == SourceColumn ? Concepts.SourceId
        : column == DecimalsColumn ? Concepts.Decimals
        : "RELEASE";

    /// <summary>Whether ordinal order of a component's codes is also the byte order of the file's statistics: not beside surrogate pairs.</summary>
    public bool HasByteOrder(int component) => !Components[component].Codes.Any(code => code.Id.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'));
}
