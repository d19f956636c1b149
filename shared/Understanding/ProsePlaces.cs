using System.Buffers;

namespace Pipeline.Understanding;

/// <summary>
/// Finds places that no vocabulary knows but that name themselves as one by their administrative suffix: 临溪县, 某某自治州, Ordos City. Only where a
/// clause starts, so that it is no piece of a longer word, and only with a name that holds no other word: 全市, 该县, 三个县, 沿海地区 name no place.
/// </summary>
internal static class ProsePlaces
{
    private const int ShortestName = 2;
    private const int LongestName = 6;
    private const int LongestEnglishName = 3;

    // 双江拉祜族佤族布朗族傣族自治县: the names of peoples may stand before a suffix of three characters
    private const int LongestAutonomousName = 12;
    private const int Autonomous = 3;

    private static readonly string[] Suffixes = ["自治县", "自治州", "自治旗", "地区", "县", "市", "区", "州", "盟", "旗", "镇"];
    private static readonly string[] EnglishSuffixes = ["county", "city", "prefecture", "district", "banner", "league"];

    // offices, which say whose release it is
    private static readonly string[] Offices = ["统计局", "人民政府", "政府"];

    // what with the suffix is a common noun, whatever stands before: 工业园区, 高新技术开发区, 中心城区, 沿海城市, 贫困山区
    private static readonly string[] CommonNouns =
    [
        "园区", "开发区", "新区", "高新区", "经开区", "自贸区", "保税区", "景区", "示范区", "试验区", "合作区", "功能区", "灾区", "牧区", "林区", "矿区", "库区", "厂区", "校区", "小区", "社区",
        "辖区", "湾区", "产区", "农区", "特区", "郊区", "片区", "市区", "自治区", "行政区", "街区", "港区", "保区", "粮区", "老区", "边区",
        "级市", "级县", "级区", "辖市", "辖县", "属县", "区市", "强市", "强县", "大市", "大县", "困县", "乡镇", "城镇", "集镇", "小镇", "心镇", "制镇", "点镇", "同盟", "联盟", "加盟", "国旗", "东盟", "欧盟",
    ];

    // 西部地区, 农村地区, 民族地区, 沿海地区: what a 地区 that is no place ends with before the suffix
    private const string CommonBeforeRegion = "部村镇困族海江边达远缘等洲外他方产心市北南东西展源险";

    // common nouns too unless the whole name has two characters: 盐城市 and 天山区 are places
    private static readonly string[] CommonInLongNames = ["城市", "城区", "山区"];

    private static readonly SearchValues<char> Numerals = SearchValues.Create("一二三四五六七八九十百千万两几数多");
    private static readonly SearchValues<char> SuffixCharacters = SearchValues.Create("县市区州盟旗镇乡");
    private static readonly SearchValues<char> SuffixStarts = SearchValues.Create([.. Suffixes.Select(suffix => suffix[0]).Distinct()]);
    private static readonly SearchValues<char> Determiners = SearchValues.Create("各该本我全这那其每某个");

    /// <summary>The length of the place at an index, 0 when there is none.</summary>
    /// <param name="folded">The sentence, folded.</param>
    /// <param name="written">The same sentence as it was written.</param>
    /// <param name="at">Where a clause, or a word after a period, a link or a list separator, starts.</param>
    /// <param name="place">Its code, made from its name.</param>
    public static int Match(ReadOnlySpan<char> folded, ReadOnlySpan<char> written, int at, out Code? place)
    {
        var length = ProseTerms.IsHan(folded[at]) ? Chinese(folded, at) : char.IsAsciiLetterUpper(written[at]) ? English(folded, written, at) : 0;
        place = length == 0 ? null : Labels.ToCode(folded.Slice(at, length).ToString(), null) with
        {
            Labels = new Dictionary<string, string> { [ProseTerms.IsHan(folded[at]) ? "zh" : "en"] = written.Slice(at, length).ToString() },
        };
        return length;
    }

    /// <summary>The length of the word behind a place's name that says what kind of place it is: Hainan <c>Province</c>; 0 where there is none.</summary>
    public static int KindBehind(ReadOnlySpan<char> folded, int at)
    {
        if (at + 1 >= folded.Length || folded[at] != ' ')
            return 0;
        foreach (var kind in (ReadOnlySpan<string>)[.. EnglishSuffixes, "province", "municipality", "autonomous region"])
            if (folded[(at + 1)..].StartsWith(kind, StringComparison.Ordinal) && (at + 1 + kind.Length == folded.Length || !ProseTerms.IsLatin(folded[at + 1 + kind.Length])))
                return kind.Length + 1;
        return 0;
    }

    private static int Chinese(ReadOnlySpan<char> text, int at)
    {
        for (var i = at; i < text.Length && i - at <= LongestAutonomousName && ProseTerms.IsHan(text[i]); i++)
        {
            foreach (var suffix in i - at >= ShortestName && SuffixStarts.Contains(text[i]) ? Suffixes : [])
                if (i - at <= (suffix.Length == Autonomous ? LongestAutonomousName : LongestName) && text[i..].StartsWith(suffix, StringComparison.Ordinal))
                    return IsName(text[at..i]) && !IsCommon(text.Slice(at, i - at + suffix.Length), i - at) && Ends(text, i + suffix.Length) ? i - at + suffix.Length : 0;
            // 和龙市, 达州市: a name may begin with a word of one character; 蒙古族自治县: and hold that of a people
            if (ProseTerms.Words.Match(text, i, out var term) is > 0 and var word && (word > 1 || (i > at && !SuffixCharacters.Contains(text[i])))
                && !(term.Kind == TokenKind.Area && text[(i + word)..] is ['族' or '自', ..]))
            {
                return 0;
            }
        }
        return 0;
    }

    // 十四市: a number; 该地市, 各地州, 两地市: a word for some place
    private static bool IsName(ReadOnlySpan<char> name) =>
        name.ContainsAnyExcept(Numerals) && name.ContainsAnyExcept(SuffixCharacters) && !name.ContainsAny(Determiners) && ProsePeriods.Scan(name, 0, out _) == 0;

    private static bool IsCommon(ReadOnlySpan<char> place, int name)
    {
        foreach (var noun in CommonNouns)
            if (place.EndsWith(noun, StringComparison.Ordinal))
                return true;
        if (place.EndsWith("地区") && CommonBeforeRegion.Contains(place[name - 1]))
            return true;
        foreach (var noun in CommonInLongNames)
            if (name > ShortestName && place.EndsWith(noun, StringComparison.Ordinal))
                return true;
        return false;
    }

    // a word of the vocabularies follows, or none: not 某某县城, 某某市场, 某某区间
    private static bool Ends(ReadOnlySpan<char> text, int at)
    {
        if (at == text.Length || !ProseTerms.IsHan(text[at]) || ProsePeriods.Scan(text, at, out _) > 0)
            return true;
        foreach (var office in Offices)
            if (text[at..].StartsWith(office, StringComparison.Ordinal))
                return true;
        return ProseTerms.Words.Match(text, at, out var term) > 0 && term.Kind is not (TokenKind.Residual or TokenKind.AtLeast or TokenKind.AtMost or TokenKind.Area);
    }

    private static int English(ReadOnlySpan<char> folded, ReadOnlySpan<char> written, int at)
    {
        var i = at;
        for (var words = 0; words <= LongestEnglishName; words++)
        {
            var end = i;
            while (end < folded.Length && (ProseTerms.IsLatin(folded[end]) || folded[end] is '\'' or '’' or '-'))
                end++;
            if (end == i || !char.IsUpper(written[i]))
                return 0;
            foreach (var suffix in EnglishSuffixes)
                if (folded[i..end].SequenceEqual(suffix))
                    return words > 0 ? end - at : 0;
            if (end == folded.Length || folded[end] != ' ' || ProseTerms.Words.Match(folded, i, out _) > 0 || ProsePeriods.Scan(folded, i, out _) > 0)
                return 0;
            i = end + 1;
        }
        return 0;
    }
}
