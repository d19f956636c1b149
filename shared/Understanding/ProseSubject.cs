namespace Pipeline.Understanding;

/// <summary>What a figure is about; null where the text does not say.</summary>
/// <param name="Area">The place.</param>
/// <param name="Population">Which units are observed: 规模以上, 私营企业.</param>
/// <param name="Activity">The industry.</param>
/// <param name="Product">The product.</param>
/// <param name="Indicator">What is measured: a code of <c>indicators.csv</c>, or one made from the text's own words.</param>
internal sealed record ProseSubject(Code? Area, Code? Population, Code? Activity, Code? Product, Code? Indicator)
{
    private const string Output = "OUTPUT";
    private const string Rate = "RATE";
    private const string Generic = "GENERIC";
    private const int LongestName = 60;

    // what names of statistics end with
    private static readonly string[] Heads =
    [
        "额", "值", "量", "率", "数", "收入", "支出", "投资", "价格", "指数", "面积", "余额", "规模", "顺差", "逆差", "消费", "产能", "装机", "里程", "存量", "贷款", "存款", "利润", "成本", "税收",
        "收益", "薪酬", "工资", "产值", "价值", "增量", "人口", "就业", "进出口", "出口", "进口", "用电", "发电", "比例", "系数", "占比", "比重", "面", "度", "资金", "外资", "营收", "游客", "人员", "单产", "销售", "产量",
        "rate", "ratio", "margin", "value", "output", "sales", "revenue", "income", "expenditure", "investment", "prices", "price", "index", "volume", "number", "exports", "imports", "production", "turnover", "profits",
        "deposits", "loans", "balance", "employment", "unemployment", "population", "surplus", "deficit", "coverage", "area", "consumption", "generation", "capacity", "wages", "earnings", "spending", "trade",
    ];

    /// <summary>Whether nothing was named.</summary>
    public bool IsEmpty => Area is null && Population is null && Activity is null && Product is null && Indicator is null;

    /// <summary>Whether only the place was named.</summary>
    public bool IsAreaOnly => Area is not null && this == new ProseSubject(Area, null, null, null, null);

    /// <summary>Whether the indicator has a level in per cent and no growth, such as an unemployment rate.</summary>
    public bool IsRate => Indicator?.Parent == Rate;

    /// <summary>Whether it is the output of a product.</summary>
    public bool IsOutput => Indicator?.Id == Output;

    /// <summary>Whether the indicator says nothing without an industry or a product: 增加值, 产量.</summary>
    public bool IsGeneric => Indicator?.Parent == Generic && Population is null && Activity is null && Product is null;

    /// <summary>Whether the words name something that is measured (轿车, 集体企业), and not what is measured of it.</summary>
    public bool IsPart { get; init; }

    /// <summary>This part's figure for what an earlier subject measures: 钢材产量…，轿车100万辆.</summary>
    public ProseSubject AsPartOf(ProseSubject earlier)
    {
        var name = Indicator!.Labels.Values.First();
        bool Ends(string ending) => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
        var part = earlier with { Area = Area ?? earlier.Area, Certainty = Certainty };
        return Ends("企业") || Ends("单位") || Ends("enterprises") ? part with { Population = Indicator }
            : Ends("业") || Ends("industry") ? part with { Activity = Indicator }
            : Ends("地区") && Area is null ? part with { Area = Indicator }
            : part with { Product = Indicator };
    }

    /// <summary>Whether the indicator's name says that it has a level in per cent: 入住率, 优良天数比例.</summary>
    public bool NamesRate => Indicator is { } indicator && (NamesShare || indicator.Labels.Values.Any(label => label[^1] is '率' or '度' or '数' || EndsWithAny(label, "比例", "rate", "ratio", "margin")
        || label.Contains(" rate ", StringComparison.OrdinalIgnoreCase) || label.Contains(" ratio ", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether the indicator's name says that it is a share of a whole: 增长面, 占比.</summary>
    public bool NamesShare => !IsRate && Indicator!.Labels.Values.Any(label => label[^1] == '面' || EndsWithAny(label, "比重", "占比", "份额", "coverage")
        || label.Contains("share of", StringComparison.OrdinalIgnoreCase) || label.Contains("proportion of", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the indicator is a stock, whose period is the end of the one that is named: 贷款余额.</summary>
    public bool NamesStock => Indicator!.Id is "DEPOSITS" or "LOANS" || Indicator.Labels.Values.Any(label => EndsWithAny(label, "余额", "balance", "outstanding"));

    /// <summary>Whether the indicator's name says that it is a capacity, and no output.</summary>
    public bool NamesCapacity => Indicator!.Labels.Values.Any(label => EndsWithAny(label, "产能", "装机", "装机容量", "生产能力", "installed capacity"));

    private static bool EndsWithAny(string label, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
            if (label.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    /// <summary>How sure it is that the words name a statistic, from 0 to 1.</summary>
    public double Certainty { get; init; } = 1;

    /// <summary>Whether a text names what statistics measure.</summary>
    public static bool NamesMeasure(ReadOnlySpan<char> text)
    {
        foreach (var head in Heads)
            if (text.IndexOf(head, StringComparison.Ordinal) >= 0)
                return true;
        return false;
    }

    /// <summary>Reads the words of one subject.</summary>
    /// <param name="sentence">The sentence, folded.</param>
    /// <param name="words">Its tokens, without periods and connecting words at its ends.</param>
    /// <param name="resolveArea">What a word for an area means in this release; null when that can not be told.</param>
    /// <param name="isEnglish">Whether the text is English.</param>
    public static ProseSubject Of(ReadOnlySpan<char> sentence, List<Token> words, Func<Code, Code?> resolveArea, bool isEnglish)
    {
        Code? area = null, population = null, activity = null, product = null, indicator = null;
        bool isMixed = false, isProduced = false;
        var certainty = 1.0;
        var first = -1;
        for (var i = 0; i < words.Count; i++)
        {
            var token = words[i];
            switch (token.Kind)
            {
                // trade with ASEAN: a partner, and not the area of the figure
                case TokenKind.Area when isEnglish && IsPartner(sentence, words, i):
                    isMixed = true;
                    break;
                case TokenKind.Area when area is null && (first < 0 || isEnglish):
                    area = resolveArea(token.Code!);
                    certainty *= area is null ? 0.4 : 1;
                    continue;
                case TokenKind.Noise or TokenKind.Bodies or TokenKind.Is or TokenKind.Has or TokenKind.Adverb or TokenKind.Period or TokenKind.OtherTime or TokenKind.SamePeriod or TokenKind.SoFar or TokenKind.Link or TokenKind.Transformation or TokenKind.Adjustment or TokenKind.Preliminary:
                    continue;
                case TokenKind.Compare when isEnglish && i + 1 < words.Count && words[i + 1].Kind == TokenKind.Period:
                    continue;
                case TokenKind.Produce:
                    isProduced = true;
                    break;
                case TokenKind.Population when population is null && indicator is null | isEnglish:
                    population = token.Code;
                    break;
                case TokenKind.Activity when activity is null && indicator is null | isEnglish:
                    activity = token.Code;
                    break;
                case TokenKind.Product when product is null && indicator is null | isEnglish:
                    product = token.Code;
                    break;
                case TokenKind.Indicator when indicator is null:
                    indicator = token.Code;
                    break;
                default:
                    isMixed = true;
                    break;
            }
            first = first < 0 ? i : first;
        }
        if (first < 0)
            return new ProseSubject(area, null, null, null, null) { Certainty = certainty };
        // 规上工业生产原煤: of industry as a whole, which makes every product
        if (isProduced && product is not null && activity?.Id == "B_D")
            activity = null;
        // 煤炭工业, 汽车制造 and the like in one word with other words: the whole is a name of its own
        if (isProduced && !isMixed && product is not null && indicator is null)
            indicator = Vocabulary.Load("indicators").Codes[Output];
        isMixed |= activity is not null && product is not null;
        if (!isMixed)
            return new ProseSubject(area, population, activity, product, indicator) { Certainty = certainty };
        // 单晶硅棒产量, 生产无缝钢管, output of seamless pipes: a product by its own name
        var rest = words.Skip(first).Where(token => token.Kind is not (TokenKind.Noise or TokenKind.Produce or TokenKind.Period or TokenKind.Link or TokenKind.Compare)).ToList();
        var isOutput = isProduced || (indicator?.Id == Output && rest[^1].Kind == TokenKind.Indicator) || (isEnglish && indicator?.Id == Output && rest[0].Kind == TokenKind.Indicator);
        rest.RemoveAll(token => token.Kind == TokenKind.Indicator && token.Code!.Id == Output);
        if (isOutput && rest.Count > 0 && rest.TrueForAll(token => token.Kind is TokenKind.Residual or TokenKind.Product or TokenKind.Activity or TokenKind.And) && Name(sentence, rest, isEnglish) is { Length: > 0 and <= 20 or > 0 and <= 40 } name)
            return new ProseSubject(area, isProduced ? population : null, null, Named(name, isEnglish), Vocabulary.Load("indicators").Codes[Output]) { Certainty = certainty };
        var label = Name(sentence, [.. words.Skip(first)], isEnglish);
        if (label.Length == 0)
            return new ProseSubject(area, null, null, null, null) { Certainty = certainty };
        var isKnown = words[^1].Kind is TokenKind.Indicator or TokenKind.ShareNoun || Array.Exists(Heads, head => label.EndsWith(head, StringComparison.Ordinal) || (isEnglish && label.StartsWith(head, StringComparison.Ordinal) && label.Length > head.Length && label[head.Length] == ' ')) || (isEnglish && words.Any(w => w.Kind == TokenKind.Indicator));
        // whole clauses are no names: the value added was strong and its exports
        certainty *= isEnglish && (words.FindLastIndex(token => token.Kind is TokenKind.Is) > 0 || char.IsAsciiDigit(label[0])) ? 0.5 : 1;
        certainty *= (isKnown ? 1 : 0.85) * (label.Length > (isEnglish ? 90 : 24) ? 0.8 : 1);
        var isPart = !isKnown && !words.Any(token => token.Kind is TokenKind.Indicator or TokenKind.Up or TokenKind.Down) && label.Length <= (isEnglish ? 60 : 16);
        return new ProseSubject(area, null, null, null, Named(label.Length > LongestName * 2 ? label[..(LongestName * 2)] : label, isEnglish)) { Certainty = certainty, IsPart = isPart };
    }

    private static bool IsPartner(ReadOnlySpan<char> sentence, List<Token> words, int area)
    {
        var before = area - 1;
        while (before > 0 && words[before].Kind == TokenKind.Noise)
            before--;
        return before > 0 && sentence[words[before].From..words[before].To] is "with" or "to" or "from";
    }

    /// <summary>A code from the text's own words.</summary>
    public static Code Named(string name, bool isEnglish) => isEnglish ? Labels.ToCode(char.ToUpperInvariant(name[0]) + name[1..], "en") : Labels.ToCode(name, "zh");

    /// <summary>The words of tokens as the text has them, without periods and the marks that set words apart.</summary>
    public static string Name(ReadOnlySpan<char> sentence, List<Token> words, bool isEnglish)
    {
        var name = new System.Text.StringBuilder();
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i].Kind is TokenKind.Period or TokenKind.OtherTime or TokenKind.SamePeriod or TokenKind.SoFar or TokenKind.Transformation or TokenKind.Adjustment or TokenKind.Preliminary)
                continue;
            var next = i + 1 < words.Count ? words[i + 1].From : words[i].To;
            name.Append(sentence[words[i].From..(i + 1 < words.Count && sentence[words[i].To..next].Trim().IsEmpty ? next : words[i].To)]);
        }
        var text = name.Replace(Clauses.Blanked.ToString(), "").ToString().Trim(' ', '“', '”', '"', '‘', '’', '、', '的', '-', '—');
        if (!isEnglish)
            return text.Replace(" ", "", StringComparison.Ordinal);
        foreach (var article in (ReadOnlySpan<string>)["and ", "as ", "the ", "a ", "an ", "of "])
            if (text.StartsWith(article, StringComparison.Ordinal))
                text = text[article.Length..];
        return text.Trim();
    }
}
