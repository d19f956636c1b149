using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using DuckDB.NET.Data;
using Pipeline.Querying;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Queries over HTTP against the same question asked of the rows in memory, in every format.</summary>
public sealed class QueryingTests
{
    private sealed record Cell(string Freq, string Area, string Indicator, string Period, decimal? Value, string Status, string Unit, int Mult, string? Note)
    {
        public string Shown => string.Join('|', Freq, Area, Indicator, Period, Value?.ToString(CultureInfo.InvariantCulture), Status, Unit, Mult, Note);
    }

    private static readonly string[] Areas = ["650000", "650100", "650200", "=1+1", "a,b", "中国", "\"q\""];
    private static readonly string[] Indicators = ["GDP", "-5", "POP"];
    private static readonly string[] Periods = ["2020", "2021", "2021-S1", "2021-Q2", "2021-06", "2021-06-15", "2021-W24", "2021-01/2021-06", "2022-12", ""];

    private static readonly Gen<Cell> AnyCell = Gen.Select(
        OneOf(Areas), OneOf(Indicators), OneOf(Periods), Cubes.Value, OneOf("PT", "CNY"), OneOf(0, 4),
        OneOf<string?>(null, "n", "@x", "two\nlines"), (area, indicator, period, value, unit, mult, note) =>
            new Cell(FreqOf(period), area, indicator, period, value, value is null ? "M" : "A", unit, mult, note));

    private static readonly Gen<List<Cell>> AnyCells = AnyCell.List[1, 150].Select(cells => cells.DistinctBy(c => (c.Area, c.Indicator, c.Period)).ToList());

    [Fact]
    public async Task Any_query_gives_in_every_format_what_the_same_question_gives_in_memory()
    {
        await using var served = await Served.StartAsync();
        var any = Gen.Select(AnyCells, OneOf(Areas).List[0, 3], OneOf(Indicators).List[0, 2], Time, Gen.Int[1, 40], OneOf("", "-TIME_PERIOD,REF_AREA", "OBS_VALUE", "-OBS_VALUE,INDICATOR"));
        await any.SampleAsync(async (cells, areas, indicators, time, limit, sort) =>
        {
            var dataset = "d" + Guid.NewGuid().ToString("N")[..10];
            await served.PublishAsync(dataset, Cube(cells));
            areas = [.. areas.Where(a => cells.Any(c => c.Area == a)).Distinct()];
            indicators = [.. indicators.Where(i => cells.Any(c => c.Indicator == i)).Distinct()];
            var parameters = new List<string>();
            // A code with a comma in it can only stand alone.
            if (areas.Count > 0)
                parameters.AddRange(areas.Select(a => "REF_AREA=" + Uri.EscapeDataString(a)));
            if (indicators.Count > 0)
                parameters.Add("INDICATOR=" + string.Join(',', indicators));
            if (time.Text.Length > 0)
                parameters.Add("TIME_PERIOD=" + Uri.EscapeDataString(time.Text));
            if (sort.Length > 0)
                parameters.Add("sort=" + sort);
            var expected = Order(sort, cells.Where(c => (areas.Count == 0 || areas.Contains(c.Area)) && (indicators.Count == 0 || indicators.Contains(c.Indicator)) && time.Holds(c.Period)))
                .Select(c => c.Shown).ToList();
            var query = string.Join('&', parameters);

            var paged = new List<string>();
            string? next = $"/v1/datasets/{dataset}/data?{query}&limit={limit}".Replace("?&", "?");
            while (next is not null)
            {
                using var response = await served.Client.GetAsync(next);
                var page = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
                response.IsSuccessStatusCode.ShouldBeTrue(page.ToJsonString() + string.Join("\n", served.Host.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).Take(1)));
                var rows = page["observations"]!.AsArray();
                rows.Count.ShouldBe((int)page["page"]!["count"]!);
                rows.Count.ShouldBeLessThanOrEqualTo(limit);
                paged.AddRange(rows.Select(Shown));
                next = (string?)page["page"]!["next"];
                response.Headers.TryGetValues("Link", out var link);
                link?.Single().ShouldBe($"<{next}>; rel=\"next\"");
                (link is null).ShouldBe(next is null);
            }
            paged.ShouldBe(expected);

            var csv = await served.Client.GetStringAsync($"/v1/datasets/{dataset}/data?{query}&format=csv".Replace("?&", "?"));
            Read(Encoding.UTF8.GetBytes(csv), "csv").ShouldBe(expected);
            var parquet = await served.Client.GetByteArrayAsync($"/v1/datasets/{dataset}/data?{query}&format=parquet".Replace("?&", "?"));
            // Decimals of a Parquet column are all alike; DECIMALS says how many were shown.
            Read(parquet, "parquet").ShouldBe(expected);
        }, iter: 30, threads: 1);
    }

    [Fact]
    public async Task Row_groups_are_skipped_and_kept_within_the_cache_and_pages_cross_them()
    {
        await using var served = await Served.StartAsync();
        var rows = Enumerable.Range(0, 700).SelectMany(area => Enumerable.Range(0, 240).Select(month =>
            new Row($"A{area:D4}", $"{2000 + (month / 12)}-{(month % 12) + 1:D2}", (area * 1000) + month + 0.5m, "A", "PT"))).ToList();
        var version = await served.PublishAsync("large", Cubes.Of(rows));
        version.Observations.ShouldBe(168_000);
        var fetched = 0L;
        var queries = new VersionQueries(
            async (file, offset, count, token) =>
            {
                Interlocked.Add(ref fetched, count);
                var content = await served.Storage.Lake.GetBlobClient(file).DownloadContentAsync(new Azure.Storage.Blobs.Models.BlobDownloadOptions { Range = new Azure.HttpRange(offset, count) }, token);
                return content.Value.Content.ToArray();
            }, 4 << 20);
        var at = new DatasetAtVersion(await new Pipeline.Publishing.DatasetIndex(served.Storage).StructureAsync("large", 1), version);
        var all = Enumerable.Repeat(true, at.ColumnCount).ToArray();
        var one = new Selection(at, [new Criterion.OneOf("FREQ", ["M"]), new Criterion.OneOf("REF_AREA", ["A0650"])]);
        var found = new List<decimal?>();
        await foreach (var match in queries.ReadAsync(at, one, all, 0, false, default))
            for (var i = 0; i < match.Count; i++)
                found.Add(match.Chunk.Value(match.Row(i)));
        found.ShouldBe([.. rows.Where(r => r.Area == "A0650").Select(r => r.Value)]);
        fetched.ShouldBeLessThan(version.FileBytes * 2 / 3);
        var count = 0L;
        await foreach (var match in queries.ReadAsync(at, new Selection(at, []), all, 0, true, default))
            count += match.Count;
        count.ShouldBe(168_000);
        queries.CachedBytes.ShouldBeLessThanOrEqualTo(4 << 20);

        var (paged, next, pages) = (new List<string>(), "/v1/datasets/large/data?TIME_PERIOD=2005-03&limit=300", 0);
        for (string? address = next; address is not null; pages++)
        {
            var page = await served.JsonAsync(address);
            paged.AddRange(page["observations"]!.AsArray().Select(o => (string)o!["REF_AREA"]!));
            address = (string?)page["page"]!["next"];
        }
        pages.ShouldBe(3);
        paged.ShouldBe([.. Enumerable.Range(0, 700).Select(a => $"A{a:D4}")]);
        using var whole = await served.Client.GetAsync("/v1/datasets/large/data?format=csv", HttpCompletionOption.ResponseHeadersRead);
        var csv = "";
        try
        {
            csv = await whole.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            served.Host.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();
        }
        csv.Split("\r\n").Length.ShouldBe(168_002);
    }

    [Theory]
    [InlineData("2023", "2023-01-01", "2023-12-31")]
    [InlineData("2023-S2", "2023-07-01", "2023-12-31")]
    [InlineData("2023-Q1", "2023-01-01", "2023-03-31")]
    [InlineData("2024-02", "2024-02-01", "2024-02-29")]
    [InlineData("2023-06-30", "2023-06-30", "2023-06-30")]
    [InlineData("2021-W01", "2021-01-04", "2021-01-10")]
    [InlineData("2023-01/2023-06", "2023-01-01", "2023-06-30")]
    public void A_period_covers_its_days(string text, string start, string end)
    {
        PeriodDays.TryParse(text, out var period).ShouldBeTrue();
        period.ShouldBe(new PeriodDays(DateOnly.Parse(start, CultureInfo.InvariantCulture), DateOnly.Parse(end, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void What_is_no_period_is_refused_and_never_throws()
    {
        foreach (var text in (string[])["", "20", "2023-", "2023-13", "2023-Q5", "2023-S3", "2023-W54", "2023-02-30", "0000", "2023-06/2023-01", "9999-W53", "２０２３"])
            PeriodDays.TryParse(text, out _).ShouldBeFalse(text);
        Gen.String[Gen.Char["0123456789-/QSW. :"], 0, 12].Sample(text => PeriodDays.TryParse(text, out var p) ? p.Start <= p.End : p == default);
    }

    private static Gen<T> OneOf<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static string FreqOf(string period) => period.Length switch { 0 => "_Z", 4 => "A", _ => "M" };

    private static Gen<(string Text, Func<string, bool> Holds)> Time => Gen.Select(OneOf(Periods[..^1]), OneOf(Periods[..^1]), Gen.Int[0, 6], (a, b, kind) =>
    {
        var (x, y) = (Of(a)!.Value, Of(b)!.Value);
        return kind switch
        {
            0 => ("", (Func<string, bool>)(_ => true)),
            1 => ("ge:" + a, p => Of(p)?.Start >= x.Start),
            2 => ("gt:" + a, p => Of(p)?.Start > x.End),
            3 => ("le:" + a, p => Of(p)?.End <= x.End),
            4 => ("lt:" + a, p => Of(p)?.End < x.Start),
            5 => ($"{a}..{b}", p => Of(p)?.Start >= x.Start && Of(p)?.End <= y.End),
            _ => ($"{a},{b}", p => p == a || p == b),
        };
    });

    private static PeriodDays? Of(string text) => PeriodDays.TryParse(text, out var period) ? period : null;

    private static IEnumerable<Cell> Order(string sort, IEnumerable<Cell> cells)
    {
        var stored = cells.OrderBy(c => c.Freq, StringComparer.Ordinal).ThenBy(c => c.Area, StringComparer.Ordinal).ThenBy(c => c.Indicator, StringComparer.Ordinal)
            .ThenBy(c => c.Period, StringComparer.Ordinal);
        return sort switch
        {
            "" => stored,
            "OBS_VALUE" => stored.OrderBy(c => c.Value is null).ThenBy(c => c.Value),
            "-OBS_VALUE,INDICATOR" => stored.OrderBy(c => c.Value is null).ThenByDescending(c => c.Value).ThenBy(c => c.Indicator, StringComparer.Ordinal),
            // What is no period comes before all that are, so turned around after them.
            _ => stored.OrderBy(c => Of(c.Period) is null).ThenByDescending(c => Of(c.Period)).ThenByDescending(c => c.Period, StringComparer.Ordinal)
                .ThenBy(c => c.Area, StringComparer.Ordinal),
        };
    }

    private static Cube Cube(List<Cell> cells)
    {
        Component[] components =
        [
            new("FREQ", ComponentRole.Dimension), new("REF_AREA", ComponentRole.Dimension), new("INDICATOR", ComponentRole.Dimension), new("TIME_PERIOD", ComponentRole.Time),
            new("OBS_STATUS", ComponentRole.Attribute), new("UNIT_MEASURE", ComponentRole.Attribute), new("UNIT_MULT", ComponentRole.Attribute), new("NOTE", ComponentRole.Attribute),
        ];
        var cube = new Cube(components, []);
        var row = 1;
        foreach (var cell in cells)
        {
            string?[] ids = [cell.Freq, cell.Area, cell.Indicator, cell.Period, cell.Status, cell.Unit, cell.Mult.ToString(CultureInfo.InvariantCulture), cell.Note];
            cube.Observations.Add([.. ids.Select((id, c) => id is null ? -1 : components[c].Codes.Add(id))], cell.Value, Source.Cell(++row, 3));
        }
        return cube;
    }

    private static string Shown(JsonNode? o) => string.Join('|', (string)o!["FREQ"]!, (string)o["REF_AREA"]!, (string)o["INDICATOR"]!, (string)o["TIME_PERIOD"]!,
        o["OBS_VALUE"]?.ToJsonString(), (string)o["OBS_STATUS"]!, (string)o["UNIT_MEASURE"]!, (int)o["UNIT_MULT"]!, (string?)o["NOTE"]);

    // DuckDB reads the answer; the apostrophe that keeps a spreadsheet from taking a text for a formula is taken off again.
    private static List<string> Read(byte[] answer, string format)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.{format}");
        File.WriteAllBytes(path, answer);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        var table = format == "csv" ? $"read_csv('{path}', header = true, all_varchar = true, nullstr = '\\N', quote = '\"', escape = '\"', delim = ',', strict_mode = true)" : $"'{path}'";
        command.CommandText = $"SELECT FREQ, REF_AREA, INDICATOR, TIME_PERIOD, OBS_VALUE, OBS_STATUS, UNIT_MEASURE, UNIT_MULT, NOTE, DECIMALS FROM {table}";
        var rows = new List<string>();
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                string Text(int column) => reader.IsDBNull(column) ? "" : format == "parquet" ? Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture)! : reader.GetString(column).TrimStart('\'');
                var value = format == "csv" || reader.IsDBNull(4) ? Text(4) : decimal.Round(reader.GetDecimal(4), int.Parse(Text(9), CultureInfo.InvariantCulture)).ToString("F" + Text(9), CultureInfo.InvariantCulture);
                rows.Add(string.Join('|', Text(0), Text(1), Text(2), Text(3), value, Text(5), Text(6), Text(7), Text(8)));
            }
        }
        File.Delete(path);
        return rows;
    }
}
