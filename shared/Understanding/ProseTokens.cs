using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>A piece of a sentence, from one index to another.</summary>
internal readonly record struct Token(TokenKind Kind, int From, int To)
{
    /// <summary>The code of a vocabulary's word, or the unit of a figure.</summary>
    public Code? Code { get; init; }

    /// <summary>The period that a <see cref="TokenKind.Period"/> names.</summary>
    public PeriodExpression Period { get; init; }

    /// <summary>The value of a figure as written; null when it has too many digits or is only approximate (100多).</summary>
    public decimal? Value { get; init; }

    /// <summary>The power of ten that the figure's words say (万 4, million 6).</summary>
    public int Multiplier { get; init; }
}

/// <summary>Cuts a folded sentence into tokens, in one pass from left to right.</summary>
internal static class ProseTokens
{
    private static readonly (string Word, int Power)[] Multipliers =
    [
        ("万亿", 12), ("千亿", 11), ("百亿", 10), ("十亿", 9), ("亿", 8), ("千万", 7), ("百万", 6), ("十万", 5), ("万", 4), ("千", 3), ("百", 2),
        ("trillion", 12), ("billion", 9), ("million", 6), ("thousand", 3),
    ];

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
            var token = At(sentence, i, residual >= 0);
            // where a name may start: not in the middle of other words
            var isFresh = residual < 0 && (tokens.Count == 0 || tokens[^1].Kind is TokenKind.Separator or TokenKind.ListSeparator or TokenKind.And or TokenKind.Period or TokenKind.Link);
            if (isFresh && token is null or { Kind: not (TokenKind.Area or TokenKind.Period or TokenKind.OtherTime) }
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
            tokens.Add(token.Value);
            i = token.Value.To;
        }
        if (residual >= 0)
            tokens.Add(new Token(TokenKind.Residual, residual, sentence.Length));
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

    private static bool IsBlank(char c) => c is ' ' or '\t' or '“' or '”' or '"' or '‘' or '’' or '\'' or '「' or '」' or '《' or '》';

    private static Token? At(ReadOnlySpan<char> text, int i, bool inWord)
    {
        var c = text[i];
        if (c is '、')
            return new Token(TokenKind.ListSeparator, i, i + 1);
        if (c is '，' or '：' or ':' or '；' or '（' or '）' or '(' or ')' or ',' || Clauses.IsSentenceMark(text, i))
            return new Token(TokenKind.Separator, i, i + 1);
        if (c is '—' or '–' or '～' or '~')
        {
            // 3%—5% is one range, while —— sets a clause apart
            var next = text[i..].IndexOfAnyExcept("—–～~ ");
            return new Token(next > 0 && char.IsAsciiDigit(text[i + next]) ? TokenKind.Stop : TokenKind.Separator, i, i + 1);
        }
        if (inWord && ProseTerms.IsLatin(c) && ProseTerms.IsLatin(text[i - 1]))
            return null;
        var length = ProsePeriods.Scan(text, i, out var period);
        if (length > 0)
            return period is { } found ? new Token(TokenKind.Period, i, i + length) { Period = found } : new Token(TokenKind.OtherTime, i, i + length);
        if (char.IsAsciiDigit(c))
            return Number(text, i);
        // 高1.6个百分点; elsewhere 高 begins other words
        if (c is '高' or '低' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))
            return new Token(c == '高' ? TokenKind.Gain : TokenKind.Loss, i, i + 1);
        length = ProseTerms.Words.Match(text, i, out var term);
        return length > 0 ? new Token(term.Kind, i, i + length) { Code = term.Code } : null;
    }

    private static Token Number(ReadOnlySpan<char> text, int at)
    {
        var end = NumberEnd(text, at);
        var from = at;
        if (at > 0 && text[at - 1] is '-' or '−' && (at < 2 || !char.IsLetterOrDigit(text[at - 2]) || text[at - 2] > 0x2e80))
            from = at - 1;
        decimal? value = decimal.TryParse(text[at..end], NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var parsed)
            && end - at <= 28 ? (from < at ? -parsed : parsed) : null;
        // a version, an address or a document number: 1.2.3, GB/T4754-2017, 192.168
        var isName = (at > 0 && (char.IsAsciiLetter(text[at - 1]) || text[at - 1] is '.' or '_' or '@' or '/' or '第')) || (end < text.Length && text[end] is '.' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]));
        if (isName)
            return new Token(TokenKind.Number, at, end);
        var i = Approximate(text, end, ref value);
        var power = 0;
        var length = Unit(text, i, out var unit, out var unitFrom);
        if (length == 0)
        {
            i = Blank(text, i);
            foreach (var (word, p) in Multipliers)
                if (text[i..].StartsWith(word, StringComparison.Ordinal))
                {
                    power = p;
                    i = Approximate(text, i + word.Length, ref value);
                    break;
                }
            if (power > 0)
                length = Unit(text, i, out unit, out unitFrom);
        }
        if (length > 0)
            return new Token(TokenKind.Figure, at, unitFrom + length) { Code = unit, Value = value, Multiplier = power };
        return power > 0
            ? new Token(TokenKind.Figure, at, i) { Value = value, Multiplier = power }
            : new Token(TokenKind.Number, at, end) { Value = value };
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

    private static int Approximate(ReadOnlySpan<char> text, int i, ref decimal? value)
    {
        if (i >= text.Length || text[i] is not ('多' or '余'))
            return i;
        value = null;
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
