using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using CsCheck;
using DuckDB.NET.Data;
using Pipeline.Reading;
using Pipeline.Serving;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>A query's table is the same in every format, read by the readers that others wrote.</summary>
public sealed class FormatsTests
{
    private sealed record Table(IReadOnlyList<string> Names, IReadOnlyList<IReadOnlyList<string>> Rows)
    {
        // Numbers of binary formats have the decimals of their column, or are doubles: the same number is the same cell.
        public string Shown(Func<string, string, string> cell) => string.Join('\n', Rows.Select(row => string.Join('|', row.Select((text, i) => cell(Names[i], text)))).Prepend(string.Join('|', Names)));
    }

    private sealed record Cell(string Area, string Indicator, string Period, decimal? Value, string Unit, int Mult, string? Note);

    private static readonly string[] Areas = ["01", "650100", "=1+1", "a,b", "中国", "\"q\"", "tab\there", " space ", "_x0041_", "two\nlines"];
    private static readonly string[] Periods = ["2020", "2021", "2021-Q2", "2021-06", "2021-W24", "2021-01/2021-06", "2022-12", ""];

    private static readonly Gen<List<Cell>> AnyCells = Gen.Select(
        OneOf(Areas), OneOf("GDP", "-5"), OneOf(Periods), Cubes.Value, OneOf("PT", "CNY"), OneOf(0, 4), OneOf<string?>(null, "n", "@x", "<&>'\u0001é😀"),
        (area, indicator, period, value, unit, mult, note) => new Cell(area, indicator, period, value, unit, mult, note))
        .List[1, 60].Select(cells => cells.DistinctBy(c => (c.Area, c.Indicator, c.Period)).ToList());

    private static readonly string[] Columns = ["REF_AREA", "NOTE", "DATASET", "INDICATOR_LABEL", "UNIT_MULT", "OBS_VALUE", "TIME_PERIOD", "SOURCE", "DECIMALS", "RELEASE", "OBS_STATUS"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Columns_and_blanks_have_labels_and_a_lone_dash_stays_as_the_office_wrote_it()
    {
        await using var own = await Served.StartWholeAsync();
        ((string?)(await own.UploadAsync("sales/sales.csv", Encoding.UTF8.GetBytes("Town,Kind of shop,Year,Sales (million USD)\nAshby,,2022,-\nAshby,-5+A1,2022,7.5\nAshby,-5+A1,2023,--\n")))["state"]).ShouldBe("published");
        var csv = (await own.Client.GetStringAsync("/v1/datasets/sales/data?format=csv&labels=both&lang=en&columns=TIME_PERIOD,KIND_OF_SHOP,OBS_VALUE,OBS_SYMBOL")).Split("\r\n");
        csv.ShouldBe(["TIME_PERIOD,KIND_OF_SHOP,KIND_OF_SHOP_LABEL,OBS_VALUE,OBS_SYMBOL,OBS_SYMBOL_LABEL", "2022,5_PLUS_A1,'-5+A1,7.5,,", "2023,5_PLUS_A1,'-5+A1,,--,", "2022,_Z,Not applicable,,-,", ""]);
        var dimensions = (await own.JsonAsync("/v1/datasets/sales"))["dimensions"]!.AsArray();
        dimensions.Select(d => (string)d!["labels"]!["en"]!).ShouldBe(["Frequency", "Indicator", "Town", "Kind of shop"]);
    }

    [Fact]
    public async Task Each_format_gives_the_table_that_the_csv_gives()
    {
        await using var served = await Served.StartAsync();
        var any = Gen.Select(AnyCells, OneOf("code", "label", "both"), OneOf(Columns).List[0, 6], Gen.Bool, OneOf("", "-OBS_VALUE", "-REF_AREA"), Gen.Int[0, 5]);
        await any.SampleAsync(async (cells, labels, columns, isWide, sort, limit) =>
        {
            var dataset = "d" + Guid.NewGuid().ToString("N")[..10];
            await served.PublishAsync(dataset, Cube(cells));
            columns = [.. columns.Distinct().Where(c => !isWide || c is "REF_AREA" or "NOTE" or "DATASET" or "INDICATOR_LABEL" or "UNIT_MULT")];
            var query = $"/v1/datasets/{dataset}/data?labels={labels}" + (columns.Count > 0 ? "&columns=" + string.Join(',', columns) : "")
                + (isWide ? "&layout=wide" : "") + (sort == "-REF_AREA" || (sort.Length > 0 && !isWide) ? "&sort=" + sort : "") + (limit > 0 ? $"&limit={limit}" : "");
            async Task<byte[]> In(string format)
            {
                using var response = await served.Client.GetAsync(query + "&format=" + format);
                var bytes = await response.Content.ReadAsByteArrayAsync();
                response.IsSuccessStatusCode.ShouldBeTrue(query + Encoding.UTF8.GetString(bytes) + string.Join("\n", served.Host.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).Take(1)));
                return bytes;
            }
            var csv = FromDuckDb(await In("csv"), "csv");
            FromDuckDb(await In("tsv"), "tsv").Shown(Text).ShouldBe(csv.Shown(Text));
            // Only CSV and TSV name the dataset unasked, and have a column of labels where there are no labels.
            var unlabelled = new List<string> { "FREQ_LABEL", "NOTE_LABEL", "OBS_STATUS_LABEL", "UNIT_MEASURE_LABEL", "UNIT_MULT_LABEL" };
            if (!cells.Exists(c => c.Area is "01" or "650100"))
                unlabelled.Add("REF_AREA_LABEL");
            if (!cells.Exists(c => c.Indicator == "GDP"))
                unlabelled.Add("INDICATOR_LABEL");
            var expected = Without(csv, unlabelled.Append(columns.Count == 0 ? TableColumn.DatasetId : "").Except(columns));
            var lines = await In("ndjson");
            FromJson(lines).Shown(Text).ShouldBe(csv.Rows.Count == 0 ? "" : expected.Shown(Unguarded));
            if (csv.Rows.Count > 0)
                FromDuckDb(lines, "json").Shown(Number).ShouldBe(expected.Shown(Number));
            FromDuckDb(await In("parquet"), "parquet").Shown(Number).ShouldBe(expected.Shown(Number));
            FromArrow(await In("arrow")).Shown(Number).ShouldBe(expected.Shown(Number));
            // A sheet ends with its last cell that is not empty: rows of only empty cells after it are none to who reads it.
            Ended(FromXlsx(await In("xlsx"))).Shown(Number).ShouldBe(Ended(expected).Shown(Number));
            var json = JsonNode.Parse(await In("json"))!;
            FromJson(json[isWide ? "series" : "observations"]!.AsArray()).Shown(Text).ShouldBe(FromJson(lines).Shown(Text));
        }, iter: 40, threads: 1);

        string Text(string name, string text) => text;
    }

    [Fact]
    public async Task Texts_that_xml_and_px_can_not_hold_are_cleaned_wherever_they_are_written()
    {
        await using var own = await Served.StartWholeAsync();
        const string text = """
            {"version":"2.0","class":"dataset","label":"x\u0000y\ufffe","id":["a\u0001b","t"],"size":[1,1],"role":{"time":["t"]},
             "dimension":{"a\u0001b":{"label":"l\u0000m\uffff","category":{"index":["c"],"label":{"c":"n\u0000o\ufffe"}}},"t":{"category":{"index":["2020"]}}},"value":[1]}
            """;
        var report = await own.UploadAsync("odd/odd.json", Encoding.UTF8.GetBytes(text));
        ((string?)report["state"]).ShouldBe("published", report.ToJsonString());
        foreach (var path in (string[])["/odata/odd/$metadata", "/v1/datasets/odd/feed.atom", "/feed.atom", "/sdmx/v1/dataflow?references=all", "/sdmx/v1/data/odd"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept", "application/xml, application/atom+xml, application/vnd.sdmx.structure+xml, application/vnd.sdmx.data+xml");
            using var answer = await own.Client.SendAsync(request, Cancel);
            var xml = await answer.Content.ReadAsStringAsync(Cancel);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path + xml);
            Should.NotThrow(() => System.Xml.Linq.XDocument.Parse(xml), path);
        }
        foreach (var path in (string[])["/v1/datasets/odd/data?format=px", "/pxweb/v2/tables/odd/data?outputFormat=px"])
        {
            var px = await own.Client.GetStringAsync(path, Cancel);
            px.ShouldContain("x y");
            px.Any(c => char.IsControl(c) && c is not ('\r' or '\n')).ShouldBeFalse(px);
        }
    }

    [Fact]
    public async Task Counts_over_several_units_and_powers_of_ten_have_none_in_every_format()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("mixed", Cube([new("01", "GDP", "2020", 1m, "PT", 0, null), new("01", "GDP", "2021", 2m, "CNY", 4, null), new("01", "GDP", "2022-12", 3m, "CNY", 4, null)]));
        foreach (var layout in (string[])["group=FREQ&aggregate=count,missing", "group=REF_AREA,TIME_PERIOD&aggregate=missing&layout=wide", "group=INDICATOR&aggregate=count"])
        {
            Task<byte[]> In(string format) => served.Client.GetByteArrayAsync($"/v1/datasets/mixed/data?{layout}&format={format}", Cancel);
            var csv = FromDuckDb(await In("csv"), "csv");
            csv.Rows.ShouldNotBeEmpty();
            if (!layout.Contains("wide", StringComparison.Ordinal))
                csv.Rows[0].Take(3).ShouldBe([csv.Rows[0][0], "", ""]);
            foreach (var table in (Table[])[FromDuckDb(await In("tsv"), "tsv"), FromJson(await In("ndjson")), FromDuckDb(await In("parquet"), "parquet"), FromArrow(await In("arrow")), FromXlsx(await In("xlsx"))])
                table.Shown(Plain).ShouldBe(csv.Shown(Plain));
        }

        static string Plain(string name, string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number.ToString(CultureInfo.InvariantCulture) : text;
    }

    [Fact]
    public async Task Periods_stand_across_as_the_observations_say()
    {
        await using var served = await Served.StartAsync();
        await AnyCells.SampleAsync(async cells =>
        {
            var dataset = "w" + Guid.NewGuid().ToString("N")[..10];
            await served.PublishAsync(dataset, Cube(cells));
            var wide = FromDuckDb(await served.Client.GetByteArrayAsync($"/v1/datasets/{dataset}/data?format=csv&layout=wide"), "csv");
            var periods = cells.Select(c => c.Period).Distinct().OrderBy(p => System.Array.IndexOf(InTime, p)).ToList();
            wide.Names.ShouldBe(["DATASET", "FREQ", "REF_AREA", "INDICATOR", "UNIT_MEASURE", "UNIT_MULT", .. periods.Select(p => p.Length == 0 ? "OBS_VALUE" : p)]);
            var rows = cells.GroupBy(c => (Freq: FreqOf(c.Period), c.Area, c.Indicator, c.Unit, c.Mult)).Select(series => string.Join('|',
                [series.Key.Freq, series.Key.Area, series.Key.Indicator, series.Key.Unit, $"{series.Key.Mult}",
                    .. periods.Select(p => series.FirstOrDefault(c => c.Period == p)?.Value?.ToString(CultureInfo.InvariantCulture) ?? "")]));
            wide.Rows.Select(row => string.Join('|', row.Skip(1).Select(cell => cell.TrimStart('\'')))).Order(StringComparer.Ordinal).ShouldBe(rows.Order(StringComparer.Ordinal));
            // Series stand in stored order, each whole.
            var keys = wide.Rows.Select(row => string.Join('\u0001', row.Skip(1).Take(3).Select(cell => cell.TrimStart('\'')))).ToList();
            keys.ShouldBe(keys.Order(StringComparer.Ordinal));

            var (paged, next) = (new List<string>(), (string?)$"/v1/datasets/{dataset}/data?layout=wide&limit=3");
            while (next is not null)
            {
                var page = await served.JsonAsync(next);
                page["series"]!.AsArray().Count.ShouldBe((int)page["page"]!["count"]!);
                page["series"]!.AsArray().Count.ShouldBeInRange(1, 3);
                paged.AddRange(page["series"]!.AsArray().Select(row => row!.ToJsonString()));
                next = (string?)page["page"]!["next"];
            }
            paged.ShouldBe((await served.JsonAsync($"/v1/datasets/{dataset}/data?layout=wide&limit=1000"))["series"]!.AsArray().Select(row => row!.ToJsonString()));
        }, iter: 20, threads: 1);
    }

    [Theory]
    [InlineData("columns=REF_AREA,REF_ARE", "unknown-dimension", "columns", "REF_AREA")]
    [InlineData("columns=", "unknown-dimension", "columns", null)]
    [InlineData("columns=REF_AREA,REF_AREA", "malformed-value", "columns", null)]
    [InlineData("labels=lable", "unknown-labels", "labels", "label")]
    [InlineData("layout=wyde", "unknown-layout", "layout", "wide")]
    [InlineData("layout=wide&columns=REF_AREA,TIME_PERIOD", "conflicting-parameters", "columns", null)]
    [InlineData("layout=wide&columns=OBS_VALUE", "conflicting-parameters", "columns", null)]
    [InlineData("layout=wide&sort=-TIME_PERIOD", "conflicting-parameters", "sort", null)]
    [InlineData("layout=wide&sort=OBS_VALUE", "conflicting-parameters", "sort", null)]
    [InlineData("format=xslx", "unknown-format", "format", "xlsx")]
    public async Task What_can_not_be_shown_is_told(string query, string code, string parameter, string? didYouMean)
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("industry", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT"), new("650000", "2023", null, "M", "PT")]));
        var (status, problem) = await served.ProblemAsync("/v1/datasets/industry/data?" + query);
        (status, (string?)problem["code"], (string?)problem["parameter"], (string?)problem["didYouMean"]).ShouldBe((HttpStatusCode.BadRequest, code, parameter, didYouMean));
    }

    [Fact]
    public async Task Every_format_pages_where_a_limit_is_set_and_has_an_etag_and_a_name_of_its_own()
    {
        await using var served = await Served.StartAsync(("Pipeline:License", "https://creativecommons.org/licenses/by/4.0/"));
        await served.PublishAsync("industry", Cubes.Of([new("650000", "2022", 5.20m, "A", "PT"), new("650000", "2023", null, "M", "PT"), new("650100", "2023", -1.5m, "A", "PT")]));
        var etags = new HashSet<string>();
        foreach (var format in DataFormat.All.Where(f => f.IsTable))
        {
            foreach (var options in (string[])["", "&labels=label", "&labels=both", "&lang=zh", "&columns=OBS_VALUE,REF_AREA", "&columns=REF_AREA,OBS_VALUE", "&layout=wide", "&limit=1", "&limit=2"])
            {
                var address = $"/v1/datasets/industry/data?format={format.Name}{options}";
                using var answer = await served.Client.GetAsync(address, Cancel);
                answer.Content.Headers.ContentType!.MediaType.ShouldBe(format.MediaType);
                answer.Content.Headers.ContentDisposition?.FileName.ShouldBe($"industry-v1.{format.Extension}");
                (answer.Content.Headers.ContentDisposition is null).ShouldBe(format.Name == "json");
                // The version's own file is the same in every language.
                etags.Add(answer.Headers.ETag!.Tag).ShouldBe(format.Name != "parquet" || options != "&lang=zh", address);
                answer.Headers.TryGetValues("Link", out var links);
                // A CSV has a link to its description, too.
                var link = links?.Single().Split(", ").SingleOrDefault(l => l.EndsWith("rel=\"next\"", StringComparison.Ordinal));
                (link is not null).ShouldBe(options.StartsWith("&limit", StringComparison.Ordinal), address);
                using var again = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "If-None-Match", answer.Headers.ETag.Tag } } };
                (await served.Client.SendAsync(again, Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
                using var asked = new HttpRequestMessage(HttpMethod.Get, address.Replace($"format={format.Name}", "")) { Headers = { { "Accept", format.MediaType } } };
                using var accepted = await served.Client.SendAsync(asked, Cancel);
                // The link to a CSV's description has the parameters as they were sent, and goes with what is kept under the ETag.
                if (format.Name != "csv")
                    accepted.Headers.ETag!.Tag.ShouldBe(answer.Headers.ETag.Tag);
                // As the name of a file: parquet's with more is a query, without it is the version's own.
                using var file = await served.Client.GetAsync($"/v1/datasets/industry/data.{format.Name}?{options.TrimStart('&')}", Cancel);
                if (format.Name != "parquet")
                {
                    if (format.Name != "csv")
                        file.Headers.ETag!.Tag.ShouldBe(answer.Headers.ETag.Tag, address);
                    (await file.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(await answer.Content.ReadAsByteArrayAsync(Cancel));
                }
                if (link is null)
                    continue;
                using var rest = await served.Client.GetAsync(link.Split('<', '>')[1], Cancel);
                rest.Content.Headers.ContentType!.MediaType.ShouldBe(format.MediaType);
                using var posted = await served.Client.PostAsync("/v1/datasets/industry/query", new StringContent($$"""{"format":"{{format.Name}}","limit":1}"""), Cancel);
                posted.Content.Headers.ContentType!.MediaType.ShouldBe(format.MediaType);
            }
        }
        var whole = FromDuckDb(await served.Client.GetByteArrayAsync("/v1/datasets/industry/data?format=csv&columns=REF_AREA,OBS_VALUE", Cancel), "csv");
        whole.Rows.Select(r => string.Join(' ', r)).ShouldBe(["650000 5.20", "650000 ", "650100 -1.5"]);
        using var about = ReadingFixtures.Read(await served.Client.GetByteArrayAsync("/v1/datasets/industry/data?format=xlsx&REF_AREA=650100", Cancel), "a.xlsx");
        var lines = ReadingFixtures.Rows(about.Tables[1]).ConvertAll(row => string.Join('|', row));
        lines.ShouldContain("Dataset|industry");
        lines.ShouldContain("Query|REF_AREA=650100");
        lines.ShouldContain("Licence|https://creativecommons.org/licenses/by/4.0/");
        lines.ShouldContain($"Data|{served.Client.BaseAddress!.ToString().TrimEnd('/')}/v1/datasets/industry/data?REF_AREA=650100&version=1&format=xlsx");
    }

    [Fact]
    public async Task More_periods_than_stand_across_are_told_with_the_way_round()
    {
        await using var served = await Served.StartAsync();
        var days = Enumerable.Range(0, WideLayout.MostColumns + 1).Select(day => new Row("650000", new DateOnly(1990, 1, 1).AddDays(day).ToString("yyyy-MM-dd"), day, "A", "PT"));
        await served.PublishAsync("daily", Cubes.Of(days));
        var (status, problem) = await served.ProblemAsync("/v1/datasets/daily/data?layout=wide&format=csv");
        (status, (string?)problem["code"]).ShouldBe((HttpStatusCode.UnprocessableEntity, "too-large-for-format"));
        ((string)problem["detail"]!).ShouldContain("Narrow TIME_PERIOD");
        var csv = await served.Client.GetStringAsync("/v1/datasets/daily/data?layout=wide&format=csv&TIME_PERIOD=ge:1990-01-02", Cancel);
        csv.Split("\r\n")[1].Split(',')[^1].ShouldBe($"{WideLayout.MostColumns}");
        FromXlsx(await served.Client.GetByteArrayAsync("/v1/datasets/daily/data?layout=wide&format=xlsx&TIME_PERIOD=ge:1990-01-02", Cancel)).Rows.Single()[^1].ShouldBe($"{WideLayout.MostColumns}");
    }

    [Fact]
    public async Task Clients_in_javascript_read_parquet_and_arrow()
    {
        await using var served = await Served.StartAsync();
        await served.PublishAsync("mixed", Cube([new("中国", "GDP", "2021", 7.0m, "CNY", 4, null), new("01", "-5", "2021-06", null, "PT", 0, "é😀"), new("01", "GDP", "", -12345678.25m, "PT", 0, "n")]));
        foreach (var query in (string[])["", "&labels=both", "&labels=label", "&columns=OBS_VALUE,REF_AREA,NOTE", "&layout=wide", "&REF_AREA=01&TIME_PERIOD=2020"])
            (await OthersTools.NodeAsync("tables.mjs", Cancel, $"{served.Client.BaseAddress}v1/datasets/mixed/data?version=1{query}")).ShouldStartWith("same");
    }

    [Fact]
    public async Task LibreOffice_opens_the_workbook()
    {
        var (isThere, why) = await OthersTools.FindAsync("soffice", "--version");
        Assert.SkipUnless(isThere, $"LibreOffice is not here: {why}");
        await using var served = await Served.StartAsync();
        await served.PublishAsync("mixed", Cube([new("中国", "GDP", "2021", 7.0m, "CNY", 4, null), new("01", "-5", "2021-06", null, "PT", 0, "_x0041_"), new("=1+1", "GDP", "2022-12", -12345678.25m, "PT", 0, "two\nlines")]));
        var folder = Directory.CreateTempSubdirectory("pipeline-xlsx-").FullName;
        try
        {
            foreach (var query in (string[])["", "&layout=wide&labels=both"])
            {
                var csv = FromDuckDb(await served.Client.GetByteArrayAsync("/v1/datasets/mixed/data?format=csv" + query, Cancel), "csv");
                await File.WriteAllBytesAsync(Path.Combine(folder, "mixed.xlsx"), await served.Client.GetByteArrayAsync("/v1/datasets/mixed/data?format=xlsx" + query, Cancel), Cancel);
                var (code, output) = await OthersTools.RunAsync("soffice", [$"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1", "mixed.xlsx"], folder, Cancel);
                code.ShouldBe(0, output);
                var opened = FromDuckDb(await File.ReadAllBytesAsync(Path.Combine(folder, "mixed.csv"), Cancel), "csv");
                // It shows numbers as they are formatted: with the decimals of the release.
                opened.Shown(Unguarded).ShouldBe(Without(csv, ["DATASET", "FREQ_LABEL", "UNIT_MEASURE_LABEL", "UNIT_MULT_LABEL"]).Shown(Unguarded));
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    private static readonly string[] InTime = ["", "2020", "2021-01/2021-06", "2021", "2021-Q2", "2021-06", "2021-W24", "2022-12"];

    private static Gen<T> OneOf<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static string FreqOf(string period) => period.Length switch { 0 => "_Z", 4 => "A", _ => "M" };

    private static Cube Cube(List<Cell> cells)
    {
        Component[] components =
        [
            new("FREQ", ComponentRole.Dimension), new("REF_AREA", ComponentRole.Dimension), new("INDICATOR", ComponentRole.Dimension), new("TIME_PERIOD", ComponentRole.Time),
            new("OBS_STATUS", ComponentRole.Attribute), new("UNIT_MEASURE", ComponentRole.Attribute), new("UNIT_MULT", ComponentRole.Attribute), new("NOTE", ComponentRole.Attribute),
        ];
        // Some codes have labels, and two of them the same.
        Code Labelled(string id) => id switch
        {
            "01" or "650100" => new Code(id) { Labels = new Dictionary<string, string> { ["en"] = "Somewhere, \"here\"", ["zh"] = "某地" } },
            "GDP" => new Code(id) { Labels = new Dictionary<string, string> { ["zh"] = "国内生产总值" } },
            _ => new Code(id),
        };
        var cube = new Cube(components, []);
        var row = 1;
        foreach (var cell in cells)
        {
            string?[] ids = [FreqOf(cell.Period), cell.Area, cell.Indicator, cell.Period, cell.Value is null ? "M" : "A", cell.Unit, cell.Mult.ToString(CultureInfo.InvariantCulture), cell.Note];
            cube.Observations.Add([.. ids.Select((id, c) => id is null ? -1 : components[c].Codes.Add(Labelled(id)))], cell.Value, Source.Cell(++row, 3));
        }
        return cube;
    }

    private static Table Without(Table table, IEnumerable<string> names)
    {
        var kept = Enumerable.Range(0, table.Names.Count).Where(i => !names.Contains(table.Names[i])).ToList();
        return new Table([.. kept.Select(i => table.Names[i])], [.. table.Rows.Select(row => (IReadOnlyList<string>)[.. kept.Select(i => row[i])])]);
    }

    private static Table Ended(Table table) => table with { Rows = [.. table.Rows.Reverse().SkipWhile(row => row.All(cell => cell.Length == 0)).Reverse()] };

    // The apostrophe that keeps a spreadsheet from taking a text for a formula is taken off again.
    private static string Unguarded(string name, string text) => text.TrimStart('\'');

    private static string Number(string name, string text) => (name == "OBS_VALUE" || char.IsAsciiDigit(name[0])) && text.Length > 0
        ? double.Parse(text, CultureInfo.InvariantCulture).ToString("G15", CultureInfo.InvariantCulture) : text.TrimStart('\'');

    private static Table FromDuckDb(byte[] answer, string format)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.{format}");
        File.WriteAllBytes(path, answer);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM " + format switch
        {
            "csv" or "tsv" => $"read_csv('{path}', header = true, all_varchar = true, nullstr = '\\N', quote = '\"', escape = '\"', delim = '{(format == "csv" ? "," : "\\t")}', strict_mode = true)",
            "json" => $"read_ndjson('{path}')",
            _ => $"'{path}'",
        };
        using var reader = command.ExecuteReader();
        var (names, rows) = (Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList(), new List<IReadOnlyList<string>>());
        while (reader.Read())
            rows.Add([.. names.Select((_, i) => reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture)!)]);
        File.Delete(path);
        return new Table(names, rows);
    }

    private static Table FromJson(byte[] lines) => FromJson(new JsonArray([.. Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line))]));

    private static Table FromJson(JsonArray rows) => new(
        rows.Count == 0 ? [] : [.. rows[0]!.AsObject().Select(member => member.Key)],
        [.. rows.Select(row => (IReadOnlyList<string>)[.. row!.AsObject().Select(member => member.Value switch
        {
            null => "",
            var value when value.GetValueKind() == JsonValueKind.String => (string)value!,
            var value => value.ToJsonString(),
        })])]);

    private static Table FromArrow(byte[] stream)
    {
        using var reader = new ArrowStreamReader(new MemoryStream(stream));
        var rows = new List<IReadOnlyList<string>>();
        while (reader.ReadNextRecordBatch() is { } batch)
        {
            for (var row = 0; row < batch.Length; row++)
                rows.Add([.. batch.Arrays.Select(array => Text(array, row))]);
        }
        return new Table([.. reader.Schema.FieldsList.Select(f => f.Name)], rows);

        static string Text(IArrowArray array, int row) => array switch
        {
            _ when array.IsNull(row) => "",
            DictionaryArray coded => ((StringArray)coded.Dictionary).GetString(((Int32Array)coded.Indices).GetValue(row)!.Value),
            StringArray texts => texts.GetString(row),
            Int32Array numbers => numbers.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
            Decimal128Array decimals => decimals.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
            _ => array.GetType().Name,
        };
    }

    private static Table FromXlsx(byte[] workbook)
    {
        using var release = ReadingFixtures.Read(workbook, "table.xlsx");
        release.Sheets.ShouldBe(["Data", "About"]);
        var rows = ReadingFixtures.Rows(release.Tables[0]);
        // Cells that are empty at the end of a row are not written.
        return new Table(rows[0], [.. rows.Skip(1).Select(row => (IReadOnlyList<string>)[.. row, .. Enumerable.Repeat("", rows[0].Length - row.Length)])]);
    }
}
