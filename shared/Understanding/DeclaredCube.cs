using System.Text.RegularExpressions;

namespace Pipeline.Understanding;

/// <summary>What a file says that a dimension is for.</summary>
internal enum DeclaredRole
{
    /// <summary>Nothing is said: its name may tell.</summary>
    None,

    /// <summary>Time.</summary>
    Time,

    /// <summary>Places.</summary>
    Area,

    /// <summary>What is measured.</summary>
    Content,
}

/// <summary>A value of a dimension of a file that declares its cube.</summary>
/// <param name="Code">Its code, with the labels per language and the parent.</param>
internal sealed record DeclaredValue(Code Code)
{
    /// <summary>The unit of its observations; null when the value does not say.</summary>
    public Unit? Unit { get; init; }

    /// <summary>The decimals its observations are shown with; null when the value does not say.</summary>
    public int? Decimals { get; init; }

    /// <summary>What is remarked on it.</summary>
    public string? Note { get; init; }

    /// <summary>More that it says of its observations, by attribute.</summary>
    public IReadOnlyDictionary<string, Code> Attributes { get; init; } = None;

    private static readonly IReadOnlyDictionary<string, Code> None = new Dictionary<string, Code>(0);
}

/// <summary>A dimension of a file that declares its cube.</summary>
/// <param name="Names">What the file calls it: its code, then its name in each language, best first.</param>
/// <param name="Labels">Its name per language.</param>
/// <param name="Values">Its values, in the order in which the cells count them.</param>
internal sealed record DeclaredDimension(IReadOnlyList<string> Names, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<DeclaredValue> Values)
{
    /// <summary>What it is for.</summary>
    public DeclaredRole Role { get; init; }

    /// <summary>The time scale, and the periods listed beside the values; the null character and null when none are declared.</summary>
    public (char Scale, IReadOnlyList<string>? Periods) Time { get; init; }
}

/// <summary>What a cell may say besides its value.</summary>
/// <param name="Value">The value; null when it is missing.</param>
/// <param name="Status">Its status.</param>
/// <param name="Symbol">The sign in place of the value or behind it; null when there is none.</param>
/// <param name="Note">What is remarked on it; null when nothing is.</param>
internal readonly record struct DeclaredCell(decimal? Value, Code Status, string? Symbol = null, string? Note = null);

/// <summary>
/// Makes a cube of a file that is one already (PX, JSON-stat): its dimensions get their SDMX ids, its time dimension becomes TIME_PERIOD and FREQ, its
/// units and notes become attributes. Codes and labels stay as the file has them.
/// </summary>
internal sealed partial class DeclaredCube
{
    /// <summary>The most dimensions of a file.</summary>
    public const int MaxDimensions = 100;

    /// <summary>The attribute with the remarks on an observation.</summary>
    public const string Comment = "COMMENT_OBS";

    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");
    private static readonly Vocabulary Frequencies = Vocabulary.Load("frequencies");
    private static readonly string[] Reserved = ["DATASET", Concepts.TimePeriod, Concepts.ObsValue, Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult, Concepts.SourceId,
        Concepts.Decimals, "RELEASE", CubeBuilder.Symbol, Comment, Concepts.Freq];

    private readonly IReadOnlyList<DeclaredDimension> dimensions;
    private readonly Findings findings;
    private readonly string? language;
    private readonly string where;
    private readonly List<Component> components = [];
    private readonly int[] codes;
    private readonly List<(int Component, int Dimension, int[] Numbers)> byValue = [];
    private readonly List<(int Dimension, DeclaredValue[] Values)> decimals = [];
    private readonly List<int> noted = [];
    private readonly int symbolAt;
    private readonly int commentAt;
    private readonly int statusAt;
    private readonly int? shown;
    private readonly CodeBudget notes = new();
    private readonly List<(int Component, int Code)> constants = [];
    private Code? lastStatus;
    private int lastStatusCode;

    /// <summary>Creates the cube.</summary>
    /// <param name="dimensions">The dimensions, the one whose values change slowest first.</param>
    /// <param name="unit">The unit of observations whose dimensions state none; null when there is none.</param>
    /// <param name="shown">The decimals that values are shown with; null to take each as it is written.</param>
    /// <param name="hasSymbols">Whether any cell has a sign.</param>
    /// <param name="hasNotes">Whether any cell has a remark.</param>
    /// <param name="attributes">More attributes that hold for all cells whose dimensions do not say otherwise.</param>
    /// <param name="language">The language of the file; null when it does not say.</param>
    /// <param name="suffix">See <see cref="Cube.Suffix"/>.</param>
    /// <param name="where">Where the dimensions stand, for findings.</param>
    /// <param name="findings">Takes what is said about the time dimension.</param>
    public DeclaredCube(IReadOnlyList<DeclaredDimension> dimensions, Unit? unit, int? shown, bool hasSymbols, bool hasNotes, IReadOnlyDictionary<string, Code> attributes,
        string? language, string? suffix, string where, Findings findings)
    {
        (this.dimensions, this.language, this.findings, this.shown, this.where) = (dimensions, language, findings, shown, where);
        var uses = Uses();
        var ids = Ids(uses);
        var frequency = Array.IndexOf(uses, Use.Frequency);
        var time = Array.IndexOf(uses, Use.Time);
        var periods = time < 0 ? [] : PeriodsOf(dimensions[time]);
        // A value that is no period, or two that are the same, keep their own dimension.
        var stays = time >= 0 && (periods.Any(p => p is null) || periods.Distinct().Count() < periods.Length);
        if (time >= 0 && periods.All(p => p is null))
            time = -1;
        if (time < 0)
        {
            findings.Add(new Finding(Severity.Warning, "period-missing", "The table has no dimension whose values are periods.")
            {
                Where = where,
                Found = string.Join(", ", ids),
                Expected = "a time dimension (TIMEVAL in PX, role.time in JSON-stat)",
                Advice = "Mark the time dimension, so that the observations get a TIME_PERIOD.",
            });
        }

        components.Add(Component(Concepts.Freq, ComponentRole.Dimension, frequency < 0 ? Code.None : dimensions[frequency].Labels));
        for (var d = 0; d < dimensions.Count; d++)
        {
            if (d == frequency || (d == time && !stays))
                continue;
            var component = Component(ids[d], ComponentRole.Dimension, dimensions[d].Labels);
            byValue.Add((components.Count, d, [.. dimensions[d].Values.Select(v => component.Codes.Add(v.Code))]));
            components.Add(component);
        }
        var timeAt = components.Count;
        foreach (var id in new[] { Concepts.TimePeriod, Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult })
            components.Add(Component(id, id == Concepts.TimePeriod ? ComponentRole.Time : ComponentRole.Attribute, Code.None));
        statusAt = timeAt + 1;
        symbolAt = AddAttribute(CubeBuilder.Symbol, hasSymbols);
        noted.AddRange(Enumerable.Range(0, dimensions.Count).Where(d => dimensions[d].Values.Any(v => v.Note is not null)));
        commentAt = AddAttribute(Comment, hasNotes || noted.Count > 0);
        codes = [];
        AddTime(timeAt, time, periods, frequency);
        AddUnits(timeAt + 2, unit);
        AddAttributes(attributes);
        for (var d = 0; d < dimensions.Count; d++)
            if (dimensions[d].Values.Any(v => v.Decimals is not null))
                decimals.Add((d, [.. dimensions[d].Values]));
        codes = new int[components.Count];
        Array.Fill(codes, -1);
        foreach (var (component, code) in constants)
            codes[component] = code;
        Cube = new Cube(components, []) { Suffix = suffix, Language = language };
    }

    /// <summary>The cube.</summary>
    public Cube Cube { get; }

    /// <summary>Adds an attribute of single cells.</summary>
    /// <param name="at">For each dimension the number of its value.</param>
    /// <param name="cell">What the cell says.</param>
    /// <param name="attributes">Attributes of the cell alone: components of the cube and codes of theirs.</param>
    /// <param name="source">Where it stands.</param>
    public void Add(ReadOnlySpan<int> at, DeclaredCell cell, ReadOnlySpan<(int Component, int Code)> attributes, Source source)
    {
        foreach (var (component, dimension, numbers) in byValue)
            codes[component] = numbers[at[dimension]];
        if (!ReferenceEquals(cell.Status, lastStatus))
            (lastStatus, lastStatusCode) = (cell.Status, Cube.Components[statusAt].Codes.Add(cell.Status with { Parent = null }));
        codes[statusAt] = lastStatusCode;
        if (symbolAt >= 0)
            codes[symbolAt] = cell.Symbol is null ? -1 : Cube.Components[symbolAt].Codes.Add(cell.Symbol);
        if (commentAt >= 0)
            codes[commentAt] = CommentOf(at, cell.Note);
        var own = codes;
        if (!attributes.IsEmpty)
        {
            own = [.. codes];
            foreach (var (component, code) in attributes)
                own[component] = code;
        }
        Cube.Observations.Add(own, cell.Value is { } value ? Shown(value, at) : null, source);
    }

    /// <summary>The code of an attribute that single cells may have; the attribute must have been given to the constructor.</summary>
    public (int Component, int Code) Attribute(string id, Code code)
    {
        var component = Cube.IndexOf(id);
        return (component, Cube.Components[component].Codes.Add(code));
    }

    /// <summary>A status for a sign in place of a value, or behind one.</summary>
    public static Code StatusOf(string? symbol, bool hasValue) =>
        (string.IsNullOrWhiteSpace(symbol) ? null : hasValue ? Statuses.OfFlag(symbol) : Statuses.OfSymbol(symbol)) ?? (hasValue ? Statuses.Normal : Statuses.Missing);

    /// <summary>Codes for labels that have none: one from each label, made different where two labels give the same.</summary>
    public static List<string> CodesOf(IReadOnlyList<string> labels, string? language)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var codes = new List<string>(labels.Count);
        foreach (var label in labels)
        {
            var code = Labels.ToCode(label, language).Id;
            if (!taken.Add(code))
                for (code += "_" + Labels.Hash(label); !taken.Add(code);)
                    code += "_" + codes.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
            codes.Add(code);
        }
        return codes;
    }

    /// <summary>Whether an id is one that every cube has, or that dimensions get by what they are for.</summary>
    public static bool IsReserved(string id) => Reserved.Contains(id) || id is Concepts.RefArea or Concepts.Indicator or "SEX" or Concepts.Age;

    /// <summary>Cuts circles of parents, so that a hierarchy has a top: each value is walked over once.</summary>
    /// <param name="parents">For each value the number of its parent, or -1.</param>
    public static void CutCircles(int[] parents)
    {
        var walk = new int[parents.Length];
        for (var i = 0; i < parents.Length; i++)
        {
            for (var at = i; at >= 0 && walk[at] == 0; at = parents[at])
            {
                walk[at] = i + 1;
                // Where the walk enters a circle is its top: the first value, for those that begin with it.
                if (parents[at] >= 0 && walk[parents[at]] == i + 1)
                    parents[parents[at]] = -1;
            }
        }
    }

    private enum Use
    {
        Own,
        Time,
        Area,
        Indicator,
        Sex,
        Age,
        Frequency,
        Unit,
    }

    /// <summary>What each dimension is for: as the file declares it, else by its name, and time at last by its values.</summary>
    private Use[] Uses()
    {
        var uses = dimensions.Select(d => d.Role switch
        {
            DeclaredRole.Time => Use.Time,
            DeclaredRole.Content => Use.Indicator,
            DeclaredRole.Area => Use.Area,
            _ => Named(d),
        }).ToArray();
        for (var d = 0; d < uses.Length; d++)
        {
            // One of each; what the file declares goes before what only has the name.
            var use = uses[d];
            var declared = dimensions[d].Role != DeclaredRole.None;
            if (use != Use.Own && Enumerable.Range(0, uses.Length).Any(other => other != d && uses[other] == use && (declared, other).CompareTo((dimensions[other].Role != DeclaredRole.None, d)) < 0))
                uses[d] = Use.Own;
        }
        if (uses.Contains(Use.Time))
            return uses;
        // The last one by custom: time stands in the heading.
        var candidates = Enumerable.Range(0, uses.Length).Where(d => uses[d] == Use.Own && LooksLikeTime(dimensions[d])).ToList();
        if (candidates.Count > 1)
        {
            findings.Add(new Finding(Severity.Warning, "time-ambiguous", "More than one dimension has periods for values, and none is marked as time.")
            {
                Where = where,
                Found = string.Join(", ", candidates.Select(d => dimensions[d].Names[0])),
                Expected = "one of them marked as the time dimension (TIMEVAL in PX, role.time in JSON-stat)",
                Advice = $"'{dimensions[candidates[^1]].Names[0]}' was taken for time; mark the other one if that is wrong.",
            });
        }
        if (candidates.Count > 0)
            uses[candidates[^1]] = Use.Time;
        return uses;
    }

    private static Use Named(DeclaredDimension dimension)
    {
        foreach (var name in dimension.Names)
        {
            switch (ConceptWords.Find(name)?.Id)
            {
                case Concepts.RefArea:
                    return Use.Area;
                case "SEX":
                    return Use.Sex;
                case Concepts.Age:
                    return Use.Age;
                case Concepts.Freq when dimension.Values.All(v => Frequency(v.Code) is not null):
                    return Use.Frequency;
                // PC-Axis makes a variable $$SORT when it puts shares beside the numbers they are of.
                case Concepts.UnitMeasure:
                case null when name == "$$SORT":
                    return Use.Unit;
                case Concepts.TimePeriod or "YEAR" when LooksLikeTime(dimension, one: true):
                    return Use.Time;
                default:
                    continue;
            }
        }
        return Use.Own;
    }

    private static bool LooksLikeTime(DeclaredDimension dimension, bool one = false) =>
        dimension.Values.Count > (one ? 0 : 1) && dimension.Values.All(v => DeclaredPeriods.Of(LabelOf(v.Code), '\0', null) is not null);

    /// <summary>The first label: the file's main language stands first.</summary>
    private static string LabelOf(Code code) => code.Labels.Count == 0 ? code.Id : code.Labels.Values.First();

    private static Code? Frequency(Code code) => code.Id is "H" ? Frequencies.Codes["S"] : code.Id.Length <= 2 ? Frequencies.Codes.GetValueOrDefault(code.Id) : null;

    private string[] Ids(Use[] uses)
    {
        var taken = new HashSet<string>(Reserved, StringComparer.Ordinal);
        string?[] known = [.. uses.Select(use => use switch { Use.Area => Concepts.RefArea, Use.Indicator => Concepts.Indicator, Use.Sex => "SEX", Use.Age => Concepts.Age, _ => null })];
        taken.UnionWith(known.OfType<string>());
        return [.. known.Select((id, d) => id ?? Free(OwnId(dimensions[d].Names)))];

        string Free(string id)
        {
            if (taken.Add(id) || taken.Add(id += "_STATED"))
                return id;
            var number = 2;
            while (!taken.Add(id + "_" + number))
                number++;
            return id + "_" + number;
        }
    }

    /// <summary>An id from the first name that can be read in one, else from the first.</summary>
    private static string OwnId(IReadOnlyList<string> names)
    {
        var ids = names.Select(name => Labels.ToCode(name.Trim('$'), null).Id).ToList();
        return ids.FirstOrDefault(id => !Hashed().IsMatch(id)) ?? ids[0];
    }

    private static Component Component(string id, ComponentRole role, IReadOnlyDictionary<string, string> own)
    {
        var labels = new Dictionary<string, string>(own);
        if (ConceptWords.Codes.TryGetValue(id, out var concept))
            foreach (var (key, text) in concept.Labels)
                labels.TryAdd(key, text);
        return new Component(id, role) { Labels = labels };
    }

    private int AddAttribute(string id, bool isNeeded)
    {
        if (!isNeeded)
            return -1;
        components.Add(Component(id, ComponentRole.Attribute, Code.None));
        return components.Count - 1;
    }

    private Period?[] PeriodsOf(DeclaredDimension dimension)
    {
        var periods = DeclaredPeriods.Read([.. dimension.Values.Select(v => (LabelOf(v.Code), v.Code.Id))], dimension.Time.Scale, dimension.Time.Periods);
        for (var i = 0; i < periods.Length; i++)
        {
            if (periods[i] is not null)
                continue;
            findings.Add(new Finding(Severity.Warning, "period-unreadable", $"A value of the time dimension '{dimension.Names[0]}' is no period; the dimension stays beside TIME_PERIOD.")
            {
                Where = where,
                Found = LabelOf(dimension.Values[i].Code),
                Expected = "a period such as 2020, 2020H1, 2020Q1, 2020M01 or 2020W01",
                Advice = "Put values that are no periods into a dimension of their own.",
            });
        }
        return periods;
    }

    private void AddTime(int timeAt, int time, Period?[] periods, int frequency)
    {
        var (freq, period) = (components[0].Codes, components[timeAt].Codes);
        if (time < 0)
            constants.Add((timeAt, period.Add(new Code(""))));
        else
            byValue.Add((timeAt, time, [.. periods.Select((p, i) => period.Add(Labelled(p?.Id ?? "", dimensions[time].Values[i].Code)))]));
        if (frequency >= 0)
            byValue.Add((0, frequency, [.. dimensions[frequency].Values.Select(v => freq.Add(Frequency(v.Code)!))]));
        else if (time < 0)
            constants.Add((0, freq.Add(Frequencies.Codes[Concepts.NotApplicable])));
        else
            byValue.Add((0, time, [.. periods.Select(p => freq.Add(Frequencies.Codes[p?.Freq ?? Concepts.NotApplicable]))]));
    }

    private static Code Labelled(string id, Code own)
    {
        var labels = own.Labels.Where(label => label.Value != id).ToDictionary();
        return id.Length == 0 || labels.Count == 0 ? new Code(id) : new Code(id) { Labels = labels };
    }

    private void AddUnits(int unitAt, Unit? unit)
    {
        var whole = unit ?? new Unit(Units.Unspecified, 0);
        var (measures, multipliers) = (components[unitAt].Codes, components[unitAt + 1].Codes);
        var stating = Enumerable.Range(0, dimensions.Count).Where(d => dimensions[d].Values.Any(v => v.Unit is not null)).ToList();
        var named = Enumerable.Range(0, dimensions.Count).Where(d => Named(dimensions[d]) == Use.Unit).ToList();
        if (stating.Count == 0 && named.Count == 0)
        {
            constants.Add((unitAt, measures.Add(whole.Measure with { Parent = null })));
            constants.Add((unitAt + 1, multipliers.Add(Units.Multiplier(whole.Multiplier))));
            return;
        }
        var by = stating.Count > 0 ? stating[0] : named[0];
        var units = dimensions[by].Values.Select(v => v.Unit ?? (stating.Count > 0 ? whole : Units.Find(LabelOf(v.Code)) ?? new Unit(v.Code, 0))).ToList();
        byValue.Add((unitAt, by, [.. units.Select(u => measures.Add(u.Measure with { Parent = null }))]));
        byValue.Add((unitAt + 1, by, [.. units.Select(u => multipliers.Add(Units.Multiplier(u.Multiplier)))]));
    }

    private void AddAttributes(IReadOnlyDictionary<string, Code> attributes)
    {
        for (var d = 0; d < dimensions.Count; d++)
        {
            foreach (var id in dimensions[d].Values.SelectMany(v => v.Attributes.Keys).Distinct().Except(components.Select(c => c.Id)).ToList())
            {
                var list = components[AddAttribute(id, true)].Codes;
                var whole = attributes.TryGetValue(id, out var code) ? list.Add(code) : -1;
                byValue.Add((components.Count - 1, d, [.. dimensions[d].Values.Select(v => v.Attributes.TryGetValue(id, out var own) ? list.Add(own) : whole)]));
            }
        }
        foreach (var (id, code) in attributes.Where(a => components.All(c => c.Id != a.Key)).ToList())
        {
            var component = AddAttribute(id, true);
            // An attribute that only single cells have is given without a text.
            constants.Add((component, code.Id.Length == 0 ? -1 : components[component].Codes.Add(code)));
        }
    }

    private int CommentOf(ReadOnlySpan<int> at, string? note)
    {
        var text = note ?? "";
        foreach (var d in noted)
            if (dimensions[d].Values[at[d]].Note is { } remark && text.Length < Labels.MaxLabel)
                text = text.Length == 0 ? remark : text + " " + remark;
        if (text.Length == 0)
            return -1;
        if (text.Length > Labels.MaxLabel)
            text = text[..Labels.MaxLabel];
        var list = Cube.Components[commentAt].Codes;
        if (list.Find(text) is >= 0 and var number)
            return number;
        var code = new Code(text);
        if (!notes.IsSpent)
        {
            notes.Spend(code);
            return list.Add(code);
        }
        findings.Add(new Finding(Severity.Warning, "notes-too-many", "There are too many different remarks on observations; this one is left out.")
        {
            Where = where,
            Found = text,
            Expected = $"at most {CodeBudget.MaxCharacters:N0} characters of remarks",
            Advice = "Shorten the notes.",
        });
        return -1;
    }

    /// <summary>A value with the decimals it is shown with: zeros behind it come and go, other digits stay.</summary>
    private decimal Shown(decimal value, ReadOnlySpan<int> at)
    {
        var wanted = shown;
        foreach (var (dimension, values) in decimals)
            if (values[at[dimension]].Decimals is { } own)
                wanted = Math.Max(own, wanted ?? 0);
        if (wanted is not { } scale || value.Scale == scale)
            return value;
        while (value.Scale > scale && decimal.Round(value, value.Scale - 1) is var shorter && shorter == value)
            value = shorter;
        if (value.Scale < scale && Math.Abs(value) < 1_000_000_000_000m)
            value += new decimal(0, 0, 0, false, (byte)scale);
        return value;
    }

    [GeneratedRegex("^C_[0-9A-F]{10}$")]
    private static partial Regex Hashed();
}
