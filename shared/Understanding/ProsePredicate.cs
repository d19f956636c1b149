namespace Pipeline.Understanding;

/// <summary>What a figure measures.</summary>
internal enum Measure
{
    /// <summary>产量12万吨, 失业率为5.2%.</summary>
    Level,

    /// <summary>增长5.2%, 持平.</summary>
    Growth,

    /// <summary>占全国的比重为36.7%.</summary>
    Share,

    /// <summary>贡献率达64.3%.</summary>
    Contribution,

    /// <summary>拉动增长2.5个百分点.</summary>
    Pull,

    /// <summary>增速比上年同期提高3.1个百分点.</summary>
    PointChange,

    /// <summary>比上年末增加5.3万人.</summary>
    Change,

    /// <summary>高于全国1.3个百分点.</summary>
    Difference,

    /// <summary>是上年同期的2.1倍.</summary>
    Multiple,
}

/// <summary>What a clause says of its figures: the words right before them, and in English also those right behind.</summary>
internal sealed record ProsePredicate(Measure Measure)
{
    /// <summary>-1 for a decline.</summary>
    public int Sign { get; init; } = 1;

    /// <summary>The code of <c>transformations.csv</c> that the clause states (同比, 环比); null where it states none.</summary>
    public string? Basis { get; init; }

    /// <summary>The word that makes of it an average over years: 年均, 两年平均; null where there is none.</summary>
    public Token? Average { get; init; }

    /// <summary>Where the tokens before the figure stop to be its subject.</summary>
    public int SubjectEnd { get; init; }

    /// <summary>What the figure is relative to: the tokens between 占, 比 or 高于 and the verb; empty where there is none.</summary>
    public List<Token> RelativeTo { get; init; } = [];

    /// <summary>Whether the figures of a list belong to the subjects of a list.</summary>
    public bool IsRespective { get; init; }

    /// <summary>What the clause says of the value: 超过, 约, 以上.</summary>
    public Bound Bound { get; init; }

    /// <summary>Whether it speaks of a growth rate (增速, 涨幅), so that it can only be about what grows.</summary>
    public bool OfRate { get; init; }

    /// <summary>The verb: <see cref="TokenKind.Up"/>, <see cref="TokenKind.Down"/>, <see cref="TokenKind.Is"/>, <see cref="TokenKind.Flat"/>; null where there is none.</summary>
    public TokenKind? Verb { get; init; }

    /// <summary>Whether a verb says what the figure is: 为, 达, 增长.</summary>
    public bool HasVerb { get; init; }

    /// <summary>Whether it counts those that something is true of: 增长的有30个.</summary>
    public bool IsCount { get; init; }

    private const string Percent = "PT";
    private const string PerMille = "PM";
    private const string Points = "PPT";
    private const string Times = "RATIO";

    /// <summary>Whether a unit says by itself that its figure is a rate.</summary>
    public static bool IsPercent(Token figure) => figure.Code?.Id is Percent or PerMille;

    /// <summary>Whether a figure is in percentage points.</summary>
    public static bool IsPoints(Token figure) => figure.Code?.Id is Points;

    /// <summary>Whether a figure is a number of times.</summary>
    public static bool IsTimes(Token figure) => figure.Code?.Id is Times;

    /// <summary>Reads the predicate of a figure; null where it has none that is understood.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="lead">The tokens of the clause before the figure.</param>
    /// <param name="tail">Those behind it, up to the clause's end; of a Chinese clause only 左右, 以上 and the like count.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="elided">The verb of the clause before, which a bare "by" takes over: … grew by 5.2%, that of manufacturing by 9.3%.</param>
    /// <param name="isEnglish">Whether the text is English.</param>
    public static ProsePredicate? Of(ReadOnlySpan<char> sentence, List<Token> lead, List<Token> tail, Token figure, TokenKind? elided, bool isEnglish)
    {
        var reading = new Reading(lead, figure);
        reading.StripVerb(sentence, isEnglish);
        reading.FindMarker(isEnglish);
        if (isEnglish)
            reading.ReadTail(tail, elided);
        reading.StripSubject();
        foreach (var token in tail.TakeWhile(t => t.Kind is TokenKind.About or TokenKind.AtLeast or TokenKind.AtMost or TokenKind.Transformation or TokenKind.Adverb or TokenKind.Adjustment or TokenKind.Respectively))
            reading.Qualify(token);
        return reading.Result();
    }

    private sealed class Reading(List<Token> lead, Token figure)
    {
        private int end = lead.Count;
        private TokenKind? verb = figure.Verb;
        private TokenKind? marker;
        private string? basis;
        private List<Token> relativeTo = [];
        private Bound bound = figure.Bound;
        private Token? average;
        private bool isRespective, ofRate, ofDecline, ofShare, ofContribution, isCount, isFrom, isBy;

        public void Qualify(Token token)
        {
            switch (token.Kind)
            {
                case TokenKind.About:
                    bound = bound == Bound.None ? Bound.About : bound;
                    break;
                case TokenKind.AtLeast:
                    bound = Bound.Lower;
                    break;
                case TokenKind.AtMost:
                    bound = Bound.Upper;
                    break;
                case TokenKind.Transformation:
                    basis ??= token.Code!.Id;
                    break;
                case TokenKind.Respectively:
                    isRespective = true;
                    break;
            }
        }

        /// <summary>Takes the verb and what goes with it off the right end.</summary>
        public void StripVerb(ReadOnlySpan<char> sentence, bool isEnglish)
        {
            for (; end > 0; end--)
            {
                var token = lead[end - 1];
                isBy |= end == lead.Count && isEnglish && sentence[token.From..token.To] is "by";
                switch (token.Kind)
                {
                    case TokenKind.Adverb or TokenKind.Adjustment or TokenKind.Noise or TokenKind.Link when token.Kind != TokenKind.Link || isEnglish:
                    case TokenKind.By:
                        continue;
                    case TokenKind.About or TokenKind.AtLeast or TokenKind.AtMost or TokenKind.Respectively or TokenKind.Transformation:
                        Qualify(token);
                        continue;
                    case TokenKind.Has:
                        isCount = true;
                        continue;
                    case TokenKind.Average:
                        average = token;
                        continue;
                    case TokenKind.Up or TokenKind.Down or TokenKind.Is or TokenKind.Flat when verb is null:
                        verb = token.Kind;
                        continue;
                    case TokenKind.Is when verb is not null:
                        // 由上月持平转为下降0.2%: what it was before is no part of the subject
                        if (!isEnglish && sentence[token.From] == '转')
                            end = BeforeTurn(sentence, end);
                        continue;
                    // the growth was 9.1%
                    case TokenKind.Up or TokenKind.Down when isEnglish && verb is TokenKind.Is && IsPercent(figure):
                        (verb, ofRate) = (token.Kind, true);
                        continue;
                    // by 11,000 to 722,000
                    case TokenKind.Toward when isEnglish && verb is null && end == 1:
                        verb = TokenKind.Is;
                        continue;
                    // increased to 5.2%
                    case TokenKind.Toward when isEnglish && verb is null && end > 1 && lead[end - 2].Kind is TokenKind.Up or TokenKind.Down:
                        verb = TokenKind.Is;
                        end--;
                        continue;
                    // was 4.1%, up from 4.0%
                    case TokenKind.Compare when isEnglish && end == lead.Count && sentence[token.From..token.To] is "from":
                        isFrom = true;
                        continue;
                    case TokenKind.Rate or TokenKind.Decline when (IsPercent(figure) && verb is null or TokenKind.Is) || IsPoints(figure):
                        (ofRate, ofDecline) = (true, ofDecline || token.Kind == TokenKind.Decline);
                        continue;
                    case TokenKind.ShareNoun when IsPercent(figure) && verb is null or TokenKind.Is:
                        ofShare = true;
                        continue;
                    case TokenKind.Contribution when IsPercent(figure) && verb is null or TokenKind.Is:
                        ofContribution = true;
                        continue;
                    case TokenKind.Share or TokenKind.Pull or TokenKind.PullDown or TokenKind.Contribute when isEnglish && marker is null:
                        marker = token.Kind;
                        continue;
                    // 同比大幅增长: a word that no vocabulary has, between the comparison and the verb
                    case TokenKind.Residual when !isEnglish && verb is TokenKind.Up or TokenKind.Down && basis is null && end > 1 && lead[end - 2].Kind == TokenKind.Transformation && token.To - token.From <= 6:
                        continue;
                }
                break;
            }
        }

        // the index behind the 由 that a turn begins with; the same index where it begins with something else
        private int BeforeTurn(ReadOnlySpan<char> sentence, int at)
        {
            var from = lead.FindLastIndex(at - 1, token => token.Kind == TokenKind.Link);
            return from >= 0 && sentence[lead[from].From] is '由' or '从' && lead.GetRange(from + 1, at - from - 2).TrueForAll(token => token.Kind is TokenKind.Flat or TokenKind.Up or TokenKind.Down or TokenKind.OtherTime or TokenKind.Period or TokenKind.Noise)
                ? from + 1 : at;
        }

        /// <summary>Finds 占, 比, 高于, 拉动 and the like before the verb; what stands between is what the figure is relative to.</summary>
        public void FindMarker(bool isEnglish)
        {
            if (marker is not null)
                return;
            for (var i = end - 1; i >= 0; i--)
            {
                var fits = lead[i].Kind switch
                {
                    TokenKind.Pull or TokenKind.PullDown or TokenKind.Affect when isEnglish => IsPoints(figure),
                    _ when isEnglish => false,
                    TokenKind.Share or TokenKind.Contribute => IsPercent(figure) && verb is not (TokenKind.Up or TokenKind.Down),
                    TokenKind.Pull or TokenKind.PullDown or TokenKind.Affect => IsPoints(figure) || (IsPercent(figure) && lead[i].Kind != TokenKind.Affect && i >= end - 1),
                    TokenKind.Exceed or TokenKind.FallShort => !IsPercent(figure) && !IsTimes(figure) && i + 1 < end,
                    TokenKind.Compare => (verb is TokenKind.Up or TokenKind.Down || figure.Verb is not null || (verb is TokenKind.Flat)) && i + 1 < end,
                    TokenKind.Toward => ofContribution,
                    // 增速与一季度持平
                    // 与1月比较上升15.1%
                    TokenKind.And => i + 1 < end && IsTime(lead[i + 1]) && (verb is TokenKind.Flat || (i + 2 < end && verb is TokenKind.Up or TokenKind.Down && lead[i + 2].Kind is TokenKind.Compare or TokenKind.Residual)),
                    _ => false,
                };
                if (!fits)
                    continue;
                marker = lead[i].Kind == TokenKind.And ? TokenKind.Compare : lead[i].Kind;
                relativeTo = [.. lead.Skip(i + 1).Take(end - i - 1)];
                end = i;
                return;
            }
            // 是2020年的2.4倍
            if (IsTimes(figure) && end > 0 && verb is null or TokenKind.Is && IsTime(lead[end - 1]))
            {
                relativeTo = [lead[--end]];
                while (end > 0 && lead[end - 1].Kind is TokenKind.Is or TokenKind.Adverb)
                    end--;
            }
            // 高于5%: more than 5 per cent
            if (!isEnglish && end > 0 && lead[end - 1].Kind is TokenKind.Exceed or TokenKind.FallShort)
                bound = lead[--end].Kind == TokenKind.Exceed ? Bound.Lower : Bound.Upper;
        }

        /// <summary>Reads what English says behind the figure: year on year, higher than the national average, of the growth.</summary>
        public void ReadTail(List<Token> tail, TokenKind? elided)
        {
            if (isBy && verb is null && marker is null)
                verb = elided;
            for (var i = 0; i < tail.Count; i++)
            {
                var token = tail[i];
                switch (token.Kind)
                {
                    // 11.3% more than in 2023
                    case TokenKind.AtLeast or TokenKind.AtMost when i == 0 && verb is null or TokenKind.Is && tail.Skip(1).Any(IsTime) && tail.Count > 1 && tail[1].Kind is TokenKind.Link or TokenKind.Period or TokenKind.OtherTime or TokenKind.Noise:
                        (verb, marker, relativeTo) = (token.Kind == TokenKind.AtLeast ? TokenKind.Up : TokenKind.Down, TokenKind.Compare, [.. tail.Skip(1)]);
                        return;
                    case TokenKind.Transformation or TokenKind.Respectively or TokenKind.AtLeast or TokenKind.AtMost when i == 0 || token.Kind is TokenKind.Transformation or TokenKind.Respectively:
                        Qualify(token);
                        break;
                    case TokenKind.Up or TokenKind.Down when i == 0 && verb is null or TokenKind.Is:
                        verb = token.Kind;
                        break;
                    case TokenKind.Exceed or TokenKind.FallShort when i <= 1:
                        relativeTo = [.. tail.Skip(i + 1).TakeWhile(t => t.Kind != TokenKind.And)];
                        // higher than in the same period of last year: a change, and no difference from somebody else's
                        var overTime = relativeTo.Exists(IsTime);
                        if (overTime)
                            verb = token.Kind == TokenKind.Exceed ? TokenKind.Up : TokenKind.Down;
                        marker = overTime ? TokenKind.Compare : token.Kind;
                        basis ??= relativeTo.Find(t => t.Kind == TokenKind.Transformation)?.Code?.Id ?? (relativeTo.Exists(t => t.Kind == TokenKind.OtherTime) ? "G1Y" : null);
                        return;
                    case TokenKind.Compare when relativeTo.Count == 0 && (verb is TokenKind.Up or TokenKind.Down):
                        marker ??= TokenKind.Compare;
                        relativeTo = [.. tail.Skip(i + 1)];
                        return;
                    case TokenKind.Noise when i == 0 && marker is TokenKind.Share or TokenKind.Contribute:
                        relativeTo = [.. tail.Skip(1).TakeWhile(t => t.Kind is not (TokenKind.Transformation or TokenKind.Period))];
                        break;
                    case TokenKind.Period or TokenKind.Adverb or TokenKind.Adjustment or TokenKind.Link or TokenKind.Noise or TokenKind.And or TokenKind.Average:
                        average = token.Kind == TokenKind.Average ? token : average;
                        break;
                }
            }
        }

        /// <summary>Takes off the subject's right end what belongs to the predicate: 增加值增速分别快于.</summary>
        public void StripSubject()
        {
            if (marker is null)
                return;
            for (; end > 0; end--)
            {
                var token = lead[end - 1];
                if (token.Kind is TokenKind.Respectively or TokenKind.Transformation or TokenKind.About)
                    Qualify(token);
                else if (token.Kind is TokenKind.Rate or TokenKind.Decline)
                    (ofRate, ofDecline) = (true, ofDecline || token.Kind == TokenKind.Decline);
                else if (token.Kind is not (TokenKind.Adverb or TokenKind.Adjustment or TokenKind.Noise or TokenKind.Is))
                    return;
            }
        }

        public ProsePredicate? Result()
        {
            if (isFrom)
                return null;
            var isUp = verb is TokenKind.Up or TokenKind.Down or TokenKind.Flat || figure.Verb is not null;
            Measure? measure = null;
            if (IsPoints(figure))
            {
                measure = marker switch
                {
                    TokenKind.Pull or TokenKind.PullDown or TokenKind.Affect => Measure.Pull,
                    TokenKind.Exceed or TokenKind.FallShort => Measure.Difference,
                    TokenKind.Compare when !relativeTo.Exists(IsTime) => Measure.Difference,
                    _ when isUp => Measure.PointChange,
                    _ when ofContribution => Measure.Pull,
                    _ => null,
                };
            }
            else if (IsPercent(figure) || IsTimes(figure))
            {
                measure = verb is TokenKind.Flat && ofRate ? Measure.PointChange
                    : ofContribution || marker is TokenKind.Contribute ? Measure.Contribution
                    : marker is TokenKind.Share || ofShare ? Measure.Share
                    : marker is TokenKind.Pull or TokenKind.PullDown ? Measure.Pull
                    : isUp || (ofRate && verb is null or TokenKind.Is) || (verb is null && basis is not null && IsPercent(figure)) ? Measure.Growth
                    : IsTimes(figure) ? Measure.Multiple
                    : Measure.Level;
            }
            else
            {
                measure = marker switch
                {
                    TokenKind.Exceed or TokenKind.FallShort => Measure.Difference,
                    TokenKind.Compare when !relativeTo.Exists(IsTime) => Measure.Difference,
                    _ when verb is TokenKind.Up or TokenKind.Down => Measure.Change,
                    _ => Measure.Level,
                };
            }
            if (measure is not { } of)
                return null;
            var falls = verb == TokenKind.Down ^ (ofDecline && (verb is not (TokenKind.Up or TokenKind.Down) || of == Measure.PointChange));
            falls |= marker is TokenKind.FallShort or TokenKind.PullDown;
            return new ProsePredicate(of)
            {
                // 降幅扩大 is a larger fall
                Sign = of is Measure.PointChange && ofDecline ? (verb == TokenKind.Down ? 1 : -1) : falls && of is not (Measure.Level or Measure.Share or Measure.Multiple) ? -1 : 1,
                Basis = average is not null ? "G_AVG" : basis,
                Average = average,
                SubjectEnd = end,
                RelativeTo = relativeTo,
                IsRespective = isRespective,
                Bound = bound,
                OfRate = ofRate,
                Verb = verb,
                HasVerb = verb is not null || marker is not null,
                IsCount = isCount,
            };
        }

        private static bool IsTime(Token token) => token.Kind is TokenKind.Period or TokenKind.OtherTime or TokenKind.SamePeriod or TokenKind.Transformation or TokenKind.SoFar;
    }
}
