using System.Globalization;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>
/// Finds the projects that a text names: 某某公司年产3万吨某某项目, parks, works, plants and wells. A name has to tell the one from others: by an enterprise, a
/// capacity, a place, or an event that has just happened to it. 重大工业项目, 一批项目, 12个项目 name none.
/// </summary>
internal sealed class ProseProjects(DateOnly? published, Code? area)
{
    private const int Near = 60;
    private const int LongestBrand = 10;

    private static readonly RegisterWords Kinds = RegisterWords.Of("PROJECT");
    private static readonly RegisterWords Companies = RegisterWords.Of("COMPANY");

    private static readonly string[] AfterKind = ["师", "部", "组", "队", "款", "书", "化", "经理", "负责", "资金", "资本", "机械", "车辆", "质量", "技术", "院", "学"];
    private static readonly string[] ProductEnds = ["建设", "生态", "产业", "生产", "制造", "加工", "一体化", "改扩建", "扩建", "改造", "综合", "示范", "产业化", "一期", "二期", "三期", "升级", "全产业链"];
    private static readonly string[] CapacityWords = ["年产能", "年生产", "年加工", "年处理", "年产", "日产", "日处理", "产能", "总装机", "装机容量", "装机", "规模", "总规模"];
    private static readonly string[] Subjects = ["该项目", "此项目", "这一项目", "项目", "该工程", "该井", "该产业园", "该基地", "该电站"];

    private RegisterEntry? last;
    private TextBlock? lastBlock;

    /// <summary>The register.</summary>
    public RegisterCube Register { get; } = new("projects", "PROJECT", ("项目名录", "Register of projects"), "ENTERPRISE", Concepts.RefArea, "PLACE", "PRODUCT", "CAPACITY", "CAPACITY_UNIT",
        "CAPACITY_MULT", "CAPACITY_FREQ", "DEPTH_CLASS", "STAGE", "STAGE_TEXT", "STAGE_DATE", "CLUSTER");

    /// <summary>Whether a sentence goes on about the paragraph's last project.</summary>
    public bool GoesOn(TextBlock block, int start, int end) => last is not null && block == lastBlock && StartsWith(block.Text.AsSpan(start, end - start), Subjects) > 0;

    /// <summary>Adds the projects that a sentence names to the register.</summary>
    public void Read(RegisterSentence sentence)
    {
        var text = sentence.Text.AsSpan();
        if (last is not null && sentence.Block == lastBlock && StartsWith(text, Subjects) > 0)
            GoOn(sentence, last);
        var listStage = (Stage?)null;
        var listEnd = -1;
        for (var at = 0; at < text.Length;)
        {
            var (from, length, _) = Kinds.First(text, at);
            if (length == 0)
                break;
            var end = Extended(text, from + length);
            at = end;
            if (StartsWith(text[end..], AfterKind) > 0)
                continue;
            var start = RegisterText.NameStart(text, end, end - from + 3);
            if (start > 0 && text[start - 1] == '、' && IsWhole(text, start, end) is false)
                start = WithListedStart(text, start, from);
            if (IsSome(text, start, out var list))
            {
                // 某某、某某等重大项目: the members are named without the word
                foreach (var (a, b) in RegisterText.List(text, list))
                    if (Kinds.Before(text, b, out _) == 0)
                        ReadOne(sentence, a, b, b, ProseStages.Before(text, RegisterText.List(text, list)[0].From) ?? ProseStages.First(text, end, text.Length), isMember: true);
                continue;
            }
            var before = ProseStages.Before(text, start) ?? (listEnd >= 0 && IsListMark(text, listEnd, start) ? listStage : null);
            if (ReadOne(sentence, start, end, from, before ?? ProseStages.First(text, end, text.Length), isMember: before is not null && listEnd >= 0))
                (listStage, listEnd) = (before, end);
        }
        ReadWells(sentence);
        if (!sentence.Text.Contains("project", StringComparison.Ordinal))
            return;
        ReadEnglish(sentence);
    }

    // 风、光、储一体化项目: the first member begins the name if it is short
    private static int WithListedStart(ReadOnlySpan<char> text, int start, int kind)
    {
        var members = RegisterText.List(text, kind);
        return members.Count > 1 && members.Skip(1).All(member => member.To - member.From <= 8) && start == members[^1].From && text[members[^1].From..kind].Length <= 6
            ? members[0].From : start;
    }

    // whether a listed piece names a project by itself
    private static bool IsWhole(ReadOnlySpan<char> text, int start, int end)
    {
        for (var i = start; i < end; i++)
            if (Companies.At(text, i, out _) > 0 || char.IsAsciiDigit(text[i]) || RegisterWords.Areas.At(text, i, out _) > 0)
                return true;
        for (var i = start - 1; i > 0 && start - i < 3; i--)
            if (Kinds.Before(text, i, out _) > 0)
                return true;
        return false;
    }

    // 生态产业园项目, 原料药基地（一期）建设项目: one name with two words for its kind
    private static int Extended(ReadOnlySpan<char> text, int end)
    {
        for (var isMore = true; isMore;)
        {
            isMore = false;
            var next = end;
            while (StartsWith(text[next..], ["建设", "一期", "二期", "三期", "配套", "扩建", "改造", "升级", "(一期)", "(二期)", "（一期）", "（二期）"]) is > 0 and var word)
                next += word;
            if (Kinds.At(text, next, out _) is > 0 and var length)
                (end, isMore) = (next + length, true);
        }
        return end;
    }

    // 等一批重大项目, 12个工业项目: says where the list before it ends
    private static bool IsSome(ReadOnlySpan<char> text, int start, out int list)
    {
        var i = start;
        while (i > 0 && (text[i - 1] is '个' or '项' or '批' or '大' or '一' or '余' or '多' or '座' or '条' or '家' || char.IsAsciiDigit(text[i - 1])))
            i--;
        while (i > 1 && (text[..i].EndsWith("重点") || text[..i].EndsWith("系列") || text[..i].EndsWith("重大")))
            i -= 2;
        while (i > 0 && text[i - 1] == '一')
            i--;
        list = i > 0 && text[i - 1] == '等' ? i - 1 : -1;
        return list > 0;
    }

    private static bool IsListMark(ReadOnlySpan<char> text, int from, int to) => to - from is > 0 and <= 2 && text[from] is '、' or '和' or '及' or '与' or '以';

    /// <summary>Reads one name; says whether it tells one project from others.</summary>
    private bool ReadOne(RegisterSentence sentence, int start, int end, int kind, Stage? stage, bool isMember)
    {
        var text = sentence.Text.AsSpan();
        while (start < end && text[start] is '了' or '的' or ' ')
            start++;
        if (end - start < 4 || end - start > RegisterText.LongestName || text[start..end].Contains("千瓦级", StringComparison.Ordinal) || (start > 0 && text[start - 1] is '该' or '此'))
            return false;
        var (enterprise, rest) = Enterprise(text, start, end);
        var (place, placeFrom, placeTo) = Place(text, start, rest, end);
        var capacity = Capacity(text, rest, end);
        var isCampaign = text[..end].EndsWith("工程") && IsGenericWorks(text, start, end);
        var core = rest;
        if (placeFrom == rest)
            core = placeTo;
        var isSpecific = core < kind && !RegisterText.IsGeneric(text[core..kind]);
        if (!isSpecific && capacity is null && !(enterprise is not null && Kinds.At(text, kind, out _) > 0))
            return false;
        if (isCampaign && enterprise is null && capacity is null)
            return false;
        // 某某电站投产, 某某电站等重点项目建成投产
        var isLast = end < text.Length && text[end] == '等';
        var isNear = stage is { IsEvent: true } near && near.From - end <= (isLast ? 14 : 6);
        var isBase = text[..end].EndsWith("基地");
        if (enterprise is null && capacity is null && !(place is not null && (stage is not null || isMember)) && !(isNear && !isBase && kind - core >= 4 && (isLast || !IsListed(text, start))))
            return false;

        enterprise ??= EnterpriseBeside(text, start, end);
        var name = sentence.Written[start..end];
        if (Register.Entry(Labels.ToCode(CodeName(text[start..end]), null) with { Labels = new Dictionary<string, string> { ["zh"] = name } }, name) is not { } entry)
            return false;
        entry.Mention(sentence.Where(start, end), sentence.States);
        (last, lastBlock) = (entry, sentence.Block);
        if (enterprise is { } company)
            entry.Set("ENTERPRISE", sentence.Written[company.From..company.To]);
        if (capacity is { } amount)
            SetCapacity(entry, amount);
        entry.Set("PRODUCT", Product(sentence, Math.Max(core, capacity?.To ?? 0), end));
        SetPlace(sentence, entry, start, end, place, placeFrom, placeTo, enterprise);
        SetStage(sentence, entry, stage);
        entry.Set("CLUSTER", IndustryClusters.Of(null, text[(enterprise is { } own && own.From == start ? rest : start)..end]));
        return true;
    }

    // whether 工程 is a campaign: no word of building in it
    private static bool IsGenericWorks(ReadOnlySpan<char> text, int start, int end)
    {
        for (var i = start; i < end; i++)
            if (RegisterWords.Of("CONSTRUCTION").At(text, i, out _) > 0)
                return false;
        return true;
    }

    private static bool IsListed(ReadOnlySpan<char> text, int start) => start > 0 && text[start - 1] is '、';

    private static string CodeName(ReadOnlySpan<char> name) => name.ToString().Replace('（', '(').Replace('）', ')').Replace(" ", "", StringComparison.Ordinal);

    /// <summary>The enterprise that a name starts with, and where the rest of the name starts.</summary>
    private static ((int From, int To)? Company, int After) Enterprise(ReadOnlySpan<char> text, int start, int end)
    {
        var company = -1;
        for (var i = start + 2; i < end; i++)
        {
            if (Companies.At(text, i, out _) is not (> 0 and var length) || i + length >= end)
                continue;
            company = i + length;
            i = company - 1;
        }
        if (company > 0)
            return ((start, company), company < end && text[company] == '的' ? company + 1 : company);
        // 某某重能（某地）某某产业园: a brand with the place in brackets behind it
        var open = text[start..end].IndexOfAny('(', '（');
        if (open is >= 2 and <= LongestBrand && text[(start + open)..end].IndexOfAny(')', '）') is > 2 and var length2
            && AreaAt(text, start + open + 1, start + open + length2).Area is not null && start + open + length2 + 1 < end && RegisterWords.Areas.At(text, start, out _) == 0)
        {
            return ((start, start + open), start + open + length2 + 1);
        }
        return (null, start);
    }

    /// <summary>The enterprise that a sentence names before a project (某某公司投资建设的…) or behind it (由某某公司承建).</summary>
    private static (int From, int To)? EnterpriseBeside(ReadOnlySpan<char> text, int start, int end)
    {
        for (var i = start; i > 2 && start - i < Near; i--)
        {
            if (text[i - 1] is '。' or '；' or ';' || (Kinds.Before(text, i, out _) > 0 && i < start))
                break;
            if (Companies.Before(text, i, out _) > 0)
            {
                var from = RegisterText.NameStart(text, i, 3);
                return i - from is >= 4 and <= 30 && !RegisterText.IsGeneric(text[from..(i - 2)]) ? (from, i) : null;
            }
        }
        var by = text[end..Math.Min(text.Length, end + Near)].IndexOf('由');
        if (by < 0 || Kinds.First(text[end..(end + by)]).Length > 0)
            return null;
        var (at, length, _) = Companies.First(text[..Math.Min(text.Length, end + by + 30)], end + by + 1);
        return length > 0 && !text[(end + by + 1)..at].ContainsAny("，。；,;") ? (end + by + 1, at + length) : null;
    }

    /// <summary>The place in a name: in brackets, or at its start or that of what follows the enterprise.</summary>
    private static (Code? Place, int From, int To) Place(ReadOnlySpan<char> text, int start, int rest, int end)
    {
        for (var i = start; i < end; i++)
            if (text[i] is '(' or '（' && AreaAt(text, i + 1, end) is ({ } inside, var close) && close < end && text[close] is ')' or '）')
                return (inside, i + 1, close);
        var (place, to) = AreaAt(text, rest, end);
        return place is null ? (null, -1, -1) : (place, rest, to);
    }

    // 新疆哈密市伊吾县: the last says where
    private static (Code? Area, int To) AreaAt(ReadOnlySpan<char> text, int at, int end)
    {
        Code? area = null;
        while (at < end && RegisterWords.Areas.At(text, at, out var found) is > 0 and var length && at + length <= end)
            (area, at) = (found, at + length);
        if (at < end && area is null && ProseTerms.IsHan(text[at]) && ProsePlaces.Match(text, text, at, out var named) is > 0 and var other && at + other <= end)
            return (named, at + other);
        // within a known area its counties need no vocabulary
        for (var i = at + 1; area is not null && i < end && i - at <= 3 && ProseTerms.IsHan(text[i]); i++)
            if (text[i] is '县' or '旗' or '镇' or '乡' && i > at)
                return (area, i + 1);
        return (area, at);
    }

    private void SetPlace(RegisterSentence sentence, RegisterEntry entry, int start, int end, Code? place, int placeFrom, int placeTo, (int From, int To)? enterprise)
    {
        var text = sentence.Text.AsSpan();
        if (place is null)
        {
            foreach (var at in (ReadOnlySpan<int>)[After(text, end, "在"), After(text, end, "位于"), After(text, end, "落户"), Before(text, start, "位于"), Before(text, start, "在")])
            {
                if (at < 0)
                    continue;
                var (found, to) = AreaAt(text, at, text.Length);
                var stop = at;
                while (stop < text.Length && stop - at < 20 && !RegisterText.IsMark(text[stop]) && RegisterWords.In("stages").At(text, stop, out _) == 0 && text[stop] != '的'
                    && RegisterWords.Of("BREAK").At(text, stop, out _) == 0)
                    stop++;
                if (found is null && RegisterWords.Of("PLACE_END").Before(text, stop, out _) == 0)
                    continue;
                (place, placeFrom, placeTo) = (found, at, RegisterWords.Of("PLACE_END").Before(text, stop, out _) > 0 ? stop : to);
                break;
            }
        }
        if (placeFrom >= 0)
            entry.Set("PLACE", sentence.Written[placeFrom..placeTo]);
        // a company's name starts with where it is registered: sure enough within the release's own area
        if (place is null && placeFrom < 0 && enterprise is { } company && AreaAt(text, company.From, company.To) is ({ } registered, var registeredTo)
            && (area is null || area.Id.Length != 6 || (registered.Id.Length == 6 && registered.Id.AsSpan(0, 2).SequenceEqual(area.Id.AsSpan(0, 2)))))
        {
            place = registered;
            entry.Set("PLACE", sentence.Written[company.From..registeredTo]);
        }
        entry.Set(Concepts.RefArea, place);
    }

    // where what follows a word starts, in the clause behind an index
    private static int After(ReadOnlySpan<char> text, int from, string word)
    {
        var clause = text[from..];
        var stop = clause.IndexOfAny("，。；,;");
        return (stop < 0 ? clause : clause[..stop]).IndexOf(word) is >= 0 and < 20 and var at ? from + at + word.Length : -1;
    }

    private static int Before(ReadOnlySpan<char> text, int to, string word)
    {
        var clause = text[Math.Max(0, to - Near)..to];
        clause = clause[(clause.LastIndexOfAny("。；;") + 1)..];
        return clause.LastIndexOf(word) is >= 0 and var at ? to - clause.Length + at + word.Length : -1;
    }

    private void SetStage(RegisterSentence sentence, RegisterEntry entry, Stage? stage)
    {
        if (stage is not { } found || entry.Has("STAGE"))
            return;
        entry.Set("STAGE", found.Code);
        entry.Set("STAGE_TEXT", sentence.Written[found.From..found.To]);
        if (found.IsEvent)
            entry.Set("STAGE_DATE", ProseStages.DateBefore(sentence.Text, found.From, published));
    }

    // 该项目由某某公司投资，年产…，已于6月投产: what the paragraph's next sentences say of its last project
    private void GoOn(RegisterSentence sentence, RegisterEntry entry)
    {
        var text = sentence.Text.AsSpan();
        var from = StartsWith(text, Subjects);
        if (!entry.Has("ENTERPRISE") && EnterpriseBeside(text, 0, from) is { } company)
            entry.Set("ENTERPRISE", sentence.Written[company.From..company.To]);
        if (!entry.Has("CAPACITY") && Capacity(text, from, text.Length) is { } capacity)
            SetCapacity(entry, capacity);
        SetStage(sentence, entry, ProseStages.First(text, from, text.Length));
        if (!entry.Has("PLACE") && After(text, from, "位于") is >= 0 and var at && AreaAt(text, at, text.Length) is ({ } place, var to))
        {
            entry.Set("PLACE", sentence.Written[at..to]);
            entry.Set(Concepts.RefArea, place);
        }
    }

    private readonly record struct Amount(decimal Value, Unit Unit, string? Frequency, int To);

    /// <summary>The capacity that a name states: 年产3万吨, 100万千瓦, 2×66万千瓦.</summary>
    private static Amount? Capacity(ReadOnlySpan<char> text, int from, int end)
    {
        for (var i = from; i < end; i++)
        {
            var word = StartsWith(text[i..end], CapacityWords);
            var at = i + word;
            while (word > 0 && at < end && text[at] is '能' or '达' or '为' or '约' or '量' or '力')
                at++;
            if (at >= end || !char.IsAsciiDigit(text[at]) || (at > 0 && (char.IsAsciiDigit(text[at - 1]) || text[at - 1] is '.' or ',' or '第')))
                continue;
            var times = 1m;
            if (at + 1 < end && text[at + 1] is '×' or 'x' or '*')
            {
                times = text[at] - '0';
                at += 2;
            }
            var to = at;
            while (to < end && (char.IsAsciiDigit(text[to]) || (text[to] is '.' or ',' && to + 1 < end && char.IsAsciiDigit(text[to + 1]))))
                to++;
            if (to == at || to - at > 20 || !decimal.TryParse(text[at..to], NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var value))
                continue;
            for (var length = Math.Min(6, end - to); length > 0; length--)
            {
                if (Units.Find(text.Slice(to, length).ToString()) is not { } unit || unit.Measure.Id is Concepts.Unspecified or "M" or "PT" or "CNY" or "USD" || !IsCapacity(word > 0, unit))
                    continue;
                var frequency = word == 0 ? null : text[i] == '年' ? "A" : text[i] == '日' ? "D" : null;
                return new Amount(times * value, unit, frequency, to + length);
            }
        }
        return null;
    }

    // without a word for it only power is a capacity: 50万千瓦光伏项目, but not 3万吨订单
    private static bool IsCapacity(bool isSaid, Unit unit) => unit.Measure.Id is "KW" or "MW" or "GW" or "KWH" or "MWH" or "GWH" || isSaid;

    private static void SetCapacity(RegisterEntry entry, Amount capacity)
    {
        entry.Set("CAPACITY", capacity.Value.ToString(CultureInfo.InvariantCulture));
        entry.Set("CAPACITY_UNIT", capacity.Unit.Measure);
        entry.Set("CAPACITY_MULT", Units.Multiplier(capacity.Unit.Multiplier));
        if (capacity.Frequency is { } frequency)
            entry.Set("CAPACITY_FREQ", Vocabulary.Load("frequencies").Codes[frequency]);
    }

    /// <summary>What is made: the name without enterprise, place, capacity and the words for its kind.</summary>
    private static string? Product(RegisterSentence sentence, int from, int end)
    {
        var text = sentence.Text.AsSpan();
        for (var cut = true; cut;)
        {
            cut = false;
            if (Kinds.Before(text[..end], end, out _) is > 0 and var kind && end - kind > from)
                (end, cut) = (end - kind, true);
            foreach (var word in ProductEnds)
                if (end - word.Length > from && text[from..end].EndsWith(word))
                    (end, cut) = (end - word.Length, true);
        }
        while (from < end && text[from] is '的' or '级' or '/' or '年')
            from++;
        return end - from >= 2 && char.IsLetterOrDigit(text[from]) && !RegisterText.IsGeneric(text[from..end]) ? sentence.Written[from..end] : null;
    }

    /// <summary>Wells: 某某3井, and 我国首口万米科探井——某某1号.</summary>
    private void ReadWells(RegisterSentence sentence)
    {
        var text = sentence.Text.AsSpan();
        for (var at = text.IndexOf('井'); at >= 0; at = text[(at + 1)..].IndexOf('井') is >= 0 and var next ? at + 1 + next : -1)
        {
            var from = RegisterText.NameStart(text, at, 1);
            var (start, end) = (from, at + 1);
            if (!text[from..at].ContainsAnyInRange('0', '9') || RegisterText.IsMark(text[at - 1]))
            {
                start = at + 1;
                while (start < text.Length && text[start] is '—' or '“' or '：' or ':' or '-' or '─' or '"')
                    start++;
                if (start == at + 1)
                    continue;
                end = start;
                while (end < text.Length && end - start < 16 && !RegisterText.IsMark(text[end]) && text[end] is not ('”' or '在' or '于' or '—') && RegisterWords.In("stages").At(text, end, out _) == 0
                    && RegisterWords.Of("BREAK").At(text, end, out _) == 0)
                    end++;
                if (!text[start..end].ContainsAnyInRange('0', '9'))
                    continue;
            }
            else if (at - from > 16 || !HasName(text[from..at]))
            {
                continue;
            }
            var id = text[start..end].TrimEnd('井').ToString();
            var name = sentence.Written[start..end];
            if (Register.Entry(Labels.ToCode(id, null) with { Labels = new Dictionary<string, string> { ["zh"] = name } }, name) is not { } entry)
                return;
            entry.Mention(sentence.Where(start, end), sentence.States);
            (last, lastBlock) = (entry, sentence.Block);
            entry.Set("DEPTH_CLASS", Depth(text[..end]));
            if (text[end..].IndexOf("井深") is >= 0 and var deep && text[(end + deep)..].IndexOf('米') is > 0 and <= 12 and var unit)
                entry.Set("DEPTH_CLASS", Depth(text[..(end + deep + unit + 1)]));
            var stage = ProseStages.Before(text, start) ?? ProseStages.First(text, end, text.Length);
            SetStage(sentence, entry, stage);
            SetPlace(sentence, entry, start, end, null, -1, -1, null);
        }
    }

    // 深地塔科1井, but not 3口井 or 1号油井 without a name
    private static bool HasName(ReadOnlySpan<char> name) => ProseTerms.IsHan(name[0]) && name[^1] is not ('口' or '油' or '气') && !name.Contains('口') && !name.ContainsAny("个米平深达");

    // 万米, 8000米级: the metres that a well is named after
    private static Code? Depth(ReadOnlySpan<char> text)
    {
        var at = text.LastIndexOf('米');
        if (at < 1)
            return null;
        var from = at;
        while (from > 0 && (char.IsAsciiDigit(text[from - 1]) || text[from - 1] is '万' or '千' or '百' or '一' or '二' or '两' or '三' or '四' or '五' or '六' or '七' or '八' or '九'))
            from--;
        long metres = 0, digit = 0;
        foreach (var c in text[from..at])
        {
            if (c is '万' or '千' or '百')
                (metres, digit) = ((metres + Math.Max(1, digit)) * c switch { '万' => 10_000, '千' => 1_000, _ => 100 }, 0);
            else
                digit = char.IsAsciiDigit(c) ? Math.Min(digit * 10 + c - '0', 100_000) : c == '两' ? 2 : "一二三四五六七八九".IndexOf(c, StringComparison.Ordinal) + 1;
            if (metres > 1_000_000)
                return null;
        }
        metres += digit;
        return metres < 1_000 ? null : new Code(metres.ToString(CultureInfo.InvariantCulture))
        {
            Labels = new Dictionary<string, string> { ["zh"] = text[from..(at + 1)].ToString(), ["en"] = string.Create(CultureInfo.InvariantCulture, $"{metres:N0} metres") },
        };
    }

    /// <summary>English: a run of capitalised words that ends with Project.</summary>
    private void ReadEnglish(RegisterSentence sentence)
    {
        var written = sentence.Written.AsSpan();
        for (var at = written.IndexOf(" Project"); at > 0; at = written[(at + 8)..].IndexOf(" Project") is >= 0 and var next ? at + 8 + next : -1)
        {
            var end = at + 8;
            if (end < written.Length && char.IsLetter(written[end]))
                continue;
            var (start, words) = (at, 0);
            while (start > 0)
            {
                var word = written[..start].LastIndexOf(' ') + 1;
                if (word >= start || !(char.IsUpper(written[word]) || char.IsDigit(written[word])) || start - word > 30 || end - word > RegisterText.LongestName + 40)
                    break;
                if (written[word..start] is not ("The" or "This" or "A" or "Key" or "Major"))
                    words++;
                else
                    break;
                start = word;
                if (start == 0 || written[start - 1] != ' ')
                    break;
                start--;
            }
            while (start < at && written[start] == ' ')
                start++;
            if (words < 2)
                continue;
            var name = sentence.Written[start..end];
            if (Register.Entry(Labels.ToCode(name, "en"), name) is not { } entry)
                return;
            entry.Mention(sentence.Where(start, end), sentence.States);
            SetStage(sentence, entry, ProseStages.First(sentence.Text, end, sentence.Text.Length));
            entry.Set("CLUSTER", IndustryClusters.Of(null, sentence.Text.AsSpan(start, end - start)));
        }
    }

    private static int StartsWith(ReadOnlySpan<char> text, ReadOnlySpan<string> words)
    {
        foreach (var word in words)
            if (text.StartsWith(word))
                return word.Length;
        return 0;
    }
}
