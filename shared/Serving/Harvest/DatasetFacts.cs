using System.Globalization;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A dimension or an attribute, without its codes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Role">What it does.</param>
/// <param name="Labels">The label per language.</param>
/// <param name="Codes">How many codes it has.</param>
internal sealed record ComponentFacts(string Id, ComponentRole Role, IReadOnlyDictionary<string, string> Labels, int Codes);

/// <summary>What catalogues say of a dataset at a version, small enough to be kept of thousands of datasets.</summary>
internal sealed record DatasetFacts
{
    /// <summary>More areas without a common one above them than this say nothing of what is covered as a whole.</summary>
    private const int MostAreas = 50;
    private const int MostUnits = 20;
    private const int MostIndicators = 50;

    public required string Id { get; init; }

    public required IReadOnlyDictionary<string, string> Title { get; init; }

    public required DatasetVersion Version { get; init; }

    /// <summary>When the first version was published.</summary>
    public DateTimeOffset Issued { get; init; }

    /// <summary>The dimensions, TIME_PERIOD, the attributes.</summary>
    public required IReadOnlyList<ComponentFacts> Components { get; init; }

    /// <summary>The days that all periods cover together; null without periods.</summary>
    public PeriodDays? Span { get; init; }

    /// <summary>The codes of FREQ that are frequencies, from the rarest to the most frequent.</summary>
    public IReadOnlyList<string> Frequencies { get; init; } = [];

    /// <summary>The areas that no other one covers; empty where they are too many, or none.</summary>
    public IReadOnlyList<Code> Areas { get; init; } = [];

    /// <summary>The units that occur: the first of them.</summary>
    public IReadOnlyList<Code> Units { get; init; } = [];

    /// <summary>The indicators: the first of them.</summary>
    public IReadOnlyList<Code> Indicators { get; init; } = [];

    /// <summary>The formats that hold all of it.</summary>
    public required IReadOnlyList<DataFormat> Formats { get; init; }

    /// <summary>The languages of titles and labels.</summary>
    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>About how many bytes it takes in memory.</summary>
    public long Bytes => 2048 + (200L * (Areas.Count + Units.Count + Indicators.Count)) + (300L * Components.Count);

    // What has one code for all tells nothing apart.
    private IEnumerable<ComponentFacts> ToldDimensions => Components.Where(c => c.Role == ComponentRole.Dimension && c.Id != Concepts.Freq && c.Codes != 1);

    /// <summary>The facts of a version.</summary>
    public static DatasetFacts Of(DatasetAtVersion at, DateTimeOffset issued)
    {
        var structure = at.Structure;
        IEnumerable<Code> Codes(string id) => structure.Find(id)?.InOrder ?? [];
        var areas = Codes(Concepts.RefArea);
        var roots = areas.Where(code => code.Id != Concepts.NotApplicable && (code.Parent is null || at.Find(at.IndexOf(Concepts.RefArea), code.Parent) < 0)).Take(MostAreas + 1).ToList();
        var periods = at.Periods.OfType<PeriodDays>().ToList();
        return new DatasetFacts
        {
            Id = structure.Id,
            Title = structure.Title,
            Version = at.Version,
            Issued = issued,
            Components = [.. structure.Components.Select(c => new ComponentFacts(c.Id, c.Role, c.Labels, c.Codes.Count))],
            Span = periods.Count == 0 ? null : new PeriodDays(periods.Min(p => p.Start), periods.Max(p => p.End)),
            Frequencies = [.. Codes(Concepts.Freq).Select(c => c.Id).Where(id => Frequency(id) is not null).OrderBy(id => "ASQMWD".IndexOf(id, StringComparison.Ordinal))],
            Areas = roots.Count > MostAreas ? [] : roots,
            Units = [.. Codes(Concepts.UnitMeasure).Where(c => at.Version.Units.Contains(c.Id) && c.Id != Concepts.Unspecified).Take(MostUnits)],
            Indicators = [.. Codes(Concepts.Indicator).Take(MostIndicators)],
            Formats = [.. DataFormat.All.Where(format => format.Holds(at))],
            Languages = LanguagesOf(structure.Title, structure.Components),
        };
    }

    /// <summary>The title in the language that is wanted most; the id where there is none.</summary>
    public string TitleIn(IReadOnlyList<string> languages) => ObservationCsv.Label(Title, languages) is { Length: > 0 } title ? title : Id;

    /// <summary>What the dataset is, in a sentence or two: made of its structure, since releases say no such thing of themselves.</summary>
    public string DescriptionIn(string language)
    {
        var (version, isChinese) = (Version, language == "zh");
        var names = ToldDimensions.Select(c => NameOf(c, language)).ToList();
        var time = version.TimeFrom is null ? null : version.TimeFrom == version.TimeTo ? version.TimeFrom : version.TimeFrom + (isChinese ? "至" : " to ") + version.TimeTo;
        var often = string.Join(isChinese ? "、" : ", ", Frequencies.Select(id => Vocabulary.Load("frequencies").Codes[id].Labels[isChinese ? "zh" : "en"].ToLowerInvariant()));
        if (often.Length > 0)
            time += isChinese ? $"（{often}）" : $" ({often})";
        if (isChinese)
        {
            return $"共{version.Observations}个观测值、{version.Series}个序列" + (names.Count > 0 ? $"，按{string.Join('、', names)}划分" : "") + (time is null ? "" : $"，时间为{time}")
                + "。每个数值都附有单位、状态及其在原始发布中的出处。";
        }
        var by = names.Count switch { 0 => "", 1 => " by " + names[0], _ => " by " + string.Join(", ", names.SkipLast(1)) + " and " + names[^1] };
        return Counted.Of(version.Observations, "observation") + " in " + Counted.Of(version.Series, "series", "series") + by + (time is null ? "" : ", " + time)
            + ". Each value comes with its unit, its status and the place in the release that it was read from.";
    }

    /// <summary>Words to find it by, with their languages: its dimensions and indicators.</summary>
    public IEnumerable<(string Text, string Language)> Keywords =>
        Components.Where(c => c.Role == ComponentRole.Dimension && c.Id != Concepts.Freq).SelectMany(c => c.Labels.Count > 0 ? c.Labels.Select(l => (l.Value, l.Key)) : [(Words(c.Id), "und")])
            .Concat(Indicators.Take(20).SelectMany(code => code.Labels.Select(l => (l.Value, l.Key)))).Where(k => k.Item1.Length > 0).Prepend(("统计", "zh")).Prepend(("statistics", "en")).Distinct();

    /// <summary>A component's name in a language, to stand in a sentence.</summary>
    public static string NameOf(ComponentFacts component, string language) =>
        component.Labels.Count == 0 ? Words(component.Id)
        : ObservationCsv.Label(component.Labels, [language, "en", "zh"]) is var label && language == "zh" ? label : LowerFirst(label);

    /// <summary>The frequency of the European authority table and its period (ISO 8601) of a code of FREQ; null for what is no frequency.</summary>
    public static (string Authority, string Duration)? Frequency(string code) => code switch
    {
        "A" => ("ANNUAL", "P1Y"),
        "S" => ("ANNUAL_2", "P6M"),
        "Q" => ("QUARTERLY", "P3M"),
        "M" => ("MONTHLY", "P1M"),
        "W" => ("WEEKLY", "P7D"),
        "D" => ("DAILY", "P1D"),
        _ => null,
    };

    private static List<string> LanguagesOf(IReadOnlyDictionary<string, string> title, IReadOnlyList<DatasetComponent> components)
    {
        var own = title.Keys.Where(RdfValue.IsLanguage).ToList();
        return own.Count > 0 ? own : [.. components.SelectMany(c => c.Labels.Keys).Where(RdfValue.IsLanguage).Distinct().Order(StringComparer.Ordinal)];
    }

    private static string Words(string id) => id.Replace('_', ' ').ToLowerInvariant();

    // GDP stays GDP.
    private static string LowerFirst(string label) => label.Length > 1 && char.IsUpper(label[0]) && !char.IsUpper(label[1]) ? char.ToLowerInvariant(label[0]) + label[1..] : label;
}
