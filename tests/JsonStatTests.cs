using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Pipeline.Reading;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class JsonStatTests
{
    private const string Dimension = """
        "id": ["area", "time"], "size": [2, 2], "dimension": {
          "area": { "category": { "index": ["N", "S"], "label": { "N": "North", "S": "South" } } },
          "time": { "category": { "index": { "2002": 1, "2001": 0 } } } }
        """;

    [Fact]
    public void A_table_written_in_any_version_is_read_back() =>
        Gen.Select(DeclaredTable.Any, Gen.Int).Sample(static (table, seed) =>
        {
            var random = new Random(seed);
            var isSparse = random.Next(2) == 0;
            var text = Write(table, random, isSparse, out var missing);
            table.ShouldBeReadFrom(text, Encoding.UTF8.GetBytes((random.Next(4) == 0 ? "\ufeff" : "") + text), "t.json", codes: true, missing.Contains);
        }, iter: 300);

    [Fact]
    public void A_file_that_is_cut_or_changed_is_read_or_refused() =>
        Gen.Select(DeclaredTable.Any, Gen.Int, Gen.Select(Gen.Int[0, 1 << 20], Gen.Int[0, 11].Select(i => "\"[]{}:,0n- x"[i]), Gen.Int[0, 2]).Array[1, 3]).Sample(
            static (table, seed, changes) =>
            {
                var text = new StringBuilder(Write(table, new Random(seed), seed % 2 == 0, out _));
                foreach (var (where, sign, kind) in changes)
                {
                    var at = 1 + (where % (text.Length - 1));
                    if (kind == 0 && text.Length > 10)
                        text.Remove(at, Math.Min(9, text.Length - at));
                    else if (kind == 1)
                        text.Insert(at, sign);
                    else
                        text[at] = sign;
                }
                try
                {
                    using var release = ReadingFixtures.Read(text.ToString(), "t.json");
                    using var result = Interpreter.Interpret(release, new ReleaseContext("t"));
                    result.Reconciliation.IsBalanced.ShouldBeTrue();
                }
                catch (UnreadableReleaseException e)
                {
                    e.Finding.Severity.ShouldBe(Severity.Error);
                }
            }, iter: 500);

    [Theory]
    [InlineData("\"size\": [2, 2]", "\"size\": [2, 3]", "$.dimension.time")]
    [InlineData("\"size\": [2, 2]", "\"size\": [2]", "$.size")]
    [InlineData("\"size\": [2, 2]", "\"size\": [2, -2]", "$.size[1]")]
    [InlineData("\"id\": [\"area\", \"time\"]", "\"id\": [\"area\", \"area\"]", "$.id")]
    [InlineData("\"id\": [\"area\", \"time\"]", "\"id\": [\"area\", \"sex\"]", "$.dimension.sex")]
    [InlineData("[\"N\", \"S\"]", "[\"N\", \"N\"]", "$.dimension.area.category.index")]
    [InlineData("\"2001\": 0", "\"2001\": 1", "$.dimension.time.category.index.2001")]
    [InlineData("\"2001\": 0", "\"2001\": 5", "$.dimension.time.category.index")]
    [InlineData("[1, 2, 3, 4]", "[1, 2, 3]", "$.value")]
    [InlineData("[1, 2, 3, 4]", "[1, 2, [3], 4]", "$.value[2]")]
    [InlineData("[1, 2, 3, 4]", "{\"0\": 1, \"4\": 1}", "$.value[4]")]
    [InlineData("[1, 2, 3, 4]", "{\"0\": 1, \"00\": 1}", "$.value[0]")]
    [InlineData("[1, 2, 3, 4]", "{\"x\": 1}", "$.value.x")]
    [InlineData("[1, 2, 3, 4]", "5", "$.value")]
    [InlineData("\"dimension\"", "\"dimensions\"", "$.dimension")]
    [InlineData("[1, 2, 3, 4]", "[1, 2, 3, 4", "line 4")]
    public void What_does_not_fit_together_is_refused_with_its_path(string find, string put, string where)
    {
        var text = "{\"version\": \"2.0\", \"class\": \"dataset\", " + Dimension + ",\n\"value\": [1, 2, 3, 4]}";
        Should.Throw<UnreadableReleaseException>(() => Interpret(text.Replace(find, put, StringComparison.Ordinal)).Dispose()).Finding.Where.ShouldBe(where);
    }

    [Fact]
    public void Units_and_decimals_of_categories_are_the_observations()
    {
        using var result = Interpret("""
            { "version": "2.0", "class": "dataset", "id": ["what", "year"], "size": [2, 1], "role": { "time": ["year"], "metric": ["what"] },
              "dimension": { "year": { "category": { "index": ["2020"] } },
                "what": { "category": { "index": ["P", "R"], "unit": { "P": { "base": "persons", "multiplier": 3, "decimals": 1 }, "R": { "label": "per cent", "decimals": 0 } },
                  "note": { "R": ["A", "share."] } } } },
              "value": [1, 2.50] }
            """);
        Rows(result.Cubes[0]).ShouldBe([
            "FREQ=A INDICATOR=P TIME_PERIOD=2020 OBS_STATUS=A UNIT_MEASURE=PS UNIT_MULT=3 1.0",
            "FREQ=A INDICATOR=R TIME_PERIOD=2020 OBS_STATUS=A UNIT_MEASURE=PT UNIT_MULT=0 COMMENT_OBS=A share. 2.5"]);
    }

    [Theory]
    [InlineData("\"p\"", "P=p P=p P=p P=p")]
    [InlineData("[\"e\"]", "E=e E=e E=e E=e")]
    [InlineData("[\"e\", null, \"\", \"b\"]", "E=e A A B=b")]
    [InlineData("{\"2\": \"e\"}", "A A E=e A")]
    [InlineData("{\"value\": {\"1\": \"zz\"}, \"category\": {\"label\": {\"zz\": \"estimated\"}}}", "A E=zz A A")]
    public void A_status_is_one_for_all_or_a_list_or_those_that_differ(string status, string expected)
    {
        using var result = Interpret("{\"class\": \"dataset\", " + Dimension + ", \"value\": [1, 2, 3, 4], \"status\": " + status + "}");
        var cube = result.Cubes[0];
        var symbol = cube.IndexOf("OBS_SYMBOL");
        var batch = cube.Observations.Read().Single();
        string.Join(' ', Enumerable.Range(0, 4).Select(i => cube.Components[3].Codes[batch.Codes[3][i]].Id + (batch.Codes[symbol][i] < 0 ? "" : "=" + cube.Components[symbol].Codes[batch.Codes[symbol][i]].Id)))
            .ShouldBe(expected);
    }

    [Fact]
    public void Missing_values_texts_and_long_numbers_are_accounted_for()
    {
        using var result = Interpret("{\"class\": \"dataset\", " + Dimension + ", \"value\": {\"0\": null, \"1\": \"12.5\", \"2\": \"abc\", \"3\": 0.12345678901234567890123456789012}, \"status\": {\"0\": \"c\"}}");
        Rows(result.Cubes[0]).ShouldBe([
            "FREQ=A REF_AREA=N TIME_PERIOD=2001 OBS_STATUS=Q UNIT_MEASURE=_X UNIT_MULT=0 OBS_SYMBOL=c ",
            "FREQ=A REF_AREA=N TIME_PERIOD=2002 OBS_STATUS=A UNIT_MEASURE=_X UNIT_MULT=0 12.5"]);
        result.Reconciliation.SetAside.Keys.ShouldBe(["number-too-long", "number-unreadable"]);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        result.Findings.Kept.ShouldContain(f => f.Code == "number-unreadable" && f.Where == "$.value[2]");
    }

    [Fact]
    public void A_cell_with_a_status_and_no_value_is_missing()
    {
        using var result = Interpret("{\"class\": \"dataset\", " + Dimension + ", \"value\": {\"1\": 1}, \"status\": {\"3\": \":\"}}");
        Rows(result.Cubes[0])[1].ShouldBe("FREQ=A REF_AREA=S TIME_PERIOD=2002 OBS_STATUS=O UNIT_MEASURE=_X UNIT_MULT=0 OBS_SYMBOL=: ");
    }

    [Fact]
    public void Each_dataset_of_a_collection_or_a_bundle_is_a_cube()
    {
        var dataset = "{\"class\": \"dataset\", \"label\": \"Births by area\", " + Dimension + ", \"value\": [1, 2, 3, 4]}";
        using var collection = Interpret("{\"class\": \"collection\", \"link\": {\"item\": [" + dataset + ", {\"class\": \"dataset\", \"href\": \"elsewhere\"}, {\"class\": \"collection\", \"link\": {\"item\": [" + dataset + "]}}]}}");
        collection.Cubes.Select(c => c.Suffix).ShouldBe(["births-by-area", "births-by-area-2"]);
        collection.Findings.Kept.ShouldContain(f => f.Code == "json-stat-linked" && f.Where == "$.link.item[1]" && f.Found == "elsewhere");
        using var bundle = Interpret("{\"first\": " + dataset + ", \"extra\": {\"a\": 1}, \"second\": " + dataset + "}");
        bundle.Cubes.Select(c => c.Suffix).ShouldBe(["first", "second"]);
        bundle.Reconciliation.Observations.ShouldBe(8);
    }

    [Fact]
    public void A_hierarchy_gives_parents_and_a_circle_is_cut()
    {
        using var result = Interpret("""
            { "class": "dataset", "id": ["k"], "size": [4], "value": [1, 2, 3, 4],
              "dimension": { "k": { "category": { "index": ["a", "b", "c", "d"], "child": { "a": ["b", "x"], "b": ["c"], "c": ["d"], "d": ["c", "a"] } } } } }
            """);
        var codes = result.Cubes[0].Components[1].Codes;
        var parents = Enumerable.Range(0, 4).ToDictionary(i => codes[i].Id, i => codes[i].Parent);
        (parents["b"], parents["c"], parents["d"]).ShouldBe(("a", "b", "c"));
        parents["a"].ShouldBeNull();
        result.Findings.Kept.ShouldContain(f => f.Code == "json-stat-ignored" && f.Where == "$.dimension.k.category.child.a");
    }

    [Fact]
    public void A_time_scale_in_a_dimensions_id_reads_its_codes()
    {
        using var result = Interpret("""
            { "class": "dataset", "id": ["TLIST(Q1)"], "size": [2], "role": { "time": ["TLIST(Q1)"] }, "value": [1, 2],
              "dimension": { "TLIST(Q1)": { "category": { "index": ["20231", "20232"], "label": { "20231": "Ráithe a haon", "20232": "Ráithe a dó" } } } } }
            """);
        Rows(result.Cubes[0])[1].ShouldBe("FREQ=Q TIME_PERIOD=2023-Q2 OBS_STATUS=A UNIT_MEASURE=_X UNIT_MULT=0 2");
    }

    [Fact]
    public void Other_json_is_no_json_stat_however_many_objects_it_has()
    {
        JsonStatDocument.Read("{" + string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"\"{i}\": {{\"id\": {i}}}")) + "}").ShouldBeNull();
        JsonStatDocument.Read("{\"features\": [], \"dimension\": 5, \"value\": 1}").ShouldBeNull();
        Should.Throw<UnreadableReleaseException>(() => JsonStatDocument.Read("{\"class\": \"collection\", \"link\": {\"item\": [" + string.Join(",", Enumerable.Repeat("{}", 20_000)) + "]}}"))
            .Finding.Code.ShouldBe("json-stat-malformed");
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_refused()
    {
        var text = "{\"class\": \"dataset\", \"dimension\": " + string.Concat(Enumerable.Repeat("{\"a\": ", 100_000));
        Should.Throw<UnreadableReleaseException>(() => Interpret(text).Dispose()).Finding.Code.ShouldBe("json-malformed");
    }

    [Fact]
    public void Half_a_character_is_told_wherever_it_stands_and_read_as_its_replacement()
    {
        const string text = """
            { "version": "2.0", "class": "dataset", "label": "x", "note": ["n"], "source": "s", "updated": "2020-01-01", "extension": { "a": "b" }, "other": { "c": "d" },
              "id": ["a", "t"], "size": [2, 1], "role": { "time": ["t"] }, "status": { "0": "p" },
              "dimension": { "a": { "label": "A", "category": { "index": ["x", "y"], "label": { "x": "X", "y": "Y" }, "unit": { "x": { "base": "t", "decimals": 0 } }, "note": { "x": ["N"] } } },
                "t": { "label": "T", "category": { "index": ["2020"] } } },
              "value": [1, "2"] }
            """;
        using (var release = ReadingFixtures.Read(text.Replace("\"label\": \"x\"", "\"label\": \"x \\\\ud800 \\ud83d\\ude00\\udc00\"", StringComparison.Ordinal), "t.json"))
        {
            var finding = release.Findings.Kept.ShouldHaveSingleItem();
            (finding.Code, finding.Where, finding.Found).ShouldBe(("bytes-invalid", "line 1", "\\udc00"));
            using var result = Interpreter.Interpret(release, new ReleaseContext("t"));
            result.Cubes[0].Title.Values.ShouldBe(["x \\ud800 😀\ufffd"]);
            result.Cubes[0].Observations.Count.ShouldBe(2);
        }
        for (var at = text.IndexOf('"'); at >= 0; at = text.IndexOf('"', at + 1))
        {
            try
            {
                Interpret(text.Insert(at + 1, "\\ud800")).Dispose();
            }
            catch (UnreadableReleaseException e)
            {
                e.Finding.Severity.ShouldBe(Severity.Error);
            }
        }
    }

    private static Interpretation Interpret(string text)
    {
        using var release = ReadingFixtures.Read(text, "t.json");
        return Interpreter.Interpret(release, new ReleaseContext("t"));
    }

    private static List<string> Rows(Cube cube)
    {
        var rows = new List<string>();
        foreach (var batch in cube.Observations.Read())
            for (var row = 0; row < batch.Count; row++)
                rows.Add(string.Join(' ', cube.Components.Index().Where(c => batch.Codes[c.Index][row] >= 0).Select(c => $"{c.Item.Id}={c.Item.Codes[batch.Codes[c.Index][row]].Id}"))
                    + " " + batch.Value(row)?.ToString(CultureInfo.InvariantCulture));
        return rows;
    }

    /// <summary>One of the ways in which a table can be written as JSON-stat; <paramref name="missing"/> are the cells that are left out.</summary>
    private static string Write(DeclaredTable table, Random random, bool isSparse, out HashSet<int> missing)
    {
        var left = missing = [];
        if (isSparse)
            left.UnionWith(Enumerable.Range(0, table.Cells.Length).Where(i => table.Cells[i].Symbol is null && random.Next(4) == 0));
        var isOld = random.Next(2) == 0;
        var (ids, sizes) = (string.Join(",", table.Dimensions.Select(d => Quoted(d.Name))), string.Join(",", table.Dimensions.Select(d => d.Labels.Length)));
        var time = table.Dimensions.FirstOrDefault(d => d.Periods is not null);
        var order = $"\"id\": [{ids}], \"size\": [{sizes}]" + (time is null ? "" : $", \"role\": {{\"time\": [{Quoted(time.Name)}]}}");
        var dimensions = string.Join(",\n", table.Dimensions.Select(d => Quoted(d.Name) + ": " + Category(d)).Concat(isOld ? [order] : []).OrderBy(_ => random.Next()));
        var values = table.Cells.Select((c, i) => (Text: c.Value?.ToString(CultureInfo.InvariantCulture) ?? "null", Index: i)).Where(c => !left.Contains(c.Index)).ToList();
        var members = new List<string>
        {
            "\"label\": \"T\"",
            $"\"dimension\": {{{dimensions}}}",
            "\"value\": " + (isSparse ? "{" + string.Join(", ", values.OrderBy(_ => random.Next()).Select(v => $"\"{v.Index}\": {v.Text}")) + "}" : "[" + string.Join(", ", values.Select(v => v.Text)) + "]"),
        };
        if (table.Cells.Any(c => c.Symbol is not null))
            members.Add("\"status\": " + (random.Next(2) == 0
                ? "{" + string.Join(",", table.Cells.Index().Where(c => c.Item.Symbol is not null).Select(c => $"\"{c.Index}\": {Quoted(c.Item.Symbol!)}")) + "}"
                : "[" + string.Join(",", table.Cells.Select(c => c.Symbol is null ? "null" : Quoted(c.Symbol))) + "]"));
        if (!isOld)
            members.AddRange(["\"version\": \"2.0\"", "\"class\": \"dataset\"", order]);
        var dataset = "{" + string.Join(random.Next(2) == 0 ? ",\n" : ",", members.OrderBy(_ => random.Next())) + "}";
        return isOld ? $"{{\"dataset\": {dataset}}}" : dataset;

        string Category(TableDimension dimension)
        {
            var codes = dimension.Codes.Index().OrderBy(_ => random.Next()).ToList();
            var index = dimension.Codes.Length == 1 && random.Next(2) == 0 ? null
                : random.Next(2) == 0 ? "[" + string.Join(",", dimension.Codes.Select(Quoted)) + "]" : "{" + string.Join(",", codes.Select(c => $"{Quoted(c.Item)}: {c.Index}")) + "}";
            var label = "{" + string.Join(",", codes.Select(c => $"{Quoted(c.Item)}: {Quoted(dimension.Labels[c.Index])}")) + "}";
            return "{\"category\": {" + (index is null ? "" : $"\"index\": {index}, ") + $"\"label\": {label}" + "}}";
        }

        string Quoted(string text) => random.Next(2) == 0 ? JsonSerializer.Serialize(text) : "\"" + text.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }
}
