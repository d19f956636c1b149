using System.Globalization;
using System.Runtime.InteropServices;

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
        [Product] = ("产品", "Product"),
        [Concepts.Transformation] = ("数据变换", "Transformation"),
        [Adjustment] = ("调整", "Adjustment"),
        [RelativeTo] = ("相对于", "Relative to"),
        [Kind] = ("数据性质", "Kind of figure"),
        [BoundOf] = ("界限", "Bound"),
        [Concepts.TimePeriod] = ("时期", "Time period"),
        [Concepts.ObsStatus] = ("观测值状态", "Observation status"),
        [Concepts.UnitMeasure] = ("计量单位", "Unit of measure"),
        [Concepts.UnitMult] = ("单位乘数", "Unit multiplier"),
        [Cluster] = ("产业集群", "Industry cluster"),
        [Extracted] = ("由文本提取", "Extracted from prose"),
        [Confidence] = ("置信度", "Confidence of the reading"),
        [ObsText] = ("原文", "Sentence of the release"),
    };

    private static readonly Dictionary<string, Dictionary<string, string>> LabelsOf = Labels.ToDictionary(pair => pair.Key, pair => Both(pair.Value), StringComparer.Ordinal);

    private const string Cluster = "CLUSTER";
    private const string Confidence = "CONFIDENCE";

    /// <summary>The dimension with the units observed: 规模以上.</summary>
    public const string Population = "POPULATION";

    /// <summary>The dimension with the product.</summary>
    public const string Product = "PRODUCT";

    /// <summary>The dimension with the adjustment: in real terms, seasonally adjusted.</summary>
    public const string Adjustment = "ADJUSTMENT";

    /// <summary>The dimension with what a difference is taken from.</summary>
    public const string RelativeTo = "RELATIVE_TO";

    /// <summary>The dimension that tells outturns from targets, plans and forecasts.</summary>
    public const string Kind = "KIND";

    /// <summary>The dimension that tells figures from bounds: more than, less than, about.</summary>
    public const string BoundOf = "BOUND";

    /// <summary>The attribute with the sentence.</summary>
    public const string ObsText = "OBS_TEXT";

    /// <summary>The attribute that marks an observation as read from prose.</summary>
    public const string Extracted = "EXTRACTED";

    private static readonly IReadOnlyDictionary<string, Code> Frequencies = Vocabulary.Load("frequencies").Codes;
    private static readonly IReadOnlyDictionary<string, Code> Kinds = Vocabulary.Load("kinds").Codes;
    private static readonly IReadOnlyDictionary<string, Code> Bounds = Vocabulary.Load("bounds").Codes;
    private static readonly Code[] Multipliers = [.. Enumerable.Range(0, 13).Select(Units.Multiplier)];
    private static readonly Code[] Confidences = [.. Enumerable.Range(0, 101).Select(hundredths => new Code((hundredths / 100m).ToString("0.00", CultureInfo.InvariantCulture)))];
    private static readonly Code NotApplicable = Understanding.Labels.NotApplicable;
    private static readonly Code Normal = Labelled("A", ("正常值", "Normal value"));
    private static readonly Code Provisional = Labelled("P", ("初步值", "Provisional value"));
    private static readonly Code Forecast = Labelled("F", ("预测值", "Forecast value"));
    private static readonly Code Yes = Labelled("Y", ("是", "Yes"));

    private readonly int[] codes;
    private readonly (Code? Code, bool IsAdded)[] last;
    private readonly Dictionary<string, decimal> values = new(StringComparer.Ordinal);
    private Code period = new("");
    private Code sentence = new("");

    /// <summary>Creates the cube.</summary>
    /// <param name="language">The text's language, that of its title; null when it is neither Chinese nor English.</param>
    /// <param name="headline">The text's title; may be empty.</param>
    public CubeOfProse(string? language, string headline)
    {
        string[] dimensions = [Concepts.Freq, Concepts.RefArea, Concepts.Indicator, Population, Concepts.Activity, Product, Concepts.Transformation, Adjustment, RelativeTo, Kind, BoundOf];
        string[] attributes = [Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult, Cluster, Extracted, Confidence, ObsText];
        Component Make(string id, ComponentRole role) => new(id, role) { Labels = LabelsOf[id] };
        Cube = new Cube([.. dimensions.Select(id => Make(id, ComponentRole.Dimension)), Make(Concepts.TimePeriod, ComponentRole.Time),
            .. attributes.Select(id => Make(id, ComponentRole.Attribute))], [])
        {
            Title = headline.Length > 0 ? new Dictionary<string, string> { [language ?? "en"] = headline } : Code.None,
            Language = language,
        };
        codes = new int[Cube.Components.Count];
        last = new (Code?, bool)[codes.Length];
    }

    /// <summary>The cube.</summary>
    public Cube Cube { get; }

    /// <summary>Adds an observation, unless an earlier sentence stated a value for the same thing.</summary>
    /// <param name="statement">What the text states.</param>
    /// <param name="source">Where.</param>
    /// <param name="text">The sentence.</param>
    /// <param name="known">The value that is there already.</param>
    public bool TryAdd(ProseStatement statement, Source source, string text, out decimal known)
    {
        var dimensions = Dimensions(statement);
        for (var i = 0; i < dimensions.Length; i++)
            if (!ReferenceEquals(dimensions[i], last[i].Code))
                (codes[i], last[i]) = (Cube.Components[i].Codes.Find(dimensions[i].Id), (dimensions[i], false));
        // the numbers of the codes, each as two characters: shorter than the codes
        var key = MemoryMarshal.Cast<int, char>(codes.AsSpan(0, dimensions.Length));
        if (values.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out known))
            return false;
        for (var i = 0; i < dimensions.Length; i++)
            Add(i, dimensions[i]);
        var attributes = Attributes(statement, text);
        for (var i = 0; i < attributes.Length; i++)
            Add(dimensions.Length + i, attributes[i]);
        Cube.Observations.Add(codes, statement.Value, source);
        values.Add(new string(key), statement.Value);
        return true;
    }

    private void Add(int component, Code? code)
    {
        if (code is null)
            codes[component] = -1;
        // a parent stays only where its code is in the list: codes are listed as they occur
        else if (last[component] is not { IsAdded: true, Code: var added } || !ReferenceEquals(code, added))
            codes[component] = Cube.Components[component].Codes.Add(code.Parent is null ? code : code with { Parent = null });
        last[component] = (code, true);
    }

    // only where the area is one of the system that the cluster is a part of
    private static Code? ClusterOf(ProseSubject subject) =>
        IndustryClusters.SystemOf(subject.Area!) is { } system && IndustryClusters.Of(subject.Activity, (subject.Product ?? subject.Indicator)!.Labels.Values.FirstOrDefault()) is { } cluster
        && cluster.Parent == system.Id ? cluster : null;

    private Code[] Dimensions(ProseStatement statement) =>
    [
        Frequencies[ProsePeriods.FrequencyOf(statement.Period)],
        statement.Subject.Area!,
        statement.Subject.Indicator!,
        statement.Subject.Population ?? NotApplicable,
        statement.Subject.Activity ?? NotApplicable,
        statement.Subject.Product ?? NotApplicable,
        statement.Transformation,
        statement.Adjustment ?? NotApplicable,
        statement.RelativeTo ?? NotApplicable,
        Kinds[statement.Kind],
        statement.Bound switch { Bound.Lower => Bounds["LOWER"], Bound.Upper => Bounds["UPPER"], Bound.About => Bounds["ABOUT"], _ => NotApplicable },
        CodeOf(statement.Period, ref period),
    ];

    private Code?[] Attributes(ProseStatement statement, string text) =>
    [
        statement.IsPreliminary ? Provisional : statement.Kind == "FORECAST" ? Forecast : Normal,
        statement.Figure.Code!,
        Multipliers[statement.Figure.Multiplier],
        ClusterOf(statement.Subject),
        Yes,
        Confidences[(int)Math.Round(statement.Confidence * 100)],
        CodeOf(text, ref sentence),
    ];

    // several figures of one sentence share their codes
    private static Code CodeOf(string id, ref Code last) => ReferenceEquals(last.Id, id) ? last : last = new Code(id);

    private static Code Labelled(string id, (string Zh, string En) labels) => new(id) { Labels = Both(labels) };

    /// <summary>A label in both languages.</summary>
    public static Dictionary<string, string> Both((string Zh, string En) labels) => new() { ["zh"] = labels.Zh, ["en"] = labels.En };
}
