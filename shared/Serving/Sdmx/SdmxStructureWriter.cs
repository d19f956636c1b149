using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Writes a structure message, kind by kind, artefact by artefact, code by code, without holding it in memory.</summary>
internal abstract class SdmxStructureWriter(SdmxMessage message) : IDisposable
{
    private const int FlushBytes = 32 << 10;

    protected SdmxMessage Message => message;

    protected SdmxUrns Urns { get; } = new(message.Agency, message.Rest);

    /// <summary>The kinds in the order of the format.</summary>
    protected abstract IReadOnlyList<SdmxKind> Order { get; }

    /// <summary>How many bytes wait to be sent.</summary>
    protected abstract int Waiting { get; }

    /// <summary>Writes a message in its format.</summary>
    public static async Task WriteAsync(SdmxMessage message, Stream to, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using SdmxStructureWriter writer = message.Format.IsXml ? new SdmxStructureXml(message, buffer) : new SdmxStructureJson(message, buffer);
        writer.Begin();
        foreach (var kind in writer.Order)
        {
            var isFirst = true;
            foreach (var artefact in message.Artefacts)
            {
                if (artefact.Kind != kind)
                    continue;
                if (isFirst)
                    writer.BeginKind(kind);
                isFirst = false;
                await writer.ArtefactAsync(artefact, SendAsync, cancellationToken);
            }
            if (!isFirst)
                writer.EndKind(kind);
        }
        writer.End();
        await SendAsync(true);

        async ValueTask SendAsync(bool anyway)
        {
            if (writer.Waiting < FlushBytes && !anyway)
                return;
            writer.Flush();
            await to.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
            buffer.SetLength(0);
        }
    }

    public void Dispose() => Dispose(true);

    protected abstract void Dispose(bool disposing);

    protected abstract void Begin();

    protected abstract void BeginKind(SdmxKind kind);

    protected abstract void EndKind(SdmxKind kind);

    protected abstract void End();

    /// <summary>Brings what was written into the buffer.</summary>
    protected abstract void Flush();

    protected abstract void AgencyScheme(SdmxArtefact artefact);

    protected abstract void Dataflow(SdmxArtefact artefact, IReadOnlyDictionary<string, string> title);

    protected abstract void DataStructure(SdmxArtefact artefact, DatasetAtVersion at);

    protected abstract void ConceptScheme(SdmxArtefact artefact, DatasetAtVersion at);

    protected abstract void BeginCodelist(SdmxArtefact artefact, DatasetAtVersion at, int component, bool hasCodes);

    protected abstract void Code(SdmxArtefact artefact, Understanding.Code code);

    protected abstract void EndCodelist(bool hasCodes);

    protected abstract void Constraint(SdmxArtefact artefact, DatasetAtVersion at, SdmxAvailability availability);

    /// <summary>The concepts of a dataset: its components (SDMX's ids), OBS_VALUE, and what tells of each observation where it is from.</summary>
    public static IEnumerable<(string Id, IReadOnlyDictionary<string, string> Names)> Concepts(DatasetAtVersion at)
    {
        for (var c = 0; c < at.Components.Count; c++)
        {
            if (c != at.TimeIndex || SdmxNames.HasTime(at))
                yield return (SdmxIds.OfComponent(at.Components[c].Id), at.Components[c].Labels);
            if (c == at.TimeIndex)
                yield return (Understanding.Concepts.ObsValue, SdmxNames.OfColumn(Understanding.Concepts.ObsValue));
        }
        foreach (var id in Columns)
            yield return (id, SdmxNames.OfColumn(id));
    }

    /// <summary>The attributes that are no components of the structure.</summary>
    public static IReadOnlyList<string> Columns { get; } = [Understanding.Concepts.SourceId, Understanding.Concepts.Decimals, "RELEASE"];

    private async Task ArtefactAsync(SdmxArtefact artefact, Func<bool, ValueTask> sendAsync, CancellationToken cancellationToken)
    {
        if (artefact.Kind == SdmxKind.AgencyScheme)
        {
            AgencyScheme(artefact);
            return;
        }
        if (artefact is { Kind: SdmxKind.Dataflow, Title: { } title })
        {
            Dataflow(artefact, title);
            await sendAsync(false);
            return;
        }
        var at = await message.At(artefact.Dataset, artefact.Version, cancellationToken);
        artefact = artefact with { PublishedAt = at.Version.PublishedAt };
        switch (artefact.Kind)
        {
            case SdmxKind.Dataflow:
                Dataflow(artefact, at.Structure.Title);
                break;
            case SdmxKind.DataStructure:
                DataStructure(artefact, at);
                break;
            case SdmxKind.ConceptScheme:
                ConceptScheme(artefact, at);
                break;
            case SdmxKind.Constraint:
                Constraint(artefact, at, artefact.Availability!);
                break;
            case SdmxKind.Codelist:
                var component = at.IndexOf(artefact.Component);
                var codes = at.Components[component].Codes;
                var hasCodes = artefact.Detail == SdmxDetail.Full && codes.Any(code => IsGiven(artefact, code));
                BeginCodelist(artefact, at, component, hasCodes);
                foreach (var (i, code) in hasCodes ? at.Components[component].InOrder.Index() : [])
                {
                    if (IsGiven(artefact, code))
                        Code(artefact, code);
                    if (i % 128 == 127)
                        await sendAsync(false);
                }
                EndCodelist(hasCodes);
                break;
        }
        await sendAsync(false);
    }

    // The empty code is none.
    private static bool IsGiven(SdmxArtefact artefact, Understanding.Code code) => code.Id.Length > 0 && artefact.Items?.Contains(SdmxIds.OfCode(code.Id)) != false;
}
