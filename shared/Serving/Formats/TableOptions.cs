using Microsoft.AspNetCore.Http;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>How an answer is to look, whichever observations it gives.</summary>
internal sealed record TableOptions
{
    /// <summary>The parameters that it is read from.</summary>
    public static readonly string[] Names = ["labels", "lang", "format", "columns", "layout"];

    private static readonly string[] LabelChoices = ["code", "label", "both"];
    private static readonly string[] Layouts = ["long", "wide"];

    public required DataFormat Format { get; init; }

    /// <summary>Whether the header Accept decides on the format: a cache that need not look at it keeps one answer for all clients.</summary>
    public bool IsFormatNegotiated { get; init; }

    public LabelChoice Labels { get; init; }

    /// <summary>The languages of labels that were asked for, best first, parted by commas; null for none.</summary>
    public string? Language { get; init; }

    /// <summary>Whether the header Accept-Language decides on them.</summary>
    public bool IsLanguageNegotiated { get; init; }

    /// <summary>The columns that were asked for; null for all.</summary>
    public IReadOnlyList<string>? ColumnNames { get; init; }

    /// <summary>Whether periods stand across, a row a series.</summary>
    public bool IsWide { get; init; }

    /// <summary>Whether it is the table as it is stored, in a format that stores it so.</summary>
    public bool IsPlain => Labels == LabelChoice.Code && ColumnNames is null && !IsWide;

    /// <summary>The options as query parameters; what need not be said is left out, but what was asked for against a saved query.</summary>
    public IEnumerable<string> Parameters
    {
        get
        {
            if (Format != DataFormat.All[0] || Overrides.Contains("format"))
                yield return "format=" + Format.Name;
            if (Labels != LabelChoice.Code || Overrides.Contains("labels"))
                yield return "labels=" + LabelChoices[(int)Labels];
            if (Language is not null)
                yield return "lang=" + Uri.EscapeDataString(Language).Replace("%2C", ",");
            if (ColumnNames is not null)
                yield return "columns=" + string.Join(',', ColumnNames.Select(Uri.EscapeDataString));
            if (IsWide || Overrides.Contains("layout"))
                yield return "layout=" + Layouts[IsWide ? 1 : 0];
        }
    }

    /// <summary>The names of the options that stand in the address of a saved query, and go before its own.</summary>
    public IReadOnlyCollection<string> Overrides { get; init; } = [];

    /// <summary>Reads the parameters; without <c>format</c> the header Accept decides.</summary>
    public static TableOptions Read(HttpRequest request, IReadOnlyDictionary<string, string> options)
    {
        var format = options.TryGetValue("format", out var text) ? DataFormat.Named(text) : DataFormat.Accepted(request);
        var isNegotiated = !options.ContainsKey("lang") && options.TryGetValue("labels", out text) && text != "code";
        var read = new TableOptions
        {
            Format = format,
            IsFormatNegotiated = !options.ContainsKey("format"),
            Labels = options.TryGetValue("labels", out text) ? LabelsOf(text) : LabelChoice.Code,
            Language = options.TryGetValue("lang", out text) ? LanguageTags.Asked(text)
                : isNegotiated && LanguageTags.Accepted(request.Headers.AcceptLanguage) is { Count: > 0 } wanted ? string.Join(',', wanted) : null,
            IsLanguageNegotiated = isNegotiated,
            ColumnNames = options.TryGetValue("columns", out text) ? text.Split(',') : null,
            IsWide = options.TryGetValue("layout", out text) && LayoutOf(text) == "wide",
        };
        foreach (var name in (string[])["columns", "layout"])
        {
            if (!format.IsTable && options.TryGetValue(name, out text) && text != "long")
                throw ProblemException.Malformed(name, text, $"{name} with a format that is a table: {string.Join(", ", DataFormat.All.Where(f => f.IsTable).Select(f => f.Name))}", "conflicting-parameters");
        }
        return read;
    }

    /// <summary>What <c>labels</c> asks for.</summary>
    public static LabelChoice LabelsOf(string text) => Array.IndexOf(LabelChoices, text) is >= 0 and var choice
        ? (LabelChoice)choice
        : throw ProblemException.Unknown(400, "unknown-labels", "kind of labels", "labels", text, LabelChoices);

    /// <summary>The columns that were asked for, found in a structure; null for all.</summary>
    /// <param name="at">The structure of the answer.</param>
    /// <param name="measures">What the answer computes.</param>
    /// <param name="sort">The order that was asked for.</param>
    /// <param name="grouping">What makes the groups that the rows are; null for observations.</param>
    public IReadOnlyList<TableColumn>? Columns(DatasetAtVersion at, IReadOnlyList<Measure> measures, IReadOnlyList<SortKey> sort, Grouping? grouping)
    {
        if (IsWide && sort.FirstOrDefault(key => at.IndexOf(key.Column) is var c && (c < 0 || c >= at.TimeIndex)) is { } key)
        {
            throw ProblemException.Malformed("sort", key.Column, "with layout=wide, where a row is a series, dimensions to sort by: "
                + string.Join(", ", at.Components.Take(at.TimeIndex).Select(c => c.Id)), "conflicting-parameters");
        }
        if (ColumnNames is null)
            return null;
        var known = TableColumn.Named(at, measures).Where(c => grouping is null || c.Kind is ColumnKind.Dataset or ColumnKind.Measure || (c.IsCoded && grouping.Components.Contains(at.Components[c.Index].Id)))
            .DistinctBy(c => c.Name).ToDictionary(c => c.Name);
        var columns = new List<TableColumn>();
        foreach (var name in ColumnNames)
        {
            if (!known.TryGetValue(name, out var column))
            {
                throw ProblemException.Unknown(400, "unknown-dimension", grouping is null ? "column" : "column of groups", "columns", name, [.. known.Keys],
                    OtherNames.OfList(name) ?? (OtherNames.OfComponent(name, at) is { } other && known.ContainsKey(other) ? other : null));
            }
            if (columns.Contains(column))
                throw ProblemException.Malformed("columns", string.Join(',', ColumnNames), "each column once");
            if (IsWide && !(column.Kind == ColumnKind.Dataset || (column.IsCoded && column.Index != at.TimeIndex)))
            {
                throw ProblemException.Malformed("columns", name, "with layout=wide, where the periods and their values are columns already, dimensions and attributes: "
                    + string.Join(", ", at.Components.Where((_, c) => c != at.TimeIndex).Select(c => c.Id)), "conflicting-parameters");
            }
            columns.Add(column);
        }
        return columns;
    }

    private static string LayoutOf(string text) => Layouts.Contains(text)
        ? text
        : throw ProblemException.Unknown(400, "unknown-layout", "layout", "layout", text, Layouts);
}
