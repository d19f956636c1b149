using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;
using ExcelDataReader;
using Pipeline.Checking;
using Pipeline.Local;
using Pipeline.Reading;
using Pipeline.Understanding;

namespace Pipeline.Benchmarks;

/// <summary>
/// Tables laid out for people. A workbook: understanding and checking it beside a bare pass over its cells, by ExcelDataReader and by the reader itself.
/// A CSV: publishing it beside DuckDB, which is told where everything stands.
/// </summary>
internal static class Tables
{
    private const int Rounds = 5;

    /// <summary>Measures formats: <c>xlsx</c>, <c>xls</c>, <c>ods</c>, <c>csv</c>.</summary>
    /// <param name="formats">The formats.</param>
    /// <param name="rows">The rows of the CSV.</param>
    /// <param name="folder">Where the files are written.</param>
    public static async Task RunAsync(IReadOnlyList<string> formats, int rows, string folder)
    {
        Console.WriteLine("file | what | first s | again s | again, to bare pass | peak MB");
        Console.WriteLine("---|---|---|---|---|---");
        foreach (var format in formats.Where(f => f != "csv"))
        {
            var file = Path.Combine(folder, "untidy." + format);
            UntidyFiles.Write(file, 0);
            var bare = 0.0;
            // ExcelDataReader reads no ODS.
            foreach (var what in format == "ods" ? ["reader", "understand", "check"] : new[] { "library", "reader", "understand", "check" })
            {
                var first = Job.Run("tables-job", what, file, "0");
                var again = Job.Run("tables-job", what, file, Rounds.ToString(CultureInfo.InvariantCulture));
                bare = bare == 0 ? again.Seconds : bare;
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{format} | {what} | {first.Seconds:F2} | {again.Seconds:F2} | {again.Seconds / bare:F2} | {first.PeakMB:F0}"));
            }
        }
        if (formats.Contains("csv"))
            await CsvAsync(rows, folder);
    }

    private static async Task CsvAsync(int rows, string folder)
    {
        var csv = Path.Combine(folder, $"untidy-{rows}.csv");
        UntidyFiles.Write(csv, rows);
        await using (var warm = File.OpenRead(csv))
            await warm.CopyToAsync(Stream.Null, 1 << 20);
        await using var azurite = await Azurite.StartAsync(Path.Combine(folder, "azurite"), Settings.Root, null, Console.Error.WriteLine);
        Console.WriteLine("\nCSV rows | MB | what | Pipeline s | Pipeline peak MB | DuckDB s | DuckDB peak MB | time ratio");
        Console.WriteLine("---|---|---|---|---|---|---|---");
        Print("read, values summed", Job.Run("tables-job", "understand", csv, "0"), Job.Run("tables-duckdb", csv, ""));
        Print("sorted, to Parquet", Job.Run("ingest-pipeline", csv, azurite.ConnectionString), Job.Run("tables-duckdb", csv, Path.Combine(folder, "untidy.parquet")));

        void Print(string what, (double Seconds, double PeakMB) ours, (double Seconds, double PeakMB) theirs) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rows:N0} | {new FileInfo(csv).Length / 1e6:F0} | {what} | {ours.Seconds:F1} | {ours.PeakMB:F0} | {theirs.Seconds:F1} | {theirs.PeakMB:F0} | {ours.Seconds / theirs.Seconds:F2}"));
    }

    /// <summary>One way through a file: once, or once and then the median of some rounds.</summary>
    public static void Measure(string what, string file, int rounds)
    {
        System.Text.Encoding.RegisterProvider(System.Text.CodePagesEncodingProvider.Instance);
        var seconds = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            var count = Once(what, file);
            seconds.Add(clock.Elapsed.TotalSeconds);
            if (round == 0)
                Console.Error.WriteLine($"  {Path.GetFileName(file)} {what}: {count:N0}");
        }
        Job.Report(rounds == 0 ? seconds[0] : seconds.Skip(1).Order().ElementAt(rounds / 2));
    }

    /// <summary>Goes through a file; gives the filled cells or the observations.</summary>
    private static long Once(string what, string file)
    {
        using var stream = File.OpenRead(file);
        var count = 0L;
        switch (what)
        {
            case "library":
                using (var reader = ExcelReaderFactory.CreateReader(stream))
                    while (reader.Read())
                        for (var c = 0; c < reader.FieldCount; c++)
                            count += reader.GetValue(c) is null ? 0 : 1;
                return count;
            case "reader":
                using (var release = ReleaseReader.Read(stream, Path.GetFileName(file)))
                using (var reader = release.Tables[0].Open())
                    while (reader.Read())
                        for (var c = 0; c < reader.Count; c++)
                            count += reader[c].Kind == CellKind.Blank ? 0 : 1;
                return count;
            case "understand":
                using (var release = ReleaseReader.Read(stream, Path.GetFileName(file)))
                using (var understood = Interpreter.Interpret(release, new ReleaseContext("untidy")))
                    return understood.Cubes.Sum(c => (long)c.Observations.Count);
            default:
                using (var release = ReleaseCheck.Run(stream, Path.GetFileName(file), new ReleaseContext("untidy")))
                    return release.IsPublishable ? release.Reconciliation.Observations : throw new InvalidOperationException(string.Join("; ", release.Findings.Kept.Select(f => f.Message)));
        }
    }

    /// <summary>What a user would write who knows the file: skip the lines above, name the columns, unpivot, clean, cast; into a sum or a sorted Parquet file.</summary>
    public static void DuckDb(string csv, string parquet)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var names = string.Join(", ", Enumerable.Range(0, UntidyFiles.CsvValues).Select(c => $"'{UntidyFiles.Period(c)}': 'VARCHAR'"));
        var rows = $$"""
            SELECT Region, Industry, Product, TIME_PERIOD,
                   TRY_CAST(replace(rtrim(value, 'p'), ',', '') AS DECIMAL(18,1)) AS OBS_VALUE,
                   CASE WHEN value = '..' THEN 'M' WHEN value LIKE '%p' THEN 'P' ELSE 'A' END AS OBS_STATUS
            FROM (UNPIVOT (FROM read_csv('{{csv}}', skip=5, header=false, auto_detect=false, delim=',', quote='"', null_padding=true,
                  columns={'Region': 'VARCHAR', 'Industry': 'VARCHAR', 'Product': 'VARCHAR', {{names}}}) WHERE Product IS NOT NULL)
                  ON COLUMNS(* EXCLUDE (Region, Industry, Product)) INTO NAME TIME_PERIOD VALUE value)
            """;
        var clock = Stopwatch.StartNew();
        using var command = connection.CreateCommand();
        command.CommandText = "SET threads=2; " + (parquet.Length == 0 ? $"SELECT count(*), sum(OBS_VALUE), count(DISTINCT OBS_STATUS) FROM ({rows})"
            : $"COPY ({rows} ORDER BY Region, Industry, Product, TIME_PERIOD) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)");
        Console.Error.WriteLine($"  DuckDB: {command.ExecuteScalar()}");
        Job.Report(clock.Elapsed.TotalSeconds);
    }
}
