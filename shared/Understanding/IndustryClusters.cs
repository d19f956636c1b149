namespace Pipeline.Understanding;

/// <summary>
/// Industry clusters (产业集群): the kinds of <c>clusters.csv</c>, with stable codes, and others that a text names, coded by their name. A region's whole
/// system (八大产业集群) is a code of its own, the parent of its clusters; its id ends with the code of the area whose system it is.
/// </summary>
internal static class IndustryClusters
{
    private const string Suffix = "产业集群";
    private const int LongestOther = 20;

    private static readonly RegisterWords Known = RegisterWords.In("clusters");

    private static readonly Code[] Systems = [.. Vocabulary.Load("clusters").Codes.Values.Where(code => code.Parent is null)];

    private static readonly Dictionary<string, Code> Activities = Vocabulary.Load("cluster-members").Terms.Where(term => IsActivity(term.Key))
        .ToDictionary(term => term.Key, term => Vocabulary.Load("clusters").Codes[term.Value.Id], StringComparer.Ordinal);

    /// <summary>
    /// The cluster that an industry, a product or an indicator belongs to, by <c>cluster-members.csv</c>; null where that is not sure: no word says it,
    /// or words of two clusters stand beside each other.
    /// </summary>
    /// <param name="activity">The industry; null when none is named.</param>
    /// <param name="words">The words that name the product, the project or the indicator; may be empty.</param>
    public static Code? Of(Code? activity, ReadOnlySpan<char> words)
    {
        if (activity is not null && Activities.TryGetValue(activity.Id, out var byActivity))
            return byActivity;
        if (words.IsEmpty)
            return null;
        var text = ProseTerms.Fold(words);
        var members = RegisterWords.In("cluster-members");
        Code? found = null;
        for (var at = 0; at < text.Length;)
        {
            var (next, length, code) = members.First(text, at);
            if (length == 0)
                break;
            at = next + length;
            if (IsActivity(text.AsSpan(next, length)))
                continue;
            if (found is not null && found.Id != code!.Id)
                return null;
            found = code;
        }
        return found is null ? null : Vocabulary.Load("clusters").Codes[found.Id];
    }

    /// <summary>The system of clusters of the region that an area is in or is; null where none is known.</summary>
    public static Code? SystemOf(Code area) => Array.Find(Systems, system => IsOf(system, area));

    /// <summary>Adds the clusters that a sentence names to the register.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="register">The register.</param>
    /// <param name="area">The release's own area; null when it can not be told.</param>
    public static void Read(RegisterSentence sentence, RegisterCube register, Code? area)
    {
        var text = sentence.Text.AsSpan();
        for (var at = Next(text, 0, "集群"); at >= 0; at = Next(text, at + 2, "集群"))
            ReadOne(sentence, register, area, at);
        for (var at = Next(text, 0, " cluster"); at >= 0; at = Next(text, at + 1, " cluster"))
        {
            var end = text[..at].EndsWith(" industrial") ? at - 11 : text[..at].EndsWith(" industry") ? at - 9 : at;
            if (Known.Before(text, end, out var code) is > 0 and var length && (end == length || text[end - length - 1] == ' '))
                Add(sentence, register, area, code!, end - length, at + 8);
        }
    }

    private static int Next(ReadOnlySpan<char> text, int from, ReadOnlySpan<char> word) =>
        from < text.Length && text[from..].IndexOf(word) is >= 0 and var at ? from + at : -1;

    private static void ReadOne(RegisterSentence sentence, RegisterCube register, Code? area, int at)
    {
        var text = sentence.Text.AsSpan();
        var end = at + 2;
        var cut = text[..at].EndsWith("产业") ? at - 2 : at;
        var number = Counted(text, cut);
        // 粮油、果蔬等3个集群, 电子信息、生物医药等产业集群, 新能源等八大产业集群
        var listEnd = number >= 0 ? number : cut;
        var isList = listEnd > 0 && text[listEnd - 1] == '等';
        if (number >= 0 && text[cut - 1] == '大')
        {
            var name = sentence.Text[number..cut] + Suffix;
            var system = Vocabulary.Load("clusters").Find(name);
            Add(sentence, register, area, system is not null && IsOf(system, area) ? system : Labels.ToCode(name, null), number, end);
        }
        if (isList)
        {
            foreach (var (from, to) in RegisterText.List(text, listEnd - 1))
                AddNamed(sentence, register, area, from, to, to, isSure: cut < at && number < 0);
            return;
        }
        if (number >= 0)
            return;
        var start = AddNamed(sentence, register, area, RegisterText.NameStart(text, cut, 0), cut, end, isSure: cut < at || text[..at].EndsWith("制造业"));
        // 粮油、绿色有机果蔬和优质畜产品产业集群
        while (start > 1 && text[start - 1] is '、' or '和' or '与' or '及' && Known.Before(text, start - 1, out var code) is > 0 and var length)
        {
            Add(sentence, register, area, code!, start - 1 - length, start - 1);
            start -= 1 + length;
        }
    }

    // where 八大 of 八大产业集群, or 3个 of 3个集群, starts; -1 without a number
    private static int Counted(ReadOnlySpan<char> text, int cut)
    {
        if (cut < 2 || text[cut - 1] is not ('大' or '个' or '类'))
            return -1;
        var i = cut - 1;
        while (i > 0 && (char.IsAsciiDigit(text[i - 1]) || text[i - 1] is '一' or '二' or '两' or '三' or '四' or '五' or '六' or '七' or '八' or '九' or '十'))
            i--;
        return i < cut - 1 ? i : -1;
    }

    /// <summary>Adds what is named from one index to another, and says where its name starts; -1 when it is no name.</summary>
    private static int AddNamed(RegisterSentence sentence, RegisterCube register, Code? area, int from, int cut, int end, bool isSure)
    {
        var text = sentence.Text.AsSpan();
        // a known one may hold a 和 or a 、 of its own
        foreach (var to in (ReadOnlySpan<int>)[cut, Math.Max(cut, end - 2)])
        {
            if (Known.Before(text, to, out var code) is > 0 and var length && (to - length <= from || text[to - length - 1] is '和' or '与' or '及' || WithoutLead(text, from, to, area) == to - length))
            {
                Add(sentence, register, area, code!, to - length, end);
                return to - length;
            }
        }
        from = WithoutLead(text, from, cut, area);
        if (!isSure || cut - from is < 2 or > LongestOther || RegisterText.IsGeneric(text[from..cut]) || !ProseTerms.IsHan(text[from]))
            return -1;
        Add(sentence, register, area, Labels.ToCode(sentence.Text[from..cut] + Suffix, null), from, end);
        return from;
    }

    // 新疆千亿级某某产业集群: neither the release's own area nor the level is the name
    private static int WithoutLead(ReadOnlySpan<char> text, int from, int to, Code? area)
    {
        for (var i = from; i < to;)
        {
            var length = RegisterWords.Of("LEVEL").At(text, i, out _);
            if (length == 0 && RegisterWords.Areas.At(text, i, out var place) is > 0 and var name && place!.Id == area?.Id)
                length = name;
            if (length == 0 && (text[i..].StartsWith("全区") || text[i..].StartsWith("全省") || text[i..].StartsWith("全市")))
                length = 2;
            if (length == 0 || i + length >= to)
                return i;
            i += length;
        }
        return from;
    }

    private static void Add(RegisterSentence sentence, RegisterCube register, Code? area, Code code, int from, int end)
    {
        var own = code.Parent is { } parent && IsOf(Vocabulary.Load("clusters").Codes[parent], area) ? code : code with { Parent = null };
        var name = sentence.Written[from..end];
        if (register.Entry(own, own.Labels.GetValueOrDefault(name.Length > 0 && ProseTerms.IsHan(name[0]) ? "zh" : "en", name)) is not { } entry)
            return;
        entry.Mention(sentence.Where(from, end), sentence.States);
        entry.Set("PART_OF", own.Parent is { } system ? Vocabulary.Load("clusters").Codes[system] : code.Parent is null && !Vocabulary.Load("clusters").Codes.ContainsKey(code.Id) ? Of(null, name) : null);
    }

    // whether a system is that of the release's area: the first two digits are the province
    private static bool IsOf(Code system, Code? area) =>
        area is not null && system.Id.LastIndexOf('_') is > 0 and var at && (area.Id == system.Id[(at + 1)..] || area.Parent == system.Id[(at + 1)..] || (area.Id.Length == 6 && area.Id.AsSpan(0, 2).SequenceEqual(system.Id.AsSpan(at + 1, 2))));

    private static bool IsActivity(ReadOnlySpan<char> word) => word.Length > 0 && (char.IsAsciiLetterUpper(word[0]) || (char.IsAsciiLetterLower(word[0]) && word.Length > 2 && char.IsAsciiDigit(word[1])));
}
