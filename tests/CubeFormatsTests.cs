using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Pipeline.Querying;
using Pipeline.Reading;
using Pipeline.Serving;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>JSON-stat and PX as they are written, read back by our own readers and by JSON-stat's toolkit.</summary>
public sealed class CubeFormatsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed record Cell(string Area, string Indicator, string Period, decimal? Value, string Status, string Unit, int Mult)
    {
        public string Key => $"{Freq}|{Area}|{Indicator}|{Period}";

        public string Freq => Period.Length == 0 ? "_Z" : Period.Contains('/') ? "_O" : Period.Length == 4 ? "A" : Period.Length == 10 ? "D" : char.IsDigit(Period[5]) ? "M" : Period[5..6];
    }

    private static readonly string[] Areas = ["650000", "650100", "a,b", "中国", "x (y)", "1.5", "--"];
    private static readonly string[] Indicators = ["GDP", "-5", "POP"];
    private static readonly string[] Periods = ["2020", "2021", "2021-S1", "2021-Q2", "2021-06", "2021-12", "2021-06-15", "2021-W24"];

    private static readonly Gen<List<Cell>> AnyCells = Gen.Select(
        OneOf(Areas), OneOf(Indicators), OneOf(Periods), Cubes.Value, OneOf("A", "E", "P"), OneOf("O", "M", "Q", "L"), OneOf("PT", "CNY"),
        (area, indicator, period, value, status, missing, unit) => new Cell(area, indicator, period, value, value is null ? missing : status, unit, unit == "PT" ? 0 : 4))
        .List[1, 60].Select(cells => cells.DistinctBy(c => c.Key).ToList());

    private static Gen<T> OneOf<T>(params T[] from) => Gen.Int[0, from.Length - 1].Select(i => from[i]);

    [Fact]
    public async Task What_is_written_is_read_back()
    {
        var store = await LakeStore.CreateAsync();
        var (catalogue, lake) = Reading(store);
        await Gen.Select(AnyCells, Gen.Bool).SampleAsync(async (cells, byIndicator) =>
        {
            // Units that what is measured tells, and units that nothing tells.
            cells = byIndicator ? [.. cells.Select(c => c with { Unit = c.Indicator == "GDP" ? "CNY" : "PT", Mult = c.Indicator == "GDP" ? 4 : 0 })] : cells;
            var at = await PublishAsync(store, catalogue, cells);
            var json = await JsonStatAsync(at, lake);
            var stat = JsonNode.Parse(json)!;
            var read = Read(json, "t.json");
            // A list has a null for each cell without an observation, which has no status either.
            read.Where(r => cells.TrueForAll(c => c.Key != r.Key)).ShouldAllBe(r => r.Value.Value == null);
            (stat["status"]?.AsObject().Count ?? 0).ShouldBe(cells.Count(c => c.Status != "A"));
            foreach (var cell in cells)
            {
                var (value, status, unit, mult) = read[cell.Key];
                // Our reader takes an M, which many offices write for any missing value, for one of which nothing more is said.
                (value?.ToString(CultureInfo.InvariantCulture), status).ShouldBe((cell.Value?.ToString(CultureInfo.InvariantCulture), cell.Status == "M" ? "O" : cell.Status));
                if (byIndicator)
                    (unit, mult).ShouldBe((cell.Unit, cell.Mult));
            }
            (stat["dimension"]!["INDICATOR"]!["category"]!["unit"] is not null).ShouldBe(cells.GroupBy(c => c.Indicator).All(g => g.DistinctBy(c => c.Unit).Count() == 1));

            var px = await PxAsync(at, lake);
            var back = Read(px, "t.px");
            foreach (var cell in cells)
            {
                var (value, status, unit, mult) = back[cell.Key];
                (value, status).ShouldBe((cell.Value, cell.Status), px);
                if (byIndicator)
                    (unit, mult).ShouldBe((cell.Unit, cell.Mult));
            }
            back.Where(b => cells.TrueForAll(c => c.Key != b.Key)).ShouldAllBe(b => b.Value.Value == null);
        }, iter: 25, threads: 1);
    }

    [Fact]
    public async Task The_toolkit_reads_the_same_cells()
    {
        var store = await LakeStore.CreateAsync();
        var (catalogue, lake) = Reading(store);
        Cell[] cells =
        [
            new("650000", "GDP", "2020", 7.0m, "A", "CNY", 4), new("650000", "GDP", "2021", 7.25m, "E", "CNY", 4), new("650100", "POP", "2021", null, "M", "PS", 0),
            new("中国", "POP", "2020", 1234567.5m, "P", "PS", 0),
        ];
        var at = await PublishAsync(store, catalogue, cells);
        var json = await JsonStatAsync(at, lake);
        json.ShouldContain("\"value\":[7.0,7.25,");
        var file = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".json");
        await File.WriteAllTextAsync(file, json, Cancel);
        var lines = (await OthersTools.NodeAsync("jsonstat.mjs", Cancel, file)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        File.Delete(file);
        lines[0].ShouldBe("FREQ:classification:1 REF_AREA:geo:3 INDICATOR:metric:2 TIME_PERIOD:time:2");
        lines[1..].Order(StringComparer.Ordinal).ShouldBe(cells.Select(c => $"A|{c.Area}|{c.Indicator}|{c.Period}|{c.Value?.ToString("0.####", CultureInfo.InvariantCulture)}|{(c.Status == "A" ? "" : c.Status)}").Order(StringComparer.Ordinal));
        var unit = JsonNode.Parse(json)!["dimension"]!["INDICATOR"]!["category"]!["unit"]!;
        (unit["GDP"]!["decimals"], (int)unit["GDP"]!["multiplier"]!, (int)unit["POP"]!["decimals"]!).ShouldBe((null, 4, 1));
    }

    [Fact]
    public async Task Few_cells_of_many_are_an_object_and_children_name_their_parents()
    {
        var store = await LakeStore.CreateAsync();
        var (catalogue, lake) = Reading(store);
        var cells = Enumerable.Range(0, 20).Select(i => new Cell($"65{i:D2}", "GDP", $"{2000 + i}", i, i == 3 ? "E" : "A", "PT", 0)).ToList();
        var at = await PublishAsync(store, catalogue, cells, c => c == "6500" ? null : "6500");
        var stat = JsonNode.Parse(await JsonStatAsync(at, lake))!;
        stat["value"]!.AsObject().Select(v => (v.Key, (int)v.Value!)).ShouldBe(Enumerable.Range(0, 20).Select(i => ((i * 21).ToString(CultureInfo.InvariantCulture), i)));
        stat["status"]!.ToJsonString().ShouldBe("{\"63\":\"E\"}");
        stat["dimension"]!["REF_AREA"]!["category"]!["child"]!["6500"]!.AsArray().Count.ShouldBe(19);
        stat["extension"]!["attributes"]!["UNIT_MEASURE"]!["code"]!.ToString().ShouldBe("PT");
        (await PxAsync(at, lake)).ShouldContain("HIERARCHIES(\"REF_AREA\")=\"6500\",\n\"6500\":\"6501\",");
    }

    [Fact]
    public async Task More_cells_than_a_format_holds_are_refused_with_the_limit()
    {
        var store = await LakeStore.CreateAsync();
        var (catalogue, lake) = Reading(store);
        // 3,500 places, each in a year of its own day: 12 million cells.
        var cells = Enumerable.Range(0, 3_500).Select(i => new Cell($"A{i}", "GDP", new DateOnly(2000, 1, 1).AddDays(i).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), i, "A", "PT", 0)).ToList();
        var at = await PublishAsync(store, catalogue, cells);
        foreach (var refused in new[] { await Should.ThrowAsync<ProblemException>(() => JsonStatAsync(at, lake)), await Should.ThrowAsync<ProblemException>(() => PxAsync(at, lake)) })
        {
            (refused.Status, refused.Code).ShouldBe((422, "too-large-for-format"));
            refused.Message.ShouldContain("CSV");
        }
    }

    [Fact]
    public async Task A_dataset_without_periods_has_no_time_and_texts_lose_what_px_can_not_quote()
    {
        var store = await LakeStore.CreateAsync();
        var (catalogue, lake) = Reading(store);
        var at = await PublishAsync(store, catalogue, [new("\"q\"", "GDP", "", 1.50m, "A", "PT", 0), new("'q'", "GDP", "", 2m, "A", "PT", 0)]);
        JsonNode.Parse(await JsonStatAsync(at, lake))!["id"]!.AsArray().Select(i => (string)i!).ShouldBe(["FREQ", "REF_AREA", "INDICATOR"]);
        var px = await PxAsync(at, lake);
        px.ShouldContain("CODES(\"REF_AREA\")=\"'q'\",\"'q' ('q')\";");
        px.ShouldContain("DATA=\n1.50\n2\n;");
    }

    private static (Catalogue Catalogue, VersionQueries Lake) Reading(LakeStore store)
    {
        var lake = new VersionQueries(store.Storage, new ConfigurationBuilder().Build());
        return (new Catalogue(store.Index, lake), lake);
    }

    private static async Task<DatasetAtVersion> PublishAsync(LakeStore store, Catalogue catalogue, IReadOnlyList<Cell> cells, Func<string, string?>? parent = null)
    {
        var dataset = "d" + Guid.NewGuid().ToString("N")[..10];
        await store.PublishAsync(dataset, 1, () => Cube(cells, parent));
        return await catalogue.AtAsync(dataset, null, null, Cancel);
    }

    private static ObservationTable Table(DatasetAtVersion at, VersionQueries lake) =>
        new() { At = at, Rows = lake.RunAsync(at, new DataQuery([], []), null, Cancel), Languages = ["en"] };

    private static async Task<string> JsonStatAsync(DatasetAtVersion at, VersionQueries lake)
    {
        var to = new MemoryStream();
        await (await JsonStat.ReadAsync(Table(at, lake), new TablePage("", "") { Publisher = "Office" }, Cancel)).WriteAsync(to, Cancel);
        return Encoding.UTF8.GetString(to.ToArray());
    }

    private static async Task<string> PxAsync(DatasetAtVersion at, VersionQueries lake)
    {
        var to = new MemoryStream();
        await (await Px.ReadAsync(Table(at, lake), new TablePage("", "") { Publisher = "Office" }, Cancel)).WriteAsync(to, Cancel);
        return Encoding.UTF8.GetString(to.ToArray());
    }

    private static Dictionary<string, (decimal? Value, string Status, string Unit, int Mult)> Read(string text, string name)
    {
        using var release = ReleaseReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), name);
        using var result = Interpreter.Interpret(release, new ReleaseContext("t"));
        result.Findings.HasErrors.ShouldBeFalse();
        var cube = result.Cubes.ShouldHaveSingleItem();
        var found = new Dictionary<string, (decimal?, string, string, int)>();
        foreach (var batch in cube.Observations.Read())
        {
            for (var row = 0; row < batch.Count; row++)
            {
                string Of(string id) => cube.IndexOf(id) is >= 0 and var c && batch.Codes[c][row] >= 0 ? cube.Components[c].Codes[batch.Codes[c][row]].Id : "";
                found.Add($"{Of("FREQ")}|{Of("REF_AREA")}|{Of("INDICATOR")}|{Of("TIME_PERIOD")}", (batch.Value(row), Of("OBS_STATUS"), Of("UNIT_MEASURE"), int.Parse(Of("UNIT_MULT"), CultureInfo.InvariantCulture)));
            }
        }
        return found;
    }

    private static Cube Cube(IEnumerable<Cell> cells, Func<string, string?>? parent)
    {
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension), new(Concepts.RefArea, ComponentRole.Dimension), new(Concepts.Indicator, ComponentRole.Dimension),
            new(Concepts.TimePeriod, ComponentRole.Time), new(Concepts.ObsStatus, ComponentRole.Attribute), new(Concepts.UnitMeasure, ComponentRole.Attribute),
            new(Concepts.UnitMult, ComponentRole.Attribute),
        ];
        var (cube, number, codes) = (new Cube(components, []), 1, new int[components.Length]);
        foreach (var cell in cells)
        {
            codes[0] = components[0].Codes.Add(cell.Freq);
            codes[1] = components[1].Codes.Add(new Code(cell.Area) { Parent = parent?.Invoke(cell.Area) });
            codes[2] = components[2].Codes.Add(cell.Indicator);
            codes[3] = components[3].Codes.Add(cell.Period);
            codes[4] = components[4].Codes.Add(cell.Status);
            codes[5] = components[5].Codes.Add(new Code(cell.Unit) { Labels = new Dictionary<string, string> { ["en"] = cell.Unit == "PT" ? "Per cent" : cell.Unit == "CNY" ? "Yuan" : "Persons" } });
            codes[6] = components[6].Codes.Add(cell.Mult.ToString(CultureInfo.InvariantCulture));
            cube.Observations.Add(codes, cell.Value, Source.Cell(++number, 3));
        }
        return cube;
    }
}
