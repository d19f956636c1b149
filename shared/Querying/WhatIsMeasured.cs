using Pipeline.Understanding;

namespace Pipeline.Querying;

/// <summary>
/// Tells of each observation whether its value can be added to others, by all that the dataset says of it: indicator, other dimensions, title, attributes. It
/// belongs to a version and is shared by all requests: what it has found out of a code is found out once, or by two at a time alike.
/// </summary>
internal sealed class WhatIsMeasured
{
    // Their labels name parts and places: employment activities, record players.
    private static readonly HashSet<string> Classifications =
        [Concepts.Indicator, Concepts.Freq, Concepts.RefArea, Concepts.Activity, Concepts.Age, "SEX", "PRODUCT", CubeOfProse.Population, Concepts.Transformation, "LINE"];

    // SDMX's CL_COLLECTION: the average, beginning, end, middle, highest and lowest of a period, or what came about within it. PX's STOCKFA: a stock, a flow, an average.
    private static readonly string[] Collections = ["COLLECTION", "COLLECTION_INDICATOR"];

    private readonly DatasetAtVersion at;
    private readonly int indicator;
    private readonly int unit;
    private readonly int stockOrFlow;
    private readonly int collection;
    private readonly bool isExchange;
    private readonly Lazy<Additivity> title;
    private readonly (int Component, Additivity?[] Known)[] others;
    private readonly Additivity?[] own;
    private readonly Additivity?[] units;

    /// <summary>Of a version.</summary>
    public WhatIsMeasured(DatasetAtVersion at)
    {
        this.at = at;
        (indicator, unit) = (at.IndexOf(Concepts.Indicator), at.IndexOf(Concepts.UnitMeasure));
        stockOrFlow = at.IndexOf("STOCKFA");
        collection = Collections.Select(at.IndexOf).FirstOrDefault(c => c >= 0, -1);
        isExchange = at.IndexOf("EXR_TYPE") >= 0;
        title = new(() => Additivity.Of([.. at.Structure.Title.Values]));
        own = new Additivity?[indicator < 0 ? 1 : at.Components[indicator].Codes.Count + 1];
        units = new Additivity?[at.Components[unit].Codes.Count + 1];
        others = [.. Enumerable.Range(0, at.Components.Count).Where(c => c < at.TimeIndex ? !Classifications.Contains(at.Components[c].Id) : IsStatement(c))
            .Select(c => (c, new Additivity?[at.Components[c].Codes.Count + 1]))];
    }

    /// <summary>The columns that it looks at, the dimensions aside.</summary>
    public IEnumerable<int> Columns => new[] { stockOrFlow, collection, unit }.Concat(others.Select(o => o.Component)).Where(c => c > at.TimeIndex);

    /// <summary>Whether a code of INDICATOR names a rate, an average or an index, or the title does where there is no INDICATOR or its code says nothing.</summary>
    /// <param name="number">The code's number; 0 where there is no INDICATOR.</param>
    public bool IsRate(int number) => (own[number] ??= Own(number)).IsRate;

    /// <summary>Refuses a value that can not be added to the others of its group.</summary>
    /// <param name="chunk">The rows that it is among.</param>
    /// <param name="row">Its row.</param>
    /// <param name="isOverTime">Whether it is of another period than another of its group.</param>
    /// <param name="acrossParts">A component whose code differs from that of another of its group; -1 where none does.</param>
    /// <exception cref="QueryRefusedException">It can not.</exception>
    public void Check(Chunk chunk, int row, bool isOverTime, int acrossParts)
    {
        var number = indicator < 0 ? 0 : chunk.Codes[indicator]![row];
        var said = own[number] ??= Own(number);
        var (saysHow, isRate, isStock, isChained) = (-1, said.IsRate, said.IsStock || said.IsToDate, said.IsChained || IsChainedUnit(chunk.Codes[unit]![row]));
        foreach (var (component, known) in others)
        {
            var code = chunk.Codes[component]![row];
            if (code == at.Components[component].Codes.Count)
                continue;
            var part = known[code] ??= Additivity.OfPart(Names(at.Components[component].Codes[code]));
            if (part.IsFlow && component < at.TimeIndex && at.Components[component].Id != CubeBuilder.TableId)
                isStock = said.IsToDate;
            if ((part.IsRate && !isRate && at.Components[component].Id != CubeBuilder.TableId) || (part.IsStock && !isStock && !said.IsFlow) || (part.IsToDate && !isStock) || (part.IsChained && !isChained))
                saysHow = component;
            isRate |= part.IsRate && at.Components[component].Id != CubeBuilder.TableId;
            isStock |= (part.IsStock && !said.IsFlow) || part.IsToDate;
            isChained |= part.IsChained;
        }
        // What the office says counts more than the name.
        if (CodeOf(chunk, row, stockOrFlow) is { } kind)
            isStock = kind is "S" or "A" || (kind != "F" && isStock);
        if (CodeOf(chunk, row, collection) is { } collected)
            (isRate, isStock) = (isRate || collected is "H" or "L", collected is "A" or "B" or "E" or "M" || (collected != "S" && isStock));
        if (isExchange)
            throw new QueryRefusedException(Refusal.NotAdditive, $"{at.Structure.Id} has EXR_TYPE, and so exchange rates, which do not add up.", "mean, min, max or count");
        if (isRate)
            throw new QueryRefusedException(Refusal.NotAdditive, $"{Name()} is a rate, a price, an average or an index by its name: its values do not add up.", "mean, min, max or count");
        if (isStock && isOverTime)
        {
            throw new QueryRefusedException(Refusal.NotAdditive, $"{Name()} is what there is at a moment, or to date: its values do not add up over time.",
                $"{Concepts.TimePeriod} among the components to group by, a filter that leaves one period, or mean, min, max or count");
        }
        if (isChained && acrossParts >= 0)
        {
            throw new QueryRefusedException(Refusal.NotAdditive, $"{Name()} is a chain-linked volume: the values of its parts do not add up.",
                $"{at.Components[acrossParts].Id} among the components to group by, values at current prices, or mean, min, max or count");
        }

        string Name() => saysHow >= 0 ? $"{at.Components[saysHow].Id} {CountsOnce.Named(at.Components[saysHow].Codes[chunk.Codes[saysHow]![row]])}"
            : indicator >= 0 && number < at.Components[indicator].Codes.Count ? $"{Concepts.Indicator} {CountsOnce.Named(at.Components[indicator].Codes[number])}" : at.Structure.Id;
    }

    // By the indicator's names; where these say nothing, by the dataset's title.
    private Additivity Own(int number)
    {
        if (indicator < 0 || number == at.Components[indicator].Codes.Count)
            return title.Value;
        var names = Names(at.Components[indicator].Codes[number]);
        return names.All(Additivity.SaysNothing) ? title.Value : Additivity.Of(names);
    }

    private bool IsChainedUnit(int number) => number < at.Components[unit].Codes.Count
        && (at.Components[unit].Codes[number].Id.StartsWith("CLV", StringComparison.Ordinal) || (units[number] ??= Additivity.OfPart(Names(at.Components[unit].Codes[number]))).IsChained);

    // The path of headings that leads to a figure of a table says what the dimensions say, and much beside.
    private bool IsStatement(int component) =>
        at.Components[component].Id == CrossTable.TitleId && !at.Components[component].Codes.Any(code => Names(code).Any(name => name.Contains(" > ", StringComparison.Ordinal)));

    private string? CodeOf(Chunk chunk, int row, int component) =>
        component >= 0 && chunk.Codes[component]![row] is var number && number < at.Components[component].Codes.Count ? at.Components[component].Codes[number].Id : null;

    private static List<string> Names(Code code) => code.Labels.Count == 0 ? [code.Id] : [.. code.Labels.Values];
}
