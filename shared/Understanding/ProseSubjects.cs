namespace Pipeline.Understanding;

/// <summary>
/// Tells whose figures a clause states: what it names itself, and what it takes over from the clauses before (<see cref="ProseCarry"/>).
/// </summary>
internal sealed class ProseSubjects(ProseCarry carry, Func<Code, Code?> resolveArea, Code? releaseScope, bool isEnglish)
{
    private const string Scope = "ABOVE_SIZE";
    private const string Industry = "B_D";
    private const string Output = "OUTPUT";

    private static readonly IReadOnlyDictionary<string, Code> Indicators = Vocabulary.Load("indicators").Codes;
    private static readonly IReadOnlyDictionary<string, Code> Industries = Vocabulary.Load("industries").Codes;

    /// <summary>The sentence as it was written and as it is read, where names in it lose capitals or traditional characters; else null.</summary>
    public (string Written, string Folded)? Sentence { get; set; }

    // exports to the European Union, 零售業銷貨價值: a name from the folded text is shown as it was written
    private Code? AsWritten(Code? name)
    {
        var language = isEnglish ? "en" : "zh";
        if (Sentence is not { } sentence || name is not { Labels.Count: 1 } || !name.Labels.TryGetValue(language, out var label) || sentence.Folded.IndexOf(label, StringComparison.OrdinalIgnoreCase) is not (>= 0 and var at))
            return name;
        return name with { Labels = new Dictionary<string, string> { [language] = char.ToUpperInvariant(sentence.Written[at]) + sentence.Written.Substring(at + 1, label.Length - 1) } };
    }

    /// <summary>A subject in the area that the sentence has turned to, where it names none itself.</summary>
    public ProseSubject WithArea(ProseSubject subject) => subject with { Area = subject.Area ?? carry.Area };

    /// <summary>Takes connecting words and periods off both ends, and the area that the words begin with.</summary>
    public (List<Token> Words, Code? Area) Trim(List<Token> words)
    {
        var from = 0;
        Code? area = null;
        for (; from < words.Count; from++)
        {
            var token = words[from];
            var skips = token.Kind is TokenKind.Link or TokenKind.ThatIs or TokenKind.Period or TokenKind.OtherTime or TokenKind.SoFar or TokenKind.SamePeriod or TokenKind.Adverb or TokenKind.Noise or TokenKind.And
                or TokenKind.Is or TokenKind.Preliminary or TokenKind.Target or TokenKind.Plan or TokenKind.Forecast or TokenKind.Has or TokenKind.Transformation or TokenKind.ListSeparator or TokenKind.Respectively or TokenKind.Average or TokenKind.Done or TokenKind.Adjustment
                || (isEnglish && token.Kind is TokenKind.Compare or TokenKind.By or TokenKind.Within or TokenKind.Toward);
            if (skips)
                continue;
            // 全区固定资产投资, but not 甲市、乙市固定资产投资
            var isList = from + 1 < words.Count && words[from + 1].Kind is TokenKind.And or TokenKind.ListSeparator or TokenKind.Separator;
            if (token.Kind != TokenKind.Area || isList || from + 1 == words.Count || area is not null)
                break;
            if (resolveArea(token.Code!) is not { } named)
                break;
            area = named;
        }
        var to = words.Count;
        while (to > from && words[to - 1].Kind is TokenKind.Period or TokenKind.OtherTime or TokenKind.SoFar or TokenKind.SamePeriod or TokenKind.Adverb or TokenKind.ListSeparator or TokenKind.And or TokenKind.Link or TokenKind.Separator)
            to--;
        return (words.GetRange(from, to - from), area);
    }

    /// <summary>The parts of a list: 采矿业、制造业.</summary>
    public static List<List<Token>> Split(List<Token> words)
    {
        var parts = new List<List<Token>>();
        var from = 0;
        for (var i = 0; i <= words.Count; i++)
        {
            if (i < words.Count && !IsMark(words[i]))
                continue;
            if (i > from)
                parts.Add(words.GetRange(from, i - from));
            from = i + 1;
        }
        return parts;
    }

    private static bool IsMark(Token token) => token.Kind is TokenKind.ListSeparator or TokenKind.And or TokenKind.Separator;

    private static List<List<Token>> SplitAtMarks(List<Token> words)
    {
        var parts = new List<List<Token>>();
        var from = 0;
        for (var i = 0; i <= words.Count; i++)
        {
            if (i < words.Count && words[i].Kind != TokenKind.ListSeparator)
                continue;
            if (i > from)
                parts.Add(words.GetRange(from, i - from));
            from = i + 1;
        }
        return parts;
    }

    private static List<List<Token>> SplitAtArticles(List<Token> words)
    {
        var parts = new List<List<Token>>();
        var from = 0;
        for (var i = 1; i < words.Count; i++)
        {
            if (i + 1 == words.Count || words[i].Kind != TokenKind.And || words[i + 1].Kind is not (TokenKind.Noise or TokenKind.ThatOf))
                continue;
            parts.Add(words.GetRange(from, i - from));
            from = i + 1;
        }
        parts.Add(words.GetRange(from, words.Count - from));
        return parts;
    }

    /// <summary>How sure it is that a number with its object is a statistic: 新增5个国家生态文明示范区.</summary>
    public const double OfCountedObject = 0.65;

    /// <summary>What was done, and to what: 新增…国家生态文明示范区; null where the words behind the number are no object, but go on.</summary>
    public string? CountedObject(ReadOnlySpan<char> sentence, List<Token> figures, List<Token> words, List<Token> tail)
    {
        if (words.Count is 0 or > 2 || figures.Count > 1 || figures[0].Code!.Id is not ("UNIT" or "ENT" or "PS" or "HH" or "SET" or "CASES" or "PIECES" or "VEHICLE" or "DEALS"))
            return null;
        if (words[^1].Kind != TokenKind.Residual || words[^1].To - words[^1].From > 4 || tail[0].Kind is not (TokenKind.Residual or TokenKind.Activity or TokenKind.Product or TokenKind.Population)
            || sentence[tail[0].From] is '的' or '中' or '内' || tail.Exists(token => token.Kind is TokenKind.Figure or TokenKind.Number or TokenKind.Is or TokenKind.Up or TokenKind.Down or TokenKind.Pull))
        {
            return null;
        }
        var name = ProseSubject.Name(sentence, words, isEnglish) + ProseSubject.Name(sentence, tail, isEnglish);
        return name.Length <= 30 ? name : null;
    }

    /// <summary>Whose figures they are: what the clause names, completed by what it takes over; null where that is not understood.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="figures">The clause's figures.</param>
    /// <param name="words">The words that name their subjects.</param>
    /// <param name="predicate">What the clause says of them.</param>
    /// <param name="confidence">Lowered by each doubt.</param>
    public IReadOnlyList<ProseSubject>? Of(ReadOnlySpan<char> sentence, List<Token> figures, List<Token> words, ProsePredicate predicate, ref double confidence)
    {
        // the upper bound of a range is of the same subject
        var count = carry.Periods is not null ? 1 : figures[^1].Bound == Bound.Upper && figures.Count == 2 && figures[0].Bound == Bound.Lower ? 1 : figures.Count;
        // 三次产业结构比为6.9:40.1:53.0
        if (count == 3 && words.Exists(token => token.Code?.Id == "GDP_STRUCTURE"))
            return [.. ((string[])["PRIMARY", "SECONDARY", "TERTIARY"]).Select(id => new ProseSubject(carry.Area, null, Industries[id], null, Indicators["GDP_STRUCTURE"]))];
        if (count == 2 && Expand(sentence, words) is { } expanded)
        {
            foreach (var subject in expanded)
                confidence *= subject.Certainty;
            return expanded;
        }
        if (carry.CountedOf is not null && predicate.Measure == Measure.Level && !ProsePredicate.IsPercent(figures[0]) && count == 1)
            return [new ProseSubject(carry.Area, null, null, null, ProseSubject.Named(CountName(sentence, ProseSubject.Name(sentence, words, isEnglish), figures[0]), isEnglish))];
        if (words.Count == 0 || words.TrueForAll(token => token.Kind is TokenKind.Noise or TokenKind.Link or TokenKind.Respectively))
        {
            // 甲、乙分别为5亿元、6亿元，分别增长5.2%、下降0.7%
            if (count == 1 && predicate.IsRespective && carry.Pending.Count == 0 && carry.Listed.Count > 1)
            {
                foreach (var subject in carry.Listed)
                    carry.Pending.Enqueue(subject);
                confidence *= 0.85;
            }
            if (count == 1 && carry.Pending.TryDequeue(out var pending))
                return [pending];
            return TakenOver(figures, count, predicate, ref confidence);
        }
        // 甲、乙进出口分别下降1.9%、增长4.7%: the verb of the second figure stands before it
        if (count == 1 && predicate.IsRespective && Split(words) is { Count: > 1 } list && list[^1].Exists(token => token.Kind == TokenKind.Indicator))
        {
            var all = list.ConvertAll(part => part.Where(token => token.Kind != TokenKind.Respectively).ToList());
            var ofAll = all[^1].Find(token => token.Kind == TokenKind.Indicator)!.Code;
            carry.Pending.Clear();
            foreach (var part in all)
                carry.Pending.Enqueue(ProseSubject.Of(sentence, part, resolveArea, isEnglish) with { Indicator = ofAll });
            confidence *= 0.85;
            return [carry.Pending.Dequeue()];
        }
        // 增速下降3.1%: by per cent, or by points?
        if (!isEnglish && predicate.Measure == Measure.Growth && words[^1].Kind is TokenKind.Rate or TokenKind.Decline)
            confidence *= 0.5;
        if (isEnglish && words[0].Kind == TokenKind.ThatOf)
            words = words[1..];
        var parts = count > 1 ? Split(words) : [words];
        // 固定资产投资、进出口增长3.1%: each, or together?
        if (count == 1 && words.Exists(IsMark) && Split(words) is { Count: > 1 } several && several.TrueForAll(part => part[^1].Kind == TokenKind.Indicator))
            return null;
        // 装备制造业和高技术制造业继续领跑，增加值分别增长8.9%和9.7%
        if (parts.Count == 1 && count > 1 && carry.Topic.Count == count && ProseSubject.Of(sentence, words, resolveArea, isEnglish) is { Indicator: { } shared, Activity: null, Population: null, Product: null } of)
        {
            confidence *= of.Certainty;
            var ofTopic = new List<ProseSubject>(count);
            foreach (var subject in carry.Topic)
                ofTopic.Add(subject with { Indicator = shared, Area = of.Area ?? subject.Area });
            return ofTopic;
        }
        // 对东盟、欧盟进出口分别为…: partners, and not areas of the figures
        if (!isEnglish && parts.Count == count && count > 1 && words[0].Kind == TokenKind.Toward && words.FindLast(token => token.Kind == TokenKind.Indicator) is { Code: { } trade })
        {
            var partners = new List<ProseSubject>(count);
            foreach (var part in parts)
                partners.Add(new ProseSubject(carry.Area, null, null, null, ProseSubject.Named("对" + ProseSubject.Name(sentence, [.. part.Where(token => token.Kind is not (TokenKind.Toward or TokenKind.Indicator or TokenKind.Respectively))], isEnglish) + trade.Labels["zh"], isEnglish)));
            return partners;
        }
        // 自筹资金、定金及预收款、个人按揭贷款: a word for "and" inside a name
        if (!isEnglish && parts.Count > count)
            parts = SplitAtMarks(words);
        // the smelting and pressing of metals and the manufacture of machinery
        if (isEnglish && parts.Count > count)
            parts = SplitAtArticles(words);
        if (parts.Count != count)
            return null;
        var named = new List<ProseSubject>(count);
        foreach (var part in parts)
            named.Add(ProseSubject.Of(sentence, part, resolveArea, isEnglish));
        // 采矿业、制造业增加值; 甲地、乙地客运量: the last one's indicator is that of those before, in English the first one's that of those behind
        for (var i = 1; i < count; i++)
        {
            var (from, to) = isEnglish ? (i - 1, i) : (count - i, count - i - 1);
            var (source, target) = (named[from], named[to]);
            var isProduct = source.IsOutput && target.Indicator is { } product && target.Indicator.Parent is null && target.Indicator.Id.StartsWith("C_", StringComparison.Ordinal);
            if (isProduct)
                named[to] = target with { Indicator = source.Indicator, Product = target.Indicator };
            else if (target.Indicator is null)
                named[to] = target with { Indicator = source.Indicator };
        }
        for (var i = 1; i < count; i++)
            named[i] = named[i] with { Area = named[i].Area ?? named[0].Area, Population = named[i].Population ?? (named[i].Activity is not null ? named[0].Population : null) };
        var result = new List<ProseSubject>(count);
        foreach (var subject in named)
        {
            if (Complete(subject, sentence, figures, words, predicate, ref confidence) is not { } complete)
                return null;
            result.Add(complete);
        }
        return result;
    }

    // 城乡居民人均可支配收入分别增长5%、6.5%; 存贷款余额分别为…: one word for two
    private List<ProseSubject>? Expand(ReadOnlySpan<char> sentence, List<Token> words)
    {
        if (isEnglish || words.Count == 0 || words.Exists(token => token.Kind is TokenKind.ListSeparator or TokenKind.And))
            return null;
        var text = sentence[words[0].From..words[^1].To].ToString();
        foreach (var (compound, parts) in Compounds)
        {
            if (!text.Contains(compound, StringComparison.Ordinal))
                continue;
            var subjects = new List<ProseSubject>(parts.Length);
            foreach (var part in parts)
            {
                var one = text.Replace(compound, part, StringComparison.Ordinal);
                var found = new List<Token>();
                ProseTokens.Scan(one, one, found);
                subjects.Add(ProseSubject.Of(one, found, resolveArea, isEnglish));
            }
            return subjects.Exists(subject => subject.Indicator is null) ? null : subjects;
        }
        return null;
    }

    private static readonly (string Word, string[] Parts)[] Compounds = [.. Vocabulary.Load("compounds").Terms.GroupBy(term => term.Value.Id).Select(group => (group.Key, group.Select(term => term.Key).ToArray()))];

    /// <summary>The name of a count: 主要产品种数, 产量上升的主要产品种数.</summary>
    public string CountName(ReadOnlySpan<char> sentence, string what, Token figure)
    {
        if (isEnglish)
            return $"number of {carry.CountedOf} {what}".TrimEnd();
        var word = figure.Code?.Labels.GetValueOrDefault("zh") is not null && sentence[figure.To - 1] is not '个' ? sentence[figure.To - 1].ToString() : "";
        return $"{what}{carry.CountedOf}{word}数";
    }

    // a clause that names nothing is about what the one before is about
    private IReadOnlyList<ProseSubject>? TakenOver(List<Token> figures, int count, ProsePredicate predicate, ref double confidence)
    {
        if (carry.Topic.Count == count && carry.Topic[^1].Indicator is not null && carry.Previous.Count == 0)
        {
            confidence *= 0.9;
            return [.. carry.Topic.Select(subject => subject with { Indicator = subject.Indicator ?? carry.Topic[^1].Indicator })];
        }
        // 造纸和纸制品业由升转降，下降1.3%: of what the figures before measure
        if (predicate.Measure == Measure.Growth && carry.Topic.Count == count && carry.Topic[^1].Activity is not null && carry.Previous.Count == 0 && (carry.OfSentence ?? carry.OfParagraph) is { Indicator: { } measured } before)
        {
            confidence *= 0.85;
            return [.. carry.Topic.Select(subject => subject with { Indicator = measured, Population = subject.Population ?? before.Population })];
        }
        if (count > 1 && carry.Listed.Count >= count && predicate.IsRespective)
            return [.. carry.Listed.TakeLast(count)];
        if (carry.Previous.Count == count || (count > 1 && carry.Previous.Count == 1 && figures[^1].Bound == Bound.Upper))
            return carry.Previous;
        if (count > 1)
            return null;
        if (carry.OfSentence is { } ofSentence)
        {
            confidence *= carry.HasWandered ? 0.5 : 0.9;
            return [ofSentence];
        }
        if (carry.OfParagraph is { } ofParagraph)
        {
            confidence *= (carry.IsOneSubject || predicate.OfRate ? 0.8 : 0.5) * (carry.HasWandered ? 0.6 : 1);
            return [ofParagraph];
        }
        return null;
    }

    private ProseSubject? Complete(ProseSubject subject, ReadOnlySpan<char> sentence, List<Token> figures, List<Token> words, ProsePredicate predicate, ref double confidence)
    {
        var earlier = carry.Topic.Count == 1 && carry.Topic[0].Indicator is not null ? carry.Topic[0] : carry.OfSentence ?? carry.OfParagraph;
        confidence *= subject.Certainty;
        if (subject.IsEmpty)
            return null;
        var isQuantity = predicate.Measure == Measure.Level && !ProsePredicate.IsPercent(figures[0]);
        if (subject.IsAreaOnly)
        {
            // 分地区看，甲市、乙市分别增长…: of what the release is about
            if ((earlier ?? carry.OfRelease) is not { } whole)
                return null;
            confidence *= earlier is null ? 0.85 : carry.OfSentence is null && !carry.IsOneSubject ? 0.8 : 1;
            return whole with { Area = subject.Area, Certainty = 1 };
        }
        // 增加值 of what the clause before was about
        if (subject.IsGeneric && !isEnglish | subject.Indicator!.Id == "VALUE_ADDED")
        {
            if (carry.Topic.Count == 1 && (carry.Topic[0].Activity ?? carry.Topic[0].Population ?? carry.Topic[0].Product) is not null)
                subject = subject with { Activity = carry.Topic[0].Activity, Population = carry.Topic[0].Population, Product = carry.Topic[0].Product };
            else if (carry.OfSentence is { } of && (of.Activity ?? of.Population ?? of.Product) is not null)
                (subject, confidence) = (subject with { Activity = of.Activity, Population = of.Population, Product = of.Product }, confidence * 0.9);
            else if (carry.OfParagraph is { Indicator: { } same } ofParagraph && same.Id == subject.Indicator.Id && (ofParagraph.Activity ?? ofParagraph.Population ?? ofParagraph.Product) is not null)
                (subject, confidence) = (subject with { Activity = ofParagraph.Activity, Population = ofParagraph.Population, Product = ofParagraph.Product }, confidence * (carry.IsOneSubject ? 0.9 : 0.8));
            else if (carry.OfRelease is { } whole && whole.Indicator?.Id == subject.Indicator.Id)
                subject = subject with { Activity = whole.Activity, Population = whole.Population, Product = whole.Product };
            else
                confidence *= 0.8;
        }
        // 利润总额…；营业收入利润率…: of the same enterprises
        else if (subject is { Indicator: { } asked, Population: null, Activity: null, Product: null } && asked.Id != "VALUE_ADDED" && OfSurvey.Contains(asked.Id) && earlier is { Population.Id: Scope, Activity: { } surveyed, Indicator: { } other } && OfSurvey.Contains(other.Id))
        {
            subject = subject with { Population = earlier.Population, Activity = surveyed };
        }
        // 其中，出口…: of the enterprises, or the kind of trade, that the figure before was of
        else if (carry.OfPart && subject is { Indicator: { Id: "EXPORTS" or "IMPORTS" } part, Population: null, Activity: null, Product: null } && earlier is { Indicator: { } ofWhole })
        {
            const string trade = "进出口";
            if (ofWhole.Labels.GetValueOrDefault("zh") is { } name && ofWhole.Id.StartsWith("C_", StringComparison.Ordinal) && (name.EndsWith(trade, StringComparison.Ordinal) || name.EndsWith("出口", StringComparison.Ordinal)))
                subject = subject with { Indicator = ProseSubject.Named((name.EndsWith(trade, StringComparison.Ordinal) ? name[..^trade.Length] : name[..^2]) + part.Labels["zh"], isEnglish) };
            else if (ofWhole.Id is "TRADE" or "EXPORTS" or "IMPORTS")
                subject = subject with { Population = earlier.Population, Activity = earlier.Activity };
        }
        // 集体企业下降1.9%, 轿车100.2万辆: of what the paragraph measures
        if (subject.IsPart && earlier?.Indicator is { } measured && !measured.Id.StartsWith("C_", StringComparison.Ordinal)
            && (predicate.Measure == Measure.Growth || (isQuantity && (figures[0].Code!.Id == carry.Unit || (earlier.IsOutput && figures[0].Code!.Id is not ("CNY" or "USD" or "ENT" or "PS"))))))
        {
            return subject.AsPartOf(earlier);
        }
        if (subject.Indicator is null)
        {
            // 钢材11562万吨, its growth behind it: the output, unless the paragraph speaks of what else is done with products
            var ofOutput = earlier is null || earlier.IsOutput || (earlier.Product is null && isQuantity) || carry.Indicator?.Id == Output;
            if (subject.Product is not null && ofOutput)
                subject = subject with { Indicator = Indicators[Output] };
            else if (subject.Product is not null && earlier?.Product is not null)
                subject = subject with { Indicator = earlier.Indicator, Population = earlier.Population };
            else if (isQuantity && figures[0].Code!.Id is not ("CNY" or "USD"))
                subject = subject with { Indicator = ProseSubject.Named(ProseSubject.Name(sentence, words, isEnglish), isEnglish) };
            else if ((earlier?.Indicator ?? carry.Indicator ?? (carry.Scope is not null && subject.Activity is not null ? Indicators["VALUE_ADDED"] : null)) is { } indicator)
                subject = subject with { Indicator = indicator, Population = subject.Population ?? (subject.Activity is null ? null : earlier?.Population), Activity = subject.Activity ?? (subject.Population is null ? null : earlier?.Activity) };
            else
                (subject, confidence) = (new ProseSubject(subject.Area, null, null, null, ProseSubject.Named(ProseSubject.Name(sentence, words, isEnglish), isEnglish)), confidence * 0.8);
        }
        return subject;
    }

    // what the monthly survey of industrial enterprises above designated size asks
    private static readonly HashSet<string> OfSurvey = ["VALUE_ADDED", "PROFIT", "REVENUE", "DEBT_RATIO", "PROFIT_MARGIN", "EXPORT_DELIVERY", "SALES_RATE"];

    /// <summary>
    /// In a text on industry above designated size, the value added of an industry or of a kind of enterprise, and the output of a product, are those of
    /// the part above designated size: that is what these monthly surveys cover.
    /// </summary>
    public ProseSubject InScope(ProseSubject subject)
    {
        if (Sentence is not null)
            subject = subject with { Indicator = AsWritten(subject.Indicator), Product = AsWritten(subject.Product), Activity = AsWritten(subject.Activity), Population = AsWritten(subject.Population) };
        if (subject.IsOutput)
            return subject with { Population = subject.Population ?? carry.Scope };
        // what a text on industry above designated size has no code for is of it as well
        if (releaseScope is not null && subject.Indicator!.Id.StartsWith("C_", StringComparison.Ordinal) && subject.Population is null && subject.Activity is null)
            return subject with { Population = releaseScope, Activity = Industries[Industry] };
        if (!OfSurvey.Contains(subject.Indicator!.Id))
            return subject;
        var isIndustry = subject.Activity is { } activity && (activity.Id == Industry || activity.Parent == Industry || activity.Parent is "B" or "C" or "D");
        if (subject.Population?.Id == Scope && subject.Activity?.Id == Industry)
            carry.Scope = subject.Population;
        if (carry.Scope is not { } scope || subject.Population?.Id.StartsWith(Scope, StringComparison.Ordinal) == true || !(isIndustry || (subject.Activity is null && (subject.Population is not null || (releaseScope is not null && subject.Indicator.Id != "VALUE_ADDED")))))
            return subject;
        return subject with
        {
            Activity = subject.Activity ?? Industries[Industry],
            Population = subject.Population is not { } kind ? scope : new Code($"{Scope}_{kind.Id}")
            {
                // a kind that the text names itself has a label in one language only
                Labels = kind.Labels.ToDictionary(label => label.Key, label => label.Key == "zh" ? scope.Labels["zh"] + label.Value : $"{label.Value} above designated size"),
            },
        };
    }
}
