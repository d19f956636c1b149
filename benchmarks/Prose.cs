using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Checking;
using Pipeline.Understanding;

namespace Pipeline.Benchmarks;

/// <summary>
/// Prose: reading and understanding many releases on one thread, beside what a user would begin with: a regular expression that finds numbers with
/// units and says nothing of what they are. Then texts of growing length, and shapes that would make a bad scanner slow.
/// </summary>
internal static partial class Prose
{
    private const int Rounds = 5;

    private static readonly string[] Sentences =
    [
        "上半年，{0}规模以上工业增加值同比增长{1}%，增速比一季度加快{2}个百分点。",
        "分三大门类看，采矿业增加值增长{1}%，制造业增长{2}%，电力、热力、燃气及水生产和供应业增长{3}%。",
        "6月份，原煤产量{4}万吨，同比增长{1}%；原油产量{5}万吨，下降{2}%，其中重质原油占{3}%。",
        "社会消费品零售总额{4}亿元，增长{1}%，其中城镇消费品零售额{5}亿元，占比{6}%。",
        "记者在某工业园采访时看到，生产线上一派繁忙景象，工人们正在加紧赶制订单，园区负责人说下半年形势向好。",
        "城镇居民、农村居民人均可支配收入分别为{4}元和{5}元，名义增长{1}%和{2}%。",
        "货物进出口总额{4}亿元，与上年同期持平，对共建“一带一路”国家进出口增长{1}%，拉动全省外贸增长{2}个百分点。",
        "记者从发布会上了解到，有关部门围绕重点产业链延链补链强链，做好跟踪服务和资源要素保障，一批重大工业项目加快建设，产业链供应链安全稳定。",
        "展望全年，有关负责人表示，将加强运行调度，加快推动产业集群建设，持续建强园区平台，推进中小企业创新发展，因地制宜、扬长补短，推动经济社会高质量发展闯出新路子。",
        "会议指出，要坚持稳中求进工作总基调，完整、准确、全面贯彻新发展理念，推动经济实现质的有效提升和量的合理增长。",
    ];

    private static readonly string[] Areas = ["新疆", "甘肃省", "宁夏", "青海省", "陕西省"];

    /// <summary>Measures releases of about 10 kB, together <paramref name="megabytes"/> MB, then the rest.</summary>
    public static void Run(int megabytes)
    {
        var releases = Releases(megabytes * 1_000_000L);
        var bytes = releases.Sum(release => (double)release.Length);
        Console.WriteLine("what | MB | releases | s | MB/s | time ratio");
        Console.WriteLine("---|---|---|---|---|---");
        var regex = Best(() => releases.Sum(release => Figures().Count(Encoding.UTF8.GetString(release))));
        Print("numbers with units by a regular expression", regex, 1);
        var understood = Best(() => releases.Sum(Understand));
        Print("read, understood and checked", understood, understood / regex);

        Console.WriteLine("\nshape | MB | s | MB/s");
        Console.WriteLine("---|---|---|---");
        foreach (var size in new[] { 1, 10, 40 })
            Shape("one release of sentences", size, random => string.Concat(Paragraphs(random).TakeWhile(Until(size))));
        foreach (var size in new[] { 1, 10, 40 })
        {
            Shape("one sentence without an end", size, _ => "上半年新疆工业增加值" + string.Concat(Enumerable.Repeat("和产量1.5万吨", size * 1_000_000 / 19)));
            Shape("digits", size, _ => "上半年新疆产量" + new string('7', size * 1_000_000));
            Shape("opening brackets", size, _ => "上半年新疆产量（" + new string('（', size * 1_000_000 / 3) + "5万吨。");
        }

        void Print(string what, double seconds, double ratio) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what} | {bytes / 1e6:F1} | {releases.Count:N0} | {seconds:F2} | {bytes / 1e6 / seconds:F1} | {ratio:F1}"));
    }

    [GeneratedRegex(@"\d[\d,]*(\.\d+)?(万亿|亿|万)?(%|个百分点|元|美元|吨|立方米|千瓦时|家|户|人次|人|个|倍)", RegexOptions.NonBacktracking)]
    private static partial Regex Figures();

    private static void Shape(string what, int megabytes, Func<Random, string> text)
    {
        var release = Encoding.UTF8.GetBytes("一则消息\n2023-08-18\n\n" + text(new Random(7)));
        var seconds = Best(() => Understand(release), megabytes > 10 ? 1 : Rounds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} | {release.Length / 1e6:F1} | {seconds:F2} | {release.Length / 1e6 / seconds:F1}"));
    }

    private static int Understand(byte[] release)
    {
        using var result = ReleaseCheck.Open(new MemoryStream(release), "release.txt", new ReleaseContext("prose"));
        return (int)result.Reconciliation.CellsIn;
    }

    private static double Best(Func<int> work, int rounds = Rounds)
    {
        var best = double.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            if (work() < 0)
                throw new InvalidOperationException("a count can not be negative");
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }
        return best;
    }

    private static List<byte[]> Releases(long bytes)
    {
        var random = new Random(4);
        var releases = new List<byte[]>();
        for (var length = 0L; length < bytes; length += releases[^1].Length)
        {
            var text = new StringBuilder("某省上半年经济运行情况\n2023-07-21 09:15:00 来源：某省统计局\n\n");
            foreach (var paragraph in Paragraphs(random).Take(6))
                text.Append(paragraph);
            releases.Add(Encoding.UTF8.GetBytes(text.ToString()));
        }
        return releases;
    }

    private static Func<string, bool> Until(int megabytes)
    {
        var length = 0L;
        return paragraph => (length += paragraph.Length * 3L) < megabytes * 1_000_000L;
    }

    private static IEnumerable<string> Paragraphs(Random random)
    {
        while (true)
        {
            var paragraph = new StringBuilder();
            foreach (var sentence in Sentences)
            {
                paragraph.AppendFormat(CultureInfo.InvariantCulture, sentence, Areas[random.Next(Areas.Length)], random.Next(1, 99) / 10.0, random.Next(1, 99) / 10.0, random.Next(1, 99) / 10.0,
                    random.Next(1000, 99999) / 10.0, random.Next(1000, 99999) / 10.0, random.Next(1, 99) / 10.0);
            }
            yield return paragraph.Append("\n\n").ToString();
        }
    }
}
