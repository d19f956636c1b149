using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>A figure that a sentence states.</summary>
/// <param name="Subject">What it is about; always with an area and an indicator.</param>
/// <param name="Transformation">The code of <c>transformations.csv</c>.</param>
/// <param name="Period">TIME_PERIOD.</param>
/// <param name="Figure">The number with its unit.</param>
/// <param name="Value">The value, negative for a decline.</param>
/// <param name="ClauseFrom">Where its clause starts.</param>
internal sealed record ProseStatement(ProseSubject Subject, Code Transformation, string Period, Token Figure, decimal Value, int ClauseFrom)
{
    /// <summary>What a share, a contribution or a difference is relative to; null where it is to nothing, or to what TRANSFORMATION says.</summary>
    public Code? RelativeTo { get; init; }

    /// <summary>The code of KIND: <c>OUTTURN</c>, <c>TARGET</c>, <c>PLAN</c>, <c>FORECAST</c>, <c>CAPACITY</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>How the figure was adjusted (in real terms, seasonally); null where the text does not say.</summary>
    public Code? Adjustment { get; init; }

    /// <summary>What is said of the value.</summary>
    public Bound Bound { get; init; }

    /// <summary>Whether the sentence calls it preliminary.</summary>
    public bool IsPreliminary { get; init; }

    /// <summary>How sure the reading is, from 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>What it would be published as, for the finding on a reading that is not sure enough.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Reads()}: {Value} {UnitLabel()} in {Period}, confidence {Confidence:0.00}");

    /// <summary>As the release's report lists it.</summary>
    public ExtractedFigure ToFigure(string where, string sentence, bool isHeld) =>
        new(where, sentence, Reads(), Value, Figure.Code!.Id, Figure.Multiplier, Period, Transformation.Id, Confidence, isHeld);

    private string Reads() => string.Join(", ", new[] { Subject.Area, Subject.Population, Subject.Activity, Subject.Product, Subject.Indicator, Transformation, Adjustment, RelativeTo }
        .OfType<Code>().Select(code => code.Labels.Values.FirstOrDefault() ?? code.Id));

    private string UnitLabel() => (Figure.Multiplier > 0 ? Units.Multiplier(Figure.Multiplier).Labels.Values.FirstOrDefault() : "") + Figure.Code!.Labels.Values.First();
}

/// <summary>
/// Reads the figures of one paragraph after another: cuts a sentence's tokens into clauses, each with its figures, and puts together what the clause
/// says (<see cref="ProsePredicate"/>, <see cref="ProseSubject"/>) and what it takes over from those before (<see cref="ProseCarry"/>).
/// </summary>
internal sealed class ProseStatements
{
    private const string Scope = "ABOVE_SIZE";
    private const string Industry = "B_D";
    private const string Output = "OUTPUT";
    private const string Growth = "G1Y";
    private const string GrowthOverPrevious = "G1";
    private const string NotUnderstood = "figure-not-understood";

    private static readonly IReadOnlyDictionary<string, Code> Transformations = Vocabulary.Load("transformations").Codes;
    private static readonly IReadOnlyDictionary<string, Code> Indicators = Vocabulary.Load("indicators").Codes;
    private static readonly IReadOnlyDictionary<string, Code> Industries = Vocabulary.Load("industries").Codes;

    private readonly DateOnly? published;
    private readonly Code? ownArea;
    private readonly Func<Code, Code?> resolveArea;
    private readonly string? headlinePeriod;
    private readonly bool isEnglish;
    private readonly bool isReport;
    private readonly Code? releaseScope;
    private readonly double areaCertainty;
    private readonly List<Token> tokens = [];
    private readonly List<Token> figures = [];
    private readonly ProseCarry carry = new();
    private readonly int? statedYear;
    private string? sectionPeriod;
    private bool continues;
    private bool ofPart;

    /// <summary>Prepares for a release.</summary>
    /// <param name="context">What the release says about itself as a whole.</param>
    public ProseStatements(ProseContext context)
    {
        (published, ownArea, resolveArea, headlinePeriod) = (context.Published, context.Area, word => ProseContext.Resolve(word, context.Area), context.Period);
        (isEnglish, isReport, areaCertainty) = (context.Language == "en", context.IsReport, context.IsAreaAssumed ? 0.95 : 1);
        statedYear = headlinePeriod is null ? null : int.Parse(headlinePeriod.AsSpan(0, 4), CultureInfo.InvariantCulture);
        releaseScope = context.IsAboveSize ? Vocabulary.Load("populations").Codes[Scope] : null;
    }

    /// <summary>Starts a section: its heading may name a period, a product's output, or say that targets follow.</summary>
    public void StartSection(string heading)
    {
        var folded = new char[heading.Length];
        ProseTerms.Fold(heading, folded);
        ProseTokens.Scan(folded, heading, tokens);
        (carry.KindOfSection, carry.Kind) = (null, null);
        sectionPeriod = null;
        if (tokens.Exists(token => token.Kind == TokenKind.Target))
            carry.KindOfSection = "TARGET";
        foreach (var token in tokens)
        {
            if (token.Kind == TokenKind.Period && token.Period.Resolve(published, statedYear, isAhead: carry.KindOfSection is not null) is { } period)
                sectionPeriod = period;
        }
    }

    /// <summary>Starts a paragraph: its period is the release's until it names one.</summary>
    public void StartParagraph()
    {
        carry.StartParagraph(sectionPeriod ?? headlinePeriod, releaseScope);
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
        ProseTokens.Scan(sentence, written, tokens);
        carry.StartSentence(continues);
        ofPart &= continues;
        var (start, afterFigure) = (0, 0);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == TokenKind.Separator)
            {
                NoteClause(sentence, start, i);
                start = i + 1;
            }
            else if (StartsFigures(i))
            {
                var end = Group(i);
                var tailEnd = TailEnd(end);
                var from = ListStart(start, afterFigure, i);
                var clauseFrom = tokens[from < i ? from : i].From;
                if (Understand(sentence, tokens.GetRange(from, i - from), tokens.GetRange(end, tailEnd - end), clauseFrom, stated) is { } reason)
                {
                    (carry.Previous, carry.HasWandered) = ([], true);
                    foreach (var figure in figures)
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

    private bool StartsFigures(int i) =>
        tokens[i].Kind == TokenKind.Figure
        // 与上年持平 states a figure, 持平 before one says what it is
        || (tokens[i].Kind == TokenKind.Flat && carry.CountedOf is null && (i + 1 == tokens.Count || tokens[i + 1].Kind is not (TokenKind.Figure or TokenKind.Number or TokenKind.About)))
        || (tokens[i].Kind == TokenKind.Number && tokens[i].Code is null && i + 2 < tokens.Count
            && tokens[i + 1].Kind is TokenKind.ListSeparator or TokenKind.And or TokenKind.Range && tokens[i + 2].Kind is TokenKind.Figure)
        // among the 38 industrial divisions, 27 registered growth
        || (isEnglish && tokens[i].Kind == TokenKind.Number && tokens[i].Code is null && tokens[i].Value is not null
            && (carry.CountedOf is not null || IsGrouped(tokens[i]) || (i > 0 && tokens[i - 1].Kind == TokenKind.Within) || (i > 1 && tokens[i - 1].Kind == TokenKind.Noise && tokens[i - 2].Kind == TokenKind.Within)));

    // 11,000: a number written as an amount
    private static bool IsGrouped(Token number) => number.Value >= 1000 && number.To - number.From > (number.Value < 10_000 ? 4 : number.Value < 100_000 ? 5 : number.Value < 1_000_000 ? 6 : 7);

    // where the subjects of a list start: English parts them with commas, which else end a clause: Yinchuan, Shizuishan and Zhongwei
    private int ListStart(int start, int afterFigure, int at)
    {
        if (!isEnglish || figures.Count < 3)
            return start;
        var from = tokens.FindLastIndex(at - 1, at - afterFigure, token => token.Kind == TokenKind.And);
        for (var more = figures.Count - 1; from > afterFigure && more > 0; more--)
        {
            from = tokens.FindLastIndex(from - 1, from - afterFigure, token => token.Kind == TokenKind.Separator);
            if (from < 0)
                return more == 1 ? afterFigure : start;
        }
        return from < 0 ? start : from + 1;
    }

    // 4.6%、5.8%和2.9%; 3.5和4.3个百分点; 3%—5%: the figures of a list, a unit at least on the last
    private int Group(int i)
    {
        figures.Clear();
        figures.Add(tokens[i].Kind == TokenKind.Flat ? tokens[i] with { Kind = TokenKind.Figure, Value = 0, Code = ProseTerms.UnitOf("PT"), Verb = TokenKind.Flat } : tokens[i]);
        while (i + 2 < tokens.Count && (tokens[i + 1].Kind is TokenKind.ListSeparator or TokenKind.And or TokenKind.Range || (isEnglish && tokens[i + 1].Kind == TokenKind.Separator && IsListed(i + 2))) && tokens[i + 2].Kind is TokenKind.Figure or TokenKind.Number && tokens[i + 2].Verb is null)
        {
            var isRange = tokens[i + 1].Kind == TokenKind.Range;
            if (isRange)
                figures[^1] = figures[^1] with { Bound = Bound.Lower };
            figures.Add(isRange ? tokens[i + 2] with { Bound = Bound.Upper } : tokens[i + 2]);
            i += 2;
        }
        var last = figures[^1].Code is null && isEnglish ? figures[^1] with { Code = ProseTerms.UnitOf("UNIT") } : figures[^1];
        for (var f = 0; f < figures.Count; f++)
            if (figures[f].Code is null)
                figures[f] = figures[f] with { Kind = TokenKind.Figure, Code = last.Code, Multiplier = figures[f].Multiplier > 0 ? figures[f].Multiplier : last.Multiplier };
        return i + 1;
    }

    // whether a figure behind a comma is one of a list that ends with "and": 113.62 billion yuan, 98.04 billion yuan and 356.69 billion yuan
    private bool IsListed(int i)
    {
        while (i < tokens.Count && tokens[i].Kind == TokenKind.Figure && i + 1 < tokens.Count && tokens[i + 1].Kind == TokenKind.Separator)
            i += 2;
        return i + 2 < tokens.Count && tokens[i].Kind == TokenKind.Figure && tokens[i + 1].Kind == TokenKind.And && tokens[i + 2].Kind == TokenKind.Figure;
    }

    // where what belongs to a figure ends: at a separator, before the next clause
    private int TailEnd(int end)
    {
        var i = end;
        while (i < tokens.Count && tokens[i].Kind is not (TokenKind.Separator or TokenKind.ListSeparator) && !StartsFigures(i))
            i++;
        if (i == tokens.Count || tokens[i].Kind is TokenKind.Separator or TokenKind.ListSeparator)
            return i;
        // fell by 11,000 on the quarter to 722,000
        if (isEnglish && i > end && tokens[i - 1].Kind == TokenKind.Toward)
            return i - 1;
        // 41个大类行业中有34个: what the first number counts
        for (var k = end; k < i; k++)
            if (tokens[k].Kind == TokenKind.Within && !isEnglish)
                return k + 1;
        // another figure follows without a mark between: its clause starts behind the last 和
        for (var k = i - 1; k >= end; k--)
            if (tokens[k].Kind == TokenKind.And)
                return k;
        while (end < i && tokens[end].Kind is TokenKind.About or TokenKind.AtLeast or TokenKind.AtMost or TokenKind.Transformation or TokenKind.Respectively)
            end++;
        return isEnglish ? i : end;
    }

    // what a clause without a figure says that later ones take over: periods, areas, what it is about, whether it speaks of targets
    private void NoteClause(ReadOnlySpan<char> sentence, int from, int to)
    {
        if (from >= to)
            return;
        var words = tokens.GetRange(from, to - from);
        Note(sentence, words);
        // 从环比看: what all growth of the sentence is over
        if (words.Count <= 3 && words.Exists(token => token.Kind == TokenKind.Transformation) && words.TrueForAll(token => token.Kind is TokenKind.Transformation or TokenKind.Link or TokenKind.Noise or TokenKind.Residual))
            carry.BasisOfSentence = words.Find(token => token.Kind == TokenKind.Transformation)!.Code!.Id;
        // 上半年, 其中, 分行业看: nothing that a later clause could be about
        if (words.TrueForAll(token => token.Kind is TokenKind.Link or TokenKind.Period or TokenKind.Noise or TokenKind.SamePeriod or TokenKind.SoFar or TokenKind.OtherTime or TokenKind.Preliminary or TokenKind.And or TokenKind.Adverb or TokenKind.Compare or TokenKind.Transformation or TokenKind.Adjustment or TokenKind.Target or TokenKind.Forecast))
            return;
        var (body, area) = Trim(words);
        var leading = body.TakeWhile(token => token.Kind is TokenKind.Population or TokenKind.Activity or TokenKind.Product or TokenKind.Indicator or TokenKind.Noise or TokenKind.Bodies or TokenKind.And or TokenKind.ListSeparator or TokenKind.Area).ToList();
        // 全国首条输氢管道贯通: a comparison, and no turn to the nation
        if (area is not null && area.Id is not ("CN" or "_W") && (body.Count == 0 || body.Exists(token => token.Kind is TokenKind.Indicator or TokenKind.Activity or TokenKind.Population or TokenKind.Product)))
            TurnTo(area);
        if (leading.Exists(token => token.Kind is TokenKind.Population or TokenKind.Activity or TokenKind.Product or TokenKind.Indicator))
        {
            var topic = new List<ProseSubject>();
            foreach (var part in Split(leading))
                topic.Add(WithArea(ProseSubject.Of(sentence, part, resolveArea, isEnglish)));
            carry.Topic = topic;
            carry.Indicator = topic.LastOrDefault(subject => subject.Indicator is not null)?.Indicator ?? carry.Indicator;
            if (leading.Count < body.Count || carry.Previous.Count > 0)
                (carry.Previous, carry.HasWandered) = ([], leading.Count < body.Count);
            return;
        }
        if (body.Count > 0 && body[0].Kind is TokenKind.Residual && (!body.Exists(token => token.Kind is TokenKind.Up or TokenKind.Down) || ProseSubject.NamesMeasure(sentence[body[0].From..body[0].To])))
            (carry.HasWandered, carry.Previous) = (true, []);
        // 由降转涨: a remark on the figure before; a longer clause may be about something else
        if (body.Sum(token => token.To - token.From) > (isEnglish ? 40 : 12))
            carry.Previous = carry.HasWandered ? [] : carry.Previous;
    }

    private ProseSubject WithArea(ProseSubject subject) => subject with { Area = subject.Area ?? carry.Area };

    private void Note(ReadOnlySpan<char> sentence, IEnumerable<Token> words)
    {
        Token? before = null;
        foreach (var token in words)
        {
            switch (token.Kind)
            {
                case TokenKind.Link when token.To - token.From == 2 && sentence[token.From] == '其':
                    ofPart = true;
                    break;
                case TokenKind.Indicator:
                    carry.Indicator = token.Code;
                    break;
                case TokenKind.Adjustment:
                    carry.Adjustment = token.Code;
                    break;
                case TokenKind.Period when before is not { Kind: TokenKind.Compare } compare || (isEnglish && sentence[compare.From..compare.To] is "from"):
                    // 其中，6月份: for this sentence only
                    if (ofPart && carry.After is null && carry.PeriodOrigin == PeriodOrigin.Stated)
                        carry.After = (carry.Period, carry.PeriodOrigin);
                    carry.StatedYear = token.Period.Year ?? carry.StatedYear;
                    SetPeriod(token.Period.Resolve(published, carry.StatedYear ?? ReportYear, carry.Kind is not null), PeriodOrigin.Stated);
                    break;
                // 当月 is the month that was named, or the last one of the release's period
                case TokenKind.SamePeriod when carry.Period is { Length: > 8 } span:
                    SetPeriod(span[^7..], carry.PeriodOrigin);
                    break;
                case TokenKind.SoFar:
                    if (carry.PeriodOrigin is not (PeriodOrigin.Headline or PeriodOrigin.Stated) || carry.Period?.Contains('/', StringComparison.Ordinal) != true)
                        SetPeriod(published is { Month: > 1 } day ? new PeriodExpression(day.Year, null, 1, day.Month - 1, true).Resolve(published, null) : null, PeriodOrigin.ToDate);
                    break;
                case TokenKind.OtherTime when before?.Kind is not TokenKind.Compare:
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
            before = token;
        }
    }

    // a target lies ahead: its period is the year named, or that of the release, or the report's
    private void StartKind(string kind)
    {
        carry.Kind = carry.Kind is "TARGET" ? carry.Kind : kind;
        if (carry.Kind == "FORECAST" && carry.PeriodOrigin == PeriodOrigin.Stated)
            return;
        carry.After ??= (carry.Period, carry.PeriodOrigin);
        var year = ReportYear is { } reported ? reported + 1 : published?.Year ?? carry.StatedYear;
        if (year is { } y && !(carry.PeriodOrigin == PeriodOrigin.Stated && carry.Period!.StartsWith(y.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) && carry.Period.Length == 4))
            SetPeriod(y.ToString(CultureInfo.InvariantCulture), PeriodOrigin.Headline);
    }

    // the year that a work report looks back on
    private int? ReportYear => isReport && headlinePeriod is { Length: 4 } ? int.Parse(headlinePeriod, CultureInfo.InvariantCulture) : null;

    private void SetPeriod(string? period, PeriodOrigin origin) => (carry.Period, carry.PeriodOrigin) = (period, period is null ? PeriodOrigin.None : origin);

    private void TurnTo(Code area)
    {
        carry.Area = area;
        carry.IsElsewhere = area.Id != ownArea?.Id;
    }

    // takes connecting words, periods and the leading area off
    private (List<Token> Words, Code? Area) Trim(List<Token> words)
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

    private static List<List<Token>> Split(List<Token> words)
    {
        var parts = new List<List<Token>>();
        var from = 0;
        for (var i = 0; i <= words.Count; i++)
        {
            if (i < words.Count && words[i].Kind is not (TokenKind.ListSeparator or TokenKind.And or TokenKind.Separator))
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

    private string? Understand(ReadOnlySpan<char> sentence, List<Token> lead, List<Token> tail, int clauseFrom, Action<ProseStatement> stated)
    {
        if (figures.Exists(f => f.Value is null))
            return figures.Exists(f => f.Value is null && f.To - f.From < 28) ? "figure-interrupted" : NotUnderstood;
        if (figures.Exists(f => f.Code is null || (f.Code.Id != figures[0].Code!.Id && !(ProsePredicate.IsPercent(f) || ProsePredicate.IsTimes(f)))))
            return NotUnderstood;
        var predicate = ProsePredicate.Of(sentence, lead, tail, figures[^1], carry.Verb, isEnglish);
        if (predicate is null)
        {
            Note(sentence, lead);
            return NotUnderstood;
        }
        // 40个工业大类中有23个: the first number counts what the second is a part of
        var counted = isEnglish ? lead.Exists(token => token.Kind == TokenKind.Within) && tail.Count > 0 : tail.Count > 1 && tail[^1].Kind == TokenKind.Within;
        var isAttribute = !isEnglish && tail.Count > 0 && !counted && predicate.Measure != Measure.Contribution && !tail.TrueForAll(token => token.Kind is TokenKind.About or TokenKind.AtLeast or TokenKind.AtMost or TokenKind.Transformation or TokenKind.Respectively or TokenKind.Adverb);
        // 产量上升的有200种: how many, and not by how much
        if (predicate.IsCount && predicate.Measure == Measure.Change)
            predicate = predicate with { Measure = Measure.Level, Sign = 1, SubjectEnd = lead.Count };
        // decreased by 0.2 percent year on year and 0.3 percent month on month: the verb is that of the figure before
        if (isEnglish && predicate is { Measure: Measure.Level, Verb: null } && lead.TrueForAll(token => token.Kind is TokenKind.And or TokenKind.Noise or TokenKind.By) && ProsePredicate.IsPercent(figures[0]) && carry.PreviousMeasure == Measure.Growth)
            predicate = predicate with { Measure = Measure.Growth, Verb = carry.Verb, Sign = carry.Verb == TokenKind.Down ? -1 : 1 };
        var before = lead.GetRange(0, predicate.SubjectEnd);
        // annual growth in earnings was 4.8%; growth of exports was 5%
        if (isEnglish && predicate is { Measure: Measure.Level, Verb: TokenKind.Is } && ProsePredicate.IsPercent(figures[0]) && before.FindIndex(token => token.Kind is not (TokenKind.Noise or TokenKind.Link or TokenKind.Period)) is >= 0 and var head
            && before[head].Kind is TokenKind.Transformation or TokenKind.Rate or TokenKind.Up && head + 1 < before.Count && before[head + 1].Kind is TokenKind.Link or TokenKind.Noise)
        {
            predicate = predicate with { Measure = Measure.Growth, Basis = predicate.Basis ?? before[head].Code?.Id switch { "G1" => "G1", _ => null } };
            before.RemoveAt(head);
        }
        Note(sentence, before);
        carry.Adjustment = lead.FindLast(token => token.Kind == TokenKind.Adjustment)?.Code ?? carry.Adjustment;
        if (isEnglish)
            Note(sentence, tail.Where((token, i) => token.Kind == TokenKind.Period && !predicate.RelativeTo.Contains(token) && (i == 0 || tail[i - 1].Kind != TokenKind.Compare)));
        // 39.87 million tons of raw coal were produced
        if (isEnglish && predicate.Measure == Measure.Level && predicate.Verb is null && tail.Count > 1 && sentence[tail[0].From..tail[0].To] is "of" && Trim(before).Words.Count == 0)
            before = [.. tail.Skip(1).TakeWhile(token => token.Kind is not (TokenKind.Is or TokenKind.Has)), .. tail.Where(token => token.Kind == TokenKind.Produce)];
        var (words, area) = Trim(before);
        if (area is not null)
            TurnTo(area);
        var confidence = 1.0;
        IReadOnlyList<ProseSubject>? subjects;
        if (counted)
        {
            var noun = Trim(tail.Where(token => token.Kind != TokenKind.Within).ToList()).Words;
            carry.CountedOf = ProseSubject.Name(sentence, noun, isEnglish);
            var known = ProseSubject.Of(sentence, noun, resolveArea, isEnglish);
            subjects = [WithArea(known with { Indicator = ProseSubject.Named(CountName(sentence, "", figures[0]), isEnglish), Activity = null, Population = null, Product = null })];
            predicate = predicate with { Measure = Measure.Level, Sign = 1 };
        }
        // 41个大类行业中，29个行业利润总额增加
        else if ((isAttribute || (isEnglish && tail.Count > 0)) && carry.CountedOf is not null && predicate.Measure == Measure.Level && words.Count == 0 && ProseSubject.Name(sentence, tail, isEnglish) is { Length: > 0 and < 30 } what)
        {
            subjects = [new ProseSubject(carry.Area, null, null, null, ProseSubject.Named(isEnglish ? CountName(sentence, "that " + what, figures[0]) : what + "的" + CountName(sentence, "", figures[0]), isEnglish))];
        }
        else if (isAttribute && predicate is { Measure: Measure.Level, Verb: null } && CountedObject(sentence, words, tail) is { } done)
        {
            subjects = [new ProseSubject(carry.Area, null, null, null, ProseSubject.Named(done, isEnglish))];
            confidence = OfCountedObject;
        }
        else if (isAttribute)
        {
            return NotUnderstood;
        }
        else
        {
            subjects = Subjects(sentence, words, predicate, ref confidence);
        }
        if (subjects is null)
            return NotUnderstood;
        var isCount = counted || (carry.CountedOf is not null && predicate.Measure == Measure.Level);
        return State(sentence, predicate, subjects, confidence, clauseFrom, isCount, stated);
    }

    private const double OfCountedObject = 0.65;

    // 新增5个国家生态文明示范区: what was done, to how many of what; null where the words behind the number are no object, but go on
    private string? CountedObject(ReadOnlySpan<char> sentence, List<Token> words, List<Token> tail)
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

    // Whose figures they are: what the clause names, completed by what it takes over.
    private IReadOnlyList<ProseSubject>? Subjects(ReadOnlySpan<char> sentence, List<Token> words, ProsePredicate predicate, ref double confidence)
    {
        // the upper bound of a range is of the same subject
        var count = figures[^1].Bound == Bound.Upper && figures.Count == 2 && figures[0].Bound == Bound.Lower ? 1 : figures.Count;
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
            return TakenOver(count, predicate, ref confidence);
        // 增速下降3.1%: by per cent, or by points?
        if (!isEnglish && predicate.Measure == Measure.Growth && words[^1].Kind is TokenKind.Rate or TokenKind.Decline)
            confidence *= 0.5;
        if (isEnglish && words[0].Kind == TokenKind.ThatOf)
            words = words[1..];
        var parts = count > 1 ? Split(words) : [words];
        // 固定资产投资、进出口增长3.1%: each, or together?
        if (count == 1 && Split(words) is { Count: > 1 } several && several.TrueForAll(part => part[^1].Kind == TokenKind.Indicator))
            return null;
        // 装备制造业和高技术制造业继续领跑，增加值分别增长8.9%和9.7%
        if (parts.Count == 1 && count > 1 && carry.Topic.Count == count && ProseSubject.Of(sentence, words, resolveArea, isEnglish) is { Indicator: { } shared, Activity: null, Population: null, Product: null } of)
        {
            confidence *= of.Certainty;
            return [.. carry.Topic.Select(subject => subject with { Indicator = shared, Area = of.Area ?? subject.Area })];
        }
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
            if (Complete(subject, sentence, words, predicate, ref confidence) is not { } complete)
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

    // 主要产品种数, 产量上升的主要产品种数
    private string CountName(ReadOnlySpan<char> sentence, string what, Token figure)
    {
        if (isEnglish)
            return $"number of {carry.CountedOf} {what}".TrimEnd();
        var word = figure.Code?.Labels.GetValueOrDefault("zh") is not null && sentence[figure.To - 1] is not '个' ? sentence[figure.To - 1].ToString() : "";
        return $"{what}{carry.CountedOf}{word}数";
    }

    // a clause that names nothing is about what the one before is about
    private IReadOnlyList<ProseSubject>? TakenOver(int count, ProsePredicate predicate, ref double confidence)
    {
        if (carry.Topic.Count == count && carry.Topic[^1].Indicator is not null && carry.Previous.Count == 0)
        {
            confidence *= 0.9;
            return carry.Topic;
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

    private ProseSubject? Complete(ProseSubject subject, ReadOnlySpan<char> sentence, List<Token> words, ProsePredicate predicate, ref double confidence)
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
            else if (carry.OfRelease is { } whole && whole.Indicator?.Id == subject.Indicator.Id)
                subject = subject with { Activity = whole.Activity, Population = whole.Population, Product = whole.Product };
            else
                confidence *= 0.8;
        }
        // 其中，出口…: of the enterprises, or the kind of trade, that the figure before was of
        else if (ofPart && subject is { Indicator: { Id: "EXPORTS" or "IMPORTS" } part, Population: null, Activity: null, Product: null } && earlier is { Indicator: { } ofWhole })
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

    private string? State(ReadOnlySpan<char> sentence, ProsePredicate predicate, IReadOnlyList<ProseSubject> subjects, double confidence, int clauseFrom, bool isCount, Action<ProseStatement> stated)
    {
        var basis = predicate.Basis;
        Code? relativeTo = null;
        var comparedAt = predicate.RelativeTo.FindIndex(token => token.Kind == TokenKind.Period);
        var compared = comparedAt < 0 ? null : predicate.RelativeTo[comparedAt].Period.Resolve(published, carry.StatedYear);
        // 比二〇二四年同月: of a year before, the same month
        if (compared is { Length: 4 } && carry.Period is { Length: > 4 } now && predicate.RelativeTo.Exists(token => token.Kind == TokenKind.OtherTime) && int.TryParse(now.AsSpan(0, 4), out var year) && compared == (year - 1).ToString(CultureInfo.InvariantCulture))
            compared = compared + now[4..(now.Contains('/', StringComparison.Ordinal) ? now.IndexOf('/', StringComparison.Ordinal) : now.Length)] + (now.Contains('/', StringComparison.Ordinal) ? "/" + compared + now[^3..] : "");
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
        var carriedBasis = basis ?? (carry.PreviousMeasure is Measure.Growth && carry.PreviousBasis is GrowthOverPrevious or "G_AVG" && predicate.Measure == Measure.Growth ? carry.PreviousBasis : null);
        if (predicate.Measure == Measure.Level && ProsePredicate.IsPercent(figures[0]))
            confidence *= subjects[0].IsRate || IsNamedRate(subjects[0]) || subjects[0].Indicator!.Id == "GDP_STRUCTURE" ? 1 : predicate.HasVerb ? 0.7 : 0.4;
        if (predicate.Measure is Measure.Change && basis is null)
            confidence *= 0.8;
        if (predicate.Measure is Measure.Multiple)
            confidence *= 0.7;
        if (carry.IsOfFirm)
            confidence *= 0.5;
        // a level changes by per cent, not by points: 固定资产投资比上年同期提高3.1个百分点; a rate of growth falls by points: 增速下降3.1%; nothing falls by 2.2 times
        var isOfShare = carry.PreviousMeasure is Measure.Share or Measure.Contribution || (predicate.Measure == Measure.PointChange && IsShareName(subjects[0].Indicator!.Labels.Values.First()));
        if (predicate is { Measure: Measure.PointChange, OfRate: false } && !subjects[0].IsRate && !IsNamedRate(subjects[0]) && !isOfShare && carry.PreviousMeasure is not (Measure.Growth or Measure.PointChange or Measure.Difference))
            confidence *= 0.5;
        if (predicate is { Measure: Measure.Growth, OfRate: true, Verb: TokenKind.Up or TokenKind.Down } && !isEnglish)
            confidence *= 0.5;
        if (predicate is { Measure: Measure.Growth, Sign: -1 } && ProsePredicate.IsTimes(figures[0]))
            return NotUnderstood;
        if (TransformationOf(predicate, basis ?? carriedBasis, carry.PreviousBasis, isOfShare, subjects) is not { } transformation)
            return NotUnderstood;
        carry.GrowsOverYear |= basis == Growth;
        if (predicate.Measure == Measure.Growth && isEnglish && carriedBasis is null && !carry.GrowsOverYear)
            confidence *= 0.5;
        if (carry.IsElsewhere && carry.Area is null && !subjects[0].Equals(carry.OfSentence) && subjects[0].Area is null)
            confidence *= 0.5;
        confidence *= carry.PeriodOrigin switch { PeriodOrigin.Stated => 1, PeriodOrigin.Headline => 0.95, PeriodOrigin.Earlier => 0.85, _ => 0.7 };
        var complete = new List<ProseSubject>(subjects.Count);
        foreach (var subject in subjects)
        {
            if ((subject.Area ?? carry.Area ?? ownArea) is not { } area)
                return "area-unknown";
            if (subject.Area is null && carry.Area is null)
                confidence *= areaCertainty;
            complete.Add(InScope(subject with { Area = area, Certainty = 1 }));
        }
        if (carry.Period is null)
            return "period-unknown";
        for (var f = 0; f < figures.Count; f++)
        {
            var figure = figures[f];
            var value = figure.Value!.Value * predicate.Sign;
            // 增长2.2倍 is growth by 220 per cent
            if (ProsePredicate.IsTimes(figure) && predicate.Measure == Measure.Growth)
                (figure, value) = (figure with { Code = ProseTerms.UnitOf("PT") }, decimal.Round(value * 100, Math.Max(0, value.Scale - 2)));
            var about = complete[Math.Min(f, complete.Count - 1)];
            stated(new ProseStatement(about, Transformations[transformation], carry.Period, figure, value, clauseFrom)
            {
                RelativeTo = relativeTo,
                Adjustment = predicate.Measure is Measure.Growth or Measure.PointChange ? AdjustmentOf(about) : null,
                Kind = carry.Kind ?? (predicate.Measure == Measure.Level && IsCapacity(about) ? "CAPACITY" : "OUTTURN"),
                Bound = figures.Count > 1 && figure.Bound != Bound.None ? figure.Bound : predicate.Bound,
                IsPreliminary = carry.IsPreliminary,
                Confidence = Math.Round(confidence, 2),
            });
        }
        if (predicate.Measure == Measure.Level)
            carry.Unit = figures[0].Code!.Id;
        carry.Listed = [.. carry.Listed, .. complete.Except(carry.Listed)];
        carry.Verb = predicate.Verb ?? carry.Verb;
        // how many industries grew is not what a later clause is about
        if (isCount)
            carry.Previous = complete;
        else
            carry.TakeOver(complete, predicate.Measure, predicate.Measure == Measure.Growth ? transformation : null);
        if (predicate.Measure is Measure.Growth or Measure.PointChange)
            carry.Adjustment = null;
        return null;
    }

    // value added and GDP grow in real terms, whether a release says so or not
    private Code? AdjustmentOf(ProseSubject subject) =>
        carry.Adjustment is { } adjustment && !(subject.Indicator!.Id is "VALUE_ADDED" or "GDP" && adjustment.Id == "REAL") ? adjustment : null;

    private Code? Relative(ReadOnlySpan<char> sentence, ProsePredicate predicate)
    {
        var words = predicate.RelativeTo.ToList();
        while (words.Count > 0 && words[^1].Kind is TokenKind.Up or TokenKind.Down or TokenKind.Noise or TokenKind.Rate or TokenKind.Is or TokenKind.Adverb or TokenKind.Link)
            words.RemoveAt(words.Count - 1);
        if (words is [{ Code: { } known }] && words[0].Kind is TokenKind.Area or TokenKind.Indicator or TokenKind.Activity)
            return resolveArea(known) ?? known;
        if (words.Count > 1 && !isEnglish && words.TrueForAll(token => token.Code is not null))
            return ProseSubject.Named(string.Concat(words.Select(token => token.Kind is TokenKind.Noise ? "" : token.Code!.Labels.GetValueOrDefault("zh", ""))), isEnglish);
        return words.Count > 0 && ProseSubject.Name(sentence, words, isEnglish) is { Length: > 0 and < 80 } name ? ProseSubject.Named(name, isEnglish) : null;
    }

    private static bool IsNamedRate(ProseSubject subject) => subject.Indicator is { } indicator && indicator.Labels.Values.Any(label =>
        label[^1] is '率' or '度' or '数' || label.EndsWith("比例", StringComparison.Ordinal) || label.EndsWith("rate", StringComparison.Ordinal) || label.EndsWith("ratio", StringComparison.Ordinal) || label.EndsWith("margin", StringComparison.Ordinal) || IsShareName(label));

    private static bool IsShareName(string label) => label[^1] == '面' || label.EndsWith("比重", StringComparison.Ordinal) || label.EndsWith("占比", StringComparison.Ordinal) || label.EndsWith("份额", StringComparison.Ordinal)
        || label.EndsWith("coverage", StringComparison.Ordinal) || label.Contains("share of", StringComparison.OrdinalIgnoreCase) || label.Contains("proportion of", StringComparison.OrdinalIgnoreCase);

    private static bool IsCapacity(ProseSubject subject) => subject.Indicator!.Labels.Values.Any(label =>
        label.EndsWith("产能", StringComparison.Ordinal) || label.EndsWith("装机", StringComparison.Ordinal) || label.EndsWith("装机容量", StringComparison.Ordinal) || label.EndsWith("生产能力", StringComparison.Ordinal) || label.EndsWith("installed capacity", StringComparison.OrdinalIgnoreCase));

    private static string? TransformationOf(ProsePredicate predicate, string? basis, string? growthBasis, bool isOfShare, IReadOnlyList<ProseSubject> subjects) => predicate.Measure switch
    {
        Measure.Growth when subjects[0].IsRate => null,
        Measure.Growth => basis ?? Growth,
        Measure.Level when subjects[0].Indicator!.Id == "GDP_STRUCTURE" => "SH",
        Measure.Level => IsShareName(subjects[0].Indicator!.Labels.Values.First()) ? "SH" : "N",
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

    // what the monthly survey of industrial enterprises above designated size asks
    private static readonly HashSet<string> OfSurvey = ["VALUE_ADDED", "PROFIT", "REVENUE", "DEBT_RATIO", "PROFIT_MARGIN", "EXPORT_DELIVERY", "SALES_RATE"];

    // In a text on industry above designated size, the value added of an industry or of a kind of enterprise, and the output of a product, are those of
    // the part above designated size: that is what these monthly surveys cover.
    private ProseSubject InScope(ProseSubject subject)
    {
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
                Labels = new Dictionary<string, string>
                {
                    ["zh"] = scope.Labels["zh"] + kind.Labels["zh"],
                    ["en"] = $"{kind.Labels["en"]} above designated size",
                },
            },
        };
    }
}
