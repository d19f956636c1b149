using Pipeline.Reading;
using Pipeline.Understanding;
using Xunit;

namespace Pipeline.Tests;

/// <summary>A table held in memory; a null or empty cell is blank.</summary>
internal sealed class Grid(IReadOnlyList<string?[]> rows) : Table
{
    public override RowReader Open() => new Reader(rows);

    /// <summary>A CSV release of one table.</summary>
    public static ReadRelease Release(params string?[][] rows) => Release("release.csv", new Grid(rows));

    /// <summary>A release of some tables.</summary>
    public static ReadRelease Release(string fileName, params Table[] tables) => new(tables[0].Sheet is null ? "csv" : "xlsx")
    {
        FileName = fileName,
        Tables = tables,
        Sheets = [.. tables.Where(t => t.Sheet is not null).Select(t => t.Sheet!)],
    };

    /// <summary>A release from lines of cells separated by <c>|</c>.</summary>
    public static ReadRelease Lines(string text) => Release([.. text.Split('\n').Select(line => line.TrimEnd('\r').Split('|'))]);

    public static Interpretation Interpret(ReadRelease release, string? language = null) =>
        Interpreter.Interpret(release, new ReleaseContext("test") { Language = language }, null, TestContext.Current.CancellationToken);

    private sealed class Reader(IReadOnlyList<string?[]> rows) : RowReader
    {
        public override Cell this[int column] => Row > 0 && column < rows[Row - 1].Length && !string.IsNullOrWhiteSpace(rows[Row - 1][column])
            ? new Cell { Kind = CellKind.Text, Text = rows[Row - 1][column] }
            : default;

        public override bool Read()
        {
            if (Row >= rows.Count)
                return false;
            Count = rows[Row++].Length;
            return true;
        }
    }
}

/// <summary>A table of typed cells, as a workbook has them: strings, doubles (with a number format behind a <c>|</c>), dates.</summary>
internal sealed class TypedGrid(object?[][] rows) : Table
{
    public override RowReader Open() => new Reader(rows);

    private sealed class Reader(object?[][] rows) : RowReader
    {
        public override Cell this[int column] => (column < rows[Row - 1].Length ? rows[Row - 1][column] : null) switch
        {
            string text => new Cell { Kind = CellKind.Text, Text = text },
            double number => new Cell { Kind = CellKind.Number, Number = number, Text = number.ToString("R") },
            (double number, string format) => new Cell { Kind = CellKind.Number, Number = number, Format = format, Text = number.ToString("R") },
            DateTime date => new Cell { Kind = CellKind.Date, Date = date, Text = date.ToString("yyyy-MM-dd") },
            _ => default,
        };

        public override bool Read()
        {
            if (Row >= rows.Length)
                return false;
            Count = rows[Row++].Length;
            return true;
        }
    }
}

/// <summary>An observation read back from a cube: codes and labels by component.</summary>
internal sealed record Seen(decimal? Value, string Source, IReadOnlyDictionary<string, Code> Codes)
{
    public string this[string component] => Codes.TryGetValue(component, out var code) ? code.Id : "(none)";

    /// <summary>The codes that the codes are parts of, up to the top.</summary>
    public IReadOnlyList<Code> Ancestors { get; init; } = [];

    /// <summary>The title of the cube.</summary>
    public string Title { get; init; } = "";

    public string Label(string component, string language) => Codes[component].Labels.GetValueOrDefault(language, Codes[component].Id);

    public static List<Seen> All(Interpretation interpretation) => All(interpretation.Cubes);

    public static List<Seen> All(IEnumerable<Cube> cubes)
    {
        var all = new List<Seen>();
        foreach (var cube in cubes)
            foreach (var batch in cube.Observations.Read())
                for (var row = 0; row < batch.Count; row++)
                {
                    var codes = new Dictionary<string, Code>();
                    var ancestors = new List<Code>();
                    for (var c = 0; c < cube.Components.Count; c++)
                    {
                        if (batch.Codes[c][row] < 0)
                            continue;
                        var list = cube.Components[c].Codes;
                        var code = codes[cube.Components[c].Id] = list[batch.Codes[c][row]];
                        for (var depth = 0; code.Parent is not null && depth < 20 && list.Find(code.Parent) is var parent and >= 0; depth++)
                            ancestors.Add(code = list[parent]);
                    }
                    all.Add(new Seen(batch.Value(row), batch.Source(row).ToString(cube.Sheets), codes) { Ancestors = ancestors, Title = string.Join('\n', cube.Title.Values) });
                }
        return all;
    }
}
