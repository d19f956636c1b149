using System.Globalization;

namespace Pipeline.Tests.Support;

/// <summary>A member of a dimension: its label, the code that an office writes beside it, its unit when it is an indicator, its parts when it is a total.</summary>
internal sealed record Member(string Label, string? Code = null, UnitWords? Unit = null, params Member[] Parts);

/// <summary>A dimension as an office names it.</summary>
internal sealed record Dimension(string Name, params Member[] Members);

/// <summary>A way of writing the periods of one length.</summary>
/// <param name="Name">An example, to name the style.</param>
/// <param name="Months">How long a period is.</param>
/// <param name="Text">The cell of a year and a part of it (month, quarter, half), from 1.</param>
internal sealed record PeriodForm(string Name, int Months, Func<int, int, object> Text)
{
    /// <summary>The TIME_PERIOD; by default that of the length.</summary>
    public Func<int, int, string> Id { get; init; } = (year, part) => Months switch
    {
        12 => $"{year}",
        6 => $"{year}-S{part}",
        3 => $"{year}-Q{part};{year}-{(part * 3) - 2:D2}/{year}-{part * 3:D2}",
        _ => $"{year}-{part:D2}",
    };

    /// <summary>So many periods in a row, ending before any that repeats.</summary>
    public IEnumerable<(string Id, object Cell)> From(int year, int part, int count)
    {
        var parts = 12 / Months;
        for (var i = part - 1; i < part - 1 + count; i++)
            yield return (Id(year + (i / parts), (i % parts) + 1), Text(year + (i / parts), (i % parts) + 1));
    }
}

/// <summary>The words of an office's language: invented tables are made of them.</summary>
internal sealed class OfficeWords
{
    public required string Language { get; init; }

    public required Dimension Areas { get; init; }

    public required Dimension Sexes { get; init; }

    public required Dimension Ages { get; init; }

    public required Dimension Industries { get; init; }

    public required Dimension Products { get; init; }

    public required Dimension Kinds { get; init; }

    /// <summary>Indicators, each with its unit.</summary>
    public required Dimension Indicators { get; init; }

    /// <summary>Totals over their parts, two and three deep.</summary>
    public required Dimension Accounts { get; init; }

    /// <summary>Forms in which a header or a stub writes a period whole.</summary>
    public required PeriodForm[] Periods { get; init; }

    /// <summary>Forms of periods that are counted from the start of a year, or over it.</summary>
    public required PeriodForm[] Cumulative { get; init; }

    public required Func<string, string> UnitLine { get; init; }

    public required string[] Notes { get; init; }

    public required string[] Sources { get; init; }

    public required string Total { get; init; }

    public required string OfWhich { get; init; }

    public required string Year { get; init; }

    public required string Month { get; init; }

    public required string Period { get; init; }

    public required string Value { get; init; }

    public required string Unit { get; init; }

    public required string Code { get; init; }

    public required Func<int, string> TableNumber { get; init; }

    public required string Flag { get; init; }

    public Dimension[] Classifications => [Areas, Sexes, Ages, Industries, Products, Kinds];

    /// <summary>The name of a month alone.</summary>
    public string MonthName(int month) => Language == "zh" ? $"{month}月" : Short(month);

    /// <summary>The name of a quarter alone.</summary>
    public string QuarterName(int quarter) => Language == "zh" ? $"{"一二三四"[quarter - 1]}季度" : $"Q{quarter}";

    private static string Short(int month) => CultureInfo.InvariantCulture.DateTimeFormat.GetAbbreviatedMonthName(month);

    private static string Long(int month) => CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month);

    private static readonly PeriodForm[] Anywhere =
    [
        new("2023 (number)", 12, (y, _) => (decimal)y),
        new("2023-06", 1, (y, m) => $"{y}-{m:D2}"),
        new("2023Q2", 3, (y, q) => $"{y}Q{q}"),
        new("date, yyyy-mm", 1, (y, m) => new BookCell(new DateTime(y, m, 1)) { Format = "yyyy-mm" }),
    ];

    public static OfficeWords Chinese { get; } = new()
    {
        Language = "zh",
        Areas = new("地区", new("乌鲁木齐市", "650100"), new("克拉玛依市", "650200"), new("吐鲁番市", "650400"), new("哈密市", "650500"), new("喀什地区", "653100"), new("和田地区", "653200"), new("石河子市", "659001")),
        Sexes = new("性别", new("男"), new("女")),
        Ages = new("年龄", new("0-14岁"), new("15-64岁"), new("65岁及以上")),
        Industries = new("行业", new("采矿业", "B"), new("制造业", "C"), new("建筑业", "E"), new("金融业", "J"), new("房地产业", "K")),
        Products = new("产品", new("原煤"), new("原油"), new("天然气"), new("水泥"), new("粗钢"), new("棉花")),
        Kinds = new("登记注册类型", new("国有企业", "110"), new("集体企业", "120"), new("私营企业", "170"), new("外商投资企业", "300")),
        Indicators = new("指标", new("工业增加值", "A0201", new("亿元", "CNY", 8)), new("年末常住人口", "A0301", new("万人", "PS", 4)), new("粮食产量", "A0D01", new("万吨", "T", 4)),
            new("城镇化率", "A0305", new("%", "PT", 0)), new("人均可支配收入", "A0A01", new("元", "CNY", 0)), new("公路里程", "A0G01", new("公里", "KM", 0))),
        Accounts = new("项目",
            new("地区生产总值", null, null,
                new("第一产业"),
                new("第二产业", null, null, new("工业", null, null, new("采矿业"), new("制造业")), new Member("建筑业")),
                new("第三产业", null, null, new("金融业"), new("房地产业"))),
            new("财政收入", null, null, new("税收收入", null, null, new("增值税"), new("所得税")), new Member("非税收入")),
            new("财政支出", null, null, new Member("教育支出"), new("农林水支出"))),
        Periods =
        [
            new("2023年", 12, (y, _) => $"{y}年"), .. Anywhere, new("2023年度", 12, (y, _) => $"{y}年度"), new("2023年6月", 1, (y, m) => $"{y}年{m}月"), new("2023年06月", 1, (y, m) => $"{y}年{m:D2}月"),
            new("2023.06", 1, (y, m) => $"{y}.{m:D2}"), new("2023年上半年", 6, (y, h) => $"{y}年{(h == 1 ? "上" : "下")}半年"), new("2023年一季度", 3, (y, q) => $"{y}年{"一二三四"[q - 1]}季度"),
            new("2023年第2季度", 3, (y, q) => $"{y}年第{q}季度"), new("2023年6月末", 1, (y, m) => $"{y}年{m}月末"), new("截至2023年6月末", 1, (y, m) => $"截至{y}年{m}月末"), new("2023年末", 12, (y, _) => $"{y}年末") { Id = (y, _) => $"{y};{y}-12" },
            new("date, yyyy年m月", 1, (y, m) => new BookCell(new DateTime(y, m, 1)) { Format = "yyyy\"年\"m\"月\"" }),
        ],
        Cumulative =
        [
            new("2023年1-6月", 1, (y, m) => m == 1 ? $"{y}年1月" : $"{y}年1-{m}月") { Id = ToDate },
            new("2023年1—6月", 1, (y, m) => m == 1 ? $"{y}年1月" : $"{y}年1—{m}月") { Id = ToDate },
            new("2023年1～6月", 1, (y, m) => m == 1 ? $"{y}年1月" : $"{y}年1～{m}月") { Id = ToDate },
            new("2023年前三季度", 3, (y, q) => q == 1 ? $"{y}年一季度" : q == 4 ? $"{y}年" : q == 2 ? $"{y}年上半年" : $"{y}年前三季度")
            {
                Id = (y, q) => q switch { 1 => $"{y}-Q1;{y}-01/{y}-03", 2 => $"{y}-S1;{y}-01/{y}-06", 3 => $"{y}-01/{y}-09", _ => $"{y}" },
            },
        ],
        UnitLine = unit => "单位：" + unit,
        Notes = ["注：本表按现行统计制度计算。", "注：1. 部分数据因四舍五入，总计与分项合计略有出入。", "说明：2020年起口径有调整。"],
        Sources = ["资料来源：自治区统计局", "来源：根据年报整理。"],
        Total = "合计",
        OfWhich = "其中：",
        Year = "年份",
        Month = "月份",
        Period = "时间",
        Value = "数值",
        Unit = "计量单位",
        Code = "代码",
        TableNumber = n => $"表{n}",
        Flag = "p",
    };

    public static OfficeWords English { get; } = new()
    {
        Language = "en",
        Areas = new("Region", new("North East", "E12000001"), new("North West", "E12000002"), new("East Midlands", "E12000004"), new("London", "E12000007"), new("South East", "E12000008"),
            new("Wales", "W92000004"), new("Scotland", "S92000003")),
        Sexes = new("Sex", new("Male"), new("Female")),
        Ages = new("Age", new("0-15"), new("16-64"), new("65 and over")),
        Industries = new("Industry", new("Food products", "10"), new("Paper products", "17"), new("Construction of buildings", "41"), new("Retail trade", "47"), new("Financial services", "64")),
        Products = new("Product", new("Crude oil"), new("Natural gas"), new("Hard coal"), new("Cement"), new("Crude steel"), new("Raw cotton")),
        Kinds = new("Tenure", new("Owner occupied", "OO"), new("Social rented", "SR"), new("Private rented", "PR"), new("Rent free", "RF")),
        Indicators = new("Indicator", new("Turnover", "K2A1", new("£ million", "GBP", 6)), new("Employment", "K2A2", new("Thousand persons", "PS", 3)), new("Freight lifted", "K2B7", new("Thousand tonnes", "T", 3)),
            new("Vacancy rate", "K2C3", new("Per cent", "PT", 0)), new("Floor space", "K2D4", new("Hectares", "HA", 0)), new("Energy used", "K2E5", new("GWh", "GWH", 0))),
        Accounts = new("Item",
            new("Exports", null, null, new("Goods", null, null, new("Food"), new("Fuels")), new("Services", null, null, new("Travel"), new("Transport"))),
            new("Imports", null, null, new("Machinery"), new("Vehicles")),
            new("Public spending", null, null, new("Health", null, null, new("Hospitals"), new("Pharmacies")), new Member("Schools"), new Member("Roads"))),
        Periods =
        [
            new("2023", 12, (y, _) => $"{y}"), .. Anywhere, new("Jun 2023", 1, (y, m) => $"{Short(m)} {y}"), new("June 2023", 1, (y, m) => $"{Long(m)} {y}"), new("2023 JUN", 1, (y, m) => $"{y} {Short(m).ToUpperInvariant()}"),
            new("Jun-23", 1, (y, m) => $"{Short(m)}-{y % 100:D2}"), new("2023M06", 1, (y, m) => $"{y}M{m:D2}"), new("Q2 2023", 3, (y, q) => $"Q{q} {y}"), new("2023 Q2", 3, (y, q) => $"{y} Q{q}"),
            new("Apr-Jun 2023", 3, (y, q) => $"{Short((q * 3) - 2)}-{Short(q * 3)} {y}"), new("Apr to Jun 2023", 3, (y, q) => $"{Short((q * 3) - 2)} to {Short(q * 3)} {y}"), new("H1 2023", 6, (y, h) => $"H{h} {y}"),
            new("date, mmm-yy", 1, (y, m) => new BookCell(new DateTime(y, m, 1)) { Format = "mmm-yy" }),
        ],
        Cumulative =
        [
            new("Jan-Jun 2023", 1, (y, m) => m == 1 ? $"Jan {y}" : $"Jan-{Short(m)} {y}") { Id = ToDate },
            new("January to June 2023", 1, (y, m) => m == 1 ? $"January {y}" : $"January to {Long(m)} {y}") { Id = ToDate },
            new("12 months to Jun 2023", 1, (y, m) => $"12 months to {Short(m)} {y}") { Id = Rolling },
            new("Year ending June 2023", 1, (y, m) => $"Year ending {Long(m)} {y}") { Id = Rolling },
            new("Year to June 2023", 3, (y, q) => $"Year to {Long(q * 3)} {y}") { Id = (y, q) => Rolling(y, q * 3) },
        ],
        UnitLine = unit => unit,
        Notes = ["Note: Figures may not add up to totals because of rounding.", "Notes: 1. Based on the survey of establishments.", "1. Estimates before 2015 are on another basis."],
        Sources = ["Source: Annual survey of establishments", "Source: Office of Regional Statistics"],
        Total = "Total",
        OfWhich = "of which: ",
        Year = "Year",
        Month = "Month",
        Period = "Period",
        Value = "Value",
        Unit = "Unit",
        Code = "Code",
        TableNumber = n => $"Table {n}",
        Flag = "p",
    };

    /// <summary>From the year's first month; a run that is a quarter, a half or a year may be written as such.</summary>
    private static string ToDate(int year, int month) => month switch
    {
        1 => $"{year}-01",
        3 => $"{year}-01/{year}-03;{year}-Q1",
        6 => $"{year}-01/{year}-06;{year}-S1",
        12 => $"{year}-01/{year}-12;{year}",
        _ => $"{year}-01/{year}-{month:D2}",
    };

    private static string Rolling(int year, int month) => month == 12 ? $"{year}-01/{year}-12;{year}" : $"{year - 1}-{month + 1:D2}/{year}-{month:D2}";
}
