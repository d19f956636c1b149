using System.Globalization;
using Pipeline.Benchmarks;

// Side by side with what a user would pick instead, in one run; docs/performance.md keeps the results.
var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "pipeline-benchmarks")).FullName;
switch (args)
{
    case ["ingest", .. var sizes]:
        await Ingest.RunAsync(sizes.Length > 0 ? [.. sizes.Select(size => int.Parse(size, CultureInfo.InvariantCulture))] : [1_000_000, 5_000_000, 20_000_000], folder);
        return 0;
    case ["ingest-pipeline", var csv, var connection]:
        await Ingest.PipelineAsync(csv, connection);
        return 0;
    case ["ingest-duckdb", var csv, var parquet]:
        Ingest.DuckDb(csv, parquet);
        return 0;
    case ["query"]:
        await Queries.RunAsync(20_000_000, folder);
        return 0;
    case ["query", var rows]:
        await Queries.RunAsync(int.Parse(rows, CultureInfo.InvariantCulture), folder);
        return 0;
    case ["http", .. var others]:
        await Http.RunAsync(folder, others);
        return 0;
    case ["http-cold", var connection, var address]:
        await Http.ColdAsync(connection, address);
        return 0;
    case ["tables", .. var rest]:
        var formats = rest.Where(a => !char.IsAsciiDigit(a[0])).ToList();
        await Tables.RunAsync(formats.Count > 0 ? formats : ["xlsx", "xls", "ods", "csv"], rest.Where(a => char.IsAsciiDigit(a[0])).Select(a => int.Parse(a, CultureInfo.InvariantCulture)).FirstOrDefault(1_000_000), folder);
        return 0;
    case ["tables-job", var what, var file, var rounds]:
        Tables.Measure(what, file, int.Parse(rounds, CultureInfo.InvariantCulture));
        return 0;
    case ["tables-duckdb", var csv, var parquet]:
        Tables.DuckDb(csv, parquet);
        return 0;
    case ["prose", .. var size]:
        Prose.Run(size.Length > 0 ? int.Parse(size[0], CultureInfo.InvariantCulture) : 10);
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project benchmarks -- ingest [ROWS…] | query [ROWS] | http [URL…] | tables [xlsx] [xls] [ods] [csv] [ROWS] | prose [MB]");
        return 2;
}
