using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>What is said of a value that is not exact: the codes of the dimension BOUND.</summary>
internal enum Bound : byte
{
    /// <summary>The value is exact.</summary>
    None,

    /// <summary>超过, 以上, 100多: more than the value.</summary>
    Lower,

    /// <summary>不到, 以内: less than the value.</summary>
    Upper,

    /// <summary>约, 左右, 近: about the value.</summary>
    About,
}

/// <summary>A piece of a sentence, from one index to another.</summary>
internal sealed record Token(TokenKind Kind, int From, int To)
{
    /// <summary>The code of a vocabulary's word, or the unit of a figure.</summary>
    public Code? Code { get; init; }

    /// <summary>The period that a <see cref="TokenKind.Period"/> names.</summary>
    public PeriodExpression? Period { get; init; }

    /// <summary>The value of a figure as written; null when it has too many digits, or other text stands inside it.</summary>
    public decimal? Value { get; init; }

    /// <summary>The power of ten that the figure's words say (万 4, million 6).</summary>
    public int Multiplier { get; init; }

    /// <summary>What the figure's own words say of its value (100多家).</summary>
    public Bound Bound { get; init; }

    /// <summary>The words of a figure that say by themselves that something grew (翻一番) or did not change (持平).</summary>
    public TokenKind? Verb { get; init; }
}

/// <summary>Cuts a folded sentence into tokens, in one pass from left to right.</summary>
internal static class ProseTokens
{
    // the longest advertisement or remark that may stand inside a number
    private const int LongestInsert = 80;

    private static readonly (string Word, int Power)[] Multipliers =
    [
        ("万亿", 12), ("千亿", 11), ("百亿", 10), ("十亿", 9), ("亿", 8), ("千万", 7), ("百万", 6), ("十万", 5), ("万", 4), ("千", 3), ("百", 2),
        ("trillion", 12), ("billion", 9), ("bn", 9), ("million", 6), ("mn", 6), ("thousand", 3),
    ];

    private static readonly (string Sign, string Unit)[] Currencies =
        [("us$", "USD"), ("hk$", "HKD"), ("nt$", "TWD"), ("$", "USD"), ("¥", "CNY"), ("￥", "CNY"), ("£", "GBP"), ("€", "EUR"), ("rmb ", "CNY"), ("rmb", "CNY"), ("usd ", "USD"), ("usd", "USD")];

    /// <summary>Replaces <paramref name="tokens"/> by the tokens of a sentence.</summary>
    /// <param name="sentence">The sentence, folded.</param>
    /// <param name="written">The same sentence as it was written: names are told by their capitals.</param>
    /// <param name="tokens">Takes the tokens.</param>
    public static void Scan(ReadOnlySpan<char> sentence, ReadOnlySpan<char> written, List<Token> tokens)
    {
        tokens.Clear();
        var residual = -1;
        for (var i = 0; i < sentence.Length;)
        {
            if (residual < 0 && Numbered(sentence, i, tokens) is > 0 and var list)
            {
                i = list;
                continue;
            }
            var token = At(sentence, i, residual >= 0, tokens);
            // where a name may start: not in the middle of other words
            var isFresh = residual < 0 && (tokens.Count == 0 || (tokens[^1].Kind == TokenKind.Noise && ProseTerms.IsLatin(sentence[i])) || tokens[^1].Kind is TokenKind.Separator or TokenKind.ListSeparator or TokenKind.And or TokenKind.Period or TokenKind.Link or TokenKind.ThatIs);
            if (isFresh && token is null or { Kind: not (TokenKind.Area or TokenKind.Period or TokenKind.OtherTime or TokenKind.Figure or TokenKind.Number) }
                && ProsePlaces.Match(sentence, written, i, out var place) is > 0 and var length && length > (token?.To ?? i) - i)
            {
                token = new Token(TokenKind.Area, i, i + length) { Code = place };
            }
            if (token is null)
            {
                if (residual < 0 && !IsBlank(sentence[i]))
                    residual = i;
                i++;
                continue;
            }
            if (residual >= 0)
                tokens.Add(new Token(TokenKind.Residual, residual, i));
            residual = -1;
            if (token.Kind == TokenKind.Area && ProseTerms.IsLatin(sentence[token.From]))
                token = token with { To = token.To + ProsePlaces.KindBehind(sentence, token.To) };
            if (token is { Kind: TokenKind.Number, Code: null, Value: not null } && IsBareFigure(sentence, tokens))
                token = token with { Kind = TokenKind.Figure, Code = PureNumber };
            if (token.Kind == TokenKind.Number && Structure(sentence, i, tokens) is > 0 and var structure)
            {
                i = structure;
                continue;
            }
            tokens.Add(token);
            i = token.To;
        }
        if (residual >= 0)
            tokens.Add(new Token(TokenKind.Residual, residual, sentence.Length));
    }

    // 生产指数为112.4, 收入比由1.96缩小至1.93: what has no unit, by the name of what is measured before it
    private static bool IsBareFigure(ReadOnlySpan<char> sentence, List<Token> tokens)
    {
        var i = tokens.Count - 1;
        while (i >= 0 && tokens[i].Kind is TokenKind.Is or TokenKind.Adverb or TokenKind.About or TokenKind.Noise or TokenKind.Link or TokenKind.Period or TokenKind.OtherTime or TokenKind.Toward)
            i--;
        if (i < 0)
            return false;
        if (tokens[i].Kind == TokenKind.Figure)
            return tokens[i].Code?.Id == PureNumber.Id && i < tokens.Count - 1;
        if (tokens[i].Kind is not (TokenKind.Residual or TokenKind.Indicator or TokenKind.Product or TokenKind.Activity))
            return false;
        foreach (var name in BareNames)
            if (sentence[..tokens[i].To].TrimEnd(Clauses.Blanked).EndsWith(name))
                return true;
        return false;
    }

    // 一、二、三季度: a period each; 二、三线城市: an area each; 0 where there is no such list
    private static int Numbered(ReadOnlySpan<char> text, int at, List<Token> tokens)
    {
        const string digits = "一二三四";
        var i = at;
        while (i + 2 < text.Length && digits.Contains(text[i]) && text[i + 1] is '、' or '和' && digits.Contains(text[i + 2]))
            i += 2;
        var rest = text[Math.Min(text.Length, i + 1)..];
        var areOfCities = rest.StartsWith("线城市", StringComparison.Ordinal);
        if (i == at || (areOfCities && text[at..i].Contains('四')) || !(areOfCities || rest.StartsWith("季度", StringComparison.Ordinal)))
            return 0;
        var length = areOfCities ? 4 : 3;
        for (var k = at; k <= i; k += 2)
        {
            if (k > at)
                tokens.Add(new Token(TokenKind.ListSeparator, k - 1, k));
            var number = digits.IndexOf(text[k], StringComparison.Ordinal) + 1;
            var end = k == i ? i + length : k + 1;
            tokens.Add(areOfCities ? new Token(TokenKind.Area, k, end) { Code = Vocabulary.Load("prose-areas").Codes.GetValueOrDefault($"CN_TIER{number}") }
                : new Token(TokenKind.Period, k, end) { Period = new PeriodExpression(null, null, number * 3 - 2, number * 3, false) });
        }
        return i + length;
    }

    // 6.9:40.1:53.0: the shares of three in a whole; 0 where there is no such thing
    private static int Structure(ReadOnlySpan<char> text, int at, List<Token> tokens)
    {
        Span<(int From, int To)> shares = stackalloc (int, int)[3];
        var i = at;
        decimal sum = 0;
        for (var n = 0; n < 3; n++)
        {
            if (n > 0 && (i >= text.Length || text[i++] is not (':' or '：' or '∶')))
                return 0;
            i = Blank(text, i);
            var end = i < text.Length && char.IsAsciiDigit(text[i]) ? NumberEnd(text, i) : i;
            if (end == i || !decimal.TryParse(text[i..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share))
                return 0;
            shares[n] = (i, end);
            sum += share;
            i = Blank(text, end);
        }
        if (sum is < 99 or > 101)
            return 0;
        for (var n = 0; n < 3; n++)
        {
            if (n > 0)
                tokens.Add(new Token(TokenKind.ListSeparator, shares[n - 1].To, shares[n].From));
            tokens.Add(new Token(TokenKind.Figure, shares[n].From, shares[n].To) { Code = Percent, Value = decimal.Parse(text[shares[n].From..shares[n].To], CultureInfo.InvariantCulture) });
        }
        return shares[2].To;
    }

    /// <summary>Counts the numbers with a unit in a text too long to be understood.</summary>
    public static IEnumerable<(int From, int To)> Figures(ReadOnlyMemory<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(text.Span[i]))
                continue;
            var token = Number(text.Span, i);
            if (token.Kind == TokenKind.Figure)
                yield return (token.From, token.To);
            i = token.To - 1;
        }
    }

    private static bool IsBlank(char c) => c is ' ' or Clauses.Blanked or '\t' or '“' or '”' or '"' or '‘' or '’' or '\'' or '「' or '」' or '《' or '》';

    private static Token? At(ReadOnlySpan<char> text, int i, bool inWord, List<Token> tokens)
    {
        var c = text[i];
        if (!Begins[c] || IsBlank(c))
            return null;
        if (c is '、')
            return new Token(TokenKind.ListSeparator, i, i + 1);
        if (c is '，' or '：' or ':' or '；' or '（' or '）' or '(' or ')' or ',' || Clauses.IsSentenceMark(text, i))
            return new Token(TokenKind.Separator, i, i + 1);
        // 3%—5% and 3%至5% are ranges, while —— sets a clause apart
        var isDash = c is '—' or '–' or '～' or '~';
        if (isDash || (c is '-' or '至' or '到' && !inWord && tokens.Count > 0 && tokens[^1] is { Kind: TokenKind.Figure or TokenKind.Number } before && before.To == i))
        {
            var next = text[i..].IndexOfAnyExcept(RangeMarks);
            if (next > 0 && char.IsAsciiDigit(text[i + next]))
                return new Token(TokenKind.Range, i, i + next);
            if (isDash)
                return new Token(TokenKind.Separator, i, i + 1);
        }
        if (inWord && ProseTerms.IsLatin(c) && ProseTerms.IsLatin(text[i - 1]))
            return null;
        var length = ProsePeriods.Scan(text, i, out var period);
        if (length > 0)
        {
            return period is { } found ? new Token(TokenKind.Period, i, i + length) { Period = found }
                : new Token(text.Slice(i, length) is ['今' or '本', '年', '以', '来'] ? TokenKind.SoFar : TokenKind.OtherTime, i, i + length);
        }
        if (char.IsAsciiDigit(c))
            return Number(text, i);
        if (c is '$' or '£' or '€' or '¥' or '￥' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))
            return Number(text, i + 1) with { From = i };
        if (c is '-' or '−' or '－' or '+' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]) && (i == 0 || !char.IsAsciiLetterOrDigit(text[i - 1])))
            return Number(text, i + 1) with { From = i };
        if (AdjustedFor(text, i) is > 0 and var adjusted && ProseTerms.Words.Match(text, i, out _) < adjusted)
            return new Token(TokenKind.Adjustment, i, i + adjusted) { Code = Labels.ToCode(text.Slice(i, adjusted).ToString(), "zh") };
        // 年增5.1%, 月減2.4%: growth over one year or month, as Taiwan writes
        if (c is '年' or '月' or '季' && i + 1 < text.Length && text[i + 1] is '增' or '减' && (i == 0 || !char.IsAsciiDigit(text[i - 1])))
            return new Token(TokenKind.Transformation, i, i + 1) { Code = Transformations[c == '年' ? "G1Y" : "G1"] };
        // 高1.6个百分点; elsewhere 高 begins other words
        if (c is '高' or '低' or '快' or '慢' && i + 1 < text.Length && (char.IsAsciiDigit(text[i + 1]) || text[i + 1] is '了' or '约'))
            return new Token(c is '高' or '快' ? TokenKind.Up : TokenKind.Down, i, i + 1);
        if (Words(text, i) is { } inWords)
            return inWords;
        length = ProseTerms.Words.Match(text, i, out var term);
        return length > 0 ? new Token(term.Kind, i, i + length) { Code = term.Code } : null;
    }

    // the length of 扣除留抵退税因素后, 按现行统计口径计算: how a figure was adjusted, in words that no vocabulary has
    private static int AdjustedFor(ReadOnlySpan<char> text, int at)
    {
        const int longest = 24;
        if (text[at] != '按' && !(text[at] is '扣' or '剔' && at + 1 < text.Length && text[at + 1] == '除'))
            return 0;
        ReadOnlySpan<string> ends = text[at] == '按' ? ["口径计算", "价格计算", "口径"] : ["因素后", "影响后", "后", "因素"];
        var clause = text.Slice(at, Math.Min(longest, text.Length - at));
        if (clause.IndexOfAny(ClauseMarks) is >= 0 and var mark)
            clause = clause[..mark];
        foreach (var end in ends)
            if (clause.IndexOf(end) is > 0 and var found)
                return found + end.Length;
        return 0;
    }

    // the characters that anything but other words may begin with: most of a text is none of them
    private static readonly bool[] Begins = Beginnings();

    private static bool[] Beginnings()
    {
        var begins = new bool[char.MaxValue + 1];
        for (var c = 0; c < begins.Length; c++)
            begins[c] = c < 0x2e80 || c >= 0xff00 || (char)c is '、' or '，' or '：' or '；' or '（' or '）' or '。' or '！' or '？' or '至' or '到' or '高' or '低' or '快' or '慢' or '按' or '扣' or '剔' or '翻' or '年' or '月' or '季'
                || IsNumeral((char)c) || ProsePeriods.MayBegin((char)c) || ProseTerms.Words.MayBegin((char)c);
        return begins;
    }

    private static bool IsNumeral(char c) => c is '一' or '二' or '两' or '三' or '四' or '五' or '六' or '七' or '八' or '九' or '十' or '百' or '千';

    // 三成, 两倍, 百余家, 翻一番: numbers in words where they are surely figures. 三大, 两个, 一批 are none.
    private static Token? Words(ReadOnlySpan<char> text, int at)
    {
        var i = at;
        var doubles = text[i] == '翻';
        if (!doubles && !IsNumeral(text[at]))
            return null;
        if (doubles)
        {
            i++;
            if (i < text.Length && text[i] == '了')
                i++;
            if (i < text.Length && text[i] == '番')
                return new Token(TokenKind.Figure, at, i + 1) { Value = 100, Code = Percent, Verb = TokenKind.Up };
        }
        var number = 0;
        for (; i < text.Length && "一二两三四五六七八九十百千".IndexOf(text[i], StringComparison.Ordinal) is >= 0 and var digit; i++)
        {
            if (digit < 10)
                number += digit switch { 0 => 1, 1 or 2 => 2, _ => digit };
            else
                number = Math.Max(1, number) * (digit == 10 ? 10 : digit == 11 ? 100 : 1000);
            if (number > 9999)
                return null;
        }
        if (number == 0 || i >= text.Length)
            return null;
        if (doubles)
            return text[i] == '番' && number < 10 ? new Token(TokenKind.Figure, at, i + 1) { Value = ((1 << number) - 1) * 100, Code = Percent, Verb = TokenKind.Up } : null;
        if (text[i] == '成' && number < 10 && (i + 1 == text.Length || text[i + 1] is '，' or '。' or '、' or '；' or ',' or '以' or '左' or '多' or '的'))
            return new Token(TokenKind.Figure, at, i + 1) { Value = number * 10, Code = Percent };
        if (text[i] == '倍' && i - at == 1)
            return new Token(TokenKind.Figure, at, i + 1) { Value = number, Code = ProseTerms.UnitOf("RATIO") };
        var isMore = text[i] is '余' or '多';
        if (number >= 10 && isMore && Unit(text, i + 1, out var unit, out var from) is > 0 and var length && unit!.Id != NoStatistic)
            return new Token(TokenKind.Figure, at, from + length) { Value = number, Code = unit, Bound = Bound.Lower };
        return null;
    }

    private static readonly System.Buffers.SearchValues<char> RangeMarks = System.Buffers.SearchValues.Create("—–～~-至到 ");

    private static readonly System.Buffers.SearchValues<char> ClauseMarks = System.Buffers.SearchValues.Create("，。；,0123456789");

    private static readonly IReadOnlyDictionary<string, Code> Transformations = Vocabulary.Load("transformations").Codes;

    // what such names end with
    private static readonly string[] BareNames = ["指数", "收入比", "性别比", "倍差", "抚养比", "系数", "index"];

    private static readonly Code PureNumber = Vocabulary.Load("units").Codes["PURE_NUMB"];

    private static readonly Code Percent = ProseTerms.UnitOf("PT");

    /// <summary>The unit of what is counted and no statistic: months, ages, storeys.</summary>
    private const string NoStatistic = "NONE";

    private static Token Number(ReadOnlySpan<char> text, int at)
    {
        var end = NumberEnd(text, at);
        var sign = at > 0 && text[at - 1] is '-' or '−' or '﹣' or '－' && (at < 2 || !char.IsLetterOrDigit(text[at - 2]) || text[at - 2] > 0x2e80) ? -1 : 1;
        decimal? value = end - at <= 28 && decimal.TryParse(text[at..end], NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var parsed)
            ? parsed * sign : null;
        // what other text has been put into: 12166.(广告)85, 7(广告).7
        if (IsRest(text, at))
            value = null;
        // a version, an address or a document number: 1.2.3, GB/T4754-2017, 192.168
        var currency = Currency(text, at);
        var isName = (at > 0 && currency is null && (char.IsAsciiLetter(text[at - 1]) || text[at - 1] is '_' or '@' or '/' or '第' or '#' || (text[at - 1] == '.' && value is not null)))
            || (end + 1 < text.Length && text[end] is '.' && char.IsAsciiDigit(text[end + 1]));
        if (isName)
            return new Token(TokenKind.Number, at, end);
        var bound = Bound.None;
        var i = end;
        var length = Measured(text, ref i, ref bound, out var power, out var unit, out var unitFrom);
        if (length == 0 && power == 0 && Insert(text, i) is > 0 and var after)
        {
            // 12166.85(广告)万吨
            var behind = after;
            length = Measured(text, ref behind, ref bound, out power, out unit, out unitFrom);
            value = length > 0 ? null : value;
            power = length > 0 ? power : 0;
        }
        if (length > 0 && unit!.Id == NoStatistic)
            return new Token(TokenKind.Number, at, unitFrom + length) { Value = value, Code = unit };
        if (length > 0 && unit!.Id == "TENTH")
            return new Token(TokenKind.Figure, at, unitFrom + length) { Code = Percent, Value = value * 10, Bound = bound };
        if (length > 0)
            return new Token(TokenKind.Figure, at, unitFrom + length) { Code = unit, Value = value, Multiplier = power, Bound = bound };
        if (currency is not null)
            return new Token(TokenKind.Figure, at, i) { Code = ProseTerms.UnitOf(currency), Value = value, Multiplier = power, Bound = bound };
        return power > 0
            ? new Token(TokenKind.Figure, at, i) { Value = value, Multiplier = power, Bound = bound }
            : new Token(TokenKind.Number, at, end) { Value = value };
    }

    // what stands behind a number: 多, a multiplier, a unit; the unit's length, 0 where there is none
    private static int Measured(ReadOnlySpan<char> text, ref int i, ref Bound bound, out int power, out Code? unit, out int unitFrom)
    {
        power = 0;
        i = Approximate(text, i, ref bound);
        var length = Unit(text, i, out unit, out unitFrom);
        if (length > 0)
            return length;
        var word = Blank(text, i);
        foreach (var (name, p) in Multipliers)
        {
            if (!text[word..].StartsWith(name, StringComparison.Ordinal) || (ProseTerms.IsLatin(name[0]) && word + name.Length < text.Length && ProseTerms.IsLatin(text[word + name.Length])))
                continue;
            power = p;
            i = Approximate(text, word + name.Length, ref bound);
            return Unit(text, i, out unit, out unitFrom);
        }
        return 0;
    }

    // Whether a number is the rest of one that other text stands in: 12166.(广告)85, 7(广告).7. Brackets without digits have been blanked by now.
    private static bool IsRest(ReadOnlySpan<char> text, int at)
    {
        if (at > 1 && text[at - 1] == '.' && !char.IsAsciiLetterOrDigit(text[at - 2]))
            return text[..(at - 1)].TrimEnd(Clauses.Blanked) is [.., '）' or ')' or '】' or ']' or '>' or (>= '\u3400' and <= '\u9fff') or (>= '0' and <= '9')] && text[Math.Max(0, at - LongestInsert)..(at - 1)].ContainsAnyInRange('0', '9');
        // a point with something else than digits behind it, in the words right before this number
        var words = text[Math.Max(0, at - LongestInsert)..at];
        for (var i = words.Length - 2; i > 0; i--)
        {
            if (words[i] is '，' or '。' or '；' or ',' || char.IsAsciiDigit(words[i]))
                return false;
            if (words[i] != '.')
                continue;
            // 1.国内增值税 is the number of an item
            var digits = i - words[..i].TrimEnd("0123456789").Length;
            if (digits > 0)
                return (digits > 2 || (i - digits > 0 && !char.IsWhiteSpace(words[i - digits - 1]))) && (words[i + 1] > 0x2e80 || words[i + 1] is '(' or '[' or '<' or Clauses.Blanked);
        }
        return false;
    }

    // where a bracket that stands right behind a number ends; 0 where there is none
    private static int Insert(ReadOnlySpan<char> text, int at)
    {
        if (at >= text.Length)
            return 0;
        if (text[at] == Clauses.Blanked)
            return at + text[at..].IndexOfAnyExcept(Clauses.Blanked) is var behind && behind >= at ? behind : 0;
        var close = text[at] switch { '（' => '）', '(' => ')', '【' => '】', '[' => ']', _ => '\0' };
        var length = close == '\0' ? -1 : text[at..Math.Min(text.Length, at + LongestInsert)].IndexOf(close);
        return length < 0 ? 0 : at + length + 1;
    }

    private static string? Currency(ReadOnlySpan<char> text, int at)
    {
        if (at == 0 || text[at - 1] is not ('$' or '¥' or '￥' or '£' or '€' or ' ' or 'b' or 'd'))
            return null;
        foreach (var (sign, unit) in Currencies)
            if (text[..at].EndsWith(sign, StringComparison.Ordinal))
                return unit;
        return null;
    }

    private static int Unit(ReadOnlySpan<char> text, int i, out Code? unit, out int from)
    {
        from = Blank(text, i);
        unit = null;
        if (from >= text.Length)
            return 0;
        var length = ProseTerms.Units.Match(text, from, out var term);
        if (length > 0)
            unit = term.Code;
        return length;
    }

    private static int Approximate(ReadOnlySpan<char> text, int i, ref Bound bound)
    {
        if (i >= text.Length || text[i] is not ('多' or '余'))
            return i;
        bound = Bound.Lower;
        return i + 1;
    }

    private static int Blank(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && text[i] is ' ')
            i++;
        return i;
    }

    private static int NumberEnd(ReadOnlySpan<char> text, int at)
    {
        var i = at;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
            i++;
        while (i - at <= 3 + (i - at) / 4 * 4 && i + 3 < text.Length && text[i] == ',' && IsGroup(text, i + 1))
            i += 4;
        if (i + 1 < text.Length && text[i] == '.' && char.IsAsciiDigit(text[i + 1]))
        {
            i++;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
                i++;
        }
        return i;
    }

    private static bool IsGroup(ReadOnlySpan<char> text, int at) =>
        !text.Slice(at, 3).ContainsAnyExceptInRange('0', '9') && (at + 3 == text.Length || !char.IsAsciiDigit(text[at + 3]));
}
