using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a column of an SDMX data message is.</summary>
internal enum SdmxColumnKind
{
    /// <summary>A dimension.</summary>
    Dimension,

    /// <summary>TIME_PERIOD.</summary>
    Time,

    /// <summary>An attribute of the dataset's structure.</summary>
    Attribute,

    /// <summary>SOURCE: a text of its own in each row.</summary>
    Source,

    /// <summary>DECIMALS.</summary>
    Decimals,

    /// <summary>RELEASE.</summary>
    Release,
}

/// <summary>A dimension or an attribute as a message shows it.</summary>
/// <param name="Component">Our id of the component.</param>
/// <param name="Kind">What it is.</param>
/// <param name="IsCoded">Whether its values are ids of codes, with labels.</param>
/// <param name="Labels">Its name per language.</param>
internal sealed record SdmxColumn(string Component, SdmxColumnKind Kind, bool IsCoded, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>The id in SDMX.</summary>
    public string Id { get; } = SdmxIds.OfComponent(Component);

    /// <summary>Whether it is part of the key.</summary>
    public bool IsDimension => Kind is SdmxColumnKind.Dimension or SdmxColumnKind.Time;

    /// <summary>A value of it as SDMX writes it.</summary>
    public string Value(string code) => Kind == SdmxColumnKind.Time ? SdmxTime.Of(code) : IsCoded ? SdmxIds.OfCode(code) : code;

    /// <summary>The columns of a version: the dimensions, TIME_PERIOD where there are periods, the attributes, and those that each observation has besides.</summary>
    public static IEnumerable<SdmxColumn> Of(DatasetAtVersion at)
    {
        for (var c = 0; c < at.Components.Count; c++)
        {
            var kind = c < at.TimeIndex ? SdmxColumnKind.Dimension : c == at.TimeIndex ? SdmxColumnKind.Time : SdmxColumnKind.Attribute;
            if (kind != SdmxColumnKind.Time || SdmxNames.HasTime(at))
                yield return new SdmxColumn(at.Components[c].Id, kind, SdmxIds.IsCoded(at, c), at.Components[c].Labels);
        }
        yield return new SdmxColumn(Concepts.SourceId, SdmxColumnKind.Source, false, SdmxNames.OfColumn(Concepts.SourceId));
        yield return new SdmxColumn(Concepts.Decimals, SdmxColumnKind.Decimals, false, SdmxNames.OfColumn(Concepts.Decimals));
        yield return new SdmxColumn("RELEASE", SdmxColumnKind.Release, false, SdmxNames.OfColumn("RELEASE"));
    }
}

/// <summary>Which columns of a structure are shown, and at which level.</summary>
internal sealed record SdmxLayout
{
    /// <summary>The dimensions in the order of the data structure, TIME_PERIOD last.</summary>
    public required IReadOnlyList<SdmxColumn> Dimensions { get; init; }

    /// <summary>The dimension that tells the observations of a series apart; null where all do (<c>AllDimensions</c>).</summary>
    public SdmxColumn? AtObservation { get; init; }

    /// <summary>The attributes that are shown.</summary>
    public required IReadOnlyList<SdmxColumn> Attributes { get; init; }

    /// <summary>Whether OBS_VALUE is shown.</summary>
    public bool HasValue { get; init; } = true;

    /// <summary>Whether only the keys of series are given, and no observations.</summary>
    public bool KeysOnly { get; init; }

    /// <summary>Whether the observations of a series stand together, as they do in all but tables that are asked for in another order.</summary>
    public bool IsGrouped { get; init; }

    /// <summary>The dimensions that a series has in common; none in a flat view.</summary>
    public IReadOnlyList<SdmxColumn> OfSeries => AtObservation is null ? [] : [.. Dimensions.Where(d => d != AtObservation)];

    /// <summary>The dimensions that an observation has to itself.</summary>
    public IReadOnlyList<SdmxColumn> OfObservation => AtObservation is null ? Dimensions : [AtObservation];
}
