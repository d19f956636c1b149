using System.Text;
using System.Xml;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes the XML schema of a version's structure-specific data: one type a codelist, and what data sets, series and observations have.</summary>
internal sealed class SdmxSchema(DatasetAtVersion at, SdmxRest rest, string urn, string atObservation, bool isDeletion)
{
    private const string Xs = "http://www.w3.org/2001/XMLSchema";

    /// <summary>The dimension at the observation that is meant where none is named, or the one that is.</summary>
    /// <exception cref="ProblemException">There is no such dimension.</exception>
    public static string AtObservation(DatasetAtVersion at, string? wanted)
    {
        var time = SdmxNames.HasTime(at);
        if (wanted is null)
            return time ? Concepts.TimePeriod : "AllDimensions";
        var known = at.Components.Take(time ? at.TimeIndex + 1 : at.TimeIndex).Select(c => SdmxIds.OfComponent(c.Id)).Append("AllDimensions").ToList();
        return known.Contains(wanted) ? wanted : throw ProblemException.Unknown(400, "unknown-dimension", "dimension", "dimensionAtObservation", wanted, known);
    }

    public async Task WriteAsync(Stream to, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false });
        var version = rest == SdmxRest.V1 ? "v2_1" : "v3_0";
        var schemas = $"http://www.sdmx.org/resources/sdmxml/schemas/{version}/";
        var place = $"https://xml.sdmx.org/{(rest == SdmxRest.V1 ? "2.1" : "3.0")}/";
        var space = $"{urn}:ObsLevelDim:{atObservation}";
        xml.WriteStartDocument();
        xml.WriteStartElement("xs", "schema", Xs);
        xml.WriteAttributeString("xmlns", space);
        xml.WriteAttributeString("xmlns", "ss", null, schemas + "data/structurespecific");
        xml.WriteAttributeString("xmlns", "common", null, schemas + "common");
        xml.WriteAttributeString("targetNamespace", space);
        xml.WriteAttributeString("elementFormDefault", "qualified");
        Import(xml, schemas + "common", place + "SDMXCommon.xsd");
        Import(xml, schemas + "data/structurespecific", place + "SDMXDataStructureSpecific.xsd");
        for (var c = 0; c < at.Components.Count; c++)
        {
            if (!SdmxIds.IsCoded(at, c))
                continue;
            Start(xml, "simpleType", SdmxIds.Codelist(at.Structure.Id, at.Components[c].Id));
            xml.WriteStartElement("restriction", Xs);
            xml.WriteAttributeString("base", "xs:string");
            foreach (var code in at.Components[c].InOrder)
            {
                if (code.Id.Length == 0)
                    continue;
                xml.WriteStartElement("enumeration", Xs);
                xml.WriteAttributeString("value", SdmxIds.OfCode(code.Id));
                xml.WriteEndElement();
                if (buffer.Length > 32 << 10)
                    await SendAsync();
            }
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        var isFlat = atObservation == "AllDimensions";
        // Of 2.1, the message for time series takes nothing but what derives from types of their own; so does the other.
        var kind = rest == SdmxRest.V1 && atObservation == Concepts.TimePeriod ? "TimeSeries" : "";
        Derived(xml, "DataSetType", $"{kind}DataSetType", () =>
        {
            Annotations(xml);
            Element(xml, "DataProvider", "common:DataProviderReferenceType", "0", "1");
            xml.WriteStartElement("choice", Xs);
            xml.WriteAttributeString("minOccurs", "0");
            // A restriction keeps to how the standard's type repeats: 3.0 the choice, 2.1 what is chosen.
            if (rest == SdmxRest.V2)
                xml.WriteAttributeString("maxOccurs", "unbounded");
            Element(xml, isFlat ? "Obs" : "Series", isFlat ? "ObsType" : "SeriesType", null, rest == SdmxRest.V2 ? null : "unbounded");
            xml.WriteEndElement();
        });
        var time = SdmxNames.HasTime(at);
        var dimensions = Enumerable.Range(0, time ? at.TimeIndex + 1 : at.TimeIndex).ToList();
        if (!isFlat)
        {
            Derived(xml, "SeriesType", kind.Length > 0 ? "TimeSeriesType" : "SeriesType", () =>
            {
                Annotations(xml);
                Element(xml, "Obs", "ObsType", "0", "unbounded");
            }, () =>
            {
                if (atObservation == Concepts.TimePeriod || !time)
                    Prohibited(xml);
                foreach (var c in dimensions.Where(c => SdmxIds.OfComponent(at.Components[c].Id) != atObservation))
                    Attribute(xml, c, isDeletion ? "optional" : "required");
            });
        }
        Derived(xml, "ObsType", $"{kind}ObsType", () => Annotations(xml), () =>
        {
            if (!time || (!isFlat && atObservation != Concepts.TimePeriod))
                Prohibited(xml);
            foreach (var c in dimensions.Where(c => isFlat || SdmxIds.OfComponent(at.Components[c].Id) == atObservation))
                Attribute(xml, c, isDeletion ? "optional" : "required");
            Attribute(xml, Concepts.ObsValue, "xs:decimal", "optional");
            for (var c = at.TimeIndex + 1; c < at.Components.Count; c++)
                Attribute(xml, c, "optional");
            foreach (var id in SdmxStructureWriter.Columns)
                Attribute(xml, id, id == Concepts.Decimals ? "xs:integer" : "xs:string", "optional");
        });
        xml.WriteEndDocument();
        await SendAsync();

        async Task SendAsync()
        {
            xml.Flush();
            await to.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
            buffer.SetLength(0);
        }
    }

    private static void Import(XmlWriter xml, string space, string place)
    {
        xml.WriteStartElement("import", Xs);
        xml.WriteAttributeString("namespace", space);
        xml.WriteAttributeString("schemaLocation", place);
        xml.WriteEndElement();
    }

    // A type that restricts one of the standard's.
    private static void Derived(XmlWriter xml, string name, string of, Action content, Action? attributes = null)
    {
        Start(xml, "complexType", name);
        xml.WriteStartElement("complexContent", Xs);
        xml.WriteStartElement("restriction", Xs);
        xml.WriteAttributeString("base", "ss:" + of);
        xml.WriteStartElement("sequence", Xs);
        content();
        xml.WriteEndElement();
        attributes?.Invoke();
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void Start(XmlWriter xml, string element, string name)
    {
        xml.WriteStartElement(element, Xs);
        xml.WriteAttributeString("name", name);
    }

    private static void Annotations(XmlWriter xml)
    {
        xml.WriteStartElement("element", Xs);
        xml.WriteAttributeString("ref", "common:Annotations");
        xml.WriteAttributeString("minOccurs", "0");
        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, string type, string? least, string? most)
    {
        Start(xml, "element", name);
        xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("form", "unqualified");
        if (least is not null)
            xml.WriteAttributeString("minOccurs", least);
        if (most is not null)
            xml.WriteAttributeString("maxOccurs", most);
        xml.WriteEndElement();
    }

    private static void Prohibited(XmlWriter xml) => Attribute(xml, Concepts.TimePeriod, "common:ObservationalTimePeriodType", "prohibited");

    private void Attribute(XmlWriter xml, int component, string use)
    {
        var id = at.Components[component].Id;
        Attribute(xml, SdmxIds.OfComponent(id), component == at.TimeIndex ? "common:ObservationalTimePeriodType" : SdmxIds.IsCoded(at, component) ? SdmxIds.Codelist(at.Structure.Id, id) : "xs:string", use);
    }

    private static void Attribute(XmlWriter xml, string id, string type, string use)
    {
        Start(xml, "attribute", id);
        xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("use", use);
        xml.WriteEndElement();
    }
}
