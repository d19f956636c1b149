using System.Globalization;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What a release in prose says about itself as a whole.</summary>
/// <param name="Language"><c>zh</c> or <c>en</c>.</param>
/// <param name="Published">The day of publication; null when there is no date line.</param>
/// <param name="Area">The area of a clause that names none; null when that can not be told.</param>
/// <param name="IsAreaAssumed">Whether that is the installation's own, since the text names none.</param>
/// <param name="Period">The period that the headline names, or that a report of its kind looks back on; null where it names none.</param>
/// <param name="IsReport">Whether it is a work report: last year's results and this year's targets.</param>
/// <param name="IsAboveSize">Whether the headline says that the text is on industry above designated size.</param>
internal sealed record ProseContext(string Language, DateOnly? Published, Code? Area, bool IsAreaAssumed, string? Period, bool IsReport, bool IsAboveSize)
{
    /// <summary>Reads a page for what it says about itself.</summary>
    public static ProseContext Of(ProsePage page, string headline, string language)
    {
        var area = AreaOf(headline, page.Head.Concat(page.Body).Select(block => block.Text), out var isAssumed);
        var isReport = headline.Contains("工作报告", StringComparison.Ordinal) || headline.Contains("work report", StringComparison.OrdinalIgnoreCase);
        return new ProseContext(language, page.Published, area, isAssumed, PeriodOf(headline, page.Published, isReport), isReport, AboveSize(headline));
    }

    private const int Sample = 1 << 14;

    // the blocks at a text's beginning in which its office is looked for
    private const int OfficeBlocks = 5;

    // a text says at its beginning what it is about
    private const int AreaSample = 1_500;

    // a national office (its parent is the nation): tells whose release it is, and is never what a clause is about
    private const string Office = "OFFICE";

    // what 全区, 全省, 全市, 全县 call the release's own area: the ending of its name
    private static readonly Dictionary<string, string[]> OwnEndings = new(StringComparer.Ordinal)
    {
        ["SELF"] = ["自治区"],
        ["SELF_PROVINCE"] = ["省"],
        ["SELF_CITY"] = ["市"],
        ["SELF_COUNTY"] = ["县", "州"],
        ["SELF_DIVISION"] = ["师", "市"],
    };

    /// <summary>What an area word means in a release about <paramref name="own"/>; null when that can not be told.</summary>
    public static Code? Resolve(Code word, Code? own) => word.Id == own?.Id ? own : IsOwn(word) ? (own is not null && Means(word, own) ? own : null) : word.Id == Office ? null : word;

    /// <summary><c>zh</c> or <c>en</c>; null for a text in neither.</summary>
    public static string? LanguageOf(IReadOnlyList<TextBlock> blocks)
    {
        int han = 0, latin = 0, other = 0, words = 0, english = 0, left = Sample;
        Span<char> word = stackalloc char[4];
        foreach (var block in blocks)
        {
            var text = block.Text.AsSpan(0, Math.Min(block.Text.Length, left));
            left -= text.Length;
            for (var i = 0; i < text.Length; i++)
            {
                var c = text[i];
                if (ProseTerms.IsHan(c))
                    han++;
                else if (ProseTerms.IsLatin(c))
                    latin++;
                else if (char.IsLetter(c))
                    other++;
                if (!ProseTerms.IsLatin(c) || (i > 0 && ProseTerms.IsLatin(text[i - 1])))
                    continue;
                words++;
                var end = i;
                while (end < text.Length && end - i < 4 && ProseTerms.IsLatin(text[end]))
                    end++;
                text[i..end].ToLowerInvariant(word);
                if (word[..(end - i)] is "the" or "of" or "and" or "in" or "to" or "by" or "was" or "for")
                    english++;
            }
        }
        if (other * 20 > han + latin)
            return null;
        if (han * 3 > latin)
            return "zh";
        return words > 0 && english * 12 > words ? "en" : null;
    }

    /// <summary>
    /// The area a release is about: the one its headline names, else the one its text names most often. Where the text says 全区 or 全省, only an area
    /// of that kind; where it names none, the installation's own, the parent of <c>SELF</c> in <c>prose-areas.csv</c> (<paramref name="isAssumed"/>).
    /// </summary>
    private static Code? AreaOf(string headline, IEnumerable<string> texts, out bool isAssumed)
    {
        isAssumed = false;
        var counts = new Dictionary<string, (Code Area, int Times)>(StringComparer.Ordinal);
        var left = AreaSample;
        foreach (var text in texts)
        {
            if (left == 0)
                break;
            foreach (var area in Areas(text.AsSpan(0, Math.Min(text.Length, left))))
                counts[area.Id] = (area, counts.GetValueOrDefault(area.Id).Times + 1);
            left -= Math.Min(text.Length, left);
        }
        var own = counts.Values.Select(entry => entry.Area).FirstOrDefault(IsOwn);
        bool Fits(Code area) => !IsOwn(area) && (own is null || Means(own, area));
        if (Areas(headline).Find(Fits) is { } named)
            return named;
        // a national office's release on trade names its partners more often than the nation
        var isChinese = counts.Values.Any(entry => IsChinese(entry.Area));
        var ranked = counts.Values.Where(entry => Fits(entry.Area) && (!isChinese || IsChinese(entry.Area))).OrderByDescending(entry => entry.Times).Take(2).ToList();
        if (ranked.Count == 2 && ranked[0].Times == ranked[1].Times)
            return null;
        if (ranked.Count > 0)
            return ranked[0].Area;
        if (OfOffice(headline) is { } byHeadline)
            return byHeadline;
        foreach (var text in texts.Take(OfficeBlocks))
            if (OfOffice(text) is { } byOffice)
                return byOffice;
        isAssumed = own?.Parent is not null;
        return isAssumed ? Vocabulary.Load("areas").Codes[own!.Parent!] : null;
    }

    // 第七师胡杨河市统计局, Northland Statistics Office: whose office speaks, where no vocabulary knows the place
    private static Code? OfOffice(string text)
    {
        const int longest = 14;
        foreach (var office in (ReadOnlySpan<string>)["统计局", "人民政府", "发展和改革委员会", "发改委", "政府工作报告"])
        {
            if (text.IndexOf(office, StringComparison.Ordinal) is not (> 1 and var at))
                continue;
            var from = at;
            while (from > 0 && at - from < longest && ProseTerms.IsHan(text[from - 1]) && text[from - 1] is not ('据' or '从' or '年'))
                from--;
            if (at - from > 2 && text[at - 1] is '市' or '县' or '州' or '盟' or '旗' or '师' or '区' or '省')
                return Labels.ToCode(text[from..at], "zh");
        }
        foreach (var office in (ReadOnlySpan<string>)[" Statistics Office", " Statistics Bureau", " Bureau of Statistics", " Office for Statistics"])
        {
            if (text.IndexOf(office, StringComparison.Ordinal) is not (> 1 and var at))
                continue;
            var from = at;
            while (from > 0 && (ProseTerms.IsLatin(text[from - 1]) || (text[from - 1] == ' ' && from > 1 && char.IsLower(text[from - 2]) && char.IsUpper(text[from]))))
                from--;
            if (text[from..at].Trim() is { Length: > 2 } name && char.IsUpper(name[0]) && name is not ("National" or "Central" or "Federal" or "Provincial" or "Municipal" or "The"))
                return Labels.ToCode(name, "en");
        }
        return null;
    }

    private static bool IsChinese(Code area) => area.Id.StartsWith("CN", StringComparison.Ordinal) || char.IsAsciiDigit(area.Id[0]) || area.Id.StartsWith("C_", StringComparison.Ordinal);

    private static bool IsOwn(Code area) => OwnEndings.ContainsKey(area.Id);

    // whether a word such as 全省 can mean an area
    private static bool Means(Code own, Code area) =>
        area.Labels.TryGetValue("zh", out var name) && OwnEndings[own.Id].Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

    // 2026年 in the headline is the year of a report or a plan as often as its figures': a work report looks back on the year before
    private static string? PeriodOf(string headline, DateOnly? published, bool isReport)
    {
        foreach (var token in Tokens(headline))
        {
            if (token.Period is not { IsSpan: false } named)
                continue;
            var isYear = named is { From: 1, To: 12, IsCumulative: false };
            if (isReport && isYear && named.Year is { } year)
                return new PeriodExpression(year - 1, null, 1, 12, false).Resolve(null, null);
            var isPast = !isYear || published is not null || headline.Contains("公报", StringComparison.Ordinal) || headline.Contains("情况", StringComparison.Ordinal) || headline.Contains("communiqu", StringComparison.OrdinalIgnoreCase);
            if (isPast && named.Resolve(published, null) is { } period)
                return period;
        }
        return null;
    }

    private static bool AboveSize(string headline) =>
        Tokens(headline).Select(token => token.Code?.Id).Where(id => id is "ABOVE_SIZE" or "B_D").Distinct().Count() == 2;

    /// <summary>One English sentence: what the text is.</summary>
    public static string Describe(ProsePage page, string language, Code? area, long figures, long observations)
    {
        var date = page.Published?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return $"Text in {(language == "zh" ? "Chinese" : "English")}"
            + (page.Headline.Length > 0 ? $", headed \"{page.Headline}\"" : "")
            + (Outlet(page.DateLine) is { } outlet ? $", from {outlet}" : "")
            + (date is null ? ", without a date line" : $", published {date}")
            + (area is null ? "" : $", about {area.Labels.GetValueOrDefault(language, area.Id)}")
            + string.Create(CultureInfo.InvariantCulture, $": {Counted.Of(figures, "figure")} in sentences, {observations} understood.");
    }

    private static string? Outlet(string? dateLine)
    {
        foreach (var mark in (ReadOnlySpan<string>)["来源", "來源", "Source"])
        {
            var at = dateLine?.IndexOf(mark, StringComparison.OrdinalIgnoreCase) ?? -1;
            if (at < 0)
                continue;
            var rest = dateLine.AsSpan(at + mark.Length).TrimStart(":： ");
            var end = rest.IndexOfAny(" \u3000|");
            return rest.Length == 0 || end == 0 ? null : (end < 0 ? rest : rest[..end]).ToString();
        }
        return null;
    }

    private static List<Code> Areas(ReadOnlySpan<char> text)
    {
        var areas = new List<Code>();
        var nations = Vocabulary.Load("areas").Codes;
        while (!text.IsEmpty)
        {
            var part = text[..Clauses.End(text, 0, out _)];
            // an office is its nation's; a region of it (东部地区, 一线城市) is never what a release is about as a whole
            foreach (var token in Tokens(part))
                if (token is { Kind: TokenKind.Area, Code: { } code })
                    areas.Add(code.Id == Office || code.Id.StartsWith("CN_", StringComparison.Ordinal) ? nations[code.Parent!] : AsWritten(code, part[token.From..token.To]));
            text = text[part.Length..];
        }
        return areas;
    }

    // 臺灣: a text in traditional characters keeps its own name for its area
    private static Code AsWritten(Code area, ReadOnlySpan<char> word)
    {
        Span<char> folded = stackalloc char[word.Length];
        ProseTerms.Fold(word, folded);
        return word.SequenceEqual(folded) || !area.Labels.GetValueOrDefault("zh", "").AsSpan().StartsWith(folded) ? area : area with { Labels = new Dictionary<string, string>(area.Labels) { ["zh"] = word.ToString() } };
    }

    private static List<Token> Tokens(ReadOnlySpan<char> text)
    {
        var tokens = new List<Token>();
        ProseTokens.Scan(ProseTerms.Fold(text), text, tokens);
        return tokens;
    }
}
