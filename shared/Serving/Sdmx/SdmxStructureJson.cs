using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Writes structures as SDMX-JSON: 1.0 for 1.x of the API, 2.0.0 or 2.1.0 for 2.x.</summary>
internal sealed class SdmxStructureJson : SdmxStructureWriter
{
    private readonly Utf8JsonWriter json;
    private readonly bool is1;
    private readonly bool is21;
    private string codelistUrn = "";

    public SdmxStructureJson(SdmxMessage message, MemoryStream to)
        : base(message)
    {
        is1 = message.Format.Version[0] == '1';
        is21 = message.Format.Version.StartsWith("2.1", StringComparison.Ordinal);
        // The same encoder as everywhere: Chinese stands as itself.
        json = new Utf8JsonWriter(to, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    protected override IReadOnlyList<SdmxKind> Order { get; } =
        [SdmxKind.AgencyScheme, SdmxKind.Constraint, SdmxKind.Dataflow, SdmxKind.DataStructure, SdmxKind.ConceptScheme, SdmxKind.Codelist];

    protected override int Waiting => json.BytesPending;

    protected override void Begin()
    {
        json.WriteStartObject();
        var schema = SdmxFormats.Schema("structure", is1 ? "1.0" : is21 ? "2.1" : "2.0.0");
        if (is21)
            json.WriteString("$schema", schema);
        json.WriteStartObject("meta");
        if (!is21)
            json.WriteString("schema", schema);
        json.WriteString("id", "S" + Message.Prepared.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        json.WriteBoolean("test", false);
        json.WriteString("prepared", Time(Message.Prepared));
        json.WriteStartObject("sender");
        json.WriteString("id", Message.Agency.PartyId);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("data");
    }

    protected override void BeginKind(SdmxKind kind) => json.WriteStartArray(kind switch
    {
        SdmxKind.AgencyScheme => "agencySchemes",
        SdmxKind.Dataflow => "dataflows",
        SdmxKind.Codelist => "codelists",
        SdmxKind.ConceptScheme => "conceptSchemes",
        SdmxKind.DataStructure => "dataStructures",
        _ => is1 ? "contentConstraints" : is21 ? "availabilityConstraints" : "dataConstraints",
    });

    protected override void EndKind(SdmxKind kind) => json.WriteEndArray();

    protected override void End()
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }

    protected override void Dispose(bool disposing) => json.Dispose();

    protected override void Flush() => json.Flush();

    protected override void AgencyScheme(SdmxArtefact artefact)
    {
        json.WriteStartObject();
        Identity("AGENCIES", Urns.AgencyScheme, Urns.AgencySchemeAgency, "1.0", artefact.Detail);
        Names(new Dictionary<string, string> { ["en"] = "Agencies", ["zh"] = "机构" }, "");
        if (artefact.Detail == SdmxDetail.Full)
        {
            json.WriteStartArray("agencies");
            Item(Urns.AgencyInScheme, Urns.Agency);
            Names(new Dictionary<string, string>(), Message.Agency.Name);
            json.WriteEndObject();
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    protected override void Dataflow(SdmxArtefact artefact, IReadOnlyDictionary<string, string> title)
    {
        json.WriteStartObject();
        Maintainable(artefact.Dataset, Urns.Dataflow(artefact.Dataset, artefact.Version), artefact, title, artefact.Dataset);
        if (artefact.Detail == SdmxDetail.Full)
            json.WriteString("structure", Urns.DataStructure(artefact.Dataset, artefact.Version));
        json.WriteEndObject();
    }

    protected override void BeginCodelist(SdmxArtefact artefact, DatasetAtVersion at, int component, bool hasCodes)
    {
        var urn = Urns.Codelist(artefact.Dataset, artefact.Version, artefact.Component);
        codelistUrn = urn.Replace("codelist.Codelist=", "codelist.Code=", StringComparison.Ordinal);
        json.WriteStartObject();
        Maintainable(SdmxIds.Codelist(artefact.Dataset, artefact.Component), urn, artefact, at.Components[component].Labels, artefact.Component);
        if (artefact.Items is not null)
            json.WriteBoolean("isPartial", true);
        if (hasCodes)
            json.WriteStartArray("codes");
    }

    protected override void Code(SdmxArtefact artefact, Code code)
    {
        var id = SdmxIds.OfCode(code.Id);
        Item(id, $"{codelistUrn}.{id}");
        Names(code.Labels, code.Id);
        if (code.Parent is { Length: > 0 } parent)
            json.WriteString("parent", SdmxIds.OfCode(parent));
        json.WriteEndObject();
    }

    protected override void EndCodelist(bool hasCodes)
    {
        if (hasCodes)
            json.WriteEndArray();
        json.WriteEndObject();
    }

    protected override void ConceptScheme(SdmxArtefact artefact, DatasetAtVersion at)
    {
        json.WriteStartObject();
        Maintainable(SdmxIds.ConceptScheme(artefact.Dataset), Urns.ConceptScheme(artefact.Dataset, artefact.Version), artefact, at.Structure.Title, artefact.Dataset);
        if (artefact.Items is not null)
            json.WriteBoolean("isPartial", true);
        if (artefact.Detail == SdmxDetail.Full)
        {
            json.WriteStartArray("concepts");
            foreach (var (id, names) in Concepts(at))
            {
                if (artefact.Items?.Contains(id) == false)
                    continue;
                Item(id, Urns.Concept(artefact.Dataset, artefact.Version, id));
                Names(names, SdmxIds.ComponentOf(id));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    protected override void DataStructure(SdmxArtefact artefact, DatasetAtVersion at)
    {
        json.WriteStartObject();
        Maintainable(SdmxIds.DataStructure(artefact.Dataset), Urns.DataStructure(artefact.Dataset, artefact.Version), artefact, at.Structure.Title, artefact.Dataset);
        if (artefact.Detail == SdmxDetail.Full)
        {
            json.WriteStartObject("dataStructureComponents");
            List(artefact, "attributeList", "AttributeDescriptor");
            json.WriteStartArray("attributes");
            for (var c = at.TimeIndex + 1; c < at.Components.Count; c++)
                Attribute(artefact, at.Components[c].Id, SdmxIds.IsCoded(at, c), "String");
            foreach (var id in Columns)
                Attribute(artefact, id, false, id == Understanding.Concepts.Decimals ? "Integer" : "String");
            json.WriteEndArray();
            json.WriteEndObject();

            List(artefact, "dimensionList", "DimensionDescriptor");
            json.WriteStartArray("dimensions");
            for (var c = 0; c < at.TimeIndex; c++)
            {
                Component(artefact, "Dimension", at.Components[c].Id, c + 1);
                Coded(artefact, at.Components[c].Id);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (SdmxNames.HasTime(at))
            {
                if (is1)
                    json.WriteStartArray("timeDimensions");
                else
                    json.WritePropertyName("timeDimension");
                Component(artefact, "TimeDimension", at.Components[at.TimeIndex].Id, is1 ? at.TimeIndex + 1 : null);
                Text("ObservationalTimePeriod");
                json.WriteEndObject();
                if (is1)
                    json.WriteEndArray();
            }
            json.WriteEndObject();

            List(artefact, "measureList", "MeasureDescriptor");
            if (is1)
                json.WritePropertyName("primaryMeasure");
            else
                json.WriteStartArray("measures");
            Component(artefact, is1 ? "PrimaryMeasure" : "Measure", Understanding.Concepts.ObsValue, null);
            Text("Decimal");
            json.WriteEndObject();
            if (!is1)
                json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    protected override void Constraint(SdmxArtefact artefact, DatasetAtVersion at, SdmxAvailability availability)
    {
        json.WriteStartObject();
        if (!is21)
        {
            Maintainable(SdmxIds.Constraint(artefact.Dataset), Urns.Constraint(artefact.Dataset, artefact.Version), artefact, at.Structure.Title, artefact.Dataset);
            json.WriteString(is1 ? "type" : "role", "Actual");
            json.WriteStartArray("annotations");
            foreach (var (id, count) in (ReadOnlySpan<(string, long)>)[("series_count", availability.Series), ("obs_count", availability.Observations)])
            {
                json.WriteStartObject();
                json.WriteString("id", id);
                json.WriteString("title", count.ToString(CultureInfo.InvariantCulture));
                json.WriteString("type", "sdmx_metrics");
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteStartObject("constraintAttachment");
        var dataflow = Urns.Dataflow(artefact.Dataset, artefact.Version);
        if (is21)
        {
            json.WriteString("dataflow", dataflow);
        }
        else
        {
            json.WriteStartArray("dataflows");
            json.WriteStringValue(dataflow);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        if (is21)
            json.WritePropertyName("cubeRegion");
        else
            json.WriteStartArray("cubeRegions");
        json.WriteStartObject();
        json.WriteBoolean(is1 ? "isIncluded" : "include", true);
        json.WriteStartArray("keyValues");
        foreach (var (component, codes) in availability.Values)
        {
            json.WriteStartObject();
            json.WriteString("id", SdmxIds.OfComponent(at.Components[component].Id));
            json.WriteStartArray("values");
            foreach (var code in codes)
                json.WriteStringValue(SdmxIds.OfCode(at.Components[component].Codes[code].Id));
            json.WriteEndArray();
            json.WriteEndObject();
        }
        if (availability.Periods is var (from, until))
        {
            json.WriteStartObject();
            json.WriteString("id", Understanding.Concepts.TimePeriod);
            json.WriteStartObject("timeRange");
            foreach (var (name, period) in (ReadOnlySpan<(string, string)>)[("startPeriod", from), ("endPeriod", until)])
            {
                json.WriteStartObject(name);
                json.WriteString("period", period);
                json.WriteBoolean("isInclusive", true);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        if (!is21)
            json.WriteEndArray();
        if (is21)
        {
            json.WriteNumber("seriesCount", availability.Series);
            json.WriteNumber("obsCount", availability.Observations);
        }
        json.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void Maintainable(string id, string urn, SdmxArtefact artefact, IReadOnlyDictionary<string, string> names, string fallback)
    {
        Identity(id, urn, Message.Agency.Id, SdmxIds.Version(Message.Rest, artefact.Version), artefact.Detail);
        if (is1)
            json.WriteBoolean("isFinal", true);
        json.WriteString("validFrom", Time(artefact.PublishedAt));
        Names(names, fallback);
    }

    private void Identity(string id, string urn, string agency, string version, SdmxDetail detail)
    {
        json.WriteString("id", id);
        Self(urn);
        json.WriteString("version", version);
        json.WriteString("agencyID", agency);
        json.WriteBoolean("isExternalReference", detail != SdmxDetail.Full);
    }

    // Left open.
    private void Item(string id, string urn)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        Self(urn);
    }

    private void Self(string urn)
    {
        json.WriteStartArray("links");
        json.WriteStartObject();
        json.WriteString("rel", "self");
        json.WriteString("urn", urn);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void Names(IReadOnlyDictionary<string, string> names, string fallback)
    {
        var isFirst = true;
        foreach (var (language, name) in SdmxNames.Ordered(names, fallback, Message.Languages))
        {
            if (isFirst)
            {
                json.WriteString("name", name);
                json.WriteStartObject("names");
                isFirst = false;
            }
            json.WriteString(language, name);
        }
        json.WriteEndObject();
    }

    private void List(SdmxArtefact artefact, string name, string descriptor)
    {
        json.WriteStartObject(name);
        json.WriteString("id", descriptor);
        Self(Urns.Part(descriptor, artefact.Dataset, artefact.Version, descriptor));
    }

    // Left open.
    private void Component(SdmxArtefact artefact, string type, string component, int? position)
    {
        var id = SdmxIds.OfComponent(component);
        Item(id, Urns.Part(type, artefact.Dataset, artefact.Version, id));
        if (position is { } place)
        {
            json.WriteNumber("position", place);
            if (is1)
                json.WriteString("type", type);
        }
        json.WriteString("conceptIdentity", Urns.Concept(artefact.Dataset, artefact.Version, id));
    }

    private void Attribute(SdmxArtefact artefact, string component, bool isCoded, string text)
    {
        Component(artefact, "DataAttribute", component, null);
        json.WriteString(is1 ? "assignmentStatus" : "usage", is1 ? "Conditional" : "optional");
        json.WriteStartObject("attributeRelationship");
        if (is1)
        {
            json.WriteString("primaryMeasure", Understanding.Concepts.ObsValue);
        }
        else
        {
            json.WriteStartObject("observation");
            json.WriteEndObject();
        }
        json.WriteEndObject();
        if (isCoded)
            Coded(artefact, component);
        else
            Text(text);
        json.WriteEndObject();
    }

    private void Coded(SdmxArtefact artefact, string component)
    {
        json.WriteStartObject("localRepresentation");
        json.WriteString("enumeration", Urns.Codelist(artefact.Dataset, artefact.Version, component));
        json.WriteEndObject();
    }

    private void Text(string type)
    {
        json.WriteStartObject("localRepresentation");
        json.WriteStartObject(is1 ? "textFormat" : "format");
        json.WriteString(is1 ? "textType" : "dataType", type);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
