using System.Text;
using CsCheck;
using Pipeline.Reading;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>Registers from prose: what a text names comes back with what is said of it, and the page around it gives no entry. All facts are invented.</summary>
public class RegistersTests
{
    private const string Page = """
        塞北新闻网 > 新闻中心 > 经济 > 正文
        抓项目 强集群——自治区发展改革委介绍前三季度重点产业发展情况
        2024-10-29 10:05来源：塞北日报
        塞北日报记者 丁一凡 周南
        今年以来，内蒙古加快打造稀土新材料产业集群，培育壮大现代煤化工、乳制品等产业集群，建设千亿级光伏装备产业集群。
        稀土新材料产业集群加速成形
        前三季度，自治区发展改革委推动包头市恒锐稀土科技有限公司年产2.5万吨稀土永磁材料项目、鄂尔多斯蒙能氢业有限公司风光制氢一体化项目加快建设。
        9月12日，由华北能投集团有限公司投资建设的乌兰察布100万千瓦源网荷储项目正式投产。该项目总投资56亿元。
        巴彦淖尔市磴口县光伏治沙项目将于年底开工，呼和浩特—鄂尔多斯输电工程于2024年6月建成投运。
        全区共实施重大工业项目620个，一批重点项目开工，12个招商引资项目签约，产业集群建设步伐加快。
        图为天成光能（达茂旗）智能组件产业园，生产线安装有序推进。高远 摄
        已建成乌兰察布、阿拉善两个千万千瓦级新能源基地，壮大锡林郭勒等百万千瓦级新能源集聚区，加快建设库布其、乌兰布和等千万千瓦级风电光伏基地。
        7月3日，北探2号井在浑善达克沙漠顺利完钻，井深8200米。
        下一步，自治区发展改革委将围绕延链补链、人才引育、园区提质等3个方面开展工作，制定8条重点产业链行动计划；实施“智改数转”提升工程，加快中小企业升级；开展服务企业专项行动。
        今年，自治区能源局印发《内蒙古自治区新型储能发展行动方案（2024—2026年）》，力争完成全年投资目标任务。
        相关阅读
        • 某某有限公司年产9万吨项目投产。
        • 千亿级芯片产业集群落户。
        • 实施“新气象”工程。
        蒙ICP备2020000000号 Copyright © 2024 塞北新闻网
        """;

    [Fact]
    public void Clusters_have_a_code_of_their_kind_or_of_their_name()
    {
        using var result = Interpret(Page);
        Names(result, "clusters").ShouldBe(["稀土新材料产业集群", "现代煤化工产业集群", "乳制品产业集群", "光伏装备产业集群"]);
        var clusters = Rows(result, "clusters");
        clusters.Select(row => row.GetValueOrDefault("PART_OF")).ShouldBe(["STRATEGIC", "COAL", "LIVESTOCK", "STRATEGIC"]);
        // the subheading mentions it too
        clusters[0]["MENTION_COUNT"].ShouldBe("2");
        Cut(Page, clusters[0]["MENTIONS"]).ShouldBe(["稀土新材料产业集群", "稀土新材料产业集群"]);
        clusters[0]["CLUSTER"].ShouldBe(Labels.ToCode("稀土新材料产业集群", null).Id);
        (clusters[0]["FREQ"], clusters[0]["TIME_PERIOD"], clusters[0]["UNIT_MEASURE"]).ShouldBe(("D", "2024-10-29", "_Z"));
    }

    [Theory]
    [InlineData("新疆建设“八大产业集群”，发展油气生产加工产业集群、粮油产业集群。", "CLUSTERS_650000 OIL_GAS<CLUSTERS_650000 GRAIN_OIL<CLUSTERS_650000")]
    [InlineData("新疆做强煤炭、煤电、煤化工产业集群，发展粮油、绿色有机果蔬和优质畜产品产业集群。", "COAL<CLUSTERS_650000 LIVESTOCK<CLUSTERS_650000 FRUIT_VEGETABLES<CLUSTERS_650000 GRAIN_OIL<CLUSTERS_650000")]
    [InlineData("新疆培育新能源新材料等戰略性新興產業集群和綠色礦業產業集群。", "STRATEGIC<CLUSTERS_650000 GREEN_MINING<CLUSTERS_650000")]
    [InlineData("河南发展粮油产业集群，建设十大产业集群。", "GRAIN_OIL C_EB8CEF9B63")]
    [InlineData("新疆培育产业集群，推进特色优势产业集群、世界级产业集群和一批产业集群建设，城市集群发展。", "")]
    [InlineData("Xinjiang builds up its cotton and textiles industrial cluster and the green mining cluster.", "COTTON_TEXTILES<CLUSTERS_650000 GREEN_MINING<CLUSTERS_650000")]
    public void Known_clusters_are_part_of_the_system_of_the_releases_area(string sentence, string expected)
    {
        using var result = Interpret("一则消息\n2023-08-18\n" + sentence);
        var found = string.Join(' ', Rows(result, "clusters").Select(row => row["CLUSTER"] + (row.TryGetValue("PART_OF", out var whole) ? "<" + whole : "")));
        found.ShouldBe(expected.Replace("C_EB8CEF9B63", Labels.ToCode("十大产业集群", null).Id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("C17_C18", "", "COTTON_TEXTILES")]
    [InlineData("B06", "", "COAL")]
    [InlineData("B07", "", "OIL_GAS")]
    [InlineData("SEI", "", "STRATEGIC")]
    [InlineData("C33", "", null)]
    [InlineData(null, "原煤", "COAL")]
    [InlineData(null, "高性能新材料", "STRATEGIC")]
    [InlineData(null, "煤化工和光伏", null)]
    [InlineData(null, "汽车", null)]
    public void An_industry_or_a_product_belongs_to_a_cluster_where_that_is_sure(string? activity, string words, string? cluster) =>
        IndustryClusters.Of(activity is null ? null : new Code(activity), words)?.Id.ShouldBe(cluster);

    [Fact]
    public void Projects_come_with_enterprise_place_product_capacity_and_stage()
    {
        using var result = Interpret(Page);
        string[] shown = ["ENTERPRISE", "REF_AREA", "PLACE", "PRODUCT", "CAPACITY", "CAPACITY_MULT", "CAPACITY_UNIT", "CAPACITY_FREQ", "DEPTH_CLASS", "STAGE", "STAGE_DATE"];
        Rows(result, "projects").Select(row => row["NAME"] + ": " + string.Join('|', shown.Select(id => row.GetValueOrDefault(id)))).ShouldBe(
        [
            "包头市恒锐稀土科技有限公司年产2.5万吨稀土永磁材料项目: 包头市恒锐稀土科技有限公司|150200|包头市|稀土永磁材料|2.5|4|T|A||CONSTRUCTION|",
            "鄂尔多斯蒙能氢业有限公司风光制氢一体化项目: 鄂尔多斯蒙能氢业有限公司|150600|鄂尔多斯|风光制氢||||||CONSTRUCTION|",
            "乌兰察布100万千瓦源网荷储项目: 华北能投集团有限公司|150900|乌兰察布|源网荷储|100|4|KW|||COMPLETED|2024-09-12",
            "巴彦淖尔市磴口县光伏治沙项目: |150800|巴彦淖尔市磴口县|光伏治沙||||||PLANNED|",
            "呼和浩特—鄂尔多斯输电工程: |150100|呼和浩特|||||||COMPLETED|2024-06",
            $"天成光能（达茂旗）智能组件产业园: 天成光能|{Labels.ToCode("达茂旗", null).Id}|达茂旗|智能组件||||||CONSTRUCTION|",
            "北探2号井: ||浑善达克沙漠||||||8200|DRILLED|2024-07-03",
        ]);
    }

    [Theory]
    [InlineData("甘肃加快推进重大工业项目、产业项目建设，12个项目开工，该项目进展顺利。", "")]
    [InlineData("张掖抽水蓄能电站项目进展顺利。该项目由北源控股有限公司承建，预计2027年投产。", "张掖抽水蓄能电站项目 北源控股有限公司 CONSTRUCTION")]
    [InlineData("白银金川集团股份有限公司铜箔项目、银光化工有限公司TDI改造项目签约落地。", "白银金川集团股份有限公司铜箔项目 白银金川集团股份有限公司 SIGNED|银光化工有限公司TDI改造项目 银光化工有限公司 SIGNED")]
    [InlineData("酒泉玉门风电场、敦煌光热电站等重点项目建成投产。", "酒泉玉门风电场  COMPLETED|敦煌光热电站  COMPLETED")]
    [InlineData("甘肅推動蘭州新科有限公司年產6萬噸電解鎳項目加快建設。", "蘭州新科有限公司年產6萬噸電解鎳項目 蘭州新科有限公司 CONSTRUCTION")]
    [InlineData("工程师说，预计年产3万吨订单，实施人才工程。", "")]
    public void A_project_is_told_from_words_for_some_project(string text, string expected)
    {
        using var result = Interpret("一则消息\n2023-08-18\n" + text);
        string.Join('|', Rows(result, "projects").Select(row => $"{row["NAME"]} {row.GetValueOrDefault("ENTERPRISE")} {row.GetValueOrDefault("STAGE")}")).ShouldBe(expected);
    }

    [Fact]
    public void Bases_have_class_stage_and_place()
    {
        using var result = Interpret(Page);
        Rows(result, "bases").Select(row => $"{row["NAME"]} {row["BASE_CLASS"]} {row["STAGE"]} {row["STAGE_TEXT"]} {row.GetValueOrDefault("REF_AREA")}").ShouldBe(
        [
            "乌兰察布 KW_10E7 COMPLETED 已建成 150900", "阿拉善 KW_10E7 COMPLETED 已建成 152900", "锡林郭勒 KW_10E6 EXPANDING 壮大 152500", "库布其 KW_10E7 CONSTRUCTION 加快建设 ",
            "乌兰布和 KW_10E7 CONSTRUCTION 加快建设 ",
        ]);
        // a base keeps its code when it grows
        using var grown = Interpret("消息\n2025-10-29\n锡林郭勒千万千瓦级新能源基地已建成。");
        Rows(grown, "bases")[0]["ENERGY_BASE"].ShouldBe(Rows(result, "bases")[2]["ENERGY_BASE"]);
    }

    [Fact]
    public void Programmes_have_kind_horizon_count_and_who_answers_for_them()
    {
        using var result = Interpret(Page);
        string[] shown = ["PROGRAMME_KIND", "HORIZON", "COUNT", "RESPONSIBLE", "AIM"];
        Rows(result, "programmes").Select(row => row["NAME"] + ": " + string.Join('|', shown.Select(id => row.GetValueOrDefault(id)))).ShouldBe(
        [
            "延链补链: ASPECT|||自治区发展改革委|", "人才引育: ASPECT|||自治区发展改革委|", "园区提质: ASPECT|||自治区发展改革委|", "工作方面: ASPECT||3|自治区发展改革委|",
            "重点产业链行动计划: ACTION_PLAN||8|自治区发展改革委|", "“智改数转”提升工程: CAMPAIGN|||自治区发展改革委|加快中小企业升级", "服务企业专项行动: CAMPAIGN|||自治区发展改革委|",
            "内蒙古自治区新型储能发展行动方案（2024—2026年）: ACTION_PLAN|2024-01/2026-12||自治区能源局|", "全年投资目标任务: TARGET|2024||自治区能源局|",
        ]);
    }

    [Fact]
    public void The_release_tells_of_itself()
    {
        using var result = Interpret(Page);
        var about = Rows(result, "about").ShouldHaveSingleItem();
        string[] shown = ["NAME", "OUTLET", "AUTHOR", "PUBLISHED_AT", "SITE", "SECTION", "SOURCE_DATA", "CAPTIONS", "CREDITS"];
        shown.Select(id => about.GetValueOrDefault(id)).ShouldBe(
        [
            "抓项目 强集群——自治区发展改革委介绍前三季度重点产业发展情况", "塞北日报", "丁一凡; 周南", "2024-10-29T10:05:00+08:00", "塞北新闻网", "新闻中心 > 经济", "塞北日报",
            "图为天成光能（达茂旗）智能组件产业园，生产线安装有序推进。高远 摄", "高远",
        ]);
    }

    [Fact]
    public void Every_range_leads_back_to_the_words_and_every_entry_stands_once()
    {
        using var result = Interpret(Page);
        foreach (var cube in result.Cubes.Skip(1))
        {
            var rows = Rows(result, cube.Suffix!);
            rows.Select(row => row[cube.Components[1].Id]).ShouldBeUnique();
            foreach (var row in rows)
            {
                row["MENTIONS"].ShouldStartWith(row["SOURCE"]);
                row["MENTIONS"].Split("; ").Length.ShouldBe(int.Parse(row["MENTION_COUNT"], System.Globalization.CultureInfo.InvariantCulture));
                row["NAME"].ShouldNotBeNullOrWhiteSpace();
            }
        }
        result.Reconciliation.IsBalanced.ShouldBeTrue();
    }

    [Fact]
    public void Registers_alone_can_be_published_and_a_text_without_either_can_not()
    {
        using var registers = Interpret("消息\n2023-08-18\n新疆发展粮油产业集群。");
        registers.Cubes.Select(cube => cube.Suffix).ShouldBe([null, "clusters", "about"]);
        registers.Findings.HasErrors.ShouldBeFalse();
        registers.Findings.Kept.ShouldContain(finding => finding.Code == "figures-missing" && finding.Severity == Severity.Warning);
        using var nothing = Interpret("消息\n2023-08-18\n今天开会。");
        nothing.Cubes.ShouldHaveSingleItem();
        nothing.Findings.HasErrors.ShouldBeTrue();
    }

    [Fact]
    public void Any_text_can_be_read()
    {
        string[] pieces = ["项目", "产业集群", "等", "3个", "十七条", "八大", "（", "）", "(巴里坤)", "“", "”", "《", "》", "、", "，", "。", "——", "—", "井", "1号", "万米", "在", "由", "某某有限公司", "年产", "3万吨", "2×66万千瓦", "工程",
            "实施", "该项目", "千万千瓦级新能源", "基地", "和", "目标", "实现", "行动计划", "2024—2026年", "“十四五”", "5月30日", "月", "投产", "将", "新疆", "自治区工信厅", "方面", "的", "\n", "摄", "记者", "A", " Project", "coal industrial cluster", "𠀀", "于", "米"];
        Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).List[0, 30].Sample(list =>
        {
            var text = "一则消息\n2023-08-18\n新疆。" + string.Concat(list) + "。";
            using var result = Interpret(text);
            foreach (var suffix in (string[])["clusters", "projects", "bases", "programmes", "about"])
                foreach (var row in Rows(result, suffix))
                    Cut(text, row["MENTIONS"]).ShouldAllBe(words => words.Length > 0);
        }, iter: 5000);
    }

    [Fact]
    public void Work_grows_with_the_text_and_not_with_its_square()
    {
        long Allocated(int repeats)
        {
            var text = "消息\n2023-08-18\n" + string.Concat(Enumerable.Repeat("推动包头某某有限公司年产3万吨铝材项目、粮油产业集群（实施“新”工程", repeats));
            using var release = Release(text);
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var result = ProseInterpreter.Interpret(release, new ReleaseContext("x"), TestContext.Current.CancellationToken);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(100);
        var (small, large) = (Allocated(1_000), Allocated(10_000));
        ((double)large / small).ShouldBeLessThan(12);
    }

    [Fact]
    public async Task Registers_are_datasets_that_grow_release_by_release()
    {
        await using var served = await Served.StartWholeAsync();
        var first = await served.UploadAsync("industry/october.txt?title=" + Uri.EscapeDataString("工业发布"), Encoding.UTF8.GetBytes(Page));
        ((string)first["state"]!).ShouldBe("published", first.ToString());
        first["published"]!.AsArray().Select(p => (string)p!["dataset"]!).ShouldContain("industry_projects");
        var later = await served.UploadAsync("industry/november.txt",
            Encoding.UTF8.GetBytes("最新消息\n2024-11-28 09:00\n包头市恒锐稀土科技有限公司年产2.5万吨稀土永磁材料项目建成投产。"));
        ((string)later["state"]!).ShouldBe("published", later.ToString());
        later["findings"]!.AsArray().ShouldNotContain(finding => (string)finding!["code"]! == "series-missing");
        // the title that an official gives is the release's, and not that of the registers
        (await served.Client.GetStringAsync("/v1/datasets/industry")).ShouldContain("工业发布");
        (await served.Client.GetStringAsync("/v1/datasets/industry_projects")).ShouldNotContain("工业发布");
        var csv = await served.Client.GetStringAsync("/v1/datasets/industry_projects/data?format=csv");
        csv.ShouldContain("2024-10-29");
        csv.Split('\n').Single(line => line.Contains("2024-11-28", StringComparison.Ordinal)).ShouldContain("COMPLETED");
        // the project has two observations, the others one
        csv.Split('\n').Count(line => line.Contains("恒锐", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public void The_seed_release_fills_every_register()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Pipeline.sln")))
            folder = folder.Parent;
        var file = Path.Combine(folder?.Parent?.FullName ?? "", "shared", "seed-release.txt");
        Assert.SkipUnless(File.Exists(file), "There is no seed release beside the repository.");
        using var stream = File.OpenRead(file);
        using var release = ReleaseReader.Read(stream, "seed-release.txt");
        using var result = ProseInterpreter.Interpret(release, new ReleaseContext("x"), TestContext.Current.CancellationToken);

        Rows(result, "clusters").Select(row => $"{row["CLUSTER"]} {row["MENTION_COUNT"]}").ShouldBe(
        [
            "CLUSTERS_650000 8", "COTTON_TEXTILES 3", "STRATEGIC 2", Labels.ToCode("新材料先进制造产业集群", null).Id + " 1", "OIL_GAS 1", "COAL 1", "GREEN_MINING 1", "GRAIN_OIL 1", "FRUIT_VEGETABLES 1",
            "LIVESTOCK 1",
        ], ignoreOrder: true);
        Rows(result, "clusters").Count(row => row.GetValueOrDefault("PART_OF") == "CLUSTERS_650000").ShouldBe(8);
        Rows(result, "projects").Select(row => $"{row.GetValueOrDefault("ENTERPRISE")}|{row.GetValueOrDefault("REF_AREA")}|{row["PLACE"]}|{row.GetValueOrDefault("CAPACITY")}|{row["STAGE"]}|{row.GetValueOrDefault("STAGE_DATE")}|{row.GetValueOrDefault("CLUSTER")}").ShouldBe(
        [
            "克拉玛依愿景新材料有限公司|650200|克拉玛依||CONSTRUCTION||STRATEGIC", "新疆华钛新材料科技有限公司|650000|新疆|3|CONSTRUCTION||STRATEGIC", "三一重能|650521|巴里坤||CONSTRUCTION||STRATEGIC",
            "||塔克拉玛干沙漠||DRILLING|2023-05-30|",
        ]);
        Rows(result, "projects")[3]["DEPTH_CLASS"].ShouldBe("10000");
        Rows(result, "bases").Select(row => $"{row["NAME"]} {row["BASE_CLASS"]} {row["STAGE"]}").ShouldBe(
        [
            "准东 KW_10E7 COMPLETED", "哈密北 KW_10E7 COMPLETED", "南疆 KW_10E7 COMPLETED", "乌鲁木齐 KW_10E6 EXPANDING", "吐鲁番 KW_10E6 EXPANDING", "阿勒泰 KW_10E6 EXPANDING",
            "塔城 KW_10E6 EXPANDING", "喀什 KW_10E7 CONSTRUCTION", "若羌 KW_10E7 CONSTRUCTION",
        ]);
        var programmes = Rows(result, "programmes").ToDictionary(row => row["NAME"]);
        foreach (var name in (string[])["产业救济", "专精特新“小巨人”企业培育", "伊犁原料药基地建设", "硅基新材料创新平台建设"])
            (programmes[name]["PROGRAMME_KIND"], programmes[name]["HORIZON"], programmes[name]["RESPONSIBLE"]).ShouldBe(("ASPECT", "2023", "自治区工信厅"));
        (programmes["工作方面"]["COUNT"], programmes["集群行动计划"]["COUNT"], programmes["重点产业链实施方案"]["COUNT"]).ShouldBe(("5", "3", "17"));
        programmes.Values.Count(row => row["PROGRAMME_KIND"] == "CAMPAIGN" && row.GetValueOrDefault("RESPONSIBLE") == "自治区工信厅").ShouldBe(7);
        (programmes["全年工业增长目标"]["PROGRAMME_KIND"], programmes["全年工业增长目标"]["HORIZON"]).ShouldBe(("TARGET", "2023-07/2023-12"));
        var about = Rows(result, "about").Single();
        (about["OUTLET"], about["AUTHOR"], about["PUBLISHED_AT"], about["SECTION"], about["CREDITS"]).ShouldBe(("天山网-新疆日报", "马伊宁", "2023-08-18T17:32:54+08:00", "运营", "范轩云鹏; 郭子毅; 陈士兵"));
    }

    private static IEnumerable<string> Names(Interpretation result, string suffix) => Rows(result, suffix).Select(row => row["NAME"]);

    private static List<Dictionary<string, string>> Rows(Interpretation result, string suffix)
    {
        var rows = new List<Dictionary<string, string>>();
        if (result.Cubes.FirstOrDefault(cube => cube.Suffix == suffix) is not { } cube)
            return rows;
        foreach (var batch in cube.Observations.Read())
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var fields = new Dictionary<string, string> { ["OBS_VALUE"] = batch.Value(row)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "", ["SOURCE"] = batch.Source(row).ToString() };
                for (var c = 0; c < cube.Components.Count; c++)
                    if (batch.Codes[c][row] is >= 0 and var code)
                        fields[cube.Components[c].Id] = cube.Components[c].Codes[code].Id;
                rows.Add(fields);
            }
        }
        return rows;
    }

    private static IEnumerable<string> Cut(string text, string ranges)
    {
        var runes = text.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        foreach (var range in ranges.Split("; "))
        {
            var ends = range["chars ".Length..].Split('-').Select(int.Parse).ToArray();
            yield return string.Concat(runes[ends[0]..ends[1]]);
        }
    }

    private static ReadRelease Release(string text) => ReleaseReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "release.txt");

    private static Interpretation Interpret(string text)
    {
        using var release = Release(text);
        return ProseInterpreter.Interpret(release, new ReleaseContext("x"), TestContext.Current.CancellationToken);
    }
}
