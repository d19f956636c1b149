using Pipeline.Understanding;
using Xunit;

namespace Pipeline.Tests.Support;

/// <summary>A host with datasets that are hard on OData: quotes, slashes and Chinese in codes, labels, parents, ranges, missing values, no period. Its tests share it.</summary>
public sealed class ODataHost : IAsyncLifetime
{
    /// <summary>An area's code, its label in Chinese and what it is a part of.</summary>
    public static readonly (string Id, string? Zh, string? Parent)[] Areas =
        [("650000", "新疆", null), ("O'Brien", "奥'布赖恩", "650000"), ("a b", null, "650000"), ("x/y", "斜/线", "a b"), ("1,2.5", "一", null), ("北京", "北京市", null), ("%2B+&#?\"\\", "符号", null)];

    /// <summary>The periods; the empty text for none.</summary>
    public static readonly string[] Periods = ["2022", "2023", "2023-Q1", "2023-06", "2023-01/2023-06", "2024-W02", ""];

    /// <summary>The app.</summary>
    public Served Served { get; private set; } = null!;

    /// <summary>Where the service of a dataset is.</summary>
    public string Service(string dataset) => $"{Served.Host.Host.Address.ToString().TrimEnd('/')}/odata/{dataset}/";

    public async ValueTask InitializeAsync()
    {
        Served = await Served.StartAsync();
        await Served.PublishAsync("tricky", Tricky());
        await Served.PublishAsync("wide", Cubes.Of([new Row("A", "2022", 12345678901234567890.678m, "A", "PT"), new Row("A", "2023", 0.0000001m, "A", "PT"), new Row("A", "2024", null, "M", "PT")]));
        await Served.PublishAsync("cents", Cubes.Of([new Row("A", "2022", 111008.65m, "A", "PT"), new Row("A", "2023", 167503.86m, "A", "PT"), new Row("A", "2024", 7403.3613m, "A", "PT"), new Row("A", "2025", 123456789.123456789m, "A", "PT")]));
        await Served.PublishAsync("many", Cubes.Of(Enumerable.Range(0, 25_000).Select(n => new Row($"{n % 250:D4}", $"{1900 + (n / 250)}", n % 7 == 0 ? null : n / 10m, n % 7 == 0 ? "M" : "A", "PT"))));
    }

    public async ValueTask DisposeAsync() => await Served.DisposeAsync();

    // Values repeat, so that orders have ties; each seventh is missing.
    private static Cube Tricky()
    {
        Component[] components =
        [
            new(Concepts.Freq, ComponentRole.Dimension),
            new(Concepts.RefArea, ComponentRole.Dimension) { Labels = new Dictionary<string, string> { ["en"] = "Area", ["zh"] = "地区" } },
            new(Concepts.TimePeriod, ComponentRole.Time),
            new(Concepts.ObsStatus, ComponentRole.Attribute),
            new(Concepts.UnitMeasure, ComponentRole.Attribute),
            new(Concepts.UnitMult, ComponentRole.Attribute),
            new("NOTE", ComponentRole.Attribute),
        ];
        var cube = new Cube(components, []);
        var number = 0;
        Span<int> codes = stackalloc int[7];
        foreach (var (id, zh, parent) in Areas)
        {
            foreach (var period in Periods)
            {
                number++;
                decimal? value = number % 7 == 0 ? null : number % 5 == 0 ? 7.0m : number % 3 == 0 ? -1.25m * number : number * 100m;
                codes[0] = components[0].Codes.Add(period.Length == 0 ? "_Z" : period.Length == 4 ? "A" : "M");
                codes[1] = components[1].Codes.Add(new Code(id) { Parent = parent, Labels = zh is null ? new Dictionary<string, string>() : new() { ["en"] = "Area " + id, ["zh"] = zh } });
                codes[2] = components[2].Codes.Add(period);
                codes[3] = components[3].Codes.Add(value is null ? "M" : "A");
                codes[4] = components[4].Codes.Add(number % 2 == 0 ? "T" : "PERSONS");
                codes[5] = components[5].Codes.Add(number % 4 == 0 ? "10" : "3");
                codes[6] = number % 3 == 0 ? -1 : components[6].Codes.Add(number % 2 == 0 ? "see 'note'" : "见注");
                cube.Observations.Add(codes, value, Source.Cell(number + 1, 3));
            }
        }
        return cube;
    }
}
