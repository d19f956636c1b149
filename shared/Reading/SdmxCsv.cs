using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Reading;

/// <summary>
/// SDMX-CSV 1.0 (first column <c>DATAFLOW</c>) and 2.x (<c>STRUCTURE</c>, <c>STRUCTURE_ID</c>), with labels or without, streamed. The format does not
/// mark dimensions: columns before the first measure are dimensions, those behind it attributes, where no structure says otherwise.
/// </summary>
internal sealed partial class SdmxCsv : SdmxMessage
{
    private const int MaxColumns = 2_000;

    private const int MaxDataSets = 256;
    private readonly HashSet<string> ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> again = new(StringComparer.Ordinal);
    private readonly CsvTable table;

    private SdmxCsv(CsvTable table) => this.table = table;

    /// <inheritdoc/>
    public override string Format => "sdmx-csv";

    /// <inheritdoc/>
    public override bool MarksDimensions => true;

    /// <inheritdoc/>
    public override Table Rows => table;

    internal List<Column> Columns { get; } = [];

    /// <summary>The index of a data set by the text that names its structure, and whether its rows are deleted.</summary>
    internal Dictionary<(string Structure, bool IsDeleted), int> Index { get; } = [];

    /// <summary>For each data set, for each of its components the column.</summary>
    internal List<int[]> ColumnsOf { get; } = [];

    internal int StructureColumn { get; private set; }

    internal int ActionColumn { get; private set; } = -1;

    /// <summary>What separates several values of one cell; the null character where the header does not say.</summary>
    internal char Separator { get; private set; }

    /// <summary>Whether some row has no value: it may hold attributes of a partial key.</summary>
    internal bool HasPartialKeys { get; private set; }

    /// <summary>The dialect when the text is SDMX-CSV; null when it is not.</summary>
    public static CsvDialect? Tell(string sample)
    {
        var match = Start().Match(sample);
        if (!match.Success)
            return null;
        var delimiter = match.Groups[1].Success ? match.Groups[1].Value[0] : match.Groups[2].Value[0];
        var end = sample.AsSpan().IndexOfAny('\r', '\n');
        var header = end < 0 ? sample.AsSpan() : sample.AsSpan(0, end);
        return match.Groups[1].Success || header.Contains("OBS_VALUE", StringComparison.Ordinal) || header.Contains("TIME_PERIOD", StringComparison.Ordinal) ? new CsvDialect(delimiter, false) : null;
    }

    /// <summary>Reads the header, and through all rows once to learn which structures they name.</summary>
    /// <exception cref="UnreadableReleaseException">The bytes can not be read, or there are too many structures.</exception>
    public static SdmxCsv Read(CsvTable table, CsvDialect dialect)
    {
        var message = new SdmxCsv(table);
        using var rows = table.Open();
        rows.Read();
        message.Header(rows);
        message.Survey(rows, dialect.Delimiter != ',');
        return message;
    }

    /// <inheritdoc/>
    public override SdmxReader Open()
    {
        var groups = DataSets.Select(_ => new SdmxGroups()).ToList();
        if (!HasPartialKeys)
            return new SdmxCsvReader(this, table, null);
        using (var survey = new SdmxCsvReader(this, table, groups))
        {
            while (survey.Read())
            {
            }
            if (!survey.HasGroups)
                return new SdmxCsvReader(this, table, null);
        }
        foreach (var (set, group) in DataSets.Zip(groups))
            group.Resolve(id => set.Components.FindIndex(c => c.Id == id), set.Components);
        return new SdmxCsvReader(this, table, groups) { IsApplying = true };
    }

    private void Header(RowReader rows)
    {
        if (rows.Count > MaxColumns)
        {
            throw Unreadable.Because(
                "columns-too-many",
                $"The file has {Unreadable.N(rows.Count)} columns.",
                "row 1",
                $"{rows.Count} columns",
                $"at most {MaxColumns} columns of components",
                "Leave out the columns that say nothing of the observations.");
        }
        var first = new string(rows[0].Text.Trim());
        var at = 1;
        if (first.StartsWith("STRUCTURE", StringComparison.Ordinal))
        {
            Separator = first.Length > "STRUCTURE[".Length ? first["STRUCTURE[".Length] : '\0';
            (StructureColumn, at) = (1, 2);
        }
        Column.OfNothing(Columns, at);
        var hasNames = rows[at].Text.Trim() is "STRUCTURE_NAME";
        if (hasNames)
            Columns.Add(new Column(null) { IsTitle = true });
        for (at = Columns.Count; at < rows.Count; at++)
        {
            var text = new string(rows[at].Text.Trim());
            if (text is "ACTION" && ActionColumn < 0 && Columns.TrueForAll(c => c.Component is null))
            {
                ActionColumn = at;
                Columns.Add(new Column(null));
            }
            else if (text is "SERIES_KEY" or "OBS_KEY" or "")
            {
                Columns.Add(new Column(null));
            }
            else
            {
                Add(text, at);
                // a name stands behind each component; a custom column has none
                if (hasNames && Identifier().IsMatch(text) && at + 1 < rows.Count && rows[at + 1].Text.Trim() is not ("TIME_PERIOD" or "OBS_VALUE" or "OBS_STATUS"))
                {
                    Columns[at].LabelColumn = ++at;
                    Columns[at - 1].Names = new string(rows[at].Text.Trim());
                    Columns.Add(new Column(null));
                }
            }
        }
        Roles();
    }

    private void Add(string header, int at)
    {
        var match = Component().Match(header);
        var name = match.Success ? match.Groups[1].Value : header;
        var id = name;
        while (!ids.Add(id))
            id = $"{name}_{again[name] = again.GetValueOrDefault(name, 1) + 1}";
        Columns.Add(new Column(id)
        {
            Names = match.Success && match.Groups[3].Success ? match.Groups[3].Value.Trim() : "",
            IsLabelled = match.Success && match.Groups[3].Success,
            IsMultiple = match.Success && match.Groups[2].Success,
            IsCustom = !match.Success,
        });
    }

    private void Roles()
    {
        var value = Columns.FindIndex(c => c.Component is "OBS_VALUE");
        var measures = value >= 0 ? [value] : Columns.Select((c, i) => (c, i)).Where(c => c.c.Component is { } id && (id.StartsWith("OBS_VALUE", StringComparison.Ordinal) || id.StartsWith("MEAS_", StringComparison.Ordinal))).Select(c => c.i).ToList();
        foreach (var measure in measures)
            Columns[measure].Role = SdmxRole.Measure;
        value = measures.Count > 0 ? measures[0] : Columns.Count;
        // without a column before the first measure the order says nothing
        var isOrdered = Columns.Take(value).Any(c => c.Component is not null && !c.IsCustom);
        for (var i = 0; i < Columns.Count; i++)
        {
            var column = Columns[i];
            if (column.Component is null || column.Role == SdmxRole.Measure)
                continue;
            column.Role = column.Component == "TIME_PERIOD" ? SdmxRole.Time : !column.IsCustom && !column.IsMultiple && (i < value || !isOrdered) ? SdmxRole.Dimension : SdmxRole.Attribute;
        }
    }

    private void Survey(RowReader rows, bool mayHaveComma)
    {
        var last = "";
        var current = -1;
        var wasDeleted = false;
        var unfilled = new List<List<int>>();
        var filled = new List<HashSet<int>>();
        var measures = Enumerable.Range(0, Columns.Count).Where(i => Columns[i].Role == SdmxRole.Measure).ToArray();
        int commas = 0, points = 0, seen = 0;
        while (rows.Read())
        {
            if (rows.Count == 0 || (rows.Count == 1 && rows[0].Kind == CellKind.Blank))
                continue;
            var isDeleted = ActionColumn >= 0 && rows[ActionColumn].Text.Trim() is "D";
            var name = rows[StructureColumn].Text;
            if (current < 0 || isDeleted != wasDeleted || !name.SequenceEqual(last))
            {
                (last, wasDeleted) = (new string(name), isDeleted);
                if (!Index.TryGetValue((last, isDeleted), out current))
                {
                    current = Index.Count;
                    if (current == MaxDataSets)
                    {
                        throw Unreadable.Because("datasets-too-many", $"The rows name more than {MaxDataSets} structures.", table.Where(rows.Row, StructureColumn + 1), last, $"at most {MaxDataSets} structures in a file",
                            "Check the column, or split the file.");
                    }
                    Index.Add((last, isDeleted), current);
                    var label = last.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon ? last[(colon + 2)..] : Columns.Find(c => c.IsTitle) is { } title ? new string(rows[Columns.IndexOf(title)].Text.Trim()) : "";
                    DataSets.Add(new SdmxDataSet
                    {
                        Reference = SdmxReference.Parse(last.IndexOf(": ", StringComparison.Ordinal) is > 0 and var cut ? last[..cut] : last),
                        Action = isDeleted ? "Delete" : null,
                        Names = label.Length > 0 ? new Dictionary<string, string> { ["en"] = label } : new Dictionary<string, string>(0),
                        Where = table.Where(rows.Row),
                    });
                    unfilled.Add([.. Enumerable.Range(0, Columns.Count).Where(i => Columns[i].Component is not null)]);
                    filled.Add([]);
                }
            }
            var open = unfilled[current];
            for (var i = open.Count - 1; i >= 0; i--)
            {
                if (rows[open[i]].Kind == CellKind.Blank)
                    continue;
                filled[current].Add(open[i]);
                open.RemoveAt(i);
            }
            var hasValue = false;
            foreach (var measure in measures)
            {
                var text = rows[measure].Text;
                hasValue |= rows[measure].Kind != CellKind.Blank;
                if (seen < 1000 && mayHaveComma)
                {
                    commas += text.Contains(',') ? 1 : 0;
                    points += text.Contains('.') ? 1 : 0;
                }
            }
            seen++;
            HasPartialKeys |= !hasValue;
        }
        foreach (var set in filled)
        {
            // one structure has all columns; of several each has those it fills
            var columns = Enumerable.Range(0, Columns.Count).Where(i => Columns[i].Component is not null && (filled.Count == 1 || set.Contains(i) || Columns[i].Component is "OBS_VALUE")).ToArray();
            foreach (var i in columns)
            {
                var column = Columns[i];
                DataSets[ColumnsOf.Count].Components.Add(new SdmxComponent(column.Component!)
                {
                    Role = column.Role,
                    IsGuessed = true,
                    IsLabelled = column.IsLabelled,
                    HasComma = commas > 0 && points == 0,
                    Names = column.Names.Length > 0 ? new Dictionary<string, string> { ["en"] = column.Names } : new Dictionary<string, string>(0),
                });
            }
            ColumnsOf.Add(columns);
        }
    }

    [GeneratedRegex("""\A"?(?:STRUCTURE(?:\[[^\]\r\n]\])?"?([,;\t|])"?STRUCTURE_ID\b|DATAFLOW(?:: ?[^,;\t|"\r\n]*)?"?([,;\t|]))""")]
    private static partial Regex Start();

    [GeneratedRegex("""\A[A-Za-z][A-Za-z0-9_@$.-]*\z""")]
    private static partial Regex Identifier();

    // ID, ID[], ID[en;fr], ID: name
    [GeneratedRegex("""\A([A-Za-z][A-Za-z0-9_@$.-]*)(\[[^\]]*\])?(?::\s*(.*))?\z""", RegexOptions.Singleline)]
    private static partial Regex Component();

    /// <summary>A column of the file.</summary>
    internal sealed class Column(string? component)
    {
        /// <summary>The component's id; null for a column that is none.</summary>
        public string? Component { get; } = component;

        public SdmxRole Role { get; set; }

        public string Names { get; set; } = "";

        public bool IsTitle { get; init; }

        public bool IsLabelled { get; init; }

        public bool IsMultiple { get; init; }

        /// <summary>Whether the header is no id: a column of the sender's own.</summary>
        public bool IsCustom { get; init; }

        /// <summary>The column with the labels of this one's codes; -1 where there is none.</summary>
        public int LabelColumn { get; set; } = -1;

        public static void OfNothing(List<Column> columns, int count)
        {
            for (var i = 0; i < count; i++)
                columns.Add(new Column(null));
        }
    }
}

/// <summary>Walks through the rows of an SDMX-CSV message.</summary>
internal sealed class SdmxCsvReader : SdmxReader
{
    private readonly SdmxCsv message;
    private readonly CsvTable table;
    private readonly List<SdmxGroups>? groups;
    private readonly RowReader rows;
    private readonly Dictionary<(int, string), string> built = [];
    private string last = "";
    private bool wasDeleted;
    private string?[]? row;

    /// <summary>Starts behind the header.</summary>
    /// <param name="message">The message.</param>
    /// <param name="table">Its rows.</param>
    /// <param name="groups">Takes the attributes of partial keys, or gives them; null where there are none.</param>
    public SdmxCsvReader(SdmxCsv message, CsvTable table, List<SdmxGroups>? groups)
    {
        (this.message, this.table, this.groups) = (message, table, groups);
        DataSet = -1;
        rows = table.Open();
        rows.Read();
    }

    /// <summary>Whether the groups are applied to the observations, and not collected.</summary>
    public bool IsApplying { get; init; }

    /// <summary>Whether groups were collected.</summary>
    public bool HasGroups { get; private set; }

    /// <inheritdoc/>
    public override double Progress => rows.Progress;

    /// <inheritdoc/>
    public override ReadOnlySpan<char> this[int component] => row is null ? Text(component) : row[component];

    /// <inheritdoc/>
    public override ReadOnlySpan<char> LabelOf(int component)
    {
        var column = message.Columns[message.ColumnsOf[DataSet][component]];
        if (column.LabelColumn >= 0)
            return rows[column.LabelColumn].Text;
        var text = rows[message.ColumnsOf[DataSet][component]].Text.Trim();
        return column.IsLabelled && IsSplit(component) && text.IndexOf(": ") is > 0 and var colon ? text[(colon + 2)..] : default;
    }

    /// <inheritdoc/>
    public override Source SourceOf(int component) => table.Cell(rows.Row, message.ColumnsOf[DataSet][component] + 1);

    /// <inheritdoc/>
    public override string WhereOf(int component) => table.Where(rows.Row, message.ColumnsOf[DataSet][component] + 1);

    /// <inheritdoc/>
    public override bool Read()
    {
        while (rows.Read())
        {
            if (rows.Count == 0 || (rows.Count == 1 && rows[0].Kind == CellKind.Blank))
                continue;
            var isDeleted = message.ActionColumn >= 0 && rows[message.ActionColumn].Text.Trim() is "D";
            var name = rows[message.StructureColumn].Text;
            if (DataSet < 0 || isDeleted != wasDeleted || !name.SequenceEqual(last))
            {
                (last, wasDeleted) = (new string(name), isDeleted);
                DataSet = message.Index[(last, isDeleted)];
            }
            if (groups is not null && IsPartial())
            {
                if (!IsApplying)
                    Collect();
                continue;
            }
            if (IsApplying)
            {
                row = new string?[message.ColumnsOf[DataSet].Length];
                for (var i = 0; i < row.Length; i++)
                    row[i] = Text(i) is { IsEmpty: false } text ? new string(text) : null;
                groups![DataSet].Apply(row);
            }
            return true;
        }
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        rows.Dispose();
        base.Dispose(disposing);
    }

    private bool IsSplit(int component) => message.DataSets[DataSet].Components[component].Role is SdmxRole.Dimension or SdmxRole.Time;

    private ReadOnlySpan<char> Text(int component)
    {
        var at = message.ColumnsOf[DataSet][component];
        var cell = rows[at];
        if (cell.Kind == CellKind.Blank)
            return default;
        var text = cell.Text.Trim();
        var column = message.Columns[at];
        // a dimension that is switched off
        if (text is "~")
            return default;
        if (column.IsLabelled && IsSplit(component) && text.IndexOf(": ") is > 0 and var colon)
            return text[..colon];
        return column.IsMultiple && message.Separator != '\0' ? Values(at, new string(text)) : text;
    }

    // without a value, and with a dimension left out: attributes of all observations of a partial key
    private bool IsPartial()
    {
        var components = message.DataSets[DataSet].Components;
        var isOpen = false;
        for (var i = 0; i < components.Count; i++)
        {
            if (components[i].Role == SdmxRole.Measure && !Text(i).IsEmpty)
                return false;
            isOpen |= components[i].Role is SdmxRole.Dimension or SdmxRole.Time && Text(i).IsEmpty;
        }
        return isOpen;
    }

    private void Collect()
    {
        if (groups![DataSet].IsFull)
            throw Unreadable.Because("groups-too-many", "Too many rows hold attributes of partial keys.", table.Where(rows.Row), expected: "at most 1,000,000 of them", advice: "Write the attributes beside the observations.");
        var pairs = new List<(string, string)>();
        var components = message.DataSets[DataSet].Components;
        for (var i = 0; i < components.Count; i++)
            if (Text(i) is { IsEmpty: false } text)
                pairs.Add((components[i].Id, new string(text)));
        groups[DataSet].Add(pairs);
        HasGroups = true;
    }

    /// <summary>Several values, or one in several languages.</summary>
    private string Values(int at, string text)
    {
        if (built.TryGetValue((at, text), out var known))
            return known;
        if (built.Count >= 100_000)
            built.Clear();
        var parts = Split(text, message.Separator);
        var value = parts.TrueForAll(IsLanguage) && parts.Count > 0
            ? SdmxText.Localised(parts.Select(p => KeyValuePair.Create(p[..p.IndexOf(':', StringComparison.Ordinal)], p[(p.IndexOf(':', StringComparison.Ordinal) + 1)..])))
            : SdmxText.Joined([.. parts.Select(p => Split(p, message.Separator)).Select(inner => inner.Count > 1 && inner.TrueForAll(IsLanguage)
                ? SdmxText.Localised(inner.Select(p => KeyValuePair.Create(p[..p.IndexOf(':', StringComparison.Ordinal)], p[(p.IndexOf(':', StringComparison.Ordinal) + 1)..]))) : string.Join(SdmxText.Between, inner))]);
        return built[(at, text)] = value;
    }

    private static bool IsLanguage(string part) => part.IndexOf(':', StringComparison.Ordinal) is >= 2 and <= 8 and var colon && part.Length > colon + 1 && part[colon + 1] != ' '
        && part.Take(colon).All(c => char.IsAsciiLetter(c) || c == '-');

    /// <summary>Cuts at the separator, but not inside quotes; quotes around a part go.</summary>
    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        var isOpen = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && isOpen && i + 1 < text.Length && text[i + 1] == '"')
                part.Append(text[i++]);
            else if (text[i] == '"' && (isOpen || part.Length == 0))
                isOpen = !isOpen;
            else if (text[i] == separator && !isOpen)
                (parts, part) = ([.. parts, part.ToString()], new StringBuilder());
            else
                part.Append(text[i]);
        }
        parts.Add(part.ToString());
        return parts;
    }
}
