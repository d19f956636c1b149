using System.Text.Json;
using Pipeline.Checking;
using Pipeline.Local;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The command <c>check</c>: what it writes, and its exit code.</summary>
public sealed class CheckCommandTests : IDisposable
{
    private const string Exports = "Period,Area,Exports (tonnes)\n2023-01,Northmere,5.20\n2023-02,Northmere,6.00\n";
    private const string Visitors = "Period,Type of accommodation,Nights\n2023,Hotels,120\n2023,Campsites,30\n";

    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-check-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Fact]
    public async Task Csv_is_the_observations_with_exact_values_and_their_cells()
    {
        var (code, output, error) = await RunAsync("check", Write("Exports 2023.csv", Exports), "--format", "csv");
        (code, error).ShouldBe((0, ""));
        var rows = Rows(output);
        rows.Length.ShouldBe(2);
        rows.Select(r => (r["DATASET"], r["TIME_PERIOD"], r["OBS_VALUE"], r["SOURCE"], r["DECIMALS"]))
            .ShouldBe([("exports-2023", "2023-01", "5.20", "C2", "2"), ("exports-2023", "2023-02", "6.00", "C3", "2")]);
        rows[0].Keys.First().ShouldBe("DATASET");
        rows[0].ShouldContainKey("FREQ_LABEL");
    }

    [Theory]
    [InlineData("年份,地区,产量（万吨）\n2022,新疆,5\n2023,新疆,6\n", "新疆", "万", "吨")]
    [InlineData("year,area,output (million tonnes)\n2022,Xinjiang,5\n2023,Xinjiang,6\n", "Xinjiang", "Million", "Tonnes")]
    public async Task Labels_are_in_the_language_of_the_table(string table, string area, string multiplier, string unit)
    {
        var (code, output, _) = await RunAsync("check", Write("output.csv", table), "--format", "csv");
        code.ShouldBe(0);
        Rows(output).ShouldAllBe(row => row["REF_AREA_LABEL"] == area && row["UNIT_MULT_LABEL"] == multiplier && row["UNIT_MEASURE_LABEL"] == unit);
    }

    [Fact]
    public async Task Several_releases_share_one_line_of_names()
    {
        var (code, output, _) = await RunAsync("check", Write("a.csv", Exports), Write("b.csv", Visitors), "--format", "csv");
        code.ShouldBe(0);
        var rows = Rows(output);
        rows.Select(r => (r["DATASET"], r["OBS_VALUE"])).ShouldBe([("a", "5.20"), ("a", "6.00"), ("b", "30"), ("b", "120")], ignoreOrder: true);
        rows.Select(r => r.Count).Distinct().Count().ShouldBe(1);
        rows.Where(r => r["DATASET"] == "b").ShouldAllBe(r => r["REF_AREA"] == "");
    }

    [Fact]
    public async Task A_profile_beside_the_file_is_followed_and_the_one_to_keep_is_shown()
    {
        var file = Write("a.csv", Visitors);
        var (code, output, _) = await RunAsync("check", file, "--format", "json");
        code.ShouldBe(0);
        using (var kept = JsonDocument.Parse(output))
            kept.RootElement[0].GetProperty("profile").GetProperty("tables")[0].GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("words").GetString()).ShouldBe(["Period", "Type of accommodation", "Nights"]);
        var profile = Write("profile.json", """{"tables": [{"columns": [{"words": "Type of accommodation", "id": "KIND"}]}]}""");
        (code, output, _) = await RunAsync("check", file, "--format", "csv");
        Rows(output).Select(r => r["KIND"]).ShouldBe(["Campsites", "Hotels"], ignoreOrder: true);
        File.WriteAllText(profile, """{"tables": 1}""");
        (code, _, var error) = await RunAsync("check", file);
        code.ShouldNotBe(0);
        error.ShouldContain("profile.json, $.tables, line 1");
    }

    [Fact]
    public async Task A_folder_gets_a_file_for_each_release()
    {
        var target = Path.Combine(folder, "out", "below");
        var (code, output, _) = await RunAsync("check", Write("a.csv", Exports), Write("b.csv", Visitors), "--format", "csv", "--out", target, "--dataset", "d");
        (code, output).ShouldBe((0, ""));
        Directory.GetFiles(target).Select(Path.GetFileName).ShouldBe(["a.csv.csv", "b.csv.csv"], ignoreOrder: true);
        Rows(await File.ReadAllTextAsync(Path.Combine(target, "b.csv.csv"))).ShouldAllBe(r => r["DATASET"] == "d");
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("csv")]
    public async Task What_can_not_be_published_ends_with_1_and_says_why(string format)
    {
        var (code, output, error) = await RunAsync("check", Write("good.csv", Exports), Write("empty.csv", ""), "--format", format);
        code.ShouldBe(1);
        (format == "csv" ? error : output).ShouldContain("empty.csv");
        if (format == "json")
        {
            using var json = JsonDocument.Parse(output);
            json.RootElement.EnumerateArray().Select(r => r.GetProperty("publishable").GetBoolean()).ShouldBe([true, false]);
            json.RootElement[1].GetProperty("findings").GetArrayLength().ShouldBeGreaterThan(0);
            json.RootElement[0].GetProperty("reconciliation").GetProperty("cellsIn").GetInt32().ShouldBe(2);
            json.RootElement[0].GetProperty("datasets")[0].GetProperty("observations").GetInt32().ShouldBe(2);
            json.RootElement[0].GetProperty("tables").ValueKind.ShouldBe(JsonValueKind.Array);
            json.RootElement[0].GetProperty("datasets")[0].GetProperty("firstObservations").EnumerateArray()
                .Select(o => (o.GetProperty("TIME_PERIOD").GetString(), o.GetProperty("OBS_VALUE").GetRawText(), o.GetProperty("SOURCE").GetString()))
                .ShouldBe([("2023-01", "5.20", "C2"), ("2023-02", "6.00", "C3")]);
        }
    }

    [Fact]
    public async Task Text_tells_how_it_was_read_the_account_and_the_first_observations()
    {
        var (code, output, _) = await RunAsync("check", Write("a.csv", Exports));
        code.ShouldBe(0);
        output.ShouldContain("a.csv (csv, utf-8)");
        output.TrimEnd().ShouldEndWith("a.csv: can be published");
        output.ShouldContain("2 data cells = 2 observations + 0 set aside");
        output.ShouldMatch(@"2023-01 +5\.20 +C2");
        output.ShouldContain("all with FREQ M");
        output.Split('\n').Length.ShouldBeLessThan(25, "one screen");
    }

    [Fact]
    public async Task Every_code_of_the_findings_is_told_with_its_addresses_and_its_advice_once()
    {
        var bad = "Period,Area,Exports (tonnes)\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"{1990 + i},Northmere,{(i < 9 ? "bad" + i : i)}\n"));
        var (_, output, _) = await RunAsync("check", Write("bad.csv", bad));
        output.ShouldContain("warning number-unreadable at C2:");
        output.ShouldContain("also at C3 (found: bad1), C4 (found: bad2), C5 (found: bad3), C6 (found: bad4), C7 (found: bad5)\n    and 3 more\n");
        output.Split("Write a number").Length.ShouldBe(2);
        output.IndexOf("number-unreadable at", StringComparison.Ordinal).ShouldBeLessThan(output.IndexOf("data cells =", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_in_a_file_reaches_the_terminal_as_a_command()
    {
        var (_, output, _) = await RunAsync("check", Write("evil.csv", "Period,\"Ar\e[2Jea\",Exports (tonnes)\n2023-01,\"North\e]0;x\amere\",5\n2023-02,South,\"\e[31mx\"\n"));
        output.Where(c => char.IsControl(c) && c is not '\n' and not '\r').ShouldBeEmpty();
    }

    [Fact]
    public async Task A_text_in_a_folder_is_the_text_of_the_terminal()
    {
        var file = Write("a.csv", Exports);
        var (_, output, _) = await RunAsync("check", file);
        await RunAsync("check", file, "--out", folder);
        (await File.ReadAllTextAsync(Path.Combine(folder, "a.csv.txt"))).ShouldBe(output);
    }

    [Fact]
    public void Progress_goes_from_0_to_1_once()
    {
        var told = new List<double>();
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes("Period,Area,Exports\n" + string.Concat(Enumerable.Range(0, 50_000).Select(i => $"{1990 + (i % 30)},Area {i / 30},{i}\n"))));
        using var release = ReleaseCheck.Run(stream, "a.csv", new ReleaseContext("a"), new Told(told));
        release.IsPublishable.ShouldBeTrue();
        told.ShouldBe(told.Order());
        told.Where(part => part is > 0 and < 1).ShouldNotBeEmpty();
        told[^1].ShouldBe(1);
        told.ShouldAllBe(part => part >= 0 && part <= 1);
    }

    private sealed class Told(List<double> parts) : IProgress<double>
    {
        public void Report(double value) => parts.Add(value);
    }

    private static Dictionary<string, string>[] Rows(string csv)
    {
        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var names = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => names.Zip(line.Split(',')).ToDictionary(p => p.First, p => p.Second))];
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(folder, name), text);
        return Path.Combine(folder, name);
    }
}
