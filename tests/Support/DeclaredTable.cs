using System.Globalization;
using CsCheck;
using Pipeline.Reading;
using Pipeline.Understanding;
using Shouldly;

namespace Pipeline.Tests.Support;

/// <summary>A dimension of a random table: its name, its values' labels and codes, and their periods when it is time.</summary>
public sealed record TableDimension(string Name, string[] Labels, string[] Codes, string[]? Periods = null, char Scale = '\0');

/// <summary>A random table as a file declares it; its cells stand in row-major order, each with a value or a sign in its place.</summary>
public sealed record DeclaredTable(TableDimension[] Dimensions, (decimal? Value, string? Symbol)[] Cells)
{
    private static readonly string[] Words =
        ["Total", "Män", "Kvinnor; alla", "a, b", "F (x)", "Öl & vin", "x=y", "under 5 år", "[r]", "Nordland", "C-D", "C D", "Ünlü", "ñandú", "1.5", "100%", "'q'", "--"];

    private static readonly string[] Names = ["branch", "type", "Größe", "köp", "grupp av varor", "A.B", "level 2", "størrelse"];

    private static readonly Gen<(decimal? Value, string? Symbol)> Cell = Gen.Select(Gen.Int[0, 9], Gen.Long[-99_999_999, 99_999_999], Gen.Int[0, 4], Gen.Int[0, 3].Select(i => new[] { "..", ".", "...", "-" }[i])).Select(
        (kind, digits, scale, sign) => kind == 0 ? ((decimal?)null, (string?)sign) : (new decimal((int)Math.Abs(digits), (int)(Math.Abs(digits) >> 32), 0, digits < 0, (byte)scale), null));

    /// <summary>Tables of one to four dimensions, most of them with time.</summary>
    public static readonly Gen<DeclaredTable> Any =
        from others in Gen.Int[1, 4].Array[0, 3]
        from time in Gen.Select(Gen.Int[0, 4].Select(i => "AHQMW"[i]), Gen.Int[1, 5], Gen.Int[1990, 2030], Gen.Int[0, 3])
        from words in Gen.Shuffle(Words)
        from names in Gen.Shuffle(Names)
        from at in Gen.Int[0, 3]
        let dimensions = Make(others, time, words, names, at)
        from cells in Cell.Array[dimensions.Aggregate(1, (n, d) => n * d.Labels.Length)]
        select new DeclaredTable(dimensions, cells);

    private static TableDimension[] Make(int[] others, (char Scale, int Count, int Year, int Kind) time, string[] words, string[] names, int at)
    {
        var dimensions = others.Select((size, d) => new TableDimension(names[d], words[(d * 4)..((d * 4) + size)], [.. Enumerable.Range(0, size).Select(i => $"{d}.{i}")])).ToList();
        // Without another dimension there has to be time.
        if (time.Kind > 0 || others.Length == 0)
            dimensions.Insert(Math.Min(at, dimensions.Count), Time(time.Scale, time.Count, time.Year));
        return [.. dimensions];
    }

    private static TableDimension Time(char scale, int count, int year)
    {
        var periods = Enumerable.Range(0, count).Select(i => scale switch
        {
            'A' => ($"{year + i}", $"{year + i}"),
            'H' => ($"{year + (i / 2)}H{(i % 2) + 1}", $"{year + (i / 2)}-S{(i % 2) + 1}"),
            'Q' => ($"{year + (i / 4)}Q{(i % 4) + 1}", $"{year + (i / 4)}-Q{(i % 4) + 1}"),
            'M' => ($"{year + (i / 12)}M{(i % 12) + 1:D2}", $"{year + (i / 12)}-{(i % 12) + 1:D2}"),
            _ => ($"{year}W{i + 1:D2}", $"{year}-W{i + 1:D2}"),
        }).ToArray();
        return new TableDimension("tid", [.. periods.Select(p => p.Item1)], [.. periods.Select(p => p.Item1)], [.. periods.Select(p => p.Item2)], scale);
    }

    /// <summary>For each dimension the number of a cell's value.</summary>
    public int[] At(int cell)
    {
        var at = new int[Dimensions.Length];
        for (var d = at.Length - 1; d >= 0; d--)
            (at[d], cell) = (cell % Dimensions[d].Labels.Length, cell / Dimensions[d].Labels.Length);
        return at;
    }

    /// <summary>Reads a file and demands this table back, cell by cell.</summary>
    /// <param name="text">The decoded file.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="codes">Whether the file has codes.</param>
    /// <param name="isLeftOut">Whether a cell is not in the file.</param>
    public void ShouldBeReadFrom(string text, byte[] bytes, string name, bool codes, Func<int, bool> isLeftOut)
    {
        using var release = ReleaseReader.Read(new MemoryStream(bytes), name);
        using var result = Interpreter.Interpret(release, new ReleaseContext("t"));
        result.Findings.HasErrors.ShouldBeFalse();
        var cube = result.Cubes.ShouldHaveSingleItem();
        result.Reconciliation.IsBalanced.ShouldBeTrue();
        result.Reconciliation.Observations.ShouldBe(cube.Observations.Count);
        var read = Read(cube, text);
        read.Count.ShouldBe(Enumerable.Range(0, Cells.Length).Count(i => !isLeftOut(i)));
        for (var i = 0; i < Cells.Length; i++)
        {
            if (isLeftOut(i))
                continue;
            var at = At(i);
            var key = string.Join('|', Dimensions.Select((d, n) => d.Periods is null ? d.Labels[at[n]] + (codes ? "=" + d.Codes[at[n]] : "") : "").Append(
                Dimensions.Select((d, n) => d.Periods?[at[n]]).FirstOrDefault(p => p is not null) ?? "").Where(p => p.Length > 0));
            read.ShouldContainKey(key);
            var (value, symbol, status, token) = read[key];
            value.ShouldBe(Cells[i].Value);
            symbol.ShouldBe(Cells[i].Symbol);
            (status == "A").ShouldBe(value is not null);
            if (value is null)
                token.ShouldNotBeEmpty();
            else
                decimal.Parse(token, CultureInfo.InvariantCulture).ShouldBe(value.Value);
        }

        Dictionary<string, (decimal? Value, string? Symbol, string Status, string Token)> Read(Cube cube, string file)
        {
            var found = new Dictionary<string, (decimal?, string?, string, string)>();
            var runes = file.EnumerateRunes().ToArray();
            var signs = cube.IndexOf("OBS_SYMBOL");
            foreach (var batch in cube.Observations.Read())
            {
                for (var row = 0; row < batch.Count; row++)
                {
                    Code Of(int component) => cube.Components[component].Codes[batch.Codes[component][row]];
                    var parts = Enumerable.Range(0, cube.TimeIndex).Where(c => cube.Components[c].Id != Concepts.Freq).Select(Of)
                        .Select(code => (code.Labels.Count == 0 ? code.Id : code.Labels.Values.First()) + (codes ? "=" + code.Id : ""))
                        .Append(Of(cube.TimeIndex).Id).Where(p => p.Length > 0);
                    var source = batch.Source(row);
                    found.Add(string.Join('|', parts), (batch.Value(row), signs < 0 || batch.Codes[signs][row] < 0 ? null : Of(signs).Id, Of(cube.TimeIndex + 1).Id,
                        string.Concat(runes[source.A..source.B])));
                }
            }
            return found;
        }
    }
}
