using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class UnitsTests
{
    [Theory]
    [InlineData("£ million", "GBP", 6)]
    [InlineData("£m", "GBP", 6)]
    [InlineData("£bn", "GBP", 9)]
    [InlineData("£k", "GBP", 3)]
    [InlineData("€ mn", "EUR", 6)]
    [InlineData("US$ million", "USD", 6)]
    [InlineData("million US dollars", "USD", 6)]
    [InlineData("Millions of US dollars", "USD", 6)]
    [InlineData("RMB 100 million", "CNY", 8)]
    [InlineData("100 million yuan", "CNY", 8)]
    [InlineData("10,000 tons", "T", 4)]
    [InlineData("亿元", "CNY", 8)]
    [InlineData("万元", "CNY", 4)]
    [InlineData("億元", "CNY", 8)]
    [InlineData("亿美元", "USD", 8)]
    [InlineData("万吨", "T", 4)]
    [InlineData("(万吨)", "T", 4)]
    [InlineData("单位：万吨", "T", 4)]
    [InlineData("计量单位: 万吨", "T", 4)]
    [InlineData("亿千瓦时", "KWH", 8)]
    [InlineData("万人次", "PS_TIMES", 4)]
    [InlineData("千公顷", "HA", 3)]
    [InlineData("万平方米", "M2", 4)]
    [InlineData("元/吨", "CNY_PER_T", 0)]
    [InlineData("吨标准煤/万元", "TCE_PER_10000_CNY", 0)]
    [InlineData("万元/人", "CNY_PER_PS", 4)]
    [InlineData("kg per hectare", "KG_PER_HA", 0)]
    [InlineData("persons per sq km", "PS_PER_KM2", 0)]
    [InlineData("£ per week", "GBP_PER_WEEK", 0)]
    [InlineData("per 1,000 population", "PER_1000_PS", 0)]
    [InlineData("per 100 000 persons", "PER_100000_PS", 0)]
    [InlineData("Per Sq. Km", "PER_KM2", 0)]
    [InlineData("Rate per 100,000", "PER_100000", 0)]
    [InlineData("SEK", "SEK", 0)]
    [InlineData("Deaths per 1,000 live births", "DEATHS_PER_1000_LIVE_BIRTHS", 0)]
    [InlineData("%", "PT", 0)]
    [InlineData("Per cent", "PT", 0)]
    [InlineData("% of GDP", "PT", 0)]
    [InlineData("percentage points", "PPT", 0)]
    [InlineData("个百分点", "PPT", 0)]
    [InlineData("‰", "PM", 0)]
    [InlineData("000s", "_X", 3)]
    [InlineData("'000", "_X", 3)]
    [InlineData("Thousands", "_X", 3)]
    [InlineData("Number ('000)", "PURE_NUMB", 3)]
    [InlineData("'000 tonnes", "T", 3)]
    [InlineData("no.", "PURE_NUMB", 0)]
    [InlineData("persons", "PS", 0)]
    [InlineData("户", "HH", 0)]
    [InlineData("家", "ENT", 0)]
    [InlineData("Hectares", "HA", 0)]
    [InlineData("亩", "MU", 0)]
    [InlineData("index", "IX", 0)]
    [InlineData("2015=100", "IX_2015", 0)]
    [InlineData("2015 = 100", "IX_2015", 0)]
    [InlineData("2000年=100", "IX_2000", 0)]
    [InlineData("Index 2015=100", "IX_2015", 0)]
    [InlineData("Index (2015=100)", "IX_2015", 0)]
    [InlineData("Index, 2015=100", "IX_2015", 0)]
    [InlineData("Jan 2015=100", "IX_2015_01", 0)]
    [InlineData("以2015年为100", "IX_2015", 0)]
    [InlineData("(以2015年为100)", "IX_2015", 0)]
    [InlineData("2015年为100", "IX_2015", 0)]
    [InlineData("以上年为100", "IX_PY", 0)]
    [InlineData("base 2015=100", "IX_2015", 0)]
    [InlineData("上年=100", "IX_PY", 0)]
    [InlineData("上年同期=100", "IX_PYP", 0)]
    [InlineData("TEU", "TEU", 0)]
    [InlineData("吨公里", "TKM", 0)]
    [InlineData("SEK million", "SEK", 6)]
    [InlineData("pounds (£)", "GBP", 0)]
    [InlineData("percentages (%)", "PT", 0)]
    [InlineData("£ million, seasonally adjusted", "GBP", 6)]
    [InlineData("Current prices, £ million", "GBP", 6)]
    [InlineData("£ million (2010 prices)", "GBP", 6)]
    [InlineData("Persons, thousands", "PS", 3)]
    public void FindsUnits(string text, string id, int multiplier)
    {
        var unit = Units.Find(text).ShouldNotBeNull();
        (unit.Measure.Id, unit.Multiplier).ShouldBe((id, multiplier));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("100")]
    [InlineData("亿元、%")]
    [InlineData("亿元，%")]
    [InlineData("M")]
    [InlineData("(L)")]
    [InlineData("Percentage of households")]
    [InlineData("人口")]
    [InlineData("£ million, per cent")]
    [InlineData("Xinjiang")]
    [InlineData("Agriculture, persons")]
    [InlineData("per")]
    [InlineData("/")]
    [InlineData("吨/")]
    public void FindsNoneOrNotOne(string text) => Units.Find(text).ShouldBeNull();

    [Fact]
    public void IndicesKeepTheirBase() => Units.Find("上年=100")!.Measure.Labels["zh"].ShouldBe("指数（上年=100）");

    [Theory]
    [InlineData("单位：亿元、%", "CNY 8 PT 0")]
    [InlineData("万吨", "T 4")]
    [InlineData("tonnes and £ million", "T 0 GBP 6")]
    [InlineData("亿元、产量", "")]
    public void FindsAllUnits(string text, string units) =>
        string.Join(' ', Units.FindAll(text).Select(u => $"{u.Measure.Id} {u.Multiplier}")).ShouldBe(units);

    [Theory]
    [InlineData("All figures are in pounds (£)", "GBP", 0)]
    [InlineData("All figures are percentages (%)", "PT", 0)]
    [InlineData("Retail sales in Great Britain, £ million", "GBP", 6)]
    [InlineData("Gross output (£ million), 2014", "GBP", 6)]
    [InlineData("Output by region in thousands of tonnes", "T", 3)]
    [InlineData("Employment (thousands)", "_X", 3)]
    [InlineData("Consumer prices (2015=100)", "IX_2015", 0)]
    [InlineData("Consumer price index 2015 = 100", "IX_2015", 0)]
    [InlineData("Producer prices, index 2015 = 100, seasonally adjusted", "IX_2015", 0)]
    [InlineData("Turnover, Q1 2015=100", "IX_2015_Q1", 0)]
    [InlineData("居民消费价格指数 以2015年为100", "IX_2015", 0)]
    [InlineData("居民消费价格指数（上年同月=100）", "IX_PYP", 0)]
    [InlineData("房价指数2015年=100", "IX_2015", 0)]
    [InlineData("2015年增加值为100万", null, 0)]
    [InlineData("份额=100", null, 0)]
    [InlineData("工业产品产量 单位：万吨", "T", 4)]
    [InlineData("表1 主要指标（单位：万元）", "CNY", 4)]
    [InlineData("Values in US$ millions", "USD", 6)]
    [InlineData("Population density - per cent", "PT", 0)]
    [InlineData("单位：亿元、%", null, 0)]
    [InlineData("Sales (£ million) and growth (%)", null, 0)]
    [InlineData("Deaths in households", null, 0)]
    [InlineData("Employment in enterprises", null, 0)]
    [InlineData("Deaths in year 2010", null, 0)]
    [InlineData("Retail sales", null, 0)]
    [InlineData("Real Estate Activities (L)", null, 0)]
    [InlineData("Registration Online (RON)", null, 0)]
    [InlineData("Population, 100,000", null, 0)]
    [InlineData("Deaths in England and Wales", null, 0)]
    [InlineData("", null, 0)]
    public void CaptionsStateTheirUnit(string text, string? id, int multiplier)
    {
        var unit = Units.InSentence(text);
        (unit?.Measure.Id, unit?.Multiplier ?? 0).ShouldBe((id, multiplier));
    }

    [Fact]
    public void AMultiplierAndAUnitGoTogether() => Gen.Select(Gen.Int[0, 4], Gen.Int[0, 5], Gen.Int[0, 2]).Sample((times, what, form) =>
    {
        var (multiplier, power) = ((string, int)[])[("thousand", 3), ("million", 6), ("billion", 9), ("万", 4), ("亿", 8)] is var all ? all[times] : default;
        var (unit, id) = (((string, string)[])[("tonnes", "T"), ("US$", "USD"), ("persons", "PS"), ("吨", "T"), ("元", "CNY"), ("千瓦时", "KWH")])[what];
        var text = form switch { 0 => $"{multiplier} {unit}", 1 => $"{unit} {multiplier}", _ => $"{unit} ({multiplier})" };
        var found = Units.Find(text).ShouldNotBeNull(text);
        (found.Measure.Id, found.Multiplier).ShouldBe((id, power));
    });

    [Fact]
    public void AnyTextIsAUnitOrNot() => Gen.Char["£$%万亿元吨人/ ()=0123per,、：'单位mnk"].Array[0, 80].Select(c => new string(c)).Sample(text =>
    {
        Units.Find(text);
        Units.FindAll(text);
        Units.InSentence(text);
    });
}
