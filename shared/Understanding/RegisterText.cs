namespace Pipeline.Understanding;

/// <summary>Where names begin in Chinese text that has no blanks. All looks are bounded, so that reading stays linear.</summary>
internal static class RegisterText
{
    /// <summary>A longer name is none.</summary>
    public const int LongestName = 64;

    private const int LongestBracket = 24;

    /// <summary>
    /// Where the name that ends at an index starts: behind a mark, a date, a number of things, a verb or another word that no name goes across.
    /// Quotes and brackets that close are gone over whole.
    /// </summary>
    /// <param name="text">The folded sentence.</param>
    /// <param name="end">Where the name ends.</param>
    /// <param name="least">The characters before the end that no verb parts: the name's kind and what says little before it.</param>
    /// <param name="verbs">Whether verbs part; not inside a list, whose members are parted by their marks.</param>
    public static int NameStart(ReadOnlySpan<char> text, int end, int least, bool verbs = true)
    {
        var breaks = RegisterWords.Of("BREAK");
        for (var i = end; i > 0 && end - i <= LongestName;)
        {
            var c = text[i - 1];
            if (Opening(c) is { } open)
            {
                var from = Math.Max(0, i - 1 - LongestBracket);
                var at = text[from..(i - 1)].LastIndexOf(open);
                // 某某项目”: the quote closes around the name, or begins before it
                if (at < 0 || i == end)
                    return i;
                i = from + at;
                continue;
            }
            if (IsMark(c) || (c == '—' && i > 1 && text[i - 2] == '—') || IsCounted(text, i) || IsAnd(text, i))
                return i;
            if (verbs && end - i >= least && breaks.Before(text, i, out _) is > 0 and var word && !IsPartOfName(text, i, word))
                return i;
            i--;
        }
        return 0;
    }

    /// <summary>The members of the list <c>A、B、C</c> that ends at an index, in their order; the first begins where <see cref="NameStart"/> says.</summary>
    public static List<(int From, int To)> List(ReadOnlySpan<char> text, int end)
    {
        var members = new List<(int From, int To)>();
        for (var to = end; to > 0 && end - to <= 8 * LongestName;)
        {
            // a member of a list begins at its mark if it has one
            var from = NameStart(text, to, 0, verbs: false);
            var isListed = from > 0 && text[from - 1] == '、' && to - from <= LongestName;
            if (!isListed)
                from = NameStart(text, to, 2);
            if (to > from)
                members.Insert(0, (from, to));
            if (!isListed)
                break;
            to = from - 1;
        }
        return members;
    }

    /// <summary>Whether a name says no more than which sort of thing it is: 重大工业, 特色优势.</summary>
    public static bool IsGeneric(ReadOnlySpan<char> name)
    {
        var words = RegisterWords.Of("GENERIC");
        for (var i = 0; i < name.Length;)
        {
            if (words.At(name, i, out _) is > 0 and var length)
                i += length;
            else if (char.IsAsciiDigit(name[i]) || name[i] is '“' or '”' or ' ' or '、')
                i++;
            else
                return false;
        }
        return true;
    }

    /// <summary>Whether a character ends a name wherever it stands.</summary>
    public static bool IsMark(char c) => c is '，' or '。' or '！' or '？' or '；' or '：' or ',' or ';' or ':' or '!' or '?' or '、' or '“' or '‘' or '"' or '「' or '《' or '〈' or '(' or '（' or '【'
        or '…' or ' ' or '\t' or '\n' or '\r' or '|' or '>' or '•' or '·';

    private static char? Opening(char c) => c switch
    {
        '”' => '“',
        '’' => '‘',
        '」' => '「',
        '》' => '《',
        ')' => '(',
        '）' => '（',
        '】' => '【',
        _ => null,
    };

    // 5月30日某某项目, 2023年某某工程, 等5个项目, 17条某某方案
    private static bool IsCounted(ReadOnlySpan<char> text, int i) => i > 1 && (text[i - 1] switch
    {
        '日' or '月' or '年' => char.IsAsciiDigit(text[i - 2]) && !(i < text.Length && text[i] == '产'),
        '个' or '项' or '条' or '座' or '家' or '批' or '大' or '口' => char.IsAsciiDigit(text[i - 2]) || text[i - 2] is '一' or '二' or '两' or '三' or '四' or '五' or '六' or '七' or '八' or '九' or '十' or '多' or '余' or '首' or '数',
        _ => false,
    });

    // A项目和B项目: 和 parts two names only where another name has ended before it
    private static bool IsAnd(ReadOnlySpan<char> text, int i)
    {
        var word = text[i - 1] is '和' or '与' or '及' ? (i > 1 && text[i - 2] == '以' ? 2 : 1) : 0;
        return word > 0 && (RegisterWords.Of("PROJECT").Before(text, i - word, out _) > 0 || text[..(i - word)].EndsWith("集群"));
    }

    // 建设集团, 投资有限公司: a verb may be a part of a company's name; 自由: and one character of another word
    private static bool IsPartOfName(ReadOnlySpan<char> text, int i, int word) =>
        RegisterWords.Of("COMPANY_PART").At(text, i, out _) > 0 || (word == 1 && text[i - 1] == '由' && i > 1 && text[i - 2] == '自') || (word == 1 && text[i - 1] == '在' && i > 1 && text[i - 2] == '存')
        || (word == 1 && text[i - 1] == '的' && i < text.Length && text[i] == '士');
}
