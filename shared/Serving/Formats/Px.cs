using System.Globalization;
using System.Text;
using Pipeline.Publishing;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>
/// Writes a cube as a PX file (PC-Axis file format, AXIS-VERSION 2013) in all languages that its labels have. A PX file has a place for every cell; one without an
/// observation holds <c>"."</c>, a missing value the symbol of its status. Attributes that differ from cell to cell are written with ATTRIBUTES.
/// </summary>
internal sealed class Px
{
    /// <summary>The most cells of a file, filled or not.</summary>
    public const long MostCells = 2_000_000;

    /// <summary>What a file can hold.</summary>
    public static readonly CubeLimits Limits = new("PX", (int)MostCells, MostCells);

    /// <summary>The media type that PxWeb sends.</summary>
    public const string MediaType = "application/octet-stream";

    /// <summary>What stands in a cell without an observation.</summary>
    public const char NoObservation = '.';

    private const int LineLength = 240;
    private static readonly char[] Controls = [.. Enumerable.Range(0, 0xa0).Select(c => (char)c).Where(char.IsControl)];
    private const int MostDecimals = 15;
    private const int MostShownDecimals = 6;

    // The statuses of missing values by their symbols, and what DATASYMBOL says of the symbol.
    private static readonly (string Status, string Symbol, string Shown)[] Symbols =
        [("O", "..", ".."), ("M", "...", "[z]"), ("Q", "....", "[c]"), ("L", ".....", "[w]"), ("H", "......", "holiday")];

    private readonly DataCube cube;
    private readonly CubeUnits units;
    private readonly int stubs;
    private readonly string publisher;
    private readonly List<string> languages;
    private readonly int[] varying;
    private readonly StringBuilder text = new();
    private readonly int decimals;

    /// <summary>Takes a cube.</summary>
    /// <param name="cube">The cube.</param>
    /// <param name="stubs">How many of its dimensions are in the stub; those behind them are in the heading.</param>
    /// <param name="publisher">Who publishes.</param>
    public Px(DataCube cube, int stubs, string publisher)
    {
        (this.cube, this.stubs, this.publisher, units) = (cube, stubs, publisher, new CubeUnits(cube));
        (languages, decimals) = (LanguagesOf(cube), cube.Values.Decimals);
        varying = [.. cube.Attributes.Where(c => c == cube.At.IndexOf(Concepts.ObsStatus) ? HasStatus(c) : !units.Tells(c))];
    }

    /// <summary>Reads a table's rows, before the first byte is sent.</summary>
    /// <exception cref="ProblemException">There are too many for a PX file.</exception>
    public static async Task<Px> ReadAsync(ObservationTable table, TablePage page, CancellationToken cancellationToken)
    {
        var cube = await DataCube.ReadAsync(table, Limits, null, cancellationToken);
        return new Px(cube, Math.Max(0, cube.Dimensions.Count - 1), page.Publisher);
    }

    /// <summary>The symbol of a missing value with a status.</summary>
    public static string Symbol(string? status) => Array.Find(Symbols, s => s.Status == status).Symbol ?? Symbols[0].Symbol;

    /// <summary>Texts that are all different: one that has been before gets its id behind it.</summary>
    public static List<string> Distinct(IEnumerable<(string Text, string Id)> texts)
    {
        var all = texts.Select(t => (Text: Clean(t.Text) is { Length: > 0 } clean ? clean : Clean(t.Id), t.Id)).ToList();
        var repeated = all.GroupBy(t => t.Text, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        var taken = all.Select(t => t.Text).Where(t => !repeated.Contains(t)).ToHashSet(StringComparer.Ordinal);
        var distinct = new List<string>(all.Count);
        foreach (var (label, id) in all)
        {
            var name = label;
            for (var n = 1; repeated.Contains(label) && !taken.Add(name); n++)
                name = label + " (" + Clean(id) + (n > 1 ? " " + n : "") + ")";
            distinct.Add(name);
        }
        return distinct;
    }

    /// <summary>Writes the file.</summary>
    public async Task WriteAsync(Stream to, CancellationToken cancellationToken)
    {
        var version = cube.At.Version;
        var date = version.PublishedAt.UtcDateTime.ToString("yyyyMMdd HH:mm", CultureInfo.InvariantCulture);
        text.Append("CHARSET=\"ANSI\";\nAXIS-VERSION=\"2013\";\nCODEPAGE=\"utf-8\";\n");
        Write("LANGUAGE", languages[0]);
        if (languages.Count > 1)
            Write("LANGUAGES", languages);
        Write("CREATION-DATE", date);
        text.Append(CultureInfo.InvariantCulture, $"DECIMALS={Math.Min(decimals, MostDecimals)};\n");
        if (decimals <= MostShownDecimals)
            text.Append(CultureInfo.InvariantCulture, $"SHOWDECIMALS={decimals};\n");
        Write("MATRIX", cube.At.Structure.Id);
        Write("TABLEID", cube.At.Structure.Id);
        Write("SUBJECT-CODE", cube.At.Structure.Id);
        foreach (var language in languages)
        {
            WriteTexts(language);
            await FlushAsync(to, 0, cancellationToken);
        }
        WriteSymbols();
        Write("LAST-UPDATED", date);
        if (publisher.Length > 0)
            Write("SOURCE", publisher);
        await WriteAttributesAsync(to, cancellationToken);
        await WriteDataAsync(to, cancellationToken);
    }

    // Whether a value has another status than the normal one.
    private bool HasStatus(int status)
    {
        var (numbers, codes) = (cube.Attribute(status), cube.At.Components[status].Codes);
        var isTold = codes.Select(c => c.Id != "A").Append(false).ToArray();
        for (var i = 0; i < numbers.Count; i++)
            if (isTold[numbers[i]] && !cube.Values.IsMissing(i))
                return true;
        return false;
    }

    private static List<string> LanguagesOf(DataCube cube)
    {
        var there = cube.At.Structure.Title.Keys.Concat(cube.Dimensions.SelectMany(d => d.Labels.Keys.Concat(d.Codes.SelectMany(c => c.Labels.Keys))))
            .Where(l => l.Length == 2 && l.All(char.IsAsciiLetterLower)).ToHashSet(StringComparer.Ordinal);
        var wanted = cube.Table.Languages.Where(there.Contains).ToList();
        return [.. wanted.Concat(there.Order(StringComparer.Ordinal)).DefaultIfEmpty("en").Distinct()];
    }

    private IReadOnlyList<string> Wanted(string language) => [language, .. cube.Table.Languages];

    private List<string> Names(string language) => Distinct(cube.Dimensions.Select(d => (JsonStat.Label(d.Labels, Wanted(language), d.Id), d.Id)));

    // What stands in the file once a language; what does not depend on it, with the main one.
    private void WriteTexts(string language)
    {
        var isMain = language == languages[0];
        var mark = isMain ? "" : $"[{language}]";
        var title = JsonStat.Label(cube.At.Structure.Title, Wanted(language), cube.At.Structure.Id);
        var names = Names(language);
        Write("SUBJECT-AREA" + mark, title);
        Write("TITLE" + mark, title);
        Write("CONTENTS" + mark, title);
        Write("DESCRIPTION" + mark, title);
        var metric = cube.Metric;
        Write("UNITS" + mark, metric < 0 && units.AreTold ? UnitText(0, language) : "");
        if (stubs > 0)
            Write("STUB" + mark, names[..stubs]);
        if (stubs < names.Count)
            Write("HEADING" + mark, names[stubs..]);
        if (metric >= 0)
            Write("CONTVARIABLE" + mark, names[metric]);
        for (var d = 0; d < names.Count; d++)
        {
            var dimension = cube.Dimensions[d];
            var key = $"(\"{names[d]}\")";
            var values = Distinct(dimension.Codes.Select(c => (JsonStat.Label(c.Labels, Wanted(language), c.Id), c.Id)));
            Write("VALUES" + mark + key, values);
            if (d == metric && units.AreTold)
                for (var i = 0; i < values.Count; i++)
                    Write($"UNITS{mark}(\"{values[i]}\")", UnitText(i, language));
            if (d == metric && isMain)
                for (var i = 0; i < values.Count; i++)
                    if (units.Decimals(i) != decimals && units.Decimals(i) > 0 && decimals <= MostShownDecimals)
                        text.Append(CultureInfo.InvariantCulture, $"PRECISION(\"{names[d]}\",\"{values[i]}\")={units.Decimals(i)};\n");
            if (dimension.Role == CubeRole.Time && TimeList(dimension) is { } list)
                text.Append(CultureInfo.InvariantCulture, $"TIMEVAL{mark}{key}={list};\n");
            Write("CODES" + mark + key, Distinct(dimension.Codes.Select(c => (c.Id, c.Id))));
            if (!isMain)
                continue;
            Write("VARIABLECODE" + key, dimension.Id);
            if (dimension.Role is CubeRole.Time or CubeRole.Geo)
                Write("VARIABLE-TYPE" + key, dimension.Role == CubeRole.Time ? "Time" : "Geographical");
            WriteHierarchy(dimension, key);
        }
    }

    private string UnitText(int metric, string language)
    {
        var (unit, power) = (units.Measure(metric), units.Power(metric));
        var name = unit is null ? "" : JsonStat.Label(unit.Labels, Wanted(language), unit.Id);
        if (power == 0)
            return name;
        var multiplier = Units.Multiplier(power) is { Labels.Count: > 0 } known ? JsonStat.Label(known.Labels, Wanted(language), known.Id) : "10^" + power.ToString(CultureInfo.InvariantCulture);
        return language == "zh" ? multiplier + name : name.Length == 0 ? multiplier : multiplier.ToLowerInvariant() + " " + name;
    }

    private void WriteHierarchy(CubeDimension dimension, string key)
    {
        var index = dimension.Codes.Index().ToDictionary(c => c.Item.Id, c => c.Index, StringComparer.Ordinal);
        var pairs = dimension.Codes.Select(code => (Parent: DataCube.ParentIn(cube.At, dimension, code, index), code.Id)).Where(c => c.Parent is not null && c.Parent != c.Id).ToList();
        if (pairs.Count == 0)
            return;
        text.Append(CultureInfo.InvariantCulture, $"HIERARCHIES{key}=\"{Clean(pairs[0].Parent!)}\"");
        foreach (var (parent, id) in pairs)
            text.Append(CultureInfo.InvariantCulture, $",\n\"{Clean(parent!)}\":\"{Clean(id)}\"");
        text.Append(";\n");
    }

    // The periods as PX writes them, where all are of one scale: 2023, 20231 (half-years, quarters), 202306 (months, weeks), 20230630.
    private static string? TimeList(CubeDimension time)
    {
        var scale = '\0';
        var periods = new List<string>();
        foreach (var id in time.Codes.Select(c => c.Id))
        {
            var (own, period) = id switch
            {
                _ when !Querying.PeriodDays.TryParse(id, out _) || id.Contains('/') => ('\0', ""),
                { Length: 4 } => ('A', id),
                [_, _, _, _, _, 'S', _] => ('H', id[..4] + id[6..]),
                [_, _, _, _, _, 'Q', _] => ('Q', id[..4] + id[6..]),
                [_, _, _, _, _, 'W', ..] => ('W', id[..4] + id[6..]),
                { Length: 7 } => ('M', id[..4] + id[5..]),
                _ => ('D', id.Replace("-", "", StringComparison.Ordinal)),
            };
            if (own == '\0' || (scale != '\0' && own != scale))
                return null;
            scale = own;
            periods.Add(period);
        }
        return periods.Count == 0 ? null : $"TLIST({scale}1),{string.Join(',', periods.Select((p, i) => (i % 20 == 19 ? "\n" : "") + $"\"{p}\""))}";
    }

    private void WriteSymbols()
    {
        var status = cube.At.IndexOf(Concepts.ObsStatus);
        if (status < 0 || cube.Positions.Length == 0)
            return;
        var there = new HashSet<string?>();
        for (var i = 0; i < cube.Positions.Length; i++)
            if (cube.Values.IsMissing(i))
                there.Add(cube.AttributeCode(status, i)?.Id);
        foreach (var (id, symbol, shown) in Symbols.Where(s => s.Symbol != s.Shown && there.Contains(s.Status)))
            Write("DATASYMBOL" + symbol.Length, shown);
    }

    private async Task WriteAttributesAsync(Stream to, CancellationToken cancellationToken)
    {
        if (varying.Length == 0)
            return;
        var labels = varying.Select(c => cube.At.Components[c]).ToList();
        Write("ATTRIBUTE-ID", [.. labels.Select(c => c.Id)]);
        Write("ATTRIBUTE-TEXT", Distinct(labels.Select(c => (JsonStat.Label(c.Labels, Wanted(languages[0]), c.Id), c.Id))));
        var codes = cube.Dimensions.Select(d => Distinct(d.Codes.Select(c => (c.Id, c.Id)))).ToList();
        // What most cells have is said once, for all that do not say otherwise.
        List<string> usual = [.. varying.Select(Usual)];
        Write("ATTRIBUTES", usual);
        // For each attribute its numbers, which of its codes need no word, and whether a missing value tells it.
        var told = varying.Select((c, n) => (cube.Attribute(c), cube.At.Components[c].Codes.Select(code => code.Id).Append("").Select(id => id == usual[n]).ToArray(), IsStatus(c))).ToArray();
        for (var i = NextUnusual(told, 0); i < cube.Positions.Length; i = NextUnusual(told, i + 1))
        {
            var (position, own) = (cube.Positions[i], varying.Select((c, n) => IsSymbol(c, i) ? usual[n] : AttributeId(c, i)).ToList());
            Write("ATTRIBUTES(" + string.Join(',', codes.Select((c, d) => $"\"{c[cube.CodeAt(d, position)]}\"")) + ")", own);
            await FlushAsync(to, 64 << 10, cancellationToken);
        }
    }

    // The next observation of which an attribute has to be said: there are many, and most have what is usual.
    private int NextUnusual((CubeColumn Numbers, bool[] IsUsual, bool IsStatus)[] told, int from)
    {
        for (var i = from; i < cube.Positions.Length; i++)
            foreach (var (numbers, isUsual, isStatus) in told)
                if (!isUsual[numbers[i]] && !(isStatus && cube.Values.IsMissing(i)))
                    return i;
        return cube.Positions.Length;
    }

    private string AttributeId(int component, int i) => cube.AttributeCode(component, i)?.Id ?? "";

    // The status of a missing value is its symbol, and no attribute.
    private bool IsSymbol(int component, int i) => cube.Values.IsMissing(i) && IsStatus(component);

    private bool IsStatus(int component) => cube.At.Components[component].Id == Concepts.ObsStatus;

    // The one that is said most often; of several the first in order, so that a file is always the same.
    private string Usual(int component)
    {
        var (numbers, codes, isStatus) = (cube.Attribute(component), cube.At.Components[component].Codes, IsStatus(component));
        var counts = new int[codes.Count + 1];
        for (var i = 0; i < numbers.Count; i++)
            if (!(isStatus && cube.Values.IsMissing(i)))
                counts[numbers[i]]++;
        return codes.Select(c => c.Id).Append("").Zip(counts).Where(c => c.Second > 0).GroupBy(c => c.First, c => c.Second, StringComparer.Ordinal)
            .OrderByDescending(c => c.Sum()).ThenBy(c => c.Key, StringComparer.Ordinal).Select(c => c.Key).FirstOrDefault("");
    }

    private async Task WriteDataAsync(Stream to, CancellationToken cancellationToken)
    {
        var row = Math.Max(1, cube.Dimensions.Skip(stubs).Aggregate(1L, (n, d) => n * d.Codes.Count));
        text.Append("DATA=\n");
        await FlushAsync(to, 0, cancellationToken);
        var (buffer, cells) = (new Utf8Buffer(), new CubeText(cube, "\""));
        for (var (cell, left) = (0L, row); cell < cube.Cells;)
        {
            for (buffer.Clear(); cell < cube.Cells && buffer.Count < 64 << 10; cell++)
            {
                cells.Append(buffer, cell);
                left = left == 1 ? row : left - 1;
                buffer.Append(left == row ? (byte)'\n' : (byte)' ');
            }
            await to.WriteAsync(buffer.Written, cancellationToken);
        }
        await to.WriteAsync(";\n"u8.ToArray(), cancellationToken);
    }

    private void Write(string keyword, string value) => Write(keyword, [value]);

    private void Write(string keyword, IReadOnlyList<string> values)
    {
        text.Append(keyword).Append('=');
        var length = keyword.Length;
        for (var i = 0; i < values.Count; i++)
        {
            var value = Clean(values[i]);
            if (i > 0)
                text.Append(',');
            if (i > 0 && length + value.Length > LineLength)
            {
                text.Append('\n');
                length = 0;
            }
            text.Append('"').Append(value).Append('"');
            length += value.Length + 3;
        }
        text.Append(";\n");
    }

    // A text has neither quotation marks nor line ends or other control characters in it: the format can not escape them.
    private static string Clean(string text) => string.Join(' ', text.Replace('"', '\'').Split(Controls, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private async ValueTask FlushAsync(Stream to, int most, CancellationToken cancellationToken)
    {
        if (text.Length <= most)
            return;
        await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
        text.Clear();
    }
}
