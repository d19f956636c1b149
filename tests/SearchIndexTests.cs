using System.Diagnostics;
using Pipeline.Publishing;
using Pipeline.Serving;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The search index by itself: what it finds does not depend on how it came about.</summary>
public sealed class SearchIndexTests
{
    private static readonly string[] Words = ["steel", "cement", "flour", "sugar", "electric", "power", "煤炭", "石油", "天然气", "水泥"];

    [Fact]
    public void An_index_that_is_kept_up_finds_what_a_new_one_finds()
    {
        var random = new Random(7);
        var (kept, datasets) = (new SearchIndex(), new Dictionary<string, DatasetStructure>());
        for (var step = 0; step < 300; step++)
        {
            var id = "d" + random.Next(20);
            if (random.Next(4) == 0)
            {
                kept.Remove(id);
                datasets.Remove(id);
                continue;
            }
            datasets[id] = Structure(id, Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(200)));
            kept.Put(id, "file" + step, datasets[id].Title, datasets[id]);
        }
        var fresh = new SearchIndex();
        foreach (var (id, structure) in datasets)
            fresh.Put(id, "file", structure.Title, structure);
        foreach (var index in (SearchIndex[])[kept, kept.Compacted()])
        {
            index.Count.ShouldBe(fresh.Count);
            foreach (var q in (string[])["steel", "stel", "cemnt power", "煤", "天然气", "煤炭石油", "1", "d1", "sug", "electric flour 12"])
                Found(index, q).ShouldBe(Found(fresh, q), q);
        }
    }

    [Fact]
    public void A_hundred_thousand_codes_are_searched_in_no_time()
    {
        var index = new SearchIndex();
        Fill(index, 100, 1_000);
        index.Count.ShouldBe(100_100);
        // A tenth of what may be; a name of a code that everything else looks like must be found all the same.
        var watch = Stopwatch.StartNew();
        Found(index, "sugar 099999").ShouldHaveSingleItem();
        Found(index, "seel").Count.ShouldBeGreaterThan(0);
        Found(index, "s").Count.ShouldBeGreaterThan(0);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        index.Bytes.ShouldBeLessThan(80L << 20);
    }

    private static void Fill(SearchIndex index, int datasets, int codes)
    {
        for (var d = 0; d < datasets; d++)
        {
            var structure = Structure("d" + d, Enumerable.Range(d * codes, codes));
            index.Put(structure.Id, "file", structure.Title, structure);
        }
    }

    private static List<string> Found(SearchIndex index, string q) =>
        [.. new SearchQuery(q, null, null).Run(index).Hits.Select(h => $"{h.Match} {h.Record.Kind} {h.Record.Id} {h.Text} {string.Join(',', h.Entries.SelectMany(index.Places).Select(p => p.Dataset + p.Component).Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal)];

    // Labels of two or three words and a number, in two languages.
    private static DatasetStructure Structure(string id, IEnumerable<int> codes) => new()
    {
        Id = id,
        Title = new Dictionary<string, string> { ["en"] = "Output " + id },
        ValueScale = 0,
        ValuePrecision = 18,
        Components =
        [
            new DatasetComponent("PRODUCT", ComponentRole.Dimension, Code.None, [.. codes.Distinct().Select(n => new Code($"P{n:D6}")
            {
                Labels = new Dictionary<string, string> { ["en"] = $"{Words[n % 6]} {Words[n / 6 % 6]} {n:D6}", ["zh"] = $"{Words[6 + n % 4]}{Words[6 + n / 4 % 4]}{n}" },
            })]),
            new DatasetComponent(Concepts.TimePeriod, ComponentRole.Time, Code.None, []),
        ],
    };
}
