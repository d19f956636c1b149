namespace Pipeline.Serving;

/// <summary>The universal names of our artefacts, in the versions of one generation.</summary>
internal sealed class SdmxUrns(SdmxAgency agency, SdmxRest rest)
{
    private const string Model = "urn:sdmx:org.sdmx.infomodel.";

    /// <summary>The agency scheme that the agency is in: that of the agency above it, or of SDMX.</summary>
    public string AgencyScheme => $"{Model}base.AgencyScheme={AgencySchemeAgency}:AGENCIES(1.0)";

    /// <summary>Who maintains the agency scheme that the agency is in.</summary>
    public string AgencySchemeAgency => agency.Id.LastIndexOf('.') is > 0 and var dot ? agency.Id[..dot] : "SDMX";

    /// <summary>The agency's id within its scheme.</summary>
    public string AgencyInScheme => agency.Id[(agency.Id.LastIndexOf('.') + 1)..];

    public string Agency => $"{Model}base.Agency={AgencySchemeAgency}:AGENCIES(1.0).{AgencyInScheme}";

    public string Dataflow(string dataset, int version) => Of("datastructure.Dataflow", dataset, version);

    public string DataStructure(string dataset, int version) => Of("datastructure.DataStructure", SdmxIds.DataStructure(dataset), version);

    /// <summary>A part of a data structure, such as the <c>Dimension</c> FREQ.</summary>
    public string Part(string type, string dataset, int version, string id) => $"{Of("datastructure." + type, SdmxIds.DataStructure(dataset), version)}.{id}";

    public string ConceptScheme(string dataset, int version) => Of("conceptscheme.ConceptScheme", SdmxIds.ConceptScheme(dataset), version);

    /// <summary>A concept by the SDMX id of its component.</summary>
    public string Concept(string dataset, int version, string id) => $"{Of("conceptscheme.Concept", SdmxIds.ConceptScheme(dataset), version)}.{id}";

    /// <summary>The codelist of a component (ours).</summary>
    public string Codelist(string dataset, int version, string component) => Of("codelist.Codelist", SdmxIds.Codelist(dataset, component), version);

    public string Constraint(string dataset, int version) =>
        Of(rest == SdmxRest.V1 ? "registry.ContentConstraint" : "registry.DataConstraint", SdmxIds.Constraint(dataset), version);

    private string Of(string type, string id, int version) => $"{Model}{type}={agency.Id}:{id}({SdmxIds.Version(rest, version)})";
}
