using System.Xml;
using System.Xml.Linq;

namespace Pipeline.Reading;

/// <summary>A data structure definition (in SDMX 2.0 a key family).</summary>
/// <param name="Reference">Agency, id and version.</param>
public sealed record SdmxStructure(SdmxReference Reference)
{
    /// <summary>The name per language.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>(0);

    /// <summary>The components: dimensions in their order, the time dimension, measures, attributes.</summary>
    public IReadOnlyList<SdmxComponent> Components { get; init; } = [];
}

/// <summary>What structure messages say: data structures, dataflows and codelists. Fill it from as many messages as a release has.</summary>
public sealed class SdmxStructures
{
    private const int MaxCodes = 2_000_000;
    private const long MaxCharacters = 60_000_000;
    private readonly List<SdmxStructure> structures = [];
    private readonly List<(SdmxReference Flow, SdmxReference? Structure, Dictionary<string, string> Names)> flows = [];
    private readonly List<(SdmxReference Reference, Dictionary<string, SdmxCode> Codes)> codelists = [];
    private readonly List<(SdmxReference Scheme, string Id, Dictionary<string, string> Names, SdmxReference? Codelist)> concepts = [];
    private readonly List<(SdmxComponent Component, SdmxReference? Codelist, SdmxReference? Scheme, string? Concept)> open = [];
    private long codes;
    private long characters;

    /// <summary>Whether nothing is known.</summary>
    public bool IsEmpty => structures.Count + flows.Count + codelists.Count + concepts.Count == 0;

    /// <summary>What it holds, in words.</summary>
    public override string ToString() => $"{structures.Count} data structures, {flows.Count} dataflows, {codelists.Count} codelists, {concepts.Count} concepts";

    /// <summary>Takes over what another message says.</summary>
    public void Add(SdmxStructures other)
    {
        ArgumentNullException.ThrowIfNull(other);
        structures.AddRange(other.structures);
        flows.AddRange(other.flows);
        codelists.AddRange(other.codelists);
        concepts.AddRange(other.concepts);
        open.AddRange(other.open);
    }

    /// <summary>The structure of a data set: that of its reference, or the only one there is when the data set has all of its dimensions. Null when it is not here.</summary>
    public SdmxStructure? Find(SdmxDataSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Find(set.Reference) ?? (structures.Count == 1 && structures[0].Components.Where(c => c.Role == SdmxRole.Dimension).All(d => set.Components.Exists(c => c.Id == d.Id)) ? structures[0] : null);
    }

    /// <summary>The structure that a data set's reference means, itself or through a dataflow; the only one there is where the reference is left out. Null when it is not here.</summary>
    public SdmxStructure? Find(SdmxReference? reference)
    {
        Link();
        if (reference is null)
            return structures.Count == 1 ? structures[0] : null;
        if (structures.Find(s => s.Reference.Matches(reference)) is { } direct)
            return direct;
        var flow = flows.Find(f => f.Flow.Matches(reference));
        return flow.Structure is null ? null : structures.Find(s => s.Reference.Matches(flow.Structure)) ?? structures.Find(s => s.Reference.Id == flow.Structure.Id);
    }

    /// <summary>The name of the dataflow or structure that a reference means, per language.</summary>
    public IReadOnlyDictionary<string, string> NamesOf(SdmxReference? reference) =>
        reference is not null && flows.Find(f => f.Flow.Matches(reference)).Names is { Count: > 0 } names ? names : Find(reference)?.Names ?? new Dictionary<string, string>(0);

    /// <summary>Gives the components their codelists and names, wherever in the messages these stood.</summary>
    private void Link()
    {
        foreach (var (component, codelist, scheme, id) in open)
        {
            var concept = id is null ? default : concepts.Find(c => c.Id == id && (scheme is null || c.Scheme.Matches(scheme)));
            if (component.Names.Count == 0 && concept.Names is not null)
                component.Names = concept.Names;
            var list = codelist ?? concept.Codelist;
            if (component.Codes is null && list is not null && codelists.Find(c => c.Reference.Matches(list)).Codes is { } found)
                (component.Codes, component.IsEnumerated) = (found, true);
            else if (component.Codes is null && list is not null && concepts.Exists(c => c.Scheme.Matches(list)))
                component.Codes = concepts.Where(c => c.Scheme.Matches(list)).DistinctBy(c => c.Id).ToDictionary(c => c.Id, c => new SdmxCode(c.Id, c.Names, null), StringComparer.Ordinal);
        }
    }

    /// <summary>Whether an element of a message opens an artefact that <see cref="Read"/> takes.</summary>
    internal static bool Takes(string name) => name is "Codelist" or "CodeList" or "ValueList" or "GeographicCodelist" or "GeoGridCodelist" or "ConceptScheme" or "DataStructure" or "KeyFamily" or "Dataflow" or "Concept";

    /// <summary>Reads the artefact that the reader stands on; the reader stands on its end tag after it.</summary>
    internal void Read(XmlReader xml, Func<XElement> load)
    {
        switch (xml.LocalName)
        {
            case "DataStructure" or "KeyFamily":
                Add(load());
                break;
            case "Dataflow":
                AddFlow(load());
                break;
            case "Concept":
                AddConcept(new SdmxReference(null, "", null), load());
                break;
            default:
                ReadList(xml, load);
                break;
        }
    }

    private void ReadList(XmlReader xml, Func<XElement> load)
    {
        var reference = Identity(xml.GetAttribute("agencyID") ?? xml.GetAttribute("agency"), xml.GetAttribute("id"), xml.GetAttribute("version"));
        var isScheme = xml.LocalName == "ConceptScheme";
        var list = new Dictionary<string, SdmxCode>(StringComparer.Ordinal);
        if (!isScheme && reference is not null)
            codelists.Add((reference, list));
        if (xml.IsEmptyElement)
            return;
        var depth = xml.Depth;
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element)
                continue;
            if (isScheme && xml.LocalName == "Concept")
                AddConcept(reference ?? new SdmxReference(null, "", null), load());
            else if (!isScheme && xml.LocalName is "Code" or "ValueItem" or "GeoFeatureSetCode" or "GeoGridCode")
                AddCode(list, load());
        }
    }

    private void AddCode(Dictionary<string, SdmxCode> list, XElement code)
    {
        if (((string?)code.Attribute("id") ?? (string?)code.Attribute("value")) is not { Length: > 0 } id)
            return;
        // SDMX 2.0 calls a code's name its description.
        var names = Names(code, "Name") is { Count: > 0 } given ? given : Names(code, "Description");
        var above = Child(code, "Parent");
        var parent = (string?)code.Attribute("parentCode") ?? (string?)above?.Elements().FirstOrDefault()?.Attribute("id") ?? above?.Value.Trim();
        Spend(id.Length + names.Values.Sum(n => (long)n.Length));
        list[id] = new SdmxCode(id, names, string.IsNullOrEmpty(parent) ? null : parent);
    }

    private void AddConcept(SdmxReference scheme, XElement concept)
    {
        if ((string?)concept.Attribute("id") is not { Length: > 0 } id)
            return;
        var names = Names(concept, "Name");
        Spend(id.Length + names.Values.Sum(n => (long)n.Length));
        concepts.Add((scheme, id, names, CodelistOf(Child(concept, "CoreRepresentation"))));
    }

    private void AddFlow(XElement flow)
    {
        if (Identity(flow) is not { } reference)
            return;
        var structure = Child(flow, "Structure");
        var family = Child(flow, "KeyFamilyRef");
        Spend(reference.Id.Length);
        flows.Add((reference, structure is not null ? Target(structure) : family is not null ? Identity(Child(family, "KeyFamilyAgencyID")?.Value, Child(family, "KeyFamilyID")?.Value, null) : null, Names(flow, "Name")));
    }

    private void Add(XElement structure)
    {
        if (Identity(structure) is not { } reference || (Child(structure, "DataStructureComponents") ?? Child(structure, "Components")) is not { } lists)
            return;
        var components = new List<SdmxComponent>();
        foreach (var element in lists.Elements().SelectMany(e => e.Name.LocalName.EndsWith("List", StringComparison.Ordinal) ? e.Elements() : [e]).OrderBy(e => (int?)Position(e) ?? int.MaxValue))
        {
            SdmxRole? role = element.Name.LocalName switch
            {
                "Dimension" or "MeasureDimension" => SdmxRole.Dimension,
                "TimeDimension" => SdmxRole.Time,
                "PrimaryMeasure" or "Measure" => SdmxRole.Measure,
                "Attribute" => SdmxRole.Attribute,
                _ => null,
            };
            var identity = Child(element, "ConceptIdentity");
            var concept = identity is null ? null : identity.Elements().FirstOrDefault(e => e.Name.LocalName == "Ref") is { } r
                ? ((string?)r.Attribute("id"), Identity((string?)r.Attribute("agencyID"), (string?)r.Attribute("maintainableParentID"), (string?)r.Attribute("maintainableParentVersion")))
                : ConceptOf(identity.Value);
            var conceptId = concept?.Item1 ?? (string?)element.Attribute("conceptRef");
            if (role is null || ((string?)element.Attribute("id") ?? conceptId) is not { Length: > 0 } id || components.Exists(c => c.Id == id))
                continue;
            var representation = Child(element, "LocalRepresentation");
            var format = (representation is null ? Child(element, "TextFormat") : representation.Elements().FirstOrDefault(e => e.Name.LocalName is "TextFormat"))?.Attribute("textType")?.Value;
            var component = new SdmxComponent(id) { Role = role.Value, IsText = format is "String" or "Alpha" or "AlphaNumeric" or "XHTML" };
            components.Add(component);
            Spend(id.Length);
            open.Add((component, CodelistOf(representation) ?? Identity((string?)element.Attribute("codelistAgency"), (string?)element.Attribute("codelist"), (string?)element.Attribute("codelistVersion")),
                concept?.Item2 ?? Identity((string?)element.Attribute("conceptSchemeAgency"), (string?)element.Attribute("conceptSchemeRef"), null), conceptId));
        }
        structures.Add(new SdmxStructure(reference) { Names = Names(structure, "Name"), Components = components });
    }

    private void Spend(long length)
    {
        characters += length;
        if (++codes > MaxCodes || characters > MaxCharacters)
        {
            throw Unreadable.Because(
                "codes-too-many",
                $"The structures hold more than {Unreadable.N(MaxCodes)} codes, or {Unreadable.N(MaxCharacters)} characters of names.",
                expected: "the codelists that the data use",
                advice: "Leave out what the data do not use.");
        }
    }

    private static int? Position(XElement element) => element.Name.LocalName == "Dimension" && int.TryParse((string?)element.Attribute("position"), out var position) ? position
        : element.Name.LocalName is "Dimension" or "MeasureDimension" ? 1_000_000 : element.Name.LocalName is "TimeDimension" ? 1_000_001 : null;

    private static (string?, SdmxReference?)? ConceptOf(string urn)
    {
        // urn:…Concept=AGENCY:SCHEME(1.0).ID
        var dot = urn.LastIndexOf('.');
        return dot < 0 || !urn.Contains('=', StringComparison.Ordinal) ? null : (urn[(dot + 1)..].Trim(), SdmxReference.Parse(urn[..dot]));
    }

    private static SdmxReference? CodelistOf(XElement? representation) =>
        representation is not null && Child(representation, "Enumeration") is { } enumeration ? Target(enumeration) : null;

    /// <summary>What an element refers to: by a Ref, by a URN inside, or by its own text.</summary>
    internal static SdmxReference? Target(XElement element)
    {
        if (element.Descendants().FirstOrDefault(e => e.Name.LocalName is "Ref" && e.Attribute("id") is not null) is { } reference)
            return Identity((string?)reference.Attribute("agencyID"), (string?)reference.Attribute("id"), (string?)reference.Attribute("version"));
        return SdmxReference.Parse(element.Descendants().FirstOrDefault(e => e.Name.LocalName == "URN")?.Value ?? element.Value);
    }

    private static SdmxReference? Identity(XElement element) =>
        Identity((string?)element.Attribute("agencyID") ?? (string?)element.Attribute("agency"), (string?)element.Attribute("id"), (string?)element.Attribute("version"));

    private static SdmxReference? Identity(string? agency, string? id, string? version) =>
        string.IsNullOrWhiteSpace(id) ? null : new SdmxReference(Text(agency), id.Trim(), Text(version));

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static XElement? Child(XElement element, string name) => element.Elements().FirstOrDefault(e => e.Name.LocalName == name);

    /// <summary>The names of an element per language.</summary>
    internal static Dictionary<string, string> Names(XElement element, string name)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in element.Elements().Where(e => e.Name.LocalName == name))
            if (text.Value.Trim() is { Length: > 0 } value)
                names.TryAdd((string?)text.Attribute(XNamespace.Xml + "lang") ?? "en", value);
        return names;
    }
}
