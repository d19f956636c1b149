using System.Globalization;
using CsCheck;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Plain files whose periods are told by the column or the header and not by one text alone: a single year over the values, years in names, points between year and month, day and month.</summary>
public sealed class PlainPeriodsTests
{
    private static readonly string[] Labels = ["North", "South", "East", "West", "Upland"];

    // One period across

    private sealed record OneYear(string Name, string Period, string Other, int Rows, bool Typed, int[] Drawn);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static readonly Gen<OneYear> OneYears = Gen.Select(
        OneOf("Region", "地区", "Product"), OneOf("2021", "2021年", "2021 (provisional)", "2021p"), OneOf("", "Change, %", "Rank", "Area, km2"), Gen.Int[1, 5], Gen.Bool, Gen.Int[1, 9999].Array[10],
        (name, period, other, rows, typed, drawn) => new OneYear(name, period, other, rows, typed, drawn));

    [Fact]
    public void AYearOverTheValuesIsTheirPeriod() => OneYears.Sample(
        known =>
        {
            var rows = new List<object?[]> { known.Other.Length == 0 ? [known.Name, known.Period] : [known.Name, known.Period, known.Other] };
            for (var r = 0; r < known.Rows; r++)
                rows.Add(known.Other.Length == 0 ? [Labels[r], (double)known.Drawn[r]] : [Labels[r], (double)known.Drawn[r], (double)known.Drawn[r + 5]]);
            // A workbook keeps the year as a number.
            if (known.Typed && known.Period == "2021")
                rows[0][1] = 2021d;
            using var result = Grid.Interpret(known.Typed ? Grid.Release("release.xlsx", new TypedGrid([.. rows]) { Sheet = "Sheet1", Place = 0 })
                : Grid.Release([.. rows.Select(row => row.Select(cell => cell is double n ? n.ToString(CultureInfo.InvariantCulture) : (string?)cell).ToArray())]));
            var told = string.Join("\n", rows.Select(r => string.Join(',', r))) + "\n" + string.Join("\n", result.Findings.Kept);
            var seen = Seen.All(result);
            seen.ShouldAllBe(o => o["TIME_PERIOD"] == "2021", told);
            seen.Select(o => o.Value!.Value).Order().ShouldBe(rows.Skip(1).SelectMany(row => row.OfType<double>()).Select(n => (decimal)n).Order(), told);
            seen.ShouldAllBe(o => o.Codes.Values.All(code => code.Labels.Values.All(label => !label.Contains("2021", StringComparison.Ordinal)) || code.Id == "2021"), told);
        },
        iter: 300);

    [Theory]
    [InlineData("Population (thousand persons)\nRegion|2021\nNorth|120.5\nSouth|340.1", "PS")]
    [InlineData("Region|Unit|2021\nNorth|t|120\nSouth|t|340", "T")]
    [InlineData("地区|2021\n|万吨\n甲县|120\n乙县|340", "T")]
    public void TheUnitStaysBesideIt(string text, string unit)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        Seen.All(result).Select(o => (o["TIME_PERIOD"], o["UNIT_MEASURE"])).ShouldBe([("2021", unit), ("2021", unit)]);
    }

    [Theory]
    [InlineData("Population of towns\nNorth|2021\nSouth|340\nEast|2077\nWest|17", 2021)]
    [InlineData("region|births\nAshwell|2021\nNorthmere|340", 2021)]
    [InlineData("Released|2021\n\nRegion|2019|2020\nNorth|2021|3\nSouth|340|4", 2021)]
    public void AValueThatLooksLikeAYearIsOne(string text, int value)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        Seen.All(result).Select(o => o.Value).ShouldContain(value);
        Seen.All(result).ShouldAllBe(o => o["TIME_PERIOD"] != "2021");
    }

    [Theory]
    [InlineData("Region|2021|Area\nNorth|1562|2026\nSouth|5125|140")]
    [InlineData("地区|2021|Rank\nNorth|1649|1956")]
    public void ValuesThatLieAmongYearsAreNoHeaderBelowOneYear(string text)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        Seen.All(result).ShouldAllBe(o => o["TIME_PERIOD"] == "2021");
        Seen.All(result).Count.ShouldBe((text.Split('\n').Length - 1) * 2);
    }

    [Fact]
    public void EachOfTwoTablesHasItsYear()
    {
        using var result = Grid.Interpret(Grid.Lines("Table 1 Births\n\nRegion|2021\nNorth|120\nSouth|340\n\nTable 2 Deaths\n\nRegion|2022\nNorth|12\nSouth|34"));
        Seen.All(result).Select(o => (o["TIME_PERIOD"], o.Value)).ShouldBe([("2021", 120m), ("2021", 340m), ("2022", 12m), ("2022", 34m)]);
    }

    // Years in names

    private static readonly (string Pattern, string[] Names, string[] Periods)[] Patterns =
    [
        ("{0} {1}", ["Births", "Deaths", "Net migration"], ["2019", "2020", "2021"]),
        ("{1} {0}", ["births", "population", "households"], ["2019", "2020", "2021"]),
        ("{0} ({1})", ["Births", "Deaths", "Moves"], ["2019", "2020", "2021"]),
        ("{0}, {1}", ["Births", "Deaths", "Moves"], ["2019", "2020", "2021"]),
        ("{0}_{1}", ["births", "pop_total", "rate"], ["2019", "2020", "2021"]),
        ("{1}_{0}", ["births", "deaths", "rate"], ["2019", "2020", "2021"]),
        ("{0}{1}", ["births", "pop_", "y"], ["2019", "2020", "2021"]),
        ("{1}年{0}", ["产量", "产值", "人数"], ["2019", "2020", "2021"]),
        ("{1} {0}", ["births", "deaths"], ["Jan 2020", "Feb 2020", "Mar 2020"]),
        ("{0} {1}", ["Births", "Deaths"], ["2020 Q1", "2020 Q2", "2020 Q3"]),
    ];

    private static readonly Dictionary<string, string> Ids = new() { ["Jan 2020"] = "2020-01", ["Feb 2020"] = "2020-02", ["Mar 2020"] = "2020-03", ["2020 Q1"] = "2020-Q1", ["2020 Q2"] = "2020-Q2", ["2020 Q3"] = "2020-Q3" };

    [Fact]
    public void NamesThatCarryPeriodsAreNamesAndPeriods() => Gen.Select(Gen.Int[0, Patterns.Length - 1], Gen.Int[1, 2], Gen.Int[2, 3], Gen.Int[1, 5], Gen.Bool, Gen.Int[1, 9999].Array[5 * 6]).Sample(
        (pattern, measures, periods, rows, byPeriod, drawn) =>
        {
            var (format, names, times) = Patterns[pattern];
            var columns = names.Take(measures).SelectMany(_ => times.Take(periods), (name, time) => (Name: name, Time: time)).ToList();
            if (byPeriod)
                columns = [.. columns.OrderBy(c => Array.IndexOf(times, c.Time))];
            var lines = new List<string?[]> { columns.Select(c => string.Format(CultureInfo.InvariantCulture, format, c.Name, c.Time)).Prepend("Region").ToArray() };
            var expected = new List<string>();
            for (var r = 0; r < rows; r++)
            {
                lines.Add([Labels[r], .. columns.Select((_, c) => $"{drawn[(r * 6) + c]}")]);
                expected.AddRange(columns.Select((column, c) => $"{Labels[r]} {(column.Name == "y" ? "" : column.Name.TrimEnd('_'))} {Ids.GetValueOrDefault(column.Time, column.Time)} {drawn[(r * 6) + c]}"));
            }
            using var result = Grid.Interpret(Grid.Release([.. lines]));
            var told = string.Join("\n", lines.Select(r => string.Join(',', r))) + "\n" + string.Join("\n", result.Findings.Kept);
            Seen.All(result).Select(o => $"{o.Codes["REF_AREA"].Labels.Values.First()} {(o["INDICATOR"] is "_Z" or "(none)" ? "" : o.Codes["INDICATOR"].Labels.Values.First())} {o["TIME_PERIOD"]} {o.Value}").Order(StringComparer.Ordinal)
                .ShouldBe(expected.Order(StringComparer.Ordinal), told);
        },
        iter: 300);

    [Theory]
    [InlineData("Births 2020|Deaths 2020", "Births 2020|Deaths 2020")]
    [InlineData("Births 2020", "Births 2020")]
    [InlineData("Population 2019|Births 2020", "Population 2019|Births 2020")]
    [InlineData("2020 births|2020 deaths", "births 2020|deaths 2020")]
    [InlineData("births_2020|deaths_2020", "births 2020|deaths 2020")]
    [InlineData("2020年出生人口（万人）|2020年死亡人口（万人）", "出生人口 2020|死亡人口 2020")]
    public void NamesThatComeOnceAndAllHaveAYearAreNamesAndYears(string names, string expected)
    {
        var values = names.Split('|').Length;
        using var result = Grid.Interpret(Grid.Lines($"Region|{names}\nNorth|{string.Join('|', Enumerable.Range(10, values))}\nSouth|{string.Join('|', Enumerable.Range(20, values))}"));
        Seen.All(result).Select(o => $"{o.Codes["INDICATOR"].Labels.Values.First()} {o["TIME_PERIOD"]}").Distinct().ShouldBe(expected.Split('|'));
    }

    [Theory]
    [InlineData("Region|Births|Deaths|Marriages\n|2020|2020|2020\nNorth|123|45|12\nSouth|456|78|34")]
    [InlineData("Region|Births|Deaths\nYear|2020|2020\nNorth|123|45\nSouth|456|78")]
    [InlineData("地区|出生人口|死亡人口\n|2020|2020\n甲县|123|45\n乙县|456|78")]
    public void OneYearBelowEveryNameIsThePeriodOfAll(string text)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        Seen.All(result).ShouldAllBe(o => o["TIME_PERIOD"] == "2020");
        Seen.All(result).Count.ShouldBe(text.Split('\n')[2..].Sum(line => line.Split('|').Length - 1));
        result.Reconciliation.SetAside.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GDP at constant prices 2015|Exports 2020")]
    [InlineData("Price index 2015|Births")]
    [InlineData("GDP at 2010 prices|GDP at 2015 prices")]
    [InlineData("Index 2010=100|Index 2015=100")]
    [InlineData("Change since 2010|Change since 2015")]
    [InlineData("Growth over 2010|Growth over 2015")]
    [InlineData("ISCED 2011 level 1|ISCED 2011 level 2")]
    [InlineData("Census 2011 base|Births")]
    [InlineData("2010年不变价|2015年不变价")]
    public void AYearThatBelongsToTheNameStays(string names)
    {
        using var result = Grid.Interpret(Grid.Lines($"Region|{names}\nNorth|10|11\nSouth|20|21"));
        Seen.All(result).ShouldAllBe(o => o["TIME_PERIOD"] == "");
        Seen.All(result).Select(o => o.Codes["INDICATOR"].Labels.Values.First()).Distinct().ShouldBe(names.Split('|'));
    }

    [Fact]
    public void WhereTheRowsHavePeriodsTheNamesHaveNone()
    {
        using var result = Grid.Interpret(Grid.Lines("Region|Year|Births 2010 census|Births 2020 census\nNorth|2020|10|3\nSouth|2020|20|4"));
        Seen.All(result).Select(o => (o["TIME_PERIOD"], o.Codes["INDICATOR"].Labels.Values.First())).Distinct().ShouldBe([("2020", "Births 2010 census"), ("2020", "Births 2020 census")]);
    }

    // Numbers and instants

    [Theory]
    [InlineData("year|births\n2019.0|10\n2020.0|11", "2019 2020")]
    [InlineData("region|year|births\nNorth|2020.0|10\nNorth|2021.0|11", "2020 2021")]
    [InlineData("region|2020.0|2021.0\nNorth|10|11", "2020 2021")]
    [InlineData("region|year|month|births\nNorth|2020.0|1.0|10\nNorth|2020.0|2.0|11", "2020-01 2020-02")]
    [InlineData("time|value\n2020-01-01T00:00:00Z|1\n2021-01-01T00:00:00Z|2", "2020 2021")]
    [InlineData("time|value\n2020-01-01 00:00:00|1\n2020-02-01 00:00:00|2", "2020-01 2020-02")]
    [InlineData("time|value\n2020-01-01T00:00:00.000Z|1\n2020-01-02T00:00:00.000Z|2", "2020-01-01 2020-01-02")]
    [InlineData("time|value\n2020-01-01T00:00:00+08:00|1\n2020-01-02T00:00:00+08:00|2", "2020-01-01 2020-01-02")]
    [InlineData("time|value\n2020-01-01T12:00:00Z|1\n2020-02-01T12:00:00Z|2", "2020-01 2020-02")]
    [InlineData("time|value\n2020-01-01T12:00:00Z|1\n2020-01-02T12:00:00Z|2", "2020-01-01 2020-01-02")]
    [InlineData("time|value\n2020-01-01|1\n2020-04-01|2\n2020-07-01|3", "2020-Q1 2020-Q2 2020-Q3", "dates-as-quarters")]
    [InlineData("time|value\n2020-01-01|1\n2020-07-01|2\n2021-01-01|3", "2020-01 2020-07 2021-01")]
    public void PeriodsAsProgramsKeepThem(string text, string periods, string finding = "")
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        Seen.All(result).Select(o => o["TIME_PERIOD"]).ShouldBe(periods.Split(' '));
        result.Findings.Counts.Keys.ShouldBe(finding.Length == 0 ? [] : [finding]);
    }

    [Theory]
    [InlineData("time|area|value\n2020-01-01T00:00:00Z|North|1\n2020-01-01T01:00:00Z|North|2\n2020-01-01T02:00:00Z|North|3")]
    [InlineData("time|area|value\n2020-01-01T11:00:00Z|North|1\n2020-01-01T12:00:00Z|North|2")]
    [InlineData("time|area|value\n2020-01-01T23:00:00Z|North|1\n2020-01-02T23:00:00Z|North|2")]
    public void ATimeOfDayIsToldAndNotTakenForTheDay(string text)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        Seen.All(result).ShouldBeEmpty();
        var finding = result.Findings.Kept.First(f => f.Code == "period-unreadable");
        (finding.Where, finding.Message.Contains("time of a day", StringComparison.Ordinal)).ShouldBe(("A2", true));
    }

    [Fact]
    public void QuartersByTheirFirstDayStayTheMonthsThatTheDatasetHas()
    {
        using var result = Interpreter.Interpret(Grid.Lines("time|value\n2020-01-01|1\n2020-04-01|2\n2020-07-01|3"),
            new ReleaseContext("test") { Codes = new Dictionary<string, KnownCodes> { ["FREQ"] = new KnownCodes([new Code("M")]) } }, null, TestContext.Current.CancellationToken);
        Seen.All(result).Select(o => o["TIME_PERIOD"]).ShouldBe(["2020-01", "2020-04", "2020-07"]);
    }

    // Points

    private static readonly Gen<(int First, int Count, int Areas, bool ByMonth, bool Falls, bool AsNumbers, bool Across)> Dotted =
        Gen.Select(Gen.Int[0, 11], Gen.Int[3, 26], Gen.Int[1, 3], Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, (first, count, areas, byMonth, falls, asNumbers, across) => (first, count, areas, byMonth, falls, asNumbers, across));

    [Fact]
    public void MonthsBehindAPointAreMonthsAlsoWhenOctoberHasLostItsNought() => Dotted.Sample(
        known =>
        {
            var months = Enumerable.Range(known.First, known.Count).Select(m => (Year: 2021 + (m / 12), Month: (m % 12) + 1)).ToList();
            if (known.Falls)
                months.Reverse();
            object Shown((int Year, int Month) m) => known.AsNumbers ? double.Parse($"{m.Year}.{m.Month}", CultureInfo.InvariantCulture) : $"{m.Year}.{m.Month}";
            string Id((int Year, int Month) m) => $"{m.Year}-{m.Month:D2}";
            var rows = new List<object?[]>();
            var expected = new List<string>();
            var value = 3d;
            if (known.Across && !known.Falls)
            {
                rows.Add([.. months.Select(Shown).Prepend("地区")]);
                foreach (var area in Labels.Take(known.Areas))
                {
                    expected.AddRange(months.Select((m, i) => $"{area} {Id(m)} {value + (i * i)}"));
                    rows.Add([.. months.Select((_, i) => (object)(value + (i * i))).Prepend(area)]);
                    value += 7;
                }
            }
            else
            {
                rows.Add(["地区", "时间", "产量"]);
                var keys = known.ByMonth ? months.SelectMany(_ => Labels.Take(known.Areas), (m, a) => (Area: a, Month: m)) : Labels.Take(known.Areas).SelectMany(_ => months, (a, m) => (Area: a, Month: m));
                foreach (var (area, month) in keys)
                {
                    expected.Add($"{area} {Id(month)} {value}");
                    rows.Add([area, Shown(month), value]);
                    value += 2.5;
                }
            }
            using var result = Grid.Interpret(Grid.Release("release.xlsx", new TypedGrid([.. rows]) { Sheet = "表", Place = 0 }));
            var told = string.Join("\n", rows.Select(r => string.Join(',', r))) + "\n" + string.Join("\n", result.Findings.Kept);
            Seen.All(result).Select(o => $"{o["REF_AREA"]} {o["TIME_PERIOD"]} {o.Value?.ToString(CultureInfo.InvariantCulture)}").Order(StringComparer.Ordinal).ShouldBe(expected.Order(StringComparer.Ordinal), told);
            if (!known.Across)
                (result.Findings.Counts.GetValueOrDefault("month-ambiguous") > 0).ShouldBe(known.AsNumbers && months.Exists(m => m.Month == 10), told);
        },
        iter: 300);

    [Theory]
    [InlineData("时间|产量\n2023.01|10\n2023.09|11\n2023.1|12", "2023-01 2023-09 2023-10", "A4")]
    [InlineData("日期|产量\n2023.1|10", "2023-01", "A2")]
    [InlineData("季度|产量\n2023.1|10\n2023.2|11\n2023.4|12", "2023-Q1 2023-Q2 2023-Q4", "")]
    public void WhatAPointParts(string text, string periods, string doubted)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        Seen.All(result).Select(o => o["TIME_PERIOD"]).ShouldBe(periods.Split(' '));
        result.Findings.Kept.Where(f => f.Code == "month-ambiguous").Select(f => f.Where).ShouldBe(doubted.Length == 0 ? [] : [doubted]);
    }

    [Fact]
    public void TheMiddleOfAYearIsNoMonth()
    {
        using var result = Grid.Interpret(Grid.Lines("year|population\n2020.5|10\n2021.5|11"));
        Seen.All(result).ShouldAllBe(o => o["TIME_PERIOD"] == "");
    }

    // Day and month

    [Theory]
    [InlineData("date|value\n03/04/2023|1\n04/14/2023|2", "2023-03-04 2023-04-14", "")]
    [InlineData("date|value\n03/04/2023|1\n14/04/2023|2", "2023-04-03 2023-04-14", "")]
    [InlineData("date|value\n03.04.2023|1\n05.04.2023|2", "2023-04-03 2023-04-05", "")]
    [InlineData("date|value\n04/04/2023|1\n05/05/2023|2", "2023-04-04 2023-05-05", "")]
    [InlineData("date|value\n04/04/2023|1\n05/04/2023|2", "2023-04-04 2023-04-05", "A3")]
    [InlineData("region|date|births|deaths\nNorth|03/04/2023|1|2\n|04/14/2023|3|4\n|04/15/2023|5|6", "2023-03-04 2023-03-04 2023-04-14 2023-04-14 2023-04-15 2023-04-15", "")]
    [InlineData("region|date|births|deaths\nNorth|03/04/2023|1|2\n|05/04/2023|3|4\n|06/04/2023|5|6", "2023-04-03 2023-04-03 2023-04-05 2023-04-05 2023-04-06 2023-04-06", "B2")]
    [InlineData("region|03/14/2023|04/05/2023\nNorth|1|2\nSouth|3|4", "2023-03-14 2023-04-05 2023-03-14 2023-04-05", "")]
    [InlineData("region|03/04/2023|04/05/2023\nNorth|1|2\nSouth|3|4", "2023-04-03 2023-05-04 2023-04-03 2023-05-04", "B1")]
    public void WhereNoDateTellsItsOrderThatIsSaid(string text, string periods, string undecided)
    {
        using var result = Grid.Interpret(Grid.Lines(text));
        Seen.All(result).Select(o => o["TIME_PERIOD"]).ShouldBe(periods.Split(' '));
        result.Findings.Kept.Where(f => f.Code == "date-order-ambiguous").Select(f => f.Where).ShouldBe(undecided.Length == 0 ? [] : [undecided]);
    }

    [Theory]
    [InlineData("date|value\n03/04/2023|1\n04/05/2023|2\n04/06/2023|3")]
    [InlineData("region|date|births|deaths\nNorth|03/04/2023|1|2\n|04/05/2023|3|4\n|04/06/2023|5|6")]
    public void AProfileSaysTheOrderAndTheNextReleaseFollowsIt(string text)
    {
        Interpretation Read(ReleaseContext context) => Interpreter.Interpret(Grid.Lines(text), context, null, TestContext.Current.CancellationToken);
        using var stated = Read(new ReleaseContext("test") { OwnProfile = Profile.Parse("""{"tables": [{"dateOrder": "month-first"}]}"""u8) });
        Seen.All(stated).Select(o => o["TIME_PERIOD"]).Distinct().ShouldBe(["2023-03-04", "2023-04-05", "2023-04-06"]);
        stated.Findings.Counts.Keys.ShouldNotContain("date-order-ambiguous");
        using var next = Read(new ReleaseContext("test") { Profile = stated.Profile });
        Seen.All(next).Select(o => o["TIME_PERIOD"]).Distinct().ShouldBe(["2023-03-04", "2023-04-05", "2023-04-06"]);
        next.Findings.Counts.Keys.ShouldNotContain("date-order-ambiguous");
    }

    [Fact]
    public void AColumnThatHasToldItsOrderTellsItForTheNextRelease()
    {
        using var told = Grid.Interpret(Grid.Lines("date|value\n03/04/2023|1\n04/14/2023|2"));
        using var next = Interpreter.Interpret(Grid.Lines("date|value\n05/06/2023|1\n05/07/2023|2"), new ReleaseContext("test") { Profile = told.Profile }, null, TestContext.Current.CancellationToken);
        Seen.All(next).Select(o => o["TIME_PERIOD"]).ShouldBe(["2023-05-06", "2023-05-07"]);
        next.Findings.Counts.Keys.ShouldNotContain("date-order-ambiguous");
    }
}
