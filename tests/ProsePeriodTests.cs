using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public class ProsePeriodTests
{
    [Theory]
    [InlineData("2023年", "2023")]
    [InlineData("2023年全年", "2023")]
    [InlineData("去年", "2023")]
    [InlineData("2023年上半年", "2023-01/2023-06")]
    [InlineData("2024年一季度", "2024-Q1")]
    [InlineData("今年第1季度", "2024-Q1")]
    [InlineData("前两个月", "2024-01/2024-02")]
    [InlineData("前十一个月", "2023-01/2023-11")]
    [InlineData("1－4月份", "2024-01/2024-04")]
    [InlineData("1月至4月", "2024-01/2024-04")]
    [InlineData("2023年12月", "2023-12")]
    [InlineData("4月末", "2024-04")]
    [InlineData("12月份", "2023-12")]
    [InlineData("january to april", "2024-01/2024-04")]
    [InlineData("the first half of 2023", "2023-01/2023-06")]
    [InlineData("the first quarter of 2024", "2024-Q1")]
    [InlineData("the first three quarters of last year", "2023-01/2023-09")]
    [InlineData("march 2024", "2024-03")]
    [InlineData("quarter 1 2024", "2024-Q1")]
    [InlineData("113年3月", "2024-03")]
    [InlineData("113年第1季", "2024-Q1")]
    [InlineData("112年全年", "2023")]
    [InlineData("2021—2023年", "2021-01/2023-12")]
    [InlineData("五年来", "2019-01/2023-12")]
    [InlineData("十三五”时期", "2016-01/2020-12")]
    [InlineData("十四五”时期", "2021-01/2023-12")]
    public void A_period_is_resolved_against_the_release(string text, string expected)
    {
        ProsePeriods.Scan(text, 0, out var period).ShouldBe(text.Length);
        period.ShouldNotBeNull().Resolve(new DateOnly(2024, 5, 17), null).ShouldBe(expected);
    }

    [Theory]
    [InlineData("3月份", "2025-03-31", "2025-03")]
    [InlineData("3月份", "2025-03-20", "2024-03")]
    [InlineData("2024年", "2024-12-13", "2024")]
    [InlineData("全年", "2024-12-13", "2024")]
    public void A_period_is_over_when_offices_publish_it(string text, string published, string expected)
    {
        ProsePeriods.Scan(text, 0, out var period);
        period.ShouldNotBeNull().Resolve(DateOnly.Parse(published, System.Globalization.CultureInfo.InvariantCulture), null).ShouldBe(expected);
    }

    [Theory]
    [InlineData("2024年")]
    [InlineData("今年上半年")]
    [InlineData("2024年5月份")]
    [InlineData("2025年一季度")]
    public void A_period_that_was_not_over_is_none(string text)
    {
        ProsePeriods.Scan(text, 0, out var period).ShouldBe(text.Length);
        period.ShouldNotBeNull().Resolve(new DateOnly(2024, 5, 17), null).ShouldBeNull();
    }

    [Theory]
    [InlineData("5月30日")]
    [InlineData("2021年以前")]
    [InlineData("2020年以来")]
    [InlineData("今年")]
    [InlineData("13月")]
    [InlineData("august 18, 2023")]
    public void A_day_or_an_open_span_names_no_period(string text)
    {
        ProsePeriods.Scan(text, 0, out var period).ShouldBeGreaterThan(0);
        period.ShouldBeNull();
    }

    [Theory]
    [InlineData("12.5亿元")]
    [InlineData("2023")]
    [InlineData("may grow")]
    [InlineData("the firm")]
    [InlineData("100月")]
    public void Other_numbers_and_words_are_no_time(string text) => ProsePeriods.Scan(text, 0, out _).ShouldBe(0);

    [Theory]
    [InlineData("2023-08-18 17:32:54来源: 某报", "2023-08-18", true)]
    [InlineData("发布时间：2024年3月5日 08:30", "2024-03-05", true)]
    [InlineData("September 19, 2024", "2024-09-19", false)]
    [InlineData("题目（2025-11-28）", "2025-11-28", false)]
    [InlineData("2023-13-18", null, false)]
    [InlineData("4754-2017", null, false)]
    public void A_date_line_is_found(string text, string? date, bool hasTime)
    {
        ProsePeriods.FindDate(text, out var timed)?.ToString("yyyy-MM-dd", null).ShouldBe(date);
        timed.ShouldBe(hasTime);
    }

    [Fact]
    public void Industries_are_those_of_the_standard()
    {
        var codes = Vocabulary.Load("industries").Codes.Values.ToList();
        codes.Count(code => code.Id is [>= 'A' and <= 'T']).ShouldBe(20);
        codes.Where(code => code.Id is [_, >= '0' and <= '9', >= '0' and <= '9']).Select(code => int.Parse(code.Id[1..], null))
            .Order().ShouldBe(Enumerable.Range(1, 97));
        codes.ShouldAllBe(code => code.Parent == null || Vocabulary.Load("industries").Codes.ContainsKey(code.Parent));
    }
}
