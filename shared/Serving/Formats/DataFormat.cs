using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Where an answer stands: what a format may say around its rows.</summary>
/// <param name="Host">The address that all others begin with, without a slash at the end; empty where the format does not name it.</param>
/// <param name="Self">The address of the table without its host.</param>
internal sealed record TablePage(string Host, string Self)
{
    /// <summary>The query as parameters, in canonical spelling; empty for everything.</summary>
    public string Query { get; init; } = "";

    /// <summary>Where the next page begins; null where there is none.</summary>
    public string? Cursor { get; init; }

    /// <summary>The next page's address; null where there is none.</summary>
    public string? Next { get; init; }

    /// <summary>What the query may have meant otherwise, in sentences.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];

    /// <summary>In JSON, what stands before the rows, up to the bracket of their list; null for what any table says.</summary>
    public string? Opening { get; init; }

    /// <summary>Who publishes.</summary>
    public string Publisher { get; init; } = "";

    /// <summary>What may be done with the data, in words or as an address; null where nothing is said.</summary>
    public string? Licence { get; init; }
}

/// <summary>A format that observations are served in: all that the rest of the API has to know of it.</summary>
/// <param name="Name">What <c>format=</c> and a file's extension call it.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="WriteAsync">Writes a table. Rows are read once; a format that needs them all before its first byte may refuse with a <see cref="ProblemException"/>.</param>
internal sealed record DataFormat(string Name, string MediaType, Func<ObservationTable, TablePage, Stream, CancellationToken, Task> WriteAsync)
{
    /// <summary>All formats, in the order of preference where several are equally welcome.</summary>
    public static IReadOnlyList<DataFormat> All { get; } =
    [
        new("json", "application/json", ObservationJson.WriteAsync) { Parameters = "; charset=utf-8", IsPaged = true },
        new("csv", "text/csv", ObservationCsv.WriteAsync) { Parameters = "; charset=utf-8; header=present" },
        new("tsv", "text/tab-separated-values", ObservationCsv.WriteTsvAsync) { Parameters = "; charset=utf-8" },
        new("ndjson", "application/x-ndjson", ObservationJson.WriteLinesAsync) { Parameters = "; charset=utf-8" },
        new("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ObservationXlsx.WriteAsync)
        {
            Title = "Excel", IsCompressible = false, NamesHost = true, MostRows = ObservationXlsx.MostRows, MostColumns = ObservationXlsx.MostColumns,
        },
        new("parquet", "application/vnd.apache.parquet", ObservationParquet.WriteAsync) { Title = "Parquet", IsCompressible = false },
        new("arrow", "application/vnd.apache.arrow.stream", ObservationArrow.WriteAsync) { Title = "Arrow", Extension = "arrows" },
        new("json-stat", JsonStat.MediaType, async (table, page, to, token) => await (await JsonStat.ReadAsync(table, page, token)).WriteAsync(to, token))
        {
            Title = "JSON-stat", Parameters = "; charset=utf-8", Extension = "json", IsTable = false, NamesHost = true, Cube = JsonStat.Limits,
        },
        new("px", Px.MediaType, async (table, page, to, token) => await (await Px.ReadAsync(table, page, token)).WriteAsync(to, token)) { IsTable = false, Cube = Px.Limits },
    ];

    /// <summary>What people call it.</summary>
    public string Title { get; init; } = Name.ToUpperInvariant();

    /// <summary>What follows the media type in Content-Type.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>The extension of a file's name; the format's name where nothing else is said.</summary>
    public string Extension { get; init; } = Name;

    /// <summary>Whether gzip or br make it smaller.</summary>
    public bool IsCompressible { get; init; } = true;

    /// <summary>Whether it tells the host that was asked, so that its bytes depend on it.</summary>
    public bool NamesHost { get; init; }

    /// <summary>Whether it comes in pages, to be shown; the others come whole unless a limit is set, as files to be saved.</summary>
    public bool IsPaged { get; init; }

    /// <summary>Whether it is a table, whose columns and layout can be chosen; else it has a form of its own.</summary>
    public bool IsTable { get; init; } = true;

    /// <summary>The most rows that it can hold; null for any number.</summary>
    public int? MostRows { get; init; }

    /// <summary>The most columns that it can hold.</summary>
    public int MostColumns { get; init; } = int.MaxValue;

    /// <summary>What it can hold of a cube, whose cells count whether there is an observation in them or not; null for what is no cube.</summary>
    public CubeLimits? Cube { get; init; }

    /// <summary>Whether it can hold all of a version. Codes that no observation has any more count too: where they alone make it too much, a format may do better than is said here.</summary>
    public bool Holds(DatasetAtVersion at) => at.Version.Observations <= Math.Min(MostRows ?? long.MaxValue, Cube?.Observations ?? long.MaxValue)
        && (Cube is not { } limits || at.Structure.Components.Take(at.TimeIndex + 1).Aggregate(1.0, (cells, c) => cells * Math.Max(1, c.Codes.Count)) <= limits.Cells);

    /// <summary>The format with a name.</summary>
    public static DataFormat Named(string name) => All.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw ProblemException.Unknown(400, "unknown-format", "format", "format", name, [.. All.Select(f => f.Name)], OtherNames.OfFormat(name));

    /// <summary>The format that a file's extension, or its name in the place of one, stands for; JSON-stat files end with that of JSON, so its name is needed.</summary>
    public static DataFormat OfExtension(string extension) => All.FirstOrDefault(f => f.Name == extension || f.Extension == extension)
        ?? throw ProblemException.Unknown(StatusCodes.Status404NotFound, "unknown-format", "format", "format", extension, [.. All.Select(f => f.Name)], OtherNames.OfFormat(extension));

    /// <summary>Says that an answer is larger than the format holds.</summary>
    public ProblemException TooLarge(string detail, string expected) => new(StatusCodes.Status422UnprocessableEntity, "too-large-for-format", detail)
    {
        Parameter = "format",
        Value = Name,
        Expected = expected,
    };

    /// <summary>The format that the header Accept wants most.</summary>
    public static DataFormat Accepted(HttpRequest request)
    {
        string[] types = [.. All.Select(f => f.MediaType)];
        var format = Negotiation.MediaType(request.Headers.Accept, types);
        return format >= 0 ? All[format] : throw new ProblemException(406, "not-acceptable", "None of the media types in Accept is served here.")
        {
            Parameter = "Accept",
            Value = request.Headers.Accept.ToString(),
            Expected = new JsonArray([.. types.Select(t => (JsonNode)t)]),
        };
    }
}
