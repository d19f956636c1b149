using System.Globalization;
using System.Net;
using System.Text;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>What stands for a variable or a value in a table.</summary>
internal enum PxTexts
{
    /// <summary>Its code.</summary>
    Codes,

    /// <summary>Its label.</summary>
    Texts,

    /// <summary>Both: <c>code - label</c>.</summary>
    Both,
}

/// <summary>A cube as a table of rows and columns, as PxWeb lays it out: the stub's values before each row, the heading's above each column.</summary>
internal sealed class PxGrid
{
    private readonly DataCube cube;
    private readonly int stubs;
    private readonly PxTexts texts;
    private readonly IReadOnlyList<string> languages;
    private readonly int status;
    private readonly string[]?[] labels;

    /// <summary>Lays a cube out.</summary>
    /// <param name="cube">The cube.</param>
    /// <param name="stubs">How many of its dimensions are in the stub.</param>
    /// <param name="texts">What stands for variables and values.</param>
    public PxGrid(DataCube cube, int stubs, PxTexts texts)
    {
        (this.cube, this.stubs, this.texts, languages) = (cube, stubs, texts, cube.Table.Languages);
        status = cube.At.IndexOf(Concepts.ObsStatus);
        labels = new string[]?[cube.Dimensions.Count];
        Columns = cube.Dimensions.Skip(stubs).Aggregate(1, (n, d) => n * d.Codes.Count);
        Rows = cube.Dimensions.Take(stubs).Aggregate(1, (n, d) => n * d.Codes.Count);
    }

    /// <summary>How many columns of values there are.</summary>
    public int Columns { get; }

    /// <summary>How many rows of values there are.</summary>
    public int Rows { get; }

    /// <summary>The title.</summary>
    public string Title => JsonStat.Label(cube.At.Structure.Title, languages, cube.At.Structure.Id);

    /// <summary>The names of the stub's variables; one that is empty where there is none.</summary>
    public IReadOnlyList<string> StubNames => stubs == 0 ? [""] : [.. cube.Dimensions.Take(stubs).Select(d => Text(d.Id, d.Labels))];

    /// <summary>What stands above a column: the heading's values, or the title where there are none.</summary>
    public string ColumnText(int column) => stubs == cube.Dimensions.Count ? Title : string.Join(' ', Parts(stubs, cube.Dimensions.Count, column));

    /// <summary>What stands before a row.</summary>
    public IReadOnlyList<string> RowTexts(int row) => stubs == 0 ? [""] : Parts(0, stubs, (long)row * Columns);

    /// <summary>The values, row by row, or the symbol that stands in a value's place.</summary>
    public IEnumerable<(decimal? Value, string? Symbol)> Cells()
    {
        for (var (cell, i) = (0L, 0); cell < cube.Cells; cell++)
        {
            if (i == cube.Positions.Length || cube.Positions[i] > cell)
                yield return (null, Px.NoObservation.ToString());
            else if (cube.Values[i++] is { } value)
                yield return (value, null);
            else
                yield return (null, Px.Symbol(status < 0 ? null : cube.AttributeCode(status, i - 1)?.Id));
        }
    }

    /// <summary>Writes the table as CSV: texts in quotation marks, numbers and symbols without.</summary>
    public async Task WriteCsvAsync(Stream to, char separator, bool withTitle, CancellationToken cancellationToken)
    {
        var text = new Utf8Buffer();
        if (withTitle)
            text.Append(Quoted(Title) + "\r\n");
        text.Append(string.Join(separator, StubNames.Select(Quoted)));
        for (var column = 0; column < Columns; column++)
            text.Append(separator + Quoted(ColumnText(column)));
        // A row's cells before its values, as text.
        byte[][][] stub = [.. cube.Dimensions.Take(stubs).Select((_, d) => Labels(d).Select(label => Encoding.UTF8.GetBytes((d > 0 ? separator.ToString() : "") + Quoted(label))).ToArray())];
        var cells = new CubeText(cube, "");
        for (var (cell, at) = (0L, Columns); cell < cube.Cells;)
        {
            for (; cell < cube.Cells && text.Count < 64 << 10; cell++)
            {
                if (at == Columns)
                {
                    text.Append("\r\n"u8);
                    if (stubs == 0)
                        text.Append("\"\""u8);
                    for (var d = 0; d < stubs; d++)
                        text.Append(stub[d][cube.CodeAt(d, cell)]);
                    at = 0;
                }
                text.Append((byte)separator);
                cells.Append(text, cell);
                at++;
            }
            await to.WriteAsync(text.Written, cancellationToken);
            text.Clear();
        }
        text.Append("\r\n"u8);
        await to.WriteAsync(text.Written, cancellationToken);
    }

    /// <summary>Writes the table as a page.</summary>
    public async Task WriteHtmlAsync(Stream to, string language, bool withTitle, CancellationToken cancellationToken)
    {
        static string Safe(string text) => WebUtility.HtmlEncode(text);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"{Safe(language)}\">\n<head><meta charset=\"utf-8\"><title>{Safe(Title)}</title></head>\n<body>\n<table>\n");
        if (withTitle)
            text.Append("<caption>").Append(Safe(Title)).Append("</caption>\n");
        text.Append("<thead><tr>");
        foreach (var name in StubNames)
            text.Append("<th scope=\"col\">").Append(Safe(name)).Append("</th>");
        for (var column = 0; column < Columns; column++)
            text.Append("<th scope=\"col\">").Append(Safe(ColumnText(column))).Append("</th>");
        text.Append("</tr></thead>\n<tbody>");
        var (at, row) = (Columns, 0);
        foreach (var (value, symbol) in Cells())
        {
            if (at == Columns)
            {
                text.Append(row == 0 ? "\n<tr>" : "</tr>\n<tr>");
                foreach (var name in RowTexts(row++))
                    text.Append("<th scope=\"row\">").Append(Safe(name)).Append("</th>");
                at = 0;
            }
            text.Append("<td>").Append(value?.ToString(CultureInfo.InvariantCulture) ?? symbol).Append("</td>");
            at++;
            await FlushAsync(text, to, 64 << 10, cancellationToken);
        }
        text.Append(row == 0 ? "</tbody>\n</table>\n</body>\n</html>\n" : "</tr>\n</tbody>\n</table>\n</body>\n</html>\n");
        await FlushAsync(text, to, 0, cancellationToken);
    }

    private string[] Parts(int from, int to, long position)
    {
        var parts = new string[to - from];
        for (var d = from; d < to; d++)
            parts[d - from] = Labels(d)[cube.CodeAt(d, position)];
        return parts;
    }

    private string[] Labels(int dimension) => labels[dimension] ??= [.. cube.Dimensions[dimension].Codes.Select(c => Text(c.Id, c.Labels))];

    private string Text(string id, IReadOnlyDictionary<string, string> all) => texts switch
    {
        PxTexts.Codes => id,
        PxTexts.Texts => JsonStat.Label(all, languages, id),
        _ => $"{id} - {JsonStat.Label(all, languages, id)}",
    };

    // As in our own CSV, no text starts a formula in a spreadsheet, unless it is a number.
    private static string Quoted(string text) =>
        (text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] && !decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? "\"'" : "\"") + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static async ValueTask FlushAsync(StringBuilder text, Stream to, int most, CancellationToken cancellationToken)
    {
        if (text.Length <= most)
            return;
        await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
        text.Clear();
    }
}
