using System.Runtime.CompilerServices;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>A variable of a table.</summary>
/// <param name="at">The dataset.</param>
/// <param name="dimension">Its code, labels and values.</param>
internal sealed class PxVariable(DatasetAtVersion at, CubeDimension dimension)
{
    private const int MostLevels = 50;
    private readonly Lazy<Dictionary<string, int>> exact = new(() => dimension.Codes.Index().ToDictionary(c => c.Item.Id, c => c.Index, StringComparer.Ordinal));
    private readonly Lazy<Dictionary<string, int>> loose = new(() =>
    {
        var first = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < dimension.Codes.Count; i++)
            first.TryAdd(dimension.Codes[i].Id, i);
        return first;
    });

    private int[]? levels;

    /// <summary>Its code, labels and values.</summary>
    public CubeDimension Dimension => dimension;

    /// <summary>Its code.</summary>
    public string Code => Dimension.Id;

    /// <summary>How many values it has.</summary>
    public int Count => Dimension.Codes.Count;

    /// <summary>The value that stands for it where it is left out; null where something has to be selected.</summary>
    public string? Elimination { get; init; }

    /// <summary>Whether it was made because a table has to have contents: there is one, the value.</summary>
    public bool IsMade => Dimension.Component < 0;

    /// <summary>The places of all its values.</summary>
    public IReadOnlyList<int> All { get; } = [.. Enumerable.Range(0, dimension.Codes.Count)];

    /// <summary>How many values each of its values is below, itself with them.</summary>
    public IReadOnlyList<int> Levels => levels ??= LevelsOf();

    /// <summary>The place of a value by its code, or -1; in any case where no code is written exactly so.</summary>
    public int Find(string code) => exact.Value.TryGetValue(code, out var number) ? number : loose.Value.GetValueOrDefault(code, -1);

    /// <summary>Only some of its values, each once and in its order.</summary>
    public CubeDimension With(IReadOnlyList<int> values) => values.Count == Count ? Dimension : Dimension with { Codes = [.. values.Select(v => Dimension.Codes[v])] };

    private int[] LevelsOf()
    {
        var found = new int[Count];
        Array.Fill(found, 1);
        for (var v = 0; v < found.Length; v++)
            for (var up = Dimension.Codes[v]; up.Parent is not null && DataCube.ParentIn(at, Dimension, up, exact.Value) is { } parent && found[v] < MostLevels; found[v]++)
                up = Dimension.Codes[exact.Value[parent]];
        return found;
    }
}

/// <summary>The variables of a table, which are the same in all languages: made once for a dataset's version, and kept as long as that is.</summary>
internal sealed class PxVariables
{
    private static readonly ConditionalWeakTable<DatasetAtVersion, PxVariables> Known = [];

    private PxVariables(DatasetAtVersion at)
    {
        var metric = Enumerable.Range(0, at.TimeIndex).Where(c => DataCube.RoleOf(at, c) == CubeRole.Metric).DefaultIfEmpty(-1).First();
        var variables = new List<PxVariable>();
        for (var c = 0; c <= at.TimeIndex; c++)
        {
            if (c == at.TimeIndex && metric < 0)
                variables.Add(Contents = Made(at));
            var component = at.Components[c];
            List<Code> codes = [.. DataCube.Ordered(at, c).Where(n => n < component.Codes.Count).Select(n => DataCube.CodeOf(at, c, n))];
            if (c == at.TimeIndex && component.Codes.All(code => code.Id.Length == 0))
                continue;
            var dimension = new CubeDimension(component.Id, component.Labels, codes) { Component = c, Role = DataCube.RoleOf(at, c) };
            var isNeeded = c == at.TimeIndex || c == metric;
            var variable = new PxVariable(at, dimension)
            {
                Elimination = isNeeded ? null : codes.Count == 1 ? dimension.Codes[0].Id : at.TotalOf(c) is >= 0 and var total ? component.Codes[total].Id : null,
            };
            variables.Add(variable);
            if (c == metric)
                Contents = variable;
            if (c == at.TimeIndex)
                Time = variable;
        }
        All = variables;
    }

    /// <summary>The variables in the order of the dataset's dimensions, then time.</summary>
    public IReadOnlyList<PxVariable> All { get; }

    /// <summary>The variable that says what is measured.</summary>
    public PxVariable Contents { get; } = null!;

    /// <summary>The variable of time; null where no observation has a period.</summary>
    public PxVariable? Time { get; }

    /// <summary>Those of a dataset.</summary>
    public static PxVariables Of(DatasetAtVersion at) => Known.GetValue(at, a => new PxVariables(a));

    private static PxVariable Made(DatasetAtVersion at) => new(at, new CubeDimension(
        PxWebTable.ContentsCode, new Dictionary<string, string> { ["en"] = "contents", ["zh"] = "指标" }, [new Code(Concepts.ObsValue) { Labels = at.Structure.Title }])
    { Role = CubeRole.Metric })
    {
        Elimination = Concepts.ObsValue,
    };
}

/// <summary>
/// A dataset as a table of PxWeb: the dimensions are its variables, TIME_PERIOD is time, REF_AREA has places, INDICATOR or MEASURE the contents. A table without
/// contents gets the variable ContentsCode with the one value OBS_VALUE, a dataset without periods has no time. A variable can be left out where it has
/// only one value, or the total <c>_T</c>: then that value is meant. Nothing is ever added up.
/// </summary>
internal sealed class PxWebTable
{
    /// <summary>The variable of contents where the dataset has no dimension for them.</summary>
    public const string ContentsCode = "ContentsCode";

    private readonly PxVariables variables;

    /// <summary>Looks at a dataset.</summary>
    /// <param name="at">The dataset.</param>
    /// <param name="language">The language of the answer.</param>
    /// <param name="address">The address that all links begin with, without a slash at the end.</param>
    /// <param name="publisher">Who publishes.</param>
    public PxWebTable(DatasetAtVersion at, string language, string address, string publisher)
    {
        (Address, Publisher) = (address, publisher);
        (At, Language, Languages) = (at, language, DataRequest.LanguagesOf(at.Structure, language));
        variables = PxVariables.Of(at);
    }

    /// <summary>The dataset.</summary>
    public DatasetAtVersion At { get; }

    /// <summary>The address that all links begin with, without a slash at the end.</summary>
    public string Address { get; }

    /// <summary>Who publishes.</summary>
    public string Publisher { get; }

    /// <summary>The language of the answer.</summary>
    public string Language { get; }

    /// <summary>The languages of labels, best first.</summary>
    public IReadOnlyList<string> Languages { get; }

    /// <summary>The variables in the order of the dataset's dimensions, then time.</summary>
    public IReadOnlyList<PxVariable> Variables => variables.All;

    /// <summary>The variable that says what is measured.</summary>
    public PxVariable Contents => variables.Contents;

    /// <summary>The variable of time; null where no observation has a period.</summary>
    public PxVariable? Time => variables.Time;

    /// <summary>The title.</summary>
    public string Title => JsonStat.Label(At.Structure.Title, Languages, At.Structure.Id);

    /// <summary>The table's time unit in PxWeb's words.</summary>
    public string TimeUnit => At.IndexOf(Concepts.Freq) is >= 0 and var freq && At.Components[freq].Codes is [var only]
        ? only.Id switch { "A" => "Annual", "Q" => "Quarterly", "M" => "Monthly", "W" => "Weekly", _ => "Other" }
        : "Other";

    /// <summary>The first of the periods in the order of time; null where there are none.</summary>
    public string? FirstPeriod => Time?.Dimension.Codes.FirstOrDefault(c => c.Id != Concepts.NotApplicable)?.Id;

    /// <summary>The last of the periods in the order of time, which is the one that expressions begin to count with; null where there are none.</summary>
    public string? LastPeriod => Time?.Dimension.Codes.LastOrDefault(c => c.Id != Concepts.NotApplicable)?.Id;

    /// <summary>The periods of some frequencies; null for all periods, also where the frequencies' codes are not those of the periods.</summary>
    public HashSet<int>? PeriodsOf(PxVariable freq, IReadOnlyList<int> chosen)
    {
        if (Time is null || chosen.Count == 0 || chosen.Count == freq.Count)
            return null;
        var wanted = chosen.Select(v => freq.Dimension.Codes[v].Id).ToHashSet(StringComparer.Ordinal);
        var periods = Time.Dimension.Codes.Index().Where(c => wanted.Contains(FrequencyOf(c.Item))).Select(c => c.Index).ToHashSet();
        return periods.Count > 0 ? periods : null;
    }

    /// <summary>The code of FREQ that a period has.</summary>
    public static string FrequencyOf(Code period) => Periods.TryParse(period.Id, out var read) ? read.Freq : Concepts.NotApplicable;

    /// <summary>The variable with a code, in any case; <c>time</c> is the time variable's other name, <c>ContentsCode</c> that of the one that says what is measured.</summary>
    public PxVariable? Find(string code) => Variables.FirstOrDefault(v => v.Code == code) ?? Variables.FirstOrDefault(v => v.Code.Equals(code, StringComparison.OrdinalIgnoreCase))
        ?? (code.Equals("time", StringComparison.OrdinalIgnoreCase) ? Time : code.Equals(ContentsCode, StringComparison.OrdinalIgnoreCase) ? Contents : null);

    /// <summary>The variable with a code.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public PxVariable Variable(string code, string parameter)
    {
        if (Find(code) is { } variable)
            return variable;
        var unknown = ProblemException.Unknown(400, "unknown-variable", "variable", parameter, code, [.. Variables.Select(v => v.Code)],
            OtherNames.OfComponent(code, At) is { } other && Find(other) is not null ? other : null);
        // It stands in the parameter's name.
        return unknown.DidYouMean is not { } meant || !parameter.EndsWith($"[{code}]", StringComparison.Ordinal) ? throw unknown : throw new ProblemException(unknown.Status, unknown.Code, unknown.Message)
        {
            Parameter = parameter,
            Value = code,
            Expected = unknown.Expected?.DeepClone(),
            DidYouMean = meant,
            Corrections = [new Correction(parameter, parameter, parameter[..^(code.Length + 1)] + meant + "]")],
        };
    }

    /// <summary>The value sets of a variable: all values, and, where they have levels, those of each level.</summary>
    public IReadOnlyList<(string Id, string Label, IReadOnlyList<int> Values)> Codelists(PxVariable variable)
    {
        if (variable.IsMade)
            return [];
        var id = $"vs_{At.Structure.Id}.{variable.Code}";
        var label = JsonStat.Label(variable.Dimension.Labels, Languages, variable.Code);
        var (levels, sets) = (variable.Levels, new List<(string, string, IReadOnlyList<int>)> { (id, label, variable.All) });
        for (var (level, most) = (1, levels.Max()); level <= most && most > 1; level++)
            sets.Add(($"{id}.{level}", $"{label} ({level})", [.. variable.All.Where(v => levels[v] == level)]));
        return sets;
    }
}
