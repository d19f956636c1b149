namespace Pipeline.Understanding;

/// <summary>The cube that statements of prose go into, with its fixed components.</summary>
internal sealed class CubeOfProse
{
    private static readonly Dictionary<string, (string Zh, string En)> Labels = new(StringComparer.Ordinal)
    {
        [Concepts.Freq] = ("频率", "Frequency"),
        [Concepts.RefArea] = ("地区", "Reference area"),
        [Concepts.Indicator] = ("指标", "Indicator"),
        [Population] = ("统计范围", "Statistical population"),
        [Concepts.Activity] = ("行业", "Economic activity"),
        [Concepts.Transformation] = ("数据变换", "Transformation"),
        [Concepts.TimePeriod] = ("时期", "Time period"),
        [Concepts.ObsStatus] = ("观测值状态", "Observation status"),
        [Concepts.UnitMeasure] = ("计量单位", "Unit of measure"),
        [Concepts.UnitMult] = ("单位乘数", "Unit multiplier"),
        [ObsText] = ("原文", "Sentence of the release"),
    };

    private const string Population = "POPULATION";
    private const string ObsText = "OBS_TEXT";

    private static readonly Code NotApplicable = Labelled(Concepts.NotApplicable, ("不适用", "Not applicable"));
    private static readonly Code Normal = Labelled("A", ("正常值", "Normal value"));

    private readonly int[] codes;

    /// <summary>Creates the cube.</summary>
    /// <param name="language">The text's language, that of its title; null when it is neither Chinese nor English.</param>
    /// <param name="headline">The text's title; may be empty.</param>
    public CubeOfProse(string? language, string headline)
    {
        string[] dimensions = [Concepts.Freq, Concepts.RefArea, Concepts.Indicator, Population, Concepts.Activity, Concepts.Transformation];
        string[] attributes = [Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult, ObsText];
        Component Make(string id, ComponentRole role) => new(id, role) { Labels = Both(Labels[id]) };
        Cube = new Cube([.. dimensions.Select(id => Make(id, ComponentRole.Dimension)), Make(Concepts.TimePeriod, ComponentRole.Time),
            .. attributes.Select(id => Make(id, ComponentRole.Attribute))], [])
        {
            Title = headline.Length > 0 ? new Dictionary<string, string> { [language ?? "en"] = headline } : Code.None,
            Language = language,
        };
        codes = new int[Cube.Components.Count];
    }

    /// <summary>The cube.</summary>
    public Cube Cube { get; }

    /// <summary>Adds an observation.</summary>
    public void Add(ProseStatement statement, Source source, string text)
    {
        ReadOnlySpan<Code> row =
        [
            Vocabulary.Load("frequencies").Codes[ProsePeriods.FrequencyOf(statement.Period)],
            statement.Subject.Area!,
            statement.Subject.Indicator!,
            statement.Subject.Population ?? NotApplicable,
            statement.Subject.Activity ?? NotApplicable,
            statement.Transformation,
            new Code(statement.Period),
            Normal,
            statement.Figure.Code!,
            Units.Multiplier(statement.Figure.Multiplier),
            new Code(text),
        ];
        for (var i = 0; i < row.Length; i++)
        {
            // a parent stays only where its code is in the list: codes are listed as they occur
            var code = row[i];
            codes[i] = Cube.Components[i].Codes.Add(code.Parent is null ? code : code with { Parent = null });
        }
        Cube.Observations.Add(codes, statement.Value, source);
    }

    private static Code Labelled(string id, (string Zh, string En) labels) => new(id) { Labels = Both(labels) };

    private static Dictionary<string, string> Both((string Zh, string En) labels) => new() { ["zh"] = labels.Zh, ["en"] = labels.En };
}
