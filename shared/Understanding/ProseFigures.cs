namespace Pipeline.Understanding;

/// <summary>Finds the figures of a sentence: where they start, which of them belong together, and which words belong to them.</summary>
internal sealed class ProseFigures(List<Token> tokens, ProseCarry carry, bool isEnglish)
{
    private readonly List<Token> list = [];
    private readonly List<Token> asides = [];

    /// <summary>The figures that <see cref="Take"/> took last.</summary>
    public List<Token> List => list;

    /// <summary>
    /// Takes amounts in brackets behind what they are the amounts of out of the tokens, so that these read on: 香港（608,739人次）及台灣（59,390人次）旅客分別增加….
    /// </summary>
    public void TakeAsides()
    {
        asides.Clear();
        for (var i = tokens.Count - 3; i > 0; i--)
        {
            var isAmount = tokens[i] is { Kind: TokenKind.Separator } && tokens[i + 1] is { Kind: TokenKind.Figure, Value: not null, Code: not null, Verb: null } figure && !ProsePredicate.IsPercent(figure) && !ProsePredicate.IsPoints(figure)
                && tokens[i + 2] is { Kind: TokenKind.Separator } && tokens[i].To == figure.From && tokens[i + 2].From == figure.To && IsNoun(tokens[i - 1]);
            if (!isAmount || !IsFollowed(i))
                continue;
            asides.Insert(0, tokens[i + 1]);
            tokens.RemoveRange(i, 3);
        }

        // 藥物及化妝品（上升6.0%）: what the bracket says is said of the words before it
        for (var i = tokens.Count - 4; i > 0; i--)
        {
            var isOpen = tokens[i] is { Kind: TokenKind.Separator } && tokens[i].To == tokens[i + 1].From && IsNoun(tokens[i - 1]) && (i == 1 || tokens[i - 2].Kind is TokenKind.Separator or TokenKind.ListSeparator or TokenKind.And or TokenKind.Link or TokenKind.Noise);
            var verb = isOpen && tokens[i + 1].Kind is TokenKind.Indicator or TokenKind.Transformation or TokenKind.Adverb ? i + 2 : i + 1;
            if (isOpen && verb + 2 < tokens.Count && tokens[verb].Kind is TokenKind.Up or TokenKind.Down && tokens[verb + 1] is { Kind: TokenKind.Figure } growth && ProsePredicate.IsPercent(growth) && tokens[verb + 2] is { Kind: TokenKind.Separator } close && close.From == growth.To)
                tokens.RemoveAt(i);
        }

        static bool IsNoun(Token token) => token.Kind is TokenKind.Residual or TokenKind.Area or TokenKind.Indicator or TokenKind.Product or TokenKind.Activity or TokenKind.Population or TokenKind.Bodies;

        // only where another figure follows in the same clause, which says what they are amounts of
        bool IsFollowed(int i)
        {
            for (var k = i + 3; k < tokens.Count && tokens[k].Kind != TokenKind.Separator; k++)
                if (tokens[k].Kind == TokenKind.Figure)
                    return true;
            return false;
        }
    }

    /// <summary>The amounts that <see cref="TakeAsides"/> took from between the tokens of a clause.</summary>
    public List<Token> Asides(List<Token> clause) => clause.Count == 0 ? [] : asides.FindAll(aside => aside.From > clause[0].From && aside.To < list[0].From);

    /// <summary>Puts other figures in the place of those that were taken last.</summary>
    public void Set(IEnumerable<Token> figures)
    {
        var others = figures.ToList();
        list.Clear();
        list.AddRange(others);
    }

    /// <summary>Whether the figures of a clause start at a token.</summary>
    public bool Start(int i) =>
        tokens[i].Kind == TokenKind.Figure
        // 与上年持平 states a figure, 持平 before one says what it is
        || (tokens[i].Kind == TokenKind.Flat && carry.CountedOf is null && !IsRemark(i) && (i + 1 == tokens.Count || tokens[i + 1].Kind is not (TokenKind.Figure or TokenKind.Number or TokenKind.About or TokenKind.Residual) && !(tokens[i + 1].Kind == TokenKind.Is && !isEnglish)))
        || (tokens[i].Kind == TokenKind.Number && tokens[i].Code is null && i + 2 < tokens.Count
            && tokens[i + 1].Kind is TokenKind.ListSeparator or TokenKind.And or TokenKind.Range && tokens[i + 2].Kind is TokenKind.Figure)
        // among the 38 industrial divisions, 27 registered growth
        || (isEnglish && tokens[i].Kind == TokenKind.Number && tokens[i].Code is null && tokens[i].Value is not null
            && (carry.CountedOf is not null || IsGrouped(tokens[i]) || (i > 0 && tokens[i - 1].Kind == TokenKind.Within) || (i > 1 && tokens[i - 1].Kind == TokenKind.Noise && tokens[i - 2].Kind == TokenKind.Within)));

    // 基本持平，微增0.1%: the growth is the figure
    private bool IsRemark(int i) => !isEnglish && i + 3 < tokens.Count && tokens[i + 1].Kind == TokenKind.Separator && tokens[i + 2].Kind is TokenKind.Up or TokenKind.Down && tokens[i + 3] is { Kind: TokenKind.Figure } figure && ProsePredicate.IsPercent(figure);

    // 11,000: a number written as an amount
    private static bool IsGrouped(Token number) => number.Value >= 1000 && number.To - number.From > (number.Value < 10_000 ? 4 : number.Value < 100_000 ? 5 : number.Value < 1_000_000 ? 6 : 7);

    /// <summary>Where the clause of the figures at a token starts: behind the last mark, or, for a list of subjects in English, behind the last figure.</summary>
    /// <param name="start">The token behind the last mark.</param>
    /// <param name="afterFigure">The token behind the last figure.</param>
    /// <param name="at">The first figure's token.</param>
    // English parts them with commas, which else end a clause: Yinchuan, Shizuishan and Zhongwei
    public int ClauseStart(int start, int afterFigure, int at)
    {
        if (!isEnglish || list.Count < 3 || at <= afterFigure)
            return start;
        var from = tokens.FindLastIndex(at - 1, at - afterFigure, token => token.Kind == TokenKind.And);
        for (var more = list.Count - 1; from > afterFigure && more > 0; more--)
        {
            from = tokens.FindLastIndex(from - 1, from - afterFigure, token => token.Kind == TokenKind.Separator);
            if (from < 0)
                return more == 1 ? afterFigure : start;
        }
        return from < 0 ? start : from + 1;
    }

    /// <summary>Takes the figures that start at a token: 4.6%、5.8%和2.9%; 3.5和4.3个百分点; 3%—5%, a unit at least on the last.</summary>
    /// <returns>The token behind them.</returns>
    public int Take(int i)
    {
        list.Clear();
        list.Add(tokens[i].Kind == TokenKind.Flat ? tokens[i] with { Kind = TokenKind.Figure, Value = 0, Code = ProseTerms.UnitOf("PT"), Verb = TokenKind.Flat } : tokens[i]);
        while (i + 2 < tokens.Count && (tokens[i + 1].Kind is TokenKind.ListSeparator or TokenKind.And or TokenKind.Range || (isEnglish && tokens[i + 1].Kind == TokenKind.Separator && IsListed(i + 2))) && tokens[i + 2].Kind is TokenKind.Figure or TokenKind.Number && tokens[i + 2].Verb is null)
        {
            var isRange = tokens[i + 1].Kind == TokenKind.Range;
            if (isRange)
                list[^1] = list[^1] with { Bound = Bound.Lower };
            list.Add(isRange ? tokens[i + 2] with { Bound = Bound.Upper } : tokens[i + 2]);
            i += 2;
        }
        var last = list[^1].Code is null && isEnglish ? list[^1] with { Code = ProseTerms.UnitOf("UNIT") } : list[^1];
        for (var f = 0; f < list.Count; f++)
            if (list[f].Code is null)
                list[f] = list[f] with { Kind = TokenKind.Figure, Code = last.Code, Multiplier = list[f].Multiplier > 0 ? list[f].Multiplier : last.Multiplier };
        return i + 1;
    }

    // whether a figure behind a comma is one of a list that ends with "and": 113.62 billion yuan, 98.04 billion yuan and 356.69 billion yuan
    private bool IsListed(int i)
    {
        while (i < tokens.Count && tokens[i].Kind == TokenKind.Figure && i + 1 < tokens.Count && tokens[i + 1].Kind == TokenKind.Separator)
            i += 2;
        return i + 2 < tokens.Count && tokens[i].Kind == TokenKind.Figure && tokens[i + 1].Kind == TokenKind.And && tokens[i + 2].Kind == TokenKind.Figure;
    }

    /// <summary>Where what belongs to the figures that end at a token ends: at a mark, or before the next clause.</summary>
    public int TailEnd(int end)
    {
        var i = end;
        while (i < tokens.Count && tokens[i].Kind is not (TokenKind.Separator or TokenKind.ListSeparator) && !Start(i))
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
}
