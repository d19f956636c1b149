using System.Globalization;
using System.Text;
using System.Xml;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes structures as SDMX-ML: 2.1 for 1.x of the API, 3.0 for 2.x.</summary>
internal sealed class SdmxStructureXml : SdmxStructureWriter
{
    private static readonly SdmxKind[] Order21 = [SdmxKind.AgencyScheme, SdmxKind.Dataflow, SdmxKind.Codelist, SdmxKind.ConceptScheme, SdmxKind.DataStructure, SdmxKind.Constraint];
    private static readonly SdmxKind[] Order30 = [SdmxKind.AgencyScheme, SdmxKind.Codelist, SdmxKind.ConceptScheme, SdmxKind.Constraint, SdmxKind.Dataflow, SdmxKind.DataStructure];

    private readonly MemoryStream to;
    private readonly XmlWriter xml;
    private readonly bool is21;
    private readonly string mes;
    private readonly string str;
    private readonly string com;
    private string codelistUrn = "";

    public SdmxStructureXml(SdmxMessage message, MemoryStream to)
        : base(message)
    {
        this.to = to;
        is21 = message.Rest == SdmxRest.V1;
        var schemas = $"http://www.sdmx.org/resources/sdmxml/schemas/{(is21 ? "v2_1" : "v3_0")}/";
        (mes, str, com) = (schemas + "message", schemas + "structure", schemas + "common");
        xml = XmlWriter.Create(to, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false });
    }

    protected override IReadOnlyList<SdmxKind> Order => is21 ? Order21 : Order30;

    protected override int Waiting => (int)to.Length;

    protected override void Begin()
    {
        xml.WriteStartDocument();
        xml.WriteStartElement("mes", "Structure", mes);
        xml.WriteAttributeString("xmlns", "str", null, str);
        xml.WriteAttributeString("xmlns", "com", null, com);
        xml.WriteStartElement("Header", mes);
        xml.WriteElementString("ID", mes, "S" + Message.Prepared.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        xml.WriteElementString("Test", mes, "false");
        xml.WriteElementString("Prepared", mes, Time(Message.Prepared));
        xml.WriteStartElement("Sender", mes);
        xml.WriteAttributeString("id", Message.Agency.PartyId);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteStartElement("Structures", mes);
    }

    protected override void BeginKind(SdmxKind kind) => Start(kind switch
    {
        SdmxKind.AgencyScheme => is21 ? "OrganisationSchemes" : "AgencySchemes",
        SdmxKind.Dataflow => "Dataflows",
        SdmxKind.Codelist => "Codelists",
        SdmxKind.ConceptScheme => is21 ? "Concepts" : "ConceptSchemes",
        SdmxKind.DataStructure => "DataStructures",
        _ => is21 ? "Constraints" : "DataConstraints",
    });

    protected override void EndKind(SdmxKind kind) => xml.WriteEndElement();

    protected override void End()
    {
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndDocument();
    }

    protected override void Dispose(bool disposing) => xml.Dispose();

    protected override void Flush() => xml.Flush();

    protected override void AgencyScheme(SdmxArtefact artefact)
    {
        Start("AgencyScheme");
        // In 3.0 an agency scheme has no version.
        Identity("AGENCIES", Urns.AgencyScheme, Urns.AgencySchemeAgency, is21 ? "1.0" : null, artefact.Detail);
        Names(new Dictionary<string, string> { ["en"] = "Agencies", ["zh"] = "机构" }, "");
        if (artefact.Detail == SdmxDetail.Full)
        {
            Start("Agency");
            xml.WriteAttributeString("id", Urns.AgencyInScheme);
            xml.WriteAttributeString("urn", Urns.Agency);
            Names(new Dictionary<string, string>(), Message.Agency.Name);
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    protected override void Dataflow(SdmxArtefact artefact, IReadOnlyDictionary<string, string> title)
    {
        Start("Dataflow");
        Maintainable(artefact.Dataset, Urns.Dataflow(artefact.Dataset, artefact.Version), artefact);
        Names(title, artefact.Dataset);
        if (artefact.Detail == SdmxDetail.Full)
        {
            Start("Structure");
            if (is21)
                Ref("datastructure", "DataStructure", SdmxIds.DataStructure(artefact.Dataset), artefact.Version);
            else
                xml.WriteString(Urns.DataStructure(artefact.Dataset, artefact.Version));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    protected override void BeginCodelist(SdmxArtefact artefact, DatasetAtVersion at, int component, bool hasCodes)
    {
        codelistUrn = Urns.Codelist(artefact.Dataset, artefact.Version, artefact.Component).Replace("codelist.Codelist=", "codelist.Code=", StringComparison.Ordinal);
        Start("Codelist");
        Maintainable(SdmxIds.Codelist(artefact.Dataset, artefact.Component), Urns.Codelist(artefact.Dataset, artefact.Version, artefact.Component), artefact);
        if (artefact.Items is not null)
            xml.WriteAttributeString("isPartial", "true");
        Names(at.Components[component].Labels, artefact.Component);
    }

    protected override void Code(SdmxArtefact artefact, Code code)
    {
        var id = SdmxIds.OfCode(code.Id);
        Start("Code");
        xml.WriteAttributeString("id", id);
        xml.WriteAttributeString("urn", $"{codelistUrn}.{id}");
        Names(code.Labels, code.Id);
        if (code.Parent is { Length: > 0 } parent)
        {
            Start("Parent");
            if (is21)
                LocalRef(SdmxIds.OfCode(parent));
            else
                xml.WriteString(SdmxIds.OfCode(parent));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    protected override void EndCodelist(bool hasCodes) => xml.WriteEndElement();

    protected override void ConceptScheme(SdmxArtefact artefact, DatasetAtVersion at)
    {
        Start("ConceptScheme");
        Maintainable(SdmxIds.ConceptScheme(artefact.Dataset), Urns.ConceptScheme(artefact.Dataset, artefact.Version), artefact);
        if (artefact.Items is not null)
            xml.WriteAttributeString("isPartial", "true");
        Names(at.Structure.Title, artefact.Dataset);
        if (artefact.Detail == SdmxDetail.Full)
        {
            foreach (var (id, names) in Concepts(at))
            {
                if (artefact.Items?.Contains(id) == false)
                    continue;
                Start("Concept");
                xml.WriteAttributeString("id", id);
                xml.WriteAttributeString("urn", Urns.Concept(artefact.Dataset, artefact.Version, id));
                Names(names, SdmxIds.ComponentOf(id));
                xml.WriteEndElement();
            }
        }
        xml.WriteEndElement();
    }

    protected override void DataStructure(SdmxArtefact artefact, DatasetAtVersion at)
    {
        Start("DataStructure");
        Maintainable(SdmxIds.DataStructure(artefact.Dataset), Urns.DataStructure(artefact.Dataset, artefact.Version), artefact);
        Names(at.Structure.Title, artefact.Dataset);
        if (artefact.Detail == SdmxDetail.Full)
        {
            Start("DataStructureComponents");
            List(artefact, "DimensionList", "DimensionDescriptor");
            for (var c = 0; c < at.TimeIndex; c++)
            {
                Component(artefact, "Dimension", "Dimension", at.Components[c].Id, position: c + 1);
                Coded(artefact, at, c);
                xml.WriteEndElement();
            }
            if (SdmxNames.HasTime(at))
            {
                Component(artefact, "TimeDimension", "TimeDimension", at.Components[at.TimeIndex].Id, position: is21 ? at.TimeIndex + 1 : null);
                Text("ObservationalTimePeriod");
                xml.WriteEndElement();
            }
            xml.WriteEndElement();

            List(artefact, "AttributeList", "AttributeDescriptor");
            for (var c = at.TimeIndex + 1; c < at.Components.Count; c++)
            {
                Component(artefact, "Attribute", "DataAttribute", at.Components[c].Id, isOptional: true);
                if (SdmxIds.IsCoded(at, c))
                    Coded(artefact, at, c);
                else
                    Text("String");
                Relationship();
                xml.WriteEndElement();
            }
            foreach (var id in Columns)
            {
                Component(artefact, "Attribute", "DataAttribute", id, isOptional: true);
                Text(id == Understanding.Concepts.Decimals ? "Integer" : "String");
                Relationship();
                xml.WriteEndElement();
            }
            xml.WriteEndElement();

            List(artefact, "MeasureList", "MeasureDescriptor");
            Component(artefact, is21 ? "PrimaryMeasure" : "Measure", is21 ? "PrimaryMeasure" : "Measure", Understanding.Concepts.ObsValue);
            Text("Decimal");
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    protected override void Constraint(SdmxArtefact artefact, DatasetAtVersion at, SdmxAvailability availability)
    {
        Start(is21 ? "ContentConstraint" : "DataConstraint");
        Maintainable(SdmxIds.Constraint(artefact.Dataset), Urns.Constraint(artefact.Dataset, artefact.Version), artefact);
        xml.WriteAttributeString(is21 ? "type" : "role", "Actual");
        xml.WriteStartElement("Annotations", com);
        foreach (var (id, count) in (ReadOnlySpan<(string, long)>)[("series_count", availability.Series), ("obs_count", availability.Observations)])
        {
            xml.WriteStartElement("Annotation", com);
            xml.WriteAttributeString("id", id);
            xml.WriteElementString("AnnotationTitle", com, count.ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("AnnotationType", com, "sdmx_metrics");
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
        Names(at.Structure.Title, artefact.Dataset);
        Start("ConstraintAttachment");
        Start("Dataflow");
        if (is21)
            Ref("datastructure", "Dataflow", artefact.Dataset, artefact.Version);
        else
            xml.WriteString(Urns.Dataflow(artefact.Dataset, artefact.Version));
        xml.WriteEndElement();
        xml.WriteEndElement();
        Start("CubeRegion");
        xml.WriteAttributeString("include", "true");
        var region = is21 ? com : str;
        foreach (var (component, codes) in availability.Values)
        {
            xml.WriteStartElement("KeyValue", region);
            xml.WriteAttributeString("id", SdmxIds.OfComponent(at.Components[component].Id));
            foreach (var code in codes)
                xml.WriteElementString("Value", region, SdmxIds.OfCode(at.Components[component].Codes[code].Id));
            xml.WriteEndElement();
        }
        if (availability.Periods is var (from, until))
        {
            xml.WriteStartElement("KeyValue", region);
            xml.WriteAttributeString("id", Understanding.Concepts.TimePeriod);
            xml.WriteStartElement("TimeRange", region);
            foreach (var (name, period) in (ReadOnlySpan<(string, string)>)[("StartPeriod", from), ("EndPeriod", until)])
            {
                xml.WriteStartElement(name, region);
                xml.WriteAttributeString("isInclusive", "true");
                xml.WriteString(period);
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void Start(string name) => xml.WriteStartElement(name, str);

    private void Maintainable(string id, string urn, SdmxArtefact artefact)
    {
        Identity(id, urn, Message.Agency.Id, SdmxIds.Version(Message.Rest, artefact.Version), artefact.Detail);
        if (is21)
            xml.WriteAttributeString("isFinal", "true");
        xml.WriteAttributeString("validFrom", Time(artefact.PublishedAt));
    }

    private void Identity(string id, string urn, string agency, string? version, SdmxDetail detail)
    {
        xml.WriteAttributeString("id", id);
        xml.WriteAttributeString("urn", urn);
        xml.WriteAttributeString("agencyID", agency);
        if (version is not null)
            xml.WriteAttributeString("version", version);
        xml.WriteAttributeString("isExternalReference", detail == SdmxDetail.Full ? "false" : "true");
    }

    private void Names(IReadOnlyDictionary<string, string> names, string fallback)
    {
        foreach (var (language, name) in SdmxNames.Ordered(names, fallback, Message.Languages))
        {
            xml.WriteStartElement("Name", com);
            xml.WriteAttributeString("xml", "lang", null, language);
            xml.WriteString(XmlText.Clean(name));
            xml.WriteEndElement();
        }
    }

    private void List(SdmxArtefact artefact, string element, string descriptor)
    {
        Start(element);
        xml.WriteAttributeString("id", descriptor);
        xml.WriteAttributeString("urn", Urns.Part(descriptor, artefact.Dataset, artefact.Version, descriptor));
    }

    private void Component(SdmxArtefact artefact, string element, string type, string component, int? position = null, bool isOptional = false)
    {
        var id = SdmxIds.OfComponent(component);
        Start(element);
        xml.WriteAttributeString("id", id);
        xml.WriteAttributeString("urn", Urns.Part(type, artefact.Dataset, artefact.Version, id));
        if (position is { } place)
            xml.WriteAttributeString("position", place.ToString(CultureInfo.InvariantCulture));
        if (isOptional)
            xml.WriteAttributeString(is21 ? "assignmentStatus" : "usage", is21 ? "Conditional" : "optional");
        Start("ConceptIdentity");
        if (is21)
        {
            xml.WriteStartElement("Ref");
            xml.WriteAttributeString("id", id);
            xml.WriteAttributeString("maintainableParentID", SdmxIds.ConceptScheme(artefact.Dataset));
            xml.WriteAttributeString("maintainableParentVersion", SdmxIds.Version(SdmxRest.V1, artefact.Version));
            xml.WriteAttributeString("agencyID", Message.Agency.Id);
            xml.WriteAttributeString("package", "conceptscheme");
            xml.WriteAttributeString("class", "Concept");
            xml.WriteEndElement();
        }
        else
        {
            xml.WriteString(Urns.Concept(artefact.Dataset, artefact.Version, id));
        }
        xml.WriteEndElement();
    }

    private void Coded(SdmxArtefact artefact, DatasetAtVersion at, int component)
    {
        Start("LocalRepresentation");
        Start("Enumeration");
        if (is21)
            Ref("codelist", "Codelist", SdmxIds.Codelist(artefact.Dataset, at.Components[component].Id), artefact.Version);
        else
            xml.WriteString(Urns.Codelist(artefact.Dataset, artefact.Version, at.Components[component].Id));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private void Text(string type)
    {
        Start("LocalRepresentation");
        Start("TextFormat");
        xml.WriteAttributeString("textType", type);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private void Relationship()
    {
        Start("AttributeRelationship");
        if (is21)
        {
            Start("PrimaryMeasure");
            LocalRef(Understanding.Concepts.ObsValue);
        }
        else
        {
            Start("Observation");
        }
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private void Ref(string package, string type, string id, int version)
    {
        xml.WriteStartElement("Ref");
        xml.WriteAttributeString("id", id);
        xml.WriteAttributeString("version", SdmxIds.Version(SdmxRest.V1, version));
        xml.WriteAttributeString("agencyID", Message.Agency.Id);
        xml.WriteAttributeString("package", package);
        xml.WriteAttributeString("class", type);
        xml.WriteEndElement();
    }

    private void LocalRef(string id)
    {
        xml.WriteStartElement("Ref");
        xml.WriteAttributeString("id", id);
        xml.WriteEndElement();
    }
}
