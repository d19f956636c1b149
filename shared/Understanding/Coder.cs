namespace Pipeline.Understanding;

/// <summary>Gives the texts of one component their codes: the vocabulary's where it has the word, a text's own where it is a code, else one from the label.</summary>
internal sealed class Coder
{
    /// <summary>The most codes that a component may have.</summary>
    public const int MaxCodes = 1_000_000;

    private readonly Vocabulary? vocabulary;
    private readonly string? language;
    private readonly CodeBudget budget;

    private readonly Dictionary<string, string>? fixedCodes;
    private readonly KnownCodes? known;
    private readonly Dictionary<string, string> words = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="component">The component.</param>
    /// <param name="language">The language of labels without Chinese characters; null for English.</param>
    /// <param name="budget">What all codes may cost.</param>
    /// <param name="fixedCodes">Codes that a profile gives to labels.</param>
    /// <param name="known">The codes that the dataset's labels have; null where it has none.</param>
    public Coder(Component component, string? language, CodeBudget budget, Dictionary<string, string>? fixedCodes = null, KnownCodes? known = null)
    {
        (Component, this.language, this.budget, this.fixedCodes, this.known) = (component, language, budget, fixedCodes, known);
        vocabulary = component.Id switch
        {
            Concepts.RefArea => Vocabulary.Load("areas"),
            "SEX" => Vocabulary.Load("sexes"),
            Concepts.Activity => Vocabulary.Find("industries"),
            Concepts.UnitMeasure => Vocabulary.Load("units"),
            Concepts.ObsStatus => Vocabulary.Load("status"),
            Concepts.Freq => Vocabulary.Load("frequencies"),
            _ => null,
        };
    }

    /// <summary>The component.</summary>
    public Component Component { get; }

    /// <summary>Whether it codes what is measured, which names over columns say in one layout and cells in another: <c>Births</c> is <c>BIRTHS</c> in both.</summary>
    public bool NamesMeasures => Component.Id is Concepts.Indicator or CrossTable.MeasureId;

    /// <summary>Whether there is no room for another code.</summary>
    public bool IsFull => Component.Codes.Count >= MaxCodes || budget.IsSpent;

    /// <summary>The number of a known code.</summary>
    public int Add(Code code)
    {
        var count = Component.Codes.Count;
        var number = Component.Codes.Add(code);
        if (number == count)
            budget.Spend(code);
        return number;
    }

    /// <summary>The number of the code of a text.</summary>
    /// <param name="text">The cell's text.</param>
    /// <param name="keep">Whether a text that can stand as a code is one.</param>
    /// <param name="isForeign">Whether the column's words are not the vocabulary's: the Georgia among Alabama and Alaska is no country.</param>
    public int Resolve(string text, bool keep, bool isForeign = false)
    {
        if (text.Length == 0)
            return Add(Labels.NotApplicable);
        if (fixedCodes is not null && fixedCodes.TryGetValue(Labels.Clean(text), out var given))
            return Add(Labels.ToCode(text, language) with { Id = given });
        if (OfDataset(text, keep, isForeign) is { } same)
            return Add(same);
        if (Component.Id == Concepts.Age && Ages.TryParse(text, out var age))
            return Add(new Code(age) { Labels = new Dictionary<string, string> { [Labels.Language(text, language)] = Labels.Clean(text) } });
        if (!isForeign && vocabulary?.Find(text) is { } known && !(Component.Id == Concepts.Activity && known.Id.Equals(text, StringComparison.OrdinalIgnoreCase)))
            return Add(known with { Parent = null, Labels = OwnWords(known, text, keep) });
        // An attribute says something and identifies nothing: its text may stand as it is.
        if ((keep && Labels.IsCode(text)) || (vocabulary is null && Component.Role == ComponentRole.Attribute))
            return Add(new Code(text));
        var code = Labels.ToCode(text, language);
        // The code that a column of a tidy file gives it; Total and TOTAL are one.
        if (NamesMeasures ? Labels.LooksLikeCode(text) : Component.Role == ComponentRole.Dimension && Labels.IsCode(text))
            code = code with { Id = words.TryGetValue(text, out var first) ? first : words[text] = text };
        return Add(IsTaken(code, text) ? code with { Id = code.Id + "_" + Labels.Hash(text) } : code);
    }

    /// <summary>The number of a code that stands beside its label: the vocabulary's where it has both for one thing, as ABW and Aruba.</summary>
    public int ResolveCoded(string code, string label) =>
        vocabulary?.Find(code) is { } known && vocabulary.Find(label)?.Id == known.Id ? Resolve(label, false) : Add(Labels.ToCode(label, language) with { Id = code.Replace('.', '_') });

    /// <summary>The code that a label has in the dataset, or in another table of the release; null where it has none, so that <c>North</c> and <c>NORTH</c> never stand for one area.</summary>
    private Code? OfDataset(string text, bool keep, bool isForeign)
    {
        if (Component.Role != ComponentRole.Dimension)
            return null;
        var made = Labels.ToCode(text, language);
        // A code under another one may have a label that means something by its parent only: Male under Births.
        if (known?.Find(made.Labels.Values.First(), keep) is { } code && (code.Parent is null || IsFormOf(code.Id, text, made)))
            return (!isForeign && vocabulary?.Find(text)?.Id == code.Id) || (Component.Id == Concepts.Age && Ages.TryParse(text, out var age) && age == code.Id) ? null
                : code.Id == text ? new Code(text) : made with { Id = code.Id };
        if (keep)
            return Component.Codes.Find(text) < 0 && Component.Codes.Find(made.Id) is >= 0 and var there && Component.Codes[there].Labels.Values.Contains(text, StringComparer.Ordinal) ? Component.Codes[there] : null;
        return Component.Codes.Find(text) is >= 0 and var kept && Component.Codes[kept].Labels.Count == 0 && Component.Codes.Find(made.Id) < 0 ? Component.Codes[kept] : null;
    }

    private bool IsFormOf(string id, string text, Code made) =>
        id.Equals(text, StringComparison.OrdinalIgnoreCase) || id == made.Id || id == made.Id + "_" + Labels.Hash(text) || vocabulary?.Find(text)?.Id == id;

    /// <summary>A known code's labels with the release's own words for it, where they are words and not the code.</summary>
    private IReadOnlyDictionary<string, string> OwnWords(Code known, string text, bool keep)
    {
        var words = Labels.Clean(text);
        var own = Labels.Language(words, language);
        if (Component.Role == ComponentRole.Attribute || known.Id.Equals(words, StringComparison.OrdinalIgnoreCase) || (Labels.IsCode(words) && (words.Any(char.IsAsciiDigit) || (keep && words.Length < 4)))
            || (known.Labels.TryGetValue(own, out var usual) && usual.Equals(words, StringComparison.OrdinalIgnoreCase)))
            return known.Labels;
        return new Dictionary<string, string>(known.Labels) { [own] = words };
    }

    /// <summary>Puts the vocabulary's hierarchy over the codes that occur.</summary>
    public void LinkParents()
    {
        if (vocabulary is null)
            return;
        for (var i = 0; i < Component.Codes.Count; i++)
        {
            if (!vocabulary.Codes.TryGetValue(Component.Codes[i].Id, out var code))
                continue;
            var parent = code.Parent;
            while (parent is not null && Component.Codes.Find(parent) < 0)
                parent = vocabulary.Codes[parent].Parent;
            if (parent is not null)
                Component.Codes.Add(new Code(code.Id) { Parent = parent });
        }
    }

    /// <summary>Whether another label already has the code: <c>A-B</c> and <c>A B</c>.</summary>
    private bool IsTaken(Code code, string text)
    {
        var number = Component.Codes.Find(code.Id);
        if (number < 0)
            return false;
        var old = Component.Codes[number];
        var label = code.Labels.Values.First();
        return old.Labels.Count == 0
            ? !string.Equals(old.Id, text, StringComparison.OrdinalIgnoreCase)
            : !old.Labels.Values.Any(l => string.Equals(l, label, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>What the codes of all components of a release may cost together, so that a hostile file costs bounded memory.</summary>
internal sealed class CodeBudget
{
    /// <summary>The most codes.</summary>
    public const int MaxCodes = 2_000_000;

    /// <summary>The most characters of codes and labels.</summary>
    public const long MaxCharacters = 60_000_000;

    private int codes;
    private long characters;

    /// <summary>Whether no more codes may be added.</summary>
    public bool IsSpent => codes >= MaxCodes || characters >= MaxCharacters;

    /// <summary>Counts a code.</summary>
    public void Spend(Code code)
    {
        codes++;
        characters += code.Id.Length + code.Labels.Values.Sum(label => (long)label.Length);
    }
}

/// <summary>Texts with their numbers; the last one is at hand, because sorted files repeat themselves.</summary>
internal sealed class TextCache
{
    /// <summary>The number of every new text once there are too many.</summary>
    public const int Full = -2;

    private const int MaxTexts = 1 << 20;
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan;
    private readonly Func<string, int> resolve;
    private string last = "";
    private int lastNumber;
    private bool hasLast;

    public TextCache(Func<string, int> resolve) => (this.resolve, bySpan) = (resolve, numbers.GetAlternateLookup<ReadOnlySpan<char>>());

    /// <summary>The number of a text, resolved the first time it is met.</summary>
    public int this[ReadOnlySpan<char> text]
    {
        get
        {
            if (hasLast && text.SequenceEqual(last))
                return lastNumber;
            if (!bySpan.TryGetValue(text, out var key, out var number))
            {
                if (numbers.Count >= MaxTexts)
                    return Full;
                key = new string(text);
                number = resolve(key);
                numbers.Add(key, number);
            }
            (last, lastNumber, hasLast) = (key, number, true);
            return number;
        }
    }
}
