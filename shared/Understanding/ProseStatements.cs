using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>
/// Reads the figures of one paragraph after another: cuts a sentence's tokens into clauses, each with its figures, and puts together what the clause
/// says (<see cref="ProsePredicate"/>, <see cref="ProseSubject"/>) and what it takes over from those before (<see cref="ProseCarry"/>).
/// </summary>
internal sealed class ProseStatements
{
    private const string Growth = "G1Y";
    private const string GrowthOverPrevious = "G1";
    // until then 全年 is the year that is over
    private const int LastMonthOfReports = 2;

    private const double LeastCarried = 0.45;

    private const string NotUnderstood = "figure-not-understood";

    // what a figure or a period has at least one of: digits, 持平, 翻番, 三成, 两倍, 百余, 上半年
    private static readonly System.Buffers.SearchValues<char> Telling = System.Buffers.SearchValues.Create("0123456789平番成倍余多年月季");

    private static readonly System.Buffers.SearchValues<string> Harvests = System.Buffers.SearchValues.Create(["粮", "播种面积", "种植面积", "早稻", "小麦", "棉花", "农作物"], StringComparison.Ordinal);

    private static readonly System.Buffers.SearchValues<string> TwelveMonths = System.Buffers.SearchValues.Create(["12 months", "12-month", "twelve months", "the last year", "the past year"], StringComparison.Ordinal);

    private static readonly IReadOnlyDictionary<string, Code> Transformations = Vocabulary.Load("transformations").Codes;

    private readonly DateOnly? published;
    private readonly Code? ownArea;
    private readonly Func<Code, Code?> resolveArea;
    private readonly string? headlinePeriod;
    private readonly bool isEnglish;
    private readonly bool isReport;
    private readonly Code? releaseScope;
    private readonly Code? ownCurrency;
    private readonly double areaCertainty;
    private readonly List<Token> tokens = [];
    private readonly ProseCarry carry = new();
    private readonly ProseFigures found;
    private readonly ProseSubjects subjectsOf;
    private readonly int? statedYear;
    private string? sectionPeriod, sectionSpan;
    private bool continues;

    /// <summary>Prepares for a release.</summary>
    /// <param name="context">What the release says about itself as a whole.</param>
    public ProseStatements(ProseContext context)
    {
        (published, ownArea, resolveArea, headlinePeriod) = (context.Published, context.Area, word => ProseContext.Resolve(word, context.Area), context.Period);
        (isEnglish, isReport, areaCertainty) = (context.Language == "en", context.IsReport, context.IsAreaAssumed ? 0.95 : 1);
        statedYear = headlinePeriod is null ? null : int.Parse(headlinePeriod.AsSpan(0, 4), CultureInfo.InvariantCulture);
        ownCurrency = context.Area?.Id switch { "810000" => ProseTerms.UnitOf("HKD"), "820000" => ProseTerms.UnitOf("MOP"), "710000" => ProseTerms.UnitOf("TWD"), _ => null };
        releaseScope = context.IsAboveSize ? Vocabulary.Load("populations").Codes["ABOVE_SIZE"] : null;
        (found, subjectsOf) = (new ProseFigures(tokens, carry, isEnglish), new ProseSubjects(carry, resolveArea, releaseScope, isEnglish));
    }

    private List<Token> Figures => found.List;

    /// <summary>Starts a section: its heading may name a period, a product's output, or say that targets follow.</summary>
    public void StartSection(string heading)
    {
        ProseTokens.Scan(ProseTerms.Fold(heading), heading, tokens);
        (carry.KindOfSection, carry.Kind) = (null, null);
        (sectionPeriod, sectionSpan) = (null, null);
        if (tokens.Exists(token => token.Kind == TokenKind.Target))
            carry.KindOfSection = "TARGET";
        foreach (var token in tokens)
        {
            if (token.Period is { IsSpan: true } span)
                sectionSpan = SpanOf(span);
            else if (token.Period?.Resolve(published, statedYear, isAhead: carry.KindOfSection is not null) is { } period)
                sectionPeriod = period;
            // 2025年重点工作, in a report of January 2025: what is meant to be done
            else if (token.Period is { Year: not null, From: 1, To: 12 } year && !heading.Contains("报告", StringComparison.Ordinal) && year.Resolve(published, null, isAhead: true) is { } ahead)
                (sectionPeriod, carry.KindOfSection) = (ahead, "PLAN");
        }
    }

    /// <summary>Starts a paragraph: its period is the release's until it names one.</summary>
    public void StartParagraph()
    {
        carry.StartParagraph(sectionPeriod ?? headlinePeriod, sectionSpan, releaseScope);
        carry.StatedYear ??= statedYear;
        continues = false;
    }

    /// <summary>Reads one sentence.</summary>
    /// <param name="sentence">Folded, with asides blanked.</param>
    /// <param name="written">The same sentence as it was written.</param>
    /// <param name="stated">Called for each figure that is understood.</param>
    /// <param name="aside">Called for every other figure, with the code of the reason.</param>
    public void Read(ReadOnlySpan<char> sentence, ReadOnlySpan<char> written, Action<ProseStatement> stated, Action<Token, string> aside)
    {
        // most sentences of a news item state no figure and name no period: nothing of them is carried on
        if (!isEnglish && !continues && !sentence.ContainsAny(Telling) && sentence.TrimEnd() is not [.., '；' or ';'])
            return;
        ProseTokens.Scan(sentence, written, tokens);
        subjectsOf.Sentence = isEnglish || written.ContainsAny(ProseTerms.Traditional) ? (written.ToString(), sentence.ToString()) : null;
        if (!isEnglish)
            found.TakeAsides();
        // 计划2026年底投产；…: of a plan, and of nothing behind it
        if (continues && carry.Kind == "PLAN" && carry.KindOfSection is null)
            (carry.Kind, carry.OfPart) = (null, true);
        // 其中6月份17.9亿立方米；原油524.8万吨: the part of the period ends with its sentence
        if (continues && carry.OfPart && carry.Kind is null)
            carry.Return();
        carry.StartSentence(continues);
        carry.OfPart &= continues;
        var (start, afterFigure) = (0, 0);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == TokenKind.Separator)
            {
                NoteClause(sentence, start, i);
                start = i + 1;
            }
            else if (found.Start(i))
            {
                var end = found.Take(i);
                var tailEnd = found.TailEnd(end);
                var from = found.ClauseStart(start, afterFigure, i);
                var clauseFrom = tokens[from < i ? from : i].From;
                if (Understand(sentence, tokens.GetRange(from, i - from), tokens.GetRange(end, tailEnd - end), clauseFrom, stated) is { } reason)
                {
                    if (carry.From is null)
                        (carry.Previous, carry.HasWandered) = ([], true);
                    foreach (var figure in Figures)
                        aside(figure, reason);
                }
                afterFigure = start = tailEnd < tokens.Count && tokens[tailEnd].Kind is TokenKind.Separator or TokenKind.ListSeparator or TokenKind.And ? tailEnd + 1 : tailEnd;
                i = start - 1;
            }
        }
        NoteClause(sentence, start, tokens.Count);
        // a semicolon keeps the subject, and the targets of a list of targets
        continues = sentence.TrimEnd() is [.., '；' or ';'];
    }

    // what a clause without a figure says that later ones take over: periods, areas, what it is about, whether it speaks of targets
    private void NoteClause(ReadOnlySpan<char> sentence, int from, int to)
    {
        // its pre-pandemic level (Quarter 4 2019): of that level, and of nothing behind it
        if (from >= to || (isEnglish && from > 0 && sentence[tokens[from - 1].From] == '(' && tokens[from].Kind == TokenKind.Period))
            return;
        var words = tokens.GetRange(from, to - from);
        if (words.Count > 2 && words.TrueForAll(token => token.Kind is TokenKind.Period or TokenKind.ListSeparator or TokenKind.And or TokenKind.Link))
        {
            carry.ListedPeriods.AddRange(words.Where(token => token.Kind == TokenKind.Period));
            return;
        }
        // 第三季与第二季比较，: what the growth behind the comma is over, and no period of it
        var with = isEnglish ? -1 : words.FindIndex(token => token.Kind == TokenKind.And);
        if (with >= 0 && sentence[words[with].From] == '与' && with + 2 < words.Count && words[with + 1].Kind is TokenKind.Period or TokenKind.OtherTime && words[with + 2].Kind is TokenKind.Residual or TokenKind.Compare)
        {
            Note(sentence, words.GetRange(0, with));
            var ofYearBefore = IsYearBefore(sentence, words[with + 1]);
            var earlier = words[with + 1].Period?.Resolve(published, carry.StatedYear);
            carry.BasisOfSentence = ofYearBefore ? Growth : earlier is not null && carry.Period is not null ? ProsePeriods.Between(earlier, carry.Period) ?? "G_X" : "G_X";
            return;
        }
        Note(sentence, words);
        // 从环比看: what all growth of the sentence is over
        if (words.Count <= 3 && words.Exists(token => token.Kind == TokenKind.Transformation) && words.TrueForAll(token => token.Kind is TokenKind.Transformation or TokenKind.Link or TokenKind.Noise or TokenKind.Residual))
            carry.BasisOfSentence = words.Find(token => token.Kind == TokenKind.Transformation)!.Code!.Id;
        // 上半年, 其中, 分行业看: nothing that a later clause could be about
        if (words.TrueForAll(token => token.Kind is TokenKind.Link or TokenKind.Period or TokenKind.Noise or TokenKind.SamePeriod or TokenKind.SoFar or TokenKind.OtherTime or TokenKind.Preliminary or TokenKind.And or TokenKind.Adverb or TokenKind.Compare or TokenKind.Transformation or TokenKind.Adjustment or TokenKind.Target or TokenKind.Forecast))
            return;
        var (body, area) = subjectsOf.Trim(words);
        var leading = body.TakeWhile(token => token.Kind is TokenKind.Population or TokenKind.Activity or TokenKind.Product or TokenKind.Indicator or TokenKind.Noise or TokenKind.Bodies or TokenKind.And or TokenKind.ListSeparator or TokenKind.Area).ToList();
        // 全国首条输氢管道贯通: a comparison, and no turn to the nation
        if (area is not null && area.Id is not ("CN" or "_W") && (body.Count == 0 || body.Exists(token => token.Kind is TokenKind.Indicator or TokenKind.Activity or TokenKind.Population or TokenKind.Product)))
            TurnTo(area);
        if (leading.Exists(token => token.Kind is TokenKind.Population or TokenKind.Activity or TokenKind.Product or TokenKind.Indicator))
        {
            var topic = new List<ProseSubject>();
            foreach (var part in ProseSubjects.Split(leading))
                topic.Add(subjectsOf.WithArea(ProseSubject.Of(sentence, part, resolveArea, isEnglish)));
            carry.Topic = topic;
            carry.Indicator = topic.LastOrDefault(subject => subject.Indicator is not null)?.Indicator ?? carry.Indicator;
            if (leading.Count < body.Count || carry.Previous.Count > 0)
                (carry.Previous, carry.HasWandered) = ([], leading.Count < body.Count);
            return;
        }
        // 软件产品收入平稳增长，达到5亿元
        if (!isEnglish && body is [{ Kind: TokenKind.Residual }, ..] && body.FindIndex(token => token.Kind is TokenKind.Adverb or TokenKind.Up or TokenKind.Down) is > 0 and var head && !body.Exists(token => token.Kind is TokenKind.Number or TokenKind.Compare or TokenKind.ListSeparator)
            && ProseSubject.Of(sentence, body.GetRange(0, head), resolveArea, isEnglish) is { Certainty: 1, IsPart: false, Indicator: not null } praised)
        {
            carry.Topic = [subjectsOf.WithArea(praised)];
            (carry.Previous, carry.HasWandered) = ([], false);
            return;
        }
        if (body.Count > 0 && body[0].Kind is TokenKind.Residual && (!body.Exists(token => token.Kind is TokenKind.Up or TokenKind.Down) || ProseSubject.NamesMeasure(sentence[body[0].From..body[0].To])))
            (carry.HasWandered, carry.Previous) = (true, []);
        // 由降转涨: a remark on the figure before; a longer clause may be about something else
        if (body.Sum(token => token.To - token.From) > (isEnglish ? 40 : 12))
            carry.Previous = carry.HasWandered ? [] : carry.Previous;
    }

    private void Note(ReadOnlySpan<char> sentence, List<Token> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var (before, token) = (i > 0 ? words[i - 1] : null, words[i]);
            switch (token.Kind)
            {
                case TokenKind.Link when token.To - token.From == 2 && sentence[token.From] == '其':
                    carry.OfPart = true;
                    break;
                case TokenKind.Indicator:
                    carry.Indicator = token.Code;
                    break;
                case TokenKind.Adjustment:
                    carry.Adjustment = token.Code;
                    break;
                case TokenKind.Period when token.Period!.IsSpan:
                    carry.Span = SpanOf(token.Period);
                    carry.IsTotalOfSpan = sentence[token.From..token.To].EndsWith("累计");
                    break;
                case TokenKind.Period when before is not { Kind: TokenKind.Compare } compare || (isEnglish && sentence[compare.From..compare.To] is "from"):
                    NotePeriod(sentence, token.Period, before, i + 1 < words.Count ? words[i + 1] : null);
                    break;
                // 当月 is the month that was named, or the last one of the release's period
                case TokenKind.SamePeriod when carry.Period is { Length: > 8 } span:
                    SetPeriod(span[^7..], carry.PeriodOrigin);
                    break;
                case TokenKind.SoFar:
                    if (carry.PeriodOrigin is not (PeriodOrigin.Headline or PeriodOrigin.Stated) || carry.Period?.Contains('/', StringComparison.Ordinal) != true)
                        SetPeriod(published is { Month: > 1 } day ? new PeriodExpression(day.Year, null, 1, day.Month - 1, true).Resolve(published, null) : null, PeriodOrigin.ToDate);
                    break;
                case TokenKind.Target or TokenKind.Plan or TokenKind.Forecast:
                    StartKind(token.Kind switch { TokenKind.Target => "TARGET", TokenKind.Plan => "PLAN", _ => "FORECAST" });
                    break;
                case TokenKind.Firm:
                    carry.IsOfFirm = true;
                    break;
                case TokenKind.Preliminary:
                    carry.IsPreliminary = true;
                    break;
            }
        }
    }

    private void NotePeriod(ReadOnlySpan<char> sentence, PeriodExpression period, Token? before, Token? behind)
    {
        carry.StatedYear = period.Year ?? carry.StatedYear;
        var isWholeYear = period is { From: 1, To: 12, IsCumulative: false };
        // 全年规上工业增加值预计增长7.5%左右, said in November
        var isForeseen = isWholeYear && period is { Year: null, Offset: null } && published?.Month > LastMonthOfReports && tokens.Exists(word => word.Kind is TokenKind.Target or TokenKind.Plan or TokenKind.Forecast);
        var named = period.Resolve(published, carry.StatedYear ?? ReportYear, carry.Kind is not null || isForeseen);
        // 其中，6月份; 9月当月: for this sentence only
        var isPart = (carry.OfPart || behind?.Kind == TokenKind.SamePeriod) && carry.PeriodOrigin != PeriodOrigin.None && (named is null || ProsePeriods.IsWithin(named, carry.Period!));
        if (isPart)
            carry.After ??= (carry.Period, carry.PeriodOrigin);
        // a harvest is known before its year is over
        if (named is null && isWholeYear && period.Year == published?.Year && carry.Kind is null && sentence.ContainsAny(Harvests))
            named = published?.Year.ToString(CultureInfo.InvariantCulture);
        // 到2027年, 到2025年底: what lies ahead is planned, whether a word says so or not
        var liesAhead = named is null && (period.Year > published?.Year || (before?.Kind == TokenKind.Link && sentence[before.To - 1] == '到'));
        if (liesAhead && period.Resolve(published, carry.StatedYear, isAhead: true) is { } ahead)
        {
            carry.After ??= (carry.Period, carry.PeriodOrigin);
            (named, carry.Kind) = (ahead, carry.Kind ?? "PLAN");
        }
        SetPeriod(named, PeriodOrigin.Stated);
        carry.IsTotalOfSpan = false;
    }

    private string? SpanOf(PeriodExpression span) => span.Resolve(published, carry.StatedYear ?? ReportYear, (carry.Kind ?? carry.KindOfSection) is not null);

    // a target lies ahead: its period is the year named, or that of the release, or the report's
    private void StartKind(string kind)
    {
        carry.Kind = carry.Kind is "TARGET" ? carry.Kind : kind;
        // 预计全年…: an estimate of what is over
        if (carry.Kind == "FORECAST" && carry.Period is not null)
            return;
        carry.After ??= (carry.Period, carry.PeriodOrigin);
        var year = ReportYear is { } reported ? reported + 1 : published?.Year ?? carry.StatedYear;
        var isStated = carry.PeriodOrigin == PeriodOrigin.Stated && int.Parse(carry.Period!.AsSpan(0, 4), CultureInfo.InvariantCulture) is var stated && (stated > year || (stated == year && carry.Period!.Length == 4));
        if (year is { } y && !isStated)
            SetPeriod(y.ToString(CultureInfo.InvariantCulture), PeriodOrigin.Headline);
    }

    // the year that a work report looks back on
    private int? ReportYear => isReport && headlinePeriod is { Length: 4 } ? int.Parse(headlinePeriod, CultureInfo.InvariantCulture) : null;

    private void SetPeriod(string? period, PeriodOrigin origin) => (carry.Period, carry.PeriodOrigin) = (period, period is null ? PeriodOrigin.None : origin);

    private void TurnTo(Code area)
    {
        carry.Area = area;
        // a city of the release's own region is no other place that later sentences could be about
        var isPart = area.Id.StartsWith("C_", StringComparison.Ordinal) || (ownArea?.Id is { Length: 6 } own && area.Id.StartsWith(own.TrimEnd('0'), StringComparison.Ordinal)) || (ownArea?.Id == "CN" && char.IsAsciiDigit(area.Id[0]));
        carry.IsElsewhere = area.Id != ownArea?.Id && !isPart;
    }

    private string? Understand(ReadOnlySpan<char> sentence, List<Token> lead, List<Token> tail, int clauseFrom, Action<ProseStatement> stated)
    {
        if (Figures.Exists(f => f.Value is null))
            return Figures.Exists(f => f.Value is null && f.To - f.From < 28) ? "figure-interrupted" : NotUnderstood;
        if (Figures.Exists(f => f.Code is null || (f.Code.Id != Figures[0].Code!.Id && !(ProsePredicate.IsPercent(f) || ProsePredicate.IsTimes(f)))))
            return NotUnderstood;
        var predicate = ProsePredicate.Of(sentence, lead, tail, Figures[^1], carry.Verb, isEnglish);
        if (predicate is null)
        {
            Note(sentence, lead);
            return NotUnderstood;
        }
        // 40个工业大类中有23个: the first number counts what the second is a part of
        var counted = isEnglish ? lead.Exists(token => token.Kind == TokenKind.Within) && tail.Count > 0 : tail.Count > 1 && tail[^1].Kind == TokenKind.Within;
        predicate = Corrected(predicate, lead);
        var before = lead.GetRange(0, predicate.SubjectEnd);
        if (isEnglish)
            predicate = GrowthOf(predicate, before);
        var isFrom = IsFrom(sentence, lead, predicate, out var from);
        (string? Period, PeriodOrigin PeriodOrigin) periodBefore = (carry.Period, carry.PeriodOrigin);
        if (isFrom)
        {
            periodBefore = TurnToFirst(sentence, lead, before, predicate, from);
            before = [.. before.Where(token => token.From < lead[from].From), .. lead.Skip(from).Where(token => token.Kind == TokenKind.Period)];
        }
        // … 提高到11.3%
        else if (carry.From is { } start && lead is [{ Kind: TokenKind.Is }, ..] && lead.TrueForAll(token => token.Kind is TokenKind.Is or TokenKind.Period or TokenKind.OtherTime or TokenKind.Noise or TokenKind.About))
        {
            predicate = predicate with { Measure = start.Measure, Verb = TokenKind.Is, HasVerb = true, RelativeTo = start.RelativeTo };
            before = lead.FindAll(token => token.Kind == TokenKind.Period);
        }
        var isOfLastYear = isFrom && before.Exists(token => token.Period is { Offset: -1, From: 1, To: 12 }) && periodBefore.Period is { Length: 4 };
        carry.From = isFrom ? (predicate.Measure, predicate.RelativeTo) : null;
        carry.Periods = predicate.IsRespective ? PeriodsOfList(before) : null;
        if (carry.Periods is not null)
            before.RemoveAll(token => token.Kind is TokenKind.Period);
        Note(sentence, before);
        // 2023年收入比由上年的2.05缩小至2.01: the year before the one that is spoken of
        if (isOfLastYear)
            SetPeriod(ProsePeriods.YearBefore(periodBefore.Period!), PeriodOrigin.Stated);
        foreach (var token in lead)
            carry.IsTotalOfSpan |= carry.Span is not null && token.Kind is TokenKind.Adverb or TokenKind.Is && sentence[token.From..token.To].StartsWith("累计") && lead.Exists(word => word.Period is { IsSpan: true });
        carry.Adjustment = lead.FindLast(token => token.Kind == TokenKind.Adjustment)?.Code ?? carry.Adjustment;
        if (isEnglish)
            Note(sentence, PeriodsOf(sentence, tail, predicate));
        // 39.87 million tons of raw coal were produced
        if (isEnglish && predicate.Measure == Measure.Level && predicate.Verb is null && tail.Count > 1 && sentence[tail[0].From..tail[0].To] is "of" && subjectsOf.Trim(before).Words.Count == 0)
            before = [.. tail.Skip(1).TakeWhile(token => token.Kind is not (TokenKind.Is or TokenKind.Has)), .. tail.Where(token => token.Kind == TokenKind.Produce)];
        // there were 1.27 million payrolled employees
        if (isEnglish && predicate.Measure == Measure.Level && Figures[0].Code!.Id == "UNIT" && tail.Count > 0 && tail[0].Kind is TokenKind.Residual or TokenKind.Product or TokenKind.Activity && carry.CountedOf is null && subjectsOf.Trim(before).Words.Count == 0)
            before = [.. tail.TakeWhile(token => token.Kind is TokenKind.Residual or TokenKind.Product or TokenKind.Activity or TokenKind.Noise or TokenKind.Bodies or TokenKind.Population)];
        var (words, area) = subjectsOf.Trim(before);
        if (area is not null)
            TurnTo(area);
        var confidence = 1.0;
        if (counted)
            predicate = predicate with { Measure = Measure.Level, Sign = 1 };
        var subjects = counted ? [Counted(sentence, tail)] : SubjectsOf(sentence, words, tail, predicate, ref confidence);
        if (subjects is null || subjects.Any(subject => subject.Indicator is null))
            return NotUnderstood;
        if (found.Asides(lead) is { Count: > 0 } amounts)
        {
            if (amounts.Count != subjects.Count)
                return NotUnderstood;
            var growing = Figures.ToArray();
            found.Set(amounts);
            State(sentence, new ProsePredicate(Measure.Level) { HasVerb = true, Bound = amounts[0].Bound }, subjects, confidence, clauseFrom, false, stated);
            found.Set(growing);
        }
        var isCount = counted || (carry.CountedOf is not null && predicate.Measure == Measure.Level);
        // 发电量增长1.2%，10月份为下降1.8%: of that figure only
        var isAside = isEnglish ? lead.Count > 0 && IsAfter(sentence[lead[0].From..])
            : lead is [{ Kind: TokenKind.Period }, { Kind: TokenKind.Is }, ..] && words.Count == 0 && periodBefore.PeriodOrigin != PeriodOrigin.None && carry.PreviousMeasure == predicate.Measure;
        var reason = State(sentence, predicate, subjects, isFrom ? confidence * 0.7 : confidence, clauseFrom, isCount, stated);
        if (isFrom || isAside)
            (carry.Period, carry.PeriodOrigin) = periodBefore;
        if (isFrom)
            carry.Previous = subjects;
        return reason;
    }

    // rose 0.3 percent in May, after rising 0.2 percent in April: April is of that figure only
    private static bool IsAfter(ReadOnlySpan<char> clause) => clause.StartsWith("after ", StringComparison.Ordinal) || clause.StartsWith("following ", StringComparison.Ordinal) || clause.StartsWith("having ", StringComparison.Ordinal);

    // what the words before a figure alone do not tell of its predicate
    private ProsePredicate Corrected(ProsePredicate predicate, List<Token> lead)
    {
        // 产量上升的有200种: how many, and not by how much
        var isHowMany = predicate.IsCount || (carry.CountedOf is not null && !isEnglish && lead.Count > 0 && lead[^1].Kind == TokenKind.Noise);
        if (isHowMany && predicate.Measure == Measure.Change)
            return predicate with { Measure = Measure.Level, Sign = 1, SubjectEnd = lead.Count };
        // decreased by 0.2 percent year on year and 0.3 percent month on month: the verb is that of the figure before
        var isElided = isEnglish && predicate is { Measure: Measure.Level, Verb: null } && lead.TrueForAll(token => token.Kind is TokenKind.And or TokenKind.Noise or TokenKind.By);
        return isElided && ProsePredicate.IsPercent(Figures[0]) && carry.PreviousMeasure == Measure.Growth
            ? predicate with { Measure = Measure.Growth, Verb = carry.Verb, Sign = carry.Verb == TokenKind.Down ? -1 : 1 } : predicate;
    }

    // annual growth in earnings was 4.8%; growth of exports was 5%: the growth is no part of the subject
    private ProsePredicate GrowthOf(ProsePredicate predicate, List<Token> before)
    {
        var head = before.FindIndex(token => token.Kind is not (TokenKind.Noise or TokenKind.Link or TokenKind.Period));
        var isGrowth = predicate is { Measure: Measure.Level, Verb: TokenKind.Is } && ProsePredicate.IsPercent(Figures[0]) && head >= 0 && head + 1 < before.Count
            && before[head].Kind is TokenKind.Transformation or TokenKind.Rate or TokenKind.Up && before[head + 1].Kind is TokenKind.Link or TokenKind.Noise;
        if (!isGrowth)
            return predicate;
        var basis = before[head].Code?.Id is GrowthOverPrevious ? GrowthOverPrevious : null;
        before.RemoveAt(head);
        return predicate with { Measure = Measure.Growth, Basis = predicate.Basis ?? basis };
    }

    // 比重由2020年的7.6%提高到11.3%: whether the figure is the one that another was reached from
    private bool IsFrom(ReadOnlySpan<char> sentence, List<Token> lead, ProsePredicate predicate, out int from)
    {
        from = isEnglish ? -1 : lead.FindLastIndex(token => token.Kind == TokenKind.Link);
        return from >= 0 && sentence[lead[from].From] is '由' or '从' && predicate.Measure is Measure.Level or Measure.Share or Measure.Growth
            && lead.Skip(from + 1).All(token => token.Kind is TokenKind.Period or TokenKind.OtherTime or TokenKind.Noise or TokenKind.Up or TokenKind.Down or TokenKind.Transformation or TokenKind.Adverb);
    }

    // turns to the period of the first figure, where one is named, and gives back the one that holds for the second
    private (string?, PeriodOrigin) TurnToFirst(ReadOnlySpan<char> sentence, List<Token> lead, List<Token> before, ProsePredicate predicate, int from)
    {
        predicate.RelativeTo.RemoveAll(token => token.From >= lead[from].From);
        Note(sentence, before.FindAll(token => token.From < lead[from].From));
        var second = (carry.Period, carry.PeriodOrigin);
        if (lead.Skip(from + 1).Any(token => token.Kind == TokenKind.Period))
            return second;
        var ofYearBefore = lead.FindIndex(from, token => token.Kind == TokenKind.OtherTime) is >= 0 and var other && IsYearBefore(sentence, lead[other]);
        SetPeriod(ofYearBefore && carry.Period is not null ? ProsePeriods.YearBefore(carry.Period) : null, carry.PeriodOrigin);
        return second;
    }

    // 上年同期, 2022年同期
    private static bool IsYearBefore(ReadOnlySpan<char> sentence, Token time) => time.Kind == TokenKind.OtherTime && sentence[time.From..time.To].IndexOf('年') > 0;

    // 一、二季度分别增长: a period for each figure; null where the clause lists none
    private List<string>? PeriodsOfList(List<Token> before)
    {
        var own = before.FindAll(token => token.Kind == TokenKind.Period);
        var list = own.Count > 1 ? own : carry.ListedPeriods;
        if (list.Count < 2 || list.Count != Figures.Count)
            return null;
        var periods = list.ConvertAll(token => token.Period!.Resolve(published, carry.StatedYear) ?? "");
        return periods.Contains("") ? null : periods;
    }

    // 40个工业大类中: what the number counts
    private ProseSubject Counted(ReadOnlySpan<char> sentence, List<Token> tail)
    {
        var noun = subjectsOf.Trim(tail.FindAll(token => token.Kind != TokenKind.Within)).Words;
        carry.CountedOf = ProseSubject.Name(sentence, noun, isEnglish);
        var known = ProseSubject.Of(sentence, noun, resolveArea, isEnglish);
        return subjectsOf.WithArea(known with { Indicator = ProseSubject.Named(subjectsOf.CountName(sentence, "", Figures[0]), isEnglish), Activity = null, Population = null, Product = null });
    }

    // whose figures they are, also where the words behind them tell it; null where that is not understood
    private IReadOnlyList<ProseSubject>? SubjectsOf(ReadOnlySpan<char> sentence, List<Token> words, List<Token> tail, ProsePredicate predicate, ref double confidence)
    {
        var isAttribute = !isEnglish && tail.Count > 0 && predicate.Measure != Measure.Contribution
            && !tail.TrueForAll(token => token.Kind is TokenKind.About or TokenKind.AtLeast or TokenKind.AtMost or TokenKind.Transformation or TokenKind.Respectively or TokenKind.Adverb);
        // 41个大类行业中，29个行业利润总额增加
        var isPartOfCount = (isAttribute || (isEnglish && tail.Count > 0)) && carry.CountedOf is not null && predicate.Measure == Measure.Level && words.Count == 0;
        if (isPartOfCount && ProseSubject.Name(sentence, tail, isEnglish) is { Length: > 0 and < 30 } what)
            return [OfName(isEnglish ? subjectsOf.CountName(sentence, "that " + what, Figures[0]) : what + "的" + subjectsOf.CountName(sentence, "", Figures[0]))];
        if (!isAttribute)
            return subjectsOf.Of(sentence, Figures, words, predicate, ref confidence);
        if (predicate is not { Measure: Measure.Level, Verb: null } || subjectsOf.CountedObject(sentence, Figures, words, tail) is not { } done)
            return null;
        confidence = ProseSubjects.OfCountedObject;
        return [OfName(done)];
    }

    private ProseSubject OfName(string name) => new(carry.Area, null, null, null, ProseSubject.Named(name, isEnglish));

    // the periods behind a figure that it is not compared with
    private static List<Token> PeriodsOf(ReadOnlySpan<char> sentence, List<Token> tail, ProsePredicate predicate)
    {
        var periods = new List<Token>();
        for (var i = 0; i < tail.Count; i++)
        {
            // an increase of £119 on June 2024
            var isCompared = i > 0 && (tail[i - 1].Kind == TokenKind.Compare || (predicate.Verb is TokenKind.Up or TokenKind.Down && sentence[tail[i - 1].From..tail[i - 1].To] is "on"));
            if (tail[i].Kind == TokenKind.Period && !isCompared && !predicate.RelativeTo.Contains(tail[i]))
                periods.Add(tail[i]);
        }
        return periods;
    }

    private string? State(ReadOnlySpan<char> sentence, ProsePredicate predicate, IReadOnlyList<ProseSubject> subjects, double confidence, int clauseFrom, bool isCount, Action<ProseStatement> stated)
    {
        var basis = predicate.Basis;
        Code? relativeTo = null;
        var comparedAt = predicate.RelativeTo.FindIndex(token => token.Kind == TokenKind.Period);
        var compared = comparedAt < 0 ? null : predicate.RelativeTo[comparedAt].Period!.Resolve(published, carry.StatedYear);
        // 比二〇二四年同月: of a year before, the same month
        if (compared is { Length: 4 } && carry.Period is { Length: > 4 } now && predicate.RelativeTo.Exists(token => token.Kind == TokenKind.OtherTime) && int.TryParse(now.AsSpan(0, 4), out var year) && compared == (year - 1).ToString(CultureInfo.InvariantCulture))
            compared = ProsePeriods.YearBefore(now);
        if (predicate.Measure is Measure.Growth or Measure.PointChange or Measure.Change && predicate.RelativeTo.Count > 0)
        {
            basis = compared is not null && carry.Period is not null ? ProsePeriods.Between(compared, carry.Period) ?? "G_X" : predicate.RelativeTo.Find(token => token.Kind == TokenKind.Transformation)?.Code?.Id ?? "G_X";
            if (basis == "G_X" || predicate.Measure == Measure.PointChange)
                relativeTo = compared is not null ? new Code(compared.Replace('/', '_')) { Labels = new Dictionary<string, string> { [isEnglish ? "en" : "zh"] = compared } } : Relative(sentence, predicate);
        }
        else if (predicate.RelativeTo.Count > 0)
        {
            relativeTo = Relative(sentence, predicate);
        }
        if (predicate.Measure is Measure.Pull or Measure.Contribution)
            carry.PulledOf = relativeTo ??= carry.PulledOf;
        basis ??= predicate.Measure == Measure.Growth ? carry.BasisOfSentence : null;
        // 进出口同比增长5.9%、环比增长3.1%，其中出口增长7.7%: of a sentence that has both, another's growth is over the year
        var isOther = carry.HasYearGrowth && subjects[0] != carry.OfSentence;
        carry.HasYearGrowth |= predicate.Measure == Measure.Growth && basis == Growth;
        var carriedBasis = basis ?? (!isOther && carry.PreviousMeasure is Measure.Growth && carry.PreviousBasis is GrowthOverPrevious or "G_AVG" && predicate.Measure == Measure.Growth ? carry.PreviousBasis : null);
        var isOfShare = carry.PreviousMeasure is Measure.Share or Measure.Contribution || (predicate.Measure == Measure.PointChange && subjects[0].NamesShare);
        confidence *= Certainty(predicate, subjects[0], basis, isOfShare);
        if (predicate is { Measure: Measure.Growth, Sign: -1 } && ProsePredicate.IsTimes(Figures[0]))
            return NotUnderstood;
        if (TransformationOf(predicate, basis ?? carriedBasis, carry.PreviousBasis, isOfShare, ProsePredicate.IsPercent(Figures[0]), subjects) is not { } transformation)
            return NotUnderstood;
        // what says so of each figure (over the last 12 months) says it of no other
        carry.GrowsOverYear |= basis == Growth && !sentence.ContainsAny(TwelveMonths);
        if (predicate.Measure == Measure.Growth && isEnglish && carriedBasis is null && !carry.GrowsOverYear && carry.Period is { Length: 7 })
            confidence *= 0.5;
        if (carry.IsElsewhere && carry.Area is null && !subjects[0].Equals(carry.OfSentence) && subjects[0].Area is null)
            confidence *= 0.5;
        confidence *= carry.Periods is not null ? 1 : carry.PeriodOrigin switch { PeriodOrigin.Stated => 1, PeriodOrigin.Headline => 0.95, PeriodOrigin.Earlier => 0.85, _ => 0.7 };
        var complete = new List<ProseSubject>(subjects.Count);
        foreach (var subject in subjects)
        {
            if ((subject.Area ?? carry.Area ?? ownArea) is not { } area)
                return "area-unknown";
            if (subject.Area is null && carry.Area is null)
                confidence *= areaCertainty;
            complete.Add(subjectsOf.InScope(subject with { Area = area, Certainty = 1 }));
        }
        var isOverSpan = IsOverSpan(sentence, predicate, transformation);
        if ((isOverSpan ? carry.Span : carry.Periods?[0] ?? carry.Period) is not { } period)
            return "period-unknown";
        for (var f = 0; f < Figures.Count; f++)
        {
            var figure = Figures[f];
            var value = figure.Value!.Value * predicate.Sign;
            // 增长2.2倍 is growth by 220 per cent
            if (ProsePredicate.IsTimes(figure) && predicate.Measure == Measure.Growth)
                (figure, value) = (figure with { Code = ProseTerms.UnitOf("PT") }, decimal.Round(value * 100, Math.Max(0, value.Scale - 2)));
            // 元 is what the place pays with
            if (ownCurrency is not null && figure.Code!.Id == "CNY" && sentence[figure.From..Math.Min(sentence.Length, figure.To + 3)].IndexOf("人民") < 0)
                figure = figure with { Code = ownCurrency };
            var about = complete[Math.Min(f, complete.Count - 1)];
            if (carry.Periods is not null)
                period = carry.Periods[f];
            stated(new ProseStatement(about, Transformations[transformation], period.Contains('/', StringComparison.Ordinal) && about.NamesStock ? period[^7..] : period, figure, value, clauseFrom)
            {
                RelativeTo = relativeTo,
                Adjustment = predicate.Measure is Measure.Growth or Measure.PointChange ? AdjustmentOf(about) : null,
                Kind = carry.Kind ?? (predicate.Measure == Measure.Level && !ProsePredicate.IsPercent(figure) && about.NamesCapacity ? "CAPACITY" : "OUTTURN"),
                Bound = Figures.Count > 1 && figure.Bound != Bound.None ? figure.Bound : predicate.Bound,
                IsPreliminary = carry.IsPreliminary,
                Confidence = Math.Round(confidence, 2),
            });
        }
        if (predicate.Measure == Measure.Level)
            carry.Unit = Figures[0].Code!.Id;
        carry.List(complete);
        carry.Verb = predicate.Verb ?? carry.Verb;
        // how many industries grew is not what a later clause is about
        if (isCount)
            carry.Previous = complete;
        // a later clause is about what came before one that is not surely about anything
        else if (confidence >= LeastCarried || carry.OfSentence is null)
            carry.TakeOver(complete, predicate.Measure, predicate.Measure == Measure.Growth ? transformation : null);
        // 生产指数为52.6%，比上月上升0.1个百分点: of a level in per cent
        carry.PreviousIsRate = predicate.Measure == Measure.Level ? ProsePredicate.IsPercent(Figures[0]) : carry.PreviousIsRate && predicate.Measure is Measure.PointChange;
        if (predicate.Measure is Measure.Growth or Measure.PointChange)
            carry.Adjustment = null;
        return null;
    }

    // whether the several years that were named are the figure's period: of 年均增长 and what is compared with it, of 五年累计, not of 两年平均增长
    private bool IsOverSpan(ReadOnlySpan<char> sentence, ProsePredicate predicate, string transformation)
    {
        if (carry.Span is null || predicate.RelativeTo.Exists(token => token.Period is not null))
            return false;
        return transformation == "G_AVG" ? predicate.Average is null || isEnglish || sentence[predicate.Average.From] is '年' or '平'
            : predicate.Measure is Measure.Difference or Measure.PointChange ? carry.PreviousBasis == "G_AVG"
            : carry.IsTotalOfSpan && predicate.Measure is Measure.Level && !ProsePredicate.IsPercent(Figures[0]);
    }

    // how sure it is that such a predicate is one of such a subject
    private double Certainty(ProsePredicate predicate, ProseSubject subject, string? basis, bool isOfShare)
    {
        var namesRate = subject.IsRate || subject.NamesRate;
        // a level changes by per cent, not by points (固定资产投资比上年同期提高3.1个百分点), a rate of growth by points (增速下降3.1%)
        var movesByPoints = namesRate || isOfShare || carry.PreviousIsRate || carry.PreviousMeasure is Measure.Growth or Measure.PointChange or Measure.Difference;
        return (carry.IsOfFirm ? 0.5 : 1) * predicate switch
        {
            { Measure: Measure.Level } when ProsePredicate.IsPercent(Figures[0]) => namesRate || subject.Indicator!.Id == "GDP_STRUCTURE" ? 1 : predicate.HasVerb ? 0.7 : 0.4,
            { Measure: Measure.Change } when basis is null => 0.8,
            { Measure: Measure.Multiple } => 0.7,
            { Measure: Measure.PointChange, OfRate: false } when !movesByPoints => 0.5,
            { Measure: Measure.Growth, OfRate: true, Verb: TokenKind.Up or TokenKind.Down } when !isEnglish => 0.5,
            _ => 1,
        };
    }

    // value added and GDP grow in real terms, whether a release says so or not
    private Code? AdjustmentOf(ProseSubject subject) =>
        carry.Adjustment is { } adjustment && !(subject.Indicator!.Id is "VALUE_ADDED" or "GDP" && adjustment.Id == "REAL") ? adjustment : null;

    private Code? Relative(ReadOnlySpan<char> sentence, ProsePredicate predicate)
    {
        var words = predicate.RelativeTo.ToList();
        while (words.Count > 0 && words[^1].Kind is TokenKind.Up or TokenKind.Down or TokenKind.Noise or TokenKind.Rate or TokenKind.ShareNoun or TokenKind.Is or TokenKind.Adverb or TokenKind.Link)
            words.RemoveAt(words.Count - 1);
        if (words is [{ Code: { } known }] && words[0].Kind is TokenKind.Area or TokenKind.Indicator or TokenKind.Activity)
            return resolveArea(known) ?? known;
        if (words.Count > 1 && !isEnglish && words.TrueForAll(token => token.Code is not null))
            return ProseSubject.Named(string.Concat(words.Select(token => token.Kind is TokenKind.Noise ? "" : token.Code!.Labels.GetValueOrDefault("zh", ""))), isEnglish);
        return words.Count > 0 && ProseSubject.Name(sentence, words, isEnglish) is { Length: > 0 and < 80 } name ? ProseSubject.Named(name, isEnglish) : null;
    }

    private static string? TransformationOf(ProsePredicate predicate, string? basis, string? growthBasis, bool isOfShare, bool isPercent, IReadOnlyList<ProseSubject> subjects) => predicate.Measure switch
    {
        Measure.Growth when subjects[0].IsRate => null,
        Measure.Growth => basis ?? Growth,
        Measure.Level when subjects[0].Indicator!.Id == "GDP_STRUCTURE" => "SH",
        Measure.Level => isPercent && subjects[0].NamesShare ? "SH" : "N",
        Measure.Share => "SH",
        Measure.Contribution => "CTR",
        Measure.Pull => "CTR_PP",
        Measure.PointChange when isOfShare => "PP_SH",
        Measure.PointChange when predicate.OfRate && growthBasis == GrowthOverPrevious => "PP_G1",
        Measure.PointChange => basis switch { Growth => "PP1Y", GrowthOverPrevious when subjects[0].IsRate => "PP1", _ => "PP" },
        Measure.Difference => "DIFF",
        Measure.Change => basis == Growth ? "D1Y" : "D",
        _ => "X",
    };
}
