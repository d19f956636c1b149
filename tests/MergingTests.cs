using System.Globalization;
using CsCheck;
using Pipeline.Publishing;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>
/// Releases whose structure changes from one to the next, against a model: a concept is a dimension, an attribute or absent, dimensions come in any
/// order, values of up to 28 digits, periods missing, labels new each time.
/// </summary>
public sealed class MergingTests
{
    private static readonly string[] Concepts3 = ["X", "Y", "Z"];

    private static readonly Gen<decimal?> AnyValue = Gen.Frequency(
        (1, Gen.Const((decimal?)null)),
        (1, Gen.Int[0, 6].Select(scale => (decimal?)new decimal(0, 0, 0, false, (byte)scale))),
        (4, Gen.Select(Gen.Int[-99_999, 99_999], Gen.Int[0, 6], (digits, scale) => (decimal?)new decimal(Math.Abs(digits), 0, 0, digits < 0, (byte)scale))),
        (1, Gen.Select(Gen.Int, Gen.Int, Gen.Int[0, 50_000_000], Gen.Bool, Gen.Int[5, 6], (low, mid, high, negative, scale) =>
            (decimal?)new decimal(low, mid, high, negative, (byte)scale))));

    private static readonly Gen<Observed> AnyRow = Gen.Select(
        Any<string?>("a", "b", "c", null).Array[3], Any("", "2020", "2021", "2022"), AnyValue, Any("A", "E", "P"),
        (codes, period, value, status) => new Observed(codes, period, value, value is null ? "M" : status));

    private static readonly Gen<Published> AnyRelease = Gen.Select(
        Gen.Shuffle(new[] { 0, 1, 2 }), Any(ComponentRole.Dimension, ComponentRole.Dimension, ComponentRole.Attribute, ComponentRole.Time).Array[3],
        AnyRow.List[1, 25], Gen.Int[0, 3],
        (order, roles, rows, mode) => new Published(
            [.. order.Where(i => roles[i] == ComponentRole.Dimension)], [.. order.Where(i => roles[i] == ComponentRole.Attribute)], rows, mode == 0));

    [Fact]
    public async Task Whatever_changes_in_the_structure_each_version_is_what_the_model_says()
    {
        var store = await LakeStore.CreateAsync();
        await AnyRelease.List[2, 5].SampleAsync(async releases =>
        {
            var dataset = "m" + Guid.NewGuid().ToString("N")[..10];
            var (model, shown) = (new Model(), new Dictionary<int, List<string>>());
            for (var number = 1; number <= releases.Count; number++)
            {
                var (added, revised, removed) = model.Take(releases[number - 1], number, out var rows);
                (await store.PublishAsync(dataset, number, () => CubeOf(releases[number - 1], rows, number), releases[number - 1].Replace)).ShouldNotBeNull();
                var version = (await store.Index.FindAsync(dataset))!.Latest;
                (version.Observations, version.Added, version.Revised, version.Removed).ShouldBe((model.Rows.Count, added, revised, removed));
                var structure = await store.Index.StructureAsync(dataset, number);
                structure.Components.Take(structure.TimeIndex).Select(c => c.Id).ShouldBe(["FREQ", .. model.Dimensions.Select(d => Concepts3[d])]);
                structure.Components.Where(c => Concepts3.Contains(c.Id) && c.Role == ComponentRole.Attribute).Select(c => c.Id)
                    .ShouldBe(model.Attributes.Select(a => Concepts3[a]));
                foreach (var concept in model.Dimensions.Concat(model.Attributes))
                {
                    var component = structure.Find(Concepts3[concept])!;
                    component.Codes.Where(c => c.Id != "_Z").Select(c => (c.Id, c.Labels["en"], c.Parent)).ShouldBe(model.Codes(concept));
                    // What was there before keeps its order; where all is replaced, or nothing was there, the release's order counts.
                    var order = component.InOrder.Select(c => c.Id).ToList();
                    order.Order(StringComparer.Ordinal).ShouldBe(component.Codes.Select(c => c.Id));
                    var first = !releases[number - 1].Replace && shown.TryGetValue(concept, out var before) ? before : OrderOf(releases[number - 1], rows, concept);
                    order.Where(first.Contains).ShouldBe(first.Where(order.Contains));
                    shown[concept] = order;
                }
                shown = shown.Where(s => model.Dimensions.Contains(s.Key) || model.Attributes.Contains(s.Key)).ToDictionary();
                var columns = model.Dimensions.Select(d => Concepts3[d]).Append("TIME_PERIOD").Append("OBS_VALUE").Append("DECIMALS").Append("OBS_STATUS").Append("RELEASE")
                    .Concat(model.Attributes.Select(a => Concepts3[a]));
                (await store.QueryAsync(version.File, $"SELECT {string.Join(", ", columns)} FROM lake")).ShouldBe(model.Lines(dataset));
                var series = await store.Index.SeriesAsync(dataset, number).ToListAsync();
                series.Select(s => string.Join('|', s.Key.Skip(1)) + ":" + s.TimePeriod + ":" + s.Value?.ToString(CultureInfo.InvariantCulture) + ":" + s.Count)
                    .ShouldBe(model.Series());
                if (number == releases.Count)
                    await store.LogAgreesAsync(dataset, number, version);
            }
        }, iter: 8, threads: 1);
    }

    [Fact]
    public async Task Rows_of_many_row_groups_interleave_and_one_row_can_be_corrected()
    {
        const int Half = 100_000;
        var store = await LakeStore.CreateAsync();
        Row At(int i, decimal value) => new($"{i / 20:D5}", $"{2000 + (i % 20)}", value, "A", "PT");
        await store.PublishAsync("big", 1, () => Cubes.Of(Enumerable.Range(0, Half).Select(i => At(2 * i, i))));
        await store.PublishAsync("big", 2, () => Cubes.Of(Enumerable.Range(0, Half).Select(i => At((2 * i) + 1, i))));
        await store.PublishAsync("big", 3, () => Cubes.Of([At(77_777, 0.5m)]));
        var latest = (await store.Index.FindAsync("big"))!.Latest;
        (latest.Observations, latest.Revised, latest.Added, latest.Series).ShouldBe((2 * Half, 1, 0, Half / 10));
        // A row's SOURCE names its place in its release, which is its value; its place in the file is its key's.
        (await store.QueryAsync(latest.File, """
            SELECT count(*), count(DISTINCT REF_AREA || TIME_PERIOD),
                count(*) FILTER (REF_AREA || TIME_PERIOD <> printf('%05d%d', file_row_number // 20, 2000 + file_row_number % 20)),
                count(*) FILTER (SOURCE <> 'C' || (file_row_number // 2 + 2)), count(*) FILTER (OBS_VALUE <> file_row_number // 2),
                count(*) FILTER (RELEASE <> 'big-' || (file_row_number % 2 + 1))
            FROM lake
            """)).ShouldBe([$"{2 * Half}|{2 * Half}|0|1|1|1"]);
    }

    [Theory]
    [InlineData("0.0000000000000000000000000001")]
    [InlineData("-9999999999999999999999999999")]
    [InlineData("0.00")]
    [InlineData("-123456789012345678.9012345678")]
    public async Task Values_at_the_edges_stay_exact(string text)
    {
        var store = await LakeStore.CreateAsync();
        var value = decimal.Parse(text, CultureInfo.InvariantCulture);
        await store.PublishAsync("edge", 1, () => Cubes.Of([new Row("1", "2020", value, "A", "PT")]));
        await store.PublishAsync("edge", 2, () => Cubes.Of([new Row("2", "2020", 0m, "A", "PT")]));
        var latest = (await store.Index.FindAsync("edge"))!.Latest;
        (await store.QueryAsync(latest.File, "SELECT OBS_VALUE, DECIMALS FROM lake WHERE REF_AREA = '1'"))
            .ShouldBe([value.ToString("0.############################", CultureInfo.InvariantCulture) + "|" + value.Scale]);
        (await store.Index.SeriesAsync("edge", 2).FirstAsync()).Value!.Value.ToString(CultureInfo.InvariantCulture).ShouldBe(text);
    }

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static List<string> OrderOf(Published release, IEnumerable<Observed> rows, int concept) =>
        release.Dimensions.Contains(concept) ? [.. rows.Select(r => r.Codes[concept] ?? "_Z").Prepend("a").Distinct()]
        : release.Attributes.Contains(concept) ? [.. rows.Select(r => r.Codes[concept]).OfType<string>().Prepend("a").Distinct()] : [];

    private static Cube CubeOf(Published release, IEnumerable<Observed> rows, int number)
    {
        var concepts = release.Dimensions.Concat(release.Attributes).ToArray();
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension),
            .. release.Dimensions.Select(d => new Component(Concepts3[d], ComponentRole.Dimension)),
            new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute),
            new(Concepts.UnitMeasure, ComponentRole.Attribute),
            new(Concepts.UnitMult, ComponentRole.Attribute),
            .. release.Attributes.Select(a => new Component(Concepts3[a], ComponentRole.Attribute)),
        ];
        var cube = new Cube(components, []);
        var time = cube.TimeIndex;
        Code Labelled(string id) => new(id) { Labels = new Dictionary<string, string> { ["en"] = $"{id} of {number}" }, Parent = id == "b" ? "a" : null };
        foreach (var concept in concepts)
            components[cube.IndexOf(Concepts3[concept])].Codes.Add(Labelled("a"));
        var codes = new int[components.Length];
        var cell = 1;
        foreach (var row in rows)
        {
            codes[0] = components[0].Codes.Add("A");
            foreach (var concept in concepts)
            {
                var at = cube.IndexOf(Concepts3[concept]);
                codes[at] = row.Codes[concept] is { } code ? components[at].Codes.Add(Labelled(code))
                    : components[at].Role == ComponentRole.Dimension ? components[at].Codes.Add("_Z") : -1;
            }
            codes[time] = components[time].Codes.Add(row.Period);
            codes[time + 1] = components[time + 1].Codes.Add(row.Status);
            codes[time + 2] = components[time + 2].Codes.Add("PT");
            codes[time + 3] = components[time + 3].Codes.Add("0");
            cube.Observations.Add(codes, row.Value, Source.Cell(++cell, 3));
        }
        return cube;
    }

    /// <summary>An observation: the code of each concept, null where it has none.</summary>
    private sealed record Observed(string?[] Codes, string Period, decimal? Value, string Status)
    {
        public int Release { get; init; }

        public string Key(IEnumerable<int> dimensions) => string.Join('|', dimensions.Select(d => Codes[d] ?? "_Z").Append(Period));
    }

    private sealed record Published(int[] Dimensions, int[] Attributes, List<Observed> Rows, bool Replace);

    /// <summary>The dataset in memory.</summary>
    private sealed class Model
    {
        private readonly Dictionary<(int Concept, string Code), int> labels = [];

        public List<int> Dimensions { get; private set; } = [];

        public List<int> Attributes { get; private set; } = [];

        public Dictionary<string, Observed> Rows { get; private set; } = [];

        public (int Added, int Revised, int Removed) Take(Published release, int number, out List<Observed> taken)
        {
            var replace = release.Replace;
            var sameDimensions = Dimensions.Order().SequenceEqual(release.Dimensions.Order());
            var before = Rows.Values.ToList();
            var dimensions = replace && !sameDimensions ? [.. release.Dimensions] : Dimensions.Concat(release.Dimensions).Distinct().ToList();
            // Under other dimensions nothing of the old structure is left, its order neither.
            var kept = !replace ? Attributes : sameDimensions ? Attributes.Intersect(release.Attributes) : [];
            var attributes = kept.Concat(release.Attributes).Distinct().Except(dimensions).ToList();
            var old = replace && !sameDimensions ? [] : before.ToDictionary(r => r.Key(dimensions));
            var known = release.Dimensions.Concat(release.Attributes).ToList();
            taken = [.. release.Rows
                .Select(r => r with { Codes = [.. r.Codes.Select((code, i) => known.Contains(i) ? code : null)], Release = number })
                .DistinctBy(r => r.Key(dimensions))];
            foreach (var concept in known)
                foreach (var code in taken.Select(r => r.Codes[concept]).OfType<string>().Append("a"))
                    labels[(concept, code)] = number;
            var rows = replace ? [] : new Dictionary<string, Observed>(old);
            foreach (var row in taken)
                rows[row.Key(dimensions)] = row;
            var added = taken.Count(r => !old.ContainsKey(r.Key(dimensions)));
            var revised = taken.Count(r => old.TryGetValue(r.Key(dimensions), out var was) && (was.Value, was.Status) != (r.Value, r.Status));
            var removed = replace ? before.Count - (taken.Count - added) : 0;
            (Dimensions, Attributes, Rows) = (dimensions, attributes, rows);
            return (added, revised, removed);
        }

        public IEnumerable<string> Lines(string dataset) => Sorted().Select(r => string.Join('|',
            [.. Dimensions.Select(d => r.Codes[d] ?? "_Z"), r.Period, Shown(r.Value), (r.Value?.Scale ?? 0).ToString(CultureInfo.InvariantCulture), r.Status,
                $"{dataset}-{r.Release}", .. Attributes.Select(a => r.Codes[a] ?? "")]));

        public IEnumerable<string> Series() => Sorted().GroupBy(r => string.Join('|', Dimensions.Select(d => r.Codes[d] ?? "_Z")))
            .Select(g => g.Key + ":" + g.Last().Period + ":" + g.Last().Value?.ToString(CultureInfo.InvariantCulture) + ":" + g.Count());

        public IEnumerable<(string, string, string?)> Codes(int concept)
        {
            var used = Rows.Values.Select(r => r.Codes[concept]).OfType<string>().ToHashSet();
            if (used.Contains("b"))
                used.Add("a");
            return used.Order(StringComparer.Ordinal).Select(code => (code, $"{code} of {labels[(concept, code)]}", code == "b" ? "a" : null));
        }

        private IEnumerable<Observed> Sorted()
        {
            var sorted = Rows.Values.OrderBy(_ => 0);
            foreach (var d in Dimensions)
                sorted = sorted.ThenBy(r => r.Codes[d] ?? "_Z", StringComparer.Ordinal);
            return sorted.ThenBy(r => r.Period, StringComparer.Ordinal);
        }

        private static string Shown(decimal? value) => value?.ToString("0.############################", CultureInfo.InvariantCulture) ?? "";
    }
}
