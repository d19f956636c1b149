using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Understanding;

/// <summary>
/// How a dataset's tables are read: kept with every version and followed by the next release, or written by hand. <c>docs/profile.md</c> tells it for people,
/// <c>docs/profile.schema.json</c> is its JSON Schema.
/// </summary>
public sealed record Profile
{
    /// <summary>The name of the file beside the uploads that an official's own profile has.</summary>
    public const string FileName = "profile.json";

    /// <summary>The most bytes that a profile written by hand may have.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxTables = 500;
    private static readonly JsonSerializerOptions Strict = new(Json.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 16 };

    /// <summary>The address of the schema, for editors; not looked at.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>The tables, in the release's order.</summary>
    public IReadOnlyList<ProfileTable> Tables { get; init; } = [];

    /// <summary>Codes for labels, by dimension: a label that was renamed keeps the code that it is given here.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Codes { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Reads a profile that was written by hand.</summary>
    /// <param name="json">The UTF-8 bytes.</param>
    /// <exception cref="UnreadableReleaseException">They are no profile; the finding <c>profile-invalid</c> says where and why.</exception>
    public static Profile Parse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxBytes)
            throw Invalid(FileName, $"{json.Length:N0} bytes", $"at most {MaxBytes:N0} bytes");
        if (json.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            json = json[3..];
        Profile profile;
        try
        {
            profile = JsonSerializer.Deserialize<Profile>(json, Strict) ?? throw Invalid(FileName, "null", "an object");
        }
        catch (JsonException e)
        {
            throw Invalid($"{FileName}, {e.Path ?? "$"}, line {(e.LineNumber ?? 0) + 1}", e.Message, "what docs/profile.schema.json describes", e);
        }
        profile.Check();
        return profile;
    }

    private void Check()
    {
        if (Tables.Count > MaxTables)
            throw Invalid("$.tables", $"{Tables.Count:N0} tables", $"at most {MaxTables}");
        for (var t = 0; t < Tables.Count; t++)
        {
            var at = $"$.tables[{t}]";
            if (Tables[t] is not { } table)
                throw Invalid(at, "null", "a table");
            if (table.DecimalMark is not (null or "." or ","))
                throw Invalid(at + ".decimalMark", table.DecimalMark, ". or ,");
            if (table.DateOrder is not (null or ProfileTable.DayFirst or ProfileTable.MonthFirst))
                throw Invalid(at + ".dateOrder", table.DateOrder, ProfileTable.DayFirst + " or " + ProfileTable.MonthFirst);
            foreach (var id in (table.Heads ?? []).Append(table.Groups ?? Concepts.Indicator))
                if (!IsFree(id))
                    throw Invalid(at, id ?? "null", IdRule);
            CheckUnit(at + ".unit", table.Unit);
            for (var c = 0; c < (table.Columns ?? []).Count; c++)
            {
                var (column, place) = (table.Columns![c], $"{at}.columns[{c}]");
                if (column?.Words is null)
                    throw Invalid(place, "null", "a column with its words");
                if (column.Id is not null && !IsFree(column.Id))
                    throw Invalid(place + ".id", column.Id, IdRule);
                CheckUnit(place + ".unit", column.Unit);
            }
        }
        foreach (var (id, codes) in Codes)
            foreach (var (label, code) in codes ?? throw Invalid("$.codes." + id, "null", "an object of codes by label"))
                if (code is null || !Labels.IsCode(code))
                    throw Invalid($"$.codes.{id}.{label}", code ?? "null", "a code of letters, digits, _, -, $ and @");
    }

    private const string IdRule = "the id of a dimension or an attribute: a letter, then letters, digits and _; none that every dataset has";

    // What every cube or every file has beside its dimensions.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "DATASET", "RELEASE", CubeBuilder.TableId, CubeBuilder.Symbol, CrossTable.TitleId, CrossTable.SeriesCodeId, Stub.LineId, Concepts.Freq, Concepts.TimePeriod,
        Concepts.ObsValue, Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult, Concepts.SourceId, Concepts.Decimals,
    };

    /// <summary>Whether a profile may give an id to a column.</summary>
    internal static bool IsFree(string? id) =>
        id is { Length: > 0 and <= Labels.MaxCode + 20 } && char.IsAsciiLetter(id[0]) && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !Reserved.Contains(id);

    private static void CheckUnit(string at, ProfileUnit? unit)
    {
        if (unit is not null && (!Labels.IsCode(unit.Id) || unit.Multiplier is < -30 or > 30))
            throw Invalid(at, $"{unit.Id}, {unit.Multiplier}", "a code of UNIT_MEASURE, and a power of ten from -30 to 30");
    }

    private static UnreadableReleaseException Invalid(string where, string found, string expected, Exception? inner = null) =>
        new(new Finding(Severity.Error, "profile-invalid", "The profile beside the release can not be followed.")
        {
            Where = where.StartsWith('$') ? $"{FileName}, {where}" : where,
            Found = found.Length > 200 ? found[..200] : found,
            Expected = expected,
            Advice = "Correct the profile, or take it away, and upload the release again.",
        }, inner);
}

/// <summary>How one table is read. In a profile written by hand, what is not said is left to the reading.</summary>
public sealed record ProfileTable
{
    /// <summary>The table's name among the dataset's, which gives its code in TABLE; null where the dataset has one table.</summary>
    public string? Name { get; init; }

    /// <summary>The sheet it stands in, without a period.</summary>
    public string? Sheet { get; init; }

    /// <summary>The title above it, without a period.</summary>
    public string? Caption { get; init; }

    /// <summary>The row of its header, from 1.</summary>
    public int? HeaderRow { get; init; }

    /// <summary>Whether it is published; null for yes.</summary>
    public bool? Publish { get; init; }

    /// <summary>The unit of all its values.</summary>
    public ProfileUnit? Unit { get; init; }

    /// <summary>The decimal mark, <c>.</c> or <c>,</c>, of numbers written as text.</summary>
    public string? DecimalMark { get; init; }

    /// <summary>What stands first in dates of digits that end in the year, <c>day-first</c> or <c>month-first</c>.</summary>
    public string? DateOrder { get; init; }

    internal const string DayFirst = "day-first";
    internal const string MonthFirst = "month-first";

    /// <summary>The dimension of the headings between its rows.</summary>
    public string? Groups { get; init; }

    /// <summary>The dimensions that a header of several levels fills.</summary>
    public IReadOnlyList<string>? Heads { get; init; }

    /// <summary>The columns that mean something; columns that differ only in their period are one.</summary>
    public IReadOnlyList<ProfileColumn>? Columns { get; init; }
}

/// <summary>What a column is, as a profile tells it.</summary>
public enum ProfileUse
{
    /// <summary>It fills a dimension.</summary>
    Dimension,

    /// <summary>It fills an attribute.</summary>
    Attribute,

    /// <summary>It has the periods.</summary>
    Time,

    /// <summary>It has values.</summary>
    Value,

    /// <summary>It has the units.</summary>
    Unit,

    /// <summary>It is not published.</summary>
    Aside,
}

/// <summary>How a column is read.</summary>
public sealed record ProfileColumn
{
    /// <summary>The words over it, without a period; empty where nothing or only a period stands there.</summary>
    public required string Words { get; init; }

    /// <summary>Its letter.</summary>
    public string? At { get; init; }

    /// <summary>What it is.</summary>
    public ProfileUse? Use { get; init; }

    /// <summary>The dimension or attribute that it fills.</summary>
    public string? Id { get; init; }

    /// <summary>The unit of its values, where it has one of its own.</summary>
    public ProfileUnit? Unit { get; init; }
}

/// <summary>A unit.</summary>
/// <param name="Id">The code of UNIT_MEASURE: <c>CNY</c>, <c>T</c>, <c>PS</c>.</param>
/// <param name="Multiplier">The power of ten for UNIT_MULT: 4 for 万, 6 for million.</param>
public sealed record ProfileUnit(string Id, int Multiplier = 0);
