using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>The data of a table in the format that is asked for.</summary>
internal static class PxData
{
    /// <summary>Reads what is selected, and gives what writes it.</summary>
    public static async Task<AnswerBody> PrepareAsync(PxWebTable table, PxWebRequest request, PxSelection selection, VersionQueries lake, PxUnits units, CancellationToken cancellationToken)
    {
        var at = table.At;
        var isParquet = request.Format == PxFormat.Parquet;
        var wanted = Enumerable.Range(0, at.ColumnCount).Select(c => c != at.SourceColumn || isParquet).ToArray();
        var rows = new ObservationTable { At = at, Rows = lake.RunAsync(at, new DataQuery(selection.Where(), []), wanted, cancellationToken), Languages = table.Languages };
        if (isParquet)
            return new AnswerBody(null, (to, token) => ObservationParquet.WriteAsync(rows, new TablePage("", $"{PxWebJson.Root}/tables/{at.Structure.Id}/data"), to, token));
        var isJsonStat = request.Format == PxFormat.JsonStat2;
        var cube = await DataCube.ReadAsync(rows, new CubeLimits("PxWeb", PxWebApi.MaxDataCells, PxWebApi.MaxDataCells), selection.Layout(withContents: isJsonStat), cancellationToken);
        var stubs = selection.Stub.Count;
        var decimalsOf = isJsonStat ? await units.DecimalsAsync(table, cancellationToken) : null;
        return new AnswerBody(null, request.Format switch
        {
            PxFormat.JsonStat2 => new JsonStat(cube, PxWebJson.Form(table, selection.Stub, selection.Heading) with { IsDense = true, DecimalsOf = decimalsOf }).WriteAsync,
            PxFormat.Px => new Px(cube, stubs, table.Publisher).WriteAsync,
            PxFormat.Csv => (to, token) => new PxGrid(cube, stubs, request.Texts).WriteCsvAsync(to, request.Separator, request.HasTitle, token),
            PxFormat.Html => (to, token) => new PxGrid(cube, stubs, request.Texts).WriteHtmlAsync(to, table.Language, request.HasTitle, token),
            PxFormat.JsonPx => (to, token) => PxWebJson.WriteRowsAsync(cube, table, to, token),
            _ => Sheet(new PxGrid(cube, stubs, request.Texts), stubs, request.HasTitle),
        });
    }

    private static Func<Stream, CancellationToken, Task> Sheet(PxGrid grid, int stubs, bool hasTitle) =>
        grid.Columns + Math.Max(1, stubs) > PxSheet.MostColumns || grid.Rows + 2 > PxSheet.MostRows
            ? throw new ProblemException(403, "too-many-cells", $"A sheet has at most {PxSheet.MostColumns} columns and {PxSheet.MostRows} rows. Put other variables into the stub, select fewer values, or ask for csv.")
            : (to, token) => PxSheet.WriteAsync(grid, to, hasTitle, token);
}
