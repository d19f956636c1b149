using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>One entry of a register: what a release names, where, and what it says of it.</summary>
/// <param name="code">What identifies it in every release.</param>
internal sealed class RegisterEntry(Code code)
{
    // a text that says one name over and over needs no longer list
    private const int MostRanges = 1000;

    private readonly Dictionary<string, Code> attributes = new(StringComparer.Ordinal);
    private readonly List<Source> ranges = [];

    /// <summary>The code.</summary>
    public Code Code { get; } = code;

    /// <summary>How often the release names it.</summary>
    public int Mentions { get; private set; }

    /// <summary>Whether a sentence, the headline or a caption names it; a subheading alone makes no entry.</summary>
    public bool IsStated { get; private set; }

    /// <summary>The first mention.</summary>
    public Source First => ranges.Min(SourceOrder);

    /// <summary>All ranges, as SOURCE writes them.</summary>
    public string Ranges => string.Join("; ", ranges.Order(SourceOrder).Select(range => range.ToString())) + (Mentions > ranges.Count ? "; …" : "");

    private static Comparer<Source> SourceOrder { get; } = Comparer<Source>.Create(static (a, b) => (a.A, a.B).CompareTo((b.A, b.B)));

    /// <summary>Counts a mention; the same characters count once.</summary>
    public void Mention(Source where, bool states = true)
    {
        IsStated |= states;
        if (ranges.Count > 0 && ranges[^1] is var last && where.A < last.B && last.A < where.B)
            return;
        Mentions++;
        if (ranges.Count < MostRanges)
            ranges.Add(where);
    }

    /// <summary>Whether an attribute is known.</summary>
    public bool Has(string attribute) => attributes.ContainsKey(attribute);

    /// <summary>Says something of the entry; what was said first stays.</summary>
    public void Set(string attribute, Code? value)
    {
        if (value is { Id.Length: > 0 })
            attributes.TryAdd(attribute, value);
    }

    /// <summary>Says something in the release's own words.</summary>
    public void Set(string attribute, string? text) => Set(attribute, string.IsNullOrWhiteSpace(text) ? null : new Code(text.Trim()));

    /// <summary>The code of an attribute; null when it is not known.</summary>
    public Code? Find(string attribute) => attributes.GetValueOrDefault(attribute);
}

/// <summary>
/// A register that a release fills: what it names of one kind, as a cube. Its key is FREQ, the kind's code and the day of publication: each
/// release adds an observation to the series of an entry, and the latest observation of a series is the entry's latest state. An entry is named and described, not
/// measured: OBS_VALUE is empty, with the status M (there can be none); the attributes say what is known.
/// </summary>
internal sealed class RegisterCube
{
    private const int MostEntries = 10_000;
    private const string MentionCount = "MENTION_COUNT";

    private static readonly Dictionary<string, (string Zh, string En)> Words = new(StringComparer.Ordinal)
    {
        [Concepts.Freq] = ("频率", "Frequency"),
        [Concepts.TimePeriod] = ("发布日期", "Day of publication"),
        [Concepts.ObsStatus] = ("观测值状态", "Observation status"),
        [Concepts.UnitMeasure] = ("计量单位", "Unit of measure"),
        [Concepts.UnitMult] = ("单位乘数", "Unit multiplier"),
        [MentionCount] = ("提及次数", "Number of mentions"),
        [Concepts.Mentions] = ("提及位置", "Where the release mentions it"),
        [Concepts.RefArea] = ("地区", "Reference area"),
        ["NAME"] = ("名称", "Name"),
        ["CLUSTER"] = ("产业集群", "Industry cluster"),
        ["PART_OF"] = ("所属体系", "Part of"),
        ["PROJECT"] = ("项目", "Project"),
        ["ENERGY_BASE"] = ("能源基地", "Energy base"),
        ["PROGRAMME"] = ("行动与计划", "Programme"),
        ["RELEASE_TEXT"] = ("发布稿", "Text of the release"),
        ["ENTERPRISE"] = ("企业", "Enterprise"),
        ["PLACE"] = ("地点", "Place"),
        ["PRODUCT"] = ("产品", "Product"),
        ["CAPACITY"] = ("产能", "Capacity"),
        ["CAPACITY_UNIT"] = ("产能单位", "Unit of the capacity"),
        ["CAPACITY_MULT"] = ("产能单位乘数", "Unit multiplier of the capacity"),
        ["CAPACITY_FREQ"] = ("产能周期", "Period of the capacity"),
        ["DEPTH_CLASS"] = ("深度级别", "Depth class"),
        ["STAGE"] = ("阶段", "Stage"),
        ["STAGE_TEXT"] = ("阶段原文", "Stage in the release's words"),
        ["STAGE_DATE"] = ("阶段日期", "Date of the stage"),
        ["BASE_CLASS"] = ("规模级别", "Class by capacity"),
        ["ENERGY"] = ("能源类型", "Kind of energy"),
        ["BASE_KIND"] = ("基地类型", "Kind of base"),
        ["PROGRAMME_KIND"] = ("类型", "Kind of programme"),
        ["HORIZON"] = ("期限", "Horizon"),
        ["COUNT"] = ("数量", "Count"),
        ["RESPONSIBLE"] = ("负责单位", "Responsible body"),
        ["AIM"] = ("目的", "Aim"),
        ["OUTLET"] = ("媒体", "Outlet"),
        ["AUTHOR"] = ("作者", "Author"),
        ["PUBLISHED_AT"] = ("发布时间", "Published at"),
        ["SECTION"] = ("栏目", "Section"),
        ["SITE"] = ("网站", "Site"),
        ["SOURCE_DATA"] = ("来源", "Source of the text"),
        ["CAPTIONS"] = ("图片说明", "Captions"),
        ["CREDITS"] = ("图片作者", "Photo credits"),
    };

    private static readonly Dictionary<string, Dictionary<string, string>> LabelsOf = Words.ToDictionary(pair => pair.Key, pair => CubeOfProse.Both(pair.Value), StringComparer.Ordinal);

    private static readonly Code NoUnit = new(Concepts.NotApplicable) { Labels = CubeOfProse.Both(("不适用", "Not applicable")) };

    private readonly (string Zh, string En) title;
    private readonly string[] components;
    private readonly string suffix;
    private readonly Dictionary<string, RegisterEntry> entries = new(StringComparer.Ordinal);

    /// <summary>An empty register.</summary>
    /// <param name="suffix">What is appended to the dataset's id.</param>
    /// <param name="dimension">The dimension that tells its entries apart.</param>
    /// <param name="title">What it is.</param>
    /// <param name="attributes">What may be said of an entry, besides NAME and MENTIONS.</param>
    public RegisterCube(string suffix, string dimension, (string Zh, string En) title, params ReadOnlySpan<string> attributes)
    {
        (this.suffix, this.title) = (suffix, title);
        components = [Concepts.Freq, dimension, Concepts.TimePeriod, Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult, "NAME", .. attributes, MentionCount, Concepts.Mentions];
    }

    /// <summary>The entries that a sentence, the headline or a caption names.</summary>
    public IEnumerable<RegisterEntry> Entries => entries.Values.Where(entry => entry.IsStated);

    /// <summary>The entry of a code, made where it is new; null when there are too many to be meant.</summary>
    public RegisterEntry? Entry(Code code, string name)
    {
        if (entries.TryGetValue(code.Id, out var entry))
            return entry;
        if (entries.Count == MostEntries)
            return null;
        entries.Add(code.Id, entry = new RegisterEntry(code));
        entry.Set("NAME", name);
        return entry;
    }

    /// <summary>The register as a cube.</summary>
    /// <param name="published">The day of publication; null without a date line.</param>
    /// <param name="language">The text's language.</param>
    public Cube ToCube(DateOnly? published, string language)
    {
        var cube = new Cube([.. components.Select((id, i) => new Component(id, i < 2 ? ComponentRole.Dimension : i == 2 ? ComponentRole.Time : ComponentRole.Attribute)
        {
            Labels = LabelsOf[id],
        })], [])
        { Suffix = suffix, Language = language, Title = CubeOfProse.Both(title) };
        var codes = new int[components.Length];
        var day = new Code(published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "");
        var frequency = Vocabulary.Load("frequencies").Codes[published is null ? Concepts.NotApplicable : "D"];
        foreach (var entry in Entries)
        {
            for (var i = 0; i < codes.Length; i++)
            {
                Code? code = i switch
                {
                    0 => frequency,
                    1 => entry.Code,
                    2 => day,
                    3 => Vocabulary.Load("status").Codes["M"],
                    4 => NoUnit,
                    5 => Units.Multiplier(0),
                    _ when components[i] == MentionCount => new Code(entry.Mentions.ToString(CultureInfo.InvariantCulture)),
                    _ => components[i] == Concepts.Mentions ? new Code(entry.Ranges) : entry.Find(components[i]),
                };
                // the whole that a dimension's code is a part of is listed with it; elsewhere codes are listed as they occur
                if (i == 1 && code!.Parent is { } parent)
                    cube.Components[i].Codes.Add(Vocabulary.Load("clusters").Codes[parent]);
                codes[i] = code is null ? -1 : cube.Components[i].Codes.Add(i == 1 || code.Parent is null ? code : code with { Parent = null });
            }
            cube.Observations.Add(codes, null, entry.First);
        }
        return cube;
    }
}
