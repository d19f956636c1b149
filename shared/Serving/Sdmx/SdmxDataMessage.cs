using System.Security.Cryptography;
using System.Text;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>What the data of a message belong to: a dataflow or a data structure.</summary>
/// <param name="Context"><c>dataflow</c> or <c>datastructure</c>.</param>
/// <param name="Agency">The agency's id.</param>
/// <param name="Id">The artefact's id.</param>
/// <param name="Version">Its version, as the generation of the API writes it.</param>
internal sealed record SdmxTarget(string Context, string Agency, string Id, string Version)
{
    /// <summary><c>AGENCY:ID(VERSION)</c></summary>
    public string Reference => $"{Agency}:{Id}({Version})";

    /// <summary>The URN.</summary>
    public string Urn => $"urn:sdmx:org.sdmx.infomodel.datastructure.{(Context == "dataflow" ? "Dataflow" : "DataStructure")}={Reference}";
}

/// <summary>Observations of one version in a message.</summary>
internal sealed record SdmxDataSet
{
    /// <summary>The version.</summary>
    public required DatasetAtVersion At { get; init; }

    /// <summary>Which observations of it.</summary>
    public required DataQuery Query { get; init; }

    /// <summary>A version that it is compared with: only what differs from it; null for all that the query gives.</summary>
    public DatasetAtVersion? ComparedWith { get; init; }

    /// <summary>Whether the version that it is compared with is the later one: then only what is gone from it.</summary>
    public bool IsGone => Action == "Delete";

    /// <summary><c>Information</c>, <c>Append</c>, <c>Replace</c>, <c>Merge</c> or <c>Delete</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Since when the values hold; null where the request does not ask for that.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when they held.</summary>
    public DateTimeOffset? ValidTo { get; init; }
}

/// <summary>A structure of a message and the data sets that it describes.</summary>
/// <param name="Artefact">What the data belong to.</param>
/// <param name="At">The newest of the versions.</param>
/// <param name="Layout">What is shown of it.</param>
/// <param name="DataSets">The data sets, oldest first.</param>
internal sealed record SdmxDescribed(SdmxTarget Artefact, DatasetAtVersion At, SdmxLayout Layout, IReadOnlyList<SdmxDataSet> DataSets)
{
    /// <summary>The data structure.</summary>
    public SdmxTarget Definition => Artefact with { Context = "datastructure", Id = SdmxIds.DataStructure(At.Structure.Id) };
}

/// <summary>A data message, before it is put into a format.</summary>
internal sealed record SdmxDataMessage
{
    /// <summary>Who sends it.</summary>
    public required SdmxAgency Sender { get; init; }

    /// <summary>The structures with their data sets.</summary>
    public required IReadOnlyList<SdmxDescribed> Structures { get; init; }

    /// <summary>The languages that the client reads, best first.</summary>
    public required IReadOnlyList<string> Languages { get; init; }

    /// <summary>Gives the rows of a data set, with the columns that are wanted.</summary>
    public required Func<SdmxDataSet, bool[], CancellationToken, IAsyncEnumerable<Match>> Rows { get; init; }

    /// <summary>The same text for the same message; <see cref="Id"/> is made of it.</summary>
    public required string Identity { get; init; }

    /// <summary>The message's id: the same message has the same bytes, hence the same id.</summary>
    public string Id => "M" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Identity)).AsSpan(0, 12));

    /// <summary>When it was prepared: when the newest version in it was published, for the same reason.</summary>
    public DateTimeOffset Prepared => Structures.Max(s => s.At.Version.PublishedAt);

    /// <summary>A name in the language that the client likes best of those there are.</summary>
    public string NameOf(SdmxDescribed structure, IReadOnlyDictionary<string, string> labels) => ObservationCsv.Label(labels, LanguagesOf(structure));

    /// <summary>The languages of a structure's names, best first.</summary>
    public IReadOnlyList<string> LanguagesOf(SdmxDescribed structure) => [.. Languages, .. DataRequest.LanguagesOf(structure.At.Structure, null)];

    /// <summary>An instant as all formats write it.</summary>
    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>When a version begins or ends to be valid, to the tick: put to <c>asOf</c>, it gives that version.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The rows of a data set with the columns that a layout shows.</summary>
    public IAsyncEnumerable<Match> RowsOf(SdmxDescribed structure, SdmxDataSet set, CancellationToken cancellationToken) =>
        Rows(set, SdmxCells.Wanted(set.At, [.. structure.Layout.Dimensions, .. structure.Layout.Attributes], structure.Layout.HasValue), cancellationToken);
}
