using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class PeriodMentionsTests
{
    [Theory]
    [InlineData("2023年6月新疆规模以上工业", "2023-06")]
    [InlineData("2023年1—6月固定资产投资", "2023-01/2023-06")]
    [InlineData("Retail sales, Great Britain, October 2017", "2017-10")]
    [InlineData("Table 3.1 2014 summary", "2014")]
    [InlineData("Deaths registered weekly, week ending 3 April 2020", "2020-W14")]
    [InlineData("Homicides in the year ending March 2015, by sex", "2014-04/2015-03")]
    [InlineData("Exports 2019 and 2020", "2019 2020")]
    [InlineData("Output 1980-2000", "1980/2000")]
    [InlineData("Output (2010 prices), Q1 2014", "2014-Q1")]
    [InlineData("GDP at 2015 prices", "")]
    [InlineData("2015年价格", "")]
    [InlineData("Index (2015=100), May 2018", "2018-05")]
    [InlineData("Index 2015 = 100", "")]
    [InlineData("Jobs by industry (SIC 2007)", "")]
    [InlineData("ISO 2015", "")]
    [InlineData("Table 2010", "")]
    [InlineData("表2010", "")]
    [InlineData("Base year 2010", "")]
    [InlineData("Tel: 01633 456 2010", "")]
    [InlineData("Contact 020 2010 4567", "")]
    [InlineData("+44 (0)1633 455923", "")]
    [InlineData("© Commonwealth of Australia 2017", "")]
    [InlineData("Week 30 (20 to 26 July 2020)", "2020-W30")]
    [InlineData("Released on 15 November 2017", "")]
    [InlineData("Publication date: 15/11/2017", "")]
    [InlineData("发布时间：2023年7月15日", "")]
    [InlineData("2023年7月15日发布", "")]
    [InlineData("Code AB2010C", "")]
    [InlineData("Version 1.2010", "")]
    [InlineData("大于2000万元", "")]
    [InlineData("中国统计年鉴2023", "")]
    [InlineData("1.2 million in 2014", "2014")]
    [InlineData("Regulation 2016/679", "")]
    public void FindsThePeriodsOfCaptions(string text, string ids) => string.Join(' ', Periods.Mentions(text).Select(m => m.Period.Id)).ShouldBe(ids);

    [Theory]
    [InlineData("Sales, October 2017", "2017-10")]
    [InlineData("Sales 2014/15", "2014/2015")]
    [InlineData("Sales 1980-2000", null)]
    [InlineData("GDP 2010—2020年", null)]
    [InlineData("Sales January 2010 to December 2015", null)]
    [InlineData("2019 and 2020", null)]
    [InlineData("2023年主要指标：2023年1-6月", "2023-01/2023-06")]
    [InlineData("Sales, 2014 and October 2014, 2013", null)]
    [InlineData("Year 2013/14 (April 2013 to March 2014)", "2013/2014")]
    [InlineData("Population since 1997", null)]
    [InlineData("2010 onwards", null)]
    [InlineData("June 2014 12 regions", "2014-06")]
    [InlineData("1981年及以前人口数据为户籍统计数", null)]
    [InlineData("Flows, 2005 to 2014n", null)]
    [InlineData("2014, released on 5 May 2015", "2014")]
    [InlineData("nothing", null)]
    public void TellsTheOneThatACaptionIsAbout(string text, string? id) => (Periods.OfCaption(text)?.Id).ShouldBe(id);

    [Fact]
    public void MentionsAreApartAndParse() => Gen.Char["0123456789-/.年月季度Q WMJuneto,上半至() Table表=:"].Array[0, 300].Select(c => new string(c)).Sample(text =>
    {
        var end = 0;
        foreach (var (period, start, length) in Periods.Mentions(text))
        {
            start.ShouldBeGreaterThanOrEqualTo(end);
            end = start + length;
            period.IsPossible.ShouldBeTrue();
            Periods.TryParse(text.AsSpan(start, length), out var again).ShouldBeTrue();
            again.ShouldBe(period);
        }
        Periods.OfCaption(text);
    });

    [Fact]
    public void LooksAtTheStartOfLongText()
    {
        var text = string.Concat(Enumerable.Repeat("2014 Jan-", 5_000));
        Periods.Mentions(text).ShouldAllBe(m => m.Start + m.Length <= Periods.MaxCaption);
    }
}
