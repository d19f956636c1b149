using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>The kinds of artefacts that are served.</summary>
internal enum SdmxKind
{
    AgencyScheme,
    Dataflow,
    Codelist,
    ConceptScheme,
    DataStructure,
    Constraint,
}

/// <summary>How much of an artefact an answer has.</summary>
internal enum SdmxDetail
{
    /// <summary>All of it.</summary>
    Full,

    /// <summary>What identifies it, and its name.</summary>
    Stub,
}

/// <summary>An artefact of an answer.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Dataset">Whose it is; empty for the agency scheme.</param>
/// <param name="Version">The dataset's version.</param>
/// <param name="Detail">How much of it is given.</param>
internal sealed record SdmxArtefact(SdmxKind Kind, string Dataset, int Version, SdmxDetail Detail)
{
    /// <summary>The component whose codelist it is; else empty.</summary>
    public string Component { get; init; } = "";

    /// <summary>The ids (SDMX's) of the items that are given; null for all.</summary>
    public IReadOnlySet<string>? Items { get; init; }

    /// <summary>What a constraint says.</summary>
    public SdmxAvailability? Availability { get; init; }

    /// <summary>The title, where it is known without the structure; only dataflows can do without.</summary>
    public IReadOnlyDictionary<string, string>? Title { get; init; }

    /// <summary>When the version was published, where it is known without the structure.</summary>
    public DateTimeOffset PublishedAt { get; init; }
}

/// <summary>The values that observations have, of some components.</summary>
/// <param name="Values">Of each component the numbers of its codes, in order.</param>
/// <param name="Periods">The first day and the last of their periods, where TIME_PERIOD is among them.</param>
/// <param name="Observations">How many observations match.</param>
/// <param name="Series">How many series match.</param>
internal sealed record SdmxAvailability(IReadOnlyList<(int Component, IReadOnlyList<int> Codes)> Values, (string From, string To)? Periods, long Observations, long Series);

/// <summary>A structure message.</summary>
internal sealed record SdmxMessage
{
    public required SdmxRest Rest { get; init; }

    public required SdmxFormat Format { get; init; }

    public required SdmxAgency Agency { get; init; }

    /// <summary>The artefacts, each kind's together.</summary>
    public required IReadOnlyList<SdmxArtefact> Artefacts { get; init; }

    /// <summary>When it was prepared: the same for the same answer, so when the latest of it was published.</summary>
    public required DateTimeOffset Prepared { get; init; }

    /// <summary>The languages of names, best first.</summary>
    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>Gives a dataset at a version.</summary>
    public required Func<string, int, CancellationToken, Task<DatasetAtVersion>> At { get; init; }
}
