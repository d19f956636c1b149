namespace Pipeline.Understanding;

/// <summary>Puts the components of all tables of a release together into one cube.</summary>
internal sealed class CubeBuilder
{
    /// <summary>The attribute with the sign that stood in place of a value or behind it.</summary>
    public const string Symbol = "OBS_SYMBOL";

    /// <summary>The dimension that tells the tables of a release apart.</summary>
    public const string TableId = "TABLE";

    private static readonly Vocabulary ConceptWords = Vocabulary.Load("concepts");
    private readonly List<Coder> coders = [];
    private readonly CodeBudget budget = new();
    private readonly string? language;

    private readonly Dictionary<string, Dictionary<string, string>> fixedCodes;
    private readonly IReadOnlyDictionary<string, KnownCodes> known;

    private CubeBuilder(
        IReadOnlyList<Layout> layouts, IReadOnlyList<string> sheets, string? language, bool symbols, bool titles, Dictionary<string, Dictionary<string, string>> fixedCodes,
        IReadOnlyDictionary<string, KnownCodes> known)
    {
        (this.language, this.fixedCodes, this.known) = (language, fixedCodes, known);
        var ids = new List<(string Id, string Header)> { (Concepts.Freq, "") };
        if (layouts.Any(l => l.IsOneOfSeveral) || layouts.Select(l => l.Name).Distinct().Count() > 1)
            ids.Add((TableId, ""));
        ids.AddRange(layouts.SelectMany(l => l.Fixed).Select(f => (f.Id, "")));
        if (layouts.Any(l => l.MeasureId == Concepts.Indicator || (l.Stub is null && l.Preamble.Indicator is not null)))
            ids.Add((Concepts.Indicator, ""));
        foreach (var layout in layouts.Where(l => l.Stub is not null))
        {
            ids.AddRange(layout.Stub!.Dimensions());
            ids.AddRange(layout.CoordinateIds.Where(id => id != CrossTable.SeriesCodeId).Select(id => (id, "")));
        }
        ids.AddRange(Columns(layouts, ColumnUse.Dimension));
        ids.AddRange(layouts.Where(l => l.MeasureId == CrossTable.MeasureId).Select(l => (CrossTable.MeasureId, "")));
        if (layouts.Any(l => l.IsOfRecords))
            ids.Add((Stub.LineId, ""));
        foreach (var (id, header) in ids.DistinctBy(i => i.Id))
            Add(id, ComponentRole.Dimension, header);
        Add(Concepts.TimePeriod, ComponentRole.Time, "");
        foreach (var id in new[] { Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult })
            Add(id, ComponentRole.Attribute, "");
        if (symbols)
            Add(Symbol, ComponentRole.Attribute, "");
        if (titles && layouts.Any(l => l.HasTitles))
            Add(CrossTable.TitleId, ComponentRole.Attribute, "");
        if (layouts.Any(l => l.CoordinateIds.Contains(CrossTable.SeriesCodeId)))
            Add(CrossTable.SeriesCodeId, ComponentRole.Attribute, "");
        foreach (var (id, header) in Columns(layouts, ColumnUse.Attribute).DistinctBy(i => i.Id))
            if (IndexOf(id) < 0)
                Add(id, ComponentRole.Attribute, header);
        Cube = new Cube([.. coders.Select(c => c.Component)], sheets);
    }

    /// <summary>The cube.</summary>
    public Cube Cube { get; }

    /// <summary>The coders of its components, in their order.</summary>
    public IReadOnlyList<Coder> Coders => coders;

    /// <summary>A cube with the components that some tables need.</summary>
    public static CubeBuilder Create(
        IReadOnlyList<Layout> layouts, IReadOnlyList<string> sheets, string? language, bool symbols, bool titles, Dictionary<string, Dictionary<string, string>> fixedCodes,
        IReadOnlyDictionary<string, KnownCodes> known) =>
        new(layouts, sheets, language, symbols, titles, fixedCodes, known);

    /// <summary>The index of a component, or -1.</summary>
    public int IndexOf(string id) => coders.FindIndex(c => c.Component.Id == id);

    /// <summary>The coder of a component.</summary>
    public Coder this[string id] => coders[IndexOf(id)];

    private static IEnumerable<(string Id, string Header)> Columns(IEnumerable<Layout> layouts, ColumnUse use) =>
        layouts.SelectMany(l => l.Of(use)).Select(c => (c.Id, c.LabelColumn?.Name ?? c.Name));

    private void Add(string id, ComponentRole role, string header)
    {
        var labels = new Dictionary<string, string>();
        var isConcept = ConceptWords.Codes.TryGetValue(id, out var concept);
        // Of a concept that is known by its id the usual label is better than the id in small letters.
        if (header.Length > 0 && !string.Equals(header, id, isConcept ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))
            labels[Labels.Language(header, language)] = header;
        if (isConcept)
            foreach (var (key, text) in concept!.Labels)
                labels.TryAdd(key, text);
        coders.Add(new Coder(new Component(id, role) { Labels = labels }, language, budget, fixedCodes.GetValueOrDefault(id), role == ComponentRole.Dimension ? known.GetValueOrDefault(id) : null));
    }
}
