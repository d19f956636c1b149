using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>The names of artefacts, components and codes: all languages there are, the one that the client likes best first.</summary>
internal static class SdmxNames
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> Columns = new()
    {
        [Concepts.ObsValue] = new Dictionary<string, string> { ["en"] = "Observation value", ["zh"] = "观测值" },
        [Concepts.SourceId] = new Dictionary<string, string> { ["en"] = "Where the observation was read", ["zh"] = "数据出处" },
        [Concepts.Decimals] = new Dictionary<string, string> { ["en"] = "Decimals", ["zh"] = "小数位数" },
        ["RELEASE"] = new Dictionary<string, string> { ["en"] = "Release that brought the observation", ["zh"] = "发布批次" },
    };

    /// <summary>The name of a column that is no component of the structure: OBS_VALUE, SOURCE, DECIMALS or RELEASE.</summary>
    public static IReadOnlyDictionary<string, string> OfColumn(string id) => Columns[id];

    /// <summary>The languages of Accept-Language, best first, each followed by what is looked up in its place; then English and Chinese.</summary>
    public static IReadOnlyList<string> Languages(StringValues accept) => [.. LanguageTags.Lookup(LanguageTags.Accepted(accept)).Append("en").Append("zh").Distinct()];

    /// <summary>Names in the order of some languages; the fallback, in no language, where there are none.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Ordered(IReadOnlyDictionary<string, string> names, string fallback, IReadOnlyList<string> languages)
    {
        if (names.Count == 0)
            return [new("und", fallback)];
        return names.Count == 1 ? names : names.OrderBy(name => Rank(name.Key, languages)).ThenBy(name => name.Key, StringComparer.Ordinal);
    }

    private static int Rank(string language, IReadOnlyList<string> languages)
    {
        for (var i = 0; i < languages.Count; i++)
            if (string.Equals(languages[i], language, StringComparison.OrdinalIgnoreCase))
                return i;
        return int.MaxValue;
    }

    /// <summary>Whether a dataset's observations have periods: without any, its data structure has no time dimension.</summary>
    public static bool HasTime(DatasetAtVersion at) => at.Components[at.TimeIndex].Codes.Any(code => code.Id.Length > 0);
}
