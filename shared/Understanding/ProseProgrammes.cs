using System.Buffers;
using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>
/// Finds what an office has set out to do: action plans and schemes, by name or by number (17条重点产业链实施方案), campaigns (“新引擎”增能工程), the named aspects of
/// its work (在甲、乙等5个方面), and targets without a figure, with their horizon and the body that answers for them.
/// </summary>
internal sealed class ProseProgrammes(DateOnly? published)
{
    private const int LongestAim = 40;
    private const int LongestDocument = 80;

    private static readonly SearchValues<char> AimEnds = SearchValues.Create("，。；,;、…");
    private static readonly SearchValues<char> NoTarget = SearchValues.Create("%0123456789这该此");
    private static readonly SearchValues<char> Spans = SearchValues.Create("—-－至~年");
    private static readonly RegisterWords Kinds = RegisterWords.In("programme-kinds");
    private static readonly RegisterWords Departments = RegisterWords.Of("DEPARTMENT");
    private static readonly RegisterWords Bodies = RegisterWords.Of("BODY");

    private static readonly string[] Starts = ["实施", "开展", "启动"];
    private static readonly string[] Reaching = ["实现", "完成", "确保", "达成", "锚定", "围绕", "冲刺", "确保完成", "确保实现"];
    private static readonly string[] Measures = ["个", "条", "项", "份", "套", "部"];

    /// <summary>The register.</summary>
    public RegisterCube Register { get; } = new("programmes", "PROGRAMME", ("行动与计划名录", "Register of programmes"), "PROGRAMME_KIND", "HORIZON", "COUNT", "RESPONSIBLE", "AIM");

    /// <summary>Adds the programmes that a sentence names to the register.</summary>
    public void Read(RegisterSentence sentence)
    {
        var text = sentence.Text.AsSpan();
        for (var at = 0; at < text.Length;)
        {
            var (from, length, kind) = Kinds.First(text, at);
            if (length == 0)
                return;
            at = from + length;
            switch (kind!.Id)
            {
                case "ASPECT":
                    ReadAspects(sentence, from, kind);
                    break;
                case "TARGET":
                    ReadTarget(sentence, from, at, kind);
                    break;
                default:
                    ReadNamed(sentence, from, at, kind);
                    break;
            }
        }
    }

    // 在甲、乙、丙等5个方面
    private void ReadAspects(RegisterSentence sentence, int from, Code kind)
    {
        var text = sentence.Text.AsSpan();
        var number = from > 0 && text[from - 1] is '个' or '大' ? from - 1 : from;
        var start = NumberStart(text, number);
        if (start == number || start == 0 || text[start - 1] != '等')
            return;
        var members = RegisterText.List(text, start - 1);
        if (members.Count < 2)
            return;
        foreach (var (a, b) in members)
            if (b - a >= 2 && Add(sentence, a, b, sentence.Text[a..b], sentence.Written[a..b], kind) is null)
                return;
        // the whole, with the number that the text gives it
        Add(sentence, start, from + 2, "工作方面", "工作方面", kind)?.Set("COUNT", Number(text[start..number]));
    }

    // 实现全年工业增长目标; with a figure it is no programme
    private void ReadTarget(RegisterSentence sentence, int from, int end, Code kind)
    {
        var text = sentence.Text.AsSpan();
        for (var i = from; i > 0 && from - i <= 24; i--)
        {
            if (RegisterText.IsMark(text[i - 1]))
                return;
            foreach (var verb in Reaching)
            {
                if (!text[..i].EndsWith(verb))
                    continue;
                if (from - i < 2 || text[i..from].ContainsAny(NoTarget) || RegisterText.IsGeneric(text[i..from]) || text[i..from] is "预期" or "既定" or "预定" or "上述")
                    return;
                Add(sentence, i, end, sentence.Text[i..end], sentence.Written[i..end], kind);
                return;
            }
        }
    }

    private void ReadNamed(RegisterSentence sentence, int from, int end, Code kind)
    {
        var text = sentence.Text.AsSpan();
        if (end < text.Length && text[end] is '师' or '机' or '款' or '院' or '部' or '队' or '学')
            return;
        // 《某某行动方案（2023—2025年）》
        var open = text[..from].LastIndexOf('《');
        var close = open < 0 || from - open > LongestDocument ? -1 : text[end..].IndexOf('》');
        if (close >= 0 && close <= LongestDocument / 2 && !text[open..from].Contains('》'))
        {
            if (kind.Id != "CAMPAIGN" && (close == 0 || text[end] is '(' or '（' or '—' or '·'))
                Add(sentence, open + 1, end + close, sentence.Text[(open + 1)..(end + close)], sentence.Written[(open + 1)..(end + close)], kind);
            return;
        }
        if (Counted(text, from) is var (number, name))
        {
            ReadCounted(sentence, number, name, end, kind);
            return;
        }
        var isStarted = StartedAt(text, from) is >= 0;
        var start = isStarted ? StartedAt(text, from) : RegisterText.NameStart(text, from, 2);
        if (start > 1 && text[start - 1] == '“')
            return;
        var isQuoted = text[start..from].Contains('”');
        if (from - start is < 2 or > 30 || RegisterText.IsGeneric(text[start..from]))
            return;
        if (kind.Id is "CAMPAIGN" && !(isStarted || (isQuoted && from - start >= 4)))
            return;
        if (kind.Id is "CAMPAIGN" && end - from == 2 && text[from..end] is "工程" && !isQuoted && IsBuilding(text, start, from))
            return;
        if (kind.Id is "PLAN" or "POLICY" || (text[from..end] is "行动" && !isQuoted))
            return;
        var entry = Add(sentence, start, end, sentence.Text[start..end], sentence.Written[start..end], kind);
        if (kind.Id == "CAMPAIGN" && entry is not null && end < text.Length && text[end] is '，' or ',')
        {
            var aim = text[(end + 1)..];
            var stop = aim.IndexOfAny(AimEnds);
            aim = stop < 0 ? aim : aim[..stop];
            if (aim.Length is >= 4 and <= LongestAim)
                entry?.Set("AIM", sentence.Written.Substring(end + 1, aim.Length));
        }
    }

    /// <summary>17条重点产业链实施方案, 甲等3个集群行动计划: one entry for the number, and one for each that is named.</summary>
    private void ReadCounted(RegisterSentence sentence, int number, int name, int end, Code kind)
    {
        var text = sentence.Text.AsSpan();
        if (kind.Id is "CAMPAIGN" or "PLAN" or "POLICY" || RegisterText.IsGeneric(text[name..(end - 2)]))
            return;
        var what = sentence.Text[name..end];
        Add(sentence, number, end, what, what, kind)?.Set("COUNT", Number(text[number..(name - 1)]));
        if (number == 0 || text[number - 1] != '等')
            return;
        foreach (var (a, b) in RegisterText.List(text, number - 1))
            if (b - a >= 2)
                Add(sentence, a, b, sentence.Text[a..b] + what, sentence.Written[a..b] + sentence.Written[name..end], kind);
    }

    // where the number and the name behind it start: 17|条|重点产业链
    private static (int Number, int Name)? Counted(ReadOnlySpan<char> text, int from)
    {
        for (var i = from; i > 1 && from - i <= 14 && !RegisterText.IsMark(text[i - 1]); i--)
        {
            foreach (var measure in Measures)
            {
                if (text[..i].EndsWith(measure) && NumberStart(text, i - 1) is var number && number < i - 1)
                    return (number, i);
            }
        }
        return null;
    }

    // 实施|某某提升|行动: a verb that starts a campaign stands before its name, and the name may hold verbs of its own
    private static int StartedAt(ReadOnlySpan<char> text, int from)
    {
        for (var i = from - 2; i > 1 && from - i <= 30 && !RegisterText.IsMark(text[i]) && text[i] != '”'; i--)
            foreach (var verb in Starts)
                if (text[..i].EndsWith(verb))
                    return text[i] == '了' ? i + 1 : i;
        return -1;
    }

    private static bool IsBuilding(ReadOnlySpan<char> text, int from, int to)
    {
        for (var i = from; i < to; i++)
            if (RegisterWords.Of("CONSTRUCTION").At(text, i, out _) > 0)
                return true;
        return false;
    }

    private RegisterEntry? Add(RegisterSentence sentence, int from, int end, string id, string name, Code kind)
    {
        var code = Labels.ToCode(id, null) with { Labels = new Dictionary<string, string> { [ProseTerms.IsHan(name.TrimStart('“')[0]) ? "zh" : "en"] = name } };
        if (Register.Entry(code, name) is not { } entry)
            return null;
        entry.Mention(sentence.Where(from, end), sentence.States);
        entry.Set("PROGRAMME_KIND", kind);
        entry.Set("HORIZON", HorizonOf(name, published, isName: true) ?? HorizonOf(sentence.Text.AsSpan(0, from), published, isName: false) ?? HorizonOf(sentence.Before, published, isName: false) ?? HorizonOf(name, published, isName: false));
        entry.Set("RESPONSIBLE", BodyIn(sentence.Text.AsSpan(0, from)) ?? BodyIn(sentence.Before));
        return entry;
    }

    /// <summary>The period that a text plans for: 本年度, 下半年, 到2025年, 2023—2025年, “十四五”. The last that it names.</summary>
    private static string? HorizonOf(ReadOnlySpan<char> text, DateOnly? published, bool isName)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            // the years of a document that is named before are not those of what follows
            if (!isName && text[i] == '》' && text[..i].LastIndexOf('《') is >= 0 and var open)
                i = open;
            var rest = text[i..];
            if (char.IsAsciiDigit(rest[0]) && rest.Length >= 5 && (i == 0 || !char.IsAsciiDigit(text[i - 1])) && int.TryParse(rest[..4], NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 2000 and <= 2100)
            {
                if (rest[4] is '—' or '-' or '－' or '至' or '~' && rest[4..].IndexOfAnyExcept(Spans) is > 0 and var next && rest.Length >= 8 + next
                    && int.TryParse(rest.Slice(4 + next, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last > year && last <= 2100)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{year:0000}-01/{last:0000}-12");
                }
                if (rest[4] == '年' && !(i > 0 && text[i - 1] is '—' or '-' or '－' or '至' or '~') && (isName || (i > 0 && text[i - 1] == '到')))
                    return year.ToString("0000", CultureInfo.InvariantCulture);
            }
            var five = rest.StartsWith("十三五") ? 2016 : rest.StartsWith("十四五") ? 2021 : rest.StartsWith("十五五") ? 2026 : 0;
            if (five > 0)
                return string.Create(CultureInfo.InvariantCulture, $"{five}-01/{five + 4}-12");
            if (isName || published is not { } day)
                continue;
            if (rest.StartsWith("下半年"))
                return string.Create(CultureInfo.InvariantCulture, $"{day.Year:0000}-07/{day.Year:0000}-12");
            if (rest.StartsWith("明年"))
                return (day.Year + 1).ToString("0000", CultureInfo.InvariantCulture);
            if ((rest.StartsWith("本年度") || rest.StartsWith("今年") || rest.StartsWith("年内") || rest.StartsWith("全年")) && !rest[2..].StartsWith("以来") && !rest[2..].StartsWith("上半年") && !rest[2..].StartsWith("下半年"))
                return day.Year.ToString("0000", CultureInfo.InvariantCulture);
        }
        return null;
    }

    /// <summary>The office that a text names last: 自治区工信厅, 某某省发展改革委, 市政府.</summary>
    private static string? BodyIn(ReadOnlySpan<char> text)
    {
        for (var end = text.Length; end > 2; end--)
        {
            var start = -1;
            if (Bodies.Before(text, end, out _) is > 0 and var body)
                start = end - body;
            else if (text[..end].EndsWith("委员会") && Departments.Before(text, end - 3, out _) is > 0 and var committee)
                start = end - 3 - committee;
            else if (text[end - 1] is '厅' or '局' or '委' or '部' && Departments.Before(text, end - 1, out _) is > 0 and var department)
                start = end - 1 - department;
            if (start < 0)
                continue;
            // whose office: 自治区, 某某省, 国家
            while (start > 0)
            {
                var length = 0;
                foreach (var level in (ReadOnlySpan<string>)["自治区", "国家", "全国", "省", "市", "县", "州", "区", "兵团"])
                    if (length == 0 && text[..start].EndsWith(level))
                        length = level.Length;
                if (RegisterWords.Areas.Before(text, start, out _) is var area && area > length)
                    length = area;
                if (length == 0)
                    break;
                start -= length;
            }
            return text[start..end].ToString();
        }
        return null;
    }

    private static int NumberStart(ReadOnlySpan<char> text, int end)
    {
        var i = end;
        while (i > 0 && (char.IsAsciiDigit(text[i - 1]) || text[i - 1] is '一' or '二' or '两' or '三' or '四' or '五' or '六' or '七' or '八' or '九' or '十'))
            i--;
        return i;
    }

    // 17, 十七, 五: as a number
    private static string? Number(ReadOnlySpan<char> text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number.ToString(CultureInfo.InvariantCulture);
        number = 0;
        foreach (var c in text)
        {
            var digit = c == '两' ? 2 : "一二三四五六七八九".IndexOf(c, StringComparison.Ordinal) + 1;
            number = c == '十' ? Math.Max(1, number) * 10 : digit > 0 && number % 10 == 0 ? number + digit : -1;
            if (number is < 0 or > 99)
                return null;
        }
        return number == 0 ? null : number.ToString(CultureInfo.InvariantCulture);
    }
}
