using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What a key and filters select of one version.</summary>
/// <param name="Where">All of these hold.</param>
/// <param name="Unknown">The codes asked for by name that the version's codelists do not have: they match nothing, and are worth naming where nothing matches.</param>
internal sealed record SdmxSelection(IReadOnlyList<Criterion> Where, IReadOnlyList<(int Component, string Code)> Unknown)
{
    private const int MostTold = 5;

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

    /// <summary>The error that nothing matches; says of the codes that are unknown what may be meant.</summary>
    public ProblemException NoResults(DatasetAtVersion at)
    {
        if (Unknown.Count == 0)
            return SdmxError.NoResults($"No observation of {at.Structure.Id} matches.");
        return ProblemException.Several([.. Unknown.Distinct().Take(MostTold).Select(Problem)], Math.Max(0, Unknown.Distinct().Count() - MostTold));

        ProblemException Problem((int Component, string Code) unknown)
        {
            var (component, code) = unknown;
            var id = SdmxIds.OfComponent(at.Components[component].Id);
            return component == at.TimeIndex
                ? PeriodHints.Unknown(404, "no-results", at, $"No observation of {at.Structure.Id} has the {Concepts.TimePeriod} '{ProblemException.Short(code)}'", id, code)
                : new LikelyCodes(at.Components[component].Codes, c => SdmxIds.Value(at, component, c.Id))
                    .Problem(404, "no-results", $"There is no code in {id} of {at.Structure.Id} '{ProblemException.Short(code)}'", id, code);
        }
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
