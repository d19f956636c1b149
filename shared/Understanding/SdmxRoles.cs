using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>
/// Decides what the components of an SDMX data set do. The structure says it, where it is there. Without it a structure-specific message mixes
/// dimensions and attributes; then a component is a dimension when every observation has it (dimensions are mandatory) and it stands before the first
/// component that is an attribute by its id (writers follow the structure: dimensions first).
/// </summary>
internal static class SdmxRoles
{
    // ids of attributes in the SDMX cross-domain concepts and in the global structures built on them
    private static readonly HashSet<string> Attributes = new(StringComparer.OrdinalIgnoreCase)
    {
        "TIME_FORMAT", "COLLECTION", "COLL_METHOD", "COLL_PERIOD", "COMPILATION", "COMPILING_ORG", "COVERAGE", "DATA_COMP", "DECIMALS", "DISS_ORG", "AVAILABILITY", "BASE_PER", "BREAKS", "CONF_STATUS",
        "CONF_STATUS_OBS", "EMBARGO_DATE", "EMBARGO_TIME", "LAST_UPDATE", "NAT_TITLE", "OBS_COM", "OBS_CONF", "OBS_FLAG", "OBS_PRE_BREAK", "OBS_STATUS", "OBS_QUAL", "OBS_TYPE", "POWERCODE", "PREF_SCALE",
        "PRE_BREAK_VALUE", "PUBL_ECB", "PUBL_MU", "PUBL_PUBLIC", "REF_PERIOD_DETAIL", "REFERENCEPERIOD", "REP_AGENCY", "REPORTING_YEAR_START_DAY", "REPYEARSTART", "REPYEAREND", "SERIES_KEY", "SOURCE_AGENCY",
        "SOURCE_DATA", "SOURCE_PUB", "TIME_PER_COLLECT", "UNIT_MULT", "UNIT_INDEX_BASE", "UNIT_PRICE_BASE", "DOM_SER_IDS", "CURRENCY_TRANS_P", "METHOD_REF",
    };

    private static readonly string[] Prefixes = ["TITLE", "COMMENT", "NOTE", "FOOTNOTE", "METHODOLOGY"];

    /// <summary>Whether an id is that of an attribute in every structure that is known.</summary>
    public static bool IsAttribute(string id) => Attributes.Contains(id) || Array.Exists(Prefixes, p => id.StartsWith(p, StringComparison.OrdinalIgnoreCase));

    /// <summary>Gives every component of a data set its role, names and codes.</summary>
    public static void Decide(SdmxDataSet set, SdmxStructure? structure, Findings findings)
    {
        foreach (var component in set.Components)
        {
            var known = structure?.Components.FirstOrDefault(c => c.Id == component.Id) ?? structure?.Components.FirstOrDefault(c => c.Id.Equals(component.Id, StringComparison.OrdinalIgnoreCase));
            if (known is not null)
            {
                (component.Role, component.IsText) = (known.Role, known.IsText);
                component.Names = component.Names.Count > 0 ? component.Names : known.Names;
                if (component.Codes is null)
                    (component.Codes, component.IsEnumerated) = (known.Codes, known.IsEnumerated);
            }
            else if (component.IsGuessed && component.Role == SdmxRole.Dimension && IsAttribute(component.Id))
            {
                component.Role = SdmxRole.Attribute;
            }
            else if (component.Role is SdmxRole.Unknown or SdmxRole.Dimension && component.Id.Equals(Concepts.TimePeriod, StringComparison.OrdinalIgnoreCase))
            {
                component.Role = SdmxRole.Time;
            }
            else if (component.Role == SdmxRole.Unknown && component.Id.Equals(Concepts.ObsValue, StringComparison.OrdinalIgnoreCase))
            {
                component.Role = SdmxRole.Measure;
            }
            else if (component.Role == SdmxRole.Unknown && (structure is not null || IsAttribute(component.Id)))
            {
                component.Role = SdmxRole.Attribute;
            }
        }
        // where no observation of a surveyed message has a value only the structure knows the measure
        if (structure is not null && set.Observations > 0 && set.Components.TrueForAll(c => c.Role != SdmxRole.Measure) && structure.Components.FirstOrDefault(c => c.Role == SdmxRole.Measure) is { } measure)
            set.Components.Add(new SdmxComponent(measure.Id) { Role = SdmxRole.Measure, Names = measure.Names, IsText = measure.IsText });
        // a status is one of values, also where none is there
        if (structure is null && set.Observations > 0 && set.Components.TrueForAll(c => c.Role != SdmxRole.Measure) && set.Components.Exists(c => c.Id == Concepts.ObsStatus))
            set.Components.Add(new SdmxComponent(Concepts.ObsValue) { Role = SdmxRole.Measure });
        // SDMX 2.0 lets a structure name its time dimension
        if (set.Components.TrueForAll(c => c.Role != SdmxRole.Time) && set.Components.Find(c => c.Id.Equals("TIME", StringComparison.OrdinalIgnoreCase)) is { } time)
            time.Role = SdmxRole.Time;
        if (set.Components.Exists(c => c.Role == SdmxRole.Unknown))
            Guess(set, findings);
    }

    private static void Guess(SdmxDataSet set, Findings findings)
    {
        var everywhere = set.Components.Where(c => c.Role == SdmxRole.Unknown && (c.Filled == set.Observations || c.Id == set.DimensionAtObservation)).ToList();
        var stop = set.Components.FindIndex(c => c.Role == SdmxRole.Attribute && IsAttribute(c.Id) && c.Filled > 0);
        var value = set.Components.FindIndex(c => c.Role == SdmxRole.Measure);
        stop = stop < 0 || (value >= 0 && value < stop) ? value : stop;
        // FREQ and REF_AREA are dimensions: behind the first attribute they say that the order is not the structure's
        var isOrdered = stop < 0 || everywhere.TrueForAll(c => set.Components.IndexOf(c) < stop || !(c.Id.Equals(Concepts.Freq, StringComparison.OrdinalIgnoreCase) || c.Id == Concepts.RefArea));
        foreach (var component in set.Components.Where(c => c.Role == SdmxRole.Unknown))
        {
            var isFirst = component.Id == set.DimensionAtObservation || stop < 0 || !isOrdered || set.Components.IndexOf(component) < stop;
            component.Role = isFirst && everywhere.Contains(component) ? SdmxRole.Dimension : SdmxRole.Attribute;
        }
        findings.Add(new Finding(Severity.Information, "structure-missing", "The message does not say which of its components are dimensions, and its structure is not there: those before the first attribute were taken.")
        {
            Where = set.Where,
            Found = "dimensions: " + string.Join(", ", set.Components.Where(c => c.Role == SdmxRole.Dimension).Select(c => c.Id)) + "; attributes: " + string.Join(", ", set.Components.Where(c => c.Role == SdmxRole.Attribute).Select(c => c.Id)),
            Advice = "Where that is wrong, put the structure message into one ZIP with the data, and upload that.",
        });
    }
}
