namespace Pipeline.Understanding;

/// <summary>
/// What a release says about one dataset: dimensions, attributes and observations. FREQ, TIME_PERIOD, OBS_STATUS, UNIT_MEASURE and UNIT_MULT are
/// always there; OBS_VALUE and SOURCE belong to each observation.
/// </summary>
public sealed class Cube : IDisposable
{
    /// <summary>Creates a cube without observations.</summary>
    /// <param name="components">The dimensions (FREQ among them), then TIME_PERIOD, then the attributes (OBS_STATUS, UNIT_MEASURE, UNIT_MULT first).</param>
    /// <param name="sheets">The names that the observations' <see cref="Source.Place"/> counts.</param>
    /// <exception cref="ArgumentException">The components are not in that order, an id stands twice, or a required one is missing.</exception>
    public Cube(IReadOnlyList<Component> components, IReadOnlyList<string> sheets)
    {
        ArgumentNullException.ThrowIfNull(components);
        (Components, Sheets) = (components, sheets);
        TimeIndex = components.TakeWhile(c => c.Role == ComponentRole.Dimension).Count();
        string[] required = [Concepts.TimePeriod, Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult];
        if (components.Skip(TimeIndex).Take(4).Select(c => c.Id).SequenceEqual(required) is false
            || components[TimeIndex].Role != ComponentRole.Time
            || components.Skip(TimeIndex + 1).Any(c => c.Role != ComponentRole.Attribute)
            || components.DistinctBy(c => c.Id).Count() != components.Count
            || components.All(c => c.Id != Concepts.Freq))
        {
            throw new ArgumentException("dimensions with FREQ, then TIME_PERIOD, OBS_STATUS, UNIT_MEASURE, UNIT_MULT and other attributes expected, found "
                + string.Join(", ", components.Select(c => c.Id)), nameof(components));
        }
        Observations = new ObservationSet(components.Count);
    }

    /// <summary>What tells this cube from the release's main one, appended to the dataset's id; null for the main one.</summary>
    public string? Suffix { get; internal set; }

    /// <summary>The title per language, as the release has it; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Title { get; set; } = Code.None;

    /// <summary>The language of the release's own words (<c>zh</c>, <c>en</c>, …); null when it can not be told.</summary>
    public string? Language { get; set; }

    /// <summary>The dimensions, then TIME_PERIOD, then the attributes.</summary>
    public IReadOnlyList<Component> Components { get; }

    /// <summary>The index of TIME_PERIOD in <see cref="Components"/>, which is the number of other dimensions.</summary>
    public int TimeIndex { get; }

    /// <summary>The names that the observations' <see cref="Source.Place"/> counts.</summary>
    public IReadOnlyList<string> Sheets { get; }

    /// <summary>The observations, in the release's order.</summary>
    public ObservationSet Observations { get; }

    /// <summary>The index of a component, or -1.</summary>
    public int IndexOf(string id)
    {
        for (var i = 0; i < Components.Count; i++)
            if (Components[i].Id == id)
                return i;
        return -1;
    }

    /// <inheritdoc/>
    public void Dispose() => Observations.Dispose();
}
