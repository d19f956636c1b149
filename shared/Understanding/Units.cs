namespace Pipeline.Understanding;

/// <summary>A unit: its code for UNIT_MEASURE and the power of ten for UNIT_MULT.</summary>
/// <param name="Measure">The unit; <c>_X</c> when only a multiplier is stated.</param>
/// <param name="Multiplier">The power of ten: 4 for 万, 6 for million.</param>
internal sealed record Unit(Code Measure, int Multiplier);

/// <summary>Reads units: a multiplier and a unit of <c>units.csv</c>, in either order, as in <c>万吨</c>, <c>£ million</c>, <c>thousand persons</c>.</summary>
internal static class Units
{
    // How ids of units begin that are no amounts: per cent of something, rates, indices, per something.
    private static readonly string[] MovingBases = ["上年", "去年", "上月", "上期", "上季", "previous", "preceding", "last year", "year before", "year earlier"];
    private static readonly string[] NotAmounts = ["PC_", "PCH_", "PT_", "RT", "IX", "INDEX", "INDICES", "PERCENT", "PER", "I"];

    private const string MultiplierParent = "UNIT_MULT";
    private static readonly Vocabulary Words = Vocabulary.Load("units");

    private static readonly (string Word, int Power)[] Multipliers =
    [
        .. Words.Terms.Where(t => t.Value.Parent == MultiplierParent).Select(t => (t.Key, int.Parse(t.Value.Id, System.Globalization.CultureInfo.InvariantCulture)))
            .Concat([("1000", 3), ("1 000", 3), ("1000s", 3), ("1,000s", 3)]).OrderByDescending(t => t.Item1.Length),
    ];

    /// <summary>Values without a stated unit.</summary>
    public static Code Unspecified => Words.Codes[Concepts.Unspecified];

    /// <summary>Per cent.</summary>
    public static Code Percent => Words.Codes["PT"];

    /// <summary>Per mille.</summary>
    public static Code PerMille => Words.Codes["PM"];

    /// <summary>The code of a power of ten in UNIT_MULT, with its label.</summary>
    public static Code Multiplier(int power)
    {
        var id = power.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Words.Codes.TryGetValue(id, out var code) ? code with { Parent = null } : new Code(id);
    }

    /// <summary>The unit that a text is: its words, and beside them in brackets or behind commas only what goes with it; null when its words are not known, or two units are named.</summary>
    public static Unit? Find(string text)
    {
        var term = Bare(Vocabulary.Fold(text));
        return term.Length is 0 or > MaxLength ? null : Simple(term) ?? Bracketed(term) ?? Listed(term);
    }

    /// <summary>
    /// The unit that a column of growth or of parts is in by its header's words, whatever its row or its table counts: per cent after <c>同比增长</c>, <c>增速</c>, <c>±%</c>;
    /// not stated after <c>位次</c>, which has none, after <c>占比</c>, which some write as 0.35, and after <c>同比</c> and <c>环比</c> alone, which head indices as well (上年同月=100). Null when the words are of neither kind.
    /// </summary>
    public static Unit? OfRate(string header)
    {
        var text = header.AsSpan().Trim();
        if (text.StartsWith('%') || text.EndsWith('%') || text.EndsWith("（%）") || text.EndsWith('％'))
            return new Unit(Percent, 0);
        foreach (var word in (ReadOnlySpan<string>)["per cent", "percent"])
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase) || (text.EndsWith(word, StringComparison.OrdinalIgnoreCase) && text[^(word.Length + 1)] == ' '))
                return new Unit(Percent, 0);
        foreach (var word in (ReadOnlySpan<string>)["增长", "增長", "增速", "增幅", "涨幅", "漲幅", "增长率", "增長率", "增长速度", "增長速度", "growth rate", "% change"])
            if (text.EndsWith(word, StringComparison.OrdinalIgnoreCase))
                return new Unit(Percent, 0);
        foreach (var word in (ReadOnlySpan<string>)["位次", "名次", "排名", "排位", "排序", "占比", "比重", "rank", "ranking"])
            if (text.EndsWith(word, StringComparison.OrdinalIgnoreCase) && (!char.IsAsciiLetter(word[0]) || text.Length == word.Length || text[^(word.Length + 1)] == ' '))
                return new Unit(Unspecified, 0);
        return text.EndsWith("同比") || text.EndsWith("环比") || text.EndsWith("環比") ? new Unit(Unspecified, 0) : null;
    }

    /// <summary>The unit that stands behind a header's last comma, as in <c>Output, million USD</c>; null for a count, which is rather what is counted.</summary>
    public static Unit? BehindComma(string header)
    {
        var text = Vocabulary.Fold(header);
        return text.LastIndexOf(',') is > 0 and var at && at + 1 < text.Length && !char.IsAsciiDigit(text[at + 1]) && text.Length - at <= MaxLength && Simple(Bare(text[(at + 1)..])) is { } unit && !IsCount(unit) ? unit : null;
    }

    /// <summary>Whether a unit measures parts or changes, not an amount of what is counted.</summary>
    public static bool IsRate(Unit unit) => unit.Measure.Id is "PT" or "PM" or "PPT";

    /// <summary>Whether values in a unit say what a part or a change is in relation to another value, so that the relation of two of them says little: per cent, degrees, an index whose base moves along (上年同期=100).</summary>
    /// <param name="unit">A code of UNIT_MEASURE, ours or another's.</param>
    public static bool IsRelative(Code unit) =>
        unit.Id is "PT" or "PPT" or "PM" or "PC" or "PCT" or "CEL" or "IX_PY" or "IX_PYP" or "IX_PP" || unit.Id.StartsWith("PCH", StringComparison.Ordinal)
        || unit.Labels.Values.Any(label => label.Contains('%')
            || (label.Replace(" ", "", StringComparison.Ordinal).Contains("=100", StringComparison.Ordinal) && MovingBases.Any(word => label.Contains(word, StringComparison.OrdinalIgnoreCase))));

    /// <summary>Whether values in a unit add up: not ratios, indices, degrees and what is counted per something else.</summary>
    /// <param name="unit">A code of UNIT_MEASURE, ours or another's: Eurostat's PC_GDP and I15, an office's own with a label.</param>
    public static bool AddUp(Code unit) =>
        unit.Id is not ("PT" or "PPT" or "PM" or "RATIO" or "CEL" or "POINTS" or "PC" or "PCT" or "INX")
        && !NotAmounts.Any(start => unit.Id.StartsWith(start, StringComparison.OrdinalIgnoreCase) && (start[^1] == '_' || unit.Id.Length == start.Length || !char.IsAsciiLetter(unit.Id[start.Length])))
        && !unit.Id.Contains("_PER_", StringComparison.Ordinal) && !unit.Id.EndsWith("_HAB", StringComparison.Ordinal)
        && !unit.Labels.Values.Any(label => label.Contains('%') || label.Contains('‰') || label.Contains('/') || label.Contains(" per ", StringComparison.OrdinalIgnoreCase) || Additivity.IsRateName(label));

    /// <summary>The units that a text names one beside the other, such as <c>亿元、%</c>; empty when there is a word in it that is no unit.</summary>
    public static IReadOnlyList<Unit> FindAll(string text)
    {
        var term = Bare(Vocabulary.Fold(text));
        if (term.Length is 0 or > MaxLength)
            return [];
        if (Find(term) is { } one)
            return [one];
        var units = new List<Unit>();
        foreach (var part in term.Replace(" and ", ",", StringComparison.OrdinalIgnoreCase).Split(',', '、', ';', '和', '及'))
        {
            if (part.AsSpan().Trim().IsEmpty || IsQualifier(part.Trim()))
                continue;
            if (Simple(Bare(part)) is not { } unit)
                return [];
            if (!units.Contains(unit))
                units.Add(unit);
        }
        return units;
    }

    /// <summary>
    /// The one unit that a caption or a note states for its table: after <c>单位：</c> or <c>Unit:</c>, in brackets, after <c>in</c>, <c>are</c> or behind its last
    /// comma. Null when it states none or several. Counts (<c>in households</c>) are units in brackets and after a colon only.
    /// </summary>
    public static Unit? InSentence(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var caption = Vocabulary.Fold(text.Length > MaxSentence ? text[..MaxSentence] : text);
        if (Stated(caption) is { } stated)
            return FindAll(stated) is [var only] ? only : null;
        Unit? found = null;
        for (var open = caption.IndexOfAny(Opening); open >= 0; open = caption.IndexOfAny(Opening, open + 1))
        {
            var close = caption.AsSpan(open + 1).IndexOfAny(")]");
            if (close > 0 && close <= MaxLength && FindAll(caption.Substring(open + 1, close)) is var inside && !IsAcronym(caption.AsSpan(open + 1, close), inside) && !Adds(inside, ref found))
                return null;
        }
        var words = caption.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length - 1; i++)
        {
            if (!Leads.Contains(words[i]))
                continue;
            for (var count = Math.Min(5, words.Length - i - 1); count > 0; count--)
            {
                if (Simple(Bare(string.Join(' ', words, i + 1, count).TrimEnd(','))) is not { } unit || IsCount(unit))
                    continue;
                if (!Adds([unit], ref found))
                    return null;
                break;
            }
        }
        foreach (var separator in (ReadOnlySpan<char>)[',', '-', '–', '—', ':'])
            if (caption.LastIndexOf(separator) is > 0 and var last && last + 1 < caption.Length && !char.IsAsciiLetterOrDigit(caption[last + 1]) && caption.Length - last <= MaxLength && Simple(Bare(caption[(last + 1)..])) is { } unit && !IsCount(unit) && !Adds([unit], ref found))
                return null;
        return found is null or { Measure.Id: "IX", Multiplier: 0 } ? BaseIn(caption, out _) ?? found : found;
    }

    /// <summary>The unit that a text stated to be a unit names; one from its label when its words are not known.</summary>
    public static Unit Read(string text, string? language) => (Words.Codes.TryGetValue(text.Trim(), out var code) && code.Parent != MultiplierParent && !int.TryParse(text, out _) ? new Unit(code, 0) : null) ?? Find(text) ?? new Unit(Labels.ToCode(text, language), 0);

    private const int MaxLength = 60;
    private const int MaxBase = 16;
    private const int MaxSentence = 500;
    private static readonly char[] Opening = ['(', '['];
    private static readonly string[] UnitKeys = ["计量单位", "单位", "計量單位", "單位", "units of measure", "unit of measure", "unit of measurement", "units", "unit"];
    private static readonly HashSet<string> Leads = new(StringComparer.OrdinalIgnoreCase) { "in", "are", "is", "as", "values", "figures" };

    private static readonly HashSet<string> Qualifiers = new(StringComparer.OrdinalIgnoreCase)
    {
        "seasonally adjusted", "not seasonally adjusted", "non-seasonally adjusted", "non seasonally adjusted", "unadjusted", "seasonally unadjusted", "sa", "nsa", "adjusted", "current prices",
        "at current prices", "current price", "constant prices", "at constant prices", "chained volume measures", "chained volume measure", "chain volume measures", "cvm", "cp", "nominal",
        "real", "annual rate", "annual rates", "annualised", "current market prices", "现价", "当年价", "当年价格", "按当年价格计算", "现行价格", "不变价", "不变价格", "可比价", "可比价格", "季节调整", "季调",
    };

    /// <summary>Units that count things, which a sentence may speak of without stating its unit.</summary>
    private static readonly HashSet<string> Counts =
    [
        "PS", "PS_TIMES", "HH", "DEATHS", "JOBS", "ENT", "UNIT", "SET", "VEHICLE", "AIRCRAFT", "SHIP", "CASES", "TIMES", "DWELLING", "ANIMAL", "HUR", "DAYS", "YR", "BOOK", "BOLT", "ROLL", "STRIP",
        "PAIR", "CARAT", "POINTS", "RATIO", "M", "T", "G", "L", "CEL", "PURE_NUMB",
    ];

    /// <summary>What may stand below a ratio's line and is no unit of a table.</summary>
    private static readonly (string Word, string Id, string Zh)[] Denominators =
    [
        ("capita", "CAP", "人均"), ("head", "CAP", "人均"), ("head of population", "CAP", "人均"), ("week", "WEEK", "周"), ("month", "MONTH", "月"), ("quarter", "QUARTER", "季"), ("annum", "YR", "年"),
        ("minute", "MIN", "分钟"), ("second", "SEC", "秒"), ("live births", "LIVE_BIRTHS", "活产"), ("births", "BIRTHS", "出生"), ("residents", "PS", "人"), ("women", "WOMEN", "女性"), ("men", "MEN", "男性"),
    ];

    /// <summary>Whether brackets hold a currency's code that is rather an acronym: Registration Online (RON).</summary>
    private static bool IsAcronym(ReadOnlySpan<char> inside, IReadOnlyList<Unit> units) => units is [{ Multiplier: 0, Measure: var code }] && IsCurrency(code) && inside.Trim().SequenceEqual(code.Id)
        && code.Id is not ("USD" or "EUR" or "GBP" or "CNY" or "JPY" or "HKD" or "AUD" or "CAD" or "CHF" or "INR" or "KRW");

    private static bool IsCount(Unit unit) => unit.Multiplier == 0 && Counts.Contains(unit.Measure.Id);

    /// <summary>Takes a unit, or several that go together, into what is found; false when they contradict it.</summary>
    private static bool Adds(IReadOnlyList<Unit> units, ref Unit? found)
    {
        foreach (var unit in units)
        {
            if (found is not null && Merge(found, unit) is not { } both)
                return false;
            found = found is null ? unit : Merge(found, unit);
        }
        return true;
    }

    /// <summary>What follows 单位： or Unit:, to the end of its clause.</summary>
    private static string? Stated(string caption)
    {
        foreach (var key in UnitKeys)
        {
            var at = caption.IndexOf(key, StringComparison.OrdinalIgnoreCase);
            if (at < 0 || (at > 0 && char.IsAsciiLetter(caption[at - 1]) && char.IsAsciiLetter(key[0])))
                continue;
            var rest = caption.AsSpan(at + key.Length).TrimStart();
            if (rest is not [':', ..])
                continue;
            rest = rest[1..].TrimStart();
            var depth = 0;
            for (var i = 0; i < rest.Length; i++)
            {
                depth += rest[i] == '(' ? 1 : rest[i] == ')' ? -1 : 0;
                if (depth < 0 || rest[i] is ';' or '。' or '\n' || (rest[i] == ' ' && i + 1 < rest.Length && rest[i + 1] == ' '))
                    return new string(rest[..i]);
            }
            return new string(rest);
        }
        return null;
    }

    private static string Bare(string term)
    {
        term = term.Trim(' ', ':', '：', ',');
        foreach (var key in UnitKeys)
            if (term.StartsWith(key, StringComparison.OrdinalIgnoreCase) && term.Length > key.Length && term[key.Length..].TrimStart() is [':', .. var value])
                term = value.Trim();
        if (term.Length > 2 && (term[0] is '(' && term[^1] is ')' || term[0] is '[' && term[^1] is ']') && term.AsSpan(1).IndexOfAny('(', '[') < 0)
            term = term[1..^1];
        term = term.Trim(' ', ':', '.');
        return term.StartsWith("in ", StringComparison.OrdinalIgnoreCase) ? term[3..].TrimStart() : term;
    }

    /// <summary>Number ('000), pounds (£), Index (2015=100): both sides say the same or go together.</summary>
    private static Unit? Bracketed(string term)
    {
        if (Labels.SplitBrackets(term) is not ({ Length: > 0 } name, { Length: > 0 } inside))
            return null;
        var (outer, inner) = (Simple(name), Simple(Bare(inside)));
        if (outer is not null && inner is not null)
            return Merge(outer, inner);
        return outer is not null && IsQualifier(inside) ? outer : inner is not null && IsQualifier(name) ? inner : null;
    }

    /// <summary>£ million, seasonally adjusted; Current prices, £ million.</summary>
    private static Unit? Listed(string term)
    {
        var parts = Parts(term);
        if (parts.Count is < 2 or > 6)
            return null;
        Unit? found = null;
        for (var i = 0; i < parts.Count; i++)
        {
            if ((Simple(Bare(parts[i])) ?? Bracketed(Bare(parts[i]))) is { } unit)
            {
                found = found is null ? unit : Merge(found, unit);
                if (found is null)
                    return null;
            }
            else if (found is null && !IsQualifier(parts[i].Trim()))
            {
                return null;
            }
        }
        return found;
    }

    /// <summary>Cuts at commas and semicolons, but not at the comma of 1,000.</summary>
    private static List<string> Parts(string term)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < term.Length; i++)
        {
            if (term[i] is not (',' or ';') || (i > 0 && i + 1 < term.Length && char.IsAsciiDigit(term[i - 1]) && char.IsAsciiDigit(term[i + 1])))
                continue;
            parts.Add(term[start..i]);
            start = i + 1;
        }
        parts.Add(term[start..]);
        return parts;
    }

    /// <summary>One unit of two statements: the same, a multiplier and what it multiplies, an index and its base.</summary>
    private static Unit? Merge(Unit first, Unit second)
    {
        if (first.Measure.Id == second.Measure.Id && (first.Multiplier == second.Multiplier || first.Multiplier == 0 || second.Multiplier == 0))
            return first.Multiplier > 0 ? first : second;
        if (second.Measure.Id == Concepts.Unspecified && first.Multiplier == 0)
            return first with { Multiplier = second.Multiplier };
        if (first.Measure.Id == Concepts.Unspecified && second.Multiplier == 0)
            return second with { Multiplier = first.Multiplier };
        if (first.Measure.Id == second.Measure.Parent)
            return second;
        if (second.Measure.Id == first.Measure.Parent)
            return first;
        // numbers of persons are persons
        return first.Measure.Id == "PURE_NUMB" && first.Multiplier == 0 ? second : second.Measure.Id == "PURE_NUMB" && second.Multiplier == 0 ? first : null;
    }

    private static bool IsQualifier(string text) =>
        Qualifiers.Contains(text) || (text.Length > 7 && text.EndsWith(" prices", StringComparison.OrdinalIgnoreCase) && Periods.TryParse(text.AsSpan(0, text.Length - 7), out _))
        || (text.EndsWith('价') || text.EndsWith("价格", StringComparison.Ordinal)) && text.Length <= 10;

    private static Unit? Simple(string term)
    {
        if (term.Length is 0 or > MaxLength)
            return null;
        if (Known(term) is { } code)
            return code.Parent == MultiplierParent ? new Unit(Unspecified, Power(code)) : new Unit(code, 0);
        if ((IndexOfBase(term) ?? (BaseIn(term, out var begins) is { } based && (begins == 0 || (begins == 1 && term[0] == '以')) ? based : null)) is { } index)
            return index;
        foreach (var (word, power) in Multipliers)
        {
            if (term.Length <= word.Length)
                continue;
            if (term.StartsWith(word, StringComparison.OrdinalIgnoreCase) && IsWordEnd(word, term[word.Length]) && Rest(term[word.Length..]) is { } after)
                return new Unit(after, power);
            if (term.EndsWith(word, StringComparison.OrdinalIgnoreCase) && Rest(term[..^word.Length]) is { } before)
                return new Unit(before, power);
        }
        return Abbreviated(term) ?? Share(term) ?? Ratio(term);
    }

    /// <summary>A code by its words: a bare number is none, although multipliers have numbers for ids, nor a capital letter, which is rather an industry's.</summary>
    private static Code? Known(ReadOnlySpan<char> term) =>
        term is not [>= 'A' and <= 'Z'] && Words.Find(term) is { } code && code.Id != MultiplierParent && !(code.Parent == MultiplierParent && term.Trim().SequenceEqual(code.Id)) ? code : null;

    private static bool IsWordEnd(string word, char next) => !char.IsAsciiLetterOrDigit(word[^1]) || !char.IsAsciiLetterOrDigit(next);

    private static Code? Rest(string term)
    {
        term = term.Trim(' ', '-', '_').TrimStart('.', ' ');
        if (term.StartsWith("of ", StringComparison.OrdinalIgnoreCase))
            term = term[3..];
        return term.Length > 0 && Known(term) is { } code && code.Parent != MultiplierParent ? code : null;
    }

    /// <summary>£m, US$bn, €k: one letter multiplies a currency only.</summary>
    private static Unit? Abbreviated(string term)
    {
        foreach (var (letters, power) in ((string, int)[])[("bn", 9), ("mn", 6), ("m", 6), ("k", 3), ("b", 9), ("tn", 12)])
            if (term.Length > letters.Length && term.EndsWith(letters, StringComparison.OrdinalIgnoreCase) && Rest(term[..^letters.Length]) is { } currency && IsCurrency(currency))
                return new Unit(currency, power);
        return null;
    }

    private static bool IsCurrency(Code code) => code.Id == "DOLLARS" || code.Id.Length == 3 && code.Id.AsSpan().IndexOfAnyExceptInRange('A', 'Z') < 0 && code.Id is not ("SET" or "TCE" or "TOE" or "KWH" or "MWH"
        or "GWH" or "TWH" or "KVA" or "BBL" or "KM2" or "PKM" or "TKM" or "CEL" or "HUR" or "ENT" or "PPT" or "TEU");

    /// <summary>% of GDP; but a percentage of households is what is measured.</summary>
    private static Unit? Share(string term)
    {
        var of = term.IndexOf(" of ", StringComparison.OrdinalIgnoreCase);
        return of > 0 && term.Length - of <= 30 && !term.StartsWith("percentage", StringComparison.OrdinalIgnoreCase) && Known(term.AsSpan(0, of)) is { Id: "PT" } ? new Unit(Percent, 0) : null;
    }

    /// <summary>2015=100, 上年同期=100, Index 2010 = 100: an index with its base, which its code and its label keep.</summary>
    private static Unit? IndexOfBase(string term)
    {
        var equals = term.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || term[(equals + 1)..].Trim() is not ("100" or "100.0" or "1000"))
            return null;
        var of = term[..equals].Trim();
        foreach (var word in (string[])["index numbers", "index:", "index", "指数", "base year", "base"])
            if (of.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                of = of[word.Length..].Trim(' ', ',', '(', ':', '-');
        of = of.TrimEnd('年').Trim();
        // Of Price index 2015 = 100 the words before the base are what is measured.
        return of.Length is 0 or > 24 || (BaseOf(of) is null && BaseIn(term, out _) is not null) ? null
            : IndexOf(BaseOf(of) ?? Labels.ToCode(of, null).Id, term[(term.IndexOf(of, StringComparison.Ordinal))..].Replace(" ", "", StringComparison.Ordinal));
    }

    /// <summary>The end of the code of an index by the words for its base: a period, the year before; null when they are neither.</summary>
    private static string? BaseOf(string of) => of switch
    {
        "上" or "previous year" => "PY",
        "上年同期" or "上年同月" or "去年同期" or "same period of previous year" => "PYP",
        "上月" or "上期" or "previous month" => "PP",
        _ => Periods.TryParse(of, out var period) && period.IsPossible ? period.Id.Replace('-', '_').Replace('/', '_') : null,
    };

    /// <summary>The index whose base is 100 anywhere in a text: <c>以2015年为100</c>, <c>Consumer prices, index 2015 = 100, seasonally adjusted</c>.</summary>
    private static Unit? BaseIn(string text, out int begins)
    {
        begins = -1;
        for (var at = text.IndexOf("100", StringComparison.Ordinal); at > 0; at = text.IndexOf("100", at + 3, StringComparison.Ordinal))
        {
            var before = text.AsSpan(0, at).TrimEnd();
            if (at + 3 < text.Length && (char.IsLetterOrDigit(text[at + 3]) || text[at + 3] is '%') || before is not [.., '=' or '为' or '為'])
                continue;
            before = before[..^1].TrimEnd().TrimEnd('年').TrimEnd();
            for (var start = Math.Max(0, before.Length - MaxBase); start < before.Length; start++)
            {
                begins = start;
                if ((start == 0 || !char.IsAsciiLetterOrDigit(before[start - 1])) && before[start] != ' ' && BaseOf(new string(before[start..])) is { } id)
                    return IndexOf(id, new string(before[start..]).Replace(" ", "", StringComparison.Ordinal) + "=100");
            }
        }
        return null;
    }

    private static Unit IndexOf(string id, string label) =>
        new(new Code("IX_" + id) { Parent = "IX", Labels = new Dictionary<string, string> { ["zh"] = $"指数（{label}）", ["en"] = $"Index ({label})" } }, 0);

    /// <summary>元/吨, kg per hectare, per 1,000 population.</summary>
    private static Unit? Ratio(string term)
    {
        var (cut, length) = (term.IndexOf('/', StringComparison.Ordinal), 1);
        if (cut >= 0 && term.LastIndexOf('/') != cut)
            return null;
        if (cut < 0)
            (cut, length) = term.StartsWith("per ", StringComparison.OrdinalIgnoreCase) ? (0, 4) : (term.IndexOf(" per ", StringComparison.OrdinalIgnoreCase), 5);
        if (cut < 0 || cut + length >= term.Length)
            return null;
        var over = term[..cut].Trim();
        over = over.Equals("rate", StringComparison.OrdinalIgnoreCase) || over.Equals("rates", StringComparison.OrdinalIgnoreCase) ? "" : over;
        var top = over.Length == 0 ? null : Simple(over);
        if ((over.Length > 0 && top is null) || (cut == 0 && length == 1) || Below(term[(cut + length)..].Trim()) is not { } bottom)
            return null;
        return top is null
            ? new Unit(new Code("PER_" + bottom.Id) { Labels = new Dictionary<string, string> { ["zh"] = "每" + bottom.Labels["zh"], ["en"] = "Per " + bottom.Labels["en"] } }, 0)
            : new Unit(new Code(top.Measure.Id + "_PER_" + bottom.Id) { Labels = RatioLabels(top.Measure, bottom) }, top.Multiplier);
    }

    /// <summary>What stands below a ratio's line: a unit, a number of them, or a word of <see cref="Denominators"/>.</summary>
    private static Code? Below(string term)
    {
        foreach (var (word, id, zh) in Denominators)
            if (term.Equals(word, StringComparison.OrdinalIgnoreCase))
                return new Code(id) { Labels = new Dictionary<string, string> { ["zh"] = zh, ["en"] = word } };
        var digits = 0;
        while (digits < term.Length && (char.IsAsciiDigit(term[digits]) || (term[digits] is ',' or ' ' && digits + 1 < term.Length && char.IsAsciiDigit(term[digits + 1]))))
            digits++;
        if (digits > 0)
        {
            var number = term[..digits].Replace(",", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
            if (number.Length > 9 || number[0] == '0')
                return null;
            var rest = term[digits..].TrimStart();
            var each = rest.Length == 0 ? new Code("") { Labels = new Dictionary<string, string> { ["zh"] = "", ["en"] = "" } } : Below(rest);
            return each is null ? null : new Code(each.Id.Length > 0 ? number + "_" + each.Id : number)
            {
                Labels = new Dictionary<string, string> { ["zh"] = number + each.Labels["zh"], ["en"] = (number + " " + each.Labels["en"].ToLowerInvariant()).TrimEnd() },
            };
        }
        return Simple(term) switch
        {
            null => null,
            { Measure.Id: Concepts.Unspecified, Multiplier: var power } => Powered(power, null),
            { Multiplier: 0 } unit => unit.Measure,
            var unit => Powered(unit.Multiplier, unit.Measure),
        };
    }

    private static Code Powered(int power, Code? unit)
    {
        var times = Multiplier(power);
        var number = "1" + new string('0', power);
        return new Code(unit is null ? number : number + "_" + unit.Id)
        {
            Labels = new Dictionary<string, string>
            {
                ["zh"] = times.Labels.GetValueOrDefault("zh", number) + unit?.Labels.GetValueOrDefault("zh"),
                ["en"] = (times.Labels.GetValueOrDefault("en", number).ToLowerInvariant() + " " + unit?.Labels.GetValueOrDefault("en")).TrimEnd(),
            },
        };
    }

    private static Dictionary<string, string> RatioLabels(Code top, Code bottom)
    {
        var labels = new Dictionary<string, string>();
        foreach (var (language, over) in top.Labels)
            if (bottom.Labels.TryGetValue(language, out var under))
                labels.Add(language, language == "zh" ? over + "/" + under : over + " per " + char.ToLowerInvariant(under[0]) + under[1..]);
        return labels;
    }

    private static int Power(Code code) => int.Parse(code.Id, System.Globalization.CultureInfo.InvariantCulture);
}
