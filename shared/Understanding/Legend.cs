namespace Pipeline.Understanding;

/// <summary>What a release itself says that its signs mean: it wins over the office's convention.</summary>
internal sealed class Legend
{
    private readonly Dictionary<string, (Code Status, string Meaning)> signs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The signs, in the form of <see cref="Vocabulary.Fold"/>, each with its status and the words that say so; the empty sign is an empty cell.</summary>
    public IReadOnlyDictionary<string, (Code Status, string Meaning)> Signs => signs;

    /// <summary>The status that the legend gives a sign or a flag, with or without its brackets; null when it has none.</summary>
    public Code? Of(ReadOnlySpan<char> sign)
    {
        var text = sign.Length > 24 ? null : Vocabulary.Fold(new string(sign));
        return text is null ? null
            : signs.TryGetValue(text, out var own) ? own.Status
            : text is ['(' or '[', _, .., ')' or ']'] && signs.TryGetValue(text[1..^1], out own) ? own.Status
            : null;
    }

    private readonly HashSet<char> footnotes = [];

    /// <summary>Whether a text is the letter of a footnote: a note begins with it.</summary>
    public bool IsFootnote(ReadOnlySpan<char> text) => text.Trim() is [var letter] && footnotes.Contains(letter);

    /// <summary>Whether it says nothing.</summary>
    internal bool IsEmpty => signs.Count + footnotes.Count == 0;

    internal void AddFootnote(char letter) => footnotes.Add(letter);

    internal void Add(string sign, Code status, string meaning)
    {
        if (signs.Count < Statuses.MaxSigns)
            signs.TryAdd(Vocabulary.Fold(sign), (status, meaning));
    }
}

/// <summary>Reads the legend of a release's signs from its notes.</summary>
internal static partial class Statuses
{
    /// <summary>The most signs that a legend may have.</summary>
    public const int MaxSigns = 64;

    private const int MaxNotes = 2000;
    private const int MaxNote = 2000;
    private const int MaxMeaning = 200;

    /// <summary>How often a legend looks whether a sign leads a clause: what bounds the time for notes made of commas.</summary>
    private const int MaxLeads = 20_000;

    /// <summary>What a meaning says, by the keyword that comes first in it.</summary>
    private static readonly (string Word, string Id)[] Meanings =
    [
        ("not applicable", "M"), ("cannot exist", "M"), ("not relevant", "M"), ("不适用", "M"), ("不存在", "M"), ("suppress", "Q"), ("confidential", "Q"), ("disclos", "Q"), ("withheld", "Q"),
        ("not published", "Q"), ("not releas", "Q"), ("fewer than", "Q"), ("保密", "Q"), ("不公布", "Q"), ("未公布", "O"), ("unreliable", "U"), ("low reliability", "U"), ("not reliable", "U"),
        ("not sufficiently reliable", "U"), ("less reliable", "U"), ("nil", "N"), ("negligible", "N"), ("less than half", "N"), ("less than 0", "N"), ("less than one", "N"),
        ("less than the", "N"), ("rounds to", "N"), ("rounded to zero", "N"), ("rounded to 0", "N"), ("close to zero", "N"), ("too small", "N"), ("not significant", "N"), ("zero", "N"),
        ("不足", "N"), ("小于", "N"), ("less than", "Q"), ("not collected", "L"), ("not asked", "L"), ("not surveyed", "L"), ("not required", "L"), ("未调查", "L"), ("未收集", "L"),
        ("not available", "O"), ("unavailable", "O"), ("no data", "O"), ("missing", "O"), ("not yet", "O"), ("not known", "O"), ("unknown", "O"), ("no observation", "O"), ("no figure", "O"),
        ("not recorded", "O"), ("不详", "O"), ("无该项", "O"), ("无数据", "O"), ("没有数据", "O"), ("暂无", "O"), ("缺", "O"), ("provisional", "P"), ("preliminary", "P"), ("初步", "P"), ("快报", "P"),
        ("revised", "A"), ("revision", "A"), ("修订", "A"), ("调整", "A"), ("break", "B"), ("discontinuity", "B"), ("中断", "B"), ("forecast", "F"), ("projection", "F"), ("projected", "F"), ("预测", "F"),
        ("预计", "F"), ("estimate", "E"), ("估", "E"), ("imputed", "I"), ("interpolated", "I"), ("插补", "I"), ("definition", "D"), ("not comparable", "D"), ("口径", "D"),
        ("experimental", "G"), ("included in", "K"), ("included elsewhere", "K"), ("none", "N"),
    ];

    private static readonly string[] Verbs = ["表示", "代表", "为", "指", "系", "means", "mean", "indicates", "indicate", "denotes", "denote", "represents", "represent", "signifies", "stands for", "is used for", "="];

    private static readonly string[] ShownAs =
        ["shown as", "shown by", "denoted by", "denoted as", "indicated by", "represented by", "marked with", "marked as", "marked by", "replaced with", "replaced by", "identified by", "flagged", "用"];

    /// <summary>Reads what notes say that signs mean: <c>.. not available</c>, <c>p = Provisional</c>, <c>“…”表示数据不足本表最小单位数</c>; null when they say nothing of signs.</summary>
    /// <param name="notes">Notes, footers and the lines of a README sheet, the cells of a line apart by tabs or one by one; the first 2,000, and 2,000 characters of each.</param>
    public static Legend? ReadLegend(IEnumerable<string> notes)
    {
        var legend = new Legend();
        var leads = MaxLeads;
        string? alone = null;
        var isListed = false;
        foreach (var note in notes.Take(MaxNotes))
        {
            var line = note.AsSpan(0, Math.Min(note.Length, MaxNote)).Trim();
            // Below "Symbols:" each line begins with a sign, a letter or not.
            if (line.EndsWith(":") || line.EndsWith("："))
                isListed = Array.Exists(ListHeads, head => note.Contains(head, StringComparison.OrdinalIgnoreCase));
            else if (isListed && line.IndexOf(' ') is > 0 and <= 3 and var gap && IsSign(line[..gap], true) && StatusOf(line[gap..]) is { } listed)
                legend.Add(new string(line[..gap]), listed, Meaning(line[gap..]));
            if (alone is not null && StatusOf(line) is { } said)
                legend.Add(alone, said, Meaning(line));
            alone = IsSign(Unquoted(line), line.Length > 2 || !IsWord(line)) ? new string(Unquoted(line)) : null;
            if (alone is not null)
                continue;
            // a Revised, b) Includes re-exports
            if (line.Length > 3 && char.IsAsciiLetterLower(line[0]) && line[1] is ')' or '.' or ' ' or '\t')
                legend.AddFootnote(line[0]);
            ReadQuoted(line, legend);
            ReadClauses(line, legend, ref leads);
        }
        return legend.IsEmpty ? null : legend;
    }

    /// <summary>“…”表示数据不足: signs in quotation marks, each up to the next.</summary>
    private static void ReadQuoted(ReadOnlySpan<char> line, Legend legend)
    {
        while (line.IndexOfAny("“\"'‘「") is >= 0 and var open && open < line.Length - 2)
        {
            line = line[(open + 1)..];
            var close = line[..Math.Min(line.Length, 10)].IndexOfAny("”\"'’」");
            if (close < 0)
                continue;
            var sign = line[..close].Trim();
            var rest = line[(close + 1)..].TrimStart();
            foreach (var verb in Verbs)
            {
                if (!rest.StartsWith(verb, StringComparison.OrdinalIgnoreCase))
                    continue;
                var meaning = rest[verb.Length..];
                var next = meaning.IndexOfAny("；;。“\n");
                meaning = next < 0 ? meaning : meaning[..next];
                if (IsBlankWord(sign) && StatusOf(meaning) is { } empty)
                    legend.Add("", empty, Meaning(meaning));
                else if (IsSign(sign, true) && StatusOf(meaning) is { } status)
                    legend.Add(new string(sign), status, Meaning(meaning));
                break;
            }
            line = close + 1 < line.Length ? line[(close + 1)..] : [];
        }
    }

    /// <summary>p = Provisional; r = Revised: a sign in front of its meaning, or behind words for being shown.</summary>
    private static void ReadClauses(ReadOnlySpan<char> line, Legend legend, ref int leads)
    {
        while (line.Length > 0 && leads-- > 0)
        {
            var end = ClauseEnd(line, ref leads);
            var clause = line[..end].Trim();
            line = end < line.Length ? line[(end + 1)..] : [];
            if (TryLead(clause, out var sign, out var meaning))
            {
                if (StatusOf(meaning) is { } status)
                    legend.Add(new string(sign), status, Meaning(meaning));
                continue;
            }
            foreach (var words in ShownAs)
            {
                var at = clause.IndexOf(words, StringComparison.OrdinalIgnoreCase);
                if (at <= 0)
                    continue;
                var behind = clause[(at + words.Length)..].Trim();
                behind = behind[..(behind.IndexOf(' ') is >= 0 and var space ? space : behind.Length)];
                behind = behind.Length > 1 && !IsDots(behind) ? Unquoted(behind.TrimEnd(".,")) : behind;
                if (IsSign(behind, false) && StatusOf(clause[..at]) is { } shown)
                    legend.Add(new string(behind), shown, Meaning(clause[..at]));
                break;
            }
        }
    }

    /// <summary>The end of a clause: a semicolon, a line break, a bar, or a comma or wide space with the next sign behind it.</summary>
    private static int ClauseEnd(ReadOnlySpan<char> line, ref int leads)
    {
        for (var i = 1; i < line.Length; i++)
        {
            if (line[i] is ';' or '；' or '\n' or '\r' or '|' or '。')
                return i;
            var isGap = line[i] is ',' or '，' or '、' or '\t' || (line[i] == ' ' && i + 1 < line.Length && line[i + 1] == ' ');
            if (isGap && i + 1 < line.Length && TryLead(line[(i + 1)..Math.Min(line.Length, i + 60)].TrimStart(), out _, out _)
                && leads-- > 0 && StatusOf(line[Math.Max(0, i - MaxMeaning)..i]) is not null)
            {
                return i;
            }
        }
        return line.Length;
    }

    /// <summary>A sign, what parts it from its meaning, and the meaning.</summary>
    private static bool TryLead(ReadOnlySpan<char> clause, out ReadOnlySpan<char> sign, out ReadOnlySpan<char> meaning)
    {
        sign = meaning = default;
        foreach (var head in LegendHeads)
            if (clause.StartsWith(head, StringComparison.OrdinalIgnoreCase) && clause.Length > head.Length && clause[head.Length] is ':' or '：')
                clause = clause[(head.Length + 1)..].TrimStart();
        var length = clause.IndexOfAny(" \t=＝") is >= 0 and var gap ? gap : clause.Length;
        // S: , NA: and “-”: too
        if (length > 1 && length < clause.Length && clause[length - 1] is ':' or '：' && clause[length] is ' ' or '\t' && !IsDots(clause[..length]))
            length--;
        else if (clause.IndexOfAny("：") is > 0 and < 7 and var colon && colon < length)
            length = colon;
        if (length is 0 or > 8 || length == clause.Length)
            return false;
        sign = Unquoted(clause[..length]);
        var rest = clause[length..];
        var isTab = rest[0] == '\t';
        rest = rest.TrimStart();
        var isParted = isTab;
        if (rest.Length > 1 && rest[0] is '=' or '＝' or ':' or '：' or '-' or '–' or '—' && (rest[0] is not ('-' or '–' or '—') || char.IsWhiteSpace(rest[1])))
        {
            isParted = true;
            rest = rest[1..].TrimStart();
        }
        foreach (var verb in Verbs)
            if (!isParted && rest.StartsWith(verb, StringComparison.OrdinalIgnoreCase))
            {
                isParted = true;
                rest = rest[verb.Length..].TrimStart();
            }
        meaning = rest;
        return rest.Length > 0 && IsSign(sign, isParted);
    }

    private static readonly string[] ListHeads = ["legend", "symbol", "notation", "符号"];

    private static readonly string[] LegendHeads = ["key", "symbols", "symbols used", "legend", "conventions", "conventions used", "notation", "abbreviations", "note", "notes", "注", "说明", "符号说明"];

    /// <summary>Whether a text can be a sign: no letter or digit in it, or letters in brackets; bare letters only where something parts them from their meaning.</summary>
    private static bool IsSign(ReadOnlySpan<char> text, bool isParted)
    {
        if (text.Length is 0 or > 8 || text.ContainsAny("，。；、\t") || text is "•" or "·" or "●" or "■" or "1" or "2")
            return false;
        if (text[0] is '(' or '[' or '（')
            return text.Length > 2 && text[^1] is ')' or ']' or '）' && IsWord(text[1..^1]);
        if (!IsWord(text))
        {
            foreach (var c in text)
                if (char.IsLetterOrDigit(c) && !(c is '/' or '.'))
                    return isParted && Words.Find(text) is not null;
            return text.Length <= 4;
        }
        return isParted && (text.Length == 1 || Words.Find(text) is not null);
    }

    private static bool IsWord(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!char.IsAsciiLetter(c))
                return false;
        return text.Length > 0;
    }

    private static bool IsDots(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(".:…") < 0;

    private static bool IsBlankWord(ReadOnlySpan<char> sign) => sign is "空格" or "空" or "空白" or "blank" or "" or " ";

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> text) => text.Trim().Trim("“”\"‘’「」").Trim();

    private static string Meaning(ReadOnlySpan<char> text) => Labels.Clean(new string(text[..Math.Min(text.Length, MaxMeaning)]));

    /// <summary>The status that the words of a meaning say, by the first of its keywords; an unreliable estimate is unreliable.</summary>
    private static Code? StatusOf(ReadOnlySpan<char> meaning)
    {
        meaning = meaning[..Math.Min(meaning.Length, MaxMeaning)];
        var (first, id) = (int.MaxValue, "");
        foreach (var (word, code) in Meanings)
            if (meaning.IndexOf(word, StringComparison.OrdinalIgnoreCase) is >= 0 and var at && at < first && !(id == "U" && code == "E"))
                (first, id) = (at, code);
        return id.Length > 0 ? Words.Codes[id] : null;
    }
}
