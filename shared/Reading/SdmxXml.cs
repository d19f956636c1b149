using System.Xml;
using System.Xml.Linq;

namespace Pipeline.Reading;

/// <summary>
/// An SDMX-ML message: 2.0 (generic, compact, cross-sectional), 2.1 (generic, structure-specific, time series or not) or 3.0 (structure-specific), or a
/// structure message of any of these. Elements go by their local names: their namespaces differ by version, and by structure.
/// </summary>
/// <remarks>The message is read once to learn its data sets, components and groups; the observations are streamed from it when it is opened.</remarks>
internal sealed class SdmxXml : SdmxMessage
{
    private readonly Stream source;
    private readonly TextEncoding encoding;
    private readonly ReaderLimits limits;

    private SdmxXml(Stream source, TextEncoding encoding, ReaderLimits limits) => (this.source, this.encoding, this.limits) = (source, encoding, limits);

    /// <inheritdoc/>
    public override string Format => "sdmx-ml";

    /// <summary>Whether the data are generic: then dimensions and attributes stand in elements of their own.</summary>
    public override bool MarksDimensions => IsGeneric;

    /// <summary>Set by the survey.</summary>
    internal bool IsGeneric { get; set; }

    /// <summary>What the survey learnt of each data set besides <see cref="SdmxMessage.DataSets"/>.</summary>
    internal List<(Dictionary<string, int> Index, SdmxGroups Groups)> Parts { get; } = [];

    /// <summary>Surveys a message.</summary>
    /// <exception cref="UnreadableReleaseException">It is not well-formed, or goes beyond a limit.</exception>
    public static SdmxXml Read(Stream stream, TextEncoding encoding, ReaderLimits limits)
    {
        if (stream.Length > int.MaxValue)
        {
            throw Unreadable.Because(
                "file-too-large",
                $"The message has {Unreadable.N(stream.Length)} bytes; {Unreadable.N(int.MaxValue)} is the limit for SDMX-ML.",
                found: $"{stream.Length} bytes",
                expected: $"at most {int.MaxValue} bytes",
                advice: "Send the data as SDMX-CSV, or in several messages.");
        }
        var message = new SdmxXml(stream, encoding, limits);
        using var survey = new SdmxXmlReader(message, new CodePointText(new ViewStream(stream), encoding, limits.CellLength), true);
        while (survey.Read())
            survey.Count();
        foreach (var set in message.DataSets)
        {
            set.Reference ??= survey.HeaderDataSet;
            // a generic message has one measure, also where no observation has a value
            if (message.IsGeneric && !set.Components.Exists(c => c.Role == SdmxRole.Measure))
                set.Components.Add(new SdmxComponent("OBS_VALUE") { Role = SdmxRole.Measure });
        }
        foreach (var (set, (index, groups)) in message.DataSets.Zip(message.Parts))
            foreach (var id in groups.Ids.Where(id => !index.ContainsKey(id)))
            {
                index.Add(id, set.Components.Count);
                set.Components.Add(new SdmxComponent(id) { Role = SdmxRole.Attribute });
            }
        return message;
    }

    /// <inheritdoc/>
    public override SdmxReader Open()
    {
        foreach (var (set, (index, groups)) in DataSets.Zip(Parts))
            groups.Resolve(id => index[id], set.Components);
        return new SdmxXmlReader(this, new CodePointText(new ViewStream(source), encoding, limits.CellLength), false);
    }
}

/// <summary>Walks through an SDMX-ML message, observation by observation.</summary>
internal sealed class SdmxXmlReader : SdmxReader
{
    private const int MaxDepth = 64;
    private const int MaxDataSets = 10_000;
    private const int MaxComponents = 1_000;

    // what stands at a DataSet or describes an element, and is no attribute of the data
    private static readonly HashSet<string> OfDataSet = new(StringComparer.Ordinal)
    {
        "structureRef", "setID", "action", "reportingBeginDate", "reportingEndDate", "validFromDate", "validToDate", "publicationYear", "publicationPeriod", "dataScope",
        "keyFamilyURI", "datasetID", "dataProviderSchemeAgencyId", "dataProviderSchemeId", "dataProviderID", "dataflowAgencyID", "dataflowID", "isExternalReference", "type",
    };

    private readonly SdmxXml message;
    private readonly CodePointText text;
    private readonly XmlReader xml;
    private readonly IXmlLineInfo place;
    private readonly bool isSurvey;
    private readonly List<string?[]> layers = [new string?[16]];
    private readonly List<(string? Id, SdmxReference? Reference, string? AtObservation)> headers = [];
    private readonly Stack<(string Name, int Depth)> open = new();
    private string? headerAction, headerDataSet;
    private string?[] row = new string?[16];
    private (int Start, int End)[] spans = new (int, int)[16];
    private int level;
    private bool pending;               // the reader stands on a node that has not been looked at
    private bool inObservation, isCrossSectional;
    private int line;
    private int start, end;
    private List<(string Id, string Value)>? group;
    private bool groupHasSeries;

    public SdmxXmlReader(SdmxXml message, CodePointText text, bool isSurvey)
    {
        (this.message, this.text, this.isSurvey) = (message, text, isSurvey);
        DataSet = -1;
        // no DTD, hence no entities of its own; nothing is resolved
        xml = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, NameTable = new BoundedNames(), CloseInput = true });
        place = (IXmlLineInfo)xml;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<char> this[int component] => row[component];

    /// <inheritdoc/>
    public override double Progress => text.Progress;

    private SdmxDataSet Set => message.DataSets[DataSet];

    /// <inheritdoc/>
    public override Source SourceOf(int component) => spans[component].End > 0 ? Source.Chars(spans[component].Start, spans[component].End) : Source.Chars(start, end);

    /// <inheritdoc/>
    public override string WhereOf(int component) => $"line {line}";

    /// <summary>The id of the data set that the header gives; taken where nothing says more.</summary>
    public SdmxReference? HeaderDataSet => SdmxReference.Parse(headerDataSet);

    /// <summary>Counts the observation's components, in a survey.</summary>
    public void Count()
    {
        Set.Observations++;
        for (var i = 0; i < Set.Components.Count; i++)
            if (!string.IsNullOrEmpty(row[i]))
                Set.Components[i].Filled++;
    }

    /// <inheritdoc/>
    public override bool Read()
    {
        try
        {
            while (Next())
            {
                if (xml.NodeType == XmlNodeType.Element ? Element() : xml.NodeType == XmlNodeType.EndElement && EndElement())
                    return true;
            }
            return false;
        }
        catch (XmlException e)
        {
            throw Unreadable.Because(
                "xml-invalid",
                $"The XML is broken in line {e.LineNumber}: {e.Message}",
                $"line {e.LineNumber}",
                expected: "well-formed XML without a document type declaration",
                advice: "Export the message again; the transfer may have been cut off.",
                inner: e);
        }
        catch (InvalidDataException e)
        {
            throw Unreadable.Because(
                "xml-too-large",
                $"The XML has {e.Message}, in line {place.LineNumber}.",
                $"line {place.LineNumber}",
                found: e.Message,
                expected: "the elements of an SDMX message",
                advice: "Check that the file is the message that was meant.",
                inner: e);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        xml.Dispose();
        base.Dispose(disposing);
    }

    private bool Next()
    {
        text.Mark();
        if (pending)
        {
            pending = false;
            return !xml.EOF;
        }
        if (!xml.Read())
            return false;
        text.Forget(place.LineNumber);
        if (xml.Depth > MaxDepth)
            throw new InvalidDataException($"elements nested deeper than {MaxDepth}");
        return true;
    }

    /// <summary>Takes a start tag; true when it was a whole observation.</summary>
    private bool Element()
    {
        var name = xml.LocalName;
        if (xml.Depth == 0)
        {
            isCrossSectional = name == "CrossSectionalData";
            if (!IsMessage(name))
            {
                throw Unreadable.Because("format-not-supported", $"The SDMX message is of a kind that is not read: {name}.", $"line {place.LineNumber}", name,
                    "data (generic, structure-specific, compact or cross-sectional) or a structure", "Send the data themselves.");
            }
        }
        if (DataSet < 0 || open.Count == 0)
        {
            Outside(name);
            return false;
        }
        switch (name)
        {
            case "Annotations":
                xml.Skip();
                pending = true;
                return false;
            case "KeyFamilyRef":
                Set.Reference ??= SdmxReference.Parse(Content());
                return false;
            case "Series" or "Section":
                groupHasSeries |= group is not null;
                Push(name);
                Attributes(false);
                if (xml.IsEmptyElement)
                    Pop();
                return false;
            case "Obs" when !isCrossSectional:
                return Observation();
            case "Group" or "Atts" when !isCrossSectional:
                return Group(name);
            case "Group":
                Push(name);
                Attributes(false);
                if (xml.IsEmptyElement)
                    Pop();
                return false;
            case "SeriesKey" or "ObsKey" or "GroupKey" or "Attributes":
                if (!xml.IsEmptyElement)
                    open.Push((name, xml.Depth));
                message.IsGeneric = true;
                return false;
            case "Value" when open.Peek().Name is "SeriesKey" or "ObsKey" or "GroupKey" or "Attributes":
                KeyValue(open.Peek().Name);
                return false;
            case "ObsDimension":
                Put(xml.GetAttribute("id") ?? Set.DimensionAtObservation ?? "TIME_PERIOD", xml.GetAttribute("value"), SdmxRole.Dimension);
                message.IsGeneric = true;
                return false;
            case "Time" when inObservation:
                Put("TIME_PERIOD", Content(), SdmxRole.Time);
                return false;
            case "ObsValue":
                Measure();
                return false;
            case "Comp":
                Component();
                return false;
        }
        if (isCrossSectional && open.Peek().Name == "Section")
            return CrossSection(name);
        // SDMX 2.0 names an element after the group in a compact message
        return open.Peek().Name == "DataSet" && xml.HasAttributes && Group(name);
    }

    private void Outside(string name)
    {
        switch (name)
        {
            case "Header":
                if (DataSet < 0)
                    Header(Load());
                break;
            case "DataSet":
                BeginDataSet();
                break;
            case "Footer" or "ErrorMessage":
                var said = string.Join(" ", Load().DescendantNodes().OfType<XText>().Select(t => t.Value.Trim()).Where(t => t.Length > 0));
                message.Notice ??= said.Length > 0 ? said : null;
                break;
            default:
                if (!SdmxStructures.Takes(name) || xml.Depth == 0)
                    break;
                if (isSurvey)
                {
                    message.Structures.Read(xml, Load);
                }
                else
                {
                    xml.Skip();
                    pending = true;
                }
                break;
        }
    }

    private void Header(XElement header)
    {
        XElement? Child(string name) => header.Elements().FirstOrDefault(e => e.Name.LocalName == name);
        headerAction = Child("DataSetAction")?.Value.Trim();
        headerDataSet = Child("DataSetID")?.Value.Trim();
        foreach (var structure in header.Elements().Where(e => e.Name.LocalName == "Structure"))
            headers.Add(((string?)structure.Attribute("structureID"), SdmxStructures.Target(structure), (string?)structure.Attribute("dimensionAtObservation")));
        if (headers.Count == 0 && SdmxReference.Parse(Child("KeyFamilyRef")?.Value) is { } family)
            headers.Add((null, family with { Agency = family.Agency ?? Child("KeyFamilyAgency")?.Value.Trim() }, null));
    }

    private void BeginDataSet()
    {
        DataSet++;
        level = 0;
        Array.Clear(layers[0]);
        if (isSurvey)
        {
            if (message.DataSets.Count == MaxDataSets)
                throw new InvalidDataException($"more than {MaxDataSets} data sets");
            var reference = xml.GetAttribute("structureRef") ?? AttributeNamed("structureRef");
            var header = headers.Find(h => h.Id is not null && h.Id == reference);
            if (header.Reference is null && headers.Count == 1)
                header = headers[0];
            var flow = xml.GetAttribute("dataflowID") ?? AttributeNamed("dataflowID");
            message.DataSets.Add(new SdmxDataSet
            {
                Reference = header.Reference ?? SdmxReference.Parse(flow),
                Action = xml.GetAttribute("action") ?? AttributeNamed("action") ?? headerAction,
                DimensionAtObservation = header.AtObservation is "AllDimensions" ? null : header.AtObservation,
                Observations = 0,
                Where = $"line {place.LineNumber}",
            });
            message.Parts.Add((new Dictionary<string, int>(StringComparer.Ordinal), new SdmxGroups()));
        }
        if (Set.Components.Count > row.Length)
            Grow(Set.Components.Count);
        if (!xml.IsEmptyElement)
            open.Push(("DataSet", xml.Depth));
        // a cross-sectional message may put dimensions here
        Attributes(!isCrossSectional);
    }

    /// <summary>An attribute by its local name, whatever namespace it is in.</summary>
    private string? AttributeNamed(string name)
    {
        string? value = null;
        while (xml.MoveToNextAttribute())
            if (xml.LocalName == name)
                value ??= xml.Value;
        xml.MoveToElement();
        return value;
    }

    private bool Observation()
    {
        Begin();
        Attributes(false);
        if (Set.DimensionAtObservation is { } id && id != "TIME_PERIOD" && xml.GetAttribute("type", "http://www.w3.org/2001/XMLSchema-instance") is { } type
            && !message.IsGeneric && xml.GetAttribute(id) is null)
        {
            // an explicit measure: the type of the element is the code of the measure dimension
            Put(id, type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..], SdmxRole.Dimension);
        }
        if (!xml.IsEmptyElement)
        {
            open.Push(("Obs", xml.Depth));
            return false;
        }
        return Finish();
    }

    private void Begin()
    {
        line = place.LineNumber;
        Array.Clear(spans);
        if (!isSurvey)
            start = text.At(place.LineNumber, place.LinePosition - 1);
        level++;
        if (layers.Count == level)
            layers.Add(new string?[row.Length]);
        layers[level - 1].CopyTo(layers[level].AsSpan());
        inObservation = true;
    }

    /// <summary>Ends an observation: the reader moves on to what follows, where the observation's text ends.</summary>
    private bool Finish()
    {
        inObservation = false;
        layers[level].CopyTo(row.AsSpan());
        level--;
        if (!isSurvey)
        {
            message.Parts[DataSet].Groups.Apply(row);
            // only an observation without a value is told by the whole of its element
            if (!Array.Exists(spans, s => s.End > 0))
            {
                Next();
                pending = true;
                var lead = xml.NodeType switch { XmlNodeType.Element => 1, XmlNodeType.EndElement => 2, XmlNodeType.Comment => 4, XmlNodeType.CDATA => 9, XmlNodeType.ProcessingInstruction => 2, _ => 0 };
                end = text.At(place.LineNumber, place.LinePosition - lead);
            }
        }
        return true;
    }

    private bool CrossSection(string name)
    {
        Begin();
        Attributes(false);
        var value = xml.GetAttribute("value");
        if (xml.MoveToAttribute("value"))
        {
            Span("OBS_VALUE");
            xml.MoveToElement();
        }
        Put("OBS_VALUE", value, SdmxRole.Measure);
        if (name is not "OBS_VALUE")
            Put("MEASURE", name, SdmxRole.Dimension);
        if (!xml.IsEmptyElement)
        {
            open.Push((name, xml.Depth));
            return false;
        }
        return Finish();
    }

    private void Measure()
    {
        var value = xml.GetAttribute("value");
        if (xml.MoveToAttribute("value"))
        {
            Span("OBS_VALUE");
            xml.MoveToElement();
        }
        Put("OBS_VALUE", value, SdmxRole.Measure);
    }

    /// <summary>Notes where the value of the attribute that the reader stands on begins and ends.</summary>
    private void Span(string id)
    {
        var at = IndexOf(id, SdmxRole.Measure);
        if (isSurvey || !xml.ReadAttributeValue())
            return;
        var from = text.At(place.LineNumber, place.LinePosition);
        var length = xml.Value.Length;
        // an empty value is no place to look at
        spans[at] = length == 0 ? default : (from, from + length);
    }

    private void KeyValue(string within)
    {
        var (id, value) = (xml.GetAttribute("id") ?? xml.GetAttribute("concept"), xml.GetAttribute("value"));
        if (id is null)
            return;
        if (group is not null && !inObservation && !open.Any(o => o.Name == "Series"))
        {
            group.Add((id, value ?? ""));
            // a key in SDMX 2.0 may enclose its series
            Put(id, value, within == "GroupKey" ? SdmxRole.Dimension : SdmxRole.Attribute);
            return;
        }
        Put(id, value, within == "Attributes" ? SdmxRole.Attribute : SdmxRole.Dimension);
    }

    private bool Group(string name)
    {
        group = [];
        groupHasSeries = false;
        while (xml.MoveToNextAttribute())
            if (xml.NamespaceURI.Length == 0 && xml.LocalName != "type")
                group.Add((xml.LocalName, xml.Value));
        xml.MoveToElement();
        if (xml.IsEmptyElement)
            EndGroup();
        else
            Push(name);
        return false;
    }

    private void EndGroup()
    {
        var groups = message.Parts[DataSet].Groups;
        if (isSurvey && !groupHasSeries && group is { Count: > 0 })
        {
            if (groups.IsFull)
                throw new InvalidDataException("too many groups");
            groups.Add(group.Where(value => value.Value.Length > 0));
        }
        group = null;
    }

    /// <summary>Takes the attributes of a structure-specific element that are the data's own.</summary>
    private void Attributes(bool ofDataSet)
    {
        var isDataSet = xml.LocalName == "DataSet";
        while (xml.MoveToNextAttribute())
        {
            if (xml.NamespaceURI.Length > 0 || (isDataSet && OfDataSet.Contains(xml.LocalName)) || xml.LocalName is "xmlns" || (isCrossSectional && xml.LocalName == "value"))
                continue;
            var at = IndexOf(xml.LocalName, ofDataSet ? SdmxRole.Attribute : SdmxRole.Unknown);
            layers[level][at] = xml.Value is { Length: > 0 } value ? value : null;
            if (!isSurvey && inObservation && Set.Components[at].Role == SdmxRole.Measure)
                Span(xml.LocalName);
        }
        xml.MoveToElement();
    }

    /// <summary>A component with several values, or in several languages (SDMX 3.0).</summary>
    private void Component()
    {
        var element = Load();
        if ((string?)element.Attribute("id") is not { Length: > 0 } id)
            return;
        var values = new List<string>();
        foreach (var value in element.Elements().Where(e => e.Name.LocalName == "Value"))
        {
            var texts = value.Elements().Where(e => e.Name.LocalName is "Text" or "StructuredText").ToList();
            var plain = texts.Count > 0 ? SdmxText.Localised(texts.Select(t => KeyValuePair.Create((string?)t.Attribute(XNamespace.Xml + "lang") ?? "en", t.Value.Trim()))) : value.Value.Trim();
            if (plain.Length > 0)
                values.Add(plain);
        }
        if (values.Count == 0)
            return;
        if (group is not null && !inObservation && open.Peek().Name is not "Series")
            group.Add((id, SdmxText.Joined(values)));
        else
            Put(id, SdmxText.Joined(values), SdmxRole.Unknown);
    }

    private bool EndElement()
    {
        if (open.Count == 0 || open.Peek().Depth != xml.Depth)
            return false;
        var (name, _) = open.Pop();
        switch (name)
        {
            case "SeriesKey" or "ObsKey" or "GroupKey" or "Attributes" or "DataSet":
                return false;
            case "Series" or "Section":
                level--;
                return false;
            case "Obs":
                return Finish();
            default:
                if (inObservation)
                    return Finish();
                level--;
                if (group is not null)
                    EndGroup();
                return false;
        }
    }

    private void Push(string name)
    {
        if (!xml.IsEmptyElement)
            open.Push((name, xml.Depth));
        level++;
        if (layers.Count == level)
            layers.Add(new string?[row.Length]);
        layers[level - 1].CopyTo(layers[level].AsSpan());
    }

    private void Pop() => level--;

    private void Put(string id, string? value, SdmxRole role)
    {
        // first: it may make the layers longer
        var at = IndexOf(id, role);
        layers[level][at] = string.IsNullOrEmpty(value) ? null : value;
    }

    private int IndexOf(string id, SdmxRole role)
    {
        var (index, _) = message.Parts[DataSet];
        if (!index.TryGetValue(id, out var at))
        {
            at = Set.Components.Count;
            if (at == MaxComponents)
                throw new InvalidDataException($"more than {MaxComponents} components");
            index.Add(id, at);
            Set.Components.Add(new SdmxComponent(id) { Role = role });
        }
        else if (isSurvey && role is SdmxRole.Dimension or SdmxRole.Measure && Set.Components[at].Role is SdmxRole.Unknown or SdmxRole.Attribute)
        {
            // a key says more than an attribute of the same name elsewhere
            Set.Components[at].Role = role;
        }
        if (at >= row.Length)
            Grow(at * 2);
        return at;
    }

    private void Grow(int size)
    {
        Array.Resize(ref row, size);
        Array.Resize(ref spans, size);
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            Array.Resize(ref layer, size);
            layers[i] = layer;
        }
    }

    private string Content()
    {
        if (xml.IsEmptyElement)
            return "";
        var depth = xml.Depth;
        var content = "";
        while (xml.Read() && xml.Depth > depth)
            if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
                content += xml.Value;
        return content.Trim();
    }

    private XElement Load()
    {
        text.Mark(true);
        using var part = xml.ReadSubtree();
        return XElement.Load(part);
    }

    private static bool IsMessage(string root) => root is "Structure" or "GenericData" or "GenericTimeSeriesData" or "StructureSpecificData" or "StructureSpecificTimeSeriesData"
        or "CompactData" or "CrossSectionalData" or "MessageGroup" or "Error" or "RegistryInterface";

    /// <summary>The names of a message's elements and attributes, which the reader keeps: a bounded number.</summary>
    private sealed class BoundedNames : NameTable
    {
        private const int Most = 100_000;
        private int added;

        public override string Add(char[] key, int start, int len) => Get(key, start, len) ?? (++added > Most ? throw TooMany() : base.Add(key, start, len));

        public override string Add(string key) => Get(key) ?? (++added > Most ? throw TooMany() : base.Add(key));

        private static InvalidDataException TooMany() => new($"more than {Most} different names of elements and attributes");
    }
}
