using Pipeline.Reading;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Codes, periods and units that offices write in ways of their own.</summary>
public sealed class ReadingCodesTests
{
    // A unit in a heading between rows.
    [Theory]
    [InlineData("地区|2019年|2020年\n失业率（%）||\n青石县|5.5|6.5\n白河县|4.5|4.0\n进出口总额（万美元）||\n青石县|1200|1350\n白河县|2300|2450", "INDICATOR", "失业率 5.5 PT 0", "失业率 4.0 PT 0", "进出口总额 1350 USD 4")]
    [InlineData("Region|2019|2020\nOutput (million EUR)||\nNorth|5.5|6.5\nSouth|4.5|4.0\nExports (USD)||\nNorth|1200|1350\nSouth|2300|2450", "INDICATOR", "Output 5.5 EUR 6", "Exports 2300 USD 0")]
    // A unit that begins with a number in the column of units.
    [InlineData("Indicator|Unit|2019|2020|2021\nSales|million USD|-2|52862|473.1\nExports|1000 t|-25.9|698.49|42839", "INDICATOR", "Sales -2 USD 6", "Exports 42839 T 3")]
    // Units of headers.
    [InlineData("Region|Year|Output, million USD\nNorth|2020|5\nSouth|2020|6", "REF_AREA", "North 5 USD 6")]
    [InlineData("Region|Output, million USD|Value, thousand\nNorth|5|1.5\nSouth|6|2.5", "REF_AREA", "North 5 USD 6", "South 2.5 _X 3")]
    [InlineData("Region|Population (1000s)|Steel (1000 t)\nNorth|5|1.5\nSouth|6|2.5", "REF_AREA", "North 5 _X 3", "South 2.5 T 3")]
    [InlineData("Region|Umsatz (Mio. EUR)|Schulden (Mrd. EUR)\nNorth|5|1.5\nSouth|6|2.5", "REF_AREA", "North 5 EUR 6", "South 2.5 EUR 9")]
    [InlineData("Region|Value (EUR)|Volume (t)|Deaths (b)\nNorth|5|1.5|2\nSouth|6|2.5|3", "REF_AREA", "North 5 EUR 0", "South 2.5 T 0", "South 3 _X 0")]
    // What a title of its own says of the index.
    [InlineData("居民消费价格指数||\n以2015年为100||\n地区|2020年|2021年\n甲县|112.3|114.5\n乙县|115.6|117.8", "REF_AREA", "甲县 112.3 IX_2015 0", "乙县 117.8 IX_2015 0")]
    [InlineData("Consumer price index||\n(2015=100)||\nRegion|2020|2021\nNorth|112.3|114.5\nSouth|115.6|117.8", "REF_AREA", "North 112.3 IX_2015 0")]
    [InlineData("Index 2015=100||\nRegion|2020|2021\nNorth|112.3|114.5\nSouth|115.6|117.8", "REF_AREA", "South 117.8 IX_2015 0")]
    // The word for units over each column of the stub.
    [InlineData("行业|企业类型|企业数|营业收入\n计量单位|计量单位|个|亿元\n农业|国有|12|14.5\n农业|私营|15|17.8\n工业|国有|22|24.5", "ACTIVITY", "Agriculture 12 UNIT 0", "Agriculture 17.8 CNY 8")]
    // Whose dollars they are is not said.
    [InlineData("REF_AREA|TIME_PERIOD|UOM|OBS_VALUE\nCA|2020|Dollars|1.5\nAU|2020|Dollars|2.5", "REF_AREA", "Canada 1.5 DOLLARS 0", "Australia 2.5 DOLLARS 0")]
    [InlineData("Country|2020 ($ million)|2021 ($ million)\nAustralia|1.5|2.5\nCanada|3.5|4.5", "REF_AREA", "Australia 1.5 DOLLARS 6")]
    // A number of what is counted is no code, and figures of the towns no towns.
    [InlineData("Region|Total number|Male|Female\nNorth|123|45|78\nSouth|456|78|378", "REF_AREA", "North 123 _X 0", "South 456 _X 0")]
    [InlineData("月份|全国|城市|农村\n2020年1月|112|114|111\n2020年2月|115|117|113", "INDICATOR", "城市 114 _X 0", "农村 113 _X 0")]
    [InlineData("月份|全国|城市\n2020年1月|112.3|114.5\n2020年2月|115.6|117.8", "INDICATOR", "城市 114.5 _X 0")]
    // Per mille in the cells.
    [InlineData("Region|Year|Value\nNorth|2020|5.5‰\nSouth|2020|6.5‰", "REF_AREA", "North 5.5 PM 0")]
    // States, provinces and cities are no countries, whatever their codes look like.
    [InlineData("State|Year|Sales (USD)\nAL|2020|1\nCA|2020|2\nDE|2020|3\nGA|2020|5\nTX|2020|6", "REF_AREA", "AL 1 USD 0", "DE 3 USD 0")]
    [InlineData("Region|Year|Sales (USD)\nAL|2020|1\nCA|2020|2\nGA|2020|5\nTX|2020|6", "REF_AREA", "CA 2 USD 0")]
    [InlineData("Province|2019|2020\nNL|1.5|2.5\nPE|3.5|4.5\nSK|5.5|6.5", "REF_AREA", "NL 1.5 _X 0")]
    [InlineData("City|Year|Sales (USD)\nArd|2020|1\nBel|2020|2\nCor|2020|3", "REF_AREA", "Bel 2 USD 0")]
    [InlineData("Country|Year|Sales (USD)\nDE|2020|1\nFR|2020|2\nXX|2020|3", "REF_AREA", "Germany 1 USD 0", "France 2 USD 0")]
    public void Labels_and_units_are_those_that_were_meant(string table, string dimension, params string[] expected)
    {
        using var result = Grid.Interpret(Grid.Lines(table));
        var seen = Seen.All(result).Select(o => $"{Label(o, dimension)} {o.Value} {o["UNIT_MEASURE"]} {o["UNIT_MULT"]}").ToList();
        foreach (var line in expected)
            seen.ShouldContain(line, string.Join("\n", seen));
    }

    [Theory]
    [InlineData("Region|Year|Month|Value\nNorth|2023|January|5\nNorth|2023|December|6\nNorth|2023|Total|11", "A 2023 11 (none)|M 2023-01 5 (none)|M 2023-12 6 (none)")]
    [InlineData("Region|Year|Month|Value\nNorth|2023|1|5\nNorth|2023|12|6\nNorth|2023|Total|11", "A 2023 11 (none)|M 2023-01 5 (none)|M 2023-12 6 (none)")]
    [InlineData("Month|2022|2023\nJanuary|5|6\nFebruary|6|7\nTotal|11|13", "A 2022 11 (none)|A 2023 13 (none)|M 2022-01 5 (none)|M 2022-02 6 (none)|M 2023-01 6 (none)|M 2023-02 7 (none)")]
    public void Total_among_the_months_of_a_year_is_the_year(string table, string expected)
    {
        using var result = Grid.Interpret(Grid.Lines(table));
        string.Join('|', Seen.All(result).Select(o => $"{o["FREQ"]} {o["TIME_PERIOD"]} {o.Value} {o["SEX"]}").Order()).ShouldBe(expected);
    }

    [Theory]
    [InlineData("Region;Year;Value\nNorth;2019;1,234\nNorth;2020;12,345\nSouth;2019;123,456\nSouth;2020;1,000\n", "1.234 12.345 123.456 1.000", "decimal-comma")]
    // A number without a comma has less than a thousand.
    [InlineData("Region;Year;Value\nNorth;2019;1,234\nNorth;2020;12,345\nSouth;2019;123,456\nSouth;2020;950\n", "1234 12345 123456 950", "comma-ambiguous")]
    [InlineData("Region;Year;Value\nNorth;2019;1,234\nNorth;2020;1,234,567\nSouth;2019;123,456\nSouth;2020;950\n", "1234 1234567 123456 950", null)]
    public void Between_semicolons_a_comma_is_the_decimal_mark_where_nothing_says_otherwise(string file, string values, string? finding)
    {
        using var release = ReleaseReader.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(file)), "a.csv");
        using var result = Grid.Interpret(release);
        string.Join(' ', Seen.All(result).Select(o => o.Value)).ShouldBe(values);
        result.Findings.Kept.Select(f => f.Code).Where(code => code.Contains("comma", StringComparison.Ordinal)).ShouldBe(finding is null ? [] : [finding]);
    }

    [Theory]
    [InlineData(null, "M 2023-01|M 2023-02|M 2023-03")]
    [InlineData("M", "M 2023-01|M 2023-02|M 2023-03")]
    // What the dataset has as days stays days.
    [InlineData("D", "D 2023-01-31|D 2023-02-28|D 2023-03-31")]
    public void Ends_of_months_are_months_in_a_text_as_in_a_workbook(string? frequency, string expected)
    {
        object?[][] rows = [["City", "Date", "Price (USD)"], .. Enumerable.Range(1, 3).Select(month => new object?[] { "Ard", new DateTime(2023, month, DateTime.DaysInMonth(2023, month)), 1.5 })];
        var context = new ReleaseContext("test") { Codes = frequency is null ? new Dictionary<string, KnownCodes>() : new Dictionary<string, KnownCodes> { ["FREQ"] = new([new Code(frequency)]) } };
        foreach (var table in new Table[] { new TypedGrid(rows), new Grid([.. rows.Select(row => row.Select(cell => cell is DateTime date ? $"{date:yyyy-MM-dd}" : cell?.ToString()).ToArray())]) })
        {
            using var result = Interpreter.Interpret(Grid.Release("a.csv", table), context, null, TestContext.Current.CancellationToken);
            string.Join('|', Seen.All(result).Select(o => $"{o["FREQ"]} {o["TIME_PERIOD"]}")).ShouldBe(expected);
        }
    }

    [Theory]
    [InlineData(true, "1 2")]
    [InlineData(false, "(none) (none)")]
    public void Numbers_of_rows_that_have_been_a_dimension_stay_one(bool wasDimension, string expected)
    {
        var kept = Profile.Parse("""{"tables": [{"columns": [{"words": "ID", "use": "dimension", "id": "ID"}, {"words": "Region", "use": "dimension", "id": "REF_AREA"}, {"words": "Sales", "use": "value"}]}]}"""u8);
        using var result = Interpreter.Interpret(Grid.Lines("ID|Region|Year|Sales\n1|North|2021|61.2\n2|South|2021|35.4"), new ReleaseContext("test") { Profile = wasDimension ? kept : null }, null, TestContext.Current.CancellationToken);
        string.Join(' ', Seen.All(result).Select(o => o["ID"])).ShouldBe(expected);
    }

    [Fact]
    public void A_flag_of_Eurostats_is_a_status_of_the_code_list()
    {
        const string File = "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\nESTAT:X(1.0),02/01/24 23:00:00,A,EUR,DE,2020,5,p,\nESTAT:X(1.0),02/01/24 23:00:00,A,EUR,FR,2020,6,,\nESTAT:X(1.0),02/01/24 23:00:00,A,EUR,IT,2020,7,bp,\n";
        using var release = ReleaseReader.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(File)), "a.csv");
        using var result = Grid.Interpret(release);
        string.Join(' ', Seen.All(result).Select(o => $"{o.Value}{o["OBS_STATUS"]}")).ShouldBe("5P 6A 7bp");
    }

    private static string Label(Seen seen, string dimension) => seen.Codes[dimension].Labels.GetValueOrDefault("en") ?? seen.Codes[dimension].Labels.GetValueOrDefault("zh") ?? seen[dimension];
}
