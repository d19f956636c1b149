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

    /// <summary>How many numbers what a group's observations say is kept in.</summary>
    public const int Said = 6;

    private const int Nobody = -2;

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

    /// <summary>A group of which nothing is known.</summary>
    public static void Begin(Span<int> group) => (group[0], group[1], group[2], group[4]) = (0, -1, Nobody, Nobody);

    /// <summary>Refuses a value that can not be added to the others of its group.</summary>
    /// <param name="chunk">The rows that it is among.</param>
    /// <param name="row">Its row.</param>
    /// <param name="isOverTime">Whether it is of another period than another of its group.</param>
    /// <param name="acrossParts">A component whose code differs from that of another of its group; -1 where none does.</param>
    /// <param name="group">What the group's observations said until now, <see cref="Said"/> numbers; see <see cref="Begin"/>.</param>
    /// <exception cref="QueryRefusedException">It can not.</exception>
    public void Check(Chunk chunk, int row, bool isOverTime, int acrossParts, Span<int> group)
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
            throw new QueryRefusedException(Refusal.NotAdditive, $"{Of(saysHow >= 0 ? saysHow : indicator, saysHow >= 0 ? chunk.Codes[saysHow]![row] : number)} is a rate, a price, an average or an index by its name: its values do not add up.", "mean, min, max or count");
        // Which of them says so, and which is of another period or part, need not be the same.
        var says = (Component: saysHow >= 0 ? saysHow : indicator, Code: saysHow >= 0 ? chunk.Codes[saysHow]![row] : number);
        group[0] |= isOverTime ? 1 : 0;
        group[1] = group[1] < 0 ? acrossParts : group[1];
        if (isStock && group[2] == Nobody)
            (group[2], group[3]) = says;
        if (isChained && group[4] == Nobody)
            (group[4], group[5]) = says;
        if (group[2] != Nobody && group[0] == 1)
        {
            throw new QueryRefusedException(Refusal.NotAdditive, $"{Of(group[2], group[3])} is what there is at a moment, or to date: its values do not add up over time.",
                $"{Concepts.TimePeriod} among the components to group by, a filter that leaves one period, or mean, min, max or count");
        }
        if (group[4] != Nobody && group[1] >= 0)
        {
            throw new QueryRefusedException(Refusal.NotAdditive, $"{Of(group[4], group[5])} is a chain-linked volume: the values of its parts do not add up.",
                $"{at.Components[group[1]].Id} among the components to group by, values at current prices, or mean, min, max or count");
        }

        string Of(int component, int code) => component >= 0 && code < at.Components[component].Codes.Count
            ? $"{at.Components[component].Id} {CountsOnce.Named(at.Components[component].Codes[code])}" : at.Structure.Id;
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
