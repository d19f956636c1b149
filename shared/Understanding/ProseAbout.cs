using System.Buffers;
using System.Globalization;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>What a release says of itself: title, outlet, authors, when it was published, where it stood, and whose photographs it shows.</summary>
internal static class ProseAbout
{
    private const int LongestCredit = 12;
    private const int LongestByline = 60;
    private const int LongestCaption = 300;

    private static readonly SearchValues<char> BeforeCredit = SearchValues.Create("。！？，,；;：:（(【/ 　");

    private static readonly string[] SourceWords = ["信息来源", "来源", "來源", "source"];
    private static readonly string[] AuthorWords = ["见习记者", "通讯员", "记者", "記者", "作者", "撰文", "文/", "reporter", "by "];

    /// <summary>The register of one entry.</summary>
    public static RegisterCube Read(ProsePage page, IReadOnlyList<TextBlock> blocks, IReadOnlyList<TextBlock> captions, string language)
    {
        var register = new RegisterCube("about", "RELEASE_TEXT", ("发布稿信息", "About the release"), "OUTLET", "AUTHOR", "PUBLISHED_AT", "SECTION", "SITE", "SOURCE_DATA", "CAPTIONS", "CREDITS");
        var titleBlock = page.Head.FirstOrDefault(block => page.Headline.Length > 0 && block.Text.Contains(page.Headline, StringComparison.Ordinal)) ?? blocks.First(block => block.Text.Trim().Length > 0);
        var title = page.Headline.Length > 0 ? page.Headline : Start(titleBlock.Text.Trim());
        var entry = register.Entry(Labels.ToCode(title, language), title)!;
        var at = Math.Max(0, titleBlock.Text.IndexOf(title, StringComparison.Ordinal));
        entry.Mention(titleBlock.Chars(at, Math.Min(titleBlock.Text.Length, at + title.Length)));
        var source = page.DateLine is { } line ? Behind(line, SourceWords) : null;
        var authors = new List<string>();
        string? outlet = null;
        foreach (var block in blocks.TakeWhile(block => page.Body.Count == 0 || block != page.Body[0]))
            if (block.Text.Length <= LongestByline || block.Text == page.DateLine)
                outlet = Byline(block.Text, authors) ?? outlet;
        // （记者李文）, （某报记者 李文）: at the start or the end of the text
        if (authors.Count == 0 && page.Body.Count > 0)
            foreach (var block in (TextBlock[])[page.Body[0], page.Body[^1]])
                outlet = Bracketed(block.Text, authors) ?? outlet;
        entry.Set("OUTLET", outlet ?? Outlet(source));
        entry.Set("SOURCE_DATA", source);
        entry.Set("AUTHOR", string.Join("; ", authors.Distinct()));
        entry.Set("PUBLISHED_AT", Instant(page, language));
        SetTrail(entry, blocks.FirstOrDefault(block => block.Text.Length <= 160 && block.Text.AsSpan().ContainsAny('>', '›', '»')));
        entry.Set("CAPTIONS", string.Join(" | ", captions.Select(caption => caption.Text.Trim()).Select(text => text.Length > LongestCaption ? text[..LongestCaption] : text).Take(50)));
        entry.Set("CREDITS", string.Join("; ", captions.Select(caption => Credit(caption.Text, out var name) ? name : "").Where(name => name.Length > 0).Distinct().Take(50)));
        return register;
    }

    /// <summary>Whether a line is a photograph's caption: it ends with its photographer, 某某 摄.</summary>
    public static bool Credit(string text, out string name)
    {
        name = "";
        var line = text.AsSpan().Trim().TrimEnd("）)】");
        if (line.Length is < 3 or > 1000 || line[^1] is not ('摄' or '攝') || Clauses.EndsAsSentence(text))
            return false;
        line = line[..^1].TrimEnd();
        var from = line.LastIndexOfAny(BeforeCredit);
        var credit = line[(from + 1)..].Trim();
        foreach (var word in (ReadOnlySpan<string>)["本报记者", "通讯员", "记者", "記者"])
            if (credit.StartsWith(word))
                credit = credit[word.Length..].Trim();
        if (credit.Length is < 2 or > LongestCredit)
            return false;
        name = credit.ToString();
        return true;
    }

    // the words behind 来源：, up to the next field
    private static string? Behind(string line, ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (line.IndexOf(word, StringComparison.OrdinalIgnoreCase) is not (>= 0 and var at))
                continue;
            var rest = line.AsSpan(at + word.Length).TrimStart(":： 　");
            var end = rest.IndexOfAny(" 　|\t");
            rest = end < 0 ? rest : rest[..end];
            return rest.Length is 0 or > LongestByline ? null : rest.ToString();
        }
        return null;
    }

    /// <summary>Takes the authors of a byline (某报记者 李文 王磊, 作者：李文); gives the outlet before 记者.</summary>
    private static string? Byline(string text, List<string> authors)
    {
        var line = text.AsSpan().Trim().Trim("（()）【】");
        foreach (var word in AuthorWords)
        {
            var at = line.IndexOf(word, StringComparison.OrdinalIgnoreCase);
            if (at < 0 || (word[0] < 0x80 && at > 0 && char.IsLetter(line[at - 1])) || Clauses.EndsAsSentence(text))
                continue;
            var rest = line[(at + word.Length)..].TrimStart(":： 　丨|");
            var found = Names(rest, word[0] < 0x80, authors);
            var before = line[..at].Trim(" 　(（丨|");
            var blank = before.LastIndexOfAny(" 　");
            before = before[(blank + 1)..];
            return found && word is "记者" or "記者" && before.Length is >= 2 and <= 20 && !before.ContainsAny(":：") && before is not "本报" ? before.ToString() : null;
        }
        return null;
    }

    private static string? Bracketed(string text, List<string> authors)
    {
        for (var open = text.AsSpan().IndexOfAny('(', '（'); open >= 0;)
        {
            var close = text.AsSpan(open).IndexOfAny(')', '）');
            if (close is > 3 and < LongestByline && text.AsSpan(open, close).ContainsAny("记記") && text.AsSpan(open, close).ContainsAny("者"))
                return Byline(text.Substring(open + 1, close - 1), authors);
            var next = text.AsSpan(open + 1).IndexOfAny('(', '（');
            open = next < 0 ? -1 : open + 1 + next;
        }
        return null;
    }

    private static bool Names(ReadOnlySpan<char> text, bool isEnglish, List<string> authors)
    {
        var found = false;
        foreach (var part in text.ToString().Split(isEnglish ? [',', '|', ';'] : [' ', '　', '、', '，', ',', '/', '|'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var isName = isEnglish ? part.Length is > 3 and < 40 && char.IsUpper(part[0]) : part.Length is >= 2 and <= 15 && part.All(c => ProseTerms.IsHan(c) || c == '·') && part is not ("通讯员" or "报道" or "编辑" or "摄影报道");
            if (!isName)
                break;
            authors.Add(part);
            found = true;
        }
        return found;
    }

    // 天山某报原创: what says how it came, and is no part of the outlet's name
    private static string? Outlet(string? source)
    {
        foreach (var end in (ReadOnlySpan<string>)["原创", "原創", "讯", "综合"])
            if (source?.EndsWith(end, StringComparison.Ordinal) == true && source.Length > end.Length + 1)
                return source[..^end.Length];
        return source;
    }

    /// <summary>2023-08-18T17:32:54+08:00; the day alone without a time, and without a zone where the text's language does not tell it.</summary>
    private static string? Instant(ProsePage page, string language)
    {
        if (page.Published is not { } day)
            return null;
        var date = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var line = page.DateLine ?? "";
        for (var at = line.IndexOf(':', StringComparison.Ordinal); at > 0; at = line.IndexOf(':', at + 1))
        {
            var from = at;
            while (from > 0 && at - from < 2 && char.IsAsciiDigit(line[from - 1]))
                from--;
            var to = at + 1;
            while (to < line.Length && to - at <= 5 && (char.IsAsciiDigit(line[to]) || line[to] == ':'))
                to++;
            if (TimeOnly.TryParseExact(line[from..to].TrimEnd(':'), ["H:mm", "H:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
                return date + time.ToString("'T'HH:mm:ss", CultureInfo.InvariantCulture) + (language == "zh" ? "+08:00" : "");
        }
        return date;
    }

    // 某网 > 首页 > 财经 > 正文: the site, and the sections between it and the text
    private static void SetTrail(RegisterEntry entry, TextBlock? trail)
    {
        if (trail is null)
            return;
        var parts = trail.Text.Split(['>', '›', '»'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        if (parts.Count < 2)
            return;
        parts[0] = parts[0][(parts[0].LastIndexOfAny([':', '：']) + 1)..].Trim();
        if (parts[0] is not ("首页" or "首頁" or "Home"))
            entry.Set("SITE", parts[0]);
        entry.Set("SECTION", string.Join(" > ", parts.Skip(1).Where(part => !part.EndsWith("首页", StringComparison.Ordinal) && !part.EndsWith("首頁", StringComparison.Ordinal) && part is not ("正文" or "内容" or "Home"))));
    }

    private static string Start(string text) => text.Length > LongestByline ? text[..LongestByline] : text;
}
