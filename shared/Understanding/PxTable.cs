using System.Globalization;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>A data cell of a PX file.</summary>
/// <param name="Value">The value; null when there is a sign in its place.</param>
/// <param name="Symbol">The sign as it stands; null for a number.</param>
/// <param name="Status">What the sign says.</param>
/// <param name="IsTooLong">Whether it is a number of more digits than can be held.</param>
internal readonly record struct PxCell(decimal? Value, string? Symbol, Code Status, bool IsTooLong = false);

/// <summary>What the keywords of a PX file say about its cells: variables, values, units, notes, and how the data are laid out.</summary>
internal sealed class PxTable
{
    private const int MaxAttributes = 50;
    private const int MaxLanguages = 100;

    // What PxWeb demands besides and no cell needs.
    private static readonly string[] Mandatory = ["TITLE", "MATRIX", "SUBJECT-AREA", "SUBJECT-CODE", "CONTENTS", "DECIMALS", "UNITS"];

    private static readonly (string Keyword, string Attribute)[] ContentKeywords =
    [
        ("BASEPERIOD", "BASE_PER"), ("REFPERIOD", "REF_PERIOD_DETAIL"), ("STOCKFA", "STOCKFA"), ("CFPRICES", "CFPRICES"), ("SEASADJ", "SEASADJ"), ("DAYADJ", "DAYADJ"),
    ];

    private static readonly Dictionary<(string, string), string> CodedTexts = new()
    {
        [("STOCKFA", "S")] = "Stock",
        [("STOCKFA", "F")] = "Flow",
        [("STOCKFA", "A")] = "Average",
        [("STOCKFA", "X")] = "Other",
        [("CFPRICES", "C")] = "Current prices",
        [("CFPRICES", "F")] = "Fixed prices",
    };

    private static readonly System.Buffers.SearchValues<char> NumberSigns = System.Buffers.SearchValues.Create("0123456789.eE+-");

    private readonly Findings findings;
    private readonly ILookup<string, PxStatement> statements;
    private readonly PxDocument document;
    private readonly List<Variable> variables = [];
    private readonly Dictionary<(string? Language, string Name), int> byName = [];
    private readonly List<string> languages = [];
    private readonly int stubs;
    private readonly long[] strides;
    private readonly Dictionary<string, string> legend = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PxCell> signs = new(StringComparer.Ordinal);
    private readonly int content;

    /// <summary>Reads the keywords.</summary>
    /// <param name="document">The file.</param>
    /// <param name="language">The language that the upload's metadata gives, for a file that does not say.</param>
    /// <param name="findings">Takes what is to be said.</param>
    /// <exception cref="UnreadableReleaseException">A keyword that places or names cells is missing or contradicts another.</exception>
    public PxTable(PxDocument document, string? language, Findings findings)
    {
        (this.document, this.findings) = (document, findings);
        var declared = Declared("LANGUAGES");
        Language = (Declared("LANGUAGE").FirstOrDefault() ?? declared.FirstOrDefault() ?? language)?.ToLowerInvariant();
        languages.AddRange(declared.Select(l => l.ToLowerInvariant()).Where(l => l != Language).Distinct().Take(MaxLanguages));
        foreach (var statement in document.Statements)
            CheckLanguage(statement, declared.Count > 0);
        statements = document.Statements.ToLookup(s => s.Keyword);
        stubs = ReadVariables();
        ReadValues();
        ReadCodes();
        strides = new long[variables.Count];
        Cells = Product(0);
        RowLength = Product(stubs);
        for (var (d, stride) = (variables.Count - 1, 1L); d >= 0; stride *= variables[d].Labels.Count, d--)
            strides[d] = stride;
        content = ContentVariable();
        Refuse();
        Keys = ReadKeyKinds();
        ReadLegend();
        ReadParents();
        Unit = UnitOf(Texts(statements["UNITS"].Where(s => s.Keys.Count == 0)));
        Decimals = Number("SHOWDECIMALS") is { } shown ? Math.Min(shown, Number("DECIMALS") ?? shown) : Number("DECIMALS");
        (Notes, Flags, AttributesOf) = (new CellRules<string>(strides), new CellRules<string>(strides), new CellRules<string[]>(strides));
        ReadCellNotes();
        ReadAttributes();
        Dimensions = [.. variables.Select((v, d) => ToDimension(v, d))];
        Title = Texts(statements["TITLE"]) is { Count: > 0 } title ? title
            : Texts(statements["DESCRIPTION"]) is { Count: > 0 } description ? description : Texts(statements["CONTENTS"]);
        Tell();
    }

    /// <summary>The main language; null when neither the file nor the upload says.</summary>
    public string? Language { get; }

    /// <summary>The variables of stub and heading.</summary>
    public IReadOnlyList<DeclaredDimension> Dimensions { get; }

    /// <summary>The table's unit; null when it states none.</summary>
    public Unit? Unit { get; }

    /// <summary>The decimals that values are shown with; null when the file does not say.</summary>
    public int? Decimals { get; }

    /// <summary>The title per language.</summary>
    public IReadOnlyDictionary<string, string> Title { get; }

    /// <summary>How many cells the table has.</summary>
    public long Cells { get; }

    /// <summary>How many of them a row has: the product of the heading.</summary>
    public long RowLength { get; }

    /// <summary>For each variable of the stub whether its key is a code; null when the data stand without keys.</summary>
    public bool[]? Keys { get; }

    /// <summary>The notes on single cells.</summary>
    public CellRules<string> Notes { get; }

    /// <summary>The signs behind the numbers of single cells (DATANOTECELL).</summary>
    public CellRules<string> Flags { get; }

    /// <summary>The attributes of single cells, in the order of <see cref="AttributeIds"/>.</summary>
    public CellRules<string[]> AttributesOf { get; }

    /// <summary>The attributes that ATTRIBUTE-ID names, as components.</summary>
    public List<string> AttributeIds { get; } = [];

    /// <summary>The status that holds for all cells that say nothing else; null when there is none.</summary>
    public string? WholeStatus { get; private set; }

    /// <summary>Attributes that hold for all cells that say nothing else, an empty code where only single cells have one.</summary>
    public Dictionary<string, Code> CellAttributes { get; } = [];

    /// <summary>Where the variables stand.</summary>
    public string Where => (statements["STUB"].FirstOrDefault() ?? statements["HEADING"].First()).Where;

    /// <summary>The values' numbers of a cell.</summary>
    public void Place(long cell, Span<int> at)
    {
        for (var d = 0; d < at.Length; d++)
            (at[d], cell) = ((int)(cell / strides[d]), cell % strides[d]);
    }

    /// <summary>The values' numbers of the next cell.</summary>
    public void Next(Span<int> at)
    {
        for (var d = at.Length - 1; d >= 0 && ++at[d] == variables[d].Labels.Count; d--)
            at[d] = 0;
    }

    /// <summary>Reads the keys of a row, the first of which is at hand; leaves the last at hand, and gives the row's number.</summary>
    public long ReadKeys(ref PxData data)
    {
        long row = 0;
        for (var d = 0; d < stubs; d++)
        {
            if (d > 0 && !data.Read())
                throw PxInterpreter.Wrong("px-data-short", "The data end within the keys of a row.", data.Line, null, $"a key for each of {stubs} variables in the stub");
            var variable = variables[d];
            var key = data.Text.ToString();
            var value = (Keys![d] ? variable.Codes : variable.Main).GetValueOrDefault(key, Unknown);
            if (value < 0)
            {
                throw PxInterpreter.Wrong("px-key-unknown",
                    value == Unknown ? $"The key of a row is no {(Keys[d] ? "code" : "value")} of '{variable.Name}'." : $"The key of a row stands for more than one value of '{variable.Name}'.",
                    data.Line, key, $"one of {(Keys[d] ? "CODES" : "VALUES")}(\"{variable.Name}\")");
            }
            row = (row * variable.Labels.Count) + value;
        }
        return row;
    }

    /// <summary>What a cell says.</summary>
    public PxCell Cell(ref PxData data)
    {
        var text = data.Text;
        if (Numbers.TryParse(text, false, out var number) && number.Flag.IsEmpty && !number.Percent && number.Currency == 0)
            return new PxCell(number.Value, null, Statuses.Normal);
        if (signs.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var cell))
            return cell;
        var sign = text.Trim().ToString();
        if (sign.Length == 0 && data.IsQuoted)
            return signs[text.ToString()] = new PxCell(null, null, Statuses.Missing);
        if (legend.TryGetValue(sign, out var shown) || legend.ContainsValue(sign) || Statuses.OfSymbol(sign) is not null)
            return signs[text.ToString()] = new PxCell(null, sign, Statuses.OfSymbol(shown ?? sign) ?? Statuses.Missing);
        if (IsNumber(sign))
            return new PxCell(null, null, Statuses.Missing, IsTooLong: true);
        throw PxInterpreter.Wrong("px-cell-unreadable", "A data cell is neither a number nor a sign for a missing one.", data.Line, sign,
            "a number with a decimal point, or one of \".\" \"..\" \"...\" \"....\" \".....\" \"......\" \"-\"");
    }

    /// <summary>The status that an attribute's text says, where it agrees with there being a value.</summary>
    public static Code StatusOf(string text, decimal? value, Code otherwise)
    {
        return Statuses.OfText(text) is { } status && (value is null) == Statuses.IsMissing(status) ? status : otherwise;
    }

    private const int Unknown = -1;
    private const int Ambiguous = -2;

    private sealed class Variable(string name, int line)
    {
        public string Name => name;

        public int Line => line;

        /// <summary>Its name per language, the main one first.</summary>
        public Dictionary<string, string> Names { get; } = [];

        public IReadOnlyList<string> Labels { get; set; } = [];

        /// <summary>The labels in the other languages.</summary>
        public Dictionary<string, IReadOnlyList<string>> Others { get; } = [];

        public List<string> CodeTexts { get; set; } = [];

        public Dictionary<string, int> Main { get; set; } = [];

        public Dictionary<string, int> Codes { get; set; } = [];

        /// <summary>For each value the number of the one it is a part of, or -1.</summary>
        public int[] Parents { get; set; } = [];

        /// <summary>The number of a value by its label or code; negative when there is none, or more than one.</summary>
        public int Find(string text) => Main.TryGetValue(text, out var number) && number >= 0 ? number : Codes.GetValueOrDefault(text, Main.GetValueOrDefault(text, Unknown));
    }

    private List<string> Declared(string keyword) =>
        [.. document.Statements.Where(s => s.Keyword == keyword).SelectMany(s => s.Values).Select(v => v.Trim()).Where(v => v.Length > 0)];

    private void CheckLanguage(PxStatement statement, bool declared)
    {
        var language = statement.Language?.ToLowerInvariant();
        if (language is null || language == Language || languages.Contains(language))
            return;
        // PxWeb stops reading there.
        if (declared || languages.Count == MaxLanguages)
        {
            throw PxInterpreter.Wrong("px-language-undeclared", $"{statement.Keyword} is in a language that LANGUAGES does not name.", statement.Line, statement.Language,
                string.Join(", ", languages.Prepend(Language)));
        }
        languages.Add(language);
    }

    private string? LanguageOf(PxStatement statement) => statement.Language?.ToLowerInvariant() is { } language && language != Language ? language : null;

    private IEnumerable<PxStatement> Main(string keyword) => statements[keyword].Where(s => LanguageOf(s) is null);

    /// <summary>The texts of a keyword per language, the main one first, empty ones left out; the first of each.</summary>
    private Dictionary<string, string> Texts(IEnumerable<PxStatement> some)
    {
        var texts = new Dictionary<string, string>();
        foreach (var statement in some.OrderBy(s => LanguageOf(s) is null ? 0 : 1))
        {
            var text = Labels.Clean(string.Join(", ", statement.Values));
            if (text.Length > 0)
                texts.TryAdd(LanguageOf(statement) ?? Language ?? Labels.Language(text, null), text);
        }
        return texts;
    }

    private int? Number(string keyword) =>
        Main(keyword).FirstOrDefault() is { } statement && int.TryParse(statement.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 15 ? number : null;

    private int ReadVariables()
    {
        var stub = Names("STUB", null);
        var heading = Names("HEADING", null);
        if (stub.Count + heading.Count == 0)
        {
            throw PxInterpreter.Wrong("px-variables-missing", "The file names no variables: STUB and HEADING are missing.", document.DataLine, null,
                "STUB=\"variable\",\"variable\"; or HEADING=\"variable\",\"variable\"; before DATA");
        }
        foreach (var (name, line) in stub.Concat(heading))
        {
            var variable = new Variable(name, line);
            variable.Names[Language ?? Labels.Language(name, null)] = name;
            if (name.Length == 0 || !byName.TryAdd((null, name), variables.Count))
                throw PxInterpreter.Wrong("px-variable-repeated", "A variable stands twice, or has no name.", line, name, "each variable once in STUB or HEADING");
            variables.Add(variable);
        }
        if (variables.Count > DeclaredCube.MaxDimensions)
            throw PxInterpreter.Wrong("dimensions-too-many", "The table has too many variables.", variables[0].Line, $"{variables.Count}", $"at most {DeclaredCube.MaxDimensions}");
        foreach (var language in languages)
        {
            var (otherStub, otherHeading) = (Names("STUB", language), Names("HEADING", language));
            CheckCount("STUB", language, otherStub, stub.Count);
            CheckCount("HEADING", language, otherHeading, heading.Count);
            for (var d = 0; d < variables.Count; d++)
            {
                var names = d < stub.Count ? otherStub : otherHeading;
                if (names.Count == 0)
                    continue;
                var name = names[d < stub.Count ? d : d - stub.Count].Name;
                byName.TryAdd((language, name), d);
                variables[d].Names.TryAdd(language, name);
            }
        }
        return stub.Count;
    }

    private static void CheckCount(string keyword, string language, List<(string Name, int Line)> names, int expected)
    {
        if (names.Count > 0 && names.Count != expected)
            throw PxInterpreter.Wrong("px-variables-differ", $"{keyword}[{language}] does not name as many variables as {keyword}.", names[0].Line, $"{names.Count}", $"{expected}");
    }

    private List<(string Name, int Line)> Names(string keyword, string? language)
    {
        var found = statements[keyword].Where(s => LanguageOf(s) == language).ToList();
        if (found.Count > 1)
            throw Repeated(found[1]);
        return [.. found.SelectMany(s => s.Values.Select(v => (v.Trim(), s.Line)))];
    }

    private static UnreadableReleaseException Repeated(PxStatement statement) => PxInterpreter.Wrong(
        "px-keyword-repeated", $"{statement.Keyword} stands twice for the same variable.", statement.Line,
        statement.Keyword + (statement.Keys.Count == 0 ? "" : $"(\"{statement.Keys[0]}\")"), "each of them once");

    /// <summary>The variable that a keyword is about; negative when there is none.</summary>
    private int VariableOf(PxStatement statement) => statement.Keys.Count == 0 ? -1
        : LanguageOf(statement) is { } language && byName.TryGetValue((language, statement.Keys[0].Trim()), out var number) ? number
        : byName.GetValueOrDefault((null, statement.Keys[0].Trim()), -1);

    private int NeededVariableOf(PxStatement statement) => VariableOf(statement) is >= 0 and var d ? d : throw PxInterpreter.Wrong(
        "px-variable-unknown", $"{statement.Keyword} is about a variable that neither STUB nor HEADING names.", statement.Line,
        statement.Keys.Count == 0 ? "no variable" : statement.Keys[0], string.Join(", ", variables.Select(v => v.Name)));

    private void ReadValues()
    {
        foreach (var statement in statements["VALUES"].OrderBy(s => LanguageOf(s) is null ? 0 : 1))
        {
            var variable = variables[NeededVariableOf(statement)];
            if (statement.Values.Count == 0 || statement.Values.Any(string.IsNullOrWhiteSpace))
                throw PxInterpreter.Wrong("px-value-missing", $"A value of '{variable.Name}' is empty.", statement.Line, null, "a text for each value, separated by single commas");
            if (LanguageOf(statement) is not { } language)
                variable.Labels = variable.Labels.Count == 0 ? statement.Values : throw Repeated(statement);
            else if (!variable.Others.TryAdd(language, statement.Values))
                throw Repeated(statement);
            else if (statement.Values.Count != variable.Labels.Count && variable.Labels.Count > 0)
                throw Differ(statement, variable);
        }
        foreach (var variable in variables.Where(v => v.Labels.Count == 0))
        {
            // With TIMEVAL alone the values are made from it.
            if (TimeOf(byName[(null, variable.Name)]) is ({ } scale, { Count: > 0 } periods))
                variable.Labels = [.. periods.Select(p => scale == 'A' ? p : $"{p.AsSpan(0, Math.Min(4, p.Length))}{scale}{p.AsSpan(Math.Min(4, p.Length))}")];
            else
                throw PxInterpreter.Wrong("px-values-missing", $"The variable '{variable.Name}' has no values.", variable.Line, null, $"VALUES(\"{variable.Name}\")=\"value\",\"value\";");
        }
    }

    private static UnreadableReleaseException Differ(PxStatement statement, Variable variable) => PxInterpreter.Wrong(
        "px-values-differ", $"{statement.Keyword}{(statement.Language is null ? "" : $"[{statement.Language}]")} has not as many members as VALUES(\"{variable.Name}\").",
        statement.Line, $"{statement.Values.Count}", $"{variable.Labels.Count}");

    private void ReadCodes()
    {
        foreach (var statement in Main("CODES"))
        {
            var variable = variables[NeededVariableOf(statement)];
            if (variable.CodeTexts.Count > 0)
                throw Repeated(statement);
            if (statement.Values.Count != variable.Labels.Count)
                throw Differ(statement, variable);
            variable.CodeTexts = [.. statement.Values.Select((code, i) => code.Trim().Length > 0 ? code.Trim() : Labels.ToCode(variable.Labels[i], Language).Id)];
            variable.Codes = Numbered(statement.Values);
            if (variable.CodeTexts.Distinct(StringComparer.Ordinal).Count() < variable.CodeTexts.Count)
                throw Twice(variable.CodeTexts, $"A code of '{variable.Name}' stands twice.", statement.Line);
        }
        foreach (var variable in variables)
        {
            variable.Main = Numbered(variable.Labels);
            if (variable.CodeTexts.Count > 0)
                continue;
            if (variable.Main.Count < variable.Labels.Count)
                throw Twice(variable.Labels, $"A value of '{variable.Name}' stands twice, and there are no codes to tell the two apart.", Line("VALUES", variable));
            variable.CodeTexts = DeclaredCube.CodesOf(variable.Labels, Language);
            variable.Codes = variable.Main;
        }
    }

    private int Line(string keyword, Variable variable) => Main(keyword).FirstOrDefault(s => s.Keys.Count > 0 && s.Keys[0].Trim() == variable.Name)?.Line ?? variable.Line;

    private static UnreadableReleaseException Twice(IReadOnlyList<string> texts, string message, int line) => PxInterpreter.Wrong(
        "px-value-repeated", message, line, texts.GroupBy(t => t, StringComparer.Ordinal).First(g => g.Count() > 1).Key, "each value once");

    private static Dictionary<string, int> Numbered(IReadOnlyList<string> texts)
    {
        var numbers = new Dictionary<string, int>(texts.Count, StringComparer.Ordinal);
        for (var i = 0; i < texts.Count; i++)
            if (!numbers.TryAdd(texts[i], i))
                numbers[texts[i]] = Ambiguous;
        return numbers;
    }

    private long Product(int from)
    {
        var product = 1L;
        foreach (var variable in variables.Skip(from))
        {
            if (product > long.MaxValue / 4 / variable.Labels.Count)
                throw PxInterpreter.Wrong("px-too-large", "The table has more cells than can be counted.", variable.Line, null, "fewer values, or fewer variables");
            product *= variable.Labels.Count;
        }
        return product;
    }

    private void Refuse()
    {
        if (Main("CONFIDENTIAL").FirstOrDefault(s => s.Value is not ("" or "0")) is { } confidential)
        {
            throw PxInterpreter.Wrong("px-confidential", "The file asks for small values to be hidden when they are shown, but holds them as they are.", confidential.Line,
                "CONFIDENTIAL=" + confidential.Value, "data that may be published as they stand");
        }
    }

    /// <summary>The variable of contents, by CONTVARIABLE or because the units of its values are given one by one; negative when there is none.</summary>
    private int ContentVariable()
    {
        if (Main("CONTVARIABLE").FirstOrDefault(s => s.Value.Length > 0) is { } statement)
        {
            if (byName.TryGetValue((null, statement.Value.Trim()), out var named))
                return named;
            findings.Add(new Finding(Severity.Warning, "px-content-unknown", "CONTVARIABLE names no variable of the table.")
            {
                Where = statement.Where,
                Found = statement.Value,
                Expected = string.Join(", ", variables.Select(v => v.Name)),
                Advice = "Correct the name, so that contents get their units.",
            });
        }
        var keys = Main("UNITS").Where(s => s.Keys.Count == 1).Select(s => s.Keys[0]).ToList();
        return keys.Count == 0 ? -1 : variables.FindIndex(v => keys.TrueForAll(k => v.Find(k) >= 0));
    }

    private bool[]? ReadKeyKinds()
    {
        if (!Main("KEYS").Any())
            return null;
        var kinds = new bool[stubs];
        foreach (var statement in Main("KEYS"))
        {
            var d = NeededVariableOf(statement);
            var kind = statement.Value.Trim().ToUpperInvariant();
            if (d >= stubs || kind is not ("CODES" or "VALUES"))
                throw PxInterpreter.Wrong("px-keys-wrong", "KEYS is not about a variable of the stub, or names neither CODES nor VALUES.", statement.Line, statement.Value, "KEYS(\"variable of the stub\")=VALUES; or =CODES;");
            kinds[d] = kind == "CODES";
        }
        return kinds;
    }

    /// <summary>What the signs in the data are shown as: the office's own legend.</summary>
    private void ReadLegend()
    {
        for (var dots = 1; dots <= 6; dots++)
            legend[new string('.', dots)] = Shown("DATASYMBOL" + dots, new string('.', dots));
        legend[new string('.', 7)] = Shown("DATASYMBOLSUM", "..");
        legend["-"] = Shown("DATASYMBOLNIL", "-");

        string Shown(string keyword, string otherwise) => Main(keyword).FirstOrDefault()?.Value.Trim() is { Length: > 0 } shown ? shown : otherwise;
    }

    private void ReadParents()
    {
        foreach (var variable in variables)
            Array.Fill(variable.Parents = new int[variable.Labels.Count], -1);
        foreach (var statement in Main("HIERARCHIES"))
        {
            if (VariableOf(statement) is not (>= 0 and var d))
            {
                PassOver(statement, "is about a variable that the table does not have");
                continue;
            }
            var tokens = statement.Tokens;
            for (var i = 0; i + 2 < tokens.Count; i++)
            {
                if (tokens[i].Kind == PxTokenKind.Mark || tokens[i + 1] is not { Kind: PxTokenKind.Mark, Text: ":" } || tokens[i + 2].Kind == PxTokenKind.Mark)
                    continue;
                var (parent, child) = (Member(d, tokens[i].Text), Member(d, tokens[i + 2].Text));
                if (parent >= 0 && child >= 0 && parent != child)
                    Adopt(d, child, parent);
                else
                    PassOver(statement, $"names a pair that '{variables[d].Name}' does not have: {tokens[i].Text}:{tokens[i + 2].Text}");
            }
        }
        foreach (var statement in Main("ELIMINATION"))
        {
            // The value that stands for the variable when it is left out is the total of the others.
            if (VariableOf(statement) is >= 0 and var d && statement.Tokens is [{ Kind: PxTokenKind.Text, Text: var text }] && variables[d].Find(text) is >= 0 and var total)
                for (var i = 0; i < variables[d].Labels.Count; i++)
                    if (i != total)
                        Adopt(d, i, total);
        }
        foreach (var variable in variables)
            DeclaredCube.CutCircles(variable.Parents);

        void Adopt(int d, int child, int parent) => variables[d].Parents[child] = variables[d].Parents[child] < 0 ? parent : variables[d].Parents[child];
    }

    private int Member(int d, string text) => variables[d].Codes.TryGetValue(text, out var code) && code >= 0 ? code : variables[d].Find(text);

    private void PassOver(PxStatement statement, string why) => findings.Add(new Finding(Severity.Warning, "px-keyword-ignored", $"{statement.Keyword} {why}; it is passed over.")
    {
        Where = statement.Where,
        Found = string.Join(", ", statement.Keys),
        Expected = "variables and values as STUB, HEADING, VALUES and CODES name them",
        Advice = "Correct the name.",
    });

    private static Unit? UnitOf(Dictionary<string, string> texts)
    {
        if (texts.Count == 0)
            return null;
        var known = texts.Values.Select(Units.Find).FirstOrDefault(u => u is not null);
        var unit = known ?? Units.Read(texts.Values.First(), texts.Keys.First());
        if (known is not null && known.Measure.Labels.Count > 0)
            return unit;
        var labels = new Dictionary<string, string>(unit.Measure.Labels);
        foreach (var (language, text) in texts)
            labels.TryAdd(language, text);
        return unit with { Measure = unit.Measure with { Labels = labels } };
    }

    private void ReadCellNotes()
    {
        foreach (var statement in Main("CELLNOTEX").Concat(Main("CELLNOTE")))
            if (Texts(statement) is { Length: > 0 } note && CellOf(statement) is { } at)
                Take(Notes.Add(at, note, Joined), statement);
        foreach (var statement in Main("DATANOTECELL"))
            if (statement.Value.Trim() is { Length: > 0 } flag && CellOf(statement) is { } at)
                Take(Flags.Add(at, flag, static (old, _) => old), statement);
    }

    /// <summary>Two notes as one.</summary>
    public static string Joined(string note, string more) => note.Length < Labels.MaxLabel && note != more ? note + " " + more : note;

    private void Take(bool taken, PxStatement statement)
    {
        if (!taken)
            PassOver(statement, "leaves out other variables than too many before it");
    }

    /// <summary>A text, in which PC-Axis has # for a new line.</summary>
    private static string Texts(PxStatement statement) => Labels.Clean(string.Join(", ", statement.Values).Replace('#', ' '));

    /// <summary>The cells that a keyword is about: for each variable the number of its value, or -1 for all of them; null when it can not be told.</summary>
    private int[]? CellOf(PxStatement statement)
    {
        if (statement.Keys.Count != variables.Count)
        {
            PassOver(statement, "does not have a value or a * for each variable");
            return null;
        }
        var at = new int[variables.Count];
        for (var d = 0; d < at.Length; d++)
        {
            var key = statement.Keys[d].Trim();
            at[d] = key == "*" ? -1 : variables[d].Find(key);
            if (key == "*" || at[d] >= 0)
                continue;
            PassOver(statement, $"names a value that '{variables[d].Name}' does not have: {key}");
            return null;
        }
        return at;
    }

    private void ReadAttributes()
    {
        foreach (var name in Main("ATTRIBUTE-ID").SelectMany(s => s.Values).Take(MaxAttributes))
        {
            var id = Vocabulary.Load("concepts").Find(name)?.Id == Concepts.ObsStatus ? Concepts.ObsStatus : Labels.ToCode(name, null).Id;
            AttributeIds.Add(id is Concepts.ObsStatus || Free(id) ? id : id + "_STATED");
            if (id != Concepts.ObsStatus)
                CellAttributes[AttributeIds[^1]] = new Code("");
        }
        foreach (var statement in Main("ATTRIBUTES"))
        {
            if (statement.Values.Count != AttributeIds.Count)
                PassOver(statement, "has not as many members as ATTRIBUTE-ID");
            else if (statement.Keys.Count > 0 && CellOf(statement) is { } at)
                Take(AttributesOf.Add(at, [.. statement.Values.Select(v => v.Trim())], static (old, _) => old), statement);
            else if (statement.Keys.Count == 0)
                for (var i = 0; i < AttributeIds.Count; i++)
                    (CellAttributes[AttributeIds[i]], WholeStatus) = (new Code(statement.Values[i].Trim()), AttributeIds[i] == Concepts.ObsStatus ? statement.Values[i].Trim() : WholeStatus);
        }
        CellAttributes.Remove(Concepts.ObsStatus);
        foreach (var (keyword, attribute) in ContentKeywords)
            if (Main(keyword).FirstOrDefault(s => s.Keys.Count == 0) is { } statement && Coded(keyword, statement) is { } code)
                CellAttributes.TryAdd(attribute, code);

        // The dimensions' ids are given later: what could be one of them is kept apart by its ending.
        bool Free(string id) => !DeclaredCube.IsReserved(id) && !AttributeIds.Contains(id) && variables.TrueForAll(v => v.Names.Values.All(n => Labels.ToCode(n, null).Id != id));
    }

    private static Code? Coded(string keyword, PxStatement statement)
    {
        var text = Texts(statement);
        if (text.Length == 0 || (keyword is "SEASADJ" or "DAYADJ" && text.Equals("NO", StringComparison.OrdinalIgnoreCase)))
            return null;
        return CodedTexts.TryGetValue((keyword, text), out var label) ? new Code(text) { Labels = new Dictionary<string, string> { ["en"] = label } } : new Code(text);
    }

    private (char? Scale, IReadOnlyList<string>? Periods) TimeOf(int d)
    {
        foreach (var statement in Main("TIMEVAL").Where(s => VariableOf(s) == d))
        {
            var tokens = statement.Tokens;
            if (tokens is not [{ Kind: PxTokenKind.Word } list, { Text: "(" }, { Kind: PxTokenKind.Word } scale, ..]
                || !list.Text.Equals("TLIST", StringComparison.OrdinalIgnoreCase) || scale.Text.Length == 0 || !"AHQMWD".Contains(char.ToUpperInvariant(scale.Text[0]), StringComparison.Ordinal))
            {
                PassOver(statement, "is no TLIST of a known time scale");
                continue;
            }
            var letter = char.ToUpperInvariant(scale.Text[0]);
            var texts = tokens.Where(t => t.Kind == PxTokenKind.Text).Select(t => string.Concat(t.Text.Where(char.IsAsciiDigit))).ToList();
            // TLIST(A1, "1994"-"1996"), which some write "1994-1996".
            var first = tokens.FirstOrDefault(t => t.Kind == PxTokenKind.Text).Text ?? "";
            if (texts.Count == 1 && first.Split('-') is [var from, var to])
                texts = [string.Concat(from.Where(char.IsAsciiDigit)), string.Concat(to.Where(char.IsAsciiDigit))];
            else if (!tokens.Any(t => t is { Kind: PxTokenKind.Mark, Text: "-" }))
                return (letter, texts);
            return (letter, texts.Count == 2 ? Range(texts[0], texts[1], letter) : null);
        }
        return (null, null);
    }

    private static List<string> Range(string from, string to, char scale)
    {
        var periods = new List<string>();
        for (string? at = from; at is not null && string.CompareOrdinal(at, to) <= 0 && at.Length == to.Length && periods.Count < 100_000; at = DeclaredPeriods.After(at, scale))
            periods.Add(at);
        return periods;
    }

    private DeclaredDimension ToDimension(Variable variable, int d)
    {
        var code = Main("VARIABLECODE").FirstOrDefault(s => VariableOf(s) == d)?.Value.Trim();
        var kind = Main("VARIABLE-TYPE").FirstOrDefault(s => VariableOf(s) == d)?.Value.Trim() ?? "";
        var (scale, periods) = TimeOf(d);
        var role = scale is not null || kind is "T" || kind.StartsWith("Time", StringComparison.OrdinalIgnoreCase) ? DeclaredRole.Time
            : d == content ? DeclaredRole.Content
            : kind is "G" || kind.StartsWith("Geo", StringComparison.OrdinalIgnoreCase) || Main("MAP").Any(s => VariableOf(s) == d && s.Value.Length > 0) ? DeclaredRole.Area
            : DeclaredRole.None;
        var notes = new string?[variable.Labels.Count];
        foreach (var statement in Main("VALUENOTEX").Concat(Main("VALUENOTE")).Where(s => s.Keys.Count == 2 && VariableOf(s) == d))
        {
            if (variable.Find(statement.Keys[1]) is not (>= 0 and var value))
                PassOver(statement, "is about a value that the variable does not have: " + statement.Keys[1]);
            else if (Texts(statement) is { Length: > 0 } note && (notes[value]?.Length ?? 0) < Labels.MaxLabel)
                notes[value] = notes[value] is { } before ? before + " " + note : note;
        }
        var decimals = new int?[notes.Length];
        foreach (var statement in Main("PRECISION").Where(s => s.Keys.Count == 2 && VariableOf(s) == d))
            if (variable.Find(statement.Keys[1]) is >= 0 and var value && int.TryParse(statement.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 15)
                decimals[value] = number;
        var units = new Unit?[notes.Length];
        var attributes = new Dictionary<string, Code>?[notes.Length];
        if (d == content)
            ReadContents(variable, units, attributes);
        var values = variable.Labels.Select((_, i) =>
        {
            var value = new DeclaredValue(new Code(variable.CodeTexts[i])
            {
                Labels = LabelsOf(variable, i),
                Parent = variable.Parents[i] >= 0 ? variable.CodeTexts[variable.Parents[i]] : null,
            })
            { Unit = units[i], Decimals = decimals[i], Note = notes[i] };
            return attributes[i] is { } own ? value with { Attributes = own } : value;
        }).ToList();
        return new DeclaredDimension([.. new[] { code }.OfType<string>().Where(c => c.Length > 0), .. variable.Names.Values], variable.Names, values) { Role = role, Time = (scale ?? '\0', periods) };
    }

    private void ReadContents(Variable variable, Unit?[] units, Dictionary<string, Code>?[] attributes)
    {
        var others = variable.Others.ToDictionary(o => o.Key, o => Numbered(o.Value));
        foreach (var group in statements["UNITS"].Where(s => s.Keys.Count is 1 or 2).GroupBy(Value).Where(g => g.Key >= 0))
            units[group.Key] = UnitOf(Texts(group));
        foreach (var (keyword, attribute) in ContentKeywords)
            foreach (var statement in Main(keyword).Where(s => s.Keys.Count is 1 or 2))
                if (Value(statement) is >= 0 and var value && Coded(keyword, statement) is { } code)
                    (attributes[value] ??= []).TryAdd(attribute, code);

        int Value(PxStatement statement) => LanguageOf(statement) is { } language && others.TryGetValue(language, out var numbers) && numbers.TryGetValue(statement.Keys[^1], out var number) && number >= 0
            ? number
            : variable.Find(statement.Keys[^1]);
    }

    private IReadOnlyDictionary<string, string> LabelsOf(Variable variable, int i)
    {
        var main = Labels.Clean(variable.Labels[i]);
        // A list in another language may be shorter than the one that TIMEVAL makes.
        if (main == variable.CodeTexts[i] && variable.Others.Values.All(o => i >= o.Count || Labels.Clean(o[i]) == main))
            return Code.None;
        var labels = new Dictionary<string, string> { [Language ?? Labels.Language(main, null)] = main };
        foreach (var (language, others) in variable.Others.Where(o => i < o.Value.Count))
            labels.TryAdd(language, Labels.Clean(others[i]));
        return labels;
    }

    private static bool IsNumber(string text)
    {
        var digits = text.AsSpan().TrimStart("+-");
        return digits.Length > 0 && char.IsAsciiDigit(digits[0]) && !digits.ContainsAnyExcept(NumberSigns);
    }

    /// <summary>Tells what of the file does not go into the cube.</summary>
    private void Tell()
    {
        var missing = Mandatory.Where(k => !statements[k].Any()).ToList();
        if (missing.Count > 0)
        {
            findings.Add(new Finding(Severity.Information, "px-keyword-missing", "Keywords are missing that a PX file has to have; the cells can be read without them.")
            {
                Found = "no " + string.Join(", ", missing),
                Expected = string.Join(", ", Mandatory),
                Advice = "Add them, if the file is to be used with PxWeb.",
            });
        }
        var notes = Main("NOTEX").Concat(Main("NOTE")).Select(s => (Text: Texts(s), s.Where)).Where(n => n.Text.Length > 0).ToList();
        if (notes.Count > 0)
        {
            findings.Add(new Finding(Severity.Information, "notes-not-published", $"{Counted.Of(notes.Count, "note")} on the whole table or a variable: not part of the data.")
            {
                Where = notes[0].Where,
                Found = notes[0].Text,
                Advice = "Nothing; the notes stay in the release.",
            });
        }
    }
}

/// <summary>What holds for single cells, or for all cells with certain values: found for a cell in as many steps as there are kinds of rules.</summary>
internal sealed class CellRules<T>(long[] strides)
    where T : class
{
    private const int MaxKinds = 64;
    private readonly List<(int[] Dimensions, Dictionary<long, T> ByCell)> kinds = [];

    /// <summary>How many rules there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a rule.</summary>
    /// <param name="at">For each dimension the number of its value, or -1 for all of them.</param>
    /// <param name="what">What holds.</param>
    /// <param name="join">Puts two rules for the same cells together.</param>
    /// <returns>False when rules leave out too many different sets of dimensions.</returns>
    public bool Add(int[] at, T what, Func<T, T, T> join)
    {
        int[] dimensions = [.. Enumerable.Range(0, at.Length).Where(d => at[d] >= 0)];
        var kind = kinds.FindIndex(k => k.Dimensions.AsSpan().SequenceEqual(dimensions));
        if (kind < 0)
        {
            if (kinds.Count == MaxKinds)
                return false;
            kind = kinds.Count;
            kinds.Add((dimensions, []));
        }
        var key = Key(dimensions, at);
        var byCell = kinds[kind].ByCell;
        byCell[key] = byCell.TryGetValue(key, out var old) ? join(old, what) : what;
        Count++;
        return true;
    }

    /// <summary>What holds for a cell by the first kind of rule that has it; null when nothing does.</summary>
    public T? Find(ReadOnlySpan<int> at) => Find(at, null);

    /// <summary>What holds for a cell, put together; by the first kind of rule that has it where <paramref name="join"/> is null.</summary>
    public T? Find(ReadOnlySpan<int> at, Func<T, T, T>? join)
    {
        T? found = null;
        foreach (var (dimensions, byCell) in kinds)
        {
            if (!byCell.TryGetValue(Key(dimensions, at), out var what))
                continue;
            found = found is null ? what : join!(found, what);
            if (join is null)
                break;
        }
        return found;
    }

    private long Key(int[] dimensions, ReadOnlySpan<int> at)
    {
        var key = 0L;
        foreach (var d in dimensions)
            key += at[d] * strides[d];
        return key;
    }
}
