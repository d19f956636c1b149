using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What the second sheet of a workbook tells of the first: where it is from, and what its columns and codes mean.</summary>
internal static class XlsxAbout
{
    /// <summary>The most codes that are explained.</summary>
    public const int MostCodes = 2_000;

    /// <summary>The lines, each of up to three cells.</summary>
    /// <param name="table">The table.</param>
    /// <param name="page">Where it stands.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="occurs">Whether a code, by its number, occurs in a column.</param>
    public static IEnumerable<string[]> Lines(ObservationTable table, TablePage page, IReadOnlyList<TableColumn> columns, Func<int, int, bool> occurs)
    {
        var (at, languages) = (table.At, table.Languages);
        var (id, version) = (at.Structure.Id, at.Version);
        yield return ["Title", ObservationCsv.Label(at.Structure.Title, languages)];
        yield return ["Dataset", id];
        yield return ["Version", version.Version.ToString()];
        yield return ["Published", version.PublishedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")];
        yield return ["Query", page.Query.Length == 0 ? "all observations" : Uri.UnescapeDataString(page.Query)];
        if (page.Licence is not null)
            yield return ["Licence", page.Licence];
        yield return ["Source", $"{page.Host}{DatasetApi.Address(id)}?version={version.Version}"];
        yield return ["Data", $"{page.Host}{page.Self}"];
        yield return [];
        yield return ["Column", "Name", "What it says"];
        foreach (var column in columns)
        {
            if (column.Kind != ColumnKind.Measure)
                yield return ["", column.Name, Meaning(table, column)];
        }
        if (!table.IsWide)
            foreach (var measure in table.Measures)
                yield return ["", measure.Id, measure.Formula];
        else if (table.Measures.Count > 0)
            yield return ["", $"{table.Measures[0].Id} … {table.Measures[^1].Id}", (table.IsGrouped ? string.Join(" | ", table.Measures.Select(m => m.Formula).Distinct()) : "the value") + ", of each period; empty where there is none"];
        yield return [];
        yield return ["Codes", "Code", "Label"];
        var left = MostCodes;
        for (var c = 0; c < columns.Count; c++)
        {
            if (columns[c].Kind is not (ColumnKind.Code or ColumnKind.LabelOrCode))
                continue;
            var codes = at.Components[columns[c].Index].Codes;
            foreach (var number in at.Components[columns[c].Index].Places)
            {
                if (left == 0)
                    break;
                if (codes[number].Labels.Count == 0 || !occurs(c, number))
                    continue;
                left--;
                yield return [columns[c].Name, codes[number].Id, ObservationCsv.Label(codes[number].Labels, languages)];
            }
        }
        if (left == 0)
            yield return ["", "…", $"All codes: {page.Host}{DatasetApi.Address(id)}?version={version.Version}"];
    }

    private static string Meaning(ObservationTable table, TableColumn column) => column.Kind switch
    {
        ColumnKind.Dataset => "the dataset",
        ColumnKind.Value => "the value, with the decimals that the release shows; empty where it is missing",
        ColumnKind.Source => "where in the release it was read",
        ColumnKind.Decimals => "how many decimals the release shows",
        ColumnKind.Release => "the release that brought it",
        ColumnKind.Label => $"the label of {table.At.Components[column.Index].Id}",
        _ => table.At.Components[column.Index].Labels is { Count: > 0 } labels ? ObservationCsv.Label(labels, table.Languages) : "",
    };
}
