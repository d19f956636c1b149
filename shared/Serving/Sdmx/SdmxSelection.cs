using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a key and filters select of one version.</summary>
/// <param name="Where">All of these hold.</param>
/// <param name="Unknown">The codes asked for by name that the version's codelists do not have: they match nothing, and are worth naming where nothing matches.</param>
internal sealed record SdmxSelection(IReadOnlyList<Criterion> Where, IReadOnlyList<(int Component, string Code)> Unknown)
{
    /// <summary>Puts a key, filters and what else must hold together.</summary>
    /// <exception cref="ProblemException">The version has no such dimension or component, or it can not be filtered so.</exception>
    public static SdmxSelection Of(DatasetAtVersion at, SdmxKey key, SdmxFilters filters, params IEnumerable<Criterion> more) => Except(-1, at, key, filters, more);

    /// <summary>The same without what is asked of one component, -1 for none.</summary>
    public static SdmxSelection Except(int component, DatasetAtVersion at, SdmxKey key, SdmxFilters filters, IEnumerable<Criterion> more)
    {
        var unknown = new List<(int, string)>();
        List<Criterion> where = [.. key.Against(at, unknown, component), .. filters.Against(at, unknown, component), .. more];
        return new SdmxSelection(where, unknown);
    }

    /// <summary>The error that nothing matches; names the first code that is unknown.</summary>
    public ProblemException NoResults(DatasetAtVersion at)
    {
        if (Unknown.Count == 0)
            return SdmxError.NoResults($"No observation of {at.Structure.Id} matches.");
        var (component, code) = Unknown[0];
        return component == at.TimeIndex
            ? SdmxError.NoResults($"No observation of {at.Structure.Id} has the {Concepts.TimePeriod} '{code}'.")
            : ProblemException.Unknown(404, "no-results", $"code in {at.Components[component].Id} of {at.Structure.Id}", SdmxIds.OfComponent(at.Components[component].Id), code,
                [.. at.Components[component].Codes.Take(100_000).Select(c => SdmxIds.Value(at, component, c.Id))]);
    }

    /// <summary>The number of a component by its SDMX id, or by ours; -1 for none.</summary>
    public static int Find(DatasetAtVersion at, string id) => at.IndexOf(SdmxIds.ComponentOf(id)) is >= 0 and var component ? component : at.IndexOf(id);

    /// <summary>The number of a code by its SDMX id, or by ours; -1 for none. Not for periods.</summary>
    public static int FindCode(DatasetAtVersion at, int component, string id) =>
        SdmxIds.IsCoded(at, component) && at.Find(component, SdmxIds.CodeOf(id)) is >= 0 and var code ? code : at.Find(component, id);

    /// <summary>The codes of TIME_PERIOD that are a period, as SDMX or we write it; an empty list when there is none, or the text is no period of the version.</summary>
    public static List<string> Periods(DatasetAtVersion at, string text, PeriodDays days)
    {
        var codes = at.Components[at.TimeIndex].Codes;
        var same = new List<string>();
        for (var i = 0; i < codes.Count; i++)
            if (SdmxTime.AreSame(codes[i].Id, at.Periods[i], text, days))
                same.Add(codes[i].Id);
        return same;
    }
}
