using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Which columns a data query shows at which level, and the order that this needs.</summary>
internal static class SdmxLayouts
{
    private const string Flat = "AllDimensions";

    /// <summary>The layout that a query asks for.</summary>
    /// <param name="options">The query's options.</param>
    /// <param name="at">The version.</param>
    /// <param name="columns">The columns there are.</param>
    /// <param name="where">What is asked for.</param>
    /// <param name="isTable">Whether the format is a table, whose rows need not stand together by series.</param>
    /// <exception cref="ProblemException">There is no such attribute or dimension, or the order that is asked for tears series apart that are asked for too.</exception>
    public static SdmxLayout Of(SdmxDataOptions options, DatasetAtVersion at, IReadOnlyList<SdmxColumn> columns, IReadOnlyList<Criterion> where, bool isTable)
    {
        var time = columns.FirstOrDefault(c => c.Kind == SdmxColumnKind.Time);
        List<SdmxColumn> dimensions = [.. columns.Where(c => c.Kind == SdmxColumnKind.Dimension)];
        if (time is not null)
            dimensions.Add(time);
        var attributes = columns.Where(c => !c.IsDimension).ToList();
        foreach (var id in options.Attributes ?? [])
        {
            if (!attributes.Exists(a => Is(a, id)))
                throw ProblemException.Unknown(400, "unknown-attribute", $"attribute of {at.Structure.Id}", "attributes", id, ["dsd", "all", "none", .. attributes.Select(a => a.Id)]);
        }
        if (options.Attributes is { } wanted)
            attributes.RemoveAll(a => !wanted.Any(id => Is(a, id)));
        var layout = new SdmxLayout
        {
            Dimensions = dimensions,
            AtObservation = AtObservation(options, at, dimensions, time),
            Attributes = attributes,
            HasValue = options.HasValue,
            KeysOnly = !options.HasValue && attributes.Count == 0,
        };
        layout = layout with { IsGrouped = layout.AtObservation is not null && (layout.KeysOnly || !isTable || options.Sort is null) };
        if (!layout.IsGrouped || layout.KeysOnly || options.Sort is not { } sort || KeepsSeries(SortKeys(sort, at, layout), at, layout, where))
            return layout;
        // Of series only each one's own observations can be in that order: without series all can.
        return options.AtObservation is null ? layout with { AtObservation = null, IsGrouped = false } : throw ProblemException.Malformed(
            "sort", sort, $"with dimensionAtObservation={options.AtObservation}, all dimensions that a series has in common before anything else, such as series_key+{layout.AtObservation!.Id}; or {Flat}, or SDMX-CSV, which go by any order", "conflicting-parameters");
    }

    /// <summary>A data set's query with the windows, the order and the page that are asked for.</summary>
    public static DataQuery Ordered(DataQuery query, SdmxDataOptions options, DatasetAtVersion at, SdmxLayout layout)
    {
        var keys = options.Sort is { } sort ? SortKeys(sort, at, layout) : [];
        if (layout is { IsGrouped: true, AtObservation: { } observed })
        {
            // What a series has in common comes first, or else its observations would not stand together.
            var isOfSeries = layout.OfSeries.Where(c => at.IndexOf(c.Component) >= 0).Select(c => c.Component).ToList();
            var rest = isOfSeries.Where(id => !keys.Exists(k => k.Column == id)).Select(id => new SortKey(id, false));
            var isInOrder = observed.Kind == SdmxColumnKind.Time && keys.Count == 0;
            keys = isInOrder ? [] : [.. keys.Where(k => isOfSeries.Contains(k.Column)), .. rest, .. keys.Where(k => !isOfSeries.Contains(k.Column))];
        }
        return query with
        {
            First = layout.KeysOnly && layout.AtObservation?.Kind == SdmxColumnKind.Time ? 1 : options.First,
            Last = layout.KeysOnly ? null : options.Last,
            Sort = IsStored(keys, at) ? [] : keys,
            Offset = options.Offset,
            Limit = options.Limit,
        };
    }

    private static SdmxColumn? AtObservation(SdmxDataOptions options, DatasetAtVersion at, List<SdmxColumn> dimensions, SdmxColumn? time)
    {
        if (options.AtObservation is null || (options.AtObservation == Concepts.TimePeriod && time is not null))
            return time;
        if (options.AtObservation == Flat)
            return null;
        return dimensions.Find(d => Is(d, options.AtObservation)) ?? throw ProblemException.Unknown(
            400, "unknown-dimension", $"dimension of {at.Structure.Id}", "dimensionAtObservation", options.AtObservation, [Flat, .. dimensions.Select(d => d.Id)]);
    }

    private static List<SortKey> SortKeys(string sort, DatasetAtVersion at, SdmxLayout layout)
    {
        var keys = new List<SortKey>();
        foreach (var part in sort.Split('+', ' ', ','))
        {
            var (name, isDescending) = part.EndsWith(":desc", StringComparison.Ordinal) ? (part[..^5], true) : part.EndsWith(":asc", StringComparison.Ordinal) ? (part[..^4], false) : (part, false);
            var columns = name switch
            {
                "*" => layout.Dimensions.Select(d => d.Component),
                "series_key" => (layout.AtObservation is null ? layout.Dimensions : layout.OfSeries).Select(d => d.Component),
                Concepts.ObsValue => [Concepts.ObsValue],
                _ => SdmxSelection.Find(at, name) is >= 0 and var component ? [at.Components[component].Id] : throw ProblemException.Unknown(
                    400, "unknown-dimension", "component to sort by", "sort", name, ["*", "series_key", Concepts.ObsValue, .. at.Components.Select(c => SdmxIds.OfComponent(c.Id))]),
            };
            keys.AddRange(columns.Where(id => (id == Concepts.ObsValue || at.IndexOf(id) >= 0) && !keys.Exists(k => k.Column == id)).Select(id => new SortKey(id, isDescending)));
        }
        return keys;
    }

    // Whether what series have in common decides on the order before anything else does; what has one code only decides on nothing.
    private static bool KeepsSeries(List<SortKey> keys, DatasetAtVersion at, SdmxLayout layout, IReadOnlyList<Criterion> where)
    {
        var only = new Selection(at, where).Only;
        var ofSeries = layout.OfSeries.Select(c => c.Component).Where(id => at.IndexOf(id) is >= 0 and var c && only[c] < 0 && at.Components[c].Codes.Count > 1).ToHashSet();
        foreach (var key in keys)
        {
            if (ofSeries.Count == 0)
                return true;
            if (!ofSeries.Remove(key.Column) && !(at.IndexOf(key.Column) is >= 0 and var c && (only[c] >= 0 || at.Components[c].Codes.Count == 1)))
                return false;
        }
        return true;
    }

    // The stored order is by the dimensions in their order, then time.
    private static bool IsStored(List<SortKey> keys, DatasetAtVersion at) =>
        keys.Index().All(k => !k.Item.Descending && k.Index <= at.TimeIndex && k.Item.Column == at.Components[k.Index].Id);

    private static bool Is(SdmxColumn column, string id) => column.Id == id || column.Component == id;
}
