using System.Text.Json.Serialization;
using Pipeline.Understanding;

namespace Pipeline.Publishing;

/// <summary>
/// The structure of a dataset at one version: what stands in <c>lake/{dataset}/_structure/{version:020}.json</c> beside the Delta log, and in the index.
/// </summary>
public sealed record DatasetStructure
{
    /// <summary>The dataset's id.</summary>
    public required string Id { get; init; }

    /// <summary>The title per language; the first file's name under <c>und</c> when no release ever gave one.</summary>
    public required IReadOnlyDictionary<string, string> Title { get; init; }

    /// <summary>The dimensions, then TIME_PERIOD, then the attributes; codes in ordinal order of their ids.</summary>
    public required IReadOnlyList<DatasetComponent> Components { get; init; }

    /// <summary>The decimals of the OBS_VALUE column; the precision is 18, or 28 where 18 digits do not hold every value.</summary>
    public required int ValueScale { get; init; }

    /// <summary>18, or 28 where 18 digits do not hold every value with <see cref="ValueScale"/> decimals.</summary>
    public required int ValuePrecision { get; init; }

    /// <summary>The most digits that any value has had before its decimal point.</summary>
    public int ValueIntegerDigits { get; init; } = 1;

    /// <summary>How the tables were read, for the next release to follow; null when no release had tables that had to be understood.</summary>
    public Profile? Profile { get; init; }

    /// <summary>The number of dimensions before TIME_PERIOD.</summary>
    [JsonIgnore]
    public int TimeIndex => Components.TakeWhile(c => c.Role == ComponentRole.Dimension).Count();

    /// <summary>The component with an id, or null.</summary>
    public DatasetComponent? Find(string id) => Components.FirstOrDefault(c => c.Id == id);
}

/// <summary>A dimension or an attribute of a dataset.</summary>
/// <param name="Id">The concept's id, which is the column's name in the lake.</param>
/// <param name="Role">What it does.</param>
/// <param name="Labels">The label per language.</param>
/// <param name="Codes">Its codes, in ordinal order of their ids.</param>
public sealed record DatasetComponent(
    string Id,
    ComponentRole Role,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<Code> Codes)
{
    /// <summary>The places in <see cref="Codes"/> in the order in which the office lists the codes; null where that is the ordinal order, and for TIME_PERIOD.</summary>
    public IReadOnlyList<int>? Order { get; init; }

    /// <summary>The places in <see cref="Codes"/> in the order in which codes are shown.</summary>
    [JsonIgnore]
    public IEnumerable<int> Places => Order ?? Enumerable.Range(0, Codes.Count);

    /// <summary>The codes in the order in which they are shown.</summary>
    [JsonIgnore]
    public IEnumerable<Code> InOrder => Order?.Select(place => Codes[place]) ?? Codes;

    /// <summary>The component with some of its codes only.</summary>
    public DatasetComponent Only(IReadOnlySet<string> ids)
    {
        var places = new int[Codes.Count];
        var kept = new List<Code>();
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = ids.Contains(Codes[i].Id) ? kept.Count : -1;
            if (places[i] >= 0)
                kept.Add(Codes[i]);
        }
        return this with { Codes = kept, Order = Order is null ? null : CodeOrder.OrNull([.. Order.Select(place => places[place]).Where(place => place >= 0)]) };
    }
}

/// <summary>A dataset as the catalogue lists it.</summary>
public sealed record DatasetSummary
{
    /// <summary>The dataset's id.</summary>
    public required string Id { get; init; }

    /// <summary>The title per language.</summary>
    public required IReadOnlyDictionary<string, string> Title { get; init; }

    /// <summary>The latest version.</summary>
    public required DatasetVersion Latest { get; init; }

    /// <summary>The dimensions' ids, without TIME_PERIOD.</summary>
    public required IReadOnlyList<string> Dimensions { get; init; }
}

/// <summary>A version of a dataset: its state after one publication.</summary>
public sealed record DatasetVersion
{
    /// <summary>The most units that a version lists: the catalogue has to stay small, also beside a unit column full of remarks.</summary>
    public const int MaxUnits = 1_000;

    /// <summary>The number, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>When it was published (UTC): the moment of the commit.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>The id of the release that made it.</summary>
    public required string Release { get; init; }

    /// <summary>1 for what the release itself brought, 2 for figures that an official has said yes to afterwards.</summary>
    public int Part { get; init; } = 1;

    /// <summary><c>update</c> or <c>replace</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The Parquet file with all observations of the version: a blob's name in the container <c>lake</c>.</summary>
    public required string File { get; init; }

    /// <summary>The file's length in bytes.</summary>
    public required long FileBytes { get; init; }

    /// <summary>The structure's blob in the container <c>lake</c>.</summary>
    public required string StructureFile { get; init; }

    /// <summary>Observations in the version.</summary>
    public required long Observations { get; init; }

    /// <summary>Observations that the release put into the version, whether they were there before or not.</summary>
    public long Taken { get; init; }

    /// <summary>Series in the version.</summary>
    public required long Series { get; init; }

    /// <summary>Observations that the version before did not have.</summary>
    public required long Added { get; init; }

    /// <summary>Observations whose value, status or unit differs from the version before.</summary>
    public required long Revised { get; init; }

    /// <summary>Observations of the version before that are gone (mode <c>replace</c>).</summary>
    public required long Removed { get; init; }

    /// <summary>The first TIME_PERIOD; null when no observation has one.</summary>
    public string? TimeFrom { get; init; }

    /// <summary>The last TIME_PERIOD; null when no observation has one.</summary>
    public string? TimeTo { get; init; }

    /// <summary>The units that occur, as codes: the first <see cref="MaxUnits"/>; the structure has them all.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];
}

/// <summary>A series with its latest observation.</summary>
/// <param name="Key">The codes of the dimensions, in the structure's order.</param>
/// <param name="TimePeriod">The latest TIME_PERIOD; null when the series has no period.</param>
/// <param name="Value">Its value with the decimals shown; null when it is missing.</param>
/// <param name="Status">Its OBS_STATUS.</param>
/// <param name="Unit">Its UNIT_MEASURE.</param>
/// <param name="UnitMult">Its UNIT_MULT.</param>
/// <param name="FirstPeriod">The series' first TIME_PERIOD.</param>
/// <param name="Count">How many observations the series has.</param>
public sealed record SeriesSummary(
    IReadOnlyList<string> Key,
    string? TimePeriod,
    decimal? Value,
    string Status,
    string Unit,
    int UnitMult,
    string? FirstPeriod,
    int Count);
