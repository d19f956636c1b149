using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Turns the datasets of a JSON-stat file (https://json-stat.org/full/) into cubes.</summary>
internal static class JsonStatInterpreter
{
    private const int MaxSuffix = 24;

    /// <inheritdoc cref="Interpreter.Interpret"/>
    public static Interpretation Interpret(ReadRelease release, ReleaseContext context, CancellationToken cancellationToken)
    {
        var document = release.JsonStat!;
        var cubes = new List<Cube>();
        var result = new Interpretation { Cubes = cubes };
        var suffixes = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (var (path, name) in document.Links)
            {
                result.Findings.Add(new Finding(Severity.Information, "json-stat-linked", "An item of the collection is only pointed to; its data are not in the file.")
                {
                    Where = path,
                    Found = name,
                    Expected = "the dataset itself",
                    Advice = "Upload that dataset too.",
                });
            }
            for (var i = 0; i < document.Datasets.Count; i++)
            {
                var dataset = document.Datasets[i];
                var table = new JsonStatTable(dataset, context.Language, result.Findings);
                var suffix = document.Datasets.Count == 1 ? null : Suffix(dataset.Key ?? table.Title.Values.FirstOrDefault() ?? "", i, context.Dataset, suffixes, dataset.Path);
                var survey = Survey(dataset, table, cancellationToken);
                var cube = new DeclaredCube(table.Dimensions, null, null, survey, false, new Dictionary<string, Code>(0), table.Language, suffix, dataset.Path + ".dimension", result.Findings);
                cubes.Add(cube.Cube);
                cube.Cube.Title = context.Title is { } title && suffix is null ? new Dictionary<string, string> { [Labels.Language(title, context.Language)] = title } : table.Title;
                if (survey)
                    foreach (var (symbol, label) in table.StatusLabels)
                        cube.Attribute(CubeBuilder.Symbol, new Code(symbol) { Labels = new Dictionary<string, string> { [table.Language ?? Labels.Language(label, null)] = label } });
                var before = result.Reconciliation.Observations;
                Fill(dataset, table, cube, result, cancellationToken);
                result.Readings.Add(string.Create(CultureInfo.InvariantCulture,
                    $"JSON-stat dataset {dataset.Path}: {string.Join(" × ", table.Dimensions.Select(d => $"{d.Values.Count:N0} {d.Names[0]}"))}, {Counted.Of(result.Reconciliation.Observations - before, "observation")}."));
            }
        }
        catch
        {
            result.Dispose();
            throw;
        }
        return result;
    }

    /// <summary>A dataset's ending from its name: letters and digits, different from the others', short enough for the whole id.</summary>
    private static string Suffix(string name, int number, string dataset, HashSet<string> taken, string path)
    {
        var room = Math.Min(MaxSuffix, DatasetId.MaxLength - dataset.Length - 1);
        var slug = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(char.ToLowerInvariant(c));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }
        var order = (number + 1).ToString(CultureInfo.InvariantCulture);
        if (room < order.Length)
            throw JsonStatTable.Wrong(path, "The dataset's id leaves no room for the endings that tell several datasets of a file apart.", dataset, $"an id of at most {DatasetId.MaxLength - 5} characters");
        var text = slug.ToString(0, Math.Min(slug.Length, room)).Trim('-');
        if (text.Length > 0 && taken.Add(text))
            return text;
        text = text.Length + order.Length + 1 <= room && text.Length > 0 ? text + "-" + order : order;
        return taken.Add(text) ? text : throw JsonStatTable.Wrong(path, "Two datasets of the file have the same name.", name, "a name for each dataset");
    }

    /// <summary>Goes over the values once: whether there are as many as there have to be, and whether any has a sign.</summary>
    private static bool Survey(JsonStatDataset dataset, JsonStatTable table, CancellationToken cancellationToken)
    {
        var values = dataset.Values();
        var seen = values.IsArray ? null : new HashSet<long>();
        var symbols = table.HasStatus;
        long count = 0;
        while (values.Read())
        {
            if (count++ % 65536 == 0)
                cancellationToken.ThrowIfCancellationRequested();
            if (seen is not null && (values.Index >= table.Cells || !seen.Add(values.Index)))
                throw JsonStatTable.Wrong(values.Where, values.Index >= table.Cells ? "A value has the number of no cell." : "Two values are for the same cell.", $"{values.Index}", $"each number from 0 to {table.Cells - 1} at most once");
            symbols |= values.Kind == JsonTokenType.String;
        }
        if (values.IsArray && count != table.Cells)
            throw JsonStatTable.Wrong(dataset.Path + ".value", "There are not as many values as the dimensions have cells.", Counted.Of(count, "value"), $"{Counted.Of(table.Cells, "value")}, the product of the sizes");
        return symbols;
    }

    private static void Fill(JsonStatDataset dataset, JsonStatTable table, DeclaredCube cube, Interpretation result, CancellationToken cancellationToken)
    {
        var at = new int[table.Dimensions.Count];
        var account = result.Reconciliation;
        var values = dataset.Values();
        var rest = values.IsArray ? null : table.StatusCells();
        Span<char> digits = stackalloc char[64];
        while (values.Read())
        {
            if (values.Index % 65536 == 0)
                cancellationToken.ThrowIfCancellationRequested();
            rest?.Remove(values.Index);
            account.CellsIn++;
            var text = values.Kind == JsonTokenType.String ? values.Text.Trim() : null;
            decimal? value = null;
            var readable = true;
            if (values.Kind == JsonTokenType.Number)
            {
                var length = values.Number.Length;
                readable = length <= digits.Length && Encoding.ASCII.TryGetChars(values.Number, digits, out _) && TryNumber(digits[..length], out value);
            }
            else if (text is { Length: > 0 } && !TryNumber(text, out value))
            {
                readable = Statuses.OfSymbol(text) is not null;
            }
            if (!readable)
            {
                SetAside(values, account, result.Findings);
                continue;
            }
            var symbol = table.StatusOf(values.Index) ?? (value is null && text?.Length > 0 ? text : null);
            table.Place(values.Index, at);
            cube.Add(at, new DeclaredCell(value, table.StatusOf(symbol, value is not null), symbol), default, values.Source());
            account.Observations++;
        }
        // A cell may have a status and no value: the status says why.
        foreach (var cell in rest?.Order().AsEnumerable() ?? [])
        {
            account.CellsIn++;
            account.Observations++;
            var symbol = table.StatusOf(cell);
            table.Place(cell, at);
            cube.Add(at, new DeclaredCell(null, table.StatusOf(symbol, false), symbol), default, dataset.Source);
        }
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out decimal? value)
    {
        var isNumber = Numbers.TryParse(text, false, out var number) && number.Flag.IsEmpty && !number.Percent && number.Currency == 0;
        value = isNumber ? number.Value : null;
        return isNumber;
    }

    private static void SetAside(in JsonStatValues values, Reconciliation account, Findings findings)
    {
        var isNumber = values.Kind == JsonTokenType.Number;
        var (code, where) = (isNumber ? "number-too-long" : "number-unreadable", values.Where);
        account.Aside(code, () => where);
        if (!findings.Keeps(code))
        {
            findings.Count(code, Severity.Warning);
            return;
        }
        findings.Add(new Finding(Severity.Warning, code, isNumber ? "A number has more digits than can be held exactly, and is not published." : "A value is no number and no known sign for a missing one.")
        {
            Where = where,
            Found = values.Text,
            Expected = isNumber ? $"at most {Numbers.MaxDigits} digits" : "a number or null",
            Advice = isNumber ? "Round it to the digits that are meant." : "Write numbers as numbers, and what is missing as null with a status.",
        });
    }
}
