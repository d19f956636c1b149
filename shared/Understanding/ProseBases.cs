using System.Buffers;

namespace Pipeline.Understanding;

/// <summary>
/// Finds energy bases: places listed before a class and a kind (已建成甲、乙等千万千瓦级新能源基地), or places of the vocabulary before a kind alone. A base is
/// coded by its place and its kind of energy, so that it keeps its code when it grows into another class.
/// </summary>
internal static class ProseBases
{
    private const int LongestPlace = 12;

    private static readonly SearchValues<char> Directions = SearchValues.Create("东南西北中部");
    private static readonly RegisterWords Energies = RegisterWords.Of("BASE");
    private static readonly RegisterWords Ends = RegisterWords.Of("BASE_END");
    private static readonly RegisterWords Classes = RegisterWords.In("base-classes");

    /// <summary>Adds the bases that a sentence names to the register.</summary>
    public static void Read(RegisterSentence sentence, RegisterCube register)
    {
        var text = sentence.Text.AsSpan();
        for (var at = 0; at < text.Length;)
        {
            var (end, length, _) = Ends.First(text, at);
            if (length == 0)
                return;
            at = end + length;
            // 大型、国家: what says little between the class and the energy
            var from = end;
            var energy = "";
            while (from > 0 && Energies.Before(text, from, out _) is > 0 and var word)
            {
                from -= word;
                energy = sentence.Text[from..end];
            }
            if (energy.Length == 0)
                continue;
            foreach (var lead in (ReadOnlySpan<string>)["大型", "国家级", "国家"])
                if (text[..from].EndsWith(lead))
                    from -= lead.Length;
            var isClassed = Classes.Before(text, from, out var size) is > 0 and var classLength;
            if (isClassed)
                from -= Classes.Before(text, from, out _);
            Read(sentence, register, from, at, energy, sentence.Text[end..at], isClassed ? size : null);
        }
    }

    private static void Read(RegisterSentence sentence, RegisterCube register, int from, int end, string energy, string kind, Code? size)
    {
        var text = sentence.Text.AsSpan();
        var listEnd = from;
        while (listEnd > 0 && (text[listEnd - 1] is '个' or '大' or '等' or '座' or '的' || IsNumeral(text[listEnd - 1])))
            listEnd--;
        if (listEnd > 1 && text[..listEnd].EndsWith("一批"))
            return;
        var members = new List<(int From, int To)>();
        foreach (var (a, b) in RegisterText.List(text, listEnd))
            Split(text, a, b, members);
        if (members.Count == 0)
            return;
        var stage = ProseStages.Before(text, members[0].From) ?? ProseStages.First(text, end, text.Length);
        foreach (var (a, b) in members)
        {
            var place = PlaceOf(text, a, b);
            // without a class only a place of the vocabulary is sure to be one
            if (b - a is < 2 or > LongestPlace || !ProseTerms.IsHan(text[a]) || RegisterText.IsGeneric(text[a..b]) || (size is null && place is null))
                continue;
            var name = sentence.Written[a..b];
            var label = new Dictionary<string, string> { ["zh"] = name + (size?.Labels["zh"] ?? "") + energy + kind };
            if (register.Entry(Labels.ToCode(sentence.Text[a..b] + energy, null) with { Labels = label }, name) is not { } entry)
                return;
            entry.Mention(sentence.Where(a, b), sentence.States);
            entry.Set("BASE_CLASS", size);
            entry.Set("BASE_KIND", kind);
            entry.Set("ENERGY", energy);
            entry.Set(Concepts.RefArea, place);
            if (stage is not { } found || entry.Has("STAGE"))
                continue;
            entry.Set("STAGE", found.Code);
            entry.Set("STAGE_TEXT", sentence.Written[found.From..found.To]);
        }
    }

    // 甲和乙: short names of places are parted by 和 too, where both sides are left
    private static void Split(ReadOnlySpan<char> text, int from, int to, List<(int From, int To)> members)
    {
        for (var i = from + 2; i < to - 1; i++)
        {
            if (text[i] is not ('和' or '与' or '及') || (text[i] == '和' && RegisterWords.Areas.At(text, i, out _) > 0))
                continue;
            members.Add((from, i > from + 1 && text[i - 1] == '以' ? i - 1 : i));
            from = i + 1;
        }
        if (from < to)
            members.Add((from, to));
    }

    // 哈密北: an area, or a direction within one
    private static Code? PlaceOf(ReadOnlySpan<char> text, int from, int to)
    {
        Code? place = null;
        while (from < to && RegisterWords.Areas.At(text[..to], from, out var found) is > 0 and var length)
            (place, from) = (found, from + length);
        return place is not null && (from == to || (to - from <= 2 && !text[from..to].ContainsAnyExcept(Directions))) ? place : null;
    }

    private static bool IsNumeral(char c) => char.IsAsciiDigit(c) || c is '一' or '二' or '两' or '三' or '四' or '五' or '六' or '七' or '八' or '九' or '十' or '多';
}
