namespace Pipeline.Understanding;

/// <summary>Tells short codes that are countries' from those of states, provinces and cities that only look so: the CA beside TX is California.</summary>
internal static class AreaCodes
{
    private static readonly Vocabulary Areas = Vocabulary.Load("areas");
    private static readonly string[] Parts = ["state", "province", "prov", "city", "town", "county", "district", "municipality", "borough", "canton", "department", "departement", "département", "land", "bundesland", "local authority", "prefecture", "省", "市", "县", "州"];
    private static readonly string[] Countries = ["country", "countries", "nation", "iso", "iso2", "iso3", "geo", "ref_area", "ref area", "location", "partner", "reporter", "国家", "国别"];

    /// <summary>Whether a text is as short as a country's code and of letters only.</summary>
    public static bool IsShort(string text) => text.Length is 2 or 3 && text.All(char.IsAsciiLetter);

    /// <summary>Whether the short codes of a column are no countries': its name says so, or not nearly all of them are countries' codes in capitals.</summary>
    /// <param name="name">The name over the column.</param>
    /// <param name="texts">Its texts.</param>
    public static bool AreForeign(string name, IEnumerable<string> texts)
    {
        if (Has(Countries, name))
            return false;
        if (Has(Parts, name))
            return true;
        int all = 0, codes = 0, known = 0;
        foreach (var text in texts)
        {
            all++;
            if (!IsShort(text))
                continue;
            codes++;
            known += text.All(char.IsAsciiLetterUpper) && Areas.Find(text) is not null ? 1 : 0;
        }
        // Among names, UK and USA are names too.
        return codes * 2 > all && known * 10 < codes * 9;
    }

    // A name's words: state and State code, not Statement nor United States.
    private static bool Has(string[] words, string name)
    {
        var text = name.Trim();
        return Array.Exists(words, word => text.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (text.Length == word.Length || !char.IsAsciiLetter(text[word.Length]) || !char.IsAscii(word[0]))
            || text.EndsWith(word, StringComparison.OrdinalIgnoreCase) && !char.IsAsciiLetter(text[^(word.Length + 1)]));
    }
}
