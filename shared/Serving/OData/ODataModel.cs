using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Xml;
using Microsoft.OData.Edm;
using Microsoft.OData.Edm.Csdl;
using Microsoft.OData.Edm.Vocabularies;
using Microsoft.OData.Edm.Vocabularies.V1;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What an OData property of an observation is made from.</summary>
internal enum ODataKind
{
    /// <summary>A component's code as a text.</summary>
    Text,

    /// <summary>A component's code as a whole number.</summary>
    Whole,

    /// <summary>The first day of TIME_PERIOD.</summary>
    Start,

    /// <summary>The last day of TIME_PERIOD.</summary>
    End,

    /// <summary>A column of the observation that has no codelist: OBS_VALUE, SOURCE, DECIMALS, RELEASE.</summary>
    Plain,
}

/// <summary>A property of an observation.</summary>
/// <param name="Name">Its name: the component's id where that is an OData identifier.</param>
/// <param name="Column">The column that it is made from, numbered as <see cref="DatasetAtVersion.ColumnName"/> does.</param>
/// <param name="Kind">How it is made from it.</param>
internal sealed record ODataColumn(string Name, int Column, ODataKind Kind);

/// <summary>The property of a code that its label in a language is.</summary>
internal sealed record ODataLabel(string Name, string Language);

/// <summary>A version of a dataset as an entity model: the set Observations, and for each coded component a set of its codes.</summary>
internal sealed class ODataModel
{
    /// <summary>The namespace of all types.</summary>
    public const string Namespace = "Pipeline";

    /// <summary>The set of observations.</summary>
    public const string Observations = "Observations";

    /// <summary>The annotation of a sum or a mean that says how many values were missing.</summary>
    public const string Missing = Namespace + ".Missing";

    private static readonly ConditionalWeakTable<DatasetAtVersion, ODataModel> Known = [];
    private readonly DatasetAtVersion at;
    private readonly Dictionary<string, ODataColumn> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> sets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> navigations = new(StringComparer.Ordinal);

    private ODataModel(DatasetAtVersion at)
    {
        this.at = at;
        var type = new EdmEntityType(Namespace, "Observation");
        var container = new EdmEntityContainer(Namespace, "Dataset");
        Edm.AddElement(type);
        ObservationSet = container.AddEntitySet(Observations, type);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        Names = [.. at.Components.Select(c => Identifier(c.Id, names))];
        Labels = [.. at.Components.Select((c, i) => LabelsOf(c))];
        for (var c = 0; c <= at.TimeIndex; c++)
            type.AddKeys(AddComponent(type, c));
        AddPlain(type, at.ValueColumn, new EdmDecimalTypeReference(Primitive(EdmPrimitiveTypeKind.Decimal), true, at.Structure.ValuePrecision, null), "The observed value; missing where OBS_STATUS says why");
        for (var c = at.TimeIndex + 1; c < at.Components.Count; c++)
            AddComponent(type, c);
        Add(type, new ODataColumn(Identifier("TIME_START", names), at.TimeIndex, ODataKind.Start), EdmCoreModel.Instance.GetDate(true), "The first day of TIME_PERIOD");
        Add(type, new ODataColumn(Identifier("TIME_END", names), at.TimeIndex, ODataKind.End), EdmCoreModel.Instance.GetDate(true), "The last day of TIME_PERIOD");
        AddPlain(type, at.SourceColumn, EdmCoreModel.Instance.GetString(false), "Where in the release the observation was read");
        AddPlain(type, at.DecimalsColumn, EdmCoreModel.Instance.GetInt32(true), "The decimals that the release shows");
        AddPlain(type, at.ReleaseColumn, EdmCoreModel.Instance.GetString(false), "The release that brought the observation");
        for (var c = 0; c < at.Components.Count; c++)
        {
            if (c != at.TimeIndex)
                AddCodes(container, type, c);
        }
        Edm.AddElement(container);
        var missing = new EdmTerm(Namespace, Missing[(Namespace.Length + 1)..], EdmCoreModel.Instance.GetInt64(false), "Property");
        Edm.AddElement(missing);
        Describe(missing, "How many values were missing in the group that a sum or a mean is of; it is given where there are any");
        Describe(container, at.Structure.Title.Count > 0 ? ObservationCsv.Label(at.Structure.Title, Languages) : at.Structure.Id);
        DescribeCapabilities(Edm, container);
        Annotate(Edm, container, "CustomQueryOptions", new EdmCollectionExpression(
            Option("version", "An older version of the dataset: its number", "1"), Option("asOf", "The version that was current then: an instant, or a date, which means its end (UTC)", "2026-03-31")));
        // What has no codelist is only shown, but for OBS_VALUE, and for RELEASE in a filter.
        (string source, string decimals, string release) = (NameOf(at.SourceColumn), NameOf(at.DecimalsColumn), NameOf(at.ReleaseColumn));
        Annotate(Edm, ObservationSet, "FilterRestrictions", new EdmRecordExpression(
            new EdmPropertyConstructor("NonFilterableProperties", Paths(source, decimals)),
            new EdmPropertyConstructor("FilterExpressionRestrictions", new EdmCollectionExpression(new EdmRecordExpression(
                new EdmPropertyConstructor("Property", new EdmPropertyPathExpression(release)), new EdmPropertyConstructor("AllowedExpressions", new EdmStringConstant("MultiValue")))))));
        Annotate(Edm, ObservationSet, "SortRestrictions", new EdmRecordExpression(new EdmPropertyConstructor("NonSortableProperties", Paths(source, decimals, release))));

        string NameOf(int column) => Columns.First(c => c.Column == column).Name;

        static EdmRecordExpression Option(string name, string description, string example) => new(
            new EdmPropertyConstructor("Name", new EdmStringConstant(name)), new EdmPropertyConstructor("Description", new EdmStringConstant(description)),
            new EdmPropertyConstructor("Required", new EdmBooleanConstant(false)),
            new EdmPropertyConstructor("ExampleValues", new EdmCollectionExpression(new EdmRecordExpression(new EdmPropertyConstructor("Value", new EdmStringConstant(example))))));

        static EdmCollectionExpression Paths(params string[] names) => new(names.Select(name => new EdmPropertyPathExpression(name)));

        void AddPlain(EdmEntityType to, int column, IEdmTypeReference of, string description) =>
            Add(to, new ODataColumn(Identifier(at.ColumnName(column), names), column, ODataKind.Plain), of, description);
    }

    /// <summary>The model in the library's form.</summary>
    public EdmModel Edm { get; } = new();

    /// <summary>The set of observations.</summary>
    public EdmEntitySet ObservationSet { get; }

    /// <summary>The properties of an observation, in their order.</summary>
    public List<ODataColumn> Columns { get; } = [];

    /// <summary>The name of each component's property.</summary>
    public string[] Names { get; }

    /// <summary>The labels of each component's codes.</summary>
    public IReadOnlyList<ODataLabel>[] Labels { get; }

    /// <summary>The model of a version; one for each as long as the version is in memory.</summary>
    public static ODataModel Of(DatasetAtVersion at) => Known.GetValue(at, static a => new ODataModel(a));

    /// <summary>A new model of a version, to be changed.</summary>
    public static ODataModel Fresh(DatasetAtVersion at) => new(at);

    /// <summary>The property with a name.</summary>
    public ODataColumn Find(string name) => byName[name];

    /// <summary>The component whose codes a set has.</summary>
    public int ComponentOfSet(string set) => sets[set];

    /// <summary>The component whose code a navigation property leads to.</summary>
    public int ComponentOfNavigation(string navigation) => navigations[navigation];

    /// <summary>The name of the navigation property that leads to a component's code, which is also the name of the code's type.</summary>
    public string NavigationOf(int component) => Names[component] + "_Code";

    /// <summary>The name of the set of a component's codes.</summary>
    public string SetOf(int component) => Names[component] + "_Codes";

    /// <summary>A code's value of its own property: a number where all codes of the component are.</summary>
    public object Id(int component, int number) =>
        Find(Names[component]).Kind == ODataKind.Whole ? (decimal)int.Parse(at.Components[component].Codes[number].Id) : at.Components[component].Codes[number].Id;

    /// <summary>A property of a code; null where there is no code.</summary>
    public object? Code(int component, int number, string property)
    {
        var codes = at.Components[component].Codes;
        if (number < 0 || number >= codes.Count)
            return null;
        return property switch
        {
            "Id" => Id(component, number),
            "Parent" => codes[number].Parent,
            _ => Labels[component].FirstOrDefault(l => l.Name == property) is { } label ? codes[number].Labels.GetValueOrDefault(label.Language) : null,
        };
    }

    /// <summary>A property of an observation that is made from a component's code alone; the codelist's length is "no code".</summary>
    public object? OfCode(ODataColumn column, int number)
    {
        var component = column.Column;
        var isAbsent = number == at.Components[component].Codes.Count;
        return column.Kind switch
        {
            // A key has no nulls: an observation without a period has the empty one.
            _ when isAbsent => column.Kind == ODataKind.Text && component == at.TimeIndex ? "" : null,
            ODataKind.Start => at.Periods[number]?.Start,
            ODataKind.End => at.Periods[number]?.End,
            _ => Id(component, number),
        };
    }

    /// <summary>A property of an observation.</summary>
    public object? Of(ODataColumn column, Chunk chunk, int row) =>
        column.Kind != ODataKind.Plain ? OfCode(column, chunk.Codes[column.Column]![row])
        : column.Column == at.ValueColumn ? chunk.Value(row)
        : column.Column == at.SourceColumn ? chunk.Source![row]
        : column.Column == at.ReleaseColumn ? chunk.ReleaseIds[chunk.Release![row]]
        : chunk.Decimals![row] == byte.MaxValue ? null : (decimal)chunk.Decimals[row];

    /// <summary>Writes a model as CSDL.</summary>
    public static void Write(EdmModel edm, Stream to, bool json, Version version)
    {
        edm.SetEdmVersion(version);
        edm.SetEdmReferences([.. ((string[])["Core", "Capabilities"]).Select(name =>
        {
            var reference = new EdmReference(new Uri($"https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.{name}.V1.xml"));
            // The library writes aliases in XML but not in JSON: one that is declared but not used is confusing.
            reference.AddInclude(new EdmInclude(json ? null : name, $"Org.OData.{name}.V1"));
            return reference;
        })]);
        IEnumerable<Microsoft.OData.Edm.Validation.EdmError> errors;
        bool written;
        if (json)
        {
            using var writer = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = Json.Options.Encoder });
            written = CsdlWriter.TryWriteCsdl(edm, writer, out errors);
        }
        else
        {
            edm.SetEdmxVersion(version);
            using var writer = XmlWriter.Create(to, new XmlWriterSettings { Encoding = new UTF8Encoding(false) });
            written = CsdlWriter.TryWriteCsdl(edm, writer, CsdlTarget.OData, out errors);
        }
        if (!written)
            throw new InvalidOperationException("The model can not be written: " + string.Join("; ", errors.Select(e => e.ErrorMessage)));
    }

    /// <summary>Says in a model what a service can and can not do, so that clients need not try.</summary>
    public static void DescribeCapabilities(EdmModel edm, EdmEntityContainer container)
    {
        foreach (var set in container.EntitySets())
        {
            foreach (var (term, property) in (ReadOnlySpan<(string, string)>)[("InsertRestrictions", "Insertable"), ("UpdateRestrictions", "Updatable"), ("DeleteRestrictions", "Deletable")])
                Annotate(edm, set, term, Says((property, false)));
            Annotate(edm, set, "TopSupported", new EdmBooleanConstant(true));
            Annotate(edm, set, "SkipSupported", new EdmBooleanConstant(true));
            Annotate(edm, set, "CountRestrictions", Says(("Countable", true)));
            Annotate(edm, set, "SearchRestrictions", Says(("Searchable", true)));
            // $select takes names alone.
            Annotate(edm, set, "SelectSupport", Says(("Supported", true), ("Expandable", false), ("Filterable", false), ("Searchable", false), ("TopSupported", false), ("SkipSupported", false), ("ComputeSupported", false), ("Countable", false), ("Sortable", false)));
            // Codes stand inside an observation; inside of them there is nothing.
            Annotate(edm, set, "ExpandRestrictions", set.Name == Observations ? new EdmRecordExpression(
                new EdmPropertyConstructor("Expandable", new EdmBooleanConstant(true)), new EdmPropertyConstructor("MaxLevels", new EdmIntegerConstant(1))) : Says(("Expandable", false)));
        }
        Annotate(edm, container, "BatchSupported", new EdmBooleanConstant(true));
        Annotate(edm, container, "BatchSupport", new EdmRecordExpression(
            new EdmPropertyConstructor("Supported", new EdmBooleanConstant(true)),
            new EdmPropertyConstructor("ContinueOnErrorSupported", new EdmBooleanConstant(true)),
            new EdmPropertyConstructor("SupportedFormats", new EdmCollectionExpression(new EdmStringConstant("application/json")))));
        Annotate(edm, container, "AsynchronousRequestsSupported", new EdmBooleanConstant(false));

        static EdmRecordExpression Says(params (string Property, bool Holds)[] properties) => new([.. properties.Select(p => new EdmPropertyConstructor(p.Property, new EdmBooleanConstant(p.Holds)))]);
    }

    private static void Annotate(EdmModel edm, IEdmVocabularyAnnotatable target, string term, IEdmExpression value)
    {
        var annotation = new EdmVocabularyAnnotation(target, CapabilitiesVocabularyModel.Instance.FindDeclaredTerm("Org.OData.Capabilities.V1." + term), value);
        annotation.SetSerializationLocation(edm, EdmVocabularyAnnotationSerializationLocation.Inline);
        edm.AddVocabularyAnnotation(annotation);
    }

    /// <summary>A name that is an OData identifier: letters, digits and underscores, no digit first; what is none becomes an underscore, and repeats get a number.</summary>
    internal static string Identifier(string id, HashSet<string> taken)
    {
        var text = new StringBuilder(id.Length + 1);
        foreach (var rune in id.EnumerateRunes().Take(120))
        {
            if (text.Length == 0 && !Rune.IsLetter(rune))
                text.Append('_');
            if (Rune.IsLetterOrDigit(rune) && rune.IsBmp)
                text.Append((char)rune.Value);
            else if (text is not [.., '_'])
                text.Append('_');
        }
        var name = text.Length == 0 ? "_" : text.ToString();
        var unique = name;
        for (var n = 2; !taken.Add(unique); n++)
            unique = name + "_" + n;
        return unique;
    }

    /// <summary>The languages of labels, best first.</summary>
    private IReadOnlyList<string> Languages => DataRequest.LanguagesOf(at.Structure, null);

    private static IEdmPrimitiveType Primitive(EdmPrimitiveTypeKind kind) => EdmCoreModel.Instance.GetPrimitiveType(kind);

    private static List<ODataLabel> LabelsOf(DatasetComponent component)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Id", "Parent" };
        return [.. component.Codes.SelectMany(c => c.Labels.Keys).Distinct().Order(StringComparer.Ordinal).Select(language => new ODataLabel(Identifier("Label_" + language, names), language))];
    }

    private EdmStructuralProperty AddComponent(EdmEntityType to, int component)
    {
        var of = at.Components[component];
        // UNIT_MULT is a power of ten; should an office write something else there, it stays a text.
        var isWhole = of.Id == Concepts.UnitMult && of.Codes.All(code => int.TryParse(code.Id, out var power) && power.ToString(System.Globalization.CultureInfo.InvariantCulture) == code.Id);
        return Add(to, new ODataColumn(Names[component], component, isWhole ? ODataKind.Whole : ODataKind.Text),
            isWhole ? EdmCoreModel.Instance.GetInt32(true) : EdmCoreModel.Instance.GetString(component > at.TimeIndex),
            of.Labels.Count > 0 ? ObservationCsv.Label(of.Labels, Languages) : null);
    }

    private EdmStructuralProperty Add(EdmEntityType to, ODataColumn column, IEdmTypeReference of, string? description)
    {
        Columns.Add(column);
        byName.Add(column.Name, column);
        var property = to.AddStructuralProperty(column.Name, of);
        if (description is not null)
            Describe(property, description);
        return property;
    }

    private void AddCodes(EdmEntityContainer container, EdmEntityType observation, int component)
    {
        var type = new EdmEntityType(Namespace, NavigationOf(component));
        type.AddKeys(type.AddStructuralProperty("Id", Find(Names[component]).Kind == ODataKind.Whole ? EdmCoreModel.Instance.GetInt32(false) : EdmCoreModel.Instance.GetString(false)));
        foreach (var label in Labels[component])
            type.AddStructuralProperty(label.Name, EdmCoreModel.Instance.GetString(true));
        type.AddStructuralProperty("Parent", EdmCoreModel.Instance.GetString(true));
        Edm.AddElement(type);
        var navigation = observation.AddUnidirectionalNavigation(new EdmNavigationPropertyInfo
        {
            Name = NavigationOf(component),
            Target = type,
            TargetMultiplicity = component < at.TimeIndex ? EdmMultiplicity.One : EdmMultiplicity.ZeroOrOne,
        });
        ObservationSet.AddNavigationTarget(navigation, container.AddEntitySet(SetOf(component), type));
        sets.Add(SetOf(component), component);
        navigations.Add(NavigationOf(component), component);
    }

    private void Describe(IEdmVocabularyAnnotatable what, string text)
    {
        var annotation = new EdmVocabularyAnnotation(what, CoreVocabularyModel.DescriptionTerm, new EdmStringConstant(XmlText.Clean(text)));
        annotation.SetSerializationLocation(Edm, EdmVocabularyAnnotationSerializationLocation.Inline);
        Edm.AddVocabularyAnnotation(annotation);
    }
}
