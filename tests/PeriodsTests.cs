using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class PeriodsTests
{
    [Theory]
    [InlineData("2023", "2023", "A")]
    [InlineData("2023年", "2023", "A")]
    [InlineData("2023年度", "2023", "A")]
    [InlineData("二〇二三年", "2023", "A")]
    [InlineData("FY 2023", "2023", "A")]
    [InlineData("2023-06", "2023-06", "M")]
    [InlineData("2023年6月", "2023-06", "M")]
    [InlineData("２０２３年６月", "2023-06", "M")]
    [InlineData("2023年6月份", "2023-06", "M")]
    [InlineData("2023年十二月", "2023-12", "M")]
    [InlineData("202306", "2023-06", "M")]
    [InlineData("2023M06", "2023-06", "M")]
    [InlineData("2023M6", "2023-06", "M")]
    [InlineData("2023-M06", "2023-06", "M")]
    [InlineData("2023/6", "2023-06", "M")]
    [InlineData("2023.06", "2023-06", "M")]
    [InlineData("Jun 2023", "2023-06", "M")]
    [InlineData("June-23", "2023-06", "M")]
    [InlineData("Jun-23", "2023-06", "M")]
    [InlineData("2023 JUN", "2023-06", "M")]
    [InlineData("Sept 2023", "2023-09", "M")]
    [InlineData("2023Q2", "2023-Q2", "Q")]
    [InlineData("2023-Q2", "2023-Q2", "Q")]
    [InlineData("Q2 2023", "2023-Q2", "Q")]
    [InlineData("Quarter 2, 2023", "2023-Q2", "Q")]
    [InlineData("2023年二季度", "2023-Q2", "Q")]
    [InlineData("2023年第2季度", "2023-Q2", "Q")]
    [InlineData("2023年前三季度", "2023-01/2023-09", "_O")]
    [InlineData("2023年上半年", "2023-S1", "S")]
    [InlineData("2023H1", "2023-S1", "S")]
    [InlineData("2023-S2", "2023-S2", "S")]
    [InlineData("H2 2023", "2023-S2", "S")]
    [InlineData("2023年1-6月", "2023-01/2023-06", "_O")]
    [InlineData("2023年1—6月", "2023-01/2023-06", "_O")]
    [InlineData("2023年1月至6月", "2023-01/2023-06", "_O")]
    [InlineData("2023年1-3月", "2023-01/2023-03", "_O")]
    [InlineData("2022年7月-2023年6月", "2022-07/2023-06", "_O")]
    [InlineData("2023-01/2023-06", "2023-01/2023-06", "_O")]
    [InlineData("Jan-Mar 2014", "2014-01/2014-03", "_O")]
    [InlineData("January to March 2014", "2014-01/2014-03", "_O")]
    [InlineData("2014/15", "2014/2015", "_O")]
    [InlineData("2013-14", "2013/2014", "_O")]
    [InlineData("2014/2015", "2014/2015", "_O")]
    [InlineData("2023-06-30", "2023-06-30", "D")]
    [InlineData("2023-06-30T00:00:00", "2023-06-30", "D")]
    [InlineData("2023/6/30", "2023-06-30", "D")]
    [InlineData("30/06/2023", "2023-06-30", "D")]
    [InlineData("30.06.2023", "2023-06-30", "D")]
    [InlineData("2023年6月30日", "2023-06-30", "D")]
    [InlineData("3 April 2020", "2020-04-03", "D")]
    [InlineData("April 3, 2020", "2020-04-03", "D")]
    [InlineData("20230630", "2023-06-30", "D")]
    [InlineData("2020-W14", "2020-W14", "W")]
    [InlineData("2023W26", "2023-W26", "W")]
    [InlineData("2020-W53", "2020-W53", "W")]
    [InlineData("2014 Oct (r)", "2014-10", "M")]
    [InlineData("2014*", "2014", "A")]
    public void Reads(string text, string id, string freq)
    {
        Periods.TryParse(text, out var period).ShouldBeTrue();
        period.ShouldBe(new Period(id, freq));
    }

    [Theory]
    [InlineData("2023-13")]
    [InlineData("2023年13月")]
    [InlineData("2023-Q5")]
    [InlineData("2023-00")]
    [InlineData("31/06/2023")]
    [InlineData("2023-02-29")]
    [InlineData("2023-W53")]
    [InlineData("2023年6-1月")]
    public void KnowsTheCalendar(string text)
    {
        Periods.TryParse(text, out var period).ShouldBeTrue();
        period.IsPossible.ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("650000")]
    [InlineData("1234")]
    [InlineData("9999")]
    [InlineData("5.2")]
    [InlineData("2023.5%")]
    [InlineData("Xinjiang")]
    [InlineData("2023年产量")]
    [InlineData("Table 2023")]
    [InlineData("12,345")]
    [InlineData("-2023")]
    [InlineData("2023-06-30T12:30:00")]
    public void LeavesAlone(string text) => Periods.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void MonthFirstTurnsTheOrder()
    {
        Periods.TryParse("6/5/2023", out var day).ShouldBeTrue();
        Periods.TryParse("6/5/2023", out var month, monthFirst: true).ShouldBeTrue();
        (day.Id, month.Id).ShouldBe(("2023-05-06", "2023-06-05"));
    }

    [Fact]
    public void ThePeriodsBesideItTellWhetherOneSpansTwoYears()
    {
        Periods.Spans(["2009-10", "2010-11"]).ShouldBe(true);
        Periods.Spans(["2009/10", "2009/11"]).ShouldBe(false);
        Periods.Spans(["2009/10", "2009/9"]).ShouldBe(false);
        Periods.Spans(["2009-10", "2009"]).ShouldBeNull();
        Periods.TryParse("2009-10", out var years, spans: true).ShouldBeTrue();
        Periods.TryParse("2009/10", out var month, spans: false).ShouldBeTrue();
        (years.Id, month.Id).ShouldBe(("2009/2010", "2009-10"));
    }

    [Fact]
    public void OwnFormsReadBack() =>
        Gen.Select(Gen.Int[1800, 2100], Gen.Int[1, 12], Gen.Int[1, 28], Gen.Int[0, 6]).Sample((year, month, day, form) =>
        {
            var id = form switch
            {
                0 => $"{year}",
                1 => $"{year}-S{1 + (month % 2)}",
                2 => $"{year}-Q{1 + (month % 4)}",
                3 => $"{year}-{month:D2}",
                4 => $"{year}-{month:D2}-{day:D2}",
                5 => $"{year}-W{day:D2}",
                _ => $"{year}-{month:D2}/{year + 1}-{month:D2}",
            };
            Periods.TryParse(id, out var period).ShouldBeTrue();
            period.Id.ShouldBe(id);
        });

    [Fact]
    public void AnyTextIsTakenOrLeft() => Gen.Char["0123456789-/.年月季度Q WMJuneH上半至()"].Array[0, 60].Select(c => new string(c)).Sample(text =>
    {
        if (Periods.TryParse(text, out var period) && period.IsPossible)
            Periods.TryParse(period.Id, out var again).ShouldBe(again == period);
    });
}
