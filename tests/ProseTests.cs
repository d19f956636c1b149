using System.Globalization;
using CsCheck;
using Pipeline.Reading;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Prose to observations: what a sentence says comes back whole, and nothing that it does not say.</summary>
public class ProseTests
{
    /// <summary>A page as a news site shows it: invented facts, with everything around them that is no release.</summary>
    private const string Page = """
        新闻网 > 首页 > 财经 > 正文
        推动工业经济“开门稳” 激活发展新动能——自治区统计局解读我区前三季度工业运行情况
        2022-10-27 09:15:20 来源: 塞上日报 作者：李文
        (图片来自网络)
        前三季度,宁夏规模以上工业增加值同比增长6.4%,生产保持稳定。
        记者走访了60多家企业,一位43岁的车间主任说,年产5万吨高端铝材项目将于明年投产。
        1—9月,全区规模以上纺织服装企业增加值较上年同期下降2.30%。工业用电量812.5亿千瓦时，增长3.1%。
        9月18日,调研组在银川市召开座谈会,提出8个方面21条措施。电话0951-1234567。
        工人在生产线上忙碌，日产量提高12%。王磊 摄
        力争全年规模以上工业增加值增长7%左右。
        相关阅读
          • 某地房价同比上涨9.9%
          • 手机出货量下降20%！
          • 62岁老人一天走3万步
        点击了解更多，全国规模以上工业增加值同比增长3.9%。
        备案号12034567号-8
        Copyright © 2009-2022 新闻网 All Rights Reserved. 邮箱 a@example.org
        """;

    private static readonly (string Text, string Code)[] Areas = [("新疆", "650000"), ("全国", "CN"), ("宁夏", "640000"), ("甘肃省", "620000")];
    private static readonly (string Text, string Population, string Activity, string Indicator)[] Subjects =
    [
        ("规模以上工业增加值", "ABOVE_SIZE", "B_D", "VALUE_ADDED"), ("规上工业企业利润总额", "ABOVE_SIZE", "B_D", "PROFIT"), ("采矿业增加值", "_Z", "B", "VALUE_ADDED"),
        ("规模以上纺织服装企业增加值", "ABOVE_SIZE", "C17_C18", "VALUE_ADDED"), ("汽车制造业投资", "_Z", "C36", "INVESTMENT"), ("固定资产投资", "_Z", "_Z", "FAI"),
        ("社会消费品零售总额", "_Z", "_Z", "RETAIL_SALES"), ("發電量", "_Z", "_Z", "POWER_GENERATION"),
    ];

    private static readonly (string Text, string Period, string Freq)[] Periods =
    [
        ("上半年", "2023-01/2023-06", "_O"), ("1—6月", "2023-01/2023-06", "_O"), ("2022年", "2022", "A"), ("去年", "2022", "A"), ("2023年一季度", "2023-Q1", "Q"), ("今年第二季度", "2023-Q2", "Q"),
        ("6月份", "2023-06", "M"), ("11月份", "2022-11", "M"), ("今年前7个月", "2023-01/2023-07", "_O"), ("2022年前三季度", "2022-01/2022-09", "_O"), ("去年下半年", "2022-07/2022-12", "_O"),
    ];

    private static readonly (string Text, int Sign)[] Verbs = [("同比增长", 1), ("较上年同期下降", -1), ("比上年增长", 1), ("同比大幅增长", 1), ("增長", 1), ("減少", -1)];
    private static readonly (string Text, string Unit, int Mult)[] Units = [("亿元", "CNY", 8), ("万亿元", "CNY", 12), ("万吨", "T", 4), ("亿千瓦时", "KWH", 8), ("吨", "T", 0), ("万美元", "USD", 4)];

    private static readonly Gen<decimal> Numbers = Gen.Select(Gen.Int[0, 999_999], Gen.Int[0, 3], (digits, scale) => new decimal(digits, 0, 0, false, (byte)scale));

    [Fact]
    public void A_page_gives_its_statements_and_nothing_of_its_furniture()
    {
        using var result = Interpret(Page);
        Rows(result).Select(row => row.Series).ShouldBe(
        [
            "_O|640000|VALUE_ADDED|ABOVE_SIZE|B_D|G1Y|2022-01/2022-09|6.4|PT|0",
            "_O|640000|VALUE_ADDED|ABOVE_SIZE|C17_C18|G1Y|2022-01/2022-09|-2.30|PT|0",
            "_O|640000|POWER_CONSUMPTION|_Z|B_D|N|2022-01/2022-09|812.5|KWH|8",
            "_O|640000|POWER_CONSUMPTION|_Z|B_D|G1Y|2022-01/2022-09|3.1|PT|0",
            "A|640000|VALUE_ADDED|ABOVE_SIZE|B_D|G1Y(TARGET)(ABOUT)|2022|7|PT|0",
        ]);
        Rows(result).Select(row => Cut(Page, row.Source)).ShouldBe(
            ["宁夏规模以上工业增加值同比增长6.4%", "全区规模以上纺织服装企业增加值较上年同期下降2.30%", "工业用电量812.5亿千瓦时", "增长3.1%", "力争全年规模以上工业增加值增长7%"]);
        result.Cubes[0].Title["zh"].ShouldBe("推动工业经济“开门稳” 激活发展新动能——自治区统计局解读我区前三季度工业运行情况");
        result.Readings.ShouldHaveSingleItem().ShouldContain("published 2022-10-27");
        result.Readings[0].ShouldContain("from 塞上日报");
        result.Findings.HasErrors.ShouldBeFalse();
        result.Reconciliation.SetAside.ShouldContainKey("figure-not-understood");
        Balanced(result);
    }

    [Fact]
    public void The_headline_is_no_trail_and_no_outlet()
    {
        var lines = new[] { "新闻网 > 财经 > 正文", "自治区统计局", "一季度宁夏工业经济运行情况", "2022-04-27" };
        var blocks = lines.Select((line, i) => new TextBlock(TextBlockKind.Heading, line, i * 100)).Append(new TextBlock(TextBlockKind.Paragraph, "全区工业用电量增长3.1%。", 500));
        using var release = new ReadRelease("text") { FileName = "release.txt", Text = new TextDocument([.. blocks]) };
        using var result = ProseInterpreter.Interpret(release, new ReleaseContext("x"), TestContext.Current.CancellationToken);
        result.Cubes[0].Title["zh"].ShouldBe(lines[2]);
        Rows(result).ShouldHaveSingleItem().Series.ShouldBe("Q|640000|POWER_CONSUMPTION|_Z|B_D|G1Y|2022-Q1|3.1|PT|0");
    }

    [Fact]
    public void A_composed_growth_sentence_comes_back()
    {
        Gen.Select(OneOf(Areas), OneOf(Subjects), OneOf(Periods), OneOf(Verbs), Numbers, OneOf("%", "％", "%，总体平稳"))
            .Sample((area, subject, period, verb, number, unit) =>
            {
                var text = $"某地一则消息\n2023-08-18 来源：某报\n{period.Text}，{area.Text}{subject.Text}{verb.Text}{number.ToString(CultureInfo.InvariantCulture)}{unit}。";
                using var result = Interpret(text);
                var row = Rows(result).ShouldHaveSingleItem(text);
                row.Series.ShouldBe($"{period.Freq}|{area.Code}|{subject.Indicator}|{subject.Population}|{subject.Activity}|G1Y|{period.Period}|{Shown(number * verb.Sign)}|PT|0", text);
                Cut(text, row.Source).ShouldContain(number.ToString(CultureInfo.InvariantCulture));
                Balanced(result);
            }, iter: 500);
    }

    [Fact]
    public void A_composed_level_with_its_growth_comes_back_and_is_never_multiplied()
    {
        Gen.Select(OneOf(Areas), OneOf("原煤", "原油", "铝材"), OneOf("", "达", "为"), OneOf(Periods), OneOf(Units), Numbers, Numbers)
            .Sample((area, product, verb, period, unit, level, growth) =>
            {
                var text = $"某地一则消息\n2023-08-18\n{period.Text}{area.Text}{product}产量{verb}{Shown(level)}{unit.Text}，同比下降{Shown(growth)}%。";
                using var result = Interpret(text);
                var rows = Rows(result);
                var series = $"{period.Freq}|{area.Code}|OUTPUT({Vocabulary.Load("products").Find(product)!.Id})|_Z|_Z";
                rows.Select(row => row.Series).ShouldBe(
                    [$"{series}|N|{period.Period}|{Shown(level)}|{unit.Unit}|{unit.Mult}", $"{series}|G1Y|{period.Period}|{Shown(-growth)}|PT|0"], text);
                Cut(text, rows[0].Source).ShouldEndWith(unit.Text);
                Balanced(result);
            }, iter: 300);
    }

    [Fact]
    public void A_list_gives_each_member_its_own_figure()
    {
        using var result = Interpret("消息\n2024-05-17\n1—4月，全国规模以上采矿业、制造业以及电力、热力、燃气及水生产和供应业增加值分别增长1.6%、7.1%和5.8%。");
        Rows(result).Select(row => row.Series).ShouldBe(
        [
            "_O|CN|VALUE_ADDED|ABOVE_SIZE|B|G1Y|2024-01/2024-04|1.6|PT|0", "_O|CN|VALUE_ADDED|ABOVE_SIZE|C|G1Y|2024-01/2024-04|7.1|PT|0",
            "_O|CN|VALUE_ADDED|ABOVE_SIZE|D|G1Y|2024-01/2024-04|5.8|PT|0",
        ]);
    }

    [Theory]
    [InlineData("上半年，新疆固定资产投资增速下降3.1%。", "confidence-low")]
    [InlineData("上半年，新疆固定资产投资比上年同期提高3.1个百分点。", "confidence-low")]
    [InlineData("上半年，新疆工业占比稳步提升，比上年同期提高0.5个百分点。", "figure-not-understood")]
    [InlineData("上半年，新疆固定资产投资、进出口增长3.1%。", "figure-not-understood")]
    [InlineData("上半年，新疆固定资产投资下降2.2倍。", "figure-not-understood")]
    [InlineData("上半年，新疆某某公司产量增长3.1%。", "confidence-low")]
    [InlineData("新疆一家公司上半年表现良好，营业收入3.5亿元。", "confidence-low")]
    [InlineData("上半年某企业上半年产量增长12%，营业收入3.5亿元。新疆也好。", "confidence-low")]
    [InlineData("上半年，新疆记者走访了60多家企业。", "figure-not-understood")]
    [InlineData("“十四五”时期，新疆固定资产投资增长3.1%。", "period-unknown")]
    [InlineData("2023年，新疆固定资产投资增长3.1%。", "period-unknown")]
    [InlineData("上半年，全省固定资产投资增长3.1%。", "area-unknown")]
    [InlineData("上半年，固定资产投资增长3.1%。", "area-unknown")]
    [InlineData("上半年，甘肃固定资产投资增长2.2%。固定资产投资增长3.1%。新疆也不错，新疆很好。", "confidence-low")]
    [InlineData("上半年，国家统计局固定资产投资增长3.1%。", "confidence-low")]
    [InlineData("上半年，新疆原煤产量12166.【更多资讯请关注某某网】85万吨。", "figure-interrupted")]
    [InlineData("上半年，新疆固定资产投资增长7（点击领取优惠）.7%。", "figure-interrupted")]
    [InlineData("上半年，新疆原煤产量12166.85（广告）万吨。", "figure-interrupted")]
    public void What_is_not_sure_is_set_aside_with_a_reason(string sentence, string reason)
    {
        using var result = Interpret("一则消息\n2023-08-18\n" + sentence);
        Rows(result).ShouldAllBe(row => row.Series.Contains("620000"));
        result.Reconciliation.SetAside.Keys.ShouldContain(reason);
        result.Findings.Kept.First(finding => finding.Code == reason).Where.ShouldNotBeNull();
        Balanced(result);
    }

    [Theory]
    [InlineData("今年以来，新疆固定资产投资增长3.1%。", "FAI|_Z|_Z|G1Y|2023-01/2023-07|3.1|PT")]
    [InlineData("上半年，新疆出口与上年持平。", "EXPORTS|_Z|_Z|G1Y|2023-01/2023-06|0|PT")]
    [InlineData("上半年，新疆出口增长2.2倍。", "EXPORTS|_Z|_Z|G1Y|2023-01/2023-06|220|PT")]
    [InlineData("上半年，新疆出口翻一番。", "EXPORTS|_Z|_Z|G1Y|2023-01/2023-06|100|PT")]
    [InlineData("上半年，新疆出口两年平均增长4.9%。", "EXPORTS|_Z|_Z|G_AVG|2023-01/2023-06|4.9|PT")]
    [InlineData("上半年，新疆出口超过2万亿元。", "EXPORTS|_Z|_Z|N(LOWER)|2023-01/2023-06|2|CNY")]
    [InlineData("上半年，新疆出口近2万亿元。", "EXPORTS|_Z|_Z|N(ABOUT)|2023-01/2023-06|2|CNY")]
    [InlineData("上半年，新疆固定资产投资1200多亿元。", "FAI|_Z|_Z|N(LOWER)|2023-01/2023-06|1200|CNY")]
    [InlineData("上半年，新疆固定资产投资增长5%左右。", "FAI|_Z|_Z|G1Y(ABOUT)|2023-01/2023-06|5|PT")]
    [InlineData("上半年，新疆固定资产投资增长3%—5%。", "FAI|_Z|_Z|G1Y(LOWER)|2023-01/2023-06|3|PT", "FAI|_Z|_Z|G1Y(UPPER)|2023-01/2023-06|5|PT")]
    [InlineData("上半年，新疆固定资产投资增速快于全国3.1个百分点。", "FAI|_Z|_Z|DIFF(CN)|2023-01/2023-06|3.1|PPT")]
    [InlineData("上半年，新疆固定资产投资比一季度增长3.1%。", "FAI|_Z|_Z|G_X(2023-Q1)|2023-01/2023-06|3.1|PT")]
    [InlineData("预计上半年新疆固定资产投资增长3.1%。", "FAI|_Z|_Z|G1Y(FORECAST)|2023-01/2023-06|3.1|PT")]
    [InlineData("2023年主要预期目标是：新疆进出口增长5%以上；固定资产投资增长3.1%。", "TRADE|_Z|_Z|G1Y(TARGET)(LOWER)|2023|5|PT", "FAI|_Z|_Z|G1Y(TARGET)|2023|3.1|PT")]
    [InlineData("上半年，新疆社会消费品零售总额名义增长5%，实际增长4%。", "RETAIL_SALES|_Z|_Z|G1Y(NOMINAL)|2023-01/2023-06|5|PT", "RETAIL_SALES|_Z|_Z|G1Y(REAL)|2023-01/2023-06|4|PT")]
    [InlineData("6月份，新疆原煤产量12166.85万吨[3]，同比【4】增长7.7%。", "OUTPUT(RAW_COAL)|_Z|_Z|N|2023-06|12166.85|T", "OUTPUT(RAW_COAL)|_Z|_Z|G1Y|2023-06|7.7|PT")]
    [InlineData("上半年，新疆出口、进口分别为2.17万亿元、1.53万亿元。", "EXPORTS|_Z|_Z|N|2023-01/2023-06|2.17|CNY", "IMPORTS|_Z|_Z|N|2023-01/2023-06|1.53|CNY")]
    [InlineData("上半年，新疆第一产业增加值占生产总值的比重为16.7%。", "VALUE_ADDED|_Z|PRIMARY|SH(GDP)|2023-01/2023-06|16.7|PT")]
    [InlineData("上半年，新疆制造业增加值增长6%，拉动规上工业增长2.5个百分点，贡献率达64.3%。", "VALUE_ADDED|_Z|C|G1Y|2023-01/2023-06|6|PT", "VALUE_ADDED|_Z|C|CTR_PP(C_DD121F463C)|2023-01/2023-06|2.5|PPT", "VALUE_ADDED|_Z|C|CTR(C_DD121F463C)|2023-01/2023-06|64.3|PT")]
    [InlineData("6月末，新疆存贷款余额分别为3.1万亿元、2.5万亿元。", "DEPOSITS|_Z|_Z|N|2023-06|3.1|CNY", "LOANS|_Z|_Z|N|2023-06|2.5|CNY")]
    [InlineData("上半年，新疆三次产业结构比为6.9:40.1:53.0。", "GDP_STRUCTURE|_Z|PRIMARY|SH|2023-01/2023-06|6.9|PT", "GDP_STRUCTURE|_Z|SECONDARY|SH|2023-01/2023-06|40.1|PT", "GDP_STRUCTURE|_Z|TERTIARY|SH|2023-01/2023-06|53.0|PT")]
    [InlineData("2019—2022年，新疆固定资产投资年均增长3.1%。", "FAI|_Z|_Z|G_AVG|2019-01/2022-12|3.1|PT")]
    [InlineData("“十四五”以来，新疆出口年均增长3.1%，比进口快0.5个百分点。", "EXPORTS|_Z|_Z|G_AVG|2021-01/2022-12|3.1|PT", "EXPORTS|_Z|_Z|DIFF(IMPORTS)|2021-01/2022-12|0.5|PPT")]
    [InlineData("上半年，新疆第一产业增加值占生产总值的比重由上年同期的16.7%提高到17.1%。", "VALUE_ADDED|_Z|PRIMARY|SH(GDP)|2022-01/2022-06|16.7|PT", "VALUE_ADDED|_Z|PRIMARY|SH(GDP)|2023-01/2023-06|17.1|PT")]
    [InlineData("6月份，新疆城镇调查失业率由5.4%降至5.2%。", "UNEMPLOYMENT|_Z|_Z|N|2023-06|5.2|PT")]
    [InlineData("6月份，新疆居民消费价格指数为102.1。", "CPI|_Z|_Z|N|2023-06|102.1|PURE_NUMB")]
    [InlineData("2022年，新疆城乡居民收入比由上年的2.05缩小至2.01。", "INCOME_RATIO|_Z|_Z|N|2021|2.05|PURE_NUMB", "INCOME_RATIO|_Z|_Z|N|2022|2.01|PURE_NUMB")]
    [InlineData("上半年，新疆城乡居民收入比由上年同期的2.05缩小至2.01。", "INCOME_RATIO|_Z|_Z|N|2022-01/2022-06|2.05|PURE_NUMB", "INCOME_RATIO|_Z|_Z|N|2023-01/2023-06|2.01|PURE_NUMB")]
    [InlineData("上半年，新疆原油产量12万吨，基本持平，微增0.1%。", "OUTPUT(CRUDE_OIL)|_Z|_Z|N|2023-01/2023-06|12|T", "OUTPUT(CRUDE_OIL)|_Z|_Z|G1Y|2023-01/2023-06|0.1|PT")]
    [InlineData("上半年，新疆出口（12亿元）和进口（15亿元）分别增长3.1%、4.5%。", "EXPORTS|_Z|_Z|N|2023-01/2023-06|12|CNY", "IMPORTS|_Z|_Z|N|2023-01/2023-06|15|CNY", "EXPORTS|_Z|_Z|G1Y|2023-01/2023-06|3.1|PT", "IMPORTS|_Z|_Z|G1Y|2023-01/2023-06|4.5|PT")]
    [InlineData("6月份，新疆出口年增3.1%，進口月減0.5%。", "EXPORTS|_Z|_Z|G1Y|2023-06|3.1|PT", "IMPORTS|_Z|_Z|G1|2023-06|-0.5|PT")]
    [InlineData("1．1—6月，新疆出口增长3.1%。", "EXPORTS|_Z|_Z|G1Y|2023-01/2023-06|3.1|PT")]
    [InlineData("上半年，新疆出口12亿元，其中6月份2亿元；进口15亿元。", "EXPORTS|_Z|_Z|N|2023-01/2023-06|12|CNY", "EXPORTS|_Z|_Z|N|2023-06|2|CNY", "IMPORTS|_Z|_Z|N|2023-01/2023-06|15|CNY")]
    [InlineData("上半年，新疆采矿业增加值增长4.2%，制造业由升转降，下降1.3%。", "VALUE_ADDED|_Z|B|G1Y|2023-01/2023-06|4.2|PT", "VALUE_ADDED|_Z|C|G1Y|2023-01/2023-06|-1.3|PT")]
    [InlineData("6月份，新疆出口增长1.2%，5月份为下降1.8%。進口下跌3.1%。", "EXPORTS|_Z|_Z|G1Y|2023-06|1.2|PT", "EXPORTS|_Z|_Z|G1Y|2023-05|-1.8|PT", "IMPORTS|_Z|_Z|G1Y|2023-06|-3.1|PT")]
    [InlineData("2023年第二季与第一季比较，新疆出口上升2.1%。", "EXPORTS|_Z|_Z|G1|2023-Q2|2.1|PT")]
    [InlineData("与2022年同期比较，2023年首五个月新疆出口下跌4.2%。", "EXPORTS|_Z|_Z|G1Y|2023-01/2023-05|-4.2|PT")]
    [InlineData("上半年，新疆出口增长3.1%；进口（下降0.5%）。", "EXPORTS|_Z|_Z|G1Y|2023-01/2023-06|3.1|PT", "IMPORTS|_Z|_Z|G1Y|2023-01/2023-06|-0.5|PT")]
    [InlineData("到2027年，新疆出口达到12亿元以上。", "EXPORTS|_Z|_Z|N(PLAN)(LOWER)|2027|12|CNY")]
    public void A_sentence_states(string sentence, params string[] expected) => States(sentence, expected);

    private static void States(string sentence, string[] expected)
    {
        using var result = Interpret("一则消息\n2023-08-18\n" + sentence);
        Rows(result).Select(row => row.Series[(row.Series.IndexOf("|650000|", StringComparison.Ordinal) + 8)..row.Series.LastIndexOf('|')]).ShouldBe(expected, ignoreOrder: true);
        Balanced(result);
    }

    [Theory]
    [InlineData("上半年，清河县规模以上工业增加值增长3.1%。", "清河县")]
    [InlineData("上半年清河县规模以上工业增加值增长3.1%。", "清河县")]
    [InlineData("其中，和山市规模以上工业增加值同比增长3.1%。", "和山市")]
    [InlineData("青川蒙古族自治县固定资产投资增长3.1%。", "青川蒙古族自治县")]
    [InlineData("南原地区固定资产投资增长3.1%。", "南原地区")]
    [InlineData("松北市、柳东区固定资产投资分别增长3.1%、4.5%。", "松北市|柳东区")]
    [InlineData("清河縣固定資產投資增長3.1%。", "清河縣")]
    public void A_place_that_no_vocabulary_knows_is_named_by_its_suffix(string sentence, string names)
    {
        using var result = Interpret("上半年经济运行情况\n2023-08-18\n上半年，经济平稳。" + sentence);
        var cube = result.Cubes[0];
        var area = cube.Components[cube.IndexOf(Concepts.RefArea)].Codes;
        Enumerable.Range(0, area.Count).Select(i => area[i].Labels["zh"]).ShouldBe(names.Split('|'));
        Rows(result).ShouldAllBe(row => row.Series.Contains("|C_", StringComparison.Ordinal));
        result.Reconciliation.SetAside.ShouldBeEmpty();
    }

    [Fact]
    public void The_same_place_has_the_same_code_in_every_release_and_script()
    {
        Labels.ToCode("清河县", null).Id.ShouldBe("C_" + Labels.Hash("清河县"));
        using var simplified = Interpret("消息\n2023-08-18\n上半年，清河县固定资产投资增长3.1%。");
        using var traditional = Interpret("消息\n2023-09-18\n上半年，清河縣固定資產投資增長4.1%。");
        Rows(traditional)[0].Series.Split('|')[1].ShouldBe(Rows(simplified)[0].Series.Split('|')[1]);
    }

    [Theory]
    [InlineData("全市")]
    [InlineData("我市")]
    [InlineData("该县")]
    [InlineData("各县")]
    [InlineData("三个县")]
    [InlineData("十四市")]
    [InlineData("城区")]
    [InlineData("山区")]
    [InlineData("地区")]
    [InlineData("工业园区")]
    [InlineData("县级市")]
    [InlineData("县市区")]
    [InlineData("百强县")]
    [InlineData("高新技术开发区")]
    [InlineData("贫困山区")]
    [InlineData("沿海地区")]
    [InlineData("沿海城市")]
    [InlineData("农村地区")]
    [InlineData("联盟")]
    [InlineData("清河县城")]
    public void A_word_for_some_place_names_none(string word)
    {
        using var result = Interpret($"消息\n2023-08-18\n上半年，{word}规模以上工业增加值增长3.1%。");
        Rows(result).ShouldBeEmpty();
        Balanced(result);
    }

    [Fact]
    public void An_English_place_is_told_by_its_capitals_and_suffix()
    {
        using var result = Interpret("Industry in brief\nAugust 18, 2023\nIn the first half of 2023, the imports and exports in Clearwater County grew by 5.2 percent year on year. "
            + "In the first half of 2023, the imports and exports in a clearwater county grew by 7.1 percent year on year.");
        Rows(result)[0].Series.ShouldBe("_O|CLEARWATER_COUNTY|TRADE|_Z|_Z|G1Y|2023-01/2023-06|5.2|PT|0");
    }

    [Theory]
    [InlineData("6月份，新疆规模以上工业增加值增长5.7%，比上月回落0.1个百分点。", "VALUE_ADDED|ABOVE_SIZE|B_D|G1Y|2023-06|5.7|PT", "VALUE_ADDED|ABOVE_SIZE|B_D|PP|2023-06|-0.1|PPT")]
    [InlineData("6月份，新疆固定资产投资增速比上年同期提高3.1个百分点。", "FAI|_Z|_Z|PP1Y|2023-06|3.1|PPT")]
    [InlineData("6月份，新疆固定资产投资增速为3.1%。", "FAI|_Z|_Z|G1Y|2023-06|3.1|PT")]
    [InlineData("6月份，新疆进出口下降5%，降幅比上月收窄0.2个百分点。", "TRADE|_Z|_Z|G1Y|2023-06|-5|PT", "TRADE|_Z|_Z|PP|2023-06|0.2|PPT")]
    [InlineData("6月份，新疆居民消费价格环比上涨0.3%，涨幅比上月扩大0.1个百分点。", "CPI|_Z|_Z|G1|2023-06|0.3|PT", "CPI|_Z|_Z|PP_G1|2023-06|0.1|PPT")]
    [InlineData("6月份，新疆城镇调查失业率为5.2%，同比下降0.3个百分点。", "UNEMPLOYMENT|_Z|_Z|N|2023-06|5.2|PT", "UNEMPLOYMENT|_Z|_Z|PP1Y|2023-06|-0.3|PPT")]
    [InlineData("6月份，新疆出口增长2.25倍。", "EXPORTS|_Z|_Z|G1Y|2023-06|225|PT")]
    [InlineData("6月份，新疆出口比5月份增长2%。", "EXPORTS|_Z|_Z|G1|2023-06|2|PT")]
    [InlineData("6月份，新疆出口比2022年6月增长2%。", "EXPORTS|_Z|_Z|G1Y|2023-06|2|PT")]
    [InlineData("6月份，新疆规模以上工业企业实现利润总额12亿元。", "PROFIT|ABOVE_SIZE|B_D|N|2023-06|12|CNY")]
    public void A_change_says_over_what(string sentence, params string[] expected) => States(sentence, expected);

    [Theory]
    [InlineData("6月份，新疆居民消费价格同比上涨0.3%，由降转涨；环比上涨0.1%。", 2)]
    [InlineData("6月份，新疆居民消费价格同比上涨0.3%，服务价格平稳，环比上涨0.1%。", 1)]
    [InlineData("6月份，新疆居民消费价格同比上涨0.3%，社会消费品零售总额较快，环比上涨0.1%。", 2)]
    [InlineData("上半年，新疆固定资产投资增长5%。6月份，增速为6%。", 2)]
    [InlineData("上半年，新疆固定资产投资增长5%。6月份，进出口稳定，增速为6%。", 2)]
    [InlineData("上半年，新疆固定资产投资增长5%，占全国的比重为2%，比上年同期提高0.5个百分点。", 3)]
    [InlineData("6月份，新疆进出口12亿元，比上月提高0.5个百分点。", 1)]
    [InlineData("上半年，新疆生产钢材12万吨，增长5%；汽车3万辆，增长6%。", 4)]
    [InlineData("上半年，新疆规模以上工业增加值增长5%，混合所有制企业增长3.1%。", 2)]
    [InlineData("上半年，一线城市新建商品住宅销售价格由持平转为下降0.1%；二、三线城市新建商品住宅销售价格分别下降3.5%和4.9%。", 3)]
    [InlineData("上半年，新疆、甘肃省出口分别为5亿元、6亿元，分别增长5.2%、下降0.7%。", 4)]
    [InlineData("一、二季度，新疆出口分别增长5.2%和3.1%。", 2)]
    [InlineData("上半年，新疆铜箔产量增势迅猛，同比增长1.6倍；铝箔销售收入平稳增长，达到5亿元，增长3.1%。", 3)]
    public void A_clause_takes_over_only_what_it_is_surely_about(string text, int count)
    {
        using var result = Interpret("一则消息\n2023-08-18\n" + text);
        Rows(result).Count.ShouldBe(count);
        Balanced(result);
    }

    [Fact]
    public void Labels_are_in_the_language_of_the_text()
    {
        using var chinese = Interpret("消息\n2023-08-18\n上半年，全国原煤产量12万吨。");
        using var english = Interpret("News of Xinjiang\nAugust 18, 2023\nIn the first half of 2023, the output of raw coal was 12 million tons.");
        (chinese.Cubes[0].Language, english.Cubes[0].Language).ShouldBe(("zh", "en"));
        string Label(Interpretation result, string id) => result.Cubes[0].Components[result.Cubes[0].IndexOf(id)].Codes[0].Labels[result.Cubes[0].Language!];
        (Label(chinese, Concepts.UnitMult) + Label(chinese, Concepts.UnitMeasure)).ShouldBe("万吨");
        (Label(english, Concepts.UnitMult) + " " + Label(english, Concepts.UnitMeasure)).ShouldBe("Million tons");
        (Label(english, Concepts.Indicator), Label(english, "PRODUCT")).ShouldBe(("Output", "Raw coal"));
        Label(english, Concepts.RefArea).ShouldBe("Xinjiang");
    }

    [Fact]
    public void An_area_has_one_label_for_tables_and_prose()
    {
        var areas = Vocabulary.Load("areas").Codes;
        foreach (var word in Vocabulary.Load("prose-areas").Codes.Values.Where(code => areas.ContainsKey(code.Id)))
            word.Labels.ShouldBeEmpty(word.Id);
        Vocabulary.Load("areas").Find("全国")!.Id.ShouldBe("CN");
        Vocabulary.Load("areas").Find("中国")!.Id.ShouldBe("CN");
    }

    [Fact]
    public void A_text_keeps_its_script_and_its_currency()
    {
        using var result = Interpret("澳門2023年6月零售業數字\n2023-08-18\n6月份，零售業銷貨價值為308億元，年增1.9%。");
        Rows(result).Select(row => row.Series[(row.Series.IndexOf("|_Z", StringComparison.Ordinal) + 1)..]).ShouldBe(["_Z|_Z|N|2023-06|308|MOP|8", "_Z|_Z|G1Y|2023-06|1.9|PT|0"]);
        string Label(string id) => result.Cubes[0].Components[result.Cubes[0].IndexOf(id)].Codes[0].Labels["zh"];
        Label(Concepts.Indicator).ShouldBe("零售業銷貨價值");
        Label(Concepts.RefArea).ShouldBe("澳門");
    }

    [Theory]
    [InlineData("6月份，新疆出口12亿元，增长5%，恢复至2019年同期的92.9%，环比上升0.1%。", "EXPORTS|_Z|_Z|G1|2023-06|0.1|PT")]
    [InlineData("6月份，新疆进出口同比增长5.9%、环比增长3.1%，其中出口增长7.7%。", "EXPORTS|_Z|_Z|G1Y|2023-06|7.7|PT")]
    public void A_clause_takes_over_what_is_sure(string sentence, string expected)
    {
        using var result = Interpret("一则消息\n2023-08-18\n" + sentence);
        Rows(result).ShouldContain(row => row.Series.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void An_English_bulletin_says_of_each_figure_over_what_and_when()
    {
        using var result = Interpret("Prices in Kazakhstan in June 2023\nAugust 18, 2023\nThe food index rose 2.8 percent over the last 12 months, after rising 2.6 percent over the last 12 months in May 2023. "
            + "The energy index fell 3.1 percent for the 12 months ending June. The gasoline index fell 2.1 percent. Median monthly pay was £2,348, an increase of £119 on June 2022. Exports to the European Union grew by 3.1 percent year on year.");
        Rows(result).Select(row => row.Series[5..]).ShouldBe(
        [
            "FOOD_INDEX|_Z|_Z|G1Y|2023-06|2.8|PT|0", "FOOD_INDEX|_Z|_Z|G1Y|2023-05|2.6|PT|0", "ENERGY_INDEX|_Z|_Z|G1Y|2023-06|-3.1|PT|0", "MEDIAN_MONTHLY_PAY|_Z|_Z|N|2023-06|2348|GBP|0",
            "MEDIAN_MONTHLY_PAY|_Z|_Z|D|2023-06|119|GBP|0", "EXPORTS_TO_THE_EUROPEAN_UNION|_Z|_Z|G1Y|2023-06|3.1|PT|0",
        ]);
        var indicators = result.Cubes[0].Components[result.Cubes[0].IndexOf(Concepts.Indicator)].Codes;
        indicators[indicators.Count - 1].Labels["en"].ShouldBe("Exports to the European Union");
    }

    [Fact]
    public void Numbers_that_are_no_figures_are_not_counted()
    {
        using var result = Interpret("一则消息\n2023-08-18\n8月3日，52岁的他说，会议提出8个方面21条措施，GB/T 4754—2017第6次修订，文号新政发2023年12号，电话0991-2345678。");
        result.Reconciliation.CellsIn.ShouldBe(0);
        result.Findings.HasErrors.ShouldBeTrue();
    }

    [Fact]
    public void English_growth_over_a_year_is_read_and_growth_over_nothing_is_not()
    {
        using var result = Interpret("Industry of Xinjiang keeps growing\nAugust 18, 2023\n"
            + "In the first half of 2023, the value added of industrial enterprises above designated size in Xinjiang grew by 5.2 percent year on year. "
            + "In July, the imports and exports fell by 3.5 percent over the same period of last year. The value added of manufacturing in the region was strong and its exports rose by 1.5 times.");
        Rows(result).Select(row => row.Series).ShouldBe(
            ["_O|650000|VALUE_ADDED|ABOVE_SIZE|B_D|G1Y|2023-01/2023-06|5.2|PT|0", "M|650000|TRADE|_Z|_Z|G1Y|2023-07|-3.5|PT|0"]);
        result.Cubes[0].Title["en"].ShouldBe("Industry of Xinjiang keeps growing");
    }

    [Theory]
    [InlineData("", "no text")]
    [InlineData("首页 > 新闻\n• 价格上涨5%\n• 产量下降3%\nCopyright © 2020 某网", "no sentence")]
    [InlineData("今天开会。", "No sentence of the text states a figure")]
    [InlineData("上半年，固定资产投资增长5.2%。", "The one figure")]
    [InlineData("Au premier semestre, la valeur ajoutée industrielle a augmenté de 5,2 % sur un an dans la région du Xinjiang.", "neither in Chinese nor in English")]
    [InlineData("上半期の新疆の工業付加価値は前年同期比5.2%増加した。", "neither in Chinese nor in English")]
    [InlineData("В первом полугодии промышленное производство выросло на 5,2% в годовом исчислении.", "neither in Chinese nor in English")]
    public void Nothing_to_publish_is_an_error_that_says_why(string text, string message)
    {
        using var result = Interpret(text);
        Rows(result).ShouldBeEmpty();
        result.Findings.HasErrors.ShouldBeTrue();
        result.Findings.Kept.ShouldContain(finding => finding.Code == "figures-missing" && finding.Severity == Severity.Error && finding.Message.Contains(message));
        result.Findings.Kept.First(finding => finding.Code == "figures-missing").Found.ShouldNotBeNullOrEmpty();
        Balanced(result);
    }

    [Fact]
    public void Any_text_is_accounted_for()
    {
        var pieces = OneOf("新疆", "规模以上", "工业", "增加值", "同比", "增长", "分别", "5.2%", "12,166.85万吨", "3.5", "和", "、", "，", "。", "（", "）", "1—6月", "2023年", "上半年",
            "以来", "100多", "家", "[3]", "\n", "-", "—", "的", "x", "𠀀", " ", "grew by", " the ", " in March ", "7 percent", " year on year ",
            "由", "从", "转为", "提高到", "持平", "占", "比重", "其中", "；", "目标", "预计", "到2027年", "一、二、三季度", "二、三线城市", "五年累计", "“十四五”时期", "年均", "114年11月", "1．", "出口", "进口", "旅客", "指数为102.1", "企业", "业",
            "3%", "4.5%", "累计", "6月份", "上年同期", "后", "总值", "after rising ", " and ", ", ", "imports ", "exports ", "trade with ASEAN ", "£5", " on June 2022 ", "5 million tons ", "respectively", "that of ", "up ", "from ", "to ");
        pieces.List[0, 40].Sample(list =>
        {
            var text = string.Concat(list);
            using var result = Interpret(text);
            Balanced(result);
            foreach (var row in Rows(result))
                Cut(text, row.Source).Replace(",", "", StringComparison.Ordinal).Replace('．', '.').ShouldContain(row.Digits == "0" ? "持平" : row.Digits);
        }, iter: 4000);
    }

    [Fact]
    public void Work_grows_with_the_text_and_not_with_its_square()
    {
        long Allocated(int repeats)
        {
            var text = string.Concat(Enumerable.Repeat("新疆工业增加值为12.5亿元，", repeats)) + "。";
            using var release = Release(text);
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var result = ProseInterpreter.Interpret(release, new ReleaseContext("x"), TestContext.Current.CancellationToken);
            result.Reconciliation.CellsIn.ShouldBe(repeats);
            Balanced(result);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(1_000);
        var (small, large) = (Allocated(10_000), Allocated(100_000));
        ((double)large / small).ShouldBeLessThan(12);
        // a sentence without an end is read in pieces that never overlap
        var endless = new string('产', 3 * Clauses.LongestSentence + 7);
        var pieces = 0;
        for (var start = 0; start < endless.Length; pieces++)
            start = Clauses.End(endless, start, out _);
        pieces.ShouldBe(4);
    }

    private static Gen<T> OneOf<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    private static void Balanced(Interpretation result)
    {
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        result.Reconciliation.Observations.ShouldBe(result.Cubes[0].Observations.Count);
    }

    private static string Shown(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Cut(string text, Source source)
    {
        var runes = text.EnumerateRunes().Skip(source.A).Take(source.B - source.A);
        return string.Concat(runes.Select(rune => rune.ToString()));
    }

    private static ReadRelease Release(string text)
    {
        var blocks = new List<TextBlock>();
        var start = 0;
        foreach (var line in text.Split('\n'))
        {
            if (line.Trim().Length > 0)
                blocks.Add(new TextBlock(TextBlockKind.Paragraph, line, start));
            start += line.EnumerateRunes().Count() + 1;
        }
        return new ReadRelease("text") { FileName = "release.txt", Text = new TextDocument(blocks) };
    }

    private static Interpretation Interpret(string text)
    {
        using var release = Release(text);
        return ProseInterpreter.Interpret(release, new ReleaseContext("x"), TestContext.Current.CancellationToken);
    }

    private static List<(string Series, string Digits, Source Source)> Rows(Interpretation result)
    {
        var cube = result.Cubes[0];
        var rows = new List<(string, string, Source)>();
        string[] shown = [Concepts.Freq, Concepts.RefArea, Concepts.Indicator, "PRODUCT", "POPULATION", Concepts.Activity, Concepts.Transformation, "ADJUSTMENT", "RELATIVE_TO", "KIND", "BOUND", Concepts.TimePeriod];
        foreach (var batch in cube.Observations.Read())
        {
            for (var row = 0; row < batch.Count; row++)
            {
                // what most figures lack is shown only where a figure has it
                string CodeOf(string id) => (id, cube.Components[cube.IndexOf(id)].Codes[batch.Codes[cube.IndexOf(id)][row]].Id) switch
                {
                    ("PRODUCT" or "ADJUSTMENT" or "RELATIVE_TO" or "BOUND", Concepts.NotApplicable) or ("KIND", "OUTTURN") => "",
                    ("PRODUCT" or "ADJUSTMENT" or "RELATIVE_TO" or "BOUND" or "KIND", var code) => $"({code})",
                    (_, var code) => code,
                };
                var value = batch.Value(row)!.Value;
                rows.Add((string.Join('|', shown.Select(CodeOf)).Replace("||", "|", StringComparison.Ordinal).Replace("||", "|", StringComparison.Ordinal).Replace("||", "|", StringComparison.Ordinal).Replace("|(", "(", StringComparison.Ordinal) + $"|{Shown(value)}|{CodeOf(Concepts.UnitMeasure)}|{CodeOf(Concepts.UnitMult)}",
                    Shown(Math.Abs(value)), batch.Source(row)));
            }
        }
        return rows;
    }
}
