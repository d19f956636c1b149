namespace Pipeline.Understanding;

/// <summary>What a row over the columns of a <see cref="SeriesSheet"/> says of each.</summary>
internal enum SeriesRow
{
    /// <summary>What the series is about.</summary>
    Title,

    /// <summary>Whether it is adjusted.</summary>
    Adjustment,

    /// <summary>What stands before its unit: the currency.</summary>
    UnitPrefix,

    /// <summary>Its unit.</summary>
    Unit,

    /// <summary>The code that the office gives it.</summary>
    Code,

    /// <summary>What the figures themselves say (frequency, first and last period), or what speaks of the release.</summary>
    Remark,
}

/// <summary>
/// Tells the sheets of time series that offices' databases write: a series a column, over it rows that are named in the first column
/// (Title, Unit, Series Type, Frequency, Series Start, CDID …), and below them a row a period.
/// </summary>
internal static class SeriesSheet
{
    private const int MaxRows = 24;
    private const int LeastNamed = 3;

    private static readonly Dictionary<string, SeriesRow> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["title"] = SeriesRow.Title,
        ["series title"] = SeriesRow.Title,
        ["series name"] = SeriesRow.Title,
        ["series description"] = SeriesRow.Title,
        ["series type"] = SeriesRow.Adjustment,
        ["type"] = SeriesRow.Adjustment,
        ["adjustment"] = SeriesRow.Adjustment,
        ["seasonal adjustment"] = SeriesRow.Adjustment,
        ["preunit"] = SeriesRow.UnitPrefix,
        ["unit"] = SeriesRow.Unit,
        ["units"] = SeriesRow.Unit,
        ["series id"] = SeriesRow.Code,
        ["series code"] = SeriesRow.Code,
        ["cdid"] = SeriesRow.Code,
        ["mnemonic"] = SeriesRow.Code,
        ["series reference"] = SeriesRow.Code,
        ["description"] = SeriesRow.Remark,
        ["data type"] = SeriesRow.Remark,
        ["frequency"] = SeriesRow.Remark,
        ["collection month"] = SeriesRow.Remark,
        ["series start"] = SeriesRow.Remark,
        ["series end"] = SeriesRow.Remark,
        ["no. obs"] = SeriesRow.Remark,
        ["no. obs."] = SeriesRow.Remark,
        ["number of observations"] = SeriesRow.Remark,
        ["source"] = SeriesRow.Remark,
        ["source dataset id"] = SeriesRow.Remark,
        ["release date"] = SeriesRow.Remark,
        ["next release"] = SeriesRow.Remark,
        ["important notes"] = SeriesRow.Remark,
        ["publication date"] = SeriesRow.Remark,
        ["last updated"] = SeriesRow.Remark,
        ["last update"] = SeriesRow.Remark,
        ["start date"] = SeriesRow.Remark,
        ["end date"] = SeriesRow.Remark,
        ["notes"] = SeriesRow.Remark,
    };

    /// <summary>The table of such a sheet; null when a grid is anything else.</summary>
    public static Block? Find(Grid grid)
    {
        var rows = grid.Rows;
        var uses = new Dictionary<int, SeriesRow>();
        int data = 0, unnamed = -1;
        for (; data < Math.Min(rows.Count, MaxRows) && grid.Look(data, 0) is not (Look.Year or Look.WordedPeriod); data++)
            if (Names.TryGetValue(Labels.Clean(rows[data][0].Text).TrimEnd(':'), out var use) && rows[data].Filled > 0)
                uses[data] = use;
            else if (rows[data][0].IsBlank && rows[data].Filled > 1 && unnamed < 0 && uses.Count == 0)
                unnamed = data;
            else if (uses.Count > 0 && rows[data].Filled > 1)
                return null;
        if (uses.Count < LeastNamed || !uses.ContainsValue(SeriesRow.Code) || data >= rows.Count)
            return null;
        if (!uses.ContainsValue(SeriesRow.Title))
        {
            if (unnamed < 0)
                return null;
            uses[unnamed] = SeriesRow.Title;
        }
        var last = data;
        while (last + 1 < rows.Count && grid.Look(last + 1, 0) is Look.Year or Look.WordedPeriod)
            last++;
        var right = uses.Keys.Max(r => rows[r].Cells.Length);
        if (right < 2 || Enumerable.Range(last + 1, rows.Count - last - 1).Any(r => rows[r].Filled > 2))
            return null;
        var isValue = new bool[grid.Width];
        for (var c = 1; c < right; c++)
            isValue[c] = Enumerable.Range(data, last - data + 1).Any(r => grid.Look(r, c) is Look.Number or Look.Year);
        if (!isValue.Contains(true))
            return null;
        var heads = uses.Keys.Order().ToList();
        var block = new Block
        {
            Left = 0,
            Right = right,
            Captions = [.. Enumerable.Range(0, heads[0])],
            Heads = heads,
            FirstData = data,
            LastData = last,
            IsValue = isValue,
            First = heads[0],
            SeriesRows = uses,
        };
        block.Notes.AddRange(Enumerable.Range(last + 1, rows.Count - last - 1));
        return block;
    }

    /// <summary>The unit of a column, of what its rows say together: <c>£</c> over <c>m</c>; null when they say nothing.</summary>
    public static Unit? UnitOf(string prefix, string text)
    {
        var unit = (prefix + text).Trim();
        return unit.Length == 0 ? null : Units.Find(unit) ?? (unit is "000" ? new Unit(Units.Unspecified, 3) : Units.Read(unit, null));
    }
}
