using System.Globalization;
using System.Text;
using Pipeline.Reading;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>
/// Files as statistical offices lay them out. Of a figure, told by its cell: the value, the period, the unit with its power of ten and the status, and behind a
/// colon words that name it.
/// </summary>
public sealed class OfficeSheetsTests
{
    private const string Bulletin = "2024年6月主要经济指标\n\n指标,单位,本月,,本月止累计,\n,,绝对量,比上年同期增长%,绝对量,比上年同期增长%\n地区生产总值,亿元,—,—,12345.6,5.3\n　　第一产业,亿元,—,—,1023.4,3.2\n社会消费品零售总额,万元,1234567,4.5,7234567,▲4.1\n注：1.增长速度按可比价计算。\n";
    private const string Months = "2024年1-6月主要产品产量\n产品,单位,本月,累计,同比±%\n原煤,万吨,100.1,560.2,5.5\n水泥,万吨,10.1,56.2,-1.5\n";
    private const string Flat = "2023年全市经济运行情况\n指标,单位,6月,同比±%,1—6月,同比±%\n工业增加值,亿元,100.1,5.1,600.2,4.8\n利税总额,万元,12345,-3.2,65432,-1.1\n";
    private const string FlatMonth = "2023年6月工业主要指标\n指标,单位,本月,同比增长(%),1-本月,同比增长(%)\n工业增加值,亿元,100.1,5.1,600.2,4.8\n利税总额,万元,12345,-3.2,65432,-1.1\n";
    private const string Towns = "表3 2023年居民消费价格比上年涨跌幅度\n单位：%\n指标,全国,城市,农村\n居民消费价格,0.2,0.3,0.1\n其中：食品烟酒,0.3,0.4,0.2\n衣着,1.0,1.1,0.6\n";
    private const string GoesOn = "5-3 各市固定资产投资\n单位：亿元\n地区,2019,2020,2021\n全省,100,110,120\n甲市,50,55,60\n续表\n地区,2022,2023\n全省,130,140\n甲市,65,70\n";
    private const string Growth = "2023年主要产品产量\n产品名称,计量单位,1-2月,1-3月,1-4月,同比±%\n原煤,万吨,100.1,160.2,220.3,5.5\n发电量,亿千瓦时,10.1,16.2,22.3,-1.5\n";
    private const string Change = "指标,单位,2022年,2023年,增减±,增长%\n常住人口,万人,498.2,500.1,1.9,0.4\n生产总值,亿元,2850.1,3000.5,150.4,5.3\n";
    private const string Dated = "指标名称,2023年5月当月值,2023年5月累计值,2023年5月当月同比(%),2023年5月累计同比(%)\n粗钢产量(万吨),901.2,4446.3,-7.3,1.6\n水泥产量(万吨),196.1,772.3,-0.4,1.9\n";
    private const string Ranks = "2023年各县主要指标\n县（市、区）,地区生产总值（亿元）,,,\n,总量,位次,增速,占比\n东城区,234.5,1,6.1,12.5\n西城区,200.1,2,5.1,10.2\n";
    private const string Merged = "年份,月份,工业用电量(亿千瓦时),同比(%)\n2023,1-2,196.0,1.0\n2023,3,100.5,-3.2\n2023,4,95.5,5.5\n";
    private const string Bilingual = "地区 Region,人口（万人）,面积（平方公里）\n东州市,812.3,100.5\n西州市,612.3,90.5\n";
    private const string Beside = "表1 分性别人口,,,,表2 分城乡人口\n年份,男,女,,年份,城镇,乡村\n2020,10,11,,2020,12,9\n2021,12,13,,2021,15,10\n\n表3 出生率(‰)\n年份,出生率\n2020,8.5\n2021,7.5\n";

    private const string Series = ",Employed total ;  Persons ;,Employed total ;  Males ;,Unemployment rate ;  Persons ;\nUnit,000,000,Percent\nSeries Type,Original,Trend,Trend\nData Type,STOCK,STOCK,PERCENT\nFrequency,Month,Month,Month\nCollection Month,1,1,1\n"
        + "Series Start,2023-01-01,2023-01-01,2023-01-01\nSeries End,2023-02-01,2023-02-01,2023-02-01\nNo. Obs,2,2,2\nSeries ID,A1X,A2X,A3X\n2023-01-01,13501.1,7101.2,3.6\n2023-02-01,13502.1,7102.2,3.7\n";

    private const string Database = "\"Title\",\"CPI INDEX: ALL ITEMS 2015=100\",\"Percentage change over 12 months\",\"GDP: CVM SA\"\n\"CDID\",\"X7BT\",\"XZBH\",\"XBMI\"\n\"Source dataset ID\",\"MX23\",\"MX23\",\"PX2\"\n\"PreUnit\",\"\",\"\",\"£\"\n\"Unit\",\"Index, base year = 100\",\"%\",\"m\"\n"
        + "\"Release Date\",\"19-04-2023\",\"19-04-2023\",\"31-03-2023\"\n\"Next release\",\"24 May 2023\",\"24 May 2023\",\"12 May 2023\"\n\"Important Notes\",\"\",\"\",\"\"\n\"2022\",\"121.7\",\"11.6\",\"2268711\"\n\"2022 Q4\",\"125.4\",\"13.9\",\"568500\"\n\"2022 DEC\",\"127.2\",\"13.4\",\"\"\n";

    private const string Codes = "FactCode,AreaValueCode,Location,Period,Sex,Rate\nX1,AGO,Angola,2019,Male,60.72\nX1,AGO,Angola,2019,Female,65.5\nX1,BEN,Benin,2019,Male,61.2\nX1,BEN,Benin,2019,Female,63.2\n";
    private const string Lines = "GeoFips,GeoName,LineCode,Description,2020,2021\n\"01000\",Ard,1,Farm earnings,\"1,234\",\"1,345\"\n\"01000\",Ard,2,Mining,(D),55\n\"02000\",Bel,1,Farm earnings,12,13\n\"02000\",Bel,2,Mining,\"2,222\",\"2,333\"\n";
    private const string Margins = "Age,Ard: Estimate,Ard: Margin of error\nUnder 5 years,\"90,123\",±345\n5 to 9 years,\"91,222\",\"+/-1,345\"\n";
    private const string Weeks = "week_ending,region,deaths\n2023-01-07,North,10\n2023-01-14,North,12\n2023-01-07,South,20\n2023-01-14,South,22\n";
    private const string Axis = "Bevölkerung\nLänder;Stichtag;;\n;31.12.2020;31.12.2021;31.12.2022\nArd;11103043;11124642;11280257\nBel;13140183;13176989;13369393\n";
    private const string OneUnit = "\"Labour force, monthly\"\n\"Geography\",\"Characteristics\",\"January 2023\",\"February 2023\"\n\"\",\"\",\"Persons\"\n\"Canada\",\"Employment\",\"20,030,500A\",\"20,052,300E\"\n\"\",\"Unemployment\",\"1,035,000\",\"F\"\n\"Symbol legend:\"\n\"F Too unreliable to be published\"\n\"E Estimate\"\n";
    private const string Units = "Indicator,Unit,2019,2020\nOutput,million EUR,100.5,99.2\nPopulation,thousand,500,501\n";
    private const string Footnotes = "Cause,2020,2021\nCancer,\"12,345a\",\"12,456\"\nHeart disease,\"9,876\",\"9,765b\"\n\na Revised in part.\nb includes others\n";
    private const string Trimesters = "Série;T1 2023;T2 2023;2023T3\nPIB;1,5;2,5;3,5\nConsommation;1,1;2,1;3,1\n";

    [Theory]
    [InlineData(Bulletin, "C5 = - 2024-06 CNY 8 O: 地区生产总值", "E5 = 12345.6 2024-01/2024-06 CNY 8 A: 地区生产总值", "F5 = 5.3 2024-01/2024-06 PT 0 A", "C7 = 1234567 2024-06 CNY 4 A: 社会消费品零售总额", "D7 = 4.5 2024-06 PT 0 A", "F7 = -4.1 2024-01/2024-06 PT 0 A")]
    [InlineData(Months, "C3 = 100.1 2024-06 T 4 A: 原煤", "D3 = 560.2 2024-01/2024-06 T 4 A: 原煤", "E3 = 5.5 2024-01/2024-06 PT 0 A: 原煤")]
    [InlineData(Growth, "C3 = 100.1 2023-01/2023-02 T 4 A: 原煤", "E3 = 220.3 2023-01/2023-04 T 4 A: 原煤", "F3 = 5.5 2023-01/2023-04 PT 0 A: 原煤", "F4 = -1.5 2023-01/2023-04 PT 0 A: 发电量")]
    [InlineData(Flat, "C3 = 100.1 2023-06 CNY 8 A: 工业增加值", "D3 = 5.1 2023-06 PT 0 A: 工业增加值", "E3 = 600.2 2023-01/2023-06 CNY 8 A: 工业增加值", "F4 = -1.1 2023-01/2023-06 PT 0 A: 利税总额")]
    [InlineData(FlatMonth, "C3 = 100.1 2023-06 CNY 8 A: 工业增加值", "D3 = 5.1 2023-06 PT 0 A: 工业增加值", "E3 = 600.2 2023-01/2023-06 CNY 8 A: 工业增加值", "F4 = -1.1 2023-01/2023-06 PT 0 A: 利税总额")]
    [InlineData(Towns, "B4 = 0.2 2023 PT 0 A: 全国", "C4 = 0.3 2023 PT 0 A: 城市", "D6 = 0.6 2023 PT 0 A: 农村")]
    [InlineData(GoesOn, "B4 = 100 2019 CNY 8 A: 全省", "B8 = 130 2022 CNY 8 A: 各市固定资产投资", "C9 = 70 2023 CNY 8 A: 甲市")]
    [InlineData(Change, "D2 = 500.1 2023 PS 4 A: 常住人口", "E2 = 1.9 2023 PS 4 A: 常住人口", "F3 = 5.3 2023 PT 0 A: 生产总值")]
    [InlineData(Dated, "B2 = 901.2 2023-05 T 4 A: 粗钢产量", "C2 = 4446.3 2023-01/2023-05 T 4 A: 粗钢产量", "D2 = -7.3 2023-05 PT 0 A: 同比", "E3 = 1.9 2023-01/2023-05 PT 0 A: 同比")]
    [InlineData(Ranks, "B4 = 234.5 2023 CNY 8 A: 总量", "C4 = 1 2023 _X 0 A: 位次", "D4 = 6.1 2023 PT 0 A: 增速", "E5 = 10.2 2023 _X 0 A: 占比")]
    [InlineData(Merged, "C2 = 196.0 2023-01/2023-02 KWH 8 A", "D2 = 1.0 2023-01/2023-02 PT 0 A", "C3 = 100.5 2023-03 KWH 8 A")]
    [InlineData(Beside, "B3 = 10 2020 _X 0 A: 男", "F3 = 12 2020 _X 0 A: 城镇", "G4 = 10 2021 _X 0 A: 乡村", "B8 = 8.5 2020 PM 0 A: 出生率", "B9 = 7.5 2021 PM 0 A: 出生率")]
    [InlineData(Series, "B11 = 13501.1 2023-01 _X 3 A: Employed total", "C12 = 7102.2 2023-02 _X 3 A: Trend", "D11 = 3.6 2023-01 PT 0 A: A3X")]
    [InlineData(Database, "B9 = 121.7 2022 IX_2015 0 A: X7BT", "C10 = 13.9 2022-Q4 PT 0 A: XZBH", "D9 = 2268711 2022 GBP 6 A: GDP: CVM SA", "B11 = 127.2 2022-12 IX_2015 0 A")]
    [InlineData(Codes, "F2 = 60.72 2019 _X 0 A: Angola", "F5 = 63.2 2019 _X 0 A: Benin")]
    [InlineData(Lines, "E2 = 1234 2020 _X 0 A: Farm earnings", "E3 = - 2020 _X 0 Q: Mining", "F5 = 2333 2021 _X 0 A: Mining")]
    [InlineData(Margins, "B2 = 90123  _X 0 A: Estimate", "C2 = 345  _X 0 A: Margin of error", "C3 = 1345  _X 0 A: Margin of error")]
    [InlineData(Weeks, "C2 = 10 2023-W01 _X 0 A: North", "C5 = 22 2023-W02 _X 0 A: South")]
    [InlineData(Axis, "B4 = 11103043 2020 _X 0 A: Bevölkerung", "D5 = 13369393 2022 _X 0 A: Bel")]
    [InlineData(OneUnit, "C4 = 20030500 2023-01 PS 0 A: Employment", "D4 = 20052300 2023-02 PS 0 E: Employment", "D5 = - 2023-02 PS 0 U: Unemployment")]
    [InlineData(Units, "C2 = 100.5 2019 EUR 6 A: Output", "D3 = 501 2020 _X 3 A: Population")]
    [InlineData(Footnotes, "B2 = 12345 2020 _X 0 A: Cancer", "C3 = 9765 2021 _X 0 B: Heart disease")]
    [InlineData(Trimesters, "B2 = 1.5 2023-Q1 _X 0 A: PIB", "D3 = 3.1 2023-Q3 _X 0 A: Consommation")]
    public void Every_figure_is_what_its_office_says(string file, params string[] figures)
    {
        using var release = ReleaseReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(file)), "release.csv");
        using var result = Grid.Interpret(release);
        var seen = Seen.All(result).ToDictionary(o => o.Source,
            o => (Figure: $"{o.Source} = {o.Value?.ToString(CultureInfo.InvariantCulture) ?? "-"} {o["TIME_PERIOD"]} {o["UNIT_MEASURE"]} {o["UNIT_MULT"]} {o["OBS_STATUS"]}", Words: string.Join(", ", o.Codes.Values.SelectMany(c => c.Labels.Values.Append(c.Id)))));
        var told = string.Join("\n", seen.Values.Select(s => s.Figure + ": " + s.Words)) + "\n" + string.Join("\n", result.Findings.Kept);
        foreach (var figure in figures)
        {
            var parts = figure.Split(": ", 2);
            seen.ShouldContainKey(figure.Split(' ')[0], told);
            seen[figure.Split(' ')[0]].Figure.ShouldBe(parts[0], told);
            if (parts.Length > 1)
                seen[figure.Split(' ')[0]].Words.ShouldContain(parts[1], Case.Sensitive, told);
        }
        result.Reconciliation.IsBalanced.ShouldBeTrue(told);
        result.Reconciliation.SetAside.ShouldBeEmpty(told);
    }

    [Theory]
    [InlineData(Lines, "REF_AREA 01000 Ard|REF_AREA 02000 Bel|DESCRIPTION 1 Farm earnings|DESCRIPTION 2 Mining")]
    [InlineData(Codes, "REF_AREA AO Angola|REF_AREA BJ Benin")]
    public void Each_label_has_its_own_code(string file, string expected)
    {
        using var release = ReleaseReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(file)), "release.csv");
        using var result = Grid.Interpret(release);
        var codes = Seen.All(result).SelectMany(o => o.Codes).Where(c => c.Key is "REF_AREA" or "DESCRIPTION").Select(c => $"{c.Key} {c.Value.Id} {c.Value.Labels["en"]}").Distinct();
        codes.Order(StringComparer.Ordinal).ShouldBe(expected.Split('|').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("县（市）")]
    [InlineData("县(市)")]
    [InlineData("市县")]
    [InlineData("旗县（市、区）")]
    [InlineData("地（州、市）")]
    [InlineData("师市")]
    public void Whatever_an_office_calls_its_areas_they_are_areas(string name)
    {
        using var release = ReleaseReader.Read(new MemoryStream(Encoding.UTF8.GetBytes($"{name},2022年,2023年\n甲地,10.5,11.2\n乙地,3.4,4.1\n")), "release.csv");
        using var result = Grid.Interpret(release);
        Seen.All(result).Select(o => o.Codes["REF_AREA"].Labels["zh"]).Distinct().ShouldBe(["甲地", "乙地"], ignoreOrder: true);
    }

    [Fact]
    public void A_name_in_two_languages_is_known_by_both()
    {
        using var release = ReleaseReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(Bilingual)), "release.csv");
        using var result = Grid.Interpret(release);
        Seen.All(result).Select(o => o.Codes["REF_AREA"].Labels["zh"]).Distinct().ShouldBe(["东州市", "西州市"]);
    }
}
