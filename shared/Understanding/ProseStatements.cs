namespace Pipeline.Understanding;

/// <summary>What a figure is about; null where the text does not say.</summary>
internal sealed record ProseSubject(Code? Area, Code? Population, Code? Activity, Code? Indicator);

/// <summary>A figure that a sentence states.</summary>
/// <param name="Subject">What it is about; always with an area and an indicator.</param>
/// <param name="Transformation">The code of <c>transformations.csv</c>.</param>
/// <param name="Period">TIME_PERIOD.</param>
/// <param name="Figure">The number with its unit.</param>
/// <param name="Value">The value, negative for a decline.</param>
/// <param name="ClauseFrom">Where its clause starts.</param>
internal sealed record ProseStatement(ProseSubject Subject, Code Transformation, string Period, Token Figure, decimal Value, int ClauseFrom);

/// <summary>
/// Reads the figures of one paragraph after another. What a later clause may take over from an earlier one is all here: the period and the stated year
/// from the paragraph, area, indicator and comparison from the sentence, the whole subject from the clause right before.
/// </summary>
internal sealed partial class ProseStatements
{
    private const string Scope = "ABOVE_SIZE";
    private const string Industry = "B_D";
    private const string Output = "OUTPUT";
    private const string Growth = "G1Y";
    private const string GrowthOverPrevious = "G1";
    private const string Percent = "PT";
    private const string Points = "PPT";
    private const string Times = "RATIO";

    private readonly DateOnly? published;
    private readonly Func<Code, Code?> resolveArea;
    private readonly string? releasePeriod;
    private readonly bool isEnglish;
    private readonly Code? releaseScope;
    private readonly List<Token> tokens = [];
    private List<Token> lead = [];
    private readonly List<Token> figures = [];

    private string? period;
    private bool periodFromRelease;
    private int? statedYear;
    private string? comparison;
    private bool comparesOnce;
    private Code? scope;
    private Code? namedIndicator;
    private bool isElsewhere;
    private bool isUnclear;
    private bool isProducing;
    private bool produces;
    private bool growsOverYear;
    private bool isPeriodConfirmed;
    private ProseSubject? paragraphSubject;
    private bool paragraphHasOneSubject;
    private TokenKind? lastVerb;
    private string? lastTransformation;
    private bool isTarget;
    private bool continues;
    private ProseSubject? sentenceSubject;
    private bool hasOneSubject;
    private bool hasWandered;
    private List<ProseSubject>? previous;

    /// <summary>Prepares for a release.</summary>
    /// <param name="published">When it came out, which resolves periods without a year.</param>
    /// <param name="ownArea">The area of a clause that names none.</param>
    /// <param name="resolveArea">What a word for an area means in this release; null when that can not be told.</param>
    /// <param name="releasePeriod">The period that the headline names, for growth in paragraphs that name none.</param>
    /// <param name="isAboveSize">Whether the headline says that the text is on industry above designated size.</param>
    /// <param name="isEnglish">In English growth has to say over what; in Chinese it is over one year unless it says otherwise.</param>
    public ProseStatements(DateOnly? published, Code? ownArea, Func<Code, Code?> resolveArea, string? releasePeriod, bool isAboveSize, bool isEnglish)
    {
        (this.published, OwnArea, this.resolveArea, this.releasePeriod, this.isEnglish) = (published, ownArea, resolveArea, releasePeriod, isEnglish);
        releaseScope = isAboveSize ? Vocabulary.Load("populations").Codes[Scope] : null;
    }

    /// <summary>The area of a clause that names none.</summary>
    public Code? OwnArea { get; }

    /// <summary>Starts a paragraph: its period is the release's until it names one.</summary>
    public void StartParagraph()
    {
        (period, periodFromRelease, statedYear, comparison, scope, namedIndicator) = (releasePeriod, releasePeriod is not null, null, null, releaseScope, null);
        (isElsewhere, isUnclear, isTarget, continues, paragraphSubject, paragraphHasOneSubject) = (false, false, false, false, null, true);
        hasWandered = false;
    }

    /// <summary>Reads one sentence.</summary>
    /// <param name="sentence">Folded, with asides blanked.</param>
    /// <param name="written">The same sentence as it was written.</param>
    /// <param name="stated">Called for each figure that is understood.</param>
    /// <param name="aside">Called for every other figure, with the code of the reason.</param>
    public void Read(ReadOnlySpan<char> sentence, ReadOnlySpan<char> written, Action<ProseStatement> stated, Action<Token, string> aside)
    {
        ProseTokens.Scan(sentence, written, tokens);
        (sentenceSubject, previous, hasOneSubject) = (continues ? sentenceSubject : null, null, hasOneSubject || !continues);
        (isProducing, lastVerb) = (isProducing && continues, null);
        if (comparesOnce && !continues)
            (comparison, comparesOnce) = (null, false);
        isUnclear &= continues;
        isTarget |= tokens.Exists(token => token.Kind == TokenKind.Target);
        var start = 0;
        var afterBreak = true;
        for (var i = 0; i < tokens.Count; i++)
        {
            var kind = tokens[i].Kind;
            if (kind == TokenKind.Separator)
            {
                Note(start, i);
                if (!tokens.Slice(start, i - start).TrueForAll(token => token.Kind is TokenKind.Link or TokenKind.Period))
                    previous = null;
                (start, afterBreak) = (i + 1, true);
            }
            else if (StartsFigures(i))
            {
                Note(start, i);
                var end = Group(i);
                var broken = end == tokens.Count || tokens[end].Kind is TokenKind.Separator or TokenKind.ListSeparator
                    || (tokens[end].Kind is TokenKind.Transformation or TokenKind.Respectively or TokenKind.Adverb && IsClosed(end));
                var after = broken && end < tokens.Count && tokens[end].Kind == TokenKind.Transformation ? tokens[end].Code!.Id : null;
                var respectively = broken && end < tokens.Count && tokens[end].Kind == TokenKind.Respectively;
                lead.Clear();
                lead.AddRange(tokens.Slice(start, i - start));
                var clauseFrom = start < i ? tokens[start].From : tokens[i].From;
                var reason = isTarget ? "figure-not-outturn"
                    : !broken || !afterBreak ? "figure-not-understood"
                    : Understand(sentence, after, respectively, clauseFrom, stated);
                if (reason is not null)
                {
                    previous = null;
                    isUnclear |= MayBeAbout();
                    hasWandered = true;
                    foreach (var figure in figures)
                        aside(figure, reason);
                }
                while (end < tokens.Count && tokens[end].Kind is TokenKind.Transformation or TokenKind.Respectively or TokenKind.Adverb)
                    end++;
                afterBreak = end < tokens.Count && tokens[end].Kind is TokenKind.Separator or TokenKind.ListSeparator;
                // the separator right after a figure does not end what the next clause may take over
                start = afterBreak ? end + 1 : end;
                i = start - 1;
            }
        }
        Note(start, tokens.Count);
        // a semicolon keeps the subject, and the targets of a list of targets
        continues = sentence.TrimEnd() is [.., '；' or ';'];
        isTarget &= continues;
    }

    private bool IsClosed(int at)
    {
        while (at < tokens.Count && tokens[at].Kind is TokenKind.Transformation or TokenKind.Respectively or TokenKind.Adverb)
            at++;
        return at == tokens.Count || tokens[at].Kind is TokenKind.Separator;
    }

    private bool StartsFigures(int i) =>
        tokens[i].Kind == TokenKind.Figure
        || (tokens[i].Kind == TokenKind.Number && i + 2 < tokens.Count && tokens[i + 1].Kind is TokenKind.ListSeparator or TokenKind.And
            && tokens[i + 2].Kind is TokenKind.Figure);

    // 4.6%、5.8%和2.9%; 3.5和4.3个百分点: the figures of a list, a unit at least on the last
    private int Group(int i)
    {
        figures.Clear();
        figures.Add(tokens[i]);
        while (i + 2 < tokens.Count && tokens[i + 1].Kind is TokenKind.ListSeparator or TokenKind.And && tokens[i + 2].Kind is TokenKind.Figure or TokenKind.Number)
        {
            i += 2;
            figures.Add(tokens[i]);
        }
        var last = figures[^1];
        for (var f = 0; f < figures.Count; f++)
            if (figures[f].Code is null)
                figures[f] = figures[f] with { Kind = TokenKind.Figure, Code = last.Code, Multiplier = figures[f].Multiplier > 0 ? figures[f].Multiplier : last.Multiplier };
        return i + 1;
    }

    // whether words that no vocabulary has, before any indicator, may name a firm or a project, which the clauses after it would be about too
    private bool MayBeAbout()
    {
        var indicator = lead.FindIndex(token => token.Kind == TokenKind.Indicator);
        return (indicator < 0 ? lead : lead.Take(indicator)).Any(token => token.Kind is TokenKind.Residual or TokenKind.Other);
    }

    // takes over what a stretch of text names: its periods, an indicator, whether it turned to another area than the release's,
    // and whether it may be about a firm or a project, which the clauses after it would be about too
    private void Note(int from, int to)
    {
        var first = tokens.FindIndex(from, to - from, token => token.Kind is not (TokenKind.Link or TokenKind.Period or TokenKind.Noise));
        if (first >= 0 && tokens[first].Kind == TokenKind.Area && resolveArea(tokens[first].Code!) is { } named)
            isElsewhere = named.Id != OwnArea?.Id;
        // a clause that may have a subject of its own, which a bare 增速为5% behind it would be about
        hasWandered |= first >= 0 && tokens[first].Kind == TokenKind.Residual;
        for (var i = from; i < to; i++)
        {
            var token = tokens[i];
            hasWandered |= token.Kind is TokenKind.Indicator or TokenKind.Activity or TokenKind.Population or TokenKind.Area or TokenKind.Other;
            var compared = i > 0 && tokens[i - 1].Kind == TokenKind.Compare;
            if (compared)
                continue;
            isUnclear |= token.Kind == TokenKind.Other;
            // 当月 is the month that was named, or that the release is about
            if (token.Kind == TokenKind.SamePeriod && period is null or { Length: > 7 })
                (period, periodFromRelease) = (null, false);
            if (token.Kind == TokenKind.Indicator)
                namedIndicator = token.Code;
            if (token.Kind == TokenKind.OtherTime)
            {
                (period, periodFromRelease) = (null, false);
            }
            else if (token.Kind == TokenKind.Period)
            {
                statedYear = token.Period.Year ?? statedYear;
                (period, periodFromRelease) = (token.Period.Resolve(published, statedYear), false);
                isPeriodConfirmed |= period is not null && period == releasePeriod;
            }
        }
    }

    private string? Understand(ReadOnlySpan<char> sentence, string? after, bool respectively, int clauseFrom, Action<ProseStatement> stated)
    {
        if (figures[0].Code?.Id == Points)
            return Change(sentence, after, clauseFrom, stated);
        if (figures.Exists(f => f.Value is null || f.Code is null || f.Code.Id != figures[0].Code!.Id))
            return "figure-not-understood";
        var isOneOff = ResolveComparison();
        if (lead.Exists(token => token.Kind is TokenKind.Compare or TokenKind.Hedge or TokenKind.OtherTime or TokenKind.Number or TokenKind.Other or TokenKind.Stop or TokenKind.Gain or TokenKind.Loss or TokenKind.Decline))
            return "figure-not-understood";
        TokenKind? verb = null;
        bool isRate = false, isBy = isEnglish && lead.Count > 0 && sentence[lead[^1].From..lead[^1].To] is "by";
        while (lead.Count > 0 && lead[^1].Kind is TokenKind.Adverb or TokenKind.Transformation or TokenKind.Respectively or TokenKind.Up or TokenKind.Down or TokenKind.Is or TokenKind.Rate)
        {
            var token = lead[^1];
            if (token.Kind is TokenKind.Up or TokenKind.Down or TokenKind.Is)
            {
                if (verb is not null)
                    return "figure-not-understood";
                verb = token.Kind;
            }
            else if (token.Kind == TokenKind.Transformation)
            {
                if (after is not null && after != token.Code!.Id)
                    return "figure-not-understood";
                after = token.Code!.Id;
            }
            isRate |= token.Kind == TokenKind.Rate;
            respectively |= token.Kind == TokenKind.Respectively;
            lead.RemoveAt(lead.Count - 1);
        }
        if (lead.Count(token => token.Kind == TokenKind.Period) > 1)
            return "figure-not-understood";
        // 增速为5.2% says as much as 增长5.2%; that of manufacturing by 9.3%: the verb of the clause before
        if (isRate)
            verb = verb is null or TokenKind.Is ? TokenKind.Up : null;
        else if (isBy && verb is null)
            verb = lastVerb;
        if ((isRate || isBy) && verb is null)
            return "figure-not-understood";
        produces = lead.Exists(token => token.Kind == TokenKind.Produce);
        lead.RemoveAll(token => token.Kind is TokenKind.Link or TokenKind.Period or TokenKind.SamePeriod or TokenKind.Produce);
        // 规模以上工业企业实现利润总额: the verb may stand before what is measured
        if (verb is null && lead.Count > 2 && lead.FindIndex(token => token.Kind == TokenKind.Is) is > 0 and var at
            && lead.FindIndex(at, token => token.Kind is not (TokenKind.Is or TokenKind.Noise)) is > 0 and var next && lead[next].Kind == TokenKind.Indicator)
        {
            lead.RemoveAt(at);
        }
        // 完成出口交货值14278亿元: the verb comes first, and whose it is was said before
        var isElided = verb is null && lead.Count > 1 && lead[0].Kind == TokenKind.Is;
        if (isElided)
            lead.RemoveAt(0);
        var transformation = TransformationOf(verb, isBy, after, figures[0].Code!.Id);
        if (transformation is null)
            return "figure-not-understood";
        var subjects = lead.Exists(token => token.Kind != TokenKind.Noise) ? Subjects(sentence, respectively, isElided) : figures.Count == 1 || respectively ? previous ?? Only(after) ?? (isRate ? OfParagraph() : null) : null;
        if (subjects is null || subjects.Count != figures.Count)
            return "figure-not-understood";
        if (subjects.Exists(subject => subject.Area is null))
            return "area-unknown";
        if (subjects.Exists(subject => !Fits(subject.Indicator!, transformation, figures[0].Code!.Id, verb)))
            return "figure-not-understood";
        if (period is null || (periodFromRelease && transformation == "N" && !isPeriodConfirmed))
            return "period-unknown";
        for (var f = 0; f < figures.Count; f++)
        {
            var value = figures[f].Value!.Value;
            // 增长2.2倍 is growth by 220 per cent
            var figure = figures[f].Code!.Id == Times ? figures[f] with { Code = Vocabulary.Load("prose-units").Codes[Percent] } : figures[f];
            value = figure == figures[f] ? value : decimal.Round(value * 100, Math.Max(0, value.Scale - 2));
            stated(new ProseStatement(subjects[f], Vocabulary.Load("transformations").Codes[transformation], period, figure, verb == TokenKind.Down ? -value : value, clauseFrom));
        }
        // 比10月份增长0.37% says nothing of the growth in later sentences
        comparison = transformation == "N" ? comparison : transformation;
        comparesOnce = isOneOff;
        growsOverYear |= transformation == Growth;
        TakeOver(subjects);
        (lastVerb, lastTransformation) = (verb ?? lastVerb, transformation);
        isProducing |= produces;
        return null;
    }

    // 环比上涨0.2%: says over what it grew and not what grew, so it is what the whole sentence is about
    private List<ProseSubject>? Only(string? stated) => stated is not null && hasOneSubject && !hasWandered && !isUnclear && sentenceSubject is not null ? [sentenceSubject] : null;

    // 8月份，增速为6.4%: of the only thing that the paragraph is about
    private List<ProseSubject>? OfParagraph() => paragraphHasOneSubject && !hasWandered && !isUnclear && paragraphSubject is not null ? [paragraphSubject] : null;

    private void TakeOver(List<ProseSubject> subjects)
    {
        hasOneSubject &= subjects.Count == 1 && (sentenceSubject is null || sentenceSubject == subjects[0]);
        paragraphHasOneSubject &= subjects.Count == 1 && (paragraphSubject is null || paragraphSubject == subjects[0]);
        (previous, sentenceSubject, paragraphSubject, hasWandered) = (subjects, subjects[^1], subjects[^1], false);
    }

    private string? TransformationOf(TokenKind? verb, bool isBy, string? stated, string unit) => unit switch
    {
        Percent when verb is TokenKind.Up or TokenKind.Down => stated ?? Bare(),
        Times when verb is TokenKind.Up && (isBy || !isEnglish) => stated ?? Bare(),
        Times => null,
        _ when verb is null or TokenKind.Is && stated is null => "N",
        _ => null,
    };

    // over what growth is that does not say so: in English it has to have been said in the release before
    private string? Bare() => comparison is Growth || comparison is null && (!isEnglish || growsOverYear) ? Growth : null;

    // a rate has a level in per cent and no growth; anything else grows in per cent and has a level in its unit
    private static bool Fits(Code indicator, string transformation, string unit, TokenKind? verb)
    {
        var isRate = indicator.Parent == "RATE";
        return transformation == "N" ? isRate == (unit == "PT") && (verb is not null || !isRate) : !isRate;
    }

    private List<ProseSubject>? Subjects(ReadOnlySpan<char> sentence, bool respectively, bool isElided)
    {
        if (isElided && sentenceSubject is null)
            return null;
        var parts = new List<(int From, int To)>();
        var from = 0;
        for (var i = 0; i <= lead.Count; i++)
        {
            if (i < lead.Count && lead[i].Kind is not (TokenKind.ListSeparator or TokenKind.And))
                continue;
            if (i > from)
                parts.Add((from, i));
            from = i + 1;
        }
        // several subjects and one figure: for each, or together? Not sure, so not understood
        if (parts.Count == 0 || (parts.Count > 1 && !respectively))
            return null;
        var subjects = new List<ProseSubject>(parts.Count);
        foreach (var (start, end) in parts)
        {
            if (SubjectOf(sentence, start, end) is not { } subject)
                return null;
            subjects.Add(subjects.Count == 0 ? subject : subject with
            {
                Area = subject.Area ?? subjects[0].Area,
                Population = subject.Population ?? subjects[0].Population,
            });
        }
        // the value added of mining and of manufacturing: the first one's indicator is that of those behind
        for (var i = 1; i < subjects.Count && isEnglish; i++)
            subjects[i] = subjects[i] with { Indicator = subjects[i].Indicator ?? subjects[i - 1].Indicator };
        // 采矿业、制造业增加值: the last one's indicator is that of those before
        for (var i = subjects.Count - 2; i >= 0; i--)
            subjects[i] = subjects[i] with { Indicator = subjects[i].Indicator ?? subjects[i + 1].Indicator };
        for (var i = 0; i < subjects.Count; i++)
        {
            var subject = subjects[i];
            if (subject.Indicator is null)
            {
                // 汽车制造业增长11.4% in a paragraph on value added of industry above designated size
                if (sentenceSubject is null && scope is not null && subject.Activity is not null && namedIndicator?.Id == "VALUE_ADDED")
                    sentenceSubject = new ProseSubject(null, null, subject.Activity, namedIndicator);
                // 国有控股企业增加值增长4.1%，私营企业增长5.5%: only a clause of the same build takes over what is measured
                if (sentenceSubject is not { } earlier || (subject.Population is not null && earlier.Population is null) || (subject.Activity is not null && earlier.Activity is null))
                    return null;
                subject = subject with { Indicator = earlier.Indicator, Population = subject.Population ?? earlier.Population, Activity = subject.Activity ?? earlier.Activity };
            }
            if (isElided)
                subject = subject with { Population = subject.Population ?? sentenceSubject!.Population, Activity = subject.Activity ?? sentenceSubject!.Activity };
            subjects[i] = InScope(subject with { Area = subject.Area ?? sentenceSubject?.Area ?? (isElsewhere || isUnclear ? null : OwnArea) });
        }
        return subjects;
    }

    // In a text on industry above designated size, the value added of an industry or of a kind of enterprise, and the output of a product, are those of
    // the part above designated size: that is what these monthly surveys cover.
    private ProseSubject InScope(ProseSubject subject)
    {
        if (subject.Indicator!.Parent == Output)
            return subject with { Population = subject.Population ?? scope };
        if (subject.Indicator.Id != "VALUE_ADDED")
            return subject;
        var isIndustry = subject.Activity is { } activity && (activity.Id == Industry || activity.Parent == Industry || activity.Parent is "B" or "C" or "D");
        if (subject.Population?.Id == Scope && subject.Activity?.Id == Industry)
            scope = subject.Population;
        if (scope is null || subject.Population?.Id.StartsWith(Scope, StringComparison.Ordinal) == true || !(isIndustry || (subject.Activity is null && subject.Population is not null)))
            return subject;
        return subject with
        {
            Activity = subject.Activity ?? Vocabulary.Load("industries").Codes[Industry],
            Population = subject.Population is not { } kind ? scope : new Code($"{Scope}_{kind.Id}")
            {
                Labels = new Dictionary<string, string>
                {
                    ["zh"] = scope.Labels["zh"] + kind.Labels["zh"],
                    ["en"] = $"{kind.Labels["en"]} above designated size",
                },
            },
        };
    }

    // 生产钢材11862万吨, and not 生产事故3起
    private static bool IsQuantity(Token figure) => figure.Code!.Id is not (Percent or Times) && (figure.Code.Id != "UNIT" || figure.Multiplier > 0);

    private ProseSubject? SubjectOf(ReadOnlySpan<char> sentence, int from, int to)
    {
        Code? area = null, population = null, activity = null, indicator = null;
        Token? residual = null;
        for (var i = from; i < to; i++)
        {
            var token = lead[i];
            ref var slot = ref area;
            switch (token.Kind)
            {
                case TokenKind.Noise:
                    continue;
                case TokenKind.ThatOf when i == from && sentenceSubject is not null:
                    continue;
                // the output of raw coal
                case TokenKind.Residual when isEnglish && i == to - 1 && residual is null && indicator?.Id == Output && activity is null && i > from && lead[i - 1].Kind == TokenKind.Noise:
                    var output = "Output of " + sentence[token.From..token.To].ToString().Trim();
                    indicator = Labels.ToCode(output, "en") with { Parent = Output };
                    continue;
                case TokenKind.Residual when residual is null && indicator is null && !isEnglish:
                    // 工业机器人: an industry's word that a product's name begins with
                    var isOneWord = activity is not null && lead[i - 1].Kind == TokenKind.Activity && lead[i - 1].To == token.From;
                    residual = isOneWord ? token with { From = lead[i - 1].From } : token;
                    activity = isOneWord ? null : activity;
                    continue;
                case TokenKind.Area:
                    break;
                case TokenKind.Population:
                    slot = ref population;
                    break;
                case TokenKind.Activity:
                    slot = ref activity;
                    break;
                case TokenKind.Indicator:
                    slot = ref indicator;
                    break;
                default:
                    return null;
            }
            if (slot is not null || (indicator is not null && token.Kind != TokenKind.Indicator && !isEnglish) || (residual is not null && token.Kind != TokenKind.Indicator))
                return null;
            slot = token.Kind == TokenKind.Area ? resolveArea(token.Code!) : token.Code;
            if (slot is null || (residual is { } before && before.To != token.From))
                return null;
        }
        if (residual is { } product)
        {
            // only a product before its quantity (原煤产量) or after 生产: other unknown words may be a place, a firm, half a sentence
            if (indicator is null && (produces || isProducing) && activity is null && population is null && IsQuantity(figures[0]))
                indicator = Vocabulary.Load("indicators").Codes[Output];
            if (indicator?.Parent != "GENERIC" || product.To - product.From > 12)
                return null;
            var label = sentence[product.From..product.To].ToString().Trim() + indicator.Labels["zh"];
            indicator = new Code("C_" + Labels.Hash(label)) { Labels = new Dictionary<string, string> { ["zh"] = label }, Parent = indicator.Id };
        }
        else if (indicator is { Parent: "GENERIC" } && activity is null && population is null)
        {
            return null;
        }
        return area is null && population is null && activity is null && indicator is null ? null : new ProseSubject(area, population, activity, indicator);
    }
}
