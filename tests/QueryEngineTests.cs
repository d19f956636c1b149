using System.Globalization;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Tests.Support;
using Pipeline.Understanding;
using Shouldly;
using Xunit;

namespace Pipeline.Tests;

/// <summary>The engine below all faces against the same question asked of the rows one by one.</summary>
public sealed class QueryEngineTests
{
    private static readonly string[] Areas = ["A", "B", "B1", "_T"];
    private static readonly string[] Kinds = ["x", "y"];
    private static readonly string[] Units = ["T", "PT"];

    private sealed record Observation(string Area, string Kind, string Period, decimal? Value, string Unit, int Mult)
    {
        public string Series => Area + "|" + Kind;

        public string Text => string.Join('|', Area, Kind, Period, Value?.ToString(CultureInfo.InvariantCulture), Unit, Mult);
    }

    private static readonly Gen<List<Observation>> AnyRows =
        Gen.Select(AnyOf(Areas), AnyOf(Kinds), Gen.Int[0, 29], Cubes.Value, AnyOf(Units), AnyOf(0, 0, 0, 3), (area, kind, month, value, unit, mult) =>
            new Observation(area, kind, $"{2020 + (month / 12)}-{(month % 12) + 1:D2}", value, unit, mult))
        .List[1, 120].Select(rows => rows.DistinctBy(r => (r.Area, r.Kind, r.Period)).ToList());

    private static readonly Gen<Criterion> Leaf = Gen.OneOf<Criterion>(
        AnyOf("A", "B", "nowhere").List[0, 2].Select(codes => (Criterion)new Criterion.OneOf("REF_AREA", codes)),
        AnyOf("x", "y").Select(code => (Criterion)new Criterion.OneOf("KIND", [code])),
        AnyOf("2020-03", "2021-01").Select(code => (Criterion)new Criterion.OneOf("TIME_PERIOD", [code])),
        Gen.Int[2019, 2023].Select(Gen.Int[0, 2], (year, open) => (Criterion)new Criterion.Between(
            "TIME_PERIOD", open == 1 ? null : new DateOnly(year, 1, 1), open == 2 ? null : new DateOnly(year + 1, 6, 30))),
        Gen.Enum<Comparison>().Select(Cubes.Value, (comparison, number) => (Criterion)new Criterion.Value(comparison, number ?? 0)),
        Gen.Const((Criterion)new Criterion.NoValue()),
        AnyOf("T", "PT").Select(unit => (Criterion)new Criterion.OneOf("UNIT_MEASURE", [unit])));

    private static Gen<Criterion> Tree(int depth) => depth == 0 ? Leaf : Gen.OneOf(
        Leaf,
        Tree(depth - 1).List[0, 3].Select(of => (Criterion)new Criterion.All(of)),
        Tree(depth - 1).List[0, 3].Select(of => (Criterion)new Criterion.Any(of)),
        Tree(depth - 1).Select(of => (Criterion)new Criterion.Not(of)));

    [Fact]
    public async Task Any_tree_of_conditions_windowed_and_cut_gives_what_it_says()
    {
        await using var served = await Served.StartAsync();
        var any = Gen.Select(AnyRows, Tree(3).List[0, 2], Gen.Int[0, 3].Select(n => n == 0 ? (int?)null : n), Gen.Int[0, 3].Select(n => n == 0 ? (int?)null : n), Gen.Int[0, 5], Gen.Int[0, 30], Gen.Bool);
        await any.SampleAsync(async (rows, where, first, last, offset, limit, isSorted) =>
        {
            var (at, queries) = await PublishAsync(served, rows);
            var query = new DataQuery(where, isSorted ? [new Querying.SortKey("OBS_VALUE", true), new Querying.SortKey("REF_AREA", false)] : []) { First = first, Last = last, Offset = offset, Limit = limit == 30 ? null : limit };
            var matching = rows.Where(r => where.TrueForAll(c => Holds(c, r))).OrderBy(r => r.Area, StringComparer.Ordinal).ThenBy(r => r.Kind).ThenBy(r => r.Period, StringComparer.Ordinal).ToList();
            var windowed = first is null && last is null ? matching : [.. matching.GroupBy(r => r.Series).SelectMany(s => s.Where((_, i) => i < (first ?? 0) || i >= s.Count() - (last ?? 0)))];
            var ordered = isSorted ? windowed.OrderBy(r => r.Value is null).ThenByDescending(r => r.Value).ThenBy(r => r.Area, StringComparer.Ordinal) : windowed.AsEnumerable();
            (await RowsAsync(at, queries.RunAsync(at, query, null, default))).Select(r => r.Text)
                .ShouldBe([.. ordered.Skip(offset).Take(limit == 30 ? int.MaxValue : limit).Select(r => r.Text)], string.Join(" ; ", where));
            (await queries.CountAsync(at, query, default)).ShouldBe(windowed.Count);
        }, iter: 100, threads: 1);
    }

    [Fact]
    public async Task What_is_computed_is_computed_from_the_whole_series_whatever_is_asked_for()
    {
        await using var served = await Served.StartAsync();
        var any = Gen.Select(AnyRows, Tree(2).List[0, 1], Gen.Int[0, 2].Select(n => n == 0 ? (int?)null : n), Gen.Bool);
        await any.SampleAsync(async (rows, where, last, isSorted) =>
        {
            var (at, queries) = await PublishAsync(served, rows);
            Computation[] computations =
            [
                new Computation.Growth("G", Lag.Year), new Computation.Difference("D", Lag.Period), new Computation.Earlier("B", Lag.Period),
                new Computation.Index("I", "2020", new PeriodDays(new DateOnly(2020, 1, 1), new DateOnly(2020, 12, 31))), new Computation.Share("S", "REF_AREA", null, "_T"),
            ];
            var query = new DataQuery(where, isSorted ? [new Querying.SortKey("D", true)] : []) { Last = last };
            var found = new List<(string Text, decimal?[] Measures)>();
            await foreach (var match in new ComputedQueries(queries).RunAsync(at, query, computations, null, default))
                found.AddRange((await RowsAsync(at, match)).Select((r, i) => (r.Text, match.Chunk.Measures.Select(m => m[match.Row(i)]).ToArray())));

            var matching = rows.Where(r => where.TrueForAll(c => Holds(c, r))).OrderBy(r => r.Area, StringComparer.Ordinal).ThenBy(r => r.Kind).ThenBy(r => r.Period, StringComparer.Ordinal)
                .GroupBy(r => r.Series).SelectMany(s => last is { } n ? s.TakeLast(n) : s).Select(r => (r.Text, Measures: Computed(rows, r))).ToList();
            if (isSorted)
                matching = [.. matching.OrderBy(m => m.Measures[1] is null).ThenByDescending(m => m.Measures[1])];
            found.Select(f => f.Text).ShouldBe(matching.Select(m => m.Text));
            for (var i = 0; i < found.Count; i++)
                for (var m = 0; m < computations.Length; m++)
                    IsNear(found[i].Measures[m], matching[i].Measures[m]).ShouldBeTrue($"{computations[m].Id} of {found[i].Text}: {found[i].Measures[m]} instead of {matching[i].Measures[m]}");
        }, iter: 50, threads: 1);
    }

    [Fact]
    public async Task A_cumulative_value_becomes_that_of_its_last_month_or_quarter()
    {
        await using var served = await Served.StartAsync();
        // Each with how many months the value is of: nobody is to take a quarter for a month.
        (string Period, decimal Value, decimal? Single, int? Months)[] rows =
        [
            ("2022-01/2022-12", 90, null, null), ("2023-01/2023-02", 20, 20, 2), ("2023-01/2023-03", 33, 13, 1), ("2023-01/2023-04", 40, 7, 1), ("2023-01/2023-06", 70, 30, 2),
            ("2024-01/2024-03", 30, 30, 3), ("2024-01/2024-06", 64, 34, 3), ("2024-01/2024-09", 90.5m, 26.5m, 3), ("2024-01/2024-12", 100, 9.5m, 3),
        ];
        var (at, queries) = await PublishAsync(served, [.. rows.Select(r => new Observation("A", "x", r.Period, r.Value, "T", 0))]);
        var found = new List<(decimal?, decimal?)>();
        await foreach (var match in new ComputedQueries(queries).RunAsync(at, new DataQuery([], []), [new Computation.Single("S"), new Computation.SingleMonths("M", "S")], null, default))
            found.AddRange(Enumerable.Range(0, match.Count).Select(i => (match.Chunk.Measures[0][match.Row(i)], match.Chunk.Measures[1][match.Row(i)])));
        found.ShouldBe(rows.Select(r => (r.Single, (decimal?)r.Months)));
    }

    [Fact]
    public async Task Groups_are_put_together_where_units_and_codes_permit_and_refused_where_not()
    {
        await using var served = await Served.StartAsync();
        var any = Gen.Select(Gen.Select(AnyRows, Gen.Bool, (rows, one) => one ? rows.ConvertAll(r => r with { Unit = "T" }) : rows), AnyOf<string[]>(["REF_AREA", "TIME_PERIOD"], ["REF_AREA", "KIND"], ["KIND", "TIME_PERIOD", "UNIT_MEASURE"], ["TIME_PERIOD"], []));
        var (answered, refused) = (0, 0);
        await any.SampleAsync(async (rows, by) =>
        {
            var (at, queries) = await PublishAsync(served, rows);
            Aggregate[] aggregates = [Aggregate.Mean, Aggregate.Min, Aggregate.Max, Aggregate.Count];
            string Key(Observation r) => string.Join('|', by.Select(b => b switch { "REF_AREA" => r.Area, "KIND" => r.Kind, "TIME_PERIOD" => r.Period, _ => r.Unit }));
            var groups = rows.GroupBy(Key).ToList();
            var isMixed = groups.Any(g => g.Where(r => r.Value is not null).Select(r => r.Unit).Distinct().Count() > 1);
            var there = rows.Where(r => r.Value is not null).ToList();
            var isTwice = (!by.Contains("REF_AREA") && there.Select(r => r.Area).Distinct().ToList() is var seen && ((seen.Contains("_T") && seen.Count > 1) || (seen.Contains("B") && seen.Contains("B1"))));
            try
            {
                var (grouped, match) = await new Grouping(by, aggregates).RunAsync(at, new DataQuery([], []), queries, default);
                (isMixed || isTwice).ShouldBeFalse();
                match.Count.ShouldBe(groups.Count);
                for (var i = 0; i < match.Count; i++)
                {
                    var key = string.Join('|', by.Select(b => grouped.Components[grouped.IndexOf(b)].Codes[match.Chunk.Codes[grouped.IndexOf(b)]![i]].Id));
                    var group = groups.Single(g => g.Key == key).ToList();
                    var mult = grouped.Components[grouped.IndexOf("UNIT_MULT")].Codes[match.Chunk.Codes[grouped.IndexOf("UNIT_MULT")]![i]].Id;
                    var values = group.Where(r => r.Value is not null).Select(r => r.Value!.Value * (r.Mult == 3 ? 1000 : 1) / (mult == "3" ? 1000 : 1)).ToList();
                    IsNear(match.Chunk.Measures[0][i], values.Count == 0 ? null : values.Sum() / values.Count).ShouldBeTrue();
                    match.Chunk.Measures[1][i].ShouldBe(values.Count == 0 ? null : values.Min());
                    match.Chunk.Measures[2][i].ShouldBe(values.Count == 0 ? null : values.Max());
                    match.Chunk.Measures[3][i].ShouldBe(values.Count);
                }
                answered++;
            }
            catch (QueryRefusedException e)
            {
                (e.Kind is Refusal.UnitsDiffer ? isMixed : e.Kind is Refusal.CountsTwice && isTwice).ShouldBeTrue(e.Message);
                refused++;
            }
        }, iter: 60, threads: 1);
        (answered > 5 && refused > 5).ShouldBeTrue($"{answered} answered, {refused} refused");
    }

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static decimal?[] Computed(List<Observation> rows, Observation r)
    {
        Observation? Of(string area, string period) => rows.Find(o => o.Area == area && o.Kind == r.Kind && o.Period == period);
        static decimal Full(Observation o) => o.Value!.Value * (o.Mult == 3 ? 1000 : 1);
        var month = DateOnly.ParseExact(r.Period, "yyyy-MM", CultureInfo.InvariantCulture);
        decimal? Value(Observation? o) => o?.Value is null || o.Unit != r.Unit ? null : Full(o) / (r.Mult == 3 ? 1000 : 1);
        var (year, before) = (Value(Of(r.Area, $"{month.AddYears(-1):yyyy-MM}")), Value(Of(r.Area, $"{month.AddMonths(-1):yyyy-MM}")));
        var basis = rows.Where(o => o.Series == r.Series && o.Period.StartsWith("2020", StringComparison.Ordinal) && o.Value is not null).ToList();
        var mean = basis.Count == 0 || basis.Any(o => o.Unit != basis[0].Unit) || basis[0].Unit != r.Unit ? (decimal?)null : basis.Sum(Full) / basis.Count;
        var total = r.Area == "_T" ? null : Of(r.Area == "B1" ? "B" : "_T", r.Period);
        return
        [
            r.Unit == "PT" || r.Value is null || year is not > 0 ? null : (r.Value - year) * 100 / year,
            r.Value - before,
            before,
            r.Unit == "PT" || r.Value is null || mean is not > 0 ? null : Full(r) * 100 / mean,
            r.Value is null || r.Unit == "PT" || total?.Value is not > 0 || total.Unit != r.Unit ? null : Full(r) * 100 / Full(total),
        ];
    }

    private static bool IsNear(decimal? a, decimal? b) => a is null || b is null ? a == b : Math.Abs(a.Value - b.Value) <= 0.00001m * Math.Max(1, Math.Abs(b.Value));

    private static bool Holds(Criterion criterion, Observation r) => criterion switch
    {
        Criterion.OneOf one => one.Codes.Contains(one.Component switch { "REF_AREA" => r.Area, "KIND" => r.Kind, "TIME_PERIOD" => r.Period, _ => r.Unit }),
        Criterion.Between between => PeriodDays.TryParse(r.Period, out var days) && !(days.Start < between.First) && !(days.End > between.Last),
        Criterion.NoValue => r.Value is null,
        Criterion.Value value => r.Value is { } v && value.Comparison switch
        {
            Comparison.Eq => v == value.Number,
            Comparison.Ne => v != value.Number,
            Comparison.Lt => v < value.Number,
            Comparison.Le => v <= value.Number,
            Comparison.Gt => v > value.Number,
            _ => v >= value.Number,
        },
        Criterion.All all => all.Of.All(c => Holds(c, r)),
        Criterion.Any some => some.Of.Any(c => Holds(c, r)),
        Criterion.Not not => !Holds(not.Of, r),
        _ => throw new ArgumentException(criterion.ToString()),
    };

    private static async Task<(DatasetAtVersion At, VersionQueries Queries)> PublishAsync(Served served, List<Observation> rows)
    {
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension), new("REF_AREA", ComponentRole.Dimension), new("KIND", ComponentRole.Dimension), new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute), new(Concepts.UnitMeasure, ComponentRole.Attribute), new(Concepts.UnitMult, ComponentRole.Attribute),
        ];
        var cube = new Cube(components, []);
        var codes = new int[7];
        foreach (var row in rows)
        {
            codes[0] = components[0].Codes.Add(row.Period.Contains('/') ? "_O" : "M");
            codes[1] = components[1].Codes.Add(new Code(row.Area) { Parent = row.Area == "B1" ? "B" : null });
            codes[2] = components[2].Codes.Add(row.Kind);
            codes[3] = components[3].Codes.Add(row.Period);
            codes[4] = components[4].Codes.Add(row.Value is null ? "M" : "A");
            codes[5] = components[5].Codes.Add(row.Unit);
            codes[6] = components[6].Codes.Add(row.Mult.ToString(CultureInfo.InvariantCulture));
            cube.Observations.Add(codes, row.Value, Source.Cell(1, 1));
        }
        var dataset = "d" + Guid.NewGuid().ToString("N")[..10];
        var version = await served.PublishAsync(dataset, cube);
        var at = new DatasetAtVersion(await new DatasetIndex(served.Storage).StructureAsync(dataset, 1), version);
        return (at, new VersionQueries(served.Storage, new ConfigurationBuilder().Build()));
    }

    private static async Task<List<Observation>> RowsAsync(DatasetAtVersion at, IAsyncEnumerable<Match> matches)
    {
        var rows = new List<Observation>();
        await foreach (var match in matches)
            rows.AddRange(await RowsAsync(at, match));
        return rows;
    }

    private static Task<List<Observation>> RowsAsync(DatasetAtVersion at, Match match) => Task.FromResult(Enumerable.Range(0, match.Count).Select(match.Row).Select(row =>
    {
        string Code(string id) => at.Components[at.IndexOf(id)].Codes[match.Chunk.Codes[at.IndexOf(id)]![row]].Id;
        return new Observation(Code("REF_AREA"), Code("KIND"), Code("TIME_PERIOD"), match.Chunk.Value(row), Code("UNIT_MEASURE"), int.Parse(Code("UNIT_MULT"), CultureInfo.InvariantCulture));
    }).ToList());
}
