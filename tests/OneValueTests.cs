using System.Globalization;
using System.Text;
using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>
/// Whole tables as agencies give them away: one column is THE value, and beside it stand codes and labels, units, multipliers, flags, keys of the agency's own and the
/// period once more. Whatever the agency's columns, the same records are the same observations.
/// </summary>
public sealed class OneValueTests
{
    private sealed record Figure(int Area, int Item, int Year, string Value)
    {
        public string AreaLabel => Areas[Area].Label;

        public string ItemLabel => Items[Item].Label;
    }

    private static readonly (string Code, string Label)[] Areas = [("11", "Ashwell Bay"), ("12", "Northmere"), ("13", "Upper Ironholt")];
    private static readonly (string Code, string Label)[] Items = [("IT1", "Almonds, with shell"), ("IT2", "Apples")];

    /// <summary>Unit and power of ten, the columns of the file, and the row of a figure.</summary>
    private sealed record Agency(string Header, Func<Figure, string> Row, string Unit = "T", string Mult = "0", string[]? Above = null, string[]? Below = null);

    private static readonly Dictionary<string, Agency> Agencies = new()
    {
        ["full table download"] = new(
            "REF_DATE|GEO|DGUID|Products|UOM|UOM_ID|SCALAR_FACTOR|SCALAR_ID|VECTOR|COORDINATE|VALUE|STATUS|SYMBOL|TERMINATED|DECIMALS",
            f => $"{f.Year}|{f.AreaLabel}|2016A{f.Area}|{f.ItemLabel}|Tonnes|287|thousands|3|v10{f.Area}{f.Item}|{f.Area}.{f.Item}|{f.Value}|{(f.Value == "" ? ".." : "")}|||0", Mult: "3"),
        ["in French"] = new(
            "PÉRIODE DE RÉFÉRENCE|GÉO|DGUID|Produits|UNITÉ DE MESURE|IDENTIFICATEUR D'UNITÉ DE MESURE|FACTEUR SCALAIRE|IDENTIFICATEUR SCALAIRE|VECTEUR|COORDONNÉES|VALEUR|STATUT|SYMBOLE|TERMINÉ|DÉCIMALES",
            f => $"{f.Year}|{f.AreaLabel}|2016A{f.Area}|{f.ItemLabel}|Tonnes|287|milliers|3|v10{f.Area}{f.Item}|{f.Area}.{f.Item}|{f.Value}|{(f.Value == "" ? ".." : "")}|||0", Mult: "3"),
        ["codes and labels in pairs"] = new(
            "COU|Country|ITM|Item|TIME|Year|Unit Code|Unit|PowerCode Code|PowerCode|Reference Period Code|Reference Period|Value|Flag Codes|Flags",
            f => $"A{f.Area}|{f.AreaLabel}|{Items[f.Item].Code}|{f.ItemLabel}|{f.Year}|{f.Year}|TON|Tonnes|6|Millions|||{f.Value}|{(f.Value == "" ? "M" : "")}|{(f.Value == "" ? "Missing value" : "")}", Mult: "6"),
        ["names named so"] = new(
            "DATE|DATE_NAME|GEOGRAPHY_CODE|GEOGRAPHY_NAME|CROP|CROP_NAME|MEASURES|MEASURES_NAME|OBS_VALUE|OBS_STATUS|OBS_STATUS_NAME|RECORD_COUNT",
            f => $"{f.Year}|mid-{f.Year}|E0{f.Area}|{f.AreaLabel}|{f.Item + 4}|{f.ItemLabel}|20100|Value|{f.Value}|{(f.Value == "" ? "M" : "A")}|{(f.Value == "" ? "Missing" : "Normal Value")}|96", Unit: "_X"),
        ["labels named so"] = new(
            "ref_area.label|indicator.label|time|obs_value|obs_status.label|note_indicator.label",
            f => $"{f.AreaLabel}|{f.ItemLabel}|{f.Year}|{f.Value}|{(f.Value == "" ? "Missing value" : "")}|", Unit: "_X"),
        ["codes named so"] = new(
            "Domain Code|Domain|Area Code (M49)|Area|Item Code|Item|Year Code|Year|Unit|Value|Flag|Flag Description|Note",
            f => $"QCL|Crops and livestock|{Areas[f.Area].Code}|{f.AreaLabel}|{Items[f.Item].Code}|{f.ItemLabel}|{f.Year}|{f.Year}|t|{f.Value}|{(f.Value == "" ? "O" : "A")}|{(f.Value == "" ? "Missing value" : "Official figure")}|"),
        ["the value first"] = new(
            "v4_1|Data Marking|calendar-years|Time|wider-areas|Geography|crops|Crops",
            f => $"{f.Value}|{(f.Value == "" ? ".." : "")}|{f.Year}|{f.Year}|K0{f.Area}|{f.AreaLabel}|{Items[f.Item].Code}|{f.ItemLabel}", Unit: "_X"),
        ["footnotes below"] = new(
            "Country or Area|Year|Crop|Source Year|Value|Value Footnotes",
            f => $"{f.AreaLabel}|{f.Year}|{f.ItemLabel}|2024|{f.Value}|{(f.Area == 0 && f.Item == 0 && f.Year == 2019 ? "1" : "")}", Unit: "_X", Below: ["footnoteSeqID|Footnote", "1|As registered by 31 March 2024."]),
        ["a column without a name"] = new(
            "Region/Country/Area||Year|Series|Value|Footnotes|Source",
            f => $"{Areas[f.Area].Code}|{f.AreaLabel}|{f.Year}|{f.ItemLabel}|{f.Value}||Census of agriculture", Unit: "_X", Above: ["T02|Agriculture"]),
        ["names run together"] = new(
            "Goal|Target|SeriesCode|SeriesDescription|GeoAreaCode|GeoAreaName|TimePeriod|Value|Time_Detail|Units|Nature|FootNote",
            f => $"2|2.4|{Items[f.Item].Code}|{f.ItemLabel}|{Areas[f.Area].Code}|{f.AreaLabel}|{f.Year}|{f.Value}|{f.Year}|TONNES|{(f.Area == 1 ? "E" : "C")}|"),
        ["数值"] = new(
            "地区代码|地区|指标代码|指标|年份|数值|单位|倍数",
            f => $"{Areas[f.Area].Code}|{f.AreaLabel}|{Items[f.Item].Code}|{f.ItemLabel}|{f.Year}|{f.Value}|吨|4", Mult: "4"),
    };

    public static TheoryData<string> Names => [.. Agencies.Keys];

    // Some look like years, some are missing.
    private static readonly Gen<string> Value = Gen.Int[0, 100_000].Select(drawn => (drawn % 12) switch { 0 => "", < 4 => $"{1850 + (drawn % 250)}", _ => $"{drawn}" });

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_record_is_one_observation_of_its_value(string name) => Value.Array[12].Sample(
        drawn =>
        {
            var agency = Agencies[name];
            var figures = drawn.Select((value, i) => new Figure(i % 3, i / 3 % 2, 2019 + (i / 6), value)).ToList();
            if (figures.TrueForAll(f => f.Value == ""))
                return;
            string[] lines = [.. agency.Above ?? [], agency.Header, .. figures.Select(agency.Row), .. agency.Below ?? []];
            using var result = Grid.Interpret(Grid.Lines(string.Join('\n', lines)));
            var told = string.Join('\n', lines) + "\n" + string.Join('\n', result.Readings) + "\n" + string.Join('\n', result.Findings.Kept);
            result.Findings.Kept.ShouldAllBe(f => f.Severity == Severity.Information, told);
            result.Reconciliation.SetAside.ShouldBeEmpty(told);
            var seen = Seen.All(result);
            string Labels(Seen o) => string.Join('|', result.Cubes[0].Components.Take(result.Cubes[0].TimeIndex).Select(c => c.Id).Where(id => id != "FREQ").Select(id => o.Codes[id].Labels.Values.FirstOrDefault() ?? o[id])
                .Where(label => label is not ("Crops and livestock" or "QCL" or "Value")).Order(StringComparer.Ordinal));
            var column = Source.Column(agency.Header.Split('|').ToList().FindIndex(h => h is "VALUE" or "Value" or "VALEUR" or "OBS_VALUE" or "obs_value" or "v4_1" or "数值") + 1);
            var first = (agency.Above?.Length ?? 0) + 2;
            seen.Select(o => $"{o.Source}: {Labels(o)} {o["TIME_PERIOD"]} = {o.Value?.ToString(CultureInfo.InvariantCulture)} {o["UNIT_MEASURE"]} {o["UNIT_MULT"]}").ShouldBe(
                figures.Select((f, i) => $"{column}{first + i}: {string.Join('|', new[] { f.AreaLabel, f.ItemLabel }.Order(StringComparer.Ordinal))} {f.Year} = {f.Value} {agency.Unit} {agency.Mult}"), told);
            seen.Where(o => o.Value is null).ShouldAllBe(o => o["OBS_STATUS"] == "O" || o["OBS_STATUS"] == "M", told);
        },
        iter: 25);

    [Fact]
    public void Decimals_stated_beside_a_value_are_shown()
    {
        using var result = Grid.Interpret(Grid.Lines("REF_DATE|GEO|Item|VALUE|DECIMALS\n2019|Ashwell|Oats|33|1\n2019|Ashwell|Rye|33.25|1\n2019|Northmere|Oats||1\n2019|Northmere|Rye|12|x"));
        Seen.All(result).Select(o => o.Value?.ToString(CultureInfo.InvariantCulture)).ShouldBe(["33.0", "33.25", null, "12"]);
    }

    [Fact]
    public void A_flag_that_elsewhere_stands_for_a_missing_value_does_not_take_one_away()
    {
        using var result = Grid.Interpret(Grid.Lines("Area|Item|Year|Value|Flag\nAshwell|Oats|2019|1300|M\nAshwell|Oats|2020|1400|*\nAshwell|Rye|2019|1500|E\nAshwell|Rye|2020||M"));
        Seen.All(result).Select(o => (o.Value, o["OBS_STATUS"], o["OBS_SYMBOL"])).ShouldBe([(1300m, "A", "M"), (1400m, "A", "*"), (1500m, "E", "(none)"), (null, "O", "(none)")]);
    }

    [Fact]
    public void A_quantity_beside_a_value_is_measured_too()
    {
        using var result = Grid.Interpret(Grid.Lines("Year|Product|Quantity|Value\n2019|Oats|5|1030\n2020|Oats|7|1200\n2019|Rye|5|900\n2020|Rye|9|1500"));
        Seen.All(result).Count(o => o["INDICATOR"] == "QUANTITY").ShouldBe(4);
        Seen.All(result).Count(o => o["INDICATOR"] == "VALUE").ShouldBe(4);
    }

    [Theory]
    [InlineData("id")]
    [InlineData("record_id")]
    [InlineData("序号")]
    [InlineData("Reference")]
    public void What_names_the_record_is_no_dimension(string name)
    {
        string[] keys = name == "Reference" ? ["R0001", "R0002", "R0003", "R0004"] : name == "id" ? ["8f3a", "77b0", "c121", "09de"] : ["10023", "10045", "10046", "10101"];
        using var result = Grid.Interpret(Grid.Lines($"{name}|Region|Year|Value\n{keys[0]}|Ashwell|2019|5\n{keys[1]}|Ashwell|2020|6\n{keys[2]}|Northmere|2019|7\n{keys[3]}|Northmere|2020|8"));
        var cube = result.Cubes[0];
        cube.Components.Take(cube.TimeIndex).Select(c => c.Id).ShouldBe(["FREQ", "REF_AREA"]);
        Seen.All(result).Select(o => o.Value).ShouldBe([5m, 6m, 7m, 8m]);
        result.Reconciliation.IsBalanced.ShouldBeTrue();
    }

    [Fact]
    public void What_alone_tells_records_apart_stays_a_dimension()
    {
        using var result = Grid.Interpret(Grid.Lines("id|Region|Year|Value\nA8|Ashwell|2019|5\nB3|Ashwell|2019|6\nC1|Northmere|2019|7\nD9|Northmere|2019|8"));
        Seen.All(result).Select(o => o["ID"]).ShouldBe(["A8", "B3", "C1", "D9"]);
    }

    [Theory]
    [InlineData("freq,unit,sex,geo\\TIME_PERIOD\t2019 \t2020 \nA,PC,F,AT\t4.5 \t5.3 b\nA,PC,F,BE\t: \t5.1 \nA,PC,M,AT\t4.8 \t: c", "une.tsv", "B2 C2 B3 C3 B4 C4")]
    [InlineData("freq,unit,sex,geo\\TIME_PERIOD,2019,2020\nA,PC,F,AT,4.5,5.3 b\nA,PC,F,BE,:,5.1\nA,PC,M,AT,4.8,: c", "une.csv", "E2 F2 E3 F3 E4 F4")]
    public void Keys_that_share_a_column_are_a_dimension_each(string text, string file, string addresses)
    {
        using var release = Checking.ReleaseCheck.Run(new MemoryStream(Encoding.UTF8.GetBytes(text)), file, new ReleaseContext("test"));
        var seen = Seen.All(release.Cubes.Select(c => c.Cube)).OrderBy(o => o.Source[1..], StringComparer.Ordinal).ThenBy(o => o.Source, StringComparer.Ordinal).ToList();
        seen.Select(o => $"{o["FREQ"]} {o["SEX"]} {o["REF_AREA"]} {o["UNIT_MEASURE"]} {o["TIME_PERIOD"]} {o.Value} {o["OBS_STATUS"]}").ShouldBe(
            ["A F AT PC 2019 4.5 A", "A F AT PC 2020 5.3 B", "A F BE PC 2019  O", "A F BE PC 2020 5.1 A", "A M AT PC 2019 4.8 A", "A M AT PC 2020  Q"]);
        seen.Select(o => o.Source).ShouldBe(addresses.Split(' '));
        release.Cubes[0].Cube.Components.Take(release.Cubes[0].Cube.TimeIndex).Select(c => c.Id).ShouldBe(["FREQ", "SEX", "REF_AREA"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("Country Name|Country Code|Indicator Name|Indicator Code|2018|2019")]
    [InlineData("Country Name|Country Code|Series Name|Series Code|2018 [YR2018]|2019 [YR2019]")]
    [InlineData("Country Code|Country Name|Indicator Code|Indicator Name|Y2018|Y2019")]
    public void Codes_beside_their_labels_are_one_dimension_in_wide_tables_too(string header)
    {
        var isCodeFirst = header.StartsWith("Country Code", StringComparison.Ordinal);
        string Row(string name, string code, string indicator, string series, string values) => isCodeFirst ? $"{code}|{name}|{series}|{indicator}|{values}" : $"{name}|{code}|{indicator}|{series}|{values}";
        using var result = Grid.Interpret(Grid.Lines(string.Join('\n',
            [
                "Data Source|World tables|", "", "Last Updated Date|2021-02-17|", "", header,
                Row("Aruba", "ABW", "Population, total", "SP.POP", "105845|106310"), Row("Aruba", "ABW", "Exports, total", "NE.EXP", "..|3310055865.92"),
                Row("Africa Eastern", "AFE", "Population, total", "SP.POP", "8996967|9169406"), Row("Africa Eastern", "AFE", "Exports, total", "NE.EXP", "17.5|18.5"),
            ])));
        var told = string.Join('\n', result.Readings) + "\n" + string.Join('\n', result.Findings.Kept);
        var seen = Seen.All(result);
        seen.Select(o => $"{o["REF_AREA"]} {o["INDICATOR"]} {o["TIME_PERIOD"]} {o.Value?.ToString(CultureInfo.InvariantCulture)}").ShouldBe(
            [
                "AW SP_POP 2018 105845", "AW SP_POP 2019 106310", "AW NE_EXP 2018 ", "AW NE_EXP 2019 3310055865.92",
                "AFE SP_POP 2018 8996967", "AFE SP_POP 2019 9169406", "AFE NE_EXP 2018 17.5", "AFE NE_EXP 2019 18.5",
            ], told);
        seen[0].Label("INDICATOR", "en").ShouldBe("Population, total");
        seen[4].Label("REF_AREA", "en").ShouldBe("Africa Eastern");
        var cube = result.Cubes[0];
        string.Join(' ', cube.Components.Take(cube.TimeIndex).Select(c => c.Id).Order(StringComparer.Ordinal)).ShouldBe("FREQ INDICATOR REF_AREA", told);
    }

    [Theory]
    [InlineData("COU|Country|Year|Value\nAUS|Australia|2019|5.5\nAUT|Austria|2019|6.5\nBEL|Belgium|2019|7.5", "COU", "Country")]
    [InlineData("Country Name|Country Code|2019|2020\nAustralia|AUS|5.5|5.7\nAustria|AUT|6.5|6.7\nBelgium|BEL|7.5|7.7", "Country Code", "Country Name")]
    [InlineData("id|Country|Year|Value\nx7|Australia|2019|5.5\nq2|Austria|2019|6.5\nb1|Belgium|2019|7.5", "id", "Country")]
    public void What_has_been_a_dimension_of_its_own_stays_one(string text, string code, string label)
    {
        var kept = new Profile
        {
            Tables = [new ProfileTable { HeaderRow = 1, Columns = [new ProfileColumn { Words = code, Use = ProfileUse.Dimension, Id = "OWN" }, new ProfileColumn { Words = label, Use = ProfileUse.Dimension, Id = "REF_AREA" }] }],
        };
        string[] Dimensions(Profile? profile)
        {
            using var result = Interpreter.Interpret(Grid.Lines(text), new ReleaseContext("test") { Profile = profile }, null, TestContext.Current.CancellationToken);
            var cube = result.Cubes[0];
            return [.. cube.Components.Take(cube.TimeIndex).Select(c => c.Id).Where(id => id is not ("FREQ" or "INDICATOR")).Order(StringComparer.Ordinal)];
        }
        Dimensions(null).ShouldBe(["REF_AREA"]);
        Dimensions(kept).ShouldBe(["OWN", "REF_AREA"]);
    }

    [Theory]
    [InlineData("DATAFLOW")]
    [InlineData("DATAFLOW: Dataflow")]
    public void Sdmx_csv_is_told_by_its_first_name_labelled_or_not(string first)
    {
        var text = $"{first},REGION: Region,TIME_PERIOD: Time Period,OBS_VALUE,UNIT_MEASURE: Unit of Measure,OBS_STATUS: Observation Status\nOFFICE:CPI(1.1.0),1: Ashwell,2020-Q1,116.6,IN: Index Numbers,\nOFFICE:CPI(1.1.0),2: Northmere,2020-Q1,117.4,IN: Index Numbers,p: preliminary";
        using var release = Checking.ReleaseCheck.Run(new MemoryStream(Encoding.UTF8.GetBytes(text)), "cpi.csv", new ReleaseContext("test"));
        Seen.All(release.Cubes.Select(c => c.Cube)).Select(o => $"{o["REGION"]} {o.Label("REGION", "en")} {o.Value} {o["UNIT_MEASURE"]}").ShouldBe(["1 Ashwell 116.6 IN", "2 Northmere 117.4 IN"]);
    }
}
