namespace Pipeline.Understanding;

/// <summary>A figure that was understood in a sentence, as the release's report lists it: with what it says and the sentence that says so.</summary>
/// <param name="Where">SOURCE: the characters from the figure's clause to the end of its unit.</param>
/// <param name="Sentence">The sentence, as the release has it; a long one is cut to the figure's clause.</param>
/// <param name="Reads">Area, population, industry, product, indicator and measure in the text's language.</param>
/// <param name="Value">OBS_VALUE.</param>
/// <param name="Unit">UNIT_MEASURE.</param>
/// <param name="UnitMult">UNIT_MULT.</param>
/// <param name="TimePeriod">TIME_PERIOD.</param>
/// <param name="Transformation">TRANSFORMATION.</param>
/// <param name="Confidence">How sure the reading is, from 0 to 1.</param>
/// <param name="IsHeld">Whether it is not sure enough to go out without an official's yes.</param>
public sealed record ExtractedFigure(
    string Where, string Sentence, string Reads, decimal Value, string Unit, int UnitMult, string TimePeriod, string Transformation, double Confidence, bool IsHeld)
{
    /// <summary>How many a report lists.</summary>
    public const int Listed = 2_000;
}
