namespace Pipeline.Reading;

/// <summary>Tells the encodings of before Unicode apart by how common the characters are that the bytes would be.</summary>
internal static class LegacyEncoding
{
    /// <summary>The likeliest of gb18030, big5, shift_jis, euc-kr, windows-1251 and windows-1252.</summary>
    /// <param name="sample">Parts of the file with bytes beyond ASCII.</param>
    public static string Tell(ReadOnlySpan<byte> sample)
    {
        var gb = Pairs(sample, 0xb0, 0xd7, 0xa1, [0xa1, 0xa3]);
        var korean = Pairs(sample, 0xb0, 0xc8, 0xa1, [0xa1, 0xa3]);
        var big5 = Pairs(sample, 0xa4, 0xc6, 0x40, [0xa1]);
        var japanese = Japanese(sample);
        var best = ("windows-1252", 0.7);
        if (gb.Common > best.Item2)
            best = ("gb18030", gb.Common);
        // Level 1 of Korean lies inside that of GB 2312: only a text that never leaves it, and has different characters enough to, is Korean.
        if (korean.Common >= 0.995 && korean.Different >= 12)
            best = ("euc-kr", 1);
        if (big5.Common > best.Item2 + 0.1)
            best = ("big5", big5.Common);
        if (japanese > best.Item2)
            best = ("shift_jis", japanese);
        return best.Item1 == "windows-1252" && Cyrillic(sample) ? "windows-1251" : best.Item1;
    }

    // The share of two-byte characters that are among the encoding's common ones; symbols count for nothing, broken pairs against it.
    private static (double Common, int Different) Pairs(ReadOnlySpan<byte> sample, byte from, byte to, byte trail, ReadOnlySpan<byte> symbols)
    {
        int common = 0, other = 0, symbol = 0;
        var different = new HashSet<int>();
        for (var i = 0; i < sample.Length; i++)
        {
            var lead = sample[i];
            if (lead < 0x80)
                continue;
            if (i + 1 >= sample.Length)
                break;
            var second = sample[i + 1];
            if (second < 0x40 || second == 0x7f || second == 0xff || lead is 0x80 or 0xff)
            {
                other++;
                // A GB 18030 sequence of four bytes goes on with a digit.
                if (second is >= 0x30 and <= 0x39)
                    i += i + 3 < sample.Length && sample[i + 2] >= 0x81 && sample[i + 3] is >= 0x30 and <= 0x39 ? 3 : 0;
                continue;
            }
            i++;
            if (symbols.Contains(lead) && second >= 0xa1)
                symbol++;
            else if (lead >= from && lead <= to && second >= trail && (second < 0x7f || second >= 0xa1))
            {
                common++;
                different.Add((lead << 8) + second);
            }
            else
            {
                other++;
            }
        }
        // A text of nothing but symbols in pairs (a column of dashes) is still one of pairs.
        return (common + other == 0 ? (symbol > 0 ? 0.75 : 0) : (double)common / (common + other), different.Count);
    }

    // Characters of Japanese stand in runs of pairs, most of them kana and kanji of level 1; what looks like a pair in Latin script, a quotation mark before a letter, stands alone.
    private static double Japanese(ReadOnlySpan<byte> sample)
    {
        int common = 0, other = 0, runs = 0, end = -1;
        for (var i = 0; i < sample.Length; i++)
        {
            var lead = sample[i];
            if (lead < 0x80)
                continue;
            var second = i + 1 < sample.Length ? sample[i + 1] : (byte)0;
            if (lead is (>= 0x81 and <= 0x9f) or (>= 0xe0 and <= 0xea) && second is >= 0x40 and <= 0xfc and not 0x7f)
            {
                runs += end == i ? 1 : 0;
                if (lead is >= 0x81 and <= 0x83 or >= 0x88 and <= 0x97)
                    common++;
                else
                    other++;
                end = ++i + 1;
            }
            else
            {
                other++;
            }
        }
        return common > 0 && common >= 9 * other && runs * 10 >= common * 3 ? 0.95 : 0;
    }

    // Words in Cyrillic are runs of letters beyond ASCII; in Latin script such letters stand alone among ASCII ones.
    private static bool Cyrillic(ReadOnlySpan<byte> sample)
    {
        int inRuns = 0, beyond = 0, run = 0;
        foreach (var b in sample)
        {
            beyond += b >= 0x80 ? 1 : 0;
            if (b >= 0xc0)
            {
                run++;
                continue;
            }
            inRuns += run >= 3 ? run : 0;
            run = 0;
        }
        return inRuns + (run >= 3 ? run : 0) > 0.7 * beyond;
    }
}
