using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

public sealed class PeriodPartTests
{
    [Theory]
    [InlineData("2023", "2023")]
    [InlineData("2023年", "2023")]
    [InlineData("FY2023", "2023")]
    [InlineData("'23", "2023")]
    [InlineData("2023-06", "2023-06")]
    [InlineData("Jan-Mar 2014", "2014-01/2014-03")]
    [InlineData("week ending 3 April 2020", "2020-W14")]
    public void WholePeriodsAreCompleteParts(string text, string id)
    {
        Periods.TryPart(text, out var part).ShouldBeTrue();
        part.IsComplete.ShouldBeTrue();
        part.Period!.Value.Id.ShouldBe(id);
    }

    [Theory]
    [InlineData("1月", "2014-01")]
    [InlineData("Jan", "2014-01")]
    [InlineData("Jan.", "2014-01")]
    [InlineData("JANUARY", "2014-01")]
    [InlineData("Sept", "2014-09")]
    [InlineData("März", "2014-03")]
    [InlineData("août", "2014-08")]
    [InlineData("octubre", "2014-10")]
    [InlineData("十二月", "2014-12")]
    [InlineData("12月份", "2014-12")]
    [InlineData("6月末", "2014-06")]
    [InlineData("Jan (r)", "2014-01")]
    [InlineData("6月¹", "2014-06")]
    [InlineData("Q1", "2014-Q1")]
    [InlineData("Q1 (Jan-Mar)", "2014-Q1")]
    [InlineData("Quarter 3", "2014-Q3")]
    [InlineData("2nd quarter", "2014-Q2")]
    [InlineData("Fourth quarter", "2014-Q4")]
    [InlineData("一季度", "2014-Q1")]
    [InlineData("第二季度", "2014-Q2")]
    [InlineData("III quarter", "2014-Q3")]
    [InlineData("第IV季度", "2014-Q4")]
    [InlineData("上半年", "2014-S1")]
    [InlineData("H2", "2014-S2")]
    [InlineData("First half", "2014-S1")]
    [InlineData("1-2月", "2014-01/2014-02")]
    [InlineData("1—6月", "2014-01/2014-06")]
    [InlineData("１－６月", "2014-01/2014-06")]
    [InlineData("Jan-Mar", "2014-01/2014-03")]
    [InlineData("January to March", "2014-01/2014-03")]
    [InlineData("前三季度", "2014-01/2014-09")]
    [InlineData("1-3季度", "2014-01/2014-09")]
    [InlineData("6月累计", "2014-01/2014-06")]
    [InlineData("1-6月累计", "2014-01/2014-06")]
    [InlineData("累计6月", "2014-01/2014-06")]
    [InlineData("YTD Jun", "2014-01/2014-06")]
    [InlineData("第1周", "2014-W01")]
    [InlineData("Week 12", "2014-W12")]
    [InlineData("wk 12", "2014-W12")]
    [InlineData("Weeks 12 to 30", "2014-W12/2014-W30")]
    [InlineData("30 Dec", "2014-12-30")]
    [InlineData("30-Dec", "2014-12-30")]
    [InlineData("12月30日", "2014-12-30")]
    [InlineData("末", "2014")]
    [InlineData("年末", "2014")]
    public void PartsLieWithinAYear(string text, string id)
    {
        Periods.TryPart(text, out var part).ShouldBeTrue();
        part.IsComplete.ShouldBeFalse();
        Periods.TryPart("2014", out var year).ShouldBeTrue();
        part.Within(year)!.Value.Period!.Value.Id.ShouldBe(id);
        year.Within(part)!.Value.Period!.Value.Id.ShouldBe(id);
    }

    [Theory]
    [InlineData("Jan", "2014 Q1", "2014-01")]
    [InlineData("4月", "2014 Q1", null)]
    [InlineData("Q2", "2014上半年", "2014-Q2")]
    [InlineData("Q3", "2014上半年", null)]
    [InlineData("2014 Q1", "2015", null)]
    [InlineData("2014 Q1", "2014", "2014-Q1")]
    [InlineData("累计", "2014年6月", "2014-01/2014-06")]
    [InlineData("当月", "2014年6月", "2014-06")]
    [InlineData("本月止累计", "2014年6月", "2014-01/2014-06")]
    [InlineData("1-本月", "2014年6月", "2014-01/2014-06")]
    [InlineData("本月", "2014年1-6月", "2014-06")]
    [InlineData("累计", "2014年1-6月", "2014-01/2014-06")]
    [InlineData("30 Dec", "Dec 2014", "2014-12-30")]
    [InlineData("30 Nov", "Dec 2014", null)]
    [InlineData("29 Feb", "2014", null)]
    [InlineData("29 Feb", "2016", "2016-02-29")]
    [InlineData("Week 53", "2014", null)]
    [InlineData("Week 53", "2020", "2020-W53")]
    [InlineData("Week 14", "April 2020", "2020-W14")]
    [InlineData("Week 14", "May 2020", null)]
    [InlineData("Jan", "2014/15", null)]
    [InlineData("Jan 2015", "2014/15", "2015-01")]
    public void PartsFitOrNot(string inner, string outer, string? id)
    {
        Periods.TryPart(inner, out var part).ShouldBeTrue();
        Periods.TryPart(outer, out var around).ShouldBeTrue();
        part.Within(around)?.Period?.Id.ShouldBe(id);
        (part.Within(around) is null).ShouldBe(id is null);
    }

    [Fact]
    public void ToDateTakesItsMonthFromBesideIt()
    {
        Periods.TryPart("Year to date 2020", out var part).ShouldBeTrue();
        (part.IsComplete, part.IsCumulative, part.Year).ShouldBe((false, true, 2020));
        Periods.TryPart("Jun", out var month).ShouldBeTrue();
        month.Within(part)!.Value.Period!.Value.Id.ShouldBe("2020-01/2020-06");
    }

    [Theory]
    [InlineData("Week number", "12", "2020-W12")]
    [InlineData("Week number3", "12", "2020-W12")]
    [InlineData("Week", "1", "2020-W01")]
    [InlineData("周次", "53", "2020-W53")]
    [InlineData("月份", "6", "2020-06")]
    [InlineData("Month", "01", "2020-01")]
    [InlineData("Quarter", "4", "2020-Q4")]
    [InlineData("季度", "二", "2020-Q2")]
    public void CornersGiveBareNumbersTheirUnit(string corner, string number, string id)
    {
        var unit = Periods.UnitNamed(corner)!.Value;
        Periods.TryPart(number, out _).ShouldBeFalse();
        Periods.TryPart(number, unit, out var part).ShouldBeTrue();
        part.Within(PeriodPart.Of(Periods.OfYear(2020)))!.Value.Period!.Value.Id.ShouldBe(id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("I")]
    [InlineData("年")]
    [InlineData("Month")]
    [InlineData("13月")]
    [InlineData("Week 54")]
    [InlineData("Q5")]
    [InlineData("32 Dec")]
    [InlineData("6-1月")]
    [InlineData("Marches")]
    [InlineData("Male")]
    [InlineData("S")]
    [InlineData("5.2")]
    [InlineData("Q1 (Jan-Jun)")]
    [InlineData("ytd ytd ytd ytd ytd ytd ytd ytd ytd ytd")]
    public void OtherTextIsNoPart(string text) => Periods.TryPart(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("week ending", true)]
    [InlineData("Week ended", true)]
    [InlineData("Week beginning:", true)]
    [InlineData("w/e", true)]
    [InlineData("周末", true)]
    [InlineData("Week", false)]
    public void KnowsTheWordsForWeeks(string text, bool isWord) => Periods.IsWeekWord(text).ShouldBe(isWord);

    [Fact]
    public void EveryDayIsInItsIsoWeek() => Gen.Int[0, 150_000].Sample(offset =>
    {
        var date = new DateTime(1750, 1, 1).AddDays(offset);
        var day = Periods.OfDay(date.Year, date.Month, date.Day);
        var week = Periods.IsoWeekOf(day)!.Value;
        var monday = date.AddDays(-(((int)date.DayOfWeek + 6) % 7));
        Periods.IsoWeekOf(Periods.OfDay(monday.Year, monday.Month, monday.Day)).ShouldBe(week);
        var thursday = monday.AddDays(3);
        week.Id.ShouldBe($"{thursday.Year}-W{((thursday.DayOfYear - 1) / 7) + 1:D2}");
        // most of seven days that end on it lie in the week of the day three before
        var middle = date.AddDays(-3);
        Periods.IsoWeekOf(day, true).ShouldBe(Periods.IsoWeekOf(Periods.OfDay(middle.Year, middle.Month, middle.Day)));
    });

    [Fact]
    public void AnyTextIsAPartOrNot() => Gen.Char["0123456789-/.年月季度Q WIMJuneHytd上半末累计至()'"].Array[0, 60].Select(c => new string(c)).Sample(text =>
    {
        if (!Periods.TryPart(text, out var part))
            return;
        if (part.Period is { } period)
            PeriodPart.Of(period).Period.ShouldBe(period);
        part.Within(part);
        part.Within(PeriodPart.Of(Periods.OfYear(2020)));
    });
}
