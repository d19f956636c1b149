using System.Globalization;

namespace Pipeline.Understanding;

/// <summary>A stage that a sentence states.</summary>
/// <param name="Code">Its code of <c>stages.csv</c>.</param>
/// <param name="From">Where its words start.</param>
/// <param name="To">Where they end.</param>
internal readonly record struct Stage(Code Code, int From, int To)
{
    /// <summary>Whether it happened on a day: one may stand beside it.</summary>
    public bool IsEvent => Code.Id is "SIGNED" or "STARTED" or "TRIAL" or "COMPLETED" or "DRILLING" or "DRILLED";
}

/// <summary>Finds how far a project or a base is, and since when, in a folded sentence.</summary>
internal static class ProseStages
{
    private const int Near = 30;

    private static readonly RegisterWords Words = RegisterWords.In("stages");

    /// <summary>The first stage between two indexes that is no plan: not 将于明年投产, 建成后. A plan to start is the stage planned.</summary>
    public static Stage? First(ReadOnlySpan<char> text, int from, int to)
    {
        for (var at = from; at < to;)
        {
            var (next, length, code) = Words.First(text[..to], at);
            if (length == 0)
                return null;
            at = next + length;
            if (at < text.Length && (text[at] is '后' or '率' || text[at..].StartsWith("以后") || text[at..].StartsWith("条件")))
                continue;
            if (!IsFuture(text, from, next))
                return new Stage(code!, next, at);
            if (code!.Id == "STARTED")
                return new Stage(Vocabulary.Load("stages").Codes["PLANNED"], next, at);
        }
        return null;
    }

    /// <summary>The stage whose words end right before an index, as in 加快建设某某项目, 建成了某某基地.</summary>
    public static Stage? Before(ReadOnlySpan<char> text, int end)
    {
        for (var gap = 0; gap <= 2 && gap < end; gap++)
        {
            if (gap > 0 && text[end - gap] is not ('了' or '的' or '“' or '《'))
                return null;
            if (Words.Before(text, end - gap, out var code) is not (> 0 and var length))
                continue;
            var from = end - gap - length;
            if (!IsFuture(text, Math.Max(0, from - Near), from))
                return new Stage(code!, from, end - gap);
            return code!.Id is "STARTED" or "PLANNED" ? new Stage(Vocabulary.Load("stages").Codes["PLANNED"], from, end - gap) : code.Id is "CONSTRUCTION" or "EXPANDING" ? new Stage(code, from, end - gap) : null;
        }
        return null;
    }

    /// <summary>The day or month nearest before a stage, as TIME_PERIOD writes it; null when there is none, or one that lies after the release.</summary>
    public static string? DateBefore(ReadOnlySpan<char> text, int end, DateOnly? published)
    {
        for (var i = text[..end].LastIndexOf('月'); i > 0; i = text[..i].LastIndexOf('月'))
        {
            var from = i;
            while (from > 0 && char.IsAsciiDigit(text[from - 1]))
                from--;
            if (i - from is 0 or > 2 || (from > 0 && text[from - 1] is '—' or '-' or '至' or '~' or '～' or '–' or '前' or '到'))
                continue;
            var month = int.Parse(text[from..i], CultureInfo.InvariantCulture);
            var to = i + 1;
            while (to < text.Length && to < i + 3 && char.IsAsciiDigit(text[to]))
                to++;
            var day = to > i + 1 && to < text.Length && text[to] is '日' or '号' ? int.Parse(text[(i + 1)..to], CultureInfo.InvariantCulture) : 0;
            int? year = null;
            if (from >= 5 && text[from - 1] == '年' && int.TryParse(text[(from - 5)..(from - 1)], NumberStyles.None, CultureInfo.InvariantCulture, out var stated))
                year = stated;
            else if (published is { } now)
                year = text[..from].EndsWith("去年") || text[..from].EndsWith("上年") ? now.Year - 1 : (month, day) is var (m, d) && (m > now.Month || (m == now.Month && d > now.Day)) ? now.Year - 1 : now.Year;
            if (year is not (>= 1900 and <= 2200) || month is < 1 or > 12 || day > DateTime.DaysInMonth(year.Value, month))
                return null;
            if (published is { } limit && new DateOnly(year.Value, month, Math.Max(1, day)) > limit)
                return null;
            return day > 0 ? string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{month:00}-{day:00}") : string.Create(CultureInfo.InvariantCulture, $"{year:0000}-{month:00}");
        }
        return null;
    }

    // a word for the future in the same clause
    private static bool IsFuture(ReadOnlySpan<char> text, int from, int at)
    {
        for (var i = at; i > from; i--)
        {
            if (RegisterText.IsMark(text[i - 1]) && text[i - 1] is not ('、' or '“' or '(' or '（'))
                return false;
            if (RegisterWords.Of("FUTURE").Before(text, i, out _) > 0)
                return true;
        }
        return false;
    }
}
