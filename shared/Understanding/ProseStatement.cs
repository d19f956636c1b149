using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>A figure that a sentence states.</summary>
/// <param name="Subject">What it is about; always with an area and an indicator.</param>
/// <param name="Transformation">The code of <c>transformations.csv</c>.</param>
/// <param name="Period">TIME_PERIOD.</param>
/// <param name="Figure">The number with its unit.</param>
/// <param name="Value">The value, negative for a decline.</param>
/// <param name="ClauseFrom">Where its clause starts.</param>
internal sealed record ProseStatement(ProseSubject Subject, Code Transformation, string Period, Token Figure, decimal Value, int ClauseFrom)
{
    /// <summary>What a share, a contribution or a difference is relative to; null where it is to nothing, or to what TRANSFORMATION says.</summary>
    public Code? RelativeTo { get; init; }

    /// <summary>The code of KIND: <c>OUTTURN</c>, <c>TARGET</c>, <c>PLAN</c>, <c>FORECAST</c>, <c>CAPACITY</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>How the figure was adjusted (in real terms, seasonally); null where the text does not say.</summary>
    public Code? Adjustment { get; init; }

    /// <summary>What is said of the value.</summary>
    public Bound Bound { get; init; }

    /// <summary>Whether the sentence calls it preliminary.</summary>
    public bool IsPreliminary { get; init; }

    /// <summary>How sure the reading is, from 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>What it would be published as, for the finding on a reading that is not sure enough.</summary>
    /// <param name="language">The language of the labels.</param>
    public string Describe(string language) => string.Create(CultureInfo.InvariantCulture,
        $"{Reads(language)}: {Value} {(Figure.Multiplier > 0 ? Label(Units.Multiplier(Figure.Multiplier), language) + (language == "en" ? " " : "") : "")}{Label(Figure.Code!, language)} in {Period}, confidence {Confidence:0.00}");

    /// <summary>As the release's report lists it.</summary>
    public ExtractedFigure ToFigure(string language, string where, string sentence, bool isHeld) =>
        new(where, sentence, Reads(language), Value, Figure.Code!.Id, Figure.Multiplier, Period, Transformation.Id, Confidence, isHeld);

    private string Reads(string language)
    {
        var labels = new List<string>(8);
        foreach (var code in (ReadOnlySpan<Code?>)[Subject.Area, Subject.Population, Subject.Activity, Subject.Product, Subject.Indicator, Transformation, Adjustment, RelativeTo])
            if (code is not null)
                labels.Add(Label(code, language));
        return string.Join(", ", labels);
    }

    private static string Label(Code code, string language) => code.Labels.GetValueOrDefault(language) ?? code.Labels.Values.FirstOrDefault() ?? code.Id;
}
