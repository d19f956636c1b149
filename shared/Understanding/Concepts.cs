namespace Pipeline.Understanding;

/// <summary>The ids of the SDMX cross-domain concepts (Content-oriented guidelines, annex 1) that the code itself has to know.</summary>
public static class Concepts
{
    /// <summary>Frequency: <c>A</c>, <c>S</c>, <c>Q</c>, <c>M</c>, <c>W</c>, <c>D</c>; <c>_O</c> for a range such as <c>2023-01/2023-06</c>, <c>_Z</c> without a period. A dimension of every cube.</summary>
    public const string Freq = "FREQ";

    /// <summary>Where a release mentions the entry of a register. An attribute of registers, whose values count mentions.</summary>
    public const string Mentions = "MENTIONS";

    /// <summary>The place the observation is about.</summary>
    public const string RefArea = "REF_AREA";

    /// <summary>What is measured.</summary>
    public const string Indicator = "INDICATOR";

    /// <summary>The industry, as a GB/T 4754, ISIC or NACE code.</summary>
    public const string Activity = "ACTIVITY";

    /// <summary>The age or age group, as SDMX's guidelines write it: <c>Y15T24</c>, <c>Y_GE65</c>.</summary>
    public const string Age = "AGE";

    /// <summary>The time dimension; the empty code where a release states none.</summary>
    public const string TimePeriod = "TIME_PERIOD";

    /// <summary>The value.</summary>
    public const string ObsValue = "OBS_VALUE";

    /// <summary>The status, of the SDMX codelist CL_OBS_STATUS; <c>A</c> is a normal value. An attribute of every cube.</summary>
    public const string ObsStatus = "OBS_STATUS";

    /// <summary>The unit. An attribute of every cube; <c>_X</c> where a release states none.</summary>
    public const string UnitMeasure = "UNIT_MEASURE";

    /// <summary>The power of ten the value is to be multiplied with. An attribute of every cube.</summary>
    public const string UnitMult = "UNIT_MULT";

    /// <summary>Level, growth over one year, share, and so on.</summary>
    public const string Transformation = "TRANSFORMATION";

    /// <summary>The decimals the release shows; follows from the value.</summary>
    public const string Decimals = "DECIMALS";

    /// <summary>Where the observation was read; see <see cref="Pipeline.Source"/>.</summary>
    public const string SourceId = "SOURCE";

    /// <summary>The code of a dimension that does not apply to an observation.</summary>
    public const string NotApplicable = "_Z";

    /// <summary>The code of something that the release does not say.</summary>
    public const string Unspecified = "_X";

    /// <summary>The code of a total.</summary>
    public const string Total = "_T";
}
