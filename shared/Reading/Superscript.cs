using System.Buffers;

namespace Pipeline.Reading;

/// <summary>Writes raised text, such as the mark of a footnote, in characters: Unicode's superscripts where there are such.</summary>
internal static class Superscript
{
    private const int MarkLength = 4; // what is longer and has letters is a remark, not a mark

    private const string Plain = "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW";
    private const string Raised = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ";

    private static readonly SearchValues<char> Raisable = SearchValues.Create(Plain);

    /// <summary>Writes a raised run of text.</summary>
    /// <param name="run">The run.</param>
    /// <param name="before">The character before it; 0 where there is none.</param>
    /// <returns>
    /// <c>⁴</c> for <c>4</c> and <c>⁽ᵖ⁾</c> for <c>(p)</c>, <c>[Q]</c> for a letter that Unicode does not raise. The run as it is when it has no letter or digit
    /// (a dash that was raised by accident), is longer than a mark and has letters, has brackets already, or is the ending of an ordinal number (<c>1st</c>).
    /// </returns>
    public static string Write(string run, char before)
    {
        var mark = run.AsSpan().Trim();
        if (mark.IsEmpty || mark[0] == '[' || (char.IsAsciiDigit(before) && run is "st" or "nd" or "rd" or "th"))
            return run;
        var (letters, digits, raisable) = (false, false, true);
        foreach (var c in mark)
        {
            digits |= char.IsDigit(c);
            if (!char.IsLetter(c))
                continue;
            letters = true;
            raisable &= Raisable.Contains(c);
        }
        if (letters ? mark.Length > MarkLength : !digits)
            return run;
        return raisable
            ? string.Create(run.Length, run, static (to, from) =>
            {
                for (var i = 0; i < to.Length; i++)
                    to[i] = Plain.IndexOf(from[i], StringComparison.Ordinal) is >= 0 and var at ? Raised[at] : from[i];
            })
            : run.Replace(mark.ToString(), $"[{mark}]", StringComparison.Ordinal);
    }
}
