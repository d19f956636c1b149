using System.Globalization;
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
    [InlineData("2023.0", "2023", "A")]
    [InlineData("2023 [YR2023]", "2023", "A")]
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
    [InlineData("2023-06-30T00:00:00.000Z", "2023-06-30", "D")]
    [InlineData("2023-06-30T00:00:00+08:00", "2023-06-30", "D")]
    [InlineData("2023-06-30T00:00Z", "2023-06-30", "D")]
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
    [InlineData("截至2023年6月末", "2023-06", "M")]
    [InlineData("2023年6月末", "2023-06", "M")]
    [InlineData("2023年末", "2023", "A")]
    [InlineData("2023年1-2月", "2023-01/2023-02", "_O")]
    [InlineData("2023年1-6月累计", "2023-01/2023-06", "_O")]
    [InlineData("2023年6月累计", "2023-01/2023-06", "_O")]
    [InlineData("2023年1-3季度", "2023-01/2023-09", "_O")]
    [InlineData("2014年第1季度", "2014-Q1", "Q")]
    [InlineData("2014年第IV季度", "2014-Q4", "Q")]
    [InlineData("2020年第12周", "2020-W12", "W")]
    [InlineData("2014-2015学年", "2014/2015", "_O")]
    [InlineData("２０２３年１－６月", "2023-01/2023-06", "_O")]
    [InlineData("2020年3月28日至4月3日", "2020-03-28/2020-04-03", "_O")]
    [InlineData("2020年3月30日—4月5日", "2020-W14", "W")]
    [InlineData("2020年4月1-30日", "2020-04", "M")]
    [InlineData("2020.04.03", "2020-04-03", "D")]
    [InlineData("3 Apr 2020", "2020-04-03", "D")]
    [InlineData("3-Apr-20", "2020-04-03", "D")]
    [InlineData("Q1 2014 (Jan-Mar)", "2014-Q1", "Q")]
    [InlineData("2014 Q1 (January to March)", "2014-Q1", "Q")]
    [InlineData("1st quarter 2014", "2014-Q1", "Q")]
    [InlineData("Third quarter of 2014", "2014-Q3", "Q")]
    [InlineData("IV quarter 2014", "2014-Q4", "Q")]
    [InlineData("4Q13", "2013-Q4", "Q")]
    [InlineData("4Q2013", "2013-Q4", "Q")]
    [InlineData("Q4-13", "2013-Q4", "Q")]
    [InlineData("Q4 '13", "2013-Q4", "Q")]
    [InlineData("1H14", "2014-S1", "S")]
    [InlineData("First half of 2014", "2014-S1", "S")]
    [InlineData("2014 Jan-Mar", "2014-01/2014-03", "_O")]
    [InlineData("Jan 2014 - Mar 2014", "2014-01/2014-03", "_O")]
    [InlineData("Jan 14 - Mar 14", "2014-01/2014-03", "_O")]
    [InlineData("Q1-Q3 2014", "2014-01/2014-09", "_O")]
    [InlineData("Jan. 2014", "2014-01", "M")]
    [InlineData("Janvier 2014", "2014-01", "M")]
    [InlineData("März 2014", "2014-03", "M")]
    [InlineData("diciembre 2014", "2014-12", "M")]
    [InlineData("06/2014", "2014-06", "M")]
    [InlineData("FY2014/15", "2014/2015", "_O")]
    [InlineData("FY14/15", "2014/2015", "_O")]
    [InlineData("Financial year 2014-15", "2014/2015", "_O")]
    [InlineData("week ending 3 April 2020", "2020-W14", "W")]
    [InlineData("Week ended 03/04/2020", "2020-W14", "W")]
    [InlineData("w/e 5 April 2020", "2020-W14", "W")]
    [InlineData("Week beginning 30 March 2020", "2020-W14", "W")]
    [InlineData("Week 12 2020", "2020-W12", "W")]
    [InlineData("Week 12, 2020", "2020-W12", "W")]
    [InlineData("2020 Week 12", "2020-W12", "W")]
    [InlineData("Weeks 12 to 30 2020", "2020-W12/2020-W30", "_O")]
    [InlineData("12 months to Dec 2014", "2014-01/2014-12", "_O")]
    [InlineData("Twelve months ending March 2015", "2014-04/2015-03", "_O")]
    [InlineData("year ending March 2015", "2014-04/2015-03", "_O")]
    [InlineData("Year ended 31 March 2015", "2014-04/2015-03", "_O")]
    [InlineData("Year ending 5 April 2015", "2014-04-06/2015-04-05", "_O")]
    [InlineData("Year to 2015 Q1", "2014-04/2015-03", "_O")]
    [InlineData("Three months to May 2014", "2014-03/2014-05", "_O")]
    [InlineData("Quarter ending June 2014", "2014-Q2", "Q")]
    [InlineData("Quarter ended 31 May 2014", "2014-03/2014-05", "_O")]
    [InlineData("Month ending 30 June 2014", "2014-06", "M")]
    [InlineData("Year to date June 2014", "2014-01/2014-06", "_O")]
    [InlineData("YTD Q2 2014", "2014-01/2014-06", "_O")]
    [InlineData("As at 31 March 2015", "2015-03-31", "D")]
    [InlineData("End of March 2015", "2015-03", "M")]
    [InlineData("End-March 2015", "2015-03", "M")]
    [InlineData("T1 2023", "2023-Q1", "Q")]
    [InlineData("2023T4", "2023-Q4", "Q")]
    [InlineData("2023-T2", "2023-Q2", "Q")]
    [InlineData("2021 년", "2021", "A")]
    [InlineData("令和5年", "2023", "A")]
    [InlineData("平成元年3月", "1989-03", "M")]
    [InlineData("民國112年1月", "2023-01", "M")]
    [InlineData("2021년 3월", "2021-03", "M")]
    public void Reads(string text, string id, string freq)
    {
        Periods.TryParse(text, out var period).ShouldBeTrue();
        period.ShouldBe(new Period(id, freq));
    }

    [Theory]
    [InlineData("2014 Oct (r)", "2014-10", "(r)")]
    [InlineData("2014Q1p", "2014-Q1", "p")]
    [InlineData("2014 Q1 r", "2014-Q1", "r")]
    [InlineData("2014 (P)", "2014", "(P)")]
    [InlineData("2014(P)", "2014", "(P)")]
    [InlineData("2010³", "2010", "³")]
    [InlineData("2014r", "2014", "r")]
    [InlineData("2014 (provisional)", "2014", "(provisional)")]
    [InlineData("2023年（快报）", "2023", "（快报）")]
    [InlineData("2014[1]", "2014", "[1]")]
    [InlineData("2014 *", "2014", "*")]
    [InlineData("2014 estimate", "2014", "estimate")]
    [InlineData("2023年快报数", "2023", "快报数")]
    [InlineData("2014", "2014", "")]
    [InlineData("2014 Q1 (Jan-Mar)", "2014-Q1", "")]
    public void SplitsFlagsOff(string text, string id, string flag)
    {
        Periods.TryParse(text, out var period, out var mark).ShouldBeTrue();
        (period.Id, mark.ToString()).ShouldBe((id, flag));
    }

    [Fact]
    public void EveryFormReadsBack() => Gen.Select(Gen.Int[1900, 2049], Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[1, 28], Gen.Int[0, 43]).Sample((year, month, other, day, form) =>
    {
        var (text, id) = Write(year, Math.Min(month, other), Math.Max(month, other), day, form);
        Periods.TryParse(text, out var period).ShouldBeTrue(text);
        period.Id.ShouldBe(id, text);
        Periods.TryParse(text.ToUpperInvariant(), out var upper).ShouldBeTrue(text);
        upper.ShouldBe(period);
        Periods.Mentions($"{text}全国")[0].Period.ShouldBe(period, text);
    });

    /// <summary>Writes a period as an office might, with the TIME_PERIOD that it is.</summary>
    internal static (string Text, string Id) Write(int year, int month, int last, int day, int form)
    {
        var date = new DateTime(year, month, day);
        string In(string format) => date.ToString(format, CultureInfo.InvariantCulture);
        string End(string format) => new DateTime(year, last, 1).ToString(format, CultureInfo.InvariantCulture);
        var (quarter, half) = (((month - 1) / 3) + 1, ((month - 1) / 6) + 1);
        var (m, q, s, d) = (In("yyyy-MM"), $"{year}-Q{quarter}", $"{year}-S{half}", In("yyyy-MM-dd"));
        var range = month == last ? m : $"{m}/{year}-{last:D2}";
        var rolling = $"{date.AddMonths(-11):yyyy-MM}/{m}";
        return form switch
        {
            0 => ($"{year}年", $"{year}"),
            1 => ($"{year}/{(year + 1) % 100:D2}", $"{year}/{year + 1}"),
            2 => ($"FY{year}/{(year + 1) % 100:D2}", $"{year}/{year + 1}"),
            3 => ($"{year}年{month}月", m),
            4 => (In("MMM-yy"), year is >= 1950 and < 2050 ? m : In("20yy-MM")),
            5 => (In("MMMM yyyy"), m),
            6 => (In("yyyy MMM"), m),
            7 => ($"{year}M{month:D2}", m),
            8 => (In("yyyyMM"), m),
            9 => (In("MM/yyyy"), m),
            10 => ($"Q{quarter} {year}", q),
            11 => ($"{year}Q{quarter}", q),
            12 => ($"{year} Q{quarter}", q),
            13 => ($"{quarter}Q{year}", q),
            14 => ($"{year}年第{quarter}季度", q),
            15 => ($"{year}年{"一二三四"[quarter - 1]}季度", q),
            16 => ($"Quarter {quarter}, {year}", q),
            17 => ($"{year}年{"上下"[half - 1]}半年", s),
            18 => ($"{year} H{half}", s),
            19 => ($"{half}H {year}", s),
            20 => ($"{year}年{month}—{last}月", range),
            21 => ($"{year}年{month}月至{last}月", range),
            22 => ($"{In("MMM")}-{End("MMM")} {year}", range),
            23 => ($"{In("MMMM")} to {End("MMMM")} {year}", range),
            24 => ($"{year} {In("MMM")}-{End("MMM")}", range),
            25 => ($"{In("MMM yyyy")} - {End("MMM yyyy")}", range),
            26 => (In("d MMMM yyyy"), d),
            27 => (In("MMMM d, yyyy"), d),
            28 => (In("dd-MMM-yyyy"), d),
            29 => (In("yyyy.MM.dd"), d),
            30 => (In("dd/MM/yyyy"), d),
            31 => (In("yyyyMMdd"), d),
            32 => ($"{year}年{month}月{day}日", d),
            33 => (In("'week ending' d MMMM yyyy"), Middle(-3)),
            34 => (In("'week beginning' d MMM yyyy"), Middle(3)),
            35 => ($"Week {day} {year}", $"{year}-W{day:D2}"),
            36 => ($"{year} Week {day}", $"{year}-W{day:D2}"),
            37 => ($"{year}年第{day}周", $"{year}-W{day:D2}"),
            38 => (In("'12 months to' MMM yyyy"), rolling),
            39 => (In("'year ending' MMMM yyyy"), rolling),
            40 => ($"{year}年{month}月累计", month == 1 ? m : $"{year}-01/{m}"),
            41 => ($"year to date {In("MMMM yyyy")}", month == 1 ? m : $"{year}-01/{m}"),
            42 => (In("'w/e' dd/MM/yyyy"), Middle(-3)),
            _ => ($"{year}-{month:D2}/{year + 1}-{month:D2}", $"{m}/{year + 1}-{month:D2}"),
        };
        string Middle(int days) => $"{ISOWeek.GetYear(date.AddDays(days))}-W{ISOWeek.GetWeekOfYear(date.AddDays(days)):D2}";
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
    [InlineData("2023T5x")]
    [InlineData("民国以前")]
    [InlineData("昭和町5年生")]
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
